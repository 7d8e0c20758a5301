"""What a form is: frozen data, read once from ``form.toml``; everything else is derived from it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from reportgen.expression import Expression
from reportgen.headings import Headings
from reportgen.names import Shape

NUMBER_TYPES = frozenset({"integer", "decimal", "percent", "year"})
#: Names with a meaning of their own; no label may take them.
RESERVED = ("合计", "个数", "序号", "上年", "级", "编号")
GBT_NUMBERING = ("一、", "（一）", "1.", "（1）")
MAX_LEVEL = 4
#: ``total`` of a ``[[summary]]``: the mean of the units' values, for scores that nobody adds up.
AVERAGE = "平均"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One item to fill in: a cell of a record, a column of a table or grid, a computed value.

    ``uom`` is the unit of measure (人, 万元), ``places`` how many decimals are printed and the
    most that are accepted (None: as entered), ``blank`` what an empty cell prints.
    ``required`` and ``total`` are a truth value or an expression over the same row or section.
    ``prior`` is filled in from last year: the value of that name (True), or an expression over
    last year's row, section and form.
    ``source`` is ``from``: section and field whose values are allowed.
    """

    label: str
    type: str = "text"
    uom: str = ""
    group: str = ""
    hint: str = ""
    example: str = ""
    required: bool | str = False
    when: str = ""
    unique: bool = False
    choices: tuple[str, ...] = ()
    source: tuple[str, str] | None = None
    minimum: Decimal | date | None = None
    maximum: Decimal | date | None = None
    pattern: str = ""
    places: int | None = None
    blank: str = ""
    formula: str = ""
    total: bool | str = True
    prior: bool | str = False
    was: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The label with its unit of measure, as the workbook shows it: ``指标总额（万元）``."""
        return f"{self.label}（{self.uom}）" if self.uom else self.label

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.type in NUMBER_TYPES

    @property
    def has_total(self) -> bool:
        """Whether its column has a total: every number column but percent and year (design §3)."""
        if self.total is False or not self.is_number:
            return False
        return (
            bool(self.formula) or isinstance(self.total, str) or self.type in {"integer", "decimal"}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    """A fixed row of a grid; with a formula its number cells are computed from other rows."""

    label: str
    formula: str = ""
    hint: str = ""
    was: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One sheet. ``kind`` is record, grid, table or outline; ``fields`` are a grid's columns too.

    ``empty`` is the sentence that stands in a document for a table without rows.
    """

    label: str
    kind: str
    fields: tuple[Field, ...]
    rows: tuple[GridRow, ...] = ()
    hint: str = ""
    when: str = ""
    numbering: tuple[str, ...] = GBT_NUMBERING
    start: int = 1
    empty: str = ""
    was: tuple[str, ...] = ()

    @property
    def has_rows(self) -> bool:
        """Whether it takes any number of rows: a table or an outline."""
        return self.kind in {"table", "outline"}

    def field(self, label: str) -> Field:
        """Return the field called *label* (or once called so).

        Raises:
            KeyError: there is none.
        """
        for one in self.fields:
            if label == one.label or label in one.was:
                return one
        raise KeyError(label)

    @property
    def shown_of_last_year(self) -> tuple[Field, ...]:
        """The fields whose values of last year stand in this year's workbook, under any label."""
        names = {one.label if one.prior is True else one.prior for one in self.fields}
        return tuple(one for one in self.fields if one.label in names)

    @property
    def level_numbering(self) -> tuple[str, ...]:
        """The numbering of the section's own levels, 1 first.

        Four patterns that begin with 一 are the document's own hierarchy, of which the section
        takes the part from ``start`` on; any other list is for the section's levels as they are.
        """
        if len(self.numbering) == MAX_LEVEL and "一" in self.numbering[0]:
            return self.numbering[self.start - 1 :]
        return self.numbering


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A rule between values (勾稽关系) that the form itself states.

    Either ``rule``, a condition that must hold (only where ``when`` does), or ``find``, a pattern
    that no text may contain. ``tolerance`` is how far the two sides of a comparison may be apart;
    with ``rounding_tail`` it follows from the unit of measure and the number of addends.
    """

    code: str
    message: str
    rule: str = ""
    find: str = ""
    when: str = ""
    level: str = "error"
    at: str = ""
    each: str = ""
    alias: str = ""
    tolerance: Decimal | None = None
    rounding_tail: bool = False
    explain: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A column of the bureau's summary, one row a unit.

    ``type``, ``uom``, ``places`` and ``choices`` say how it prints, where that does not follow from
    the field that ``formula`` names. ``total`` is a truth value, or ``AVERAGE``.
    """

    label: str
    formula: str
    type: str = ""
    uom: str = ""
    places: int | None = None
    choices: tuple[str, ...] = ()
    total: bool | str = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A Word document: its template and the pattern of its file name; ``each`` makes one per row."""

    template: str
    output: str
    when: str = ""
    each: str = ""
    alias: str = ""
    scope: str = "unit"


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form: ``folder`` holds its ``form.toml`` and its Word templates."""

    id: str
    title: str
    version: str
    unit: str
    folder: Path
    sections: tuple[Section, ...]
    code: str = ""
    deadline: date | None = None
    contact: str = ""
    computed: tuple[Field, ...] = ()
    checks: tuple[Check, ...] = ()
    summaries: tuple[Summary, ...] = ()
    documents: tuple[Document, ...] = ()
    expressions: Mapping[str, Expression] = field(default_factory=dict, repr=False)
    headings: Headings = field(default_factory=lambda: Headings({}), repr=False)

    def section(self, label: str) -> Section:
        """Return the section called *label* (or once called so).

        Raises:
            KeyError: there is none.
        """
        for one in self.sections:
            if label == one.label or label in one.was:
                return one
        raise KeyError(label)

    def short_names(self) -> dict[str, tuple[Section, Field]]:
        """Return the record fields whose label alone says which one is meant."""
        found: dict[str, list[tuple[Section, Field]]] = {}
        for section in self.sections:
            if section.kind == "record":
                for one in section.fields:
                    for name in (one.label, *one.was):
                        found.setdefault(name, []).append((section, one))
        taken = {c.label for c in self.computed} | {
            n for s in self.sections for n in (s.label, *s.was)
        }
        return {
            name: hits[0] for name, hits in found.items() if len(hits) == 1 and name not in taken
        }

    def names(self) -> Shape:
        """Return every name that a template or a formula may use."""
        return self._names

    def shape(self, section: Section) -> Shape:
        """Return the names inside one of the form's sections."""
        return self._shapes[id(section)]

    @cached_property
    def _shapes(self) -> dict[int, Shape]:
        return {
            id(section): shape_of(section) for section in self.sections
        }  # two may have one label

    @cached_property
    def _names(self) -> Shape:
        sections = {n: self.shape(s) for s in self.sections for n in (s.label, *s.was)}
        computed = {
            n: Shape(field=c, key=(c.label,)) for c in self.computed for n in (c.label, *c.was)
        }
        short = {
            name: Shape(field=one, key=(section.label, one.label))
            for name, (section, one) in self.short_names().items()
        }
        own = Shape({**short, **sections, **computed})
        return Shape({**own.members, "上年": own.without_keys()})


