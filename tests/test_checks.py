"""What is wrong with a filled workbook: that finding, at that cell, once.

The workbook is written by ``write_workbook``, changed as a clerk would, and read again. A record's
values stand in column B from row 6, a table's rows from row 7 (row 6 is a gap).
"""

import io
import re
from dataclasses import replace
from datetime import date
from functools import cache

import openpyxl
import pytest

from conftest import HEAD
from conftest import UNIT as UNIT_TOML
from reportgen import load_form, rules
from reportgen.checks import check_values
from reportgen.compute import compute
from reportgen.fieldtypes import FIELD_TYPES
from reportgen.finding import Rule, Severity
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.read import read_submission
from reportgen.workbook.write import write_workbook
from support_form import at, find, read_back

FORM = """
[[section]]
label = "录"
kind = "record"
fields = [
  { label = "提纲", choices = ["一", "二"], required = true },
  { label = "人数", type = "integer", uom = "人", minimum = 0, maximum = 100 },
  { label = "金额", type = "decimal", uom = "万元", places = 2 },
  { label = "比例", type = "percent", maximum = 1, places = 1 },
  { label = "年度", type = "year" },
  { label = "日期", type = "date", minimum = 2026-01-01, maximum = 2026-12-31 },
  { label = "是否", type = "yes_no" },
  { label = "代码", pattern = "[0-9]{6}", example = "001001" },
  { label = "说明" },
  { label = "原因", required = "人数 > 50", hint = "写清楚原因" },
  { label = "附注", when = "提纲 == '二'" },
  { label = "单价", type = "decimal" },
  { label = "数量", type = "decimal" },
  { label = "均价", formula = "单价 / 数量", places = 2 },
  { label = "每人均价", type = "decimal", uom = "元" },
]
[[section]]
label = "表"
kind = "table"
was = ["旧表"]
fields = [
  { label = "名", required = true, unique = true },
  { label = "类" },
  { label = "金额", type = "decimal", uom = "万元", minimum = 0 },
  { label = "备注" },
  { label = "加一", formula = "金额 + 1" },
]
[[section]]
label = "引"
kind = "table"
fields = [{ label = "所属", from = "表.名" }]
[[section]]
label = "文"
kind = "table"
fields = [{ label = "词" }, { label = "数", formula = "词 * 2" }]
[[section]]
label = "格"
kind = "grid"
columns = ["甲", { label = "乙", required = "甲 > 5" }]
rows = ["一行", "二行"]
[[section]]
label = "纲"
kind = "outline"
numbering = ["1、", "①"]
[[section]]
label = "二纲"
kind = "outline"
when = "提纲 == '二'"
"""

CLEAN = {
    "基本信息": {"单位名称": "甲局"},
    "录": {
        "提纲": "一", "人数": 10, "金额": "1.25", "比例": "50%", "年度": 2025, "日期": "2026-03-05",
        "是否": "是", "代码": "001001", "说明": "甲", "单价": 6, "数量": 3, "每人均价": 2,
    },
    "表": [{"名": "a", "类": "x", "金额": 1}, {"名": "b", "类": "y", "金额": 2}],
    "引": [{"所属": "a"}],
    "格": {"一行": {"甲": 1}, "二行": {"甲": 6, "乙": 1}},
    "纲": [{"级": 1, "标题": "题"}, {"级": 2, "标题": "题"}, {"正文": "文"}],
}  # fmt: skip


UNIT = {"基本信息": {"单位名称": "甲局"}}


def table(*fields, extra=""):
    listed = "\n".join(f"  {{ {f} }}," for f in fields)
    return f'[[section]]\nlabel = "表"\nkind = "table"\n{extra}\nfields = [\n{listed}\n]\n'


@cache
def clean_bytes(folder):
    form = load_form(folder)
    return write_workbook(form, from_plain(CLEAN, form))


def clean_workbook(form):
    return clean_bytes(form.folder)


def findings_of(form, change):
    """Return the findings of the clean workbook after *change* was made in Excel."""
    book = openpyxl.load_workbook(io.BytesIO(clean_workbook(form)))
    change(book)
    changed = io.BytesIO()
    book.save(changed)
    submission = read_submission(open_bytes(changed.getvalue(), "甲局.xlsx"), form)
    return list(check_values(compute(submission)))


def cell(sheet, ref, value):
    def change(book):
        book[sheet][ref] = value

    return change


