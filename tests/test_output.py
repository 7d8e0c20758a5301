"""The output folder: names, edited documents, the manifest, and what stays whole when writing fails."""

import errno
import os
import re
import shutil
from pathlib import Path

import pytest

from reportgen import build, manifest, write_workbook
from reportgen.errors import OutputError
from reportgen.manifest import FOLDER, NAME, Manifest, lost
from reportgen.output import OutputFolder, file_name, write_file
from reportgen.values import from_plain
from support_docx import lines_of, make_docx

FORM = """
[[section]]
label = "内容"
kind = "record"
fields = [
  { label = "正文", required = true },
  { label = "金额", type = "decimal" },
  { label = "要报告", type = "yes_no" },
]

[[section]]
label = "项目"
kind = "table"
fields = [{ label = "项目名称" }]

[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}报告.docx"
"""


@pytest.fixture
def office(make_form, tmp_path):
    """Return an office with the form above and one way to build what its units send."""
    return Office(make_form(FORM), tmp_path)


class Office:
    def __init__(self, form, root):
        self.form, self.root = form, root
        self.templates, self.inputs, self.outputs = root / "templates", root / "in", root / "out"
        make_docx(form.folder / "报告.docx", "{{ 单位名称 }}：{{ 正文 }}")

    def send(self, name, *, unit="甲局", text="正文", **values):
        """Write a unit's workbook."""
        given = {"基本信息": {"单位名称": unit}, "内容": {"正文": text}, **values}
        content = write_workbook(self.form, from_plain(given, self.form))
        self.inputs.mkdir(exist_ok=True)
        (self.inputs / name).write_bytes(content)

    def build(self, **options):
        return build([self.inputs], templates=self.templates, output=self.outputs, **options)

    def written(self):
        """Return the names below outputs/ and the documents' text."""
        ours = {FOLDER, "汇总.xlsx"}
        found = sorted(p for p in self.outputs.rglob("*") if p.is_file() and not ours & {*p.parts})
        return {str(p.relative_to(self.outputs)): p for p in found}

    def text(self, name):
        return lines_of(self.outputs / name)


def statuses(run):
    return [(d.file, d.status) for d in run.documents]


def codes(run):
    return [f.code for f in run.findings]


# -- names -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("甲局2025年度报告.docx", "甲局2025年度报告.docx"),
        ("甲局/2025/报告.docx", "甲局/2025/报告.docx"),
        ('a<b>c:d"e\\f|g?h*i.docx', "a_b_c_d_e_f_g_h_i.docx"),
        ("甲\x00\x1f\n乙.docx", "甲___乙.docx"),
        ("CON.docx", "CON_.docx"),
        ("con .docx", "con_.docx"),
        ("lpt1.docx", "lpt1_.docx"),
        ("aux/nul/prn.tar.docx", "aux_/nul_/prn_.tar.docx"),
        ("conference.docx", "conference.docx"),
        ("../../etc/x.docx", "_/_/etc/x.docx"),
        ("/etc/x.docx", "etc/x.docx"),
        (".隐藏.docx", "_隐藏.docx"),
        ("a//b/./c.docx", "a/b/_/c.docx"),
        ("甲局. /报告 . .docx", "甲局/报告 . .docx"),
        ("报告.docx. . ", "报告.docx"),
        ("e\u0301.docx", "\u00e9.docx"),
        ("", ""),
        (" / ", ""),
    ],
)
def test_a_file_name_is_safe_on_windows(pattern, name):
    assert file_name(pattern) == name


@pytest.mark.parametrize("char", ["字", "a", "😀"])
def test_a_long_name_is_cut_before_its_extension_so_that_every_disk_takes_it(char, tmp_path):
    name = file_name(char * 300 + ".docx")

    again = tmp_path / name.replace(".docx", "（草稿）（重新生成）.docx")
    again.write_bytes(b"")
    assert name.endswith(".docx")
    assert re.fullmatch(f"{char}+_[0-9a-f]{{8}}.docx", name)
    assert len(name.encode()) > 200 or len(name) == 120  # in 120 signs a folder's path has its room


def test_a_units_name_never_makes_a_folder_or_a_tag(office):
    office.send("a.xlsx", unit="../甲/乙 & {{ 7*7 }}: <局>")

    run = office.build()

    assert statuses(run) == [("_._甲_乙 & {{ 7_7 }}_ _局_报告.docx", "built")]
    assert list(office.written()) == ["_._甲_乙 & {{ 7_7 }}_ _局_报告.docx"]


