"""What the parts of a form say of each other: names, references, expressions."""

from collections.abc import Iterator
from dataclasses import replace

from jinja2 import Environment, TemplateSyntaxError

from reportgen import rules
from reportgen.expression import Expression, ExpressionError, Headings, narrow
from reportgen.filters import FILTERS
from reportgen.form import Document, Form, Section, labels, shape_of
from reportgen.formkeys import Keys, maybe
from reportgen.names import Shape, nearest, unknown_names


class FormNames:
    """Checks a form as a whole; the findings go to *keys*."""

    def __init__(self, keys: Keys, form: Form) -> None:
        self.keys = keys
        self.form = form

    def check_collisions(self) -> None:
        """Two things of one name, where one name must mean one thing."""
        seen: dict[str, str] = {}
        for label, where in _top_names(self.form):
            self.keys.where = where
            if narrow(label) in seen:
                self.keys.say(rules.FORM_NAME_TWICE, value=label)
            seen[narrow(label)] = where
        codes: set[str] = set()
        for check in self.form.checks:
            self.keys.where = f"[[check]] {check.code}"
            if check.code in codes:
                self.keys.say(rules.FORM_NAME_TWICE, value=check.code)
            codes.add(check.code)

    def check_references(self) -> None:
        """What names something else, names what is there."""
        short = self.form.short_names()
        self.keys.where = "[form]"
        for key, label in (("unit", self.form.unit), ("code", self.form.code)):
            if label and label not in short:
                self.keys.say(
                    rules.FORM_UNKNOWN_NAME,
                    key=key,
                    value=label,
                    nearest=maybe(nearest(label, short)),
                )
        for section in self.form.sections:
            for one in section.fields:
                if one.source:
                    self.keys.where = f"{section.label} › {one.label}"
                    self.source(one.source)
        for document in self.form.documents:
            self.keys.where = f"[[document]] {document.template}"
            if document.each and not self.is_table(document.each):
                self.keys.say(
                    rules.FORM_VALUE,
                    key="each",
                    value=document.each,
                    what="不是一张表格",
                    hint='each 要写一个 kind = "table" 的名称。',
                )
        for check in self.form.checks:
            self.keys.where = f"[[check]] {check.code}"
            if check.each and not self.is_table(check.each):
                self.keys.say(
                    rules.FORM_VALUE,
                    key="each",
                    value=check.each,
                    what="不是一张表格",
                    hint='each 要写一个 kind = "table" 的名称。',
                )

    def is_table(self, label: str) -> bool:
        """Whether *label* is a section of any number of rows."""
        return any(s.has_rows and label in (s.label, *s.was) for s in self.form.sections)

    def source(self, source: tuple[str, str]) -> None:
        """Check what a ``from`` names."""
        try:
            self.form.section(source[0]).field(source[1])
        except KeyError:
            names = [f"{s.label}.{f.label}" for s in self.form.sections for f in s.fields]
            written = ".".join(source)
            self.keys.say(
                rules.FORM_UNKNOWN_NAME,
                key="from",
                value=written,
                nearest=maybe(nearest(written, names)),
            )

    def with_expressions(self) -> Form:
        """Return the form with every expression parsed, and say which cannot be understood."""
        headings = Headings(dict(labels(self.form.sections, self.form.computed)))
        found: dict[str, Expression] = {}
        for where, key, source, scopes in _expressions(self.form):
            self.keys.where = where
            try:
                expression = found.get(source) or Expression.parse(source, headings)
            except ExpressionError as error:
                self.keys.say(rules.FORM_EXPRESSION, key=key, value=source, what=str(error))
                continue
            found[source] = expression
            for name in unknown_names(expression.tree, [self.form.names(), *scopes]):
                self.keys.say(
                    rules.FORM_UNKNOWN_NAME,
                    key=key,
                    value=name.written,
                    nearest=maybe(name.nearest),
                )
        for document in self.form.documents:
            self.keys.where = f"[[document]] {document.template}"
            self.output(document, headings)
        return replace(self.form, expressions=found, headings=headings)

    def output(self, document: Document, headings: Headings) -> None:
        """Check the pattern of a file name as any other expression."""
        environment = Environment()  # noqa: S701 - parsed, not rendered
        environment.filters.update(FILTERS)
        try:
            tree = environment.parse(headings.in_tags(document.output))
        except TemplateSyntaxError:
            self.keys.say(
                rules.FORM_EXPRESSION,
                key="output",
                value=document.output,
                what="写法不对，请检查括号和引号",
            )
            return
        scopes = [self.form.names()] if document.scope == "unit" else []
        if document.each:
            row = shape_of(self.form.section(document.each)).each or Shape()
            scopes.append(Shape({document.alias: row}))
        for name in unknown_names(tree, scopes):
            self.keys.say(
                rules.FORM_UNKNOWN_NAME,
                key="output",
                value=name.written,
                nearest=maybe(name.nearest),
            )


def _top_names(form: Form) -> Iterator[tuple[str, str]]:
    for section in form.sections:
        for name in (section.label, *section.was):
            yield name, f"[[section]] {section.label}"
    for one in form.computed:
        for name in (one.label, *one.was):
            yield name, f"[[computed]] {one.label}"


_Found = tuple[str, str, str, list[Shape]]


def _expressions(form: Form) -> Iterator[_Found]:
    """Yield (where, key, source, the scopes beyond the form's own names) of every expression."""
    for section in form.sections:
        yield from _of_section(section)
    for one in form.computed:
        yield f"[[computed]] {one.label}", "formula", one.formula, []
    for check in form.checks:
        where, scopes = f"[[check]] {check.code}", []
        if check.each:
            row = shape_of(form.section(check.each)).each or Shape()
            scopes = [row, Shape({check.alias: row})]
        yield where, "rule", check.rule, scopes
        if check.at:
            yield where, "at", check.at, scopes
    for summary in form.summaries:
        yield f"[[summary]] {summary.label}", "formula", summary.formula, []
    for document in form.documents:
        if document.when:
            scopes = []
            if document.each:
                row = shape_of(form.section(document.each)).each or Shape()
                scopes = [Shape({document.alias: row})]
            yield f"[[document]] {document.template}", "when", document.when, scopes


def _of_section(section: Section) -> Iterator[_Found]:
    shape = shape_of(section)
    row = shape.each or shape
    if section.kind == "grid":
        row = Shape({n: Shape(field=f) for f in section.fields for n in (f.label, *f.was)})
        column = Shape({n: Shape() for r in section.rows for n in (r.label, *r.was)})
        for grid_row in section.rows:
            if grid_row.formula:
                yield (
                    f"{section.label} › {grid_row.label}",
                    "formula",
                    grid_row.formula,
                    [shape, column],
                )
    if section.when:
        yield f"[[section]] {section.label}", "when", section.when, []
    for one in section.fields:
        where = f"{section.label} › {one.label}"
        for key in ("formula", "when", "required", "total"):
            source = getattr(one, key)
            if isinstance(source, str) and source:
                yield where, key, source, [shape, row]
