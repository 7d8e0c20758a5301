"""检查结果, the first sheet of a marked copy: every finding, a link to its cell, room for an answer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Protection
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.worksheet.worksheet import Worksheet

from reportgen.fieldtypes import MAX_TEXT
from reportgen.finding import Finding, Severity
from reportgen.signs import without_control
from reportgen.workbook import cells, layout
from reportgen.workbook.cells import font, put

#: Red, amber and light blue; the word stands beside the colour.
COLORS = {Severity.ERROR: "FFC7CE", Severity.WARNING: "FFD966", Severity.NOTE: "BDD7EE"}
_COLUMNS = (
    ("序号", 6.0),
    ("级别", 7.0),
    (layout.CODE, 8.0),
    (layout.POSITION, 22.0),
    (layout.ITEM, 20.0),
    (layout.PRESENT, 18.0),
    ("问题", 44.0),
    ("改法", 36.0),
    (layout.OWN_WORDS, 30.0),
)
_SHORT = 3  # the columns of a word or a number
_HEADER_ROW = 4
_HOW_TO = (
    "点“位置”可以跳到那一格。改好后保存，把这个文件按原来的文件名交回；再检查时，这些标记会自动去掉。"
    "确实无误的警告，请在最后一列写明原因。"
)
_HIGHEST = 160  # points: a value of 32,000 signs shall not fill the screen


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding, and what the unit has written about it before."""

    finding: Finding
    own_words: str = ""


def shown_level(finding: Finding) -> Severity:
    """Return the level by which *finding* is coloured: what stands needs nobody any more."""
    return Severity.NOTE if finding.stands else finding.level


def said(finding: Finding) -> str:
    """Return what is wrong: the message, the difference, the other numbers; why it was approved."""
    lines = [finding.message]
    if finding.difference:
        lines.append(f"相差 {finding.difference}")
    for one in finding.related:
        where = f"（{layout.position(one.sheet, one.cell)}）" if one.cell else ""
        lines.append(f"{one.field} = {one.value}{where}")
    if finding.is_approved:
        lines.append(finding.explanation)
    return "\n".join(lines)


def in_order(marks: Iterable[Mark], titles: Sequence[str]) -> list[Mark]:
    """Return *marks* in the order of the sheets *titles* and of their cells, the file's own first."""
    order = {"": -1} | {title: at for at, title in enumerate(titles)}

    def key(mark: Mark) -> tuple[int, tuple[int, int]]:
        place = mark.finding.place
        at = coordinate_to_tuple(place.cell) if place.cell else (0, 0)
        return order.get(place.sheet, len(order)), at

    return sorted(marks, key=key)


def is_results(sheet: Worksheet) -> bool:
    """Whether *sheet* is ours: a unit may have one of that name without our headings."""
    ours = {layout.CODE, layout.POSITION, layout.OWN_WORDS}
    rows = sheet.iter_rows(max_row=_HEADER_ROW + 20, max_col=30, values_only=True)
    is_named = sheet.title.startswith(layout.RESULTS)
    return is_named and any(ours <= {str(value) for value in row} for row in rows)


def write_results(book: Workbook, marks: Sequence[Mark], renewed: str) -> Worksheet:
    """Add the sheet to *book* as its first; *renewed* says why the copy is not the unit's own file."""
    shown = {sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"}
    sheet: Worksheet = book.create_sheet(layout.RESULTS, 0)
    widths = {column: width for column, (_, width) in enumerate(_COLUMNS, 1)}
    for column, (heading, width) in enumerate(_COLUMNS, 1):
        cells.put_heading(sheet, _HEADER_ROW, column, heading)
        sheet.column_dimensions[layout.letters(column)].width = width
    sheet.row_dimensions[_HEADER_ROW].height = cells.TITLE_HEIGHT
    _top(sheet, marks, renewed)
    for number, mark in enumerate(in_order(marks, book.sheetnames), 1):
        row = _HEADER_ROW + number
        _line(sheet, row, number, mark, shown)
        cells.fit_height(sheet, row, widths, cells.LOW_ROW)
        height = sheet.row_dimensions[row].height or 0
        sheet.row_dimensions[row].height = min(height, _HIGHEST)
    last = layout.address(_HEADER_ROW + len(marks), len(_COLUMNS))
    sheet.auto_filter.ref = f"A{_HEADER_ROW}:{last}"
    sheet.freeze_panes = f"A{_HEADER_ROW + 1}"
    cells.select(sheet, f"D{_HEADER_ROW + 1}")  # the first link
    sheet.sheet_view.showGridLines = False
    cells.paper(sheet)
    sheet.page_setup.orientation = "landscape"
    sheet.print_title_rows = f"{_HEADER_ROW}:{_HEADER_ROW}"
    cells.protect(sheet)
    return sheet


def _top(sheet: Worksheet, marks: Sequence[Mark], renewed: str) -> None:
    counts = Counter(mark.finding.verdict for mark in marks)
    known = (*(level.label for level in Severity), "已说明", "已核准")
    found = "，".join(f"{word} {counts[word]} 处" for word in known if counts[word])
    put(sheet, 1, 1, f"{layout.RESULTS}　{found}", look=font(14, bold=True))
    sheet.row_dimensions[1].height = cells.TITLE_HEIGHT
    put(sheet, 2, 1, _HOW_TO, look=font(9, color=cells.GREY))
    if renewed:
        words = f"{renewed}，这一份是按表单重新生成的：填的内容都在，自己加的工作表、列和批注不在。"
        put(sheet, 3, 1, words, look=font(bold=True))


def _line(sheet: Worksheet, row: int, number: int, mark: Mark, shown: set[str]) -> None:
    finding, place = mark.finding, mark.finding.place
    position = layout.position(place.sheet, place.cell)
    texts = (
        str(number), finding.verdict, finding.code, position, place.field, finding.value,
        said(finding), finding.hint, mark.own_words,
    )  # fmt: skip
    for column, words in enumerate(texts, 1):
        text = without_control(words)[:MAX_TEXT]
        cell = put(sheet, row, column, text, boxed=True)
        side = "center" if column <= _SHORT else "left"
        cell.alignment = Alignment(
            horizontal=side, vertical="center", wrap_text=True, indent=column > _SHORT
        )
    sheet.cell(row, 1).value = number
    sheet.cell(row, 2).fill = cells.solid(COLORS[shown_level(finding)])
    own = sheet.cell(row, len(_COLUMNS))
    own.fill = cells.solid(cells.INPUT)
    own.protection = Protection(locked=False)
    if place.sheet in shown:  # a link to a hidden sheet would lead nowhere
        link = sheet.cell(row, 4)
        assert isinstance(link, Cell)  # nothing here is merged
        cells.link(link, place.sheet, place.cell or "A1")
        link.font = font(color=cells.LINK)
