"""``examples.toml``: one passing and one failing example of each check of a form."""

import json
import re
import shutil
import tomllib
from decimal import Decimal

import pytest

from conftest import CERTIFICATES, FORM
from reportgen import load_form, read_workbook, write_workbook
from reportgen.errors import FormError
from reportgen.examples import load_examples
from reportgen.pipeline import check
from support_examples import assert_holds

SHIPPED = [load_form(folder) for folder in (FORM, CERTIFICATES)]
EXAMPLES = [one for form in SHIPPED for one in load_examples(form)]

TOML = """
[[section]]
label = "录"
kind = "record"
fields = [{ label = "甲", type = "decimal" }, { label = "乙", type = "decimal", uom = "万元" }, { label = "话" }]
[[section]]
label = "格"
kind = "grid"
columns = ["数"]
rows = ["一", "二"]
[[section]]
label = "表"
kind = "table"
was = ["旧表"]
fields = [{ label = "名" }, { label = "额", type = "decimal" }]
[[section]]
label = "纲"
kind = "outline"
[[check]]
code = "A1"
rule = "录.甲 <= 录.乙"
at = "录.甲"
message = "甲大于乙。"
[[check]]
code = "A2"
rule = "表.合计.额 == 格.合计.数"
at = "表.合计.额"
message = "不等。"
[[check]]
code = "A3"
find = "××"
message = "还有××。"
"""
SAMPLE = """
["基本信息"]
"单位名称" = "甲局"
["录"]
"甲" = 1
"乙" = 2
["格"]
"一" = { "数" = 1 }
"二" = { "数" = 2 }
[["表"]]
"名" = "a"
"额" = 3
"""


@pytest.fixture
def examples(make_form):
    """Return a function from the text of examples.toml to the examples of a small form."""

    def make(text, sample=SAMPLE):
        form = make_form(TOML)
        (form.folder / "sample.toml").write_text(sample, encoding="utf-8")
        (form.folder / "examples.toml").write_text(text, encoding="utf-8")
        return load_examples(form)

    return make


def example(code="A1", passes="{}", fails='{ "录.甲" = 3 }', at="录!B6"):
    return f'[[example]]\ncode = "{code}"\npasses = {passes}\nfails = {fails}\nat = "{at}"\n'


@pytest.mark.parametrize("form", SHIPPED, ids=lambda form: form.id)
def test_every_check_of_a_shipped_form_has_an_example(form):
    assert {one.code for one in load_examples(form)} == {check.code for check in form.checks}


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: f"{one.sample.form.id} {one.code}")
def test_an_example_of_a_shipped_form_holds(one):
    assert_holds(one)


def test_a_form_without_the_file_has_no_examples(make_form):
    assert load_examples(make_form(TOML)) == ()


@pytest.mark.parametrize(
    "text",
    [
        example(),
        example(passes='{ "录.甲" = "2" }'),
        example(fails='{ "录.乙（万元）" = "0.5" }'),
        example("A2", fails='{ "格.二.数" = "5" }', at="表!B5"),
        example("A2", fails='{ "表.2.额" = "1", "表.2.名" = "b" }', at="表!B5"),
        example("A2", fails='{ "旧表.1.额" = "9" }', at="表!B5"),
        example(passes='{ "录.甲" = "", "录.话" = "字" }'),
        example("A2", fails='{ "表" = [] }', at="表!B5"),
        example("A3", fails='{ "纲.1.正文" = "××局" }', at="纲!C7"),
        example("A3", fails='{ "纲" = [{ "级" = 1, "标题" = "题" }, { "正文" = "××" }] }', at="纲!C8"),
        example("A3", fails='{ "录" = { "话" = "××", "甲" = 1, "乙" = 1 } }', at="录!B8"),
    ],
)  # fmt: skip
def test_an_example_changes_a_cell_a_row_or_a_whole_sheet(examples, text):
    (one,) = examples(text)

    assert_holds(one)


@pytest.mark.parametrize(
    "text",
    [
        example(fails="{}"),  # nothing is raised
        example(passes='{ "录.甲" = 3 }'),  # it is raised already
        example(at="录!B7"),  # elsewhere
        example(fails='{ "录.甲" = 3, "录.话" = "××" }'),  # something else as well
        example("A2"),  # another check
    ],
)
def test_an_example_that_does_not_show_its_check_fails(examples, text):
    (one,) = examples(text)

    with pytest.raises(AssertionError):
        assert_holds(one)


