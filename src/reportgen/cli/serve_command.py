"""``reportgen serve``: the page, for people who open no terminal."""

import sys

import click

from reportgen.cli.chinese import ChineseCommand, WrongUsageError
from reportgen.cli.common import form_option

_HELP = """在浏览器里用：拖入填好的工作簿，看哪一格要改，预览、下载报告；也可以检查 Word 模板。

\b
  reportgen serve                   打开浏览器，按 Ctrl-C 结束
  reportgen serve --no-browser      只显示地址，自己去打开
  reportgen serve --port 8765       用固定的端口

只有这台电脑能打开，不上网。拖入的文件放在临时文件夹，页面关闭几分钟后清除，结束时全部清除。
"""
_LACKING = "网页要用的组件没有装：请运行 pip install reportgen[web]，装好后再试。"


@click.command("serve", cls=ChineseCommand, help=_HELP)
@form_option
@click.option(
    "--port", default=0, type=click.IntRange(0, 65535), metavar="端口",
    help="用哪个端口，默认找一个空的",
)  # fmt: skip
@click.option("--no-browser", is_flag=True, help="不打开浏览器")
def command(form: str, port: int, *, no_browser: bool) -> int:
    """Serve the page until it is ended."""
    try:
        from reportgen.web.serve import end_as_by_ctrl_c, listening, serve  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise WrongUsageError(_LACKING) from error
    try:
        sock = listening(port)
    except OSError as error:
        words = f"端口 {port} 用不了，可能正被别的程序用着。请换一个，或不写 --port。"
        raise WrongUsageError(words) from error

    def say(address: str) -> None:
        words = "请在浏览器里打开" if no_browser else "网页已打开"
        click.echo(f"{words}：{address}（按 Ctrl-C 结束）")

    end_as_by_ctrl_c()
    serve(sock, form, browser=not no_browser, say=say, alone=sys.__stdout__ is None)
    return 0
