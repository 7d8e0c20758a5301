"""Random ``form.toml``: of every key, and with mistakes; *draw* is a random.Random."""

import json
from copy import deepcopy
from datetime import date
from decimal import Decimal

from reportgen.formparts import PARTS
from reportgen.headings import narrow

WORDS = [
    "基本情况",
    "收支",
    "项目",
    "绩效目标",
    "人员",
    "资产",
    "债务",
    "说明",
    "备注",
    "金额",
    "数量",
    "比例",
    "日期",
    "年份",
    "类别",
    "负责人",
    "联系电话",
    "地点",
    "预算数",
    "决算数",
    "执行率",
    "得分",
    "分值",
    "上级",
    "本级",
    "其他资金",
    "R&D",
    "甲乙丙",
    "第1项",
    "2025年预算",
    "项目-甲",
    "甲、乙",
    "A",
    "B2",
]
#: Names that some program in the chain could take for something else.
ODD = (
    "if", "for", "in", "is", "and", "not", "or", "else", "endfor", "None", "none", "true", "loop", "self", "range",
    "items", "keys", "__class__", "__init__", "cycler", "super", "caller", "varargs", "dict", "namespace", "1", "1.5",
    "1e5", "-", "—", "/", "=1+1", "'a'", "a'", 'a"b', "a.b", "a|b", "a b", "a\nb", "\t", " ", "", "　", "\u200b", "a\u200b",
    "\ufeff甲", "e\u0301", "é", "ｶﾞ", "①", "㎡", "𠮷", "👨‍👩‍👧", "\u202e甲", "甲" * 32, "甲" * 5000, "合计", "个数", "序号", "上年",
    "级", "编号", "正文", "校验", "封面", "填报说明", "_meta", "History", "A1", "R1C1", "TRUE", "（）", "()", "（万元）", "甲（万元）",
    "{{ 甲 }}", "{% if %}", "{#", "}}", "%}", "<b>", "&amp;", "]]>", "\\", "\\d", "CON", "../a", "a/b", "a:b", "[a]", "*", "?",
    "单位名称", "填报项", "填报内容", "_x0041_", "\x7f", "\u2028", "0" * 20, "甲" + "乙" * 26, "甲，乙", "甲；乙", "是", "不适用",
)  # fmt: skip
FORMULAS = (
    "", " ", "1", "没有的", "单位名称", "1 +", "((((", "(" * 300 + "1" + ")" * 300, "1/0", "''", "[]", "{}", "单位名称.a.b.c",
    "单位名称.__class__", "().__class__.__bases__", "range(10**9)", "lipsum()", "cycler('a')", "1 if", "a if b", "x|没有",
    "单位名称|万元", "合计", "上年", "上年.单位名称", "序号", "个数", "sum()", "round()", "sum(1, 'a')", "单位名称 == '没有这个'", "1 == 1",
    "not", "not 1", "1 ~ 2", "9 ** 9 ** 9", "1 % 2", "1 // 2", "'a' * 10", "-", "“甲”", "１＋１", "单位名称 is defined", "单位名称[0]",
    "单位名称.upper()", "{{ 单位名称 }}", "{% if 1 %}", "a\nb", "1e999", "99999999999999999999999999", "0.1 + 0.2 == 0.3", "true",
    "单位名称 in ['a']", "1 < 2 < 3", "count(单位名称)", "首数(单位名称)", "单位名称|首数 > 3", "1 + " * 200 + "1", "not " * 200 + "1",
)  # fmt: skip
_OTHERS = (
    True, False, 0, -1, 10**30, Decimal("1.5"), date(2026, 3, 5), "", " ", "x", [], ["a"], [1], [[]], {}, {"a": 1}, [{}],
    "万元", "a" * 3000, ["a", "a"], [""], "(", "[", ".*", Decimal("Infinity"), Decimal("NaN"), "合计", "record", "date", "尾差",
)  # fmt: skip


def dumps(table):
    """Return *table* as TOML, each key of it on a line of its own."""
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in table.items())


def _key(key):
    return json.dumps(key, ensure_ascii=False).replace("\x7f", "\\u007F")


def _value(value):
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _key(value)
        case date():
            return value.isoformat()
        case Decimal():
            return str(value).replace("Infinity", "inf").replace("NaN", "nan")
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return f"{{ {', '.join(f'{_key(k)} = {_value(v)}' for k, v in value.items())} }}"
    return str(value)


