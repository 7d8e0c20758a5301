"""The parts of a Word template, or why Word itself would not open it.

What is damaged in a template would be in each document built from it: a part that no tag touches is
copied as it is.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import etree

from reportgen.preflight import UnsafeError
from reportgen.received import content_of
from reportgen.template.parcel import package_faults, spelt_otherwise
from reportgen.template.safety import Screened, UnreadableError, screen, unpack

#: Without ``huge_tree`` libxml2 takes no longer text.
_HUGE = 10_000_000


def opened(path: Path) -> Screened:
    """Return the parts of the template at *path*, without what no document may carry.

    Raises:
        OSError, TooLargeError: it cannot be read.
        UnreadableError: it is no Word document, or one that Word would not open.
        UnsafeError: nothing may open it.
    """
    screened = screen(unpack(content_of(path)))
    if what := next(_damage(screened.parts), ""):
        if screened.refused:
            raise UnsafeError("、".join(screened.refused))
        raise UnreadableError(what)
    return screened


def _damage(parts: Sequence[tuple[str, bytes]]) -> Iterator[str]:
    """Yield why Word would not open the package of *parts*."""
    trees: dict[str, etree._Element] = {}
    for name, data in parts:
        if not name.endswith((".xml", ".rels")):
            continue
        try:
            # where no huge text needs it, no depth above 256: other programs do not open that
            huge = len(data) > _HUGE
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=huge)
            trees[name] = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError):
            yield f"{name} 不是完整的 XML"
            return
    content = dict(parts)
    for part, fault in package_faults(content, trees):
        if fault.is_grave:
            yield f"{part}：{fault.what}"
    for name in spelt_otherwise(content, trees):  # Word opens these, other programs do not
        yield f"{name}：部件的名称大小写不一致"
