"""Every kind of wrong file is told apart, as a workbook and as a template, in one sentence each."""

import errno
import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from reportgen import received
from reportgen.batch import build_all
from reportgen.errors import TemplateError
from reportgen.finding import Finding
from reportgen.project import Forms, workbooks
from reportgen.template.engine import Template
from support_batch import Pattern, documents, make_project
from support_docx import make_docx, parts_of, write_parts
from support_hostile import OLE, changed, packed, unpacked


def ole(*streams):
    """Return what begins as a compound file does and names *streams*."""
    return OLE + bytes(600) + b"".join(name.encode("utf-16-le") + bytes(80) for name in streams)


def archive(kind):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=kind) as tar:
        tar.addfile(tarfile.TarInfo("甲.xlsx"))
    return made.getvalue()


def odf(mimetype, **more):
    kind = f"application/vnd.oasis.opendocument.{mimetype}".encode()
    return packed({"mimetype": kind, "content.xml": b"<a/>", **more}, zipfile.ZIP_STORED)


TYPES = b'<Types><Override ContentType="application/vnd.%s.main+xml"/></Types>'
SPREADSHEETML = b"openxmlformats-officedocument.spreadsheetml.sheet"
OWNER = (
    b"\x03" + b"abc".ljust(54) + b"\x03\x00" + "abc".encode("utf-16-le").ljust(108, b" \x00"[:1])
)

#: What arrives → the code as a workbook, and what is said of it, as a template too.
KINDS = {
    "nothing": (b"", "E102", "空的（0 字节）"),
    "a web page": (b"<html><body><table></table></body></html>", "E103", "网页（HTML）"),
    "a web page of a system": (
        b"\xef\xbb\xbf\r\n<!DOCTYPE html>\n<html>", "E103", "网页（HTML）"),
    "a table without a page": ("<table><tr><td>单位".encode("gbk"), "E103", "网页（HTML）"),
    "a saved page": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "E103", "MHTML"),
    "a saved page of a browser": (
        b"From: <Saved by Blink>\r\nSubject: a\r\nMIME-Version: 1.0", "E103", "MHTML"),
    "values with commas": ("单位名称,金额\r\n甲,1\r\n".encode("gbk"), "E103", "CSV"),
    "values with tabs": ("单位名称\t金额".encode(), "E103", "CSV"),
    "values as Excel saves Unicode text": ("单位\t金额".encode("utf-16"), "E103", "文本文件"),
    "XML of 2003": (
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook '
        b'xmlns="urn:schemas-microsoft-com:office:spreadsheet">'), "E103", "XML 表格 2003"),
    "Word's XML of 2003": (
        b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument>',
        "E103", "Word 2003 XML"),
    "a flat document": (
        (b'<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/'
        b'xmlPackage">'), "E103", "XML 文档"),
    "a flat ODF": (
        b'<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0">',
        "E103", "平面的 ODF"),
    "a PDF": (b"%PDF-1.7\n", "E103", "PDF"),
    "a photograph": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "E103", "图片"),
    "a screenshot": (b"\x89PNG\r\n\x1a\n", "E103", "图片"),
    "a bitmap": (b"BM\x36\x00\x00\x00\x00\x00", "E103", "图片"),
    "a scan": (b"II*\x00\x08\x00", "E103", "图片"),
    "a photograph of a phone": (b"\0\0\0\x18ftypheic\0\0", "E103", "图片"),
    "a picture of WeChat": (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "E103", "图片"),
    "RAR": (b"Rar!\x1a\x07\x01\x00", "E103", "压缩包"),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c", "E103", "压缩包"),
    "gzip": (archive("w:gz"), "E103", "压缩包"),
    "tar": (archive("w"), "E103", "压缩包"),
    "a zip of workbooks": (
        packed({"甲.xlsx": b"1", "乙/乙.xls": b"1", "说明.txt": b"1"}), "E103", "有 2 份工作簿，要先解压"),
    "a zip of photographs": (packed({"a.jpg": b"1"}), "E103", "压缩包"),
    "an empty zip": (packed({}), "E103", "空的压缩包"),
    "RTF": (b"{\\rtf1\\ansi", "E103", "RTF"),
    "old Word": (ole("WordDocument"), "E103", "旧版的 Word 文档"),
    "old PowerPoint": (ole("PowerPoint Document"), "E103", "演示文稿"),
    "a mail": (ole("__properties_version1.0"), "E103", "邮件"),
    "PowerPoint": (
        packed({"[Content_Types].xml": TYPES % b"x", "ppt/presentation.xml": b"<a/>"}),
        "E103", "演示文稿"),
    "OFD": (packed({"OFD.xml": b"<a/>", "Doc_0/Document.xml": b"<a/>"}), "E103", "OFD"),
    "Numbers": (packed({"Index/Document.iwa": b"1"}), "E103", "苹果"),
    "an e-book": (
        packed({"mimetype": b"application/epub+zip", "META-INF/container.xml": b"<a/>"}),
        "E103", "EPUB"),
    "ODF text": (odf("text"), "E103", ".odt"),
    "another Office package": (packed({"[Content_Types].xml": TYPES % b"x"}), "E103", "Office"),
    "a workbook of another layout": (
        packed({"[Content_Types].xml": TYPES % SPREADSHEETML, "sheet1.xml": b"<a/>"}),
        "E103", "结构不一样"),
    "a password": (ole("EncryptedPackage"), "E104", "密码"),
    "rights management": (ole("\tDRMContent"), "E104", "密码"),
    "an ODF with a password": (
        odf("spreadsheet", **{"META-INF/manifest.xml": b"<m:encryption-data xmlns:m='m'/>"}),
        "E104", "密码"),
    "the office's own cipher": (b"\x62\x14\x23\x65E-SafeNet\0\0LOCK" + bytes(99), "E103", "加密软件"),
    "another cipher": (b"%TSD-Header-###%" + bytes(99), "E103", "加密软件"),
    "a shortcut": (b"L\0\0\0\x01\x14\x02\0" + bytes(99), "E103", "快捷方式"),
    "a link": (b"[InternetShortcut]\r\nURL=https://a/", "E103", "快捷方式"),
    "a program": (b"MZ\x90\x00" + bytes(99), "E103", "程序"),
    "only zeros": (bytes(5000), "E105", "损坏"),
    "the owner of an open file": (OWNER[:165].ljust(165), "E103", "临时文件"),
    "no idea": (bytes(range(256)) * 4, "E103", "认不出"),
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    form = make_project(root)
    return root, form, Pattern(form)


