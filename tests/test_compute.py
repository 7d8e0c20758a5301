"""Totals, computed values and names (design.md §3): worked out by hand, never by the program."""

import gc
from decimal import Decimal

import pytest

from reportgen.compute import Data, compute
from reportgen.show import show
from reportgen.submission import Submission
from reportgen.value import Blank, Invalid, NotApplicable, Number, YesNo
from reportgen.values import from_plain
from support_form import data_of, read_back, value

TABLE = """
[[section]]
label = "项目明细"
kind = "table"
was = ["旧明细"]
fields = [
  { label = "项目名称" },
  { label = "类型", choices = ["业务", "专项"] },
  { label = "预算", type = "decimal", uom = "万元", was = ["旧预算"] },
  { label = "支出", type = "decimal", uom = "万元" },
  { label = "个数目标", type = "integer" },
  { label = "比例", type = "percent" },
  { label = "起始年", type = "year" },
  { label = "不加", type = "decimal", total = false },
  { label = "人均", type = "decimal", total = "预算 / 个数目标" },
  { label = "结余", formula = "预算 - 支出" },
  { label = "执行率", type = "percent", formula = "支出 / 预算" },
  { label = "业务额", formula = "预算 if 类型 == '业务' else 0" },
]
"""
ROWS = [
    {"项目名称": "甲", "类型": "业务", "预算": "10.5", "支出": "10", "个数目标": 2, "比例": "50%",
     "起始年": 2020, "不加": 1, "人均": 9},
    {"项目名称": "乙", "类型": "专项", "预算": "0.1", "支出": "0.2", "个数目标": 3, "不加": 1, "人均": 9},
    {"项目名称": "丙", "类型": "业务", "支出": "5"},
]  # fmt: skip

GRID = """
[[section]]
label = "收支"
kind = "grid"
uom = "万元"
columns = [
  "年初", "调整",
  { label = "全年", formula = "年初 + 调整" },
  "决算",
  { label = "执行率", type = "percent", formula = "决算 / 全年" },
]
rows = ["基本", "项目"%s]
"""
TOTAL_ROW = ', { label = "合计", formula = "基本 + 项目" }'
CELLS = {
    "基本": {"年初": "100", "调整": "-20", "决算": "60"},
    "项目": {"年初": "50", "决算": "45.5"},
}


def table(make_form, more=""):
    return make_form(TABLE + more)


# -- totals --------------------------------------------------------------------------------


def test_every_number_column_of_a_table_has_a_total_without_being_declared(make_form):
    data = data_of(table(make_form), {"项目明细": ROWS})

    # 10.5 + 0.1; 10 + 0.2 + 5; 2 + 3
    assert value(data, "项目明细.合计.预算") == Decimal("10.6")
    assert value(data, "项目明细.合计.支出") == Decimal("15.2")
    assert value(data, "项目明细.合计.个数目标") == 5
    assert value(data, "项目明细.个数") == 3


def test_percent_year_text_and_what_is_told_not_to_have_no_total(make_form):
    form = table(make_form)
    data = data_of(form, {"项目明细": ROWS})

    for label in ("比例", "起始年", "不加", "项目名称", "类型"):
        assert label not in form.names().members["项目明细"].members["合计"].members
        with pytest.raises(KeyError):
            value(data, f"项目明细.合计.{label}")


def test_the_total_of_a_formula_is_the_formula_over_the_totals(make_form):
    data = data_of(table(make_form), {"项目明细": ROWS})

    assert value(data, "项目明细.合计.结余") == Decimal("10.6") - Decimal("15.2")
    rate = value(data, "项目明细.合计.执行率")
    assert rate == Number(Decimal("15.2")) / Number(Decimal("10.6"))
    assert rate.field.type == "percent"


def test_a_formula_whose_operands_have_no_total_is_added_up_row_by_row(make_form):
    data = data_of(table(make_form), {"项目明细": ROWS})

    assert value(data, "项目明细.合计.业务额") == Decimal("10.5")


def test_a_total_may_have_a_formula_of_its_own(make_form):
    data = data_of(table(make_form), {"项目明细": ROWS})

    assert value(data, "项目明细.合计.人均") == Decimal("2.12")  # 10.6 / 5


