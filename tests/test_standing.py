"""What may stay: a warning that the unit explains, an error that the bureau's 核准.xlsx lists."""

import json
from dataclasses import replace

import openpyxl
import pytest

from conftest import HEAD
from reportgen import load_form, read_workbook, write_workbook
from reportgen.cli import main
from reportgen.finding import Severity
from reportgen.manifest import Manifest
from reportgen.pipeline import check
from reportgen.submission import Remark
from reportgen.values import from_plain
from support_docx import lines_of, make_docx

TOML = """
[[section]]
label = "基本信息"
kind = "record"
fields = [{ label = "单位名称", required = true }, { label = "单位代码" }]
[[section]]
label = "项目"
kind = "table"
fields = [
  { label = "名称" },
  { label = "总额", type = "decimal", uom = "万元" },
  { label = "区级", type = "decimal", uom = "万元" },
]
[[check]]
code = "F15"
each = "项目"
rule = "区级 <= 总额"
at = "区级"
message = "区级资金大于总额。"
explain = "请核对。"
[[check]]
code = "F12"
each = "项目"
level = "warning"
rule = "总额 < 100"
at = "总额"
message = "总额很大。"
explain = "请核对，或写明原因。"
[[check]]
code = "F01"
level = "note"
rule = "项目.个数 < 4"
at = "项目.个数"
message = "项目很多。"
[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}报告.docx"
"""
RIGHT, HIGH = {"名称": "甲", "总额": "9", "区级": "8"}, {"名称": "甲", "总额": "9", "区级": "10"}
LARGE = {"名称": "乙", "总额": "200", "区级": "1"}
HEADINGS = ("单位", "代码", "理由", "位置")


class Bureau:
    """A project folder with filled workbooks, its list of approvals, and the command run there."""

    def __init__(self, root, capsys):
        self.root, self.capsys = root, capsys
        folder = root / "templates" / "t"
        folder.mkdir(parents=True)
        (root / "inputs").mkdir()
        head = HEAD + 'code = "单位代码"\n'
        (folder / "form.toml").write_text(head + TOML, encoding="utf-8")
        make_docx(folder / "报告.docx", "{{ 单位名称 }}", "{{ 项目.合计.区级 }}")
        self.form = load_form(folder)

    def send(self, *rows, unit="甲局", code="001001", file="甲.xlsx"):
        values = {"基本信息": {"单位名称": unit, "单位代码": code}, "项目": list(rows)}
        content = write_workbook(self.form, from_plain(values, self.form))
        (self.root / "inputs" / file).write_bytes(content)

    def approve(self, *lines, headings=HEADINGS, path="核准.xlsx", above=()):
        book = openpyxl.Workbook()
        for line in (*above, headings, *lines):
            book.active.append(list(line))
        book.active.title = "核准"
        book.save(self.root / path)

    def run(self, *args, code=0):
        with pytest.raises(SystemExit) as stop:
            main([str(arg) for arg in args])
        out, err = self.capsys.readouterr()
        assert stop.value.code == code, out + err
        return out + err

    def found(self, *args, code=0):
        """Return (code, level, sheet!cell, explanation) of each finding of a check."""
        data = json.loads(self.run("check", "--format", "json", *args, code=code))
        return [
            (f["code"], f["level"], f"{f['sheet']}!{f['cell']}", f["explanation"])
            for f in data["findings"]
        ]

    def manifest(self):
        manifest = Manifest(self.root / "outputs")
        documents = dict(manifest.documents())
        manifest.close()
        return documents