def several(*changes):
    def change(book):
        for one in changes:
            one(book)

    return change


def error_value(book):
    book["录"]["B8"].value = "#DIV/0!"
    book["录"]["B8"].data_type = "e"


def version(text):
    def change(book):
        for row in book["_meta"].iter_rows():
            if row[0].value == "version":
                row[1].value = text

    return change


def without_headings(book):
    for one in book["表"][5]:
        one.value = None


def hidden(book):
    book["表"].sheet_state = "hidden"


def second_sheet(book):
    book.copy_worksheet(book["表"]).title = "旧表"


#: Rule → what a clerk does, and the sheet and cell where it is told.
CASES = {
    "NO_SHEET": (lambda book: book.remove(book["格"]), "格", ""),
    "EXTRA_SHEET": (lambda book: book.create_sheet("附表").append(["x"]), "附表", ""),
    "NO_HEADER": (without_headings, "表", ""),
    "NO_COLUMN": (several(*(cell("表", f"B{r}", None) for r in (5, 7, 8))), "表", ""),
    "EXTRA_COLUMN": (several(cell("表", "G5", "新列"), cell("表", "G7", "x")), "表", "G5"),
    "TWICE": (cell("表", "G5", "备注"), "表", "D5"),
    "OLD_VERSION": (version("0.9"), "", ""),
    "NEWER_VERSION": (version("2"), "", ""),
    "SHEET_TWICE": (second_sheet, "旧表", ""),
    "TOTAL_ROW": (several(cell("表", "A9", "合计"), cell("表", "C9", 3)), "表", "A9"),
    "NOT_APPLICABLE_SECTION": (cell("二纲", "C7", "文"), "二纲", ""),
    "NOT_APPLICABLE_FIELD": (cell("录", "B16", "多余"), "录", "B16"),
    "OTHER_UOM": (cell("表", "A2", "单位：元"), "表", "A2"),
    "MERGED": (lambda book: book["表"].merge_cells("D7:D8"), "表", "D7"),
    "HIDDEN": (hidden, "表", ""),
    "UNFILLED": (cell("录", "B6", None), "录", "B6"),
    "UNFILLED_WHEN": (cell("录", "B7", 51), "录", "B15"),
    "NOT_A_NUMBER": (cell("录", "B8", "十二"), "录", "B8"),
    "WRONG_UOM": (cell("录", "B8", "12500元"), "录", "B8"),
    "NOT_AN_INTEGER": (cell("录", "B7", 1.5), "录", "B7"),
    "TOO_MANY_PLACES": (cell("录", "B8", 1.255), "录", "B8"),
    "UNROUNDED": (cell("录", "B18", 1.333333333333333), "录", "B18"),
    "ODD_PERCENT": (cell("录", "B9", 76), "录", "B9"),
    "NOT_A_DATE": (cell("录", "B11", "三月五日"), "录", "B11"),
    "ODD_DATE": (cell("录", "B11", date(1905, 7, 18)), "录", "B11"),
    "BROKEN_CHARACTERS": (cell("录", "B14", "甲\ufffd乙"), "录", "B14"),
    "NOT_A_YEAR": (cell("录", "B10", 25), "录", "B10"),
    "NOT_A_CHOICE": (cell("录", "B6", "三"), "录", "B6"),
    "NOT_YES_NO": (cell("录", "B12", "也许"), "录", "B12"),
    "BELOW_MINIMUM": (cell("表", "C8", -0.01), "表", "C8"),
    "ABOVE_MAXIMUM": (cell("录", "B9", 1.001), "录", "B9"),
    "WRONG_PATTERN": (cell("录", "B13", "12345"), "录", "B13"),
    "NOT_UNIQUE": (cell("表", "A8", "a"), "表", "A8"),
    "NOT_IN_SOURCE": (cell("引", "A7", "c"), "引", "A7"),
    "ERROR_VALUE": (error_value, "录", "B8"),
    "UNCALCULATED": (cell("录", "B8", "=1+1"), "录", "B8"),
    "LONG_NUMBER": (cell("录", "B13", 430102199001011234), "录", "B13"),
    "DATE_INSTEAD": (cell("录", "B8", date(2026, 3, 5)), "录", "B8"),
    "LINE_BREAKS": (cell("录", "B14", "一\n二"), "录", "B14"),
    "NO_LEVEL": (cell("纲", "A7", None), "纲", "A7"),
    "TOO_DEEP": (cell("纲", "A8", 3), "纲", "A8"),
    "DIVISOR_ZERO": (cell("录", "B18", 0), "录", "B18"),
    "REMARK_ROW": (cell("表", "A9", "注：不含结转"), "表", "A9"),
    "OWN_NUMBER": (cell("纲", "B7", "1.题"), "纲", "B7"),
    "NO_HEADING": (cell("纲", "A10", 1), "纲", "A10"),
    "REQUIRED_BUT_NONE": (cell("格", "C7", "—"), "格", "C7"),
    "TYPED_OVER": (cell("录", "B19", 2.5), "录", "B19"),
    "NOT_CALCULABLE": (cell("文", "A7", "甲"), "文", "A7"),
    "SLOT_UNKNOWN": (cell("纲", "C9", "共{{ 金颜 }}"), "纲", "C9"),
    "SLOT_UNKNOWN_FILTER": (cell("纲", "C9", "共{{ 金额|圆 }}"), "纲", "C9"),
    "SLOT_NOT_ONE": (cell("纲", "C9", "共{{ 表 }}"), "纲", "C9"),
    "SLOT_FAILED": (cell("纲", "C9", "共{{ 人数|万元 }}"), "纲", "C9"),
    "LIST_COUNT": (cell("纲", "C9", "完成2个，分别是子、丑、寅"), "纲", "C9"),
    "PARTS_SUM": (cell("纲", "C9", "共10亩（其中：子6亩，丑3亩）"), "纲", "C9"),
    "PART_TOO_LARGE": (cell("纲", "C9", "共10亩（含子11亩）"), "纲", "C9"),
    "SHARES_SUM": (cell("纲", "C9", "子占50%，丑占30%，寅占19%"), "纲", "C9"),
    "RESTATED": (cell("纲", "C9", "每人均价为3元"), "纲", "C9"),
    "SLOT_BLANK": (cell("纲", "C9", "共{{ 原因 }}"), "纲", "C9"),
}

