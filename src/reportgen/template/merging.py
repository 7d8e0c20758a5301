"""Blocks of one Word file taken over into another: styles by name, lists, pictures, links."""

import posixpath
from collections.abc import Iterable

from lxml import etree

from reportgen.template.additions import kind_of, relations, rels_of, target_of, written
from reportgen.template.tags import W

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_BODY, _STYLES, _NUMBERING = "word/document.xml", "word/styles.xml", "word/numbering.xml"
_NUMBERING_MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"
_STYLED = frozenset(W + name for name in ("pStyle", "rStyle", "tblStyle"))
_OTHER_STYLES = frozenset(W + name for name in ("basedOn", "next", "link"))


class Merged:
    """A Word file that takes over blocks of others."""

    def __init__(self, content: dict[str, bytes], root: etree._Element) -> None:
        """*content* are its parts, *root* is its body as a tree, which is changed in place."""
        self._content, self._root = content, root

    def parts(self) -> list[tuple[str, bytes]]:
        """Return the parts."""
        self._content[_BODY] = written(self._root)
        return list(self._content.items())

    def taken_over(
        self, other: dict[str, bytes], blocks: list[etree._Element]
    ) -> list[etree._Element]:
        """Return *blocks* of *other*, at home here: what they refer to is here too."""
        for block in blocks:
            for name in ("headerReference", "footerReference"):
                for reference in list(block.iter(W + name)):
                    reference.getparent().remove(reference)  # type: ignore[union-attr]
        styles, added = self._styles(other, blocks)
        self._lists(other, [*blocks, *added])
        if styles is not None:
            self._content[_STYLES] = written(styles)
        self._relations(other, blocks)
        self._bookmarks(blocks)
        return blocks

    def _styles(
        self, other: dict[str, bytes], blocks: list[etree._Element]
    ) -> tuple[etree._Element | None, list[etree._Element]]:
        """Let *blocks* use our styles of the same names; return our styles, and the added ones."""
        if _STYLES not in other or _STYLES not in self._content:
            return None, []
        ours = etree.fromstring(self._content[_STYLES])
        named = {_name(style): style.get(f"{W}styleId", "") for style in ours.iter(f"{W}style")}
        theirs = {
            s.get(f"{W}styleId", ""): s for s in etree.fromstring(other[_STYLES]).iter(f"{W}style")
        }
        ids = {style.get(f"{W}styleId", "") for style in ours.iter(f"{W}style")}
        known: dict[str, str] = {}
        added: list[etree._Element] = []

        def ours_for(key: str) -> str:
            if key in known or key not in theirs:
                return known.get(key, key)
            style = theirs[key]
            if (same := named.get(_name(style))) is not None:
                known[key] = same
                return same
            free, number = key, 1
            while free in ids:
                number += 1
                free = f"{key}_{number}"
            ids.add(free)
            known[key] = free
            style.set(f"{W}styleId", free)
            style.attrib.pop(f"{W}default", "")
            ours.append(style)
            added.append(style)
            for reference in style.iter(*_OTHER_STYLES, *_STYLED):
                reference.set(f"{W}val", ours_for(reference.get(f"{W}val", "")))
            return free

        for block in blocks:
            for reference in block.iter(*_STYLED):
                reference.set(f"{W}val", ours_for(reference.get(f"{W}val", "")))
        return ours, added

    def _lists(self, other: dict[str, bytes], users: list[etree._Element]) -> None:
        """Let *users*, blocks and styles, have lists of their own: their numbers begin anew."""
        used = [n for user in users for n in user.iter(f"{W}numId") if n.get(f"{W}val") != "0"]
        if not used or _NUMBERING not in other:
            return
        if _NUMBERING not in self._content:
            self._content[_NUMBERING] = written(
                etree.Element(f"{W}numbering", nsmap={"w": W[1:-1]})
            )
            self._describe(_NUMBERING, _NUMBERING_MIME)
            self._relate(_BODY, kind_of("numbering"), _NUMBERING, external=False)
        theirs = etree.fromstring(other[_NUMBERING])
        ours = etree.fromstring(self._content[_NUMBERING])
        nums = {n.get(f"{W}numId"): n for n in theirs.findall(f"{W}num")}
        abstracts = {a.get(f"{W}abstractNumId"): a for a in theirs.findall(f"{W}abstractNum")}
        known: dict[str, str] = {}
        for reference in used:
            key = reference.get(f"{W}val", "")
            num = nums.get(key)
            link = num.find(f"{W}abstractNumId") if num is not None else None
            abstract = abstracts.get(link.get(f"{W}val")) if link is not None else None
            if key not in known and num is not None and link is not None and abstract is not None:
                free = str(1 + _most(ours, "abstractNum", "abstractNumId"))
                abstract.set(f"{W}abstractNumId", free)
                for nsid in abstract.findall(
                    f"{W}nsid"
                ):  # Word takes lists that share one for the same
                    nsid.set(f"{W}val", f"{0x5A000000 + int(free):08X}")
                at = sum(child.tag != f"{W}num" for child in ours)
                ours.insert(at, abstract)
                abstracts[free] = abstract
                link.set(f"{W}val", free)
                known[key] = str(1 + _most(ours, "num", "numId"))
                num.set(f"{W}numId", known[key])
                ours.append(num)
            reference.set(f"{W}val", known.get(key, "0"))
        self._content[_NUMBERING] = written(ours)

    def _relations(self, other: dict[str, bytes], blocks: list[etree._Element]) -> None:
        """Take over the pictures, charts and links that *blocks* show."""
        links = relations(other, _BODY)
        known: dict[str, str] = {}
        copied: dict[str, str] = {}
        for block in blocks:
            for element in block.iter():
                for attribute, value in list(element.attrib.items()):
                    key = str(value)
                    if str(attribute).startswith(_R) and key in links:
                        if key not in known:
                            known[key] = self._copy_link(other, _BODY, _BODY, links[key], copied)
                        element.set(attribute, known[key])

    def _copy_link(
        self, other: dict[str, bytes], source: str, part: str, link: etree._Element,
        copied: dict[str, str], rel: str = "",
    ) -> str:  # fmt: skip
        kind, target = str(link.get("Type")), target_of(source, link)
        if link.get("TargetMode") == "External":
            return self._relate(part, kind, str(link.get("Target")), external=True, rel=rel)
        if target in other and target not in copied:
            stem, dot, suffix = target.rpartition(".")
            number = 1
            while (free := f"{stem}_{number}{dot}{suffix}") in self._content:
                number += 1
            copied[target] = free
            self._content[free] = other[target]
            self._describe(free, _mime(other, target))
            for own, inner in relations(other, target).items():
                self._copy_link(other, target, free, inner, copied, own)
        return self._relate(part, kind, copied.get(target, target), external=False, rel=rel)

    def _relate(self, part: str, kind: str, target: str, *, external: bool, rel: str = "") -> str:
        name = rels_of(part)
        if name in self._content:
            root = etree.fromstring(self._content[name])
        else:
            root = etree.Element(f"{_RELS}Relationships")
        taken = {link.get("Id") for link in root}
        number = 1
        while not rel or rel in taken:
            rel = f"rIdInclude{number}"
            number += 1
        attributes = {"Id": rel, "Type": kind}
        if external:
            attributes |= {"Target": target, "TargetMode": "External"}
        else:
            attributes["Target"] = posixpath.relpath(target, posixpath.dirname(part))
        etree.SubElement(root, f"{_RELS}Relationship", attributes)
        self._content[name] = written(root)
        return rel

    def _describe(self, name: str, mime: str) -> None:
        types = etree.fromstring(self._content["[Content_Types].xml"])
        etree.SubElement(types, f"{_TYPES}Override", {"PartName": f"/{name}", "ContentType": mime})
        self._content["[Content_Types].xml"] = written(types)

    def _bookmarks(self, blocks: list[etree._Element]) -> None:
        """Give the bookmarks of *blocks* numbers that are free here."""
        free = 1 + _most(self._root, "bookmarkStart", "id")
        for block in blocks:
            for mark in block.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd"):
                own = mark.get(f"{W}id", "0")
                mark.set(f"{W}id", str(free + int(own) if own.isdecimal() else free))


def _name(style: etree._Element) -> tuple[str, str]:
    name = style.find(f"{W}name")
    return style.get(f"{W}type", ""), (name.get(f"{W}val", "") if name is not None else "").lower()


def _most(root: etree._Element, element: str, attribute: str) -> int:
    found: Iterable[str] = (e.get(W + attribute, "") for e in root.iter(W + element))
    return max((int(value) for value in found if value.isdecimal()), default=0)


def _mime(content: dict[str, bytes], name: str) -> str:
    types = etree.fromstring(content["[Content_Types].xml"])
    suffix = name.rpartition(".")[2].lower()
    found = "application/octet-stream"
    for one in types:
        if one.get("PartName") == f"/{name}":
            return str(one.get("ContentType"))
        if str(one.get("Extension", "")).lower() == suffix:
            found = str(one.get("ContentType"))
    return found
