"""One expression, two engines: what Excel's formulas show is what the evaluator gives.

LibreOffice stands for Excel. Each formula is given a wrong result first, and LibreOffice is told to
calculate everything anew, so that nothing here passes by not being calculated.
"""

import random
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from reportgen import load_form, write_workbook
from reportgen.compute import Data, compute
from reportgen.form import Form
from reportgen.show import show
from reportgen.value import (
    Blank,
    Invalid,
    Number,
    half_up,
)
from reportgen.values import from_plain
from reportgen.workbook import columns, layout
from reportgen.workbook import write as write_room
from reportgen.workbook.book import open_bytes
from reportgen.workbook.read import read_submission
from reportgen.workbook.verdicts import computed_cell
from support_engines import forms, paste, plant, values, verdict
from support_workbook import convert

EXAMPLES = 40
WRONG = 31337.5


@dataclass
class Example:
    form: Form
    path: Path
    data: Data
    planted: int
    pasted: int


def write(folder, toml, plain, draw, name="a"):
    """Write a workbook, in half of them some numbers as text, with a wrong result in each formula."""
    home = folder / name
    home.mkdir()
    (home / "form.toml").write_text(toml, encoding="utf-8")
    form = load_form(home)
    path = home / f"{name}.xlsx"
    path.write_bytes(write_workbook(form, from_plain(plain, form)))
    pasted = paste(path, draw, 0.4) if draw.randrange(2) else 0
    data = compute(read_submission(open_bytes(path.read_bytes(), path.name), form))
    return Example(form, path, data, plant(path), pasted)


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """Return random forms with values, and each workbook after LibreOffice has calculated it."""
    folder = tmp_path_factory.mktemp("engines")
    written = []
    with pytest.MonkeyPatch.context() as patch:
        # enough for these tables, and much faster
        patch.setattr(write_room, "_PREPARED", 6)
        patch.setattr(columns, "LAST_ROW", 40)
        for seed in range(EXAMPLES):
            draw = random.Random(seed)
            written.append(write(folder, forms(draw), values(draw), draw, name=f"f{seed}"))
    out = folder / "out"
    out.mkdir()
    done = convert([e.path for e in written], "xlsx", out, recalculate=True)
    return [
        (e, openpyxl.load_workbook(p, data_only=True)) for e, p in zip(written, done, strict=True)
    ]


def formula_cells(example):
    """Yield (sheet, cell, field, places counted, what the evaluator gives) of every formula."""
    form, data = example.form, example.data
    for section in form.sections:
        node, title = data.node(section), section.label
        for field in section.fields:
            column = (
                layout.letters(layout.column(section, field.label))
                if section.kind != "record"
                else "B"
            )
            match section.kind:
                case "record" if field.formula:
                    yield (
                        title,
                        f"B{layout.row(section, field.label)}",
                        field,
                        node.lookup(field.label),
                    )
                case "grid":
                    for line in section.rows:
                        if field.formula or (line.formula and field.is_number):
                            at = f"{column}{layout.row(section, line.label)}"
                            yield title, at, field, node.lookup(line.label).lookup(field.label)
                case "table":
                    if field.has_total:
                        yield (
                            title,
                            f"{column}{layout.TOTAL_ROW}",
                            field,
                            node.lookup("合计").lookup(field.label),
                        )
                    for n, row in enumerate(node.rows if field.formula else []):
                        yield (
                            title,
                            f"{column}{layout.FIRST_ROW + 1 + n}",
                            field,
                            row.lookup(field.label),
                        )
    for one in form.computed:
        yield layout.VERDICTS, computed_cell(form, one.label), one, data.lookup(one.label)


def same(expected, shown, field):
    """Whether the cell shows *expected*: rounded to its places, blank as nothing."""
    if isinstance(expected, Invalid):
        return shown == "？"
    if isinstance(expected, Blank):
        return (shown or "") == str(expected)
    if not isinstance(expected, Number):
        return shown == show(expected)
    if not isinstance(shown, int | float):
        return False
    places = columns.places_of(field)
    if places is not None:
        wanted = half_up(expected.value, places)
        return abs(float(wanted) - shown) < 10 ** -(places + 3)
    return abs(float(expected.value) - shown) <= 1e-9 * max(1, abs(shown))


def test_every_formula_shows_what_the_evaluator_gives(examples):
    wrong, compared, by_program = [], 0, 0
    for example, book in examples:
        for title, ref, field, expected in formula_cells(example):
            shown = book[title][ref].value
            compared += 1
            if shown == "由程序计算":
                by_program += 1
            elif not same(expected, shown, field):
                wrong.append(
                    (
                        example.path.stem,
                        title,
                        ref,
                        field.label,
                        field.formula,
                        show(expected),
                        shown,
                    )
                )

    assert wrong == []
    assert by_program < compared / 50
    assert sum(example.pasted for example, _ in examples) > EXAMPLES
    assert compared > 20 * EXAMPLES


def test_every_verdict_is_that_of_the_command(examples):
    wrong, by_program, seen = [], 0, set()
    for example, book in examples:
        for at, check in enumerate(example.form.checks, layout.FIRST_ROW):
            shown, expected = book[layout.VERDICTS].cell(at, 3).value, verdict(example.data, check)
            seen.add(expected)
            if shown == "由程序检查":
                by_program += 1
            elif shown != expected:
                wrong.append((example.path.stem, check, expected, shown))

    assert wrong == []
    assert {"√", "×", "—", "× 1 行", "× 2 行"} <= seen
    assert by_program < EXAMPLES * 7 / 50


def test_without_being_told_libreoffice_believes_a_planted_result(examples, tmp_path):
    """So the comparison above would fail if nothing were calculated anew."""
    example, _ = examples[0]

    (trusted,) = convert([example.path], "xlsx", tmp_path)

    book = openpyxl.load_workbook(trusted, data_only=True)
    shown = [book[title][ref].value for title, ref, _, _ in formula_cells(example)]
    assert shown.count(WRONG) > len(shown) / 2  # array formulas it calculates all the same


def test_no_planted_result_is_left(examples):
    for example, book in examples:
        assert example.planted > 30
        shown = [c.value for sheet in book for row in sheet.iter_rows() for c in row]
        assert WRONG not in shown
