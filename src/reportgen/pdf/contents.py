"""The page numbers of a table of contents (目录), for LibreOffice, which works none out by itself.

LibreOffice takes the whole field of a table of contents as text that is there. Without that field
its entries are paragraphs, and the page number in each a reference of its own, which LibreOffice
does work out, on the pages that it makes.
"""

import zipfile
from collections.abc import Iterator

from lxml import etree

from reportgen.package import read_package, write_package

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PART = "word/document.xml"


def with_page_numbers(document: bytes) -> bytes:
    """Return *document* (.docx) with the fields of its tables of contents taken off their entries.

    It is the same if it has none, or is no .docx.
    """
    try:
        parts = read_package(document)
        content = dict(parts)[_PART]
        if b"PAGEREF" not in content:
            return document
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False))
    except (KeyError, zipfile.BadZipFile, etree.XMLSyntaxError):
        return document
    for mark in [mark for marks in _fields(root) for mark in marks]:
        if (run := mark.getparent()) is not None:
            run.remove(mark)
    changed = etree.tostring(root)
    return write_package((name, changed if name == _PART else part) for name, part in parts)


def _fields(root: etree._Element) -> Iterator[list[etree._Element]]:
    """Yield of each table of contents the marks and the code that make it a field."""
    open_fields: list[tuple[list[etree._Element], list[str]]] = []
    for mark in root.iter(f"{_W}fldChar", f"{_W}instrText"):
        if mark.get(f"{_W}fldCharType") == "begin":
            open_fields.append(([], []))
        if not open_fields:
            continue
        marks, code = open_fields[-1]
        marks.append(mark)
        if mark.tag == f"{_W}instrText":
            code.append(mark.text or "")
        elif mark.get(f"{_W}fldCharType") == "end":
            open_fields.pop()
            if "".join(code).split()[:1] == ["TOC"]:
                yield marks
