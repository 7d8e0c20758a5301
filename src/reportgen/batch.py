"""Many units: read, check, build, write. One unit's error never stops another's document."""

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from reportgen import rules
from reportgen.copies import Copies, CopyResult, TemplateCopies
from reportgen.errors import FormError, ReportgenError
from reportgen.finding import Finding, Place, Severity
from reportgen.form import Form
from reportgen.output import OutputFolder, same_file
from reportgen.pipeline import Renderer, UnitResult, build_unit, check, unit_name
from reportgen.project import Forms, workbooks
from reportgen.standing import APPROVED, NOTHING_APPROVED, Approvals, unused
from reportgen.submission import Submission
from reportgen.workbook.book import Book, open_workbook
from reportgen.workbook.read import read_submission


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """A document of a run: ``status`` is built, unchanged, kept, draft or failed."""

    unit: str
    file: str
    status: str


@dataclass(slots=True)
class Run:
    """What a run found and made; ``forms`` are those that were looked through, if that was asked."""

    findings: list[Finding] = field(default_factory=list)
    documents: list[DocumentResult] = field(default_factory=list)
    copies: list[CopyResult] = field(default_factory=list)
    units: int = 0
    blocked: bool = False
    forms: Sequence[Form] = ()

    def has(self, level: Severity) -> bool:
        """Whether there is a finding of *level* that nobody has explained or approved."""
        return any(f.level is level and not f.stands for f in self.findings)

    def exit_code(self, *, strict: bool = False) -> int:
        """Return 0 clean, 1 a finding of level error (*strict*: or warning), 2 nothing could be done."""
        if self.blocked:
            return 2
        return int(self.has(Severity.ERROR) or (strict and self.has(Severity.WARNING)))


def check_all(
    inputs: Sequence[Path],
    forms: Forms,
    approvals: Approvals = NOTHING_APPROVED,
    mark: Path | None = None,
) -> Run:
    """Check every workbook of *inputs*, and put a marked copy of each into the folder *mark*.

    *approvals* are the errors that may stand.

    Raises:
        ReportgenError: there is no workbook at all, or *mark* cannot be written.
    """
    files, skipped = workbooks(inputs)
    copies = Copies.open(mark, inputs, files) if mark else None
    run = Run(findings=skipped, units=len(files))
    work = partial(_checked, forms=forms, approvals=approvals, marks=bool(copies))
    results = [_guarded(file, partial(work, file)) for file in files]
    if copies:
        run.copies.extend(copies.write(results))
        run.findings.extend(copies.folder.close())
    _collect(run, results)
    run.findings.extend(_of_approvals(approvals, results, inputs))
    return run


def build_all(
    inputs: Sequence[Path],
    forms: Forms,
    output: Path,
    approvals: Approvals = NOTHING_APPROVED,
    *,
    draft: bool = False,
    mark: Path | None = None,
) -> Run:
    """Build every document of every workbook of *inputs* into *output*, marked copies into *mark*.

    *approvals* are the errors that may stand and keep no document back.

    Raises:
        ReportgenError: there is no workbook at all, or a folder cannot be written.
    """
    files, skipped = workbooks(inputs)
    folder = OutputFolder.open(output)
    copies = Copies.open(mark, inputs, files, folder) if mark else None
    run = Run(findings=skipped, units=len(files))
    renderers: dict[str, Renderer] = {}
    work = partial(
        _built,
        forms=forms,
        renderers=renderers,
        approvals=approvals,
        draft=draft,
        marks=bool(copies),
    )
    results = [_guarded(file, partial(work, file)) for file in files]
    _refuse_same_names(results)
    try:
        for result in results:
            run.documents.extend(_written(result, folder, draft=draft))
        run.copies.extend(copies.write(results) if copies else ())
    finally:
        unwritten = folder.close()
        if copies and copies.folder is not folder:
            unwritten += copies.folder.close()
    _collect(run, results)
    run.findings.extend(_of_approvals(approvals, results, inputs))
    run.findings.extend(unwritten)
    return run


def lint_all(forms: Forms, mark: Path | None = None) -> Run:
    """Look through the given form, or all; put a marked copy of each wrong template into *mark*.

    Raises:
        ReportgenError: there is no form, or *mark* cannot be written.
    """
    from reportgen.template.lint import look_through  # noqa: PLC0415 - docxtpl loads slowly

    readable, broken = forms.every()
    if not readable and not broken:
        forms.choose()
    found = [finding for error in broken for finding in error.findings]
    run = Run(findings=found, forms=readable, blocked=not readable)
    linted = [(form, look_through(form)) for form in readable]
    for _, one in linted:
        run.findings += one.findings
    if mark:
        copies = TemplateCopies.open(mark, readable)
        for form, one in linted:
            run.copies += copies.write(form, one.marks, run.findings)
        run.findings += copies.folder.close()
    return run


def _checked(file: Path, forms: Forms, approvals: Approvals, *, marks: bool) -> UnitResult:
    book, submission, findings = _read(file, forms)
    unit = unit_name(submission, file.stem)
    result = UnitResult(unit, file, findings, submission=submission)
    result.findings.extend(check(submission, file.parent, approvals))
    result.checked = tuple(result.findings)
    return _with_copy(result, book, submission) if marks else result


