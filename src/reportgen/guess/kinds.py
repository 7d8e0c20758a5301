"""What kind of field it is, by its label and its values: number, date, choice, text."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from reportgen.fieldtypes import (
    MAX_TEXT,
    NO_NUMBER,
    NOT_APPLICABLE,
    ErrorValue,
    Uncalculated,
    raw_text,
    read_value,
)
from reportgen.form import NUMBER_TYPES, Field
from reportgen.guess.items import MONEY, Item, number_of
from reportgen.headings import narrow
from reportgen.signs import cell_length

_CODE = re.compile(
    r"(编号|代码|编码|号码|电话|手机|传真|账号|帐号|身份证|证件号|证号|文号|邮编|学号|工号|流水号|条码|代号|房号|车牌)"
)
_AMOUNT = re.compile(
    r"(金额|额|价|费|款|预算|决算|支出|收入|资金|原值|净值|现值|折旧|拨款|经费|执行数)"
)
_RATE = re.compile(r"(率|比例|占比|比重|百分比|％|%)$")
_YEAR = re.compile(r"(年度|年份|^年$|学年)")
_DATE = re.compile(r"(日期|时间|年月日|出生年月)$")
_COUNT = re.compile(r"(数量|人数|个数|次数|天数|台数|件数|户数|年龄|学时|年限)$")
NO_MONEY = re.compile(
    _COUNT.pattern.removesuffix("$") + "|得分|分值|分数|成绩|面积|率|比例|编制|在职|排名"
)
_LONG_TEXT = re.compile(
    r"(简历|事迹|经过|原因|情况说明|工作情况|完成情况|主要内容|内容简介|意见|建议|措施|问题|总结|目标)$"
)
#: What has as many values as there are units, however few a workbook shows.
_NO_CHOICE = re.compile(r"(单位|部门|科室|姓名|名称|地址|地点|型号|规格|人|备注|说明|内容)$")
_NARRATIVE = 40
_MOST_CHOICES = 8


def guess(item: Item, *, percent: bool, choices: Sequence[str], uom: str, rows: int) -> None:
    """Say what *item* is by its values. *percent*: its cells show percentages; *uom*: the sheet's.

    *choices* is the drop-down of its cells, *rows* how many rows there are.
    """
    values = [raw for raw in item.raws if raw is not None]
    broken = [raw for raw in values if isinstance(raw, ErrorValue | Uncalculated)]
    if broken:
        shown = next((b.text for b in broken if isinstance(b, ErrorValue)), "没有算出来的公式")
        item.ask(f"有 {len(broken)} 格是{shown}，没有带入", "旧表里没有数", "填好后重新核对", 3)
        item.raws = [None if isinstance(r, ErrorValue | Uncalculated) else r for r in item.raws]
        values = [raw for raw in item.raws if raw is not None]
    item.required = rows > 1 and len(values) == rows and not broken
    if choices:
        _choices(item, values, choices)
    elif not values:
        _by_label(item, uom)
    elif not (_is_date(item, values) or _is_number(item, values, percent=percent, uom=uom)):
        _text(item, values, rows)
    if item.type not in NUMBER_TYPES and item.uom:
        item.label, item.uom = item.heading, ""
    before = [raw_text(raw) for raw in item.raws if raw is not None]
    item.raws = [_fitting(item, raw) for raw in item.raws]
    lost = len(before) - sum(raw is not None for raw in item.raws)
    if lost:
        item.required = False
    if lost and not any("样例里空着" in question.text for question in item.questions):
        item.ask(
            f"有 {lost} 格样例里空着", f"填的不合这种类型（{item.type}）", "要照填的，改 type", 2
        )


def _choices(item: Item, values: list[Any], choices: Sequence[str]) -> None:
    known = {narrow(one) for one in choices}
    more = [raw_text(v).strip() for v in values if narrow(raw_text(v)) not in known]
    if {narrow(c) for c in choices} == {"是", "否"} and not more:
        item.type = "yes_no"
        return
    item.type, item.choices = "choice", _distinct([*choices, *more])
    if more:
        item.ask(
            f"可选项比旧表的下拉多了“{'、'.join(dict.fromkeys(more))}”", "旧表里填的有下拉里没有的",
            "填错的请改样例，并从 choices 里删去",
        )  # fmt: skip


def _distinct(texts: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(narrow(text), " ".join(text.split()))
    return tuple(found.values())


def _by_label(item: Item, uom: str) -> None:
    """Guess from the label alone: nothing was filled in."""
    label = item.label
    if _DATE.search(label):
        item.type = "date"
    elif _YEAR.search(label):
        item.type = "year"
    elif item.uom == "%" or _RATE.search(label):
        item.type, item.uom = "percent", ""
    elif _CODE.search(label):
        item.type = "text"
    elif item.uom in MONEY or (_AMOUNT.search(label) and not _COUNT.search(label) and uom):
        item.type, item.uom = "decimal", item.uom or uom
    elif item.uom or _COUNT.search(label):
        item.type = "integer"
    elif _LONG_TEXT.search(label):
        item.type = "narrative"
    if item.type != "text":
        title = {"date": "日期", "year": "年份", "percent": "百分数", "decimal": "数",
                 "integer": "整数", "narrative": "一段文字"}[item.type]  # fmt: skip
        item.ask(f"当作{title}", "旧表里没有填，只凭名称", "不对请改 type")


def _is_date(item: Item, values: list[Any]) -> bool:
    if any(isinstance(v, time | timedelta) for v in values):
        return False
    if any(isinstance(v, datetime) and v.time() != time() for v in values):
        item.ask("日期带着钟点，当作文字", "日期类型不留钟点", '只要日期的，写 type = "date"')
        item.raws = [raw_text(r) if isinstance(r, datetime) else r for r in item.raws]
        values[:] = [raw_text(v) if isinstance(v, datetime) else v for v in values]
        return False
    probe = Field(label=item.label, type="date")
    real = [v for v in values if isinstance(v, date)]
    texts = [v for v in values if isinstance(v, str)]
    said = [v for v in texts if not read_value(v, probe, None)[1] and not number_of(v)]
    compact = bool(_DATE.search(item.label)) and all(_reads(v, probe) for v in values)
    if len(real) + len(said) == len(values) or compact:
        item.type = "date"
        return True
    if len(real) + len(said) >= max(3, 0.8 * len(values)):
        item.type = "date"
        wrong = [raw_text(v) for v in values if not _reads(v, probe)]
        item.ask(
            f"当作日期，“{'、'.join(wrong[:3])}”等 {len(wrong)} 格样例里空着", "这几格不是日期",
            '要照填的，写 type = "text"', 2,
        )  # fmt: skip
        return True
    return False


def _reads(raw: object, probe: Field) -> bool:
    return not read_value(raw, probe, None)[1]


def _is_number(item: Item, values: list[Any], *, percent: bool, uom: str) -> bool:
    label = item.label
    if _CODE.search(label) or any(
        isinstance(v, str) and re.fullmatch(r"0\d+|\d{11,}", v.strip()) for v in values
    ):
        return False
    if any(isinstance(v, int | float) and abs(v) >= 10**15 for v in values):
        return False
    # 日期 in the label with plain numbers in it is no date that could be told
    tried_uom = item.uom or (uom if uom in MONEY and not NO_MONEY.search(label) else "")
    numbers = [number_of(v, tried_uom) for v in values]
    none = [v for v in values if isinstance(v, str) and v.strip() in NOT_APPLICABLE | NO_NUMBER]
    wrong = [v for v, n in zip(values, numbers, strict=True) if n is None and v not in none]
    good = [n for n in numbers if n is not None]
    if not good or isinstance(values[0], bool) or (wrong and len(good) < max(4, 0.8 * len(values))):
        return _is_year(item, values)
    if wrong:
        shown = "、".join(raw_text(v)[:12] for v in wrong[:3])
        item.ask(
            f"当作数，“{shown}”等 {len(wrong)} 格样例里空着", "这几格不是数",
            '要照填的，写 type = "text"', 2,
        )  # fmt: skip
    signed = [isinstance(v, str) and v.strip().endswith(("%", "％")) for v in values]
    if (
        any(signed)
        and not all(signed)
        and any(n is not None and abs(n) > 1 for n, s in zip(numbers, signed, strict=True) if not s)
    ):
        item.ask("当作文字", "有的写 85%，有的写 85", '统一写法后，写 type = "percent"', 2)
        return False
    item.required = item.required and not none
    if _YEAR.search(label) and all(n == int(n) and 1950 <= n <= 2100 for n in good):
        item.type = "year"
        return True
    _kind_of_number(item, values, good, percent=percent, uom=tried_uom)
    return True


def _is_year(item: Item, values: list[Any]) -> bool:
    probe = Field(label=item.label, type="year")
    if _YEAR.search(item.label) and all(_reads(v, probe) for v in values):
        item.type = "year"
        return True
    return False


def _kind_of_number(
    item: Item, values: list[Any], good: list[Decimal], *, percent: bool, uom: str
) -> None:
    signs = any(isinstance(v, str) and v.strip().endswith(("%", "％")) for v in values)
    whole = all(n == n.to_integral_value() for n in good)
    decimals = max(_decimals(n) for n in good)
    rate = bool(_RATE.search(item.label) or _RATE.search(item.heading)) or item.uom == "%"
    small = all(abs(n) <= 1 for n in good)
    if percent or signs or (rate and small and not (whole and item.uom == "%")):
        item.type, item.uom = "percent", ""
        finest = max(_decimals(n.scaleb(2)) for n in good)
        item.places = finest if finest <= 4 else None
        if not (percent or signs):
            item.ask(
                "当作百分数，0.85 就是 85%", "名称是率、比例，数都不大于 1",
                '本来就是 0.85 的，写 type = "decimal"',
            )  # fmt: skip
        return
    if item.uom == "%" or (rate and not small):
        item.type, item.uom = "decimal", "%"
        item.total = False
        item.ask(
            "填的是百分号前面的数，85 就是 85%", "数大于 1", '要填 85% 的，写 type = "percent"'
        )
    elif whole and (item.uom or uom) not in MONEY and not _AMOUNT.search(item.label):
        item.type = "integer"
    else:
        item.type = "decimal"
        if not item.uom and uom:
            item.uom = uom
    if item.type == "decimal":
        money = item.uom in MONEY or bool(_AMOUNT.search(item.label))
        least = 2 if money and item.uom != "亿元" else 0
        item.places = max(least, decimals) if max(least, decimals) <= 6 else None
    if re.search(r"(分值|得分|分数|成绩|年龄|单价|均价|标准|价格|人均|平均)", item.label):
        item.total = False


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _text(item: Item, values: list[Any], rows: int) -> None:
    texts = [raw_text(v).strip() for v in values]
    if all(isinstance(v, bool) or t in {"是", "否"} for v, t in zip(values, texts, strict=True)):
        item.type = "yes_no"
        return
    if any(len(t) > _NARRATIVE or "\n" in t for t in texts) or _LONG_TEXT.search(item.label):
        item.type = "narrative"
        return
    distinct = _distinct(texts)
    few = (
        not _NO_CHOICE.search(item.label)
        and 2 <= len(distinct) <= _MOST_CHOICES
        and len(texts) >= max(8, 3 * len(distinct))
    )
    if few and all(len(t) <= 12 and not t.isdigit() for t in distinct):
        item.type, item.choices = "choice", distinct
        item.ask(
            f"只能从“{'、'.join(distinct)}”里选", f"{len(texts)} 行里只有这 {len(distinct)} 种",
            "还有别的，补进 choices；随便填的，删去 choices",
        )  # fmt: skip
    elif len(distinct) == len(texts) == rows >= 4 and _CODE.search(item.label):
        item.unique = True


def _fitting(item: Item, raw: object) -> object:
    """Return *raw* if *item* can read it, else None: a question says so."""
    if raw is None or (isinstance(raw, str) and cell_length(raw) > MAX_TEXT):
        return None
    if isinstance(raw, time | timedelta):
        return str(raw)
    if item.type in NUMBER_TYPES or item.type == "date":
        return raw if _reads(raw, item.as_field()) else None
    return raw
