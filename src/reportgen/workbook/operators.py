"""A Jinja expression as terms of Excel: each kind of node that ``expression.py`` evaluates.

What cannot be said in Excel raises ``UntranslatableError``.
"""

from collections.abc import Iterator
from typing import Any, Protocol

from jinja2 import nodes

from reportgen.expression import Scope
from reportgen.headings import label_of
from reportgen.workbook import conditions, terms
from reportgen.workbook.terms import Number, Term, Truth, UntranslatableError, Words

_FUNCTIONS = {
    "round": "round", "四舍五入": "round", "abs": "abs", "绝对值": "abs",
    "sum": "sum", "求和": "sum", "count": "count", "计数": "count",
    "min": "min", "最小": "min", "max": "max", "最大": "max",
}  # fmt: skip


class Members(Protocol):
    """Something with named members: a section, its totals, a row."""

    def lookup(self, name: str) -> Any:
        """Return the member called *name*; KeyError if there is none."""


class Many(Protocol):
    """A column of a table, or its rows."""

    def reduced(self, function: str) -> Number:
        """Return sum, count, min or max of all that is in it."""


class Rows(Protocol):
    """The rows of a table."""

    def where(self, conditions: dict[str, Any]) -> "Rows":
        """Return the rows whose fields equal all of *conditions*."""


#: With each side the guards of all are written once more: with 20 it takes 15 s, with 60 all memory.
_SIDES = 8


def translate(node: nodes.Node, scope: Scope) -> Any:
    """Return what *node* is in *scope*: a term, or something with members.

    Raises:
        UntranslatableError: it has no Excel form.
        KeyError: a name is unknown.
    """
    match node:
        case nodes.Const(value=value):
            return terms.literal(value)
        case nodes.Name(name=name):
            return scope.resolve(label_of(name))
        case nodes.Getattr(node=inner, attr=attr):
            return _member(translate(inner, scope), label_of(attr))
        case nodes.Getitem(node=inner, arg=nodes.Const(value=str(key))):
            return _member(translate(inner, scope), key)
        case nodes.Add() | nodes.Sub():
            # all terms at once: nested two by two, forty rows would be forty brackets deep
            signed = [(s, terms.number(translate(n, scope))) for s, n in _signed(node)]
            return terms.add(signed)
        case nodes.Mul(left=a, right=b):
            return terms.multiply(_number(a, scope), _number(b, scope))
        case nodes.Div(left=a, right=b):
            return terms.divide(_number(a, scope), _number(b, scope))
        case nodes.Neg(node=inner):
            return terms.negative(_number(inner, scope))
        case nodes.Pos(node=inner):
            return _number(inner, scope)
        case nodes.Compare(expr=first, ops=operands) if len(operands) <= _SIDES:
            return _comparison(first, operands, scope)
        case nodes.And(left=a, right=b):
            return conditions.both(_condition(a, scope), _condition(b, scope))
        case nodes.Or(left=a, right=b):
            return conditions.either(_condition(a, scope), _condition(b, scope))
        case nodes.Not(node=inner):
            return conditions.negate(_condition(inner, scope))
        case nodes.CondExpr(test=test, expr1=yes, expr2=no):
            other = _term(translate(no, scope)) if no else None
            return conditions.choose(_condition(test, scope), _term(translate(yes, scope)), other)
        case nodes.List(items=items) | nodes.Tuple(items=items):
            return [_term(translate(item, scope)) for item in items]
        case nodes.Concat(nodes=items):
            return conditions.joined([_term(translate(item, scope)) for item in items])
        case nodes.Filter(name="where" | "筛选", node=nodes.Node() as inner, kwargs=pairs):
            wanted = {label_of(str(p.key)): _term(translate(p.value, scope)) for p in pairs}
            return _where(translate(inner, scope), wanted)
        case nodes.Filter(name=name, node=nodes.Node() as inner, args=args, kwargs=[]):
            return _application(name, [inner, *args], scope)
        case nodes.Call(node=nodes.Name(name=name), args=args, kwargs=[]):
            return _application(name, list(args), scope)
    raise UntranslatableError(type(node).__name__)


def comparison(node: nodes.Node, scope: Scope, allowed: str) -> Truth:
    """Return a condition; a plain comparison holds within *allowed* too.

    Raises:
        UntranslatableError: it has no Excel form.
    """
    match node:
        case nodes.Compare(ops=[operand]) if allowed and operand.op in {
            "eq", "lt", "lteq", "gt", "gteq",
        }:  # fmt: skip
            left, right = translate(node.expr, scope), translate(operand.expr, scope)
            both = isinstance(left, Number) and isinstance(right, Number)
            return conditions.compare(left, operand.op, right, allowed if both else "")
    return _condition(node, scope)


def _member(owner: Any, name: str) -> Any:
    lookup = getattr(owner, "lookup", None)
    if lookup is None:
        raise UntranslatableError(name)
    return lookup(name)


def _where(table: Any, wanted: dict[str, Any]) -> Any:
    where = getattr(table, "where", None)
    if where is None:
        raise UntranslatableError(wanted)
    return where(wanted)


def _term(found: Any) -> Term:
    if isinstance(found, Number | Words | Truth):
        return found
    raise UntranslatableError(type(found).__name__)


def _number(node: nodes.Node, scope: Scope) -> Number:
    return terms.number(translate(node, scope))


def _condition(node: nodes.Node, scope: Scope) -> Truth:
    return conditions.condition(translate(node, scope))


def _signed(node: nodes.Node, sign: str = "+") -> Iterator[tuple[str, nodes.Node]]:
    """Yield the terms of a sum with their signs: ``a - (b - c)`` is +a -b +c."""
    if isinstance(node, nodes.Add | nodes.Sub):
        yield from _signed(node.left, sign)
        other = "-" if sign == "+" else "+"
        yield from _signed(node.right, sign if isinstance(node, nodes.Add) else other)
    else:
        yield sign, node


def _comparison(first: nodes.Expr, operands: list[nodes.Operand], scope: Scope) -> Truth:
    left, result = translate(first, scope), None
    for operand in operands:
        right = translate(operand.expr, scope)
        match operand.op:
            case "in":
                step = conditions.contained(left, right)
            case "notin":
                step = conditions.negate(conditions.contained(left, right))
            case sign:
                step = conditions.compare(left, sign, right)
        result = step if result is None else conditions.then(result, step)
        left = right
    assert result is not None  # Jinja gives no comparison without an operator
    return result


def _application(name: str, args: list[nodes.Node], scope: Scope) -> Number:
    function = _FUNCTIONS.get(name)
    if function is None or not args:
        raise UntranslatableError(name)
    given = [translate(arg, scope) for arg in args]
    match function, given:
        case ("round", [one]):
            return terms.rounded(terms.number(one), 0)
        case ("round", [one, Number(value=places, blank="0", decimals=0)]) if places.isdecimal():
            return terms.rounded(terms.number(one), int(places))
        case ("abs", [one]):
            return terms.magnitude(terms.number(one))
        case ("round" | "abs", _):
            raise UntranslatableError(name)
        case (_, [many]) if hasattr(many, "reduced"):
            return many.reduced(function)  # type: ignore[no-any-return]
        case ("sum", _):
            return terms.add([("+", terms.number(one)) for one in given])
        case ("count", _):
            return terms.count([one for one in given if isinstance(one, Number | Words)])
    return terms.extreme(function, [terms.number(one) for one in given])
