"""Last year's values (上年.…): they travel in the workbook, out of the clerk's way."""

import io

import openpyxl
import pytest

from reportgen.compute import compute
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.read import read_submission
from reportgen.workbook.write import write_workbook

FORM = """
[[section]]
label = "收支"
kind = "grid"
columns = ["决算数"]
rows = ["基本支出", "项目支出"]

[[section]]
label = "项目明细"
kind = "table"
was = ["项目"]
fields = [{ label = "项目名称" }, { label = "金额", type = "decimal" }]

[[computed]]
label = "增减额"
formula = "收支.基本支出.决算数 - 上年.收支.基本支出.决算数"
"""
VALUES = {
    "基本信息": {"单位名称": "甲局"},
    "收支": {"基本支出": {"决算数": "375.23"}},
    "上年": {
        "基本信息": {"单位名称": "甲局（旧名）"},
        "收支": {"基本支出": {"决算数": "338.87"}, "项目支出": {"决算数": "不适用"}},
        "项目明细": [{"项目名称": "一", "金额": "1.5"}, {"项目名称": "=1+1", "金额": "2"}],
    },
}


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def sent_back(form, values):
    return read_submission(
        open_bytes(write_workbook(form, from_plain(values, form)), "甲局.xlsx"), form
    )


def test_last_years_values_come_back_with_the_workbook(form):
    submission = sent_back(form, VALUES)

    data = compute(submission)

    assert submission.findings == ()
    assert submission.plain() == VALUES
    last_year = data.lookup("上年")
    assert str(last_year.lookup("收支").lookup("基本支出").lookup("决算数")) == "338.87"
    assert str(last_year.lookup("收支").lookup("项目支出").lookup("决算数")) == "不适用"
    assert str(last_year.lookup("单位名称")) == "甲局（旧名）"
    assert [str(n) for n in last_year.lookup("项目明细").lookup("项目名称")] == ["一", "=1+1"]
    assert str(last_year.lookup("项目明细").lookup("合计").lookup("金额")) == "3.5"


def test_a_formula_may_use_last_years_value(form):
    data = compute(sent_back(form, VALUES))

    assert str(data.lookup("增减额")) == "36.36"


def test_nothing_is_said_of_last_year_where_nothing_is_known(form):
    submission = sent_back(form, {"基本信息": {"单位名称": "甲局"}})

    last_year = compute(submission).lookup("上年")

    assert submission.prior == {}
    assert str(last_year.lookup("收支").lookup("基本支出").lookup("决算数")) == ""


def test_last_years_sheet_is_hidden_and_locked(form):
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(form, from_plain(VALUES, form))))

    assert book["_上年"].sheet_state == "hidden"
    assert book["_上年"].protection.sheet
    assert "_上年" not in openpyxl.load_workbook(io.BytesIO(write_workbook(form))).sheetnames


def test_last_years_value_that_cannot_be_read_is_named_at_its_cell(form):
    values = {"基本信息": {"单位名称": "甲局"}, "上年": {"收支": {"基本支出": {"决算数": "三百"}}}}

    (finding,) = sent_back(form, values).findings

    assert (finding.code, finding.place.sheet, finding.place.cell) == ("E303", "_上年", "D2")
    assert "“上年.收支.决算数”要填数字，填的是“三百”" in finding.message


def test_a_prior_field_is_filled_with_last_years_value_and_locked(make_form):
    form = make_form(
        '[[section]]\nlabel = "收支"\nkind = "record"\nfields = [{ label = "上年数", type = "decimal", prior = true }, { label = "数", type = "decimal" }]'
    )
    values = {"上年": {"收支": {"上年数": "5", "数": "6"}}}

    book = openpyxl.load_workbook(io.BytesIO(write_workbook(form, from_plain(values, form))))
    submission = sent_back(form, values)

    sheet = book["收支"]
    assert [(sheet[ref].value, sheet[ref].protection.locked) for ref in ("B6", "B7")] == [
        (5, True),
        (None, False),
    ]
    assert submission.plain() == {"收支": {"上年数": "5"}, **values}


def test_a_prior_field_without_a_value_from_last_year_is_open(make_form):
    form = make_form(
        '[[section]]\nlabel = "收支"\nkind = "record"\nfields = [{ label = "上年数", type = "decimal", prior = true }]'
    )

    book = openpyxl.load_workbook(io.BytesIO(write_workbook(form)))

    assert not book["收支"]["B6"].protection.locked
