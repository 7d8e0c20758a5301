"""What must hold of a submission. Each check is a generator of findings; ``CHECKS`` lists them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from reportgen import rules
from reportgen.carried import Carried
from reportgen.compute import Data
from reportgen.crosschecks import cross_checks
from reportgen.expression import Chain, in_words
from reportgen.fieldtypes import MAX_TEXT, example
from reportgen.finding import Finding, Place
from reportgen.form import Field, Section
from reportgen.headings import narrow, same_code
from reportgen.names import maybe, nearest
from reportgen.narratives import narrative_findings
from reportgen.nodes import GridNode, RecordNode, TableNode
from reportgen.numbering import heading_level
from reportgen.restated import restated_numbers_agree
from reportgen.show import show
from reportgen.signs import cell_length
from reportgen.value import (
    Blank,
    Cell,
    Day,
    Invalid,
    NotApplicable,
    Number,
    Text,
    Value,
    digits,
    half_up,
    is_empty,
)


def check_values(data: Data) -> Iterator[Finding]:
    """Yield everything that is wrong with what a unit filled in, sheet by sheet."""
    submission = data.submission
    idle = {s.label for s in data.form.sections if data.applies(s) is False}
    idle_sheets = {submission.sheets.get(label, label) for label in idle}
    for finding in submission.findings:
        if finding.place.sheet not in idle_sheets:
            yield finding
    for section in data.form.sections:
        if section.label in idle:
            yield from _idle(data, section)
            continue
        for item, checks in _items(data, section):
            for check in checks:
                yield from check(item)
        for check_section in SECTION_CHECKS:
            yield from check_section(data, section)
    yield from workbook_is_the_units(data)
    yield from narrative_findings(data)
    yield from restated_numbers_agree(data)
    broken = tuple(cross_checks(data))  # it adds to the findings of the calculation
    yield from data.findings
    yield from broken


@dataclass(slots=True)  # not frozen: there are thousands, and that makes them three times as fast
class _Item:
    """A cell to fill in: its field, what was entered, what counts, and the scope of its row."""

    data: Data
    section: Section
    field: Field
    entered: Value
    counts: Value
    scope: Chain
    label: str

    @property
    def place(self) -> Place:
        return place_of(self.data, self.section, self.field.label, self.entered, self.label)


def place_of(data: Data, section: Section, field: str, value: Value, label: str = "") -> Place:
    """Return the place of *value* in the unit's workbook."""
    cell: Cell | None = getattr(value, "cell", None)
    title = data.submission.sheets.get(section.label, section.label)
    return Place(
        file=data.submission.file,
        sheet=cell.sheet if cell else title,
        cell=cell.ref if cell else "",
        field=label or field,
    )


def required_is_filled(item: _Item) -> Iterator[Finding]:
    """A required cell is filled; 不适用 counts as filled."""
    if not is_empty(item.entered) or not _is_demanded(item):
        return
    hint = _hint(item.field)
    if isinstance(item.field.required, str):
        when = in_words(item.field.required)
        yield rules.UNFILLED_WHEN.at(item.place, label=item.label, when=when, hint=hint)
    else:
        yield rules.UNFILLED.at(item.place, label=item.label, hint=hint)


def required_number_is_there(item: _Item) -> Iterator[Finding]:
    """A required number is a number: 不适用 would stand in a sentence and be left out of totals."""
    value = item.entered
    if isinstance(value, NotApplicable) and item.field.is_number and _is_demanded(item):
        yield rules.REQUIRED_BUT_NONE.at(item.place, label=item.label, value=value)


def _is_demanded(item: _Item) -> bool:
    return item.data.demands(item.section, item.field, item.scope)


def _hint(field: Field) -> str:
    if field.choices:
        hint = f"请从下拉列表里选：{'、'.join(field.choices)}"
    elif field.hint:
        hint = field.hint
    elif field.example or field.type not in {"text", "narrative"}:
        hint = f"例如 {example(field)}"
    else:
        hint = "请填写"
    return hint if hint.endswith(("。", "？", "！")) else hint + "。"


def idle_field_is_empty(item: _Item) -> Iterator[Finding]:
    """A field that does not apply this time is empty."""
    if is_empty(item.entered) or (item.field.prior and item.data.submission.prior):
        return  # what was carried in is locked: the unit cannot empty it
    if item.data.holds(item.field.when, item.scope) is False:
        yield rules.NOT_APPLICABLE_FIELD.at(
            item.place, label=item.label, when=in_words(item.field.when), value=show(item.entered)
        )


def number_is_in_range(item: _Item) -> Iterator[Finding]:
    """A number or date lies between minimum and maximum, both included."""
    value = _comparable(item.counts)
    if value is None:
        return
    for limit, rule, sign in (
        (item.field.minimum, rules.BELOW_MINIMUM, 1),
        (item.field.maximum, rules.ABOVE_MAXIMUM, -1),
    ):
        if limit is None or isinstance(limit, date) != isinstance(value, date):
            continue
        if (value < limit) if sign > 0 else (value > limit):
            shown = str(Day(limit)) if isinstance(limit, date) else show(Number(limit), item.field)
            yield rule.at(item.place, label=item.label, limit=shown, value=show(item.counts))


