"""The parts of the manual that the program itself says: keys, types, filters, codes, commands, rooms.

A page of ``docs/manual`` holds such a part between two marks, ``<!-- generated: NAME -->`` and
``<!-- end -->``; ``make manual`` writes it anew, and a test compares.
"""

import contextlib
import io
import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from unittest import mock

from reportgen import cli, load_form, rules
from reportgen.errors import FormError
from reportgen.explanations import FAMILIES, family, pages, sample
from reportgen.fieldtypes import FIELD_TYPES
from reportgen.finding import Finding, Rule
from reportgen.formparts import PARTS, REQUIRED, Key
from reportgen.vocabulary import filter_entries

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "manual"
#: How the pages are built as a site; its contents are those of the Word document too.
CONFIG = ROOT / "docs" / "zensical.toml"
_BLOCK = re.compile(r"(<!-- generated: ([a-z]+) -->).*?(<!-- end -->)", re.DOTALL)

#: How a part of form.toml is headed, and what it is.
_PARTS = {
    "top": ("文件", "form.toml 由这几种节组成，先后随意。"),
    "form": ("[form]", "表单本身，只有一节。"),
    "section": ("[[section]]", "工作簿里的一张表。"),
    "field": ("填报项", '写在 `fields` 或 `columns` 里，一项一行：`{ label = "…", … }`。'),
    "row": ("grid 的行", "写在 `rows` 里；只有名称的，写名称就行。"),
    "computed": ("[[computed]]", "由公式算出的数，模板和规则里都能用它的名称。"),
    "check": ("[[check]]", "核对规则。填的时候在“校验”表里就看得见，检查时再查一遍。"),
    "summary": ("[[summary]]", "汇总.xlsx 的一栏。"),
    "document": ("[[document]]", "一种 Word 文档。"),
}  # fmt: skip

_HEAD = {
    "id": 'id = "demo"', "title": 'title = "示例"', "version": 'version = "1"', "unit": 'unit = "单位名称"',
}  # fmt: skip
_SECTIONS = """
[[section]]
label = "基本信息"
kind = "record"
fields = [{ label = "单位名称" }, { label = "单位代码" }, { label = "在职人数", type = "integer" }]
[[section]]
label = "培训班"
kind = "table"
fields = [{ label = "班名" }, { label = "金额", type = "decimal", uom = "元" }]
"""
#: What a part needs beside the key that is shown, so that nothing else is wrong.
_BESIDE = {
    "section": {"label": 'label = "示例表"'},
    "field": {"label": 'label = "示例项"'},
    "row": {"label": 'label = "示例行"'},
    "computed": {"label": 'label = "示例数"', "formula": 'formula = "在职人数"'},
    "check": {"code": 'code = "P01"', "message": 'message = "请核对"'},
    "summary": {"label": 'label = "示例栏"', "formula": 'formula = "在职人数"'},
    "document": {"template": 'template = "报告.docx"', "output": 'output = "报告.docx"'},
}
_OF_KIND = {
    "record": {"fields": 'fields = [{ label = "甲" }]'},
    "table": {"fields": 'fields = [{ label = "甲" }]'},
    "grid": {"columns": 'columns = ["甲"]', "rows": 'rows = ["乙"]'},
    "outline": {},
}


def refreshed(page: str) -> str:
    """Return the text of a page with its generated parts as the program gives them now."""
    return _BLOCK.sub(lambda m: f"{m[1]}\n\n{BLOCKS[m[2]]()}\n\n{m[3]}", page)


def contents() -> list[Path]:
    """Return the pages in the order of the contents."""
    nav = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["project"]["nav"]
    return [PAGES / name for name in re.findall(r"[\w-]+\.md", str(nav))]


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    """Return *text* as code."""
    return f"`{text}`" if text else ""


# ───────── form.toml ─────────


def keys() -> str:
    """Return a chapter a part of form.toml: what its keys take, an example, a usual mistake."""
    return "\n\n".join(_part(part) for part in PARTS)


def _part(part: str) -> str:
    heading, what = _PARTS[part]
    rows = [(_code(k.name), k.what, k.takes, _without(k)) for k in PARTS[part]]
    shown = [
        (_code(k.name), _code(_line(k.example)), _code(_line(k.wrong)), _said(mistakes(part, k)))
        for k in PARTS[part]
    ]
    return "\n\n".join(
        [
            f"## {heading}",
            what,
            table(("键", "是什么", "写什么", "不写时"), rows),
            table(("键", "例子", "写错的例子", "会说什么"), shown),
        ]
    )


def _without(key: Key) -> str:
    return f"**{REQUIRED}**" if key.without == REQUIRED else key.without


def _line(toml: str) -> str:
    return toml.replace("\n", "; ")


def _said(findings: Sequence[Finding]) -> str:
    first = findings[0]
    return f"[{first.code}](codes.md#{first.code.lower()}) {_quiet(first.message)}"


def _quiet(text: str) -> str:
    """Return a message without what Markdown would take for its own."""
    return re.sub(r"([*_<\[\]])", r"\\\1", text)


def mistakes(part: str, key: Key) -> tuple[Finding, ...]:
    """Return what the program says of a form with the wrong example of *key*; nothing: it took it."""
    return findings(_form(part, key.wrong, key.where))


def trial(part: str, key: Key) -> tuple[Finding, ...]:
    """Return what the program says of a form with the right example of *key*."""
    return findings(_form(part, key.example, key.where))


