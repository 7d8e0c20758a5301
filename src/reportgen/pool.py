"""Processes that call functions, each with a time limit for a call and a pipe of its own.

A process that dies, or is ended because it takes too long, costs the call that it was at and no other.
(In pools whose processes share their pipes and the locks of these, a kill at the wrong moment breaks
the pool: with pebble 4 runs of 6 in which ten processes were killed, ``concurrent.futures`` each.)
"""

import contextlib
import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

#: The largest workbook that was measured (20,000 rows) takes 400 MB.
MEGABYTES = 2048
P = ParamSpec("P")
R = TypeVar("R")


class StartError(Exception):
    """No process can be started here."""


class DiedError(Exception):
    """The process died during the call."""


class Pool:
    """At most *jobs* processes, started when first needed; each begins with ``begin(*given)``.

    *modules* are what every process imports anyway: where processes are forked, that is done once.
    """

    def __init__(
        self,
        jobs: int,
        seconds: float,
        begin: Callable[..., None],
        given: Sequence[Any] = (),
        modules: Sequence[str] = (),
    ) -> None:
        """*seconds* is how long a call may take."""
        self._seconds, self._begin, self._given = seconds, begin, tuple(given)
        # a fork of a process with threads may hang; forkserver has none, and Windows has neither
        methods = multiprocessing.get_all_start_methods()
        method = "forkserver" if "forkserver" in methods else "spawn"
        self._context: Any = multiprocessing.get_context(method)
        if method == "forkserver":
            self._context.set_forkserver_preload(list(modules))
        # a thread for each process: it waits, so that a result never waits for whoever wants it
        self._threads = ThreadPoolExecutor(jobs, "pool", _without_ctrl_c)
        self._idle: deque[_Worker] = deque()
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, function: Callable[P, R], *args: P.args, **more: P.kwargs) -> "Future[R]":
        """Have ``function(*args)`` called; it, what it takes and what it gives can be pickled.

        The future raises TimeoutError when the time is over (also that of ``limit_processor``),
        StartError, or DiedError; what
        *function* raises ends its process.
        """
        return self._threads.submit(self._call, (function, args, more))

    def close(self) -> None:
        """End all processes, whatever they are at."""
        with self._lock:
            self._closed = True
            for worker in self._all:
                worker.process.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._all:
            worker.end()

    def _call(self, task: Any) -> Any:
        worker = self._waiting() or self._started()
        try:
            result = worker.ask(task, self._seconds)
        except (TimeoutError, DiedError):
            self._forget(worker)
            raise
        self._idle.append(worker)
        return result

    def _waiting(self) -> "_Worker | None":
        with contextlib.suppress(IndexError):
            while worker := self._idle.popleft():
                if not worker.pipe.poll():
                    return worker
                self._forget(worker)  # it has nothing to say but that it is dead
        return None

    def _started(self) -> "_Worker":
        here, there = self._context.Pipe()
        with self._lock:
            if self._closed:
                raise StartError
            try:
                with _without_main():
                    process = self._context.Process(
                        target=_serve, args=(there, self._begin, self._given), daemon=True
                    )
                    process.start()
            except (OSError, EOFError) as error:
                raise StartError from error
            finally:
                there.close()  # the process's own: when it dies, ours says so
            worker = _Worker(process, here)
            self._all.add(worker)
        try:
            worker.hear(self._seconds)
        except (TimeoutError, DiedError) as error:
            self._forget(worker)
            raise StartError from error
        return worker

    def _forget(self, worker: "_Worker") -> None:
        with self._lock:
            if not self._closed:
                self._all.discard(worker)
                worker.end()


@dataclass(frozen=True, eq=False, slots=True)
class _Worker:
    """A process and our end of its pipe."""

    process: BaseProcess
    pipe: Connection

    def ask(self, task: Any, seconds: float) -> Any:
        """Return what the process answers to *task*."""
        try:
            self.pipe.send(task)
        except OSError as error:
            raise DiedError from error
        return self.hear(seconds)

    def hear(self, seconds: float) -> Any:
        """Return what the process says next."""
        if not self.pipe.poll(seconds):
            raise TimeoutError
        try:
            return self.pipe.recv()
        except (EOFError, OSError) as error:
            self.process.join(1)
            ended = -(self.process.exitcode or 0)
            if ended == getattr(signal, "SIGXCPU", -1):  # Windows has no such limit
                raise TimeoutError from error
            raise DiedError from error

    def end(self) -> None:
        """End the process, and wait for that."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def limit_memory() -> None:
    """Let this process die before it takes the whole computer's memory; on Windows it cannot be said."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows has none

        limit = MEGABYTES << 20
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_processor(seconds: float) -> None:
    """Let this process die when it has worked *seconds* more; on Windows it cannot be said."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows has none

        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        with contextlib.suppress(ValueError, OSError):
            until = math.ceil(time.process_time() + seconds)
            resource.setrlimit(resource.RLIMIT_CPU, (until, most))


def _serve(pipe: Connection, begin: Callable[..., None], given: Sequence[Any]) -> None:
    """Answer calls until nobody asks any more: what a process of the pool does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's affair
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # what a library cries out when it dies is of no use to a person; that it died is told
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        begin(*given)
        pipe.send(None)
        while True:
            function, args, more = pipe.recv()
            pipe.send(function(*args, **more))
    except BaseException:  # noqa: BLE001 - calamine's panics are no Exception
        os._exit(1)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _without_ctrl_c() -> None:
    """Let processes that this thread starts never see Ctrl-C, not even while they import."""
    if sys.platform != "win32":
        from multiprocessing import resource_tracker  # noqa: PLC0415 - Windows has none

        resource_tracker.ensure_running()  # when it starts it lets Ctrl-C through again
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Let processes start without running the caller's script once more.

    One without ``if __name__ == "__main__"`` would begin all over in each of them.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
