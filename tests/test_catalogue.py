"""The whole catalogue: each rule is raised by what provokes it, and has its page.

Rules about sheets and cells have their cases in ``test_checks.CASES``; all others stand here, with
what an office does to meet them: files, forms, templates, output, approvals.
"""

import errno
import json
import os
import re
import string
import sys
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from conftest import HEAD
from reportgen import explanations, load_form, rules, write_workbook
from reportgen.borrowed import ForeignNames, copied, paragraphs
from reportgen.campaign import is_listed, not_sent, sent, several, standings
from reportgen.cli import main
from reportgen.compute import compute
from reportgen.errors import ReportgenError
from reportgen.finding import Severity
from reportgen.manifest import Manifest, UnitRecord
from reportgen.pdf.convert import convert, to_pdf
from reportgen.pdf.libreoffice import LibreOffice
from reportgen.pipeline import check
from reportgen.roster import Roster, Unit
from reportgen.rules import CATALOGUE
from reportgen.template import engine
from reportgen.values import from_plain
from reportgen.workbook import book as workbook_book
from reportgen.workbook.read import read_submission, read_workbook
from support_docx import W, add_parts, make_docx, parts_of, write_parts
from support_hostile import more, placeless_corners
from support_pdf import FAKE, SHORT, fake_soffice
from test_checks import CASES

BASE = """
[[section]]
label = "基本信息"
kind = "record"
fields = [
  { label = "单位名称", required = true }, { label = "文" }, { label = "数", type = "decimal" },
  { label = "图", type = "image" }, { label = "出报告", type = "yes_no" },
  { label = "叙", type = "narrative" },
]
[[section]]
label = "项目"
kind = "table"
fields = [{ label = "名称" }]
"""
DOCUMENT = '[[document]]\ntemplate = "报告.docx"\noutput = "{{ 单位名称 }}报告.docx"\n'
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


class Desk:
    """A project folder: what is put there and the findings of the command run there."""

    def __init__(self, root, capsys):
        self.root, self.capsys = root, capsys
        (root / "inputs").mkdir()
        self.form = self.define()
        self.template("{{ 单位名称 }}")

    def define(self, toml="", document=DOCUMENT, *, head=HEAD, whole="", name="t", load=True):
        folder = self.root / "templates" / name
        folder.mkdir(parents=True, exist_ok=True)
        text = whole or head.replace('"t"', f'"{name}"') + BASE + toml + document
        (folder / "form.toml").write_text(text, encoding="utf-8")
        if load:
            self.form = load_form(folder)
        return self.form

    def template(self, *blocks):
        make_docx(self.root / "templates" / "t" / "报告.docx", *blocks)

    def send(self, file="甲.xlsx", unit="甲局", **values):
        given = {"基本信息": {"单位名称": unit, **values}}
        content = write_workbook(self.form, from_plain(given, self.form))
        (self.root / "inputs" / file).write_bytes(content)

    def put(self, file, content):
        (self.root / "inputs" / file).write_bytes(content)

    def command(self, *args):
        """Run the command and return its findings as (code, file, sheet, cell)."""
        with pytest.raises(SystemExit):
            main([*args, "--format", "json"])
        out = self.capsys.readouterr().out
        return [(f["code"], f["file"], f["sheet"], f["cell"]) for f in json.loads(out)["findings"]]

    def check(self, *args):
        return self.command("check", *args)

    def build(self, *args):
        return self.command("build", *args)

    def workbook(self, *args):
        """Run ``reportgen workbook`` and return the codes that it shows."""
        with pytest.raises(SystemExit):
            main(["workbook", "-o", "新.xlsx", *args])
        err = self.capsys.readouterr().err
        return re.findall(r"^错误 (\w+)", err, re.MULTILINE)

    def approve(self, *lines):
        book = openpyxl.Workbook()
        for line in lines:
            book.active.append(list(line))
        book.active.title = "核准"
        book.save(self.root / "核准.xlsx")


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, capsys)
    made.patch = monkeypatch
    return made


#: Rule → what is done; each returns what is found, as (code, file, sheet, cell).
PROVOKED = {}


def provokes(name, *expected):
    """Register a function that raises the rule *name*, and what exactly is found then."""

    def register(function):
        PROVOKED[name] = (function, [*expected])
        return function

    return register


# -- files --------------------------------------------------------------------------------


@provokes("MISSING_FILE", ("E101", "inputs/没有.xlsx", "", ""))
def _(desk):
    desk.send()
    return desk.check("inputs/甲.xlsx", "inputs/没有.xlsx")


@provokes("EMPTY_FILE", ("E102", "a.xlsx", "", ""))
def _(desk):
    desk.put("a.xlsx", b"")
    return desk.check()


@provokes("NOT_A_WORKBOOK", ("E103", "a.xlsx", "", ""))
def _(desk):
    desk.put("a.xlsx", b"<html><table></table></html>")
    return desk.check()


@provokes("ENCRYPTED", ("E104", "a.xlsx", "", ""))
def _(desk):
    desk.put("a.xlsx", OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600)
    return desk.check()


@provokes("DAMAGED", ("E105", "a.xlsx", "", ""))
def _(desk):
    desk.put("a.xlsx", b"PK\x03\x04cut off")
    return desk.check()


@provokes("NO_PERMISSION", ("E106", "甲.xlsx", "", ""))
def _(desk):
    desk.send()
    read = Path.read_bytes

    def refuse(path):
        if path.name == "甲.xlsx":
            raise PermissionError
        return read(path)

    desk.patch.setattr(Path, "read_bytes", refuse)
    return desk.check()


@provokes("NO_INPUT", ("E107", "inputs", "", ""))
def _(desk):
    return desk.check()


