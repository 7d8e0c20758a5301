"""Who may speak to the page: strangers' pages, other names, too much of anything are refused."""

import io
import socket
import zipfile
from urllib.parse import quote

import pytest

from reportgen.web import uploads
from support_batch import Pattern, make_project
from support_web import serving


@pytest.fixture
def browser(tmp_path, monkeypatch):
    make_project(tmp_path)
    with serving(monkeypatch, tmp_path) as one:
        yield one


# -- who asks ---------------------------------------------------------------------------


def test_without_the_cookie_nothing_is_shown(browser):
    for path in ("/", "/word", "/static/app.js", "/visits", "/nothing"):
        status, _, body = browser.ask("GET", path, Cookie=None)
        assert status == 403
        assert "reportgen serve" in body.decode()


@pytest.mark.parametrize(
    "cookie", ["reportgen-{port}=wrong", "reportgen-{port}=", "a=b", "=;=,\x7f"]
)
def test_a_wrong_cookie_is_none(browser, cookie):
    status, _, _ = browser.ask("GET", "/", Cookie=cookie.format(port=browser.port))

    assert status == 403


def test_the_address_needs_its_key(browser):
    for key in ("", "?key=", "?key=wrong", "?key=%00", "?other=1"):
        status, headers, _ = browser.ask("GET", f"/open{key}", Cookie=None)
        assert status == 403
        assert "set-cookie" not in headers


def test_the_cookie_is_for_this_page_alone():
    with serving() as browser:
        assert browser.cookie.startswith(f"reportgen-{browser.port}=")


def test_the_key_of_the_browser_that_is_started_works_once():
    from reportgen.web.guard import Secrets

    known = Secrets()
    once = known.once

    assert known.opens(once)
    assert not known.opens(once)
    assert known.opens(known.key)
    assert known.opens(known.key)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:{port}.evil.example",
     "localhost.:{port}", "0.0.0.0:{port}", "[::1]:{port}", "", None],
)  # fmt: skip
def test_another_name_for_this_computer_is_refused(browser, host):
    given = host and host.format(port=browser.port)

    status, _, _ = browser.ask("GET", "/", Host=given)

    assert status in {400, 403}  # without any Host the server itself refuses


def test_localhost_is_this_computer(browser):
    status, _, _ = browser.ask("GET", "/", Host=f"localhost:{browser.port}")

    assert status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": None},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://127.0.0.1:{port}.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"X-Reportgen": None},
        {"X-Reportgen": "wrong"},
        {"Cookie": None},
    ],
)
def test_what_does_not_come_from_our_page_changes_nothing(browser, headers):
    sent = {
        name.replace("-", "_"): value and value.format(port=browser.port)
        for name, value in headers.items()
    }

    for path in ("/visits", "/quit"):
        status, _, _ = browser.ask("POST", path, {"kind": "workbooks"}, **sent)
        assert status == 403

    assert browser.begin()  # it is still there


def test_only_this_computer_is_listened_to(browser):
    with socket.create_connection(("127.0.0.1", browser.port), 5):
        pass
    with (
        pytest.raises(OSError, match=r"refused|timed out"),
        socket.create_connection(("127.0.0.2", browser.port), 5),
    ):
        pass


def test_every_answer_says_what_a_browser_may_do_with_it(browser):
    for path in ("/", "/static/app.css", "/nothing"):
        _, headers, _ = browser.ask("GET", path)
        assert headers["content-security-policy"].startswith("default-src 'self';")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    _, headers, _ = browser.ask("GET", "/", Cookie=None)
    assert headers["x-frame-options"] == "SAMEORIGIN"


def test_no_page_has_a_script_or_a_style_in_it(browser, tmp_path):
    from pathlib import Path

    from reportgen.web.views import HERE

    for path in Path(HERE, "html").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick=" not in text
        assert text.count("<script") == text.count('<script src="/static/app.js" defer></script>')
        assert "//" not in text.replace('href="//', "").replace("</", "")  # nothing from elsewhere


# -- what comes in ------------------------------------------------------------------------


def test_getting_changes_nothing(browser):
    for path in ("/visits", "/quit", "/v/x/files", "/v/x/run", "/v/x/alive"):
        status, _, _ = browser.ask("GET", path)
        assert status in {404, 405}
    assert browser.begin()