def _built(
    file: Path,
    forms: Forms,
    renderers: dict[str, Renderer],
    approvals: Approvals,
    *,
    draft: bool,
    marks: bool,
) -> UnitResult:
    book, submission, findings = _read(file, forms)
    form = submission.form
    renderer = renderers.setdefault(str(form.folder), Renderer(form))
    if findings:
        unit = unit_name(submission, file.stem)
        result = UnitResult(unit, file, findings, checked=tuple(findings))
    else:
        result = build_unit(submission, file, renderer, approvals, draft=draft)
    return _with_copy(result, book, submission) if marks else result


def _with_copy(result: UnitResult, book: Book, submission: Submission) -> UnitResult:
    from reportgen.workbook.mark import mark  # noqa: PLC0415 - openpyxl loads slowly

    result.copy = mark(book, submission, result.checked)
    return result


def _read(file: Path, forms: Forms) -> tuple[Book, Submission, list[Finding]]:
    book = open_workbook(file)
    named = book.meta.get("form", "")
    form: Form = forms.choose(named, file.name)
    findings = []
    if named and named != form.id:
        findings.append(rules.OTHER_FORM.at(Place(file=file.name), value=named, form=form.id))
    return book, read_submission(book, form), findings


def _guarded(file: Path, work: Callable[[], UnitResult]) -> UnitResult:
    """Do one unit's *work*; whatever it raises costs this unit alone."""
    try:
        return work()
    except FormError as error:
        return UnitResult(file.name, file, list(error.findings), blocked=True)
    except ReportgenError as error:
        return UnitResult(file.name, file, list(error.findings))
    except Exception as error:  # noqa: BLE001 - a bug of ours must not cost the other units
        frame = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{Path(frame.filename).name} 第 {frame.lineno} 行"
        return UnitResult(file.name, file, [rules.BUG.at(Place(file=file.name), what=what)])


def _of_approvals(
    approvals: Approvals, results: Sequence[UnitResult], inputs: Sequence[Path]
) -> Iterator[Finding]:
    """Yield what is wrong with the list of approvals, and those that were of no use."""
    units = [(r.submission, r.findings) for r in results if r.submission]
    yield from approvals.findings
    yield from unused(approvals, units, every_unit=any(path.is_dir() for path in inputs))


def _refuse_same_names(results: Sequence[UnitResult]) -> None:
    """Two documents of one name are an error for both (design.md §4)."""
    shown = _shown(results)
    counts = Counter(same_file(name) for result in results for name in result.wanted if name)
    for result in results:
        for name in dict.fromkeys(result.wanted):
            if counts[same_file(name)] < 2:
                continue
            others = [
                shown[other.file]
                for other in results
                if other is not result and same_file(name) in map(same_file, other.wanted)
            ]
            other = "、".join(others) or "同一份工作簿的另一份文档"
            result.findings.append(
                rules.SAME_NAME.at(Place(file=result.file.name), value=name, other=other)
            )
            result.documents = [d for d in result.documents if same_file(d.name) != same_file(name)]


def _written(result: UnitResult, folder: OutputFolder, *, draft: bool) -> Iterable[DocumentResult]:
    official = not result.failed
    done = set()
    for document in result.documents if official or draft else ():
        save = folder.save if official else folder.save_draft
        facts = {"unit": result.unit, "template": document.template}
        saved = save(document.name, document.content, **facts, **_approved(result))
        if official:
            done.add(document.name)
        result.findings.extend(saved.findings)
        yield DocumentResult(result.unit, saved.name, saved.status)
    drafted = set() if official or not draft else {document.name for document in result.documents}
    for name in result.wanted or ([""] if result.failed else []):
        if name in done:
            continue
        if name and folder.has(name):
            result.findings.append(rules.STALE.at(Place(file=result.file.name), value=name))
        if name not in drafted:
            yield DocumentResult(result.unit, name, "failed")


def _approved(result: UnitResult) -> dict[str, list[dict[str, str]]]:
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


def _shown(results: Sequence[UnitResult]) -> dict[Path, str]:
    """Return what each workbook is called in messages: its name, or its path where two share one."""
    names = Counter(result.file.name for result in results)
    files = [result.file for result in results]
    return {f: f.name if names[f.name] == 1 else f.as_posix() for f in files}


def _collect(run: Run, results: Sequence[UnitResult]) -> None:
    seen: set[Finding] = set()
    shown = _shown(results)
    for result in results:
        for finding in result.findings:
            is_own = finding.place.file == result.file.name
            if is_own:
                place = replace(finding.place, file=shown[result.file])
                finding = replace(finding, place=place)  # noqa: PLW2901
            # a form's or a template's own mistake is said once, not once a unit
            if (result.blocked or not is_own) and finding in seen:
                continue
            seen.add(finding)
            run.findings.append(finding)
    run.blocked = bool(results) and all(r.blocked for r in results)
