"""Who may speak to the page: this computer's own browser, with the secret, from our own page.

A web page of a stranger, open in the same browser, can send requests to 127.0.0.1, and by DNS
rebinding even read the answers. So each request must name us as its host and carry the cookie; one
that changes something must come from our page besides (``Origin`` and a token that only our page
has). A body is counted while it comes in, whatever its length is said to be.
"""

import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: One file. A workbook with photographs rarely has a tenth of it.
MOST_OF_A_FILE = 50 << 20
#: Any other body: a few words as JSON.
MOST_WORDS = 64 << 10
FILE, WORDS = "application/octet-stream", "application/json"
#: The path that takes the secret, and the header that brings the token of our own page.
OPEN, TOKEN = "/open", "x-reportgen"
_LIMITS = {FILE: MOST_OF_A_FILE, WORDS: MOST_WORDS}
_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
# our own page goes on to the next: after a redirect from elsewhere a strict cookie would not come along.
# The secret leaves the address bar at once
_GO_ON = (
    '<!doctype html><meta http-equiv="refresh" content="0;url=/"><title>reportgen</title>'
    '<link rel="icon" href="/static/icon.svg">'
)
_CLOSED = "请从 reportgen serve 显示的地址进入，或者重新启动它。"


class TooLargeError(Exception):
    """A body is longer than it may be; raised while it is read, answered by ``too_large``."""


class Secrets:
    """What this start of the program alone knows: ``key`` opens the page, ``token`` is in our pages."""

    def __init__(self) -> None:
        self.key, self.token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        #: Works once, for the browser that we start: others on this computer may see its arguments.
        self.once = secrets.token_urlsafe(32)
        self._cookie = secrets.token_urlsafe(32)

    def opens(self, key: str) -> bool:
        """Whether *key* is that of the address which was shown at the start, or ``once`` for the first time."""
        if self.once and secrets.compare_digest(key.encode(), self.once.encode()):
            self.once = ""
            return True
        return secrets.compare_digest(key.encode(), self.key.encode())

    def cookie(self, port: int) -> str:
        """Return the cookie; browsers give one port's cookies to all others, so it names its own."""
        return f"{_cookie(port)}={self._cookie}; Path=/; HttpOnly; SameSite=Strict"

    def has_cookie(self, header: str, port: int) -> bool:
        """Whether the header ``Cookie`` has ours."""
        try:
            found = SimpleCookie(header).get(_cookie(port))
        except CookieError:
            return False
        return found is not None and secrets.compare_digest(
            found.value.encode(), self._cookie.encode()
        )

    def has_token(self, given: str) -> bool:
        """Whether a request comes from one of our own pages."""
        return secrets.compare_digest(given.encode(), self.token.encode())


def _cookie(port: int) -> str:
    return f"reportgen-{port}"


class Guard:
    """The application behind its guard; *port* is the one that is listened on."""

    def __init__(self, app: ASGIApp, known: Secrets, port: int) -> None:
        self._app, self._known, self._port = app, known, port
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may pass; refuse the rest in words."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # there are no web sockets here
        answer = self._answer(scope)
        if answer is not None:
            await answer(scope, receive, _with_headers(send))
            return
        body = _Counted(receive, _LIMITS.get(_type(Headers(scope=scope)), 0))
        await self._app(scope, body, _with_headers(send))

    def _answer(self, scope: Scope) -> Response | None:
        """Return what is said instead of passing the request on; None: it may pass."""
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self._hosts:
            return _refused(403, "这个地址不能用来打开本页。")
        if scope["path"] == OPEN and scope["method"] == "GET":
            return self._opened(scope)
        if not self._known.has_cookie(headers.get("cookie", ""), self._port):
            return _refused(403, _CLOSED)
        if scope["method"] in {"GET", "HEAD"}:
            return None
        return self._change(headers)

    def _opened(self, scope: Scope) -> Response:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("key", [""])[0]
        if not self._known.opens(given):
            return _refused(403, _CLOSED)
        cookie = {"set-cookie": self._known.cookie(self._port)}
        return HTMLResponse(_GO_ON, headers=cookie)

    def _change(self, headers: Headers) -> Response | None:
        """Return why a request that changes something is refused."""
        origin = headers.get("origin", "").lower()
        if origin not in {f"http://{host}" for host in self._hosts}:
            return _refused(403, "这个请求不是从本页发出的。")
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return _refused(403, "这个请求不是从本页发出的。")
        if not self._known.has_token(headers.get(TOKEN, "")):
            return _refused(403, "本页已经过期，请刷新后再试。")
        limit = _LIMITS.get(_type(headers))
        if limit is None:
            return _refused(415, "这里不收表单。")  # so there are no parts and fields to count
        said = headers.get("content-length", "0")
        if not (said.isascii() and said.isdigit()) or int(said) > limit:
            return too_large()
        return None


class _Counted:
    """A request's body, counted as it comes in: who sends it in chunks does not say how long it is."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._left = receive, most

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise TooLargeError
        return message


def too_large() -> Response:
    """Return the answer to a body that is longer than it may be."""
    return _refused(413, f"文件太大：一个文件最多 {MOST_OF_A_FILE >> 20} MB。")


def _type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _refused(status: int, words: str) -> Response:
    # whatever else is on its way is not read: the connection ends
    return PlainTextResponse(words, status, headers={"connection": "close"})


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name for name, _ in message["headers"]}
            more = [(k.encode(), v.encode()) for k, v in _HEADERS.items() if k.encode() not in own]
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return sending
