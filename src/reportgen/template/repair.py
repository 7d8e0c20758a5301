"""Mend what a loop or a condition may leave behind and Word refuses to open.

- a cell, header, footer, note or text box without a paragraph ([MS-OI29500] 2.1.168);
- a row without cells, a table without rows ([MS-OI29500] 2.1.178);
- more or fewer grid columns than cells (a ``{%tc for %}``);
- properties of a cell in another order than the schema's (``{% cellbg %}``, ``{% colspan %}``), and
  a cell that spans no column.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise

from lxml import etree

from reportgen.template.order import OF_CELL

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NEEDS_PARAGRAPH = frozenset(
    _W + name for name in ("tc", "hdr", "ftr", "footnote", "endnote", "comment", "txbxContent")
)
_UNKNOWN = len(OF_CELL)
_BLOCKS = frozenset(_W + name for name in ("p", "tbl", "sdt", "customXml", "altChunk"))


def repair(root: etree._Element) -> None:
    """Mend the tree below *root* in place."""
    columns = _columns(root)
    for table in list(root.iter(f"{_W}tbl")):
        rows = _rows(table)
        if next(table.iter(f"{_W}tr"), None) is None:
            _remove(table)
        else:
            _grid(table, {row: columns[row] for row in rows})
    doubtful = [
        one for one in root.iter(*_NEEDS_PARAGRAPH) if not len(one) or one[-1].tag != f"{_W}p"
    ]
    for element in doubtful:
        blocks = [child for child in element if child.tag in _BLOCKS]
        # the last thing in a cell must be a paragraph, behind a nested table too
        if not blocks or (element.tag == f"{_W}tc" and blocks[-1].tag == f"{_W}tbl"):
            etree.SubElement(element, f"{_W}p")
    for control in root.iter(f"{_W}sdt"):
        _control(control)


def set_in_order(properties: etree._Element) -> None:
    """Put the properties of a cell in the order of the schema, the last of each kind.

    One that says that a cell spans no column is taken out.
    """
    for span in properties.findall(f"{_W}gridSpan"):
        if _number(span, 0) < 1:
            properties.remove(span)
    ranks = [OF_CELL.get(str(child.tag), _UNKNOWN) for child in properties]
    if all(before < behind or before == behind == _UNKNOWN for before, behind in pairwise(ranks)):
        return
    known = sorted(dict(zip(ranks, properties, strict=True)).items())
    unknown = [one for rank, one in zip(ranks, properties, strict=True) if rank == _UNKNOWN]
    properties[:] = [*(one for rank, one in known if rank != _UNKNOWN), *unknown]


def _control(control: etree._Element) -> None:
    """Give a content control that lost its only paragraph an empty one; in a line it may be empty."""
    content, parent = control.find(f"{_W}sdtContent"), control.getparent()
    if content is None or len(content) or parent is None:
        return
    if parent.tag in _NEEDS_PARAGRAPH or parent.tag == f"{_W}body":
        etree.SubElement(content, f"{_W}p")


def _rows(table: etree._Element) -> list[etree._Element]:
    """Return the rows of a table itself that have cells; the others are taken out."""
    kept = []
    for row in list(table.iterchildren(f"{_W}tr")):
        if next(row.iter(f"{_W}tc"), None) is None:
            _remove(row)
        else:
            kept.append(row)
    return kept


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def whole(text: str | None, otherwise: int = 0) -> int:
    """Return an attribute as a whole number; *otherwise* where there is none (`50%`, `2.5cm`, `auto`).

    Word passes over what it cannot read there, and a template from elsewhere is no bug of ours.
    """
    try:
        return int(float(text)) if text else otherwise
    except (ValueError, OverflowError):
        return otherwise


def _grid(table: etree._Element, rows: Mapping[etree._Element, int]) -> None:
    """Give a table that a loop has widened or narrowed a grid of its columns, in the same width.

    *rows* are its own, each with its columns; it has none where all stand in a content control (a
    repeating section).
    """
    grid = _child(table, "tblGrid")
    columns = [] if grid is None else list(grid.iterchildren(f"{_W}gridCol"))
    if grid is None or not rows or (has := max(rows.values())) == (had := len(columns)):
        return
    widths = [whole(column.get(f"{_W}w")) for column in columns]
    total = sum(widths)
    if not total:
        return
    if has > had:  # as docxtpl does: the old columns shrink alike, the new ones get the average
        widths = [width * had // has for width in widths] + [total // has] * (has - had)
    else:
        spare = sum(widths[has:]) // has
        widths = [width + spare for width in widths[:has]]
    for column in columns:
        grid.remove(column)
    for width in reversed(widths):
        grid.insert(0, etree.Element(f"{_W}gridCol", {f"{_W}w": str(width)}))
    for row in rows:
        if rows[row] == has:
            _fit(row, widths)


def _fit(row: etree._Element, widths: list[int]) -> None:
    """Give each cell the width of its columns: Word goes by the cells, WPS by the grid."""
    for at, span, cell in placed_cells(row):
        size = cell.find(f"{_W}tcPr/{_W}tcW")
        if size is not None and size.get(f"{_W}type", "dxa") == "dxa":
            size.set(f"{_W}w", str(sum(widths[at : at + span])))


def placed_cells(row: etree._Element) -> Iterator[tuple[int, int, etree._Element]]:
    """Yield a row's own cells, each with its first grid column, from 0, and how many it spans."""
    at = _beside(row, "gridBefore")
    spans = _spans(row)
    for cell in _cells(row):
        span = spans.get(cell, 1)
        yield at, span, cell
        at += span


