"""Numbers in words and signs: 十二, 壹仟肆佰零玖元伍角, and the numerals of headings."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType

_HAN_DIGITS = "零一二三四五六七八九"
_HAN_UNITS = ("", "十", "百", "千")
_CAPITAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_CAPITAL_UNITS = ("", "拾", "佰", "仟")
#: 9999 万亿 9999 亿 9999 万 9999 is the largest whole number that people write with 万 and 亿.
_MOST_YUAN = 10**16


def chinese_numeral(n: int) -> str:
    """Return *n* (0-9999) in Chinese numerals.

    >>> [chinese_numeral(n) for n in (0, 10, 12, 20, 105, 110)]
    ['零', '十', '十二', '二十', '一百零五', '一百一十']
    """
    if not 0 < n < 10_000:
        return _HAN_DIGITS[0] if n == 0 else str(n)
    text, gap = "", False
    for power in range(len(str(n)) - 1, -1, -1):
        digit = n // 10**power % 10
        if digit == 0:
            gap = True
            continue
        text += ("零" if gap and text else "") + _HAN_DIGITS[digit] + _HAN_UNITS[power]
        gap = False
    return text.removeprefix("一") if 10 <= n < 20 else text


def capital_amount(yuan: Decimal) -> str:
    """Return an amount of 元, with at most two decimals, as cheques want it written.

    The rules are those of the 正确填写票据和结算凭证的基本规定 (支付结算办法, annex 1): 整 behind 元
    alone, one 零 for zeros between digits, and 零 behind 元 where 元 or 角 is 0 and more follows.

    >>> [capital_amount(Decimal(x)) for x in ("1409.50", "6007.14", "16409.02", "-0.5", "0")]
    ['壹仟肆佰零玖元伍角', '陆仟零柒元壹角肆分', '壹万陆仟肆佰零玖元零贰分', '负伍角', '零元整']

    Raises:
        ValueError: it is 10000 万亿 or more.
    """
    whole, rest = divmod(int(abs(yuan) * 100), 100)
    ten_cents, cents = divmod(rest, 10)
    if whole >= _MOST_YUAN:
        raise ValueError(yuan)
    text = "负" if yuan < 0 and (whole or rest) else ""
    if whole or not rest:
        text += (_capitals(whole) if whole else "零") + "元"
    if not rest:
        return text + "整"
    if whole and (ten_cents == 0 or whole % 10 == 0):
        text += "零"
    text += _CAPITAL_DIGITS[ten_cents] + "角" if ten_cents else ""
    return text + (_CAPITAL_DIGITS[cents] + "分" if cents else "")


def _capitals(n: int) -> str:
    """Return a whole number above 0 in capital numerals."""
    for size, unit in ((10**8, "亿"), (10**4, "万")):
        high, low = divmod(n, size)
        if high:
            gap = "零" if 0 < low < size // 10 else ""
            return _capitals(high) + unit + gap + (_capitals(low) if low else "")
    text = ""
    for power in range(3, -1, -1):
        digit = n // 10**power % 10
        if digit:
            text += _CAPITAL_DIGITS[digit] + _CAPITAL_UNITS[power]
        elif text and n % 10**power and not text.endswith("零"):
            text += "零"
    return text


def _from(first: str, last: int) -> Callable[[int], str]:
    """Numerals that are single characters in a row; beyond the last one, Arabic in brackets."""
    return lambda n: chr(ord(first) + n - 1) if n <= last else f"({n})"


def _circled(n: int) -> str:
    for start, first, last in ((0, "①", 20), (20, "㉑", 35), (35, "㊱", 50)):
        if start < n <= last:
            return chr(ord(first) + n - start - 1)
    return f"({n})"


#: The numeral that a pattern holds → how to write the n-th.
NUMERALS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "一": chinese_numeral,
        "1": str,
        "１": lambda n: "".join(chr(ord("０") + int(d)) for d in str(n)),
        "①": _circled,
        "⑴": _from("⑴", 20),
        "⒈": _from("⒈", 20),
        "㈠": _from("㈠", 10),
        "Ⅰ": _from("Ⅰ", 12),
        "A": _from("A", 26),
        "a": _from("a", 26),
    }
)


def is_pattern(pattern: str) -> bool:
    """Say whether *pattern* holds exactly one numeral to count with."""
    return sum(pattern.count(numeral) for numeral in NUMERALS) == 1


def numbered(pattern: str, n: int) -> str:
    """Return the n-th number in the style of *pattern*: ``（一）``, 3 → ``（三）``."""
    for one, write in NUMERALS.items():
        if one in pattern:
            return pattern.replace(one, write(n))
    return pattern
