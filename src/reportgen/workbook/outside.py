"""Open a workbook in this very process: a list of units, last year's workbooks, values to fill in.

Units' workbooks are read in processes of their own. Here what could take this one along is read in
another one first.
"""

import atexit
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from reportgen import rules
from reportgen.errors import WorkbookError
from reportgen.filekind import kind_of
from reportgen.finding import Finding, Place
from reportgen.received import read_bytes
from reportgen.workbook.book import Book, open_bytes
from reportgen.workbook.reach import reach_of

_SECONDS = 60


def open_workbook(path: Path) -> Book:
    """Open *path* (.xlsx .xlsm .xls .et .xlsb .ods, told by content).

    The bytes are read first and the file closed again, so that a clerk can save over it.

    Raises:
        WorkbookError: it is missing, locked, empty, encrypted, damaged, unsafe, no workbook, or more
            than this computer can read.
    """
    data = read_bytes(path)
    if isinstance(data, Finding):
        raise WorkbookError([data])
    if not reach_of(data).is_certain and kind_of(data).format:
        _try(data, Place(file=path.name))
    return open_bytes(data, path.name, careful=True)


def _try(data: bytes, place: Place) -> None:
    """Read a workbook in another process; raise WorkbookError if that does not survive it."""
    from reportgen.pool import DiedError, StartError  # noqa: PLC0415 - few workbooks need it

    try:
        _trials().submit(_read, data).result()
    except DiedError as error:
        far = reach_of(data)
        place = replace(place, sheet=far.sheet, cell=far.cell)
        rule = rules.FAR_CELL if far.cell else rules.KILLED
        raise WorkbookError([rule.at(place)]) from error
    except TimeoutError as error:
        raise WorkbookError([rules.TOO_SLOW.at(place, seconds=_SECONDS)]) from error
    except StartError:
        pass  # there is none to be had


@cache
def _trials() -> Any:
    from reportgen.pool import Pool, limit_memory  # noqa: PLC0415 - see _try

    pool = Pool(1, _SECONDS, limit_memory, modules=[__name__])
    atexit.register(pool.close)
    return pool


def _read(data: bytes) -> None:
    """Read every sheet; what is wrong is said where it is read again."""
    try:
        for sheet in open_bytes(data, "", careful=True).sheets.values():
            sheet.unseen()
    except WorkbookError:
        pass
