"""What must hold of the structure of a story (body, header, note): what Word cannot open or show.

No validator sees these: a cell without a paragraph ([MS-OI29500] 2.1.168), text outside a ``w:t``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from reportgen.template.tags import W

_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STORY = re.compile(r"word/(document|header|footer|footnotes|endnotes|comments)\d*\.xml")
_REFERENCES = etree.XPath("//@r:*", namespaces={"r": _R})
_OUTSIDE = etree.XPath("//text()[not(parent::w:t)][normalize-space()]", namespaces={"w": W[1:-1]})
_INSIDE = etree.XPath("//w:t/*", namespaces={"w": W[1:-1]})


def _named(names: str) -> frozenset[str]:
    return frozenset(W + name for name in names.split())


_P, _TABLE, _ROW, _CELL = (W + name for name in ("p", "tbl", "tr", "tc"))
#: Where a text may stand that is no ``w:t``: deleted ones, codes of fields, data.
_OTHER_TEXTS = _named("delText instrText delInstrText fldData binData")
#: In what these may not stand directly.
_NOT_IN = {
    W + name: _named(names)
    for name, names in {
        "p": "p r hyperlink tr tbl",
        "r": "body hdr ftr txbxContent r tc tr tbl",
        "tbl": "p r tr tbl",
        "tr": "body p r tc tr",
        "tc": "body p r tc tbl",
    }.items()
}
_IS_BLOCK = _named("p tbl sdt customXml")
_NEEDS_BLOCK = _named("hdr ftr footnote endnote comment txbxContent")
#: What may stand only once in a part: elements, what of them, how a person says it.
_ONCE = (
    ("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr", "id", "图形"),
    (f"{W}bookmarkStart", f"{W}id", "书签"),
    (f"{W}bookmarkStart", f"{W}name", "书签"),
    (f"{W}comment", f"{W}id", "批注"),
    (f"{W}commentReference", f"{W}id", "批注"),
)
_COLOUR = re.compile(r"[0-9A-Fa-f]{6}|auto")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: what, in words, and the element it is wrong with; None for all of the part.

    ``is_grave`` says that Word does not open the document, or shows less than is there.
    """

    what: str
    element: etree._Element | None = None
    is_grave: bool = True


def faults(root: etree._Element, known: frozenset[str]) -> Iterator[Fault]:
    """Yield what is wrong with the structure of a story; *known* are its relationships."""
    for text in _found(_OUTSIDE, root):
        if _is_astray(text.getparent()):
            yield Fault("有文字在段落以外，Word 里看不见", text.getparent())
    for one in _found(_INSIDE, root):
        yield Fault("文字里面夹着别的内容", one)
    for one in root.iter(*_NEEDS_BLOCK):
        if not _has_block(one):
            yield Fault("页眉、页脚、注释或文本框里没有段落", one)
    yield from _misplaced(root)
    for tag, key, what in _ONCE:
        yield from twice((one for one in root.iter(tag) if key in one.attrib), key, what)
    for shading in root.iter(f"{W}shd"):
        fill = shading.get(f"{W}fill", "auto")
        if not _COLOUR.fullmatch(fill):
            yield Fault(f"底色“{fill}”不是颜色，要写成 FF0000 这样", shading, is_grave=False)
    for reference in _found(_REFERENCES, root):
        if reference and reference not in known:
            yield Fault("引用了没有的图片或链接", reference.getparent())


def twice(elements: Iterator[etree._Element], key: str, what: str) -> Iterator[Fault]:
    """Yield each of *elements* whose *key* an earlier one has; *what* is a person's word for them."""
    seen: set[str | None] = set()
    for one in elements:
        own = one.get(key)
        if own in seen:
            yield Fault(f"两个{what}的编号相同", one, is_grave=False)
        seen.add(own)


def _misplaced(root: etree._Element) -> Iterator[Fault]:
    """Yield what is wrong with the nesting of paragraphs, runs and tables."""
    for tag, never in _NOT_IN.items():
        above = [(one.getparent(), one) for one in root.iter(tag)]
        if never.isdisjoint({parent.tag for parent, _ in above if parent is not None}):
            continue  # to ask of each takes twice as long
        for parent, one in above:
            if parent is not None and parent.tag in never:
                yield Fault("段落、表格的嵌套不对", one)
    for cell in [one for one in root.iter(_CELL) if not len(one) or one[-1].tag != _P]:
        if not _has_block(cell) or cell[-1].tag == _TABLE:
            yield Fault("表格的单元格里没有段落", cell)
    for row in root.iter(_ROW):
        if next(row.iter(_CELL), None) is None:
            yield Fault("表格的一行里没有单元格", row)
    for table in root.iter(_TABLE):
        if next(table.iter(_ROW), None) is None:
            yield Fault("有一张表一行也没有", table)


def _is_astray(parent: etree._Element) -> bool:
    """Whether no text may stand right in *parent*."""
    return str(parent.tag).startswith(W) and parent.tag not in _OTHER_TEXTS


def _has_block(element: etree._Element) -> bool:
    return any(child.tag in _IS_BLOCK for child in element)


def _found(path: etree.XPath, root: etree._Element) -> list[Any]:
    found = path(root)
    assert isinstance(found, list)
    return found
