"""The parts of a Word template, or why Word itself would not open it.

What is damaged in a template would be in each document built from it: a part that no tag touches is
copied as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from reportgen.preflight import UnsafeError
from reportgen.received import content_of
from reportgen.template.safety import (
    CONTENT_TYPES,
    DOCUMENT,
    MAIN,
    Screened,
    UnreadableError,
    screen,
    source_of,
    target_of,
    unpack,
)

_OF_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_OF_LINKS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
#: The lists of a package: what may be in each, and which attributes that must have.
_TYPES = {
    f"{_OF_TYPES}Types": (),
    f"{_OF_TYPES}Default": ("Extension", "ContentType"),
    f"{_OF_TYPES}Override": ("PartName", "ContentType"),
}
_RELATIONSHIPS = {
    f"{_OF_LINKS}Relationships": (),
    f"{_OF_LINKS}Relationship": ("Id", "Type", "Target"),
}
_PACKAGE = "_rels/.rels"
#: Without ``huge_tree`` libxml2 takes no longer text.
_HUGE = 10_000_000


def opened(path: Path) -> Screened:
    """Return the parts of the template at *path*, without what no document may carry.

    Raises:
        OSError, TooLargeError: it cannot be read.
        UnreadableError: it is no Word document, or one that Word would not open.
        UnsafeError: nothing may open it.
    """
    screened = screen(unpack(content_of(path)))
    if what := next(_damage(screened.parts), ""):
        if screened.refused:
            raise UnsafeError("、".join(screened.refused))
        raise UnreadableError(what)
    return screened


def _damage(parts: Sequence[tuple[str, bytes]]) -> Iterator[str]:
    """Yield why Word would not open the package of *parts*."""
    content = dict(parts)
    trees: dict[str, etree._Element] = {}
    for name, data in parts:
        if not name.endswith((".xml", ".rels")):
            continue
        try:
            # where no huge text needs it, no depth above 256: other programs do not open that
            huge = len(data) > _HUGE
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=huge)
            trees[name] = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError):
            yield f"{name} 不是完整的 XML"
            return
    for name in (CONTENT_TYPES, _PACKAGE):
        if name not in trees:
            yield f"缺少 {name}"
            return
    for name, root in trees.items():
        if name == CONTENT_TYPES or name.endswith(".rels"):
            yield from _incomplete(name, root)
    yield from _links(content, trees)


def _incomplete(name: str, root: etree._Element) -> Iterator[str]:
    """Yield that something lacks in a list of content types or of relationships."""
    needed = _TYPES if name == CONTENT_TYPES else _RELATIONSHIPS
    ids: set[str] = set()
    is_right = root.tag in needed
    for one in root.iterchildren(etree.Element):
        keys = needed.get(str(one.tag), ())
        own = one.get("Id") or one.get("PartName") or one.get("Extension") or ""
        is_right &= bool(keys) and all(one.get(key) for key in keys) and own not in ids
        ids.add(own)
    if not is_right:
        yield f"{name} 不完整"


def _links(content: Mapping[str, bytes], trees: Mapping[str, etree._Element]) -> Iterator[str]:
    """Yield which part lacks, or has no type."""
    types = trees[CONTENT_TYPES]
    by_suffix = {one.get("Extension", "").lower(): one.get("ContentType") for one in types}
    by_name = {_key(one.get("PartName", "")): one.get("ContentType") for one in types}
    known = {unquote(name) for name in content}
    bodies: list[str] = []
    for rels, root in trees.items():
        for one in root if rels.endswith(".rels") else ():
            target = target_of(source_of(rels), one.get("Target", "").partition("#")[0])
            if rels == _PACKAGE and one.get("Type", "").endswith("/officeDocument"):
                bodies.append(target)
            if one.get("TargetMode") == "External" or one.get("Target", "").startswith("#"):
                continue
            if unquote(target) not in known:  # Word takes WORD/styles.xml too, others do not
                yield f"缺少 {target}"
            elif _key(target) not in by_name and _suffix(target) not in by_suffix:
                yield f"{target} 没有登记类型"
    if len(bodies) != 1 or not MAIN.fullmatch(bodies[0]):
        yield "里面没有 Word 正文"
    elif by_name.get(_key(bodies[0]), by_suffix.get(_suffix(bodies[0]))) != DOCUMENT:
        yield f"{bodies[0]} 登记的类型不是 Word 文档"


def _key(name: str) -> str:
    """Return what two spellings of one part's name share."""
    return unquote(name.lstrip("/")).casefold()


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].lower()
