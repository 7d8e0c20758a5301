"""Texts that a unit has from another: the same long paragraph, another unit's name in a narrative.

Nobody can tell from a text alone who wrote it, so every finding here is a warning that the unit may
explain, and what is likely to be right is left alone.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reportgen import rules
from reportgen.campaign import unit_in
from reportgen.compute import Data
from reportgen.errors import ReportgenError
from reportgen.finding import Finding, Place
from reportgen.form import Form
from reportgen.headings import narrow
from reportgen.manifest import Paragraph
from reportgen.narratives import narratives
from reportgen.roster import Roster
from reportgen.samples import sample_submissions
from reportgen.standing import unit_words
from reportgen.value import Text

#: Letters of a paragraph, digits and punctuation left out: a set phrase of the office is shorter,
#: two or three sentences of one's own are longer.
_LONG = 50
#: A paragraph that more than this share of at least so many units has is what all were told to write.
_SHARE, _MANY = 0.5, 4
_NAMED = 3  # other units in one message
#: A name of two or three letters (教育局) is what everybody calls one of many.
_SHORTEST = 4
_START = 2
# another unit named as somebody one works with: 会同甲局, 报甲局批复
_BEFORE = re.compile(
    r"(?:会同|联合|配合|协同|协助|对接|报|报送|报经|提交|移交|委托|上级|主管部门|根据|按照|依据"
    r"|经|由|向|与|和|同|跟|及|、|给|[\"《(])$"
)
_BEHIND = re.compile(
    r"(?:批复|批准|同意|审批|下达|印发|拨付|拨入|拨款|、|和|与|及|等|联合|关于|[\"》)])"
)
_CONTEXT = 4


def own_texts(form: Form) -> frozenset[str]:
    """Return the fingerprints of what the form itself says: its hints, examples and samples."""
    said = [
        text for section in form.sections for f in section.fields for text in (f.hint, f.example)
    ]
    try:
        samples = sample_submissions(form)
    except ReportgenError:
        samples = []  # lint says why
    for sample in samples:
        said += [one.printed for one in narratives(Data(sample))]
    lines = (line for text in said for line in text.split("\n"))
    return frozenset(filter(None, (_fingerprint(line, "") for line in lines)))


def paragraphs(data: Data, own: frozenset[str] = frozenset()) -> tuple[Paragraph, ...]:
    """Return the long paragraphs of a unit's narratives, but for the form's *own* texts.

    Digits, punctuation, blanks and the unit's own name do not count: they are what one changes in
    a text that one copies.
    """
    if data.submission.sample:
        return ()
    name = _letters(_identity(data)[0])
    found: dict[tuple[str, str, str], Paragraph] = {}
    for said in narratives(data):
        for line in said.printed.split("\n"):
            fingerprint = _fingerprint(line, name)
            if fingerprint and fingerprint not in own:
                place = said.place
                found.setdefault(
                    (fingerprint, place.sheet, place.cell),
                    Paragraph(
                        fingerprint=fingerprint, sheet=place.sheet, cell=place.cell,
                        field=place.field, explanation=_explanation(data, place),
                    ),
                )  # fmt: skip
    return tuple(found.values())


def most_sharing(units: int) -> int:
    """Return how many of *units* may have a paragraph that still counts as one unit's own."""
    return int(units * _SHARE) if units >= _MANY else units


def copied(
    shared: Iterable[Sequence[tuple[str, Paragraph]]],
    units: Mapping[str, str],
    names: Mapping[str, str],
    everybody: int,
) -> dict[str, list[Finding]]:
    """Return a warning for each cell with paragraphs that other units have too, by file.

    *shared* are, for each fingerprint that stands in several workbooks, those and where. *units*
    says whose a workbook is (``campaign.units_of``: one that it does not have counts nowhere),
    *names* what its unit is called; *everybody* is how many units there are, with those that share
    nothing.
    """
    cells: dict[tuple[str, str, str], tuple[Paragraph, dict[str, str], int]] = {}
    for group in shared:
        ours = [(file, one) for file, one in group if file in units]
        having = {units[file] for file, _ in ours}
        if not 2 <= len(having) <= most_sharing(everybody):
            continue
        for file, one in ours:
            at = (file, one.sheet, one.cell)
            first, others, count = cells.get(at, (one, {}, 0))
            for other, text in ours:
                if units[other] != units[file] and len(others) <= _NAMED:
                    others.setdefault(units[other], _where(names.get(other, other), text))
            cells[at] = (first, others, count + 1)
    found: dict[str, list[Finding]] = {}
    for (file, sheet, cell), (one, others, count) in sorted(cells.items()):
        place = Place(file=file.rpartition("/")[2], sheet=sheet, cell=cell, field=one.field)
        listed = list(others.values())
        shown = "、".join(listed[:_NAMED]) + ("等" if len(listed) > _NAMED else "")
        words = {"label": one.field, "count": count, "others": shown}
        warning = rules.COPIED_TEXT.at(place, **words)
        found.setdefault(file, []).append(replace(warning, explanation=one.explanation))
    return found


