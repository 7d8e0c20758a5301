"""What ``reportgen lint`` says of a form beyond what keeps it from being read: likely mistakes."""

from collections.abc import Iterator, Mapping, Sequence

from jinja2 import nodes

from reportgen import rules
from reportgen.expression import path_of
from reportgen.finding import Finding, Place
from reportgen.form import Form, Section
from reportgen.formcheck import expressions
from reportgen.headings import label_of
from reportgen.literals import never_true
from reportgen.names import KEEPS_ROWS, Shape, meaning, visited

Key = tuple[str, ...]
#: The filters that ask how many there are, and nothing of what is in them.
_COUNTS = frozenset({"length", "count", "计数", "_chart"})


def check_form(form: Form) -> Iterator[Finding]:
    """Yield what is likely a mistake in the form itself, place by place."""
    for where, key, source, scopes in expressions(form):
        tree = form.expressions[source].tree
        for one in never_true(tree, [*scopes, form.names()]):
            yield rules.FORM_NEVER.at(
                place(form, where), key=key, value=one.written, always=one.always, why=one.why,
                nearest=one.nearest, hint=one.hint,
            )  # fmt: skip
    for section in form.sections:
        yield from _products(form, section)


def _products(form: Form, section: Section) -> Iterator[Finding]:
    """The total of a column of products is the sum of the products, not the product of the sums."""
    totals = {f.label: f.has_total for f in section.fields}
    for one in section.fields:
        if not (one.formula and one.has_total and one.total is True):
            continue
        expression = form.expressions[one.formula]
        used = {path[0] for path in expression.paths()}
        if "序号" in used or not all(totals.get(name, True) for name in used):
            continue  # then the column itself is added up
        for product in [expression.tree, *expression.tree.find_all(nodes.Mul)]:
            if isinstance(product, nodes.Mul) and all(
                _names(side) & set(totals) for side in (product.left, product.right)
            ):
                yield rules.PRODUCT_TOTAL.at(
                    place(form, f"{section.label} › {one.label}"), label=one.label,
                    value=one.formula, section=section.label,
                )  # fmt: skip
                break


def _names(node: nodes.Node) -> set[str]:
    found = {path_of(each) for each in [node, *node.find_all(nodes.Name)]}
    return {path[0] for path in found if path}


def unused_fields(form: Form, used: set[Key]) -> Iterator[Finding]:
    """Yield, section by section, the fields that are filled in and then used by nothing.

    *used* are the names that templates use; those of the form's own rules are added here.
    """
    used = {key for key in (*used, *_used_by_form(form)) if key}  # 序号 has none
    for section in form.sections:
        hits = {key[-1] for key in used if key[0] == section.label}
        idle = [f.label for f in section.fields if f.label not in hits and not f.formula]
        if section.kind == "outline":
            idle = [label for label in idle if label != "级"]  # it gives the number
        if idle:
            value = "、".join(idle)
            yield rules.UNUSED_FIELDS.at(place(form, f"[[section]] {section.label}"), value=value)


def keys_used(tree: nodes.Node, scopes: Sequence[Shape]) -> Iterator[Key]:
    """Yield the key of every value that *tree* uses; of a table that goes on whole, of all in it."""
    for node, known in visited(tree, scopes):
        match node:
            case nodes.Filter(name=name, node=nodes.Node() as source):
                if name not in KEEPS_ROWS | _COUNTS:
                    shape = meaning(source, known)
                    for column in (shape.members if shape and shape.each else {}).values():
                        yield column.key
                for pair in node.kwargs:
                    yield from _column(source, label_of(str(pair.key)), known)
                for argument in node.args:
                    if isinstance(argument, nodes.Const):
                        yield from _column(source, label_of(str(argument.value)), known)
        shape = meaning(node, known)
        if shape and shape.field:
            yield shape.key


def _column(source: nodes.Node, label: str, known: Mapping[str, Shape]) -> Iterator[Key]:
    shape = meaning(source, known)
    if shape and shape.each and label in shape.each.members:
        yield shape.each.members[label].key


def _used_by_form(form: Form) -> Iterator[Key]:
    short = form.short_names()
    for label in (form.unit, form.code):
        if label in short:
            section, one = short[label]
            yield section.label, one.label
    for section in form.sections:
        for one in section.fields:
            if one.source:
                origin = form.section(one.source[0])
                yield origin.label, origin.field(one.source[1]).label
    for _, _, source, scopes in expressions(form):
        yield from keys_used(form.expressions[source].tree, [*scopes, with_last_year(form)])


def with_last_year(form: Form) -> Shape:
    """Return the form's names, those of last year standing for the same fields."""
    own = form.names().members
    return Shape({**own, "上年": Shape({n: s for n, s in own.items() if n != "上年"})})


def place(form: Form, where: str) -> Place:
    """Return a place in the form's own file."""
    return Place(file=f"{form.folder.name}/form.toml", field=where)
