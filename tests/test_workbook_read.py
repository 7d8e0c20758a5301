"""Filled workbooks as clerks leave them: every value is read, or a finding names its cell."""

import io
import os
import subprocess
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from reportgen import load_form, read_workbook, write_workbook
from reportgen.errors import WorkbookError
from reportgen.fieldtypes import Uncalculated, Unclear, read_value
from reportgen.filekind import kind_of
from reportgen.form import Field
from reportgen.pipeline import check
from reportgen.submission import Remark
from reportgen.value import Blank, Invalid, NotApplicable, Text, plain
from reportgen.values import from_plain
from reportgen.workbook import book as book_module
from reportgen.workbook import package
from reportgen.workbook.outside import open_workbook
from support_hostile import packed
from support_workbook import codes, convert, make_book, read_back, store_results

FORM = """
[form]
id = "t"
title = "测试表"
version = "2026.2"
unit = "单位名称"

[[section]]
label = "概况"
kind = "record"
was = ["基本情况"]
fields = [
  { label = "单位名称", required = true, was = ["部门名称"] },
  { label = "年度", type = "year" },
  { label = "在职人数", type = "integer", uom = "人" },
  { label = "成立日期", type = "date" },
  { label = "公开", type = "yes_no" },
  { label = "编码" },
]

[[section]]
label = "收支"
kind = "grid"
uom = "万元"
columns = ["预算数", { label = "决算数", was = ["支出数"] }]
rows = ["基本支出", { label = "项目支出", was = ["专项支出"] }, { label = "合计", formula = "基本支出 + 项目支出" }]

[[section]]
label = "项目明细"
kind = "table"
was = ["项目支出明细"]
fields = [
  { label = "项目名称", required = true },
  { label = "类型", choices = ["业务", "专项"] },
  { label = "金额", type = "decimal", uom = "万元", required = true, was = ["指标额"] },
  { label = "比例", type = "percent" },
]
"""

RECORD = [["填报项", "填报内容"], ["单位名称", "甲局"], ["年度", 2025], ["在职人数（人）", 14]]
RECORD += [["成立日期", None], ["公开", None], ["编码", None]]
GRID = [["项目", "预算数", "决算数"], ["基本支出", 1, 2], ["项目支出", 3, 4], ["合计", None, None]]
HEADINGS = ["项目名称＊", "类型", "金额（万元）＊", "比例"]
TABLE = [HEADINGS, ["甲", "业务", 1.5, 0.76], ["乙", "专项", 2, None]]
SHEETS = {"概况": RECORD, "收支": GRID, "项目明细": TABLE}


@pytest.fixture
def form(make_form):
    return make_form(FORM, whole=True)


@pytest.fixture
def read(form, tmp_path):
    """Return a function that reads the three good sheets with some replaced."""

    def read(sheets=None, *, only=None, **options):
        given = only if only is not None else {**SHEETS, **(sheets or {})}
        return read_workbook(make_book(tmp_path / "甲局.xlsx", given, **options), form)

    return read


GOOD = {
    "概况": {"单位名称": "甲局", "年度": "2025", "在职人数": "14"},
    "收支": {
        "基本支出": {"预算数": "1", "决算数": "2"},
        "项目支出": {"预算数": "3", "决算数": "4"},
    },
    "项目明细": [
        {"项目名称": "甲", "类型": "业务", "金额": "1.5", "比例": "0.76"},
        {"项目名称": "乙", "类型": "专项", "金额": "2"},
    ],
}


# -- found by label ------------------------------------------------------------------


def test_a_plain_workbook_with_the_right_words_is_read_without_a_finding(read):
    submission = read()

    assert submission.plain() == GOOD
    assert submission.findings == ()


def test_rows_and_columns_inserted_anywhere_change_nothing(read):
    record = [["甲局填报"], [], ["", "填报项", "我的备注", "填报内容"]]
    record += [["", label, None, value] for label, value in RECORD[1:]]
    grid = [[], *(["", *row] for row in GRID)]
    table = [["标题"], [], *([row[0], None, *row[1:]] for row in TABLE)]

    submission = read({"概况": record, "收支": grid, "项目明细": table})

    assert submission.plain() == GOOD
    assert submission.findings == ()


def test_another_order_of_rows_columns_and_sheets_reads_the_same(read):
    record = [RECORD[0], *reversed(RECORD[1:])]
    grid = [[row[0], row[2], row[1]] for row in (GRID[0], *reversed(GRID[1:]))]
    table = [[row[2], row[0], row[3], row[1]] for row in TABLE]

    submission = read(only={"项目明细": table, "收支": grid, "概况": record})

    assert submission.plain() == GOOD
    assert submission.findings == ()


@pytest.mark.parametrize(
    "heading",
    [
        "金额", "金额(万元)", "金额（万元）", "金 额 （万元）", "金额\n（万元）", "金额（万元）*",
        "＊金额（万元）", " 金额（万元） ", "金额（万元）＊", "指标额", "指标额(万元)", "金\u200b额",
    ],
)  # fmt: skip
def test_a_heading_reads_the_same_however_it_is_typed(read, heading):
    submission = read({"项目明细": [["项目名称", "类型", heading, "比例"], *TABLE[1:]]})

    assert submission.plain() == GOOD
    assert submission.findings == ()


