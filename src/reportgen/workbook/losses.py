"""What openpyxl would not bring back out of a workbook that it opens and saves."""

import re

#: Parts that come back, or that nobody misses (print drivers, thumbnails, sensitivity labels).
_KEPT = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels|docProps/.*|docMetadata/.*|customXml/.*|xl/workbook\d*\.xml"
    r"|xl/styles\d*\.xml|xl/sharedStrings\d*\.xml|xl/theme/.*|xl/worksheets/[^/]+\.xml"
    r"|xl/comments\d*\.xml|xl/comments/comment\d*\.xml|xl/calcChain\d*\.xml|xl/tables/[^/]+\.xml"
    r"|xl/externalLinks/.*|xl/printerSettings/.*|xl/persons/.*|xl/drawings/[^/]+",
    re.IGNORECASE,
)
_WORDS = (
    (re.compile(r"xl/(drawings|media|charts|chartsheets|diagrams|ink)/"), "图形、图片或图表"),
    (re.compile(r"xl/cellimages|xl/richData"), "单元格里的图片"),
    (re.compile(r"xl/vba|xl/macrosheets"), "宏"),
    (re.compile(r"xl/threadedComments"), "批注对话"),
    (re.compile(r"xl/pivot|xl/slicer|xl/timeline"), "数据透视表"),
    (re.compile(r"xl/(ctrlProps|activeX|embeddings)/"), "控件或嵌入的文件"),
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_DRAWING = re.compile(r"xl/drawings/[^/]+\.xml", re.IGNORECASE)
_VML = re.compile(r"xl/drawings/[^/]+\.vml", re.IGNORECASE)
_SHAPE = re.compile(rb"<(?:\w+:)?shape\s")
_EXTENSION = re.compile(rb"<(?:\w+:)?ext\s[^>]*?\buri=[\"']([^\"']+)")
#: How Excel for Mac last showed the sheet; anything else is a format, a drop-down, a sparkline.
_VIEW_ON_MAC = b"{64002731-A6B0-56B0-2670-7721B7C09600}"


def losses(parts: list[tuple[str, bytes]]) -> tuple[str, ...]:
    """Return what of a package (.xlsx) would be lost, in words; nothing if all comes back."""
    found = (_loss(name, content) for name, content in parts)
    return tuple(dict.fromkeys(word for word in found if word))


def _loss(name: str, content: bytes) -> str:
    if _SHEET.fullmatch(name):
        extensions = set(_EXTENSION.findall(content)) - {_VIEW_ON_MAC}
        return "扩展的条件格式、有效性或迷你图" if extensions else ""
    if _VML.fullmatch(name):
        # each note has its box there; any other shape is a control or a picture
        is_lost = len(_SHAPE.findall(content)) != content.count(b'ObjectType="Note"')
    elif _DRAWING.fullmatch(name):
        is_lost = b"Anchor" in content  # an empty drawing is no loss
    else:
        is_lost = not _KEPT.fullmatch(name)
    if not is_lost:
        return ""
    return next((word for pattern, word in _WORDS if pattern.match(name)), "特殊内容")
