"""Marked copies (退回件): what is wrong is shown in the workbook, and nothing else changes."""

import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.utils import quote_sheetname

from reportgen import check
from reportgen.finding import Finding, Place, Related, Severity
from reportgen.package import read_package, write_package
from reportgen.submission import Remark
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.mark import mark
from reportgen.workbook.read import read_submission
from reportgen.workbook.write import write_workbook
from support_workbook import convert, part, store_results

FORM = """
[form]
id = "m"
title = "退回表"
version = "1"
unit = "单位名称"

[[section]]
label = "基本信息"
kind = "record"
fields = [
  { label = "单位名称", required = true },
  { label = "人数", type = "integer", uom = "人" },
  { label = "情况", type = "narrative" },
  { label = "编码" },
]

[[section]]
label = "收'支 表"
kind = "grid"
uom = "万元"
columns = ["预算数", "决算数"]
rows = ["基本支出", "项目支出", { label = "合计", formula = "基本支出 + 项目支出" }]

[[section]]
label = "项目"
kind = "table"
fields = [
  { label = "项目名称", required = true, unique = true },
  { label = "类型", choices = ["业务", "专项"] },
  { label = "金额", type = "decimal", uom = "万元", required = true },
]

[[check]]
code = "F1"
rule = "收'支 表.合计.决算数 <= 收'支 表.合计.预算数"
at = "收'支 表.基本支出.决算数"
level = "warning"
message = "支出超过了预算"
explain = "请核对；确实超过的，请写明原因。"
"""
FORM = FORM.replace("收'支 表.", "收支.").replace('label = "收\'支 表"', 'label = "收支"')

GOOD = {
    "基本信息": {
        "单位名称": "甲局",
        "人数": "5",
        "情况": "=1+1\n第二段 <b>&amp;",
        "编码": "_x000D_",
    },
    "收支": {
        "基本支出": {"预算数": "300", "决算数": "157.23"},
        "项目支出": {"预算数": "100", "决算数": "34.5"},
    },
    "项目": [
        {"项目名称": "甲项目", "类型": "业务", "金额": "10"},
        {"项目名称": "乙项目", "类型": "专项", "金额": "24.5"},
    ],
}
RED, AMBER, BLUE = "00FFC7CE", "00FFD966", "00BDD7EE"


@pytest.fixture
def form(make_form):
    return make_form(FORM, whole=True)


@pytest.fixture
def workbook(form):
    """Return a function that gives the bytes of the good workbook after *change*."""

    def make(change=lambda book: None, values=GOOD):
        book = openpyxl.load_workbook(io.BytesIO(write_workbook(form, from_plain(values, form))))
        change(book)
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    return make


def read(data, form):
    return read_submission(open_bytes(data, "甲局.xlsx"), form)


def marked(data, form, findings=None):
    """Return the copy of *data*, with what the check finds or with *findings*."""
    book = open_bytes(data, "甲局.xlsx")
    submission = read_submission(book, form)
    return mark(book, submission, check(submission) if findings is None else findings)


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data), rich_text=True)


def at(findings):
    return sorted((f.code, f.place.sheet, f.place.cell) for f in findings)


def colors(sheet):
    """Return each cell that we coloured, with its colour."""
    return {
        cell.coordinate: rule.dxf.fill.bgColor.rgb
        for area in sheet.conditional_formatting
        for rule in area.rules
        if "reportgen" in rule.formula[0]
        for span in area.cells.ranges
        for row in sheet[span.coord : span.coord]
        for cell in row
    }


def lines(data):
    """Return the rows of 检查结果 by heading."""
    sheet = opened(data)["检查结果"]
    rows = list(sheet.iter_rows(values_only=True))
    header = next(row for row in rows if "代码" in row)
    body = rows[rows.index(header) + 1 :]
    return [dict(zip(header, row, strict=True)) for row in body]


