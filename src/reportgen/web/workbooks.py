"""Answers of the workbooks' side: where they are dropped, what a run gave, one workbook's findings."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reportgen.examples import load_examples
from reportgen.explanations import check_page, find, rule_page
from reportgen.finding import Finding, Rule, Severity
from reportgen.web.around import MOST, Around
from reportgen.web.bundle import zipped
from reportgen.web.jobs import FAILED, Job
from reportgen.web.outcome import Options, Outcome, Workbook, bundle, run_build
from reportgen.web.views import GONE, Views
from reportgen.web.visits import Visit


class WorkbookViews:
    """The answers."""

    def __init__(self, views: Views) -> None:
        self._views, self._page = views, views.page

    def routes(self) -> list[Route]:
        """Return the addresses."""
        return [
            Route("/", self.home),
            Route("/explain/{code}", self.explain),
            Route("/v/{visit}/run", self.run, methods=["POST"]),
            Route("/v/{visit}/u/{number:int}", self.workbook),
            Route("/v/{visit}/all.zip", self.everything),
        ]

    def home(self, _request: Request) -> Response:
        """Show where workbooks are dropped."""
        readable, broken = self._page.forms().every()
        return self._views.html("home.html", forms=readable, broken=broken)

    async def run(self, request: Request) -> Response:
        """Check and build what was sent."""
        visit, words = self._views.visit(request), await self._views.words(request)
        if visit.kind != "workbooks":
            raise HTTPException(404, GONE)
        form, before = words.get("form", ""), visit.result
        known, _ = await run_in_threadpool(self._page.forms().every)
        if form not in {"", *(one.id for one in known)}:
            raise HTTPException(400, "没有这个表单。")
        # who sends a corrected workbook asks for the rest as before
        old = before.options if isinstance(before, Outcome) else Options(self._page.given)
        options = Options(
            form or old.form,
            draft=bool(words.get("draft", old.draft)), pdf=bool(words.get("pdf", old.pdf)),
        )  # fmt: skip
        visit.kept = bool(words.get("keep", visit.kept))
        folder = self._page.folder
        return self._views.start(visit, Job(lambda job: run_build(visit, folder, options, job)))

    def show(self, visit: Visit, tab: str) -> Response:
        """Show how far the work is, or what it gave."""
        job = visit.job
        if job is None:
            raise HTTPException(404, GONE)
        if not job.is_over:
            return self._views.html("running.html", visit=visit, job=job)
        outcome = visit.result
        if job.state == FAILED or not isinstance(outcome, Outcome):
            return self._views.html("failed.html", visit=visit, job=job)
        if not tab and len(outcome.workbooks) == 1 and not outcome.roster:
            return self._one(visit, outcome, outcome.workbooks[0])
        return self._views.html("result.html", visit=visit, out=outcome, tab=tab or "workbooks")

    def workbook(self, request: Request) -> Response:
        """Show one workbook: its findings at their cells, its documents."""
        visit = self._views.visit(request)
        number, outcome = request.path_params["number"], visit.result
        if not isinstance(outcome, Outcome) or not 1 <= number <= len(outcome.workbooks):
            raise HTTPException(404, GONE)
        return self._one(visit, outcome, outcome.workbooks[number - 1])

    def _one(self, visit: Visit, outcome: Outcome, one: Workbook) -> Response:
        worst = list(Severity)
        found = sorted(one.findings, key=lambda f: (f.stands, worst.index(f.level)))
        shown = _with_pieces(one, outcome, found)
        return self._views.html("workbook.html", visit=visit, out=outcome, one=one, findings=shown)

    def explain(self, request: Request) -> Response:
        """Show the page of a code."""
        code = request.path_params["code"]
        found = find(code, self._page.forms().every()[0])
        if not found:
            raise HTTPException(404, "没有这个代码。")
        if isinstance(found, Rule):
            text = rule_page(found)
        else:
            text = "\n".join(check_page(form, check, load_examples(form)) for form, check in found)
        return self._views.html("explain.html", code=code, text=text)

    def everything(self, request: Request) -> Response:
        """Return all results as one zip."""
        visit = self._views.visit(request)
        if not isinstance(visit.result, Outcome):
            raise HTTPException(404, GONE)
        with visit.lock:
            files = bundle(visit, visit.result)
        return zipped(files, "检查和报告.zip")


def _with_pieces(
    one: Workbook, outcome: Outcome, found: list[Finding]
) -> list[tuple[Finding, Any]]:
    """Return each finding with the piece of the sheet around its cell, or None."""
    has_cells = any(finding.place.cell for finding in found)
    around = Around.open(one.path, outcome.forms.get(one.form)) if has_cells else None
    return [
        (finding, around.piece(finding) if around and at < MOST else None)
        for at, finding in enumerate(found)
    ]
