"""The totals of the columns of 汇总: their values, and the formulas of Excel that follow a filter."""

from collections.abc import Iterable, Mapping, Sequence

from jinja2 import nodes

from reportgen.expression import Chain, path_of
from reportgen.summary.form import Column, counted
from reportgen.summary.values import behind_totals
from reportgen.value import (
    Blank,
    DivisorZeroError,
    NotANumberError,
    NotApplicable,
    Number,
    Value,
    add,
    number,
    with_field,
)


class Totals:
    """The totals of a form's columns, added up while the units pass."""

    def __init__(self, own: Sequence[Column]) -> None:
        self.columns = {one.label: one for one in own}
        self._sums: dict[str, Value] = {}
        self._means: dict[str, int] = {}

    def add(self, values: Mapping[str, Value]) -> None:
        """Add the values of one unit."""
        own = [*self.columns.values()]
        parts = {
            label: value
            for label, value in (*values.items(), *behind_totals(values, own).items())
            if isinstance(value, Number)
        }
        for label, value in parts.items():
            self._sums[label] = add(self._sums.get(label, Blank()), value)
            self._means[label] = self._means.get(label, 0) + 1

    def of(self, label: str) -> Value:
        """Return the total of a column; a blank where it has none, or no unit has a value."""
        one = self.columns[label]
        if not one.field.has_total or label not in self._sums:
            return Blank(one.field)
        if one.average:
            mean = self._sums[label] / number(self._means[label])
            return with_field(mean, one.field)
        if not one.operands:
            return with_field(self._sums[label], one.field)
        try:
            found = one.expression.evaluate(Chain(_Behind(one, self._sums)))
        except DivisorZeroError:
            return NotApplicable(one.field)
        except NotANumberError:
            return Blank(one.field)
        return with_field(found, one.field)

    def formula(self, label: str, columns: Mapping[str, str], first: int, last: int) -> str:
        """Return the formula of a total; empty where Excel has none that follows a filter.

        *columns* are the letters of the columns by label, *first* and *last* the rows (from 1).
        """
        one = self.columns[label]

        def area(name: str) -> str:
            return f"{columns[name]}{first}:{columns[name]}{last}"

        if one.average:
            return f'IFERROR(SUBTOTAL(101,{area(label)}),"")'
        if not one.operands:
            return f"SUBTOTAL(109,{area(label)})"
        match _calculation(one):
            case nodes.Div(left=left, right=right):
                parts = [path_of(left), path_of(right)]
                if all(parts):
                    top, bottom = (
                        f"SUMPRODUCT({_seen(area(label))},{area(path[0])})"
                        for path in parts
                        if path
                    )
                    return f'IFERROR({top}/{bottom},"—")'
        return ""


def _seen(area: str) -> str:
    """Return 1 for each row of *area* that is not filtered away and has a number, or else 0."""
    first = area.partition(":")[0]
    return f"SUBTOTAL(102,OFFSET({first},ROW({area})-ROW({first}),0))"


def _calculation(one: Column) -> nodes.Node:
    """Return a column's formula without the condition around it."""
    tree: nodes.Node = one.expression.tree
    return tree.expr1 if isinstance(tree, nodes.CondExpr) and tree.expr2 is None else tree


class _Behind:
    """The sums of which the total of a rate is made, under the names of its formula."""

    def __init__(self, column: Column, sums: Mapping[str, Value]) -> None:
        self._column, self._sums = column, sums

    def lookup(self, name: str) -> Value:
        if name not in self._column.operands:
            raise KeyError(name)
        return self._sums.get(counted(name, self._column.label), Blank())


def rate_parts(own: Iterable[Column]) -> tuple[str, ...]:
    """Return the two columns of the first rate that is a quotient of columns: base, then part."""
    for one in own:
        match _calculation(one):
            case nodes.Div(left=left, right=right) if one.operands:
                part, base = path_of(left), path_of(right)
                if part and base:
                    return base[0], part[0]
    return ()