def findings(toml: str) -> tuple[Finding, ...]:
    """Return what is wrong with a form.toml."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "form.toml").write_text(toml, encoding="utf-8")
        try:
            load_form(Path(folder))
        except FormError as error:
            return error.findings
    return ()


def _form(part: str, given: str, kind: str) -> str:
    """Return a small form with *given* in a *part*, and nothing wrong beside it."""
    head = "[form]\n" + "\n".join(_HEAD.values())
    if part == "top":
        name = given.strip("[]")
        beside = {**_BESIDE.get(name, {}), **(_section("record") if name == "section" else {})}
        rule = ['rule = "在职人数 > 0"'] if name == "check" else []
        if name == "form":
            return "\n".join([given, *_HEAD.values(), _SECTIONS])
        sections = _SECTIONS if given.startswith("[[") or name != "section" else ""
        return "\n".join([head, sections, given, *beside.values(), *rule])
    if part == "form":
        return "\n".join(["[form]", *_without_given(_HEAD, given), given, _SECTIONS])
    if part in {"field", "row"}:
        return "\n".join([head, _SECTIONS, *_entry(part, given, kind)])
    beside = dict(_BESIDE[part])
    if part == "section":
        beside |= _section(kind or "record")
    if part == "check" and "find" not in _names(given):
        beside["rule"] = 'rule = "在职人数 > 0"'
        if "each" in _names(given) or "as" in _names(given):
            beside |= {"rule": 'rule = "班.金额 > 0"', "each": 'each = "培训班"', "as": 'as = "班"'}
    if part == "document" and "as" in _names(given):
        beside["each"] = 'each = "培训班"'
    return "\n".join([head, _SECTIONS, f"[[{part}]]", *_without_given(beside, given), given])


def _section(kind: str) -> dict[str, str]:
    return {"kind": f'kind = "{kind}"', **_OF_KIND[kind]}


def _entry(part: str, given: str, kind: str) -> Iterator[str]:
    """Yield a section that holds the entry *given*: beside a 金额, in a table if *kind* asks for it."""
    entry = "{ " + ", ".join([*_without_given(_BESIDE[part], given), given]) + " }"
    if part == "row":
        label = re.match(r'label = ("[^"]*")', given)
        others = [row for row in ('"讲课费"', '"场地费"') if label is None or row != label[1]]
        rows = ", ".join([entry, *others])
        yield '[[section]]\nlabel = "费用"\nkind = "grid"\ncolumns = ["决算数"]'
        yield f"rows = [{rows}]"
        return
    amount = '{ label = "金额", type = "decimal" }'
    yield f'[[section]]\nlabel = "示例表"\nkind = "{kind or "record"}"\nfields = [{amount}, {entry}]'


def _names(given: str) -> set[str]:
    return set(re.findall(r"(?m)(?:^|, )([a-z]+) = ", given))


def _without_given(beside: dict[str, str], given: str) -> list[str]:
    return [line for name, line in beside.items() if name not in _names(given)]


def types() -> str:
    """Return the table of the field types."""
    rows = [(_code(t.name), t.title, t.example) for t in FIELD_TYPES.values()]
    return table(("type", "填什么", "例子"), rows)


# ───────── what the program says and does ─────────


def filters() -> str:
    """Return the table of the filters, with what each prints."""
    rows = [
        (_code(f.name), _code(f.english), f.what, _code(f.tag), f.gives) for f in filter_entries()
    ]
    return table(("过滤器", "英文名", "做什么", "例子", "印出来"), rows)


def codes() -> str:
    """Return every finding of the program: message, remedy, meaning, by family."""
    parts: list[str] = []
    for name in FAMILIES.values():
        listed = sorted((r for r in rules.CATALOGUE.values() if family(r) == name), key=_number)
        parts += [f"## {name}", *map(_entry_of, listed)]
    return "\n\n".join(parts)


def _number(rule: Rule) -> str:
    return rule.code[1:]


def _entry_of(rule: Rule) -> str:
    page, shown = pages()[rule.code], sample(rule)
    lines = [f"### {rule.code}", f"**{rule.level.label}**：{_prose(shown.message)}"]
    if shown.hint:
        lines.append(f"**改法**：{_prose(shown.hint)}")
    return "\n\n".join([*lines, *filter(None, map(_prose, (page.why, page.more)))])


def _prose(text: str) -> str:
    """Return lines of plain text as a paragraph; tags and file names in it are no Markdown."""
    text = re.sub(r"\{[{%].*?[%}]\}", lambda m: f"`{m[0]}`", text.strip().replace("\n", ""))
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else _quiet(part) for part in parts)


def commands() -> str:
    """Return the help of every command, as it is shown on a screen of 80 columns."""
    parts = ["## reportgen", _block(help_of())]
    for name, what in cli.COMMANDS.items():
        parts += [f"## reportgen {name}", f"{what}。", _block(help_of(name))]
    return "\n\n".join(parts)


def help_of(*command: str) -> str:
    """Return what ``reportgen COMMAND --help`` prints."""
    printed = io.StringIO()
    with (
        mock.patch.dict(os.environ, COLUMNS="80"),
        contextlib.redirect_stdout(printed),
        contextlib.suppress(SystemExit),
    ):
        cli.main([*command, "--help"])
    return "\n".join(line.rstrip() for line in printed.getvalue().strip().splitlines())


def _block(text: str) -> str:
    return f"```text\n{text}\n```"


def rooms() -> str:
    """Return the table of the rooms: CONTRIBUTING.md has it, in the order of imports."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return text[text.index("| Room |") :].partition("\n\n")[0]


BLOCKS = {
    "keys": keys,
    "types": types,
    "filters": filters,
    "codes": codes,
    "commands": commands,
    "rooms": rooms,
}
