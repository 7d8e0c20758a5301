"""A number in a narrative is named, not typed: looked up, printed as its field asks, never run."""

import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen import load_form, slots
from reportgen.checks import check_values
from reportgen.compute import compute
from reportgen.names import nearest
from reportgen.value import Text
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.read import read_submission
from reportgen.workbook.write import write_workbook
from support_docx import docx_text, render
from support_form import at, data_of, find, read_back

FORM = """
[[section]]
label = "录"
kind = "record"
fields = [
  { label = "说明", type = "narrative" },
  { label = "原因", type = "narrative" },
  { label = "备注" },
  { label = "人数", type = "integer", uom = "人" },
  { label = "指标总额", type = "decimal", uom = "万元", places = 2 },
  { label = "2025年预算", type = "decimal", uom = "元" },
  { label = "完成率", type = "percent", places = 1 },
  { label = "日期", type = "date" },
  { label = "照片", type = "image" },
  { label = "空着", type = "decimal" },
  { label = "印无", type = "decimal", blank = "无" },
]
[[section]]
label = "收支"
kind = "grid"
columns = [{ label = "决算数", type = "decimal", uom = "万元", places = 2 }, { label = "说", type = "narrative" }]
rows = ["基本支出", "项目支出"]
[[section]]
label = "项目"
kind = "table"
fields = [
  { label = "项目名称" },
  { label = "金额", type = "decimal", uom = "万元" },
  { label = "做法", type = "narrative" },
]
[[section]]
label = "大纲"
kind = "outline"
[[computed]]
label = "整体支出"
uom = "万元"
places = 2
formula = "收支.合计.决算数"
[[computed]]
label = "人均"
formula = "指标总额 / 人数 / 7"
[[computed]]
label = "说到的数"
formula = "说明|首数"
[[computed]]
label = "原因里的数"
formula = "原因|首数"
"""


def values(**record):
    return {
        "基本信息": {"单位名称": "甲局"},
        "录": {
            "备注": "一切正常", "人数": 3, "指标总额": "1234.5", "2025年预算": "30000",
            "完成率": "97.5%", "日期": "2026-03-05", "照片": "a.png", **record,
        },
        "收支": {"基本支出": {"决算数": "375.23"}, "项目支出": {"决算数": "157.2"}},
        "项目": [{"项目名称": "甲路", "金额": "1.5"}, {"项目名称": "乙桥", "金额": 2}],
    }  # fmt: skip


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def text_of(form, text):
    """Return what 录.说明 prints, and the findings at it."""
    data = data_of(form, values(说明=text))
    return data.lookup("录").lookup("说明"), data.findings


@pytest.mark.parametrize(
    ("slot", "printed"),
    [
        ("{{ 收支.基本支出.决算数 }}", "375.23"),
        ("{{收支.合计.决算数}}", "532.43"),
        ("{{ 整体支出 }}", "532.43"),
        ("{{ 整体支出|万元 }}", "532.43万元"),
        ("{{ 整体支出|小数(0) }}", "532"),
        ("{{ 整体支出|小数(15) }}", "532.430000000000000"),
        ("{{ 整体支出 | 亿元(4) }}", "0.0532亿元"),
        ("{{ 指标总额 }}", "1234.50"),  # as its field asks
        ("{{ 指标总额（万元） }}", "1234.50"),  # a heading copied from the sheet
        ("{{ 录.指标总额(万元) }}", "1234.50"),
        ("{{ 2025年预算 }}", "30000"),
        ("{{ 2025年预算（元）|万元 }}", "3万元"),
        ("{{ 人数|汉字 }}", "三"),
        ("{{ 完成率 }}", "97.5%"),
        ("{{ 日期 }}", "2026年3月5日"),
        ("{{ 备注 }}", "一切正常"),
        ("{{ 基本信息.单位名称 }}", "甲局"),
        ("{{ 项目.个数 }}", "2"),
        ("{{ 项目.合计.金额 }}", "3.5"),
        ("{{ 项目.项目名称|连接 }}", "甲路、乙桥"),
        ('{{ 项目.项目名称|连接("；") }}', "甲路；乙桥"),
        ("{{ 人均|小数(2) }}", "58.79"),
        ("{{ 印无 }}", "无"),
        ("｛｛ 整体支出｜万元 ｝｝", "532.43万元"),
        ("｛｛收支．基本支出．决算数｝｝", "375.23"),
        ("{{　整体 支出\n}}", "532.43"),  # white space is nothing
        ("{{ \u200b整体支出 }}", "532.43"),  # pasted from a web page
    ],
)
def test_a_slot_prints_what_it_names(form, slot, printed):
    text, findings = text_of(form, f"支出{slot}，其余照旧")

    assert text == f"支出{printed}，其余照旧"
    assert findings == []


