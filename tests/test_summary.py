"""The ``[[summary]]`` columns: their values for one unit, their types, totals, mistakes in them."""

import re
from decimal import Decimal

import pytest
from jinja2 import Environment

from conftest import HEAD, ROOT, UNIT
from reportgen import load_form
from reportgen.errors import FormError
from reportgen.manifest import UnitRecord
from reportgen.names import Shape, unknown_names
from reportgen.summary.form import columns, summary_form
from reportgen.summary.totals import Totals
from reportgen.summary.values import summary_data, unit_rows, values_of
from reportgen.value import Blank, NotApplicable
from support_form import data_of, value

FORM = """
[[section]]
label = "内容"
kind = "record"
fields = [
  { label = "预算", type = "decimal", uom = "万元", places = 2 },
  { label = "支出", type = "decimal", uom = "万元", places = 2 },
  { label = "人数", type = "integer", uom = "人" },
  { label = "得分", type = "decimal", places = 1 },
  { label = "满意率", type = "percent", places = 1 },
  { label = "成立日期", type = "date" },
  { label = "公开", type = "yes_no" },
  { label = "类别", choices = ["机关", "事业"] },
  { label = "年度", type = "year" },
  { label = "情况", type = "narrative" },
]

[[section]]
label = "项目"
kind = "table"
fields = [{ label = "项目名称" }, { label = "金额", type = "decimal", uom = "万元" }]
"""


def column(label, formula, more=""):
    return f"[[summary]]\nlabel = '{label}'\nformula = '''{formula}'''\n{more}\n"


def summed(make_form, values, *found, rows=()):
    """Return what the columns *found* are for a unit with *values*."""
    form = make_form(FORM + "".join(column(*one) for one in found))
    return values_of(data_of(form, {"内容": values, "项目": list(rows)}))


# -- the values of one unit ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "values", "kept"),
    [
        ("支出", {"支出": "0.10"}, "0.1"),
        ("预算 + 支出", {"预算": "0.1", "支出": "0.2"}, "0.3"),  # not 0.30000000000000004
        ("支出 - 预算", {"预算": "3", "支出": "1"}, "-2"),
        ("支出 / 预算", {"预算": "8", "支出": "1"}, "0.125"),
        ("支出 / 预算", {"预算": "3", "支出": "1"}, "0.333333333333333"),  # as Excel has it
        ("满意率", {"满意率": "95.5%"}, "0.955"),
        ("人数", {"人数": "12"}, "12"),
        ("年度", {"年度": "2025"}, "2025"),
        ("成立日期", {"成立日期": "2025年3月1日"}, "2025-03-01"),
        ("公开", {"公开": "是"}, True),
        ("类别", {"类别": "事业"}, "事业"),
        ("情况", {"情况": "=1+1"}, "=1+1"),
        ("项目.个数", {}, "0"),
        ("项目.合计.金额", {}, "0"),
    ],
)
def test_a_column_keeps_what_its_formula_gives_exactly(make_form, formula, values, kept):
    assert summed(make_form, values, ("列", formula)) == {"列": kept}


@pytest.mark.parametrize(
    ("formula", "values"),
    [
        ("支出", {}),
        ("支出", {"支出": "约三万"}),  # cannot be read: its finding says so
        ("支出 + 1", {"支出": "约三万"}),
        ("支出 / 预算 if 预算 > 0", {"支出": "1", "预算": "0"}),
        ("类别", {}),
    ],
)
def test_what_is_blank_or_cannot_be_worked_out_is_left_out(make_form, formula, values):
    assert summed(make_form, values, ("列", formula)) == {}


def test_a_quotient_by_zero_does_not_apply(make_form):
    kept = summed(make_form, {"支出": "1", "预算": "0"}, ("列", "支出 / 预算"))
    form = make_form(FORM + column("列", "支出 / 预算"))
    record = UnitRecord(file="a", form="t", unit="甲局", summary=kept)

    (row,) = unit_rows(form, columns(form), [record])

    assert isinstance(row.values["列"], NotApplicable)


def test_columns_over_columns_are_worked_out_from_them(make_form):
    kept = summed(
        make_form,
        {"支出": "30", "预算": "40"},
        ("执行率", "花掉 / 全年"),
        ("花掉", "支出"),
        ("全年", "预算 + 20"),
    )

    assert kept == {"执行率": "0.5", "花掉": "30", "全年": "60"}


