"""``Form`` → the workbook that a unit fills in, blank or with values. One sheet a section."""

import io
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from importlib.metadata import version as installed_version

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils.cell import quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet

from reportgen.checks import in_words
from reportgen.fieldtypes import FIELD_TYPES, example, exact, number_format
from reportgen.form import Field, Form, Section
from reportgen.package import read_package, write_package
from reportgen.submission import Row, Submission
from reportgen.value import Blank, Day, Number, Value
from reportgen.workbook import layout
from reportgen.workbook.layout import FIRST_ROW, HEADER_ROW, LAST_ROW, address, letters

_FONT = "微软雅黑"
_INPUT, _COMPUTED, _PRIOR, _HEADER, _BAND = "FFF2CC", "F2F2F2", "DDEBF7", "D9E1F2", "BDD7EE"
_LEGEND = (
    (_INPUT, "黄色", "要填的格（标题带 ＊ 的必须填）"),
    (_COMPUTED, "灰色", "自动计算，不用填"),
    (_PRIOR, "蓝色", "上年数，已带入"),
)
_WIDTHS = {"narrative": 48, "text": 22, "choice": 16, "date": 18, "image": 22}
_LINE = Side(style="thin", color="BFBFBF")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_MAX_COLUMN = 16_384
_WIDEST_PORTRAIT = 95
_CORE = "docProps/core.xml"
# openpyxl stamps the moment of saving
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_NO_DATE = b"2000-01-01T00:00:00Z"
# Excel reads _x000D_ in a cell as a carriage return, so the underscore is escaped the same way
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def write_workbook(form: Form, submission: Submission | None = None, *, sample: bool = False) -> bytes:
    """Return the workbook of *form* as .xlsx bytes, filled with *submission* if given.

    The same form and values give the same bytes. *sample* marks it in ``_meta``: a sample is
    built, but never counted.
    """
    return _Writer(form, submission or Submission(form=form)).write(sample=sample)


