"""Things in a Word template beside its text: pictures, links, content controls."""

import io
import re
import zipfile

import openpyxl
import pytest
from docx.shared import Cm
from lxml import etree

from gallery_objects import NAMESPACES as NS
from gallery_objects import add, box, control, link, paragraph, placeholder, png, with_parts
from reportgen import read_workbook, write_workbook
from reportgen.compute import compute
from reportgen.context import names
from reportgen.errors import TemplateError
from reportgen.pipeline import check
from reportgen.rules import NO_PICTURE
from reportgen.template.engine import Template
from reportgen.values import from_plain
from reportgen.workbook import layout
from reportgen.workbook.package import sheet_paths
from support_docx import docx_text, lines_of, make_docx, parts_of, render, tree_of

W, W14, R = (f"{{{NS[prefix]}}}" for prefix in ("w", "w14", "r"))
PIXEL = 9525  # EMU, at 96 dpi
FORM = """
[[section]]
label = "正文"
kind = "record"
fields = [
  { label = "名称" },
  { label = "说明", type = "narrative" },
  { label = "照片", type = "image" },
  { label = "网址" },
  { label = "已公开", type = "yes_no" },
  { label = "类型", choices = ["专项", "日常"] },
]

[[section]]
label = "项目"
kind = "table"
fields = [
  { label = "项目名称" },
  { label = "文号" },
  { label = "现场", type = "image" },
  { label = "完成", type = "yes_no" },
]
"""


@pytest.fixture
def form(make_form):
    return make_form(FORM)


@pytest.fixture
def folder(tmp_path):
    """Return a folder with two pictures: 宽.png of 400 x 100 pixels, 高.png of 100 x 400."""
    (tmp_path / "宽.png").write_bytes(png(400, 100))
    (tmp_path / "高.png").write_bytes(png(100, 400, (60, 60, 200)))
    return tmp_path


def finding_of(form, values, *blocks, **more):
    with pytest.raises(TemplateError) as error:
        render(form, values, *blocks, **more)
    (finding,) = error.value.findings
    return finding


def sizes(document, part="word/document.xml"):
    """Return width and height of each drawing, in pixels."""
    extents = tree_of(document, part).iter("{*}extent")
    return [(int(e.get("cx")) / PIXEL, int(e.get("cy")) / PIXEL) for e in extents]


def shown(document, part="word/document.xml"):
    """Return the content of each picture that a part shows, in their order."""
    parts = parts_of(document)
    rels = etree.fromstring(parts[f"word/_rels/{part.rpartition('/')[2]}.rels"])
    targets = {link.get("Id"): link.get("Target") for link in rels}
    blips = tree_of(document, part).iter("{*}blip")
    return [parts[f"word/{targets[b.get(f'{R}embed')]}"] for b in blips]


# -- pictures ----------------------------------------------------------------------------


def test_a_picture_takes_the_place_of_one_whose_alternative_text_is_its_tag(form, folder):
    def page(document):
        placeholder(document, "{{ 照片 }}", 200, 200)

    document = render(form, {"正文": {"照片": "宽.png"}}, page, pictures_from=folder)

    assert sizes(document) == [(200, 50)]  # as wide as the box, the ratio 4 : 1 kept
    assert shown(document) == [png(400, 100)]
    assert [n for n in parts_of(document) if "media/" in n] == ["word/media/picture1.png"]
    (size,) = tree_of(document).iterfind(".//pic:spPr/a:xfrm/a:ext", NS)
    assert (int(size.get("cx")), int(size.get("cy"))) == (200 * PIXEL, 50 * PIXEL)
    (properties,) = tree_of(document).iter("{*}docPr")
    assert properties.get("descr") == "宽.png"
    assert lines_of(document) == ["▣"]


def test_a_small_picture_fills_the_box_of_its_placeholder(form, folder):
    (folder / "小.png").write_bytes(png(10, 20))

    def page(document):
        placeholder(document, "｛｛ 照片 ｝｝", 100, 100)

    document = render(form, {"正文": {"照片": "小.png"}}, page, pictures_from=folder)

    assert sizes(document) == [(50, 100)]


