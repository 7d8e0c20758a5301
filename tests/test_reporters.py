"""Findings as a person reads them on the screen."""

import pytest

from reportgen.finding import Finding, Place, Related, Severity
from reportgen.reporters import Lines, Text
from reportgen.run import News, Run

FINDING = Finding(
    code="F11",
    level=Severity.ERROR,
    place=Place(file="甲局.xlsx", sheet="收支", cell="E7", field="收支.项目支出.决算数"),
    message="项目支出决算数与项目明细合计不一致",
    hint="请核对。",
    difference="0.02",
    related=(
        Related(sheet="收支", cell="E7", field="收支.项目支出.决算数", value="80.32"),
        Related(sheet="", cell="", field="项目明细.合计.支出总额", value="80.30"),
    ),
)


def written(kind):
    """Return what a reporter writes of a run with one finding."""
    text = []
    reporter = kind(text.append)
    run = Run(units=1, heard=reporter.news)
    run.tell([FINDING])
    reporter.end(run)
    return "".join(text)


def test_two_numbers_that_disagree_are_shown_with_their_cells_and_difference():
    shown = written(Text)

    assert shown == (
        "错误 F11  项目支出决算数与项目明细合计不一致\n"
        "  甲局.xlsx › 收支 › E7（收支.项目支出.决算数）\n"
        "  收支.项目支出.决算数 = 80.32（收支 › E7）\n"
        "  项目明细.合计.支出总额 = 80.30\n"
        "  相差 0.02\n"
        "  改法：请核对。\n"
        "说明：reportgen explain F11\n"
        "工作簿 1 份，错误 1 处。\n"
    )


def test_a_finding_is_one_line_for_tools():
    shown = written(Lines)

    assert shown == "甲局.xlsx:收支!E7: error F11 项目支出决算数与项目明细合计不一致 请核对。\n"


HOSTILE = "甲\x1b[2J\x1b]0;x\x07\r\u202e\x9b1m\n错误 E999.xlsx"


@pytest.mark.parametrize("kind", [Text, Lines])
def test_what_a_terminal_obeys_does_not_reach_it_and_a_name_of_two_lines_is_one(kind):
    place = Place(file=HOSTILE, sheet="录", cell="B2")
    finding = Finding(code="N108", level=Severity.NOTE, place=place, message="跳过")
    text = []

    kind(text.append).news(News(findings=(finding,)))

    seen = "甲?[2J?]0;x????1m 错误 E999.xlsx"
    expected = {
        Text: f"提示 N108  跳过\n  {seen} › 录 › B2\n",
        Lines: f"{seen}:录!B2: note N108 跳过\n",
    }
    assert "".join(text) == expected[kind]
