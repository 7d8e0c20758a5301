"""汇总.xlsx, read back: rows, totals, links, texts that stay texts, lists, charts."""

import io
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import unquote

import openpyxl
import pytest
from lxml import etree

from reportgen import rules
from reportgen.finding import Finding, Place, Related, Severity
from reportgen.manifest import UnitRecord
from reportgen.summary.workbook import summary_workbook
from support_workbook import convert

FORM = """
[[section]]
label = "内容"
kind = "record"
fields = [
  { label = "预算", type = "decimal", uom = "万元", places = 2 },
  { label = "支出", type = "decimal", uom = "万元", places = 2 },
  { label = "得分", type = "decimal", places = 1 },
  { label = "成立日期", type = "date" },
  { label = "情况" },
  { label = "等级", choices = ["优", "良", "差"] },
]

[[summary]]
label = "全年"
formula = "预算"
[[summary]]
label = "花掉"
formula = "支出"
[[summary]]
label = "执行率"
type = "percent"
places = 2
formula = "花掉 / 全年 if 全年 > 0"
[[summary]]
label = "分"
formula = "得分"
total = "平均"
[[summary]]
label = "日期"
formula = "成立日期"
[[summary]]
label = "说明"
formula = "情况"
[[summary]]
label = "评级"
formula = "等级"
"""
DAY = datetime(2020, 3, 1)  # noqa: DTZ001 - a day in Excel has no time zone
#: Rows of the sheet 汇总, from 1.
TOTAL, HEAD, FIRST = 3, 4, 5
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
WRONG = rules.UNFILLED.at(
    Place(file="甲.xlsx", sheet="内容", cell="C5", field="支出"), label="支出", hint="请填写。"
)


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def unit(name, code="", *, findings=(), documents=(), copy="", sample=False, id_="t", **values):
    """Return what a run keeps of a unit."""
    return UnitRecord(
        file=f"../inputs/{name}.xlsx", form=id_, unit=name, code=code, sample=sample,
        summary=values, findings=tuple(findings), documents=tuple(documents), copy=copy,
    )  # fmt: skip


UNITS = (
    unit("甲局", "001", 全年="120.1", 花掉="80", 执行率="0.66611157", 分="90", 日期="2020-03-01", 评级="优",
         documents=["甲局报告.docx"]),
    unit("乙局", "002", 全年="79.9", 花掉="20", 执行率="0.25031289", 分="85.5", 评级="良", findings=[WRONG],
         copy="乙局_退回.xlsx"),
    unit("丙局", "003", 花掉="-30"),
)  # fmt: skip


def book_of(form, units, missing=None, *, values=True):
    return openpyxl.load_workbook(
        io.BytesIO(summary_workbook(form, units, missing)), data_only=values
    )


def lines(sheet, first, last=None):
    """Return the rows of a sheet from *first* on, by heading where there is one."""
    return [[cell.value for cell in row] for row in sheet.iter_rows(first, last or sheet.max_row)]


def by_heading(sheet, row):
    heads = [cell.value for cell in sheet[HEAD]]
    return dict(zip(heads, [cell.value for cell in sheet[row]], strict=True))


def parts(content):
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


def sheet_xml(content, title):
    """Return the XML of the sheet called *title*."""
    at = openpyxl.load_workbook(io.BytesIO(content)).sheetnames.index(title) + 1
    return etree.fromstring(parts(content)[f"xl/worksheets/sheet{at}.xml"].encode())


# -- the sheet 汇总 -------------------------------------------------------------------------------


