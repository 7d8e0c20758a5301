"""The types of a field, one entry each: how a cell is read, how a value prints, what Excel is told.

A cell arrives as python-calamine gives it (text, number, date, truth value) or as one of
``ErrorValue`` and ``Uncalculated``, which calamine itself cannot tell from an empty cell.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from reportgen import rules
from reportgen.filters import YUAN
from reportgen.finding import Rule
from reportgen.form import Field
from reportgen.headings import narrow
from reportgen.names import maybe, nearest
from reportgen.signs import BROKEN, around, half_width, is_blank, without_control
from reportgen.value import (
    Blank,
    Cell,
    Day,
    Invalid,
    NotApplicable,
    Number,
    Picture,
    Text,
    Value,
    YesNo,
    digits,
)

MAX_TEXT = 32_767
_LONG = 10**15
NOT_APPLICABLE = frozenset({"—", "不适用", "/"})
NO_NUMBER = frozenset({"-", "--", "―", "–", "——", "无此项"})
_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d*)?|([+-]?)(\.\d+)", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:年|-|/|\.)(\d{1,2})(?:月|-|/|\.)(\d{1,2})日?", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
YES = frozenset({"是", "√", "对", "true", "yes", "y"})
NOT_YES = frozenset({"否", "×", "错", "false", "no", "n"})
_SAME_UOM = MappingProxyType({"平方米": "m2", "㎡": "m2", "m²": "m2", "万": "万元", "亿": "亿元"})
_FIRST_SERIAL = date(1899, 12, 30)
#: A cell with an earlier date holds a bare number, as people see it: 2026 typed where Excel shows dates
#: is its day 2026, 18 July 1905; 2100 would be 30 September 1905 (1909 where days count from 1904).
FIRST_DATE = date(1912, 1, 1)
# above this a percentage is more likely a 76 meant as 76 %
_ODD_PERCENT = Decimal(5)


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """An error value in a cell, ``#DIV/0!``."""

    text: str


@dataclass(frozen=True, slots=True)
class Uncalculated:
    """A formula whose result is not stored in the file."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """An empty cell of a file format that does not tell empty from error."""


_NOTHING = (Unclear, Uncalculated)


class CellProblemError(ValueError):
    """A cell does not hold what its field's type asks for."""

    def __init__(self, rule: Rule, **words: Any) -> None:
        self.rule = rule
        self.words = words
        super().__init__(rule.code)


@dataclass(frozen=True, slots=True)
class FieldType:
    """``name`` stands in form.toml, ``title`` is what people read; ``read`` raises CellProblemError."""

    name: str
    title: str
    number_format: str
    example: str
    read: Callable[[Any, Field, Cell | None], Value]


def read_value(
    raw: object, field: Field, cell: Cell | None
) -> tuple[Value, list[tuple[Rule, dict[str, Any]]]]:
    """Return the value in a cell and what is wrong with it, as rules with their words.

    An empty cell, and one with nothing but white space, is ``Blank``; what cannot be read is
    ``Invalid`` and keeps what was typed.
    """
    problems: list[tuple[Rule, dict[str, Any]]] = []
    if isinstance(raw, ErrorValue):
        problems.append((rules.ERROR_VALUE, {"value": raw.text}))
        return Invalid(field, cell, raw=raw.text), problems
    if isinstance(raw, Uncalculated):
        problems.append((rules.UNCALCULATED, {}))
        return Invalid(field, cell), problems
    if isinstance(raw, str):
        text = raw.replace("\r\n", "\n").replace("\r", "\n") if "\r" in raw else raw
        raw = text if text.isprintable() else without_control(text)
        if len(raw) != len(text):
            problems.append((rules.CONTROL_CHARACTERS, {}))
        if BROKEN in raw:
            problems.append((rules.BROKEN_CHARACTERS, {"value": around(raw, raw.index(BROKEN))}))
        bare = raw.strip()
        if is_blank(bare):
            return Blank(field, cell), problems
        says_nothing = bare in NOT_APPLICABLE and bare not in field.choices
        if says_nothing or (field.is_number and narrow(bare) in NO_NUMBER):
            return NotApplicable(field, cell, raw=bare), problems
        if "\n" in raw and field.type != "narrative":
            if "\n" in bare:
                problems.append((rules.LINE_BREAKS, {}))
            raw = " ".join(part.strip() for part in bare.split("\n"))
    if raw is None or isinstance(raw, Unclear):
        return Blank(field, cell), problems
    try:
        return FIELD_TYPES[field.type].read(raw, field, cell), problems
    except CellProblemError as problem:
        problems.append((problem.rule, {"value": raw_text(raw), **problem.words}))
        return Invalid(field, cell, raw=raw_text(raw)), problems


