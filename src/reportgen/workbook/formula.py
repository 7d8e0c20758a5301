"""The live formulas of a workbook, with the same rules for blanks as the evaluator (design.md §3).

Only functions of Excel 2007 are used: WPS and LibreOffice know them all. What cannot be said in
Excel gives None, and the cell says that the program computes it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from jinja2 import nodes

from reportgen.addends import addends
from reportgen.expression import Alias, Chain
from reportgen.form import Check, Field, Form, GridRow, Section
from reportgen.names import Shape
from reportgen.workbook import terms
from reportgen.workbook.columns import RowNames, TableNames, Totals, places_of
from reportgen.workbook.conditions import condition, difference
from reportgen.workbook.operators import comparison, translate
from reportgen.workbook.readings import Readings
from reportgen.workbook.references import (
    BUSY,
    IDLE,
    GridLine,
    GridNames,
    Names,
    RecordNames,
)
from reportgen.workbook.terms import NEVER, Number, Term, Truth, UntranslatableError

PASSED, FAILED, UNDECIDED = "√", "×", "—"
#: Stands for the number of the row in the formulas of a table's column.
ROW = "\N{SYMBOL FOR NULL}"
#: A name and those below it; a cell with its section, its field, and what it sees.
_Path = tuple[str, ...]
_Cell = tuple[Section, Field, str, Chain]
_MANY = "10000"
_CENT, _HALF_A_CENT = "0.01", "0.005"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The formulas of a check: its result, and how far apart the two numbers are (or nothing).

    ``result`` is √ × — itself, or, with ``rows``, a number to be read by ``of_rows``.
    """

    result: str
    difference: str = ""
    rows: bool = False


def of_rows(cell: str) -> str:
    """Return the verdict over the rows of a table, whose numbers stand in *cell*."""
    failed = f'"{FAILED} "&INT({cell}/{_MANY})&" 行"'
    return f'=IF({cell}>={_MANY},{failed},IF({cell}>=1,"{PASSED}","{UNDECIDED}"))'


_Method = TypeVar("_Method", bound=Callable[..., Any])


def _once_each(method: _Method) -> _Method:
    """Let *method* work out its answer about the same parts of the form only once.

    The formulas are half of the time that a workbook takes, and the same for every unit.
    """

    @wraps(method)
    def known(self: "Formulas", *parts: object) -> Any:
        key = (method.__name__, *map(id, parts))  # the form, which is kept, has the parts
        if key not in self.known:
            self.known[key] = method(self, *parts)
        return self.known[key]

    return known  # type: ignore[return-value]