def test_there_is_a_row_a_unit_in_order_and_those_that_have_not_sent_follow(form):
    sheet = book_of(form, UNITS, [("004", "丁局")])["汇总"]

    assert [cell.value for cell in sheet[HEAD]] == [
        "序号", "单位代码", "单位名称", "全年（万元）", "花掉（万元）", "执行率", "分", "日期", "说明", "评级",
        "错误数", "警告数", "状态", "文档", "退回件", "工作簿",
    ]  # fmt: skip
    assert lines(sheet, FIRST) == [
        [1, "001", "甲局", 120.1, 80, 0.66611157, 90, DAY, None, "优", 0, 0, "已完成",
         "打开", None, "打开"],
        [2, "002", "乙局", 79.9, 20, 0.25031289, 85.5, None, None, "良", 1, 0, "有错误",
         None, "打开", "打开"],
        [3, "003", "丙局", None, -30, None, None, None, None, None, 0, 0, "已完成", None, None, "打开"],
        [4, "004", "丁局", None, None, None, None, None, None, None, None, None, "未报",
         None, None, None],
    ]  # fmt: skip
    said = sheet["A2"].value
    assert "应报 4 个单位，已报 3 个单位：已完成 2 个，有错误 1 个；未报 1 个。" in said
    assert "应报" not in book_of(form, UNITS)["汇总"]["A2"].value


def test_samples_and_other_forms_are_left_out(form):
    units = [*UNITS, unit("示例局", sample=True, 花掉="9"), unit("别表局", id_="u", 花掉="9")]

    sheet = book_of(form, units)["汇总"]

    assert [row[2] for row in lines(sheet, FIRST)] == ["甲局", "乙局", "丙局"]
    assert by_heading(sheet, TOTAL)["花掉（万元）"] == 70


#: By hand: 120.1 + 79.9; 80 + 20 - 30; 100 of 200 (丙局 has no plan); (90 + 85.5) / 2; one error.
BY_HAND = {
    "全年（万元）": 200,
    "花掉（万元）": 70,
    "执行率": 0.5,
    "分": 87.75,
    "错误数": 1,
    "警告数": 0,
}


def test_totals_are_there_for_readers_that_do_not_calculate(form):
    total = by_heading(book_of(form, UNITS, [("004", "丁局")])["汇总"], TOTAL)

    assert {label: total[label] for label in BY_HAND} == pytest.approx(BY_HAND)
    assert (total["序号"], total["单位名称"], total["日期"], total["评级"]) == (
        "合计",
        4,
        None,
        None,
    )


def test_the_formulas_of_the_totals_give_the_same(form, tmp_path):
    path = tmp_path / "汇总.xlsx"
    path.write_bytes(summary_workbook(form, UNITS, [("004", "丁局")]))
    (tmp_path / "out").mkdir()

    (again,) = convert([path], "xlsx", tmp_path / "out", recalculate=True)

    calculated = by_heading(openpyxl.load_workbook(again, data_only=True)["汇总"], TOTAL)
    assert {label: calculated[label] for label in BY_HAND} == pytest.approx(BY_HAND)
    assert calculated["单位名称"] == 4


def test_totals_follow_a_filter(form, tmp_path):
    """Hidden rows are not added up: LibreOffice calculates as Excel does."""
    book = book_of(form, UNITS, values=False)
    sheet = book["汇总"]
    sheet.row_dimensions[FIRST].hidden = True  # 甲局
    sheet.auto_filter.add_filter_column(2, ["乙局", "丙局"])
    book.save(tmp_path / "汇总.xlsx")
    (tmp_path / "out").mkdir()

    (again,) = convert([tmp_path / "汇总.xlsx"], "xlsx", tmp_path / "out", recalculate=True)

    total = by_heading(openpyxl.load_workbook(again, data_only=True)["汇总"], TOTAL)
    assert total["花掉（万元）"] == -10
    assert total["执行率"] == pytest.approx(20 / 79.9)
    assert total["分"] == pytest.approx(85.5)
    assert total["单位名称"] == 2


