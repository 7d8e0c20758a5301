"""The columns of a table in Excel: its rows, totals, and the rows that 筛选 keeps.

The scopes are those of ``nodes.py``, one by one: what that gives a value for, this gives a term.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any, Protocol

from reportgen.expression import Chain
from reportgen.form import Field, Form, Section
from reportgen.workbook import layout, terms
from reportgen.workbook.conditions import alike, compare
from reportgen.workbook.layout import FIRST_ROW, LAST_ROW, TOTAL_ROW, letters
from reportgen.workbook.terms import NEVER, Number, Term, Truth, UntranslatableError, Words

#: So many rows of a table are compared with those of another: with 600 a filled workbook opens in
#: a minute instead of ten seconds (LibreOffice).
MANY_ROWS = 300


class Root(Protocol):
    """What the columns of a table ask of the names of the form (``references.Names``)."""

    form: Form
    light: bool

    def lookup(self, name: str) -> Any:
        """Return what *name* stands for at the top."""

    def sheet(self, section: Section) -> str:
        """Return the name of a section's sheet before a reference, nothing at home."""

    def gate(self, section: Section, *, always: bool = False) -> str:
        """Return a condition that is true where *section* does not apply."""

    def opened(self, section: Section) -> "Root":
        """Return the same names without the guard of *section*."""

    def at_home(self, section: Section) -> "Root":
        """Return the names as *section* itself sees them."""

    def read(
        self, section: Section, ref: str, field: Field, *, wide: bool = False, row: str = ""
    ) -> Number | Words:
        """Return what stands in a cell or column of *section*."""

    def fits(self, formula: str) -> bool:
        """Whether *formula* may be written."""

    def term(self, source: str, scope: Any) -> Term:
        """Return the term of an expression of the form."""

    def unless_idle(self, section: Section, field: Field, scope: Any, one: Term) -> Term:
        """Return *one*, blank where its field or its section does not apply."""

    def formula(
        self, field: Field, source: str, scope: Any, cell: str, section: Section | None = None
    ) -> Term:
        """Return the value of a formula."""


def places_of(field: Field) -> int | None:
    """Return to how many decimals a formula's cell is rounded; None: not at all."""
    if field.places is None:
        return None
    return field.places + (2 if field.type == "percent" else 0)


def fields_of(section: Section) -> dict[str, Field]:
    """Return the fields of a section by all their names."""
    return {n: f for f in section.fields for n in (f.label, *f.was)}


class RowNames:
    """A row of a table: the one at *at*, or all from *first* to *last* at once, as columns."""

    def __init__(
        self, table: "TableNames", at: str = "", first: int = FIRST_ROW, last: int = LAST_ROW
    ) -> None:
        self.table, self.at = table, at
        self.first, self.last = first, last
        self.scope = Chain(self, table, table.names)

    def lookup(self, name: str) -> Term:
        """Return the value of a column."""
        if name in {"序号", "编号"}:
            raise UntranslatableError(name)
        table, one = self.table, self.table.fields[name]
        if one.formula:
            if not self.at and table.names.light and (read := self._by_cells(one)):
                return read
            cell = self.ref(one) if self.at else ""
            found = table.names.formula(one, one.formula, self.scope, cell, table.section)
            return replace(found, wide=not self.at)
        ref = self.ref(one)
        read = table.names.read(table.section, ref, one, wide=not self.at, row=self.at)
        if one.when:
            return table.names.unless_idle(table.section, one, self.scope, read)
        return read  # a table that does not apply has no rows at all

    def _by_cells(self, field: Field) -> Term | None:
        """Return a computed column as its cells show it, unless they are rounded or not live."""
        names, places = self.table.names.at_home(self.table.section), places_of(field)
        row = RowNames(TableNames(names, self.table.section), str(FIRST_ROW))
        one = names.unless_idle(
            self.table.section, field, row.scope, names.term(field.formula, row.scope)
        )
        decimals = one.decimals if isinstance(one, Number) else None
        exact = places is None or (decimals is not None and decimals <= places)
        if not exact or not names.fits(terms.shown(one, places)):
            return None
        return replace(terms.read_formula(self.ref(field), one, decimals), wide=True)

    def ref(self, field: Field) -> str:
        """Return the cell or the area of a column."""
        letter = letters(layout.column(self.table.section, field.label))
        sheet = self.table.names.sheet(self.table.section)
        if self.at:
            return f"{sheet}${letter}{self.at}"
        return f"{sheet}${letter}${self.first}:${letter}${self.last}"

    def exists(self) -> str:
        """Return a condition that is true in each row with anything filled in."""
        entered = [self.ref(f) for f in self.table.section.fields if not f.formula]
        joined = "&".join(entered)
        return f'IFERROR(1*(TRIM({joined})<>""),1)'


