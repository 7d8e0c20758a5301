"""A number that has its own cell is not given otherwise in a sentence."""

import pytest

from reportgen.compute import compute
from reportgen.restated import restated_numbers_agree
from reportgen.values import from_plain
from support_form import find

FORM = """
[[section]]
label = "概况"
kind = "record"
fields = [
  { label = "报告年度", type = "year" },
  { label = "在职人数", type = "integer", uom = "人" },
  { label = "内设股室数", type = "integer", uom = "个" },
  { label = "年末资产", type = "decimal", uom = "元" },
  { label = "办公用房面积", type = "decimal", uom = "㎡" },
  { label = "预算执行率", type = "percent", places = 2 },
  { label = "人数", type = "integer", uom = "人" },
  { label = "决算总数", type = "decimal", uom = "万元" },
  { label = "满意得分", type = "decimal" },
  { label = "情况", type = "narrative" },
]
[[section]]
label = "收支"
kind = "grid"
uom = "万元"
columns = ["年初预算", { label = "决算数" }]
rows = ["基本支出", "项目支出"]
[[section]]
label = "工会"
kind = "grid"
uom = "万元"
columns = ["决算数"]
rows = ["项目支出"]
[[section]]
label = "项目"
kind = "table"
fields = [
  { label = "项目名称" },
  { label = "指标总额", type = "decimal", uom = "万元" },
  { label = "决算总数", type = "decimal", uom = "万元" },
  { label = "全年支出决算数" },
  { label = "做法", type = "narrative" },
]
[[computed]]
label = "支出决算数"
uom = "万元"
formula = "收支.合计.决算数"
[[computed]]
label = "其他支出决算数"
uom = "万元"
formula = "收支.项目支出.决算数"
"""

VALUES = {
    "基本信息": {"单位名称": "甲局"},
    "概况": {
        "报告年度": 2025, "在职人数": 14, "内设股室数": 4, "年末资产": "1234567.89",
        "办公用房面积": "1203.5", "预算执行率": "76.36%", "人数": 3, "决算总数": 9, "满意得分": 95,
    },
    "收支": {"基本支出": {"年初预算": 300, "决算数": "375.23"}, "项目支出": {"决算数": "157.2"}},
    "工会": {"项目支出": {"决算数": 1}},
    "项目": [{"指标总额": 20, "决算总数": 1}, {"指标总额": "30.5", "决算总数": 2}],
}  # fmt: skip


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def said(form, text):
    values = {**VALUES, "概况": {**VALUES["概况"], "情况": text}}
    return list(restated_numbers_agree(compute(from_plain(values, form))))


@pytest.mark.parametrize(
    ("text", "quoted", "name", "ours", "difference"),
    [
        ("全局在职人数15人。", "在职人数15人", "概况.在职人数", "14人", "1"),
        ("本单位在职人数为：１５人", "在职人数为：１５人", "概况.在职人数", "14人", "1"),
        ("共有内设股室数3个", "内设股室数3个", "概况.内设股室数", "4个", "-1"),
        ("年末资产共计123.46万元，年末资产约120万元", "年末资产约120万元", "概况.年末资产", "123.456789万元",
         "-3.456789"),
        ("办公用房面积达1,203平方米", "办公用房面积达1,203平方米", "概况.办公用房面积", "1203.5㎡", "-0.5"),
        ("2025年预算执行率达到76.3%", "预算执行率达到76.3%", "概况.预算执行率", "76.36%", "-0.06"),
        ("2025年基本支出决算数375.32万元", "基本支出决算数375.32万元", "收支.基本支出.决算数", "375.23万元",
         "0.09"),
        ("本年支出决算数532万元，支出决算数532.34万元", "支出决算数532.34万元", "支出决算数", "532.43万元",
         "-0.09"),
        ("指标总额50万元", "指标总额50万元", "项目.合计.指标总额", "50.5万元", "-0.5"),
    ],
)  # fmt: skip
def test_a_number_given_otherwise_than_in_its_cell_is_found(
    form, text, quoted, name, ours, difference
):
    (one,) = said(form, text)

    assert (one.code, one.value, one.difference) == ("W415", quoted, difference)
    assert one.message == f"“情况”里“{quoted}”，而“{name}”是 {ours}。"
    assert [(r.field, r.value) for r in one.related] == [(name, ours)]


@pytest.mark.parametrize(
    "text",
    [
        "在职人数14人，预算执行率76.4%，年末资产123万元",  # as rounded there
        "年末资产1,234,567.89元",
        "上年在职人数15人",
        "比去年末在职人数15人少1人",
        "年初在职人数15人",
        "2024年在职人数15人",
        "街道在职人数15人",  # of somebody else
        "项目支出决算数157.2万元，其他支出决算数157.2万元",  # a longer name is not its end
        "在职人数15户",  # another unit
        "在职人数15",
        "在职人数占15人",
        "人数15人",  # too short to mean one number
        "满意得分90分",  # no unit in the form
        "决算总数5万元",  # two have this name
        "项目决算总数4万元",
        "项目支出决算数5万元",  # so have two rows
        "全年支出决算数5万元",  # a longer label
        "在职人数十五人",
        "在职人数10-15人",
    ],
)
def test_what_may_be_another_number_is_left_alone(form, text):
    assert said(form, text) == []


def test_in_a_row_the_rows_own_number_is_meant(form):
    rows = [
        {**VALUES["项目"][0], "做法": "指标总额20万元"},
        {**VALUES["项目"][1], "做法": "指标总额20万元"},
    ]

    (found,) = restated_numbers_agree(compute(from_plain({**VALUES, "项目": rows}, form)))

    assert found.message == "“做法”里“指标总额20万元”，而“指标总额”是 30.5万元。"


def test_both_cells_are_named(form):
    values = {**VALUES, "概况": {**VALUES["概况"], "情况": "在职人数15人"}}

    (found,) = [f for f in find(form, values) if f.code == "W415"]

    assert (found.place.sheet, found.place.cell) == ("概况", "B15")
    assert [(r.sheet, r.cell) for r in found.related] == [("概况", "B7")]


def test_a_slot_never_differs_from_its_cell(form):
    assert (
        said(
            form,
            "在职人数{{ 在职人数 }}人，预算执行率{{ 预算执行率 }}，年末资产{{ 年末资产|万元(2) }}",
        )
        == []
    )


def test_the_same_words_are_said_once_and_others_for_themselves(form):
    found = said(form, "在职人数15人。在职人数15人，在职人数16人；在职人数15人。")

    assert [(f.value, f.difference) for f in found] == [
        ("在职人数15人", "1"),
        ("在职人数16人", "2"),
    ]
