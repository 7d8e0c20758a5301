"""The rules between values (勾稽关系) that a form states in ``[[check]]``."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from reportgen.compute import Data
from reportgen.expression import Alias, Chain, Expression, Scope
from reportgen.finding import Finding, Place, Related, Severity
from reportgen.form import Check
from reportgen.show import show
from reportgen.value import (
    Blank,
    Cell,
    Day,
    DivisorZeroError,
    NotANumberError,
    Number,
    Text,
    YesNo,
    digits,
)


def cross_checks(data: Data) -> Iterator[Finding]:
    """Yield a finding for each rule that does not hold; one with a blank or wrong operand is silent."""
    for check in data.form.checks:
        if not check.each:
            yield from _check(data, check, data)
            continue
        for row in data.node(data.form.section(check.each)):
            yield from _check(data, check, Chain(Alias(check.alias, row), row, data))


def _check(data: Data, check: Check, scope: Scope) -> Iterator[Finding]:
    rule = data.form.expressions[check.rule]
    try:
        holds = rule.evaluate(scope)
        if isinstance(holds, Blank) or holds:
            return
        apart = _difference(rule, scope)
    except (DivisorZeroError, NotANumberError):
        return  # a zero divisor is said where the quotient is computed
    if check.tolerance and apart is not None and -check.tolerance <= apart <= check.tolerance:
        return
    related = tuple(_related(rule, scope))
    yield Finding(
        code=check.code,
        level=Severity(check.level),
        place=_place(data, check, scope, related),
        message=check.message,
        hint=check.explain.splitlines()[0] if check.explain else "请核对有关的数。",
        difference=digits(apart) if apart is not None else "",
        related=related,
    )


def _difference(rule: Expression, scope: Scope) -> Decimal | Fraction | None:
    """Return how far the two numbers of a comparison are apart, where they should not be."""
    match rule.sides(scope):
        case (Number() as left, name, Number() as right) if name != "ne":
            apart = left - right
            return apart.value if isinstance(apart, Number) else None
    return None


def _place(data: Data, check: Check, scope: Scope, related: Sequence[Related]) -> Place:
    """Return what ``at`` names, or else the first cell that the rule names."""
    file, sheets = data.submission.file, data.submission.sheets
    if check.at:
        try:
            at = data.form.expressions[check.at].evaluate(scope)
        except (DivisorZeroError, NotANumberError):
            at = None
        cell: Cell | None = getattr(at, "cell", None)
        section = check.each or check.at.partition(".")[0]
        sheet = cell.sheet if cell else sheets.get(section, "")
        return Place(file=file, sheet=sheet, cell=cell.ref if cell else "", field=check.at)
    for one in related:
        if one.cell:
            return Place(file=file, sheet=one.sheet, cell=one.cell, field=one.field)
    return Place(file=file, sheet=sheets.get(check.each, check.each), field=check.code)


def _related(rule: Expression, scope: Scope) -> Iterator[Related]:
    for path in dict.fromkeys(rule.paths()):
        value: Any = scope.resolve(path[0])
        for name in path[1:]:
            value = value.lookup(name)
        if isinstance(value, Number | Day | YesNo | Text):
            cell = value.cell
            yield Related(
                sheet=cell.sheet if cell else "",
                cell=cell.ref if cell else "",
                field=".".join(path),
                value=show(value),
            )
