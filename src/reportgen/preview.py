"""Templates with the form's sample values or one unit's, or with the names of their tags."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reportgen.compute import Data, compute
from reportgen.errors import TemplateError
from reportgen.finding import Finding
from reportgen.form import Document, Form
from reportgen.formcheck import row_of
from reportgen.manifest import UnitRecord
from reportgen.pipeline import Renderer, unit_name
from reportgen.submission import Submission
from reportgen.summary.form import summary_form
from reportgen.summary.values import summary_data, values_of

VALUES, NAMES = "（预览）", "（名称）"


@dataclass(slots=True)
class Preview:
    """What a template gave: ``content`` is None where it cannot be shown; ``findings`` say why."""

    template: str
    name: str
    content: bytes | None = None
    findings: list[Finding] = field(default_factory=list)


def with_values(form: Form, submissions: Sequence[Submission], folder: Path) -> Iterator[Preview]:
    """Yield every template of *form*, filled from the first of *submissions* that uses it.

    Of a template with a document for each row the first row is shown, one over all units is filled
    from all *submissions*. A template that no submission uses has neither content nor findings.
    *folder* is where pictures are.
    """
    renderer, filled = Renderer(form), [compute(one) for one in submissions]
    planned = [one for data in filled for one in renderer.documents(data, folder)]
    if whole := over_all(form, filled):
        planned += Renderer(whole.form).documents(whole)
    for document in _templates(form):
        made = Preview(document.template, _name(document, VALUES))
        first = next((one for one in planned if one.document.template == document.template), None)
        if first is not None:
            try:
                made.content = first.render(made.name).content
            except TemplateError as error:
                made.findings += error.findings
        yield made


def over_all(form: Form, filled: Iterable[Data]) -> Data | None:
    """Return what the documents over all units see of *filled*; None where *form* has no such document."""
    if not any(document.scope == "batch" for document in form.documents):
        return None
    return summary_data(form, map(_record, filled))


def with_names(form: Form) -> Iterator[Preview]:
    """Yield every template of *form* with the names of its tags."""
    from reportgen.template.shown import NamesTemplate  # noqa: PLC0415 - docxtpl loads slowly

    whole = summary_form(form)
    for document in _templates(form):
        made = Preview(document.template, _name(document, NAMES))
        seen = form if document.scope == "unit" else whole
        scopes = [*row_of(seen, document), seen.names()]
        try:
            template = NamesTemplate(form.folder / document.template, seen.headings, scopes)
            made.content = template.render({})
        except TemplateError as error:
            made.findings += error.findings
        yield made


def _templates(form: Form) -> list[Document]:
    """Return the first document of each template."""
    found: dict[str, Document] = {}
    for document in form.documents:
        found.setdefault(document.template, document)
    return list(found.values())


def _record(data: Data) -> UnitRecord:
    """Return what a run would keep of a unit for the documents over all."""
    form = data.form
    code = str(data.lookup(form.code)) if form.code else ""
    unit = unit_name(data.submission)
    return UnitRecord(file="", form=form.id, unit=unit, code=code, summary=values_of(data))


def _name(document: Document, mark: str) -> str:
    return f"{Path(document.template).stem}{mark}.docx"
