"""汇总.xlsx and the report over all units, as `reportgen build` leaves them, run after run."""

import io
import json
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest
from docx import Document

from conftest import HEAD, UNIT
from reportgen import load_form, write_workbook
from reportgen.cli import main
from reportgen.pdf.converter import Pdf
from reportgen.values import from_plain
from reportgen.workers import apart
from support_docx import docx_text, make_docx

TOML = """
[[section]]
label = "内容"
kind = "record"
fields = [{ label = "单位代码" }, { label = "金额", type = "decimal", uom = "万元", required = true }]

[[summary]]
label = "金额"
formula = "内容.金额"

[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}报告.docx"

[[document]]
template = "全区.docx"
scope = "batch"
output = "全区{{ 已报单位数 }}个单位报告.docx"
"""
SUMMARY = Path("outputs/汇总.xlsx")


class Bureau:
    """An office with one form, its units' workbooks and a list of four units."""

    def __init__(self, root, capsys):
        self.capsys = capsys
        self.add_form("t")
        Path("inputs").mkdir()
        book = openpyxl.Workbook()
        book.active.append(["单位代码", "单位名称"])
        for code, name in [("001", "甲局"), ("002", "乙局"), ("003", "丙局"), ("004", "丁局")]:
            book.active.append([code, name])
        book.save("名单.xlsx")

    def add_form(self, name, title="测试表"):
        folder = Path("templates") / name
        folder.mkdir(parents=True)
        head = HEAD.replace('unit = "单位名称"', 'unit = "单位名称"\ncode = "单位代码"')
        head = head.replace('"t"', f'"{name}"').replace("测试表", title)
        (folder / "form.toml").write_text(head + UNIT + TOML, encoding="utf-8")
        make_docx(folder / "报告.docx", "{{ 单位名称 }}：{{ 金额 }}")
        make_docx(
            folder / "全区.docx",
            "合计{{ 汇总.合计.金额 }}万元，未报{{ 未报单位数 }}个",
            "{% for 单位 in 汇总 %}{{ 单位.单位名称 }}{{ 单位.金额 }}{{ 单位.状态 }}；{% endfor %}",
        )
        self.form = load_form(folder)

    def send(self, file, unit, code="", amount="1", *, sample=False, form=None):
        values = {"基本信息": {"单位名称": unit}, "内容": {"单位代码": code, "金额": amount}}
        values["内容"] = {k: v for k, v in values["内容"].items() if v}
        form = form or self.form
        content = write_workbook(form, from_plain(values, form), sample=sample)
        (Path("inputs") / file).write_bytes(content)

    def build(self, *args):
        """Return what a build prints."""
        with pytest.raises(SystemExit):
            main(["build", *args])
        return self.capsys.readouterr().out

    def documents(self, *args):
        """Return what became of the documents of a build, by name."""
        return {
            d["file"]: d["status"]
            for d in json.loads(self.build(*args, "--format", "json"))["documents"]
        }


@pytest.fixture
def bureau(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    return Bureau(tmp_path, capsys)


def units(path=SUMMARY):
    """Return name, amount and status of each row of the summary."""
    sheet = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), data_only=True)["汇总"]
    heads = [cell.value for cell in sheet[4]]
    at = [heads.index(word) for word in ("单位名称", "金额（万元）", "状态")]
    return [tuple(row[column].value for column in at) for row in sheet.iter_rows(5)]


def said(name):
    return docx_text(Path("outputs") / name)


def test_after_a_run_over_two_units_the_summary_and_the_report_are_there(bureau):
    bureau.send("1.xlsx", "甲局", "001", "1.5")
    bureau.send("2.xlsx", "乙局", "002", "")

    out = bureau.build("--roster", "名单.xlsx")

    assert units() == [
        ("甲局", 1.5, "已完成"), ("乙局", None, "有错误"), ("丙局", None, "未报"), ("丁局", None, "未报"),
    ]  # fmt: skip
    report = said("全区2个单位报告.docx")
    assert "合计1.5万元，未报2个" in report
    assert "甲局1.5已完成；乙局有错误；" in report
    assert "汇总：outputs/汇总.xlsx\n" in out
    assert "√ 已生成：全区2个单位报告.docx\n" in out


def test_without_a_list_nobody_is_missing(bureau):
    bureau.send("1.xlsx", "甲局", "001")
    bureau.send("2.xlsx", "乙局", "002")

    bureau.build()

    assert units() == [("甲局", 1, "已完成"), ("乙局", 1, "已完成")]


