"""Work that takes long, one after another in a thread, and what it says while it goes on."""

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reportgen.diagnosis import bug_of, told
from reportgen.errors import ReportgenError
from reportgen.finding import Finding

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"


class StoppedError(Exception):
    """Nobody wants the work any more."""


class Job:
    """One piece of work: ``events`` only grows; ``why`` are findings that kept it from being done.

    ``done`` of ``units`` are dealt with.
    """

    def __init__(self, work: Callable[["Job"], None]) -> None:
        self._work = work
        self.state = WAITING
        self.events: list[dict[str, Any]] = []
        self.why: tuple[Finding, ...] = ()
        self.bug = ""
        self.done = self.units = 0
        self._stop = threading.Event()
        self.over = threading.Event()

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.over.is_set()

    def stop(self) -> None:
        """Let it end at the next unit."""
        self._stop.set()

    def say(self, **event: Any) -> None:
        """Add what the page is to show at once.

        Raises:
            StoppedError: nobody wants the work any more.
        """
        if self._stop.is_set():
            raise StoppedError
        self.events.append(event)

    def run(self) -> None:
        """Do the work; whatever it raises is kept."""
        try:
            if self._stop.is_set():
                raise StoppedError  # noqa: TRY301 - it ends as one that was stopped on the way
            self.state = RUNNING
            self._work(self)
            self.state = DONE
        except StoppedError:
            self.state = FAILED
        except ReportgenError as error:
            self.why, self.state = error.findings, FAILED
        except Exception as error:  # noqa: BLE001 - a bug of ours must not end the page
            self.bug = told({bug_of(error): 1}, Path())
            self.state = FAILED
        finally:
            self.over.set()


class Jobs:
    """Does jobs in the order in which they come; two at a time would only make both slow."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._now: Job | None = None
        self._thread = threading.Thread(target=self._serve, name="jobs", daemon=True)
        self._thread.start()

    def add(self, job: Job) -> None:
        """Have *job* done."""
        self._waiting.put(job)

    def close(self, seconds: float) -> None:
        """Stop what is being done, and wait for it so long."""
        self._waiting.put(None)
        if now := self._now:
            now.stop()
        self._thread.join(seconds)

    def _serve(self) -> None:
        while (job := self._waiting.get()) is not None:
            self._now = job
            job.run()
            self._now = None
