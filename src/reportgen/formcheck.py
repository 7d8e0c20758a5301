"""What the parts of a form say of each other: names, references, expressions."""

from collections.abc import Iterator
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from jinja2 import Environment, TemplateSyntaxError, nodes

from reportgen import rules
from reportgen.expression import Expression, ExpressionError, path_of
from reportgen.filters import FILTERS
from reportgen.finding import Rule
from reportgen.form import Check, Document, Form, Section, labels
from reportgen.formcycles import cycles
from reportgen.formkeys import Keys
from reportgen.headings import Headings, narrow
from reportgen.names import Shape, maybe, nearest, shapes_used, unknown_names
from reportgen.summary.form import TAKEN, operands, summary_form
from reportgen.workbook.layout import OWN_SHEETS


class FormNames:
    """Checks a form as a whole; the findings go to *keys*."""

    def __init__(self, keys: Keys, form: Form) -> None:
        self.keys = keys
        self.form = form

    def check_collisions(self) -> None:
        """Two things of one name, where one name must mean one thing."""
        titles = {narrow(title) for title in OWN_SHEETS if not title.startswith("_")}
        seen: set[str] = set()
        for label, where in _top_names(self.form):
            self.keys.where = where
            key = narrow(label).lower()  # Excel takes Ab and aB for the same sheet
            if key in seen or (where == f"[[section]] {label}" and key in titles):
                self.keys.say(rules.FORM_NAME_TWICE, value=label)
            seen.add(key)
        entered = {f.label for s in self.form.sections if s.kind == "record" for f in s.fields}
        for one in self.form.computed:
            if one.label in entered:  # which of the two would a template print?
                self.keys.where = f"[[computed]] {one.label}"
                self.keys.say(rules.FORM_NAME_TWICE, value=one.label)
        self.check_columns()
        codes = {r.code for r in vars(rules).values() if isinstance(r, Rule)}
        for check in self.form.checks:
            self.keys.where = f"[[check]] {check.code}"
            if check.code in codes:
                self.keys.say(rules.FORM_NAME_TWICE, value=check.code)
            codes.add(check.code)

    def check_columns(self) -> None:
        """Two columns of the summary under one heading."""
        seen: set[str] = set()
        for summary in self.form.summaries:
            self.keys.where = f"[[summary]] {summary.label}"
            if narrow(summary.label) in TAKEN:
                self.keys.say(rules.FORM_RESERVED, value=summary.label, reserved="、".join(TAKEN))
            if narrow(summary.label) in seen:
                self.keys.say(rules.FORM_NAME_TWICE, value=summary.label)
            seen.add(narrow(summary.label))

    def check_references(self) -> None:
        """What names something else, names what is there."""
        short = self.form.short_names()
        self.keys.where = "[form]"
        for key, label in (("unit", self.form.unit), ("code", self.form.code)):
            if label and label not in short:
                self.unknown(key, label, nearest(label, short))
        for section in self.form.sections:
            for one in section.fields:
                if one.source:
                    self.keys.where = f"{section.label} › {one.label}"
                    self.source(one.source)
        own = [d for d in self.form.documents if d.scope == "unit"]
        each = [(f"[[document]] {d.template}", d.each) for d in own]
        each += [(f"[[check]] {c.code}", c.each) for c in self.form.checks]
        for where, label in each:
            self.keys.where = where
            self.table(self.form, label)

    def unknown(self, key: str, written: str, near: str) -> None:
        """Say that a name does not exist."""
        self.keys.say(rules.FORM_UNKNOWN_NAME, key=key, value=written, nearest=maybe(near))

    def table(self, form: Form, label: str) -> None:
        """Say so if *label*, an ``each``, is no section of any number of rows."""
        tables = {n for s in form.sections if s.has_rows for n in (s.label, *s.was)}
        if label and label not in tables:
            hint = f"each 要写一张表格的名称：{'、'.join(sorted(tables))}。"
            self.keys.say(rules.FORM_VALUE, key="each", value=label, what="不是一张表格", hint=hint)

    def source(self, source: tuple[str, str]) -> None:
        """Check what a ``from`` names."""
        try:
            self.form.section(source[0]).field(source[1])
        except KeyError:
            names = [f"{s.label}.{f.label}" for s in self.form.sections for f in s.fields]
            written = ".".join(source)
            self.unknown("from", written, nearest(written, names))

    def with_expressions(self) -> Form:
        """Return the form with every expression parsed, and say which cannot be understood."""
        known_labels = dict(labels(self.form.sections, self.form.computed))
        headings = Headings(known_labels)
        columns = {s.label: s.label for s in self.form.summaries}
        with_columns = Headings({**columns, **known_labels}) if columns else headings
        found: dict[str, Expression] = {}
        for where, key, source, scopes in expressions(self.form):
            self.keys.where = where
            own = with_columns if where.startswith("[[summary]]") else headings
            try:
                expression = found.get(source) or Expression.parse(source, own)
            except ExpressionError as error:
                self.keys.say(rules.FORM_EXPRESSION, key=key, value=source, what=str(error))
                continue
            found[source] = expression
            known = [*scopes, self.form.names()]
            unknown = list(unknown_names(expression.tree, known))
            for name in unknown:
                self.unknown(key, name.written, name.nearest)
            wrong = "" if unknown else _no_value(expression, known, key)
            if not wrong and key == "at（find）" and path_of(expression.tree) is None:
                wrong = "这里写一个填报项的名称，例如 收支.合计.决算数"
            if (
                not unknown
                and key in {"rule", "when"}
                and isinstance(expression.tree, _NO_CONDITION)
            ):
                wrong = "这不是一个条件，例如 决算数 <= 预算数"
            if wrong:
                self.keys.say(rules.FORM_EXPRESSION, key=key, value=source, what=wrong)
        for check in self.form.checks:
            rule = found.get(check.rule)
            if not (check.tolerance or check.rounding_tail) or rule is None:
                continue
            if not rule.is_comparison:
                self.keys.where = f"[[check]] {check.code}"
                self.keys.absent({"tolerance": 1}, ("tolerance",), "容差只用于一个比较：甲 == 乙")
        form = replace(self.form, expressions=found, headings=headings)
        self.mixed_columns(form)
        for document in self.form.documents:
            self.keys.where = f"[[document]] {document.template}"
            whole = form if document.scope == "unit" else summary_form(form)
            if document.scope == "batch":
                self.table(whole, document.each)
                self.condition(document, whole)
            self.output(document, whole)
        rings = [(_where(form, ring[0]), [".".join(key) for key in ring]) for ring in cycles(form)]
        if ring := _ring_of_columns(form):
            rings.append((f"[[summary]] {ring[0]}", ring))
        for where, path in rings:
            self.keys.where = where
            self.keys.say(rules.FORM_CYCLE, value=path[0], path=" → ".join(path))
        return form

    def mixed_columns(self, form: Form) -> None:
        """A formula of the summary is about its columns or about the form's names, not both."""
        for summary in form.summaries:
            expression = form.expressions.get(summary.formula)
            if expression is None or operands(form, summary, expression):
                continue
            own = {
                s.label for s in form.summaries if s is not summary
            } - form.names().members.keys()
            mixed = next((path[0] for path in expression.paths() if path[0] in own), "")
            if mixed:
                self.keys.where = f"[[summary]] {summary.label}"
                what = f"“{mixed}”是汇总的栏目，不能和表单里的名称写在一个公式里"
                self.keys.say(
                    rules.FORM_EXPRESSION, key="formula", value=summary.formula, what=what
                )

    def condition(self, document: Document, batch: Form) -> None:
        """Check the condition of a document over all units."""
        try:
            tree = Expression.parse(document.when or "1", batch.headings).tree
        except ExpressionError as error:
            self.keys.say(rules.FORM_EXPRESSION, key="when", value=document.when, what=str(error))
            return
        for name in unknown_names(tree, [*row_of(batch, document), batch.names()]):
            self.unknown("when", name.written, name.nearest)

    def output(self, document: Document, form: Form) -> None:
        """Check the pattern of a file name as any other expression; *form* has its names."""
        environment = Environment()  # noqa: S701 - parsed, not rendered
        environment.filters.update(FILTERS)
        try:
            tree = environment.parse(form.headings.in_tags(document.output))
            environment.compile(tree)  # knows the filters and tests that there are
        except TemplateSyntaxError:
            self.keys.say(
                rules.FORM_EXPRESSION,
                key="output",
                value=document.output,
                what="写法不对，请检查括号和引号",
            )
            return
        for name in unknown_names(tree, [*row_of(form, document), form.names()]):
            self.unknown("output", name.written, name.nearest)


