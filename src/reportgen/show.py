"""Print a value as its own field asks. Nothing is escaped here."""

from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from fractions import Fraction
from typing import Any

from reportgen.value import Blank, Invalid, NotApplicable, Number, digits, number

_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def is_endless(value: object) -> bool:
    """Whether *value* is a quotient without an end that nothing says how to round."""
    if not isinstance(value, Number) or not isinstance(value.value, Fraction):
        return False
    return getattr(value.field, "places", None) is None


def percentage(value: Decimal | Fraction, places: int | None = None) -> str:
    """Return 0.7636 as ``76.36%``; *places* rounds half-up."""
    if isinstance(value, Decimal):
        return digits(value.scaleb(2, _EXACT), places) + "%"
    return digits(number(value * 100).value, places) + "%"


def show(value: object, field: Any = None) -> str:
    """Return *value* as it prints: percent, places, what a blank prints.

    *field* is the value's own unless given. A quotient without an end and without places is cut
    to 15 digits; the template engine reports it first.
    """
    field = field or getattr(value, "field", None)
    if isinstance(value, Number) and field is not None:
        if field.type == "percent":
            return percentage(value.value, field.places)
        return digits(value.value, field.places)
    if isinstance(value, Blank) and not isinstance(value, NotApplicable | Invalid):
        return str(field.blank) if field else ""
    return str(value)
