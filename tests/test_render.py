"""A template and values → a document: what is typed comes out as typed, or a finding says where."""

import os
import struct
import zlib
from pathlib import Path

import pytest
from docxtpl import DocxTemplate
from lxml import etree

from reportgen.errors import TemplateError
from reportgen.form import Form
from reportgen.names import Shape
from reportgen.template.engine import Template
from support_docx import (
    NS,
    W,
    docx_text,
    lines_of,
    make_docx,
    parts_of,
    render,
    tree_of,
    with_namespaces,
)

FORM = """
[[section]]
label = "正文"
kind = "record"
fields = [
  { label = "名称" },
  { label = "说明", type = "narrative" },
  { label = "备注", blank = "无" },
  { label = "金额", type = "decimal", uom = "万元", places = 2 },
  { label = "面积", type = "decimal", uom = "㎡" },
  { label = "2025年预算", type = "decimal" },
  { label = "执行率", type = "percent", places = 2 },
  { label = "人数", type = "integer" },
  { label = "照片", type = "image" },
]

[[section]]
label = "项目"
kind = "table"
fields = [
  { label = "项目名称" },
  { label = "指标总额", type = "decimal", uom = "万元", places = 2, was = ["预算总额"] },
  { label = "items" },
]

[[section]]
label = "大纲"
kind = "outline"
numbering = ["一、", "（一）"]

[[computed]]
label = "倍数"
formula = "金额 / 人数"
"""


@pytest.fixture
def form(make_form) -> Form:
    return make_form(FORM)


def findings_of(form, values, *blocks, **more):
    with pytest.raises(TemplateError) as error:
        render(form, values, *blocks, **more)
    return error.value.findings


# -- values print as typed ---------------------------------------------------------------

TYPED = [
    "R&D <研发> 增长率<5%且>3%",
    "]]> \"甲\" '乙' “丙”",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "{# 注 #} {{ 未完",
    "{_{ x }_} {_% y %_}",
    "&amp; &lt; &#65;",
    "</w:t></w:r></w:p><w:p>",
    "😀𠮷㎡ 甲　乙",
    "a_b __class__",
    "\\n \\1 \\g<0> $x %s {0}",
]


@pytest.mark.parametrize("typed", TYPED)
def test_a_value_prints_as_typed_in_every_part_of_the_document(form, tmp_path, typed):
    document = render(
        form,
        {"正文": {"名称": typed}},
        "始[{{ 名称 }}]末",
        [["格[{{ 名称 }}]"]],
        TEXT_BOX.replace("…", "{{ 名称 }}"),
        header=["眉[{{ 名称 }}]"],
        footer=["脚[{{ 名称 }}]"],
        title="题[{{ 名称 }}]",
        parts={
            "word/footnotes.xml": FOOTNOTE.replace("…", "{{ 名称 }}"),
            "word/endnotes.xml": FOOTNOTE.replace("…", "{{ 名称 }}").replace("footnote", "endnote"),
        },
    )

    lines = docx_text(document).splitlines()
    core = tree_of(document, "docProps/core.xml")
    assert f"[header1] header: 眉[{typed}]" in lines
    assert f"[footer1] footer: 脚[{typed}]" in lines
    assert f"Normal: 始[{typed}]末" in lines
    assert f"| 格[{typed}] |" in lines
    assert f"[box] Normal: {typed}" in lines
    assert f"[footnote] Normal: {typed}" in lines
    assert f"[endnote] Normal: {typed}" in lines
    assert core.findtext("{http://purl.org/dc/elements/1.1/}title") == f"题[{typed}]"


TEXT_BOX = (
    "<w:p><w:pPr><w:jc w:val='center'/></w:pPr><w:r><w:pict><v:shape><v:textbox><w:txbxContent>"
    "<w:p><w:pPr><w:ind w:left='7'/></w:pPr><w:r><w:t>…</w:t></w:r></w:p>"
    "</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
)
FOOTNOTE = with_namespaces(
    "<w:footnotes><w:footnote w:id='2'><w:p><w:r><w:t>…</w:t></w:r></w:p></w:footnote></w:footnotes>"
)


def test_a_value_cannot_join_its_neighbours_into_a_tag(form):
    values = {"正文": {"名称": "{_", "备注": "{ 7 }", "说明": "_}"}}

    document = render(form, values, "{{ 名称 }}{{ 备注 }}{{ 说明 }}")

    assert lines_of(document) == ["{_{ 7 }_}"]


def test_32_000_characters_and_a_thousand_paragraphs_are_all_there(form):
    long = "字" * 32_000
    many = "\n".join(f"第{n}段" for n in range(1000))

    document = render(form, {"正文": {"名称": long, "说明": many}}, "{{ 名称 }}", "{{ 说明 }}")

    lines = lines_of(document)
    assert lines[0] == long
    assert lines[1:] == many.split("\n")


def test_a_blank_prints_nothing_or_what_its_field_says_and_never_none(form):
    document = render(form, {}, "[{{ 名称 }}|{{ 备注 }}|{{ 金额 }}|{{ 倍数 }}]")

    assert lines_of(document) == ["[|无||]"]