def test_names_that_the_form_once_had_still_read(read):
    grid = [["项目", "预算数", "支出数"], GRID[1], ["专项支出", 3, 4]]
    record = [RECORD[0], ["部门名称", "甲局"], *RECORD[2:]]

    submission = read(only={"基本情况": record, "收支": grid, "项目支出明细": TABLE})

    assert submission.plain() == GOOD
    assert submission.findings == ()
    assert submission.sheets == {"概况": "基本情况", "收支": "收支", "项目明细": "项目支出明细"}


@pytest.mark.parametrize(
    "title", ["1 概况", "1.概况", "（一）概况", "一、概况", "概况 (2)", "表1 概况"]
)
def test_a_sheet_with_a_number_around_its_title_is_still_found(read, title):
    submission = read(only={title: RECORD, "收支": GRID, "项目明细": TABLE})

    assert submission.plain() == GOOD
    assert submission.sheets["概况"] == title


def test_a_copy_beside_the_sheet_itself_is_not_read_and_named(read):
    submission = read({"概况 (2)": [["填报项", "填报内容"], ["单位名称", "乙局"]]})

    assert submission.plain() == GOOD
    assert codes(submission) == [("N202", "概况 (2)", "")]


def test_a_sheet_that_wps_hides_for_itself_is_no_surprise(read):
    submission = read({"WpsReserved_CellImgList": [["x"]]}, hidden=("WpsReserved_CellImgList",))

    assert submission.findings == ()


def test_a_two_level_heading_merged_downwards_is_one_heading(form, tmp_path):
    path = make_book(
        tmp_path / "甲局.xlsx",
        {**SHEETS, "项目明细": [["项目名称", "类型", "资金", None], [None, None, "金额", "比例"]]},
    )
    book = openpyxl.load_workbook(path)
    sheet = book["项目明细"]
    for area in ("A1:A2", "B1:B2", "C1:D1"):
        sheet.merge_cells(area)
    for row in TABLE[1:]:
        sheet.append(row)
    book.save(path)

    submission = read_workbook(path, form)

    assert submission.plain() == GOOD
    assert submission.findings == ()


def test_blank_rows_between_and_a_wps_style_gap_do_not_count(read):
    table = [HEADINGS, [], TABLE[1], [" ", "　", None], [], TABLE[2]]

    submission = read({"项目明细": table})

    assert submission.plain() == GOOD
    assert submission.findings == ()


def test_values_know_the_cell_that_they_came_from(read):
    submission = read()

    row = submission.rows(submission.form.section("项目明细"))[1]
    assert (row["金额"].cell.sheet, row["金额"].cell.ref) == ("项目明细", "C3")
    assert row["项目名称"].cell.ref == "A3"


def test_what_the_sheet_shows_as_computed_is_never_read(read):
    submission = read({"收支": [*GRID[:3], ["合计", 999, 999]]})

    assert submission.plain() == GOOD
    assert submission.findings == ()


# -- what is wrong with the structure -------------------------------------------------


def test_a_missing_sheet_is_named_with_the_sheet_that_may_be_it(read):
    submission = read(only={"概况": RECORD, "收支": GRID, "项目明细表格": TABLE})

    (missing,) = submission.findings  # and no second one about the sheet that is left over
    assert (missing.code, missing.place.file, missing.value) == ("E201", "甲局.xlsx", "项目明细")
    assert "“项目明细表格”是不是它" in missing.hint


def test_two_sheets_of_one_section_are_an_error(read):
    submission = read({"项目支出明细": TABLE})

    (finding,) = submission.findings
    assert (finding.code, finding.level, finding.place.sheet) == ("E213", "error", "项目支出明细")
    assert "“项目明细”有不止一张工作表（另见“项目支出明细”）" in finding.message


def test_a_missing_column_is_named_with_the_heading_that_may_be_it(read):
    submission = read({"项目明细": [["项目名称", "类型", "金额（元）", "比例"], TABLE[1]]})

    (missing,) = submission.findings  # and no second one about the column that is left over
    assert (missing.code, missing.place.sheet, missing.value) == (
        "E204",
        "项目明细",
        "金额（万元）",
    )
    assert "“金额(元)”是不是它" in missing.hint


def test_a_missing_row_of_a_grid_and_a_missing_item_of_a_record_are_named(read):
    submission = read({"收支": [*GRID[:2], GRID[3]], "概况": RECORD[:-1]})

    assert [(f.code, f.place.sheet, f.place.field) for f in submission.findings] == [
        ("E204", "概况", "编码"),
        ("E204", "收支", "项目支出"),
    ]


def test_a_table_without_headings_is_one_finding(read):
    submission = read({"项目明细": [["甲", "业务", 1.5, 0.76]]})

    (finding,) = submission.findings
    assert finding.code == "E203"
    assert "项目名称" in finding.message


def test_columns_of_the_clerks_own_are_noted_when_something_is_in_them(read):
    table = [[*HEADINGS, "备注", "空列", None], [*TABLE[1], "看这里", None, None]]
    table += [[*TABLE[2], None, None, "没有标题"]]

    submission = read({"项目明细": table})

    assert submission.plain() == GOOD
    assert [(f.code, f.level, f.place.cell, f.value) for f in submission.findings] == [
        ("N205", "note", "E1", "备注"),
        ("N205", "note", "G1", "G"),
    ]


