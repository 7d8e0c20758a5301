"""The workbook that a unit fills in, as openpyxl sees it and as LibreOffice recalculates it."""

import io
import re
import zipfile

import openpyxl
import pytest

from reportgen import check, load_form, read_workbook, write_workbook
from reportgen.values import from_plain
from reportgen.workbook.cover import steps
from support_workbook import convert, part, written

MONEY = """
[form]
id = "money"
title = "收支表"
version = "2026.1"
unit = "单位名称"
deadline = 2027-03-15
contact = "区财政局绩效股 0731-1"

[[section]]
label = "基本信息"
kind = "record"
fields = [
  { label = "单位名称", required = true, hint = "与公章一致" },
  { label = "年度", type = "year" },
  { label = "报送日期", type = "date", minimum = 2026-01-01 },
  { label = "公开", type = "yes_no" },
  { label = "提纲", choices = ["2020提纲", "2023提纲"] },
  { label = "说明", type = "narrative", when = "提纲 == '2023提纲'" },
  { label = "专项支出", formula = '(项目明细|筛选(项目类型="专项经费")).合计.金额', uom = "万元" },
  { label = "项目支出", formula = "项目明细.合计.金额", uom = "万元" },
]

[[section]]
label = "收支"
kind = "grid"
uom = "万元"
columns = [
  { label = "年初预算数", places = 2 },
  "调整数",
  { label = "全年预算数", formula = "年初预算数 + 调整数" },
  "决算数",
  { label = "执行率", type = "percent", formula = "决算数 / 全年预算数" },
  { label = "备注", type = "text" },
]
rows = [
  { label = "基本支出", hint = "人员和公用" },
  "项目支出",
  "经营支出",
  "基金支出",
  { label = "合计", formula = "基本支出 + 项目支出 - (经营支出 - 基金支出)" },
]

[[section]]
label = "项目明细"
kind = "table"
fields = [
  { label = "项目名称", required = true },
  { label = "项目类型", choices = ["业务工作经费", "专项经费"] },
  { label = "金额", group = "资金", type = "decimal", uom = "万元", minimum = 0 },
  { label = "其中区级", group = "资金", type = "decimal", uom = "万元", places = 2 },
  { label = "占比", type = "percent" },
  { label = "数量", type = "integer", uom = "个", hint = "整数" },
  { label = "绩效", type = "narrative" },
]

[[section]]
label = "指标"
kind = "table"
fields = [
  { label = "所属项目", from = "项目明细.项目名称" },
  { label = "内容" },
]

[[section]]
label = "成效"
kind = "outline"
when = "提纲 == '2023提纲'"
"""

VALUES = {
    "基本信息": {"单位名称": "甲局", "年度": 2026, "提纲": "2023提纲"},
    "收支": {
        "基本支出": {"年初预算数": "365.5", "调整数": "9.73", "决算数": "375.23"},
        "项目支出": {"年初预算数": "100", "调整数": "不适用", "决算数": "0"},
        "基金支出": {"年初预算数": "0", "决算数": "5"},
    },
    "项目明细": [
        {"项目名称": "甲", "项目类型": "专项经费", "金额": "0.1", "数量": 2},
        {"项目名称": "=1+1", "项目类型": "业务工作经费", "金额": "0.2", "占比": "76%"},
        {"项目名称": "丙", "项目类型": "专项经费", "金额": "157.23", "数量": 3},
    ],
    "成效": [{"级": 1, "标题": "甲", "正文": "第一段\n第二段"}],
}


@pytest.fixture
def form(make_form):
    return make_form(MONEY, whole=True)


@pytest.fixture
def blank(form):
    return written(form)


@pytest.fixture(scope="module")
def recalculated(tmp_path_factory):
    """Return the filled and the blank workbook after LibreOffice has opened and saved them."""
    folder = tmp_path_factory.mktemp("lo")
    (folder / "form.toml").write_text(MONEY, encoding="utf-8")
    form = load_form(folder)
    filled, empty = folder / "filled.xlsx", folder / "empty.xlsx"
    filled.write_bytes(write_workbook(form, from_plain(VALUES, form)))
    empty.write_bytes(write_workbook(form))
    out = folder / "out"
    out.mkdir()
    return convert([filled, empty], "xlsx", out)


def texts(sheet):
    return {c.coordinate: c.value for row in sheet.iter_rows() for c in row if c.value is not None}


def rules(sheet, cell):
    return [v for v in sheet.data_validations.dataValidation if cell in v.sqref]


