"""Pictures that values name or hold: put into the package, fitted into their cell, box or page.

A picture stands where its tag is, or takes the place of a picture in the template whose alternative
text is its tag: then in that one's box.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree
from markupsafe import Markup, escape

from reportgen.context import UnprintableError, printable
from reportgen.template.additions import (
    Additions,
    carrier,
    current,
    marked,
    only_tag,
    remove,
    without_carrier,
)
from reportgen.template.boxes import Box, box_at
from reportgen.template.repair import whole
from reportgen.value import Blank, Picture

if TYPE_CHECKING:  # python-docx is slow, and few templates have pictures
    from docx.image.image import Image

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


class MissingPictureError(UnprintableError):
    """A picture's file is missing or is no picture."""

    def __init__(self, picture: Picture) -> None:
        super().__init__(f"图片“{picture}”找不到，或不是图片", picture)


def load(folder: Path, picture: Picture) -> "tuple[bytes, Image]":
    """Return the content of *picture*: its own, or that of its file below *folder*.

    *folder* is where the unit's workbook is.

    Raises:
        MissingPictureError: it is not there, lies elsewhere, or is no picture.
    """
    from docx.image.image import Image  # noqa: PLC0415 - as above

    try:
        blob = picture.content or _file(folder, picture.value).read_bytes()
        image = Image.from_blob(blob)
        size = int(image.width) * int(image.height)
    except Exception as error:  # python-docx raises nearly anything on a damaged picture
        raise MissingPictureError(picture) from error
    if not size:
        raise MissingPictureError(picture)
    return blob, image


def _file(folder: Path, name: str) -> Path:
    path = (folder / name.replace("\\", "/")).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise FileNotFoundError(name)
    return path


def draw(picture: Picture) -> Markup:
    """Return the mark of *picture* in the part that is being rendered; its name where none is.

    Raises:
        MissingPictureError: the file is missing or is no picture.
    """
    now = current()
    if now is None:
        return escape(picture.value)
    blob, image = load(now[0].folder, picture)
    return marked(partial(_stand, picture=picture, blob=blob, image=image))


def tag_placeholders(root: etree._Element) -> bool:
    """Let each picture below *root* whose alternative text is a tag be replaced; say if one was."""
    found = False
    for properties, run in drawings(root):
        expression = only_tag(properties.get("descr") or properties.get("title") or "")
        drawing = properties.getparent()
        if expression and drawing is not None and _blip(drawing) is not None:
            run.addprevious(carrier(f"({expression})|_picture", f"{{{{ {expression} }}}}"))
            properties.attrib.pop("title", "")
            properties.set("descr", "")
            found = True
    return found


def drawings(root: etree._Element) -> Iterator[tuple[etree._Element, etree._Element]]:
    """Yield the properties of each drawing below *root*, and its run."""
    for properties in list(root.iter("{*}docPr")):
        run = next(properties.iterancestors(f"{_W}r"), None)
        if run is not None:
            yield properties, run


def replace(value: object) -> Markup:
    """Return the mark of *value*, which takes the place of the picture behind it."""
    now = current()
    if isinstance(value, Blank) or now is None:
        return marked(partial(_vanish, words=printable(value)))
    if not isinstance(value, Picture):
        words = printable(value)
        raise UnprintableError(f"图片的替代文字要写图片栏的名称，这里的值是“{words}”", value)
    blob, image = load(now[0].folder, value)
    return marked(partial(_replace, picture=value, blob=blob, image=image))


def _added(
    additions: Additions, part: str, picture: Picture, blob: bytes, image: "Image"
) -> tuple[str, str]:
    """Return the relationship of a picture's part, and the picture's name."""
    suffix = "jpeg" if image.ext == "jpg" else image.ext
    name = additions.add(f"word/media/picture.{image.ext}", blob, f"image/{suffix}")
    return additions.relate(part, "image", name), picture.value.replace("\\", "/").split("/")[-1]


def _stand(
    mark: etree._Element, additions: Additions, part: str, picture: Picture, blob: bytes,
    image: "Image",
) -> None:  # fmt: skip
    """Draw *picture* at *mark*, in the middle of a text, as large as it is or as there is room."""
    rel, name = _added(additions, part, picture, blob, image)
    box = box_at(mark)
    width, height = box.holding(int(image.width), int(image.height), enlarge=False)
    xml = _DRAWING.format(width=width, height=height, name=escape(name), rel=rel)
    text = mark.getparent()
    assert text is not None
    drawing = etree.fromstring(xml)
    behind = etree.Element(f"{_W}t", {_SPACE: "preserve"})
    behind.text, mark.tail = mark.tail, None
    for more in list(mark.itersiblings()):
        behind.append(more)
    text.remove(mark)
    text.addnext(drawing)
    if behind.text or len(behind):
        drawing.addnext(behind)


def _replace(
    mark: etree._Element, additions: Additions, part: str, picture: Picture, blob: bytes,
    image: "Image",
) -> None:  # fmt: skip
    """Put *picture* into the box of the one behind *mark*."""
    run = without_carrier(mark)
    rel, name = _added(additions, part, picture, blob, image)
    for extent in run.iter("{*}extent"):
        drawing = extent.getparent()
        blip = _blip(drawing) if drawing is not None else None
        if drawing is None or blip is None:
            continue
        box = Box(whole(extent.get("cx")), whole(extent.get("cy")))
        width, height = box.holding(int(image.width), int(image.height), enlarge=True)
        for size in (extent, *drawing.iterfind(f".//{_A}xfrm/{_A}ext")):
            size.set("cx", str(width))
            size.set("cy", str(height))
        blip.attrib.pop(f"{_R}link", "")
        blip.set(f"{_R}embed", rel)
        # the old one's vector copy, its colour changes and what was cut off it
        remove([*blip, *drawing.iter(f"{_A}srcRect")])
        for properties in drawing.iter("{*}docPr", "{*}cNvPr"):
            properties.set("descr", name)


def _vanish(mark: etree._Element, additions: Additions, part: str, words: str) -> None:
    """Take the picture behind *mark* away: there is none this time; print *words* instead."""
    del additions, part
    run = without_carrier(mark)
    remove([e for e in run if e.tag != f"{_W}rPr"])
    if words:
        etree.SubElement(run, f"{_W}t").text = words


def _blip(drawing: etree._Element) -> etree._Element | None:
    return drawing.find(f".//{_A}blip")


_DRAWING = (
    '<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<wp:inline distT="0" distB="0" distL="0" distR="0" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
    '<wp:extent cx="{width}" cy="{height}"/><wp:docPr id="" name="{name}" descr="{name}"/>'
    '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:nvPicPr><pic:cNvPr id="0" name="{name}"/><pic:cNvPicPr/></pic:nvPicPr>'
    "<pic:blipFill><a:blip "
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="{rel}"/>'
    "<a:stretch><a:fillRect/></a:stretch></pic:blipFill>"
    '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData>'
    "</a:graphic></wp:inline></w:drawing>"
)
