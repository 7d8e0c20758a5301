"""How long a person waits for a command, against what importing docxtpl and openpyxl costs alone.

Machines differ, so the figures that count are the ratios. Each command runs once to warm up and
then five times, in turns with the others; the median stands. Exit code 1: `make build` takes more
than three times the import plus half a second.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
RUNS = 5
IMPORT = "import docxtpl, openpyxl"
MAKE = "make build"


def commands(output: Path) -> Mapping[str, Sequence[str]]:
    """Return what is measured; documents go into *output*, but for `make build`'s own."""
    reportgen = shutil.which("reportgen", path=str(Path(sys.executable).parent))
    if reportgen is None:
        sys.exit("reportgen is not installed beside this Python; use `make bench`.")
    return {
        IMPORT: [sys.executable, "-c", IMPORT],
        "reportgen --help": [reportgen, "--help"],
        "reportgen check": [reportgen, "check"],
        "reportgen build": [reportgen, "build", "-o", str(output)],
        MAKE: ["make", "--no-print-directory", "build"],
    }


def seconds(command: Sequence[str]) -> float:
    """Return how long *command* takes; it must succeed."""
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> int:
    """Measure, print, and return the exit code."""
    with tempfile.TemporaryDirectory() as output:
        measured = commands(Path(output))
        times: dict[str, list[float]] = {name: [] for name in measured}
        for turn in range(RUNS + 1):
            for name, command in measured.items():
                taken = seconds(command)
                if turn:
                    times[name].append(taken)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    base = medians[IMPORT]
    print(f"{'median of ' + str(RUNS) + ' runs':28}{'seconds':>8}{'x import':>10}")
    for name, median in medians.items():
        print(f"{name:28}{median:8.3f}{median / base:10.2f}")
    limit = 3 * base + 0.5
    within = medians[MAKE] <= limit
    print(f"{MAKE}: {'within' if within else 'OVER'} 3 x import + 0.5 s = {limit:.3f} s")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
