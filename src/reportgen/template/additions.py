"""What one document gets beside the parts of its template: pictures, links, the data of charts.

A tag that makes one of these leaves a mark in the text (``<?object 3?>``, which no value can hold:
values are escaped); once the part is a tree again, what stands behind the mark is put in its place.
"""

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from lxml import etree
from markupsafe import Markup

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_OVERRIDE, _DEFAULT = f"{_TYPES}Override", f"{_TYPES}Default"
_RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#: The relationships that stand for what a part shows; others are settings.
_SHOWN = frozenset({"image", "chart", "hyperlink"})
_MARK, _TYPED = "object", "typed"
_current: ContextVar["tuple[Additions, str] | None"] = ContextVar("additions", default=None)

#: What puts an object where its mark is: the mark, the additions, the name of the part.
Placing = Callable[[etree._Element, "Additions", str], None]  # noqa: SLF001 - its only name


class Additions:
    """The additions to one document, and how to put them into its package."""

    def __init__(
        self, template: Mapping[str, bytes], folder: Path | None, replaced_in: Collection[str] = ()
    ) -> None:
        """*template* are the parts of the template, *folder* is where paths of pictures start.

        What the parts *replaced_in* no longer show is left out of the document.
        """
        self._replaced_in = replaced_in
        self.folder = folder or Path()
        self.template = template
        self._placings: list[Placing] = []
        self._parts: dict[str, bytes] = {}
        self._mimes: dict[str, str] = {}
        self._relations: dict[str, list[dict[str, str]]] = {}

    @contextmanager
    def in_part(self, part: str) -> Iterator[None]:
        """Let tags make objects in *part* meanwhile."""
        token = _current.set((self, part))
        try:
            yield
        finally:
            _current.reset(token)

    def place(self, root: etree._Element, part: str) -> None:
        """Put every object of *part*, whose tree is *root*, where its mark is."""
        for mark in list(root.iter(etree.ProcessingInstruction)):
            if isinstance(mark, etree._ProcessingInstruction) and mark.target == _MARK:  # noqa: SLF001
                self._placings[int(mark.text or "")](mark, self, part)

    def add(self, name: str, content: bytes, mime: str) -> str:
        """Add a part; return its name, with a number where another part has that name already."""
        stem, dot, suffix = name.rpartition(".")
        number = 1
        while (name := f"{stem}{number}{dot}{suffix}") in self._parts or name in self.template:
            number += 1
        self._parts[name] = content
        self._mimes[name] = mime
        return name

    def set(self, name: str, content: bytes) -> None:
        """Set the content of a part that was added."""
        self._parts[name] = content

    def mime_of(self, name: str) -> str:
        """Return the content type of a part of the template."""
        types = etree.fromstring(self.template["[Content_Types].xml"])
        own = {str(o.get("PartName")): str(o.get("ContentType")) for o in types.iter(_OVERRIDE)}
        suffixes = {
            str(d.get("Extension")).lower(): str(d.get("ContentType")) for d in types.iter(_DEFAULT)
        }
        suffix = name.rpartition(".")[2].lower()
        return own.get(f"/{name}") or suffixes.get(suffix, "application/octet-stream")

    def relate(self, part: str, kind: str, target: str, *, external: bool = False) -> str:
        """Let *part* have a relationship to *target*, a part or an address; return its id."""
        links = self._relations.setdefault(part, [])
        attributes = {"Id": f"rIdAdded{len(links) + 1}", "Type": kind_of(kind)}
        if external:
            attributes |= {"Target": target, "TargetMode": "External"}
        else:
            attributes["Target"] = posixpath.relpath(target, posixpath.dirname(part))
        links.append(attributes)
        return attributes["Id"]

    def added_to(self, parts: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        """Return *parts* with what was added, its relationships and its content types."""
        if not self._parts and not self._relations and not self._replaced_in:
            return parts
        content = {**dict(parts), **self._parts}
        for part in self._relations:
            self._set_relations(content, part)
        gone = left_out(content, self._replaced_in)
        types = etree.fromstring(content["[Content_Types].xml"])
        suffixes = {str(d.get("Extension")).lower() for d in types.iter(_DEFAULT)}
        for name, mime in self._mimes.items():
            suffix = name.rpartition(".")[2].lower()
            if mime.startswith("image/"):
                if suffix not in suffixes:
                    suffixes.add(suffix)
                    attributes = {"Extension": suffix, "ContentType": mime}
                    types.insert(0, etree.Element(_DEFAULT, attributes))
            else:
                attributes = {"PartName": f"/{name}", "ContentType": mime}
                types.append(etree.Element(_OVERRIDE, attributes))
        remove([o for o in types.iter(_OVERRIDE) if str(o.get("PartName")).lstrip("/") in gone])
        content["[Content_Types].xml"] = written(types)
        return list(content.items())

    def _set_relations(self, content: dict[str, bytes], part: str) -> None:
        name = rels_of(part)
        root = etree.fromstring(content[name]) if name in content else etree.Element(
            f"{_RELS}Relationships", nsmap={None: _RELS[1:-1]}  # type: ignore[dict-item]
        )  # fmt: skip
        for attributes in self._relations[part]:
            etree.SubElement(root, f"{_RELS}Relationship", attributes)
        content[name] = written(root)


def current() -> tuple[Additions, str] | None:
    """Return the additions and the part that are being rendered, if any."""
    return _current.get()


def marked(placing: Placing) -> Markup:
    """Return the mark of an object; *placing* is called with it when the part is a tree.

    Raises:
        LookupError: no part that can show an object is being rendered.
    """
    now = _current.get()
    if now is None:
        raise LookupError
    now[0]._placings.append(placing)  # noqa: SLF001 - the mark and its additions are one thing
    return Markup(f"<?{_MARK} {len(now[0]._placings) - 1}?>")  # noqa: S704, SLF001 - no value


def rels_of(part: str) -> str:
    """Return the name of the part that holds the relationships of *part*."""
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"


def kind_of(kind: str) -> str:
    """Return the type of a relationship by its last word, or *kind* if it is whole."""
    return kind if "/" in kind else _KIND + kind


def relations(parts: Mapping[str, bytes], part: str) -> dict[str, etree._Element]:
    """Return the relationships of *part* by their ids; none where they cannot be read."""
    try:
        root = etree.fromstring(parts.get(rels_of(part), b"<Relationships/>"))
    except etree.XMLSyntaxError:
        return {}
    return {str(link.get("Id")): link for link in root}


def target_of(part: str, link: etree._Element) -> str:
    """Return the name of the part that a relationship of *part* leads to."""
    target = str(link.get("Target", ""))
    folder = posixpath.dirname(part)
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def left_out(content: dict[str, bytes], shown_by: Collection[str]) -> set[str]:
    """Take out of *content* what the parts *shown_by* do not show, and return the names.

    A picture or a chart that was replaced would travel along, with the numbers of an example or of
    last year.
    """
    unused: set[str] = set()
    for part in shown_by:
        if rels_of(part) not in content:
            continue
        root = etree.fromstring(content[rels_of(part)])
        for link in list(root):
            kind = str(link.get("Type")).rpartition("/")[2]
            if kind in _SHOWN and f'"{link.get("Id")}"'.encode() not in content[part]:
                unused |= _reached(content, target_of(part, link))
                root.remove(link)
        content[rels_of(part)] = written(root)
    gone = unused - _reached(content, "")
    for name in gone:
        content.pop(name, None)
        content.pop(rels_of(name), None)
    return gone


def _reached(content: Mapping[str, bytes], part: str) -> set[str]:
    """Return *part* and every part that its relationships lead to."""
    found, ahead = {part}, [part]
    while ahead:
        name = ahead.pop()
        for link in relations(content, name).values():
            target = target_of(name, link)
            if link.get("TargetMode") != "External" and target not in found:
                found.add(target)
                ahead.append(target)
    return found


def written(root: etree._Element) -> bytes:
    """Return a tree as the bytes of a part."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def carrier(expression: str, typed: str) -> etree._Element:
    """Return a run that holds the tag ``{{ expression }}``: what it makes is for its neighbour.

    *typed* is what the office has typed, for messages.
    """
    run = etree.Element(f"{_W}r", {_TYPED: typed})
    text = etree.SubElement(run, f"{_W}t", {_SPACE: "preserve"})
    text.text = f"{{{{ {expression} }}}}"
    return run


def typed_in(text: etree._Element) -> str:
    """Return what the office has typed for the tag in the carrier around *text*; forget it there."""
    run = text.getparent()
    return str(run.attrib.pop(_TYPED, "")) if run is not None else ""


def without_carrier(mark: etree._Element) -> etree._Element:
    """Remove the run around *mark*; return what it was for: the element behind it."""
    run = next(mark.iterancestors(f"{_W}r"))
    neighbour = run.getnext()
    parent = run.getparent()
    assert neighbour is not None
    assert parent is not None
    parent.remove(run)
    return neighbour


def only_tag(text: str) -> str:
    """Return what stands in the braces of *text* if it is one tag and no more; else nothing.

    >>> only_tag(" ｛｛ 现场照片 ｝｝ "), only_tag("照片：{{ 名称 }}"), only_tag("{{ a }}{{ b }}")
    ('现场照片', '', '')
    """
    match = re.fullmatch(r"\s*[{｛]{2}([^{}｛｝]+)[}｝]{2}\s*", text)
    return match[1].strip() if match else ""


def remove(elements: Iterable[etree._Element]) -> None:
    """Take *elements* out of their tree; the text behind each stays."""
    for element in elements:
        parent = element.getparent()
        if parent is None:
            continue
        before, tail = element.getprevious(), element.tail or ""
        if before is None:
            parent.text = (parent.text or "") + tail or None
        else:
            before.tail = (before.tail or "") + tail or None
        parent.remove(element)
