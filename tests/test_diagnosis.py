"""A bug of ours: one line for the person, a file without anybody's values for support, one unit lost."""

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reportgen import diagnosis
from reportgen.cli import main
from reportgen.cli.common import _printer
from reportgen.diagnosis import MOST, Bug, bug_of, report, save, shortened
from reportgen.manifest import Manifest
from reportgen.unit import do
from support_batch import Pattern, make_project

#: Stands in a cell, in the unit's name and in the message of each planted bug.
SECRET = "绝密数字九八七"


class PlantedError(Exception):
    """No error that the program knows."""


def broken(*_args, **_more):
    raise PlantedError(f"{SECRET} 在这里")


@pytest.fixture
def office(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command over *units* workbooks: exit code, stdout, stderr."""
    form = make_project(tmp_path)
    pattern = Pattern(form, {"内容": {"正文": SECRET}})
    monkeypatch.chdir(tmp_path)

    def run(*args, units=1):
        for number in range(units):
            unit = f"{SECRET}{number}局"
            Path(f"inputs/{unit}.xlsx").write_bytes(pattern.of(unit))
        with pytest.raises(SystemExit) as stop:
            main(list(args))
        out = capsys.readouterr()
        assert "Traceback" not in out.out + out.err
        return stop.value.code, out.out, out.err

    return run


def diagnoses():
    return sorted(Path().rglob("诊断-*.txt"))


def only_diagnosis():
    (path,) = diagnoses()
    return path.read_text(encoding="utf-8")


#: Each stage of a command, what is broken there, and how the command is given.
STAGES = {
    "reading a file": ("reportgen.unit.read_bytes", "check"),
    "opening a workbook": ("reportgen.unit.open_bytes", "build"),
    "reading a workbook": ("reportgen.unit.read_submission", "check"),
    "computing": ("reportgen.unit.compute", "build"),
    "checking": ("reportgen.pipeline.check_values", "check"),
    "naming a document": ("reportgen.pipeline.Renderer.name", "build"),
    "rendering": ("reportgen.pipeline.Renderer.render", "build"),
    "what the last run left": ("reportgen.writing.digest", "build"),
    "writing": ("reportgen.output.OutputFolder.save_all", "build"),
    "keeping": ("reportgen.writing.record_of", "build"),
    "marking a copy": ("reportgen.workbook.mark.mark", "build --mark 退回件 --strict"),
    "writing a copy of a check": ("reportgen.copies.Copies.write", "check --mark 退回件"),
    "writing a copy of a build": ("reportgen.copies.Copies.write", "build --mark 退回件"),
    "closing a check": ("reportgen.batch.Closing.disputes", "check"),
    "closing a build": ("reportgen.batch.Closing.warnings", "build"),
    "the summary": ("reportgen.batch.Overview.write", "build"),
    "printing": ("reportgen.batch._print", "build --pdf"),
    "the run itself": ("reportgen.batch.in_order", "build"),
    "finding the inputs": ("reportgen.batch.workbooks", "check"),
    "telling": ("reportgen.reporters.Text.end", "check"),
    "looking through templates": ("reportgen.template.lint.look_through", "lint"),
    "writing a workbook": ("reportgen.cli.workbook_command.write_new", "workbook -o 新.xlsx"),
    "looking at documents": ("reportgen.proof.documents", "verify"),
    "the names": ("reportgen.cli.fields_command.vocabulary", "fields"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_bug_at_any_stage_is_one_line_and_one_file_without_what_the_unit_wrote(
    office, monkeypatch, stage
):
    target, command = STAGES[stage]
    if "mark" in command:
        monkeypatch.setattr("reportgen.pipeline.check_values", found_something)
    monkeypatch.setattr(target, broken)

    code, _, err = office(*command.split())

    text = only_diagnosis()
    assert code == 1
    assert len(re.findall("程序自身出错", err)) == 1
    assert str(diagnoses()[0]) in err
    assert "PlantedError" in text
    assert "test_diagnosis.py:" in text
    assert SECRET not in text
    assert "秘" not in text
    assert not re.search(r"/(tmp|home|root|work|Users)\b", text)


def found_something(data):
    from reportgen import rules
    from reportgen.finding import Place

    yield rules.LINE_BREAKS.at(Place(file=data.submission.file), label="正文")


@pytest.mark.parametrize("stage", STAGES)
def test_ctrl_c_at_any_stage_ends_with_130_and_one_word(office, monkeypatch, stage):
    def stopped(*_args, **_more):
        raise KeyboardInterrupt

    target, command = STAGES[stage]
    if "mark" in command:
        monkeypatch.setattr("reportgen.pipeline.check_values", found_something)
    monkeypatch.setattr(target, stopped)

    code, _, err = office(*command.split())

    assert (code, err.strip()) == (130, "已中断。")
    assert diagnoses() == []


def test_a_bug_costs_one_unit_of_a_batch(office, monkeypatch):
    real = diagnosis_of_writing()

    def breaks_for_one(self, todo, result):
        return broken() if "1局" in todo.file.name else real(self, todo, result)

    monkeypatch.setattr("reportgen.writing.Writing._save", breaks_for_one)

    code, out, _ = office("build", "--format", "json", units=3)

    found = json.loads(out)
    assert code == 1
    assert [(f["code"], f["file"]) for f in found["findings"]] == [("X999", f"{SECRET}1局.xlsx")]
    assert [d["status"] for d in found["documents"]] == ["built", "built"]
    monkeypatch.undo()


def diagnosis_of_writing():
    from reportgen.writing import Writing

    return Writing._save


def test_a_unit_that_met_a_bug_is_done_again_by_the_next_run(office, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("reportgen.writing.record_of", broken)
        assert office("build")[0] == 1

    assert office("build")[0] == 0


def test_many_bugs_of_a_batch_are_one_file_that_counts_them(office, monkeypatch):
    monkeypatch.setattr("reportgen.output.OutputFolder.save_all", broken)

    code, out, err = office("build", units=5)

    assert code == 1
    assert out.count("错误 X999") == 5
    assert err.count("程序自身出错") == 1
    assert only_diagnosis().count("── ") == 1
    assert "── 1，5 次" in only_diagnosis()


def test_the_diagnosis_of_a_build_lies_beside_the_manifest_any_other_in_this_folder(
    office, monkeypatch
):
    monkeypatch.setattr("reportgen.unit.compute", broken)

    office("build", "-o", "成果")
    office("check")

    assert {path.parent.as_posix() for path in diagnoses()} == {".", "成果/.reportgen"}


def test_json_stays_json_when_the_run_itself_breaks(office, monkeypatch):
    monkeypatch.setattr("reportgen.batch.in_order", broken)

    code, out, _ = office("build", "--format", "json")

    assert code == 1
    assert [one["code"] for one in json.loads(out)["findings"]] == ["X999"]


def compute_breaks(settings, job):
    """Stand in for ``unit.do`` in a process of the pool: its compute is broken there."""
    with pytest.MonkeyPatch.context() as patch:
        if "1局" in job.file:
            patch.setattr("reportgen.unit.compute", broken)
        return do(settings, job)


def test_a_bug_in_another_process_is_told_with_the_form_that_it_was_at(office, monkeypatch):
    monkeypatch.setattr("reportgen.workers.do", compute_breaks)

    code, out, _ = office("build", "--jobs", "2", units=3)

    assert code == 1
    assert out.count("错误 X999") == 1
    assert out.count("√ 已生成") == 2
    assert "── 1，1 次，表单 t 1\n" in only_diagnosis()
    assert SECRET not in only_diagnosis()


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_bug_in_what_is_kept_of_a_unit_costs_that_unit_alone(office, monkeypatch, command):
    run = Manifest._run

    def breaks_for_one(self, statement, values=()):
        return (
            broken()
            if any("1局" in str(value) for value in values)
            else run(self, statement, values)
        )

    monkeypatch.setattr("reportgen.manifest.Manifest._run", breaks_for_one)

    code, out, _ = office(command, "--format", "json", units=3)

    found = json.loads(out)
    assert code == 1
    assert {(f["code"], f["file"]) for f in found["findings"]} == {("X999", f"{SECRET}1局.xlsx")}
    assert len(found["documents"]) == (2 if command == "build" else 0)


def test_half_a_sign_in_the_name_of_a_file_is_json_too(capfdbinary):
    _printer("json")('"a\udcff"')

    assert json.loads(capfdbinary.readouterr().out) == "a\udcff"


def test_a_panic_of_a_library_which_is_no_exception_costs_its_unit(office, monkeypatch):
    class Panic(BaseException):
        pass

    def panic(*_):
        raise Panic

    monkeypatch.setattr("reportgen.unit.read_submission", panic)

    code, out, _ = office("check")

    assert code == 1
    assert "错误 X999" in out


# -- the text ----------------------------------------------------------------------------------


def caught(function, *args):
    try:
        function(*args)
    except Exception as error:  # noqa: BLE001 - whatever it is
        return bug_of(error, "t 1")
    raise AssertionError


def test_a_message_that_stands_in_the_program_is_kept_any_other_left_out():
    def constant():
        raise ValueError("no such level")

    def made(value):
        raise ValueError(f"no such level: {value}")

    def given(value):
        raise ValueError(value)

    assert caught(constant).trace.endswith("builtins.ValueError: no such level")
    assert caught(made, SECRET).trace.endswith("builtins.ValueError")
    assert caught(given, SECRET).trace.endswith("builtins.ValueError")
    assert caught(lambda: {}[SECRET]).trace.endswith("builtins.KeyError")


def test_what_an_error_came_from_is_told_before_it():
    def chain():
        try:
            int(SECRET)
        except ValueError as error:
            raise RuntimeError("later") from error

    lines = caught(chain).trace.splitlines()

    assert [line for line in lines if not line.startswith(" ")] == [
        "builtins.ValueError", "然后：", "builtins.RuntimeError: later",
    ]  # fmt: skip


def test_frames_have_file_line_function_and_source_but_only_of_what_is_installed():
    bug = caught(json.loads, f"[{SECRET}")

    assert re.search(r"  json/decoder\.py:\d+ raw_decode\n      \S", bug.trace)
    assert re.search(r"  test_diagnosis\.py:\d+ caught\n  \S", bug.trace)
    assert SECRET not in bug.trace
    assert bug.where.startswith("decoder.py 第 ")


def test_endless_recursion_is_cut_short():
    def down():
        down()

    assert len(caught(down).trace.splitlines()) < 100


def test_a_bug_travels_between_processes():
    bug = caught(lambda: 1 / 0)

    assert pickle.loads(pickle.dumps(bug)) == bug


def test_of_a_command_only_its_own_words_are_told():
    command = [
        "build", "inputs/甲局.xlsx", "-o", "C:\\Users\\张三\\报告", "--format=json", "--jobs", "4",
        "--roster=名单.xlsx", "甲局.备份", "--dräft",
    ]  # fmt: skip

    assert " ".join(shortened(command)) == (
        "build ‹.xlsx› -o ‹…› --format=json --jobs 4 --roster=‹.xlsx› ‹…› ‹…›"
    )


def test_a_report_has_versions_the_form_and_how_often():
    text = report({Bug("a.py 第 1 行", "甲", "self-evaluation 2026.1"): 7}, ["check"])

    assert "命令：reportgen check\n" in text
    assert f"Python {sys.version.split()[0]}" in text
    assert re.search(r"lxml \d", text)
    assert "── 1，7 次，表单 self-evaluation 2026.1\n甲\n" in text


def test_of_very_many_different_bugs_the_first_are_told():
    text = report({Bug(str(n), f"第{n}个"): 1 for n in range(MOST + 3)}, [])

    assert text.count("── ") == MOST
    assert text.endswith("另有 3 种，没有列出。\n")


def test_a_folder_that_takes_no_file_gives_way_to_the_temporary_one(tmp_path, monkeypatch):
    monkeypatch.setattr(diagnosis.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / "a").write_bytes(b"")

    first = save({Bug("", ""): 1}, tmp_path / "a", [])
    second = save({Bug("", ""): 1}, tmp_path / "a", [])

    assert first.parent == second.parent == tmp_path
    assert first != second
    shutil.rmtree(tmp_path)
    assert save({Bug("", ""): 1}, tmp_path, []) is None


# -- who hears it --------------------------------------------------------------------------------


def shell(command, cwd, **environment):
    """Run a line of a shell in which ``reportgen`` is the command."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", command], cwd=cwd, capture_output=True, timeout=60, check=False,
        env={**os.environ, "PATH": path, **environment},
    )  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    pattern = Pattern(make_project(root))
    for number in range(3):
        (root / f"inputs/甲㎡{number}.xlsx").write_bytes(pattern.of(f"甲㎡{number}"))
    return root


@pytest.mark.parametrize("command", ["check", "check --format json", "fields"])
@pytest.mark.parametrize(
    ("end", "code"),
    [
        (">&$gone", 1),
        (">&-", 0),
        ("2>&-", 0),
        (">&- 2>&- <&-", 0),
        ("> /dev/full", 2),
    ],
)
def test_a_stream_that_takes_nothing_leaves_no_traceback(project, command, end, code):
    # the reader of $gone has gone before anything is written
    gone = "exec {gone}> >(true); wait $!; " if "gone" in end else ""
    done = shell(f"{gone}reportgen {command} {end}", project)

    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr
    assert done.returncode == code
    assert not list(project.rglob("诊断-*"))


@pytest.mark.parametrize("encoding", ["gbk:strict", "ascii:strict", "utf-16"])
@pytest.mark.parametrize("command", ["build --force", "check 没有.xlsx", "buidl", "verify"])
def test_a_console_of_any_code_page_hears_the_whole(project, command, encoding):
    done = shell(f"reportgen {command}", project, PYTHONIOENCODING=encoding)

    assert b"Traceback" not in done.stdout + done.stderr
    assert done.returncode == {"check 没有.xlsx": 2, "buidl": 2}.get(command, 0)
