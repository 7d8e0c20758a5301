"""What tags ask of names that these cannot give: a list printed as a value, a filter that cannot fit.

All of it is known from the form, without any data.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from reportgen import rules
from reportgen.expression import Expression, path_of
from reportgen.fieldtypes import FIELD_TYPES
from reportgen.filters import YUAN
from reportgen.finding import Rule
from reportgen.form import Field, Form, Section, shape_of
from reportgen.literals import as_written, never_true
from reportgen.names import Shape, meaning, visited

_ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.Neg, nodes.Pos)
#: The filters that convert an amount, and the unit of measure that they convert it to.
_MONEY = {
    "wan_yuan": "万元", "万元": "万元", "yi_yuan": "亿元", "亿元": "亿元", "capitals": "元", "大写": "元",
}  # fmt: skip
_TO_TEXT = _MONEY.keys() | {
    "fixed", "小数", "thousands", "千分位", "percent", "百分比", "change", "增减", "hanzi", "汉字",
    "numeral", "序号",
}  # fmt: skip
_ROUNDS = frozenset({"round", "四舍五入"})
_KEEPS_FIELD = _ROUNDS | {"abs", "绝对值"}
_ONE_NUMBER = _TO_TEXT | _KEEPS_FIELD
_ADDS = frozenset({"sum", "求和", "min", "最小", "max", "最大"})
_DATE = frozenset({"ymd", "年月日"})
#: What hands a value on as it is; the second argument of ``default`` is printed as well.
_PASSES_ON = frozenset({"_printed", "default", "d", "trim", "合并相同", "merge_alike"})


@dataclass(frozen=True, slots=True)
class Misuse:
    """A rule that a tag breaks, the line of the tag, and the words of the rule's message."""

    rule: Rule
    line: int
    words: Mapping[str, Any]