class Formulas:
    """Writes the formulas of one form's workbook.

    *cells* are where the [[computed]] values stand (label → reference), *gates* where it is said
    whether a section with a ``when`` is to be filled. ``readings`` are the names that the formulas
    use, which the workbook must define.
    """

    def __init__(self, form: Form, cells: Mapping[str, str], gates: Mapping[str, str]) -> None:
        self._form, self._cells, self._gates, self.gates = form, cells, gates, gates
        self.known: dict[tuple[object, ...], Any] = {}
        self.readings = Readings()
        told = {s.label: gates[s.label] for s in form.sections if self._applies(s) is not None}
        self._gates = told
        self._top = self._names(None)

    @_once_each
    def of_record(self, section: Section, field: Field) -> str | None:
        """Return the formula of a record's computed field."""

        def found(names: Names) -> Term:
            scope = RecordNames(names, section).scope
            return names.unless_idle(section, field, scope, names.term(field.formula, scope))

        return self._cell(section, places_of(field), found)

    @_once_each
    def of_grid(self, section: Section, line: GridRow, field: Field) -> str | None:
        """Return the formula of a grid's computed cell; the column's formula wins over the row's."""

        def found(names: Names) -> Term:
            scope = GridNames(names, section).scope(line, field)
            term = names.term(field.formula or line.formula, scope)
            return names.unless_idle(section, field, scope, term)

        return self._cell(section, places_of(field), found)

    @_once_each
    def of_row(self, section: Section, field: Field) -> str | None:
        """Return the formula of a table's computed column, with ``ROW`` for the row's number.

        A row with nothing filled in shows nothing.
        """

        def found(names: Names) -> Term:
            row = RowNames(TableNames(names, section), ROW)
            term = names.term(field.formula, row.scope)
            entered = "&".join(row.ref(f) for f in section.fields if not f.formula)
            term = names.unless_idle(section, field, row.scope, term)
            is_empty = f'IFERROR(TRIM({entered})="",FALSE)'
            return terms.blank_where(is_empty, term) if entered else term

        return self._cell(section, places_of(field), found)

    @_once_each
    def of_total(self, section: Section, field: Field) -> str | None:
        """Return the formula of the total above a table's column."""
        rounded = bool(field.formula) or isinstance(field.total, str)
        places = places_of(field) if rounded else None
        return self._cell(
            section, places, lambda names: Totals(TableNames(names, section)).of(field)
        )

    @_once_each
    def of_computed(self, field: Field) -> str | None:
        """Return the formula of a [[computed]] value, not rounded."""
        return self._cell(None, None, lambda names: names.term(field.formula, names))

    @_once_each
    def of_section(self, section: Section) -> str | None:
        """Return a formula that says whether *section* is to be filled; nothing while unknown."""
        asked = self._applies(section)
        if asked is None:
            return None
        known = f'IF({asked.true},"{BUSY}",IF({asked.false},"{IDLE}",""))'
        return f'=IF({asked.zero},"",{known})' if asked.zero != NEVER else f"={known}"

    @_once_each
    def of_check(self, check: Check) -> Verdict | None:
        """Return the verdict of a check, or None where Excel cannot say it."""
        for light in (False, True):
            self._top = self._names(None, light=light)
            try:
                verdict = self._each(check) if check.each else self._once(check)
            except (UntranslatableError, KeyError):
                continue
            if self.readings.fits(verdict.result) and self.readings.fits(verdict.difference):
                return verdict
        return None

    # -- cells -----------------------------------------------------------------

    def _names(self, home: Section | None, *, light: bool = False) -> Names:
        return Names(self._form, home, self._cells, self._gates, self.readings, light=light)

    def _cell(
        self, section: Section | None, places: int | None, found: Callable[[Names], Term]
    ) -> str | None:
        """Return the formula of a cell of *section*, blank where the section does not apply."""
        for light in (False, True):
            names = self._names(section, light=light)
            try:
                term = found(names)
                if section:
                    term = terms.blank_where(names.gate(section, always=True), term)
            except UntranslatableError:
                continue
            formula = terms.shown(term, places)
            if self.readings.fits(formula):
                return formula
        return None

    def _applies(self, section: Section) -> Truth | None:
        """Return whether *section* applies, or None where Excel cannot tell."""
        if not section.when or section.label not in self._gates:
            return None
        names = self._names(None)
        try:
            return condition(names.term(section.when, names))
        except UntranslatableError:
            return None

    # -- checks ----------------------------------------------------------------

    def _once(self, check: Check) -> Verdict:
        rule = self._rule(check, self._top)
        apart = ""
        if rule.plain:
            code = rule.code
            if check.when:
                code = f"IF({self._when(check, self._top)},{code},2)"
            if silent := "+".join([*self._left_out(check), *([rule.zero] * (rule.zero != NEVER))]):
                code = f"IF({silent},2,{code})"
            said = f'CHOOSE(1+{code},"{FAILED}","{PASSED}","{UNDECIDED}")'
            apart = self._apart(check)
        else:
            said = f'IF({rule.true},"{PASSED}",IF({rule.false},"{FAILED}","{UNDECIDED}"))'
            asked = f"1-{self._when(check, self._top)}" if check.when else NEVER
            for silent in [rule.zero, asked, *self._left_out(check)]:
                said = f'IF({silent},"{UNDECIDED}",{said})' if silent != NEVER else said
        return Verdict(f'=IFERROR({said},"{UNDECIDED}")', apart)

    def _left_out(self, check: Check, row: RowNames | None = None) -> Iterator[str]:
        """Yield, for each cell that the rule itself names, where it must be filled and is empty.

        The empty cell has its own finding (``crosschecks``, the same); 不适用 is something. *row*
        is the row of a table that the rule is asked of.
        """
        for path in dict.fromkeys(self._form.expressions[check.rule].paths()):
            if found := self._own_cell(check, row, path) or self._named_cell(path):
                section, field, ref, scope = found
                if field.formula or not field.required:
                    continue
                asked: list[tuple[str, Chain | Names]] = [(field.when, scope)]
                if not row or row.table.section != section:  # that has rows only where it applies
                    asked.append((section.when, self._top))
                if isinstance(field.required, str):
                    asked.append((field.required, scope))
                terms_ = [self._top.term(source, at) for source, at in asked if source]
                yield "*".join([f'(TRIM({ref})="")', *(condition(one).true for one in terms_)])

    def _own_cell(self, check: Check, row: RowNames | None, path: _Path) -> _Cell | None:
        """Return the cell of the very row that *path* names, by the check's alias or bare."""
        match path:
            case (alias, name) if alias == check.alias:
                pass
            case (name,):
                pass
            case _:
                return None
        if row is None or name not in row.table.fields:
            return None
        field = row.table.fields[name]
        return row.table.section, field, row.ref(field), row.scope

    def _named_cell(self, path: _Path) -> _Cell | None:
        """Return the cell of a record or grid that *path* names from the top."""
        shape = self._form.names()
        for name in path:
            shape = shape.members.get(name, Shape())
        field, places = shape.field, shape.key
        if field is None or len(places) < 2:
            return None
        section = self._form.section(places[0])
        lines = {line.label: line for line in section.rows if not line.formula}
        if section.kind == "record":
            record = RecordNames(self._top, section)
            return section, field, record.ref(field), record.scope
        if section.kind == "grid" and places[1] in lines:
            grid, line = GridNames(self._top, section), lines[places[1]]
            scope = Chain(GridLine(grid, line=line), grid, self._top)
            return section, field, grid.ref(line, field), scope
        return None

    def _each(self, check: Check) -> Verdict:
        section = self._form.section(check.each)
        table = TableNames(self._top, section)
        said = self._over(check, RowNames(table))
        if "MMULT(" in said:
            few = table.few
            more = RowNames(table, first=few.last + 1).exists()
            said = f"{self._over(check, few)}+IF(SUMPRODUCT({more})>0,NA(),0)"
        gate = self._top.gate(section)
        said = f"IF({gate},0,{said})" if gate != NEVER else said
        return Verdict(f"=IFERROR({said},0)", rows=True)

    def _over(self, check: Check, row: RowNames) -> str:
        """Return a number: rows that fail count 10 000 each, those that hold 1, others nothing."""
        scope = Chain(Alias(check.alias, row), row, self._top)
        rule = self._rule(check, scope)
        counted = row.exists()
        if check.when:
            counted += f"*{self._when(check, scope)}"
        if rule.zero != NEVER:
            counted += f"*({rule.zero}=0)"
        counted += "".join(f"*(1-{empty})" for empty in self._left_out(check, row))
        # of a code 0, 1, 2: 10 000, 1, and a trifle that INT cuts off
        one = f"IFERROR(10^(4-4*{rule.code}),0)"
        one = one if rule.plain else f"({_MANY}*{rule.false}+{rule.true})"
        return f"INT(SUM({counted}*{one}))"

    def _rule(self, check: Check, scope: Chain | Names) -> Truth:
        tree = self._form.expressions[check.rule].tree
        return comparison(tree, scope, self._allowed(check, scope))

    def _when(self, check: Check, scope: Chain | Names) -> str:
        asked = condition(translate(self._form.expressions[check.when].tree, scope))
        return asked.true if asked.zero == NEVER else f"({asked.true}*({asked.zero}=0))"

    def _apart(self, check: Check) -> str:
        """Return how far the two numbers of a plain comparison are apart; nothing of any other."""
        match self._form.expressions[check.rule].tree:
            case nodes.Compare(expr=first, ops=[nodes.Operand(op=sign, expr=second)]):
                sides = translate(first, self._top), translate(second, self._top)
                match sides:
                    case (Number(day=False) as left, Number(day=False) as right) if sign != "ne":
                        return difference(left, right)
        return ""

    def _allowed(self, check: Check, scope: Chain | Names) -> str:
        """Return how far the two sides may be apart; the rules are those of ``crosschecks``."""
        if not check.rounding_tail:
            return "" if check.tolerance is None else f"{check.tolerance:f}"
        found = addends(self._form, check)
        if found is None:
            return "0"
        tables = [(one, scope) for one in found.tables] + [(one, self._top) for one in found.inner]
        rows = [translate(one.tree, at).lookup("个数").value for one, at in tables]
        counted = "+".join([*rows, str(found.single)])
        return f"IF({_HALF_A_CENT}*({counted})>{_CENT},{_HALF_A_CENT}*({counted}),{_CENT})"
