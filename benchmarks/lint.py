"""What linting a template of sixty pages costs, against opening the same template to build with it.

The template is the shipped one of five pages, twelve times behind itself. Linting opens it as
building does and looks through it once more.
"""

import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from docx import Document

from benchmarks.contenders import SHIPPED
from benchmarks.measure import Line, against, in_turns, several
from reportgen import load_form
from reportgen.form import Form
from reportgen.template.engine import Template
from reportgen.template.lint import lint_form

TEMPLATE = "自评报告（2020提纲）.docx"
PAGES, COPIES = 5, 12
TURNS = 7


def _long_form(folder: Path) -> Form:
    """Return a form in *folder* whose only template is the long one."""
    text = (SHIPPED / "form.toml").read_text(encoding="utf-8")
    head, _, _ = text.partition("[[document]]")
    only = f'[[document]]\ntemplate = "{TEMPLATE}"\noutput = "{{{{ 单位名称 }}}}.docx"\n'
    (folder / "form.toml").write_text(head + only, encoding="utf-8")
    shutil.copy(SHIPPED / TEMPLATE, folder)
    document = Document(str(folder / TEMPLATE))
    blocks = list(document.element.body)[:-1]  # the last is the section
    for _ in range(COPIES - 1):
        for block in blocks:
            document.element.body.insert(-1, deepcopy(block))
    document.save(str(folder / TEMPLATE))
    return load_form(folder)


def lines(folder: Path) -> Iterator[Line]:
    """Measure, below *folder*, and yield what was found."""
    folder.mkdir()
    form = _long_form(folder)
    path, scopes = form.folder / TEMPLATE, [form.names()]
    steps = {
        "open": several(lambda _: Template(path, form.headings, scopes), 1),
        "lint": several(lambda _: list(lint_form(form)), 1),
    }
    medians = in_turns(steps, TURNS)
    yield Line(
        f"linting a template of {PAGES * COPIES} pages / opening it",
        medians["lint"] / medians["open"], 3, against(medians, list(steps)),
    )  # fmt: skip
