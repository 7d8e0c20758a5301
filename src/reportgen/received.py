"""The bytes of a file that somebody sent, or in words why there are none."""

import stat
from pathlib import Path

from reportgen import rules
from reportgen.finding import Finding, Place, Rule
from reportgen.preflight import TooLargeError, too_much

#: A workbook with a hundred photographs has 50 MB; mail seldom takes more.
MOST_BYTES = 100 << 20
#: Windows: what is in OneDrive, a WPS or a Baidu folder and not on this computer.
_NOT_HERE = stat.FILE_ATTRIBUTE_OFFLINE | 0x40_0000  # RECALL_ON_DATA_ACCESS, newer than ``stat``
#: Windows: the cloud's own program is not running, has no network, was cancelled or too slow.
_CLOUD_ERRORS = frozenset({362, 377, 388, 389, 393, 398, 404, 426, 475})


def content_of(file: Path) -> bytes:
    """Return the bytes of a file; it is closed again, so that a clerk can save over it.

    Raises:
        OSError: there is none, it cannot be read, or it is a folder, a pipe or a device.
        TooLargeError: it is larger than any that somebody sends.
    """
    found = file.stat()
    if not stat.S_ISREG(found.st_mode):  # to open a pipe would wait for ever
        raise OSError
    if found.st_size > MOST_BYTES:
        raise TooLargeError(too_much("有", found.st_size, MOST_BYTES))
    return file.read_bytes()


def read_bytes(file: Path) -> bytes | Finding:
    """Return the bytes of a workbook, or why there are none."""
    place = Place(file=file.name)
    try:
        return content_of(file)
    except FileNotFoundError:
        return rules.MISSING_FILE.at(place)
    except TooLargeError as error:
        return rules.TOO_LARGE_FILE.at(place, what=str(error))
    except OSError as error:
        return _refused(file, error).at(place)


def _refused(file: Path, error: OSError) -> Rule:
    """Return why *file*, which is there, cannot be read."""
    if getattr(error, "winerror", None) in _CLOUD_ERRORS:
        return rules.NOT_DOWNLOADED
    try:
        is_elsewhere = getattr(file.stat(), "st_file_attributes", 0) & _NOT_HERE
    except OSError:
        is_elsewhere = False
    return rules.NOT_DOWNLOADED if is_elsewhere else rules.NO_PERMISSION