def all_cells(data):
    return {
        (sheet.title, cell.coordinate): getattr(cell.value, "text", cell.value)
        for sheet in opened(data).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def looks(data):
    """Return what a clerk sees of the sheets beside what is in the cells."""
    return {
        s.title: {
            "widths": {k: (d.min, d.max, d.width, d.hidden) for k, d in s.column_dimensions.items()},
            "heights": {k: d.height for k, d in s.row_dimensions.items()},
            "panes": s.freeze_panes,
            "titles": (s.print_title_rows, s.print_title_cols),
            "merged": sorted(str(r) for r in s.merged_cells.ranges),
            "validations": sorted((str(v.sqref), v.type, v.formula1, v.prompt) for v in s.data_validations.dataValidation),
            "formats": [(str(a.sqref), r.formula) for a in s.conditional_formatting for r in a.rules],
            "protected": (s.protection.sheet, s.protection.insertRows),
            "locked": {c.coordinate for row in s.iter_rows() for c in row if c.protection.locked},
            "fills": {c.coordinate: c.fill.fgColor.rgb for row in s.iter_rows() for c in row if c.has_style},
            "state": s.sheet_state,
            "page": (s.page_setup.orientation, s.page_setup.paperSize, s.page_setup.fitToWidth),
        }
        for s in opened(data).worksheets
        if s.title != "检查结果"
    }  # fmt: skip


def wrong(book):
    """Make mistakes: E301 at B6, E303 at D7 of the table, E310 at B8, and two in one cell."""
    book["基本信息"]["B6"] = None
    book["项目"]["C7"] = "十万"
    book["项目"]["B8"] = "其他"
    book["收支"]["C6"] = 9999


# -- cells ----------------------------------------------------------------------------------


def test_every_cell_with_a_finding_is_coloured_by_its_level(form, workbook):
    book = opened(marked(workbook(wrong), form).content)

    assert colors(book["基本信息"]) == {"B6": RED}
    assert colors(book["项目"]) == {"C7": RED, "B8": RED}
    assert colors(book["收支"]) == {"C6": AMBER}


def test_of_several_findings_in_one_cell_the_worst_gives_the_colour_and_all_are_in_the_note(
    form, workbook
):
    place = Place(file="甲局.xlsx", sheet="收支", cell="B6", field="预算数")
    findings = [
        Finding(code="N1", level=Severity.NOTE, place=place, message="提示一"),
        Finding(code="W1", level=Severity.WARNING, place=place, message="警告一", hint="改一"),
        Finding(code="N2", level=Severity.NOTE, place=replace(place, cell="B7"), message="提示二"),
    ]

    sheet = opened(marked(workbook(), form, findings).content)["收支"]

    assert colors(sheet) == {"B6": AMBER, "B7": BLUE}
    note = sheet["B6"].comment
    assert note.author == "reportgen"
    assert note.text.index("提示 N1：提示一") < note.text.index("警告 W1：警告一\n改法：改一")


def test_our_colour_comes_before_the_formats_of_the_table(form, workbook):
    sheet = opened(marked(workbook(wrong), form).content)["项目"]

    rules = [
        (r.priority, "reportgen" in r.formula[0])
        for a in sheet.conditional_formatting
        for r in a.rules
    ]

    assert rules[0] == (1, True)
    assert len({priority for priority, _ in rules}) == len(rules) > 1


def test_the_cells_own_fill_stays(form, workbook):
    sheet = opened(marked(workbook(wrong), form).content)["基本信息"]

    assert sheet["B6"].fill.fgColor.rgb == "00FFF2CC"


def test_a_note_says_code_message_and_what_to_do(form, workbook):
    note = opened(marked(workbook(wrong), form).content)["项目"]["C7"].comment

    assert "错误 E303：“金额”要填数字，填的是“十万”。\n改法：只填数字（万元）" in note.text


def test_a_finding_in_a_merged_cell_is_noted_at_its_first_cell(form, workbook):
    def change(book):
        book["项目"].merge_cells("A7:A8")

    place = Place(file="甲局.xlsx", sheet="项目", cell="A8")
    finding = Finding(code="E1", level=Severity.ERROR, place=place, message="错")

    sheet = opened(marked(workbook(change), form, [finding]).content)["项目"]

    assert "E1" in sheet["A7"].comment.text
    assert colors(sheet) == {"A7": RED}


# -- 检查结果 ---------------------------------------------------------------------------------


def test_the_first_sheet_lists_the_findings_in_the_order_of_the_workbook(form, workbook):
    data = marked(workbook(wrong), form).content

    assert opened(data).sheetnames[0] == "检查结果"
    assert opened(data).active.title == "检查结果"
    assert [(n["序号"], n["级别"], n["代码"], n["位置"]) for n in lines(data)] == [
        (1, "错误", "E301", "基本信息 › B6"),
        (2, "警告", "F1", "收支 › C6"),
        (3, "错误", "E303", "项目 › C7"),
        (4, "错误", "E310", "项目 › B8"),
    ]
    third = lines(data)[2]
    assert (third["项目名称"], third["现值"]) == ("金额", "十万")
    assert third["问题"] == "“金额”要填数字，填的是“十万”。"
    assert third["改法"].startswith("只填数字（万元）")


def test_the_counts_stand_on_top(form, workbook):
    sheet = opened(marked(workbook(wrong), form).content)["检查结果"]

    assert sheet["A1"].value == "检查结果　错误 3 处，警告 1 处"


def test_a_difference_and_the_other_numbers_are_told_with_their_cells(form, workbook):
    other = Related(sheet="收支", cell="C8", field="合计.决算数", value="191.73")
    finding = Finding(
        code="F9", level=Severity.ERROR, place=Place(file="甲局.xlsx", sheet="收支", cell="C6"),
        message="不一致", difference="3.24", related=(other,),
    )  # fmt: skip

    (line,) = lines(marked(workbook(), form, [finding]).content)

    assert line["问题"] == "不一致\n相差 3.24\n合计.决算数 = 191.73（收支 › C8）"


def test_every_link_leads_to_the_cell_of_its_finding(form, workbook):
    def change(book):
        wrong(book)
        book["收支"].title = "1.收支"

    data = workbook(change)
    book = opened(marked(data, form).content)

    links = [
        c.hyperlink.location for row in book["检查结果"].iter_rows() for c in row if c.hyperlink
    ]

    assert links == ["'基本信息'!B6", "'1.收支'!C6", "'项目'!C7", "'项目'!B8"]


def test_a_link_to_a_title_with_an_apostrophe_is_quoted_as_excel_does(form, workbook):
    def change(book):
        book.create_sheet("甲's 表!")["B2"] = 1

    place = Place(file="甲局.xlsx", sheet="甲's 表!", cell="B2")
    finding = Finding(code="E1", level=Severity.ERROR, place=place, message="错")

    sheet = opened(marked(workbook(change), form, [finding]).content)["检查结果"]

    assert sheet["D5"].hyperlink.location == quote_sheetname("甲's 表!") + "!B2" == "'甲''s 表!'!B2"


def test_what_is_about_no_cell_links_to_its_sheet_or_to_nothing(form, workbook):
    def change(book):
        book["_选项"].sheet_state = "hidden"

    findings = [
        Finding(code="E1", level=Severity.ERROR, place=Place(file="甲局.xlsx"), message="整个文件的事"),
        Finding(code="E2", level=Severity.ERROR, place=Place(file="甲局.xlsx", sheet="项目"), message="表"),
        Finding(code="E3", level=Severity.ERROR, place=Place(sheet="没有的表"), message="缺表"),
        Finding(code="E4", level=Severity.ERROR, place=Place(sheet="_选项", cell="A1"), message="隐藏"),
    ]  # fmt: skip

    data = marked(workbook(change), form, findings).content

    sheet = opened(data)["检查结果"]
    links = [c.hyperlink and c.hyperlink.location for c in sheet["D"][4:]]
    assert [n["位置"] for n in lines(data)] == ["整个文件", "项目", "_选项 › A1", "没有的表"]
    assert links == [None, "'项目'!A1", None, None]


def test_the_units_words_can_be_typed_and_nothing_else_in_the_list(form, workbook):
    sheet = opened(marked(workbook(wrong), form).content)["检查结果"]

    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert [c.column_letter for c in sheet[5] if not c.protection.locked] == ["I"]
    assert sheet.auto_filter.ref == "A4:I8"
    assert sheet.freeze_panes == "A5"
    assert sheet.sheet_view.selection[0].activeCell == "D5"
    assert sheet.page_setup.orientation == "landscape"


HOSTILE = [
    "=1+1",
    "<&>\"'",
    "长" * 32_000,
    "一\n二",
    "😀𠮷",
    "a\x00b\x0b￾",
    "_x000D_",
    "  空格  ",
    "+1",
    "@x",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_shown_as_they_are(form, workbook, text):
    place = Place(file="甲局.xlsx", sheet="项目", cell="A7", field=text[:50])
    finding = Finding(
        code="E1",
        level=Severity.ERROR,
        place=place,
        message=f"填的是“{text}”",
        hint=text,
        value=text,
    )

    copy = marked(workbook(), form, [finding])

    (line,) = open_rows(copy.content)
    seen = re.sub("[\x00\x0b￾]", "", text)
    assert copy.renewed == ""
    assert line[5:8] == [seen, f"填的是“{seen}”", seen]
    assert opened(copy.content)["检查结果"]["F5"].data_type == "s"


def open_rows(data):
    """Return the rows of 检查结果 as our reader sees them."""
    rows = open_bytes(data, "x.xlsx").sheets["检查结果"].rows
    header = next(at for at, row in enumerate(rows) if "代码" in row)
    return rows[header + 1 :]


def test_a_note_that_quotes_our_own_end_is_taken_away_whole(form, workbook):
    end = "〔检查意见完：改正后再检查时自动去掉〕"
    place = Place(file="甲局.xlsx", sheet="项目", cell="A7")
    finding = Finding(code="E1", level=Severity.ERROR, place=place, message=f"甲{end}乙")

    data = marked(workbook(), form, [finding]).content

    assert opened(marked(data, form, []).content)["项目"]["A7"].comment is None


# -- what stays -----------------------------------------------------------------------------


def test_what_is_filled_in_reads_the_same_and_gives_the_same_findings(form, workbook):
    data = workbook(wrong)
    copy = marked(data, form)

    assert copy.renewed == ""
    assert read(copy.content, form).plain() == read(data, form).plain()
    assert check(read(copy.content, form)) == check(read(data, form))


def test_the_looks_the_lock_and_the_drop_downs_of_every_sheet_stay(form, workbook):
    data = workbook(wrong)
    before, after = looks(data), looks(marked(data, form).content)
    for sheet in after.values():
        sheet["formats"] = [f for f in sheet["formats"] if "reportgen" not in f[1][0]]
    for sheet in before.values():  # an empty cell that gets a note is a cell from then on
        del sheet["locked"]
    locked = {title: sheet.pop("locked") for title, sheet in after.items()}

    assert after == before
    assert not locked["基本信息"] & {"B6", "B7"}
    assert (
        opened(data).defined_names.keys() == opened(marked(data, form).content).defined_names.keys()
    )


def test_only_the_list_is_selected_on_opening(form, workbook):
    book = opened(marked(workbook(wrong), form).content)

    assert [s.title for s in book.worksheets if s.sheet_view.tabSelected] == ["检查结果"]


def test_a_clean_workbook_is_given_back_as_it_is(form, workbook):
    data = workbook()

    assert marked(data, form).content == data


def test_a_clean_workbook_with_a_picture_is_given_back_as_it_is(form, workbook):
    data = with_part(workbook(), "xl/drawings/drawing1.xml", DRAWING)

    assert marked(data, form).content == data


def test_a_clean_workbook_for_macros_becomes_a_plain_one(form, workbook):
    parts = dict(read_package(workbook()))
    kind = parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = kind.replace(
        b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"vnd.ms-excel.sheet.macroEnabled.main+xml",
    )

    copy = marked(write_package(parts.items()), form)

    assert b"macroEnabled" not in dict(read_package(copy.content))["[Content_Types].xml"]
    assert read(copy.content, form).plain() == GOOD


def test_the_same_findings_give_the_same_bytes(form, workbook):
    data = workbook(wrong)

    assert marked(data, form).content == marked(data, form).content


def test_texts_with_runs_of_fonts_escapes_and_spaces_stay_exact(form, workbook):
    runs = '<r><t xml:space="preserve"> 甲</t></r><r><rPr><b/></rPr><t>乙_x005F_x000D_ </t></r>'
    data = workbook(wrong)
    parts = dict(read_package(data))
    sheet = cell_part(data, "基本信息")
    xml, found = re.subn(
        r'(<c r="B8"[^>]*)>.*?</c>',
        rf"\1><is>{runs}</is></c>",
        parts[sheet].decode(),
        flags=re.DOTALL,
    )
    assert found == 1
    parts[sheet] = xml.encode()
    data = write_package(parts.items())

    copy = marked(data, form)

    assert copy.renewed == ""
    assert runs in part(copy.content, cell_part(copy.content, "基本信息"))
    assert read(copy.content, form).plain() == read(data, form).plain()


def cell_part(data, title):
    """Return the name of a sheet's part."""
    book = opened(data)
    return f"xl/worksheets/sheet{book.sheetnames.index(title) + 1}.xml"


def test_a_units_own_formula_keeps_its_stored_result(form, workbook, tmp_path):
    def change(book):
        wrong(book)
        book["收支"]["B6"] = "=100+57.23"
        book["收支"]["B7"] = "=1/0"
        book["基本信息"]["B8"] = '="甲"&"乙"'

    path = tmp_path / "甲局.xlsx"
    path.write_bytes(workbook(change))
    store_results(
        path, cell_part(path.read_bytes(), "收支"), {"B6": ("n", "157.23"), "B7": ("e", "#DIV/0!")}
    )
    store_results(path, cell_part(path.read_bytes(), "基本信息"), {"B8": ("str", "甲乙")})
    data = path.read_bytes()

    copy = marked(data, form).content

    again = read(copy, form)
    assert at(check(again)) == at(check(read(data, form)))
    assert ("E317", "收支", "B7") in at(check(again))
    assert again.plain()["收支"]["基本支出"]["预算数"] == "157.23"
    assert again.plain()["基本信息"]["情况"] == "甲乙"
    assert opened(copy)["收支"]["B6"].value == "=100+57.23"


def test_an_uncalculated_formula_stays_one(form, workbook):
    def change(book):
        book["收支"]["B6"] = "=100+57.23"

    copy = marked(workbook(change), form).content

    assert ("E318", "收支", "B6") in at(check(read(copy, form)))
    assert opened(copy)["收支"]["B6"].value == "=100+57.23"


# -- a copy that comes back -------------------------------------------------------------------


def correct(data, change):
    """Return *data* after a clerk has corrected it."""
    book = opened(data)
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def put_right(book):
    book["基本信息"]["B6"] = "甲局"
    book["项目"]["C7"] = 10
    book["项目"]["B8"] = "专项"
    book["收支"]["C6"] = 157.23


def test_a_corrected_copy_passes_and_has_no_marks_left(form, workbook):
    data = workbook(wrong)

    back = correct(marked(data, form).content, put_right)
    assert check(read(back, form)) == ()
    copy = marked(back, form).content

    assert opened(copy).sheetnames == opened(data).sheetnames
    assert b"reportgen" not in b"".join(
        xml for name, xml in read_package(copy) if re.match(r"xl/(worksheets|comments)", name)
        and "_meta" not in name and b"reportgen 0" not in xml
    )  # fmt: skip
    assert all_cells(copy) == all_cells(workbook())
    assert looks(copy) == looks(correct(data, put_right))


def test_marks_of_what_is_right_now_vanish_and_the_others_stay(form, workbook):
    def change(book):
        book["基本信息"]["B6"] = "甲局"

    back = correct(marked(workbook(wrong), form).content, change)
    copy = marked(back, form).content

    book = opened(copy)
    assert book["基本信息"]["B6"].comment is None
    assert colors(book["基本信息"]) == {}
    assert colors(book["项目"]) == {"C7": RED, "B8": RED}
    assert book["项目"]["C7"].comment.text.count("E303") == 1
    assert [n["序号"] for n in lines(copy)] == [1, 2, 3]
    assert sum(title.startswith("检查结果") for title in book.sheetnames) == 1


def test_marking_a_copy_again_changes_nothing(form, workbook):
    first = marked(workbook(wrong), form).content
    second = marked(first, form).content

    assert lines(second) == lines(first)
    assert all_cells(second) == all_cells(first)
    assert [colors(s) for s in opened(second)] == [colors(s) for s in opened(first)]


@pytest.mark.parametrize("is_more", [True, False])
def test_a_copy_sent_back_is_listed_anew_and_keeps_what_is_the_units_own(form, workbook, is_more):
    def own(book):
        wrong(book)
        book.create_sheet("我局的")["B2"] = "底稿"
        book["项目"]["A8"].comment = Comment("张三：待核", "张三")

    def more(book):
        book["项目"]["C7"] = "百万"
        book["项目"]["C8"] = "千万"
        book["基本信息"]["B7"] = "五个"

    def fewer(book):
        book["项目"]["C7"] = "百万"
        book["收支"]["C6"] = 157.23
        book["基本信息"]["B6"] = "甲局"

    back = correct(marked(workbook(own), form).content, more if is_more else fewer)
    copy = marked(back, form)

    assert copy.renewed == ""
    assert opened(copy.content)["我局的"]["B2"].value == "底稿"
    assert opened(copy.content)["项目"]["A8"].comment.text == "张三：待核"
    found = [(n["代码"], n["位置"], n["现值"]) for n in lines(copy.content)]
    foreign = ("N202", "我局的", "我局的")
    if is_more:
        assert found == [
            ("E301", "基本信息 › B6", None),
            ("E303", "基本信息 › B7", "五个"),
            ("F1", "收支 › C6", "9999"),
            ("E303", "项目 › C7", "百万"),
            ("E310", "项目 › B8", "其他"),
            ("E303", "项目 › C8", "千万"),
            foreign,
        ]
    else:
        assert found == [("E303", "项目 › C7", "百万"), ("E310", "项目 › B8", "其他"), foreign]
    assert "“百万”" in next(n["问题"] for n in lines(copy.content) if n["位置"] == "项目 › C7")
    assert opened(copy.content)["检查结果"]["A1"].value == (
        "检查结果　错误 5 处，警告 1 处，提示 1 处" if is_more else "检查结果　错误 2 处，提示 1 处"
    )


def test_the_units_own_note_stays_above_ours_and_when_ours_goes(form, workbook):
    def change(book):
        wrong(book)
        book["项目"]["C7"].comment = Comment("张三：待核\n第二行", "张三")
        book["项目"]["A8"].comment = Comment("另一条", "李四")

    copy = marked(workbook(change), form).content
    note = opened(copy)["项目"]["C7"].comment
    assert note.text.startswith("张三：待核\n第二行\n\n")
    assert "E303" in note.text

    clean = opened(marked(correct(copy, put_right), form).content)["项目"]

    assert (clean["C7"].comment.text, clean["C7"].comment.author) == ("张三：待核\n第二行", "张三")
    assert (clean["A8"].comment.text, clean["A8"].comment.author) == ("另一条", "李四")


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        ("", "\n已核实", "已核实"),
        ("前面\n", "\n已核实", "前面\n\n已核实"),
        ("\n前面", "", "\n前面"),
        ("前面 ", "", "前面 "),
    ],
)
def test_what_a_unit_adds_to_our_note_stays(form, workbook, before, after, left):
    def change(book):
        put_right(book)
        note = book["项目"]["C7"].comment
        book["项目"]["C7"].comment = Comment(before + note.text + after, note.author)

    back = correct(marked(workbook(wrong), form).content, change)

    assert opened(marked(back, form).content)["项目"]["C7"].comment.text == left


