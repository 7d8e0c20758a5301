"""What the live cells of a workbook show, worked out by hand; LibreOffice calculates them."""

import io
import re

import openpyxl
import pytest

from conftest import FORM
from reportgen import check, load_form, read_workbook, write_workbook
from reportgen.crosschecks import cross_checks
from reportgen.submission import Remark, Submission
from reportgen.values import from_plain, read_values
from reportgen.workbook import layout
from support_engines import plant
from support_form import data_of
from support_workbook import convert, written

HEAD = """
[form]
id = "live"
title = "活公式"
version = "1"
unit = "单位名称"

[[section]]
label = "录"
kind = "record"
fields = [
  { label = "单位名称" },
  { label = "甲", type = "decimal", uom = "万元" },
  { label = "乙", type = "decimal", uom = "万元" },
  { label = "空数", type = "decimal" },
  { label = "零", type = "decimal" },
  { label = "坏数", type = "decimal" },
  { label = "类别", choices = ["A类", "a类"] },
  { label = "备注" },
  { label = "率", type = "percent", places = 0, formula = "甲 / 乙" },
]

[[section]]
label = "闲"
kind = "record"
when = "类别 == 'a类'"
fields = [{ label = "闲数", type = "decimal" }]

[[section]]
label = "指标"
kind = "table"
fields = [
  { label = "名称" },
  { label = "项目" },
  { label = "指标值", type = "decimal", total = false },
  { label = "完成值", type = "decimal", total = false },
  { label = "分值", type = "decimal" },
  { label = "得分", places = 2, formula = "0 if 指标值 == 0 else (分值 if 完成值 >= 指标值 else round(完成值 / 指标值 * 分值, 2))" },
]

[[section]]
label = "项目"
kind = "table"
fields = [{ label = "名", required = true }, { label = "满分", type = "decimal" }, { label = "留空", type = "decimal" }]

[[section]]
label = "没填"
kind = "table"
fields = [{ label = "数", type = "decimal" }]
"""
SUMS = """
[[computed]]
label = "分值和"
uom = "万元"
formula = "指标.合计.分值"
[[computed]]
label = "甲分"
uom = "万元"
formula = "(指标|筛选(项目='甲*')).合计.分值"
"""
VALUES = {
    "录": {
        "单位名称": "甲局", "甲": "1", "乙": "3", "空数": "不适用", "零": "0", "坏数": "约三百",
        "类别": "A类", "备注": "第一*段",
    },
    "闲": {"闲数": "5"},
    "指标": [
        {"名称": "一", "项目": "甲*", "指标值": "3", "完成值": "2", "分值": "10"},
        {"名称": "二", "项目": "甲*", "指标值": "0", "完成值": "2", "分值": "10"},
        {"名称": "三", "项目": "甲乙", "指标值": "3", "完成值": "4", "分值": "7"},
        {"名称": "四", "项目": "甲乙", "完成值": "4", "分值": "7"},
    ],
    "项目": [{"名": "甲*", "满分": "20"}, {"名": "甲乙", "满分": "20", "留空": "—"}],
}  # fmt: skip

