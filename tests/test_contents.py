"""Tables of contents: what they list is in the document."""

import pytest

from gallery_objects import NAMESPACES as NS
from gallery_objects import add, contents, paragraph
from support_docx import docx_text, parts_of, render, tree_of

W = f"{{{NS['w']}}}"
FORM = """
[[section]]
label = "正文"
kind = "record"
fields = [{ label = "年度", type = "year" }, { label = "叙述", type = "narrative" }]

[[section]]
label = "项目"
kind = "table"
fields = [{ label = "项目名称" }]
"""
VALUES = {"正文": {"年度": "2025"}, "项目": [{"项目名称": "甲 & 乙"}, {"项目名称": "丙"}]}
OLD = [(1, "2024年度总结", 1), (2, "{{ 项.项目名称 }}", 2), (1, "附件", 9)]


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def body(document):
    document.add_heading("{{ 年度 }}年度总结", 1)
    document.add_paragraph("文")
    document.add_paragraph("{%p for 项 in 项目 %}")
    document.add_heading("{{ 项.项目名称 }}", 2)
    document.add_heading("太深", 3)
    document.add_paragraph("{%p endfor %}")
    document.add_heading("附件", 1)


def entries(document):
    """Return the paragraphs of the table of contents: style, words, target of the link."""
    out = []
    for one in tree_of(document).iter(f"{W}p"):
        link = one.find("w:hyperlink", NS)
        if link is not None:
            style = one.find("w:pPr/w:pStyle", NS).get(f"{W}val")
            words = "".join(t.text or "" for t in link.iter(f"{W}t"))
            out.append((style, words, link.get(f"{W}anchor")))
    return out


def fields(document):
    """Return how deep in fields the document is after each mark: 0 at the end if they are whole."""
    depth, out = 0, []
    for mark in tree_of(document).iter(f"{W}fldChar"):
        depth += {"begin": 1, "separate": 0, "end": -1}[mark.get(f"{W}fldCharType")]
        out.append(depth)
    return out


@pytest.mark.parametrize("apart", [True, False])
def test_the_entries_are_the_headings_of_this_document(form, apart):
    document = render(form, VALUES, lambda d: contents(d, *OLD, apart=apart), body, "{{ 年度 }}")

    found = entries(document)
    assert [(style, words) for style, words, _ in found] == [
        ("TOC1", "2025年度总结"),
        ("TOC2", "甲 & 乙"),
        ("TOC2", "丙"),
        ("TOC1", "附件"),
    ]
    # each leads to its own heading
    headings = {
        mark.get(f"{W}name"): "".join(t.text for t in mark.getparent().iter(f"{W}t"))
        for mark in tree_of(document).iter(f"{W}bookmarkStart")
    }
    assert [headings[anchor] for _, _, anchor in found] == [words for _, words, _ in found]
    codes = [c.text for c in tree_of(document).iter(f"{W}instrText")]
    assert codes[0].split()[0] == "TOC"
    assert codes[1:] == [f" PAGEREF {anchor} \\h " for _, _, anchor in found]
    assert fields(document)[-1] == 0
    assert min(fields(document)) == 0
    assert "2024" not in docx_text(document)


def test_an_entry_keeps_the_look_of_the_templates_entries(form):
    document = render(form, VALUES, lambda d: contents(d, *OLD), body)

    first = next(
        p for p in tree_of(document).iter(f"{W}p") if p.find("w:hyperlink", NS) is not None
    )
    tab = first.find("w:pPr/w:tabs/w:tab", NS)
    assert tab.get(f"{W}leader") == "dot"
    assert first.find("w:hyperlink/w:r/w:rPr/w:i", NS) is not None


def test_word_is_asked_to_work_out_the_pages_only_where_there_is_a_table_of_contents(form):
    with_one = render(form, VALUES, lambda d: contents(d, *OLD), body)
    without = render(form, VALUES, body)

    settings = tree_of(with_one, "word/settings.xml")
    assert settings.find("w:updateFields", NS).get(f"{W}val") == "true"
    # in the order of the schema: before what python-docx's settings end with
    order = [child.tag for child in settings]
    assert order.index(f"{W}updateFields") < order.index(f"{W}compat")
    assert b"updateFields" not in parts_of(without)["word/settings.xml"]
    # python-docx declares it as its default template does
    assert not list(tree_of(without).iter(f"{W}bookmarkStart"))


def test_a_document_without_headings_says_so_in_words_own_words(form):
    document = render(form, VALUES, lambda d: contents(d, *OLD), "{{ 年度 }}")

    assert "未找到目录项。" in docx_text(document)
    assert "2024" not in docx_text(document)
    assert fields(document)[-1] == 0


def test_a_table_of_figures_is_left_to_word(form):
    code = 'TOC \\h \\z \\c "图"'

    document = render(form, VALUES, lambda d: contents(d, (1, "图 1", 3), code=code), body)

    assert [words for _, words, _ in entries(document)] == ["图 13"]


def test_a_heading_by_its_own_outline_level_is_listed(form):
    def page(document):
        contents(document, *OLD)
        xml = paragraph("{{ 年度 }}年概况").replace(
            "<w:p>", '<w:p><w:pPr><w:outlineLvl w:val="1"/></w:pPr>'
        )
        add(document, xml)

    document = render(form, VALUES, page)

    assert [(s, w) for s, w, _ in entries(document)] == [("TOC2", "2025年概况")]
