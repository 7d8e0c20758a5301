"""Numbers of the form that a narrative gives once more: ``在职人数为15人`` beside a cell that says 14."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from reportgen import rules
from reportgen.compute import Data
from reportgen.figures import Figure, canonical_label, figures, same_uom
from reportgen.filters import YUAN
from reportgen.finding import Finding, Related
from reportgen.form import Field, labels
from reportgen.narratives import Narrative, narratives
from reportgen.value import Cell, Number, digits, half_up, number

_SHORTEST = 4
_CLAUSE = 60  # how far back the words are read that belong to a label
# what may stand between a label and its number, and before a label that means the form's own
_LINK = re.compile(r"[为是共计约达到：\s]{0,3}")
_OWN = re.compile(r"(?:[年月度末位心局院校队会办的了共计有其中为是我本]|[^\u4e00-\u9fff]|^)$")
_OTHER_TIME = re.compile(r"上年|去年|年初|往年|上一年|同期|明年|下年|次年")
_DIGIT = re.compile("[0-9０-９]")
_YEAR = re.compile(r"(\d{4})年")

_Named = tuple[str, Number]  # the name that a slot would have, and the number


def restated_numbers_agree(data: Data) -> Iterator[Finding]:
    """Where a narrative gives a number that has its own cell, both are the same, as rounded there.

    A number is recognized by its label (or row and column), of four characters at least.
    """
    stated = {name: v[0] for name, v in _named_numbers(data).items() if len(v) == 1}
    known = _pattern(frozenset({*_labels(data), *stated}))
    years = {
        digits(value.value)
        for section in data.form.sections if section.kind == "record"
        for field in section.fields if field.type == "year"
        if isinstance(value := data.node(section).lookup(field.label), Number)
    }  # fmt: skip
    for said in narratives(data):
        if not _DIGIT.search(said.text):
            continue
        numbers = {**stated, **_of_row(said)}
        # the same words are said once, however often they are written
        yield from dict.fromkeys(_restated(said, known, numbers, years))


@lru_cache(maxsize=64)  # the units of a form state the same numbers
def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    """Match any of *names*, the longest first."""
    return re.compile("|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name)))))


def _restated(
    said: Narrative, known: re.Pattern[str], numbers: dict[str, _Named], years: set[str]
) -> Iterator[Finding]:
    written: dict[int, Figure] | None = None
    for match in known.finditer(said.text):
        path, value = numbers.get(match[0], ("", None))
        before = said.text[max(0, match.start() - _CLAUSE) : match.start()]
        if value is None or _is_another(before, years):
            continue
        if written is None:
            written = {one.start: one for one in figures(said.text)}
        link = _LINK.match(said.text, match.end())
        figure = written.get(link.end() if link else match.end())
        if figure:
            yield from _compare(said, match, figure, path, value)


def _is_another(before: str, years: set[str]) -> bool:
    """Whether the words *before* a label make it another number: 街道整体支出, 上年在职人数."""
    clause = re.split(r"[，。；：！？（\n]", before)[-1]
    if not _OWN.search(clause) or _OTHER_TIME.search(clause):
        return True
    return bool(years) and any(year not in years for year in _YEAR.findall(clause))


def _compare(
    said: Narrative, label: re.Match[str], written: Figure, path: str, value: Number
) -> Iterator[Finding]:
    field: Field = value.field
    factor = _factor(field, written.uom)
    if factor is None:
        return
    exact = Fraction(value.value) * factor
    if half_up(exact / Fraction(written.times), written.places) == written.value:
        return
    apart = number(Fraction(written.amount) - exact).value
    cell: Cell = value.cell or Cell("", "")
    ours = f"{digits(number(exact).value)}{written.uom}"
    found = said.say(
        rules.RESTATED, label.start(), written.end, digits(apart), name=path, ours=ours
    )
    there = Related(sheet=cell.sheet, cell=cell.ref, field=path, value=ours)
    yield replace(found, related=(there,))


def _factor(field: Field, uom: str) -> Fraction | None:
    """Return what turns the field's number into *uom*; None when that cannot be."""
    if field.type == "percent":
        return Fraction(100) if uom == "%" else None
    if field.uom in YUAN and uom in YUAN:
        return Fraction(YUAN[field.uom], YUAN[uom])
    return Fraction(1) if uom and uom == same_uom(field.uom) else None


def _named_numbers(data: Data) -> dict[str, list[_Named]]:
    """Return the numbers of the form by the names that a sentence would give them."""
    form, found = data.form, dict[str, list[_Named]]()

    def add(name: str, path: str, value: object) -> None:
        if len(name) >= _SHORTEST and isinstance(value, Number) and value.field is not None:
            found.setdefault(canonical_label(name), []).append((path, value))

    every = Counter(field.label for section in form.sections for field in section.fields)
    for one in form.computed:
        add(one.label, one.label, data.lookup(one.label))
    for section in form.sections:
        node = data.node(section)
        if data.applies(section) is False:
            continue
        for field in section.fields:
            is_only = every[field.label] == 1
            if section.kind == "grid":
                for row in section.rows:
                    path = f"{section.label}.{row.label}.{field.label}"
                    add(row.label + field.label, path, node.cell(row.label, field))
            elif section.kind == "record":
                path, value = f"{section.label}.{field.label}", node.lookup(field.label)
                add(section.label + field.label, path, value)
                if is_only:
                    add(field.label, path, value)
            elif is_only and field.has_total:
                path = f"{section.label}.合计.{field.label}"
                add(field.label, path, node.lookup("合计").lookup(field.label))
    return found


def _of_row(said: Narrative) -> dict[str, _Named]:
    """Return the numbers of the row that a narrative stands in; there they are meant."""
    if said.row is None:
        return {}
    values = {f.label: said.row.lookup(f.label) for f in said.section.fields if f.is_number}
    return {
        canonical_label(label): (label, value)
        for label, value in values.items()
        if len(label) >= _SHORTEST and isinstance(value, Number)
    }


def _labels(data: Data) -> set[str]:
    """Return every label of the form: a longer one is not its shorter part."""
    form = data.form
    return {canonical_label(label) for _, label in labels(form.sections, form.computed)}