@pytest.fixture
def bureau(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    return Bureau(tmp_path, capsys)


APPROVED = ("F15", "note", "项目!C7", "已核准：上级文件另有规定")


# -- errors that the bureau approves -------------------------------------------------------------


def test_without_an_approval_an_error_keeps_the_document_back(bureau):
    bureau.send(HIGH)

    bureau.run("build", code=1)

    assert bureau.manifest() == {}


def test_an_approved_error_keeps_no_document_back(bureau):
    bureau.send(HIGH)
    bureau.approve(("甲局", "F15", "上级文件另有规定"))

    out = bureau.run("build")

    assert "已核准 F15  区级资金大于总额（现在是“10”）。\n  甲.xlsx › 项目 › C7（区级）\n" in out
    assert "  已核准：上级文件另有规定\n" in out
    assert "改法" not in out
    assert out.endswith("工作簿 1 份，文档 1 份，已核准 1 处。\n")
    document = bureau.root / "outputs" / "甲局报告.docx"
    assert lines_of(document.read_bytes()) == ["甲局", "10"]


def test_check_says_the_same_as_build(bureau):
    bureau.send(HIGH)
    bureau.approve(("甲局", "F15", "上级文件另有规定"))

    assert bureau.found() == [APPROVED]
    bureau.run("check", "--strict")
    assert "note F15 区级资金大于总额（现在是“10”）。 请核对。 已核准：上级文件另有规定" in bureau.run(
        "check", "--format", "lines"
    )  # fmt: skip


def test_the_manifest_keeps_what_was_approved(bureau):
    bureau.send(HIGH)
    bureau.send(RIGHT, unit="乙局", file="乙.xlsx")
    bureau.approve(("甲局", "F15", "上级文件另有规定"))

    bureau.run("build")

    documents = bureau.manifest()
    assert documents["甲局报告.docx"]["approved"] == [
        {"code": "F15", "place": "项目!C7", "reason": "上级文件另有规定"}
    ]
    assert "approved" not in documents["乙局报告.docx"]


@pytest.mark.parametrize("unit", ["甲局", " 甲 局", "001001"])
@pytest.mark.parametrize("code", ["F15", "f15 ", "Ｆ１５"])
def test_the_unit_goes_by_name_or_code_however_they_are_typed(bureau, unit, code):
    bureau.send(HIGH)
    bureau.approve((unit, code, "上级文件另有规定"))

    assert bureau.found() == [APPROVED]


@pytest.mark.parametrize("position", ["项目!C8", "'项目'!$C$8", "项目 › c8"])
def test_a_position_approves_one_cell_alone(bureau, position):
    bureau.send(HIGH, {**HIGH, "名称": "乙"})
    bureau.approve(("甲局", "F15", "同意", position))

    assert bureau.found(code=1) == [
        ("F15", "error", "项目!C7", ""), ("F15", "note", "项目!C8", "已核准：同意"),
    ]  # fmt: skip


@pytest.mark.parametrize(("position", "code"), [("区级", 0), ("总额", 1)])
def test_a_position_may_be_a_label(bureau, position, code):
    bureau.send(HIGH)
    bureau.approve(("甲局", "F15", "同意", position))

    found = bureau.found(code=code)

    assert found[0][1] == ("error" if code else "note")


def test_another_unit_or_another_code_is_not_approved(bureau):
    bureau.send(HIGH)
    bureau.send(HIGH, unit="乙局", file="乙.xlsx")
    bureau.approve(("乙局", "F12", "同意"), ("丙局", "F15", "同意"))

    found = bureau.found(code=1)

    assert [f[:2] for f in found] == [
        ("F15", "error"), ("F15", "error"), ("N606", "note"), ("N605", "note"),
    ]  # fmt: skip


def test_a_warning_may_be_approved_too(bureau):
    bureau.send(LARGE)
    bureau.approve(("甲局", "F12", "同意"))

    assert bureau.found("--strict") == [("F12", "note", "项目!B7", "已核准：同意")]


def test_the_list_is_found_by_its_headings_wherever_they_stand(bureau):
    bureau.send(HIGH)
    bureau.approve(
        ("1", "上级文件另有规定", "F15", "甲局"), (), ("2",),
        headings=("序号", "理由", "代码", "单位"), above=[("示例区财政局核准表",), ()],
    )  # fmt: skip

    assert bureau.found() == [APPROVED]


def test_a_unit_merged_over_its_lines_is_in_each_of_them_and_a_line_below_the_list_is_none(bureau):
    bureau.send(HIGH, LARGE)
    bureau.approve(("甲局", "F12", "新开工"), ("", "F15", "上级文件另有规定"), ("经办人：张示例",))
    book = openpyxl.load_workbook("核准.xlsx")
    book["核准"].merge_cells("A2:A3")
    book.save("核准.xlsx")

    assert bureau.found() == [APPROVED, ("F12", "note", "项目!B8", "已核准：新开工")]


# -- what is wrong with the list ---------------------------------------------------------------


def test_a_list_without_headings_is_an_error_and_approves_nothing(bureau):
    bureau.send(HIGH)
    bureau.approve(("甲局", "F15", "同意"), headings=("甲", "乙"))

    data = json.loads(bureau.run("check", "--format", "json", code=1))

    assert [(f["code"], f["file"]) for f in data["findings"]] == [
        ("F15", "甲.xlsx"), ("E601", "核准.xlsx"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (("", "F15", "同意"), ("E602", "error", "核准!A2")),
        (("甲局", "", "同意"), ("E602", "error", "核准!B2")),
        (("甲局", "F15", " "), ("E602", "error", "核准!C2")),
        (("甲局", "F16", "同意"), ("E603", "error", "核准!B2")),
        (("甲局", "X999", "同意"), ("E604", "error", "核准!B2")),
        (("甲局", "E105", "同意"), ("E604", "error", "核准!B2")),
        (("甲局", "F001", "同意"), ("E604", "error", "核准!B2")),
        (("甲局", "T101", "同意"), ("E604", "error", "核准!B2")),
        (("甲局", "E501", "同意"), ("E604", "error", "核准!B2")),
        (("甲局", "E214", "同意"), ("E604", "error", "核准!B2")),
        (("甲局", "N202", "同意"), ("E604", "error", "核准!B2")),
        (("甲局", "E303", "同意"), ("E604", "error", "核准!B2")),  # what cannot be read
        (("甲局", "E301", "同意"), ("N606", "note", "核准!B2")),
        (("甲局", "F15", "同意", "项目!C9"), ("N606", "note", "核准!B2")),
        (("甲局子", "F15", "同意"), ("N605", "note", "核准!A2")),
    ],
)
def test_a_line_that_cannot_be_meant_is_told_at_its_cell(bureau, line, found):
    bureau.send(HIGH)
    bureau.approve(line)

    assert [f[:3] for f in bureau.found(code=1)] == [("F15", "error", "项目!C7"), found]


def test_a_wrong_code_and_a_wrong_unit_offer_the_nearest(bureau):
    bureau.send(RIGHT)
    bureau.approve(("甲局", "f151", "同意"), ("001002", "F15", "同意"))

    out = bureau.run("check", code=1)

    assert "没有“f151”这个代码。是不是“F15”？" in out
    assert "没有单位“001002”。是不是“001001”？" in out


def test_of_units_that_were_not_to_be_checked_nothing_is_said(bureau):
    bureau.send(RIGHT)
    bureau.approve(("乙局", "F15", "同意"))

    assert bureau.found("inputs/甲.xlsx") == []
    assert [f[0] for f in bureau.found()] == ["N605"]


def test_an_approval_of_what_is_right_is_a_note(bureau):
    bureau.send(RIGHT)
    bureau.approve(("甲局", "F15", "同意"))

    assert [f[:3] for f in bureau.found()] == [("N606", "note", "核准!B2")]
    assert "给“甲局”核准的“F15”没有用上。" in bureau.run("check")


@pytest.mark.parametrize("command", ["check", "build"])
@pytest.mark.parametrize("content", [b"", b"not a workbook"])
def test_a_list_that_cannot_be_read_stops_the_run(bureau, command, content):
    bureau.send(RIGHT)
    (bureau.root / "核准.xlsx").write_bytes(content)

    out = bureau.run(command, code=2)

    assert "核准.xlsx" in out
    assert not (bureau.root / "outputs").exists()


def test_a_list_among_the_workbooks_is_no_approval(bureau):
    bureau.send(HIGH)
    bureau.approve(("甲局", "F15", "自己同意"), path="inputs/核准.xlsx")

    out = bureau.run("check", code=1)

    assert "错误 F15" in out
    assert "核准表要由主管部门放在 inputs 旁边，放在这里不作数" in out
    assert "工作簿 1 份" in out


def test_the_bureaus_own_list_is_no_workbook_of_a_unit(bureau):
    bureau.send(HIGH)
    bureau.approve(("甲局", "F15", "上级文件另有规定"))

    assert bureau.found("inputs", "核准.xlsx") == [APPROVED]


def test_what_a_form_or_template_gets_wrong_stays_an_error(bureau):
    bureau.send(RIGHT)
    make_docx(bureau.form.folder / "报告.docx", "{{ 没有 }}")
    bureau.approve(("甲局", "T104", "同意"))

    assert "T104" in bureau.run("build", code=2)


# -- warnings that the unit explains -----------------------------------------------------------


def explained(bureau, tmp_path, *remarks, rows=(LARGE,)):
    """Return (code, level, cell, explanation) of what is found with *remarks* of the unit."""
    bureau.send(*rows)
    submission = read_workbook(tmp_path / "inputs" / "甲.xlsx", bureau.form)
    found = check(replace(submission, remarks=remarks))
    return [(f.code, f.level, f.place.cell, f.explanation) for f in found]


HERE = {"sheet": "项目", "cell": "B7", "field": "总额", "value": "200"}


@pytest.mark.parametrize(
    "place",
    [
        HERE,
        {},  # of 校验: all of a code
        {**HERE, "cell": "B9"},  # the row has moved
        {**HERE, "value": "190"},  # the value has changed
        {"sheet": "项目", "cell": "B7"},
    ],
)
def test_a_warning_keeps_its_level_with_the_units_words(bureau, tmp_path, place):
    remark = Remark("F12", " 新开工 ", **place)

    assert explained(bureau, tmp_path, remark) == [("F12", Severity.WARNING, "B7", "新开工")]


@pytest.mark.parametrize(
    "remark",
    [
        Remark("F15", "别的", **HERE),
        Remark("F12", "  ", **HERE),
        Remark("F12", "别处", sheet="项目", cell="B8", field="总额", value="190"),
        Remark("F12", "别的表", sheet="基本信息", cell="B7"),
    ],
)
def test_a_remark_about_something_else_explains_nothing(bureau, tmp_path, remark):
    assert explained(bureau, tmp_path, remark) == [("F12", Severity.WARNING, "B7", "")]


def test_of_several_remarks_the_nearest_counts_when_a_row_was_inserted(bureau, tmp_path):
    more = {**LARGE, "名称": "丙", "总额": "300"}
    remarks = [
        Remark("F12", "凡是大的"),
        Remark("F12", "二百的", sheet="项目", cell="B7", field="总额", value="200"),
        Remark("F12", "三百的", sheet="项目", cell="B8", field="总额", value="300"),
    ]

    found = explained(bureau, tmp_path, *remarks, rows=({**LARGE, "总额": "400"}, LARGE, more))

    assert [f[2:] for f in found] == [("B7", "凡是大的"), ("B8", "二百的"), ("B9", "三百的")]


@pytest.mark.parametrize(
    ("cell", "field", "words"), [("B5", "数量", ""), ("A5", "项目.个数", "确实多")]
)
def test_a_remark_about_a_number_of_rows_is_about_the_cell_it_is_shown_at(
    bureau, tmp_path, cell, field, words
):
    bureau.form = replace(
        bureau.form, checks=tuple(replace(c, level="warning") for c in bureau.form.checks)
    )
    rows = [{**RIGHT, "名称": name} for name in "甲乙丙丁"]
    remark = Remark("F01", "确实多", sheet="项目", cell=cell, field=field, value="4")

    found = explained(bureau, tmp_path, remark, rows=rows)

    assert found == [("F01", Severity.WARNING, "A5", words)]


def test_a_note_needs_no_words(bureau, tmp_path):
    rows = [{**RIGHT, "名称": name} for name in "甲乙丙丁"]

    found = explained(bureau, tmp_path, Remark("F01", "确实多"), rows=rows)

    assert found == [("F01", Severity.NOTE, "A5", "")]


def test_words_never_let_an_error_stand_but_are_shown(bureau, tmp_path):
    bureau.send(HIGH)
    submission = read_workbook(tmp_path / "inputs" / "甲.xlsx", bureau.form)

    (found,) = check(replace(submission, remarks=(Remark("F15", "就是这样"),)))

    assert (found.level, found.explanation) == (Severity.ERROR, "就是这样")
    assert found.hint == "请核对。光写说明不行：请改正；确实如此的，请主管部门核准。"


def test_an_explained_warning_does_not_count(bureau, monkeypatch):
    from reportgen import unit

    bureau.send(LARGE)
    read = unit.read_submission
    words = (Remark("F12", "新开工\n的项目"),)
    monkeypatch.setattr(unit, "read_submission", lambda *args: replace(read(*args), remarks=words))

    out = bureau.run("check", "--strict")

    assert out == (
        "警告 F12  总额很大（现在是“200”）。\n  甲.xlsx › 项目 › B7（总额）\n"
        "  总额 = 200（项目 › B7）\n  相差 100\n  改法：请核对，或写明原因。\n  单位说明：新开工 的项目\n"
        "工作簿 1 份，有说明的警告 1 处。\n"
    )
    assert "单位说明：新开工 的项目" in bureau.run("check", "--format", "lines")
    assert bureau.found()[0][3] == "新开工\n的项目"
    assert "有说明的警告 1 处" in bureau.run("build", "--strict")


def test_without_words_a_warning_counts(bureau):
    bureau.send(LARGE)

    assert "警告 1 处。" in bureau.run("check", "--strict", code=1)


def test_what_the_unit_writes_into_its_marked_copy_lets_the_warning_stand(bureau):
    bureau.send(HIGH, {**LARGE, "名称": "丙"})
    bureau.run("check", "--mark", "退回件", code=1)
    path = bureau.root / "退回件" / "甲.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["检查结果"]
    headings = {
        cell.value: (cell.row, cell.column)
        for row in sheet.iter_rows() for cell in row if cell.value in {"代码", "单位说明"}
    }  # fmt: skip
    (top, code), (_, words) = headings["代码"], headings["单位说明"]
    for row in range(top + 1, sheet.max_row + 1):
        if sheet.cell(row, code).value in {"F12", "F15"}:
            sheet.cell(row, words).value = f"说明{sheet.cell(row, code).value}"
    book.save(path)

    found = bureau.found("退回件", code=1)

    assert found == [
        ("F15", "error", "项目!C7", "说明F15"), ("F12", "warning", "项目!B8", "说明F12"),
    ]  # fmt: skip
    book["项目"]["C7"] = 9
    book.save(path)
    assert bureau.found("退回件", "--strict") == [("F12", "warning", "项目!B8", "说明F12")]
    assert "有说明的警告 1 处" in bureau.run("build", "退回件", "--strict")


def test_what_the_unit_writes_beside_a_check_lets_all_its_warnings_stand(bureau):
    bureau.send(LARGE, {**LARGE, "名称": "丙"})
    path = bureau.root / "inputs" / "甲.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["校验"]
    heading = next(c for row in sheet.iter_rows() for c in row if c.value == "说明")
    line = next(c for row in sheet.iter_rows() for c in row if c.value == "F12")
    sheet.cell(line.row, heading.column).value = "都是新开工的"
    book.save(path)

    found = bureau.found("--strict")

    assert found == [
        ("F12", "warning", "项目!B7", "都是新开工的"), ("F12", "warning", "项目!B8", "都是新开工的"),
    ]  # fmt: skip
