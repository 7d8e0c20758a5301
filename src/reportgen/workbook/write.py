"""``Form`` → the workbook that a unit fills in, blank or with values. One sheet a section."""

import io
import math
import re
from importlib.metadata import version as installed_version

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment
from openpyxl.utils.cell import quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet

from reportgen.carried import Carried
from reportgen.fieldtypes import number_format
from reportgen.form import Field, Form, GridRow, Section
from reportgen.package import read_package, write_package
from reportgen.submission import Submission
from reportgen.value import Value, is_empty
from reportgen.workbook import cells, layout, prior
from reportgen.workbook.cells import font, put
from reportgen.workbook.cover import legend, when, write_cover
from reportgen.workbook.formula import ROW, Formulas
from reportgen.workbook.layout import FIRST_ROW, HEADER_ROW, LAST_ROW, address, letters
from reportgen.workbook.validation import Validations, hint
from reportgen.workbook.verdicts import computed_cells, write_verdicts

_WIDTHS = {"narrative": 48, "text": 22, "choice": 18, "date": 18, "image": 22, "integer": 12}
_MANY, _NARROWED = 3, 34  # columns of paragraphs: with more of them, each is narrower
_HEADING_WIDTH = 24  # a longer heading is broken over two lines
_OUTLINE = {"级": 8, "标题": 30, "正文": 72}
_MAX_COLUMN = 16_384
#: In half-width characters: what fits across A4 upright, and sideways, at a readable size.
_WIDEST_PORTRAIT, _WIDEST_LANDSCAPE = 95, 190
_NOTE_WIDTH = 90  # the line of what to know goes on to here
_REST_WIDTH = 12  # columns that the form does not use
_ROW_LABELS = 28.0  # the width of a grid's first column
#: How many rows of a table have their formulas ready: these at least, and so many below the last.
_PREPARED, _SPARE = 60, 30
_GAP = 6  # points: the thin row below the headings of a table
_CORE = "docProps/core.xml"
# openpyxl stamps the moment of saving
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_NO_DATE = b"2000-01-01T00:00:00Z"


def write_workbook(
    form: Form,
    submission: Submission | None = None,
    *,
    sample: bool = False,
    formulas: Formulas | None = None,
) -> bytes:
    """Return the workbook of *form* as .xlsx bytes, filled with *submission* if given.

    The same form and values give the same bytes. *sample* marks it in ``_meta``: a sample is
    built, but never counted. *formulas* of the form (``formulas_of``) need not be worked out anew.
    """
    return _Writer(form, submission or Submission(form=form), formulas).write(sample=sample)


def formulas_of(submission: Submission) -> Formulas:
    """Return the live formulas of *submission*'s workbook, and of any with the same cover."""
    writer = _Writer(submission.form, submission, None)
    writer.live(writer.book.worksheets[0])
    return writer.formulas


