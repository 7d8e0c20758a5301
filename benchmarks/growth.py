"""(d) (f): the command over ten to ten thousand units, and two processes against one.

Each run is a new process over a new output folder, start-up and all. What a run takes before its
first unit weighs much with ten units and nothing with ten thousand, so growth is judged both whole
and by what each further unit takes.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from benchmarks.content import MARKS, Fixture
from benchmarks.measure import Line
from benchmarks.units import copies

ROOT = Path(__file__).parent.parent
#: How many units → how many runs, of which the median stands.
SIZES = {10: 7, 100: 5, 1_000: 3, 10_000: 1}
PAIRS, UNITS_OF_PAIRS = 3, 1_000


@dataclass(frozen=True, slots=True)
class Took:
    """What a run took: seconds, and the parent's peak memory in MB (0: the system does not say)."""

    seconds: float
    memory: float


def run(units: Path, templates: Path, output: Path, *options: str) -> Took:
    """Build all of *units* into *output*, which is emptied first."""
    shutil.rmtree(output, ignore_errors=True)
    note = output.with_suffix(".note")
    command = [
        sys.executable, "-m", "benchmarks.watched", str(note), "build", str(units),
        "--form", str(templates), "-o", str(output), *options,
    ]  # fmt: skip
    # the project first, so that -m finds this folder wherever the command runs
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    start = time.perf_counter()
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": path}
    )
    taken = time.perf_counter() - start
    return Took(taken, int(note.read_text(encoding="ascii") or 0) / 1024)


def _median(took: Sequence[Took]) -> Took:
    return Took(median(one.seconds for one in took), median(one.memory for one in took))


def lines(folder: Path) -> Iterator[Line]:
    """Measure, below *folder*, and yield what was found."""
    folder.mkdir()
    fixture = Fixture.make(folder)
    home, output = fixture.form.folder, folder / "out"
    took = {}
    for count, runs in SIZES.items():
        copies(fixture.workbook, folder / f"{count}", count, MARKS)
        took[count] = _median([run(folder / f"{count}", home, output) for _ in range(runs)])
        if count != UNITS_OF_PAIRS:
            shutil.rmtree(folder / f"{count}")
    sizes = list(SIZES)
    whole = {count: took[count].seconds * 1000 / count for count in sizes}
    each = {
        more: (took[more].seconds - took[few].seconds) * 1000 / (more - few)
        for few, more in pairwise(sizes)
    }
    told = ", ".join(f"{count:,} units {ms:.1f} ms each" for count, ms in whole.items())
    yield Line(
        "(d) time per unit, 10,000 units / 100, whole run", whole[10_000] / whole[100], 1.1, told
    )
    told = ", ".join(f"up to {count:,} {ms:.1f} ms" for count, ms in each.items())
    yield Line(
        "(d) each further unit, 1,000 to 10,000 / 10 to 100", each[10_000] / each[100], 1.1, told
    )
    if took[100].memory:
        told = ", ".join(f"{count:,} units {one.memory:.0f} MB" for count, one in took.items())
        grown = took[10_000].memory / took[100].memory
        yield Line("(d) peak memory of the parent, 10,000 units / 100", grown, 1.3, told)
    alone: list[float] = []
    both: list[float] = []
    for _ in range(PAIRS):
        for times, jobs in ((alone, "1"), (both, "2")):
            taken = run(folder / f"{UNITS_OF_PAIRS}", home, output, "--jobs", jobs)
            times.append(taken.seconds)
    told = f"one {median(alone):.1f} s, two {median(both):.1f} s, on {os.cpu_count()} cores"
    yield Line(
        "(f) two processes against one, 1,000 units", median(alone) / median(both), 1.7, told,
        at_least=True,
    )  # fmt: skip