def test_a_placeholder_in_a_loop_shows_each_rows_own_picture(form, folder):
    def page(document):
        document.add_paragraph("{%p for 项 in 项目 %}")
        placeholder(document, "{{ 项.现场 }}", 100, 100)
        document.add_paragraph("{%p endfor %}")

    rows = [{"现场": "宽.png"}, {"现场": "高.png"}]
    document = render(form, {"项目": rows}, page, pictures_from=folder)

    assert shown(document) == [png(400, 100), png(100, 400, (60, 60, 200))]
    assert sizes(document) == [(100, 25), (25, 100)]


def test_without_a_picture_the_placeholder_goes_and_a_reason_is_printed(form):
    def page(document):
        placeholder(document, "{{ 照片 }}")
        document.add_paragraph("{%p for 项 in 项目 %}")
        placeholder(document, "{{ 项.现场 }}")
        document.add_paragraph("{%p endfor %}")

    document = render(form, {"项目": [{"项目名称": "甲", "现场": "不适用"}]}, page)

    assert lines_of(document)[0] == ""
    assert lines_of(document)[-1] == "不适用"
    assert not list(tree_of(document).iter("{*}blip"))


def test_a_placeholder_that_names_no_picture_is_a_finding(form):
    def page(document):
        placeholder(document, "{{ 名称 }}")

    finding = finding_of(form, {"正文": {"名称": "甲"}}, page)

    assert finding.code == "T105"
    assert "图片栏" in finding.message
    assert "“甲”" in finding.message
    assert finding.place.field == "正文，第 1 段：{{ 名称 }}"


def test_an_unknown_name_in_an_alternative_text_is_a_finding(form):
    def page(document):
        placeholder(document, "{{ 照 }}")

    finding = finding_of(form, {}, page)

    assert finding.code == "T104"
    assert "是不是“照片”？" in finding.message


def test_an_alternative_text_that_only_describes_is_left_alone(form):
    def page(document):
        placeholder(document, "单位大门 {照片}")

    document = render(form, {}, page)

    assert [d.get("descr") for d in tree_of(document).iter("{*}docPr")] == ["单位大门 {照片}"]
    assert sizes(document) == [(96, 96)]


def test_a_picture_in_a_cell_is_no_wider_than_the_cell(form, folder):
    def page(document):
        table = document.add_table(1, 2)
        table.autofit = False
        for cell, width in zip(table.rows[0].cells, (3, 8), strict=True):
            cell.width = Cm(width)
        table.cell(0, 0).text = "{{ 照片 }}"

    document = render(form, {"正文": {"照片": "宽.png"}}, page, pictures_from=folder)

    ((width, height),) = sizes(document)
    room = 3 * 360_000 / PIXEL - 2 * 108 * 635 / PIXEL  # 3 cm but for the margins of the cell
    assert abs(width - room) < 0.5
    assert abs(width / height - 4) < 0.05


def test_a_picture_keeps_the_look_of_the_text_behind_it(form, folder):
    def page(document):
        document.add_paragraph().add_run("前{{ 照片 }}后").bold = True

    document = render(form, {"正文": {"照片": "宽.png"}}, page, pictures_from=folder)

    (run,) = tree_of(document).iter(f"{W}r")
    assert run.find("w:rPr/w:b", NS) is not None
    assert lines_of(document) == ["前▣后"]


def test_a_tall_picture_is_no_higher_than_the_page(form, folder):
    (folder / "长.png").write_bytes(png(100, 5000))

    document = render(form, {"正文": {"照片": "长.png"}}, "{{ 照片 }}", pictures_from=folder)

    # python-docx's page: letter, 11 inches high, with margins of an inch
    ((width, height),) = sizes(document)
    assert height == 9 * 96
    assert abs(height / width - 50) < 0.5


# -- links -------------------------------------------------------------------------------


