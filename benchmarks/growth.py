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
from collections.abc import Iterator, Mapping, Sequence
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
    done = subprocess.run(
        command,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path},
    )
    taken = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stderr or f"{units}: exit code {done.returncode}")
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
        units = folder / f"{count}"
        copies(fixture.workbook, units, count, MARKS)
        took[count] = _median([run(units, home, output) for _ in range(runs)])
        shutil.rmtree(units)
    yield from _grown(took)
    units = folder / "pairs"
    copies(fixture.workbook, units, UNITS_OF_PAIRS, MARKS)
    times: dict[str, list[float]] = {"1": [], "2": []}
    for _ in range(PAIRS):
        for jobs, taken in times.items():
            taken.append(run(units, home, output, "--jobs", jobs).seconds)
    alone, both = median(times["1"]), median(times["2"])
    yield Line(
        f"(f) two processes against one, {UNITS_OF_PAIRS:,} units",
        alone / both,
        1.7,
        f"one {alone:.1f} s, two {both:.1f} s, on {os.cpu_count()} cores",
        at_least=True,
    )


def _grown(took: Mapping[int, Took]) -> Iterator[Line]:
    """Yield how time and memory grow from the second to the last size of *took*."""
    sizes = list(took)
    whole = {count: took[count].seconds * 1000 / count for count in sizes}
    each = {
        more: (took[more].seconds - took[few].seconds) * 1000 / (more - few)
        for few, more in pairwise(sizes)
    }
    small, large = sizes[1], sizes[-1]
    between = f"{large:,} units / {small:,}"
    yield Line(
        f"(d) time per unit, {between}, whole run",
        whole[large] / whole[small],
        1.1,
        ", ".join(f"{count:,} units {ms:.1f} ms each" for count, ms in whole.items()),
    )
    yield Line(
        f"(d) time of each further unit, {sizes[-2]:,} to {large:,} / {sizes[0]:,} to {small:,}",
        each[large] / each[small],
        1.1,
        ", ".join(f"up to {count:,} {ms:.1f} ms" for count, ms in each.items()),
    )
    if took[small].memory:
        yield Line(
            f"(d) peak memory of the parent, {between}",
            took[large].memory / took[small].memory,
            1.3,
            ", ".join(f"{count:,} units {one.memory:.0f} MB" for count, one in took.items()),
        )