#: Rules about cells that no Excel file made by openpyxl can hold; each has a test of its own below
#: or, for pictures, in test_pictures.py, for slots, in test_slots.py.
ELSEWHERE = {
    "NO_ERRORS_SEEN",  # of .xlsb
    "TOO_MANY",  # of very many findings
    "SLOT_IN_CIRCLE",
    "FOREIGN",
    "CONTROL_CHARACTERS",
    "TOO_LONG",
    "UNFILLED_OR_ERROR",
    "NO_PICTURE",
}

CATALOGUE = {name: rule for name, rule in vars(rules).items() if isinstance(rule, Rule)}


@pytest.fixture(scope="module")
def form(tmp_path_factory):
    folder = tmp_path_factory.mktemp("form")
    (folder / "form.toml").write_text(HEAD + UNIT_TOML + FORM, encoding="utf-8")
    return load_form(folder)


def test_the_clean_workbook_has_no_findings(form):
    assert findings_of(form, lambda _: None) == []


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_cell_gives_exactly_its_finding_at_its_place(form, name):
    change, sheet, ref = CASES[name]
    rule = CATALOGUE[name]

    found = findings_of(form, change)

    assert at(found) == [(rule.code, sheet, ref)], [f.message for f in found]
    assert found[0].level is rule.level
    assert found[0].place.file == "甲局.xlsx"


@pytest.mark.parametrize("name", CASES)
def test_a_message_about_a_cell_names_its_label_and_quotes_what_is_there(form, name):
    change, _, ref = CASES[name]

    (found,) = findings_of(form, change)

    if ref and found.value:
        assert re.sub(r"\s", "", found.value) in re.sub(r"\s", "", found.message + found.hint)
    if ref and found.place.field:
        assert found.place.field in found.message + found.hint  # the hint of W401 is the formula
    assert not re.search(r"\{\w+\}", found.message + found.hint)
    assert not re.search(r"\b(None|True|False|Number|Text|Blank|Decimal|object)\b", found.message)


def test_every_rule_about_a_workbook_has_its_case(form):
    reachable = {n for n, r in CATALOGUE.items() if re.fullmatch(r"[EWN][234]\d\d", r.code)}

    assert reachable == set(CASES) | ELSEWHERE


# -- cells that no clerk can make with openpyxl -----------------------------------------------


