"""Names and paths: whatever a unit is called and wherever it is put, its document is one file in the folder.

The rules for names are those of Microsoft's "Naming Files, Paths, and Namespaces"; 255 bytes are what Linux's
file systems take.
"""

import os
import re
import unicodedata
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reportgen import build, load_form, write_workbook
from reportgen.batch import build_all
from reportgen.compute import compute
from reportgen.copies import names_of
from reportgen.errors import OutputError
from reportgen.output import AGAIN, DRAFT, file_name, same_file, with_mark
from reportgen.pipeline import Renderer
from reportgen.project import Forms
from reportgen.reporters import findings_as_text
from reportgen.values import from_plain
from support_batch import Pattern, command, make_project
from support_docx import make_docx

FORM = """
[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}.docx"
"""
#: What a unit is called → its document, without ``.docx``; empty: there is no name, which is a finding (E505).
NAMES = {
    "甲局": "甲局",
    "甲/乙": "甲_乙",
    "甲\\乙": "甲_乙",
    "甲:乙": "甲_乙",
    "甲*乙": "甲_乙",
    "甲?乙": "甲_乙",
    '"甲"': "_甲_",
    "<甲>": "_甲_",
    "甲|乙": "甲_乙",
    "../../etc/passwd": "_._.._etc_passwd",
    "..\\..\\Windows": "_._.._Windows",
    "/etc/passwd": "_etc_passwd",
    "C:\\Windows": "C__Windows",
    "\\\\server\\share": "__server_share",
    "甲:流:$DATA": "甲_流_$DATA",
    ".": "",
    "..": "",
    "...": "",
    ". .": "",
    " 甲 ": "甲",
    "甲. . ": "甲. .",
    "甲\u3000乙": "甲 乙",
    "甲\xa0乙": "甲 乙",
    "甲\n乙": "甲 乙",
    "甲\t乙": "甲 乙",
    ".隐藏": "_隐藏",
    "-rf": "_rf",
    "~$甲": "_$甲",
    "~甲": "~甲",
    "CON": "CON_",
    "con": "con_",
    "Prn": "Prn_",
    "AUX": "AUX_",
    "NUL": "NUL_",
    "nul.txt": "nul_.txt",
    "COM0": "COM0_",
    "COM1": "COM1_",
    "COM9": "COM9_",
    "COM10": "COM10",
    "COM¹": "COM¹_",
    "LPT1": "LPT1_",
    "LPT³": "LPT³_",
    "CONIN$": "CONIN$_",
    "CONOUT$": "CONOUT$_",
    "CONSOLE": "CONSOLE",
    "ＣＯＮ": "ＣＯＮ",
    "甲\x00乙\x1f": "甲乙",
    "甲\x7f乙\x9f": "甲_乙_",
    "甲\u202excod.exe": "甲xcod.exe",
    "\ufeff甲\u200b局\u2060": "甲局",
    "Cafe\u0301局": "Caf\xe9局",
    "甲\ud83d局": "甲\ufffd局",
    "甲\uffff局": "甲局",
    "😀局": "😀局",
    "👩\u200d👧局": "👩👧局",
    "👍🏽🇨🇳": "👍🏽🇨🇳",
    "𠮷野局": "𠮷野局",
    "葛\U000e0100城": "葛\U000e0100城",
    "=cmd|'/c calc'!A0": "=cmd_'_c calc'!A0",
    "{{ 7*7 }}": "{{ 7_7 }}",
    "%TEMP%$(id)`id`;&#1": "%TEMP%$(id)`id`;&#1",
    "甲.docx": "甲.docx",
}
RESERVED = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
RESERVED |= {device + digit for device in ("COM", "LPT") for digit in "0123456789¹²³"}


def named(form, unit):
    """Return the name of the document of a unit that is called *unit*, as a build asks for it."""
    data = compute(from_plain({"基本信息": {"单位名称": unit}}, form))
    return next(Renderer(form).documents(data)).name()