def test_a_slash_in_the_pattern_makes_a_folder_and_the_extension_is_added(make_form, tmp_path):
    office = Office(
        make_form(FORM.replace("{{ 单位名称 }}报告.docx", "{{ 单位名称 }}/报告")), tmp_path
    )
    office.send("a.xlsx")

    office.build()

    assert list(office.written()) == ["甲局/报告.docx"]


@pytest.mark.parametrize("pattern", ["{{ 金额 }}.docx", "甲/{{ 金额 }}.docx"])
def test_a_document_without_a_name_is_an_error(make_form, tmp_path, pattern):
    office = Office(make_form(FORM.replace("{{ 单位名称 }}报告.docx", pattern)), tmp_path)
    office.send("a.xlsx")

    run = office.build()

    assert codes(run) == ["E505"]
    assert office.written() == {}
    assert run.exit_code() == 1


def test_a_pattern_that_cannot_be_calculated_is_a_finding_and_no_bug(make_form, tmp_path):
    pattern = "{{ 单位名称 }}{{ 1 / 金额 }}.docx"
    office = Office(make_form(FORM.replace("{{ 单位名称 }}报告.docx", pattern)), tmp_path)
    office.send("a.xlsx", 内容={"正文": "x", "金额": "0"})

    run = office.build()

    assert codes(run) == ["E509"]
    assert "除数为 0" in run.findings[0].message
    assert run.findings[0].place.file == "a.xlsx"


# -- built, unchanged, kept --------------------------------------------------------------


def test_a_second_run_changes_nothing(office):
    office.send("a.xlsx")
    office.build()
    before = (office.outputs / "甲局报告.docx").stat().st_mtime_ns

    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "unchanged")]
    assert (office.outputs / "甲局报告.docx").stat().st_mtime_ns == before


def test_a_document_as_we_wrote_it_is_replaced_when_its_values_change(office):
    office.send("a.xlsx", text="旧")
    office.build()
    office.send("a.xlsx", text="新")

    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "built")]
    assert office.text("甲局报告.docx") == ["甲局：新"]


def test_an_edited_document_is_kept_and_the_new_one_written_beside_it(office):
    office.send("a.xlsx", text="旧")
    office.build()
    make_docx(office.outputs / "甲局报告.docx", "人改过的")
    office.send("a.xlsx", text="新")

    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "kept")]
    assert codes(run) == ["N504"]
    assert "甲局报告（重新生成）.docx" in run.findings[0].hint
    assert run.exit_code() == 0
    assert office.text("甲局报告.docx") == ["人改过的"]
    assert office.text("甲局报告（重新生成）.docx") == ["甲局：新"]


def test_every_run_lists_the_pair_and_replaces_the_new_one_while_it_is_unedited(office):
    test_an_edited_document_is_kept_and_the_new_one_written_beside_it(office)
    office.send("a.xlsx", text="更新")

    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "kept")]
    assert codes(run) == ["N504"]
    assert office.text("甲局报告.docx") == ["人改过的"]
    assert office.text("甲局报告（重新生成）.docx") == ["甲局：更新"]


def test_when_both_are_edited_both_are_kept_and_the_run_says_that_nothing_was_written(office):
    test_an_edited_document_is_kept_and_the_new_one_written_beside_it(office)
    make_docx(office.outputs / "甲局报告（重新生成）.docx", "也改过")
    office.send("a.xlsx", text="更新")

    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "kept")]
    assert codes(run) == ["W508"]
    assert office.text("甲局报告.docx") == ["人改过的"]
    assert office.text("甲局报告（重新生成）.docx") == ["也改过"]


def test_once_the_edited_document_is_gone_the_new_one_takes_its_place(office):
    test_an_edited_document_is_kept_and_the_new_one_written_beside_it(office)
    (office.outputs / "甲局报告.docx").unlink()

    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "built")]
    assert list(office.written()) == ["甲局报告.docx"]


def test_a_file_that_is_not_ours_is_kept(office):
    office.send("a.xlsx")
    office.outputs.mkdir()
    (office.outputs / "甲局报告.docx").write_bytes(b"somebody's")

    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "kept")]
    assert (office.outputs / "甲局报告.docx").read_bytes() == b"somebody's"
    assert office.text("甲局报告（重新生成）.docx") == ["甲局：正文"]