# -- sheets ----------------------------------------------------------------------


def test_there_is_one_sheet_a_section_in_the_order_of_the_form(blank):
    visible = [s.title for s in blank.worksheets if s.sheet_state == "visible"]

    assert visible == ["填表说明", "基本信息", "收支", "项目明细", "指标", "成效"]


def test_the_first_sheet_says_deadline_contact_colours_and_which_sheets_to_fill(blank):
    words = list(texts(blank["填表说明"]).values())

    assert words[0] == "收支表"
    assert "2027年3月15日" in words
    assert "区财政局绩效股 0731-1" in words
    assert {"黄色", "灰色"} < set(words)
    assert "蓝色" not in words  # this form takes nothing over from last year
    assert words[-2] == "只在提纲为“2023提纲”时填"
    assert words[-1].startswith("=IF(")  # whether that is so now


def test_the_first_sheet_says_how_a_narrative_names_a_number(blank):
    words = list(texts(blank["填表说明"]).values())

    assert (
        "长文字里的数可以写成大括号里的名称，例如“{{ 专项支出 }}万元”，报告里印出那一格的数。"
        in words
    )


def test_the_first_sheet_of_a_form_without_narratives_says_nothing_of_them(make_form):
    form = make_form(
        '[[section]]\nlabel = "数"\nkind = "record"\nfields = [{ label = "人数", type = "integer" }]\n'
    )

    assert not any("大括号" in step for step in steps(form))


def test_the_colour_that_the_legend_names_is_the_colour_of_the_cells(blank):
    cover = blank["填表说明"]
    legend = {c.value: c.fill.fgColor.rgb for row in cover.iter_rows() for c in row}

    assert blank["基本信息"]["B6"].fill.fgColor.rgb == legend["黄色"]
    assert blank["收支"]["D6"].fill.fgColor.rgb == legend["灰色"]


def test_each_name_in_the_contents_leads_to_its_sheet(blank):
    links = [c.hyperlink for row in blank["填表说明"].iter_rows() for c in row if c.hyperlink]

    assert [link.location for link in links] == [
        "'基本信息'!A1", "'收支'!A1", "'项目明细'!A1", "'指标'!A1", "'成效'!A1",
    ]  # fmt: skip


def test_meta_names_the_form_and_the_version_and_is_hidden(blank):
    meta = blank["_meta"]
    facts = {row[0].value: row[1].value for row in meta.iter_rows()}

    assert meta.sheet_state == "hidden"
    assert (facts["form"], facts["version"], facts["sample"]) == ("money", "2026.1", "否")


def test_a_sample_is_marked_in_meta(form):
    meta = written(form, sample=True)["_meta"]

    assert {row[0].value: row[1].value for row in meta.iter_rows()}["sample"] == "是"


def test_the_same_form_and_values_give_the_same_bytes(form):
    submission = from_plain(VALUES, form)

    assert write_workbook(form, submission) == write_workbook(form, submission)


# -- headings, hints, drop-downs ---------------------------------------------------


def test_headings_carry_the_unit_and_the_mark_of_what_must_be_filled(blank):
    table = [c.value for c in blank["项目明细"][5] if c.value]
    record = [blank["基本信息"].cell(r, 1).value for r in (6, 12)]

    assert table == [
        "项目名称＊", "项目类型", "金额（万元）", "其中区级（万元）", "占比", "数量（个）", "绩效",
    ]  # fmt: skip
    assert record == ["单位名称＊", "专项支出（万元）"]


def test_the_upper_band_of_a_two_level_heading_is_there_without_merged_cells(blank):
    sheet = blank["项目明细"]

    assert [sheet.cell(4, c).value for c in range(1, 8)] == [None, None, "资金", *[None] * 4]
    assert sheet["D4"].alignment.horizontal == "centerContinuous"
    assert all(m.max_row < 4 for m in sheet.merged_cells.ranges)


def test_choices_are_a_drop_down_through_a_defined_name(blank):
    (rule,) = rules(blank["项目明细"], "B7")
    area = blank.defined_names[rule.formula1].attr_text
    (_, ref) = next(iter(blank.defined_names[rule.formula1].destinations))

    assert rule.type == "list"
    assert area.startswith("'_选项'!")
    assert [c.value for (c,) in blank["_选项"][ref]] == ["业务工作经费", "专项经费"]
    assert blank["_选项"].sheet_state == "hidden"


