"""Tags that want out of the template: into Python, into other files, or never to an end.

Each is a finding at its place, wherever it stands; threats.md calls these D1 and D2.
"""

from dataclasses import replace

import pytest

from reportgen.compute import compute
from reportgen.context import names
from reportgen.errors import FormError, TemplateError
from reportgen.form import Document
from reportgen.pipeline import Renderer
from reportgen.template.engine import Template
from reportgen.template.lint import look_through
from reportgen.values import from_plain
from support_docx import lines_of, make_docx, parts_of, with_namespaces
from test_hostile import FORM, VALUES

PAYLOADS = [
    "cycler.__init__.__globals__.os.popen('id').read()",
    "lipsum.__globals__['os'].environ",
    "joiner.__init__.__globals__",
    "namespace.__init__.__globals__.os.getcwd()",
    "dict.__mro__",
    "self.__init__.__globals__",
    "self._TemplateReference__context.environment",
    "''.__class__.__mro__[1].__subclasses__()",
    "''['\\x5f\\x5fclass\\x5f\\x5f']",
    "''|attr('__class__')",
    "[]|map(attribute='__class__')|list",
    "[1]|map('attr', '__class__')|list",
    "range.__self__",
    "金额.__class__.__base__",
    "项目.__reduce__()",
    "项目.clear()",
    "项目.append(1)",
    "项目[0].update({'项目名称': '换了'})",
    "金额.value.__class__",
    "名称.cell.__class__",
    "名称.field.type",
    "'{0.__class__}'.format(名称)",
    "'%s'|format(名称)",
    "get_flashed_messages.__globals__",
    "config",
    "request.application",
    "url_for.__globals__",
    "open('/etc/passwd').read()",
    "__import__('os').system('id')",
]
_NOTES = "<w:{0}s><w:{0} w:id='2'><w:p><w:r><w:t>{1}</w:t></w:r></w:p></w:{0}></w:{0}s>"
_BOX = (
    "<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p>"
    "</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
)
_EQUATION = (
    "<w:p><m:oMath xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math'><m:r>"
    "<m:t>{}</m:t></m:r></m:oMath></w:p>"
)
PLACES = [
    "body", "cell", "box", "control", "equation", "link", "header", "footer", "footnote", "endnote",
    "comment", "property",
]  # fmt: skip


def at(path, place, tag):
    """Write a template with *tag* at *place*."""
    paragraph = f"<w:p><w:r><w:t>{tag}</w:t></w:r></w:p>"
    match place:
        case "cell":
            return make_docx(path, [[tag, "文"]])
        case "box":
            return make_docx(path, _BOX.format(tag))
        case "control":
            return make_docx(
                path, f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph}</w:sdtContent></w:sdt>"
            )
        case "equation":
            return make_docx(path, _EQUATION.format(tag))
        case "link":
            return make_docx(
                path, f"<w:p><w:hyperlink w:anchor='a'>{paragraph[5:-6]}</w:hyperlink></w:p>"
            )
        case "header" | "footer":
            return make_docx(path, "文", **{place: [tag]})
        case "footnote" | "endnote" | "comment":
            xml = with_namespaces(_NOTES.format(place, tag))
            return make_docx(path, "文", parts={f"word/{place}s.xml": xml})
        case "property":
            return make_docx(path, "文", title=tag)
    return make_docx(path, tag)


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def findings(form, path):
    """Return what building says, and what lint says."""
    return built(form, path), linted(form, path)


def built(form, path):
    context = names(compute(from_plain(VALUES, form)))
    try:
        Template(path, form.headings, [form.names()]).render(context)
    except TemplateError as error:
        return list(error.findings)
    return []


def linted(form, path):
    document = Document(template=path.name, output="x")
    found = look_through(replace(form, folder=path.parent, documents=(document,))).findings
    return [one for one in found if one.level == "error"]