def addresses(document, part="word/document.xml"):
    """Return the text and the address of each link."""
    rels = etree.fromstring(parts_of(document)[f"word/_rels/{part.rpartition('/')[2]}.rels"])
    targets = {one.get("Id"): one.get("Target") for one in rels}
    return [
        ("".join(one.itertext()), targets[one.get(f"{R}id")])
        for one in tree_of(document, part).iter(f"{W}hyperlink")
        if one.get(f"{R}id")
    ]


def test_each_row_has_a_link_of_its_own(form):
    def page(document):
        document.add_paragraph("{%p for 项 in 项目 %}")
        # Word encodes what is typed into its dialog, but not always
        address = "https://a.gov.cn/p?no=%7B%7B%20%E9%A1%B9.文号%20%7D%7D&from=%2F"
        add(document, paragraph(link(document, address, "{{ 项.项目名称 }}")))
        document.add_paragraph("{%p endfor %}")

    rows = [{"项目名称": "甲", "文号": "1&2"}, {"项目名称": "乙", "文号": "三/3"}]
    document = render(form, {"项目": rows}, page)

    assert addresses(document) == [
        ("甲", "https://a.gov.cn/p?no=1%262&from=%2F"),
        ("乙", "https://a.gov.cn/p?no=%E4%B8%89%2F3&from=%2F"),
    ]
    rels = parts_of(document)["word/_rels/document.xml.rels"]
    assert b"%7B" not in rels
    assert b"{{" not in rels


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://a.cn/?q=预算&n=1#b", "https://a.cn/?q=%E9%A2%84%E7%AE%97&n=1#b"),
        ("http://a.cn", "http://a.cn"),
        ("mailto:a@b.cn", "mailto:a@b.cn"),
    ],
)
def test_a_whole_address_can_be_a_value(form, typed, address):
    def page(document):
        add(document, paragraph(link(document, "{{ 网址 }}", "见")))

    document = render(form, {"正文": {"网址": typed}}, page)

    assert addresses(document) == [("见", address)]


@pytest.mark.parametrize(
    "typed", ["javascript:alert(1)", "file:///C:/a.docx", r"\\服务器\a", "a.docx", "http://", "甲"]
)
def test_an_address_that_leads_elsewhere_is_a_finding(form, typed):
    def page(document):
        add(document, paragraph(link(document, "{{ 网址 }}", "详见附件")))

    finding = finding_of(form, {"正文": {"网址": typed}}, page)

    assert finding.code == "T105"
    assert typed in finding.message
    assert "https://" in finding.message
    assert finding.place.field == "正文，第 1 段：{{ 网址 }}"


def test_a_link_without_an_address_is_plain_text(form):
    def page(document):
        add(document, paragraph("前", link(document, "{{ 网址 }}", "见", "官网"), "后"))

    document = render(form, {}, page)

    assert lines_of(document) == ["前见官网后"]
    assert not list(tree_of(document).iter(f"{W}hyperlink"))


def test_an_unknown_name_in_an_address_is_a_finding(form):
    def page(document):
        add(document, paragraph(link(document, "http://a.cn/{{ 网 }}", "见")))

    finding = finding_of(form, {}, page)

    assert finding.code == "T104"
    assert "网址" in finding.message
    assert finding.place.field == "正文，第 1 段：http://a.cn/{{ 网 }}"


def test_a_link_to_a_bookmark_and_a_fixed_link_stay(form):
    def page(document):
        fixed = link(document, "https://a.cn/", "{{ 名称 }}")
        inner = '<w:hyperlink w:anchor="附件一"><w:r><w:t>{{ 名称 }}</w:t></w:r></w:hyperlink>'
        add(document, paragraph(fixed, inner))

    document = render(form, {"正文": {"名称": "甲"}}, page)

    assert addresses(document) == [("甲", "https://a.cn/")]
    assert [h.get(f"{W}anchor") for h in tree_of(document).iter(f"{W}hyperlink")] == [
        None,
        "附件一",
    ]


# -- content controls --------------------------------------------------------------------


