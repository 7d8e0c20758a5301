"""``reportgen template``: a first Word template from a form."""

from pathlib import Path

import click

from reportgen.cli.chinese import ChineseCommand
from reportgen.cli.common import form_option, only_docx, write_new
from reportgen.drafting.template import first_template
from reportgen.project import Forms

_HELP = """按表单写出 Word 模板的初稿：每一项、每一张表都在里面，版式照公文格式。

\b
  reportgen template -o 报告.docx

在 Word 或 WPS 里改好以后放进表单的文件夹，并在 form.toml 里写上 [[document]]。
"""


@click.command("template", cls=ChineseCommand, help=_HELP)
@form_option
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="文件",
    help="写到哪里，例如 报告.docx",
)  # fmt: skip
def command(form: str, output: Path) -> int:
    """Write the template."""
    only_docx(output)
    write_new(output, first_template(Forms(given=form).choose()))
    click.echo(f"已生成：{output}")
    return 0
