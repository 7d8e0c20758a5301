"""The sheet 校验: every check of the form with its verdict, live, and the computed values."""

from openpyxl.formatting.rule import FormulaRule
from openpyxl.utils.cell import quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from reportgen.finding import Severity
from reportgen.form import Check, Field, Form, Section
from reportgen.headings import same_code
from reportgen.submission import Submission
from reportgen.workbook import cells, layout
from reportgen.workbook.cells import font, put
from reportgen.workbook.columns import places_of
from reportgen.workbook.formula import FAILED, PASSED, Formulas, of_rows
from reportgen.workbook.layout import FIRST_ROW, HEADER_ROW, address, letters

_HEADINGS = {
    layout.CODE: 9.0, "不应有的情况": 58.0, "结果": 16.0, "差额": 12.0, layout.POSITION: 38.0,
    layout.REASON: 40.0,
}  # fmt: skip
_TEXT, _RESULT, _APART, _POSITION, _REASON, _COUNTS = 2, 3, 4, 5, 6, 7
_NOTE = (
    f"{PASSED} 没有所说的问题；{FAILED} 有，点“位置”去改；— 还没有填全，或这次不适用。"
    "警告和提示确实无误的，在“说明”里写明原因。"
)
_GOOD, _BAD = "C6EFCE", "FFC7CE"
BY_PROGRAM = "由程序检查"


def computed_cells(form: Form) -> dict[str, str]:
    """Return where each [[computed]] value stands, as formulas refer to it: not rounded."""
    sheet = quote_sheetname(layout.VERDICTS)
    first = FIRST_ROW + len(form.checks) + 2
    return {
        one.label: f"{sheet}!${letters(_exact(one))}${at}"
        for at, one in enumerate(form.computed, first)
    }


def computed_cell(form: Form, label: str) -> str:
    """Return the cell that shows a [[computed]] value, rounded."""
    at = [one.label for one in form.computed].index(label)
    return address(FIRST_ROW + len(form.checks) + 2 + at, _RESULT)


def _exact(one: Field) -> int:
    """Return the column of a computed value that is not rounded; out of sight where it would be."""
    return _RESULT if one.places is None else _COUNTS


def write_verdicts(sheet: Worksheet, submission: Submission, formulas: Formulas) -> None:
    """Write a line for each check, and one for each computed value."""
    form = submission.form
    cells.paper(sheet)
    sheet.page_setup.orientation = "landscape"
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    put(sheet, layout.TITLE_ROW, 1, f"{layout.VERDICTS}　随填随算", look=font(14, bold=True))
    sheet.row_dimensions[layout.TITLE_ROW].height = cells.TITLE_HEIGHT
    for column, (heading, width) in enumerate(_HEADINGS.items(), 1):
        cells.put_heading(sheet, HEADER_ROW, column, heading)
        sheet.column_dimensions[letters(column)].width = width
    sheet.column_dimensions[letters(_COUNTS)].hidden = True
    last = FIRST_ROW + len(form.checks) - 1
    if form.checks:
        _overall(sheet, len(form.checks), f"{address(FIRST_ROW, _RESULT)}:{address(last, _RESULT)}")
    remarks = [one for one in submission.remarks if one.is_of_code]
    for at, check in enumerate(form.checks, FIRST_ROW):
        _check(sheet, at, form, check, formulas)
        reason = put(sheet, at, _REASON, color=cells.INPUT, boxed=True, wrap=True)
        reason.number_format = "@"
        reason.protection = cells.OPEN
        if said := next((one for one in remarks if same_code(one.code, check.code)), None):
            cells.write_text(reason, said.text)
        widths = dict(enumerate(_HEADINGS.values(), 1))
        cells.fit_height(sheet, at, widths, cells.LOW_ROW)
    _computed(sheet, form, formulas)
    sheet.freeze_panes = address(FIRST_ROW, 1)
    cells.select(sheet, address(FIRST_ROW, _REASON if form.checks else 1))
    cells.protect(sheet)


def _overall(sheet: Worksheet, checks: int, area: str) -> None:
    failed = f'COUNTIF({area},"{FAILED}*")'
    cell = put(sheet, layout.NOTE_ROW, 1, look=font(12, bold=True))
    cell.value = (
        f'=IF({failed}=0,"共 {checks} 条，没有不符的","共 {checks} 条，不符 "&{failed}&" 条")'
    )
    put(sheet, layout.TOTAL_ROW, 1, _NOTE, look=font(9, color=cells.GREY))
    first = area.partition(":")[0]
    for sign, color in ((PASSED, _GOOD), (FAILED, _BAD)):
        sheet.conditional_formatting.add(
            area,
            FormulaRule(  # type: ignore[no-untyped-call]
                formula=[f'LEFT({first},1)="{sign}"'], fill=cells.paint(color)
            ),
        )


