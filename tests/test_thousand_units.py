"""A thousand units of which fifty are wrong, each in its own way: the others get their documents."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from reportgen.cli import main
from support_batch import Pattern, documents, make_project

TOML = """
[[section]]
label = "内容"
kind = "record"
fields = [
  { label = "正文", required = true },
  { label = "金额", type = "decimal", uom = "万元", places = 2, minimum = 0, maximum = 1000, required = true },
  { label = "人数", type = "integer", uom = "人", minimum = 1 },
  { label = "比例", type = "percent", maximum = 1 },
  { label = "日期", type = "date" },
  { label = "年度", type = "year" },
  { label = "类别", choices = ["甲", "乙"] },
  { label = "公开", type = "yes_no" },
  { label = "代码", pattern = "[0-9]{6}" },
  { label = "说明", required = "金额 > 500" },
]

[[section]]
label = "收支"
kind = "grid"
uom = "万元"
columns = ["预算数", "决算数"]
rows = ["基本支出", "项目支出"]

[[section]]
label = "项目"
kind = "table"
fields = [
  { label = "项目名称", required = true, unique = true },
  { label = "经费", type = "decimal", uom = "万元" },
  { label = "类型", choices = ["业务", "专项"] },
]

[[section]]
label = "情况"
kind = "outline"

[[check]]
code = "F01"
rule = "收支.合计.决算数 == 金额"
at = "内容.金额"
message = "金额和收支的合计不一致"

[[check]]
code = "F02"
rule = "收支.项目支出.决算数 == 项目.合计.经费"
at = "收支.项目支出.决算数"
message = "项目支出和项目的合计不一致"

[[check]]
code = "F03"
rule = "收支.基本支出.决算数 <= 收支.基本支出.预算数"
at = "收支.基本支出.决算数"
message = "决算数大于预算数"

