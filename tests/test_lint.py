"""``reportgen lint``: a form and its Word templates, without data; every mistake in one run."""

import json
from pathlib import Path

import pytest
from docx import Document

from conftest import FORM as SHIPPED
from conftest import HEAD
from gallery_objects import add, box, chart, link, paragraph, placeholder
from reportgen import lint
from reportgen.cli import main
from support_docx import W, make_docx

FORM = """
[[section]]
label = "基本信息"
kind = "record"
fields = [
  { label = "单位名称", required = true },
  { label = "年度", type = "year" },
  { label = "提纲", choices = ["2020提纲", "2023提纲"] },
  { label = "说明", type = "narrative" },
  { label = "日期", type = "date" },
  { label = "公开", type = "yes_no" },
]
[[section]]
label = "收支"
kind = "grid"
uom = "万元"
columns = ["决算数"]
rows = ["基本支出", "项目支出"]
[[section]]
label = "项目明细"
kind = "table"
fields = [
  { label = "项目名称" },
  { label = "类型", choices = ["专项经费", "业务经费"] },
  { label = "人数", type = "integer", uom = "人" },
  { label = "指标总额", type = "decimal", uom = "万元" },
  { label = "支出总额", type = "decimal", uom = "万元" },
  { label = "执行率", type = "percent", formula = "支出总额 / 指标总额" },
]
[[computed]]
label = "人均"
formula = "收支.合计.决算数 / 项目明细.个数"
[[computed]]
label = "半数"
formula = "收支.合计.决算数 / 2"
[[computed]]
label = "倍数"
places = 2
formula = "人均 * 2"
"""
DOCUMENT = """
[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}.docx"
"""
EACH = """
[[document]]
template = "一项.docx"
output = "{{ 单位名称 }}{{ 项目.项目名称 }}.docx"
each = "项目明细"
as = "项目"
"""
#: Uses every field of the form once.
COMPLETE = (
    "{{ 单位名称 }}{{ 年度 }}{{ 提纲 }}{{ 说明 }}{{ 日期 }}{{ 公开 }}{{ 收支.合计.决算数 }}",
    "{% for 项 in 项目明细 %}{{ 项.项目名称 }}{{ 项.类型 }}{{ 项.人数 }}{{ 项.支出总额 }}{% endfor %}",
)


@pytest.fixture
def office(tmp_path, monkeypatch):
    """Return a function that writes a form and its template of *blocks*, and lints them."""
    monkeypatch.chdir(tmp_path)

    def write(*blocks, toml="", document=DOCUMENT, base=FORM, one=None, **more):
        folder = tmp_path / "templates" / "t"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "form.toml").write_text(HEAD + base + toml + document, encoding="utf-8")
        make_docx(folder / "报告.docx", *blocks, **more)
        if one:
            make_docx(folder / "一项.docx", *one)
        return lint(folder)

    return write


def codes(findings):
    """Return the codes, but for the note on fields that nothing uses."""
    return [f.code for f in findings if f.code != "N702"]


def said(findings):
    """Return code and message of each finding, but for the note on unused fields."""
    return [(f.code, f.message) for f in findings if f.code != "N702"]


def test_the_shipped_forms_and_templates_have_nothing_to_find():
    assert lint(SHIPPED) == ()


def test_a_template_over_all_units_sees_the_units_and_not_one_units_fields(office):
    summary = '[[summary]]\nlabel = "支出"\nformula = "收支.合计.决算数"\n'
    batch = '[[document]]\ntemplate = "一项.docx"\nscope = "batch"\noutput = "全区.docx"\n'
    more = {"toml": summary, "document": DOCUMENT + batch}
    right = (
        "{% for 单位 in 汇总 %}{{ 单位.单位名称 }}{{ 单位.支出 }}{% endfor %}",
        "{{ 汇总.合计.支出 }}{% for 单位 in 未报单位 %}{{ 单位.单位代码 }}{% endfor %}",
        "{% for 一 in 常见问题 %}{{ 一.问题 }}{{ 一.单位数 }}{% endfor %}",
    )
    assert codes(office(*COMPLETE, one=right, **more)) == []

    (wrong,) = office(*COMPLETE, one=("{{ 收支.合计.决算数 }}",), **more)

    assert (wrong.code, wrong.place.file) == ("T104", "一项.docx")


# -- what a tag asks of a name ------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ 项目明细 }}", "“项目明细”是一张表，这里要的是一个值。"),
        (
            "{{ 项目明细|筛选(类型='专项经费') }}",
            "“项目明细|筛选(类型='专项经费')”是一张表，这里要的是一个值。",
        ),
        ("{{ 项目明细.指标总额 }}", "“项目明细.指标总额”是一列，每行一个值，这里要的是一个值。"),
        ("{{ 单位名称 if 公开 else 项目明细 }}", "“项目明细”是一张表，这里要的是一个值。"),
        ("{{ 收支 }}", "“收支”是几个填报项，这里要的是一个值。"),
        ("{{ 收支.基本支出 or '无' }}", "“收支.基本支出”是几个填报项，这里要的是一个值。"),
        ("{{ 项目明细.合计 }}", "“项目明细.合计”是几个填报项，这里要的是一个值。"),
        (
            "{% for 项 in 项目明细 %}{{ 项 }}{% endfor %}",
            "“项”是几个填报项，这里要的是一个值。",
        ),
    ],
)
def test_a_list_where_one_value_is_wanted_is_found(office, template, message):
    assert said(office(template)) == [("T201", message)]


