"""The data of a chart drawn in Word: its table (an embedded workbook) and what it last drew of it.

Word draws a chart from the numbers in the chart's own part (``c:numCache``) until somebody opens its
table; then from the table. Both are written together here, so that they cannot differ.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lxml import etree

from reportgen.errors import WorkbookError
from reportgen.package import read_package, write_package
from reportgen.template.additions import relations, remove, target_of
from reportgen.template.repair import whole
from reportgen.workbook.book import open_bytes
from reportgen.workbook.layout import letters
from reportgen.workbook.reach import reach_of

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_REF = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?")
_CATEGORIES, _NUMBERS = frozenset({"cat", "xVal"}), frozenset({"val", "yVal", "bubbleSize"})
# openpyxl stamps the moment of saving
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")

#: A cell of the table: a text, a number, or nothing.
Content = str | Decimal | None


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a column of the table, or with *across* one that is none; rows count from 1."""

    sheet: str
    column: int
    first: int
    last: int
    across: bool = False

    @classmethod
    def read(cls, reference: str) -> "Area | None":
        """Return the area that *reference* (``Sheet1!$B$2:$B$5``) means; None for another kind."""
        match = _REF.fullmatch(reference.strip())
        if match is None:
            return None
        sheet = match[1].replace("''", "'") if match[1] else match[2]
        last = int(match[6] or match[4])
        return cls(
            sheet, _number(match[3]), int(match[4]), last, match[3] != (match[5] or match[3])
        )

    def __str__(self) -> str:
        letter, sheet = letters(self.column), self.sheet.replace("'", "''")
        return f"'{sheet}'!${letter}${self.first}:${letter}${self.last}"


@dataclass(slots=True)
class Source:
    """What a chart draws along an axis: ``element`` is ``c:cat``, ``c:val`` and the like."""

    element: etree._Element
    area: Area
    is_number: bool