class _Writer:
    def __init__(self, form: Form, submission: Submission) -> None:
        self.form, self.submission = form, submission
        self.book = Workbook()
        self.lists: dict[tuple[str, ...], str] = {}

    def write(self, *, sample: bool) -> bytes:
        cover = self.book.active
        assert isinstance(cover, Worksheet)  # a new Workbook has one
        cover.title = layout.COVER
        for section in self.form.sections:
            self.book.create_sheet(section.label)
        self.options = self.book.create_sheet(layout.OPTIONS)
        self.options.sheet_state = "hidden"
        self.cover(cover)
        for section in self.form.sections:
            sheet = self.book[section.label]
            self.page(sheet, section)
            match section.kind:
                case "record":
                    self.record(sheet, section)
                case "grid":
                    self.grid(sheet, section)
                case _:
                    self.table(sheet, section)
            _protect(sheet)
        self.meta(sample=sample)
        return _saved(self.book)

    # -- whole sheets ----------------------------------------------------------

    def cover(self, sheet: Worksheet) -> None:
        form = self.form
        sheet.sheet_view.showGridLines = False
        for column, width in (("A", 6), ("B", 24), ("C", 70)):
            sheet.column_dimensions[column].width = width
        _put(sheet, 1, 1, form.title, font=_font(18, bold=True))
        _put(sheet, 2, 1, f"填报工作簿　表单版本 {form.version}", font=_font(10, color="666666"))
        lines: list[tuple[str, str]] = []
        if form.deadline:
            day = form.deadline
            lines.append(("报送截止", f"{day.year}年{day.month}月{day.day}日"))
        if form.contact:
            lines.append(("联系", form.contact))
        at = 4
        for label, text in lines:
            _put(sheet, at, 2, label, font=_font(11, bold=True))
            _put(sheet, at, 3, text)
            at += 1
        at = self.steps(sheet, at + 1)
        at = self.legend(sheet, at + 1)
        self.contents(sheet, at + 1)
        _protect(sheet)

    def steps(self, sheet: Worksheet, at: int) -> int:
        _put(sheet, at, 2, "怎样填", font=_font(12, bold=True))
        steps = (
            "按下面的目录逐张填写；点目录里的名称可以跳到那张表。",
            "只填黄色的格；单位写在标题里，格里只填数字，不写“万元”等字。",
            "没有这一项的，填“不适用”或“—”；数确实为零的，填 0；不要空着让人猜。",
            "多行的表可以插入行、删除行、增加自己用的列和工作表；不要改标题和表名。",
            "填好后保存，把整个文件交回，不要拆开，不要另起格式。",
        )
        for number, text in enumerate(steps, 1):
            _put(sheet, at + number, 1, number, align="center")
            _put(sheet, at + number, 2, text)
        return at + len(steps) + 1

    def legend(self, sheet: Worksheet, at: int) -> int:
        _put(sheet, at, 2, "颜色", font=_font(12, bold=True))
        for offset, (colour, name, meaning) in enumerate(_LEGEND, 1):
            _put(sheet, at + offset, 2, name, fill=colour, border=True)
            _put(sheet, at + offset, 3, meaning)
        return at + len(_LEGEND) + 1

    def contents(self, sheet: Worksheet, at: int) -> None:
        _put(sheet, at, 2, "目录", font=_font(12, bold=True))
        for number, section in enumerate(self.form.sections, 1):
            _put(sheet, at + number, 1, number, align="center")
            cell = _put(sheet, at + number, 2, section.label, font=_font(11, color="0563C1"))
            cell.hyperlink = f"#{quote_sheetname(section.label)}!A1"
            _put(sheet, at + number, 3, _when(section.when) or "都要填")

    def page(self, sheet: Worksheet, section: Section) -> None:
        """Title, legend, paper."""
        _put(sheet, layout.TITLE_ROW, 1, layout.title(section), font=_font(14, bold=True))
        notes = [_when(section.when), section.hint]
        notes += [f"{name}：{meaning}" for _, name, meaning in _LEGEND]
        text = "　".join(n.rstrip("。") for n in notes if n)
        _put(sheet, layout.NOTE_ROW, 1, text, font=_font(9, color="666666"))
        sheet.page_setup.paperSize = 9  # A4
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_options.horizontalCentered = True
        sheet.oddFooter.center.text = "&A　第 &P 页，共 &N 页"

    def meta(self, *, sample: bool) -> None:
        sheet = self.book.create_sheet(layout.META)
        sheet.sheet_state = "hidden"
        program = f"reportgen {installed_version('reportgen')}"
        rows = (
            ("form", self.form.id),
            ("version", self.form.version),
            ("sample", "是" if sample else "否"),
            ("program", program),
        )
        for at, (key, value) in enumerate(rows, 1):
            _text(sheet.cell(at, 1), key)
            _text(sheet.cell(at, 2), value)
        _protect(sheet)

    # -- sections --------------------------------------------------------------

    def record(self, sheet: Worksheet, section: Section) -> None:
        for column, (name, width) in enumerate(
            ((layout.LABEL, 30), (layout.VALUE, 60), (layout.HINT, 52)), 1
        ):
            _header(sheet, HEADER_ROW, column, name)
            sheet.column_dimensions[letters(column)].width = width
        values = self.submission.record(section)
        for field in section.fields:
            at = layout.row(section, field.label)
            _put(sheet, at, 1, layout.heading(field), border=True, wrap=True, font=_font(11))
            self.entry(sheet, at, 2, field, values.get(field.label))
            _put(sheet, at, 3, _hint(field), border=True, wrap=True, font=_font(9, color="666666"))
        sheet.freeze_panes = address(FIRST_ROW, 2)
        sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
        _select(sheet, address(FIRST_ROW, 2))

    def grid(self, sheet: Worksheet, section: Section) -> None:
        _header(sheet, HEADER_ROW, 1, layout.CORNER)
        sheet.column_dimensions["A"].width = 26
        self.headings(sheet, section)
        filled = self.submission.grid(section)
        for line in section.rows:
            at = layout.row(section, line.label)
            _put(sheet, at, 1, line.label, border=True, wrap=True, font=_font(11, bold=bool(line.formula)))
            for field in section.fields:
                column = layout.column(section, field.label)
                if line.formula and (field.is_number or not field.formula):
                    self.computed(sheet, at, column, field)
                else:
                    self.entry(sheet, at, column, field, filled.get(line.label, {}).get(field.label))
        sheet.freeze_panes = address(FIRST_ROW, 2)
        _select(sheet, address(FIRST_ROW, 2))

    def table(self, sheet: Worksheet, section: Section) -> None:
        """Columns are unlocked as columns and carry no cells: rows come and go freely."""
        self.headings(sheet, section)
        self.totals(sheet, section)
        last = len(section.fields)
        for field in section.fields:
            column = layout.column(section, field.label)
            dimension = sheet.column_dimensions[letters(column)]
            dimension.protection = Protection(locked=False)
            dimension.number_format = number_format(field)
            dimension.alignment = _alignment(field)
            dimension.font = _font(11)
            self.validate(sheet, field, f"{address(FIRST_ROW, column)}:{address(LAST_ROW, column)}")
            colour = _COMPUTED if field.formula else _PRIOR if field.prior else _INPUT
            area = f"{address(FIRST_ROW, column)}:{address(LAST_ROW, column)}"
            sheet.conditional_formatting.add(
                area,
                FormulaRule(formula=["TRUE"], fill=PatternFill(bgColor=colour, fill_type="solid"), border=_BOX),
            )
        # beyond the last column everything is unlocked too: Excel deletes a row of a protected
        # sheet only when no cell of it is locked
        rest = ColumnDimension(sheet, index=letters(last + 1), min=last + 1, max=_MAX_COLUMN, width=12)
        rest.protection = Protection(locked=False)
        sheet.column_dimensions[letters(last + 1)] = rest
        for at, values in enumerate(self.submission.rows(section), FIRST_ROW):
            for field in section.fields:
                value = values.get(field.label)
                if value is not None and not field.formula:
                    cell = sheet.cell(at, layout.column(section, field.label))
                    if _fill(cell, value):
                        _style(cell, field)
        sheet.freeze_panes = address(FIRST_ROW, 1)
        sheet.print_title_rows = f"{layout.BAND_ROW}:{HEADER_ROW}"
        _select(sheet, address(FIRST_ROW, 1))

    def headings(self, sheet: Worksheet, section: Section) -> None:
        width = 0.0
        groups: dict[int, str] = {}
        for field in section.fields:
            column = layout.column(section, field.label)
            _header(sheet, HEADER_ROW, column, layout.heading(field))
            size = _WIDTHS.get(field.type, 14)
            sheet.column_dimensions[letters(column)].width = max(size, min(2 * len(field.heading) + 3, 26))
            width += sheet.column_dimensions[letters(column)].width
            if field.group:
                groups[column] = field.group
        for column, group in groups.items():
            # centred over its columns without merging: merged cells hinder sorting and inserting
            first = groups.get(column - 1) != group
            cell = _put(sheet, layout.BAND_ROW, column, group if first else None, fill=_BAND, border=True)
            cell.font = _font(11, bold=True)
            cell.alignment = Alignment(horizontal="centerContinuous", vertical="center")
        if width > _WIDEST_PORTRAIT:
            sheet.page_setup.orientation = "landscape"
        sheet.row_dimensions[HEADER_ROW].height = 32

    def totals(self, sheet: Worksheet, section: Section) -> None:
        """Live totals above the headings, where added rows cannot push them away."""
        columns = {layout.column(section, f.label): f for f in section.fields if f.has_total and not f.formula}
        if not columns:
            return
        labelled = next((c for c in range(1, len(section.fields) + 1) if c not in columns), 0)
        for column in range(1, len(section.fields) + 1):
            cell = _put(sheet, layout.TOTAL_ROW, column, None, fill=_COMPUTED, border=True)
            cell.font = _font(11, bold=True)
            if column == labelled:
                _text(cell, layout.TOTAL)
            if field := columns.get(column):
                cell.value = f"=SUM({address(FIRST_ROW, column)}:{address(LAST_ROW, column)})"
                cell.number_format = number_format(field)

    # -- single cells ----------------------------------------------------------

    def entry(self, sheet: Worksheet, row: int, column: int, field: Field, value: Value | None) -> None:
        if field.formula:
            self.computed(sheet, row, column, field)
            return
        cell = sheet.cell(row, column)
        cell.fill = PatternFill("solid", fgColor=_PRIOR if field.prior else _INPUT)
        cell.border = _BOX
        cell.protection = Protection(locked=False)
        _style(cell, field)
        if value is not None:
            _fill(cell, value)
        self.validate(sheet, field, address(row, column))

    def computed(self, sheet: Worksheet, row: int, column: int, field: Field) -> None:
        cell = _put(sheet, row, column, "（自动计算）", fill=_COMPUTED, border=True, align="right")
        cell.font = _font(9, color="7F7F7F")
        cell.number_format = number_format(field)

    def validate(self, sheet: Worksheet, field: Field, area: str) -> None:
        """Add the drop-down or the condition, the input hint, and a stop with the way out."""
        if field.formula:
            return
        first = area.partition(":")[0]
        rule = self.condition(field, first)
        rule.sqref = area  # type: ignore[assignment]
        rule.promptTitle = field.heading[:32]
        rule.prompt = _hint(field)[:255]
        rule.showInputMessage = True
        if rule.type:
            rule.errorStyle = "stop"
            rule.errorTitle = "请核对"
            rule.error = f"“{field.label}”{_wanted(field)}；没有这一项的填“不适用”。"[:225]
            rule.showErrorMessage = True
        sheet.add_data_validation(rule)

    def condition(self, field: Field, first: str) -> DataValidation:
        rule = partial(DataValidation, allow_blank=True)
        if field.type == "choice":
            return rule(type="list", formula1=self.list_name(field.choices))
        if field.type == "yes_no":
            return rule(type="list", formula1=self.list_name(("是", "否")))
        if field.source:
            found = rule(type="list", formula1=self.source_name(field.source))
            found.errorStyle = "warning"
            return found
        if field.is_number or field.type == "date":
            tests = [f"ISNUMBER({first})"]
            if field.type == "integer" or field.type == "year":
                tests.append(f"{first}=INT({first})")
            for limit, sign in ((field.minimum, ">="), (field.maximum, "<=")):
                if isinstance(limit, Decimal):
                    tests.append(f"{first}{sign}{limit}")
            number = f"IF(ISNUMBER({first}),AND({','.join(tests)}),FALSE)"
            return rule(
                type="custom", formula1=f'OR({number},{first}="—",{first}="不适用",{first}="/")'
            )
        return rule()

    def list_name(self, choices: tuple[str, ...]) -> str:
        """Return the defined name of a list of choices (it survives openpyxl and LibreOffice)."""
        if choices not in self.lists:
            column = len(self.lists) + 1
            for at, choice in enumerate(choices, 1):
                _text(self.options.cell(at, column), choice)
            letter = letters(column)
            area = f"{quote_sheetname(layout.OPTIONS)}!${letter}$1:${letter}${len(choices)}"
            self.lists[choices] = self.define(f"选项_{column}", area)
        return self.lists[choices]

    def source_name(self, source: tuple[str, str]) -> str:
        key = ("", *source)
        if key not in self.lists:
            section = self.form.section(source[0])
            field = section.field(source[1])
            if section.kind == "record":
                letter, first, last = "B", layout.row(section, field.label), layout.row(section, field.label)
            else:
                letter, first = letters(layout.column(section, field.label)), FIRST_ROW
                last = FIRST_ROW + len(section.rows) - 1 if section.kind == "grid" else LAST_ROW
            area = f"{quote_sheetname(section.label)}!${letter}${first}:${letter}${last}"
            self.lists[key] = self.define(f"来源_{len(self.lists) + 1}", area)
        return self.lists[key]

    def define(self, name: str, area: str) -> str:
        self.book.defined_names[name] = DefinedName(name, attr_text=area)
        return name


