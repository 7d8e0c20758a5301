"""What a form's ``[[check]]`` may ask for: a condition, a tolerance of rounding, words in texts."""

from fractions import Fraction

import pytest

from reportgen.crosschecks import _tolerance
from reportgen.errors import FormError
from reportgen.expression import Chain
from support_form import at, data_of, find

FORM = """
[[section]]
label = "录"
kind = "record"
fields = [
  { label = "类", choices = ["甲", "乙"] },
  { label = "金额", type = "decimal", uom = "万元" },
  { label = "面积", type = "decimal", uom = "亩" },
  { label = "文", type = "narrative" },
]
[[section]]
label = "表"
kind = "table"
fields = [{ label = "名" }, { label = "额", type = "decimal", uom = "万元" }, { label = "亩", type = "decimal", uom = "亩" }]
[[section]]
label = "纲"
kind = "outline"
[[section]]
label = "闲"
kind = "record"
when = "类 == '乙'"
fields = [{ label = "话" }]
[[check]]
code = "Z1"
message = "不对。"
"""
UNIT = {"基本信息": {"单位名称": "甲局"}}


def found(make_form, check, values):
    return find(make_form(FORM + check + "\n"), {**UNIT, **values})


def test_a_rule_is_asked_only_where_its_when_holds(make_form):
    check = "rule = '金额 == 1'\nwhen = '类 == \"甲\"'\nat = '录.金额'"

    spoken = [
        at(found(make_form, check, {"录": {"类": kind, "金额": 2}})) for kind in ("甲", "乙", None)
    ]

    assert spoken == [[("Z1", "录", "B7")], [], []]


def test_a_when_may_ask_about_the_row(make_form):
    check = "each = '表'\nas = '行'\nwhen = \"行.名 == '甲'\"\nrule = '行.额 == 1'\nat = '行.额'"
    rows = [{"名": "甲", "额": 1}, {"名": "乙", "额": 2}, {"名": "甲", "额": 3}]

    assert at(found(make_form, check, {"表": rows})) == [("Z1", "表", "B9")]


@pytest.mark.parametrize(
    ("rows", "stated", "speaks"),
    [
        (1, "100.01", False),  # a cent is always allowed
        (1, "100.02", True),
        (17, "1700.09", False),  # 17 rows and the stated sum: half a cent each, 0.09 in all
        (17, "1700.10", True),
    ],
)
def test_a_rounding_tail_grows_with_the_addends(make_form, rows, stated, speaks):
    check = "rule = '录.金额 == 表.合计.额'\nat = '录.金额'\ntolerance = '尾差'"

    spoken = found(make_form, check, {"录": {"金额": stated}, "表": [{"额": 100}] * rows})

    assert [f.code for f in spoken] == (["Z1"] if speaks else [])


TAILS = """
[[section]]
label = "源"
kind = "grid"
columns = [{ label = "数", uom = "万元" }]
rows = ["财政", "上级", "自有", { label = "小计", formula = "财政 + 上级" }]
[[computed]]
label = "总数"
uom = "万元"
formula = "录.金额 + 表中数"
[[computed]]
label = "表中数"
uom = "万元"
formula = "表.合计.额 if 录.类 == '甲' else 0"
"""


@pytest.mark.parametrize(
    ("rule", "addends"),
    [
        ("源.合计.数 == 录.金额", 3 + 1),  # a row with a formula would count twice
        ("表中数 == 录.金额", 20 + 1),
        ("总数 == 源.合计.数", 1 + 20 + 3),
        ("总数 + 表中数 == 录.金额", 1 + 20 + 1),  # the 20 rows are the same
        ("(表|筛选(名='乙')).合计.额 == 录.金额", 5 + 1),
        ("(表|筛选(名='乙')).合计.额 + 表.合计.额 == 录.金额", 5 + 20 + 1),
        ("录.金额 == (表.合计.额 if 表.个数 > 0 else 0)", 20 + 1),
    ],
)
def test_a_rounding_tail_counts_what_stands_behind_a_name(make_form, rule, addends):
    rows = [{"名": "甲", "额": 0}] * 15 + [{"名": "乙", "额": 0}] * 5
    check = f'rule = """{rule}"""\nat = "录.金额"\ntolerance = "尾差"'
    form = make_form(TAILS + FORM + check + "\n")
    data = data_of(form, {**UNIT, "录": {"类": "甲", "金额": 1}, "表": rows})

    allowed = _tolerance(data, form.checks[0], Chain(data))

    assert allowed == Fraction(addends, 200)


