"""An expression as a person says it: ``项.区级 <= 项.总额`` → 区级不大于总额."""

from jinja2 import nodes

from reportgen.expression import Expression, path_of
from reportgen.filters import FILTERS
from reportgen.headings import label_of

_COMPARED = {
    "eq": "等于", "ne": "不等于", "lt": "小于", "lteq": "不大于", "gt": "大于", "gteq": "不小于",
}  # fmt: skip
_TEXTS = {"eq": "为", "ne": "不为"}
# the signs are all in GBK, the code page of a Chinese Windows console
_SIGNS: dict[type[nodes.Node], tuple[str, int]] = {
    nodes.Or: ("，或者", 1),
    nodes.And: ("，并且", 2),
    nodes.Add: (" + ", 4),
    nodes.Sub: (" - ", 4),
    nodes.Mul: (" × ", 5),
    nodes.Div: (" ÷ ", 5),
}
_OF_A_COMPARISON, _OF_A_NAME = 3, 6
_WHERE = frozenset({"where", "筛选"})


def said(expression: Expression, alias: str = "") -> str:
    """Return *expression* in words; of the row called *alias* the labels alone."""
    return _Words(alias).of(expression.tree)


def said_sides(expression: Expression, alias: str = "") -> tuple[str, str]:
    """Return the two sides of a plain comparison in words; empty where it is none."""
    match expression.tree:
        case nodes.Compare(expr=first, ops=[nodes.Operand(expr=second)]):
            words = _Words(alias)
            return words.of(first), words.of(second)
    return "", ""


class _Words:
    def __init__(self, alias: str) -> None:
        self.alias = alias

    def of(self, node: nodes.Node, least: int = 0) -> str:
        """Return *node* in words, in brackets if it binds more loosely than *least*."""
        words, binds = self._said(node)
        return f"（{words}）" if binds < least else words

    def _said(self, node: nodes.Node) -> tuple[str, int]:
        path = path_of(node)
        if path:
            own = path[1:] if path[0] == self.alias and len(path) > 1 else path
            return ".".join(own), _OF_A_NAME
        match node:
            case nodes.Const(value=value):
                return _constant(value), _OF_A_NAME
            case nodes.Or() | nodes.And() | nodes.Add() | nodes.Sub() | nodes.Mul() | nodes.Div():
                sign, binds = _SIGNS[type(node)]
                right = binds + isinstance(node, nodes.Sub | nodes.Div)
                return f"{self.of(node.left, binds)}{sign}{self.of(node.right, right)}", binds
            case nodes.Not(node=inner):
                return f"没有{self.of(inner, _OF_A_NAME)}", _OF_A_COMPARISON
            case nodes.Neg(node=inner):
                return f"-{self.of(inner, _OF_A_NAME)}", 5
            case nodes.Pos(node=inner):
                return self._said(inner)
            case nodes.Compare(expr=first, ops=operands):
                return self._compared(first, operands), _OF_A_COMPARISON
            case nodes.CondExpr(test=test, expr1=then, expr2=other):
                rest = f"，否则为{self.of(other)}" if other else ""
                return f"{self.of(test)}时为{self.of(then)}{rest}", 0
            case nodes.List(items=items) | nodes.Tuple(items=items):
                return "、".join(self.of(item) for item in items), _OF_A_NAME
            case nodes.Getattr(node=inner, attr=attr):
                return f"{self.of(inner, _OF_A_NAME)}.{label_of(attr)}", _OF_A_NAME
            case nodes.Getitem(node=inner, arg=nodes.Const(value=key)):
                return f"{self.of(inner, _OF_A_NAME)}.{key}", _OF_A_NAME
            case nodes.Concat(nodes=parts):
                return self._joined(parts), _OF_A_NAME
            case nodes.Filter(node=nodes.Node() as inner, name=name) if name in _WHERE:
                return f"{self.of(inner, _OF_A_NAME)}中{self._named(node)}的各行", _OF_A_NAME
            case nodes.Filter(node=nodes.Node() as inner, name="join" | "连接"):
                return self._said(inner)
            case nodes.Filter(node=nodes.Node() as inner, name=name, args=args):
                return (
                    f"{self.of(inner, _OF_A_NAME)}的{_chinese(name)}{self._listed(args)}",
                    _OF_A_NAME,
                )
            case nodes.Call(node=nodes.Name(name=name), args=args):
                return f"{_chinese(name)}{self._listed(args)}", _OF_A_NAME
        return "", _OF_A_NAME

    def _compared(self, first: nodes.Expr, operands: list[nodes.Operand]) -> str:
        if filled := self._filled(first, operands):
            return filled
        parts, left = [], first
        for operand in operands:
            one, other = self.of(left, 4), self.of(operand.expr, 4)
            if operand.op in {"in", "notin"}:
                parts.append(_contained(operand, one, other))
            else:
                text = any(isinstance(n, nodes.Const) and isinstance(n.value, str)
                           for n in (left, operand.expr))  # fmt: skip
                sign = (_TEXTS if text else {}).get(operand.op) or _COMPARED[operand.op]
                parts.append(f"{one}{sign}{other}")
            left = operand.expr
        return "，并且".join(parts)

    def _filled(self, first: nodes.Expr, operands: list[nodes.Operand]) -> str:
        """Return how a person says ``count(甲) > 0``: that something is filled in."""
        match first, operands:
            case (
                nodes.Call(node=nodes.Name(name="count"), args=[one]),
                [nodes.Operand(op="gt" | "eq" as op, expr=nodes.Const(value=0))],
            ):
                return ("填了" if op == "gt" else "没有填") + self.of(one, _OF_A_NAME)
        return ""

    def _joined(self, parts: list[nodes.Expr]) -> str:
        """Return texts put together: 年度-12-31, or several texts as a list."""
        texts = [one.value for one in parts if isinstance(one, nodes.Const)]
        said_ = [str(n.value) if isinstance(n, nodes.Const) else self.of(n) for n in parts]
        return ("" if texts else "、").join(said_)

    def _named(self, node: nodes.Filter) -> str:
        pairs = []
        for pair in node.kwargs:
            path = path_of(pair.value)
            own = "本行的" if path and path[0] == self.alias else ""
            pairs.append(f"{label_of(str(pair.key))}为{own}{self.of(pair.value)}")
        return "、".join(pairs)

    def _listed(self, args: list[nodes.Expr]) -> str:
        return f"（{'、'.join(self.of(arg) for arg in args)}）" if args else ""


def _contained(operand: nodes.Operand, one: str, other: str) -> str:
    """Return whether a list holds *one*, or a text has it in it."""
    negative = operand.op == "notin"
    if isinstance(operand.expr, nodes.List | nodes.Tuple):
        return f"{one}{'不' if negative else ''}是{other}之一"
    return f"{other}里{'没有' if negative else '有'}{one}"


def _chinese(name: str) -> str:
    """Return the Chinese name of a filter or function."""
    same = (n for n, one in FILTERS.items() if one is FILTERS.get(name) and not n.isascii())
    return next(same, label_of(name))


def _constant(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"“{value}”" if isinstance(value, str) else str(value)
