"""Many machines: a real scheduler and two workers on loopback, which see no folder of ours."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pypdf import PdfReader

from conftest import HEAD, UNIT
from gallery_objects import png
from reportgen import load_form, write_workbook
from reportgen.values import from_plain
from support_docx import make_docx
from support_workbook import needs_soffice

TOML = """
[[section]]
label = "内容"
kind = "record"
fields = [
  { label = "金额", type = "decimal", required = true },
  { label = "照片", type = "image" },
]

[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}报告.docx"
"""
QUIET = {"DASK_DISTRIBUTED__WORKER__DAEMON": "False", "DASK_DISTRIBUTED__DASHBOARD__LINK": ""}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Return the address of a scheduler with two workers, each in a process and folder of its own."""
    folder = tmp_path_factory.mktemp("elsewhere")
    file = folder / "scheduler.json"
    environment = os.environ | QUIET
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", file]
    log = (folder / "log").open("wb")
    quiet = {"cwd": folder, "env": environment, "stdout": log, "stderr": log}
    running = [subprocess.Popen([*command, *options], **quiet)]
    try:
        while not (file.exists() and file.read_bytes().endswith(b"}")):
            assert running[0].poll() is None, (folder / "log").read_text()
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        command = [sys.executable, "-m", "distributed.cli.dask_worker", address]
        options = ["--nthreads", "1", "--no-dashboard", "--local-directory"]
        running += [subprocess.Popen([*command, *options, folder / n], **quiet) for n in "ab"]
        yield address
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
        log.close()


@pytest.fixture
def office(tmp_path):
    folder = tmp_path / "templates" / "t"
    folder.mkdir(parents=True)
    (folder / "form.toml").write_text(HEAD + UNIT + TOML, encoding="utf-8")
    make_docx(folder / "报告.docx", "{{ 单位名称 }}：{{ 金额 }}{{ 照片 }}")
    form = load_form(folder)
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "照片.png").write_bytes(png(40, 10))
    for number, unit in enumerate("甲乙丙丁戊己", 1):
        inner = {"金额": str(number), "照片": "照片.png"}
        values = {"基本信息": {"单位名称": f"{unit}局"}, "内容": inner if number < 6 else {}}
        content = write_workbook(form, from_plain(values, form))
        (tmp_path / "inputs" / f"{unit}.xlsx").write_bytes(content)
    return tmp_path


def build(office, *options):
    command = [sys.executable, "-m", "reportgen", "build", "--format", "json", *options]
    done = subprocess.run(command, cwd=office, capture_output=True, check=False, timeout=120)
    assert done.returncode == 1, done.stderr.decode()
    return json.loads(done.stdout)


def documents(folder):
    return {path.name: path.read_bytes() for path in Path(folder).glob("*.docx")}


def test_two_workers_without_a_shared_disk_give_what_one_process_gives(office, cluster):
    here = build(office, "-o", "here", "--jobs", "1")

    there = build(office, "-o", "there", "--scheduler", cluster)

    assert there == here
    assert [f["code"] for f in there["findings"] if f["level"] == "error"] == ["E301"]
    assert documents(office / "there") == documents(office / "here")
    assert len(documents(office / "there")) == 5


def test_the_workers_make_the_pdfs_too(office, cluster):
    needs_soffice()

    build(office, "-o", "there", "--scheduler", cluster, "--pdf")

    made = sorted((office / "there").glob("*.pdf"))
    assert [path.name for path in made] == [f"{unit}局报告.pdf" for unit in sorted("甲乙丙丁戊")]
    assert "甲局：1" in PdfReader(made[-1]).pages[0].extract_text()
