"""What must hold of a built document before it may be called official.

Each part that differs from the template's is looked through as it is written: strictly, so that
nothing broken passes; for the structure that Word asks for and no validator sees (a cell without a
paragraph, text outside a ``w:t``); for each value that was printed; for tags that nobody filled in.
What the template itself has already is not held against a document.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lxml import etree

from reportgen import rules
from reportgen.finding import Rule
from reportgen.printed import Printed
from reportgen.template.places import place_in
from reportgen.template.safety import CONTENT_TYPES, fetching_fields, refusal, source_of, target_of
from reportgen.template.tags import W, parse

_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NOTHING = etree.Element("nothing")
_STORIES = re.compile(r"word/(document|header|footer|footnotes|endnotes|comments)\d*\.xml")
_TEXT = etree.XPath("string()")
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
_LEFT_OVER = re.compile(r"[{｛][{｛][^{}｛｝]+[}｝][}｝]|[{｛][%％][^{}｛｝]+[%％][}｝]")
#: A value that is found so far away may be another one: the nearer one before it is preferred.
_FAR = 5_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that must not be: the rule, the part, and the words of the message."""

    rule: Rule
    part: str
    value: str = ""
    what: str = ""


class Verifier:
    """What the documents of one template are held against."""

    def __init__(self, parts: Sequence[tuple[str, bytes]]) -> None:
        """*parts* are those of the template."""
        self._template = dict(parts)
        self._relations: dict[bytes, frozenset[str]] = {}

    def problems(
        self,
        parts: Sequence[tuple[str, bytes]],
        printed: Mapping[str, Printed],
        trees: Mapping[str, etree._Element] = MappingProxyType({}),
    ) -> Iterator[Problem]:
        """Yield what is wrong with the document of *parts*, into which *printed* was printed.

        *trees* are the parts that need not be read, since they were just written from these.
        """
        content = dict(parts)
        if len({name.lower() for name in content}) < len(parts):
            yield Problem(rules.DOCUMENT_UNSOUND, "", what="两个部件同名")
        yield from self._untyped(content)
        for name, data in parts:
            if self._template.get(name) == data:
                continue
            if not name.endswith((".xml", ".rels")):
                continue
            try:
                root = trees[name] if name in trees else parse(data)
            except etree.XMLSyntaxError:
                yield Problem(rules.DOCUMENT_UNSOUND, _said(name), what="不是完整的 XML")
                continue
            if name.endswith(".rels"):
                yield from self._links(name, root, content)
            else:
                yield from self._part(name, root, content, printed.get(name, Printed()))

    def _untyped(self, content: Mapping[str, bytes]) -> Iterator[Problem]:
        """Every part has a content type."""
        added = [name for name in content if name not in self._template and name != CONTENT_TYPES]
        if not added:
            return
        types = parse(content[CONTENT_TYPES])
        suffixes = {str(one.get("Extension", "")).lower() for one in types}
        names = {str(one.get("PartName", "")).lstrip("/").lower() for one in types}
        for name in added:
            if name.rpartition(".")[2].lower() not in suffixes and name.lower() not in names:
                yield Problem(rules.DOCUMENT_UNSOUND, _said(name), what="部件没有登记类型")

    def _links(
        self, name: str, root: etree._Element, content: Mapping[str, bytes]
    ) -> Iterator[Problem]:
        """Every relationship leads to a part of the document, or to a plain address."""
        source = source_of(name)
        before = self._template.get(name, b"")
        for link in root:
            target = str(link.get("Target", ""))
            if what := refusal(link, source):
                yield Problem(rules.DOCUMENT_UNSOUND, _said(source), what=f"带有{what}")
            elif (
                link.get("TargetMode") != "External"
                and target.encode() not in before
                and target_of(source, target) not in content
            ):
                yield Problem(rules.DOCUMENT_UNSOUND, _said(source), what="缺少用到的部件")

    def _part(
        self, name: str, root: etree._Element, content: Mapping[str, bytes], printed: Printed
    ) -> Iterator[Problem]:
        if _STORIES.fullmatch(name):
            yield from self._structure(name, root, content)
        for problem in unfound(name, root, printed):
            if problem.rule is not rules.TAG_LEFT_OVER or not self._wants_braces(name):
                yield problem

    def _wants_braces(self, name: str) -> bool:
        """Whether the office writes braces that are to be printed: ``{_{ 名称 }_}``."""
        before = str(_TEXT(parse(self._template[name])))
        return re.search(r"\{_[{%]|[}%]_\}", before) is not None

    def _ids(self, content: Mapping[str, bytes], name: str) -> frozenset[str]:
        """Return the relationships of a part; those of the template are read once."""
        folder, file = posixpath.split(name)
        rels = content.get(f"{folder}/_rels/{file}.rels", b"")
        if rels not in self._relations:
            found = frozenset(str(one.get("Id")) for one in parse(rels)) if rels else frozenset()
            if rels not in self._template.values():
                return found
            self._relations[rels] = found
        return self._relations[rels]

    def _structure(
        self, name: str, root: etree._Element, content: Mapping[str, bytes]
    ) -> Iterator[Problem]:
        known = self._ids(content, name)
        wrong = list(dict.fromkeys(_wrong(root, known)))
        had = set(_wrong(parse(self._template[name]), known)) if wrong else set()
        for what in wrong:
            if what not in had:
                yield Problem(rules.DOCUMENT_UNSOUND, _said(name), what=what)