@provokes("SKIPPED", ("N108", "说明.txt", "", ""))
def _(desk):
    desk.send()
    desk.put("说明.txt", b"")
    return desk.check()


@provokes("BAD_NAME", ("E125", "\ufffd\ufffd.xlsx", "", ""))
def _(desk):
    desk.send()
    Path("inputs/甲.xlsx").rename(os.fsdecode(b"inputs/\xff\xfe.xlsx"))
    desk.send()
    return desk.check()


@provokes("NO_FORM", ("E109", "甲.xlsx", "", ""))
def _(desk):
    desk.send()
    (desk.root / "templates" / "t" / "form.toml").unlink()
    return desk.check()


@provokes("OTHER_FORM", ("E110", "甲.xlsx", "", ""))
def _(desk):
    desk.send()
    desk.define(name="u")
    return desk.check("--form", "u")


@provokes("ALREADY_THERE", "E518")
def _(desk):
    (desk.root / "先看这里.txt").write_text("我的", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["new", "."])
    return re.findall(r"^错误 (\w+)", desk.capsys.readouterr().err, re.MULTILINE)


@provokes("NOTHING_FAILED", ("N519", "outputs", "", ""))
def _(desk):
    desk.send()
    desk.build()
    return desk.build("--only", "失败")


@provokes("BAD_VALUES", "E111")
def _(desk):
    (desk.root / "数.toml").write_text("[基本信息", encoding="utf-8")
    return desk.workbook("--values", "数.toml")


@provokes("UNKNOWN_VALUE", "E112")
def _(desk):
    (desk.root / "数.json").write_text('{"基本": {}}', encoding="utf-8")
    return desk.workbook("--values", "数.json")


@provokes("BAD_VALUE_SHAPE", "E113")
def _(desk):
    (desk.root / "数.json").write_text('{"项目": 3}', encoding="utf-8")
    return desk.workbook("--values", "数.json")


@provokes("RENEWED", ("E303", "甲.xlsx", "基本信息", "B8"), ("N114", "甲.xlsx", "", ""))
def _(desk):
    desk.send(数="很多")
    path = desk.root / "inputs" / "甲.xlsx"
    book = openpyxl.load_workbook(path)
    book["项目"].add_chart(openpyxl.chart.BarChart(), "E2")
    book.save(path)
    return desk.check("--mark", "退回件")


@provokes("NO_COPY", ("E102", "a.xlsx", "", ""), ("N115", "a.xlsx", "", ""))
def _(desk):
    desk.put("a.xlsx", b"")
    return desk.check("--mark", "退回件")


@provokes("COPIES_AMONG_INPUTS", ("E116", "", "", ""))
def _(desk):
    desk.send()
    return desk.check("--mark", "inputs")


# -- sheets and cells that openpyxl cannot make ----------------------------------------------


@provokes("FOREIGN", ("E214", "甲.xlsx", "", ""))
def _(desk):
    book = openpyxl.Workbook()
    book.active["A1"] = "通讯录"
    book.save(desk.root / "inputs" / "甲.xlsx")
    return desk.check()


def with_raw(desk, raw):
    """Return what is found when the file gives *raw* for the cell of 文."""
    desk.send(文="文字")
    read = workbook_book.Sheet.raw

    def other(sheet, row, column):
        found = read(sheet, row, column)
        return raw if found == "文字" else found

    desk.patch.setattr(workbook_book.Sheet, "raw", other)
    return desk.check()


@provokes("CONTROL_CHARACTERS", ("W323", "甲.xlsx", "基本信息", "B7"))
def _(desk):
    return with_raw(desk, "甲\x01乙")


@provokes("TOO_LONG", ("E325", "甲.xlsx", "基本信息", "B7"))
def _(desk):
    return with_raw(desk, "长" * 32_768)


@provokes("NO_ERRORS_SEEN", ("W217", "甲.xlsx", "", ""))
def _(desk):
    desk.send(文="文字")
    desk.patch.setattr(workbook_book, "unseen_cells", lambda *_: lambda *_: None)
    return desk.check()


@provokes("UNFILLED_OR_ERROR", ("E319", "甲.xlsx", "基本信息", "B7"))
def _(desk):
    desk.define('[[check]]\ncode = "A1"\nrule = "1 == 1"\nmessage = "…"\n')
    folder = desk.root / "templates" / "t" / "form.toml"
    text = folder.read_text(encoding="utf-8").replace('"文" }', '"文", required = true }')
    folder.write_text(text, encoding="utf-8")
    return with_raw(desk, workbook_book.Unclear())


@provokes("NO_PICTURE", ("E328", "甲.xlsx", "基本信息", "B9"))
def _(desk):
    desk.send(图="没有.png")
    return desk.check()


@provokes("TOO_MANY", ("E303", "甲.xlsx", "基本信息", "B8"), ("E346", "甲.xlsx", "", ""))
def _(desk):
    desk.patch.setattr("reportgen.pipeline.MOST_ERRORS", 1)
    desk.send(unit="", 数="约")
    return desk.check()


@provokes("SLOT_IN_CIRCLE", ("E345", "甲.xlsx", "基本信息", "B11"))
def _(desk):
    desk.define('[[computed]]\nlabel = "丙"\nformula = "叙|首数"\n')
    desk.send(叙="有{{ 丙 }}个")
    return desk.check()


# -- documents and output -------------------------------------------------------------------


@provokes("NO_DOCUMENT", ("E501", "甲.xlsx", "", ""))
def _(desk):
    desk.define(document=DOCUMENT + 'when = "出报告"\n')
    desk.send()
    return desk.build()