def opens_anywhere(name):
    """Whether Windows, Linux and macOS open a file of that name, beside its folder."""
    stem = name.split(".")[0].rstrip().upper()
    return (
        not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
        and name[-1] not in ". "
        and stem not in RESERVED
        and not PureWindowsPath(name).is_reserved()
        and unicodedata.is_normalized("NFC", name)
        and len(with_mark(with_mark(name, DRAFT), AGAIN).encode()) <= 255
        and len(name) <= 120
    )


@pytest.fixture(scope="module")
def form(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("office"), FORM)


@pytest.mark.parametrize("unit", NAMES)
def test_a_hostile_name_gives_this_file(form, unit):
    expected = NAMES[unit] and f"{NAMES[unit]}.docx"

    assert named(form, unit) == expected
    assert not expected or opens_anywhere(expected)


#: Letters of many scripts, signs that Windows refuses, that nobody sees, that make two spellings of one name.
SIGNS = st.one_of(
    st.sampled_from(
        './\\:*?"<>|~$-_ \u3000\xa0\u200b\u202e\ufeff\u0301\ufe0f\u200d🏽🇨😀👩CONcon1¹甲乙ＡＢａé\x00\x1f\x85\u2028'
    ),
    st.characters(),
)


@given(st.text(SIGNS, max_size=300))
def test_every_name_is_one_file_in_the_folder_that_every_system_opens(unit):
    assume(seen(unit))  # else it has no name, which is said before (E505)

    name = file_name(unit.replace("/", "_") + ".docx")

    assert name.endswith(".docx")
    assert "/" not in name
    assert opens_anywhere(name)
    assert Path("/out", name).resolve().parent == Path("/out")
    assert file_name(name) == name


@given(st.text(SIGNS, max_size=300))
def test_a_path_of_folders_never_leaves_the_folder(pattern):
    name = file_name(pattern)

    assert not name.startswith("/")
    assert all(
        part not in {"", ".", ".."} and opens_anywhere(part) for part in name.split("/") if name
    )


def seen(name):
    """Return what of a name Windows can tell apart: every sign that it neither refuses nor overlooks."""
    visible = "".join(
        c for c in name if unicodedata.category(c)[0] not in "CZ" and c not in '._-~<>:"/\\|?*'
    )
    return unicodedata.normalize("NFC", visible).casefold()


@given(
    st.text(SIGNS, max_size=20),
    st.text(SIGNS, max_size=20),
    st.sampled_from(["", "字" * 300, "a" * 300, "é😀" * 150]),
)
def test_two_names_that_people_tell_apart_are_two_files(one, other, before):
    assume(seen(one) != seen(other))

    names = {
        same_file(file_name(f"{before}{unit.replace('/', '_')}.docx")) for unit in (one, other)
    }

    assert len(names) == 2


@pytest.mark.parametrize("sign", ["e\u0302\u0323", "👍🏽", "🇨🇳", "葛\U000e0100", "か\u3099\u0301"])
def test_a_long_name_is_cut_between_signs(sign):
    for before in range(4):
        name = file_name("a" * before + sign * 200 + ".docx")
        whole = unicodedata.normalize("NFC", sign)

        assert re.fullmatch(rf"a{{{before}}}(?:{whole})+_[0-9a-f]{{8}}\.docx", name)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(SIGNS, min_size=1, max_size=90), min_size=2, max_size=4))
def test_of_several_units_each_has_its_file_or_its_error(tmp_path_factory, units):
    root = tmp_path_factory.mktemp("office")
    form = make_project(root, FORM, template=("{{ 单位名称 }}",))
    for number, unit in enumerate(units):
        content = write_workbook(form, from_plain({"基本信息": {"单位名称": unit}}, form))
        (root / "inputs" / f"{number}.xlsx").write_bytes(content)

    run = build_all([root / "inputs"], Forms(root / "templates"), root / "outputs", jobs=1)

    said = findings_as_text([f for f in run.findings if f.level == "error"])
    failed = [number for number in range(len(units)) if f"{number}.xlsx" in said]
    files = [path for path in (root / "outputs").iterdir() if path.suffix == ".docx"]
    assert len(files) + len(failed) == len(units)
    assert sorted(path.name for path in root.iterdir()) == ["inputs", "outputs", "templates"]
    assert all(opens_anywhere(unicodedata.normalize("NFC", path.name)) for path in files)


