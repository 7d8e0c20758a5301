"""``--values``: what a file of values may hold, and what is said of the rest, all at once."""

import io
import json
import re
from dataclasses import replace

import openpyxl
import pytest

from reportgen import ReportgenError, write_workbook
from reportgen.errors import WorkbookError
from reportgen.pipeline import check
from reportgen.value import Blank, NotApplicable, Number, YesNo
from reportgen.values import from_plain, read_values
from reportgen.workbook.book import open_bytes
from reportgen.workbook.read import read_submission
from support_workbook import make_book

FORM = """
[[section]]
label = "概况"
kind = "record"
was = ["基本情况"]
fields = [
  { label = "年度", type = "year" },
  { label = "在职人数", type = "integer", uom = "人", was = ["职工人数"] },
  { label = "增长率", type = "percent" },
  { label = "日期", type = "date" },
  { label = "公开", type = "yes_no" },
  { label = "编码" },
  { label = "人均", formula = "在职人数 / 2" },
]

[[section]]
label = "收支"
kind = "grid"
uom = "万元"
columns = ["预算数", "决算数", { label = "差额", formula = "预算数 - 决算数" }]
rows = ["基本支出", { label = "项目支出", was = ["专项支出"] }, { label = "合计", formula = "基本支出 + 项目支出" }]

[[section]]
label = "项目明细"
kind = "table"
fields = [{ label = "项目名称" }, { label = "金额", type = "decimal", uom = "万元" }]
"""


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def refused(data, form):
    """Return (code, path, message) of each reason why *data* is refused."""
    with pytest.raises(ReportgenError) as caught:
        from_plain(data, form, "数.toml")
    return [(f.code, f.place.field, f.message) for f in caught.value.findings]


def test_toml_and_json_of_the_same_values_are_the_same(form, tmp_path):
    toml, js = tmp_path / "数.toml", tmp_path / "数.json"
    toml.write_text(
        '["概况"]\n"年度" = 2025\n"在职人数" = "14"\n"日期" = 2026-03-05\n"公开" = true\n'
        '["收支"."基本支出"]\n"决算数" = 375.23\n[["项目明细"]]\n"项目名称" = "甲"\n"金额" = "1.50"\n',
        encoding="utf-8",
    )
    js.write_text(
        json.dumps(
            {
                "概况": {"年度": 2025, "在职人数": 14, "日期": "2026年3月5日", "公开": "是"},
                "收支": {"基本支出": {"决算数": 375.23}},
                "项目明细": [{"项目名称": "甲", "金额": 1.5}],
            }
        ),
        encoding="utf-8-sig",
    )

    assert read_values(toml, form).plain() == read_values(js, form).plain() == {
        "概况": {"年度": "2025", "在职人数": "14", "日期": "2026-03-05", "公开": True},
        "收支": {"基本支出": {"决算数": "375.23"}},
        "项目明细": [{"项目名称": "甲", "金额": "1.5"}],
    }  # fmt: skip


def test_null_absent_and_white_space_are_blank_and_not_applicable_is_not(form):
    submission = from_plain({"概况": {"年度": None, "编码": " \n", "增长率": "不适用"}}, form)

    record = submission.record(form.section("概况"))
    assert type(record["年度"]) is Blank
    assert type(record["编码"]) is Blank
    assert type(record["日期"]) is Blank
    assert isinstance(record["增长率"], NotApplicable)
    assert submission.plain() == {"概况": {"增长率": "不适用"}}


def test_a_number_keeps_its_digits_however_many(form):
    submission = from_plain(
        {
            "概况": {"编码": 430102198801011234, "在职人数": "12345678901234567890"},
            "项目明细": [{"金额": "0.123456789012345678901"}, {"金额": "1,234.50"}],
        },
        form,
    )

    assert submission.plain() == {
        "概况": {"在职人数": "12345678901234567890", "编码": "430102198801011234"},
        "项目明细": [{"金额": "0.123456789012345678901"}, {"金额": "1234.5"}],
    }


def test_a_json_number_is_the_decimal_that_stands_there(form, tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"项目明细": [{"金额": 0.1000000000000000055511}]}', encoding="utf-8")

    (row,) = read_values(path, form).rows(form.section("项目明细"))
    assert str(row["金额"]) == "0.1000000000000000055511"


