"""Who does units' work: processes of this machine, side by side, or another executor, on other machines too.

A unit that crashes its process or takes too long costs nobody else anything.
"""

import gc
import os
import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

from reportgen import rules
from reportgen.finding import Place
from reportgen.pipeline import UnitResult
from reportgen.unit import Job, Settings, begin, do, elsewhere, sent
from reportgen.workbook.reach import reach_of

T = TypeVar("T")
#: The largest workbook that was measured (20,000 rows) takes 4 seconds.
SECONDS = 60
#: Of the processor's time, which a busy computer or a slow disk does not use up.
_LEAST_WORK, _WORK_OF_A_MEGABYTE = 8.0, 60.0
#: How many units a process may be ahead of the one whose result is waited for: enough to keep all
#: busy while a slow one lasts, few enough to hold in memory.
_AHEAD = 32
#: How many bytes of workbooks there may be ahead: those with photographs are large.
_HELD = 64 << 20
#: What each process would import anyway is imported once, in the process that they are forked from.
_PRELOADED = ["reportgen.unit", "reportgen.template.engine"]


def processors() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """What does the work of units: processes of this machine, started when first needed, or *executor*.

    A single unit is done in this process, unless it could cost that its memory: nobody else is harmed.
    """

    def __init__(
        self, settings: Settings, units: int, jobs: int = 0, executor: Executor | None = None
    ) -> None:
        """Be ready for at most *units*, in *jobs* processes (0: one for each processor)."""
        self._forms = settings.forms
        self._settings = pickle.dumps(settings)
        self._elsewhere = pickle.dumps(elsewhere(settings)) if executor else b""
        self._alone = units == 1 and executor is None
        self._jobs = jobs or processors()
        self._executor = executor
        #: What *executor* was given and has not answered; how many answers in a row did not come.
        self._given: set[Future[UnitResult]] = set()
        self._late = 0
        self._pool: Any = None
        self.ahead = _AHEAD * self._jobs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:  # fmt: skip
        if self._pool is not None:
            self._pool.close()

    def submit(self, job: Job, *, here: bool = False) -> "Future[UnitResult]":
        """Have the work of *job* done; *here*: on this machine."""
        if self._executor is not None and not here and self._may_travel(job):
            try:
                given = self._executor.submit(do, self._elsewhere, sent(job, self._forms))
            except Exception:  # noqa: BLE001 - broken, shut down: each has its own word for it
                self._executor = None  # this machine is still there
            else:
                self._given.add(given)
                return given
        if self._alone:
            if reach_of(job.data).is_small:
                done = Future[UnitResult]()
                done.set_result(self._do(job))
                return done
            job = replace(job, careful=True)
        if self._pool is None:
            from reportgen.pool import Pool  # noqa: PLC0415 - a single unit needs none

            self._pool = Pool(self._jobs, SECONDS, _prepare, (self._settings,), _PRELOADED)
        future: Future[UnitResult] = self._pool.submit(_within, _work_of(job), do, job)
        return future

    def result(self, job: Job, future: "Future[UnitResult]") -> UnitResult | None:
        """Return what *future* brings of *job*; None where whoever did it died, or did not answer."""
        elsewhere = future in self._given
        self._given.discard(future)
        seconds = None  # the pool keeps the time itself
        if elsewhere:  # the unit that is waited for is being worked on, if anybody is there
            seconds = SECONDS if self._executor is not None else 0
        try:
            result = future.result(seconds)
        except TimeoutError:
            future.cancel()
            if not elsewhere:
                words = {"seconds": f"{min(SECONDS, _work_of(job)):g}"}
                return _lost(job, rules.TOO_SLOW.at(Place(file=job.file), **words))
            self._late += 1
            if self._late > 1:  # one unit may be endless; two in a row, and nobody is there
                self._executor = None
            return None
        except CancelledError:  # nobody is there any more
            self._executor = None
            return None
        except Exception as error:  # noqa: BLE001 - each executor has its word for a dead process
            from reportgen.pool import StartError  # noqa: PLC0415 - see submit

            # a process may be more than this computer gives
            return self._do(job) if isinstance(error, StartError) else None
        self._late = 0
        return result

    def _may_travel(self, job: Job) -> bool:
        """Whether its pictures can be sent along: to find them it is read, in this very process."""
        return not self._forms.ask_for_pictures() or reach_of(job.data).is_certain

    def _do(self, job: Job) -> UnitResult:
        """Do the work of *job* in this process."""
        return do(self._settings, job)


