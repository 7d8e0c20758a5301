"""What a run keeps about each workbook beside its documents, for the next run and for the summary."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reportgen.finding import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A long paragraph that a unit wrote: its fingerprint and its cell. Equal texts, equal fingerprints."""

    fingerprint: str
    sheet: str
    cell: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRecord:
    """One workbook, as the last run over it left it.

    ``file`` is its path, with ``/``, from the output folder. ``unit`` and ``code`` are what was
    filled in (the file's name where the unit's cannot be read; no code: empty). ``summary`` has the
    form's ``[[summary]]`` columns, by label, in the shape of ``--values`` (numbers as text; blanks
    left out). ``documents`` are official ones, by their names below the output folder; ``copy`` is
    the marked copy's name, with its folder, or empty.
    """

    file: str
    form: str = ""
    unit: str = ""
    code: str = ""
    sample: bool = False
    findings: tuple[Finding, ...] = ()
    summary: Mapping[str, object] = field(default_factory=dict)
    paragraphs: tuple[Paragraph, ...] = ()
    documents: tuple[str, ...] = ()
    copy: str = ""

    def count(self, level: Severity) -> int:
        """Return how many findings of *level* nobody has explained or approved."""
        return sum(f.level is level and not f.stands for f in self.findings)
