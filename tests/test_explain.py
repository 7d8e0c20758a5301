"""``reportgen explain``: the page of a code, of a form's own check, and the list of all."""

import pytest

from conftest import FORM, HEAD, UNIT
from reportgen import load_form
from reportgen.cli import main
from reportgen.examples import load_examples
from reportgen.explanations import check_page
from reportgen.rules import CATALOGUE

SHIPPED = load_form(FORM)
SHIPPED_EXAMPLES = load_examples(SHIPPED)

TOML = """
[[section]]
label = "录"
kind = "record"
fields = [{ label = "甲", type = "decimal" }, { label = "乙", type = "decimal" }, { label = "话" }]
[[section]]
label = "表"
kind = "table"
fields = [{ label = "名" }, { label = "额", type = "decimal" }, { label = "区级", type = "decimal" }]
[[check]]
code = "A1"
rule = "录.甲 == 表.合计.额"
when = "录.乙 > 0"
at = "录.甲"
tolerance = 0.01
message = "甲不等于表的合计。"
explain = "请核对两处。\\n两处说的是一件事。\\n所以要一样。"
source = "某某办法第三条"
[[check]]
code = "A2"
each = "表"
as = "项"
level = "warning"
tolerance = "尾差"
rule = "项.区级 <= 项.额"
at = "项.区级"
message = "区级大于总额。"
[[check]]
code = "A3"
find = "××"
message = "还有没有替换的“{value}”。"
"""
SAMPLE = '["基本信息"]\n"单位名称" = "甲局"\n["录"]\n"甲" = 1\n"乙" = 2\n[["表"]]\n"名" = "a"\n"额" = 1\n'
EXAMPLES = """
[[example]]
code = "A1"
passes = {}
fails = { "录.甲" = "1.5" }
at = "录!B6"
[[example]]
code = "A3"
passes = { "录.话" = "好" }
fails = { "录.话" = "××局" }
at = "录!B8"
"""