class Forms:
    """Draws forms without a mistake, as tables of TOML."""

    def __init__(self, draw):
        self.draw = draw
        self._used = {narrow("单位名称")}
        self.numbers, self.texts = [], ["单位名称"]
        self.totals, self.tables = [], []

    def one_in(self, count):
        return self.draw.randrange(count) == 0

    def label(self):
        while True:
            words = self.draw.sample(WORDS, self.draw.choice((1, 1, 2)))
            label = "".join(words)
            if narrow(label) not in self._used:
                self._used.add(narrow(label))
                return label

    def form(self):
        """Return a whole form; its fields have names that nothing else has."""
        sections = [self.section("record", first=True)]
        sections += [
            self.section(self.draw.choice(("record", "grid", "table", "table", "outline")))
            for _ in range(self.draw.randrange(4))
        ]
        head = {
            "id": "any",
            "title": self.draw.choice(("调查表", "R&D <表>")),
            "version": "1",
            "unit": "单位名称",
        }
        if self.one_in(3):
            head |= {"deadline": date(2027, 3, 15), "contact": "财政局 & 0731"}
        made = {"form": head, "section": sections}
        computed = []
        for _ in range(self.draw.randrange(3)):
            if self.numbers + self.totals:
                entry = {
                    "label": self.label(),
                    "formula": self.number([*self.numbers, *self.totals]),
                }
                entry |= {"places": 2} | ({"uom": "万元"} if self.one_in(2) else {})
                computed.append(entry)
                self.numbers.append(entry["label"])
        checks = [self.check(n) for n in range(self.draw.randrange(3))]
        summaries = [
            {"label": self.label(), "formula": self.draw.choice([*self.numbers, *self.totals])}
            for _ in range(self.draw.randrange(3) if self.numbers + self.totals else 0)
        ]
        parts = {"computed": computed, "check": checks, "summary": summaries}
        made |= {key: found for key, found in parts.items() if found}
        made["document"] = [{"template": "稿.docx", "output": "{{ 单位名称 }}的稿.docx"}]
        if self.tables and self.one_in(3):
            made["document"].append(
                {
                    "template": "稿.docx",
                    "output": "{{ 行.序号 }}.docx",
                    "each": self.tables[0],
                    "as": "行",
                }
            )
        return made

    def number(self, names):
        a, b = self.draw.choice(names), self.draw.choice(names)
        return self.draw.choice(
            (f"{a} + {b}", f"{a} - {b}", f"{a} * 2", f"0 if {b} == 0 else {a} / {b}", f"round({a}, 1)", f"max({a}, {b})",
             f"{a} if {b} > 0 else 0", a)
        )  # fmt: skip

    def condition(self, names):
        a = self.draw.choice(names)
        return self.draw.choice((f"{a} > 0", f"{a} == 1", f"{a}", f"not {a}"))

    def check(self, number):
        names = [*self.numbers, *self.totals]
        entry = {
            "code": f"K{number}",
            "message": "对不上。",
            "level": self.draw.choice(("error", "warning", "note")),
        }
        if not names or self.one_in(4):
            return entry | {"find": "X{3,}"}
        entry["rule"] = (
            f"{self.draw.choice(names)} {self.draw.choice(('<=', '==', '>='))} {self.draw.choice(names)}"
        )
        if self.one_in(2):
            entry["tolerance"] = self.draw.choice((Decimal("0.01"), 1, "尾差"))
        if self.one_in(3):
            entry["when"] = self.condition(names)
        return entry

    def section(self, kind, *, first=False):
        label = self.label()
        made = {"label": label, "kind": kind}
        more = {"hint": "照实填", "was": [self.label()]}
        made |= {key: value for key, value in more.items() if self.one_in(3)}
        if not first and self.numbers and self.one_in(5):
            made["when"] = self.condition(self.numbers)
        if kind == "outline":
            if self.one_in(2):
                made |= {"numbering": ["1、", "①"]}
            return made
        if kind == "table" and self.one_in(2):
            made["empty"] = "本年度没有。"
        fields, numbers = [], []
        for _ in range(self.draw.randrange(1, 6)):
            entry = self.field(kind, numbers, fields)
            fields.append(entry)
        if first:
            fields.insert(0, {"label": "单位名称", "required": True})
        made["columns" if kind == "grid" else "fields"] = fields
        # what may stand in a formula of the whole form: with a unit the heading would do as well
        if kind == "record":
            self.numbers += numbers
        elif kind == "table":
            self.tables.append(label)
            self.totals += [f"{label}.合计.{n}" for n in numbers] + [f"{label}.个数"]
        else:
            made["rows"] = rows = [self.label() for _ in range(self.draw.randrange(1, 4))]
            self.totals += [f"{label}.{row}.{n}" for row in rows for n in numbers]
            if len(rows) > 1 and self.one_in(2):
                made["rows"] = [*rows, {"label": "合计", "formula": " + ".join(rows)}]
        return made

    def field(self, kind, numbers, before):
        label = self.label()
        entry = {"label": label}
        chosen = self.draw.choice(
            (
                "text",
                "text",
                "narrative",
                "integer",
                "decimal",
                "decimal",
                "percent",
                "year",
                "date",
                "choice",
                "yes_no",
            )
        )
        if chosen != "text" or kind == "grid" or self.one_in(2):
            entry["type"] = chosen
        match chosen:
            case "choice":
                entry["choices"] = self.draw.choice(
                    (["甲", "乙"], ["a & b", "<c>", "=1"], ["一" * 90, "二" * 90, "三" * 90])
                )
            case "decimal" | "percent" | "integer":
                if self.one_in(3) and chosen != "integer":
                    entry["places"] = 2
                if self.one_in(3) and chosen != "percent":
                    entry["uom"] = self.draw.choice(("万元", "元", "人", "元/㎡"))
                if self.one_in(4):
                    entry |= {"minimum": 0, "maximum": 1000000}
                if numbers and chosen == "decimal" and self.one_in(3):
                    entry |= {"formula": self.number(numbers), "places": 2}
            case "date":
                if self.one_in(3):
                    entry["minimum"] = date(2000, 1, 1)
        if chosen in {"decimal", "integer", "percent"}:
            if kind == "table" and self.one_in(5) and chosen != "percent":
                entry["total"] = False
            elif chosen != "percent" or kind == "record":
                numbers.append(label)
        if self.one_in(4) and "formula" not in entry:
            entry["required"] = True if not numbers or label in numbers else self.condition(numbers)
        if self.one_in(5) and before:
            other = before[0]["label"]
            entry["when"] = self.draw.choice((other, f"not {other}"))
        for key, value in (
            ("hint", "见说明"),
            ("example", "例"),
            ("blank", "无"),
            ("was", [self.label()]),
            ("prior", True),
        ):
            is_odd = key == "example" and chosen not in {"text", "narrative"}
            if self.one_in(6) and "formula" not in entry and not is_odd:
                entry[key] = value
        if kind == "table" and self.one_in(3):
            entry["group"] = self.draw.choice(("甲组", "乙组"))
        if kind == "table" and chosen == "text" and self.one_in(5):
            entry["unique"] = True
        return entry