def raw_text(raw: object) -> str:
    """Return what a person sees in a cell, for a message."""
    if isinstance(raw, str):
        return str(raw)
    if isinstance(raw, _NOTHING):
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, int | float):
        return digits(exact(raw)) if math.isfinite(raw) else str(raw)
    if isinstance(raw, datetime) and raw.time() != time.min:
        return f"{raw_text(raw.date())} {raw_text(raw.time())}"
    if isinstance(raw, date):
        return f"{raw.year}年{raw.month}月{raw.day}日"
    if isinstance(raw, time):
        return _clock(raw.hour, raw.minute, raw.second)
    if isinstance(raw, timedelta):
        minutes, seconds = divmod(round(raw.total_seconds()), 60)
        return _clock(*divmod(minutes, 60), seconds)
    return str(raw)


def _clock(hours: int, minutes: int, seconds: int) -> str:
    """Return a time as Excel shows it: ``9:05``, or ``26:00:30`` of more than a day."""
    return f"{hours}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


def exact(raw: float) -> Decimal:
    """Return Excel's binary number as the decimal that was entered (15 digits, design.md §3).

    >>> exact(365.5), exact(0.1 + 0.2), exact(1703.1542)
    (Decimal('365.5'), Decimal('0.3'), Decimal('1703.1542'))
    """
    return Decimal(format(raw, ".15g"))


def as_typed(value: Number) -> str:
    """Return a number as it is typed so that reading gives it back: 760 % needs its sign.

    >>> as_typed(Number(Decimal("7.6"), Field(label="增长率", type="percent")))
    '760%'
    """
    field = value.field
    if field is not None and field.type == "percent" and is_odd_percent(value.value, field):
        return digits(Fraction(value.value) * 100) + "%"
    return digits(value.value)


def told(field: Field) -> dict[str, str]:
    """Return the words about *field* that a rule of ``read_value`` may ask for."""
    uom = f"（{field.uom}）" if field.uom else ""
    return {"label": field.label, "uom": uom, "example": example(field)}


def example(field: Field) -> str:
    """Return an example of what to fill in."""
    return field.example or FIELD_TYPES[field.type].example


def parse_number(text: str, uom: str) -> tuple[Decimal, bool]:
    """Return the number in *text* and whether a percent sign follows it.

    Understood: full-width digits, thousands commas, a sign, accountants' ``(1,234)`` for minus,
    and the field's own unit of measure behind the number. Two numbers with a space between are
    not one, and neither ``①`` nor ``²`` is a digit.

    Raises:
        CellProblemError: anything else, another unit of measure among it.
    """
    if re.search(r"[\d,.]\s+[\d,.]", text):
        raise CellProblemError(rules.NOT_A_NUMBER)
    plain = half_width(text)
    negative = plain.startswith("(") and plain.endswith(")")
    if negative:
        plain = plain[1:-1]
    if plain[:1] == "¥" and uom in {"", "元"}:
        plain = plain[1:]
    match = _NUMBER.match(plain)
    if not match:
        raise CellProblemError(rules.NOT_A_NUMBER)
    rest = plain[match.end() :]
    is_percent = rest == "%"
    if rest and not is_percent:
        _check_uom(rest, uom)
    value = Decimal(match[0].replace(",", ""))
    if negative and value < 0:
        raise CellProblemError(rules.NOT_A_NUMBER)
    return (-value if negative else value), is_percent


def _check_uom(rest: str, uom: str) -> None:
    rest = narrow(rest)
    written = _SAME_UOM.get(rest, rest)
    wanted = _SAME_UOM.get(uom, narrow(uom))
    if uom and written == wanted:
        return
    if written in YUAN or written == "m2":
        raise CellProblemError(rules.WRONG_UOM if uom else rules.NOT_A_NUMBER, uom=uom)
    raise CellProblemError(rules.NOT_A_NUMBER)


def _number(raw: object, field: Field) -> tuple[Decimal, bool]:
    if isinstance(raw, bool):
        raise CellProblemError(rules.NOT_A_NUMBER)
    if isinstance(raw, int | float):
        return _finite(raw), False
    if isinstance(raw, date | datetime | time | timedelta):
        raise CellProblemError(rules.DATE_INSTEAD)
    return parse_number(str(raw), field.uom)


def _finite(raw: float) -> Decimal:
    if not math.isfinite(raw):
        raise CellProblemError(rules.ERROR_VALUE, value=str(raw))
    if abs(raw) >= _LONG:
        raise CellProblemError(rules.LONG_NUMBER)
    return exact(raw)


def _read_decimal(raw: object, field: Field, cell: Cell | None) -> Value:
    value, is_percent = _number(raw, field)
    if is_percent and field.uom != "%":
        raise CellProblemError(rules.NOT_A_NUMBER)
    return Number(value, field, cell)


def _read_integer(raw: object, field: Field, cell: Cell | None) -> Value:
    value, is_percent = _number(raw, field)
    if is_percent or value != value.to_integral_value():
        raise CellProblemError(rules.NOT_AN_INTEGER)
    return Number(Decimal(int(value)), field, cell)


