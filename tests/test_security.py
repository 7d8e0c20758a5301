"""SECURITY.md says what the program holds: each limit is its constant's, each test is there."""

import ast
import importlib
import re

import pytest

from conftest import ROOT

TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
LIMITS = re.findall(
    r"^\| (.+?) \| ([\d,]+) ?(\w*) \| `([\w.]+)` \| `(.+?)` \|$", TEXT, re.MULTILINE
)
TESTS = sorted(set(re.findall(r"`(test_\w+\.py)::(\w+)`", TEXT)))
UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "s": 1, "MB": 1}


def test_every_line_of_the_limits_is_read():
    table = TEXT.partition("## Limits")[2].partition("\n## ")[0]

    assert len(LIMITS) == len(re.findall(r"^\| ", table, re.MULTILINE)) - 2
    assert TESTS


@pytest.mark.parametrize(("what", "number", "unit", "constant", "test"), LIMITS)
def test_a_limit_is_the_number_of_its_constant(what, number, unit, constant, test):
    module, _, name = constant.rpartition(".")

    held = getattr(importlib.import_module(f"reportgen.{module}"), name)

    assert held == int(number.replace(",", "")) * UNITS[unit], what
    assert "::" in test


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_a_test_that_is_named_is_there(file, name):
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))

    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_ratio_that_the_text_names_is_the_one_that_is_held():
    from reportgen.preflight import DENSE

    assert f"better than {DENSE}:1" in TEXT


def test_every_constant_that_is_called_a_limit_is_in_the_table():
    """A new limit of what is received or rendered has its line here."""
    named = {constant for *_, constant, _ in LIMITS}
    for module in (
        "preflight", "received", "limits", "workbook.reach",
        "web.guard", "web.uploads", "web.visits",
    ):  # fmt: skip
        held = vars(importlib.import_module(f"reportgen.{module}"))
        limits = [name for name in held if re.match(r"(MOST|LONGEST|DEEPEST)", name)]
        own = [name for name in limits if name in _assigned(module)]
        assert [name for name in own if f"{module}.{name}" not in named] == []


def _assigned(module):
    path = ROOT / "src/reportgen" / f"{module.replace('.', '/')}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for one in node.targets
        for target in ast.walk(one)
        if isinstance(target, ast.Name)
    }
