"""A campaign from end to end: the list of units, what came, what is only seen in all of it."""

import json

import openpyxl
import pytest

from conftest import HEAD, UNIT
from reportgen import load_form, write_workbook
from reportgen.cli import main
from reportgen.values import from_plain
from support_docx import make_docx

TOML = """
[[section]]
label = "内容"
kind = "record"
fields = [
  { label = "单位代码" },
  { label = "金额", type = "decimal", required = true },
  { label = "情况", type = "narrative" },
]

[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}报告.docx"
"""
LONG = (
    "全年围绕重点任务抓好组织实施，按季度召开推进会，逐项核对进度，发现问题及时整改，"
    "年底前 12 项任务全部完成，群众满意，资金使用规范，没有发生挤占挪用的情况。"
)


class Bureau:
    def __init__(self, root, capsys):
        self.root, self.capsys = root, capsys
        folder = root / "templates" / "t"
        folder.mkdir(parents=True)
        head = HEAD.replace('unit = "单位名称"', 'unit = "单位名称"\ncode = "单位代码"')
        (folder / "form.toml").write_text(head + UNIT + TOML, encoding="utf-8")
        make_docx(folder / "报告.docx", "{{ 单位名称 }}：{{ 金额 }}")
        self.form = load_form(folder)
        (root / "inputs").mkdir()
        book = openpyxl.Workbook()
        book.active.append(["单位代码", "单位名称"])
        for code, name in [("001", "甲局"), ("002", "乙局"), ("003", "丙局"), ("004", "丁局")]:
            book.active.append([code, name])
        book.save(root / "名单.xlsx")

    def send(self, file, unit, code, text="", amount="1"):
        inner = {"单位代码": code, "金额": amount, "情况": text}
        values = {"基本信息": {"单位名称": unit}, "内容": {k: v for k, v in inner.items() if v}}
        content = write_workbook(self.form, from_plain(values, self.form))
        (self.root / "inputs" / file).write_bytes(content)

    def run(self, *args):
        with pytest.raises(SystemExit):
            main([*args, "--roster", "名单.xlsx"])
        return self.capsys.readouterr().out

    def found(self, *args):
        data = json.loads(self.run(*args, "--format", "json"))
        return sorted((f["code"], f["file"]) for f in data["findings"])

    def documents(self):
        return sorted(path.name for path in (self.root / "outputs").glob("*.docx"))


@pytest.fixture
def bureau(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    return Bureau(tmp_path, capsys)


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_run_says_who_is_done_who_has_errors_and_who_has_not_sent(bureau, command):
    bureau.send("1.xlsx", "甲局", "001")
    bureau.send("2.xlsx", "乙局", "002", amount="")

    out = bureau.run(command)

    assert "名单上的单位 4 个：已完成 1，有错误 1，未报 2。\n" in out
    assert "提示 N826  名单里有 2 个单位还没有报：丙局、丁局。\n  名单.xlsx\n" in out


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_workbook_with_another_units_code_or_of_no_unit_of_the_list_is_an_error(bureau, command):
    bureau.send("1.xlsx", "甲局", "002")
    bureau.send("2.xlsx", "戊局", "005")
    bureau.send("3.xlsx", "丙局", "003")

    found = bureau.found(command)

    assert found == [("E822", "1.xlsx"), ("E823", "2.xlsx"), ("N826", "名单.xlsx")]
    assert bureau.documents() == (["丙局报告.docx"] if command == "build" else [])


@pytest.mark.parametrize("command", ["check", "build"])
def test_two_workbooks_of_a_unit_of_the_list_are_one_error_though_the_names_differ(bureau, command):
    bureau.send("1.xlsx", "甲局", "001")
    bureau.send("2.xlsx", "甲局", "001", amount="2")

    found = bureau.found(command)

    assert found == [("E821", "1.xlsx"), ("N826", "名单.xlsx")]
    assert bureau.documents() == []


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_long_paragraph_that_two_units_share_is_a_warning_for_each_and_builds(bureau, command):
    bureau.send("1.xlsx", "甲局", "001", text=LONG)
    bureau.send("2.xlsx", "乙局", "002", text=LONG.replace("12", "１５"))
    bureau.send("3.xlsx", "丙局", "003", text="本年无。")
    bureau.send("4.xlsx", "丁局", "004", text=f"与往年相同。\n{LONG[::-1]}")

    found = bureau.found(command)

    assert found == [("W824", "1.xlsx"), ("W824", "2.xlsx")]
    assert len(bureau.documents()) == (4 if command == "build" else 0)


@pytest.mark.parametrize("command", ["check", "build"])
def test_what_more_than_half_of_the_units_say_they_were_told_to(bureau, command):
    for number, unit in enumerate(("甲局", "乙局", "丙局"), 1):
        bureau.send(f"{number}.xlsx", unit, f"00{number}", text=LONG)
    bureau.send("4.xlsx", "丁局", "004", text="另一段话。")

    assert bureau.found(command) == []


def test_the_second_run_finds_the_same_and_builds_nothing(bureau):
    bureau.send("1.xlsx", "甲局", "001", text=LONG)
    bureau.send("2.xlsx", "乙局", "002", text=LONG)
    bureau.send("3.xlsx", "丙局", "009")
    first = bureau.found("build")

    out = bureau.run("build")

    assert "已生成" not in out
    assert bureau.found("build") == first


def test_a_changed_list_is_a_reason_to_build_again(bureau):
    bureau.send("1.xlsx", "甲局", "001")
    bureau.run("build")
    book = openpyxl.load_workbook("名单.xlsx")
    book.active.append(["005", "戊局"])
    book.save("名单.xlsx")
    bureau.send("2.xlsx", "戊局", "005")

    out = bureau.run("build")

    assert "√ 已生成：戊局报告.docx\n" in out
    assert "= 没有变化：甲局报告.docx\n" in out
