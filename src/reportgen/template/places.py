"""Where something is in a Word template, as a person finds it there.

``正文，“二、部门支出情况”下，表 2 第 3 行第 1 列``: the story, the heading above, and the paragraph of
the section or the row and column of the table.
"""

import re
from collections.abc import Iterator

from lxml import etree

from reportgen.limits import look_at_the_clock
from reportgen.template.tags import W, paragraphs, texts_of

_STORIES = {
    "document": "正文", "header": "页眉", "footer": "页脚", "footnotes": "脚注",
    "endnotes": "尾注", "comments": "批注", "core": "文档属性", "app": "文档属性", "custom": "文档属性",
    "chart": "图表",
}  # fmt: skip
# 第一章, 一、, （一）, 1. as people number headings that have no style
_NUMBERED = re.compile(
    r"(?:第?[一二三四五六七八九十]+[、章节条.．]|[（(][一二三四五六七八九十]+[)）])"
)
_LONGEST_HEADING, _LONGEST_WORDS = 30, 40


def place_in(part: str, root: etree._Element, index: int) -> str:
    """Return where the paragraph number *index* (from 0) of *part* is, in words.

    *root* is the part as the office wrote it; an index of -1 gives the story alone.
    """
    look_at_the_clock()
    story = _story(part)
    everything = list(paragraphs(root))
    if index < 0 or story == "文档属性":
        return story
    paragraph = everything[index]
    steps = [story]
    if any(a.tag == f"{W}txbxContent" for a in paragraph.iterancestors()):
        steps.append("文本框")
    above = _heading_above(everything, index)
    if above is not None:
        steps.append(f"“{short(text_of(everything[above]), _LONGEST_HEADING)}”下")
    table = next(paragraph.iterancestors(f"{W}tbl"), None)
    if table is None:
        since = everything[(0 if above is None else above + 1) : index]
        outside = sum(next(p.iterancestors(f"{W}tbl"), None) is None for p in since)
        steps.append(f"第 {outside + 1} 段")
    else:
        steps.append(_in_table(root, table, paragraph))
    return "，".join(steps)


def words_around(root: etree._Element, index: int, source: str) -> str:
    """Return what the paragraph number *index* says around *source*: what people look for in Word."""
    look_at_the_clock()
    everything = list(paragraphs(root))
    text = text_of(everything[index]) if index < len(everything) else source
    source = " ".join(source.split())
    at, most = text.find(source), _LONGEST_WORDS
    if len(text) <= most or at < 0:
        return short(text if at >= 0 else source)
    start = max(0, min(at - 10, at + len(source) - most + 1))
    words = text[start : start + most]
    return ("…" if start else "") + words + ("…" if start + most < len(text) else "")


def text_of(paragraph: etree._Element) -> str:
    """Return a paragraph's text, its white space as single spaces."""
    return " ".join("".join(text for _, text in texts_of(paragraph)).split())


def short(text: str, most: int = _LONGEST_WORDS) -> str:
    """Return *text* in one line of at most *most* characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _story(part: str) -> str:
    name = re.sub(r"\d*\.xml$", "", part.rpartition("/")[2])
    return _STORIES.get(name, name)


def _heading_above(everything: list[etree._Element], index: int) -> int | None:
    for above in range(index - 1, -1, -1):
        if _is_heading(everything[above]):
            return above
    return None


def _is_heading(paragraph: etree._Element) -> bool:
    if next(paragraph.iterancestors(f"{W}tbl"), None) is not None:
        return False
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    name = "" if style is None else style.get(f"{W}val", "")
    text = text_of(paragraph)
    if not text or "{%" in text:
        return False
    has_level = paragraph.find(f"{W}pPr/{W}outlineLvl") is not None
    is_styled = bool(re.fullmatch(r"(?:Heading|heading|标题|a?)\s*[1-9]", name)) or has_level
    return is_styled or (len(text) <= _LONGEST_HEADING and bool(_NUMBERED.match(text)))


def _in_table(root: etree._Element, table: etree._Element, paragraph: etree._Element) -> str:
    outer = [t for t in root.iter(f"{W}tbl") if next(t.iterancestors(f"{W}tbl"), None) is None]
    around = next((t for t in outer if t is table or t in list(table.iterancestors())), table)
    number = outer.index(around) + 1
    row, cell = _nearest(paragraph, "tr"), _nearest(paragraph, "tc")
    rows, cells = list(_rows(table)), [] if row is None else list(_cells(row))
    words = f"表 {number}" + ("里的表" if around is not table else "")
    if row in rows:
        words += f" 第 {rows.index(row) + 1} 行"
    if cell in cells:
        words += f"第 {cells.index(cell) + 1} 列"
    return words


def _nearest(element: etree._Element, name: str) -> etree._Element | None:
    return next(element.iterancestors(f"{W}{name}"), None)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    return (row for row in table.iter(f"{W}tr") if _nearest(row, "tbl") is table)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    return (cell for cell in row.iter(f"{W}tc") if _nearest(cell, "tr") is row)