def test_a_total_prints_with_the_places_of_its_column(make_form):
    form = make_form(
        '[[section]]\nlabel = "表"\nkind = "table"\n'
        'fields = [{ label = "数", type = "decimal", places = 2 }]\n'
    )

    data = data_of(form, {"表": [{"数": "1.25"}, {"数": "1.25"}]})

    assert show(value(data, "表.合计.数")) == "2.50"


def test_a_table_without_rows_adds_up_to_0_and_has_no_rates(make_form):
    data = data_of(table(make_form), {})

    assert value(data, "项目明细.合计.预算") == 0
    assert value(data, "项目明细.个数") == 0
    assert not data.findings
    assert show(value(data, "项目明细.合计.执行率")) == "—"


def test_a_total_of_blanks_alone_is_blank(make_form):
    data = data_of(table(make_form), {"项目明细": [{"项目名称": "甲"}, {"项目名称": "乙"}]})

    assert isinstance(value(data, "项目明细.合计.预算"), Blank)
    assert show(value(data, "项目明细.合计.预算")) == ""


def test_a_total_with_an_unreadable_cell_is_unknown(make_form):
    data = data_of(table(make_form), {"项目明细": [{"预算": "十"}, {"预算": 1}]})

    assert isinstance(value(data, "项目明细.合计.预算"), Invalid)
    assert isinstance(value(data, "项目明细.合计.结余"), Invalid)


def test_filtered_rows_have_their_own_totals_and_numbers(make_form):
    data = data_of(table(make_form), {"项目明细": ROWS})

    assert value(data, '(项目明细|筛选(类型="业务")).合计.支出') == 15
    assert value(data, '(项目明细|筛选(类型="专项")).合计.支出') == Decimal("0.2")
    assert value(data, "项目明细.合计.支出") == Decimal("15.2")
    assert value(data, '(项目明细|筛选(类型="业务")).个数') == 2
    assert value(data, '(项目明细|筛选(类型="业务", 项目名称="丙")).个数') == 1
    kept = value(data, '项目明细|筛选(类型="业务")')
    assert [str(row.lookup("序号")) for row in kept] == ["1", "2"]
    assert [str(row.lookup("项目名称")) for row in kept] == ["甲", "丙"]


def test_filtered_totals_by_formula_do_not_mix_up(make_form):
    data = data_of(table(make_form), {"项目明细": ROWS})

    got = []
    for name in ("甲", "乙") * 5:
        got.append(value(data, f'(项目明细|筛选(项目名称="{name}")).合计.结余'))
        gc.collect()  # the next filtered table may stand where this one stood

    assert {str(v) for v in got[::2]} == {"0.5"}
    assert {str(v) for v in got[1::2]} == {"-0.1"}


def test_a_formula_with_the_row_number_follows_the_rows_that_are_shown(make_form):
    form = make_form(
        '[[section]]\nlabel = "表"\nkind = "table"\nfields = [{ label = "类" }, '
        '{ label = "号", formula = "序号 * 10" }, { label = "后", formula = "号 + 1" }]\n'
    )
    data = data_of(form, {"表": [{"类": "甲"}, {"类": "乙"}]})

    assert [str(v) for v in value(data, "表.号")] == ["10", "20"]
    assert [str(v) for v in value(data, "表.后")] == ["11", "21"]
    assert [str(v) for v in value(data, '(表|筛选(类="乙")).号')] == ["10"]
    assert [str(v) for v in value(data, '(表|筛选(类="乙")).后')] == ["11"]
    assert value(data, "表.合计.号") == 30


def test_rows_chosen_by_an_unreadable_cell_have_an_unknown_total(make_form):
    data = data_of(table(make_form), {"项目明细": [*ROWS, {"类型": "其他", "预算": 1}]})

    assert isinstance(value(data, '(项目明细|筛选(类型="业务")).合计.预算'), Invalid)
    assert isinstance(value(data, '(项目明细|筛选(类型="业务")).个数'), Invalid)
    assert value(data, '(项目明细|筛选(项目名称="甲")).个数') == 1


INDICATORS = """
[[section]]
label = "指标"
kind = "table"
fields = [
  { label = "一级", choices = ["成本", "产出", "效益"], was = ["类别"] },
  { label = "名称" },
  { label = "分值", type = "decimal" },
]
"""


