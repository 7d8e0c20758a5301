"""What has come in, against the list of units: whose it is, what came twice, what is missing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reportgen import rules
from reportgen.checks import place_of, workbook_is_the_units
from reportgen.compute import Data
from reportgen.finding import Finding, Place, Severity
from reportgen.form import Field, Section
from reportgen.manifest import UnitRecord
from reportgen.names import maybe, nearest
from reportgen.roster import Roster, Unit, key
from reportgen.value import Blank

NOT_SENT, WITH_ERRORS, DONE = "未报", "有错误", "已完成"
_LISTED = 10  # units by name in one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One workbook that came: what the campaign has to know of its record, and no more."""

    file: str
    form: str
    unit: str
    code: str
    sample: bool
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a unit is: ``status`` is 未报, 有错误 or 已完成; ``listed``: it is on the list."""

    unit: str
    code: str
    status: str
    files: tuple[str, ...] = ()
    errors: int = 0
    warnings: int = 0
    listed: bool = True


def sent(record: UnitRecord) -> Sent:
    """Return what the campaign has to know of *record*."""
    return Sent(
        file=record.file, form=record.form, unit=record.unit, code=record.code,
        sample=record.sample,
        errors=record.count(Severity.ERROR), warnings=record.count(Severity.WARNING),
    )  # fmt: skip


@dataclass(slots=True)
class _Group:
    unit: Unit
    listed: bool
    files: list[Sent] = field(default_factory=list)


def by_unit(came: Iterable[Sent], roster: Roster | None = None) -> dict[str, tuple[Sent, ...]]:
    """Return the workbooks of each unit and form, samples left out, in the order they came.

    A unit is told by its code; by its name where a workbook, and every other one of that name,
    has no code. The keys are the same for the same units, whatever else came.
    """
    return {name: tuple(group.files) for name, group in _groups(came, roster).items()}


def likely_same(came: Callable[[], Iterable[Sent]], roster: Roster | None = None) -> list[Sent]:
    """Return the workbooks of which another one's unit has the name, the code or the place in *roster*.

    All others are the only ones of their unit: ``by_unit`` need not see them. *came* is asked twice,
    and only hashes are kept, so that ten thousand units take little more memory than ten; two texts
    of one hash let a workbook be looked at in vain.
    """
    seen, again = set[int](), set[int]()
    for one in came():
        for mark in _marks(one, roster):
            (again if mark in seen else seen).add(mark)
    return [one for one in came() if not again.isdisjoint(_marks(one, roster))]


def _marks(one: Sent, roster: Roster | None) -> list[int]:
    """Return hashes of what tells the unit of *one* from others; a sample has none."""
    if one.sample:
        return []
    told = [("名称", key(one.unit))]
    if one.code:
        told.append(("代码", key(one.code)))
    if unit := unit_in(roster, one.unit, one.code) if roster else None:
        told.append(("名单", key(unit.name)))
    return [hash(what) for what in told]


def several(came: Iterable[Sent], roster: Roster | None = None) -> Iterator[Finding]:
    """Yield one error for each unit that sent several workbooks of one form, at the first."""
    for files in by_unit(came, roster).values():
        if len(files) > 1:
            shown = _file_names([one.file for one in files])
            value = files[0].unit or files[0].code
            words = {"count": len(files), "files": "、".join(shown)}
            yield rules.SEVERAL_FILES.at(Place(file=shown[0]), value=value, **words)


def standings(came: Iterable[Sent], roster: Roster) -> tuple[Standing, ...]:
    """Return how far each unit of *roster* is, in its order, and then those that it does not have."""
    found: dict[str, list[_Group]] = {key(unit.name): [] for unit in roster.units}
    more: list[_Group] = []
    for group in _groups(came, roster).values():
        found.get(key(group.unit.name), more).append(group) if group.listed else more.append(group)
    rows = [_standing(unit, found[key(unit.name)], listed=True) for unit in roster.units]
    return (*rows, *(_standing(group.unit, [group], listed=False) for group in more))


def not_sent(rows: Iterable[Standing], file: str) -> Iterator[Finding]:
    """Yield one note with the units of the list (*file*) from which nothing came."""
    names = [row.unit for row in rows if row.status == NOT_SENT]
    if names:
        shown = "、".join(names[:_LISTED]) + ("等" if len(names) > _LISTED else "")
        yield rules.NOT_SENT.at(Place(file=file), count=len(names), units=shown)


def is_listed(data: Data, roster: Roster) -> Iterator[Finding]:
    """A workbook's unit is on the list, with the name and the code that it has there.

    Nothing is said of one that was made for another unit: that it has the wrong name is said then.
    """
    if data.submission.sample or any(workbook_is_the_units(data)):
        return
    (name, name_place), (code, code_place) = (
        _filled(data, label) for label in (data.form.unit, data.form.code)
    )
    by_name = roster.by_name.get(key(name)) if name else None
    by_code = roster.by_code.get(key(code)) if code else None
    if by_name is by_code and by_name:
        return
    if by_code and name:
        what = f"代码“{code}”在名单里是“{by_code.name}”"
        if by_name and by_name.code:
            what += f"，“{by_name.name}”的代码是“{by_name.code}”"
        words = {"label": name_place.field, "value": name, "what": what}
        yield rules.NOT_AS_LISTED.at(name_place, **words)
    elif by_name and code and by_name.code:
        what = f"“{by_name.name}”在名单里的代码是“{by_name.code}”"
        words = {"label": code_place.field, "value": code, "what": what}
        yield rules.NOT_AS_LISTED.at(code_place, **words)
    elif former := roster.by_former_name.get(key(name)):
        what = f"它现在叫“{former.name}”"
        words = {"label": name_place.field, "value": name, "what": what}
        yield rules.NOT_AS_LISTED.at(name_place, **words)
    elif not (by_name or by_code) and (name or code):
        near = maybe(nearest(name, [unit.name for unit in roster.units])) if name else ""
        place = name_place if name else code_place
        yield rules.NOT_LISTED.at(place, value=name or code, nearest=near)


def unit_in(roster: Roster, name: str, code: str) -> Unit | None:
    """Return the unit of the list that goes by *code*, else by *name*, else that once did."""
    by_code = roster.by_code.get(key(code)) if code else None
    return by_code or roster.by_name.get(key(name)) or roster.by_former_name.get(key(name))


def _filled(data: Data, label: str) -> tuple[str, Place]:
    """Return what is filled in for the record field called *label*, and where."""
    found: tuple[Section, Field] | None = data.form.short_names().get(label)
    if not found:
        return "", Place(file=data.submission.file)
    section, one = found
    value = data.node(section).lookup(one.label)
    text = "" if isinstance(value, Blank) else str(value).strip()
    return text, place_of(data, section, one.label, value)


def _groups(came: Iterable[Sent], roster: Roster | None) -> dict[str, _Group]:
    ours = [one for one in came if not one.sample]
    codes: dict[tuple[str, str], str] = {}  # of a name in a form, where some workbook has one
    for one in ours:
        if one.code:
            codes.setdefault((one.form, key(one.unit)), key(one.code))
    found: dict[str, _Group] = {}
    for one in ours:
        unit = unit_in(roster, one.unit, one.code) if roster else None
        code = key(one.code) or codes.get((one.form, key(one.unit)), "")
        who = (
            f"单位 {key(unit.name)}"
            if unit
            else f"代码 {code}"
            if code
            else f"名称 {key(one.unit)}"
        )
        group = found.setdefault(
            f"{one.form} {who}",
            _Group(unit or Unit(name=one.unit, code=one.code), unit is not None),
        )
        group.files.append(one)
    return found


def _standing(unit: Unit, groups: Sequence[_Group], *, listed: bool) -> Standing:
    files = [one for group in groups for one in group.files]
    errors = sum(one.errors for one in files)
    is_twice = any(len(group.files) > 1 for group in groups)
    status = NOT_SENT if not files else WITH_ERRORS if errors or is_twice else DONE
    return Standing(
        unit=unit.name, code=unit.code, status=status, files=tuple(one.file for one in files),
        errors=errors, warnings=sum(one.warnings for one in files), listed=listed,
    )  # fmt: skip


def _file_names(paths: Sequence[str]) -> list[str]:
    """Return the files' names; where two are the same, with the folders that tell them apart."""
    names = [path.rpartition("/")[2] for path in paths]
    if len(set(names)) == len(names):
        return names
    return [path.removeprefix("../") for path in paths]


def units_of(came: Iterable[Sent], roster: Roster | None = None) -> Mapping[str, str]:
    """Return the unit of each workbook, by its file: the same text for the same unit."""
    return {
        one.file: who.partition(" ")[2]
        for who, files in by_unit(came, roster).items()
        for one in files
    }
