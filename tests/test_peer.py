"""docxtpl's template language: its own templates, and small ones like them, give what docxtpl gives.

``test_render.PEER`` has those of its templates that fill in data; here are the others, and templates
of our own, which need nothing beside the repository.
"""

import os
from pathlib import Path

import pytest
from docxtpl import DocxTemplate, RichText
from lxml import etree

from reportgen.template.engine import Template
from support_docx import W, docx_text, lines_of, make_docx, parts_of
from test_render import PEER, canonical, shape

SHARED = os.environ.get("REPORTGEN_SHARED")
needs_templates = pytest.mark.skipif(not SHARED, reason="REPORTGEN_SHARED: no peer templates")
FOLDER = Path(SHARED or ".") / "corpus" / "docxtpl"
#: Those without a loop or condition, and what they are filled with.
PLAIN = {
    "embedded_dummy": {},
    "embedded_dummy2": {},
    "embedded_embedded_docx_tpl": {"name": "A & <B>"},
    "embedded_static_docx": {},
    "header_footer_entities_tpl": {"title": "T & <t>", "unknowvar": "u"},
    "header_footer_image_tpl": {"mycompany": "a"},
    "merge_docx_subdoc": {},
    "replace_picture_tpl": {},
}
#: Those that want rich text: a plain value there is printed as it stands around it.
RICH = {
    "cellbg_tpl": {"alerts": [{"date": "d", "desc": "x & y", "type": "CRIT", "bg": "FF0000"}]},
    "richtext_tpl": {"example": "a & <b>"},
    "richtext_and_if_tpl": {"foobar": "a"},
    "richtext_eastAsia_tpl": {"simsun": "宋", "Chinese": "中", "example": "例"},
    "word2016_tpl": {
        "test_space": " a ",
        "test_space_r": "b",
        "test_tabs": "c",
        "test_tabs_r": "d",
    },
}
#: Those that need more than data, and what.
NOT_DATA = {
    "custom_jinja_filters_tpl": "filters of Python that the caller brings",
    "embedded_main_tpl": "embedded documents, which no document of ours may carry",
    "escape_tpl": "objects that stand for line and page breaks",
    "escape_tpl_auto": "methods of Python's texts and dictionaries",
    "header_footer_inline_image_tpl": "pictures from Python",
    "header_footer_tpl": "a document made in Python",
    "header_footer_tpl_utf8": "a document made in Python",
    "inline_image_tpl": "pictures from Python",
    "merge_docx_master_tpl": "a document made in Python",
    "module_execute_tpl": "dictionaries and lists printed as Python writes them",
    "richtext_paragraph_tpl": "paragraphs made in Python",
    "subdoc_tpl": "a document made in Python",
    "template_error_tpl": "nothing: its tags are wrong, which docxtpl says too",
}


def same(xml):
    """Return the XML without what is settled otherwise on purpose, as ``test_render`` says.

    Nor with white space between elements, the ids that docxtpl gives drawings, and the order of the
    properties of a cell, which docxtpl puts in another one than the schema's.
    """
    root = etree.fromstring(xml, etree.XMLParser(remove_blank_text=True))
    for drawing in root.iter("{*}docPr"):
        drawing.set("id", "")
    for properties in root.iter(f"{W}tcPr"):
        properties[:] = sorted(properties, key=lambda one: one.tag)
    return canonical(etree.tostring(root))


def by_docxtpl(path, context, folder):
    template = DocxTemplate(path)
    template.render(context, autoescape=True)
    template.save(folder / "peer.docx")
    return folder / "peer.docx"


def stories(parts):
    return [
        name
        for name in parts
        if name.startswith("word/") and name.endswith(".xml")
        and any(word in name for word in ("document", "header", "footer", "footnotes"))
    ]  # fmt: skip


@needs_templates
def test_every_template_of_docxtpl_is_compared_or_needs_more_than_data():
    names = {path.stem for path in FOLDER.glob("*.docx")}

    assert names == {*PEER, *PLAIN, *RICH, *NOT_DATA}


