"""Microsoft's Open XML SDK validator has nothing against a document that it has not against its template."""

import shutil

import pytest

from conftest import FORM as SHIPPED
from reportgen import load_form
from reportgen.values import read_values
from support_docx import build, docx_text, make_docx, render, with_namespaces
from support_validator import complaints, new_complaints

SAMPLES = sorted(path.stem for path in SHIPPED.glob("sample*.toml"))


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_document_of_a_sample_is_as_valid_as_its_template(tmp_path, sample):
    form = load_form(SHIPPED)
    result = build(form, read_values(SHIPPED / f"{sample}.toml", form).plain())

    assert result.documents
    for document in result.documents:
        template = shutil.copy(SHIPPED / document.template, tmp_path)
        assert new_complaints(tmp_path / document.template, document.content) == set(), template


def test_the_validator_sees_what_is_wrong(tmp_path):
    """Else an empty difference would say nothing."""
    path = make_docx(tmp_path / "a.docx", "<w:p><w:r><w:t>甲<w:r/></w:t></w:r></w:p>")

    assert [rule for _, rule, _ in complaints(path)] == ["Sch_InvalidChildinLeafElement"]


VML = (
    '<w:p><w:r><w:pict><v:shapetype id="_x0000_t202" coordsize="21600,21600" '
    'path="m,l,21600r21600,l21600,xe"/><v:shape id="_x0000_s1026" type="#_x0000_t202" '
    'style="width:100pt;height:50pt"><v:textbox><w:txbxContent><w:p><w:r><w:t>{{ 项.名 }}</w:t>'
    "</w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
)
COMMENT = (
    "<w:p><w:commentRangeStart w:id='3'/><w:r><w:t>{{ 项.名 }}</w:t></w:r>"
    "<w:commentRangeEnd w:id='3'/><w:r><w:commentReference w:id='3'/></w:r></w:p>"
)
EDITABLE = (
    "<w:p><w:permStart w:id='9' w:edGrp='everyone'/><w:r><w:t>{{ 项.名 }}</w:t></w:r>"
    "<w:permEnd w:id='9'/></w:p>"
)
NOTED = "<w:p><w:r><w:t>{{ 项.名 }}</w:t></w:r><w:r><w:footnoteReference w:id='2'/></w:r></w:p>"
CONTROL = (
    "<w:sdt><w:sdtPr><w:id w:val='77'/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>{{ 项.名 }}</w:t>"
    "</w:r></w:p></w:sdtContent></w:sdt>"
)
COMMENTS = with_namespaces(
    "<w:comments><w:comment w:id='3' w:author='甲'><w:p><w:r><w:t>批</w:t></w:r></w:p></w:comment>"
    "</w:comments>"
)
NOTES = with_namespaces(
    "<w:footnotes><w:footnote w:id='2'><w:p><w:r><w:t>注</w:t></w:r></w:p></w:footnote>"
    "</w:footnotes>"
)
COPIED = {
    "text boxes": ([VML], {}),
    "comments": ([COMMENT], {"word/comments.xml": COMMENTS}),
    "parts that may be edited": ([EDITABLE], {}),
    "notes": ([NOTED], {"word/footnotes.xml": NOTES}),
    "content controls": ([CONTROL], {}),
}
FORM = """
[[section]]
label = "项目"
kind = "table"
fields = [{ label = "名" }]
"""
ROWS = {"项目": [{"名": "甲"}, {"名": "乙"}, {"名": "丙"}]}


@pytest.mark.parametrize("what", COPIED)
def test_what_a_loop_copies_is_as_valid_as_the_original(make_form, what):
    blocks, parts = COPIED[what]
    form = make_form(FORM)

    document = render(form, ROWS, "{%p for 项 in 项目 %}", *blocks, "{%p endfor %}", parts=parts)

    assert all(name in docx_text(document) for name in "甲乙丙")
    assert new_complaints(form.folder / "t.docx", document) == set()


def test_colours_and_widths_of_cells_are_as_valid_as_the_template(make_form):
    form = make_form(FORM)

    document = render(
        form,
        ROWS,
        [
            ["名", "二", "三"],
            ["{%tr for 项 in 项目 %}", "", ""],
            ["{% cellbg 'FFEB9C' %}{{ 项.名 }}", "{% colspan 2 %}{% 合并 %}同", ""],
            ["{%tr endfor %}", "", ""],
        ],
    )

    assert new_complaints(form.folder / "t.docx", document) == set()
