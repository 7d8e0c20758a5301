"""An expression as a live Excel formula, with the same rules for blanks (design.md §3).

Only functions of Excel 2007 are used: WPS and LibreOffice know them all. What cannot be said in
Excel gives None, and the cell says that the program computes it.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from jinja2 import nodes
from openpyxl.utils.cell import quote_sheetname

from reportgen.expression import path_of
from reportgen.form import Field, Form, GridRow, Section
from reportgen.headings import label_of
from reportgen.workbook import layout
from reportgen.workbook.layout import FIRST_ROW, LAST_ROW, TOTAL_ROW, letters

Path = tuple[str, ...]
Resolve = Callable[[Path], str]

_COMPARE = {"eq": "=", "ne": "<>", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_FUNCTIONS = {"round": "ROUND", "四舍五入": "ROUND", "abs": "ABS", "绝对值": "ABS"}
_LONGEST = 8_000  # Excel takes 8192 characters


class _UntranslatableError(ValueError):
    """The expression has no Excel form."""


class Formulas:
    """Writes the formulas of one form's workbook."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._open: list[str] = []

    def of_record(self, section: Section, field: Field) -> str | None:
        """Return the formula of a record's computed field."""
        return self._formula(field.formula, [section])

    def of_grid(self, section: Section, line: GridRow, field: Field) -> str | None:
        """Return the formula of a grid's computed cell; the column's formula wins over the row's."""
        fields = {n: f for f in section.fields for n in (f.label, *f.was)}
        lines = {n: r for r in section.rows for n in (r.label, *r.was)}

        def resolve(path: Path) -> str:
            if len(path) == 1 and field.formula and path[0] in fields:
                return _grid_cell(section, line.label, fields[path[0]])
            if len(path) == 1 and not field.formula and path[0] in lines:
                return _grid_cell(section, lines[path[0]].label, field)
            return self._resolve(path, [section])

        return self._translated(field.formula or line.formula, resolve)

    def _formula(self, source: str, scopes: Sequence[Section]) -> str | None:
        return self._translated(source, lambda path: self._resolve(path, scopes))

    def _translated(self, source: str, resolve: Resolve) -> str | None:
        try:
            text = self._translate(self._form.expressions[source].tree, resolve, bare=True)
        except (_UntranslatableError, KeyError, ValueError):
            return None
        return f"={text}" if len(text) < _LONGEST else None

    # -- names -----------------------------------------------------------------

    def _resolve(self, path: Path, scopes: Sequence[Section]) -> str:
        """Return the reference or the inner formula that *path* stands for."""
        for section in scopes:
            if section.kind == "record" and len(path) == 1 and path[0] in _names(section):
                return self._in_section(section, path)
            if section.kind == "grid" and path[0] in _rows(section):
                return self._in_section(section, path)
        computed = {n: c for c in self._form.computed for n in (c.label, *c.was)}
        if path[0] in computed and len(path) == 1:
            return self._computed(computed[path[0]])
        sections = {n: s for s in self._form.sections for n in (s.label, *s.was)}
        if path[0] in sections:
            return self._in_section(sections[path[0]], path[1:])
        short = self._form.short_names()
        if path[0] in short and len(path) == 1:
            section, field = short[path[0]]
            return self._in_section(section, (field.label,))
        raise _UntranslatableError(path)

    def _computed(self, one: Field) -> str:
        if one.label in self._open:
            raise _UntranslatableError(one.label)
        self._open.append(one.label)
        try:
            tree = self._form.expressions[one.formula].tree
            return "(" + self._translate(tree, lambda path: self._resolve(path, [])) + ")"
        finally:
            self._open.remove(one.label)

    def _in_section(self, section: Section, path: Path) -> str:
        match section.kind, path:
            case "record", (name,):
                return f"{_sheet(section)}$B${layout.row(section, section.field(name).label)}"
            case "grid", (row, name) if row in _rows(section):
                return _sheet(section) + _grid_cell(
                    section, _rows(section)[row].label, section.field(name)
                )
            case "grid", ("合计", name) if _is_summed(section.field(name)):
                cells = [
                    _sheet(section) + _grid_cell(section, r.label, section.field(name))
                    for r in section.rows
                    if not r.formula
                ]
                listed = ",".join(cells)
                return f'IF(COUNT({listed})=0,"",SUM({listed}))'
            case "table", ("个数",) if section.fields[0].required is True:
                return f"COUNTA({_area(section, section.fields[0])})"
            case "table" | "outline", ("合计", name) if _is_summed(section.field(name)):
                letter = letters(layout.column(section, section.field(name).label))
                return f"{_sheet(section)}${letter}${TOTAL_ROW}"
        raise _UntranslatableError(path)

    # -- operators -------------------------------------------------------------

    def _translate(self, node: nodes.Node, resolve: Resolve, *, bare: bool = False) -> str:
        path = path_of(node)
        if path:
            found = resolve(path)
            # a reference to an empty cell alone would be 0
            return f'IF({found}="","",{found})' if bare and found[-1:].isdigit() else found
        match node:
            case nodes.Const(value=bool(truth)):
                return "TRUE" if truth else "FALSE"
            case nodes.Const(value=int() | float() as number):
                return repr(number)
            case nodes.Const(value=str(text)):
                return '"' + text.replace('"', '""') + '"'
            case nodes.Add() | nodes.Sub():
                return self._sum(node, resolve)
            case nodes.Mul(left=a, right=b):
                x, y = self._translate(a, resolve), self._translate(b, resolve)
                return f'IF(COUNT({x},{y})<2,"",{x}*{y})'
            case nodes.Div(left=a, right=b):
                x, y = self._translate(a, resolve), self._translate(b, resolve)
                return f'IF(COUNT({x},{y})<2,"",IF({y}=0,"—",{x}/{y}))'
            case nodes.Neg(node=inner):
                x = self._translate(inner, resolve)
                return f'IF(COUNT({x})=0,"",-{x})'
            case nodes.Pos(node=inner):
                return self._translate(inner, resolve)
            case nodes.Compare(expr=first, ops=[operand]) if operand.op in _COMPARE:
                x, y = self._translate(first, resolve), self._translate(operand.expr, resolve)
                sign = _COMPARE[operand.op]
                # Excel takes any text (不适用) for greater than any number
                return f'AND({x}<>"",{y}<>"",ISNUMBER({x})=ISNUMBER({y}),{x}{sign}{y})'
            case nodes.And(left=a, right=b):
                return f"AND({self._translate(a, resolve)},{self._translate(b, resolve)})"
            case nodes.Or(left=a, right=b):
                return f"OR({self._translate(a, resolve)},{self._translate(b, resolve)})"
            case nodes.CondExpr(test=test, expr1=then, expr2=other) if path_of(test) is None:
                parts = [self._translate(part, resolve) for part in (test, then)]
                last = self._translate(other, resolve) if other else '""'
                return f"IF({parts[0]},{parts[1]},{last})"
            case nodes.Call(node=nodes.Name(name=name), args=args) if name in _FUNCTIONS:
                return self._function(_FUNCTIONS[name], list(args), resolve)
            case nodes.Filter(name=name, node=nodes.Expr() as inner, args=args) if (
                name in _FUNCTIONS
            ):
                return self._function(_FUNCTIONS[name], [inner, *args], resolve)
            case nodes.Getattr(node=nodes.Getattr(node=table, attr="合计"), attr=attr):
                return self._filtered_sum(table, label_of(attr), resolve)
        raise _UntranslatableError(type(node).__name__)

    def _sum(self, node: nodes.Node, resolve: Resolve) -> str:
        # all terms at once: nested two by two, ten rows would fill a thousand conditions
        terms = [(sign, self._translate(term, resolve)) for sign, term in _terms(node)]
        counted = ",".join(text for _, text in terms)
        # N() makes 0 of a blank and of 不适用
        added = "".join(f"{sign}N({text})" for sign, text in terms).removeprefix("+")
        return f'IF(COUNT({counted})=0,"",{added})'

    def _function(self, name: str, args: list[nodes.Expr], resolve: Resolve) -> str:
        first, *rest = (self._translate(arg, resolve) for arg in args)
        if name == "ROUND" and not rest:
            rest = ["0"]
        return f'IF(COUNT({first})=0,"",{name}({",".join([first, *rest])}))'

    def _filtered_sum(self, table: nodes.Node, label: str, resolve: Resolve) -> str:
        match table:
            case nodes.Filter(name="where" | "筛选", node=nodes.Name(name=name), kwargs=conditions):
                section = self._form.section(label_of(name))
                if not section.has_rows or not _is_summed(section.field(label)):
                    raise _UntranslatableError(label)
                parts = [_area(section, section.field(label))]
                for pair in conditions:
                    parts.append(_area(section, section.field(label_of(str(pair.key)))))
                    parts.append(self._criterion(pair.value, resolve))
                return f"SUMIFS({','.join(parts)})"
        raise _UntranslatableError(label)

    def _criterion(self, wanted: nodes.Expr, resolve: Resolve) -> str:
        if isinstance(wanted, nodes.Const) and isinstance(wanted.value, str):
            # Excel would read ">5" as a condition and "*" as any text
            plain = re.sub(r"[~*?]", r"~\g<0>", wanted.value).replace('"', '""')
            return f'"={plain}"'
        return self._translate(wanted, resolve)


def _terms(node: nodes.Node, sign: str = "+") -> Iterator[tuple[str, nodes.Node]]:
    """Yield the terms of a sum with their signs: ``a - (b - c)`` is +a -b +c."""
    if isinstance(node, nodes.Add | nodes.Sub):
        yield from _terms(node.left, sign)
        other = "-" if sign == "+" else "+"
        yield from _terms(node.right, sign if isinstance(node, nodes.Add) else other)
    else:
        yield sign, node


def _names(section: Section) -> set[str]:
    return {n for f in section.fields for n in (f.label, *f.was)}


def _rows(section: Section) -> dict[str, GridRow]:
    return {n: r for r in section.rows for n in (r.label, *r.was)}


def _sheet(section: Section) -> str:
    return quote_sheetname(section.label) + "!"


def _grid_cell(section: Section, row: str, field: Field) -> str:
    return f"${letters(layout.column(section, field.label))}${layout.row(section, row)}"


def _area(section: Section, field: Field) -> str:
    letter = letters(layout.column(section, field.label))
    return f"{_sheet(section)}${letter}${FIRST_ROW}:${letter}${LAST_ROW}"


def _is_summed(field: Field) -> bool:
    return field.has_total and not field.formula and not isinstance(field.total, str)
