"""Whatever stands in form.toml: a form that works in every room, or findings; never anything else."""

import pickle
import random
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import examples
from reportgen import write_workbook
from reportgen.cli.fields_command import as_json, as_text
from reportgen.drafting.fieldlist import field_list
from reportgen.drafting.template import first_template
from reportgen.errors import ReportgenError
from reportgen.explanations import check_page, index
from reportgen.formfile import load_form
from reportgen.project import Forms
from reportgen.samples import made_up
from reportgen.show import show
from reportgen.template.lint import lint_form
from reportgen.unit import Job, Settings, _Desk
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.read import read_submission
from support_any_toml import Forms as AnyForm
from support_any_toml import dumps, spoilt
from support_docx import docx_text
from support_proof import WRONG

SEEDS = st.integers(0, 1 << 32)
#: What a template gives that cannot be used, or a document that cannot be made.
_OF_DOCUMENTS = re.compile("[TX]|E5")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("forms")


def _load(root, table):
    folder = Path(tempfile.mkdtemp(dir=root)) / "templates" / "any"
    folder.mkdir(parents=True)
    (folder / "form.toml").write_text(dumps(table), encoding="utf-8", newline="\n")
    return load_form(folder)


def _thinned(values, draw):
    """Return *values* with cells left out, or not applicable."""
    if isinstance(values, list):
        return [_thinned(one, draw) for one in values if draw.randrange(4)]
    if isinstance(values, dict):
        return {
            k: _thinned(v, draw) for k, v in values.items() if k == "单位名称" or draw.randrange(5)
        }
    return draw.choice((values, values, values, values, "不适用"))


def _through_every_room(form, draw):
    """Do with *form* what people do; return its findings by the room that gave them, and the document's text."""
    (form.folder / "稿.docx").write_bytes(first_template(form))
    linted = lint_form(form)
    as_json(form), as_text(form), field_list(form), index([form])
    for check in form.checks:
        check_page(form, check, ())
    whole = made_up(form).plain()
    submission = from_plain(_thinned(whole, draw), form)
    workbook = write_workbook(form, submission)
    again = read_submission(open_bytes(workbook, "甲局.xlsx"), form)
    settings = Settings(forms=Forms(form.folder.parent), draft=True, mark=True)
    result = _Desk(pickle.loads(pickle.dumps(settings))).result(
        Job("甲局.xlsx", workbook, form.folder), form.folder
    )
    wrong, WRONG[:] = list(WRONG), []
    assert wrong == []
    return submission, again, linted, result


@examples(8)
@given(seed=SEEDS)
def test_a_form_of_any_shape_works_in_every_room(place, seed):
    draw = random.Random(seed)
    table = AnyForm(draw).form()
    form = _load(place, table)

    submission, again, linted, result = _through_every_room(form, draw)

    assert again.plain() == submission.plain()
    assert [str(f) for f in again.findings if f.level == "error"] == []
    assert [str(f) for f in linted if f.level == "error" or f.place.file.endswith(".docx")] == []
    assert [str(f) for f in result.findings if _OF_DOCUMENTS.match(f.code)] == []
    text = re.sub(r"\s", "", docx_text(result.documents[0].content))
    hidden = {s.label for s in form.sections if s.when}
    assert [
        t for t in _texts(submission) if re.sub(r"\s", "", t[1]) not in text and t[0] not in hidden
    ] == []


def _texts(submission):
    """Yield the values of a submission that a draft prints whatever holds: section and text."""
    for title, content in submission.values.items():
        for row in content if isinstance(content, tuple) else [content]:
            for value in row.values():
                for one in value.values() if isinstance(value, dict) else [value]:
                    if (
                        not one.field.when
                        and one.field.label != "级"
                        and show(one) not in {"不适用", "—"}
                    ):
                        yield title, show(one)


@examples(40)
@given(seed=SEEDS)
def test_a_mistake_in_a_form_is_a_finding_with_its_place(place, seed):
    draw = random.Random(seed)
    table = spoilt(AnyForm(draw).form(), draw)
    told = None
    try:
        form = _load(place, table)
        if not draw.randrange(3):
            _through_every_room(form, draw)
    except ReportgenError as error:
        told = error.findings
    assert told is None or told
    assert all(f.place.file and f.message for f in told or ())
