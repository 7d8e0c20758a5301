"""Random forms and values whose formulas two engines answer: ours, and LibreOffice recalculating."""

import re
import zipfile
from decimal import Decimal

import openpyxl

from reportgen.crosschecks import _is_left_out, _scopes, cross_checks
from reportgen.value import DivisorZeroError, NotANumberError
from reportgen.workbook import layout

HEAD = """
[form]
id = "t"
title = "两种算法"
version = "1"
unit = "单位名称"
"""

#: What is entered: names that a formula may use, by section.
RECORD = """
[[section]]
label = "录"
kind = "record"
fields = [
  { label = "单位名称" },
  { label = "金额甲", type = "decimal", uom = "万元" },
  { label = "金额乙", type = "decimal", uom = "万元", places = 2 },
  { label = "人数", type = "integer", uom = "人" },
  { label = "比率", type = "percent" },
  { label = "类别", choices = ["甲类", "乙类", "/"] },
  { label = "备注" },
  { label = "公开", type = "yes_no" },
  { label = "报送日", type = "date" },
  { label = "另填", type = "decimal", when = "公开" },
"""
NUMBERS = ["金额甲", "金额乙", "人数", "比率", "另填"]
FILLED = [*NUMBERS, "类别", "备注", "公开", "报送日"]


LITERALS = ["0", "1", "2", "0.5", "10", "100", "3.25", "0.01", "7"]


class Expressions:
    """Draws expressions over given names."""

    def __init__(self, draw, numbers, filled, lists=(), row=()):
        self.draw, self.numbers, self.filled = draw, numbers, filled
        self.lists, self.row = lists, row

    def pick(self, *options):
        return self.draw.choice(options)

    def number(self, depth):
        kinds = ["name", "name", "name", "literal"]
        if depth:
            kinds += [
                "sum", "difference", "product", "quotient", "negative", "round", "abs", "min", "if",
                "if", "count", "sum of", "list",
            ]  # fmt: skip
        match self.pick(*kinds):
            case "name":
                return self.pick(*self.numbers)
            case "literal":
                return self.pick(*LITERALS)
            case "sum":
                return f"({self.number(depth - 1)} + {self.number(depth - 1)})"
            case "difference":
                return f"({self.number(depth - 1)} - {self.number(depth - 1)})"
            case "product":
                return f"({self.number(depth - 1)} * {self.number(depth - 1)})"
            case "quotient":
                return f"({self.number(depth - 1)} / {self.number(depth - 1)})"
            case "negative":
                return f"(-{self.number(depth - 1)})"
            case "round":
                return f"round({self.number(depth - 1)}, {self.pick('0', '1', '2')})"
            case "abs":
                return f"abs({self.number(depth - 1)})"
            case "min":
                name = self.pick("min", "max")
                return f"{name}({self.number(depth - 1)}, {self.number(depth - 1)})"
            case "if":
                no = f" else {self.number(depth - 1)}" if self.pick(1, 1, 0) else ""
                return f"({self.number(depth - 1)} if {self.condition(depth - 1)}{no})"
            case "count":
                return f"count({self.pick(*self.filled)}, {self.pick(*self.filled)})"
            case "sum of":
                return f"sum({self.number(depth - 1)}, {self.number(depth - 1)})"
        return self.pick(*self.lists) if self.lists else self.pick(*self.numbers)

    def condition(self, depth):
        kinds = ["compare", "compare", "text", "in", "contains", "bare", "yes", "date"]
        if depth:
            kinds += ["and", "or", "not", "chain"]
        match self.pick(*kinds):
            case "compare":
                sign = self.pick("==", "!=", "<", "<=", ">", ">=")
                return f"{self.number(depth and depth - 1)} {sign} {self.number(0)}"
            case "chain":
                return f"{self.number(0)} < {self.number(0)} <= {self.number(0)}"
            case "text":
                return f"类别 {self.pick('==', '!=')} {self.pick('“甲类”', '“乙类”', '备注')}"
            case "in":
                there = self.pick("in", "not in")
                return f"{self.pick('类别', '备注')} {there} ['甲类', '乙类', 'abc']"
            case "contains":
                return "'a' in 备注"
            case "bare":
                return self.pick(*self.filled)
            case "yes":
                return self.pick("公开 == '是'", "公开", "not 公开")
            case "date":
                return "报送日 >= '2026-03-05'"
            case "and":
                return f"({self.condition(depth - 1)} and {self.condition(depth - 1)})"
            case "or":
                return f"({self.condition(depth - 1)} or {self.condition(depth - 1)})"
        return f"not ({self.condition(depth - 1)})"


