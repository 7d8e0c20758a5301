"""Lists that Word numbers begin anew with each item of a loop.

A list does so where an item has something else before it: the steps under each project's heading
count from 1, while the projects themselves are counted on. In a row of a table it does so where a
cell has more than one paragraph of it.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree

from reportgen.template.marks import Item, Marks, W, is_empty
from reportgen.template.paragraphs import how_many_breaks
from reportgen.template.repair import whole

_PART, _STYLES = "word/numbering.xml", "word/styles.xml"
_LEVELS = 9
_BEFORE_NUMBER = frozenset(
    f"{W}{name}"
    for name in ("pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl")
)


@dataclass(slots=True)
class Lists:
    """The lists of a template: its own ones by id, and the ids and levels that styles give."""

    numbering: etree._Element | None = None
    by_style: dict[str, tuple[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, parts: Mapping[str, bytes]) -> "Lists":
        """Return the lists that stand in the parts of a template."""
        try:
            numbering = etree.fromstring(parts[_PART]) if _PART in parts else None
            styles = etree.fromstring(parts[_STYLES]) if _STYLES in parts else None
        except etree.XMLSyntaxError:
            return cls()
        return cls(numbering, {} if styles is None else _styles(styles))


class Restarts:
    """The lists that one document has besides its template's."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._made: list[etree._Element] = []

    def apply(self, root: etree._Element, marks: Marks) -> None:
        """Let the lists in the items of loops begin anew, the outer ones first."""
        if self._lists.numbering is None:
            return
        styles = (style.get(f"{W}val", "") for style in root.iter(f"{W}pStyle"))
        in_lists = any(style in self._lists.by_style for style in styles)
        if not (in_lists or any(True for _ in root.iter(f"{W}numPr"))):
            return
        for items in marks.runs_of_loops:
            for number in self._beginning_anew(items):
                for item in items[1:]:
                    own = [p for p in item.all_of("p") if self._number_of(p)[0] == number]
                    if own:
                        made = self._new(number, min(self._number_of(p)[1] for p in own))
                        for paragraph in own:
                            _set(paragraph, made, self._number_of(paragraph)[1])

    def added_to(self, parts: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        """Return *parts* with the new lists."""
        numbering = self._lists.numbering
        if not self._made or numbering is None:
            return parts
        whole = deepcopy(numbering)
        last = whole.findall(f"{W}num")[-1]
        for made in reversed(self._made):
            last.addnext(made)
        content = etree.tostring(whole, xml_declaration=True, encoding="UTF-8", standalone=True)
        return [(name, content if name == _PART else old) for name, old in parts]

    # -- which -----------------------------------------------------------------

    def _beginning_anew(self, items: Sequence[Item]) -> list[str]:
        """Return the lists that begin anew with each of *items*."""
        found: dict[str, bool] = {}
        for item in items:
            numbers = [self._number_of(p)[0] for p in item.all_of("p") if not is_empty(p)]
            for number in filter(None, dict.fromkeys(numbers)):
                anew = self._is_long(item, number) if item.are_rows else numbers[0] != number
                before = found.get(number, not item.are_rows)
                found[number] = (before or anew) if item.are_rows else (before and anew)
        return [number for number, anew in found.items() if anew and self._counts(number)]

    def _is_long(self, item: Item, number: str) -> bool:
        """Whether a cell of *item* has more than one paragraph of the list."""
        cells = [cell for one in item.elements for cell in one.iter(f"{W}tc")]
        return any(
            sum(
                1 + how_many_breaks(p)
                for p in cell.iterchildren(f"{W}p")
                if self._number_of(p)[0] == number
            )
            > 1
            for cell in cells
        )

    def _number_of(self, paragraph: etree._Element) -> tuple[str, int]:
        """Return the list that a paragraph is in, and its level; an empty text for none."""
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        number, level = self._lists.by_style.get(_val(style), ("", 0))
        own = paragraph.find(f"{W}pPr/{W}numPr")
        if own is not None:
            number = _val(own.find(f"{W}numId")) or number
            level = whole(_val(own.find(f"{W}ilvl")), level)
        return ("" if number == "0" else number), level

    def _counts(self, number: str) -> bool:
        """Whether the list has numbers, and not only bullets."""
        numbering = self._lists.numbering
        own = self._num(number)
        if own is None or numbering is None:
            return False
        abstract = _val(own.find(f"{W}abstractNumId"))
        kinds = [
            _val(kind)
            for one in numbering.findall(f"{W}abstractNum")
            if one.get(f"{W}abstractNumId") == abstract
            for kind in one.iter(f"{W}numFmt")
        ]
        return not kinds or any(kind not in {"bullet", "none"} for kind in kinds)

    # -- new ones --------------------------------------------------------------

    def _num(self, number: str) -> etree._Element | None:
        numbering = self._lists.numbering
        known = [*(numbering.findall(f"{W}num") if numbering is not None else []), *self._made]
        return next((one for one in known if one.get(f"{W}numId") == number), None)

    def _new(self, number: str, level: int) -> str:
        """Return the id of a list like *number* that begins anew from *level* down."""
        numbering, own = self._lists.numbering, self._num(number)
        assert numbering is not None
        assert own is not None
        ids = [one.get(f"{W}numId", "0") for one in (*numbering.findall(f"{W}num"), *self._made)]
        made = deepcopy(own)
        made.set(f"{W}numId", str(1 + max(int(one) for one in ids if one.isdecimal())))
        for at in range(level, _LEVELS):
            _start_again(made, at, self._start(_val(own.find(f"{W}abstractNumId")), at))
        self._made.append(made)
        return made.get(f"{W}numId", "")

    def _start(self, abstract: str, level: int) -> str:
        """Return the number that a level of a list begins with."""
        assert self._lists.numbering is not None
        for one in self._lists.numbering.findall(f"{W}abstractNum"):
            if one.get(f"{W}abstractNumId") == abstract:
                for each in one.findall(f"{W}lvl"):
                    if each.get(f"{W}ilvl") == str(level):
                        return _val(each.find(f"{W}start")) or "1"
        return "1"


def _start_again(num: etree._Element, level: int, start: str) -> None:
    """Let a level of *num* begin with *start*."""
    own = next((o for o in num.findall(f"{W}lvlOverride") if o.get(f"{W}ilvl") == str(level)), None)
    if own is None:
        own = etree.SubElement(num, f"{W}lvlOverride", {f"{W}ilvl": str(level)})
    if own.find(f"{W}startOverride") is None:
        own.insert(0, etree.Element(f"{W}startOverride", {f"{W}val": start}))


def _set(paragraph: etree._Element, number: str, level: int) -> None:
    """Put *paragraph* into the list *number*."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        properties = etree.Element(f"{W}pPr")
        paragraph.insert(0, properties)
    for old in properties.findall(f"{W}numPr"):
        properties.remove(old)
    at = sum(child.tag in _BEFORE_NUMBER for child in properties)
    own = etree.Element(f"{W}numPr")
    etree.SubElement(own, f"{W}ilvl", {f"{W}val": str(level)})
    etree.SubElement(own, f"{W}numId", {f"{W}val": number})
    properties.insert(at, own)


def _styles(root: etree._Element) -> dict[str, tuple[str, int]]:
    """Return the list and the level of each style that has one, its own or its parent's."""
    own: dict[str, tuple[str, str, str]] = {}
    for one in root.iter(f"{W}style"):
        properties = one.find(f"{W}pPr/{W}numPr")
        number = _val(properties.find(f"{W}numId")) if properties is not None else ""
        level = _val(properties.find(f"{W}ilvl")) if properties is not None else ""
        own[one.get(f"{W}styleId", "")] = (number, level, _val(one.find(f"{W}basedOn")))
    found: dict[str, tuple[str, str]] = {}
    for style in own:
        seen, line = set[str](), list[str]()  # from the style up to the first parent that is known
        parent = style
        while parent in own and parent not in found and parent not in seen:
            seen.add(parent)
            line.append(parent)
            parent = own[parent][2]
        number, level = found.get(parent, ("", ""))
        for name in reversed(line):
            number, level = own[name][0] or number, own[name][1] or level
            found[name] = number, level
    return {style: (number, whole(level)) for style, (number, level) in found.items() if number}


def _val(element: etree._Element | None) -> str:
    return "" if element is None else element.get(f"{W}val", "")
