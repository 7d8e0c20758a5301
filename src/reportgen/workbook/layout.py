"""Where things stand in a workbook; shared by writer and reader so that they cannot drift apart.

Rows and columns count from 1, as in Excel. The reader does not rely on these positions: it looks
for the words below and for the form's own headings.
"""

import re
from functools import lru_cache

from reportgen.form import Field, Section
from reportgen.headings import narrow

COVER = "填表说明"
META = "_meta"
OPTIONS = "_选项"
PRIOR = "_上年"
#: The sheet of the live checks, and the first sheet of a marked copy (退回件).
VERDICTS, RESULTS = "校验", "检查结果"
#: Sheets of ours that hold no section; they are no surprise to the reader.
OWN_SHEETS = frozenset({COVER, META, OPTIONS, PRIOR, VERDICTS, RESULTS})

#: The columns of 校验 and of 检查结果 that the reader looks for: what a unit says of a finding.
CODE, POSITION, REASON, OWN_WORDS = "代码", "位置", "说明", "单位说明"
ITEM, PRESENT = "项目名称", "现值"
#: What stands under 位置 when a finding is about no sheet.
WHOLE_FILE = "整个文件"

#: The headings of a record's two columns that the reader needs, and of the third.
LABEL, VALUE, HINT = "填报项", "填报内容", "填写说明"
#: The corner of a grid.
CORNER = "项目"
TOTAL = "合计"
REQUIRED = "＊"

TITLE_ROW = 1
NOTE_ROW = 2
TOTAL_ROW = 3
BAND_ROW = 4
HEADER_ROW = 5
#: Below the headings. In a table this row is a thin gap, and what is filled in begins after it:
#: a row inserted there lies inside the areas of totals and drop-downs, and takes its looks and its
#: lock from the gap, not from the headings.
FIRST_ROW = 6
#: The last row that live totals, drop-downs and colours reach.
LAST_ROW = 2000


#: The characters that are half as wide as a Chinese one.
_NARROW = re.compile("[\x00-\u2e7f]+")


def text_width(text: str) -> int:
    """Return how wide *text* is in half-width characters: a Chinese one counts two."""
    return len(text) if text.isascii() else len(text) + len(_NARROW.sub("", text))


def corner(section: Section) -> str:
    """Return what stands above a grid's row labels; never what a column is called."""
    return CORNER if CORNER not in {f.label for f in section.fields} else "　"


def title(section: Section) -> str:
    """Return the line above a section."""
    words = {
        "record": "逐项填写",
        "grid": "逐格填写",
        "table": "每行一项，可以增加、删除行",
        "outline": "每行一个标题或一段文字，次序就是报告里的次序",
    }
    return f"{section.label}　{words[section.kind]}"


def heading(field: Field) -> str:
    """Return a field's heading as the workbook shows it, marked when it must be filled."""
    return field.heading + (REQUIRED if field.required is True and not field.formula else "")


def spellings(field: Field) -> tuple[str, ...]:
    """Return every heading that means *field*, as the reader compares them."""
    return _spellings(field.label, field.was, field.uom)


@lru_cache(maxsize=4096)  # asked for every field of every unit
def _spellings(label: str, was: tuple[str, ...], uom: str) -> tuple[str, ...]:
    names = [
        name for one in (label, *was) for name in ((one, f"{one}（{uom}）") if uom else (one,))
    ]
    return tuple(heading_key(name) for name in names)


def heading_key(text: object) -> str:
    """Return a cell's text as headings are compared: narrow, without the mark of a required field."""
    return narrow(text).strip("*") if isinstance(text, str) else ""


def first_row(section: Section) -> int:
    """Return the first row to fill in."""
    return FIRST_ROW + 1 if section.has_rows else FIRST_ROW


def column(section: Section, label: str) -> int:
    """Return the column of a field in the blank workbook; a grid's first column holds its rows."""
    offset = 2 if section.kind == "grid" else 1
    return [f.label for f in section.fields].index(label) + offset


def row(section: Section, label: str) -> int:
    """Return the row of a record's field or of a grid's row in the blank workbook."""
    names = (
        [r.label for r in section.rows]
        if section.kind == "grid"
        else [f.label for f in section.fields]
    )
    return names.index(label) + FIRST_ROW


def position(sheet: str, cell: str) -> str:
    """Return how a place in the workbook is written in 检查结果.

    >>> position("收支", "B7"), position("收支", ""), position("", "")
    ('收支 › B7', '收支', '整个文件')
    """
    return " › ".join(part for part in (sheet, cell) if part) or WHOLE_FILE


def place_at(text: str) -> tuple[str, str]:
    """Return the sheet and the cell of a position.

    >>> place_at("甲 › 收支 › B7"), place_at("收支"), place_at("整个文件")
    (('甲 › 收支', 'B7'), ('收支', ''), ('', ''))
    """
    sheet, _, cell = text.rpartition(" › ")
    if sheet and re.fullmatch(r"[A-Z]{1,3}\d{1,7}", cell):
        return sheet, cell
    return ("", "") if text == WHOLE_FILE else (text, "")


def address(row_: int, column_: int) -> str:
    """Return the A1 reference."""
    return f"{letters(column_)}{row_}"


@lru_cache(maxsize=1024)
def letters(column_: int) -> str:
    """Return the letters of a column (without openpyxl, which the reader must not load).

    >>> letters(1), letters(26), letters(27), letters(16384)
    ('A', 'Z', 'AA', 'XFD')
    """
    out = ""
    while column_:
        column_, rest = divmod(column_ - 1, 26)
        out = chr(ord("A") + rest) + out
    return out
