"""What loops and conditions leave of a template's layout, settled in each finished part."""

import re
from collections.abc import Mapping, Sequence

from jinja2 import nodes
from lxml import etree

from reportgen.names import Shape, shapes_used
from reportgen.printed import leave_out
from reportgen.template.breaks import breaks_in, settle_breaks
from reportgen.template.cells import guard_cells, order_properties
from reportgen.template.columns import settle_columns
from reportgen.template.empties import settle_tables
from reportgen.template.ids import unique_ids
from reportgen.template.lists import Lists, Restarts
from reportgen.template.marks import W, clear, mark_loops, mark_paragraphs, runs_of_loops
from reportgen.template.merge import mark_cells, merge_cells
from reportgen.template.vanish import part_tables, vanish

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

    def marked(self, source: str) -> str:
        """Return a prepared part with its marks."""
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
        runs = runs_of_loops(root)
        copied = breaks_in(runs)
        restarts.apply(root, runs)
        unique_ids(root, runs)
        settle_columns(root)
        for words in settle_tables(root, self._sentences, self._styles):
            leave_out(words)
        vanish(root)
        settle_breaks(root, copied)
        clear(root)
        if not self._has_touching_tables:
            part_tables(root)
        merge_cells(root)
        order_properties(root)


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
