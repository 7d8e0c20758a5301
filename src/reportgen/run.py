"""What a run found and made, heard as it comes or kept to the end."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from reportgen import rules
from reportgen.diagnosis import Bug, bug_of, is_bug
from reportgen.errors import ReportgenError
from reportgen.finding import Finding, Place, Severity
from reportgen.form import Form


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """A document of a run: ``status`` is built, unchanged, kept, draft or failed.

    ``why`` says why it was built again, in Chinese; empty where it was there never before.
    """

    unit: str
    file: str
    status: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class CopyResult:
    """A copy of a run: ``file`` with its folder, ``status`` as a document's, ``marks`` in it."""

    unit: str
    file: str
    status: str
    marks: int


@dataclass(frozen=True, slots=True)
class News:
    """What became of one unit, or of what concerns several."""

    findings: Sequence[Finding] = ()
    documents: Sequence[DocumentResult] = ()
    copies: Sequence[CopyResult] = ()


@dataclass(slots=True)
class Run:
    """What a run found and made, and how much of each.

    With ``heard``, that is told each piece of news as it comes, and nothing is kept here but counts:
    ten thousand units need no more memory than ten. ``units`` is how many workbooks there are,
    ``done`` how many of them are dealt with, ``forms`` those that were looked through, if that was asked.
    """

    findings: list[Finding] = field(default_factory=list)
    documents: list[DocumentResult] = field(default_factory=list)
    copies: list[CopyResult] = field(default_factory=list)
    units: int = 0
    done: int = 0
    blocked: bool = False
    #: Whether it ended early, because nothing could be written any more.
    stopped: bool = False
    forms: Sequence[Form] = ()
    #: How many units of the list are how far, by ``campaign``'s words.
    standings: Mapping[str, int] = field(default_factory=dict)
    #: The summaries over all units, with their folder.
    summaries: list[str] = field(default_factory=list)
    heard: Callable[[News], None] | None = None
    #: Of findings by level, and of those that may stand: explained and approved; documents by status.
    counts: Counter[str] = field(default_factory=Counter)
    #: Bugs of ours that were met, and how often; the folder where what they leave for support goes.
    bugs: Counter[Bug] = field(default_factory=Counter)
    home: Path = Path()
    #: The code of the first finding of each level that is to be put right.
    first: dict[Severity, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Count what is there already."""
        self._count(News(self.findings, self.documents))

    def tell(
        self,
        findings: Iterable[Finding] = (),
        documents: Iterable[DocumentResult] = (),
        copies: Iterable[CopyResult] = (),
    ) -> None:
        """Add news."""
        news = News(tuple(findings), tuple(documents), tuple(copies))
        self._count(news)
        if self.heard:
            self.heard(news)
        else:
            self.findings += news.findings
            self.documents += news.documents
            self.copies += news.copies

    @contextmanager
    def surviving(self, what: str) -> Iterator[None]:
        """Let a bug in what is done here cost only that: *what* is told to have failed."""
        try:
            yield
        except ReportgenError:
            raise
        except BaseException as error:
            if not is_bug(error):
                raise
            bug = bug_of(error)
            self.bugs[bug] += 1
            self.tell([rules.BUG.at(Place(file=what), what=bug.where)])

    def amend(
        self, findings: Iterable[Finding], documents: Sequence[DocumentResult], unmade: int
    ) -> None:
        """Add news by which *unmade* of the documents told of before are not: see *documents*."""
        told = {(one.unit, one.file) for one in documents}
        self.documents = [one for one in self.documents if (one.unit, one.file) not in told]
        self.counts["unmade"] += unmade
        self.tell(findings, documents)

    def _count(self, news: News) -> None:
        for finding in news.findings:
            if finding.stands:
                self.counts["approved" if finding.is_approved else "explained"] += 1
            else:
                self.counts[finding.level] += 1
                self.first.setdefault(finding.level, finding.code)
        for document in news.documents:
            self.counts[document.status] += 1

    def has(self, level: Severity) -> bool:
        """Whether there is a finding of *level* that nobody has explained or approved."""
        return self.counts[level] > 0

    def exit_code(self, *, strict: bool = False) -> int:
        """Return 0 clean, 1 a finding of level error (*strict*: or warning), 2 nothing could be done."""
        if self.blocked:
            return 2
        return int(self.has(Severity.ERROR) or (strict and self.has(Severity.WARNING)))
