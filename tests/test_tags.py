"""Tags as people type them: on a Chinese keyboard, cut up by Word, in the row that repeats."""

import pytest

from reportgen.errors import TemplateError
from support_docx import W, docx_text, lines_of, render, tree_of

FORM = """
[[section]]
label = "正文"
kind = "record"
fields = [
  { label = "名称", required = true },
  { label = "说明", type = "narrative" },
  { label = "金额（万元）", type = "decimal", was = ["金额"] },
  { label = "2025年预算", type = "decimal" },
  { label = "类型", choices = ["R&D", "“甲”类", "50%"] },
]

[[section]]
label = "项目"
kind = "table"
fields = [
  { label = "项目名称" },
  { label = "指标总额", type = "decimal", uom = "万元" },
  { label = "其中：区级资金", type = "decimal", uom = "万元" },
]
"""
VALUES = {
    "正文": {"名称": "甲局", "金额（万元）": "3.5", "2025年预算": "7", "类型": "R&D"},
    "项目": [
        {"项目名称": "一", "指标总额": "1", "其中：区级资金": "0.5"},
        {"项目名称": "二", "指标总额": "2", "其中：区级资金": "1.5"},
    ],
}


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def printed(form, *blocks, **values):
    return lines_of(render(form, {**VALUES, **values}, *blocks))


def refused(form, *blocks, **more):
    with pytest.raises(TemplateError) as error:
        render(form, VALUES, *blocks, **more)
    return [(f.code, f.place.field) for f in error.value.findings]


def run(*texts, looks=""):
    return "".join(f"<w:r>{looks}<w:t xml:space='preserve'>{text}</w:t></w:r>" for text in texts)


BOLD, RED = "<w:rPr><w:b/></w:rPr>", "<w:rPr><w:color w:val='FF0000'/></w:rPr>"


# -- what an input method types -------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("｛｛名称｝｝", "甲局"),
        ("｛｛　名称　｝｝", "甲局"),
        ("{｛ 名称 ｝}", "甲局"),
        ("{{\u00a0名称\u00a0}}", "甲局"),
        ("{\u200b{ 名\u200b称 }\ufeff}", "甲局"),
        ("{{ 金额（万元） }}", "3.5"),
        ("{{ 金额(万元) }}", "3.5"),
        ("{{ 金额（万元）＊ }}", "3.5"),
        ("{{ 名称＊ }}", "甲局"),
        ("{{ 2025年预算 }}", "7"),
        ("{{ ２０２５年预算 }}", "7"),
        ("{{ 名 称 }}", "甲局"),
        ("{{ 正文.名称 }}", "甲局"),
        ("{{ 正文．名称 }}", "甲局"),
        ("{{ 金额（万元）｜小数（２） }}", "3.50"),
        ("{{ 项目.合计.指标总额（万元） }}", "3"),
        ("{{ （项目｜筛选（项目名称＝“二”））．合计．指标总额 }}", "2"),
        ("{{ 金额（万元）＋２０２５年预算 }}", "10.5"),
        ("{% if 名称 %}有{% endif %}", "有"),
        ("｛％ if 名称 ％｝有｛％ endif ％｝", "有"),
        ("{％　ｉｆ　名称　％}有{％ endif ％}", "有"),
        ("{% if 类型 == “R&amp;D” %}研{% else %}非{% endif %}", "研"),
        ("{%– if 名称 –%}有{% endif %}", "有"),
        ("｛＃ 这里是说明 ＃｝", ""),
        ("{{r 名称 }}", "甲局"),
        ("{{ “}}” }}", "}}"),
        ("{{ ‘a“b”c’ }}", "a“b”c"),
    ],
)
def test_inside_a_tag_what_a_chinese_keyboard_types_is_understood(form, tag, value):
    assert printed(form, f"<w:p>{run('前[' + tag + ']后')}</w:p>") == [f"前[{value}]后"]