def test_there_is_no_rounding_tail_between_areas(make_form):
    check = "rule = '录.面积 == 表.合计.亩'\nat = '录.面积'\ntolerance = '尾差'"

    spoken = found(make_form, check, {"录": {"面积": "10.0001"}, "表": [{"亩": 10}]})

    assert [(f.code, f.difference) for f in spoken] == [("Z1", "0.0001")]


def test_words_are_found_in_every_text_once_a_cell(make_form):
    check = r"find = '××|待补充|\(局\)'"
    values = {
        "录": {"文": "××局和××局，待补充"},
        "表": [{"名": "好"}, {"名": "（局）(局)"}],
        "纲": [{"级": 1, "标题": "题××"}, {"正文": "没有"}],
        "闲": {"话": "××"},
    }

    spoken = [f for f in found(make_form, check, {**values}) if f.code == "Z1"]

    assert at(spoken) == [
        ("Z1", "录", "B9"),
        ("Z1", "表", "A8"),
        ("Z1", "纲", "B7"),
        ("Z1", "闲", "B6"),
    ]
    assert spoken[0].message == "不对（现在是“××、待补充”）。"


def test_words_of_a_sheet_that_does_not_apply_are_not_looked_at(make_form):
    values = {"录": {"类": "甲"}, "闲": {"话": "××"}}

    assert "Z1" not in [f.code for f in found(make_form, "find = '××'", values)]


@pytest.mark.parametrize(("within", "cells"), [("纲.正文", ["C8"]), ("录.文", ["B9"])])
def test_words_may_be_looked_for_in_one_place(make_form, within, cells):
    values = {"录": {"文": "无"}, "纲": [{"正文": "有"}, {"正文": "无"}], "表": [{"名": "无"}]}

    spoken = found(make_form, f"find = '^无$'\nat = '{within}'", values)

    assert [f.place.cell for f in spoken] == cells


def test_a_message_may_say_itself_where_the_value_goes(make_form):
    form = FORM.replace("不对。", "金额是“{value}”，太多。")
    spoken = find(
        make_form(form + "rule = '金额 < 1'\nat = '录.金额'\n"), {**UNIT, "录": {"金额": "2.50"}}
    )

    assert [f.message for f in spoken] == ["金额是“2.5”，太多。"]
    assert spoken[0].place.field == "录.金额"


@pytest.mark.parametrize(
    "check",
    [
        "rule = '金额 + 1'",
        "rule = '金额 > 1'\nwhen = '金额 * 2'",
        "rule = '金额 > 1 and 面积 > 1'\ntolerance = 0.01",
        "rule = '金额 > 1 and 面积 > 1'\ntolerance = '尾差'",
        "find = '(['",
        "find = 'a'\nrule = '金额 > 1'",
        "find = 'a'\neach = '表'",
        "rule = '金额 > 1'\ntolerance = '很多'",
        "",
    ],
)
def test_a_check_that_cannot_be_meant_is_refused(make_form, check):
    with pytest.raises(FormError) as error:
        make_form(FORM + check + "\n")

    assert [f.place.field for f in error.value.findings] == ["[[check]] Z1"]


