"""``reportgen workbook``: the workbook that a unit fills in."""

from pathlib import Path

import click

from reportgen import rules
from reportgen.cli.chinese import ChineseCommand, WrongUsageError
from reportgen.cli.common import form_option, write_new
from reportgen.errors import ReportgenError
from reportgen.finding import Finding, Place, Severity
from reportgen.form import Form
from reportgen.output import file_name
from reportgen.pipeline import unit_name
from reportgen.project import WORKBOOKS, Forms
from reportgen.reporters import findings_as_text
from reportgen.samples import sample_files
from reportgen.submission import Submission
from reportgen.values import read_values
from reportgen.workbook.write import write_workbook

_HELP = """生成填报工作簿。

\b
  reportgen workbook -o 填报表.xlsx                空白的
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
def command(form: str, output: Path, values: Path | None, *, sample: bool) -> int:
    """Write the workbook, or one for each sample."""
    if values and sample:
        raise WrongUsageError("--values 和 --sample 只能用一个。")
    is_file = output.suffix.lower() == ".xlsx"
    if not is_file and output.suffix.lower() in {*WORKBOOKS, ".doc", ".docx", ".pdf", ".csv"}:
        raise WrongUsageError(f"“-o {output}”：只能写成 .xlsx。")
    chosen = Forms(given=form).choose()
    sources: list[Path | None] = list(samples(chosen)) if sample else [values]
    if is_file and len(sources) > 1:
        click.echo(f"表单有 {len(sources)} 份样例，只写第一份；要全部，-o 后面写文件夹。", err=True)
        sources = sources[:1]
    found: list[Finding] = []
    for source in sources:
        submission = read_values(source, chosen) if source else Submission(form=chosen)
        found += submission.findings  # of an older workbook: what it says is carried over as typed
        path = output if is_file else output / workbook_name(chosen, submission)
        write_new(path, write_workbook(chosen, submission, sample=sample))
        click.echo(f"已生成：{path}")
    click.echo(findings_as_text(found), err=True, nl=False)
    return int(any(f.level is Severity.ERROR for f in found))


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
