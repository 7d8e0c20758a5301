"""Rows that name the row of another table: found by Excel's formulas as the evaluator finds them."""

import openpyxl
import pytest

from reportgen import check, load_form, read_workbook, write_workbook
from reportgen.values import from_plain
from reportgen.workbook import layout
from support_engines import plant
from support_workbook import convert

TOML = """
[form]
id = "names"
title = "名称"
version = "1"
unit = "单位名称"
[[section]]
label = "录"
kind = "record"
fields = [{ label = "单位名称" }]
[[section]]
label = "工程"
kind = "table"
fields = [
  { label = "名" },
  { label = "应有", type = "decimal" },
  { label = "得", type = "decimal", places = 2, formula = "(引|筛选(所属=名)).合计.数" },
]
[[section]]
label = "引"
kind = "table"
fields = [{ label = "所属", from = "工程.名" }, { label = "数", type = "decimal" }, { label = "另记" }]
[[check]]
code = "N1"
each = "工程"
as = "行"
rule = "(引|筛选(所属=行.名)).合计.数 == 行.应有"
message = "不等。"
[[check]]
code = "N2"
each = "引"
as = "行"
rule = "(工程|筛选(名=行.所属)).个数 == 1"
message = "没有这个工程。"
[[check]]
code = "N3"
each = "工程"
as = "行"
rule = "(引|筛选(另记=行.名)).个数 == 0"
message = "另记了。"
"""
PROJECTS = {"项目（一）": 5, "A项目": 3, "a项目": 4, "001": 7, "甲*乙": 6, "丙 丁": 10}
ROWS = [
    ("项目(一)", 2), ("项目 （一）　", 3), ("A项目", 3), ("a项目", 4), ("001", 7), ("1", 90),
    ("甲*乙", 6), ("甲某乙", 80), ("丙丁", 10),
]  # fmt: skip


@pytest.fixture(scope="module")
def unit(tmp_path_factory):
    """Return the form, and the workbook after LibreOffice has calculated it."""
    folder = tmp_path_factory.mktemp("names")
    (folder / "form.toml").write_text(TOML, encoding="utf-8")
    form = load_form(folder)
    values = {
        "录": {"单位名称": "甲局"},
        "工程": [{"名": name, "应有": sum_} for name, sum_ in PROJECTS.items()],
        # what is no reference is compared sign by sign
        "引": [{"所属": name, "数": n, "另记": "项目(一)"} for name, n in ROWS],
    }
    path = folder / "甲局.xlsx"
    path.write_bytes(write_workbook(form, from_plain(values, form)))
    plant(path)
    out = folder / "out"
    out.mkdir()
    (done,) = convert([path], "xlsx", out, recalculate=True)
    return form, done


def test_a_name_is_found_in_either_width_and_by_nothing_else(unit):
    _, path = unit
    book = openpyxl.load_workbook(path, data_only=True)

    scores = [book["工程"][f"C{row}"].value for row in range(7, 13)]
    said = {r[0].value: r[2].value for r in book[layout.VERDICTS].iter_rows(min_row=6, max_row=8)}

    assert scores == list(PROJECTS.values())
    assert said == {"N1": "√", "N2": "× 2 行", "N3": "√"}


def test_no_spelling_makes_a_cell_of_ours_look_typed_over(unit):
    form, path = unit

    found = check(read_workbook(path, form))

    assert [(f.code, f.value) for f in found if f.code in {"N1", "N2", "N3", "W332"}] == [
        ("N2", "1"), ("N2", "甲某乙"),
    ]  # fmt: skip