def test_rows_inserted_in_the_copy_take_nothing_away(form, workbook):
    def change(book):
        book["项目"].insert_rows(7)
        book["项目"]["A7"], book["项目"]["B7"], book["项目"]["C7"] = "丙项目", "业务", 3

    back = correct(marked(workbook(wrong), form).content, change)

    assert [row["项目名称"] for row in read(back, form).plain()["项目"]] == [
        "丙项目",
        "甲项目",
        "乙项目",
    ]
    assert colors(opened(marked(back, form).content)["项目"]) == {"C8": RED, "B9": RED}


def test_moved_columns_are_marked_where_they_are(form, workbook):
    def change(book):
        wrong(book)
        book["项目"].insert_cols(2)

    copy = marked(workbook(change), form).content

    assert colors(opened(copy)["项目"]) == {"D7": RED, "C8": RED}


def test_a_units_own_sheet_with_the_name_of_our_list_stays(form, workbook):
    def change(book):
        wrong(book)
        book.create_sheet("检查结果")["A1"] = "我局的"

    data = workbook(change)
    copy = marked(data, form).content
    back = marked(correct(copy, put_right), form).content

    assert opened(copy).sheetnames[0] == "检查结果1"
    assert at(check(read(copy, form))) == at(check(read(data, form)))
    assert opened(back).sheetnames == opened(data).sheetnames
    assert opened(back)["检查结果"]["A1"].value == "我局的"


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    places=st.lists(
        st.tuples(
            st.sampled_from(["基本信息", "收支", "项目", "_选项"]),
            st.builds("{}{}".format, st.sampled_from("ABCH"), st.integers(1, 40)),
            st.sampled_from(Severity),
        ),
        min_size=1,
        max_size=8,
    ),
    notes=st.dictionaries(
        st.tuples(
            st.sampled_from(["基本信息", "收支", "项目"]), st.sampled_from(["A7", "B6", "H9"])
        ),
        st.from_regex(r"[甲a<&\n ]*[乙=]\n*", fullmatch=True),
    ),
)
def test_marks_anywhere_are_taken_away_again_without_a_trace(form, workbook, places, notes):
    def change(book):
        for (title, ref), text in notes.items():
            book[title][ref].comment = Comment(text, "张三")

    data = workbook(change)
    found = [
        Finding(code="E1", level=level, place=Place(sheet=title, cell=ref), message="错")
        for title, ref, level in places
    ]

    copy = marked(data, form, found)
    back = marked(copy.content, form, [])

    assert (copy.renewed, back.renewed) == ("", "")
    assert all_cells(back.content) == all_cells(data)
    assert own_notes(back.content) == own_notes(data)
    assert formats(back.content) == formats(data)


