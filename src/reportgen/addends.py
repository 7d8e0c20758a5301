"""The rounded amounts that a rule adds up, for its rounding tail (尾差); known without any data.

Each amount is at most half a unit of its last printed digit off, so the tail grows with them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jinja2 import nodes

from reportgen.expression import Expression, path_of
from reportgen.filters import YUAN
from reportgen.form import Check, Form
from reportgen.names import Shape, shapes_used


@dataclass(slots=True)
class Addends:
    """The amounts of a rule: *single* ones, and one for each row of the tables.

    ``tables`` are named by the rule itself, ``inner`` by a [[computed]], which sees only the top.
    """

    single: int = 0
    tables: list[Expression] = field(default_factory=list)
    inner: list[Expression] = field(default_factory=list)


def addends(form: Form, check: Check) -> Addends | None:
    """Return the amounts that the rule of *check* adds up; None if a number of it is no money.

    The total of a table counts its rows (those that 筛选 keeps), the total of a grid its entered
    rows, a computed name what its formula adds up, anything else 1. What is only asked, by a
    condition or by 筛选, is no addend.
    """
    scopes = [form.names()]
    if check.each and (row := form.shape(form.section(check.each)).each):
        scopes = [Shape({check.alias: row}), row, *scopes]
    tree = form.expressions[check.rule].tree
    if any(_is_exact(node, shape) for node, shape in _named(tree, scopes)):
        return None
    found = Addends()
    _Count(form, found, found.tables).add(tree, scopes)
    return found


class _Count:
    """Counts each name once, also where two formulas lead to it."""

    def __init__(self, form: Form, found: Addends, tables: list[Expression]) -> None:
        self._form, self._found, self._tables = form, found, tables
        self._known: list[nodes.Node] = []
        self._inner = self if tables is found.inner else _Count(form, found, found.inner)

    def add(self, tree: nodes.Node, scopes: Sequence[Shape]) -> None:
        """Count what *tree* adds up."""
        for node, shape in _named(tree, scopes):
            if node in self._known:
                continue
            self._known.append(node)
            match _total(node):
                case nodes.Expr() as owner if (rows := self._rows(owner)) is not None:
                    self._found.single += rows
                case nodes.Expr() as owner:
                    self._tables.append(Expression.of(owner))
                case None if shape.field and len(shape.key) == 1:
                    one = next(c for c in self._form.computed if c.label == shape.key[0])
                    tree = self._form.expressions[one.formula].tree
                    self._inner.add(tree, [self._form.names()])
                case None:
                    self._found.single += 1

    def _rows(self, owner: nodes.Node) -> int | None:
        """Return how many rows of a grid its total adds up; None for a table."""
        section = self._form.section(_table(owner))
        if section.kind != "grid":
            return None
        own = [row for row in section.rows if "合计" in (row.label, *row.was)]
        entered = [row for row in section.rows if not row.formula]
        return 1 if own and own[0] in entered else len(entered)


def _named(tree: nodes.Node, scopes: Sequence[Shape]) -> Iterator[tuple[nodes.Node, Shape]]:
    """Yield the values that *tree* calculates with."""
    shapes = {id(node): shape for node, shape in shapes_used(tree, scopes)}
    waiting: list[nodes.Node | None] = [tree]
    while waiting:
        match waiting.pop(0):
            case nodes.Name() | nodes.Getattr() | nodes.Getitem() as node:
                if id(node) in shapes:
                    yield node, shapes[id(node)]
            case nodes.CondExpr(expr1=yes, expr2=no):
                waiting += [yes, no]
            case nodes.Call(args=args):
                waiting += args
            case nodes.Filter(kwargs=[_, *_]) | None:
                continue
            case node:
                waiting += node.iter_child_nodes()


def _is_exact(node: nodes.Node, shape: Shape) -> bool:
    """Whether a number is not in a unit of money: there nothing is rounded."""
    if shape.field is None:
        return isinstance(node, nodes.Getattr) and node.attr in {"个数", "序号"}
    return bool(shape.field.is_number or shape.field.formula) and shape.field.uom not in YUAN


def _total(node: nodes.Node) -> nodes.Expr | None:
    """Return the table whose total *node* is, or None if it is none: ``收支`` of 收支.合计.决算数."""
    match node:
        case nodes.Getattr(node=nodes.Getattr(node=owner, attr="合计")):
            return owner
    return None


def _table(owner: nodes.Node) -> str:
    """Return the label of a table, or of one whose rows are chosen."""
    while isinstance(owner, nodes.Filter) and owner.node:
        owner = owner.node
    return (path_of(owner) or ("",))[-1]
