"""Word documents over all units: templates with ``scope = "batch"``, filled like any other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reportgen import rules
from reportgen.errors import TemplateError
from reportgen.finding import Finding, Place
from reportgen.form import Form
from reportgen.manifest import UnitRecord
from reportgen.pipeline import Planned, Renderer
from reportgen.summary.values import summary_data


@dataclass(frozen=True, slots=True)
class BatchDocument:
    """A document over all units: its name below the output folder, its template.

    ``content`` is None where it could not be made; ``findings`` say why.
    """

    name: str
    template: str
    content: bytes | None
    findings: tuple[Finding, ...] = ()


def batch_documents(
    form: Form, records: Iterable[UnitRecord], missing: Sequence[tuple[str, str]] | None = None
) -> Iterator[BatchDocument]:
    """Yield the documents of *form* with scope ``batch``; none where it has none.

    *missing* are the units (code, name) of the roster that have not sent; None without a roster.
    """
    if not any(document.scope == "batch" for document in form.documents):
        return
    data = summary_data(form, records, missing)
    renderer = Renderer(data.form)
    for planned in renderer.documents(data):
        yield _made(planned, renderer)


def _made(planned: Planned, renderer: Renderer) -> BatchDocument:
    template, name = planned.document.template, ""
    try:
        name = planned.name()
        if not name:
            place = Place(file=template)
            return BatchDocument(
                "", template, None, (rules.NO_NAME.at(place, value=planned.document.output),)
            )
        content = planned.render(name).content
    except TemplateError as error:
        return BatchDocument(name, template, None, tuple(error.findings))
    return BatchDocument(name, template, content, renderer.warnings(planned.document))