def test_what_to_write_instead_of_a_list_is_said_in_tags_that_lint_takes(office):
    table, column, grid = office("{{ 项目明细 }}", "{{ 项目明细.指标总额 }}", "{{ 收支 }}")[:3]

    assert table.hint == (
        "要逐行印，请写 {%tr for 项 in 项目明细 %} … {%tr endfor %}；"
        "要行数，请写 {{ 项目明细.个数 }}。"
    )
    assert column.hint == (
        "在循环里请写 {{ 项.指标总额 }}；要合计，请写 {{ 项目明细.合计.指标总额 }}；"
        "要连成一句，请写 {{ 项目明细.指标总额|连接 }}。"
    )
    assert grid.hint == "请写到具体的一项，例如 {{ 收支.合计.决算数 }}。"
    assert not codes(
        office("{{ 项目明细.个数 }}{{ 项目明细.指标总额|连接 }}{{ 收支.合计.决算数 }}")
    )


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% for 项 in 单位名称 %}{% endfor %}", "“单位名称”是一个值，不能用 for 逐行印。"),
        ("{% for 项 in 收支 %}{% endfor %}", "“收支”是几个填报项，不能用 for 逐行印。"),
        (
            "{% for 项 in 项目明细 %}{% for 字 in 项.项目名称 %}{% endfor %}{% endfor %}",
            "“项.项目名称”是一个值，不能用 for 逐行印。",
        ),
    ],
)
def test_a_value_where_a_table_is_wanted_is_found(office, template, message):
    assert said(office(template)) == [("T202", message)]


@pytest.mark.parametrize(
    ("tag", "what"),
    [
        ("单位名称|万元", "“|万元”要数，“单位名称”是文字"),
        ("提纲|小数(2)", "“|小数”要数，“提纲”是选项"),
        ("年度|年月日", "“|年月日”要日期，“年度”是年份"),
        ("日期|百分比", "“|百分比”要数，“日期”是日期"),
        ("项目明细.合计.人数|万元", "“人数”的计量单位是“人”，不能换算成万元"),
        ("项目明细.合计.人数|大写", "“人数”的计量单位是“人”，不能换算成元"),
        ("单位名称|序号('一、')", "“|序号”要数，“单位名称”是文字"),
        ("倍数|亿元", "“倍数”没有计量单位，不能换算成亿元"),
        (
            "(收支.基本支出.决算数 + 收支.项目支出.决算数)|万元",
            "算出来的数没有计量单位，“|万元”不知道从什么换算",
        ),
        ("收支.合计.决算数|小数(2)|万元", "“|小数”给出的已经是文字，后面不能再用“|万元”"),
        ("项目明细.指标总额|小数(2)", "“|小数”要一个值，“项目明细.指标总额”是一列，每行一个值"),
        ("项目明细.项目名称|求和", "“|求和”要数，“项目名称”是文字"),
        ("单位名称|四舍五入(1)|千分位", "“|四舍五入”要数，“单位名称”是文字"),
    ],
)
def test_a_filter_that_cannot_fit_its_field_is_found(office, tag, what):
    found = [f for f in office("{{ " + tag + " }}") if f.code == "T203"]

    assert found[0].message.endswith(f"印不出来：{what}。")


@pytest.mark.parametrize(
    "tag",
    [
        "收支.合计.决算数|大写", "年度|序号('①')",
        "收支.合计.决算数|万元", "收支.合计.决算数|亿元(2)", "年度|汉字", "日期|年月日",
        "收支.合计.决算数|四舍五入(1)|万元", "项目明细.合计.人数|千分位", "倍数|小数(1)",
        "项目明细.指标总额|求和|小数(2)", "项目明细.项目名称|连接('；')", "说明|首数|小数(1)",
        "(收支.合计.决算数 / 年度)|百分比(2)", "收支.合计.决算数|绝对值|万元",
        "项目明细.人数|最大", "项目明细|length", "单位名称|default('—')",
    ],
)  # fmt: skip
def test_a_filter_that_fits_is_not_found(office, tag):
    assert said(office("{{ " + tag + " }}")) == []


