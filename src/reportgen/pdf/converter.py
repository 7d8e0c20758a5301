"""What a program that makes PDFs is asked: what it is called, its version, its command."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from reportgen.finding import Finding


@dataclass(frozen=True, slots=True)
class Pdf:
    """What became of a document: its PDF, or ``None`` and why; ``name`` is the document's."""

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
        """Its path, to tell one installation from another."""

    def version(self) -> str:
        """Return its version; empty if it does not say."""

    def suited(self, document: bytes) -> bytes:
        """Return *document* (.docx) as it should be given to this program."""

    def prepare(self, folder: Path) -> None:
        """Put what it needs into *folder*, once before the first command."""

    def command(self, folder: Path, sources: Sequence[str]) -> list[str]:
        """Return the command that turns *sources*, files in *folder*, into PDFs beside them.

        It runs in *folder*, takes them in order, and goes on after one that it cannot convert.
        """

    def stop(self, folder: Path) -> None:
        """Stop what a killed command leaves running elsewhere than among its own children."""
