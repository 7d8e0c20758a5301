"""The gallery template, paragraphs and tables: what it becomes, as text."""

import re
import subprocess
from pathlib import Path

import pytest

from gallery_look import FORM, VALUES, gallery
from reportgen.compute import compute
from reportgen.context import names
from reportgen.filters import FILTERS
from reportgen.template.cells import COLOURS
from reportgen.template.engine import Template
from reportgen.template.lint import lint_form
from reportgen.values import from_plain
from support_docx import docx_text
from support_validator import new_complaints

GOLDEN = Path(__file__).parent / "gallery" / "look.txt"


MANUAL = Path(__file__).parent.parent / "docs" / "manual" / "word.md"


@pytest.fixture
def built(make_form):
    """The document of the gallery template."""
    form = make_form(FORM)
    gallery().save(form.folder / "样张.docx")
    template = Template(form.folder / "样张.docx", form.headings, [form.names()])
    return template.render(names(compute(from_plain(VALUES, form))))


def test_the_gallery_becomes_what_its_golden_text_says(built, request):
    made = docx_text(built)
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(made, encoding="utf-8")
    assert made == GOLDEN.read_text(encoding="utf-8")


def test_the_gallery_is_as_valid_as_its_template(built, tmp_path):
    assert new_complaints(tmp_path / "templates" / "t" / "样张.docx", built) == set()


def test_lint_finds_nothing_wrong_in_the_gallery(make_form):
    form = make_form(f'{FORM}\n[[document]]\ntemplate = "样张.docx"\noutput = "样张.docx"\n')
    gallery().save(form.folder / "样张.docx")

    assert [found.code for found in lint_form(form) if found.level != "note"] == []


def test_the_gallery_in_pages(built, soffice, tmp_path):
    (tmp_path / "样张.docx").write_bytes(built)
    subprocess.run(
        [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", tmp_path, tmp_path / "样张.docx"],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "样张.pdf", "-"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = [" ".join(page.split()) for page in text.removesuffix("\f").split("\f")]

    steps = " ".join(found).partition("六、编号")[2].partition("项目接着编")[0]
    assert re.findall(r"(\d)\. *(立项|验收)", steps) == [("1", "立项"), ("2", "验收")] * 4
    assert [page for page in found if "横页。" in page] == ["河道整治的横页。", "道路照明的横页。"]
    assert all(found), "no page is blank"
    assert found[-1] == "道路照明的横页。"


def test_the_manual_has_every_filter_by_both_names_and_every_colour():
    manual = MANUAL.read_text(encoding="utf-8")
    table = manual.partition("## 竖线后面")[2].partition("## 什么会")[0]

    for name in FILTERS:
        assert re.search(rf"`{name}[`(]", table), name
    colours = re.search(r"`\{% cellbg .*`：(.*)，或", manual)[1].split("、")
    assert set(colours) | {"无"} == {
        name for name in COLOURS if not name.isascii() and name[-1] != "色"
    }
