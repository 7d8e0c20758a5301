"""Charts drawn in Word, filled with the rows of a table or with tags in their own tables."""

import io

import openpyxl
import pytest
from lxml import etree

from gallery_objects import NAMESPACES as NS
from gallery_objects import chart
from reportgen.errors import TemplateError
from support_docx import parts_of, render, tree_of

C, R = f"{{{NS['c']}}}", f"{{{NS['r']}}}"
FORM = """
[[section]]
label = "正文"
kind = "record"
fields = [{ label = "年度", type = "year" }, { label = "金额", type = "decimal", uom = "万元" }]

[[section]]
label = "项目明细"
kind = "table"
fields = [
  { label = "项目名称" },
  { label = "指标总额", type = "decimal", uom = "万元", places = 2 },
  { label = "支出总额", type = "decimal", uom = "万元", places = 2 },
  { label = "执行率", type = "percent", formula = "支出总额 / 指标总额" },
  { label = "类型", choices = ["专项", "日常"] },
]

[[section]]
label = "收支"
kind = "grid"
columns = ["预算数", "决算数"]
rows = ["基本支出", "项目支出"]
"""
ROWS = [
    {"项目名称": "甲 & 乙", "指标总额": "365.5", "支出总额": "123456789012.34", "类型": "专项"},
    {"项目名称": "丙", "指标总额": "0", "支出总额": "", "类型": "日常"},
    {"项目名称": "丁", "指标总额": "3", "支出总额": "1", "类型": "专项"},
]
#: What Word puts into a new chart.
SAMPLE = [
    ["", "指标总额", "支出总额"],
    ["类别 1", 4.3, 2.4],
    ["类别 2", 2.5, 4.4],
    ["类别 3", 3.5, 1.8],
    ["类别 4", 4.5, 2.8],
]


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def charted(form, values, alternative="{{ 项目明细 }}", table=SAMPLE, **more):
    return render(form, values, lambda document: chart(document, alternative, table, **more))


def finding_of(form, values, *args, **more):
    with pytest.raises(TemplateError) as error:
        charted(form, values, *args, **more)
    (finding,) = error.value.findings
    return finding


def charts(document):
    """Return the tree and the table of each chart that the document shows, in order."""
    parts = parts_of(document)
    rels = etree.fromstring(parts["word/_rels/document.xml.rels"])
    targets = {one.get("Id"): one.get("Target") for one in rels}
    found = []
    for frame in tree_of(document).iter(f"{C}chart"):
        name = targets[frame.get(f"{R}id")].rpartition("/")[2]
        root = etree.fromstring(parts[f"word/charts/{name}"])
        links = etree.fromstring(parts[f"word/charts/_rels/{name}.rels"])
        outer = root.find("c:externalData", NS).get(f"{R}id")
        (target,) = (one.get("Target") for one in links if one.get("Id") == outer)
        table = openpyxl.load_workbook(io.BytesIO(parts[f"word/{target.removeprefix('../')}"]))
        found.append((root, table))
    return found


def drawn(root, name):
    """Return for each series the reference, the number of points and the points by index."""
    out = []
    for element in root.iter(f"{C}{name}"):
        (reference,) = element
        if reference.tag == f"{C}rich":
            continue
        (cache,) = (e for e in reference if e.tag.endswith("Cache"))
        points = {p.get("idx"): p.findtext("c:v", None, NS) for p in cache.iter(f"{C}pt")}
        count = int(cache.find("c:ptCount", NS).get("val"))
        out.append((reference.findtext("c:f", None, NS), count, points))
    return out


def rows_of(table, title="Sheet1"):
    return [list(row) for row in table[title].iter_rows(values_only=True)]


