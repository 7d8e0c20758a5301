"""A filled workbook → ``Submission``. Fields are found by their labels, never by position."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from reportgen import rules
from reportgen.expression import narrow
from reportgen.fieldtypes import ErrorValue, Uncalculated, Unclear, example, raw_text, read_value
from reportgen.finding import Finding, Place, Rule
from reportgen.form import Field, Form, GridRow, Section
from reportgen.names import nearest
from reportgen.submission import Filled, Row, Submission
from reportgen.value import Cell, Value
from reportgen.workbook import layout
from reportgen.workbook.book import Book, Sheet, open_workbook

_TOTALS = frozenset({"合计", "小计", "总计", "共计", "总合计"})


def read_workbook(path: Path, form: Form) -> Submission:
    """Return the submission in *path*, with a finding for every cell that cannot be read.

    Raises:
        WorkbookError: *path* is missing or is no workbook.
    """
    return read_submission(open_workbook(path), form)


def read_submission(book: Book, form: Form) -> Submission:
    """Return what is filled into *book*, read as *form*."""
    return _Reader(book, form).read()


def version_key(version: str) -> tuple[object, ...]:
    """Return a version as versions are ordered: 2026.9 before 2026.10."""
    parts = version.replace("-", ".").split(".")
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts)


class _Reader:
    """Collects values and findings, sheet by sheet."""

    def __init__(self, book: Book, form: Form) -> None:
        self.book, self.form = book, form
        self.findings: list[Finding] = []
        self.titles: dict[str, str] = {}
        self.version = book.meta.get("version", "")
        self.older = bool(self.version) and version_key(self.version) < version_key(form.version)

    def say(
        self, rule: Rule, sheet: str = "", cell: str = "", field: str = "", **words: Any
    ) -> None:
        place = Place(file=self.book.file, sheet=sheet, cell=cell, field=field)
        self.findings.append(rule.at(place, **words))

    def read(self) -> Submission:
        if self.older:
            self.say(rules.OLD_VERSION, value=self.version, version=self.form.version)
        elif self.version and version_key(self.version) > version_key(self.form.version):
            self.say(rules.NEWER_VERSION, value=self.version, version=self.form.version)
        found = self.sheets()
        values: dict[str, Filled] = {}
        for section in self.form.sections:
            sheet = found.get(section.label)
            if sheet is None:
                continue
            self.titles[section.label] = sheet.title
            values[section.label] = _READERS[section.kind](self, section, sheet)
        return Submission(
            form=self.form,
            file=self.book.file,
            values=values,
            sheets=self.titles,
            findings=tuple(self.findings),
            version=self.version,
            sample=self.book.meta.get("sample", "") == "是",
        )

    def sheets(self) -> dict[str, Sheet]:
        """Return each section's sheet; say which are missing, extra or hidden."""
        by_title = {narrow(title): sheet for title, sheet in self.book.sheets.items()}
        found: dict[str, Sheet] = {}
        for section in self.form.sections:
            for name in (section.label, *section.was):
                sheet = by_title.pop(narrow(name), None)
                if sheet and section.label not in found:
                    found[section.label] = sheet
        extra = [s.title for s in by_title.values() if s.title not in layout.OWN_SHEETS]
        missing = [s for s in self.form.sections if s.label not in found]
        for section in missing if not self.older else ():
            near = nearest(section.label, extra)
            hint = f"表“{near}”是不是它？" if near else ""
            self.say(rules.NO_SHEET, sheet=section.label, value=section.label, nearest=hint)
        for title in extra:
            near = nearest(title, [s.label for s in missing])
            self.say(
                rules.EXTRA_SHEET,
                sheet=title,
                value=title,
                nearest=f"是不是“{near}”？" if near else "",
            )
        for sheet in found.values():
            if sheet.title in self.book.hidden:
                self.say(rules.HIDDEN, sheet=sheet.title, what=f"工作表“{sheet.title}”")
        return found

    def value(self, sheet: Sheet, row: int, column: int, field: Field, label: str = "") -> Value:
        """Return the value of one cell and note what is wrong with it."""
        cell = Cell(sheet.title, layout.address(row, column))
        raw = sheet.raw(row, column)
        value, problems = read_value(raw, field, cell)
        if isinstance(raw, Unclear) and field.required is True:
            problems.append((rules.UNFILLED_OR_ERROR, {}))
        label = label or field.label
        for rule, words in problems:
            self.say(
                rule, sheet.title, cell.ref, label,
                **{"label": label, "uom": (field.uom and f"（{field.uom}）") or "", "example": example(field), **words},
            )  # fmt: skip
        return value

    # -- record ----------------------------------------------------------------

    def record(self, section: Section, sheet: Sheet) -> Row:
        """Read labels and the values beside them."""
        wanted = [f for f in section.fields if not f.formula]
        header = _find_row(sheet, {narrow(layout.LABEL), narrow(layout.VALUE)}, least=2)
        positions: dict[str, list[tuple[int, int]]] = {}
        if header:
            keys = {layout.heading_key(v): c for c, v in _cells(sheet, header)}
            label_column, value_column = keys[narrow(layout.LABEL)], keys[narrow(layout.VALUE)]
            for row in range(header + 1, len(sheet.rows) + 1):
                key = layout.heading_key(sheet.raw(row, label_column))
                if key:
                    positions.setdefault(key, []).append((row, value_column))
        else:  # the heading row is gone: any cell with the label, and the next one to its right
            for row in range(1, len(sheet.rows) + 1):
                for column, text in _cells(sheet, row):
                    positions.setdefault(layout.heading_key(text), []).append((row, column + 1))
        known = {key for f in section.fields for key in layout.spellings(f)}
        values: dict[str, Value] = {}
        for field in wanted:
            hits = [at for key in layout.spellings(field) for at in positions.get(key, [])]
            if not hits:
                self.missing(section, sheet, field, "项", positions)
                continue
            if len(hits) > 1:
                self.twice(sheet, field.heading, hits)
            values[field.label] = self.value(sheet, *hits[0], field)
        for key, hits in positions.items() if header else ():
            row, column = hits[0]
            if key not in known and _is_text(sheet.raw(row, column)):
                label = raw_text(sheet.raw(row, label_column))
                self.unread(section, sheet, label, "项", layout.address(row, label_column))
        return values

    # -- grid ------------------------------------------------------------------

    def grid(self, section: Section, sheet: Sheet) -> Mapping[str, Row]:
        """Read fixed rows and columns, wherever they now stand."""
        wanted = [f for f in section.fields if not f.formula]
        columns, header = self.columns(section, sheet, wanted)
        if not header:
            return {}
        names = {
            layout.heading_key(n): line for line in section.rows for n in (line.label, *line.was)
        }
        labels = _label_column(sheet, header, set(names))
        found: dict[str, list[int]] = {}
        for row in range(header + 1, len(sheet.rows) + 1):
            key = layout.heading_key(sheet.raw(row, labels))
            if key in names:
                found.setdefault(names[key].label, []).append(row)
            elif key and any(_is_text(sheet.raw(row, c)) for c in columns.values()):
                label = raw_text(sheet.raw(row, labels))
                self.unread(section, sheet, label, "行", layout.address(row, labels))
        out: dict[str, Row] = {}
        for line in section.rows:
            if line.formula:
                continue
            rows = found.get(line.label, [])
            if not rows:
                self.missing(section, sheet, line, "行", {})
                continue
            if len(rows) > 1:
                self.twice(sheet, line.label, [(r, labels) for r in rows])
            out[line.label] = {
                f.label: self.value(
                    sheet, rows[0], columns[f.label], f, f"{line.label} · {f.label}"
                )
                for f in wanted
                if f.label in columns
            }
        return out

    # -- table and outline -----------------------------------------------------

    def table(self, section: Section, sheet: Sheet) -> tuple[Row, ...]:
        """Read the rows below the headings; empty rows in between do not count."""
        wanted = [f for f in section.fields if not f.formula]
        columns, header = self.columns(section, sheet, wanted)
        if not header:
            return ()
        rows = []
        for row in range(header + 1, len(sheet.rows) + 1):
            raws = [sheet.raw(row, column) for column in columns.values()]
            texts = [r for r in raws if _is_text(r)]
            if not texts:
                continue
            first = texts[0]
            if isinstance(first, str) and narrow(first) in _TOTALS and len(wanted) > 1:
                self.say(rules.TOTAL_ROW, sheet.title, layout.address(row, 1), value=first.strip())
                continue
            rows.append(
                {
                    f.label: self.value(sheet, row, columns[f.label], f)
                    for f in wanted
                    if f.label in columns
                }
            )
        for top, left, bottom, right in sheet.merged:
            if bottom > header and left <= max(columns.values()):
                span = f"{layout.address(top, left)}:{layout.address(bottom, right)}"
                self.say(rules.MERGED, sheet.title, layout.address(top, left), value=span)
        return tuple(rows)

    def columns(
        self, section: Section, sheet: Sheet, wanted: list[Field]
    ) -> tuple[dict[str, int], int]:
        """Return the column of each field and the row of the headings (0: there is none)."""
        spelt = {key: f for f in section.fields for key in layout.spellings(f)}
        header = _find_row(sheet, set(spelt), least=1)
        if not header:
            shown = "、".join(f.heading for f in section.fields[:4])
            self.say(rules.NO_HEADER, sheet.title, value=shown)
            return {}, 0
        found: dict[str, list[tuple[int, int]]] = {}
        others: list[int] = []
        for column, text in _cells(sheet, header):
            key = layout.heading_key(text)
            if key in spelt:
                found.setdefault(spelt[key].label, []).append((header, column))
            elif key:
                others.append(column)
        for field in wanted:
            if field.label not in found:
                self.missing(
                    section,
                    sheet,
                    field,
                    "列",
                    {narrow(raw_text(sheet.raw(header, c))): 0 for c in others},
                )
            elif len(found[field.label]) > 1:
                self.twice(sheet, field.heading, found[field.label])
        inside = {layout.heading_key(n) for line in section.rows for n in (line.label, *line.was)}
        for column in others:
            below = [sheet.raw(row, column) for row in range(header + 1, len(sheet.rows) + 1)]
            is_labels = any(layout.heading_key(v) in inside for v in below) if inside else False
            if not is_labels and any(_is_text(v) for v in below):
                label = raw_text(sheet.raw(header, column))
                self.unread(section, sheet, label, "列", layout.address(header, column))
        return {label: hits[0][1] for label, hits in found.items()}, header

    # -- messages about structure ----------------------------------------------

    def missing(
        self,
        section: Section,
        sheet: Sheet,
        item: Field | GridRow,
        unit: str,
        others: Mapping[str, Any],
    ) -> None:
        if self.older:
            return
        shown = item.heading if isinstance(item, Field) else item.label
        known = {key for f in section.fields for key in layout.spellings(f)}
        near = nearest(narrow(item.label), [o for o in others if o not in known])
        self.say(
            rules.NO_COLUMN, sheet.title, "", item.label, value=shown, unit=unit,
            nearest=f"表里的“{near}”是不是它？" if near else "",
        )  # fmt: skip

    def unread(self, section: Section, sheet: Sheet, label: str, unit: str, cell: str) -> None:
        names = [f.label for f in section.fields] + [r.label for r in section.rows]
        near = nearest(label, names)
        self.say(
            rules.EXTRA_COLUMN, sheet.title, cell, value=label, unit=unit,
            nearest=f"是不是“{near}”？" if near else "",
        )  # fmt: skip

    def twice(self, sheet: Sheet, label: str, hits: list[tuple[int, int]]) -> None:
        (row, column), (other_row, other_column) = hits[0], hits[1]
        self.say(
            rules.TWICE, sheet.title, layout.address(row, column), label, value=label,
            other=layout.address(other_row, other_column),
        )  # fmt: skip


