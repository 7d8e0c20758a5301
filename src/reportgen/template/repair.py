"""Mend what a loop or a condition may leave behind and Word refuses to open.

- a cell, header, footer, note or text box without a paragraph ([MS-OI29500] 2.1.168);
- a row without cells, a table without rows ([MS-OI29500] 2.1.178);
- more or fewer grid columns than cells (a ``{%tc for %}``);
- drawings copied by a loop that share one id;
- properties of a cell in another order than the schema's (``{% cellbg %}``, ``{% colspan %}``), and
  a cell that spans no column.
"""

from collections.abc import Iterator

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NEEDS_PARAGRAPH = frozenset(
    _W + name for name in ("tc", "hdr", "ftr", "footnote", "endnote", "comment", "txbxContent")
)
#: The schema's order in tcPr (ECMA-376 17.4.69).
_RANKS = {
    _W + name: rank
    for rank, name in enumerate(
        [
            "cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders", "shd", "noWrap",
            "tcMar", "textDirection", "tcFitText", "vAlign", "hideMark", "headers", "cellIns",
            "cellDel", "cellMerge", "tcPrChange",
        ]
    )
}  # fmt: skip
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
    for control in root.iter(f"{_W}sdt"):
        _control(control)
    for properties in root.iter(f"{_W}tcPr"):
        _set_in_order(properties)
    _drawing_ids(root)


def _control(control: etree._Element) -> None:
    """Give a content control that lost its only paragraph an empty one; in a line it may be empty."""
    content, parent = control.find(f"{_W}sdtContent"), control.getparent()
    if content is None or len(content) or parent is None:
        return
    if parent.tag in _NEEDS_PARAGRAPH or parent.tag == f"{_W}body":
        etree.SubElement(content, f"{_W}p")


def _set_in_order(properties: etree._Element) -> None:
    """Put the properties of a cell in the order of the schema."""
    for span in properties.findall(f"{_W}gridSpan"):
        if _number(span, 0) < 1:
            properties.remove(span)
    ranks = [_RANKS.get(str(child.tag), len(_RANKS)) for child in properties]
    if ranks != sorted(ranks):
        properties[:] = sorted(properties, key=lambda one: _RANKS.get(str(one.tag), len(_RANKS)))


def _rows(table: etree._Element) -> None:
    for row in list(table.iterchildren(f"{_W}tr")):
        if row.find(f".//{_W}tc") is None:
            _remove(row)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _grid(table: etree._Element) -> None:
    """Give a table that a loop has widened or narrowed a grid of its columns, in the same width."""
    grid = table.find(f"{_W}tblGrid")
    if grid is None:
        return
    columns = grid.findall(f"{_W}gridCol")
    widths = [int(float(column.get(f"{_W}w", "0"))) for column in columns]
    rows = list(table.iterchildren(f"{_W}tr"))
    if not rows:
        return  # they all stand in a content control (a repeating section)
    had, has, total = len(columns), max(map(_columns, rows)), sum(widths)
    if has == had or not total:
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
        if _columns(row) == has:
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
    for cell in _cells(row):
        span = _span(cell)
        yield at, span, cell
        at += span


def _columns(row: etree._Element) -> int:
    cells = sum(_span(cell) for cell in _cells(row))
    return cells + _beside(row, "gridBefore") + _beside(row, "gridAfter")


def _cells(row: etree._Element) -> list[etree._Element]:
    """Return a row's own cells, not those of a table inside one; content controls are looked into."""
    found = []
    for child in row:
        if child.tag == f"{_W}tc":
            found.append(child)
        elif child.tag == f"{_W}sdt":
            found += child.findall(f"{_W}sdtContent/{_W}tc")
    return found


def _span(cell: etree._Element) -> int:
    return _number(cell.find(f"{_W}tcPr/{_W}gridSpan"), 1)


def _beside(row: etree._Element, name: str) -> int:
    return _number(row.find(f"{_W}trPr/{_W}{name}"), 0)


def _number(element: etree._Element | None, otherwise: int) -> int:
    value = "" if element is None else element.get(f"{_W}val", "")
    return int(value) if value.isdecimal() else otherwise


def _drawing_ids(root: etree._Element) -> None:
    seen: set[str] = set()
    for element in root.iter("{*}docPr"):
        own = element.get("id", "")
        if own in seen or not own:
            own = str(max((int(s) for s in seen if s.isdigit()), default=0) + 1)
            element.set("id", own)
        seen.add(own)
