"""Files that would harm whoever opens them are refused before anything does, one finding each.

The good workbook that each is made from is read as before (the last group): what is only odd costs
nobody anything.
"""

import struct

import pytest

from reportgen.batch import build_all
from reportgen.project import Forms
from support_batch import Pattern, documents, make_project
from support_hostile import (
    changed,
    good_entries,
    more,
    overlapping,
    packed,
    placeless_corners,
    raw,
    sheet_of,
    unpacked,
    with_rows,
    zeros,
)

SHEET = "内容"
DTD = b'<?xml version="1.0"?>%s<!DOCTYPE a [<!ENTITY b "%s">]><a>&b;</a>'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><a>&b;</a>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a project and the workbook of one unit."""
    root = tmp_path_factory.mktemp("project")
    root_pattern = Pattern(make_project(root), {"内容": {"正文": "正文", "金额": "365.5"}})
    return root, root_pattern


def blanks(megabytes):
    return lambda xml: xml.replace(b"</sheetData>", b" " * (megabytes << 20) + b"</sheetData>")


def lying(content, **said):
    """Return a package whose directory says something else of its largest part."""
    entries = good_entries(content)
    largest = max(entries, key=lambda entry: entry[3])[0].encode()
    return raw(entries, lambda **as_it_is: {**as_it_is, **said}
               if as_it_is["name"] == largest else as_it_is)  # fmt: skip


def lying_twice(content):
    """Return a package with a part of 300 MB that says 1,000 bytes, wherever it says anything."""
    data, check, _ = zeros(300)
    bomb = ("xl/worksheets/sheet99.xml", data, check, 1000, 8, 0)
    return raw([*good_entries(content), bomb])


def locked(content):
    return raw([(name, data, check, size, method, 1)
                for name, data, check, size, method, _ in good_entries(content)])  # fmt: skip


def with_method(content, method):
    name, data, check, size, _, flags = good_entries(content)[0]
    return raw([(name, data, check, size, method, flags), *good_entries(content)[1:]])


def zip64(content, number):
    """Return a package with the records of zip64, which count *number* parts."""
    at = content.rindex(b"PK\5\6")
    count, size, start = struct.unpack_from("<HII", content, at + 10)
    record = struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, number, number, size, start)
    locator = struct.pack("<IQI", 0, at, 1)
    assert count != number or number == count
    return content[:at] + b"PK\6\6" + record + b"PK\6\7" + locator + content[at:]


def parts_in(content):
    return len(unpacked(content))


def strict(content):
    """Return a workbook as Excel saves it as “严格 Open XML 电子表格”."""
    pairs = [
        (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
         b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
        (b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
         b"http://purl.oclc.org/ooxml/officeDocument/relationships"),
    ]  # fmt: skip
    parts = unpacked(content)
    for old, new in pairs:
        parts = {name: part.replace(old, new) for name, part in parts.items()}
    return packed(parts)


#: What is done to a good workbook → the code of its finding, and words of it.
REFUSED = {
    # A1: much from little
    "a sheet of 110 MB": (
        lambda c: raw([*good_entries(c), ("xl/worksheets/sheet9.xml", *zeros(110), 8, 0)]),
        "E122", "解开以后有 110 MB"),
    "a sheet of 60 MB of blanks": (
        lambda c: changed(c, {sheet_of(c, SHEET): blanks(60)}), "E122", "几乎全是重复的"),
    "a picture of 300 MB": (
        lambda c: raw([*good_entries(c), ("xl/media/a.png", *zeros(300), 8, 0)]),
        "E122", "解开以后有 300 MB"),
    "6,000 parts": (
        lambda c: more(c, [(f"xl/media/{n}.png", b"") for n in range(6000)]), "E122", "个部件"),
    # A2: a directory that lies
    "a part inside another": (overlapping, "E121", "互相重叠"),
    "two parts of one name": (lambda c: more(c, [("xl/workbook.xml", b"<a/>")]), "E121", "同名"),
    "two parts but for case": (lambda c: more(c, [("XL/Workbook.xml", b"<a/>")]), "E121", "同名"),
    "a size that is too small": (lambda c: lying(c, unpacked=100), "E105", ""),
    "a size that is too large": (lambda c: lying(c, unpacked=1 << 22), "E105", ""),
    "a packed size that is too small": (lambda c: lying(c, packed=10), "E105", ""),
    "a name that its part has not": (lambda c: lying(c, name=b"xl/other.xml"), "E105", ""),
    "300 MB that say 1,000 bytes": (lying_twice, "E105", ""),
    "zip64 that counts otherwise": (lambda c: zip64(c, 1), "E105", ""),
    "bzip2": (lambda c: with_method(c, 12), "E105", ""),
    "bytes before it": (lambda c: b"PK\3\4" + bytes(60) + c, "E105", ""),
    "encrypted parts": (locked, "E104", ""),
    # A15: names that lead out
    "a name with ..": (lambda c: more(c, [("xl/../../a.xml", b"<a/>")]), "E121", "文件以外"),
    "a name from the root": (lambda c: more(c, [("/etc/a.xml", b"<a/>")]), "E121", "文件以外"),
    "a name with backslashes": (lambda c: more(c, [("..\\a.xml", b"<a/>")]), "E121", "文件以外"),
    "a name with a drive": (lambda c: more(c, [("C:/a.xml", b"<a/>")]), "E121", "文件以外"),
    # A3, A4: entities
    "laughs in the texts": (lambda c: more(c, [("xl/more.xml", LAUGHS)]), "E121", "DTD（xl/more.xml）"),
    "laughs in the workbook": (lambda c: changed(c, {"xl/workbook.xml": LAUGHS}), "E121", "DTD"),
    "laughs in a sheet": (lambda c: changed(c, {sheet_of(c, SHEET): LAUGHS}), "E121", "DTD"),
    "a file in the styles": (lambda c: changed(c, {"xl/styles.xml": OUTSIDE}), "E121", "DTD（xl/styles.xml）"),
    "a file in the relationships": (
        lambda c: more(c, [("xl/worksheets/_rels/sheet9.xml.rels", OUTSIDE)]), "E121", "DTD"),
    "a DTD behind a remark": (
        lambda c: more(c, [("a.xml", DTD % (b"<!-- " + b"x" * 5000 + b" --> ", b"x"))]), "E121", "DTD"),
    "a DTD behind a remark without end": (
        lambda c: more(c, [("a.xml", b"<!-- " + b"x" * 90000)]), "E121", "a.xml"),
    "a DTD in UTF-16": (
        lambda c: more(c, [("a.xml", LAUGHS.decode().encode("utf-16"))]), "E121", "DTD"),
    "a DTD in UTF-16 without a mark": (
        lambda c: more(c, [("a.xml", LAUGHS.decode().encode("utf-16-be"))]), "E121", "DTD"),
    "UTF-7": (
        lambda c: more(c, [("a.xml", b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-')]),
        "E121", "UTF-7"),
    # A5 and depth
    "an attribute of 20 MB": (
        lambda c: more(c, [("a.xml", b'<a b="' + b"x" * (20 << 20) + b'"/>')]), "E121", "一段文字"),
    "100,000 levels": (
        lambda c: more(c, [("a.xml", b"<a>" * 100_000 + b"</a>" * 100_000)]), "E121", "超过 500 层"),
    # A6: cells far away
    "the last cell": (
        lambda c: with_rows(c, SHEET, b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "E124", ""),
    "a row that no sheet has": (
        lambda c: with_rows(c, SHEET, b'<row r="4294967295"><c r="A4294967295"><v>1</v></c></row>'),
        "E124", ""),
    "a far cell as inline text": (
        lambda c: with_rows(
            c, SHEET,
            b'<row r="999999"><c r="Z999999" t="inlineStr"><is><t> </t></is></c></row>'),
        "E124", ""),
    "corners that do not say where": (lambda c: placeless_corners(c, SHEET), "E119", ""),
    # A13: cut off
    **{f"the first {n} %": (lambda c, n=n: c[: len(c) * n // 100], "E105", "") for n in (1, 30, 99)},
    "half of it twice": (lambda c: c[: len(c) // 2] * 2, "E105", ""),
    "nothing but zeros": (lambda c: bytes(len(c)), "E105", ""),
    "a broken sheet": (
        lambda c: changed(c, {sheet_of(c, SHEET): lambda xml: xml[: len(xml) // 2]}), "E105", ""),
    "a workbook that lists no sheet": (
        lambda c: changed(c, {"xl/workbook.xml": b"<workbook/>"}), "E214", ""),
}  # fmt: skip


def built(root, *files, out):
    """Build *files* (name → bytes); return the findings' codes, messages and files."""
    folder = root / out / "in"
    folder.mkdir(parents=True)
    for name, content in files:
        (folder / name).write_bytes(content)
    run = build_all([folder], Forms(root / "templates"), root / out / "out")
    return [(f.code, f.message, f.place.file) for f in run.findings]


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_workbook_alone_is_one_finding_that_says_what_it_is(project, name, request):
    root, pattern = project
    spoil, code, words = REFUSED[name]

    ((found, message, file),) = built(
        root, ("坏.xlsx", spoil(pattern.of("坏"))), out=request.node.name.encode().hex()[-80:]
    )

    assert found.startswith(code)
    assert words in message
    assert file == "坏.xlsx"


def test_among_good_ones_they_cost_none_of_these(project):
    root, pattern = project
    good = [(f"{n}.xlsx", pattern.of(f"单位{n}")) for n in range(8)]
    built(root, *good, out="good")
    bad = {f"{n:02}坏.xlsx": name for n, name in enumerate(REFUSED)}
    files = [(file, REFUSED[name][0](pattern.of("坏"))) for file, name in bad.items()]

    found = built(root, *good, *files, out="mixed")

    assert {file: code[:4] for code, _, file in found} == {
        file: REFUSED[name][1] for file, name in bad.items()
    }
    made = {n: b for n, b in documents(root, "mixed/out").items() if n.endswith(".docx")}
    assert made == {n: b for n, b in documents(root, "good/out").items() if n.endswith(".docx")}
    assert len(made) == 8
