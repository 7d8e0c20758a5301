"""The page in a real browser: the whole way from dropped workbooks to opened documents."""

import io
import os
import re
import shutil
import tomllib
import zipfile

import docx
import openpyxl
import pypdf
import pytest

from conftest import FORM, ROOT
from docs.pictures_browser import SHOWN, as_listed, go, text_of
from reportgen import load_form, write_workbook
from reportgen.values import from_plain
from reportgen.web.visits import Visit
from support_docx import make_docx
from support_web import eventually, serving

UNITS = ("甲街道办事处", "乙镇人民政府", "丙局")
WRONG = "约375万"


@pytest.fixture(scope="session")
def chromium():
    """Yield the system's chromium; without it the tests skip, but fail where CI promises it."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("chromium is not installed: the page is not looked at")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, monkeypatch):
    """Yield the page, opened by its address, in a window of an office screen; it says nothing wrong."""
    said = []
    with serving(monkeypatch, ROOT) as server:
        context = chromium.new_context(
            viewport={"width": 1366, "height": 768}, locale="zh-CN", accept_downloads=True
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        asked = []
        page.goto(f"http://127.0.0.1:{server.port}/open?key={server.key}")
        page.wait_for_url(f"http://127.0.0.1:{server.port}/")
        yield page
        context.close()
    assert said == []
    assert {re.match(r"\w+:(//)?[^/]*", url)[0] for url in asked} <= {
        f"http://127.0.0.1:{server.port}"
    }  # nothing comes from anywhere else


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory):
    """Return the folder with a workbook a unit, the last of them with an error."""
    folder, form = tmp_path_factory.mktemp("报送"), load_form(FORM)
    plain = tomllib.loads((FORM / "sample.toml").read_text(encoding="utf-8"))
    for number, unit in enumerate(UNITS, 1):
        plain["基本信息"] |= {"单位名称": unit, "单位代码": f"00100{number}"}
        book = openpyxl.load_workbook(io.BytesIO(write_workbook(form, from_plain(plain, form))))
        if unit == UNITS[-1]:
            sheet = book["基本支出"]
            (cell,) = (
                row[1] for row in sheet.iter_rows() if str(row[0].value).startswith("决算数")
            )
            cell.value = WRONG
        book.save(folder / f"{unit}.xlsx")
    return folder


def drag(page, *paths):
    """Drag files from a folder's window onto the page, as the system tells the browser."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for what in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": what, "x": 500, "y": 220, "data": data})


def saved(page, click):
    """Return what is downloaded by a click on *click*, and its name."""
    with page.expect_download() as coming:
        page.click(click)
    return coming.value.suggested_filename, coming.value.path().read_bytes()


def test_from_three_dropped_workbooks_to_opened_documents(page, workbooks, soffice):
    drag(page, *sorted(workbooks.glob("*.xlsx")))
    page.wait_for_selector("text=已选工作簿 3 份")
    page.click("text=检查并生成报告")
    page.wait_for_selector("text=3 份工作簿，1 份有错误要改")

    # the wrong cell, among its neighbours
    page.click("text=丙局.xlsx")
    assert page.inner_text(".piece td.wrong") == WRONG
    assert page.inner_text(".piece td.head >> nth=1") == "填报内容"
    assert "只填数字" in page.inner_text(".finding .hint")
    name, content = saved(page, "text=下载退回件")
    assert name == "丙局（退回件）.xlsx"
    assert "检查结果" in openpyxl.load_workbook(io.BytesIO(content)).sheetnames

    # a good one, page by page
    page.click(".list >> text=甲街道办事处")
    name, content = saved(page, "text=下载 Word >> nth=0")
    assert name == "甲街道办事处2020年度部门整体支出绩效自评报告.docx"
    assert "甲街道办事处" in docx.Document(io.BytesIO(content)).paragraphs[0].text
    page.click("text=预览 >> nth=0")
    page.wait_for_selector(".paper img")
    assert page.evaluate("document.querySelector('.paper img').decode().then(() => true)")
    pages = page.locator(".paper figure").count()
    name, content = saved(page, "text=下载 PDF")
    pdf = pypdf.PdfReader(io.BytesIO(content))
    assert len(pdf.pages) == pages > 1
    assert "甲街道办事处" in pdf.pages[0].extract_text().replace(" ", "")
    page.click("text=返回")
    page.wait_for_selector("h1:has-text('甲街道办事处')")

    # everything, with PDFs
    page.click("text=全部 3 份")
    page.click("text=全部转成 PDF")
    page.wait_for_selector("text=全部转成 PDF", state="detached")
    page.wait_for_selector(".tabs")
    _, content = saved(page, "text=全部下载")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = package.namelist()
        assert package.testzip() is None
        for one in names:
            if one.endswith(".docx"):
                assert docx.Document(io.BytesIO(package.read(one))).paragraphs
            if one.endswith(".pdf"):
                assert pypdf.PdfReader(io.BytesIO(package.read(one))).pages
    documents = [one for one in names if one.endswith(".docx")]
    assert {one.partition("2020")[0] for one in documents if "自评报告" in one} == set(UNITS[:2])
    assert sorted(one[:-5] for one in documents) == sorted(
        one[:-4] for one in names if one.endswith(".pdf")
    )
    assert "退回件/丙局.xlsx" in names

    # the wrong one is put right and dropped again
    right = workbooks / "改好" / "丙局.xlsx"
    right.parent.mkdir(exist_ok=True)
    book = openpyxl.load_workbook(workbooks / "丙局.xlsx")
    sheet = book["基本支出"]
    (cell,) = (row[1] for row in sheet.iter_rows() if row[1].value == WRONG)
    cell.value = 375.23
    book.save(right)
    drag(page, right)
    page.wait_for_selector("text=3 份工作簿，都没有错误")


