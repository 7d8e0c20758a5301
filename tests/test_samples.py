"""The shipped form's blank workbook and the two filled examples of ``inputs/``."""

import pytest

from conftest import FORM, ROOT
from reportgen import read_workbook, write_workbook
from reportgen.cli import main
from reportgen.pipeline import check
from reportgen.values import read_values
from reportgen.workbook.outside import open_workbook

INPUTS = ROOT / "inputs"
SAMPLES = sorted(FORM.glob("sample*.toml"))


def write_samples(folder):
    """Run the command and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["workbook", "--form", str(FORM), "--sample", "-o", str(folder)])
    return ended.value.code


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the workbooks that ``reportgen workbook --sample`` writes, by name."""
    folder = tmp_path_factory.mktemp("samples")
    assert write_samples(folder) == 0
    return {path.name: path for path in folder.iterdir()}


def test_the_committed_examples_are_what_the_command_writes(made):
    committed = {path.name: path.read_bytes() for path in INPUTS.glob("*.xlsx")}

    assert len(made) == 2
    assert committed == {name: path.read_bytes() for name, path in made.items()}, (
        "reportgen workbook --form self-evaluation --sample -o inputs"
    )


def test_the_examples_say_in_meta_that_they_are_samples(made):
    for path in made.values():
        assert open_workbook(path).meta["sample"] == "是"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_reads_back_as_its_values_without_a_finding(self_evaluation, tmp_path, sample):
    values = read_values(sample, self_evaluation)
    path = tmp_path / "a.xlsx"
    path.write_bytes(write_workbook(self_evaluation, values, sample=True))

    submission = read_workbook(path, self_evaluation)

    assert submission.sample
    assert submission.plain() == values.plain()
    assert check(submission) == ()


def test_the_examples_name_their_units_as_examples(self_evaluation, made):
    for path in made.values():
        submission = read_workbook(path, self_evaluation)
        record = submission.record(self_evaluation.section("基本信息"))
        assert "示例" in str(record["单位名称"])


def test_the_blank_workbook_of_the_form_asks_only_for_what_is_required(self_evaluation, tmp_path):
    path = tmp_path / "空白.xlsx"
    path.write_bytes(write_workbook(self_evaluation))

    submission = read_workbook(path, self_evaluation)

    assert submission.findings == ()
    assert not submission.sample
    # not a word about the sheets of either outline while 报告提纲 is empty
    assert [(f.code, f.place.sheet, f.place.cell, f.place.field) for f in check(submission)] == [
        ("E301", "基本信息", "B6", "单位名称"),
        ("E301", "基本信息", "B7", "单位代码"),
        ("E301", "基本信息", "B8", "年度"),
        ("E301", "基本信息", "B9", "报告提纲"),
        ("E301", "基本支出", "B6", "决算数"),
    ]
    assert all(f.hint for f in check(submission))


def test_a_workbook_is_never_written_over_another_one(made, tmp_path):
    (name, path), *_ = sorted(made.items())
    mine = tmp_path / name
    mine.write_bytes(path.read_bytes() + b"x")

    code = write_samples(tmp_path)

    assert code == 2
    assert mine.read_bytes().endswith(b"x")