def test_a_difference_without_an_end_is_told_to_six_places(make_form):
    check = "rule = '录.金额 / 3 >= 1'\nat = '录.金额'"

    (spoken,) = found(make_form, check, {"录": {"金额": 2}})

    assert spoken.difference == "-0.333333"


def test_a_side_without_a_name_of_its_own_is_told_in_words(make_form):
    check = "each = '表'\nas = '行'\nrule = \"(表|筛选(名=行.名)).合计.额 == 行.额 * 2 - 1\"\nat = '行.额'"

    (spoken,) = found(make_form, check, {"表": [{"名": "甲", "额": 3}]})

    assert (spoken.difference, spoken.place.field) == ("-2", "额")
    assert [(r.field, r.value, r.cell) for r in spoken.related] == [
        ("名", "甲", "A7"), ("额", "3", "B7"),
        ("表中名为本行的名的各行.合计.额", "3", ""), ("额 × 2 - 1", "5", ""),
    ]  # fmt: skip


def test_a_bare_name_asks_whether_the_cell_is_filled_and_fails_where_it_is_not(make_form):
    check = "rule = '金额 == 1 or 文'\nat = '录.金额'"

    spoken = [
        at(found(make_form, check, {"录": {"金额": 2, "文": text}})) for text in ("有原因", None)
    ]

    assert spoken == [[], [("Z1", "录", "B7")]]


@pytest.mark.parametrize(
    ("check", "values"),
    [
        ("rule = '录.金额 / 录.面积 >= 0.5'", {"金额": 1, "面积": 0}),
        ("when = '录.金额 / 录.面积 >= 0.5'\nrule = '录.金额 == 2'", {"金额": 1, "面积": 0}),
        ("each = '表'\nas = '行'\nrule = '行.额 / 录.面积 >= 0.5'", {"面积": 0}),
    ],
)
def test_a_rule_that_divides_by_zero_is_a_finding_at_the_divisor_told_once(
    make_form, check, values
):
    spoken = found(make_form, check, {"录": values, "表": [{"额": 1}, {"额": 2}]})

    assert at(spoken) == [("W401", "录", "B8")]
    assert spoken[0].message == "“校验 Z1”算不出来：除数为 0，这一条没有查。"
    assert "/ 录.面积" in spoken[0].hint


def test_each_row_that_divides_by_zero_has_its_finding(make_form):
    rows = [{"额": 1, "亩": 0}, {"额": 1, "亩": 4}, {"额": 1, "亩": 0}]

    spoken = found(make_form, "each = '表'\nas = '行'\nrule = '行.额 / 行.亩 > 1'", {"表": rows})

    assert at(spoken) == [("W401", "表", "C7"), ("W401", "表", "C9"), ("Z1", "表", "B8")]


DEMANDING = """
[[section]]
label = "录"
kind = "record"
fields = [
  { label = "类", choices = ["甲", "乙"] },
  { label = "一", type = "decimal", required = true },
  { label = "二", type = "decimal", required = "类 == '甲'" },
  { label = "三", type = "decimal", required = true, when = "类 == '甲'" },
  { label = "四", type = "decimal" },
  { label = "言", required = true },
]
[[section]]
label = "格"
kind = "grid"
columns = [{ label = "数", type = "decimal", required = true }]
rows = ["子", "丑", { label = "和", formula = "子 + 丑" }]
[[section]]
label = "表"
kind = "table"
fields = [{ label = "名" }, { label = "额", type = "decimal", required = true }]
[[check]]
code = "Z1"
message = "不对。"
"""
FULL = {
    "录": {"类": "甲", "一": 1, "二": 1, "三": 1, "四": 1, "言": "有"},
    "格": {"子": {"数": 1}, "丑": {"数": 1}},
    "表": [{"名": "a", "额": 1}],
}


