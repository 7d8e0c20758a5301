"""Whatever tags stand wherever in a template: all its words and values are printed, or findings say why not."""

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conftest import examples
from reportgen.compute import compute
from reportgen.context import names
from reportgen.errors import ReportgenError
from reportgen.template.engine import Template
from reportgen.template.lint import look_through
from support_any_template import AnyTemplate
from support_docx import make_docx, parts_of, with_namespaces, write_parts
from support_fuzz import make_office, submission_of
from support_proof import WRONG

SEEDS = st.integers(0, 1 << 32)
_NOTES = "<w:footnotes><w:footnote w:id='2'><w:p/></w:footnote></w:footnotes>"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class Desk:
    """A form, its values, and a package to put templates into."""

    def __init__(self, folder):
        form = make_office(folder)
        self.path = folder / "样.docx"
        make_docx(
            self.path,
            "{{ 单位名称 }}",
            header=["眉"],
            parts={"word/footnotes.xml": with_namespaces(_NOTES)},
        )
        self._parts = parts_of(self.path)
        self._end = re.search(
            rb"<w:sectPr.*</w:sectPr>", self._parts["word/document.xml"], re.DOTALL
        )[0]
        self.form = replace(
            form, documents=(replace(form.documents[0], template="样.docx"),), folder=folder
        )
        self.names = names(compute(submission_of(form)))

    def put(self, parts):
        """Make the template of *parts*."""
        end = self._end.decode()
        note = '<w:p><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
        body = parts["word/document.xml"].replace("@NOTE@", note).replace("@END@", end)
        body = body.replace(
            "<w:document ",
            '<w:document xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" ',
            1,
        )
        made = {
            **self._parts,
            **{k: v.encode() for k, v in parts.items() if k != "end"},
            "word/document.xml": body.encode(),
        }
        write_parts(self.path, made)

    def document(self):
        """Return what the template gives; what its documents have wrong fails."""
        try:
            return Template(self.path, self.form.headings, [self.form.names()]).render(self.names)
        finally:
            wrong, WRONG[:] = list(WRONG), []
            assert wrong == []


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return Desk(tmp_path_factory.mktemp("desk"))


def _text(document):
    found = []
    for name, content in sorted(parts_of(document).items()):
        if re.fullmatch(r"word/(document|header\d|footnotes)\.xml", name):
            root = etree.fromstring(content)
            found += [node.text or "" for node in root.iter(f"{_W}t")]
    return "".join(found)


@examples(14)
@given(seed=SEEDS)
def test_all_words_and_values_of_any_template_are_printed(desk, seed):
    drawn = AnyTemplate(random.Random(seed))
    desk.put(drawn.parts())

    text = _text(desk.document())

    said = [f.message for f in look_through(desk.form).findings if f.level == "error"]
    assert not said, said
    around = {word for pair in drawn.pairs for word in pair[:2]}
    wrong = [
        (w, n, text.count(w))
        for w, n in drawn.words.items()
        if w not in around and text.count(w) != n
    ]
    assert not wrong, wrong
    for before, after, shown in drawn.pairs:
        found = re.findall(f"{before}(.*?){after}", text)
        assert sorted(set(found)) == sorted(set(shown)), (before, found, shown)


@examples(14)
@given(seed=SEEDS)
def test_a_template_with_mistakes_is_filled_or_refused_with_places(desk, seed):
    drawn = AnyTemplate(random.Random(seed), spoil=True)
    desk.put(drawn.parts())
    linted = look_through(desk.form)
    assert all(f.place.file and f.message for f in linted.findings)
    told = None
    try:
        desk.document()
    except ReportgenError as error:
        told = error.findings
    assert told is None or told
    assert all(f.place.file and f.place.field and f.message for f in told or ())
