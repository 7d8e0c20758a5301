"""The thirteen facts that hold in a published report of 2023: our checks let them stand.

Figures as published, words our own. Each of them, off by its last digit, is found.
"""

import pytest

from support_form import find
from test_self_evaluation import _form, sample

#: 事项 → 总数, 分项, 子集. 亩 to four places are exact: no tolerance.
COUNTS = {
    "完成项目（B10）": ("30", ["26", "4"], []),
    "完成面积（B11）": ("1981.4527", ["1703.1542", "278.2985"], []),
    "计划外面积（B12）": ("278.2985", ["138.239", "97.329", "1.9155", "40.815"], []),
    "计划内项目（B13）": ("40", [], ["26"]),
    "计划内面积（B13）": ("2406.64", [], ["1703.1542"]),
    "重点项目（B15）": ("10", ["5", "2", "2", "1"], []),
}
#: Sentences that state a number and list what they count (B8, B12, B16).
LISTS = (
    "示例一路、示例大桥匝道、示例学院等3个项目，多年没有收尾，今年全部清零。",
    (
        "计划外项目4个，涉征278.2985亩，包括示例学院138.239亩、示例第十七批次用地（中心城区）97.329亩、"
        "示例湖路1.9155亩、示例港区(一期)作业区40.815亩；国有项目完成年度任务。"
    ),
    (
        "重点项目10个，已完成5个，包括示例匝道、示例地块一、示例地块二、示例坡路、示例大桥工程等；"
        "部分完成2个，包括示例物流园332.26亩，示例大道35亩；暂停2个，包括示例地块五、示例地块三；"
        "另有示例路南沿段正在推进。"
    ),
)


def facts():
    """Return the sample with the published figures: staff, revenue and spending, counts, lists."""
    values = sample("sample-2023")
    values["收入"] = {"年初预算数": "224.49", "调整追加数": "68.91", "其他资金来源": "0"}  # B3
    values["在职人员"] = [  # B1, B2
        {"编制类型": "事业编制", "人数": "11"},
        {"编制类型": "工勤编制", "人数": "3"},
    ]
    values["基本支出"]["决算数"] = "293.40"  # B4, B5
    values["项目明细"] = []  # B6
    values["计数勾稽"] = [
        {"事项": name, "角色": role, "数值": number}
        for name, (total, parts, subsets) in COUNTS.items()
        for role, numbers in (("总数", [total]), ("分项", parts), ("子集", subsets))
        for number in numbers
    ]
    values["整体支出绩效情况"] = [{"正文": sentence} for sentence in LISTS]
    return values


def codes(values):
    return [f.code for f in find(_form(), values) if f.level != "note"]


def test_the_facts_hold():
    assert codes(facts()) == []


@pytest.mark.parametrize("name", COUNTS)
def test_a_total_that_is_off_by_its_last_digit_is_found(name):
    values = facts()
    total, parts, _ = COUNTS[name]
    places = len(total.partition(".")[2])
    (row,) = [r for r in values["计数勾稽"] if r["事项"] == name and r["角色"] == "总数"]
    if parts:
        row["数值"] = f"{float(total) + 10**-places:.{places}f}"
    else:
        row["数值"] = "25.9999"

    assert codes(values) == (["C01"] if parts else ["C03"])


def test_what_is_spent_beyond_the_revenue_is_found():
    values = facts()
    values["基本支出"]["决算数"] = "293.41"

    assert codes(values) == ["F04"]


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("等3个项目", "等2个项目", "W411"),
        ("计划外项目4个", "计划外项目5个", "W411"),
        ("278.2985亩，包括", "278.2986亩，包括", "W412"),
        ("已完成5个", "已完成4个", "W411"),
        ("暂停2个", "暂停1个", "W411"),
    ],
)
def test_a_sentence_that_no_longer_agrees_with_its_list_is_found(right, wrong, code):
    values = facts()
    for row in values["整体支出绩效情况"]:
        row["正文"] = row["正文"].replace(right, wrong)

    assert codes(values) == [code]