class _Writer:
    """Puts one workbook together."""

    def __init__(self, form: Form, submission: Submission, formulas: Formulas | None) -> None:
        self.form, self.submission, self.given = form, submission, formulas
        self.carried = Carried(submission)
        self.colors = legend(carried=bool(self.carried))
        self.book = Workbook()

    def write(self, *, sample: bool) -> bytes:
        cover = self.book.worksheets[0]
        cover.title = layout.COVER
        for section in self.form.sections:
            self.book.create_sheet(section.label)
        if self.has_verdicts:
            self.book.create_sheet(layout.VERDICTS)
        self.validations = Validations(self.form, self.book)
        self.live(cover)
        for section in self.form.sections:
            sheet = self.book[section.label]
            cells.paper(sheet)
            match section.kind:
                case "record":
                    widths = self.record(sheet, section)
                case "grid":
                    widths = self.grid(sheet, section)
                case _:
                    widths = self.table(sheet, section)
            self.top(sheet, section, widths)
            cells.protect(sheet)
        if self.has_verdicts:
            write_verdicts(self.book[layout.VERDICTS], self.submission, self.formulas)
        for formula, name in self.formulas.readings.names.items():
            self.book.defined_names[name] = DefinedName(name, attr_text=formula)
        self.prior()
        self.meta(sample=sample)
        return _saved(self.book)

    # -- whole sheets ----------------------------------------------------------

    @property
    def has_verdicts(self) -> bool:
        """Whether there is anything that the sheet 校验 could show."""
        return bool(self.form.checks or self.form.computed)

    def live(self, cover: Worksheet) -> None:
        """Write the cover, and on it live which sheets are to be filled; formulas refer to that."""
        more = {layout.VERDICTS: "自动核对，不用填"} if self.has_verdicts else {}
        said = write_cover(cover, self.form, more, self.colors)
        quoted = quote_sheetname(layout.COVER)
        gates = {
            s.label: f"{quoted}!${said[s.label].column_letter}${said[s.label].row}"
            for s in self.form.sections
            if s.when
        }
        if self.given is None or self.given.gates != gates:  # the legend moves the cells below it
            self.given = Formulas(self.form, computed_cells(self.form), gates)
        self.formulas = self.given
        for section in self.form.sections:
            if formula := self.formulas.of_section(section):
                cells.put_formula(said[section.label], formula)

    def top(self, sheet: Worksheet, section: Section, widths: dict[int, float]) -> None:
        """Write the title, what to know and the legend, above columns of *widths*."""
        put(sheet, layout.TITLE_ROW, 1, layout.title(section), look=font(14, bold=True))
        sheet.row_dimensions[layout.TITLE_ROW].height = cells.TITLE_HEIGHT
        notes = [
            when(section.when),
            section.hint,
            *(f"{name}：{meaning}" for _, name, meaning in self.colors),
        ]
        text = "　".join(note.rstrip("。") for note in notes if note)
        put(sheet, layout.NOTE_ROW, 1, text, look=font(9, color=cells.GREY), wrap=True)
        width, last = 0.0, 0
        while width < _NOTE_WIDTH:
            last += 1
            width += widths.get(last, _REST_WIDTH)
        if last > 1:
            sheet.merge_cells(f"{address(layout.NOTE_ROW, 1)}:{address(layout.NOTE_ROW, last)}")
        cells.fit_height(sheet, layout.NOTE_ROW, {1: width}, cells.LOW_ROW)

    def meta(self, *, sample: bool) -> None:
        sheet = self.book.create_sheet(layout.META)
        sheet.sheet_state = "hidden"
        facts = {
            "form": self.form.id,
            "version": self.form.version,
            "sample": "是" if sample else "否",
            "program": f"reportgen {installed_version('reportgen')}",
            **dict(zip(("unit", "code"), self.submission.made_for, strict=True)),
        }
        for at, (key, value) in enumerate((k, v) for k, v in facts.items() if v):
            put(sheet, at + 1, 1, key)
            put(sheet, at + 1, 2, value)
        cells.protect(sheet)

    def prior(self) -> None:
        """Carry last year's values (上年.…) in a sheet of their own, out of sight."""
        lines = list(prior.lines(self.form, self.submission.prior))
        if not lines:
            return
        sheet = self.book.create_sheet(layout.PRIOR)
        sheet.sheet_state = "hidden"
        for column, heading in enumerate(prior.HEADINGS, 1):
            cells.put_heading(sheet, 1, column, heading)
        for at, (section, row, label, value) in enumerate(lines, 2):
            for column, text in enumerate((section, row, label), 1):
                put(sheet, at, column, text)
            cells.fill(put(sheet, at, 4), value)
        cells.protect(sheet)

    # -- sections --------------------------------------------------------------

    def record(self, sheet: Worksheet, section: Section) -> dict[int, float]:
        widths = {1: 28.0, 2: 56.0, 3: 50.0}
        for (column, width), name in zip(
            widths.items(), (layout.LABEL, layout.VALUE, layout.HINT), strict=True
        ):
            cells.put_heading(sheet, HEADER_ROW, column, name)
            sheet.column_dimensions[letters(column)].width = width
        values = self.submission.record(section)
        for field in section.fields:
            at = layout.row(section, field.label)
            put(sheet, at, 1, layout.heading(field), boxed=True, wrap=True)
            if field.formula:
                formula = self.formulas.of_record(section, field)
                cells.put_computed(sheet, at, 2, field, formula)
            else:
                ours = self.carried.value(section, "", field)
                self.entry(sheet, at, 2, field, values.get(field.label), ours)
            put(sheet, at, 3, hint(field), look=font(9, color=cells.GREY), boxed=True, wrap=True)
            box = field.type == "narrative" and not field.formula
            cells.fit_height(sheet, at, widths, cells.BOX_ROW if box else cells.LOW_ROW)
        sheet.page_setup.orientation = "landscape"
        sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
        _start(sheet, address(FIRST_ROW, 2))
        return widths

    def grid(self, sheet: Worksheet, section: Section) -> dict[int, float]:
        cells.put_heading(sheet, HEADER_ROW, 1, layout.corner(section))
        sheet.column_dimensions["A"].width = _ROW_LABELS
        widths = {1: _ROW_LABELS, **self.headings(sheet, section)}
        filled = self.submission.grid(section)
        for line in section.rows:
            at = layout.row(section, line.label)
            put(sheet, at, 1, line.label, look=font(bold=bool(line.formula)), boxed=True, wrap=True)
            for field in section.fields:
                column = layout.column(section, field.label)
                if _is_computed(line, field):
                    formula = self.formulas.of_grid(section, line, field)
                    cells.put_computed(sheet, at, column, field, formula)
                elif line.formula:
                    put(sheet, at, column, color=cells.COMPUTED, boxed=True)
                else:
                    value = filled.get(line.label, {}).get(field.label)
                    ours = self.carried.value(section, line.label, field)
                    self.entry(sheet, at, column, field, value, ours, line.hint)
            cells.fit_height(sheet, at, {1: _ROW_LABELS}, cells.LOW_ROW)
        _start(sheet, address(FIRST_ROW, 2))
        return widths

    def table(self, sheet: Worksheet, section: Section) -> dict[int, float]:
        """Columns are unlocked as columns and carry no cells: rows come and go freely."""
        for row in range(1, FIRST_ROW):
            # the columns below are unlocked as a whole, the rows of the form itself are not
            sheet.row_dimensions[row].font = font()
        sheet.row_dimensions[FIRST_ROW].height = _GAP
        widths = self.headings(sheet, section)
        self.totals(sheet, section)
        ours = self.carried.rows(section)
        for field in section.fields:
            column = layout.column(section, field.label)
            dimension = sheet.column_dimensions[letters(column)]
            dimension.protection = cells.OPEN
            dimension.number_format = number_format(field)
            dimension.alignment = cells.alignment(field)
            dimension.font = font()
            first = FIRST_ROW
            if field.prior and ours:
                first += len(ours) + 1
                area = f"{address(FIRST_ROW, column)}:{address(first - 1, column)}"
                self.validations.add_carried(sheet, field, area)
                _colored(sheet, area, cells.CARRIED)
            area = f"{address(first, column)}:{address(LAST_ROW, column)}"
            self.validations.add(sheet, field, area)
            _colored(sheet, area, cells.COMPUTED if field.formula else cells.INPUT)
        # beyond the last column everything is unlocked too: Excel deletes a row of a protected
        # sheet only when no cell of it is locked
        first = len(section.fields) + 1
        rest = ColumnDimension(
            sheet, index=letters(first), min=first, max=_MAX_COLUMN, width=_REST_WIDTH
        )
        rest.protection = cells.OPEN
        sheet.column_dimensions[letters(first)] = rest
        rows = self.submission.rows(section) or ours
        for at, values in enumerate(rows, layout.first_row(section)):
            for field in section.fields:
                value = values.get(field.label)
                if value is not None and not field.formula:
                    cell = sheet.cell(at, layout.column(section, field.label))
                    assert isinstance(cell, Cell)  # nothing here is merged
                    if cells.fill(cell, value):
                        cells.entry_style(cell, field)
            cells.fit_height(sheet, at, widths)
        self.formula_columns(sheet, section)
        sheet.print_title_rows = f"{layout.BAND_ROW}:{HEADER_ROW}"
        pages = math.ceil(sum(widths.values()) / _WIDEST_LANDSCAPE)
        if pages > 1:
            sheet.page_setup.fitToWidth = pages
            sheet.print_title_cols = "A:A"
        # what names a row stays in sight, unless it is too wide for that
        frozen = 2 if len(section.fields) > 1 and widths[1] <= _ROW_LABELS else 1
        _start(sheet, address(layout.first_row(section), frozen), address(FIRST_ROW + 1, 1))
        return widths

    def formula_columns(self, sheet: Worksheet, section: Section) -> None:
        """Write the formulas of a table's computed columns into prepared rows.

        They are not locked, or Excel would refuse to delete a row: what is typed there is stopped.
        """
        filled = self.submission.rows(section) or self.carried.rows(section)
        rows = max(_PREPARED, len(filled) + _SPARE)
        for field in section.fields:
            column = layout.column(section, field.label)
            formula = self.formulas.of_row(section, field) if field.formula else None
            for at in range(FIRST_ROW + 1, FIRST_ROW + 1 + rows) if formula else ():
                cell = sheet.cell(at, column)
                assert isinstance(cell, Cell)  # nothing here is merged
                cells.entry_style(cell, field)
                cells.put_formula(cell, str(formula).replace(ROW, str(at)))

    def headings(self, sheet: Worksheet, section: Section) -> dict[int, float]:
        """Write the headings and return the columns' widths."""
        widths: dict[int, float] = {}
        previous = ""
        narratives = sum(f.type == "narrative" for f in section.fields)
        for field in section.fields:
            column = layout.column(section, field.label)
            heading = layout.heading(field)
            cells.put_heading(sheet, HEADER_ROW, column, heading)
            size = _WIDTHS.get(field.type, 14)
            if section.kind == "outline":
                size = _OUTLINE[field.label]
            elif field.type == "narrative" and narratives > _MANY:
                size = _NARROWED
            widths[column] = max(size, min(layout.text_width(heading) + 3, _HEADING_WIDTH))
            sheet.column_dimensions[letters(column)].width = widths[column]
            if field.group:
                # centred over its columns without merging: merged cells hinder sorting, inserting
                shown = field.group if field.group != previous else ""
                band = cells.put_heading(sheet, layout.BAND_ROW, column, shown, cells.BAND)
                band.alignment = Alignment(horizontal="centerContinuous", vertical="center")
            previous = field.group
        if sum(widths.values()) > _WIDEST_PORTRAIT:
            sheet.page_setup.orientation = "landscape"
        sheet.row_dimensions[HEADER_ROW].height = 34
        return widths

    def totals(self, sheet: Worksheet, section: Section) -> None:
        """Live totals above the headings, where added rows cannot push them away."""
        summed = {layout.column(section, f.label): f for f in section.fields if f.has_total}
        if not summed:
            return
        columns = range(1, len(section.fields) + 1)
        label = next((c for c in columns if c not in summed), 0)
        for column in columns:
            cell = put(
                sheet, layout.TOTAL_ROW, column, look=font(bold=True), color=cells.COMPUTED,
                align="right" if column in summed else None, boxed=True,
            )  # fmt: skip
            if column == label:
                cells.write_text(cell, layout.TOTAL)
            if field := summed.get(column):
                cells.put_computed(
                    sheet, layout.TOTAL_ROW, column, field, self.formulas.of_total(section, field)
                ).font = font(bold=True)

    # -- single cells ----------------------------------------------------------

    def entry(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        field: Field,
        value: Value | None,
        ours: Value | None,
        more: str = "",
    ) -> None:
        """Write a cell to fill in; what is carried (*ours*) is locked, unless the unit's differs."""
        is_ours = ours is not None and (value is None or is_empty(value) or str(value) == str(ours))
        color = cells.CARRIED if is_ours else cells.INPUT
        cell = put(sheet, row, column, color=color, boxed=True)
        cells.entry_style(cell, field)
        if is_ours:
            value = ours
            cell.protection = cells.LOCKED
        if value is not None:
            cells.fill(cell, value)
        self.validations.add(sheet, field, address(row, column), more)


def _colored(sheet: Worksheet, area: str, color: str) -> None:
    """Colour and rule the cells of *area*, filled or not."""
    look = FormulaRule(  # type: ignore[no-untyped-call]
        formula=["TRUE"], fill=cells.paint(color), border=cells.BOX
    )
    sheet.conditional_formatting.add(area, look)


def _is_computed(line: GridRow, field: Field) -> bool:
    return bool(field.formula) or (bool(line.formula) and field.is_number)


def _start(sheet: Worksheet, pane: str, cursor: str = "") -> None:
    """Freeze what is above and left of *pane*, and put the cursor on *cursor*, else there."""
    sheet.freeze_panes = pane
    cells.select(sheet, cursor or pane)


def _saved(book: Workbook) -> bytes:
    """Return the package with fixed dates, so that the same workbook is the same bytes."""
    stream = io.BytesIO()
    book.calculation.fullCalcOnLoad = True
    book.save(stream)
    return write_package(
        (name, _DATES.sub(rb"\g<1>" + _NO_DATE, content) if name == _CORE else content)
        for name, content in read_package(stream.getvalue())
    )
