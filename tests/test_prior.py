"""Last year's values (上年.…): they travel in the workbook, out of the clerk's way."""

import io
import re
import shutil

import openpyxl
import pytest

from conftest import HEAD
from reportgen import read_workbook
from reportgen.cli import main
from reportgen.compute import compute
from reportgen.errors import ReportgenError
from reportgen.pipeline import check
from reportgen.roster import Unit
from reportgen.submission import Submission
from reportgen.values import from_plain
from reportgen.vocabulary import vocabulary
from reportgen.workbook.book import open_bytes
from reportgen.workbook.prefill import Prefilled
from reportgen.workbook.read import read_submission
from reportgen.workbook.write import write_workbook
from support_workbook import make_book

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
UNIT = {"基本信息": {"单位名称": "甲局"}}


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


# -- filled in, blue and locked --------------------------------------------------------------------

CARRIED = """
[[section]]
label = "收支"
kind = "grid"
columns = [{ label = "上年决算数", prior = "决算数" }, "决算数"]
rows = ["基本支出", "项目支出", { label = "支出", formula = "基本支出 + 项目支出" }]

[[section]]
label = "概况"
kind = "record"
was = ["单位概况"]
fields = [
  { label = "性质", prior = true, was = ["单位性质"] },
  { label = "上年支出", type = "decimal", uom = "万元", places = 1, prior = "支出总额" },
  { label = "上年占比", type = "percent", places = 2, prior = "收支.基本支出.决算数 / 支出总额" },
]

[[section]]
label = "设备"
kind = "table"
fields = [{ label = "名称", prior = true }, { label = "原值", type = "decimal", prior = "净值" }, { label = "净值", type = "decimal" }]

[[computed]]
label = "支出总额"
formula = "收支.支出.决算数"

[[computed]]
label = "增减额"
formula = "支出总额 - 上年.支出总额"
"""
BLUE, YELLOW = "DDEBF7", "FFF2CC"


def opened(form, values):
    return openpyxl.load_workbook(io.BytesIO(write_workbook(form, from_plain(values, form))))


def shown(cell):
    return cell.value, cell.fill.fgColor.rgb[2:], cell.protection.locked


def test_a_prior_field_may_take_another_value_of_the_row_or_the_form(make_form):
    last = {
        "收支": {"基本支出": {"决算数": "1"}, "项目支出": {"决算数": "2.25"}},
        "概况": {"性质": "行政单位"},
    }

    book = opened(make_form(CARRIED), {"上年": last})

    grid, record = book["收支"], book["概况"]
    assert shown(grid["B6"]) == (1, BLUE, True)
    assert shown(grid["B7"]) == (2.25, BLUE, True)
    assert shown(grid["C6"]) == (None, YELLOW, False)
    assert shown(record["B6"]) == ("行政单位", BLUE, True)
    assert shown(record["B7"]) == (3.3, BLUE, True)  # 3.25, half-up to its one place
    assert shown(record["B8"]) == (0.3077, BLUE, True)  # 1 / 3.25


def test_what_last_year_does_not_have_is_to_be_filled_in_and_yellow(make_form):
    book = opened(make_form(CARRIED), {"上年": {"收支": {"项目支出": {"决算数": "2"}}}})

    assert shown(book["收支"]["B6"]) == (None, YELLOW, False)
    assert shown(book["收支"]["B7"]) == (2, BLUE, True)
    assert shown(book["概况"]["B6"]) == (None, YELLOW, False)


def test_the_legend_explains_blue_only_where_there_is_blue(make_form):
    form = make_form(CARRIED)

    def colors(values):
        cover = opened(form, values)["填表说明"]
        return [cell.value for cell in cover["B"] if str(cell.value) in {"黄色", "灰色", "蓝色"}]

    assert colors({}) == ["黄色", "灰色"]
    assert colors({"上年": {"概况": {"性质": "行政单位"}}}) == ["黄色", "灰色", "蓝色"]


