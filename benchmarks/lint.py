"""What linting a template of sixty pages costs, against opening the same template to build with it.

The template is the shipped one of five pages, twelve times behind itself. Linting opens it as
building does and looks through it once more. All in this process, in turns, and the median of the
turns stands. Exit code 1: linting takes more than three times as long as opening.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

from docx import Document

from reportgen import load_form
from reportgen.form import Form
from reportgen.template.engine import Template
from reportgen.template.lint import lint_form

FORM = Path(__file__).parent.parent / "templates" / "self-evaluation"
TEMPLATE = "自评报告（2020提纲）.docx"
PAGES, COPIES = 5, 12
TURNS = 7
LIMIT = 3


def long_form(folder: Path) -> Form:
    """Return a form in *folder* whose only template is the long one."""
    text = (FORM / "form.toml").read_text(encoding="utf-8")
    head, _, _ = text.partition("[[document]]")
    only = f'[[document]]\ntemplate = "{TEMPLATE}"\noutput = "{{{{ 单位名称 }}}}.docx"\n'
    (folder / "form.toml").write_text(head + only, encoding="utf-8")
    shutil.copy(FORM / TEMPLATE, folder)
    document = Document(str(folder / TEMPLATE))
    blocks = list(document.element.body)[:-1]  # the last is the section
    for _ in range(COPIES - 1):
        for block in blocks:
            document.element.body.insert(-1, deepcopy(block))
    document.save(str(folder / TEMPLATE))
    return load_form(folder)


def taken(work: Callable[[], object]) -> float:
    """Return how long *work* takes, in milliseconds."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def main() -> int:
    """Measure, print, and return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        form = long_form(Path(folder))
        steps: dict[str, Callable[[], object]] = {
            "open": lambda: Template(form.folder / TEMPLATE, form.headings, [form.names()]),
            "lint": lambda: lint_form(form),
        }
        wrong = [f for f in lint_form(form) if f.place.file == TEMPLATE]
        times: dict[str, list[float]] = {name: [] for name in steps}
        for _ in range(TURNS):
            for name, work in steps.items():
                times[name].append(taken(work))
    medians = {name: statistics.median(found) for name, found in times.items()}
    print(f"about {PAGES * COPIES} pages, {len(wrong)} mistakes")
    for name, median in medians.items():
        print(f"{name:8}{median:8.1f} ms")
    ratio = medians["lint"] / medians["open"]
    print(f"lint / open = {ratio:.2f}, limit {LIMIT}")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