@pytest.mark.parametrize(
    ("tag", "value", "instead"),
    [
        ("收支.基本支出.决算数 / 年度", "(收支.基本支出.决算数 / 年度)", "(收支.基本支出.决算数 / 年度)|小数(2)"),
        ("人均", "人均", "人均|小数(2)"),
        ("年度 / 3", "(年度 / 3)", "(年度 / 3)|小数(2)"),
        ("倍数 * 2", "(倍数 * 2)", "(倍数 * 2)|小数(2)"),
        ("人均 or '—'", "人均", "人均|小数(2)"),
        ("半数 if 公开 else 人均", "人均", "人均|小数(2)"),
    ],
)  # fmt: skip
def test_a_quotient_printed_without_places_is_found(office, tag, value, instead):
    found = [f for f in office("{{ " + tag + " }}") if f.code == "T204"]

    assert [f.value for f in found] == [value]
    assert f"{{{{ {instead} }}}}" in found[0].hint


def test_a_rate_of_a_row_asks_for_percent_and_says_where_places_can_stand(office):
    blocks = "{% for 项 in 项目明细 %}{{ 项.执行率 }}{% endfor %}"

    [found] = [f for f in office(blocks) if f.code == "T204"]

    assert found.hint == (
        "请写明位数，例如 {{ 项.执行率|百分比(2) }}；或者在 form.toml 里给“执行率”写 places。"
    )


@pytest.mark.parametrize(
    "tag",
    [
        "人均|小数(2)", "倍数", "半数", "收支.合计.决算数 / 10000", "round(人均, 2)", "半数 * 3",
        "人均|四舍五入(2)", "收支.合计.决算数 * 1.5", "'多' if 人均 > 3 else '少'",
    ],
)  # fmt: skip
def test_a_quotient_that_has_an_end_or_places_is_not_found(office, tag):
    assert said(office("{{ " + tag + " }}")) == []


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("提纲 == '2020'", "条件“提纲 == '2020'”永远不成立：“提纲”的可选项里没有“2020”。是不是“2020提纲”？"),
        ("提纲 != '2022提纲'", "条件“提纲 != '2022提纲'”永远成立：“提纲”的可选项里没有“2022提纲”。是不是“2023提纲”？"),
        ("提纲 in ['2020提纲', '23提纲']", "条件“提纲 in ['2020提纲', '23提纲']”永远不成立：“提纲”的可选项里没有“23提纲”。是不是“2023提纲”？"),
        ("'2021' in 提纲", "条件“'2021' in 提纲”永远不成立：“提纲”的可选项里都没有“2021”。是不是“2023提纲”？"),
        ("年度 == '2025'", "条件“年度 == '2025'”永远不成立：“年度”是数，引号里的“2025”是文字。"),
        ("单位名称 == 3", "条件“单位名称 == 3”永远不成立：“单位名称”是文字，3 是数。"),
        ("公开 == '对'", "条件“公开 == '对'”永远不成立：“公开”只有“是”和“否”。"),
        ("日期 == '2026年3月'", "条件“日期 == '2026年3月'”永远不成立：“日期”是日期，“2026年3月”不是这样写的日期。"),
        ("单位名称 == ''", "条件“单位名称 == ''”永远不成立：没有填的格不等于任何东西。"),
    ],
)  # fmt: skip
def test_a_comparison_that_can_never_be_is_found(office, condition, message):
    found = said(office("{% if " + condition + " %}甲{% endif %}"))

    assert found == [("T205", message)]


def test_rows_that_a_filter_can_never_choose_are_found(office):
    [found] = said(office("{{ (项目明细|筛选(类型='专项')).个数 }}"))

    assert found == (
        "T205",
        "条件“项目明细|筛选(类型='专项')”永远不成立：“类型”的可选项里没有“专项”。是不是“专项经费”？",
    )


@pytest.mark.parametrize(
    "condition",
    [
        "提纲 == '2020提纲'", "'2020' in 提纲", "年度 >= 2025", "公开 == '是'", "not 公开",
        "日期 > '2026'", "日期 == '2026-03-05'", "单位名称 != '甲局'", "收支.合计.决算数 > 0.5",
        "项目明细.个数 == 0", "'甲' in 项目明细.项目名称", "项目明细", "公开 == true",
    ],
)  # fmt: skip
def test_a_comparison_that_can_be_is_not_found(office, condition):
    assert said(office("{% if " + condition + " %}甲{% endif %}")) == []


# -- names, also beside broken tags ---------------------------------------------------------


def test_unknown_names_are_found_through_loops_filters_and_sets(office):
    found = office(
        "{% set 表 = 项目明细|筛选(类型='专项经费') %}",
        "{% for 项 in 表 %}{{ 项.指标金额 }}{% endfor %}",
        "{{ 项目明细.合计.项目名称 }}",
        "{{ 单位名 }}",
        "{{ 单位名称|万圆 }}",
    )

    assert said(found) == [
        ("T104", "模板用了“项.指标金额”，表单里没有“指标金额”。是不是“指标总额”？"),
        ("T104", "模板用了“项目明细.合计.项目名称”，表单里没有“项目名称”。"),
        ("T104", "模板用了“单位名”，表单里没有“单位名”。是不是“单位名称”？"),
        ("T104", "模板用了“|万圆”，表单里没有“过滤器 万圆”。是不是“万元”？"),
    ]


