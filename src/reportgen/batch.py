"""Many units: read, check, build, write. One unit's error never stops another's document."""

from collections.abc import Sequence
from concurrent.futures import Executor
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from reportgen import rules
from reportgen.closing import Closing
from reportgen.copies import Copies, TemplateCopies
from reportgen.errors import LostError
from reportgen.finding import Finding, Place
from reportgen.manifest import FOLDER, Manifest, UnitRecord
from reportgen.output import OutputFolder
from reportgen.overview import NAME as SUMMARY
from reportgen.overview import Overview
from reportgen.project import Forms, workbooks
from reportgen.rehearsal import Rehearsal
from reportgen.roster import read_roster
from reportgen.run import CopyResult, Run
from reportgen.standing import NOTHING_APPROVED, Approvals
from reportgen.teller import Teller
from reportgen.unit import Settings, read_job
from reportgen.workers import Workers, in_order, processors
from reportgen.writing import Writing, record_of


def check_all(
    inputs: Sequence[Path],
    forms: Forms,
    approvals: Approvals = NOTHING_APPROVED,
    mark: Path | None = None,
    *,
    roster: Path | None = None,
    run: Run | None = None,
) -> Run:
    """Check every workbook of *inputs*, and put a marked copy of each wrong one into the folder *mark*.

    *approvals* are the errors that may stand, *roster* is the list of units; *run* hears of each
    unit as it is done.

    Raises:
        ReportgenError: there is no workbook at all, the list cannot be read, or *mark* cannot be
            written.
    """
    files, skipped = workbooks(inputs)
    run = run or Run()
    units = read_roster(roster) if roster else None
    copies = Copies.open(mark, inputs, files) if mark else None
    settings = Settings(
        forms=forms, approvals=approvals, build=False, mark=bool(copies), roster=units
    )
    teller = Teller(run, files, approvals, forms)
    run.tell((*skipped, *(units.findings if units else ())))
    keys = {file.resolve().as_posix(): file for file in files}

    def refuse(key: str, findings: Sequence[Finding], *, told: bool = False) -> None:
        if not told:
            teller.amend(keys[key], findings)

    with TemporaryDirectory(prefix="reportgen-") as folder:
        manifest = Manifest(Path(folder))  # the same as a build keeps, for this run alone
        try:
            with Workers(settings, len(files)) as workers:
                work = ((key, read_job(file)) for key, file in keys.items())
                for key, _, result in in_order(work, workers):
                    file = keys[key]
                    made: list[CopyResult] = []
                    with run.surviving(file.name):
                        manifest.see(key)
                        manifest.keep(record_of(key, result, result.findings), {})
                        copy = copies.write(file, result, result.findings) if copies else None
                        made += [copy] if copy else []
                    teller.tell(file, result, copies=made)
            with run.surviving(""):
                closing = Closing(manifest, keys, teller, forms, units)
                closing.disputes(refuse)
                closing.warnings()
                closing.standings(roster.name if roster else "")
        except LostError as error:
            _stop(run, error, mark or Path(folder))
        finally:
            manifest.close()
            unwritten = copies.folder.close() if copies else ()
    if not run.stopped:
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
    roster: Path | None = None,
    pdf: bool = False,
    force: bool = False,
    only_failed: bool = False,
    dry_run: bool = False,
    jobs: int = 0,
    executor: Executor | None = None,
    run: Run | None = None,
) -> Run:
    """Build every document of every workbook of *inputs* into *output*, marked copies into *mark*.

    What is there as the last run left it, and rests on the same workbook, form and approvals, stays;
    *force* builds it all the same. *only_failed* leaves out the workbooks that did not fail last time;
    *dry_run* does the work and writes nothing: the documents' statuses are what would become of them. *approvals* are the errors that may stand and keep no document
    back, *roster* is the list of units; *pdf* prints each document besides. *jobs* is how many processes work (0: one for each
    processor), or *executor* does. *run* hears of each unit as it is done.

    Raises:
        ReportgenError: there is no workbook at all, the list cannot be read, or a folder cannot be
            written.
    """
    files, skipped = workbooks(inputs)
    run = run or Run()
    units = read_roster(roster) if roster else None
    folder = Rehearsal.open(output) if dry_run else OutputFolder.open(output)
    run.home = Path() if dry_run else output / FOLDER
    copies = None
    try:
        copies = Copies.open(mark, inputs, files, folder) if mark and not dry_run else None
        settings = Settings(
            forms=forms, approvals=approvals, draft=draft, mark=bool(copies), roster=units
        )
        teller = Teller(run, files, approvals, forms)
        writing = Writing(folder, copies, settings, teller, force=force)
        run.tell((*skipped, *(units.findings if units else ())))
        if only_failed:
            files = [file for file in files if writing.failed_before(file)]
            run.units = len(files)
            if not files:
                run.tell([rules.NOTHING_FAILED.at(Place(file=str(output)))])
        with Workers(settings, len(files), jobs, executor) as workers:
            for todo, job, result in in_order(map(writing.todo, files), workers):
                writing.finish(todo, result, fresh=job is not None)
        over_all: Sequence[str] = ()
        with run.surviving(SUMMARY):
            closing = Closing(folder.manifest, writing.files, teller, forms, units)
            closing.disputes(writing.refuse)
            found = closing.warnings()
            missing = closing.standings(roster.name if roster else "")
            if not dry_run:
                overview = Overview(folder, forms, missing, found)
                overview.write(run)
                over_all = overview.documents
        if pdf and not dry_run:
            with run.surviving("PDF"):
                _print(folder, over_all, run, jobs, executor)
        every_unit = any(path.is_dir() for path in inputs)
        if every_unit:
            run.tell(writing.left_behind())
        teller.end(every_unit=every_unit)
    except LostError as error:
        _stop(run, error, output)
    finally:
        unwritten = folder.close()
        if copies and copies.folder is not folder:
            unwritten += copies.folder.close()
    if not run.stopped:
        run.tell(unwritten)
    return run


def _stop(run: Run, error: LostError, folder: Path) -> None:
    """Tell why the run ends here, and how many units are left: each of them would fail as well."""
    run.stopped = True
    words = {"value": folder, "what": error.what, "count": run.units - run.done}
    run.tell([rules.OUTPUT_LOST.at(Place(file=str(folder)), **words)])


def _print(
    folder: OutputFolder,
    over_all: Sequence[str],
    run: Run,
    jobs: int,
    executor: Executor | None,
) -> None:
    """Make the PDFs of the units' documents, and of those *over_all* units."""
    from reportgen.printing import Printing  # noqa: PLC0415 - few runs print

    batch = UnitRecord(file="", unit="汇总", documents=tuple(over_all))
    at_most = sum(len(one.documents) for one in folder.manifest.records(only_seen=True))
    records = chain(folder.manifest.records(only_seen=True), [batch])
    printing = Printing(folder, run.tell, jobs or processors(), executor)
    printing.print_all(records, at_most + len(over_all))


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
