"""``--mark``: marked copies in a folder of their own, the unit's files untouched."""

import json
from pathlib import Path

import openpyxl
import pytest

from conftest import HEAD, UNIT
from reportgen import load_form, write_workbook
from reportgen.cli import main
from reportgen.copies import names_of
from reportgen.values import from_plain
from support_docx import make_docx
from support_workbook import convert

TOML = """
[[section]]
label = "内容"
kind = "record"
fields = [{ label = "金额", type = "decimal", uom = "万元", required = true }]

[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}报告.docx"
"""


class Office:
    """A project folder that the test stands in, and the command run there."""

    def __init__(self, root, capsys):
        self.capsys = capsys
        folder = root / "templates" / "t"
        folder.mkdir(parents=True)
        (folder / "form.toml").write_text(HEAD + UNIT + TOML, encoding="utf-8")
        make_docx(folder / "报告.docx", "{{ 单位名称 }}：{{ 金额 }}")
        self.form = load_form(folder)

    def send(self, path, *, unit="甲局", amount="3.5"):
        values = {"基本信息": {"单位名称": unit}, "内容": {"金额": amount}}
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write_workbook(self.form, from_plain(values, self.form)))
        return path

    def spoil(self, path, amount="三万"):
        book = openpyxl.load_workbook(path)
        book["内容"]["B6"] = amount
        book.save(path)
        return path

    def run(self, *args, code):
        with pytest.raises(SystemExit) as stop:
            main([str(arg) for arg in args])
        out, err = self.capsys.readouterr()
        assert stop.value.code == code, out + err
        return out, err