def test_a_chart_draws_the_rows_of_the_table_that_its_alternative_text_names(form):
    ((root, table),) = charts(charted(form, {"项目明细": ROWS}))

    names = {"0": "甲 & 乙", "1": "丙", "2": "丁"}
    assert drawn(root, "cat") == [("'Sheet1'!$A$2:$A$4", 3, names)] * 2
    assert drawn(root, "val") == [
        ("'Sheet1'!$B$2:$B$4", 3, {"0": "365.5", "1": "0", "2": "3"}),
        ("'Sheet1'!$C$2:$C$4", 3, {"0": "123456789012.34", "2": "1"}),  # a blank is no 0
    ]
    assert rows_of(table) == [
        [None, "指标总额", "支出总额"],
        ["甲 & 乙", 365.5, 123456789012.34],
        ["丙", 0, None],
        ["丁", 3, 1],
    ]
    # the numbers that Word had put there as an example are nowhere any more
    assert not list(root.iter(f"{C}dPt"))


def test_nothing_of_the_templates_own_chart_stays_in_the_document(form):
    document = charted(form, {"项目明细": ROWS})

    parts = parts_of(document)
    assert {n for n in parts if n.startswith(("word/charts/", "word/embeddings/"))} == {
        "word/charts/chart2.xml",
        "word/charts/_rels/chart2.xml.rels",
        "word/charts/style_chart11.xml",
        "word/embeddings/table1.xlsx",
    }
    assert all("类别".encode() not in content for content in parts.values())
    assert b"chart1.xml" not in parts["[Content_Types].xml"]
    assert b"chart1.xml" not in parts["word/_rels/document.xml.rels"]


def test_the_headings_of_the_charts_table_name_the_columns(form):
    table = [["类型", "指标总额（万元）"], ["x", 1]]

    ((root, _),) = charts(charted(form, {"项目明细": ROWS}, table=table))

    assert drawn(root, "cat")[0][2] == {"0": "专项", "1": "日常", "2": "专项"}
    assert drawn(root, "val")[0][2] == {"0": "365.5", "1": "0", "2": "3"}


@pytest.mark.parametrize("kind", ["bar", "line", "pie"])
def test_rows_can_be_chosen_and_sorted(form, kind):
    rows = '{{ 项目明细|筛选(类型="专项")|排序("指标总额") }}'

    ((root, _),) = charts(charted(form, {"项目明细": ROWS}, rows, kind=kind))

    assert drawn(root, "cat")[0][2] == {"0": "丁", "1": "甲 & 乙"}
    assert drawn(root, "val")[0][2] == {"0": "3", "1": "365.5"}


def test_a_scatter_chart_has_numbers_on_both_axes(form):
    table = [["支出总额", "指标总额"], [1, 2]]

    ((root, _),) = charts(charted(form, {"项目明细": ROWS}, table=table, kind="scatter"))

    assert drawn(root, "xVal")[0][2] == {"0": "123456789012.34", "2": "1"}
    assert drawn(root, "yVal")[0][2] == {"0": "365.5", "1": "0", "2": "3"}


def test_a_percentage_is_a_share_and_its_labels_show_a_percentage(form):
    table = [["", "执行率"], ["x", 1]]
    rows = [{"项目名称": "甲", "指标总额": "3", "支出总额": "1"}]

    ((root, _),) = charts(charted(form, {"项目明细": rows}, table=table))

    assert drawn(root, "val")[0][2] == {"0": "0.333333333333333"}
    assert root.findtext(".//c:val//c:formatCode", None, NS) == "0.00%"


def test_a_table_without_rows_gives_a_chart_without_points(form):
    ((root, table),) = charts(charted(form, {}))

    assert drawn(root, "val") == [
        ("'Sheet1'!$B$2:$B$2", 0, {}),
        ("'Sheet1'!$C$2:$C$2", 0, {}),
    ]
    assert rows_of(table) == [[None, "指标总额", "支出总额"]]


def test_a_grid_can_be_drawn_too(form):
    values = {"收支": {"基本支出": {"预算数": "1", "决算数": "2"}, "项目支出": {"决算数": "4"}}}
    table = [["", "预算数", "决算数"], ["x", 1, 1]]

    ((root, _),) = charts(charted(form, values, "{{ 收支 }}", table))

    assert drawn(root, "cat")[0][2] == {"0": "基本支出", "1": "项目支出"}
    assert [points for _, _, points in drawn(root, "val")] == [{"0": "1"}, {"0": "2", "1": "4"}]


