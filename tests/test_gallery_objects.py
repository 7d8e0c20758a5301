"""The gallery template, what stands beside the text: built, read back, looked at in LibreOffice."""

import subprocess
from pathlib import Path

import pytest
from lxml import etree

from gallery_objects import FORM, NAMESPACES, VALUES, gallery, png
from reportgen.compute import compute
from reportgen.context import names
from reportgen.template.engine import Template
from reportgen.template.lint import lint_form
from reportgen.values import from_plain
from support_docx import docx_text, parts_of, tree_of
from support_validator import new_complaints

NAME = "R&D <研发> 中心"
MANUAL = Path(__file__).parent.parent / "docs" / "manual" / "word.md"


@pytest.fixture
def form(make_form):
    made = make_form(f'{FORM}\n[[document]]\ntemplate = "样张.docx"\noutput = "样张.docx"\n')
    gallery(made.folder).save(made.folder / "样张.docx")
    return made


@pytest.fixture
def built(form, tmp_path):
    (tmp_path / "宽.png").write_bytes(png(400, 100))
    (tmp_path / "高.png").write_bytes(png(100, 400, (60, 60, 200)))
    template = Template(form.folder / "样张.docx", form.headings, [form.names()])
    return template.render(names(compute(from_plain(VALUES, form))), tmp_path)


def test_the_gallery_is_as_valid_as_its_template(form, built):
    assert new_complaints(form.folder / "样张.docx", built) == set()


def test_the_gallery_is_filled_in_every_part(built):
    text = docx_text(built).splitlines()

    stories = {line for line in text if line.startswith(("[header", "[footer"))}
    assert {line.partition(": ")[2] for line in stories} == {f"{k}{NAME}" for k in "单首双"}
    assert len(stories) == 6
    assert text[-2:] == [f"[footnote] Normal: footnote {NAME}", f"[endnote] Normal: endnote {NAME}"]
    assert [line for line in text if not line.startswith("[") or "[box]" in line] == [
        "toc 1: 2025年度报告⇥",
        "toc 2: 道路 & 照明⇥",
        "toc 2: 河道整治⇥",
        "toc 1: 附件⇥",
        "Normal:",
        "Normal: 注",
        "Normal: 注",
        "heading 1: 2025年度报告",
        f"Normal: {NAME}",
        "Normal: ☑公开　☐专项　☑日常",
        f"Normal: 填报单位：{NAME}",
        "Normal:",
        f"[box] Normal: {NAME}",
        f"[box] Normal: {NAME}",
        "Normal: ▣",
        "Normal:",
        "heading 2: 道路 & 照明",
        "Normal: ☑完成，〔2025〕1号",
        "| 现场 | ▣ |",
        "heading 2: 河道整治",
        "Normal: ☐完成，2/3",
        "| 现场 |  |",
        "Normal: ▣",
        "heading 1: 附件",
        f"Normal: {NAME}的附件",
    ]


def test_the_properties_of_the_gallery_are_filled_whole(built):
    core, custom = tree_of(built, "docProps/core.xml"), tree_of(built, "docProps/custom.xml")

    assert core.findtext("{*}title") == f"{NAME}2025年度报告"
    assert core.findtext("{*}keywords") == "道路 & 照明；河道整治"
    assert core.findtext("{*}category") == "字" * 300  # Word's own dialog takes 255
    assert "".join(custom.itertext()) == NAME


def test_the_gallery_is_a_whole_package(built):
    parts = parts_of(built)
    types = etree.fromstring(parts["[Content_Types].xml"])
    overrides = [o.get("PartName").lstrip("/") for o in types if o.get("PartName")]
    suffixes = {d.get("Extension").lower() for d in types if d.get("Extension")}

    assert len(overrides) == len(set(overrides))
    assert set(overrides) <= set(parts)
    for name, content in parts.items():
        assert name in overrides or name.rpartition(".")[2].lower() in suffixes, name
        if name.endswith((".xml", ".rels")):
            root = etree.fromstring(content)
            assert "{{" not in content.decode(), name
            rels = f"{name.rpartition('/')[0]}/_rels/{name.rpartition('/')[2]}.rels"
            known = {r.get("Id") for r in etree.fromstring(parts[rels])} if rels in parts else set()
            used = {
                value
                for element in root.iter()
                for key, value in element.attrib.items()
                if key.startswith(f"{{{NAMESPACES['r']}}}")
            }
            assert used <= known, name


def test_lint_has_nothing_against_the_gallery(form):
    found = [(f.code, f.place.field, f.message) for f in lint_form(form) if f.level != "note"]

    assert found == []


def test_the_gallery_in_pages(built, soffice, tmp_path):
    (tmp_path / "样张.docx").write_bytes(built)
    subprocess.run(
        [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
         "--infilter=MS Word 2007 XML", "--convert-to", "pdf", "--outdir", tmp_path,
         tmp_path / "样张.docx"],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "样张.pdf", "-"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    words = "".join(text.split())

    assert "首R&D<研发>中心" in words
    assert "双R&D<研发>中心" in words
    assert "2025年的钱" in words  # the chart is drawn
    assert words.count("道路&照明") == 3  # in the contents, as a heading, in the chart
    assert "R&D<研发>中心的附件" in words
    assert "footnoteR&D<研发>中心" in words