@provokes("SAME_NAME", ("E502", "乙.xlsx", "", ""), ("E502", "甲.xlsx", "", ""))
def _(desk):
    desk.define(document=DOCUMENT.replace("{{ 单位名称 }}", "同名"))
    desk.send()
    desk.send("乙.xlsx", "乙局")
    return desk.build()


def refuse(*_):
    raise PermissionError


@provokes("CANNOT_WRITE", ("E503", "甲局报告.docx", "", ""))
def _(desk):
    desk.send()
    desk.patch.setattr("reportgen.output._rename", refuse)
    return desk.build()


@provokes("LEADS_OUT", ("E516", "甲局/报告.docx", "", ""))
def _(desk):
    desk.define(document=DOCUMENT.replace("}}报告", "}}/报告"))
    desk.send()
    for name in ("outputs", "elsewhere"):
        (desk.root / name).mkdir()
    (desk.root / "outputs" / "甲局").symlink_to(desk.root / "elsewhere")
    return desk.build()


@provokes("OUTPUT_IN_USE", ("E511", "outputs", "", ""))
def _(desk):
    (desk.root / "outputs").mkdir()
    other = Manifest(desk.root / "outputs")
    desk.send()
    try:
        return desk.build()
    finally:
        other.close()


@provokes("OUTPUT_LOST", ("E514", "outputs", "", ""))
def _(desk):
    def full(folder, content):
        raise OSError(errno.ENOSPC, "no space")

    desk.send()
    desk.patch.setattr("reportgen.output.staged", full)
    return desk.build()


@provokes("LEFT_BEHIND", ("N512", "甲局报告.docx", "", ""))
def _(desk):
    desk.send()
    desk.build()
    (desk.root / "inputs" / "甲.xlsx").unlink()
    desk.send("乙.xlsx", "乙局")
    return desk.build()


@provokes("NO_CLUSTER", ("E120", "", "", ""))
def _(desk):
    desk.send()
    desk.patch.setitem(sys.modules, "distributed", None)
    return desk.build("--scheduler", "tcp://127.0.0.1:1")


def spoil_corners(path):
    """Fill the first and the last cell that a sheet can have: reading it wants 400 GB."""
    book = openpyxl.load_workbook(path)
    sheet = book["基本信息"]
    sheet["XFD1048576"] = 1
    book.save(path)


def edited(desk, *names):
    """Build, change the documents *names* by hand, and build with another value."""
    desk.template("{{ 单位名称 }}{{ 文 }}")
    for text in ("旧", "新", "更新")[: len(names) + 1]:
        desk.send(文=text)
        found = desk.build()
        name = names[len([n for n in names if (desk.root / "outputs" / n).exists()]) - 1]
        make_docx(desk.root / "outputs" / name, text + "，改过")
    return found


@provokes("EDITED", ("N504", "甲局报告.docx", "", ""))
def _(desk):
    return edited(desk, "甲局报告.docx")


@provokes("EDITED_TWICE", ("W508", "甲局报告.docx", "", ""))
def _(desk):
    return edited(desk, "甲局报告.docx", "甲局报告（重新生成）.docx")


@provokes("NO_NAME", ("E505", "甲.xlsx", "", ""))
def _(desk):
    desk.define(document=DOCUMENT.replace("{{ 单位名称 }}报告", "{{ 文 }}"))
    desk.send()
    return desk.build()


@provokes("NAME_FAILED", ("E509", "甲.xlsx", "", ""))
def _(desk):
    desk.define(document=DOCUMENT.replace("{{ 单位名称 }}报告", "{{ 1 / 数 }}"))
    desk.send(数="0")
    return desk.build()


@provokes("NO_ROWS", ("N510", "甲.xlsx", "", ""))
def _(desk):
    desk.define(document=DOCUMENT + 'each = "项目"\nas = "项"\n')
    desk.send()
    return desk.build()


@provokes("OUTPUT_UNUSABLE", ("E506", "outputs", "", ""))
def _(desk):
    desk.send()
    (desk.root / "outputs").write_bytes(b"")
    return desk.build()


@provokes("STALE", ("E303", "甲.xlsx", "基本信息", "B8"), ("N507", "甲.xlsx", "", ""))
def _(desk):
    desk.send()
    desk.build()
    desk.send(数="很多")
    return desk.build()


# -- approvals ----------------------------------------------------------------------------

HEADINGS = ("单位", "代码", "理由")


def approving(desk, *lines):
    desk.send()
    desk.approve(*lines)
    return desk.check()


@provokes("NO_APPROVAL_HEADINGS", ("E601", "核准.xlsx", "", ""))
def _(desk):
    return approving(desk, ("甲局", "E303", "同意"))


@provokes("APPROVAL_INCOMPLETE", ("E602", "核准.xlsx", "核准", "C2"))
def _(desk):
    return approving(desk, HEADINGS, ("甲局", "E303", ""))


@provokes("APPROVAL_OF_NO_CODE", ("E603", "核准.xlsx", "核准", "B2"))
def _(desk):
    return approving(desk, HEADINGS, ("甲局", "E399", "同意"))


@provokes("CANNOT_BE_APPROVED", ("E604", "核准.xlsx", "核准", "B2"))
def _(desk):
    return approving(desk, HEADINGS, ("甲局", "E101", "同意"))


@provokes("APPROVAL_OF_NO_UNIT", ("N605", "核准.xlsx", "核准", "A2"))
def _(desk):
    return approving(desk, HEADINGS, ("乙局", "E301", "同意"))


@provokes("APPROVAL_UNUSED", ("N606", "核准.xlsx", "核准", "B2"))
def _(desk):
    return approving(desk, HEADINGS, ("甲局", "E301", "同意"))


# -- the list of units, last year's workbooks ------------------------------------------------