def test_a_filled_control_is_no_longer_an_empty_one(form):
    invites = '<w:r><w:rPr><w:rStyle w:val="a3"/><w:b/></w:rPr><w:t>{{ 名称 }}</w:t></w:r>'

    def page(document):
        add(document, paragraph(control(invites, "<w:showingPlcHdr/><w:text/>")))

    document = render(form, {"正文": {"名称": "R&D"}}, page)

    tree = tree_of(document)
    assert lines_of(document) == ["R&D"]
    assert tree.find(".//w:showingPlcHdr", NS) is None
    assert tree.find(".//w:rStyle", NS) is None
    assert tree.find(".//w:rPr/w:b", NS) is not None


def test_a_control_bound_to_data_keeps_our_text(form):
    bound = '<w:dataBinding w:xpath="/a" w:storeItemID="{6C3C8BC8-F283-45AE-878A-BAB7291924A1}"/>'

    def page(document):
        add(document, paragraph(control("<w:r><w:t>{{ 名称 }}</w:t></w:r>", bound)))
        add(document, paragraph(control("<w:r><w:t>没有标记</w:t></w:r>", bound)))

    document = render(form, {"正文": {"名称": "甲"}}, page)

    assert lines_of(document) == ["甲", "没有标记"]
    assert len(list(tree_of(document).iter(f"{W}dataBinding"))) == 1  # the other is none of ours


def test_tags_in_controls_around_blocks_rows_and_cells_are_filled(form):
    def cell(text):
        return f"<w:tc><w:tcPr/><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    def page(document):
        add(document, control(paragraph("{{ 名称 }}")))
        loop = "<w:tr>" + cell("{%tr for 项 in 项目 %}") + cell("") + "</w:tr>"
        row = "<w:tr>" + cell("{{ 项.文号 }}") + control(cell("{{ 项.项目名称 }}")) + "</w:tr>"
        end = "<w:tr>" + cell("{%tr endfor %}") + cell("") + "</w:tr>"
        held = control("<w:tr>" + cell("{{ 名称 }}") + "</w:tr>")
        grid = "<w:tblPr/><w:tblGrid><w:gridCol w:w='2000'/><w:gridCol w:w='2000'/></w:tblGrid>"
        add(document, f"<w:tbl>{grid}{loop}{row}{end}{held}</w:tbl>")

    rows = [{"文号": "1", "项目名称": "甲"}, {"文号": "2", "项目名称": "乙"}]
    document = render(form, {"正文": {"名称": "R&D"}, "项目": rows}, page)

    texts = ["".join(p.itertext()) for p in tree_of(document).iter(f"{W}p")]
    assert texts == ["R&D", "1", "甲", "2", "乙", "R&D"]


def ticks(document):
    """Return for each box its state, its sign and the font of the sign."""
    return [
        (
            sdt.find("w:sdtPr/w14:checkbox/w14:checked", NS).get(f"{W14}val"),
            "".join(sdt.find("w:sdtContent", NS).itertext()),
            sdt.find(".//w:rFonts", NS).get(f"{W}ascii"),
        )
        for sdt in tree_of(document).iter(f"{W}sdt")
    ]


@pytest.mark.parametrize(
    ("said", "tick"),
    [
        ("是", ("1", "☑", "Segoe UI Symbol")),
        ("否", ("0", "☐", "MS Gothic")),
        ("", ("0", "☐", "MS Gothic")),
    ],
)
@pytest.mark.parametrize("ticked", [True, False])
@pytest.mark.parametrize(
    ("tag", "title"), [("已公开", ""), ("", "正文.已公开"), ("{{ 已公开 }}", "")]
)
def test_a_box_is_ticked_by_the_field_that_its_tag_or_title_names(
    form, said, tick, ticked, tag, title
):
    def page(document):
        add(document, paragraph(box(tag, title, ticked=ticked), "公开"))

    document = render(form, {"正文": {"已公开": said}}, page)

    assert ticks(document) == [tick]
    assert lines_of(document) == [f"{tick[1]}公开"]