@pytest.mark.parametrize("count", [0, 1, 99, 100, 150])
def test_any_number_of_units_is_written_by_either_way_of_writing(form, count):
    units = [unit(f"第{at}局", 花掉=str(at), 评级="优") for at in range(count)]

    book = book_of(form, units, [("9", "丁局")])

    assert book.sheetnames == ["汇总", "图表", "常见问题", "问题清单", "文档清单"]
    sheet = book["汇总"]
    assert [row[2] for row in lines(sheet, FIRST)] == [
        *(f"第{at}局" for at in range(count)),
        "丁局",
    ]
    if count:
        assert by_heading(sheet, TOTAL)["花掉（万元）"] == count * (count - 1) / 2
    assert by_heading(sheet, TOTAL)["单位名称"] == count + 1


@pytest.mark.parametrize("count", [3, 150])
def test_the_same_units_are_the_same_bytes(form, count):
    units = [unit(f"第{at}局", 花掉=str(at), findings=[WRONG], 评级="优") for at in range(count)]

    first = summary_workbook(form, units, [("9", "丁局")])

    assert summary_workbook(form, list(units), [("9", "丁局")]) == first
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert {info.date_time[0] for info in package.infolist()} == {1980}
    made = openpyxl.load_workbook(io.BytesIO(first)).properties.created
    assert made.replace(tzinfo=UTC) == datetime(1980, 1, 1, tzinfo=UTC)


# -- texts stay texts, numbers stay numbers ------------------------------------------------------

TRAPS = [
    "=1+1", "@SUM(A1)", "#DIV/0!", "http://example.com/x", "{=1}", "+1", "-1", "TRUE", "007", "1E5",
    '=HYPERLINK("http://x","y")', "2025-01-01", "mailto:a@b.c", "internal:汇总!A1", "_x0041_", "'1",
    "=cmd|' /C calc'!A0", "＝1+1", "＠SUM(1)", "\t=1+1", " =1+1",
]  # fmt: skip


@pytest.mark.parametrize("count", [1, 100], ids=["in memory", "streamed"])
@pytest.mark.parametrize("trap", TRAPS)
def test_a_text_is_never_a_formula_an_error_a_number_or_a_link(form, trap, count):
    finding = Finding(
        code="X1", level=Severity.ERROR, place=Place(file=trap, sheet=trap, cell="A1", field=trap),
        message=trap, hint=trap, value=trap,
        related=(Related(sheet=trap, cell="B1", field=trap, value=trap),),
    )  # fmt: skip
    one = unit(trap, trap, findings=[finding], documents=["a.docx"], 说明=trap)
    fill = [unit(f"第{at}局", 花掉="1") for at in range(count - 1)]

    content = summary_workbook(form, [one, *fill], [(trap, trap)])

    book = openpyxl.load_workbook(io.BytesIO(content))
    totals = len(list(sheet_xml(content, "汇总").iter(f"{MAIN}f")))
    plain = summary_workbook(form, [unit("甲局", 说明="好"), *fill], [("1", "丁局")])
    assert totals == len(list(sheet_xml(plain, "汇总").iter(f"{MAIN}f")))
    for title in book.sheetnames[1:]:
        assert list(sheet_xml(content, title).iter(f"{MAIN}f")) == []
    found = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == trap or (
                    trap == "_x0041_" and cell.value in {trap, "_x005F_x0041_"}
                ):
                    assert cell.data_type != "n"
                    xml = sheet_xml_cell(content, sheet.title, cell.coordinate)
                    assert xml.get("t") in {"s", "inlineStr", "str"}
                    found += 1
    assert found >= 12
    links = [c for sheet in book for row in sheet.iter_rows() for c in row if c.hyperlink]
    wanted = {one.file, "a.docx", *(more.file for more in fill)}
    assert {target(cell) for cell in links} == wanted


def target(cell):
    """Return where a cell's link leads to; Excel writes the steps of a path with a backslash."""
    return unquote(cell.hyperlink.target).replace("\\", "/")


def sheet_xml_cell(content, title, ref):
    (cell,) = sheet_xml(content, title).xpath(f"//*[local-name()='c'][@r='{ref}']")
    return cell