@pytest.mark.parametrize(
    "text",
    [
        "（一）人员，经费：㎡　“三公”",
        "｛甲｝ ｛ ｛ 名称 ｝ ｝ 50％",
        "{ { 名称 } } {名称} 【名称】",
        '{"a":{"b":1}}',
        "甲\u200b乙\u00a0丙",
        "}} %}",
    ],
)
def test_outside_tags_nothing_is_touched(form, text):
    assert printed(form, f"{text}{{{{ 名称 }}}}{text}") == [f"{text}甲局{text}"]


@pytest.mark.parametrize(
    ("kind", "printed_"), [("R&D", "研"), ("“甲”类", "甲"), ("50%", "半"), (None, "无")]
)
def test_a_quoted_text_is_compared_sign_by_sign(form, kind, printed_):
    tag = (
        "{% if 类型 == 'R&D' %}研{% elif 类型 == '“甲”类' %}甲"
        '{% elif 类型 == "50%" %}半{% else %}无{% endif %}'
    )

    assert printed(form, tag, 正文={"类型": kind}) == [printed_]


# -- cut up by Word -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inside",
    [
        run("{", "{ 名", "称", " }", "}"),
        run("{{ ") + "<w:proofErr w:type='spellStart'/>" + run("名称") + "<w:proofErr w:type='spellEnd'/>" + run(" }}"),
        run("{{ 名") + "<w:bookmarkStart w:id='3' w:name='b'/>" + run("称 }}") + "<w:bookmarkEnd w:id='3'/>",
        run("{{ 名") + run("称 ", looks=BOLD) + run("}}", looks=RED),
        "<w:r><w:t>{{</w:t><w:tab/><w:t>名称</w:t><w:br/><w:t>}}</w:t></w:r>",
        run("{{ ") + "<w:hyperlink w:anchor='x'>" + run("名称 }}") + "</w:hyperlink>",
        "<w:hyperlink w:anchor='x'>" + run("{{ 名称") + "</w:hyperlink>" + run(" }}"),
        "<w:sdt><w:sdtContent>" + run("{{ 名") + "</w:sdtContent></w:sdt>" + run("称 }}"),
        "<w:ins w:id='1' w:author='甲' w:date='2026-01-01T00:00:00Z'>" + run("{{ 名称 }}") + "</w:ins>",
        run("{{ 名") + "<w:del w:id='1' w:author='甲' w:date='2026-01-01T00:00:00Z'><w:r><w:delText>{{ 旧 }}</w:delText></w:r></w:del>" + run("称 }}"),
    ],
)  # fmt: skip
def test_a_tag_that_word_has_cut_up_is_one_tag(form, inside):
    document = render(form, VALUES, f"<w:p>{run('前')}{inside}{run('后')}</w:p>")

    assert "".join(lines_of(document)) == "前甲局后"


def test_a_tag_takes_the_looks_of_its_first_sign_and_leaves_its_neighbours_theirs(form):
    paragraph = run("前{{", looks=BOLD) + run(" 名称 ") + run("}}后", looks=RED)

    document = render(form, VALUES, f"<w:p>{paragraph}</w:p>")

    runs = [
        ("".join(t.text or "" for t in r.iter(f"{W}t")), r[0][0].tag.removeprefix(W))
        for r in tree_of(document).iter(f"{W}r")
    ]
    assert runs == [("前甲局", "b"), ("后", "color")]


def test_bookmarks_within_a_tag_stay(form):
    paragraph = run("{{ 名") + "<w:bookmarkStart w:id='3' w:name='b'/>" + run("称 }}")

    document = render(form, VALUES, f"<w:p>{paragraph}<w:bookmarkEnd w:id='3'/></w:p>")

    assert [b.get(f"{W}name") for b in tree_of(document).iter(f"{W}bookmarkStart")] == ["b"]


