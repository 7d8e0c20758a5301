"""``reportgen explain``: what a code means and how to put it right."""

import unicodedata

import click

from reportgen.cli.chinese import ChineseCommand, WrongUsageError
from reportgen.cli.common import form_option
from reportgen.examples import load_examples
from reportgen.explanations import check_page, find, index, near, rule_page
from reportgen.finding import Rule
from reportgen.project import Forms

_HELP = """解释一个代码：什么意思，为什么要紧，怎么改。

\b
  reportgen explain E301            解释一个代码
  reportgen explain F15             表单自己的规则，连同一个对的和一个错的例子
  reportgen explain                 列出所有的代码
"""


@click.command("explain", cls=ChineseCommand, help=_HELP)
@click.argument("code", default="", metavar="[代码]")
@form_option
def command(code: str, form: str) -> int:
    """Print the page of a code, or the list of all."""
    forms, broken = Forms(given=form).every()
    wanted = unicodedata.normalize("NFKC", code).strip()
    if not wanted:
        click.echo(index(forms), nl=False)
        return 0
    found = find(wanted, forms)
    if isinstance(found, Rule):
        click.echo(rule_page(found), nl=False)
        return 0
    if not found and broken:
        raise broken[0]
    if not found:
        close = near(wanted, forms)
        hint = f"是不是 {'、'.join(close)}？" if close else ""
        raise WrongUsageError(f"没有“{wanted}”这个代码。{hint}")
    pages = []
    for owner, check in found:
        pages.append(check_page(owner, check, load_examples(owner)))
    click.echo("\n".join(pages), nl=False)
    return 0
