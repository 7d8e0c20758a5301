"""The list of units (名单.xlsx), and the workbook that each of them gets."""

import io

import openpyxl
import pytest

from conftest import HEAD
from reportgen import read_workbook
from reportgen.checks import check_values
from reportgen.cli import main
from reportgen.compute import compute
from reportgen.roster import Unit, read_roster
from reportgen.submission import Submission
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.prefill import Prefilled
from reportgen.workbook.read import read_submission
from reportgen.workbook.write import write_workbook
from support_workbook import make_book

FORM = (
    HEAD
    + """code = "单位代码"

[[section]]
label = "基本信息"
kind = "record"
fields = [{ label = "单位名称", required = true }, { label = "单位代码" }, { label = "人数", type = "integer" }]
"""
)


@pytest.fixture
def form(make_form):
    return make_form(FORM, whole=True)


def roster(tmp_path, **sheets):
    """Return the list in a workbook of *sheets* (title → rows)."""
    return read_roster(make_book(tmp_path / "名单.xlsx", sheets))


def units(found):
    return [(unit.code, unit.name) for unit in found.units]


def said(found):
    return [(f.code, f.place.sheet, f.place.cell) for f in found.findings]


# -- reading the list ---------------------------------------------------------------------


def test_the_columns_are_found_by_their_headings_below_title_lines(tmp_path):
    lines = [
        ["2026年度单位名单"],
        [],
        ["序号", "单位 名称", "联系人", "单位编码"],
        [1, "甲局", "张", "0012"],
        [],
        [2, "乙局", "李", "0013"],
    ]

    found = roster(tmp_path, 名单=lines)

    assert units(found) == [("0012", "甲局"), ("0013", "乙局")]
    assert said(found) == []


def test_units_stand_in_any_sheet_and_sheets_without_the_headings_are_passed_over(tmp_path):
    found = roster(
        tmp_path,
        说明=[["怎样填"]],
        一级=[["单位名称", "单位代码"], ["甲局", "1"]],
        二级=[["单位代码", "单位名称"], ["2", "乙所"]],
    )

    assert units(found) == [("1", "甲局"), ("2", "乙所")]


def test_a_hidden_sheet_is_not_read(tmp_path):
    sheets = {"名单": [["单位名称"], ["甲局"]], "旧": [["单位名称"], ["甲局"]]}

    found = read_roster(make_book(tmp_path / "名单.xlsx", sheets, hidden=["旧"]))

    assert (units(found), said(found)) == ([("", "甲局")], [])


def test_a_code_typed_as_a_number_is_its_digits(tmp_path):
    found = roster(tmp_path, 名单=[["单位代码", "单位名称"], [430101, "甲局"], [430102.0, "乙局"]])

    assert units(found) == [("430101", "甲局"), ("430102", "乙局")]
    assert said(found) == []


def test_lines_below_the_list_are_no_units(tmp_path):
    lines = [
        ["单位名称"],
        ["甲局"],
        ["合计：1家"],
        ["共 1 个"],
        ["注：含二级单位"],
        ["制表人：张某"],
    ]

    found = roster(tmp_path, 名单=lines)

    assert (units(found), said(found)) == ([("", "甲局")], [])


def test_former_names_are_one_cell_with_one_or_several(tmp_path):
    lines = [["单位名称", "曾用名"], ["甲局", "甲办、甲处"], ["乙局", None]]

    found = roster(tmp_path, 名单=lines)

    assert {name: unit.name for name, unit in found.by_former_name.items()} == {
        "甲办": "甲局",
        "甲处": "甲局",
        "甲办、甲处": "甲局",
    }


def test_a_former_name_of_two_units_or_a_present_one_leads_to_nobody(tmp_path):
    lines = [["单位名称", "曾用名"], ["甲局", "老局"], ["乙局", "老局"], ["丙局", "甲局"]]

    assert roster(tmp_path, 名单=lines).by_former_name == {}


def test_all_mistakes_of_a_list_are_told_in_one_run(tmp_path):
    lines = [
        ["单位代码", "单位名称"],
        ["001", "甲局（本级）"],
        ["002", None],
        ["001", "乙局"],
        ["004", "甲 局(本级)"],
    ]

    found = roster(tmp_path, 名单=lines)

    assert sorted(said(found)) == [
        ("E802", "名单", "B3"),
        ("E803", "名单", "A4"),
        ("E804", "名单", "B5"),
    ]
    twice = next(f for f in found.findings if f.code == "E804")
    assert "另一处在 “名单”的 B2" in twice.message


def test_a_list_without_any_unit_is_a_mistake(tmp_path):
    assert said(roster(tmp_path, 名单=[["单位代码", "单位名称"]])) == [("E802", "名单", "B2")]


# -- a workbook for each unit -------------------------------------------------------------------


def test_name_and_code_are_filled_in_blue_and_locked_and_the_rest_is_open(form):
    content = Prefilled(form).workbook(Unit(name="甲局", code="0012"), {})

    sheet = openpyxl.load_workbook(io.BytesIO(content))["基本信息"]
    cells = [sheet[ref] for ref in ("B6", "B7", "B8")]
    assert [(c.value, c.protection.locked, c.fill.fgColor.rgb[2:]) for c in cells] == [
        ("甲局", True, "DDEBF7"),
        ("0012", True, "DDEBF7"),
        (None, False, "FFF2CC"),
    ]


