"""What all answers share: the pages' HTML, the visit that is asked for, what was sent as JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from reportgen.diagnosis import bug_of, told
from reportgen.project import TEMPLATES, Forms
from reportgen.web.guard import WORDS, Secrets
from reportgen.web.jobs import Job, Jobs
from reportgen.web.visits import Visit, Visits

HERE = Path(__file__).parent
GONE = "这些文件已经清除了（网页关闭一会儿以后会自动清除）。请重新选择。"


@dataclass(slots=True)
class Page:
    """What the whole page is about: the project's forms, the visits, the jobs, and the way out.

    ``given`` is ``--form``, ``folder`` where the forms are; ``end`` ends the program, and
    ``stopping`` says that this has begun.
    """

    given: str
    known: Secrets
    visits: Visits
    jobs: Jobs
    end: Callable[[], None]
    folder: Path = TEMPLATES
    stopping: Event = field(default_factory=Event)

    def forms(self, given: str = "") -> Forms:
        """Return the forms as they are now: somebody may be editing them."""
        return Forms(self.folder, given or self.given)


class Views:
    """The parts of answers. An answer that reads or writes files runs in a thread, as Starlette does with ``def``."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._engine = Environment(
            loader=FileSystemLoader(HERE / "html"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._engine.globals["token"] = page.known.token

    def html(self, name: str, status: int = 200, **words: Any) -> Response:
        """Return a page."""
        return HTMLResponse(self._engine.get_template(name).render(**words), status)

    def visit(self, request: Request) -> Visit:
        """Return the visit that is asked for.

        Raises:
            HTTPException: it is gone (404).
        """
        found = self.page.visits.get(request.path_params["visit"])
        if found is None:
            raise HTTPException(404, GONE)
        return found

    async def words(self, request: Request) -> dict[str, Any]:
        """Return what was sent as JSON.

        Raises:
            HTTPException: it is something else.
        """
        if request.headers.get("content-type", "").partition(";")[0].strip() != WORDS:
            raise HTTPException(415, "这里只收 JSON。")
        try:
            found = json.loads(await request.body() or b"{}")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise HTTPException(400, "看不懂这个请求。")
        return found

    def start(self, visit: Visit, job: Job) -> Response:
        """Have *job* done for *visit*.

        Raises:
            HTTPException: another one is being done (409).
        """
        with visit.lock:
            if visit.job is not None and not visit.job.is_over:
                raise HTTPException(409, "上一次还没有做完，请等一等。")
            visit.job = job
        visit.seen()
        self.page.jobs.add(job)
        return JSONResponse({"url": f"/v/{visit.id}"})

    def bug(self, request: Request, error: Exception) -> Response:
        """Say that something is our own fault, and leave what support needs."""
        words = told({bug_of(error): 1}, Path())
        if request.method == "POST":
            return JSONResponse({"error": words}, 500)
        return self.html("error.html", 500, message=words)

    async def error(self, request: Request, error: Exception) -> Response:
        """Say what is wrong, to a person or to our own script."""
        assert isinstance(error, HTTPException)
        own = {405: "这里不能这样做。"} | (
            {404: "没有这个页面。"} if error.detail == "Not Found" else {}
        )
        words = own.get(error.status_code, error.detail)
        if request.method == "POST":
            return JSONResponse({"error": words}, error.status_code)
        return self.html("error.html", error.status_code, message=words)
