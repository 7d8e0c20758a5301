"""What a run over the workbooks of a visit gave, put in order for the page.

The run is the command line's own: ``build_all`` over a folder, heard piece by piece.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from reportgen.batch import build_all
from reportgen.diagnosis import told
from reportgen.errors import FormError
from reportgen.finding import Finding, Severity
from reportgen.form import Form
from reportgen.manifest import Manifest, UnitRecord
from reportgen.output import AGAIN, DRAFT, with_mark
from reportgen.project import APPROVALS, WORKBOOKS, Forms
from reportgen.reporters import summary
from reportgen.run import CopyResult, DocumentResult, News, Run
from reportgen.standing import read_approvals
from reportgen.web.jobs import Job
from reportgen.web.overall import Overall, overall
from reportgen.web.visits import Visit

#: What became of a document, in words, and whether it is good, as the style sheet calls it.
STATUS = {
    "built": "已生成", "unchanged": "已生成", "kept": "已生成", "draft": "草稿", "failed": "没有生成",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for: a form's id (empty: what each workbook names), drafts, PDFs."""

    form: str = ""
    draft: bool = False
    pdf: bool = False


@dataclass(slots=True)
class Paper:
    """A document: ``id`` and ``pdf`` are the ids under which it and its PDF may be fetched, if there."""

    name: str
    status: str
    id: str = ""
    pdf: str = ""

    @property
    def words(self) -> str:
        """What became of it."""
        return STATUS[self.status]


@dataclass(slots=True)
class Workbook:
    """One workbook: what is wrong in it and what came of it; ``copy`` is the id of its marked copy."""

    number: int
    name: str
    path: Path
    unit: str = ""
    form: str = ""
    sample: bool = False
    findings: list[Finding] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    copy: str = ""
    marks: int = 0

    def count(self, level: Severity) -> int:
        """Return how many findings of *level* are to be put right."""
        return sum(f.level is level and not f.stands for f in self.findings)

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return self.count(Severity.ERROR)

    @property
    def warnings(self) -> int:
        """How many warnings nobody has explained."""
        return self.count(Severity.WARNING)

    @property
    def state(self) -> str:
        """How it is, as the style sheet calls it."""
        return "error" if self.errors else "warning" if self.warnings else "done"


@dataclass(slots=True)
class Outcome:
    """A whole run: ``others`` are findings about no workbook, ``tables`` the ids of summaries by name."""

    options: Options
    line: str
    workbooks: list[Workbook]
    others: list[Finding]
    tables: list[tuple[str, str]]
    reports: list[Paper]
    forms: dict[str, Form]
    overall: Overall | None = None
    roster: str = ""
    bugs: str = ""

    @property
    def papers(self) -> list[Paper]:
        """All documents that are there."""
        every = [*self.reports, *(paper for one in self.workbooks for paper in one.papers)]
        return [paper for paper in every if paper.id]


def run_build(visit: Visit, folder: Path, options: Options, job: Job) -> None:
    """Build what the workbooks of *visit* give, telling *job*; forms are those below *folder*.

    Raises:
        ReportgenError: as ``build_all``.
    """
    inputs, out, copies = (visit.uploads.folder("workbook"), visit.folder / "out", _copies(visit))
    documents: list[DocumentResult] = []
    marked: list[CopyResult] = []
    found: list[Finding] = []

    def hear(news: News) -> None:
        found.extend(news.findings)
        documents.extend(news.documents)
        marked.extend(news.copies)
        job.done, job.units = run.done, run.units
        for line, mark in _lines(news):
            job.say(line=line, mark=mark, done=run.done, units=run.units)

    run = Run(heard=hear)
    roster = visit.uploads.only("roster")
    forms = Forms(folder, options.form)
    build_all(
        [inputs], forms, out, read_approvals(APPROVALS), draft=options.draft, mark=copies,
        roster=roster, pdf=options.pdf, run=run,
    )  # fmt: skip
    records = _records(out)
    with visit.lock:
        visit.result = _Gather(visit, forms, records).outcome(
            options, run, found, documents, marked
        )


def _copies(visit: Visit) -> Path:
    return visit.folder / "退回件"


def _lines(news: News) -> Iterator[tuple[str, str]]:
    """Yield a line for each workbook, document or copy that *news* is about, and how it is."""
    errors = [f for f in news.findings if f.level is Severity.ERROR]
    if errors:
        file = PurePosixPath(errors[0].place.file).name
        yield f"{file or errors[0].code}：错误 {len(errors)} 处", "error"
    for one in news.documents:
        if one.file:
            name = PurePosixPath(one.file).name
            yield f"{STATUS[one.status]}：{name}", "error" if one.status == "failed" else "done"
    if not (errors or news.documents):
        yield "", ""


def _records(out: Path) -> list[UnitRecord]:
    manifest = Manifest(out)
    try:
        return list(manifest.records())
    finally:
        manifest.close()


