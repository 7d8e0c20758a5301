"""The cells that calamine cannot tell from empty ones.

calamine gives an empty string for an error value (``#DIV/0!``) and for a formula without a stored
result. Both are found here, by one look at the sheet's XML (.xlsx), at the value type (.ods), or
with xlrd (.xls); nobody may be told 未填 before that.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable
from functools import cache, lru_cache

from lxml import etree

from reportgen.fieldtypes import ErrorValue, Uncalculated
from reportgen.filekind import Kind

_ERROR_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*\bt=[\"']e[\"'][^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL
)
_END_OF_SHEETS = re.compile(rb"</(?:\w+:)?sheets\s*>")
_ROOT = re.compile(rb"<(?:(\w+):)?worksheet\b")
_REF = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]+)")
_IS_HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")
_HIDDEN_SIGNS = (b'hidden="1"', b'hidden="true"', b"hidden='1'")
_LINE = re.compile(rb"<(?:\w+:)?(row|col)\s([^>]*)>")
_NUMBERS = re.compile(rb"\b(?:r|min|max)=[\"'](\d{1,7})[\"']")
_HAS_TYPE = re.compile(rb"\bt=[\"'](?:e|str)[\"']")
#: Something behind the value of a cell, such as another value, of which calamine takes the last.
_TWO_VALUES = re.compile(rb"</v>(?!\s*(?:</c>|<is\b|<extLst\b))")
_TWO_TEXTS = re.compile(rb"</is>(?!\s*(?:</c>|<extLst\b))")
_ERRORS = {
    0: "#NULL!",
    7: "#DIV/0!",
    15: "#VALUE!",
    23: "#REF!",
    29: "#NAME?",
    36: "#NUM!",
    42: "#N/A",
}

_UNCALCULATED = Uncalculated()


class Unseen(dict[tuple[int, int], ErrorValue | Uncalculated]):
    """Of a sheet: (row, column), from 1 → what the cell really holds; the rows and columns not shown."""

    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()


def with_known_errors(data: bytes) -> bytes:
    """Return the package *data* (.xlsx) with ``#N/A`` for the error values that calamine refuses.

    One ``#SPILL!`` or ``#CALC!`` would cost the whole sheet. What they are is said by ``unseen_cells``.
    """
    mended = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(mended, "w") as new:
        for one in old.infolist():
            content = old.read(one)
            if "/worksheets/" in one.filename:
                content = _ERROR_CELL.sub(_known_error, content)
            new.writestr(one.filename, content)
    return mended.getvalue()


def _known_error(cell: re.Match[bytes]) -> bytes:
    value = _VALUE.search(cell[0])
    if not value or value[1].decode("utf-8", "replace") in _ERRORS.values():
        return cell[0]
    return cell[0][: value.start(1)] + b"#N/A" + cell[0][value.end(1) :]


def unseen_cells(data: bytes, kind: Kind) -> Callable[[str, int], Unseen | None]:
    """Return a function from a sheet's title, and its last row with a value, to what is unseen of it.

    It returns None where the format cannot tell (.xlsb).
    """
    match kind.format:
        case "xlsx":
            return _Xlsx(data).unseen
        case "ods":
            cells = _ods(data)
            return lambda title, _: cells.get(title, Unseen())
        case "xls":
            cells = _xls(data)
            return lambda title, _: cells.get(title, Unseen())
    return lambda *_: None


#: What all sheets' texts and numbers rest on; calamine looks at no checksum.
_OF_ALL_SHEETS = ("sharedstrings.xml", "styles.xml")


class _Xlsx:
    """The sheets of an .xlsx package, read only when asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._package: zipfile.ZipFile | None = None
        self._paths: dict[str, str] = {}

    def unseen(self, title: str, height: int) -> Unseen:
        # whatever it raises is for the caller: nobody may take a sheet's errors for blanks
        if self._package is None:
            self._package = zipfile.ZipFile(io.BytesIO(self._data))
            self._paths = sheet_paths(self._package)
            for name in self._package.namelist():
                if name.lower().endswith(_OF_ALL_SHEETS):
                    self._package.read(name)  # raises where it does not fit its checksum
        xml = self._package.read(self._paths[title])
        if _TWO_VALUES.search(xml) or _TWO_TEXTS.search(xml):
            raise zipfile.BadZipFile
        return _scan(xml, height)


def _scan(xml: bytes, height: int) -> Unseen:
    # two searches for what is rare, not one through every cell: three times as fast
    found = Unseen()
    end = xml.find(b'<row r="%d"' % (height + 1))  # empty rows with a format are most of a sheet
    if any(xml.find(sign, 0, end if end > 0 else len(xml)) > 0 for sign in _HIDDEN_SIGNS):
        found.rows, found.columns = _hidden(xml)
    errors = b't="e"' in xml or b"t='e'" in xml
    for match in _ERROR_CELL.finditer(xml) if errors else ():
        value = _VALUE.search(match[2] or b"")
        text = value[1].decode("utf-8", "replace") if value else "#ERROR"
        found.update((at, ErrorValue(text)) for at in _position(match[1]))
    root = _ROOT.search(xml, 0, 4096)
    for match in _no_result(root[1] + b":" if root and root[1] else b"").finditer(xml):
        # a formula whose result is the empty text is stored as t="str" with an empty <v>
        if not _HAS_TYPE.search(match[1]):
            found.update((at, _UNCALCULATED) for at in _position(match[1]))
    return found