def _check(sheet: Worksheet, at: int, form: Form, check: Check, formulas: Formulas) -> None:
    put(sheet, at, 1, check.code, boxed=True)
    message = check.message.replace("{value}", "…")
    level = Severity(check.level).label
    put(sheet, at, _TEXT, f"【{level}】{message}", boxed=True, wrap=True)
    result = put(sheet, at, _RESULT, align="center", boxed=True)
    apart = put(sheet, at, _APART, align="right", boxed=True)
    verdict = formulas.of_check(check) if check.rule else None
    if verdict is None:
        cells.write_text(result, BY_PROGRAM)
        result.font = font(9, color=cells.GREY)
    else:
        counts = put(sheet, at, _COUNTS) if verdict.rows else result
        cells.put_formula(counts, verdict.result)
        if verdict.rows:
            result.value = of_rows(counts.coordinate)
        if verdict.difference:
            shown = f'=IF({result.coordinate}="{FAILED}",{verdict.difference},"")'
            cells.put_formula(apart, shown)
    place = put(sheet, at, _POSITION, boxed=True, wrap=True)
    if found := _place(form, check):
        title, ref, words = found
        cells.write_text(place, words)
        place.font = font(color=cells.LINK)
        cells.link(place, title, ref)


def _computed(sheet: Worksheet, form: Form, formulas: Formulas) -> None:
    if not form.computed:
        return
    heading = FIRST_ROW + len(form.checks) + 1
    cells.put_heading(sheet, heading, _TEXT, "计算结果")
    cells.put_heading(sheet, heading, _RESULT, "数")
    cells.put_heading(sheet, heading, _POSITION, "怎样算")
    for at, one in enumerate(form.computed, heading + 1):
        put(sheet, at, _TEXT, one.heading, boxed=True, wrap=True)
        exact = cells.put_computed(sheet, at, _exact(one), one, formulas.of_computed(one))
        if one.places is not None:
            ref, places = exact.coordinate, places_of(one)
            rounded = f"=IF(ISNUMBER({ref}),ROUND({ref},{places}),{ref})"
            cells.put_computed(sheet, at, _RESULT, one, rounded)
        look = font(9, color=cells.GREY)
        put(sheet, at, _POSITION, " ".join(one.formula.split()), look=look, boxed=True, wrap=True)
        cells.fit_height(sheet, at, dict(enumerate(_HEADINGS.values(), 1)), cells.LOW_ROW)


def _place(form: Form, check: Check) -> tuple[str, str, str] | None:
    """Return sheet, cell and words of what ``at`` names, or else of the first name that has a cell."""
    for source in (check.at, check.rule):
        if not source or source not in form.expressions:
            continue
        for path in form.expressions[source].paths():
            if found := _cell(form, check, path):
                return found
    return None


def _cell(form: Form, check: Check, path: tuple[str, ...]) -> tuple[str, str, str] | None:
    computed = {n: c.label for c in form.computed for n in (c.label, *c.was)}
    sections = {n: s for s in form.sections for n in (s.label, *s.was)}
    each = sections.get(check.each)
    if each and path[0] == check.alias:
        path = (each.label, *path[1:])
    elif each and len(path) == 1 and path[0] in {f.label for f in each.fields}:
        path = (each.label, *path)
    elif len(path) == 1 and path[0] in computed:
        label = computed[path[0]]
        ref = computed_cell(form, label)
        return layout.VERDICTS, ref, f"{layout.VERDICTS} › {label}"
    elif len(path) == 1 and path[0] in form.short_names():
        section, field = form.short_names()[path[0]]
        path = (section.label, field.label)
    if path[0] not in sections:
        return None
    section = sections[path[0]]
    ref = _ref(section, path[1:])
    return section.label, ref, " › ".join((section.label, *path[1:]))


def _ref(section: Section, path: tuple[str, ...]) -> str:
    """Return the cell of a name inside *section*; of a column, its heading."""
    fields = {n: f.label for f in section.fields for n in (f.label, *f.was)}
    rows = {n: r.label for r in section.rows for n in (r.label, *r.was)}
    match section.kind, path:
        case "record", (name,) if name in fields:
            return address(layout.row(section, fields[name]), 2)
        case "grid", (row, name) if row in rows and name in fields:
            column = layout.column(section, fields[name])
            return address(layout.row(section, rows[row]), column)
        case "table" | "outline", (layout.TOTAL, name) if name in fields:
            return address(layout.TOTAL_ROW, layout.column(section, fields[name]))
        case _, (*_, name) if name in fields:
            return address(HEADER_ROW, layout.column(section, fields[name]))
    return address(HEADER_ROW, 1)
