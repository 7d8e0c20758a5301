"""Values that know their field and cell, and the arithmetic of design.md §3.

A value is a ``Number``, ``Day``, ``Text``, ``YesNo``, ``Picture``, or one of the three that stand
for no value: ``Blank`` (left empty), ``NotApplicable`` (不适用), ``Invalid`` (cannot be read).
Templates and formulas calculate with these very objects, so the rules for blanks, for exact
division and for rounding are here and nowhere else:
- ``+ -`` and sums: a blank counts 0; nothing but blanks gives a blank.
- ``* /`` and comparisons with a blank give a blank, which is false.
- A result that rests on an unreadable cell is unreadable too, so that no rule speaks about it.
- A filled-in value is true, 0 too: ``{{ 金额 or "—" }}`` must not hide a zero.
"""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import reduce
from typing import Any, Self

_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


class DivisorZeroError(ArithmeticError):
    """A formula divides by zero; ``divisor`` is the number that is zero, with its cell."""

    def __init__(self, divisor: "Number") -> None:
        self.divisor = divisor
        super().__init__("除数为 0")


class NotANumberError(TypeError):
    """A formula calculates with something that is no number; ``operand`` is what it met, in words."""

    def __init__(self, operand: object) -> None:
        is_printable = isinstance(operand, str | _Operand)
        self.operand = operand if is_printable else "一张表、一行或真假"
        super().__init__(f"“{self.operand}”不是数")


@dataclass(slots=True, unsafe_hash=True)  # never changed; frozen, it takes three times as long
class Cell:
    """A cell of a workbook: the sheet's title and the A1 reference."""

    sheet: str
    ref: str


class _Operand:
    """The operators that all values share, so that each rule for blanks stands once."""

    __slots__ = ()
    field: Any
    cell: Cell | None

    def __add__(self, other: object) -> "Value":
        return add(self, other)

    def __radd__(self, other: object) -> "Value":
        return add(other, self)

    def __sub__(self, other: object) -> "Value":
        return subtract(self, other)

    def __rsub__(self, other: object) -> "Value":
        return subtract(other, self)

    def __mul__(self, other: object) -> "Value":
        return multiply(self, other)

    def __rmul__(self, other: object) -> "Value":
        return multiply(other, self)

    def __truediv__(self, other: object) -> "Value":
        return divide(self, other)

    def __rtruediv__(self, other: object) -> "Value":
        return divide(other, self)

    def __neg__(self) -> "Value":
        return multiply(-1, self)

    def __pos__(self) -> "Value":
        return multiply(1, self)

    def __lt__(self, other: object) -> Any:
        return _compare(self, other, operator.lt)

    def __le__(self, other: object) -> Any:
        return _compare(self, other, operator.le)

    def __gt__(self, other: object) -> Any:
        return _compare(self, other, operator.gt)

    def __ge__(self, other: object) -> Any:
        return _compare(self, other, operator.ge)

    def __eq__(self, other: object) -> Any:
        return _compare(self, other, operator.eq)

    def __ne__(self, other: object) -> Any:
        return _compare(self, other, operator.ne)

    def __hash__(self) -> int:
        return hash(plain(self))


@dataclass(slots=True, eq=False)
class Number(_Operand):
    """An exact number: a ``Decimal``, or a ``Fraction`` for a quotient without an end (1/3)."""

    value: Decimal | Fraction
    field: Any = None
    cell: Cell | None = None

    def __bool__(self) -> bool:
        return True

    def __int__(self) -> int:
        return int(self.value)

    def __index__(self) -> int:
        if int(self.value) != self.value:
            raise NotANumberError(self)
        return int(self.value)

    def __str__(self) -> str:
        return digits(self.value)


@dataclass(slots=True, eq=False)
class Day(_Operand):
    """A date; prints ``2026年3月5日``."""

    value: date
    field: Any = None
    cell: Cell | None = None

    def __str__(self) -> str:
        return f"{self.value.year}年{self.value.month}月{self.value.day}日"


@dataclass(slots=True, eq=False)
class YesNo(_Operand):
    """是 or 否; true when 是."""

    value: bool
    field: Any = None
    cell: Cell | None = None

    def __bool__(self) -> bool:
        return self.value

    def __str__(self) -> str:
        return "是" if self.value else "否"


