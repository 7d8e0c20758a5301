"""The pages of ``reportgen explain``: every code of the program, every check of a form.

A page shows the message as it would appear, made from the rule itself with sample words
(``explanations.toml``), what it means and why it matters, and how to put it right. The page of a
form's check shows the rule in words and its examples as well.
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reportgen import rules
from reportgen.examples import Change, Example
from reportgen.finding import Finding, Place, Rule, Severity
from reportgen.form import Check, Form
from reportgen.headings import same_code
from reportgen.pipeline import check as check_submission
from reportgen.wording import said

_FILE = Path(__file__).with_name("explanations.toml")
#: The families of codes, by the letter and digit that they begin with.
FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "1": "文件",
        "2": "工作簿的结构",
        "3": "单元格",
        "4": "数与数",
        "5": "生成文档",
        "6": "核准表",
        "7": "表单和模板里可能的错误",
        "8": "名单和各单位之间",
        "F": "表单的定义（form.toml）",
        "T": "Word 模板",
        "X": "程序",
    }
)


@dataclass(frozen=True, slots=True)
class Page:
    """What ``explanations.toml`` says of a rule: why, more, and the words of its sample message."""

    why: str
    words: Mapping[str, Any]
    more: str = ""


@cache
def pages() -> Mapping[str, Page]:
    """Return the pages of the program's own rules, by code."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return MappingProxyType({code: Page(**page) for code, page in data.items()})


def sample(rule: Rule) -> Finding:
    """Return the finding of *rule* with the sample words of its page."""
    return rule.at(Place(), **pages()[rule.code].words)


def family(rule: Rule) -> str:
    """Return the heading under which a rule of ours is listed."""
    return FAMILIES[rule.code[1] if rule.code[0] in "EWN" else rule.code[0]]


def rule_page(rule: Rule) -> str:
    """Return the page of a rule of ours."""
    page, shown = pages()[rule.code], sample(rule)
    parts = [
        f"{rule.code}（{rule.level.label} · {family(rule)}）",
        f"例：{shown.message}" + (f"\n改法：{shown.hint}" if shown.hint else ""),
        page.why.strip(),
        page.more.strip(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _message(check: Check) -> str:
    """Return what a check says, with ``…`` for what stands in the cell."""
    return check.message.replace("{value}", "…")


def check_page(form: Form, check: Check, examples: Sequence[Example]) -> str:
    """Return the page of a form's own check."""
    hint, _, why = check.explain.strip().partition("\n")
    facts = [_message(check), *_rule(form, check)]
    if hint:
        facts.append(f"改法：{hint}")
    if check.source:
        facts.append(f"出处：{check.source}")
    parts = [
        f"{check.code}（{Severity(check.level).label} · {form.title}）",
        "\n".join(facts),
        why.strip(),
        *(_shown(one) for one in examples if one.code == check.code),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _rule(form: Form, check: Check) -> Iterator[str]:
    """Yield in words what must hold, where, and how exactly."""
    if check.find:
        where = f"“{check.at}”" if check.at else "各张表的文字"
        yield f"规则：{where}里没有这样的文字（正则表达式）：{check.find}"
        return
    each = f"“{check.each}”的每一行，" if check.each else ""
    yield f"规则：{each}{said(form.expressions[check.rule], check.alias)}"
    if check.when:
        yield f"只在这时查：{said(form.expressions[check.when], check.alias)}"
    if check.rounding_tail:
        yield "容差：金额允许四舍五入的尾差，每个加数半分，至少一分；个数、面积不允许"
    elif check.tolerance is not None:
        yield f"容差：相差不超过 {check.tolerance:f}"


def _shown(example: Example) -> str:
    """Return an example: what passes, what fails, and the finding that it raises."""
    found = [f for f in check_submission(example.failing) if f.code == example.code]
    lines = [f"不报：{_changes(example.passes)}", f"报：  {_changes(example.fails)}"]
    for one in found[:1]:
        apart = f"，相差 {one.difference}" if one.difference else ""
        lines.append(f"      {one.level.label} {one.code}  {one.message}（{example.at}{apart}）")
    return "\n".join(lines)


def _changes(changes: Sequence[Change]) -> str:
    """Return what an example changes in its sample."""
    said_ = [f"{one.words} {_cell(one.before)} → {_cell(one.after)}" for one in changes]
    return "；".join(said_) or "样例原样"


def _cell(text: str) -> str:
    """Return a cell's text in one line, a long one cut; an empty one as a word."""
    line = " ".join(text.split())
    return (line if len(line) <= 40 else line[:38] + "…") or "空"


def index(forms: Sequence[Form]) -> str:
    """Return all codes with one line each, by family; each form's own checks last."""
    lines: list[str] = []
    for name in FAMILIES.values():
        listed = sorted((r for r in rules.CATALOGUE.values() if family(r) == name), key=_number)
        lines += ["", name, *(_line(r.code, r.level, sample(r).message) for r in listed)]
    for form in forms:
        lines += ["", f"{form.title}（{form.id}）自己的规则"] if form.checks else []
        lines += [_line(c.code, Severity(c.level), _message(c)) for c in form.checks]
    return "\n".join(lines[1:]) + "\n"


def _number(rule: Rule) -> str:
    return rule.code[1:]


def _line(code: str, level: Severity, message: str) -> str:
    return f"  {code:<6}{level.label}  {' '.join(message.split())}"


def find(code: str, forms: Sequence[Form]) -> Rule | list[tuple[Form, Check]]:
    """Return the rule of ours called *code*, or the checks of *forms* that are; an empty list: none.

    Upper and lower case, full and half width are the same.
    """
    for known, rule in rules.CATALOGUE.items():
        if same_code(known, code):
            return rule
    return [(form, c) for form in forms for c in form.checks if same_code(c.code, code)]


def near(code: str, forms: Sequence[Form]) -> list[str]:
    """Return the codes most like *code*; an O among its digits is a 0."""
    known = [*rules.CATALOGUE, *(c.code for form in forms for c in form.checks)]
    meant = code[:1].upper() + code[1:].upper().replace("O", "0")
    return [meant] if meant in known else difflib.get_close_matches(meant, known, n=3, cutoff=0.5)