@pytest.mark.parametrize(
    ("place", "payload"),
    [("body", one) for one in PAYLOADS] + [(place, PAYLOADS[0]) for place in PLACES[1:]],
)
def test_a_way_into_python_is_a_finding_wherever_it_stands(form, payload, place):
    path = at(form.folder / "t.docx", place, f"{{{{ {payload} }}}}")

    said = built(form, path)

    assert said, "it was printed"
    assert {one.code for one in said} <= {"T103", "T104", "T105"}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_way_into_python_runs_in_no_file_name(form, payload):
    document = Document(template="t.docx", output=f"{{{{ {payload} }}}}.docx")
    context = names(compute(from_plain(VALUES, form)))

    with pytest.raises(TemplateError) as error:
        Renderer(form).name(document, context)

    assert len(error.value.findings) == 1


@pytest.mark.parametrize("key", ["formula", "rule", "when", "summary"])
@pytest.mark.parametrize("payload", [one for one in PAYLOADS if not one.startswith("''[")])
def test_a_way_into_python_is_refused_in_a_form(make_form, payload, key):
    quoted = payload.replace("\\", "\\\\").replace('"', '\\"')
    more = {
        "formula": f'[[computed]]\nlabel = "甲"\nformula = "{quoted}"',
        "rule": f'[[check]]\ncode = "K1"\nrule = "{quoted}"\nmessage = "甲"',
        "when": f'[[document]]\ntemplate = "t.docx"\noutput = "甲.docx"\nwhen = "{quoted}"',
        "summary": f'[[summary]]\nlabel = "甲"\nformula = "{quoted}"',
    }[key]

    with pytest.raises(FormError):
        make_form(f"{FORM}\n{more}\n")


def test_a_template_changes_nothing_of_the_values(form):
    data = compute(from_plain(VALUES, form))
    before = data.submission.plain()
    for payload in PAYLOADS:
        path = at(form.folder / "t.docx", "body", f"{{{{ {payload} }}}}")
        with pytest.raises(TemplateError):
            Template(path, form.headings, [form.names()]).render(names(data))

    assert data.submission.plain() == before


# -- other files -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tag",
    [
        '{% extends "a" %}', '{% import "os" as os %}', '{% from "os" import popen %}',
        '{% include "/etc/passwd" %}', '{% include "../t.docx" %}', "{% include 名称 %}",
        "{% do 项目.clear() %}", "{% debug %}", "{% trans %}甲{% endtrans %}",
    ],
)  # fmt: skip
def test_a_tag_for_other_files_or_extensions_is_a_finding_for_build_and_lint(form, tag):
    made, said = findings(form, make_docx(form.folder / "t.docx", "前", tag, "后"))

    assert made
    assert said


def test_a_template_that_includes_itself_is_a_finding(form):
    made, said = findings(form, make_docx(form.folder / "t.docx", '{%p include "t.docx" %}'))

    assert made
    assert said


# -- without end -----------------------------------------------------------------------------

