"""Formulas that lead back to themselves, found without any data."""

from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from reportgen.form import Field, Form, Section
from reportgen.names import Shape, shapes_used

Key = tuple[str, ...]
#: What is computed or depends on a condition; an expression that it rests on; the scopes beyond
#: the form's own names, the nearest first.
_Rests = Iterator[tuple[Key, str, list[Shape]]]


def cycles(form: Form) -> list[list[Key]]:
    """Return each ring of formulas and conditions that rest on one another."""
    graph: dict[Key, set[Key]] = defaultdict(set)
    for section in form.sections:
        for one in section.fields:
            graph[section.label, "合计", one.label] |= _added_up(section, one.label)
    found: list[list[Key]] = []
    # a ring of cells is a ring of their totals as well, and said once
    for rests in (_cells, _totals):
        for key, source, scopes in rests(form):
            if source in form.expressions:
                used = shapes_used(form.expressions[source].tree, [*scopes, form.names()])
                graph[key] |= {shape.key for _, shape in used if shape.key}
        found = found or list(_rings(graph))
    return found


def _rings(graph: dict[Key, set[Key]]) -> Iterator[list[Key]]:
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            ring: list[Key] = error.args[1]
            yield ring
            for key in ring:
                graph.pop(key, None)
        else:
            return


def _added_up(section: Section, label: str) -> set[Key]:
    if section.kind != "grid":
        return {(section.label, label)}
    return {(section.label, row.label, label) for row in section.rows if not row.formula}


def _cells(form: Form) -> _Rests:
    for one in form.computed:
        yield (one.label,), one.formula, []
    for section in form.sections:
        yield (section.label,), section.when, []
        shape = form.shape(section)
        for one in section.fields:
            for key, formula, scope in _of_field(section, one, shape):
                yield key, section.when, []
                yield key, one.when, [scope, shape]
                yield key, formula, [scope, shape]


def _of_field(section: Section, one: Field, shape: Shape) -> Iterator[tuple[Key, str, Shape]]:
    """Yield the cells of a field: what they are, their formula, and the names beside them."""
    if section.kind != "grid":
        yield (section.label, one.label), one.formula, shape.each or Shape()
        return
    column = Shape(
        {n: shape.members[n].members[one.label] for r in section.rows for n in (r.label, *r.was)}
    )
    for row in section.rows:
        by_row = row.formula if one.is_number and not one.formula else ""
        names = column if by_row else shape.members[row.label]
        yield (section.label, row.label, one.label), one.formula or by_row, names


def _totals(form: Form) -> _Rests:
    for section in form.sections:
        shape = form.shape(section)
        for one in section.fields:
            for source in (one.formula, one.total):
                if isinstance(source, str) and "合计" in shape.members:
                    scopes = [shape.members["合计"], shape]
                    yield (section.label, "合计", one.label), source, scopes
