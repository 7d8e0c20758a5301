"""One unit's filled workbook, as values that know their fields and cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from reportgen.fieldtypes import as_typed
from reportgen.finding import Finding
from reportgen.form import Form, Section
from reportgen.value import Blank, Cell, Day, NotApplicable, Number, Value, YesNo

#: What is filled into a section: a record's ``{label: value}``, a grid's ``{row: {column: value}}``,
#: or the rows of a table or outline.
Row = Mapping[str, Value]
Filled = Row | Mapping[str, Row] | tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """What the unit says of a finding so that it may stand: of one cell, or of all of a code.

    ``sheet`` and ``cell`` are where the finding was, ``field`` and ``value`` what it was about;
    a remark from 校验 has none of them.
    """

    code: str
    text: str
    sheet: str = ""
    cell: str = ""
    field: str = ""
    value: str = ""

    @property
    def is_of_code(self) -> bool:
        """Whether it is about all findings of its code, wherever they are."""
        return not (self.sheet or self.cell or self.field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a unit filled in.

    ``file`` is the workbook's name, ``sheets`` each section's sheet title there, ``findings`` what
    reading found wrong. A formula's value is computed, never read: ``shown`` is the number that
    stands in its cell, by section, row (a grid's name, a table's number from 1, none in a record)
    and field, so that a number typed over a formula can be named. ``cells`` says in the same way
    where the formulas of records and grids stand, and (row ``""``) the headings of columns.
    ``remarks`` are the unit's own words about earlier findings, ``was_returned`` says that it holds
    what an earlier check found. ``made_for`` are name and code of
    the unit for which the workbook was made, as its ``_meta`` says; both empty: for any.
    """

    form: Form
    file: str = ""
    values: Mapping[str, Filled] = field(default_factory=dict)
    prior: Mapping[str, Filled] = field(default_factory=dict)
    sheets: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[tuple[str, str, str], Number] = field(default_factory=dict)
    cells: Mapping[tuple[str, str, str], Cell] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    remarks: Sequence[Remark] = ()
    was_returned: bool = False
    version: str = ""
    sample: bool = False
    made_for: tuple[str, str] = ("", "")

    def record(self, section: Section) -> Row:
        """Return the values of a record."""
        found = self.values.get(section.label, {})
        return found if isinstance(found, Mapping) else {}  # type: ignore[return-value]

    def grid(self, section: Section) -> Mapping[str, Row]:
        """Return the values of a grid, by row and column."""
        found = self.values.get(section.label, {})
        return found if isinstance(found, Mapping) else {}  # type: ignore[return-value]

    def rows(self, section: Section) -> tuple[Row, ...]:
        """Return the rows of a table or outline, in the workbook's order."""
        found = self.values.get(section.label, ())
        return found if isinstance(found, tuple) else ()

    def plain(self) -> dict[str, object]:
        """Return the values in the shape of ``--values``: blanks left out, numbers as text.

        A workbook written from the result reads as the same values again.
        """
        out: dict[str, object] = {}
        for section in self.form.sections:
            match section.kind:
                case "record":
                    filled: object = plain_row(self.record(section))
                case "grid":
                    grid = {name: plain_row(row) for name, row in self.grid(section).items()}
                    filled = {name: row for name, row in grid.items() if row}
                case _:
                    filled = [plain_row(row) for row in self.rows(section)]
            if filled:
                out[section.label] = filled
        if self.prior:
            out["上年"] = replace(self, values=self.prior, prior={}).plain()
        return out


def plain_row(row: Row) -> dict[str, object]:
    """Return the values of a row in the shape of ``--values``."""
    return {name: _plain(value) for name, value in row.items() if _is_filled(value)}


def _is_filled(value: Value) -> bool:
    return isinstance(value, NotApplicable) or not isinstance(value, Blank) or bool(str(value))


def _plain(value: Value) -> object:
    match value:
        case Number():
            return as_typed(value)
        case Day(value=day):
            return day.isoformat()
        case YesNo(value=truth):
            return truth
    return str(value)