def _protect(sheet: Worksheet) -> None:
    """Guard against slips, without a password: rows may come and go, columns may be widened."""
    protection = sheet.protection
    protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter"):
        setattr(protection, allowed, False)  # in OOXML the attribute says what is *locked*


def _fill(cell: Cell, value: Value) -> bool:
    """Write a value so that reading gives it back; return whether there was anything to write."""
    match value:
        case Number(value=amount) if isinstance(amount, Decimal):
            # beyond 15 digits Excel's own number would lose some: then as text
            if exact(float(amount)) == amount and abs(amount) < 10**15:
                cell.value = int(amount) if amount == amount.to_integral_value() else float(amount)
            else:
                _text(cell, format(amount, "f"))
        case Day(value=day):
            cell.value = day
        case Blank() if not str(value):
            return False
        case _:
            _text(cell, str(value))
    return True


def _text(cell: Cell, text: str) -> None:
    """Write *text* as text, whatever it looks like: openpyxl would make a formula of ``=…``."""
    cell.value = _ESCAPE.sub("_x005F_", text)
    cell.data_type = "s"


def _style(cell: Cell, field: Field) -> None:
    cell.font = _font(11)
    cell.protection = Protection(locked=False)
    cell.alignment = _alignment(field)
    cell.number_format = number_format(field)