def _quoted(expression):
    return '"""' + expression + '"""'


def forms(draw):
    """Return form.toml of a form with every kind of formula; *draw* is a random.Random."""
    pick = Expressions(draw, NUMBERS, FILLED)

    def field(label, formula, **more):
        places = draw.choice(["", ", places = 2", ", places = 0"])
        kind = draw.choice(["decimal", "decimal", "percent"])
        extra = "".join(f", {k} = {v}" for k, v in more.items())
        return (
            f'{{ label = "{label}", type = "{kind}", formula = {_quoted(formula)}{places}{extra} }}'
        )

    first = pick.number(2)
    pick.numbers = [*NUMBERS, "算一"]
    second = pick.number(2)
    text = f"'优' if {pick.condition(1)} else '良'"
    required = draw.choice(["", ", required = true"])
    record = RECORD.replace('uom = "人"', f'uom = "人"{required}') + "".join(
        f"  {f},\n" for f in (
            field("算一", first),
            field("算二", second, when=_quoted(pick.condition(1))),
        )
    ) + "]\n"  # fmt: skip
    known = [*NUMBERS, "算一", "算二"]

    columns = Expressions(draw, ["年初", "调整", "年初", "人数", "算一"], FILLED)
    lines = Expressions(draw, ["基本", "项目"], FILLED)
    grid = f"""
[[section]]
label = "格"
kind = "grid"
columns = [{{ label = "年初", places = 2 }}, "调整", {field("全年", columns.number(2))}, "决算"]
rows = ["基本", "项目", {{ label = "总数", formula = {_quoted(lines.number(2))} }}]
"""
    grid_names = [f"格.{r}.{c}" for r in ("基本", "总数") for c in ("年初", "全年", "决算")]
    grid_names += ["格.合计.年初", "格.合计.调整", "格.合计.决算"]

    rows = Expressions(
        draw, ["额", "量", "额", "占", "人数", "合计.额", "金额甲"], ["额", "名", "种", "占"]
    )
    rows.filled += ["类别"]
    gate = draw.choice(["", "when = \"类别 == '甲类'\"", 'when = "公开"'])
    table = f"""
[[section]]
label = "表"
kind = "table"
{gate}
fields = [
  {{ label = "名" }},
  {{ label = "种", choices = ["甲类", "乙类"] }},
  {{ label = "额", type = "decimal", uom = "万元"{draw.choice(["", ", required = true"])} }},
  {{ label = "量", type = "integer"{draw.choice(["", ", required = '额 > 0'"])} }},
  {{ label = "占", type = "percent", places = 2 }},
  {field("得", rows.number(2))},
  {field("分", "0 if 量 == 0 else (额 if 占 >= 量 else round(占 / 量 * 额, 2))")},
  {field("归", "(细|筛选(所属=名)).合计.值")},
]

[[section]]
label = "细"
kind = "table"
fields = [
  {{ label = "所属" }},
  {{ label = "值", type = "decimal", uom = "万元" }},
]

[[section]]
label = "闲"
kind = "record"
when = {_quoted(draw.choice(["类别 == '甲类'", "公开 and 人数 > 0"]))}
fields = [{{ label = "闲数", type = "decimal" }}, {field("闲算", "闲数 * 2 + 金额甲")}]
"""
    totals = [
        "表.合计.额", "表.合计.量", "表.合计.分", "表.合计.得", "表.个数", "细.个数", "细.合计.值",
        "(表|筛选(种='甲类')).合计.额", "(表|筛选(种=类别)).合计.量", "(表|筛选(种='乙类')).个数",
        "(表|筛选(种='甲类', 量=2)).合计.额", "(表|筛选(名='ab')).合计.分", "闲.闲数", "闲.闲算",
        "(细|筛选(所属='ab')).个数",
    ]  # fmt: skip
    totals = [t for t in totals if t not in {"表.合计.得", "表.合计.分"} or _summable(table, t[-1])]
    lists = ["sum(表.额)", "表.额|求和", "count(表.量)", "max(表.额)", "表.量|最小", "min(细.值)"]
    whole = Expressions(draw, [*known, *grid_names, *totals], FILLED, lists)
    computed, names = "", list(whole.numbers)
    for label in ("指标甲", "指标乙", "指标丙"):
        whole.numbers = names
        uom = draw.choice(["", "万元"])
        places = draw.choice(["", "places = 2"])
        computed += f'[[computed]]\nlabel = "{label}"\nuom = "{uom}"\n{places}\n'
        computed += f"formula = {_quoted(whole.number(2))}\n"
        names = [*names, label, label]
    joined = "类别 ~ '-' ~ 人数 ~ '个' ~ 备注"
    for label, formula in (("等级", text), ("真假", pick.condition(2)), ("合写", joined)):
        computed += f'[[computed]]\nlabel = "{label}"\nformula = {_quoted(formula)}\n'
    whole.numbers = names

    checks = ""
    for n in range(4):
        tail = draw.choice(["", "tolerance = 0.01", "tolerance = '尾差'", "tolerance = 5"])
        plain = f"{whole.number(1)} {whole.pick('==', '<=', '>', '<', '>=')} {whole.number(1)}"
        rule = plain if tail else draw.choice([plain, whole.condition(2)])
        when = f"when = {_quoted(whole.condition(1))}" if whole.pick(0, 0, 1) else ""
        checks += f'[[check]]\ncode = "W{n}"\nmessage = "不对。"\nrule = {_quoted(rule)}\n{tail}\n{when}\n'
    alias = Expressions(
        draw,
        ["行.额", "行.量", "行.占", "行.分", "额", "金额甲", "表.合计.额"],
        ["行.额", "行.名", "行.种", "公开"],
    )
    group = "(细|筛选(所属=行.名)).合计.值"
    for n in range(3):
        sign = alias.pick("==", "<=", ">")
        rule = alias.pick(
            alias.condition(2), f"行.额 {sign} {alias.number(1)}", f"行.额 {sign} {group}"
        )
        when = f"when = {_quoted(alias.condition(1))}" if alias.pick(0, 0, 1) else ""
        checks += (
            f'[[check]]\ncode = "R{n}"\nmessage = "不对。"\neach = "表"\nas = "行"\n'
            f"rule = {_quoted(rule)}\n{when}\n"
        )
    return HEAD + record + grid + table + computed + checks


