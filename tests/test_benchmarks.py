"""The benchmarks compare what is equal, and run: nothing here looks at a clock."""

import re
import zipfile

import openpyxl
import pytest

from benchmarks import contenders, growth, where
from benchmarks.content import MARKS, SYNTAXES, Fixture, words
from benchmarks.measure import Line, in_turns
from benchmarks.units import copies
from reportgen import check, read_workbook


@pytest.fixture(scope="module")
def fixture(tmp_path_factory):
    return Fixture.make(tmp_path_factory.mktemp("bench"))


def test_the_report_has_the_size_that_is_said(fixture):
    sections = {section.label: section for section in fixture.form.sections}
    book = openpyxl.load_workbook(fixture.workbook)
    filled = {
        sheet.title: sum(bool(row[0]) for row in sheet.iter_rows(min_row=6, values_only=True))
        for sheet in book
    }
    paragraphs = [
        row[2]
        for title in ("主要职责", "工作成效", "问题和措施")
        for row in book[title].iter_rows(min_row=6, values_only=True)
        if row[0]
    ]

    assert len(sections["基本信息"].fields) == 30
    assert (filled["项目明细"], filled["绩效指标"]) == (10, 20)
    assert len(set(paragraphs)) == 28
    assert min(map(len, paragraphs)) > 150


def test_nothing_is_wrong_with_the_report(fixture):
    assert check(read_workbook(fixture.workbook, fixture.form)) == ()


def test_copies_are_workbooks_of_different_units(fixture, tmp_path):
    made = copies(fixture.workbook, tmp_path, 3, MARKS)
    read = [read_workbook(path, fixture.form) for path in made]

    names = [str(one.plain()["基本信息"]["单位名称"]) for one in read]
    codes = [str(one.plain()["基本信息"]["单位代码"]) for one in read]
    assert names == [f"示例市公园养护中心（示例0000{n}）" for n in (1, 2, 3)]
    assert codes == ["900001", "900002", "900003"]
    assert [check(one) for one in read] == [(), (), ()]


def test_ours_the_plain_script_and_the_floor_write_the_same_words(tmp_path):
    _, made = contenders.of_the_report(tmp_path, 1)

    contenders.say_the_same(made.ways, made.units[0])
    said = words(next((tmp_path / "ours").glob("*.docx")))
    assert said[0] == "示例市公园养护中心（示例00001）2026年度报告"
    # 3682.33 = 1203.06 + 199.87 + 1598.13 + 446.52 + 151.09 + 83.66; 98.73 % = 931 / 943
    assert (
        "2026年整体支出3682.33万元，其中项目支出2279.40万元。"
        "全年受理诉求943件，办结931件，办结率98.73%。" in said
    )
    assert not [text for text in said if re.search("[{}+]|None|nan", text)]


def test_recorded_templates_of_the_shipped_form_print_its_words_again(tmp_path):
    made = contenders.of_the_shipped_form(tmp_path, 1)

    contenders.say_the_same(made.ways, made.units[0])
    with zipfile.ZipFile(tmp_path / "0.docx") as package:
        assert package.read("word/document.xml").count(b"{{ v[") > 50


def test_documents_of_other_words_are_not_compared(tmp_path):
    _, made = contenders.of_the_report(tmp_path, 2)
    other = {"another": lambda _: made.ways["floor"](made.units[1])}

    with pytest.raises(ValueError, match="another"):
        contenders.say_the_same({**made.ways, **other}, made.units[0])


@pytest.mark.parametrize("name", sorted(set(SYNTAXES) - {"docxtpl"}))
def test_every_template_has_the_same_words_around_its_tags(fixture, name):
    """What the peers make of theirs is compared when they run, which only make bench does."""

    def fixed(which):
        texts = (
            re.sub(r"\{\{?.*?\}\}?|\+\+\+.*?\+\+\+", "", t) for t in words(fixture.templates[which])
        )
        return {text for text in texts if text.strip()}

    assert fixed(name) == fixed("docxtpl")
    assert len(fixed(name)) > 60


def test_the_command_over_a_folder_leaves_a_note_of_its_memory(fixture, tmp_path):
    copies(fixture.workbook, tmp_path / "units", 2, MARKS)

    took = growth.run(tmp_path / "units", fixture.form.folder, tmp_path / "out")

    assert len(list((tmp_path / "out").glob("*.docx"))) == 2
    assert took.memory == 0 or 10 < took.memory < 1000


def test_growth_is_told_from_the_second_size_to_the_last():
    sizes = {10: (2.0, 50), 100: (11.0, 100), 1000: (128.0, 120), 10000: (1298.0, 125)}
    took = {count: growth.Took(*one) for count, one in sizes.items()}

    whole, further, memory = growth._grown(took)

    assert whole.figure == pytest.approx(129.8 / 110)  # ms each
    assert further.figure == pytest.approx(130 / 100)  # 1170 s more for 9000, 9 s more for 90
    assert memory.figure == pytest.approx(1.25)
    assert (whole.holds, further.holds, memory.holds) == (False, False, True)


def test_time_belongs_to_the_outermost_stage():
    names = {}
    code = "def work(inner):\n    return inner()\n"
    for file in (
        "x/reportgen/pipeline.py",
        "x/reportgen/checks.py",
        "x/reportgen/template/tags.py",
    ):
        namespace = {}
        exec(compile(code, file, "exec"), namespace)
        names[file.rpartition("/")[2]] = namespace["work"]

    def look():
        import sys

        return where.stage(sys._getframe())

    assert names["pipeline.py"](look) == "rest"
    assert names["pipeline.py"](lambda: names["tags.py"](look)) == "layout"
    assert names["checks.py"](lambda: names["tags.py"](look)) == "check"


def test_a_limit_is_missed_on_its_own_side():
    assert Line("a", 2.0, 2, "").holds
    assert not Line("a", 2.1, 2, "").holds
    assert Line("a", 12.0, 12, "", at_least=True).holds
    assert not Line("a", 11.9, 12, "", at_least=True).holds


def test_the_first_turn_warms_up_and_the_median_of_the_others_stands():
    times = iter([100.0, 1.0, 9.0, 2.0])

    assert in_turns({"a": lambda: next(times)}, 3) == {"a": 2.0}
