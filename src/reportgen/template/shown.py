"""A template with the names of its tags instead of values, so that an office sees what goes where.

Nothing is calculated: each loop is gone through once, and of a condition every branch is printed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from jinja2 import Template as Compiled
from jinja2 import nodes
from lxml import etree

from reportgen.context import TemplateEnvironment
from reportgen.expression import path_of
from reportgen.headings import label_of
from reportgen.package import read_package, write_package
from reportgen.template.engine import Template
from reportgen.template.tags import W, parse

# around a name until its run is coloured; nobody types them, and no font has them
_BEGIN, _END = "\ue002", "\ue003"
_NAME = re.compile(f"({_BEGIN}.*?{_END})", re.DOTALL)
_COLOR = "0070C0"
# what may stand before the colour in a run's properties, in the order of the schema
_BEFORE_COLOR = frozenset(
    W + name
    for name in (
        "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "dstrike",
        "outline", "shadow", "emboss", "imprint", "noProof", "snapToGrid", "vanish", "webHidden",
    )
)  # fmt: skip
_BRACES = re.compile(r"^[{｛]{2}\s*[-–—－]?\s*|\s*[-–—－]?\s*[}｝]{2}$")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*[\"'][^\"'<>]*$")
#: What an attribute of Word's own says where a tag would have said how many or which colour.
_NEUTRAL = {"w:fill": "auto", "w:color": "auto", "w:val": "1"}


class NamesTemplate(Template):
    """A Word template that prints names: ``render`` needs no values at all."""

    def render(self, context: Mapping[str, object], pictures_from: Path | None = None) -> bytes:
        """Return the document with names; *context* is not asked for anything."""
        parts = read_package(super().render(context, pictures_from))
        return write_package((name, _colored(content)) for name, content in parts)

    def _compile(self, engine: TemplateEnvironment, part: Any) -> Compiled | None:
        if super()._compile(engine, part) is None:
            return None
        tree = engine.parse(part.source)
        tree.body = list(_Shown(part).block(tree.body))
        return engine.from_string(tree)


def _colored(content: bytes) -> bytes:
    """Return a part with its names in blue."""
    if _BEGIN.encode() not in content:
        return content
    root = parse(content)
    for text in list(root.iter(f"{W}t")):
        run = text.getparent()
        if run is not None and run.tag == f"{W}r" and _BEGIN in (text.text or ""):
            _color(run)
    plain = etree.tostring(root, encoding="unicode").replace(_BEGIN, "").replace(_END, "")
    return ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + plain).encode()


class _Shown:
    """Turns the tree of a part into one that prints names."""

    def __init__(self, part: Any) -> None:
        self._part = part
        self._markup = ""  # what has come of the element in which we are, or nothing

    def block(self, body: Iterable[nodes.Node]) -> Iterator[nodes.Node]:
        """Yield what is left of a sequence of statements."""
        for node in body:
            match node:
                case nodes.Output(nodes=pieces):
                    yield nodes.Output([self.piece(one) for one in pieces], lineno=node.lineno)
                case nodes.If(test=test, body=then, elif_=others, else_=other):
                    if all(_is_about_loop(one) for one in (test, *(e.test for e in others))):
                        made = [[*self.block(part)] for part in (then, others, other)]
                        yield nodes.If(test, *made, lineno=node.lineno)
                    else:
                        for part in (then, others, other):
                            yield from self.block(part)
                case nodes.For(target=target, body=body_):
                    once = nodes.List([nodes.Const(1)])
                    inner = [*self.block(body_)]
                    yield nodes.For(target, once, inner, [], None, False)  # noqa: FBT003
                case nodes.With(body=inner) | nodes.FilterBlock(body=inner):
                    yield from self.block(inner)

    def piece(self, node: nodes.Expr) -> nodes.Expr:
        """Return what is printed for a piece of text or a tag."""
        if isinstance(node, nodes.TemplateData):
            last = max(node.data.rfind("<"), node.data.rfind(">"))
            if last >= 0:
                self._markup = node.data[last:] if node.data[last] == "<" else ""
            elif self._markup:
                self._markup += node.data
            return node
        if _is_about_loop(node):
            return node
        tag = self._part.tag_at(node.lineno)
        words = tag.source if tag else self._part.code_at(node.lineno)
        name = f"〔{said(node) or ' '.join(_BRACES.sub('', words).split())}〕"
        if not self._markup:
            return nodes.Const(_BEGIN + name + _END)
        attribute = _ATTRIBUTE.search(self._markup)
        return nodes.Const(_NEUTRAL.get(attribute[1], name) if attribute else "")


def said(node: nodes.Node) -> str:
    """Return the names whose values a tag prints, without what is done with them.

    A whole expression would not fit where one number is to stand.
    """
    path = path_of(node)
    if path:
        return ".".join(path)
    match node:
        case nodes.Getattr(node=inner, attr=attr):
            return f"{said(inner)}.{label_of(attr)}"
        case nodes.Filter(node=nodes.Node() as inner):
            return said(inner)
        case nodes.CondExpr(test=test, expr1=then):
            return said(then) or said(test)
        case nodes.Or(left=left):
            return said(left)
        case nodes.Call(args=args):
            parts: Iterable[nodes.Node] = args
        case _:
            parts = node.iter_child_nodes()
    return "、".join(dict.fromkeys(filter(None, map(said, parts))))


def _is_about_loop(node: nodes.Node) -> bool:
    """Whether *node* asks only how far the loop is: in the one round that can be answered."""
    names = {
        name.name for name in [node, *node.find_all(nodes.Name)] if isinstance(name, nodes.Name)
    }
    return names == {"loop"}


def _color(run: etree._Element) -> None:
    """Divide *run* so that each name in it is a run of its own, in blue."""
    looks = run.find(f"{W}rPr")
    for child in list(run):
        if child is looks:
            continue
        pieces = _NAME.split(child.text or "") if child.tag == f"{W}t" else [""]
        for piece in pieces if len(pieces) > 1 else [None]:
            if piece == "":
                continue
            made = etree.Element(f"{W}r", _attributes(run))
            if looks is not None:
                made.append(deepcopy(looks))
            if piece is None:
                made.append(child)
            else:
                text = etree.SubElement(made, f"{W}t", _attributes(child))
                text.text = piece
                if piece.startswith(_BEGIN):
                    _set_color(made)
            run.addprevious(made)
    parent = run.getparent()
    assert parent is not None
    parent.remove(run)


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def _set_color(run: etree._Element) -> None:
    looks = run.find(f"{W}rPr")
    if looks is None:
        looks = etree.Element(f"{W}rPr")
        run.insert(0, looks)
    for old in looks.findall(f"{W}color"):
        looks.remove(old)
    at = sum(child.tag in _BEFORE_COLOR for child in looks)
    looks.insert(at, etree.Element(f"{W}color", {f"{W}val": _COLOR}))
