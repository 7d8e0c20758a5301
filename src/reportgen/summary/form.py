"""The form of a batch: the names that its reports see, derived from the form of one unit.

汇总 is a table with one row a unit, so that a report over all units is a template like any other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jinja2 import nodes

from reportgen.expression import Expression, ExpressionError, path_of
from reportgen.form import AVERAGE, Field, Form, Section, Summary, labels
from reportgen.headings import Headings, identifier

#: The tables of a batch, and the record of what holds for all of it.
UNITS, UNSENT_UNITS, FREQUENT, FACTS = "汇总", "未报单位", "常见问题", "本次汇总"
#: The columns of 汇总 beside those of the form.
UNIT, CODE, ERRORS, WARNINGS, STATUS = "单位名称", "单位代码", "错误数", "警告数", "状态"
FIXED = (UNIT, CODE, ERRORS, WARNINGS, STATUS)
#: What 汇总.xlsx has besides: no column of a form's may be called so.
NUMBER, LINKS = "序号", ("文档", "退回件", "工作簿")
TAKEN = (NUMBER, *FIXED, *LINKS)
#: What a unit's 状态 says.
DONE, WRONG, UNSENT = "已完成", "有错误", "未报"
#: The columns of 常见问题, and the fields of the record.
RULE, LEVEL, MESSAGE, HOW_MANY_UNITS, HOW_OFTEN = "代码", "级别", "问题", "单位数", "次数"
TITLE, DEADLINE, HAS_ROSTER = "表单名称", "报送期限", "有名单"
#: How many decimals a quotient and an average print where the form does not say.
_PLACES = 2
_COUNTED = (
    ("已报单位数", f"{UNITS}.个数"),
    ("未报单位数", f"{UNSENT_UNITS}.个数 if {HAS_ROSTER}"),
    ("应报单位数", f"{UNITS}.个数 + {UNSENT_UNITS}.个数 if {HAS_ROSTER}"),
    ("完成单位数", f'({UNITS}|筛选({STATUS}="{DONE}")).个数'),
    ("有错误单位数", f'({UNITS}|筛选({STATUS}="{WRONG}")).个数'),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the form's own in 汇总: ``field`` says what its values are and how they print.

    ``operands`` are the other columns that its formula is about, if it is about nothing else: then
    its total is the formula over their totals. ``average`` says that below it stands the mean.
    """

    field: Field
    expression: Expression
    operands: tuple[str, ...] = ()
    average: bool = False

    @property
    def label(self) -> str:
        """Its heading."""
        return self.field.label


def columns(form: Form) -> tuple[Column, ...]:
    """Return the ``[[summary]]`` columns of *form*; those with a broken formula are left out."""
    return tuple(_Columns(form).all())


def operands(form: Form, summary: Summary, expression: Expression) -> tuple[str, ...]:
    """Return the other columns that a formula is about; none if it is about the form's names."""
    others = {one.label for one in form.summaries if one.label != summary.label}
    paths = list(dict.fromkeys(expression.paths()))
    is_over = bool(paths) and all(len(path) == 1 and path[0] in others for path in paths)
    return tuple(path[0] for path in paths) if is_over else ()


class _Columns:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.known = {s.label: s for s in form.summaries}

    def all(self) -> Iterator[Column]:
        for summary in self.form.summaries:
            expression = self.form.expressions.get(summary.formula)
            if expression is not None:
                over = operands(self.form, summary, expression)
                field = self.field(summary)
                average = summary.total == AVERAGE and field.type in {"integer", "decimal"}
                yield Column(field, expression, over, average)

    def field(self, summary: Summary, seen: tuple[str, ...] = ()) -> Field:
        """Return what a column's values are: as the thing that a plain name stands for."""
        expression = self.form.expressions.get(summary.formula)
        meant = self.meant(summary, expression, seen) if expression else None
        choices = summary.choices or (meant.choices if meant else ())
        type_ = summary.type or ("choice" if choices else meant.type if meant else "decimal")
        if type_ in {"narrative", "image"}:
            type_ = "text"
        is_number = type_ in {"integer", "decimal", "percent", "year"}
        places = summary.places if summary.places is not None else meant.places if meant else None
        divides = expression and any(isinstance(node, nodes.Div) for node in _all(expression.tree))
        if places is None and (divides or summary.total == AVERAGE) and type_ != "integer":
            places = _PLACES
        return Field(
            label=summary.label, type=type_, choices=choices,
            uom=(summary.uom or (meant.uom if meant else "")) if is_number else "",
            places=places if is_number else None,
            total=self.total(summary, expression, meant, is_number=is_number),
        )  # fmt: skip

    def total(
        self,
        summary: Summary,
        expression: Expression | None,
        meant: Field | None,
        *,
        is_number: bool,
    ) -> bool | str:
        if not is_number or summary.total is False or expression is None:
            return False
        if summary.total == AVERAGE or operands(self.form, summary, expression):
            return total_source(summary.label)
        divided = (node.right for node in _all(expression.tree) if isinstance(node, nodes.Div))
        if not all(isinstance(by, nodes.Const) for by in divided):
            return False  # nobody adds up what a head costs
        return meant is None or meant.total is not False

    def meant(
        self, summary: Summary, expression: Expression, seen: tuple[str, ...]
    ) -> Field | None:
        """Return the field of what a plain name stands for; None for a calculation."""
        path = path_of(expression.tree)
        if path is None:
            return None
        if operands(self.form, summary, expression):
            ring = path[0] in seen  # said when the form was read
            return None if ring else self.field(self.known[path[0]], (*seen, summary.label))
        if path[-1] in {"个数", "序号"}:
            return Field(label=path[-1], type="integer")
        shape = self.form.names()
        for name in path:
            if name not in shape.members:
                return None
            shape = shape.members[name]
        field: Field | None = shape.field
        return field