def test_names_that_windows_cannot_tell_apart_are_an_error_for_both_and_nothing_is_written_over(
    tmp_path,
):
    pattern = Pattern(make_project(tmp_path))
    for number, unit in enumerate(["甲/乙", "甲:乙", "丙"]):
        (tmp_path / "inputs" / f"{number}.xlsx").write_bytes(pattern.of(unit))

    run = build(
        [tmp_path / "inputs"], templates=tmp_path / "templates", output=tmp_path / "outputs"
    )

    assert sorted((f.code, f.place.file) for f in run.findings) == [
        ("E502", "0.xlsx"),
        ("E502", "1.xlsx"),
    ]
    assert [path.name for path in (tmp_path / "outputs").glob("*.docx")] == ["丙报告.docx"]


@pytest.mark.parametrize(
    "other", ["Cafe\u0301局", "Café 局", "ＣＡＦÉ局", "Café\u200b局", "café局"]
)
def test_one_unit_written_in_two_ways_is_one_unit_that_has_sent_twice(tmp_path, other):
    pattern = Pattern(make_project(tmp_path))
    for number, unit in enumerate(["Café局", other]):
        (tmp_path / "inputs" / f"{number}.xlsx").write_bytes(pattern.of(unit))

    run = build(
        [tmp_path / "inputs"], templates=tmp_path / "templates", output=tmp_path / "outputs"
    )

    (finding,) = (f for f in run.findings if f.level == "error")
    assert finding.code == "E821"
    assert "0.xlsx" in finding.message
    assert "1.xlsx" in finding.message
    assert list((tmp_path / "outputs").glob("*.docx")) == []


# -- where it is put -----------------------------------------------------------------------------------------


@pytest.fixture
def office(tmp_path):
    """Return a folder with two units, each of which has a folder of its own in the outputs."""
    pattern = Pattern(
        make_project(
            tmp_path,
            FORM.replace("}}.docx", "}}/报告.docx")
            + '[[section]]\nlabel = "内容"\nkind = "record"\nfields = [{ label = "正文" }]\n',
            template=("{{ 单位名称 }}",),
        )
    )
    for unit in ("甲局", "乙局"):
        (tmp_path / "inputs" / f"{unit}.xlsx").write_bytes(pattern.of(unit))
    return tmp_path


def built(root, output="outputs"):
    return build([root / "inputs"], templates=root / "templates", output=root / output)


@pytest.mark.parametrize("target", ["elsewhere", "inputs", "."])
def test_a_link_in_the_output_folder_leads_nothing_out_of_it(office, target):
    (office / "elsewhere").mkdir()
    (office / "outputs").mkdir()
    before = {path for path in office.rglob("*") if "outputs" not in path.parts}
    (office / "outputs" / "甲局").symlink_to(office / target)

    for _ in range(2):
        run = built(office)

        assert [(f.code, f.place.file) for f in run.findings if f.level == "error"] == [
            ("E516", "甲局/报告.docx")
        ]
        assert {d.file: d.status for d in run.documents}["甲局/报告.docx"] == "failed"
    assert (office / "outputs" / "乙局" / "报告.docx").is_file()
    assert {path for path in office.rglob("*") if "outputs" not in path.parts} == before


def test_a_link_to_another_folder_of_the_outputs_is_the_offices_own(office):
    (office / "outputs" / "归档").mkdir(parents=True)
    (office / "outputs" / "甲局").symlink_to("归档")

    assert [f.code for f in built(office).findings] == []
    assert (office / "outputs" / "归档" / "报告.docx").is_file()


def test_a_link_where_a_document_should_be_is_never_written_through(office):
    for unit in ("甲局", "乙局"):
        (office / "outputs" / unit).mkdir(parents=True)
    make_docx(office / "别人的.docx", "别人的")
    theirs = (office / "别人的.docx").read_bytes()
    (office / "outputs" / "甲局" / "报告.docx").symlink_to(office / "别人的.docx")
    (office / "outputs" / "乙局" / "报告.docx").symlink_to(office / "没有的.docx")

    run = built(office)

    assert {d.file: d.status for d in run.documents} == {
        "甲局/报告.docx": "kept",
        "乙局/报告.docx": "built",
    }
    assert (office / "别人的.docx").read_bytes() == theirs
    assert not (office / "没有的.docx").exists()
    assert not (office / "outputs" / "乙局" / "报告.docx").is_symlink()


