"""Whether a Word document opens: everything that must hold of its bytes, with the places.

The document may come from anywhere: no part is parsed before the package is looked through.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile

from lxml import etree

from reportgen import rules
from reportgen.finding import Finding, Place
from reportgen.preflight import MOST_XML, UnsafeError
from reportgen.template.order import out_of_order
from reportgen.template.parcel import package_faults
from reportgen.template.places import place_in, short, text_of
from reportgen.template.references import reference_faults
from reportgen.template.safety import SIGNATURE, UnreadableError, screen, unpack
from reportgen.template.structure import STORY, Fault, faults
from reportgen.template.tags import W, paragraphs, parse
from reportgen.template.verify import LEFT_OVER

#: More of one document are not told: what is wrong so often is wrong everywhere.
MOST = 50
_NOTHING = etree.Element("nothing")
_ORDERED = re.compile(
    r"word/(numbering|(document|header|footer|footnotes|endnotes|comments)\d*)\.xml"
)
#: What a program writes for nothing; a paragraph or a cell that says only this was not filled in.
_WORDS = frozenset({"None", "nan", "NaN", "undefined", "null"})


def look(data: bytes, file: str) -> list[Finding]:
    """Return what is wrong with the Word document *data*, called *file*: nothing for one that opens.

    Errors are what Word does not open or show, or what no document may carry; warnings what
    is against the standard, or looks as if it was not filled in. At most ``MOST``, the last of
    which says that there are more.
    """
    found: list[Finding] = []
    for number, finding in enumerate(_findings(data, Place(file=file))):
        if len(found) == MOST or number == 20 * MOST:  # to say where takes time, also of the same
            found.append(rules.DOCUMENT_MORE.at(Place(file=file), count=MOST))
            break
        if finding not in found:
            found.append(finding)
    return found


def _findings(data: bytes, place: Place) -> Iterator[Finding]:
    try:
        parts = unpack(data, MOST_XML)
    except UnsafeError as error:
        yield rules.DOCUMENT_CARRIES.at(place, what=error)
        return
    except UnreadableError as error:
        yield rules.NOT_A_DOCUMENT.at(place, what=error)
        return
    screened = screen(list(parts))
    for what in (*screened.refused, *screened.dropped):
        if what == SIGNATURE:  # of a finished document it is none of our business
            continue
        yield rules.DOCUMENT_CARRIES.at(place, what=what)
    content = dict(parts)
    trees: dict[str, etree._Element] = {}
    for name, part in parts:
        if name.endswith((".xml", ".rels")):
            try:
                trees[name] = parse(part)
            except (etree.XMLSyntaxError, ValueError):
                yield _finding(place, name, None, Fault("不是完整的 XML"))
    for name, fault in (*package_faults(content, trees), *reference_faults(trees)):
        yield _finding(place, name, trees.get(name), fault)
    for name, root in trees.items():
        if STORY.fullmatch(name):
            for fault in faults(root, _ids(name, trees)):
                yield _finding(place, name, root, fault)
            yield from _left_over(place, name, root)
        if _ORDERED.fullmatch(name):
            for fault in out_of_order(root):
                yield _finding(place, name, root, fault)


def _ids(name: str, trees: Mapping[str, etree._Element]) -> frozenset[str]:
    """Return the relationships of a part."""
    folder, _, file = name.rpartition("/")
    rels = trees.get(f"{folder}/_rels/{file}.rels")
    return frozenset() if rels is None else frozenset(str(one.get("Id")) for one in rels)


def _left_over(place: Place, name: str, root: etree._Element) -> Iterator[Finding]:
    """Yield what looks as if it was not filled in: a tag, a paragraph that says ``None``."""
    for paragraph in root.iter(f"{W}p"):
        text = text_of(paragraph)
        left = [tag[0] for tag in LEFT_OVER.finditer(text)] + [text] * (text in _WORDS)
        for words in left:
            where = _where(name, root, paragraph)
            yield rules.NOT_FILLED_IN.at(Place(file=place.file, field=where), value=words)


def _finding(place: Place, name: str, root: etree._Element | None, fault: Fault) -> Finding:
    rule = rules.DOCUMENT_BROKEN if fault.is_grave else rules.DOCUMENT_IRREGULAR
    where = _where(name, root, fault.element)
    return rule.at(Place(file=place.file, field=where), what=fault.what)


def _where(name: str, root: etree._Element | None, element: etree._Element | None) -> str:
    """Return where *element* is, in words: the part, the paragraph or the row, and what it says."""
    if root is None or element is None or not STORY.fullmatch(name):
        return f"{place_in(name, _NOTHING, -1)}（{name}）"
    own = next(element.iterancestors(f"{W}p"), None) if element.tag != f"{W}p" else element
    inside = own if own is not None else next(element.iter(f"{W}p"), None)
    behind = ""
    if inside is None:  # a cell, a row, a table without any
        before = list(takewhile(lambda one: one is not element, root.iter(f"{W}p", element.tag)))
        inside, behind = next((o for o in reversed(before) if o.tag == f"{W}p"), None), "之后"
    if inside is None:
        return place_in(name, _NOTHING, -1)
    index = list(paragraphs(root)).index(inside)
    words = short(text_of(inside))
    return f"{place_in(name, root, index)}{behind}" + (f"：{words}" if words else "")
