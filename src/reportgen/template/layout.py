"""What loops and conditions leave of a template's layout, settled in each finished part."""

import re
from collections.abc import Iterable, Mapping, Sequence

from jinja2 import nodes
from lxml import etree

from reportgen.names import Shape, shapes_used
from reportgen.printed import leave_out
from reportgen.template.breaks import breaks_in, settle_breaks
from reportgen.template.cells import guard_cells
from reportgen.template.columns import settle_columns
from reportgen.template.empties import settle_tables
from reportgen.template.ids import unique_bookmarks, unique_paragraphs
from reportgen.template.lists import Lists, Restarts
from reportgen.template.marks import Marks, W, mark_loops, mark_paragraphs
from reportgen.template.merge import mark_cells, merge_cells
from reportgen.template.repair import set_in_order
from reportgen.template.tags import Tag
from reportgen.template.vanish import part_tables, vanish

#: Tags by which docxtpl writes into the properties of a cell.
_OF_DOCXTPL = frozenset({"vm", "hm", "colspan", "cellbg"})
_TOUCHING = re.compile(r"</w:tbl>\s*<w:tbl[ >]")


class Layout:
    """What a template's layout goes by: its loops, its lists and the names of its styles."""

    def __init__(self, parts: Mapping[str, bytes], scopes: Sequence[Shape]) -> None:
        self._scopes = scopes
        self._lists = Lists.of(parts)
        self._styles = _style_names(parts.get("word/styles.xml", b""))
        self._loops = 0
        self._sentences: dict[int, str] = {}
        self._has_touching_tables = False
        self._has_cell_tags = False
        self._has_paragraph_ids = False

    def marked(self, source: str, tags: Iterable[Tag]) -> str:
        """Return a prepared part that holds *tags* with its marks."""
        self._has_cell_tags |= any(tag.code.split(" ")[0] in _OF_DOCXTPL for tag in tags)
        self._has_paragraph_ids |= "paraId=" in source
        self._has_touching_tables |= _TOUCHING.search(source) is not None
        return mark_paragraphs(guard_cells(mark_cells(source)))

    def mark_loops(self, tree: nodes.Template) -> None:
        """Let the loops of a part mark what they make."""
        for number, loop in enumerate(mark_loops(tree, self._loops), self._loops):
            self._loops += 1
            for node, shape in shapes_used(loop.iter, self._scopes):
                if node is loop.iter and shape.empty:
                    self._sentences[number] = shape.empty

    def restarts(self) -> Restarts:
        """Return the lists of one document, none of them begun anew as yet."""
        return Restarts(self._lists)

    def settle(self, root: etree._Element, restarts: Restarts) -> None:
        """Settle the layout of a finished part, and take its marks out."""
        marks = Marks(root)
        copied = breaks_in(root, marks)
        restarts.apply(root, marks)
        unique_bookmarks(root, marks)
        if self._has_paragraph_ids:
            unique_paragraphs(root)
        settle_columns(root, marks)
        for words in settle_tables(root, marks, self._sentences, self._styles):
            leave_out(words)
        vanish(marks)
        settle_breaks(root, copied)
        marks.clear()
        if not self._has_touching_tables:
            part_tables(root)
        merge_cells(root)
        if self._has_cell_tags:
            for properties in root.iter(f"{W}tcPr"):
                set_in_order(properties)


def _style_names(content: bytes) -> dict[str, str]:
    """Return the names of the styles by their ids."""
    try:
        root = etree.fromstring(content) if content else None
    except etree.XMLSyntaxError:
        return {}
    named = {} if root is None else {s: s.find(f"{W}name") for s in root.iter(f"{W}style")}
    return {
        style.get(f"{W}styleId", ""): name.get(f"{W}val", "")
        for style, name in named.items()
        if name is not None
    }
