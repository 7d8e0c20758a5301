"""The parts of a sheet → sections of a form in the making."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from reportgen.fieldtypes import ErrorValue, Uncalculated, raw_text
from reportgen.guess.areas import Column, Parts, Table
from reportgen.guess.cells import MOST_ROWS, Cells, clean
from reportgen.guess.drafts import RENAMED, Draft, RowItem, asked_once, name_items
from reportgen.guess.items import Item, split_uom
from reportgen.guess.kinds import NO_MONEY, guess
from reportgen.guess.looks import Looks
from reportgen.guess.pairs import Pair
from reportgen.guess.proofs import prove, prove_row, translate
from reportgen.guess.stated import NUMBERS, not_taken_over, stated_columns, stated_rows
from reportgen.headings import narrow
from reportgen.workbook.layout import address

_ORDINAL = re.compile(r"^(序号|顺序号|行号|行次|编号|no\.?|#)$", re.IGNORECASE)
_CORNER = re.compile(
    r"^(项目|科目|指标|内容|类别|分类|栏目|收支项目|支出项目|收入项目|月份|季度|年度|资金来源|来源|名目|事项)?$"
    r"|(科目|类别|分类|来源|用途)(名称)?$"
)
_PARTS = re.compile(r"^(其中|[一二三四五六七八九十]+[、.]|[（(][一二三四五六七八九十]+[）)])")
_UPPER = re.compile("^[一二三四五六七八九十]+[、.]")
_MOMENT = re.compile(
    r"^(年初|年中|年末|期初|期末|上年|本年|去年|今年|当年|调整前|调整后|累计|本月|上月)$"
)
_MOST_GRID_ROWS = 60
_HINT = 200


def record_of(label: str, pairs: Sequence[Pair], cells: Cells, looks: Looks, uom: str) -> Draft:
    """Return the record that *pairs* are."""
    items = []
    names: dict[str, str] = {}
    for pair in pairs:
        heading, own = split_uom(clean(pair.label))
        place = (pair.row, pair.column)
        raw = pair.inline or None if pair.token is None else pair.token.raw
        item = Item(
            label=heading, heading=clean(pair.label), uom=own, group=pair.group, raws=[raw],
            hint=_cut(looks.hints.get(place, "")), at=pair.row,
        )  # fmt: skip
        items.append(item)
        guess(
            item, percent=looks.is_percent(place), choices=looks.choices.get(place, ()), uom=uom,
            rows=1,
        )  # fmt: skip
        item.required = pair.starred
        if pair.token and pair.token.bottom > pair.token.row + 1 and item.type == "text":
            item.type = "narrative"
        names[address(*place)] = item.label
    draft = Draft(label=label, kind="record", sheet=cells.sheet.title, items=items)
    name_items(items)
    names = (
        {a: i.label for a, i in zip(names, items, strict=False)} if len(names) == len(items) else {}
    )
    stated = {}
    for index, pair in enumerate(pairs):
        if formula := looks.formulas.get((pair.row, pair.column)):
            stated[index] = translate(formula, lambda ref: names.get(ref, ""), lambda *_: ())
            if not stated.pop(index, "") or items[index].type not in NUMBERS:
                not_taken_over(items[index], formula)
            else:
                stated[index] = translate(formula, lambda r: names.get(r, ""), lambda *_: ())
    _set_formulas(draft, stated, total=False)
    asked_once(draft)
    return draft


def table_of(label: str, table: Table, cells: Cells, looks: Looks, parts: Parts) -> Draft:
    """Return the table or the grid that *table* is."""
    if own := split_uom(table.caption)[1]:
        parts = replace(parts, uom=own)
    columns = [c for c in table.columns if not _is_ordinal(c, table, cells)]
    items = [_item(column, table.body, cells, looks, parts.uom) for column in columns]
    kind = "grid" if _is_grid(items, columns, table, cells) else "table"
    if kind == "grid":
        return _grid(label, table, columns, cells, looks, parts.uom)
    draft = Draft(label=label, kind=kind, sheet=cells.sheet.title, items=items)
    for item, column in zip(items, columns, strict=True):
        item.group = column.group
    name_items(items)
    _set_formulas(draft, stated_columns(draft, columns, table.body, looks), total=True)
    _totals(draft, columns, table, cells)
    _first_key(items)
    asked_once(draft)
    _filled_down(draft, columns, table, cells)
    _left_out(draft, table)
    if cells.cut:
        draft.ask(f"只看了前 {MOST_ROWS} 行", "表太长", "其余的行请另外填", 3)
    draft.hint = _cut("；".join(table.remarks))
    return draft


def _item(column: Column, rows: Sequence[int], cells: Cells, looks: Looks, uom: str) -> Item:
    heading, own = split_uom(column.label)
    raws = [_raw(cells, row, column.at) for row in rows]
    places = [(row, column.at) for row in rows]
    with_value = [p for p, raw in zip(places, raws, strict=True) if raw is not None]
    percent = bool(with_value) and all(looks.is_percent(p) for p in with_value)
    listed = [looks.choices[p] for p in places if p in looks.choices]
    choices = max(listed, key=len) if listed and len(listed) * 2 >= len(rows) else ()
    first = rows[0] if rows else 0
    hint = next((looks.hints[p] for p in [*places[:1]] if p in looks.hints), "")
    hint = hint or next(
        (t for (r, c), t in looks.hints.items() if c == column.at and r <= first), ""
    )
    item = Item(
        label=heading, heading=column.label, uom=own, raws=raws, hint=_cut(hint), at=column.at
    )
    guess(item, percent=percent, choices=choices, uom=uom, rows=len(rows))
    item.required = item.required or column.starred
    return item


def _raw(cells: Cells, row: int, column: int) -> object:
    """Return what is in a cell of a table; one that is merged downwards stands in every row."""
    token = cells.at(row, column)
    return token.raw if token and token.column == column else None


def _is_ordinal(column: Column, table: Table, cells: Cells) -> bool:
    """Whether a column only counts the rows: the program does that itself."""
    if column.label and not _ORDINAL.match(narrow(column.label)):
        return False
    raws = [_raw(cells, row, column.at) for row in table.body]
    numbers = [
        int(str(r)) if isinstance(r, str) and r.strip().isdigit() else r
        for r in raws
        if r is not None
    ]
    plain = [int(n) for n in numbers if isinstance(n, int | float)]
    return (
        len(plain) == len(numbers)
        and len(plain) > 0
        and plain == list(range(plain[0], plain[0] + len(plain)))
    )


def _is_grid(items: Sequence[Item], columns: Sequence[Column], table: Table, cells: Cells) -> bool:
    """Whether the rows are the form's own and not what a unit lists: names left, numbers right."""
    if len(items) < 2 or not table.body or len(table.body) > _MOST_GRID_ROWS:
        return False
    names = [_raw(cells, row, columns[0].at) for row in table.body]
    texts = [clean(name) for name in names if isinstance(name, str)]
    if len(texts) != len(names) or len({narrow(t) for t in texts}) != len(texts):
        return False
    numbers = [i for i in items[1:] if i.type in NUMBERS]
    blank = [i for i in items[1:] if all(r is None for r in i.raws)]
    notes = [i for i in items[1:] if i.label in {"备注", "说明"}]
    if (
        not numbers
        or len(numbers) + len([b for b in (*blank, *notes) if b not in numbers]) < len(items) - 1
    ):
        return False
    corner = narrow(columns[0].label)
    return bool(_CORNER.search(corner)) or any(_PARTS.match(t) for t in texts)