CODED = HEAD + 'code = "单位代码"\n'
CODE_AND_PRIOR = """
[[section]]
label = "编码"
kind = "record"
fields = [{ label = "单位代码" }, { label = "上年数", type = "decimal", prior = "数" }]
"""


def write_list(desk, *lines, file="名单.xlsx"):
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(list(line))
    book.active.title = "名单"
    book.save(desk.root / file)


def handing_out(desk, *lines, last_year=()):
    """Return what is said of a list of units, and of last year's workbooks (file, unit, code, 数)."""
    form = desk.define(CODE_AND_PRIOR, head=CODED)
    write_list(desk, *lines)
    (desk.root / "上年").mkdir()
    for file, unit, code, amount in last_year:
        given = {"基本信息": {"单位名称": unit, "数": amount}, "编码": {"单位代码": code}}
        content = write_workbook(form, from_plain(given, form))
        (desk.root / "上年" / file).write_bytes(content)
    more = ["--last-year", "上年"] if last_year else []
    with pytest.raises(SystemExit):
        main(["workbook", "--roster", "名单.xlsx", "-o", "下发", *more])
    return found_in_text(desk)


def found_in_text(desk):
    """Return what the command told people, as (code, file, sheet, cell)."""
    err = desk.capsys.readouterr().err
    found = re.findall(r"^(?:错误|警告|提示) (\w+)  .*\n  (.*)$", err, re.MULTILINE)
    return [(code, *[*place.partition("（")[0].split(" › "), "", ""][:3]) for code, place in found]


LIST = ("单位代码", "单位名称")


@provokes("NO_ROSTER_HEADINGS", ("E801", "名单.xlsx", "", ""))
def _(desk):
    return handing_out(desk, ("编号", "名字"), ("001", "甲局"))


@provokes("ROSTER_INCOMPLETE", ("E802", "名单.xlsx", "名单", "B3"))
def _(desk):
    return handing_out(desk, LIST, ("001", "甲局"), ("002", ""))


@provokes("ROSTER_CODE_TWICE", ("E803", "名单.xlsx", "名单", "A3"))
def _(desk):
    return handing_out(desk, LIST, ("001", "甲局"), ("001", "乙局"))


@provokes("ROSTER_UNIT_TWICE", ("E804", "名单.xlsx", "名单", "B3"))
def _(desk):
    return handing_out(desk, LIST, ("001", "甲局（本级）"), ("002", "甲局(本级) "))


@provokes("ROSTER_CODE_NUMBER", ("W805", "名单.xlsx", "名单", "A3"))
def _(desk):
    return handing_out(desk, LIST, ("001001", "甲局"), (1002, "乙局"))


@provokes("MADE_FOR_OTHER", ("E806", "甲.xlsx", "编码", "B6"))
def _(desk):
    form = desk.define(CODE_AND_PRIOR, head=CODED)
    given = {"基本信息": {"单位名称": "甲局"}, "编码": {"单位代码": "002"}}
    desk.put(
        "甲.xlsx", write_workbook(form, replace(from_plain(given, form), made_for=("甲局", "001")))
    )
    return desk.check()


@provokes("CARRIED_CHANGED", ("W807", "甲.xlsx", "编码", "B7"))
def _(desk):
    form = desk.define(CODE_AND_PRIOR, head=CODED)
    given = {
        "基本信息": {"单位名称": "甲局"},
        "编码": {"上年数": "6"},
        "上年": {"基本信息": {"数": "5"}},
    }
    desk.put("甲.xlsx", write_workbook(form, from_plain(given, form)))
    return desk.check()


@provokes("LAST_YEAR_TWICE", ("E811", "上年", "", ""))
def _(desk):
    two = ("a.xlsx", "甲局", "001", "5"), ("b.xlsx", "甲局", "001", "6")
    return handing_out(desk, LIST, ("001", "甲局"), last_year=two)


@provokes("LAST_YEAR_UNCLEAR", ("E812", "a.xlsx", "", ""))
def _(desk):
    mixed = ("a.xlsx", "乙局", "001", "5")
    return handing_out(desk, LIST, ("001", "甲局"), ("002", "乙局"), last_year=[mixed])


@provokes("NOT_CARRIED", ("W815", "a.xlsx", "基本信息", "B8"))
def _(desk):
    return handing_out(desk, LIST, ("001", "甲局"), last_year=[("a.xlsx", "甲局", "001", "约五")])


@provokes("LAST_YEAR_OF_NO_UNIT", ("N813", "b.xlsx", "", ""))
def _(desk):
    two = ("a.xlsx", "甲局", "001", "5"), ("b.xlsx", "甲办", "009", "6")
    return handing_out(desk, LIST, ("001", "甲局"), last_year=two)


@provokes("LAST_YEAR_RENAMED", ("N814", "a.xlsx", "", ""))
def _(desk):
    return handing_out(desk, LIST, ("001", "甲局"), last_year=[("a.xlsx", "甲办", "001", "5")])


@provokes("NO_LAST_YEAR", ("N816", "上年", "", ""))
def _(desk):
    only = [("a.xlsx", "甲局", "001", "5")]
    return handing_out(desk, LIST, ("001", "甲局"), ("002", "乙局"), last_year=only)


# -- many units ------------------------------------------------------------------------------


def places(findings):
    return [(f.code, f.place.file, f.place.sheet, f.place.cell) for f in findings]


def computed(desk, unit, code="001", text=""):
    form = desk.define(CODE_AND_PRIOR, head=CODED)
    given = {"基本信息": {"单位名称": unit, "叙": text}, "编码": {"单位代码": code}}
    content = write_workbook(form, from_plain(given, form))
    return compute(read_submission(workbook_book.open_bytes(content, f"{unit}.xlsx"), form))


