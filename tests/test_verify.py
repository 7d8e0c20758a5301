"""What must hold of a built document: what breaks it is a finding, and what a unit wrote is legal."""

import pytest
from lxml import etree

from reportgen.errors import TemplateError
from reportgen.printed import Printed, leave_out, noted
from reportgen.template import engine
from reportgen.template.verify import Verifier, unfound
from support_docx import W, lines_of, make_docx, parts_of, render, with_namespaces

FORM = """
[[section]]
label = "正文"
kind = "record"
fields = [{ label = "名称" }, { label = "说明", type = "narrative" }, { label = "金额", type = "decimal" }]

[[section]]
label = "项目"
kind = "table"
fields = [{ label = "项目名称" }, { label = "类" }]
"""


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def sabotaged(monkeypatch, break_):
    """Let the engine's last step break the tree of the body as *break_* does."""
    repair = engine.repair

    def step(root):
        repair(root)
        if root.tag == f"{W}document":
            break_(root)

    monkeypatch.setattr(engine, "repair", step)


def findings_of(form, values, *blocks, **more):
    with pytest.raises(TemplateError) as error:
        render(form, values, *blocks, **more)
    return [(f.code, f.value, f.place.field) for f in error.value.findings]


# -- the structure ---------------------------------------------------------------------------

P = "<w:p><w:r><w:t>甲</w:t></w:r></w:p>"
UNSOUND = {
    "<w:p>散</w:p>": "有文字在段落以外",
    "<w:p><w:r>散<w:t>甲</w:t></w:r></w:p>": "有文字在段落以外",
    f"{P}散": "有文字在段落以外",
    "<w:p><w:r><w:t>甲<w:r><w:t>乙</w:t></w:r></w:t></w:r></w:p>": "文字里面夹着别的内容",
    "<w:tbl><w:tr><w:tc><w:tcPr/></w:tc></w:tr></w:tbl>": "单元格里没有段落",
    f"<w:tbl><w:tr><w:tc><w:tbl><w:tr><w:tc>{P}</w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>": (
        "单元格里没有段落"
    ),
    f"<w:tbl><w:tr><w:trPr/></w:tr><w:tr><w:tc>{P}</w:tc></w:tr></w:tbl>": "一行里没有单元格",
    "<w:tbl><w:tblPr/></w:tbl>": "一行也没有",
    "<w:p><w:r><w:pict><w:txbxContent/></w:pict></w:r></w:p>": "文本框里没有段落",
    f"<w:p>{P}</w:p>": "嵌套不对",
    f"<w:tbl>{P}<w:tr><w:tc>{P}</w:tc></w:tr></w:tbl>": "嵌套不对",
    f"<w:tr><w:tc>{P}</w:tc></w:tr>": "嵌套不对",
    "<w:r><w:t>甲</w:t></w:r>": "嵌套不对",
    "<w:p><w:bookmarkStart w:id='1' w:name='a'/><w:bookmarkStart w:id='1' w:name='b'/></w:p>": (
        "两个书签的编号相同"
    ),
    "<w:p><w:r><w:commentReference w:id='1'/><w:commentReference w:id='1'/></w:r></w:p>": (
        "两个批注的编号相同"
    ),
    "<w:p><w:pPr><w:shd w:fill='红色'/></w:pPr></w:p>": "底色“红色”不是颜色",
    "<w:p><w:hyperlink r:id='rIdNone'/></w:p>": "引用了没有的图片或链接",
    "<w:p><w:r><w:instrText>DDEAUTO c:/cmd</w:instrText></w:r></w:p>": "带有域 DDEAUTO",
}


def problems(before, after, name="word/document.xml"):
    """Return what is wrong with a part that was *before* in the template and is *after* now."""
    parts = [(name, part(before)), ("a.txt", b"")]
    found = Verifier(parts).problems([(name, part(after)), ("a.txt", b"")], {})
    return [problem.what for problem in found]


def part(blocks):
    return with_namespaces(f"<w:document><w:body>{blocks}</w:body></w:document>").encode()


@pytest.mark.parametrize("broken", UNSOUND)
def test_what_word_cannot_open_or_show_is_said(broken):
    (what,) = problems(P, broken)

    assert UNSOUND[broken] in what


@pytest.mark.parametrize("broken", UNSOUND)
def test_what_the_template_has_itself_is_not_held_against_the_document(broken):
    assert problems(broken, f"{broken}{P}") == []


@pytest.mark.parametrize("story", ["hdr", "ftr"])
def test_a_header_needs_a_paragraph(story):
    before, after = (
        with_namespaces(f"<w:{story}>{inside}</w:{story}>").encode() for inside in (P, "")
    )
    name = "word/header1.xml"

    (problem,) = Verifier([(name, before)]).problems([(name, after)], {})

    assert "没有段落" in problem.what
    assert problem.part == "页眉"


