"""Amounts in capital numerals, by the 正确填写票据和结算凭证的基本规定 (支付结算办法, annex 1)."""

from decimal import Decimal

import pytest

from reportgen.filters import UnfitError, capitals, numeral
from reportgen.form import Field
from reportgen.numerals import capital_amount
from reportgen.value import Blank, Number

#: The first way of writing each example of the rules, in their own order.
OF_THE_RULES = [
    ("1409.50", "壹仟肆佰零玖元伍角"),
    ("6007.14", "陆仟零柒元壹角肆分"),
    ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
    ("107000.53", "壹拾万柒仟元零伍角叁分"),
    ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
    ("325.04", "叁佰贰拾伍元零肆分"),
]
#: By the same rules.
MORE = [
    ("0", "零元整"),
    ("10", "壹拾元整"),
    ("0.5", "伍角"),
    ("0.05", "伍分"),
    ("0.32", "叁角贰分"),
    ("-365.5", "负叁佰陆拾伍元伍角"),
    ("-0", "零元整"),
    ("10000", "壹万元整"),
    ("10001", "壹万零壹元整"),
    ("100010", "壹拾万零壹拾元整"),
    ("1000000", "壹佰万元整"),
    ("10050000", "壹仟零伍万元整"),
    ("100000000", "壹亿元整"),
    ("100000001", "壹亿零壹元整"),
    ("100010000", "壹亿零壹万元整"),
    ("123456789.01", "壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元零壹分"),
    ("1000000000000", "壹万亿元整"),
    ("1002300000000", "壹万零贰拾叁亿元整"),
    (
        "9999999999999999.99",
        "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
    ),
]


@pytest.mark.parametrize(("amount", "written"), OF_THE_RULES + MORE)
def test_an_amount_is_written_as_the_rules_for_cheques_want_it(amount, written):
    assert capital_amount(Decimal(amount)) == written


def test_an_amount_in_wan_yuan_is_written_in_yuan_and_rounded_to_cents():
    wan = Field(label="金额", uom="万元")

    assert capitals(Number(Decimal("293.4567891"), wan)) == "贰佰玖拾叁万肆仟伍佰陆拾柒元捌角玖分"
    assert capitals(Number(Decimal("0.00000049"), wan)) == "零元整"
    assert isinstance(capitals(Blank(wan)), Blank)


def test_an_amount_without_a_unit_or_beyond_all_units_is_not_written():
    with pytest.raises(UnfitError, match="没有计量单位"):
        capitals(Number(Decimal(3)))
    with pytest.raises(UnfitError, match="太大"):
        capitals(Number(Decimal(10**8), Field(label="金额", uom="亿元")))


@pytest.mark.parametrize(
    ("n", "pattern", "written"),
    [
        (3, "一、", "三、"),
        (11, "（一）", "（十一）"),
        (2, "1.", "2."),
        (21, "①", "㉑"),
        (4, "第一项", "第四项"),
    ],
)
def test_a_number_is_written_in_the_style_of_a_heading(n, pattern, written):
    assert numeral(n, pattern) == written


@pytest.mark.parametrize(
    ("n", "pattern"), [(0, "一、"), (-1, "1."), (1, "甲"), (1, "1.1"), (1, "")]
)
def test_what_is_no_number_of_a_heading_is_not_written(n, pattern):
    with pytest.raises(UnfitError):
        numeral(n, pattern)