def _alignment(field: Field) -> Alignment:
    side = "right" if field.is_number and field.type != "year" else "left"
    return Alignment(horizontal=side, vertical="center", wrap_text=not field.is_number)


def _font(size: float, *, bold: bool = False, color: str = "000000") -> Font:
    return Font(name=_FONT, size=size, bold=bold, color=color)


def _put(
    sheet: Worksheet, row: int, column: int, value: str | int | None, *, font: Font | None = None,
    fill: str = "", border: bool = False, wrap: bool = False, align: str | None = None,
) -> Cell:  # fmt: skip
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # nothing here is merged
    if isinstance(value, str):
        _text(cell, value)
    elif value is not None:
        cell.value = value
    cell.font = font or _font(11)
    cell.alignment = Alignment(horizontal=align, vertical="center", wrap_text=wrap)
    if fill:
        cell.fill = PatternFill("solid", fgColor=fill)
    if border:
        cell.border = _BOX
    return cell


def _header(sheet: Worksheet, row: int, column: int, text: str) -> None:
    _put(
        sheet, row, column, text, font=_font(11, bold=True), fill=_HEADER, border=True, wrap=True,
        align="center",
    )  # fmt: skip


def _select(sheet: Worksheet, cell: str) -> None:
    for selection in sheet.sheet_view.selection:
        selection.activeCell = cell
        selection.sqref = cell