@pytest.mark.parametrize("more", [None, "示例局"])
def test_a_unit_alone_needs_no_summary_and_a_sample_is_no_unit(bureau, more):
    bureau.send("1.xlsx", "甲局", "001")
    if more:
        bureau.send("2.xlsx", more, sample=True)

    out = bureau.build()

    assert not SUMMARY.exists()
    assert "汇总" not in out
    assert not list(Path("outputs").glob("全区*"))


def test_a_unit_alone_of_a_list_has_one(bureau):
    bureau.send("1.xlsx", "甲局", "001")

    bureau.build("--roster", "名单.xlsx")

    assert [row[0] for row in units()] == ["甲局", "乙局", "丙局", "丁局"]


def test_the_second_run_writes_nothing(bureau):
    bureau.send("1.xlsx", "甲局", "001")
    bureau.send("2.xlsx", "乙局", "002")
    bureau.build()
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in Path("outputs").glob("*.[dx]*")}

    made = bureau.documents()

    assert set(made.values()) == {"unchanged"}
    assert "全区2个单位报告.docx" in made
    after = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in Path("outputs").glob("*.[dx]*")}
    assert after == before
    assert "没有工作簿" not in bureau.build()  # nor is the report one that no workbook asks for


def test_one_unit_that_changes_changes_both(bureau):
    bureau.send("1.xlsx", "甲局", "001")
    bureau.send("2.xlsx", "乙局", "002")
    bureau.build()
    bureau.send("2.xlsx", "乙局", "002", "41")

    made = bureau.documents()

    assert made == {
        "甲局报告.docx": "unchanged", "乙局报告.docx": "built", "全区2个单位报告.docx": "built",
    }  # fmt: skip
    assert ("乙局", 41, "已完成") in units()
    assert "合计42万元" in said("全区2个单位报告.docx")


def test_a_run_over_one_workbook_still_counts_all(bureau):
    bureau.send("1.xlsx", "甲局", "001")
    bureau.send("2.xlsx", "乙局", "002")
    bureau.build()
    bureau.send("2.xlsx", "乙局", "002", "41")

    bureau.build("inputs/2.xlsx")

    assert units() == [("甲局", 1, "已完成"), ("乙局", 41, "已完成")]


def test_a_unit_whose_workbook_is_gone_does_not_count(bureau):
    for number, name in enumerate(["甲局", "乙局", "丙局"], 1):
        bureau.send(f"{number}.xlsx", name, f"00{number}")
    bureau.build()
    Path("inputs/2.xlsx").unlink()

    bureau.build()

    assert [row[0] for row in units()] == ["甲局", "丙局"]
    assert "乙局" not in said("全区2个单位报告.docx")


def test_who_was_missing_and_sent_is_there(bureau):
    bureau.send("1.xlsx", "甲局", "001")
    bureau.build("--roster", "名单.xlsx")
    bureau.send("2.xlsx", "乙局", "002")

    bureau.build("--roster", "名单.xlsx")

    assert [row[2] for row in units()] == ["已完成", "已完成", "未报", "未报"]


def test_what_somebody_edited_is_kept_and_the_new_one_stands_beside_it(bureau):
    bureau.send("1.xlsx", "甲局", "001")
    bureau.send("2.xlsx", "乙局", "002")
    bureau.build()
    book = openpyxl.load_workbook(SUMMARY)
    book["汇总"]["C20"] = "手写"
    book.save(SUMMARY)
    report = Path("outputs/全区2个单位报告.docx")
    document = Document(report)
    document.add_paragraph("手写")
    document.save(report)
    bureau.send("2.xlsx", "乙局", "002", "41")

    bureau.build()
    bureau.build()  # and again

    assert openpyxl.load_workbook(SUMMARY)["汇总"]["C20"].value == "手写"
    assert "手写" in said(report.name)
    assert ("乙局", 41, "已完成") in units(Path("outputs/汇总（重新生成）.xlsx"))
    assert "合计42万元" in said("全区2个单位报告（重新生成）.docx")
    names = sorted(path.name for path in Path("outputs").glob("*重新生成*"))
    assert names == ["全区2个单位报告（重新生成）.docx", "汇总（重新生成）.xlsx"]


def test_a_missing_summary_is_written_again(bureau):
    bureau.send("1.xlsx", "甲局", "001")
    bureau.send("2.xlsx", "乙局", "002")
    bureau.build()
    first = SUMMARY.read_bytes()
    SUMMARY.unlink()
    Path("outputs/全区2个单位报告.docx").unlink()

    bureau.build()

    assert SUMMARY.read_bytes() == first
    assert Path("outputs/全区2个单位报告.docx").exists()


