"""What ``examples.toml`` of a form says of its checks, tried in real workbooks."""

import tempfile
from collections import Counter
from pathlib import Path

from reportgen import read_workbook, write_workbook
from reportgen.pipeline import check

_SAMPLES = {}


def assert_holds(example):
    """Assert that the passing values are silent, and that the failing ones give one finding more."""
    sample = example.sample
    assert example.code not in [f.code for f in check(example.passing)], "passes"

    key = (sample.form.folder, sample.file)
    if key not in _SAMPLES:  # a workbook takes a tenth of a second
        _SAMPLES[key] = _in_a_workbook(sample)
    new = Counter(_in_a_workbook(example.failing)) - Counter(_SAMPLES[key])

    found = [(f.code, f"{f.place.sheet}!{f.place.cell}".rstrip("!")) for f in new.elements()]
    assert found == [(example.code, example.at)], [f.message for f in new]


def _in_a_workbook(submission):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "例.xlsx"
        path.write_bytes(write_workbook(submission.form, submission))
        return check(read_workbook(path, submission.form))
