"""``reportgen workbook``: the workbook that a unit fills in."""

from pathlib import Path

import click

from reportgen import rules
from reportgen.cli.chinese import ChineseCommand, WrongUsageError
from reportgen.cli.common import form_option, write_new
from reportgen.cli.progress import Progress
from reportgen.errors import ReportgenError
from reportgen.finding import Finding, Place, Severity
from reportgen.form import Form
from reportgen.lastyear import LastYear, carry_over, find_last_year
from reportgen.output import file_name
from reportgen.pipeline import unit_name
from reportgen.project import WORKBOOKS, Forms
from reportgen.reporters import findings_as_text
from reportgen.roster import Roster, Unit, key, read_roster
from reportgen.samples import sample_files
from reportgen.submission import Submission
from reportgen.values import read_values
from reportgen.workbook.prefill import Prefilled
from reportgen.workbook.write import write_workbook

_HELP = """生成填报工作簿。

\b
  reportgen workbook -o 填报表.xlsx                空白的
  reportgen workbook --roster 名单.xlsx -o 下发    名单里每个单位一份，名称和代码已填好
  reportgen workbook --roster 名单.xlsx --last-year 上年 -o 下发
                                                   再带入各单位上年报的数
  reportgen workbook --values 数.toml -o 甲局.xlsx 带数的（TOML、JSON，或一份旧工作簿）
  reportgen workbook --sample -o inputs            表单自带的样例，一份样例一个文件
"""


@click.command("workbook", cls=ChineseCommand, help=_HELP)
@form_option
@click.option(
    "-o", "--output", default=Path(), type=click.Path(path_type=Path), metavar="文件或文件夹",
    help="写到哪里，默认当前文件夹",
)  # fmt: skip
@click.option(
    "--values",
    type=click.Path(path_type=Path),
    metavar="文件",
    help="填好的数：.toml、.json 或旧工作簿",
)
@click.option("--sample", is_flag=True, help="填上表单自带的样例")
@click.option(
    "--roster", type=click.Path(path_type=Path), metavar="文件",
    help="单位名单：有“单位名称”“单位代码”两栏的工作簿，每个单位写一份",
)  # fmt: skip
@click.option(
    "--last-year", type=click.Path(path_type=Path), metavar="文件夹",
    help="各单位上年报来的工作簿，带入上年数；和 --roster 一起用",
)  # fmt: skip
def command(
    form: str,
    output: Path,
    values: Path | None,
    roster: Path | None,
    last_year: Path | None,
    *,
    sample: bool,
) -> int:
    """Write the workbook, or one for each sample or unit."""
    chosen_ones = {"--values": values, "--sample": sample, "--roster": roster}
    given = [name for name, value in chosen_ones.items() if value]
    if len(given) > 1:
        raise WrongUsageError(f"{given[0]} 和 {given[1]} 只能用一个。")
    if last_year and not roster:
        raise WrongUsageError("--last-year 要和 --roster 一起用：上年的工作簿按名单对到单位。")
    is_file = output.suffix.lower() == ".xlsx"
    if not is_file and output.suffix.lower() in {*WORKBOOKS, ".doc", ".docx", ".pdf", ".csv"}:
        raise WrongUsageError(f"“-o {output}”：只能写成 .xlsx。")
    chosen = Forms(given=form).choose()
    if roster:
        if is_file:
            raise WrongUsageError(f"“-o {output}”：名单里每个单位一份，-o 后面要写文件夹。")
        found = _for_every_unit(chosen, read_roster(roster), last_year, output)
    else:
        found = _for_one(chosen, values, output, sample=sample)
    click.echo(findings_as_text(found), err=True, nl=False)
    return int(any(f.level is Severity.ERROR for f in found))


def _for_one(form: Form, values: Path | None, output: Path, *, sample: bool) -> list[Finding]:
    """Write a blank workbook, the one of *values*, or with *sample* those of the form's samples."""
    sources: list[Path | None] = list(samples(form)) if sample else [values]
    is_file = output.suffix.lower() == ".xlsx"
    if is_file and len(sources) > 1:
        click.echo(f"表单有 {len(sources)} 份样例，只写第一份；要全部，-o 后面写文件夹。", err=True)
        sources = sources[:1]
    found: list[Finding] = []
    for source in sources:
        submission = read_values(source, form) if source else Submission(form=form)
        found += submission.findings  # of an older workbook: what it says is carried over as typed
        path = output if is_file else output / workbook_name(form, submission)
        write_new(path, write_workbook(form, submission, sample=sample))
        click.echo(f"已生成：{path}")
    return found


def _for_every_unit(
    form: Form, roster: Roster, last_year: Path | None, output: Path
) -> list[Finding]:
    """Write a workbook for each unit of *roster*; one that cannot be written stops no other.

    Raises:
        ReportgenError: the list has mistakes: a workbook under a wrong name would be handed out.
    """
    found = list(roster.findings)
    if any(f.level is Severity.ERROR for f in found):
        raise ReportgenError(found)
    progress = Progress(click.echo)
    last = find_last_year(last_year, form, roster, progress.at) if last_year else LastYear()
    progress = Progress(click.echo)
    found += last.findings
    prefilled, made, carried = Prefilled(form), 0, 0
    units = [unit for unit in roster.units if key(unit.name) not in last.unclear]
    for done, unit in enumerate(units, 1):
        try:
            source = last.files.get(key(unit.name))
            prior, problems = carry_over(source, form) if source else ({}, [])
            found += problems
            content = prefilled.workbook(unit, prior)
            write_new(output / prefilled_name(form, unit), content)
            made += 1
            carried += bool(prior)
        except ReportgenError as error:
            found += error.findings
        progress.at(done, len(units))
    more = f"，其中 {carried} 份带入了上年数" if last_year else ""
    click.echo(f"已生成 {made} 份：{output}{more}")
    return found


def samples(form: Form) -> list[Path]:
    """Return the form's sample values, ``sample.toml`` first.

    Raises:
        ReportgenError: the form has none.
    """
    found = sample_files(form)
    if not found:
        raise ReportgenError([rules.MISSING_FILE.at(Place(file=str(form.folder / "sample.toml")))])
    return found


def workbook_name(form: Form, submission: Submission) -> str:
    """Return a workbook's file name: the unit's name, if there is one, and the form's title."""
    unit = unit_name(submission).replace("/", "_")
    return file_name(f"{unit}_{form.title}.xlsx" if unit else f"{form.title}.xlsx")


def prefilled_name(form: Form, unit: Unit) -> str:
    """Return the file name of a unit's own workbook; its code comes first, so that they are sorted."""
    parts = (unit.code, unit.name, form.title)
    return file_name("_".join(part.replace("/", "_") for part in parts if part) + ".xlsx")
