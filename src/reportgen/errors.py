"""What stops the work. What is wrong in a user's file is a ``Finding`` instead."""

from collections.abc import Iterable

from reportgen.finding import Finding


class ReportgenError(Exception):
    """The work, or one unit's share of it, cannot go on; the findings say why, all at once."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(f"{f.place}：{f.message}" for f in self.findings))


class FormError(ReportgenError):
    """A form's folder or its ``form.toml`` cannot be used."""


class TemplateError(ReportgenError):
    """A Word template is missing, unreadable, or names what the form does not have."""


class WorkbookError(ReportgenError):
    """A file is not a workbook that can be read."""


class ValuesError(ReportgenError):
    """A values file cannot be read, or holds something that a workbook cannot."""


class OutputError(ReportgenError):
    """The output folder cannot be written."""


class LostError(OutputError):
    """The output folder, in which a run is writing, takes nothing any more: ``what`` says why."""

    def __init__(self, findings: Iterable[Finding], what: str) -> None:
        super().__init__(findings)
        self.what = what
