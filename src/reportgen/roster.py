"""The bureau's list of units (名单.xlsx) → ``Roster``: who is to report, under which code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from reportgen import rules
from reportgen.fieldtypes import ErrorValue, raw_text
from reportgen.finding import Finding, Place
from reportgen.headings import narrow
from reportgen.workbook import layout
from reportgen.workbook.book import Book, Sheet
from reportgen.workbook.find import heading_row, headings
from reportgen.workbook.outside import open_workbook

NAME, CODE, FORMER = "单位名称", "单位代码", "曾用名"
# of two columns that fit, the first of these is the one
_HEADINGS = {
    NAME: (NAME, "预算单位名称", "填报单位", "预算单位", "部门名称", "单位全称", "单位"),
    CODE: (CODE, "单位编码", "预算单位代码", "预算单位编码", "代码", "编码"),
    FORMER: (FORMER, "曾用名称", "原名称", "原单位名称", "原名", "旧名称"),
}
_SEVERAL = re.compile(r"[、，,；;\n]")
# below the list: how many there are, who made it, remarks
_NO_UNIT = re.compile(
    r"(?:合计|小计|总计|共计?)\W*(?:\d+(?:个|家|户).*)?|(?:备注|说明|注|制表|填表|审核|联系)\w{0,4}:.*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of the list: ``former`` are the names that it had, ``place`` is the cell of its name."""

    name: str
    code: str = ""
    former: tuple[str, ...] = ()
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, kw_only=True)
class Roster:
    """The units in the list's order, and what is wrong with the list."""

    units: tuple[Unit, ...] = ()
    findings: tuple[Finding, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Unit]:
        """The units by their names, as ``key`` compares them."""
        return {key(unit.name): unit for unit in self.units}

    @cached_property
    def by_code(self) -> dict[str, Unit]:
        """The units that have a code, by it."""
        return {key(unit.code): unit for unit in self.units if unit.code}

    @cached_property
    def by_former_name(self) -> dict[str, Unit]:
        """The units by the names that they had, where no other unit has or had that name."""
        found: dict[str, list[Unit]] = {}
        for unit in self.units:
            for name in {key(former) for former in unit.former} - self.by_name.keys():
                found.setdefault(name, []).append(unit)
        return {name: units[0] for name, units in found.items() if len(units) == 1}


def key(text: str) -> str:
    """Return a name or a code as units are compared: brackets of either width, no blanks.

    >>> key("示例区财政局（本级） ") == key("示例区 财政局(本级)")
    True
    """
    return narrow(text).casefold()


def read_roster(path: Path) -> Roster:
    """Return the list in *path*: every visible sheet that has a heading for the units' names.

    All mistakes are in its ``findings``; a unit that stands twice is in it once.

    Raises:
        WorkbookError: it is missing or is no workbook.
    """
    book = open_workbook(path)
    found: list[Unit | Finding] = []
    lines = [line for sheet in _visible(book) for line in _lines(sheet, book.file, found)]
    if not lines and not found:
        place = Place(file=book.file)
        found.append(rules.NO_ROSTER_HEADINGS.at(place, value=NAME))
    found += _once(lines)
    return Roster(
        units=tuple(one for one in found if isinstance(one, Unit)),
        findings=tuple(one for one in found if isinstance(one, Finding)),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    unit: Unit
    code_cell: Place
    is_number: bool


def _visible(book: Book) -> Iterator[Sheet]:
    return (sheet for title, sheet in book.sheets.items() if title not in book.hidden)


def _lines(sheet: Sheet, file: str, found: list[Unit | Finding]) -> Iterator[_Line]:
    """Yield the units of a sheet; a line without a name becomes a finding."""
    names = {key(word) for word in _HEADINGS[NAME]}
    codes = {key(word) for word in _HEADINGS[CODE]}
    header = heading_row(sheet, names | codes, 1)
    columns = _columns(sheet, header) if header else {}
    if NAME not in columns:
        return
    is_empty = True
    for row in range(header + 1, sheet.height + 1):
        raw = {word: _raw(sheet, row, column) for word, column in columns.items()}
        name, code = (_text(raw.get(word, "")) for word in (NAME, CODE))
        if _NO_UNIT.fullmatch(narrow(name)) or not (name or code):
            continue
        is_empty = False
        at = {word: _place(file, sheet, row, columns[word], word) for word in columns}
        if not name:
            found.append(rules.ROSTER_INCOMPLETE.at(at[NAME], label=NAME))
            continue
        given = raw_text(raw.get(FORMER, ""))
        former = tuple(filter(None, dict.fromkeys(map(_text, [given, *_SEVERAL.split(given)]))))
        unit = Unit(name=name, code=code, former=former, place=at[NAME])
        is_number = isinstance(raw.get(CODE), int | float)
        yield _Line(unit, at.get(CODE, at[NAME]), is_number)
    if is_empty:
        first = _place(file, sheet, header + 1, columns[NAME], NAME)
        found.append(rules.ROSTER_INCOMPLETE.at(first, label=NAME))


def _columns(sheet: Sheet, header: int) -> dict[str, int]:
    there = {key(raw_text(text)): c for c, text in headings(sheet, header).items()}
    return {
        word: there[key(spelling)]
        for word, spellings in _HEADINGS.items()
        for spelling in reversed(spellings)
        if key(spelling) in there
    }


def _raw(sheet: Sheet, row: int, column: int) -> Any:
    raw = sheet.raw(row, column)
    return "" if isinstance(raw, ErrorValue) else raw


def _text(raw: Any) -> str:
    return raw_text(raw).replace("\r", "").replace("\n", "").strip()


def _place(file: str, sheet: Sheet, row: int, column: int, word: str) -> Place:
    return Place(file=file, sheet=sheet.title, cell=layout.address(row, column), field=word)


def _once(lines: list[_Line]) -> Iterator[Unit | Finding]:
    """Yield every unit once, and a finding for a name or a code that stands twice."""
    names: dict[str, _Line] = {}
    codes: dict[str, _Line] = {}
    for line in lines:
        unit = line.unit
        first = names.setdefault(key(unit.name), line)
        if first is not line:
            other = _position(first.unit.place)
            yield rules.ROSTER_UNIT_TWICE.at(unit.place, value=unit.name, other=other)
            continue
        same = codes.setdefault(key(unit.code), line) if unit.code else line
        if same is not line:
            yield rules.ROSTER_CODE_TWICE.at(
                line.code_cell, value=unit.code, unit=unit.name,
                other=_position(same.code_cell), namesake=same.unit.name,
            )  # fmt: skip
        yield unit
    lengths = {len(line.unit.code) for line in lines if line.unit.code}
    short = [n for n in lines if n.is_number and len(n.unit.code) < max(lengths)]
    if short:
        yield rules.ROSTER_CODE_NUMBER.at(short[0].code_cell, value=short[0].unit.code)


def _position(place: Place) -> str:
    return f"“{place.sheet}”的 {place.cell}"