def test_boxes_can_be_ticked_by_a_choice_and_in_each_row(form):
    def page(document):
        add(document, paragraph(box('{{ 类型 == "专项" }}'), box("{{ 类型 == “日常” }}")))
        document.add_paragraph("{%p for 项 in 项目 %}")
        add(document, paragraph(box("{{ 项.完成 }}"), "{{ 项.项目名称 }}"))
        document.add_paragraph("{%p endfor %}")

    rows = [{"项目名称": "甲", "完成": "是"}, {"项目名称": "乙", "完成": "否"}]
    document = render(form, {"正文": {"类型": "日常"}, "项目": rows}, page)

    assert [tick[0] for tick in ticks(document)] == ["0", "1", "1", "0"]


def test_a_box_of_some_other_purpose_stays_as_it_is(form):
    def page(document):
        add(document, paragraph(box("checkbox1", "同意", ticked=True)))

    assert ticks(render(form, {}, page)) == [("1", "☒", "MS Gothic")]


def test_a_box_that_names_no_yes_or_no_is_a_finding(form):
    def page(document):
        add(document, paragraph(box("名称")))

    finding = finding_of(form, {"正文": {"名称": "甲"}}, page)

    assert finding.code == "T105"
    assert "是或否" in finding.message


def test_what_is_written_for_objects_is_never_seen_in_the_text(form, folder):
    def page(document):
        placeholder(document, "{{ 照片 }}")
        add(document, paragraph(box("已公开")))
        add(document, paragraph(link(document, "http://a.cn/{{ 名称 }}", "见")))

    document = render(form, {"正文": {"照片": "宽.png"}}, page, pictures_from=folder)

    assert docx_text(document) == "Normal: ▣\nNormal: ☐\nNormal: 见\n"


# -- pictures in the workbook ------------------------------------------------------------

DRAWN = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
WPS = "http://www.wps.cn/officeDocument/2017/etCustomData"


def anchor(rel, begin, end=None):
    """Return a picture's anchor: (column, row) from 0, *end* with how far it reaches into it."""

    def corner(name, column, row, off):
        return (
            f"<xdr:{name}><xdr:col>{column}</xdr:col><xdr:colOff>{off}</xdr:colOff>"
            f"<xdr:row>{row}</xdr:row><xdr:rowOff>{off}</xdr:rowOff></xdr:{name}>"
        )

    kind = "twoCellAnchor" if end else "oneCellAnchor"
    size = corner("to", *end) if end else '<xdr:ext cx="9525" cy="9525"/>'
    return (
        f"<xdr:{kind}>{corner('from', *begin, 0)}{size}<xdr:pic><xdr:nvPicPr>"
        '<xdr:cNvPr id="2" name="图片 1"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill>'
        f'<a:blip r:embed="{rel}"/></xdr:blipFill><xdr:spPr/></xdr:pic><xdr:clientData/></xdr:{kind}>'
    )


def drawing(*anchors):
    return (
        f'<xdr:wsDr xmlns:xdr="{DRAWN}" xmlns:a="{NS["a"]}" xmlns:r="{NS["r"]}">'
        f"{''.join(anchors)}</xdr:wsDr>"
    )


def sheet_of(package, title):
    """Return the part of the sheet called *title*, and the package's parts."""
    parts = parts_of(package)
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return sheet_paths(opened)[title], parts


def cell_of(form, section, label):
    """Return row and column of a field's (first) cell in a workbook."""
    mark = "在这里.png"
    values = {label: mark}
    filled = {section: values if section == "正文" else [values]}
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(form, from_plain(filled, form))))
    (found,) = [c for row in book[section].iter_rows() for c in row if c.value == mark]
    return found.row, found.column


def written(form, values, folder, parts, links):
    path = folder / "甲.xlsx"
    package = write_workbook(form, from_plain(values, form))
    mimes = [("png", "image/png")]
    path.write_bytes(with_parts(package, parts, links, mimes))
    return path


