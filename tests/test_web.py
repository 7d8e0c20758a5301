"""The page of reportgen serve: what a person gets from it is what the command line makes."""

import io
import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from reportgen import load_form
from reportgen.cli import main
from reportgen.web import visits as visits_
from reportgen.web.jobs import Job, Jobs, StoppedError
from reportgen.web.visits import Visits
from support_batch import Pattern, make_project
from support_docx import make_docx
from support_pdf import fake_soffice
from support_web import Browser, eventually, serving

TOML = """
[[section]]
label = "内容"
kind = "record"
fields = [
  { label = "正文", required = true },
  { label = "金额", type = "decimal", uom = "万元" },
]

[[section]]
label = "项目"
kind = "table"
fields = [{ label = "项目名称", required = true }, { label = "支出", type = "decimal", uom = "万元" }]

[[summary]]
label = "金额"
formula = "金额"

[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}报告.docx"
"""
ROWS = {"项目": [{"项目名称": "道路", "支出": "12.5"}, {"项目名称": "桥梁", "支出": "3"}]}


@pytest.fixture
def office(tmp_path):
    """Return the folder of an office with a form."""
    make_project(tmp_path, TOML)
    return tmp_path


@pytest.fixture
def browser(office, monkeypatch):
    with serving(monkeypatch, office) as one:
        yield one


def workbook(office, unit, amount="5", **more):
    form = load_form(office / "templates" / "t")
    values = {"内容": {"正文": "正文", "金额": amount}, **ROWS, **more}
    return Pattern(form, values).of(unit)


def sent(browser, office, **amounts):
    """Send a workbook a unit, with its amount, and return the visit."""
    visit = browser.begin()
    for unit, amount in amounts.items():
        browser.upload(visit, f"{unit}.xlsx", workbook(office, unit, amount))
    return visit


def shown(page):
    """Return the text of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def made_by_the_command(office, inputs, *options):
    """Return what ``reportgen build`` makes of *inputs*, by name, as the page's zip has it."""
    folder = office / "其他"
    (folder / "in").mkdir(parents=True)
    for name, content in inputs.items():
        (folder / "in" / name).write_bytes(content)
    out, marked = folder / "out", folder / "退回件"
    with pytest.raises(SystemExit):
        main(["build", str(folder / "in"), "-o", str(out), "--mark", str(marked), *options])
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    return {
        name.removeprefix("out/"): path.read_bytes()
        for name, path in found.items()
        if not name.startswith("in/") and ".reportgen" not in name
    }


# -- workbooks ------------------------------------------------------------------------------


def test_the_zip_has_the_bytes_that_the_command_makes(browser, office, capsys):
    inputs = {
        "甲局.xlsx": workbook(office, "甲局"), "乙局.xlsx": workbook(office, "乙局", "7.5"),
        "丙局.xlsx": workbook(office, "丙局", "约5万"),
    }  # fmt: skip
    visit = browser.begin()
    for name, content in inputs.items():
        browser.upload(visit, name, content)

    browser.run(visit)
    got = unpacked(browser.get(f"/v/{visit}/all.zip"))

    wanted = made_by_the_command(office, inputs)
    # the summary links to the workbooks, whose folders have other names
    assert got.pop("汇总.xlsx")
    assert wanted.pop("汇总.xlsx")
    assert sorted(got) == ["乙局报告.docx", "甲局报告.docx", "退回件/丙局.xlsx"]
    assert got == wanted


def test_pdfs_have_the_bytes_that_the_command_makes(browser, office, monkeypatch, capsys):
    program = fake_soffice(office / "bin")
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    inputs = {"甲局.xlsx": workbook(office, "甲局"), "乙局.xlsx": workbook(office, "乙局")}
    visit = browser.begin()
    for name, content in inputs.items():
        browser.upload(visit, name, content)
    browser.run(visit)
    assert "全部转成 PDF" in browser.page(f"/v/{visit}")

    browser.run(visit, pdf=True)
    got = unpacked(browser.get(f"/v/{visit}/all.zip"))

    wanted = made_by_the_command(office, inputs, "--pdf")
    assert {name for name in got if name.endswith(".pdf")} == {"甲局报告.pdf", "乙局报告.pdf"}
    assert {n: c for n, c in got.items() if n != "汇总.xlsx"} == {
        n: c for n, c in wanted.items() if n != "汇总.xlsx"
    }
    assert "全部转成 PDF" not in browser.page(f"/v/{visit}")


