"""The tags of a part of a Word template: found in its tree, and written as Jinja reads them.

docxtpl looks for tags with regular expressions over the XML. Here each is found in the text of its
paragraph first, however Word has cut it up (runs, bookmarks, spell-check marks) and whatever a
Chinese keyboard typed (``｛｛ 名称 ｝｝``, ``｛％``, full-width spaces, quotes and commas, NBSP,
zero-width characters), and put back whole into the run in which it begins. Outside tags nothing is
touched.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from lxml import etree

from reportgen.headings import Headings
from reportgen.limits import look_at_the_clock

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_NOTHING = "[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\u00ad]*"
_OPEN = re.compile(rf"[{{｛]{_NOTHING}([{{｛%％#＃])")
_CLOSE = {
    "{": re.compile(rf"[}}｝]{_NOTHING}[}}｝]"),
    "%": re.compile(rf"[%％]{_NOTHING}[}}｝]"),
    "#": re.compile(rf"[#＃]{_NOTHING}[}}｝]"),
}
_HALF = {"｛": "{", "％": "%", "＃": "#"}
_LEVEL = re.compile(r"\s*(tr|tc|p|r)\s+(?=\S)")
_KEYWORD = re.compile(r"[a-z]+")
#: The number of a tag, in its code: signs that nobody types, and no digits, which a heading may be.
NUMBER = "\ue000([\ue010-\ue019]+)\ue001"
_NUMBER = re.compile(NUMBER)
_SIGNS = str.maketrans("0123456789", "".join(map(chr, range(0xE010, 0xE01A))))
_DIGITS = {sign: digit for digit, sign in _SIGNS.items()}
_STATEMENTS = frozenset(
    [
        "if", "elif", "else", "endif", "for", "endfor", "set", "endset", "with", "endwith",
        "filter", "endfilter", "break", "continue",
    ]
)  # fmt: skip
#: Tags that docxtpl or we replace before Jinja sees them: they have no code that could fail.
_CELL_TAGS = frozenset(
    {"vm", "hm", "合并", "合并相同", "merge", "横向合并", "merge_across", "colspan", "cellbg"}
)
_TEXTS = frozenset({f"{W}t", f"{W}instrText", f"{_A}t", f"{_M}t"})
_PARAGRAPHS = frozenset({f"{W}p", f"{_A}p"})
#: What Word puts into a tag where somebody pressed Tab or Enter.
_WHITE = frozenset({f"{W}tab", f"{W}br", f"{W}cr", f"{_A}br"})
_LEAVE_OUT = frozenset({f"{W}pPr", f"{W}rPr", f"{W}del", f"{W}moveFrom", f"{W}txbxContent"})

#: What is read as one text: its pieces, and the elements that hold them.
_Stream = list[tuple[etree._Element, str]]  # noqa: SLF001 - lxml has no other name for it


@dataclass(slots=True, eq=False)
class Tag:
    """A tag: ``kind`` is ``{``, ``%`` or ``#``; ``level`` is ``p``, ``tr``, ``tc``, ``r`` or none.

    ``source`` is as typed, ``code`` as Jinja reads it, ``keyword`` the first word of a statement.
    ``paragraph`` counts the paragraphs of the part as it was, from 0; ``text`` is the element that
    holds the tag now. ``closed`` is false for half a tag, whose ``source`` is what there is of it.
    """

    number: int
    kind: str
    level: str
    source: str
    code: str
    paragraph: int
    text: etree._Element
    closed: bool = True
    keyword: str = field(init=False)

    def __post_init__(self) -> None:
        """Note the keyword."""
        word = _KEYWORD.match(self.code.lstrip("-+ ")) if self.kind == "%" else None
        self.keyword = word[0] if word else ""

    @property
    def is_for_docxtpl(self) -> bool:
        """Whether it is replaced before Jinja sees it."""
        return self.kind == "%" and self.code.split(" ")[0] in _CELL_TAGS

    def written(self) -> str:
        """Return the tag as it stands in the prepared part."""
        close = {"{": "}}", "%": "%}", "#": "#}"}[self.kind]
        level = f"{self.level} " if self.level else ""
        dash = "-" if self.code.endswith("-") else ""
        body = self.code.removesuffix("-").strip()
        has_code = not self.is_for_docxtpl or " " in self.code
        number = f"\ue000{self.number}\ue001".translate(_SIGNS) if has_code else ""
        return f"{{{self.kind}{level}{'' if level or body[:1] in '-+' else ' '}{body} {number}{dash}{close}"


def parse(content: bytes) -> etree._Element:
    """Return a part as a tree: no entities, nothing from the network.

    Raises:
        etree.XMLSyntaxError, ValueError: it is not well-formed.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(content, parser)


def read_tags(root: etree._Element, headings: Headings) -> list[Tag]:
    """Return the tags in the paragraphs below *root*, each now whole in one text of the tree."""
    found: list[Tag] = []
    for deleted in root.iter(f"{W}delText"):
        if _OPEN.search(deleted.text or ""):
            deleted.text = ""  # who has deleted a tag does not want it run
    for index, paragraph in enumerate(paragraphs(root)):
        for stream in _streams(paragraph):
            whole = "".join(text for _, text in stream)
            if _OPEN.search(whole):
                _set_whole(stream, whole, index, headings, found)
    return found


def paragraphs(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the paragraphs of a part in document order, those in text boxes among them.

    Of a part that has none (document properties) they are the elements with a text.
    """
    found = list(root.iter(*_PARAGRAPHS))
    return iter(found or [el for el in root.iter() if el.text and el.text.strip()])


def texts_of(paragraph: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Yield the texts of a paragraph itself, in order, with the elements that hold them."""
    if paragraph.tag not in _PARAGRAPHS:
        yield paragraph, paragraph.text or ""
    for element in _own(paragraph):
        if element.tag in _TEXTS:
            yield element, element.text or ""
        elif element.tag in _WHITE:
            yield element, " "


def numbered(source: str) -> tuple[str, dict[int, int]]:
    """Return a prepared part without the numbers of its tags, and which tag is on which line.

    It is 0 for a tag that is in no paragraph: in an attribute, an alternative text.

    Each tag begins a line of its own, inside its braces, where Jinja takes it for a space: so the
    line that an error names is the tag at which it happened.
    """
    lines: dict[int, int] = {}
    out, line, at = [], 1, 0
    for tag in re.finditer(r"(\{\{|\{%)(-?)(.*?)(\}\}|%\})", source, re.DOTALL):
        number = _NUMBER.search(tag[3])
        code = _NUMBER.sub("", tag[3])
        for entity, sign in (("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
            code = code.replace(entity, sign)
        out += [source[at : tag.start()], tag[1], tag[2], "\n", code, tag[4]]
        line += source.count("\n", at, tag.start()) + 1
        lines[line] = number_of(number) if number else 0
        line += code.count("\n")
        at = tag.end()
    return "".join([*out, source[at:]]), lines


def number_of(found: re.Match[str]) -> int:
    """Return the number of a tag in a match of ``NUMBER``."""
    return int(found[1].translate(_DIGITS))


# -- reading ---------------------------------------------------------------------------


def _streams(paragraph: etree._Element) -> list[_Stream]:
    """Return what is read as one text: what is printed, and the code of fields."""
    pieces = list(texts_of(paragraph))
    code = [piece for piece in pieces if piece[0].tag == f"{W}instrText"]
    return [[piece for piece in pieces if piece not in code], code] if code else [pieces]


def _own(paragraph: etree._Element) -> Iterator[etree._Element]:
    """Yield what is in a paragraph itself: not in a text box in it, not what is deleted."""
    for child in paragraph:
        if child.tag in _LEAVE_OUT or child.tag in _PARAGRAPHS:
            continue
        yield child
        yield from _own(child)


def _set_whole(
    stream: _Stream, whole: str, paragraph: int, headings: Headings, found: list[Tag]
) -> None:
    """Put each tag of a paragraph whole into the piece where it begins; note it in *found*."""
    ends = [*accumulate(len(text) for _, text in stream)]
    now = [""] * len(stream)
    goes_on: dict[int, int] = {}
    own: list[Tag] = []
    at = 0
    for start, end, kind, body in [*_scan(whole), (len(whole), len(whole), "", "")]:
        for piece, text in _pieces(whole, ends, at, start):
            now[piece] += text
        at = end
        if not kind:
            break
        over = [piece for piece, _ in _pieces(whole, ends, start, end)]
        number, source = len(found) + len(own) + 1, whole[start:end]
        text_in = stream[over[0]][0]
        if body is None:
            tag = Tag(number, kind, "", source, "", paragraph, text_in, closed=False)
            at = start
        else:
            level, code = _level(kind, _plain(body))
            code = code if kind == "#" else _literals(headings.to_identifiers(code))
            tag = Tag(number, kind, level, source, code, paragraph, text_in)
            now[over[0]] += tag.written()
            goes_on.update(dict.fromkeys(over[1:], over[0]))
        own.append(tag)
    for piece in range(len(stream) - 1, -1, -1):
        first = goes_on.get(piece)
        if first is not None and (not now[piece] or _alike(stream[first][0], stream[piece][0])):
            now[first] += now[piece]
            for tag in own:
                tag.text = stream[first][0] if tag.text is stream[piece][0] else tag.text
            _remove(stream[piece][0], stream[first][0])
        else:
            _write(stream[piece][0], now[piece])
    found.extend(own)


def _pieces(whole: str, ends: list[int], start: int, end: int) -> Iterator[tuple[int, str]]:
    """Yield the pieces of a paragraph between two places of its text, and what each has of it."""
    piece = bisect_right(ends, start)
    while start < end:
        step = min(end, ends[piece])
        if step > start:
            yield piece, whole[start:step]
        start, piece = step, piece + 1


def _alike(one: etree._Element, other: etree._Element) -> bool:
    """Whether two texts look alike and stand side by side, so that they can be one."""
    runs = one.getparent(), other.getparent()
    if one.tag not in {f"{W}t", f"{W}instrText"} or one.tag != other.tag:
        return False
    looks = [run.find(f"{W}rPr") if run is not None else None for run in runs]
    plain = [b"" if look is None else etree.tostring(look, method="c14n") for look in looks]
    parents = [run.getparent() if run is not None else None for run in runs]
    return plain[0] == plain[1] and parents[0] is parents[1]


def _remove(element: etree._Element, first: etree._Element) -> None:
    """Take a text, a tab or a break out, and the run that it leaves empty.

    The signs of the spell-check between it and *first* go too, as docxtpl takes them out.
    """
    run, start = element.getparent(), first.getparent()
    if run is None:
        return
    if run is not start:
        for sign in list(run.itersiblings(f"{W}proofErr", preceding=True)):
            if start is not None and start in sign.itersiblings(preceding=True):
                _drop(sign)
    _drop(element)
    if run.tag == f"{W}r" and all(child.tag == f"{W}rPr" for child in run):
        _drop(run)


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _write(element: etree._Element, text: str) -> None:
    if element.tag not in _WHITE and text != (element.text or ""):
        element.text = text
        if element.tag in {f"{W}t", f"{W}instrText"}:
            element.set(_SPACE, "preserve")


#: A closing brace that ends no tag: in a comment, whole tags may stand.
_LONE_BRACE = re.compile(r"(?<![}｝%％])[}｝](?![}｝])")


def _scan(whole: str) -> Iterator[tuple[int, int, str, str | None]]:
    """Yield start, end, kind and inside of each tag; None inside for one that does not end."""
    at = 0
    while opened := _OPEN.search(whole, at):
        look_at_the_clock()
        kind = _HALF.get(opened[1], opened[1])
        inside = opened.end()
        end = _end(whole, inside, kind)
        if end and kind == "#" and _LONE_BRACE.search(whole, inside, end.start()):
            end = None  # {#1}文字#}: no comment, and what is in it would be lost without a word
        if end is None:
            following = _OPEN.search(whole, inside)
            at = following.start() if following else len(whole)
            yield opened.start(), at, kind, None
            continue
        yield opened.start(), end.end(), kind, whole[inside : end.start()]
        at = end.end()


def _end(whole: str, start: int, kind: str) -> re.Match[str] | None:
    """Return where a tag ends: behind its quoted texts, before another one begins."""
    close, at = _CLOSE[kind], start
    while at < len(whole) and kind != "#":
        if close.match(whole, at):
            return close.match(whole, at)
        quoted = _QUOTED.match(whole, at)
        if not quoted and _OPEN.match(whole, at):
            return None
        at = quoted.end() if quoted and close.search(whole, quoted.end()) else at + 1
    return close.search(whole, start) if kind == "#" else None


_QUOTED = re.compile("\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’|＂[^＂]*＂")


def _plain(body: str) -> str:
    """Return what stands in a tag without invisible characters, its white space as spaces."""
    visible = (c for c in body if unicodedata.category(c) != "Cf")
    return "".join(" " if c.isspace() else c for c in visible)


def _level(kind: str, body: str) -> tuple[str, str]:
    """Return the level and the code: ``tr for 项 in 项目`` → ``tr`` and ``for 项 in 项目``."""
    narrow = re.match(r"[\sＡ-Ｚａ-ｚA-Za-z]*", body)
    folded = unicodedata.normalize("NFKC", narrow[0]) if narrow else ""
    body = folded + body[len(folded) :]
    dash = re.match(r"\s*[-–—－]", body)
    if dash and kind != "#":  # Word makes – of a hyphen between spaces
        body = "-" + body[dash.end() :]
    if re.search(r"[–—－]\s*$", body):
        body = re.sub(r"[–—－]\s*$", "-", body)
    level = _LEVEL.match(body)
    if kind == "{" and level and body[0].isspace():
        level = None  # {{ p - 1 }} is a number less one
    if level:
        rest = body[level.end() :]
        first = _KEYWORD.match(rest)
        if kind != "%" or not body[0].isspace() or (first and first[0] in _STATEMENTS):
            # {{p x}}, {{r x}} ask docxtpl for its own objects; a value prints as it does anywhere
            return ("" if kind == "{" else level[1]), rest.strip()
    return "", body.strip()


_HIDDEN = "“”‘’<>&\"'%{}#"


def _literals(code: str) -> str:
    """Return *code* with the signs in its quoted texts written as escapes, which no pattern sees.

    docxtpl would take a ``%`` for the end of a tag, and turn “甲” inside a text into quotes.
    """

    def escaped(text: re.Match[str]) -> str:
        inner = "".join(f"\\u{ord(c):04x}" if c in _HIDDEN else c for c in text[0][1:-1])
        return text[0][0] + inner + text[0][-1]

    return re.sub(r"\"[^\"]*\"|'[^']*'", escaped, code)