def _summable(table, label):
    """Whether a formula column has a total at all: percent columns have none of entered kind."""
    return f'label = "{label}", type = "decimal"' in table


BLANKS = [None, None, "不适用", "—", "/"]
NO_NUMBERS = [None, None, "不适用", "—", "/", "-", "无此项"]
DECIMALS = [
    "0",
    "1",
    "2",
    "-3",
    "0.1",
    "0.2",
    "0.3",
    "2.675",
    "1.005",
    "12.5",
    "-0.25",
    "100",
    "365.5",
    "0.07",
]
#: No number, though a spreadsheet may take it for one.
NOT_NUMBERS = ["约三百", "1,2", "1e3", "1 600", "2026-3-5", "1/2", "12:30", "--5", "5.5.5"]
WORDS = ["ab", "AB", "甲类", "a*", "x y", "2026", "局a"]


def values(draw):
    """Return values for a form: blanks, zeros, 不适用, and now and then what cannot be read."""
    spoilt = not draw.randrange(4)

    def cell(kind, *, whole=False):
        if not draw.randrange(5):
            return draw.choice(
                NO_NUMBERS if kind in {"decimal", "cents", "integer", "percent"} else BLANKS
            )
        if spoilt and not whole and not draw.randrange(7) and kind != "text":
            return draw.choice(NOT_NUMBERS)
        match kind:
            case "decimal":
                return draw.choice(DECIMALS)
            case "cents":  # a field of two places; more of them is a finding of its own
                return draw.choice(["0", "1", "0.1", "0.07", "-0.25", "12.5", "365.55", "100"])
            case "integer":
                return draw.choice(["0", "1", "2", "2", "7", "-4"])
            case "percent":
                return draw.choice(["0", "0.5", "76%", "1", "-0.2", "12.34%"])
            case "choice":
                return draw.choice(["甲类", "乙类"])
            case "yes_no":
                return draw.choice([True, False])
            case "date":
                return draw.choice(["2026-03-05", "2026-03-04", "2027-01-01"])
        return draw.choice(WORDS)

    def row(**kinds):
        return {label: cell(kind) for label, kind in kinds.items()}

    return {
        "录": {
            "单位名称": "甲局",
            **row(
                金额甲="decimal", 金额乙="cents", 人数="integer", 比率="percent", 类别="choice",
                备注="text", 公开="yes_no", 报送日="date", 另填="decimal",
            ),
        },
        "格": {
            name: row(年初="cents", 调整="decimal", 决算="decimal") for name in ("基本", "项目")
        },
        "表": [
            row(名="text", 种="choice", 额="decimal", 量="integer", 占="percent")
            for _ in range(draw.randrange(5))
        ],
        # one unreadable cell here leaves each row of 表 undecided, which is more than need be
        "细": [
            {"所属": cell("text"), "值": cell("decimal", whole=True)} for _ in range(draw.randrange(4))
        ],
        "闲": row(闲数="decimal"),
    }  # fmt: skip