def test_a_part_that_is_no_xml_any_more_is_said():
    (problem,) = Verifier([("word/footnotes.xml", b"<a/>")]).problems(
        [("word/footnotes.xml", b"<a>&</a>")], {}
    )

    assert (problem.what, problem.part) == ("不是完整的 XML", "脚注")


TYPES = (
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="png" ContentType="image/png"/></Types>'
)
RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/{kind}" Target="{target}"{more}/></Relationships>'
)


@pytest.mark.parametrize(
    ("kind", "target", "more", "what"),
    [
        ("image", "media/a.png", "", []),
        ("image", "media/b.png", "", ["缺少用到的部件"]),
        ("image", "http://a/b.png", ' TargetMode="External"', ["带有链接的图片"]),
        ("hyperlink", "https://a", ' TargetMode="External"', []),
        ("hyperlink", "file:///a", ' TargetMode="External"', ["带有指向本机或局域网文件的超链接"]),
        ("oleObject", "media/a.png", "", ["带有嵌入的对象（OLE）"]),
    ],
)
def test_every_relationship_leads_somewhere_and_nowhere_else(kind, target, more, what):
    name = "word/_rels/document.xml.rels"
    before = [("[Content_Types].xml", TYPES), ("word/media/a.png", b"")]
    rels = RELS.format(kind=kind, target=target, more=more).encode()

    found = Verifier(before).problems([*before, (name, rels)], {})

    # the part .rels has no type here either: it is the only other thing said
    assert [p.what for p in found if p.what != "部件没有登记类型"] == what


def test_a_part_without_a_content_type_is_said():
    before = [("[Content_Types].xml", TYPES)]

    found = Verifier(before).problems([*before, ("word/media/a.gif", b"")], {})

    assert [p.what for p in found] == ["部件没有登记类型"]


def test_two_parts_of_one_name_are_said():
    before = [("[Content_Types].xml", TYPES), ("word/a.png", b"1")]

    found = Verifier(before).problems([*before, ("word/A.PNG", b"2")], {})

    assert "两个部件同名" in [p.what for p in found]


# -- the values ------------------------------------------------------------------------------