def own_notes(data):
    return {
        (sheet.title, cell.coordinate): (cell.comment.text, cell.comment.author)
        for sheet in opened(data).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }


def formats(data):
    return [
        (sheet.title, str(area.sqref), rule.formula)
        for sheet in opened(data).worksheets
        for area in sheet.conditional_formatting
        for rule in area.rules
    ]


# -- the unit's own words ---------------------------------------------------------------------


def explain(data, **words):
    """Return *data* with 单位说明 filled in by code."""

    def change(book):
        for row in book["检查结果"].iter_rows(min_row=5):
            row[8].value = words.get(row[2].value)
            row[8].data_type = "s"  # a text, whatever it begins with

    return correct(data, change)


def test_what_the_unit_writes_beside_a_finding_is_read_with_its_place_and_value(form, workbook):
    back = explain(marked(workbook(wrong), form).content, F1="年中追加", E303="核对中")

    assert read(back, form).remarks == (
        Remark("F1", "年中追加", "收支", "C6", "收支.基本支出.决算数", "9999"),
        Remark("E303", "核对中", "项目", "C7", "金额", "十万"),
    )


def test_the_units_words_are_kept_beside_what_still_stands_and_go_with_what_is_right(
    form, workbook
):
    def change(book):
        book["项目"]["C7"] = 10

    back = explain(marked(workbook(wrong), form).content, F1="=年中追加", E303="核对中")
    again = marked(correct(back, change), form).content

    assert {n["代码"]: n["单位说明"] for n in lines(again)} == {
        "E301": None,
        "F1": "=年中追加",
        "E310": None,
    }