ROSTER = Roster(units=(Unit(name="甲局", code="001"), Unit(name="示例区乙局", code="002")))


@provokes("SEVERAL_FILES", ("E821", "a.xlsx", "", ""))
def _(desk):
    return places(several([sent(UnitRecord(file=f"../{n}.xlsx", unit="甲局")) for n in "ab"]))


@provokes("NOT_AS_LISTED", ("E822", "甲局.xlsx", "编码", "B6"))
def _(desk):
    return places(is_listed(computed(desk, "甲局", "003"), ROSTER))


@provokes("NOT_LISTED", ("E823", "丙局.xlsx", "基本信息", "B6"))
def _(desk):
    return places(is_listed(computed(desk, "丙局", "003"), ROSTER))


@provokes(
    "COPIED_TEXT",
    ("W824", "甲局.xlsx", "基本信息", "B11"),
    ("W824", "乙局.xlsx", "基本信息", "B11"),
)
def _(desk):
    text = "各项工作都照计划做完了，" * 6
    units = [computed(desk, name, text=text) for name in ("甲局", "乙局")]
    files = {data.submission.file: data.submission.file[:2] for data in units}
    group = [(data.submission.file, one) for data in units for one in paragraphs(data)]
    found = copied([group], files, files, len(files))
    return places([*found["甲局.xlsx"], *found["乙局.xlsx"]])


@provokes("FOREIGN_NAME", ("W825", "甲局.xlsx", "基本信息", "B11"))
def _(desk):
    return places(ForeignNames(ROSTER).find(computed(desk, "甲局", text="示例区乙局努力工作。")))


@provokes("NOT_SENT", ("N826", "名单.xlsx", "", ""))
def _(desk):
    return places(not_sent(standings([], ROSTER), "名单.xlsx"))


# -- the form's definition -------------------------------------------------------------------


def defining(desk, **how):
    """Return the code and place in form.toml of each mistake."""
    with pytest.raises(ReportgenError) as error:
        desk.define(**how)
    return [(f.code, f.place.file, f.place.field) for f in error.value.findings]


@provokes("FORM_UNREADABLE", ("F001", "t/form.toml", ""))
def _(desk):
    return defining(desk, whole="[form")


@provokes("FORM_KEY", ("F002", "t/form.toml", "[form]"))
def _(desk):
    return defining(desk, head=HEAD + 'autor = "x"\n')


@provokes("FORM_MISSING", ("F003", "t/form.toml", "[[section]] 空表"))
def _(desk):
    return defining(desk, toml='[[section]]\nlabel = "空表"\nkind = "table"\n')


@provokes("FORM_VALUE", ("F004", "t/form.toml", "[[check]] A1"))
def _(desk):
    check_ = '[[check]]\ncode = "A1"\nrule = "数 > 1"\nmessage = "…"\nlevel = "bad"\n'
    return defining(desk, toml=check_)


@provokes("FORM_NAME_TWICE", ("F005", "t/form.toml", "[[computed]] 项目"))
def _(desk):
    return defining(desk, toml='[[computed]]\nlabel = "项目"\nformula = "数 + 1"\n')


@provokes("FORM_RESERVED", ("F006", "t/form.toml", "[[computed]] 个数"))
def _(desk):
    return defining(desk, toml='[[computed]]\nlabel = "个数"\nformula = "数 + 1"\n')


@provokes("FORM_EXPRESSION", ("F007", "t/form.toml", "[[computed]] 丙"))
def _(desk):
    return defining(desk, toml='[[computed]]\nlabel = "丙"\nformula = "数 +* 1"\n')


@provokes("FORM_UNKNOWN_NAME", ("F008", "t/form.toml", "[[computed]] 丙"))
def _(desk):
    return defining(desk, toml='[[computed]]\nlabel = "丙"\nformula = "丁 + 1"\n')


@provokes("FORM_CYCLE", ("F009", "t/form.toml", "[[computed]] 丙"))
def _(desk):
    return defining(desk, toml='[[computed]]\nlabel = "丙"\nformula = "丙 + 1"\n')


# -- Word templates -----------------------------------------------------------------------


def rendering(desk, *blocks, **values):
    desk.template(*blocks)
    desk.send(**values)
    return desk.build()


@provokes("TEMPLATE_MISSING", ("T101", "t", "", ""))
def _(desk):
    desk.send()
    (desk.root / "templates" / "t" / "报告.docx").unlink()
    return desk.build()


@provokes("TEMPLATE_UNREADABLE", ("T102", "报告.docx", "", ""))
def _(desk):
    desk.send()
    (desk.root / "templates" / "t" / "报告.docx").write_bytes(b"x")
    return desk.build()


@provokes("TEMPLATE_SYNTAX", ("T103", "报告.docx", "", ""))
def _(desk):
    return rendering(desk, "{{ 文 + }}")


@provokes("TAG_HALF", ("T107", "报告.docx", "", ""))
def _(desk):
    return rendering(desk, "{{ 文")


@provokes("TAG_UNCLOSED", ("T108", "报告.docx", "", ""))
def _(desk):
    return rendering(desk, "{% if 文 %}没有结束")


@provokes("TAG_UNOPENED", ("T109", "报告.docx", "", ""))
def _(desk):
    return rendering(desk, "没有开始{% endif %}")


@provokes("TAG_LEVELS", ("T110", "报告.docx", "", ""))
def _(desk):
    return rendering(desk, "{% if 文 %}甲", [["乙{% endif %}"]], "丙")


@provokes("TAG_SWALLOWS", ("T111", "报告.docx", "", ""))
def _(desk):
    return rendering(desk, "前{%p if 文 %}后", "{%p endif %}")


