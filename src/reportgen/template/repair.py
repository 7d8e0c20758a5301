"""Mend what a loop or a condition may leave behind and Word refuses to open.

- a cell, header, footer, note or text box without a paragraph ([MS-OI29500] 2.1.168);
- a row without cells, a table without rows ([MS-OI29500] 2.1.178);
- fewer grid columns than cells (a ``{%tc for %}``): Word uses the cells' widths, WPS the grid's;
- drawings copied by a loop that share one id.
"""

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NEEDS_PARAGRAPH = frozenset(
    _W + name for name in ("tc", "hdr", "ftr", "footnote", "endnote", "comment", "txbxContent")
)
_BLOCKS = frozenset(_W + name for name in ("p", "tbl", "sdt", "customXml", "altChunk"))


def repair(root: etree._Element) -> None:
    """Mend the tree below *root* in place."""
    for table in list(root.iter(f"{_W}tbl")):
        _rows(table)
        if table.find(f".//{_W}tr") is None:
            _remove(table)
        else:
            _grid(table)
    for element in root.iter():
        if element.tag in _NEEDS_PARAGRAPH:
            blocks = [child for child in element if child.tag in _BLOCKS]
            # the last thing in a cell must be a paragraph, behind a nested table too
            if not blocks or (element.tag == f"{_W}tc" and blocks[-1].tag == f"{_W}tbl"):
                etree.SubElement(element, f"{_W}p")
    _drawing_ids(root)


def _rows(table: etree._Element) -> None:
    for row in list(table.iterchildren(f"{_W}tr")):
        if row.find(f".//{_W}tc") is None:
            _remove(row)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _grid(table: etree._Element) -> None:
    """Give a table that a column loop has widened one grid column a cell, in the same width."""
    grid = table.find(f"{_W}tblGrid")
    if grid is None:
        return
    columns = grid.findall(f"{_W}gridCol")
    most = max(
        sum(_span(cell) for cell in row.iter(f"{_W}tc")) for row in table.iterchildren(f"{_W}tr")
    )
    missing = most - len(columns)
    width = sum(int(float(column.get(f"{_W}w", "0"))) for column in columns)
    if missing <= 0 or not columns or not width:
        return
    each = width // most
    for _ in range(missing):
        columns.append(etree.SubElement(grid, f"{_W}gridCol"))
    for column in columns:
        column.set(f"{_W}w", str(each))
    for cell in table.iter(f"{_W}tc"):
        size = cell.find(f"{_W}tcPr/{_W}tcW")
        if size is not None and size.get(f"{_W}type", "dxa") == "dxa":
            size.set(f"{_W}w", str(each * _span(cell)))


def _span(cell: etree._Element) -> int:
    span = cell.find(f"{_W}tcPr/{_W}gridSpan")
    return int(span.get(f"{_W}val", "1")) if span is not None else 1


def _drawing_ids(root: etree._Element) -> None:
    seen: set[str] = set()
    for element in root.iter("{*}docPr"):
        own = element.get("id", "")
        if own in seen or not own:
            own = str(max((int(s) for s in seen if s.isdigit()), default=0) + 1)
            element.set("id", own)
        seen.add(own)
