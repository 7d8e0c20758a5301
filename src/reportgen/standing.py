"""What may stay as it is: a warning that the unit explains, an error that the bureau approves.

The unit's words come with its workbook (``Submission.remarks``). The bureau's stand in a workbook
of its own, 核准.xlsx, beside ``templates/`` and ``inputs/``: 单位, 代码, 理由 and, if only one
place is meant, 位置.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reportgen import rules
from reportgen.compute import Data
from reportgen.fieldtypes import raw_text
from reportgen.finding import Finding, Place, Rule, Severity
from reportgen.headings import narrow, same_code
from reportgen.names import maybe, nearest
from reportgen.submission import Remark, Submission
from reportgen.workbook import layout
from reportgen.workbook.book import Sheet
from reportgen.workbook.find import cells, heading_row
from reportgen.workbook.outside import open_workbook

UNIT, CODE, REASON, POSITION = "单位", "代码", "理由", "位置"
_NEEDED = (UNIT, CODE, REASON)
APPROVED = "已核准："
#: What a remark or a finding is about, however it is spelt: code, label, value.
_About = tuple[str, str, str]
_REMARK_IS_NOT_ENOUGH = "光写说明不行：请改正；确实如此的，请主管部门核准。"


@dataclass(frozen=True, slots=True)
class Approval:
    """A line of 核准.xlsx: ``unit`` is a name or a code; ``places`` are the cells of the line."""

    unit: str
    code: str
    reason: str
    position: str
    places: Mapping[str, Place]

    def is_for(self, names: Iterable[str]) -> bool:
        """Whether the unit that goes by *names* is meant."""
        return narrow(self.unit) in {narrow(name) for name in names}

    def covers(self, finding: Finding) -> bool:
        """Whether *finding* is meant: its code, at the position if there is one."""
        return same_code(self.code, finding.code) and (
            not self.position or _key(self.position) in _positions(finding.place)
        )


@dataclass(frozen=True, slots=True)
class Approvals:
    """What the bureau approves, and what is wrong with its list."""

    entries: tuple[Approval, ...] = ()
    findings: tuple[Finding, ...] = ()


NOTHING_APPROVED = Approvals()


def _positions(place: Place) -> set[str]:
    """Return every way to write a place: sheet and cell, the label, or the sheet where that is all."""
    label = place.field.replace("·", ".").rpartition(".")[2]
    found = {place.field, label} if place.field else set()
    for sheet in (place.sheet, f"'{place.sheet}'"):
        found |= {f"{sheet}{sign}{place.cell}" for sign in "!›"} if place.cell else {sheet}
    return {_key(one) for one in found}


def _key(position: str) -> str:
    return narrow(position).replace("$", "").casefold()


def let_stand(
    findings: Iterable[Finding], data: Data, approvals: Approvals = NOTHING_APPROVED
) -> Iterator[Finding]:
    """Yield *findings* with what lets them stand.

    An approved one becomes a note. A warning keeps its level with the unit's words as its
    explanation; an error does too, and its hint says that words are not enough.
    """
    all_found = list(findings)
    names = unit_names(data.submission) if approvals.entries else ()
    mine = [one for one in approvals.entries if one.is_for(names)]
    about = _all_about(all_found)
    for finding in all_found:
        if finding.level is Severity.NOTE:
            yield finding
            continue
        approval = next((one for one in mine if one.covers(finding)), None)
        said = _said(finding, data.submission.remarks, about)
        if approval:
            yield replace(finding, level=Severity.NOTE, explanation=f"{APPROVED}{approval.reason}")
        elif said and finding.level is Severity.ERROR:
            hint = f"{finding.hint}{_REMARK_IS_NOT_ENOUGH}"
            yield replace(finding, explanation=said, hint=hint)
        else:
            yield replace(finding, explanation=said)


def unit_words(findings: Sequence[Finding], remarks: Sequence[Remark]) -> list[str]:
    """Return what the unit wrote about each of *findings*; an empty text about most."""
    about = _all_about(findings)
    return [_said(finding, remarks, about) for finding in findings]


def _all_about(findings: Iterable[Finding]) -> set[_About]:
    return {_about(one.code, one.place.field, one.value) for one in findings}


def unit_names(submission: Submission) -> tuple[str, ...]:
    """Return what the unit goes by: its name and its code, as far as they are filled in."""
    form, data = submission.form, Data(submission)
    found = [str(data.lookup(label)) for label in (form.unit, form.code) if label]
    return tuple(name for name in found if name.strip())


def _said(finding: Finding, remarks: Sequence[Remark], found: set[_About]) -> str:
    """Return what the unit wrote about *finding*: the remark that fits it best."""
    fit, text = max(
        ((_fit(one, finding, found), one.text.strip()) for one in remarks if one.text.strip()),
        default=(0, ""),
    )
    return text if fit else ""


def _fit(remark: Remark, finding: Finding, found: set[_About]) -> int:
    """Return how well *remark* fits, 0 not at all: rows may have moved since, values changed."""
    if not same_code(remark.code, finding.code):
        return 0
    if remark.is_of_code:
        return 1
    place = finding.place
    here = (remark.sheet, remark.cell) == (place.sheet, place.cell) and (
        bool(remark.cell) or narrow(remark.field) == narrow(place.field)
    )
    about = _about(remark.code, remark.field, remark.value)
    if remark.value and about == _about(finding.code, place.field, finding.value):
        return 4 if here else 3
    # another value in its cell; but what it was about may stand elsewhere, its row moved
    return 2 if here and not (remark.value and about in found) else 0


def _about(code: str, field: str, value: str) -> _About:
    return narrow(code).casefold(), narrow(field), narrow(value)


def read_approvals(path: Path) -> Approvals:
    """Return what stands in the bureau's list at *path*; where there is none, nothing is approved.

    Raises:
        WorkbookError: it cannot be read; it decides about errors, so nothing may go on without it.
    """
    if not path.exists():
        return NOTHING_APPROVED
    book = open_workbook(path)
    keys = {narrow(word) for word in _NEEDED}
    found: list[Approval | Finding] = []
    tables = [(s, heading_row(s, keys, len(keys))) for s in book.sheets.values()]
    for sheet, header in tables:
        if header:
            found += _lines(sheet, header, path.name)
    if not any(header for _, header in tables):
        place = Place(file=path.name)
        found.append(rules.NO_APPROVAL_HEADINGS.at(place, value="、".join(_NEEDED)))
    return Approvals(
        tuple(one for one in found if isinstance(one, Approval)),
        tuple(one for one in found if isinstance(one, Finding)),
    )


def _lines(sheet: Sheet, header: int, file: str) -> Iterator[Approval | Finding]:
    columns = {layout.heading_key(word): column for column, word in cells(sheet, header)}
    for row in range(header + 1, sheet.height + 1):
        given = {
            word: _text(sheet, row, columns[word]) if word in columns else ""
            for word in (*_NEEDED, POSITION)
        }
        if not (given[CODE] or given[REASON]):
            continue  # a gap, or a line below the list: who made it, and when
        at = {
            word: Place(
                file=file, sheet=sheet.title, cell=layout.address(row, columns[word]), field=word
            )
            for word in _NEEDED
        }
        missing = [word for word in _NEEDED if not given[word]]
        for word in missing:
            yield rules.APPROVAL_INCOMPLETE.at(at[word], label=word)
        if missing:
            continue
        if (ours := _ours(given[CODE])) and not _can_be_approved(ours):
            yield rules.CANNOT_BE_APPROVED.at(at[CODE], value=given[CODE])
            continue
        yield Approval(given[UNIT], given[CODE], given[REASON], given[POSITION], at)


def _text(sheet: Sheet, row: int, column: int) -> str:
    """Return a cell's text; one merged downwards, as people do with a unit's name, is in all rows."""
    for top, left, bottom, right in sheet.merged:
        if left == right == column and top < row <= bottom:
            row = top
    return raw_text(sheet.raw(row, column)).strip()


def _ours(code: str) -> Rule | None:
    return next((rule for known, rule in rules.CATALOGUE.items() if same_code(known, code)), None)


#: What cannot be read cannot stand: every total that rests on it would print as ？.
_UNREADABLE = frozenset(
    {
        rules.NOT_A_NUMBER, rules.WRONG_UOM, rules.NOT_AN_INTEGER, rules.ODD_PERCENT,
        rules.NOT_A_DATE, rules.NOT_A_YEAR, rules.NOT_A_CHOICE, rules.NOT_YES_NO,
        rules.ERROR_VALUE, rules.UNCALCULATED, rules.UNFILLED_OR_ERROR, rules.LONG_NUMBER,
        rules.DATE_INSTEAD,
    }
)  # fmt: skip


def _can_be_approved(rule: Rule) -> bool:
    """Whether a rule of ours is about what a unit filled in, could be read, and is no mere note."""
    kept = rule.code[0] in "EW" and rule.code[1] in "234" and rule is not rules.FOREIGN
    return kept and rule not in _UNREADABLE


@dataclass(frozen=True, slots=True)
class Judged:
    """A checked unit: what it goes by, the codes of its form's own checks, and what was approved."""

    names: tuple[str, ...]
    codes: frozenset[str]
    approved: tuple[Finding, ...]


def unused(approvals: Approvals, units: Sequence[Judged], *, every_unit: bool) -> Iterator[Finding]:
    """Yield a finding for each approval of a checked unit that let nothing stand.

    Of a unit that is not among *units* it is said only when *every_unit* was meant to be there.
    """
    for one in approvals.entries:
        mine = [unit for unit in units if one.is_for(unit.names)]
        codes = {*rules.CATALOGUE, *(code for unit in mine for code in unit.codes)}
        if not mine and every_unit:
            near = maybe(nearest(one.unit, [name for unit in units for name in unit.names]))
            yield rules.APPROVAL_OF_NO_UNIT.at(one.places[UNIT], value=one.unit, nearest=near)
        elif mine and not any(same_code(one.code, code) for code in codes):
            near = maybe(nearest(one.code.upper(), sorted(codes)))
            yield rules.APPROVAL_OF_NO_CODE.at(one.places[CODE], value=one.code, nearest=near)
        elif mine and not any(one.covers(finding) for unit in mine for finding in unit.approved):
            yield rules.APPROVAL_UNUSED.at(one.places[CODE], value=one.code, unit=one.unit)