def test_rows_of_the_clerks_own_in_record_and_grid_are_noted(read):
    record = [*RECORD, ["传真", "123"], [None, "没有标签"], ["空的", None]]
    grid = [*GRID, ["其他支出", 5, None], [None, None, 6], ["说明文字"]]

    submission = read({"概况": record, "收支": grid})

    assert submission.plain() == GOOD
    assert [(f.code, f.place.sheet, f.place.cell, f.value) for f in submission.findings] == [
        ("N205", "概况", "A8", "传真"),
        ("N205", "概况", "A9", "B9"),
        ("N205", "收支", "A5", "其他支出"),
        ("N205", "收支", "A6", "第 6 行"),
    ]


def test_a_heading_that_stands_twice_is_an_error_at_both_cells(read):
    table = [[*HEADINGS, "金 额"], [*TABLE[1], 9]]

    submission = read({"项目明细": table, "概况": [*RECORD, ["部门名称", "乙局"]]})

    assert codes(submission) == [("E206", "概况", "B2"), ("E206", "项目明细", "C1")]
    assert "另见 E1" in submission.findings[1].message


@pytest.mark.parametrize("word", ["合计", "小 计", "总计：", "合　计"])
def test_a_total_inside_a_table_is_an_error_and_is_not_counted(read, word):
    submission = read({"项目明细": [*TABLE, [word, None, 3.5]]})

    assert submission.plain() == GOOD
    (finding,) = submission.findings
    assert (finding.code, finding.place.cell, finding.value) == ("E208", "A4", word)


def test_a_total_whose_word_stands_in_the_clerks_own_column_is_seen_too(read):
    table = [["编号", *HEADINGS], [1, *TABLE[1]], [2, *TABLE[2]], ["合计", None, None, 3.5]]

    submission = read({"项目明细": table})

    assert submission.plain() == GOOD
    assert ("E208", "项目明细", "A4") in codes(submission)


def test_a_project_whose_name_only_begins_like_a_total_is_a_project(read):
    submission = read({"项目明细": [HEADINGS, ["合计数核对项目", "业务", 1, None]]})

    assert submission.plain()["项目明细"][0]["项目名称"] == "合计数核对项目"
    assert submission.findings == ()


def test_an_older_version_is_a_warning_and_reads_what_is_there(read):
    submission = read(
        only={"概况": RECORD[:4], "项目明细": TABLE}, meta={"form": "t", "version": "2026.1"}
    )

    (finding,) = submission.findings
    assert (finding.code, finding.level) == ("W207", "warning")
    assert submission.plain() == {k: v for k, v in GOOD.items() if k != "收支"}


def test_versions_are_compared_as_numbers(read):
    newer = read(meta={"version": "2026.10"})
    same = read(meta={"version": "2026.2"})

    assert codes(newer) == [("W209", "", "")]
    assert codes(same) == []


def test_a_hidden_sheet_is_read_and_noted(read):
    submission = read(hidden=("收支",))

    assert submission.plain() == GOOD
    assert codes(submission) == [("N324", "收支", "")]


def test_merged_cells_in_a_table_are_noted(form, tmp_path):
    path = make_book(
        tmp_path / "甲局.xlsx", {**SHEETS, "项目明细": [*TABLE, ["丙", None, 3, None]]}
    )
    book = openpyxl.load_workbook(path)
    book["项目明细"].merge_cells("B3:B4")
    book.save(path)

    submission = read_workbook(path, form)

    (finding,) = submission.findings
    assert (finding.code, finding.place.cell, finding.value) == ("W212", "B3", "B3:B4")
    assert submission.plain()["项目明细"][2] == {"项目名称": "丙", "金额": "3"}


def test_a_sample_says_so(read):
    assert read(meta={"sample": "是"}).sample
    assert not read(meta={"sample": "否"}).sample


# -- single values ---------------------------------------------------------------------

# what is typed → the number it means, or the code of the finding
NUMBERS = {
    "1234.5": "1234.5", "1,234.50": "1234.5", "1,234,567": "1234567", "12,345,678.9": "12345678.9",
    "１２３": "123", "３６５．５": "365.5", "１，２３４．５０": "1234.5", "  42  ": "42", "　7　": "7",
    "365.5万元": "365.5", "365.5 万元": "365.5", "365.5万": "365.5", "３６５．５万元": "365.5",
    "+5": "5", "＋5": "5", "-12": "-12", "－12": "-12", "−12": "-12", "﹣12": "-12", "(1,234)": "-1234",
    "（12.5）": "-12.5", "0": "0", "0.00": "0", "-0": "0", ".5": "0.5", "5.": "5", "007": "7",
    "12345678901234567.89": "12345678901234567.89", "1\u200b2": "12",
    "365.5元": "E304", "1.2亿": "E304", "3千元": "E304", "5亿元": "E304",
    "76%": "E303", "12.5％": "E303", "约300": "E303", "300左右": "E303", "300-400": "E303",
    "300～400": "E303", ">5": "E303", "≥95": "E303", "无": "E303", "零": "E303", "一百二十": "E303",
    "1.234,50": "E303", "1,23": "E303", "1234,567": "E303", "12 345": "E303", "1\n2": "E303",
    "1。5": "E303", "1e5": "E303", "1_000": "E303", "0x1F": "E303", "①": "E303", "12²": "E303",
    "⑴": "E303", "½": "E303", "٣": "E303", "￥1,234": "E303", "1.2.3": "E303", "--5": "E303",
    "((5))": "E303", "(-5)": "E303", "5个": "E303", "5人": "E303", "TRUE": "E303", "nan": "E303",
    "inf": "E303", "=1+1": "E303", "'5": "E303", "#DIV/0!": "E303", "null": "E303", "5/6": "E303",
}  # fmt: skip
NOTHING = ("—", "不适用", "/", "-", "－", "--", "——", "–", "无此项", " — ")


