"""The annexes of the form that ships: what they print, what their scores are, how they are laid out."""

import copy
import re
import shutil
import subprocess
import tomllib
from decimal import Decimal

import pypdf
import pytest

from conftest import FORM, GOLDENS
from reportgen import load_form
from reportgen.checks import check_values
from reportgen.compute import compute
from reportgen.value import Blank
from reportgen.values import from_plain
from support_docx import NS, W, build, docx_text, lines_of, tree_of

DEPARTMENT = "部门整体支出绩效自评表"
PROJECT = "项目支出绩效自评表"
DATA = "部门整体支出绩效评价基础数据表"
ANNEXES = (DEPARTMENT, PROJECT, DATA)


def sample():
    """Return the values of the sample with its annexes, free to change."""
    return copy.deepcopy(tomllib.loads((FORM / "sample.toml").read_text(encoding="utf-8")))


def annexes(form, values, *, draft=False):
    """Return the annexes for *values* by name, a project's by its file's."""
    result = build(form, values, draft=draft)
    assert draft or [f for f in result.findings if f.level == "error"] == []
    made = {}
    for document in result.documents:
        template = document.template.removesuffix(".docx")
        if template in ANNEXES:
            made[template if template not in made else document.name] = document.content
    return made


def annex(form, values, name, *, draft=True):
    return annexes(form, values, draft=draft)[name]


def rows(document, first):
    """Return the lines of a document that begin with a cell saying *first*."""
    return [line for line in lines_of(document) if line.startswith(f"| {first} |")]


@pytest.fixture
def form(self_evaluation):
    return self_evaluation


# -- the sample --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ANNEXES)
def test_the_annex_of_the_sample_is_the_golden_text(form, name, request):
    golden = GOLDENS / f"{name}.txt"

    made = docx_text(annex(form, sample(), name, draft=False))

    if request.config.getoption("--update-golden"):
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")


def test_the_totals_of_the_sample_are_what_a_person_adds_up(form):
    made = annexes(form, sample())

    # 375.23 + 157.23 = 532.46; 15 + 10 + 15 + 38/40 of 10 + 19 + 9 + 10 = 87.5, and 10 for 100%
    department = lines_of(made[DEPARTMENT])
    assert "| ^ | 年度资金总额 | 365.50 | 532.46 | 532.46 | 10.00 | 100.00% | 10.00 |" in department
    assert rows(made[DEPARTMENT], "总分") == ["| 总分 | 100.00 | 97.50 | 等级：优 |"]
    # 2.5 for at most 2: 10 less a quarter; 20/22 of 15 = 13.636…
    # 20 + 15 + 7.5 + 13.64 + 15 + 10 = 81.14, and 10
    assert rows(made[PROJECT], "总分") == ["| 总分 | 100.00 | 91.14 | 等级：优 |"]
    # 0 + 4.1 + 0 + 1.2, 4 + 1, 3.85 + 0.76; 25/26; 11.4/12; 166.96/365.5
    data = lines_of(made[DATA])
    assert "| 三公经费 | 5.30 | 5.00 | 4.61 |" in data
    assert "| 公用经费 | 39.40 | 40.00 | 39.35 |" in data
    assert "| ^ | 26 | 25 | 96.15% |" in data
    assert "| 政府采购执行率 | — | — | 95.00% |" in data
    assert "| 预算调整率 | — | 45.68% | — |" in data


@pytest.mark.parametrize("answer", ["否", None])
def test_a_unit_that_hands_in_no_annexes_gets_none(form, answer):
    values = sample()
    values["基本信息"]["填报附表"] = answer

    assert [d.template for d in build(form, values, draft=True).documents] == [
        "自评报告（2020提纲）.docx"
    ]


def test_the_2023_outline_has_the_same_annexes_with_its_own_budget(form):
    text = (FORM / "sample-2023.toml").read_text(encoding="utf-8")
    values = sample() | tomllib.loads(text) | {"项目明细": [], "项目资金": []}
    values["基本信息"] |= {"填报附表": "是", "主管部门": "示例局"}
    values["基本支出"] |= {"年初预算数": "226.49", "全年预算数": "293.4", "决算数": "293.4"}

    made = annexes(form, values, draft=True)

    assert list(made) == [DEPARTMENT, DATA]  # no project
    assert "| ^ | 按支出⏎性质分 | 基本支出 | 226.49 | 293.40 | 293.40 | — | — | — |" in lines_of(
        made[DEPARTMENT]
    )
    assert "| ^ | ^ | 项目支出 | 0 | 0 | 0 | — | — | — |" in lines_of(made[DEPARTMENT])