def test_not_applicable_prints_as_the_unit_wrote_it(form):
    values = {"正文": {"备注": "不适用", "金额": "/", "人数": "—"}}

    document = render(form, values, "{{ 备注 }}|{{ 金额 }}|{{ 人数 }}")

    assert lines_of(document) == ["不适用|/|—"]


def test_numbers_print_with_their_places_and_zero_is_no_blank(form):
    values = {"正文": {"金额": "0", "面积": "1703.1542", "执行率": "76.5%", "人数": "14"}}

    document = render(form, values, '{{ 金额 or "-" }}|{{ 面积 }}|{{ 执行率 }}|{{ 人数 }}')

    assert lines_of(document) == ["0|1703.1542|76.50%|14"]


def test_arithmetic_in_a_tag_is_exact_and_prints_plain(form):
    values = {"正文": {"金额": "0.1", "面积": "0.2"}}

    document = render(
        form, values, "{{ 金额 + 面积 }}|{{ 0.1 + 0.2 }}|{{ 金额 == 0.1 }}|{{ 7 * 7 }}"
    )

    assert lines_of(document) == ["0.3|0.3|是|49"]


def test_texts_joined_in_a_tag_print_each_value_as_its_field_asks(form):
    values = {"正文": {"金额": "293.4", "名称": "R&D"}}

    document = render(form, values, '{{ 名称 ~ "：" ~ 金额 ~ "万元" ~ 备注 }}')

    assert lines_of(document) == ["R&D：293.40万元无"]


def test_a_quotient_prints_with_a_filter(form):
    values = {"正文": {"金额": "1", "人数": "3"}}

    document = render(form, values, "{{ (金额 / 人数)|小数(2) }}|{{ (金额 / 人数)|百分比(1) }}")

    assert lines_of(document) == ["0.33|33.3%"]


def test_a_literal_in_a_tag_is_escaped_once(form):
    document = render(
        form, {"正文": {"名称": "R&D"}}, '{{ "A & B" }}{% if 名称 == "R&D" %}，相等{% endif %}'
    )

    assert lines_of(document) == ["A & B，相等"]


# -- narratives --------------------------------------------------------------------------


def test_each_line_of_a_narrative_is_a_paragraph_of_the_same_properties(form):
    paragraph = (
        "<w:p><w:pPr><w:jc w:val='both'/><w:ind w:firstLine='640'/></w:pPr>"
        "<w:r><w:rPr><w:b/></w:rPr><w:t>前{{ 说明 }}后</w:t></w:r></w:p>"
    )

    document = render(form, {"正文": {"说明": "甲\n\n　　乙\n \t丙"}}, paragraph)

    paragraphs = tree_of(document).findall("w:body/w:p", NS)
    assert lines_of(document) == ["前甲", "乙", "丙后"]
    for one in paragraphs:
        assert one.find("w:pPr/w:ind", NS).get(f"{W}firstLine") == "640"
        assert one.find("w:r/w:rPr/w:b", NS) is not None


def test_a_narrative_in_a_table_cell_and_a_header_has_its_paragraphs_there(form):
    values = {"正文": {"说明": "甲\n乙"}}

    document = render(form, values, [["{{ 说明 }}", "右"]], header=["{{ 说明 }}"])

    assert lines_of(document) == ["[header1] 甲", "[header1] 乙", "| 甲⏎乙 | 右 |"]


def test_a_narrative_in_a_text_box_keeps_the_boxs_own_paragraph_style(form):
    document = render(form, {"正文": {"说明": "甲\n乙"}}, TEXT_BOX.replace("…", "{{ 说明 }}"))

    box = tree_of(document).find(".//w:txbxContent", NS)
    assert ["".join(p.itertext()) for p in box] == ["甲", "乙"]
    assert [p.find("w:pPr/w:ind", NS).get(f"{W}left") for p in box] == ["7", "7"]


def test_a_narrative_in_a_sections_last_paragraph_makes_no_new_section(form):
    paragraph = (
        "<w:p><w:pPr><w:pageBreakBefore/><w:sectPr><w:type w:val='nextPage'/></w:sectPr></w:pPr>"
        "<w:r><w:t>{{ 说明 }}</w:t></w:r></w:p>"
    )

    document = render(form, {"正文": {"说明": "甲\n乙\n丙"}}, paragraph, "末")

    body = tree_of(document).find("w:body", NS)
    assert [len(p.findall("w:pPr/w:sectPr", NS)) for p in body.findall("w:p", NS)] == [0, 0, 1, 0]
    assert [len(p.findall("w:pPr/w:pageBreakBefore", NS)) for p in body.findall("w:p", NS)] == [
        1, 0, 0, 0,
    ]  # fmt: skip


def test_a_narrative_in_a_hyperlink_loses_nothing(form):
    paragraph = (
        "<w:p><w:hyperlink w:anchor='a'><w:r><w:t>{{ 说明 }}</w:t></w:r></w:hyperlink></w:p>"
    )

    document = render(form, {"正文": {"说明": "甲\n乙"}}, paragraph)

    assert lines_of(document) == ["甲⏎乙"]


def test_a_tab_in_a_value_is_a_tab_in_word(form):
    document = render(form, {"正文": {"名称": "甲\t乙"}}, "{{ 名称 }}")

    assert lines_of(document) == ["甲⇥乙"]


