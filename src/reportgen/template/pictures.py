"""Pictures that values name: put into the package and drawn inline, fitted to the text's width."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path, PurePosixPath

from docx.image.image import Image
from markupsafe import Markup, escape

from reportgen.value import Picture

#: 156 mm, the width of the text on an official page (GB/T 9704-2012 5.2), in EMU.
MAX_WIDTH = 5_616_000
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_current: ContextVar["tuple[Pictures, str] | None"] = ContextVar("pictures", default=None)


class MissingPictureError(ValueError):
    """A picture's file is missing or is no picture."""


class Pictures:
    """The pictures of one document, by the part that shows them."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._used: dict[str, list[tuple[str, str]]] = {}
        self._media: dict[str, bytes] = {}

    @contextmanager
    def drawn_into(self, part: str) -> Iterator[None]:
        """Let ``draw`` put pictures into *part* meanwhile."""
        token = _current.set((self, part))
        try:
            yield
        finally:
            _current.reset(token)

    def place(self, picture: Picture, part: str) -> Markup:
        """Return the XML that ends a text, draws *picture*, and goes on with text."""
        blob, image = load(self._folder or Path(), picture.value)
        used = self._used.setdefault(part, [])
        rel = f"rIdPicture{len(used) + 1}"
        name = f"media/picture{len(self._media) + 1}.{image.ext}"
        self._media[f"word/{name}"] = blob
        used.append((rel, name))
        width, height = int(image.width), int(image.height)
        if width > MAX_WIDTH:
            width, height = MAX_WIDTH, height * MAX_WIDTH // width
        return Markup(_DRAWING).format(  # noqa: S704 - a constant; format() escapes what goes in
            width=width,
            height=height,
            name=Path(picture.value).name,
            rel=rel,
            number=len(self._media),
        )

    def added_to(self, parts: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        """Return *parts* with the pictures, their relationships and their content types."""
        if not self._media:
            return parts
        content = dict(parts)
        for part, used in self._used.items():
            path = PurePosixPath(part)
            rels = f"{path.parent}/_rels/{path.name}.rels"
            empty = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
            xml = content.get(rels, empty.encode()).decode()
            links = "".join(
                f'<Relationship Id="{rel}" Type="{_REL}/image" Target="{name}"/>'
                for rel, name in used
            )
            content[rels] = _append(xml, links).encode()
        types = content["[Content_Types].xml"].decode()
        for suffix in sorted({name.rpartition(".")[2] for name in self._media}):
            if f'extension="{suffix}"' not in types.lower():
                mime = "jpeg" if suffix == "jpg" else suffix
                types = re.sub(
                    r"(<Types[^>]*>)",
                    rf'\1<Default Extension="{suffix}" ContentType="image/{mime}"/>',
                    types,
                    count=1,
                )
        content["[Content_Types].xml"] = types.encode()
        return [*content.items(), *self._media.items()]


def load(folder: Path, name: str) -> tuple[bytes, Image]:
    """Return the picture called *name* below *folder*, where a unit's workbook is.

    Raises:
        MissingPictureError: it is not there, lies elsewhere, or is no picture.
    """
    path = (folder / name.replace("\\", "/")).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise MissingPictureError(name)
    try:
        blob = path.read_bytes()
        return blob, Image.from_blob(blob)
    except Exception as error:  # python-docx raises nearly anything on a damaged picture
        raise MissingPictureError(name) from error


def draw(picture: Picture) -> Markup:
    """Return the XML of *picture* in the part that is being rendered; its name where none is.

    Raises:
        MissingPictureError: the file is missing or is no picture.
    """
    current = _current.get()
    return current[0].place(picture, current[1]) if current else escape(picture.value)


def _append(xml: str, links: str) -> str:
    if "</Relationships>" in xml:
        return xml.replace("</Relationships>", links + "</Relationships>")
    return re.sub(r"<Relationships([^>]*)/>", rf"<Relationships\1>{links}</Relationships>", xml)


_DRAWING = (
    '</w:t></w:r><w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
    '<wp:extent cx="{width}" cy="{height}"/><wp:docPr id="{number}" name="{name}" descr="{name}"/>'
    '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:nvPicPr><pic:cNvPr id="{number}" name="{name}"/><pic:cNvPicPr/></pic:nvPicPr>'
    "<pic:blipFill><a:blip "
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="{rel}"/>'
    "<a:stretch><a:fillRect/></a:stretch></pic:blipFill>"
    '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData>'
    '</a:graphic></wp:inline></w:drawing></w:r><w:r><w:t xml:space="preserve">'
)
