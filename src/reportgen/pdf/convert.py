"""Many documents by one process: watched, stopped when it hangs, started again for the rest."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from reportgen import rules
from reportgen.finding import Finding, Place
from reportgen.pdf.converter import Converter, Limits, Pdf
from reportgen.pdf.libreoffice import find_libreoffice
from reportgen.pdf.office import offices
from reportgen.pdf.process import running
from reportgen.pdf.reproducible import reproducible

#: How many documents one process turns into PDFs: its start costs 1.4 s, a document 0.1 s, and 1 MB
#: of memory besides the 170 MB of the first.
CHUNK = 50
#: After so many documents in a row, and not one PDF, it is the program that does not work.
_HOPELESS = 3
_PAUSE = 0.02


def converters() -> Iterator[Converter]:
    """Yield the programs of this computer, the one whose pages are Word's first."""
    yield from offices()
    if found := find_libreoffice():
        yield found


def find_converter() -> Converter | None:
    """Return the program of this computer that makes the best PDFs: Word, WPS, LibreOffice."""
    return next(converters(), None)


def to_pdf(documents: tuple[tuple[str, bytes], ...], stop: Event | None = None) -> list[Pdf]:
    """Return the PDF of each of *documents* (name, .docx), in order, by this computer's program.

    Depends on nothing but its argument: it may run in another process, or on another computer.
    A program that makes nothing of all of them (a Word that was never activated) gives way to the
    next. Without one each document has the finding ``NO_CONVERTER``, whose place is no document.

    Raises:
        KeyboardInterrupt: another thread set *stop*: only the first thread hears of Ctrl-C.
    """
    none = (rules.NO_CONVERTER.at(Place()),)
    pdfs = [Pdf(name, None, none) for name, _ in documents]
    for converter in converters():
        pdfs = list(convert(documents, converter, stop=stop))
        if any(pdf.content for pdf in pdfs):
            break
    return pdfs


def convert(
    documents: Sequence[tuple[str, bytes]],
    converter: Converter,
    limits: Limits | None = None,
    stop: Event | None = None,
) -> Iterator[Pdf]:
    """Yield the PDF of each of *documents* (name, .docx), in order, each as soon as it is there.

    A process turns ``CHUNK`` documents into PDFs; it and its folder are gone when this ends or is
    closed. A document that stops the process, or gives no PDF, is tried once more, alone: the
    computer may have been asleep, or another document was to blame.

    Raises:
        KeyboardInterrupt: another thread set *stop*.
    """
    work = _Work(converter, limits or Limits(), stop or Event())
    for start in range(0, len(documents), CHUNK):
        yield from work.chunk(documents[start : start + CHUNK])


class _Work:
    """The documents of one call: what they share is whether the program works at all."""

    def __init__(self, converter: Converter, limits: Limits, stop: Event) -> None:
        self._converter = converter
        self._limits = limits
        self._stop = stop
        self._failed = 0
        self._works = False

    def chunk(self, documents: Sequence[tuple[str, bytes]]) -> Iterator[Pdf]:
        """Yield the PDF of each of *documents*, each as soon as it and those before it are there."""
        # Word and LibreOffice may hold a file for a moment after they were killed
        with tempfile.TemporaryDirectory(
            prefix="reportgen-pdf-", ignore_cleanup_errors=True
        ) as name:
            folder = Path(name)
            self._converter.prepare(folder)
            for number, (_, content) in enumerate(documents):
                (folder / _source(number)).write_bytes(self._converter.suited(content))
            done = 0
            for _ in self._passes(folder, len(documents)):
                while done < len(documents) and (pdf := _read(folder, done)):
                    yield self._made(documents[done], pdf)
                    done += 1
            for number in range(done, len(documents)):
                pdf = _read(folder, number)
                yield (
                    self._made(documents[number], pdf)
                    if pdf
                    else self._alone(folder, number, documents[number])
                )

    def _passes(self, folder: Path, count: int) -> Iterator[None]:
        """Run the program over all documents, anew after each that stops it; yield at each PDF."""
        rest = list(range(count))
        while rest and not self._is_hopeless:
            run = self._run(folder, rest)
            for _ in run:
                self._failed, self._works = 0, True
                yield
            rest = rest[run.reached + 1 :] if run.was_stopped else []
            self._failed += run.was_stopped

    def _alone(self, folder: Path, number: int, document: tuple[str, bytes]) -> Pdf:
        name, _ = document
        if self._is_hopeless:
            return Pdf(name, None, (rules.CONVERTER_FAILS.at(Place(), name=self._converter.name),))
        run = self._run(folder, [number])
        for _ in run:
            pass
        pdf = _read(folder, number)
        if pdf:
            return self._made(document, pdf)
        self._failed += 1
        return Pdf(name, None, (self._why(name, run),))

    def _run(self, folder: Path, numbers: Sequence[int]) -> "_Run":
        return _Run(self._converter, folder, numbers, self._limits, self._stop)

    @property
    def _is_hopeless(self) -> bool:
        return not self._works and self._failed >= _HOPELESS

    def _why(self, name: str, run: "_Run") -> Finding:
        rule = rules.PDF_TOO_SLOW if run.hung else rules.NO_PDF
        return rule.at(Place(file=name), value=name, name=self._converter.name)

    def _made(self, document: tuple[str, bytes], pdf: bytes) -> Pdf:
        self._failed, self._works = 0, True
        name, content = document
        return Pdf(name, reproducible(pdf, content))


class _Run:
    """One process over some documents: yields at each PDF, then says how it ended.

    ``reached`` is how many of the documents are behind it: the last PDF's, and all before.
    """

    def __init__(
        self,
        converter: Converter,
        folder: Path,
        numbers: Sequence[int],
        limits: Limits,
        stop: Event,
    ) -> None:
        self._converter = converter
        self._folder = folder
        self._numbers = numbers
        self._limits = limits
        self._stop = stop
        self.reached = 0
        self.hung = False
        self.was_stopped = False

    def __iter__(self) -> Iterator[None]:
        command = self._converter.command(self._folder, [_source(n) for n in self._numbers])
        try:
            with running(command, self._folder) as process:
                until = time.monotonic() + self._limits.first
                while process.poll() is None and time.monotonic() < until:
                    if self._stop.wait(_PAUSE):
                        raise KeyboardInterrupt
                    if self._is_further():
                        until = time.monotonic() + self._limits.each
                        yield
                self.hung = process.returncode is None
        except OSError:
            self.was_stopped = True
            return
        finally:
            self._converter.stop(self._folder)
        if self._is_further():
            yield
        self.was_stopped = self.hung or process.returncode != 0

    def _is_further(self) -> bool:
        """Whether there are PDFs that were not there before."""
        before = self.reached
        for index in range(len(self._numbers) - 1, before - 1, -1):
            if _read(self._folder, self._numbers[index]):
                self.reached = index + 1
                break
        return self.reached > before


def _source(number: int) -> str:
    """Return a document's file name: a unit's own may hold what a command line cannot."""
    return f"{number:04}.docx"


def _read(folder: Path, number: int) -> bytes:
    """Return a document's PDF once all of it is there; nothing before."""
    try:
        content = (folder / f"{number:04}.pdf").read_bytes()
    except OSError:  # not there yet, or (Windows) still being written
        return b""
    whole = content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    return content if whole else b""
