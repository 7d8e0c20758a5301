"""``reportgen preview``: the templates with sample values, one unit's values, or the names."""

from pathlib import Path

import click

from reportgen import rules
from reportgen.cli.chinese import ChineseCommand, WrongUsageError
from reportgen.cli.common import form_option
from reportgen.errors import ReportgenError
from reportgen.finding import Finding, Place, Severity
from reportgen.form import Form
from reportgen.output import OutputFolder
from reportgen.preview import Preview, with_names, with_values
from reportgen.project import WORKBOOKS, Forms
from reportgen.reporters import findings_as_text
from reportgen.samples import sample_submissions
from reportgen.submission import Submission
from reportgen.values import read_values
from reportgen.workbook.outside import open_workbook
from reportgen.workbook.read import read_submission

_HELP = """看 Word 模板印出来是什么样：每个模板一份，不检查，也不算正式的报告。

\b
  reportgen preview                 填上表单自带的样例
  reportgen preview 甲局.xlsx       填上一个单位的数，有错误也照印
  reportgen preview --names         印名称，不印数：〔单位名称〕，看得出哪里填什么

用 --names 时，循环只走一遍，几种条件下的文字都印出来。
"""


@click.command("preview", cls=ChineseCommand, help=_HELP)
@click.argument("file", required=False, metavar="[工作簿]", type=click.Path(path_type=Path))
@form_option
@click.option(
    "-o", "--output", default=Path("预览"), type=click.Path(path_type=Path), metavar="文件夹",
    help="放在哪里，默认 预览",
)  # fmt: skip
@click.option("--names", is_flag=True, help="印名称，不印数")
def command(file: Path | None, form: str, output: Path, *, names: bool) -> int:
    """Write a preview of every template."""
    if names and file:
        raise WrongUsageError("--names 印的是名称，不用给工作簿。")
    chosen, submissions = _read(file, Forms(given=form))
    folder = OutputFolder.open(output)
    made = with_names(chosen) if names else with_values(chosen, submissions, _folder(file, chosen))
    found: list[Finding] = []
    try:
        for preview in made:
            found += _write(preview, folder)
    finally:
        found += folder.close()
    if not chosen.documents:
        click.echo("表单里没有 [[document]]，没有模板可以看。", err=True)
        return 2
    click.echo(findings_as_text(found), err=True, nl=False)
    return int(any(f.level is Severity.ERROR for f in found))


def _read(file: Path | None, forms: Forms) -> tuple[Form, list[Submission]]:
    """Return the form, and what to fill its templates with.

    Raises:
        ReportgenError: *file* is missing, or is neither a workbook nor values.
    """
    if file is None:
        chosen = forms.choose()
        return chosen, sample_submissions(chosen)
    if not file.is_file():
        raise ReportgenError([rules.MISSING_FILE.at(Place(file=str(file)))])
    if file.suffix.lower() in WORKBOOKS:
        book = open_workbook(file)
        chosen = forms.choose(book.meta.get("form", ""), file.name)
        return chosen, [read_submission(book, chosen)]
    chosen = forms.choose()
    return chosen, [read_values(file, chosen)]


def _folder(file: Path | None, form: Form) -> Path:
    return file.parent if file else form.folder


def _write(preview: Preview, folder: OutputFolder) -> list[Finding]:
    """Write a preview, print its name, and return what is to be said of it."""
    if preview.content is None:
        if not preview.findings:
            click.echo(f"没有用到：{preview.template}（填的数不合它的条件）")
        return preview.findings
    saved = folder.save(preview.name, preview.content)
    if saved.status != "failed":
        click.echo(f"已生成：{folder.path / preview.name}")
    return list(saved.findings)