@dataclass(slots=True, eq=False)
class Picture(_Operand):
    """A picture: its path as typed, from the workbook's folder, or what the cell itself holds."""

    value: str
    field: Any = None
    cell: Cell | None = None
    content: bytes | None = None

    def __str__(self) -> str:
        return self.value


@dataclass(slots=True, eq=False)
class Blank(_Operand):
    """Nothing was filled in."""

    field: Any = None
    cell: Cell | None = None

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return ""


@dataclass(slots=True, eq=False)
class NotApplicable(Blank):
    """不适用: the unit says that there is nothing to fill in; calculates like a blank."""

    raw: str = "—"

    def __str__(self) -> str:
        return self.raw


@dataclass(slots=True, eq=False)
class Invalid(Blank):
    """A cell that cannot be read, or what rests on one; ``raw`` is what was typed."""

    raw: str = ""

    def __str__(self) -> str:
        return self.raw


class Text(str):
    """A text as typed; a string in every way."""

    field: Any
    cell: Cell | None
    __slots__ = ("cell", "field")

    def __new__(cls, value: str, field: Any = None, cell: Cell | None = None) -> Self:
        """Return *value* with the field and the cell that it comes from."""
        text = super().__new__(cls, value)
        text.field = field
        text.cell = cell
        return text


Value = Number | Day | YesNo | Picture | Blank | Text


def number(value: object) -> Number:
    """Return an operand of a formula as a ``Number``; a float literal is the decimal it reads as.

    Raises:
        NotANumberError: *value* is no number.
    """
    if isinstance(value, Number):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        raise NotANumberError(value)
    return Number(Decimal(repr(value)) if isinstance(value, float) else _tidy(Fraction(value)))


def half_up(value: Decimal | Fraction, places: int) -> Decimal:
    """Round half away from zero, as Excel's ROUND and as people do.

    >>> half_up(Decimal("2.675"), 2), half_up(Fraction(-5, 2), 0)
    (Decimal('2.68'), Decimal('-3'))
    """
    if isinstance(value, Decimal):  # a tenth of the time
        rounded = value.quantize(Decimal(1).scaleb(-places, _EXACT), ROUND_HALF_UP, _EXACT)
        return rounded or abs(rounded)
    scaled = value * Fraction(10) ** places
    return Decimal(int(scaled + Fraction(1 if scaled > 0 else -1, 2))).scaleb(-places, _EXACT)


def digits(value: Decimal | Fraction, places: int | None = None) -> str:
    """Write a number plainly: no exponent, no trailing zeros unless *places* asks for them.

    Zero is always ``0`` (design.md §3). A quotient without an end needs *places*; without them it
    is cut to 15 significant digits, and the template engine reports it first.

    >>> digits(Decimal("293.40")), digits(Decimal("293.4"), 2), digits(Decimal("0.00"), 2)
    ('293.4', '293.40', '0')
    """
    if places is not None:
        value = half_up(value, places)
    elif isinstance(value, Fraction):
        value = Decimal(format(float(value), ".15g"))
    text = "0" if value == 0 else format(value, "f")
    return text if places is not None or "." not in text else text.rstrip("0").rstrip(".")


def plain(value: object) -> object:
    """Return what *value* holds, without field and cell; ``None`` for the three that hold nothing."""
    if isinstance(value, Blank):
        return None
    if isinstance(value, Number | Day | YesNo | Picture):
        return value.value
    return str(value) if isinstance(value, Text) else value


def is_empty(value: object) -> bool:
    """Whether nothing was filled in; 不适用 and what cannot be read is something."""
    return isinstance(value, Blank) and not isinstance(value, NotApplicable | Invalid)


def with_field(value: Any, field: Any) -> Value:
    """Return a result with the field that says how it prints.

    Raises:
        NotANumberError: *value* is no single value.
    """
    match value:
        case bool():
            return YesNo(value, field)
        case Number() | int() | float() | Decimal() | Fraction():
            return Number(number(value).value, field)
        case Day() | YesNo() | Picture() | Blank():
            return replace(value, field=field, cell=None)
        case str():
            return Text(value, field)
    raise NotANumberError(value)