def test_progress_is_told_as_it_comes(browser, office):
    visit = sent(browser, office, 甲局="5", 乙局="约5万")

    told = browser.run(visit)

    lines = [one["line"] for one in told if one["line"]]
    assert "已生成：甲局报告.docx" in lines
    assert "乙局.xlsx：错误 1 处" in lines
    assert told[-1]["done"] == told[-1]["units"] == 2


def test_a_lost_connection_goes_on_where_it_was(browser, office):
    visit = sent(browser, office, 甲局="5", 乙局="6")
    told = browser.run(visit)

    _, _, rest = browser.ask("GET", f"/v/{visit}/events", Last_Event_Id=str(len(told) - 1))

    assert rest.decode().count('data: {"line"') == 1


def test_a_finding_stands_among_the_cells_around_it(browser, office):
    rows = {"项目": [{"项目名称": "道路", "支出": "12.5"}, {"项目名称": "桥梁", "支出": "三万"}]}
    visit = browser.begin()
    browser.upload(visit, "甲局.xlsx", workbook(office, "甲局", **rows))
    browser.run(visit)

    page = browser.page(f"/v/{visit}")

    piece = page.partition('<div class="piece"')[2].partition("</div>")[0]
    assert '<td class="wrong">三万</td>' in piece
    assert re.findall(r'<td class="head">([^<]*)</td>', piece) == ["项目名称＊", "支出（万元）"]
    cells = [cell for cell in re.findall(r"<td class=\"[ \w]*\">([^<]*)</td>", piece) if cell]
    assert cells == ["项目名称＊", "支出（万元）", "道路", "12.5", "桥梁", "三万"]
    assert "<th>A</th><th>B</th>" in piece
    assert "改法" in page
    assert "/explain/E" in page


def test_a_code_is_explained(browser):
    assert "E303" in browser.page("/explain/E303")
    assert browser.ask("GET", "/explain/E000")[0] == 404


def test_a_corrected_workbook_takes_the_place_of_the_wrong_one(browser, office):
    visit = sent(browser, office, 甲局="约5万")
    browser.run(visit)
    assert "有 1 处错误要改" in browser.page(f"/v/{visit}")

    browser.upload(visit, "甲局.xlsx", workbook(office, "甲局", "5"))
    browser.run(visit)

    page = browser.page(f"/v/{visit}")
    assert "没有发现问题" in page
    assert "退回件" not in shown(page)
    assert sorted(unpacked(browser.get(f"/v/{visit}/all.zip"))) == ["甲局报告.docx"]


def test_a_draft_is_made_when_asked_for(browser, office):
    visit = sent(browser, office, 甲局="约5万")
    browser.run(visit)
    assert "甲局报告（草稿）.docx" not in browser.page(f"/v/{visit}")

    browser.run(visit, draft=True)

    page = browser.page(f"/v/{visit}")
    assert "甲局报告（草稿）.docx" in page
    assert "有错误的也出草稿" not in page


def test_a_folder_keeps_its_folders(browser, office):
    visit = browser.begin()
    browser.upload(visit, "一科/报.xlsx", workbook(office, "甲局"))
    browser.upload(visit, "二科/报.xlsx", workbook(office, "乙局", "约5万"))

    browser.run(visit)

    page = shown(browser.page(f"/v/{visit}"))
    assert "一科/报.xlsx" in page
    assert "二科/报.xlsx" in page
    assert "reportgen-page-" not in page
    assert "有 1 处错误要改" in browser.page(f"/v/{visit}/u/2") + browser.page(f"/v/{visit}/u/1")
    names = sorted(unpacked(browser.get(f"/v/{visit}/all.zip")))
    assert names == ["汇总.xlsx", "甲局报告.docx", "退回件/二科/报.xlsx"]


