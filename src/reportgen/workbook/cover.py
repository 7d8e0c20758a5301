"""The first sheet: what this is, until when and to whom, how to fill it in, what the colours mean."""

from collections.abc import Iterable, Mapping

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from reportgen.expression import in_words
from reportgen.form import Form
from reportgen.workbook import cells
from reportgen.workbook.cells import font, put

_LEGEND = (
    (cells.INPUT, "黄色", "要填的格（标题带 ＊ 的必须填）"),
    (cells.COMPUTED, "灰色", "自动计算，不用填"),
    (cells.CARRIED, "蓝色", "已经带入的单位名称、代码和上年数，不用填；有出入的请告诉联系人"),
)
_STEPS = (
    "按下面的目录逐张填写；点目录里的名称可以跳到那张表。",
    "只填黄色的格；单位写在标题里，格里只填数字，不写“万元”等字。",
    "没有这一项的，填“不适用”或“—”；数确实为零的，填 0；不要空着让人猜。",
    "多行的表可以插入、删除行；可以增加自己用的列和工作表；不要改标题和表名。",
    "填好后保存，把整个文件交回；不要拆开，不要另起格式。",
)


def legend(*, carried: bool) -> tuple[tuple[str, str, str], ...]:
    """Return the colours that a workbook has: colour, name, meaning; *carried*: blue ones too."""
    return _LEGEND if carried else _LEGEND[:2]


def steps(form: Form) -> tuple[str, ...]:
    """Return how *form*'s workbook is filled in; a form with narratives says what a slot is."""
    has_narrative = any(f.type == "narrative" for section in form.sections for f in section.fields)
    numbers = [*form.computed, *(field for _, field in form.short_names().values())]
    name = next((f"{{{{ {f.label} }}}}{f.uom}" for f in numbers if f.uom), "")
    if not (has_narrative and name):
        return _STEPS
    slot = f"长文字里的数可以写成大括号里的名称，例如“{name}”，报告里印出那一格的数。"
    return (*_STEPS[:-1], slot, _STEPS[-1])


def when(condition: str) -> str:
    """Return for whom a sheet is, or nothing if for everybody."""
    return f"只在{in_words(condition)}时填" if condition else ""


def write_cover(
    sheet: Worksheet,
    form: Form,
    more: Mapping[str, str],
    colors: Iterable[tuple[str, str, str]],
) -> dict[str, Cell]:
    """Write what the unit reads first: deadline and contact, how to fill in, colours, contents.

    *more* are sheets that hold no section, with what they are for; *colors* is the legend. Returned are the cells, by
    section, for whether a sheet is to be filled as things stand.
    """
    cells.paper(sheet)
    sheet.sheet_view.showGridLines = False
    for column, width in (("A", 5), ("B", 26), ("C", 62), ("D", 10)):
        sheet.column_dimensions[column].width = width
    put(sheet, 1, 1, form.title, look=font(18, bold=True))
    sheet.row_dimensions[1].height = cells.TITLE_HEIGHT
    put(sheet, 2, 1, f"填报工作簿　表单版本 {form.version}", look=font(10, color=cells.GREY))
    at = 4
    deadline = (
        form.deadline and f"{form.deadline.year}年{form.deadline.month}月{form.deadline.day}日"
    )
    for label, text in (("报送截止", deadline), ("联系", form.contact)):
        if text:
            put(sheet, at, 2, label, look=font(bold=True))
            put(sheet, at, 3, text)
            at += 1
    at = _title(sheet, at + 1, "怎样填")
    for number, text in enumerate(steps(form), 1):
        put(sheet, at, 1, number, align="center")
        put(sheet, at, 2, text)
        at += 1
    at = _title(sheet, at + 1, "颜色")
    for color, name, meaning in colors:
        put(sheet, at, 2, name, color=color, boxed=True)
        put(sheet, at, 3, meaning)
        at += 1
    at = _title(sheet, at + 1, "目录")
    live: dict[str, Cell] = {}
    contents = {s.label: when(s.when) or "都要填" for s in form.sections} | dict(more)
    for number, (title, words) in enumerate(contents.items(), 1):
        put(sheet, at, 1, number, align="center")
        link = put(sheet, at, 2, title, look=font(color=cells.LINK))
        cells.link(link, title)
        put(sheet, at, 3, words)
        live[title] = put(sheet, at, 4, look=font(bold=True), align="center")
        at += 1
    cells.protect(sheet)
    return live


def _title(sheet: Worksheet, row: int, text: str) -> int:
    put(sheet, row, 2, text, look=font(12, bold=True))
    return row + 1
