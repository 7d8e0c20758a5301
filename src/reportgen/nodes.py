"""The sections of a submission as trees of names: a record, a table, a grid, and their totals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from decimal import Decimal
from string import ascii_uppercase, digits
from typing import Any, Protocol

from reportgen.expression import Chain, Scope
from reportgen.form import Field, Form, Section
from reportgen.groups import Group, groups, rank
from reportgen.headings import label_of
from reportgen.numbering import row_numbers
from reportgen.slots import Slots
from reportgen.sources import Sources
from reportgen.submission import Row, Submission
from reportgen.value import (
    Blank,
    Cell,
    Invalid,
    Number,
    Text,
    Value,
    is_empty,
    total,
    with_field,
)  # fmt: skip


class Tree(Protocol):
    """What the sections ask of the root above them (``compute.Data``)."""

    submission: Submission
    form: Form
    prior: bool
    sources: Sources
    slots: Slots

    def lookup(self, name: str) -> object:
        """Return what *name* stands for at the top."""

    def node(self, section: Section) -> Any:
        """Return the tree below *section*."""

    def applies(self, section: Section) -> bool | None:
        """Say whether *section* is to be filled."""

    def holds(self, condition: str, scope: Any) -> bool | None:
        """Say whether *condition* is true in *scope*."""

    def is_missing(self, section: Section, label: str = "") -> bool:
        """Say whether the workbook lacks this sheet, or in it this column, row or item."""

    def entered(self, section: Section, field: Field, values: Row, row: str = "") -> Value:
        """Return what was filled in."""

    def calculate(self, key: object, field: Field, formula: str, scope: Scope, label: str) -> Value:
        """Return the value of *formula*."""


class RecordNode:
    """A record: its fields by label."""

    def __init__(self, data: Tree, section: Section) -> None:
        self.data, self.section = data, section
        self.scope = Chain(self, data)
        self._fields = {n: f for f in section.fields for n in (f.label, *f.was)}
        self._values = data.submission.record(section)
        self._cells: dict[str, Value] = {}

    def entered(self, field: Field) -> Value:
        """Return what was filled in, whether it counts or not."""
        return self.data.entered(self.section, field, self._values)

    def lookup(self, name: str) -> Value:
        """Return the value of the field called *name*."""
        if name in self._cells:
            return self._cells[name]
        one = self._fields[name]
        entered = self.entered(one)
        scopes = self.scope, self.scope
        value = _cell(self.data, self.section, one, one.formula, entered, *scopes, one.label)
        if one.source is None:
            self._cells[name] = value
        return value

    def cell_of(self, name: str) -> Cell | None:
        """Return the cell of a formula's field."""
        return self.data.submission.cells.get((self.section.label, "", self._fields[name].label))

    def every(self, field: Field) -> list[Value]:
        """Return the only value of *field*, as a list."""
        return [self.lookup(field.label)]


class RowNode:
    """A row of a table or outline; ``序号`` counts from 1.

    What a cell holds is worked out once, also for the filtered tables that the row is in: sixty
    indicators are asked for their scores by every project (a third of the time of the checks).
    """

    def __init__(
        self, table: "TableNode", values: Row, index: int, number: str = "",
        cells: dict[str, Value] | None = None,
    ) -> None:  # fmt: skip
        self.table, self.values, self.index = table, values, index
        self.scope = Chain(self, table, table.data)
        self.section = table.section
        self._number = number
        self._cells: dict[str, Value] = {} if cells is None else cells

    def entered(self, field: Field) -> Value:
        """Return what was filled in, whether it counts or not."""
        return self.table.data.entered(self.table.section, field, self.values)

    def lookup(self, name: str) -> Any:
        """Return the value of a column, or ``序号``, ``编号``."""
        if name in self._cells:
            return self._cells[name]
        if name == "序号":
            return Number(Decimal(self.index))
        if name == "编号" and self.table.section.kind == "outline":
            return Text(self._number)
        table, one = self.table, self.table.fields[name]
        entered = self.entered(one)
        more = self.scope, self.scope, one.label, (id(self.values), self.index)
        value = _cell(table.data, table.section, one, one.formula, entered, *more)
        if one.source is None and one.label not in table.numbered:
            self._cells[name] = value
        return value

    def cell_of(self, name: str) -> Cell | None:
        """Return the cell of a formula's column: below its heading, beside what is filled in."""
        heading = self.table.cell_of(name) if name in self.table.fields else None
        beside = next((v.cell for v in self.values.values() if v.cell), None)
        if heading is None or beside is None:
            return None
        return Cell(heading.sheet, heading.ref.rstrip(digits) + beside.ref.lstrip(ascii_uppercase))

    def renumbered(self, table: "TableNode", index: int) -> "RowNode":
        """Return the same row as the *index*-th of *table*."""
        return RowNode(table, self.values, index, self._number, self._cells)


