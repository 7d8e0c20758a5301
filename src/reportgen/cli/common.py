"""Arguments and options that several commands share."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from reportgen import rules
from reportgen.cli.chinese import WrongUsageError
from reportgen.cli.progress import Progress
from reportgen.diagnosis import bug_of, is_bug, told
from reportgen.errors import OutputError, ReportgenError
from reportgen.finding import Place
from reportgen.output import write_file
from reportgen.project import INPUTS
from reportgen.reporters import REPORTERS, Quiet, Reporter, formats
from reportgen.run import News, Run

inputs_argument = click.argument(
    "inputs", nargs=-1, metavar="[工作簿或文件夹]...", type=click.Path(path_type=Path)
)
form_option = click.option(
    "--form",
    "form",
    default="",
    metavar="表单",
    help="用哪个表单：文件夹，或 templates 下的名称、标题",
)
format_option = click.option(
    "--format", "output_format", type=click.Choice(formats()), default="text",
    metavar="text|lines|json", help="结果的写法，默认 text",
)  # fmt: skip
mark_option = click.option(
    "--mark", type=click.Path(path_type=Path), metavar="文件夹",
    help="把每份工作簿的副本写到这里，有问题的格标出来，可改好后交回（退回件）",
)  # fmt: skip
roster_option = click.option(
    "--roster", type=click.Path(path_type=Path), metavar="名单.xlsx",
    help="单位名单：谁还没有报，谁填的不是名单上的单位",
)  # fmt: skip
quiet_option = click.option(
    "-q", "--quiet", is_flag=True, help="只说要改的，不说做成的，也没有进度"
)
strict_option = click.option("--strict", is_flag=True, help="有警告也算不通过（退出码 1）")


def or_inputs(inputs: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return *inputs*, or the folder inputs/ when none are given."""
    return inputs or (INPUTS,)


def report(
    work: Callable[[Run], Run],
    output_format: str,
    *,
    strict: bool,
    quiet: bool = False,
    reporter: type[Reporter] | None = None,
) -> int:
    """Do *work*, print the run on stdout as it goes on, and return the exit code.

    *quiet* shows no progress, and as text only what is to be put right.
    A program that asked for JSON or lines gets them there too when nothing could be done.
    """
    progress = Progress(_printer(output_format), is_quiet=quiet)
    if quiet and output_format == "text":
        reporter = Quiet
    chosen = (reporter or REPORTERS[output_format])(progress.write)

    def hear(news: News) -> None:
        chosen.news(news)
        progress.at(run.done, run.units)

    run = Run(heard=hear)
    try:
        work(run)
    except ReportgenError as error:
        if output_format == "text":
            raise
        run.tell(error.findings)
        run.blocked = True
    except BaseException as error:
        if not is_bug(error):
            raise
        bug = bug_of(error)
        run.bugs[bug] += 1
        run.tell([rules.BUG.at(Place(), what=bug.where)])
    finally:
        progress.close()
    chosen.end(run)
    if run.bugs:
        click.echo(told(run.bugs, run.home), err=True)
    return run.exit_code(strict=strict)


def _printer(output_format: str) -> Callable[[str], None]:
    if output_format != "json":
        return partial(click.echo, nl=False)

    def write(text: str) -> None:  # UTF-8 whatever the console is
        sys.stdout.flush()
        # half a sign, of a name of a file that is no UTF-8, is \udcff in JSON too
        sys.stdout.buffer.write(text.encode(errors="backslashreplace"))
        sys.stdout.buffer.flush()

    return write


def write_new(path: Path, content: bytes) -> None:
    """Write a file, but never over another: it may be somebody's work.

    Raises:
        OutputError: another file is there, or it cannot be written.
    """
    place = Place(file=str(path))
    try:
        if path.exists() and path.read_bytes() != content:
            what = "同名的文件已经在那里，里面可能有做好的内容；请先移走它，或换一个名字"
            raise OutputError([rules.OUTPUT_UNUSABLE.at(place, what=what)])
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content)
    except OSError as error:
        raise OutputError([rules.CANNOT_WRITE.at(place, value=str(path))]) from error


def only_docx(output: Path) -> None:
    """Refuse to write a Word document under another ending.

    Raises:
        WrongUsageError: *output* does not end in .docx.
    """
    if output.suffix.lower() != ".docx":
        raise WrongUsageError(
            f"“-o {output}”：要写成 .docx，例如 {output.stem or '字段清单'}.docx。"
        )
