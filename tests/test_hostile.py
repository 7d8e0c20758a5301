"""A hostile template ends in a finding: soon, and without having reached anything."""

import io
import re
import time
import zipfile

import pytest
from lxml import etree

from reportgen.batch import lint_all
from reportgen.compute import compute
from reportgen.context import names
from reportgen.errors import TemplateError
from reportgen.project import Forms
from reportgen.template import lists
from reportgen.template.engine import Template
from reportgen.template.tags import W
from reportgen.values import from_plain
from support_batch import make_project
from support_docx import lines_of, make_docx, parts_of, render, write_parts
from support_hostile import changed, good_entries, more, overlapping, packed, raw, unpacked, zeros

FORM = """
[[section]]
label = "正文"
kind = "record"
fields = [{ label = "名称" }, { label = "金额", type = "decimal", places = 2 }]

[[section]]
label = "项目"
kind = "table"
fields = [{ label = "项目名称" }, { label = "指标总额", type = "decimal" }]
"""
VALUES = {
    "正文": {"名称": "甲", "金额": "3"},
    "项目": [{"项目名称": f"{n}", "指标总额": "1"} for n in range(9)],
}
SOON = 15  # seconds: the limit is ten of processor time


@pytest.fixture
def form(make_form):
    return make_form(FORM)


