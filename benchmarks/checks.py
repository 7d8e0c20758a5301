"""What the checks of a unit cost, against reading its workbook and rendering its documents.

The unit is the shipped form's first sample with sixty indicators; the form has more than forty
checks.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.contenders import SHIPPED
from benchmarks.measure import Line, against, in_turns, several
from reportgen import load_form, write_workbook
from reportgen.checks import check_values
from reportgen.compute import Data, compute
from reportgen.pipeline import Renderer
from reportgen.submission import Submission
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.read import read_submission

INDICATORS = 60
TURNS = 15


def lines(_: Path) -> Iterator[Line]:
    """Measure, and yield what was found."""
    form = load_form(SHIPPED)
    values = tomllib.loads((SHIPPED / "sample.toml").read_text(encoding="utf-8"))
    given = values["绩效指标"]
    values["绩效指标"] = [
        given[n % len(given)] | {"三级指标": f"{given[n % len(given)]['三级指标']}（{n}）"}
        for n in range(INDICATORS)
    ]
    content = write_workbook(form, from_plain(values, form))
    renderer = Renderer(form)

    def read(_: int = 0) -> Submission:
        return read_submission(open_bytes(content, "样例.xlsx"), form)

    def check(_: int = 0) -> Data:
        data = compute(submission)
        list(check_values(data))
        return data

    submission = read()
    data = check()
    steps = {
        "read": several(read, 1),
        "check": several(check, 1),
        "render": several(lambda _: [p.render(p.name()) for p in renderer.documents(data)], 1),
    }
    medians = in_turns(steps, TURNS)
    yield Line(
        f"checks of {INDICATORS} indicators / reading and rendering",
        medians["check"] / (medians["read"] + medians["render"]), 0.5, against(medians, list(steps)),
    )  # fmt: skip
