"""Processes that do units' work side by side; each has a limit of time and of memory.

A unit that crashes its process or takes too long costs nobody else anything: the pool (pebble) has
its own process for each task that runs, and starts another in the place of a dead one. Any other
executor of ``concurrent.futures`` serves as well, on other machines too.
"""

import gc
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeVar

from reportgen import rules
from reportgen.finding import Place
from reportgen.pipeline import UnitResult
from reportgen.unit import Job, Settings, begin, do, elsewhere, sent

T = TypeVar("T")
#: The largest workbook that was measured (20,000 rows) takes 4 seconds and 400 MB.
SECONDS = 60
MEGABYTES = 2048
#: How many units a process may be ahead of the one whose result is waited for: enough to keep all
#: busy while a slow one lasts, few enough to hold in memory.
_AHEAD = 32
#: What each process would import anyway is imported once, in the process that they are forked from.
_PRELOADED = ["reportgen.unit", "reportgen.template.engine"]


def processors() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """What does the work of units: processes of this machine, started when first needed, or *executor*.

    A single unit is done in this process: there is nobody else that it could harm.
    """

    def __init__(
        self, settings: Settings, units: int, jobs: int = 0, executor: Executor | None = None
    ) -> None:
        """Be ready for at most *units*, in *jobs* processes (0: one for each processor)."""
        self._forms = settings.forms
        self._settings = pickle.dumps(elsewhere(settings) if executor else settings)
        self._alone = units == 1
        self._jobs = jobs or processors()
        self._executor = executor
        self._pool: Any = None
        self.ahead = _AHEAD * self._jobs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:  # fmt: skip
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()

    def submit(self, job: Job) -> "Future[UnitResult]":
        """Have the work of *job* done."""
        if self._executor is not None:
            return self._executor.submit(do, self._settings, sent(job, self._forms))
        if self._alone:
            done = Future[UnitResult]()
            done.set_result(do(self._settings, job))
            return done
        if self._pool is None:
            self._pool = _started(self._jobs, self._settings)
        future: Future[UnitResult] = self._pool.schedule(do, args=(None, job), timeout=SECONDS)
        return future

    def is_local(self) -> bool:
        """Whether the processes see the same files."""
        return self._executor is None


def apart(work: Callable[..., T], *args: Any) -> T:
    """Return ``work(*args)``, done in a process of its own: the memory that it takes goes with it."""
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - few runs need one

    with ProcessPoolExecutor(1, mp_context=_context()) as pool:
        return pool.submit(work, *args).result()


def _context() -> Any:
    import multiprocessing  # noqa: PLC0415 - a single unit needs none

    # a fork of a process with threads may hang; forkserver has none, and Windows has neither
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload(_PRELOADED)
    return context


def _started(jobs: int, settings: bytes) -> Any:
    from pebble import ProcessPool  # noqa: PLC0415 - a single unit needs none

    return ProcessPool(
        max_workers=jobs, context=_context(), initializer=_prepare, initargs=(settings,)
    )


def _prepare(settings: bytes) -> None:
    """Make ready a process of the pool: Ctrl-C is the parent's affair, and without it there is no work."""
    begin(settings)
    spare_the_collector()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows has none

        limit = MEGABYTES << 20
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def spare_the_collector() -> None:
    """Let cyclic garbage be looked for rarely in a process that does nothing but units.

    A unit's values go by their counts; looking through all of them for cycles, over and over, is a
    tenth of its time.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _end_with_parent() -> None:
    from multiprocessing import connection, parent_process  # noqa: PLC0415 - see _started

    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def in_order(
    units: Iterable[tuple[T, Job | UnitResult]], workers: Workers
) -> Iterator[tuple[T, Job | None, UnitResult]]:
    """Yield each unit with its result, in order: the work of a *Job*, or a result that is known already.

    Units whose process died come last: each is tried once more, with nothing beside it.
    """
    ahead: deque[tuple[T, Job | None, Future[UnitResult] | UnitResult]] = deque()
    died: list[tuple[T, Job]] = []

    def first() -> Iterator[tuple[T, Job | None, UnitResult]]:
        one, job, coming = ahead.popleft()
        result = _result(job, coming, workers) if job else coming
        if isinstance(result, UnitResult):
            yield one, job, result
        elif job:
            died.append((one, job))

    for one, what in units:
        if isinstance(what, Job):
            ahead.append((one, what, workers.submit(what)))
        else:
            ahead.append((one, None, what))
        while ahead and (len(ahead) > workers.ahead or ahead[0][1] is None):
            yield from first()
    while ahead:
        yield from first()
    for one, job in died:
        result = _result(job, workers.submit(job), workers)
        yield one, job, result or _lost(job, rules.KILLED.at(Place(file=job.file)))


def _result(job: Job, future: Any, workers: Workers) -> UnitResult | None:
    """Return what *future* brings; None where the process died."""
    try:
        # pebble keeps the time itself; elsewhere the unit that is waited for is being worked on
        result: UnitResult = future.result(None if workers.is_local() else SECONDS)
    except TimeoutError:
        future.cancel()
        return _lost(job, rules.TOO_SLOW.at(Place(file=job.file), seconds=f"{SECONDS:g}"))
    except (KeyboardInterrupt, CancelledError):
        raise
    except Exception:  # noqa: BLE001 - each executor has its own word for a dead process
        return None
    return result


def _lost(job: Job, finding: Any) -> UnitResult:
    return UnitResult(job.file, job.file, [finding], passing=True)