def test_each_way_to_type_a_number_is_a_value_or_a_finding_never_something_else(form, tmp_path):
    path = tmp_path / "甲局.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "项目明细"
    sheet.append(["项目名称", "类型", "金额（万元）", "比例"])
    for at, typed in enumerate(NUMBERS, 2):
        sheet.cell(at, 1, "甲")
        cell = sheet.cell(at, 3, typed)
        cell.data_type = "s"
    book.save(path)

    submission = read_workbook(path, form)

    rows = submission.rows(form.section("项目明细"))
    found = {f.place.cell: f.code for f in submission.findings if f.level == "error"}
    got = {
        typed: found.get(f"C{at}") or str(row["金额"])
        for (at, typed), row in zip(enumerate(NUMBERS, 2), rows, strict=True)
    }
    assert got == NUMBERS
    assert len(NUMBERS) >= 63


def test_signs_for_nothing_are_not_applicable_and_print_as_typed(read):
    submission = read({"项目明细": [HEADINGS, *(["甲", None, sign, None] for sign in NOTHING)]})

    values = [r["金额"] for r in submission.rows(submission.form.section("项目明细"))]
    assert all(isinstance(v, NotApplicable) for v in values)
    assert [str(v) for v in values] == [sign.strip() for sign in NOTHING]
    assert submission.findings == ()


def test_a_dash_in_a_text_is_a_text_and_a_long_dash_is_not_applicable(read):
    submission = read({"概况": [*RECORD[:6], ["编码", "-"]]})
    other = read({"概况": [*RECORD[:6], ["编码", "—"]]})

    section = submission.form.section("概况")
    assert submission.record(section)["编码"] == "-"
    assert isinstance(other.record(section)["编码"], NotApplicable)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (0.76, "0.76"), ("76%", "0.76"), ("76.5 ％", "0.765"), ("0.76", "0.76"), (1, "1"),
        (1.2, "1.2"), (0, "0"), ("760%", "7.6"), ("-3%", "-0.03"), (5, "5"),
        (76, "E307"), ("76", "E307"), (5.01, "E307"), ("约76%", "E303"), ("76%%", "E303"),
    ],
)  # fmt: skip
def test_a_percentage_is_what_excel_shows_and_76_alone_is_asked_about(read, typed, value):
    submission = read({"项目明细": [HEADINGS, ["甲", None, 1, typed]]})

    (row,) = submission.rows(submission.form.section("项目明细"))
    assert ([f.code for f in submission.findings] or [str(row["比例"])]) == [value]


def test_a_form_may_allow_percentages_beyond_500(make_form, tmp_path):
    form = make_form("""
[[section]]
label = "增长"
kind = "record"
fields = [{ label = "增长率", type = "percent", maximum = 10 }]
""")

    sheets = {"基本信息": [["填报项", "填报内容"], ["单位名称", "甲"]]}
    sheets["增长"] = [["填报项", "填报内容"], ["增长率", 7.6]]
    submission = read_workbook(make_book(tmp_path / "a.xlsx", sheets), form)

    assert submission.findings == ()
    assert plain(submission.record(form.section("增长"))["增长率"]) == Decimal("7.6")


@pytest.mark.parametrize(
    "typed",
    [
        date(2026, 3, 5), datetime(2026, 3, 5, 14, 30), 46086, 20260305, "2026年3月5日",  # noqa: DTZ001
        "2026-3-5", "2026-03-05", "2026/3/5", "2026.3.5", "20260305", "２０２６年３月５日",
        " 2026 年 3 月 5 日 ", "2026年03月05日",
    ],
)  # fmt: skip
def test_a_date_in_any_common_form_is_that_day(read, typed):
    submission = read({"概况": [*RECORD[:4], ["成立日期", typed], *RECORD[5:]]})

    assert submission.record(submission.form.section("概况"))["成立日期"].value == date(2026, 3, 5)
    assert submission.findings == ()


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        (datetime(2026, 3, 5), "2026年3月5日"),  # noqa: DTZ001 - nor has a cell a time zone
        (datetime(2026, 3, 5, 14, 30), "2026年3月5日 14:30"),  # noqa: DTZ001
        (time(9, 5, 30), "9:05:30"),
        (timedelta(hours=26), "26:00"),
    ],
)  # fmt: skip
def test_a_time_in_a_text_is_as_excel_shows_it(stored, text):
    field = Field(label="报到时间")

    assert read_value(stored, field, None) == (Text(text, field), [])