@pytest.mark.parametrize("manifest", [None, b"", b"{", b"SQLite format 3\x00" + b"\x00" * 4096])
def test_without_a_readable_manifest_every_changed_document_counts_as_edited(office, manifest):
    office.send("a.xlsx", text="旧")
    office.build()
    (office.outputs / FOLDER / NAME).unlink()
    if manifest is not None:
        (office.outputs / FOLDER / NAME).write_bytes(manifest)
    office.send("a.xlsx", text="新")

    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "kept")]
    assert office.text("甲局报告.docx") == ["甲局：旧"]


def test_a_document_that_cannot_be_read_is_not_replaced(office, monkeypatch):
    office.send("a.xlsx", text="旧")
    office.build()
    office.send("a.xlsx", text="新")
    target = office.outputs / "甲局报告.docx"
    real = Path.read_bytes

    def refused(path):
        if path == target:
            raise PermissionError(13, "denied")
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    run = office.build()
    monkeypatch.undo()

    assert statuses(run) == [("甲局报告.docx", "kept")]
    assert office.text("甲局报告.docx") == ["甲局：旧"]


def test_the_manifest_has_the_hash_of_each_document_and_what_it_is_made_from(office):
    import hashlib

    office.send("a.xlsx")
    office.build()

    manifest = Manifest(office.outputs)
    hashes, facts = manifest.hashes("甲局报告.docx"), manifest.facts("甲局报告.docx")
    known = manifest.known("../in/a.xlsx")
    manifest.close()

    def sha256(path):
        return hashlib.sha256(path.read_bytes()).hexdigest()

    assert hashes == (sha256(office.outputs / "甲局报告.docx"),)
    assert facts == {"unit": "甲局", "template": "报告.docx", "workbook": "../in/a.xlsx"}
    assert known.basis["workbook"] == sha256(office.inputs / "a.xlsx")
    assert known.record.documents == ("甲局报告.docx",)


# -- errors, drafts, old documents -------------------------------------------------------


def test_a_unit_with_an_error_gets_no_document_and_the_old_one_is_said_to_be_old(office):
    office.send("a.xlsx")
    office.build()
    office.send("a.xlsx", text="")

    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "failed")]
    assert codes(run) == ["E301", "N507"]
    assert run.exit_code() == 1
    assert office.text("甲局报告.docx") == ["甲局：正文"]


def test_a_draft_is_built_in_spite_of_errors_under_its_own_name(office):
    office.send("a.xlsx")
    office.build()
    office.send("a.xlsx", text="")

    run = office.build(draft=True)

    assert statuses(run) == [("甲局报告（草稿）.docx", "draft")]
    assert codes(run) == ["E301", "N507"]
    assert run.exit_code() == 1
    assert office.text("甲局报告（草稿）.docx") == ["甲局："]
    assert office.text("甲局报告.docx") == ["甲局：正文"]


def test_a_draft_of_a_unit_without_errors_is_the_official_document(office):
    office.send("a.xlsx")

    run = office.build(draft=True)

    assert statuses(run) == [("甲局报告.docx", "built")]


def test_an_edited_draft_is_kept_too(office):
    office.send("a.xlsx", text="")
    office.build(draft=True)
    make_docx(office.outputs / "甲局报告（草稿）.docx", "人改过的")

    run = office.build(draft=True)

    assert statuses(run) == [("甲局报告（草稿）.docx", "kept")]
    assert office.text("甲局报告（草稿）.docx") == ["人改过的"]
    assert office.text("甲局报告（草稿）（重新生成）.docx") == ["甲局："]


def test_several_workbooks_of_one_unit_are_one_error_that_names_them_and_nobody_elses(office):
    for name, unit in {"a": "Jia 局", "b": "JIA 局", "c": "丙局", "d": "jia局"}.items():
        office.send(f"{name}.xlsx", unit=unit)

    run = office.build()

    said = [(f.code, f.place.file, f.message) for f in run.findings]
    assert [(code, file) for code, file, _ in said] == [("E821", "a.xlsx")]
    assert "a.xlsx、b.xlsx、d.xlsx" in said[0][2]
    assert sorted(statuses(run)) == [
        ("JIA 局报告.docx", "failed"),
        ("Jia 局报告.docx", "failed"),
        ("jia局报告.docx", "failed"),
        ("丙局报告.docx", "built"),
    ]
    assert list(office.written()) == ["丙局报告.docx"]


def test_once_one_workbook_of_the_unit_is_left_its_document_is_built(office):
    for name in "ab":
        office.send(f"{name}.xlsx", text=name)
    office.build()
    (office.inputs / "a.xlsx").unlink()

    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "built")]
    assert codes(run) == []
    assert office.text("甲局报告.docx") == ["甲局：b"]