@pytest.mark.parametrize(
    "broken",
    ["{% if 单位名称 %}", "{{ 单位名称", "{% endfor %}", "{{ 单位名称 + }}", "{% 如果 年度 %}"],
)
def test_a_broken_tag_hides_no_wrong_name_before_or_behind_it(office, broken):
    found = office("{{ 单位名 }}", broken, "{% for 项 in 项目明细 %}{{ 项.人 }}{% endfor %}")

    assert codes(found).count("T104") == 2
    assert len(codes(found)) == 3


def test_in_a_loop_that_is_broken_its_name_stays_known(office):
    found = office("{% for 项 in 项目明细| %}{{ 项.项目名称 }}{{ 单位名 }}{% endfor %}")

    assert codes(found) == ["T103", "T104"]


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([[["{%tr for 项 in 项目明细 %}"]], "间", [["{%tr endfor %}"]]], ["T110"]),
        ([[["{%tc for 项 in 项目明细 %}"], ["{%tc endfor %}"]]], ["T110"]),
        ([[["{%tr for 项 in 项目明细 %}"], ["间"], ["{%tr endfor %}"]]], []),
        (["{% cellbg 单位名称 %}"], ["T211"]),
        (["{% 合并 %}甲"], ["T211"]),
        ([[["{% cellbg 单位名称 %}甲"]]], []),
        (["{% include '附件.docx' %}"], ["T501"]),
        (["{% extends '附件.docx' %}"], ["T103"]),
        (["{% macro 甲(数) %}{{ 数 }}{% endmacro %}{{ 甲(1) }}"], []),
        (["{% for 项 in 项目明细 %}{% elif 公开 %}{% endfor %}"], ["T109"]),
        (["{% for 项 in 项目明细 %}{% else %}没有{% endfor %}"], []),
    ],
)
def test_what_stands_where_it_cannot_work_is_found(office, blocks, expected):
    assert codes(office(*COMPLETE, *blocks)) == expected


def test_the_row_of_another_document_is_explained(office):
    found = office(
        "{{ 项目.项目名称 }}", document=DOCUMENT + EACH, one=["{{ 项目.项目名称 }}{{ 单位名称 }}"]
    )

    assert said(found) == [
        (
            "T104",
            "模板用了“项目.项目名称”，表单里没有“项目”。它只在按“项目明细”一行一份的文档里有（一项.docx）。",
        )
    ]


def test_each_finding_says_which_template_and_where_in_it(office):
    office(
        "一、概况",
        "{{ 单位名 }}",
        [["项目", "金额"], ["{{ 年度 }}", "{{ 项目明细 }}"]],
        header=["{{ 年 }}"],
    )
    found = {f.value: (f.place.file, f.place.field) for f in lint_here() if f.code != "N702"}

    assert found == {
        "单位名": ("报告.docx", "正文，“一、概况”下，第 1 段：{{ 单位名 }}"),
        "项目明细": ("报告.docx", "正文，“一、概况”下，表 1 第 2 行第 2 列：{{ 项目明细 }}"),
        "年": ("报告.docx", "页眉，第 1 段：{{ 年 }}"),
    }


def lint_here():
    return lint(Path("templates/t"))


# -- the form ------------------------------------------------------------------------------


def test_a_check_that_can_never_hold_is_found_in_the_form(office):
    toml = """
    [[check]]
    code = "A1"
    rule = "提纲 == '2023' or 年度 > 0"
    message = "…"
    """

    assert said(office(*COMPLETE, toml=toml)) == [
        (
            "F010",
            "rule里的“提纲 == '2023'”永远不成立：“提纲”的可选项里没有“2023”。是不是“2023提纲”？",
        )
    ]


PRODUCT = """
[[section]]
label = "采购"
kind = "table"
fields = [
  {{ label = "单价", type = "decimal", uom = "元" }},
  {{ label = "数量", type = "integer" }},
  {{ label = "金额", uom = "元", formula = "{formula}"{more} }},
]
"""


@pytest.mark.parametrize(
    ("formula", "more", "expected"),
    [
        ("单价 * 数量", "", ["W701"]),
        ("round(单价 * 数量, 2)", "", ["W701"]),
        ("单价 * 数量", ", total = false", []),
        ("单价 * 数量", ', total = "采购.金额|求和"', []),
        ("单价 * 1.13", "", []),
        ("单价 + 数量", "", []),
        ("单价 * 数量 * 序号", "", []),
    ],
)
def test_a_total_that_multiplies_sums_is_a_warning(office, formula, more, expected):
    base = FORM + PRODUCT.format(formula=formula, more=more)

    assert codes(office(*COMPLETE, base=base)) == expected


