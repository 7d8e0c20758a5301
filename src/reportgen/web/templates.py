"""Answers of the templates' side: look through a form's templates, list its names, show them filled."""

from collections.abc import Callable
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reportgen.drafting.fieldlist import field_list
from reportgen.form import Form
from reportgen.web.files import TYPES
from reportgen.web.jobs import FAILED, Job
from reportgen.web.linted import WAYS, LintOutcome, run_lint, run_show
from reportgen.web.views import GONE, Views
from reportgen.web.visits import Visit
from reportgen.workbook.write import write_workbook


class TemplateViews:
    """The answers."""

    def __init__(self, views: Views) -> None:
        self._views, self._page = views, views.page

    def routes(self) -> list[Route]:
        """Return the addresses."""
        return [
            Route("/word", self.home),
            Route("/forms/{form}/blank.xlsx", self.blank),
            Route("/forms/{form}/fields.docx", self.fields),
            Route("/v/{visit}/lint", self.lint, methods=["POST"]),
            Route("/v/{visit}/show", self.look, methods=["POST"]),
        ]

    def home(self, _request: Request) -> Response:
        """Show the forms and where a template is dropped."""
        readable, broken = self._page.forms().every()
        return self._views.html("word.html", forms=readable, broken=broken)

    def show(self, visit: Visit, tab: str) -> Response:
        """Show how far the work is, or what it gave."""
        job, result = visit.job, visit.result
        if job is None:
            raise HTTPException(404, GONE)
        if not job.is_over:
            return self._views.html("running.html", visit=visit, job=job)
        if job.state == FAILED or not isinstance(result, LintOutcome):
            return self._views.html("failed.html", visit=visit, job=job)
        tab = tab or "findings"
        return self._views.html("linted.html", visit=visit, out=result, tab=tab, ways=WAYS)

    async def lint(self, request: Request) -> Response:
        """Look through the form that is asked for, with the template that was sent."""
        visit, words = self._views.visit(request), await self._views.words(request)
        if visit.kind != "template":
            raise HTTPException(404, GONE)
        form, replaces = words.get("form", ""), words.get("replaces", "")
        if not (isinstance(form, str) and isinstance(replaces, str)):
            raise HTTPException(400, "看不懂这个请求。")
        chosen = await run_in_threadpool(self._form, form)
        forms = self._page.forms(str(chosen.folder))
        return self._views.start(visit, Job(lambda job: run_lint(visit, forms, replaces, job)))

    async def look(self, request: Request) -> Response:
        """Fill the templates for a look at them."""
        visit, words = self._views.visit(request), await self._views.words(request)
        way = words.get("way")
        if visit.kind != "template" or not isinstance(visit.result, LintOutcome):
            raise HTTPException(404, GONE)
        if not isinstance(way, str) or way not in WAYS:
            raise HTTPException(400, "看不懂这个请求。")
        return self._views.start(visit, Job(lambda job: run_show(visit, way, job)))

    def blank(self, request: Request) -> Response:
        """Return the blank workbook of a form."""
        return self._made(request, write_workbook, ".xlsx", "")

    def fields(self, request: Request) -> Response:
        """Return the list of a form's names as a Word document."""
        return self._made(request, field_list, ".docx", "字段清单")

    def _made(
        self, request: Request, make: Callable[[Form], bytes], ending: str, words: str
    ) -> Response:
        form = self._form(request.path_params["form"])
        how = f"attachment; filename*=utf-8''{quote(form.title + words + ending)}"
        headers = {"content-disposition": how}
        return Response(make(form), media_type=TYPES[ending], headers=headers)

    def _form(self, one: str) -> Form:
        """Return the form with the id *one*: what a browser says is an id, never a folder."""
        readable, _ = self._page.forms().every()
        found = next((form for form in readable if form.id == one), None)
        if found is None:
            raise HTTPException(404, "没有这个表单。")
        return found
