"""``reportgen verify``: a document that opens is called so, and each way to damage one is found.

The damages are also shown to Microsoft's Open XML SDK validator, as the second opinion.
"""

import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from docx.shared import Cm
from lxml import etree

from conftest import FORM as SHIPPED
from gallery_objects import png
from reportgen import load_form, proof, write_workbook
from reportgen.cli import main
from reportgen.output import OutputFolder
from reportgen.template.order import _ORDER, out_of_order
from reportgen.template.sound import MOST, look
from reportgen.values import from_plain, read_values
from support_docx import W, build, make_docx, parts_of, render, with_namespaces, write_parts
from support_proof import WRONG
from support_validator import complaints

BODY, RELS, TYPES = "word/document.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"
STYLES, NUMBERING = "word/styles.xml", "word/numbering.xml"
FOOTNOTES = with_namespaces(
    "<w:footnotes><w:footnote w:type='separator' w:id='0'><w:p/></w:footnote>"
    "<w:footnote w:id='2'><w:p><w:r><w:t>注</w:t></w:r></w:p></w:footnote></w:footnotes>"
)
COMMENTS = with_namespaces(
    "<w:comments><w:comment w:id='3' w:author='甲'><w:p><w:r><w:t>批</w:t></w:r></w:p></w:comment>"
    "</w:comments>"
)
RICH = [
    "一、部门支出情况",
    [["名称", "金额"], ["甲", "1.5"]],
    (
        "<w:p><w:bookmarkStart w:id='7' w:name='a'/><w:r><w:t>文</w:t></w:r><w:bookmarkEnd w:id='7'/>"
        "<w:r><w:footnoteReference w:id='2'/></w:r></w:p>"
    ),
    (
        "<w:p><w:commentRangeStart w:id='3'/><w:r><w:t>言</w:t></w:r><w:commentRangeEnd w:id='3'/>"
        "<w:r><w:commentReference w:id='3'/></w:r></w:p>"
    ),
    (
        "<w:p><w:pPr><w:pStyle w:val='ListBullet'/><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/>"
        "</w:numPr><w:jc w:val='left'/></w:pPr><w:r><w:rPr><w:b/><w:sz w:val='32'/></w:rPr>"
        "<w:t>项</w:t></w:r></w:p>"
    ),
    (
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
        "<w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>"
    ),
]


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    """Return the parts of a document that has a bit of everything."""
    path = make_docx(
        tmp_path_factory.mktemp("rich") / "a.docx",
        *RICH,
        lambda document: document.add_picture(io.BytesIO(png(4, 4)), Cm(1)),
        header=["眉"],
        footer=["脚"],
        parts={"word/footnotes.xml": FOOTNOTES, "word/comments.xml": COMMENTS},
    )
    return parts_of(path)