def unfound(name: str, root: etree._Element, printed: Printed) -> Iterator[Problem]:
    """Yield each value that is not in the text of *root*, and each tag that nobody filled in."""
    text = str(_TEXT(root))
    at = 0
    spans: list[tuple[int, int]] = []
    elsewhere = ""
    for value in printed.texts():
        found = text.find(value, at)
        if found < 0 or found - at > _FAR:
            # a merged cell leaves out what the one above it says, and the text goes on behind that
            before = text.rfind(value, 0, at + len(value))
            if before >= 0:
                spans.append((before, before + len(value)))
                continue
        if found < 0:
            elsewhere = elsewhere or _elsewhere(root, printed)
            if " ".join(value.split()) not in elsewhere:
                yield Problem(rules.VALUE_LOST, _said(name), value=value)
            continue
        at = found + len(value)
        spans.append((found, at))
    for tag in _LEFT_OVER.finditer(text):
        if not any(start < tag.end() and tag.start() < end for start, end in spans):
            yield Problem(rules.TAG_LEFT_OVER, _said(name), value=tag[0])


def _elsewhere(root: etree._Element, printed: Printed) -> str:
    """Return what is printed outside of texts: the words of a picture, of a link, left out."""
    attributes = (str(value) for one in root.iter(etree.Element) for value in one.values())
    return "\n".join(" ".join(text.split()) for text in (*attributes, *printed.left_out))


def _wrong(root: etree._Element, known: frozenset[str]) -> Iterator[str]:
    """Yield what is wrong with the structure of a story; *known* are its relationships."""
    if any(_is_astray(text.getparent()) for text in _found(_OUTSIDE, root)):
        yield "有文字在段落以外，Word 里看不见"
    if _found(_INSIDE, root):
        yield "文字里面夹着别的内容"
    if any(not _has_block(one) for one in root.iter(*_NEEDS_BLOCK)):
        yield "页眉、页脚、注释或文本框里没有段落"
    yield from _misplaced(root)
    for tag, key, what in _ONCE:
        ids = [one.get(key) for one in root.iter(tag) if key in one.attrib]
        if len(set(ids)) < len(ids):
            yield f"两个{what}的编号相同"
    for shading in root.iter(f"{W}shd"):
        fill = shading.get(f"{W}fill", "auto")
        if not _COLOUR.fullmatch(fill):
            yield f"底色“{fill}”不是颜色，要写成 FF0000 这样"
    for code in fetching_fields(root):
        yield f"带有域 {code}"
    if any(one and one not in known for one in _found(_REFERENCES, root)):
        yield "引用了没有的图片或链接"


def _misplaced(root: etree._Element) -> Iterator[str]:
    """Yield what is wrong with the nesting of paragraphs, runs and tables."""
    for tag, never in _NOT_IN.items():
        parents = (one.getparent() for one in root.iter(tag))
        if not never.isdisjoint({one.tag for one in parents if one is not None}):
            yield "段落、表格的嵌套不对"
    cells = [one for one in root.iter(_CELL) if not len(one) or one[-1].tag != _P]
    if any(not _has_block(cell) or cell[-1].tag == _TABLE for cell in cells):
        yield "表格的单元格里没有段落"
    if any(next(row.iter(_CELL), None) is None for row in root.iter(_ROW)):
        yield "表格的一行里没有单元格"
    if any(next(table.iter(_ROW), None) is None for table in root.iter(_TABLE)):
        yield "有一张表一行也没有"


def _is_astray(parent: etree._Element) -> bool:
    """Whether no text may stand right in *parent*."""
    return str(parent.tag).startswith(W) and parent.tag not in _OTHER_TEXTS


def _has_block(element: etree._Element) -> bool:
    return any(child.tag in _IS_BLOCK for child in element)


def _found(path: etree.XPath, root: etree._Element) -> list[Any]:
    found = path(root)
    assert isinstance(found, list)
    return found


def _said(name: str) -> str:
    """Return what people call a part: 正文, 页眉."""
    return place_in(name, _NOTHING, -1)