def with_raw(form, sheet, row, column, raw, **changes):
    """Return the findings when the file gives *raw* for a cell."""
    book = open_bytes(clean_workbook(form), "甲局.xlsx")
    one = book.sheets[sheet]
    rows = [list(line) for line in one.rows]
    rows[row - 1][column - 1] = raw
    changed = replace(one, rows=rows, **changes)
    submission = read_submission(replace(book, sheets={**book.sheets, sheet: changed}), form)
    return list(check_values(compute(submission)))


def test_control_characters_are_taken_out_with_a_warning(form):
    assert at(with_raw(form, "录", 14, 2, "甲\x01乙")) == [("W323", "录", "B14")]


def test_a_text_longer_than_a_cell_is_an_error(form):
    assert at(with_raw(form, "录", 14, 2, "长" * 32_768)) == [("E325", "录", "B14")]


def test_where_a_file_cannot_tell_empty_from_wrong_the_message_says_so(form):
    found = with_raw(form, "录", 6, 2, "", unseen=lambda: None)

    assert at(found) == [("E319", "录", "B6"), ("W217", "", "")]


# -- required ------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["不适用", "—", "/"])
def test_not_applicable_counts_as_filled_in(form, words):
    assert findings_of(form, cell("录", "B6", words)) == []


def test_white_space_is_not_filled_in(form):
    assert at(findings_of(form, cell("录", "B6", "  　"))) == [("E301", "录", "B6")]


def test_zero_is_filled_in(make_form):
    form = make_form(table('label = "名"', 'label = "数", type = "decimal", required = true'))

    assert find(form, {**UNIT, "表": [{"名": "甲", "数": 0}]}) == []


def test_an_unreadable_required_cell_is_told_once(form):
    found = findings_of(form, several(cell("录", "B7", "很多"), cell("录", "B6", "三")))

    assert at(found) == [("E310", "录", "B6"), ("E303", "录", "B7")]


@pytest.mark.parametrize(("kind", "codes"), [("甲", ["E301"]), ("丙", ["E310"]), (None, [])])
def test_a_field_is_asked_for_only_once_it_is_known_to_apply(make_form, kind, codes):
    form = make_form(
        table(
            'label = "类", choices = ["甲", "乙"]',
            """label = "数", required = true, when = "类 == '甲'\"""",
            'label = "名"',
        )
    )

    found = find(form, {**UNIT, "表": [{"类": kind, "名": "a"}]})

    assert [f.code for f in found] == codes


def test_a_condition_of_required_looks_at_its_own_row(make_form):
    form = make_form(
        table(
            'label = "名"',
            'label = "分值", type = "decimal"',
            'label = "得分", type = "decimal"',
            'label = "原因", required = "得分 < 分值"',
        )
    )
    rows = [
        {"名": "甲", "分值": 10, "得分": 10},
        {"名": "乙", "分值": 10, "得分": 9},
        {"名": "丙", "分值": 10, "得分": 9, "原因": "晚"},
        {"名": "丁", "分值": 10},
    ]

    found = find(form, {**UNIT, "表": rows})

    assert at(found) == [("E302", "表", "D8")]
    assert "“原因”没有填；得分小于分值时必须填。" in found[0].message


def test_a_condition_of_required_may_speak_of_the_whole_table_and_of_a_grids_rows(make_form):
    form = make_form(
        table('label = "名"', 'label = "序", required = "个数 > 1 and 合计.额 > 2"',
              'label = "额", type = "decimal"')
        + '[[section]]\nlabel = "格"\nkind = "grid"\ncolumns = ["甲", { label = "乙", '
        'required = "合计.甲 > 2 and 一行.甲 == 1" }]\nrows = ["一行", "二行"]\n'
    )  # fmt: skip

    found = find(form, {
        **UNIT, "表": [{"名": "甲", "额": 1}, {"名": "乙", "额": 2}],
        "格": {"一行": {"甲": 1}, "二行": {"甲": 2, "乙": 0}},
    })  # fmt: skip

    assert at(found) == [("E302", "表", "B7"), ("E302", "表", "B8"), ("E302", "格", "C6")]


def test_a_required_cell_of_a_grid_names_its_row_and_column(form):
    found = findings_of(form, cell("格", "C7", None))

    assert at(found) == [("E302", "格", "C7")]
    assert found[0].place.field == "二行 · 乙"


