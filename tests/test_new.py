"""``reportgen new``: a project folder from a form that ships."""

import os
import subprocess
import sys

import pytest

from conftest import CERTIFICATES, FORM
from reportgen.cli import main
from reportgen.project import Forms

FORMS = {"self-evaluation": FORM, "training-certificates": CERTIFICATES}


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command in an empty folder: stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*args, code=0):
        with pytest.raises(SystemExit) as stop:
            main([str(arg) for arg in args])
        out, err = capsys.readouterr()
        assert stop.value.code == code, out + err
        return out, err

    return run


def files_below(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}


@pytest.mark.parametrize("name", FORMS)
def test_a_project_has_the_form_samples_a_blank_workbook_and_a_text(run, tmp_path, name):
    run("new", "项目", "--form", name)

    made = files_below(tmp_path / "项目")
    form = files_below(FORMS[name])
    assert {n: made.pop(f"templates/{name}/{n}") for n in form} == form
    assert "inputs/样例（有错）.xlsx" in made
    assert "空白填报表.xlsx" in made
    text = made["先看这里.txt"].decode("utf-8-sig")
    for command in ("check", "build", "lint", "workbook"):
        assert f"\r\n  reportgen {command} " in text
    assert (tmp_path / "项目" / "outputs").is_dir()


@pytest.mark.parametrize("name", FORMS)
def test_the_commands_of_the_text_work_in_the_project(run, tmp_path, monkeypatch, name):
    run("new", ".", "--form", name)

    lint, _ = run("lint")
    check, _ = run("check", code=1)
    build, _ = run("build", code=1)
    run("workbook")

    assert "没有发现问题" in lint
    # the wrong sample shows the three mistakes that people make most, and no other
    codes = {line.split()[1] for line in check.splitlines() if line.startswith("错误")}
    assert codes == {"E301", "E303", "E310"}
    assert check.endswith("错误 3 处。\n")
    assert check.count("样例（有错）.xlsx ›") == 3
    documents = list((tmp_path / "outputs").rglob("*.docx"))
    assert len(documents) == build.count("√ 已生成：")
    assert documents
    assert not [path for path in documents if "有错的样例" in str(path)]


def test_without_a_folder_it_is_named_after_the_form_and_the_default_is_the_self_evaluation(
    run, tmp_path
):
    out, err = run("new")

    assert out.startswith("已生成：部门整体支出绩效自评（")
    assert Forms(tmp_path / "部门整体支出绩效自评" / "templates").choose().id == "self-evaluation"
    assert "  cd 部门整体支出绩效自评\n  reportgen check\n  reportgen build\n" in err


def test_a_form_goes_by_its_title_too(run, tmp_path):
    run("new", "班", "--form", "培训 结业证书")

    assert (tmp_path / "班" / "templates" / "training-certificates" / "form.toml").is_file()


def test_a_form_that_does_not_ship_names_the_nearest_and_all(run, tmp_path):
    _, err = run("new", "班", "--form", "training", code=2)

    assert "没有自带的表单“training”。是不是“training-certificates”？" in err
    assert "self-evaluation（部门整体支出绩效自评）" in err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over_and_then_nothing_at_all(run, tmp_path):
    (tmp_path / "项目" / "inputs").mkdir(parents=True)
    (tmp_path / "项目" / "先看这里.txt").write_text("我的", encoding="utf-8")

    _, err = run("new", "项目", code=2)

    assert "E518" in err
    assert "先看这里.txt" in err
    assert "项目-2" in err
    assert files_below(tmp_path / "项目") == {"先看这里.txt": "我的".encode()}


def test_a_file_where_the_folder_should_be_is_said(run, tmp_path):
    (tmp_path / "项目").write_text("我的", encoding="utf-8")

    _, err = run("new", "项目", code=2)

    assert "E518" in err
    assert (tmp_path / "项目").read_text(encoding="utf-8") == "我的"


def test_files_of_somebodys_own_beside_the_project_stay(run, tmp_path):
    (tmp_path / "我的.txt").write_text("我的", encoding="utf-8")

    run("new", ".")

    assert (tmp_path / "我的.txt").read_text(encoding="utf-8") == "我的"


def test_a_gbk_console_shows_all_of_it(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "reportgen", "new", "项目"], cwd=tmp_path, capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "gbk:strict"}, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0
    assert done.stdout.decode("gbk").startswith("已生成：项目（")
    assert b"?" not in done.stdout + done.stderr
