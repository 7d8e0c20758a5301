"""How far the cells of a workbook reach, before calamine makes room for each one up to the last.

With content in two opposite corners of a sheet that is 400 GB, of which the process dies, uncaught.
What a file claims of itself (``dimension``) counts for nothing, nor do formats without content.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from reportgen.preflight import DamagedError, LockedError, TooLargeError, UnsafeError, look
from reportgen.workbook.layout import letters
from reportgen.workbook.package import column_number, sheet_paths

#: A table of 20,000 rows and 30 columns has 600,000 cells; five million empty ones take 200 MB.
MOST_CELLS = 5_000_000
#: What is read at once, without thinking of memory.
_FEW_CELLS = 1_000_000
_SMALL_SHEET = 1 << 20
#: Above row 1000 and column AAA there is room for 700,000 cells.
_IS_FAR = re.compile(rb"r=[\"'](?:[A-Za-z]{1,3}\d{4,}|[A-Za-z]{3}\d)")
_CELL = re.compile(
    rb"<(?:[^\s<>/]+:)?c\b[^>]*?\br=[\"']([A-Za-z]{1,3})(\d{1,10})[\"'](?:[^>]*[^>/])?>(?!\s*</(?!v))"
)
_ODS_TAG = re.compile(rb"<table:(table|table-row|(?:covered-)?table-cell)((?:\s[^>]*)?)>")
_ODS_REPEATED = re.compile(rb"number-(?:rows|columns)-repeated=[\"'](\d{1,12})[\"']")
_ODS_NAME = re.compile(rb"table:name=[\"']([^\"']*)")
#: A cell that does not begin as every program writes it, with its place and a few plain words: it stands
#: where counting leads, or where calamine reads another place than we do. Nobody here looks at it.
_ODD_CELL = re.compile(
    rb"<c(?! r=[\"'][A-Za-z]{1,3}[1-9]\d{0,6}[\"'](?: (?!r=)[a-z]+=[\"']\w*[\"'])* ?/?>)[\s/>]"
)
#: Apart, for a pattern that begins with one text is found three times as fast.
_PREFIXED_CELL = re.compile(rb":c[\s/>]")


@dataclass(frozen=True, slots=True)
class Reach:
    """``sheet`` and ``cell`` are what lies too far; ``is_certain`` where nothing more can lie there.

    ``is_small``: certain, and the cells are few; or the file is refused unread.
    """

    is_small: bool = False
    is_certain: bool = False
    sheet: str = ""
    cell: str = ""


def reach_of(data: bytes) -> Reach:
    """Return how far the cells of *data* reach; of what is neither .xlsx nor .ods nothing is known.

    Nor of what ``preflight`` refuses: that is unpacked nowhere, least of all in the office's own process.
    """
    try:
        look(data)
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            if "content.xml" in package.namelist():
                return _ods_reach(package.read("content.xml"))
            return _xlsx_reach(package, sheet_paths(package))
    except (TooLargeError, UnsafeError):
        return Reach(is_small=True)  # whoever opens it refuses it at once
    except (DamagedError, LockedError, KeyError, OSError, ValueError, NotImplementedError, RuntimeError,
            zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError):  # fmt: skip
        return Reach()


def _xlsx_reach(package: zipfile.ZipFile, sheets: dict[str, str]) -> Reach:
    is_small = is_certain = bool(sheets)
    for title, path in sheets.items():
        xml = package.read(path)
        if _IS_FAR.search(xml):
            cells = 0
            for cells, cell in _corners(xml):
                if cells > MOST_CELLS:
                    return Reach(sheet=title, cell=cell)
            is_small = is_small and cells <= _FEW_CELLS
        is_small = is_small and len(xml) <= _SMALL_SHEET
        is_certain = is_certain and not (_ODD_CELL.search(xml) or _PREFIXED_CELL.search(xml))
    return Reach(is_small and is_certain, is_certain)


def _ods_reach(xml: bytes) -> Reach:
    """Look for cells that a few letters repeat millions of times; those without content are no matter."""
    title, rows, columns, row, column = "", 0, 0, 0, 0
    for found in _ODS_TAG.finditer(xml):
        attributes = found[2]
        if found[1] == b"table":
            name = _ODS_NAME.search(attributes)
            title = name[1].decode("utf-8", "replace") if name else ""
            rows = columns = row = column = 0
            continue
        repeated = _ODS_REPEATED.search(attributes)
        number = int(repeated[1]) if repeated else 1
        if found[1] == b"table-row":
            row, column = row + number, 0
            continue
        column += number
        if b"value-type=" in attributes:
            rows, columns = max(rows, row), max(columns, column)
            if rows * columns > MOST_CELLS:
                return Reach(sheet=title, cell=f"{letters(min(columns, 16384))}{rows}")
    return Reach()


def _corners(xml: bytes) -> Iterator[tuple[int, str]]:
    """Yield how many cells there is room for up to the furthest one so far, and which that is."""
    rows = columns = 0
    for found in _CELL.finditer(xml):
        row, column = int(found[2]), column_number(found[1].upper())
        if row > rows or column > columns:
            rows, columns = max(rows, row), max(columns, column)
            yield rows * columns, (found[1] + found[2]).decode()
