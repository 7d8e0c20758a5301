"""The second form that ships, made without a line of Python: a certificate for each row of a table."""

import copy
import tomllib

import pytest

from conftest import CERTIFICATES, FORM, GOLDENS
from reportgen import build as build_folder
from reportgen import lint, load_form, write_workbook
from reportgen.pipeline import check
from reportgen.samples import sample_files
from reportgen.values import from_plain, read_values
from support_docx import build, docx_text

UNIT = "示例区财政局（示例）"
COURSE = f"{UNIT}/2026年度财务人员业务培训班情况报告"


@pytest.fixture(scope="module")
def form():
    return load_form(CERTIFICATES)


@pytest.fixture
def sample():
    return tomllib.loads((CERTIFICATES / "sample.toml").read_text(encoding="utf-8"))


def documents(form, values):
    result = build(form, values)
    assert [f for f in result.findings if f.level == "error"] == []
    return {document.name: document.content for document in result.documents}


def test_the_form_has_nothing_to_find():
    assert lint(CERTIFICATES) == ()


def test_the_sample_has_nothing_to_find(form):
    assert check(read_values(CERTIFICATES / "sample.toml", form)) == ()


def test_everyone_who_passed_gets_a_certificate_and_the_course_one_report(form, sample):
    assert sorted(documents(form, sample)) == [
        f"{UNIT}/2026001_张示例_结业证书.docx",
        f"{UNIT}/2026002_李示例_结业证书.docx",
        f"{UNIT}/2026003_欧阳示例_结业证书.docx",
        f"{COURSE}.docx",
    ]


@pytest.mark.parametrize(
    ("golden", "file"),
    [
        ("结业证书", f"{UNIT}/2026003_欧阳示例_结业证书.docx"),
        ("培训情况报告", f"{COURSE}.docx"),
    ],
)
def test_a_document_of_the_sample_is_the_golden_text(form, sample, request, golden, file):
    path = GOLDENS / f"{golden}.txt"

    made = docx_text(documents(form, sample)[file])

    if request.config.getoption("--update-golden"):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def test_a_course_of_one_day_names_one_day(form, sample):
    values = copy.deepcopy(sample)
    values["培训班"]["开班日期"] = values["培训班"]["结束日期"] = "2026-05-11"

    made = documents(form, values)

    for name, content in made.items():
        assert "2026年5月11日" in docx_text(content), name
        assert "至" not in docx_text(content), name


def test_a_course_that_everybody_passed_names_nobody_who_failed(form, sample):
    values = copy.deepcopy(sample)
    del values["学员名册"][3]

    said = docx_text(documents(form, values)[f"{COURSE}.docx"])

    assert "结业率 100.0%。" in said
    assert "没有结业" not in said


def test_who_passed_without_a_number_is_an_error_and_who_failed_needs_none(form, sample):
    values = copy.deepcopy(sample)
    del values["学员名册"][1]["证书编号"]

    found = check(from_plain(values, form))

    assert [(f.code, f.place.field) for f in found] == [("E302", "证书编号")]


def test_workbooks_of_both_forms_are_built_in_one_run_each_by_its_own(tmp_path):
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    for folder in (FORM, CERTIFICATES):
        own = load_form(folder)
        for path in sample_files(own):
            content = write_workbook(own, read_values(path, own), sample=True)
            (inputs / f"{own.id}_{path.stem}.xlsx").write_bytes(content)

    run = build_folder([inputs], templates=FORM.parent, output=tmp_path / "outputs")

    assert run.findings == []
    assert len([d for d in run.documents if d.status == "built"]) == 5 + 4