SHOWN = [
    # blanks
    ("空数 + 甲", 1),
    ("空数 * 甲", ""),
    ("空数 + 空数", ""),
    ("项目.合计.满分", 40),
    ("项目.合计.留空", ""),  # rows, but nothing in them
    ("没填.合计.数", 0),  # no rows
    ("没填.个数 + 项目.个数", 2),
    # a divisor 0, and what calculates on with it
    ("甲 / 零", "—"),
    ("商 + 甲", 1),
    ("商 * 甲", ""),
    # what cannot be read
    ("坏数 + 甲", "？"),
    ("sum(甲, 坏数)", "？"),
    ("count(甲, 空数, 坏数)", 2),
    ("1 if 坏数 > 2 else 2", "？"),
    # conditions: 0 is filled in, unknown takes the else
    ("1 if 零 else 2", 1),
    ("1 if 空数 else 2", 2),
    ("1 if 空数 > 2 else 2", 2),
    ("1 if not 空数 else 2", 1),
    ("1 if not 空数 > 2 else 2", 2),
    ("1 if 空数 > 2 or 甲 == 1 else 2", 1),
    ("1 if 0 < 甲 <= 乙 else 2", 1),
    ("1 if 甲 in [1, 5] else 2", 1),
    ("1 if '*' in 备注 else 2", 1),
    # a text is compared sign by sign
    ("1 if 类别 == 'a类' else 2", 2),
    ("1 if 类别 != 'a类' else 2", 1),
    ("'优' if 甲 > 0 else '差'", "优"),
    # binary fractions
    ("1 if 0.1 + 0.2 <= 0.3 else 2", 1),
    ("round(2.675, 2)", 2.68),
    ("round(-0.5)", -1),
    # 1/3 shows as 33 %, and is still a third
    ("率 * 300", 100),
    # a sheet that is not to be filled is empty
    ("闲.闲数", ""),
    ("闲.闲数 + 甲", 1),
    # tables
    ("min(指标.完成值) + max(指标.分值)", 12),
    ("指标.合计.得分", 13.67),  # 2/3 of 10, 0, 7; the fourth row is blank
    ("(指标|筛选(项目='甲*')).合计.分值", 20),  # * is no wildcard
    ("(指标|筛选(项目='甲*', 名称='二')).合计.得分", 0),
    ("(指标|筛选(项目=备注)).个数", 0),
    ("(指标|筛选(分值=7)).个数", 2),
]  # fmt: skip

CHECKS = [
    ('rule = "甲 == 乙 - 2"', "√", None),
    ('rule = "甲 == 乙"', "×", -2),
    ('rule = "甲 == 乙"\ntolerance = 2', "√", None),
    ('rule = "甲 == 空数"', "—", None),
    ('rule = "甲 == 坏数"', "—", None),
    ('rule = "甲 == 乙"\nwhen = "空数 > 1"', "—", None),
    ('rule = "甲 / 零 > 1"', "—", None),
    ('rule = "甲 == 乙 or 备注"', "√", None),
    ('rule = "甲 == 乙 or 空数"', "×", None),
    ('find = "××"', "由程序检查", None),
    # as a formula of Excel it would take all memory
    (f'rule = "{" == ".join(["甲"] * 60)}"', "由程序检查", None),
    ('rule = "行.得分 <= 行.分值"\neach = "指标"\nas = "行"', "√", None),
    ('rule = "行.得分 == 行.分值"\neach = "指标"\nas = "行"', "× 2 行", None),
    ('rule = "行.名 == \'甲*\'"\neach = "项目"\nas = "行"', "× 1 行", None),
    ('rule = "(指标|筛选(项目=行.名)).合计.分值 == 行.满分"\neach = "项目"\nas = "行"', "× 1 行", None),
    ('rule = "行.数 > 0"\neach = "没填"\nas = "行"', "—", None),
    # half a cent for each of 4 rows and 乙, or of the 2 rows that are kept and 乙
    ('rule = "乙 == 分值和 - 30.98"\ntolerance = "尾差"', "√", None),
    ('rule = "乙 == 分值和 - 30.97"\ntolerance = "尾差"', "×", -0.03),
    ('rule = "乙 == 甲分 - 16.985"\ntolerance = "尾差"', "√", None),
    ('rule = "行.指标值 > 0"\nwhen = "行.名称 == \'四\'"\neach = "指标"\nas = "行"', "—", None),
]  # fmt: skip


