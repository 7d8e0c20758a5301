"""The command line: parse, call the library, print, exit. One module a command, loaded when used."""

import codecs
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import click
from click.shell_completion import CompletionItem

from reportgen.cli.chinese import ChineseGroup, said

_HELP = """把填好的工作簿变成正式的 Word 报告。

\b
  reportgen workbook -o 填报表.xlsx   生成空白的填报工作簿
  reportgen check                     检查 inputs 里填好的工作簿
  reportgen build                     生成报告，放进 outputs
"""

#: What the command alone shows: what one needs first, on one screen.
_ALONE = """reportgen：把填好的工作簿变成正式的 Word 报告。

  reportgen new                       新建一个项目：样例、模板和说明都在里面
  reportgen serve                     打开网页，不用命令也能检查和生成
  reportgen workbook -o 填报表.xlsx   生成空白的填报工作簿
  reportgen check                     检查 inputs 里填好的工作簿
  reportgen build                     生成报告，放进 outputs
  reportgen lint                      改过表单或 Word 模板以后先查一遍

全部命令：reportgen --help；一个命令的用法：reportgen build --help。"""

#: What stands for the signs of ours that GBK does not have.
_INSTEAD = {"›": ">"}

#: Each command and its one line; its module is read only when it runs (docxtpl takes 0.5 s).
COMMANDS = {
    "new": "新建一个项目：表单、模板、样例和说明",
    "workbook": "生成填报工作簿，空白的或带数的",
    "check": "检查填好的工作簿，说明哪一格要改",
    "build": "检查并生成 Word 报告",
    "lint": "检查表单和 Word 模板，不用填报的数",
    "fields": "列出 Word 模板里可以用的所有名称",
    "template": "按表单写出 Word 模板的初稿",
    "preview": "看 Word 模板填上数或名称是什么样",
    "verify": "看 Word 文档能不能打开，生成后有没有被改过",
    "explain": "解释一个代码：什么意思，怎么改",
    "doctor": "看这台电脑上缺不缺什么",
    "completion": "按 Tab 键补全命令和选项",
    "serve": "在浏览器里用：拖入工作簿，看结果，下载报告",
}

#: Bytes of a name (on Windows its characters): what ext4, APFS and NTFS take.
_LONGEST_NAME = 255


class _Lazy(ChineseGroup):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"reportgen.cli.{cmd_name}_command")
        command: click.Command = module.command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Return what may follow; no command's module is read for that."""
        names = [name for name in COMMANDS if name.startswith(incomplete)]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*(CompletionItem(name, help=COMMANDS[name]) for name in names), *options]

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Lazy, help=_HELP, invoke_without_command=True)
@click.version_option(package_name="reportgen", message="reportgen %(version)s", help="显示版本")
@click.pass_context
def _cli(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        if sys.__stdout__ is None:  # pythonw: nobody would see the help
            from reportgen.cli.serve_command import command as serve  # noqa: PLC0415 - an extra

            ctx.invoke(serve, form="", port=0, no_browser=False)
            return
        click.echo(_ALONE)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line; the exit code is that of design.md §4, and no traceback is shown."""
    # a program without a console (pythonw, >&-) has none of these
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    codecs.register_error("readable", _readable)
    for stream in (sys.stdout, sys.stderr):
        # a Chinese Windows console is GBK: what it cannot show must not stop the work
        getattr(stream, "reconfigure", lambda **_: None)(errors="readable")
    sys.exit(_run(args))


def _readable(error: UnicodeError) -> tuple[str, int]:
    """Return what a console shows instead of signs that it does not have."""
    assert isinstance(error, UnicodeEncodeError)
    unknown = error.object[error.start : error.end]
    return "".join(_INSTEAD.get(sign, "?") for sign in unknown), error.end


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - as long as we live


def _refuse_too_long(args: Sequence[str]) -> None:
    """Raise WrongUsageError where a name in *args* is longer than any file's can be.

    Whatever is asked about such a path raises, and each command has a path or two.
    """
    for arg in args:
        path = arg.partition("=")[2] if arg.startswith("--") else arg
        for name in path.replace("\\", "/").split("/"):
            length = len(name) if os.name == "nt" else len(os.fsencode(name))
            if length > _LONGEST_NAME:
                from reportgen.cli.chinese import WrongUsageError  # noqa: PLC0415 - few need it

                raise WrongUsageError(
                    f"“{name[:20]}…”太长：文件名和文件夹名最多 {_LONGEST_NAME} 字节（85 个汉字）。"
                )


def _run(args: Sequence[str] | None) -> int:
    from reportgen.errors import ReportgenError  # noqa: PLC0415

    if "_REPORTGEN_COMPLETE" in os.environ:  # Tab was pressed: the shells have to be known
        importlib.import_module("reportgen.cli.completion_command")
    try:
        _refuse_too_long(sys.argv[1:] if args is None else args)
        result: Any = _cli.main(args=args, prog_name="reportgen", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        click.echo(said(error), err=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("已中断。", err=True)
        return 130
    except ReportgenError as error:
        from reportgen.reporters import findings_as_text  # noqa: PLC0415

        click.echo(findings_as_text(error.findings), err=True, nl=False)
        return 2
    except BaseException as error:  # nobody outside should meet a traceback
        from reportgen.diagnosis import bug_of, is_bug, is_unheard, told  # noqa: PLC0415 - few need it

        if is_unheard(error):
            click.echo("结果写不出去：磁盘满了。没有做完。", err=True)
            return 2
        if not is_bug(error):
            raise
        click.echo(told({bug_of(error): 1}, Path()), err=True)
        return 1
    return result if isinstance(result, int) else 0
