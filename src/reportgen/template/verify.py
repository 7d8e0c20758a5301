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
from reportgen.template.tags import parse

_NS = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
}
_NOTHING = etree.Element("nothing")
_STORIES = re.compile(r"word/(document|header|footer|footnotes|endnotes|comments)\d*\.xml")
_TEXT = etree.XPath("string()")
_REFERENCES = etree.XPath("//@r:*", namespaces=_NS)
_BLOCK = "(w:p or w:tbl or w:sdt or w:customXml)"


def _path(*expressions: str) -> etree.XPath:
    return etree.XPath(" | ".join(expressions), namespaces=_NS)


#: What no part may have, and how a person says it. ``//w:a/w:b`` is a tenth of the time of
#: ``//w:b[parent::w:a]``.
_UNSOUND: tuple[tuple[etree.XPath, str], ...] = (
    (
        _path(
            "//text()[parent::w:* and not(parent::w:t or parent::w:delText or parent::w:instrText"
            " or parent::w:delInstrText or parent::w:fldData or parent::w:binData)]"
            "[normalize-space()]"
        ),
        "有文字在段落以外，Word 里看不见",
    ),
    (_path("//w:t/*"), "文字里面夹着别的内容"),
    (
        _path(
            f"/w:hdr[not{_BLOCK}]", f"/w:ftr[not{_BLOCK}]", f"/*/w:footnote[not{_BLOCK}]",
            f"/*/w:endnote[not{_BLOCK}]", f"/*/w:comment[not{_BLOCK}]",
            f"//w:txbxContent[not{_BLOCK}]",
        ),
        "页眉、页脚、注释或文本框里没有段落",
    ),
)  # fmt: skip
_P, _R, _TABLE, _ROW, _CELL = (f"{{{_NS['w']}}}{name}" for name in ("p", "r", "tbl", "tr", "tc"))
#: In what these may not stand directly.
_NOT_IN = {
    tag: frozenset(f"{{{_NS['w']}}}{name}" for name in names.split())
    for tag, names in {
        _P: "p r hyperlink tr tbl",
        _R: "body hdr ftr txbxContent r tc tr tbl",
        _TABLE: "p r tr tbl",
        _ROW: "body p r tc tr",
        _CELL: "body p r tc tbl",
    }.items()
}
_IS_BLOCK = frozenset(f"{{{_NS['w']}}}{name}" for name in ("p", "tbl", "sdt", "customXml"))
#: What may stand only once in a part.
_ONCE: tuple[tuple[etree.XPath, str], ...] = (
    (_path("//wp:docPr/@id"), "图形"),
    (_path("//w:bookmarkStart/@w:id"), "书签"),
    (_path("//w:bookmarkStart/@w:name"), "书签"),
    (_path("/*/w:comment/@w:id", "//w:commentReference/@w:id"), "批注"),
)
_FILLS = _path("//w:shd/@w:fill")
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

    def _structure(
        self, name: str, root: etree._Element, content: Mapping[str, bytes]
    ) -> Iterator[Problem]:
        known = _ids(content, name)
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


def _wrong(root: etree._Element, known: set[str]) -> Iterator[str]:
    """Yield what is wrong with the structure of a story; *known* are its relationships."""
    for path, what in _UNSOUND:
        if _found(path, root):
            yield what
    yield from _misplaced(root)
    for path, what in _ONCE:
        ids = _found(path, root)
        if len(set(ids)) < len(ids):
            yield f"两个{what}的编号相同"
    for fill in _found(_FILLS, root):
        if not _COLOUR.fullmatch(fill):
            yield f"底色“{fill}”不是颜色，要写成 FF0000 这样"
    for code in fetching_fields(root):
        yield f"带有域 {code}"
    if any(one and one not in known for one in _found(_REFERENCES, root)):
        yield "引用了没有的图片或链接"


def _misplaced(root: etree._Element) -> Iterator[str]:
    """Yield what is wrong with the nesting of paragraphs, runs and tables: in one walk, not in thirty."""
    for element in root.iter(*_NOT_IN):
        tag, parent = element.tag, element.getparent()
        if parent is not None and parent.tag in _NOT_IN[tag]:
            yield "段落、表格的嵌套不对"
        if tag == _CELL:
            last = element[-1].tag if len(element) else ""
            if last != _P and (last == _TABLE or not any(c.tag in _IS_BLOCK for c in element)):
                yield "表格的单元格里没有段落"
        elif tag == _ROW and next(element.iter(_CELL), None) is None:
            yield "表格的一行里没有单元格"
        elif tag == _TABLE and next(element.iter(_ROW), None) is None:
            yield "有一张表一行也没有"


def _found(path: etree.XPath, root: etree._Element) -> list[Any]:
    found = path(root)
    assert isinstance(found, list)
    return found


def _ids(content: Mapping[str, bytes], name: str) -> set[str]:
    folder, file = posixpath.split(name)
    rels = content.get(f"{folder}/_rels/{file}.rels")
    return {str(one.get("Id")) for one in parse(rels)} if rels else set()


def _said(name: str) -> str:
    """Return what people call a part: 正文, 页眉."""
    return place_in(name, _NOTHING, -1)
