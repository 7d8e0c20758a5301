"""Cells that repeat the one above become one cell: ``{% 合并 %}`` in a cell of a row loop.

docxtpl's ``{% vm %}`` merges whatever the innermost loop writes, so it cannot merge 一级指标 over
rows that differ in 二级指标; this one goes by what stands in the cells.
"""

import re

from lxml import etree

from reportgen.template.repair import placed_cells

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TAG = re.compile(r"\{%\s*(?:合并|merge)\s*%\}")
_CELL = re.compile(r"<w:tc[ >](?:(?!<w:tc[ >]).)*?</w:tc>", re.DOTALL)
# what the tag leaves in a rendered cell; a value cannot hold it: values are escaped
_MARK = "<!--merge-->"
_BEFORE_MERGE = frozenset(_W + name for name in ("cnfStyle", "tcW", "gridSpan", "hMerge"))


def mark_cells(source: str) -> str:
    """Turn each ``{% 合并 %}`` in a cell of a prepared part into what ``merge_cells`` looks for."""
    return _CELL.sub(lambda cell: _TAG.sub(_MARK, cell[0]), source)


def merge_cells(root: etree._Element) -> None:
    """Merge each marked cell with the one above it that says the same, where both are marked.

    Cells further right merge only within those that do, so that a 二级指标 of the same name under
    another 一级指标 stays a cell of its own.
    """
    if not any(comment.text == "merge" for comment in root.iter(etree.Comment)):
        return
    for table in root.iter(f"{_W}tbl"):
        above: dict[tuple[int, int], tuple[bytes, etree._Element]] = {}
        for row in table.iterchildren(f"{_W}tr"):
            marked, repeats = {}, True
            for at, span, cell in placed_cells(row):
                if _is_marked(cell):
                    words = b"".join(etree.tostring(block) for block in _blocks(cell))
                    words = words.replace(
                        b' xml:space="preserve"', b""
                    )  # says nothing of the looks
                    wanted, first = above.get((at, span), (b"", cell))
                    repeats = repeats and words == wanted
                    if repeats:
                        _merge(first, cell)
                    marked[at, span] = (words, first if repeats else cell)
            above = marked
    etree.strip_tags(root, etree.Comment)


def _is_marked(cell: etree._Element) -> bool:
    return any(
        comment.text == "merge" and next(comment.iterancestors(f"{_W}tc")) is cell
        for comment in cell.iter(etree.Comment)
    )


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
    properties = cell.find(f"{_W}tcPr")
    if properties is None:
        properties = etree.Element(f"{_W}tcPr")
        cell.insert(0, properties)
    for old in properties.findall(f"{_W}vMerge"):
        properties.remove(old)
    # Word wants the properties in the order of the schema
    at = sum(child.tag in _BEFORE_MERGE for child in properties)
    properties.insert(at, etree.Element(f"{_W}vMerge", {f"{_W}val": merge}))