# -- what is wrong is a finding with its place -------------------------------------------


def test_all_unknown_names_are_found_in_one_run_with_the_nearest_and_the_words_around(form):
    findings = findings_of(
        form,
        {},
        "一、收入{{ 名字 }}万元",
        [["{%tr for 项 in 项目 %}"], ["{{ 项.指标总数 }}"], ["{%tr endfor %}"]],
        header=["页眉{{ 彻底陌生 }}"],
    )

    said = {(f.code, f.message, f.place.field) for f in findings}
    assert said == {
        (
            "T104",
            "模板用了“名字”，表单里没有“名字”。是不是“名称”？",
            "正文，第 1 段：一、收入{{ 名字 }}万元",
        ),
        (
            "T104",
            "模板用了“项.指标总数”，表单里没有“指标总数”。是不是“指标总额”？",
            "正文，“一、收入{{ 名字 }}万元”下，表 1 第 2 行第 1 列：{{ 项.指标总数 }}",
        ),
        (
            "T104",
            "模板用了“彻底陌生”，表单里没有“彻底陌生”。",
            "页眉，第 1 段：页眉{{ 彻底陌生 }}",
        ),
    }
    assert {f.place.file for f in findings} == {"t.docx"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("{% if 名称 %}没有结束", "T108"),
        ("{{ 名称 }", "T107"),
        ("{{ 名称 }} {% endif %}", "T109"),
        ("{{ 金额 + }}", "T103"),
    ],
)
def test_a_wrong_tag_is_a_finding_with_the_words_around(form, wrong, code):
    (finding,) = findings_of(form, {}, "开头", wrong, "结尾")

    assert finding.code == code
    assert finding.level == "error"
    assert finding.place.field == f"正文，第 2 段：{wrong}"


def test_the_place_of_a_wrong_tag_is_its_paragraph(form):
    (finding,) = findings_of(form, {}, "第一段", "第二段{{ 金额 + }}", "第三段")

    assert finding.place.field == "正文，第 2 段：第二段{{ 金额 + }}"


def test_an_unknown_filter_names_the_nearest(form):
    (finding,) = findings_of(form, {}, "共{{ 金额|千分 }}万元")

    assert "过滤器 千分" in finding.message
    assert "是不是“千分位”？" in finding.message
    assert finding.place.field == "正文，第 1 段：共{{ 金额|千分 }}万元"


@pytest.mark.parametrize(
    "tag", ["{{ 项目 }}", "{{ 项目.指标总额 }}", "{{ 正文 }}", "{{ 项目.合计 }}"]
)
def test_a_table_where_one_value_is_wanted_is_a_finding(form, tag):
    (finding,) = findings_of(form, {}, f"这里{tag}")

    assert finding.code == "T105"
    assert "一张表或一组值" in finding.message
    assert finding.place.field == f"正文，第 1 段：这里{tag}"


def test_a_quotient_without_places_is_a_finding(form):
    (finding,) = findings_of(form, {"正文": {"金额": "1", "人数": "3"}}, "比{{ 金额 / 人数 }}")

    assert "|小数(2)" in finding.message
    assert finding.place.field == "正文，第 1 段：比{{ 金额 / 人数 }}"


def test_a_division_by_zero_in_a_tag_is_a_finding_with_the_place(form):
    (finding,) = findings_of(
        form, {"正文": {"金额": "1", "人数": "0"}}, "甲", "人均{{ 金额 / 人数 }}万元", "乙"
    )

    assert finding.code == "T105"
    assert finding.message == (
        "模板“t.docx”里的“{{ 金额 / 人数 }}”算不下去：除数为 0"
        "（正文，第 2 段：人均{{ 金额 / 人数 }}万元）。"
    )


@pytest.mark.parametrize(
    ("tag", "what"),
    [
        ("{{ 名称|小数(2) }}", "“甲”不是数"),
        ("{{ 名称 * 2 }}", "“甲”不是数"),
        ("{{ 名称 + 人数 }}", "“甲”不是数"),
    ],
)
def test_a_text_where_a_number_is_wanted_is_a_finding(form, tag, what):
    (finding,) = findings_of(form, {"正文": {"名称": "甲", "人数": "1"}}, f"这里{tag}")

    assert finding.code == "T105"
    assert what in finding.message
    assert finding.place.field == f"正文，第 1 段：这里{tag}"


@pytest.mark.parametrize(
    "tag",
    [
        "{{ 名称.__class__ }}",
        "{{ 项目.__init__ }}",
        "{{ ''.__class__ }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ 金额.value }}",
        "{{ 项目.rows }}",
        "{{ 项目[0].table }}",
        '{{ 名称["__class__"] }}',
        '{{ 名称|attr("__class__") }}',
        "{{ loop.__class__ }}",
        "{% for x in 项目 %}{{ loop.__class__ }}{% endfor %}",
    ],
)
def test_python_behind_a_value_cannot_be_reached(form, tag):
    values = {"正文": {"名称": "甲", "金额": "1"}, "项目": [{"项目名称": "a"}]}

    findings = findings_of(form, values, tag)

    assert all(f.code.startswith("T") for f in findings)


