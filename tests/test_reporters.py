"""Findings as a person reads them on the screen."""

from reportgen.batch import Run
from reportgen.finding import Finding, Place, Related, Severity
from reportgen.reporters import as_lines, as_text

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


def test_two_numbers_that_disagree_are_shown_with_their_cells_and_difference():
    shown = as_text(Run(findings=[FINDING], units=1))

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
    shown = as_lines(Run(findings=[FINDING], units=1))

    assert shown == "甲局.xlsx:收支!E7: error F11 项目支出决算数与项目明细合计不一致 请核对。\n"
