"""Documents as PDFs: one process for many, and what becomes of those that stop it."""

import functools
import http.server
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import types
from concurrent.futures import ThreadPoolExecutor

import pytest
from pypdf import PdfReader

from gallery_objects import contents, png
from reportgen import write_workbook
from reportgen.finding import Place
from reportgen.pdf import convert as conversion
from reportgen.pdf import office
from reportgen.pdf.convert import CHUNK, convert, find_converter, to_pdf
from reportgen.pdf.converter import Limits
from reportgen.pdf.libreoffice import LibreOffice, find_libreoffice
from reportgen.pdf.office import Office, offices
from reportgen.pdf.reproducible import reproducible
from reportgen.values import from_plain
from support_docx import make_docx, parts_of, render, write_parts
from support_pdf import FAKE, SHORT, calls, fake_soffice, is_alive, pdf_of, started
from test_contents import FORM, OLD, VALUES

posix = pytest.mark.skipif(os.name != "posix", reason="the fake programs are shell scripts")


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a program in LibreOffice's place, with a folder for temporary files of its own."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    path = fake_soffice(tmp_path / "bin")
    yield path
    assert not list(temporary.iterdir())
    assert not [one for one in started(path) if is_alive(one)]


def made(program, *words, limits=SHORT):
    """Return what becomes of documents of *words*: a PDF's words, or the code of what is wrong."""
    documents = [(f"{n}号.docx", one.encode()) for n, one in enumerate(words)]
    out = []
    for (name, _), pdf in zip(
        documents, convert(documents, LibreOffice(str(program)), limits), strict=True
    ):
        assert pdf.name == name
        if pdf.content:
            assert not pdf.findings
            out.append(pdf.content.decode().splitlines()[1])
        else:
            out.append(pdf.findings[0].code)
    return out


# -- one process for many -------------------------------------------------------------------


@posix
def test_many_documents_are_one_process(program):
    assert made(program, "甲", "乙", "丙") == ["甲", "乙", "丙"]
    assert calls(program) == [["0000.docx", "0001.docx", "0002.docx"]]


@posix
def test_more_than_a_process_takes_are_several(program):
    words = [f"第{n}份" for n in range(CHUNK + 1)]

    assert made(program, *words) == words
    assert [len(one) for one in calls(program)] == [CHUNK, 1]


@posix
def test_a_pdf_is_there_before_the_others_are(program):
    documents = [("甲.docx", "甲".encode()), ("乙.docx", b"hang")]
    pdfs = convert(documents, LibreOffice(str(program)), Limits(first=60, each=60))

    assert next(pdfs).content == pdf_of("甲")
    while not started(program):
        time.sleep(0.01)
    pdfs.close()

    assert not [one for one in started(program) if is_alive(one)]


@posix
def test_a_pdf_that_is_being_written_is_waited_for(program):
    documents = [("甲.docx", b"slow"), ("乙.docx", "乙".encode())]

    pdfs = list(convert(documents, LibreOffice(str(program)), SHORT))

    assert [one.content for one in pdfs] == [pdf_of("slow"), pdf_of("乙")]


def test_no_document_is_no_process(program):
    assert made(program) == []
    assert not list(program.parent.glob("*.calls"))


@posix
def test_the_name_of_a_document_may_be_anything(program):
    names = ["甲/乙 & 'x' \"y\".docx", "-env:UserInstallation=x.docx", "甲" * 200 + ".docx", ""]

    pdfs = list(convert([(n, b"x") for n in names], LibreOffice(str(program)), SHORT))

    assert [one.name for one in pdfs] == names
    assert all(one.content for one in pdfs)


# -- what stops it ----------------------------------------------------------------------------


@posix
def test_a_document_that_hangs_costs_itself_alone(program):
    assert made(program, "甲", "hang", "乙", "丙") == ["甲", "E522", "乙", "丙"]
    # the rest in a new process; the one that hung once more, alone
    assert calls(program) == [
        ["0000.docx", "0001.docx", "0002.docx", "0003.docx"],
        ["0002.docx", "0003.docx"],
        ["0001.docx"],
    ]
    assert len(started(program)) == 4