def test_nothing_is_asked_of_a_section_or_field_that_does_not_apply(make_form):
    form = make_form(
        '[[section]]\nlabel = "选"\nkind = "record"\nfields = [{ label = "提纲", '
        'choices = ["一", "二"] }, { label = "附", when = "提纲 == \'二\'", required = true }]\n'
        + table('label = "名", required = true', 'label = "数", type = "decimal"',
                extra="when = \"提纲 == '二'\"")
        + '[[section]]\nlabel = "录二"\nkind = "record"\nwhen = "提纲 == \'二\'"\n'
        'fields = [{ label = "必", required = true }]\n'
    )  # fmt: skip

    assert find(form, {**UNIT, "选": {"提纲": "一"}}) == []
    assert at(find(form, {**UNIT, "选": {"提纲": "二"}})) == [
        ("E301", "选", "B7"), ("E301", "录二", "B6"),
    ]  # fmt: skip


def test_mistakes_in_a_section_that_does_not_apply_are_one_warning(make_form):
    form = make_form(
        '[[section]]\nlabel = "选"\nkind = "record"\nfields = [{ label = "提纲" }]\n'
        + table('label = "名"', 'label = "数", type = "decimal"', extra="when = \"提纲 == '二'\"")
    )

    found = find(form, {**UNIT, "选": {"提纲": "一"}, "表": [{"数": "十"}, {"数": "百"}]})

    assert at(found) == [("W210", "表", "")]
    assert "只在提纲为“二”时填" in found[0].message


# -- ranges, places, patterns, choices --------------------------------------------------------


@pytest.mark.parametrize(("value", "codes"), [(0, []), (100, []), (-1, ["E312"]), (101, ["E313"])])
def test_both_ends_of_a_range_are_inside(form, value, codes):
    found = findings_of(form, several(cell("录", "B7", value), cell("录", "B15", "原因")))

    assert [f.code for f in found] == codes


def test_a_date_is_compared_as_a_date_and_a_limit_prints_as_people_write_it(form):
    (early,) = findings_of(form, cell("录", "B11", date(2025, 12, 31)))
    (late,) = findings_of(form, cell("录", "B11", "2027年1月1日"))

    assert early.message == "“日期”不能小于 2026年1月1日，填的是“2025年12月31日”。"
    assert late.message == "“日期”不能大于 2026年12月31日，填的是“2027年1月1日”。"


@pytest.mark.parametrize(
    ("ref", "value", "codes"),
    [
        ("B8", 1.2, []), ("B8", 1.25, []), ("B8", "1.250", []), ("B8", 1.251, ["E306"]),
        ("B8", 1000, []), ("B9", "50.5%", []), ("B9", "50.55%", ["E306"]), ("B9", 0.505, []),
    ],
)  # fmt: skip
def test_no_more_decimals_than_the_field_takes(form, ref, value, codes):
    assert [f.code for f in findings_of(form, cell("录", ref, value))] == codes


@pytest.mark.parametrize(
    ("value", "codes"), [("001001", []), ("0010012", ["E314"]), ("x", ["E314"])]
)
def test_a_pattern_covers_the_whole_text(form, value, codes):
    found = findings_of(form, cell("录", "B13", value))

    assert [f.code for f in found] == codes
    assert all(f.hint == "例如 001001。" for f in found)


def test_a_choice_is_recognised_in_any_width_and_a_near_one_is_offered(make_form):
    form = make_form(table('label = "类", choices = ["业务工作经费（A）", "专项经费"]'))

    found = find(
        form, {**UNIT, "表": [{"类": "业务工作经费(A)"}, {"类": "专项 经费"}, {"类": "专项经"}]}
    )

    assert at(found) == [("E310", "表", "A9")]
    assert "是不是“专项经费”？" in found[0].message
    assert "业务工作经费（A）、专项经费" in found[0].hint


def test_a_repeated_value_names_the_first_one(form):
    found = findings_of(
        form, several(cell("表", "A8", "ａ "), cell("表", "A9", "a"), cell("表", "C9", 1))
    )

    assert at(found) == [("E315", "表", "A8"), ("E315", "表", "A9")]
    assert "与 A7 重复" in found[0].message
    assert "与 A7 重复" in found[1].message


def test_blanks_are_not_repeated(make_form):
    form = make_form(table('label = "名", unique = true', 'label = "数", type = "decimal"'))

    assert find(form, {**UNIT, "表": [{"数": 1}, {"数": 2}, {"名": "—", "数": 3}]}) == []