def test_a_field_called_items_is_the_field(form):
    document = render(
        form, {"项目": [{"items": "甲"}]}, "{% for 项 in 项目 %}{{ 项.items }}{% endfor %}"
    )

    assert lines_of(document) == ["甲"]


def test_an_endless_template_ends_in_a_finding(form):
    findings = findings_of(form, {}, "{% for x in range(999999999) %}a{% endfor %}")

    assert [f.code for f in findings] == ["T105"]


def test_tags_that_open_and_close_on_different_levels_are_a_finding(form):
    (finding,) = findings_of(
        form, {"正文": {"名称": ""}}, "{% if 名称 %}甲", [["乙{% endif %}"]], "丙"
    )

    assert finding.code == "T110"
    assert "一个在正文里，一个在表格里" in finding.message


# -- names -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tag",
    [
        "{{ 金额（万元） }}",
        "{{ 金额(万元) }}",
        "{{金额 （万元）|小数(2)}}",
        "{{ 正文.金额（万元） }}",
        '{{ 正文["金额"] }}',
    ],
)
def test_a_heading_copied_with_its_unit_is_the_name(form, tag):
    document = render(form, {"正文": {"金额": "3.5"}}, tag)

    assert lines_of(document) == ["3.50"]


def test_a_heading_that_begins_with_digits_or_holds_a_square_metre_is_a_name(form):
    values = {"正文": {"2025年预算": "8", "面积": "3020.8"}}

    document = render(form, values, "{{ 2025年预算 }}|{{ 正文.2025年预算 + 1 }}|{{ 面积（㎡） }}")

    assert lines_of(document) == ["8|9|3020.8"]


def test_an_old_name_still_reads(form):
    values = {"项目": [{"指标总额": "2"}]}

    document = render(
        form, values, "{% for 项 in 项目 %}{{ 项.预算总额 }}{% endfor %}|{{ 项目.合计.预算总额 }}"
    )

    assert lines_of(document) == ["2.00|2.00"]


def test_a_tag_split_over_runs_and_marks_is_one_tag(form):
    paragraph = (
        "<w:p><w:r><w:t>{</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{ 名</w:t></w:r>"
        "<w:proofErr w:type='spellStart'/><w:bookmarkStart w:id='1' w:name='a'/>"
        "<w:r><w:t xml:space='preserve'>称 }</w:t></w:r><w:bookmarkEnd w:id='1'/>"
        "<w:r><w:t>}末</w:t></w:r></w:p>"
    )

    document = render(form, {"正文": {"名称": "甲"}}, paragraph)

    assert lines_of(document) == ["甲末"]


def test_last_years_values_have_their_own_name(form):
    values = {"正文": {"金额": "3"}, "上年": {"正文": {"金额": "2"}}}

    document = render(form, values, "{{ 金额 }}|{{ 上年.正文.金额 }}|{{ 金额 - 上年.金额 }}")

    assert lines_of(document) == ["3.00|2.00|1"]


# -- loops and conditions ----------------------------------------------------------------

ROWS = {"项目": [{"项目名称": "甲", "指标总额": "1"}, {"项目名称": "乙", "指标总额": "2.5"}]}


def test_a_row_loop_counts_its_rows_and_totals_them(form):
    document = render(
        form,
        ROWS,
        [
            ["序号", "名称", "金额"],
            ["{%tr for 项 in 项目 %}", "", ""],
            ["{{ 项.序号 }}", "{{ 项.项目名称 }}", "{{ 项.指标总额 }}"],
            ["{%tr endfor %}", "", ""],
            ["合计", "{{ 项目.个数 }}个", "{{ 项目.合计.指标总额 }}"],
        ],
    )

    assert lines_of(document) == [
        "| 序号 | 名称 | 金额 |",
        "| 1 | 甲 | 1.00 |",
        "| 2 | 乙 | 2.50 |",
        "| 合计 | 2个 | 3.50 |",
    ]


def test_a_filtered_table_has_its_own_numbers_and_total(form):
    document = render(
        form,
        ROWS,
        '{% for 项 in 项目|筛选(项目名称="乙") %}{{ 项.序号 }}{{ 项.项目名称 }}{% endfor %}',
        '{{ (项目|筛选(项目名称="乙")).合计.指标总额 }}|{{ (项目|where(项目名称="丁")).个数 }}',
    )

    assert lines_of(document) == ["1乙", "2.50|0"]


def test_loops_nest_over_paragraphs_rows_and_columns(form):
    document = render(
        form,
        ROWS,
        "{%p for 项 in 项目 %}",
        "{{ 项.项目名称 }}：{% for 内 in 项目 if 内.指标总额 > 1 %}{{ 内.项目名称 }}{% endfor %}",
        "{%p endfor %}",
        [
            ["名称", "{%tc for 项 in 项目 %}", "{{ 项.项目名称 }}", "{%tc endfor %}"],
            ["金额", "{%tc for 项 in 项目 %}", "{{ 项.指标总额 }}", "{%tc endfor %}"],
        ],
    )

    assert lines_of(document) == [
        "甲：乙",
        "乙：乙",
        "| 名称 | 甲 | 乙 |",
        "| 金额 | 1.00 | 2.50 |",
    ]


