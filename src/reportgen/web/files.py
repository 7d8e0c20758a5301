"""Answers that bring files in and out: uploads, signs of life, news of the work, pages, downloads."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from reportgen.web.guard import FILE
from reportgen.web.jobs import Job
from reportgen.web.pages import printed
from reportgen.web.views import GONE, HERE, Views
from reportgen.web.visits import MOST_BYTES, Served, Visit

STATIC = {
    "app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}  # fmt: skip
TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pdf": "application/pdf", ".png": "image/png",
}  # fmt: skip
#: Seconds between two looks at what a job has said, and between two signs of life of the stream.
_LOOK, _SIGN = 0.1, 10.0


class FileViews:
    """The answers; each of them is about one visit."""

    def __init__(self, views: Views) -> None:
        self._views, self._page = views, views.page
        self._static = {name: (HERE / "static" / name).read_bytes() for name in STATIC}

    def routes(self) -> list[Route]:
        """Return the addresses."""
        return [
            Route("/static/{name}", self.static),
            Route("/visits", self.begin, methods=["POST"]),
            Route("/quit", self.quit, methods=["POST"]),
            Route("/v/{visit}/files", self.upload, methods=["POST"]),
            Route("/v/{visit}/alive", self.alive, methods=["POST"]),
            Route("/v/{visit}/events", self.events),
            Route("/v/{visit}/d/{file}", self.preview),
            Route("/v/{visit}/d/{file}/pages", self.pages, methods=["POST"]),
            Route("/v/{visit}/f/{file}", self.download),
            Route("/v/{visit}/p/{file}", self.inline),
        ]

    def static(self, request: Request) -> Response:
        """Return one of our own files."""
        name = request.path_params["name"]
        if name not in self._static:
            raise HTTPException(404, "没有这个文件。")
        return Response(self._static[name], media_type=STATIC[name])

    # -- what changes something --------------------------------------------------------

    async def begin(self, request: Request) -> Response:
        """Begin a visit."""
        kind = (await self._views.words(request)).get("kind")
        if kind not in {"workbooks", "template"}:
            raise HTTPException(400, "看不懂这个请求。")
        visit = await run_in_threadpool(self._page.visits.new, kind)
        if visit is None:
            raise HTTPException(429, "打开的网页太多了，请先关掉一些。")
        return JSONResponse({"id": visit.id})

    async def upload(self, request: Request) -> Response:
        """Keep one file."""
        visit = self._views.visit(request)
        if request.headers.get("content-type", "") != FILE:
            raise HTTPException(415, "这里只收文件。")
        if visit.job is not None and not visit.job.is_over:
            raise HTTPException(409, "正在检查，请等做完再加文件。")
        if self._page.visits.size > MOST_BYTES:
            raise HTTPException(429, "打开的网页里文件太多了，请先关掉一些。")
        asked = request.query_params
        path = await visit.uploads.take(
            asked.get("kind", ""), asked.get("name", ""), request.stream()
        )
        visit.seen()
        return JSONResponse({"name": path.name})

    async def alive(self, request: Request) -> Response:
        """Note that the page is open, or that it was left."""
        visit, words = self._views.visit(request), await self._views.words(request)
        self._page.visits.quiet = 0
        if words.get("left"):
            visit.left()
        else:
            visit.seen()
        return Response(status_code=204)

    async def quit(self, _request: Request) -> Response:
        """End the program."""
        self._page.end()
        return Response(status_code=204)

    # -- news of the work ----------------------------------------------------------------

    async def events(self, request: Request) -> Response:
        """Tell what a job says, as it says it."""
        visit = self._views.visit(request)
        if visit.job is None:
            raise HTTPException(404, GONE)
        given = request.headers.get("last-event-id", "")
        first = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0
        return StreamingResponse(self._told(visit.job, first), media_type="text/event-stream")

    async def _told(self, job: Job, at: int) -> AsyncIterator[str]:
        since = 0.0
        while not self._page.stopping.is_set():
            is_over = job.is_over  # before what it said last is read
            for event in job.events[at:]:
                at += 1
                yield f"id: {at}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
                since = 0.0
            if is_over:
                yield "event: end\ndata: {}\n\n"
                return
            if since >= _SIGN:
                yield ": \n\n"
                since = 0.0
            await asyncio.sleep(_LOOK)
            since += _LOOK

    # -- documents -----------------------------------------------------------------------

    def preview(self, request: Request) -> Response:
        """Show a document page by page; the pages are made when our script asks for them."""
        visit, one = self._asked(request)
        file = request.path_params["file"]
        return self._views.html("preview.html", visit=visit, file=file, one=one)

    def pages(self, request: Request) -> Response:
        """Make the pages of a document, and say where they are."""
        visit, one = self._asked(request)
        made = printed(one.path, visit.folder / "pages", self._page.stopping)
        if made.pdf is None:
            return JSONResponse({"why": made.why, "hint": made.hint})
        pdf = visit.serve(f"{Path(one.name).stem}.pdf", made.pdf)
        base = f"/v/{visit.id}"
        pages = [f"{base}/p/{visit.serve(page.name, page)}" for page in made.pages]
        return JSONResponse({"pages": pages, "pdf": f"{base}/p/{pdf}", "save": f"{base}/f/{pdf}"})

    def download(self, request: Request) -> Response:
        """Return a file to be saved."""
        return self._file(request, "attachment")

    def inline(self, request: Request) -> Response:
        """Return a page's picture, or a PDF for the browser's own viewer."""
        return self._file(request, "inline", frozenset({".png", ".pdf"}))

    def _file(self, request: Request, how: str, only: frozenset[str] = frozenset()) -> Response:
        _, one = self._asked(request)
        ending = one.path.suffix.lower()
        if only and ending not in only:
            raise HTTPException(404, GONE)
        type_ = TYPES.get(ending, "application/octet-stream")
        return FileResponse(
            one.path, media_type=type_, filename=one.name, content_disposition_type=how
        )

    def _asked(self, request: Request) -> tuple[Visit, Served]:
        """Return the visit and the file that are asked for: by an id, never by a path."""
        visit = self._views.visit(request)
        one = visit.served(request.path_params["file"])
        if one is None:
            raise HTTPException(404, GONE)
        return visit, one