def _top_names(form: Form) -> Iterator[tuple[str, str]]:
    for section in form.sections:
        for name in (section.label, *section.was):
            yield name, f"[[section]] {section.label}"
    for one in form.computed:
        for name in (one.label, *one.was):
            yield name, f"[[computed]] {one.label}"


#: What is never true or false: a rule or a ``when`` that is one of these was not meant as it stands.
_NO_CONDITION = (
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.Neg, nodes.Pos, nodes.List, nodes.Concat,
)  # fmt: skip

_Found = tuple[str, str, str, list[Shape]]


def expressions(form: Form) -> Iterator[_Found]:
    """Yield (where, key, source, the scopes beyond the form's own names) of every expression."""
    for section in form.sections:
        yield from _of_section(form, section)
    for one in form.computed:
        yield f"[[computed]] {one.label}", "formula", one.formula, []
    for check in form.checks:
        where, scopes = f"[[check]] {check.code}", row_of(form, check)
        scopes += [Shape(s.members[check.alias].members) for s in scopes]
        for key in ("rule", "when"):
            if source := getattr(check, key):
                yield where, key, source, scopes
        if check.at:
            yield where, "at（find）" if check.find else "at", check.at, scopes
    for summary in form.summaries:
        # a name of the form wins, so that 收入.年初预算数 is found beside a column 收入
        own = form.names().members
        others = {s.label: Shape() for s in form.summaries if s is not summary}
        columns = Shape({n: shape for n, shape in others.items() if n not in own})
        yield f"[[summary]] {summary.label}", "formula", summary.formula, [columns]
    for document in form.documents:
        if document.when and document.scope == "unit":
            where = f"[[document]] {document.template}"
            yield where, "when", document.when, row_of(form, document)