class ForeignNames:
    """The names of a list of units, looked for in what one of them writes.

    They are asked for by their first letters and their lengths, so that ten thousand names take
    no longer than ten.
    """

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._names: dict[str, str] = {}
        lengths: dict[str, set[int]] = {}
        for unit in roster.units:
            name = _bare(unit.name)
            if len(name) >= _SHORTEST:
                self._names[name] = unit.name
                lengths.setdefault(name[:_START], set()).add(len(name))
        self._lengths = {start: sorted(found, reverse=True) for start, found in lengths.items()}
        firsts = "".join(sorted({start[0] for start in lengths}))
        self._first = re.compile(f"[{re.escape(firsts)}]" if firsts else r"(?!)")

    def find(self, data: Data) -> Iterator[Finding]:
        """Yield a warning for each cell of *data*'s narratives and each other unit that it names.

        Left alone are names that hold the unit's own name or stand in it (its superior, its
        parts), names that it gives in a field of its own (主管部门), and names as of somebody one
        works with (会同…, …批复).
        """
        if data.submission.sample:
            return
        own = sorted({_bare(name) for name in self._own(data)}, key=len, reverse=True)
        given: set[str] | None = None
        for said in narratives(data):
            text = _bare(said.printed)
            for name in own:  # what stands in the unit's own name is no other's
                text = text.replace(name, "□" * len(name))
            seen: set[str] = set()
            for start, name in self._found(text):
                if name in seen or any(name in mine or mine in name for mine in own):
                    continue
                if _BEFORE.search(text[max(0, start - _CONTEXT) : start]):
                    continue
                if _BEHIND.match(text, start + len(name)):
                    continue
                given = _given(data) if given is None else given
                if name not in given:
                    seen.add(name)
                    words = {"label": said.place.field, "value": self._names[name]}
                    yield rules.FOREIGN_NAME.at(said.place, **words)

    def _own(self, data: Data) -> Iterator[str]:
        """Yield what the unit is and was called."""
        name, code = _identity(data)
        unit = unit_in(self._roster, name, code)
        yield from filter(None, (name, *((unit.name, *unit.former) if unit else ())))

    def _found(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield where names of the list stand, the longest first."""
        at = 0
        while hit := self._first.search(text, at):
            at = hit.start()
            name = self._at(text, at)
            if name:
                yield at, name
            at += len(name) or 1

    def _at(self, text: str, at: int) -> str:
        for length in self._lengths.get(text[at : at + _START], ()):
            if (name := text[at : at + length]) in self._names:
                return name
        return ""


def _identity(data: Data) -> tuple[str, str]:
    """Return the unit's name and code, as filled in."""
    labels = (data.form.unit, data.form.code)
    name, code = (str(data.lookup(label)).strip() if label else "" for label in labels)
    return name, code


def _given(data: Data) -> set[str]:
    """Return what stands alone in the unit's text cells, as ``_bare`` writes it."""
    found: set[str] = set()
    for section in data.form.sections:
        for field in section.fields:
            if field.type in {"text", "choice"} and not field.formula:
                node = data.node(section)
                found |= {_bare(v) for v in node.every(field) if isinstance(v, Text)}
    return found


def _bare(text: str) -> str:
    return narrow(text).casefold()


def _fingerprint(line: str, name: str) -> str:
    """Return the same text for the same long paragraph without *name*; nothing for a short one.

    *name* is as ``_letters`` writes it.
    """
    if len(line) < _LONG:
        return ""
    letters = _letters(line)
    if name:
        letters = letters.replace(name, "")
    if len(letters) < _LONG:
        return ""
    return hashlib.sha256(letters.encode()).hexdigest()[:20]


def _letters(text: str) -> str:
    """Return the letters of *text* in one spelling; NFKC has little to do once the rest is gone."""
    return unicodedata.normalize("NFKC", "".join(filter(str.isalpha, text))).casefold()


def _explanation(data: Data, place: Place) -> str:
    """Return what the unit says of an earlier warning about this cell."""
    if (
        not data.submission.was_returned
    ):  # or 校验 would be read of every unit, which has no such codes
        return ""
    warning = rules.COPIED_TEXT.at(place, label=place.field, count=1, others="")
    return unit_words([warning], data.submission.remarks)[0]


def _where(name: str, text: Paragraph) -> str:
    return f"“{name}”的“{text.field}”（{text.sheet} {text.cell}）"
