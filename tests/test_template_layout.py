"""What loops and conditions leave: no empty paragraphs, blank pages or tables without rows."""

import pytest

from support_docx import NS, W, lines_of, paragraph_text, parts_of, render, tree_of

FORM = """
[[section]]
label = "正文"
kind = "record"
fields = [
  { label = "名称" },
  { label = "说明", type = "narrative" },
  { label = "备注" },
]

[[section]]
label = "项目"
kind = "table"
fields = [
  { label = "项目名称" },
  { label = "做法", type = "narrative" },
  { label = "金额", type = "decimal", places = 2 },
]

[[section]]
label = "采购"
kind = "table"
empty = "本年度无政府采购支出。"
fields = [{ label = "品名" }, { label = "价款", type = "decimal", places = 2 }]
"""
PAGE = "<w:p><w:r><w:br w:type='page'/></w:r></w:p>"
PROJECTS = {"项目": [{"项目名称": "甲"}, {"项目名称": "乙"}, {"项目名称": "丙"}]}


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def p(text, properties=""):
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def styled(name, text):
    return p(text, f"<w:pStyle w:val='{name}'/>")


# -- paragraphs that say nothing -----------------------------------------------------------


def test_a_paragraph_whose_condition_gave_nothing_goes_away(form):
    document = render(
        form, {"正文": {"名称": "甲"}},
        "一", "{% if 备注 %}备注：{{ 备注 }}{% endif %}", "二{% if 备注 %}备注{% endif %}",
        "{% if 名称 %}{{ 名称 }}{% endif %}", "{% set 甲 = 1 %}", "{# 说明 #}", "三",
    )  # fmt: skip

    assert lines_of(document) == ["一", "二", "甲", "三"]


def test_plain_tags_on_lines_of_their_own_leave_no_empty_lines(form):
    blocks = [
        "前",
        "{% for 项 in 项目 %}",
        "{{ 项.项目名称 }}",
        "{% endfor %}",
        "{% if 备注 %}",
        "有",
        "{% endif %}",
        "后",
    ]

    assert lines_of(render(form, PROJECTS, *blocks)) == ["前", "甲", "乙", "丙", "后"]
    assert lines_of(render(form, {"正文": {"备注": "x"}}, *blocks)) == ["前", "有", "后"]


def test_an_empty_narrative_takes_its_paragraph_along_outside_tables_only(form):
    document = render(
        form,
        {},
        "前",
        "{{ 说明 }}",
        "说明：{{ 说明 }}",
        "{{ 备注 }}",
        "后",
        [["{{ 说明 }}\n{{ 说明 }}"]],
    )

    # an empty text keeps its line, and official tables keep theirs
    assert lines_of(document) == ["前", "说明：", "", "后", "| ⏎ |"]


def test_a_paragraph_that_shows_something_other_than_text_stays(form):
    drawing = "<w:r><w:drawing/></w:r>"
    document = render(
        form, {},
        PAGE.replace("<w:r>", "<w:r><w:t>{% if 备注 %}无{% endif %}</w:t></w:r><w:r>"),
        f"<w:p><w:r><w:t>{{% if 备注 %}}无{{% endif %}}</w:t></w:r>{drawing}</w:p>",
        "后",
    )  # fmt: skip

    assert lines_of(document) == ["⏎", "▣", "后"]


def test_the_end_of_a_section_stays_where_a_condition_was(form):
    section = "<w:p><w:pPr><w:sectPr><w:pgSz w:w='9' w:h='7'/></w:sectPr></w:pPr><w:r><w:t>{% if 备注 %}无{% endif %}</w:t></w:r></w:p>"

    document = render(form, {}, "前", section, "后")

    assert lines_of(document) == ["前", "", "后"]
    assert len(list(tree_of(document).iter(f"{W}sectPr"))) == 2


def test_a_cell_keeps_a_paragraph_and_loses_the_other_empty_ones(form):
    document = render(
        form,
        {},
        [
            [
                "{% if 备注 %}一{% endif %}\n二\n{% if 备注 %}三{% endif %}",
                "{% if 备注 %}四{% endif %}",
            ]
        ],
    )

    assert lines_of(document) == ["| 二 |  |"]
    assert all(cell.findall("w:p", NS) for cell in tree_of(document).iter(f"{W}tc"))


def test_a_header_keeps_its_only_paragraph(form):
    document = render(form, {}, "文", header=["{% if 备注 %}眉{% endif %}"])

    assert [child.tag for child in tree_of(document, "word/header1.xml")] == [f"{W}p"]


