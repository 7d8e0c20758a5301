"""Last year's filled workbooks: which of them belongs to which unit of this year's list."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reportgen import rules
from reportgen.compute import Data
from reportgen.errors import ReportgenError
from reportgen.finding import Finding, Place, Severity
from reportgen.form import Form
from reportgen.names import maybe, nearest
from reportgen.project import workbooks
from reportgen.roster import Roster, Unit, key
from reportgen.submission import Filled, Submission
from reportgen.values import read_values

_LISTED = 10  # units by name in one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class LastYear:
    """The workbook of each unit by ``roster.key`` of its name, and what is wrong with the others.

    ``unclear`` are the units, by the same key, whose workbook of last year nobody can tell.
    """

    files: Mapping[str, Path] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()


def find_last_year(
    folder: Path, form: Form, roster: Roster, at: Callable[[int, int], None] = lambda *_: None
) -> LastYear:
    """Return last year's workbooks below *folder*, matched by code first, else by (former) name.

    *at* is told how many of how many have been read. Samples are left out. What is no workbook, or one of another form, is a finding.

    Raises:
        ReportgenError: there is no workbook at all.
    """
    matched: dict[str, list[Path]] = {}
    unclear: set[str] = set()
    sent, skipped = workbooks([folder])
    findings = [finding for finding in skipped if finding.level is Severity.ERROR]
    for done, path in enumerate(sent, 1):
        at(done, len(sent))
        try:
            submission = read_values(path, form)
        except ReportgenError as error:
            findings += error.findings
            continue
        if submission.sample:
            continue
        name, code = unit_of(submission)
        units, found = _match(roster, name, code, path)
        findings += found
        if len(units) == 1:
            matched.setdefault(key(units[0].name), []).append(path)
        unclear |= {key(unit.name) for unit in units[1:] and units}
    for unit in roster.units:
        if len(paths := matched.get(key(unit.name), [])) > 1:
            findings.append(_several(unit, folder, paths))
            unclear.add(key(unit.name))
    files = {name: paths[0] for name, paths in matched.items() if name not in unclear}
    missing = [u.name for u in roster.units if key(u.name) not in files.keys() | unclear]
    if missing:
        shown = "、".join(missing[:_LISTED]) + ("等" if len(missing) > _LISTED else "")
        words = {"count": len(missing), "units": shown}
        findings.append(rules.NO_LAST_YEAR.at(Place(file=str(folder)), **words))
    return LastYear(files=files, unclear=frozenset(unclear), findings=tuple(findings))


def carry_over(path: Path, form: Form) -> tuple[Mapping[str, Filled], list[Finding]]:
    """Return last year's values in the workbook at *path*, and what of it could not be read.

    Raises:
        ReportgenError: it cannot be opened.
    """
    submission = read_values(path, form)
    errors = (f for f in submission.findings if f.level is Severity.ERROR)
    return submission.values, [rules.NOT_CARRIED.at(f.place, what=f.message) for f in errors]


def unit_of(submission: Submission) -> tuple[str, str]:
    """Return name and code of the unit, as far as they are filled in."""
    form, data = submission.form, Data(submission)
    name, code = (str(data.lookup(n)).strip() if n else "" for n in (form.unit, form.code))
    return name, code


def _match(
    roster: Roster, name: str, code: str, path: Path
) -> tuple[Sequence[Unit], Iterator[Finding]]:
    """Return the unit of last year's workbook: none, one, or two that it might be."""
    place = Place(file=path.name)
    by_code = roster.by_code.get(key(code)) if code else None
    same = roster.by_name.get(key(name))
    by_name = same or roster.by_former_name.get(key(name))
    if by_code and by_name and by_code is not by_name:
        words = {"value": name, "code": code, "unit": by_code.name, "other": by_name.name}
        return (by_code, by_name), iter([rules.LAST_YEAR_UNCLEAR.at(place, **words)])
    unit = by_code or by_name
    if unit is None:
        near = maybe(nearest(name, [u.name for u in roster.units])) if name else ""
        found = rules.LAST_YEAR_OF_NO_UNIT.at(place, value=name or path.stem, nearest=near)
        return (), iter([found])
    if not by_name:
        words = {"value": name, "code": code, "unit": unit.name}
        return (unit,), iter([rules.LAST_YEAR_RENAMED.at(place, **words)])
    return (unit,), iter(())


def _several(unit: Unit, folder: Path, paths: Sequence[Path]) -> Finding:
    files = "、".join(path.relative_to(folder).as_posix() for path in paths)
    place = Place(file=str(folder))
    return rules.LAST_YEAR_TWICE.at(place, value=unit.name, count=len(paths), files=files)