class TableNode:
    """A table or outline: loops over its rows; ``合计``, ``个数``, and each column as a list.

    ``unknown`` is what its totals are where nobody can say which rows there are: without the
    sheet, in last year's unknown table, and among rows chosen by a cell that cannot be read.
    """

    def __init__(self, data: Tree, section: Section) -> None:
        self.data, self.section = data, section
        self.fields = {n: f for f in section.fields for n in (f.label, *f.was)}
        self.numbered = self._numbered()
        filled = data.submission.rows(section) if data.applies(section) is not False else ()
        self.rows = [
            RowNode(self, values, index, number)
            for index, (values, number) in enumerate(
                zip(filled, row_numbers(filled, section.level_numbering), strict=True), 1
            )
        ]
        self.unknown: Blank | None = None
        if data.is_missing(section):
            self.unknown = Invalid(raw="？")
        elif data.applies(section) is False or (data.prior and not data.submission.rows(section)):
            self.unknown = Blank()  # a rule about what is not to be filled stays silent
        self.totals: dict[str, Value] = {}

    def _numbered(self) -> frozenset[str]:
        """Return the fields that rest on 序号: a filtered table numbers its rows anew."""
        expressions = self.data.form.expressions
        rests = {
            f.label: {path[0] for s in (f.formula, f.when) if s for path in expressions[s].paths()}
            for f in self.section.fields
        }
        found = {"序号"}
        while more := {label for label, names in rests.items() if names & found} - found:
            found |= more
        return frozenset(found)

    def __iter__(self) -> Iterator[RowNode]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def lookup(self, name: str) -> Any:
        """Return the totals, the number of rows, or a column as a list."""
        if name == "合计":
            return TotalNode(self)
        if name == "个数":
            known = Number(Decimal(len(self.rows)))
            return known if self.unknown is None else self.unknown
        return self.column(self.fields[name].label)

    def cell_of(self, name: str) -> Cell | None:
        """Return the heading of a column, and for ``个数`` that of the first."""
        label = self.fields[name].label if name in self.fields else self.section.fields[0].label
        return self.data.submission.cells.get((self.section.label, "", label))

    def column(self, label: str) -> list[Value]:
        """Return a column's values, row by row."""
        return [row.lookup(label) for row in self.rows]

    def every(self, field: Field) -> list[Value]:
        """Return every value of *field*."""
        return self.column(field.label)

    def where(self, conditions: Mapping[str, Any]) -> "TableNode":
        """Return the rows whose fields equal all of *conditions*, numbered anew."""
        kept = self._of(())
        wanted = [(label_of(name), value) for name, value in conditions.items()]
        for row in self.rows:
            verdicts = [row.lookup(label) == value for label, value in wanted]
            if all(verdicts):
                kept.rows.append(row.renumbered(kept, len(kept.rows) + 1))
            elif all(v or isinstance(v, Invalid) for v in verdicts):
                kept.unknown = Invalid(raw="？")
        return kept

    def ordered(self, labels: Sequence[str], *, down: bool = False) -> "TableNode":
        """Return the rows sorted by the fields called *labels*, the first foremost, numbered anew.

        A choice comes as the form lists it, a blank last; alike rows stay as they are; *down* turns
        the order round.

        Raises:
            KeyError: no field is called so.
        """
        fields = [self.fields[label_of(label)] for label in labels]

        def key(row: RowNode) -> list[tuple[int, Any]]:
            found = (rank(one, row.lookup(one.label)) for one in fields)
            return [(-sort, value) for sort, value in found] if down else list(found)

        return self._of(sorted(self.rows, key=key, reverse=down))

    def grouped(self, labels: Sequence[str]) -> list[Group]:
        """Return the rows in groups that print the same in the fields called *labels*.

        Raises:
            KeyError: no field is called so.
        """
        return groups(self.rows, [self.fields[label_of(label)] for label in labels], self._of)

    def _of(self, rows: Sequence[RowNode]) -> "TableNode":
        """Return a table of these rows alone, numbered anew."""
        made = copy(self)
        made.totals = {}
        made.rows = [row.renumbered(made, index) for index, row in enumerate(rows, 1)]
        return made


