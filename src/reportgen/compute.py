"""Totals and computed values: a submission as the tree of names that formulas and templates see.

Everything is computed once, on first use. A section whose ``when`` is false is empty here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from reportgen import rules
from reportgen.errors import FormError
from reportgen.finding import Finding, Place, Rule
from reportgen.form import Field, Form, Section
from reportgen.numbering import numbers
from reportgen.submission import Row, Submission
from reportgen.value import (
    Blank,
    DivisorZeroError,
    Invalid,
    NotANumberError,
    NotApplicable,
    Number,
    Text,
    Value,
    YesNo,
    total,
)


class _Chain:
    """The scopes of an expression, the nearest first."""

    __slots__ = ("scopes",)

    def __init__(self, *scopes: Any) -> None:
        self.scopes = scopes

    def resolve(self, name: str) -> object:
        for scope in self.scopes:
            try:
                return scope.lookup(name)
            except KeyError:
                continue
        raise KeyError(name)


class Data:
    """The root of the tree: computed values, sections, and the record fields with a unique name."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.form: Form = submission.form
        self.findings: list[Finding] = []
        self._cache: dict[object, Any] = {}
        self._active: list[object] = []
        self._computed = {n: c for c in self.form.computed for n in (c.label, *c.was)}
        self._sections = {n: s for s in self.form.sections for n in (s.label, *s.was)}
        self._short = self.form.short_names()
        self._nodes: dict[str, Any] = {}

    def lookup(self, name: str) -> object:
        """Return what *name* stands for at the top (design.md §3, Names).

        Raises:
            KeyError: nothing is called *name*.
        """
        if name in self._computed:
            one = self._computed[name]
            return self.calculate(
                ("computed", one.label), one, one.formula, _Chain(self), one.label
            )
        if name in self._sections:
            return self.node(self._sections[name])
        if name in self._short:
            section, one = self._short[name]
            return self.node(section).lookup(one.label)
        if name == "上年":
            return Data(Submission(form=self.form, values=self.submission.prior))
        raise KeyError(name)

    resolve = lookup

    def node(self, section: Section) -> Any:
        """Return the tree below *section*."""
        if section.label not in self._nodes:
            self._nodes[section.label] = _NODES[section.kind](self, section)
        return self._nodes[section.label]

    def applies(self, section: Section) -> bool | None:
        """Say whether *section* is to be filled; None when that cannot be known yet."""
        return self.holds(section.when, self, ("when", section.label))

    def holds(self, condition: str, scope: Any, key: object) -> bool | None:
        """Say whether *condition* is true in *scope*; None when it rests on a blank or wrong cell."""
        if not condition:
            return True
        chain = scope if isinstance(scope, _Chain) else _Chain(scope, self)
        try:
            result = self._guarded(key, condition, chain)
        except (DivisorZeroError, NotANumberError):
            return None
        if isinstance(result, Blank):
            # a bare name asks whether the cell is filled in; a comparison with a blank is unknown
            return None if isinstance(result, Invalid) or result.field is None else False
        return bool(result)

    def calculate(
        self, key: object, field: Field, formula: str, scope: _Chain, label: str
    ) -> Value:
        """Return the value of *formula*, which prints as *field* asks; what fails is a finding.

        Raises:
            FormError: the formula leads back to itself.
        """
        if key in self._cache:
            return self._cache[key]  # type: ignore[no-any-return]
        try:
            value = _typed(self._guarded(key, formula, scope), field)
        except DivisorZeroError:
            self._say(rules.DIVISOR_ZERO, label, formula)
            value = NotApplicable(field)
        except NotANumberError as error:
            self._say(rules.NOT_CALCULABLE, label, formula, str(error.operand))
            value = Invalid(field, raw="？")
        self._cache[key] = value
        return value

    def _guarded(self, key: object, source: str, scope: _Chain) -> Any:
        if key in self._active:
            where = Place(file=f"{self.form.folder.name}/form.toml")
            raise FormError([rules.FORM_CYCLE.at(where, value=source)])
        self._active.append(key)
        try:
            return self.form.expressions[source].evaluate(scope)
        finally:
            self._active.remove(key)

    def _say(self, rule: Rule, label: str, formula: str, value: str = "") -> None:
        section, _, inner = label.partition(".")
        sheet = self.submission.sheets.get(section, section if inner else "")
        place = Place(file=self.submission.file, sheet=sheet, field=inner or label)
        self.findings.append(rule.at(place, label=label, formula=formula, value=value))


