"""Tells a run of its units: in whose words, and what was said already."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from reportgen.finding import Finding
from reportgen.pipeline import UnitResult
from reportgen.project import Forms
from reportgen.run import CopyResult, DocumentResult, Run
from reportgen.standing import Approvals, Judged, unused


class Teller:
    """Tells a run of its units: a form's or a template's own mistake once, two files of one name apart."""

    def __init__(self, run: Run, files: Sequence[Path], approvals: Approvals, forms: Forms) -> None:
        """*files* are the workbooks of the run, which need not have a result yet."""
        self._run, self._approvals, self._forms = run, approvals, forms
        self._names = Counter(file.name for file in files)
        self._said: set[Finding] = set()
        self._judged: list[Judged] = []
        self._blocked = 0
        run.units = len(files)

    def tell(
        self,
        file: Path,
        result: UnitResult,
        documents: Sequence[DocumentResult] = (),
        copies: Sequence[CopyResult] = (),
    ) -> None:
        """Tell of one unit."""
        self._blocked += result.blocked
        if result.bug:
            self._run.bugs[result.bug] += 1
        if self._approvals.entries and result.form:
            self._judge(result)
        found = []
        for finding in result.findings:
            one = self.shown(finding, file)
            if result.blocked or finding.place.file != file.name:
                if one in self._said:
                    continue
                self._said.add(one)
            found.append(one)
        self._run.done += 1
        self._run.tell(found, documents, copies)

    def amend(
        self,
        file: Path,
        findings: Sequence[Finding],
        documents: Sequence[DocumentResult] = (),
        unmade: int = 0,
    ) -> None:
        """Tell more of a unit that was told of before; *unmade* of its documents are not after all."""
        self._run.amend([self.shown(finding, file) for finding in findings], documents, unmade)

    def of_all(self, findings: Iterable[Finding]) -> None:
        """Tell what is no single unit's."""
        self._run.tell(findings)

    def standings(self, counts: Mapping[str, int]) -> None:
        """Tell how many units of the list are how far."""
        self._run.standings = counts

    def shown(self, finding: Finding, file: Path) -> Finding:
        """Return *finding* with the workbook's path where another has its name."""
        if finding.place.file != file.name or self._names[file.name] < 2:
            return finding
        return replace(finding, place=replace(finding.place, file=file.as_posix()))

    def named(self, file: Path) -> str:
        """Return what a workbook is called in messages: its name, or its path where two share one."""
        return file.name if self._names[file.name] < 2 else file.as_posix()

    def _judge(self, result: UnitResult) -> None:
        codes: frozenset[str] = frozenset()
        if any(one.is_for(result.names) for one in self._approvals.entries):
            codes = frozenset(check.code for check in self._forms.choose(result.form).checks)
        approved = tuple(f for f in result.findings if f.is_approved)
        self._judged.append(Judged(result.names, codes, approved))

    def end(self, *, every_unit: bool) -> None:
        """Tell what is wrong with the list of approvals, and those that were of no use."""
        self._run.tell(self._approvals.findings)
        self._run.tell(unused(self._approvals, self._judged, every_unit=every_unit))
        self._run.blocked = 0 < self._run.units == self._blocked