@pytest.fixture
def explain(tmp_path, monkeypatch, capsys):
    """Return the command, run in a folder with one form."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "templates" / "t"
    folder.mkdir(parents=True)
    (folder / "form.toml").write_text(HEAD + UNIT + TOML, encoding="utf-8")
    (folder / "sample.toml").write_text(SAMPLE, encoding="utf-8")
    (folder / "examples.toml").write_text(EXAMPLES, encoding="utf-8")

    def run(*args, code=0):
        with pytest.raises(SystemExit) as stop:
            main(["explain", *args])
        out, err = capsys.readouterr()
        assert stop.value.code == code, out + err
        return out or err

    run.folder = folder
    return run


def test_a_code_of_ours_has_message_remedy_and_reason(explain):
    assert explain("E103").startswith(
        "E103（错误 · 文件）\n\n"
        "例：不是 Excel 工作簿：这是网页（HTML），只改了扩展名。\n"
        "改法：请在 Excel 或 WPS 中打开后另存为 .xlsx 再交。\n\n"
        "程序看文件的内容，不看扩展名"
    )


@pytest.mark.parametrize("code", ["e301", " E301 ", "Ｅ３０１"])
def test_a_code_is_known_however_it_is_typed(explain, code):
    assert explain(code).startswith("E301（")


def test_a_forms_check_has_its_rule_in_words_its_tolerance_source_and_example(explain):
    assert explain("a1") == (
        "A1（错误 · 测试表）\n\n"
        "甲不等于表的合计。\n"
        "规则：录.甲等于表.合计.额\n"
        "只在这时查：录.乙大于0\n"
        "容差：相差不超过 0.01\n"
        "改法：请核对两处。\n"
        "出处：某某办法第三条\n\n"
        "两处说的是一件事。\n所以要一样。\n\n"
        "不报：样例原样\n"
        "报：  录 · 甲 1 → 1.5\n"
        "      错误 A1  甲不等于表的合计。（录!B6，相差 0.5）\n"
    )


def test_a_check_of_each_row_speaks_of_the_rows_own_cells(explain):
    assert explain("A2") == (
        "A2（警告 · 测试表）\n\n"
        "区级大于总额。\n"
        "规则：“表”的每一行，区级不大于额\n"
        "容差：金额允许四舍五入的尾差，每个加数半分，至少一分；个数、面积不允许\n"
    )


def test_a_check_of_words_shows_what_it_looks_for(explain):
    text = explain("A3")

    assert "还有没有替换的“…”。\n规则：各张表的文字里没有这样的文字（正则表达式）：××\n" in text
    assert "不报：录 · 话 空 → 好\n报：  录 · 话 空 → ××局\n" in text
    assert "错误 A3  还有没有替换的“××”。（录!B8）" in text


@pytest.mark.parametrize(
    ("code", "near"), [("e3o1", "是不是 E301？"), ("A9", "是不是 A"), ("zzzzz", "这个代码。\n")]
)
def test_an_unknown_code_offers_the_nearest(explain, code, near):
    text = explain(code, code=2)

    assert f"没有“{code}”这个代码。" in text
    assert near in text


def test_alone_it_lists_every_code_once_by_family_with_the_forms_own_last(explain):
    lines = explain().splitlines()

    listed = [line.split()[0] for line in lines if line.startswith("  ")]
    assert sorted(listed) == sorted([*CATALOGUE, "A1", "A2", "A3"])
    assert listed[-3:] == ["A1", "A2", "A3"]
    assert lines[0] == "文件"
    assert "  E301  错误  “单位名称”没有填。" in lines
    assert "测试表（t）自己的规则" in lines
    assert "  A2    警告  区级大于总额。" in lines
    assert "{value}" not in "\n".join(lines)


def test_a_code_of_two_forms_has_both_pages(explain):
    other = explain.folder.parent / "u"
    other.mkdir()
    text = (HEAD + UNIT + TOML).replace('id = "t"', 'id = "u"').replace("测试表", "另一张表")
    (other / "form.toml").write_text(text, encoding="utf-8")

    assert explain("A2").count("A2（警告 · ") == 2
    assert "另一张表" not in explain("A2", "--form", "t")


def test_without_any_form_the_programs_own_codes_are_explained(explain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "templates" / "t")

    assert explain("E301").startswith("E301")
    assert "A1" not in explain()


def test_a_broken_form_keeps_no_code_of_ours_from_being_explained(explain):
    (explain.folder / "form.toml").write_text("[form", encoding="utf-8")

    assert explain("F001").startswith("F001")
    assert "错误 F001" in explain("A1", code=2)


def test_mistakes_in_the_examples_are_said(explain):
    (explain.folder / "examples.toml").write_text("[[example]]\ncode = 'A9'\n", encoding="utf-8")

    assert "examples.toml" in explain("A1", code=2)


def test_the_text_of_a_run_names_the_command_once(explain, capsys):
    from reportgen import write_workbook
    from reportgen.values import from_plain

    form = load_form(explain.folder)
    values = {"录": {"甲": "很多"}, "表": [{"额": "1", "区级": "2"}]}
    (explain.folder / "甲.xlsx").write_bytes(write_workbook(form, from_plain(values, form)))

    with pytest.raises(SystemExit):
        main(["check", str(explain.folder / "甲.xlsx")])
    out = capsys.readouterr().out

    assert out.count("说明：reportgen explain") == 1
    assert out.endswith("说明：reportgen explain E303\n工作簿 1 份，错误 2 处，警告 1 处。\n")


@pytest.mark.parametrize("check", SHIPPED.checks, ids=lambda check: check.code)
def test_every_check_of_the_shipped_form_has_a_page_that_a_gbk_console_can_show(check):
    text = check_page(SHIPPED, check, SHIPPED_EXAMPLES)

    text.encode("gbk")
    assert "\n不报：" in text
    assert f" {check.code}  " in text.partition("\n报：")[2]  # the finding that its example raises
    assert "出处：" in text
