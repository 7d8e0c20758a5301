"""Whatever stands in a cell: it is on the page as it was entered, or a finding says so at that cell."""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conftest import examples
from reportgen import load_form, write_workbook
from reportgen.compute import compute
from reportgen.pipeline import Renderer, build_unit
from reportgen.samples import made_up
from reportgen.signs import is_blank
from reportgen.workbook.book import open_bytes
from reportgen.workbook.read import read_submission
from support_cells import DATES, FORMATS, Book, Stored
from support_docx import W, make_docx, parts_of
from support_proof import WRONG

TYPES = ("text", "narrative", "choice", "integer", "decimal", "percent", "year", "date", "yes_no")
CHOICES = ("甲类", "2020", "a & b")


def _fields(prefix):
    choices = f", choices = {list(CHOICES)}".replace("'", '"')
    return ", ".join(
        f'{{ label = "{prefix}{kind}", type = "{kind}"{choices if kind == "choice" else ""} }}'
        for kind in TYPES
    )


FORM = f"""
[form]
id = "values"
title = "各种格"
version = "1"
unit = "单位名称"

[[section]]
label = "录"
kind = "record"
fields = [{{ label = "单位名称" }}, {_fields("录")}]

[[section]]
label = "格"
kind = "grid"
columns = [{_fields("格")}]
rows = ["首行", "末行"]

[[section]]
label = "表"
kind = "table"
fields = [{{ label = "头" }}, {_fields("表")}]

[[section]]
label = "纲"
kind = "outline"

[[document]]
template = "页.docx"
output = "页.docx"
"""
#: What stands around each value on the page: no value has these signs.
OPEN, SHUT = "\u2983", "\u2984"


def _printed(name):
    return f"{OPEN}{{{{ {name} }}}}{SHUT}"


def _template(path):
    record = [f"录.录{kind}" for kind in TYPES]
    grid = [[f"格.{row}.格{kind}" for kind in TYPES] for row in ("首行", "末行")]
    row = [f"项.{name}" for name in ("头", *(f"表{kind}" for kind in TYPES))]
    loop = ["{%tr for 项 in 表 %}" + _printed(row[0]), *map(_printed, row[1:])]
    loop[-1] += "{%tr endfor %}"
    make_docx(
        path,
        *map(_printed, record),
        "".join(map(_printed, record)),
        [["首行"] * len(TYPES), *([_printed(name) for name in line] for line in grid)],
        [["头"] * len(row), loop, ["尾"] * len(row)],
        "{%p for 条 in 纲 %}",
        _printed("条.标题"),
        _printed("条.正文"),
        "{%p endfor %}",
        "完",
        header=["".join(map(_printed, record))],
    )


class Page:
    """The form, a workbook to fill, and the document of each filled one."""

    def __init__(self, folder):
        (folder / "form.toml").write_text(FORM, encoding="utf-8")
        _template(folder / "页.docx")
        self.form = load_form(folder)
        self.renderer = Renderer(self.form)
        empty = write_workbook(self.form, made_up(self.form))
        self.book = Book(empty)
        values = read_submission(open_bytes(empty, "甲局.xlsx"), self.form).values
        self.cells = {}
        for title, content in values.items():
            rows = content if isinstance(content, tuple) else [content]
            for number, row in enumerate(rows):
                for label, value in row.items():
                    if title == "格":
                        for column, one in value.items():
                            self.cells[title, label, column] = one.cell, one.field
                    elif label not in {"单位名称", "级", "头"}:
                        self.cells[title, number, label] = value.cell, value.field

    def of(self, filled):
        """Return what is printed of each key of *filled* (key → Stored) wherever it is, and the findings."""
        cells = {(self.cells[k][0].sheet, self.cells[k][0].ref): s for k, s in filled.items()}
        book = open_bytes(self.book.filled(cells), "甲局.xlsx")
        data = compute(read_submission(book, self.form))
        result = build_unit(data, "甲局.xlsx", self.renderer, draft=True)
        wrong, WRONG[:] = list(WRONG), []
        assert wrong == []
        (document,) = result.documents or [None]
        return (_pages(document.content) if document else None), result.findings