def _when(condition: str) -> str:
    return f"只在{in_words(condition)}时填" if condition else ""


def _hint(field: Field) -> str:
    """Return what to fill in, the unit, an example."""
    if field.formula:
        return "由程序计算"
    parts = [field.hint or f"填{FIELD_TYPES[field.type].title}"]
    if field.uom and field.uom not in parts[0]:
        parts.append(f"单位：{field.uom}")
    if isinstance(field.required, str):
        parts.append(f"{in_words(field.required)}时必须填")
    if field.choices:
        parts.append(f"可选：{'、'.join(field.choices)}")
    elif field.type not in {"text", "narrative"} or field.example:
        parts.append(f"例如 {example(field)}")
    return "；".join(part.rstrip("。；") for part in parts)


def _wanted(field: Field) -> str:
    limits = [
        f"{word} {limit}"
        for limit, word in ((field.minimum, "不小于"), (field.maximum, "不大于"))
        if limit is not None
    ]
    words: Iterable[str] = [f"要填{FIELD_TYPES[field.type].title}", *limits]
    return "，".join(words)


def _saved(book: Workbook) -> bytes:
    """Return the package with fixed dates, so that the same workbook is the same bytes."""
    stream = io.BytesIO()
    book.calculation.fullCalcOnLoad = True
    book.save(stream)
    parts = read_package(stream.getvalue())
    return write_package((name, _DATES.sub(rb"\g<1>" + _NO_DATE, xml) if name == _CORE else xml) for name, xml in parts)
