"""Line ends and tabs in a finished part: a narrative's lines become paragraphs of the same kind.

docxtpl does this with regular expressions over the text, which copies a section's end into every
paragraph, takes a text box's paragraph for the one around it, and breaks hyperlinks.
"""

import re
from copy import deepcopy

from lxml import etree

from reportgen.template.marks import target_of

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
#: Where a new paragraph begins, inside a ``w:t``. A value cannot hold it: values are escaped.
NEW_PARAGRAPH = "<?paragraph?>"
# these belong to one paragraph only: the first begins a page, the last ends a section
_FIRST_ONLY, _LAST_ONLY = f"{_W}pageBreakBefore", f"{_W}sectPr"


def set_paragraphs(root: etree._Element) -> None:
    """Turn each ``NEW_PARAGRAPH``, newline and tab below *root* into what Word has for them."""
    wanted = [
        text
        for text in root.iter(f"{_W}t")
        if len(text) or "\n" in (words := text.text or "") or "\t" in words
    ]
    for text in wanted:
        _spread(text)


def how_many_breaks(paragraph: etree._Element) -> int:
    """Return how many more paragraphs will be made of *paragraph*."""
    return sum(target_of(mark) == "paragraph" for mark in paragraph.iter(etree.PI))


def _spread(text: etree._Element) -> None:
    """Replace one ``w:t`` by texts, tabs, breaks and paragraphs."""
    run = text.getparent()
    if run is None or run.tag != f"{_W}r":
        return
    for index, line in enumerate([text.text or "", *(mark.tail or "" for mark in text)]):
        if index and not _begin_paragraph(run, text):
            text.addprevious(etree.Element(f"{_W}br"))
        for piece in re.split(r"([\t\n])", line):
            if piece:
                text.addprevious(_piece(piece))
    run.remove(text)


def _piece(piece: str) -> etree._Element:
    if piece in "\t\n":
        return etree.Element(f"{_W}{'tab' if piece == chr(9) else 'br'}")
    made = etree.Element(f"{_W}t", {_SPACE: "preserve"})
    made.text = piece
    return made


def _begin_paragraph(run: etree._Element, text: etree._Element) -> bool:
    """Move what stands before *text* into a paragraph of its own; False where that cannot be."""
    paragraph = run.getparent()
    if paragraph is None or paragraph.tag != f"{_W}p":
        return False  # in a hyperlink or a content control
    before = etree.Element(f"{_W}p")
    properties = paragraph.find(f"{_W}pPr")
    if properties is not None:
        before.append(_without(deepcopy(properties), _LAST_ONLY))
        _without(properties, _FIRST_ONLY)
    for sibling in list(run.itersiblings(preceding=True))[::-1]:
        if sibling is not properties:
            before.append(sibling)
    before.append(_first_part(run, text))
    paragraph.addprevious(before)
    return True


def _first_part(run: etree._Element, text: etree._Element) -> etree._Element:
    made = etree.Element(f"{_W}r", {str(k): str(v) for k, v in run.attrib.items()})
    properties = run.find(f"{_W}rPr")
    if properties is not None:
        made.append(deepcopy(properties))
    for sibling in list(text.itersiblings(preceding=True))[::-1]:
        if sibling is not properties:
            made.append(sibling)
    return made


def _without(properties: etree._Element, tag: str) -> etree._Element:
    for child in properties.findall(tag):
        properties.remove(child)
    return properties
