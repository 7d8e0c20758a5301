"""(e): how long a person waits for a command, against what importing libraries costs alone.

Machines differ, so the figures that count are the ratios. The commands take turns, each in a new
process.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.contenders import shipped
from benchmarks.content import Fixture
from benchmarks.measure import Line, Step, against, in_turns

ROOT = Path(__file__).parent.parent
TURNS = 9
LEAST = "import docxtpl, python_calamine, click"
IMPORT = "import docxtpl, openpyxl"
MAKE = "make build"


def _process(
    command: Sequence[str], folder: Path = ROOT, before: Callable[[], object] = lambda: None
) -> Step:
    """Return a step that runs *command* in *folder*, after *before*; it must succeed."""

    def step() -> float:
        before()
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return time.perf_counter() - start

    return step


def lines(folder: Path) -> Iterator[Line]:
    """Measure, below *folder*, and yield what was found; all times are in seconds."""
    folder.mkdir()
    reportgen = shutil.which("reportgen", path=str(Path(sys.executable).parent))
    if reportgen is None:
        sys.exit("reportgen is not installed beside this Python; use `make bench`.")
    fixture = Fixture.make(folder)
    _, sample = shipped(folder)
    output = folder / "out"

    def build(workbook: Path, where: Path) -> Step:
        command = [reportgen, "build", str(workbook), "-o", str(output)]
        return _process(command, where, lambda: shutil.rmtree(output, ignore_errors=True))

    report, four = "reportgen build, one report", "reportgen build, shipped form's four"
    steps = {
        LEAST: _process([sys.executable, "-c", LEAST]),
        IMPORT: _process([sys.executable, "-c", IMPORT]),
        report: build(fixture.workbook, folder),
        four: build(sample, ROOT),
        MAKE: _process(["make", "--no-print-directory", "build"]),
    }
    medians = in_turns(steps, TURNS)
    base, old = medians[LEAST], medians[IMPORT]
    for name in (report, four):
        told = against(medians, [name, LEAST], "s")
        yield Line(f"(e) cold: {name} / the imports", medians[name] / base, 2, told)
    told = f"{against(medians, [MAKE, IMPORT], 's')}; half a second is free"
    yield Line(
        "make build / the imports of docxtpl and openpyxl", (medians[MAKE] - 0.5) / old, 3, told
    )