class TableNames:
    """A table or outline: its totals, the number of its rows, and each column.

    ``kept`` holds the conditions of 筛选 over its rows.
    """

    def __init__(
        self, names: Root, section: Section, kept: tuple[Truth, ...] = (),
        wanted: tuple[tuple[Field, Number | Words], ...] = (),
    ) -> None:  # fmt: skip
        self.names, self.section = names, section
        self.fields = fields_of(section)
        self.kept, self.wanted = kept, wanted

    def lookup(self, name: str) -> Any:
        """Return the totals, the number of rows, or a column."""
        if name == "合计":
            return Totals(self)
        if name == "个数":
            gate = self.names.gate(self.section)
            return terms.blank_where(gate, self.count())
        return Column(self, self.fields[name])

    def where(self, conditions: Mapping[str, Term]) -> "TableNames":
        """Return the rows whose fields equal all of *conditions*."""
        wanted = list(self.wanted)
        for name, value in conditions.items():
            if name not in self.fields or isinstance(value, Truth):
                raise UntranslatableError(name)
            wanted.append((self.fields[name], value))
        row = RowNames(self)
        # a value for each row of another table: then all are laid against all
        wide = any(value.wide for _, value in wanted)
        kept = [] if wide else [compare(row.lookup(f.label), "eq", v) for f, v in wanted]
        return TableNames(self.names, self.section, tuple(kept), tuple(wanted))

    def reduced(self, function: str) -> Number:
        """Return how many rows there are; nothing else can be asked of whole rows."""
        if function != "count":
            raise UntranslatableError(function)
        return self.count()

    def mask(self, *, formula: bool) -> str:
        """Return a condition that is true in the rows that count; empty: in all that are filled.

        A *formula* may give a value where nothing is filled in.
        """
        parts = [one.true for one in self.kept]
        # a row whose field equals something is filled
        anchored = any(not field.formula for field, _ in self.wanted)
        return "*".join([RowNames(self).exists(), *parts] if formula and not anchored else parts)

    def doubt(self) -> str:
        """Return a formula that is an error where nobody can say which rows are kept."""
        if not self.kept:
            return ""
        true = "*".join(one.true for one in self.kept)
        possible = "*".join(f"({one.true}+{one.wrong})" for one in self.kept)
        return f"+IF(SUM({possible}-{true})>0,NA(),0)"

    def count(self) -> Number:
        """Return the number of rows."""
        if self.is_wide:
            return Number(self.for_each(), wide=True, decimals=0)
        if self.kept:
            doubt = self.doubt().removeprefix("+")
            return Number(f"SUM({self.mask(formula=False)})", doubt, decimals=0)
        return Number(f"SUMPRODUCT({RowNames(self).exists()})", decimals=0)

    def summed(self, field: Field) -> Number:
        """Return the sum of a column: of no rows 0, of nothing but blanks a blank."""
        return Column(self, field).summed()

    def total_cell(self, field: Field) -> str:
        """Return where a total stands: above the headings, for all rows."""
        if self.wanted:
            return ""
        letter = letters(layout.column(self.section, field.label))
        return f"{self.names.sheet(self.section)}${letter}${TOTAL_ROW}"

    @property
    def is_wide(self) -> bool:
        """Whether the rows are chosen anew for each row of another table."""
        return any(value.wide for _, value in self.wanted)

    def for_each(self, counted: str = "", *, all_rows: bool = True) -> str:
        """Return a sum or count for each row of another table, whose values the rows must equal.

        *counted* is a number for each row, of ``few`` rows; with *all_rows* the result is an error
        where there are more. COUNTIFS would take A for a and 001 for 1; so all rows are laid
        against all rows.
        """
        row, pairs, parts, present = self.few, [], [counted] if counted else [], []
        for field, value in self.wanted:
            one = row.lookup(field.label)
            if isinstance(value, Words) and value.value.startswith('"') and isinstance(one, Words):
                # shorter than to ask for a blank, which it never is
                parts.append(f"IFERROR(1*EXACT({one.value},{value.value}),0)")
                continue
            if not value.wide:
                parts.append(compare(one, "eq", value).true)
                continue
            if not isinstance(one, Words) or not isinstance(value, Words) or value.zero != NEVER:
                raise UntranslatableError(field.label)
            pairs.append(f"IFERROR(1*{alike(value, one, 'TRANSPOSE({})')},0)")
            if value.blank != NEVER:
                filled = f'({value.value}<>"")' if self.names.light else f"({value.blank}=0)"
                present.append(filled)
            rest = RowNames(self, first=row.last + 1).ref(field)
            if all_rows:
                present.append(f"IF(COUNTA({rest})>0,NA(),1)")
        weights = "*".join(parts) or f"ROW({row.ref(self.wanted[0][0])})^0"
        found = f"MMULT({'*'.join(pairs)},{weights})"
        return f"({'*'.join([found, *present])})"

    @property
    def few(self) -> RowNames:
        """Return the first rows, as many as can be laid against all of another table."""
        return RowNames(self, last=min(LAST_ROW, FIRST_ROW + MANY_ROWS))