def labels(
    form_sections: tuple[Section, ...], computed: tuple[Field, ...]
) -> Iterator[tuple[str, str]]:
    """Yield (what may be written, the label it means) for every heading of a form."""
    for section in form_sections:
        for name in (section.label, *section.was):
            yield name, name
        for row in section.rows:
            for name in (row.label, *row.was):
                yield name, name
    for one in (*computed, *(f for s in form_sections for f in s.fields)):
        for name in (one.label, *one.was):
            yield name, name
            if one.uom:
                yield f"{name}（{one.uom}）", name


def shape_of(section: Section) -> Shape:
    """Return the names inside *section*."""

    def cells(fields: Iterable[Field], *row: str) -> dict[str, Shape]:
        return {
            n: Shape(field=f, key=(section.label, *row, f.label))
            for f in fields
            for n in (f.label, *f.was)
        }

    totals = Shape(cells((f for f in section.fields if f.has_total), "合计"))
    if section.kind == "record":
        return Shape(cells(section.fields))
    if section.kind == "grid":
        rows = {
            n: Shape(cells(section.fields, r.label))
            for r in section.rows
            for n in (r.label, *r.was)
        }
        return Shape({"合计": totals, **rows})
    row = cells(section.fields)
    columns = {n: Shape(each=shape, field=shape.field, key=shape.key) for n, shape in row.items()}
    own = ("序号", "编号") if section.kind == "outline" else ("序号",)
    each = Shape({**row, **{name: Shape() for name in own}})
    return Shape(
        {**columns, "合计": totals, "个数": Shape()},
        each=each,
        key=(section.label,),
        empty=section.empty,
    )