def test_the_values_of_another_table_are_a_drop_down_that_only_warns(blank):
    (rule,) = rules(blank["指标"], "A7")

    assert blank.defined_names[rule.formula1].attr_text == "'项目明细'!$A$6:$A$2000"
    assert rule.errorStyle == "warning"


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("B6", "与公章一致"),
        ("B7", "填年份；例如 2025"),
        ("B9", "填是或否；例如 是"),
        ("B10", "填选项；可选：2020提纲、2023提纲"),
        ("B11", "填文字（可分段）；只在提纲为“2023提纲”时填"),
    ],
)
def test_a_cell_says_what_to_fill_in_when_it_is_chosen(blank, cell, hint):
    (rule,) = rules(blank["基本信息"], cell)

    assert rule.showInputMessage
    assert rule.prompt == hint


def test_the_hint_of_a_grid_row_stands_before_that_of_its_column(blank):
    (rule,) = rules(blank["收支"], "B6")

    assert rule.prompt == "人员和公用；填数；单位：万元；例如 365.5"


@pytest.mark.parametrize(
    ("sheet", "cell", "condition"),
    [
        ("项目明细", "C7", 'OR(IF(ISNUMBER(C6),AND(C6>=0),FALSE),C6="—",C6="不适用",C6="/")'),
        ("项目明细", "F7", 'OR(IF(ISNUMBER(F6),AND(F6=INT(F6)),FALSE),F6="—",F6="不适用",F6="/")'),
        ("项目明细", "E7", 'OR(ISNUMBER(E6),E6="—",E6="不适用",E6="/")'),
        (
            "基本信息",
            "B8",
            'OR(IF(ISNUMBER(B8),AND(B8>=DATE(2026,1,1)),FALSE),B8="—",B8="不适用",B8="/")',
        ),
    ],
)
def test_what_is_no_number_is_stopped_with_the_way_out(blank, sheet, cell, condition):
    (rule,) = rules(blank[sheet], cell)

    assert (rule.type, rule.errorStyle, rule.formula1) == ("custom", "stop", condition)
    assert "例如" in rule.error
    assert "不适用" in rule.error


@pytest.mark.parametrize(
    ("sheet", "cell", "number_format"),
    [
        ("基本信息", "B6", "@"),
        ("基本信息", "B7", "0"),
        ("基本信息", "B8", 'yyyy"年"m"月"d"日"'),
        ("收支", "B6", "#,##0.00"),
        ("收支", "C6", "General"),
        ("收支", "F6", "0.00%"),
        ("收支", "G6", "@"),
    ],
)
def test_cells_have_the_number_format_of_their_type(blank, sheet, cell, number_format):
    assert blank[sheet][cell].number_format == number_format


def test_columns_of_a_table_have_the_number_format_of_their_type(blank):
    columns = blank["项目明细"].column_dimensions

    assert [columns[c].number_format for c in "ACDEF"] == [
        "@", "General", "#,##0.00", "0.00%", "0",
    ]  # fmt: skip


# -- tables ------------------------------------------------------------------------


def test_a_blank_table_has_no_cell_below_its_headings(form):
    xml = part(write_workbook(form), "xl/worksheets/sheet4.xml")

    assert max(int(r) for r in re.findall(r'<c r="[A-Z]+(\d+)"', xml)) == 5


def test_live_totals_stand_locked_above_the_headings_and_reach_row_2000(blank):
    sheet = blank["项目明细"]

    assert texts(sheet)["A3"] == "合计"
    for column in "CDF":
        name = re.search(r"SUM\((列数_\d+)\)", sheet[f"{column}3"].value.text)[1]
        reading = blank.defined_names[name].attr_text
        assert f"'项目明细'!${column}$6:${column}$2000" in reading
    assert sheet["E3"].value is None  # a percentage has no total
    assert sheet["C3"].protection.locked


def test_a_row_inserted_right_below_the_headings_counts(blank):
    """Excel widens an area only for a row inserted inside it: the first row to fill is inside."""
    sheet = blank["项目明细"]
    first = re.search(r"C\$(\d+):", sheet["C3"].value.text)[1]

    assert int(first) < 7
    assert sheet.freeze_panes == "B7"
    assert sheet.row_dimensions[6].height < 10


def test_columns_of_a_table_are_unlocked_as_columns_and_the_headings_are_not(blank):
    sheet = blank["项目明细"]
    spans = [(d.min, d.max) for d in sheet.column_dimensions.values() if not d.protection.locked]

    assert min(a for a, _ in spans) == 1
    assert max(b for _, b in spans) == 16384
    assert sheet["A5"].protection.locked
    # cells that do not exist yet take their lock from the row first
    assert all(sheet.row_dimensions[row].protection.locked for row in range(1, 6))
    assert all(sheet.row_dimensions[row].has_style for row in range(1, 6))
    assert not sheet.row_dimensions[6].has_style