@pytest.mark.parametrize(
    "name",
    ["../../evil.xlsx", "..\\..\\evil.xlsx", "/etc/evil.xlsx", "C:\\evil.xlsx", "a/../../evil.xlsx",
     "..%2fevil.xlsx", "%2e%2e/evil.xlsx", "evil.xlsx\0.xlsx", "....//evil.xlsx", "./evil.xlsx",
     "\\\\server\\share\\evil.xlsx", "con.xlsx", "a:b.xlsx", "～/evil.xlsx"],
)  # fmt: skip
def test_a_name_never_leads_out_of_the_folder(tmp_path, name):
    own = uploads.Uploads(tmp_path / "in")

    path = own.target("workbook", name)

    assert path.resolve().is_relative_to((tmp_path / "in" / "workbook").resolve())
    assert ".." not in path.parts
    assert path.suffix == ".xlsx"


def test_no_upload_lands_outside_its_visit(browser, tmp_path):
    before = set(tmp_path.rglob("*"))
    visit = browser.begin()

    for name in ("../../../evil.xlsx", "..%2f..%2fevil.xlsx", "/tmp/evil.xlsx"):
        browser.upload(visit, name, b"x")

    assert set(tmp_path.rglob("*")) == before
    assert browser.run(visit)[-1]["units"] == 3


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2fetc", "..%5c..%5cetc", "%00", "/etc/passwd",
     "%2fetc%2fpasswd", "app.py", "..%252fapp.py", "html/base.html"],
)  # fmt: skip
def test_no_file_is_fetched_by_a_path(browser, path):
    visit = browser.begin()

    for base in (
        "/static/",
        f"/v/{visit}/f/",
        f"/v/{visit}/p/",
        f"/v/{visit}/d/",
        "/v/",
        "/forms/",
    ):
        status, _, body = browser.ask("GET", base + path)
        assert status in {400, 404}
        assert b"root:" not in body


def test_a_file_that_became_a_link_is_not_fetched(tmp_path):
    from reportgen.web.visits import Visit

    visit = Visit(tmp_path, "workbooks")
    visit.folder.mkdir()
    outside = tmp_path / "secret.docx"
    outside.write_bytes(b"x")
    link = visit.folder / "报告.docx"
    link.symlink_to(outside)

    assert visit.served(visit.serve("报告.docx", link)) is None
    assert visit.served(visit.serve("报告.docx", outside)) is None


def test_an_upload_of_200_mb_is_refused_before_it_is_read(browser):
    visit = browser.begin()

    status, sent = _large(browser, f"/v/{visit}/files?kind=workbook&name=a.xlsx", chunked=False)

    assert status == 413
    assert sent < 8 << 20  # what the computer itself holds of a connection


def test_an_upload_of_200_mb_without_its_length_is_refused_on_the_way(browser):
    visit = browser.begin()

    status, sent = _large(browser, f"/v/{visit}/files?kind=workbook&name=a.xlsx", chunked=True)

    assert status == 413
    assert sent < 70 << 20
    assert "没有选" not in browser.page("/")
    assert browser.upload(visit, "b.xlsx", b"x") == {"name": "b.xlsx"}


def test_words_are_few(browser):
    status, _, _ = browser.ask("POST", "/visits", '{"kind": "' + "x" * 70_000 + '"}')

    assert status == 413


@pytest.mark.parametrize("length", ["-1", "1e9", "x", "１"])
def test_a_length_that_is_no_number_is_refused(browser, length):
    status, _ = _raw(
        browser, "POST", "/visits", {"Content-Length": length.encode().decode("latin-1")}
    )

    assert status in {400, 413}


def test_a_form_of_10_000_fields_is_not_even_read(browser):
    fields = "&".join(f"f{number}=1" for number in range(10_000))
    for kind in (
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
    ):
        status, _, _ = browser.ask("POST", "/visits", fields, Content_Type=kind)
        assert status == 415


def test_deep_json_is_refused_in_words(browser):
    status, _, body = browser.ask("POST", "/visits", "[" * 30_000)

    assert status == 400
    assert "error" in body.decode()


def test_only_workbooks_are_taken(browser):
    visit = browser.begin()

    for name in ("a.exe", "a.docx", "a", "a.xlsx.html", "核准.txt"):
        status, _, body = browser.ask(
            "POST", f"/v/{visit}/files?kind=workbook&name={quote(name)}", b"x"
        )
        assert status == 400
        assert name in body.decode()


