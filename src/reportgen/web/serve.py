"""The start and the end of ``reportgen serve``: a port of this computer alone, a browser, Ctrl-C."""

import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvicorn

from reportgen.web.app import application
from reportgen.web.guard import OPEN, Secrets
from reportgen.web.jobs import Jobs
from reportgen.web.views import Page
from reportgen.web.visits import ROUND, Visits

HOST = "127.0.0.1"
#: Seconds that a browser's open requests, and then the work, are given at the end.
_GRACE, _PATIENCE = 1, 15
#: Rounds without any page after which a program that has no window ends by itself: 20 minutes.
_ALONE = 40


def listening(port: int) -> socket.socket:
    """Return a socket of this computer alone; *port* 0 takes a free one.

    Raises:
        OSError: another program has the port.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":  # there two programs may have one port, unless one says no
            found.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((HOST, port))
        found.listen()  # a browser that is quicker than the server waits
    except OSError:
        found.close()
        raise
    return found


def serve(
    sock: socket.socket, form: str, *, browser: bool, say: Callable[[str], None], alone: bool
) -> None:
    """Serve the page on *sock* until Ctrl-C, 退出, or, *alone* (without a terminal), nobody looks at it.

    *say* is told the address; *browser* opens it. All that was uploaded is gone when this returns.
    """
    port, known = sock.getsockname()[1], Secrets()
    visits, jobs = Visits(), Jobs()
    servers: list[uvicorn.Server] = []

    def end() -> None:
        page.stopping.set()
        servers[0].should_exit = True

    page = Page(form, known, visits, jobs, end)
    config = uvicorn.Config(
        application(page, port), log_config=None, access_log=False, lifespan="off",
        server_header=False, timeout_graceful_shutdown=_GRACE, http="h11", ws="none",
    )  # fmt: skip
    servers.append(_Server(config, page))
    over = threading.Event()
    logging.getLogger("uvicorn.error").disabled = True  # what goes wrong is said on the page
    try:
        say(f"http://{HOST}:{port}{OPEN}?key={known.key}")
        if browser:
            address = f"http://{HOST}:{port}{OPEN}?key={known.once}"
            threading.Thread(target=_browse, args=(address,), daemon=True).start()
        else:
            known.once = ""
        threading.Thread(
            target=_sweep, args=(visits, over, end if alone else None), daemon=True
        ).start()
        with suppress(KeyboardInterrupt):
            servers[0].run(sockets=[sock])
    finally:
        over.set()
        jobs.close(_PATIENCE)
        visits.close()
        sock.close()


class _Server(uvicorn.Server):
    """Tells the page that the end has come: a stream of events would hold it up."""

    def __init__(self, config: uvicorn.Config, page: Page) -> None:
        super().__init__(config)
        self._page = page

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._page.stopping.set()
        super().handle_exit(sig, frame)


def end_as_by_ctrl_c() -> None:
    """Let being told to end, or losing the terminal, be like Ctrl-C: what was uploaded goes."""

    def interrupt(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)  # the server has its own way to end by it

    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)


def _sweep(visits: Visits, over: threading.Event, end: Callable[[], None] | None) -> None:
    while not over.wait(ROUND):
        visits.sweep()
        if end is not None and visits.quiet > _ALONE:
            end()


def _browse(address: str) -> None:
    """Open the browser of the person here; without a screen there is none."""
    has_screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform not in {"win32", "darwin"} and not has_screen:
        return
    with suppress(webbrowser.Error, OSError):
        webbrowser.open(address)