def test_what_was_official_before_a_second_workbook_came_stays_and_is_said_to_be_old(office):
    office.send("a.xlsx")
    office.build()
    office.send("b.xlsx", text="另一份")

    run = office.build()

    assert codes(run) == ["E821", "N507", "N507"]
    assert office.text("甲局报告.docx") == ["甲局：正文"]
    assert {status for _, status in statuses(run)} == {"failed"}


def test_two_units_whose_documents_would_have_one_name_are_an_error_for_both(make_form, tmp_path):
    office = Office(make_form(FORM.replace("{{ 单位名称 }}报告", "{{ 正文 }}")), tmp_path)
    for name, unit in {"a": "甲局", "b": "乙局", "c": "丙局"}.items():
        office.send(f"{name}.xlsx", unit=unit, text="第三" if name == "c" else "同名")

    run = office.build()

    assert [(f.code, f.place.file) for f in run.findings] == [
        ("E502", "a.xlsx"),
        ("E502", "b.xlsx"),
    ]
    assert "b.xlsx" in run.findings[0].message
    assert "a.xlsx" in run.findings[1].message
    assert list(office.written()) == ["第三.docx"]


def test_two_rows_that_want_one_document_are_an_error(make_form, tmp_path):
    each = 'each = "项目"\nas = "行"\n'
    form = FORM.replace("{{ 单位名称 }}报告.docx", "{{ 行.项目名称 }}.docx") + each
    office = Office(make_form(form), tmp_path)
    office.send("a.xlsx", 项目=[{"项目名称": "同名"}, {"项目名称": "同名"}])

    run = office.build()

    assert codes(run) == ["E502"]
    assert "另一份文档" in run.findings[0].message
    assert office.written() == {}


def test_workbooks_of_one_name_in_two_folders_are_told_apart(office):
    for unit in ("甲局", "乙局"):
        (office.inputs / unit).mkdir(parents=True)
        office.send(f"{unit}/表.xlsx", unit="同名", text="")

    run = office.build()

    blank = [f for f in run.findings if f.code == "E301"]
    files = [f.place.file.removeprefix(f"{office.inputs.as_posix()}/") for f in blank]
    assert sorted(files) == ["乙局/表.xlsx", "甲局/表.xlsx"]
    (several,) = [f for f in run.findings if f.code == "E821"]
    assert "in/乙局/表.xlsx、in/甲局/表.xlsx" in several.message


def test_one_workbook_given_twice_is_built_once(office):
    office.send("a.xlsx")
    twice = [office.inputs, office.inputs / "a.xlsx", office.inputs / ".." / "in" / "a.xlsx"]

    run = build(twice, templates=office.templates, output=office.outputs)

    assert statuses(run) == [("甲局报告.docx", "built")]
    assert codes(run) == []


# -- writing fails -----------------------------------------------------------------------


def test_an_interrupted_write_leaves_the_old_document_whole_and_no_half_file(tmp_path, monkeypatch):
    target = tmp_path / "a.docx"
    target.write_bytes(b"old")

    def crash(_descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        write_file(target, b"new and longer")

    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.docx"]


def test_a_written_file_can_be_read_by_colleagues(tmp_path):
    write_file(tmp_path / "a.docx", b"x")

    assert (tmp_path / "a.docx").stat().st_mode & 0o777 == 0o644


def test_a_document_that_cannot_be_written_costs_itself_alone(office, monkeypatch):
    office.send("a.xlsx")
    office.send("b.xlsx", unit="乙局")
    real = os.replace

    def refused(source, target, *args, **kwargs):
        if "甲局" in str(target):
            raise PermissionError(13, "open in Word")
        return real(source, target, *args, **kwargs)

    monkeypatch.setattr(os, "replace", refused)
    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "failed"), ("乙局报告.docx", "built")]
    assert codes(run) == ["E503"]
    assert run.exit_code() == 1
    assert list(office.written()) == ["乙局报告.docx"]


def test_without_its_hash_on_the_disk_no_document_is_written(office, monkeypatch):
    office.send("a.xlsx", text="旧")
    office.build()
    office.send("a.xlsx", text="新")

    def full(_manifest):
        raise lost(office.outputs, OSError(errno.ENOSPC, ""))

    monkeypatch.setattr(Manifest, "commit", full)
    run = office.build()
    monkeypatch.undo()

    assert codes(run) == ["E514"]
    assert "磁盘满了" in run.findings[0].message
    assert run.exit_code() == 1
    assert office.text("甲局报告.docx") == ["甲局：旧"]
    assert [p.name for p in (office.outputs / FOLDER).iterdir()] == [NAME]
    assert statuses(office.build()) == [("甲局报告.docx", "built")]


