"""What the checks of a unit cost, against reading its workbook and rendering its documents.

The unit is the form's first sample with sixty indicators; the form has more than forty checks.
Everything happens in this process, in turns, and the median of the turns stands. Exit code 1: the
checks, computing included, take more than half of what reading and rendering take.
"""

import statistics
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reportgen import load_form
from reportgen.checks import check_values
from reportgen.compute import compute
from reportgen.pipeline import Renderer
from reportgen.submission import Submission
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.read import read_submission
from reportgen.workbook.write import write_workbook

FORM = Path(__file__).parent.parent / "templates" / "self-evaluation"
INDICATORS = 60
TURNS = 15
LIMIT = 0.5


def workbook() -> tuple[Any, bytes]:
    """Return the form, and the sample's workbook with sixty indicators."""
    form = load_form(FORM)
    values = tomllib.loads((FORM / "sample.toml").read_text(encoding="utf-8"))
    given = values["绩效指标"]
    values["绩效指标"] = [
        given[n % len(given)] | {"三级指标": f"{given[n % len(given)]['三级指标']}（{n}）"}
        for n in range(INDICATORS)
    ]
    return form, write_workbook(form, from_plain(values, form))


def taken(work: Callable[[], object]) -> float:
    """Return how long *work* takes, in milliseconds."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def main() -> int:
    """Measure, print, and return the exit code."""
    form, content = workbook()
    renderer = Renderer(form)

    def read() -> Submission:
        return read_submission(open_bytes(content, "样例.xlsx"), form)

    def check(submission: Submission) -> Any:
        data = compute(submission)
        list(check_values(data))
        return data

    submission = read()
    data = check(submission)
    documents = [planned.render(planned.name()) for planned in renderer.documents(data)]
    steps: dict[str, Callable[[], object]] = {
        "read": read,
        "check": lambda: check(submission),
        "render": lambda: [p.render(p.name()) for p in renderer.documents(data)],
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(TURNS):
        for name, work in steps.items():
            times[name].append(taken(work))
    medians = {name: statistics.median(found) for name, found in times.items()}
    print(f"{INDICATORS} indicators, {len(form.checks)} checks, {len(documents)} documents")
    for name, median in medians.items():
        print(f"{name:8}{median:8.1f} ms")
    ratio = medians["check"] / (medians["read"] + medians["render"])
    print(f"check / (read + render) = {ratio:.2f}, limit {LIMIT}")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