def test_tables_are_counted_and_added_up(make_form):
    rows = [{"项目名称": "甲", "金额": "0.1"}, {"项目名称": "乙", "金额": "0.2"}]

    kept = summed(make_form, {}, ("项目数", "项目.个数"), ("金额", "项目.合计.金额"), rows=rows)

    assert kept == {"项目数": "2", "金额": "0.3"}


# -- what a column is ---------------------------------------------------------------------------


def field_of(make_form, *found):
    *_, last = columns(make_form(FORM + "".join(column(*one) for one in found)))
    return last.field


@pytest.mark.parametrize(
    ("formula", "more", "type_", "uom", "places", "adds"),
    [
        ("支出", "", "decimal", "万元", 2, True),
        ("支出 - 预算", "", "decimal", "", None, True),
        ("支出 / 预算", "", "decimal", "", 2, False),
        ("支出 / 10000", "places = 4", "decimal", "", 4, True),
        ("支出 / 预算", 'type = "percent"', "percent", "", 2, False),
        ("人数", "", "integer", "人", None, True),
        ("项目.个数", "", "integer", "", None, True),
        ("项目.合计.金额", "", "decimal", "万元", None, True),
        ("年度", "", "year", "", None, False),
        ("成立日期", "", "date", "", None, False),
        ("公开", "", "yes_no", "", None, False),
        ("类别", "", "choice", "", None, False),
        ("情况", "", "text", "", None, False),
        ("支出", "places = 0\nuom = '元'\ntotal = false", "decimal", "元", 0, False),
        ("得分", 'total = "平均"', "decimal", "", 1, True),
    ],
)
def test_a_column_is_what_its_formula_names_unless_the_form_says_otherwise(
    make_form, formula, more, type_, uom, places, adds
):
    field = field_of(make_form, ("列", formula, more))

    assert (field.type, field.uom, field.places) == (type_, uom, places)
    assert field.has_total == adds


def test_a_choice_comes_with_its_choices_and_a_column_takes_over_what_a_column_is(make_form):
    assert field_of(make_form, ("列", "类别")).choices == ("机关", "事业")
    again = field_of(make_form, ("花掉", "支出"), ("又", "花掉"))
    assert (again.type, again.uom, again.places) == ("decimal", "万元", 2)


# -- totals -------------------------------------------------------------------------------------


TOTALS = (
    column("全年", "预算") + column("花掉", "支出") + column("类", "类别")
    + column("执行率", "花掉 / 全年 if 全年 > 0", 'type = "percent"\nplaces = 2')
    + column("分", "得分", 'total = "平均"') + column("不加", "人数", "total = false")
)  # fmt: skip


def records(*units):
    """Return units with these values, as a run keeps them."""
    return [
        UnitRecord(file=f"{at}.xlsx", form="t", unit=f"第{at}局", summary=values)
        for at, values in enumerate(units)
    ]


#: 100 of 200, and 30 without a plan: the rate of all is 100 / 200, and not 130 / 200.
UNITS = records(
    {"全年": "120.1", "花掉": "80", "类": "机关", "执行率": "0.66611157", "分": "90", "不加": "5"},
    {"全年": "79.9", "花掉": "20", "执行率": "0.25031289", "分": "85.5", "不加": "6"},
    {"花掉": "30", "不加": "7"},
)


def test_totals_are_sums_means_and_the_rate_of_the_units_that_have_one(make_form):
    form = make_form(FORM + TOTALS)
    own = columns(form)
    totals = Totals(own)
    for row in unit_rows(form, own, UNITS):
        totals.add(row.values)

    assert totals.of("全年") == 200
    assert totals.of("花掉") == 130
    assert totals.of("执行率") == Decimal("0.5")
    assert totals.of("分") == Decimal("87.75")
    for label in ("类", "不加"):
        assert isinstance(totals.of(label), Blank)


def test_without_any_unit_no_column_has_a_total(make_form):
    own = columns(make_form(FORM + TOTALS))

    assert all(isinstance(Totals(own).of(one.label), Blank) for one in own)


