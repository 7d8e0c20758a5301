"""The page of ``reportgen serve`` for tests: a real server on a free port, spoken to as a browser does."""

import http.client
import json
import re
import threading
import time
from contextlib import contextmanager
from urllib.parse import quote

FILE, WORDS = "application/octet-stream", "application/json"


class Browser:
    """Speaks to the server at *port*; keeps the cookie and the token of the pages."""

    def __init__(self, port, key=""):
        self.port, self.key, self.cookie, self.token = port, key, "", ""
        self.gone = False
        if key:
            self.open(key)

    def open(self, key):
        _, headers, _ = self.ask("GET", f"/open?key={key}")
        self.cookie = headers["set-cookie"].partition(";")[0]
        _, _, body = self.ask("GET", "/")
        self.token = re.search(r'<meta name="reportgen" content="([^"]+)">', body.decode())[1]

    def ask(self, method, path, body=None, **headers):
        """Return status, headers (small letters) and body; headers given as None are left out."""
        sent = {"Host": f"127.0.0.1:{self.port}", "Cookie": self.cookie}
        if method == "POST":
            sent |= {"Origin": f"http://127.0.0.1:{self.port}", "X-Reportgen": self.token}
            sent["Content-Type"] = FILE if isinstance(body, bytes) else WORDS
        if method == "POST" and not isinstance(body, bytes | str):
            body = json.dumps(body or {})
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            data = body.encode() if isinstance(body, str) else body or b""
            if method == "POST":
                connection.putheader("Content-Length", str(len(data)))
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(data or None)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()
        finally:
            connection.close()

    def get(self, path):
        status, _, body = self.ask("GET", path)
        assert status == 200, body.decode()
        return body

    def page(self, path):
        return self.get(path).decode()

    def post(self, path, body=None):
        status, _, answer = self.ask("POST", path, body)
        assert status in {200, 204}, answer.decode()
        return json.loads(answer or b"{}")

    def begin(self, kind="workbooks"):
        return self.post("/visits", {"kind": kind})["id"]

    def upload(self, visit, name, content, kind="workbook"):
        return self.post(f"/v/{visit}/files?kind={kind}&name={quote(name, safe='')}", content)

    def events(self, visit):
        """Return what the work of *visit* says until it ends."""
        told = self.page(f"/v/{visit}/events")
        assert told.endswith("event: end\ndata: {}\n\n")
        return [json.loads(line[6:]) for line in told.splitlines() if line.startswith("data: ")][
            :-1
        ]

    def run(self, visit, path="run", **asked):
        """Start the work, wait for its end, and return what it said."""
        self.post(f"/v/{visit}/{path}", asked)
        return self.events(visit)


@contextmanager
def serving(monkeypatch=None, root=None, *, form=""):
    """Serve the page, in the folder *root*; yield a browser that has opened it."""
    from reportgen.web import serve

    if root is not None:
        monkeypatch.chdir(root)
    sock = serve.listening(0)
    said = []
    started = threading.Event()

    def say(address):
        said.append(address)
        started.set()

    thread = threading.Thread(
        target=serve.serve, args=(sock, form), kwargs={"browser": False, "say": say, "alone": False}
    )
    thread.start()
    started.wait(30)
    port, key = sock.getsockname()[1], said[0].partition("key=")[2]
    browser = Browser(port, key)
    try:
        yield browser
    finally:
        if not browser.gone:
            browser.post("/quit")
        thread.join(30)
        assert not thread.is_alive()


def eventually(true, seconds=20):
    """Wait until *true()*."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)