def test_the_text_keeps_its_field_and_its_cell(form):
    text, _ = text_of(form, "{{ 人数 }}人")

    assert isinstance(text, Text)
    assert (text.field.label, text.cell.ref) == ("说明", "B6")


def test_last_years_value_has_a_slot(form):
    filled = {**values(说明="上年{{ 上年.收支.基本支出.决算数 }}万元"), "上年": values()}
    filled["上年"]["收支"] = {"基本支出": {"决算数": "300"}}

    data = compute(from_plain(filled, form))

    assert data.lookup("录").lookup("说明") == "上年300.00万元"


def test_a_row_finds_its_own_names_first(form):
    filled = values()
    filled["项目"][1]["做法"] = "{{ 项目名称 }}第{{ 序号 }}，花了{{ 金额 }}，全部{{ 合计.金额 }}"
    filled["收支"]["基本支出"]["说"] = "{{ 决算数 }}，项目{{ 项目支出.决算数 }}"
    filled["大纲"] = [{"级": 1, "标题": "题 {{ 人数 }}", "正文": "{{ 标题 }}：{{ 人数 }}人"}]

    data = data_of(form, filled)

    assert data.lookup("项目").rows[1].lookup("做法") == "乙桥第2，花了2，全部3.5"
    assert data.lookup("收支").lookup("基本支出").lookup("说") == "375.23，项目157.20"
    row = data.lookup("大纲").rows[0]
    assert row.lookup("正文") == "题 {{ 人数 }}：3人"
    assert row.lookup("标题") == "题 {{ 人数 }}"  # a heading is no narrative
    assert data.findings == []


AS_TYPED = [
    "{{ 1 + 1 }}",
    "{{ a() }}",
    "{{ 人数 + 1 }}",
    "{{ 人数() }}",
    "{% if 人数 %}有{% endif %}",
    "{# 注 #}",
    "{人数}",
    "{{ 人数 }",
    "{{ 人数",
    "人数 }}",
    "{{{ 人数 }}}",
    "{{{ 人数 }}",
    "{{ 人数 }}}",
    "{{}}",
    "{{ }}",
    "{{ 见 下文 }}",
    "{{ ''.__class__ }}",
    "{{ [].append }}",
    "{{ 人数[0] }}",
    "{{ 人数|小数(人数) }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ 人数 }｝",
    "{{" + "(" * 5000 + "}}",
]


@pytest.mark.parametrize("text", AS_TYPED)
def test_what_is_no_name_prints_as_typed(form, text):
    assert text_of(form, f"甲{text}乙") == (f"甲{text}乙", [])


