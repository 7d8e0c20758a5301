"""What kind of file somebody sent, by its content: its name says little."""

import re
from dataclasses import dataclass

from reportgen import preflight
from reportgen.preflight import Entry

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURE, _PACKED, _CIPHERED = "这是图片", "这是压缩包", "它被单位的文档加密软件加密了"
_MAGIC = (
    (b"%PDF", "这是 PDF 文件"),
    (b"Rar!", _PACKED),
    (b"7z\xbc\xaf", _PACKED),
    (b"\x1f\x8b", _PACKED),
    (b"PK\x05\x06", "这是空的压缩包"),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"BM", _PICTURE),
    (b"II*\x00", _PICTURE),
    (b"MM\x00*", _PICTURE),
    (b"{\\rtf", "这是 RTF 文字文档"),
    (b"MIME-Version:", "这是网页（MHTML），只改了扩展名"),
    (b"[InternetShortcut]", "这是快捷方式，不是文件本身"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "这是快捷方式，不是文件本身"),
    (b"MZ", "这是程序，不要打开它"),
    (b"%TSD-Header-###%", _CIPHERED),
)
#: What only one program's documents have: (a text in the name of a part, what it is).
_BY_PART = (
    ("word/", "这是 Word 文档"),
    ("ppt/", "这是演示文稿（PPT）"),
    ("visio/", "这是 Visio 图"),
    ("OFD.xml", "这是 OFD 版式文件"),
    ("Index/Document.iwa", "这是苹果的 Numbers 或 Pages 文档"),
    ("Index.zip", "这是苹果的 Numbers 或 Pages 文档"),
    ("META-INF/container.xml", "这是电子书（EPUB）"),
)
_BY_STREAM = (
    ("WordDocument", "这是旧版的 Word 文档（.doc）"),
    ("PowerPoint Document", "这是演示文稿（PPT）"),
    ("__properties_version1.0", "这是邮件"),
    ("VisioDocument", "这是 Visio 图"),
)
_BY_MIMETYPE = (
    (b"opendocument.text", "这是 ODF 文字文档（.odt）"),
    (b"opendocument.presentation", "这是演示文稿（ODP）"),
    (b"opendocument", "这是别的 ODF 文档"),
)
_WORKBOOK = re.compile(r".*\.(?:xls[xmb]?|et|ods)", re.IGNORECASE)
_OWNER_FILE = (165, 162)  # of Excel and of Word: who has the file open


@dataclass(frozen=True, slots=True)
class Kind:
    """``format`` is xlsx, xlsb, xls, ods or docx, or empty where none of these can be read.

    ``what`` then says what it is, in Chinese: what else, or with ``is_unsafe`` and ``is_too_large``
    what keeps it from being opened.
    """

    format: str
    what: str = ""
    encrypted: bool = False
    damaged: bool = False
    is_unsafe: bool = False
    is_too_large: bool = False


def kind_of(data: bytes, most_xml: int = preflight.MOST_XML) -> Kind:
    """Return what *data* is; of a package, no more than *most_xml* bytes of XML are read."""
    if data.startswith(_ZIP):
        return _zip_kind(data, most_xml)
    if data.startswith(_OLE):
        return _ole_kind(data)
    for magic, what in _MAGIC:
        if data.startswith(magic):
            return Kind("", what)
    if b"E-SafeNet" in data[:64]:
        return Kind("", _CIPHERED)
    if data[257:262] == b"ustar":
        return Kind("", _PACKED)
    if data[8:12] == b"WEBP" or data[4:12] in (b"ftypheic", b"ftypmif1"):
        return Kind("", _PICTURE)
    if not data.strip(b"\0"):
        return Kind("", damaged=True)
    return _text_kind(data)


def _text_kind(data: bytes) -> Kind:
    head = data[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").lower().replace(b"\x00", b"")
    if b"schemas-microsoft-com:office:spreadsheet" in head:
        return Kind("", "这是“XML 表格 2003”")
    if b"mso-application" in head or b"schemas.microsoft.com/office/word/2003" in head:
        is_word = b"word.document" in head or b"office/word/2003" in head
        return Kind("", "这是“Word 2003 XML 文档”" if is_word else "这是“XML 表格 2003”")
    if b"schemas.microsoft.com/office/2006/xmlpackage" in head:
        return Kind("", "这是“XML 文档”（平面的 Office 文档）")
    if b"opendocument:xmlns:office" in head:
        return Kind("", "这是平面的 ODF 文档（.fods、.fodt）")
    if re.match(rb"<(!doctype html|html|head|body|table|meta|style|div)", head):
        return Kind("", "这是网页（HTML），只改了扩展名")
    if b"\nmime-version:" in head or head.startswith((b"from: <", b"content-type: multipart")):
        return Kind("", "这是网页（MHTML），只改了扩展名")
    if len(data) in _OWNER_FILE and data[0] < 64:
        return Kind("", "这是 Office 打开文件时留下的临时文件（~$…）")
    if b"\x00" not in data[:4096] or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Kind("", "这是文本文件（多半是 CSV）")
    return Kind("", "认不出是什么文件")


def _ole_kind(data: bytes) -> Kind:
    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if has("EncryptedPackage") or has("DRMContent"):
        return Kind("", encrypted=True)
    # a workbook with a Word object in it has the streams of both
    if has("Workbook") or has("Book"):
        return Kind("xls")
    what = next((what for stream, what in _BY_STREAM if has(stream)), "")
    return Kind("", what) if what else Kind("xls")


def _zip_kind(data: bytes, most_xml: int) -> Kind:
    try:
        parts = {entry.name: entry for entry in preflight.look(data, most_xml)}
    except preflight.DamagedError:
        return Kind("", damaged=True)
    except preflight.LockedError:
        return Kind("", encrypted=True)
    except preflight.UnsafeError as error:
        return Kind("", str(error), is_unsafe=True)
    except preflight.TooLargeError as error:
        return Kind("", str(error), is_too_large=True)
    if "mimetype" in parts:
        mimetype = _content(data, parts["mimetype"])
        if b"opendocument.spreadsheet" in mimetype:
            return Kind("ods") if not _is_locked(data, parts) else Kind("", encrypted=True)
        for word, what in _BY_MIMETYPE:
            if word in mimetype:
                return Kind("", what)
    if "xl/workbook.bin" in parts:
        return Kind("xlsb")
    if any(name.startswith("xl/") for name in parts):
        return Kind("xlsx")
    return _other_package(data, parts)


def _other_package(data: bytes, parts: dict[str, Entry]) -> Kind:
    for sign, what in _BY_PART:
        if any(name.startswith(sign) for name in parts):
            return Kind("docx" if sign == "word/" else "", what)
    types = parts.get("[Content_Types].xml")
    if types is None:
        workbooks = sum(bool(_WORKBOOK.fullmatch(name)) for name in parts)
        more = f"，里面有 {workbooks} 份工作簿，要先解压" if workbooks else ""
        return Kind("", f"{_PACKED}{more}")
    if b"spreadsheetml.sheet" in _content(data, types):
        return Kind("", "这份工作簿不是 Excel 存的，里面的结构不一样")
    return Kind("", "这是别的 Office 文档")


def _is_locked(data: bytes, parts: dict[str, Entry]) -> bool:
    """Whether an OpenDocument file has a password: its parts are encrypted one by one."""
    manifest = parts.get("META-INF/manifest.xml")
    return manifest is not None and b"encryption-data" in _content(data, manifest)


def _content(data: bytes, entry: Entry) -> bytes:
    try:
        return b"".join(preflight.pieces(data, entry))
    except preflight.DamagedError:
        return b""