def test_fields_that_nothing_uses_are_noted_once_a_section(office):
    found = office("{{ 单位名称 }}{% for 项 in 项目明细 %}{{ 项.项目名称 }}{% endfor %}")

    assert [(f.code, f.place.file, f.place.field, f.value) for f in found] == [
        ("N702", "t/form.toml", "[[section]] 基本信息", "年度、提纲、说明、日期、公开"),
        ("N702", "t/form.toml", "[[section]] 项目明细", "类型、人数"),
    ]


@pytest.mark.parametrize(
    "use",
    [
        "{{ (项目明细|筛选(类型='专项经费')).合计.人数 }}",
        "{% for 项 in 项目明细|排序('类型') %}{{ 项.人数 }}{% endfor %}",
        "{% for 组 in 项目明细|groupby('类型') %}{{ 组 }}{% endfor %}",
        "{{ 上年.项目明细.合计.人数 }}{{ 项目明细.类型|连接 }}",
    ],
)
def test_a_field_is_used_through_filters_totals_and_last_year(office, use):
    found = office(*COMPLETE[:1], use, "{{ 项目明细.项目名称|连接 }}")

    assert found == ()


# -- the command ---------------------------------------------------------------------------


def run(capsysbinary, *args):
    with pytest.raises(SystemExit) as stop:
        main(["lint", *args])
    return stop.value.code, capsysbinary.readouterr().out.decode()


def test_the_command_lists_all_and_says_what_was_looked_at(office, capsysbinary):
    office("{{ 单位名 }}", COMPLETE[1], "{{ 年度 }}{{ 提纲 }}{{ 说明 }}{{ 日期 }}{{ 公开 }}")

    code, out = run(capsysbinary)

    assert code == 1
    assert out == (
        "错误 T104  模板用了“单位名”，表单里没有“单位名”。是不是“单位名称”？\n"
        "  报告.docx › 正文，第 1 段：{{ 单位名 }}\n"
        "  改法：请改正模板里的名称。\n"
        "说明：reportgen explain T104\n"
        "表单 1 个，Word 模板 1 份，错误 1 处。\n"
    )


def test_the_command_is_content_with_notes_and_clean_templates(office, capsysbinary):
    office(*COMPLETE)
    assert run(capsysbinary)[0] == 0

    office("{{ 单位名称 }}")
    assert run(capsysbinary)[0] == 0


def test_warnings_count_where_the_command_is_strict(office, capsysbinary):
    office(*COMPLETE, base=FORM + PRODUCT.format(formula="单价 * 数量", more=""))

    assert run(capsysbinary)[0] == 0
    assert run(capsysbinary, "--strict")[0] == 1


def test_the_command_gives_json(office, capsysbinary):
    office(*COMPLETE, "{{ 项目明细 }}")

    code, out = run(capsysbinary, "--format", "json")

    [found] = json.loads(out)["findings"]
    assert code == 1
    assert (found["code"], found["file"]) == ("T201", "报告.docx")
    assert found["field"] == "正文，第 3 段：{{ 项目明细 }}"


def test_a_line_for_tools_has_the_place_in_the_template(office, capsysbinary):
    office(*COMPLETE, "{{ 单位名 }}")

    _, out = run(capsysbinary, "--format", "lines")

    assert out == (
        "报告.docx:正文，第 3 段：{{ 单位名 }}: error T104 模板用了“单位名”，表单里没有“单位名”。"
        "是不是“单位名称”？ 请改正模板里的名称。\n"
    )


def test_a_form_that_cannot_be_read_is_told_and_the_others_are_checked(office, capsysbinary):
    office("{{ 单位名 }}")
    (lint_folder() / "form.toml").write_text("[form", encoding="utf-8")

    code, out = run(capsysbinary, "--format", "lines")

    assert code == 1
    assert "F001" in out
    assert "T104" in out


def lint_folder():
    folder = Path("templates/坏")
    folder.mkdir()
    return folder


def test_without_a_form_nothing_can_be_done(tmp_path, monkeypatch, capsysbinary):
    monkeypatch.chdir(tmp_path)

    assert run(capsysbinary)[0] == 2


# -- outside the tags -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "better"),
    [
        ("单位：{ { 单位名称 } }。", "{ { 单位名称 } }", "{{ 单位名称 }}"),
        ("单位：{ {单位名称}}。", "{ {单位名称}}", "{{ 单位名称 }}"),
        ("单位：｛ ｛ 不是名称 ｝ ｝。", "｛ ｛ 不是名称 ｝ ｝", "{{ 不是名称 }}"),
        ("{ % if 公开 % }", "{ % if 公开 % }", "{% if 公开 %}"),
        ("单位：{单位名称}。", "{单位名称}", "{{ 单位名称 }}"),
        ("单位：｛ 单位名称 ｝。", "｛ 单位名称 ｝", "{{ 单位名称 }}"),
        ("${收支.合计.决算数}", "{收支.合计.决算数}", "{{ 收支.合计.决算数 }}"),
        ("{收支.合计.决算数|万元}", "{收支.合计.决算数|万元}", "{{ 收支.合计.决算数|万元 }}"),
        ("{if 公开}", "{if 公开}", "{% if 公开 %}"),
        ("{% for 项 in 项目明细 %}{项.人数}{% endfor %}", "{项.人数}", "{{ 项.人数 }}"),
    ],
)
def test_what_looks_like_a_tag_in_braces_is_an_error(office, text, value, better):
    [found] = office(*COMPLETE, text)

    assert (found.code, found.value) == ("T206", value)
    assert found.hint == f"请写成 {better}，两个括号之间不留空格。"