def test_two_tables_do_not_become_one_where_a_paragraph_between_them_went(form):
    between = "{% if 备注 %}{{ 备注 }}{% endif %}"
    looped = ["{%p for 项 in 项目 %}", [["{{ 项.项目名称 }}"]], "{%p endfor %}"]

    conditional = render(form, {}, [["上"]], between, [["下"]])
    loop = render(form, PROJECTS, *looped)

    assert lines_of(conditional) == ["| 上 |", "", "| 下 |"]
    assert lines_of(loop) == ["| 甲 |", "", "| 乙 |", "", "| 丙 |"]


def test_a_bookmark_that_begins_in_a_paragraph_which_goes_is_still_whole(form):
    marked = "<w:p><w:bookmarkStart w:id='4' w:name='书签'/><w:r><w:t>{% if 备注 %}无{% endif %}</w:t></w:r></w:p>"
    end = "<w:p><w:r><w:t>后</w:t></w:r><w:bookmarkEnd w:id='4'/></w:p>"

    document = render(form, {}, "前", marked, end)

    assert lines_of(document) == ["前", "后"]
    body = tree_of(document).find("w:body", NS)
    assert [m.tag.removeprefix(W) for m in body.iter() if "bookmark" in str(m.tag)] == [
        "bookmarkStart",
        "bookmarkEnd",
    ]


# -- tables without rows ---------------------------------------------------------------------

HEADED = [
    ["项目", "金额"],
    ["{%tr for 项 in 项目 %}", ""],
    ["{{ 项.项目名称 }}", "{{ 项.金额 }}"],
    ["{%tr endfor %}", ""],
]
BOUGHT = [
    ["品名", "价款"],
    ["{%tr for 项 in 采购 %}", ""],
    ["{{ 项.品名 }}", "{{ 项.价款 }}"],
    ["{%tr endfor %}", ""],
]


def test_a_table_with_nothing_but_its_heading_goes_away_with_caption_and_unit_line(form):
    blocks = [
        "正文一段。",
        styled("Caption", "表{{ 备注 }} 项目支出"),
        p("单位：万元", "<w:jc w:val='right'/>"),
        HEADED,
        "后文。",
    ]

    assert lines_of(render(form, {}, *blocks)) == ["正文一段。", "后文。"]
    assert lines_of(render(form, PROJECTS, *blocks))[1:5] == [
        "表 项目支出",
        "单位：万元",
        "| 项目 | 金额 |",
        "| 甲 |  |",
    ]


@pytest.mark.parametrize(
    ("above", "goes"),
    [
        (p("表1　项目支出情况"), True),
        (p("附表 3 项目支出"), True),
        (p("项目支出情况表", "<w:jc w:val='center'/>"), True),
        (p("（金额单位：万元）"), True),
        (p("项目支出情况表"), False),
        (p("表决情况如下："), False),
        (p("各项目情况如下："), False),
        (styled("Heading1", "一、项目情况"), False),
    ],
)
def test_what_is_taken_for_a_caption(form, above, goes):
    lines = lines_of(render(form, {}, "前", above, HEADED, "后"))

    assert len(lines) == (2 if goes else 3)


def test_an_empty_table_gives_the_forms_sentence_in_the_looks_of_the_text_around(form):
    blocks = [
        styled("Heading1", "一、采购"), p("本年采购如下。", "<w:ind w:firstLine='640'/>"),
        styled("Caption", "表2 采购"), BOUGHT, "后",
    ]  # fmt: skip

    document = render(form, {}, *blocks)

    assert lines_of(document) == ["一、采购", "本年采购如下。", "本年度无政府采购支出。", "后"]
    made = tree_of(document).findall("w:body/w:p", NS)[2]
    assert made.find("w:pPr/w:ind", NS).get(f"{W}firstLine") == "640"


def test_what_a_caption_or_a_heading_row_printed_may_go_with_the_table(form):
    repeated = "<w:trPr><w:tblHeader/></w:trPr>"
    cells = "".join(f"<w:tc>{p(text)}</w:tc>" for text in ("{{ 名称 }}的品名", "价款"))
    loop = "".join(
        f"<w:tr><w:tc>{p(text)}</w:tc></w:tr>"
        for text in ("{%tr for 项 in 采购 %}", "{{ 项.品名 }}", "{%tr endfor %}")
    )
    table = f"<w:tbl><w:tblPr/><w:tblGrid/><w:tr>{repeated}{cells}</w:tr>{loop}</w:tbl>"

    document = render(
        form, {"正文": {"名称": "某局", "备注": "区级"}},
        "前", styled("Caption", "表1 {{ 备注 }}采购"), table, "后",
    )  # fmt: skip

    assert lines_of(document) == ["前", "本年度无政府采购支出。", "后"]


