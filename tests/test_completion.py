"""Tab completes commands and options in every shell that people use."""

import shutil
import subprocess
import sys

import pytest

SHELLS = ("bash", "zsh", "fish", "powershell")


def reportgen(*args, **env):
    import os

    command = [sys.executable, "-m", "reportgen", *args]
    return subprocess.run(
        command, env={**os.environ, **env}, capture_output=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_a_script_that_asks_the_program_itself(shell):
    done = reportgen("completion", shell)

    assert done.returncode == 0
    assert "_REPORTGEN_COMPLETE" in done.stdout
    assert f"{shell}_complete" in done.stdout


def test_an_unknown_shell_is_told_which_there_are():
    done = reportgen("completion", "cmd")

    assert done.returncode == 2
    assert all(shell in done.stderr for shell in SHELLS)


@pytest.mark.parametrize(
    ("shell", "line", "word", "cursor", "offered"),
    [
        ("bash", "reportgen bu", "1", "1", ["plain,build"]),
        ("fish", "reportgen bu", "bu", "", ["plain,build\t检查并生成 Word 报告"]),
        ("powershell", "reportgen bu", "bu", "", ["build"]),
        ("powershell", "reportgen build --for", "--for", "", ["--form", "--force", "--format"]),
        ("powershell", "reportgen build 甲局", "甲局", "", []),
    ],
)
def test_what_is_begun_is_offered_whole(shell, line, word, cursor, offered):
    done = reportgen(
        _REPORTGEN_COMPLETE=f"{shell}_complete", COMP_WORDS=line, COMP_CWORD=word, PYTHONUTF8="1"
    )

    found = [one for one in done.stdout.splitlines() if one]
    assert sorted(found) == sorted(offered), done.stderr


def test_the_script_for_bash_is_one(tmp_path):
    script = tmp_path / "script"
    script.write_text(reportgen("completion", "bash").stdout, encoding="utf-8")

    assert subprocess.run([shutil.which("bash"), "-n", script], check=False).returncode == 0
