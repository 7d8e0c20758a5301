"""Pages of the gallery template: what an office puts into a Word document beside its text.

Each function adds to a python-docx document what a person would insert in Word; ``gallery`` puts
all of it together.
"""

import io
import posixpath
import re
import struct
import zipfile
import zlib

import openpyxl
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
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


# -- charts ------------------------------------------------------------------------------


def chart(document, alternative, table, *, kind="bar", title="", name="chart1"):
    """Add a chart of *table* (rows of cells, the first the headings), as Word makes one.

    *kind* is bar, line, pie or scatter; *alternative* is its alternative text.
    """
    height, (_, *heads) = len(table), table[0]
    series = ""
    for at, head in enumerate(heads[:1] if kind == "pie" else heads, 1):
        letter = "ABCDEFG"[at]
        category, number = ("xVal", "yVal") if kind == "scatter" else ("cat", "val")
        labels = _points("A", [row[0] for row in table[1:]], "num" if kind == "scatter" else "str")
        numbers = _points(letter, [row[at] for row in table[1:]], "num")
        series += (
            f'<c:ser><c:idx val="{at - 1}"/><c:order val="{at - 1}"/><c:tx><c:strRef>'
            f"<c:f>Sheet1!${letter}$1</c:f><c:strCache><c:ptCount val='1'/><c:pt idx='0'>"
            f"<c:v>{escape(head)}</c:v></c:pt></c:strCache></c:strRef></c:tx>"
            f'<c:dPt><c:idx val="{height - 2}"/></c:dPt>'
            f"<c:{category}>{labels}</c:{category}><c:{number}>{numbers}</c:{number}></c:ser>"
        )
    axes = '<c:axId val="1"/><c:axId val="2"/>'
    plot = {
        "bar": f'<c:barChart><c:barDir val="col"/><c:grouping val="clustered"/>{series}{axes}</c:barChart>',
        "line": f'<c:lineChart><c:grouping val="standard"/>{series}<c:marker val="1"/>{axes}</c:lineChart>',
        "pie": f'<c:pieChart><c:varyColors val="1"/>{series}</c:pieChart>',
        "scatter": f'<c:scatterChart><c:scatterStyle val="lineMarker"/>{series}{axes}</c:scatterChart>',
    }[kind]
    scale = '<c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/>'
    first = "valAx" if kind == "scatter" else "catAx"
    if kind != "pie":
        plot += (
            f'<c:{first}><c:axId val="1"/>{scale}<c:axPos val="b"/><c:crossAx val="2"/></c:{first}>'
        )
        plot += f'<c:valAx><c:axId val="2"/>{scale}<c:axPos val="l"/><c:crossAx val="1"/></c:valAx>'
    half = len(title) // 2  # Word cuts what is typed into runs
    runs = "".join(f"<a:r><a:t>{escape(t)}</a:t></a:r>" for t in (title[:half], title[half:]) if t)
    heading = (
        f"<c:title><c:tx><c:rich><a:bodyPr/><a:p>{runs}</a:p></c:rich></c:tx>"
        '<c:overlay val="0"/></c:title>'
        if title
        else ""
    )
    xml = (
        f'<c:chartSpace xmlns:c="{NAMESPACES["c"]}" xmlns:a="{NAMESPACES["a"]}" '
        f'xmlns:r="{NAMESPACES["r"]}"><c:chart>{heading}'
        f'<c:autoTitleDeleted val="{int(not title)}"/><c:plotArea><c:layout/>{plot}</c:plotArea>'
        '<c:legend><c:legendPos val="b"/></c:legend><c:plotVisOnly val="1"/></c:chart>'
        '<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    )
    mime = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
    rel, part = add_part(document, f"word/charts/{name}.xml", xml, RT.CHART, mime)
    book = openpyxl.Workbook()
    book.active.title = "Sheet1"
    for row in table:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    embedded = PackURI(f"/word/embeddings/{name}.xlsx")
    part.relate_to(Part(embedded, mime, stream.getvalue(), document.part.package), RT.PACKAGE)
    style = PackURI(f"/word/charts/style_{name}.xml")
    look = (
        '<cs:colorStyle xmlns:cs="http://schemas.microsoft.com/office/drawing/2012/chartStyle" '
        f'xmlns:a="{NAMESPACES["a"]}" meth="cycle" id="10"><a:schemeClr val="accent1"/></cs:colorStyle>'
    )
    mime = "application/vnd.ms-office.chartcolorstyle+xml"
    part.relate_to(
        Part(style, mime, look.encode(), document.part.package),
        "http://schemas.microsoft.com/office/2011/relationships/chartColorStyle",
    )
    return add(
        document,
        paragraph(
            '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
            '<wp:extent cx="4320000" cy="2520000"/>'
            f'<wp:docPr id="41" name="图表 41" descr="{escape(alternative)}"/><a:graphic><a:graphicData '
            f'uri="{NAMESPACES["c"]}"><c:chart r:id="{rel}"/></a:graphicData></a:graphic>'
            "</wp:inline></w:drawing></w:r>"
        ),
    )


def _points(letter, values, kind):
    code = "<c:formatCode>General</c:formatCode>" if kind == "num" else ""
    points = "".join(
        f"<c:pt idx='{index}'><c:v>{escape(value)}</c:v></c:pt>"
        for index, value in enumerate(values)
        if kind == "str" or isinstance(value, int | float)
    )
    return (
        f"<c:{kind}Ref><c:f>Sheet1!${letter}$2:${letter}${len(values) + 1}</c:f><c:{kind}Cache>{code}"
        f"<c:ptCount val='{len(values)}'/>{points}</c:{kind}Cache></c:{kind}Ref>"
    )


# -- tables of contents ------------------------------------------------------------------


def contents(document, *entries, code='TOC \\o "1-2" \\h \\z \\u', apart=True):
    """Add a table of contents as Word leaves it: *entries* are (level, words, page).

    The end of its field stands *apart*, in a paragraph of its own, or in the last entry.
    """
    for level in (1, 2):
        style = document.styles.add_style(f"toc {level}", WD_STYLE_TYPE.PARAGRAPH)
        style.element.set(f"{{{NAMESPACES['w']}}}styleId", f"TOC{level}")

    def field(kind):
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    begin = field("begin") + f"<w:r><w:instrText> {escape(code)} </w:instrText></w:r>"
    begin += field("separate")
    for index, (level, words, page) in enumerate(entries):
        number = field("begin") + f"<w:r><w:instrText> PAGEREF _Toc{index} \\h </w:instrText></w:r>"
        number += field("separate") + f"<w:r><w:t>{page}</w:t></w:r>" + field("end")
        link = (
            f'<w:hyperlink w:anchor="_Toc{index}"><w:r><w:rPr><w:i/></w:rPr><w:t>{words}</w:t></w:r>'
            f"<w:r><w:tab/></w:r>{number}</w:hyperlink>"
        )
        last = index == len(entries) - 1
        add(
            document,
            f'<w:p><w:pPr><w:pStyle w:val="TOC{level}"/><w:tabs><w:tab w:val="right" '
            f'w:leader="dot" w:pos="8296"/></w:tabs></w:pPr>{begin}{link}'
            f"{field('end') if last and not apart else ''}</w:p>",
        )
        begin = ""
    if apart:
        add(document, f"<w:p>{field('end')}</w:p>")


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


# -- the gallery -------------------------------------------------------------------------

FORM = """
[[section]]
label = "概况"
kind = "record"
fields = [
  { label = "全称" },
  { label = "年度", type = "year" },
  { label = "说明", type = "narrative" },
  { label = "照片", type = "image" },
  { label = "公章", type = "image" },
  { label = "网址" },
  { label = "已公开", type = "yes_no" },
  { label = "类型", choices = ["专项", "日常"] },
]

[[section]]
label = "项目明细"
kind = "table"
fields = [
  { label = "项目名称" },
  { label = "文号" },
  { label = "指标总额", type = "decimal", uom = "万元", places = 2 },
  { label = "支出总额", type = "decimal", uom = "万元", places = 2 },
  { label = "现场", type = "image" },
  { label = "完成", type = "yes_no" },
]
"""
VALUES = {
    "概况": {
        "全称": "R&D <研发> 中心",
        "年度": "2025",
        "说明": "字" * 300,
        "照片": "宽.png",
        "网址": "https://a.gov.cn/公开?年=2025",
        "已公开": "是",
        "类型": "日常",
    },
    "项目明细": [
        {"项目名称": "道路 & 照明", "文号": "〔2025〕1号", "指标总额": "365.5", "支出总额": "300.25",
         "现场": "高.png", "完成": "是"},
        {"项目名称": "河道整治", "文号": "2/3", "指标总额": "120", "支出总额": "", "完成": "否"},
    ],
}  # fmt: skip


def gallery(annex):
    """Return the template; *annex* is where the file that it asks for is to be written."""
    document = Document()
    document.core_properties.title = "{{ 全称 }}{{ 年度 }}年度报告"
    document.core_properties.keywords = "{{ 项目明细.项目名称|连接('；') }}"
    document.core_properties.category = "{{ 说明 }}"
    contents(document, (1, "2024年的旧目录", 1), (2, "{{ 项.项目名称 }}", 2))
    _stories(document)
    document.add_heading("{{ 年度 }}年度报告", 1)
    add(document, paragraph(link(document, "{{ 网址 }}", "{{ 全称 }}")))
    add(document, paragraph(box("已公开"), "公开　", box('{{ 类型 == "专项" }}'), "专项　",
                            box('{{ 类型 == "日常" }}'), "日常"))  # fmt: skip
    prompt = '<w:r><w:rPr><w:rStyle w:val="a3"/></w:rPr><w:t>{{ 全称 }}</w:t></w:r>'
    bound = '<w:showingPlcHdr/><w:dataBinding w:xpath="/a" w:storeItemID="{0}"/><w:text/>'
    add(document, paragraph("填报单位：", control(prompt, bound)))
    add(document, text_box("{{ 全称 }}"))
    placeholder(document, "{{ 照片 }}", 200, 100)
    placeholder(document, "{{ 公章 }}", 50, 50)
    document.add_paragraph("{%p for 项 in 项目明细 %}")
    document.add_heading("{{ 项.项目名称 }}", 2)
    add(document, paragraph(box("{{ 项.完成 }}"), "完成，", link(
        document, "https://a.gov.cn/wh/{{ 项.文号 }}", "{{ 项.文号 }}")))  # fmt: skip
    table = document.add_table(1, 2)
    table.style = "Table Grid"
    table.cell(0, 0).text = "现场"
    table.cell(0, 1).text = "{{ 项.现场 }}"
    document.add_paragraph("{%p endfor %}")
    sample = [["", "指标总额", "支出总额"], ["类别 1", 4.3, 2.4], ["类别 2", 2.5, 4.4]]
    chart(document, "{{ 项目明细 }}", sample, title="{{ 年度 }}年的钱")
    document.add_paragraph('{%p include "附件一.docx" %}')
    other = Document()
    other.add_heading("附件", 1)
    other.add_paragraph("{{ 全称 }}的附件")
    other.save(annex / "附件一.docx")
    return document


def _stories(document):
    """Add headers and footers of all kinds, notes, a comment, properties of our own."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    document.settings.odd_and_even_pages_header_footer = True
    for kind, words in (("", "单"), ("first_page_", "首"), ("even_page_", "双")):
        for place in ("header", "footer"):
            story = getattr(section, f"{kind}{place}")
            story.paragraphs[0].text = f"{words}{{{{ 全称 }}}}"
    space = f'xmlns:w="{NAMESPACES["w"]}"'
    mime = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    for note in ("footnote", "endnote"):
        xml = (
            f'<w:{note}s {space}><w:{note} w:id="2"><w:p><w:r><w:t xml:space="preserve">'
            f"{note} {{{{ 全称 }}}}</w:t></w:r></w:p></w:{note}></w:{note}s>"
        )
        kind = f"{NAMESPACES['r']}/{note}s"
        add_part(document, f"word/{note}s.xml", xml, kind, f"{mime}.{note}s+xml")
        add(document, paragraph("注", f'<w:r><w:{note}Reference w:id="2"/></w:r>'))
    xml = (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="单位">'
        "<vt:lpwstr>{{ 全称 }}</vt:lpwstr></property></Properties>"
    )
    part = Part(
        PackURI("/docProps/custom.xml"),
        "application/vnd.openxmlformats-officedocument.custom-properties+xml",
        xml.encode(),
        document.part.package,
    )
    document.part.package.relate_to(part, f"{NAMESPACES['r']}/custom-properties")