@posix
def test_a_document_that_crashes_the_program_costs_itself_alone(program):
    assert made(program, "crash", "甲", "crash", "乙") == ["E523", "甲", "E523", "乙"]


@posix
def test_what_gives_no_pdf_is_tried_once_more_alone(program):
    assert made(program, "甲", "alone", "nothing", "乙") == ["甲", "alone", "E523", "乙"]
    assert calls(program)[1:] == [["0001.docx"], ["0002.docx"]]


@posix
def test_what_is_no_pdf_does_not_count_as_one(program):
    assert made(program, "garbage", "甲") == ["E523", "甲"]


@posix
def test_a_program_that_makes_nothing_at_all_is_given_up(program):
    assert made(program, *["nothing"] * 9) == ["E523"] * 3 + ["E521"] * 6
    assert len(calls(program)) == 4


@posix
def test_a_program_that_does_not_start_is_given_up(program):
    program.write_text("#!/nowhere\n")

    assert made(program, *"甲乙丙丁戊") == ["E521"] * 5


@posix
def test_a_few_bad_documents_do_not_condemn_the_program(program):
    words = ["甲", *["nothing"] * 5, "乙"]

    assert made(program, *words) == ["甲", *["E523"] * 5, "乙"]


def interrupted(program, *command, folder=None):
    """Return what *command* prints when Ctrl-C comes while a document hangs."""
    environment = {
        **os.environ,
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": tempfile.tempdir,
        "PYTHONIOENCODING": "utf-8",
    }
    process = subprocess.Popen(
        [sys.executable, *command], cwd=folder, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    while not started(program) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert len(started(program)) == 2  # the fixture sees to it that they are dead
    return process.returncode, out, err


@posix
def test_ctrl_c_leaves_no_process_and_no_folder(program):
    code = (
        "from reportgen.pdf.convert import to_pdf\n"
        "try:\n    to_pdf((('甲.docx', b'hang'),))\n"
        "except KeyboardInterrupt:\n    print('stopped')"
    )

    assert interrupted(program, "-c", code)[1] == "stopped\n"


@posix
def test_ctrl_c_ends_a_build_at_its_pdfs_at_once(program, make_form, tmp_path):
    form = make_form('[[document]]\ntemplate = "报告.docx"\noutput = "{{ 单位名称 }}.docx"\n')
    make_docx(form.folder / "报告.docx", "{{ 单位名称 }}")
    values = from_plain({"基本信息": {"单位名称": "甲局"}}, form)
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "甲.xlsx").write_bytes(write_workbook(form, values))
    program.write_text(FAKE.replace('$(cat "$source")', "hang"))

    code, _, err = interrupted(program, "-m", "reportgen", "build", "--pdf", folder=tmp_path)

    assert (code, "已中断" in err) == (130, True)
    assert (tmp_path / "outputs" / "甲局.docx").exists()


# -- which program -----------------------------------------------------------------------------


@posix
def test_the_path_says_which_libreoffice(program, monkeypatch):
    monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")

    found = find_converter()

    assert (found.where, found.name) == (str(program), "LibreOffice")
    assert found.version() == "1.2.3.4"
    assert to_pdf((("甲.docx", b"x"),))[0].content == pdf_of("x")


@posix
def test_the_version_of_a_program_that_says_none_is_empty(tmp_path):
    assert LibreOffice(str(tmp_path / "nothing")).version() == ""
    assert LibreOffice(str(fake_soffice(tmp_path, "#!/bin/sh\necho hello\n"))).version() == ""


def test_libreoffice_is_found_where_its_installer_puts_it_on_windows(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "winreg", registry())
    monkeypatch.setenv("ProgramFiles", str(tmp_path))
    program = tmp_path / "LibreOffice" / "program" / "soffice.com"
    program.parent.mkdir(parents=True)
    program.touch()

    assert find_libreoffice().where == str(program)


def test_libreoffice_is_found_where_windows_notes_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "platform", "win32")
    (tmp_path / "soffice.com").touch()
    installed = {r"SOFTWARE\LibreOffice\UNO\InstallPath": str(tmp_path)}
    monkeypatch.setitem(sys.modules, "winreg", registry(**installed))

    assert find_libreoffice().where == str(tmp_path / "soffice.com")


