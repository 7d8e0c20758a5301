"""Paragraphs that say nothing go away: those of control tags alone, or of an empty narrative."""

from lxml import etree

from reportgen.template.marks import Marks, W, is_empty

_BLOCKS = frozenset({f"{W}p", f"{W}tbl", f"{W}sdt"})
#: Their other half may stand elsewhere, so they stay where they were.
_RANGES = frozenset(
    f"{W}{name}"
    for name in (
        "bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "permStart",
        "permEnd",
    )
)  # fmt: skip


def vanish(marks: Marks) -> None:
    """Take the paragraphs out whose tags gave nothing.

    The last paragraph of a cell, a header or a text box stays, and one between two tables, which
    Word would make one table.
    """
    for paragraph in marks.vanishing():
        if is_empty(paragraph) and _can_go(paragraph):
            take_out(paragraph)


def part_tables(root: etree._Element) -> None:
    """Put an empty paragraph between tables that have come to stand side by side."""
    for table in list(root.iter(f"{W}tbl")):
        if _block(table, preceding=True) == f"{W}tbl":
            table.addprevious(etree.Element(f"{W}p"))


def take_out(paragraph: etree._Element) -> None:
    """Take *paragraph* out; the ends of bookmarks in it stay."""
    parent = paragraph.getparent()
    if parent is None:
        return
    for mark in [one for one in paragraph.iter() if one.tag in _RANGES]:
        paragraph.addprevious(mark)
    parent.remove(paragraph)


def _can_go(paragraph: etree._Element) -> bool:
    before, after = _block(paragraph, preceding=True), _block(paragraph, preceding=False)
    if not before and not after:
        return False
    is_last_in_cell = not after and next(paragraph.iterancestors()).tag == f"{W}tc"
    return not (before == f"{W}tbl" and (after == f"{W}tbl" or is_last_in_cell))


def _block(element: etree._Element, *, preceding: bool) -> object:
    """Return the tag of the block beside *element*; an empty text for none."""
    beside = element.itersiblings(preceding=preceding)
    return next((one.tag for one in beside if one.tag in _BLOCKS), "")