@pytest.mark.parametrize(
    ("rule", "section", "change", "codes"),
    [
        ("录.一 + 录.四 == 2", "录", {"一": None}, ["E301"]),
        ("一 + 四 == 2", "录", {"一": None}, ["E301"]),
        ("二 + 四 == 2", "录", {"二": None}, ["E302"]),
        ("三 + 四 == 2", "录", {"三": None}, ["E301"]),
        ("四 == 2 or 言", "录", {"言": None}, ["E301"]),
        ("格.子.数 + 四 == 2", "格", {"子": {"数": None}, "丑": {"数": 1}}, ["E301"]),
        # what need not be filled counts as nothing
        ("一 + 四 == 2", "录", {"四": None}, ["Z1"]),
        ("二 + 四 == 2", "录", {"类": "乙", "二": None, "三": None}, ["Z1"]),
        ("三 + 四 == 2", "录", {"类": "乙", "三": None}, ["Z1"]),
        ("三 + 四 == 2", "录", {"类": None, "三": None}, ["Z1"]),
        ("四 == 2 or 言", "录", {"言": "不适用"}, ["Z1"]),
        ("一 + 四 == 2", "录", {"一": "不适用"}, ["W329", "Z1"]),
        # a total or a computed row is not the cell itself
        ("格.和.数 + 四 == 3", "格", {"子": {"数": None}, "丑": {"数": 1}}, ["E301", "Z1"]),
        ("格.和.数 + 四 == 3", "格", {}, ["E301", "E301", "Z1"]),
        ("表.合计.额 + 四 == 2", "表", [{"名": "a"}], ["E301", "Z1"]),
    ],
)
def test_a_rule_that_names_a_cell_left_empty_that_must_be_filled_is_silent(
    make_form, rule, section, change, codes
):
    kept = FULL[section]
    values = {**FULL, section: {**kept, **change} if section == "录" else change}

    spoken = find(make_form(f'{DEMANDING}rule = "{rule}"\n'), {**UNIT, **values})

    assert [f.code for f in spoken] == codes


@pytest.mark.parametrize("rule", ["行.额 + 四 == 2", "额 + 四 == 2"])
def test_a_rule_about_the_rows_is_silent_of_the_row_that_lacks_what_it_must_have(make_form, rule):
    rows = [{"名": "a"}, {"名": "b", "额": 5}]
    check = f"each = '表'\nas = '行'\nrule = '{rule}'\nat = '行.额'\n"

    spoken = find(make_form(DEMANDING + check), {**UNIT, **FULL, "表": rows})

    assert at(spoken) == [("E301", "表", "B7"), ("Z1", "表", "B8")]


def test_a_side_that_is_long_in_words_is_cut(make_form):
    long = "表.合计.额 + 表.合计.亩 + 录.金额 + 录.面积 + 表.合计.额 + 表.合计.亩"
    values = {"录": {"金额": 1, "面积": 2}, "表": [{"额": 3, "亩": 4}]}

    (spoken,) = found(make_form, f"rule = '录.金额 * 2 == {long}'", values)

    *_, left, right = spoken.related
    assert (left.field, left.value, right.value) == ("录.金额 × 2", "2", "17")
    assert right.field == "表.合计.额 + 表.合计.亩 + 录.金额 + 录.面积 + 表.合计.额 …"
    assert len(right.field) == 40


@pytest.mark.parametrize(
    ("check", "message"),
    [
        # what the rule names is quoted, by whatever name
        ("rule = '录.金额 <= 1'\nat = '录.金额'", "不对（现在是“2.5”）。"),
        ("rule = '金额 <= 1'\nat = '录.金额'", "不对（现在是“2.5”）。"),
        ("rule = '录.金额 <= 1'", "不对（现在是“2.5”）。"),
        # another cell is where to look, and its number is not what the message is about
        (
            "rule = '表.合计.额 <= 录.金额'\nat = '录.面积'",
            "不对（一边是“7”，另一边是“2.5”）。",
        ),
        ("rule = '表.合计.额 + 1 == 4'\nat = '录.金额'", "不对（一边是“8”，另一边是“4”）。"),
        ("rule = \"录.类 == '乙'\"\nat = '录.金额'", "不对。"),
        ("rule = '金额 < 1 or 金额 > 5'\nat = '录.面积'", "不对。"),
    ],
)
def test_a_message_quotes_what_it_is_about(make_form, check, message):
    values = {"录": {"类": "甲", "金额": "2.5", "面积": "99"}, "表": [{"额": 3}, {"额": 4}]}

    (spoken,) = found(make_form, check, values)

    assert spoken.message == message
    assert spoken.value in {"2.5", "99"}  # what stands in the cell, all the same


