"""The ``[[summary]]`` columns of one unit, and all units as the tree of names of a batch."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reportgen.compute import Data
from reportgen.expression import Chain
from reportgen.fieldtypes import read_value
from reportgen.finding import Severity
from reportgen.form import Field, Form
from reportgen.manifest import UnitRecord
from reportgen.submission import Filled, Row, Submission, plain_row
from reportgen.summary.form import (
    CODE,
    DEADLINE,
    DONE,
    ERRORS,
    FACTS,
    FREQUENT,
    HAS_ROSTER,
    HOW_MANY_UNITS,
    HOW_OFTEN,
    LEVEL,
    MESSAGE,
    RULE,
    STATUS,
    TITLE,
    UNIT,
    UNITS,
    UNSENT_UNITS,
    WARNINGS,
    WRONG,
    Column,
    behind,
    columns,
    counted,
    summary_form,
)
from reportgen.summary.frequent import FrequentFindings
from reportgen.value import (
    Blank,
    Day,
    DivisorZeroError,
    Invalid,
    NotANumberError,
    NotApplicable,
    Number,
    Text,
    Value,
    YesNo,
    is_empty,
    number,
    with_field,
)

_PLAIN = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def values_of(data: Data, own: Sequence[Column] | None = None) -> dict[str, object]:
    """Return the ``[[summary]]`` columns of one unit by label, in the shape of ``--values``.

    Numbers are exact text (a quotient without an end has 15 digits), blanks and what cannot be
    calculated are left out, a division by zero is not applicable. *own* are the form's columns,
    where they are known already: to find them takes longer than the rest.
    """
    found = _Values(data, columns(data.form) if own is None else own)
    row = {label: found.lookup(label) for label in found.columns}
    return plain_row({k: v for k, v in row.items() if not isinstance(v, Invalid)})


class _Values:
    """One unit's columns by label, each worked out when it is asked for."""

    def __init__(self, data: Data, own: Sequence[Column]) -> None:
        self.columns = {one.label: one for one in own}
        self._data = data
        self._found: dict[str, Value] = {}

    def lookup(self, name: str) -> Value:
        one = self.columns[name]
        if name not in self._found:
            scope = Chain(self) if one.operands else self._data
            try:
                value = with_field(one.expression.evaluate(scope), one.field)
            except DivisorZeroError:
                value = NotApplicable(one.field)
            except NotANumberError:
                value = Invalid(one.field)
            self._found[name] = value
        return self._found[name]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit in the summary: ``values`` are those of the form's own columns, by label."""

    record: UnitRecord
    values: Mapping[str, Value]
    errors: int
    warnings: int

    @property
    def status(self) -> str:
        """Whether anything is left to be put right."""
        return WRONG if self.errors else DONE


def unit_rows(
    form: Form, own: Sequence[Column], records: Iterable[UnitRecord]
) -> Iterator[UnitRow]:
    """Yield the units of *form* in their order; samples and other forms' units do not count."""
    for record in records:
        if record.sample or record.form not in {form.id, ""}:
            continue
        values = {one.label: _value(record, one.field) for one in own}
        errors, warnings = (record.count(s) for s in (Severity.ERROR, Severity.WARNING))
        yield UnitRow(record, values, errors, warnings)


def _value(record: UnitRecord, one: Field) -> Value:
    """Return what *record* keeps for a column; a blank where it is of no use any more."""
    raw = record.summary.get(one.label)
    if raw is None:
        return Blank(one)
    if one.is_number and isinstance(raw, str) and _PLAIN.fullmatch(raw):
        return Number(
            Decimal(raw), one
        )  # as it was kept: reading it as typed takes ten times as long
    value, _ = read_value(raw, one, None)
    return Blank(one) if isinstance(value, Invalid) else value


def summary_data(
    form: Form, records: Iterable[UnitRecord], missing: Sequence[tuple[str, str]] | None = None
) -> Data:
    """Return the names that a report over all units of *form* sees.

    *missing* are the units (code, name) of the roster that have not sent; None without a roster.
    """
    whole, own = summary_form(form), columns(form)
    frequent, rows = FrequentFindings(form), list[Row]()
    for unit in unit_rows(form, own, records):
        frequent.add(unit.record.findings)
        rows.append(_row(unit, own))
    facts: dict[str, Value] = {
        TITLE: Text(form.title), HAS_ROSTER: YesNo(missing is not None),
        DEADLINE: Day(form.deadline) if form.deadline else Blank(),
    }  # fmt: skip
    unsent: list[Row] = [{CODE: Text(code), UNIT: Text(name)} for code, name in missing or ()]
    rules: list[Row] = [
        {
            RULE: Text(one.code), LEVEL: Text(one.level.label), MESSAGE: Text(one.message),
            HOW_MANY_UNITS: number(one.units), HOW_OFTEN: number(one.times),
        }
        for one in frequent.ranked()
    ]  # fmt: skip
    values: dict[str, Filled] = {
        FACTS: facts, UNITS: tuple(rows), UNSENT_UNITS: tuple(unsent), FREQUENT: tuple(rules),
    }  # fmt: skip
    return Data(Submission(form=whole, values=_with_fields(whole, values)))


def _row(unit: UnitRow, own: Sequence[Column]) -> Row:
    return {
        UNIT: Text(unit.record.unit), CODE: Text(unit.record.code), **unit.values,
        ERRORS: number(unit.errors), WARNINGS: number(unit.warnings), STATUS: Text(unit.status),
        **behind_totals(unit.values, own),
    }  # fmt: skip


def behind_totals(values: Mapping[str, Value], own: Sequence[Column]) -> dict[str, Value]:
    """Return what of a unit's *values* the totals of its rates are made of."""
    return {
        counted(name, one.label): values[name]
        for one in own
        if isinstance(one.field.total, str) and isinstance(values[one.label], Number)
        for name in behind(one)
    }


def _with_fields(form: Form, values: Mapping[str, Filled]) -> dict[str, Filled]:
    """Return *values*, each with the field that says how it prints."""
    out: dict[str, Filled] = {}
    for section in form.sections:
        fields = {one.label: one for one in section.fields}

        def known(row: Row, fields: Mapping[str, Field] = fields) -> Row:
            return {
                n: v if n in fields and is_empty(v) else with_field(v, fields[n])
                for n, v in row.items()
            }

        filled = values[section.label]
        is_table = isinstance(filled, tuple)
        out[section.label] = tuple(map(known, filled)) if is_table else known(filled)  # type: ignore[arg-type]
    return out
