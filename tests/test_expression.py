"""Formulas: any heading as a name, exact values, blanks, and nothing of Python in reach."""

from decimal import Decimal

import pytest

from reportgen.expression import Chain, Expression, ExpressionError, in_words
from reportgen.filters import FILTERS, UnfitError
from reportgen.form import Field
from reportgen.headings import Headings, identifier, label_of
from reportgen.value import (
    Blank,
    DivisorZeroError,
    Invalid,
    NotANumberError,
    Number,
    Text,
    YesNo,
)


class Names(dict):
    """A scope and a node out of a dict."""

    def lookup(self, name):
        return self[name]


class Rows(list):
    """Rows that can be chosen from, as a table of the form is."""

    def where(self, conditions):
        return Rows(r for r in self if all(r.lookup(k) == v for k, v in conditions.items()))

    def lookup(self, name):
        if name == "个数":
            return Number(Decimal(len(self)))
        return self.total() if name == "合计" else [row[name] for row in self]

    def total(self):
        return Names({"金额": sum((row["金额"] for row in self), Number(Decimal(0)))})


def num(text):
    return Number(Decimal(text))


CELL = Blank(field="备注")  # an empty cell, as reading gives it
WRONG = Invalid(field="人数", raw="十二")
TABLE = Rows(
    Names({"类型": Text(kind), "金额": num(amount)})
    for kind, amount in (("甲", "10"), ("乙", "20.5"), ("甲", "0.25"))
)


def run(source, headings=(), **names):
    labels = {h: h for h in headings} if isinstance(headings, tuple) else headings
    scope = Chain(Names({**names, "明细": TABLE, "空": CELL, "错": WRONG}))
    return Expression.parse(source, Headings(labels)).evaluate(scope)


# -- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "written"),
    [
        ("指标总额（万元）", "指标总额（万元）"),
        ("指标总额（万元）", "指标总额(万元)"),
        ("指标总额(万元)", "指标总额（万元）"),
        ("指标总额（万元）", "指标总额 （ 万元 ）"),
        ("2025年预算", "2025年预算"),
        ("2025年预算", "２０２５年预算"),
        ("其中：区级资金", "其中：区级资金"),
        ("其中：区级资金", "其中:区级资金"),
        ("资金用途、使用方向", "资金用途、使用方向"),
        ("预算\n金额", "预算金额"),
        ("预算\n金额", "预算\n金额"),
        ("面积㎡", "面积㎡"),
        ("“三公”经费", "“三公”经费"),
        ("“三公”经费", '"三公"经费'),
        ("A类人数", "Ａ类人数"),
        ("占比%", "占比％"),
        ("in", "in"),
        ("a-b", "a-b"),
    ],
)
def test_a_heading_is_a_name_however_it_is_typed(heading, written):
    result = run(f"{written} + 1", (heading,), **{heading: num("2")})

    assert result == 3


def test_a_heading_with_its_unit_means_its_label():
    headings = {"指标总额": "指标总额", "指标总额（万元）": "指标总额"}

    assert run("指标总额（万元） * 2", headings, 指标总额=num("3")) == 6


def test_an_old_name_is_looked_up_as_it_is_written():
    headings = {"部门（旧）名称": "部门（旧）名称"}

    assert run("部门（旧）名称", headings, **{"部门（旧）名称": Text("甲局")}) == "甲局"


def test_the_longest_heading_wins():
    headings = ("预算（区级）", "预算（区级）支出", "（区级）")
    values = {"预算（区级）": num("1"), "预算（区级）支出": num("2"), "（区级）": num("3")}

    assert run("预算（区级）支出", headings, **values) == 2
    assert run("预算（区级）+ 预算（区级）支出", headings, **values) == 3


def test_a_heading_with_its_unit_does_not_cut_a_longer_one():
    headings = {"总额（万元）": "总额", "总额（万元）增减": "总额（万元）增减"}

    result = run("总额（万元）增减", headings, **{"总额": num("1"), "总额（万元）增减": num("2")})

    assert result == 2


def test_a_heading_inside_a_longer_word_is_left_alone():
    assert run("上年1季度 + 1季度", ("1季度",), 上年1季度=num("5"), **{"1季度": num("2")}) == 7


def test_a_heading_in_quotes_is_text():
    for quotes in ('""', "''", "“”", "‘’"):
        source = f"x == {quotes[0]}指标总额（万元）{quotes[1]}"
        assert run(source, ("指标总额（万元）",), x=Text("指标总额（万元）")) is True