def test_pictures_laid_upon_cells_are_the_values_of_those_cells(form, tmp_path):
    values = {"项目": [{"项目名称": "甲"}, {"项目名称": "乙"}, {"项目名称": "丙"}]}
    row, column = cell_of(form, "项目", "现场")
    at, first = column - 1, row - 1  # anchors count from 0
    sheet, _ = sheet_of(write_workbook(form, from_plain(values, form)), "项目")
    parts = {
        "xl/drawings/drawing9.xml": drawing(
            anchor("rId1", (at, first)),
            anchor("rId2", (at, first + 1), (at + 1, first + 2, 0)),  # exactly one cell
            anchor("rId3", (at, first + 2), (at, first + 3, 100)),  # a little too high
            anchor("rId1", (at, first + 3), (at, first + 3, 100)),  # a row of a picture alone
        ),
        "xl/media/a.png": png(1, 1),
        "xl/media/b.png": png(2, 2),
        "xl/media/c.png": png(3, 3),
    }
    links = [(sheet, "rIdD", "drawing", "../drawings/drawing9.xml")]
    links += [
        ("xl/drawings/drawing9.xml", f"rId{n}", "image", f"../media/{name}.png")
        for n, name in enumerate("abc", 1)
    ]

    submission = read_workbook(written(form, values, tmp_path, parts, links), form)

    rows = compute(submission).lookup("项目")
    assert [row.lookup("现场").content for row in rows] == [png(n, n) for n in (1, 2, 3, 1)]
    assert [str(row.lookup("项目名称")) for row in rows] == ["甲", "乙", "丙", ""]
    assert submission.findings == ()


def test_a_picture_embedded_by_wps_is_the_value_of_its_cell(form, tmp_path):
    cell = layout.address(*cell_of(form, "项目", "现场"))
    values = {"项目": [{"项目名称": "甲", "现场": "占位"}]}
    package = write_workbook(form, from_plain(values, form))
    sheet, own = sheet_of(package, "项目")
    shown = '=DISPIMG("ID_F2",1)'.replace('"', "&quot;")
    formula = f'<c r="{cell}" t="str"><f>_xlfn.{shown[1:]}</f><v>{shown}</v></c>'
    xml, count = re.subn(rf'<c r="{cell}"[^>]*>.*?</c>', formula, own[sheet].decode())
    assert count == 1
    pictures = (
        f'<etc:cellImages xmlns:etc="{WPS}" xmlns:xdr="{DRAWN}" xmlns:a="{NS["a"]}" '
        f'xmlns:r="{NS["r"]}"><etc:cellImage><xdr:pic><xdr:nvPicPr>'
        '<xdr:cNvPr id="2" name="ID_F2"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill>'
        '<a:blip r:embed="rId1"/></xdr:blipFill></xdr:pic></etc:cellImage></etc:cellImages>'
    )
    parts = {sheet: xml, "xl/cellimages.xml": pictures, "xl/media/a.png": png(5, 5)}
    links = [("xl/cellimages.xml", "rId1", "image", "media/a.png")]

    submission = read_workbook(written(form, values, tmp_path, parts, links), form)

    (row,) = compute(submission).lookup("项目")
    assert row.lookup("现场").content == png(5, 5)
    assert submission.findings == ()


def test_a_picture_that_excel_placed_in_a_cell_is_its_value(form, tmp_path):
    cell = layout.address(*cell_of(form, "项目", "现场"))
    values = {"项目": [{"项目名称": "甲", "现场": "占位"}]}
    sheet, own = sheet_of(write_workbook(form, from_plain(values, form)), "项目")
    xml, count = re.subn(
        rf'<c r="{cell}"[^>]*>.*?</c>',
        f'<c r="{cell}" t="e" vm="2"><v>#VALUE!</v></c>',
        own[sheet].decode(),
    )
    assert count == 1
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rich = "http://schemas.microsoft.com/office/spreadsheetml/2017/richdata"
    metadata = (
        f'<metadata xmlns="{main}" xmlns:xlrd="{rich}"><metadataTypes count="2">'
        '<metadataType name="XLDAPR"/><metadataType name="XLRICHVALUE"/></metadataTypes>'
        '<futureMetadata name="XLRICHVALUE" count="2"><bk><extLst><ext uri="{a}"><xlrd:rvb i="0"/>'
        '</ext></extLst></bk><bk><extLst><ext uri="{a}"><xlrd:rvb i="1"/></ext></extLst></bk>'
        '</futureMetadata><valueMetadata count="2"><bk><rc t="2" v="0"/></bk>'
        '<bk><rc t="2" v="1"/></bk></valueMetadata></metadata>'
    )
    parts = {
        sheet: xml,
        "xl/metadata.xml": metadata,
        "xl/richData/rdrichvalue.xml": f'<rvData xmlns="{rich}" count="2"><rv s="0"><v>1</v>'
        '<v>5</v></rv><rv s="0"><v>0</v><v>5</v></rv></rvData>',
        "xl/richData/richValueRel.xml": '<richValueRels xmlns="http://schemas.microsoft.com/office/'
        f'spreadsheetml/2022/richvaluerel" xmlns:r="{NS["r"]}"><rel r:id="rId1"/><rel r:id="rId2"/>'
        "</richValueRels>",
        "xl/media/a.png": png(6, 6),
        "xl/media/b.png": png(7, 7),
    }
    links = [
        ("xl/richData/richValueRel.xml", "rId1", "image", "../media/a.png"),
        ("xl/richData/richValueRel.xml", "rId2", "image", "../media/b.png"),
    ]

    submission = read_workbook(written(form, values, tmp_path, parts, links), form)

    (row,) = compute(submission).lookup("项目")
    assert row.lookup("现场").content == png(6, 6)
    assert submission.findings == ()