@pytest.mark.parametrize("name", KINDS)
def test_as_a_workbook_it_is_one_finding_in_a_clerks_words(project, tmp_path, name):
    root, *_ = project
    content, code, words = KINDS[name]
    file = tmp_path / "甲局.xlsx"
    file.write_bytes(content)

    run = build_all([file], Forms(root / "templates"), tmp_path / "out")

    ((found, message),) = [(f.code, f.message) for f in run.findings]
    assert found == code
    assert words in message
    assert run.exit_code() == 1


@pytest.mark.parametrize("name", KINDS)
def test_as_a_template_it_is_one_finding_in_the_same_words(project, tmp_path, name):
    _, form, _ = project
    content, _, words = KINDS[name]
    (tmp_path / "报告.docx").write_bytes(content)

    with pytest.raises(TemplateError) as error:
        Template(tmp_path / "报告.docx", form.headings, [form.names()])

    (finding,) = error.value.findings
    assert finding.code == "T102"
    assert finding.place.file == "报告.docx"
    assert words in finding.message


def test_a_word_document_is_no_workbook_and_a_workbook_no_template(project, tmp_path):
    root, form, pattern = project
    file = tmp_path / "甲局.xlsx"
    file.write_bytes((form.folder / "报告.docx").read_bytes())
    run = build_all([file], Forms(root / "templates"), tmp_path / "out")
    assert [(f.code, "Word" in f.message) for f in run.findings] == [("E103", True)]

    (tmp_path / "报告.docx").write_bytes(pattern.of("甲"))
    with pytest.raises(TemplateError) as error:
        Template(tmp_path / "报告.docx", form.headings, [form.names()])
    assert "Excel 工作簿" in error.value.findings[0].message


# -- macros ----------------------------------------------------------------------------------------

MACRO_BOOK = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def with_macros(content, kind=MACRO_BOOK):
    """Return a workbook as one with macros, a link to another and an object is."""
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    content = changed(content, {"[Content_Types].xml": lambda xml: xml.replace(plain, kind).replace(
        b"</Types>", b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        b"</Types>"), "xl/_rels/workbook.xml.rels": lambda xml: xml.replace(
        b"</Relationships>", b'<Relationship Id="rIdVba" Target="vbaProject.bin" Type="http://'
        b'schemas.microsoft.com/office/2006/relationships/vbaProject"/></Relationships>')})  # fmt: skip
    return packed({**unpacked(content), "xl/vbaProject.bin": ole("VBA") + b"Sub Auto_Open"})


@pytest.mark.parametrize("suffix", ["xlsm", "xltm", "xltx", "xlsx"])
def test_a_workbook_with_macros_is_read_and_nothing_of_them_is_copied(project, tmp_path, suffix):
    root, *_ = project
    pattern = Pattern(project[1], {"内容": {"正文": None, "金额": "12"}})
    for folder, of in (("好", project[2]), ("错", pattern)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"甲.{suffix}").write_bytes(with_macros(of.of("甲")))

    good = build_all([tmp_path / "好"], Forms(root / "templates"), tmp_path / "out")
    bad = build_all([tmp_path / "错"], Forms(root / "templates"), tmp_path / "o2",
                    mark=tmp_path / "退回件")  # fmt: skip

    assert good.findings == []
    assert bad.exit_code() == 1
    copies = documents(tmp_path, "退回件")
    assert len(copies) == 1
    for content in (*documents(tmp_path, "out").values(), *copies.values()):
        parts = unpacked(content) if content.startswith(b"PK") else {}
        assert not [name for name in parts if "vba" in name.lower()]
        assert b"Auto_Open" not in b"".join(parts.values())
        assert b"macroEnabled" not in b"".join(parts.values())


