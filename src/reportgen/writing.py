"""A unit's results → the output folder, the manifest and the run; or those of the last run again."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from reportgen import rules
from reportgen.copies import Copies
from reportgen.finding import Finding, Place, Severity
from reportgen.manifest import Known, UnitRecord
from reportgen.output import (
    AGAIN,
    DRAFT,
    Content,
    OutputFolder,
    Saved,
    digest,
    same_file,
    with_mark,
)
from reportgen.pipeline import UnitResult
from reportgen.resume import basis, changed, hash_of, pictures_now
from reportgen.run import DocumentResult
from reportgen.standing import APPROVED
from reportgen.teller import Teller
from reportgen.unit import Job, Settings, guarded, read_job


@dataclass(slots=True)
class Todo:
    """A workbook of the run: ``key`` is its name in the manifest, ``why`` the reason to do it again.

    ``workbook`` is the hash of its bytes, ``saved`` what is there of the last run and holds.
    ``disputed``: another workbook of the run asks for a document of the same name.
    """

    file: Path
    key: str
    workbook: str = ""
    why: str = ""
    saved: list[Saved] = field(default_factory=list)
    disputed: bool = False


class Writing:
    """What a run of ``build`` writes and keeps."""

    def __init__(
        self,
        folder: OutputFolder,
        copies: Copies | None,
        settings: Settings,
        teller: Teller,
        *,
        force: bool,
    ) -> None:
        """*force*: nothing of the last run holds."""
        self._folder, self._copies, self._settings = folder, copies, settings
        self._manifest = folder.manifest
        self._teller = teller
        self._force = force
        self._roster = hash_of(settings.roster)
        #: The workbooks of the run by their names in the manifest.
        self.files: dict[str, Path] = {}

    # -- before a unit is done ---------------------------------------------------

    def todo(self, file: Path) -> tuple[Todo, Job | UnitResult]:
        """Return what is to be done for the workbook *file*, or what it gave and still holds."""
        todo = Todo(file, self._key(file))
        self.files[todo.key] = file
        return todo, guarded(file.name, lambda: self._job(todo, file))

    def _job(self, todo: Todo, file: Path) -> Job | UnitResult:
        job = read_job(file)
        if isinstance(job, UnitResult):
            return job
        todo.workbook = digest(job.data)
        known = self._manifest.known(todo.key)
        if known:
            todo.why = "要求全部重做" if self._force else self._why(todo, known)
            if not todo.why:
                return _again(file, known.record)
        return job

    def _key(self, file: Path) -> str:
        """Return the path of *file* from the output folder, so that a project can be moved."""
        try:
            return Path(os.path.relpath(file, self._folder.path)).as_posix()
        except ValueError:  # another drive of Windows
            return file.resolve().as_posix()

    def _why(self, todo: Todo, known: Known) -> str:
        """Return why the results of the last run do not hold; empty if they do."""
        record = known.record
        pictures = pictures_now(known.basis, todo.file.parent)
        now = self._basis(todo, record.form, (record.unit, record.code), pictures)
        if why := changed(known.basis, now):
            return why
        mine = [f for f in record.findings if f.place.file == todo.file.name]
        if self._copies and mine and not self._copies.unchanged(todo.file, record.unit):
            return "还没有退回件"
        if self._settings.draft and not record.documents and record.wanted:
            return "要草稿"
        todo.saved = [self._still_there(name) for name in record.documents]
        if all(saved.status for saved in todo.saved):
            return ""
        gone = [saved.name for saved in todo.saved if not self._folder.has(saved.name)]
        return "文档不见了" if gone else "文档被人改过"

    def _still_there(self, name: str) -> Saved:
        """Return what there is of a document of the last run; without a status, it is to be built."""
        if self._folder.is_ours(name):
            return Saved(name, "unchanged")
        again = with_mark(name, AGAIN)
        if self._folder.has(name) and self._folder.is_ours(again):
            return Saved(
                name, "kept", (rules.EDITED.at(Place(file=name), value=name, other=again),)
            )
        return Saved(name, "")

    def _basis(
        self, todo: Todo, form: str, names: tuple[str, str], pictures: Mapping[str, str]
    ) -> dict[str, str]:
        return basis(
            workbook=todo.workbook,
            form=self._settings.forms.hash(form),
            approvals=self._settings.approvals,
            names=[name for name in names if name],
            pictures=pictures,
            roster=self._roster,
        )

    def failed_before(self, file: Path) -> bool:
        """Whether the last run left *file* without documents: an error, or one that was not written.

        What a workbook that did not fail gave then counts in this run too.
        """
        key = self._key(file)
        known = self._manifest.known(key)
        if known is None:
            return False
        record = known.record
        failed = record.count(Severity.ERROR) > 0 or len(record.documents) < len(record.wanted)
        if not failed:
            self.files[key] = file
            self._manifest.see(key)
        return failed

    # -- when it is done ---------------------------------------------------------

    def finish(self, todo: Todo, result: UnitResult, *, fresh: bool) -> None:
        """Write the documents and the copy of a unit, keep what it gave, tell the run.

        Without *fresh* they are those of the last run. A bug costs this unit alone, and the next run
        does it again.
        """
        done = guarded(todo.file.name, lambda: self._finish(todo, result, fresh=fresh))
        if isinstance(done, UnitResult):
            guarded(todo.file.name, lambda: self._manifest.drop(todo.key))
            self._teller.tell(todo.file, done)

    def _finish(self, todo: Todo, result: UnitResult, *, fresh: bool) -> None:
        self._manifest.see(todo.key)
        if fresh:
            result.findings.extend(_same_names(result))
        found = tuple(result.findings)
        if fresh:
            todo.saved = self._save(todo, result)
        for saved in todo.saved:
            result.findings.extend(saved.findings)
        documents = list(self._documents(todo, result))
        copies = []
        if self._copies:
            copy = (
                self._copies.write(todo.file, result, result.findings)
                if fresh
                else self._copies.unchanged(todo.file, result.unit)
            )
            copies = [copy] if copy else []
        if fresh:
            kept_copy = self._key(Path(copies[0].file)) if copies else ""
            self._keep(todo, result, found, kept_copy)
        self._teller.tell(todo.file, result, documents, copies)

    def _save(self, todo: Todo, result: UnitResult) -> list[Saved]:
        """Write the documents, unless another workbook asks for one of them as well."""
        official = not result.failed
        wanted = []
        todo.disputed = any(self._manifest.claimed(name, todo.key) for name in result.wanted)
        if todo.disputed:
            return []
        for document in result.documents if official or self._settings.draft else ():
            facts = {"unit": result.unit, "template": document.template, "workbook": todo.key}
            one = Content(document.name, document.content, facts | _approved(result))
            wanted.append(one if official else replace(one, name=with_mark(one.name, DRAFT)))
        saved = self._folder.save_all(wanted)
        if official:
            self._manifest.write_down([one.name for one in saved if one.status == "built"])
            return saved
        return [_as_draft(one) for one in saved]

    def _documents(self, todo: Todo, result: UnitResult) -> Iterator[DocumentResult]:
        """Yield what became of each document that the unit asks for."""
        for saved in todo.saved:
            yield DocumentResult(
                result.unit, saved.name, saved.status, todo.why if saved.status == "built" else ""
            )
        if todo.disputed:
            return  # told when all workbooks are known
        if result.failed and not result.wanted:
            yield DocumentResult(result.unit, "", "failed")
        there = {saved.name for saved in todo.saved}
        for name in filter(None, result.wanted):
            if name in there:
                continue
            if self._folder.has(name):
                place = Place(file=result.file)
                result.findings.append(rules.STALE.at(place, value=name))
            if with_mark(name, DRAFT) not in there:
                yield DocumentResult(result.unit, name, "failed")

    def _keep(self, todo: Todo, result: UnitResult, found: tuple[Finding, ...], copy: str) -> None:
        """Keep what the unit gave; what may end otherwise next time is done again then."""
        names = tuple(s.name for s in todo.saved if s.status in {"built", "unchanged", "kept"})
        # of the unit itself: what could not be written is to be written next time
        failed = any(finding.level is Severity.ERROR for finding in found)
        whole = (
            not (result.passing or result.blocked)
            and (failed or len(names) == len(result.wanted))
            and not (self._settings.draft and failed)
        )
        record = replace(
            record_of(todo.key, result, found),
            documents=() if failed else names,
            copy=copy,
        )
        rests_on = self._basis(todo, result.form, (result.unit, result.code), result.pictures)
        self._manifest.keep(record, rests_on if whole else {})

    # -- at the end of the run -----------------------------------------------------

    def refuse(self, key: str, findings: Sequence[Finding], *, told: bool = False) -> None:
        """Let the errors *findings*, which only the whole run shows, cost a unit its documents.

        What this run has written is withdrawn; what was there before stays, and the run says so.
        *told*: the run has heard of the findings already.
        """
        known = self._manifest.known(key)
        assert known is not None
        record, file = known.record, self.files[key]
        place = Place(file=file.name)
        said = [] if told else list(findings)
        for name in record.wanted:
            if self._manifest.is_written(name):
                self._folder.withdraw(name)
            if self._folder.has(name):
                said.append(rules.STALE.at(place, value=name))
        documents = [DocumentResult(record.unit, name, "failed") for name in record.wanted]
        self._teller.amend(file, said, documents, len(record.documents))
        kept = replace(record, findings=(*record.findings, *findings), documents=())
        self._manifest.keep(kept, {})

    def left_behind(self) -> Iterator[Finding]:
        """Yield the documents that no workbook asks for any longer: they are listed, never deleted."""
        for name, facts in list(self._manifest.documents()):
            key = facts.get("workbook", "")
            if not key or not self._folder.has(name):
                continue
            place = Place(file=name)
            if not (self._folder.path / key).exists():
                why = f"它的工作簿“{Path(key).name}”已经没有了"
                yield rules.LEFT_BEHIND.at(place, value=name, why=why)
                continue
            known = self._manifest.known(key)
            if known and name not in {n for one in known.record.wanted for n in _names_of(one)}:
                why = f"“{Path(key).name}”现在要的不是它"
                yield rules.LEFT_BEHIND.at(place, value=name, why=why)


def record_of(key: str, result: UnitResult, findings: Sequence[Finding]) -> UnitRecord:
    """Return what is kept of the workbook *key*, before anything is written."""
    return UnitRecord(
        file=key,
        form=result.form,
        unit=result.unit,
        code=result.code,
        sample=result.sample,
        findings=tuple(findings),
        summary=result.summary,
        paragraphs=result.paragraphs,
        wanted=tuple(result.wanted),
    )


def _again(file: Path, record: UnitRecord) -> UnitResult:
    """Return the result of the last run."""
    return UnitResult(
        record.unit,
        file.name,
        list(record.findings),
        wanted=list(record.wanted),
        form=record.form,
        code=record.code,
        names=tuple(name for name in (record.unit, record.code) if name),
        sample=record.sample,
    )


def _same_names(result: UnitResult) -> Iterator[Finding]:
    """Yield a finding for each name that two documents of one workbook would have."""
    names = [same_file(name) for name in result.wanted if name]
    for name in dict.fromkeys(result.wanted):
        if name and names.count(same_file(name)) > 1:
            place, other = Place(file=result.file), "同一份工作簿的另一份文档"
            yield rules.SAME_NAME.at(place, value=name, other=other)


def _as_draft(saved: Saved) -> Saved:
    if saved.status in {"built", "unchanged"}:
        return Saved(saved.name, "draft", saved.findings)
    return saved


def _names_of(name: str) -> tuple[str, ...]:
    """Return every name that the document called *name* may have: as a draft, beside an edited one."""
    draft, pdf = with_mark(name, DRAFT), PurePosixPath(name).with_suffix(".pdf").as_posix()
    return name, with_mark(name, AGAIN), draft, with_mark(draft, AGAIN), pdf, with_mark(pdf, AGAIN)


def _approved(result: UnitResult) -> dict[str, Any]:
    """Return what the manifest keeps of approvals: code, place and reason of each."""
    found = [
        {
            "code": finding.code,
            "place": f"{finding.place.sheet}!{finding.place.cell}".strip("!"),
            "reason": finding.explanation.removeprefix(APPROVED),
        }
        for finding in result.findings
        if finding.is_approved
    ]
    return {"approved": found} if found else {}