def test_the_list_of_units_says_who_is_missing(browser, office, tmp_path):
    book = openpyxl.Workbook()
    for row in (("单位代码", "单位名称"), ("1", "甲局"), ("2", "乙局"), ("3", "丙局")):
        book.active.append(row)
    book.save(tmp_path / "名单.xlsx")
    visit = sent(browser, office, 甲局="5", 乙局="约5万")
    browser.upload(visit, "名单.xlsx", (tmp_path / "名单.xlsx").read_bytes(), kind="roster")

    browser.run(visit)

    page = browser.page(f"/v/{visit}?tab=units")
    cells = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    board = [shown(row).split()[:3] for row in cells[1:]]
    assert board == [["1", "甲局", "已完成"], ["2", "乙局", "有错误"], ["3", "丙局", "未报"]]
    assert re.findall(r"<b>(\d)</b>(\w+)", page) == [
        ("1", "已完成"),
        ("1", "有错误"),
        ("1", "未报"),
    ]


def test_the_summary_is_drawn(browser, office):
    visit = sent(browser, office, 甲局="5", 乙局="20", 丙局="-10")
    browser.run(visit)

    page = browser.page(f"/v/{visit}?tab=figures")

    bars = re.findall(
        r"<tr><th>(\w+)</th>.*?width=\"([\d.]+)\".*?<td class=\"number\">([^<]+)", page
    )
    assert bars == [("乙局", "100.0", "20"), ("甲局", "25.0", "5"), ("丙局", "50.0", "-10")]
    assert page.count('class="negative"') == 1
    file = re.search(rf'/v/{visit}/f/([\w-]+)" download>汇总.xlsx', page)[1]
    assert openpyxl.load_workbook(io.BytesIO(browser.get(f"/v/{visit}/f/{file}")))["汇总"]


def test_nothing_but_pictures_is_said_in_words(browser):
    visit = browser.begin()
    browser.upload(visit, "照片.png", b"x")

    browser.run(visit)

    assert "没有做成" in browser.page(f"/v/{visit}")


def test_an_unreadable_workbook_is_a_finding(browser):
    visit = browser.begin()
    browser.upload(visit, "坏.xlsx", b"PK\3\4 nothing")

    browser.run(visit)

    assert "finding error" in browser.page(f"/v/{visit}")


def test_two_runs_at_once_are_one_too_many(browser, office, monkeypatch):
    from threading import Event

    from reportgen.web import workbooks

    go = Event()
    monkeypatch.setattr(workbooks, "run_build", lambda *_: go.wait(20))
    visit = sent(browser, office, 甲局="5")
    browser.post(f"/v/{visit}/run")

    assert browser.ask("POST", f"/v/{visit}/run", {})[0] == 409
    assert browser.ask("POST", f"/v/{visit}/files?kind=workbook&name=a.xlsx", b"x")[0] == 409
    assert "正在检查" in browser.page(f"/v/{visit}")
    go.set()


