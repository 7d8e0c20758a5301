"""Findings as a person reads them on the screen."""

from reportgen.finding import Finding, Place, Related, Severity
from reportgen.reporters import Lines, Text
from reportgen.run import Run

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