def test_a_unit_without_a_code_fills_it_in_itself(form):
    content = Prefilled(form).workbook(Unit(name="甲局"), {})

    sheet = openpyxl.load_workbook(io.BytesIO(content))["基本信息"]
    assert (sheet["B7"].value, sheet["B7"].protection.locked) == (None, False)


@pytest.mark.parametrize(
    "name", ["甲局", "A & <B> \"C\" 'D'", "名_x0041_字", "𠮷局", "很长的名称" * 9, "=1+1"]
)
def test_a_workbook_made_from_the_first_is_the_one_that_would_be_written(form, name):
    made = Prefilled(form)
    made.workbook(Unit(name="先来的局", code="1"), {})

    content = made.workbook(Unit(name=name, code="0012"), {})

    assert content == write_workbook(form, Submission(form=form, made_for=(name, "0012")))
    read = read_submission(open_bytes(content, "a.xlsx"), form)
    assert read.plain() == {"基本信息": {"单位名称": name, "单位代码": "0012"}}
    assert read.made_for == (name, "0012")


def findings(form, name, code, *, made_for):
    values = {"基本信息": {"单位名称": name, "单位代码": code}}
    submission = from_plain(values, form)
    made = Submission(form=form, values=submission.values, made_for=made_for)
    content = write_workbook(form, made)
    return [
        (f.code, f.place.cell)
        for f in check_values(compute(read_submission(open_bytes(content, "a.xlsx"), form)))
    ]


def test_a_workbook_that_comes_back_with_another_name_or_code_is_an_error(form):
    assert findings(form, "甲局", "001", made_for=("甲局", "001")) == []
    assert findings(form, " 甲局（本级）", "001", made_for=("甲局(本级)", "001")) == []
    assert findings(form, "乙局", "001", made_for=("甲局", "001")) == [("E806", "B6")]
    assert findings(form, "甲局", "002", made_for=("甲局", "001")) == [("E806", "B7")]
    assert findings(form, "乙局", "002", made_for=("", "")) == []


# -- the command ----------------------------------------------------------------------------------


@pytest.fixture
def office(tmp_path, monkeypatch, form, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*lines, args=()):
        make_book(tmp_path / "名单.xlsx", {"名单": [["单位代码", "单位名称"], *map(list, lines)]})
        with pytest.raises(SystemExit) as error:
            main(["workbook", "--roster", "名单.xlsx", *(args or ("-o", "下发"))])
        out, err = capsys.readouterr()
        return error.value.code, out, err

    return run


def test_every_unit_gets_its_workbook_under_code_name_and_title(office, tmp_path, form):
    code, out, err = office(("001", "甲局"), (None, "乙/丙局"))

    assert (code, out, err) == (0, "已生成 2 份：下发\n", "")
    assert sorted(path.name for path in (tmp_path / "下发").iterdir()) == [
        "001_甲局_测试表.xlsx",
        "乙_丙局_测试表.xlsx",
    ]
    sent = read_workbook(tmp_path / "下发" / "001_甲局_测试表.xlsx", form)
    assert sent.plain() == {"基本信息": {"单位名称": "甲局", "单位代码": "001"}}


def test_a_workbook_that_is_there_is_kept_and_the_others_are_written(office, tmp_path):
    (tmp_path / "下发").mkdir()
    for name in ("甲局", "丙局"):
        (tmp_path / "下发" / f"{name}_测试表.xlsx").write_bytes(b"mine")

    code, out, err = office((None, "甲局"), (None, "乙局"), (None, "丙局"))

    assert (code, out) == (1, "已生成 1 份：下发\n")
    assert err.count("E506") == 2 + 1  # one finding for each, and how it is explained
    assert (tmp_path / "下发" / "甲局_测试表.xlsx").read_bytes() == b"mine"
    assert (tmp_path / "下发" / "乙局_测试表.xlsx").exists()


def test_writing_them_again_changes_nothing_and_is_no_mistake(office, tmp_path):
    office(("001", "甲局"))
    before = (tmp_path / "下发" / "001_甲局_测试表.xlsx").read_bytes()

    code, _, _ = office(("001", "甲局"))

    assert code == 0
    assert (tmp_path / "下发" / "001_甲局_测试表.xlsx").read_bytes() == before


def test_with_a_mistake_in_the_list_nothing_is_written(office, tmp_path):
    code, _, err = office(("001", "甲局"), ("001", "乙局"))

    assert code == 2
    assert "E803" in err
    assert not (tmp_path / "下发").exists()


@pytest.mark.parametrize(
    "args", [("-o", "a.xlsx"), ("--sample",), ("--values", "a.toml")], ids=lambda args: args[0]
)
def test_options_that_do_not_go_with_a_list_are_refused(office, args):
    assert office(("001", "甲局"), args=args)[0] == 2


def test_the_form_that_ships_takes_its_unit_from_a_list(self_evaluation):
    content = Prefilled(self_evaluation).workbook(Unit(name="甲局", code="001001"), {})

    submission = read_submission(open_bytes(content, "a.xlsx"), self_evaluation)

    assert submission.plain() == {"基本信息": {"单位名称": "甲局", "单位代码": "001001"}}
    assert submission.findings == ()
