"""One unit's share of a run, in whatever process: the bytes of its workbook in, its results out.

What is the same for all units of a run travels as one pickle, and each process keeps what it has
made of the last one: the forms it has read, the templates it has compiled.
"""

import pickle
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from reportgen import rules
from reportgen.borrowed import ForeignNames, paragraphs
from reportgen.campaign import is_listed
from reportgen.compute import Data, compute
from reportgen.diagnosis import bug_of, is_bug
from reportgen.errors import FormError, LostError, ReportgenError
from reportgen.finding import Finding, Place
from reportgen.form import Form
from reportgen.pipeline import Renderer, UnitResult, build_unit, check_unit, picture_files
from reportgen.project import Forms
from reportgen.received import read_bytes
from reportgen.roster import Roster
from reportgen.standing import NOTHING_APPROVED, Approvals
from reportgen.submission import Submission
from reportgen.summary.form import Column, columns
from reportgen.workbook.book import Book, open_bytes
from reportgen.workbook.read import read_submission

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is asked of every unit: documents too (*build*), drafts in spite of errors, marked copies.

    *approvals* are the errors that may stand, *roster* is the list of units. ``run`` tells runs apart: between two of them the
    forms may have been edited, and a process may live through both.
    """

    forms: Forms
    approvals: Approvals = NOTHING_APPROVED
    build: bool = True
    draft: bool = False
    mark: bool = False
    roster: Roster | None = None
    run: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True, slots=True)
class Job:
    """A unit's workbook: ``file`` is its name, ``data`` its bytes.

    Its pictures are in ``folder``; without one, for a process that cannot see it, ``pictures``
    holds them by their paths below it. ``careful``: it may ask for all the memory that there is.
    """

    file: str
    data: bytes
    folder: Path | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    careful: bool = False


def read_job(file: Path) -> Job | UnitResult:
    """Return the workbook *file* as a job, or the result that it cannot be read."""

    def read() -> Job | UnitResult:
        data = read_bytes(file)
        if isinstance(data, Finding):
            return UnitResult(file.name, file.name, [data], passing=True)
        return Job(file.name, data, file.parent)

    return guarded(file.name, read)


#: The settings of a process that was made for one run: they would be much to send with each unit.
_of_process: ContextVar[bytes] = ContextVar("settings")


def begin(settings: bytes) -> None:
    """Let the units that this process does without settings of their own have *settings*."""
    _of_process.set(settings)


def do(settings: bytes | None, job: Job) -> UnitResult:
    """Return what the unit of *job* gives; *settings* is a pickle of ``Settings``, None: of ``begin``.

    Whatever goes wrong with the unit is one of its findings: nothing is raised but what ends the
    process.
    """
    desk = _desk(settings or _of_process.get())
    if job.folder is not None:
        return guarded(job.file, lambda: desk.result(job, job.folder), desk)
    with tempfile.TemporaryDirectory(prefix="reportgen-") as folder:
        for name, content in job.pictures.items():
            path = Path(folder, name.replace("\\", "/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return guarded(job.file, lambda: desk.result(job, Path(folder)), desk)


def elsewhere(settings: Settings) -> Settings:
    """Return *settings* for processes that cannot see the folders of this machine."""
    return replace(settings, forms=settings.forms.sent())


def sent(job: Job, forms: Forms) -> Job:
    """Return *job* with its pictures, for a process that cannot see its folder."""
    folder = job.folder
    if folder is None or not forms.ask_for_pictures():
        return replace(job, folder=None)
    try:
        book = open_bytes(job.data, job.file)
        form = forms.choose(book.meta.get("form", ""), job.file)
        pictures = dict(picture_files(Data(read_submission(book, form)), folder))
    except ReportgenError:
        pictures = {}  # whoever does the work says what is wrong
    return replace(job, folder=None, pictures=pictures)


@lru_cache(maxsize=1)
def _desk(settings: bytes) -> "_Desk":
    return _Desk(pickle.loads(settings))  # noqa: S301 - our own


class _Desk:
    """What a process keeps from unit to unit."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._renderers: dict[str, Renderer] = {}
        self._of_summary: dict[str, tuple[Column, ...]] = {}
        self._foreign = ForeignNames(settings.roster or Roster())
        #: The id and version of the form that was last begun with.
        self.form = ""

    def result(self, job: Job, folder: Path | None) -> UnitResult:
        """Return what the unit of *job* gives."""
        wanted, self.form = self.settings, ""
        book = open_bytes(job.data, job.file, careful=job.careful)
        named = book.meta.get("form", "")
        form: Form = wanted.forms.choose(named, job.file)
        self.form = f"{form.id} {form.version}"
        submission = read_submission(book, form)
        data, approvals = compute(submission), wanted.approvals
        more = tuple(self._by_the_list(data))
        if wanted.build:
            renderer = self._renderers.setdefault(str(form.folder), Renderer(form))
            draft = wanted.draft
            result = build_unit(data, job.file, renderer, folder, approvals, more, draft=draft)
        else:
            result = check_unit(data, job.file, folder, approvals, more)
        result.paragraphs = paragraphs(data)
        if form.summaries and wanted.build:
            from reportgen.summary.values import values_of  # noqa: PLC0415 - most forms have none

            result.summary = values_of(data, self._columns(form))
        if named and named != form.id:
            _say_other_form(result, named, form.id, official=wanted.build)
        return _with_copy(result, book, submission) if wanted.mark else result

    def _columns(self, form: Form) -> tuple[Column, ...]:
        """Return the form's columns in the summary: to find them takes longer than to fill them in."""
        return self._of_summary.get(form.id) or self._of_summary.setdefault(form.id, columns(form))

    def _by_the_list(self, data: Data) -> Iterator[Finding]:
        """Yield what only the list of units shows of one."""
        if self.settings.roster:
            yield from is_listed(data, self.settings.roster)
            yield from self._foreign.find(data)


def _say_other_form(result: UnitResult, named: str, form: str, *, official: bool) -> None:
    """Say that the workbook names another form: nothing *official* is made of it."""
    finding = rules.OTHER_FORM.at(Place(file=result.file), value=named, form=form)
    result.findings = [finding] if official else [finding, *result.findings]
    result.checked = tuple(result.findings)
    result.documents, result.wanted = [], []


def _with_copy(result: UnitResult, book: Book, submission: Submission) -> UnitResult:
    from reportgen.workbook.mark import mark  # noqa: PLC0415 - openpyxl loads slowly

    if result.checked:
        result.copy = mark(book, submission, result.checked)
    return result


def guarded(file: str, work: Callable[[], R], desk: _Desk | None = None) -> R | UnitResult:
    """Do one unit's *work* at *desk*; whatever it raises costs this unit alone.

    Raises:
        LostError: the folder takes nothing any more: no unit's fault.
    """
    try:
        return work()
    except LostError:
        raise
    except FormError as error:
        return UnitResult(file, file, list(error.findings), blocked=True)
    except ReportgenError as error:
        return UnitResult(file, file, list(error.findings))
    except MemoryError:
        return UnitResult(file, file, [rules.TOO_LARGE.at(Place(file=file))])
    except BaseException as error:
        # a bug of ours must not cost the other units; a panic of a library is no Exception
        if not is_bug(error):
            raise
        bug = bug_of(error, desk.form if desk else "")
        found = [rules.BUG.at(Place(file=file), what=bug.where)]
        return UnitResult(file, file, found, passing=True, bug=bug)
