"""One unit, from its workbook to its findings and documents: functions of what goes in, no more."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from jinja2 import Template as Compiled

from reportgen import rules
from reportgen.checks import check_values, place_of
from reportgen.compute import Data, compute
from reportgen.context import environment, in_a_file_name, names, reason
from reportgen.diagnosis import Bug
from reportgen.errors import TemplateError
from reportgen.expression import Alias, in_words
from reportgen.finding import Finding, Place, Severity
from reportgen.form import Document, Form, Section
from reportgen.limits import limited
from reportgen.manifest import Paragraph
from reportgen.names import Shape
from reportgen.output import digest, file_name
from reportgen.signs import is_blank
from reportgen.standing import NOTHING_APPROVED, Approvals, let_stand, unit_names
from reportgen.submission import Submission
from reportgen.value import Picture

if TYPE_CHECKING:  # docxtpl loads slowly
    from reportgen.template.engine import Template
    from reportgen.workbook.mark import Copy

#: A unit whose every row is wrong has tens of thousands, which take a minute to find and to print.
MOST_ERRORS = 1_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document: its name below the output folder, its content, the template it is made from."""

    name: str
    content: bytes
    template: str


@dataclass(slots=True)
class UnitResult:
    """What one workbook gave: plain data, to be sent from one process to another.

    ``file`` is the workbook's name. ``unit`` is the unit's name (the file's where it cannot be
    read), ``code`` its code, ``names`` what it goes by; ``form`` is the id of its form and
    ``blocked`` says that the form or a template was
    at fault, not the workbook; ``passing`` that another try may end otherwise. ``checked`` are the
    findings about the workbook itself, which ``copy`` has as marks. ``pictures`` are the files that
    were looked for beside it, with their hashes (empty: not there); ``paragraphs`` and ``summary``
    are for what is said of all units together (``UnitRecord``). ``bug`` is one of ours, which was met.
    """

    unit: str
    file: str
    findings: list[Finding] = field(default_factory=list)
    documents: list[Rendered] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)
    blocked: bool = False
    passing: bool = False
    form: str = ""
    code: str = ""
    names: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    sample: bool = False
    checked: tuple[Finding, ...] = ()
    copy: "Copy | None" = None
    pictures: Mapping[str, str] = field(default_factory=dict)
    paragraphs: tuple[Paragraph, ...] = ()
    summary: Mapping[str, object] = field(default_factory=dict)
    bug: Bug | None = None

    @classmethod
    def of(cls, data: Data, file: str, pictures_from: Path | None) -> "UnitResult":
        """Return the result of a unit whose workbook is read, with nothing found in it yet."""
        submission, form = data.submission, data.form
        return cls(
            unit_name(submission, PurePath(file).stem),
            file,
            form=form.id,
            code=str(data.lookup(form.code)) if form.code else "",
            names=unit_names(submission),
            codes=tuple(check.code for check in form.checks),
            sample=submission.sample,
            pictures=dict(_pictures(data, pictures_from)) if pictures_from else {},
        )

    @property
    def failed(self) -> bool:
        """Whether any finding is an error, so that there is no official document."""
        return any(f.level is Severity.ERROR for f in self.findings)


def check(
    submission: Submission, folder: Path | None = None, approvals: Approvals = NOTHING_APPROVED
) -> tuple[Finding, ...]:
    """Return everything that is wrong with *submission*, reading included, and what may stand.

    *folder* is where the workbook is, and its pictures; without it they are not looked for.
    """
    data = compute(submission)
    return tuple(let_stand(_problems(data, folder), data, approvals))


def _problems(data: Data, folder: Path | None) -> Iterator[Finding]:
    """Yield what is wrong with *data*, up to ``MOST_ERRORS`` errors: nobody reads more, nor waits for them."""
    errors = 0
    for finding in _all_problems(data, folder):
        yield finding
        errors += finding.level is Severity.ERROR
        if errors == MOST_ERRORS:
            yield rules.TOO_MANY.at(Place(file=data.submission.file), count=errors)
            return