@needs_templates
@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_template_of_docxtpl_gives_the_same_document(make_form, tmp_path, name):
    form, context = make_form(""), PLAIN[name]
    path = FOLDER / f"{name}.docx"

    wanted = parts_of(by_docxtpl(path, context, tmp_path))
    got = parts_of(Template(path, form.headings, [shape(context)]).render(context))

    for part in stories(got):
        assert same(got[part]) == same(wanted[part]), part


def rich(value):
    """Return *value* with each text as docxtpl wants it in ``{{r }}``."""
    if isinstance(value, dict):
        return {
            key: one if key in {"bg", "date", "type", "test_space", "test_tabs"} else rich(one)
            for key, one in value.items()
        }
    return [rich(one) for one in value] if isinstance(value, list) else RichText(value)


@needs_templates
@pytest.mark.parametrize("name", RICH)
def test_a_plain_value_for_rich_text_gives_the_same_text(make_form, tmp_path, name):
    form, context = make_form(""), RICH[name]
    path = FOLDER / f"{name}.docx"

    wanted = docx_text(by_docxtpl(path, rich(context), tmp_path))
    got = docx_text(Template(path, form.headings, [shape(context)]).render(context))

    # docxtpl loses tabs that stand in a tag; here they are spaces
    assert got.split() == wanted.split()


ITEMS = {"items": [{"name": "甲 & 乙", "qty": 2}, {"name": "<丙>", "qty": 3}], "title": "题 & 目"}
OWN = {
    "rows": [
        ["名", "数"],
        ["{%tr for i in items %}", ""],
        ["{{ i.name }}", "{{ i.qty }}"],
        ["{%tr endfor %}", ""],
    ],
    "columns": [["名", "{%tc for i in items %}", "{{ i.name }}", "{%tc endfor %}"]],
    "paragraphs": "{%p for i in items %}\n{{ loop.index }}、{{ i.name }}\n{%p endfor %}",
    "a condition in a line": "{{ title }}{% if items|length > 1 %}，共{{ items|length }}项{% endif %}。",
    "a condition by paragraphs": "{%p if title %}\n有：{{ title }}\n{%p else %}\n无\n{%p endif %}",
    "nested loops": "{% for i in items %}{{ i.name }}{% for j in items %}{{ j.qty }}{% endfor %};{% endfor %}",
    "set and a filter": "{% set t = title|upper %}{{ t }}{{ items[0].name|replace('甲', '丁') }}",
    "merged downwards": [
        ["{%tr for i in items %}", ""],
        ["{% vm %}同", "{{ i.name }}"],
        ["{%tr endfor %}", ""],
    ],
    "merged sideways": [["{%tc for i in items %}", "{% hm %}并", "{%tc endfor %}"]],
    "colours and widths": [["{% cellbg 'FF0000' %}红", "{% colspan 1 %}宽"]],
    "white space taken away": "甲 {%- if title %} 乙 {%- endif %} 丙",
    "a comment": "甲{# 不印 #}乙",
    "braces to be printed": "{{ title }}{_{ x }_}{_% y %_}",
}


@pytest.mark.parametrize("name", OWN)
def test_a_small_template_gives_the_document_that_docxtpl_gives(make_form, name):
    form, block = make_form(""), OWN[name]
    blocks = block.split("\n") if isinstance(block, str) else [block]
    path = make_docx(
        form.folder / "t.docx", *blocks, header=["眉{{ title }}"], footer=["{{ items|length }}"]
    )

    wanted = parts_of(by_docxtpl(path, ITEMS, form.folder))
    document = Template(path, form.headings, [shape(ITEMS)]).render(ITEMS)

    got = parts_of(document)
    assert len(lines_of(document)) > 2
    for part in stories(got):
        assert same(got[part]) == same(wanted[part]), part