class RecordNode:
    """A record: its fields by label."""

    def __init__(self, data: Data, section: Section) -> None:
        self.data, self.section = data, section
        self._fields = {n: f for f in section.fields for n in (f.label, *f.was)}
        self._values = data.submission.record(section)

    def lookup(self, name: str) -> Value:
        """Return the value of the field called *name*."""
        one = self._fields[name]
        data, section = self.data, self.section
        key = (section.label, one.label)
        if one.formula:
            return data.calculate(key, one, one.formula, _Chain(self, data), ".".join(key))
        return _entered(data, section, one, self._values, _Chain(self, data), key)


class RowNode:
    """A row of a table or outline; ``序号`` counts from 1."""

    def __init__(self, table: "TableNode", values: Row, index: int, number: str = "") -> None:
        self.table, self.values, self.index = table, values, index
        self._number = number

    def lookup(self, name: str) -> Any:
        """Return the value of a column, or ``序号``, ``编号``."""
        if name == "序号":
            return self.index
        if name == "编号" and self.table.section.kind == "outline":
            return Text(self._number)
        one = self.table.fields[name]
        data, section = self.table.data, self.table.section
        key = (section.label, id(self.values), one.label)
        scope = _Chain(self, self.table, data)
        if one.formula:
            return data.calculate(key, one, one.formula, scope, f"{section.label}.{one.label}")
        return _entered(data, section, one, self.values, scope, key)

    def renumbered(self, index: int) -> "RowNode":
        """Return the same row as the *index*-th."""
        return RowNode(self.table, self.values, index, self._number)


class TableNode:
    """A table or outline: loops over its rows; ``合计``, ``个数``, and each column as a list."""

    def __init__(self, data: Data, section: Section, rows: Sequence[RowNode] | None = None) -> None:
        self.data, self.section = data, section
        self.fields = {n: f for f in section.fields for n in (f.label, *f.was)}
        if rows is None:
            filled = data.submission.rows(section) if data.applies(section) is not False else ()
            rows = [
                RowNode(self, values, index, number)
                for index, (values, number) in enumerate(
                    zip(filled, _numbers(section, filled), strict=True), 1
                )
            ]
        self.rows = list(rows)

    def __iter__(self) -> Iterator[RowNode]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def lookup(self, name: str) -> Any:
        """Return the totals, the number of rows, or a column as a list."""
        if name == "合计":
            return TotalNode(self)
        if name == "个数":
            return len(self.rows)
        return self.column(self.fields[name].label)

    def column(self, label: str) -> list[Value]:
        """Return a column's values, row by row."""
        return [row.lookup(label) for row in self.rows]

    def where(self, conditions: Mapping[str, Any]) -> "TableNode":
        """Return the rows whose fields equal all of *conditions*, numbered anew."""
        kept = [
            row for row in self.rows
            if all(row.lookup(name) == wanted for name, wanted in conditions.items())
        ]  # fmt: skip
        return TableNode(self.data, self.section, [r.renumbered(i) for i, r in enumerate(kept, 1)])


class TotalNode:
    """The total of every number column of a table or grid."""

    def __init__(self, owner: "TableNode | GridNode") -> None:
        self.owner = owner

    def lookup(self, name: str) -> Value:
        """Return the total of the column called *name*."""
        owner = self.owner
        one = owner.fields[name]
        if not one.has_total:
            raise KeyError(name)
        source = one.total if isinstance(one.total, str) else one.formula
        if source and (isinstance(one.total, str) or self._operands_have_totals(source)):
            label = f"{owner.section.label}.合计.{one.label}"
            scope = _Chain(self, owner, owner.data)
            return owner.data.calculate((label, id(owner)), one, source, scope, label)
        if one.type not in {"integer", "decimal"}:
            return Blank(one)
        return _typed(total(owner.column(one.label)), one)

    def _operands_have_totals(self, source: str) -> bool:
        """Whether a formula can be asked of the totals: 得分 if 类型 == "定量" else 0 cannot."""
        paths = self.owner.data.form.expressions[source].paths()
        used = [self.owner.fields[path[0]] for path in paths if path[0] in self.owner.fields]
        return all(one.has_total for one in used)


