"""What a unit says of earlier findings: 单位说明 of 检查结果, 说明 of 校验, found by their headings."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from reportgen.fieldtypes import raw_text
from reportgen.headings import narrow
from reportgen.submission import Remark
from reportgen.workbook import find, layout
from reportgen.workbook.book import Book, Sheet


class Remarks(Sequence[Remark]):
    """Every remark of *book*: those of single findings (检查结果) before those of a code (校验).

    They are read when somebody asks, which nobody does where nothing is wrong: 校验 is full of
    formulas, and reading it would be a fifth of reading everything else. Pickled, it is a tuple.
    """

    def __init__(self, book: Book) -> None:
        self._book = book

    @cached_property
    def _all(self) -> tuple[Remark, ...]:
        verdicts = self._book.sheets.get(layout.VERDICTS)
        of_findings = (one for sheet in results(self._book) for one in _of_findings(sheet))
        return (*of_findings, *(_of_codes(verdicts) if verdicts else ()))

    def __getitem__(self, index: Any) -> Any:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._all == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (self._all,)


def results(book: Book) -> list[Sheet]:
    """Return the sheets that are 检查结果 of ours; a unit's own of that name lacks the headings."""
    headings = {narrow(h) for h in (layout.CODE, layout.POSITION, layout.OWN_WORDS)}
    sheets = [book.sheets[title] for title in book.sheets if title.startswith(layout.RESULTS)]
    return [sheet for sheet in sheets if find.heading_row(sheet, headings, least=3)]


def _of_findings(sheet: Sheet) -> Iterator[Remark]:
    names = layout.CODE, layout.OWN_WORDS, layout.POSITION, layout.ITEM, layout.PRESENT
    for code, text, position, field, value in _lines(sheet, names):
        where = layout.place_at(position)
        yield Remark(code, text, *where, field, value)


def _of_codes(sheet: Sheet) -> Iterator[Remark]:
    for code, text in _lines(sheet, (layout.CODE, layout.REASON)):
        yield Remark(code, text)


def _lines(sheet: Sheet, names: tuple[str, ...]) -> Iterator[list[str]]:
    """Yield the cells under the headings *names*, where the first two are filled in."""
    header = find.heading_row(sheet, {narrow(name) for name in names[:2]}, least=2)
    columns = {layout.heading_key(v): c for c, v in find.headings(sheet, header).items()}
    at = [columns.get(narrow(name), 0) for name in names]
    for row in sheet.rows[header:] if header else ():  # an error value is no remark
        line = [raw_text(row[column - 1]).strip() if column else "" for column in at]
        if line[0] and line[1]:
            yield line