def plant(path, text="31337.5"):
    """Store a wrong result in every formula of the workbook at *path*; return how many there are."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    planted = 0
    for name, content in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            xml, count = re.subn(
                r'(<c r="[A-Z]+\d+"[^>]*?)(?: t="\w+")?>(<f[^>]*>[^<]*</f>)<v ?(?:/>|></v>)',
                rf"\1>\2<v>{text}</v>",
                content.decode(),
            )
            assert xml.count("</f>") == count, name
            parts[name], planted = xml.encode(), planted + count
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return planted


def verdict(data, check):
    """Return what 校验 should show, from the findings of ``reportgen check``.

    A rule that names a cell which must be filled and is empty is undecided, whatever comes out.
    """
    found = [f for f in cross_checks(data) if f.code == check.code]
    if found:
        return f"× {len(found)} 行" if check.each else "×"
    paths = list(data.form.expressions[check.rule].paths())
    for scope in _scopes(data, check):
        if any(_is_left_out(data, scope, path) for path in paths):
            continue
        try:
            if data.holds(check.when, scope) is True and data.holds(check.rule, scope) is not None:
                return "√"
        except (DivisorZeroError, NotANumberError):
            continue
    return "—"


_FULL_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in "-.0123456789%"}
#: Ways in which a number comes into a cell as a text; all of them are read.
PASTED = (
    lambda number, sign: f"  {number:f}{sign} ",
    lambda number, sign: f"{number:,f}{sign}",
    lambda number, sign: f"{number:,.4f}{sign}",
    lambda number, sign: f"{number:f}{sign}".translate(_FULL_WIDTH),
)


def paste(path, draw, some=1.0):
    """Make texts of numbers that were entered (of *some* of them) in the workbook at *path*."""
    book, pasted = openpyxl.load_workbook(path), 0
    for sheet in book:
        for cell in (c for row in sheet.iter_rows(min_row=layout.FIRST_ROW) for c in row):
            is_entry = isinstance(cell.value, int | float) and not cell.protection.locked
            if is_entry and not cell.is_date and draw.random() < some:
                number, sign = Decimal(repr(cell.value)), ""
                if cell.number_format.endswith("%"):
                    number, sign = number * 100, "%"
                cell.value = draw.choice(PASTED)(number, sign)
                cell.data_type, pasted = "s", pasted + 1
    book.save(path)
    return pasted
