"""How much room there is at a place in a document: for a picture, in EMU."""

from dataclasses import dataclass

from lxml import etree

from reportgen.template.repair import placed_cells, whole

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WPS = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}"
#: EMU in a twentieth of a point, Word's unit.
_TWIP = 635
#: What Word leaves free at either side of a cell, and a text box at each side, unless told.
_CELL_MARGIN = 108
_BOX_MARGINS = (91_440, 45_720)


@dataclass(frozen=True, slots=True)
class Box:
    """Width and height, in EMU; a height of 0 is without end."""

    width: int
    height: int = 0

    def holding(self, width: int, height: int, *, enlarge: bool) -> tuple[int, int]:
        """Return the size of a picture of *width* by *height* fitted in here, its ratio kept."""
        if self.width <= 0:
            return width, height
        shown, of = self.width, width
        if self.height and height * self.width > self.height * width:  # the height is what limits
            shown, of = self.height, height
        if not enlarge and shown >= of:
            return width, height
        return max(width * shown // of, 1), max(height * shown // of, 1)


#: The text of an official page, 156 mm by 225 mm (GB/T 9704-2012 5.2).
PAGE = Box(5_616_000, 8_100_000)


def box_at(place: etree._Element) -> Box:
    """Return the room at *place*: that of its cell or text box, or else that of the page's text."""
    for around in place.iterancestors(f"{_W}tc", f"{_W}txbxContent", f"{_W}body"):
        box = _ROOM[str(around.tag)](around, place)
        if box:
            return box
    return PAGE


def _in_cell(cell: etree._Element, place: etree._Element) -> Box | None:
    del place
    row = next(cell.iterancestors(f"{_W}tr"), None)
    table = next(cell.iterancestors(f"{_W}tbl"), None)
    if row is None or table is None:
        return None
    width = _twips(cell, f"{_W}tcPr/{_W}tcW", dxa=True)
    if not width:
        grid = [_value(c, "w") for c in table.iterfind(f"{_W}tblGrid/{_W}gridCol")]
        spans = {id(one): (at, span) for at, span, one in placed_cells(row)}
        at, span = spans.get(id(cell), (0, 0))
        width = sum(grid[at : at + span])
    if not width:
        return None
    for side in (("left", "start"), ("right", "end")):
        width -= _margin(cell, table, side)
    height = row.find(f"{_W}trPr/{_W}trHeight")
    exact = height is not None and height.get(f"{_W}hRule") == "exact"
    return Box(max(width, 1) * _TWIP, _value(height, "val") * _TWIP if exact else 0)


def _margin(cell: etree._Element, table: etree._Element, names: tuple[str, ...]) -> int:
    for owner, path in ((cell, "tcPr/tcMar"), (table, "tblPr/tblCellMar")):
        for name in names:
            steps = "/".join(_W + step for step in f"{path}/{name}".split("/"))
            if (found := owner.find(steps)) is not None:
                return _value(found, "w")
    return _CELL_MARGIN


def _in_text_box(content: etree._Element, place: etree._Element) -> Box | None:
    del place
    drawing = next(content.iterancestors(f"{_W}drawing", f"{_W}pict"), None)
    if drawing is None or drawing.tag == f"{_W}pict":
        return None
    extent = drawing.find(".//{*}extent")
    shape = next(content.iterancestors(f"{_WPS}wsp"), None)
    body = shape.find(f"{_WPS}bodyPr") if shape is not None else None
    if extent is None:
        return None
    across, down = _BOX_MARGINS
    insets = [
        whole(body.get(name) if body is not None else None, otherwise)
        for name, otherwise in (("lIns", across), ("rIns", across), ("tIns", down), ("bIns", down))
    ]
    width, height = whole(extent.get("cx")), whole(extent.get("cy"))
    return Box(max(width - insets[0] - insets[1], 1), max(height - insets[2] - insets[3], 1))


def _in_body(body: etree._Element, place: etree._Element) -> Box | None:
    """Return the room between the margins of the page that *place* is on."""
    block = place
    while (parent := block.getparent()) is not None and parent is not body:
        block = parent
    section = None
    for later in (block, *block.itersiblings()):
        section = later if later.tag == f"{_W}sectPr" else later.find(f".//{_W}pPr/{_W}sectPr")
        if section is not None:
            break
    size = section.find(f"{_W}pgSz") if section is not None else None
    margins = section.find(f"{_W}pgMar") if section is not None else None
    if section is None or size is None or margins is None:
        return None
    across = sum(abs(_value(margins, side)) for side in ("left", "right", "gutter"))
    down = sum(abs(_value(margins, side)) for side in ("top", "bottom"))
    width, height = _value(size, "w") - across, _value(size, "h") - down
    columns = section.find(f"{_W}cols")
    number = _value(columns, "num") or 1
    width = (width - (number - 1) * (_value(columns, "space") or 720)) // number
    return Box(width * _TWIP, height * _TWIP) if width > 0 and height > 0 else None


def _twips(owner: etree._Element, path: str, *, dxa: bool) -> int:
    found = owner.find(path)
    if found is None or (dxa and found.get(f"{_W}type", "dxa") != "dxa"):
        return 0
    return _value(found, "w")


def _value(element: etree._Element | None, name: str) -> int:
    """Return an attribute as a whole number; 0 where there is none."""
    return whole(element.get(f"{_W}{name}")) if element is not None else 0


_ROOM = {
    f"{_W}tc": _in_cell,
    f"{_W}txbxContent": _in_text_box,
    f"{_W}body": _in_body,
}