@pytest.mark.parametrize(
    "typed",
    ["3/5/2026", "2026年3月", "2026-13-1", "2026-2-30", "去年", 12, 46086.5, True, "③月5日"],
)
def test_what_is_no_certain_date_is_a_finding(read, typed):
    submission = read({"概况": [*RECORD[:4], ["成立日期", typed], *RECORD[5:]]})

    assert codes(submission) == [("E308", "概况", "B5")]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (2025, "2025"), ("2025", "2025"), ("2025年", "2025"), ("2025年度", "2025"), ("２０２５", "2025"),
        ("25", "E309"), (25, "E309"), ("二〇二五", "E309"), (2025.5, "E309"), ("2025-2026", "E309"),
        (date(2025, 1, 1), "E309"), ("20 25", "E309"), (True, "E309"),
    ],
)  # fmt: skip
def test_a_year_has_four_digits(read, typed, expected):
    submission = read({"概况": [*RECORD[:2], ["年度", typed], *RECORD[3:]]})

    value = submission.record(submission.form.section("概况"))["年度"]
    assert ([f.code for f in submission.findings] or [str(value)]) == [expected]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (14, "14"), ("14人", "14"), ("14.0", "14"), (14.5, "E305"), ("14.5", "E305"), ("十四", "E303"),
        ("14个", "E303"), ("50%", "E305"), (True, "E303"), (date(2026, 1, 14), "E321"),
        (123456789012345678, "E320"), (1e15, "E320"), (999999999999999, "999999999999999"),
    ],
)  # fmt: skip
def test_an_integer_is_whole_and_no_identifier(read, typed, expected):
    submission = read({"概况": [*RECORD[:3], ["在职人数", typed], *RECORD[4:]]})

    value = submission.record(submission.form.section("概况"))["在职人数"]
    assert ([f.code for f in submission.findings] or [str(value)]) == [expected]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (True, True), (False, False), ("是", True), ("否", False), ("√", True), ("×", False),
        (" 是 ", True), ("Y", True), ("对的", "E311"), (2, "E311"), ("公开", "E311"),
    ],
)  # fmt: skip
def test_yes_and_no(read, typed, expected):
    submission = read({"概况": [*RECORD[:5], ["公开", typed], *RECORD[6:]]})

    value = submission.record(submission.form.section("概况"))["公开"]
    assert ([f.code for f in submission.findings] or [plain(value)]) == [expected]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (731, "731"), (365.5, "365.5"), (0.1 + 0.2, "0.3"), (1703.1542, "1703.1542"),
        ("001001", "001001"), (True, "TRUE"), (date(2026, 3, 5), "2026年3月5日"),
        ("430102198801011234", "430102198801011234"), (430102198801011234, "E320"),
        (" 前后空格 ", " 前后空格 "), ("a\u3000b", "a\u3000b"),
    ],
)  # fmt: skip
def test_a_text_keeps_its_signs_and_a_long_identifier_typed_as_a_number_is_named(
    read, typed, expected
):
    submission = read({"概况": [*RECORD[:6], ["编码", typed]]})

    value = submission.record(submission.form.section("概况"))["编码"]
    assert ([f.code for f in submission.findings] or [str(value)]) == [expected]


def test_a_line_break_outside_a_narrative_becomes_a_space_and_a_note(read):
    submission = read({"概况": [*RECORD[:6], ["编码", "甲\n乙"]]})
    trailing = read({"概况": [*RECORD[:6], ["编码", "甲\n"]]})

    section = submission.form.section("概况")
    assert submission.record(section)["编码"] == "甲 乙"
    assert codes(submission) == [("N322", "概况", "B7")]
    assert trailing.record(section)["编码"] == "甲"
    assert codes(trailing) == []


def test_floats_are_the_decimals_that_were_typed(read):
    submission = read(
        {"项目明细": [HEADINGS, ["甲", None, 0.1 + 0.2, None], ["乙", None, 1703.1542, None]]}
    )

    values = [plain(r["金额"]) for r in submission.rows(submission.form.section("项目明细"))]
    assert values == [Decimal("0.3"), Decimal("1703.1542")]


def test_a_choice_is_found_through_blanks_and_width_and_a_near_miss_is_named(read):
    submission = read(
        {"项目明细": [HEADINGS, ["甲", "业 务 ", 1, None], ["乙", "业务类", 1, None]]}
    )

    (finding,) = submission.findings
    assert submission.plain()["项目明细"][0]["类型"] == "业务"
    assert (finding.code, finding.place.cell, finding.value) == ("E310", "B3", "业务类")
    assert "是不是“业务”" in finding.message
    assert finding.hint == "请从下拉列表里选：业务、专项。"


def test_a_choice_called_not_applicable_is_that_choice(make_form, tmp_path):
    form = make_form("""
[[section]]
label = "核查"
kind = "record"
fields = [{ label = "达标", choices = ["是", "否", "不适用"] }]
""")

    values = {"核查": {"达标": "不适用"}}
    submission = read_back(tmp_path / "a.xlsx", form, values)

    assert submission.record(form.section("核查"))["达标"] == "不适用"
    assert submission.plain() == values