def test_the_rows_of_a_table_come_over_and_may_still_be_deleted(make_form):
    form = make_form(CARRIED)
    last = {"设备": [{"名称": "车", "净值": "9"}, {"净值": "4"}, {"名称": "房"}]}

    sheet = opened(form, {"上年": last})["设备"]

    assert [[c.value for c in row] for row in sheet["A7:C9"]] == [
        ["车", 9, None],
        [None, 4, None],
        ["房", None, None],
    ]
    assert not any(c.protection.locked for row in sheet["A7:C9"] for c in row if c.value)
    asks = {str(rule.sqref): rule.errorStyle for rule in sheet.data_validations.dataValidation}
    assert asks["A6:A9"] == asks["B6:B9"] == "warning"
    assert "C6:C2000" in asks


def test_a_row_that_the_unit_filled_in_is_not_doubled_by_last_years(make_form):
    form = make_form(CARRIED)
    values = {"设备": [{"名称": "新车"}], "上年": {"设备": [{"名称": "车"}]}}

    assert sent_back(form, values).plain() == values


def test_what_came_over_reads_as_this_years_value(make_form):
    form = make_form(CARRIED)
    last = {"收支": {"基本支出": {"决算数": "1"}}, "概况": {"性质": "行政单位"}}

    submission = sent_back(form, {"收支": {"基本支出": {"决算数": "4"}}, "上年": last})

    assert submission.plain() == {
        "收支": {"基本支出": {"上年决算数": "1", "决算数": "4"}},
        "概况": {"性质": "行政单位", "上年支出": "1", "上年占比": "1"},
        "上年": last,
    }


def test_last_years_computed_values_are_computed_from_what_came_over(make_form):
    form = make_form(CARRIED)
    last = {"收支": {"基本支出": {"决算数": "1"}, "项目支出": {"决算数": "2.5"}}}
    this = {"收支": {"基本支出": {"决算数": "4"}}}

    data = compute(sent_back(form, {**this, "上年": last}))

    assert str(data.lookup("上年").lookup("支出总额")) == "3.5"
    assert str(data.lookup("上年").lookup("收支").lookup("合计").lookup("决算数")) == "3.5"
    assert str(data.lookup("增减额")) == "0.5"


def test_a_change_against_the_year_before_last_is_not_known(make_form):
    form = make_form(CARRIED)

    data = compute(sent_back(form, {"上年": {"收支": {"基本支出": {"决算数": "1"}}}}))

    assert str(data.lookup("上年").lookup("增减额")) == ""


def test_a_name_in_prior_that_does_not_exist_is_a_mistake_of_the_form(make_form):
    with pytest.raises(ReportgenError) as error:
        make_form(CARRIED.replace('prior = "净值"', 'prior = "净植"'))

    (finding,) = error.value.findings
    assert (finding.code, finding.place.field) == ("F008", "设备 › 原值")
    assert "净值" in finding.message + finding.hint


def codes(form, values):
    return [(f.code, f.place.sheet, f.place.cell) for f in check(sent_back(form, values))]


def test_a_locked_value_that_was_changed_all_the_same_is_named(make_form):
    form = make_form(CARRIED)
    last = {"收支": {"基本支出": {"决算数": "1"}}}
    changed = {"收支": {"基本支出": {"上年决算数": "7"}}}

    assert codes(form, {**UNIT, "上年": last}) == []
    assert codes(form, {**UNIT, **changed, "上年": last}) == [("W807", "收支", "B6")]
    assert codes(form, {**UNIT, **changed}) == []


def test_what_came_over_into_a_sheet_that_is_not_to_be_filled_is_no_mistake(make_form):
    form = make_form(
        '[[section]]\nlabel = "附表"\nkind = "record"\nwhen = "单位名称 == \'乙局\'"\nfields = [{ label = "性质", prior = true }, { label = "数" }]'
    )
    last = {"基本信息": {"单位名称": "乙局"}, "附表": {"性质": "行政单位"}}

    assert codes(form, {**UNIT, "上年": last}) == []
    assert codes(form, {**UNIT, "附表": {"数": "x"}, "上年": last}) == [("W210", "附表", "")]


