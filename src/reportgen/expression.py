"""Jinja expressions over exact values: ``formula``, ``rule``, ``when``, ``required``.

One expression is parsed once. Any heading of the workbook works as a name in it
(``指标总额（万元）``, ``2025年预算``), because headings are replaced by identifiers before Jinja
sees them (``headings.py``). The same replacement serves the tags of Word templates.
"""

import inspect
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.parser import Parser

from reportgen.filters import FILTERS, FUNCTIONS
from reportgen.headings import Headings, label_of
from reportgen.show import show
from reportgen.value import Blank, Invalid, add, divide, multiply, number, subtract

_ENVIRONMENT = Environment()  # noqa: S701 - parses expressions only, never renders


class ExpressionError(ValueError):
    """An expression cannot be understood; the message is Chinese and names the spot."""


class Scope(Protocol):
    """Where an expression finds its names."""

    def resolve(self, name: str) -> object:
        """Return what *name* stands for.

        Raises:
            KeyError: nothing is called *name*.
        """


class Node(Protocol):
    """Something with named members: a section, a row, a total."""

    def lookup(self, name: str) -> object:
        """Return the member called *name*.

        Raises:
            KeyError: no member is called *name*.
        """


class Chain:
    """The scopes of an expression, the nearest first."""

    __slots__ = ("scopes",)

    def __init__(self, *scopes: Node) -> None:
        self.scopes = scopes

    def resolve(self, name: str) -> object:
        """Return what *name* stands for in the nearest scope that has it."""
        for scope in self.scopes:
            try:
                return scope.lookup(name)
            except KeyError:
                continue
        raise KeyError(name)


class Alias:
    """A row under the name that ``as`` gives it."""

    __slots__ = ("name", "row")

    def __init__(self, name: str, row: object) -> None:
        self.name, self.row = name, row

    def lookup(self, name: str) -> object:
        """Return the row if it is meant."""
        if name == self.name:
            return self.row
        raise KeyError(name)


#: What looks through or works out a formula goes down into it: Python has 1,000 levels for all of it.
_TOO_DEEP = "一层套一层，太深了；请分成几步"


def _be_shallow(tree: nodes.Node) -> None:
    level: list[nodes.Node] = [tree]
    for _ in range(200):
        level = [child for node in level for child in node.iter_child_nodes()]
    if level:
        raise ExpressionError(_TOO_DEEP)