@pytest.mark.parametrize(
    "text",
    ["【单位名称】", "［收支.合计.决算数］", "[年度]", "<年度>", "＜提纲＞", "《说明》", "«日期»", "〔年度〕"],
)  # fmt: skip
def test_a_name_in_other_brackets_is_a_warning(office, text):
    [found] = office(*COMPLETE, f"此处填{text}即可")

    assert (found.code, found.value) == ("W703", text)
    assert found.hint.startswith(f"要填的，请写成 {{{{ {text[1:-1]} }}}}；")


@pytest.mark.parametrize(
    "text",
    [
        "【重要】", "[1]", "《预算法》", "a<b", "财绩〔2026〕1号", "集合 {1, 2}", "{项目}", "｛注｝",
        "{{ 单位名称 }}{{ 年度 }}", "{# 【单位名称】 #}",
    ],
)  # fmt: skip
def test_other_brackets_and_tags_themselves_are_left_alone(office, text):
    assert office(*COMPLETE, text) == ()


@pytest.mark.parametrize("text", ["单位名称 }}，", "endif %}", "单位 ｝｝"])
def test_the_second_half_of_a_tag_is_found(office, text):
    [found] = office(*COMPLETE, text)

    assert found.code == "T207"
    assert found.value == text.rstrip("，")


@pytest.mark.parametrize(
    "field",
    [
        '<w:p><w:fldSimple w:instr=" MERGEFIELD 单位名 "><w:r><w:t>«单位名»</w:t></w:r></w:fldSimple></w:p>',
        (
            '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> MERGEFIELD "单位名" '
            '\\* MERGEFORMAT</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
            '<w:r><w:t>«单位名»</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
        ),
    ],
)
def test_a_mail_merge_field_is_found_with_the_name_that_may_be_meant(office, field):
    [found] = office(*COMPLETE, field)

    assert (found.code, found.value) == ("T208", "单位名")
    assert found.hint == "请删去这个域，写成 {{ 单位名称 }}。是不是“单位名称”？"


def test_what_a_mail_merge_field_shows_is_not_said_again(office):
    field = '<w:p><w:fldSimple w:instr="MERGEFIELD 年度"><w:r><w:t>«年度»</w:t></w:r></w:fldSimple></w:p>'

    assert codes(office(*COMPLETE, field)) == ["T208"]


def test_look_alikes_are_found_in_every_story(office):
    box = (
        "<w:p><w:r><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>{说明}</w:t></w:r></w:p>"
        "</w:txbxContent></v:textbox></w:pict></w:r></w:p>"
    )
    note = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:footnote w:id="1"><w:p><w:r><w:t>{日期}</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    found = office(
        *COMPLETE, [["甲", "{年度}"]], box, header=["{单位名称}"], footer=["{提纲}"],
        title="{公开}", parts={"word/footnotes.xml": note},
    )  # fmt: skip

    assert {f.value: f.place.field.partition("：")[0] for f in found} == {
        "{年度}": "正文，表 1 第 1 行第 2 列",
        "{说明}": "正文，文本框，第 4 段",
        "{单位名称}": "页眉，第 1 段",
        "{提纲}": "页脚，第 1 段",
        "{公开}": "文档属性",
        "{日期}": "脚注，第 1 段",
    }


# -- what is left in the template -------------------------------------------------------------


def test_tracked_changes_are_found_once_with_the_first_place(office):
    [found] = office(
        *COMPLETE,
        '<w:p><w:r><w:t>不动</w:t></w:r><w:ins w:id="1" w:author="甲"><w:r><w:t>新写的</w:t></w:r></w:ins></w:p>',
        '<w:p><w:del w:id="2" w:author="甲"><w:r><w:delText>删去</w:delText></w:r></w:del>'
        '<w:ins w:id="3" w:author="甲"><w:r><w:t>又</w:t></w:r></w:ins></w:p>',
        '<w:p><w:pPr><w:pPrChange w:id="4" w:author="甲"><w:pPr/></w:pPrChange></w:pPr></w:p>',
    )

    assert found.code == "T209"
    assert found.message == (
        "有没接受的修订（插入 2 处、删除 1 处、格式 1 处），第一处是“新写的”；"
        "生成的文档会带着修订的痕迹。"
    )
    assert found.place.field.startswith("正文，第 3 段：")


