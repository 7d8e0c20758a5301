"""Formulas that lead back to themselves, found without any data."""

from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from reportgen.form import Form, Section, shape_of
from reportgen.names import Shape, shapes_used

Key = tuple[str, ...]
#: A thing that is computed or depends on a condition; an expression that it rests on; the scopes
#: beyond the form's own names, the nearest first.
_Rests = Iterator[tuple[Key, str, list[Shape]]]


def cycles(form: Form) -> Iterator[list[Key]]:
    """Yield each ring of formulas and conditions that rest on one another."""
    graph: dict[Key, set[Key]] = defaultdict(set)
    for key, source, scopes in _all(form):
        if source in form.expressions:
            used = shapes_used(form.expressions[source].tree, [*scopes, form.names()])
            graph[key] |= {shape.key for _, shape in used if shape.key}
    for section in form.sections:
        for one in section.fields:
            graph[section.label, "合计", one.label] |= _added_up(section, one.label)
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


def _all(form: Form) -> _Rests:
    for one in form.computed:
        yield (one.label,), one.formula, []
    for section in form.sections:
        yield (section.label,), section.when, []
        if section.kind == "grid":
            yield from _of_grid(section)
        else:
            yield from _of_columns(section)


def _of_columns(section: Section) -> _Rests:
    shape = shape_of(section)
    totals = shape.members.get("合计", Shape())
    for one in section.fields:
        key = (section.label, one.label)
        yield key, section.when, []
        for source in (one.formula, one.when):
            yield key, source, [shape.each or Shape(), shape]
        for total in (one.formula, one.total):
            if section.has_rows and isinstance(total, str):
                yield (section.label, "合计", one.label), total, [totals, shape]


def _of_grid(section: Section) -> _Rests:
    shape = shape_of(section)
    for one in section.fields:
        for row in section.rows:
            key = (section.label, row.label, one.label)
            columns = shape.members[row.label]
            rows = {
                name: cells.members[one.label]
                for name, cells in shape.members.items()
                if one.label in cells.members
            }
            yield key, section.when, []
            yield key, one.when, [columns, shape]
            if one.formula:
                yield key, one.formula, [columns, shape]
            elif one.is_number:
                yield key, row.formula, [Shape(rows), shape]
        if "合计" not in {row.label for row in section.rows}:
            for source in (one.formula, one.total):
                if isinstance(source, str):
                    yield (section.label, "合计", one.label), source, [shape.members["合计"], shape]
