"""How cells look, and how values get into them so that reading gives them back."""

import re
from decimal import Decimal

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.worksheet import Worksheet

from reportgen.fieldtypes import exact, number_format
from reportgen.form import Field
from reportgen.value import Blank, Day, Number, Value

INPUT, COMPUTED, PRIOR, HEADER, BAND = "FFF2CC", "F2F2F2", "DDEBF7", "D9E1F2", "BDD7EE"
GREY, LINK = "666666", "0563C1"
_NAME = "微软雅黑"
_LINE = Side(style="thin", color="BFBFBF")
BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
# Excel reads _x000D_ in a cell as a carriage return, so the underscore is escaped the same way
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_LINE_HEIGHT = 17


def fill(cell: Cell, value: Value) -> bool:
    """Write *value*; return whether there was anything to write."""
    match value:
        case Number(value=Decimal() as amount):
            # beyond 15 digits Excel's own number would lose some: then as text
            if exact(float(amount)) == amount and abs(amount) < 10**15:
                whole = amount == amount.to_integral_value()
                cell.value = int(amount) if whole else float(amount)
            else:
                write_text(cell, format(amount, "f"))
        case Day(value=day):
            cell.value = day
        case Blank() if not str(value):
            return False
        case _:
            write_text(cell, str(value))
    return True


def write_text(cell: Cell, text: str) -> None:
    """Write *text* as text, whatever it looks like: openpyxl would make a formula of ``=…``."""
    cell.value = _ESCAPE.sub("_x005F_", text)
    cell.data_type = "s"


def entry_style(cell: Cell, field: Field) -> None:
    """Give a cell to fill in its font, number format and alignment, and unlock it."""
    cell.font = font()
    cell.protection = Protection(locked=False)
    cell.alignment = alignment(field)
    cell.number_format = number_format(field)


def alignment(field: Field) -> Alignment:
    """Return how a field's values stand: numbers right, texts left and wrapped."""
    side = "right" if field.is_number and field.type != "year" else "left"
    return Alignment(horizontal=side, vertical="center", wrap_text=not field.is_number)


def font(size: float = 11, *, bold: bool = False, color: str = "000000") -> Font:
    """Return the workbook's font."""
    return Font(name=_NAME, size=size, bold=bold, color=color)


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
    cell.alignment = Alignment(horizontal=align, vertical="center", wrap_text=wrap)
    if color:
        cell.fill = solid(color)
    if boxed:
        cell.border = BOX
    return cell


def put_heading(sheet: Worksheet, row: int, column: int, text: str, color: str = HEADER) -> Cell:
    """Write a heading."""
    bold = font(bold=True)
    return put(
        sheet, row, column, text, look=bold, color=color, align="center", boxed=True, wrap=True
    )


def fit_height(sheet: Worksheet, row: int, widths: dict[int, float]) -> None:
    """Make a row as high as its longest wrapped text: LibreOffice and WPS do not do it on opening.

    *widths* are the columns' widths in half-width characters; a Chinese character takes two.
    """
    lines = 1
    for column, width in widths.items():
        value = sheet.cell(row, column).value
        if isinstance(value, str) and not value.startswith("="):
            lines = max(lines, sum(_lines(part, width) for part in value.split("\n")))
    if lines > 1:
        sheet.row_dimensions[row].height = min(lines * _LINE_HEIGHT + 3, 409)


def _lines(text: str, width: float) -> int:
    length = sum(2 if ord(c) > 0x2E7F else 1 for c in text)
    return max(1, -(-length // max(1, int(width) - 1)))


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