def test_two_forms_in_one_folder_have_a_summary_each(bureau):
    first = bureau.form
    bureau.add_form("u", "别的表")
    for number, name in enumerate(["甲局", "乙局"], 1):
        bureau.send(f"t{number}.xlsx", name, form=first)
        bureau.send(f"u{number}.xlsx", f"{name}所", amount="5")

    bureau.build()

    assert [row[:2] for row in units(Path("outputs/汇总_测试表.xlsx"))] == [
        ("甲局", 1),
        ("乙局", 1),
    ]
    assert [row[:2] for row in units(Path("outputs/汇总_别的表.xlsx"))] == [
        ("甲局所", 5),
        ("乙局所", 5),
    ]


def test_a_report_that_fails_says_where_and_costs_nothing_else(bureau):
    make_docx(Path("templates/t/全区.docx"), "{{ 汇总.合计.金额数 }}")
    bureau.send("1.xlsx", "甲局", "001")
    bureau.send("2.xlsx", "乙局", "002")

    out = bureau.build()

    assert "T104" in out
    assert "全区.docx" in out
    assert units() == [("甲局", 1, "已完成"), ("乙局", 1, "已完成")]
    assert Path("outputs/甲局报告.docx").exists()


def test_links_lead_to_the_files_that_are_there(bureau):
    bureau.send("1#甲 局.xlsx", "甲 & 局", "001")
    bureau.send("2.xlsx", "乙局", "002", "")

    bureau.build("--mark", "outputs/退回")

    sheet = openpyxl.load_workbook(SUMMARY)["汇总"]
    links = [cell for row in sheet.iter_rows(5) for cell in row if cell.hyperlink]
    assert len(links) == 4  # a document, a marked copy, two workbooks
    for cell in links:
        path = unquote(cell.hyperlink.target).replace("\\", "/")
        assert (Path("outputs") / path).is_file()
    Path("outputs/退回/2.xlsx").unlink()

    bureau.build()

    sheet = openpyxl.load_workbook(SUMMARY)["汇总"]
    assert sum(bool(cell.hyperlink) for row in sheet.iter_rows(5) for cell in row) == 3


def test_a_report_under_another_name_leaves_the_old_one_and_says_so(bureau):
    bureau.send("1.xlsx", "甲局", "001")
    bureau.send("2.xlsx", "乙局", "002")
    bureau.build()
    bureau.send("3.xlsx", "丙局", "003")
    bureau.build()

    out = bureau.build()

    assert "= 没有变化：全区3个单位报告.docx\n" in out
    assert "N512  “全区2个单位报告.docx”" in out
    assert Path("outputs/全区2个单位报告.docx").exists()


def test_a_report_that_failed_is_tried_again(bureau):
    template = Path("templates/t/全区.docx")
    make_docx(template, "{{ 汇总.合计.金额数 }}")
    bureau.send("1.xlsx", "甲局", "001")
    bureau.send("2.xlsx", "乙局", "002")

    first, second = bureau.build(), bureau.build()

    for out in (first, second):
        assert "全区.docx" in out
        assert "× " in out
    assert not list(Path("outputs").glob("全区*"))


def test_pdf_prints_the_report_too(bureau, monkeypatch):
    def to_pdf(documents, stop=None):
        return [Pdf(name, b"%PDF") for name, _ in documents]

    monkeypatch.setattr("reportgen.printing.to_pdf", to_pdf)
    bureau.send("1.xlsx", "甲局", "001")
    bureau.send("2.xlsx", "乙局", "002")

    made = bureau.documents("--pdf")

    assert made["全区2个单位报告.pdf"] == "built"
    assert bureau.documents("--pdf")["全区2个单位报告.pdf"] == "unchanged"


def test_many_units_are_put_together_in_another_process_to_the_same_bytes(bureau, monkeypatch):
    for number, unit in enumerate(("甲局", "乙局"), 1):
        bureau.send(f"{number}.xlsx", unit, f"00{number}")
    bureau.build()
    report = Path("outputs/全区2个单位报告.docx")
    here = SUMMARY.read_bytes(), report.read_bytes()
    SUMMARY.unlink()
    report.unlink()
    put_apart = []

    def noted(work, *args):
        put_apart.append(args[0].__name__)
        return apart(work, *args)

    monkeypatch.setattr("reportgen.overview._FEW", 1)
    monkeypatch.setattr("reportgen.overview.apart", noted)
    bureau.build()

    assert put_apart == ["_summary", "_reports"]
    assert (SUMMARY.read_bytes(), report.read_bytes()) == here