class _Gather:
    """Puts together what a run gave, workbook by workbook."""

    def __init__(self, visit: Visit, forms: Forms, records: Sequence[UnitRecord]) -> None:
        self._visit, self._forms = visit, forms
        self._in, self._out = visit.uploads.folder("workbook"), visit.folder / "out"
        # the names of a run's records are paths from the output folder
        self._records = {(self._out / one.file).resolve(): one for one in records}

    def outcome(
        self,
        options: Options,
        run: Run,
        found: Sequence[Finding],
        documents: Sequence[DocumentResult],
        copies: Sequence[CopyResult],
    ) -> Outcome:
        """Return what the page shows."""
        workbooks = self._workbooks()
        by_name = {name: one for one in workbooks for name in (one.name, one.path.as_posix())}
        others = []
        for finding in dict.fromkeys(found):
            owner = by_name.get(finding.place.file)
            if owner is None:
                others.append(self._shown(finding))
            else:
                owner.findings.append(self._shown(finding))
        status = {one.file: one.status for one in documents}
        pdfs = {name for name in status if name.endswith(".pdf")}
        reports = self._reports(workbooks, status, pdfs)
        marks = {Path(one.file).resolve(): one for one in copies}
        for one in workbooks:
            copy = _copies(self._visit) / one.path.relative_to(self._in).with_suffix(".xlsx")
            if (made := marks.get(copy.resolve())) and copy.is_file():
                one.copy = self._visit.serve(f"{copy.stem}（退回件）.xlsx", copy, one.unit)
                one.marks = made.marks
        tables = [
            (Path(name).name, self._visit.serve(Path(name).name, Path(name)))
            for name in run.summaries
            if Path(name).is_file()
        ]
        roster = self._visit.uploads.only("roster")
        forms = dict(self._forms_of(workbooks))
        bugs = told(run.bugs, Path()) if run.bugs else ""
        whole = overall(list(self._records.values()), forms, roster)
        return Outcome(
            options, summary(run), workbooks, others, tables, reports, forms, whole,
            roster.name if roster else "", bugs,
        )  # fmt: skip

    def _workbooks(self) -> list[Workbook]:
        found = list[Workbook]()
        files = sorted(self._visit.uploads.files("workbook"))
        for path in (p for p in files if p.suffix.lower() in WORKBOOKS):
            record = self._records.get(path.resolve())
            name = path.relative_to(self._in).as_posix()
            short = path.name if sum(p.name == path.name for p in files) < 2 else name
            one = Workbook(len(found) + 1, short, path)
            if record:
                one.unit, one.form, one.sample = record.unit, record.form, record.sample
            found.append(one)
        return found

    def _reports(
        self, workbooks: Sequence[Workbook], status: dict[str, str], pdfs: set[str]
    ) -> list[Paper]:
        """Give each workbook its documents; return those over all units."""
        left = {name: state for name, state in status.items() if name and name not in pdfs}
        for one in workbooks:
            record = self._records.get(one.path.resolve())
            for name in dict.fromkeys(_named(record)) if record else ():
                for known in _variants(name):
                    if known in left:
                        one.papers.append(self._paper(known, left.pop(known), one.unit))
        return [self._paper(name, state, "") for name, state in left.items()]

    def _paper(self, name: str, status: str, unit: str) -> Paper:
        path, paper = self._out / name, Paper(name, status)
        if status != "failed" and path.is_file():
            paper.id = self._visit.serve(path.name, path, unit)
            pdf = path.with_suffix(".pdf")
            if pdf.is_file() and pdf.stat().st_mtime_ns >= path.stat().st_mtime_ns:
                paper.pdf = self._visit.serve(pdf.name, pdf, unit)
        return paper

    def _forms_of(self, workbooks: Sequence[Workbook]) -> Iterator[tuple[str, Form]]:
        for name in {one.form for one in workbooks if one.form}:
            try:
                yield name, self._forms.choose(name)
            except FormError:
                continue  # the run has said so

    def _shown(self, finding: Finding) -> Finding:
        """Return *finding* without the folders of the visit, which are nobody's."""
        folder = f"{self._visit.folder.as_posix()}/"

        def plain(text: str) -> str:
            for prefix in (f"{self._in.as_posix()}/", f"{self._out.as_posix()}/", folder):
                text = text.replace(prefix, "")
            return text

        place = replace(finding.place, file=plain(finding.place.file))
        return replace(
            finding, place=place, message=plain(finding.message), hint=plain(finding.hint)
        )


def _named(record: UnitRecord) -> Sequence[str]:
    return (*record.documents, *record.wanted)


def _variants(name: str) -> tuple[str, ...]:
    """Return what a document may be called: as it is asked for, as a draft, beside an edited one."""
    return name, with_mark(name, DRAFT), with_mark(name, AGAIN)


def bundle(visit: Visit, outcome: Outcome) -> list[tuple[str, Path]]:
    """Return all that *outcome* has to take away: names below one folder, and where the files are."""
    out, copies = visit.folder / "out", _copies(visit)
    files = [(paper.name, out / paper.name) for paper in outcome.papers]
    files += [
        (
            PurePosixPath(paper.name).with_suffix(".pdf").as_posix(),
            (out / paper.name).with_suffix(".pdf"),
        )
        for paper in outcome.papers
        if paper.pdf
    ]
    for one in outcome.workbooks:
        if one.copy:
            copy = one.path.relative_to(visit.uploads.folder("workbook")).with_suffix(".xlsx")
            files.append((f"{copies.name}/{copy.as_posix()}", copies / copy))
    files += [(name, out / name) for name, _ in outcome.tables]
    return sorted((name, path) for name, path in files if path.is_file())
