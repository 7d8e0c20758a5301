"""汇总.xlsx and the batch's Word reports, over the whole output folder, when anything has changed."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from reportgen import rules
from reportgen.errors import FormError
from reportgen.finding import Finding, Place
from reportgen.form import Form
from reportgen.manifest import Manifest, UnitRecord
from reportgen.output import AGAIN, Content, OutputFolder
from reportgen.project import Forms
from reportgen.resume import program
from reportgen.run import DocumentResult, Run
from reportgen.workers import apart

if TYPE_CHECKING:  # docxtpl loads slowly
    from reportgen.summary.report import BatchDocument

T = TypeVar("T")

NAME = "汇总.xlsx"


#: More units than this are put together in a process of its own: 10,000 take 100 MB.
_FEW = 500


@dataclass(frozen=True, slots=True)
class _Units:
    """Which units of a manifest count: those below *root* whose workbooks are there, no samples.

    *missing* are the units (code, name) of the list that have not sent; None without a list.
    *found* are the findings that only the whole run shows, by workbook.
    """

    root: Path
    missing: Sequence[tuple[str, str]] | None
    found: Mapping[str, Sequence[Finding]]

    def of(self, manifest: Manifest, form: str = "") -> Iterator[UnitRecord]:
        """Yield the units that count, of one form or of all."""
        for record in manifest.records():
            there = (self.root / record.file).exists()
            if record.sample or not record.form or not there or form not in {"", record.form}:
                continue
            if more := tuple(self.found.get(record.file, ())):
                record = replace(record, findings=(*record.findings, *more))  # noqa: PLW2901
            if record.copy and not (self.root / record.copy).exists():
                record = replace(record, copy="")  # noqa: PLW2901
            yield record


def _summary(manifest: Manifest, units: _Units, form: Form) -> bytes:
    from reportgen.summary.workbook import summary_workbook  # noqa: PLC0415 - slow

    return summary_workbook(form, units.of(manifest, form.id), units.missing)


def _reports(manifest: Manifest, units: _Units, form: Form) -> "list[BatchDocument]":
    from reportgen.summary.report import batch_documents  # noqa: PLC0415 - docxtpl is slow

    return list(batch_documents(form, units.of(manifest, form.id), units.missing))


def _elsewhere(work: Callable[..., T], copy: Path, units: _Units, forms: Forms, form: str) -> T:
    """Do *work* in another process, over a copy of the manifest."""
    manifest = Manifest(copy)
    try:
        return work(manifest, units, forms.choose(form))
    finally:
        manifest.close()


class Overview:
    """What is said of all units whose workbooks are there, this run's and earlier ones'.

    *missing* are the units (code, name) of the list that have not sent; None without a list.
    *found* are the findings that only the whole run shows, by workbook. ``documents`` are the names
    of the reports, once they are written.
    """

    def __init__(
        self,
        folder: OutputFolder,
        forms: Forms,
        missing: Sequence[tuple[str, str]] | None,
        found: Mapping[str, Sequence[Finding]],
    ) -> None:
        self._folder, self._forms = folder, forms
        self._units = _Units(folder.path.resolve(), missing, found)
        self.documents: list[str] = []

    def write(self, run: Run) -> None:
        """Write the summary of each form, and its reports; a single unit alone needs none."""
        states = self._states()
        for form_id, (units, state) in states.items():
            if (
                units < 2
                and self._units.missing is None
                and not self._folder.has(self._name(states, ""))
            ):
                continue
            try:
                form = self._forms.choose(form_id)
            except FormError:
                continue  # the run has said so
            basis = f"{state} {self._forms.hash(form_id)} {program()}"
            self._summary(run, form, self._name(states, form.title), basis, units)
            if any(document.scope == "batch" for document in form.documents):
                self._reports(run, form, basis, units)

    def _states(self) -> dict[str, tuple[int, str]]:
        """Return of each form how many units there are, and a hash over all that is known of them."""
        counts: dict[str, int] = {}
        hashes: dict[str, Any] = {}
        for record in self._units.of(self._folder.manifest):
            counts[record.form] = counts.get(record.form, 0) + 1
            hashed = hashes.setdefault(record.form, hashlib.sha256())
            hashed.update(repr(replace(record, paragraphs=())).encode())
        missing = repr(self._units.missing).encode()
        for hashed in hashes.values():
            hashed.update(missing)
        return {form: (counts[form], hashes[form].hexdigest()) for form in sorted(counts)}

    def _made(self, work: Callable[..., T], form: Form, units: int) -> T:
        if units <= _FEW:
            return work(self._folder.manifest, self._units, form)
        with TemporaryDirectory(prefix="reportgen-") as folder:
            self._folder.manifest.copy_to(Path(folder))
            args = (work, Path(folder), self._units, self._forms, form.id)
            done: T = apart(_elsewhere, *args)
            return done

    def _name(self, states: Mapping[str, object], title: str) -> str:
        if len(states) < 2:
            return NAME
        return PurePosixPath(NAME).with_stem(f"汇总_{title.replace('/', '_')}").as_posix()

    def _is_current(self, name: str, basis: str) -> bool:
        known = self._folder.manifest.facts(name).get("basis") == basis
        return known and self._folder.is_ours(name)

    def _summary(self, run: Run, form: Form, name: str, basis: str, units: int) -> None:
        run.summaries.append((self._folder.path / name).as_posix())
        if self._is_current(name, basis):
            return
        content = self._made(_summary, form, units)
        saved = self._folder.save(name, content, basis=basis)
        run.tell(saved.findings)

    def _reports(self, run: Run, form: Form, basis: str, units: int) -> None:
        of_form = [
            (name, facts)
            for name, facts in self._folder.manifest.documents()
            if facts.get("batch") == form.id
        ]
        names = [n for n, facts in of_form if facts["basis"] == basis and facts["whole"]]
        if names and all(self._folder.is_ours(n) and AGAIN not in n for n in names):
            run.tell((), [DocumentResult(form.title, name, "unchanged") for name in names])
        else:
            names = self._make(run, form, basis, units)
        self.documents += [name for name in names if self._folder.has(name)]
        for name, _ in of_form:
            if name.replace(AGAIN, "") not in names and self._folder.has(name):
                why = "现在的汇总要的不是它"
                run.tell([rules.LEFT_BEHIND.at(Place(file=name), value=name, why=why)])

    def _make(self, run: Run, form: Form, basis: str, units: int) -> list[str]:
        """Make the reports of a form anew; return their names."""
        made = self._made(_reports, form, units)
        whole = all(one.content is not None for one in made)
        for one in made:
            findings, status = list(one.findings), "failed"
            if one.content is not None:
                facts = {
                    "batch": form.id,
                    "template": one.template,
                    "basis": basis,
                    "whole": whole,
                }
                saved = self._folder.save_all([Content(one.name, one.content, facts)])[0]
                findings += saved.findings
                status = saved.status
            run.tell(findings, [DocumentResult(form.title, one.name, status)])
        return [one.name for one in made]
