"""Marks that preparing puts into a part, so that a finished part still shows what was in a loop.

Jinja knows texts alone. Where an item of a loop begins and ends, that a loop had no items, and
which paragraphs held tags, is written into the part as processing instructions, which no value can
hold (values are escaped); ``Marks`` finds them in the finished part and takes them out of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from jinja2 import nodes
from lxml import etree
from markupsafe import Markup

from reportgen.form import Field
from reportgen.value import Blank

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: What an empty narrative prints.
NARRATIVE = Markup("<?narrative?>")
_TAGS, _ITEM, _END, _NONE, _NARRATIVE = "tags", "item", "end", "none", "narrative"
_CONDITION = "if"
_OURS = frozenset({_TAGS, _ITEM, _END, _NONE, _NARRATIVE})
_INNERMOST = re.compile(r"(<w:p(?:\s[^>]*)?>)((?:(?!<w:p[ >]).)*?</w:p>)", re.DOTALL)
_INLINE = frozenset({f"{W}p", f"{W}r", f"{W}t", f"{W}hyperlink"})
#: What may stand in a paragraph that is empty all the same.
_NOTHING = frozenset(
    f"{W}{name}"
    for name in (
        "r", "proofErr", "lastRenderedPageBreak", "bookmarkStart", "bookmarkEnd", "hyperlink",
        "smartTag", "commentRangeStart", "commentRangeEnd", "permStart", "permEnd",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """What one round of a loop made: whole blocks, rows or cells, which stand side by side."""

    elements: tuple[etree._Element, ...]

    @property
    def are_rows(self) -> bool:
        """Whether the loop repeats rows or cells of a table."""
        return any(element.tag in {f"{W}tr", f"{W}tc"} for element in self.elements)

    def all_of(self, name: str) -> Iterator[etree._Element]:
        """Yield every Word element of that name in the item."""
        for element in self.elements:
            yield from element.iter(f"{W}{name}")


# -- preparing -------------------------------------------------------------------------


def mark_paragraphs(source: str) -> str:
    """Mark the paragraphs of a prepared part that hold tags, ``%`` where one of them is control."""

    def marked(paragraph: re.Match[str]) -> str:
        words = paragraph[2]
        if "{%" in words or "{#" in words:
            return f"{paragraph[1]}<?{_TAGS} %?>{words}"
        return f"{paragraph[1]}<?{_TAGS}?>{words}" if "{{" in words else paragraph[0]

    return _INNERMOST.sub(marked, source)


def mark_loops(tree: nodes.Template, first: int) -> list[nodes.For]:
    """Let every loop of *tree* mark its items, or that it has none; return them by number.

    The numbers count from *first*.
    """
    found = list(tree.find_all((nodes.For, nodes.If)))
    loops = [one for one in found if isinstance(one, nodes.For)]
    for number, loop in enumerate(loops, first):
        loop.body = [_says(loop, _ITEM, number), *loop.body, _says(loop, _END, number)]
        loop.else_ = [_says(loop, _NONE, number), *loop.else_]
    for condition in found:
        if isinstance(condition, nodes.If) and _is_cell(
            condition.body
        ):  # a column by condition is one that is made once or never
            condition.body = _as_item(condition)
            if not condition.elif_:
                other = _says(condition, _NONE, _CONDITION)
                condition.else_ = [other, *condition.else_, other] if condition.else_ else [other]
    return loops


def _is_cell(body: list[nodes.Node]) -> bool:
    """Whether *body* begins with a cell of a table."""
    first = body[0].nodes[0] if body and isinstance(body[0], nodes.Output) else None
    return (
        isinstance(first, nodes.TemplateData) and re.match(r"\s*<w:tc[ >]", first.data) is not None
    )


def _as_item(condition: nodes.If) -> list[nodes.Node]:
    start, end = (_says(condition, what, _CONDITION) for what in (_ITEM, _END))
    return [start, *condition.body, end]


def _says(loop: nodes.Stmt, what: str, number: int | str) -> nodes.Output:
    text = nodes.TemplateData(f"<?{what} {number}?>", lineno=loop.lineno)
    return nodes.Output([text], lineno=loop.lineno)


def narrative_or_not(value: object, printed: Markup) -> Markup:
    """Return *printed*, or the mark of a narrative that is empty."""
    field = value.field if isinstance(value, Blank) else None
    if printed or not isinstance(field, Field) or field.type != "narrative":
        return printed
    return NARRATIVE


# -- reading ---------------------------------------------------------------------------


class Marks:
    """The marks of a finished part, as they stand in it before anything is settled."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._by_name: dict[str, list[etree._Element]] = {}
        for mark in root.iter(etree.PI):
            self._by_name.setdefault(target_of(mark), []).append(mark)

    @cached_property
    def runs_of_loops(self) -> list[list[Item]]:
        """The items of each run of a loop over blocks, rows or cells, the outer runs first.

        A loop inside a paragraph has none.
        """
        runs: dict[tuple[etree._Element | None, str], list[Item]] = {}
        opened: list[etree._Element] = []
        for mark in self._root.iter(etree.PI) if self._named(_ITEM) else ():
            if target_of(mark) == _ITEM:
                runs.setdefault((opened[-1] if opened else None, mark.text or ""), [])
                opened.append(mark)
            elif target_of(mark) == _END and opened:
                item = _item(opened.pop(), mark)
                if item is not None:
                    runs[opened[-1] if opened else None, mark.text or ""].append(item)
        return [items for items in runs.values() if items]

    def around_loops(self, tag: str) -> set[etree._Element]:
        """Return the elements of that *tag* right in which a loop stands, with items or without."""
        return self._around((_ITEM, _END, _NONE), tag)

    def around_empty_loops(self, tag: str) -> set[etree._Element]:
        """Return the elements of that *tag* right in which a loop stands that had no items."""
        return self._around((_NONE,), tag)

    def vanishing(self) -> list[etree._Element]:
        """Return the paragraphs that held control tags, or outside tables an empty narrative."""
        if not self._named(_NARRATIVE) and not any(mark.text for mark in self._named(_TAGS)):
            return []
        found: dict[etree._Element, None] = {}
        for mark in self._root.iter(etree.PI):
            if target_of(mark) == _TAGS and mark.text:
                found[next(mark.iterancestors())] = None
            elif target_of(mark) == _NARRATIVE:
                above = list(mark.iterancestors())
                paragraph = next((one for one in above if one.tag == f"{W}p"), None)
                if paragraph is not None and all(one.tag != f"{W}tc" for one in above):
                    found[paragraph] = None
        return list(found)

    def clear(self) -> None:
        """Take the marks out of the part."""
        ours = {name for name in self._by_name if name.lower() in _OURS}
        if ours == set(self._by_name):  # a twentieth of the time
            etree.strip_tags(self._root, etree.PI)
            return
        for mark in [one for one in self._root.iter(etree.PI) if target_of(one) in ours]:
            before, parent = mark.getprevious(), mark.getparent()
            if parent is None:
                continue
            if mark.tail and before is not None:
                before.tail = (before.tail or "") + mark.tail
            elif mark.tail:
                parent.text = (parent.text or "") + mark.tail
            parent.remove(mark)

    def _named(self, name: str) -> list[etree._Element]:
        return self._by_name.get(name, [])

    def _around(self, names: tuple[str, ...], tag: str) -> set[etree._Element]:
        parents = (mark.getparent() for name in names for mark in self._named(name))
        return {one for one in parents if one is not None and one.tag == tag}


