"""Pictures of the page of ``reportgen serve``: how it begins, and what it says of a workbook.

The page is served and opened in the system's chromium; its texts are read without any browser.
"""

import html
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support_web import Browser, serving

HOME, FINDINGS = "page.png", "page-findings.png"
SIZE = {"width": 1100, "height": 740}


@contextmanager
def served(workbook: Path) -> Iterator[tuple[Browser, Mapping[str, str]]]:
    """Serve the page to which *workbook* was given; yield who has opened it, and a path a picture."""
    with serving() as browser:
        visit = browser.begin()
        browser.upload(visit, workbook.name, workbook.read_bytes())
        browser.run(visit)
        yield browser, {HOME: "/", FINDINGS: f"/v/{visit}/u/1"}


def page_texts(workbook: Path) -> dict[str, list[str]]:
    """Return what the pictures show, line by line."""
    with served(workbook) as (browser, paths):
        return {name: list(_lines(browser.page(path))) for name, path in paths.items()}


def _lines(page: str) -> Iterator[str]:
    text = re.sub(r"(?s)<(script|style|head)\b.*?</\1>|<[^>]*>", " ", page)
    for line in html.unescape(text).splitlines():
        if words := " ".join(line.split()):
            yield words


def page_pictures(workbook: Path, folder: Path) -> None:
    """Make the pictures in *folder*."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        sys.exit("chromium is not installed")
    with served(workbook) as (browser, paths), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = chromium.new_context(viewport=SIZE, locale="zh-CN").new_page()
        address = f"http://127.0.0.1:{browser.port}"
        page.goto(f"{address}/open?key={browser.key}")
        for name, path in paths.items():
            page.goto(f"{address}{path}", wait_until="load")
            page.screenshot(path=folder / name)
        chromium.close()