def _pages(document):
    """Return the texts between the marks, in order: of the body, and of the header."""
    found = []
    for name in ("word/document.xml", "word/header1.xml"):
        tree = etree.fromstring(parts_of(document)[name])
        nodes = tree.iter(f"{W}p", f"{W}t", f"{W}br", f"{W}tab")
        signs = {"p": "\n", "br": "\n", "tab": "\t"}
        text = [signs.get(node.tag[len(W) :], node.text or "") for node in nodes]
        found += re.findall(f"{OPEN}(.*?){SHUT}", "".join(text), re.DOTALL)
    return found


def _where(page):
    """Return the keys of ``Page.cells`` in the order in which ``_pages`` gives them."""
    record = [("录", 0, f"录{kind}") for kind in TYPES]
    grid = [("格", row, f"格{kind}") for row in ("首行", "末行") for kind in TYPES]
    rows = max(key[1] for key in page.cells if key[0] == "表") + 1
    table = [("表", n, f"表{k}" if k else "头") for n in range(rows) for k in ("", *TYPES)]
    last = max(key[1] for key in page.cells if key[0] == "纲") + 1
    outline = [("纲", n, label) for n in range(last) for label in ("标题", "正文")]
    return [*record, *record, *grid, *table, *outline, *record]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return Page(tmp_path_factory.mktemp("values"))


# -- what is stored --------------------------------------------------------------------------------

SIGNS = st.characters(exclude_categories=("Cs",), exclude_characters=f"{OPEN}{SHUT}\ufffd\r")
NASTY = st.sampled_from(
    [
        "&", "<b>", "]]>", "{{ 没有的 }}", "{% if %}", "{{", "}}", "{_{", "=1+1", "@SUM", "'x", '"', "_x000D_",
        "_x0041_", "\n", "\t", "\n\n", " ", "　", "\u00a0", "\u200b", "👨‍👩‍👧", "𠮷", "é", "e\u0301", "#DIV/0!",
        "合计", "1e5", "００１", "TRUE", "—", "/", "￥", "None", "甲类", "是", "2026年3月5日", "a\x0bb", "\x07",
        "第一段\n第二段\n", "  首行", "\u202e", "\\a", "\\n", "\ue000", "\u2028", "\x85", "①",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.one_of(NASTY, st.text(SIGNS, max_size=8)), min_size=1, max_size=6).map("".join),
    st.sampled_from(
        [*CHOICES, "是", "否", "√", "2020年", "2025年度", "2026-3-5", "2026/03/05", "20260305"]
    ),
)
#: Fifteen digits at most: more of them Excel does not keep.
NUMBERS = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places),
    st.one_of(st.integers(-200, 2200), st.integers(36000, 74000), st.integers(-(10**10), 10**15)),
    st.integers(0, 12),
)  # fmt: skip
DECORATED = st.builds(
    lambda number, how: how(format(number, "f")),
    NUMBERS,
    st.sampled_from(
        [
            str, lambda n: f" {n} ", lambda n: f"{n}%", lambda n: f"{Decimal(n):,f}", lambda n: f"{n}万元",
            lambda n: "".join(chr(ord(c) + 0xFEE0) for c in n), lambda n: f"约{n}", lambda n: f"{n}0",
            lambda n: f"{n}元", lambda n: f"0{n}", lambda n: f"（{n}）", lambda n: f"¥{n}", lambda n: f"{n} 1",
        ]
    ),
)  # fmt: skip


@st.composite
def stored(draw):
    shown = draw(st.sampled_from(["", "", *FORMATS]))
    match draw(st.sampled_from(["text", "text", "number", "number", "decorated", "day", "truth"])):
        case "truth":
            return Stored("truth", draw(st.sampled_from("01")), shown)
        case "day":
            how = draw(st.sampled_from(["number", "formula number"]))
            shown = draw(st.sampled_from(sorted(DATES)))
            return Stored(how, str(draw(st.integers(5000, 80000))), shown)
        case "number":
            how = draw(st.sampled_from(["number", "number", "formula number"]))
            number = draw(NUMBERS)
            return Stored(
                how, draw(st.sampled_from([format(number, "f"), repr(float(number))])), shown
            )
        case "decorated":
            text = draw(DECORATED)
        case _:
            text = draw(TEXTS)
    how = draw(st.sampled_from(["inline", "shared", "formula text", "rich shared", "rich inline"]))
    return Stored(how, text, shown)