def test_a_reason_beside_a_live_check_is_read_by_its_code(form, workbook):
    def change(book):
        if "校验" in book.sheetnames:
            del book["校验"]
        sheet = book.create_sheet("校验")
        sheet.append(["本表自动计算"])
        sheet.append(["结果", "说明", "代码", "差额"])
        sheet.append(["√", None, "F2", 0])
        sheet.append(["×", "年中追加", "F1", 3])

    assert read(workbook(change), form).remarks == (Remark("F1", "年中追加"),)


def test_a_workbook_without_our_sheets_has_no_remarks(form, workbook):
    def change(book):
        book.create_sheet("检查结果").append(["代码", "备注"])

    assert read(workbook(change), form).remarks == ()


def test_what_may_stand_is_blue_and_says_why_it_may(form, workbook):
    place = Place(file="甲局.xlsx", sheet="收支", cell="B6", field="预算数")
    approved = Finding(
        code="E1", level=Severity.NOTE, place=place, message="差", explanation="已核准：历史遗留"
    )
    explained = Finding(
        code="W1", level=Severity.WARNING, place=replace(place, cell="B7"), message="多",
        explanation="年中追加",
    )  # fmt: skip

    data = marked(workbook(), form, [approved, explained]).content

    assert colors(opened(data)["收支"]) == {"B6": BLUE, "B7": BLUE}
    assert [(n["级别"], n["问题"]) for n in lines(data)] == [
        ("已核准", "差\n已核准：历史遗留"),
        ("已说明", "多"),
    ]
    assert opened(data)["检查结果"]["A1"].value == "检查结果　已说明 1 处，已核准 1 处"


