"""Open a workbook of any kind that Excel, WPS or LibreOffice writes; told by content, not by name."""

import io
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import python_calamine as calamine

from reportgen import rules
from reportgen.errors import WorkbookError
from reportgen.fieldtypes import Unclear, raw_text
from reportgen.filekind import Kind, kind_of
from reportgen.finding import Place
from reportgen.workbook import layout
from reportgen.workbook.drawings import CellPictures, Drawings
from reportgen.workbook.package import Unseen, unseen_cells, with_known_errors
from reportgen.workbook.reach import MOST_CELLS, Reach, reach_of

_FORMATS = frozenset({"xlsx", "xlsb", "xls", "ods"})


@dataclass(frozen=True, slots=True)
class Book:
    """An opened workbook: what ``_meta`` says, its sheets by title, and the file's own bytes.

    A sheet is read when it is first asked for; asking raises WorkbookError when it is damaged.
    """

    file: str
    meta: Mapping[str, str]
    sheets: Mapping[str, "Sheet"]
    hidden: tuple[str, ...] = ()
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's cells; ``unseen`` returns what calamine shows as empty, or None if none can tell.

    ``drawn`` returns the pictures by the cells that they lie on or are embedded in.
    """

    title: str
    rows: list[list[Any]]
    unseen: Callable[[], Unseen | None]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    drawn: Callable[[], CellPictures] = dict

    def pictures(self) -> CellPictures:
        """Return the pictures by cell; one on merged cells belongs to the first of them."""
        found = dict(self.drawn())
        for top, left, bottom, right in self.merged if found else ():
            for row, column in list(found):
                if top <= row <= bottom and left <= column <= right:
                    found[top, left] = found.pop((row, column))
        return found

    @property
    def height(self) -> int:
        """The last row with anything in it, formulas without a result included."""
        return max(len(self.rows), *(row for row, _ in self.unseen() or {}), 0)

    def rows_with(self, columns: Collection[int], first: int) -> list[int]:
        """Return the rows from *first* on in which one of *columns* is not empty, in order."""
        found = {row for row, column in self.unseen() or {} if column in columns and row >= first}
        for row, line in enumerate(self.rows[first - 1 :], first):
            if any(line[column - 1] != "" for column in columns if column <= len(line)):
                found.add(row)
        return sorted(found)

    def raw(self, row: int, column: int) -> Any:
        """Return what is in the cell; row and column count from 1."""
        line = self.rows[row - 1] if 0 < row <= len(self.rows) else []
        value = line[column - 1] if 0 < column <= len(line) else ""
        if value != "":
            return value
        hidden = self.unseen()
        return Unclear() if hidden is None else hidden.get((row, column), "")


def open_bytes(data: bytes, file: str, *, careful: bool = False) -> Book:
    """Open the workbook in *data*, told by its content; *file* is its name in messages.

    *careful*: before a sheet is read, see how much memory that takes; looking takes 3 ms.

    Raises:
        WorkbookError: it is empty, encrypted, damaged, unsafe, or no workbook.
    """
    place = Place(file=file)
    if not data:
        raise WorkbookError([rules.EMPTY_FILE.at(place)])
    kind = kind_of(data)
    if kind.encrypted:
        raise WorkbookError([rules.ENCRYPTED.at(place)])
    if kind.damaged:
        raise WorkbookError([rules.DAMAGED.at(place)])
    if kind.is_unsafe:
        raise WorkbookError([rules.UNSAFE_FILE.at(place, what=kind.what)])
    if kind.is_too_large:
        raise WorkbookError([rules.TOO_LARGE_FILE.at(place, what=kind.what)])
    if kind.format not in _FORMATS:
        raise WorkbookError([rules.NOT_A_WORKBOOK.at(place, what=kind.what)])
    with _damage(place):
        return _open(data, file, kind, careful)


@contextmanager
def _damage(place: Place) -> Iterator[None]:
    """Turn what calamine raises into a WorkbookError."""
    try:
        yield
    except calamine.PasswordError as error:
        raise WorkbookError([rules.ENCRYPTED.at(place)]) from error
    except (KeyboardInterrupt, SystemExit, MemoryError, WorkbookError):
        raise
    except BaseException as error:  # calamine panics with a BaseException on some damaged files
        raise WorkbookError([rules.DAMAGED.at(place)]) from error


def _open(data: bytes, file: str, kind: Kind, careful: bool) -> Book:  # noqa: FBT001
    far = reach_of(data) if careful or kind.format == "ods" else Reach()
    if far.cell and kind.format == "ods":  # all its sheets are read at once
        raise _too_far(file, far.sheet, far.cell)
    sheets = _Sheets(data, file, kind, far)
    meta = sheets.get(layout.META)
    pairs = [[raw_text(v) for v in row[:2]] for row in meta.rows if len(row) > 1] if meta else []
    return Book(file, {k: v for k, v in pairs if k}, sheets, sheets.hidden, data)


def _too_far(file: str, sheet: str, cell: str) -> WorkbookError:
    return WorkbookError([rules.FAR_CELL.at(Place(file=file, sheet=sheet, cell=cell))])


class _Sheets(Mapping[str, Sheet]):
    """The worksheets of a file; a third of the time goes into sheets that nobody reads."""

    def __init__(self, data: bytes, file: str, kind: Kind, far: Reach) -> None:
        self._book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        self._place = Place(file=file)
        self._data, self._far = data, far
        self._unseen = unseen_cells(data, kind)
        self._drawings = Drawings(data) if kind.format == "xlsx" else None
        listed = [
            one for one in self._book.sheets_metadata if one.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        self._read: dict[str, Sheet | None] = dict.fromkeys(one.name for one in listed)
        if len(self._read) < len(listed):  # calamine reads the first of them, twice
            titles = [one.name for one in listed]
            twice = next(title for title in titles if titles.count(title) > 1)
            place = Place(file=file, sheet=twice)
            raise WorkbookError([rules.SHEET_TWICE.at(place, value=twice, other=twice)])
        visible = calamine.SheetVisibleEnum.Visible
        self.hidden = tuple(one.name for one in listed if one.visible != visible)

    def __getitem__(self, title: str) -> Sheet:
        found = self._read[title]
        if found is None:
            with _damage(self._place):
                found = self._read[title] = self._sheet(title)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)

    def __contains__(self, title: object) -> bool:
        return title in self._read

    def _sheet(self, title: str) -> Sheet:
        if self._far.cell and self._far.sheet == title:
            raise _too_far(self._place.file, title, self._far.cell)
        source = self._source(title)
        rows, columns = source.total_height, source.total_width
        if rows * columns > MOST_CELLS:
            far = reach_of(self._data)
            cell = far.cell if far.sheet == title else layout.address(rows, columns)
            raise _too_far(self._place.file, title, cell)
        values = source.to_python(skip_empty_area=False)
        # at once: with it come the checksums, which calamine does not look at
        unseen = self._unseen(title, len(values))
        return Sheet(
            title,
            values,
            lambda: unseen,
            tuple(
                (a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in source.merged_cell_ranges or ()
            ),
            partial(self._drawings.of_sheet, title) if self._drawings else dict,
        )

    def _source(self, title: str) -> calamine.CalamineSheet:
        try:
            return self._book.get_sheet_by_name(title)
        except calamine.CalamineError:
            if self._drawings is None:
                raise
            mended = io.BytesIO(with_known_errors(self._data))
            return calamine.CalamineWorkbook.from_filelike(mended).get_sheet_by_name(title)