def test_a_reference_may_be_to_a_record_or_a_grid_and_offers_the_nearest(make_form):
    form = make_form(
        '[[section]]\nlabel = "录"\nkind = "record"\nfields = [{ label = "名" }]\n'
        + table('label = "取名", from = "录.名"', 'label = "取数", from = "格.甲"')
        + '[[section]]\nlabel = "格"\nkind = "grid"\n'
        'columns = [{ label = "甲", type = "text" }]\nrows = ["一", "二"]\n'
    )

    found = find(form, {
        **UNIT, "录": {"名": "道路"}, "格": {"一": {"甲": "山"}, "二": {"甲": "水库"}},
        "表": [{"取名": "道路", "取数": "山"}, {"取名": "道 路", "取数": "水"}],
    })  # fmt: skip

    assert at(found) == [("E316", "表", "B8")]
    assert "是不是“水库”？" in found[0].message


# -- headings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "codes"), [(0, ["E312"]), (2, []), (3, ["E327"]), (5, ["E313"]), ("一", ["E303"])]
)
def test_the_level_of_a_heading_is_told_once(form, level, codes):
    found = findings_of(form, cell("纲", "A8", level))

    assert [f.code for f in found] == codes
    assert {f.place.cell for f in found} <= {"A8"}


def test_the_deepest_level_follows_from_where_the_outline_starts(make_form):
    form = make_form('[[section]]\nlabel = "纲"\nkind = "outline"\nstart = 3\n')
    rows = [{"级": n, "标题": "题"} for n in (1, 2, 3)]

    found = find(form, {**UNIT, "纲": rows})

    assert at(found) == [("E327", "纲", "A9")]
    assert "本表最多 2 级" in found[0].message


# -- sheets, columns and rows that are gone -----------------------------------------------------


GONE = """
[[section]]
label = "录"
kind = "record"
fields = [{ label = "甲", required = true }, { label = "乙", type = "decimal" }]
[[section]]
label = "表"
kind = "table"
fields = [{ label = "名", required = true }, { label = "数", type = "decimal", required = true }]
[[section]]
label = "引"
kind = "table"
fields = [{ label = "所属", from = "表.名" }]
[[section]]
label = "格"
kind = "grid"
columns = [{ label = "数", required = true }]
rows = ["一", "二"]
[[check]]
code = "C1"
rule = "录.乙 == 表.合计.数"
message = "不等"
[[check]]
code = "C2"
rule = "格.合计.数 + 0 == 录.乙"
message = "不等"
[[check]]
code = "C3"
rule = "表.个数 > 0"
message = "没有项目"
"""
FULL = {
    **UNIT, "录": {"甲": "x", "乙": 3}, "表": [{"名": "a", "数": 1}, {"名": "b", "数": 2}],
    "引": [{"所属": "a"}], "格": {"一": {"数": 1}, "二": {"数": 2}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda book: None, []),
        (lambda book: book.remove(book["表"]), [("E201", "表")]),
        (lambda book: book.remove(book["录"]), [("E201", "录")]),
        (lambda book: book.remove(book["格"]), [("E201", "格")]),
        (lambda book: book["表"].delete_rows(5), [("E203", "表")]),
        (lambda book: book["表"].delete_cols(1), [("E204", "表")]),
        (lambda book: book["表"].delete_cols(2), [("E204", "表")]),
        (lambda book: book["格"].delete_rows(7), [("E204", "格")]),
        (lambda book: book["录"].delete_rows(6), [("E204", "录")]),
        (lambda book: book["录"].delete_rows(7), [("E204", "录")]),
    ],
)
def test_what_rests_on_a_part_that_is_gone_is_not_told_as_well(make_form, change, expected):
    form = make_form(GONE)
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(form, from_plain(FULL, form))))
    change(book)
    changed = io.BytesIO()
    book.save(changed)

    submission = read_submission(open_bytes(changed.getvalue(), "a.xlsx"), form)
    found = list(check_values(compute(submission)))

    assert [(f.code, f.place.sheet) for f in found] == expected


# -- the form's own checks ------------------------------------------------------------------

SUMS = """
[[section]]
label = "收支"
kind = "grid"
columns = ["决算数"]
rows = ["项目支出"]
[[section]]
label = "明细"
kind = "table"
fields = [
  { label = "名" },
  { label = "总额", type = "decimal" },
  { label = "区级", type = "decimal" },
]
"""