@dataclass(slots=True)
class ChartData:
    """A chart's part as a tree, and the cells of its table by sheet, row and column."""

    root: etree._Element
    cells: dict[str, dict[tuple[int, int], object]] = field(default_factory=dict)

    @classmethod
    def read(cls, parts: Mapping[str, bytes], name: str) -> "ChartData | None":
        """Return the chart in the part called *name*; None where there is none."""
        try:
            chart = cls(etree.fromstring(parts[name]))
        except (KeyError, etree.XMLSyntaxError):
            return None
        for link in relations(parts, name).values():
            table = parts.get(target_of(name, link))
            if str(link.get("Type")).endswith("/package") and table is not None:
                chart.cells = _cells(table)
        return chart

    def sources(self) -> Iterator[Source]:
        """Yield what each series draws, the categories before the numbers."""
        for series in self.root.iter(f"{C}ser"):
            for element in series:
                name = etree.QName(element).localname
                area = Area.read(element.findtext(f".//{C}f") or "")
                if area and name in _CATEGORIES | _NUMBERS:
                    yield Source(element, area, name in _NUMBERS or self._is_scattered(series))

    def _is_scattered(self, series: etree._Element) -> bool:
        return series.find(f"{C}xVal") is not None

    def heading(self, source: Source) -> str:
        """Return what stands above a column of the table, or else the name of the series."""
        above = self.cells.get(source.area.sheet, {}).get(
            (source.area.first - 1, source.area.column)
        )
        if above is not None and str(above).strip():
            return str(above).strip()
        if etree.QName(source.element).localname in _CATEGORIES:
            return ""
        series = source.element.getparent()
        return ((series.findtext(f"{C}tx//{C}v") if series is not None else None) or "").strip()

    def texts(self) -> list[etree._Element]:
        """Return the paragraphs of the chart's titles, each text whole in its first run."""
        found = []
        for paragraph in self.root.iter(f"{_A}p"):
            runs = list(paragraph.iter(f"{_A}t"))
            if runs:
                runs[0].text = "".join(run.text or "" for run in runs)
                for run in runs[1:]:
                    run.text = ""
                found.append(runs[0])
        return found

    def set_rows(self, columns: Mapping[tuple[str, int], Sequence[Content]]) -> None:
        """Let each column, by sheet and number, hold these cells and no others below its heading."""
        for source in list(self.sources()):
            contents = columns[source.area.sheet, source.area.column]
            area = Area(
                source.area.sheet,
                source.area.column,
                source.area.first,
                source.area.first + max(len(contents), 1) - 1,
            )
            sheet = self.cells.setdefault(area.sheet, {})
            for at in [a for a in sheet if a[1] == area.column and a[0] >= area.first]:
                del sheet[at]
            for row, content in enumerate(contents, area.first):
                sheet[row, area.column] = content
            self._draw(source, area, contents)
        for one in [*self.root.iter(f"{C}dPt", f"{C}dLbl")]:
            index, most = one.find(f"{C}idx"), max((len(c) for c in columns.values()), default=0)
            if index is not None and whole(index.get("val")) >= most:
                remove([one])
        # series that were filtered away in Word are kept with all their old numbers
        remove([e for e in self.root.iter() if "}filtered" in str(e.tag)])

    def set_cells(self, cells: Mapping[tuple[str, int, int], Content]) -> None:
        """Set single cells, by sheet, row and column, and draw what holds them anew."""
        for (sheet, row, column), content in cells.items():
            self.cells.setdefault(sheet, {})[row, column] = content
        for source in list(self.sources()):
            area = source.area
            rows = range(area.first, area.last + 1)
            if any((area.sheet, row, area.column) in cells for row in rows):
                held = self.cells.get(area.sheet, {})
                contents = [_content(held.get((row, area.column))) for row in rows]
                self._draw(source, area, contents)
        for series in self.root.iter(f"{C}ser"):
            reference = series.find(f"{C}tx/{C}strRef")
            name = Area.read(reference.findtext(f"{C}f") or "") if reference is not None else None
            if name and reference is not None and (name.sheet, name.first, name.column) in cells:
                content = cells[name.sheet, name.first, name.column]
                _set_cache(reference, "strCache", [None if content is None else str(content)])

    def _draw(self, source: Source, area: Area, contents: Sequence[Content]) -> None:
        """Write the reference and what is drawn of it."""
        code = source.element.findtext(f".//{C}formatCode") or "General"
        kind = "num" if source.is_number else "str"
        remove(list(source.element))
        reference = etree.SubElement(source.element, f"{C}{kind}Ref")
        etree.SubElement(reference, f"{C}f").text = str(area)
        _set_cache(reference, f"{kind}Cache", contents, code)

    def workbook(self) -> bytes:
        """Return the table as a workbook; the same cells give the same bytes."""
        # openpyxl loads slowly (0.2 s), and few templates have a chart
        from openpyxl import Workbook  # noqa: PLC0415
        from openpyxl.cell.cell import Cell  # noqa: PLC0415

        from reportgen.workbook.cells import write_text  # noqa: PLC0415

        book = Workbook()
        first = book.active
        if first is not None and self.cells:
            book.remove(first)
        for title, cells in self.cells.items():
            sheet = book.create_sheet(title)
            for (row, column), content in cells.items():
                cell = sheet.cell(row, column)
                assert isinstance(cell, Cell)  # nothing here is merged
                if isinstance(content, str):
                    write_text(cell, content)
                elif content is not None:
                    cell.value = content  # type: ignore[assignment]
        stream = io.BytesIO()
        book.save(stream)
        return write_package(
            (
                name,
                _DATES.sub(rb"\g<1>2000-01-01T00:00:00Z", content) if "core" in name else content,
            )
            for name, content in read_package(stream.getvalue())
        )


def _set_cache(
    reference: etree._Element, name: str, contents: Sequence[Content], code: str = ""
) -> None:
    remove(reference.findall(f"{C}{name}"))
    cache = etree.SubElement(reference, f"{C}{name}")
    if name == "numCache":
        etree.SubElement(cache, f"{C}formatCode").text = code
    etree.SubElement(cache, f"{C}ptCount", val=str(len(contents)))
    for index, content in enumerate(contents):
        if content is not None and (name == "strCache" or isinstance(content, Decimal)):
            point = etree.SubElement(cache, f"{C}pt", idx=str(index))
            shown = f"{content:f}" if isinstance(content, Decimal) else content
            etree.SubElement(point, f"{C}v").text = shown


def _cells(table: bytes) -> dict[str, dict[tuple[int, int], object]]:
    try:
        book = open_bytes(table, "")
    except WorkbookError:
        return {}
    if not reach_of(table).is_certain:
        return {}
    return {
        title: {
            (row, column): value
            for row, line in enumerate(sheet.rows, 1)
            for column, value in enumerate(line, 1)
            if value != ""
        }
        for title, sheet in book.sheets.items()
    }


def _content(value: object) -> Content:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return Decimal(format(value, ".15g"))
    return value if isinstance(value, Decimal) or value is None else str(value)


def _number(letter: str) -> int:
    number = 0
    for one in letter:
        number = number * 26 + ord(one) - 64
    return number