# -- indicators --------------------------------------------------------------------------


def test_indicators_come_in_the_forms_order_however_they_were_typed(form):
    values = sample()
    wanted = {name: docx_text(annex(form, values, name)) for name in (DEPARTMENT, PROJECT)}
    typed = values["绩效指标"]
    # both levels mixed, backwards but for the two 数量指标 of the department
    values["绩效指标"] = [*typed[:0:-2], typed[0], *typed[-2:0:-2]]
    assert [row["三级指标"] for row in values["绩效指标"]].index("审核安置指标数") > 6

    made = annexes(form, values)

    assert {name: docx_text(made[name]) for name in wanted} == wanted


def merges(table):
    """Return for each of the first two columns how many merged cells there are, and how high."""
    found = []
    for column in (0, 1):
        heights = []
        for row in table.findall("w:tr", NS)[1:-1]:
            merge = row.findall("w:tc", NS)[column].find("w:tcPr/w:vMerge", NS)
            if merge is not None and merge.get(f"{W}val") == "restart":
                heights.append(1)
            elif merge is not None:
                assert merge.get(f"{W}val") == "continue"
                heights[-1] += 1
        found.append(heights)
    return found


def indicator_table(document):
    return list(tree_of(document).iter(f"{W}tbl"))[1]


def test_indicators_of_one_kind_share_a_merged_cell(form):
    made = annexes(form, sample())

    # 产出指标 over 4 rows, 效益指标 over 2; 数量指标 over 2; the others stand alone
    assert merges(indicator_table(made[DEPARTMENT])) == [[4, 2], [2]]
    # 产出指标 over 3 rows: 数量, 质量, 时效
    assert merges(indicator_table(made[PROJECT])) == [[3], []]


def many(count):
    """Return values with *count* indicators of the department, by turns of five kinds."""
    kinds = [
        ("产出指标", "数量指标"), ("满意度指标", "服务对象满意度指标"), ("产出指标", "质量指标"),
        ("成本指标", "经济成本指标"), ("效益指标", "社会效益指标"),
    ]  # fmt: skip
    values = sample()
    values["绩效指标"] = [
        {
            "指标层级": "部门整体", "一级指标": kinds[n % 5][0], "二级指标": kinds[n % 5][1],
            "三级指标": f"指标{n + 1:02}", "指标性质": "定量", "计算符号": "=", "指标值": "1",
            "计量单位": "项", "实际完成值": "1", "分值": str(Decimal(90) / count),
        }
        for n in range(count)
    ]  # fmt: skip
    return values


def test_sixty_indicators_are_all_there_under_five_merged_cells(form):
    document = annex(form, many(60), DEPARTMENT)

    names = [line.split(" | ")[2] for line in lines_of(document) if "| 指标" in line]
    # 12 of each kind: 成本 04 09 …, 数量 01 06 …, 质量 03 08 …, 效益 05 10 …, 满意度 02 07 …
    wanted = [f"指标{n:02}" for first in (4, 1, 3, 5, 2) for n in range(first, 61, 5)]
    assert names == wanted
    assert merges(indicator_table(document)) == [[12, 24, 12, 12], [12] * 5]
    assert rows(document, "总分") == ["| 总分 | 100.00 | 100.00 | 等级：优 |"]


def test_one_indicator_merges_nothing_and_none_says_so(form):
    one = annex(form, many(1), DEPARTMENT)
    none = annex(form, sample() | {"绩效指标": []}, DEPARTMENT)

    assert merges(indicator_table(one)) == [[], []]
    assert "| 产出指标 | 数量指标 | 指标01 | =1项 | 1项 | 90.00 | 90.00 |  |" in lines_of(one)
    assert lines_of(none)[-3:-1] == ["| 无 |", "| 总分 | 10.00 | 10.00 | 等级：差 |"]