def test_without_a_program_there_is_one_thing_to_say(monkeypatch):
    monkeypatch.setattr(conversion, "converters", lambda: iter(()))

    pdfs = to_pdf((("甲.docx", b""), ("乙.docx", b"")))

    assert [one.name for one in pdfs] == ["甲.docx", "乙.docx"]
    assert not any(one.content for one in pdfs)
    (finding,) = {finding for one in pdfs for finding in one.findings}
    assert (finding.code, finding.place) == ("E520", Place())


@posix
def test_a_program_that_makes_nothing_gives_way_to_the_next(program, monkeypatch):
    broken = LibreOffice(str(fake_soffice(program.parent / "broken", "#!/bin/sh\nexit 1\n")))
    monkeypatch.setattr(conversion, "converters", lambda: iter((broken, LibreOffice(str(program)))))

    assert [one.content for one in to_pdf((("甲.docx", b"x"),))] == [pdf_of("x")]


# -- Word and WPS, which are not here -------------------------------------------------------------


def registry(**values):
    """Return a ``winreg`` that knows these keys alone."""

    def query(_root, key):
        if key not in values:
            raise FileNotFoundError(key)
        return values[key]

    roots = dict.fromkeys(("HKEY_CLASSES_ROOT", "HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER"), 0)
    return types.SimpleNamespace(QueryValue=query, **roots)


WORD = {
    r"Word.Application\CLSID": "{1}",
    r"CLSID\{1}\LocalServer32": r"C:\Office16\WINWORD.EXE /Automation",
}
WPS = {
    r"KWPS.Application\CLSID": "{2}",
    r"CLSID\{2}\LocalServer32": r"D:\WPS\office6\wps.exe /Automation",
}
AS_WORD = {r"Word.Application\CLSID": "{2}"}


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({**WORD, **WPS}, ("Word", "Word.Application", "WINWORD")),
        (WPS, ("WPS", "KWPS.Application", "wps")),
        ({**WPS, **AS_WORD}, ("WPS", "Word.Application", "wps")),
        ({}, None),
    ],
)
def test_on_windows_word_comes_before_wps(monkeypatch, known, expected):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "winreg", registry(**known))

    found = next(offices(), None)

    assert (found and (found.name, found.program, found.image)) == expected