def _grid(
    label: str, table: Table, columns: Sequence[Column], cells: Cells, looks: Looks, uom: str
) -> Draft:
    rows = sorted([*table.body, *table.totals])
    items = [_item(column, rows, cells, looks, uom) for column in columns[1:]]
    for item, column in zip(items, columns[1:], strict=True):
        item.required = False
        if column.group:  # a grid has one row of headings
            is_moment = _MOMENT.match(item.label)
            item.label = item.label + column.group if is_moment else column.group + item.label
        if uom and item.type == "integer" and not (item.uom or NO_MONEY.search(item.label)):
            item.type, item.uom, item.places = "decimal", uom, 2
        if all(raw is None for raw in item.raws) and item.type == "text":
            item.type, item.uom = (
                ("text", "") if item.label in {"备注", "说明"} else ("decimal", uom)
            )
    name_items(items)
    row_items = _row_items(rows, columns[0], cells)
    draft = Draft(label=label, kind="grid", sheet=cells.sheet.title, items=items, rows=row_items)
    body = [i for i, row in enumerate(rows) if row in table.body]
    _set_formulas(draft, stated_columns(draft, columns[1:], rows, looks), total=False)
    asked_once(draft)
    totals = [i for i in range(len(rows)) if i not in body]
    if not totals:  # rows with their parts (其中：) among them have no sum
        for item in items:
            item.total = False
    _row_formulas(draft, totals, stated_rows(draft, columns[1:], looks))
    draft.ask(
        f"行是固定的 {len(rows)} 行，单位只填数", "左边是名称，右边都是数",
        '每个单位的行不一样的，改成 kind = "table"，把 columns 改名 fields，删去 rows', 2,
    )  # fmt: skip
    _left_out(draft, table)
    draft.hint = _cut("；".join(table.remarks))
    return draft


