"""Write a zip package (.docx, .xlsx) whose bytes depend on nothing but its parts."""

import io
import zipfile
from collections.abc import Iterable

# the first moment that zip can tell: a real time would make every run's bytes differ
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_package(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the package of *parts* (name, content), in that order."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # the same on Windows and Linux
            package.writestr(entry, content)
    return stream.getvalue()


def read_package(data: bytes) -> list[tuple[str, bytes]]:
    """Return the parts of a package, in its order.

    Raises:
        zipfile.BadZipFile: *data* is no zip, or damaged.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [
            (entry.filename, package.read(entry))
            for entry in package.infolist()
            if not entry.is_dir()
        ]