def test_widened_columns_agree_in_grid_and_cells(form):
    values = {"项目": [{"项目名称": n} for n in "甲乙丙丁"]}

    document = render(
        form, values, [["名", "{%tc for 项 in 项目 %}", "{{ 项.项目名称 }}", "{%tc endfor %}"]]
    )

    table = tree_of(document).find(".//w:tbl", NS)
    grid = [int(c.get(f"{W}w")) for c in table.iter(f"{W}gridCol")]
    cells = [int(c.get(f"{W}w")) for c in table.iter(f"{W}tcW")]
    assert len(grid) == 5
    assert grid == cells


MERGED = [
    ["一级", "二级", "三级", "分值"],
    ["{%tr for 项 in 项目 %}", "", "", ""],
    ["{% 合并 %}{{ 项.一级 }}", "{% 合并 %}{{ 项.二级 }}", "{{ 项.三级 }}", "{% merge %}10"],
    ["{%tr endfor %}", "", "", ""],
]
LEVELS = """
[[section]]
label = "项目"
kind = "table"
fields = [{ label = "一级" }, { label = "二级" }, { label = "三级", type = "narrative" }]
"""


def levels(*rows):
    return {"项目": [dict(zip(("一级", "二级", "三级"), row, strict=True)) for row in rows]}


def test_a_cell_that_repeats_the_one_above_is_one_cell_with_it(make_form):
    values = levels(
        ("产出", "数量", "甲"), ("产出", "数量", "乙\n二"), ("产出", "质量", "丙"),
        ("效益", "质量", "丁"), ("效益", "质量", "丁"),
    )  # fmt: skip

    document = render(make_form(LEVELS), values, MERGED)

    # 质量 under 效益 is another one than 质量 under 产出; what is not marked is never merged
    assert lines_of(document) == [
        "| 一级 | 二级 | 三级 | 分值 |",
        "| 产出 | 数量 | 甲 | 10 |",
        "| ^ | ^ | 乙⏎二 | ^ |",
        "| ^ | 质量 | 丙 | 10 |",
        "| 效益 | 质量 | 丁 | 10 |",
        "| ^ | ^ | 丁 | ^ |",
    ]
    merges = [m.get(f"{W}val") for m in tree_of(document).iter(f"{W}vMerge")]
    assert (merges.count("restart"), merges.count("continue")) == (6, 7)
    for cell in tree_of(document).iter(f"{W}tc"):
        merge = cell.find("w:tcPr/w:vMerge", NS)
        assert [p.tag for p in cell if p.tag != f"{W}tcPr"].count(f"{W}p") >= 1
        if merge is not None:
            assert merge.getprevious().tag == f"{W}tcW"
        if merge is not None and merge.get(f"{W}val") == "continue":
            assert "".join(cell.itertext()) == ""


def test_a_row_between_ends_a_merged_cell_and_a_single_one_is_not_merged(make_form):
    values = levels(("产出", "数量", "甲"), ("产出", "数量", "乙"))
    between = [MERGED[0], MERGED[1], MERGED[2], ["小计", "", "", ""], MERGED[3]]

    document = render(make_form(LEVELS), values, between)

    assert [line[:6] for line in lines_of(document)] == ["| 一级 |", *["| 产出 |", "| 小计 |"] * 2]
    assert not list(tree_of(document).iter(f"{W}vMerge"))


def test_merged_cells_of_wide_columns_keep_the_order_that_word_wants(make_form):
    properties = "<w:tcW w:w='100' w:type='dxa'/><w:gridSpan w:val='2'/>"
    marked = (
        "<w:p><w:r><w:t>{% 合</w:t></w:r><w:r><w:t>并 %}</w:t></w:r><w:r><w:t>甲</w:t></w:r></w:p>"
    )
    row = (
        f"<w:tr><w:tc><w:tcPr>{properties}<w:vAlign w:val='center'/></w:tcPr>{marked}</w:tc></w:tr>"
    )
    grid = "<w:tblGrid><w:gridCol w:w='50'/><w:gridCol w:w='50'/></w:tblGrid>"

    document = render(make_form(LEVELS), {}, f"<w:tbl><w:tblPr/>{grid}{row}{row}</w:tbl>")

    cells = list(tree_of(document).iter(f"{W}tcPr"))
    tags = ["tcW", "gridSpan", "vMerge", "vAlign"]
    assert [[p.tag.removeprefix(W) for p in cell] for cell in cells] == [tags, tags]
    assert lines_of(document) == ["| 甲 |", "| ^ |"]


def test_merging_outside_a_table_is_a_wrong_tag(make_form):
    (finding,) = findings_of(make_form(LEVELS), {}, "甲{% 合并 %}")

    assert finding.code == "T103"
    assert finding.place.field == "正文，第 1 段：甲{% 合并 %}"


