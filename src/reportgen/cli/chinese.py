"""click in Chinese: its help headings and its usage errors."""

import inspect
import re
import unicodedata
from collections.abc import Iterator, Sequence

import click

from reportgen.names import nearest

#: What click adds to an option in English: it must be there, it has a least number.
_REQUIRED, _RANGE = "  [required]", re.compile(r"  \[x[<>=]+\d+\]")


class WrongUsageError(click.UsageError):
    """The command is written wrongly; the message is ours, in Chinese."""


class _Chinese:
    """Help with Chinese headings."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what it is for, with examples, before its usage and options."""
        self.format_help_text(ctx, formatter)
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        self.format_options(ctx, formatter)

    def format_help_text(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help as it stands, from the margin."""
        formatter.write(inspect.cleandoc(self.help or "").replace("\b\n", "") + "\n")  # type: ignore[attr-defined]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [r for p in self.get_params(ctx) if (r := p.get_help_record(ctx))]  # type: ignore[attr-defined]
        rows = [(name, _in_chinese(text)) for name, text in records if text]
        if rows:
            with formatter.section("选项"):
                indent = " " * formatter.current_indent
                formatter.write("".join(f"{indent}{line}\n" for line in aligned(rows)))
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option: click.Option | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "显示这份帮助"
        return option


def _in_chinese(text: str) -> str:
    return _RANGE.sub("", text.replace(_REQUIRED, "，必须写"))


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield each row as a line whose columns begin one below the other; Chinese is two wide."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def width(text: str) -> int:
    """Return how many columns of a console *text* takes.

    >>> width("收支A")
    5
    """
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


class ChineseCommand(_Chinese, click.Command):
    """A command whose help is Chinese."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the parts of the usage line."""
        return ["[选项]" if p == "[OPTIONS]" else p for p in super().collect_usage_pieces(ctx)]


class ChineseGroup(_Chinese, click.Group):
    """A group of commands whose help is Chinese."""

    def collect_usage_pieces(self, _ctx: click.Context) -> list[str]:
        """Return the parts of the usage line."""
        return ["命令", "[选项]"]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is asked for; an unknown one names the nearest."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = nearest(args[0], self.list_commands(ctx))
            hint = (
                f"是不是 {near}？" if near else f"可用的有：{'、'.join(self.list_commands(ctx))}。"
            )
            raise WrongUsageError(f"没有“{args[0]}”这个命令。{hint}", ctx)
        return super().resolve_command(ctx, args)


def said(error: click.ClickException) -> str:
    """Return a usage error in Chinese."""
    match error:
        case click.NoSuchOption(option_name=name, possibilities=near):
            hint = f"是不是 {near[0]}？" if near else ""
            text = f"没有“{name}”这个选项。{hint}"
        case click.BadOptionUsage(option_name=name):
            text = f"选项“{name}”后面要有一个值。"
        case click.MissingParameter(param=param) if param is not None:
            text = f"缺少“{param.human_readable_name}”。"
        case click.BadParameter(param=param) if param is not None:
            kind = param.type
            text = f"“{param.opts[-1]}”的值不对。"
            if isinstance(kind, click.Choice):
                text += f"可用的有：{'、'.join(str(c) for c in kind.choices)}。"
        case WrongUsageError(message=message):
            text = message
        case _:
            text = "命令的写法不对，也许多写了什么。"
    path = (
        error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "reportgen"
    )
    return f"{text}\n看用法：{path} --help"
