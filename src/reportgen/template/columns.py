"""Tables whose columns a loop makes: the grid, the cells and the headings above agree again.

Word goes by the widths of the cells, WPS by those of the grid (field/asks 22, 23).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from reportgen.template.marks import Marks, W, is_mark
from reportgen.template.repair import placed_cells, set_in_order, whole

#: A centimetre: narrower than this a column is not drawn while others are wider.
_NARROW = 567


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which columns a loop takes in the template, from *start* on, and how many it has *made*."""

    start: int
    drawn: int
    made: int


def settle_columns(root: etree._Element, marks: Marks) -> None:
    """Give each table below *root* a grid of its columns, in the same width as before."""
    marked = marks.around_loops(f"{W}tr")
    for table in root.iter(f"{W}tbl") if marked else ():
        grid = table.find(f"{W}tblGrid")
        rows = list(table.iterchildren(f"{W}tr"))
        if grid is None:
            continue
        widths = [whole(column.get(f"{W}w")) for column in grid.findall(f"{W}gridCol")]
        looped = [row for row in rows if row in marked]
        found = {_columns(row, len(widths)) for row in looped}
        columns = found.pop() if len(found) == 1 else None
        if columns is None or columns.drawn < 1 or not sum(widths):
            continue
        others = [row for row in rows if row not in looped]
        after = len(widths) - columns.drawn + columns.made
        spans = [_spans(row, columns, after) for row in others]
        if any(None in own for own in spans):
            continue  # more cells under the loop than it has made columns: left to repair
        for row, own in zip(others, spans, strict=True):
            for (_, _, cell), span in zip(list(placed_cells(row)), own, strict=True):
                _set_span(cell, span or 1)
        _fit(table, grid, rows, _widths(widths, columns))


def _columns(row: etree._Element, had: int) -> _Columns:
    """Return where in *row* its loop stands, in a grid of *had* columns."""
    spans = {cell: span for _, span, cell in placed_cells(row)}
    at = next((start for start, _, _ in placed_cells(row)), 0)
    children = list(row)
    marks = [index for index, child in enumerate(children) if is_mark(child)]
    first, last = marks[0], marks[-1]
    start = at + sum(spans.get(child, 0) for child in children[:first])
    made = sum(spans.get(child, 0) for child in children[first:last])
    behind = sum(spans.get(child, 0) for child in children[last:])
    after = row.find(f"{W}trPr/{W}gridAfter")
    behind += whole(after.get(f"{W}val")) if after is not None else 0
    return _Columns(start, had - start - behind, made)


def _spans(row: etree._Element, columns: _Columns, in_all: int) -> list[int | None]:
    """Return how many of *in_all* columns each cell of a row without the loop takes; None if none."""
    end = columns.start + columns.drawn
    found: list[int | None] = []
    room = columns.made
    cells = list(placed_cells(row))
    if sum(span for _, span, _ in cells) == in_all:
        return [span for _, span, _ in cells]  # {% colspan %} has seen to it
    for index, (at, span, _) in enumerate(cells):
        inside = max(0, min(at + span, end) - max(at, columns.start))
        if not inside:
            found.append(span)
            continue
        reaches_end = at + span >= end or index == len(cells) - 1
        share = room if reaches_end else min(inside, room)
        room -= share
        found.append(span - inside + share or None)
    return found


def _set_span(cell: etree._Element, span: int) -> None:
    properties = cell.find(f"{W}tcPr")
    if properties is None:
        properties = etree.Element(f"{W}tcPr")
        cell.insert(0, properties)
    own = properties.find(f"{W}gridSpan")
    if span == 1 and own is not None:
        properties.remove(own)
    elif span > 1:
        if own is None:
            own = etree.SubElement(properties, f"{W}gridSpan")
        own.set(f"{W}val", str(span))
    set_in_order(properties)


def _widths(drawn: list[int], columns: _Columns) -> list[int]:
    """Return the widths of the columns: the loop's share its room alike, while there is enough."""
    end = columns.start + columns.drawn
    before, room, behind = drawn[: columns.start], sum(drawn[columns.start : end]), drawn[end:]
    each = room // columns.made if columns.made else 0
    if each >= _NARROW or (each and not before + behind):
        made = [each] * columns.made
        made[-1] += room - sum(made)
        return [*before, *made, *behind]
    wanted = [*before, *[room // columns.drawn] * columns.made, *behind]
    if not sum(wanted):
        return wanted
    fitted = [max(1, width * sum(drawn) // sum(wanted)) for width in wanted]
    fitted[-1] += sum(drawn) - sum(fitted)
    return fitted


def _fit(
    table: etree._Element, grid: etree._Element, rows: Iterable[etree._Element], widths: list[int]
) -> None:
    """Write *widths* into the grid, the cells and the table."""
    for old in grid.findall(f"{W}gridCol"):
        grid.remove(old)
    for width in reversed(widths):
        grid.insert(0, etree.Element(f"{W}gridCol", {f"{W}w": str(width)}))
    for row in rows:
        for at, span, cell in placed_cells(row):
            size = cell.find(f"{W}tcPr/{W}tcW")
            if size is not None:
                size.set(f"{W}w", str(sum(widths[at : at + span])))
                size.set(f"{W}type", "dxa")
    whole = table.find(f"{W}tblPr/{W}tblW")
    if whole is not None and whole.get(f"{W}type") == "dxa":
        whole.set(f"{W}w", str(sum(widths)))
