"""Many documents by one process: watched, stopped when it hangs, started again for the rest."""

from collections.abc import Iterator, Sequence

from reportgen.pdf.converter import Converter, Limits, Pdf

#: How many documents one process turns into PDFs: ``to_pdf`` of so many is worth its start.
CHUNK = 20


def find_converter() -> Converter | None:
    """Return the program of this computer that makes the best PDFs: Word, WPS, LibreOffice."""
    raise NotImplementedError


def to_pdf(documents: tuple[tuple[str, bytes], ...]) -> list[Pdf]:
    """Return the PDF of each of *documents* (name, .docx), in order, by this computer's program.

    Depends on nothing but its argument: it may run in another process, or on another computer.
    Without a program each document has the finding ``NO_CONVERTER``, which is about none of them.
    """
    raise NotImplementedError


def convert(
    documents: Sequence[tuple[str, bytes]], converter: Converter, limits: Limits | None = None
) -> Iterator[Pdf]:
    """Yield the PDF of each of *documents* (name, .docx), in order, each as soon as it is there.

    One process for up to ``CHUNK`` documents; it and its folder are gone when this ends, or is
    closed. A document that stops the process, or gives no PDF, is tried once more alone.
    """
    raise NotImplementedError
