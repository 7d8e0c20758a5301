"""What a Word template may not carry into a document: macros, links to elsewhere, foreign objects.

A template travels by mail, and whatever is in its package is in each document built from it. What
Word can do without is left out; what stands in the text is refused, since without it the text
would be another one. Both are said.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from lxml import etree

from reportgen.filekind import Kind, kind_of
from reportgen.package import read_package
from reportgen.preflight import MOST_TEMPLATE_XML, UnsafeError

_RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CONTENT_TYPES = "[Content_Types].xml"
DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_OTHER_DOCUMENTS = re.compile(
    r"application/vnd\.(ms-word\.(document|template)\.macroEnabled(Template)?"
    r"|openxmlformats-officedocument\.wordprocessingml\.template)\.main\+xml"
)
_MACROS = "application/vnd.ms-office.vbaProject"
#: The part with the text: Word calls it so, Word on the web document2.xml.
MAIN = re.compile(r"word/document\d*\.xml")
#: What Word opens no file without.
_NEEDED = frozenset({CONTENT_TYPES, "_rels/.rels"})
#: Two for each tag: to look through 20,000 tags takes 12 s, and the largest template here has 800.
_MOST_BRACES = 10_000
#: What the engine reads anyway, and says so.
_FILLED = re.compile(
    r"word/(document|header|footer|footnotes|endnotes|comments)\d*\.xml|docProps/(core|app|custom)\.xml"
)
_DAMAGED = "已损坏或没有传完整"
_STRICT, _BEGINNING = b"purl.oclc.org/ooxml/wordprocessingml", 4096
_PLAIN_LINK = re.compile(r"(https?|mailto|ftp|tel):|#|(?![a-z][a-z+.-]*:|[\\/])", re.IGNORECASE)

SIGNATURE = "数字签名"
#: Kinds of relationships (the last word of their type) that a document does without.
_DROPPED = MappingProxyType(
    {
        "vbaProject": "宏",
        "wordVbaData": "宏",
        "keyMapCustomizations": "自定义快捷键",
        "attachedToolbars": "自定义工具栏",
        "extensibility": "自定义功能区",
        "userCustomization": "自定义功能区",
        "attachedTemplate": "附加的模板",
        "mailMergeSource": "邮件合并的数据源",
        "mailMergeHeaderSource": "邮件合并的数据源",
        "origin": SIGNATURE,
    }
)
_REFUSED = MappingProxyType(
    {
        "aFChunk": "嵌入的另一份文件（altChunk）",
        "control": "ActiveX 控件",
        "activeXControlBinary": "ActiveX 控件",
        "oleObject": "嵌入的对象（OLE）",
        "package": "嵌入的对象（例如 Excel 表）",
        "subDocument": "子文档",
        "frame": "框架网页",
    }
)
_EXTERNAL = MappingProxyType({"image": "链接的图片", "hyperlink": "指向本机或局域网文件的超链接"})
#: Fields that fetch something from elsewhere when Word updates them.
#: What only counts where its id stands; styles, numbering and the like count by being there.
_BY_ID = frozenset({"image", "header", "footer", "hyperlink", "chart"})
_FIELD = re.compile(
    r"\s*(DDEAUTO|DDE|INCLUDEPICTURE|INCLUDETEXT|INCLUDE|LINK|IMPORT|DATABASE|RD)\b", re.IGNORECASE
)


@dataclass(slots=True)
class Screened:
    """A package without what Word can do without, and in words what was ``dropped``, what not."""

    parts: list[tuple[str, bytes]]
    dropped: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class UnreadableError(ValueError):
    """It is no Word document that can be read; the message is Chinese and says what it is."""


def unpack(data: bytes, most_xml: int = MOST_TEMPLATE_XML) -> list[tuple[str, bytes]]:
    """Return the parts of a Word file, in its order; *most_xml* bytes of it may be XML.

    Raises:
        UnreadableError: *data* is no .docx, damaged, or would unpack to more than any document.
        UnsafeError: it is none that Word writes.
    """
    kind = kind_of(data, most_xml)
    if kind.is_unsafe:
        raise UnsafeError(kind.what)
    if kind.format != "docx":
        raise UnreadableError(_unreadable(data, kind))
    try:
        parts = read_package(data)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UnreadableError(_DAMAGED) from error
    if missing := _NEEDED - {name for name, _ in parts}:
        raise UnreadableError(f"里面缺少必要的部件（{min(missing)}）")
    braces = sum(content.count(b"{") for name, content in parts if name.endswith(".xml"))
    if braces > _MOST_BRACES:
        raise UnreadableError(f"里面有 {braces} 个“{{”，标记太多（最多 {_MOST_BRACES // 2} 个）")
    main = next((content for name, content in parts if MAIN.fullmatch(name)), None)
    if main is None:
        raise UnreadableError("里面没有 Word 正文")
    if _STRICT in main[:_BEGINNING]:
        raise UnreadableError(
            "这是“严格 Open XML 文档”，请在 Word 里另存为普通的“Word 文档（.docx）”"
        )
    return parts


def _unreadable(data: bytes, kind: Kind) -> str:
    if not data:
        return "文件是空的（0 字节）"
    if kind.encrypted:
        return "设了打开密码"
    if kind.damaged:
        return _DAMAGED
    if kind.is_too_large:
        return f"文件太大，{kind.what}"
    return kind.what or "这是 Excel 工作簿"


def screen(parts: list[tuple[str, bytes]]) -> Screened:
    """Return *parts* without what no document may carry; what cannot be left out is refused."""
    found = Screened(parts)
    _Package(found).clean()
    return found


class _Package:
    """The parts while they are looked through."""

    def __init__(self, found: Screened) -> None:
        self._found = found
        self._content = dict(found.parts)
        self._gone: set[str] = set()

    def clean(self) -> None:
        """Look through every relationship and field; leave the result in ``Screened``."""
        for name, content in list(self._content.items()):
            try:
                if name.endswith(".rels"):
                    self._relationships(name)
                elif b"instrText" in content or b"fldSimple" in content:
                    self._refuse([f"域 {code}" for code in fetching_fields(_tree(content))])
            except (etree.XMLSyntaxError, ValueError):
                continue  # no document: whoever opens it says so
        for name in self._content:
            if posixpath.basename(name).lower() in {"vbaproject.bin", "vbadata.xml"}:
                self._drop_part(name)
                self._drop("宏")
        if not self._found.refused:
            self._types()
        self._found.parts = [
            (name, self._content[name]) for name, _ in self._found.parts if name not in self._gone
        ]

    def _refuse(self, words: list[str]) -> None:
        self._found.refused += [word for word in words if word not in self._found.refused]

    def _drop(self, words: str) -> None:
        if words not in self._found.dropped:
            self._found.dropped.append(words)

    def _drop_part(self, name: str) -> None:
        folder, file = posixpath.split(name)
        self._gone |= {name, f"{folder}/_rels/{file}.rels".lstrip("/")}

    def _relationships(self, name: str) -> None:
        source, tree = source_of(name), _tree(self._content[name])
        in_chart = source.startswith("word/charts/")
        unwanted: set[str] = set()
        for one in list(tree.iter(f"{_RELS}Relationship")):
            kind, target, is_external = _read(one)
            words = _DROPPED.get(kind, "图表的外部数据" if in_chart and is_external else "")
            if words:
                unwanted.add(one.get("Id", ""))
                tree.remove(one)
                self._drop(words)
                if not is_external:
                    self._drop_part(target_of(source, target))
            elif what := refusal(one, source):
                self._refuse([what])
            elif not is_external and self._leads_nowhere(one, source):
                unwanted.add(one.get("Id", ""))  # it leads nowhere: there is nothing to lose
                tree.remove(one)
        if unwanted:
            self._content[name] = _bytes(tree)
            if source in self._content and source not in self._gone:
                self._forget(source, unwanted)

    def _leads_nowhere(self, relationship: etree._Element, source: str) -> bool:
        """Whether its part is not there and nothing of *source* asks for it: Word opens such files."""
        kind, target, _ = _read(relationship)
        if target_of(source, target) in self._content:
            return False
        if not source:
            return kind != "officeDocument"
        asked = f'"{relationship.get("Id", "")}"'.encode()
        return kind in _BY_ID and asked not in self._content.get(source, b"")

    def _forget(self, source: str, ids: set[str]) -> None:
        """Take out of *source* what refers to relationships that are gone."""
        tree = _tree(self._content[source])
        for element in list(tree.iter(etree.Element)):
            if any(str(k).startswith(_R) and v in ids for k, v in element.items()):
                merge = next(element.iterancestors(f"{_W}mailMerge"), element)
                parent = merge.getparent()
                if parent is not None:
                    parent.remove(merge)
        self._content[source] = _bytes(tree)

    def _types(self) -> None:
        """Make the content types those of a .docx without the parts that are gone."""
        content = self._content.get(CONTENT_TYPES)
        if content is None:
            return
        try:
            tree = _tree(content)
        except (etree.XMLSyntaxError, ValueError):
            return  # as in ``clean``
        changed = False
        for one in list(tree):
            mime = one.get("ContentType", "")
            if one.tag == f"{_TYPES}Override" and one.get("PartName", "").lstrip("/") in self._gone:
                tree.remove(one)
                changed = True
            elif mime == _MACROS:
                one.set("ContentType", "application/octet-stream")
                changed = True
            elif _OTHER_DOCUMENTS.fullmatch(mime):
                one.set("ContentType", DOCUMENT)
                changed = True
        if changed:
            self._content[CONTENT_TYPES] = _bytes(tree)


def refusal(relationship: etree._Element, source: str) -> str:
    """Return in words why no document may have this *relationship* of *source*; nothing if it may."""
    kind, target, is_external = _read(relationship)
    if kind in _REFUSED and not source.startswith("word/charts/"):
        return _REFUSED[kind]
    if is_external and not (kind == "hyperlink" and _PLAIN_LINK.match(target)):
        return _EXTERNAL.get(kind, f"外部链接（{kind}）")
    return ""


def _read(relationship: etree._Element) -> tuple[str, str, bool]:
    """Return the last word of its type, its target, and whether that is outside the package."""
    kind = relationship.get("Type", "").rpartition("/")[2]
    return kind, relationship.get("Target", ""), relationship.get("TargetMode") == "External"


def fetching_fields(root: etree._Element) -> Iterator[str]:
    """Yield the name of each field below *root* that fetches something from elsewhere."""
    codes = [one.get(f"{_W}instr", "") for one in root.iter(f"{_W}fldSimple")]
    open_fields: list[list[str]] = []
    for one in root.iter(f"{_W}fldChar", f"{_W}instrText"):
        if one.tag == f"{_W}instrText":
            if open_fields:
                open_fields[-1].append(one.text or "")
            else:
                codes.append(one.text or "")
            continue
        kind = one.get(f"{_W}fldCharType")
        if kind == "begin":
            open_fields.append([])
        elif kind == "end" and open_fields:
            codes.append("".join(open_fields.pop()))
    codes += ["".join(pieces) for pieces in open_fields]
    for code in codes:
        found = _FIELD.match(code)
        if found:
            yield found[1].upper()


def source_of(rels: str) -> str:
    """Return the part whose relationships are in the part called *rels*; empty for the package's."""
    folder, file = posixpath.split(rels)
    return posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))


def target_of(source: str, target: str) -> str:
    """Return the name of the part that a relationship of *source* leads to."""
    if target.startswith("/"):
        return target[1:]
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))


def _bytes(tree: etree._Element) -> bytes:
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def _tree(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(content, parser)
