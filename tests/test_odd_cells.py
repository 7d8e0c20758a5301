"""Cells as Excel, WPS and other programs store them, or should not: each is a value or a finding at its cell."""

import io
import re
import zipfile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from reportgen import write_workbook
from reportgen.pipeline import check
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.mark import mark
from reportgen.workbook.read import read_submission
from support_docx import parts_of
from support_workbook import read_back

FORM = """
[[section]]
label = "录"
kind = "record"
fields = [
  { label = "叙", type = "narrative" },
  { label = "代码" },
  { label = "数", type = "decimal", uom = "万元" },
  { label = "日", type = "date" },
  { label = "率", type = "percent" },
]

[[section]]
label = "格"
kind = "grid"
columns = ["预算", "决算"]
rows = ["基本", "项目"]

[[section]]
label = "表"
kind = "table"
fields = [{ label = "名", required = true }, { label = "额", type = "decimal" }]
"""
RECORD = ("叙", "代码", "数", "日", "率")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#: The sheet of 录 and the cells of its values.
SHEET, REFS = "xl/worksheets/sheet2.xml", {label: f"B{2 + at}" for at, label in enumerate(RECORD)}


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def plain_book():
    """Return a workbook of the form's words alone, as openpyxl opens it."""
    book = openpyxl.Workbook()
    book.active.title = "基本信息"
    book.active.append(["填报项", "填报内容"])
    book.active.append(["单位名称", "甲局"])
    sheet = book.create_sheet("录")
    sheet.append(["填报项", "填报内容"])
    for label in RECORD:
        sheet.append([label])
    sheet = book.create_sheet("格")
    for line in (["项目", "预算", "决算"], ["基本", 1, 2], ["项目", 3, 4]):
        sheet.append(line)
    sheet = book.create_sheet("表")
    for line in (["名", "额"], ["子", 1], ["丑", 2]):
        sheet.append(line)
    return book


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_xml(cells, more=None):
    """Return the workbook with the XML of cells of 录 in it: label → cell, without its reference.

    *more* are further parts of the package.
    """
    parts = parts_of(saved(plain_book())) | (more or {})
    for label, xml in cells.items():
        ref = REFS[label]
        cell = xml.replace("<c ", f'<c r="{ref}" ', 1)
        row = rf'(<row r="{ref[1:]}"[^>]*>.*?)(</row>)'
        content = re.sub(row, lambda m, c=cell: m[1] + c + m[2], parts[SHEET].decode())
        assert cell in content
        parts[SHEET] = content.encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return made.getvalue()


def read(form, data):
    """Return 录 as plain values, and the findings as (code, cell, value)."""
    submission = read_submission(open_bytes(data, "甲局.xlsx"), form)
    found = [(f.code, f.place.cell, f.value) for f in check(submission)]
    return submission.plain().get("录", {}), found


