"""What a program that makes PDFs is asked: how it is called, what its version is, its command."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from reportgen.finding import Finding


@dataclass(frozen=True, slots=True)
class Pdf:
    """What became of a document: the PDF, or ``None`` and why; ``name`` is the document's."""

    name: str
    content: bytes | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds without a new PDF after which a program is stopped; the first waits for its start."""

    first: float = 120
    each: float = 60


class Converter(Protocol):
    """A program on this computer that turns Word documents into PDFs."""

    @property
    def name(self) -> str:
        """What people call it: LibreOffice."""

    @property
    def where(self) -> str:
        """Its path, for a person to see which of several it is."""

    def version(self) -> str:
        """Return its version; empty if it does not say."""

    def prepare(self, folder: Path) -> None:
        """Put what it needs to run into *folder*, once before the first command."""

    def command(self, folder: Path, sources: Sequence[Path]) -> list[str]:
        """Return the command that turns each of *sources* into a PDF beside it, one by one."""

    def stop(self, folder: Path) -> None:
        """Stop what a killed command leaves running."""
