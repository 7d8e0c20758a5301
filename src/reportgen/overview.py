"""汇总.xlsx and the batch's Word reports, over the whole output folder, when anything has changed."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from reportgen import rules
from reportgen.errors import FormError
from reportgen.finding import Finding, Place
from reportgen.form import Form
from reportgen.manifest import UnitRecord
from reportgen.output import AGAIN, Content, OutputFolder
from reportgen.project import Forms
from reportgen.resume import program
from reportgen.run import DocumentResult, Run

NAME = "汇总.xlsx"


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
        self._missing, self._found = missing, found
        self.documents: list[str] = []

    def write(self, run: Run) -> None:
        """Write the summary of each form, and its reports; a single unit alone needs none."""
        states = self._states()
        for form_id, (units, state) in states.items():
            if units < 2 and self._missing is None and not self._folder.has(self._name(states, "")):
                continue
            try:
                form = self._forms.choose(form_id)
            except FormError:
                continue  # the run has said so
            basis = f"{state} {self._forms.hash(form_id)} {program()}"
            self._summary(run, form, self._name(states, form.title), basis)
            if any(document.scope == "batch" for document in form.documents):
                self._reports(run, form, basis)

    def _states(self) -> dict[str, tuple[int, str]]:
        """Return of each form how many units there are, and a hash over all that is known of them."""
        counts: dict[str, int] = {}
        hashes: dict[str, Any] = {}
        for record in self._records():
            counts[record.form] = counts.get(record.form, 0) + 1
            hashed = hashes.setdefault(record.form, hashlib.sha256())
            hashed.update(repr(replace(record, paragraphs=())).encode())
        missing = repr(self._missing).encode()
        for hashed in hashes.values():
            hashed.update(missing)
        return {form: (counts[form], hashes[form].hexdigest()) for form in sorted(counts)}

    def _records(self, form: str = "") -> Iterator[UnitRecord]:
        """Yield the units that count: no samples, none whose workbook is gone."""
        for record in self._folder.manifest.records():
            there = (self._folder.path / record.file).exists()
            if record.sample or not record.form or not there or form not in {"", record.form}:
                continue
            if more := tuple(self._found.get(record.file, ())):
                record = replace(record, findings=(*record.findings, *more))  # noqa: PLW2901
            if record.copy and not (self._folder.path / record.copy).exists():
                record = replace(record, copy="")  # noqa: PLW2901
            yield record

    def _name(self, states: Mapping[str, object], title: str) -> str:
        if len(states) < 2:
            return NAME
        return PurePosixPath(NAME).with_stem(f"汇总_{title.replace('/', '_')}").as_posix()

    def _is_current(self, name: str, basis: str) -> bool:
        known = self._folder.manifest.facts(name).get("basis") == basis
        return known and self._folder.is_ours(name)

    def _summary(self, run: Run, form: Form, name: str, basis: str) -> None:
        run.summaries.append((self._folder.path / name).as_posix())
        if self._is_current(name, basis):
            return
        from reportgen.summary.workbook import summary_workbook  # noqa: PLC0415 - slow

        content = summary_workbook(form, self._records(form.id), self._missing)
        saved = self._folder.save(name, content, basis=basis)
        run.tell(saved.findings)

    def _reports(self, run: Run, form: Form, basis: str) -> None:
        of_form = [
            (name, facts)
            for name, facts in self._folder.manifest.documents()
            if facts.get("batch") == form.id
        ]
        names = [n for n, facts in of_form if facts["basis"] == basis and facts["whole"]]
        if names and all(self._folder.is_ours(n) and AGAIN not in n for n in names):
            run.tell((), [DocumentResult(form.title, name, "unchanged") for name in names])
        else:
            names = self._make(run, form, basis)
        self.documents += [name for name in names if self._folder.has(name)]
        for name, _ in of_form:
            if name.replace(AGAIN, "") not in names and self._folder.has(name):
                why = "现在的汇总要的不是它"
                run.tell([rules.LEFT_BEHIND.at(Place(file=name), value=name, why=why)])

    def _make(self, run: Run, form: Form, basis: str) -> list[str]:
        """Make the reports of a form anew; return their names."""
        from reportgen.summary.report import batch_documents  # noqa: PLC0415 - docxtpl is slow

        made = list(batch_documents(form, self._records(form.id), self._missing))
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