def test_a_wrong_cell_names_file_sheet_cell_label_value_and_what_to_do(read):
    submission = read({"收支": [GRID[0], ["基本支出", "约300", 2], *GRID[2:]]})

    (finding,) = submission.findings
    assert str(finding.place) == "甲局.xlsx › 收支 › B2（基本支出 · 预算数）"
    assert finding.message == "“基本支出 · 预算数”要填数字，填的是“约300”。"
    assert finding.hint == "只填数字（万元），例如 365.5。"
    assert finding.value == "约300"


def test_another_unit_of_money_is_named_with_the_wanted_one(read):
    submission = read({"项目明细": [HEADINGS, ["甲", None, "3655000元", None]]})

    (finding,) = submission.findings
    assert finding.message == "“金额”的单位是万元，填的是“3655000元”。"
    assert finding.hint == "请换算成万元后只填数字，例如 365.5。"


def test_what_cannot_be_read_is_kept_and_is_neither_blank_nor_zero(read):
    submission = read({"项目明细": [HEADINGS, ["甲", None, "约300", None]]})

    (row,) = submission.rows(submission.form.section("项目明细"))
    assert isinstance(row["金额"], Invalid)
    assert str(row["金额"]) == "约300"


# -- errors and formulas without a result ------------------------------------------------

BAD = [HEADINGS, ["甲", None, "=1/0", None], ["乙", None, "=1+1", None], ["丙", None, None, None]]
BAD += [["丁", '=""', 1, "=NA()"]]


@pytest.fixture
def stored(tmp_path):
    """Return a workbook with an error, an empty result, and a formula never calculated."""
    path = make_book(tmp_path / "甲局.xlsx", {**SHEETS, "项目明细": BAD})
    results = {"C2": ("e", "#DIV/0!"), "B5": ("str", ""), "D5": ("e", "#N/A")}
    return store_results(path, "xl/worksheets/sheet3.xml", results)


def test_an_error_and_an_uncalculated_formula_are_told_apart_from_an_empty_cell(form, stored):
    findings = [(f.code, f.place.cell, f.value) for f in check(read_workbook(stored, form))]

    assert findings == [
        ("E317", "C2", "#DIV/0!"),
        ("E318", "C3", ""),
        ("E317", "D5", "#N/A"),
        ("E301", "C4", ""),
    ]


def test_rows_that_hold_nothing_but_uncalculated_formulas_are_not_dropped(read):
    submission = read({"项目明细": [*TABLE, ["=A1", None, "=1+1", None]]})

    assert codes(submission) == [("E318", "项目明细", "A4"), ("E318", "项目明细", "C4")]


def test_an_error_in_a_record_and_a_grid_is_seen(read):
    record = [RECORD[0], ["单位名称", "=A9"], *RECORD[2:]]

    submission = read({"概况": record, "收支": [GRID[0], ["基本支出", "=1+1", 2], *GRID[2:]]})

    assert codes(submission) == [("E318", "概况", "B2"), ("E318", "收支", "B2")]


@pytest.fixture(scope="module")
def other_formats(tmp_path_factory):
    """Return the workbook with errors and one of ours as .ods, .xls, .xlsx, by LibreOffice."""
    folder = tmp_path_factory.mktemp("formats")
    (folder / "form.toml").write_text(FORM, encoding="utf-8")
    form = load_form(folder)
    bad = make_book(folder / "bad.xlsx", {**SHEETS, "项目明细": BAD})
    ours = folder / "ours.xlsx"
    ours.write_bytes(write_workbook(form, from_plain(GOOD, form)))
    out = {}
    for suffix in ("ods", "xls", "xlsx"):
        (folder / suffix).mkdir()
        for path in convert([bad, ours], suffix, folder / suffix):
            out[path.stem, suffix] = path
    return out


@pytest.mark.parametrize("suffix", ["xlsx", "ods", "xls"])
def test_errors_are_seen_in_every_format_that_can_tell(form, other_formats, suffix):
    submission = read_workbook(other_formats["bad", suffix], form)

    assert [(f.code, f.place.cell, f.value) for f in check(submission)] == [
        ("E317", "C2", "#DIV/0!"),
        ("E317", "D5", "#N/A"),
        ("E301", "C4", ""),
    ]
    assert submission.plain()["收支"] == GOOD["收支"]
    assert submission.plain()["项目明细"][1] == {"项目名称": "乙", "金额": "2"}


def test_the_kind_of_file_is_told_by_its_content_not_its_name(form, other_formats, tmp_path):
    renamed = tmp_path / "甲局.et"
    renamed.write_bytes(other_formats["ours", "xls"].read_bytes())

    assert read_workbook(renamed, form).plain()["收支"] == GOOD["收支"]


@pytest.mark.parametrize("suffix", ["xlsx", "ods", "xls"])
def test_our_own_workbook_reads_the_same_after_libreoffice_saved_it(form, other_formats, suffix):
    submission = read_workbook(other_formats["ours", suffix], form)

    assert submission.plain() == GOOD
    assert submission.findings == ()
    assert submission.version == "2026.2"


