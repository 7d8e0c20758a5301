"""A workbook that openpyxl has saved, with the contents of its cells as they were before.

openpyxl drops the stored results of formulas, makes one text of a rich one, and reads the escape
``_x005F_`` away; so it decides on the looks of a cell here, never on what is in it.
"""

import copy
import io
import zipfile
from collections.abc import Iterable

from lxml import etree

from reportgen.package import read_package, write_package
from reportgen.workbook.package import parse, sheet_paths

_STRINGS, _CORE = "xl/sharedStrings.xml", "docProps/core.xml"


def with_contents_of(original: bytes, saved: bytes, titles: Iterable[str]) -> bytes:
    """Return *saved*, in which every cell of the sheets *titles* holds what it holds in *original*.

    Raises:
        ValueError: *saved* lacks a cell of such a sheet, or *original* is no usual package.
    """
    before, after = dict(read_package(original)), dict(read_package(saved))
    old, new = _paths(original), _paths(saved)
    strings = next((before[name] for name in before if name.lower() == _STRINGS.lower()), b"")
    texts = [*parse(strings).iter("{*}si")] if strings else []
    for title in titles:
        after[new[title]] = _grafted(before[old[title]], after[new[title]], texts)
    if _CORE in before and _CORE in after:
        after[_CORE] = before[_CORE]  # openpyxl stamps the moment of saving
    return write_package(after.items())


def _paths(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return sheet_paths(package)


def _grafted(before: bytes, after: bytes, texts: list[etree._Element]) -> bytes:
    root = parse(after)
    there = {cell.get("r"): cell for cell in root.iter("{*}c")}
    for source in parse(before).iter("{*}c"):
        cell = there.get(source.get("r"))
        if cell is not None:
            _fill(cell, source, texts)
        elif len(source):
            raise ValueError(source.get("r"))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)


def _fill(cell: etree._Element, source: etree._Element, texts: list[etree._Element]) -> None:
    """Put what is in *source* into *cell*; a shared text comes along (openpyxl shares none)."""
    for child in list(cell):
        cell.remove(child)
    kind, value = source.get("t"), source.find("{*}v")
    content: list[etree._Element] = list(source)
    if kind == "s" and value is not None:
        text = copy.deepcopy(texts[int(str(value.text))])
        text.tag = str(text.tag).replace("}si", "}is")
        kind, content = "inlineStr", [text]
    cell.set("t", str(kind or "n"))
    cell.extend(copy.deepcopy(child) for child in content)