def checked(make_form, check, paid, *rows):
    form = make_form(SUMS + f'[[check]]\ncode = "F11"\nmessage = "不一致"\n{check}\n')
    listed = [dict(zip(("名", "总额", "区级"), row, strict=False)) for row in rows]
    return find(form, {**UNIT, "收支": {"项目支出": {"决算数": paid}}, "明细": listed})


EQUAL = 'rule = "收支.项目支出.决算数 == 明细.合计.总额"\nat = "收支.项目支出.决算数"'


def test_two_numbers_that_disagree_are_a_finding_with_both_and_their_difference(make_form):
    found = checked(make_form, EQUAL, "10.5", ("甲", "4"), ("乙", "6"))

    assert at(found) == [("F11", "收支", "B6")]
    assert found[0].level is Severity.ERROR
    assert found[0].difference == "0.5"
    assert [(r.field, r.value, r.cell) for r in found[0].related] == [
        ("收支.项目支出.决算数", "10.5", "B6"), ("明细.合计.总额", "10", "B5"),
    ]  # fmt: skip


def test_two_numbers_that_agree_are_silent_however_they_are_written(make_form):
    assert checked(make_form, EQUAL, "10.50", ("甲", "4.25"), ("乙", "6.25")) == []


@pytest.mark.parametrize(
    ("sign", "left", "right", "tolerance", "speaks"),
    [
        ("==", "10.01", "10", "0.01", False),
        ("==", "10.011", "10", "0.01", True),
        ("==", "9.99", "10", "0.01", False),
        ("==", "10.000001", "10", "", True),
        ("<=", "10.01", "10", "0.01", False),
        ("<=", "10.02", "10", "0.01", True),
        ("<=", "3", "10", "", False),
        (">=", "3", "10", "", True),
        ("<", "10", "10", "", True),
        (">", "10", "10", "", True),
        ("!=", "10", "10", "", True),
        ("!=", "10", "10", "0.01", True),
        ("!=", "9", "10", "", False),
    ],
)
def test_a_rule_holds_within_its_tolerance(make_form, sign, left, right, tolerance, speaks):
    check = f'rule = "收支.项目支出.决算数 {sign} 明细.合计.总额"'
    check += f"\ntolerance = {tolerance}" if tolerance else ""

    found = checked(make_form, check, left, ("甲", right))

    assert at(found) == ([("F11", "收支", "B6")] if speaks else [])


def test_a_rule_over_each_row_speaks_at_that_row(make_form):
    check = (
        'each = "明细"\nas = "行"\nrule = "行.区级 <= 行.总额"\nat = "行.区级"\nlevel = "warning"'
    )

    found = checked(make_form, check, None, ("甲", 5, 5), ("乙", 5, 6), ("丙", 5, 4), ("丁", 5, 7))

    assert at(found) == [("F11", "明细", "C8"), ("F11", "明细", "C10")]
    assert {f.level for f in found} == {Severity.WARNING}


def test_a_row_is_known_by_its_columns_too_and_the_first_cell_is_the_place(make_form):
    found = checked(
        make_form, 'each = "明细"\nrule = "区级 <= 总额"\nlevel = "note"', None, ("甲", 5, 6)
    )

    assert at(found) == [("F11", "明细", "C7")]
    assert found[0].level is Severity.NOTE


@pytest.mark.parametrize("paid", [None, "不适用", "很多"])
def test_a_rule_with_a_blank_or_wrong_operand_is_silent(make_form, paid):
    found = checked(make_form, EQUAL, paid, ("甲", "4"))

    assert "F11" not in [f.code for f in found]


def test_a_rule_over_a_total_with_a_wrong_cell_is_silent(make_form):
    found = checked(make_form, EQUAL, "9", ("甲", "四"), ("乙", "6"))

    assert at(found) == [("E303", "明细", "B7")]


def test_a_blank_counts_0_in_a_total_that_a_rule_compares(make_form):
    found = checked(make_form, EQUAL, "9", ("甲",), ("乙", "6"))

    assert [(f.code, f.difference) for f in found] == [("F11", "3")]


def test_a_rule_about_texts_has_no_difference_and_shows_them(make_form):
    form = make_form(
        table('label = "名"', 'label = "词"')
        + '[[check]]\ncode = "T1"\nmessage = "还有占位的词"\neach = "表"\n'
        'rule = "\'××\' not in 词"\nat = "词"\n'
    )

    found = find(
        form, {**UNIT, "表": [{"名": "甲", "词": "好"}, {"名": "乙", "词": "××局"}, {"名": "丙"}]}
    )

    assert at(found) == [("T1", "表", "B8")]
    assert found[0].difference == ""
    assert [r.value for r in found[0].related] == ["××局"]