def test_where_a_format_cannot_tell_the_message_says_both(read, monkeypatch):
    monkeypatch.setattr(book_module, "unseen_cells", lambda data, kind: lambda *_: None)

    findings = check(read({"项目明细": [HEADINGS, ["甲", None, None, None]]}))

    assert [(f.code, f.place.cell) for f in findings] == [("E319", "C2"), ("W217", "")]
    assert "未填或为错误值" in findings[0].message


def test_an_optional_empty_cell_of_such_a_format_is_empty_and_the_workbook_says_it_may_not_be(
    read, monkeypatch
):
    monkeypatch.setattr(book_module, "unseen_cells", lambda data, kind: lambda *_: None)

    submission = read()

    (_, row) = submission.rows(submission.form.section("项目明细"))
    assert isinstance(row["比例"], Blank)
    assert [f.code for f in submission.findings] == ["W217"]


def test_xlsb_is_the_format_that_cannot_tell():
    data = packed({"xl/workbook.bin": b""})

    assert package.unseen_cells(data, kind_of(data))("表", 1) is None
    assert book_module.Sheet("表", [[""]], lambda: None).raw(1, 1) == Unclear()


@pytest.mark.skipif("REPORTGEN_SHARED" not in os.environ, reason="REPORTGEN_SHARED 没有设置")
def test_a_real_xlsb_opens():
    path = Path(os.environ["REPORTGEN_SHARED"]) / "corpus" / "xlsx" / "poi__comments.xlsb"

    assert open_workbook(path).sheets


# -- what is no workbook -------------------------------------------------------------------


def _zip(path, parts):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path.read_bytes()