@dataclass(frozen=True)
class Expression:
    """A parsed expression. ``source`` is as its author wrote it."""

    source: str
    tree: nodes.Expr = field(compare=False, repr=False)
    _run: Callable[[Scope], Any] = field(compare=False, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return Expression.of, (self.tree, self.source)

    @classmethod
    def parse(cls, source: str, headings: Headings) -> "Expression":
        """Parse *source*.

        Raises:
            ExpressionError: it is no expression, or uses what formulas do not have.
        """
        try:
            parser = Parser(_ENVIRONMENT, headings.to_identifiers(source), state="variable")
            tree = parser.parse_expression()
        except TemplateSyntaxError as error:
            raise ExpressionError("写法不对，请检查括号、引号和运算符") from error
        except (RecursionError, ValueError) as error:  # ValueError: more digits than Python reads
            raise ExpressionError(_TOO_DEEP) from error
        if not parser.stream.eos:
            raise ExpressionError(f"“{parser.stream.current.value}”处多出了内容")
        _be_shallow(tree)
        return cls(source, tree, _compile(tree))

    @classmethod
    def of(cls, tree: nodes.Expr, source: str = "") -> "Expression":
        """Return a part of an expression as one of its own."""
        return cls(source, tree, _compile(tree))

    def evaluate(self, scope: Scope) -> Any:
        """Return the value in *scope*.

        Raises:
            DivisorZeroError, NotANumberError: the arithmetic cannot be done.
            KeyError: a name is unknown.
        """
        return self._run(scope)

    @property
    def is_comparison(self) -> bool:
        """Whether it compares two sides, once."""
        return isinstance(self.tree, nodes.Compare) and len(self.tree.ops) == 1

    def sides(self, scope: Scope) -> tuple[Any, str, Any] | None:
        """Return left value, operator (Jinja's name) and right value of a plain comparison."""
        if self._sides is None:
            return None
        left, name, right = self._sides
        return left(scope), name, right(scope)

    @cached_property
    def _sides(self) -> tuple[Callable[[Scope], Any], str, Callable[[Scope], Any]] | None:
        match self.tree:
            case nodes.Compare(expr=first, ops=[nodes.Operand(op=name, expr=second)]):
                return _compile(first), name, _compile(second)
        return None

    def named_sides(self) -> tuple[bool, bool]:
        """Return which side of a plain comparison is a name or a constant: what needs no telling."""
        match self.tree:
            case nodes.Compare(expr=first, ops=[nodes.Operand(expr=second)]):
                left, right = (
                    isinstance(n, nodes.Const) or bool(path_of(n)) for n in (first, second)
                )
                return left, right
        return False, False

    def paths(self) -> tuple[tuple[str, ...], ...]:
        """Return every name used, as labels: ``收支.合计.决算数`` is one path of three."""
        return self._named

    @cached_property
    def _named(self) -> tuple[tuple[str, ...], ...]:
        return tuple(_paths(self.tree))


def in_words(condition: str) -> str:
    """Return a condition as a person says it: ``得分 < 分值`` → ``得分小于分值``.

    >>> in_words("报告提纲 == '2020提纲'")
    '报告提纲为“2020提纲”'
    """
    parts = re.split(r"(\"[^\"]*\"|'[^']*')", condition)
    return "".join(f"“{p[1:-1]}”" if p[:1] in {'"', "'"} else _signs_in_words(p) for p in parts)


def _signs_in_words(text: str) -> str:
    for sign, word in (
        ("==", "为"), ("!=", "不为"), ("<=", "不大于"), (">=", "不小于"),
        ("<", "小于"), (">", "大于"), (" in ", "属于"), (",", "、"), ("[", ""), ("]", ""),
    ):  # fmt: skip
        text = text.replace(sign, word)
    for word, said in (("and", "且"), ("or", "或"), ("not", "没有")):
        text = re.sub(rf"\b{word}\b", said, text)
    return re.sub(r"\s+", "", text)


def path_of(node: nodes.Node) -> tuple[str, ...] | None:
    """Return the labels of ``甲.乙.丙`` (or ``甲["乙"]``), or None for anything else."""
    match node:
        case nodes.Name(name=name):
            return (label_of(name),)
        case nodes.Getattr(node=inner, attr=attr):
            head = path_of(inner)
            return (*head, label_of(attr)) if head else None
        case nodes.Getitem(node=inner, arg=nodes.Const(value=str(key))):
            head = path_of(inner)
            return (*head, key) if head else None
    return None


def _paths(node: nodes.Node) -> Iterator[tuple[str, ...]]:
    path = path_of(node)
    if path:
        yield path
        return
    for child in node.iter_child_nodes():
        if isinstance(node, nodes.Call) and child is node.node:
            continue
        yield from _paths(child)


_BINARY: Mapping[type[nodes.Node], Callable[[Any, Any], Any]] = {
    nodes.Add: add,
    nodes.Sub: subtract,
    nodes.Mul: multiply,
    nodes.Div: divide,
}
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
    "in": lambda a, b: _contains(b, a),
    "notin": lambda a, b: _negate(_contains(b, a)),
}


def _contains(whole: Any, part: Any) -> Any:
    """Whether a list has *part* as an element, or a text has it in it; unknown of a blank."""
    for one in (part, whole):
        if isinstance(one, Blank):
            return Invalid() if isinstance(one, Invalid) else Blank()
    if isinstance(whole, Iterable) and not isinstance(whole, str):
        return any(part == one for one in whole)
    return str(part) in str(whole)


def _joined(parts: list[Any]) -> Any:
    """Return texts behind one another; a blank or unreadable part makes the whole so.

    ``年度 ~ '-12-31'`` without a year would be a text that is later than no date.
    """
    for one in parts:
        if isinstance(one, Invalid):
            return Invalid(raw="？")
    return Blank() if any(isinstance(p, Blank) for p in parts) else "".join(map(show, parts))


def _literal(value: Any) -> Any:
    # 0.8 is the decimal 0.8, not the nearest binary number
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return number(value)


