"""Pictures that stand in the cells of an .xlsx: laid upon a cell, or embedded in it.

Three ways: a drawing anchored to cells (Excel, WPS, LibreOffice), WPS's 嵌入单元格图片 (the cell is
``=DISPIMG("ID_…",1)``), and Excel's 放置在单元格中 (the cell is an error value with rich data).
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache

from lxml import etree

from reportgen.workbook.package import parse, sheet_paths

_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DISPIMG = re.compile(r"""DISPIMG\(\s*["']([^"']+)["']""", re.IGNORECASE)
_LETTERS = re.compile(r"([A-Z]{1,3})(\d{1,7})")

#: (row, column), from 1 → the picture there.
CellPictures = Mapping[tuple[int, int], bytes]


class Drawings:
    """The pictures of an .xlsx package by sheet, read only when asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.of_sheet = cache(self._of_sheet)

    def _of_sheet(self, title: str) -> CellPictures:
        """Return the pictures in the cells of the sheet called *title*; none where none is read."""
        try:
            with zipfile.ZipFile(io.BytesIO(self._data)) as package:
                sheet = sheet_paths(package)[title]
                found = dict(_anchored(package, sheet))
                found.update(_embedded(package, sheet))
        except (KeyError, ValueError, zipfile.BadZipFile, OSError, etree.XMLSyntaxError):
            return {}
        return found


def _anchored(package: zipfile.ZipFile, sheet: str) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Yield the pictures that lie upon cells: each belongs to the cell of its middle."""
    for drawing in _targets(package, sheet, "drawing"):
        media = _links(package, drawing)
        for anchor in parse(package.read(drawing)):
            blip, begin = anchor.find(".//{*}blip"), anchor.find("{*}from")
            target = media.get(blip.get(_EMBED, "")) if blip is not None else None
            if target is None or begin is None:
                continue
            end = anchor.find("{*}to")
            row, column = _middle(begin, end, "row"), _middle(begin, end, "col")
            yield (row, column), package.read(target)


def _middle(begin: etree._Element, end: etree._Element | None, axis: str) -> int:
    """Return the row or column in the middle of an anchor; one of two belongs to the first."""
    first = int(begin.findtext(f"{{*}}{axis}") or 0)
    if end is None:
        return first + 1
    last = int(end.findtext(f"{{*}}{axis}") or first)
    if last > first and not int(float(end.findtext(f"{{*}}{axis}Off") or 0)):
        last -= 1  # it ends at the edge before
    return (first + last) // 2 + 1


def _embedded(package: zipfile.ZipFile, sheet: str) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Yield the pictures that are the content of their cells."""
    names = set(package.namelist())
    wps = _wps_pictures(package) if "xl/cellimages.xml" in names else {}
    rich = _rich_pictures(package) if "xl/metadata.xml" in names else ()
    if not wps and not rich:
        return
    for cell in parse(package.read(sheet)).iter("{*}c"):
        name = _DISPIMG.search(cell.findtext("{*}f") or "") or _DISPIMG.search(
            cell.findtext("{*}v") or ""
        )
        number = int(cell.get("vm", "0"))
        target = wps.get(name[1]) if name else rich[number - 1] if 0 < number <= len(rich) else None
        place = _LETTERS.fullmatch(cell.get("r", ""))
        if target and place:
            column = 0
            for letter in place[1]:
                column = column * 26 + ord(letter) - 64
            yield (int(place[2]), column), package.read(target)


def _wps_pictures(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the parts of WPS's embedded pictures by their names (``ID_…``)."""
    media = _links(package, "xl/cellimages.xml")
    found = {}
    for one in parse(package.read("xl/cellimages.xml")).iter("{*}pic"):
        properties, blip = one.find(".//{*}cNvPr"), one.find(".//{*}blip")
        target = media.get(blip.get(_EMBED, "")) if blip is not None else None
        if properties is not None and target:
            found[properties.get("name", "")] = target
    return found


def _rich_pictures(package: zipfile.ZipFile) -> tuple[str | None, ...]:
    """Return the part of the picture that each number of a cell's ``vm``, from 1, stands for."""
    metadata = parse(package.read("xl/metadata.xml"))
    rich = metadata.find("{*}futureMetadata[@name='XLRICHVALUE']")
    blocks = [int(b.get("i", "0")) for b in rich.iter("{*}rvb")] if rich is not None else []
    values = list(parse(package.read("xl/richData/rdrichvalue.xml")).iter("{*}rv"))
    media = _links(package, "xl/richData/richValueRel.xml")
    links = [
        media.get(link.get(_ID, ""))
        for link in parse(package.read("xl/richData/richValueRel.xml")).iter("{*}rel")
    ]
    kinds = [kind.get("name") for kind in metadata.iterfind("{*}metadataTypes/{*}metadataType")]
    found: list[str | None] = []
    for one in metadata.iterfind("{*}valueMetadata/{*}bk/{*}rc"):
        kind, block = int(one.get("t", "0")), int(one.get("v", "0"))
        is_rich = 0 < kind <= len(kinds) and kinds[kind - 1] == "XLRICHVALUE"
        value = values[blocks[block]] if is_rich and block < len(blocks) else None
        # the first value of a picture in a cell is the number of its relationship
        number = int((value.findtext("{*}v") if value is not None else None) or -1)
        found.append(links[number] if 0 <= number < len(links) else None)
    return tuple(found)


def _targets(package: zipfile.ZipFile, part: str, kind: str) -> list[str]:
    """Return the parts that *part* is related to in this way."""
    return [target for type_, _, target in _relations(package, part) if type_.endswith(f"/{kind}")]


def _links(package: zipfile.ZipFile, part: str) -> dict[str, str]:
    return {rel: target for _, rel, target in _relations(package, part)}


def _relations(package: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str, str]]:
    folder, name = posixpath.split(part)
    rels = f"{folder}/_rels/{name}.rels"
    if rels not in package.namelist():
        return
    for link in parse(package.read(rels)):
        target = posixpath.normpath(posixpath.join("/", folder, str(link.get("Target"))))
        if link.get("TargetMode") != "External":
            yield str(link.get("Type")), str(link.get("Id")), target.lstrip("/")