def packed(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def found(data, file="a.docx"):
    return [(one.code, one.message) for one in look(data, file)]


def test_a_sound_document_has_no_findings(rich):
    assert look(packed(rich), "a.docx") == []


# -- each way to damage a document -----------------------------------------------------------


def without(name):
    return lambda parts: {n: c for n, c in parts.items() if n != name}


def swapped(name, old, new):
    """Return a damage that writes *new* instead of *old*, which is there, in the part *name*."""

    def damage(parts):
        text = parts[name].decode()
        assert re.search(old, text), (name, old)
        return {**parts, name: re.sub(old, new, text, count=1).encode()}

    return damage


def inside(xml):
    """Return a damage that puts *xml* at the beginning of the body."""
    return swapped(BODY, "<w:body>", f"<w:body>{xml}")


def of_drawing(parts):
    """Put the picture in twice, with one id."""
    text = parts[BODY].decode()
    (run,) = re.findall(r"<w:p>(?:(?!<w:p>).)*<w:drawing>.*?</w:drawing>.*?</w:p>", text)
    return {**parts, BODY: text.replace(run, run + run).encode()}


OLE = bytes.fromhex("d0cf11e0a1b11ae1")
P = "<w:p><w:r><w:t>甲</w:t></w:r></w:p>"
GRID = (
    "<w:tblPr><w:tblW w:w='0' w:type='auto'/></w:tblPr><w:tblGrid><w:gridCol w:w='99'/></w:tblGrid>"
)
IMAGE = "word/media/image1.png"
#: What is done to the document → what is said of it, and whether the Open XML SDK sees it too.
DAMAGES = {
    "a picture's file is missing": (without(IMAGE), "E532", "缺少用到的部件", True),
    "the header is missing": (without("word/header1.xml"), "E532", "缺少用到的部件", True),
    "the relationships of the body are missing": (
        without(RELS), "E532", "引用了没有的图片或链接", True),
    "the body is missing": (without(BODY), "E531", "里面没有 Word 正文", True),
    "the list of content types is missing": (without(TYPES), "E531", "必要的部件（[Content_Types].xml）", True),
    "the relationships of the package are missing": (
        without("_rels/.rels"), "E531", "必要的部件（_rels/.rels）", True),
    "a part without a content type": (
        swapped(TYPES, '<Default[^>]*Extension="png"[^>]*/>', ""), "E532", "没有登记类型", True),
    "a content type without its part": (
        swapped(TYPES, "</Types>", '<Override PartName="/word/x.xml" ContentType="a/b"/></Types>'),
        "W534", "登记了类型的部件不在文件里", False),
    "the body is said to be something else": (
        swapped(TYPES, r"document\.main\+xml", "template.main+xml"), "E532", "不是 Word 文档", False),
    "two relationships of one id": (
        swapped(RELS, 'Id="rId2"', 'Id="rId1"'), "E532", "两个关系的编号相同", True),
    "a relationship that is not there": (
        inside("<w:p><w:hyperlink r:id='rIdNo'/></w:p>"), "E532", "引用了没有的图片或链接", True),
    "a part that is no XML": (swapped(STYLES, "</w:styles>", ""), "E532", "不是完整的 XML", True),
    "a cell without a paragraph": (
        inside(f"<w:tbl>{GRID}<w:tr><w:tc><w:tcPr/></w:tc></w:tr></w:tbl>"),
        "E532", "单元格里没有段落", False),
    "a cell that ends with a table": (
        inside(f"<w:tbl>{GRID}<w:tr><w:tc><w:tbl>{GRID}<w:tr><w:tc>{P}</w:tc></w:tr></w:tbl></w:tc>"
               "</w:tr></w:tbl>"), "E532", "单元格里没有段落", False),
    "a row without cells": (
        inside(f"<w:tbl>{GRID}<w:tr/><w:tr><w:tc>{P}</w:tc></w:tr></w:tbl>"),
        "E532", "一行里没有单元格", False),
    "a table without rows": (inside(f"<w:tbl>{GRID}</w:tbl>"), "E532", "一行也没有", False),
    "text outside of paragraphs": (inside("散"), "E532", "有文字在段落以外", False),
    "an element in a text": (
        inside("<w:p><w:r><w:t>甲<w:r/></w:t></w:r></w:p>"), "E532", "夹着别的内容", True),
    "a paragraph in a paragraph": (inside(f"<w:p>{P}</w:p>"), "E532", "嵌套不对", True),
    "a footnote that is not there": (
        inside("<w:p><w:r><w:footnoteReference w:id='9'/></w:r></w:p>"), "E532", "脚注不在文件里", True),
    "a comment that is not there": (
        inside("<w:p><w:r><w:commentReference w:id='9'/></w:r></w:p>"), "E532", "批注不在文件里", True),
    "a field without its end": (
        inside("<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r></w:p>"),
        "E532", "域没有结束", False),
    "a style that is not there": (
        swapped(BODY, "ListBullet", "NoSuch"), "W534", "样式“NoSuch”没有定义", False),
    "a numbering that is not there": (
        swapped(BODY, "<w:numId w:val=.1./>", "<w:numId w:val='98'/>"),
        "W534", "编号“98”没有定义", False),
    "two drawings of one id": (of_drawing, "W534", "两个图形的编号相同", True),
    "two bookmarks of one id": (
        inside("<w:p><w:bookmarkStart w:id='7' w:name='b'/><w:bookmarkEnd w:id='7'/></w:p>"),
        "W534", "两个书签的编号相同", True),
    "two footnotes of one id": (
        swapped("word/footnotes.xml", "w:id='0'", "w:id='2'"), "W534", "两个脚注的编号相同", True),
    "two comments of one id": (
        swapped("word/comments.xml", "</w:comments>",
                f"<w:comment w:id='3' w:author='乙'>{P}</w:comment></w:comments>"),
        "W534", "两个批注的编号相同", True),
    "two styles of one id": (
        swapped(STYLES, "</w:styles>",
                "<w:style w:type='paragraph' w:styleId='Normal'><w:name w:val='乙'/></w:style>"
                "</w:styles>"), "W534", "两个样式的编号相同", True),
    "the properties of a paragraph in another order": (
        inside("<w:p><w:pPr><w:jc w:val='left'/><w:keepNext/></w:pPr></w:p>"),
        "W534", "次序不合规范（pPr）", True),
    "the properties of a cell in another order": (
        inside(f"<w:tbl>{GRID}<w:tr><w:tc><w:tcPr><w:vAlign w:val='top'/>"
               f"<w:tcW w:w='9' w:type='dxa'/></w:tcPr>{P}</w:tc></w:tr></w:tbl>"),
        "W534", "次序不合规范（tcPr）", True),
    "the properties of a table behind its rows": (
        inside(f"<w:tbl><w:tblGrid><w:gridCol w:w='9'/></w:tblGrid><w:tr><w:tc>{P}</w:tc></w:tr>"
               "<w:tblPr/></w:tbl>"), "W534", "次序不合规范（tbl）", True),
    "the properties of a paragraph behind its text": (
        inside("<w:p><w:r><w:t>甲</w:t></w:r><w:pPr/></w:p>"), "W534", "次序不合规范（p）", True),
    "the section's properties before the text": (
        swapped(BODY, "(<w:sectPr.*?</w:sectPr>)", r"\1<w:p/>"), "W534", "不在正文的末尾", True),
    "a colour that is none": (
        inside("<w:p><w:pPr><w:shd w:val='clear' w:fill='红'/></w:pPr></w:p>"),
        "W534", "不是颜色", True),
    "a tag that nobody filled in": (
        inside("<w:p><w:r><w:t>{{ 单位名称 }}</w:t></w:r></w:p>"),
        "W535", "“{{ 单位名称 }}”", False),
    "a word of a program": (
        inside("<w:p><w:r><w:t>None</w:t></w:r></w:p>"), "W535", "“None”", False),
    "entities": (
        lambda parts: {**parts, STYLES: b"<!DOCTYPE a>" + parts[STYLES].partition(b"?>")[2]},
        "E533", "DTD", True),
    "a picture from elsewhere": (
        swapped(RELS, 'Target="media/image1.png"',
                'Target="http://a/b.png" TargetMode="External"'), "E533", "链接的图片", False),
    "macros": (
        lambda parts: {**parts, "word/vbaProject.bin": b"x"}, "E533", "宏", False),
    "a field that fetches": (
        inside("<w:p><w:r><w:instrText>DDEAUTO c:/a</w:instrText></w:r></w:p>"),
        "E533", "域 DDEAUTO", False),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_found(rich, damage):
    change, code, words, _ = DAMAGES[damage]

    said = found(packed(change(rich)))

    assert [c for c, message in said if words in message][:1] == [code], said


@pytest.fixture(scope="module")
def said_of_rich(rich, tmp_path_factory):
    path = tmp_path_factory.mktemp("sdk") / "good.docx"
    write_parts(path, rich)
    return complaints(path)


@pytest.mark.parametrize("damage", [one for one, (*_, seen) in DAMAGES.items() if seen])
def test_what_the_validator_of_the_sdk_sees_is_a_damage(rich, said_of_rich, damage, tmp_path):
    """Else a case above would show nothing; the other damages it does not see, verify does."""
    path = tmp_path / "bad.docx"
    write_parts(path, DAMAGES[damage][0](rich))

    assert opened(path) - said_of_rich


def opened(path):
    """Return what the validator says, also of a package that it cannot open at all."""
    try:
        return complaints(path)
    except (json.JSONDecodeError, AssertionError, KeyError):
        return {"it does not open"}


# -- the order of elements -------------------------------------------------------------------

CELL = "<w:tc>{}<w:p/></w:tc>"
TABLE = "<w:tbl>{}<w:tblGrid><w:gridCol w:w='9'/></w:tblGrid><w:tr>{}</w:tr></w:tbl>"
#: Where each container stands in a body; the others are in the part of numberings.
AT = {
    "pPr": "<w:p>{}</w:p>",
    "numPr": "<w:p><w:pPr>{}</w:pPr></w:p>",
    "pBdr": "<w:p><w:pPr>{}</w:pPr></w:p>",
    "tblPr": TABLE.format("{}", CELL.format("")),
    "tblBorders": TABLE.format("<w:tblPr>{}</w:tblPr>", CELL.format("")),
    "tblCellMar": TABLE.format("<w:tblPr>{}</w:tblPr>", CELL.format("")),
    "tcPr": TABLE.format("<w:tblPr/>", CELL),
    "tcBorders": TABLE.format("<w:tblPr/>", CELL.format("<w:tcPr>{}</w:tcPr>")),
    "tcMar": TABLE.format("<w:tblPr/>", CELL.format("<w:tcPr>{}</w:tcPr>")),
    "sectPr": "{}",
    "pgBorders": "<w:sectPr>{}</w:sectPr>",
}


def in_order(name, *, backwards=False):
    """Return the container *name* with one of each of its children."""
    children = {rank: child for child, rank in _ORDER[f"{W}{name}"][0].items()}
    ranks = sorted(children, reverse=backwards)
    inner = "".join(f"<w:{children[rank].removeprefix(W)}/>" for rank in ranks)
    return f"<w:{name}>{inner}</w:{name}>"


def misplaced(path):
    """Return in which part the validator sees an element where another should be."""
    return [part for part, rule, _ in complaints(path) if rule.startswith("Sch_Unexpected")]


def body_of(containers, **how):
    last = "".join(AT[one].format(in_order(one, **how)) for one in containers if one in LAST)
    blocks = "".join(AT[one].format(in_order(one, **how)) for one in containers if one not in LAST)
    return with_namespaces(f"<w:document><w:body>{blocks}{last}</w:body></w:document>")


LAST = ("sectPr", "pgBorders")


@pytest.mark.parametrize("name", AT)
def test_the_order_of_elements_is_that_of_the_validator(rich, tmp_path, name):
    path = tmp_path / "a.docx"
    write_parts(path, {**rich, BODY: body_of([name]).encode()})
    said = misplaced(path)
    write_parts(path, {**rich, BODY: body_of([name], backwards=True).encode()})

    assert said == []
    assert misplaced(path)
    assert [f.what for f in out_of_order(tree(body_of([name])))] == []
    assert [f.what for f in out_of_order(tree(body_of([name], backwards=True)))]


def tree(xml):
    return etree.fromstring(xml)


def test_the_properties_of_a_run_may_stand_in_any_order():
    run = "<w:p><w:r><w:rPr><w:sz w:val='3'/><w:b/></w:rPr></w:r></w:p>"

    assert list(out_of_order(tree(with_namespaces(f"<w:document>{run}</w:document>")))) == []


# -- where, and how much ----------------------------------------------------------------------


def places(rich, damage):
    return [one.place.field for one in look(packed(DAMAGES[damage][0](rich)), "a.docx")]


def test_a_place_is_the_heading_above_and_the_paragraph_or_the_row(rich):
    cell = swapped(BODY, "(<w:t>)1.5(</w:t>)", r"\1nan\2")

    assert [one.place.field for one in look(packed(cell(rich)), "a.docx")] == [
        "正文，“一、部门支出情况”下，表 1 第 2 行第 2 列：nan"
    ]


def test_what_has_no_paragraph_stands_behind_the_one_before_it(rich):
    empty = f"<w:tbl>{GRID}<w:tr><w:tc/></w:tr></w:tbl>"
    behind = swapped(BODY, "(情况</w:t></w:r></w:p>)", rf"\1{empty}")

    assert [one.place.field for one in look(packed(behind(rich)), "a.docx")] == [
        "正文，第 1 段之后：一、部门支出情况"
    ]


def test_of_a_part_that_is_no_text_the_part_is_named(rich):
    assert places(rich, "a picture's file is missing") == ["正文（word/document.xml）"]
    assert places(rich, "two styles of one id") == ["styles（word/styles.xml）"]


def test_of_very_many_findings_the_first_are_told_and_that_there_are_more(rich):
    many = "".join(f"<w:p><w:r><w:t>{{{{ 名{n} }}}}</w:t></w:r></w:p>" for n in range(MOST + 9))

    said = [code for code, _ in found(packed(inside(many)(rich)))]

    assert said == ["W535"] * MOST + ["N536"]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "文件是空的（0 字节）"),
        (b"PK\x03\x04cut off", "已损坏或没有传完整"),
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600, "设了打开密码"),
        ("一,二\n".encode() * 99, "这是文本文件（多半是 CSV）"),
        (packed({TYPES: b"<a/>", "xl/workbook.xml": b"<a/>"}), "这是 Excel 工作簿"),
    ],
)
def test_what_is_no_document_is_told_apart(data, what):
    assert found(data) == [("E531", f"这不是能打开的 Word 文档：{what}。")]