def test_a_table_inside_a_cell_does_not_widen_the_table_around_it(form):
    inner = (
        "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w='100'/><w:gridCol w:w='100'/>"
        "<w:gridCol w:w='100'/></w:tblGrid><w:tr>"
        + "<w:tc><w:tcPr><w:tcW w:w='100' w:type='dxa'/></w:tcPr><w:p/></w:tc>" * 3
        + "</w:tr></w:tbl>"
    )
    outer = (
        "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w='900'/></w:tblGrid><w:tr><w:tc><w:tcPr>"
        f"<w:tcW w:w='900' w:type='dxa'/></w:tcPr>{inner}<w:p><w:r><w:t>{{{{ 名称 }}}}</w:t></w:r></w:p>"
        "</w:tc></w:tr></w:tbl>"
    )

    document = render(form, {}, outer)

    widths = [c.get(f"{W}w") for c in tree_of(document).iter(f"{W}gridCol")]
    cells = [c.get(f"{W}w") for c in tree_of(document).iter(f"{W}tcW")]
    assert widths == ["900", "100", "100", "100"]
    assert cells == ["900", "100", "100", "100"]


def test_a_cell_in_a_content_control_counts_as_a_column(form):
    cell = "<w:tc><w:tcPr><w:tcW w:w='50' w:type='dxa'/></w:tcPr><w:p/></w:tc>"
    table = (
        "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w='100'/><w:gridCol w:w='100'/></w:tblGrid>"
        f"<w:tr>{cell}<w:sdt><w:sdtContent>{cell}</w:sdtContent></w:sdt></w:tr></w:tbl>"
    )

    document = render(form, {}, table, "{{ 名称 }}")

    assert [c.get(f"{W}w") for c in tree_of(document).iter(f"{W}gridCol")] == ["100", "100"]


def test_an_outline_row_knows_its_number_and_level(form):
    values = {
        "大纲": [
            {"级": 1, "标题": "A"},
            {"级": 2, "标题": "B", "正文": "b"},
            {"正文": "无题"},
            {"级": 1, "标题": "C"},
        ]
    }

    document = render(
        form,
        values,
        "{%p for 条 in 大纲 %}",
        "{{ 条.序号 }}/{{ 条.级 }}/{{ 条.编号 }}{{ 条.标题 }}/{{ 条.正文 }}",
        "{%p endfor %}",
    )

    assert lines_of(document) == ["1/1/一、A/", "2/2/（一）B/b", "3///无题", "4/1/二、C/"]


def test_a_table_whose_loop_has_no_rows_leaves_no_broken_table(form):
    document = render(
        form,
        {},
        "前",
        [["{%tr for 项 in 项目 %}"], ["{{ 项.项目名称 }}"], ["{%tr endfor %}"]],
        "后",
    )

    assert tree_of(document).find(".//w:tbl", NS) is None
    assert lines_of(document) == ["前", "后"]


def test_a_row_whose_cells_are_all_gone_goes_too(form):
    document = render(
        form,
        {},
        [["{%tc for 项 in 项目 %}", "{{ 项.项目名称 }}", "{%tc endfor %}"], ["甲", "乙", "丙"]],
    )

    assert lines_of(document) == ["| 甲 | 乙 | 丙 |"]


def test_a_cell_that_loses_its_only_paragraph_gets_an_empty_one(form):
    document = render(form, {}, [["{%p if 名称 %}\n{{ 名称 }}\n{%p endif %}", "右"]])

    cells = list(tree_of(document).iter(f"{W}tc"))
    assert [len(cell.findall("w:p", NS)) for cell in cells] == [1, 1]


@pytest.mark.parametrize("story", ["header", "footer"])
def test_a_header_or_footer_that_loses_its_paragraphs_gets_an_empty_one(form, story):
    document = render(form, {}, "文", **{story: ["{%p if 名称 %}", "{{ 名称 }}", "{%p endif %}"]})

    assert [child.tag for child in tree_of(document, f"word/{story}1.xml")] == [f"{W}p"]


def test_ids_of_drawings_that_a_loop_copies_are_all_different(form):
    picture = (
        "<w:p><w:r><w:t>{% for 项 in 项目 %}</w:t></w:r><w:r><w:drawing><wp:inline "
        "xmlns:wp='http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing'>"
        "<wp:docPr id='5' name='图'/></wp:inline></w:drawing></w:r>"
        "<w:r><w:t>{% endfor %}</w:t></w:r></w:p>"
    )

    document = render(form, ROWS, picture)

    ids = [d.get("id") for d in tree_of(document).iter("{*}docPr")]
    assert len(ids) == len(set(ids)) == 2


# -- pictures ----------------------------------------------------------------------------


