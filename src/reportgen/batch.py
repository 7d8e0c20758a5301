"""Many units: read, check, build, write. One unit's error never stops another's document."""

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path

from reportgen.copies import Copies, TemplateCopies
from reportgen.finding import Finding
from reportgen.output import OutputFolder
from reportgen.pipeline import UnitResult
from reportgen.project import Forms, read_bytes, workbooks
from reportgen.run import Run
from reportgen.standing import NOTHING_APPROVED, Approvals
from reportgen.teller import Teller
from reportgen.unit import Job, Settings
from reportgen.workers import Workers, in_order
from reportgen.writing import Writing


def check_all(
    inputs: Sequence[Path],
    forms: Forms,
    approvals: Approvals = NOTHING_APPROVED,
    mark: Path | None = None,
    *,
    run: Run | None = None,
) -> Run:
    """Check every workbook of *inputs*, and put a marked copy of each wrong one into the folder *mark*.

    *approvals* are the errors that may stand; *run* hears of each unit as it is done.

    Raises:
        ReportgenError: there is no workbook at all, or *mark* cannot be written.
    """
    files, skipped = workbooks(inputs)
    run = run or Run()
    copies = Copies.open(mark, inputs, files) if mark else None
    settings = Settings(forms=forms, approvals=approvals, build=False, mark=bool(copies))
    teller = Teller(run, files, approvals, forms)
    run.tell(skipped)
    try:
        with Workers(settings, len(files)) as workers:
            for file, _, result in in_order(((file, _job(file)) for file in files), workers):
                copy = copies.write(file, result, result.findings) if copies else None
                teller.tell(file, result, copies=[copy] if copy else [])
    finally:
        unwritten = copies.folder.close() if copies else ()
    run.tell(unwritten)
    teller.end(every_unit=any(path.is_dir() for path in inputs))
    return run


def build_all(
    inputs: Sequence[Path],
    forms: Forms,
    output: Path,
    approvals: Approvals = NOTHING_APPROVED,
    *,
    draft: bool = False,
    mark: Path | None = None,
    force: bool = False,
    jobs: int = 0,
    executor: Executor | None = None,
    run: Run | None = None,
) -> Run:
    """Build every document of every workbook of *inputs* into *output*, marked copies into *mark*.

    What is there as the last run left it, and rests on the same workbook, form and approvals, stays;
    *force* builds it all the same. *approvals* are the errors that may stand and keep no document
    back. *jobs* is how many processes work (0: one for each processor), or *executor* does. *run*
    hears of each unit as it is done.

    Raises:
        ReportgenError: there is no workbook at all, or a folder cannot be written.
    """
    files, skipped = workbooks(inputs)
    run = run or Run()
    folder = OutputFolder.open(output)
    copies = None
    try:
        copies = Copies.open(mark, inputs, files, folder) if mark else None
        settings = Settings(forms=forms, approvals=approvals, draft=draft, mark=bool(copies))
        teller = Teller(run, files, approvals, forms)
        writing = Writing(folder, copies, settings, teller, force=force)
        run.tell(skipped)
        with Workers(settings, len(files), jobs, executor) as workers:
            for todo, job, result in in_order(map(writing.todo, files), workers):
                writing.finish(todo, result, fresh=job is not None)
        writing.settle_disputes()
        every_unit = any(path.is_dir() for path in inputs)
        if every_unit:
            run.tell(writing.left_behind())
        teller.end(every_unit=every_unit)
    finally:
        unwritten = folder.close()
        if copies and copies.folder is not folder:
            unwritten += copies.folder.close()
    run.tell(unwritten)
    return run


def lint_all(forms: Forms, mark: Path | None = None, *, run: Run | None = None) -> Run:
    """Look through the given form, or all; put a marked copy of each wrong template into *mark*.

    Raises:
        ReportgenError: there is no form, or *mark* cannot be written.
    """
    from reportgen.template.lint import look_through  # noqa: PLC0415 - docxtpl loads slowly

    readable, broken = forms.every()
    if not readable and not broken:
        forms.choose()
    run = run or Run()
    run.forms, run.blocked = readable, not readable
    run.tell(finding for error in broken for finding in error.findings)
    linted = [(form, look_through(form)) for form in readable]
    for _, one in linted:
        run.tell(one.findings)
    if mark:
        copies = TemplateCopies.open(mark, readable)
        for form, one in linted:
            found: list[Finding] = []
            made = list(copies.write(form, one.marks, found))
            run.tell(found, copies=made)
        run.tell(copies.folder.close())
    return run


def _job(file: Path) -> Job | UnitResult:
    data = read_bytes(file)
    if isinstance(data, Finding):
        return UnitResult(file.name, file.name, [data])
    return Job(file.name, data, file.parent)
