"""Whatever a command opens beside units' workbooks is held off in the same way, by each command."""

import json

import pytest

from reportgen.cli import main
from support_batch import Pattern, make_project
from support_hostile import (
    changed,
    more,
    overlapping,
    packed,
    placeless_corners,
    sheet_of,
    with_rows,
)
from support_workbook import make_book

SHEET = "内容"
ODS_TEXT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="内容"><table:table-row table:number-rows-repeated="{rows}">'
    '<table:table-cell office:value-type="float" office:value="1" '
    'table:number-columns-repeated="{columns}"><text:p>1</text:p></table:table-cell>'
    "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
)


def far(content):
    return with_rows(content, SHEET, b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


#: What arrives → the code of its finding.
HOSTILE = {
    "a part inside another": (overlapping, "E121"),
    "an entity": (
        lambda c: changed(c, {sheet_of(c, SHEET): b"<!DOCTYPE a><a/>"}), "E121"),
    "a name that leads out": (lambda c: more(c, [("../a.xml", b"<a/>")]), "E121"),
    "the last cell": (far, "E124"),
    "corners that do not say where": (lambda c: placeless_corners(c, SHEET), "E119"),
    "cut off": (lambda c: c[: len(c) // 2], "E105"),
    "a web page": (lambda _: b"<html>", "E103"),
    "nothing": (lambda _: b"", "E102"),
}  # fmt: skip

COMMANDS = {
    "a list of units, check": ["check", "inputs", "--roster", "坏.xlsx"],
    "a list of units, build": ["build", "inputs", "--roster", "坏.xlsx"],
    "a list of units, workbook": ["workbook", "--roster", "坏.xlsx", "-o", "下发"],
    "values": ["workbook", "--values", "坏.xlsx", "-o", "新.xlsx"],
    "a preview": ["preview", "坏.xlsx"],
    "approvals": ["check", "inputs"],
    "last year": ["workbook", "--roster", "名单.xlsx", "--last-year", "去年", "-o", "下发"],
}


@pytest.fixture
def office(tmp_path, monkeypatch, capfd):
    pattern = Pattern(make_project(tmp_path))
    (tmp_path / "inputs" / "甲.xlsx").write_bytes(pattern.of("甲局"))
    make_book(tmp_path / "名单.xlsx", {"名单": [["单位名称"], ["甲局"]]})
    (tmp_path / "去年").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path, pattern, capfd


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", HOSTILE)
def test_each_command_says_what_is_wrong_with_what_it_opens(office, command, name):
    root, pattern, capfd = office
    spoil, code = HOSTILE[name]
    file = {"approvals": "核准.xlsx", "last year": "去年/坏.xlsx"}.get(command, "坏.xlsx")
    (root / file).write_bytes(spoil(pattern.of("甲局")))

    with pytest.raises(SystemExit) as ended:
        main(COMMANDS[command])

    out, err = capfd.readouterr()
    assert ended.value.code in (1, 2) or command == "last year"
    assert code in out + err
    assert file.rsplit("/", 1)[-1] in out + err
    assert "Traceback" not in out + err


@pytest.mark.parametrize(("rows", "columns"), [(100_000, 1000), (1_048_576, 16_384)])
def test_cells_that_an_ods_repeats_are_counted(office, rows, columns):
    root, _, capfd = office
    content = packed({
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": b"<manifest/>",
        "content.xml": ODS_TEXT.format(rows=rows, columns=columns).encode(),
    })  # fmt: skip
    (root / "inputs" / "甲.ods").write_bytes(content)

    with pytest.raises(SystemExit):
        main(["check", "inputs/甲.ods", "--format", "json"])

    (finding,) = json.loads(capfd.readouterr().out)["findings"]
    assert finding["code"] == "E124"
    assert finding["sheet"] == "内容"
