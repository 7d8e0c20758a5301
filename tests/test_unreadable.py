"""Files that cannot be read, among good ones and alone: each is one finding and costs nobody else."""

import json

from support_batch import Pattern, command, documents, make_project
from test_catalogue import spoil_corners
from test_cli import BROKEN


def build(root, *args, code=0):
    with command(root, "build", "--format", "json", *args) as process:
        out, err = process.communicate(timeout=300)
    assert process.returncode == code, (out[-2000:].decode(), err.decode())
    return json.loads(out)


def test_files_that_cannot_be_read_cost_none_of_the_good_ones(tmp_path):
    pattern = Pattern(make_project(tmp_path))
    inputs = tmp_path / "inputs"
    for number in range(40):
        (inputs / f"{number:02}.xlsx").write_bytes(pattern.of(f"单位{number:02}"))
    expected = {}
    for number, (name, content, code) in enumerate(BROKEN):
        file = f"{number * 5:02}{name}"
        (inputs / file).write_bytes(content)
        expected[file] = code
    (inputs / "12断.xlsx").write_bytes(pattern.of("断")[:9000])
    expected["12断.xlsx"] = "E105"
    (inputs / "17角.xlsx").write_bytes(pattern.of("角"))
    spoil_corners(inputs / "17角.xlsx")
    expected["17角.xlsx"] = "E124"

    first = build(tmp_path, "--mark", "退回件", code=1)
    found = {
        finding["file"]: finding["code"]
        for finding in first["findings"]
        if finding["level"] == "error"
    }

    assert {file: code[:3] for file, code in found.items()} == {
        f: c[:3] for f, c in expected.items()
    }
    assert all(found[file].startswith(code) for file, code in expected.items())
    made = documents(tmp_path)
    assert {name for name in made if name.endswith(".docx")} == {
        f"单位{n:02}报告.docx" for n in range(40)
    }
    assert documents(tmp_path, "退回件") == {}

    second = build(tmp_path, "--mark", "退回件", code=1)

    assert documents(tmp_path) == made
    assert second["findings"] == first["findings"]


def test_the_corner_file_alone_is_a_finding_too(tmp_path):
    pattern = Pattern(make_project(tmp_path))
    (tmp_path / "inputs" / "角.xlsx").write_bytes(pattern.of("角"))
    spoil_corners(tmp_path / "inputs" / "角.xlsx")

    result = build(tmp_path, code=1)

    assert [finding["code"] for finding in result["findings"]] == ["E124"]