def test_a_broken_picture_in_a_workbook_is_a_finding_at_its_cell(form, tmp_path):
    at = cell_of(form, "项目", "现场")
    values = {"基本信息": {"单位名称": "甲局"}, "项目": [{"项目名称": "甲"}]}
    sheet, _ = sheet_of(write_workbook(form, from_plain(values, form)), "项目")
    parts = {
        "xl/drawings/drawing9.xml": drawing(anchor("rId1", (at[1] - 1, at[0] - 1))),
        "xl/media/a.emf": b"no picture",
    }
    links = [
        (sheet, "rIdD", "drawing", "../drawings/drawing9.xml"),
        ("xl/drawings/drawing9.xml", "rId1", "image", "../media/a.emf"),
    ]
    path = written(form, values, tmp_path, parts, links)

    (finding,) = check(read_workbook(path, form), tmp_path)

    assert finding.place.cell == layout.address(*at)
    assert finding.code == NO_PICTURE.code


def test_a_picture_of_the_workbook_is_drawn_in_the_document(form, tmp_path):
    row, column = cell_of(form, "正文", "照片")
    values = {"正文": {"名称": "甲"}}
    sheet, _ = sheet_of(write_workbook(form, from_plain(values, form)), "正文")
    parts = {
        "xl/drawings/drawing9.xml": drawing(anchor("rId1", (column - 1, row - 1))),
        "xl/media/a.png": png(40, 20),
    }
    links = [
        (sheet, "rIdD", "drawing", "../drawings/drawing9.xml"),
        ("xl/drawings/drawing9.xml", "rId1", "image", "../media/a.png"),
    ]
    submission = read_workbook(written(form, values, tmp_path, parts, links), form)
    template = make_docx(form.folder / "t.docx", "图{{ 照片 }}")

    document = Template(template, form.headings, [form.names()]).render(names(compute(submission)))

    assert sizes(document) == [(40, 20)]
    assert shown(document) == [png(40, 20)]


def test_a_picture_of_one_workbook_is_no_file_name_in_another(form, tmp_path):
    row, column = cell_of(form, "正文", "照片")
    values = {"正文": {"名称": "甲"}}
    sheet, _ = sheet_of(write_workbook(form, from_plain(values, form)), "正文")
    parts = {
        "xl/drawings/drawing9.xml": drawing(anchor("rId1", (column - 1, row - 1))),
        "xl/media/a.png": png(40, 20),
    }
    links = [
        (sheet, "rIdD", "drawing", "../drawings/drawing9.xml"),
        ("xl/drawings/drawing9.xml", "rId1", "image", "../media/a.png"),
    ]
    submission = read_workbook(written(form, values, tmp_path, parts, links), form)

    again = openpyxl.load_workbook(io.BytesIO(write_workbook(form, submission)))

    assert again["正文"].cell(row, column).value is None
