"""A Word document laid out by GB/T 9704-2012, put together paragraph by paragraph.

What stays the same in all of them (styles, fonts, page numbers) is in ``base``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import escape

from reportgen.package import write_package

_BASE = Path(__file__).with_name("base")
_DOCUMENT, _PROPERTIES = "word/document.xml", "docProps/core.xml"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: The width of the text in twentieths of a point: 156 mm upright, 225 mm across (GB/T 9704 5.2).
PORTRAIT, LANDSCAPE = 8845, 12756
# the margins turn with the page: what binds it is above then
_PAGES = {
    False: '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984"'
    ' w:left="1587" w:header="851" w:footer="1402" w:gutter="0"/><w:cols w:space="425"/>'
    '<w:docGrid w:type="lines" w:linePitch="579"/>',
    True: '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/><w:pgMar w:top="1587"'
    ' w:right="2098" w:bottom="1474" w:left="1984" w:header="851" w:footer="907" w:gutter="0"/>'
    '<w:cols w:space="425"/>',
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; ``span`` columns wide; ``above`` says that it continues the one above.

    ``lines`` are its paragraphs; ``tall`` says that cells below continue it.
    """

    lines: tuple[str, ...] = ("",)
    style: str = "TableText"
    span: int = 1
    above: bool = False
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; a ``heading`` is repeated on every page."""

    cells: tuple[Cell, ...]
    heading: bool = False


class Paper:
    """A document in the making; ``across`` says that its last pages lie on their side."""

    def __init__(self) -> None:
        self._body: list[str] = []
        self._across = False

    @property
    def width(self) -> int:
        """The width of the text where the next block will stand."""
        return LANDSCAPE if self._across else PORTRAIT

    def paragraph(self, text: str, style: str = "BodyText", *, level: int | None = None) -> None:
        """Add a paragraph; with *level* (0, 1) it is numbered 一、 or （一） by Word itself.

        Word counts, because a heading that does not apply this time takes its number with it.
        """
        self._body.append(_paragraph(text, style, level))

    def table(self, widths: Sequence[int], lines: Sequence[Line]) -> None:
        """Add a table whose columns are in the proportion of *widths*, as wide as the text."""
        exact = _fitted(widths, self.width)
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in exact)
        rows = "".join(_row(line, exact) for line in lines)
        self._body.append(
            f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{self.width}" '
            'w:type="dxa"/><w:jc w:val="center"/><w:tblLayout w:type="fixed"/><w:tblCellMar>'
            '<w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar>'
            f'<w:tblLook w:val="0000"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
        )

    def keep_with_next(self) -> None:
        """Keep the last row, if a table stands last, on the page of what follows."""
        table, row, cells = self._body[-1].rpartition("<w:tr>")
        if row:
            self._body[-1] = table + row + cells.replace("</w:pPr>", "<w:keepNext/></w:pPr>")

    def turn(self) -> None:
        """Begin a new page that lies on its side (or stands again)."""
        end = _section(across=self._across)
        self._body.append(f'<w:p><w:pPr><w:pStyle w:val="TableGap"/>{end}</w:pPr></w:p>')
        self._across = not self._across

    def content(self, title: str) -> bytes:
        """Return the document, *title* among its properties."""
        body = "".join(self._body) + _section(across=self._across)
        document = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            f'<w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body>{body}</w:body></w:document>'
        )
        # [Content_Types].xml comes first, as Word writes it
        parts = {
            path.relative_to(_BASE).as_posix(): path.read_bytes()
            for path in sorted(_BASE.rglob("*"))
            if path.is_file()
        }
        parts[_DOCUMENT] = document.encode()
        parts[_PROPERTIES] = parts[_PROPERTIES].replace(b"TITLE", str(escape(title)).encode())
        return write_package(parts.items())


def _paragraph(text: str, style: str, level: int | None = None) -> str:
    number = ""
    if level is not None:
        number = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{number}</w:pPr>{_runs(text)}</w:p>'


def _runs(text: str) -> str:
    """Return the runs of *text*; a line break in it is one in Word."""
    pieces = (
        f'<w:t xml:space="preserve">{escape(piece)}</w:t>' if piece else ""
        for piece in text.split("\n")
    )
    inner = "<w:br/>".join(pieces)
    return f'<w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>{inner}</w:r>' if text else ""


def _row(line: Line, widths: Sequence[int]) -> str:
    cells, at = [], 0
    for cell in line.cells:
        width = sum(widths[at : at + cell.span])
        at += cell.span
        merge = '<w:vMerge w:val="restart"/>' if cell.tall else "<w:vMerge/>" if cell.above else ""
        span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
        blocks = "".join(_paragraph(text, cell.style) for text in cell.lines)
        cells.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}'
            f'<w:vAlign w:val="center"/></w:tcPr>{blocks}</w:tc>'
        )
    heading = "<w:cantSplit/><w:tblHeader/>" if line.heading else ""
    return f'<w:tr><w:trPr>{heading}<w:jc w:val="center"/></w:trPr>{"".join(cells)}</w:tr>'


def _fitted(widths: Sequence[int], whole: int) -> list[int]:
    """Return *widths* in the same proportion, together exactly *whole*.

    >>> _fitted([1, 1, 1], 100)
    [33, 34, 33]
    """
    total, used, out = sum(widths), 0, []
    for count in range(1, len(widths) + 1):
        end = round(sum(widths[:count]) * whole / total)
        out.append(end - used)
        used = end
    return out


def _section(*, across: bool) -> str:
    return (
        '<w:sectPr><w:footerReference w:type="default" r:id="rId1"/>'
        f'<w:footerReference w:type="even" r:id="rId2"/>{_PAGES[across]}</w:sectPr>'
    )
