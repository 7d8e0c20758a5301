"""``reportgen new``: a project folder to begin with."""

from pathlib import Path

import click

from reportgen.cli.chinese import ChineseCommand, WrongUsageError
from reportgen.form import Form
from reportgen.names import maybe, nearest
from reportgen.newproject import (
    DEFAULT,
    README,
    example_project,
    find_shipped,
    guessed_project,
    shipped_forms,
    write_project,
)
from reportgen.output import file_name
from reportgen.reporters import findings_as_text

#: So many questions are shown on the screen; all of them are in form.toml.
_SHOWN = 12

_HELP = """新建一个项目文件夹：表单、Word 模板、填好的样例、空白填报表，和一份说明。

\b
  reportgen new                               绩效自评，文件夹用表单的名称
  reportgen new 培训 --form 培训结业证书       用另一个自带的表单
  reportgen new --from-workbook 旧表.xlsx     照一份旧表格做：猜出表单，写出 Word 模板的初稿

照旧表格做的，程序拿不准的地方一处一处列出来，也写在 form.toml 里（# 问：），由你来定。
从不覆盖已有的文件。
"""


@click.command("new", cls=ChineseCommand, help=_HELP)
@click.argument("folder", required=False, metavar="[文件夹]", type=click.Path(path_type=Path))
@click.option(
    "--form", "form", default=DEFAULT, metavar="表单",
    help=f"用哪个自带的表单，名称或标题，默认 {DEFAULT}",
)  # fmt: skip
@click.option(
    "--from-workbook", "workbook", type=click.Path(path_type=Path), metavar="旧表.xlsx",
    help="照这份工作簿猜出表单，它的数作为样例",
)  # fmt: skip
def command(folder: Path | None, form: str, workbook: Path | None) -> int:
    """Write the project, and say what to do in it."""
    if workbook:
        if form != DEFAULT:
            raise WrongUsageError("--form 和 --from-workbook 只能用一个。")
        return _from_workbook(folder, workbook)
    chosen = _shipped(form)
    target = folder or Path(chosen.title)
    files = example_project(chosen)
    write_project(target, files)
    click.echo(f"已生成：{target}（{chosen.title}，{len(files)} 个文件）")
    _next(target, "check", "build")
    return 0


def _from_workbook(folder: Path | None, workbook: Path) -> int:
    """Write a project of an old workbook, and show what was assumed as questions."""
    guessed = guessed_project(workbook)
    target = folder or Path(file_name(guessed.title))
    write_project(target, guessed.files)
    click.echo(f"已生成：{target}（{guessed.title}，{len(guessed.files)} 个文件）")
    fields = sum(count for _, count in guessed.sections)
    names = "、".join(label for label, _ in guessed.sections)
    click.echo(f"看出 {len(guessed.sections)} 张表、{fields} 个填报项：{names}")
    if guessed.asked:
        click.echo(f"有 {len(guessed.asked)} 处请看一看，都写在 {target / guessed.form}：")
    for number, one in enumerate(guessed.asked[:_SHOWN], 1):
        line = f"（第 {one.line} 行）" if one.line else ""
        click.echo(f"{number:>3}. {one.where}{line}\n     {one.text}")
    if more := len(guessed.asked[_SHOWN:]):
        click.echo(f"     另有 {more} 处，在 form.toml 里找“# 问：”")
    click.echo(findings_as_text(guessed.findings), err=True, nl=False)
    _next(target, "build", "lint")
    return int(bool(guessed.findings))


def _shipped(named: str) -> Form:
    found = find_shipped(named)
    if found:
        return found
    forms = shipped_forms()
    near = maybe(nearest(named, [*forms, *(form.title for form in forms.values())]))
    known = "、".join(f"{form.id}（{form.title}）" for form in forms.values())
    raise WrongUsageError(f"没有自带的表单“{named}”。{near}自带的有：{known}。")


def _next(target: Path, *commands: str) -> None:
    """Say on stderr what comes next."""
    lines = [] if target.resolve() == Path.cwd() else [f"  cd {_quoted(target)}"]
    lines += [f"  reportgen {command}" for command in commands]
    click.echo("\n".join(["接着运行：", *lines, f"说明在 {target / README}"]), err=True)


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)