def _all_problems(data: Data, folder: Path | None) -> Iterator[Finding]:
    yield from check_values(data)
    if folder is None:
        return
    for section, label, value in _picture_values(data):
        from reportgen.template.pictures import MissingPictureError, load  # noqa: PLC0415 - slow

        try:
            load(folder, value)
        except MissingPictureError:
            place = place_of(data, section, label, value)
            yield rules.NO_PICTURE.at(place, label=label, value=value)


def _picture_values(data: Data) -> Iterator[tuple[Section, str, Picture]]:
    """Yield every picture that is filled in: in a cell, or the name of its file."""
    for section in data.form.sections:
        for one in section.fields:
            if one.type != "image":
                continue
            node, label = data.node(section), one.label
            for value in [node.lookup(label)] if section.kind == "record" else node.column(label):
                if isinstance(value, Picture):
                    yield section, label, value


def _pictures(data: Data, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the files of pictures below *folder*, and their hashes."""
    for _, _, value in _picture_values(data):
        if value.content is None:
            yield value.value, picture_hash(folder, value.value)


def picture_files(data: Data, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of pictures that are there below *folder*: as they are named, and their bytes."""
    from reportgen.template.pictures import MissingPictureError, load  # noqa: PLC0415 - slow

    for _, _, value in _picture_values(data):
        if value.content is None:
            try:
                yield value.value, load(folder, value)[0]
            except MissingPictureError:
                continue


def picture_hash(folder: Path, name: str) -> str:
    """Return the SHA-256 of the file *name* below *folder*; an empty text where there is none."""
    try:
        return digest((folder / name.replace("\\", "/")).read_bytes())
    except (OSError, ValueError):
        return ""


def unit_name(submission: Submission, otherwise: str = "") -> str:
    """Return the unit's name as filled in, or *otherwise*."""
    found = Data(submission).lookup(submission.form.unit)
    return str(found) or otherwise


class Renderer:
    """The Word templates of a form, each opened when first needed."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._known: dict[tuple[str, str], Template | TemplateError] = {}
        self._names = environment(in_a_file_name)
        self._patterns: dict[str, Compiled] = {}

    def documents(self, data: Data, folder: Path | None = None) -> Iterator["Planned"]:
        """Yield the documents that *data* asks for; *folder* is where its pictures are."""
        for document in self._form.documents:
            if document.scope != "unit":
                continue
            if not document.each:
                if data.holds(document.when, data) is True:
                    yield Planned(self, document, names(data), folder)
                continue
            for row in data.node(self._form.section(document.each)):
                scope = Alias(document.alias, row)
                if data.holds(document.when, scope) is True:
                    context = names(data, {document.alias: row})
                    yield Planned(self, document, context, folder)

    def name(self, document: Document, context: Mapping[str, object]) -> str:
        """Return the file name of *document*, ending in ``.docx``; empty when nothing is before that.

        Raises:
            TemplateError: the pattern fails with this context.
        """
        try:
            if document.output not in self._patterns:
                source = self._form.headings.in_tags(document.output)
                self._patterns[document.output] = self._names.from_string(source)
            with limited():
                name = self._patterns[document.output].render(context)
        except Exception as error:
            what = reason(error)
            if not what:
                raise
            place = Place(field=document.output)
            failed = rules.NAME_FAILED.at(place, what=what, value=document.output)
            raise TemplateError([failed]) from error
        bare = name[:-5] if name.lower().endswith(".docx") else name
        last = bare.rpartition("/")[2].strip(". ")
        return "" if is_blank(last) or last.lower() == "docx" else file_name(f"{bare}.docx")

    def render(
        self, document: Document, context: Mapping[str, object], folder: Path | None
    ) -> bytes:
        """Return the document's bytes.

        Raises:
            TemplateError: the template cannot be used, or fails with this context.
        """
        return self._template(document).render(context, folder)

    def warnings(self, document: Document) -> tuple[Finding, ...]:
        """Return what the template of a rendered *document* has that the document does without."""
        return self._template(document).warnings

    def _template(self, document: Document) -> "Template":
        from reportgen.template.engine import Template  # noqa: PLC0415 - docxtpl loads slowly

        key = (document.template, document.alias)
        if key not in self._known:
            scopes = [self._form.names()]
            if document.each:
                row = self._form.names().members[document.each].each or Shape()
                scopes.insert(0, Shape({document.alias: row}))
            path = self._form.folder / document.template
            try:
                self._known[key] = Template(path, self._form.headings, scopes)
            except TemplateError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, TemplateError):
            raise TemplateUnusableError(found.findings)
        return found


class TemplateUnusableError(TemplateError):
    """A template cannot serve any unit: it is missing, unreadable, or has wrong tags."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A document that is to be made: its name is known before it is rendered."""

    renderer: Renderer
    document: Document
    context: Mapping[str, object]
    folder: Path | None

    def name(self) -> str:
        """Return its name below the output folder."""
        return self.renderer.name(self.document, self.context)

    def render(self, name: str) -> Rendered:
        """Return it, rendered, under *name*."""
        content = self.renderer.render(self.document, self.context, self.folder)
        return Rendered(name, content, self.document.template)


def check_unit(
    data: Data,
    file: str,
    folder: Path | None = None,
    approvals: Approvals = NOTHING_APPROVED,
    more: Iterable[Finding] = (),
) -> UnitResult:
    """Check what the workbook called *file* gave; its pictures are below *folder*.

    *more* are findings that others have about it.
    """
    result = UnitResult.of(data, file, folder)
    result.findings.extend(let_stand((*_problems(data, folder), *more), data, approvals))
    result.checked = tuple(result.findings)
    return result


def build_unit(
    data: Data,
    file: str,
    renderer: Renderer,
    folder: Path | None = None,
    approvals: Approvals = NOTHING_APPROVED,
    more: Iterable[Finding] = (),
    *,
    draft: bool = False,
) -> UnitResult:
    """Check what the workbook called *file* gave, and render its documents; with errors none, but for a *draft*.

    *more* are findings that others have about it.
    """
    result = check_unit(data, file, folder, approvals, more)
    planned = [(one, _named(one, result)) for one in renderer.documents(data, folder)]
    result.wanted = [name for _, name in planned if name]
    if not planned and not result.failed and not _has_empty_table(data):
        when = "；".join(in_words(d.when) for d in data.form.documents if d.when)
        result.findings.append(
            rules.NO_DOCUMENT.at(Place(file=file), when=when or "表单里没有 [[document]]")
        )
    if not planned and not result.failed:
        result.findings.append(rules.NO_ROWS.at(Place(file=file)))
    result.checked = tuple(result.findings)
    if result.failed and not draft:
        return result
    for one, name in planned:
        if not name:
            continue
        try:
            result.documents.append(one.render(name))
            warnings = renderer.warnings(one.document)
            result.findings.extend(w for w in warnings if w not in result.findings)
        except TemplateUnusableError as error:
            result.findings.extend(error.findings)
            result.blocked = True
        except TemplateError as error:
            found = [f for f in _of_unit(result, error) if f not in result.findings]
            result.findings.extend(found)  # a tag that fails in every row is one mistake
    return result


def _named(planned: Planned, result: UnitResult) -> str:
    """Return the document's file name, or an empty one and a finding that says why."""
    try:
        name = planned.name()
    except TemplateError as error:
        result.findings.extend(_of_unit(result, error))
        return ""
    if not name:
        place = Place(file=result.file)
        result.findings.append(rules.NO_NAME.at(place, value=planned.document.output))
    return name


def _of_unit(result: UnitResult, error: TemplateError) -> Iterator[Finding]:
    """Yield a template's findings with the name of the workbook that they came up with."""
    for finding in error.findings:
        yield replace(finding, place=replace(finding.place, file=result.file))


def _has_empty_table(data: Data) -> bool:
    """Whether a document is made for each row of a table that has none: no document is right."""
    tables = [d.each for d in data.form.documents if d.each and d.scope == "unit"]
    return any(not data.node(data.form.section(each)) for each in tables)