def test_the_sentence_also_stands_for_a_table_whose_total_is_empty(form):
    total = [*BOUGHT, ["合计", "{{ 采购.合计.价款 }}"]]

    assert lines_of(render(form, {}, "前", total)) == ["前", "本年度无政府采购支出。"]
    assert lines_of(render(form, {"采购": [{"品名": "桌", "价款": "3"}]}, "前", total)) == [
        "前", "| 品名 | 价款 |", "| 桌 | 3.00 |", "| 合计 | 3.00 |",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "table",
    [
        [*HEADED, ["合计", "{{ 项目.合计.金额 }}"]],
        [*HEADED, ["备注", "照实填写"]],
        [["单位", "{{ 名称 }}"], *HEADED],
        [*BOUGHT, ["共", "{{ 采购.个数 }}项"]],
        [*HEADED[:3], ["{%tr else %}", ""], ["无", "—"], HEADED[3]],
    ],
    ids=["a total", "a row behind", "a value before", "a total with a number", "else"],
)
def test_an_official_table_keeps_its_other_rows(form, table):
    document = render(form, {"正文": {"名称": "某局"}}, "前", table)

    assert tree_of(document).find(".//w:tbl", NS) is not None
    assert len(lines_of(document)) > 2


def test_only_a_table_or_an_outline_has_a_sentence_for_no_rows(make_form):
    with pytest.raises(Exception, match="empty"):
        make_form(FORM.replace('kind = "record"', 'kind = "record"\nempty = "无。"'))


# -- pages and sections ------------------------------------------------------------------------


def breaks(document):
    """The body as one text: a page break is ⏎, a section's end §."""
    return "".join(
        paragraph_text(one) + ("§" if one.find("w:pPr/w:sectPr", NS) is not None else "")
        for one in tree_of(document).findall("w:body/w:p", NS)
    )


def test_a_page_for_each_item_makes_no_blank_page_behind_the_last(form):
    loop = ["{%p for 项 in 项目 %}", "{{ 项.项目名称 }}", PAGE, "{%p endfor %}"]

    assert breaks(render(form, PROJECTS, *loop)) == "甲⏎乙⏎丙"
    assert breaks(render(form, PROJECTS, *loop, "", "")) == "甲⏎乙⏎丙"
    assert breaks(render(form, PROJECTS, *loop, "后")) == "甲⏎乙⏎丙⏎后"


def test_a_page_before_each_item_makes_no_blank_page_before_the_first(form):
    loop = ["{%p for 项 in 项目 %}", PAGE, "{{ 项.项目名称 }}", "{%p endfor %}"]

    assert breaks(render(form, PROJECTS, *loop)) == "甲⏎乙⏎丙"
    assert breaks(render(form, PROJECTS, "前", *loop)) == "前⏎甲⏎乙⏎丙"


def test_a_break_at_the_end_of_an_items_text_or_before_a_new_page_goes_too(form):
    text = "<w:p><w:r><w:t>{{ 项.项目名称 }}</w:t></w:r><w:r><w:br w:type='page'/></w:r></w:p>"
    loop = ["{%p for 项 in 项目 %}", text, "{%p endfor %}"]
    section = "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>"

    assert breaks(render(form, PROJECTS, *loop)) == "甲⏎乙⏎丙"
    assert breaks(render(form, PROJECTS, *loop, p("后", "<w:pageBreakBefore/>"))) == "甲⏎乙⏎丙后"
    assert breaks(render(form, PROJECTS, *loop, section, "后")) == "甲⏎乙⏎丙§后"


def test_a_break_that_the_office_put_at_the_end_itself_stays(form):
    assert breaks(render(form, PROJECTS, "{{ 名称 }}前", PAGE)) == "前⏎"


def test_a_landscape_section_for_each_item_ends_with_the_document(form):
    wide = "<w:sectPr><w:pgSz w:w='16838' w:h='11906' w:orient='landscape'/></w:sectPr>"
    loop = [
        "{%p for 项 in 项目 %}",
        "{{ 项.项目名称 }}",
        f"<w:p><w:pPr>{wide}</w:pPr></w:p>",
        "{%p endfor %}",
    ]
    first = "<w:p><w:pPr><w:sectPr><w:pgSz w:w='11906' w:h='16838'/></w:sectPr></w:pPr></w:p>"

    document = render(form, PROJECTS, "前", first, *loop)
    with_more = render(form, PROJECTS, "前", first, *loop, "后")

    assert breaks(document) == "前§甲§乙§丙"
    last = tree_of(document).find("w:body", NS)[-1]
    assert last.find("w:pgSz", NS).get(f"{W}orient") == "landscape"
    assert breaks(with_more) == "前§甲§乙§丙§后"
    assert tree_of(with_more).find("w:body", NS)[-1].find("w:pgSz", NS).get(f"{W}orient") is None


