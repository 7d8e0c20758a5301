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

from lxml import etree

from reportgen import rules
from reportgen.finding import Rule
from reportgen.printed import Printed
from reportgen.template.parcel import astray, untyped
from reportgen.template.places import place_in
from reportgen.template.safety import CONTENT_TYPES, fetching_fields, refusal, source_of
from reportgen.template.structure import STORY, faults
from reportgen.template.tags import parse

_NOTHING = etree.Element("nothing")
_TEXT = etree.XPath("string()")
LEFT_OVER = re.compile(r"[{｛][{｛][^{}｛｝]+[}｝][}｝]|[{｛][%％][^{}｛｝]+[%％][}｝]")
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
        for name, fault in untyped(iter(added), parse(content[CONTENT_TYPES])):
            yield Problem(rules.DOCUMENT_UNSOUND, _said(name), what=fault.what)

    def _links(
        self, name: str, root: etree._Element, content: Mapping[str, bytes]
    ) -> Iterator[Problem]:
        """Every relationship leads to a part of the document, or to a plain address."""
        source = source_of(name)
        before = self._template.get(name, b"")
        for link in root:
            if what := refusal(link, source):
                yield Problem(rules.DOCUMENT_UNSOUND, _said(source), what=f"带有{what}")
        for link in astray(source, root, content):
            if str(link.get("Target", "")).encode() not in before:
                yield Problem(rules.DOCUMENT_UNSOUND, _said(source), what="缺少用到的部件")

    def _part(
        self, name: str, root: etree._Element, content: Mapping[str, bytes], printed: Printed
    ) -> Iterator[Problem]:
        if STORY.fullmatch(name):
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
        wrong = list(_wrong(root, known))
        had = set(_wrong(parse(self._template[name]), known)) if wrong else set()
        for what in dict.fromkeys(wrong):
            if what not in had:
                yield Problem(rules.DOCUMENT_UNSOUND, _said(name), what=what)


def _wrong(root: etree._Element, known: frozenset[str]) -> Iterator[str]:
    """Yield in words what is wrong with a story, whose relationships are *known*."""
    yield from (fault.what for fault in faults(root, known))
    yield from (f"带有域 {code}" for code in fetching_fields(root))


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
    for tag in LEFT_OVER.finditer(text):
        if not any(start < tag.end() and tag.start() < end for start, end in spans):
            yield Problem(rules.TAG_LEFT_OVER, _said(name), value=tag[0])


def _elsewhere(root: etree._Element, printed: Printed) -> str:
    """Return what is printed outside of texts: the words of a picture, of a link, left out."""
    attributes = (str(value) for one in root.iter(etree.Element) for value in one.values())
    return "\n".join(" ".join(text.split()) for text in (*attributes, *printed.left_out))


def _said(name: str) -> str:
    """Return what people call a part: 正文, 页眉."""
    return place_in(name, _NOTHING, -1)