def test_rows_are_ordered_by_the_forms_own_choices_then_by_size_and_blanks_are_last(make_form):
    typed = [
        {"名称": "未填", "分值": 1},
        {"一级": "效益", "名称": "甲", "分值": 10},
        {"一级": "成本", "名称": "乙", "分值": 9},
        {"一级": "产出", "名称": "丙"},
        {"一级": "成本", "名称": "丁", "分值": 100},
        {"一级": "收益", "名称": "看不懂", "分值": 1},
        {"一级": "成本", "名称": "戊", "分值": 9},
    ]
    data = data_of(make_form(INDICATORS), {"指标": typed})

    # one choice after the other as listed, 9 before 100, two 9s as filled in
    wanted = ["乙", "戊", "丁", "丙", "甲", "未填", "看不懂"]
    ordered = value(data, "指标|排序('一级', '分值')")
    assert [str(row.lookup("名称")) for row in ordered] == wanted
    assert [str(row.lookup("序号")) for row in ordered] == ["1", "2", "3", "4", "5", "6", "7"]
    # turned round: what is blank or cannot be read stays last, rows alike stay as filled in
    down = [str(n) for n in value(data, "(指标|倒序('一级', '分值')).名称")]
    assert down == ["甲", "丙", "丁", "乙", "戊", "未填", "看不懂"]
    assert value(data, "(指标|order('类别')).合计.分值") == 130
    assert [str(n) for n in value(data, "(指标|筛选(一级='成本')|排序('分值')).名称")] == list(
        "乙戊丁"
    )
    assert str(next(iter(value(data, "指标"))).lookup("名称")) == "未填"


# -- grids ---------------------------------------------------------------------------------


def test_a_grid_without_a_total_row_has_one_over_its_entered_rows(make_form):
    extra = ', { label = "两倍", formula = "基本 * 2" }'
    data = data_of(make_form(GRID % extra), {"收支": CELLS})

    assert value(data, "收支.合计.年初") == 150
    assert value(data, "收支.合计.决算") == Decimal("105.5")
    assert value(data, "收支.合计.全年") == 130  # (100 + 50) + (-20)
    assert value(data, "收支.两倍.年初") == 200


def test_a_grid_with_a_total_row_of_its_own_uses_that(make_form):
    data = data_of(make_form(GRID % TOTAL_ROW), {"收支": CELLS})

    assert value(data, "收支.合计.年初") == 150
    assert value(data, "收支.合计.全年") == 130


def test_where_a_row_and_a_column_formula_meet_the_columns_wins(make_form):
    data = data_of(make_form(GRID % TOTAL_ROW), {"收支": CELLS})

    # the row's would give 60/80 + 45.5/50 = 1.66; the column's 105.5 / 130
    assert value(data, "收支.合计.执行率") == Number(Decimal("105.5")) / Number(Decimal(130))
    assert value(data, "收支.基本.执行率") == Decimal("0.75")


def test_a_blank_cell_of_a_grid_counts_0_in_a_sum_and_blanks_a_rate(make_form):
    cells = {"基本": {"年初": "100"}, "项目": {"决算": "1"}}
    data = data_of(make_form(GRID % TOTAL_ROW), {"收支": cells})

    assert value(data, "收支.基本.全年") == 100
    assert isinstance(value(data, "收支.项目.全年"), Blank)
    assert isinstance(value(data, "收支.基本.执行率"), Blank)
    assert not data.findings


# -- names ---------------------------------------------------------------------------------

NAMES = """
[[section]]
label = "录"
kind = "record"
was = ["旧录"]
fields = [
  { label = "甲", type = "decimal", was = ["旧甲"] },
  { label = "乙", type = "decimal" },
  { label = "和", formula = "甲 + 乙" },
]
[[section]]
label = "录二"
kind = "record"
fields = [{ label = "乙", type = "decimal" }, { label = "表", type = "decimal" }]
[[section]]
label = "表"
kind = "table"
fields = [{ label = "甲", type = "decimal" }, { label = "倍", formula = "甲 * 2" },
          { label = "外", formula = "录.甲 + 数" }]
[[computed]]
label = "数"
formula = "甲 * 100"
was = ["旧数"]
"""


def names(make_form):
    values = {"录": {"甲": 1, "乙": 2}, "录二": {"乙": 5, "表": 7}, "表": [{"甲": 10}, {"甲": 20}]}
    return data_of(make_form(NAMES.replace("},\n          {", "}, {")), values)


def test_a_name_is_looked_up_in_its_row_before_the_form(make_form):
    data = names(make_form)

    assert [str(v) for v in value(data, "表.倍")] == ["20", "40"]
    assert [str(v) for v in value(data, "表.外")] == ["101", "101"]