@pytest.mark.parametrize(
    ("slot", "code", "said"),
    [
        ("{{ 整体支处 }}", "E340", "表单里没有“整体支处”。是不是“整体支出”？"),
        ("{{ 收支.基本支处.决算数 }}", "E340", "表单里没有“基本支处”。是不是“基本支出”？"),
        ("{{ 单位名称.__class__ }}", "E340", "表单里没有“__class__”。"),
        ("{{ cycler }}", "E340", "表单里没有“cycler”。"),
        ("{{ 项目.合计.项目名称 }}", "E340", "表单里没有“项目名称”。"),
        ("{{ 单位名称|attr('x') }}", "E341", "没有“attr”这种印法。"),
        ("{{ 整体支出|万圆 }}", "E341", "是不是“万元”？"),
        ("{{ 项目 }}", "E342", "“项目”是一张表、一行或一列"),
        ("{{ 项目.金额 }}", "E342", "“项目.金额”是一张表、一行或一列"),
        ("{{ 收支 }}", "E342", "“收支”是一张表、一行或一列"),
        ("{{ 上年 }}", "E342", "“上年”是一张表、一行或一列"),
        ("{{ 原因 }}", "E342", "“原因”是一段文字"),
        ("{{ 说明 }}", "E342", "“说明”是一段文字"),
        ("{{ 大纲.正文|连接 }}", "E342", "“大纲.正文”是一段文字"),
        ("{{ 照片 }}", "E342", "“照片”是一张图片"),
        ("{{ 人数|万元 }}", "E343", "这个数单位是“人”，不能换算成元、万元、亿元。"),
        ("{{ 空着|万元 }}{{ 完成率|万元 }}", "E343", "这个数没有计量单位，不能换算"),
        ("{{ 备注|小数(2) }}", "E343", "“一切正常”不是“小数”要的数"),
        ("{{ 人均 }}", "E343", "除不尽，要写明小数位数"),
        ("{{ 人数|小数(999999999) }}", "E343", "小数位数“999999999”要写 0 到 15 的整数"),
        ("{{ 整体支出|四舍五入(16) }}", "E343", "小数位数“16”要写 0 到 15 的整数"),
        ("{{ 整体支出|四舍五入(-15) }}", "E343", "小数位数“-15”要写 0 到 15 的整数"),
        ("{{ 整体支出|小数(1.5) }}", "E343", "小数位数“1.5”要写 0 到 15 的整数"),
        ("{{ 整体支出|万元(-1) }}", "E343", "小数位数“-1”要写 0 到 15 的整数"),
        ("{{ 人数|小数(1, 2) }}", "E343", "“小数”不能用在这里"),
        ("{{ 人数|筛选 }}", "E343", "“筛选”不能用在这里"),
        ("{{ 说到的数 }}", "E345", "绕回了这段文字自己"),
    ],
)
def test_a_slot_that_cannot_be_filled_is_an_error_at_the_cell(form, slot, code, said):
    text, findings = text_of(form, slot)

    (found,) = [f for f in findings if f.level == "error"]
    assert (found.code, found.place.sheet, found.place.cell) == (code, "录", "B6")
    assert found.message.startswith("“说明”里")
    assert said in found.message
    assert text.endswith(found.value)  # it stays as typed


def test_two_texts_whose_numbers_rest_on_each_other_are_found(form):
    data = data_of(form, values(说明="{{ 原因里的数 }}", 原因="{{ 说到的数 }}"))

    # the second is left without a number, because the first stays as typed
    assert at(data.findings) == [("E345", "录", "B6"), ("W344", "录", "B7")]


def test_a_slot_whose_cell_is_blank_is_a_warning(form):
    found = find(form, values(说明="共{{ 空着 }}万元，{{ 空着|万元 }}"))

    assert at(found) == [("W344", "录", "B6")] * 2
    assert [f.value for f in found] == ["{{ 空着 }}", "{{ 空着|万元 }}"]
    assert found[0].hint == "请填上“空着”，或改写这句话。"


def test_one_that_rests_on_an_unreadable_cell_is_said_there(form):
    found = find(form, values(说明="{{ 人数 }}，{{ 人均 }}", 人数="十二"))

    assert at(found) == [("E303", "录", "B9")]


def test_one_whose_cell_is_not_in_the_workbook_is_said_there(form):
    content = write_workbook(form, from_plain(values(说明="{{ 空着 }}"), form))
    book = openpyxl.load_workbook(io.BytesIO(content))
    (label,) = [c for (c,) in book["录"]["A6:A16"] if c.value == "空着"]
    label.value = None
    changed = io.BytesIO()
    book.save(changed)

    submission = read_submission(open_bytes(changed.getvalue(), "甲局.xlsx"), form)

    assert [f.code for f in check_values(compute(submission))] == ["E204"]


def test_a_slot_is_said_once_and_where_it_stands(form):
    filled = values(说明="{{ 甲 }}、{{ 甲 }}")
    filled["项目"][1]["做法"] = "{{ 甲 }}"
    filled["收支"]["项目支出"]["说"] = "{{ 甲 }}"

    found = find(form, filled)

    assert at(found) == [("E340", "录", "B6"), ("E340", "收支", "C7"), ("E340", "项目", "C8")]
    assert found[1].place.field == "项目支出 · 说"


