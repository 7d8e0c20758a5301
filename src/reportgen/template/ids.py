"""What must be unique in a part, and what a loop has copied: bookmarks, comments, shapes, drawings."""

import re
from collections.abc import Iterable, Mapping
from itertools import count

from lxml import etree

from reportgen.template.marks import Item, Marks, W

_PARAGRAPH_ID = "{http://schemas.microsoft.com/office/word/2010/wordml}paraId"
_V = "{urn:schemas-microsoft-com:vml}"
_SPID = "{urn:schemas-microsoft-com:office:office}spid"
_ID, _NAME = f"{W}id", f"{W}name"
_LONGEST_NAME = 40
_REFERENCE = re.compile(r"(\b(?:REF|PAGEREF|NOTEREF|HYPERLINK\s+\\l)\s+\"?)([^\s\"\\]+)")
_COMMENTS = (f"{W}commentRangeStart", f"{W}commentRangeEnd", f"{W}commentReference")
_PERMISSIONS = (f"{W}permStart", f"{W}permEnd")
_SHAPES, _SHAPE_TYPE = f"{_V}*", f"{_V}shapetype"
_DRAWING = "{*}docPr"


def unique_bookmarks(root: etree._Element, marks: Marks) -> None:
    """Give each copy of a bookmark a name and an id of its own.

    Fields and links in an item of a loop go on naming the bookmark of their own item.
    """
    names = {one.get(_NAME, ""): 1 for one in root.iter(f"{W}bookmarkStart")}
    if names:
        for items in marks.runs_of_loops:
            for item in items[1:]:
                _rename(item, names)
        _number(root)


def unique_paragraphs(root: etree._Element) -> None:
    """Let each id of a paragraph stand once: Word gives the copies new ones."""
    seen: set[str] = set()
    for paragraph in root.iter(f"{W}p"):
        own = paragraph.get(_PARAGRAPH_ID)
        if own in seen:
            del paragraph.attrib[_PARAGRAPH_ID]
        elif own:
            seen.add(own)


def tell_apart(root: etree._Element) -> None:
    """Give each copy below *root* an id of its own; of a comment the first place alone stays."""
    found: dict[str, list[etree._Element]] = {}
    for one in root.iter(*_COMMENTS, *_PERMISSIONS, _SHAPES, _DRAWING):
        found.setdefault(str(one.tag), []).append(one)
    if not found:
        return
    for tag in _COMMENTS:
        _keep_first(found.get(tag, ()), _ID)
    if any(tag in found for tag in _PERMISSIONS):
        _permissions(root)
    _keep_first(found.get(_SHAPE_TYPE, ()), "id")  # defined once, however many there are of it
    _shapes(root)
    _drawings(root)


# -- bookmarks -------------------------------------------------------------------------


def _rename(item: Item, names: dict[str, int]) -> None:
    renamed: dict[str, str] = {}
    for bookmark in item.all_of("bookmarkStart"):
        old = bookmark.get(_NAME, "")
        renamed[old] = _fresh(old, names)
        bookmark.set(_NAME, renamed[old])
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


def _fresh(name: str, names: dict[str, int]) -> str:
    """Return *name* with a number that makes it unique, and note it in *names*: name → the last number.

    Without the last number, a bookmark in each of 20,000 rows takes minutes.
    """
    number, fresh = names.get(name, 1), name
    while fresh in names:
        number += 1
        fresh = f"{name[: _LONGEST_NAME - len(str(number)) - 1]}_{number}"
    names[name] = number
    names.setdefault(fresh, 1)
    return fresh


def _number(root: etree._Element) -> None:
    """Number the bookmarks anew where two have one id; each end goes with the start before it."""
    starts = list(root.iter(f"{W}bookmarkStart"))
    if len({one.get(_ID) for one in starts}) == len(starts):
        return
    open_now: dict[str, str] = {}
    names: dict[str, int] = {}
    number = 0
    for mark in root.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd"):
        own = mark.get(_ID, "")
        if mark.tag == f"{W}bookmarkStart":
            open_now[own], number = str(number), number + 1
            mark.set(_NAME, _fresh(mark.get(_NAME, ""), names))
        mark.set(_ID, open_now.get(own, own))


# -- comments, permissions, shapes, drawings -------------------------------------------


def _keep_first(elements: Iterable[etree._Element], key: str) -> None:
    seen: set[str] = set()
    for one in elements:
        own, parent = one.get(key, ""), one.getparent()
        if own in seen and parent is not None:
            parent.remove(one)
        seen.add(own)


def _permissions(root: etree._Element) -> None:
    """A part that may be edited: each start keeps its end, which stands behind it."""
    taken = {one.get(_ID, "") for one in root.iter(f"{W}permStart")}
    free = (str(number) for number in count(1) if str(number) not in taken)
    seen: set[str] = set()
    current: dict[str, str] = {}
    for one in root.iter(*_PERMISSIONS):
        own = one.get(_ID, "")
        if one.tag == f"{W}permStart":
            current[own] = next(free) if own in seen else own
            seen.add(own)
        one.set(_ID, current.get(own, own))


def _shapes(root: etree._Element) -> None:
    shapes = [one for one in root.iter(_SHAPES) if one.get("id") and one.tag != _SHAPE_TYPE]
    taken = {one.get("id", "") for one in shapes}
    free = (f"_x0000_s{number}" for number in count(2000) if f"_x0000_s{number}" not in taken)
    seen: set[str] = set()
    for one in shapes:
        own = one.get("id", "")
        if own in seen:
            one.set("id", next(free))
            if one.get(_SPID):
                one.set(_SPID, one.get("id", ""))
        seen.add(one.get("id", ""))


def _drawings(root: etree._Element) -> None:
    seen: set[str] = set()
    for one in root.iter(_DRAWING):
        own = one.get("id", "")
        if own in seen or not own:
            own = str(max((int(s) for s in seen if s.isdigit()), default=0) + 1)
            one.set("id", own)
        seen.add(own)