def text(value):
    """Return the XML of a cell with a text in it."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


# -- texts -----------------------------------------------------------------------------------


def test_all_runs_of_a_text_in_several_fonts_are_read(form):
    book = plain_book()
    bold = TextBlock(InlineFont(b=True), " 加粗 ")
    book["录"]["B2"] = CellRichText("前", bold, TextBlock(InlineFont(i=True), "后"))

    assert read(form, saved(book)) == ({"叙": "前 加粗 后"}, [])


@pytest.mark.parametrize(
    "runs",
    [
        '<t>東京都</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/>',
        '<r><t>東京</t></r><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><r><t>都</t></r>',
    ],
)
def test_how_a_text_is_pronounced_is_no_part_of_it(form, runs):
    inline = read(form, with_xml({"叙": f'<c t="inlineStr"><is>{runs}</is></c>'}))
    strings = f'<sst xmlns="{MAIN}"><si>{runs}</si></sst>'
    shared = with_xml({"叙": '<c t="s"><v>0</v></c>'}, more={"xl/sharedStrings.xml": strings})
    stored = read(form, shared)

    assert inline == stored == ({"叙": "東京都"}, [])


#: What the file holds → what is read, and the findings. ECMA-376 part 1, 22.9.2.19: _xHHHH_.
STORED = {
    "甲_x000D__x000A_乙": ("甲\n乙", []),
    "甲_x0009_乙": ("甲\t乙", []),
    "甲_x0041_乙": ("甲A乙", []),
    "甲_x005F_x000D_乙": ("甲_x000D_乙", []),
    "甲_x000B_乙": ("甲乙", ["W323"]),
    "甲_x0000__x0001_乙": ("甲乙", ["W323"]),
    "甲_xD83D__xDE00_乙": ("甲😀乙", []),
    "甲_xD83D_乙": ("甲\ufffd乙", ["W333"]),
    "甲_xde00_乙": ("甲\ufffd乙", ["W333"]),
    "甲_xFFFE_乙_xffff_": ("甲乙", ["W323"]),
    "甲\ufffd乙": ("甲\ufffd乙", ["W333"]),
    "甲\uffff乙": ("甲乙", ["W323"]),
    "甲\u202e乙\u202c": ("甲乙", ["W323"]),
    "甲\u2066乙\u2069": ("甲乙", ["W323"]),
    "甲\u200b乙\ufeff": ("甲\u200b乙\ufeff", []),
    "Cafe\u0301": ("Cafe\u0301", []),
    "\ue000葛\U000e0100": ("\ue000葛\U000e0100", []),
    "{{ 7*7 }} {% for x in y %} ${7*7} {_{ 1 }_}": ("{{ 7*7 }} {% for x in y %} ${7*7} {_{ 1 }_}", []),
    "&lt;/w:t&gt;&lt;![CDATA[x]]&gt; &amp;amp; R&amp;D": ("</w:t><![CDATA[x]]> &amp; R&D", []),
    "=1+1": ("=1+1", []),
    "'001": ("'001", []),
}  # fmt: skip


@pytest.mark.parametrize("stored", STORED)
def test_a_text_is_read_as_excel_shows_it_and_what_cannot_be_printed_is_said(form, stored):
    values, found = read(form, with_xml({"代码": text(stored)}))
    expected, codes = STORED[stored]
    if "\n" in expected:
        expected, codes = expected.replace("\n", " "), ["N322"]

    assert values["代码"] == expected
    assert [(code, cell) for code, cell, _ in found] == [(code, "B3") for code in codes]


def test_a_broken_sign_is_told_with_what_stands_around_it(form):
    _, found = read(
        form, with_xml({"叙": text("全年工作总体平稳，受疫情_xD83D_影响较大，项目推进缓慢。")})
    )

    assert found == [("W333", "B2", "总体平稳，受疫情□影响较大，项目推")]


#: Nothing is to be seen of any of these in Excel.
UNSEEN = ["\xa0", "\u3000", "\u200b", "\ufeff", "\u2060\u200d", "\u3164", "\u2800", "\ufe0f", "\xad", "\u202e",
          " \u200b\n\u3000", "_x000D_", "_x000B_"]  # fmt: skip


@pytest.mark.parametrize("blank", UNSEEN)
def test_a_cell_in_which_nothing_is_to_be_seen_is_blank(form, blank):
    values, found = read(form, with_xml({"代码": text(blank), "数": text(blank)}))

    assert values == {}
    assert {code for code, _, _ in found} <= {"W323"}


@pytest.mark.parametrize("blank", UNSEEN)
def test_what_must_be_filled_is_not_filled_with_what_nobody_sees(form, blank):
    book = plain_book()
    book["基本信息"]["B2"] = blank.replace("_x000B_", "\ufeff")

    assert ("E301", "B2", "") in read(form, saved(book))[1]


def test_a_row_in_which_nothing_is_to_be_seen_is_no_row(form):
    book = plain_book()
    book["表"].append(["\u200b", "\u2800"])
    book["表"].append([" ", "\u3000"])
    book["表"].append(["寅", 3])

    submission = read_submission(open_bytes(saved(book), "甲局.xlsx"), form)

    assert submission.plain()["表"] == [{"名": n, "额": f"{a}"} for a, n in enumerate("子丑寅", 1)]
    assert submission.findings == ()


def test_an_apostrophe_before_a_number_makes_it_a_text_and_is_none_of_it(form):
    book = plain_book()
    for ref, typed in (("B3", "001"), ("B4", "365.5"), ("B6", "76%")):
        book["录"][ref] = typed
        book["录"][ref].number_format = "@"  # a style of its own, of which quotePrefix is one part
        book["录"][ref]._style.quotePrefix = 1
    data = saved(book)
    assert b'quotePrefix="1"' in parts_of(data)["xl/styles.xml"]

    assert read(form, data) == ({"代码": "001", "数": "365.5", "率": "0.76"}, [])


@pytest.mark.parametrize(
    ("length", "codes"), [(32_767, []), (32_768, ["E325"]), (1_000_000, ["E325"])]
)
def test_a_text_longer_than_a_cell_of_excel_is_a_finding(form, length, codes):
    values, found = read(form, with_xml({"叙": text("长" * length)}))

    assert len(values["叙"]) == length
    assert [(code, cell) for code, cell, _ in found] == [(code, "B2") for code in codes]


# -- numbers ---------------------------------------------------------------------------------

#: What stands in <v> of a number → the number, or the code of the finding.
NUMBERS = {
    "0.30000000000000004": "0.3", "1703.1542000000002": "1703.1542", "365.5": "365.5", "-0.0": "0",
    "1E2": "100", "1.1000000000000001E-2": "0.011", "999999999999999": "999999999999999",
    "NaN": "E317", "INF": "E317", "-INF": "E317", "1E400": "E317", "abc": "E303",
    "430102198801011234": "E320", "1.10101199003078E+17": "E320",
}  # fmt: skip


@pytest.mark.parametrize("stored", NUMBERS)
def test_a_number_is_the_decimal_that_excel_shows_or_a_finding(form, stored):
    values, found = read(form, with_xml({"数": f"<c ><v>{stored}</v></c>"}))

    assert ([code for code, _, _ in found] or [values["数"]]) == [NUMBERS[stored]]
    assert {cell for _, cell, _ in found} <= {"B4"}


@pytest.mark.parametrize(
    ("label", "stored", "codes"),
    [
        ("数", "0.33333333333333331", ["W335"]), ("数", "-2.7755575615628914E-17", ["W335"]),
        ("数", "0.899999999999999", ["W335"]), ("数", "0.12345678", []), ("数", "1.123456789", ["W335"]),
        ("率", "0.33333333333333331", ["W335"]), ("率", "0.1234567891", []), ("代码", "0.33333333333333331", []),
    ],
)  # fmt: skip
def test_a_rest_that_a_formula_has_left_is_told_before_it_is_printed(form, label, stored, codes):
    _, found = read(form, with_xml({label: f"<c ><v>{stored}</v></c>"}))

    assert [(code, cell) for code, cell, _ in found] == [(code, REFS[label]) for code in codes]


@pytest.mark.parametrize(
    "stored", ["430102198801011234", "1.10101199003078E+17", "1234567890123456"]
)
def test_a_code_of_more_than_15_digits_that_is_a_number_has_lost_its_end(form, stored):
    _, found = read(form, with_xml({"代码": f"<c ><v>{stored}</v></c>"}))

    assert [(code, cell) for code, cell, _ in found] == [("E320", "B3")]


def test_a_code_of_18_digits_that_is_a_text_keeps_them_all(form):
    assert read(form, with_xml({"代码": text("11010119900307803X")})) == (
        {"代码": "11010119900307803X"},
        [],
    )
    assert read(form, with_xml({"代码": text("110101199003078031")})) == (
        {"代码": "110101199003078031"},
        [],
    )


# -- dates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("stored", ["2024-13-45", "2024-02-30", "junk", "2024-02-30T10:00:00"])
def test_one_bad_iso_date_costs_its_cell_alone(form, stored):
    cells = {"日": f'<c t="d"><v>{stored}</v></c>', "数": "<c ><v>1.5</v></c>"}

    values, found = read(form, with_xml(cells))

    assert values["数"] == "1.5"
    assert found == [("E308", "B5", stored)]


@pytest.mark.parametrize("stored", ["2024-03-05", "2024-03-05T10:00:00"])
def test_an_iso_date_is_that_day(form, stored):
    assert read(form, with_xml({"日": f'<c t="d"><v>{stored}</v></c>'})) == (
        {"日": "2024-03-05"},
        [],
    )


def dated(serial, *, from_1904=False):
    """Return a workbook with a day's number in the cell of a date, shown as a date."""
    book = plain_book()
    book["录"]["B5"] = serial
    book["录"]["B5"].number_format = "yyyy/m/d"
    if from_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    return saved(book)