@provokes("TAGS_MORE", *[("T107", "报告.docx", "", "")] * 100, ("T113", "报告.docx", "", ""))
def _(desk):
    desk.template("{{ 单位名称 ", *["{{ x"] * 119)
    return [one for one in desk.command("lint") if one[0].startswith("T1")]


@provokes("TAG_NO_TABLE", ("T112", "报告.docx", "", ""), ("T112", "报告.docx", "", ""))
def _(desk):
    return rendering(desk, "{%tr if 文 %}", "{%tr endif %}")


@provokes("NOT_INCLUDED", ("T501", "报告.docx", "", ""))
def _(desk):
    return rendering(desk, "{%p include “附件一.docx” %}")


@provokes("TEMPLATE_UNKNOWN_NAME", ("T104", "报告.docx", "", ""))
def _(desk):
    return rendering(desk, "{{ 单位名 }}")


@provokes("TEMPLATE_FAILED", ("T105", "甲.xlsx", "基本信息", "B8"))
def _(desk):
    return rendering(desk, "{{ (1 / 数)|小数(2) }}", 数="0")


@provokes("TEMPLATE_RESULT", ("T106", "甲.xlsx", "", ""))
def _(desk):
    mark = "<w:bookmarkStart w:id='7' w:name='{%% %s %%}'/>"
    inside = f"<w:p><w:r><w:t>甲</w:t></w:r>{mark % 'endif'}</w:p>"
    return rendering(desk, mark % "if 文", inside)


# -- what only lint says ---------------------------------------------------------------------


def linting(desk, *blocks, toml=""):
    """Return what lint finds in a template that uses every field, and *blocks*."""
    desk.define(toml)
    desk.template(*blocks, "{{ 文 }}{{ 数 }}{{ 图 }}{{ 出报告 }}{{ 叙 }}{{ 项目.名称|连接 }}")
    return desk.command("lint")


@provokes("LIST_AS_VALUE", ("T201", "报告.docx", "", ""))
def _(desk):
    return linting(desk, "{{ 项目 }}")


@provokes("VALUE_AS_LIST", ("T202", "报告.docx", "", ""))
def _(desk):
    return linting(desk, "{% for 行 in 单位名称 %}{% endfor %}")


@provokes("FILTER_MISFIT", ("T203", "报告.docx", "", ""))
def _(desk):
    return linting(desk, "{{ 文|小数(2) }}")


@provokes("ENDLESS", ("T204", "报告.docx", "", ""))
def _(desk):
    return linting(desk, "{{ 数 / 3 }}")


@provokes("NEVER", ("T205", "报告.docx", "", ""))
def _(desk):
    return linting(desk, "{% if 数 == '3' %}三{% endif %}")


@provokes("TAG_LIKE", ("T206", "报告.docx", "", ""))
def _(desk):
    return linting(desk, "{ { 单位名称 } }")


@provokes("TAG_TAIL", ("T207", "报告.docx", "", ""))
def _(desk):
    return linting(desk, "单位名称 }}")


@provokes("MERGE_FIELD", ("T208", "报告.docx", "", ""))
def _(desk):
    return linting(desk, '<w:p><w:fldSimple w:instr="MERGEFIELD 单位名"/></w:p>')


@provokes("REVISIONS", ("T209", "报告.docx", "", ""))
def _(desk):
    return linting(desk, '<w:p><w:ins w:id="1"><w:r><w:t>新</w:t></w:r></w:ins></w:p>')


@provokes("NOT_FILLED", ("T210", "报告.docx", "", ""))
def _(desk):
    desk.template("")
    add_parts(
        desk.root / "templates" / "t" / "报告.docx", {"word/diagrams/data1.xml": "<x>{{ 文 }}</x>"}
    )
    return [one for one in desk.command("lint") if one[0] != "N702"]


@provokes("CELL_TAG_OUTSIDE", ("T211", "报告.docx", "", ""))
def _(desk):
    return linting(desk, "{% vm %}")


@provokes("NAME_IN_BRACKETS", ("W703", "报告.docx", "", ""))
def _(desk):
    return linting(desk, "【单位名称】")


@provokes("COMMENTS", ("W704", "报告.docx", "", ""))
def _(desk):
    comment = f'<w:comment xmlns:w="{W[1:-1]}" w:id="1" w:author="甲"><w:p/></w:comment>'
    desk.template("")
    path = desk.root / "templates" / "t" / "报告.docx"
    add_parts(
        path, {"word/comments.xml": f'<w:comments xmlns:w="{W[1:-1]}">{comment}</w:comments>'}
    )
    return [one for one in desk.command("lint") if one[0] != "N702"]


@provokes("FORM_NEVER", ("F010", "t/form.toml", "", ""))
def _(desk):
    return linting(desk, toml='[[check]]\ncode = "A1"\nrule = "文 == 3"\nmessage = "…"\n')


@provokes("PRODUCT_TOTAL", ("W701", "t/form.toml", "", ""))
def _(desk):
    fields = '{ label = "甲", type = "integer" }, { label = "乙", formula = "甲 * 甲" }'
    return linting(
        desk,
        "{{ 表.合计.乙 }}",
        toml=f'[[section]]\nlabel = "表"\nkind = "table"\nfields = [{fields}]\n',
    )


@provokes("UNUSED_FIELDS", ("N702", "t/form.toml", "", ""))
def _(desk):
    return linting(desk, toml='[[section]]\nlabel = "纲"\nkind = "outline"\n')


def breaking(desk, break_):
    """Let the last step of rendering break the body as *break_* does: no template can."""
    repair = engine.repair

    def step(root):
        repair(root)
        break_(root)

    desk.patch.setattr(engine, "repair", step)
    return rendering(desk, "{{ 单位名称 }}")


