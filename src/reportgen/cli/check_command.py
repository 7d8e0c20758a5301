"""``reportgen check``: what is wrong in filled workbooks, by cell."""

from pathlib import Path

import click

from reportgen.batch import check_all
from reportgen.cli.chinese import ChineseCommand
from reportgen.cli.common import (
    form_option,
    format_option,
    inputs_argument,
    mark_option,
    or_inputs,
    quiet_option,
    report,
    roster_option,
    strict_option,
)
from reportgen.project import APPROVALS, Forms
from reportgen.standing import read_approvals

_HELP = """检查填好的工作簿：哪一格、现在是什么、应该填什么、怎么改。

\b
  reportgen check                   检查 inputs 里所有的工作簿
  reportgen check 甲局.xlsx         只检查一份
  reportgen check --mark 退回件     另写一份标出问题的工作簿，单位改好后交回
  reportgen check --format json     结果给别的程序用

主管部门同意保留的错误写在当前文件夹的 核准.xlsx 里：单位、代码、理由，一行一条。

退出码：0 没有错误；1 有错误；2 什么也没能做。
"""


@click.command("check", cls=ChineseCommand, help=_HELP)
@inputs_argument
@form_option
@roster_option
@mark_option
@format_option
@strict_option
@quiet_option
def command(
    inputs: tuple[Path, ...],
    form: str,
    roster: Path | None,
    mark: Path | None,
    output_format: str,
    *,
    strict: bool,
    quiet: bool,
) -> int:
    """Run the checks and print what they found."""
    return report(
        lambda run: check_all(
            or_inputs(inputs),
            Forms(given=form),
            read_approvals(APPROVALS),
            mark,
            roster=roster,
            run=run,
        ),
        output_format,
        strict=strict,
        quiet=quiet,
    )