# -- written anew -----------------------------------------------------------------------------


def with_part(data, name, content):
    return write_package([*read_package(data), (name, content)])


DRAWING = b'<xdr:wsDr xmlns:xdr="x"><xdr:twoCellAnchor/></xdr:wsDr>'


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("xl/drawings/drawing1.xml", DRAWING, "图形、图片或图表"),
        ("xl/vbaProject.bin", b"x", "宏"),
        ("xl/threadedComments/threadedComment1.xml", b"<x/>", "批注对话"),
        ("xl/pivotTables/pivotTable1.xml", b"<x/>", "数据透视表"),
        ("xl/ctrlProps/ctrlProp1.xml", b"<x/>", "控件或嵌入的文件"),
        ("xl/cellimages.xml", b"<x/>", "单元格里的图片"),
        ("xl/drawings/vmlDrawing9.vml", b'<xml><v:shape id="a"></v:shape></xml>', "图形、图片或图表"),
        ("xl/metadata.xml", b"<x/>", "特殊内容"),
    ],
)  # fmt: skip
def test_what_openpyxl_would_lose_has_the_copy_written_from_the_form(
    form, workbook, name, content, why
):
    data = with_part(workbook(wrong), name, content)

    copy = marked(data, form)

    assert copy.renewed == f"原文件里有{why}"
    assert read(copy.content, form).plain() == read(data, form).plain()
    assert at(check(read(copy.content, form))) == at(check(read(data, form)))
    assert colors(opened(copy.content)["项目"]) == {"C7": RED, "B8": RED}
    assert "按表单重新生成" in opened(copy.content)["检查结果"]["A3"].value


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("xl/printerSettings/printerSettings1.bin", b"x"),
        ("docProps/thumbnail.jpeg", b"x"),
        ("xl/drawings/drawing1.xml", b'<xdr:wsDr xmlns:xdr="x"/>'),
        ("customXml/item1.xml", b"<x/>"),
    ],
)
def test_what_nobody_misses_is_no_reason_to_write_anew(form, workbook, name, content):
    assert marked(with_part(workbook(wrong), name, content), form).renewed == ""


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("{78C0D931-6437-407d-A8EE-F0AAD7539E65}", "原文件里有扩展的条件格式、有效性或迷你图"),
        ("{64002731-A6B0-56B0-2670-7721B7C09600}", ""),  # what Excel for Mac adds to every sheet
    ],
)
def test_an_extension_in_a_sheet_has_the_copy_written_anew(form, workbook, uri, why):
    parts = dict(read_package(workbook(wrong)))
    parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet2.xml"].replace(
        b"</worksheet>",
        f'<extLst><ext xmlns:x="x" uri="{uri}"/></extLst></worksheet>'.encode(),
    )

    assert marked(write_package(parts.items()), form).renewed == why


