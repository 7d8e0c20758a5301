"""A filled workbook → ``Submission``. Fields are found by their labels, never by position."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reportgen import rules
from reportgen.errors import WorkbookError
from reportgen.fieldtypes import Unclear, raw_text, read_value, told
from reportgen.filters import YUAN
from reportgen.finding import Finding, Place, Rule
from reportgen.form import Field, Form, GridRow, Section
from reportgen.headings import narrow
from reportgen.names import maybe, nearest
from reportgen.signs import unescaped
from reportgen.submission import Filled, Row, Submission
from reportgen.value import Cell, Invalid, Number, Picture, Value
from reportgen.workbook import find, layout
from reportgen.workbook.book import Book, Sheet
from reportgen.workbook.outside import open_workbook
from reportgen.workbook.prior import read_lines
from reportgen.workbook.remarks import Remarks, results

#: Sheets that WPS and Excel hide in a workbook for themselves.
_OFFICE = ("WpsReserved", "_xltb_storage_")


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
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


class _Reader:
    """Collects values and findings, sheet by sheet."""

    def __init__(self, book: Book, form: Form) -> None:
        self.book, self.form = book, form
        self.findings: list[Finding] = []
        self.titles: dict[str, str] = {}
        self.named: set[tuple[str, str]] = set()
        self.results: list[Sheet] = []
        self.shown: dict[tuple[str, str, str], Number] = {}
        self.cells: dict[tuple[str, str, str], Cell] = {}
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
        if any(sheet.unseen() is None for sheet in found.values()):
            self.say(rules.NO_ERRORS_SEEN)
        last_year = self.book.sheets.get(layout.PRIOR)
        return Submission(
            form=self.form,
            file=self.book.file,
            values=values,
            prior=read_lines(self.form, last_year.rows, self.say_prior) if last_year else {},
            sheets=self.titles,
            shown=self.shown,
            cells=self.cells,
            findings=tuple(self.findings),
            remarks=Remarks(self.book),
            was_returned=bool(self.results),
            version=self.version,
            sample=self.book.meta.get("sample", "") == "是",
            made_for=(self.book.meta.get("unit", ""), self.book.meta.get("code", "")),
        )

    def sheets(self) -> dict[str, Sheet]:
        """Return each section's sheet; say which are missing, extra or hidden."""
        hits = find.sheets_of(self.form, self.book.sheets)
        found = {label: sheets[0] for label, sheets in hits.items() if sheets}
        for sheets in hits.values():
            for other in sheets[1:]:
                self.say(rules.SHEET_TWICE, other.title, value=sheets[0].title, other=other.title)
        taken = {sheet.title for sheets in hits.values() for sheet in sheets} | layout.OWN_SHEETS
        self.results = results(self.book)
        taken |= {sheet.title for sheet in self.results}
        extra = [t for t in self.book.sheets if t not in taken and not t.startswith(_OFFICE)]
        missing = [s for s in self.form.sections if s.label not in found]
        if not found:  # one sentence, not a list of everything that is not there
            where = Place(file=self.book.file)
            raise WorkbookError([rules.FOREIGN.at(where, value=self.form.title)])
        for section in missing if not self.older else ():
            near = nearest(section.label, extra)
            extra = [title for title in extra if title != near]  # said here, once
            hint = f"表“{near}”是不是它？" if near else ""
            self.say(rules.NO_SHEET, sheet=section.label, value=section.label, nearest=hint)
        for title in extra:
            near = nearest(title, [s.label for s in missing])
            self.say(
                rules.EXTRA_SHEET,
                sheet=title,
                value=title,
                nearest=maybe(near),
            )
        for sheet in found.values():
            if sheet.title in self.book.hidden:
                self.say(rules.HIDDEN, sheet=sheet.title, what=f"工作表“{sheet.title}”")
            elif lines := find.hidden_lines(sheet):
                self.say(rules.HIDDEN, sheet=sheet.title, what=lines)
        return found

    def value(self, sheet: Sheet, row: int, column: int, field: Field, label: str = "") -> Value:
        """Return the value of one cell and note what is wrong with it."""
        cell = Cell(sheet.title, layout.address(row, column))
        held = sheet.pictures().get((row, column)) if field.type == "image" else None
        if held is not None:
            return Picture(f"{cell.ref} 里的图片", field, cell, held)
        raw = sheet.raw(row, column)
        if isinstance(raw, str) and "_x" in raw:
            raw = unescaped(raw)
        value, problems = read_value(raw, field, cell)
        if field.required is True and isinstance(raw, Unclear):
            problems.append((rules.UNFILLED_OR_ERROR, {}))
            value = Invalid(field, cell)  # nobody shall say 没有填 as well
        for rule, words in problems:
            label = label or field.label
            self.say(
                rule, sheet.title, cell.ref, label,
                **{**told(field), "label": label, **words},
            )  # fmt: skip
        return value

    def say_prior(self, cell: str, rule: Rule, words: dict[str, Any]) -> None:
        self.say(rule, layout.PRIOR, cell, words["label"], **words)

    def computed(
        self, sheet: Sheet, at: tuple[int, int], section: Section, row: str, field: Field
    ) -> None:
        """Note the cell of a formula and its number: Excel's result, or what was typed over it."""
        cell = Cell(sheet.title, layout.address(*at))
        value, _ = read_value(sheet.raw(*at), field, cell)
        if isinstance(value, Number):
            self.shown[section.label, row, field.label] = value
        if not section.has_rows:
            self.cells[section.label, row, field.label] = cell

    # -- record ----------------------------------------------------------------

    def record(self, section: Section, sheet: Sheet) -> Row:
        """Read labels and the values beside them."""
        wanted = [f for f in section.fields if not f.formula]
        header = find.heading_row(sheet, {narrow(layout.LABEL), narrow(layout.VALUE)}, least=2)
        positions: dict[str, list[tuple[int, int]]] = {}
        if header:
            keys = {layout.heading_key(v): c for c, v in find.headings(sheet, header).items()}
            label_column, value_column = keys[narrow(layout.LABEL)], keys[narrow(layout.VALUE)]
            for row in range(header + 1, sheet.height + 1):
                key = layout.heading_key(sheet.raw(row, label_column))
                if key or find.is_filled(sheet.raw(row, value_column)):
                    positions.setdefault(key, []).append((row, value_column))
            own = {label_column, value_column, keys.get(narrow(layout.HINT), 0)}
            self.other_columns(section, sheet, header, own)
        else:  # the heading row is gone: any cell with the label, and the next one to its right
            for row in range(1, len(sheet.rows) + 1):
                for column, text in find.cells(sheet, row):
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
        for field in section.fields:
            hits = [at for key in layout.spellings(field) for at in positions.get(key, [])]
            if field.formula and hits:
                self.computed(sheet, hits[0], section, "", field)
        for key, hits in positions.items() if header else ():
            for row, column in hits if key not in known else ():
                if find.is_filled(sheet.raw(row, column)):
                    label = raw_text(sheet.raw(row, label_column)) or layout.address(row, column)
                    self.unread(section, sheet, label, "项", layout.address(row, label_column))
        self.merged(sheet, {hits[0] for key, hits in positions.items() if key in known})
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
        labels = find.label_column(sheet, header, set(names))
        found: dict[str, list[int]] = {}
        for row in range(header + 1, sheet.height + 1):
            key = layout.heading_key(sheet.raw(row, labels))
            if key in names:
                found.setdefault(names[key].label, []).append(row)
            elif any(find.is_filled(sheet.raw(row, c)) for c in columns.values()):
                label = raw_text(sheet.raw(row, labels)) or f"第 {row} 行"
                self.unread(section, sheet, label, "行", layout.address(row, labels))
        out: dict[str, Row] = {}
        for line in section.rows:
            rows = found.get(line.label, [])
            for f in section.fields:
                if rows and f.label in columns and (f.formula or line.formula):
                    self.computed(sheet, (rows[0], columns[f.label]), section, line.label, f)
            if line.formula:
                continue
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
        self.merged(sheet, {(found[r][0], c) for r in out for c in columns.values()})
        return out

    # -- table and outline -----------------------------------------------------

    def table(self, section: Section, sheet: Sheet) -> tuple[Row, ...]:
        """Read the rows below the headings; empty rows in between do not count."""
        wanted = [f for f in section.fields if not f.formula]
        columns, header = self.columns(section, sheet, wanted)
        if not header:
            return ()
        rows = []
        found = [(f, columns[f.label]) for f in wanted if f.label in columns]
        formulas = [
            (f, columns[f.label]) for f in section.fields if f.formula and f.label in columns
        ]
        filled_in = [column for _, column in found]
        last, several = max(columns.values()), len(filled_in) > 1
        images = {columns[f.label] for f in wanted if f.type == "image" and f.label in columns}
        drawn = {row for row, column in sheet.pictures() if column in images} if images else set()
        below = {row for row in drawn if row > header}
        for row in sorted({*sheet.rows_with(filled_in, header + 1), *below}):
            filled = [column for column in filled_in if find.is_filled(sheet.raw(row, column))]
            if not filled and row not in drawn:
                continue
            if at := find.total_in(section, sheet, row, last):
                word = str(sheet.raw(row, at)).strip()
                self.say(rules.TOTAL_ROW, sheet.title, layout.address(row, at), value=word)
                continue
            remark = find.remark_in(sheet, row, filled) if several else None
            if section.kind == "table" and several:
                remark = remark or find.signature_in(sheet, row, filled)
            if remark:
                self.say(
                    rules.REMARK_ROW, sheet.title, layout.address(row, remark[0]), value=remark[1]
                )
                continue
            rows.append({f.label: self.value(sheet, row, column, f) for f, column in found})
            for f, column in formulas:
                self.computed(sheet, (row, column), section, str(len(rows)), f)
        for top, left, bottom, right in sheet.merged:
            if bottom > header and left <= last:
                span = f"{layout.address(top, left)}:{layout.address(bottom, right)}"
                self.say(rules.MERGED, sheet.title, layout.address(top, left), value=span)
        return tuple(rows)

    def columns(
        self, section: Section, sheet: Sheet, wanted: list[Field]
    ) -> tuple[dict[str, int], int]:
        """Return the column of each field and the row of the headings (0: there is none)."""
        spelt = {key: f for f in section.fields for key in layout.spellings(f)}
        header = find.heading_row(sheet, set(spelt), least=1)
        if not header:
            shown = "、".join(f.heading for f in section.fields[:4])
            self.say(rules.NO_HEADER, sheet.title, value=shown)
            return {}, 0
        wanted_uoms = {f.uom for f in wanted if f.uom in YUAN}
        for row, column, uom in find.uoms_above(sheet, header) if wanted_uoms else ():
            if uom not in wanted_uoms:
                self.say(
                    rules.OTHER_UOM, sheet.title, layout.address(row, column), value=uom,
                    uom="、".join(sorted(wanted_uoms)),
                )  # fmt: skip
        found: dict[str, list[tuple[int, int]]] = {}
        others: dict[str, int] = {}
        for column, text in find.headings(sheet, header).items():
            key = layout.heading_key(text)
            if key in spelt:
                found.setdefault(spelt[key].label, []).append((header, column))
            else:
                others[narrow(raw_text(text))] = column
        for field in wanted:
            if field.label not in found:
                self.missing(section, sheet, field, "列", others)
            elif len(found[field.label]) > 1:
                self.twice(sheet, field.heading, found[field.label])
        self.other_columns(section, sheet, header, {c for hits in found.values() for _, c in hits})
        for label, hits in found.items():
            self.cells[section.label, "", label] = Cell(sheet.title, layout.address(*hits[0]))
        return {label: hits[0][1] for label, hits in found.items()}, header

    # -- messages about structure ----------------------------------------------

    def merged(self, sheet: Sheet, filled_in: set[tuple[int, int]]) -> None:
        """Say which merges take several of the cells to fill in together: all but one are lost."""
        for top, left, bottom, right in sheet.merged if filled_in else ():
            inside = [(r, c) for r, c in filled_in if top <= r <= bottom and left <= c <= right]
            if len(inside) > 1:
                span = f"{layout.address(top, left)}:{layout.address(bottom, right)}"
                self.say(rules.MERGED, sheet.title, layout.address(top, left), value=span)

    def other_columns(self, section: Section, sheet: Sheet, header: int, own: set[int]) -> None:
        """Say which columns beside *own* have something in them; a grid's row labels are ours."""
        width = max(map(len, sheet.rows[header:]), default=0)
        others = [column for column in range(1, width + 1) if column not in own]
        if not others:
            return
        inside = {layout.heading_key(n) for line in section.rows for n in (line.label, *line.was)}
        names = find.headings(sheet, header)
        for column in others:
            below = [row[column - 1] for row in sheet.rows[header:] if column <= len(row)]
            values = [value for value in below if value != "" and find.is_filled(value)]
            if values and not (inside and any(layout.heading_key(v) in inside for v in values)):
                label = raw_text(names.get(column, "")).strip() or layout.letters(column)
                self.unread(section, sheet, label, "列", layout.address(header, column))

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
        self.named.add((sheet.title, near))
        self.say(
            rules.NO_COLUMN, sheet.title, "", item.label, value=shown, unit=unit,
            nearest=f"表里的“{near}”是不是它？" if near else "",
        )  # fmt: skip

    def unread(self, section: Section, sheet: Sheet, label: str, unit: str, cell: str) -> None:
        if (sheet.title, narrow(label)) in self.named:
            return  # said already, with what it is taken for
        names = [f.label for f in section.fields] + [r.label for r in section.rows]
        near = nearest(label, names)
        self.say(
            rules.EXTRA_COLUMN, sheet.title, cell, value=label, unit=unit,
            nearest=maybe(near),
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
