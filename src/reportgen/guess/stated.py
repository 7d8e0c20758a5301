"""The formulas that stand in the cells of a table, as expressions of ours."""

import re
from collections.abc import Mapping, Sequence

from reportgen.guess.areas import Column
from reportgen.guess.drafts import Draft
from reportgen.guess.items import Item
from reportgen.guess.looks import Looks
from reportgen.guess.proofs import translate

NUMBERS = frozenset({"integer", "decimal", "percent"})


def stated_columns(
    draft: Draft, columns: Sequence[Column], rows: Sequence[int], looks: Looks
) -> dict[int, str]:
    """Return the formulas that stand in all rows of a column, as expressions."""
    names = {column.at: item.label for column, item in zip(columns, draft.items, strict=True)
             if item.type in NUMBERS}  # fmt: skip
    found: dict[int, str] = {}
    for index, column in enumerate(columns):
        written = {
            r: looks.formulas[r, column.at] for r in rows if (r, column.at) in looks.formulas
        }
        if len(written) * 2 <= len(rows):
            continue
        said = {_in_row(formula, row, names) for row, formula in written.items()}
        said = {s for s in said if s} if draft.kind == "grid" else said
        if len(said) == 1 and (one := said.pop()) and one != draft.items[index].label:
            found[index] = one
        elif not any(re.search(r"\bSUM\(", f) for f in written.values()) or draft.kind == "table":
            not_taken_over(draft.items[index], next(iter(written.values())))
    return found


def _in_row(formula: str, row: int, names: Mapping[int, str]) -> str:
    def name_at(ref: str) -> str:
        column, number = _split(ref)
        return names.get(column, "") if number == row else ""

    def range_of(first: str, last: str) -> Sequence[str]:
        (left, top), (right, bottom) = _split(first), _split(last)
        if (top, bottom) != (row, row) or right - left > 200:
            return ()
        return [names[c] for c in range(left, right + 1) if c in names]

    return translate(formula, name_at, range_of)


def stated_rows(draft: Draft, columns: Sequence[Column], looks: Looks) -> dict[int, str]:
    """Return the formulas that stand in all computed cells of a row, as expressions."""
    at = {row.at: row.label for row in draft.rows}
    found: dict[int, str] = {}
    for index, row in enumerate(draft.rows):
        said = {
            _in_column(looks.formulas[row.at, column.at], column.at, at)
            for column, item in zip(columns, draft.items, strict=True)
            if (row.at, column.at) in looks.formulas and not item.formula
        }
        if len(said) == 1 and (one := said.pop()):
            found[index] = one
    return found


def _in_column(formula: str, column: int, names: Mapping[int, str]) -> str:
    def name_at(ref: str) -> str:
        at, row = _split(ref)
        return names.get(row, "") if at == column else ""

    def range_of(first: str, last: str) -> Sequence[str]:
        (left, top), (right, bottom) = _split(first), _split(last)
        if (left, right) != (column, column) or bottom - top > 200:
            return ()
        return [names[r] for r in range(top, bottom + 1) if r in names]

    return translate(formula, name_at, range_of)


def _split(ref: str) -> tuple[int, int]:
    letters = ref.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column, int(ref[len(letters) :])


def not_taken_over(item: Item, formula: str) -> None:
    """Ask about a formula that says what ours cannot."""
    shown = formula if len(formula) <= 40 else formula[:39] + "…"
    item.ask(
        f"由单位自己填，没有照搬格里的公式 {shown}", "这样的公式程序没有把握",
        "能写成 数量 * 单价 这样的，写进 formula", 3,
    )  # fmt: skip
