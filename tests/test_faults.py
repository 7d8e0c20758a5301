"""A run that is killed, starved or shut out: nothing is lost, nothing is half, the next run ends right."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from reportgen.manifest import Manifest
from support_batch import Pattern, alive, command, documents, left_over, make_project

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes and mounts as on Linux")
UNITS = 24
#: How often the run is killed; REPORTGEN_KILLS=50 for the whole proof.
KILLS = int(os.environ.get("REPORTGEN_KILLS", "4"))


@pytest.fixture(scope="module")
def pattern(tmp_path_factory):
    return Pattern(make_project(tmp_path_factory.mktemp("pattern")), {"内容": {"正文": "文字"}})


@pytest.fixture
def office(pattern, tmp_path):
    make_project(tmp_path)
    for number in range(UNITS):
        path = tmp_path / "inputs" / f"{number:02}.xlsx"
        path.write_bytes(pattern.of(f"第{number:02}局", 文字=f"第 {number} 份"))
    return tmp_path


def run(office, *options, output="outputs"):
    """Run ``reportgen build`` to its end; return its exit code and what it says."""
    process = command(office, "build", "-o", output, "--jobs", "2", *options)
    out, err = process.communicate(timeout=120)
    return process.returncode, out.decode() + err.decode()


def wait_for_a_document(office):
    end = time.monotonic() + 30
    while not list((office / "outputs").glob("*.docx")):
        assert time.monotonic() < end
        time.sleep(0.01)


def is_whole(folder):
    """Whether every document under a final name opens."""
    for path in folder.rglob("*.docx"):
        with zipfile.ZipFile(path) as package:
            assert package.testzip() is None, path
    return True


def wait_for_the_end_of(group, seconds=10):
    """Wait until no process of *group* runs; say whether that came."""
    end = time.monotonic() + seconds
    while alive(group) and time.monotonic() < end:
        time.sleep(0.05)
    return not alive(group)


def test_killed_at_any_moment_a_run_leaves_whole_documents_and_the_next_completes_it(office):
    code, said = run(office, output="undisturbed")
    assert code == 0, said
    expected = documents(office, "undisturbed")
    edited = office / "outputs" / "第05局报告.docx"
    start = time.monotonic()
    run(office)
    whole = time.monotonic() - start
    chance = random.Random(5)

    for number in range(KILLS):
        shutil.rmtree(office / "outputs")
        process = command(office, "build", "--jobs", "2")
        time.sleep(whole * chance.uniform(0.2, 1.1))
        if number % 4 == 3 and (workers := [p for p in alive(process.pid) if p != process.pid]):
            os.kill(workers[-1], signal.SIGKILL)  # one of them alone: the run goes on
            process.communicate(timeout=120)
        else:
            process.kill()
            process.communicate()

        assert wait_for_the_end_of(process.pid), "processes without their parent"
        outputs = office / "outputs"
        assert not outputs.exists() or is_whole(outputs)
        if edited.exists():
            edited.write_bytes(b"edited by hand")
        code, said = run(office)
        assert code == 0, said
        found = documents(office)
        if found["第05局报告.docx"] == b"edited by hand":
            assert found.pop("第05局报告（重新生成）.docx") == expected["第05局报告.docx"]
            found["第05局报告.docx"] = expected["第05局报告.docx"]
        assert found == expected
        assert left_over(office) == []


def test_a_killed_run_keeps_nobody_out(office):
    process = command(office, "build", "--jobs", "2")
    wait_for_a_document(office)
    os.kill(process.pid, signal.SIGSTOP)  # it would be done before the other begins
    code, said = run(office)
    process.kill()
    process.communicate()

    assert (code, "E511" in said) == (2, True)
    assert run(office)[0] == 0


def test_ctrl_c_ends_at_once_and_the_next_run_goes_on(office):
    process = command(office, "build", "--jobs", "2")
    wait_for_a_document(office)
    start = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    taken = time.monotonic() - start

    assert process.returncode == 130
    assert taken < 5
    assert wait_for_the_end_of(process.pid)
    made = len(documents(office))
    code, said = run(office)
    assert code == 0
    assert said.count("= 没有变化") >= min(made, 1)
    assert len([n for n in documents(office) if n.endswith(".docx")]) == UNITS


@pytest.fixture
def small_disk(tmp_path):
    """Return a folder on a disk of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        if os.environ.get("CI"):
            pytest.fail("a small disk cannot be mounted, and CI skips nothing")
        pytest.skip("a small disk cannot be mounted: not root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_on_a_full_disk_the_run_stops_with_one_message_and_is_completed_when_there_is_room(
    office, small_disk
):
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 3_500_000)

    code, said = run(office, output="disk/out")

    assert code == 1
    assert said.count("错误 E514") == said.count("改法") == 1, said
    assert is_whole(small_disk)
    made = len([n for n in documents(small_disk, "out") if n.endswith(".docx")])
    assert 0 < made < UNITS
    assert f"还有 {UNITS - made} 份" in said
    ballast.unlink()
    code, said = run(office, output="disk/out")
    assert code == 0, said
    assert len([n for n in documents(small_disk, "out") if n.endswith(".docx")]) == UNITS