def test_our_own_notes_are_no_shapes(form, workbook):
    copy = marked(workbook(wrong), form).content

    assert marked(copy, form).renewed == ""


def test_marks_in_a_new_workbook_stand_at_its_cells_and_in_its_words(form, workbook):
    def change(book):
        wrong(book)
        book["项目"]["A8"] = "甲项目"
        book["项目"].insert_rows(1, 4)
        book["项目"].insert_cols(1)
        book["收支"].insert_rows(1, 2)
        book.create_sheet("自己的")

    data = with_part(workbook(change), "xl/vbaProject.bin", b"x")
    original = {(f.code, f.place.cell) for f in check(read(data, form))}
    assert {("E315", "B12"), ("E303", "D11"), ("F1", "C8"), ("N202", "")} <= original

    copy = marked(data, form).content

    places = {(n["代码"], n["位置"]) for n in lines(copy)}
    assert {
        ("E315", "项目 › A8"),
        ("E303", "项目 › C7"),
        ("F1", "收支 › C6"),
        ("N202", "自己的"),
    } <= places
    assert len(places) == len(original)
    (twice,) = (n for n in lines(copy) if n["代码"] == "E315")
    assert twice["问题"] == "“项目名称”的“甲项目”与 A7 重复。"
    assert colors(opened(copy)["项目"]) == {"A8": RED, "C7": RED, "B8": RED}