class GridNode:
    """A grid: its rows by label; ``合计`` is the form's own row, or the sum of the entered ones."""

    def __init__(self, data: Data, section: Section) -> None:
        self.data, self.section = data, section
        self.fields = {n: f for f in section.fields for n in (f.label, *f.was)}
        self.row_names = {n: r.label for r in section.rows for n in (r.label, *r.was)}
        self._formulas = {r.label: r.formula for r in section.rows}
        self._values = data.submission.grid(section)

    def lookup(self, name: str) -> Any:
        """Return a row, or the totals."""
        if name in self.row_names:
            return _GridLine(self, row=self.row_names[name])
        if name == "合计":
            return TotalNode(self)
        raise KeyError(name)

    def column(self, label: str) -> list[Value]:
        """Return the entered cells of a column; rows with a formula would count twice."""
        field = self.fields[label]
        return [self.cell(row, field) for row, formula in self._formulas.items() if not formula]

    def cell(self, row: str, field: Field) -> Value:
        """Return one cell; where a row's and a column's formula meet, the column's wins."""
        key = (self.section.label, row, field.label)
        label = f"{self.section.label}.{row}.{field.label}"
        data = self.data
        if field.formula:
            scope = _Chain(_GridLine(self, row=row), self, data)
            return data.calculate(key, field, field.formula, scope, label)
        if self._formulas[row]:
            if not field.is_number:
                return Blank(field)
            scope = _Chain(_GridLine(self, column=field), self, data)
            return data.calculate(key, field, self._formulas[row], scope, label)
        scope = _Chain(_GridLine(self, row=row), self, data)
        return _entered(data, self.section, field, self._values.get(row, {}), scope, key)


class _GridLine:
    """A row of a grid by its columns, or a column by its rows."""

    def __init__(self, grid: GridNode, row: str = "", column: Field | None = None) -> None:
        self.grid, self.row, self.column = grid, row, column

    def lookup(self, name: str) -> Value:
        """Return one cell."""
        if self.column is not None:
            return self.grid.cell(self.grid.row_names[name], self.column)
        return self.grid.cell(self.row, self.grid.fields[name])


_NODES: Mapping[str, Callable[[Data, Section], Any]] = {
    "record": RecordNode,
    "grid": GridNode,
    "table": TableNode,
    "outline": TableNode,
}


def _entered(
    data: Data, section: Section, field: Field, values: Row, scope: _Chain, key: object
) -> Value:
    """Return what was filled in, or a blank where the section or the field does not apply."""
    value = values.get(field.label, Blank(field))
    if isinstance(value, Blank) and not isinstance(value, NotApplicable | Invalid):
        return value
    if section.when and data.applies(section) is False:
        return Blank(field)
    if field.when and data.holds(field.when, scope, ("when", key)) is False:
        return Blank(field)
    return value


def _typed(value: Any, field: Field) -> Value:
    """Give a result the field that says how it prints."""
    match value:
        case Number(value=amount):
            return Number(amount, field)
        case Invalid(raw=raw):
            return Invalid(field, raw=raw)
        case NotApplicable(raw=raw):
            return NotApplicable(field, raw=raw)
        case Blank():
            return Blank(field)
        case bool():
            return YesNo(value, field)
        case int() | Decimal() | Fraction():
            return Number(Decimal(value) if isinstance(value, int) else value, field)
        case str():
            return Text(value, field)
    return value  # type: ignore[no-any-return]  # a date, a picture


def _numbers(section: Section, rows: Sequence[Row]) -> list[str]:
    if section.kind != "outline":
        return [""] * len(rows)
    return numbers([heading_level(row) for row in rows], section.level_numbering)


def heading_level(row: Row) -> int | None:
    """Return the level of an outline row's heading, or None for a plain paragraph."""
    level = row.get("级")
    if not isinstance(level, Number) or not row.get("标题"):
        return None
    return max(1, int(level))


def compute(submission: Submission) -> Data:
    """Return the tree of names with every formula calculated; what fails is in its ``findings``.

    Raises:
        FormError: a formula leads back to itself.
    """
    data = Data(submission)
    for section in data.form.sections:
        if data.applies(section) is False:
            continue
        node = data.node(section)
        formulas = [f for f in section.fields if f.formula]
        match node:
            case RecordNode():
                for one in formulas:
                    node.lookup(one.label)
            case TableNode():
                for row in node:
                    for one in formulas:
                        row.lookup(one.label)
            case GridNode():
                for line in section.rows:
                    for one in section.fields:
                        node.cell(line.label, one)
    for one in data.form.computed:
        data.lookup(one.label)
    return data