@provokes("VALUE_LOST", ("T601", "甲.xlsx", "", ""))
def _(desk):
    return breaking(desk, lambda root: next(root.iter("{*}t")).clear())


@provokes("DOCUMENT_UNSOUND", ("T602", "甲.xlsx", "", ""))
def _(desk):
    return breaking(desk, lambda root: setattr(next(root.iter("{*}p")), "tail", "散"))


@provokes("TAG_LEFT_OVER", ("T603", "甲.xlsx", "", ""))
def _(desk):
    return breaking(desk, lambda root: setattr(next(root.iter("{*}t")), "text", "甲局{{ 名 }}"))


@provokes("TEMPLATE_CARRIES", ("T605", "报告.docx", "", ""))
def _(desk):
    return rendering(
        desk, '<w:p><w:fldSimple w:instr="DDEAUTO cmd"><w:r><w:t>x</w:t></w:r></w:fldSimple></w:p>'
    )


@provokes("TEMPLATE_DROPS", ("W706", "报告.docx", "", ""))
def _(desk):
    desk.template("{{ 单位名称 }}")
    add_parts(desk.root / "templates" / "t" / "报告.docx", {"word/vbaProject.bin": b"macro"})
    desk.send("甲.xlsx", "甲局")
    desk.send("乙.xlsx", "乙局")
    return desk.build()


# -- PDF ------------------------------------------------------------------------------------


def converting(desk, *documents, script=FAKE):
    """Turn *documents* into PDFs by a program in LibreOffice's place."""
    program = LibreOffice(str(fake_soffice(desk.root / "bin", script)))
    named = [(f"{n}.docx", words) for n, words in enumerate(documents)]
    pdfs = list(convert(named, program, SHORT))
    places = [(f.code, f.place) for pdf in pdfs for f in pdf.findings]
    return [(code, place.file, place.sheet, place.cell) for code, place in places]


@provokes("NO_CONVERTER", ("E520", "", "", ""))
def _(desk):
    desk.patch.setattr("reportgen.pdf.convert.converters", lambda: iter(()))
    (pdf,) = to_pdf((("甲.docx", b""),))
    return [(f.code, f.place.file, f.place.sheet, f.place.cell) for f in pdf.findings]


@provokes("CONVERTER_FAILS", *[("E521", "", "", "")] * 4)
def _(desk):
    return converting(desk, *[b"x"] * 4, script="#!/bin/sh\nexit 1\n")


@provokes("PDF_TOO_SLOW", ("E522", "0.docx", "", ""))
def _(desk):
    return converting(desk, b"hang", b"x")


@provokes("NO_PDF", ("E523", "1.docx", "", ""))
def _(desk):
    return converting(desk, b"x", b"nothing")


# -- Word documents that are looked through -----------------------------------------------------


def verified(desk, change=None, *, build=True):
    """Build a document, let *change* change its parts, and look it through."""
    desk.send()
    if build:
        desk.build()
    path = desk.root / "outputs" / "甲局报告.docx"
    if change:
        write_parts(path, change(parts_of(path)))
    return desk.command("verify", "outputs")


def body_with(xml):
    """Return a change that puts *xml* at the beginning of the body."""

    def change(parts):
        body = parts["word/document.xml"].replace(b"<w:body>", b"<w:body>" + xml.encode())
        return {**parts, "word/document.xml": body}

    return change


BUILT = "outputs/甲局报告.docx"
EDITED = ("N537", BUILT, "", "")


@provokes("NOT_A_DOCUMENT", ("E531", "outputs/a.docx", "", ""))
def _(desk):
    (desk.root / "outputs").mkdir()
    (desk.root / "outputs" / "a.docx").write_bytes(b"PK")
    return desk.command("verify", "outputs")


@provokes("DOCUMENT_BROKEN", ("E532", BUILT, "", ""), EDITED)
def _(desk):
    return verified(desk, body_with("<w:tbl/>"))


@provokes("DOCUMENT_CARRIES", ("E533", BUILT, "", ""), EDITED)
def _(desk):
    return verified(desk, body_with("<w:p><w:r><w:instrText>DDEAUTO a</w:instrText></w:r></w:p>"))


@provokes("DOCUMENT_IRREGULAR", ("W534", BUILT, "", ""), EDITED)
def _(desk):
    return verified(desk, body_with("<w:p><w:r/><w:pPr/></w:p>"))


@provokes("NOT_FILLED_IN", ("W535", BUILT, "", ""), EDITED)
def _(desk):
    return verified(desk, body_with("<w:p><w:r><w:t>null</w:t></w:r></w:p>"))


@provokes("DOCUMENT_MORE", ("W534", BUILT, "", ""), ("N536", BUILT, "", ""), EDITED)
def _(desk):
    desk.patch.setattr("reportgen.template.sound.MOST", 1)
    desk.patch.setattr("reportgen.proof.Pool", Here)
    return verified(desk, body_with("<w:p><w:r/><w:pPr/></w:p><w:p><w:pPr/><w:pPr/></w:p>"))


class Here:
    """A pool that is this process."""

    def __init__(self, *_given, **_more):
        pass

    def submit(self, function, *given):
        future = Future()
        future.set_result(function(*given))
        return future

    def close(self):
        pass


@provokes("EDITED_SINCE", EDITED)
def _(desk):
    return verified(desk, body_with("<w:p/>"))


@provokes("VERIFY_TOO_MUCH", ("E538", BUILT, "", ""))
def _(desk):
    late = Future()
    late.set_exception(TimeoutError())
    desk.patch.setattr("reportgen.proof.Pool.submit", lambda *_: late)
    return verified(desk)


@provokes("NO_DOCX", ("E539", "", "", ""))
def _(desk):
    return desk.command("verify", "inputs")