def _hidden(xml: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    rows, columns = list[int](), set[int]()
    spans = set[tuple[int, int]]()
    for line in _LINE.finditer(xml):
        if not _IS_HIDDEN.search(line[2]):
            continue
        numbers = [int(number) for number in _NUMBERS.findall(line[2])]
        if line[1] == b"row":
            rows += numbers
        elif numbers:
            spans.add((min(numbers), min(max(numbers), 16_384)))
    for first, last in spans:  # of one span there may be thousands
        columns.update(range(first, last + 1))
    return tuple(rows), tuple(sorted(columns))


@cache
def _no_result(prefix: bytes) -> re.Pattern[bytes]:
    """Match a cell with a formula and no value; one that begins with a known word is found fast."""
    c, f, v = (prefix + name for name in (b"c", b"f", b"v"))
    return re.compile(
        rb"<%b ([^>]*)>\s*<%b\b[^>]*>(?:[^<]*</%b>)?" % (c, f, f)
        + rb"\s*(?:<%b\b[^>]*>\s*(?:</%b>)?\s*)?</%b>" % (v, v, c)
    )


def _position(attributes: bytes) -> list[tuple[int, int]]:
    ref = _REF.search(attributes)
    return [(int(ref[2]), column_number(ref[1]))] if ref else []


@lru_cache(maxsize=1024)
def column_number(letters: bytes) -> int:
    """Return the number, from 1, of the column called *letters*."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def parse(xml: bytes) -> etree._Element:
    """Return the root of *xml*; nothing outside of it is fetched."""
    return etree.fromstring(xml, _parser())


def _parser(*, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, recover=recover
    )


def sheet_paths(package: zipfile.ZipFile) -> dict[str, str]:
    """Return each sheet's title with the path of its part, whose case need not be right."""
    there = {name.lower(): name for name in package.namelist()}
    book = _book(package)
    folder, name = posixpath.split(book)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    targets = {r.get("Id"): str(r.get("Target")) for r in parse(package.read(rels))}
    paths, xml = {}, package.read(book)
    end = _END_OF_SHEETS.search(xml)
    # hidden names follow, far more text than the sheets
    root = etree.fromstring(xml[: end.end()], _parser(recover=True)) if end else parse(xml)
    if root is None:  # not even a beginning: lxml mends it to nothing
        raise KeyError(book)
    for sheet in root.iter("{*}sheet"):
        link = next((v for k, v in sheet.attrib.items() if str(k).endswith("}id")), None)
        target = targets.get(str(link), "")
        path = posixpath.normpath(posixpath.join("/", folder, target))[1:]
        paths[str(sheet.get("name"))] = there.get(path.lower(), path)
    return paths


def _book(package: zipfile.ZipFile) -> str:
    """Return the path of the workbook's part: calamine goes where the package says, so it is that one."""
    of_package = parse(package.read("_rels/.rels"))
    said = [r for r in of_package if str(r.get("Type")).endswith("/officeDocument")]
    if len(said) != 1:
        raise KeyError("_rels/.rels")
    return posixpath.normpath(posixpath.join("/", str(said[0].get("Target"))))[1:]


def _ods(data: bytes) -> dict[str, Unseen]:
    """Find error values by ``calcext:value-type``; LibreOffice always stores results."""
    table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    paragraph = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            root = parse(package.read("content.xml"))
    except (KeyError, zipfile.BadZipFile, OSError, etree.XMLSyntaxError):
        return {}
    found: dict[str, Unseen] = {}
    for sheet in root.iter(f"{table}table"):
        cells = Unseen()
        row = 0
        for line in sheet.iter(f"{table}table-row"):
            row += 1
            column = 0
            for cell in line:
                column += 1
                if any(
                    str(k).endswith("}value-type") and v == "error" for k, v in cell.attrib.items()
                ):
                    shown = "".join(str(t) for p in cell.iter(paragraph) for t in p.itertext())
                    cells[row, column] = ErrorValue(shown or "#ERROR")
                column += int(cell.get(f"{table}number-columns-repeated", "1")) - 1
            row += int(line.get(f"{table}number-rows-repeated", "1")) - 1
        found[str(sheet.get(f"{table}name"))] = cells
    return found


def _xls(data: bytes) -> dict[str, Unseen]:
    import xlrd  # noqa: PLC0415 - only for the old format

    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), on_demand=True)
        return {
            sheet.name: Unseen(
                ((row + 1, column + 1), ErrorValue(_ERRORS.get(int(cell.value), "#ERROR")))
                for row in range(sheet.nrows)
                for column, cell in enumerate(sheet.row(row))
                if cell.ctype == xlrd.XL_CELL_ERROR
            )
            for sheet in book.sheets()
        }
    except Exception:  # noqa: BLE001 - xlrd raises nearly anything on a damaged file
        return {}