def _row_items(rows: Sequence[int], column: Column, cells: Cells) -> list[RowItem]:
    named = [Item(label=_row_label(cells, row, column), at=row) for row in rows]
    totals = [item for item in named if item.label == "合计"]
    name_items(named)
    for item in totals if len(totals) == 1 else ():
        item.label = "合计"  # the one name of the program's own that a row may have
    return [RowItem(item.label, item.at) for item in named]


def _row_label(cells: Cells, row: int, column: Column) -> str:
    token = cells.at(row, column.at)
    if token is None:
        token = next((t for t in cells.row(row) if t.text), None)
    return clean(raw_text(token.raw)) if token else ""


def _set_formulas(draft: Draft, stated: Mapping[int, str], *, total: bool) -> None:
    """Give the items the formulas that are proven, and say why."""
    for index, proof in prove(draft.items, stated).items():
        item = draft.items[index]
        item.formula = proof.formula
        item.questions = [q for q in item.questions if q.weight == RENAMED]
        divides = "/" in proof.formula
        if item.type == "integer":
            item.type = "decimal" if divides else item.type
        if divides and (item.places is None or item.places > 4 or item.places < 1):
            item.places = 2
        if item.places is not None and item.places > 4:
            item.places = 2
        if total and proof.formula.count("*") and item.type != "percent":
            item.total = f"{draft.label}.{item.label}|求和"
        why = "格里就是这个公式" if proof.stated else f"{proof.rows} 行都对得上"
        item.ask(
            f"由程序算：{item.label} = {proof.formula}", why, "要单位自己填的，删去 formula",
            3 if proof.stated else 1,
        )  # fmt: skip


