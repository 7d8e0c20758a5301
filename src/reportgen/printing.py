"""Official documents → PDFs beside them, many at a time: only of those that are new or changed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from threading import Event

from reportgen.finding import Finding
from reportgen.manifest import UnitRecord
from reportgen.output import Content, OutputFolder, digest
from reportgen.pdf.convert import CHUNK, to_pdf
from reportgen.pdf.converter import Pdf
from reportgen.run import DocumentResult

#: Tells what there is to say, and what became of documents.
Tell = Callable[[Iterable[Finding], Iterable[DocumentResult]], None]

#: The names of documents and what is in them.
_Documents = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class _Page:
    """A document on the disk and its PDF: ``source`` is the hash of what is there now."""

    unit: str
    workbook: str
    name: str
    pdf: str
    source: str
    content: bytes


class Printing:
    """Makes the PDFs of a run. An edited document is the official one, so its PDF is of that."""

    def __init__(
        self, folder: OutputFolder, tell: Tell, jobs: int, executor: Executor | None
    ) -> None:
        """*jobs* programs work side by side on this computer, or *executor* has them."""
        self._folder, self._tell = folder, tell
        self._jobs, self._executor = jobs, executor
        self._said: set[Finding] = set()

    def print_all(self, records: Iterable[UnitRecord], at_most: int) -> None:
        """Make the PDF of each official document of *records*, unless it is there and up to date.

        There are *at_most* so many of them: few are shared out evenly.
        """
        size = max(1, min(CHUNK, -(-at_most // self._jobs)))
        ahead: list[tuple[list[_Page], Future[list[Pdf]]]] = []
        with self._workers() as (executor, work):
            for chunk in _chunks(self._wanted(records), size):
                given = tuple((page.name, page.content) for page in chunk)
                ahead.append((chunk, executor.submit(work, given)))
                if len(ahead) > 2 * self._jobs:
                    self._finish(*ahead.pop(0))
            for chunk, future in ahead:
                self._finish(chunk, future)

    @contextmanager
    def _workers(self) -> Iterator[tuple[Executor, Callable[[_Documents], list[Pdf]]]]:
        """Give who does the work, and the work; interrupted, nothing of it goes on on this computer."""
        if self._executor:
            yield self._executor, to_pdf
            return
        stop = Event()
        # each waits for a program of its own, so threads do
        with ThreadPoolExecutor(self._jobs) as threads:
            try:
                yield threads, partial(to_pdf, stop=stop)
            except BaseException:
                stop.set()
                threads.shutdown(wait=False, cancel_futures=True)
                raise

    def _wanted(self, records: Iterable[UnitRecord]) -> Iterator[_Page]:
        """Yield the documents without a PDF of what is there now."""
        for record in records:
            for name in record.documents:
                try:
                    content = (self._folder.path / name).read_bytes()
                except OSError:
                    continue  # the run has said so
                pdf = PurePosixPath(name).with_suffix(".pdf").as_posix()
                page = _Page(record.unit, record.file, name, pdf, digest(content), content)
                known = self._folder.manifest.facts(pdf).get("source") == page.source
                if known and self._folder.is_ours(pdf):
                    self._tell((), [DocumentResult(record.unit, pdf, "unchanged")])
                else:
                    yield page

    def _finish(self, chunk: Sequence[_Page], future: Future[list[Pdf]]) -> None:
        for page, made in zip(chunk, future.result(), strict=True):
            findings, status = list(made.findings), "failed"
            if made.content is not None:
                facts = {"unit": page.unit, "workbook": page.workbook, "source": page.source}
                saved = self._folder.save_all([Content(page.pdf, made.content, facts)])[0]
                findings += saved.findings
                status = saved.status
            new = [one for one in findings if one not in self._said]
            self._said.update(new)  # no program at all is said once
            self._tell(new, [DocumentResult(page.unit, page.pdf, status)])


def _chunks(pages: Iterator[_Page], size: int) -> Iterator[list[_Page]]:
    chunk: list[_Page] = []
    for page in pages:
        chunk.append(page)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
