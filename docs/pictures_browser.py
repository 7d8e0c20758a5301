"""Pictures of the page of `reportgen serve` on the way through it: in chromium, with made-up units.

`make pictures` runs this; it needs chromium, libreoffice-writer, fonts-noto-cjk and poppler-utils.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import openpyxl
from docx import Document
from playwright.sync_api import Page, sync_playwright

from reportgen import load_form, write_workbook
from reportgen.values import from_plain

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "manual" / "images"
#: What the pictures show, as text: by it a test sees that they are still true.
SHOWN = IMAGES / "shown-browser.txt"
FORM = ROOT / "templates" / "self-evaluation"
SCREEN = {"width": 1366, "height": 768}
#: Made-up units: what they had at the beginning of the year, and what came in its course (万元).
UNITS = {
    "城东街道征地服务中心": ("512.40", "38.25"), "城南街道征地服务中心": ("88.16", "12"),
    "城西街道征地服务中心": ("340.75", "96.30"), "城北街道征地服务中心": ("126.49", "6.91"),
    "江滨街道征地服务中心": ("203.58", "21.47"), "高新街道征地服务中心": ("158.02", "-9.60"),
}  # fmt: skip
FIRST, WRONG, NOT_SENT = "城东街道征地服务中心", "城南街道征地服务中心", "湖心街道征地服务中心"
TEMPLATE = "自评报告（2023提纲）.docx"


def main() -> None:
    """Make the pictures, and write down what they show."""
    seen: dict[str, str] = {}
    chromium = shutil.which("chromium") or sys.exit("chromium is not installed")
    with tempfile.TemporaryDirectory() as folder, served() as address, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SCREEN, locale="zh-CN")
        page.set_default_timeout(120_000)
        page.goto(address)
        page.wait_for_selector("#files", state="attached")

        def look(name: str) -> None:
            seen[name] = text_of(page)
            picture(page, name)

        go(page, Path(folder), look)
        browser.close()
    SHOWN.write_text(as_listed(seen), encoding="utf-8")


def go(page: Page, work: Path, look: Callable[[str], None]) -> None:
    """Go all ways through the page, with files written into *work*; *look* at each place by its name."""
    write_units(work)
    page.set_input_files("#files", sorted(work.glob("*.xlsx")))
    page.wait_for_selector("#say:not(.on)", state="attached")
    page.click("#go")
    arrive(page, ".tabs")
    look("result")
    page.click(f"text={WRONG}.xlsx")
    arrive(page, ".finding")
    page.click("text=← 全部")
    page.click("text=报送进度")
    arrive(page, ".counts")
    look("progress")
    page.click("text=汇总数据")
    arrive(page, ".charts")
    look("figures")
    page.click(".tabs >> text=工作簿")
    page.click(f"text={FIRST}.xlsx")
    page.click("text=预览 >> nth=0")
    arrive(page, ".paper img")
    page.evaluate("document.querySelector('.paper img').decode()")
    look("preview")

    write_template(work / TEMPLATE)
    page.click("text=Word 模板")
    arrive(page, "#word")
    page.set_input_files("#files", work / TEMPLATE)
    page.click("text=检查这份模板")
    arrive(page, ".words mark")
    look("template")
    page.click("text=可以用的名称")
    arrive(page, "#find")
    page.fill("#find", "决算")
    look("names")


def arrive(page: Page, place: str) -> None:
    """Wait for the page that has *place*, its looks included."""
    page.wait_for_selector(place)
    page.wait_for_load_state("load")


def text_of(page: Page) -> str:
    """Return what the page says, a line for a line."""
    lines = (" ".join(line.split()) for line in page.inner_text("main").splitlines())
    return "\n".join(line for line in lines if line)


def as_listed(seen: Mapping[str, str]) -> str:
    """Return what the pictures show, each under the name of its file."""
    return "".join(f"== page-{name}.png\n{text}\n" for name, text in seen.items())


def picture(page: Page, name: str) -> None:
    """Take a picture of the screen; of a page that ends above the screen's end, of that alone."""
    page.mouse.move(SCREEN["width"] - 1, SCREEN["height"] - 1)  # over nothing
    page.evaluate("document.activeElement.blur()")
    end = page.evaluate("document.getElementById('main').getBoundingClientRect().bottom")
    height = min(SCREEN["height"], int(end))
    target = IMAGES / f"page-{name}.png"
    page.screenshot(path=target, clip={"x": 0, "y": 0, "width": SCREEN["width"], "height": height})
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB")


def write_units(folder: Path) -> None:
    """Write a workbook a unit, one of them with errors, and the list of units."""
    form = load_form(FORM)
    text = (FORM / "sample-2023.toml").read_text(encoding="utf-8")
    listed = openpyxl.Workbook()
    listed.active.append(("单位代码", "单位名称"))
    for number, (unit, (budget, added)) in enumerate(UNITS.items(), 1):
        plain = tomllib.loads(text)
        plain["基本信息"] |= {"单位名称": unit, "单位代码": f"00100{number}"}
        plain["收入"] |= {"年初预算数": budget, "调整追加数": added}
        plain["基本支出"]["决算数"] = str(Decimal(budget) + Decimal(added))
        content = write_workbook(form, from_plain(plain, form))
        (folder / f"{unit}.xlsx").write_bytes(with_errors(content) if unit == WRONG else content)
        listed.active.append((f"00100{number}", unit))
    listed.active.append(("001009", NOT_SENT))
    listed.save(folder / "单位名单.xlsx")


def with_errors(content: bytes) -> bytes:
    """Return a workbook in which a number is a word, and another does not add up."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet, label, value in (("收入", "调整追加数", "约12万"), ("基本支出", "决算数", 100.61)):
        row = next(row for row in book[sheet].iter_rows() if str(row[0].value).startswith(label))
        row[1].value = value
    changed = io.BytesIO()
    book.save(changed)
    return changed.getvalue()


def write_template(path: Path) -> None:
    """Write a template with two slips of the pen in it."""
    document = Document()
    for text in (
        "一、部门基本情况",
        "{{ 单位名称 }}为{{ 机构规格 }}，{{ 经费形式 }}。",
        "二、收支情况",
        "{{ 年度 }}年收入{{ 收入.合计 }}万元，支出{{ 整体之出|小数(2) }}万元。",
        "三、绩效情况",
        "{%p for 项 in 整体支出绩效情况 %}",
        "{{ 项.编号 }}{{ 项.标题 }}",
    ):
        document.add_paragraph(text)
    document.save(path)


@contextmanager
def served() -> Iterator[str]:
    """Serve the page, and yield its address."""
    command = [sys.executable, "-m", "reportgen", "serve", "--no-browser"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+?(?=（)", process.stdout.readline())
        yield found[0] if found else sys.exit("the page was not served")
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