def _cells(row: etree._Element) -> list[etree._Element]:
    """Return a row's own cells, not those of a table inside one; content controls are looked into."""
    found = []
    for child in row.iterchildren(f"{_W}tc", f"{_W}sdt"):
        if child.tag == f"{_W}tc":
            found.append(child)
        else:
            found += child.findall(f"{_W}sdtContent/{_W}tc")
    return found


def _columns(root: etree._Element) -> Counter[etree._Element]:
    """Return how many columns each row below *root* has: counted all at once, not row by row."""
    parents = (cell.getparent() for cell in root.iter(f"{_W}tc"))
    found = Counter(one for one in parents if one is not None)
    for content in [one for one in found if one.tag == f"{_W}sdtContent"]:
        if (row := _row_of(content[0])) is not None:
            found[row] += found[content]
    for cell, span in _spans(root).items():
        if (row := _row_of(cell)) is not None:
            found[row] += span - 1
    for beside in root.iter(f"{_W}gridBefore", f"{_W}gridAfter"):
        row = next(beside.iterancestors(f"{_W}tr"), None)
        if row is not None:
            found[row] += _number(beside, 0)
    return found


def _row_of(cell: etree._Element) -> etree._Element | None:
    """Return the row of a cell, which a content control may hold; None for what is no cell of one."""
    above = cell.getparent()
    if above is not None and above.tag == f"{_W}sdtContent":
        control = above.getparent()
        above = None if control is None else control.getparent()
    return above if above is not None and above.tag == f"{_W}tr" else None


def _spans(row: etree._Element) -> dict[etree._Element, int]:
    """Return the cells below *row*, or a tree, that say how many columns they span, and how many."""
    # asking each cell takes five times as long: most say nothing
    return {
        cell: _number(span, 1)
        for span in row.iter(f"{_W}gridSpan")
        if (properties := span.getparent()) is not None
        and (cell := properties.getparent()) is not None
        and cell.tag == f"{_W}tc"
    }


def _beside(row: etree._Element, name: str) -> int:
    properties = _child(row, "trPr")
    return 0 if properties is None else _number(_child(properties, name), 0)


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next(element.iterchildren(_W + name), None)


def _number(element: etree._Element | None, otherwise: int) -> int:
    value = "" if element is None else element.get(f"{_W}val", "")
    return int(value) if value.isdecimal() else otherwise
