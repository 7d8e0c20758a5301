"""Redo the pictures of the manual: a sheet, findings on screen, a marked copy, two pages of reports.

All come from the program itself: `workbook --sample`, `check --mark` and `build`, printed by
LibreOffice and cut to the useful part; the page of `serve` is opened in a browser. `make pictures`
runs this; it needs libreoffice-writer, libreoffice-calc, fonts-noto-cjk, poppler-utils, chromium.
What the pictures show stands beside them as text, in shown.txt: by it a test sees, without any of
these, that they are still true.
"""

import contextlib
import io
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
from docx.shared import Pt
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from docs.pictures_page import page_pictures, page_texts
from reportgen.cli import main as reportgen
from reportgen.workbook.layout import FIRST_ROW

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "manual" / "images"
SHOWN = IMAGES / "shown.txt"
SHEET, COLUMNS = "项目明细", "A:E"
RESULTS = "检查结果"
#: What is done to the sample, so that there is something to find: sheet, cell, what is typed there.
MISTAKES = (("基本支出", "B6", "约375万"), (SHEET, "B7", "经费"), (SHEET, "E7", 9999))
#: The form's own words: a heading of this sheet's table, and where the picture of its page ends.
FIRST, LAST = "指标总额", "可持续影响等。"
#: The documents that are shown, by words of their names.
REPORT, ANNEX = "自评报告", "整体支出绩效自评表"
COMMAND = ["check", "甲局.xlsx", "--mark", "退回件"]
WIDTH = 1100
MARGIN = 8  # points left around what is cut out

# free fonts in the place of those that official documents ask for and few machines outside have
_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include>{aliases}</fontconfig>"""
_ALIAS = """<match target="pattern"><test name="family"><string>{asked}</string></test>
<edit name="family" mode="assign" binding="strong"><string>{given}</string></edit></match>"""
_SERIF = ("仿宋", "仿宋_GB2312", "宋体", "楷体", "楷体_GB2312", "方正小标宋简体", "Times New Roman")
_SANS = ("黑体", "微软雅黑", "等线")
MONO = "Noto Sans Mono CJK SC"


def main() -> None:
    """Make the pictures, and write down what they show."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        made = Made(work)
        IMAGES.mkdir(exist_ok=True)
        SHOWN.write_text(made.shown(), encoding="utf-8")
        for name in ("workbook", "marked", "results"):
            sheet = to_pdf(made.sheet(name), work)
            picture(sheet, 1, ink(sheet, 1), IMAGES / f"{name}.png")
        screen = to_pdf(made.screen(), work)
        picture(screen, 1, ink(screen, 1), IMAGES / "findings.png", "-gray")
        page, wide = to_pdf(made.report, work), to_pdf(made.annex, work)
        number = page_with(page, FIRST)
        left, top, right, _ = ink(page, number)
        box = left, top, right, bottom_of(page, number, LAST) - MARGIN
        picture(page, number, box, IMAGES / "report.png", "-gray")
        picture(wide, 1, ink(wide, 1), IMAGES / "annex.png", "-gray")
        with contextlib.chdir(work):
            page_pictures(Path("甲局.xlsx"), IMAGES)