def test_there_are_not_too_many_files(browser, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_FILES", 2)
    visit = browser.begin()
    for number in range(2):
        browser.upload(visit, f"{number}.xlsx", b"x")

    status, _, body = browser.ask("POST", f"/v/{visit}/files?kind=workbook&name=3.xlsx", b"x")

    assert status == 400
    assert "最多 2 个" in body.decode()


def test_one_page_and_all_pages_are_sent_so_much_and_no_more(browser, monkeypatch):
    from reportgen.web import files, visits

    first, second = browser.begin(), browser.begin()
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    browser.upload(first, "a.xlsx", b"x" * 8)
    status, _, body = browser.ask("POST", f"/v/{first}/files?kind=workbook&name=b.xlsx", b"xxx")
    assert (status, "文件太大" in body.decode()) == (400, True)

    monkeypatch.setattr(files, "MOST_BYTES", 7)
    status, _, body = browser.ask("POST", f"/v/{second}/files?kind=workbook&name=b.xlsx", b"x")
    assert (status, "先关掉一些" in body.decode()) == (429, True)

    monkeypatch.setattr(visits, "MOST_VISITS", 2)
    status, _, body = browser.ask("POST", "/visits", {"kind": "workbooks"})
    assert (status, "先关掉一些" in body.decode()) == (429, True)


def test_a_zip_bomb_is_a_finding_and_the_page_goes_on(browser):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/workbook.xml", b"\0" * (300 << 20))
    visit = browser.begin()
    browser.upload(visit, "大.xlsx", bomb.getvalue())

    browser.run(visit)

    assert 'class="finding error"' in browser.page(f"/v/{visit}")
    assert browser.begin()


# -- whose files ---------------------------------------------------------------------------


def test_two_tabs_do_not_see_each_other_s_files(browser, tmp_path):
    from reportgen import load_form

    pattern = Pattern(load_form(tmp_path / "templates" / "t"))
    first, second = browser.begin(), browser.begin()
    browser.upload(first, "报.xlsx", pattern.of("甲局"))
    browser.upload(second, "报.xlsx", pattern.of("乙局"))

    browser.post(f"/v/{first}/run")
    browser.post(f"/v/{second}/run")
    browser.events(first)
    browser.events(second)

    assert "甲局报告.docx" in browser.page(f"/v/{first}")
    assert "乙局" not in browser.page(f"/v/{first}")
    assert "乙局报告.docx" in browser.page(f"/v/{second}")
    file = browser.page(f"/v/{first}").partition(f"/v/{first}/f/")[2].partition('"')[0]
    assert browser.get(f"/v/{first}/f/{file}")
    assert browser.ask("GET", f"/v/{second}/f/{file}")[0] == 404


def test_a_unit_called_like_a_tag_is_shown_as_text(browser, tmp_path):
    from reportgen import load_form

    name = "<img src=x onerror=alert(1)>局"
    pattern = Pattern(load_form(tmp_path / "templates" / "t"))
    visit = browser.begin()
    browser.upload(visit, "甲.xlsx", pattern.of(name))
    browser.upload(visit, "乙.xlsx", pattern.of("乙局"))
    browser.run(visit)

    for path in (f"/v/{visit}", f"/v/{visit}/u/1", f"/v/{visit}/u/2"):
        page = browser.page(path)
        assert "<img" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;局" in page


def test_a_file_name_in_a_download_stays_one(browser, tmp_path):
    from reportgen import load_form

    pattern = Pattern(load_form(tmp_path / "templates" / "t"))
    visit = browser.begin()
    browser.upload(visit, "甲.xlsx", pattern.of('甲"局\r\nX-Evil: 1'))
    browser.run(visit)
    file = browser.page(f"/v/{visit}").partition(f"/v/{visit}/f/")[2].partition('"')[0]

    _, headers, _ = browser.ask("GET", f"/v/{visit}/f/{file}")

    assert "x-evil" not in headers
    assert headers["content-disposition"].startswith("attachment; filename*=")


def _large(browser, path, *, chunked):
    """Begin to send 200 MB; return the status of the answer and how much was sent until it came."""
    length = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(200 << 20)}
    connection = _begun(browser, "POST", path, length)
    piece, sent = b"\0" * (1 << 20), 0
    connection.settimeout(30)
    with connection:
        try:
            while sent < 200 << 20:
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
                sent += len(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            head = connection.recv(100)
        except ConnectionResetError:  # the answer was there, but this end had not read it
            head = b"HTTP/1.1 413"
    return int(head.split()[1]), sent


def _raw(browser, method, path, headers):
    connection = _begun(browser, method, path, headers)
    with connection:
        head = connection.recv(100)
    return int(head.split()[1]), head


def _begun(browser, method, path, headers):
    connection = socket.create_connection(("127.0.0.1", browser.port), 30)
    sent = {
        "Host": f"127.0.0.1:{browser.port}", "Origin": f"http://127.0.0.1:{browser.port}",
        "Cookie": browser.cookie, "X-Reportgen": browser.token,
        "Content-Type": "application/octet-stream", **headers,
    }  # fmt: skip
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
    return connection