def test_quotes_and_operators_of_a_chinese_keyboard_are_understood():
    assert run("x ＝＝ “甲”", x=Text("甲")) is True
    assert run("（x ＋ 1）＊ 2 － 4／2", x=num("2")) == 4
    assert run("x｜四舍五入（1）", x=num("2.25")) == Decimal("2.3")
    assert run('x == “他说"好"”', x=Text('他说"好"')) is True


@pytest.mark.parametrize(
    "label", ["单位名称", "2025年预算", "指标总额（万元）", "in", "a_b", "_x32_", "㎡", "-", "None"]
)
def test_an_identifier_leads_back_to_its_label(label):
    made = identifier(label)

    assert made.isidentifier()
    assert label_of(made) == label


def test_headings_are_replaced_inside_tags_alone():
    headings = Headings({"金额（万元）": "金额（万元）"})

    text = headings.in_tags("金额（万元）：{{ 金额（万元） }}")

    assert text.startswith("金额（万元）：{{ ")
    assert "（" not in text.split("{{")[1]


# -- values and operators ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("0.1 + 0.2", "0.3"),
        ("7 / 2", "3.5"),
        ("1 / 3 * 3", "1"),
        ("-5 - -2", "-3"),
        ("+5", "5"),
        ("round(2.675, 2)", "2.68"),
        ("2.5|round", "3"),
        ("2.5|四舍五入", "3"),
        ("round(1250, -2)", "1300"),
        ("round(2.675, places=2)", "2.68"),
        ("abs(-2.5)", "2.5"),
        ("(0 - 2)|绝对值", "2"),
        ("sum(1, 2, 空)", "3"),
        ("sum(明细.金额)", "30.75"),
        ("明细.金额|求和", "30.75"),
        ("count(明细.金额)", "3"),
        ("count(1, 空, 2)", "2"),
        ("min(3, 空, 2)", "2"),
        ("明细.金额|最大", "20.5"),
        ("1 if 2 > 1 else 0", "1"),
        ("1 if 2 < 1 else 0", "0"),
        ("5 if 空 else 6", "6"),
        ("空 + 3", "3"),
        ("空 or 4", "4"),
        ("3 if '甲' == '甲' and not 空 else 0", "3"),
        ('(明细|筛选(类型="甲")).合计.金额', "10.25"),
        ('(明细|where(类型="甲")).个数', "2"),
        ('(明细|筛选(类型="丙")).个数', "0"),
        ("明细['合计']['金额']", "30.75"),
    ],
)
def test_a_formula_gives_the_number_that_a_person_works_out(source, value):
    result = run(source)

    assert isinstance(result, Number)
    assert result.value == Decimal(value)


@pytest.mark.parametrize(
    ("source", "truth"),
    [
        ("0.8 == 0.80", True),
        ("1 != 1.0", False),
        ("1 < 2 <= 2", True),
        ("1 < 2 > 3", False),
        ("'甲' in ['甲', '乙']", True),
        ("'丙' not in ['甲', '乙']", True),
        ("2 in [1, 2.0]", True),
        ("'甲' in 明细.类型", True),
        ("'三' in '一二三四'", True),
        ("'五' not in '一二三四'", True),
        ("not 空", True),
        ("not (1 > 2)", True),
        ("1 > 2 or 2 > 1", True),
        ("1 > 2 and 空 > 1", False),
        ("空 > 1 and 1 > 2", False),
        ("空 > 1 or 2 > 1", True),
        ("2 > 1 and true", True),
        ("1 == 1 and 'x'", True),
    ],
)
def test_a_condition_is_true_or_false(source, truth):
    assert bool(run(source)) is truth
    assert not isinstance(run(source), Blank)


@pytest.mark.parametrize(
    "source",
    [
        "空 > 1",
        "空 == ''",
        "not (空 > 1)",
        "空 > 1 and 2 > 1",
        "2 > 1 and 空 > 1",
        "空 > 1 or 1 > 2",
        "1 > 2 or 空 > 1",
        "空 in ['甲']",
        "空 not in ['甲']",
        "'甲' in 空",
        "'甲' not in 空",
        "空 * 2",
        "空 / 2",
        "空 + 空",
        "-空",
        "空|round(2)",
        "min(空)",
        "1 if 2 < 1",
    ],
)
def test_what_rests_on_an_empty_cell_is_blank(source):
    assert type(run(source)) is Blank


@pytest.mark.parametrize(
    "source",
    [
        "错 + 1",
        "错 > 1",
        "not 错",
        "not (错 > 1)",
        "错 or 1 > 2",
        "错 > 1 or 1 > 2",
        "1 > 2 or 错 > 1",
        "2 > 1 and 错 > 1",
        "错 > 1 and 2 > 1",
        "1 if 错 > 1 else 0",
        "错 in ['甲']",
        "'甲' not in 错",
        "sum(1, 错)",
        "min(1, 错)",
        "max(错, 1)",
        "错|round",
        "错 * 空",
    ],
)
def test_what_rests_on_a_wrong_cell_is_unreadable(source):
    assert isinstance(run(source), Invalid)