def test_error_values_of_a_file_that_is_written_anew_stay_in_the_list(form, workbook, tmp_path):
    def change(book):
        book["收支"]["B6"] = "=1/0"

    path = tmp_path / "甲局.xlsx"
    path.write_bytes(with_part(workbook(change), "xl/vbaProject.bin", b"x"))
    store_results(path, cell_part(path.read_bytes(), "收支"), {"B6": ("e", "#DIV/0!")})

    copy = marked(path.read_bytes(), form).content

    assert [(n["代码"], n["位置"], n["现值"]) for n in lines(copy)] == [
        ("E317", "收支 › B6", "#DIV/0!")
    ]


def test_a_file_that_openpyxl_cannot_open_is_written_anew(form, workbook):
    parts = dict(read_package(workbook(wrong)))
    broken = parts["xl/worksheets/sheet2.xml"].replace(b"<sheetView ", b'<sheetView zoomScale="x" ')
    parts["xl/worksheets/sheet2.xml"] = broken

    copy = marked(write_package(parts.items()), form)

    assert copy.renewed == "原文件里有不能原样保存的内容"
    assert colors(opened(copy.content)["项目"]) == {"C7": RED, "B8": RED}


@pytest.mark.parametrize(("suffix", "why"), [("xls", "旧格式"), ("ods", ".ods")])
def test_an_old_or_open_format_comes_back_as_a_new_xlsx(form, workbook, tmp_path, suffix, why):
    source = tmp_path / "甲局.xlsx"
    source.write_bytes(workbook(wrong))
    (path,) = convert([source], suffix, tmp_path)
    data = path.read_bytes()

    copy = marked(data, form)

    assert why in copy.renewed
    assert zipfile.is_zipfile(io.BytesIO(copy.content))
    assert read(copy.content, form).plain() == read(data, form).plain()
    assert at(check(read(copy.content, form))) == at(check(read(data, form)))
    assert colors(opened(copy.content)["基本信息"]) == {"B6": RED}


# -- LibreOffice ------------------------------------------------------------------------------


def test_libreoffice_opens_the_copy_and_gives_back_marks_notes_links_and_values(
    form, workbook, tmp_path
):
    def change(book):
        wrong(book)
        book["收支"].title = "1.收支"
        book["项目"]["C7"].comment = Comment("自己的", "张三")

    data = workbook(change)
    source = tmp_path / "甲局.xlsx"
    source.write_bytes(marked(data, form).content)
    folder = tmp_path / "lo"
    folder.mkdir()

    (saved,) = convert([source], "xlsx", folder)
    (pdf,) = convert([source], "pdf", folder)

    assert pdf.read_bytes().startswith(b"%PDF")
    content = saved.read_bytes()
    assert read(content, form).plain() == read(data, form).plain()
    assert at(check(read(content, form))) == at(check(read(data, form)))
    book = opened(content)
    assert colors(book["项目"]) == {"C7": "FFFFC7CE", "B8": "FFFFC7CE"}
    assert "E303" in book["项目"]["C7"].comment.text
    links = [c.hyperlink.location for c in book["检查结果"]["D"] if c.hyperlink]
    assert [link.replace("'", "").replace("$", "") for link in links] == [
        "基本信息!B6", "1.收支!C6", "项目!C7", "项目!B8",
    ]  # fmt: skip

    back = marked(correct(content, lambda book: put_right_as(book, "1.收支")), form)

    assert back.renewed == ""
    clean = opened(back.content)
    assert "检查结果" not in clean.sheetnames
    assert all(colors(sheet) == {} for sheet in clean.worksheets)
    assert [c.comment.text for s in clean for row in s.iter_rows() for c in row if c.comment] == [
        "自己的"
    ]


def put_right_as(book, title):
    book["基本信息"]["B6"] = "甲局"
    book["项目"]["C7"] = 10
    book["项目"]["B8"] = "专项"
    book[title]["C6"] = 157.23
