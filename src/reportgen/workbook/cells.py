"""How cells look, and how values get into them so that reading gives them back."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils.cell import quote_sheetname
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from reportgen.fieldtypes import FIRST_DATE, as_typed, exact, number_format
from reportgen.form import Field
from reportgen.value import Blank, Day, Number, Picture, Value
from reportgen.workbook.layout import text_width
from reportgen.workbook.readings import is_of_columns

INPUT, COMPUTED, CARRIED, HEADER, BAND = "FFF2CC", "F2F2F2", "DDEBF7", "D9E1F2", "BDD7EE"
TITLE_HEIGHT = 30
GREY, LINK = "666666", "0563C1"
_NAME = "微软雅黑"
_LINE = Side(style="thin", color="BFBFBF")
BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
OPEN, LOCKED = Protection(locked=False), Protection(locked=True)
# Excel reads _x000D_ in a cell as a carriage return, so the underscore is escaped the same way
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# LibreOffice shows an indent from the right in every other column only
_INDENT = {"left": 1}
_SIZE, _LINE_HEIGHT, _HIGHEST = 11, 16, 409
#: The least height of a row, in points: of a line of text, and of a box for paragraphs.
LOW_ROW, BOX_ROW = 22, 90


def fill(cell: Cell, value: Value) -> bool:
    """Write *value*; return whether there was anything to write."""
    match value:
        case Number(value=Decimal() as amount):
            # beyond 15 digits Excel's own number would lose some: then as text
            plain = not as_typed(value).endswith("%")
            if plain and exact(float(amount)) == amount and abs(amount) < 10**15:
                whole = amount == amount.to_integral_value()
                cell.value = int(amount) if whole else float(amount)
            else:
                write_text(cell, as_typed(value))
        case Day(value=day) if day >= FIRST_DATE:  # an older one is written as text
            cell.value = day
        case Blank() if not str(value):
            return False
        case Picture(content=bytes()):
            return False  # it was in the other workbook's cell: its name would be no file's
        case _:
            write_text(cell, str(value))
    return True


def write_text(cell: Cell, text: str) -> None:
    """Write *text* as text, whatever it looks like: openpyxl would make a formula of ``=…``."""
    # not through cell.value: openpyxl cuts at 32767 signs, and the escape makes a text longer
    cell._value = stored_text(text)  # type: ignore[attr-defined]  # noqa: SLF001
    cell.data_type = "s"


def stored_text(text: str) -> str:
    """Return *text* as it is stored, so that Excel reads no escape in it."""
    return _ESCAPE.sub("_x005F_", text)


def entry_style(cell: Cell, field: Field) -> None:
    """Give a cell to fill in its font, number format and alignment, and unlock it."""
    cell.font = font()
    cell.protection = OPEN
    cell.alignment = alignment(field)
    cell.number_format = number_format(field)


def alignment(field: Field) -> Alignment:
    """Return how a field's values stand: numbers right, texts left and wrapped."""
    side = "right" if field.is_number and field.type != "year" else "left"
    return _aligned(side, wrap=not field.is_number, indent=_INDENT.get(side, 0))


# openpyxl compares every style with all that it has: one object a look spares a third of the time
@cache
def _aligned(side: str | None, *, wrap: bool, indent: int) -> Alignment:
    return Alignment(horizontal=side, vertical="center", wrap_text=wrap, indent=indent)


@cache
def font(size: float = _SIZE, *, bold: bool = False, color: str = "000000") -> Font:
    """Return the workbook's font."""
    return Font(name=_NAME, size=size, bold=bold, color=color)


@cache
def solid(color: str) -> PatternFill:
    """Return a fill of one colour."""
    return PatternFill("solid", fgColor=color)


def put(
    sheet: Worksheet,
    row: int,
    column: int,
    value: str | int | None = None,
    *,
    look: Font | None = None,
    color: str = "",
    align: str | None = None,
    boxed: bool = False,
    wrap: bool = False,
) -> Cell:
    """Write a cell of the form itself (locked) and return it."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # nothing here is merged
    if isinstance(value, str):
        write_text(cell, value)
    elif value is not None:
        cell.value = value
    cell.font = look or font()
    if boxed and align != "center":
        align = align or "left"
    indent = _INDENT.get(align or "", 0) if boxed else 0
    cell.alignment = _aligned(align, wrap=wrap, indent=indent)
    if color:
        cell.fill = solid(color)
    if boxed:
        cell.border = BOX
    return cell


def link(cell: Cell, title: str, ref: str = "A1") -> None:
    """Make *cell* lead to a cell of the sheet *title*."""
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{quote_sheetname(title)}!{ref}")


def put_computed(
    sheet: Worksheet, row: int, column: int, field: Field, formula: str | None
) -> Cell:
    """Write a live formula, locked; what Excel cannot say is left to the program."""
    cell = put(sheet, row, column, color=COMPUTED, align="right", boxed=True)
    cell.number_format = number_format(field)
    if formula:
        put_formula(cell, formula)
    else:
        write_text(cell, "由程序计算")
        cell.font = font(9, color=GREY)
    return cell


def put_formula(cell: Cell, formula: str) -> None:
    """Write *formula*; one over the cells of a column is an array formula, in every Excel."""
    is_wide = is_of_columns(formula)
    cell.value = ArrayFormula(cell.coordinate, formula) if is_wide else formula


def paint(color: str) -> PatternFill:
    """Return a fill of one colour for a conditional format."""
    return PatternFill(bgColor=color, fill_type="solid")


def put_heading(sheet: Worksheet, row: int, column: int, text: str, color: str = HEADER) -> Cell:
    """Write a heading; an empty one stays an empty cell, or nothing could be centred across it."""
    bold = font(bold=True)
    return put(
        sheet,
        row,
        column,
        text or None,
        look=bold,
        color=color,
        align="center",
        boxed=True,
        wrap=True,
    )


def fit_height(sheet: Worksheet, row: int, widths: Mapping[int, float], least: float = 0) -> None:
    """Make a row as high as its longest wrapped text: LibreOffice and WPS do not do it on opening.

    *widths* are the columns' widths in half-width characters; a Chinese character takes two.
    """
    height = least
    for column, width in widths.items():
        cell = sheet.cell(row, column)
        if isinstance(cell.value, str) and cell.data_type == "s":
            size = (cell.font.size or _SIZE) / _SIZE
            lines = sum(_lines(part, width / size) for part in cell.value.split("\n"))
            if lines > 1:
                height = max(height, lines * _LINE_HEIGHT * size + 6)
    if height:  # a row without one grows in Excel as it is typed into
        sheet.row_dimensions[row].height = min(height, _HIGHEST)


def _lines(text: str, width: float) -> int:
    return max(1, -(-text_width(text) // max(1, int(width) - 3)))


def select(sheet: Worksheet, cell: str) -> None:
    """Put the cursor on *cell*."""
    for selection in sheet.sheet_view.selection:
        selection.activeCell = cell
        selection.sqref = cell


def protect(sheet: Worksheet) -> None:
    """Guard against slips, without a password: rows may come and go, columns may be widened."""
    protection = sheet.protection
    protection.sheet = True
    for allowed in (
        "formatColumns",
        "formatRows",
        "insertRows",
        "deleteRows",
        "sort",
        "autoFilter",
    ):
        setattr(protection, allowed, False)  # in OOXML the attribute says what is *locked*


def paper(sheet: Worksheet) -> None:
    """A4, as wide as the paper, as many pages long as it takes."""
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer = sheet.HeaderFooter.oddFooter
    assert footer is not None
    assert footer.center is not None
    footer.center.text = "&A　第 &P 页，共 &N 页"