LIST = "{% set L = range(99999)|list %}"
TOO_MUCH = {
    "a thousand filters over a long list": LIST + "{{ L" + "|map('upper')" * 90 + "|list|length }}",
    "sorted again and again": LIST + "{% for a in L %}{% set x = L|sort|unique|list %}{% endfor %}",
    "grouped again and again": LIST + "{% for a in L %}{% set x = L|groupby('x') %}{% endfor %}",
    "a list that doubles": (
        "{% set n = namespace(s=[1, 2]) %}{% for a in range(99) %}{% set n.s = n.s + n.s %}"
        "{% endfor %}"
    ),
}
NOT_THERE = {
    "macro": "{% macro f(x) %}{{ f(x) }}{{ f(x) }}{% endmacro %}{{ f(1) }}",
    "center": "{{ 'x'|center(10**9) }}",
    "format": "{{ '%999999999d'|format(1) }}",
    "indent": "{{ 名称|indent(999999999) }}",
    "wordwrap": "{{ 名称|wordwrap(1) }}",
    "pprint": "{{ 项目|pprint }}",
    "tojson": "{{ 项目|tojson }}",
    "xmlattr": "{{ {'a': 1}|xmlattr }}",
    "urlize": "{{ 名称|urlize }}",
    "random": "{{ range(9)|random }}",
    "lipsum": "{{ lipsum(n=100000) }}",
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_never_ends_is_a_finding(form, name):
    said = built(form, make_docx(form.folder / "t.docx", "前", TOO_MUCH[name], "后"))

    assert [one.code for one in said] == ["T105"]


@pytest.mark.parametrize("name", NOT_THERE)
def test_what_can_grow_without_measure_is_not_there(form, name):
    made, said = findings(form, make_docx(form.folder / "t.docx", "前", NOT_THERE[name], "后"))

    assert made
    assert said


def test_a_file_name_that_never_ends_is_a_finding(form):
    loops = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    document = Document(template="t.docx", output=f"{loops}甲.docx")

    with pytest.raises(TemplateError) as error:
        Renderer(form).name(document, names(compute(from_plain(VALUES, form))))

    assert "循环了 50 万次还没有完" in error.value.findings[0].message


DEEP = {
    "brackets": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "lists": "{{ " + "[" * 3000 + "]" * 3000 + " }}",
    "not": "{{ " + "not " * 5000 + "1 }}",
    "terms": "{{ " + "1+" * 5000 + "1 }}",
    "filters": "{{ 名称" + "|upper" * 5000 + " }}",
    "names": "{{ 名称" + ".甲" * 5000 + " }}",
    "conditions": "{% if 1 %}" * 500 + "文" + "{% endif %}" * 500,
    "loops": "{% for a in 项目 %}" * 500 + "文" + "{% endfor %}" * 500,
}


@pytest.mark.parametrize("name", DEEP)
def test_a_tag_that_is_deeper_than_anybody_writes_is_a_finding(form, name):
    made, said = findings(form, make_docx(form.folder / "t.docx", "前", DEEP[name], "后"))

    assert {one.code for one in made} & {"T103", "T104"}
    assert {one.code for one in said} & {"T103", "T104"}


HALVES = {
    "10 kB of {%": ["{%" * 5000],
    "10 kB of {{": ["{{" * 5000],
    "10 kB of {#": ["{#" * 5000],
    "10 kB of {%p": ["{%p " * 2500],
    "a cell of {%tr": [[["{%tr " * 2000]]],
    "500 paragraphs": ["{%"] * 500,
    "a table of 3,000 cells": [
        [["{%tr for a in 项目 %}", "", ""]] + [["文", "文", "文"] for _ in range(999)]
    ],
}


@pytest.mark.parametrize("name", HALVES)
def test_thousands_of_half_tags_are_told_in_the_end(form, name, monkeypatch):
    for room in ("engine", "lint"):
        monkeypatch.setattr(f"reportgen.template.{room}.MOST_TO_READ", 0.3)
    made, said = findings(form, make_docx(form.folder / "t.docx", *HALVES[name]))

    assert {one.code for one in made} & {"T102", "T107", "T108"}
    assert {one.code for one in said} & {"T102", "T107", "T108"}


# -- parts in which nobody looks for tags ------------------------------------------------------

ODD = ["word/settings.xml", "word/styles.xml", "word/fontTable.xml", "word/webSettings.xml",
       "word/theme/theme1.xml", "customXml/item1.xml"]  # fmt: skip


@pytest.mark.parametrize("part", ODD)
def test_a_tag_in_an_odd_part_is_never_run(form, part):
    path = make_docx(form.folder / "t.docx", "文")
    tag = "{{ 7 * 7 }}{{ cycler.__init__ }}"
    found = parts_of(path)
    root = b"<a xmlns='urn:a'>%b</a>" % tag.encode()
    if part in found:
        root = found[part].replace(b"</w:", b"<!--" + tag.encode() + b"--></w:", 1)
    path = make_docx(path, "文", replaced={part: root})

    document = Template(path, form.headings, [form.names()]).render(
        names(compute(from_plain(VALUES, form)))
    )

    assert lines_of(document) == ["文"]
    assert b"49" not in parts_of(document)[part].replace(root, b"")