def _comparable(value: Value) -> Any:
    return value.value if isinstance(value, Number | Day) else None


#: What nobody types: a third, or the rest of 0.3 - 0.2 - 0.1, that a formula of the unit's has left.
_MOST_PLACES = 8


def places_are_kept(item: _Item) -> Iterator[Finding]:
    """A number has no more decimals than its field accepts, or than anybody types."""
    places, value = item.field.places, item.counts
    if not isinstance(value, Number) or not isinstance(value.value, Decimal):
        return
    scale = 2 if item.field.type == "percent" else 0
    most = _MOST_PLACES if places is None else places
    exponent = value.value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent - scale > most:
        shown = digits(value.value * 10**scale) + ("%" if scale else "")
        rule = rules.UNROUNDED if places is None else rules.TOO_MANY_PLACES
        yield rule.at(item.place, label=item.label, places=most, value=shown)


def pattern_matches(item: _Item) -> Iterator[Finding]:
    """A text has the form's pattern, all of it."""
    pattern, value = item.field.pattern, item.counts
    if pattern and isinstance(value, Text) and not re.fullmatch(pattern, value.strip()):
        yield rules.WRONG_PATTERN.at(
            item.place, label=item.label, value=value, hint=_hint(item.field)
        )


def text_fits_a_cell(item: _Item) -> Iterator[Finding]:
    """A text is no longer than a cell can hold."""
    value = item.counts
    if isinstance(value, Text) and cell_length(value) > MAX_TEXT:
        yield rules.TOO_LONG.at(item.place, label=item.label, length=cell_length(value))


def value_is_in_source(item: _Item) -> Iterator[Finding]:
    """A value that refers to another section (``from``) stands there."""
    source, value = item.field.source, item.counts
    if source is None or isinstance(value, Blank):
        return
    section = item.data.form.section(source[0])
    if item.data.applies(section) is False:
        return  # that it is not to be filled is said there
    known = item.data.sources.spellings(source)
    if source in item.data.sources.doubtful or item.data.is_missing(section):
        return
    if narrow(str(value)) not in known:
        near = nearest(str(value), known.values())
        yield rules.NOT_IN_SOURCE.at(
            item.place, label=item.label, value=value, source=".".join(source),
            nearest=maybe(near),
        )  # fmt: skip


_Check = Callable[[_Item], Iterator[Finding]]

#: Each check with the fields that it concerns: sixty indicators have a thousand cells.
CHECKS: tuple[tuple[_Check, Callable[[Field], Any]], ...] = (
    (required_is_filled, lambda field: field.required),
    (required_number_is_there, lambda field: field.required and field.is_number),
    (idle_field_is_empty, lambda field: field.when),
    (number_is_in_range, lambda field: field.minimum is not None or field.maximum is not None),
    (places_are_kept, lambda field: field.type in {"decimal", "percent"} or field.places),
    (pattern_matches, lambda field: field.pattern),
    (text_fits_a_cell, lambda field: field.type in {"text", "narrative"}),
    (value_is_in_source, lambda field: field.source),
)


def unique_values_differ(data: Data, section: Section) -> Iterator[Finding]:
    """No two rows of a table have the same value in a unique column."""
    if not section.has_rows:
        return
    for field in section.fields:
        if not field.unique:
            continue
        seen: dict[str, Value] = {}
        for value in data.node(section).lookup(field.label):
            if isinstance(value, Blank):
                continue
            key = narrow(str(value))
            if key in seen:
                first = getattr(seen[key], "cell", None)
                place = place_of(data, section, field.label, value)
                other = first.ref if first else "另一行"
                yield rules.NOT_UNIQUE.at(place, label=field.label, value=show(value), other=other)
            seen.setdefault(key, value)


def headings_have_levels(data: Data, section: Section) -> Iterator[Finding]:
    """A heading of an outline has a level, and no deeper one than the outline numbers."""
    if section.kind != "outline":
        return
    deepest = len(section.level_numbering)
    for row in data.node(section):
        level, title = row.values.get("级"), row.values.get("标题")
        if title and not isinstance(level, Number | Invalid):
            at = place_of(data, section, "级", title if level is None else level)
            yield rules.NO_LEVEL.at(at, value=title, deepest=deepest)
        if title and _OWN_NUMBER.match(str(title)):
            yield rules.OWN_NUMBER.at(place_of(data, section, "标题", title), value=title)
        if isinstance(level, Number) and not title and is_empty(row.values.get("正文", Blank())):
            yield rules.NO_HEADING.at(place_of(data, section, "级", level))
        found = heading_level(row.values)
        if found is not None and level is not None and deepest < found <= 4:
            yield rules.TOO_DEEP.at(
                place_of(data, section, "级", level), value=found, deepest=deepest
            )


# 1. 一、 （二） ① at the start, but not 1.5公里 or 十二个
_OWN_NUMBER = re.compile(
    r"\s*(?:[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十\d]{1,3}[、．]|\d{1,2}\.(?!\d)|[①-⑳])"
)


