"""The rules between values (勾稽关系) that a form states in ``[[check]]``."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from reportgen.compute import Data
from reportgen.expression import Expression
from reportgen.fieldtypes import show
from reportgen.finding import Finding, Place, Related, Severity
from reportgen.form import Check
from reportgen.value import Blank, Cell, DivisorZeroError, NotANumberError, Number, digits


class _RowScope:
    """A row by its columns and under its own name, then everything else."""

    def __init__(self, data: Data, alias: str, row: Any) -> None:
        self._data, self._alias, self._row = data, alias, row

    def resolve(self, name: str) -> object:
        if name == self._alias:
            return self._row
        try:
            found: object = self._row.lookup(name)
        except KeyError:
            return self._data.lookup(name)
        return found


def cross_checks(data: Data) -> Iterator[Finding]:
    """Yield a finding for each rule that does not hold; one with a blank or wrong operand is silent."""
    for check in data.form.checks:
        if not check.each:
            yield from _check(data, check, data)
            continue
        for row in data.node(data.form.section(check.each)):
            yield from _check(data, check, _RowScope(data, check.alias, row))


def _check(data: Data, check: Check, scope: Any) -> Iterator[Finding]:
    rule = data.form.expressions[check.rule]
    try:
        holds = rule.evaluate(scope)
        sides = rule.sides(scope)
    except (DivisorZeroError, NotANumberError):
        return  # a zero divisor is said where the quotient is computed
    if isinstance(holds, Blank) or holds:
        return
    apart = _difference(sides)
    tolerance = check.tolerance or Decimal(0)
    if apart is not None and -tolerance <= apart <= tolerance:
        return
    yield Finding(
        code=check.code,
        level=Severity(check.level),
        place=_place(data, check, scope),
        message=check.message,
        hint=check.explain.splitlines()[0] if check.explain else "请核对有关的数。",
        difference=digits(apart) if apart is not None else "",
        related=tuple(_related(rule, scope)),
    )


def _difference(sides: tuple[Any, str, Any] | None) -> Decimal | Fraction | None:
    match sides:
        case (Number() as left, _, Number() | int() | float() as right):
            apart = left - right
            return apart.value if isinstance(apart, Number) else None
    return None


def _place(data: Data, check: Check, scope: Any) -> Place:
    file = data.submission.file
    if not check.at:
        return Place(file=file, sheet=check.each, field=check.code)
    cell = getattr(data.form.expressions[check.at].evaluate(scope), "cell", None)
    section = check.at.partition(".")[0]
    sheet = data.submission.sheets.get(section, "")
    return Place(
        file=file,
        sheet=cell.sheet if cell else sheet,
        cell=cell.ref if cell else "",
        field=check.at,
    )


def _related(rule: Expression, scope: Any) -> Iterator[Related]:
    for path in dict.fromkeys(rule.paths()):
        value = scope.resolve(path[0])
        for name in path[1:]:
            value = value.lookup(name)
        if isinstance(value, Number):
            cell: Cell | None = value.cell
            yield Related(
                sheet=cell.sheet if cell else "",
                cell=cell.ref if cell else "",
                field=".".join(path),
                value=show(value),
            )