# -- from last year's workbooks ----------------------------------------------------------------------

CODED = 'code = "单位代码"\n'
LAST_YEARS_FORM = """
[[section]]
label = "基本信息"
kind = "record"
fields = [{ label = "单位名称", required = true }, { label = "单位代码" }]

[[section]]
label = "单位概况"
kind = "record"
fields = [{ label = "单位性质" }]

[[section]]
label = "收支"
kind = "grid"
columns = ["决算数"]
rows = ["基本支出", "项目支出", { label = "支出", formula = "基本支出 + 项目支出" }]
"""


@pytest.fixture
def office(make_form, tmp_path, monkeypatch, capsys):
    """Return a function: a list of units and last year's workbooks in, this year's submissions out."""
    older = make_form(
        HEAD.replace('version = "1"', 'version = "0.9"') + CODED + LAST_YEARS_FORM,
        whole=True,
        name="old",
    )
    shutil.rmtree(older.folder)
    fields = '{ label = "单位名称", required = true }, { label = "单位代码" }'
    base = f'[[section]]\nlabel = "基本信息"\nkind = "record"\nfields = [{fields}]\n'
    form = make_form(HEAD + CODED + base + CARRIED, whole=True)
    monkeypatch.chdir(tmp_path)

    def run(units, last_year):
        make_book(
            tmp_path / "名单.xlsx",
            {"名单": [["单位代码", "单位名称", "曾用名"], *map(list, units)]},
        )
        (tmp_path / "上年" / "一组").mkdir(parents=True, exist_ok=True)
        for at, (code, name, amount) in enumerate(last_year):
            values = {
                "基本信息": {"单位名称": name, "单位代码": code},
                "单位概况": {"单位性质": f"{name}的性质"},
                "收支": {"基本支出": {"决算数": amount}},
            }
            content = write_workbook(older, from_plain(values, older))
            (tmp_path / "上年" / "一组" / f"{at}.xlsx").write_bytes(content)
        with pytest.raises(SystemExit) as error:
            main(["workbook", "--roster", "名单.xlsx", "--last-year", "上年", "-o", "下发"])
        out, err = capsys.readouterr()
        made = {
            path.name.split("_")[1]: read_workbook(path, form).plain()
            for path in sorted((tmp_path / "下发").glob("*.xlsx"))
        }
        return error.value.code, out, err, made

    return run


def test_an_older_workbook_is_carried_over_by_code_and_by_names_that_were(office):
    code, out, err, made = office(
        [("001", "甲局"), ("002", "乙局")], [("002", "乙局", "5"), ("001", "甲局", "7.5")]
    )

    assert (code, err) == (0, "")
    assert out == "已生成 2 份：下发，其中 2 份带入了上年数\n"
    assert made["甲局"]["收支"] == {"基本支出": {"上年决算数": "7.5"}}
    assert made["甲局"]["概况"] == {"性质": "甲局的性质", "上年支出": "7.5", "上年占比": "1"}
    assert made["甲局"]["上年"] == {
        "基本信息": {"单位名称": "甲局", "单位代码": "001"},
        "概况": {"性质": "甲局的性质"},
        "收支": {"基本支出": {"决算数": "7.5"}},
    }
    assert made["乙局"]["收支"] == {"基本支出": {"上年决算数": "5"}}


