"""What must be unique in a part, and what a loop has copied: bookmarks, the ids of paragraphs."""

import re
from collections.abc import Iterable, Mapping, Sequence

from lxml import etree

from reportgen.template.marks import Item, W

_PARAGRAPH_ID = "{http://schemas.microsoft.com/office/word/2010/wordml}paraId"
_LONGEST_NAME = 40
_REFERENCE = re.compile(r"(\b(?:REF|PAGEREF|NOTEREF|HYPERLINK\s+\\l)\s+\"?)([^\s\"\\]+)")


def unique_ids(root: etree._Element, runs: Iterable[Sequence[Item]]) -> None:
    """Give each copy of a bookmark a name and an id of its own.

    Fields and links in an item of *runs* go on naming the bookmark of their own item.
    """
    names = {one.get(f"{W}name", "") for one in root.iter(f"{W}bookmarkStart")}
    if names:
        for items in runs:
            for item in items[1:]:
                _rename(item, names)
        _number(root)
    seen: set[str] = set()
    for paragraph in root.iter(f"{W}p"):
        own = paragraph.get(_PARAGRAPH_ID)
        if own in seen:
            del paragraph.attrib[_PARAGRAPH_ID]  # Word gives a new one
        elif own:
            seen.add(own)


def _rename(item: Item, names: set[str]) -> None:
    renamed: dict[str, str] = {}
    for bookmark in item.all_of("bookmarkStart"):
        old = bookmark.get(f"{W}name", "")
        renamed[old] = _fresh(old, names)
        bookmark.set(f"{W}name", renamed[old])
    if not renamed:
        return
    for link in item.all_of("hyperlink"):
        anchor = link.get(f"{W}anchor", "")
        if anchor in renamed:
            link.set(f"{W}anchor", renamed[anchor])
    for code in item.all_of("instrText"):
        code.text = _renamed(code.text or "", renamed)
    for field in item.all_of("fldSimple"):
        field.set(f"{W}instr", _renamed(field.get(f"{W}instr", ""), renamed))


def _renamed(code: str, names: Mapping[str, str]) -> str:
    """Return the code of a field with the new names of bookmarks."""
    return _REFERENCE.sub(lambda m: m[1] + names.get(m[2], m[2]), code)


def _fresh(name: str, names: set[str]) -> str:
    """Return *name* with a number that makes it unique, and note it in *names*."""
    count, fresh = 1, name
    while fresh in names:
        count += 1
        fresh = f"{name[: _LONGEST_NAME - len(str(count)) - 1]}_{count}"
    names.add(fresh)
    return fresh


def _number(root: etree._Element) -> None:
    """Number the bookmarks anew where two have one id; each end goes with the start before it."""
    starts = list(root.iter(f"{W}bookmarkStart"))
    if len({one.get(f"{W}id") for one in starts}) == len(starts):
        return
    open_now: dict[str, str] = {}
    names: set[str] = set()
    count = 0
    for mark in root.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd"):
        own = mark.get(f"{W}id", "")
        if mark.tag == f"{W}bookmarkStart":
            open_now[own], count = str(count), count + 1
            mark.set(f"{W}name", _fresh(mark.get(f"{W}name", ""), names))
        mark.set(f"{W}id", open_now.get(own, own))