def test_a_manifest_without_room_ends_the_run_with_one_finding(office, monkeypatch):
    for number in range(20):
        office.send(f"{number:02}.xlsx", unit=f"{number}局")
    real = manifest._opened

    def narrow(path):
        database = real(path)
        pages = database.execute("PRAGMA page_count").fetchone()[0]
        database.execute(f"PRAGMA max_page_count = {pages}")
        return database

    monkeypatch.setattr(manifest, "_opened", narrow)
    run = office.build()
    monkeypatch.undo()
    done = sum(status == "built" for _, status in statuses(run))

    assert codes(run) == ["E514"]
    assert "磁盘满了" in run.findings[0].message
    assert f"还有 {20 - done} 份" in run.findings[0].message
    assert run.exit_code() == 1
    assert 0 < done < 20
    again = office.build()
    assert {status for _, status in statuses(again)} <= {"built", "unchanged"}
    assert codes(again) == []
    assert len([name for name in office.written() if name.endswith(".docx")]) == 20


def test_a_document_that_was_noted_and_lost_its_rename_is_built_again(office, monkeypatch):
    """After a power cut the manifest may know of a name that the folder does not."""
    office.send("a.xlsx", text="旧")
    office.build()
    old = (office.outputs / "甲局报告.docx").read_bytes()
    office.send("a.xlsx", text="新")
    office.build()
    (office.outputs / "甲局报告.docx").write_bytes(old)

    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "built")]
    assert office.text("甲局报告.docx") == ["甲局：新"]


@pytest.mark.parametrize(("refusals", "status"), [(3, "built"), (99, "failed")])
def test_windows_gets_time_to_let_go_of_a_file(office, monkeypatch, refusals, status):
    office.send("a.xlsx")
    real, slept, left = Path.replace, [], [refusals]

    def refused(path, target):
        if left[0] and str(target).endswith(".docx"):
            left[0] -= 1
            raise PermissionError(13, "in use")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", refused)
    monkeypatch.setattr("reportgen.output._is_windows", lambda: True)
    monkeypatch.setattr("reportgen.output.time.sleep", slept.append)
    run = office.build()

    assert statuses(run) == [("甲局报告.docx", status)]
    assert sum(slept) == pytest.approx(0.35 if refusals == 3 else 2.5)
    assert not list((office.outputs / FOLDER).glob("*.tmp"))


def test_a_file_where_a_documents_folder_should_be_costs_that_document_alone(make_form, tmp_path):
    pattern = "{{ 单位名称 }}/报告.docx"
    office = Office(make_form(FORM.replace("{{ 单位名称 }}报告.docx", pattern)), tmp_path)
    office.send("a.xlsx")
    office.send("b.xlsx", unit="乙局")
    office.outputs.mkdir()
    (office.outputs / "甲局").write_bytes(b"somebody's")

    run = office.build()

    assert codes(run) == ["E503"]
    assert statuses(run) == [("甲局/报告.docx", "failed"), ("乙局/报告.docx", "built")]
    assert (office.outputs / "甲局").read_bytes() == b"somebody's"


def test_an_output_that_is_a_file_is_refused_before_anything_is_done(office):
    office.send("a.xlsx")
    office.outputs.write_bytes(b"a file")

    with pytest.raises(OutputError) as error:
        office.build()

    assert [f.code for f in error.value.findings] == ["E506"]
    assert office.outputs.read_bytes() == b"a file"


def test_a_read_only_folder_is_refused_with_one_message(office, monkeypatch):
    import tempfile

    def refused(**_):
        raise PermissionError(13, "denied")

    office.send("a.xlsx")
    monkeypatch.setattr(tempfile, "TemporaryFile", refused)

    with pytest.raises(OutputError) as error:
        office.build()

    assert [f.code for f in error.value.findings] == ["E506"]


def test_an_output_folder_moved_elsewhere_still_knows_its_documents(office):
    office.send("a.xlsx", text="旧")
    office.build()
    shutil.move(office.outputs, office.root / "moved")
    office.outputs = office.root / "moved"
    office.send("a.xlsx", text="新")

    run = office.build()

    assert statuses(run) == [("甲局报告.docx", "built")]


def test_saving_the_same_bytes_over_somebody_elses_equal_file_is_no_edit(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"same")
    folder = OutputFolder.open(tmp_path)

    saved = folder.save("a.pdf", b"same")

    assert (saved.status, saved.findings) == ("unchanged", ())
