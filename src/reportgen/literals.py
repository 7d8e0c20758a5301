"""Comparisons with a literal that can never come true: ``报告提纲 == "2020"`` where 2020提纲 is meant.

Formulas and templates go through the same search, so what is wrong in one is wrong in the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jinja2 import nodes

from reportgen.expression import path_of
from reportgen.form import Field
from reportgen.headings import label_of
from reportgen.names import Shape, maybe, meaning, nearest, visited

_SIGNS = {
    "eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=",
    "in": "in", "notin": "not in",
}  # fmt: skip
_ORDER = frozenset({"lt", "lteq", "gt", "gteq"})  # "2026" comes before every day of 2026
_BINARY = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/"}


@dataclass(frozen=True, slots=True)
class Never:
    """A comparison that always comes out the same: as written, how, why, what to write instead."""

    line: int
    written: str
    always: str
    why: str
    nearest: str
    hint: str


def never_true(tree: nodes.Node, scopes: Sequence[Shape]) -> Iterator[Never]:
    """Yield each comparison in *tree* with a literal that its field cannot hold."""
    for node, known in visited(tree, scopes):
        match node:
            case nodes.Compare(expr=left, ops=operands):
                for operand in operands:
                    yield from _compared(left, operand.op, operand.expr, known)
                    left = operand.expr
            case nodes.Filter(name="where" | "筛选", node=nodes.Node() as source):
                row = meaning(source, known)
                for pair in node.kwargs if row and row.each else ():
                    label = label_of(str(pair.key))
                    shape = row.each.members.get(label) if row and row.each else None
                    if shape and shape.field and isinstance(pair.value, nodes.Const):
                        written = f"{as_written(source)}|{node.name}({label}={_quoted(pair.value)})"
                        yield from _unfit(written, "eq", shape.field, pair.value)


def as_written(node: nodes.Node) -> str:
    """Return an expression about as its author wrote it; what is long or rare becomes ``…``."""
    path = path_of(node)
    if path is not None:
        return ".".join(path)
    match node:
        case nodes.Const():
            return _quoted(node)
        case nodes.Filter(node=nodes.Node() as inner, name=name):
            given = [as_written(one) for one in node.args]
            given += [f"{label_of(str(p.key))}={as_written(p.value)}" for p in node.kwargs]
            listed = f"({', '.join(given)})" if given else ""
            return f"{_in_brackets(inner)}|{name}{listed}"
        case nodes.Getattr(node=inner, attr=attr):
            return f"({as_written(inner)}).{label_of(attr)}"
        case nodes.Compare(expr=left, ops=[nodes.Operand(op=op, expr=right)]):
            return f"{as_written(left)} {_SIGNS[op]} {as_written(right)}"
        case nodes.Add() | nodes.Sub() | nodes.Mul() | nodes.Div():
            sign = _BINARY[type(node)]
            return f"{_in_brackets(node.left)} {sign} {_in_brackets(node.right)}"
        case nodes.List(items=items) | nodes.Tuple(items=items):
            return f"[{', '.join(as_written(item) for item in items)}]"
    return "…"


def _in_brackets(node: nodes.Node) -> str:
    simple = path_of(node) is not None or isinstance(node, nodes.Const | nodes.Filter)
    written = as_written(node)
    return written if simple or written == "…" else f"({written})"


def _quoted(node: nodes.Const) -> str:
    return f"'{node.value}'" if isinstance(node.value, str) else str(node.value)


def _compared(
    left: nodes.Expr, op: str, right: nodes.Expr, known: Mapping[str, Shape]
) -> Iterator[Never]:
    written = f"{as_written(left)} {_SIGNS[op]} {as_written(right)}"
    for one, other in ((left, right), (right, left)):
        shape = meaning(one, known)
        if shape is None or shape.field is None:
            continue
        match other:
            case nodes.Const() if op in {"in", "notin"} and shape.each is None:
                if one is right:  # "专项" in 项目类型 looks for a part of the text
                    yield from _no_part(written, op, shape.field, other)
            case nodes.Const() if shape.each is None or op in {"in", "notin"}:
                yield from _unfit(written, op, shape.field, other)
            case nodes.List(items=items) | nodes.Tuple(items=items) if one is left:
                for item in items if shape.each is None else ():
                    if isinstance(item, nodes.Const):
                        yield from _unfit(written, op, shape.field, item)


def _unfit(written: str, op: str, field: Field, literal: nodes.Const) -> Iterator[Never]:
    value: Any = literal.value
    always = "永远成立" if op in {"ne", "notin"} else "永远不成立"
    shown = f"“{value}”" if isinstance(value, str) else str(value)
    if value is None or value == "":
        why = "没有填的格不等于任何东西"
        hint = f"要问填没填，请写 {field.label} 或 not {field.label}。"
        yield Never(literal.lineno, written, "永远不成立", why, "", hint)
        return
    is_text, is_number = isinstance(value, str), _is_number(value)
    if field.choices and value not in field.choices:
        why = f"“{field.label}”的可选项里没有{shown}"
        near = maybe(nearest(str(value), field.choices))
        hint = f"可选项有：{'、'.join(field.choices)}。"
        yield Never(literal.lineno, written, always, why, near, hint)
    elif field.is_number and is_text:
        why = f"“{field.label}”是数，引号里的{shown}是文字"
        yield Never(literal.lineno, written, always, why, "", "是数的，请去掉引号。")
    elif field.type in {"text", "narrative", "choice"} and is_number:
        why = f"“{field.label}”是文字，{shown} 是数"
        yield Never(literal.lineno, written, always, why, "", f'请加上引号："{value}"。')
    elif field.type == "yes_no" and is_text and value not in {"是", "否"}:
        why = f"“{field.label}”只有“是”和“否”"
        hint = f"请写 {field.label} 或 not {field.label}。"
        yield Never(literal.lineno, written, always, why, "", hint)
    elif field.type == "date" and not (is_text and (op in _ORDER or _is_day(value))):
        why = f"“{field.label}”是日期，{shown}不是这样写的日期"
        yield Never(literal.lineno, written, always, why, "", '日期请写成 "2026-03-05"。')


def _no_part(written: str, op: str, field: Field, literal: nodes.Const) -> Iterator[Never]:
    part = str(literal.value)
    if field.choices and not any(part in choice for choice in field.choices):
        always = "永远成立" if op == "notin" else "永远不成立"
        why = f"“{field.label}”的可选项里都没有“{part}”"
        near = maybe(nearest(part, field.choices))
        hint = f"可选项有：{'、'.join(field.choices)}。"
        yield Never(literal.lineno, written, always, why, near, hint)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
