"""Tables of contents (目录): their entries are those of this document, not the template's.

Word makes the entries when somebody asks for it; until then a report would show the headings of the
template, tags filled or not. Here they are written anew from the headings; the page numbers are
fields, which Word and LibreOffice work out as they open the document.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from reportgen.template.additions import Additions, remove, written
from reportgen.template.repair import whole

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_TOC = re.compile(
    r"\s*TOC\b(?!.*\\[acf]\b)", re.IGNORECASE
)  # not one of figures or of marked entries
_LEVELS = re.compile(r"\\o\s+\"?(\d)-(\d)")
_SETTINGS = "word/settings.xml"
_NONE = "未找到目录项。"
#: What Word wants behind ``w:updateFields`` in the settings.
_BEHIND = frozenset(
    _W + name
    for name in (
        "hdrShapeDefaults", "footnotePr", "endnotePr", "compat", "docVars", "rsids",
        "attachedSchema", "themeFontLang", "clrSchemeMapping", "doNotIncludeSubdocsInStats",
        "doNotAutoCompressPictures", "forceUpgrade", "captions", "readModeInkLockDown",
        "smartTagType", "shapeDefaults", "doNotEmbedSmartTags", "decimalSymbol", "listSeparator",
    )
)  # fmt: skip


#: A heading: its level, its words, the bookmark around it.
_Entry = tuple[int, str, str]
#: Each paragraph style's name and its outline level (0: none), by its id.
_Styles = Mapping[str, tuple[str, int]]
#: The properties of a paragraph and of the words in it.
_Look = tuple[etree._Element | None, etree._Element | None]  # noqa: SLF001 - no other name


@dataclass(slots=True)
class _Contents:
    """A table of contents: the runs that begin its field, the run that ends it, what it lists."""

    begin: list[etree._Element]
    end: etree._Element
    paragraphs: list[etree._Element]
    levels: range


def set_contents(root: etree._Element, additions: Additions) -> None:
    """Write the entries of each table of contents below *root* anew, and let Word number them."""
    found = list(_contents(root))
    styles = additions.template.get("word/styles.xml")
    if not found or styles is None:
        return
    if (settings := additions.template.get(_SETTINGS)) is not None:
        additions.set(_SETTINGS, _updated(settings))
    names = _style_names(styles)
    listed = {id(paragraph) for one in found for paragraph in one.paragraphs}
    headings = [
        (level, paragraph)
        for paragraph in root.iter(f"{_W}p")
        if id(paragraph) not in listed and (level := _level(paragraph, names)) and _text(paragraph)
    ]
    free = 1 + max((whole(b.get(f"{_W}id")) for b in root.iter(f"{_W}bookmarkStart")), default=0)
    marks = [_bookmarked(paragraph, n, free + n) for n, (_, paragraph) in enumerate(headings, 1)]
    for one in found:
        entries = [
            (level, _text(paragraph), mark)
            for (level, paragraph), mark in zip(headings, marks, strict=True)
            if level in one.levels
        ]
        _write(one, entries, names)


def clear_entries(root: etree._Element) -> bool:
    """Empty the entries below *root* that hold tags; say if one did.

    Word copies them from the headings, out of their loops, where their names mean nothing.
    """
    tagged = [
        text
        for one in _contents(root)
        for paragraph in one.paragraphs
        if re.search(r"[{｛][{｛%％]", _text(paragraph))
        for text in paragraph.iter(f"{_W}t")
    ]
    for text in tagged:
        text.text = ""
    return bool(tagged)


def _updated(settings: bytes) -> bytes:
    """Return *settings* so that Word works the fields out as it opens the document."""
    root = etree.fromstring(settings)
    remove(root.findall(f"{_W}updateFields"))
    at = next((i for i, child in enumerate(root) if _is_behind(child)), len(root))
    root.insert(at, etree.Element(f"{_W}updateFields", {f"{_W}val": "true"}))
    return written(root)


def _is_behind(child: etree._Element) -> bool:
    return child.tag in _BEHIND or not str(child.tag).startswith(_W)


def _contents(root: etree._Element) -> Iterator[_Contents]:
    """Yield the tables of contents below *root* that list headings."""
    for begin in list(root.iter(f"{_W}fldChar")):
        if begin.get(f"{_W}fldCharType") != "begin":
            continue
        run, paragraph = begin.getparent(), next(begin.iterancestors(f"{_W}p"), None)
        if run is None or paragraph is None or run.getparent() is not paragraph:
            continue
        head, code = _head(run)
        end = _end(begin, root) if head and _TOC.match(code) else None
        if end is None:
            continue
        last = next(end.iterancestors(f"{_W}p"))
        blocks = [paragraph, *paragraph.itersiblings()]
        if last not in blocks or end.getparent() is None:
            continue
        taken = blocks[: blocks.index(last) + 1]
        if any(block.tag != f"{_W}p" for block in taken):
            continue
        match = _LEVELS.search(code)
        levels = range(int(match[1]), int(match[2]) + 1) if match else range(1, 10)
        yield _Contents(head, end, taken, levels)


def _head(run: etree._Element) -> tuple[list[etree._Element], str]:
    """Return the runs from *run* to the one that separates the code of a field from its result."""
    head, code = [run], ""
    for later in run.itersiblings():
        head.append(later)
        code += "".join(t.text or "" for t in later.iter(f"{_W}instrText"))
        kinds = {c.get(f"{_W}fldCharType") for c in later.iter(f"{_W}fldChar")}
        if kinds:
            return (head, code) if kinds == {"separate"} else ([], "")
    return [], ""


def _end(begin: etree._Element, root: etree._Element) -> etree._Element | None:
    """Return the run that ends the field of *begin*, which others may stand in."""
    depth, inside = 0, False
    for mark in root.iter(f"{_W}fldChar"):
        inside = inside or mark is begin
        if inside:
            depth += {"begin": 1, "end": -1}.get(mark.get(f"{_W}fldCharType", ""), 0)
            if not depth:
                return mark.getparent()
    return None


def _style_names(styles: bytes) -> _Styles:
    """Return what is known of each paragraph style; a level may come from the one it builds on."""
    own: dict[str, tuple[str, int, str]] = {}
    for style in etree.fromstring(styles).iter(f"{_W}style"):
        called = _value(style.find(f"{_W}name")).lower()
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        level = whole(outline.get(f"{_W}val"), 9) + 1 if outline is not None else 0
        if not level and (match := re.fullmatch(r"heading (\d)", called)):
            level = int(match[1])
        base = _value(style.find(f"{_W}basedOn"))
        own[style.get(f"{_W}styleId", "")] = called, level, base
    found = {}
    for key, (called, level, base) in own.items():
        seen = {key}
        above, known = base, level
        while not known and above in own and above not in seen:
            seen.add(above)
            _, known, above = own[above]
        found[key] = called, known if known < 10 else 0
    return found


def _value(element: etree._Element | None) -> str:
    return "" if element is None else element.get(f"{_W}val", "")


def _level(paragraph: etree._Element, names: _Styles) -> int:
    """Return the outline level of a heading, from 1; 0 for any other paragraph."""
    own = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
    if own is not None:
        level = whole(own.get(f"{_W}val"), 9) + 1
        return level if level < 10 else 0
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return names.get(style.get(f"{_W}val", ""), ("", 0))[1] if style is not None else 0


def _text(paragraph: etree._Element) -> str:
    """Return the words of a heading in one line, without those of a text box or a note."""
    words = [
        " " if node.tag != f"{_W}t" else node.text or ""
        for node in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br")
        if next(node.iterancestors(f"{_W}p")) is paragraph
        and next(node.iterancestors(f"{_W}pPr"), None) is None
    ]
    return "".join(words).strip()


def _bookmarked(paragraph: etree._Element, number: int, key: int) -> str:
    """Put a bookmark with the id *key* around the words of *paragraph*; return its name."""
    name = f"_Toc9{number:08}"
    own = {f"{_W}id": str(key)}
    at = sum(child.tag == f"{_W}pPr" for child in paragraph)
    paragraph.insert(at, etree.Element(f"{_W}bookmarkStart", {**own, f"{_W}name": name}))
    paragraph.append(etree.Element(f"{_W}bookmarkEnd", own))
    return name


def _write(contents: _Contents, entries: list[_Entry], names: _Styles) -> None:
    """Let *contents* list *entries*."""
    first, last = contents.paragraphs[0], contents.paragraphs[-1]
    looks = _looks(contents, names)
    made = [_paragraph(entry, looks, names) for entry in entries]
    if not made:
        made = [etree.Element(f"{_W}p")]
        made[0].append(_run(_NONE, None))
    ends_alone = last is not first and not _text(last)
    head = [c for c in first if c.tag != f"{_W}pPr"]
    head = head[: head.index(contents.begin[-1]) + 1]
    at = sum(child.tag == f"{_W}pPr" for child in made[0])
    for child in reversed(head):
        made[0].insert(at, child)
    for one in made:
        first.addprevious(one)
    if not ends_alone:
        made[-1].append(contents.end)
    remove(contents.paragraphs[:-1] if ends_alone else contents.paragraphs)


def _looks(contents: _Contents, names: _Styles) -> dict[int, _Look]:
    """Return the properties of the template's entries, of their paragraphs and words, by level."""
    found: dict[int, _Look] = {}
    for paragraph in contents.paragraphs:
        properties = paragraph.find(f"{_W}pPr")
        style = properties.find(f"{_W}pStyle") if properties is not None else None
        called = names.get(style.get(f"{_W}val", ""), ("", 0))[0] if style is not None else ""
        match = re.fullmatch(r"(?:toc|contents|目录) ?(\d)", called)
        if properties is not None and match and int(match[1]) not in found:
            words = next(
                (r for r in paragraph.iter(f"{_W}r") if r.find(f"{_W}t") is not None), None
            )
            found[int(match[1])] = properties, None if words is None else words.find(f"{_W}rPr")
    return found