def test_tags_in_the_charts_table_and_title_are_filled(form):
    table = [
        ["", "{{ 年度 }}年"],
        ["预算", "{{ 收支.基本支出.预算数 }}"],
        ["其他", 7.5],
        ["{{ 年度 }}决算", "｛｛ 收支.基本支出.决算数 ｝｝"],
    ]
    values = {"正文": {"年度": "2025"}, "收支": {"基本支出": {"预算数": "1.1", "决算数": "2"}}}

    document = charted(form, values, "", table, kind="pie", title="{{ 年度 }}年<收支>")

    ((root, book),) = charts(document)
    assert drawn(root, "tx")[0][2] == {"0": "2025年"}
    assert drawn(root, "cat")[0][2] == {"0": "预算", "1": "其他", "2": "2025决算"}
    assert drawn(root, "val")[0][2] == {"0": "1.1", "1": "7.5", "2": "2"}
    title = root.find(".//c:title", NS)
    assert "".join(title.itertext()) == "2025年<收支>"
    assert rows_of(book) == [[None, "2025年"], ["预算", 1.1], ["其他", 7.5], ["2025决算", 2]]


def test_each_turn_of_a_loop_has_a_chart_of_its_own(form):
    def page(document):
        document.add_paragraph('{%p for 组 in 项目明细|分组("类型") %}')
        chart(document, "{{ 组 }}", SAMPLE, title="{{ 组.类型 }}")
        document.add_paragraph("{%p endfor %}")

    document = render(form, {"项目明细": ROWS}, page)

    found = [
        (root.findtext(".//a:t", None, NS), drawn(root, "cat")[0][2])
        for root, _ in charts(document)
    ]
    assert found == [("专项", {"0": "甲 & 乙", "1": "丁"}), ("日常", {"0": "丙"})]
    types = parts_of(document)["[Content_Types].xml"].decode()
    for name in parts_of(document):
        if name.startswith("word/charts/c"):
            assert types.count(f'PartName="/{name}"') == 1


def test_a_heading_that_is_no_column_is_a_finding_with_the_nearest(form):
    finding = finding_of(form, {}, table=[["", "指标总金额"], ["x", 1]])

    assert finding.code == "T104"
    assert "是不是“指标总额”？" in finding.message
    assert finding.place.field == "正文，第 1 段：{{ 项目明细 }}"


def test_a_column_of_texts_is_a_finding(form):
    finding = finding_of(form, {"项目明细": ROWS}, table=[["", "类型"], ["x", 1]])

    assert finding.code == "T105"
    assert "“类型”这一列要是数" in finding.message


@pytest.mark.parametrize("alternative", ["{{ 年度 }}", "{{ 正文 }}"])
def test_an_alternative_text_that_names_no_table_is_a_finding(form, alternative):
    finding = finding_of(form, {"正文": {"年度": "2025"}}, alternative)

    assert finding.code == "T105"
    assert "一张表的名称" in finding.message


def test_a_chart_without_any_column_is_a_finding(form):
    finding = finding_of(form, {"项目明细": ROWS}, table=[[""], ["x"]])

    assert finding.code == "T105"
    assert "编辑数据" in finding.message


def test_a_chart_without_tags_stays_as_it_is(form):
    ((root, table),) = charts(charted(form, {"项目明细": ROWS}, "各项目的支出"))

    assert drawn(root, "val")[0][2] == {"0": "4.3", "1": "2.5", "2": "3.5", "3": "4.5"}
    assert rows_of(table)[1] == ["类别 1", 4.3, 2.4]


def test_the_same_rows_give_the_same_bytes(form):
    assert charted(form, {"项目明细": ROWS}) == charted(form, {"项目明细": ROWS})
