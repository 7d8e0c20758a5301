"""What only many units together show: whose a workbook is, what is missing, what was copied."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import HEAD
from reportgen.borrowed import ForeignNames, copied, own_texts, paragraphs
from reportgen.campaign import (
    Sent,
    by_unit,
    is_listed,
    likely_same,
    not_sent,
    sent,
    several,
    standings,
    units_of,
)
from reportgen.compute import compute
from reportgen.finding import Finding, Place, Severity
from reportgen.manifest import UnitRecord
from reportgen.roster import Roster, Unit
from reportgen.standing import let_stand
from reportgen.submission import Remark
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.read import read_submission
from reportgen.workbook.write import write_workbook

FORM = (
    HEAD
    + """code = "单位代码"

[[section]]
label = "基本信息"
kind = "record"
fields = [{ label = "单位名称", required = true }, { label = "单位代码" }, { label = "主管部门" }]

[[section]]
label = "说明"
kind = "record"
fields = [
  { label = "总体情况", type = "narrative", hint = "写清资金用在哪里、做成了什么、群众得到了什么好处、还有哪些事情没有做完、没有做完的原因是什么、下一年准备怎样接着做，写三到五句话就可以了" },
  { label = "其他", type = "narrative" },
]

[[section]]
label = "做法"
kind = "outline"
"""
)
#: Sixty letters and more, digits and punctuation left out.
LONG = (
    "全年新建灌溉渠道12公里，整修山塘8口，三个村的两千余亩水田用上了自流水，插秧时节不再抽水抗旱；"
    "年底请村民代表打分，满意的占九成以上，意见集中在渠道清淤不够及时。"
)


@pytest.fixture
def form(make_form):
    return make_form(FORM, whole=True)


def filled(form, unit="甲局", code="", *, remarks=(), sample=False, **said):
    """Return what a workbook with these values computes to, with the cells where they stand."""
    own = {"单位名称": unit, "单位代码": code, "主管部门": said.pop("主管部门", "")}
    values = {"基本信息": own, "说明": said, "做法": said.pop("做法", [])}
    content = write_workbook(form, from_plain(values, form), sample=sample)
    submission = read_submission(open_bytes(content, f"{unit}.xlsx"), form)
    return compute(replace(submission, remarks=remarks, was_returned=bool(remarks)))


def listed(*units):
    return Roster(units=tuple(Unit(name=name, code=code) for code, name in units))


def came(file, unit, code="", **more):
    facts = {"form": "t", "sample": False, "errors": 0, "warnings": 0, **more}
    return Sent(file=f"../inputs/{file}", unit=unit, code=code, **facts)


def files(groups):
    return [[one.file.removeprefix("../inputs/") for one in group] for group in groups.values()]


# -- one unit, one workbook ----------------------------------------------------------------------


def test_a_unit_is_told_by_its_code_and_by_its_name_only_without_one():
    all_of_them = [
        came("a", "甲局", "001"),
        came("b", "甲局机关", " 001"),
        came("c", "乙局（本级）"),
        came("d", "乙 局(本级)"),
        came("e", "丙局", "003"),
        came("f", "丙局"),
        came("g", "丁局", "004"),
        came("h", "丁局", "005"),
    ]

    assert files(by_unit(all_of_them)) == [["a", "b"], ["c", "d"], ["e", "f"], ["g"], ["h"]]


def test_other_forms_and_samples_are_other_workbooks():
    all_of_them = [
        came("a", "甲局", "001"),
        came("b", "甲局", "001", form="u"),
        came("c", "甲局", "001", sample=True),
    ]

    assert files(by_unit(all_of_them)) == [["a"], ["b"]]


def test_the_list_gives_a_workbook_without_a_code_its_unit():
    all_of_them = [came("a", "甲局"), came("b", "甲办", "001")]

    assert files(by_unit(all_of_them)) == [["a"], ["b"]]
    assert files(by_unit(all_of_them, listed(("001", "甲局")))) == [["a", "b"]]


def test_several_files_of_one_unit_are_one_error_that_names_them_all():
    all_of_them = [came("a.xlsx", "甲局"), came("乙.xlsx", "乙局"), came("x/b.xlsx", "甲局")]

    (finding,) = several(all_of_them)

    assert (finding.code, finding.level, finding.place.file) == ("E821", Severity.ERROR, "a.xlsx")
    assert finding.message == "“甲局”交了 2 份工作簿：a.xlsx、b.xlsx。"


def test_files_of_one_name_are_told_apart_by_their_folders():
    (finding,) = several([came("a/甲.xlsx", "甲局"), came("b/甲.xlsx", "甲局")])

    assert "inputs/a/甲.xlsx、inputs/b/甲.xlsx" in finding.message


# -- against the list -------------------------------------------------------------------------------


def on_the_list(form, unit, code, roster):
    return [(f.code, f.place.cell) for f in is_listed(filled(form, unit, code), roster)]


def test_name_and_code_are_those_of_one_unit_of_the_list(form):
    roster = listed(("001", "甲局（本级）"), ("002", "乙局"), ("", "丙局"))

    assert on_the_list(form, "甲局(本级)", "001", roster) == []
    assert on_the_list(form, "丙局", "009", roster) == []  # the list knows no code of it
    assert on_the_list(form, "乙局", "001", roster) == [("E822", "B6")]
    assert on_the_list(form, "甲局本级", "001", roster) == [("E822", "B6")]
    assert on_the_list(form, "乙局", "003", roster) == [("E822", "B7")]
    assert on_the_list(form, "丁局", "004", roster) == [("E823", "B6")]


def test_the_message_says_what_the_list_has(form):
    roster = listed(("001", "甲局"), ("002", "乙局"))

    (mixed,) = is_listed(filled(form, "乙局", "001"), roster)
    (unknown,) = is_listed(filled(form, "甲局机关", "009"), roster)

    assert mixed.message == (
        "“单位名称”填的是“乙局”，和名单不一致：代码“001”在名单里是“甲局”，“乙局”的代码是“002”。"
    )
    assert unknown.message == "名单里没有单位“甲局机关”。是不是“甲局”？"


def test_a_former_name_is_the_unit_and_has_to_be_changed(form):
    roster = Roster(units=(Unit(name="甲委", code="001", former=("甲局",)),))

    (finding,) = is_listed(filled(form, "甲局"), roster)

    assert finding.message == "“单位名称”填的是“甲局”，和名单不一致：它现在叫“甲委”。"
    assert standings([came("a", "甲局")], roster)[0].status == "已完成"


def test_a_workbook_that_was_made_for_another_unit_is_one_mistake(form):
    data = filled(form, "乙局", "001")
    handed_out = compute(replace(data.submission, made_for=("甲局", "001")))

    assert list(is_listed(handed_out, listed(("001", "甲局"), ("002", "乙局")))) == []


def test_what_is_not_filled_in_is_said_elsewhere_and_a_sample_is_on_no_list(form):
    roster = listed(("001", "甲局"))

    assert on_the_list(form, "甲局", "", roster) == []
    assert on_the_list(form, "", "001", roster) == []
    assert on_the_list(form, "", "", roster) == []
    assert list(is_listed(filled(form, "示例局", "9", sample=True), roster)) == []


# -- how far everybody is -----------------------------------------------------------------------------


def test_every_unit_of_the_list_has_its_status_in_the_lists_order_and_others_follow():
    roster = listed(("002", "乙局"), ("001", "甲局"), ("003", "丙局"), ("004", "丁局"))
    all_of_them = [
        came("x", "戊局", "009"),
        came("a", "甲局", "001", warnings=2),
        came("c", "丙局", "003", errors=1),
        came("d1", "丁局", "004"),
        came("d2", "丁局", "004"),
        came("s", "乙局", "002", sample=True),
    ]

    rows = standings(all_of_them, roster)

    assert [(r.unit, r.status, r.listed) for r in rows] == [
        ("乙局", "未报", True),
        ("甲局", "已完成", True),
        ("丙局", "有错误", True),
        ("丁局", "有错误", True),
        ("戊局", "已完成", False),
    ]
    assert (rows[1].warnings, rows[2].errors) == (2, 1)
    assert rows[3].files == ("../inputs/d1", "../inputs/d2")


def test_who_has_not_sent_is_one_note():
    roster = listed(*((f"{n:03}", f"第{n}局") for n in range(12)))

    (finding,) = not_sent(standings([came("a", "第0局", "000")], roster), "名单.xlsx")

    assert (finding.code, finding.place.file) == ("N826", "名单.xlsx")
    assert "11 个单位还没有报：第1局、第2局" in finding.message
    assert finding.message.endswith("第10局等。")
    assert list(not_sent(standings([came("a", "甲局")], listed(("", "甲局"))), "")) == []


def test_errors_and_warnings_that_stand_do_not_count():
    def one(level, explanation=""):
        return Finding(code="X", level=level, place=Place(), message="", explanation=explanation)

    findings = (one(Severity.ERROR), one(Severity.WARNING), one(Severity.WARNING, "已说明"))

    known = sent(UnitRecord(file="a", unit="甲局", findings=findings))

    assert (known.errors, known.warnings) == (1, 1)


# -- copied texts ---------------------------------------------------------------------------------------


def shared(*units):
    """Return the paragraphs that several of *units* have, as the manifest groups them."""
    groups = {}
    for data in units:
        for one in paragraphs(data):
            groups.setdefault(one.fingerprint, []).append((data.submission.file, one))
    return [group for _, group in sorted(groups.items()) if len(group) > 1]


def warned(*units):
    """Return the warnings about *units*, as (file, cell)."""
    all_of_them = [came(d.submission.file, str(d.lookup("单位名称"))) for d in units]
    all_of_them = [
        replace(one, file=d.submission.file) for one, d in zip(all_of_them, units, strict=True)
    ]
    names = {one.file: one.unit for one in all_of_them}
    found = units_of(all_of_them)
    return copied(shared(*units), found, names, len(set(found.values())))


def test_the_same_long_paragraph_in_two_units_is_a_warning_for_both(form):
    one = filled(form, "甲局", 总体情况=f"开头。\n{LONG}")
    other = filled(form, "乙局", 其他=LONG)

    found = warned(one, other)

    (at_one,), (at_other,) = found["甲局.xlsx"], found["乙局.xlsx"]
    assert (at_one.code, at_one.place.sheet, at_one.place.cell) == ("W824", "说明", "B6")
    assert at_other.place.cell == "B7"
    assert "“总体情况”里有 1 段长文字" in at_one.message
    assert "“乙局”的“其他”（说明 B7）" in at_one.message


@pytest.mark.parametrize(
    "text",
    [
        LONG.replace("12", "35").replace("8口", "10口"),
        LONG.replace("，", ",").replace("；", "。"),
        LONG.replace("全年", "全 年 "),
        f"乙局{LONG}",
    ],
    ids=["numbers", "punctuation", "blanks", "own name"],
)
def test_what_one_changes_when_copying_does_not_hide_it(form, text):
    mine = f"甲局{LONG}" if text.startswith("乙局") else LONG

    assert len(warned(filled(form, "甲局", 其他=mine), filled(form, "乙局", 其他=text))) == 2


def test_a_text_of_ones_own_a_short_one_and_a_repetition_are_not_copied(form):
    short = "深化预算绩效管理改革，强化支出责任，提高财政资金使用效益。"
    mine = filled(form, "甲局", 总体情况=LONG, 其他=f"{LONG}\n{short}")
    other = filled(form, "乙局", 其他=f"{short}\n{LONG.replace('灌溉', '排水')}")

    assert warned(mine, other) == {}


def test_paragraphs_of_outlines_count_too(form):
    row = [{"级": "1", "标题": "水利", "正文": LONG}]

    found = warned(filled(form, "甲局", 做法=row), filled(form, "乙局", 做法=row))

    assert [f.place.cell for f in found["甲局.xlsx"]] == ["C7"]


def test_a_cell_with_several_copied_paragraphs_is_one_warning(form):
    second = LONG.replace("灌溉", "排水")
    text = f"{LONG}\n{second}"

    ((finding,), _) = warned(
        filled(form, "甲局", 其他=text), filled(form, "乙局", 其他=text)
    ).values()

    assert "有 2 段长文字" in finding.message


def test_what_most_units_have_is_what_they_were_told_to_write(form):
    same = [filled(form, name, 其他=LONG) for name in ("甲局", "乙局", "丙局")]
    others = [filled(form, name) for name in ("丁局", "戊局", "己局")]

    assert warned(*same, *others[:2]) == {}  # three of five
    assert len(warned(*same, *others)) == 3  # three of six


def test_the_forms_own_words_belong_to_nobody(form, tmp_path):
    hint = form.section("说明").field("总体情况").hint
    (form.folder / "sample.toml").write_text(f'["说明"]\n"其他" = "{LONG}"\n', encoding="utf-8")
    data = filled(form, "甲局", 总体情况=hint, 其他=LONG)

    assert len(paragraphs(data)) == 2
    assert paragraphs(data, own_texts(form)) == ()


def test_a_sample_has_nothing_that_others_could_copy(form):
    assert paragraphs(filled(form, "示例局", sample=True, 其他=LONG)) == ()


def test_a_copied_text_that_the_unit_explains_stands_for_that_unit(form):
    remark = Remark(code="W824", text="两个单位合署办公", sheet="说明", cell="B7", field="其他")
    one = filled(form, "甲局", 其他=LONG, remarks=(remark,))

    found = warned(one, filled(form, "乙局", 其他=LONG))

    assert [f.explanation for f in found["甲局.xlsx"]] == ["两个单位合署办公"]
    assert found["甲局.xlsx"][0].stands
    assert not found["乙局.xlsx"][0].stands


# -- another unit's name ----------------------------------------------------------------------------------

ROSTER = listed(
    ("1", "示例区水利事务中心"),
    ("2", "示例区教育局"),
    ("3", "示例区教育局第一幼儿园"),
    ("4", "示例区农业农村局（本级）"),
    ("5", "民政局"),
)


def named(form, unit, text, **more):
    data = filled(form, unit, 其他=text, **more)
    return [(f.code, f.place.cell, f.value) for f in ForeignNames(ROSTER).find(data)]


def test_another_units_name_in_a_narrative_is_a_warning(form):
    text = "2025年，示例区 农业农村局(本级)认真履行职责。示例区农业农村局（本级）还……"

    assert named(form, "示例区水利事务中心", text) == [("W825", "B7", "示例区农业农村局（本级）")]


@pytest.mark.parametrize(
    "text",
    [
        "示例区水利事务中心完成了全年任务。",
        "会同示例区教育局开展检查。",
        "经示例区教育局批复。",
        "示例区教育局批复的预算。",
        "示例区教育局、示例区农业农村局（本级）等单位参加。",
        "与民政局一起。民政局负责低保。",
        "按照《示例区教育局关于预算管理的通知》执行。",
    ],
)
def test_a_name_of_somebody_one_works_with_is_left_alone(form, text):
    assert named(form, "示例区水利事务中心", text) == []


def test_a_superior_and_a_part_of_the_unit_are_no_strangers(form):
    assert named(form, "示例区教育局第一幼儿园", "示例区教育局是主管部门。") == []
    assert named(form, "示例区教育局", "示例区教育局第一幼儿园新招幼儿。") == []


def test_a_name_inside_the_units_own_is_its_own(form):
    assert named(form, "新示例区教育局服务部", "新示例区教育局服务部完成了任务。") == []


def test_a_longer_name_is_not_the_shorter_one_in_it(form):
    assert named(form, "示例区水利事务中心", "示例区教育局第一幼儿园新招幼儿。") == [
        ("W825", "B7", "示例区教育局第一幼儿园")
    ]


def test_a_name_that_the_unit_gives_in_a_field_of_its_own_is_known(form):
    text = "示例区教育局下达预算。"

    assert named(form, "示例区水利事务中心", "示例区教育局认真。", 主管部门="示例区教育局") == []
    assert named(form, "示例区水利事务中心", "示例区教育局认真。")
    assert named(form, "示例区水利事务中心", text) == []


def test_the_unit_can_explain_it_like_any_warning(form):
    data = filled(form, "示例区水利事务中心", 其他="示例区教育局认真履职。")
    remark = Remark(code="W825", text="代管", sheet="说明", cell="B7", field="其他")

    (finding,) = let_stand(
        ForeignNames(ROSTER).find(data), compute(replace(data.submission, remarks=(remark,)))
    )

    assert (finding.explanation, finding.stands) == ("代管", True)


# -- who can have sent several ---------------------------------------------------------------------------

few = st.sampled_from(["", "甲局", "甲 局", "民政局", "示例区教育局"])


@given(st.lists(st.tuples(few, st.sampled_from(["", "2", "5", "9"]), st.booleans()), max_size=7))
def test_only_workbooks_that_may_be_one_units_are_looked_at_and_nothing_else_changes(sent_in):
    everything = [
        came(f"{number}.xlsx", unit, code, sample=sample)
        for number, (unit, code, sample) in enumerate(sent_in)
    ]
    for roster in (None, ROSTER):
        some = likely_same(lambda: iter(everything), roster)

        several_of = {
            name: files for name, files in by_unit(everything, roster).items() if len(files) > 1
        }
        found = {name: files for name, files in by_unit(some, roster).items() if len(files) > 1}
        assert found == several_of


def test_a_unit_whose_name_and_code_nobody_else_has_is_not_looked_at():
    alone, first, second = came("1", "甲局", "001"), came("2", "乙局"), came("3", "乙　局")

    assert likely_same(lambda: [alone, first, second]) == [first, second]
