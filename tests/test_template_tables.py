"""Tables that tags shape: colours, widths, merged cells, columns that a loop makes, copied ids."""

import pytest

from support_docx import NS, W, lines_of, paragraph_text, render, tree_of
from test_render import findings_of

FORM = """
[[section]]
label = "正文"
kind = "record"
fields = [{ label = "名称" }, { label = "颜色" }, { label = "列数", type = "integer" }]

[[section]]
label = "项目"
kind = "table"
fields = [
  { label = "项目名称" },
  { label = "类型" },
  { label = "金额", type = "decimal", places = 2 },
]
"""


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def projects(*rows):
    return {"项目": [dict(zip(("项目名称", "类型", "金额"), row, strict=False)) for row in rows]}


def fills(document):
    return [one.get(f"{W}fill") for one in tree_of(document).iter(f"{W}shd")]


# -- colours and widths ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "fill"),
    [("红", "FF0000"), ("红色", "FF0000"), ("浅绿", "92D050"), ("Light Green", "92D050"),
     ("FFc000", "FFc000"), ("#00B0F0", "00B0F0"), ("无", "auto"), (None, "auto")],
)  # fmt: skip
def test_a_cell_takes_the_colour_that_a_value_names(form, written, fill):
    document = render(
        form, {"正文": {"颜色": written, "名称": "甲"}}, [["{% cellbg 颜色 %}{{ 名称 }}", "乙"]]
    )

    assert fills(document) == [fill]
    assert lines_of(document) == ["| 甲 | 乙 |"]


def test_a_cells_colour_may_depend_on_its_number(form):
    values = projects(("甲", "", "1"), ("乙", "", "-1"))
    tag = '{% cellbg "红" if 项.金额 < 0 else "" %}{{ 项.金额 }}'

    document = render(form, values, [["{%tr for 项 in 项目 %}"], [tag], ["{%tr endfor %}"]])

    assert fills(document) == ["auto", "FF0000"]


@pytest.mark.parametrize("wrong", ["大红大紫", "12345", "GG0000", '"/><w:shd'])
def test_what_is_no_colour_is_a_finding_at_its_cell(form, wrong):
    (finding,) = findings_of(form, {"正文": {"颜色": wrong}}, [["一", "二{% cellbg 颜色 %}"]])

    assert finding.code == "T105"
    assert f"“{wrong}”不是颜色" in finding.message
    assert "第 2 格" in str(finding.place) or "第 2 列" in str(finding.place)


def test_the_properties_of_a_cell_stand_in_the_order_that_word_wants(form):
    document = render(
        form, projects(("甲", "甲")),
        [["{%tr for 项 in 项目 %}", ""], ['{% colspan 2 %}{% cellbg "红" %}{% 合并 %}{{ 项.项目名称 }}', ""], ["{%tr endfor %}", ""]],
        "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w='9'/></w:tblGrid><w:tr><w:tc><w:tcPr><w:vAlign w:val='top'/><w:shd w:val='clear'/><w:tcW w:w='9' w:type='dxa'/></w:tcPr><w:p><w:r><w:t>{{ 名称 }}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
    )  # fmt: skip

    found = [
        [child.tag.removeprefix(W) for child in one] for one in tree_of(document).iter(f"{W}tcPr")
    ]
    assert found[0] == ["tcW", "gridSpan", "shd"]
    assert found[-1] == ["tcW", "shd", "vAlign"]


@pytest.mark.parametrize("wrong", ["0", "-1", None])
def test_a_cell_cannot_span_no_columns(form, wrong):
    (finding,) = findings_of(form, {"正文": {"列数": wrong}}, [["{% colspan 列数 %}甲", "乙"]])

    assert finding.code == "T105"
    assert "列数" in finding.message


# -- merged cells ----------------------------------------------------------------------------

MERGED = [["{%tr for 项 in 项目 %}", ""], ["", "{{ 项.金额 }}"], ["{%tr endfor %}", ""]]


@pytest.mark.parametrize(
    "cell",
    [
        "{% 合并 %}{{ 项.类型 }}",
        "{% 合并相同 %}{{ 项.类型 }}",
        "{{ 项.类型|合并相同 }}",
        "{{ 项.类型|merge_alike }}",
    ],
)
def test_a_cell_that_repeats_the_one_above_is_merged_by_tag_or_filter(form, cell):
    values = projects(("甲", "专项", "1"), ("乙", "专项", "2"), ("丙", "业务", "3"))

    document = render(form, values, [MERGED[0], [cell, MERGED[1][1]], MERGED[2]])

    assert lines_of(document) == ["| 专项 | 1.00 |", "| ^ | 2.00 |", "| 业务 | 3.00 |"]


def test_columns_of_one_kind_have_one_heading(form):
    values = projects(("甲", "专项", "1"), ("乙", "专项", "2"), ("丙", "业务", "3"))
    head = ["名称", "{%tc for 项 in 项目 %}", "{% 横向合并 %}{{ 项.类型 }}", "{%tc endfor %}"]
    rows = [["", "{%tc for 项 in 项目 %}", "{{ 项.项目名称 }}", "{%tc endfor %}"]]

    document = render(form, values, [head, *rows])

    assert lines_of(document) == ["| 名称 | 专项 | 业务 |", "|  | 甲 | 乙 | 丙 |"]
    assert spans(document) == [[1, 2, 1], [1, 1, 1, 1]]
    grid, cells, _ = widths(document)
    assert cells[0] == [grid[0], grid[1] + grid[2], grid[3]]


