"""A hostile template ends in a finding: soon, and without having reached anything."""

import re
import time

import pytest

from reportgen.compute import compute
from reportgen.context import names
from reportgen.errors import TemplateError
from reportgen.template.engine import Template
from reportgen.values import from_plain
from support_docx import lines_of, make_docx, parts_of, render, write_parts

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
        "拼出的文字太长",
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