def _read_percent(raw: object, field: Field, cell: Cell | None) -> Value:
    value, is_percent = _number(raw, field)
    if is_percent:
        return Number(value.scaleb(-2), field, cell)
    # 76 in a percent cell is 7600 %: asked, never guessed
    if is_odd_percent(value, field):
        raise CellProblemError(rules.ODD_PERCENT, percent=digits(value * 100) + "%")
    return Number(value, field, cell)


def is_odd_percent(value: Decimal | Fraction, field: Field) -> bool:
    """Whether a bare number in a percent cell is too large to be believed."""
    return abs(Fraction(value)) > Fraction(largest_percent(field))


def largest_percent(field: Field) -> Decimal:
    """Return the largest bare number that a percent cell is believed to mean."""
    largest = abs(field.maximum) if isinstance(field.maximum, Decimal) else _ODD_PERCENT
    return max(_ODD_PERCENT, largest)


def _read_year(raw: object, field: Field, cell: Cell | None) -> Value:
    if isinstance(raw, str):
        raw = raw.strip().removesuffix("度").removesuffix("年")
    try:
        value, is_percent = _number(raw, field)
    except CellProblemError as problem:
        raise CellProblemError(rules.NOT_A_YEAR) from problem
    if is_percent or value != value.to_integral_value() or not 1900 <= value <= 2100:
        raise CellProblemError(rules.NOT_A_YEAR)
    return Number(Decimal(int(value)), field, cell)


def _read_date(raw: object, field: Field, cell: Cell | None) -> Value:
    if isinstance(raw, date):
        raw = raw.date() if isinstance(raw, datetime) else raw
        if raw < FIRST_DATE:
            raise CellProblemError(rules.ODD_DATE)
        return Day(raw, field, cell)
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        # a date whose cell lost its format: Excel's day count, for the years 2000-2099
        if 36526 <= raw <= 73050 and raw == int(raw):
            return Day(_FIRST_SERIAL + timedelta(days=int(raw)), field, cell)
        raw = digits(exact(raw))
    text = half_width(str(raw))
    match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    try:
        if match:
            return Day(date(int(match[1]), int(match[2]), int(match[3])), field, cell)
    except ValueError:
        pass
    raise CellProblemError(rules.NOT_A_DATE)


def _as_text(raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return raw_text(raw)
    return digits(_finite(raw))


def _read_text(raw: object, field: Field, cell: Cell | None) -> Value:
    return Text(_as_text(raw), field, cell)


def _read_choice(raw: object, field: Field, cell: Cell | None) -> Value:
    text = _as_text(raw)
    if text in field.choices:
        return Text(text, field, cell)
    for choice in field.choices:
        if narrow(choice) == narrow(text):
            return Text(choice, field, cell)
    near = nearest(text, field.choices)
    raise CellProblemError(
        rules.NOT_A_CHOICE,
        choices="、".join(field.choices),
        nearest=maybe(near),
    )


def _read_yes_no(raw: object, field: Field, cell: Cell | None) -> Value:
    if isinstance(raw, bool):
        return YesNo(raw, field, cell)
    text = unicodedata.normalize("NFKC", str(raw)).strip().lower()
    if text in YES:
        return YesNo(value=True, field=field, cell=cell)
    if text in NOT_YES:
        return YesNo(value=False, field=field, cell=cell)
    raise CellProblemError(rules.NOT_YES_NO)


def _read_picture(raw: object, field: Field, cell: Cell | None) -> Value:
    return Picture(_as_text(raw).strip(), field, cell)


_DATE_FORMAT = 'yyyy"年"m"月"d"日"'
_TYPES = (
    FieldType("text", "文字", "@", "文字", _read_text),
    FieldType("narrative", "文字（可分段）", "@", "一段或几段文字", _read_text),
    FieldType("integer", "整数", "0", "14", _read_integer),
    FieldType("decimal", "数", "General", "365.5", _read_decimal),
    FieldType("percent", "百分数", "0.00%", "76%", _read_percent),
    FieldType("year", "年份", "0", "2025", _read_year),
    FieldType("date", "日期", _DATE_FORMAT, "2026年3月5日", _read_date),
    FieldType("choice", "选项", "@", "从下拉列表里选", _read_choice),
    FieldType("yes_no", "是或否", "@", "是", _read_yes_no),
    FieldType("image", "图片", "@", "照片.png", _read_picture),
)

FIELD_TYPES: Mapping[str, FieldType] = MappingProxyType({t.name: t for t in _TYPES})


def number_format(field: Field) -> str:
    """Return the Excel number format of a field's cells."""
    if field.places is not None and field.type in {"decimal", "percent"}:
        decimals = "." + "0" * field.places if field.places else ""
        return f"0{decimals}%" if field.type == "percent" else f"#,##0{decimals}"
    return FIELD_TYPES[field.type].number_format
