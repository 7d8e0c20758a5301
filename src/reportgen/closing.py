"""What only the whole run shows: one unit's several workbooks, who is missing, what was copied."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from reportgen import rules
from reportgen.borrowed import copied, most_sharing, own_texts
from reportgen.campaign import (
    NOT_SENT,
    Sent,
    by_unit,
    likely_same,
    not_sent,
    sent,
    several,
    standings,
    units_of,
)
from reportgen.errors import FormError
from reportgen.finding import Finding, Place
from reportgen.manifest import Manifest, Paragraph
from reportgen.project import Forms
from reportgen.roster import Roster
from reportgen.teller import Teller


class Refuse(Protocol):
    """Lets errors that only the whole run shows cost a workbook its documents."""

    def __call__(self, key: str, findings: Sequence[Finding], *, told: bool = False) -> None:
        """*told*: the run has heard of the findings already."""


class Closing:
    """The end of a run over the workbooks that *manifest* has seen; *files* are they, by its names."""

    def __init__(
        self,
        manifest: Manifest,
        files: Mapping[str, Path],
        teller: Teller,
        forms: Forms,
        roster: Roster | None,
    ) -> None:
        """Without a *roster* nobody is missing, and a unit may send several workbooks."""
        self._manifest, self._files, self._teller = manifest, files, teller
        self._forms, self._roster = forms, roster

    def disputes(self, refuse: Refuse) -> None:
        """Several workbooks of one unit are one error; two documents of one name an error for both."""
        asked = [keys for _, keys in self._manifest.disputes()]
        settled: set[str] = set()
        for files in by_unit(self._likely_same(), self._roster).values():
            keys = [one.file for one in files]
            if len(keys) > 1 and (self._roster or any(set(keys) >= set(one) for one in asked)):
                (finding,) = several(files, self._roster)
                for number, key in enumerate(keys):
                    refuse(key, [finding], told=number > 0)
                settled.update(keys)
        found: dict[str, list[Finding]] = {}
        for name, keys_ in list(self._manifest.disputes()):
            if settled >= set(keys_):
                continue
            for key in keys_:
                others = [self._teller.named(self._files[one]) for one in keys_ if one != key]
                place = Place(file=self._files[key].name)
                words = {"value": name, "other": "、".join(others)}
                found.setdefault(key, []).append(rules.SAME_NAME.at(place, **words))
        for key, findings in found.items():
            refuse(key, findings)

    def warnings(self) -> dict[str, list[Finding]]:
        """Return what units have in common with others, by workbook; the run is told of it."""
        # as if every workbook were a unit of its own: no fewer than those that count
        shared = list(self._shared(most_sharing(len(self._files))))
        if not shared:
            return {}
        units, names, everybody = self._units({file for group in shared for file, _ in group})
        found = copied(shared, units, names, everybody)
        for key, findings in found.items():
            if key in self._files:
                self._teller.amend(self._files[key], findings)
        return found

    def standings(self, file: str) -> list[tuple[str, str]] | None:
        """Tell how far the units of the list *file* are; return those (code, name) that have not sent."""
        if not self._roster:
            return None
        rows = standings(self._came(), self._roster)
        self._teller.of_all(not_sent(rows, file))
        self._teller.standings(Counter(row.status for row in rows))
        return [(row.code, row.unit) for row in rows if row.status == NOT_SENT]

    def _units(self, files: Collection[str]) -> tuple[Mapping[str, str], Mapping[str, str], int]:
        """Return the units of *files* and what they are called, by file, and how many units there are."""
        same = self._likely_same()
        alike = {one.file for one in same}
        alone = (one for one in self._came() if not one.sample and one.file not in alike)
        came, more = same, 0
        for one in alone:
            if one.file in files:
                came.append(one)
            else:
                more += 1
        units = units_of(came, self._roster)
        return units, {one.file: one.unit for one in came}, more + len(set(units.values()))

    def _likely_same(self) -> list[Sent]:
        return likely_same(self._came, self._roster)

    def _came(self) -> Iterator[Sent]:
        return (sent(record) for record in self._manifest.records(only_seen=True))

    def _shared(self, most: int) -> Iterator[tuple[tuple[str, Paragraph], ...]]:
        """Yield the paragraphs of 2 to *most* workbooks that are not the form's own words."""
        own: frozenset[str] | None = None
        for group in self._manifest.shared(most):
            if own is None:
                own = self._own()
            if group[0][1].fingerprint not in own:
                yield group

    def _own(self) -> frozenset[str]:
        forms, _ = self._forms.every()
        try:
            return frozenset().union(*(own_texts(form) for form in forms))
        except FormError:
            return frozenset()
