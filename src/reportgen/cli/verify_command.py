"""``reportgen verify``: whether Word documents open, and are as they were built."""

from pathlib import Path

import click

from reportgen.cli.chinese import ChineseCommand
from reportgen.cli.common import format_option, report, strict_option
from reportgen.project import OUTPUTS
from reportgen.reporters import ProofText

_HELP = """看 Word 文档能不能打开、有没有缺损，生成后有没有被人改过。

\b
  reportgen verify                  看 outputs 里所有的文档
  reportgen verify 甲局报告.docx    只看一份，谁做的都行
  reportgen verify --format json    结果给别的程序用

看的是：文件是否完整，各部件、图片、样式、编号、脚注是否都在，表格和段落的结构，
有没有没填的标记，有没有宏、外部链接等不该随文件发出去的东西。文档不会被改动。
退出码：0 都能打开；1 有打不开或缺损的；2 什么也没能做。
"""


@click.command("verify", cls=ChineseCommand, help=_HELP)
@click.argument(
    "files", nargs=-1, metavar="[文档或文件夹]...", type=click.Path(path_type=Path)
)  # fmt: skip
@format_option
@strict_option
def command(files: tuple[Path, ...], output_format: str, *, strict: bool) -> int:
    """Look through the documents and print what was found."""
    from reportgen.proof import verify_all  # noqa: PLC0415 - as every command's work

    return report(
        lambda run: verify_all(files or (OUTPUTS,), run=run),
        output_format,
        strict=strict,
        reporter=ProofText if output_format == "text" else None,
    )
