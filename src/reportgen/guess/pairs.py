"""Labels and the values that stand beside them."""

import re
from dataclasses import dataclass
from itertools import pairwise

from reportgen.fieldtypes import raw_text
from reportgen.guess.cells import Cells, Token, clean

INLINE = re.compile(r"([^:：\s（(][^:：]{0,18})[:：]\s*(\S[^:：]*?)?(?=\s{2,}\S+[:：]|\s*$)")
LONGEST_HEADING = 60
_YEARS = range(1990, 2101)


@dataclass(slots=True)
class Pair:
    """A label and the cell of its value, which may be empty; a value beside its label has no cell."""

    label: str
    row: int
    column: int
    token: Token | None = None
    inline: str | None = None
    group: str = ""
    starred: bool = False


def pairs_in(cells: Cells, row: int) -> list[Pair]:
    """Return the labels and values that stand beside each other in *row*; empty if it is no such row."""
    tokens = cells.row(row)
    group = ""
    if len(tokens) > 2 and tokens[0].bottom > row and tokens[1].says_label:
        group, tokens = heading_text(tokens[0]), tokens[1:]  # 基本情况, merged down the side
    found: list[Pair] = []
    filled = 0
    index = 0
    while index < len(tokens):
        label = tokens[index]
        follower = tokens[index + 1] if index + 1 < len(tokens) else None
        beside = follower if follower and follower.column == label.right + 1 else None
        known = label.says_label
        if not label.text or len(label.text) > 24:
            return []
        alone = beside is None or bool(beside.text) or len(tokens) > 2
        if not known and alone and not opens_a_slot(cells, label):
            return []
        if beside and beside.says_label and not label.text.endswith(("：", ":")):
            return []
        text = heading_text(label)
        starred = "*" in str(label.raw) or "＊" in str(label.raw)
        found.append(Pair(text, row, label.right + 1, token=beside, group=group, starred=starred))
        filled += beside is not None
        index += 2 if beside else 1
    opens = tokens[0].text.endswith(("：", ":")) or opens_a_slot(cells, tokens[0])
    if len(tokens) == 1 and not filled and not opens:
        return []
    if len(tokens) > 2 and _goes_on_below(tokens, cells.row(row + 1)):
        return []
    if len(found) > 1 and not filled and not _has_gaps(tokens):
        return []
    return found


def _goes_on_below(tokens: list[Token], below: list[Token]) -> bool:
    """Whether values stand below *tokens*, column by column: then these are headings."""
    columns = {t.column for t in tokens}
    same = len(below) > 1 and all(t.column in columns for t in below)
    return same and below[0].column == tokens[0].column and not below[0].says_label


def _has_gaps(tokens: list[Token]) -> bool:
    """Whether every label but the last has an empty cell beside it."""
    return all(b.column > a.right + 1 for a, b in pairwise(tokens))


def opens_a_slot(cells: Cells, token: Token) -> bool:
    """Whether an empty merged cell stands beside a label."""
    return any(
        top <= token.row <= bottom and left == token.right + 1
        for top, left, bottom, _ in cells.sheet.merged
    )


def is_heading(token: Token) -> bool:
    """Whether a cell can be a heading: a short text, or a year."""
    if token.text:
        says_both = INLINE.fullmatch(token.text) and not token.text.startswith("其中")
        return len(token.text) <= LONGEST_HEADING and not says_both
    return (
        isinstance(token.raw, int | float)
        and not isinstance(token.raw, bool)
        and token.raw in _YEARS
    )


def heading_text(token: Token) -> str:
    """Return a heading as a label."""
    if token.text:
        return clean(token.text).rstrip("：:").strip()
    return f"{int(token.raw)}年" if token.raw in _YEARS else clean(raw_text(token.raw))