@provokes("BUG", ("X999", "甲.xlsx", "", ""))
def _(desk):
    def broken(*_args, **_more):
        raise RuntimeError

    desk.send()
    desk.patch.setattr("reportgen.unit.build_unit", broken)
    return desk.build()


@provokes("TOO_LARGE", ("E117", "甲.xlsx", "", ""))
def _(desk):
    def full(*_args, **_more):
        raise MemoryError

    desk.send()
    desk.patch.setattr("reportgen.unit.open_bytes", full)
    return desk.build()


@provokes("TOO_SLOW", ("E118", "乙.xlsx", "", ""), ("E118", "甲.xlsx", "", ""))
def _(desk):
    desk.send()
    desk.send("乙.xlsx", "乙局")
    late = Future()
    late.set_exception(TimeoutError())
    desk.patch.setattr("reportgen.workers.Workers.submit", lambda *_: late)
    return desk.build()


@provokes("KILLED", ("E119", "甲.xlsx", "", ""))
def _(desk):
    desk.send("乙.xlsx", "乙局")
    desk.send()
    content = placeless_corners((desk.root / "inputs" / "甲.xlsx").read_bytes(), "基本信息")
    desk.put("甲.xlsx", content)
    return desk.build()


@provokes("UNSAFE_FILE", ("E121", "甲.xlsx", "", ""))
def _(desk):
    desk.send()
    path = desk.root / "inputs" / "甲.xlsx"
    path.write_bytes(more(path.read_bytes(), [("../甲.xml", b"<a/>")]))
    return desk.check()


@provokes("TOO_LARGE_FILE", ("E122", "甲.xlsx", "", ""))
def _(desk):
    desk.send()
    desk.patch.setattr("reportgen.preflight.MOST_UNPACKED", 1000)
    return desk.check()


@provokes("NOT_DOWNLOADED", ("E123", "甲.xlsx", "", ""))
def _(desk):
    desk.send()

    def refuse(_path):
        error = OSError()
        error.winerror = 362  # the cloud's program is not running
        raise error

    desk.patch.setattr(Path, "read_bytes", refuse)
    return desk.check("--form", "t")


@provokes("FAR_CELL", ("E124", "甲.xlsx", "基本信息", "XFD1048576"))
def _(desk):
    desk.send()
    spoil_corners(desk.root / "inputs" / "甲.xlsx")
    return desk.build()


# -- each rule is raised --------------------------------------------------------------------


NAMES = {rule.code: name for name, rule in vars(rules).items() if isinstance(rule, rules.Rule)}


@pytest.mark.parametrize("name", PROVOKED)
def test_what_provokes_a_rule_gives_exactly_its_finding_at_its_place(desk, name):
    provoke, expected = PROVOKED[name]

    assert provoke(desk) == expected
    code = vars(rules)[name].code
    assert code in {one if isinstance(one, str) else one[0] for one in expected}


def test_every_rule_is_raised_by_a_case():
    assert set(NAMES.values()) == set(PROVOKED) | set(CASES)
    assert not set(PROVOKED) & set(CASES)


# -- each rule has its page ------------------------------------------------------------------

PYTHON = (
    r"\b(None|True|False|Number|Text|Blank|Decimal|Finding|Place|[A-Z]\w+Error|Exception|object|"
    r"openpyxl|calamine|jinja2?|docxtpl|lxml|click|Traceback)\b"
)
#: What may stand in a message without quotes: it is quoted already where it is a text.
AS_WRITTEN = {"F004"}


def words_of(rule):
    """Return the names of the words that a rule's message and hint take."""
    parsed = [*string.Formatter().parse(rule.message), *string.Formatter().parse(rule.hint)]
    return {name for _, name, _, _ in parsed if name}


def test_every_rule_has_a_page_and_every_page_a_rule():
    assert set(explanations.pages()) == set(CATALOGUE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_page_has_the_words_of_its_message_and_no_others(code):
    assert set(explanations.pages()[code].words) == words_of(CATALOGUE[code])


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_message_quotes_what_is_there_and_says_what_to_do(code):
    rule, words = CATALOGUE[code], explanations.pages()[code].words

    found = explanations.sample(rule)

    for name in ("label", "value"):
        if name in words_of(rule) and code not in AS_WRITTEN:
            assert f"“{words[name]}”" in found.message + found.hint
    assert found.hint or (rule.level is Severity.NOTE and explanations.pages()[code].more)
    assert not re.search(PYTHON, found.message + found.hint)


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_page_is_two_to_five_plain_chinese_sentences(code):
    page = explanations.pages()[code]

    assert page.why.strip().endswith("。")
    assert 2 <= len(re.findall(r"[。？]", page.why + page.more)) <= 5
    assert not re.search(PYTHON, page.why + page.more)
    assert "\n\n" not in page.why
    explanations.rule_page(CATALOGUE[code]).encode("gbk")


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_page_begins_with_its_code_level_and_family_and_shows_message_and_hint(code):
    text = explanations.rule_page(CATALOGUE[code])

    assert text.startswith(f"{code}（{CATALOGUE[code].level.label} · ")
    found = explanations.sample(CATALOGUE[code])
    assert f"例：{found.message}\n" in text
    assert f"改法：{found.hint}\n" in text or not found.hint


def test_every_family_of_codes_has_a_heading():
    families = {explanations.family(rule) for rule in CATALOGUE.values()}

    assert families == set(explanations.FAMILIES.values())


def test_a_workbook_of_the_desk_is_clean(desk):
    desk.send()
    submission = read_workbook(desk.root / "inputs" / "甲.xlsx", desk.form)

    assert check(submission) == ()
    assert desk.build() == []
