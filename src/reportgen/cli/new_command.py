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
    shipped_forms,
    write_project,
)

_HELP = """新建一个项目文件夹：表单、Word 模板、填好的样例、空白填报表，和一份说明。

\b
  reportgen new                               绩效自评，文件夹用表单的名称
  reportgen new 培训 --form 培训结业证书       用另一个自带的表单

从不覆盖已有的文件。
"""


@click.command("new", cls=ChineseCommand, help=_HELP)
@click.argument("folder", required=False, metavar="[文件夹]", type=click.Path(path_type=Path))
@click.option(
    "--form", "form", default=DEFAULT, metavar="表单",
    help=f"用哪个自带的表单，名称或标题，默认 {DEFAULT}",
)  # fmt: skip
def command(folder: Path | None, form: str) -> int:
    """Write the project, and say what to do in it."""
    chosen = _shipped(form)
    target = folder or Path(chosen.title)
    files = example_project(chosen)
    write_project(target, files)
    click.echo(f"已生成：{target}（{chosen.title}，{len(files)} 个文件）")
    _next(target)
    return 0


def _shipped(named: str) -> Form:
    found = find_shipped(named)
    if found:
        return found
    forms = shipped_forms()
    near = maybe(nearest(named, [*forms, *(form.title for form in forms.values())]))
    known = "、".join(f"{form.id}（{form.title}）" for form in forms.values())
    raise WrongUsageError(f"没有自带的表单“{named}”。{near}自带的有：{known}。")


def _next(target: Path) -> None:
    """Say on stderr what comes next."""
    lines = [] if target.resolve() == Path.cwd() else [f"  cd {_quoted(target)}"]
    lines += ["  reportgen check", "  reportgen build"]
    click.echo("\n".join(["接着运行：", *lines, f"说明在 {target / README}"]), err=True)


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)