def test_one_wrong_bit_of_a_part_is_found(rich):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:  # stored: the bit is in the text itself
        for name, content in rich.items():
            package.writestr(name, content)
    data = bytearray(out.getvalue())
    data[bytes(data).index(b"<w:body>") + 9] ^= 1

    assert [code for code, _ in found(bytes(data))] == ["E531"]


def test_a_link_to_a_web_page_a_signature_and_a_chart_s_own_table_are_no_fault(rich):
    links = (
        '<Relationship Id="rId99" Type="http://x/hyperlink" Target="https://a"'
        ' TargetMode="External"/></Relationships>'
    )

    assert found(packed(swapped(RELS, "</Relationships>", links)(rich))) == []


def test_names_of_parts_may_be_written_in_any_case_and_escaped(rich):
    moved = {n if n != IMAGE else "word/media/图 1.PNG": c for n, c in rich.items()}
    written = swapped(RELS, "media/image1.png", "media/%E5%9B%BE%201.png")(moved)

    assert found(packed(written)) == []


# -- the command ------------------------------------------------------------------------------

FORM = '[[document]]\ntemplate = "报告.docx"\noutput = "{{ 单位名称 }}报告.docx"\n'


@pytest.fixture
def office(make_form, tmp_path, monkeypatch, capsys):
    """Return a function that runs the command in a folder with one document that was built."""
    form = make_form(FORM)
    make_docx(form.folder / "报告.docx", "{{ 单位名称 }}")
    monkeypatch.chdir(tmp_path)
    Path("inputs").mkdir()
    content = write_workbook(form, from_plain({"基本信息": {"单位名称": "甲局"}}, form))
    Path("inputs/甲.xlsx").write_bytes(content)

    def run(*args):
        with pytest.raises(SystemExit) as stop:
            main(list(args))
        out = capsys.readouterr()
        return stop.value.code, out.out, out.err

    assert run("build")[0] == 0
    return run