def _item(start: etree._Element, end: etree._Element) -> Item | None:
    """Return what stands between two marks; None where they stand in one paragraph."""
    ends = {id(one): one for one in (end, *end.iterancestors())}
    first = next((one for one in (start, *start.iterancestors()) if _beside(one, ends)), None)
    if first is None or next(first.iterancestors()).tag in _INLINE:
        return None
    elements = []
    for one in chain((first,), first.itersiblings()):
        if isinstance(one.tag, str):
            elements.append(one)
        if id(one) in ends:
            break
    return Item(tuple(elements))


def _beside(one: etree._Element, ends: dict[int, etree._Element]) -> bool:
    parent = one.getparent()
    return parent is not None and id(parent) in ends


def loops_without_items(container: etree._Element) -> list[int]:
    """Return the numbers of the loops right below *container* that had no items; none if one had."""
    marks = [one for one in container if target_of(one)]
    if any(target_of(mark) == _ITEM for mark in marks):
        return []
    return [int(mark.text or 0) for mark in marks if target_of(mark) == _NONE]


def target_of(element: etree._Element) -> str:
    """Return the name of a processing instruction; an empty text for anything else."""
    return getattr(element, "target", "")


def is_mark(element: etree._Element) -> bool:
    """Whether *element* says that an item of a loop begins or ends here, or that it has none."""
    return target_of(element) in {_ITEM, _END, _NONE}


def is_end_of_loop(element: etree._Element) -> bool:
    """Whether *element* stands where a loop had no items."""
    return target_of(element) == _NONE


def has_tags(element: etree._Element) -> bool:
    """Whether there was a tag in *element*."""
    return any(target_of(mark) == _TAGS for mark in element.iter(etree.PI))


def is_empty(paragraph: etree._Element, *, section: bool = False) -> bool:
    """Whether a paragraph shows nothing and, unless *section* allows it, ends no section."""
    if not section and paragraph.find(f"{W}pPr/{W}sectPr") is not None:
        return False
    return all(_is_nothing(child) for child in paragraph)


def _is_nothing(element: etree._Element) -> bool:
    if not isinstance(element.tag, str):
        return target_of(element) in {"", *_OURS}
    if element.tag in {f"{W}pPr", f"{W}rPr"}:
        return True
    if element.tag == f"{W}t":
        return not _text(element).strip() and all(map(_is_nothing, element))
    return element.tag in _NOTHING and all(map(_is_nothing, element))


def text_of(paragraph: etree._Element) -> str:
    """Return the text of a paragraph, in whatever runs and marks it is."""
    return "".join(_text(text) for text in paragraph.iter(f"{W}t"))


def _text(text: etree._Element) -> str:
    return "".join([text.text or "", *(child.tail or "" for child in text)])