def with_comments(office, *authors):
    """Lint a template with a comment of each of *authors* on its first paragraph."""
    office(*COMPLETE)
    path = Path("templates/t/报告.docx")
    document = Document(path)
    for author in authors:
        document.add_comment(document.paragraphs[0].runs, f"{author}说", author=author)
    document.save(path)
    return lint_here()


def test_comments_are_found_once(office):
    [found] = with_comments(office, "甲", "乙")

    assert found.code == "W704"
    assert found.message == "有批注 2 条，会留在每一份文档里；第一条是“甲说”。"
    assert found.place.field.startswith("正文，第 1 段：")


@pytest.mark.parametrize(
    ("part", "where"),
    [("word/diagrams/data1.xml", "SmartArt 图形"), ("word/glossary/document.xml", "文档部件")],
)
def test_a_tag_where_none_is_filled_is_found(office, part, where):
    xml = (
        '<a:x xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        "<a:p><a:r><a:t>{{ 单位</a:t></a:r><a:r><a:t>名称 }}</a:t></a:r></a:p></a:x>"
    )

    [found] = office(*COMPLETE, parts={part: xml})

    assert found.code == "T210"
    assert found.message == f"“{{{{ 单位名称 }}}}”在{where}里，那里的标记不会填。"


def test_a_text_box_that_word_keeps_twice_is_looked_at_once(office):
    box = (
        '<w:p xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:r>'
        '<mc:AlternateContent><mc:Choice Requires="wps"><w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p>'
        "</w:txbxContent></mc:Choice><mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p>"
        "</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    ).replace("{}", "{{ 项目明细 }}{年度}")

    assert codes(office(*COMPLETE, box)) == ["T201", "T206"]


def test_tags_of_pictures_links_boxes_and_charts_are_checked_like_any_other(office):
    def page(document):
        chart(document, "{{ 项目明细 }}", [["", "指标总额"], ["x", 1]], title="{{ 年 }}年")
        placeholder(document, "{{ 图片 }}")
        add(document, paragraph(link(document, "http://a.cn/{{ 单位名 }}", "见"), box("{{ 公 }}")))

    found = [(f.code, f.value, f.place.field) for f in office(page) if f.level == "error"]

    assert sorted(found) == [
        ("T104", "公", "正文，第 3 段：{{ 公 }}"),
        ("T104", "单位名", "正文，第 3 段：http://a.cn/{{ 单位名 }}"),
        ("T104", "图片", "正文，第 2 段：{{ 图片 }}"),
        ("T104", "年", "正文，第 1 段：{{ 项目明细 }}{{ 年 }}"),
    ]


# -- marks ----------------------------------------------------------------------------------

COPY = Path("标注/报告.docx")


def marks_of(path=COPY):
    """Return each comment: who has written it, its text, and the text that it is about."""
    document = Document(path)
    found = []
    for comment in document.comments:
        number = comment.comment_id
        starts = document.element.iter(f"{W}commentRangeStart")
        start = next(s for s in starts if s.get(f"{W}id") == str(number))
        about = "".join(t.text for t in start.getparent().iter(f"{W}t"))
        found.append((comment.author, comment.text, about))
    return found


def test_marks_are_comments_at_their_paragraphs_in_body_and_table(office, capsysbinary):
    office(*COMPLETE, "前 {{ 单位名 }} 后", [["甲", "乙"], ["丙", "{{ 项目明细 }}"]])

    code, out = run(capsysbinary, "--mark", "标注")

    assert code == 1
    assert "√ 标注的模板：标注/报告.docx（标出 2 处）\n" in out
    assert marks_of() == [
        (
            "reportgen",
            "T104 模板用了“单位名”，表单里没有“单位名”。是不是“单位名称”？\n改法：请改正模板里的名称。",
            "前 {{ 单位名 }} 后",
        ),
        (
            "reportgen",
            "T201 “项目明细”是一张表，这里要的是一个值。\n改法：要逐行印，请写 {%tr for 项 in 项目明细 %} … {%tr endfor %}；要行数，请写 {{ 项目明细.个数 }}。",
            "{{ 项目明细 }}",
        ),
    ]


def test_marks_that_word_cannot_have_where_they_belong_stand_at_the_beginning(office, capsysbinary):
    box = (
        "<w:p><w:r><w:t>外</w:t></w:r><w:r><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>{说明}</w:t>"
        "</w:r></w:p></w:txbxContent></v:textbox></w:pict></w:r></w:p>"
    )
    office(*COMPLETE, box, header=["{{ 年 }}"], footer=["{{ 单位名称"])

    run(capsysbinary, "--mark", "标注")

    first = "".join(COMPLETE[:1])
    assert [(text.split("\n")[0], about) for _, text, about in marks_of()] == [
        ("T206 “{说明}”不是标记，会照原样印出来。", "外{说明}"),
        ("页眉，第 1 段：{{ 年 }}", first),
        ("页脚，第 1 段：{{ 单位名称", first),
    ]


def test_what_keeps_a_template_from_being_read_is_marked_where_it_is(office, capsysbinary):
    office(*COMPLETE, "前", "{% if 公开 %}甲", "后")

    run(capsysbinary, "--mark", "标注")

    [(_, text, about)] = marks_of()
    assert text.startswith("T108 “{% if 公开 %}”没有结束。")
    assert about == "{% if 公开 %}甲"


def test_the_comments_of_the_office_stay_and_old_marks_go(office, capsysbinary):
    office(*COMPLETE, "{{ 单位名 }}")
    document = Document("templates/t/报告.docx")
    document.add_comment(document.paragraphs[0].runs, "请王科长核对", author="李")
    document.save("templates/t/报告.docx")
    run(capsysbinary, "--mark", "标注")
    Path("templates/t/报告.docx").write_bytes(COPY.read_bytes())

    run(capsysbinary, "--mark", "再标")

    found = marks_of(Path("再标/报告.docx"))
    assert [(author, about) for author, _, about in found] == [
        ("李", "".join(COMPLETE[:1])),
        ("reportgen", "{{ 单位名 }}"),
    ]


def test_the_same_marks_give_the_same_file(office, capsysbinary):
    office(*COMPLETE, "{{ 单位名 }}")
    run(capsysbinary, "--mark", "标注")
    before = COPY.read_bytes()

    _, out = run(capsysbinary, "--mark", "标注")

    assert COPY.read_bytes() == before
    assert [comment.timestamp for comment in Document(COPY).comments] == [None]
    assert "= 标注的模板没有变化：标注/报告.docx" in out


def test_a_clean_template_gets_no_copy(office, capsysbinary):
    office(*COMPLETE)

    run(capsysbinary, "--mark", "标注")

    assert not COPY.exists()


def test_marks_are_never_put_beside_the_templates(office, capsysbinary):
    office(*COMPLETE, "{{ 单位名 }}")

    code, _ = run(capsysbinary, "--mark", "templates/t")

    assert code == 2
    assert [p.name for p in Path("templates/t").glob("*.docx")] == ["报告.docx"]


# -- all at once -----------------------------------------------------------------------------


def test_twenty_mistakes_are_found_in_one_run_each_at_its_place(office):
    title, body, table = (
        "正文，第 2 段",
        "正文，“一、概况”下，第 {} 段",
        "正文，“一、概况”下，表 1 第 {} 行第 {} 列",
    )
    planted = [
        ("{{ 单位名 }}自评报告", "T104", title),
        ("一、概况", "", ""),
        ("{{ 收支.基本支出.预算数 }}", "T104", body.format(1)),
        ("{% for 项 in 项目明细 %}{{ 项.金额 }}{% endfor %}", "T104", body.format(2)),
        ("{{ 收支.合计.决算数|万圆 }}", "T104", body.format(3)),
        ("{{ 项目.项目名称 }}", "T104", body.format(4)),
        ("{{ 年度", "T107", body.format(5)),
        ("年度 }}", "T207", body.format(6)),
        ("{% if 公开 %}公开", "T108", body.format(7)),
        ("{% endfor %}", "T109", body.format(8)),
        ("{{ 年度 + }}", "T103", body.format(9)),
        ("前文{%p if 公开 %}后文", "T111", body.format(10)),
        ("{%p endif %}", "", ""),
        ("{{ 项目明细.人数 }}", "T201", body.format(12)),
        ("{% for 字 in 单位名称 %}{% endfor %}", "T202", body.format(13)),
        ("{{ 提纲|小数(2) }}", "T203", body.format(14)),
        ("{{ 人均 }}", "T204", body.format(15)),
        ("{% if 提纲 == '2020' %}甲{% endif %}", "T205", body.format(16)),
        ("{ { 单位名称 } }", "T206", body.format(17)),
        ("〔年度〕", "W703", body.format(18)),
        ('<w:p><w:fldSimple w:instr="MERGEFIELD 年度"/></w:p>', "T208", body.format(19)),
        ('<w:p><w:ins w:id="9"><w:r><w:t>补</w:t></w:r></w:ins></w:p>', "T209", body.format(20)),
        ([["甲", "乙"], ["丙", "{{ 项目明细 }}"]], "T201", table.format(2, 2)),
    ]  # fmt: skip
    blocks = [block for block, _, _ in planted]
    expected = {(code, place) for _, code, place in planted if code}

    found = office(
        *COMPLETE[1:], *blocks, header=["{{ 页 }}"], document=DOCUMENT + EACH,
        one=["{{ 项目.项目名称 }}{{ 说明 }}{{ 日期 }}"],
    )  # fmt: skip

    expected.add(("T104", "页眉，第 1 段"))
    assert len(expected) >= 20
    places = {(f.code, f.place.field.partition("：")[0]) for f in found if f.code != "N702"}
    assert expected == places