def missing(text, *values, left_out=()):
    root = etree.fromstring(part(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"))
    found = unfound("word/document.xml", root, Printed([*values], [*left_out]))
    return [(problem.rule.code, problem.value) for problem in found]


def test_every_value_is_looked_for_in_order():
    assert missing("甲乙丙", "甲", "丙") == []
    assert missing("甲乙丙", "甲", "丁") == [("T601", "丁")]
    assert missing("甲", "", " ", "甲") == []


def test_an_escaped_value_is_looked_for_as_typed_and_piece_by_piece():
    assert (
        missing("R&amp;D &lt;甲_乙> 第一第二", "R&amp;D &lt;甲&#95;乙&gt;", "第一<?p?>第二") == []
    )
    assert missing("第一", "第一\t第二\n第三") == [("T601", "第二"), ("T601", "第三")]
    assert missing("第一第二", "第一<w:br a='第三'/>第二") == []


def test_a_value_that_a_merged_cell_leaves_out_does_not_make_the_next_ones_look_lost():
    far = "。" * 9000

    assert missing(f"产出甲乙{far}产出", "产出", "甲", "产出", "乙") == []
    assert missing(f"产出甲{far}产出", "产出", "甲", "产出", "乙") == [("T601", "乙")]


def test_a_value_in_an_attribute_or_left_out_on_purpose_is_not_lost():
    root = etree.fromstring(part("<w:p w:rsidR='图 一'/>"))

    assert not list(unfound("a", root, Printed(["图\n一".replace("\n", " ")])))
    assert missing("", "表一", left_out=["附：表一"]) == []


def test_a_tag_that_nobody_filled_in_is_said_but_not_one_that_a_unit_wrote():
    assert missing("甲{{ 名称 }}乙") == [("T603", "{{ 名称 }}")]
    assert missing("｛％ if 甲 ％｝") == [("T603", "｛％ if 甲 ％｝")]
    assert missing("甲{{ 名称 }}乙", "甲{{ 名称 }}") == []
    assert missing("{ 甲 } {丙} 50%}") == []


def test_a_value_printed_into_a_variable_is_looked_for_where_the_variable_is_printed(form):
    values = {"正文": {"名称": "甲 & 乙"}}

    document = render(
        form,
        values,
        "{% set 词 %}［{{ 名称 }}］{% endset %}后{{ 词 }}",
        "{% set 无 %}{{ 金额 }}{% endset %}",
    )

    assert lines_of(document)[0] == "后［甲 & 乙］"


def test_what_a_step_leaves_out_on_purpose_is_noted():
    printed = Printed(["甲"])

    with noted(printed):
        leave_out("甲乙")
    leave_out("丙")

    assert printed.left_out == ["甲乙"]


# -- the whole ---------------------------------------------------------------------------------


def test_a_document_that_loses_a_value_is_not_made(form, monkeypatch):
    def lose(root):
        next(t for t in root.iter(f"{W}t") if t.text == "乙").text = ""

    sabotaged(monkeypatch, lose)
    values = {"正文": {"名称": "甲", "说明": "乙"}}

    assert findings_of(form, values, "{{ 名称 }}", "{{ 说明 }}") == [("T601", "乙", "正文")]


def test_a_document_whose_text_fell_out_of_its_paragraph_is_not_made(form, monkeypatch):
    def loosen(root):
        text = next(root.iter(f"{W}t"))
        text.getparent().text, text.text = text.text, ""

    sabotaged(monkeypatch, loosen)

    assert [code for code, *_ in findings_of(form, {"正文": {"名称": "甲"}}, "{{ 名称 }}")] == [
        "T602"
    ]


@pytest.mark.parametrize(
    "text", ["None", "nan", "#REF!", "{{ 名称 }}", "{% if %}", "｛｛x｝｝", "<w:t/>"]
)
def test_what_a_unit_writes_is_legal_whatever_it_looks_like(form, text):
    values = {"正文": {"名称": text, "说明": f"{text}\n{text}"}, "项目": [{"项目名称": text}] * 2}

    document = render(
        form,
        values,
        "{{ 名称 }}",
        "{{ 说明 }}",
        [["{%tr for 项 in 项目 %}"], ["{% 合并 %}{{ 项.项目名称 }}"], ["{%tr endfor %}"]],
        header=["{{ 名称 }}"],
        title="{{ 名称 }}",
    )

    assert lines_of(document) == [f"[header1] {text}", text, text, text, f"| {text} |", "| ^ |"]


@pytest.mark.parametrize(
    "tag", ["none|trim", "none|upper", "none|replace('a', 'b')", "金额|trim", "none ~ none", "none"]
)
def test_no_tag_prints_a_word_of_the_program(form, tag):
    assert lines_of(render(form, {}, f"前{{{{ {tag} }}}}后")) == ["前后"]


@pytest.mark.parametrize("tag", ["{{ 1e999 }}", "{{ 金额 * 1e999 }}"])
def test_an_infinite_number_is_no_number(form, tag):
    (found,) = findings_of(form, {"正文": {"金额": "1"}}, tag)

    assert found[0] == "T103"


def test_a_filter_for_texts_changes_what_a_value_prints_as(form):
    values = {"正文": {"名称": " None ", "金额": "1.5"}}

    document = render(
        form, values, "{{ 名称|trim }}|{{ 金额|replace('.', '点') }}|{{ 'ab'|upper }}"
    )

    assert lines_of(document) == ["None|1点5|AB"]


def test_braces_that_the_office_wants_printed_are_printed(form):
    document = render(form, {}, "写作 {_{ 名称 }_} 或 {_% if %_}{{ 名称 }}")

    assert lines_of(document) == ["写作 {{ 名称 }} 或 {% if %}"]


def test_the_check_reads_the_finished_bytes(form):
    """Nothing is believed of the tree in memory: each changed part is parsed again, strictly."""
    path = make_docx(form.folder / "t.docx", "{{ 名称 }}")
    before = list(parts_of(path).items())
    after = [
        (name, content.replace(b"{{ ", b"&bad;") if name.endswith("document.xml") else content)
        for name, content in before
    ]

    assert [p.what for p in Verifier(before).problems(after, {})] == ["不是完整的 XML"]


def test_what_is_written_reads_back_as_the_tree_that_was_verified(monkeypatch, form):
    seen = []
    problems = Verifier.problems

    def noted(self, parts, printed, trees):
        seen.extend(
            (etree.tostring(tree, method="c14n"), dict(parts)[name]) for name, tree in trees.items()
        )
        return problems(self, parts, printed, trees)

    monkeypatch.setattr(Verifier, "problems", noted)
    values = {
        "正文": {
            "名称": "<甲> & \"乙\" '丙' ]]> &#13; ａ\u00a0_{{x}}",
            "说明": "一\r\n二\n\n三\t四",
        },
        "项目": [{"项目名称": "−1 ≥ 2", "类": "🙂\u200b"}],
    }
    render(
        form, values, "{{ 名称 }}：{{ 说明 }}", "{%p for 项 in 项目 %}",
        [["{{ 项.项目名称 }}", "{{ 项.类 }}"]], "{%p endfor %}", header=["{{ 名称 }}"], title="{{ 名称 }}",
    )  # fmt: skip

    assert len(seen) == 3
    for tree, written in seen:
        assert etree.tostring(etree.fromstring(written), method="c14n") == tree
