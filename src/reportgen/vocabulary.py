"""Every name that a template may use, and every filter, each with an example of what it prints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from reportgen.compute import Data, compute
from reportgen.context import environment, printable
from reportgen.fieldtypes import example
from reportgen.filters import FILTERS
from reportgen.form import Field, Form, Section
from reportgen.samples import sample_submissions
from reportgen.show import show
from reportgen.tagtext import Tags, loop_over, row_name
from reportgen.value import Day, Invalid, NotApplicable, Number
from reportgen.values import from_plain


@dataclass(frozen=True, slots=True)
class Entry:
    """A name as it is written in a tag; ``uom`` is its unit of measure, ``sheet`` where it is from.

    ``kind`` says what it is: field (filled in), formula (a field that is computed), computed (a
    value of the whole form), table, count, number (of a row or heading), total, prior (last
    year's). ``loop`` is what stands behind ``for`` where the name is a row's: ``项 in 项目明细``.
    """

    name: str
    type: str
    uom: str
    sheet: str
    example: str
    kind: str
    loop: str = ""


@dataclass(frozen=True, slots=True)
class FilterEntry:
    """A filter under both its names: what it does, a tag that uses it, and what that prints."""

    name: str
    english: str
    what: str
    tag: str
    gives: str

    @property
    def use(self) -> str:
        """What stands in the braces of ``tag``."""
        return self.tag[2:].partition(" }}")[0].partition(" %}")[0].strip()


def vocabulary(form: Form, samples: Sequence[Data] | None = None) -> tuple[Entry, ...]:
    """Return every name that a template of *form* may use, in the form's own order.

    The examples are from *samples*, or from those of the form itself.

    Raises:
        ValuesError: a sample of the form is no values file of it.
    """
    given = [compute(one) for one in sample_submissions(form)] if samples is None else list(samples)
    return tuple(_Names(form, given).entries())


class _Names:
    def __init__(self, form: Form, samples: Sequence[Data]) -> None:
        self.form, self.tags = form, Tags(form)
        self.samples = samples

    def entries(self) -> Iterator[Entry]:
        for section in self.form.sections:
            yield from self.of(section)
        for one in self.form.computed:
            yield self.entry((one.label,), one, "", "computed")
        for section in self.form.sections:
            yield from self.prior(section)

    def of(self, section: Section) -> Iterator[Entry]:
        match section.kind:
            case "record":
                for field in section.fields:
                    yield self.entry(self.tags.path(section, field), field, section.label)
            case "grid":
                yield from self.grid(section)
            case _:
                yield from self.table(section)

    def grid(self, section: Section) -> Iterator[Entry]:
        for row in section.rows:
            for field in section.fields:
                kind = "formula" if row.formula and field.is_number else ""
                yield self.entry(
                    (section.label, row.label, field.label), field, section.label, kind
                )
        if "合计" not in {row.label for row in section.rows}:
            yield from self.totals(section)

    def table(self, section: Section) -> Iterator[Entry]:
        name = self.tags.name(section.label)
        loop, row = loop_over(self.form, section), row_name(self.form, section)
        yield Entry(name, section.kind, "", section.label, f"for {loop}", "table")
        own = {"序号": "integer"} | ({"编号": "text"} if section.kind == "outline" else {})
        for label, type_ in own.items():
            field = Field(label=label, type=type_)
            yield self.entry((row, label), field, section.label, "number", loop)
        for field in section.fields:
            yield self.entry((row, field.label), field, section.label, loop=loop)
        count = Field(label="个数", type="integer")
        yield self.entry((section.label, "个数"), count, section.label, "count")
        yield from self.totals(section)

    def totals(self, section: Section) -> Iterator[Entry]:
        for field in section.fields:
            if field.has_total:
                path = (section.label, "合计", field.label)
                yield self.entry(path, field, section.label, "total")

    def prior(self, section: Section) -> Iterator[Entry]:
        """Yield last year's names: those that the workbook shows, as values of this year."""
        rows = [(r.label,) for r in section.rows] if section.kind == "grid" else [()]
        for row in rows:
            for field in section.shown_of_last_year if not section.has_rows else ():
                path = ("上年", section.label, *row, field.label)
                yield self.entry(path, field, section.label, "prior")

    def entry(
        self, path: tuple[str, ...], field: Field, sheet: str, kind: str = "", loop: str = ""
    ) -> Entry:
        kind = kind or ("formula" if field.formula else "field")
        shown = self.example(path, field, sheet if loop else "")
        name = self.tags.name(*path)
        return Entry(name, field.type, field.uom, sheet, shown, kind, loop)

    def example(self, path: tuple[str, ...], field: Field, table: str) -> str:
        """Return what the name prints of the first sample that has a value for it."""
        steps = path[1:] if path[0] == "上年" else path
        for data in self.samples:
            owners = data.lookup(table) if table else [data]
            for owner in owners:  # type: ignore[attr-defined]
                found = owner
                for name in steps[1:] if table else steps:
                    found = found.lookup(name)
                if (text := show(found)) and not isinstance(found, Invalid | NotApplicable):
                    return text
        return field.blank or (field.choices[0] if field.choices else example(field))


#: A form to show the filters with: money in 元, a date, a table.
_EXAMPLE_FIELDS = (
    Field(label="项目名称"),
    Field(label="类型", choices=("专项", "业务")),
    Field(label="金额", type="decimal", uom="元"),
)
_EXAMPLE = Form(
    id="filters", title="", version="", unit="", folder=Path(),
    sections=(Section(label="项目", kind="table", fields=_EXAMPLE_FIELDS),),
)  # fmt: skip
_EXAMPLE_ROWS = (("道路养护", "业务", "8.5"), ("危房改造", "专项", "3"), ("", "专项", "12"))

#: What each filter does, and a tag that shows it.
_FILTERS = (
    ("小数", "固定几位小数，四舍五入", "{{ 金额|小数(2) }}"),
    ("千分位", "三位一逗", "{{ 金额|千分位 }}"),
    ("百分比", "写成百分数，括号里是几位小数", "{{ 比例|百分比(1) }}"),
    ("万元", "换算成万元，带单位", "{{ 金额|万元(2) }}"),
    ("亿元", "换算成亿元，带单位", "{{ 金额|亿元(4) }}"),
    ("年月日", "日期写成年月日，不编虚位", "{{ 日期|年月日 }}"),
    ("增减", "按正负写增加、减少、持平", "{{ 增减额|增减 }}"),
    ("绝对值", "去掉负号", "{{ 增减额|绝对值 }}"),
    ("汉字", "写成汉字数字", "{{ 人数|汉字 }}"),
    ("大写", "金额写成大写，按元", "{{ 金额|大写 }}"),
    ("序号", "数写成括号里那样的序号", "{{ 人数|序号('（一）') }}"),
    ("四舍五入", "四舍五入，末尾的 0 不写", "{{ 增减额|四舍五入(1) }}"),
    ("首数", "文字里的第一个数", "{{ '印发文件1,972.5份'|首数 }}"),
    ("项数", "文字里列了几项", "{{ '道路、桥梁、路灯'|项数 }}"),
    ("连接", "一列里填了的，用顿号连起来", "{{ 项目.项目名称|连接 }}"),
    ("计数", "一列里填了几个", "{{ 项目.项目名称|计数 }}"),
    ("求和", "一列相加", "{{ 项目.金额|求和 }}"),
    ("最小", "一列里最小的", "{{ 项目.金额|最小 }}"),
    ("最大", "一列里最大的", "{{ 项目.金额|最大 }}"),
    ("筛选", "只要栏目等于某值的行", "{{ (项目|筛选(类型='专项')).合计.金额 }}"),
    ("倒序", "按栏目从大到小排，空着的在最后", "{{ (项目|倒序('金额')).项目名称|连接 }}"),
    ("排序", "按栏目排，选项按表单里的先后", "{{ (项目|排序('类型')).项目名称|连接 }}"),
    (
        "分组",
        "栏目相同的行归成一组，各组有自己的合计和个数",
        "{% for 组 in 项目|分组('类型') %}{{ 组.类型 }}{{ 组.合计.金额 }}；{% endfor %}",
    ),
)

#: A filter that only Word templates have.
_MERGED = FilterEntry(
    "合并相同", "merge_alike", "在表格的循环里，与上一行相同的格合并成一格", "{{ 项.类型|合并相同 }}",
    "业务；专项（合并两行）",
)  # fmt: skip


def filter_entries() -> tuple[FilterEntry, ...]:
    """Return every filter with an example; what it gives is worked out by the filter itself."""
    english = {f: name for name, f in FILTERS.items() if name.isascii()}
    engine = environment(printable)
    names = _example_names()
    found = []
    for name, what, tag in _FILTERS:
        gives = engine.from_string(tag).render(names)
        found.append(FilterEntry(name, english[FILTERS[name]], what, tag, gives))
    return (*found, _MERGED)


def _example_names() -> Mapping[str, object]:
    rows = [dict(zip(("项目名称", "类型", "金额"), row, strict=True)) for row in _EXAMPLE_ROWS]
    data = Data(from_plain({"项目": rows}, _EXAMPLE))
    money = Field(label="金额", type="decimal", uom="元")
    return {
        "项目": data.lookup("项目"),
        "金额": Number(Decimal(3752300), money),
        "增减额": Number(Decimal("-12.25")),
        "比例": Number(Decimal("0.76364")),
        "人数": Number(Decimal(12)),
        "日期": Day(date(2026, 3, 5)),
    }
