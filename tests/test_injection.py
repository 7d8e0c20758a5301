"""What a unit or an office writes is never a formula in a workbook of ours, whoever writes it (CWE-1236)."""

import io
import re
import zipfile

import openpyxl
import pytest

from reportgen import check, write_workbook
from reportgen.finding import Finding, Place, Severity
from reportgen.roster import Unit
from reportgen.submission import Submission
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.mark import mark
from reportgen.workbook.prefill import Prefilled
from reportgen.workbook.read import read_submission
from support_docx import parts_of

#: OWASP's beginnings, their full-width forms, and what Excel takes for an array or an error.
BEGINNINGS = [
    "=",
    "+",
    "-",
    "@",
    "\t=",
    "\r=",
    "\n=",
    " =",
    "＝",
    "＋",
    "－",
    "＠",
    "{=",
    "#DIV/0!",
    "'=",
    "|",
]
TRAPS = [f"{begin}cmd|' /C calc'!A0" for begin in BEGINNINGS]
#: What stands in every trap, and in no formula of ours.
BAIT = "/C calc"

FORM = """
[[section]]
label = "录"
kind = "record"
fields = [{{ label = "短" }}, {{ label = "长", type = "narrative" }}, {{ label = "选", choices = [{trap}, "乙"] }}]

[[section]]
label = "表"
kind = "table"
fields = [{{ label = "名", unique = true, hint = {trap} }}, {{ label = "额", type = "decimal" }}]

[[section]]
label = "引"
kind = "table"
fields = [{{ label = "所属", from = "表.名" }}]

[[check]]
code = "A1"
rule = "录.短 == '乙'"
at = "录.短"
message = {trap}
"""


@pytest.fixture(params=TRAPS)
def trap(request):
    return request.param


@pytest.fixture
def form(make_form, trap):
    return make_form(FORM.format(trap='"' + trap.strip().replace("\\", "\\\\") + '"'))


def filled(form, trap):
    values = {
        "基本信息": {"单位名称": trap},
        "录": {"短": trap, "长": trap, "选": trap.strip()},
        "表": [{"名": trap, "额": "-1"}],
        "引": [{"所属": trap}],
    }
    return from_plain(values, form)


def baited(content):
    """Return how many cells hold the bait, none of them, nor any formula or link, as anything but a text."""
    for name, part in parts_of(content).items():
        for formula in re.findall(rb"<f\b[^>]*>([^<]*)</f>", part):
            assert BAIT.encode() not in formula, name
        if name.endswith(".rels"):
            assert BAIT.encode() not in part
    found = 0
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            for cell in row:
                if BAIT in str(getattr(cell.value, "text", cell.value)):
                    assert cell.data_type == "s", (sheet.title, cell.coordinate)
                    assert not cell.hyperlink or not cell.hyperlink.target
                    found += 1
    return found


def test_a_filled_workbook_holds_texts_and_reads_back(form, trap):
    submission = filled(form, trap)

    content = write_workbook(form, submission)

    assert baited(content) >= 8
    assert read_submission(open_bytes(content, "a.xlsx"), form).plain() == submission.plain()


def test_a_units_own_workbook_and_last_years_values_hold_texts(form, trap):
    unit = Unit(name=trap, code=trap)
    prior = filled(form, trap).values

    for content in (Prefilled(form).workbook(unit, {}), Prefilled(form).workbook(unit, prior)):
        assert baited(content) >= 4
        made_for = read_submission(open_bytes(content, "a.xlsx"), form).made_for
        assert [one.strip() for one in made_for] == [trap.strip()] * 2


@pytest.mark.parametrize("is_renewed", [False, True])
def test_a_marked_copy_holds_texts_before_and_after_it_was_sent_back(form, trap, is_renewed):
    content = write_workbook(form, filled(form, trap))
    if is_renewed:
        content = with_a_macro(content)
    book = open_bytes(content, "a.xlsx")
    submission = read_submission(book, form)
    place = Place(file=trap, sheet="录", cell="B6", field=trap)
    hostile = Finding(
        code="X1", level=Severity.ERROR, place=place, message=trap, hint=trap, value=trap
    )
    findings = [*check(submission), hostile]

    copy = mark(book, submission, findings)
    book = open_bytes(answered(copy.content, trap), "a.xlsx")
    submission = read_submission(book, form)
    again = mark(book, submission, findings)

    assert bool(copy.renewed) is is_renewed
    assert baited(copy.content) >= 10
    assert baited(again.content) > baited(copy.content) - 1
    assert submission.plain()["录"] == filled(form, trap).plain()["录"]


def with_a_macro(content):
    """Return a workbook that openpyxl cannot give back, so that its copy is written from the form."""
    made = io.BytesIO(content)
    with zipfile.ZipFile(made, "a") as package:
        package.writestr("xl/pivotTables/pivotTable1.xml", "<x/>")
    return made.getvalue()


def answered(content, words):
    """Return a copy in which the unit has written *words* beside every finding."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["检查结果"]
    heads = next(row for row in sheet.iter_rows() if "单位说明" in [cell.value for cell in row])
    column = next(cell.column for cell in heads if cell.value == "单位说明")
    for row in range(heads[0].row + 1, sheet.max_row + 1):
        cell = sheet.cell(row, column)
        cell.value = words
        cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_submission_of_nothing_but_last_years_values_is_no_formula_either(form, trap):
    content = write_workbook(form, Submission(form=form, prior=filled(form, trap).values))

    assert baited(content) >= 5
