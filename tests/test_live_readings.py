"""Numbers that stand in cells as texts: LibreOffice's formulas read what ``reportgen check`` reads."""

import openpyxl
import pytest

from reportgen import load_form, read_workbook, write_workbook
from reportgen.compute import compute
from reportgen.value import Blank, Invalid, Number
from reportgen.values import from_plain
from reportgen.workbook import layout
from support_engines import plant
from support_workbook import convert

HEAD = """
[form]
id = "readings"
title = "文字里的数"
version = "1"
unit = "单位名称"
[[section]]
label = "录"
kind = "record"
fields = [{ label = "单位名称" }]
"""
#: Type, what stands in the cell, and what a formula shows of it; ？ cannot be known.
TEXTS = [
    ("decimal", " 160 ", 160),
    ("decimal", "1,234", 1234),
    ("decimal", "１６０", 160),
    ("decimal", "－１，２３４．５０", -1234.5),
    ("decimal", "1,234,567.890", 1234567.89),
    ("decimal", "1234567.5", 1234567.5),
    ("decimal", "0.00", 0),
    ("decimal", "-", ""),
    ("decimal", "不适用", ""),
    ("decimal", "   ", ""),
    ("integer", "12.00", 12),
    ("integer", "12.5", "？"),
    ("percent", "76%", 0.76),
    ("percent", "１２．３４％", 0.1234),
    ("percent", "760%", 7.6),
    ("percent", "0.5", 0.5),
    ("percent", "76", "？"),
    ("percent", "%76", "？"),
    ("year", "2025", 2025),
    ("year", "1899", "？"),
    # a spreadsheet takes these for numbers
    *(
        ("decimal", text, "？")
        for text in (
            "1,2", "1,23,456", "1234,567", "5%", "1e3", "1.5E2", "1 600", "1 1/2", "2026-3-5",
            "1/2", "3-5", "12:30", "$5", "TRUE", "1.2.3", "1.234,5", "--5", "&H10", "二百", "160元",
            "1-2", "5-",
        )
    ),
]  # fmt: skip
#: What stands in the cells before the texts come.
FILLED = {"decimal": "1", "integer": "1", "percent": "1", "year": "2001"}
#: What ``check`` reads and Excel leaves undecided.
UNDECIDED = ["+5", "007", ".5", "5.", "(1,234)", "160万元", "12345678.12345678"]


def toml():
    """Return a form in which each text stands in a record, in a row, and in a column of its own."""
    cases = [*TEXTS, *(("decimal", text, "？") for text in UNDECIDED)]
    kinds = ("decimal", "integer", "percent", "year")
    entries = ", ".join(
        f'{{ label = "数{n}", type = "{kind}", uom = "万元" }}'
        if kind == "decimal" else f'{{ label = "数{n}", type = "{kind}" }}'
        for n, (kind, _, _) in enumerate(cases)
    )  # fmt: skip
    fields = ", ".join(f'{{ label = "{k}", type = "{k}" }}' for k in kinds)
    text = HEAD + f'[[section]]\nlabel = "格"\nkind = "record"\nfields = [{entries}]\n'
    text += f"""
[[section]]
label = "表"
kind = "table"
fields = [{{ label = "名" }}, {fields.replace('"decimal" }', '"decimal", uom = "万元" }', 1)}, {{ label = "得", formula = "decimal + integer + percent + year" }}]
"""
    for n, (kind, _, _) in enumerate(cases):
        text += f'[[computed]]\nlabel = "甲{n}"\nformula = "数{n} + 0 * 数{n}"\n'
        text += f'[[computed]]\nlabel = "乙{n}"\nformula = "sum((表|筛选(名=\'n{n}\')).{kind})"\n'
    return text, cases


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Return the cases, our own data, and the workbook as LibreOffice has calculated it."""
    folder = tmp_path_factory.mktemp("readings")
    text, cases = toml()
    (folder / "form.toml").write_text(text, encoding="utf-8")
    form = load_form(folder)
    values = {
        "录": {"单位名称": "甲局"},
        "格": {f"数{n}": FILLED[kind] for n, (kind, _, _) in enumerate(cases)},
        "表": [{"名": f"n{n}", kind: FILLED[kind]} for n, (kind, _, _) in enumerate(cases)],
    }
    path = folder / "甲局.xlsx"
    path.write_bytes(write_workbook(form, from_plain(values, form)))
    filled = openpyxl.load_workbook(path)
    for sheet in (filled["格"], filled["表"]):
        left = iter(text for _, text, _ in cases)
        for cell in (c for row in sheet.iter_rows(min_row=layout.FIRST_ROW) for c in row):
            if isinstance(cell.value, int):
                cell.value, cell.data_type = next(left), "s"
    filled.save(path)
    data = compute(read_workbook(path, form))
    plant(path)
    out = folder / "out"
    out.mkdir()
    (done,) = convert([path], "xlsx", out, recalculate=True)
    return cases, data, openpyxl.load_workbook(done, data_only=True)


def shown(book, n):
    """Return what three formulas show of case *n*: of a cell, of a column, of a row."""
    verdicts = book[layout.VERDICTS]
    found = {r[1].value: r[2].value for r in verdicts.iter_rows(max_col=3)}
    return [one if one is not None else "" for one in (
        found[f"甲{n}"], found[f"乙{n}"], book["表"][f"F{layout.FIRST_ROW + 1 + n}"].value,
    )]  # fmt: skip


@pytest.mark.parametrize(("n", "kind", "text", "number"), [(n, *c) for n, c in enumerate(TEXTS)])
def test_a_number_as_text_is_read_in_a_cell_a_column_and_a_row(book, n, kind, text, number):
    _, data, calculated = book

    assert shown(calculated, n) == pytest.approx([number] * 3), (kind, text)
    ours = data.lookup("格").lookup(f"数{n}")
    match number:
        case "？":
            assert isinstance(ours, Invalid)
        case "":
            assert isinstance(ours, Blank)
        case _:
            assert float(ours.value) == number


@pytest.mark.parametrize(("n", "text"), list(enumerate(UNDECIDED, len(TEXTS))))
def test_what_excel_cannot_be_sure_of_is_undecided(book, n, text):
    _, data, calculated = book

    assert shown(calculated, n) == ["？"] * 3, text
    assert isinstance(data.lookup("格").lookup(f"数{n}"), Number)