def test_old_names_and_headings_with_their_unit_mean_the_field(form):
    submission = from_plain(
        {"基本情况": {"职工人数": 3}, "收支": {"专项支出": {"预算数（万元）": 1}}}, form
    )

    assert submission.plain() == {
        "概况": {"在职人数": "3"},
        "收支": {"项目支出": {"预算数": "1"}},
    }


def test_all_unknown_names_are_said_at_once_with_the_nearest(form):
    data = {"概括": {}, "概况": {"在职人": 1}, "收支": {"基本支": {}}, "项目明细": [{"金": 1}]}

    assert refused(data, form) == [
        ("E112", "概括", "表单里没有“概括”，是不是“概况”。"),
        ("E112", "概况.在职人", "表单里没有“在职人”，是不是“在职人数”。"),
        ("E112", "收支.基本支", "表单里没有“基本支”，是不是“基本支出”。"),
        ("E112", "项目明细.1.金", "表单里没有“金”，是不是“金额”。"),
    ]


@pytest.mark.parametrize(
    ("data", "path", "what"),
    [
        ([], "", "要写成 {表名: 内容}"),
        ({"概况": [1]}, "概况", "要写成 {填报项: 值}"),
        ({"收支": {"基本支出": 5}}, "收支.基本支出", "要写成 {列: 值}"),
        ({"项目明细": {"甲": 1}}, "项目明细", "要写成一列 {填报项: 值}"),
        ({"项目明细": [5]}, "项目明细.1", "要写成 {填报项: 值}"),
        ({"概况": {"年度": [2025]}}, "概况.年度", "要写一个值，不是一组"),
        ({"概况": {"人均": 7}}, "概况.人均", "它由程序计算，不用给"),
        ({"收支": {"合计": {}}}, "收支.合计", "它由程序计算，不用给"),
        ({"收支": {"基本支出": {"差额": 1}}}, "收支.基本支出.差额", "它由程序计算，不用给"),
        ({"概况": {"在职人数": 1, "职工人数": 2}}, "概况.职工人数", "写了不止一次"),
        ({"概况": {}, "基本情况": {}}, "基本情况", "写了不止一次"),
        ({"收支": {"项目支出": {}, "专项支出": {}}}, "收支.专项支出", "写了不止一次"),
    ],
)
def test_a_wrong_shape_is_said_with_the_right_one(form, data, path, what):
    ((code, where, message),) = refused(data, form)

    assert (code, where) == ("E113", path)
    assert what in message


@pytest.mark.parametrize("text", ["甲\x00乙", "\x0b", "甲\u202e", "\ufffe"])
def test_signs_that_no_cell_can_hold_are_dropped_and_said(form, text):
    submission = from_plain({"概况": {"编码": f"甲{text}"}}, form)

    assert [(f.code, f.place.field) for f in submission.findings] == [("W323", "概况.编码")]
    assert submission.plain() == {
        "概况": {"编码": "甲" + re.sub("[\x00\x0b\u202e\ufffe]", "", text)}
    }


def test_half_a_sign_is_a_visible_mark_and_said(form):
    submission = from_plain({"概况": {"编码": "甲\ud83d乙"}}, form)

    assert submission.plain()["概况"] == {"编码": "甲\ufffd乙"}
    assert [(f.code, f.value) for f in submission.findings] == [("W333", "甲□乙")]


@pytest.mark.parametrize("text", ["长" * 32_768, "𠮷" * 16_384], ids=["han", "pairs"])
def test_a_text_longer_than_a_cell_is_refused_as_excel_counts(form, text):
    ((code, _, message),) = refused({"概况": {"编码": text}}, form)

    assert code == "E325"
    assert "32768" in message


def test_a_value_that_its_field_cannot_read_reaches_the_workbook_and_the_check(form):
    submission = from_plain({"概况": {"年度": "明年", "增长率": 76, "公开": "也许"}}, form)

    assert submission.plain() == {"概况": {"年度": "明年", "增长率": "76", "公开": "也许"}}


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.json", b'{"a": 1,}', "第 1 行第"),
        ("a.json", b'{"a": {"b": 1, "b": 2}}', "“b”在同一层里写了不止一次"),
        ("a.json", b"[" * 100_000, "一层套一层太深"),
        ("a.json", b'{"a": ' + b"9" * 5000 + b"}", "有一个数太长"),
        ("a.toml", b"x = \n", "第 1 行附近不合 TOML 的写法：x ="),
        ("a.toml", "甲 = 1".encode("gbk"), "不是 UTF-8 编码"),
        ("a.toml", "甲 = 1".encode(), "第 1 行：甲 = 1，中文的名称要加引号"),
    ],
)
def test_a_file_of_values_that_cannot_be_read_is_one_message(form, tmp_path, name, content, what):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(ReportgenError) as caught:
        read_values(path, form)

    (finding,) = caught.value.findings
    assert finding.code == "E111"
    assert what in finding.message