def test_days_count_from_1904_where_the_workbook_says_so(form):
    # 43830 days after 1 January 1904; from 1900 it would be 31 December 2019
    assert read(form, dated(43830, from_1904=True)) == ({"日": "2024-01-01"}, [])
    assert read(form, dated(43830)) == ({"日": "2019-12-31"}, [])


@pytest.mark.parametrize(("serial", "shown"), [(2026, "1905年7月18日"), (60, None), (1, None), (366, "1900年12月31日"),
                                               (2100, "1905年9月30日")])  # fmt: skip
def test_a_year_or_a_few_digits_typed_where_excel_shows_dates_is_asked_about(form, serial, shown):
    (code, cell, value), *others = read(form, dated(serial))[1]

    assert (code, cell, others) == ("E334", "B5", [])
    assert value == shown or shown is None
    assert [code for code, _, _ in read(form, dated(serial, from_1904=True))[1]] == ["E334"]


def test_an_old_date_may_be_typed_as_text_and_comes_back_from_our_own_workbook(form, tmp_path):
    assert read(form, with_xml({"日": text("1905年7月18日")})) == ({"日": "1905-07-18"}, [])

    submission = read_back(tmp_path / "a.xlsx", form, {"录": {"日": "1911-10-10"}})

    assert submission.plain()["录"] == {"日": "1911-10-10"}
    assert submission.findings == ()