@st.composite
def filled(draw, keys):
    chosen = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=24, unique=True))
    return {key: draw(stored()) for key in chosen}


# -- what may be printed of it ---------------------------------------------------------------------


def fits(one, field, text):
    """Whether *text* on the page is what was entered: by the words of design.md, not by our code."""
    if one.how == "truth":
        return text == {"yes_no": ("否", "是")}.get(field.type, ("FALSE", "TRUE"))[int(one.text)]
    day = one.is_day or (field.type == "date" and one.how in {"number", "formula number"})
    if day and Decimal(one.text) > 2958465:  # the last of 9999: Excel shows ####
        day = False
    if day and not Decimal(one.text):
        return text == "0:00"  # Excel shows no day for it: 1900/1/0
    if day and Decimal(one.text) < 61:  # of 1900, in which Excel has a 29 February
        return True
    if day and Decimal(one.text) != int(Decimal(one.text)):
        return text.startswith(
            f"{date(1899, 12, 30) + timedelta(days=int(Decimal(one.text))):%Y}年"
        )
    if day:
        day = date(1899, 12, 30) + timedelta(days=int(Decimal(one.text)))
        return text == f"{day.year}年{day.month}月{day.day}日"
    if one.how in {"number", "formula number"}:
        number = Decimal(format(float(one.text), ".15g"))
        if field.type == "percent":
            return text.endswith("%") and Decimal(text[:-1]) == number * 100
        return text == (format(number.normalize(), "f") if number else "0")
    entered = one.text
    if is_blank(entered):
        return is_blank(text)
    if field.type == "narrative":  # an empty line is no paragraph
        return _lines(text) == _lines(entered)
    if field.type == "date" and (ymd := re.findall(r"\d+", text)):
        entered = unicodedata.normalize("NFKC", entered)
        found = re.fullmatch(r"\s*(\d{4})(?:\D?)(\d\d?)(?:\D?)(\d\d?)\D?\s*", entered)
        return found is not None and [*map(int, found.groups())] == [*map(int, ymd)]
    if field.type == "yes_no":
        yes = unicodedata.normalize("NFKC", entered).strip().lower() in {
            "是",
            "√",
            "对",
            "true",
            "yes",
            "y",
        }
        return text == ("是" if yes else "否")
    if field.is_number:
        return text.strip() == entered.strip() or _number(text) == _number(entered)
    bare = entered.strip("\n") if field.type == "text" else entered
    return text == bare or (("\n" in entered or field.type != "text") and text == bare.strip())


def _lines(text):
    return [line for line in text.split("\n") if not is_blank(line)]


def _number(text):
    """Return the number in *text*, the decoration gone; a text that has none as it is."""
    bare = re.sub(r"[\s,]|年?度?$", "", unicodedata.normalize("NFKC", text))
    bare = re.sub(r"^\((.*)\)$", r"-\1", bare.lstrip("¥"))
    try:
        return Decimal(bare[:-1]) / 100 if bare.endswith("%") else Decimal(bare)
    except InvalidOperation:
        return text


@examples(30)
@given(st.data())
def test_what_is_in_a_cell_is_on_the_page_or_a_finding_is_at_the_cell(page, data):
    entered = data.draw(filled(sorted(page.cells, key=str)))

    printed, findings = page.of(entered)

    told = {(f.place.sheet, f.place.cell) for f in findings}
    lost = []
    if printed is None:
        assert any(f.level == "error" for f in findings)
        return
    keys = _where(page)
    assert len(printed) == len(keys)
    for key, text in zip(keys, printed, strict=True):
        if (one := entered.get(key)) is None:
            continue
        cell, field = page.cells[key]
        if (cell.sheet, cell.ref) not in told and not fits(one, field, text):
            lost.append((key, one, text))
    assert lost == [], [(f.code, f.place.sheet, f.place.cell) for f in findings]