def _files(tmp_path):
    good = make_book(tmp_path / "good.xlsx", SHEETS).read_bytes()
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    utf16 = "utf-16-le"
    return {
        "empty": (b"", "E102", "空"),
        "html": (b"\xef\xbb\xbf<html><body><table></table>", "E103", "网页"),
        "mhtml": (b"MIME-Version: 1.0\nX-Document-Type: Workbook", "E103", "网页"),
        "csv": ("单位,金额\n甲局,1\n".encode("gbk"), "E103", "CSV"),
        "xml2003": (
            b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
            "E103", "XML",
        ),
        "encrypted": (ole + "EncryptedPackage".encode(utf16), "E104", "密码"),
        "truncated": (good[: len(good) // 2], "E105", "损坏"),
        "bad xls": (ole + "Workbook".encode(utf16), "E105", "损坏"),
        "doc": (ole + "WordDocument".encode(utf16), "E103", "Word"),
        "docx": (_zip(tmp_path / "d", {"word/document.xml": "<a/>"}), "E103", "Word"),
        "pptx": (_zip(tmp_path / "p", {"[Content_Types].xml": "<a/>"}), "E103", "Office"),
        "pdf": (b"%PDF-1.7\n%\x00", "E103", "PDF"),
        "zip": (_zip(tmp_path / "z", {"甲局.xlsx": good}), "E103", "压缩包"),
        "rar": (b"Rar!\x1a\x07\x00", "E103", "压缩包"),
        "png": (b"\x89PNG\r\n\x1a\n\x00", "E103", "图片"),
        "noise": (bytes(range(256)) * 4, "E103", "认不出"),
        "no workbook part": (_zip(tmp_path / "w", {"xl/x.xml": "<a/>"}), "E105", "损坏"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "kind",
    [
        "empty", "html", "mhtml", "csv", "xml2003", "encrypted", "truncated", "bad xls", "doc", "docx",
        "pptx", "pdf", "zip", "rar", "png", "noise", "no workbook part",
    ],
)  # fmt: skip
def test_a_file_that_is_no_workbook_gives_one_message_that_says_what_it_is(form, tmp_path, kind):
    content, code, word = _files(tmp_path)[kind]
    path = tmp_path / "甲局.xlsx"
    path.write_bytes(content)

    with pytest.raises(WorkbookError) as caught:
        read_workbook(path, form)

    (finding,) = caught.value.findings
    assert (finding.code, finding.place.file) == (code, "甲局.xlsx")
    assert word in finding.message
    assert finding.hint


def test_an_xls_with_a_word_object_in_it_is_a_workbook(other_formats):
    data = other_formats["ours", "xls"].read_bytes() + "WordDocument".encode("utf-16-le")

    assert kind_of(data).format == "xls"


def test_a_missing_file_is_one_message(form, tmp_path):
    with pytest.raises(WorkbookError) as caught:
        read_workbook(tmp_path / "没有.xlsx", form)

    assert [f.code for f in caught.value.findings] == ["E101"]


def test_a_workbook_that_cannot_be_read_can_be_saved_over_at_once(form, tmp_path):
    """The file is read and closed before it is parsed: Windows locks what is open."""
    path = tmp_path / "甲局.xlsx"
    path.write_bytes(b"PK\x03\x04 kaputt")

    with pytest.raises(WorkbookError):
        read_workbook(path, form)

    path.unlink()
    assert not path.exists()


def test_a_workbook_written_by_us_is_read_from_its_own_cells(form, tmp_path):
    submission = read_back(tmp_path / "甲局.xlsx", form, GOOD)

    assert submission.plain() == GOOD
    assert submission.findings == ()
    (first, _) = submission.rows(form.section("项目明细"))
    assert first["金额"].cell.ref == "C7"


def test_rows_added_far_below_row_2000_are_read(form, tmp_path):
    rows = [{"项目名称": f"项目{n}", "金额": str(n)} for n in range(2500)]

    submission = read_back(tmp_path / "甲局.xlsx", form, {**GOOD, "项目明细": rows})

    assert submission.plain()["项目明细"] == rows


def test_the_shipped_form_reads_blank_without_a_structural_finding(self_evaluation, tmp_path):
    path = tmp_path / "blank.xlsx"
    path.write_bytes(write_workbook(self_evaluation))

    submission = read_workbook(path, self_evaluation)

    assert submission.plain() == {}
    assert submission.findings == ()


def test_a_form_folder_named_like_a_workbook_is_no_workbook(form, tmp_path):
    folder = tmp_path / "甲局.xlsx"
    folder.mkdir()

    with pytest.raises(WorkbookError) as caught:
        read_workbook(folder, load_form(form.folder))

    assert [f.code for f in caught.value.findings] == ["E106"]


# -- what is not read ------------------------------------------------------------------------


def test_sheets_that_hold_no_section_are_not_read(form, tmp_path, monkeypatch):
    opened, read = [], book_module._Sheets._sheet
    monkeypatch.setattr(
        book_module._Sheets, "_sheet", lambda self, title: opened.append(title) or read(self, title)
    )
    extra = {"我的草稿": [["甲"]], "校验": [["代码", "说明"], ["F1", "年中追加"]]}

    submission = read_workbook(make_book(tmp_path / "甲局.xlsx", {**SHEETS, **extra}), form)

    assert sorted(opened) == sorted(SHEETS)
    assert list(submission.remarks) == [Remark("F1", "年中追加")]
    assert sorted(opened) == sorted([*SHEETS, "校验"])


def test_a_sheet_that_breaks_when_it_is_read_is_a_damaged_workbook(form, tmp_path):
    path = make_book(tmp_path / "甲局.xlsx", SHEETS)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/worksheets/sheet3.xml"] = b"<worksheet"
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)

    with pytest.raises(WorkbookError) as caught:
        read_workbook(path, form)

    assert [f.code for f in caught.value.findings] == ["E105"]


def test_reading_and_checking_need_no_openpyxl(form, tmp_path):
    path = make_book(tmp_path / "甲局.xlsx", SHEETS)
    code = (
        "import sys; sys.modules['openpyxl'] = None\n"
        "from pathlib import Path; from reportgen import check, load_form, read_workbook\n"
        f"form = load_form(Path({str(form.folder)!r}))\n"
        f"print(check(read_workbook(Path({str(path)!r}), form)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert (done.stdout.strip(), done.stderr) == (b"()", b"")


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B3"><f>1+1</f></c>',
        '<c r="B3" s="4"><f>1+1</f><v></v></c>',
        '<c r="B3"><f t="shared" si="0"/><v/></c>',
        '<c r="B3">\n  <f>1+1</f>\n  <v />\n</c>',
        '<x:c r="B3"><x:f>1+1</x:f><x:v></x:v></x:c>',
    ],
)
def test_a_formula_without_a_result_is_seen_however_it_is_written(cell):
    x = "x:" if "x:" in cell else ""
    row = f'<{x}c r="A3" s="1"/>{cell}<{x}c r="C3"><{x}f>2</{x}f><{x}v>2</{x}v></{x}c>'
    xml = f"<{x}worksheet><{x}sheetData><{x}row>{row}</{x}row></{x}sheetData></{x}worksheet>"

    assert dict(package._scan(xml.encode(), 9)) == {(3, 2): Uncalculated()}


def test_an_empty_text_as_the_result_of_a_formula_is_a_result():
    xml = b'<worksheet><row><c r="B3" t="str"><f>""</f><v></v></c></row></worksheet>'

    assert dict(package._scan(xml, 9)) == {}


@pytest.mark.parametrize(
    ("part", "there", "instead"),
    [
        ("xl/sharedStrings.xml", "甲项目", "乙项目"),
        ("xl/styles.xml", "<cellXfs", "<cellxfs"),
        ("xl/worksheets/sheet1.xml", "<v>12</v>", "<v>72</v>"),
    ],
)
def test_a_part_that_does_not_fit_its_checksum_is_damage_and_no_other_text_or_number(
    part, there, instead
):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:  # as Excel does, with its texts in a part of their own
        book.add_worksheet("Sheet").write_row(0, 0, ["甲项目", 12])
    stored = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(stored, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))  # not compressed: it can be changed here
        assert there in old.read(part).decode()
    data = stored.getvalue()
    at = data.index(there.encode(), data.index(part.encode()))
    changed = data[:at] + instead.encode() + data[at + len(there.encode()) :]
    assert book_module.open_bytes(data, "a.xlsx").sheets["Sheet"].raw(1, 1) == "甲项目"

    with pytest.raises(WorkbookError) as error:
        book_module.open_bytes(changed, "a.xlsx").sheets["Sheet"].raw(1, 1)

    assert [finding.code for finding in error.value.findings] == ["E105"]
