"""Exact numbers, blanks and how both print (design.md §3, Numbers)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.value import (
    Blank,
    Day,
    DivisorZeroError,
    Invalid,
    NotANumberError,
    NotApplicable,
    Number,
    Text,
    YesNo,
    digits,
    half_up,
    is_empty,
    number,
    plain,
    total,
)


def n(text: str) -> Number:
    return Number(Decimal(text))


BLANKS = [Blank(), NotApplicable()]


def test_decimals_add_up_without_a_binary_rest():
    assert str(n("0.1") + n("0.2")) == "0.3"
    assert str(n("1703.1542") - n("0.0001")) == "1703.1541"


def test_a_third_times_three_is_one():
    third = n("1") / n("3")

    assert isinstance(third.value, Fraction)
    assert third * 3 == 1
    assert plain(third * 3) == Decimal(1)


def test_a_quotient_with_an_end_is_a_decimal():
    assert (n("1") / n("8")).value == Decimal("0.125")
    assert isinstance((n("1") / n("8")).value, Decimal)
    assert (n("300") / n("3")).value == Decimal(100)


def test_a_number_of_hundreds_of_digits_stays_exact():
    long = "7" * 500

    assert str(n(long) + n("0.5")) == long + ".5"
    assert str(-n(long)) == "-" + long
    assert str(total([n(long), n("1")])) == "7" * 499 + "8"


@given(
    st.lists(
        st.decimals(
            allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4
        )
    )
)
def test_a_sum_of_decimals_is_the_sum_of_their_fractions(amounts):
    result = total(Number(a) for a in amounts)

    assert isinstance(result, Number)
    assert Fraction(result.value) == sum((Fraction(a) for a in amounts), Fraction(0))


@given(
    st.fractions(min_value=-1000, max_value=1000, max_denominator=50),
    st.fractions(min_value=-1000, max_value=1000, max_denominator=50),
)
def test_the_four_operations_are_those_of_fractions(a, b):
    left, right = number(a), number(b)

    assert Fraction((left + right).value) == a + b
    assert Fraction((left - right).value) == a - b
    assert Fraction((left * right).value) == a * b
    if b:
        assert Fraction((left / right).value) == a / b


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        ("2.675", 2, "2.68"),
        ("-2.5", 0, "-3"),
        ("0.125", 2, "0.13"),
        ("2.5", 0, "3"),
        ("2.4999", 0, "2"),
        ("1250", -2, "1300"),
        ("-0.4", 0, "0"),
        ("0.005", 2, "0.01"),
    ],
)
def test_rounding_is_half_away_from_zero(value, places, rounded):
    assert half_up(Decimal(value), places) == Decimal(rounded)


def test_two_thirds_round_up_and_one_third_down():
    assert half_up(Fraction(2, 3), 2) == Decimal("0.67")
    assert half_up(Fraction(1, 3), 2) == Decimal("0.33")


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_counts_nothing_in_a_sum_and_a_difference(blank):
    assert (n("5") + blank).value == 5
    assert (blank + n("5")).value == 5
    assert (n("5") - blank).value == 5
    assert (blank - n("5")).value == -5
    assert total([blank, n("2"), blank, n("3")]) == 5


@pytest.mark.parametrize("blank", BLANKS)
def test_nothing_but_blanks_gives_a_blank(blank):
    for result in (blank + Blank(), blank - Blank(), total([blank, Blank()]), total([blank])):
        assert type(result) is Blank


def test_no_values_at_all_add_up_to_0():
    assert total([]) == 0


@pytest.mark.parametrize("blank", BLANKS)
def test_a_product_a_quotient_and_a_comparison_with_a_blank_are_blank(blank):
    results = [
        n("5") * blank, blank * n("5"), n("5") / blank, blank / n("5"), -blank,
        n("5") == blank, n("5") != blank, blank < n("5"), n("5") <= blank, blank > n("5"),
        n("5") >= blank, blank == Blank(), Text("甲") == blank, blank == "甲", n("5") == "",
    ]  # fmt: skip

    assert [type(r) for r in results] == [Blank] * len(results)
    assert not any(results)


def test_a_blank_divided_by_zero_is_blank_too():
    assert type(Blank() / n("0")) is Blank


def test_what_rests_on_an_unreadable_cell_is_unreadable():
    bad = Invalid(raw="十二")
    results = [
        bad + n("1"), n("1") - bad, bad * n("2"), n("1") / bad, -bad, bad + Blank(),
        bad == n("1"), n("1") != bad, n("1") < bad, Blank() == bad, total([n("1"), bad]),
        total([bad]),
    ]  # fmt: skip

    assert [type(r) for r in results] == [Invalid] * len(results)


def test_zero_is_filled_in_and_true_and_a_blank_is_false():
    assert n("0")
    assert (n("0") or "—") == 0
    assert not Blank()
    assert not NotApplicable()
    assert not Invalid(raw="x")
    assert is_empty(Blank())
    assert not is_empty(NotApplicable())
    assert not is_empty(Invalid(raw="x"))
    assert not is_empty(n("0"))


def test_a_zero_divisor_says_which_number_is_zero():
    zero = Number(Decimal("0.00"), field="全年预算数")

    with pytest.raises(DivisorZeroError) as raised:
        n("1") / zero

    assert raised.value.divisor is zero


@pytest.mark.parametrize(
    "calculate",
    [
        lambda: n("1") + "甲",
        lambda: Text("甲") * n("2"),
        lambda: n("1") - Day(date(2026, 3, 5)),
        lambda: YesNo(value=True) + n("1"),
        lambda: n("1") + True,
        lambda: n("1") < Text("甲"),
        lambda: n("1") * [1],
        lambda: -Day(date(2026, 3, 5)),
    ],
)
def test_calculating_with_what_is_no_number_is_an_error_in_chinese(calculate):
    with pytest.raises(NotANumberError, match="不是数"):
        calculate()


@pytest.mark.parametrize(
    ("value", "places", "printed"),
    [
        ("293.40", None, "293.4"),
        ("293.4", 2, "293.40"),
        ("0.00", 2, "0"),
        ("0", None, "0"),
        ("-0.00", None, "0"),
        ("0.004", 2, "0"),
        ("-1.5", 0, "-2"),
        ("100", None, "100"),
        ("1E+3", None, "1000"),
        ("1E-7", None, "0.0000001"),
        ("365.5", 0, "366"),
    ],
)
def test_a_number_prints_plainly_with_trailing_zeros_only_from_places(value, places, printed):
    assert digits(Decimal(value), places) == printed


def test_a_quotient_without_an_end_prints_at_its_places():
    assert digits(Fraction(2, 3), 4) == "0.6667"
    assert digits(Fraction(1, 3)) == "0.333333333333333"


def test_a_number_equals_a_literal_however_it_is_written():
    assert n("0.80") == 0.8
    assert n("0.8") == number(0.80)
    assert n("0.3") == n("0.30")
    assert (n("0.3") != 0.3) is False
    assert n("1") / n("3") < 0.34
    assert hash(n("0.80")) == hash(n("0.8"))


def test_texts_and_days_compare_with_their_like():
    assert Text("甲") == "甲"
    assert Text("甲") != Text("乙")
    assert (n("2020") == Text("2020提纲")) is False
    assert Day(date(2026, 3, 5)) < Day(date(2026, 3, 6))
    assert YesNo(value=True) == YesNo(value=True)


def test_days_yes_and_no_and_what_is_not_applicable_print_as_people_write_them():
    assert str(Day(date(2026, 3, 5))) == "2026年3月5日"
    assert [str(YesNo(value=v)) for v in (True, False)] == ["是", "否"]
    assert str(NotApplicable(raw="不适用")) == "不适用"
    assert str(Blank()) == ""


def test_a_whole_number_counts_as_an_index_and_half_a_one_does_not():
    assert list(range(n("3"))) == [0, 1, 2]
    with pytest.raises(NotANumberError):
        range(n("2.5"))


def test_a_date_is_compared_with_a_date_written_as_text():
    day = Day(date(2026, 3, 5))

    assert (day >= "2026-01-01") is True
    assert (day >= "2027-01-01") is False
    assert (day == "2026-03-05") is True


def test_yes_and_no_are_their_words():
    assert (YesNo(value=True) == "是") is True
    assert (YesNo(value=False) == "是") is False
    assert (YesNo(value=False) != "是") is True