def test_a_bug_is_told_in_one_line(browser, office, monkeypatch):
    from reportgen.web import workbooks

    monkeypatch.setattr(workbooks, "run_build", lambda *_: 1 // 0)
    visit = sent(browser, office, 甲局="5")

    browser.run(visit)

    (left,) = office.glob("诊断-*.txt")
    assert f"程序自身出错，请把“{left.name}”发给技术支持" in browser.page(f"/v/{visit}")
    assert "ZeroDivisionError" in left.read_text(encoding="utf-8")


def test_a_bug_in_an_answer_is_told_in_one_line_too(browser, office, monkeypatch, capfd):
    from reportgen.web import workbooks

    monkeypatch.setattr(workbooks, "find", lambda *_: 1 // 0)

    status, headers, body = browser.ask("GET", "/explain/E303")

    (left,) = office.glob("诊断-*.txt")
    assert status == 500
    assert f"请把“{left.name}”发给技术支持" in body.decode()
    assert headers["x-content-type-options"] == "nosniff"
    assert capfd.readouterr() == ("", "")


# -- pages ----------------------------------------------------------------------------------


def test_pages_are_pictures_of_the_pdf(browser, office, soffice):
    visit = sent(browser, office, 甲局="5")
    browser.run(visit)
    file = re.search(rf"/v/{visit}/d/([\w-]+)", browser.page(f"/v/{visit}"))[1]
    assert "data-pages" in browser.page(f"/v/{visit}/d/{file}")

    made = browser.post(f"/v/{visit}/d/{file}/pages")

    assert len(made["pages"]) == 1
    assert browser.get(made["pages"][0]).startswith(b"\x89PNG")
    _, headers, content = browser.ask("GET", made["pdf"])
    assert content.startswith(b"%PDF-")
    assert headers["content-disposition"].startswith("inline")
    assert browser.ask("GET", made["save"])[1]["content-disposition"].startswith("attachment")
    # what is no page is never shown in the browser
    assert browser.ask("GET", f"/v/{visit}/p/{file}")[0] == 404


def test_without_a_program_for_pdfs_it_says_what_to_do(browser, office, monkeypatch):
    from reportgen.pdf import convert

    monkeypatch.setattr(convert, "converters", lambda: iter(()))
    visit = sent(browser, office, 甲局="5")
    browser.run(visit)
    file = re.search(rf"/v/{visit}/d/([\w-]+)", browser.page(f"/v/{visit}"))[1]

    made = browser.post(f"/v/{visit}/d/{file}/pages")

    assert "没有能转换的程序" in made["why"]
    assert "LibreOffice" in made["hint"]


def test_without_poppler_the_browser_shows_the_pdf(browser, office, monkeypatch):
    program = fake_soffice(office / "bin")
    monkeypatch.setenv("PATH", str(program.parent) + ":/bin")
    from reportgen.web import pages

    monkeypatch.setattr(pages.shutil, "which", lambda name: None)
    monkeypatch.setattr(pages, "to_pdf", lambda given, stop: [pages_pdf(name) for name, _ in given])
    visit = sent(browser, office, 甲局="5")
    browser.run(visit)
    file = re.search(rf"/v/{visit}/d/([\w-]+)", browser.page(f"/v/{visit}"))[1]

    made = browser.post(f"/v/{visit}/d/{file}/pages")

    assert made["pages"] == []
    assert browser.get(made["pdf"]) == b"%PDF-1.4\n%%EOF\n"


def pages_pdf(name):
    from reportgen.pdf.converter import Pdf

    return Pdf(name, b"%PDF-1.4\n%%EOF\n")


# -- templates ------------------------------------------------------------------------------


def test_a_template_is_looked_through_at_its_words(browser, office, tmp_path):
    changed = tmp_path / "新.docx"
    make_docx(changed, "前一段", "共花了{{ 金而 }}万元。", "后一段")
    before = (office / "templates" / "t" / "报告.docx").read_bytes()
    visit = browser.begin("template")
    browser.upload(visit, "报告.docx", changed.read_bytes(), kind="template")

    browser.run(visit, "lint", form="t", replaces="报告.docx")

    page = browser.page(f"/v/{visit}")
    assert "有 1 处错误要改" in shown(page)
    words = page.partition('<div class="words">')[2].partition("</div>")[0]
    assert "<mark>{{ 金而 }}</mark>" in words
    assert re.sub("<[^>]+>", "|", words).split("|") == [
        "", "前一段", "", "共花了", "{{ 金而 }}", "万元。", "", "后一段", "",
    ]  # fmt: skip
    assert "是不是“金额”" in page
    file = re.search(rf'/v/{visit}/f/([\w-]+)" download>下载带批注的副本', page)[1]
    assert "word/comments.xml" in unpacked(browser.get(f"/v/{visit}/f/{file}"))
    assert (office / "templates" / "t" / "报告.docx").read_bytes() == before


def test_a_template_that_replaces_none_is_another_one(browser, office, tmp_path):
    new = tmp_path / "另外.docx"
    make_docx(new, "{{ 单位名称 }}")
    visit = browser.begin("template")
    browser.upload(visit, "另外.docx", new.read_bytes(), kind="template")

    browser.run(visit, "lint", form="t", replaces="")

    page = shown(browser.page(f"/v/{visit}"))
    assert "没有问题 另外.docx" in page
    assert "没有问题 报告.docx" in page


def test_names_are_listed_to_be_copied(browser):
    visit = browser.begin("template")
    browser.run(visit, "lint", form="t")

    page = browser.page(f"/v/{visit}?tab=names")

    tags = re.findall(r'class="copy">([^<]+)<', page)
    assert tags[0] == "{{ 单位名称 }}"
    assert "{%tr for 项 in 项目 %}" in tags
    assert "{{ 项.支出 }}" in tags
    assert "{{ 金额|小数(2) }}" in tags


def test_templates_are_shown_filled(browser, office):
    visit = browser.begin("template")
    browser.run(visit, "lint", form="t")

    browser.run(visit, "show", way="sample")
    browser.run(visit, "show", way="names")
    browser.upload(visit, "甲局.xlsx", workbook(office, "甲局"), kind="values")
    browser.run(visit, "show", way="workbook")

    page = browser.page(f"/v/{visit}?tab=preview")
    assert re.findall(r"<h2>([^<]+)</h2>", page) == ["甲局.xlsx", "印出名称", "填上样例"]
    files = re.findall(rf"/v/{visit}/f/([\w-]+)", page)
    texts = [unpacked(browser.get(f"/v/{visit}/f/{file}"))["word/document.xml"] for file in files]
    assert "甲局：正文".encode() in texts[0]
    assert "〔单位名称〕".encode() in texts[1]


def test_a_form_is_named_by_its_id_alone(browser, office):
    visit = browser.begin("template")

    for name in ("../t", str(office / "templates" / "t"), "templates/t", "", "x"):
        assert browser.ask("POST", f"/v/{visit}/lint", {"form": name})[0] == 404
    assert browser.ask("POST", f"/v/{visit}/lint", {"form": ["t"]})[0] == 400


def test_the_blank_workbook_and_the_list_of_names_are_there(browser):
    blank = browser.get("/forms/t/blank.xlsx")

    assert "内容" in openpyxl.load_workbook(io.BytesIO(blank)).sheetnames
    assert "word/document.xml" in unpacked(browser.get("/forms/t/fields.docx"))


def test_an_office_without_forms_is_told_so(tmp_path, monkeypatch):
    with serving(monkeypatch, tmp_path) as browser:
        assert "还没有表单" in browser.page("/")
        assert "还没有表单" in browser.page("/word")


def test_a_form_with_mistakes_is_told_so(browser, office):
    (office / "templates" / "t" / "form.toml").write_text("x", encoding="utf-8")

    assert "表单用不了" in browser.page("/")


# -- how long files stay -----------------------------------------------------------------------


def test_files_go_when_the_page_is_not_heard_of_any_more():
    visits = Visits()
    try:
        left, open_, kept, gone = (visits.new("workbooks") for _ in range(4))
        kept.kept = True
        left.left()
        for number in range(visits_._SILENT):
            open_.seen()
            if number == 2:
                assert left.folder.exists()
            visits.sweep()

        assert not left.folder.exists()
        assert not gone.folder.exists()
        assert visits.get(left.id) is None
        assert open_.folder.exists()
        assert kept.folder.exists()
    finally:
        visits.close()
    assert not visits.folder.exists()


def test_a_reload_is_no_farewell():
    visits = Visits()
    visit = visits.new("workbooks")
    visit.left()
    visit.seen()

    for _ in range(visits_._LEFT + 1):
        visits.sweep()

    assert visit.folder.exists()
    visits.close()


def test_twenty_pages_one_after_another_leave_nothing(browser, office):
    content = workbook(office, "甲局")
    folder = next(iter(visits_.Path(visits_.tempfile.gettempdir()).glob("reportgen-page-*")), None)
    assert folder is not None
    visits = Visits()
    for _ in range(20):
        visit = visits.new("workbooks")
        (visit.folder / "in").mkdir()
        (visit.folder / "in" / "a.xlsx").write_bytes(content)
        visits.end(visit)

    assert [path.name for path in visits.folder.iterdir()] == [".reportgen"]
    visits.close()


def test_files_that_are_worked_on_go_when_that_has_ended():
    visits, jobs = Visits(), Jobs()
    visit = visits.new("workbooks")

    def work(job):
        eventually(lambda: visits.get(visit.id) is None)
        assert visit.folder.exists()
        job.say()

    visit.job = Job(work)
    jobs.add(visit.job)
    eventually(lambda: visit.job.state == "running")
    visits.end(visit)

    eventually(lambda: not visit.folder.exists())
    assert visit.job.state == "failed"
    jobs.close(5)
    visits.close()


def test_work_that_nobody_wants_ends_at_the_next_unit():
    def work(job):
        job.stop()
        job.say()
        raise AssertionError

    job = Job(work)
    job.run()

    assert job.state == "failed"
    assert job.bug == ""
    with pytest.raises(StoppedError):
        job.say()


def test_what_a_killed_program_left_goes_at_the_next_start(tmp_path, monkeypatch):
    monkeypatch.setattr(visits_.tempfile, "tempdir", str(tmp_path))
    forgotten = tmp_path / "reportgen-page-old"
    (forgotten / "x").mkdir(parents=True)
    other = Visits()

    visits = Visits()

    assert not forgotten.exists()
    assert other.folder.exists()  # another program that is still there
    other.close()
    visits.close()


# -- the command --------------------------------------------------------------------------------


def started(*options, cwd, **more):
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(cwd / "tmp")}
    (cwd / "tmp").mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "reportgen", "serve", "--no-browser", *options],
        cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_end_takes_everything_with_it(office, number):
    process = started(cwd=office)
    line = process.stdout.readline()
    port, key = re.search(r"http://127\.0\.0\.1:(\d+)/open\?key=(\S+?)（", line).groups()
    browser = Browser(int(port), key)
    visit = sent(browser, office, 甲局="5", 乙局="6")
    browser.run(visit)
    assert any((office / "tmp").glob("reportgen-page-*"))

    process.send_signal(number)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out, err) == (0, "", "")
    assert not any((office / "tmp").glob("reportgen-page-*"))


