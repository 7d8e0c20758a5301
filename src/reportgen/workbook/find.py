"""Find headings, row labels and sheets by their words, wherever a clerk has moved them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reportgen.fieldtypes import ErrorValue, Uncalculated, Unclear
from reportgen.form import Form, Section
from reportgen.headings import narrow
from reportgen.signs import is_blank
from reportgen.workbook import layout
from reportgen.workbook.book import Sheet

_REMARK = re.compile(r"(备注|说明|填表说明|注\d*)[:.、]|注\d+")
# what stands below a printed table: 填表人：张三, 联系电话：, （盖章）
_SIGNATURE = re.compile(
    r"(?:(?:填表|填报|制表|编报|编制|审核|复核|审批|经办|联系|分管|(?:财务|单位|部门|项目)?负责)(?:人员?|领导)"
    r"(?:\(?(?:签字|签名|签章|盖章)\)?)?|(?:联系|办公|手机)?电话|(?:填表|填报|制表|报送)?(?:日期|时间)):"
    r"|\((?:单位)?(?:公章|盖章|签章)\)$"
)
_UOM_LINE = re.compile(r"单位:(?:人民币)?(百?千?[万亿]?元)(?!\w)")
_MOST = 8
_HOLDS_MORE = (ErrorValue, Uncalculated)
#: What a row calls itself that adds up others.
TOTALS = frozenset({"合计", "小计", "总计", "共计", "总合计"})
# what people put around a sheet's title: 1.基本信息, （一）基本信息, 基本信息 (2), 基本信息副本
_BEFORE = re.compile(
    r"^(?:\(?[0-9一二三四五六七八九十]+\)?[.、,:_-]*|附?表[0-9一二三四五六七八九十]+[.、,:_-]*)"
)
_BEHIND = re.compile(r"(?:\(\d+\)|-?副本|\(副本\)|的副本)$")


def sheets_of(form: Form, sheets: Mapping[str, Sheet]) -> dict[str, list[Sheet]]:
    """Return the sheets of each section, by their titles; a numbered title only if no other fits."""
    free = {title: narrow(title) for title in sheets}
    found: dict[str, list[str]] = {}
    for section in form.sections:
        names = [narrow(name) for name in (section.label, *section.was)]
        found[section.label] = [
            title for name in dict.fromkeys(names) for title, given in free.items() if given == name
        ]
        for title in found[section.label]:
            del free[title]
    for section in form.sections:
        if not found[section.label]:
            names = [narrow(name) for name in (section.label, *section.was)]
            near = [title for title, given in free.items() if _bare(given) in names]
            if len(near) == 1:
                free.pop(near[0])
                found[section.label] = near
    return {label: [sheets[title] for title in titles] for label, titles in found.items()}


def _bare(title: str) -> str:
    return _BEHIND.sub("", _BEFORE.sub("", title))


def cells(sheet: Sheet, row: int) -> Iterator[tuple[int, Any]]:
    """Yield the filled cells of a row with their columns."""
    for column, value in enumerate(sheet.rows[row - 1] if row <= len(sheet.rows) else [], 1):
        if value != "":
            yield column, value


def headings(sheet: Sheet, row: int) -> dict[int, Any]:
    """Return a row of headings; one merged over several rows stands in all of them."""
    found = {
        left: sheet.raw(top, left)
        for top, left, bottom, _ in sheet.merged
        if top < row <= bottom and sheet.raw(top, left) != ""
    }
    return dict(sorted((found | dict(cells(sheet, row))).items()))


def heading_row(sheet: Sheet, keys: set[str], least: int) -> int:
    """Return the first row with the most different *keys* in it, or 0 if none has *least*."""
    best, most = 0, least - 1
    height = len(sheet.rows)
    spanned = {
        row for top, _, bottom, _ in sheet.merged for row in range(top + 1, min(bottom, height) + 1)
    }
    for row, line in enumerate(sheet.rows, 1):
        cells_ = headings(sheet, row).values() if row in spanned else line
        words = [v for v in cells_ if v and isinstance(v, str)]
        if len(words) <= most:
            continue  # nearly every row of values: its texts need not be compared
        hits = keys.intersection(map(layout.heading_key, words))
        if len(hits) > most:
            best, most = row, len(hits)
    return best


def label_column(sheet: Sheet, header: int, names: set[str]) -> int:
    """Return the first column with the most row labels in it."""
    counts: dict[int, int] = {}
    for row in range(header + 1, sheet.height + 1):
        for column, value in cells(sheet, row):
            if layout.heading_key(value) in names:
                counts[column] = counts.get(column, 0) + 1
    return min(counts, key=lambda c: (-counts[c], c), default=1)


def total_in(section: Section, sheet: Sheet, row: int, last: int) -> int:
    """Return the column that calls a table's row a total, or 0; columns up to *last* count.

    The word may stand in a column that the clerk has put before ours.
    """
    if section.kind != "table" or len(section.fields) < 2:
        return 0
    for column, value in cells(sheet, row):
        if column > last:
            break
        if isinstance(value, str) and value.strip():
            return column if narrow(value).rstrip(":") in TOTALS else 0
    return 0


def is_filled(raw: Any) -> bool:
    """Whether a cell holds anything: white space is nothing, an error value is something."""
    if isinstance(raw, str):
        return not is_blank(raw.strip())
    if isinstance(raw, _HOLDS_MORE):
        return True
    return not isinstance(raw, Unclear) and bool(str(raw).strip())


def signature_in(sheet: Sheet, row: int, filled: Sequence[int]) -> tuple[int, str] | None:
    """Return column and text of a row of who filled in the table and when (填表人：…), or None.

    *filled* are the columns that have something in them; most of them have to be such words.
    """
    first = sheet.raw(row, filled[0]) if filled else None
    if not isinstance(first, str) or not _SIGNATURE.match(narrow(first)):
        return None
    texts = [sheet.raw(row, column) for column in filled]
    signed = [one for one in texts if isinstance(one, str) and _SIGNATURE.match(narrow(one))]
    return (filled[0], first.strip()) if len(signed) * 2 >= len(texts) else None


def uoms_above(sheet: Sheet, header: int) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and unit of money of each line above the headings that says one: 单位：元."""
    for row in range(1, header):
        for column, value in cells(sheet, row):
            if (
                isinstance(value, str)
                and "单" in value
                and (said := _UOM_LINE.search(narrow(value)))
            ):
                yield row, column, said[1]


