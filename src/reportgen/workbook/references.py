"""What the names of an expression are in Excel: cells, columns, totals, and inner formulas.

The scopes are those of ``compute.py``, one by one: what that gives a value for, this gives a term.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any

from openpyxl.utils.cell import quote_sheetname

from reportgen.expression import Chain
from reportgen.form import Field, Form, GridRow, Section
from reportgen.workbook import layout, terms
from reportgen.workbook.columns import TableNames, Totals, fields_of, places_of
from reportgen.workbook.conditions import condition
from reportgen.workbook.layout import letters
from reportgen.workbook.operators import translate
from reportgen.workbook.readings import Readings
from reportgen.workbook.terms import NEVER, Number, Term, UntranslatableError, Words

#: What 填表说明 says live of a sheet whose condition is not met; formulas read it there.
IDLE, BUSY = "不用填", "要填"


class Names:
    """The names of a form as seen from one sheet: *home* is where the formula stands.

    A formula of a section that does not apply is blank as a whole, so its own cells need no guard.
    *cells* are where [[computed]] values stand, *gates* where it is said whether a section applies.
    The computed columns of a table are calculated again, or else a row that was inserted without
    its formulas would not count. *light* is for what would be too long: the computed columns are
    read, and what a person is told of anyway is not asked: whether a field that does not apply is
    filled all the same, whether a choice is from the list.
    """

    def __init__(
        self, form: Form, home: Section | None, cells: Mapping[str, str],
        gates: Mapping[str, str], readings: Readings, *, light: bool = False,
    ) -> None:  # fmt: skip
        self.form, self.home = form, home
        self._readings, self.fits = readings, readings.fits
        self._cells, self._gates = cells, gates
        self.light = light
        self._open: Section | None = None
        self._computed = {n: c for c in form.computed for n in (c.label, *c.was)}
        self._sections = {n: s for s in form.sections for n in (s.label, *s.was)}
        self._short = form.short_names()
        self._known: dict[tuple[str, str, str], Term] = {}

    def lookup(self, name: str) -> Any:
        """Return what *name* stands for at the top."""
        if name in self._computed:
            one = replace(self._computed[name], places=None)  # its cell is not rounded
            return self.formula(one, one.formula, self, self._cells.get(one.label, ""))
        if name in self._sections:
            return self.node(self._sections[name])
        if name in self._short:
            section, field = self._short[name]
            return self.node(section).lookup(field.label)
        if name == "上年":
            raise UntranslatableError(name)
        raise KeyError(name)

    resolve = lookup

    def node(self, section: Section) -> Any:
        """Return what is below *section*."""
        match section.kind:
            case "record":
                return RecordNames(self, section)
            case "grid":
                return GridNames(self, section)
        return TableNames(self, section)

    def sheet(self, section: Section) -> str:
        """Return the name of a section's sheet before a reference, nothing at home."""
        return "" if section == self.home else quote_sheetname(section.label) + "!"

    def gate(self, section: Section, *, always: bool = False) -> str:
        """Return a condition that is true where *section* does not apply.

        Raises:
            UntranslatableError: Excel cannot tell whether it applies.
        """
        if not section.when or (section in (self.home, self._open) and not always):
            return NEVER
        if section.label not in self._gates:
            raise UntranslatableError(section.when)
        return f"({self._gates[section.label]}={terms.text(IDLE)})"

    def opened(self, section: Section) -> "Names":
        """Return the same names without the guard of *section*, which is then put around it all."""
        names = copy(self)
        names._open = section  # noqa: SLF001 - a copy of our own
        names._known = {}  # noqa: SLF001
        return names

    def at_home(self, section: Section) -> "Names":
        """Return the names as *section* itself sees them."""
        return Names(self.form, section, self._cells, self._gates, self._readings, light=self.light)

    def read(
        self, section: Section, ref: str, field: Field, *, wide: bool = False, row: str = ""
    ) -> Number | Words:
        """Return what stands in a cell or column of *section*; *row* is the row of one of a table.

        Raises:
            UntranslatableError: Excel cannot read a picture.
        """
        if not field.is_number:
            return terms.read_cell(ref, field, wide=wide, light=self.light)
        at = ref.removesuffix(row) + "1" if row else ref
        at = f"{quote_sheetname(section.label)}!{at.rpartition('!')[2]}"
        return terms.read_number(self._readings.of(at, field, wide=wide), ref, field, wide=wide)

    def term(self, source: str, scope: Any) -> Term:
        """Return the term of an expression of the form.

        Raises:
            UntranslatableError: it has no Excel form.
        """
        try:
            found = translate(self.form.expressions[source].tree, scope)
        except KeyError as error:
            raise UntranslatableError(source) from error
        if not isinstance(found, Number | Words | terms.Truth):
            raise UntranslatableError(source)
        return found

    def unless_idle(self, section: Section, field: Field, scope: Any, one: Term) -> Term:
        """Return *one*, blank where its field or its section does not apply."""
        if field.when and (field.formula or not self.light):
            asked = condition(self.term(field.when, scope))
            zero = f"*(1-{asked.zero})" if asked.zero != NEVER else ""
            one = terms.blank_where(f"({asked.false}{zero})", one)
        return terms.blank_where(self.gate(section), one)

    def formula(
        self, field: Field, source: str, scope: Any, cell: str, section: Section | None = None
    ) -> Term:
        """Return the value of a formula: its *cell*, or the formula again where that is rounded.

        The evaluator calculates on with the unrounded number, and so must Excel.
        """
        key = (cell, section.label if section else "", field.label)
        if cell and key in self._known:
            return self._known[key]
        term = self.term(source, scope)
        if section:
            term = self.unless_idle(section, field, scope, term)
        places = places_of(field)
        decimals = term.decimals if isinstance(term, Number) else None
        found = terms.settled(term)
        if cell and (places is None or (decimals is not None and decimals <= places)):
            if not self.fits(terms.shown(term, places)):
                raise UntranslatableError(source)
            found = terms.read_formula(cell, term, decimals)
        self._known[key] = found
        return found