def test_of_very_many_wrong_slots_in_a_cell_the_last_that_is_said_counts_the_others(
    form, monkeypatch
):
    looked_for = []
    monkeypatch.setattr(
        slots, "nearest", lambda word, known: looked_for.append(word) or nearest(word, known)
    )
    wrong = "".join(f"{{{{ 甲{n} }}}}" for n in range(120))
    blank = "".join(f"{{{{ 空着|小数({n % 16})|小数({n // 16}) }}}}" for n in range(51))

    text, found = text_of(form, f"{blank}{wrong}{{{{ 甲119 }}}}{{{{ 人数 }}}}")

    assert text.endswith("{{ 甲119 }}{{ 甲119 }}3")  # what is right is filled in all the same
    errors = [f for f in found if f.code == "E340"]
    blanks = [f for f in found if f.code == "W344"]
    assert [len(found), len(errors), len(blanks), len(looked_for)] == [100, 50, 50, 50]
    assert errors[-1].value == "{{ 甲49 }}"
    assert errors[-1].hint.endswith("这一格里这样的还有 70 处，没有一一列出。")
    assert blanks[-1].hint.endswith("这一格里这样的还有 1 处，没有一一列出。")
    assert not any("没有一一列出" in f.hint for f in (*errors[:-1], *blanks[:-1]))


def test_what_was_typed_stays_in_the_workbook(form):
    typed = "共{{ 整体支出|万元 }}"

    submission = read_back(form, values(说明=typed))

    assert submission.plain()["录"]["说明"] == typed
    assert read_back(form, submission.plain()).values["录"]["说明"] == typed


def test_a_wrong_slot_of_last_year_is_nobodys_fault_now(form):
    filled = {**values(), "上年": values(说明="{{ 甲 }}{{ 人数 }}")}

    data = compute(from_plain(filled, form))

    assert data.lookup("上年").lookup("录").lookup("说明") == "{{ 甲 }}3"
    assert data.findings == []


def test_the_document_prints_the_number(form):
    filled = values(说明="支出{{ 整体支出|万元 }}。\n{{ 1 + 1 }}")
    filled["项目"][0]["做法"] = "花了{{ 金额 }}"
    filled["大纲"] = [{"级": 1, "标题": "题", "正文": "{{ 人数 }}人"}]

    made = docx_text(
        render(
            form, filled, "{{ 说明 }}",
            [["{%tr for 项 in 项目 %}"], ["{{ 项.做法 }}"], ["{%tr endfor %}"]],
            "{%p for 行 in 大纲 %}", "{{ 行.正文 }}", "{%p endfor %}",
        )
    )  # fmt: skip

    assert made.splitlines() == [
        "Normal: 支出532.43万元。", "Normal: {{ 1 + 1 }}", "| 花了1.5 |", "|  |", "Normal: 3人",
    ]  # fmt: skip


def test_checks_see_the_number_that_is_printed(make_form):
    check = '[[check]]\ncode = "Z1"\nfind = "532"\nmessage = "有"\n'
    form = make_form(FORM + check)

    assert [f.code for f in find(form, values(说明="{{ 整体支出 }}"))] == ["Z1"]


@pytest.fixture(scope="module")
def shared_form(tmp_path_factory):
    from conftest import HEAD, UNIT

    folder = Path(tmp_path_factory.mktemp("form"))
    (folder / "form.toml").write_text(HEAD + UNIT + FORM, encoding="utf-8")
    return load_form(folder)


PIECES = st.sampled_from(
    ["{", "}", "{{", "}}", "｛｛", "｝｝", "%}", "{%", "|", "(", ")", "1", " ", "\n", "'", '"', ".",
     "+", "\\", "{{{", "}}}", "[", "]", "{{ 人数 + 1 }}", "{{ 'a' }}", "\u200b"]
)  # fmt: skip


@given(st.lists(PIECES).map("".join))
def test_a_text_without_a_name_comes_through_unchanged(shared_form, text):
    data = compute(from_plain(values(说明=text), shared_form))

    printed = data.lookup("录").lookup("说明")
    assert str(printed) == (text if text.strip() else "")
    assert data.findings == []
