"""The order in which the schema wants the elements of a Word part (ECMA-376 Part 1, 17)."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType

from lxml import etree

from reportgen.template.structure import Fault
from reportgen.template.tags import W

_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"

#: What a container's children are, in their order. ``a|b``: either; ``a*``: any number of them. The
#: properties of a run and of a row may stand in any order (ISO 29500; the Open XML SDK agrees).
_SAID = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr"
    " suppressLineNumbers pBdr shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct"
    " topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid spacing ind"
    " contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment"
    " textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc"
    " tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription"
    " tblPrChange",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText"
    " vAlign hideMark headers cellIns cellDel cellMerge tcPrChange",
    "sectPr": "headerReference|footerReference* footnotePr endnotePr type pgSz pgMar paperSrc"
    " pgBorders lnNumType pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi"
    " rtlGutter docGrid printerSettings sectPrChange",
    "numPr": "ilvl numId numberingChange ins",
    "tblGrid": "gridCol* tblGridChange",
    "tblBorders": "top start|left bottom end|right insideH insideV",
    "tcBorders": "top start|left bottom end|right insideH insideV tl2br tr2bl",
    "tblCellMar": "top start|left bottom end|right",
    "tcMar": "top start|left bottom end|right",
    "pBdr": "top left bottom right between bar",
    "pgBorders": "top left bottom right",
    "sdt": "sdtPr sdtEndPr sdtContent",
    "numbering": "numPicBullet* abstractNum* num* numIdMacAtCleanup",
    "abstractNum": "nsid multiLevelType tmpl name styleLink numStyleLink lvl*",
    "num": "abstractNumId lvlOverride*",
    "lvl": "start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr",
}
#: What stands before everything else in a container.
_FIRST = {
    "p": "pPr",
    "r": "rPr",
    "tc": "tcPr",
    "tr": "tblPrEx trPr",
    "tbl": "tblPr tblGrid",
}
_DRAWN = {
    f"{_WP}inline": "extent effectExtent docPr cNvGraphicFramePr",
    f"{_WP}anchor": "simplePos positionH positionV extent effectExtent"
    " wrapNone|wrapSquare|wrapTight|wrapThrough|wrapTopAndBottom docPr cNvGraphicFramePr",
}
#: Marks of ranges may stand before the properties of a table.
_MARKS = frozenset(
    W + name
    for name in (
        "bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "permStart",
        "permEnd", "proofErr", "moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart",
        "moveToRangeEnd", "customXmlInsRangeStart", "customXmlInsRangeEnd",
    )
)  # fmt: skip


def _ranks(said: str, prefix: str) -> tuple[Mapping[str, int], frozenset[int]]:
    """Return each child's rank, and the ranks of which there may be several."""
    ranks, several = {}, set()
    for rank, names in enumerate(said.split()):
        if names.endswith("*"):
            several.add(rank)
        for name in names.rstrip("*").split("|"):
            ranks[prefix + name] = rank
    return MappingProxyType(ranks), frozenset(several)


_ORDER = {W + name: _ranks(said, W) for name, said in _SAID.items()} | {
    name: _ranks(said, _WP) for name, said in _DRAWN.items()
}
_BEFORE = {W + name: _ranks(said, W)[0] for name, said in _FIRST.items()}
#: The rank of each property of a cell.
OF_CELL = _ORDER[f"{W}tcPr"][0]


def out_of_order(root: etree._Element) -> Iterator[Fault]:
    """Yield each element whose children stand in another order than the schema's, or twice."""
    for one in root.iter(*_ORDER):
        ranks, several = _ORDER[str(one.tag)]
        found = [ranks[child.tag] for child in one if child.tag in ranks]
        for before, behind in pairwise(found):
            if before > behind or (before == behind and before not in several):
                yield _fault(one)
                break
    for one in root.iter(*_BEFORE):
        ranks, last = _BEFORE[str(one.tag)], -1
        for child in one:
            rank = ranks.get(str(child.tag))
            if rank is not None and rank <= last:
                yield _fault(one)
                break
            if rank is None and not (isinstance(child.tag, str) and child.tag in _MARKS):
                rank = len(ranks)
            last = last if rank is None else rank
    for body in root.iterchildren(f"{W}body"):
        sections = [child for child in body if child.tag == f"{W}sectPr"]
        if sections and (len(sections) > 1 or body[-1] is not sections[0]):
            yield Fault("最后一节的页面设置不在正文的末尾", sections[0], is_grave=False)


def _fault(one: etree._Element) -> Fault:
    name = etree.QName(one).localname
    return Fault(f"格式设置的次序不合规范（{name}）", one, is_grave=False)
