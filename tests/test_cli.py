"""The command as people and programs meet it: words, exit codes, JSON, and broken inputs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import FORM as SELF_EVALUATION
from conftest import HEAD, UNIT
from reportgen import load_form, read_workbook, write_workbook
from reportgen.cli import COMMANDS, main
from reportgen.cli.chinese import width
from reportgen.values import from_plain
from support_docx import lines_of, make_docx

TOML = """
[[section]]
label = "内容"
kind = "record"
fields = [
  { label = "正文", required = true },
  { label = "金额", type = "decimal", uom = "万元" },
]

[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}报告.docx"
"""


class Office:
    """A project folder that the test stands in, and the command run there."""

    def __init__(self, root, capsys):
        self.root, self.capsys = root, capsys
        self.form = self.add_form("t")
        (root / "inputs").mkdir()

    def add_form(self, name, toml=TOML, head=HEAD):
        folder = self.root / "templates" / name
        folder.mkdir(parents=True, exist_ok=True)
        text = head.replace('id = "t"', f'id = "{name}"') + UNIT + toml
        (folder / "form.toml").write_text(text, encoding="utf-8")
        make_docx(folder / "报告.docx", "{{ 单位名称 }}：{{ 正文 }}")
        return load_form(folder)

    def send(self, name, *, unit="甲局", text="正文", form=None, **more):
        form = form or self.form
        values = {"基本信息": {"单位名称": unit}, "内容": {"正文": text, **more}}
        path = self.root / "inputs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write_workbook(form, from_plain(values, form)))
        return path

    def run(self, *args, code=0):
        """Run the command in this process; return stdout and stderr."""
        with pytest.raises(SystemExit) as stop:
            main([str(arg) for arg in args])
        out, err = self.capsys.readouterr()
        assert stop.value.code == code, out + err
        assert "Traceback" not in out + err
        return out, err

    def documents(self):
        return sorted(p.name for p in (self.root / "outputs").rglob("*.docx"))


@pytest.fixture
def office(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    return Office(tmp_path, capsys)


def process(*args, cwd, encoding="utf-8", **more):
    """Run the installed command as a process of its own."""
    command = Path(sys.executable).with_name("reportgen")
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run(
        [command, *map(str, args)], cwd=cwd, env=env, capture_output=True, timeout=60, check=False,
        **more,
    )  # fmt: skip


# -- help and usage ----------------------------------------------------------------------


def test_the_command_alone_shows_eight_lines_with_the_usual_commands(office):
    out, _ = office.run()

    lines = [line for line in out.splitlines() if line]
    assert len(lines) == 8
    for command in ("new", "serve", "workbook", "check", "build", "lint"):
        assert f"\n  reportgen {command} " in out
        assert command in COMMANDS
    assert "reportgen --help" in lines[-1]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_chinese_with_the_examples_first(office, command):
    out, err = office.run(*[command] if command else [], "--help")

    assert err == ""
    assert out.index("\n  reportgen ") < out.index("\n用法：reportgen") < out.index("\n选项")
    assert not re.search(
        r"Usage|Options|Commands|Show|Error|exit\b|TEXT|PATH|required|x>=|\x1b|\x08", out
    )


def test_what_options_do_begins_in_one_column_of_the_screen_as_chinese_is_two_wide(office):
    out, _ = office.run("build", "--help")

    lines = out.partition("\n选项:\n")[2].splitlines()
    begins = {width(re.match(r" +\S.*?  +", line)[0]) for line in lines}
    assert begins == {len("  --format text|lines|json  ")}
    assert len(lines) > 10


def test_help_loads_neither_docxtpl_nor_openpyxl(tmp_path):
    code = (
        "import sys; from reportgen.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('docxtpl', 'openpyxl', 'docx', 'lxml') if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, timeout=60, check=True
    )

    assert done.stdout.decode().rstrip().endswith("[]")


def test_the_version_is_told(office):
    from importlib.metadata import version

    out, _ = office.run("--version")

    assert out == f"reportgen {version('reportgen')}\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["biuld"], "没有“biuld”这个命令。是不是 build？"),
        (["build", "--onyl", "失败"], "没有“--onyl”这个选项。是不是 --only？"),
        (["build", "--only", "成功"], "“--only”的值不对。可用的有：失败、failed。"),
        (["xyzzy"], f"没有“xyzzy”这个命令。可用的有：{'、'.join(COMMANDS)}。"),
        (["build", "--outptu", "x"], "没有“--outptu”这个选项。是不是 --output？"),
        (["--formm"], "没有“--formm”这个选项。"),
        (["build", "-o"], "选项“-o”后面要有一个值。"),
        (["check", "--format", "xml"], "“--format”的值不对。可用的有：text、lines、json。"),
        (["workbook", "--sample", "--values", "x"], "--values 和 --sample 只能用一个。"),
        (["workbook", "-o", "填报表.xls"], "只能写成 .xlsx"),
        (["workbook", "甲", "乙"], "命令的写法不对"),
    ],
)
def test_a_usage_error_is_said_in_chinese_with_the_way_to_the_help(office, args, said):
    out, err = office.run(*args, code=2)

    assert out == ""
    assert said in err
    assert "--help" in err


# -- build and check ---------------------------------------------------------------------


def test_build_without_arguments_reads_inputs_and_writes_outputs(office):
    office.send("甲.xlsx")
    office.send("下级/乙.xlsx", unit="乙局")

    out, err = office.run("build")

    assert office.documents() == ["乙局报告.docx", "甲局报告.docx"]
    assert "√ 已生成：甲局报告.docx" in out
    assert "工作簿 2 份，文档 2 份" in out
    assert err == ""
    assert lines_of(office.root / "outputs" / "甲局报告.docx") == ["甲局：正文"]


def test_build_of_one_workbook_into_another_folder(office):
    office.send("甲.xlsx")
    office.send("乙.xlsx", unit="乙局")

    office.run("build", "inputs/乙.xlsx", "-o", "别处/下级")

    assert [p.name for p in (office.root / "别处/下级").glob("*.docx")] == ["乙局报告.docx"]
    assert not (office.root / "outputs").exists()


def test_check_says_which_cell_is_wrong_and_writes_nothing(office):
    office.send("甲.xlsx", text="", 金额="很多")

    out, _ = office.run("check", code=1)

    assert "甲.xlsx › 内容 › " in out
    assert "正文" in out
    assert "“很多”" in out
    assert "改法：" in out
    assert sorted(p.name for p in office.root.iterdir()) == ["inputs", "templates"]


def test_an_error_in_one_unit_costs_that_unit_and_exit_code_1(office):
    office.send("甲.xlsx", text="")
    office.send("乙.xlsx", unit="乙局")

    out, _ = office.run("build", code=1)

    assert office.documents() == ["乙局报告.docx"]
    assert "× 没有生成：甲局报告.docx" in out


def test_a_draft_is_built_in_spite_of_errors(office):
    office.send("甲.xlsx", text="")

    out, _ = office.run("build", "--draft", code=1)

    assert office.documents() == ["甲局报告（草稿）.docx"]
    assert "草稿" in out


def test_strict_counts_warnings(office):
    old = office.add_form("t", head=HEAD.replace('version = "1"', 'version = "0"'))
    office.send("甲.xlsx", form=old)
    office.add_form("t")

    office.run("check")
    out, _ = office.run("check", "--strict", code=1)

    assert "警告 W207" in out


def test_lines_are_one_finding_a_line(office):
    office.send("甲.xlsx", text="")

    out, _ = office.run("build", "--format", "lines", code=1)

    finding, document = out.splitlines()
    assert re.fullmatch(r"甲\.xlsx:内容!\w+: error E301 .*“正文”没有填。.*", finding)
    assert document == "甲局报告.docx: failed"


def test_json_has_exactly_the_keys_of_the_contract(office):
    office.send("甲.xlsx", text="", 金额="很多")
    office.send("乙.xlsx", unit="乙局")

    out, _ = office.run("build", "--format", "json", code=1)

    data = json.loads(out)
    assert set(data) == {"version", "findings", "documents"}
    assert data["version"] == 1
    assert {tuple(f) for f in data["findings"]} == {
        (
            "code", "level", "file", "sheet", "cell", "field", "value", "message", "hint",
            "difference", "explanation", "related",
        )
    }  # fmt: skip
    assert {(f["code"], f["level"], f["sheet"], f["value"]) for f in data["findings"]} == {
        ("E301", "error", "内容", ""),
        ("E303", "error", "内容", "很多"),
    }
    assert data["documents"] == [
        {"unit": "乙局", "file": "乙局报告.docx", "status": "built"},
        {"unit": "甲局", "file": "甲局报告.docx", "status": "failed"},
    ]


def test_json_of_a_run_that_could_do_nothing_is_json_too(office):
    out, _ = office.run("check", "--format", "json", code=2)

    data = json.loads(out)
    assert [f["code"] for f in data["findings"]] == ["E107"]
    assert data["documents"] == []


def test_a_gbk_console_shows_what_it_can_and_json_stays_utf_8(office):
    office.send("甲.xlsx", unit="甲😀局㎡", text="")

    text = process("build", cwd=office.root, encoding="gbk:strict")
    data = process("build", "--format", "json", cwd=office.root, encoding="gbk:strict")
    wrong = process("buidl", cwd=office.root, encoding="gbk:strict")
    helped = process("--help", cwd=office.root, encoding="gbk:strict")

    assert (text.returncode, data.returncode, wrong.returncode, helped.returncode) == (1, 1, 2, 0)
    assert "× 没有生成：甲?局㎡报告.docx" in text.stdout.decode("gbk")
    assert json.loads(data.stdout.decode("utf-8"))["documents"][0]["unit"] == "甲😀局㎡"
    assert "是不是 build？" in wrong.stderr.decode("gbk")
    assert "用法：" in helped.stdout.decode("gbk")


def test_the_module_runs_as_the_command_does(office):
    office.send("甲.xlsx")

    done = subprocess.run(
        [sys.executable, "-m", "reportgen", "build"],
        cwd=office.root, capture_output=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 0
    assert office.documents() == ["甲局报告.docx"]


# -- which form --------------------------------------------------------------------------


def test_the_form_is_the_one_that_the_workbook_names(office):
    other = office.add_form("别的", TOML.replace('报告.docx"\n', '另一份.docx"\n', 1))
    make_docx(other.folder / "另一份.docx", "另一份")
    office.send("甲.xlsx")
    office.send("乙.xlsx", unit="乙局", form=other)

    office.run("build")

    assert lines_of(office.root / "outputs" / "甲局报告.docx") == ["甲局：正文"]
    assert lines_of(office.root / "outputs" / "乙局报告.docx") == ["另一份"]


@pytest.mark.parametrize("given", ["t", "templates/t"])
def test_a_form_is_chosen_by_its_id_or_its_folder(office, given):
    office.add_form("别的")

    out, _ = office.run("workbook", "--form", given, "-o", "空.xlsx")

    assert out == "已生成：空.xlsx\n"
    assert read_workbook(office.root / "空.xlsx", office.form).findings == ()


def test_a_workbook_of_another_form_than_the_given_one_is_a_finding(office):
    other = office.add_form("别的")
    office.send("甲.xlsx", form=other)
    office.send("乙.xlsx", unit="乙局")

    out, _ = office.run("build", "--form", "t", code=1)

    assert "错误 E110" in out
    assert "甲.xlsx" in out
    assert office.documents() == ["乙局报告.docx"]


def test_a_workbook_that_names_a_form_that_is_not_there_says_which_workbook(office):
    other = office.add_form("别的")
    office.send("甲.xlsx", form=other)
    office.send("乙.xlsx", unit="乙局")
    (office.root / "templates/别的/form.toml").unlink()

    out, _ = office.run("build", code=1)

    assert "找不到表单“别的”" in out
    assert "甲.xlsx" in out
    assert office.documents() == ["乙局报告.docx"]


def test_an_unknown_form_names_the_nearest(office):
    office.add_form("self-evaluation")

    _, err = office.run("workbook", "--form", "self-evalution", code=2)

    assert "找不到表单“self-evalution”，是不是“self-evaluation”" in err


def test_several_forms_and_none_named_is_asked(office):
    office.add_form("别的")

    _, err = office.run("workbook", code=2)

    assert "有几个表单，不知道用哪一个：t、别的。" in err
    assert "--form" in err


def test_a_folder_without_forms_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SystemExit) as stop:
        main(["workbook"])

    assert stop.value.code == 2
    assert "没有表单" in capsys.readouterr().err


def test_a_form_goes_by_its_title_too(office):
    office.add_form("a", head=HEAD.replace("测试表", "培训表"))

    out, _ = office.run("workbook", "--form", "培训 表", "-o", "x.xlsx")

    assert read_workbook(office.root / "x.xlsx", office.form).findings == ()
    assert out == "已生成：x.xlsx\n"


# -- only what failed, only what is said to be done, only what is wrong --------------------


def state_of(folder):
    """Return every file below *folder* with its bytes and its time."""
    files = [p for p in folder.rglob("*") if p.is_file()]
    return {p.relative_to(folder).as_posix(): (p.read_bytes(), p.stat().st_mtime_ns) for p in files}


def test_only_the_units_that_failed_last_time_are_done_again(office):
    office.send("甲.xlsx", unit="甲局")
    office.send("乙.xlsx", unit="乙局", text=None)
    office.run("build", code=1)
    office.send("乙.xlsx", unit="乙局", text="补上了")
    office.send("甲.xlsx", unit="甲局", text="改过")
    office.send("丙.xlsx", unit="丙局")

    out, _ = office.run("build", "--only", "失败")

    assert "√ 已生成：乙局报告.docx（工作簿改过）" in out
    assert "甲局" not in out
    assert "丙局" not in out
    assert "工作簿 1 份，文档 1 份，没有发现问题。" in out
    assert office.documents() == ["乙局报告.docx", "甲局报告.docx"]


def test_when_nothing_failed_only_failed_does_nothing_and_says_so(office):
    office.send("甲.xlsx")
    office.run("build")

    out, _ = office.run("build", "--only", "失败")

    assert "N519" in out
    assert "工作簿 0 份" in out


def test_what_did_not_fail_still_counts_against_the_list_of_units(office):
    import openpyxl

    roster = openpyxl.Workbook()
    for line in (["单位名称"], ["甲局"], ["乙局"], ["丙局"]):
        roster.active.append(line)
    roster.save(office.root / "名单.xlsx")
    office.send("甲.xlsx", unit="甲局")
    office.send("乙.xlsx", unit="乙局", text=None)
    office.run("build", "--roster", "名单.xlsx", code=1)
    office.send("乙.xlsx", unit="乙局", text="补上了")

    out, _ = office.run("build", "--only", "失败", "--roster", "名单.xlsx")

    assert "名单上的单位 3 个：" in out
    assert "丙局" in out
    assert "甲局" not in out


def test_a_dry_run_says_what_would_be_built_and_why_and_writes_nothing(office):
    office.send("甲.xlsx", unit="甲局")
    office.send("乙.xlsx", unit="乙局")
    office.send("丙.xlsx", unit="丙局", text=None)
    office.run("build", "甲.xlsx", "inputs/甲.xlsx", "inputs/乙.xlsx", code=1)
    office.send("乙.xlsx", unit="乙局", text="改过")
    before = state_of(office.root)

    out, _ = office.run("build", "--dry-run", "--pdf", "--mark", "退回件", code=1)

    assert "= 没有变化，不会动：甲局报告.docx\n" in out
    assert "+ 会生成：乙局报告.docx（工作簿改过）\n" in out
    assert "× 不会生成：丙局报告.docx\n" in out
    assert out.endswith(
        "试运行，什么也没有写。工作簿 3 份，会生成文档 1 份，没有变化 1 份，错误 1 处。\n"
    )
    assert state_of(office.root) == before


def test_a_dry_run_where_nothing_was_built_yet_makes_no_folder(office):
    office.send("甲.xlsx")

    out, _ = office.run("build", "--dry-run")

    assert "+ 会生成：甲局报告.docx\n" in out
    assert not (office.root / "outputs").exists()


def test_a_dry_run_tells_of_a_document_that_somebody_edited(office):
    office.send("甲.xlsx")
    office.run("build")
    make_docx(office.root / "outputs" / "甲局报告.docx", "改过的")
    office.send("甲.xlsx", text="新的")
    before = state_of(office.root)

    out, _ = office.run("build", "--dry-run")

    assert "※ 已被人改过，新的会写在旁边：甲局报告.docx" in out
    assert state_of(office.root) == before


def test_a_dry_run_as_json_has_the_same_keys(office):
    office.send("甲.xlsx")

    out, _ = office.run("build", "--dry-run", "--format", "json")

    assert json.loads(out)["documents"] == [
        {"unit": "甲局", "file": "甲局报告.docx", "status": "built"}
    ]


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_quiet_command_says_nothing_when_all_is_well(office, command):
    office.send("甲.xlsx")
    (office.root / "inputs" / "说明.txt").write_text("x", encoding="utf-8")

    assert office.run(command, "--quiet") == ("", "")


def test_a_quiet_lint_says_nothing_when_all_is_well(office):
    assert office.run("lint", "-q") == ("", "")


def test_a_quiet_build_says_what_is_wrong_and_not_what_was_made(office):
    office.send("甲.xlsx", unit="甲局")
    office.send("乙.xlsx", unit="乙局", text=None)

    out, _ = office.run("build", "-q", code=1)

    assert "E301" in out
    assert "× 没有生成：乙局报告.docx" in out
    assert "甲局" not in out
    assert out.endswith("工作簿 2 份，文档 1 份，错误 1 处。\n")
    assert office.documents() == ["甲局报告.docx"]


@pytest.mark.parametrize("colours", [{}, {"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}])
def test_no_output_is_coloured(office, monkeypatch, colours):
    for name, value in colours.items():
        monkeypatch.setenv(name, value)
    office.send("甲.xlsx", text=None)

    for command in ("check", "build", "lint", "doctor", "fields"):
        with pytest.raises(SystemExit):
            main([command])
        assert "\x1b" not in "".join(office.capsys.readouterr())


@pytest.mark.parametrize(
    "args", [["--dry-run"], ["--only", "失败"], ["-q"], ["--help"]], ids=lambda args: args[0]
)
def test_what_build_says_is_in_the_code_page_of_a_chinese_console(office, args):
    office.send("甲.xlsx", unit="甲局")
    office.send("乙.xlsx", unit="乙局", text=None)
    office.run("build", code=1)

    done = process("build", *args, cwd=office.root, encoding="gbk:strict")

    assert done.returncode in {0, 1}
    assert "?" not in done.stdout.decode("gbk") + done.stderr.decode("gbk")


# -- the workbook command ----------------------------------------------------------------


def test_a_blank_workbook_goes_into_this_folder_under_the_forms_title(office):
    office.run("workbook")

    assert (office.root / "测试表.xlsx").is_file()


def test_a_folder_takes_the_workbook_under_the_units_name(office):
    values = '{"基本信息": {"单位名称": "甲/乙局"}, "内容": {"金额": 3.50}}'
    (office.root / "数.json").write_text(values, encoding="utf-8")

    office.run("workbook", "--values", "数.json", "-o", "发放")

    (made,) = (office.root / "发放").iterdir()
    assert made.name == "甲_乙局_测试表.xlsx"
    assert read_workbook(made, office.form).plain() == {
        "基本信息": {"单位名称": "甲/乙局"},
        "内容": {"金额": "3.5"},
    }


def test_toml_values_and_an_older_workbook_fill_it_too(office):
    (office.root / "数.toml").write_text('["内容"]\n"正文" = "甲"\n', encoding="utf-8")

    office.run("workbook", "--values", "数.toml", "-o", "一.xlsx")
    office.run("workbook", "--values", "一.xlsx", "-o", "二.xlsx")

    assert read_workbook(office.root / "二.xlsx", office.form).plain() == {"内容": {"正文": "甲"}}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("无.toml", None, "找不到"),
        ("坏.toml", "x = = 1", "TOML"),
        ("坏.json", "{", "JSON"),
        ("名.json", '{"内容": {"证文": "x", "金客": 1}}', "是不是“正文”"),
        ("表.xlsx", "text", "不是 Excel 工作簿"),
    ],
)
def test_values_that_cannot_be_read_are_said_and_nothing_is_written(office, name, content, said):
    if content is not None:
        (office.root / name).write_text(content, encoding="utf-8")

    _, err = office.run("workbook", "--values", name, "-o", "出.xlsx", code=2)

    assert said in err
    assert name in err
    assert not (office.root / "出.xlsx").exists()


def test_all_mistakes_of_a_values_file_are_said_at_once(office):
    text = '{"内容": {"证文": "x", "金客": 1}, "没有的表": []}'
    (office.root / "数.json").write_text(text, encoding="utf-8")

    _, err = office.run("workbook", "--values", "数.json", code=2)

    assert [word for word in ("证文", "金客", "没有的表") if word not in err] == []


def test_a_different_workbook_of_that_name_is_never_overwritten(office):
    office.run("workbook", "-o", "表.xlsx")
    office.run("workbook", "-o", "表.xlsx")
    (office.root / "表.xlsx").write_bytes(b"filled in")

    _, err = office.run("workbook", "-o", "表.xlsx", code=2)

    assert "同名的文件已经在那里" in err
    assert (office.root / "表.xlsx").read_bytes() == b"filled in"


def test_a_form_without_samples_says_so(office):
    _, err = office.run("workbook", "--sample", code=2)

    assert "sample.toml" in err


def test_the_samples_of_the_shipped_form_are_written_and_built(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "templates").symlink_to(SELF_EVALUATION.parent)
    office = Office.__new__(Office)
    office.root, office.capsys = tmp_path, capsys

    office.run("workbook", "--form", "self-evaluation", "--sample", "-o", "inputs")
    office.run("build")

    assert len(list((tmp_path / "inputs").iterdir())) == 2
    # two reports; one of the units hands in its three annexes
    assert len(office.documents()) == 5


def test_one_sample_into_one_file_says_that_there_are_more(office):
    for name in ("sample.toml", "sample-2.toml"):
        text = f'["内容"]\n"正文" = "{name}"\n'
        (office.form.folder / name).write_text(text, encoding="utf-8")

    _, err = office.run("workbook", "--sample", "-o", "样例.xlsx")

    assert "2 份样例" in err
    assert read_workbook(office.root / "样例.xlsx", office.form).plain() == {
        "内容": {"正文": "sample.toml"}
    }


# -- broken inputs -----------------------------------------------------------------------

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
BROKEN = [
    ("文本.xlsx", "这不是工作簿".encode(), "E103"),
    ("空.xlsx", b"", "E102"),
    ("网页.xls", b"<html><body><table><tr><td>1</td></tr></table></body></html>", "E103"),
    ("加密.xlsx", OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600, "E104"),
    ("坏.xlsx", b"PK\x03\x04" + b"cut off", "E105"),
    ("坏.xls", OLE + b"\0" * 2000, "E10"),
]


@pytest.mark.parametrize(("name", "content", "code"), BROKEN, ids=[one[0] for one in BROKEN])
def test_a_broken_workbook_is_one_message_and_the_other_units_are_built(
    office, name, content, code
):
    (office.root / "inputs" / name).write_bytes(content)
    office.send("乙.xlsx", unit="乙局")

    out, err = office.run("build", code=1)

    assert out.count("错误 ") - out.count("，错误 ") == 1
    assert f"错误 {code}" in out
    assert name in out
    assert err == ""
    assert office.documents() == ["乙局报告.docx"]


@pytest.mark.parametrize("command", ["check", "build"])
def test_the_only_workbook_is_broken_is_exit_code_1(office, command):
    (office.root / "inputs" / "坏.xlsx").write_bytes(b"")

    office.run(command, code=1)


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_folder_without_workbooks_is_one_message_and_exit_code_2(office, command):
    _, err = office.run(command, code=2)

    assert err.count("错误 E107") == 1
    assert "inputs" in err


@pytest.mark.parametrize(
    "args",
    [["check", "PATH"], ["build", "-o", "PATH"], ["check", "--form=PATH"], ["build", "--mark", "PATH"],
     ["check", "--roster", "PATH"], ["verify", "PATH"], ["new", "PATH"], ["preview", "PATH"]],
)  # fmt: skip
def test_a_name_longer_than_any_file_has_is_one_message(office, args):
    too_long = f"inputs/{'甲' * 86}.xlsx"

    out, err = office.run(*(one.replace("PATH", too_long) for one in args), code=2)

    assert out == ""
    assert "甲…”太长" in err
    assert "诊断" not in err


def test_a_path_that_is_not_there_is_said_and_the_others_are_built(office):
    office.send("甲.xlsx")

    out, _ = office.run("build", "inputs/甲.xlsx", "inputs/没有.xlsx", code=1)
    _, err = office.run("build", "inputs/没有.xlsx", code=2)

    assert "错误 E101" in out
    assert "inputs/没有.xlsx" in out
    assert err.count("错误 ") == 1
    assert office.documents() == ["甲局报告.docx"]


def test_lock_files_and_what_is_no_workbook_are_skipped_with_a_note(office):
    office.send("甲.xlsx")
    for name in ("~$甲.xlsx", ".~甲.xlsx", "说明.docx", ".gitkeep"):
        (office.root / "inputs" / name).write_bytes(b"x")

    out, _ = office.run("build")

    assert out.count("提示 N108") == 3
    assert "~$甲.xlsx" in out
    assert ".gitkeep" not in out
    assert office.documents() == ["甲局报告.docx"]


def test_a_missing_template_is_one_message_for_all_units_and_exit_code_2(office):
    office.send("甲.xlsx")
    office.send("乙.xlsx", unit="乙局")
    (office.form.folder / "报告.docx").unlink()

    out, _ = office.run("build", code=2)

    assert out.count("错误 T101") == 1
    assert "报告.docx" in out
    assert office.documents() == []


def test_a_missing_template_of_one_form_leaves_the_units_of_another(office):
    other = office.add_form("别的")
    office.send("甲.xlsx")
    office.send("乙.xlsx", unit="乙局", form=other)
    (office.form.folder / "报告.docx").unlink()

    office.run("build", code=1)

    assert office.documents() == ["乙局报告.docx"]


def test_three_mistakes_of_form_toml_are_three_messages_and_exit_code_2(office):
    office.send("甲.xlsx")
    wrong = TOML.replace('type = "decimal", uom = "万元"', 'type = "decimaal"')
    wrong = wrong.replace("required = true", "requierd = true")
    wrong = wrong.replace("{{ 单位名称 }}报告", "{{ 单位名 }}报告")
    (office.form.folder / "form.toml").write_text(HEAD + UNIT + wrong, encoding="utf-8")

    out, _ = office.run("build", code=2)

    assert len(re.findall(r"^错误 F", out, flags=re.MULTILINE)) == 3
    for word in ("decimaal", "requierd", "单位名"):
        assert word in out


def test_an_output_folder_that_is_a_file_is_one_message_and_exit_code_2(office):
    office.send("甲.xlsx")
    (office.root / "outputs").write_bytes(b"x")

    _, err = office.run("build", code=2)

    assert err.count("错误 ") == 1
    assert "错误 E506" in err


# -- stopped, and bugs of ours -----------------------------------------------------------


def test_ctrl_c_ends_with_130_and_one_word(office, monkeypatch):
    import reportgen.unit

    def stopped(*_args, **_options):
        raise KeyboardInterrupt

    office.send("甲.xlsx")
    monkeypatch.setattr(reportgen.unit, "build_unit", stopped)

    out, err = office.run("build", code=130)

    assert (out, err.strip()) == ("", "已中断。")
    assert office.documents() == []


def test_a_bug_in_a_unit_is_one_line_and_shows_no_traceback(office, monkeypatch):
    import reportgen.unit

    def buggy(*_args, **_options):
        raise RuntimeError("boom")

    office.send("甲.xlsx")
    monkeypatch.setattr(reportgen.unit, "build_unit", buggy)

    out, err = office.run("build", code=1)

    assert "错误 X999" in out
    assert "甲.xlsx" in out
    assert "test_cli.py 第" in out
    assert re.fullmatch(r"程序自身出错，请把“outputs/.reportgen/诊断-.*.txt”发给技术支持.*\n", err)
    assert office.documents() == []


def test_a_bug_outside_any_unit_is_one_line(office, monkeypatch):
    import reportgen.batch

    def buggy(*_args):
        raise RuntimeError("boom")

    office.send("甲.xlsx")
    monkeypatch.setattr(reportgen.batch, "in_order", buggy)

    out, err = office.run("build", code=1)

    assert out.startswith("错误 X999  程序自身出错")
    assert err.startswith("程序自身出错，请把“")


def test_a_reader_that_goes_away_is_no_error(office):
    office.send("甲.xlsx")
    command = Path(sys.executable).with_name("reportgen")

    done = subprocess.run(
        f"'{command}' check | true", shell=True, cwd=office.root, capture_output=True, timeout=60,
        check=False,
    )  # fmt: skip

    assert b"Traceback" not in done.stderr
