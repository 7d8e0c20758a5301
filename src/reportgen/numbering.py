"""The numbers of an outline's headings: 一、 （一） 1. （1） ①, in whatever style a form asks for."""

from collections.abc import Mapping, Sequence

from reportgen.numerals import numbered
from reportgen.value import Number, Value


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
        out.append(numbered(patterns[level - 1], counts[-1]))
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
