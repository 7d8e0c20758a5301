"""Odd and hostile files from elsewhere: a folder of them, which REPORTGEN_CORPUS names.

What is like them is made by code in test_preflight.py and test_filekind.py, and runs always.
"""

import json
import os
import shutil
from pathlib import Path

import pytest

from reportgen import load_form
from support_batch import Pattern, command, documents
from support_corpus import Office, wrong

CORPUS = os.environ.get("REPORTGEN_CORPUS", "")
FILES = sorted(
    path
    for path in (Path(CORPUS).rglob("*") if CORPUS else ())
    if path.is_file() and path.name not in {"INDEX.tsv", "README.md"}
)
pytestmark = pytest.mark.skipif(not CORPUS, reason="REPORTGEN_CORPUS 没有设置")


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Return a project, with a good workbook for the templates."""
    root = tmp_path_factory.mktemp("corpus") / "project"
    root.mkdir()
    office = Office(root)
    (root / "好.xlsx").write_bytes(Pattern(load_form(office.form)).of("好局"))
    return office


@pytest.mark.parametrize("command", ["check", "build"])
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_a_file_as_a_workbook_ends_soon_with_a_message_and_harms_nothing(office, file, command):
    ran, more = office.as_input(file, command)

    assert wrong(ran, file.name) == [], ran.said[-2000:]
    assert more == set()


@pytest.mark.parametrize("command", ["lint", "build"])
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_a_file_as_a_template_ends_soon_with_a_message_and_harms_nothing(office, file, command):
    ran, more = office.as_template(file, command, "好.xlsx")

    assert wrong(ran, file.name) == [], ran.said[-2000:]
    assert more == set()


def test_each_file_as_a_document_gets_its_verdict(tmp_path):
    with command(tmp_path, "verify", *FILES, "--format", "json") as ran:
        out, err = ran.communicate(timeout=600)

    assert ran.returncode == 1
    assert [one["file"] for one in json.loads(out)["documents"]] == [str(file) for file in FILES]
    assert b"Traceback" not in out + err
    assert not list(tmp_path.iterdir())


def test_a_batch_of_good_units_among_all_of_them_builds_exactly_the_good_ones(office):
    pattern = Pattern(load_form(office.form))
    units = [f"单位{number:02}" for number in range(20)]
    for folder in ("好的", "混的"):
        (office.root / folder).mkdir()
        for unit in units:
            (office.root / folder / f"{unit}.xlsx").write_bytes(pattern.of(unit))
    for number, file in enumerate(FILES):
        shutil.copyfile(file, office.root / "混的" / f"{number:03}{file.name}")

    for folder, code in (("好的", 0), ("混的", 1)):
        with command(office.root, "build", folder, "-o", f"{folder}做", "--format", "json") as ran:
            out, err = ran.communicate(timeout=600)
        assert ran.returncode == code, err.decode()[-2000:]
        assert b"Traceback" not in out + err

    bad = {one["file"] for one in json.loads(out)["findings"] if one["level"] == "error"}
    made = [documents(office.root, f"{folder}做") for folder in ("好的", "混的")]
    docx = [{n: b for n, b in one.items() if n.endswith(".docx")} for one in made]
    assert docx[0] == docx[1]
    assert len(docx[0]) == len(units)
    assert not bad & {f"{unit}.xlsx" for unit in units}