class TotalNode:
    """The total of every number column of a table or grid."""

    def __init__(self, owner: "TableNode | GridNode") -> None:
        self.owner = owner

    def lookup(self, name: str) -> Value:
        """Return the total of the column called *name*."""
        owner = self.owner
        if name not in owner.totals:
            owner.totals[name] = self._total(owner.fields[name])
        return owner.totals[name]

    def _total(self, one: Field) -> Value:
        owner = self.owner
        if not one.has_total:
            raise KeyError(one.label)
        if owner.unknown is not None:
            return with_field(owner.unknown, one)
        source = one.total if isinstance(one.total, str) else one.formula
        if source and (isinstance(one.total, str) or self._operands_have_totals(source)):
            label = f"{owner.section.label}.合计.{one.label}"
            scope = Chain(self, owner, owner.data)
            return owner.data.calculate((label, owner), one, source, scope, label)
        if one.type not in {"integer", "decimal"}:
            return Blank(one)
        return with_field(total(owner.column(one.label)), one)

    def cell_of(self, name: str) -> Cell | None:
        """Return the heading of the column that is added up."""
        owner = self.owner
        return owner.data.submission.cells.get((owner.section.label, "", owner.fields[name].label))

    def _operands_have_totals(self, source: str) -> bool:
        """Whether a formula can be asked of the totals: 得分 if 类型 == "定量" else 0 cannot."""
        used = {path[0] for path in self.owner.data.form.expressions[source].paths()}
        fields = self.owner.fields
        return "序号" not in used and all(fields[n].has_total for n in used if n in fields)


class GridNode:
    """A grid: its rows by label; ``合计`` is the form's own row, or the sum of the entered ones."""

    unknown = None

    def __init__(self, data: Tree, section: Section) -> None:
        self.data, self.section = data, section
        self.fields = {n: f for f in section.fields for n in (f.label, *f.was)}
        self.row_names = {n: r.label for r in section.rows for n in (r.label, *r.was)}
        self._formulas = {r.label: r.formula for r in section.rows}
        self._values = data.submission.grid(section)
        self._cells: dict[tuple[str, str], Value] = {}
        self.totals: dict[str, Value] = {}

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

    def entered(self, row: str, field: Field) -> Value:
        """Return what was filled in, whether it counts or not."""
        return self.data.entered(self.section, field, self._values.get(row, {}), row)

    def every(self, field: Field) -> list[Value]:
        """Return every value of *field*, computed rows included."""
        return [self.cell(line.label, field) for line in self.section.rows]

    def cell(self, row: str, field: Field) -> Value:
        """Return one cell; where a row's and a column's formula meet, the column's wins."""
        key = (row, field.label)
        if key not in self._cells:
            value = self._cell(row, field)
            if field.source is not None:
                return value
            self._cells[key] = value
        return self._cells[key]

    def _cell(self, row: str, field: Field) -> Value:
        by_row = "" if field.formula else self._formulas[row]
        if by_row and not field.is_number:
            return Blank(field)
        line = _GridLine(self, column=field) if by_row else _GridLine(self, row=row)
        # a condition is one over the columns, in a row that is computed too
        across = _GridLine(self, row=row).scope if by_row and field.when else line.scope
        entered = self.entered(row, field)
        formula, label = field.formula or by_row, f"{row}.{field.label}"
        scopes = line.scope, across
        return _cell(self.data, self.section, field, formula, entered, *scopes, label, (row,))


class _GridLine:
    """A row of a grid by its columns, or a column by its rows."""

    def cell_of(self, name: str) -> Cell | None:
        """Return the cell of a formula."""
        grid = self.grid
        if self.column is not None:
            row, label = grid.row_names[name], self.column.label
        else:
            row, label = self.row, grid.fields[name].label
        return grid.data.submission.cells.get((grid.section.label, row, label))

    def __init__(self, grid: GridNode, row: str = "", column: Field | None = None) -> None:
        self.grid, self.row, self.column = grid, row, column
        self.section = grid.section
        self.scope = Chain(self, grid, grid.data)

    def lookup(self, name: str) -> Value:
        """Return one cell."""
        if self.column is not None:
            return self.grid.cell(self.grid.row_names[name], self.column)
        return self.grid.cell(self.row, self.grid.fields[name])


NODES: Mapping[str, Callable[[Tree, Section], Any]] = {
    "record": RecordNode,
    "grid": GridNode,
    "table": TableNode,
    "outline": TableNode,
}


def _cell(
    data: Tree, section: Section, field: Field, formula: str, entered: Value, scope: Chain,
    across: Chain, label: str, row: tuple[object, ...] = (),
) -> Value:  # fmt: skip
    """Return what is computed (in *scope*) or filled in; a blank where it does not apply (*across*)."""
    if not formula and is_empty(entered):
        return entered
    if data.applies(section) is False or (field.when and data.holds(field.when, across) is False):
        return Blank(field)
    if formula:
        label = f"{section.label}.{label}"
        return data.calculate((label, *row), field, formula, scope, label)
    if field.type == "narrative":
        return data.slots.fill(section, field, entered, scope, row)
    return data.sources.as_spelt(field, entered) if field.source else entered
