"""What a sheet holds besides values: formulas, number formats, drop-downs, comments.

Read by openpyxl, for .xlsx alone; of any other kind, and of a file that openpyxl cannot open or
that is very large, nothing is known and the guess rests on the values.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reportgen.fieldtypes import raw_text
from reportgen.workbook.book import Book

#: Beyond so many bytes of XML openpyxl takes minutes.
_MOST = 10_000_000
_LIST = re.compile(r'^"(.*)"$', re.DOTALL)
_RANGE = re.compile(r"^=?(?:'?([^'!]+)'?!)?\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)$")
_MOST_CHOICES = 60

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Looks:
    """By cell (row, column, from 1): formulas as written, number formats, choices, comments."""

    formulas: Mapping[Place, str] = field(default_factory=dict)
    formats: Mapping[Place, str] = field(default_factory=dict)
    choices: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)
    hints: Mapping[Place, str] = field(default_factory=dict)

    def is_percent(self, place: Place) -> bool:
        """Whether the cell shows its number as a percentage."""
        return "%" in self.formats.get(place, "")


def looks_of(book: Book) -> dict[str, Looks]:
    """Return the looks of each sheet by its title; nothing where they cannot be known."""
    if not _is_readable(book.data):
        return {}
    import openpyxl  # noqa: PLC0415 - slow to load, and for this alone

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that it will not bring back
            opened = openpyxl.load_workbook(io.BytesIO(book.data))
            return {
                sheet.title: _of_sheet(book, opened, sheet)
                for sheet in opened.worksheets
                if sheet.title in book.sheets
            }
    except Exception:  # noqa: BLE001 - openpyxl raises nearly anything on a file that calamine reads
        return {}


def _is_readable(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            sizes = {one.filename: one.file_size for one in package.infolist()}
    except (zipfile.BadZipFile, ValueError):
        return False
    return "xl/workbook.xml" in sizes and sum(sizes.values()) <= _MOST


def _of_sheet(book: Book, opened: Any, sheet: Any) -> Looks:
    formulas, formats, hints = {}, {}, {}
    for (row, column), cell in sheet._cells.items():  # noqa: SLF001 - only the cells that are there
        place = (row, column)
        if cell.data_type == "f":
            text = getattr(cell.value, "text", cell.value)
            formulas[place] = str(text)
        if cell.has_style and cell.number_format != "General":
            formats[place] = cell.number_format
        comment = getattr(cell, "comment", None)
        if comment and comment.text.strip():
            hints[place] = " ".join(comment.text.split())
    return Looks(formulas, formats, _choices(book, opened, sheet, hints), hints)


def _choices(
    book: Book, opened: Any, sheet: Any, hints: dict[Place, str]
) -> dict[Place, tuple[str, ...]]:
    """Return the choices by cell, and note the prompts of validations among *hints*."""
    found: dict[Place, tuple[str, ...]] = {}
    for one in sheet.data_validations.dataValidation:
        choices = _listed(book, opened, sheet.title, one) if one.type == "list" else ()
        prompt = " ".join((one.prompt or "").split())
        for area in one.sqref.ranges:
            if area.size["rows"] * area.size["columns"] > 20_000:
                area.shrink(bottom=max(0, area.max_row - area.min_row - 2000))
            for row in range(area.min_row, area.max_row + 1):
                for column in range(area.min_col, area.max_col + 1):
                    if choices:
                        found[row, column] = choices
                    if prompt:
                        hints.setdefault((row, column), prompt)
    return found


def _listed(book: Book, opened: Any, title: str, validation: Any) -> tuple[str, ...]:
    source = (validation.formula1 or "").strip()
    if typed := _LIST.match(source):
        return _unique(typed[1].split(","))
    if source in opened.defined_names:
        source = opened.defined_names[source].attr_text or ""
    if not (where := _RANGE.match(source)):
        return ()
    sheet = book.sheets.get(where[1] or title)
    if sheet is None:
        return ()
    left, right = _number(where[2]), _number(where[4])
    top, bottom = int(where[3]), min(int(where[5]), int(where[3]) + 500)
    cells = (sheet.raw(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1))
    return _unique(raw_text(value) for value in cells)


def _unique(texts: Any) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
    return found if len(found) <= _MOST_CHOICES else ()


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found
