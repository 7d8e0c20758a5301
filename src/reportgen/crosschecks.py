"""The rules that a form states in ``[[check]]``: between values (勾稽关系), and about its texts."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from reportgen.addends import addends
from reportgen.compute import Data
from reportgen.expression import Alias, Chain, Expression, Scope, path_of
from reportgen.finding import Finding, Place, Related, Severity
from reportgen.form import Check, Section
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
    half_up,
    is_empty,
)
from reportgen.whereabouts import cell_of, owner_of, resolve
from reportgen.wording import said_sides

#: A side in words stands in a column of 检查结果 and in a note: longer ones are cut.
_LONGEST_SIDE = 40
#: What is shown of a difference: two rates are apart by a number without an end.
_DIGITS = 6
#: A rounded amount is at most half a unit of its last printed digit (0.01) off (checks.md).
_HALF_A_CENT, _ONE_CENT = Fraction(1, 200), Fraction(1, 100)


def cross_checks(data: Data) -> Iterator[Finding]:
    """Yield a finding for each rule that does not hold; one with a blank or wrong operand is silent.

    A divisor that is zero is told in ``data.findings``, with the formulas that cannot be calculated.
    """
    every = tuple(texts(data)) if any(c.find and not c.at for c in data.form.checks) else ()
    for check in data.form.checks:
        if check.find:
            yield from _search(data, check, every)
            continue
        for scope in _scopes(data, check):
            if data.holds(check.when, scope, _asker(check)) is True:
                yield from _check(data, check, scope)


def texts(data: Data, within: object = None) -> Iterator[Text]:
    """Yield every text that is printed, sheet by sheet, or those *within* a value or a column."""
    if within is not None:
        yield from _filled(within)
        return
    for section in data.form.sections:
        if data.applies(section) is False:
            continue
        node = data.node(section)
        for field in section.fields:
            if field.type in {"text", "narrative"} and not field.formula:
                yield from _filled(node.every(field))


def _filled(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for one in value:
            yield from _filled(one)


def _scopes(data: Data, check: Check) -> Iterator[Chain]:
    if not check.each:
        yield Chain(data)
        return
    for row in data.node(data.form.section(check.each)):
        yield Chain(Alias(check.alias, row), row, data)


def _search(data: Data, check: Check, every: Iterable[Text]) -> Iterator[Finding]:
    """Yield a finding for each text that contains what ``find`` looks for."""
    within = data.form.expressions[check.at].evaluate(data) if check.at else None
    pattern = re.compile(check.find)
    for text in texts(data, within) if check.at else every:
        if not pattern.search(text):
            continue
        hits = dict.fromkeys(match[0] for match in pattern.finditer(text) if match[0])
        if hits:
            yield _finding(check, _at(data, text, ""), "、".join(hits))


def _asker(check: Check) -> str:
    return f"校验 {check.code}"


def _check(data: Data, check: Check, scope: Chain) -> Iterator[Finding]:
    rule = data.form.expressions[check.rule]
    if data.holds(check.rule, scope, _asker(check)) is not False:
        return  # what is unknown is silent
    if any(_is_left_out(data, scope, path) for path in rule.paths()):
        return  # the empty cell has its own finding, and the two are one mistake
    apart = _difference(rule, scope)
    allowed = _tolerance(data, check, scope)
    if allowed is not None and apart is not None and abs(Fraction(apart)) <= allowed:
        return
    related = tuple(_related(data, rule, scope, check.alias))
    place, value = _place(data, check, scope, related)
    if isinstance(apart, Fraction):
        apart = half_up(apart, _DIGITS)
    difference, sides = digits(apart) if apart else "", None
    if not _is_named(place, related):
        sides = _both_sides(rule, scope)  # the number there is not what the message is about
    yield _finding(check, place, value, sides, difference, related)


def _is_named(place: Place, related: Iterable[Related]) -> bool:
    """Whether the rule names the cell at *place* itself."""
    return any((one.sheet, one.cell) == (place.sheet, place.cell) for one in related)


def _both_sides(rule: Expression, scope: Scope) -> str:
    """Return the two numbers of a comparison in words; nothing of any other rule."""
    match rule.sides(scope):
        case (Number() as left, _, Number() as right):
            return f"一边是“{show(left)}”，另一边是“{show(right)}”"
    return ""


def _finding(
    check: Check, place: Place, value: str, sides: str | None = None, difference: str = "",
    related: tuple[Related, ...] = (),
) -> Finding:  # fmt: skip
    """Return the finding of *check*; its message says what stands there now, or the two *sides*."""
    shown = value if len(value) <= 60 else value[:57] + "…"
    message = check.message.replace("{value}", shown)
    now = f"现在是“{shown}”" if shown and sides is None else sides
    if now and place.cell and message == check.message:
        message = f"{message.rstrip('。')}（{now}）。"
    return Finding(
        code=check.code,
        level=Severity(check.level),
        place=place,
        message=message,
        hint=check.explain.splitlines()[0] if check.explain else "请核对有关的数。",
        value=value,
        difference=difference,
        related=related,
    )


def _difference(rule: Expression, scope: Scope) -> Decimal | Fraction | None:
    """Return how far the two numbers of a comparison are apart, where they should not be."""
    match rule.sides(scope):
        case (Number() as left, name, Number() as right) if name != "ne":
            apart = left - right
            return apart.value if isinstance(apart, Number) else None
    return None


def _tolerance(data: Data, check: Check, scope: Scope) -> Decimal | Fraction | None:
    """Return how far two sides may be apart; a rounding tail only between amounts of money.

    The tail is half a cent for each addend, at least a cent (checks.md); counts, 亩 and ㎡ are
    exact.
    """
    if not check.rounding_tail:
        return check.tolerance
    found = addends(data.form, check)
    if found is None:
        return Fraction(0)
    rows = [len(one.evaluate(scope)) for one in found.tables]
    rows += [len(one.evaluate(data)) for one in found.inner]
    return max(_ONE_CENT, _HALF_A_CENT * (found.single + sum(rows)))


def _place(data: Data, check: Check, scope: Chain, related: Sequence[Related]) -> tuple[Place, str]:
    """Return what ``at`` names, or else the first cell that the rule names, and what is there."""
    file, sheets = data.submission.file, data.submission.sheets
    rule = data.form.expressions[check.rule]
    if check.at:
        try:
            at = data.form.expressions[check.at].evaluate(scope)
        except (DivisorZeroError, NotANumberError):
            at = Blank()
        names = check.at.split(".")
        label = ".".join(names[1:] if names[0] == check.alias else names)
        path = path_of(data.form.expressions[check.at].tree)
        beside = cell_of(data, scope, path) if path else None
        place = _at(data, at, label, check.each or names[0], beside)
        return place, show(at) if isinstance(at, Number | Day | YesNo | Text) else ""
    entered = {v.cell for v in _named(rule, scope).values() if v.cell}
    cells = [one for one in related if one.cell]
    for one in sorted(cells, key=lambda one: Cell(one.sheet, one.cell) not in entered):
        return Place(file=file, sheet=one.sheet, cell=one.cell, field=one.field), one.value
    sheet = sheets.get(check.each, check.each)
    return Place(file=file, sheet=sheet, field=check.code), ""


def _at(data: Data, value: Any, label: str, section: str = "", beside: Cell | None = None) -> Place:
    """Return the place of *value*; one that is computed has no cell but where it is shown."""
    cell: Cell | None = getattr(value, "cell", None) or beside
    sheet = cell.sheet if cell else data.submission.sheets.get(section, "")
    label = label or getattr(getattr(value, "field", None), "label", "")
    return Place(file=data.submission.file, sheet=sheet, cell=cell.ref if cell else "", field=label)


def _named(rule: Expression, scope: Scope) -> dict[tuple[str, ...], Number | Day | YesNo | Text]:
    """Return each value that the rule names, by its path."""
    found = {path: resolve(scope, path) for path in rule.paths()}
    return {p: v for p, v in found.items() if isinstance(v, Number | Day | YesNo | Text)}


def _related(data: Data, rule: Expression, scope: Chain, alias: str) -> Iterator[Related]:
    """Yield every value that the rule names, and the sides of a comparison that have no name."""
    for path, value in _named(rule, scope).items():
        cell = cell_of(data, scope, path)
        yield Related(
            sheet=cell.sheet if cell else "",
            cell=cell.ref if cell else "",
            field=".".join(path[1:] if path[0] == alias and len(path) > 1 else path),
            value=show(value),
        )
    match rule.sides(scope):
        case (left, _, right):
            values = zip(said_sides(rule, alias), (left, right), rule.named_sides(), strict=True)
            for words, value, named in values:
                if isinstance(value, Number) and not named:
                    cut = words if len(words) <= _LONGEST_SIDE else words[: _LONGEST_SIDE - 1] + "…"
                    yield Related(sheet="", cell="", field=cut, value=show(value))


def _is_left_out(data: Data, scope: Chain, path: tuple[str, ...]) -> bool:
    """Whether *path* names a cell that must be filled and is empty; 不适用 is something.

    Only a cell that the rule itself names: not those that a total or a formula rests on.
    """
    value = resolve(scope, path)
    if not is_empty(value) or value.field is None or value.field.formula or path[0] == "上年":
        return False
    owner = owner_of(data, scope, path)
    section: Section | None = getattr(owner, "section", None)
    if section is None or any(line.formula and line.label == path[-2] for line in section.rows):
        return False  # a total, a computed value
    return data.demands(section, value.field, owner.scope)