def test_quit_ends_the_program(office):
    process = started(cwd=office)
    port, key = re.search(r":(\d+)/open\?key=(\S+?)（", process.stdout.readline()).groups()

    Browser(int(port), key).post("/quit")

    assert process.wait(30) == 0
    process.communicate()


def test_a_port_that_is_taken_is_told(browser, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["serve", "--no-browser", "--port", str(browser.port)])

    assert stop.value.code == 2
    assert f"端口 {browser.port} 用不了" in capsys.readouterr().err


def test_without_the_extra_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "reportgen.web.serve", None)

    with pytest.raises(SystemExit) as stop:
        main(["serve"])

    assert stop.value.code == 2
    assert "pip install reportgen[web]" in capsys.readouterr().err


def test_started_without_a_terminal_it_opens_the_page(monkeypatch):
    """As pythonw does with ``-m reportgen``: there is no stdout, and nobody would see the help."""
    from reportgen.web import serve

    asked = []
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "__stdout__", None)
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(serve, "end_as_by_ctrl_c", lambda: None)
    monkeypatch.setattr(
        serve,
        "serve",
        lambda sock, form, **more: (sock.close(), more["say"]("http://…"), asked.append(more)),
    )

    with pytest.raises(SystemExit) as stop:
        main([])

    for stream in (sys.stdout, sys.stderr):
        stream.close()
    assert stop.value.code == 0
    assert asked[0]["browser"] is True
    assert asked[0]["alone"] is True


def test_a_program_without_a_window_ends_when_nobody_looks(tmp_path):
    from threading import Event

    from reportgen.web import serve

    visits, over, ended = Visits(), Event(), Event()
    visits.quiet = serve._ALONE

    class Soon:
        def wait(self, _seconds):
            return ended.is_set()

    serve._sweep(visits, Soon(), ended.set)

    assert ended.is_set()
    over.set()
    visits.close()


def test_the_package_has_the_page_s_files():
    from reportgen.web.views import HERE

    assert {path.name for path in Path(HERE, "static").iterdir()} == {
        "app.css",
        "app.js",
        "icon.svg",
    }
