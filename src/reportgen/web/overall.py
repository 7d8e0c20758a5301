"""All units together: who has sent, against the list, and the columns of the summary as bars."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reportgen.campaign import Standing, sent, standings
from reportgen.errors import ReportgenError
from reportgen.form import Form
from reportgen.manifest import UnitRecord
from reportgen.roster import read_roster
from reportgen.show import show
from reportgen.summary.form import Column, columns
from reportgen.summary.values import UnitRow, unit_rows
from reportgen.value import Number, is_empty

#: Bars of one chart: the rest is in 汇总.xlsx.
_BARS = 30


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what it is of, its value as it prints, its length in percent of the longest."""

    label: str
    value: str
    length: float
    is_negative: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A column of the summary, its largest values first; ``more`` are how many are left out."""

    title: str
    bars: tuple[Bar, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of one form's summary: headings, and a row a unit."""

    title: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, tuple[str, ...], str], ...]
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class Overall:
    """What is said of all units: ``standings`` are those of the list, if there is one."""

    tables: tuple[Table, ...]
    standings: tuple[Standing, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()


def overall(
    records: Sequence[UnitRecord], forms: Mapping[str, Form], roster: Path | None
) -> Overall:
    """Return what *records* say together; *forms* are theirs, by id."""
    tables = tuple(t for form in forms.values() if (t := _table(form, records)) is not None)
    rows: tuple[Standing, ...] = ()
    if roster is not None:
        try:
            rows = standings([sent(one) for one in records], read_roster(roster))
        except ReportgenError:
            rows = ()  # the run has said so
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.status] = counts.get(row.status, 0) + 1
    return Overall(tables, rows, tuple(counts.items()))


def _table(form: Form, records: Sequence[UnitRecord]) -> Table | None:
    own = columns(form)
    rows = list(unit_rows(form, own, records))
    if not own or len(rows) < 2:
        return None
    heads = tuple((one.field.heading, one.field.is_number) for one in own)
    lines = tuple(
        (row.record.unit, tuple(_shown(row, one) for one in own), row.status) for row in rows
    )
    return Table(form.title, heads, lines, tuple(_charts(own, rows)))


def _shown(row: UnitRow, one: Column) -> str:
    value = row.values[one.label]
    return "" if is_empty(value) else show(value)


def _charts(own: Sequence[Column], rows: Sequence[UnitRow]) -> Iterator[Chart]:
    for one in own:
        if one.field.type not in {"decimal", "integer", "percent"}:
            continue
        found = [
            (float(value.value), row)
            for row in rows
            if isinstance(value := row.values[one.label], Number)
        ]
        if len(found) < 2 or not any(number for number, _ in found):
            continue
        found.sort(key=lambda pair: -pair[0])
        most = max(abs(number) for number, _ in found)
        bars = tuple(
            Bar(row.record.unit, _shown(row, one), round(abs(n) / most * 100, 1), n < 0)
            for n, row in found[:_BARS]
        )
        yield Chart(one.field.heading, bars, len(found) - len(bars))