def computed_numbers_are_ours(data: Data, section: Section) -> Iterator[Finding]:
    """The number in a formula's cell is what the formula gives, to its places."""
    for (label, row, name), shown in data.submission.shown.items():
        if label != section.label:
            continue
        node, field = data.node(section), section.field(name)
        if row:
            node = node.rows[int(row) - 1] if section.has_rows else node.lookup(row)
        ours = node.lookup(name)
        if isinstance(ours, Invalid) or _same(ours, shown, field):
            continue
        formula = field.formula or next((r.formula for r in section.rows if r.label == row), "")
        said = f"{row} · {name}" if row and not section.has_rows else name
        yield rules.TYPED_OVER.at(
            place_of(data, section, name, shown, said), label=said, value=show(shown),
            computed=show(ours) or "空", formula=formula,
        )  # fmt: skip


def _same(ours: Value, shown: Number, field: Field) -> bool:
    """Whether Excel shows our number: to its last digit, which binary rounding may turn.

    1-(3.999-2)/2 of 10 is 0.005 here and a little less there. An .xls knows no empty result of a
    formula: LibreOffice stores 0.
    """
    if not isinstance(ours, Number):
        return shown.value == 0
    places = 6 if field.places is None else field.places + (2 if field.type == "percent" else 0)
    apart = Fraction(half_up(ours.value, places)) - Fraction(half_up(shown.value, places))
    return abs(apart) <= Fraction(1, 10**places)


def workbook_is_the_units(data: Data) -> Iterator[Finding]:
    """A workbook that was made for a unit has that unit's name and code."""
    form, short = data.form, data.form.short_names()
    for name, given in zip((form.unit, form.code), data.submission.made_for, strict=True):
        value: Any = data.lookup(name) if given and name in short else Blank()
        if not isinstance(value, Blank) and not same_code(str(value), given):
            section, field = short[name]
            place = place_of(data, section, field.label, value)
            yield rules.MADE_FOR_OTHER.at(place, label=field.label, given=given, value=value)


def carried_values_are_kept(data: Data, section: Section) -> Iterator[Finding]:
    """What was carried over from last year into a record or grid is still there."""
    fields = [f for f in section.fields if f.prior] if data.submission.prior else []
    if not fields or section.has_rows:
        return
    ours, node = Carried(data.submission), data.node(section)
    for line in section.rows or (None,):
        for field in fields if not (line and line.formula) else ():
            given = ours.value(section, line.label if line else "", field)
            value: Value = node.entered(line.label, field) if line else node.entered(field)
            if given is not None and show(value) != show(given):
                label = f"{line.label} · {field.label}" if line else field.label
                place = place_of(data, section, field.label, value, label)
                shown = show(value) or "空的"
                yield rules.CARRIED_CHANGED.at(place, label=label, given=show(given), value=shown)


SECTION_CHECKS: tuple[Callable[[Data, Section], Iterator[Finding]], ...] = (
    computed_numbers_are_ours,
    unique_values_differ,
    headings_have_levels,
    carried_values_are_kept,
)


def _items(data: Data, section: Section) -> Iterator[tuple[_Item, list[_Check]]]:
    """Yield every cell of *section* that a unit fills in, with the checks that concern it."""
    node = data.node(section)
    entries = [f for f in section.fields if not f.formula]
    listed = [(f, [check for check, concerns in CHECKS if concerns(f)]) for f in entries]
    fields = [(f, checks) for f, checks in listed if checks]
    match node:
        case GridNode():
            for line in section.rows:
                for f, checks in fields if not line.formula else ():
                    scope, label = node.lookup(line.label).scope, f"{line.label} · {f.label}"
                    entered, counts = node.entered(line.label, f), node.cell(line.label, f)
                    yield _Item(data, section, f, entered, counts, scope, label), checks
        case RecordNode() | TableNode():
            for row in node if isinstance(node, TableNode) else [node]:
                for f, checks in fields:
                    entered, counts = row.entered(f), row.lookup(f.label)
                    yield _Item(data, section, f, entered, counts, row.scope, f.label), checks


def _idle(data: Data, section: Section) -> Iterator[Finding]:
    """A section that does not apply this time is empty."""
    filled = data.submission.values.get(section.label)
    ours = {f.label for f in section.fields if f.prior} if data.submission.prior else set()
    if _has_content(filled, ours):
        title = data.submission.sheets.get(section.label, section.label)
        place = Place(file=data.submission.file, sheet=title)
        yield rules.NOT_APPLICABLE_SECTION.at(place, when=f"只在{in_words(section.when)}时填")


def _has_content(filled: Any, ours: set[str]) -> bool:
    """Whether there is anything in it but what was carried into the fields *ours*."""
    if isinstance(filled, dict):
        return any(_has_content(v, ours) for name, v in filled.items() if name not in ours)
    if isinstance(filled, tuple):
        return any(_has_content(row, ours) for row in filled)
    return isinstance(filled, Invalid) or not isinstance(filled, Blank | None)