def test_sheets_are_protected_without_password_and_rows_may_come_and_go(blank):
    for title in ("基本信息", "收支", "项目明细", "成效"):
        protection = blank[title].protection
        assert protection.sheet
        assert protection.password is None
        assert not protection.insertRows
        assert not protection.deleteRows
        assert not protection.formatColumns
        assert not protection.sort


def test_cells_to_fill_are_unlocked_and_computed_ones_locked(blank):
    assert not blank["基本信息"]["B6"].protection.locked
    assert blank["基本信息"]["A6"].protection.locked
    assert blank["基本信息"]["B12"].protection.locked
    assert not blank["收支"]["B6"].protection.locked
    assert blank["收支"]["D6"].protection.locked
    assert blank["收支"]["B10"].protection.locked


def test_sheets_print_on_a4_as_wide_as_the_page_with_their_headings_repeated(blank):
    sheet = blank["项目明细"]

    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (9, 1)
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$4:$5"


# -- values ------------------------------------------------------------------------


def test_a_text_that_begins_with_an_equals_sign_stays_a_text(form):
    sheet = written(form, VALUES)["项目明细"]
    xml = part(write_workbook(form, from_plain(VALUES, form)), "xl/worksheets/sheet4.xml")

    assert (sheet["A8"].value, sheet["A8"].data_type) == ("=1+1", "s")
    assert xml.count("</f>") == 3  # the totals alone


def test_numbers_are_written_as_numbers_and_beyond_15_digits_as_text(form):
    sheet = written(
        form,
        {"项目明细": [{"金额": "1234.50"}, {"金额": "12345678901234567.89"}, {"占比": "7600%"}]},
    )["项目明细"]

    assert sheet["C7"].value == 1234.5
    assert sheet["C8"].value == "12345678901234567.89"
    assert sheet["E9"].value == "7600%"  # as a bare number it would be asked about


def test_an_unreadable_value_is_written_as_typed_so_that_the_check_can_name_it(form):
    sheet = written(form, {"项目明细": [{"项目名称": "甲", "金额": "约300"}]})["项目明细"]

    assert sheet["C7"].value == "约300"


def test_a_paragraph_box_is_higher_than_a_line(blank):
    heights = blank["基本信息"].row_dimensions

    assert heights[11].height >= 3 * heights[6].height


# -- Excel 2010, WPS, LibreOffice --------------------------------------------------

KNOWN = {"SUM", "SUMIFS", "COUNTIFS", "COUNTIF", "SUMPRODUCT", "IF", "IFERROR", "AND", "OR"}
KNOWN |= {"ROUND", "ABS", "INT", "MIN", "MAX", "ISNUMBER", "ISERROR", "NA", "DATE", "DATEVALUE"}
KNOWN |= {"FIND", "TRIM", "EXACT", "LEN", "LEFT", "LOWER", "SUBSTITUTE", "CHOOSE"}
KNOWN |= {
    "RIGHT",
    "MID",
    "ASC",
    "VALUE",
    "FIXED",
    "ISERR",
    "COUNT",
    "COUNTA",
    "TRANSPOSE",
    "MMULT",
    "ROW",
}


def test_there_are_no_macros_and_no_functions_newer_than_excel_2010(form, self_evaluation):
    for one in (form, self_evaluation):
        content = write_workbook(one)
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
            xml = "".join(package.read(n).decode() for n in names if n.endswith(".xml"))

        formulas = re.findall(r"<(?:f|formula|formula1|definedName)\b[^>]*>([^<]*)<", xml)
        assert formulas
        assert not [n for n in names if "vba" in n.lower() or "externalLink" in n]
        used = {f for text in formulas for f in re.findall(r"([A-Z][A-Z0-9.]+)\(", text)}
        assert used <= KNOWN
        assert "_xlfn" not in xml


def test_a_sum_of_many_rows_is_still_a_formula_that_excel_takes(make_form):
    names = [f"科目{n}" for n in range(40)]
    rows = ", ".join(f'"{n}"' for n in names)
    form = make_form(f"""
[[section]]
label = "科目表"
kind = "grid"
columns = ["金额"]
rows = [{rows}, {{ label = "合计", formula = "{" + ".join(names)}" }}]
""")

    formula = written(form)["科目表"]["B46"].value

    assert "(数_1+数_2+数_3+" in formula
    assert len(formula) < 8192


