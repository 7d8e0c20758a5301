"""What a sentence says of its own numbers is added up; what cannot be read for certain is left alone."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import FORM as SELF_EVALUATION
from reportgen import load_form, narratives
from reportgen.compute import compute
from reportgen.figures import behind, canonical
from reportgen.narratives import narrative_findings
from reportgen.pipeline import check
from reportgen.values import from_plain, read_values
from support_form import at, find

FORM = """
[[section]]
label = "录"
kind = "record"
fields = [{ label = "情况", type = "narrative" }, { label = "备注" }, { label = "选" }]
[[section]]
label = "格"
kind = "grid"
columns = [{ label = "说明", type = "narrative" }]
rows = ["甲行", "乙行"]
[[section]]
label = "表"
kind = "table"
fields = [{ label = "名" }, { label = "做法", type = "narrative" }]
[[section]]
label = "纲"
kind = "outline"
[[section]]
label = "不填"
kind = "outline"
when = "选 == '是'"
"""


@pytest.fixture(scope="module")
def form(tmp_path_factory):
    from conftest import HEAD, UNIT

    folder = Path(tmp_path_factory.mktemp("form"))
    (folder / "form.toml").write_text(HEAD + UNIT + FORM, encoding="utf-8")
    return load_form(folder)


def said(form, text):
    """Return (code, what is quoted, the difference) of every finding about *text*."""
    values = {"基本信息": {"单位名称": "甲局"}, "录": {"情况": text}}
    found = narrative_findings(compute(from_plain(values, form)))
    return [(f.code, f.value, f.difference) for f in found]


# -- lists ------------------------------------------------------------------------------------

WRONG_LISTS = [
    ("2025年12月共3类12个事项，分别为甲、乙。", "12个事项，分别为甲、乙", "-10"),
    ("2个项目历时3个月，分别是甲、乙、丙。", "2个项目历时3个月，分别是甲、乙、丙", "1"),
    ("2个项目在办，分别是甲仓、乙园、丙站。", "2个项目在办，分别是甲仓、乙园、丙站", "1"),
    ("2个项目在办，分别是：甲仓、乙园、丙站；其余完工", "2个项目在办，分别是：甲仓、乙园、丙站", "1"),
    ("共5个项目，已完成3个，包括甲路、乙桥。", "3个，包括甲路、乙桥", "-1"),
    ("完成2个,包括甲路、乙桥、丙站等;", "2个,包括甲路、乙桥、丙站等", "1"),
    ("完成２个（分别为甲路、乙桥、丙站）。", "２个（分别为甲路、乙桥、丙站）", "1"),
    ("完成2个(分别为甲路、乙桥、丙站)。", "2个(分别为甲路、乙桥、丙站)", "1"),
    ("设3个股室：甲股、乙股、丙股、丁股。", "3个股室：甲股、乙股、丙股、丁股", "1"),
    ("有两家企业，即甲厂、乙厂、丙厂", "两家企业，即甲厂、乙厂、丙厂", "1"),
    ("2个项目，分别是甲路。", "2个项目，分别是甲路", "-1"),
    ("建成4处公园，包括甲园（东区、西区）、乙园、丙园。",
     "4处公园，包括甲园（东区、西区）、乙园、丙园", "-1"),
    ("内设4个股室：甲股、乙股、丙股，编制14人。", "4个股室：甲股、乙股、丙股", "-1"),
    ("甲、乙、丙、丁、戊、己、庚、辛、壬、癸、子等十个项目", "甲、乙、丙、丁、戊、己、庚、辛、壬、癸、子等十个", "1"),
    ("3个项目，分别是甲路、乙桥，现已完工。", "3个项目，分别是甲路、乙桥", "-1"),
    ("走访30户，分别是甲、乙，情况正常。", "30户，分别是甲、乙", "-28"),
    ("甲路、乙桥、丙站、丁园等3个项目完工。", "甲路、乙桥、丙站、丁园等3个", "1"),
    ("甲路、乙桥、丙站等两个项目完工。", "甲路、乙桥、丙站等两个", "1"),
]  # fmt: skip

RIGHT_LISTS = [
    "2个项目在办，分别是甲仓、395亩。",  # a number may be a name
    "1个项目完成倒房：甲河物流中心仓储二期；",
    "43个扫尾项目中，3个已交地，分别是：甲园、1094二期、911地块；",
    "20个项目完工，分别是：甲园、60号令片区、丙路等；",
    "完成5个，包括甲路、乙路、丙路、丁路、戊路等；部分完成2个，包括甲园332.26亩，乙路35亩；",
    "2个街道，包括甲街道和乙街道。",
    "完成2个项目，包括甲路，乙桥已开工，群众满意。",  # commas divide clauses too
    "9" * 5000 + "个项目，分别是甲、乙。",
    "3个街道，包括甲街道、乙街道，丙街道。",  # a comma by mistake
    "完成2项工作：抓落实、抓督查、抓宣传，取得实效。",
    "3个街道，包括甲、乙及丙。",
    "40个项目，包括甲村10个、乙村30个。",  # a sum
    "新项目8个，其中：其中甲类5个，乙类签约、倒房、腾地共3个。",
    "共12个项目，其中包括甲路、乙路。",
    "共12个项目，主要包括甲路、乙路。",
    "用于3个方面，包括但不限于甲、乙。",
    "10个项目，不包括甲、乙。",
    "完成3项工作：一是抓落实、抓督查；二是抓宣传；三是抓总结。",
    "惠及50人，包括老人、儿童。",
    "组织活动8场次，分别是春节慰问、植树节。",  # how often, not what
    "2个项目办了8场次，分别是甲、乙、丙。",
    "全年共3类12个事项，分别为行政许可、行政确认、公共服务。",
    "全年共三大类12个事项，分别为行政许可、行政确认、公共服务。",
    "12个班办了3期，分别为甲、乙、丙。",
    "共3条线12个事项，分别为甲、乙、丙。",
    "2个项目开展4轮，分别为甲、乙、丙。",
    "4个项目，涉及5户，包括甲、乙、丙、丁。",  # there are four of one thing
    "在2个月内完成，包括甲、乙、丙。",
    "列第2个，包括甲、乙、丙。",
    "投资30万元，包括甲、乙、丙。",
    "申报12个项目，包括甲路、乙桥2个重点项目。",
    "新建道路5条，总投资300万元，资金到位，群众满意，包括老人、儿童。",
    "会议于12：30召开5场，讨论甲、乙。",
    "立即整改2个问题，当即将甲、乙、丙移交。",
    "特别是甲期项目、石桥东匝道、医药高等专科学院等3个项目，多年未能扫尾。",
    "完成了甲期、东匝道剩余8户、响田桥拓宽工程、迁坟工作，二期剩余8户，获得好评。",
    "在甲街道、乙街道推进丙路、丁桥等2个项目。",
    "甲、乙等部门提前做好8个小区的方案。",
    "出台了《甲规程》、《乙办法》、《丙细则》等文件。",
    "设2所学校，即将开工甲、乙、丙。",
    "完成2个。包括甲、乙、丙三项内容。",
]  # fmt: skip


@pytest.mark.parametrize(("text", "quoted", "difference"), WRONG_LISTS)
def test_a_list_of_another_length_than_was_counted_is_found(form, text, quoted, difference):
    (found,) = said(form, text)

    assert found == ("W411", quoted, difference)


@pytest.mark.parametrize("text", RIGHT_LISTS)
def test_a_list_that_may_be_right_is_left_alone(form, text):
    assert said(form, text) == []


# -- sums -------------------------------------------------------------------------------------

WRONG_SUMS = [
    ("1-10月完成8个项目20批次172.5个指标（其中：申购指标数166.5个，补贴指标数5个）的审核。",
     "W412", "172.5个指标（其中：申购指标数166.5个，补贴指标数5个）", "-1"),
    ("共1,000亩(其中:甲600亩,乙300.5亩)。", "W412", "1,000亩(其中:甲600亩,乙300.5亩)", "-99.5"),
    ("共１００亩（其中甲６０亩、乙５０亩）", "W412", "１００亩（其中甲６０亩、乙５０亩）", "10"),
    ("投资1.5亿元（其中：中央9000万元，地方5000万元）", "W412",
     "1.5亿元（其中：中央9000万元，地方5000万元）", "-0.1"),
    ("投资500.50万元（其中：甲300.20万元，乙200.10万元）", "W412",
     "500.50万元（其中：甲300.20万元，乙200.10万元）", "-0.2"),
    ("计划外项目4个，涉征278.2985亩，包括甲138.239亩、2022年第十七批次项目97.329亩、丙1.9155亩、丁40.816亩；",
     "W412", "278.2985亩，包括甲138.239亩、2022年第十七批次项目97.329亩、丙1.9155亩、丁40.816亩", "0.001"),
    ("涉征100亩，包括甲60亩，乙30亩。", "W412", "100亩，包括甲60亩，乙30亩", "-10"),
    ("涉征100亩，包括甲60亩、乙50亩等。", "W412", "100亩，包括甲60亩、乙50亩等", "10"),
    ("项目40个，包括甲村10个、乙村29个。", "W412", "40个，包括甲村10个、乙村29个", "-1"),
    ("新启动项目15个（含24个新程序项目），", "W413", "15个（含24个新程序项目）", "9"),
    ("在职102人（其中：党员103人）", "W413", "102人（其中：党员103人）", "1"),
    ("涉征100亩，包括甲村120亩。", "W413", "100亩，包括甲村120亩", "20"),
]  # fmt: skip

RIGHT_SUMS = [
    "完成8个项目20批次171.5个指标（其中：申购指标数166.5个，补贴指标数5个）的审核。",
    "今年启动新项目75个（含24个新程序项目），征地面积6512亩。",
    "计划外4个，涉征278.2985亩，包括甲138.239亩、2022年第七批（城区）97.329亩、丙1.9155亩、丁(一期)40.815亩；",
    "投资329.02万元（其中：甲109.67万元，乙109.67万元，丙109.67万元）",  # a rounding tail
    "投资1.5亿元（其中：中央9000万元，地方6000万元）",
    "涉征100亩，包括甲60亩、乙30亩等。",
    "涉征100亩，包括甲村60亩。",  # a part
    "在职102人（其中：党员30人）",
    "征地任务100亩：实际完成120亩。",
    "共5个片区（含12个社区）。",  # other things
    "10个项目，包括甲2个标段、乙3个标段。",
    "部分完成2个，包括甲园332.26亩，乙路35亩；",
    "共118个，其中：其中新启动75个，已完成22个，签约16个；扫尾43个。",
    "涉征100亩（其中：甲60亩，乙已完成）",  # not every part has its number
    "投资100万元（含税113万元）",
    "共100亩（约合66667平方米）",
    "涉征100余亩（其中：甲60亩，乙50亩）",
    "涉征50-100亩（其中：甲60亩，乙50亩）",
    "下辖5个社区，面积3平方公里，有支部若干（其中：机关2个，社区4个）",
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "quoted", "difference"), WRONG_SUMS)
def test_parts_that_do_not_make_the_whole_are_found(form, text, code, quoted, difference):
    assert said(form, text) == [(code, quoted, difference)]


@pytest.mark.parametrize("text", RIGHT_SUMS)
def test_a_sum_that_may_be_right_is_left_alone(form, text):
    assert said(form, text) == []


@pytest.mark.parametrize(
    ("text", "difference"),
    [
        ("甲占40%，乙占30%，丙占29%。", "-1"),
        ("甲占总数的４０.５％；乙占30%；丙占30%。", "0.5"),
    ],
)
def test_shares_that_nearly_make_a_whole_are_found(form, text, difference):
    ((code, _, apart),) = said(form, text)

    assert (code, apart) == ("W414", difference)


@pytest.mark.parametrize(
    "text",
    [
        "甲占40%，乙占30%，丙占30%。",
        "甲占33.3%，乙占33.3%，丙占33.3%。",  # rounding
        "甲占50%，乙占49%。",  # two are not all
        "甲占40%，乙占30%，丙占10%。",
        "甲占40%，乙占30%。丙占29%。",
        "完成率99%，发放率98%，满意率97%",
    ],
)
def test_shares_that_may_be_right_are_left_alone(form, text):
    assert said(form, text) == []


def test_a_bracket_in_a_bracket_is_read_and_no_deeper_one(form, monkeypatch):
    text = "75个（其中：甲70个（其中：乙60个、丙5个），丁5个）"
    assert said(form, text) == [("W412", "70个（其中：乙60个、丙5个）", "-5")]
    read = []
    monkeypatch.setattr(narratives, "behind", lambda *at: read.append(at) or behind(*at))

    # none of them is closed: without a limit each is read to the end of the sentence
    assert said(form, "12个（其中：1个、1个，" * 2000) == []

    assert len(read) < 100


# -- where ------------------------------------------------------------------------------------

WRONG = "2个，分别是子、丑、寅"


def test_every_narrative_and_heading_is_read_and_nothing_else(form):
    found = find(
        form,
        {
            "基本信息": {"单位名称": "甲局"},
            "录": {"情况": WRONG, "备注": WRONG, "选": "否"},
            "格": {"乙行": {"说明": WRONG}},
            "表": [{"名": WRONG}, {"名": "乙", "做法": WRONG}],
            "纲": [{"级": 1, "标题": WRONG, "正文": WRONG}],
            "不填": [{"正文": WRONG}],
        },
    )

    wrong = [f for f in found if f.code == "W411"]
    assert at(wrong) == [
        ("W411", "录", "B6"), ("W411", "格", "B7"), ("W411", "表", "B8"), ("W411", "纲", "B7"),
        ("W411", "纲", "C7"),
    ]  # fmt: skip
    assert wrong[1].place.field == "乙行 · 说明"
    assert wrong[0].message == f"“情况”里“{WRONG}”：写的是 2个，列出的有 3 项。"


def test_what_is_wrong_twice_is_said_twice_and_the_same_words_once(form):
    assert len(said(form, f"{WRONG}。2个，分别是甲、乙、丙。")) == 2
    assert len(said(form, f"{WRONG}。{WRONG}。")) == 1


def test_a_slot_is_filled_before_a_sentence_is_read(form):
    values = {
        "基本信息": {"单位名称": "甲局"},
        "表": [{"名": "甲"}, {"名": "乙"}],
        "录": {"情况": "{{ 表.个数 }}个，分别是{{ 表.名|连接 }}、丙"},
    }

    (found,) = narrative_findings(compute(from_plain(values, form)))

    assert found.value == "2个，分别是甲、乙、丙"


PIECES = st.sampled_from(
    ["1", "10", "5", "1,234.5", "２", "３．５", "个", "项", "万元", "亩", "%", "（", "）", "(", ")", "其中：",
     "含", "包括", "分别是", "：", ":", "，", ",", "、", "；", "。", "等", "甲", "乙", "项目", "占", "即", "和",
     "两", "十", "-", "万", "余", "“", "”", "\n", " ", "9" * 5000]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_whatever_is_typed_is_read_and_what_is_quoted_stands_there(form, text):
    for _, quoted, difference in said(form, text):
        assert quoted in text
        assert difference not in {"", "0"}


@pytest.mark.skipif("REPORTGEN_PRIVATE" not in os.environ, reason="no published reports")
@pytest.mark.parametrize(("year", "expected"), [("2020", ["W411", "W412"]), ("2023", [])])
def test_of_a_published_report_only_its_contradictions_are_found(year, expected):
    private = Path(os.environ["REPORTGEN_PRIVATE"])
    submission = read_values(private / f"values-{year}.toml", load_form(SELF_EVALUATION))

    found = [f for f in check(submission) if f.code.startswith("W41")]

    assert [f.code for f in found] == expected
    if expected:
        assert [f.difference for f in found] == ["1", "-1"]
        assert "1966.5+5=1971.5" in found[1].message


# -- once for all who ask ---------------------------------------------------------------------


def test_the_texts_of_a_unit_are_gathered_once(form):
    data = compute(from_plain({"录": {"情况": "甲"}, "表": [{"名": "一", "做法": "乙"}]}, form))

    first = narratives.narratives(data)

    assert [one.text for one in first] == ["甲", "乙"]
    assert narratives.narratives(data) is first


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("共5个,300人", "共5个，300人"),
        ("1,972.5个,2处", "1,972.5个，2处"),
        ("１，９７２个，2处", "1，972个，2处"),
        ("(甲),[乙]:丙", "（甲），［乙］：丙"),
        ("占９８％", "占98%"),
        ("没有逗号，也没有数", "没有逗号，也没有数"),
    ],
)
def test_a_comma_divides_thousands_only_inside_a_number(text, same):
    assert canonical(text) == same
    assert len(same) == len(text)
