"""What stands outside the tags of a template and looks like one, or cannot be filled.

Outside tags nothing is ever changed, so a tag that was mistyped would be printed in every document:
``{ { 单位名称 } }``, ``{单位名称}``, ``【单位名称】``, ``单位名称 }}``, a mail merge field.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from reportgen import rules
from reportgen.finding import Rule
from reportgen.template.places import short
from reportgen.template.tags import Tag, W, paragraphs, texts_of

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_OBJECT = "\ufffc"
_SPACED = re.compile(r"[{｛]\s+([{｛%％#＃])([^{}｛｝]*?)[}｝%％#＃]?\s*[}｝](?:\s*[}｝])?")
_SINGLE = re.compile(r"(?<![{｛])[{｛]([^{}｛｝]{1,60})[}｝](?![}｝])")
_STATEMENT = re.compile(r"\s*[%％]?\s*(?:p|tr|tc)?\s*(?:if|elif|else|endif|for|endfor|set)\b")
_CLOSER = re.compile(r"(.{0,15}?)(?:[}｝]\s?[}｝]|[%％]\s?[}｝])")
_OTHER_BRACKETS = re.compile(
    "|".join(
        rf"{re.escape(a)}([^{re.escape(a + b)}]{{1,40}}){re.escape(b)}"
        for a, b in ("【】", "［］", "[]", "〔〕", "<>", "＜＞", "《》", "〈〉", "«»")
    )
)
_MERGE_FIELD = re.compile(r'MERGEFIELD\s+(?:"([^"]+)"|(\S+))')
_INSERTED = frozenset(f"{W}{name}" for name in ("ins", "moveTo", "cellIns"))
_DELETED = frozenset(f"{W}{name}" for name in ("del", "moveFrom", "cellDel"))


@dataclass(frozen=True, slots=True)
class Outside:
    """Something outside the tags: its paragraph in the part (from 0, -1: none), and what to say."""

    rule: Rule
    paragraph: int
    words: dict[str, str]


def is_repeated(element: etree._Element) -> bool:
    """Whether *element* says again, for an old Word, what stands beside it."""
    return any(a.tag == _FALLBACK for a in element.iterancestors())


def look_alikes(
    root: etree._Element, tags: Iterable[Tag], is_name: Callable[[str], bool]
) -> Iterator[Outside]:
    """Yield what looks like a tag in the paragraphs below *root*, in which the tags have been read.

    *is_name* says whether a text is a name of the form.
    """
    by_paragraph: dict[int, list[Tag]] = {}
    for tag in tags:
        by_paragraph.setdefault(tag.paragraph, []).append(tag)
    for index, paragraph in enumerate(paragraphs(root)):
        if is_repeated(paragraph):
            continue
        pieces = list(texts_of(paragraph))
        code = "".join(text for element, text in pieces if element.tag == f"{W}instrText")
        code += " ".join(f.get(f"{W}instr", "") for f in paragraph.iter(f"{W}fldSimple"))
        merged = [one or other for one, other in _MERGE_FIELD.findall(code)]
        for name in merged:
            yield Outside(rules.MERGE_FIELD, index, {"value": name})
        text = "".join(text for element, text in pieces if element.tag != f"{W}instrText")
        for tag in by_paragraph.get(index, ()):
            text = text.replace(tag.written() if tag.closed else tag.source, _OBJECT, 1)
        for rule, words in _in(text, is_name):
            if words["value"][1:-1] not in merged:
                yield Outside(rule, index, words)


def _in(text: str, is_name: Callable[[str], bool]) -> Iterator[tuple[Rule, dict[str, str]]]:
    """Yield the rule and the words of each look-alike in *text*."""
    if not re.search(r"[{｛}｝【［\[〔<＜《〈«]", text):
        return

    def without(found: re.Match[str]) -> str:
        return _OBJECT * len(found[0])

    for found in _SPACED.finditer(text):
        statement = found[1] in "%％"
        body = " ".join(found[2].split())
        better = f"{{% {body} %}}" if statement else f"{{{{ {body} }}}}"
        yield rules.TAG_LIKE, {"value": short(found[0]), "better": better}
    text = _SPACED.sub(without, text)
    for found in _SINGLE.finditer(text):
        body = found[1].strip()
        if _STATEMENT.match(body):
            better = f"{{% {body.strip('%％ ')} %}}"
            yield rules.TAG_LIKE, {"value": short(found[0]), "better": better}
        elif is_name(body):
            yield rules.TAG_LIKE, {"value": short(found[0]), "better": f"{{{{ {body} }}}}"}
    text = _SINGLE.sub(without, text)
    for found in _CLOSER.finditer(text):
        yield rules.TAG_TAIL, {"value": found[0].lstrip(_OBJECT)}
    for found in _OTHER_BRACKETS.finditer(text):
        body = next(group for group in found.groups() if group).strip()
        if is_name(body):
            yield rules.NAME_IN_BRACKETS, {"value": found[0], "better": f"{{{{ {body} }}}}"}


def revisions(root: etree._Element) -> Iterator[Outside]:
    """Yield, once for a part, that there are tracked changes in it: where the first is, and how many."""
    counts = {"插入": 0, "删除": 0, "格式": 0}
    first: etree._Element | None = None
    for element in root.iter(f"{W}*"):
        name = str(element.tag)
        kind = (
            "插入" if name in _INSERTED
            else "删除" if name in _DELETED
            else "格式" if name.endswith(("PrChange", "numberingChange"))
            else ""
        )  # fmt: skip
        if kind:
            counts[kind] += 1
            first = element if first is None else first
    if first is None:
        return
    texts = [t.text or "" for t in first.iter(f"{W}t", f"{W}delText")]
    index, paragraph = _paragraph_of(root, first)
    if not texts and paragraph is not None:
        texts = [text for _, text in texts_of(paragraph)]
    what = "、".join(f"{kind} {count} 处" for kind, count in counts.items() if count)
    yield Outside(rules.REVISIONS, index, {"what": what, "value": short("".join(texts)) or "¶"})


def comments(root: etree._Element, listed: etree._Element) -> Iterator[Outside]:
    """Yield, once, that there are comments: *listed* is their own part, *root* the document's."""
    every = list(listed.iter(f"{W}comment"))
    if not every:
        return
    number = every[0].get(f"{W}id")
    marks = root.iter(f"{W}commentRangeStart", f"{W}commentReference")
    mark = next((m for m in marks if m.get(f"{W}id") == number), None)
    index = -1 if mark is None else _paragraph_of(root, mark)[0]
    text = short("".join(t.text or "" for t in every[0].iter(f"{W}t")))
    yield Outside(rules.COMMENTS, index, {"count": str(len(every)), "value": text})


def _paragraph_of(
    root: etree._Element, element: etree._Element
) -> tuple[int, etree._Element | None]:
    """Return the paragraph around *element*, or else the first in it, with its number; or -1."""
    everything = list(paragraphs(root))
    around = [a for a in (element, *element.iterancestors()) if a.tag == f"{W}p"]
    inside = list(element.iter(f"{W}p"))
    following = list(element.itersiblings(f"{W}p"))
    for one in (*around, *inside, *following):
        if one in everything:
            return everything.index(one), one
    return -1, None