def _tables(value, part="top"):
    """Yield every table in *value*, what it is called, and the lists that hold tables."""
    yield value, part
    inner = {"section": "section", "fields": "field", "columns": "field", "rows": "row", "form": "form",
             "computed": "computed", "check": "check", "summary": "summary", "document": "document"}  # fmt: skip
    for key, content in value.items():
        for one in content if isinstance(content, list) else [content]:
            if isinstance(one, dict) and key in inner:
                yield from _tables(one, inner[key])


def spoilt(form, draw):
    """Return a copy of *form* with one to three mistakes, or oddities."""
    form = deepcopy(form)
    for _ in range(draw.choice((1, 1, 2, 3))):
        table, part = draw.choice(list(_tables(form)))
        keys = list(table)
        known = [key.name for key in PARTS[part]]
        match draw.choice(
            (
                "value",
                "value",
                "key",
                "drop",
                "label",
                "label",
                "formula",
                "formula",
                "twice",
                "type",
                "cycle",
            )
        ):
            case "value" if keys:
                table[draw.choice(keys)] = deepcopy(draw.choice(_OTHERS))
            case "key":
                table[draw.choice((*known, "labels", "标签", "", "a.b", "Label"))] = deepcopy(
                    draw.choice((*_OTHERS, *FORMULAS[:4]))
                )
            case "drop" if keys:
                del table[draw.choice(keys)]
            case "label" if "label" in table:
                table["label"] = draw.choice(ODD)
            case "formula":
                holds = {"field": ("formula", "when", "required", "total", "prior"), "row": ("formula",),
                         "section": ("when",), "computed": ("formula",), "check": ("rule", "when", "at", "find"),
                         "summary": ("formula",), "document": ("when", "output")}  # fmt: skip
                if part in holds:
                    names = [
                        one["label"]
                        for one, _ in _tables(form)
                        if isinstance(one.get("label"), str)
                    ]
                    table[draw.choice(holds[part])] = draw.choice((*FORMULAS, *names, *ODD))
            case "twice":
                lists = [v for v in table.values() if isinstance(v, list) and v]
                if lists:
                    chosen = draw.choice(lists)
                    chosen.append(deepcopy(draw.choice(chosen)))
            case "type" if part == "field":
                table["type"] = draw.choice(
                    (
                        "integer",
                        "date",
                        "choice",
                        "narrative",
                        "image",
                        "percent",
                        "yes_no",
                        "money",
                    )
                )
            case "cycle":
                numbers = [
                    t
                    for t, p in _tables(form)
                    if p in {"field", "computed"} and isinstance(t.get("label"), str)
                ]
                one, other = draw.choice(numbers), draw.choice(numbers)
                one["formula"], other["formula"] = other["label"], f"{one['label']} + 1"
    return form
