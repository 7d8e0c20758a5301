"""``reportgen doctor``: what a build needs, looked at on this computer."""

from pathlib import Path

import click

from reportgen.cli.chinese import ChineseCommand
from reportgen.cli.common import form_option
from reportgen.doctor import examine
from reportgen.project import OUTPUTS, Forms

_HELP = """看这台电脑上缺不缺什么：程序、表单、转 PDF 的程序、字体、输出文件夹。

\b
  reportgen doctor                  在项目的文件夹里运行，几秒钟

√ 没有问题；! 知道就行；× 缺少，照“改法”做。要人帮忙时，把显示的全部发给他。

退出码：0 什么也不缺；1 缺少什么。
"""


@click.command("doctor", cls=ChineseCommand, help=_HELP)
@form_option
@click.option(
    "-o", "--output", default=OUTPUTS, type=click.Path(path_type=Path), metavar="文件夹",
    help="报告放在哪里，默认 outputs",
)  # fmt: skip
def command(form: str, output: Path) -> int:
    """Print each thing as soon as it was looked at."""
    missing = 0
    for line in examine(Forms(given=form), output):
        missing += line.mark == "×"
        click.echo(f"{line.mark} {line.text}")
        if line.hint:
            click.echo(f"  改法：{line.hint}")
    click.echo(f"缺少 {missing} 样，见带 × 的行。" if missing else "什么也不缺。")
    return int(missing > 0)