def test_the_explanation_of_a_check_is_its_hint(make_form):
    check = EQUAL + '\nexplain = "两处要一致。\\n办法第三条"'

    (found,) = checked(make_form, check, "1", ("甲", "2"))

    assert (found.message, found.hint) == ("不一致（现在是“1”）。", "两处要一致。")


def test_findings_come_sheet_by_sheet_with_the_forms_rules_last(make_form):
    found = checked(make_form, EQUAL, "1", ("甲", "2", "x"))

    assert at(found) == [("E303", "明细", "C7"), ("F11", "收支", "B6")]


# -- the catalogue -------------------------------------------------------------------------


def test_each_rule_has_a_code_of_its_own():
    codes = [rule.code for rule in CATALOGUE.values()]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_rule_says_in_chinese_what_is_wrong(name):
    rule = CATALOGUE[name]

    assert re.fullmatch(r"[EWNFTX]\d{3}", rule.code)
    letters = {"W": Severity.WARNING, "N": Severity.NOTE}
    assert rule.level is letters.get(rule.code[0], Severity.ERROR)
    assert re.search("[\u4e00-\u9fff]|{what}", rule.message)
    assert rule.message.endswith(("。", "？", "}"))
    assert rule.hint.endswith(("。", "？", "}")) or not rule.hint
    (rule.message + rule.hint).encode("gbk")


def test_an_error_or_warning_says_what_to_do():
    without = {n for n, r in CATALOGUE.items() if not r.hint and r.level is not Severity.NOTE}

    assert without == set()


def test_every_rule_is_used(request):
    source = request.config.rootpath / "src" / "reportgen"
    text = "\n".join(
        p.read_text(encoding="utf-8") for p in source.rglob("*.py") if p.parent.name != "rules"
    )

    assert {n for n in CATALOGUE if not re.search(rf"\b{n}\b", text)} == set()


def test_every_field_type_reads_its_own_example(make_form):
    plain = [t for t in FIELD_TYPES if t not in {"choice", "image"}]
    form = make_form(table(*(f'label = "甲{t}", type = "{t}"' for t in plain)))

    found = find(form, {**UNIT, "表": [{f"甲{t}": FIELD_TYPES[t].example for t in plain}]})

    assert found == []


def test_reading_back_gives_every_value_its_cell(form):
    submission = read_back(form, CLEAN)

    assert submission.values["录"]["金额"].cell.ref == "B8"
    assert submission.values["表"][1]["金额"].cell.ref == "C8"
    assert submission.values["格"]["二行"]["乙"].cell.ref == "C7"


IDLE = """
[[section]]
label = "选"
kind = "record"
fields = [
  { label = "类", choices = ["甲", "乙"] },
  { label = "数", type = "decimal" },
  { label = "公开", type = "yes_no", when = "类 == '甲'" },
  { label = "名", from = "明细.名" },
]
[[section]]
label = "明细"
kind = "table"
when = "类 == '甲'"
fields = [{ label = "名" }, { label = "额", type = "decimal" }]
[[check]]
code = "A1"
rule = "数 == 明细.合计.额"
at = "数 / 数"
message = "不等"
"""


def codes_of(make_form, values):
    form = make_form(IDLE)
    submission = from_plain({"基本信息": {"单位名称": "甲局"}, **values}, form)
    return [f.code for f in check_values(compute(submission))]


def test_a_rule_about_a_sheet_that_is_not_to_be_filled_stays_silent(make_form):
    assert codes_of(make_form, {"选": {"类": "乙", "数": 3}}) == []


def test_a_reference_into_a_sheet_that_is_not_to_be_filled_is_not_blamed(make_form):
    values = {"选": {"类": "乙", "名": "a"}, "明细": [{"名": "a"}]}

    assert codes_of(make_form, values) == ["W210"]


def test_no_in_a_field_that_does_not_apply_is_said_like_any_other_value(make_form):
    assert codes_of(make_form, {"选": {"类": "乙", "公开": "否"}}) == ["W211"]


def test_the_place_of_a_check_that_cannot_be_calculated_costs_nothing_else(make_form):
    values = {"选": {"类": "甲", "数": 0}, "明细": [{"名": "a", "额": 1}]}

    assert codes_of(make_form, values) == ["A1"]
