"""Print a value as its own field asks. Nothing is escaped here."""

from fractions import Fraction
from typing import Any

from reportgen.value import Blank, Invalid, NotApplicable, Number, digits, number


def is_endless(value: object) -> bool:
    """Whether *value* is a quotient without an end that nothing says how to round."""
    if not isinstance(value, Number) or not isinstance(value.value, Fraction):
        return False
    return getattr(value.field, "places", None) is None


def show(value: object, field: Any = None) -> str:
    """Return *value* as it prints: percent, places, what a blank prints.

    *field* is the value's own unless given. A quotient without an end and without places is cut
    to 15 digits; the template engine reports it first.
    """
    field = field or getattr(value, "field", None)
    match value:
        case NotApplicable() | Invalid():
            return str(value)
        case Blank():
            return str(field.blank) if field else ""
        case Number(value=amount) if field is not None:
            if field.type == "percent":
                return digits(number(Fraction(amount) * 100).value, field.places) + "%"
            return digits(amount, field.places)
    return str(value)