def test_what_excel_cannot_say_is_left_to_the_program(make_form):
    form = make_form("""
[[section]]
label = "汇总"
kind = "record"
fields = [{ label = "原文" }, { label = "数", formula = "原文|首数" }]
""")

    cell = written(form)["汇总"]["B7"]

    assert cell.value == "由程序计算"
    assert cell.protection.locked


def test_libreoffice_calculates_the_totals_above_a_table(recalculated):
    sheet = openpyxl.load_workbook(recalculated[0], data_only=True)["项目明细"]

    # 0.1 + 0.2 + 157.23, nothing but blanks, 2 + 3
    assert (round(sheet["C3"].value, 10), sheet["D3"].value, sheet["F3"].value) == (157.53, None, 5)


def test_libreoffice_calculates_the_cells_of_a_grid(recalculated):
    sheet = openpyxl.load_workbook(recalculated[0], data_only=True)["收支"]
    rows = [[sheet.cell(r, c).value for c in range(2, 7)] for r in range(6, 11)]
    rows = [[round(v, 6) if isinstance(v, float) else v for v in row] for row in rows]

    assert rows == [
        # 375.23 / 375.23
        [365.5, 9.73, 375.23, 375.23, 1],
        # 不适用 counts 0 in a sum; 0 / 100
        [100, "不适用", 100, 0, 0],
        # nothing filled in gives nothing
        [None, None, None, None, None],
        # 5 / 0
        [0, None, 0, 5, "—"],
        # 365.5 + 100 + 0, 9.73, 465.5 + 9.73, 375.23 + 0 + 5, 380.23 / 475.23
        [465.5, 9.73, 475.23, 380.23, 0.800097],
    ]


def test_libreoffice_calculates_a_records_totals_and_filtered_sum(recalculated):
    sheet = openpyxl.load_workbook(recalculated[0], data_only=True)["基本信息"]

    # of 专项经费 there are 0.1 and 157.23
    assert round(sheet["B12"].value, 10) == 157.33
    assert round(sheet["B13"].value, 10) == 157.53


def test_a_blank_workbook_shows_no_error_value(recalculated):
    book = openpyxl.load_workbook(recalculated[1], data_only=True)

    shown = [str(v) for sheet in book for v in texts(sheet).values()]
    assert not [text for text in shown if text.startswith("#") and not text.startswith("#'")]


def test_drop_downs_hints_and_protection_survive_libreoffice(recalculated):
    book = openpyxl.load_workbook(recalculated[1])
    sheet = book["项目明细"]
    (rule,) = rules(sheet, "B1000")

    assert rule.type == "list"
    assert rule.formula1 in book.defined_names
    assert rules(sheet, "F7")[0].prompt == "整数；单位：个；例如 14"
    assert sheet.protection.sheet
    assert not sheet.protection.insertRows
    assert not sheet.protection.deleteRows
    assert not sheet.column_dimensions["A"].protection.locked
    assert sheet["A5"].protection.locked
    assert book["_meta"].sheet_state == "hidden"


def test_what_libreoffice_calculates_is_what_we_calculate(recalculated):
    submission = read_workbook(recalculated[0], load_form(recalculated[0].parent.parent))

    found = {f.code for f in check(submission)}

    assert submission.shown  # the numbers of the formulas' cells were there to be compared
    assert "W332" not in found


def test_a_list_of_signs_keeps_its_own_column(make_form):
    form = make_form(
        '[[section]]\nlabel = "表"\nkind = "table"\nfields = [{ label = "方向", choices = ["=", "≥"] }, { label = "类", choices = ["一", "二"] }, { label = "指", from = "表.类" }, { label = "级", choices = ["高"] }]'.replace(
            '"级"', '"档"'
        )
    )

    book = openpyxl.load_workbook(io.BytesIO(write_workbook(form)))

    lists = {}
    for validation in book["表"].data_validations.dataValidation:
        name = book.defined_names.get(validation.formula1) if validation.formula1 else None
        if name and validation.formula1.startswith("选项"):
            ((title, ref),) = name.destinations
            cells = book[title][ref]
            cells = cells if isinstance(cells, tuple) else ((cells,),)
            lists[str(validation.sqref)[0]] = [row[0].value for row in cells]
    assert lists == {"A": ["=", "≥"], "B": ["一", "二"], "D": ["高"]}
