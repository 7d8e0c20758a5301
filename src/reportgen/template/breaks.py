"""Page breaks and sections that a loop copies: no blank page before the first item or behind the last."""

from collections.abc import Iterable

from lxml import etree

from reportgen.template.marks import Marks, W, is_empty, text_of
from reportgen.template.vanish import take_out


def breaks_in(root: etree._Element, marks: Marks) -> list[etree._Element]:
    """Return the page breaks and the ends of sections that loops have copied below *root*."""
    sections = sum(1 for _ in root.iter(f"{W}sectPr"))
    if sections < 2 and all(br.get(f"{W}type") != "page" for br in root.iter(f"{W}br")):
        return []
    items = [item for run in marks.runs_of_loops for item in run]
    pages = [br for item in items for br in item.all_of("br") if br.get(f"{W}type") == "page"]
    return [*pages, *(section for item in items for section in item.all_of("sectPr"))]


def settle_breaks(root: etree._Element, copied: Iterable[etree._Element]) -> None:
    """Take out each of the *copied* breaks that would only make a blank page.

    That is one with nothing before it or nothing behind it, or with a new page behind it anyway. A
    section that ends where the document ends becomes the document's last one.
    """
    body = root.find(f"{W}body")
    if body is None:
        return
    for one in copied:
        paragraph = next((a for a in one.iterancestors(f"{W}p") if a.getparent() is body), None)
        if paragraph is None:
            continue
        if one.tag == f"{W}br":
            _settle_page(one, paragraph)
        elif (last := body.find(f"{W}sectPr")) is not None and last is _beside(
            paragraph, preceding=False
        ):
            body.replace(last, one)
            _remove_behind(paragraph)
            if is_empty(paragraph):
                take_out(paragraph)


def _settle_page(page: etree._Element, paragraph: etree._Element) -> None:
    """Take out *page* where it parts nothing."""
    texts = [one for one in paragraph.iter() if one.tag in _SHOWN and not _blank(one)]
    is_first, is_last = texts[:1] == [page], texts[-1:] == [page]
    goes = (is_last and _new_page(_beside(paragraph, preceding=False))) or (
        is_first and _beside(paragraph, preceding=True) is None
    )
    if not goes:
        return
    run = page.getparent()
    if run is not None:
        run.remove(page)
    if is_empty(paragraph):
        take_out(paragraph)


_SHOWN = frozenset(
    f"{W}{name}" for name in ("t", "br", "tab", "drawing", "pict", "object", "sym", "fldSimple")
)


def _blank(element: etree._Element) -> bool:
    return element.tag == f"{W}t" and not text_of(element).strip()


def _new_page(behind: etree._Element | None) -> bool:
    """Whether there is nothing behind but the end, or a new page begins there."""
    if behind is None or behind.tag == f"{W}sectPr":
        return True
    if behind.find(f"{W}pPr/{W}sectPr") is not None:
        return is_empty(behind, section=True) and _starts_page(behind)
    begins = behind.find(f"{W}pPr/{W}pageBreakBefore")
    return begins is not None and begins.get(f"{W}val", "1") not in {"0", "false", "off"}


def _starts_page(behind: etree._Element) -> bool:
    """Whether the section that follows the one that ends in *behind* starts a page."""
    later = (s for one in behind.itersiblings() for s in one.iter(f"{W}sectPr"))
    kind = next((section.find(f"{W}type") for section in later), None)
    return kind is None or kind.get(f"{W}val") != "continuous"


def _beside(paragraph: etree._Element, *, preceding: bool) -> etree._Element | None:
    """Return the nearest block that shows something, or the end of the document."""
    for one in paragraph.itersiblings(preceding=preceding):
        if isinstance(one.tag, str) and not (one.tag == f"{W}p" and is_empty(one)):
            return one
    return None


def _remove_behind(paragraph: etree._Element) -> None:
    for one in list(paragraph.itersiblings(f"{W}p")):
        take_out(one)
