"""Cells of a table: the colour that ``{% cellbg %}`` and the width that ``{% colspan %}`` give them.

docxtpl writes whatever the tag gives, 红色 as well, and Word refuses the document.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from reportgen.context import UnprintableError, printable
from reportgen.value import Blank, NotANumberError, number

#: The standard colours of Word's own menu, by their Chinese and English names there.
_MENU = (
    ("深红", "dark red", "C00000"), ("红", "red", "FF0000"), ("橙", "orange", "FFC000"),
    ("黄", "yellow", "FFFF00"), ("浅绿", "light green", "92D050"), ("绿", "green", "00B050"),
    ("浅蓝", "light blue", "00B0F0"), ("蓝", "blue", "0070C0"), ("深蓝", "dark blue", "002060"),
    ("紫", "purple", "7030A0"), ("黑", "black", "000000"), ("白", "white", "FFFFFF"),
    ("灰", "gray", "808080"), ("浅灰", "light gray", "D9D9D9"), ("浅黄", "light yellow", "FFF2CC"),
    ("浅红", "light red", "FFC7CE"), ("无", "none", "auto"),
)  # fmt: skip
COLOURS: Mapping[str, str] = MappingProxyType(
    {name: code for chinese, english, code in _MENU for name in (chinese, f"{chinese}色", english)}
)
_FILL = re.compile(r'(<w:shd [^>]*w:fill=")\{\{(.*?)(\ue000[^\ue001]*\ue001)?\}\}"')
_SPAN = re.compile(r'(<w:gridSpan w:val=")\{\{(.*?)(\ue000[^\ue001]*\ue001)?\}\}"')


def guard_cells(source: str) -> str:
    """Let the colours and widths of a prepared part pass through the filters that check them."""
    source = _FILL.sub(r'\1{{ (\2)|_colour \3}}"', source)
    return _SPAN.sub(r'\1{{ (\2)|_span \3}}"', source)


def colour(value: Any) -> str:
    """Return a colour as Word writes it; what is blank is no colour.

    Raises:
        UnprintableError: it is no colour.
    """
    if value is None or isinstance(value, Blank):
        return "auto"
    name = " ".join(printable(value).split())
    if re.fullmatch(r"#?[0-9A-Fa-f]{6}", name):
        return name.removeprefix("#")
    if not name or name == "auto":
        return "auto"
    if name.lower() not in COLOURS:
        known = "红、橙、黄、绿、蓝、紫、灰、浅绿"
        raise UnprintableError(f"“{name}”不是颜色，请写{known}这样的名称，或 FFC000 这样的六位代码")
    return COLOURS[name.lower()]


def span(value: Any) -> str:
    """Return how many columns a cell takes.

    Raises:
        UnprintableError: it is no whole number above 0.
    """
    try:
        columns = number(value).value
    except NotANumberError:
        columns = None
    if columns is None or columns != int(columns) or columns < 1:
        raise UnprintableError(f"一格占的列数要是 1 以上的整数，这里是“{printable(value)}”")
    return str(int(columns))


#: The filters of ``guard_cells``.
CELL_FILTERS: Mapping[str, Any] = MappingProxyType({"_colour": colour, "_span": span})
