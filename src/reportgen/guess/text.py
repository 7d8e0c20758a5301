"""A form in the making → the text of its ``form.toml`` and of its ``sample.toml``."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reportgen.guess.drafts import Draft, Guess
from reportgen.guess.items import Item, Question

_HEAD = """# {title}：从“{source}”猜出来的表单，照着它改。
# 一行一个填报项；「#」后面是说明，程序不读。「# 问：」是程序拿不准的地方，看过以后可以删去。
# 改完运行 reportgen lint。

[form]
id = {id}
title = {title_text}
version = "1"
"""
_TAIL = """

[[document]]                             # 一份工作簿一份
template = {template}
output = {output}
"""


_EACH = """
# 要一行一份的（证书、通知书、卡片）：写好模板，再去掉下面几行前面的 #；模板里写 {{{{ 行.{first} }}}}。
# [[document]]
# template = "一行一份.docx"
# each = {section}
# as = "行"
# output = "{{{{ {unit} }}}}_{{{{ 行.{first} }}}}.docx"
"""


@dataclass(slots=True)
class Written:
    """The text of ``form.toml``, and on which line (from 1) each question's place is."""

    text: str
    lines: dict[int, int] = field(default_factory=dict)


class _Text:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.asked: dict[int, int] = {}

    def add(self, text: str) -> None:
        self.lines += text.split("\n")

    def ask(self, questions: Iterable[Question], indent: str = "") -> None:
        """Write the questions; the place they ask about follows them."""
        questions = list(questions)
        self.lines += [f"{indent}# 问：{question.text}" for question in questions]
        for question in questions:
            self.asked[id(question)] = len(self.lines) + 1


def form_text(guess: Guess) -> Written:
    """Return ``form.toml``, with each question as a comment above what it is about."""
    text = _Text()
    head = _HEAD.format(
        title=guess.title, source=guess.source.replace("\n", " "), id=quoted(guess.id),
        title_text=quoted(guess.title),
    )  # fmt: skip
    text.add(head.rstrip("\n"))
    text.ask(guess.questions)
    text.add(f"unit = {quoted(guess.unit)}")
    for draft in guess.sections:
        _section(text, draft)
    output = guess.output or f"{{{{ {guess.unit} }}}}_{guess.title}.docx"
    text.add(_TAIL.format(template=quoted(guess.template), output=quoted(output)).rstrip("\n"))
    table = next((d for d in guess.sections if d.kind == "table" and d.items), None)
    if table:
        first, section = table.items[0].label, quoted(table.label)
        text.add(_EACH.format(first=first, section=section, unit=guess.unit).rstrip("\n"))
    return Written("\n".join(text.lines) + "\n", text.asked)


def _section(text: _Text, draft: Draft) -> None:
    text.add("\n")
    text.ask(draft.questions)
    text.add("[[section]]")
    text.add(f"label = {quoted(draft.label)}")
    text.add(f'kind = "{draft.kind}"')
    if draft.hint:
        text.add(f"hint = {quoted(draft.hint)}")
    text.add("columns = [" if draft.kind == "grid" else "fields = [")
    for item in draft.items:
        text.ask(item.questions, "  ")
        text.add(f"  {{ {_pairs(_keys(item, draft))} }},")
    text.add("]")
    if draft.kind == "grid":
        text.add("rows = [")
        for row in draft.rows:
            formula = f", formula = {quoted(row.formula)}" if row.formula else ""
            text.add(f"  {{ label = {quoted(row.label)}{formula} }},")
        text.add("]")


def _keys(item: Item, draft: Draft) -> dict[str, object]:
    """Return the keys of a field; what goes without saying is left out."""
    default = "decimal" if draft.kind == "grid" or item.formula else "text"
    found: dict[str, object] = {"label": item.label}
    if item.group and draft.kind == "table" and item.group != item.label:
        found["group"] = item.group
    if item.choices:
        found["choices"] = list(item.choices)
    elif item.type != default:
        found["type"] = item.type
    number = item.type in {"integer", "decimal", "percent", "year"}
    if item.uom and number:
        found["uom"] = item.uom
    if item.places is not None and item.type in {"decimal", "percent"}:
        found["places"] = item.places
    if item.formula:
        found["formula"] = item.formula
    elif item.required:
        found["required"] = True
    if item.unique:
        found["unique"] = True
    has_total = item.type in {"integer", "decimal"} and draft.kind in {"table", "grid"}
    if has_total and item.total is not True:
        found["total"] = item.total
    if item.hint:
        found["hint"] = item.hint
    return found


def sample_text(values: Mapping[str, Any]) -> str:
    """Return *values* (the shape of ``--values``) as a TOML file."""
    lines = ["# 旧表里的数：做样例工作簿和预览用。"]
    for label, content in values.items():
        if isinstance(content, list):
            for row in content:
                lines += ["", f"[[{quoted(label)}]]", *_rows(row)]
        else:
            lines += ["", f"[{quoted(label)}]"]
            lines += _rows(content)
    return "\n".join(lines) + "\n"


def _rows(row: Mapping[str, Any]) -> list[str]:
    return [f"{quoted(key)} = {_value(value)}" for key, value in row.items()]


def _pairs(keys: Mapping[str, object]) -> str:
    return ", ".join(f"{key} = {_value(value)}" for key, value in keys.items())


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case list():
            return f"[{', '.join(_value(one) for one in value)}]"
        case Mapping():
            return f"{{ {', '.join(f'{quoted(k)} = {_value(v)}' for k, v in value.items())} }}"
    return quoted(str(value))


def quoted(text: str) -> str:
    r"""Return *text* as a TOML string.

    >>> quoted('说“好”\n"是"')
    '"说“好”\\n\\"是\\""'
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
