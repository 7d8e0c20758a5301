"""What a unit says of earlier findings: 单位说明 of 检查结果, 说明 of 校验, found by their headings."""

from collections.abc import Iterator

from reportgen.fieldtypes import raw_text
from reportgen.headings import narrow
from reportgen.submission import Remark
from reportgen.workbook import find, layout
from reportgen.workbook.book import Book, Sheet


def read_remarks(book: Book) -> tuple[Remark, ...]:
    """Return every remark: those of single findings (检查结果) before those of a code (校验)."""
    verdicts = book.sheets.get(layout.VERDICTS)
    of_codes = _of_codes(verdicts) if verdicts else ()
    return (*(remark for sheet in results(book) for remark in _of_findings(sheet)), *of_codes)


def results(book: Book) -> list[Sheet]:
    """Return the sheets that are 检查结果 of ours; a unit's own of that name lacks the headings."""
    headings = {narrow(h) for h in (layout.CODE, layout.POSITION, layout.OWN_WORDS)}
    return [
        sheet
        for title, sheet in book.sheets.items()
        if title.startswith(layout.RESULTS) and find.heading_row(sheet, headings, least=3)
    ]


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
    for row in range(header + 1, sheet.height + 1) if header else ():
        at = [columns.get(narrow(name), 0) for name in names]
        line = [raw_text(sheet.raw(row, column)).strip() for column in at]
        if line[0] and line[1]:
            yield line
