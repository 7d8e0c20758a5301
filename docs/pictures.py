"""Redo the README's pictures: a filled sheet of the sample, and two pages that are made from it.

Both come from the program itself: `reportgen workbook --sample` and `reportgen build`, printed by
LibreOffice and cut to the useful part. `make pictures` runs this; it needs libreoffice-writer,
libreoffice-calc, fonts-noto-cjk and poppler-utils.
"""

import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl
from openpyxl.worksheet.properties import PageSetupProperties

from reportgen.workbook.layout import FIRST_ROW

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
SHEET, COLUMNS = "项目明细", "A:E"
#: The form's own words: a heading of this sheet's table, and where the picture of its page ends.
FIRST, LAST = "指标总额", "可持续影响等。"
#: The documents that are shown, by words of their names.
REPORT, ANNEX = "自评报告", "整体支出绩效自评表"
WIDTH = 1100
MARGIN = 8  # points left around what is cut out

# free fonts in the place of those that official documents ask for and few machines outside have
_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include>{aliases}</fontconfig>"""
_ALIAS = """<match target="pattern"><test name="family"><string>{asked}</string></test>
<edit name="family" mode="assign" binding="strong"><string>{given}</string></edit></match>"""
_SERIF = ("仿宋", "仿宋_GB2312", "宋体", "楷体", "楷体_GB2312", "方正小标宋简体", "Times New Roman")
_SANS = ("黑体", "微软雅黑", "等线")


def main() -> None:
    """Make the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        made = work / "in"
        reportgen = [sys.executable, "-m", "reportgen"]
        run([*reportgen, "workbook", "--sample", "-o", str(made)])
        run([*reportgen, "build", str(made), "-o", str(work / "out")])
        for path in sorted(made.glob("*.xlsx")):
            if not one_sheet(path):
                path.unlink()
        workbook = next(iter(made.glob("*.xlsx")))
        unit = workbook.name.partition("_")[0]
        report, annex = (
            next((work / "out").glob(f"*{unit}*{words}*.docx")) for words in (REPORT, ANNEX)
        )
        IMAGES.mkdir(exist_ok=True)
        sheet, page, wide = (to_pdf(path, work) for path in (workbook, report, annex))
        picture(sheet, 1, ink(sheet, 1), IMAGES / "workbook.png")
        number = page_with(page, FIRST)
        left, top, right, _ = ink(page, number)
        box = left, top, right, bottom_of(page, number, LAST) - MARGIN
        picture(page, number, box, IMAGES / "report.png", "-gray")
        picture(wide, 1, ink(wide, 1), IMAGES / "annex.png", "-gray")


def run(command: list[str], **environment: str) -> None:
    """Run *command* quietly; it must succeed."""
    subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **environment}
    )


def one_sheet(path: Path) -> bool:
    """Make the workbook print nothing but SHEET, as on the screen; false if that is empty."""
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    rows = [row[0].row for row in sheet.iter_rows(min_row=FIRST_ROW) if row[0].value]
    if not rows:
        return False
    for other in book.worksheets:
        if other is not sheet:
            other.sheet_state = "hidden"
    book.active = sheet
    first, last = COLUMNS.split(":")
    sheet.print_area = f"{first}1:{last}{rows[-1] + 2}"
    sheet.print_title_rows = None
    sheet.print_options.headings = True
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.oddFooter.center.text = sheet.oddHeader.center.text = None
    book.save(path)
    return True


def to_pdf(path: Path, folder: Path) -> Path:
    """Let LibreOffice print *path* with free Chinese fonts."""
    fonts = folder / "fonts.conf"
    aliases = [
        _ALIAS.format(asked=asked, given=given)
        for names, given in ((_SERIF, "Noto Serif CJK SC"), (_SANS, "Noto Sans CJK SC"))
        for asked in names
    ]
    fonts.write_text(_FONTS.format(aliases="".join(aliases)), encoding="utf-8")
    run(
        [
            "soffice",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder),
            str(path),
        ],
        FONTCONFIG_FILE=str(fonts),
    )
    return folder / f"{path.stem}.pdf"


def output(*command: str) -> bytes:
    """Return what *command* prints."""
    return subprocess.run(command, check=True, capture_output=True).stdout


def page_with(pdf: Path, words: str) -> int:
    """Return the number of the first page with *words*, counted from 1."""
    pages = output("pdftotext", "-raw", str(pdf), "-").decode().split("\f")
    return next(number for number, page in enumerate(pages, 1) if words in "".join(page.split()))


def bottom_of(pdf: Path, page: int, words: str) -> int:
    """Return where the line that ends in *words* ends, in points from the top of the page."""
    at_page = ["-f", str(page), "-l", str(page)]
    text = output("pdftotext", "-bbox-layout", *at_page, str(pdf), "-").decode()
    for line in re.finditer(r'<line [^>]*yMax="([\d.]+)">(.*?)</line>', text, re.DOTALL):
        if "".join(re.sub("<[^>]*>", "", line[2]).split()).endswith(words):
            return math.ceil(float(line[1]))
    sys.exit(f"page {page} has no line that ends in {words}")


def ink(pdf: Path, page: int) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of what is printed on a page, in points."""
    data = output("pdftoppm", "-r", "72", "-gray", "-f", str(page), "-l", str(page), str(pdf))
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", data)
    if head is None:
        sys.exit("pdftoppm gave no picture")
    width, height, pixels = int(head[1]), int(head[2]), data[head.end() :]
    lines = [pixels[y * width : (y + 1) * width] for y in range(height)]
    rows = [y for y, line in enumerate(lines) if min(line) < 250]
    columns = [x for x in range(width) if min(pixels[x::width]) < 250]
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def picture(
    pdf: Path, page: int, around: tuple[int, int, int, int], target: Path, *options: str
) -> None:
    """Cut what is *around*, in points, from a page, as a PNG of WIDTH pixels."""
    left, top, right, bottom = around
    left, top = max(left - MARGIN, 0), max(top - MARGIN, 0)
    width, height = right + MARGIN - left, bottom + MARGIN - top
    scale = WIDTH / width
    box = {"-x": left, "-y": top, "-W": width, "-H": height}
    cut = [part for name, at in box.items() for part in (name, str(round(at * scale)))]
    at_page = ["-f", str(page), "-l", str(page), "-r", str(72 * scale)]
    made = ["-png", "-singlefile", *options, *at_page, *cut, str(pdf), str(target.with_suffix(""))]
    output("pdftoppm", *made)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
