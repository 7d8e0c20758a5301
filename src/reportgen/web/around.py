"""The piece of a sheet around a cell, with its headings: where a finding is, as Excel shows it."""

from dataclasses import dataclass, field
from pathlib import Path
from re import fullmatch

from reportgen.errors import ReportgenError
from reportgen.fieldtypes import ErrorValue, Uncalculated, Unclear, raw_text
from reportgen.finding import Finding
from reportgen.form import Form, Section
from reportgen.workbook import layout
from reportgen.workbook.book import Book, Sheet
from reportgen.workbook.find import heading_row, sheets_of
from reportgen.workbook.outside import open_workbook

#: Rows above and below the cell, columns left and right of it, and columns of labels at the left.
_ROWS, _COLUMNS, _LABELS = 2, 2, 1
_LONGEST = 60
#: A page shows so many pieces; behind them the place in words is enough.
MOST = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as text; ``mark`` is wrong, related (another number of the finding), head, or empty."""

    text: str
    mark: str = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the sheet: its number and cells; ``gap`` says that rows are left out before it."""

    number: int
    cells: tuple[Cell, ...]
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a sheet: the letters of its columns, and its lines."""

    sheet: str
    letters: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(slots=True)
class Around:
    """The pieces around cells of one workbook."""

    book: Book
    sections: dict[str, Section]
    _heads: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, form: Form | None) -> "Around | None":
        """Open the workbook at *path*; None where it cannot be read."""
        try:
            book = open_workbook(path)
            found = sheets_of(form, book.sheets) if form else {}
        except ReportgenError:
            return None
        titles = {sheet.title: label for label, sheets in found.items() for sheet in sheets}
        sections = {s.label: s for s in form.sections} if form else {}
        return cls(book, {title: sections[label] for title, label in titles.items()})

    def piece(self, finding: Finding) -> Piece | None:
        """Return what is around the cell of *finding*; None if it is about no cell."""
        at = _position(finding.place.cell)
        title = finding.place.sheet
        if at is None or title not in self.book.sheets:
            return None
        try:
            sheet = self.book.sheets[title]
        except ReportgenError:
            return None
        related = {_position(one.cell) for one in finding.related if one.sheet == title}
        row, column = at
        heads = self._headings(sheet)
        first = max(heads) + 1 if heads and row > max(heads) else 1
        below = range(max(row - _ROWS, first), min(row + _ROWS, max(sheet.height, row)) + 1)
        rows = sorted({*(head for head in heads if head <= row), *below})
        width = max((len(line) for line in sheet.rows), default=1)
        beside = range(max(column - _COLUMNS, 1), min(column + _COLUMNS, max(width, column)) + 1)
        columns = sorted({*range(1, _LABELS + 1), *beside})
        lines, before = [], 0
        for number in rows:
            cells = tuple(
                _cell(sheet, number, c, at, related, is_head=number in heads) for c in columns
            )
            lines.append(Line(number, cells, gap=bool(before) and number > before + 1))
            before = number
        return Piece(title, tuple(layout.letters(c) for c in columns), tuple(lines))

    def _headings(self, sheet: Sheet) -> tuple[int, ...]:
        """Return the rows of the headings of *sheet*: one, or two where the upper is a band."""
        if sheet.title not in self._heads:
            self._heads[sheet.title] = tuple(self._found(sheet))
        return self._heads[sheet.title]

    def _found(self, sheet: Sheet) -> list[int]:
        section = self.sections.get(sheet.title)
        if section is None:
            return []
        if section.kind == "record":
            keys = {layout.heading_key(word) for word in (layout.LABEL, layout.VALUE)}
        else:
            keys = {key for one in section.fields for key in layout.spellings(one)}
        row = heading_row(sheet, keys, min(2, len(keys)))
        has_band = any(one.group for one in section.fields)
        return [row - 1, row] if row > 1 and has_band else [row] if row else []


def _position(cell: str) -> tuple[int, int] | None:
    """Return row and column, from 1, of an A1 reference.

    >>> _position("B7"), _position("AA10"), _position("")
    ((7, 2), (10, 27), None)
    """
    found = fullmatch(r"([A-Z]{1,3})(\d{1,7})", cell)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _cell(
    sheet: Sheet,
    row: int,
    column: int,
    at: tuple[int, int],
    related: set[tuple[int, int] | None],
    *,
    is_head: bool,
) -> Cell:
    raw = sheet.raw(row, column)
    if isinstance(raw, ErrorValue | Uncalculated | Unclear):
        text = _unread(raw)
    else:
        text = " ".join(raw_text(raw).split())
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    mark = "wrong" if (row, column) == at else "related" if (row, column) in related else ""
    mark = mark or ("head" if is_head else "")
    return Cell(text, mark, isinstance(raw, int | float) and not isinstance(raw, bool))


def _unread(raw: ErrorValue | Uncalculated | Unclear) -> str:
    if isinstance(raw, ErrorValue):
        return raw.text
    return "（公式没有算）" if isinstance(raw, Uncalculated) else ""
