"""Last year's values (``上年.…``) travel in a hidden sheet: section, row, field, value a line."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reportgen.fieldtypes import raw_text, read_value, told
from reportgen.finding import Rule
from reportgen.form import Form, Section
from reportgen.submission import Filled
from reportgen.value import Blank, Value

HEADINGS = ("工作表", "行", "填报项", "上年数")


def lines(form: Form, prior: Mapping[str, Filled]) -> Iterator[tuple[str, str, str, Value]]:
    """Yield a line for each of last year's values; ``行`` is a grid's row or a table's row number."""
    for section in form.sections:
        filled = prior.get(section.label)
        if isinstance(filled, tuple):
            rows: Mapping[str, Any] = {str(n): row for n, row in enumerate(filled, 1)}
        elif section.kind == "grid":
            rows = filled or {}
        else:
            rows = {"": filled or {}}
        for name, row in rows.items():
            for label, value in row.items():
                if not isinstance(value, Blank) or str(value):
                    yield section.label, name, label, value


def read_lines(
    form: Form, rows: list[list[Any]], say: Callable[[str, Rule, dict[str, Any]], None]
) -> dict[str, Filled]:
    """Return last year's values from the sheet's rows; what this year's form lacks is left out.

    *say* is told the cell, the rule and its words for every value that cannot be read.
    """
    found: dict[str, dict[str, dict[str, Value]]] = {}
    for at, line in enumerate(rows[1:], 2):
        label, row, name, raw = ([*line, "", "", "", ""])[:4]
        try:
            section = form.section(str(label))
            field = section.field(str(name))
        except KeyError:
            continue
        value, problems = read_value(raw, field, None)
        for rule, words in problems:
            say(f"D{at}", rule, {**told(field), "label": f"上年.{label}.{name}", **words})
        found.setdefault(section.label, {}).setdefault(raw_text(row), {})[field.label] = value
    return {label: _shaped(form.section(label), rows_) for label, rows_ in found.items()}


def _shaped(section: Section, rows: dict[str, dict[str, Value]]) -> Filled:
    if section.has_rows:
        return tuple(rows[n] for n in sorted(rows, key=lambda n: int(n) if n.isdigit() else 0))
    if section.kind == "grid":
        names = {n: r.label for r in section.rows for n in (r.label, *r.was)}
        return {names[n]: row for n, row in rows.items() if n in names}
    return rows.get("", {})