# -- columns ---------------------------------------------------------------------------------


def spans(document):
    table = tree_of(document).find(".//w:tbl", NS)
    return [
        [
            int(span.get(f"{W}val"))
            if (span := cell.find("w:tcPr/w:gridSpan", NS)) is not None
            else 1
            for cell in row.findall("w:tc", NS)
        ]
        for row in table.findall("w:tr", NS)
    ]


def widths(document):
    table = tree_of(document).find(".//w:tbl", NS)
    grid = [int(one.get(f"{W}w")) for one in table.iter(f"{W}gridCol")]
    cells = [[int(one.get(f"{W}w")) for one in row.iter(f"{W}tcW")] for row in table.iter(f"{W}tr")]
    whole = table.find("w:tblPr/w:tblW", NS)
    return grid, cells, None if whole is None else whole.get(f"{W}w")


def cell(text, width, span=1):
    more = f"<w:gridSpan w:val='{span}'/>" if span > 1 else ""
    return f"<w:tc><w:tcPr><w:tcW w:w='{width}' w:type='dxa'/>{more}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def drawn(*rows, grid=(2000, 1500, 1500, 1500, 1000)):
    columns = "".join(f"<w:gridCol w:w='{width}'/>" for width in grid)
    lines = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    return f"<w:tbl><w:tblPr><w:tblW w:w='7500' w:type='dxa'/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{lines}</w:tbl>"


LOOP = (
    cell("名", 2000) + cell("{%tc for 项 in 项目 %}", 1500) + cell("{{ 项.项目名称 }}", 1500)
    + cell("{%tc endfor %}", 1500) + cell("计", 1000)
)  # fmt: skip


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9])
def test_grid_cells_and_table_agree_however_many_columns_a_loop_makes(form, count):
    values = projects(*((name,) for name in "甲乙丙丁戊己庚辛壬"[:count]))
    heading = cell("项目", 2000) + cell("各项目的金额", 4500, 3) + cell("合计", 1000)
    whole = cell("表头", 7500, 5)

    document = render(form, values, drawn(whole, heading, LOOP))

    grid, cells, table = widths(document)
    assert len(grid) == count + 2
    assert sum(grid) == int(table) == 7500
    assert spans(document) == [[count + 2], [1, count, 1], [1] * (count + 2)]
    assert cells == [[7500], [grid[0], sum(grid[1:-1]), grid[-1]], grid]
    if count <= 7:  # a centimetre each is left
        assert (grid[0], grid[-1]) == (2000, 1000)
    assert min(grid) > 0


def test_a_heading_whose_width_a_tag_gives_keeps_it(form):
    heading = cell("名", 2000) + cell("{% colspan 项目.个数 %}各项目", 4500, 3) + cell("计", 1000)

    document = render(form, projects(*((name,) for name in "甲乙丙丁")), drawn(heading, LOOP))

    assert spans(document) == [[1, 4, 1], [1] * 6]


def test_cells_of_their_own_under_the_loop_share_its_columns(form):
    fixed = cell("a", 2000) + cell("b", 1500) + cell("c", 1500) + cell("d", 1500) + cell("e", 1000)

    wide = render(form, projects(*((name,) for name in "甲乙丙丁")), drawn(fixed, LOOP))
    narrow = render(form, projects(("甲",), ("乙",)), drawn(fixed, LOOP))

    assert spans(wide) == [[1, 1, 1, 2, 1], [1] * 6]
    # three cells cannot stand over two columns: nothing is lost, the grid has the wider row
    assert lines_of(narrow) == ["| a | b | c | d | e |", "| 名 | 甲 | 乙 | 计 |"]
    assert len(widths(narrow)[0]) == 5


def test_a_loop_without_columns_leaves_a_table_that_word_opens(form):
    document = render(form, {}, drawn(LOOP))

    grid, cells, _ = widths(document)
    assert lines_of(document) == ["| 名 | 计 |"]
    assert [grid] == cells
    assert sum(grid) <= 7500


MAYBE = (
    cell("名", 2000) + cell("{%tc if 名称 %}", 1500) + cell("{{ 名称 }}", 1500)
    + cell("{%tc endif %}", 1500) + cell("计", 1000)
)  # fmt: skip
INSIDE = (
    cell("名", 2000)
    + cell("二", 3000, 2)
    + cell("{%tc if 名称 %}{{ 名称 }}{%tc endif %}", 1500)
    + cell("计", 1000)
)


