"""The filters and functions of formulas and templates: one English name, one Chinese alias each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import wraps
from types import MappingProxyType
from typing import Any

from reportgen.figures import figures, split
from reportgen.numerals import capital_amount, chinese_numeral, is_pattern, numbered
from reportgen.show import percentage, show
from reportgen.value import (
    Blank,
    Day,
    Invalid,
    NotANumberError,
    Number,
    Value,
    digits,
    half_up,
    number,
    total,
)

#: How many 元 one unit of measure is; only these can be turned into one another.
YUAN = MappingProxyType({"元": 1, "千元": 1000, "万元": 10_000, "亿元": 100_000_000})

#: No amount has more decimals.
_MOST_PLACES = 15


class UnfitError(NotANumberError):
    """A filter cannot print this value; ``what`` says why, in Chinese, and ``hint`` what to do."""

    def __init__(self, value: object, what: str, hint: str = "") -> None:
        super().__init__(value)
        self.what, self.hint = what, hint

    def __str__(self) -> str:
        return "；".join(filter(None, (self.what, self.hint)))


def _unknown_uom(value: Number, uom: str) -> UnfitError:
    """Return what is wrong with an amount whose unit of measure is not known, or is no money."""
    own = f"单位是“{uom}”" if uom else "没有计量单位"
    what = f"这个数{own}，不能换算成元、万元、亿元"
    return UnfitError(value, what, "请在 form.toml 里写明 uom")


def _calculated(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """Let a blank pass through a filter that needs a number; a second argument is a whole number."""

    @wraps(filter_)
    def apply(value: Any, places: Any = None) -> Any:
        if isinstance(value, Blank):
            return value
        given = () if places is None else (int(number(places)),)
        if given and abs(given[0]) > _MOST_PLACES:
            what = f"小数位数最多 {_MOST_PLACES} 位，写的是 {given[0]}"
            raise UnfitError(value, what)
        return filter_(number(value), *given)

    return apply


@_calculated
def fixed(value: Number, places: int = 2) -> str:
    """Print exactly *places* decimals, rounded half-up; 0 prints ``0``: 293.4 → ``293.40``."""
    return digits(value.value, places)


@_calculated
def thousands(value: Number, places: int | None = None) -> str:
    """Print with thousands separators: 14242.51 → ``14,242.51``."""
    text = digits(value.value, places)
    whole, dot, rest = text.partition(".")
    return f"{int(whole):,}{dot}{rest}" if not whole.startswith("-0") else text


@_calculated
def percent(value: Number, places: int | None = None) -> str:
    """Print as a percentage: 0.7636 → ``76.36%``; *places* rounds half-up."""
    return percentage(value.value, places)


def _in(uom: str, value: Number) -> Number:
    """Return an amount in another unit than its field's."""
    own = getattr(value.field, "uom", "")
    if own not in YUAN:
        # a sum has no unit of its own: to take 元 for 万元 would be wrong ten thousand times
        raise _unknown_uom(value, own)
    return number(Fraction(value.value) * YUAN[own] / YUAN[uom])


def _money(uom: str) -> Callable[..., Any]:
    @_calculated
    def convert(value: Number, places: int | None = None) -> str:
        amount = _in(uom, value)
        if places is None and value.field.uom == uom:
            places = value.field.places
        return digits(amount.value, places) + uom

    convert.__doc__ = (
        f"Print an amount in {uom} with the unit behind it, converted from the field's own unit."
    )
    return convert


def ymd(value: Any) -> Any:
    """Print a date as ``2026年3月5日``: no leading zeros (GB/T 9704-2012 7.3.5)."""
    return str(value) if isinstance(value, Day) else value


@_calculated
def change(value: Number) -> str:
    """The word for a change by its sign: 增加, 减少, 持平."""
    return "增加" if value.value > 0 else "减少" if value.value < 0 else "持平"


@_calculated
def hanzi(value: Number) -> str:
    """A whole number from 0 to 9999 in Chinese numerals: 12 → ``十二``."""
    if value.value != int(value):
        raise NotANumberError(f"{value}")  # 三 for 3.7 would be another number
    return chinese_numeral(int(value))


@_calculated
def capitals(value: Number) -> str:
    """An amount in the capital numerals of cheques, in 元: 1409.5元 → ``壹仟肆佰零玖元伍角``."""
    try:
        return capital_amount(half_up(_in("元", value).value, 2))
    except ValueError:
        raise UnfitError(value, "这个金额太大，写不成大写") from None


def numeral(value: Any, pattern: str = "1") -> Any:
    """A whole number as a heading is numbered: ``序号("（一）")`` 3 → ``（三）``."""
    if isinstance(value, Blank):
        return value
    n, like = number(value).value, show(pattern)
    if n != int(n) or n < 1:
        raise UnfitError(value, f"“{show(value)}”不是 1、2、3 这样的序号")
    if not is_pattern(like):
        raise UnfitError(value, f"“{like}”不是编号的样子", "请写 一、 （一） 1. ① 这样的")
    return numbered(like, int(n))