[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}报告.docx"
"""
VALUES = {
    "内容": {
        "正文": "正文", "金额": "30", "人数": "12", "比例": "0.5", "日期": "2025-03-01",
        "年度": "2025", "类别": "甲", "公开": "是", "代码": "123456",
    },
    "收支": {
        "基本支出": {"预算数": "20", "决算数": "10"},
        "项目支出": {"预算数": "20", "决算数": "20"},
    },
    "项目": [
        {"项目名称": "一号", "经费": "15", "类型": "业务"},
        {"项目名称": "二号", "经费": "5", "类型": "专项"},
    ],
    "情况": [{"级": "1", "标题": "概况", "正文": "有一段话。"}],
}  # fmt: skip


def row_of(book, sheet, label):
    """Return the row of *sheet* that begins with *label*."""
    for row in book[sheet].iter_rows():
        if str(row[0].value or "").split("（")[0].strip(" ＊*") == label:
            return row
    raise LookupError(label)


def field(label, value, sheet="内容"):
    """Return a way to go wrong: *value* in the cell beside *label*."""

    def spoil(book):
        row_of(book, sheet, label)[1].value = value

    return spoil


def grid(row, column, value):
    def spoil(book):
        row_of(book, "收支", row)[column].value = value

    return spoil


def table(number, column, value, sheet="项目"):
    """*value* in the *number*-th row below the heading of a table."""

    def spoil(book):
        header = next(
            r for r in book[sheet].iter_rows() if str(r[0].value or "").startswith(FIRST[sheet])
        )
        book[sheet].cell(header[0].row + 1 + number, column).value = value  # a thin row between

    return spoil


FIRST = {"项目": "项目名称", "情况": "级"}


def without(sheet):
    return lambda book: book.remove(book[sheet])


def without_row(sheet, label):
    def spoil(book):
        for cell in row_of(book, sheet, label):
            cell.value = None

    return spoil


def both(*ways):
    def spoil(book):
        for way in ways:
            way(book)

    return spoil


WAYS = {
    "正文空": field("正文", None),
    "金额空": field("金额", None),
    "金额是汉字": field("金额", "三十万"),
    "金额带字母": field("金额", "12a"),
    "金额是约数": field("金额", "约30"),
    "金额写了两个数": field("金额", "10/20"),
    "金额是错误值": field("金额", "#DIV/0!"),
    "金额是负数": field("金额", -1),
    "金额太大": field("金额", 2000),
    "金额小数太多": field("金额", 30.123),
    "金额是日期": field("金额", date(2025, 3, 1)),
    "金额别的单位": field("金额", "30亿元"),
    "人数有小数": field("人数", 2.5),
    "人数是汉字": field("人数", "十二"),
    "人数是零": field("人数", 0),
    "人数是日期": field("人数", date(2025, 1, 2)),
    "比例超过一": field("比例", "120%"),
    "比例是文字": field("比例", "一半"),
    "日期没有这一天": field("日期", "2025年2月30日"),
    "日期只有年": field("日期", "明年"),
    "年度两位": field("年度", 25),
    "年度太早": field("年度", 1800),
    "年度是文字": field("年度", "去年"),
    "类别没有": field("类别", "丙"),
    "类别两个": field("类别", "甲、乙"),
    "公开是数": field("公开", 3),
    "公开是别的话": field("公开", "部分公开"),
    "代码太短": field("代码", "12"),
    "代码是字母": field("代码", "ABCDEF"),
    "说明没写": both(field("金额", 600), grid("基本支出", 2, 580), grid("基本支出", 1, 580)),
    "收支和金额不一致": grid("基本支出", 2, 11),
    "项目合计不一致": both(grid("项目支出", 2, 19), grid("基本支出", 2, 11)),
    "决算大于预算": grid("基本支出", 1, 5),
    "收支是文字": grid("项目支出", 2, "二十"),
    "收支是错误值": grid("基本支出", 1, "#REF!"),
    "收支缺一行": without_row("收支", "项目支出"),
    "内容缺一项": without_row("内容", "金额"),
    "缺收支表": without("收支"),
    "缺项目表": without("项目"),
    "缺情况表": without("情况"),
    "项目重名": table(2, 1, "一号"),
    "项目没有名称": table(1, 1, None),
    "项目经费是文字": table(1, 2, "十五"),
    "项目经费是错误值": table(2, 2, "#VALUE!"),
    "项目类型没有": table(1, 3, "其他"),
    "项目里有合计": both(table(3, 1, "合计"), table(3, 2, 20), table(1, 2, 16)),
    "项目没有表头": lambda book: book["项目"].delete_rows(1, 6),
    "级别太大": table(1, 1, 9, "情况"),
    "级别是文字": table(1, 1, "第一", "情况"),
    "单位名称空": field("单位名称", None, "基本信息"),
}


@pytest.fixture(scope="module")
def pattern(tmp_path_factory):
    root = tmp_path_factory.mktemp("pattern")
    return Pattern(make_project(root, TOML), VALUES)


def spoiled(path, way):
    book = openpyxl.load_workbook(path)
    way(book)
    book.save(path)


def build(capsys, *options):
    with pytest.raises(SystemExit) as stop:
        main(["build", "--mark", "退回件", "--format", "json", *options])
    data = json.loads(capsys.readouterr().out)
    return stop.value.code, data


@pytest.fixture(scope="module")
def office(pattern, tmp_path_factory):
    """Return a folder with the workbooks of a thousand units; every twentieth is wrong."""
    root = tmp_path_factory.mktemp("office")
    make_project(root, TOML)
    ways = iter(WAYS.values())
    for number in range(1000):
        path = root / "inputs" / f"{number:04}.xlsx"
        path.write_bytes(pattern.of(f"第{number}局"))
        if number % 20 == 7:
            spoiled(path, next(ways))
    return root


def errors(data):
    return sorted((f["file"], f["code"]) for f in data["findings"] if f["level"] == "error")


def test_fifty_ways_to_be_wrong_cost_fifty_documents_and_give_fifty_marked_copies(
    office, monkeypatch, capsys
):
    monkeypatch.chdir(office)
    wrong = {f"{number:04}.xlsx" for number in range(7, 1000, 20)}

    code, data = build(capsys)

    found = errors(data)
    assert code == 1
    assert len(WAYS) == 50
    assert {file for file, _ in found} == wrong
    assert len({code for _, code in found}) >= 20
    assert len([n for n in documents(office) if n.endswith(".docx")]) == 950
    assert {path.name for path in Path("退回件").glob("*.xlsx")} == wrong
    assert Counter(d["status"] for d in data["documents"]) == {"built": 950, "failed": 50}


def test_the_second_run_builds_nothing_and_finds_the_same(office, monkeypatch, capsys):
    monkeypatch.chdir(office)
    before = {path: path.stat().st_mtime_ns for path in office.rglob("*.docx")}
    assert len(before) == 951  # the template, too

    code, data = build(capsys)

    assert code == 1
    assert Counter(d["status"] for d in data["documents"]) == {"unchanged": 950, "failed": 50}
    assert Counter(c["status"] for c in data["copies"]) == {"unchanged": 50}
    assert len({file for file, _ in errors(data)}) == 50
    assert {path: path.stat().st_mtime_ns for path in office.rglob("*.docx")} == before


def test_files_that_are_no_workbooks_cost_only_themselves(pattern, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make_project(tmp_path, TOML)
    good = pattern.of("甲局")
    for name, content in {
        "好.xlsx": good,
        "半截.xlsx": good[: len(good) // 2],
        "空.xlsx": b"",
        "网页.xls": b"<html><table></table></html>",
        "文本.xlsx": "单位,金额\n甲局,3\n".encode(),
        "图片.xlsx": b"\x89PNG\r\n",
        "压缩.xlsx": b"Rar!\x1a\x07",
        "乱.xlsx": bytes(range(256)) * 40,
        "又一份好的.xlsx": pattern.of("乙局"),
    }.items():
        (tmp_path / "inputs" / name).write_bytes(content)
    (tmp_path / "inputs" / "两角.xlsx").write_bytes(pattern.of("丙局"))
    spoiled(tmp_path / "inputs" / "两角.xlsx", last_cell)

    code, data = build(capsys)

    assert code == 1
    assert sorted(n for n in documents(tmp_path) if n.endswith("x")) == [
        "乙局报告.docx", "汇总.xlsx", "甲局报告.docx",
    ]  # fmt: skip
    assert len({file for file, _ in errors(data)}) == 8
    assert ("两角.xlsx", "E124") in errors(data)


def last_cell(book):
    """Fill the last cell that a sheet can have: all cells before it want 400 GB."""
    book["内容"]["XFD1048576"] = 1