TOO_MUCH = {
    "loops inside loops": (
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "循环了 50 万次还没有完",
    ),
    "a loop too long for one": ("{% for a in range(10**9) %}甲{% endfor %}", "最多 10 万轮"),
    "loops of rows": (
        (
            "{% for a in 项目 %}{% for b in 项目 %}{% for c in 项目 %}{% for d in 项目 %}"
            "{% for e in 项目 %}{% for f in 项目 %}甲{% endfor %}{% endfor %}{% endfor %}"
            "{% endfor %}{% endfor %}{% endfor %}"
        ),
        "循环了 50 万次还没有完",
    ),
    "a captured loop": (
        (
            "{% set s %}{% for a in range(99999) %}{% for b in range(99999) %}甲{% endfor %}"
            "{% endfor %}{% endset %}{{ s }}"
        ),
        "循环了 50 万次还没有完",
    ),
    "a text that doubles": (
        (
            "{% set n = namespace(s='甲乙丙丁') %}{% for a in range(99) %}{% set n.s = n.s ~ n.s %}"
            "{% endfor %}{{ n.s }}"
        ),
        "拼出的文字太长",
    ),
    "a text that doubles by +": (
        (
            "{% set n = namespace(s='甲乙丙丁') %}{% for a in range(99) %}{% set n.s = n.s + n.s %}"
            "{% endfor %}{{ n.s }}"
        ),
        "拼出的文字太长",
    ),
    "a list that doubles": (
        (
            "{% set n = namespace(s=[1, 2]) %}{% for a in range(99) %}{% set n.s = n.s + n.s %}"
            "{% endfor %}{{ n.s|length }}"
        ),
        "拼出的表太长",
    ),
    "a text replaced by itself": (
        (
            "{% set n = namespace(s='甲甲甲甲甲') %}{% for a in range(99) %}"
            "{% set n.s = n.s|replace('甲', n.s) %}{% endfor %}{{ n.s }}"
        ),
        "拼出的文字太长",
    ),
    "a number squared again and again": (
        (
            "{% set n = namespace(x=99) %}{% for a in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}"
            "{{ n.x }}"
        ),
        "算出的数太大",
    ),
    "a power": ("{{ 9 ** 999999999 }}", "算出的数太大"),
    "a tower of powers": ("{{ 9 ** 9 ** 9 ** 9 }}", "算出的数太大"),
    "decimals without end": ("{{ 金额|小数(999999999) }}", "小数位数最多 15 位"),
    "rounding without end": ("{{ round(金额, 999999999) }}", "小数位数最多 15 位"),
    "a row filled up": ("{% for a in 项目|batch(999999999, '甲') %}{% endfor %}", "一行最多"),
    "slices without end": (
        "{% for a in 项目|slice(999999999) %}{% endfor %}",
        "循环了 50 万次还没有完",
    ),
    "slices counted": ("{{ 项目|slice(999999999)|list|length }}", "循环了 50 万次还没有完"),
    "a loop that calls itself": (
        "{% for a in 项目 recursive %}{{ loop(项目) }}{% endfor %}",
        "一层套一层",
    ),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_costs_too_much_ends_in_a_finding_with_its_place(form, name):
    blocks, said = TOO_MUCH[name]
    began = time.monotonic()

    with pytest.raises(TemplateError) as error:
        render(form, VALUES, "前", blocks, "后")

    (finding,) = error.value.findings
    assert finding.code == "T105"
    assert said in finding.message
    assert finding.place.field.startswith("正文，第 2 段：")
    assert time.monotonic() - began < SOON


def test_a_document_too_large_for_word_is_not_made(form):
    block = "字" * 20_000

    with pytest.raises(TemplateError) as error:
        render(form, VALUES, f"{{% for a in range(9999) %}}{block}{{% endfor %}}")

    assert [f.code for f in error.value.findings] == ["T105"]
    assert "生成的文档太大" in error.value.findings[0].message


@pytest.mark.parametrize("tag", ["{{ '甲' * 999999999 }}", "{{ ([1] * 999999999)|length }}",
                                 "{{ '%999999999d' % 1 }}"])  # fmt: skip
def test_texts_and_lists_are_not_multiplied_nor_formatted(form, tag):
    with pytest.raises(TemplateError) as error:
        render(form, VALUES, tag)

    assert [f.code for f in error.value.findings] == ["T105"]


def test_a_large_table_is_no_hostile_one(form):
    values = {"项目": [{"项目名称": f"第{n}项", "指标总额": "1"} for n in range(3000)]}

    document = render(
        form,
        values,
        [
            ["{%tr for 项 in 项目 %}", ""],
            ["{{ 项.项目名称 }}", "{{ 项.指标总额 }}"],
            ["{%tr endfor %}", ""],
        ],
        "{% for 项 in 项目 %}{{ 项.项目名称 ~ '：' ~ 项.指标总额 }}{% if loop.index % 2 == 0 %}；{% endif %}{% endfor %}",
    )

    assert len(lines_of(document)) == 3001
    assert lines_of(document)[2999] == "| 第2999项 | 1 |"


# -- what a template carries -----------------------------------------------------------------

REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office/2006/relationships"


def context_of(form):
    return names(compute(from_plain(VALUES, form)))


def carrying(form, rels, *blocks, source="word/document.xml", parts=None, types=()):
    """Write a template with more relationships: (type, target, is external)."""
    path = make_docx(form.folder / "t.docx", *(blocks or ["{{ 名称 }}"]))
    found = {**parts_of(path), **(parts or {})}
    folder, _, file = source.rpartition("/")
    name = f"{folder}/_rels/{file}.rels"
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    links = "".join(
        f'<Relationship Id="rIdX{n}" Type="{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if external else "/>")
        for n, (kind, target, external) in enumerate(rels)
    )
    found[name] = found.get(name, empty).replace(
        b"</Relationships>", links.encode() + b"</Relationships>"
    )
    for old, new in types:
        found["[Content_Types].xml"] = found["[Content_Types].xml"].replace(
            old.encode(), new.encode()
        )
    write_parts(path, found)
    return path


def refused(form, path):
    with pytest.raises(TemplateError) as error:
        Template(path, form.headings, [form.names()])
    return [(f.code, f.message) for f in error.value.findings]


REFUSED = {
    "a picture on a server": ((f"{REL}/image", "http://evil.example/a.png", True), "链接的图片"),
    "a picture on a share": ((f"{REL}/image", r"\\evil\share\a.png", True), "链接的图片"),
    "an object": ((f"{REL}/oleObject", "embeddings/oleObject1.bin", False), "嵌入的对象（OLE）"),
    "a linked object": ((f"{REL}/oleObject", "file:///c:/a.xlsx", True), "嵌入的对象（OLE）"),
    "a workbook": ((f"{REL}/package", "embeddings/a.xlsx", False), "嵌入的对象（例如 Excel 表）"),
    "another document": ((f"{REL}/aFChunk", "a.htm", False), "altChunk"),
    "a subdocument": ((f"{REL}/subDocument", "a.docx", True), "子文档"),
    "a frame": ((f"{REL}/frame", "http://evil.example/", True), "框架网页"),
    "a control": ((f"{REL}/control", "activeX/activeX1.xml", False), "ActiveX"),
    "a link to a share": ((f"{REL}/hyperlink", r"\\evil\share\a", True), "超链接"),
    "a link to a file": ((f"{REL}/hyperlink", "file:///c:/a.exe", True), "超链接"),
    "a link that runs": ((f"{REL}/hyperlink", "javascript:alert(1)", True), "超链接"),
    "anything outside": ((f"{REL}/whatever", "http://evil.example/", True), "外部链接（whatever）"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_template_that_carries_foreign_things_is_refused_with_their_name(form, name):
    link, said = REFUSED[name]

    ((code, message),) = refused(form, carrying(form, [link]))

    assert code == "T605"
    assert said in message


@pytest.mark.parametrize(
    "target",
    ["https://www.gov.cn/a?b=1", "mailto:a@b.cn", "附件1.docx", "#_Toc1", "../附件/表.xlsx"],
)
def test_a_plain_link_stays(form, target):
    path = carrying(form, [(f"{REL}/hyperlink", target, True)])

    document = Template(path, form.headings, [form.names()]).render(context_of(form))

    assert target in parts_of(document)["word/_rels/document.xml.rels"].decode()


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
DOCM = "application/vnd.ms-word.document.macroEnabled.main+xml"


def test_macros_do_not_reach_a_document_and_it_is_a_plain_one(form):
    path = carrying(
        form,
        [(f"{MICROSOFT}/vbaProject", "vbaProject.bin", False)],
        parts={
            "word/vbaProject.bin": b"macro",
            "word/vbaData.xml": b"<a/>",
            "word/_rels/vbaProject.bin.rels": (
                b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
                b'relationships"><Relationship Id="rId1" Type="' + MICROSOFT.encode()
                + b'/wordVbaData" Target="vbaData.xml"/></Relationships>'
            ),
        },
        types=[
            (DOCX, DOCM),
            (
                "</Types>",
                ('<Override PartName="/word/vbaData.xml" ContentType="application/vnd.ms-word.'
                'vbaData+xml"/><Default Extension="bin" ContentType="application/'
                'vnd.ms-office.vbaProject"/></Types>'),
            ),
        ],
    )  # fmt: skip

    template = Template(path, form.headings, [form.names()])
    parts = parts_of(template.render(context_of(form)))

    assert [(f.code, f.level, "宏" in f.message) for f in template.warnings] == [
        ("W706", "warning", True)
    ]
    assert not [name for name in parts if "vba" in name.lower()]
    everything = b"".join(parts.values()).lower()
    assert b"vba" not in everything
    assert b"macroenabled" not in everything
    assert DOCX.encode() in parts["[Content_Types].xml"]


@pytest.mark.parametrize(
    ("kind", "xml", "said"),
    [
        ("attachedTemplate", "<w:attachedTemplate r:id='rIdX0'/>", "附加的模板"),
        (
            "mailMergeSource",
            "<w:mailMerge><w:dataSource r:id='rIdX0'/></w:mailMerge>",
            "邮件合并的数据源",
        ),
    ],
)
def test_what_settings_fetch_from_elsewhere_is_left_out(form, kind, xml, said):
    path = make_docx(form.folder / "a.docx", "文")
    settings = parts_of(path)["word/settings.xml"].decode()
    settings = re.sub(
        r"(<w:settings[^>]*)>",
        rf'\1 xmlns:r="{REL}">{xml}' if "xmlns:r=" not in settings else rf"\1>{xml}",
        settings,
        count=1,
    )
    path = carrying(
        form,
        [(f"{REL}/{kind}", "file:///c:/a.dotm", True)],
        source="word/settings.xml",
        parts={"word/settings.xml": settings.encode()},
    )

    template = Template(path, form.headings, [form.names()])
    parts = parts_of(template.render(context_of(form)))

    assert said in template.warnings[0].message
    assert b"a.dotm" not in b"".join(parts.values())
    assert b"rIdX0" not in b"".join(parts.values())
    assert b"w:settings" in parts["word/settings.xml"]


@pytest.mark.parametrize(
    "field", ["DDEAUTO c:\\cmd", " dde a b", "INCLUDEPICTURE http://e/a.png", "INCLUDETEXT a.docx",
              "LINK Excel.Sheet a", "IMPORT a", "DATABASE a"]
)  # fmt: skip
def test_a_field_that_fetches_is_refused_however_it_is_cut_up(form, field):
    pieces = "".join(
        f"<w:r><w:instrText xml:space='preserve'>{piece}</w:instrText></w:r>"
        for piece in (field[:2], field[2:5], field[5:])
    )
    whole = f"<w:p><w:fldSimple w:instr='{field}'><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>"
    cut = (
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r>"
        + pieces
        + "<w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>"
    )

    for block in (whole, cut):
        path = make_docx(form.folder / "t.docx", block)
        ((code, message),) = refused(form, path)
        assert (code, field.split()[0].upper() in message) == ("T605", True)


def test_fields_of_word_itself_are_no_harm(form):
    blocks = [
        f"<w:p><w:fldSimple w:instr=' {code} '><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>"
        for code in ("PAGE", "TOC \\o", "REF a", 'HYPERLINK "https://a"', "DATE", "LISTNUM")
    ]  # fmt: skip

    assert len(lines_of(render(form, VALUES, *blocks))) == 6


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "甲乙"><!ENTITY c "&b;&b;&b;">]>'
    '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:footnote><w:p><w:r><w:t>&c;</w:t></w:r></w:p></w:footnote></w:footnotes>"
)


@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_a_part_with_entities_is_refused_unread(form, code):
    content = BOMB.replace("?>", f' encoding="{code}"?>', 1).encode(code)
    path = make_docx(form.folder / "t.docx", "文", parts={"word/footnotes.xml": content})

    ((code, message),) = refused(form, path)

    assert code == "T605"
    assert "DTD（word/footnotes.xml）" in message


@pytest.mark.parametrize("name", ["../a.xml", "/etc/a.xml", "word\\a.xml", "WORD/Document.xml"])
def test_a_part_of_a_treacherous_name_is_refused(form, name):
    path = make_docx(form.folder / "t.docx", "文")
    write_parts(path, {**parts_of(path), name: b"<a/>"})

    assert [code for code, _ in refused(form, path)] == ["T605"]


def test_a_package_that_would_unpack_to_more_than_any_document_is_not_unpacked(form, monkeypatch):
    path = make_docx(form.folder / "t.docx", "文")
    monkeypatch.setattr("reportgen.preflight.MOST_UNPACKED", 1000)

    assert [code for code, _ in refused(form, path)] == ["T102"]


# -- packages that are none that Word writes -----------------------------------------------------

BODY, LINKS = "word/document.xml", "word/_rels/document.xml.rels"
PARAGRAPH = b"<w:p><w:r><w:t>%s</w:t></w:r></w:p>"
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><a>&b;</a>'


def within(xml):
    """Return a change of a template that puts *xml* into its body."""
    return lambda c: changed(c, {BODY: lambda x: x.replace(b"<w:body>", b"<w:body>" + xml)})


def without(name):
    return lambda c: packed({n: part for n, part in unpacked(c).items() if n != name})


def linked(kind, target):
    one = f'<Relationship Id="rIdN" Type="{REL}/{kind}" Target="{target}"/></Relationships>'
    return lambda c: changed(c, {LINKS: lambda x: x.replace(b"</Relationships>", one.encode())})


#: What is done to a template → the codes that opening it gives, and words of the first.
ODD_TEMPLATES = {
    "a picture of 300 MB": (
        lambda c: raw([*good_entries(c), ("word/media/a.png", *zeros(300), 8, 0)]),
        "T102", "解开以后有 30"),
    "a part of 60 MB": (
        lambda c: raw([*good_entries(c), ("word/more.xml", *zeros(60), 8, 0)]), "T102", "61 MB"),
    "12 MB of text": (within(PARAGRAPH % (b"x" * 60) * 130_000), "T102", "最多 4 MB"),
    "a part inside another": (overlapping, "T605", "互相重叠"),
    "100,000 levels": (
        lambda c: more(c, [("a.xml", b"<a>" * 100_000 + b"</a>" * 100_000)]), "T605", "500 层"),
    "an entity in the styles": (lambda c: changed(c, {"word/styles.xml": LAUGHS}), "T605", "DTD"),
    "an entity in a part of its own": (
        lambda c: more(c, [("customXml/item9.xml", LAUGHS)]), "T605", "DTD（customXml/item9.xml）"),
    "cut off": (lambda c: c[: len(c) * 4 // 5], "T102", "没有传完整"),
    "100,000 half tags": (within(PARAGRAPH % (b"{%" * 100_000)), "T102", "标记太多"),
    "20,000 tags": (within(PARAGRAPH % b"{{ x }}" * 20_000), "T102", "标记太多"),
    "3,000 half tags": (within(PARAGRAPH % (b"{%tr " * 3000)), "T107", "只有一半"),
    "20,000 brackets": (
        within(PARAGRAPH % (b"{{ " + b"(" * 20_000 + b"1" + b")" * 20_000 + b" }}")), "T103", "看不懂"),
    "a sum of 20,000": (within(PARAGRAPH % (b"{{ " + b"1+" * 20_000 + b"1 }}")), "T103", "看不懂"),
    "2,000 blocks in each other": (
        within(PARAGRAPH % b"{% if 1 %}" * 2000 + PARAGRAPH % b"{% endif %}" * 2000), "T103", "看不懂"),
    "half a sign": (within(PARAGRAPH % rb"{{ '\ud800' }}"), "T103", "看不懂"),
    "a sign that no document holds": (within(PARAGRAPH % rb"{{ 'a\x0b' }}"), "T103", "看不懂"),
    "a number of 5,000 digits": (within(PARAGRAPH % (b"{{ " + b"9" * 5000 + b" }}")), "T103", "看不懂"),
    "no content types": (without("[Content_Types].xml"), "T102", "缺少必要的部件"),
    "no relationships": (without("_rels/.rels"), "T102", "缺少必要的部件"),
    "no text": (without(BODY), "T102", "没有 Word 正文"),
    "another root": (lambda c: changed(c, {BODY: b"<a/>"}), "T102", "没有 Word 正文"),
    "an empty text": (lambda c: changed(c, {BODY: b""}), "T102", "不是完整的 XML"),
    "broken content types": (
        lambda c: changed(c, {"[Content_Types].xml": b"<Types"}), "T102", "不是完整的 XML"),
    "broken relationships": (lambda c: changed(c, {LINKS: b"<Relationships"}), "T102", "不是完整的 XML"),
    "broken styles": (
        lambda c: changed(c, {"word/styles.xml": b"<w:styles"}), "T102", "不是完整的 XML"),
    "a part in other capitals": (
        lambda c: raw([(n.replace("styles", "Styles"), *more) for n, *more in good_entries(c)]),
        "T102", "大小写不一致"),
    "broken properties": (
        lambda c: changed(c, {"docProps/core.xml": b"<a"}), "T102", "不是完整的 XML"),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD_TEMPLATES)
def test_a_template_that_no_program_writes_is_told_when_it_is_opened_and_by_lint(
    form, tmp_path, name
):
    change, code, words = ODD_TEMPLATES[name]
    content = change(make_docx(tmp_path / "a.docx", "{{ 名称 }}").read_bytes())
    (form.folder / "t.docx").write_bytes(content)

    first = refused(form, form.folder / "t.docx")[0]

    assert first[0] == code
    assert words in first[1]
    root = tmp_path / "project"
    root.mkdir()
    (make_project(root).folder / "报告.docx").write_bytes(content)
    run = lint_all(Forms(root / "templates"), tmp_path / "退回件")
    found = [(f.code, f.place.file) for f in run.findings]
    assert (code, "报告.docx") in found
    assert len(found) < 250
    assert run.exit_code() == 1


def test_two_blocks_of_one_name_are_a_finding(form, tmp_path):
    content = make_docx(tmp_path / "a.docx", "{{ 名称 }}").read_bytes()
    twice = within(PARAGRAPH % b"{% block a %}{% endblock %}{% block a %}{% endblock %}")(content)
    (form.folder / "t.docx").write_bytes(twice)

    assert refused(form, form.folder / "t.docx")[0][0] == "T103"
    (make_project(tmp_path).folder / "报告.docx").write_bytes(twice)
    assert "X999" not in {f.code for f in lint_all(Forms(tmp_path / "templates"), None).findings}


def test_styles_inherit_their_list_through_any_number_of_parents():
    parents = "".join(
        f'<w:style w:styleId="s{n}"><w:basedOn w:val="s{n + 1}"/></w:style>' for n in range(9_000)
    )
    numbered = '<w:numPr><w:ilvl w:val="x"/><w:numId w:val="7"/></w:numPr>'
    root = etree.fromstring(
        f'<w:styles xmlns:w="{W[1:-1]}">{parents}<w:style w:styleId="s9000">'
        f'<w:basedOn w:val="s8999"/><w:pPr>{numbered}</w:pPr></w:style></w:styles>'
    )

    found = lists._styles(root)

    assert found["s0"] == found["s9000"] == ("7", 0)


HARMLESS = {
    "UTF-16": lambda c: changed(
        c, {BODY: lambda x: x.decode().replace("UTF-8", "UTF-16").encode("utf-16")}),
    "a picture that is not there": linked("image", "../NULL"),
    "a relationship that leads out": linked("header", "../../../../etc/passwd"),
    "a property of 5,000 letters": lambda c: changed(c, {"docProps/core.xml": lambda x: x.replace(
        b"</cp:coreProperties>", b"<cp:category>" + b"x" * 5000 + b"</cp:category></cp:coreProperties>")}),
    "tables in tables": within(
        b"<w:tbl><w:tr><w:tc>" * 60 + PARAGRAPH % b"x" + (b"</w:tc></w:tr></w:tbl>" + PARAGRAPH % b"") * 60),
    "no grid": within(b"<w:tbl><w:tr><w:tc>" + PARAGRAPH % b"x" + b"</w:tc></w:tr></w:tbl>"),
    "a grid without widths": within(
        b"<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc>" + PARAGRAPH % b"x"
        + b"</w:tc><w:tc>" + PARAGRAPH % b"y" + b"</w:tc></w:tr></w:tbl>"),
    "widths that are no numbers": within(
        b"<w:tbl><w:tblGrid><w:gridCol w:w='x'/></w:tblGrid><w:tr><w:tc>" + PARAGRAPH % b"x"
        + b"</w:tc><w:tc>" + PARAGRAPH % b"y" + b"</w:tc></w:tr></w:tbl>"),
    "columns that loop, of widths that are no numbers": within(
        b"<w:tbl><w:tblGrid><w:gridCol w:w='x'/></w:tblGrid><w:tr><w:trPr><w:gridAfter w:val='x'/></w:trPr>"
        + b"".join(b"<w:tc>" + PARAGRAPH % one + b"</w:tc>" for one in (
            "{%tc for 项 in 项目 %}".encode(), b"x", b"{%tc endfor %}")) + b"</w:tr></w:tbl>"),
    "a table of contents over levels and bookmarks that are no numbers": within(
        b"<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>TOC \\o \"1-3\" \\u</w:instrText>"
        b"</w:r><w:r><w:fldChar w:fldCharType='separate'/></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>"
        b"<w:p><w:pPr><w:outlineLvl w:val='x'/></w:pPr><w:bookmarkStart w:id='x' w:name='a'/><w:bookmarkEnd"
        b" w:id='x'/><w:r><w:t>y</w:t></w:r></w:p>"
        b"<w:p><w:pPr><w:outlineLvl w:val='0'/></w:pPr><w:r><w:t>y</w:t></w:r></w:p>"),
    "another prefix": lambda c: changed(c, {BODY: lambda x: re.sub(
        rb"(<\/?|[ ]|xmlns:)w:", rb"\1ns0:", x.replace(b"xmlns:w=", b"xmlns:ns0="))}),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_a_template_that_is_only_odd_is_filled_all_the_same(form, tmp_path, name):
    path = make_docx(form.folder / "t.docx", "{{ 名称 }}，完")
    path.write_bytes(HARMLESS[name](path.read_bytes()))

    made = Template(path, form.headings, [form.names()]).render(context_of(form))

    assert "甲，完" in lines_of(made)
    names = zipfile.ZipFile(io.BytesIO(made)).namelist()
    assert len(set(names)) == len(names)