def damaged(path, change):
    write_parts(path, change(parts_of(path)))


def test_a_document_that_was_built_opens_and_is_as_built(office):
    assert office("verify") == (
        0,
        "√ 能打开，和生成时一样：outputs/甲局报告.docx\nWord 文档 1 份，能打开 1 份。\n",
        "",
    )


def test_a_document_that_was_edited_since_is_told_and_is_no_error(office):
    damaged(Path("outputs/甲局报告.docx"), swapped(BODY, "甲局", "乙局"))

    code, out, _ = office("verify", "outputs")

    assert code == 0
    assert "提示 N537  生成以后被人改过" in out
    assert "※ 能打开，生成后被人改过：outputs/甲局报告.docx" in out
    assert "能打开 1 份，其中 1 份生成后被人改过" in out


def test_nothing_is_written_or_locked_by_looking(office):
    before = {path: path.stat().st_mtime_ns for path in Path().rglob("*")}

    office("verify")

    assert {path: path.stat().st_mtime_ns for path in Path().rglob("*")} == before


def test_a_document_from_elsewhere_just_opens(office):
    shutil.copy("outputs/甲局报告.docx", "别处.docx")

    assert office("verify", "别处.docx")[1].startswith("√ 能打开：别处.docx\n")


def test_a_document_that_does_not_open_is_exit_code_1_and_the_others_are_looked_at(office):
    Path("outputs/坏.docx").write_bytes(b"PK\x03\x04")
    Path("outputs/~$坏.docx").write_bytes(b"x")

    code, out, _ = office("verify", "outputs", "没有.docx")

    assert code == 1
    assert "错误 E101" in out
    assert "错误 E531  这不是能打开的 Word 文档：已损坏或没有传完整。\n  outputs/坏.docx\n" in out
    assert "× 有问题：outputs/坏.docx" in out
    assert out.endswith("Word 文档 2 份，能打开 1 份，错误 2 处。\n")