class Made:
    """What is shown, made by the program in the folder *work*."""

    def __init__(self, work: Path) -> None:
        self.work = work
        with contextlib.chdir(work):
            shutil.copytree(ROOT / "templates", "templates")
            said("workbook", "--sample", "--form", "self-evaluation", "-o", "in")
            said("build", "in", "-o", "out", "--jobs", "1")
            self.workbook = next(path for path in sorted(Path("in").glob("*.xlsx")) if rows(path))
            unit = self.workbook.name.partition("_")[0]
            self.report, self.annex = (
                next((work / "out").glob(f"*{unit}*{words}*.docx")) for words in (REPORT, ANNEX)
            )
            book = openpyxl.load_workbook(self.workbook)
            for sheet, cell, typed in MISTAKES:
                book[sheet][cell] = typed
            book.save("甲局.xlsx")
            self.findings = said(*COMMAND)

    def sheet(self, name: str) -> Path:
        """Return a workbook that prints nothing but the sheet of the picture *name*."""
        path, title, columns = {
            "workbook": (self.work / self.workbook, SHEET, COLUMNS),
            "marked": (self.work / "退回件" / "甲局.xlsx", SHEET, COLUMNS),
            "results": (self.work / "退回件" / "甲局.xlsx", RESULTS, "A:I"),
        }[name]
        book = openpyxl.load_workbook(path)
        one_sheet(book[title], columns)
        there = self.work / f"{name}.xlsx"
        book.save(there)
        return there

    def screen(self) -> Path:
        """Return a document that looks like the screen: what `check` says."""
        document = docx.Document()
        section = document.sections[0]
        section.page_width, section.left_margin, section.right_margin = Pt(620), Pt(20), Pt(20)
        style = document.styles["Normal"]
        style.font.size, style.paragraph_format.space_after = Pt(10.5), Pt(0)
        style.font.name = MONO
        style.element.rPr.rFonts.set(docx.oxml.ns.qn("w:eastAsia"), MONO)
        for line in self.screen_lines():
            document.add_paragraph(line)
        path = self.work / "screen.docx"
        document.save(str(path))
        return path

    def screen_lines(self) -> list[str]:
        """Return the command and what it printed, line by line."""
        return [f"$ reportgen {' '.join(COMMAND)}", *self.findings.splitlines()]

    def shown(self) -> str:
        """Return what the pictures show, as text."""
        parts = {
            "findings.png": self.screen_lines(),
            **{
                f"{name}.png": cells_of(self.sheet(name))
                for name in ("workbook", "marked", "results")
            },
            "report.png": text_of(self.report),
            "annex.png": text_of(self.annex),
        }
        with contextlib.chdir(self.work):
            parts |= page_texts(Path("甲局.xlsx"))
        return "".join("\n".join([f"== {name}", *lines, ""]) for name, lines in parts.items())


def said(*command: str) -> str:
    """Return what a command of ours prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        try:
            reportgen(command)
        except SystemExit as stop:
            if stop.code not in {0, 1}:
                raise
    return printed.getvalue()


def rows(path: Path) -> list[int]:
    """Return the rows of SHEET that are filled in."""
    sheet = openpyxl.load_workbook(path)[SHEET]
    return [row[0].row for row in sheet.iter_rows(min_row=FIRST_ROW) if row[0].value]


def one_sheet(sheet: Worksheet, columns: str) -> None:
    """Make the workbook of *sheet* print nothing but its filled rows, as on the screen."""
    filled = [row[0].row for row in sheet.iter_rows(max_col=1) if row[0].value]
    for other in sheet.parent.worksheets:
        if other is not sheet:
            other.sheet_state = "hidden"
    sheet.parent.active = sheet
    first, last = columns.split(":")
    sheet.print_area = f"{first}1:{last}{filled[-1] + 2}"
    sheet.print_title_rows = None
    sheet.print_options.headings = True
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.oddFooter.center.text = sheet.oddHeader.center.text = None


def cells_of(path: Path) -> Iterator[str]:
    """Yield the cells of the sheet that *path* prints: place, colour, text; and how wide columns are."""
    sheet = openpyxl.load_workbook(path).active
    widths = (sheet.column_dimensions[letter].width for letter in "ABCDE")
    yield "columns: " + " ".join(f"{width:g}" for width in widths)
    for row in sheet[sheet.print_area.replace("$", "").rpartition("!")[2]]:
        for cell in row:
            if cell.value is not None or cell.fill.patternType:
                value = "=" if cell.data_type == "f" else cell.value or ""
                shown = f"{cell.coordinate} {cell.fill.fgColor.rgb} {value}"
                yield shown.rstrip().replace("\n", "⏎")


def text_of(path: Path) -> Iterator[str]:
    """Yield the paragraphs of a document, those of its tables too."""
    for paragraph in docx.Document(str(path)).element.body.iter(docx.oxml.ns.qn("w:p")):
        if text := "".join(paragraph.itertext()).strip():
            yield text


def run(command: list[str], **environment: str) -> None:
    """Run *command* quietly; it must succeed."""
    subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **environment}
    )


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