def test_the_output_folder_may_be_a_link_itself(office):
    (office / "盘").mkdir()
    (office / "outputs").symlink_to(office / "盘")

    for status in ("built", "unchanged"):
        assert {d.status for d in built(office).documents} == {status}
    assert (office / "盘" / "甲局" / "报告.docx").is_file()


def test_an_output_folder_that_is_a_link_to_nothing_is_refused(office):
    (office / "outputs").symlink_to(office / "没有")

    with pytest.raises(OutputError) as error:
        built(office)

    assert [f.code for f in error.value.findings] == ["E506"]


def test_only_files_of_ours_are_cleared_away_after_a_crash(office):
    built(office)
    ours, theirs = (
        office / "outputs" / ".reportgen" / name for name in (".reportgen-x.tmp", "他们的.tmp")
    )
    ours.touch()
    theirs.touch()

    built(office)

    assert (ours.exists(), theirs.exists()) == (False, True)


# -- names of what is sent ---------------------------------------------------------------------------------------


@pytest.fixture
def undecodable(office):
    """Return an office that a unit has sent a file whose name is GBK, another one that is nothing, and a folder."""
    data = (office / "inputs" / "甲局.xlsx").read_bytes()
    inputs = os.fsencode(office / "inputs")
    try:
        Path(os.fsdecode(inputs + b"/\xff")).mkdir()
    except OSError:
        pytest.skip("这里的文件名只能是 UTF-8")
    for name in (b"\xd2\xd2\xbe\xd6.xlsx", b"\xff\xfe.xlsx", b"\xff/c.xlsx", b"\xd2\xd2.txt"):
        Path(os.fsdecode(inputs + b"/" + name)).write_bytes(data)
    return office


@pytest.mark.parametrize("args", [["build"], ["build", "--mark", "退回件"], ["check"], ["check", "--format", "json"],
                                  ["build", "--format", "json"], ["build", "--format", "lines", "--pdf"]])  # fmt: skip
def test_a_name_that_is_no_utf8_costs_its_file_alone(undecodable, args):
    with command(undecodable, *args) as process:
        out, err = process.communicate(timeout=120)
    said = out.decode() + err.decode()

    assert process.returncode == 1
    assert said.count("E125") - ("explain E125" in said) == 3
    assert "原来多半是“乙局.xlsx”" in said
    assert "程序自身出错" not in said
    assert (args[0] == "check") != (undecodable / "outputs" / "甲局" / "报告.docx").is_file()


def test_an_output_folder_and_templates_of_such_names_are_used(undecodable):
    Path(os.fsdecode(os.fsencode(undecodable / "templates" / "t") + b"/\xff.docx")).write_bytes(b"")
    output = os.fsdecode(b"\xd2\xd2")
    with command(
        undecodable, "build", "inputs/甲局.xlsx", "-o", output, "--format", "json"
    ) as process:
        out, _ = process.communicate(timeout=120)

    assert process.returncode == 0
    assert '"status": "built"' in out.decode()


def test_marked_copies_have_names_that_windows_opens_and_stay_apart():
    names = names_of(
        [Path(f"in/{name}.xlsx") for name in ("甲:乙", "甲?乙", "CON", "字" * 83)], [Path("in")]
    )

    assert list(names.values())[:3] == ["甲_乙.xlsx", "甲_乙（2）.xlsx", "CON_.xlsx"]
    assert all(map(opens_anywhere, names.values()))


def test_a_units_workbook_gets_no_folder_from_its_name(tmp_path):
    from reportgen.cli.workbook_command import prefilled_name, workbook_name
    from reportgen.roster import Unit

    form = load_form(make_project(tmp_path).folder)
    one = workbook_name(form, from_plain({"基本信息": {"单位名称": "../甲/乙"}}, form))

    assert one == "_._甲_乙_测试表.xlsx"
    assert prefilled_name(form, Unit(code="0/1", name="a:b")) == "0_1_a_b_测试表.xlsx"