def add(left: object, right: object) -> Value:
    """Return the sum; a blank counts 0, two blanks give a blank."""
    if isinstance(left, str) and isinstance(right, str):
        return Text(left + right)
    return _sum_like(left, right)


def subtract(left: object, right: object) -> Value:
    """Return the difference; a blank counts 0, two blanks give a blank."""
    return _sum_like(left, right, operator.sub, _EXACT.subtract)


def multiply(left: object, right: object) -> Value:
    """Return the product; a blank gives a blank."""
    return _product_like(left, right, operator.mul)


def divide(left: object, right: object) -> Value:
    """Return the exact quotient; a blank gives a blank.

    Raises:
        DivisorZeroError: *right* is 0.
    """
    divisor = _operand(right)
    if isinstance(divisor, Number) and divisor.value == 0 and not isinstance(left, Blank):
        raise DivisorZeroError(divisor)
    return _product_like(left, divisor, operator.truediv)


def total(values: Iterable[object]) -> Value:
    """Add up: blanks count 0, only blanks give a blank, no values at all give 0."""
    listed = list(values) or [Number(Decimal(0))]
    decimals = [v.value for v in listed if isinstance(v, Number) and isinstance(v.value, Decimal)]
    if len(decimals) == len(listed):  # nearly always, and five times as fast
        return Number(reduce(_EXACT.add, decimals))
    result = reduce(_sum_like, listed[1:], _operand(listed[0]))
    return Number(result.value) if isinstance(result, Number) else result


def _operand(value: object) -> Number | Blank:
    if isinstance(value, Invalid):
        return Invalid(raw="？")  # what a draft prints for a total that cannot be known
    if isinstance(value, Blank):
        return Blank()
    return number(value)


def _tidy(value: Fraction) -> Decimal | Fraction:
    """Return the exact decimal of *value*, or *value* itself when it has no end."""
    rest, places = value.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        places = max(places, power)
    if rest != 1:
        return value
    return Decimal((value * 10**places).numerator).scaleb(-places, _EXACT)


def _sum_like(
    left: object, right: object, apply: Callable[..., Any] = operator.add,
    exactly: Callable[..., Decimal] = _EXACT.add,
) -> Number | Blank:  # fmt: skip
    a, b = _operand(left), _operand(right)
    if isinstance(a, Invalid) or isinstance(b, Invalid):
        return Invalid(raw="？")
    if isinstance(a, Blank) and isinstance(b, Blank):
        return Blank()
    x, y = (Decimal(0) if isinstance(one, Blank) else one.value for one in (a, b))
    decimal = isinstance(x, Decimal) and isinstance(y, Decimal)  # ten times as fast as fractions
    return Number(exactly(x, y) if decimal else _tidy(apply(Fraction(x), Fraction(y))))


def _product_like(left: object, right: object, apply: Callable[[Any, Any], Any]) -> Number | Blank:
    a, b = _operand(left), _operand(right)
    if isinstance(a, Invalid) or isinstance(b, Invalid):
        return Invalid(raw="？")
    if isinstance(a, Blank) or isinstance(b, Blank):
        return Blank()
    return Number(_tidy(apply(Fraction(a.value), Fraction(b.value))))


def _comparable(value: object, other: object) -> object:
    """Return what *value* is compared by: 是 is the word 是 beside a text, a date beside one too."""
    if isinstance(other, str) and isinstance(value, YesNo | Day):
        return str(value) if isinstance(value, YesNo) else value.value.isoformat()
    held = plain(value)
    return Decimal(repr(held)) if isinstance(held, float) else held


def _compare(left: object, right: object, apply: Callable[[Any, Any], bool]) -> object:
    if isinstance(left, Invalid) or isinstance(right, Invalid):
        return Invalid()
    if isinstance(left, Blank) or isinstance(right, Blank) or right is None or right == "":
        return Blank()
    try:
        return apply(_comparable(left, right), _comparable(right, left))
    except TypeError as error:
        if isinstance(left, Number):
            raise NotANumberError(right) from error
        raise NotANumberError(left) from error
