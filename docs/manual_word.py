"""The manual as a Word document, made by reportgen itself: pages → values → 使用手册.docx.

The form is docs/manual-form. Its template is edited in Word like any other; here the pages become
the values that fill it, block by block, in the order of the site's contents.
"""

import re
import tomllib
from collections.abc import Iterator

import markdown
from lxml import html

from docs.reference import PAGES, ROOT, contents
from reportgen import load_form
from reportgen.compute import compute
from reportgen.pipeline import Renderer, UnitResult, build_unit
from reportgen.values import from_plain

FORM = ROOT / "docs" / "manual-form"
TITLE = "reportgen 使用手册"
#: The first page has the name of the whole; in the document that stands on the cover.
_FIRST = "概述"
_HEADINGS = {"h1": "章", "h2": "节", "h3": "小节"}
_COLUMNS = ("文字", "第二格", "第三格", "第四格", "第五格")
_TABLES = {2: "二列表", 3: "三列表", 4: "四列表", 5: "五列表"}

Block = list[dict[str, str]]


def build_word() -> UnitResult:
    """Return the document and what reportgen has to say of it."""
    form = load_form(FORM)
    data = compute(from_plain(values(), form))
    return build_unit(data, "manual", Renderer(form), PAGES)


def values() -> dict[str, object]:
    """Return the pages as values of the form."""
    blocks = (block for page in contents() for block in blocks_of(page.read_text(encoding="utf-8")))
    rows = [{"块": str(number), **row} for number, block in enumerate(blocks, 1) for row in block]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"封面": {"书名": TITLE, "版本": project["version"]}, "内容": rows}


def blocks_of(page: str) -> Iterator[Block]:
    """Yield the blocks of a page of Markdown: a heading, a paragraph, a list, code, a table."""
    text = markdown.markdown(page, extensions=["tables", "fenced_code"], output_format="html")
    for element in html.fragment_fromstring(text, create_parent="div"):
        if isinstance(element.tag, str):
            yield from _blocks(element)


def _blocks(element: html.HtmlElement) -> Iterator[Block]:
    tag = element.tag
    if tag in _HEADINGS:
        heading = re.sub(r"^\d+\. ", "", _text(element))  # the template numbers them itself
        yield [_row(_HEADINGS[tag], _FIRST if heading == TITLE else heading)]
    elif tag == "p" and (images := element.findall(".//img")):
        for image in images:
            yield [{"类": "图", "图": image.get("src")}]
            yield [_row("段", f"图：{image.get('alt')}")]
    elif tag == "p":
        yield [_row("段", _text(element))]
    elif tag in {"ul", "ol"}:
        yield [_row("步" if tag == "ol" else "条", _text(item)) for item in element.findall("li")]
    elif tag == "pre":
        lines = element.text_content().rstrip("\n").split("\n")
        yield [_row("代码", _kept(line)) for line in lines]
    elif tag == "table":
        yield list(_table(element))


def _row(kind: str, text: str) -> dict[str, str]:
    return {"类": kind, "文字": text}


def _table(element: html.HtmlElement) -> Iterator[dict[str, str]]:
    for line in element.iter("tr"):
        texts = [_text(cell) for cell in line]
        heading = "是" if line[0].tag == "th" else "否"
        row = {"类": _TABLES[len(texts)], "表头": heading}
        yield row | dict(zip(_COLUMNS, texts, strict=False))


def _text(element: html.HtmlElement) -> str:
    """Return the words of an element in one line; Chinese lines are joined without a space."""
    lines = element.text_content().replace("\\|", "|").split("\n")
    return "".join(line.strip() for line in lines)


def _kept(line: str) -> str:
    """Return a line of code whose spaces all stay, an empty one too."""
    return re.sub("^ +| {2,}", lambda spaces: "\u00a0" * len(spaces[0]), line) or "\u00a0"
