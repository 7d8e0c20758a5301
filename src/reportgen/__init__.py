"""Fill official Word reports from standardized Excel workbooks: checked, computed, proven.

The verbs of the command line are functions here; what they use loads when first called.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.errors import ReportgenError
from reportgen.finding import Finding

if TYPE_CHECKING:  # the verbs load openpyxl and docxtpl; `import reportgen` must not
    from reportgen.form import Form
    from reportgen.run import Run
    from reportgen.submission import Submission

__all__ = [
    "Finding",
    "ReportgenError",
    "build",
    "check",
    "lint",
    "load_form",
    "read_workbook",
    "write_workbook",
]


def load_form(folder: Path) -> "Form":
    """Return the form in *folder* (its ``form.toml``).

    Raises:
        FormError: it cannot be used; all its mistakes are the error's ``findings``.
    """
    from reportgen.formfile import load_form as load  # noqa: PLC0415

    return load(folder)


def write_workbook(
    form: "Form", submission: "Submission | None" = None, *, sample: bool = False
) -> bytes:
    """Return the workbook of *form* as .xlsx bytes, filled with *submission* if given."""
    from reportgen.workbook.write import write_workbook as write  # noqa: PLC0415

    return write(form, submission, sample=sample)


def read_workbook(path: Path, form: "Form") -> "Submission":
    """Return what is filled into the workbook at *path*; unreadable cells are its ``findings``.

    Raises:
        WorkbookError: *path* is missing or is no workbook.
    """
    from reportgen.workbook.read import read_workbook as read  # noqa: PLC0415

    return read(path, form)


def check(submission: "Submission") -> tuple[Finding, ...]:
    """Return everything that is wrong with *submission*, reading included."""
    from reportgen.pipeline import check as check_submission  # noqa: PLC0415

    return check_submission(submission)


def build(
    inputs: Sequence[Path], *, templates: Path, output: Path, form: str = "", draft: bool = False
) -> "Run":
    """Build the documents of every workbook in *inputs* (files or folders) into *output*.

    *templates* holds the forms; *form* (a folder or an id) wins over what a workbook names.

    Raises:
        ReportgenError: there is no workbook at all, or *output* cannot be written.
    """
    from reportgen.batch import build_all  # noqa: PLC0415
    from reportgen.project import Forms  # noqa: PLC0415

    return build_all(inputs, Forms(templates, form), output, draft=draft)


def lint(folder: Path) -> tuple[Finding, ...]:
    """Return everything that is wrong with the form in *folder* and its Word templates."""
    from reportgen.errors import FormError  # noqa: PLC0415
    from reportgen.template.lint import lint_form  # noqa: PLC0415 - docxtpl loads slowly

    try:
        return tuple(lint_form(load_form(folder)))
    except FormError as error:
        return error.findings