def _all(tree: nodes.Node) -> list[nodes.Node]:
    return [tree, *tree.find_all(nodes.Node)]


def total_source(label: str) -> str:
    """Return the name under which the form of the batch keeps the total of a column."""
    return f"合计：{label}"


def counted(operand: str, label: str) -> str:
    """Return the column that holds *operand* where *label* has a value, and is added up for it.

    A rate over all units is that of the units that have one: what a unit without a budget spent
    belongs to no rate.
    """
    return f"{operand}（有{label}的）"


def is_helper(name: str) -> bool:
    """Whether *name* is a column that is there for a total alone."""
    return name.endswith("的）") and "（有" in name


def sections(own: Sequence[Column]) -> tuple[Section, ...]:
    """Return the sections of a batch whose form has the columns *own*."""
    fields_of = {one.label: one.field for one in own}
    hidden = [
        replace(fields_of[name], label=counted(name, one.label), total=not one.average)
        for one in own
        for name in (behind(one) if isinstance(one.field.total, str) else ())
        if name in fields_of
    ]
    fields = (
        Field(label=UNIT), Field(label=CODE), *(one.field for one in own),
        _number(ERRORS), _number(WARNINGS),
        Field(label=STATUS, type="choice", choices=(DONE, WRONG)), *hidden,
    )  # fmt: skip
    frequent = (
        Field(label=RULE), Field(label=LEVEL), Field(label=MESSAGE),
        Field(label=HOW_MANY_UNITS, type="integer", total=False), _number(HOW_OFTEN),
    )  # fmt: skip
    facts = (
        Field(label=TITLE), Field(label=DEADLINE, type="date"),
        Field(label=HAS_ROSTER, type="yes_no"),
    )  # fmt: skip
    return (
        Section(label=FACTS, kind="record", fields=facts),
        Section(label=UNITS, kind="table", fields=fields),
        Section(label=UNSENT_UNITS, kind="table", fields=(Field(label=CODE), Field(label=UNIT))),
        Section(label=FREQUENT, kind="table", fields=frequent),
    )


def _number(label: str) -> Field:
    return Field(label=label, type="integer")


def behind(column: Column) -> tuple[str, ...]:
    """Return the columns of whose values the total of *column* is made."""
    return (column.label,) if column.average else column.operands


def summary_form(form: Form) -> Form:
    """Return the form of a batch of *form*: its documents are those of scope ``batch``."""
    own = columns(form)
    parts = sections(own)
    computed = tuple(
        Field(label=label, type="integer", formula=source) for label, source in _COUNTED
    )
    headings = Headings(dict(labels(parts, computed)))
    documents = tuple(replace(d, scope="unit") for d in form.documents if d.scope == "batch")
    found = {source: Expression.parse(source, headings) for _, source in _COUNTED}
    found |= {total_source(c.label): _total(c) for c in own if isinstance(c.field.total, str)}
    for document in documents:
        try:
            found[document.when] = Expression.parse(document.when or "1", headings)
        except ExpressionError:
            continue  # said when the form was read
    return Form(
        id=form.id, title=form.title, version=form.version, unit=TITLE, folder=form.folder,
        sections=parts, computed=computed, documents=documents, expressions=found,
        headings=headings,
    )  # fmt: skip


def _total(column: Column) -> Expression:
    """Return the total of *column* as an expression over the columns that are added up for it."""
    names = {name: identifier(counted(name, column.label)) for name in behind(column)}
    if column.average:
        one = names[column.label]
        return Expression.parse(f"sum({one}) / count({one}) if count({one}) > 0", Headings({}))
    return Expression.of(_renamed(column.expression, names))


def _renamed(expression: Expression, names: Mapping[str, str]) -> nodes.Expr:
    """Return the tree of *expression* with other names in it."""
    plain = {label: identifier(label) for label in names}
    headings = Headings({label: label for label in plain})
    tree = Expression.parse(expression.source, headings).tree
    renamed = {plain[label]: new for label, new in names.items()}
    for node in _all(tree):
        if isinstance(node, nodes.Name):
            node.name = renamed.get(node.name, node.name)
    return tree
