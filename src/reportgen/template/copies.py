"""What a loop copies and a document may have only once: comments, permissions, shapes of VML."""

from itertools import count

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_V = "{urn:schemas-microsoft-com:vml}"
_O = "{urn:schemas-microsoft-com:office:office}"
_ID = f"{_W}id"


def tell_apart(root: etree._Element) -> None:
    """Give each copy below *root* an id of its own; of a comment the first place alone stays."""
    _comments(root)
    _permissions(root)
    _shapes(root)


def _comments(root: etree._Element) -> None:
    for tag in ("commentRangeStart", "commentRangeEnd", "commentReference"):
        _keep_first(root, _W + tag, _ID)


def _keep_first(root: etree._Element, tag: str, key: str) -> None:
    seen: set[str] = set()
    for one in list(root.iter(tag)):
        own, parent = one.get(key, ""), one.getparent()
        if own in seen and parent is not None:
            parent.remove(one)
        seen.add(own)


def _permissions(root: etree._Element) -> None:
    """A part that may be edited: each start keeps its end, which stands behind it."""
    taken = {one.get(_ID, "") for one in root.iter(f"{_W}permStart")}
    free = (str(number) for number in count(1) if str(number) not in taken)
    seen: set[str] = set()
    current: dict[str, str] = {}
    for one in root.iter(f"{_W}permStart", f"{_W}permEnd"):
        own = one.get(_ID, "")
        if one.tag == f"{_W}permStart":
            current[own] = next(free) if own in seen else own
            seen.add(own)
        one.set(_ID, current.get(own, own))


def _shapes(root: etree._Element) -> None:
    """The type of shapes is defined once, however many there are of it."""
    _keep_first(root, f"{_V}shapetype", "id")
    shapes = [one for one in root.iter(f"{_V}*") if one.get("id") and one.tag != f"{_V}shapetype"]
    taken = {one.get("id", "") for one in shapes}
    free = (f"_x0000_s{number}" for number in count(2000) if f"_x0000_s{number}" not in taken)
    seen: set[str] = set()
    for one in shapes:
        own = one.get("id", "")
        if own in seen:
            one.set("id", next(free))
            if one.get(f"{_O}spid"):
                one.set(f"{_O}spid", one.get("id", ""))
        seen.add(one.get("id", ""))
