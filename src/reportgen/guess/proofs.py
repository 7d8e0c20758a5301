"""Formulas that a workbook proves: those that stand in its cells, and those that hold in every row.

Nothing is believed that fails in a single row, and nothing that only a few rows say.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from reportgen.guess.items import Item

#: So many rows must show a relation that no cell states, with different results.
_ROWS = 3
_TOTAL = re.compile(r"(合计|总计|小计|共计|总额|总数|总价|总成绩|总分|^总|^计$|数计|全年|调整后)")
_REST = re.compile(r"(余|差|净|未|减|增|节约|剩|超)")
_RATE = re.compile(r"(率|比|占|均|单价|进度)")
_TOKEN = re.compile(
    r"\s*(?:(?P<ref>\$?[A-Z]{1,3}\$?\d{1,7})(?::(?P<to>\$?[A-Z]{1,3}\$?\d{1,7}))?(?![\w(!])"
    r"|(?P<function>[A-Z]+)\(|(?P<number>\d+(?:\.\d+)?%?)|(?P<sign>[-+*/(),]))"
)
_OPERATIONS: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


@dataclass(frozen=True, slots=True)
class Proof:
    """A formula and how many rows it holds in; ``stated``: it stands in the cells themselves."""

    formula: str
    operands: tuple[int, ...]
    rows: int
    stated: bool = False
    sign: str = "+"


Numbers = Sequence[Sequence[Decimal | None]]


def prove(items: Sequence[Item], stated: Mapping[int, str]) -> dict[int, Proof]:
    """Return the formula of each item that has one, by its index; none leads back to itself.

    *stated* are the formulas that stand in the cells of an item in every row, as expressions.
    """
    columns = [
        [item.number(row) for row in range(len(item.raws))] if _is_number(item) else []
        for item in items
    ]
    found: dict[int, Proof] = {}
    for index, formula in stated.items():
        used = _used(formula, items)
        if used and _is_number(items[index]) and not _leads_back(index, used, found):
            found[index] = Proof(formula, used, _filled(columns[index]), stated=True)
    for index in sorted(
        (i for i, c in enumerate(columns) if c and i not in found),
        key=lambda i: (not _TOTAL.search(items[i].label), -i),
    ):
        for proof in _candidates(index, items, columns):
            if not _leads_back(index, proof.operands, found):
                found[index] = proof
                break
    return found


def _is_number(item: Item) -> bool:
    return item.type in {"integer", "decimal", "percent"}


def _filled(column: Sequence[Decimal | None]) -> int:
    return sum(value is not None for value in column)


def _used(formula: str, items: Sequence[Item]) -> tuple[int, ...]:
    return tuple(i for i, item in enumerate(items) if item.label in formula)


def _leads_back(index: int, operands: Sequence[int], found: Mapping[int, Proof]) -> bool:
    waiting, seen = list(operands), set()
    while waiting:
        one = waiting.pop()
        if one == index:
            return True
        if one not in seen:
            seen.add(one)
            waiting += found[one].operands if one in found else ()
    return False


def _candidates(index: int, items: Sequence[Item], columns: Numbers) -> Iterator[Proof]:
    """Yield what proves to be the formula of an item, the likeliest first."""
    label, values = items[index].label, columns[index]
    known = [v for v in values if v is not None]
    if len(known) < _ROWS or len(set(known)) < 2:
        return
    numbers = [i for i, c in enumerate(columns) if c and i != index]
    slack = _slack(items[index], known)
    is_total, is_rest = bool(_TOTAL.search(label)), bool(_REST.search(label))
    for run in _runs(numbers, columns):
        if (is_total or index > run[-1]) and (count := _sum_holds(values, run, columns, slack)):
            yield Proof(" + ".join(items[i].label for i in run), tuple(run), count)
    for sign in "+-*/":
        for left in numbers:
            for right in numbers:
                if left == right or (sign in "+*" and left > right):
                    continue
                behind = index > max(left, right)
                wanted = {
                    "+": is_total or behind,
                    "-": is_rest or behind,
                    "*": behind or is_total,
                    "/": items[index].type == "percent" or bool(_RATE.search(label)),
                }[sign]
                if wanted and (count := _holds(values, columns[left], columns[right], sign, slack)):
                    formula = f"{items[left].label} {sign} {items[right].label}"
                    yield Proof(formula, (left, right), count, sign=sign)


def _slack(item: Item, known: Sequence[Decimal]) -> Fraction:
    """Return how far a result may be off: half of the last digit that any of them shows."""
    finest = max(max(0, -int(v.normalize().as_tuple().exponent)) for v in known)
    if finest > 8:  # a binary quotient, not a rounded one
        return Fraction(1, 10**9)
    least = 2 if item.type == "percent" else 0
    return Fraction(1, 2 * 10 ** max(finest, least)) + Fraction(1, 10**12)


def _runs(numbers: Sequence[int], columns: Numbers) -> Iterator[Sequence[int]]:
    """Yield the runs of three and more neighbouring number columns, the longest first."""
    for size in range(len(numbers), 2, -1):
        for start in range(len(numbers) - size + 1):
            run = numbers[start : start + size]
            if sum(any(columns[i]) for i in run) > 1:
                yield run


def _sum_holds(
    values: Sequence[Decimal | None], run: Sequence[int], columns: Numbers, slack: Fraction
) -> int:
    """Return in how many rows the columns of *run* add up to the value; 0 if not in all."""
    shown = 0
    for row, value in enumerate(values):
        parts = [columns[i][row] for i in run]
        if value is None or all(part is None for part in parts):
            if value is not None or any(part is not None for part in parts):
                return 0
            continue
        total = sum((Fraction(part) for part in parts if part is not None), Fraction(0))
        if abs(total - Fraction(value)) > slack:
            return 0
        shown += sum(bool(part) for part in parts) > 1
    return shown if shown >= _ROWS else 0


def _holds(
    values: Sequence[Decimal | None],
    lefts: Sequence[Decimal | None],
    rights: Sequence[Decimal | None],
    sign: str,
    slack: Fraction,
) -> int:
    """Return in how many rows left *sign* right is the value; 0 if it is wrong in one."""
    shown, results, seconds = 0, set(), set()
    for value, first, second in zip(values, lefts, rights, strict=True):
        left, right = first, second
        if sign in "+-" and not (first is None and second is None):
            left, right = first or Decimal(0), second or Decimal(0)
        if left is None or right is None or (sign == "/" and not right):
            if value is not None and not (sign == "/" and value == 0):
                return 0
            continue
        if value is None:
            return 0
        result = _OPERATIONS[sign](Fraction(left), Fraction(right))
        if abs(result - Fraction(value)) > slack:
            return 0
        if left and right and not (sign in "*/" and right == 1):
            shown += 1
            results.add(value)
            seconds.add(right)
    enough = shown >= _ROWS and len(results) > 1 and (sign in "+-" or len(seconds) > 1)
    return shown if enough else 0


# -- formulas of cells -----------------------------------------------------------------


def translate(
    formula: str, name_at: Callable[[str], str], range_of: Callable[[str, str], Sequence[str]]
) -> str:
    """Return an Excel formula as an expression of ours; empty where it says what ours cannot.

    *name_at* returns the name of what stands in a cell, *range_of* those of a range; empty for
    what has no name. Understood: + − * / ( ), SUM, ROUND, and IFERROR around them.

    >>> names = {"C5": "数量", "D5": "单价"}
    >>> translate("=ROUND(C5*$D5,2)", lambda ref: names.get(ref, ""), lambda a, b: ())
    'round(数量 * 单价, 2)'
    """
    text = formula.strip().removeprefix("=").removeprefix("+").upper()
    while text.startswith("IFERROR(") and text.endswith(")"):
        inner = text.removeprefix("IFERROR(")[:-1]
        text = inner.rpartition(",")[0]
    out: list[str] = []
    at, sums = 0, [False]
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            return ""
        at = match.end()
        if match["ref"]:
            first, last = match["ref"].replace("$", ""), (match["to"] or "").replace("$", "")
            names = range_of(first, last) if last else [name_at(first)]
            if not names or not all(names) or (last and not sums[-1]):
                return ""
            out.append(" + ".join(names))
        elif function := match["function"]:
            if function not in {"SUM", "ROUND"}:
                return ""
            out.append("round(" if function == "ROUND" else "(")
            sums.append(function == "SUM")
        elif match["number"]:
            number = match["number"]
            out.append(str(Decimal(number[:-1]).scaleb(-2)) if number.endswith("%") else number)
        else:
            sign = match["sign"]
            if sign == "(":
                sums.append(False)
            elif sign == ")":
                if len(sums) == 1:
                    return ""
                sums.pop()
            out.append(" + " if sign == "," and sums[-1] else _SIGNS.get(sign, sign))
    result = "".join(out)
    whole = re.fullmatch(r"\(([^()]*)\)", result)
    return whole[1] if whole else result


_SIGNS = {"+": " + ", "-": " - ", "*": " * ", "/": " / ", ",": ", "}


def prove_row(
    row: int,
    values: Sequence[Mapping[int, Decimal | None]],
    totals: Sequence[int],
    upper: Sequence[int] = (),
) -> tuple[int, ...]:
    """Return the rows that the total in *row* adds up, in every column; empty if none do.

    *values* are the numbers of each row by column, *totals* the rows that are totals, *upper* those
    of the upper level (一、二、). Tried are all rows that are no totals, the upper ones, those
    between the total above and this one, and those below it.
    """
    plain = [i for i in range(len(values)) if i not in totals]
    above = max((t for t in totals if t < row), default=-1)
    below = min((t for t in totals if t > row), default=len(values))
    tries = [plain, list(upper), [t for t in totals if t != row]]
    tries += [list(range(above + 1, row)), list(range(row + 1, below))]
    for rows in tries:
        if len(rows) > 1 and _adds_up(values[row], [values[i] for i in rows]):
            return tuple(rows)
    return ()


def _adds_up(
    total: Mapping[int, Decimal | None], rows: Sequence[Mapping[int, Decimal | None]]
) -> bool:
    shown = False
    for column, value in total.items():
        parts = [row.get(column) for row in rows]
        filled = [part for part in parts if part is not None]
        if value is None and not filled:
            continue
        if value is None or not filled:
            return False
        exponent = min(int(p.normalize().as_tuple().exponent) for p in (value, *filled))
        slack = Decimal(1).scaleb(min(0, exponent)) / 2
        if abs(sum(filled, Decimal(0)) - value) > slack:
            return False
        shown = shown or sum(bool(part) for part in filled) > 1
    return shown