def test_a_day_beyond_all_days_is_a_finding(form):
    assert [code for code, _, _ in read(form, dated(10**9))[1]] == ["E308"]


# -- percentages -------------------------------------------------------------------------------


@pytest.mark.parametrize(("stored", "number_format", "expected"), [
    (0.76, "0%", "0.76"), (0.76, "General", "0.76"), (76, "General", "E307"), (76, "0%", "E307"),
    (1, "0%", "1"), ("76", "@", "E307"), ("76%", "@", "0.76"), ("７６％", "@", "0.76"),
])  # fmt: skip
def test_a_percentage_of_76_is_asked_about_and_never_guessed(form, stored, number_format, expected):
    book = plain_book()
    book["录"]["B6"] = stored
    book["录"]["B6"].number_format = number_format

    values, found = read(form, saved(book))

    assert ([code for code, _, _ in found] or [values["率"]]) == [expected]


# -- errors and formulas -------------------------------------------------------------------------

ERRORS = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA", "#SPILL!", "#CALC!",
          "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!", "#OF_ANOTHER_YEAR!"]  # fmt: skip


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_value_of_any_excel_costs_its_cell_alone(form, error):
    cells = {"数": f'<c t="e"><f>A1</f><v>{error}</v></c>', "代码": text("001")}

    assert read(form, with_xml(cells)) == ({"代码": "001", "数": error}, [("E317", "B4", error)])


def test_every_error_value_has_its_finding(form):
    cells = {
        label: f'<c t="e"><v>{error}</v></c>'
        for label, error in zip(RECORD, ERRORS[5:], strict=False)
    }

    _, found = read(form, with_xml(cells))

    assert found == [
        ("E317", REFS[label], error) for label, error in zip(RECORD, ERRORS[5:], strict=False)
    ]


def test_a_copy_can_be_marked_of_a_workbook_with_a_new_error_value(form):
    data = with_xml({"数": '<c t="e"><f>A1</f><v>#SPILL!</v></c>', "代码": text("001")})
    book = open_bytes(data, "甲局.xlsx")
    submission = read_submission(book, form)

    copy = mark(book, submission, check(submission))

    assert read(form, copy.content) == read(form, data)


@pytest.mark.parametrize(
    "formula", ["<f>1+1</f>", "<f>1+1</f><v/>", "<f/>", '<f t="shared" si="0"/>']
)
def test_a_formula_that_was_never_calculated_is_no_empty_cell(form, formula):
    assert read(form, with_xml({"数": f"<c >{formula}</c>"}))[1] == [("E318", "B4", "")]


# -- hidden and merged ----------------------------------------------------------------------------


def findings(form, book):
    submission = read_submission(open_bytes(saved(book), "甲局.xlsx"), form)
    return [(f.code, f.place.sheet, f.place.cell, f.message) for f in submission.findings]


def test_hidden_rows_and_columns_are_read_and_told_once_a_sheet(form):
    book = plain_book()
    book["表"].row_dimensions[2].hidden = book["表"].row_dimensions[3].hidden = True
    book["表"].row_dimensions[9].hidden = True  # nothing is in it
    book["格"].column_dimensions["C"].hidden = True
    book["录"].column_dimensions.group("D", "XFD", hidden=True)  # nor in these
    book["录"]["B2"] = "叙"

    assert findings(form, book) == [
        ("N324", "格", "", "C 列是隐藏的，内容照常读取。"),
        ("N324", "表", "", "第 2、3 行是隐藏的，内容照常读取。"),
    ]


def test_of_many_hidden_rows_the_first_are_named(form):
    book = plain_book()
    for row in range(4, 204):
        book["表"].cell(row, 1, f"项{row}")
        book["表"].row_dimensions[row].hidden = True
    book["表"].column_dimensions["B"].hidden = True

    (told,) = findings(form, book)

    assert told[3] == "第 4、5、6、7、8、9、10、11 等 200 行和 B 列是隐藏的，内容照常读取。"


def test_our_own_workbook_hides_nothing_that_is_filled_in(form):
    submission = from_plain({"基本信息": {"单位名称": "甲局"}, "表": [{"名": "子"}]}, form)
    data = write_workbook(form, submission)

    assert read_submission(open_bytes(data, "甲局.xlsx"), form).findings == ()