NUMBERS = {"指标性质": "定量", "分值": "10"}
WORDS = {"指标性质": "定性", "分值": "10", "指标要求": "流程成文"}
PRINTED = [
    (
        NUMBERS | {"计算符号": "≥", "指标值": "118", "计量单位": "个", "实际完成值": "118.5"},
        "≥118个 | 118.5个 | 10.00 | 10.00 |  |",
    ),
    (
        NUMBERS | {"计算符号": "=", "指标值": "100", "计量单位": "%", "实际完成值": "95"}
        | {"偏差原因及改进措施": "一是忙；\n二是慢。", "扣减分": "1.5"},
        "=100% | 95% | 10.00 | 8.00 | 另扣1.50分。⏎一是忙；⏎二是慢。 |",
    ),
    (
        NUMBERS | {"计算符号": "<", "指标值": "2", "计量单位": "%", "实际完成值": "0"}
        | {"调查资料": "问卷 120 份", "完成情况描述": "没有差错。"},
        "<2% | 0% | 10.00 | 10.00 |  |".replace("0% |", "0%⏎没有差错。⏎（问卷 120 份） |"),
    ),
    (
        WORDS | {"达成程度": "部分达成", "完成情况描述": "写成两章 < 三章。", "自评打分": "6"}
        | {"偏差原因及改进措施": "接着写。"},
        "流程成文 | 部分达成⏎写成两章 < 三章。 | 10.00 | 6.00 | 接着写。 |",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("values", "printed"), PRINTED, ids=["≥", "=", "<", "words"])
def test_an_indicators_target_and_result_print_as_people_write_them(form, values, printed):
    document = annex(form, one_indicator(values), DEPARTMENT)

    assert rows(document, "产出指标") == [f"| 产出指标 | 质量指标 | 三级 | {printed}"]


def one_indicator(values):
    """Return the sample with one indicator of the department, and none of a project."""
    kind = {"指标层级": "部门整体", "一级指标": "产出指标", "二级指标": "质量指标"}
    return sample() | {"绩效指标": [kind | {"三级指标": "三级"} | values]}


# -- scores ------------------------------------------------------------------------------


def indicator_score(form, values):
    (row,) = compute(from_plain(one_indicator(values), form)).lookup("绩效指标")
    return row.lookup("得分")


LINEAR = [
    # at least: the share of what was reached
    ("≥", "100", "100", "10", "10"),
    ("≥", "100", "130", "10", "10"),
    ("≥", "3", "1", "10", "3.33"),
    ("≥", "8", "1", "1", "0.13"),  # 0.125, half up
    (">", "100", "50", "10", "5"),
    ("≥", "100", "-5", "10", "0"),
    # exactly: nothing more for more; a target of 0 is reached or not
    ("=", "100", "76", "10", "7.6"),
    ("=", "100", "120", "10", "10"),
    ("=", "0", "0", "10", "10"),
    ("=", "0", "1", "10", "0"),
    # at most: less by the share that is too much, nothing at twice the target
    ("≤", "90", "90", "10", "10"),
    ("≤", "90", "99", "10", "9"),
    ("<", "90", "99", "10", "9"),
    ("≤", "90", "179", "10", "0.11"),
    ("≤", "90", "180", "10", "0"),
    ("≤", "90", "200", "10", "0"),
    ("≤", "0", "0", "10", "10"),
    ("≤", "0", "1", "10", "0"),
]


@pytest.mark.parametrize(("sign", "target", "actual", "weight", "score"), LINEAR)
def test_a_number_scores_by_its_sign(form, sign, target, actual, weight, score):
    values = {
        "指标性质": "定量", "计算符号": sign, "指标值": target, "计量单位": "个",
        "实际完成值": actual, "分值": weight,
    }  # fmt: skip

    assert indicator_score(form, values) == Decimal(score)


@pytest.mark.parametrize(
    ("target", "actual", "score"),
    [
        ("90", "99", "9.09"),
        ("90", "180", "5"),
        ("2", "2.5", "8"),
        ("90", "80", "10"),
        ("0", "1", "0"),
    ],
)
def test_at_most_scores_by_ratio_where_the_form_says_so(tmp_path, target, actual, score):
    folder = tmp_path / "templates" / "form"
    shutil.copytree(FORM, folder)
    text = (folder / "form.toml").read_text(encoding="utf-8")
    assert "\"'线性法'\"" in text
    changed = text.replace("\"'线性法'\"", "\"'比例法'\"")
    (folder / "form.toml").write_text(changed, encoding="utf-8")
    values = {
        "指标性质": "定量", "计算符号": "≤", "指标值": target, "计量单位": "%",
        "实际完成值": actual, "分值": "10",
    }  # fmt: skip

    assert indicator_score(load_form(folder), values) == Decimal(score)


@pytest.mark.parametrize(("off", "score"), [("3", "7"), ("12", "0"), (None, "10"), ("0", "10")])
def test_what_is_taken_off_leaves_no_less_than_nothing(form, off, score):
    values = {
        "指标性质": "定量", "计算符号": "≥", "指标值": "1", "计量单位": "个", "实际完成值": "1",
        "分值": "10", "扣减分": off,
    }  # fmt: skip

    assert indicator_score(form, values) == Decimal(score)


def test_a_number_that_is_not_known_yet_has_no_score(form):
    values = {"指标性质": "定量", "计算符号": "≥", "指标值": "1", "计量单位": "个", "分值": "10"}

    assert isinstance(indicator_score(form, values), Blank)


@pytest.mark.parametrize(
    ("degree", "points", "fits"),
    [
        ("达成", "10", True), ("达成", "8", True), ("达成", "7.99", False),
        ("部分达成", "8", False), ("部分达成", "7.99", True), ("部分达成", "6", True),
        ("部分达成", "5.99", False), ("未达成", "6", False), ("未达成", "5.99", True),
        ("未达成", "0", True),
    ],
)  # fmt: skip
def test_words_are_scored_by_hand_within_the_band_of_their_degree(form, degree, points, fits):
    values = one_indicator(WORDS | {"达成程度": degree, "自评打分": points})

    data = compute(from_plain(values, form))

    (row,) = data.lookup("绩效指标")
    assert row.lookup("得分") == Decimal(points)
    assert ("J07b" not in {f.code for f in check_values(data)}) is fits


SPENT = [
    ("100", "76", "76.00%", "7.60"),
    ("310.2", "154.74", "49.88%", "4.99"),  # 4.988…, of the rate that is not rounded
    ("10000", "9588", "95.88%", "9.59"),
    ("100", "110", "110.00%", "10.00"),  # no more than there is
    ("100", "0", "0%", "0"),
    ("0", "0", "—", "—"),
]


@pytest.mark.parametrize(("budget", "spent", "rate", "score"), SPENT)
def test_spending_scores_by_its_rate_and_no_more_than_its_points(form, budget, spent, rate, score):
    values = sample()
    values["部门预算资金"]["一般公共预算拨款"] = {
        "年初预算数": budget, "调整数": "0", "全年执行数": spent
    }  # fmt: skip

    document = annex(form, values, DEPARTMENT)

    (line,) = [line for line in lines_of(document) if "年度资金总额" in line]
    assert line.endswith(f" | 10.00 | {rate} | {score} |")


def test_a_projects_spending_scores_like_the_departments(form):
    values = sample()
    values["项目明细"][0] |= {"指标总额": "310.2", "支出总额": "154.74"}

    document = annex(form, values, PROJECT)

    (line,) = [line for line in lines_of(document) if "年度资金总额" in line]
    assert line.endswith(" | 10.00 | 49.88% | 4.99 |")
    # 81.14 for the indicators
    assert rows(document, "总分") == ["| 总分 | 100.00 | 86.13 | 等级：良 |"]


@pytest.mark.parametrize(
    ("points", "grade"),
    [("80", "优"), ("79.99", "良"), ("70", "良"), ("69.99", "中"), ("50", "中"), ("49.99", "差")],
)
@pytest.mark.parametrize("name", [DEPARTMENT, PROJECT])
def test_the_grade_follows_the_total_with_the_ten_for_spending(form, name, points, grade):
    one = WORDS | {"分值": "90", "达成程度": "达成", "自评打分": points}
    values = one_indicator(one)
    if name == PROJECT:
        level = {"指标层级": "项目", "所属项目": values["项目明细"][0]["项目名称"]}
        values["绩效指标"][0] |= level

    document = annex(form, values, name)

    total = Decimal(points) + 10
    assert rows(document, "总分") == [f"| 总分 | 100.00 | {total:.2f} | 等级：{grade} |"]


# -- projects ----------------------------------------------------------------------------


def test_each_project_with_money_has_its_own_table_under_a_name_that_windows_takes(form):
    values = sample()
    first, second = values["项目明细"]
    third = first | {"项目名称": "甲/乙 <丙>：一期?"}
    values["项目明细"] = [first, second, third]

    result = build(form, values, draft=True)

    assert [d.name for d in result.documents if d.template == f"{PROJECT}.docx"] == [
        "示例区征地服务中心（示例）_征拆统筹 & 档案整理（示例一）_项目支出绩效自评表.docx",
        "示例区征地服务中心（示例）_甲_乙 _丙_：一期__项目支出绩效自评表.docx",
    ]


def test_a_projects_money_is_added_up_by_where_it_comes_from(form):
    values = sample()
    name = values["项目明细"][0]["项目名称"]
    sources = [
        (name, "当年财政拨款", "100", "60.5", "60.5"),
        (name, "上年结转资金", "7.2", "7.2", "7.19"),
        (name, "当年财政拨款", "20", "20.03", "20"),
        ("政策宣传（示例二）", "其他资金", "999", "999", "999"),
    ]
    keys = ("所属项目", "资金来源", "年初预算数", "全年预算数", "全年执行数")
    values["项目资金"] = [dict(zip(keys, source, strict=True)) for source in sources]

    money = [line for line in lines_of(annex(form, values, PROJECT)) if line.startswith("| ^ |")]

    assert [line.split(" | ")[1:5] for line in money[:4]] == [
        ["年度资金总额", "127.20", "87.73", "87.69"],
        ["其中：当年财政拨款", "120.00", "80.53", "80.50"],
        ["　　　上年结转资金", "7.20", "7.20", "7.19"],
        ["　　　其他资金", "0", "0", "0"],
    ]


def codes(form, values):
    return [f.code for f in check_values(compute(from_plain(values, form)))]


def test_a_project_with_money_needs_its_sources(form):
    values = sample() | {"项目资金": []}

    assert codes(form, values) == ["J04"]


def test_a_project_without_money_needs_nothing_that_is_not_printed(form):
    values = sample()
    assert values["项目明细"][1]["指标总额"] == "0"
    assert codes(form, values) == []

    values["项目明细"][1] |= {"实施单位": "本单位", "目标完成情况": "已完成。"}

    assert codes(form, values) == ["W211", "W211"]


# -- the basic data ----------------------------------------------------------------------


def test_every_kind_of_project_has_its_line_with_its_projects_below(form):
    kinds = form.section("项目明细").field("项目类型").choices
    values = sample()
    values["项目明细"] = [
        values["项目明细"][0] | {"项目名称": f"项目{n}", "项目类型": kinds[n % 2]} for n in range(4)
    ]
    for n, row in enumerate(values["项目明细"]):
        row |= {"上年决算数": f"{n}", "指标总额": f"1{n}", "支出总额": f"1{n}"}

    lines = lines_of(annex(form, values, DATA))

    # 0 + 2 and 10 + 12; 1 + 3 and 11 + 13
    start = lines.index("| 项目支出 | 6.00 | 46.00 | 46.00 |")
    assert lines[start + 1 : start + 9] == [
        f"| 1、{kinds[0]} | 2.00 | 22.00 | 22.00 |",
        "| 项目0 | 0 | 10.00 | 10.00 |",
        "| 项目2 | 2.00 | 12.00 | 12.00 |",
        f"| 2、{kinds[1]} | 4.00 | 24.00 | 24.00 |",
        "| 项目1 | 1.00 | 11.00 | 11.00 |",
        "| 项目3 | 3.00 | 13.00 | 13.00 |",
        f"| 3、{kinds[2]} | 0 | 0 | 0 |",
        "| 公用经费 | 39.40 | 40.00 | 39.35 |",
    ]
    assert len(kinds) == 3


def test_buildings_are_listed_with_their_rates_and_their_absence_is_said(form):
    values = sample()
    without = lines_of(annex(form, values, DATA))
    values["楼堂馆所"] = [
        {"工程名称": "用房", "批复规模": "1200", "实际规模": "1250.5", "预算投资": "300", "实际投资": "310.25"}
    ]  # fmt: skip

    lines = lines_of(annex(form, values, DATA))

    assert "| 无 | — | — | — | — | — | — |" in without
    # 1250.5/1200 = 1.04208…, 310.25/300 = 1.03416…
    assert "| 用房 | 1200 | 1250.5 | 104.21% | 300.00 | 310.25 | 103.42% |" in lines
    assert not any(line.startswith("| 无 |") for line in lines)


def test_a_rate_over_nothing_is_a_dash(form):
    values = sample()
    values["基础数据"] |= {"编制人数": "0", "政府采购预算数": "0", "政府采购决算数": "0"}

    lines = lines_of(annex(form, values, DATA))

    assert "| ^ | 0 | 25 | — |" in lines
    assert "| 政府采购执行率 | — | — | — |" in lines


# -- tables in Word ----------------------------------------------------------------------

SIZES = {"sample": sample, "one": lambda: many(1), "sixty": lambda: many(60)}
SIZES["none"] = lambda: sample() | {"绩效指标": []}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ANNEXES)
def test_cells_fill_their_table_and_tables_their_page(form, name, size):
    tree = tree_of(annex(form, SIZES[size](), name))

    page = tree.find(".//w:pgSz", NS)
    assert (page.get(f"{W}orient") == "landscape") is (name != DATA)
    for table in tree.iter(f"{W}tbl"):
        grid = [int(column.get(f"{W}w")) for column in table.iter(f"{W}gridCol")]
        assert sum(grid) == (8845 if name == DATA else 12756)
        assert table.find("w:tblPr/w:tblW", NS).get(f"{W}w") == str(sum(grid))
        for row in table.findall("w:tr", NS):
            at = 0
            for cell in row.findall("w:tc", NS):
                span = cell.find("w:tcPr/w:gridSpan", NS)
                wide = int(span.get(f"{W}val")) if span is not None else 1
                width = int(cell.find("w:tcPr/w:tcW", NS).get(f"{W}w"))
                assert width == sum(grid[at : at + wide])
                at += wide
            assert at == len(grid)