def test_a_folder_without_documents_is_exit_code_2(office):
    code, _, err = office("verify", "inputs")

    assert code == 2
    assert "E539" in err


def test_json_has_the_keys_of_the_contract(office):
    damaged(Path("outputs/甲局报告.docx"), inside(f"<w:tbl>{GRID}</w:tbl>"))

    code, out, _ = office("verify", "--format", "json")

    found = json.loads(out)
    assert code == 1
    assert set(found) == {"version", "findings", "documents"}
    assert [one["code"] for one in found["findings"]] == ["E532", "N537"]
    assert found["findings"][0]["file"] == "outputs/甲局报告.docx"
    assert found["documents"] == [{"unit": "", "file": "outputs/甲局报告.docx", "status": "failed"}]


def test_a_document_that_takes_too_long_or_too_much_costs_itself_alone(office, monkeypatch):
    shutil.copy("outputs/甲局报告.docx", "outputs/乙.docx")
    monkeypatch.setattr("reportgen.proof.look_through", slow)
    monkeypatch.setattr("reportgen.proof.SECONDS", 8)

    code, out, _ = office("verify")

    assert code == 1
    assert "错误 E538  这份文档没有看完：8 秒还没有看完。\n  outputs/乙.docx" in out
    assert "× 有问题：outputs/乙.docx\n√ 能打开" in out