# -- lists -------------------------------------------------------------------------------------


def numbers(document):
    """The text of each numbered paragraph and its number, counted as Word counts."""
    numbering = tree_of(document, "word/numbering.xml")
    fresh = {
        one.get(f"{W}numId"): one.find(".//w:startOverride", NS) is not None
        for one in numbering.findall("w:num", NS)
    }
    kinds = {
        one.get(f"{W}numId"): one.find("w:abstractNumId", NS).get(f"{W}val")
        for one in numbering.findall("w:num", NS)
    }
    styles = {
        style.get(f"{W}styleId"): style.find("w:pPr/w:numPr/w:numId", NS)
        for style in tree_of(document, "word/styles.xml").iter(f"{W}style")
    }
    counts, seen, found = {}, set(), []
    for one in tree_of(document).iter(f"{W}p"):
        number = one.find("w:pPr/w:numPr/w:numId", NS)
        if number is None and (style := one.find("w:pPr/w:pStyle", NS)) is not None:
            number = styles.get(style.get(f"{W}val"))
        if number is None:
            continue
        own = number.get(f"{W}val")
        if own not in seen and fresh[own]:
            counts[kinds[own]] = 0
        seen.add(own)
        counts[kinds[own]] = counts.get(kinds[own], 0) + 1
        found.append(f"{counts[kinds[own]]}{paragraph_text(one)}")
    return found


STEP = styled("ListNumber", "步")
NAME = styled("ListNumber2", "{{ 项.项目名称 }}")


def test_the_steps_under_each_heading_count_from_one(form):
    document = render(
        form, PROJECTS, "{%p for 项 in 项目 %}", "{{ 项.项目名称 }}", STEP, STEP, "{%p endfor %}"
    )

    assert numbers(document) == ["1步", "2步"] * 3


def test_a_list_that_the_items_themselves_make_counts_on(form):
    document = render(
        form,
        PROJECTS,
        "{%p for 项 in 项目 %}",
        "",
        NAME,
        STEP,
        STEP,
        "{%p endfor %}",
        NAME.replace("{{ 项.项目名称 }}", "后"),
    )

    assert numbers(document) == [
        "1甲",
        "1步",
        "2步",
        "2乙",
        "1步",
        "2步",
        "3丙",
        "1步",
        "2步",
        "4后",
    ]


def test_a_loop_in_a_loop_counts_from_one_for_each_outer_item(form):
    inner = ["{%p for 内 in 项目 %}", styled("ListNumber", "{{ 内.项目名称 }}"), "{%p endfor %}"]

    document = render(form, PROJECTS, "{%p for 项 in 项目 %}", "标题", *inner, "{%p endfor %}")

    assert numbers(document) == ["1甲", "2乙", "3丙"] * 3


def test_rows_count_on_but_a_list_within_a_cell_begins_anew(form):
    values = {"项目": [{"项目名称": n, "做法": "一\n二"} for n in "甲乙"]}
    table = (
        "<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc><w:p><w:r><w:t>{%tr for 项 in 项目 %}</w:t></w:r></w:p></w:tc></w:tr>"
        f"<w:tr><w:tc>{p('类')}</w:tc><w:tc>{NAME}</w:tc><w:tc>{styled('ListNumber', '{{ 项.做法 }}')}</w:tc></w:tr>"
        "<w:tr><w:tc><w:p><w:r><w:t>{%tr endfor %}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )

    document = render(form, values, table)

    assert numbers(document) == ["1甲", "1一", "2二", "2乙", "1一", "2二"]


def test_a_document_whose_lists_count_on_has_the_templates_numbering(form):
    plain = render(form, PROJECTS, "{%p for 项 in 项目 %}", NAME, "{%p endfor %}")
    bullets = render(
        form,
        PROJECTS,
        "{%p for 项 in 项目 %}",
        "{{ 项.项目名称 }}",
        styled("ListBullet", "点"),
        "{%p endfor %}",
    )

    assert parts_of(plain)["word/numbering.xml"] == parts_of(bullets)["word/numbering.xml"]
    assert b"startOverride" not in parts_of(plain)["word/numbering.xml"]