# -- what lies in a folder ---------------------------------------------------------------------------


def test_what_is_no_workbook_in_a_folder_is_skipped_with_its_reason(project, tmp_path):
    _, _, pattern = project
    (tmp_path / "甲.xlsx").write_bytes(pattern.of("甲"))
    expected = {
        "~$甲.xlsx": "临时文件", ".~甲.xlsx": "临时文件", ".~lock.甲.xlsx#": "临时文件",
        "._甲.xlsx": "临时文件", "Thumbs.db": "系统", "desktop.ini": "系统", ".甲.xlsx": "隐藏",
        ".甲.xlsx.icloud": "没有下载完", "乙.xlsx.crdownload": "没有下载完",
        "乙.xlsx.part": "没有下载完", "丙.xlsx.xltd": "没有下载完",
        "丙.xlsx.baiduyun.p.downloading": "没有下载完", "丁.zip": "压缩包", "丁.rar": "压缩包",
        "说明.docx": "不是工作簿", "表.csv": "不是工作簿",
    }  # fmt: skip
    for name in expected:
        (tmp_path / name).write_bytes(b"x")
    for name in (".gitkeep", ".DS_Store"):
        (tmp_path / name).write_bytes(b"")

    found, skipped = workbooks([tmp_path])

    assert [path.name for path in found] == ["甲.xlsx"]
    assert {f.place.file for f in skipped} == set(expected)
    assert all(expected[f.place.file] in f.message and f.code == "N108" for f in skipped)


# -- what cannot be read ---------------------------------------------------------------------------


def code_of(found):
    return found.code if isinstance(found, Finding) else "read"


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "甲.xlsx")

    assert code_of(received.read_bytes(tmp_path / "甲.xlsx")) == "E106"


def test_a_file_larger_than_any_is_not_read(tmp_path, monkeypatch):
    with (tmp_path / "甲.xlsx").open("wb") as file:
        file.truncate(200 << 20)  # takes no room on the disk
    monkeypatch.setattr(Path, "read_bytes", None)

    found = received.read_bytes(tmp_path / "甲.xlsx")

    assert code_of(found) == "E122"
    assert "有 200 MB，最多 100 MB" in found.message


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionError(errno.EACCES, ""), "E106"),
        (OSError(errno.EIO, ""), "E106"),
        (FileNotFoundError(), "E101"),
    ],
)
def test_why_a_file_cannot_be_read_is_told(tmp_path, monkeypatch, error, code):
    (tmp_path / "甲.xlsx").write_bytes(b"x")

    def refuse(_path):
        raise error

    monkeypatch.setattr(Path, "read_bytes", refuse)

    assert code_of(received.read_bytes(tmp_path / "甲.xlsx")) == code


@pytest.mark.parametrize("number", [362, 388, 426])
def test_a_file_that_is_in_the_cloud_only_is_told(tmp_path, monkeypatch, number):
    (tmp_path / "甲.xlsx").write_bytes(b"x")

    def refuse(_path):
        error = OSError(errno.EINVAL, "")
        error.winerror = number
        raise error

    monkeypatch.setattr(Path, "read_bytes", refuse)

    assert code_of(received.read_bytes(tmp_path / "甲.xlsx")) == "E123"


# -- Word's other formats ----------------------------------------------------------------------------

DOCX = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


@pytest.mark.parametrize("kind", [
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    b"application/vnd.ms-word.document.macroEnabled.main+xml",
    b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
])  # fmt: skip
def test_word_templates_and_macro_documents_are_read_and_become_plain_documents(
    project, tmp_path, kind
):
    _, form, _ = project
    path = make_docx(tmp_path / "报告.docx", "文")
    parts = parts_of(path)
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(DOCX, kind)
    write_parts(path, {**parts, "word/vbaProject.bin": b"macro"})

    made = parts_of(Template(path, form.headings, [form.names()]).render({}))

    assert DOCX in made["[Content_Types].xml"]
    assert "word/vbaProject.bin" not in made


def test_a_strict_document_is_told(project, tmp_path):
    _, form, _ = project
    path = make_docx(tmp_path / "报告.docx", "文")
    old = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    new = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
    write_parts(path, {name: part.replace(old, new) for name, part in parts_of(path).items()})

    with pytest.raises(TemplateError) as error:
        Template(path, form.headings, [form.names()])

    (finding,) = error.value.findings
    assert (finding.code, "严格" in finding.message) == ("T102", True)
