"""``reportgen build``: check filled workbooks and write their Word documents."""

from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import click

from reportgen.batch import build_all
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
from reportgen.project import APPROVALS, OUTPUTS, Forms
from reportgen.reporters import Rehearsed
from reportgen.run import Run
from reportgen.standing import read_approvals

_HELP = """检查填好的工作簿，没有错误的生成 Word 报告。

\b
  reportgen build                   inputs 里的工作簿，报告放进 outputs
  reportgen build 甲局.xlsx -o .    只做一份，放在当前文件夹
  reportgen build --draft           有错误的也出一份，文件名带“草稿”
  reportgen build --only 失败       只做上次有错误的，改好交回以后用
  reportgen build --dry-run         先看会生成哪些、为什么，什么也不写

生成以后被人改过的报告不会被覆盖，新的一份写在旁边，文件名带“重新生成”。
退出码：0 全部完成；1 有错误；2 什么也没能做。
"""


@click.command("build", cls=ChineseCommand, help=_HELP)
@inputs_argument
@form_option
@click.option(
    "-o", "--output", default=OUTPUTS, type=click.Path(path_type=Path), metavar="文件夹",
    help="报告放在哪里，默认 outputs",
)  # fmt: skip
@click.option("--draft", is_flag=True, help="有错误也生成，文件名带“草稿”")
@click.option("--pdf", is_flag=True, help="另外生成 PDF（要装有 Word、WPS 或 LibreOffice）")
@click.option(
    "--only", type=click.Choice(["失败", "failed"]), metavar="失败",
    help="只做上次没有做成的工作簿；别的照上次的算",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="只说会生成哪些、为什么，什么也不写")
@click.option("--force", is_flag=True, help="没有变化的也重新生成")
@click.option(
    "--jobs", default=0, type=click.IntRange(0), metavar="数",
    help="同时用几个进程，默认看处理器有几个",
)  # fmt: skip
@click.option(
    "--scheduler", default="", metavar="地址", help="用多台机器：dask 调度程序的地址，tcp://…"
)
@roster_option
@mark_option
@format_option
@strict_option
@quiet_option
def command(
    inputs: tuple[Path, ...],
    form: str,
    output: Path,
    roster: Path | None,
    mark: Path | None,
    output_format: str,
    *,
    draft: bool,
    pdf: bool,
    only: str | None,
    dry_run: bool,
    force: bool,
    quiet: bool,
    jobs: int,
    scheduler: str,
    strict: bool,
) -> int:
    """Build the documents and print what was made."""

    def work(run: Run) -> Run:
        with _workers(scheduler, jobs) as (executor, at_once):
            return build_all(
                or_inputs(inputs),
                Forms(given=form),
                output,
                read_approvals(APPROVALS),
                draft=draft,
                roster=roster,
                mark=mark,
                pdf=pdf,
                force=force,
                only_failed=bool(only),
                dry_run=dry_run,
                jobs=at_once,
                executor=executor,
                run=run,
            )

    reporter = Rehearsed if dry_run and output_format == "text" else None
    return report(work, output_format, strict=strict, quiet=quiet, reporter=reporter)


def _workers(scheduler: str, jobs: int) -> AbstractContextManager[tuple[Executor | None, int]]:
    if not scheduler:
        return nullcontext((None, jobs))
    from reportgen.cluster import connected  # noqa: PLC0415 - dask takes seconds to load

    return connected(scheduler)
