"""The eight contradictions of a published report: they cannot be typed, or are found at their cell.

Figures as published, sentences our own. ``docs/contradictions.md`` is the table of them.
"""

import re

import pytest

from conftest import ROOT
from support_docx import build, docx_text
from support_form import find
from test_self_evaluation import _form, sample

TABLE = (ROOT / "docs" / "contradictions.md").read_text(encoding="utf-8")


def row(number):
    """Return the last column of the contradiction's row: what happens now."""
    (line,) = re.findall(rf"^\| {number} \|.*\|$", TABLE, re.MULTILINE)
    return line.split("|")[-2]


def published(**changes):
    """Return the sample with the published figures: one project of 157.23, no adjusted budget."""
    values = sample("sample")
    values["项目明细"] = values["项目明细"][:1]
    del values["基本支出"]["全年预算数"]
    for path, value in changes.items():
        section, field = path.split("_")
        values[section][field] = value
    return values


def found(values):
    """Return code, sheet, cell and difference (without its sign) of each finding."""
    findings = find(_form(), values)
    return [(f.code, f.place.sheet, f.place.cell, f.difference.lstrip("-")) for f in findings]


def said(number, *words):
    for word in words:
        assert word in row(number), (number, word)


def test_the_table_has_the_eight():
    assert re.findall(r"^\| (A\d+) \|", TABLE, re.MULTILINE) == [
        "A3", "A4", "A5", "A7", "A9", "A10", "A16", "A18",
    ]  # fmt: skip


def test_the_published_figures_without_the_contradictions_have_nothing_wrong():
    assert found(published()) == []


def test_a3_within_the_budget_is_found_when_the_sum_is_beyond_it():
    words = {"基本支出_决算说明": "总体在预算控制范围内。"}

    assert found(published(**words)) == [("F10", "基本支出", "B10", "9.73")]
    assert found(published(**words, 基本支出_全年预算数="375.23")) == []
    said("A3", "F10", "9.73")


def test_a4_and_a7_and_a10_the_budget_and_the_number_of_projects_are_stated_from_the_rows():
    (document,) = build(_form(), published()).documents
    printed = docx_text(document.content)

    assert printed.count("157.23万元") >= 4
    assert re.findall(r"项目(?:支出)?预算[为共]([\d.]+)万元", printed) == ["157.23", "157.23"]
    assert re.findall(r"(?:包含|涵盖|绩效目标的)项目(\d+)个", printed) == ["1", "1", "1"]
    for number in ("A4", "A7", "A10"):
        said(number, "写不出来")


def test_a5_spending_without_a_budget_is_found():
    values = published()
    values["项目明细"][0] |= {"指标总额": "0", "预算区级资金": "0"}

    assert found(values) == [("F06", "项目明细", "D7", "")]
    said("A5", "F06")


def test_a9_the_total_is_computed_and_another_one_in_a_narrative_is_found():
    values = published()
    values["绩效目标完成情况"][0]["正文"] = "本年整体支出0万元，全部纳入绩效管理。"
    (document,) = build(_form(), published()).documents

    assert "整体支出532.46万元" in docx_text(document.content)
    assert found(values) == [("W415", "绩效目标完成情况", "C7", "532.46")]
    said("A9", "写不出来", "W415", "532.46")


def test_a16_a_list_of_three_is_not_two():
    values = published()
    values["绩效目标完成情况"][0]["正文"] = "2个项目还在推进，分别是示例物流、示例商住、示例公园。"

    assert found(values) == [("W411", "绩效目标完成情况", "C7", "1")]
    said("A16", "W411")


@pytest.mark.parametrize("stated", ["1972.5", "1971.5"])
def test_a18_a_total_that_is_not_the_sum_of_its_parts(stated):
    words = f"办理{stated}个安置指标（其中：申购住房1966.5个，领取补贴5个）。"
    values = published()
    values["绩效目标完成情况"][0]["正文"] = words
    wrong = stated == "1972.5"

    assert found(values) == ([("W412", "绩效目标完成情况", "C7", "1")] if wrong else [])

    values["计数勾稽"] = [
        {"事项": "指标", "角色": "总数", "原文": f"{stated}个安置指标"},
        {"事项": "指标", "角色": "分项", "原文": "1966.5个"},
        {"事项": "指标", "角色": "分项", "原文": "5个）"},
    ]
    registered = [f for f in found(values) if f[0] != "W412"]

    assert registered == ([("C01", "计数勾稽", "A7", "1")] if wrong else [])
    said("A18", "W412", "C01")