def row_of(form: Form, one: Document | Check) -> list[Shape]:
    """Return the scope that holds the row of an ``each`` under its own name."""
    sections = [s for s in form.sections if s.has_rows and one.each in (s.label, *s.was)]
    return [Shape({one.alias: form.shape(s).each or Shape()}) for s in sections if one.each]


def _no_value(expression: Expression, scopes: list[Shape], key: str) -> str:
    """Say what in *expression* names several values where one is wanted; nothing if all is well."""
    used = set(expression.paths())
    for node, shape in shapes_used(expression.tree, scopes):
        if isinstance(node, nodes.Filter) and node.name in {"where", "筛选"} and not shape.each:
            return f"“{node.name}”前面不是表格"
        own = path_of(node) or ()
        path = ".".join(own)
        if own in used and shape.members and not shape.each:
            return f"“{path}”不是一个值，请写到具体的一项"
        if node is expression.tree and shape.each and key in {"formula", "total", "at"}:
            return f"“{path or expression.source}”是一列或一张表，不是一个值"
    return ""


def _ring_of_columns(form: Form) -> list[str]:
    """Return columns of the summary that lead back to themselves, if any do."""
    rests = {
        s.label: operands(form, s, form.expressions[s.formula])
        for s in form.summaries
        if s.formula in form.expressions
    }
    try:
        TopologicalSorter(rests).prepare()
    except CycleError as error:
        return [*error.args[1]]
    return []


def _where(form: Form, key: tuple[str, ...]) -> str:
    is_computed = len(key) == 1 and key[0] not in {s.label for s in form.sections}
    return f"[[computed]] {key[0]}" if is_computed else " › ".join(key)


def _of_section(form: Form, section: Section) -> Iterator[_Found]:
    if section.when:
        yield f"[[section]] {section.label}", "when", section.when, []
    shape = form.shape(section)
    row, totals = shape.each or shape, shape.members.get("合计", Shape())
    if section.kind == "grid":
        row = shape.members[section.rows[0].label] if section.rows else Shape()
        for line in section.rows:
            if line.formula:
                where = f"{section.label} › {line.label}"
                yield where, "formula", line.formula, [_column(section), shape]
    for one in section.fields:
        where = f"{section.label} › {one.label}"
        for key in ("formula", "when", "required", "total", "prior"):
            source = getattr(one, key)
            if isinstance(source, str) and source:
                yield where, key, source, [totals if key == "total" else row, shape]


def _column(section: Section) -> Shape:
    """Return a grid's rows by name, as the formula of a row sees them: one column at a time."""
    return Shape({n: Shape() for line in section.rows for n in (line.label, *line.was)})