def slow(file):
    while file.name == "乙.docx":
        pass
    return real(file)


real = proof.look_through


# -- the shipped form --------------------------------------------------------------------------


@pytest.mark.parametrize("sample", sorted(path.stem for path in SHIPPED.glob("sample*.toml")))
def test_every_document_of_a_sample_opens(sample):
    form = load_form(SHIPPED)

    for document in build(form, read_values(SHIPPED / f"{sample}.toml", form).plain()).documents:
        assert look(document.content, document.name) == []


TBL = f"{W}tbl"

# -- every document of these tests ----------------------------------------------------------------


def test_a_document_that_does_not_open_would_fail_its_test(make_form, monkeypatch):
    """The hook in ``support_proof`` bites: here it has something to say, elsewhere it must not."""
    form = make_form("")
    monkeypatch.setattr(
        "reportgen.template.engine.repair", lambda root: etree.SubElement(root[0], TBL)
    )
    monkeypatch.setattr("reportgen.template.engine.Verifier.problems", lambda *_: ())

    render(form, {"基本信息": {"单位名称": "甲"}}, "{{ 单位名称 }}")

    assert sorted({code for code, _ in WRONG}) == ["E532", "W534"]
    WRONG.clear()


def test_what_another_process_built_is_proved_when_it_is_written(tmp_path):
    folder = OutputFolder.open(tmp_path)

    folder.save("甲.docx", b"PK", template="t.docx")
    folder.close()

    assert [one[0] for one in WRONG] == ["E531", "B"]
    WRONG.clear()