def test_a_name_is_looked_up_in_its_own_section_before_the_form(make_form):
    data = names(make_form)

    assert value(data, "录.和") == 3


def test_a_record_field_is_known_by_its_label_where_that_says_which(make_form):
    data = names(make_form)

    assert value(data, "甲") == 1
    assert value(data, "和") == 3
    with pytest.raises(KeyError):
        value(data, "乙")


def test_a_section_comes_before_a_field_of_the_same_name(make_form):
    data = names(make_form)

    assert value(data, "表.个数") == 2
    assert value(data, "录二.表") == 7


def test_old_names_of_sections_fields_and_computed_values_still_read(make_form):
    data = names(make_form)

    assert value(data, "旧录.旧甲") == 1
    assert value(data, "旧甲") == 1
    assert value(data, "旧数") == 100


def test_a_row_is_numbered_from_1_and_counts_are_exact_numbers(make_form):
    data = names(make_form)

    assert [str(row.lookup("序号")) for row in value(data, "表")] == ["1", "2"]
    assert value(data, "表.个数 / 4") == Decimal("0.5")
    assert value(data, "表.合计.甲 / 表.个数") == 15


def test_every_name_that_the_form_promises_is_there(self_evaluation):
    data = Data(Submission(form=self_evaluation))

    def walk(shape, node, path):
        for name, inner in shape.members.items():
            found = node.lookup(name)
            if inner.members:
                walk(inner, found, [*path, name])

    walk(self_evaluation.names(), data, [])


# -- conditions ----------------------------------------------------------------------------

WHEN = """
[[section]]
label = "选"
kind = "record"
fields = [{ label = "提纲", choices = ["一", "二"] }]
[[section]]
label = "表"
kind = "table"
when = "提纲 == '一'"
fields = [{ label = "名" }, { label = "数", type = "decimal" }]
[[section]]
label = "录"
kind = "record"
when = "提纲 == '一'"
fields = [{ label = "额", type = "decimal" }, { label = "常", formula = "7" },
          { label = "因", when = "额 > 1" }, { label = "算", formula = "额 * 2", when = "额 > 1" }]
""".replace("},\n          {", "}, {")


@pytest.mark.parametrize(("outline", "rows", "amount"), [("一", 1, "3"), ("二", "", "")])
def test_a_section_whose_condition_is_false_is_empty(make_form, outline, rows, amount):
    values = {"选": {"提纲": outline}, "表": [{"名": "甲", "数": 2}], "录": {"额": 3}}

    data = data_of(make_form(WHEN), values)

    assert show(value(data, "表.个数")) == str(rows)
    assert show(value(data, "表.合计.数")) == ("2" if rows else "")
    assert len(value(data, "表")) == (rows or 0)
    assert show(value(data, "额")) == amount
    assert show(value(data, "常")) == ("7" if rows else "")


@pytest.mark.parametrize(("amount", "reason", "double"), [(3, "太多", "6"), (1, "", "")])
def test_a_field_whose_condition_is_false_is_blank(make_form, amount, reason, double):
    values = {"选": {"提纲": "一"}, "录": {"额": amount, "因": "太多"}}

    data = data_of(make_form(WHEN), values)

    assert show(value(data, "因")) == reason
    assert show(value(data, "算")) == double


def test_a_condition_that_is_not_known_yet_hides_nothing(make_form):
    data = data_of(make_form(WHEN), {"表": [{"名": "甲"}]})

    assert data.applies(data.form.section("表")) is None
    assert value(data, "表.个数") == 1


# -- last year -----------------------------------------------------------------------------


def test_last_years_names_are_blank_when_nothing_is_known(make_form):
    form = make_form(TABLE + GRID % TOTAL_ROW + '[[computed]]\nlabel = "数"\nformula = "1"\n')
    data = data_of(form, {"项目明细": ROWS, "收支": CELLS})

    for name in ("单位名称", "收支.基本.决算", "收支.合计.执行率", "项目明细.合计.预算",
                 "项目明细.合计.执行率", "项目明细.个数", "数", "上年.数"):  # fmt: skip
        assert isinstance(value(data, f"上年.{name}"), Blank), name
    assert not list(value(data, "上年.项目明细"))
    assert isinstance(value(data, "收支.基本.决算 / 上年.收支.基本.决算"), Blank)
    assert not data.findings