class Usage:
    """Looks through the syntax trees of one form's templates."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._endless: dict[int, bool] = {}

    def misuses(self, tree: nodes.Node, scopes: Sequence[Shape]) -> Iterator[Misuse]:
        """Yield what is wrong in *tree*, where *scopes* are known."""
        for node, known in visited(tree, scopes):
            match node:
                case nodes.Output(nodes=printed):
                    for part in _parts(printed):
                        yield from self._as_value(part, known)
                case nodes.For(iter=source):
                    yield from self._as_list(source, known)
                case nodes.Filter(node=nodes.Node() as inner, name=name):
                    for what, hint in _misfit(name, inner, known):
                        words = {"value": as_written(node), "what": what, "hint": hint}
                        yield Misuse(rules.FILTER_MISFIT, node.lineno, words)
        for one in never_true(tree, scopes):
            words = {
                "value": one.written, "always": one.always, "why": one.why,
                "nearest": one.nearest, "hint": one.hint,
            }  # fmt: skip
            yield Misuse(rules.NEVER, one.line, words)

    def _as_value(self, node: nodes.Expr, known: Mapping[str, Shape]) -> Iterator[Misuse]:
        shape, value = meaning(node, known), as_written(node)
        if shape and (shape.each or shape.members):
            what, hint = _several(shape, value)
            words = {"value": value, "what": what, "hint": hint}
            yield Misuse(rules.LIST_AS_VALUE, node.lineno, words)
        elif self._is_endless(node, known, printed=True):
            field = shape.field if shape else None
            by_form = f"；或者在 form.toml 里给“{field.label}”写 places" if field else ""
            filter_ = "百分比" if field and field.type == "percent" else "小数"
            value = value if field else f"({value})"
            words = {"value": value, "better": f"{value}|{filter_}(2)", "places": by_form}
            yield Misuse(rules.ENDLESS, node.lineno, words)

    def _as_list(self, node: nodes.Node, known: Mapping[str, Shape]) -> Iterator[Misuse]:
        shape = meaning(node, known)
        if shape is None or shape.each or not (shape.field or shape.members):
            return
        tables = "、".join(s.label for s in self._form.sections if s.has_rows)
        words = {
            "value": as_written(node),
            "what": "一个值" if shape.field else "几个填报项",
            "tables": f"，表单里有：{tables}" if tables else "",
        }
        yield Misuse(rules.VALUE_AS_LIST, node.lineno, words)

    # -- quotients -------------------------------------------------------------

    def _is_endless(
        self, node: nodes.Node, known: Mapping[str, Shape], *, printed: bool = False
    ) -> bool:
        """Whether an expression may be a quotient without an end; *printed*: that nothing rounds."""
        match node:
            case nodes.Div(left=left, right=nodes.Const(value=int(divisor))) if _ends(divisor):
                return self._is_endless(left, known)
            case nodes.Div():
                return True
            case nodes.Filter(name=name, node=nodes.Node() as inner):
                passes = name in {"abs", "绝对值"}
                return passes and self._is_endless(inner, known, printed=printed)
            case nodes.Call(node=nodes.Name(name="abs" | "min" | "max" | "sum"), args=args):
                return any(self._is_endless(arg, known) for arg in args)
            case nodes.CondExpr(expr1=then, expr2=other):
                branches = [b for b in (then, other) if b]
                return any(self._is_endless(b, known, printed=printed) for b in branches)
            case nodes.Or() | nodes.And():
                sides = (node.left, node.right)
                return any(self._is_endless(side, known, printed=printed) for side in sides)
        if isinstance(node, _ARITHMETIC):
            return any(self._is_endless(child, known) for child in node.iter_child_nodes())
        shape = meaning(node, known)
        if shape is None or shape.field is None or (printed and shape.field.places is not None):
            return False
        return self._is_quotient(shape.field, shape.key)

    def _is_quotient(self, field: Field, key: tuple[str, ...]) -> bool:
        """Whether the formula of *field* may give a quotient without an end."""
        if id(field) not in self._endless:
            self._endless[id(field)] = False
            section = next((s for s in self._form.sections if s.label in key[:1]), None)
            scopes = [*(_scopes(section) if section else []), self._form.names()]
            known = {n: s for scope in reversed(scopes) for n, s in scope.members.items()}
            tree = self._tree(field.formula)
            self._endless[id(field)] = bool(tree) and self._is_endless(tree, known)
        return self._endless[id(field)]

    def _tree(self, formula: str) -> Any:
        expression: Expression | None = self._form.expressions.get(formula)
        return expression.tree if expression else None


def _scopes(section: Section) -> list[Shape]:
    shape = shape_of(section)
    row = shape.each
    if section.kind == "grid" and section.rows:
        row = shape.members[section.rows[0].label]
    return [*([row] if row else []), shape]


def _ends(divisor: int) -> bool:
    """Whether every quotient by *divisor* has an end: it has no prime but 2 and 5."""
    for prime in (2, 5):
        while divisor and divisor % prime == 0:
            divisor //= prime
    return abs(divisor) == 1


def _parts(printed: Iterable[nodes.Node]) -> Iterator[nodes.Expr]:
    """Yield what is printed in the end: both sides of ``甲 or 乙``, both branches of an ``if``."""
    for node in printed:
        match node:
            case nodes.TemplateData() | nodes.Const():
                continue
            case nodes.CondExpr(expr1=then, expr2=other):
                yield from _parts([part for part in (then, other) if part])
            case nodes.Or(left=left, right=right) | nodes.And(left=left, right=right):
                yield from _parts([left, right])
            case nodes.Concat(nodes=parts):
                yield from _parts(parts)
            case nodes.Filter(name=name, node=nodes.Node() as inner) if name in _PASSES_ON:
                yield from _parts([inner, *node.args])
            case nodes.Expr():
                yield node


def _several(shape: Shape, written: str) -> tuple[str, str]:
    """Return what something that is no single value is, and how to get one from it."""
    if shape.each and shape.members:
        name = f"({written})" if "|" in written else written
        one = f"{{%tr for 项 in {written} %}} … {{%tr endfor %}}"
        return "一张表", f"要逐行印，请写 {one}；要行数，请写 {{{{ {name}.个数 }}}}。"
    if shape.each:
        owner, _, label = written.rpartition(".")
        total = f"要合计，请写 {{{{ {owner}.合计.{label} }}}}；" if _has_total(shape) else ""
        return "一列，每行一个值", (
            f"在循环里请写 {{{{ 项.{label} }}}}；{total}要连成一句，请写 {{{{ {written}|连接 }}}}。"
        )
    path = written
    while shape.members:
        name, shape = next(iter(shape.members.items()))
        path += f".{name}"
    return "几个填报项", f"请写到具体的一项，例如 {{{{ {path} }}}}。"


def _has_total(shape: Shape) -> bool:
    return bool(shape.field and shape.field.has_total)


def _misfit(name: str, inner: nodes.Node, known: Mapping[str, Shape]) -> Iterator[tuple[str, str]]:
    """Yield why the filter *name* cannot be applied to *inner*, and what to do."""
    if name not in _ONE_NUMBER | _ADDS | _DATE:
        return
    if isinstance(inner, nodes.Filter) and inner.name in _TO_TEXT and name in _ONE_NUMBER | _ADDS:
        yield (
            f"“|{inner.name}”给出的已经是文字，后面不能再用“|{name}”",
            f"请只留一个；位数写在括号里，例如 |{name}(2)。",
        )
        return
    shape = meaning(inner, known)
    if name not in _ADDS and shape and (shape.each or shape.members):
        what, hint = _several(shape, as_written(inner))
        yield f"“|{name}”要一个值，“{as_written(inner)}”是{what}", hint
        return
    if name in _MONEY and isinstance(inner, (*_ARITHMETIC, nodes.Call)):
        yield (
            f"算出来的数没有计量单位，“|{name}”不知道从什么换算",
            "请在 form.toml 里把它写成 [[computed]]，带上 uom，再印它的名称。",
        )
        return
    field = _field(inner, shape, known)
    if field is None or (isinstance(inner, nodes.Filter) and not field.is_number):
        return  # of a filter in between it is said already
    title = FIELD_TYPES[field.type].title
    if name in _DATE and field.type != "date":
        yield f"“|{name}”要日期，“{field.label}”是{title}", f"请去掉“|{name}”。"
    elif name not in _DATE and not field.is_number:
        yield f"“|{name}”要数，“{field.label}”是{title}", f"请去掉“|{name}”，或换成一个数。"
    elif name in _MONEY and field.uom not in YUAN:
        own = f"的计量单位是“{field.uom}”" if field.uom else "没有计量单位"
        yield (
            f"“{field.label}”{own}，不能换算成{_MONEY[name]}",
            f"是金额的，请在 form.toml 里给它写 uom；不是的，请去掉“|{name}”。",
        )


def _field(node: nodes.Node, shape: Shape | None, known: Mapping[str, Shape]) -> Field | None:
    """Return the field of a value, seen through filters that keep it."""
    if shape is not None:
        found: Field | None = shape.field
        return found
    if (
        isinstance(node, nodes.Filter)
        and node.name in _KEEPS_FIELD | {"default", "d"}
        and isinstance(node.node, nodes.Node)
        and path_of(node.node) is not None
    ):
        return _field(node.node, meaning(node.node, known), known)
    return None
