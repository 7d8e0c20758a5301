"""The sheets of 汇总.xlsx that list: every finding, the rules broken most, every document."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import PurePosixPath

from reportgen.finding import Finding
from reportgen.manifest import UnitRecord
from reportgen.summary.frequent import Frequent
from reportgen.summary.sheets import MAX_ROWS, Sheet

_COLORS = {"错误": "red", "警告": "yellow", "提示": "grey", "已说明": "grey", "已核准": "green"}
_FINDINGS = (
    ("序号", 7), ("级别", 8), ("代码", 9), ("单位代码", 12), ("单位名称", 24), ("工作簿", 24), ("工作表", 16),
    ("单元格", 9), ("填报项", 20), ("填的值", 20), ("问题", 44), ("怎么改", 40), ("说明", 24),
)  # fmt: skip
_WRAPPED = range(4, len(_FINDINGS))
_RANKING = (
    ("序号", 7),
    ("代码", 10),
    ("级别", 9),
    ("问题", 70),
    ("单位数", 10),
    ("占已报单位", 13),
    ("次数", 10),
)
_DOCUMENTS = (("序号", 7), ("单位代码", 14), ("单位名称", 34), ("文档", 80))
_HEAD = 1


class Findings:
    """问题清单: a row a finding, written while the units pass."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._sheet.fix([width for _, width in _FINDINGS])
        self._sheet.text(0, 0, "问题清单", "title", fits=False)
        self._sheet.heads(_HEAD, [word for word, _ in _FINDINGS])
        self._count = 0

    def add(self, record: UnitRecord) -> None:
        """Add the findings of one unit, as many as a sheet holds."""
        for one in record.findings[: MAX_ROWS - _HEAD - 1 - self._count]:
            self._count += 1
            self._line(_HEAD + self._count, record, one)

    def close(self) -> None:
        """Make it a list that filters."""
        if not self._count:
            self._sheet.text(_HEAD + 1, 0, "没有发现问题。", "note", fits=False)
        self._sheet.as_list(_HEAD, _HEAD + self._count, len(_FINDINGS), 5, _HEAD)

    def _line(self, row: int, record: UnitRecord, finding: Finding) -> None:
        place = finding.place
        texts = (
            "", finding.verdict, finding.code, record.code, record.unit,
            place.file or PurePosixPath(record.file).name, place.sheet, place.cell, place.field,
            finding.value, _said(finding), finding.hint, finding.explanation,
        )  # fmt: skip
        self._sheet.height(row, {column: texts[column] for column in _WRAPPED})
        self._sheet.number(row, 0, self._count, "center", "0")
        for column, text in enumerate(texts[1:], 1):
            look = "wrapped" if column in _WRAPPED else "center"
            look = _COLORS[finding.verdict] if column == 1 else look
            self._sheet.text(row, column, text, look, fits=False)


def _said(finding: Finding) -> str:
    lines = [finding.message]
    if finding.difference:
        lines.append(f"相差 {finding.difference}")
    for one in finding.related:
        where = f"（{one.sheet} {one.cell}）" if one.cell else ""
        lines.append(f"{one.field} = {one.value}{where}")
    return "\n".join(lines)


def write_frequent(sheet: Sheet, found: Sequence[Frequent], units: int) -> None:
    """Write 常见问题: the rules that units break, those of most units first; *units* have sent."""
    sheet.fix([width for _, width in _RANKING])
    sheet.text(0, 0, "常见问题", "title", fits=False)
    sheet.heads(_HEAD, [word for word, _ in _RANKING])
    for number, one in enumerate(found, 1):
        row = _HEAD + number
        sheet.height(row, {3: one.message})
        sheet.number(row, 0, number, "center", "0")
        sheet.text(row, 1, one.code, "center")
        sheet.text(row, 2, one.level.label, _COLORS[one.level.label])
        sheet.text(row, 3, one.message, "wrapped")
        sheet.number(row, 4, one.units)
        sheet.number(row, 5, Fraction(one.units, units or 1), number="0.0%")
        sheet.number(row, 6, one.times)
    if not found:
        sheet.text(_HEAD + 1, 0, "没有错误和警告。", "note", fits=False)
    sheet.as_list(_HEAD, _HEAD + len(found), len(_RANKING), 2, _HEAD)


def write_documents(sheet: Sheet, units: Sequence[UnitRecord]) -> None:
    """Write 文档清单: every official document, with a link to it."""
    sheet.fix([width for _, width in _DOCUMENTS])
    sheet.text(0, 0, "文档清单", "title", fits=False)
    sheet.heads(_HEAD, [word for word, _ in _DOCUMENTS])
    row = _HEAD
    for unit in units:
        for name in unit.documents:
            row += 1
            sheet.number(row, 0, row - _HEAD, "center", "0")
            sheet.text(row, 1, unit.code, "center")
            sheet.text(row, 2, unit.unit)
            sheet.link(row, 3, name, name)
    if row == _HEAD:
        sheet.text(_HEAD + 1, 0, "还没有生成文档。", "note", fits=False)
    sheet.as_list(_HEAD, row, len(_DOCUMENTS), 3, _HEAD)