class Column:
    """A column of a table, over the rows that count."""

    def __init__(self, table: TableNames, field: Field) -> None:
        self.table, self.field = table, field

    def reduced(self, function: str) -> Number:
        """Return sum, count, min or max of the column; a table that does not apply has no rows."""
        table = self.table
        if function == "sum":
            found = self.summed()
        else:
            one, mask = self._each(), self._mask()
            inside = f"IF({mask},{{}},{{}})" if mask else "{}"
            if function == "count":
                filled = f"IFERROR(1*({one.blank}=0),1)"
                found = Number(f"SUM({inside.format(filled, '0')})", decimals=0)
            else:
                value = terms.number(one).value
                value = f'IF({one.blank},"",{value})' if one.blank != NEVER else value
                value = f"{function.upper()}({inside.format(value, terms.text(''))})"
                found = Number(f"IFERROR({value},0)", self._blank(one), decimals=one.decimals)
            found = replace(found, blank=_sum(found.blank, table.doubt()))
        gate = table.names.gate(table.section)
        if gate == NEVER:
            return found
        blank = f"IF({gate},{NEVER if function in {'sum', 'count'} else '1'},{found.blank})"
        return replace(found, value=f"IF({gate},0,{found.value})", blank=blank)

    def summed(self) -> Number:
        """Return the sum of the column."""
        table = self.table
        if table.is_wide:
            return self._wide()
        one, mask = terms.number(self._each()), self._mask()
        value = f"SUM(IF({mask},{one.value},0))" if mask else f"SUM({one.value})"
        rows = f"SUM({mask})" if mask else table.count().value
        blank = _sum(f"IF({rows}=0,0,{self._blank(one)})", table.doubt())
        return Number(value, blank, decimals=one.decimals)

    def _each(self) -> Any:
        return RowNames(self.table).lookup(self.field.label)

    def _mask(self) -> str:
        return self.table.mask(formula=bool(self.field.formula))

    def _blank(self, one: Any) -> str:
        """Return a condition that is true where every row that counts is blank."""
        mask, filled = self._mask(), f"1*({one.blank}=0)"
        return f"(1*(SUM({f'IF({mask},{filled},0)' if mask else filled})=0))"

    def _wide(self) -> Number:
        table, one = self.table, terms.number(self.table.few.lookup(self.field.label))
        # 10 000 for each row that has a number, 1 for the others: 1 to 9999 is nothing but blanks
        found = table.for_each(f"IFERROR(10^(4*({one.blank}=0)),1)", all_rows=False)
        # one cell that cannot be read leaves every row of the other table undecided
        blank = f"(1*(ABS({found}-5000)<5000)+0*SUM({one.blank}))"
        value = table.for_each(one.value)
        return Number(value, blank, wide=True, decimals=one.decimals)


class Totals:
    """The total of every number column of a table or grid."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner

    def lookup(self, name: str) -> Term:
        """Return the total of the column called *name*."""
        owner = self.owner
        one = owner.fields[name]
        if not one.has_total:
            raise KeyError(name)
        term, places = self.of(one), places_of(one)
        cell = owner.total_cell(one)
        if one.formula or isinstance(one.total, str):
            exact = term.decimals is not None and places is not None and term.decimals <= places
        else:
            places, exact = None, True  # a sum of what was entered is not rounded
        if cell and (places is None or exact):
            return terms.read_formula(cell, term, term.decimals)
        return terms.settled(term)

    def of(self, field: Field) -> Number:
        """Return the total itself, as its cell calculates it."""
        section, outer = self.owner.section, self.owner.names
        names = outer.opened(section)
        owner = copy(self.owner)
        owner.names = names
        source = field.total if isinstance(field.total, str) else field.formula
        if source and (isinstance(field.total, str) or self._operands_have_totals(source)):
            term = terms.number(names.term(source, Chain(Totals(owner), owner, names)))
            if isinstance(owner, TableNames) and owner.kept:
                term = replace(term, blank=_sum(term.blank, owner.doubt()), face=None)
        elif field.type not in {"integer", "decimal"}:
            term = terms.empty()
        else:
            term = owner.summed(field)
        return terms.number(terms.blank_where(outer.gate(section), term))

    def _operands_have_totals(self, source: str) -> bool:
        """Whether a formula can be asked of the totals: 得分 if 类型 == "定量" else 0 cannot."""
        used = {path[0] for path in self.owner.names.form.expressions[source].paths()}
        fields = self.owner.fields
        return "序号" not in used and all(fields[n].has_total for n in used if n in fields)


def _sum(condition: str, more: str) -> str:
    """Return a condition with *more* added to it, an error or 0."""
    return f"({condition}{more})" if more else condition
