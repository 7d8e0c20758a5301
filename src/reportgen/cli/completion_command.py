"""``reportgen completion``: what a shell needs to complete commands, options and files with Tab."""

import os
from typing import ClassVar

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from reportgen.cli.chinese import ChineseCommand

_HELP = """写出按 Tab 键补全命令和选项要用的脚本。

\b
  reportgen completion bash >> ~/.bashrc
  reportgen completion zsh >> ~/.zshrc
  reportgen completion fish > ~/.config/fish/completions/reportgen.fish
  reportgen completion powershell >> $PROFILE

重新打开终端后生效。
"""
PROGRAM, VARIABLE = "reportgen", "_REPORTGEN_COMPLETE"
# without a suggestion PowerShell completes names of files by itself
_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $ast, $position)
    $env:COMP_WORDS = $ast.ToString()
    $env:COMP_CWORD = $word
    $env:%(complete_var)s = "powershell_complete"
    try {
        %(prog_name)s | Where-Object { $_ } | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, "ParameterValue", $_)
        }
    } finally {
        Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:%(complete_var)s
    }
}
"""


class _PowerShell(ShellComplete):
    """PowerShell, which click does not know."""

    name: ClassVar[str] = "powershell"
    source_template: ClassVar[str] = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one at the cursor, and that."""
        words, word = split_arg_string(os.environ["COMP_WORDS"])[1:], os.environ["COMP_CWORD"]
        if word and words and words[-1] == word:
            words.pop()
        return words, word

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Return a line of its own; nothing for files, which the shell knows better."""
        return item.value if item.type == "plain" else ""


add_completion_class(_PowerShell)


@click.command("completion", cls=ChineseCommand, help=_HELP)
@click.argument(
    "shell", type=click.Choice(("bash", "zsh", "fish", "powershell")),
    metavar="bash|zsh|fish|powershell",
)  # fmt: skip
def command(shell: str) -> int:
    """Print the script for *shell*."""
    made = get_completion_class(shell)
    assert made is not None
    cli = click.get_current_context().find_root().command
    click.echo(made(cli, {}, PROGRAM, VARIABLE).source())
    return 0
