"""What the parts of a Word document name of each other: styles, numberings, notes, comments."""

from collections.abc import Iterator, Mapping

from lxml import etree

from reportgen.template.structure import STORY, Fault, twice
from reportgen.template.tags import W

_VAL, _ID, _STYLE_ID = f"{W}val", f"{W}id", f"{W}styleId"
_NUM, _NUM_ID = f"{W}num", f"{W}numId"
_ABSTRACT, _ABSTRACT_ID = f"{W}abstractNum", f"{W}abstractNumId"
_STYLES, _NUMBERING = "word/styles.xml", "word/numbering.xml"
_STYLED = (f"{W}pStyle", f"{W}rStyle", f"{W}tblStyle")
_OF_STYLES = (f"{W}basedOn", f"{W}next", f"{W}link")
#: What refers, where it leads, whether Word does not open a document in which it leads nowhere.
_NOTES = (
    ("footnoteReference", "word/footnotes.xml", "footnote", "脚注"),
    ("endnoteReference", "word/endnotes.xml", "endnote", "尾注"),
    ("commentReference", "word/comments.xml", "comment", "批注"),
)
#: What may stand only once in a part of its own.
_ONCE = {
    _STYLES: (("style", _STYLE_ID, "样式"),),
    _NUMBERING: (("num", _NUM_ID, "编号"), ("abstractNum", _ABSTRACT_ID, "编号")),
    "word/footnotes.xml": (("footnote", _ID, "脚注"),),
    "word/endnotes.xml": (("endnote", _ID, "尾注"),),
}


def reference_faults(trees: Mapping[str, etree._Element]) -> Iterator[tuple[str, Fault]]:
    """Yield what the parts in *trees* name and no part has, with the part that names it."""
    styles = _values(trees.get(_STYLES), f"{W}style", _STYLE_ID)
    numbers = _values(trees.get(_NUMBERING), _NUM, _NUM_ID) | {"0"}  # 0: no number
    kinds = _values(trees.get(_NUMBERING), _ABSTRACT, _ABSTRACT_ID)
    for part, names in _ONCE.items():
        for name, key, what in names if part in trees else ():
            for fault in twice(trees[part].iter(W + name), key, what):
                yield part, fault
    for part, root in trees.items():
        if part == _STYLES:
            yield from _missing(part, root, _OF_STYLES, styles, "样式")
        elif part == _NUMBERING:
            yield from _missing(part, root, (_ABSTRACT_ID,), kinds, "编号")
        if STORY.fullmatch(part) or part == _NUMBERING:
            yield from _missing(part, root, _STYLED, styles, "样式")
        if STORY.fullmatch(part) or part == _STYLES:
            yield from _missing(part, root, (_NUM_ID,), numbers, "编号")
        if STORY.fullmatch(part):
            yield from _notes(part, root, trees)
            yield from _fields(part, root)


def _notes(
    part: str, root: etree._Element, trees: Mapping[str, etree._Element]
) -> Iterator[tuple[str, Fault]]:
    for reference, where, name, what in _NOTES:
        named = list(root.iter(W + reference))
        there = _values(trees.get(where), W + name, _ID) if named else frozenset()
        for one in named:
            if one.get(_ID) not in there:
                yield part, Fault(f"引用的{what}不在文件里", one)


def _fields(part: str, root: etree._Element) -> Iterator[tuple[str, Fault]]:
    """Each field ends: what stands behind one that does not is taken for its code."""
    open_now: list[etree._Element] = []
    for one in root.iter(f"{W}fldChar"):
        kind = one.get(f"{W}fldCharType")
        if kind == "begin":
            open_now.append(one)
        elif kind == "end":
            if not open_now:
                yield part, Fault("多出一个域的结尾", one, is_grave=False)
            else:
                open_now.pop()
    for one in open_now:
        yield part, Fault("域没有结束，后面的文字可能看不见", one)


def _missing(
    part: str, root: etree._Element, tags: tuple[str, ...], known: frozenset[str], what: str
) -> Iterator[tuple[str, Fault]]:
    for one in root.iter(*tags):
        name = one.get(_VAL, "")
        if name and name not in known:
            yield part, Fault(f"用到的{what}“{name[:40]}”没有定义", one, is_grave=False)


def _values(root: etree._Element | None, tag: str, key: str) -> frozenset[str]:
    return frozenset() if root is None else frozenset(one.get(key, "") for one in root.iter(tag))
