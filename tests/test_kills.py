"""What happens to a run from outside: workers killed one by one, Ctrl-C, its folder gone."""

import contextlib
import json
import os
import random
import shutil
import signal
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from support_batch import Pattern, alive, command, documents, left_over, make_project
from support_docx import make_docx

UNITS = 120
EDITED = "单位007报告.docx"
BESIDE = "单位007报告（重新生成）.docx"
#: Two versions of the template: each run has everything to do again.
TEMPLATES = {"甲": "{{ 单位名称 }}：{{ 正文 }}", "乙": "{{ 单位名称 }}，{{ 正文 }}"}


def run(root, *args, code=0):
    """Run the command to its end and return its JSON."""
    with command(root, *args, "--format", "json") as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == code, (out.decode(), err.decode())
    return json.loads(out)


def codes(result):
    return [finding["code"] for finding in result["findings"]]


def reports(root, folder="outputs"):
    return {k: v for k, v in documents(root, folder).items() if k.endswith(".docx")}


def newer(root, start):
    """Return how many documents were written since *start*."""
    return sum(path.stat().st_mtime >= start for path in (root / "outputs").glob("*.docx"))


def use_template(root, version):
    shutil.copy(root / f"{version}.docx", root / "templates" / "t" / "报告.docx")


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Return a project of many units, and their documents by each version of the template."""
    root = tmp_path_factory.mktemp("many")
    pattern = Pattern(make_project(root))
    for number in range(UNITS):
        content = pattern.of(f"单位{number:03}")
        (root / "inputs" / f"{number:03}.xlsx").write_bytes(content)
    whole = {}
    for version, text in reversed(TEMPLATES.items()):
        make_docx(root / f"{version}.docx", text)
        use_template(root, version)
        run(root, "build", "-o", version)
        whole[version] = reports(root, version)
        assert len(whole[version]) == UNITS
    return root, whole


@pytest.fixture
def office(many, tmp_path):
    """Return a copy of that project with the documents of 甲, of which one was edited by hand."""
    root, whole = many
    shutil.copytree(root / "templates", tmp_path / "templates")
    shutil.copytree(root / "甲", tmp_path / "outputs")
    (tmp_path / "inputs").symlink_to(root / "inputs")
    for version in TEMPLATES:
        shutil.copy(root / f"{version}.docx", tmp_path)
    make_docx(tmp_path / "outputs" / EDITED, "人改过的")
    return tmp_path, whole


def wait_until_gone(group):
    end = time.monotonic() + 5
    while alive(group) and time.monotonic() < end:
        time.sleep(0.02)
    assert alive(group) == []


def check_whole(root, whole, edited):
    """Check that each document is one of those that an undisturbed run makes."""
    found = reports(root)
    assert found.pop(EDITED) == edited
    if BESIDE in found:
        assert found.pop(BESIDE) in {whole[version][EDITED] for version in TEMPLATES}
    for name, content in found.items():
        assert content in {whole[version][name] for version in TEMPLATES}, name
        assert zipfile.ZipFile(BytesIO(content)).testzip() is None


def check_ended_right(root, whole, version, edited):
    """Check that the next run leaves what an undisturbed one does, and takes nothing for edited."""
    result = run(root, "build")
    assert codes(result) == ["N504"]
    wanted = {**whole[version], EDITED: edited, BESIDE: whole[version][EDITED]}
    assert reports(root) == wanted
    assert left_over(root) == []


def workers_of(process):
    """Return the processes that work for *process*: neither it nor what forks them."""
    found = []
    for pid in alive(process.pid):
        with contextlib.suppress(OSError):
            parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
            if process.pid not in {pid, int(parent)}:
                found.append(pid)
    return found


def test_workers_that_are_killed_cost_nothing_but_a_second_try(office):
    root, whole = office
    edited = (root / "outputs" / EDITED).read_bytes()
    moments = random.Random(5)
    use_template(root, "乙")

    with command(root, "build", "--format", "json") as process:
        killed = 0
        while process.poll() is None and killed < 6:
            time.sleep(moments.uniform(0.02, 0.2))
            for pid in workers_of(process)[:1]:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
        out, err = process.communicate(timeout=60)

    assert killed
    assert process.returncode == 0, (out, err)
    assert err == b""
    assert codes(json.loads(out)) == ["N504"]
    wait_until_gone(process.pid)
    check_ended_right(root, whole, "乙", edited)


@pytest.mark.parametrize("written", [0, 10, 60])
def test_ctrl_c_ends_at_once_with_130_and_the_next_run_goes_on(office, written):
    """However fast the machine is: after so many documents, not after so many seconds."""
    root, whole = office
    edited = (root / "outputs" / EDITED).read_bytes()
    use_template(root, "乙")
    start = time.time() - 0.01  # the clock of the disk is a little behind

    with command(root, "build", "--jobs", "1") as process:
        while len(alive(process.pid)) < 2 and process.poll() is None:
            time.sleep(0.01)
        while newer(root, start) < written and process.poll() is None:
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=10)

    assert process.returncode == 130
    assert err.decode().strip() == "已中断。"
    wait_until_gone(process.pid)
    check_whole(root, whole, edited)
    check_ended_right(root, whole, "乙", edited)


def test_a_folder_that_vanishes_ends_the_run_with_one_finding(office):
    root, whole = office
    use_template(root, "乙")

    with command(root, "build", "--format", "json") as process:
        while not workers_of(process):
            time.sleep(0.01)
        (root / "outputs").rename(root / "elsewhere")
        out, _ = process.communicate(timeout=60)

    assert process.returncode in {1, 2}
    found = [code for code in codes(json.loads(out)) if code != "N504"]
    assert found == ["E514"]
    assert not (root / "outputs").exists() or reports(root) == {}
    for name, content in reports(root, "elsewhere").items():
        if name not in {EDITED, BESIDE}:
            assert content in {whole[version][name] for version in TEMPLATES}
