"""What stands in a workbook before the unit gets it: its name and code, and last year's values."""

from fractions import Fraction
from typing import Any

from reportgen.compute import Data
from reportgen.form import Field, Section
from reportgen.submission import Row, Submission
from reportgen.value import Invalid, Number, Text, Value, half_up, is_empty

_MOST_PLACES = 12  # of a quotient without an end: Excel keeps 15 digits


class Carried:
    """The cells of *submission*'s workbook that the program fills in, blue and locked."""

    def __init__(self, submission: Submission) -> None:
        form = submission.form
        short = form.short_names()
        self._made_for = {
            (short[label][0].label, short[label][1].label): Text(text, short[label][1])
            for label, text in zip((form.unit, form.code), submission.made_for, strict=True)
            if text and label in short
        }
        self._submission = submission
        last = Submission(form=form, values=submission.prior)
        self._last = Data(last, prior=True) if submission.prior else None

    def __bool__(self) -> bool:
        """Whether there is any such cell."""
        return bool(self._made_for) or any(
            self.rows(section) if section.has_rows else self._has_cells(section)
            for section in self._submission.form.sections
        )

    def value(self, section: Section, row: str, field: Field) -> Value | None:
        """Return what is carried into a cell of a record, or of a grid's *row*."""
        if given := self._made_for.get((section.label, field.label)):
            return given
        if not field.prior or self._last is None:
            return None
        node = self._last.node(section)
        return self._taken(section, field, node.lookup(row) if row else node)

    def rows(self, section: Section) -> tuple[Row, ...]:
        """Return a row for each of last year's rows that has any value to carry over."""
        fields = [field for field in section.fields if field.prior]
        if not fields or self._last is None or self._submission.rows(section):
            return ()
        found = []
        for line in self._last.node(section):
            values = {field.label: self._taken(section, field, line) for field in fields}
            found.append({label: value for label, value in values.items() if value is not None})
        return tuple(row for row in found if row)

    def _has_cells(self, section: Section) -> bool:
        rows = [r.label for r in section.rows if not r.formula] if section.rows else [""]
        return any(
            self.value(section, row, f) is not None
            for f in section.fields
            if f.prior and not f.formula
            for row in rows
        )

    def _taken(self, section: Section, field: Field, line: Any) -> Value | None:
        """Return last year's value for *field* beside *line*'s values; None where it has none."""
        if field.prior is True:
            value = line.lookup(field.label)
        else:
            assert self._last is not None
            source, label = str(field.prior), f"{section.label}.{field.label}"
            value = self._last.calculate(object(), field, source, line.scope, label)
        if is_empty(value) or isinstance(value, Invalid):
            return None
        match value:
            case Number(value=amount) if field.places is not None:
                places = field.places + (2 if field.type == "percent" else 0)
                return Number(half_up(amount, places), field)
            case Number(value=Fraction() as amount):
                return Number(half_up(amount, _MOST_PLACES), field)
        return value  # type: ignore[no-any-return]