def _row_formulas(draft: Draft, totals: Sequence[int], stated: Mapping[int, str]) -> None:
    """Give the rows of a grid that are sums of others their formulas."""
    entered = [
        i for i, item in enumerate(draft.items)
        if item.type in {"integer", "decimal"} and not item.formula
    ]  # fmt: skip
    numbers = [{i: draft.items[i].number(row) for i in entered} for row in range(len(draft.rows))]
    upper = [i for i, row in enumerate(draft.rows) if _UPPER.match(row.label)]
    for row, formula in stated.items():
        draft.rows[row].formula = formula
        draft.ask(
            f"“{draft.rows[row].label}”一行由程序算：{formula}", "格里就是这个公式",
            "要单位自己填的，删去这一行的 formula", 1,
        )  # fmt: skip
    for row in totals:
        if row in stated:
            continue
        found = prove_row(row, numbers, totals, upper)
        target = draft.rows[row]
        if found:
            target.formula = " + ".join(draft.rows[i].label for i in found)
            draft.ask(
                f"“{target.label}”一行由程序算：{target.formula}", "各栏都对得上",
                "要单位自己填的，删去这一行的 formula", 1,
            )  # fmt: skip
        elif any(value is not None for value in numbers[row].values()):
            target.enter()
            draft.ask(
                f"“{target.label}”一行由单位填", "它和别的行加起来不等，或没有数可以验证",
                f'由程序算的，写成 {{ label = "{target.label}", formula = "…" }}', 2,
            )  # fmt: skip
        else:
            rows = [r.label for i, r in enumerate(draft.rows) if i not in totals]
            if target.label == "合计" and len(totals) == 1 and len(rows) > 1:
                target.formula = " + ".join(rows)
                draft.ask(
                    "“合计”一行当作上面各行之和", "旧表里是空的，只凭名称",
                    "不是的，改这一行的 formula", 2,
                )  # fmt: skip


def _totals(draft: Draft, columns: Sequence[Column], table: Table, cells: Cells) -> None:
    """Compare what the total row of a table says with the sums of its columns."""
    if not table.totals:
        return
    last = table.totals[-1]
    partial = len(table.totals) > 1
    for item, column in zip(draft.items, columns, strict=True):
        if item.type not in {"integer", "decimal"}:
            continue
        token = cells.at(last, column.at)
        written = token.raw if token and token.column == column.at else None
        if written is None or isinstance(written, str | ErrorValue | Uncalculated):
            if not item.formula:
                item.total = False
            continue
        numbers = [n for i in range(len(item.raws)) if (n := item.number(i)) is not None]
        said = Item(label=item.label, raws=[written]).number(0)
        if said is not None and abs(sum(numbers, Decimal(0)) - said) <= Decimal("0.005"):
            if item.total is False:
                item.total = True
            continue
        item.ask(
            f"旧表的合计是 {raw_text(written)}，各行加起来是 {sum(numbers, Decimal(0)):f}",
            "程序的合计是各行之和", "请核对旧表；不要合计的，写 total = false", 1,
        )  # fmt: skip
    if partial:
        draft.ask(
            "小计行没有照搬", "一行只放一项，小计由程序按分组算", '模板里用 |分组("…") 印小计', 4
        )


def _first_key(items: Sequence[Item]) -> None:
    for item in items:
        if item.unique:
            item.ask(f"“{item.label}”不能重复", "旧表里没有重复的", "可以重复的，删去 unique")


def _filled_down(draft: Draft, columns: Sequence[Column], table: Table, cells: Cells) -> None:
    for item, column in zip(draft.items, columns, strict=True):
        tall = [
            r for r in table.body
            if (t := cells.at(r, column.at)) and t.row < r and t.column == column.at
        ]  # fmt: skip
        if tall:
            item.ask(
                "合并的格每行都填上了",
                f"旧表里合并了 {len(tall)} 行",
                "模板里要合并的，写 |合并相同",
                6,
            )


def _left_out(draft: Draft, table: Table) -> None:
    lines = [f"第 {row} 行“{text[:20]}”" for row, text in table.skipped if text != "栏次"]
    if lines:
        shown = "、".join(lines[:3]) + ("……" if len(lines) > 3 else "")
        draft.ask(
            f"没有带入 {shown}", "一行里只有一格，像是分组的标题", "需要的，加一栏分组来填", 3
        )


def _cut(text: str) -> str:
    return text if len(text) <= _HINT else text[: _HINT - 1] + "…"
