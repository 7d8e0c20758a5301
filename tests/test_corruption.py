"""What breaks a document made by docxtpl, case by case: here the text is right, or one finding says why.

Nothing is lost and no file is broken, in the body and in a table, a header, a footer, a note, a
text box and a property alike.
"""

import io
import re
import zipfile

import pytest

from reportgen.compute import compute
from reportgen.context import names
from reportgen.errors import TemplateError, ValuesError
from reportgen.template.engine import Template
from reportgen.values import from_plain
from support_docx import W, lines_of, make_docx, parts_of, render, tree_of, with_namespaces

FORM = """
[[section]]
label = "正文"
kind = "record"
fields = [
  { label = "名称" },
  { label = "说明", type = "narrative" },
  { label = "金额", type = "decimal", uom = "万元" },
  { label = "人数", type = "integer" },
  { label = "缺", type = "decimal" },
  { label = "2025年预算", type = "decimal" },
  { label = "日子", type = "date" },
]

[[section]]
label = "项目"
kind = "table"
fields = [{ label = "名" }, { label = "items" }]
"""


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def filled(name="", **more):
    return {"正文": {"名称": name, **more}}


ROWS = {"项目": [{"名": "甲"}, {"名": "乙"}]}


# -- the places ------------------------------------------------------------------------------

NOTES = "<w:{0}s><w:{0} w:id='2'>{1}</w:{0}></w:{0}s>"
BOX = (
    "<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent>{}</w:txbxContent></v:textbox>"
    "</v:shape></w:pict></w:r></w:p>"
)
CONTROL = "<w:sdt><w:sdtPr/><w:sdtContent>{}</w:sdtContent></w:sdt>"
CELL = "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w='9'/></w:tblGrid><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>"
PLACES = ("body", "cell", "box", "control", "header", "footer", "footnote", "endnote", "property")


def at(place, text):
    """Return the blocks and more of a template that holds *text* there, as XML text."""
    paragraph = f"<w:p><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"
    around = {"body": "{}", "cell": CELL, "box": BOX, "control": CONTROL}
    if place in around:
        return [around[place].format(paragraph)], {}
    if place in {"header", "footer"}:
        return ["文"], {place: [text.replace("&lt;", "<").replace("&amp;", "&")]}
    if place == "property":
        return ["文"], {"title": text.replace("&lt;", "<").replace("&amp;", "&")}
    xml = with_namespaces(NOTES.format(place, paragraph))
    return ["文"], {"parts": {f"word/{place}s.xml": xml}}


def text_at(document, place):
    """Return the text of *document* there."""
    if place == "property":
        title = "{http://purl.org/dc/elements/1.1/}title"
        return tree_of(document, "docProps/core.xml").findtext(title) or ""
    part = {"header": "header1", "footer": "footer1"}.get(place, f"{place}s")
    if place in {"body", "cell", "box", "control"}:
        part = "document"
    return "".join(t.text or "" for t in tree_of(document, f"word/{part}.xml").iter(f"{W}t"))