def toml():
    formulas = [("商", "甲 / 零"), *((f"数{n}", formula) for n, (formula, _) in enumerate(SHOWN))]
    text = (
        HEAD
        + SUMS
        + "".join(
            f'[[computed]]\nlabel = "{label}"\nplaces = 2\nformula = "{f}"\n'
            for label, f in formulas
        )
    )
    return text + "".join(
        f'[[check]]\ncode = "K{n}"\nmessage = "不对。"\n{rule}\n'
        for n, (rule, _, _) in enumerate(CHECKS)
    )


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Return the workbook after LibreOffice has calculated it; every stored result was wrong."""
    folder = tmp_path_factory.mktemp("live")
    (folder / "form.toml").write_text(toml(), encoding="utf-8")
    form = load_form(folder)
    path = folder / "a.xlsx"
    path.write_bytes(write_workbook(form, from_plain(VALUES, form)))
    # a row that a clerk has inserted has no formula, and counts all the same
    inserted = openpyxl.load_workbook(path)
    inserted["指标"]["F7"].value = None
    inserted.save(path)
    plant(path)
    out = folder / "out"
    out.mkdir()
    (done,) = convert([path], "xlsx", out, recalculate=True)
    return openpyxl.load_workbook(done, data_only=True)


@pytest.mark.parametrize(("at", "formula", "shown"), [(n, *one) for n, one in enumerate(SHOWN)])
def test_a_computed_cell_shows(book, at, formula, shown):
    found = book[layout.VERDICTS].cell(layout.FIRST_ROW + len(CHECKS) + 5 + at, 3).value

    assert (found or "" if shown == "" else found) == shown, formula


@pytest.mark.parametrize(("at", "rule", "said", "apart"), [(n, *c) for n, c in enumerate(CHECKS)])
def test_a_check_says(book, at, rule, said, apart):
    line = [book[layout.VERDICTS].cell(layout.FIRST_ROW + at, c).value for c in (3, 4)]

    assert line == [said, apart], rule


def test_the_first_line_counts_what_fails(book):
    assert book[layout.VERDICTS]["A2"].value == "共 20 条，不符 6 条"


def test_the_contents_say_which_sheets_are_to_be_filled_now(book):
    cover = book[layout.COVER]
    said = {cover.cell(r, 2).value: cover.cell(r, 4).value for r in range(1, 30)}

    assert (said["闲"], said["录"]) == ("不用填", None)


def test_a_row_shows_its_score_and_an_empty_row_nothing(book):
    shown = [book["指标"][f"F{row}"].value for row in range(8, 13)]

    # 指标值 0; reached; no 指标值 to compare with, nor to divide by; then rows with nothing in them
    assert shown == [0, 7, None, None, None]


# -- the sheet itself --------------------------------------------------------------


@pytest.fixture
def form(tmp_path):
    (tmp_path / "form.toml").write_text(toml(), encoding="utf-8")
    return load_form(tmp_path)


def test_each_check_has_a_line_with_a_link_and_room_for_a_reason(form):
    sheet = written(form)[layout.VERDICTS]
    headings = [sheet.cell(layout.HEADER_ROW, c).value for c in range(1, 7)]

    assert headings == ["代码", "不应有的情况", "结果", "差额", "位置", "说明"]
    assert [sheet.cell(6, c).value for c in (1, 2, 5)] == ["K0", "【错误】不对。", "录 › 甲"]
    assert sheet["E6"].hyperlink.location == "'录'!B7"
    assert sheet["E17"].hyperlink.location == "'指标'!F5"  # of a table: the column's heading
    assert not sheet["F6"].protection.locked
    assert sheet["C6"].protection.locked
    assert sheet.protection.sheet


def test_what_the_unit_has_said_stands_beside_its_check_again(form):
    said = Submission(
        form=form,
        remarks=(
            Remark("K2", "别处", "录", "B7"),
            Remark("K2", "这一项", field="甲"),
            Remark("K2", "这张表", "录"),
            Remark("ｋ1 ", "=确实如此"),
        ),
    )

    book = openpyxl.load_workbook(io.BytesIO(write_workbook(form, said)))

    assert [book[layout.VERDICTS][c].value for c in ("F6", "F7", "F8")] == [None, "=确实如此", None]


def test_rows_may_be_inserted_and_deleted_anywhere_in_a_table(form):
    """Excel moves the ends of an area with the rows inside it; all of ours lie inside."""
    sheet = written(form)["指标"]

    assert "$F$7" not in sheet["F3"].value.text
    assert sheet["F7"].value.count("$C7") == sheet["F8"].value.count("$C8") > 0
    # in a protected sheet Excel deletes no row that has a locked cell
    assert not sheet["F7"].protection.locked
    (rule,) = [v for v in sheet.data_validations.dataValidation if "F7" in v.sqref]
    assert (rule.formula1, rule.errorStyle) == ("FALSE", "stop")


def formulas(form):
    book = written(form)
    yield from (name.attr_text for name in book.defined_names.values())
    for sheet in book:
        for row in sheet.iter_rows():
            yield from (getattr(c.value, "text", c.value) for c in row if c.data_type == "f")


def test_no_formula_is_longer_than_excel_takes(self_evaluation, form):
    assert max(len(f) for one in (self_evaluation, form) for f in formulas(one)) <= 8192


def test_no_formula_compares_a_truth_with_a_number(self_evaluation, form):
    """In Excel (1=2)=0 is FALSE; LibreOffice says TRUE, so no calculation would show it."""
    for one in (self_evaluation, form):
        for formula in formulas(one):
            assert not re.search(r"(?<!1\*)\([^()]*[=<>][^()]*\)[=<>]", formula)
            assert not re.search(r"[=<>]\d\)[=<>]", formula)


def test_scores_and_checks_of_the_shipped_form_are_live(self_evaluation):
    book = written(self_evaluation)
    sheet = book[layout.VERDICTS]
    left = [r[0].value for r in sheet.iter_rows(min_row=6) if r[2].value == "由程序检查"]
    rules = {c.code for c in self_evaluation.checks if c.rule}

    scores = book["绩效指标"]
    column = next(c.column for c in scores[5] if c.value == "得分")
    assert str(scores.cell(7, column).value).startswith("=")
    # the numbers and parts of a text, which Excel cannot find, and what rests on them
    assert rules & set(left) <= {"P05", "C01", "C03", "C05", "C07", "C08", "C09"}


@pytest.fixture(scope="module")
def samples(tmp_path_factory, self_evaluation):
    """Return the shipped form's samples, with wrong results planted and LibreOffice's own put in."""
    folder = tmp_path_factory.mktemp("samples")
    paths, found = [], []
    for source in sorted(FORM.glob("sample*.toml")):
        path = folder / f"{source.stem}.xlsx"
        values = read_values(source, self_evaluation)
        path.write_bytes(write_workbook(self_evaluation, values))
        found.append({f.code for f in cross_checks(data_of(self_evaluation, values.plain()))})
        plant(path)
        paths.append(path)
    out = folder / "out"
    out.mkdir()
    done = convert(paths, "xlsx", out, recalculate=True)
    books = [openpyxl.load_workbook(path, data_only=True) for path in done]
    return list(zip(found, books, strict=True))


def test_the_samples_verdicts_are_those_of_the_command(samples):
    for found, book in samples:
        rows = [r for r in book[layout.VERDICTS].iter_rows(min_row=6, max_col=3) if r[0].value]
        failed = {r[0].value for r in rows if str(r[2].value).startswith("×")}
        said = {str(r[2].value)[0] for r in rows}

        assert failed == found - {r[0].value for r in rows if r[2].value == "由程序检查"}
        assert said >= {"√", "—"}
        assert not [
            c.value for s in book for r in s.iter_rows() for c in r if c.value in (31337.5, "？")
        ]


def test_a_number_typed_over_a_tables_formula_is_named_at_its_cell(form, tmp_path):
    path = tmp_path / "甲局.xlsx"
    path.write_bytes(write_workbook(form, from_plain(VALUES, form)))
    book = openpyxl.load_workbook(path)
    book["指标"]["F7"].value = 9
    book["指标"]["F9"].value = 7
    book.save(path)

    found = [f for f in check(read_workbook(path, form)) if f.code == "W332"]

    assert [(f.place.sheet, f.place.cell, f.value) for f in found] == [("指标", "F7", "9.00")]
    assert "6.67" in found[0].message


@pytest.mark.parametrize("shown", [6.66, 6.68])
def test_what_a_spreadsheet_cannot_help_is_not_laid_at_the_units_door(form, tmp_path, shown):
    path = tmp_path / "甲局.xlsx"
    path.write_bytes(write_workbook(form, from_plain(VALUES, form)))
    book = openpyxl.load_workbook(path)
    book["指标"]["F7"].value = shown  # 6.67 here: binary rounding may turn the last digit
    book["指标"]["F10"].value = 0  # blank here: an .xls knows no empty result
    book.save(path)

    assert "W332" not in [f.code for f in check(read_workbook(path, form))]