def test_negative_numbers_and_dates_are_what_they_are(form):
    sheet = book_of(form, [unit("甲局", 花掉="-12.5", 日期="2020-03-01")])["汇总"]

    row = {head.value: cell for head, cell in zip(sheet[HEAD], sheet[FIRST], strict=True)}
    assert (row["花掉（万元）"].value, row["花掉（万元）"].data_type) == (-12.5, "n")
    assert row["花掉（万元）"].number_format == "#,##0.00"
    assert row["日期"].is_date


def test_a_number_that_excel_cannot_hold_stands_as_text(make_form):
    form = make_form(FORM.replace(", places = 2 }", " }"))
    long = "12345678901234567.89"

    sheet = book_of(form, [unit("甲局", 花掉=long)])["汇总"]

    assert by_heading(sheet, FIRST)["花掉（万元）"] == long


# -- links --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["甲局", "甲 & 乙局", "甲局#1", "100%局", "甲局 '本级'", "甲；乙+丙", "a[1]局", "甲局(本级)"],
)
def test_links_lead_from_the_summary_to_the_files(form, name):
    documents = [f"{name}/报告.docx", f"{name}/附表.docx"]
    one = unit(name, documents=documents, copy=f"退回/{name}.xlsx")

    book = book_of(form, [one])

    heads = [cell.value for cell in book["汇总"][HEAD]]
    cells = dict(zip(heads, book["汇总"][FIRST], strict=True))
    wanted = {"文档": documents[0], "退回件": one.copy, "工作簿": one.file}
    assert {label: target(cells[label]) for label in wanted} == wanted
    for label in wanted:
        assert not re.search(r"[#%](?![0-9A-F]{2})| ", cells[label].hyperlink.target)
    assert cells["文档"].value == "打开（共 2 份）"
    listed = [row[3] for row in book["文档清单"].iter_rows(3)]
    assert [cell.value for cell in listed] == documents
    assert [target(cell) for cell in listed] == documents


# -- the lists ----------------------------------------------------------------------------------


def test_every_finding_is_listed_with_all_that_is_known_of_it(form):
    more = Finding(
        code="F1", level=Severity.WARNING, place=Place(file="甲局.xlsx", sheet="内容", cell="C6", field="预算"),
        message="预算与支出不一致", hint="请核对。", value="10", difference="3",
        explanation="上年结转", related=(Related(sheet="内容", cell="C7", field="支出", value="7"),),
    )  # fmt: skip
    note = Finding(code="N1", level=Severity.NOTE, place=Place(), message="知道一下")

    sheet = book_of(
        form, [unit("甲局", "001", findings=[WRONG, more]), unit("乙局", findings=[note])]
    )["问题清单"]

    assert lines(sheet, 2) == [
        ["序号", "级别", "代码", "单位代码", "单位名称", "工作簿", "工作表", "单元格", "填报项", "填的值", "问题",
         "怎么改", "说明"],
        [1, "错误", "E301", "001", "甲局", "甲.xlsx", "内容", "C5", "支出", None, "“支出”没有填。", "请填写。", None],
        [2, "已说明", "F1", "001", "甲局", "甲局.xlsx", "内容", "C6", "预算", "10",
         "预算与支出不一致\n相差 3\n支出 = 7（内容 C7）", "请核对。", "上年结转"],
        [3, "提示", "N1", None, "乙局", "乙局.xlsx", None, None, None, None, "知道一下", None, None],
    ]  # fmt: skip


def test_the_most_frequent_problems_are_counted_by_unit_and_in_all(form):
    year = rules.NOT_A_YEAR.at(Place(), label="年度", value="今年")
    units = [
        unit("甲局", findings=[year, year, year, WRONG]),
        unit("乙局", findings=[WRONG]),
        unit("丙局"),
    ]

    sheet = book_of(form, units)["常见问题"]

    assert [row[:3] + row[4:] for row in lines(sheet, 3)] == [
        [1, "E301", "错误", 2, pytest.approx(2 / 3), 2],
        [2, "E309", "错误", 1, pytest.approx(1 / 3), 3],
    ]