def test_a_tag_that_someone_deleted_is_not_run(form):
    deleted = "<w:del w:id='1' w:author='甲'><w:r><w:delText>{{ 没有 }}</w:delText></w:r></w:del>"

    assert printed(form, f"<w:p>{run('前')}{deleted}{run('后')}</w:p>") == ["前后"]


# -- rows and paragraphs --------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        [["{%tr for 项 in 项目 %}", ""], ["{{ 项.项目名称 }}", "{{ 项.指标总额 }}"], ["{%tr endfor %}", ""]],
        [["{%tr for 项 in 项目 %}{{ 项.项目名称 }}", "{{ 项.指标总额 }}{%tr endfor %}"]],
        [["{%tr for 项 in 项目 %}\n{{ 项.项目名称 }}", "{{ 项.指标总额 }}\n{%tr endfor %}"]],
        [["{% tr for 项 in 项目 %}{{ 项.项目名称 }}", "{{ 项.指标总额 }}{% tr endfor %}"]],
        [["{%tr for 项 in 项目 %}{{ 项.项目名称 }}", "{{ 项.指标总额 }}"], ["{%tr endfor %}", ""]],
    ],
)  # fmt: skip
def test_the_tags_of_a_row_loop_stand_in_the_row_or_in_rows_of_their_own(form, rows):
    assert printed(form, [["名称", "总额"], *rows, ["合计", "{{ 项目.合计.指标总额 }}"]]) == [
        "| 名称 | 总额 |", "| 一 | 1 |", "| 二 | 2 |", "| 合计 | 3 |",
    ]  # fmt: skip


def test_two_blocks_may_begin_in_one_row(form):
    row = "{%tr for 项 in 项目 %}{%tr if 项.指标总额 > 1 %}{{ 项.项目名称 }}"

    assert printed(form, [[row, "{{ 项.指标总额 }}{%tr endif %}{%tr endfor %}"]]) == ["| 二 | 2 |"]


def test_a_row_may_be_left_out_by_tags_that_stand_in_it(form):
    row = ["{%tr if 项目.个数 > 5 %}多", "{{ 名称 }}{%tr endif %}"]

    assert printed(form, [["头", ""], row]) == ["| 头 |  |"]


@pytest.mark.parametrize(
    ("blocks", "lines"),
    [
        (["{%p if 名称 %}有{%p endif %}", "尾"], ["有", "尾"]),
        (["{%p if not 名称 %}无{%p endif %}", "尾"], ["尾"]),
        (["{%p if not 名称 %}", "无", "{%p else %}", "有", "{%p endif %}"], ["有"]),
        (["{%p if not 名称 %}{%p if 名称 %}", "无", "{%p endif %}{%p endif %}", "尾"], ["尾"]),
        (["头{%p if not 名称 %}", "无", "{%p endif %}尾"], ["头", "尾"]),
        (["{%p for 项 in 项目 %}{{ 项.序号 }}.{{ 项.项目名称 }}{%p endfor %}"], ["1.一", "2.二"]),
    ],
)
def test_a_paragraph_tag_begins_or_ends_where_it_stands_and_no_text_is_lost(form, blocks, lines):
    assert printed(form, *blocks) == lines


def test_the_end_of_a_section_stays_where_a_tag_shares_its_paragraph(form):
    section = "<w:pPr><w:sectPr><w:pgSz w:w='100' w:h='200'/></w:sectPr></w:pPr>"
    last = f"<w:p>{section}{run('{%p endif %}')}</w:p>"

    document = render(form, VALUES, "{%p if not 名称 %}", "无", last, "尾")

    sizes = [size.get(f"{W}w") for size in tree_of(document).iter(f"{W}pgSz")]
    assert "100" in sizes
    assert "无" not in docx_text(document)


# -- what cannot be understood --------------------------------------------------------------


