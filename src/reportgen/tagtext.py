"""Names and tags of a form, as a person writes them into a template."""

from collections.abc import Sequence

from jinja2 import nodes

from reportgen.expression import Expression, ExpressionError, path_of
from reportgen.form import Field, Form, GridRow, Section
from reportgen.headings import Headings, identifier

#: What a row is called in its loop, where no document of the form calls it otherwise.
_ROW, _HEADING = "项", "条"


def written(path: Sequence[str], headings: Headings) -> str:
    """Return the name of *path* as a person writes it, in another way only where it is misread.

    With a label ``甲.乙`` in the form, 乙 of 甲 is ``甲['乙']``: the longest heading wins.
    """
    first, *rest = path
    plain = ".".join(path)
    quoted = (first + "".join(f"[{q}{label}{q}]" for label in rest) for q in "'\"")
    for name in (plain, *quoted):
        try:
            if path_of(Expression.parse(name, headings).tree) == tuple(path):
                return name
        except ExpressionError:
            continue
    return ".".join([f"({first})", *map(identifier, rest)])


def row_name(form: Form, section: Section) -> str:
    """Return what a row of *section* is called in a loop: as the document of one row calls it."""
    names = [d.alias for d in form.documents if d.each in {section.label, *section.was}]
    names += [_HEADING if section.kind == "outline" else _ROW, "行", "每一行"]
    taken = form.names().members
    free = (
        n for n in names if n not in taken and written((n, "序号"), form.headings) == n + ".序号"
    )
    return next(free, names[-1])


def loop_over(form: Form, section: Section) -> str:
    """Return what stands behind ``for`` in a loop over *section*: ``项 in 项目明细``."""
    return f"{row_name(form, section)} in {written((section.label,), form.headings)}"


class Tags:
    """Writes the tags of *form*; a number that may have no end gets a filter that ends it."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._quotients = _quotients(form)

    def path(self, section: Section, field: Field) -> tuple[str, ...]:
        """Return the shortest name of a record's field, as a path."""
        known = self.form.short_names().get(field.label)
        return (field.label,) if known == (section, field) else (section.label, field.label)

    def name(self, *path: str) -> str:
        """Return the name of *path*."""
        return written(path, self.form.headings)

    def value(self, field: Field, *path: str, row: GridRow | None = None) -> str:
        """Return the tag that prints *field* under the name of *path*; *row* is its row in a grid."""
        ends = not field.is_number or field.places is not None
        labels = {field.label, row.label if row else field.label}
        if ends or not labels & self._quotients:
            return f"{{{{ {self.name(*path)} }}}}"
        filter_ = "百分比(2)" if field.type == "percent" else "小数(2)"
        return f"{{{{ {self.name(*path)}|{filter_} }}}}"

    def field(self, section: Section, field: Field) -> str:
        """Return the tag of a record's field."""
        return self.value(field, *self.path(section, field))


def _quotients(form: Form) -> frozenset[str]:
    """Return the labels of fields and rows whose numbers may be quotients without an end.

    By label alone: a name that some other field shares gets a filter too, which does no harm.
    """
    fields = [*form.computed, *(f for section in form.sections for f in section.fields)]
    formulas = [
        (one.label, one.places is not None, source)
        for one in fields
        for source in (one.formula, one.total)
        if isinstance(source, str) and source
    ]
    rows = (row for section in form.sections for row in section.rows if row.formula)
    formulas += [(row.label, False, row.formula) for row in rows]
    found: set[str] = set()
    while True:
        more = {
            label
            for label, ends, source in formulas
            if not ends and label not in found and _divides(form.expressions[source], found)
        }
        if not more:
            return frozenset(found)
        found |= more


def _divides(expression: Expression, quotients: set[str]) -> bool:
    """Whether *expression* divides, or rests on what does."""
    if isinstance(expression.tree, nodes.Div) or next(expression.tree.find_all(nodes.Div), None):
        return True
    return any(quotients & set(path) for path in expression.paths())
