"""Where the time goes: a sampling profiler whose answer is in stages, not in functions.

Every millisecond the stack is looked at, and the sample belongs to the first of `STAGES` that is on
it, from the outside in. Files are named, not functions, so that it holds while these change.
"""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from benchmarks.contenders import Contenders, of_the_report, of_the_shipped_form
from benchmarks.measure import Line, against

_EVERY = 0.001
ROUNDS, UNITS = 10, 20
#: What a file's path ends with or has in it → what is being done there. The first that fits counts;
#: Jinja calls the code of a compiled template <template>.
STAGES = {
    "reportgen/workbook/": "read",
    "reportgen/checks.py": "check",
    "reportgen/compute.py": "compute",
    "<template>": "evaluate",
    "reportgen/template/verify.py": "verify",
    "reportgen/package.py": "deflate",
    "reportgen/borrowed.py": "summary",
    "reportgen/summary/": "summary",
    "reportgen/writing.py": "write",
    "reportgen/template/": "layout",
}
#: Rooms through which the work only passes: what they call says what is being done.
PASSED = "reportgen/template/engine.py"
OTHER = "rest"


def stage(frame: FrameType | None) -> str:
    """Return what is being done in *frame*."""
    files = []
    while frame is not None:
        files.append(frame.f_code.co_filename)
        frame = frame.f_back
    for file in reversed(files):
        if not file.endswith(PASSED):
            for part, name in STAGES.items():
                if part in file:
                    return name
    return "layout" if any(file.endswith(PASSED) for file in files) else OTHER


def where(work: Callable[[], object], times: int) -> Mapping[str, float]:
    """Return each stage's share of the wall clock while *work* is done *times* times."""
    seen: Counter[str] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        seen[stage(frame)] += 1

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _EVERY, _EVERY)
    try:
        for _ in range(times):
            work()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    total = seen.total() or 1
    names = [*dict.fromkeys(STAGES.values()), OTHER]
    return {name: seen[name] / total for name in names}


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the time of one unit goes: milliseconds in all, and each stage's share."""

    what: str
    milliseconds: float
    shares: Mapping[str, float]


def profiles(folder: Path) -> list[Profile]:
    """Return the profile of the benchmarks' report and of the shipped form, made below *folder*."""
    folder.mkdir()
    made = []
    for what, contenders in (
        ("one report", of_the_report(_new(folder / "report"), UNITS)[1]),
        ("shipped form, four documents", of_the_shipped_form(_new(folder / "shipped"), UNITS)),
    ):

        def all_units(contenders: Contenders = contenders) -> None:
            contenders.ours.empty()
            for workbook in contenders.units:
                contenders.ours.build(workbook)

        all_units()
        start = time.perf_counter()
        shares = where(all_units, ROUNDS)
        taken = (time.perf_counter() - start) * 1000 / ROUNDS / len(contenders.units)
        made.append(Profile(what, taken, shares))
    return made


def lines(found: Sequence[Profile]) -> Iterator[Line]:
    """Yield what verifying a document costs, against all else that rendering it is."""
    for profile in found:
        parts = {
            name: profile.shares[name] * profile.milliseconds
            for name in ("verify", "evaluate", "layout", "deflate")
        }
        verify = parts["verify"]
        yield Line(
            f"verifying / the rest of rendering, {profile.what}",
            verify / (sum(parts.values()) - verify), 0.5, against(parts, list(parts)),
        )  # fmt: skip


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder
