"""The Word report over all units that ships: totals, rankings, who is missing, what is wrong most."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from conftest import GOLDENS
from reportgen import rules
from reportgen.finding import Place, Severity
from reportgen.manifest import UnitRecord
from reportgen.summary.report import batch_documents
from support_docx import docx_text, tree_of

NAME = "全区绩效自评汇总报告"
UNFILLED = rules.UNFILLED.at(Place(sheet="基本信息", cell="C5"), label="在职人数", hint="")


def unit(name, code="", *, wrong=(), **values):
    """Return what a run keeps of a unit."""
    return UnitRecord(
        file=f"../inputs/{name}.xlsx", form="self-evaluation", unit=name, code=code,
        summary={label: str(value) for label, value in values.items()}, findings=tuple(wrong),
    )  # fmt: skip


#: 甲 and 乙 have a budget (100 + 300, spent 70 + 285), 丙 has none: 355 of 400 are 88.75 %, and not
#: 455 of 400. Two have a score: (95.5 + 80) / 2 = 87.75.
UNITS = (
    unit("甲局", "101", 年度=2025, 全年预算=100, 整体支出=70, 基本支出=50, 项目支出=20, 项目数=2,
         执行率="0.7", 自评总分="80", 自评等级="良", wrong=[UNFILLED]),
    unit("乙局", "102", 年度=2025, 全年预算=300, 整体支出=285, 基本支出=185, 项目支出=100, 项目数=3,
         执行率="0.95", 自评总分="95.5", 自评等级="优"),
    unit("丙局", "103", 年度=2025, 整体支出=100, 基本支出=100, 项目支出=0, 项目数=0),
)  # fmt: skip


def report(form, units, missing=None):
    (made,) = batch_documents(form, units, missing)
    assert (made.name, made.template, made.findings) == (f"{NAME}.docx", f"{NAME}.docx", ())
    return made.content


def text(form, units, missing=None):
    """Return the report as text without the marks of styles."""
    return docx_text(report(form, units, missing))


def test_the_report_of_three_units_is_the_golden_text(self_evaluation, request):
    golden = GOLDENS / f"{NAME}.txt"

    made = text(self_evaluation, UNITS, [("104", "丁局")])

    if request.config.getoption("--update-golden"):
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")


def test_totals_are_those_of_the_units_and_a_rate_that_of_the_units_that_have_one(self_evaluation):
    said = text(self_evaluation, UNITS)

    assert "整体支出455.00万元，其中基本支出335.00万元，项目支出120.00万元，项目5个。" in said
    assert "填有全年预算的单位2个，全年预算400.00万元，这些单位整体支出355.00万元，" in said
    assert "预算执行率88.75%。" in said
    assert "填报自评表的单位2个，自评总分平均87.75分，最高95.50分，最低80.00分。" in said
    assert "优的1个，良的1个，中的0个，差的0个。" in said
    assert "预算执行率低于80%的单位有1个：甲局（70.00%）。" in said


def rows(content, heading):
    """Return the texts of the cells of the table whose first row has *heading*."""
    for table in tree_of(content).iter("{*}tbl"):
        found = [["".join(c.itertext()) for c in row.iter("{*}tc")] for row in table.iter("{*}tr")]
        if heading in found[0]:
            return found
    return []


def test_units_are_ranked_from_the_highest_and_those_without_a_rate_come_last(self_evaluation):
    made = report(self_evaluation, UNITS)

    assert rows(made, "自评总分")[1:] == [
        ["1", "乙局", "300.00", "285.00", "95.00%", "95.50", "优"],
        ["2", "甲局", "100.00", "70.00", "70.00%", "80.00", "良"],
        ["平　均", "", "", "", "87.75", ""],
    ]
    assert rows(made, "状态")[1:] == [
        ["1", "乙局", "300.00", "285.00", "95.00%", "已完成"],
        ["2", "甲局", "100.00", "70.00", "70.00%", "有错误"],
        ["3", "丙局", "", "100.00", "", "已完成"],
        ["合　计", "400.00", "455.00", "88.75%", ""],
    ]
    assert "注：执行率的合计只算填有全年预算的单位。" in docx_text(made)


def test_a_list_of_units_tells_who_is_missing(self_evaluation):
    missing = [("104", "丁局"), ("", "戊局")]
    made = report(self_evaluation, UNITS, missing)

    assert "应报送绩效自评的预算单位5个。截至本次汇总，已报3个，未报2个，名单附后。" in docx_text(
        made
    )
    table = next(t for t in tree_of(made).iter("{*}tbl") if "单位代码" in "".join(t.itertext()))
    assert [["".join(c.itertext()) for c in r.iter("{*}tc")] for r in table.iter("{*}tr")][1:] == [
        ["1", "104", "丁局"],
        ["2", "", "戊局"],
    ]
    assert "已报3个，全部报齐。" in text(self_evaluation, UNITS, [])
    without = text(self_evaluation, UNITS)
    assert "全区报送绩效自评的预算单位3个。" in without
    assert "未报" not in without


@pytest.mark.parametrize("missing", [None, [], [("104", "丁局")]], ids=["none", "all", "some"])
@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_any_number_of_units_makes_a_whole_report(self_evaluation, count, missing):
    units = [
        unit(f"第{at}局", f"{at:03}", 年度=2025, 全年预算=100, 整体支出=at, 基本支出=at, 项目支出=0,
             项目数=1, 执行率=Decimal(at) / 100, 自评总分=Decimal(at) / 4, 自评等级="差")
        for at in range(1, count + 1)
    ]  # fmt: skip

    made = report(self_evaluation, units, missing)

    said = docx_text(made)
    assert not re.search(r"[{}]|。。|，。|：。|（）|None|\bnan\b", said)
    for heading in ("报送情况", "总体情况", "审核发现的主要问题", "下一步工作"):
        assert heading in said
    scores = rows(made, "自评总分")
    assert len(scores) == (count + 2 if count else 0)  # heads and mean beside the units
    assert [row[1] for row in scores[1:-1]] == [f"第{at}局" for at in range(count, 0, -1)]
    assert report(self_evaluation, units, missing) == made


def test_of_many_units_below_the_rate_ten_are_named(self_evaluation):
    units = [unit(f"第{at}局", 整体支出=1, 全年预算=2, 执行率="0.5") for at in range(12)]

    said = text(self_evaluation, units)

    assert "预算执行率低于80%的单位有12个：第0局（50.00%）、" in said
    assert "第9局（50.00%）等。" in said
    assert said.count("（50.00%）") == 10


def test_what_most_units_have_wrong_comes_first_and_what_is_explained_does_not_count(
    self_evaluation,
):
    year = rules.NOT_A_YEAR.at(Place(), label="年度", value="今年")
    explained = replace(year, level=Severity.WARNING, explanation="上级文件如此")
    units = [
        unit("甲局", wrong=[year, year, year, explained, UNFILLED]),
        unit("乙局", wrong=[UNFILLED]),
        unit("丙局", wrong=[explained]),
    ]

    made = report(self_evaluation, units)

    assert [row[:3] + row[4:] for row in rows(made, "代码")[1:]] == [
        ["1", "E301", "错误", "2"],
        ["2", "E309", "错误", "1"],
    ]
    assert "要填四位年份" in rows(made, "代码")[2][3]


def test_of_a_province_the_report_lists_the_first_five_hundred(self_evaluation):
    units = [
        unit(f"第{at}局", 整体支出=1, 全年预算=2, 执行率="0.5", 自评总分=90) for at in range(501)
    ]

    made = report(self_evaluation, units, [("", f"缺{at}") for at in range(501)])

    for heading in ("自评总分", "状态", "单位代码"):
        names = [row[1:3] for row in rows(made, heading)[1:]]
        assert len([one for one in names if "局" in one[0] or "缺" in one[1]]) == 500
    assert rows(made, "状态")[-1][:2] == ["合　计", "1002.00"]  # of all of them
    assert "各表只列前500个，全部单位见汇总.xlsx。" in docx_text(made)
    assert "前500个" not in text(self_evaluation, units[:500])