def _paragraph(entry: _Entry, looks: dict[int, _Look], names: _Styles) -> etree._Element:
    """Return an entry: its words, a tab, the number of its page."""
    level, words, mark = entry
    nearest = min(looks, key=lambda one: abs(one - level), default=0)
    properties, look = looks.get(nearest, (None, None))
    made = etree.Element(f"{_W}p")
    made.append(etree.Element(f"{_W}pPr") if properties is None else deepcopy(properties))
    own = next((key for key, (called, _) in names.items() if called == f"toc {level}"), "")
    if nearest != level and own:
        remove(made[0].findall(f"{_W}pStyle"))
        made[0].insert(0, etree.Element(f"{_W}pStyle", {f"{_W}val": own}))
    link = etree.SubElement(made, f"{_W}hyperlink", {f"{_W}anchor": mark, f"{_W}history": "1"})
    link.append(_run(words, look))
    link.append(_run(etree.Element(f"{_W}tab"), look))
    code = etree.Element(f"{_W}instrText", {_SPACE: "preserve"})
    code.text = f" PAGEREF {mark} \\h "
    begin = etree.Element(f"{_W}fldChar", {f"{_W}fldCharType": "begin", f"{_W}dirty": "true"})
    for piece in (begin, code, _mark("separate"), "", _mark("end")):
        link.append(_run(piece, look))
    return made


def _mark(kind: str) -> etree._Element:
    return etree.Element(f"{_W}fldChar", {f"{_W}fldCharType": kind})


def _run(content: "str | etree._Element", look: etree._Element | None) -> etree._Element:
    run = etree.Element(f"{_W}r")
    if look is not None:
        run.append(deepcopy(look))
    if isinstance(content, str):
        etree.SubElement(run, f"{_W}t", {_SPACE: "preserve"}).text = content
    else:
        run.append(content)
    return run
