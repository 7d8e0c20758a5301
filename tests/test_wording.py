"""An expression as a person says it."""

import pytest

from reportgen.expression import Expression
from reportgen.headings import Headings
from reportgen.wording import said


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("项.区级 <= 项.总额", "区级不大于总额"),
        ("提纲 == '一' or 表.个数 > 0", "提纲为“一”，或者表.个数大于0"),
        ("提纲 != '一' and (甲 < 1 or 甲 >= 5)", "提纲不为“一”，并且（甲小于1，或者甲不小于5）"),
        ("甲 != 乙", "甲不等于乙"),
        ("1 <= 甲 <= 5", "1不大于甲，并且甲不大于5"),
        ("not 备注", "没有备注"),
        ("not (甲 > 1 and 乙 > 1)", "没有（甲大于1，并且乙大于1）"),
        ("甲 - (乙 - 丙) == (甲 + 乙) * 2 / 丙", "甲 - （乙 - 丙）等于（甲 + 乙） × 2 ÷ 丙"),
        ("-甲 < 0.5", "-甲小于0.5"),
        ("+甲 + 1 < 5", "甲 + 1小于5"),
        ("(表|筛选(类='一')).合计['2025年'] > 0", "表中类为“一”的各行.合计.2025年大于0"),
        ("甲 in ['一', '二']", "甲是“一”、“二”之一"),
        ("甲 not in ['一']", "甲不是“一”之一"),
        ("'局' in 项.名称", "名称里有“局”"),
        ("'局' not in 甲 ~ 乙", "甲、乙里没有“局”"),
        ("项.日期 <= 年度 ~ '-12-31'", "日期不大于年度-12-31"),
        ("count(项.名称) > 0", "填了名称"),
        ("count(名称) == 0", "没有填名称"),
        ("count(甲, 乙) > 1", "计数（甲、乙）大于1"),
        ("甲 == round(乙 * 0.8, 2)", "甲等于四舍五入（乙 × 0.8、2）"),
        ("甲 == (乙 if 丙 > 0 else 丁)", "甲等于（丙大于0时为乙，否则为丁）"),
        ("甲|项数 == 3", "甲的项数等于3"),
        ("甲|abs > 3", "甲的绝对值大于3"),
        ("文.正文|join('') == '一'", "文.正文为“一”"),
        (
            "(表|筛选(所属=项.名称, 类='一')).合计.额 == 项.总额",
            "表中所属为本行的名称、类为“一”的各行.合计.额等于总额",
        ),
        ("甲 == true", "甲等于是"),
    ],
)
def test_an_expression_is_said_in_words(source, words):
    assert said(Expression.parse(source, Headings({})), "项") == words


def test_a_heading_that_is_no_identifier_is_said_as_it_stands_in_the_workbook():
    headings = Headings({"2025年预算": "2025年预算"})

    assert said(Expression.parse("2025年预算 > 0", headings)) == "2025年预算大于0"