def test_what_an_example_changes_is_said_in_words(examples):
    (one,) = examples(
        example("A2", passes='{ "表" = [] }', fails='{ "格.二.数" = "5", "表.2.额" = 1, "录.甲" = "" }')
    )  # fmt: skip

    assert [(c.words, c.before, c.after) for c in one.fails] == [
        ("格 · 二 · 数", "2", "5"), ("表 第2行 · 额", "", "1"), ("录 · 甲", "1", ""),
    ]  # fmt: skip
    assert [(c.words, c.before, c.after) for c in one.passes] == [("表", "1 行", "0 行")]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (example("A9"), "F008", "code里的“A9”在表单里没有"),
        (example(fails='{ "路.甲" = 1 }'), "F008", "fails里的“路.甲”在表单里没有"),
        (example(fails='{ "录.丙" = 1 }'), "F008", "录.丙"),
        (example(fails='{ "格.三.数" = 1 }'), "F008", "格.三.数"),
        (example(fails='{ "表.3.额" = 1 }'), "F008", "表.3.额"),
        (example(fails='{ "表.0.额" = 1 }'), "F008", "表.0.额"),
        (example(passes='{ "表.额" = 1 }'), "F008", "passes里的“表.额”"),
        (example(fails='{ "表" = [{ "丙" = 1 }] }'), "E112", "表单里没有“丙”"),
        (example(fails='{ "录.甲" = [1] }'), "E113", "要写一个值"),
        (example() + 'sample = "别的.toml"', "F004", "没有这个文件"),
        (example() + "比如 = 1", "F001", "第 6 行"),
        (example() + '"比如" = 1', "F002", "比如"),
        ('[[example]]\ncode = "A1"\nfails = {}\nat = "录"', "F003", "passes"),
        ("example = 3", "F004", "example"),
    ],
)
def test_a_mistake_in_the_file_is_a_finding_that_names_the_example(examples, text, code, said):
    with pytest.raises(FormError) as error:
        examples(text)

    (found,) = error.value.findings
    assert (found.code, found.place.file) == (code, "t/examples.toml")
    assert said in found.message + found.hint
    if code != "F001":
        assert "[[example]]" in found.place.field


def test_all_mistakes_are_said_at_once(examples):
    with pytest.raises(FormError) as error:
        examples(example("A9") + example(fails='{ "录.丙" = 1, "表.9.额" = 1 }'))

    assert [f.place.field for f in error.value.findings] == [
        "[[example]] A9", "[[example]] A1", "[[example]] A1",
    ]  # fmt: skip


def test_a_sample_that_cannot_be_read_is_said_once(examples):
    with pytest.raises(FormError) as error:
        examples(example() + example("A2"), sample='["没有"]\n"甲" = 1')

    assert [(f.code, f.place.file) for f in error.value.findings] == [("E112", "sample.toml")]


#: What cannot stand in one workbook with the others, and why.
ELSEWHERE = {
    "F02c": "F02b's cell", "F07": "J04's numbers", "F07b": "F02's cell", "F08": "F10b's reason",
    "F10": "F06's cell", "F10c": "the opposite of F10b", "F14b": "turns F14 round",
    "P07b": "P07's building", "J05c": "needs J05 to hold", "J05d": "needs J05b to hold",
    "J14": "J13's indicator", "J17": "every score full", "J18": "F06's budget",
    "J19": "J12's cost", "J20b": "J20's date", "C03": "C05's row", "C06": "C05's row",
    "C08": "C01's row", "C09": "C05's row", "T08": "T08b's rows",
}  # fmt: skip


def test_a_unit_with_one_wrong_cell_for_each_rule_gets_exactly_those_findings(tmp_path):
    examples = tomllib.loads((FORM / "examples.toml").read_text(encoding="utf-8"))["example"]
    together = [e for e in examples if "sample" not in e and e["code"] not in ELSEWHERE]
    changes = {path: value for e in together for path, value in e["fails"].items()}
    assert len(changes) == sum(len(e["fails"]) for e in together), "no cell serves two rules"
    assert len(together) > 30
    folder = shutil.copytree(FORM, tmp_path / "form")
    listed = ", ".join(
        f'"{path}" = {json.dumps(v, ensure_ascii=False)}' for path, v in changes.items()
    )
    (folder / "examples.toml").write_text(
        f'[[example]]\ncode = "F02"\nat = "x"\npasses = {{}}\nfails = {{ {listed} }}\n', "utf-8"
    )
    (unit,) = load_examples(load_form(folder))
    path = tmp_path / "甲局.xlsx"
    path.write_bytes(write_workbook(unit.failing.form, unit.failing))

    spoken = check(read_workbook(path, unit.failing.form))

    for f in spoken:  # the label and the cell, what it is about in quotes, and what to do
        assert f.place.field
        assert f.place.cell
        assert f.hint
        if f.code in {"F02", "F02b", "F14", "J05b"}:  # about sums; the cell is where to look first
            apart = re.search("（一边是“(.+)”，另一边是“(.+)”）。$", f.message)
            assert Decimal(apart[1]) - Decimal(apart[2]) == Decimal(f.difference)
        else:
            assert f"“{f.value}”" in f.message
        assert not re.search(r"[A-Z][a-z]+|None", f.message + f.hint)
    found = [(f.code, f"{f.place.sheet}!{f.place.cell}".rstrip("!")) for f in spoken]
    assert sorted(found) == sorted((e["code"], e["at"]) for e in together)
