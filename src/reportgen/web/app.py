"""The page's addresses, all behind the guard."""

from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from reportgen.web.files import FileViews
from reportgen.web.guard import Guard, TooLargeError, too_large
from reportgen.web.templates import TemplateViews
from reportgen.web.uploads import RefusedError
from reportgen.web.views import Page, Views
from reportgen.web.workbooks import WorkbookViews


def application(page: Page, port: int) -> ASGIApp:
    """Return the page, to be served at *port* of this computer."""
    views = Views(page)
    workbooks, templates = WorkbookViews(views), TemplateViews(views)

    def show(request: Request) -> Response:
        visit, tab = views.visit(request), request.query_params.get("tab", "")
        side = templates if visit.kind == "template" else workbooks
        return side.show(visit, tab)

    def refused(_request: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, 400)

    handlers: Mapping[Any, Any] = {
        TooLargeError: lambda *_: too_large(),
        RefusedError: refused,
        HTTPException: views.error,
        Exception: views.bug,
    }
    routes = [
        Route("/v/{visit}", show),
        *FileViews(views).routes(),
        *workbooks.routes(),
        *templates.routes(),
    ]
    return Guard(Starlette(routes=routes, exception_handlers=handlers), page.known, port)
