"""Pages of the gallery template: what an office puts into a Word document beside its text.

Each page is a function that adds to a python-docx document what a person would insert in Word.
"""

import io
import posixpath
import re
import struct
import zipfile
import zlib

from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from lxml import etree
from markupsafe import escape

NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "v": "urn:schemas-microsoft-com:vml",
}


def png(width, height, colour=(200, 60, 60)):
    """Return a PNG of that size in pixels, at 96 dpi, of one colour."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + bytes(colour) * width for _ in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"pHYs", struct.pack(">IIB", 3780, 3780, 1))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def add(document, xml):
    """Add the element *xml* to the body; the prefixes that Word uses are declared."""
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    element = etree.fromstring(re.sub(r"^\s*(<[\w:]+)", rf"\1{declared}", xml, count=1))
    document.element.body.insert(-1, element)
    return element


def paragraph(*runs, style=""):
    """Return the XML of a paragraph of *runs*: texts, or runs as XML."""
    inner = "".join(r if r.startswith("<") else f"<w:r><w:t>{r}</w:t></w:r>" for r in runs)
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}{inner}</w:p>"


# -- pictures ----------------------------------------------------------------------------


def placeholder(document, alternative, width=96, height=96):
    """Add a grey picture of that size in pixels whose alternative text is *alternative*."""
    document.add_picture(io.BytesIO(png(width, height, (160, 160, 160))))
    properties = list(document.element.body.iter("{*}docPr"))[-1]
    properties.set("descr", alternative)
    return properties


# -- links -------------------------------------------------------------------------------


def link(document, address, *runs):
    """Return the XML of a link to *address*, as Word writes what is typed into its dialog."""
    rel = document.part.relate_to(address, RT.HYPERLINK, is_external=True)
    inner = "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs)
    return f'<w:hyperlink r:id="{rel}" w:history="1">{inner}</w:hyperlink>'


# -- content controls --------------------------------------------------------------------


def control(content, properties=""):
    """Return the XML of a content control around *content*."""
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def box(tag, alias="", *, ticked=False):
    """Return the XML of a box to tick, in a line of text."""
    sign = "☒" if ticked else "☐"
    tag, alias = escape(tag), escape(alias)
    return control(
        f'<w:r><w:rPr><w:rFonts w:ascii="MS Gothic" w:eastAsia="MS Gothic"/></w:rPr>'
        f"<w:t>{sign}</w:t></w:r>",
        f'<w:alias w:val="{alias}"/><w:tag w:val="{tag}"/><w:id w:val="7"/><w14:checkbox>'
        f'<w14:checked w14:val="{int(ticked)}"/>'
        '<w14:checkedState w14:val="2611" w14:font="Segoe UI Symbol"/>'
        '<w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox>',
    )


# -- stories -----------------------------------------------------------------------------


def text_box(text):
    """Return the XML of a text box as Word writes it: a drawing, and VML for older programs."""
    inner = f"<w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>"
    return (
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>"
        "<wp:inline distT='0' distB='0' distL='0' distR='0'><wp:extent cx='2880000' cy='720000'/>"
        "<wp:docPr id='31' name='文本框 31'/><a:graphic>"
        "<a:graphicData uri='http://schemas.microsoft.com/office/word/2010/wordprocessingShape'>"
        "<wps:wsp><wps:cNvSpPr txBox='1'/><wps:spPr><a:xfrm><a:off x='0' y='0'/>"
        "<a:ext cx='2880000' cy='720000'/></a:xfrm><a:prstGeom prst='rect'><a:avLst/></a:prstGeom>"
        "<a:ln w='6350'><a:solidFill><a:srgbClr val='000000'/></a:solidFill></a:ln></wps:spPr>"
        f"<wps:txbx>{inner}</wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic>"
        "</wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict>"
        "<v:shape id='_x0000_s31' style='width:226.8pt;height:56.7pt'><v:textbox>"
        f"{inner}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )


def add_part(document, name, xml, kind, mime):
    """Add a part with its relationship to the document."""
    content = xml if isinstance(xml, bytes) else xml.encode()
    part = Part(PackURI(f"/{name}"), mime, content, document.part.package)
    return document.part.relate_to(part, kind), part


# -- packages ----------------------------------------------------------------------------


def with_parts(package, parts, links=(), mimes=()):
    """Return a package (bytes) with more *parts*, *links* and content types.

    *links* are (part, id, the last word of the type, target), *mimes* (name or suffix, mime).
    """
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        content = {name: old.read(name) for name in old.namelist()}
    content |= {n: xml if isinstance(xml, bytes) else xml.encode() for n, xml in parts.items()}
    for part, rel, kind, target in links:
        folder, name = posixpath.split(part)
        rels = f"{folder}/_rels/{name}.rels"
        space = "http://schemas.openxmlformats.org/package/2006/relationships"
        root = etree.fromstring(content.get(rels, f'<Relationships xmlns="{space}"/>'.encode()))
        kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        attributes = {"Id": rel, "Type": f"{kinds}/{kind}", "Target": target}
        etree.SubElement(root, f"{{{space}}}Relationship", attributes)
        content[rels] = etree.tostring(root)
    types = content["[Content_Types].xml"].decode()
    for name, mime in mimes:
        key = f'Override PartName="/{name}"' if "/" in name else f'Default Extension="{name}"'
        types = types.replace("</Types>", f'<{key} ContentType="{mime}"/></Types>')
    content["[Content_Types].xml"] = types.encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as new:
        for name, data in content.items():
            new.writestr(name, data)
    return stream.getvalue()
