"""What belongs together in a template: the tags of rows and paragraphs, pairs of if and for.

docxtpl replaces the whole paragraph or row in which a ``{%p … %}`` or ``{%tr … %}`` stands, with all
text beside it. Here such a tag gets a paragraph or row of its own first, before or behind what it
stood beside; so ``{%tr for … %}`` and ``{%tr endfor %}`` may stand in the row that repeats.
"""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from reportgen import rules
from reportgen.finding import Rule
from reportgen.template.tags import NUMBER, Tag, W, number_of

_OPENS = {"if": "endif", "for": "endfor", "set": "endset", "with": "endwith", "filter": "endfilter"}
_CLOSES = {end: start for start, end in _OPENS.items()}
#: In what the rows between two tags of rows, the cells between two tags of cells must be.
_REPEATS_IN = {"tr": "tbl", "tc": "tr", "p": "tc"}
_WHAT = {"p": "段", "tr": "行", "tc": "格"}
_WRITTEN = re.compile(f"\\{{[{{%#][^\ue000]*{NUMBER}-?[}}%#]\\}}")
#: What is on the page without being text: a container that has one of these is not empty.
_CONTENT = frozenset(
    f"{W}{name}"
    for name in (
        "drawing", "pict", "object", "sym", "footnoteReference", "endnoteReference", "instrText",
        "fldSimple",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with *tag*, and the words of the rule."""

    rule: Rule
    tag: Tag
    words: dict[str, str]


def set_apart(tags: Iterable[Tag]) -> Iterator[Problem]:
    """Give each tag of a paragraph, row or cell one of its own; yield those that cannot have it."""
    # a comment of a row hides the row: {#tr … #}
    leveled = [t for t in tags if t.level in _WHAT and t.closed and t.kind == "%"]
    for level in ("p", "tc", "tr"):
        groups: dict[etree._Element, list[Tag]] = {}
        for tag in (t for t in leveled if t.level == level):
            container = _ancestor(tag.text, level)
            if container is None:
                yield Problem(rules.TAG_NO_TABLE, tag, {"value": tag.source, "level": level})
            else:
                groups.setdefault(container, []).append(tag)
        for container, group in groups.items():
            yield from _split(container, group, level)


def pairs(tags: Iterable[Tag]) -> Iterator[Problem]:
    """Yield a problem for each tag whose other half is missing, of another kind, or out of reach."""
    stack: list[Tag] = []
    for tag in tags:
        if not tag.closed:
            yield Problem(rules.TAG_HALF, tag, {"value": tag.source})
        elif tag.keyword in _OPENS and not _sets_at_once(tag):
            stack.append(tag)
        elif tag.keyword in _CLOSES:
            yield from _close(tag, stack)
        elif tag.keyword in {"else", "elif"}:
            if not stack or stack[-1].keyword not in ("if", "for")[: 1 + (tag.keyword == "else")]:
                yield Problem(rules.TAG_UNOPENED, tag, {"value": tag.source, "start": "if"})
            else:
                yield from _apart(stack[-1], tag)
    for tag in stack:
        words = {"value": tag.source, "end": _end_of(tag)}
        yield Problem(rules.TAG_UNCLOSED, tag, words)


# -- pairs -----------------------------------------------------------------------------


def _sets_at_once(tag: Tag) -> bool:
    """Whether it is ``{% set 甲 = 1 %}``, which has no end."""
    return tag.keyword == "set" and "=" in tag.code


def _close(tag: Tag, stack: list[Tag]) -> Iterator[Problem]:
    wanted = _CLOSES[tag.keyword]
    if not any(opened.keyword == wanted for opened in stack):
        yield Problem(rules.TAG_UNOPENED, tag, {"value": tag.source, "start": wanted})
        return
    while stack:
        opened = stack.pop()
        if opened.keyword == wanted:
            yield from _apart(opened, tag)
            return
        words = {"value": opened.source, "end": _end_of(opened)}
        yield Problem(rules.TAG_UNCLOSED, opened, words)


def _end_of(tag: Tag) -> str:
    return f"{{%{tag.level} {_OPENS[tag.keyword]} %}}"


def _apart(opened: Tag, tag: Tag) -> Iterator[Problem]:
    """Yield a problem where leaving out what is between the two would break the document.

    Their ways down from what is around both must be alike: paragraph and paragraph, row and row.
    """
    around = _REPEATS_IN.get(opened.level) if opened.level == tag.level else None
    if around and _ancestor(opened.text, around) is not _ancestor(tag.text, around):
        what = {"tbl": "不在同一张表里", "tr": "不在同一行里", "tc": "不在同一格里"}[around]
        words = {"value": opened.source, "end": tag.source, "levels": what}
        yield Problem(rules.TAG_LEVELS, tag, words)
        return
    one, other = _way(opened), _way(tag)
    while one and other and one[0] is other[0]:
        one, other = one[1:], other[1:]
    if [element.tag for element in one] != [element.tag for element in other]:
        words = {"value": opened.source, "end": tag.source, "levels": _levels(opened, tag)}
        yield Problem(rules.TAG_LEVELS, tag, words)


def _way(tag: Tag) -> list[etree._Element]:
    """Return the elements around a tag from the root down, as the prepared part has them."""
    way = [*tag.text.iterancestors()][::-1]
    if tag.level in _WHAT:
        container = _ancestor(tag.text, tag.level)
        return way[: way.index(container)] if container is not None else way
    if tag.level == "r":
        run = _ancestor(tag.text, "r")
        return way[: way.index(run)] if run is not None else way
    return [*way, tag.text]


def _levels(opened: Tag, tag: Tag) -> str:
    if opened.level != tag.level:
        said = [f"{{%{one.level} " if one.level else "{% " for one in (opened, tag)]
        return f"一个用“{said[0].strip()}”，一个用“{said[1].strip()}”"
    return f"一个在{_story(opened)}，一个在{_story(tag)}"


def _story(tag: Tag) -> str:
    names = {
        f"{W}hyperlink": "超链接",
        f"{W}sdt": "内容控件",
        f"{W}txbxContent": "文本框",
        f"{W}tc": "表格",
    }
    for element in tag.text.iterancestors():
        if element.tag in names:
            return names[str(element.tag)] + "里"
    return "正文里"


# -- a paragraph, row or cell of its own ---------------------------------------------------


def _ancestor(element: etree._Element, name: str) -> etree._Element | None:
    return next(element.iterancestors(f"{W}{name}"), None)


def _split(container: etree._Element, group: list[Tag], level: str) -> Iterator[Problem]:
    """Move the tags of *group* out of *container*, to before and behind what else is in it."""
    numbers = {tag.number: tag for tag in group}
    tokens = list(_tokens(container, numbers))
    if container.find(f"{W}pPr/{W}sectPr") is not None:
        tokens.append(None)  # the section ends behind all that is in its last paragraph
    content = [at for at, token in enumerate(tokens) if token is None]
    if not content:
        for tag in group[:0:-1]:  # the first may stay: there is nothing beside it
            _cut(tag)
            container.addnext(_alone(tag, level))
        return
    before = [token for token in tokens[: content[0]] if token]
    behind = [token for token in tokens[content[-1] + 1 :] if token]
    for tag in group:
        if tag not in before and tag not in behind:
            yield Problem(
                rules.TAG_SWALLOWS, tag,
                {"value": tag.source, "what": _WHAT[level], "level": level},
            )  # fmt: skip
    for tag in before:
        _cut(tag)
        container.addprevious(_alone(tag, level))
    for tag in behind[::-1]:
        _cut(tag)
        container.addnext(_alone(tag, level))


def _tokens(container: etree._Element, numbers: dict[int, Tag]) -> Iterator[Tag | None]:
    """Yield the tags of *numbers* in *container*, and None for all else that is there to see."""
    for element in container.iter():
        if element.tag in _CONTENT or (element.tag == f"{W}br" and element.get(f"{W}type")):
            yield None
        elif element.tag == f"{W}t":
            at = 0
            text = element.text or ""
            for found in _WRITTEN.finditer(text):
                tag = numbers.get(number_of(found))
                if tag is None:
                    continue
                if text[at : found.start()].strip():
                    yield None
                yield tag
                at = found.end()
            if text[at:].strip():
                yield None


def _cut(tag: Tag) -> None:
    """Take a tag out of its text; a paragraph that it leaves empty goes, if it is not the only one."""
    tag.text.text = (tag.text.text or "").replace(tag.written(), "", 1)
    paragraph = _ancestor(tag.text, "p")
    if paragraph is None or any(True for _ in _tokens(paragraph, {})):
        return
    parent = paragraph.getparent()
    if parent is not None and parent.tag == f"{W}tc" and len(parent.findall(f"{W}p")) > 1:
        parent.remove(paragraph)


def _alone(tag: Tag, level: str) -> etree._Element:
    """Return a paragraph, row or cell that holds nothing but *tag*."""
    made = etree.Element(f"{W}p")
    properties = _ancestor(tag.text, "p")
    properties = None if properties is None else properties.find(f"{W}pPr")
    if level == "p" and properties is not None:
        kept = deepcopy(properties)
        for section in kept.findall(f"{W}sectPr"):
            kept.remove(section)
        made.append(kept)
    run = etree.SubElement(made, f"{W}r")
    tag.text = etree.SubElement(run, f"{W}t")
    tag.text.text = tag.written()
    for name in {"p": (), "tc": ("tc",), "tr": ("tc", "tr")}[level]:
        outer = etree.Element(f"{W}{name}")
        outer.append(made)
        made = outer
    return made
