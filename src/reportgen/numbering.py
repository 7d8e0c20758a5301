"""The numbers of an outline's headings: 一、 （一） 1. （1） ①, in whatever style a form asks for."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from reportgen.filters import chinese_numeral
from reportgen.value import Number, Value


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


def numbers(levels: Sequence[int | None], patterns: Sequence[str]) -> list[str]:
    """Return each heading's number; None (a row without a heading) gets an empty one.

    A level starts again at 1 under each heading above it. A level without a pattern has no number.

    >>> numbers([1, 2, 2, None, 1, 2], ["1、", "①"])
    ['1、', '①', '②', '', '2、', '①']
    """
    counts: list[int] = []
    out = []
    for level in levels:
        if level is None or level > len(patterns):
            out.append("")
            continue
        counts = [*counts, *[0] * level][:level]
        counts[-1] += 1
        out.append(_number(patterns[level - 1], counts[-1]))
    return out


def heading_level(row: Mapping[str, Value]) -> int | None:
    """Return the level of an outline row's heading, or None for a plain paragraph."""
    level = row.get("级")
    if not isinstance(level, Number) or not row.get("标题"):
        return None
    return max(1, int(level))


def row_numbers(rows: Sequence[Mapping[str, Value]], patterns: Sequence[str]) -> list[str]:
    """Return the number of each row's heading; a row without one, and a table's, has none."""
    return numbers([heading_level(row) for row in rows], patterns)


def _number(pattern: str, n: int) -> str:
    for numeral, write in NUMERALS.items():
        if numeral in pattern:
            return pattern.replace(numeral, write(n))
    return pattern