def apart(work: Callable[..., T], *args: Any) -> T:
    """Return ``work(*args)``, done in a process of its own: the memory that it takes goes with it."""
    from reportgen.pool import DiedError, Pool, StartError  # noqa: PLC0415 - few runs need one

    pool = Pool(1, 60 * SECONDS, _prepare_nothing, modules=_PRELOADED)
    try:
        return pool.submit(work, *args).result()
    except (DiedError, StartError, TimeoutError):
        return work(*args)  # and whatever it raises
    finally:
        pool.close()


def _work_of(job: Job) -> float:
    """Return how long the processor may work on *job*, in seconds: what is large may take longer.

    A workbook of 120 KB takes 0.02; of 1 MB, 20,000 rows, 4.
    """
    return min(SECONDS, _LEAST_WORK + _WORK_OF_A_MEGABYTE * len(job.data) / (1 << 20))


def _within(seconds: float, work: Callable[[None, Job], UnitResult], job: Job) -> UnitResult:
    """Do the *work* of *job* in a process of the pool, of no more than *seconds*."""
    from reportgen.pool import limit_processor  # noqa: PLC0415 - it is there, as in _prepare

    limit_processor(seconds)
    return work(None, job)


def _prepare_nothing() -> None:
    pass


def _prepare(settings: bytes) -> None:
    """Make ready a process of the pool."""
    begin(settings)
    spare_the_collector()
    from reportgen.pool import limit_memory  # noqa: PLC0415 - it is there, in a process of the pool

    limit_memory()


def spare_the_collector() -> None:
    """Let cyclic garbage be looked for rarely in a process that does nothing but units.

    A unit's values go by their counts; looking through all of them for cycles, over and over, is a
    tenth of its time.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def in_order(
    units: Iterable[tuple[T, Job | UnitResult]], workers: Workers
) -> Iterator[tuple[T, Job | None, UnitResult]]:
    """Yield each unit with its result, in order: the work of a *Job*, or a result that is known already.

    Units whose process died, or for which no answer came, come last: each is tried once more, on
    this machine and with nothing beside it.
    """
    ahead: deque[tuple[T, Job | None, Future[UnitResult] | UnitResult]] = deque()
    died: list[tuple[T, Job]] = []
    held = 0

    def first() -> Iterator[tuple[T, Job | None, UnitResult]]:
        nonlocal held
        one, job, coming = ahead.popleft()
        if job is None or isinstance(coming, UnitResult):
            assert isinstance(coming, UnitResult)
            yield one, None, coming
            return
        held -= len(job.data)
        if result := workers.result(job, coming):
            yield one, job, result
        else:
            died.append((one, job))

    for one, what in units:
        if isinstance(what, Job):
            ahead.append((one, what, workers.submit(what)))
            held += len(what.data)
        else:
            ahead.append((one, None, what))
        while ahead and (len(ahead) > workers.ahead or held > _HELD or ahead[0][1] is None):
            yield from first()
    while ahead:
        yield from first()
    for one, job in died:
        result = workers.result(job, workers.submit(replace(job, careful=True), here=True))
        yield one, job, result or _why_killed(job)


def _why_killed(job: Job) -> UnitResult:
    far = reach_of(job.data)
    rule = rules.FAR_CELL if far.cell else rules.KILLED
    return _lost(job, rule.at(Place(file=job.file, sheet=far.sheet, cell=far.cell)))


def _lost(job: Job, finding: Any) -> UnitResult:
    return UnitResult(job.file, job.file, [finding], passing=True)
