"""Files that would harm whoever opens them are refused before anything does, one finding each.

The good workbook that each is made from is read as before (the last group): what is only odd costs
nobody anything.
"""

import re
import struct
import zipfile
from pathlib import Path

import pytest

from reportgen import load_form
from reportgen.batch import build_all
from reportgen.project import Forms
from reportgen.workbook.layout import letters
from reportgen.workbook.reach import Reach, reach_of
from support_batch import Pattern, documents, make_project
from support_corpus import BYTES, Office
from support_hostile import (
    OLE,
    changed,
    good_entries,
    locked,
    more,
    overlapping,
    packed,
    placeless_corners,
    raw,
    sheet_of,
    streamed,
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
    form = make_project(root, template=("{{ 单位名称 }}：{{ 正文 }}：{{ 金额 }}",))
    return root, Pattern(form, {"内容": {"正文": "正文", "金额": "365.5"}})


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


FAR_IN_ANOTHER_WAY = {
    "with more letters than any": (b'<c r="ZZZZZZ9"><v>1</v></c>', "E119"),
    "with more digits than any": (b'<c r="B99999999999999999999"><v>1</v></c>', "E119"),
    "with zeros": (b'<c r="XFD000000001048576"><v>1</v></c>', "E119"),
    "under a prefix": (
        (b'<a-b:c xmlns:a-b="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
         b' r="XFD1048576"><a-b:v>1</a-b:v></a-b:c>'), "E124"),
    "twice": (b'<c r="A99" r="XFD1048576"><v>1</v></c>', "E119"),
    "as if it ended": (b'<c r="XFD1048576" x="/>"><v>1</v></c>', "E119"),
    "with an end too many": (b'<c r="XFD1048576"></v><v>1</v></c>', "E124"),
}  # fmt: skip


def workbook_elsewhere(content):
    """Return a package whose workbook is not where Excel puts it, and has a far cell."""
    far = unpacked(
        with_rows(content, SHEET, b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    )
    parts = unpacked(content)
    where = sheet_of(content, SHEET)
    parts["xl/worksheets/far.xml"] = far[where]
    parts["yl/workbook.xml"] = parts["xl/workbook.xml"]
    parts["yl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        where.encode(), b"xl/worksheets/far.xml"
    )
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"xl/workbook.xml", b"yl/workbook.xml")
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
    # what calamine reads as a far cell, and no program writes so: a process of its own dies of it
    **{f"a far cell written {kind}": (
        lambda c, row=row: with_rows(c, SHEET, b'<row r="99">' + row + b"</row>"), code, "")
       for kind, (row, code) in FAR_IN_ANOTHER_WAY.items()},
    "a far cell in the workbook that the package names": (workbook_elsewhere, "E124", ""),
    "a workbook part with nothing in it": (
        lambda c: changed(c, {"xl/workbook.xml": b'<?xml version="1.0" encoding="UTF-16"?>'
                               b"<workbook><sheets></sheets></workbook>"}), "E214", ""),
    # A13: cut off
    **{f"the first {n} %": (lambda c, n=n: c[: len(c) * n // 100], "E105", "") for n in (1, 30, 99)},
    "half of it twice": (lambda c: c[: len(c) // 2] * 2, "E105", ""),
    "nothing but zeros": (lambda c: bytes(len(c)), "E105", ""),
    "a broken sheet": (
        lambda c: changed(c, {sheet_of(c, SHEET): lambda xml: xml[: len(xml) // 2]}), "E105", ""),
    "a dimension that is none": (
        lambda c: changed(c, {sheet_of(c, SHEET): lambda x: re.sub(
            rb'<dimension ref="[^"]*"', b'<dimension ref="banana"', x)}), "E105", ""),
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


def test_what_is_refused_is_not_unpacked_to_see_how_far_it_reaches(project):
    _, pattern = project
    bomb = REFUSED["a sheet of 60 MB of blanks"][0](pattern.of("坏"))

    assert reach_of(bomb) == Reach(is_small=True)


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


# -- what is only odd ----------------------------------------------------------------------------


def strict(content):
    """Return a workbook as Excel saves it as “严格 Open XML 电子表格”."""
    parts = unpacked(content)
    for old, new in (
        (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
         b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
        (b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
         b"http://purl.oclc.org/ooxml/officeDocument/relationships"),
    ):  # fmt: skip
        parts = {name: part.replace(old, new) for name, part in parts.items()}
    return packed(parts)


def dimension(ref):
    return lambda c: changed(
        c,
        {
            sheet_of(c, SHEET): lambda x: re.sub(
                rb'<dimension ref="[^"]*"', b'<dimension ref="%s"' % ref, x
            )
        },
    )


def rows_of_format(count, cell=b'<c s="1"/>'):
    return lambda c: with_rows(c, SHEET, (b"<row>" + cell + b"</row>") * count)


def merged(refs):
    more = b"".join(b'<mergeCell ref="%s"/>' % ref for ref in refs)

    def merge(c):
        return changed(c, {sheet_of(c, SHEET): lambda xml: re.sub(
            rb"</sheetData>(<mergeCells.*?</mergeCells>)?",
            b"</sheetData><mergeCells>" + more + b"</mergeCells>", xml, flags=re.DOTALL)})  # fmt: skip

    return merge


def with_part(name, content, sheet_link=b""):
    return lambda c: more(c, [(name, content)])


def styles(number):
    return lambda c: changed(
        c,
        {
            "xl/styles.xml": lambda x: x.replace(
                b"</cellXfs>", b'<xf numFmtId="0"/>' * number + b"</cellXfs>"
            )
        },
    )


def conditional(number):
    one = (b'<conditionalFormatting sqref="A%d"><cfRule type="expression" priority="%d">'
           b"<formula>A1=1</formula></cfRule></conditionalFormatting>")  # fmt: skip
    rules = b"".join(one % (n, n) for n in range(1, number))
    return lambda c: changed(
        c, {sheet_of(c, SHEET): lambda x: x.replace(b"</sheetData>", b"</sheetData>" + rules)}
    )


#: What is done to a good workbook, of which its document is as it was.
HARMLESS = {
    "stored": lambda c: packed(unpacked(c), zipfile.ZIP_STORED),
    "zip64": lambda c: zip64(c, parts_in(c)),
    "bytes behind it": lambda c: c + b"\r\n",
    "sizes behind the parts": streamed,
    "strict OOXML": strict,
    "a dimension of the whole sheet": dimension(b"A1:XFD1048576"),
    "a dimension of one cell": dimension(b"A1"),
    "formats down to the last row": rows_of_format(1_040_000),
    "a format in the last cell": lambda c: with_rows(
        c, SHEET, b'<row r="1048576"><c r="XFD1048576" s="1"/></row>'),
    "formats in every column": lambda c: with_rows(c, SHEET, b'<row r="99">' + b"".join(
        b'<c r="%s99" s="1"/>' % name.encode() for name in map(letters, range(1, 16385))) + b"</row>"),
    "a whole sheet merged beside": merged([b"F20:XFD1048576"]),
    "40,000 merges": merged([b"F%d:G%d" % (n, n) for n in range(100, 40_100)]),
    "60,000 formats": styles(60_000),
    "50,000 conditional formats": conditional(50_000),
    "macros": with_part("xl/vbaProject.bin", b"macro"),
    "a DDE link": with_part("xl/externalLinks/externalLink1.xml", b"<externalLink/>"),
    "an object": with_part("xl/embeddings/oleObject1.bin", OLE),
    "an SVG with a DTD": with_part("xl/media/a.svg", LAUGHS),
    "a drawing of 10 MB that packs well": with_part("xl/media/a.emf", bytes(10 << 20)),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_only_odd_changes_nothing(project, name, request):
    root, pattern = project
    expected = root / "odd"
    if not expected.exists():
        assert built(root, ("单位.xlsx", pattern.of("单位")), out="odd") == []
    out = request.node.name.encode().hex()[-80:]

    found = built(root, ("单位.xlsx", HARMLESS[name](pattern.of("单位"))), out=out)

    assert found == []
    assert documents(root, f"{out}/out") == documents(root, "odd/out")


# -- what says one thing and holds another (no error may get lost) -------------------------------


def with_amount(xml_of_cell):
    """Return a change of the sheet in which the cell of 金额 is *xml_of_cell*; ``\\1`` is its place."""
    return lambda xml: re.sub(rb'<c (r="\w+") s="\d+" t="n"><v>365.5</v></c>', xml_of_cell, xml)


DIVIDED = with_amount(rb'<c \1 t="e"><v>#DIV/0!</v></c>')


@pytest.mark.parametrize("target", [b"worksheets/", b"/xl/worksheets/", b"./worksheets/",
                                    b"/xl/../xl/worksheets/", b"/XL/Worksheets/"])  # fmt: skip
def test_an_error_value_is_found_however_its_sheet_is_named(project, tmp_path, target):
    root, pattern = project
    content = pattern.of("甲")
    name = sheet_of(content, SHEET)
    there = name.rsplit("/", 1)[-1].encode()
    content = changed(content, {
        name: DIVIDED,
        "xl/_rels/workbook.xml.rels": lambda xml: re.sub(
            rb'Target="[^"]*%s"' % there, b'Target="%s"' % (target + there), xml),
    })  # fmt: skip

    found = built(root, ("甲.xlsx", content), out=tmp_path.name)

    # one that calamine does not find is damaged
    assert [code for code, _, _ in found] in (["E317"], ["E105"])


ODD_CELLS = {
    "a text that is not there": (with_amount(rb'<c \1 t="s"><v>9999</v></c>'), "E105"),
    "a text before the first": (with_amount(rb'<c \1 t="s"><v>-1</v></c>'), "E105"),
    "no number": (with_amount(rb"<c \1><v>NaN</v></c>"), "E3"),
    "a kind of cell that is none": (with_amount(rb'<c \1 t="zz"><v>1</v></c>'), "E105"),
    "a formula without a result": (with_amount(rb"<c \1><f>1+1</f></c>"), "E318"),
}


@pytest.mark.parametrize("name", ODD_CELLS)
def test_a_cell_that_cannot_be_read_is_never_a_blank(project, tmp_path, name):
    root, pattern = project
    change, code = ODD_CELLS[name]
    content = pattern.of("甲")

    found = built(root, ("甲.xlsx", changed(content, {sheet_of(content, SHEET): change})),
                  out=tmp_path.name)  # fmt: skip

    assert [one[: len(code)] for one, _, _ in found] == [code]


def renamed(old, new):
    return lambda c: changed(
        c, {"xl/workbook.xml": lambda xml: xml.replace(f'name="{old}"'.encode(), new.encode())}
    )


SHEETS = {
    "two of one name": (renamed("填表说明", 'name="内容"'), ["E213"]),
    "a copy": (renamed("填表说明", 'name="内容 (2)"'), ["N202"]),
    "one whose part is missing": (
        lambda c: packed([(n, p) for n, p in unpacked(c).items() if n != sheet_of(c, SHEET)]),
        ["E105"]),
    "one that leads out of the file": (
        lambda c: changed(c, {"xl/_rels/workbook.xml.rels": lambda xml: xml.replace(
            b"/" + sheet_of(c, SHEET).encode(), b"../../../../etc/passwd")}), ["E105"]),
    "one that is renamed": (renamed("内容", 'name="内容改"'), ["E201"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_that_is_not_the_only_one_of_its_name_is_told(project, tmp_path, name):
    root, pattern = project
    change, codes = SHEETS[name]

    found = built(root, ("甲.xlsx", change(pattern.of("甲"))), out=tmp_path.name)

    assert [code for code, _, _ in found][: len(codes)] == codes


def test_a_hidden_sheet_is_read_and_told(project, tmp_path):
    root, pattern = project
    content = changed(pattern.of("甲"), {"xl/workbook.xml": lambda xml: re.sub(
        'name="内容"([^>]*)state="visible"'.encode(), r'name="内容"\1state="veryHidden"'.encode(), xml)})  # fmt: skip

    found = built(root, ("甲.xlsx", content), out=tmp_path.name)

    assert [code for code, _, _ in found] == ["N324"]
    assert [n for n in documents(root, f"{tmp_path.name}/out") if n.endswith(".docx")] == [
        "甲报告.docx"
    ]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    root = tmp_path_factory.mktemp("office") / "project"
    root.mkdir()
    office = Office(root)
    return office, Pattern(load_form(office.form))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="只有 Linux 能看到别的进程的内存")
@pytest.mark.parametrize(
    "name",
    ["a picture of 300 MB", "300 MB that say 1,000 bytes", "an attribute of 20 MB", "the last cell",
     "a far cell as inline text", "corners that do not say where", "formats down to the last row"],
)  # fmt: skip
def test_the_whole_program_takes_no_more_memory_than_any_office_computer_has(
    office, tmp_path, name
):
    place, pattern = office
    spoil = REFUSED[name][0] if name in REFUSED else HARMLESS[name]
    (tmp_path / "甲.xlsx").write_bytes(spoil(pattern.of("甲")))

    ran, more = place.as_input(tmp_path / "甲.xlsx", "build", seconds=120)

    assert ran.code == (1 if name in REFUSED else 0)
    assert "甲" in ran.said
    assert "Traceback" not in ran.said
    assert ran.memory <= BYTES
    assert more == set()