SHOWN = """
[[section]]
label = "算"
kind = "record"
fields = [
  { label = "数", type = "decimal" }, { label = "零", type = "decimal" },
  { label = "倍", type = "decimal", places = 1, formula = "数 * 2" },
]
[[section]]
label = "格"
kind = "grid"
columns = ["预", "决", { label = "率", type = "decimal", places = 2, formula = "决 / 预" }]
rows = ["甲项", { label = "总", formula = "甲项" }]
[[section]]
label = "单"
kind = "table"
fields = [
  { label = "名" }, { label = "预", type = "decimal" },
  { label = "倍", type = "decimal", places = 1, formula = "预 * 2" },
  { label = "率", type = "decimal", places = 1, formula = "1 / 预" },
]
[[computed]]
label = "总倍"
places = 1
formula = "单.合计.倍 + 算.倍"
"""
FILLED = {
    "算": {"数": 1}, "格": {"甲项": {"预": 4, "决": 1}}, "单": [{"名": "a", "预": 3}, {"名": "b", "预": 4}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("check", "place"),
    [
        ("rule = '算.倍 == 9'\nat = '算.倍'", ("算", "B8")),
        ("rule = '格.总.预 == 9'\nat = '格.总.预'", ("格", "B7")),
        ("rule = '格.甲项.率 == 9'\nat = '格.甲项.率'", ("格", "D6")),
        ("rule = '单.合计.倍 == 9'\nat = '单.合计.倍'", ("单", "C5")),  # the heading of the column
        ("rule = '单.合计.倍 == 9'", ("单", "C5")),
        ("rule = '单.个数 == 9'\nat = '单.个数'", ("单", "A5")),
        ("each = '单'\nas = '行'\nrule = '行.倍 < 8'\nat = '行.倍'", ("单", "C8")),
        ("rule = '总倍 == 算.数'", ("算", "B6")),  # what is entered comes first: it can be mended
    ],
)
def test_a_finding_about_what_is_computed_is_where_the_workbook_shows_it(make_form, check, place):
    form = make_form(SHOWN + f'[[check]]\ncode = "Z1"\nmessage = "不对。"\n{check}\n')

    assert at(find(form, {**UNIT, **FILLED})) == [("Z1", *place)]


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"单": [{"预": 1}, {"预": -1}]}, ("单", "D5")),  # the total of the rates
        ({"格": {"甲项": {"预": 0, "决": 1}}}, ("格", "B6")),
    ],
)
def test_a_quotient_by_zero_is_told_at_the_divisor_or_where_the_result_is_shown(
    make_form, values, place
):
    spoken = at(find(make_form(SHOWN), {**UNIT, "算": {"数": 1}, **values}))

    assert ("W401", *place) in spoken
    assert all(cell for _, _, cell in spoken)


def test_a_computed_value_that_divides_by_zero_is_told_at_the_first_cell_it_names(make_form):
    more = '[[computed]]\nlabel = "比"\nplaces = 1\nformula = "算.数 / (算.零 - 算.零)"\n'

    spoken = find(make_form(SHOWN + more), {**UNIT, **FILLED, "算": {"数": 1, "零": 5}})

    assert at(spoken) == [("W401", "算", "B6")]