def test_last_years_values_come_with_the_submission(make_form):
    form = make_form(TABLE + '[[computed]]\nlabel = "全部"\nformula = "项目明细.合计.预算"\n')
    data = compute(from_plain({"项目明细": ROWS, "上年": {"项目明细": [{"预算": 4}]}}, form))

    assert value(data, "上年.全部") == 4
    assert value(data, "上年.项目明细.个数") == 1
    assert value(data, "全部 - 上年.全部") == Decimal("6.6")
    assert isinstance(value(data, "上年.单位名称"), Blank)


def test_what_last_years_value_rests_on_the_year_before_is_not_known(make_form):
    form = make_form('[[computed]]\nlabel = "累计"\nformula = "上年.累计 + 1"\n')

    assert value(data_of(form, {}), "累计") == 1
    with_prior = compute(from_plain({"上年": {"基本信息": {"单位名称": "甲"}}}, form))
    assert value(with_prior, "累计") == 1  # 上年.累计 is blank: nobody carried 上年.上年


# -- what cannot be worked out ---------------------------------------------------------------


def test_a_zero_divisor_is_a_warning_at_its_cell_and_prints_a_dash(make_form):
    rows = [{"项目名称": "甲", "预算": 0, "支出": 3}, {"预算": 2, "支出": 1}]
    form = table(make_form)

    data = data_of(form, {"项目明细": rows})

    rates = value(data, "项目明细.执行率")
    assert [show(r) for r in rates] == ["—", "50%"]
    assert isinstance(rates[0], NotApplicable)
    assert [(f.code, f.level, f.place.sheet, f.place.cell, f.place.field) for f in data.findings] == [
        ("W401", "warning", "项目明细", "C7", "预算"),
    ]  # fmt: skip
    assert "“项目明细.执行率”算不出来：除数为 0" in data.findings[0].message
    assert "支出 / 预算" in data.findings[0].hint


def test_a_zero_divisor_of_a_computed_value_is_told_once_however_often_it_is_used(make_form):
    form = make_form(
        TABLE + '[[computed]]\nlabel = "率"\nformula = "1 / 项目明细.个数"\n'
        '[[computed]]\nlabel = "再"\nformula = "率 + 率 + 2"\n'
    )

    data = data_of(form, {})

    assert [(f.code, f.place.field) for f in data.findings] == [("W401", "率")]
    assert value(data, "再") == 2
    assert show(value(data, "率")) == "—"


def test_the_zero_divisor_of_a_total_is_told_before_anything_is_printed(make_form):
    data = data_of(make_form(GRID % ""), {"收支": {
        "基本": {"年初": 5, "调整": 0, "决算": 1}, "项目": {"年初": -5, "调整": 0, "决算": 1},
    }})  # fmt: skip

    assert [(f.code, f.place.field) for f in data.findings] == [("W401", "合计.执行率")]


def test_a_text_in_a_formula_is_an_error_at_its_cell(make_form):
    form = make_form(
        '[[section]]\nlabel = "表"\nkind = "table"\n'
        'fields = [{ label = "名" }, { label = "数", formula = "名 + 1" }]\n'
    )

    data = data_of(form, {"表": [{"名": "甲"}]})

    assert [(f.code, f.place.cell, f.value) for f in data.findings] == [("E402", "A7", "甲")]
    assert "“甲”不是数" in data.findings[0].message
    assert isinstance(value(data, "表.数")[0], Invalid)


def test_a_computed_value_may_be_a_text_or_a_truth(make_form):
    form = make_form(
        '[[computed]]\nlabel = "词"\ntype = "text"\nformula = "\'增加\' if 1 > 0 else \'减少\'"\n'
        '[[computed]]\nlabel = "大"\ntype = "yes_no"\nformula = "2 > 1"\n'
        '[[computed]]\nlabel = "名"\ntype = "text"\nformula = "单位名称"\n'
    )

    data = data_of(form, {"基本信息": {"单位名称": "甲局"}})

    assert show(value(data, "词")) == "增加"
    assert isinstance(value(data, "大"), YesNo)
    assert show(value(data, "名")) == "甲局"


