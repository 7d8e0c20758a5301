"""The sheets of 汇总.xlsx as they are written: looks, texts that stay texts, links that open.

XlsxWriter: it alone writes a formula together with its value, so that totals show in a reader that
does not calculate, and 10,000 rows take it 1.1 s and 31 MB (openpyxl: 4.2 s, 52 MB).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from reportgen.fieldtypes import MAX_TEXT, number_format
from reportgen.form import Field
from reportgen.signs import without_control
from reportgen.value import Blank, Day, Number, Value
from reportgen.workbook.layout import text_width

#: Excel's own bounds: rows of a sheet, links of a sheet.
MAX_ROWS, _MAX_LINKS = 1_048_576, 65_530
_LONGEST_TIP = 120
_FONT = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
_BOX = {"border": 1, "border_color": "#BFBFBF"}
#: Every look of a cell, by its name.
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "note": {"font_color": "#595959"},
    "head": {"bold": True, "bg_color": "#D9E1F2", "align": "center", "text_wrap": True, **_BOX},
    "text": {"align": "left", "indent": 1, **_BOX},
    "wrapped": {"align": "left", "text_wrap": True, "indent": 1, **_BOX},
    "center": {"align": "center", **_BOX},
    "number": {"align": "right", **_BOX},
    "link": {"align": "left", "indent": 1, "font_color": "#0563C1", "underline": 1, **_BOX},
    "total": {"bold": True, "bg_color": "#FFF2CC", "align": "right", **_BOX},
    "green": {"align": "center", "font_color": "#375623", "bg_color": "#E2EFDA", **_BOX},
    "red": {"align": "center", "font_color": "#9C0006", "bg_color": "#FFC7CE", **_BOX},
    "yellow": {"align": "center", "font_color": "#7F6000", "bg_color": "#FFEB9C", **_BOX},
    "grey": {"align": "center", "font_color": "#595959", "bg_color": "#EDEDED", **_BOX},
}  # fmt: skip
_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
_NARROWEST, _WIDEST = 8, 42
_LINE_HEIGHT, _ROW_HEIGHT, _HIGHEST = 15, 20, 150
_UNSAFE = re.compile(r"[\x00-\x20\"#%<>\[\]^`{|}\\]")
_IN_LINE = re.compile(r"[\x00-\x1f]+")


class Book:
    """A workbook in the making, row by row: what is written is not kept."""

    def __init__(self, *, few: bool = False) -> None:
        """Begin a workbook; with *few* rows it is made in memory, without twenty small files."""
        from xlsxwriter import Workbook  # noqa: PLC0415 - 67 ms that a run without 汇总 does without

        self._stream = BytesIO()
        self._book = Workbook(self._stream, {"in_memory" if few else "constant_memory": True})
        self._book.set_size(2400, 1400)
        # the moment of writing would make the same summary other bytes
        self._book.set_properties({"created": _EPOCH})
        self._formats: dict[tuple[str, str], Any] = {}
        self._sheets: list[Sheet] = []

    def sheet(self, title: str) -> "Sheet":
        """Add a sheet; all may be written at the same time, each from its top down."""
        made = Sheet(self, self._book.add_worksheet(title))
        self._sheets.append(made)
        return made

    def chart(self, kind: str, subtype: str = "") -> Any:
        """Return a new chart of XlsxWriter."""
        return self._book.add_chart({"type": kind, **({"subtype": subtype} if subtype else {})})

    def look(self, name: str, number: str = "") -> Any:
        """Return the format called *name*, with a number format."""
        if (name, number) not in self._formats:
            given = {"num_format": number} if number else {}
            made = self._book.add_format({**_FONT, **_LOOKS[name], **given})
            self._formats[name, number] = made
        return self._formats[name, number]

    def content(self) -> bytes:
        """Return the workbook."""
        for one in self._sheets:
            one.finish()
        self._book.close()
        return self._stream.getvalue()


class Sheet:
    """A sheet: rows and columns count from 0, and rows are written from the top down."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self.book, self.inner = book, sheet
        self._widths: dict[int, int] = {}
        self._fixed: dict[int, float] = {}
        self._links = 0

    def fix(self, widths: Sequence[float]) -> None:
        """Say how wide the columns are, in half-width characters."""
        self._fixed = dict(enumerate(widths))

    def finish(self) -> None:
        """Set the widths of the columns by what is in them."""
        for column in sorted({*self._widths, *self._fixed}):
            content = min(max(self._widths.get(column, 0) + 2, _NARROWEST), _WIDEST)
            self.inner.set_column(column, column, self._fixed.get(column, content))

    def text(
        self, row: int, column: int, text: str, look: str = "text", *, fits: bool = True
    ) -> None:
        """Write *text* as text, whatever it looks like; *fits*: the column is as wide as it."""
        said = without_control(text)[:MAX_TEXT]
        if said:
            self.inner.write_string(row, column, said, self.book.look(look))
        else:
            self.inner.write_blank(row, column, None, self.book.look(look))
        if fits:
            self._widen(column, said)

    def value(self, row: int, column: int, value: Value, field: Field) -> None:
        """Write a value so that Excel can calculate with it, as its field prints it."""
        number = number_format(field)
        match value:
            case Number(value=amount) if is_exact(amount) or field.places is not None:
                look = "center" if field.type == "year" else "number"
                self.number(row, column, amount, look, number)
            case Number():
                self.text(row, column, str(value), "number")
            case Blank() if not str(value):
                self.text(row, column, "")
            case Day(value=day):
                self.inner.write_datetime(row, column, day, self.book.look("center", number))
                self._widen(column, "2026年12月31日")
            case _:
                is_short = field.type in {"choice", "yes_no"} or isinstance(value, Blank)
                self.text(
                    row, column, _IN_LINE.sub(" ", str(value)), "center" if is_short else "text"
                )

    def number(
        self, row: int, column: int, amount: Decimal | Fraction | int, look: str = "number",
        number: str = "#,##0",
    ) -> None:  # fmt: skip
        """Write a number."""
        self.inner.write_number(row, column, float(amount), self.book.look(look, number))
        self._widen(column, f"{float(amount):,.2f}")

    def formula(
        self, row: int, column: int, formula: str, value: Decimal | Fraction | int | str, number: str
    ) -> None:  # fmt: skip
        """Write a formula of a total, and its value."""
        shown = value if isinstance(value, str) else float(value)
        self.inner.write_formula(row, column, f"={formula}", self.book.look("total", number), shown)
        self._widen(column, shown if isinstance(shown, str) else f"{shown:,.2f}  ")

    def link(self, row: int, column: int, path: str, text: str) -> None:
        """Write *text* as a link to the file at *path*, from the folder of the workbook."""
        if self._links < _MAX_LINKS:
            self._links += 1
            said = without_control(text)[:MAX_TEXT]
            tip = PurePosixPath(path).name[:_LONGEST_TIP]
            self.inner.write_url(row, column, address(path), self.book.look("link"), said, tip)
            self._widen(column, said)
        else:
            self.text(row, column, text)

    def height(self, row: int, texts: Mapping[int, str]) -> None:
        """Make a row, before it is written, as high as the longest of its wrapped *texts*.

        Readers other than Excel do not do it on opening.
        """
        lines = max(
            sum(-(-text_width(part) // max(1, int(self._fixed[column]) - 4)) or 1 for part in text.split("\n"))
            for column, text in texts.items()
        )  # fmt: skip
        self.inner.set_row(row, min(max(lines * _LINE_HEIGHT + 5, _ROW_HEIGHT), _HIGHEST))

    def heads(self, row: int, words: Sequence[str]) -> None:
        """Write headings."""
        self.inner.set_row(row, 32)
        for column, word in enumerate(words):
            self.text(row, column, word, "head", fits=False)
            # a heading may take two lines
            self._widths[column] = max(self._widths.get(column, 0), -(-text_width(word) // 2) + 4)

    def as_list(self, head: int, last: int, columns: int, frozen: int, printed: int) -> None:
        """Make it a list that filters, with its heads in sight and on every printed page.

        *head* is the row of the headings, *printed* the first of those repeated.
        """
        self.inner.autofilter(head, 0, max(last, head), columns - 1)
        self.inner.freeze_panes(head + 1, frozen)
        self.inner.repeat_rows(printed, head)
        self.on_paper()
        self.inner.fit_to_pages(1, 0)

    def on_paper(self) -> None:
        """A4, lying."""
        self.inner.set_landscape()
        self.inner.set_paper(9)
        self.inner.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.inner.set_footer("&C&A　第 &P 页，共 &N 页")
        self.inner.hide_gridlines(2)

    def _widen(self, column: int, text: str) -> None:
        width = text_width(text)
        if width > self._widths.get(column, 0):
            self._widths[column] = width


def is_exact(amount: Decimal | Fraction) -> bool:
    """Whether Excel's own number holds *amount*: it has 15 digits."""
    return isinstance(amount, Decimal) and Decimal(format(float(amount), ".15g")) == amount


def address(path: str) -> str:
    """Return *path* as XlsxWriter takes a relative link, with what would end or change it escaped.

    >>> address("甲局 #1/100%.docx")
    'external:甲局%20%231/100%25.docx'
    """
    return "external:" + _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", path)
