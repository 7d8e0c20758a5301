"""Findings → a copy of a Word template with a comment at each place.

Word takes comments in the body alone: what is in a header, a footer, a note or nowhere is said at the
beginning of the body, with its place. Comments of an earlier run go, those of the office stay.
"""

import contextlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docx import Document
from docx.document import Document as DocumentObject
from docx.oxml.text.run import CT_R
from docx.text.run import Run
from lxml import etree

from reportgen.finding import Finding
from reportgen.package import read_package, write_package
from reportgen.template.safety import screen, unpack
from reportgen.template.tags import W, paragraphs

#: Who has written the comments.
AUTHOR = "reportgen"
_MARKS = (f"{W}commentRangeStart", f"{W}commentRangeEnd", f"{W}commentReference")


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding and the paragraph that it is about: the part, and the number from 0 (-1: none)."""

    finding: Finding
    part: str = ""
    paragraph: int = -1


def mark_template(content: bytes, marks: Sequence[Mark]) -> bytes | None:
    """Return a copy of the template *content* with a comment for each of *marks*.

    It is None where the file cannot be opened; that is among what was found.

    The same content and marks give the same bytes.
    """
    document = _opened(content)
    if document is None:
        return None
    _remove_old(document)
    body = document.part.partname.lstrip("/")
    everything = list(paragraphs(document.element))
    start = next(document.element.body.iter(f"{W}p"), None)
    if start is None:
        start = document.add_paragraph()._p  # noqa: SLF001 - the element is what is wanted
    for mark in marks:
        at = everything[mark.paragraph] if mark.part == body and mark.paragraph >= 0 else None
        # a comment inside a text box is more than Word allows: it goes to what holds the box
        around = [] if at is None else [p for p in (at, *at.iterancestors()) if p.tag == f"{W}p"]
        _comment(
            document, around[-1] if around else start, _said(mark.finding, at_start=not around)
        )
    stream = io.BytesIO()
    document.save(stream)
    return write_package(read_package(stream.getvalue()))


def _opened(content: bytes) -> DocumentObject | None:
    """Return a Word file, a .dotx and a .docm too, or None."""
    try:
        parts = unpack(content)
        with contextlib.suppress(ValueError):  # it is no plain document
            return Document(io.BytesIO(content))
        return Document(io.BytesIO(write_package(screen(parts).parts)))
    except Exception:  # noqa: BLE001 - python-docx raises nearly anything on a damaged file
        return None


def _said(finding: Finding, *, at_start: bool) -> str:
    lines = [f"{finding.place.field}" if at_start else "", f"{finding.code} {finding.message}"]
    lines.append(f"改法：{finding.hint}" if finding.hint else "")
    return "\n".join(line for line in lines if line)


def _comment(document: DocumentObject, paragraph: etree._Element, text: str) -> None:
    runs = [run for run in paragraph.iter(f"{W}r") if _owner(run) is paragraph]
    if not runs:
        runs = [etree.SubElement(paragraph, f"{W}r")]
    ends = [Run(run, document._body) for run in (runs[0], runs[-1]) if isinstance(run, CT_R)]  # noqa: SLF001
    comment = document.add_comment(ends, text, author=AUTHOR, initials="rg")
    # the time of the run would make every copy another file
    comment._comment_elm.attrib.pop(f"{W}date", "")  # noqa: SLF001


def _owner(run: etree._Element) -> etree._Element | None:
    return next(run.iterancestors(f"{W}p"), None)


def _remove_old(document: DocumentObject) -> None:
    """Remove the comments that an earlier run has written."""
    listed = document.part._comments_part.element  # noqa: SLF001
    ours = [c for c in listed.iter(f"{W}comment") if c.get(f"{W}author") == AUTHOR]
    numbers = {comment.get(f"{W}id") for comment in ours}
    for comment in ours:
        listed.remove(comment)
    for mark in list(_of(document.element, numbers)):
        run = mark.getparent()
        assert run is not None
        run.remove(mark)
        around = run.getparent()
        if run.tag == f"{W}r" and around is not None and all(x.tag == f"{W}rPr" for x in run):
            around.remove(run)


def _of(root: etree._Element, numbers: Iterable[str | None]) -> Iterable[etree._Element]:
    wanted = set(numbers)
    return (mark for mark in root.iter(*_MARKS) if mark.get(f"{W}id") in wanted)
