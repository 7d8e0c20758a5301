"""The sheet 汇总: one row a unit, its totals above, links to what the unit's workbook gave."""

from collections.abc import Sequence

from reportgen.fieldtypes import number_format
from reportgen.form import Form
from reportgen.show import show
from reportgen.summary.form import (
    CODE,
    DONE,
    ERRORS,
    LINKS,
    NUMBER,
    STATUS,
    UNIT,
    UNSENT,
    WARNINGS,
    WRONG,
    Column,
)
from reportgen.summary.sheets import Sheet
from reportgen.summary.totals import Totals
from reportgen.summary.values import UnitRow
from reportgen.value import Blank, Number
from reportgen.workbook.layout import letters

#: Rows, from 0: what it is, how far it is, the totals, the headings; then the units.
_TITLE, _NOTE, _TOTAL, _HEAD = range(4)
_FIRST = _HEAD + 1
_COLORS = {DONE: "green", WRONG: "red", UNSENT: "grey"}
_BEFORE = (NUMBER, CODE, UNIT)
_AFTER = (ERRORS, WARNINGS, STATUS, *LINKS)
_OPEN = "打开"


class Units:
    """Writes the sheet; *unsent* are the units (code, name) that have not sent."""

    def __init__(
        self,
        sheet: Sheet,
        form: Form,
        own: Sequence[Column],
        unsent: Sequence[tuple[str, str]] | None,
    ) -> None:
        self._sheet, self._form, self._own = sheet, form, own
        self._unsent, self._has_roster = unsent or (), unsent is not None
        self._heads = (*_BEFORE, *(one.field.heading for one in own), *_AFTER)
        self._at = {one.label: len(_BEFORE) + at for at, one in enumerate(own)}
        after = len(_BEFORE) + len(own)
        self._at |= {label: after + at for at, label in enumerate(_AFTER)}

    def write(self, rows: Sequence[UnitRow], totals: Totals) -> None:
        """Write *rows* and behind them the units that have not sent."""
        sheet, last = self._sheet, _HEAD + len(rows) + len(self._unsent)
        sheet.text(_TITLE, 0, f"{self._form.title}汇总", "title", fits=False)
        sheet.inner.set_row(_TITLE, 28)
        sheet.text(_NOTE, 0, self._note(rows), "note", fits=False)
        self._totals(rows, totals, max(last, _FIRST))
        sheet.heads(_HEAD, self._heads)
        for number, row in enumerate(rows, 1):
            self._unit(_HEAD + number, number, row)
        for number, (code, name) in enumerate(self._unsent, len(rows) + 1):
            self._missing(_HEAD + number, number, code, name)
        sheet.as_list(_HEAD, last, len(self._heads), len(_BEFORE), _TOTAL)
        # nobody opens a link on paper
        sheet.inner.print_area(0, 0, max(last, _FIRST), len(self._heads) - 1 - len(LINKS))
        area = f"B{_FIRST + 1}:C{max(last, _FIRST) + 1}"
        sheet.inner.ignore_errors({"number_stored_as_text": area})

    def _note(self, rows: Sequence[UnitRow]) -> str:
        wrong = sum(row.status == WRONG for row in rows)
        said = f"已报 {len(rows)} 个单位：{DONE} {len(rows) - wrong} 个，{WRONG} {wrong} 个"
        if self._has_roster:
            said = f"应报 {len(rows) + len(self._unsent)} 个单位，{said}；{UNSENT} {len(self._unsent)} 个"
        follows = "合计行随筛选变化。"
        rates = [
            one.label for one in self._own if one.operands and isinstance(one.field.total, str)
        ]
        if rates:
            follows += f"{'、'.join(rates)}的合计只算填了这一栏的单位。"
        return f"{said}。{follows}"

    def _totals(self, rows: Sequence[UnitRow], totals: Totals, last: int) -> None:
        """Write the row of totals: formulas that follow the filter, and what they give now."""
        sheet = self._sheet
        first, end = _FIRST + 1, last + 1
        columns = {label: letters(at + 1) for label, at in self._at.items()}
        for column in range(len(self._heads)):
            sheet.text(_TOTAL, column, "", "total", fits=False)
        sheet.inner.set_row(_TOTAL, 24)
        sheet.text(_TOTAL, 0, "合计", "total", fits=False)
        counted = f"SUBTOTAL(103,C{first}:C{end})"
        sheet.formula(_TOTAL, 2, counted, len(rows) + len(self._unsent), '0" 个单位"')
        for one in self._own:
            value, at = totals.of(one.label), self._at[one.label]
            formula = totals.formula(one.label, columns, first, end) if one.field.has_total else ""
            number = number_format(one.field) + ('" 平均"' if one.average else "")
            if isinstance(value, Number) and formula:
                sheet.formula(_TOTAL, at, formula, value.value, number)
            elif not isinstance(value, Blank) or str(value):
                sheet.text(_TOTAL, at, show(value), "total")
        for label, count in (
            (ERRORS, sum(row.errors for row in rows)), (WARNINGS, sum(row.warnings for row in rows))
        ):  # fmt: skip
            formula = f"SUBTOTAL(109,{columns[label]}{first}:{columns[label]}{end})"
            sheet.formula(_TOTAL, self._at[label], formula, count, "#,##0")

    def _unit(self, at: int, number: int, row: UnitRow) -> None:
        sheet, record = self._sheet, row.record
        self._head_cells(at, number, record.code, record.unit)
        for one in self._own:
            sheet.value(at, self._at[one.label], row.values[one.label], one.field)
        sheet.number(at, self._at[ERRORS], row.errors)
        sheet.number(at, self._at[WARNINGS], row.warnings)
        sheet.text(at, self._at[STATUS], row.status, _COLORS[row.status])
        many = len(record.documents)
        more = f"（共 {many} 份）" if many > 1 else ""
        paths = (record.documents[0] if many else "", record.copy, record.file)
        for label, path, behind in zip(LINKS, paths, (more, "", ""), strict=True):
            if path:
                sheet.link(at, self._at[label], path, _OPEN + behind)
            else:
                sheet.text(at, self._at[label], "")

    def _missing(self, at: int, number: int, code: str, name: str) -> None:
        self._head_cells(at, number, code, name)
        for column in range(len(_BEFORE), len(self._heads)):
            self._sheet.text(at, column, "")
        self._sheet.text(at, self._at[STATUS], UNSENT, _COLORS[UNSENT])

    def _head_cells(self, at: int, number: int, code: str, name: str) -> None:
        self._sheet.number(at, 0, number, "center", "0")
        self._sheet.text(at, 1, code, "center")
        self._sheet.text(at, 2, name)