def test_what_is_empty_says_so(form):
    book = book_of(form, [unit("甲局")])

    assert book["问题清单"]["A3"].value == "没有发现问题。"
    assert book["常见问题"]["A3"].value == "没有错误和警告。"
    assert book["文档清单"]["A3"].value == "还没有生成文档。"
    assert book["图表"]["A2"].value == "两个以上单位报送以后，这里有图。"


# -- charts -------------------------------------------------------------------------------------

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def charts(content):
    """Return each chart's title and the names and numbers of its series, from the sheet's cells."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    found = {}
    for name, xml in sorted(parts(content).items()):
        if not re.fullmatch(r"xl/charts/chart\d+\.xml", name):
            continue
        root = etree.fromstring(xml.encode())
        title = "".join(t.text for t in root.find(f".//{CHART}title").iter("{*}t"))
        series = []
        for one in root.iter(f"{CHART}ser"):
            cells = [one.find(f"{CHART}{tag}//{CHART}f").text for tag in ("cat", "val")]
            areas = []
            for reference in cells:
                sheet, _, area = reference.replace("$", "").partition("!")
                areas.append([row[0].value for row in book[sheet.strip("'")][area]])
            cached = [v.text for v in one.find(f"{CHART}val").iter(f"{CHART}v")]
            assert [float(v) for v in cached] == [v for v in areas[1] if v is not None]
            series.append(dict(zip(*areas, strict=True)))
        found[title] = series
    return found


def test_charts_show_the_numbers_of_the_units_from_the_cells_beside_them(form):
    made = charts(summary_workbook(form, UNITS, [("004", "丁局")]))

    assert made["报送情况（共 4 个单位）"] == [{"已完成": 2, "有错误": 1, "未报": 1}]
    assert made["评级（2 个单位）"] == [{"优": 1, "良": 1, "差": 0}]
    assert made["执行率：由高到低（2 个单位）"] == [{"甲局": 0.66611157, "乙局": 0.25031289}]
    assert made["分：由高到低（2 个单位）"] == [{"甲局": 90, "乙局": 85.5}]
    assert made["全年、花掉（万元）"] == [
        {"甲局": 120.1, "乙局": 79.9, "丙局": None}, {"甲局": 80, "乙局": 20, "丙局": -30},
    ]  # fmt: skip
    assert made["最常见的问题（单位数）"] == [{"E301 …没有填": 1}]
    assert len(made) == 6


def test_of_many_units_the_first_and_the_last_are_ranked(form):
    units = [unit(f"第{at}局", 执行率=str(Decimal(at) / 100), 评级="优") for at in range(1, 41)]

    made = charts(summary_workbook(form, units))

    (high,) = made["执行率：最高的 15 个（40 个单位）"]
    (low,) = made["执行率：最低的 15 个（40 个单位）"]
    assert list(high) == [f"第{at}局" for at in range(40, 25, -1)]
    assert list(low) == [f"第{at}局" for at in range(1, 16)]  # the lowest on top
    assert not any(title.startswith("评级") for title in made)  # all alike: no picture of it


def test_charts_and_their_numbers_do_not_overlap(form):
    content = summary_workbook(form, UNITS, [("004", "丁局")])

    anchors = []
    for name, xml in parts(content).items():
        if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name):
            for one in etree.fromstring(xml.encode()).iter(
                "{*}oneCellAnchor", "{*}twoCellAnchor", "{*}absoluteAnchor"
            ):
                start, end = one.find("{*}from"), one.find("{*}to")
                anchors.append(
                    [int(p.find(f"{{*}}{t}").text) for t in ("col", "row") for p in (start, end)]
                )
    assert len(anchors) == 6
    for at, (left, right, top, bottom) in enumerate(anchors):
        assert right < 20  # the numbers begin in column V
        for other in anchors[at + 1 :]:
            apart = right <= other[0] or other[1] <= left or bottom <= other[2] or other[3] <= top
            assert apart
