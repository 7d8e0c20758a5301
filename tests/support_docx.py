"""Word documents for tests: made from a list of blocks, read back as text."""

import io
import re
import zipfile
from pathlib import Path

from docx import Document
from lxml import etree

from reportgen.compute import compute
from reportgen.context import names
from reportgen.form import Form
from reportgen.pipeline import Renderer, UnitResult, build_unit
from reportgen.template.engine import Template
from reportgen.values import from_plain

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NS = {"w": W[1:-1]}


def make_docx(path, *blocks, header=(), footer=(), title="", parts=None, replaced=None):
    """Write a .docx: a text is a paragraph, a list of rows a table, ``<w:…>`` is put in as it is.

    A block that is a function is called with the python-docx document.
    ``parts`` maps a new part's name to its whole XML, ``replaced`` that of one that is there;
    ``title`` is a document property.
    """
    document = Document()
    for block in blocks:
        if callable(block):
            block(document)
        elif isinstance(block, str) and block.startswith("<w:"):
            document.element.body.insert(-1, etree.fromstring(with_namespaces(block)))
        elif isinstance(block, str):
            document.add_paragraph(block)
        else:
            _table(document, block)
    for part, lines in (("header", header), ("footer", footer)):
        if lines:
            story = getattr(document.sections[0], part)
            story.paragraphs[0].text = lines[0]
            for line in lines[1:]:
                story.add_paragraph(line)
    document.core_properties.title = title
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(path)
    if parts:
        add_parts(path, parts)
    if replaced:
        write_parts(path, {**parts_of(path), **replaced})
    return path


def with_namespaces(xml):
    """Return *xml* with the prefixes that Word uses declared on its first element."""
    declared = (
        ' xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
        ' xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    return re.sub(r"^(<[\w:]+)", rf"\1{declared}", xml, count=1)


def _table(document, rows):
    table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
    for line, row in zip(table.rows, rows, strict=True):
        for cell, text in zip(line.cells, row, strict=False):
            first, *rest = text.split("\n")
            cell.paragraphs[0].text = first
            for more in rest:
                cell.add_paragraph(more)


def add_parts(path, parts):
    """Put *parts* (name → XML), their content types and relationships into the package at *path*."""
    with zipfile.ZipFile(path) as package:
        found = {name: package.read(name) for name in package.namelist()}
    types, links = "", ""
    for number, (name, xml) in enumerate(parts.items()):
        found[name] = xml if isinstance(xml, bytes) else xml.encode()
        kind = Path(name).stem
        mime = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml"
        types += f'<Override PartName="/{name}" ContentType="{mime}"/>'
        rel = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
        target = name.removeprefix("word/")
        links += f'<Relationship Id="rIdMore{number}" Type="{rel}" Target="{target}"/>'
    for name, end, more in (
        ("[Content_Types].xml", b"</Types>", types),
        ("word/_rels/document.xml.rels", b"</Relationships>", links),
    ):
        found[name] = found[name].replace(end, more.encode() + end)
    write_parts(path, found)


def write_parts(path, parts):
    """Write a package of *parts* (name → bytes)."""
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)


def parts_of(document):
    """Return the parts of a document (bytes or a path) by name."""
    source = io.BytesIO(document) if isinstance(document, bytes) else document
    with zipfile.ZipFile(source) as package:
        return {name: package.read(name) for name in package.namelist()}


def tree_of(document, part="word/document.xml"):
    """Return one part of a document, parsed strictly."""
    return etree.fromstring(parts_of(document)[part])


def docx_text(document):
    """Return a document as text: headers and footers first, a paragraph a line, with its style."""
    parts = parts_of(document)
    styles = _style_names(parts)
    lines = []
    for name in sorted(parts):
        if re.fullmatch(r"word/(header|footer)\d*\.xml", name):
            story = name.removeprefix("word/").removesuffix(".xml")
            lines += [
                f"[{story}] {line}" for line in _blocks(etree.fromstring(parts[name]), styles)
            ]
    lines += _blocks(etree.fromstring(parts["word/document.xml"]).find("w:body", NS), styles)
    for name in ("word/footnotes.xml", "word/endnotes.xml"):
        if name in parts:
            for note in etree.fromstring(parts[name]):
                lines += [f"[{note.tag.removeprefix(W)}] {line}" for line in _blocks(note, styles)]
    return "".join(line + "\n" for line in lines)


def _style_names(parts):
    root = etree.fromstring(parts["word/styles.xml"])
    return {
        style.get(f"{W}styleId"): style.find("w:name", NS).get(f"{W}val")
        for style in root.iter(f"{W}style")
    }


def _blocks(story, styles):
    for block in story:
        match block.tag.removeprefix(W):
            case "p":
                style = block.find("w:pPr/w:pStyle", NS)
                name = styles.get(style.get(f"{W}val"), "") if style is not None else "Normal"
                yield f"{name}: {paragraph_text(block)}".rstrip()
                for box in block.iter(f"{W}txbxContent"):
                    yield from (f"[box] {line}" for line in _blocks(box, styles))
            case "tbl":
                for row in block.iterchildren(f"{W}tr"):
                    yield "| " + " | ".join(_cell(cell) for cell in row.iter(f"{W}tc")) + " |"
            case "sdt":
                yield from _blocks(block.find("w:sdtContent", NS), styles)


def _cell(cell):
    merged = cell.find("w:tcPr/w:vMerge", NS)
    if merged is not None and merged.get(f"{W}val") != "restart":
        return "^"
    return "⏎".join(paragraph_text(p) for p in cell.iter(f"{W}p"))


def paragraph_text(paragraph):
    """Return a paragraph's text; a line break is ⏎, a tab ⇥, a picture ▣; text boxes left out."""
    marks = {"br": "⏎", "tab": "⇥", "drawing": "▣"}
    out = []
    for node in paragraph.iter():
        if not isinstance(node.tag, str):
            continue
        owner = next(node.iterancestors(f"{W}p"), None)
        if node is not paragraph and owner is not paragraph:
            continue
        name = node.tag.removeprefix(W)
        if name == "t":
            out.append(node.text or "")
        elif name in marks and node.getparent().tag == f"{W}r":
            out.append(marks[name])
    return "".join(out)


def lines_of(document):
    """Return the body's lines of ``docx_text`` without their styles."""
    text = docx_text(document)
    return [re.sub(r"^(\[[^\]]*\] )?[\w ]+: ?", r"\1", line) for line in text.splitlines()]


def render(form: Form, values, *blocks, scopes=None, pictures_from=None, **more) -> bytes:
    """Return the document that a template of *blocks* gives for *values* (as in ``--values``)."""
    path = make_docx(form.folder / "t.docx", *blocks, **more)
    template = Template(path, form.headings, scopes or [form.names()])
    return template.render(names(compute(from_plain(values, form))), pictures_from)


def build(form: Form, values, *, draft=False, folder=None) -> UnitResult:
    """Check *values* and render the form's own documents."""
    submission = from_plain(values, form, "甲局.xlsx")
    data = compute(submission)
    return build_unit(data, "甲局.xlsx", Renderer(form), folder or form.folder, draft=draft)
