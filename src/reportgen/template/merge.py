"""Cells that repeat the one above or before become one cell: ``{% 合并 %}``, ``{% 横向合并 %}``.

docxtpl's ``{% vm %}`` merges whatever the innermost loop writes, so it cannot merge 一级指标 over
rows that differ in 二级指标; this one goes by what stands in the cells.
"""

import re
from collections.abc import Mapping

from lxml import etree
from markupsafe import Markup

from reportgen.template.repair import placed_cells, set_in_order, whole

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TAG = re.compile(r"\{%\s*(?:合并相同|合并|merge)\s*%\}")
_ACROSS_TAG = re.compile(r"\{%\s*(?:横向合并|merge_across)\s*%\}")
_CELL = re.compile(r"<w:tc[ >](?:(?!<w:tc[ >]).)*?</w:tc>", re.DOTALL)
# what the tags leave in a rendered cell; a value cannot hold it: values are escaped
_DOWN, _ACROSS = "merge", "merge across"
_Marked = Mapping[etree._Element | None, set[str]]  # noqa: SLF001 - lxml has no other name for it


def mark_cells(source: str) -> str:
    """Turn each tag that merges cells of a prepared part into what ``merge_cells`` looks for."""
    return _CELL.sub(
        lambda cell: _ACROSS_TAG.sub(f"<!--{_ACROSS}-->", _TAG.sub(f"<!--{_DOWN}-->", cell[0])),
        source,
    )


def marked(printed: Markup) -> Markup:
    """Return what a value printed with the mark of a cell that merges with the one above."""
    return printed + Markup(f"<!--{_DOWN}-->")  # noqa: S704 - a constant


def merge_cells(root: etree._Element) -> None:
    """Merge each marked cell with the one above or before it that says the same, if marked too.

    Cells further right merge downwards only within those that do, so that a 二级指标 of the same
    name under another 一级指标 stays a cell of its own.
    """
    marked = _marked_cells(root)
    if not marked:
        return
    down, across = (
        {
            next(cell.iterancestors(f"{_W}tr"), None)
            for cell, kinds in marked.items()
            if cell is not None and kind in kinds
        }
        for kind in (_DOWN, _ACROSS)
    )
    for table in root.iter(f"{_W}tbl"):
        above: dict[tuple[int, int], tuple[bytes, etree._Element]] = {}
        for row in table.iterchildren(f"{_W}tr"):
            if row in across:
                _merge_across(row, marked)
            now, repeats = {}, True
            for at, span, cell in placed_cells(row) if row in down else ():
                if _DOWN in marked.get(cell, ()):
                    words = _words(cell)
                    wanted, first = above.get((at, span), (b"", cell))
                    repeats = repeats and words == wanted
                    if repeats:
                        _merge(first, cell)
                    now[at, span] = (words, first if repeats else cell)
            above = now
    etree.strip_tags(root, etree.Comment)


def _marked_cells(root: etree._Element) -> _Marked:
    """Return the cells below *root* that are marked, and how; None for a mark that is in no cell."""
    found: dict[etree._Element | None, set[str]] = {}
    for comment in root.iter(etree.Comment):
        if comment.text in {_DOWN, _ACROSS}:
            cell = next(comment.iterancestors(f"{_W}tc"), None)
            found.setdefault(cell, set()).add(comment.text)
    return found


def _merge_across(row: etree._Element, marked: _Marked) -> None:
    """Let each marked cell of *row* take the room of those behind it that say the same."""
    first, wanted = None, b""
    for _, span, cell in list(placed_cells(row)):
        words = _words(cell) if _ACROSS in marked.get(cell, ()) else b""
        if first is not None and words and words == wanted and cell.getprevious() is first:
            _widen(first, span, cell)
            row.remove(cell)
        else:
            first, wanted = cell, words


def _widen(first: etree._Element, by: int, cell: etree._Element) -> None:
    properties = _properties(first)
    span = properties.find(f"{_W}gridSpan")
    if span is None:
        span = etree.SubElement(properties, f"{_W}gridSpan", {f"{_W}val": "1"})
        set_in_order(properties)
    span.set(f"{_W}val", str(whole(span.get(f"{_W}val"), 1) + by))
    own, other = properties.find(f"{_W}tcW"), cell.find(f"{_W}tcPr/{_W}tcW")
    if own is not None and other is not None and own.get(f"{_W}type") == other.get(f"{_W}type"):
        own.set(f"{_W}w", str(whole(own.get(f"{_W}w")) + whole(other.get(f"{_W}w"))))


def _words(cell: etree._Element) -> bytes:
    """Return all that *cell* shows, looks included."""
    blocks = b"".join(etree.tostring(block) for block in _blocks(cell))
    return blocks.replace(b' xml:space="preserve"', b"")  # says nothing of the looks


def _blocks(cell: etree._Element) -> list[etree._Element]:
    return [child for child in cell if child.tag != f"{_W}tcPr"]


def _merge(first: etree._Element, cell: etree._Element) -> None:
    """Let *cell* continue *first*, and be empty: Word would keep its text out of sight."""
    _set(first, "restart")
    _set(cell, "continue")
    paragraph, *others = _blocks(cell)
    for other in others:
        cell.remove(other)
    for child in list(paragraph):
        if child.tag != f"{_W}pPr":
            paragraph.remove(child)


def _set(cell: etree._Element, merge: str) -> None:
    properties = _properties(cell)
    for old in properties.findall(f"{_W}vMerge"):
        properties.remove(old)
    etree.SubElement(properties, f"{_W}vMerge", {f"{_W}val": merge})
    set_in_order(properties)


def _properties(cell: etree._Element) -> etree._Element:
    """Return the properties of *cell*, which it may not have had."""
    properties = cell.find(f"{_W}tcPr")
    if properties is None:
        properties = etree.Element(f"{_W}tcPr")
        cell.insert(0, properties)
    return properties