def test_what_is_there_stays_whole_when_the_disk_is_full(office, pattern, small_disk):
    run(office, output="disk/out")
    before = documents(small_disk, "out")
    for number in range(UNITS):
        path = office / "inputs" / f"{number:02}.xlsx"
        path.write_bytes(pattern.of(f"第{number:02}局", 文字="新的一份"))
    free = shutil.disk_usage(small_disk).free
    (small_disk / "ballast").write_bytes(b"x" * max(0, free - 4096))

    code, _ = run(office, output="disk/out")

    assert code == 1
    assert is_whole(small_disk)
    after = documents(small_disk, "out")
    assert after.keys() >= before.keys()


def test_a_folder_that_may_not_be_written_is_one_message(office):
    (office / "outputs").mkdir(mode=0o555)
    os.chmod(office, 0o755)  # noqa: PTH101 - for somebody else to come in
    as_nobody = ["setpriv", "--reuid=65534", "--clear-groups", sys.executable, "-m", "reportgen"]
    if os.geteuid():
        as_nobody = [sys.executable, "-m", "reportgen"]

    done = subprocess.run(
        [*as_nobody, "build"], cwd=office, capture_output=True, check=False, timeout=60,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip

    assert done.returncode == 2, done.stderr.decode()
    assert done.stderr.decode().count("错误 E506") == 1


def test_a_file_where_a_folder_should_be_costs_one_document(pattern, tmp_path):
    form = tmp_path / "templates" / "t" / "form.toml"
    make_project(tmp_path)
    form.write_text(form.read_text("utf-8").replace("}}报告.docx", "}}/报告.docx"), "utf-8")
    for unit in "甲乙":
        (tmp_path / "inputs" / f"{unit}.xlsx").write_bytes(pattern.of(f"{unit}局"))
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "甲局").write_text("somebody's file")

    code, said = run(tmp_path)

    assert code == 1
    assert said.count("错误 E503") == 1
    assert (tmp_path / "outputs" / "乙局" / "报告.docx").exists()
    assert (tmp_path / "outputs" / "甲局").read_text() == "somebody's file"


def test_the_manifest_is_sure_before_a_document_gets_its_name(office, monkeypatch):
    """After a power cut between the two the document counts as ours, not as edited."""
    from reportgen import build

    order = []
    real_commit, real_replace = Manifest.commit, Path.replace

    def commit(manifest):
        order.append("manifest")
        return real_commit(manifest)

    def replace(path, target):
        if str(target).endswith(".docx"):
            order.append("name")
        return real_replace(path, target)

    monkeypatch.setattr(Manifest, "commit", commit)
    monkeypatch.setattr(Path, "replace", replace)
    build([office / "inputs" / "00.xlsx"], templates=office / "templates", output=office / "o")

    assert order[:2] == ["manifest", "name"]
