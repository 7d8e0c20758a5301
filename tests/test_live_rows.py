"""Rules over rows that name a cell which must be filled and is empty: 校验 and the command agree."""

import openpyxl
import pytest

from reportgen import load_form, read_workbook, write_workbook
from reportgen.compute import compute
from reportgen.crosschecks import cross_checks
from reportgen.values import from_plain
from reportgen.workbook import layout
from support_engines import plant
from support_workbook import convert

TOML = """
[form]
id = "rows"
title = "逐行"
version = "1"
unit = "单位名称"
[[section]]
label = "录"
kind = "record"
fields = [
  { label = "单位名称" },
  { label = "已填", type = "decimal", required = true },
  { label = "没填", type = "decimal", required = true },
]
[[section]]
label = "工程"
kind = "table"
fields = [
  { label = "名" },
  { label = "甲", type = "decimal", required = true },
  { label = "乙", type = "decimal", required = "丁 > 0" },
  { label = "丙", type = "decimal" },
  { label = "丁", type = "decimal" },
]
"""
#: 甲 乙 丙 丁 of each row. 乙 must be filled where 丁 is more than 0.
ROWS = [(1, 2, 3, 1), (None, 2, 3, 1), (1, None, 3, 1), (1, None, 3, 0), (1, 2, None, 1),
        ("不适用", 2, 3, 1)]  # fmt: skip
#: Each rule with how many of the rows fail, worked out by hand, and what 校验 shows.
RULES = [
    ("行.甲 + 行.丙 == 4", 2, "× 2 行"),  # not the second row; the fifth, where 丙 may be empty
    ("甲 + 丙 == 4", 2, "× 2 行"),
    (
        "行.甲 + 行.乙 == 3",
        2,
        "× 2 行",
    ),  # neither the second nor the third; 乙 may be empty in the fourth
    ("行.丙 == 3", 0, "√"),
    ("行.甲 + 录.已填 == 9", 5, "× 5 行"),
    ("行.甲 + 没填 == 9", 0, "—"),  # the empty cell of the record leaves every row undecided
    ("行.甲 + 录.没填 == 9", 0, "—"),
]


@pytest.fixture(scope="module")
def unit(tmp_path_factory):
    """Return how often each rule fails, and what LibreOffice shows of it."""
    folder = tmp_path_factory.mktemp("rows")
    checks = "".join(
        f'[[check]]\ncode = "R{n}"\neach = "工程"\nas = "行"\nrule = "{rule}"\nmessage = "不对。"\n'
        for n, (rule, _, _) in enumerate(RULES)
    )
    (folder / "form.toml").write_text(TOML + checks, encoding="utf-8")
    form = load_form(folder)
    rows = [
        {k: str(v) for k, v in zip("甲乙丙丁", row, strict=True) if v is not None}
        | {"名": f"第{n}个"}
        for n, row in enumerate(ROWS)
    ]
    values = {"录": {"单位名称": "甲局", "已填": "2"}, "工程": rows}
    path = folder / "甲局.xlsx"
    path.write_bytes(write_workbook(form, from_plain(values, form)))
    found = [f.code for f in cross_checks(compute(read_workbook(path, form)))]
    plant(path)
    out = folder / "out"
    out.mkdir()
    (done,) = convert([path], "xlsx", out, recalculate=True)
    sheet = openpyxl.load_workbook(done, data_only=True)[layout.VERDICTS]
    return found, {r[0].value: r[2].value for r in sheet.iter_rows(min_row=layout.FIRST_ROW)}


@pytest.mark.parametrize(("n", "rule", "failed", "said"), [(n, *r) for n, r in enumerate(RULES)])
def test_a_row_whose_required_cell_is_empty_is_undecided(unit, n, rule, failed, said):
    found, shown = unit

    assert (found.count(f"R{n}"), shown[f"R{n}"]) == (failed, said), rule