# -- outlines ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbering", "start", "levels", "numbered"),
    [
        (["1、", "①"], 1, [1, 2, 2, None, 1, 2], ["1、", "①", "②", "", "2、", "①"]),
        (["1、", "①"], 3, [1, 2, 1], ["1、", "①", "2、"]),
        (["一、", "（一）", "1.", "（1）"], 1, [1, 2, 3, 4, 2, 1],
         ["一、", "（一）", "1.", "（1）", "（二）", "二、"]),
        (["一、", "（一）", "1.", "（1）"], 3, [1, 2, 2, 1, 2], ["1.", "（1）", "（2）", "2.", "（1）"]),
        (["一、", "（一）", "1.", "（1）"], 2, [1, 3, 2, 2], ["（一）", "（1）", "1.", "2."]),
        (["（一）"], 2, [1, None, 1], ["（一）", "", "（二）"]),
    ],
)  # fmt: skip
def test_headings_are_numbered_in_the_outlines_own_way(
    make_form, numbering, start, levels, numbered
):
    written = str(numbering).replace("'", '"')
    form = make_form(
        f'[[section]]\nlabel = "纲"\nkind = "outline"\nstart = {start}\nnumbering = {written}\n'
    )
    rows = [
        {"级": level, "标题": f"题{n}"} if level else {"正文": f"文{n}"}
        for n, level in enumerate(levels)
    ]

    data = data_of(form, {"纲": rows})

    assert [str(row.lookup("编号")) for row in value(data, "纲")] == numbered
    assert [str(row.lookup("序号")) for row in value(data, "纲")] == [
        str(n + 1) for n in range(len(rows))
    ]


def test_the_rows_of_an_outline_have_level_title_and_text(make_form):
    form = make_form('[[section]]\nlabel = "纲"\nkind = "outline"\n')

    data = data_of(form, {"纲": [{"级": 1, "标题": "题", "正文": "一\n二"}]})

    row = next(iter(value(data, "纲")))
    assert [str(row.lookup(n)) for n in ("级", "标题", "正文")] == ["1", "题", "一\n二"]


def test_more_headings_than_single_characters_are_numbered_in_brackets(make_form):
    form = make_form('[[section]]\nlabel = "纲"\nkind = "outline"\nnumbering = ["①"]\n')

    data = data_of(form, {"纲": [{"级": 1, "标题": "题"}] * 51})

    last = [str(row.lookup("编号")) for row in value(data, "纲")][-3:]
    assert last == ["㊾", "㊿", "(51)"]


def test_a_hundred_rows_are_read_and_added_up_exactly(make_form):
    submission = read_back(table(make_form), {"项目明细": [{"预算": "0.1"}] * 100})

    assert value(compute(submission), "项目明细.合计.预算") == 10


REFERRING = """
[[section]]
label = "项目"
kind = "table"
fields = [{ label = "名称" }, { label = "重点", type = "yes_no" }]

[[section]]
label = "指标"
kind = "table"
fields = [{ label = "所属", from = "项目.名称" }, { label = "值", type = "decimal" }]

[[computed]]
label = "甲的值"
formula = '(指标|筛选(所属="甲（一）")).合计.值'

[[computed]]
label = "重点个数"
formula = '(项目|筛选(重点="是")).个数'
"""


def test_a_reference_counts_for_the_row_that_it_means_however_it_is_spelt(make_form):
    values = {
        "项目": [{"名称": "甲（一）"}],
        "指标": [{"所属": "甲(一) ", "值": 5}, {"所属": "乙", "值": 2}],
    }

    data = data_of(make_form(REFERRING), values)

    assert value(data, "甲的值") == 5
    assert [str(v) for v in value(data, "指标.所属")] == ["甲（一）", "乙"]


def test_yes_is_the_word_in_a_condition(make_form):
    values = {"项目": [{"名称": "甲", "重点": "是"}, {"名称": "乙", "重点": "否"}, {"名称": "丙"}]}

    assert value(data_of(make_form(REFERRING), values), "重点个数") == 1


def test_a_column_with_a_condition_has_it_in_a_row_that_is_computed_too(make_form):
    form = make_form("""
[[section]]
label = "格"
kind = "grid"
columns = ["预算", { label = "决算", when = "预算 > 5" }]
rows = ["甲", "乙", { label = "小计", formula = "甲 + 乙" }]
""")
    rows = {"甲": {"预算": "3", "决算": "1"}, "乙": {"预算": "6", "决算": "2"}}

    data = data_of(form, {"基本信息": {"单位名称": "甲局"}, "格": rows})

    # 甲 has a budget of 3: what was settled there does not count
    assert show(value(data, "格.小计.预算")) == "9"
    assert show(value(data, "格.小计.决算")) == "2"