@pytest.fixture
def office(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    return Office(tmp_path, capsys)


def copies(folder="退回件"):
    return sorted(p.relative_to(folder).as_posix() for p in Path(folder).rglob("*.xlsx"))


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_copy_of_each_wrong_workbook_is_written_and_the_originals_stay_as_they_are(
    office, command
):
    bad = office.spoil(office.send("inputs/甲局.xlsx"))
    good = office.send("inputs/乙局.xlsx", unit="乙局")
    before = bad.read_bytes(), good.read_bytes()

    out, _ = office.run(command, "--mark", "退回件", code=1)

    assert copies() == ["甲局.xlsx"]
    assert (bad.read_bytes(), good.read_bytes()) == before
    assert openpyxl.load_workbook("退回件/甲局.xlsx").sheetnames[0] == "检查结果"
    assert "√ 退回件：退回件/甲局.xlsx（标出 1 处）\n" in out
    assert "乙局.xlsx" not in out


@pytest.mark.parametrize("command", ["check", "build"])
def test_the_copy_of_a_workbook_that_is_right_now_goes_unless_somebody_worked_in_it(
    office, command
):
    for unit in ("甲局", "乙局"):
        office.spoil(office.send(f"inputs/{unit}.xlsx", unit=unit))
    office.run(command, "--mark", "退回件", code=1)
    office.spoil(Path("退回件/乙局.xlsx"), amount="四万")
    for unit in ("甲局", "乙局"):
        office.send(f"inputs/{unit}.xlsx", unit=unit)

    office.run(command, "--mark", "退回件", code=0)

    assert copies() == ["乙局.xlsx"]


def test_a_corrected_copy_sent_back_under_the_same_name_is_built(office):
    office.spoil(office.send("inputs/甲局.xlsx"))
    office.run("check", "--mark", "退回件", code=1)

    Path("退回件/甲局.xlsx").replace("inputs/甲局.xlsx")
    office.spoil(Path("inputs/甲局.xlsx"), amount=3.5)
    office.run("build", "--mark", "退回件", code=0)

    assert Path("outputs/甲局报告.docx").exists()
    assert copies() == []


def test_a_second_run_says_that_nothing_changed(office):
    office.spoil(office.send("inputs/甲局.xlsx"))
    office.run("check", "--mark", "退回件", code=1)

    out, _ = office.run("check", "--mark", "退回件", code=1)

    assert "= 退回件没有变化：退回件/甲局.xlsx（标出 1 处）\n" in out


def test_a_copy_that_was_edited_in_its_folder_is_not_overwritten(office):
    office.spoil(office.send("inputs/甲局.xlsx"))
    office.run("check", "--mark", "退回件", code=1)
    edited = office.spoil(Path("退回件/甲局.xlsx"), amount=3.5).read_bytes()
    office.spoil(Path("inputs/甲局.xlsx"), amount="四万")

    out, _ = office.run("check", "--mark", "退回件", code=1)

    assert Path("退回件/甲局.xlsx").read_bytes() == edited
    assert copies() == ["甲局.xlsx", "甲局（重新生成）.xlsx"]
    assert "N504" in out
    assert "※ 退回件已被人改过，保留：退回件/甲局.xlsx" in out


@pytest.mark.parametrize("folder", ["inputs", "inputs/退回件", "./inputs/../inputs"])
def test_copies_are_never_put_among_the_originals(office, folder):
    bad = office.spoil(office.send("inputs/甲局.xlsx"))
    before = bad.read_bytes()

    _, err = office.run("check", "--mark", folder, code=2)

    assert f"退回件不能放在“{Path(folder)}”" in err
    assert bad.read_bytes() == before
    assert copies("inputs") == ["甲局.xlsx"]


def test_copies_are_never_put_where_a_given_file_is(office):
    bad = office.spoil(office.send("甲局.xlsx"))
    before = bad.read_bytes()

    _, err = office.run("check", "甲局.xlsx", "--mark", ".", code=2)

    assert "E116" in err
    assert bad.read_bytes() == before


def test_two_files_of_one_name_never_meet_an_original(office):
    one, two = office.spoil(office.send("a/甲.xlsx")), office.spoil(office.send("b/甲.xlsx"))
    before = one.read_bytes(), two.read_bytes()

    office.run("check", one, two, "--mark", ".", code=2)

    assert (one.read_bytes(), two.read_bytes()) == before


def test_the_folders_below_the_inputs_are_kept(office):
    office.spoil(office.send("inputs/一科/甲局.xlsx"))
    office.spoil(office.send("inputs/二科/甲局.xlsx"))

    office.run("check", "--mark", "退回件", code=1)

    assert copies() == ["一科/甲局.xlsx", "二科/甲局.xlsx"]


@pytest.mark.parametrize(
    ("files", "inputs", "names"),
    [
        (["in/甲.xls"], ["in"], ["甲.xlsx"]),
        (["in/甲.XLSX"], ["in"], ["甲.xlsx"]),
        (["in/甲.xls", "in/甲.xlsx"], ["in"], ["甲.xls.xlsx", "甲.xlsx"]),
        (["a/甲.xlsx", "b/甲.xlsx"], ["a/甲.xlsx", "b/甲.xlsx"], ["a/甲.xlsx", "b/甲.xlsx"]),
        (["a/x/甲.xlsx", "b/x/甲.xlsx"], ["a", "b"], ["a/x/甲.xlsx", "b/x/甲.xlsx"]),
        (["a/甲.xlsx", "b/乙.xlsx"], ["a", "b/乙.xlsx"], ["甲.xlsx", "乙.xlsx"]),
    ],
)
def test_no_two_copies_share_a_name(office, files, inputs, names):
    for file in files:
        office.send(file)

    found = names_of([Path(f) for f in files], [Path(i) for i in inputs])

    assert list(found.values()) == names


def test_on_two_drives_the_second_of_a_name_has_a_number(office, monkeypatch):
    def no_common_path(paths):
        raise ValueError("Paths don't have the same drive")

    monkeypatch.setattr("os.path.commonpath", no_common_path)
    files = ["c/甲.xlsx", "d/甲.xlsx", "e/甲（2）.xlsx", "f/甲.XLS", "g/乙.xlsx"]

    found = names_of([Path(f) for f in files], [Path(f) for f in files])

    assert list(found.values()) == [
        "甲.xlsx", "甲（3）.xlsx", "甲（2）.xlsx", "甲（4）.xlsx", "乙.xlsx",
    ]  # fmt: skip


def test_an_old_format_comes_back_as_xlsx_and_the_run_says_so(office, tmp_path):
    office.spoil(office.send("a/甲局.xlsx"))
    Path("inputs").mkdir()
    convert([tmp_path / "a" / "甲局.xlsx"], "xls", tmp_path / "inputs")

    out, _ = office.run("check", "--mark", "退回件", code=1)

    assert copies() == ["甲局.xlsx"]
    assert (
        "提示 N114  退回件不是原文件的副本，是按表单重新生成的：原文件是旧格式（.xls、.et）。"
        in out
    )


def test_a_file_that_cannot_be_read_has_a_line_and_the_others_their_copies(office):
    office.spoil(office.send("inputs/甲局.xlsx"))
    Path("inputs/坏.xlsx").write_bytes(b"PK\x03\x04broken")

    out, _ = office.run("check", "--mark", "退回件", code=1)

    assert copies() == ["甲局.xlsx"]
    assert "提示 N115  这份工作簿没有退回件：读不出填报的内容。\n  坏.xlsx\n" in out


def test_copies_may_stand_beside_the_documents_which_stay_known(office):
    office.send("inputs/甲局.xlsx")
    office.spoil(office.send("inputs/乙局.xlsx", unit="乙局"))
    office.run("build", "--mark", "outputs", code=1)

    out, _ = office.run("build", "--mark", "outputs", code=1)

    assert "= 没有变化：甲局报告.docx\n" in out
    assert "= 退回件没有变化：outputs/乙局.xlsx（标出 1 处）\n" in out


def test_a_folder_that_cannot_be_made_stops_before_anything_is_written(office):
    office.send("inputs/甲局.xlsx")
    Path("退回件").write_text("一个文件")

    _, err = office.run("build", "--mark", "退回件", code=2)

    assert "E506" in err
    assert not list(Path("outputs").glob("*.docx"))


def test_json_lists_the_copies_beside_the_documents(office):
    office.spoil(office.send("inputs/甲局.xlsx"))

    out, _ = office.run("build", "--mark", "退回件", "--format", "json", code=1)

    data = json.loads(out)
    assert data["documents"] == [{"unit": "甲局", "file": "甲局报告.docx", "status": "failed"}]
    assert data["copies"] == [
        {"unit": "甲局", "file": "退回件/甲局.xlsx", "status": "built", "marks": 1}
    ]


def test_without_the_option_json_has_no_copies(office):
    office.send("inputs/甲局.xlsx")

    out, _ = office.run("check", "--format", "json", code=0)

    assert set(json.loads(out)) == {"version", "findings", "documents"}


def test_lines_give_a_line_a_copy(office):
    office.spoil(office.send("inputs/甲局.xlsx"))

    out, _ = office.run("check", "--mark", "退回件", "--format", "lines", code=1)

    assert out.splitlines()[-1] == "退回件/甲局.xlsx: built"