_READERS: Mapping[str, Callable[[_Reader, Section, Sheet], Filled]] = {
    "record": _Reader.record,
    "grid": _Reader.grid,
    "table": _Reader.table,
    "outline": _Reader.table,
}


def _cells(sheet: Sheet, row: int) -> Iterator[tuple[int, Any]]:
    """Yield the filled cells of a row with their columns."""
    for column, value in enumerate(sheet.rows[row - 1], 1):
        if value != "":
            yield column, value


def _find_row(sheet: Sheet, keys: set[str], least: int) -> int:
    """Return the first row with the most different *keys* in it, or 0 if none has *least*."""
    best, most = 0, least - 1
    for row in range(1, len(sheet.rows) + 1):
        hits = {layout.heading_key(v) for _, v in _cells(sheet, row)} & keys
        if len(hits) > most:
            best, most = row, len(hits)
    return best


def _label_column(sheet: Sheet, header: int, names: set[str]) -> int:
    """Return the first column with the most row labels in it."""
    counts: dict[int, int] = {}
    for row in range(header + 1, len(sheet.rows) + 1):
        for column, value in _cells(sheet, row):
            if layout.heading_key(value) in names:
                counts[column] = counts.get(column, 0) + 1
    return min(counts, key=lambda c: (-counts[c], c), default=1)


def _is_text(raw: Any) -> bool:
    """Whether a cell holds anything: white space is nothing, an error value is something."""
    if isinstance(raw, ErrorValue | Uncalculated):
        return True
    return not isinstance(raw, Unclear) and bool(str(raw).strip())
