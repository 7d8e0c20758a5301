"""What must hold of the package that a Word document is: parts, their content types, relationships."""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from lxml import etree

from reportgen.template.safety import CONTENT_TYPES, source_of, target_of
from reportgen.template.structure import Fault

_OF_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_OF_LINKS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
#: The lists of a package (ECMA-376-2): what may be in each, and which attributes that must have.
_TYPES = {
    f"{_OF_TYPES}Default": ("Extension", "ContentType"),
    f"{_OF_TYPES}Override": ("PartName", "ContentType"),
}
_RELATIONSHIPS = {f"{_OF_LINKS}Relationship": ("Id", "Type", "Target")}
DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MAIN = "/officeDocument"


def untyped(names: Iterator[str], types: etree._Element) -> Iterator[tuple[str, Fault]]:
    """Yield each of *names*, parts of the package, that *types* gives no content type."""
    suffixes = {str(one.get("Extension", "")).lower() for one in types}
    given = {_key(str(one.get("PartName", ""))) for one in types}
    for name in names:
        suffix = name.rpartition(".")[2].lower() if "." in name else None
        if suffix not in suffixes and _key(name) not in given:
            yield name, Fault("部件没有登记类型")


def astray(
    source: str, links: etree._Element, content: Mapping[str, bytes]
) -> Iterator[etree._Element]:
    """Yield each relationship of *source* that leads to a part which is not there."""
    names: set[str] = set()
    for link in links:
        target = str(link.get("Target", ""))
        if link.get("TargetMode") == "External" or not isinstance(link.tag, str):
            continue
        name = target_of(source, target)
        if name in content or target.startswith("#"):
            continue
        names = names or {_key(one) for one in content}
        if _key(target_of(source, target.partition("#")[0])) not in names:
            yield link


def is_whole(name: str, root: etree._Element) -> bool:
    """Whether nothing lacks in the list of content types, or of relationships, called *name*."""
    of_types = name == CONTENT_TYPES
    needed = _TYPES if of_types else _RELATIONSHIPS
    return root.tag == (f"{_OF_TYPES}Types" if of_types else f"{_OF_LINKS}Relationships") and all(
        one.tag in needed and all(one.get(key) for key in needed[str(one.tag)])
        for one in root.iterchildren(etree.Element)
    )


def spelt_otherwise(
    content: Mapping[str, bytes], trees: Mapping[str, etree._Element]
) -> Iterator[str]:
    """Yield each part that a relationship names in capitals or small letters that it does not have."""
    known = {unquote(name) for name in content}
    for rels, root in trees.items():
        for link in root if rels.endswith(".rels") else ():
            target = str(link.get("Target", "")).partition("#")[0]
            name = unquote(target_of(source_of(rels), target))
            if target and link.get("TargetMode") != "External" and name not in known:
                yield name


def package_faults(
    content: Mapping[str, bytes], trees: Mapping[str, etree._Element]
) -> Iterator[tuple[str, Fault]]:
    """Yield what is wrong with the package of *content*, with the part; *trees* are its XML parts."""
    types = trees.get(CONTENT_TYPES)
    if types is None:
        yield CONTENT_TYPES, Fault("缺少部件类型的清单")
        return
    lists = [name for name in trees if name == CONTENT_TYPES or name.endswith(".rels")]
    if broken := [name for name in lists if not is_whole(name, trees[name])]:
        for name in broken:
            yield name, Fault("清单不完整")
        return
    yield from untyped((name for name in content if name != CONTENT_TYPES), types)
    names = {_key(name) for name in content}
    listed: set[str] = set()
    for one in types:
        name = str(one.get("PartName", ""))
        if name and _key(name) not in names:
            yield name, Fault("登记了类型的部件不在文件里", is_grave=False)
        if name and _key(name) in listed:
            yield name, Fault("一个部件登记了两次类型")
        listed.add(_key(name))
    yield from _main(content, types, trees.get("_rels/.rels"))
    for rels, root in trees.items():
        if not rels.endswith(".rels"):
            continue
        source = source_of(rels)
        for _ in astray(source, root, content):
            yield source, Fault("缺少用到的部件")
        ids = [str(one.get("Id", "")) for one in root]
        if len(set(ids)) < len(ids):
            yield source, Fault("两个关系的编号相同")


def _main(
    content: Mapping[str, bytes], types: etree._Element, links: etree._Element | None
) -> Iterator[tuple[str, Fault]]:
    """The package says where its body is, and that it is a Word document."""
    main = [
        target_of("", str(one.get("Target", "")))
        for one in (() if links is None else links)
        if str(one.get("Type", "")).endswith(_MAIN)
    ]
    if len(main) != 1 or main[0] not in content:
        yield "word/document.xml", Fault("找不到正文")
        return
    kind = [
        one.get("ContentType")
        for one in types
        if _key(str(one.get("PartName", ""))) == _key(main[0])
    ]
    if DOCUMENT not in kind:
        yield main[0], Fault("正文登记的类型不是 Word 文档")


def _key(name: str) -> str:
    """Return what two names of one part share: case does not count, nor how a sign is written."""
    return unquote(name.lstrip("/")).casefold()