def test_a_template_over_all_units_sees_the_same_totals(make_form):
    data = summary_data(make_form(FORM + TOTALS), UNITS, [("9", "丁局")])

    assert value(data, "汇总.合计.全年") == 200
    assert value(data, "汇总.合计.执行率") == Decimal("0.5")
    assert value(data, "汇总.合计.分") == Decimal("87.75")
    assert (value(data, "已报单位数"), value(data, "未报单位数"), value(data, "应报单位数")) == (
        3,
        1,
        4,
    )
    assert [str(row.lookup("单位名称")) for row in value(data, "未报单位")] == ["丁局"]
    without = summary_data(make_form(FORM + TOTALS), UNITS)
    assert isinstance(value(without, "应报单位数"), Blank)
    assert isinstance(value(without, "未报单位数"), Blank)


def test_samples_and_units_of_other_forms_are_not_among_them(make_form):
    form = make_form(FORM + TOTALS)
    more = [
        UnitRecord(file="s.xlsx", form="t", unit="示例局", sample=True, summary={"全年": "1000"}),
        UnitRecord(file="u.xlsx", form="u", unit="别表局", summary={"全年": "1000"}),
    ]

    data = summary_data(form, [*UNITS, *more])

    assert value(data, "汇总.合计.全年") == 200
    assert value(data, "已报单位数") == 3


def test_what_an_older_form_kept_and_this_one_cannot_read_is_blank(make_form):
    form = make_form(FORM + TOTALS)
    (record,) = records({"全年": "一百", "花掉": "3", "以前的栏目": "4"})

    (row,) = unit_rows(form, columns(form), [record])

    assert isinstance(row.values["全年"], Blank)
    assert row.values["花掉"] == 3


def test_a_form_without_columns_counts_its_units(make_form):
    form = make_form(FORM)

    assert [section.label for section in summary_form(form).sections][1:] == [
        "汇总", "未报单位", "常见问题",
    ]  # fmt: skip
    assert value(summary_data(form, records({}, {})), "已报单位数") == 2


# -- mistakes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (column("列", "支处"), "F008 [[summary]] 列: formula里的“支处”在表单里没有。是不是“支出”？"),
        (column("列", "支出 +"), "F007 [[summary]] 列:"),
        (column("列", "项目.金额"), "F007 [[summary]] 列:"),
        (column("列", "支出") + column("列", "预算"), "F005 [[summary]] 列:"),
        (column("列（1）", "支出") + column("列(1)", "预算"), "F005 [[summary]] 列(1):"),
        (column("状态", "支出"), "F006 [[summary]] 状态:"),
        (column("退回件", "支出"), "F006 [[summary]] 退回件:"),
        (column("甲", "乙") + column("乙", "甲"), "F009 [[summary]] 甲:"),
        (column("甲", "支出") + column("乙", "甲 + 预算"), "F007 [[summary]] 乙:"),
        (column("列", "得分", 'total = "均值"'), "F004 [[summary]] 列:"),
        (column("列", "得分", 'type = "number"'), "F004 [[summary]] 列:"),
        ('[[document]]\ntemplate = "a.docx"\nscope = "batch"\noutput = "x"\nwhen = "支出 > 1"\n',
         "F008 [[document]] a.docx: when里的“支出”在表单里没有。"),
        ('[[document]]\ntemplate = "a.docx"\nscope = "batch"\noutput = "x"\nwhen = "已报单位数 >"\n',
         "F007 [[document]] a.docx:"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_column_is_told_where_it_stands(tmp_path, toml, said):
    (tmp_path / "form.toml").write_text(HEAD + UNIT + FORM + toml, encoding="utf-8")

    with pytest.raises(FormError) as caught:
        load_form(tmp_path)

    (one,) = caught.value.findings
    assert f"{one.code} {one.place.field}: {one.message}".startswith(said)


def test_the_manual_names_what_a_template_over_all_units_sees(self_evaluation):
    manual = (ROOT / "docs" / "manual" / "word.md").read_text(encoding="utf-8")
    section = manual.partition("## 汇总所有单位的报告\n")[2].partition("\n## ")[0]
    whole = summary_form(self_evaluation)
    scopes = [Shape({"单位": whole.names().members["汇总"].each}), whole.names()]

    tags = re.findall(r"\{\{ (.+?) \}\}", section)
    for tag in tags:
        tree = Environment(autoescape=True).parse(
            "{{ " + whole.headings.to_identifiers(tag) + " }}"
        )
        assert list(unknown_names(tree, scopes)) == [], tag
    assert len(tags) > 6
    named = {*whole.names().members} - {"本次汇总", "上年"}
    assert {label for label in named if f"`{label}`" not in section} == set()
    for label in ("代码", "级别", "问题", "单位数", "次数"):
        assert label in whole.names().members["常见问题"].each.members