def _compile(node: nodes.Node) -> Callable[[Scope], Any]:
    """Turn a syntax tree into a closure; every kind of node that formulas have is a case here."""
    match node:
        case nodes.Const(value=value):
            constant = _literal(value)
            return lambda _: constant
        case nodes.Name(name=name):
            label = label_of(name)
            return lambda scope: scope.resolve(label)
        case nodes.Getattr(node=inner, attr=attr):
            owner, member = _compile(inner), label_of(attr)
            return lambda scope: _member(owner(scope), member)
        case nodes.Getitem(node=inner, arg=nodes.Const(value=str(key))):
            owner = _compile(inner)
            return lambda scope: _member(owner(scope), key)
        case nodes.Add() | nodes.Sub() | nodes.Mul() | nodes.Div():
            left, right, apply = _compile(node.left), _compile(node.right), _BINARY[type(node)]
            return lambda scope: apply(left(scope), right(scope))
        case nodes.Neg(node=inner):
            value = _compile(inner)
            return lambda scope: multiply(-1, value(scope))
        case nodes.Pos(node=inner):
            return _compile(inner)
        case nodes.Compare(expr=first, ops=operands):
            return _comparison(first, operands)
        case nodes.And(left=a, right=b):
            left, right = _compile(a), _compile(b)
            return lambda scope: _both(left(scope), lambda: right(scope))
        case nodes.Or(left=a, right=b):
            left, right = _compile(a), _compile(b)
            return lambda scope: _either(left(scope), lambda: right(scope))
        case nodes.Not(node=inner):
            value = _compile(inner)
            return lambda scope: _negate(value(scope))
        case nodes.CondExpr(test=test, expr1=then, expr2=other):
            condition, yes = _compile(test), _compile(then)
            no = _compile(other) if other else lambda _: Blank()
            return lambda scope: _choose(condition(scope), yes, no, scope)
        case nodes.List(items=items) | nodes.Tuple(items=items):
            parts = [_compile(item) for item in items]
            return lambda scope: [part(scope) for part in parts]
        case nodes.Concat(nodes=items):
            parts = [_compile(item) for item in items]
            return lambda scope: _joined([part(scope) for part in parts])
        case nodes.Filter(node=nodes.Node() as inner, name=name) if name in FILTERS:
            return _application(node, FILTERS[name], [inner, *node.args])
        case nodes.Call(node=nodes.Name(name=name)) if name in FUNCTIONS:
            return _application(node, FUNCTIONS[name], node.args)
        case nodes.Filter(name=name):
            raise ExpressionError(f"没有“{name}”这个过滤器")
        case nodes.Call(node=nodes.Name(name=name)):
            raise ExpressionError(f"没有“{label_of(name)}”这个函数")
    raise ExpressionError("公式里不能这样写；可用 + - * / 比较、and or not、if else 和函数")


def _application(
    node: nodes.Filter | nodes.Call, function: Callable[..., Any], args: Iterable[nodes.Expr]
) -> Callable[[Scope], Any]:
    values = [_compile(arg) for arg in args]
    named = [(label_of(str(pair.key)), _compile(pair.value)) for pair in node.kwargs]
    if node.dyn_args or node.dyn_kwargs:
        raise ExpressionError("括号里不能用 * 展开")
    try:
        inspect.signature(function).bind(*values, **dict(named))
    except TypeError as error:
        name = node.name if isinstance(node, nodes.Filter) else path_of(node.node) or ""
        raise ExpressionError(f"“{''.join(name)}”的括号里写得不对") from error
    return lambda scope: function(
        *(value(scope) for value in values), **{name: value(scope) for name, value in named}
    )


def _comparison(first: nodes.Expr, operands: list[nodes.Operand]) -> Callable[[Scope], Any]:
    start = _compile(first)
    steps = [(_COMPARE[operand.op], _compile(operand.expr)) for operand in operands]

    def run(scope: Scope) -> Any:
        left, result = start(scope), True
        for compare, right_of in steps:
            right = right_of(scope)
            result = compare(left, right)
            if not result:
                return result
            left = right
        return result

    return run


def _is_unknown(value: object) -> bool:
    """Whether a condition came out neither true nor false.

    An empty cell by its bare name is false (``not 备注`` asks whether it is empty); a comparison
    with an empty cell, and anything with an unreadable one, is unknown.
    """
    return isinstance(value, Blank) and (isinstance(value, Invalid) or value.field is None)


def _negate(value: object) -> object:
    return value if _is_unknown(value) else not value


def _both(left: Any, right: Callable[[], Any]) -> Any:
    if not left and not _is_unknown(left):
        return left
    other = right()
    return other if left or (not other and not _is_unknown(other)) else left


def _either(left: Any, right: Callable[[], Any]) -> Any:
    if left:
        return left
    other = right()
    return other if other or not _is_unknown(left) else left


def _choose(
    condition: Any, yes: Callable[[Scope], Any], no: Callable[[Scope], Any], scope: Scope
) -> Any:
    if isinstance(condition, Invalid):
        return condition
    return yes(scope) if condition else no(scope)


def _member(owner: Any, name: str) -> Any:
    lookup = getattr(owner, "lookup", None)
    if lookup is None:
        raise KeyError(name)
    return lookup(name)