def test_elsewhere_there_is_no_word(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")

    assert list(offices()) == []


def word(shell="powershell.exe"):
    return Office("Word", "Word.Application", "WINWORD", r"C:\WINWORD.EXE", str(shell))


def test_one_word_opens_all_documents_without_macros_and_quits(tmp_path):
    command = word().command(tmp_path / "O'Brien", ["0000.docx", "0001.docx"])

    assert command[:-1] == ["powershell.exe", "-NoProfile", "-NonInteractive", "-Command"]
    script = command[-1]
    assert script.count("New-Object -ComObject Word.Application") == 1
    assert "@('0000.docx', '0001.docx')" in script
    assert f"Join-Path '{tmp_path}/O''Brien' $name" in script
    # 3: macros off; 17: PDF; read-only, not among the recent files; 0: changes are not saved
    for words in (
        "AutomationSecurity = 3", "Open($source, $false, $true, $false)", "'.pdf'), 17)",
        "TablesOfContents", "Close(0)", "Quit(0)",
    ):  # fmt: skip
        assert words in script
    assert '"' not in script
    assert script.count("{") == script.count("}")


@posix
def test_documents_go_through_word_in_one_process_too(program, tmp_path):
    shell = program.with_name("powershell")
    shell.write_text(
        "#!/bin/sh\nset -- $(echo \"$4\" | grep -o '[0-9]*\\.docx')\n" + FAKE.split("\n", 2)[2]
    )
    shell.chmod(0o755)
    documents = [("甲.docx", "甲".encode()), ("乙.docx", b"nothing"), ("丙.docx", "丙".encode())]

    pdfs = list(convert(documents, word(shell), SHORT))

    assert [one.content for one in pdfs] == [pdf_of("甲"), None, pdf_of("丙")]
    assert pdfs[1].findings[0].message == "“乙.docx”没有生成 PDF：Word 转换不了这一份。"


def test_a_word_that_a_killed_powershell_leaves_is_killed(tmp_path, monkeypatch):
    killed = []
    monkeypatch.setattr(office, "kill_tree", killed.append)

    word().stop(tmp_path)
    (tmp_path / "office.pid").write_text("41\n42\n", encoding="ascii")
    word().stop(tmp_path)

    assert killed == [41, 42]


# -- the same document, the same PDF ----------------------------------------------------------------

TRAILER = (
    "/CreationDate(D:{date})>>\ntrailer\n/ID [ <{id}>\n<{id}> ]\n/DocChecksum /{id}\n>>\n%%EOF\n"
)


def test_the_date_of_a_pdf_is_that_of_its_document(tmp_path):
    document = make_docx(tmp_path / "甲.docx", "文").read_bytes()  # python-docx's own of 2013
    one = TRAILER.format(date="20261129110243+08'00'", id="A" * 32).encode()
    other = TRAILER.format(date="20270101000000+08'00'", id="B" * 32).encode()

    settled = reproducible(one, document)

    assert settled == reproducible(other, document)
    assert b"/CreationDate(D:20131223231500Z)      >>" in settled
    assert len(settled) == len(one)
    assert b"A" * 32 not in settled


def test_a_document_without_a_date_gives_a_pdf_without_one():
    pdf = TRAILER.format(date="20261129030243Z'", id="A" * 32).encode()

    settled = reproducible(pdf, b"no package")

    assert b"CreationDate" not in settled
    assert len(settled) == len(pdf)


def test_ids_differ_where_the_content_does():
    one, other = (f"{c}{TRAILER.format(date='', id='A' * 32)}".encode() for c in "12")

    assert reproducible(one, b"")[-90:] != reproducible(other, b"")[-90:]


def test_another_programs_pdf_is_left_as_it_is():
    pdf = b"%PDF-1.7\n<</ID[<AB><CD>]>>\n%%EOF"

    assert reproducible(pdf, b"") == pdf


# -- LibreOffice itself -------------------------------------------------------------------------------


@pytest.fixture
def listener():
    """Return the address of a web server on this computer and what it was asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=functools.partial(server.serve_forever, 0.05), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def linking(path, address):
    """Write a document whose picture lies elsewhere."""
    rel = (
        '<Relationship Id="rIdFar" TargetMode="External" Target="{}/far.png" Type="http://schemas.'
        'openxmlformats.org/officeDocument/2006/relationships/image"/></Relationships>'
    )
    picture = io.BytesIO(png(9, 9, (1, 2, 3)))
    make_docx(path, "远处的图", lambda document: document.add_picture(picture))
    parts = parts_of(path)
    name = "word/_rels/document.xml.rels"
    parts[name] = parts[name].replace(b"</Relationships>", rel.format(address).encode())
    parts["word/document.xml"] = re.sub(
        rb'r:embed="\w+"', b'r:link="rIdFar"', parts["word/document.xml"]
    )
    write_parts(path, parts)
    return path.read_bytes()


def test_two_libreoffices_at_once_make_the_same_pdfs(soffice, make_form, tmp_path, listener):
    def body(document):
        document.add_heading("{{ 年度 }}年度总结", 1)
        for _ in range(2):
            document.add_page_break()
        document.add_heading("附件", 1)

    address, asked = listener
    report = render(make_form(FORM), VALUES, lambda d: contents(d, *OLD), body)
    documents = (
        ("报告.docx", report),
        ("坏.docx", b"0123456789" * 300),  # without a filter's name it would become a PDF of text
        ("远.docx", linking(tmp_path / "远.docx", address)),
    )

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(to_pdf, (documents, documents))

    assert one == other
    found = [pdf.content or pdf.findings[0].code for pdf in one]
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(found[0])).pages]
    assert len(pages) == 3
    # LibreOffice works out the pages of the table of contents
    assert [line.replace(" ", "").replace(".", "") for line in pages[0].splitlines()[:2]] == [
        "2025年度总结1",
        "附件3",
    ]
    assert found[1] == "E523"
    assert "远处的图" in PdfReader(io.BytesIO(found[2])).pages[0].extract_text().replace(" ", "")
    assert asked == []
