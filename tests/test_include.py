"""Another Word file put into a template."""

import re

import pytest
from lxml import etree

from gallery_objects import NAMESPACES as NS
from gallery_objects import add, chart, link, paragraph, placeholder, png
from reportgen.errors import TemplateError
from reportgen.template.lint import lint_form
from support_docx import docx_text, lines_of, make_docx, parts_of, render, tree_of

W, R = (f"{{{NS[prefix]}}}" for prefix in ("w", "r"))
FORM = """
[[section]]
label = "正文"
kind = "record"
fields = [{ label = "名称" }, { label = "照片", type = "image" }]

[[section]]
label = "项目"
kind = "table"
fields = [{ label = "项目名称" }, { label = "金额", type = "decimal" }]
"""
VALUES = {"正文": {"名称": "R&D"}, "项目": [{"项目名称": "甲", "金额": "1"}, {"项目名称": "乙"}]}
TAG = '{%p include "附件一.docx" %}'


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def findings_of(form, *blocks):
    with pytest.raises(TemplateError) as error:
        render(form, VALUES, *blocks)
    return [(f.code, f.place.field, f.message) for f in error.value.findings]


@pytest.mark.parametrize(
    "tag", [TAG, "{%p 插入 “附件一.docx” %}", "｛％ include “附件一.docx” ％｝"]
)
def test_the_body_of_the_other_file_stands_where_the_tag_is(form, tag):
    make_docx(
        form.folder / "附件一.docx",
        "附件：{{ 名称 }}",
        [
            ["项目", "金额"],
            ["{%tr for 项 in 项目 %}", ""],
            ["{{ 项.项目名称 }}", "{{ 项.金额 }}"],
            ["{%tr endfor %}", ""],
        ],
        header=["不带过来"],
    )

    document = render(form, VALUES, "前", tag, "后")

    assert lines_of(document) == [
        "前", "附件：R&D", "| 项目 | 金额 |", "| 甲 | 1 |", "| 乙 |  |", "后",
    ]  # fmt: skip


def test_styles_are_ours_by_name_or_come_along(form):
    def page(document):
        document.add_heading("标题{{ 名称 }}", 1)
        own = document.styles.add_style("附件正文", 1)
        own.base_style = document.styles["Quote"]
        document.add_paragraph("文", style="附件正文")
        # the same name under another id, as other languages of Word have it
        document.styles["Heading 1"].element.set(f"{W}styleId", "a9")
        document.paragraphs[-2].style = document.styles["Heading 1"]

    make_docx(form.folder / "附件一.docx", page)

    document = render(form, VALUES, TAG)

    assert docx_text(document) == "heading 1: 标题R&D\n附件正文: 文\n"
    styles = tree_of(document, "word/styles.xml")
    ids = [s.get(f"{W}styleId") for s in styles.iter(f"{W}style")]
    assert len(ids) == len(set(ids))
    (own,) = (
        s for s in styles.iter(f"{W}style") if s.find("w:name", NS).get(f"{W}val") == "附件正文"
    )
    assert own.find("w:basedOn", NS).get(f"{W}val") == "Quote"


def test_pictures_charts_and_links_come_along(form, tmp_path):
    (tmp_path / "a.png").write_bytes(png(10, 10, (1, 2, 3)))

    def page(document):
        placeholder(document, "固定的", 5, 5)
        placeholder(document, "{{ 照片 }}", 20, 20)
        chart(document, "{{ 项目 }}", [["", "金额"], ["x", 9]])
        add(document, paragraph(link(document, "https://a.cn/{{ 名称 }}", "见")))

    make_docx(form.folder / "附件一.docx", page)
    values = {**VALUES, "正文": {"名称": "1", "照片": "a.png"}}

    document = render(form, values, lambda d: placeholder(d, "", 7, 7), TAG, pictures_from=tmp_path)

    parts = parts_of(document)
    rels = etree.fromstring(parts["word/_rels/document.xml.rels"])
    targets = {one.get("Id"): one.get("Target") for one in rels}
    blips = [targets[b.get(f"{R}embed")] for b in tree_of(document).iter("{*}blip")]
    assert [parts[f"word/{b}"] for b in blips] == [
        png(7, 7, (160, 160, 160)),
        png(5, 5, (160, 160, 160)),
        png(10, 10, (1, 2, 3)),
    ]
    (frame,) = tree_of(document).iter(f"{{{NS['c']}}}chart")
    drawn = etree.fromstring(parts[f"word/{targets[frame.get(f'{R}id')]}"])
    assert [v.text for v in drawn.iterfind(".//c:val//c:v", NS)] == ["1"]
    (address,) = (targets[h.get(f"{R}id")] for h in tree_of(document).iter(f"{W}hyperlink"))
    assert address == "https://a.cn/1"
    ids = [d.get("id") for d in tree_of(document).iter("{*}docPr")]
    assert len(ids) == len(set(ids))
    types = parts["[Content_Types].xml"].decode()
    assert len(re.findall('PartName="([^"]*)"', types)) == len(
        set(re.findall('PartName="([^"]*)"', types))
    )