def test_a_new_code_is_found_by_the_name_and_a_new_name_by_the_code_or_the_former_name(office):
    units = [("101", "甲局"), ("002", "乙委"), ("103", "丙委", "丙局")]
    last = [("001", "甲局", "1"), ("002", "乙局", "2"), ("003", "丙局", "3")]

    code, _, err, made = office(units, last)

    assert code == 0
    assert [made[n]["收支"]["基本支出"]["上年决算数"] for n in ("甲局", "乙委", "丙委")] == [
        "1",
        "2",
        "3",
    ]
    assert re.findall(r"^\w+ (\w\d+)", err, re.MULTILINE) == ["N814"]
    assert "上年叫“乙局”，今年叫“乙委”" in err


def test_a_unit_without_last_years_workbook_fills_everything_in_and_is_told_of_once(office):
    code, _, err, made = office([("001", "甲局"), ("002", "乙局")], [("001", "甲局", "1")])

    assert code == 0
    assert made["乙局"] == {"基本信息": {"单位名称": "乙局", "单位代码": "002"}}
    assert "1 个单位没有上年的工作簿：乙局。" in err


def test_of_two_workbooks_of_one_unit_neither_is_taken_and_the_unit_waits(office):
    last = [("001", "甲局", "1"), ("001", "甲局", "2"), ("002", "乙局", "3")]

    code, _, err, made = office([("001", "甲局"), ("002", "乙局")], last)

    assert code == 1
    assert "“甲局”的上年工作簿有 2 份：一组/0.xlsx、一组/1.xlsx" in err
    assert list(made) == ["乙局"]


def test_codes_that_changed_hands_are_not_guessed(office):
    code, _, err, made = office(
        [("002", "甲局"), ("001", "乙局"), ("003", "丙局")],
        [("001", "甲局", "1"), ("002", "乙局", "2"), ("003", "丙局", "3")],
    )

    assert code == 1
    assert err.count("错误 E812") == 2
    assert list(made) == ["丙局"]


def test_a_value_that_could_not_be_read_is_named_and_the_rest_comes_over(office):
    code, _, err, made = office([("001", "甲局")], [("001", "甲局", "约五")])

    assert code == 0
    assert made["甲局"]["概况"] == {"性质": "甲局的性质"}
    assert "警告 W815" in err
    assert "0.xlsx › 收支 › B6" in err


def test_last_year_needs_a_list(office, capsys):
    with pytest.raises(SystemExit) as error:
        main(["workbook", "--last-year", "上年"])

    assert error.value.code == 2
    assert "--roster" in capsys.readouterr().err


# -- the form that ships ---------------------------------------------------------------------------


def test_the_form_that_ships_carries_over_what_it_asks_of_last_year(self_evaluation):
    form = self_evaluation
    last = {
        "基本信息": {"填报附表": True, "报告提纲": "2020提纲"},
        "功能科目": [{"科目名称": "教育支出", "上年预算数": "1", "年初预算数": "2"}],
        "经费控制": {"公务接待费": {"上年决算数": "3", "当年决算数": "4"}},
    }

    assert sent_back(form, {"上年": last}).plain() == {
        "功能科目": [{"科目名称": "教育支出", "上年预算数": "2"}],
        "经费控制": {"公务接待费": {"上年决算数": "4"}},
        "上年": last,
    }


def test_the_names_of_last_year_are_those_of_the_values_that_the_workbook_shows(make_form):
    names = {e.name for e in vocabulary(make_form(CARRIED)) if e.kind == "prior"}

    assert names == {
        "上年.收支.基本支出.决算数",
        "上年.收支.项目支出.决算数",
        "上年.收支.支出.决算数",
        "上年.概况.性质",
    }


def test_a_workbook_with_last_years_values_is_the_same_after_others(self_evaluation):
    form = self_evaluation
    last = from_plain({"经费控制": {"公务接待费": {"当年决算数": "4"}}}, form).values
    many, unit = Prefilled(form), Unit(name="甲局", code="001")
    many.workbook(Unit(name="乙局"), {})
    many.workbook(Unit(name="丙局", code="003"), last)

    content = many.workbook(unit, last)

    alone = Submission(form=form, prior=last, made_for=("甲局", "001"))
    assert content == write_workbook(form, alone)