@pytest.mark.parametrize(
    ("blocks", "wanted"),
    [
        (["前{%p if 名称 %}后", "{%p endif %}"], [("T111", "正文，第 1 段：前{%p if 名称 %}后")]),
        (
            [[["前", "{%tr for 项 in 项目 %}", "后"], ["{%tr endfor %}", "", ""]]],
            [("T111", "正文，表 1 第 1 行第 2 列：{%tr for 项 in 项目 %}")],
        ),
        (
            ["{%tr for 项 in 项目 %}", "{%tr endfor %}"],
            [
                ("T112", "正文，第 1 段：{%tr for 项 in 项目 %}"),
                ("T112", "正文，第 2 段：{%tr endfor %}"),
            ],
        ),
        (["一、情况", "甲{{ 名称 乙"], [("T107", "正文，“一、情况”下，第 1 段：甲{{ 名称 乙")]),
        (
            ["{{ 名称 {{ 说明 }}"],
            [("T107", "正文，第 1 段：{{ 名称 {{ 说明 }}")],
        ),
        (["{{ 名称", "}}"], [("T107", "正文，第 1 段：{{ 名称")]),
        (
            ["{% if 名称 %}{% for 项 in 项目 %}{% endif %}"],
            [("T108", "正文，第 1 段：{% if 名称 %}{% for 项 in 项目 %}{% endif %}")],
        ),
        (["{% else %}"], [("T109", "正文，第 1 段：{% else %}")]),
        (
            [[["{%p if 名称 %}甲", "乙{%p endif %}"]]],
            [("T110", "正文，表 1 第 1 行第 2 列：乙{%p endif %}")],
        ),
        (
            [[["{%tr for 项 in 项目 %}"], ["甲"]], "{%p endfor %}"],
            [("T110", "正文，第 1 段：{%p endfor %}")],
        ),
        (
            ["{{ 名称 + }}", "{{ (名称 }}", "{% fro 项 in 项目 %}"],
            [
                ("T103", "正文，第 1 段：{{ 名称 + }}"),
                ("T103", "正文，第 2 段：{{ (名称 }}"),
                ("T103", "正文，第 3 段：{% fro 项 in 项目 %}"),
            ],
        ),
    ],
)
def test_what_is_wrong_with_tags_is_all_said_with_its_place(form, blocks, wanted):
    assert refused(form, *blocks) == wanted


def test_a_place_names_the_story(form):
    note = (
        "<w:footnotes xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
        "<w:footnote w:id='2'><w:p><w:r><w:t>注{{ 甲 }}</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    box = (
        "<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>{{ 乙 }}</w:t></w:r>"
        "</w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )

    found = refused(
        form, box, header=["{{ 丙 }}"], footer=["{{ 丁 }}"], title="{{ 戊 }}",
        parts={"word/footnotes.xml": note},
    )  # fmt: skip

    assert sorted(place for _, place in found) == sorted(
        [
            "正文，文本框，第 2 段：{{ 乙 }}", "脚注，第 1 段：注{{ 甲 }}", "页眉，第 1 段：{{ 丙 }}",
            "页脚，第 1 段：{{ 丁 }}", "文档属性：{{ 戊 }}",
        ]
    )  # fmt: skip


def test_a_tag_that_fails_names_its_place_in_word_and_the_cell(form):
    path = "{{ (金额（万元） / 2025年预算)|小数(2) }}"

    with pytest.raises(TemplateError) as error:
        render(form, {**VALUES, "正文": {"2025年预算": "0", "金额（万元）": "1"}}, "甲", path)

    (finding,) = error.value.findings
    assert "除数为 0" in finding.message
    assert "正文，第 2 段" in finding.message


def test_a_heading_that_is_a_number_is_no_number_of_a_tag(make_form):
    form = make_form("""
[[section]]
label = "分月"
kind = "grid"
columns = ["金额"]
rows = ["1", "2"]
""")
    values = {"分月": {"1": {"金额": "3"}, "2": {"金额": "4"}}}

    document = render(form, values, "{{ 分月.1.金额 }}", "{{ 分月.2.金额 }}")

    assert lines_of(document) == ["3", "4"]
