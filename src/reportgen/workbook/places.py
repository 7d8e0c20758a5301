"""Where a finding stands in a workbook that is written anew from what was read."""

from collections.abc import Iterator
from dataclasses import replace

from reportgen.finding import Finding, Related
from reportgen.form import Section
from reportgen.submission import Submission
from reportgen.value import Value
from reportgen.workbook import layout

#: A sheet and a cell.
At = tuple[str, str]


class NewPlaces:
    """The cells of a submission in its own workbook, and in the one that is written from it."""

    def __init__(self, submission: Submission) -> None:
        self._cells = dict(_moves(submission))
        self._sheets = {title: label for label, title in submission.sheets.items()}

    def of(self, finding: Finding) -> Finding:
        """Return *finding* at its new cell; what is about no entry keeps its sheet alone."""
        sheet, cell = self._at(finding.place.sheet, finding.place.cell)
        place = replace(finding.place, sheet=sheet, cell=cell)
        return replace(finding, place=place, related=tuple(map(self._related, finding.related)))

    def _related(self, one: Related) -> Related:
        sheet, cell = self._at(one.sheet, one.cell)
        return replace(one, sheet=sheet, cell=cell)

    def _at(self, sheet: str, cell: str) -> At:
        return self._cells.get((sheet, cell)) or (self._sheets.get(sheet, sheet), "")


def _moves(submission: Submission) -> Iterator[tuple[At, At]]:
    for section in submission.form.sections:
        for row, label, value in _entries(submission, section):
            cell = getattr(value, "cell", None)
            if cell:
                yield (cell.sheet, cell.ref), (section.label, _address(section, row, label))
    for (label, row, field), value in submission.shown.items():
        section = submission.form.section(label)
        if value.cell:
            new = _address(section, int(row) if section.has_rows else row, field)
            yield (value.cell.sheet, value.cell.ref), (label, new)


def _entries(submission: Submission, section: Section) -> Iterator[tuple[int | str, str, Value]]:
    """Yield row (a grid's name, a table's number from 1), field and value of each entry."""
    match section.kind:
        case "record":
            lines: list[tuple[int | str, object]] = [("", submission.record(section))]
        case "grid":
            lines = [*submission.grid(section).items()]
        case _:
            lines = [*enumerate(submission.rows(section), 1)]
    for row, values in lines:
        assert isinstance(values, dict)
        for label, value in values.items():
            yield row, label, value


def _address(section: Section, row: int | str, field: str) -> str:
    if section.kind == "record":
        return layout.address(layout.row(section, field), 2)
    column = layout.column(section, field)
    if isinstance(row, int):
        return layout.address(layout.first_row(section) + row - 1, column)
    return layout.address(layout.row(section, row), column)