def test_a_file_that_is_not_there_is_said(form, tmp_path):
    with pytest.raises(ReportgenError) as caught:
        read_values(tmp_path / "没有.toml", form)

    assert [f.code for f in caught.value.findings] == ["E101"]


def test_an_older_workbook_gives_its_values(form, make_form, tmp_path):
    older = make_form(FORM.replace('"在职人数", type', '"职工人数", type').replace(
        ', was = ["职工人数"]', "").replace("在职人数 /", "职工人数 /"), name="old")  # fmt: skip
    path = tmp_path / "去年.xlsx"
    path.write_bytes(
        write_workbook(older, from_plain({"概况": {"职工人数": 7, "增长率": "760%"}}, older))
    )

    submission = read_values(path, form)

    assert submission.plain() == {"概况": {"在职人数": "7", "增长率": "760%"}}
    assert submission.findings == ()


def test_last_years_values_stand_under_their_own_name(form):
    values = {"上年": {"收支": {"基本支出": {"决算数": "1"}}}}

    submission = from_plain(values, form)

    assert submission.plain() == values
    assert "收支" not in submission.values
    assert str(submission.prior["收支"]["基本支出"]["决算数"]) == "1"


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_refused(form, tmp_path, word):
    path = tmp_path / "a.json"
    path.write_text(f'{{"项目明细": [{{"金额": {word}}}]}}', encoding="utf-8")

    with pytest.raises(ReportgenError) as caught:
        read_values(path, form)

    assert [f.message for f in caught.value.findings] == [f"填报值文件读不了：{word} 不是数。"]


def test_a_huge_number_in_json_stays_a_number(form, tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"项目明细": [{"金额": 1e400}]}', encoding="utf-8")

    (row,) = read_values(path, form).rows(form.section("项目明细"))

    assert isinstance(row["金额"], Number)


def test_a_workbook_that_misses_a_required_value_can_still_be_carried_over(form, tmp_path):
    path = make_book(tmp_path / "a.xlsx", {"项目明细": [["项目名称", "金额"], ["甲", "1万元"]]})

    submission = read_values(path, form)

    assert submission.plain() == {"项目明细": [{"项目名称": "甲", "金额": "1"}]}
    assert any(f.code == "E201" for f in check(submission))


def test_truth_values_and_texts_for_yes_and_no_agree(form):
    for given in (True, "是", "√"):
        submission = from_plain({"概况": {"公开": given}}, form)

        value = submission.record(form.section("概况"))["公开"]
        assert isinstance(value, YesNo)
        assert value.value is True


def test_a_workbook_of_another_kind_is_told_in_one_sentence(form, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["随便", "什么"])
    book.save(tmp_path / "别的.xlsx")

    with pytest.raises(WorkbookError) as caught:
        read_values(tmp_path / "别的.xlsx", form)

    (finding,) = caught.value.findings
    assert (finding.code, finding.place.file) == ("E214", "别的.xlsx")
    assert "测试表" in finding.message


def test_what_an_older_workbook_says_is_carried_over_as_typed(make_form, tmp_path):
    form = make_form(
        '[[section]]\nlabel = "收支"\nkind = "grid"\ncolumns = ["决算数"]\nrows = ["基本支出"]'
    )
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(form)))
    book["收支"]["B6"] = "三百七十五"
    book.save(tmp_path / "旧.xlsx")

    old = read_values(tmp_path / "旧.xlsx", form)
    new = read_submission(open_bytes(write_workbook(form, old), "新.xlsx"), form)

    assert [f.code for f in old.findings] == ["E303"]
    assert [(f.code, f.place.cell, f.value) for f in new.findings] == [("E303", "B6", "三百七十五")]


def test_a_workbook_of_another_form_is_not_carried_over(form, make_form, tmp_path):
    other = replace(make_form("", name="other"), id="other")
    path = tmp_path / "旧.xlsx"
    path.write_bytes(write_workbook(other))

    with pytest.raises(ReportgenError) as caught:
        read_values(path, form)

    assert [(f.code, f.value) for f in caught.value.findings] == [("E110", "other")]
