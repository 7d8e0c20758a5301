"""Another Word file put into a template: ``{%p include "附件一.docx" %}``, in Chinese ``{%p 插入 … %}``.

The text, tables, pictures and lists of its body are taken over before the tags are read, so they see
the same names as the text around them. Its styles are the template's own of the same name, or come
along; its headers, footers and last section do not.
"""

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from reportgen.preflight import TooLargeError, UnsafeError
from reportgen.template.additions import written
from reportgen.template.merging import Merged
from reportgen.template.opening import opened
from reportgen.template.safety import UnreadableError
from reportgen.template.tags import W, paragraphs, parse, texts_of

BODY = "word/document.xml"
_TAG = re.compile(
    r"[{｛][%％]\s*(?:p\s+)?(?:include|插入)\s*[\"'“‘”’]([^\"'“‘”’]*)[\"'“‘”’]\s*[%％][}｝]"
)
_ANY = re.compile(r"[{｛][%％]\s*(?:p\s+)?(?:include\b|插入)")
#: What stands in a part of its own that would have to be merged word by word.
_NOTES = {
    "footnoteReference": "脚注", "endnoteReference": "尾注", "commentReference": "批注",
    "altChunk": "另一份嵌入的文件",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """An include that cannot be done: the paragraph (from 0), what it says, why not."""

    paragraph: int
    words: str
    what: str


@dataclass(slots=True)
class Included:
    """The parts of a template with every include done, and those that could not be."""

    parts: list[tuple[str, bytes]]
    refusals: list[Refusal] = field(default_factory=list)


def include(parts: list[tuple[str, bytes]], folder: Path, seen: Sequence[str] = ()) -> Included:
    """Return the *parts* of a template with the files that it asks for, from the form's *folder*.

    *seen* are the files that this one is being put into.
    """
    root = _asking(parts)
    if root is None:
        return Included(parts)
    merged, refusals = Merged(dict(parts), root), []
    for index, paragraph, words in list(_asked(root)):
        match = _TAG.fullmatch(words)
        what = "这个标记要独占一段，文件名写在引号里"
        if match:
            what = _put(merged, paragraph, match[1].strip(), folder, seen)
        if what:
            refusals.append(Refusal(index, words, what))
            _empty(paragraph)  # said once, here
    return Included(merged.parts(), refusals)


def without_includes(parts: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return the *parts* of a template, the paragraphs that ask for another file empty."""
    root = _asking(parts)
    if root is None:
        return parts
    for _, paragraph, _ in list(_asked(root)):
        _empty(paragraph)
    return [(name, written(root) if name == BODY else content) for name, content in parts]


def _asking(parts: list[tuple[str, bytes]]) -> etree._Element | None:
    """Return the body as a tree if it asks for another file."""
    body = dict(parts).get(BODY, b"")
    try:
        root = parse(body) if b"include" in body or "插入".encode() in body else None
    except (etree.XMLSyntaxError, ValueError):
        return None  # the engine says so
    return root if root is not None and any(True for _ in _asked(root)) else None


def _asked(root: etree._Element) -> Iterator[tuple[int, etree._Element, str]]:
    """Yield each paragraph that asks for another file, its number, and what it says."""
    for index, paragraph in enumerate(paragraphs(root)):
        words = "".join(text for _, text in texts_of(paragraph)).strip()
        if _ANY.search(words):
            yield index, paragraph, words


def _empty(paragraph: etree._Element) -> None:
    for element, _ in texts_of(paragraph):
        if element.tag == f"{W}t":
            element.text = ""


def _put(
    merged: Merged, paragraph: etree._Element, name: str, folder: Path, seen: Sequence[str]
) -> str:
    """Put the body of the file called *name* in the place of *paragraph*; return why not."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return f"表单的文件夹里没有“{name}”"
    if name in seen:
        return f"“{name}”又插入了它自己"
    try:
        screened = opened(path)
    except OSError:
        return f"“{name}”打不开"
    except (TooLargeError, UnreadableError) as error:
        return f"“{name}”打不开：{error}"
    except UnsafeError as error:
        return f"“{name}”里有{error}"
    if screened.refused:
        return f"“{name}”里有{screened.refused[0]}"
    inner = include(screened.parts, folder, [*seen, name])
    content = dict(inner.parts)
    body = parse(content[BODY]).find(f"{W}body") if BODY in content else None
    if inner.refusals:
        return inner.refusals[0].what
    blocks = [block for block in body if block.tag != f"{W}sectPr"] if body is not None else []
    if refused := next(_unsuited(blocks), ""):
        return f"“{name}”里有{refused}，不能插入"
    for block in merged.taken_over(content, [deepcopy(block) for block in blocks]):
        paragraph.addprevious(block)
    parent = paragraph.getparent()
    if parent is not None:
        last = paragraph.getprevious()
        # a cell has to end with a paragraph, and a section's end must not get lost
        if parent.tag == f"{W}tc" and (last is None or last.tag != f"{W}p"):
            paragraph[:] = []
        elif paragraph.find(f"{W}pPr/{W}sectPr") is not None:
            for child in [c for c in paragraph if c.tag != f"{W}pPr"]:
                paragraph.remove(child)
        else:
            parent.remove(paragraph)
    return ""


def _unsuited(blocks: Sequence[etree._Element]) -> Iterator[str]:
    for block in blocks:
        for element in block.iter():
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name in _NOTES:
                yield _NOTES[name]