def where(table: Any, /, **conditions: Any) -> Any:
    """The rows whose fields equal the given values: ``筛选(项目类型="专项经费")``."""
    return table.where(conditions)


def order(table: Any, label: str, /, *more: str) -> Any:
    """The rows in the order of these fields, a choice by its place in the list: ``排序("一级指标")``."""
    return table.ordered((label, *more))


def order_down(table: Any, label: str, /, *more: str) -> Any:
    """The rows from the largest to the smallest by these fields: ``倒序("执行率")``; blanks last."""
    return table.ordered((label, *more), down=True)


def group(table: Any, label: str, /, *more: str) -> Any:
    """The rows in groups that have these fields in common: ``分组("项目类型")``."""
    return table.grouped((label, *more))


def join(values: Any, separator: str = "、") -> str:
    """Join the filled-in ones: ``甲、乙、丙``."""
    joined = [v for v in _flat((values,)) if not isinstance(v, Blank)]
    for value in joined:
        if not isinstance(value, Value | str | int | float):
            raise NotANumberError(value)  # a whole row, where one value is wanted
    return separator.join(show(v) for v in joined)


def _flat(values: tuple[Any, ...]) -> list[Any]:
    """The values, or those of the one list that is given instead."""
    one = values[0] if len(values) == 1 else ""
    return list(one) if isinstance(one, Iterable) and not isinstance(one, str) else list(values)


def add_up(*values: Any) -> Value:
    """The sum of numbers or of one list; blanks count 0."""
    return total(_flat(values))


def count(*values: Any) -> Number:
    """How many are filled in, readable or not."""
    filled = [v for v in _flat(values) if isinstance(v, Invalid) or not isinstance(v, Blank)]
    return number(len(filled))


def _extreme(choose: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    flat = _flat(values)
    unreadable = [v for v in flat if isinstance(v, Invalid)]
    filled = (number(v) for v in flat if not isinstance(v, Blank))
    return unreadable[0] if unreadable else choose(filled, default=Blank())


def least(*values: Any) -> Any:
    """The smallest number that is filled in; a blank when none is."""
    return _extreme(min, values)


def greatest(*values: Any) -> Any:
    """The largest number that is filled in; a blank when none is."""
    return _extreme(max, values)


@_calculated
def rounded(value: Number, places: int = 0) -> Number:
    """Round half-up, as Excel's ROUND."""
    field = replace(value.field, places=max(places, 0)) if value.field else None
    return Number(half_up(value.value, places), field)


@_calculated
def magnitude(value: Number) -> Number:
    """The number without its sign; it keeps its unit and places."""
    return Number(number(abs(Fraction(value.value))).value, value.field)


def _written(filter_: Callable[[str], Value]) -> Callable[..., Value]:
    """Let a blank pass through a filter that reads what is written."""

    @wraps(filter_)
    def apply(value: Any) -> Value:
        if isinstance(value, Blank):
            return value
        if not isinstance(value, Value | str | int | float):
            raise NotANumberError(value)  # a whole column, where one text is wanted
        return filter_(show(value))

    return apply


@_written
def first_number(text: str) -> Value:
    """The first number in digits: ``1,972.5个`` → 1972.5, ``1.2万人`` → 12000; a blank for none.

    万元 is a unit of its own: ``3.5万元`` → 3.5.
    """
    found = next(figures(text), None)
    return number(Fraction(found.amount)) if found else Blank()


@_written
def items(text: str) -> Value:
    """How many items are listed, divided by 、 ； or a line break: ``甲、乙（一、二）`` → 2; 无 → 0.

    Without any of them commas divide: ``甲，乙`` → 2.
    """
    listed = split(text, "、；;\n")
    if len(listed) == 1:
        listed = split(text, "，,")
    return number(0 if [one.rstrip("。") for one in listed] == ["无"] else len(listed))


_NAMES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("fixed", "小数", fixed),
    ("thousands", "千分位", thousands),
    ("percent", "百分比", percent),
    ("wan_yuan", "万元", _money("万元")),
    ("yi_yuan", "亿元", _money("亿元")),
    ("ymd", "年月日", ymd),
    ("change", "增减", change),
    ("hanzi", "汉字", hanzi),
    ("capitals", "大写", capitals),
    ("numeral", "序号", numeral),
    ("where", "筛选", where),
    ("order", "排序", order),
    ("order_down", "倒序", order_down),
    ("group", "分组", group),
    ("join", "连接", join),
    ("round", "四舍五入", rounded),
    ("abs", "绝对值", magnitude),
    ("first_number", "首数", first_number),
    ("items", "项数", items),
    ("sum", "求和", add_up),
    ("count", "计数", count),
    ("min", "最小", least),
    ("max", "最大", greatest),
)

#: Every filter under both of its names.
FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {name: filter_ for english, chinese, filter_ in _NAMES for name in (english, chinese)}
)

#: What a formula or a template may call: ``round(得分, 2)``.
FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {name: FILTERS[name] for name in ("round", "abs", "sum", "count", "min", "max")}
)