def hidden_lines(sheet: Sheet) -> str:
    """Return which rows and columns with something in them are not shown, in words; empty for none."""
    unseen = sheet.unseen()
    if unseen is None or not (unseen.rows or unseen.columns):
        return ""
    rows, columns = {row for row, _ in unseen}, {column for _, column in unseen}
    for row in range(1, len(sheet.rows) + 1):
        filled = [column for column, value in cells(sheet, row) if is_filled(value)]
        columns.update(filled)
        rows.update([row] if filled else ())
    hidden_rows = [str(row) for row in unseen.rows if row in rows]
    hidden_columns = [layout.letters(column) for column in unseen.columns if column in columns]
    named = [f"第 {_some(hidden_rows)} 行"] if hidden_rows else []
    named += [f"{_some(hidden_columns)} 列"] if hidden_columns else []
    return "和 ".join(named)


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:_MOST]) + (f" 等 {len(names)}" if len(names) > _MOST else "")


def remark_in(sheet: Sheet, row: int, filled: Sequence[int]) -> tuple[int, str] | None:
    """Return column and text of a row that holds nothing but a remark (注：…), or None.

    *filled* are the columns that have something in them, of several.
    """
    text = sheet.raw(row, filled[0]) if len(filled) == 1 else None
    if isinstance(text, str) and _REMARK.match(narrow(text)):
        return filled[0], text.strip()
    return None
