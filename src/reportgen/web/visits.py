"""Visits: the files of one open page, kept as long as it is open.

A page says every half minute that it is there, and once when it is left. Time is counted in the
rounds of the sweeper, not by the clock: a computer that slept has not forgotten its pages.
"""

import secrets
import shutil
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportgen.manifest import InUseError, Manifest
from reportgen.web.jobs import Job
from reportgen.web.uploads import Uploads

#: Seconds of a round; rounds that a page may be silent (browsers let pages in the background sleep),
#: and that its files stay once it was left: a reload is no farewell.
ROUND = 30
_SILENT, _LEFT = 60, 6
_PREFIX = "reportgen-page-"
#: Pages with files at one time, and the bytes of all that they were sent.
MOST_VISITS, MOST_BYTES = 40, 4 << 30


@dataclass(frozen=True, slots=True)
class Served:
    """A file that may be fetched, under an id of its own: its name for the person, and where it is."""

    name: str
    path: Path
    unit: str = ""


class Visit:
    """One page's files: ``kind`` is workbooks or template; ``result`` is what its last job gave."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.id = secrets.token_urlsafe(12)
        self.kind = kind
        self.folder = folder / self.id
        self.uploads = Uploads(self.folder / "in")
        self.job: Job | None = None
        self.result: Any = None
        self.kept = False
        self.rounds = _SILENT
        self.lock = threading.RLock()
        self._served: dict[str, Served] = {}
        self._ids: dict[tuple[str, Path], str] = {}

    def serve(self, name: str, path: Path, unit: str = "") -> str:
        """Return the id under which *path* may be fetched from now on; the same for the same file."""
        one = self._ids.setdefault((name, path), secrets.token_urlsafe(9))
        self._served[one] = Served(name, path, unit)
        return one

    def served(self, one: str) -> Served | None:
        """Return the file with the id *one*, if it is there and still in this visit's folder."""
        found = self._served.get(one)
        if found is None or not found.path.is_file():
            return None
        inside = found.path.resolve().is_relative_to(self.folder.resolve())
        return found if inside else None

    def seen(self) -> None:
        """Note that the page is open."""
        self.rounds = _SILENT

    def left(self) -> None:
        """Note that the page was left."""
        self.rounds = min(self.rounds, _LEFT)


class Visits:
    """All visits, below one temporary folder that goes with them."""

    def __init__(self) -> None:
        _remove_forgotten()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._ours = Manifest(self.folder)  # locked as long as this process lives
        self._visits: dict[str, Visit] = {}
        self._lock = threading.Lock()
        #: Rounds since any page was heard of.
        self.quiet = 0

    def new(self, kind: str) -> Visit | None:
        """Begin a visit; None when there are too many."""
        visit = Visit(self.folder, kind)
        with self._lock:
            if len(self._visits) >= MOST_VISITS:
                return None
            self._visits[visit.id] = visit
        visit.folder.mkdir()
        return visit

    @property
    def size(self) -> int:
        """How many bytes all pages were sent."""
        return sum(visit.uploads.size for visit in list(self._visits.values()))

    def get(self, one: str) -> Visit | None:
        """Return the visit with the id *one*."""
        return self._visits.get(one)

    def sweep(self) -> None:
        """Count a round; what nobody has open any more goes."""
        self.quiet += 1
        for visit in list(self._visits.values()):
            if not visit.kept:
                visit.rounds -= 1
            if visit.rounds <= 0:
                self.end(visit)

    def end(self, visit: Visit) -> None:
        """Remove a visit and its files; where they are being worked on, as soon as that has ended."""
        job = visit.job
        if job is not None:
            job.stop()
        with self._lock:
            self._visits.pop(visit.id, None)
        if job is None or job.is_over:
            _remove(visit.folder)
            return

        def later() -> None:
            job.over.wait()
            _remove(visit.folder)

        threading.Thread(target=later, daemon=True).start()

    def close(self) -> None:
        """Remove everything."""
        self._ours.close()
        _remove(self.folder)


def _remove_forgotten() -> None:
    """Remove what earlier starts left that were killed, or whose computer lost its power."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if folder.is_symlink() or not folder.is_dir():
            continue
        with suppress(OSError, InUseError):
            Manifest(folder).close()
            _remove(folder)


def _remove(folder: Path) -> None:
    with suppress(OSError):
        shutil.rmtree(folder)