def test_a_dropped_folder_brings_its_workbooks_and_the_list(page, workbooks, tmp_path):
    folder = tmp_path / "报送"
    (folder / "一科").mkdir(parents=True)
    shutil.copy(workbooks / "甲街道办事处.xlsx", folder / "一科" / "甲.xlsx")
    shutil.copy(workbooks / "丙局.xlsx", folder / "丙.xlsx")
    (folder / "说明.txt").write_text("x")
    (folder / "~$丙.xlsx").write_text("x")
    book = openpyxl.Workbook()
    for row in (
        ("单位代码", "单位名称"),
        ("001001", UNITS[0]),
        ("001003", UNITS[2]),
        ("9", "丁校"),
    ):
        book.active.append(row)
    book.save(folder / "单位名单.xlsx")

    drag(page, folder)
    page.wait_for_selector("text=已选工作簿 2 份")
    assert page.inner_text("#list li >> nth=0").startswith("报送/")
    page.click("text=检查并生成报告")
    page.click("text=报送进度")

    assert "".join(page.inner_text(".counts").split()) == "1已完成1有错误1未报"
    page.click("text=汇总数据")
    assert page.locator("figure").count() > 0


def test_a_template_is_dropped_looked_through_and_shown(page, tmp_path, soffice):
    template = tmp_path / "自评报告（2020提纲）.docx"
    make_docx(template, "一、基本情况", "{{ 单位名称 }}共支出{{ 整体之出 }}万元。")
    page.click("text=Word 模板")
    page.wait_for_url("**/word")
    drag(page, template)
    page.wait_for_selector("#chosen")
    assert page.input_value(".of-form:not([hidden]) select") == template.name
    page.click("text=检查这份模板")

    page.wait_for_selector(".words mark")
    assert page.inner_text(".words mark") == "{{ 整体之出 }}"
    assert page.inner_text(".words .here") == "{{ 单位名称 }}共支出{{ 整体之出 }}万元。"
    assert "是不是“整体支出”" in page.inner_text(".finding.error")

    page.click("text=可以用的名称")
    page.fill("#find", "整体支出")
    page.click("button.copy:has-text('{{ 整体支出 }}')")
    page.wait_for_selector("text=已复制：{{ 整体支出 }}")
    assert page.evaluate("navigator.clipboard.readText()") == "{{ 整体支出 }}"

    page.click(".tabs >> text=预览")
    page.click("text=印出名称")
    page.click("tr:has-text('项目支出绩效自评表') >> text=预览")
    page.wait_for_selector(".paper img")


def test_the_pictures_of_the_page_are_true(page, soffice, tmp_path):
    """What the manual's pictures show is what the page says now: else ``make pictures``."""
    seen = {}
    go(page, tmp_path, lambda name: seen.update({name: text_of(page)}))

    assert as_listed(seen) == SHOWN.read_text(encoding="utf-8")


def test_the_keyboard_is_enough(page, workbooks):
    """Tab reaches all that can be done, in order, and Enter does it."""
    reached = []
    for _ in range(10):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(
            "(document.activeElement.id || document.activeElement.textContent).trim()"
        ))  # fmt: skip
    assert reached == [
        "跳到正文", "reportgen", "检查和生成报告", "Word 模板", "quit", "files", "folder", "roster",
        "form", "draft",
    ]  # fmt: skip

    page.set_input_files("#files", workbooks / "甲街道办事处.xlsx")
    page.focus("#go")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=没有发现问题")


def test_a_page_says_that_it_is_there_and_that_it_was_left(page, workbooks, monkeypatch):
    heard = []
    monkeypatch.setattr(Visit, "seen", lambda visit: heard.append((visit.id, "seen")))
    monkeypatch.setattr(Visit, "left", lambda visit: heard.append((visit.id, "left")))
    page.set_input_files("#files", workbooks / "甲街道办事处.xlsx")
    page.click("text=检查并生成报告")
    page.wait_for_selector("text=没有发现问题")
    visit = page.url.rpartition("/")[2]
    heard.clear()
    page.reload()
    eventually(lambda: {(visit, "left"), (visit, "seen")} <= {*heard})
    heard.clear()

    page.click("text=Word 模板")
    page.wait_for_url("**/word")

    eventually(lambda: heard == [(visit, "left")])


@pytest.mark.parametrize("width", [1366, 1093, 800])
def test_nothing_is_wider_than_the_screen(page, workbooks, width):
    """1366 is the office screen, 1093 the same at 125 %."""
    page.set_viewport_size({"width": width, "height": 614})
    page.set_input_files("#files", sorted(workbooks.glob("*.xlsx")))
    seen = [page.url]
    page.click("text=检查并生成报告")
    page.wait_for_selector(".tabs")
    seen += [page.url + tab for tab in ("", "?tab=figures", "/u/1", "/u/2", "/u/3")]
    page.goto(page.url.partition("/v/")[0] + "/word")
    seen.append(page.url)
    page.click("text=检查、查名称、预览")
    page.wait_for_selector(".tabs")
    seen += [page.url + tab for tab in ("", "?tab=names")]

    for url in seen:
        page.goto(url)
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not wide, url


def test_the_program_is_ended_from_the_page(chromium):
    with serving() as server:
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/open?key={server.key}")
        page.on("dialog", lambda dialog: dialog.accept())
        page.click("#quit")
        page.wait_for_selector("text=程序已退出")
        page.close()
        server.gone = True
