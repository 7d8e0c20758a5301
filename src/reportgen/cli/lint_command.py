"""``reportgen lint``: what is wrong with forms and their Word templates, before any data."""

from pathlib import Path

import click

from reportgen.batch import lint_all
from reportgen.cli.chinese import ChineseCommand
from reportgen.cli.common import form_option, format_option, quiet_option, report, strict_option
from reportgen.project import Forms
from reportgen.reporters import TemplateText

_HELP = """检查表单和它的 Word 模板，不用填报的数：一次列出所有的问题和位置。

\b
  reportgen lint                    检查 templates 里所有的表单
  reportgen lint --form 表单        只检查一个
  reportgen lint --mark 标注        另写一份有问题的模板，问题写成 Word 批注
  reportgen lint --format json      结果给别的程序用

退出码：0 没有错误；1 有错误；2 什么也没能做。
"""


@click.command("lint", cls=ChineseCommand, help=_HELP)
@form_option
@click.option(
    "--mark", type=click.Path(path_type=Path), metavar="文件夹",
    help="把每份有问题的模板的副本写到这里，问题写成 Word 批注",
)  # fmt: skip
@format_option
@strict_option
@quiet_option
def command(form: str, mark: Path | None, output_format: str, *, strict: bool, quiet: bool) -> int:
    """Look through the forms and print what was found."""
    return report(
        lambda run: lint_all(Forms(given=form), mark, run=run),
        output_format,
        strict=strict,
        quiet=quiet,
        reporter=TemplateText if output_format == "text" else None,
    )
