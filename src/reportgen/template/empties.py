"""A table whose loop had no rows gives the form's sentence, or goes away with its caption.

An official table keeps its rows: one that has anything but heading rows left stays as it is.
"""

import re
from collections.abc import Mapping
from copy import deepcopy

from lxml import etree

from reportgen.template.marks import (
    Marks,
    W,
    has_tags,
    is_end_of_loop,
    loops_without_items,
    text_of,
)
from reportgen.template.vanish import take_out

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_UOM = re.compile(r"[（(]?\s*(?:金额|计量|货币)?\s*单位\s*[:：]")
_NUMBERED = re.compile(r"(?:附?表|续表)\s*[0-9０-９一二三四五六七八九十]")
_NO_AMOUNT = re.compile(r"[0.,%—-]*")
_LONGEST_CAPTION = 60


def settle_tables(
    root: etree._Element, marks: Marks, sentences: Mapping[int, str], styles: Mapping[str, str]
) -> list[str]:
    """Replace or take out the tables below *root* that say nothing; return the words that went.

    *sentences* are those of the loops by number, *styles* the names of styles by id.
    """
    gone: list[str] = []
    found = marks.around_empty_loops(f"{W}tbl")
    for table in [one for one in root.iter(f"{W}tbl") if one in found]:
        loops = loops_without_items(table)
        sentence = next(filter(None, (sentences.get(number, "") for number in loops)), "")
        if not loops or not _says_nothing(table, has_sentence=bool(sentence)):
            continue
        captions = _captions(table, styles)
        gone += [text_of(one) for one in (*captions, *table.iter(f"{W}p"))]
        if sentence:
            table.addprevious(
                _paragraph(sentence, _like(captions[-1] if captions else table, styles))
            )
        for caption in captions:
            take_out(caption)
        _drop(table)
    return gone


def _says_nothing(table: etree._Element, *, has_sentence: bool) -> bool:
    """Whether there is nothing left but heading rows, and where a sentence is, an empty total."""
    is_behind = False
    for child in table:
        is_behind = is_behind or is_end_of_loop(child)
        if child.tag == f"{W}sdt":
            return False
        if child.tag != f"{W}tr":
            continue
        if is_behind and not (has_sentence and _is_empty_total(child)):
            return False
        if not is_behind and has_tags(child) and child.find(f"{W}trPr/{W}tblHeader") is None:
            return False
    return True


def _is_empty_total(row: etree._Element) -> bool:
    """Whether all that a row's tags printed is zeros and dashes."""
    paragraphs = [p for p in row.iter(f"{W}p") if has_tags(p)]
    return bool(paragraphs) and all(_NO_AMOUNT.fullmatch(text_of(p).strip()) for p in paragraphs)


def _captions(table: etree._Element, styles: Mapping[str, str]) -> list[etree._Element]:
    """Return the caption above *table* and the line of its unit of measure, the nearest first."""
    found: list[etree._Element] = []
    kinds: set[bool] = set()
    for above in table.itersiblings(preceding=True):
        if not isinstance(above.tag, str):
            continue
        is_unit_line = above.tag == f"{W}p" and _UOM.match(text_of(above).strip()) is not None
        if above.tag != f"{W}p" or is_unit_line in kinds:
            break
        if not is_unit_line and not _is_caption(above, styles):
            break
        kinds.add(is_unit_line)
        found.append(above)
    return found


def _is_caption(paragraph: etree._Element, styles: Mapping[str, str]) -> bool:
    text = text_of(paragraph).strip()
    if not text or len(text) > _LONGEST_CAPTION:
        return False
    if re.search("caption|题注|表题|表名", _style(paragraph, styles), re.IGNORECASE):
        return True
    centred = paragraph.find(f"{W}pPr/{W}jc")
    is_centred = centred is not None and centred.get(f"{W}val") == "center"
    return _NUMBERED.match(text) is not None or (is_centred and text.endswith("表"))


def _style(paragraph: etree._Element, styles: Mapping[str, str]) -> str:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if style is None else styles.get(style.get(f"{W}val", ""), "")


def _like(place: etree._Element, styles: Mapping[str, str]) -> etree._Element | None:
    """Return the nearest paragraph of plain text beside *place*: no heading, title or caption."""
    for preceding in (True, False):
        for beside in place.itersiblings(f"{W}p", preceding=preceding):
            style, properties = _style(beside, styles), beside.find(f"{W}pPr")
            special = properties is not None and (
                properties.find(f"{W}outlineLvl") is not None
                or properties.find(f"{W}numPr") is not None
                or properties.find(f"{W}jc") is not None
            )
            is_title = re.search("heading|title|标题|题", style, re.IGNORECASE)
            words = text_of(beside).strip()
            if words and not special and not is_title and not _UOM.match(words):
                return beside
    return None


def _paragraph(sentence: str, like: etree._Element | None) -> etree._Element:
    made = etree.Element(f"{W}p")
    run = etree.Element(f"{W}r")
    if like is not None:
        properties = like.find(f"{W}pPr")
        if properties is not None:
            made.append(deepcopy(properties))
            for section in made[0].findall(f"{W}sectPr"):
                made[0].remove(section)
        looks = like.find(f"{W}r/{W}rPr")
        if looks is not None:
            run.append(deepcopy(looks))
    made.append(run)
    text = etree.SubElement(run, f"{W}t", {_SPACE: "preserve"})
    text.text = sentence
    return made


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
