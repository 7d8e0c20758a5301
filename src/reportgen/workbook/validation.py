"""Drop-downs, conditions and input hints, in forms that Excel 2010, WPS and LibreOffice share."""

from decimal import Decimal
from typing import Literal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils.cell import quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from reportgen.expression import in_words
from reportgen.fieldtypes import FIELD_TYPES, example
from reportgen.form import Field, Form
from reportgen.show import show
from reportgen.value import Day, Number
from reportgen.workbook import layout
from reportgen.workbook.cells import write_text
from reportgen.workbook.layout import FIRST_ROW, LAST_ROW, letters

_PROMPT_TITLE, _PROMPT, _ERROR = 32, 255, 225  # the most that Excel takes

_ASKED = {"image": "插入图片，或填工作簿旁边的图片的文件名"}


class Validations:
    """Adds data validations; keeps their lists on a hidden sheet, each behind a defined name.

    Defined names survive openpyxl and LibreOffice, which a list on another sheet does not always.
    """

    def __init__(self, form: Form, book: Workbook) -> None:
        self._form, self._book = form, book
        self._names: dict[tuple[str, ...], str] = {}
        self._sheet = book.create_sheet(layout.OPTIONS)
        self._sheet.sheet_state = "hidden"

    def add(self, sheet: Worksheet, field: Field, area: str, more: str = "") -> None:
        """Give the cells in *area* their drop-down or condition, a hint, and a stop with the way out.

        *more* is put before the field's own hint.
        """
        rule = self._rule(field, area.partition(":")[0])
        rule.sqref = area
        rule.promptTitle = field.heading[:_PROMPT_TITLE]
        rule.prompt = "；".join(p.rstrip("。；") for p in (more, hint(field)) if p)[:_PROMPT]
        rule.showInputMessage = True
        if rule.type:
            rule.errorTitle = "请核对"
            rule.error = f"“{field.label}”{_wanted(field)}。"[:_ERROR]
            rule.showErrorMessage = True
        sheet.add_data_validation(rule)

    def add_carried(self, sheet: Worksheet, field: Field, area: str) -> None:
        """Ask before a value of last year is typed over; a lock would keep rows from going."""
        rule = DataValidation(type="custom", formula1="FALSE", errorStyle="warning")
        rule.sqref = area
        rule.promptTitle, rule.prompt = field.heading[:_PROMPT_TITLE], "上年数，已经带入"
        rule.errorTitle, rule.error = (
            "请核对",
            f"“{field.label}”是上年带入的，确定要改吗？"[:_ERROR],
        )
        rule.showInputMessage = rule.showErrorMessage = True
        sheet.add_data_validation(rule)

    def _rule(self, field: Field, first: str) -> DataValidation:
        if field.formula:  # whatever is typed here is stopped
            return DataValidation(type="custom", formula1="FALSE", errorStyle="stop")
        if field.type == "choice":
            return _list(self._choices(field.choices), "stop")
        if field.type == "yes_no":
            return _list(self._choices(("是", "否")), "stop")
        if field.source:
            # only a warning: the value may be typed before its row in the other sheet is there
            return _list(self._column(field.source), "warning")
        if field.is_number or field.type == "date":
            formula = _number_condition(field, first)
            return DataValidation(
                type="custom", formula1=formula, allow_blank=True, errorStyle="stop"
            )
        return DataValidation(allow_blank=True)

    def _choices(self, choices: tuple[str, ...]) -> str:
        if choices not in self._names:
            column = len(self._names) + 1  # columns that a 来源 would have stay empty
            for at, choice in enumerate(choices, 1):
                cell = self._sheet.cell(at, column)
                assert isinstance(cell, Cell)  # nothing here is merged
                write_text(cell, choice)
            letter = letters(column)
            area = f"{quote_sheetname(layout.OPTIONS)}!${letter}$1:${letter}${len(choices)}"
            self._define(choices, f"选项_{column}", area)
        return self._names[choices]

    def _column(self, source: tuple[str, str]) -> str:
        key = ("", *source)
        if key not in self._names:
            section = self._form.section(source[0])
            field = section.field(source[1])
            first, last = FIRST_ROW, LAST_ROW
            if section.kind == "record":
                letter, first = "B", layout.row(section, field.label)
                last = first
            else:
                letter = letters(layout.column(section, field.label))
                if section.kind == "grid":
                    last = FIRST_ROW + len(section.rows) - 1
            area = f"{quote_sheetname(section.label)}!${letter}${first}:${letter}${last}"
            self._define(key, f"来源_{len(self._names) + 1}", area)
        return self._names[key]

    def _define(self, key: tuple[str, ...], name: str, area: str) -> None:
        self._book.defined_names[name] = DefinedName(name, attr_text=area)
        self._names[key] = name


def hint(field: Field) -> str:
    """Return what to fill in, the unit of measure, an example."""
    if field.formula:
        return "由程序计算"
    parts = [field.hint or _ASKED.get(field.type) or f"填{FIELD_TYPES[field.type].title}"]
    if field.when:
        parts.append(f"只在{in_words(field.when)}时填")
    if field.uom and field.uom not in parts[0]:
        parts.append(f"单位：{field.uom}")
    if isinstance(field.required, str):
        parts.append(f"{in_words(field.required)}时必须填")
    if field.choices:
        parts.append(f"可选：{'、'.join(field.choices)}")
    elif "例" not in parts[0] and (field.example or field.type not in {"text", "narrative"}):
        parts.append(f"例如 {example(field)}")
    return "；".join(part.rstrip("。；") for part in parts)


def _list(name: str, style: Literal["stop", "warning"]) -> DataValidation:
    return DataValidation(type="list", formula1=name, allow_blank=True, errorStyle=style)


def _number_condition(field: Field, first: str) -> str:
    """Return a condition that a number (or 不适用) meets; text such as ``12万元`` does not."""
    tests = []
    if field.type in {"integer", "year"}:
        tests.append(f"{first}=INT({first})")
    for limit, sign in ((field.minimum, ">="), (field.maximum, "<=")):
        if isinstance(limit, Decimal):
            tests.append(f"{first}{sign}{limit:f}")
        elif limit is not None:
            tests.append(f"{first}{sign}DATE({limit.year},{limit.month},{limit.day})")
    number = (
        f"IF(ISNUMBER({first}),AND({','.join(tests)}),FALSE)" if tests else f"ISNUMBER({first})"
    )
    return f'OR({number},{first}="—",{first}="不适用",{first}="/")'


def _wanted(field: Field) -> str:
    if field.formula:
        return "自动计算，不用填；要恢复公式，请从上一行复制"
    if field.type in {"choice", "yes_no"}:
        return "请从下拉列表里选"
    if field.source:
        return f"在“{'.'.join(field.source)}”里还没有，确定要这样填吗"
    words = [f"要填{FIELD_TYPES[field.type].title}"]
    for limit, word in ((field.minimum, "不小于"), (field.maximum, "不大于")):
        if limit is not None:
            shown = show(Number(limit) if isinstance(limit, Decimal) else Day(limit), field)
            words.append(f"{word} {shown}")
    return "，".join(words) + f"，例如 {example(field)}；没有这一项的填“不适用”"