def test_a_numbered_list_of_the_other_file_counts_for_itself(form):
    def page(document):
        document.add_paragraph("一", style="List Number")
        document.add_paragraph("二", style="List Number")
        direct = document.add_paragraph("三")
        numbers = direct._p.get_or_add_pPr().get_or_add_numPr()
        numbers.get_or_add_ilvl().val = 0
        numbers.get_or_add_numId().val = 2

    make_docx(form.folder / "附件一.docx", page)

    document = render(form, VALUES, page, TAG)

    used = [n.get(f"{W}val") for n in tree_of(document).iter(f"{W}numId")]
    known = {n.get(f"{W}numId") for n in tree_of(document, "word/numbering.xml").iter(f"{W}num")}
    assert len(used) == len(set(used)) == 2
    assert set(used) <= known
    order = [child.tag for child in tree_of(document, "word/numbering.xml")]
    assert order == sorted(order, key=[f"{W}abstractNum", f"{W}num"].index)


def test_a_file_can_be_put_into_a_cell_and_into_a_loop(form):
    make_docx(form.folder / "附件一.docx", "{{ 名称 }}", [["格"]])

    document = render(
        form,
        VALUES,
        [["{%p include '附件一.docx' %}"]],
        "{%p for 项 in 项目 %}",
        TAG,
        "{%p endfor %}",
    )

    (cell, *_) = tree_of(document).iter(f"{W}tc")
    assert [child.tag.removeprefix(W) for child in cell if child.tag != f"{W}tcPr"] == [
        "p",
        "tbl",
        "p",
    ]
    assert lines_of(document)[1:] == ["R&D", "| 格 |", "R&D", "| 格 |"]


def test_a_file_that_is_put_in_can_ask_for_another(form):
    make_docx(form.folder / "附件一.docx", "一", "{%p include '附件二.docx' %}")
    make_docx(form.folder / "附件二.docx", "二")

    assert lines_of(render(form, VALUES, TAG, "后")) == ["一", "二", "后"]


def test_an_unknown_name_in_the_other_file_is_a_finding(form):
    make_docx(form.folder / "附件一.docx", "{{ 名 }}")

    ((code, _, message),) = findings_of(form, TAG)

    assert code == "T104"
    assert "是不是“名称”？" in message


def test_what_cannot_be_put_in_is_a_finding_at_its_tag(form, tmp_path):
    make_docx(form.folder / "圈.docx", "{%p include '圈.docx' %}")
    make_docx(form.folder / "注.docx", "<w:p><w:r><w:footnoteReference w:id='2'/></w:r></w:p>")
    (form.folder / "坏.docx").write_bytes(b"no")
    make_docx(tmp_path / "外.docx", "外")

    found = findings_of(
        form,
        "{%p include '没有.docx' %}",
        "{%p include '圈.docx' %}",
        "{%p include '注.docx' %}",
        "{%p include '坏.docx' %}",
        "{%p include '../../外.docx' %}",
        "见 {%p include '没有.docx' %}",
        "{%p include 名称 %}",
    )

    assert [code for code, _, _ in found] == ["T501"] * 7
    assert [place.partition("：")[0] for _, place, _ in found] == [
        f"正文，第 {n} 段" for n in range(1, 8)
    ]
    for (_, _, message), words in zip(
        found,
        [
            "没有“没有.docx”",
            "又插入了它自己",
            "有脚注",
            "“坏.docx”打不开：这是文本文件",
            "没有“../../外.docx”",
            "独占一段",
            "独占一段",
        ],
        strict=True,
    ):
        assert words in message


def test_lint_counts_what_the_other_file_uses_and_has_nothing_against_the_tag(make_form):
    form = make_form(FORM + '\n[[document]]\ntemplate = "t.docx"\noutput = "{{ 单位名称 }}.docx"\n')
    make_docx(form.folder / "附件一.docx", "{{ 名称 }}{{ 照片 }}")
    make_docx(
        form.folder / "t.docx",
        TAG,
        "{% for 项 in 项目 %}{{ 项.项目名称 }}{{ 项.金额 }}{% endfor %}",
    )

    assert [f.message for f in lint_form(form)] == []


def test_bookmarks_of_both_files_have_numbers_of_their_own(form):
    def page(name):
        mark = f'<w:bookmarkStart w:id="0" w:name="{name}"/><w:bookmarkEnd w:id="0"/>'
        return lambda document: add(document, paragraph(mark, "{{ 名称 }}"))

    make_docx(form.folder / "附件一.docx", page("乙"))

    document = render(form, VALUES, page("甲"), TAG)

    for kind in ("bookmarkStart", "bookmarkEnd"):
        assert [m.get(f"{W}id") for m in tree_of(document).iter(W + kind)] == ["0", "1"]