@pytest.mark.parametrize("row", [MAYBE, INSIDE], ids=["cells of their own", "in the cell"])
def test_a_column_by_condition_takes_its_room_along_under_a_heading(form, row):
    whole = cell("表头", 7500, 5)

    there = render(form, {"正文": {"名称": "甲"}}, drawn(whole, row))
    gone = render(form, {}, drawn(whole, row))

    for document in (there, gone):
        grid, cells, table = widths(document)
        assert sum(grid) == int(table) == 7500
        assert cells[0] == [7500]
        assert sum(cells[1]) == 7500
        assert spans(document)[0] == [sum(spans(document)[1])] == [len(grid)]
    assert lines_of(there)[1].count("甲") == 1
    assert len(spans(gone)[1]) == len(spans(there)[1]) - 1


def test_a_column_that_an_else_fills_is_as_wide_as_the_other(form):
    row = (
        cell("名", 2000) + cell("{%tc if 名称 %}", 1500) + cell("{{ 名称 }}", 1500)
        + cell("{%tc else %}", 500) + cell("无", 500) + cell("{%tc endif %}", 500) + cell("计", 1000)
    )  # fmt: skip

    for values, printed in (({"正文": {"名称": "甲"}}, "甲"), ({}, "无")):
        document = render(form, values, drawn(row, grid=(2000, 1500, 1500, 500, 500, 500, 1000)))
        grid, cells, _ = widths(document)
        assert lines_of(document) == [f"| 名 | {printed} | 计 |"]
        assert cells == [grid]
        assert grid == [2000, 4500, 1000]


# -- what loops copy ---------------------------------------------------------------------------


def marked(text, ref):
    return (
        "<w:p><w:bookmarkStart w:id='3' w:name='项目书签'/><w:r><w:t>"
        f"{text}</w:t></w:r><w:bookmarkEnd w:id='3'/>"
        f"<w:r><w:instrText> REF {ref} \\h </w:instrText></w:r>"
        f"<w:hyperlink w:anchor='{ref}'><w:r><w:t>见</w:t></w:r></w:hyperlink></w:p>"
    )


def test_each_item_has_a_bookmark_of_its_own_and_refers_to_it(form):
    document = render(
        form, projects(("甲",), ("乙",), ("丙",)),
        "{%p for 项 in 项目 %}", marked("{{ 项.项目名称 }}", "项目书签"), "{%p endfor %}",
        "<w:p><w:bookmarkStart w:id='0' w:name='别的'/><w:bookmarkEnd w:id='0'/></w:p>",
    )  # fmt: skip

    tree = tree_of(document)
    starts = [(m.get(f"{W}id"), m.get(f"{W}name")) for m in tree.iter(f"{W}bookmarkStart")]
    names = ["项目书签", "项目书签_2", "项目书签_3", "别的"]
    assert [name for _, name in starts] == names
    assert len({number for number, _ in starts}) == 4
    assert [m.get(f"{W}id") for m in tree.iter(f"{W}bookmarkEnd")] == [
        number for number, _ in starts
    ]
    assert [m.text.split()[1] for m in tree.iter(f"{W}instrText")] == names[:3]
    assert [m.get(f"{W}anchor") for m in tree.iter(f"{W}hyperlink")] == names[:3]


def test_a_bookmark_copied_within_a_paragraph_is_unique_too(form):
    start = "<w:bookmarkStart w:id='3' w:name='" + "长" * 40 + "'/><w:bookmarkEnd w:id='3'/>"
    copied = f"<w:p><w:r><w:t>{{% for 项 in 项目 %}}</w:t></w:r>{start}<w:r><w:t>{{{{ 项.项目名称 }}}}{{% endfor %}}</w:t></w:r></w:p>"

    tree = tree_of(render(form, projects(("甲",), ("乙",)), copied))

    assert [m.get(f"{W}name") for m in tree.iter(f"{W}bookmarkStart")] == [
        "长" * 40,
        "长" * 38 + "_2",
    ]
    assert len({m.get(f"{W}id") for m in tree.iter(f"{W}bookmarkStart")}) == 2


def test_copied_paragraphs_do_not_share_words_own_id(form):
    own = "{http://schemas.microsoft.com/office/word/2010/wordml}paraId"
    one = f"<w:p xmlns:w14='{own[1:-7]}' w14:paraId='1A2B3C4D'><w:r><w:t>{{{{ 项.项目名称 }}}}</w:t></w:r></w:p>"

    tree = tree_of(
        render(form, projects(("甲",), ("乙",)), "{%p for 项 in 项目 %}", one, "{%p endfor %}")
    )

    assert [p.get(own) for p in tree.iter(f"{W}p")] == ["1A2B3C4D", None]


def test_spaces_and_tabs_beside_tags_stay(form):
    spaced = (
        "<w:p><w:r><w:t xml:space='preserve'>始 </w:t></w:r><w:r><w:t>{{ 名称 }}</w:t></w:r>"
        "<w:r><w:t xml:space='preserve"
        "'> 中 {{ 名称 }} </w:t><w:tab/><w:t>末</w:t></w:r></w:p>"
    )

    document = render(form, {"正文": {"名称": "甲"}}, spaced)

    paragraph = tree_of(document).find("w:body/w:p", NS)
    assert paragraph_text(paragraph) == "始 甲 中 甲 ⇥末"
    for text in paragraph.iter(f"{W}t"):
        if text.text != text.text.strip():
            assert text.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
