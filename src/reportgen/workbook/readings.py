"""The numbers in cells as Excel reads them: also one that stands there as a text.

`` 160 ``, ``1,234`` and ``１６０`` come into a cell by pasting. To read one takes a long formula, so
each cell and column whose number is asked for has two defined names: the number, and whether it is
blank. A text counts only where its number, written out again, gives the very text: of what Excel
takes for numbers ``1e3``, ``(5)``, ``1/2`` and dates are none here. Left undecided, though it can
be read (``fieldtypes.parse_number``), is a sign +, a zero in front, a unit of measure behind, more
than 15 digits.
"""

import re

from reportgen.fieldtypes import NO_NUMBER, NOT_APPLICABLE, largest_percent
from reportgen.form import Field

_NUMBER, _BLANK, _WIDE = "数_", "空_", "列"
_NAME = re.compile(rf"\b{_WIDE}?[{_NUMBER[0]}{_BLANK[0]}]_\d+\b")
_AREA = r"(?:'(?:[^']|'')*'!)?\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?"
_TOKEN = re.compile(_AREA + r"|\"[^\"]*\"|[\w.]+|[^\w\s.()]")
#: What Excel takes: signs, levels; and LibreOffice: tokens, a little less than it says.
_LONGEST, _DEEPEST, _MOST = 8_192, 60, 8_000


class Readings:
    """The readings of one workbook: the name of each formula is in ``names``."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._tokens: dict[str, int] = {}

    def of(self, ref: str, field: Field, *, wide: bool = False) -> tuple[str, str]:
        """Return the names of what is in *ref*: its number, and whether it is blank.

        The number is 0 where there is none; blank is an error where something else stands there.
        *ref* names its sheet; a row without ``$`` is counted from row 1, as names have it.
        """
        number, blank = _number(ref, field), _blank(ref, field)
        if wide:
            # mostly no text is in a column: then nothing need be asked of its 2000 rows
            plain = f"COUNTA({ref})=COUNT({ref})"
            number = f"IF({plain},{ref}+0,{number})"
            blank = f"IF({plain},IF(ISNUMBER({ref}),{_unless(_believed(ref, field))},1),{blank})"
        kind = _WIDE if wide else ""
        return self._name(number, kind + _NUMBER), self._name(blank, kind + _BLANK)

    def fits(self, formula: str) -> bool:
        """Whether Excel takes *formula*, and LibreOffice, which puts its own in for each name."""
        depth = deepest = 0
        for sign in re.sub(r'"[^"]*"', "", formula):
            depth += (sign == "(") - (sign == ")")
            deepest = max(depth, deepest)
        if len(formula) >= _LONGEST or deepest >= _DEEPEST:
            return False
        named = sum(self._tokens[name] for name in _NAME.findall(formula))
        return named + _tokens(formula) < _MOST

    def _name(self, formula: str, prefix: str) -> str:
        if formula not in self.names:
            name = f"{prefix}{len(self.names) // 2 + 1}"
            self.names[formula], self._tokens[name] = name, _tokens(formula)
        return self.names[formula]


def is_of_columns(formula: str) -> bool:
    """Whether *formula* is over the cells of a column, by an area or by a name."""
    return ":" in formula or any(name.startswith(_WIDE) for name in _NAME.findall(formula))


def _tokens(formula: str) -> int:
    return len(_TOKEN.findall(formula))


def _number(ref: str, field: Field) -> str:
    said, again, number = _said(ref, field)
    return f"IF(ISNUMBER({ref}),{ref},IFERROR(IF({said}={again},{number},0),0))"


def _blank(ref: str, field: Field) -> str:
    said, again, number = _said(ref, field)
    nothing = f'FIND("|"&TRIM({ref})&"|","||{"|".join(sorted(NOT_APPLICABLE | NO_NUMBER))}|")'
    believed = _believed(number, field)
    if field.type == "percent":  # 760% is meant so
        believed = f'(RIGHT(TRIM(ASC({ref})))="%")+({believed})'
    same = f"({said}={again})*({believed})" if believed else f"{said}={again}"
    bare = _unless(_believed(ref, field))
    return f"IF(ISNUMBER({ref}),{bare},IF(ISNUMBER({nothing}),1,{_unless(same)}))"


def _unless(condition: str) -> str:
    """Return a formula that is 0 where *condition* is true or empty, else an error."""
    return f"IF({condition},0,NA())" if condition else "0"


def _said(ref: str, field: Field) -> tuple[str, str, str]:
    """Return the text in a cell, the text that its number makes, and the number.

    With a decimal point, commas and a percent sign where the text has them: FIXED writes in the
    manner of the computer's own country, and elsewhere no text with a point is any number.
    """
    said, number = f"TRIM(ASC({ref}))", f"VALUE(TRIM(ASC({ref})))"
    point, commas = f'FIND(".",{said}&".")', f'ISERR(FIND(",",{said}))'
    if field.type != "percent":
        return said, f"FIXED({number},LEN(MID({said},{point}+1,99)),{commas})", number
    sign = f'(RIGHT({said})="%")'
    places = f'ISNUMBER(FIND(".",{said}))*(LEN({said})-{point}-{sign})'
    # the sign is cut off, not put behind: LibreOffice mixes up the rows of two texts joined by &
    return (
        f"LEFT({said},LEN({said})-{sign})",
        f"FIXED({number}*100^{sign},{places},{commas})",
        number,
    )


def _believed(number: str, field: Field) -> str:
    """Return a condition that a number of the field meets; nothing where any number does."""
    match field.type:
        case "integer":
            return f"{number}=INT({number})"
        case "year":
            return f"({number}=INT({number}))*({number}>=1900)*({number}<=2100)"
        case "percent":
            return f"ABS({number})<={largest_percent(field):f}"
    return ""
