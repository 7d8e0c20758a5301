"""Which names exist where, known without any data: ``Shape``, and the search for unknown ones.

Formulas and templates go through the same walk, so a name is right in both or wrong in both.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import nodes

from reportgen.expression import path_of
from reportgen.filters import FUNCTIONS
from reportgen.headings import label_of

#: The filters whose result has the rows, or some of them, of what they are applied to.
KEEPS_ROWS = frozenset(
    {
        "where",
        "筛选",
        "order",
        "排序",
        "order_down",
        "倒序",
        "sort",
        "list",
        "reverse",
        "unique",
        "selectattr",
    }
)
_LOOP = frozenset(
    [
        "index",
        "index0",
        "first",
        "last",
        "length",
        "revindex",
        "revindex0",
        "previtem",
        "nextitem",
        "depth",
        "cycle",
        "changed",
    ]
)


_ALSO_CALLED = frozenset({"range", "namespace"})
_SETS = (nodes.Assign, nodes.AssignBlock)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a name stands for: its members, what a loop over it yields, and the field of a value.

    ``key`` is the same for every way to name the same thing: section (and row) and label.
    ``empty`` is the sentence that stands for a table without rows.
    """

    members: Mapping[str, "Shape"] = field(default_factory=dict)
    each: "Shape | None" = None
    field: Any = None
    key: tuple[str, ...] = ()
    empty: str = ""

    def without_keys(self) -> "Shape":
        """Return the same names for something else: last year's."""
        members = {name: shape.without_keys() for name, shape in self.members.items()}
        return Shape(members, self.each and self.each.without_keys(), self.field)


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name that does not exist: as written, the part that is wrong, the names that exist there."""

    written: str
    wrong: str
    known: Iterable[str]
    line: int

    @property
    def nearest(self) -> str:
        """The name that may have been meant, looked for when somebody asks."""
        return nearest(self.wrong, self.known)


def nearest(word: str, choices: Iterable[str]) -> str:
    """Return the choice most like *word*, or an empty string when none is like it."""
    options = list(choices)
    close = difflib.get_close_matches(word, options, n=1, cutoff=0.5)
    if close:
        return close[0]
    return next((o for o in options if min(len(word), len(o)) > 1 and (word in o or o in word)), "")


def maybe(near: str) -> str:
    """Return the hint that *near* may have been meant; nothing where there is none."""
    return f"是不是“{near}”？" if near else ""


def unknown_names(tree: nodes.Node, scopes: Sequence[Shape]) -> Iterator[UnknownName]:
    """Yield every name in *tree* that none of *scopes* (the nearest first) has."""
    for node, known in visited(tree, scopes):
        match node:
            case nodes.Filter(name="where" | "筛选", node=nodes.Node() as source):
                row = meaning(source, known)
                for pair in node.kwargs:
                    label = label_of(str(pair.key))
                    if row and row.each and label not in row.each.members:
                        yield _unknown((label,), 0, row.each.members, pair.lineno)
            case nodes.Filter(
                name="order" | "排序" | "order_down" | "倒序" | "group" | "分组" | "_chart",
                node=nodes.Node() as source,
            ):
                row = meaning(source, known)
                for value in node.args:
                    label = label_of(str(value.value)) if isinstance(value, nodes.Const) else ""
                    if label and row and row.each and label not in row.each.members:
                        yield _unknown((label,), 0, row.each.members, value.lineno)
            case nodes.Name(ctx="load") | nodes.Getattr() | nodes.Getitem():
                yield from _check(node, known)


def visited(
    tree: nodes.Node, scopes: Sequence[Shape]
) -> Iterator[tuple[nodes.Node, Mapping[str, Shape]]]:
    """Yield every node of *tree* with the names known there, those of loops and sets included.

    A node comes before what is in it; a name (``甲.乙``) is one node.
    """
    yield from _walk(tree, _merged(scopes))


def named(path: tuple[str, ...], scopes: Sequence[Shape]) -> Shape | UnknownName:
    """Return what the name *path* stands for in *scopes* (the nearest first)."""
    return _find(path, _merged(scopes), 0)


def shapes_used(tree: nodes.Node, scopes: Sequence[Shape]) -> Iterator[tuple[nodes.Node, Shape]]:
    """Yield every part of an expression that names something, and what it names."""
    known = _merged(scopes)
    for node in [tree, *tree.find_all(nodes.Node)]:
        shape = meaning(node, known)
        if shape:
            yield node, shape
        if isinstance(node, nodes.Filter) and shape and shape.each:
            for pair in node.kwargs:
                wanted = shape.each.members.get(label_of(str(pair.key)))
                if wanted:
                    yield pair, wanted


def _merged(scopes: Sequence[Shape]) -> Mapping[str, Shape]:
    members: dict[str, Shape] = {}
    for scope in reversed(scopes):
        members.update(scope.members)
    return members


_Visit = tuple[nodes.Node, Mapping[str, Shape]]


def _walk(node: nodes.Node, known: Mapping[str, Shape]) -> Iterator[_Visit]:
    yield node, known
    match node:
        case nodes.For(target=target, iter=source, body=body, else_=other, test=test):
            yield from _walk(source, known)
            inner = {**known, **_bind(target, meaning(source, known)), "loop": _loop()}
            yield from _sequence([*([test] if test else []), *body], inner)
            yield from _sequence(other, known)
        case nodes.If(test=test, body=body, elif_=elifs, else_=other):
            yield from _walk(test, known)
            for block in (body, elifs, other):
                yield from _sequence(block, known)
        case nodes.With(targets=targets, values=values, body=body):
            for value in values:
                yield from _walk(value, known)
            bound = dict(known)
            for target, value in zip(targets, values, strict=True):
                bound.update(_bind(target, meaning(value, known), whole=True))
            yield from _sequence(body, bound)
        case nodes.Macro(args=args, defaults=defaults, body=body):
            yield from _sequence(defaults, known)
            given = {label_of(arg.name): _ANYTHING for arg in args}
            yield from _sequence(body, {**known, **given, "caller": _ANYTHING})
        case nodes.Call(node=nodes.Name(name=name)) if name in FUNCTIONS or name in _ALSO_CALLED:
            yield from _sequence([*node.args, *node.kwargs], known)
        case _ if path_of(node) is None:
            yield from _sequence(list(node.iter_child_nodes()), known)


def _sequence(block: Iterable[nodes.Node], known: Mapping[str, Shape]) -> Iterator[_Visit]:
    """Walk statements in order: what ``{% set %}`` binds is known to those behind it."""
    for node in block:
        yield from _walk(node, known)
        sets = node.find_all(_SETS) if isinstance(node, nodes.If) else [node]
        for each in sets:  # what an `if` sets stays set behind it
            match each:
                case nodes.Assign(target=target, node=value):
                    known = {**known, **_bind(target, meaning(value, known), whole=True)}
                case nodes.AssignBlock(target=target):
                    known = {**known, **_bind(target, None)}
                case nodes.Macro(name=name):
                    known = {**known, label_of(name): _ANYTHING}


def _check(node: nodes.Node, known: Mapping[str, Shape]) -> Iterator[UnknownName]:
    path = path_of(node)
    if path is None:  # (项目明细|筛选(...)).合计.指标总额, 甲[序号]
        inner = node.node if isinstance(node, nodes.Getattr | nodes.Getitem) else None
        if inner is None:
            return
        shape = meaning(inner, known)
        if isinstance(node, nodes.Getattr) and shape and shape.members:
            name = label_of(node.attr)
            if name not in shape.members:
                yield _unknown((name,), 0, shape.members, node.lineno)
        return
    found = _find(path, known, node.lineno)
    if isinstance(found, UnknownName):
        yield found


def _find(path: tuple[str, ...], members: Mapping[str, Shape], line: int) -> Shape | UnknownName:
    shape = Shape(members)
    for depth, name in enumerate(path):
        if name not in shape.members:
            return _unknown(path, depth, shape.members, line)
        shape = shape.members[name]
        if shape is _ANYTHING:
            break
    return shape


def meaning(node: nodes.Node, known: Mapping[str, Shape]) -> Shape | None:
    """Return the shape of an expression's value, or None when it is not known."""
    path = path_of(node)
    if path is not None:
        shape: Shape | None = Shape(known)
        for name in path:
            shape = shape.members.get(name) if shape else None
        return shape
    match node:
        case nodes.Filter(name=name, node=nodes.Node() as inner) if name in KEEPS_ROWS:
            return meaning(inner, known)
        case nodes.Filter(name="group" | "分组", node=nodes.Node() as inner, args=labels):
            table = meaning(inner, known)
            if table and table.each:
                common = {label_of(str(x.value)) for x in labels if isinstance(x, nodes.Const)}
                own = {n: shape for n, shape in table.each.members.items() if n in common}
                group = Shape({**table.members, **own, "序号": Shape()}, table.each, key=table.key)
                return Shape(each=group)
        case nodes.Getattr(node=inner, attr=attr):
            owner = meaning(inner, known)
            return owner.members.get(label_of(attr)) if owner else None
    return None


_ANYTHING = Shape()


def _bind(target: nodes.Node, source: Shape | None, *, whole: bool = False) -> dict[str, Shape]:
    """Return what a loop over *source* binds, or with *whole* what setting a name to it does."""
    each = (source if whole else source.each if source else None) or _ANYTHING
    if isinstance(target, nodes.Name):
        return {label_of(target.name): each}
    return {label_of(n.name): _ANYTHING for n in target.find_all(nodes.Name)}


def _loop() -> Shape:
    return Shape(dict.fromkeys(_LOOP, _ANYTHING))


def _unknown(
    path: tuple[str, ...], depth: int, members: Mapping[str, Shape], line: int
) -> UnknownName:
    return UnknownName(".".join(path), path[depth], members, line)