def png(path: Path, width: int, height: int) -> Path:
    """Write a white PNG of that size, at 96 dpi."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + b"\xff" * width for _ in range(height))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"pHYs", struct.pack(">IIB", 3780, 3780, 1))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return path


def test_a_picture_is_drawn_in_its_ratio_and_no_wider_than_the_page(form, tmp_path):
    png(tmp_path / "现场 & 图.PNG", 4000, 1000)

    document = render(
        form, {"正文": {"照片": "现场 & 图.PNG"}}, "图：{{ 照片 }}完", pictures_from=tmp_path
    )

    parts = parts_of(document)
    extent = next(tree_of(document).iter("{*}extent"))
    width, height = int(extent.get("cx")), int(extent.get("cy"))
    assert lines_of(document) == ["图：▣完"]
    assert width <= 156 * 36_000
    assert abs(width / height - 4) < 0.01
    assert parts["word/media/picture1.png"].startswith(b"\x89PNG")
    assert b"media/picture1.png" in parts["word/_rels/document.xml.rels"]
    assert parts["[Content_Types].xml"].count(b'Extension="png"') == 1


def test_a_picture_in_a_header_belongs_to_the_header(form, tmp_path):
    png(tmp_path / "a.png", 10, 10)

    document = render(
        form, {"正文": {"照片": "a.png"}}, "文", header=["{{ 照片 }}"], pictures_from=tmp_path
    )

    assert b"media/picture1.png" in parts_of(document)["word/_rels/header1.xml.rels"]
    assert "[header1] ▣" in lines_of(document)


@pytest.mark.parametrize(
    "content",
    [None, b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"II*\0"],
)
def test_a_missing_or_broken_picture_is_a_finding_with_its_name(form, tmp_path, content):
    if content is not None:
        (tmp_path / "x.png").write_bytes(content)

    (finding,) = findings_of(
        form, {"正文": {"照片": "x.png"}}, "图{{ 照片 }}", pictures_from=tmp_path
    )

    assert finding.code == "T105"
    assert "x.png" in finding.message
    assert finding.place.field == "正文，第 1 段：图{{ 照片 }}"


def test_a_picture_outside_the_workbooks_folder_is_not_taken(form, tmp_path):
    (tmp_path / "甲").mkdir()
    png(tmp_path / "别人的.png", 4, 4)

    for name in ("../别人的.png", str(tmp_path / "别人的.png")):
        (finding,) = findings_of(
            form, {"正文": {"照片": name}}, "{{ 照片 }}", pictures_from=tmp_path / "甲"
        )
        assert "找不到" in finding.message


def test_a_picture_in_a_folder_below_is_found_by_a_path_typed_on_windows(form, tmp_path):
    (tmp_path / "图").mkdir()
    png(tmp_path / "图" / "a.png", 4, 4)

    document = render(form, {"正文": {"照片": "图\\a.png"}}, "{{ 照片 }}", pictures_from=tmp_path)

    assert lines_of(document) == ["▣"]


# -- the package -------------------------------------------------------------------------


def test_the_same_values_give_the_same_bytes(form):
    first = render(form, ROWS, "{{ 名称 }}{{ 项目.个数 }}", header=["{{ 名称 }}"])
    second = render(form, ROWS, "{{ 名称 }}{{ 项目.个数 }}", header=["{{ 名称 }}"])

    assert first == second


def test_parts_without_tags_are_the_templates_own_bytes(form):
    path = make_docx(form.folder / "t.docx", "{{ 名称 }}")

    document = render(form, {"正文": {"名称": "甲"}}, "{{ 名称 }}")

    before, after = parts_of(path), parts_of(document)
    assert list(before) == list(after)
    assert [n for n in before if before[n] != after[n]] == ["word/document.xml"]


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "T101"), (b"", "T102"), (b"no zip", "T102"), (b"PK\x03\x04 cut", "T102")],
)
def test_a_template_that_cannot_be_opened_is_one_finding(form, content, code):
    path = form.folder / "坏.docx"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(TemplateError) as error:
        Template(path, form.headings, [form.names()])

    (finding,) = error.value.findings
    assert finding.code == code
    assert "坏.docx" in str(finding.place) + finding.message


def test_a_workbook_under_a_templates_name_is_no_template(form):
    from reportgen import write_workbook

    path = form.folder / "假.docx"
    path.write_bytes(write_workbook(form))

    with pytest.raises(TemplateError) as error:
        Template(path, form.headings, [form.names()])

    assert [f.code for f in error.value.findings] == ["T102"]


# -- the peer ----------------------------------------------------------------------------

DISH = {"name": "R&D <dish>", "ingredients": ["a", "b & c"]}
ITEM = {"desc": "x < y", "qty": 2, "price": "1.5"}
PEER = {
    "dynamic_table_tpl": {
        "col_labels": ["fruit", "vegetable", "stone", "thing & more"],
        "tbl_contents": [
            {"label": "yellow", "cols": ["banana", "capsicum", "pyrite", "taxi"]},
            {"label": "red", "cols": ["apple", "tomato", "cinnabar", "<double>"]},
        ],
    },
    "nested_for_tpl": {
        "dishes": [DISH, DISH],
        "authors": [{"name": "甲", "books": [{"title": "A&B"}, {"title": "C"}]}],
    },
    "order_tpl": {
        "customer_name": "Eric & Co",
        "items": [ITEM, ITEM],
        "total_price": "10,000.00",
        "is_paid": False,
        "in_europe": True,
        "company_name": "The World <Wide>",
    },
    "horizontal_merge_tpl": {},
    "vertical_merge_nested_tpl": {},
    "vertical_merge_tpl": {"items": [ITEM, ITEM], "category": "Book", "total_price": "1"},
    "less_cells_after_loop_tpl": {},
    "merge_paragraph_tpl": {"living_in_town": True},
    "comments_tpl": {},
    "doc_properties_tpl": {"test": "HelloWorld"},
    "multi_rendering_tpl": {"title": "T & t", "body": "a"},
    "footnotes_tpl": {"a_jinja_variable": "A & B"},
    "preserve_spaces_tpl": {"tag_1": "  x ", "tag_2": " y"},
    "get_undeclared_variables": {
        "name": "n", "age": 3, "email": "e@x", "is_student": True, "has_degree": True,
        "degree_field": "d", "skills": ["a", "b"], "company_name": "c", "page_number": 1,
        "projects": [{"name": "p", "year": 2020, "description": "d & d"}],
        "generation_date": "g", "author": "a",
    },
}  # fmt: skip


def shape(value):
    if isinstance(value, dict):
        return Shape({key: shape(one) for key, one in value.items()})
    if isinstance(value, list):
        return Shape({}, each=shape(value[0]))
    return Shape()


def canonical(xml: bytes) -> str:
    """Return the XML without what is settled otherwise on purpose.

    That is: ``xml:space``, which docxtpl forgets beside some tags, so that Word drops spaces there;
    the data that a content control is bound to, which would take the place of its text; the widths
    of columns and cells, which docxtpl leaves at odds; the order of a cell's properties; ids that a
    loop has copied; paragraphs that conditions have left empty.
    """
    root = etree.fromstring(xml)
    for text in root.iter(f"{W}t"):
        text.attrib.pop("{http://www.w3.org/XML/1998/namespace}space", None)
    for size in root.iter(f"{W}tcW", f"{W}gridCol", f"{W}tblW"):
        size.set(f"{W}w", "")
    for bound in list(root.iter(f"{W}dataBinding")):
        bound.getparent().remove(bound)
    for text in root.iterfind(".//w:sdtPr/w:text", NS):
        text.attrib.clear()
    for properties in root.iter(f"{W}tcPr"):
        properties.extend(sorted(properties, key=lambda child: child.tag))
    for paragraph in list(root.iter(f"{W}p")):
        for name in [name for name in paragraph.attrib if name.endswith("}paraId")]:
            del paragraph.attrib[name]
        shown = [f"{W}drawing", f"{W}pict", f"{W}br", f"{W}sectPr", f"{W}fldChar"]
        if not "".join(paragraph.itertext()).strip() and not list(paragraph.iter(*shown)):
            for mark in list(paragraph.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd")):
                paragraph.addprevious(mark)
            paragraph.getparent().remove(paragraph)
    return etree.canonicalize(etree.tostring(root, encoding="unicode"), rewrite_prefixes=True)


@pytest.mark.skipif(
    "REPORTGEN_SHARED" not in os.environ, reason="REPORTGEN_SHARED: no peer templates"
)
@pytest.mark.parametrize("name", PEER)
def test_a_template_of_docxtpls_own_suite_renders_as_docxtpl_renders_it(form, tmp_path, name):
    path = Path(os.environ["REPORTGEN_SHARED"]) / "corpus" / "docxtpl" / f"{name}.docx"
    context = PEER[name]
    peer = DocxTemplate(path)
    peer.render(context, autoescape=True)
    peer.save(tmp_path / "peer.docx")

    ours = Template(path, form.headings, [shape(context)]).render(context)

    wanted, got = parts_of(tmp_path / "peer.docx"), parts_of(ours)
    for part in (n for n in got if n.startswith("word/") and n.endswith(".xml")):
        if any(word in part for word in ("document", "header", "footer", "footnotes")):
            assert canonical(got[part]) == canonical(wanted[part]), part


@pytest.mark.parametrize(
    "tag", ["{{ 金额|float }}", "{{ 金额|int }}", "{{ 名称|safe }}", "{{ 项目|dictsort }}"]
)
def test_jinjas_filters_that_spoil_our_values_do_not_exist(form, tag):
    (finding,) = findings_of(form, {}, tag)

    assert finding.code == "T104"
    assert "过滤器" in finding.message


@pytest.mark.parametrize(
    ("tag", "printed"),
    [("{{ none }}", ""), ("{{ true }}", "是"), ("{{ 1.50 }}", "1.5"), ("{{ '<b>'|e }}", "<b>")],
)
def test_a_literal_passes_the_same_gate_as_a_value(form, tag, printed):
    assert lines_of(render(form, {}, f"前{tag}后")) == [f"前{printed}后"]


@pytest.mark.parametrize("tag", ["{{ [1, 2] }}", "{{ 项目|连接 }}"])
def test_a_list_never_prints_as_python_does(form, tag):
    (finding,) = findings_of(form, ROWS, tag)

    assert finding.code == "T105"


def test_an_unknown_test_is_a_mistake_of_the_template(form):
    (finding,) = findings_of(form, {}, "{% if 名称 is 空 %}甲{% endif %}")

    assert finding.code == "T103"


@pytest.mark.parametrize(("given", "printed"), [("293.36", "293.4"), ("0.04", "0")])
def test_a_rounded_number_prints_at_the_places_it_was_rounded_to(form, given, printed):
    document = render(
        form,
        {"项目": [{"项目名称": "甲", "指标总额": given}]},
        "{{ 项目.合计.指标总额|四舍五入(1) }}",
    )

    assert lines_of(document) == [printed]


def test_a_broken_number_is_never_written_in_chinese_numerals(form):
    (finding,) = findings_of(form, {}, "{{ 3.7|汉字 }}")

    assert finding.code == "T105"
