"""Values into a workbook, out of it again, and through the checks: cells are real."""

from reportgen.checks import check_values
from reportgen.compute import Data, compute
from reportgen.form import Form
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.read import read_submission
from reportgen.workbook.write import write_workbook

Findings = list[tuple[str, str, str]]


def read_back(form: Form, values: dict, file: str = "甲局.xlsx"):
    """Return what a workbook with *values* reads as."""
    content = write_workbook(form, from_plain(values, form))
    return read_submission(open_bytes(content, file), form)


def data_of(form: Form, values: dict) -> Data:
    """Return the computed names of a workbook with *values*."""
    return compute(read_back(form, values))


def find(form: Form, values: dict):
    """Return the findings of a workbook with *values*."""
    return list(check_values(data_of(form, values)))


def at(findings) -> Findings:
    """Return each finding's code, sheet and cell."""
    return [(f.code, f.place.sheet, f.place.cell) for f in findings]


def value(data: Data, expression: str):
    """Return what a name or a formula of the form's stands for."""
    from reportgen.expression import Expression

    return Expression.parse(expression, data.form.headings).evaluate(data)