@pytest.mark.parametrize("name", ANNEXES)
def test_looks_come_from_named_styles_alone(name):
    path = FORM / f"{name}.docx"
    styles = {s.get(f"{W}styleId") for s in tree_of(path, "word/styles.xml").iter(f"{W}style")}

    for paragraph in tree_of(path).iter(f"{W}p"):
        assert paragraph.find("w:pPr/w:pStyle", NS).get(f"{W}val") in styles
        assert {p.tag for p in paragraph.find("w:pPr", NS)} <= {f"{W}pStyle", f"{W}keepNext"}
        for properties in paragraph.iter(f"{W}rPr"):
            assert [p.tag for p in properties] == [f"{W}rFonts"]
            assert properties[0].attrib == {f"{W}hint": "eastAsia"}


# -- in LibreOffice ------------------------------------------------------------------------


@pytest.fixture(scope="session")
def pages(self_evaluation, soffice, tmp_path_factory):
    """Return the pages of the annexes, as (name, size): width, height and text of each page."""
    folder = tmp_path_factory.mktemp("annexes")
    files = {}
    for size in ("sample", "sixty", "none"):
        for name, content in annexes(self_evaluation, SIZES[size](), draft=True).items():
            files[name, size] = folder / f"{name}-{size}.docx"
            files[name, size].write_bytes(content)
    subprocess.run(
        [soffice, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
         "--convert-to", "pdf", "--outdir", folder, *files.values()],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return {
        key: [
            (page.mediabox.width, page.mediabox.height, re.sub(r"\s", "", page.extract_text()))
            for page in pypdf.PdfReader(path.with_suffix(".pdf")).pages
        ]
        for key, path in files.items()
    }


def test_wide_tables_lie_across_the_page_and_the_narrow_one_stands(pages):
    for (name, _), made in pages.items():
        for width, height, _ in made:
            assert (round(width), round(height)) == ((595, 842) if name == DATA else (842, 595))


@pytest.mark.parametrize(("name", "count"), [(DEPARTMENT, 2), (PROJECT, 2), (DATA, 1)])
def test_the_sample_fills_no_more_pages_than_it_needs(pages, name, count):
    assert len(pages[name, "sample"]) == count


def test_no_page_is_blank_and_the_signatures_stand_under_the_table(pages):
    for (name, _), made in pages.items():
        for number, (_, _, text) in enumerate(made, 1):
            body, dashes, _ = text.rpartition(f"—{number}—")
            assert dashes
            assert len(body) > 40
        last = made[-1][2]
        assert ("厉行节约保障措施" if name == DATA else "等级：") in last
        assert re.search("填表人：张示例.*单位负责人（签字）：李示例", last)


def test_the_head_of_the_indicators_is_on_every_page_that_has_any(pages):
    with_rows = [text for _, _, text in pages[DEPARTMENT, "sixty"] if re.search(r"指标\d\d", text)]

    assert len(with_rows) >= 3
    assert all("三级指标年度指标值实际完成值" in text for text in with_rows)
    listed = re.findall(r"指标(\d\d)", "".join(with_rows))
    assert sorted(listed) == [f"{n:02}" for n in range(1, 61)]