class RecordNames:
    """A record: its fields by label."""

    def __init__(self, names: Names, section: Section) -> None:
        self.names, self.section = names, section
        self.scope = Chain(self, names)
        self.fields = fields_of(section)

    def lookup(self, name: str) -> Term:
        """Return the value of the field called *name*."""
        one, section, ref = self.fields[name], self.section, self.ref(self.fields[name])
        if one.formula:
            return self.names.formula(one, one.formula, self.scope, ref, section)
        return self.names.unless_idle(section, one, self.scope, self.names.read(section, ref, one))

    def ref(self, field: Field) -> str:
        """Return where the value of *field* stands."""
        return f"{self.names.sheet(self.section)}$B${layout.row(self.section, field.label)}"


class GridNames:
    """A grid: its rows by label, and its totals."""

    def __init__(self, names: Names, section: Section) -> None:
        self.names, self.section = names, section
        self.fields = fields_of(section)
        self.lines = {n: r for r in section.rows for n in (r.label, *r.was)}

    def lookup(self, name: str) -> Any:
        """Return a row, or the totals."""
        if name in self.lines:
            return GridLine(self, line=self.lines[name])
        if name == "合计":
            return Totals(self)
        raise KeyError(name)

    def cell(self, line: GridRow, field: Field) -> Term:
        """Return one cell; where a row's and a column's formula meet, the column's wins."""
        section = self.section
        source = field.formula or line.formula
        if line.formula and not field.formula and not field.is_number:
            return terms.empty()
        ref = self.ref(line, field)
        if source:
            scope = self.scope(line, field)
            return self.names.formula(field, source, scope, ref, section)
        scope = Chain(GridLine(self, line=line), self, self.names)
        return self.names.unless_idle(section, field, scope, self.names.read(section, ref, field))

    def ref(self, line: GridRow, field: Field) -> str:
        """Return where a cell stands."""
        section = self.section
        at = f"${letters(layout.column(section, field.label))}${layout.row(section, line.label)}"
        return self.names.sheet(section) + at

    def scope(self, line: GridRow, field: Field) -> Chain:
        """Return where the formula of a cell finds its names: in its row, or in its column."""
        own = GridLine(self, line=line) if field.formula else GridLine(self, field=field)
        return Chain(own, self, self.names)

    def summed(self, field: Field) -> Number:
        """Return the sum of a column; rows with a formula would count twice."""
        section = self.section
        lines = [line for line in section.rows if not line.formula]
        rows = [layout.row(section, line.label) for line in lines]
        if rows and not field.formula and not field.when and rows[-1] - rows[0] == len(rows) - 1:
            letter = letters(layout.column(section, field.label))
            area = f"{self.names.sheet(section)}${letter}${rows[0]}:${letter}${rows[-1]}"
            one = terms.number(self.names.read(section, area, field, wide=True))
            blank = f"(1*(SUM(1*({one.blank}=0))=0))"
            return Number(f"SUM({one.value})", blank, decimals=one.decimals)
        cells = [self.cell(line, field) for line in lines]
        return terms.add([("+", terms.number(c)) for c in cells]) if cells else Number("0")

    def total_cell(self, field: Field) -> str:  # noqa: ARG002 - as TableNames
        """Return where a total stands: the totals of a grid have no cells."""
        return ""


class GridLine:
    """A row of a grid by its columns, or a column by its rows."""

    def __init__(
        self, grid: GridNames, line: GridRow | None = None, field: Field | None = None
    ) -> None:
        self.grid, self.line, self.field = grid, line, field

    def lookup(self, name: str) -> Term:
        """Return one cell."""
        if self.field is not None:
            return self.grid.cell(self.grid.lines[name], self.field)
        assert self.line is not None  # one of the two is given
        return self.grid.cell(self.line, self.grid.fields[name])