@pytest.mark.parametrize(("sheet", "cells"), [("录", "B3:B4"), ("格", "B2:C2"), ("格", "B2:B3")])
def test_a_merge_that_takes_several_cells_to_fill_in_is_told(form, sheet, cells):
    book = plain_book()
    book[sheet].merge_cells(cells)
    first = cells.split(":")[0]

    assert (("W212", sheet, first)) in [told[:3] for told in findings(form, book)]


def test_a_merge_of_one_cell_to_fill_in_with_empty_ones_is_how_it_looks(form):
    book = plain_book()
    book["录"]["B3"] = "001"
    book["录"].merge_cells("B3:D3")

    assert findings(form, book) == []


# -- what stands around a table ---------------------------------------------------------------------

MONEY = """
[[section]]
label = "表"
kind = "table"
fields = [{ label = "名" }, { label = "额", type = "decimal", uom = "万元" }, { label = "事由" }]
"""
HEADINGS = ["名", "额（万元）", "事由"]


def of_table(make_form, *lines):
    """Return the rows of 表 and the findings as (code, cell, value) of a sheet with *lines*."""
    form = make_form(MONEY)
    book = openpyxl.Workbook()
    book.active.title = "基本信息"
    for line in (["填报项", "填报内容"], ["单位名称", "甲局"]):
        book.active.append(line)
    sheet = book.create_sheet("表")
    for line in lines:
        sheet.append(line)
    submission = read_submission(open_bytes(saved(book), "甲局.xlsx"), form)
    found = [(f.code, f.place.cell, f.value) for f in check(submission)]
    return submission.plain().get("表", []), found


@pytest.mark.parametrize(
    "line",
    [
        ["填表人：张三"], ["填表人：张三", "审核人：李四", "2026年3月5日"], ["单位负责人（签字）："], ["联系电话:0731-1234"],
        [None, "填报日期：2026年3月5日"], ["（盖章）"], ["制表人员：", None, "复核领导："],
    ],
)  # fmt: skip
def test_who_filled_in_a_table_is_no_row_of_it(make_form, line):
    rows, ((code, cell, value),) = of_table(make_form, HEADINGS, ["子", 1], line, ["丑", 2])

    assert [row["名"] for row in rows] == ["子", "丑"]
    assert (code, cell) == ("E215", "B3" if line[0] is None else "A3")
    assert value in line


@pytest.mark.parametrize(
    "line", [["审核人员培训", 3], ["负责人：培训项目", 3, "上级要求"], ["电话费", 3], ["日期：见附件", 3, "甲"], ["盖章设备", 3]]
)  # fmt: skip
def test_a_row_that_only_begins_so_is_a_row(make_form, line):
    rows, found = of_table(make_form, HEADINGS, line)

    assert ([row["名"] for row in rows], found) == ([line[0]], [])


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("单位：万元", []), ("金额单位: 人民币万元", []), ("填报单位：元江县财政局", []), ("单位：人", []),
        ("单位：元", ["E216"]), ("金额单位： 人民币元", ["E216"]), ("（单位：千元）", ["E216"]), ("单位：亿元", ["E216"]),
    ],
)  # fmt: skip
def test_another_unit_of_money_above_the_headings_is_never_passed_over(make_form, said, codes):
    _, found = of_table(make_form, ["表", None, said], ["名", "额", "事由"], ["子", 1])

    assert [(code, cell) for code, cell, _ in found] == [(code, "C1") for code in codes]


@pytest.mark.parametrize("heading", ["额（元）", "额(千元)"])
def test_another_unit_of_money_in_a_heading_is_a_missing_column(make_form, heading):
    rows, found = of_table(make_form, ["名", heading, "事由"], ["子", 10_000, "甲"])

    assert rows == [{"名": "子", "事由": "甲"}]
    assert [code for code, _, _ in found] == ["E204", "N205"]


def test_a_table_on_its_side_is_said_to_miss_its_columns(make_form):
    _, found = of_table(make_form, ["名", "子", "丑"], ["额（万元）", 1, 2], ["事由", "甲", "乙"])

    assert [code for code, _, _ in found if code[0] == "E"] == ["E204", "E204"]


def test_blank_rows_a_total_and_a_signature_between_and_below_the_rows_are_no_rows(make_form):
    lines = [
        ["子", 1],
        [],
        [" ", "\u3000"],
        ["丑", 2],
        ["合计", 3],
        [None, None, None],
        ["填表人：张三"],
    ]

    rows, found = of_table(make_form, HEADINGS, *lines)

    assert [row["名"] for row in rows] == ["子", "丑"]
    assert [(code, cell) for code, cell, _ in found] == [("E208", "A6"), ("E215", "A8")]