def test_a_wrong_cell_is_filled_in_all_the_same():
    assert run("count(错, 空, 1)") == 2


def test_texts_are_joined_by_a_tilde():
    assert run('"共" ~ 3 ~ "个"') == "共3个"
    assert run('明细.类型|连接("、")') == "甲、乙、甲"


def test_a_text_that_lacks_a_part_is_blank_and_with_a_wrong_part_unreadable():
    blank, wrong = run("空 ~ '-12-31'"), run("空 ~ '-12-31' ~ 错")

    assert type(blank) is Blank
    assert isinstance(wrong, Invalid)
    assert isinstance(run("'2026-01-05' > 空 ~ '-12-31'"), Blank)


@pytest.mark.parametrize(
    ("english", "chinese", "argument", "printed"),
    [
        ("fixed(2)", "小数(2)", num("293.4"), "293.40"),
        ("fixed", "小数", num("0"), "0"),
        ("thousands", "千分位", num("-14242.51"), "-14,242.51"),
        ("thousands(2)", "千分位(2)", num("1234"), "1,234.00"),
        ("percent(2)", "百分比(2)", num("0.76364"), "76.36%"),
        ("percent", "百分比", num("0.5"), "50%"),
        ("change", "增减", num("-1"), "减少"),
        ("change", "增减", num("0"), "持平"),
        ("change", "增减", num("0.01"), "增加"),
        ("hanzi", "汉字", num("110"), "一百一十"),
        ("capitals", "大写", Number(Decimal(3), Field(label="x", uom="万元")), "叁万元整"),
        ("numeral('（一）')", "序号('（一）')", num(12), "（十二）"),
        ("numeral", "序号", num(3), "3"),
        ("wan_yuan", "万元", Number(Decimal(3), Field(label="x", uom="元")), "0.0003万元"),
        ("join", "连接", Text("甲"), "甲"),
    ],
)
def test_a_filter_works_under_both_of_its_names(english, chinese, argument, printed):
    assert run(f"x|{english}", x=argument) == printed
    assert run(f"x|{chinese}", x=argument) == printed


def test_money_is_converted_from_the_unit_of_its_own_field():
    class InYuan:
        uom = "元"

    amount = Number(Decimal(123_456), InYuan())

    assert run("x|万元(2)", x=amount) == "12.35万元"
    assert run("x|亿元", x=amount) == "0.00123456亿元"


def test_yes_and_no_are_conditions():
    assert run("1 if x else 0", x=YesNo(value=False)) == 0
    assert run("x == true", x=YesNo(value=True)) is True


def test_a_zero_divisor_and_a_text_as_a_number_are_told_apart_from_bugs():
    with pytest.raises(DivisorZeroError):
        run("1 / 0")
    with pytest.raises(DivisorZeroError):
        run("明细.个数 / (明细|筛选(类型='丙')).个数")
    for source in ("'甲' - '乙'", "'甲' * 2", "-'甲'", "'甲' / '乙'", "1 < '甲'", "sum(明细)",
                   "true + 1", "round(1, '甲')", "round(1, 空)"):  # fmt: skip
        with pytest.raises(NotANumberError, match="不是数"):
            run(source)


# -- what formulas do not have -------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "x.y()",
        "x.__class__()",
        "明细.append(1)",
        "5 % 2",
        "5 // 2",
        "5 ** 2",
        "x[y]",
        "x[1:2]",
        "x[0]",
        "x is none",
        "{'a': 1}",
        "x|没有的过滤器",
        "x|upper",
        "x|attr('y')",
        "x|map('y')",
        "range(3)",
        "没有的函数(1)",
        "lambda: 1",
        "1 +",
        "(1 + 2",
        "1 2",
        "",
        "   ",
        "{{ x }}",
        "x; y",
        "'没有结束",
        "round()",
        "round(1, 2, 3)",
        "round(1, 位数=2)",
        "abs(1, 2)",
        "明细|筛选('甲')",
        "x|增减(1, 2)",
        "sum(*x)",
        "sum(**x)",
        "9" * 5000,
        "(" * 3000 + "1" + ")" * 3000,
        "1+" * 30_000 + "1",
    ],
    ids=lambda source: source[:20],
)
def test_what_formulas_do_not_have_is_an_error_in_chinese(source):
    with pytest.raises(ExpressionError) as raised:
        Expression.parse(source, Headings({}))

    message = str(raised.value)
    assert any("\u4e00" <= c <= "\u9fff" for c in message)
    for word in ("Error", "expected", "unexpected", "token", "jinja", "argument"):
        assert word not in message


