"""``reportgen fields``: every name that a Word template may use."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import click

from reportgen.cli.chinese import ChineseCommand, aligned, width
from reportgen.cli.common import form_option, only_docx, write_new
from reportgen.compute import compute
from reportgen.fieldtypes import FIELD_TYPES
from reportgen.form import Form
from reportgen.preview import over_all
from reportgen.project import Forms
from reportgen.samples import sample_submissions
from reportgen.summary.form import is_helper
from reportgen.vocabulary import Entry, filter_entries, vocabulary

_HELP = """列出 Word 模板里可以用的所有名称：类型、计量单位、工作表、例子，还有过滤器。

\b
  reportgen fields                  显示在屏幕上
  reportgen fields -o 字段清单.docx  写成 Word 文档，标记可以复制到模板里
  reportgen fields --format json    给别的程序用

名称写在两对大括号里：{{ 单位名称 }}；工作表名后面是循环，循环里一行一行地重复。
"""
#: An example on screen is cut to so many columns.
_WIDEST = 40


@click.command("fields", cls=ChineseCommand, help=_HELP)
@form_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="文件",
    help="写成 Word 文档，例如 字段清单.docx",
)  # fmt: skip
@click.option(
    "--format", "output_format", type=click.Choice(("text", "json")), default="text",
    metavar="text|json", help="结果的写法，默认 text",
)  # fmt: skip
def command(form: str, output: Path | None, output_format: str) -> int:
    """Print the names, or write them into a document."""
    if output:
        only_docx(output)
    chosen = Forms(given=form).choose()
    if output:
        from reportgen.drafting.fieldlist import field_list  # noqa: PLC0415 - for this alone

        write_new(output, field_list(chosen))
        click.echo(f"已生成：{output}")
        return 0
    if output_format == "json":  # UTF-8 whatever the console is
        sys.stdout.flush()
        sys.stdout.buffer.write(as_json(chosen).encode())
        sys.stdout.buffer.flush()
    else:
        click.echo(as_text(chosen), nl=False)
    return 0


def as_json(form: Form) -> str:
    """Return the names and filters for a program."""
    data = {
        "version": 1,
        "form": form.id,
        "names": [asdict(entry) for entry in vocabulary(form)],
        "filters": [asdict(entry) for entry in filter_entries()],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def as_text(form: Form) -> str:
    """Return the names, sheet by sheet, and the filters, as tables for a person."""
    lines = list(_tables(vocabulary(form)))
    if whole := over_all(form, [compute(one) for one in sample_submissions(form)]):
        lines += ['—— 汇总全部单位的文档（scope = "batch"）里用的是下面这些 ——', ""]
        lines += _tables(vocabulary(whole.form, [whole]))
    filters = [(f"|{f.name}", f.what, f.tag, f.gives) for f in filter_entries()]
    lines += ["过滤器", *(f"  {line}" for line in aligned(filters))]
    return "".join(line + "\n" for line in lines)


def _tables(names: Iterable[Entry]) -> Iterator[str]:
    for heading, group in groupby(names, _heading):
        entries = [entry for entry in group if not is_helper(entry.name)]
        loops = "".join(f"  {loop_tags(e)}" for e in entries if e.kind == "table")
        rows = [_row(e) for e in entries if e.kind != "table"]
        yield heading + loops
        yield from (f"  {line}" for line in aligned(rows))
        yield ""


def _heading(entry: Entry) -> str:
    return "上年数" if entry.kind == "prior" else entry.sheet or "计算指标"


def loop_tags(entry: Entry) -> str:
    """Return the tags of a loop over a table (its rows) or an outline (its paragraphs)."""
    level = "tr" if entry.type == "table" else "p"
    return f"{{%{level} {entry.example} %}} … {{%{level} endfor %}}"


def _row(entry: Entry) -> tuple[str, ...]:
    type_ = FIELD_TYPES[entry.type].title
    if entry.kind in {"formula", "computed", "total", "count", "number"}:
        type_ += "，算出"
    return entry.name, type_, entry.uom, _cut(" ".join(entry.example.split()), _WIDEST)


def _cut(text: str, size: int) -> str:
    if width(text) <= size:
        return text
    while width(text) >= size:
        text = text[:-1]
    return text + "…"