#: What is typed in a cell of the workbook, and what the document shows.
TYPED = {
    "an ampersand and a less-than sign": "R&D，增长率<5%且>3%",
    "something like a tag of XML": "<重要>通知",
    "XML that would begin a paragraph": "</w:t></w:r></w:p><w:p>",
    "an entity": "&amp; &lt; &#65;",
    "quotation marks": "> \" ' “丙” ‘丁’",
    "braces of all kinds": "{{ 7*7 }} {% for x in y %} {# 注 #} {{ 未完",
    "docxtpl's own escapes": "{_{ x }_} {_% y %_}",
    "signs beyond the common": "\x7f\x9f\u200b😀𠮷㎡ \xa0　e\u0301",
    "a cell full of text": "字" * 32_767,
    "words of a program": "None nan #REF! #DIV/0!",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("what", TYPED)
def test_what_is_typed_is_printed_as_typed_everywhere(form, what, place):
    blocks, more = at(place, "[{{ 名称 }}]末")

    document = render(form, filled(TYPED[what]), *blocks, **more)

    assert text_at(document, place) == f"[{TYPED[what]}]末"


#: What XML cannot hold, or Word takes for an order; reading a workbook says so (W323, W333, N322).
CLEANED = {
    "control characters": ("甲\x00\x01\x0b\x1f\ufffe\uffff乙", "甲乙"),
    "half a character": ("甲\ud83d乙\ude00", "甲\ufffd乙\ufffd"),
    "marks that turn the order round": ("甲\u202e乙\u2066丙\u2069", "甲乙丙"),
    "docxtpl's orders for a paragraph and a page": ("甲\a乙\f丙", "甲乙丙"),
    "a line break in a field of one line": ("甲\n乙\r\n丙", "甲 乙 丙"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("what", CLEANED)
def test_what_no_document_can_hold_is_left_out_and_all_the_rest_is_there(form, what, place):
    typed, printed = CLEANED[what]
    blocks, more = at(place, "[{{ 名称 }}]末")

    document = render(form, filled(typed), *blocks, **more)

    assert text_at(document, place) == f"[{printed}]末"


#: Tags as people type them, with 名称 = 甲 & 乙, 人数 = 0, 金额 = 3: what they print.
TAGS = {
    "full-width braces": ("｛｛ 名称 ｝｝", "甲 &amp; 乙"),
    "a full-width percent sign": ("{％ if 名称 ％}有{％ endif ％}", "有"),
    "a dash for a minus": ("{%– if 名称 %}有{% endif %}", "有"),
    "curved quotation marks": ("{% if 名称 == “甲 &amp; 乙” %}等{% endif %}", "等"),
    "curved quotation marks inside a text": ("{{ '说“甲”' }}", "说“甲”"),
    "an ampersand inside a tag": ('{% if 名称 == "甲 &amp; 乙" %}等{% endif %}', "等"),
    "a text with an ampersand": ('{{ "A &amp; B" }}', "A &amp; B"),
    "a less-than sign inside a tag": ("{{ '少' if 金额 &lt; 5 else '多' }}", "少"),
    "a heading with its unit": ("{{ 金额（万元） }}", "3"),
    "a heading that begins with digits": ("{{ 2025年预算 }}", "8"),
    "a run of its own for a value": ("{{r 名称 }}", "甲 &amp; 乙"),
    "a comment": ("前{# 注 #}后", "前后"),
    "a blank": ("（{{ 缺 }}）", "（）"),
    "nothing": ("（{{ none }}）", "（）"),
    "a zero": ('{{ 人数 or "-" }}', "0"),
    "a sum of fractions": ("{{ 0.1 + 0.2 }}", "0.3"),
    "a date": ("{{ 日子 }}", "2026年3月5日"),
    "braces that are no tag": ('{"a":{"b":1}} {x} 50%', '{"a":{"b":1}} {x} 50%'),
    "less-than and ampersand of the office": ("a &lt; b &amp; c", "a &lt; b &amp; c"),
    "braces that the office wants printed": ("{_{ 名称 }_}", "{{ 名称 }}"),
}
VALUES = filled("甲 & 乙", 人数="0", 金额="3", **{"2025年预算": "8", "日子": "2026-03-05"})
#: A property is one value: runs and docxtpl's escapes are of the text alone.
NOT_IN_A_PROPERTY = {"a run of its own for a value", "braces that the office wants printed"}


@pytest.mark.parametrize(
    ("what", "place"),
    [
        (what, place)
        for what in TAGS
        for place in PLACES
        if place != "property" or what not in NOT_IN_A_PROPERTY
    ],
)
def test_a_tag_is_understood_as_meant_everywhere(form, what, place):
    tag, printed = TAGS[what]
    blocks, more = at(place, f"前{tag}后")

    document = render(form, VALUES, *blocks, **more)

    printed = printed.replace("&lt;", "<").replace("&amp;", "&")
    assert text_at(document, place) == f"前{printed}后"


#: Tags that cannot be understood or printed, and the finding.
WRONG = {
    "a name that does not exist": ("{{ 预算总额 }}", "T104"),
    "a method of Python": ("{{ 项目.items() }}", "T105"),
    "half a tag": ("{{ 名称", "T107"),
    "a number in braces taken for a comment": ("{#1}甲#}", "T107"),
    "a comment without its end": ("{# 名称", "T107"),
    "an if without its end": ("{% if 名称 %}有", "T108"),
    "an end without its if": ("{% endif %}", "T109"),
    "a percentage taken for a tag": ("{%50%}", "T103"),
    "a table for a value": ("{{ 项目 }}", "T105"),
    "a list": ("{{ [1, 2] }}", "T105"),
    "a dictionary": ("{{ {'k': 1} }}", "T105"),
    "a division by zero": ("{{ 金额 / 人数 }}", "T105"),
    "a number's filter on a text": ("{{ 名称|小数(2) }}", "T105"),
    "an infinite number": ("{{ 1e999 }}", "T103"),
    "a filter that does not exist": ("{{ 名称|nofilter }}", "T104"),
    "a way into Python": ("{{ cycler.__init__.__globals__.os.popen('id') }}", "T104"),
    "a quotient without places": ("{{ 金额 / 7 }}", "T105"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("what", WRONG)
def test_a_tag_that_cannot_be_printed_is_one_finding_with_its_place(form, what, place):
    tag, code = WRONG[what]
    blocks, more = at(place, f"前{tag}后")

    with pytest.raises(TemplateError) as error:
        render(form, VALUES, *blocks, **more)

    (finding,) = error.value.findings
    story = {"header": "页眉", "footer": "页脚", "footnote": "脚注", "endnote": "尾注",
             "property": "文档属性"}.get(place, "正文")  # fmt: skip
    if what != "a division by zero":  # that is at the cell of the workbook that holds the zero
        assert finding.place.field.startswith(story)
    assert finding.code == code


# -- narratives ------------------------------------------------------------------------------


def test_line_ends_of_every_kind_make_paragraphs_with_the_same_indent(form):
    paragraph = (
        "<w:p><w:pPr><w:ind w:firstLine='640'/></w:pPr><w:r><w:t>{{ 说明 }}</w:t></w:r></w:p>"
    )

    document = render(form, filled(说明="甲\r\n乙\n丙"), paragraph)

    assert lines_of(document) == ["甲", "乙", "丙"]
    assert [i.get(f"{W}firstLine") for i in tree_of(document).iter(f"{W}ind")] == ["640"] * 3


def test_a_tab_in_a_text_is_a_tab_of_word(form):
    assert lines_of(render(form, filled("甲\t乙"), "{{ 名称 }}")) == ["甲⇥乙"]


def test_thousands_of_lines_are_as_many_paragraphs(form):
    document = render(form, filled(说明="\n".join("甲" * 16_000)), "{{ 说明 }}")

    assert lines_of(document) == ["甲"] * 16_000


@pytest.mark.parametrize(
    "text", ["字" * 5_000_000, "\n".join("甲" * 100_000)], ids=["long", "lines"]
)
def test_more_text_than_a_cell_holds_is_refused_when_it_is_read(form, text):
    with pytest.raises(ValuesError) as error:
        render(form, filled(说明=text), "{{ 说明 }}")

    assert [f.code for f in error.value.findings] == ["E325"]


@pytest.mark.parametrize("level", ["r", "p"])
def test_a_plain_value_where_docxtpl_wants_rich_text_is_seen(form, level):
    document = render(form, filled("甲 & 乙"), f"前{{{{{level} 名称 }}}}后")

    assert lines_of(document) == ["前甲 & 乙后"]


# -- tags cut up, and tags in the wrong places -------------------------------------------------


def cut(*pieces):
    return f"<w:p>{''.join(pieces)}</w:p>"


def run(text, more=""):
    return f"<w:r>{more}<w:t xml:space='preserve'>{text}</w:t></w:r>"


BOLD = "<w:rPr><w:b/></w:rPr>"
CUT = {
    "runs and formats": cut(run("前{"), run("{ 名", BOLD), run("称 }", "<w:rPr><w:i/></w:rPr>"), run("}后")),
    "marks of the spell-checker": cut(
        run("前{{ 名"), "<w:proofErr w:type='spellStart'/>", run("称 }}后")
    ),
    "bookmarks": cut(
        run("前{{ 名"), "<w:bookmarkStart w:id='1' w:name='a'/>", run("称"),
        "<w:bookmarkEnd w:id='1'/>", run(" }}后"),
    ),
    "a tab": "<w:p><w:r><w:t>前{{ 名称</w:t><w:tab/><w:t>}}后</w:t></w:r></w:p>",
    "tracked changes": cut(
        run("前{{ 名"), "<w:ins w:id='1' w:author='a'>", run("称"), "</w:ins>",
        "<w:del w:id='2' w:author='a'><w:r><w:delText>x</w:delText></w:r></w:del>", run(" }}后"),
    ),
    "a field's result": cut(
        run("前"), "<w:r><w:fldChar w:fldCharType='begin'/></w:r>",
        "<w:r><w:instrText> REF a </w:instrText></w:r>",
        "<w:r><w:fldChar w:fldCharType='separate'/></w:r>", run("{{ 名"), run("称 }}"),
        "<w:r><w:fldChar w:fldCharType='end'/></w:r>", run("后"),
    ),
    "the beginning of a link": cut(
        run("前{{ 名"), "<w:hyperlink w:anchor='a'>", run("称 }}后"), "</w:hyperlink>"
    ),
    "the end of a link": cut(
        "<w:hyperlink w:anchor='a'>", run("前{{ 名"), "</w:hyperlink>", run("称 }}后")
    ),
    "a content control": cut(
        run("前{{ 名"), "<w:sdt><w:sdtContent>", run("称 }}后"), "</w:sdtContent></w:sdt>"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CUT)
def test_a_tag_that_word_has_cut_up_is_one_tag_and_nothing_behind_it_is_lost(form, what):
    document = render(form, filled("甲"), CUT[what], "末")

    assert lines_of(document) == ["前甲后", "末"]


#: Where a tag would swallow text, or a pair would tear a table: one finding, and its code.
MISPLACED = {
    "a tag over two paragraphs": (["前{{ 名", "称 }}后"], "T107"),
    "a tag over two cells": ([[["前{{ 名", "称 }}后"]]], "T107"),
    "text beside a tag of paragraphs": (["前{%p if 名称 %}后", "中", "{%p endif %}"], "T111"),
    "text beside a tag of rows": (
        [[["文{%tr for 项 in 项目 %}", "旁"], ["{{ 项.名 }}", ""], ["{%tr endfor %}", ""]]],
        "T111",
    ),
    "a condition from the text into a table": (
        ["{% if 名称 %}甲", [["乙{% endif %}"]], "丙"],
        "T110",
    ),
    "a loop of rows that ends as one of paragraphs": (
        [[["{%tr for 项 in 项目 %}"], ["{{ 项.名 }}"]], "{%p endfor %}", "丙"],
        "T110",
    ),
    "a tag of rows outside a table": (["{%tr for 项 in 项目 %}", "{%tr endfor %}"], "T112"),
}


@pytest.mark.parametrize("what", MISPLACED)
def test_a_tag_that_would_lose_text_is_a_finding(form, what):
    blocks, code = MISPLACED[what]

    with pytest.raises(TemplateError) as error:
        render(form, ROWS, *blocks)

    assert code in {f.code for f in error.value.findings}
    assert all(f.place.field for f in error.value.findings)


def test_tags_of_a_row_may_stand_in_the_row_itself(form):
    table = [["{%tr for 项 in 项目 %}{{ 项.序号 }}", "{{ 项.名 }}{%tr endfor %}"]]

    assert lines_of(render(form, ROWS, table)) == ["| 1 | 甲 |", "| 2 | 乙 |"]


# -- what a loop or a condition leaves behind ---------------------------------------------------


def inside(place, *paragraphs):
    """Return a template with nothing but *paragraphs* there."""
    xml = "".join(f"<w:p>{run(one)}</w:p>" for one in paragraphs)
    if place in {"header", "footer"}:
        return ["文"], {place: list(paragraphs)}
    if place in {"footnote", "endnote"}:
        parts = {f"word/{place}s.xml": with_namespaces(NOTES.format(place, xml))}
        return ["文"], {"parts": parts}
    return [{"cell": CELL, "box": BOX, "control": CONTROL}[place].format(xml)], {}


@pytest.mark.parametrize(
    "place", ["cell", "box", "control", "header", "footer", "footnote", "endnote"]
)
@pytest.mark.parametrize(
    "paragraphs",
    [
        ("{%p if 名称 %}", "{{ 名称 }}", "{%p endif %}"),
        ("{%p for 项 in 项目 %}", "{{ 项.名 }}", "{%p endfor %}"),
    ],
    ids=["false condition", "loop without rounds"],
)
def test_what_loses_its_only_paragraph_gets_an_empty_one(form, place, paragraphs):
    blocks, more = inside(place, *paragraphs)

    document = render(form, {}, *blocks, **more)

    parts = {"header": "header1", "footer": "footer1"}
    part = parts.get(place, f"{place}s" if place.endswith("note") else "document")
    tags = {"cell": "tc", "box": "txbxContent", "control": "sdtContent", "header": "hdr",
            "footer": "ftr"}  # fmt: skip
    (holder,) = tree_of(document, f"word/{part}.xml").iter(f"{W}{tags.get(place, place)}")
    assert [child.tag for child in holder if child.tag != f"{W}tcPr"] == [f"{W}p"]


def test_a_row_without_cells_and_a_table_without_rows_go(form):
    document = render(
        form,
        {},
        "前",
        [["{%tr for 项 in 项目 %}"], ["{{ 项.名 }}"], ["{%tr endfor %}"]],
        [["{%tc for 项 in 项目 %}", "{{ 项.名 }}", "{%tc endfor %}"], ["甲", "乙", "丙"]],
        "后",
    )

    assert lines_of(document) == ["前", "| 甲 | 乙 | 丙 |", "后"]
    assert len(list(tree_of(document).iter(f"{W}tbl"))) == 1


def test_columns_made_by_a_loop_agree_in_grid_cells_and_width(form):
    values = {"项目": [{"名": name} for name in "甲乙丙丁"]}

    document = render(
        form, values, [["名", "{%tc for 项 in 项目 %}", "{{ 项.名 }}", "{%tc endfor %}"]]
    )

    grid, cells = (
        [int(one.get(f"{W}w")) for one in tree_of(document).iter(f"{W}{tag}")]
        for tag in ("gridCol", "tcW")
    )
    assert len(grid) == 5
    assert grid == cells


@pytest.mark.parametrize("tag", ["colspan 0", "colspan ''", "colspan -1", "cellbg '彩虹'"])
def test_a_width_or_colour_that_is_none_is_a_finding(form, tag):
    with pytest.raises(TemplateError) as error:
        render(form, {}, [[f"{{% {tag} %}}甲", "乙"]])

    (finding,) = error.value.findings
    assert finding.code == "T105"
    assert finding.place.field.startswith("正文，表 1 第 1 行第 1 列")


@pytest.mark.parametrize(
    "grid", ["", "<w:tblGrid/>", "<w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid>"]
)
def test_a_table_without_a_grid_is_filled_as_any(form, grid):
    row = "<w:tr>{}</w:tr>".format(
        "".join(f"<w:tc><w:p>{run(t)}</w:p></w:tc>" for t in ("{{ 名称 }}", "乙"))
    )

    document = render(form, filled("甲"), f"<w:tbl><w:tblPr/>{grid}{row}</w:tbl>")

    assert lines_of(document) == ["| 甲 | 乙 |"]


def test_a_template_in_another_prefix_and_encoding_is_filled(form):
    path = make_docx(form.folder / "a.docx", "前{{ 名称 }}后")
    xml = parts_of(path)["word/document.xml"].decode()
    for code in ("utf-8", "utf-16"):
        other = xml.replace("<w:", "<ns0:").replace("</w:", "</ns0:").replace(" w:", " ns0:")
        other = other.replace("xmlns:w=", "xmlns:ns0=")
        other = other.replace("encoding='UTF-8'", f"encoding='{code}'").replace(
            'encoding="UTF-8"', f'encoding="{code}"'
        )
        document = render(
            form, filled("甲"), "x", replaced={"word/document.xml": other.encode(code)}
        )

        assert lines_of(document) == ["前甲后"]


def test_a_property_longer_than_word_allows_and_one_without_a_tag_do_no_harm(form):
    document = render(form, filled("字" * 300), "文", title="{{ 名称 }}")

    assert text_at(document, "property") == "字" * 300


def test_fifty_conditions_inside_each_other_are_one_text(form):
    tags = "{% if true %}" * 50 + "甲" + "{% endif %}" * 50

    assert lines_of(render(form, {}, tags)) == ["甲"]


def test_the_order_of_documents_does_not_matter(form):
    """Rows of one unit never turn up in the document of another: A, B, A again."""
    blocks = [["{%tr for 项 in 项目 %}"], ["{{ 项.名 }}"], ["{%tr endfor %}"]], "{{ 名称 }}"
    first = {**filled("甲局"), **ROWS}

    one, two, again = (render(form, values, *blocks) for values in (first, filled("乙局"), first))

    assert one == again
    assert lines_of(two) == ["乙局"]


MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"


@pytest.mark.parametrize(
    "inside",
    [
        f"<m:oMath xmlns:m='{MATH}'><m:r><m:t>{{{{ 名称 }}}}</m:t></m:r></m:oMath>",
        (
            "<w:r><w:ruby><w:rt><w:r><w:t>{{ 名称 }}</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>底</w:t>"
            "</w:r></w:rubyBase></w:ruby></w:r>"
        ),
    ],
    ids=["an equation", "a reading above a sign"],
)
def test_a_tag_in_an_equation_or_a_reading_is_filled(form, inside):
    document = render(form, filled("甲 & 乙"), f"<w:p>{inside}</w:p>")

    assert "甲 & 乙" in "".join(tree_of(document).itertext())


def test_a_tag_in_a_comment_of_word_is_filled(form):
    comments = (
        f"<w:comments xmlns:w='{W[1:-1]}'><w:comment w:id='1' w:author='甲'><w:p><w:r>"
        "<w:t>{{ 名称 }}</w:t></w:r></w:p></w:comment></w:comments>"
    )

    document = render(form, filled("甲 & 乙"), "文", parts={"word/comments.xml": comments})

    assert "".join(tree_of(document, "word/comments.xml").itertext()) == "甲 & 乙"


def test_twenty_thousand_rows_and_seventy_cells_are_all_there(form):
    rows = [{"名": f"第{number}项"} for number in range(20_000)]
    loop = [["{%tr for 项 in 项目 %}"], ["{{ 项.名 }}"], ["{%tr endfor %}"]]

    document = render(form, {**filled("甲"), "项目": rows}, loop, [["{{ 名称 }}"] * 70])

    *listed, wide = lines_of(document)
    assert listed == [f"| 第{number}项 |" for number in range(20_000)]
    assert wide == "| " + " | ".join(["甲"] * 70) + " |"


def test_a_package_that_spells_the_relationship_of_its_properties_otherwise_has_them_once(form):
    path = make_docx(form.folder / "t.docx", "{{ 名称 }}", title="{{ 名称 }}")
    parts = parts_of(path)
    spelt = b"http://schemas.openxmlformats.org/officedocument/2006/relationships/metadata/core-properties"
    links = re.sub(rb'Type="[^"]*core-properties"', b'Type="' + spelt + b'"', parts["_rels/.rels"])
    with zipfile.ZipFile(path, "w") as package:
        for name, content in {**parts, "_rels/.rels": links}.items():
            package.writestr(name, content)
    template = Template(path, form.headings, [form.names()])

    document = template.render(names(compute(from_plain(filled("甲"), form))))

    with zipfile.ZipFile(io.BytesIO(document)) as package:
        assert package.namelist().count("docProps/core.xml") == 1
    assert "甲" in "".join(tree_of(document, "docProps/core.xml").itertext())