@pytest.mark.parametrize(
    "source",
    [
        "x.__class__",
        "x.__init__.__globals__",
        "x.value",
        "x.items",
        "明细.append",
        "明细.__class__",
        "甲.keys",
        "cycler",
        "self",
        "__builtins__",
    ],
)
def test_nothing_of_python_can_be_reached(source):
    with pytest.raises(KeyError):
        run(source, x=num("1"), 甲=Names({"乙": num("1")}))


def test_a_column_called_items_is_a_column():
    assert run("甲.items", 甲=Names({"items": num("4")})) == 4


def test_the_names_of_an_expression_are_its_labels():
    expression = Expression.parse(
        "甲.2025年预算 + round(乙, 1) if 丙 else (明细|筛选(类型=丁)).合计.金额",
        Headings({"2025年预算": "2025年预算"}),
    )

    assert set(expression.paths()) == {("甲", "2025年预算"), ("乙",), ("丙",), ("明细",), ("丁",)}


@pytest.mark.parametrize(
    ("uom", "amount", "said"),
    [
        ("万元", "532.46", "532.46万元"),
        ("元", "3655000", "365.5万元"),
        ("亿元", "1.2", "12000万元"),
        ("千元", "20", "2万元"),
        ("万元", "0", "0万元"),
    ],
)
def test_an_amount_is_converted_from_its_own_unit(uom, amount, said):
    assert FILTERS["万元"](Number(Decimal(amount), Field(label="x", uom=uom))) == said


@pytest.mark.parametrize("uom", ["", "亩"])
def test_an_amount_of_no_known_unit_is_never_taken_for_ten_thousands(uom):
    with pytest.raises(UnfitError, match="不能换算"):
        FILTERS["万元"](Number(Decimal(3), Field(label="x", uom=uom)))
    with pytest.raises(UnfitError, match="没有计量单位"):
        FILTERS["万元"](Number(Decimal(3)) + Number(Decimal(4), Field(label="x", uom="元")))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("1972.5个安置指标（其中：5个）", "1972.5"),
        ("1.2万人", "12000"),
        ("3.5万元", "3.5"),
        ("共12,345,678.90元", "12345678.90"),
        ("共１２，３４５．６元", "12345.6"),
        ("共１２个", "12"),
        ("完成5，300人受益", "5"),  # a comma of the sentence, not of the number
        ("5,30", "5"),
        ("下降-3.5%", "-3.5"),
        ("1-10月", "1"),
        ("≥95%", "95"),
        ("第1.2.3条", "1.2"),
    ],
)
def test_the_first_number_of_a_text_is_read_as_written(text, first):
    for name in ("首数", "first_number"):
        assert run(f"甲|{name}", 甲=Text(text)).value == Decimal(first)


@pytest.mark.parametrize("text", ["三个项目", "无", "①"])
def test_a_text_without_digits_has_no_first_number(text):
    assert isinstance(run("甲|首数", 甲=Text(text)), Blank)


def test_the_first_number_of_a_number_is_the_number():
    assert run("甲|首数 == 甲", 甲=num("-2.50"))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("甲、乙、丙", 3),
        ("甲", 1),
        ("甲；乙;丙", 3),
        ("甲\n乙\n", 2),
        ("甲（一、二）、乙、《丙、丁》。", 3),
        ("甲、、乙、", 2),
        ("无", 0),
        ("无。", 0),
        ("甲，乙", 2),
    ],
)
def test_the_items_of_a_text_are_counted(text, count):
    for name in ("项数", "items"):
        assert run(f"甲|{name}", 甲=Text(text)).value == count


@pytest.mark.parametrize("name", ["首数", "项数"])
def test_what_reads_a_text_leaves_blanks_and_unreadable_cells_as_they_are(name):
    assert run(f"空|{name}").field == "备注"
    assert isinstance(run(f"错|{name}"), Invalid)


@pytest.mark.parametrize("name", ["首数", "项数"])
def test_a_column_is_no_text_to_be_read(name):
    with pytest.raises(NotANumberError):
        run(f"明细.类型|{name}")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("得分 < 分值", "得分小于分值"),
        ("报告提纲 == '2020提纲' and 数 != 0", "报告提纲为“2020提纲”且数不为0"),
        ("类型 in ['甲 乙', 'R and D']", "类型属于“甲 乙”、“R and D”"),
    ],
)
def test_a_condition_is_said_as_people_say_it(condition, said):
    assert in_words(condition) == said
