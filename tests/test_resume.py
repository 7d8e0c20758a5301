"""What the next run does again and why; what it leaves; which documents of which workbook it lists."""

import shutil
import unicodedata

import pytest

from gallery_objects import png
from reportgen.batch import build_all
from reportgen.finding import Place
from reportgen.project import Forms
from reportgen.standing import CODE, NOTHING_APPROVED, UNIT, Approval, Approvals
from support_batch import Pattern, documents, make_project
from support_docx import lines_of, make_docx

TOML = """
[[section]]
label = "内容"
kind = "record"
fields = [
  { label = "正文", required = true },
  { label = "金额", type = "decimal", maximum = 9 },
  { label = "照片", type = "image" },
]

[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}报告.docx"
"""
VALUES = {"内容": {"正文": "原文", "金额": "5", "照片": "照片.png"}}


class Office:
    def __init__(self, root, toml=TOML):
        self.root, self.toml = root, toml
        self.form = make_project(root, toml, template=("{{ 单位名称 }}：{{ 正文 }}", "{{ 照片 }}"))
        self.pattern = Pattern(self.form, VALUES)
        (root / "inputs" / "照片.png").write_bytes(png(40, 10))

    def send(self, file="甲.xlsx", unit="甲局", **texts):
        path = self.root / "inputs" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.pattern.of(unit, **texts))

    def template(self, text):
        make_docx(self.form.folder / "报告.docx", text)

    def build(self, *files, output="outputs", mark=None, **more):
        inputs = [self.root / "inputs" / file for file in files] or [self.root / "inputs"]
        return build_all(
            inputs,
            Forms(self.root / "templates"),
            self.root / output,
            more.pop("approvals", NOTHING_APPROVED),
            mark=self.root / mark if mark else None,
            **more,
        )

    def names(self, folder="outputs"):
        return sorted(n for n in documents(self.root, folder) if n != "汇总.xlsx")

    def text(self, name):
        return lines_of(self.root / "outputs" / name)


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path)


def told(run):
    return [(d.file, d.status, d.why) for d in run.documents if d.file.endswith(".docx")]


def codes(run):
    return [f.code for f in run.findings if f.code != "N108"]  # the picture is no workbook


def approved(code="E313"):
    places = {word: Place(file="核准.xlsx") for word in (UNIT, CODE)}
    return Approvals((Approval("甲局", code, "同意", "", places),))


# -- why ----------------------------------------------------------------------------------------


def another_text(office):
    office.send(原文="另一段")


def another_picture(office):
    (office.root / "inputs" / "照片.png").write_bytes(png(30, 10))


def another_template(office):
    office.template("{{ 单位名称 }}，{{ 正文 }}")


def another_form(office):
    path = office.form.folder / "form.toml"
    path.write_text(path.read_text().replace("maximum = 9", "maximum = 8"))


def document_is_gone(office):
    (office.root / "outputs" / "甲局报告.docx").unlink()


def document_is_edited(office):
    make_docx(office.root / "outputs" / "甲局报告.docx", "人改过的")


@pytest.mark.parametrize(
    ("change", "why", "options", "status"),
    [
        (another_text, "工作簿改过", {}, "built"),
        (another_picture, "图片改过", {}, "built"),
        (another_template, "表单或模板改过", {}, "built"),
        (another_form, "表单或模板改过", {}, "unchanged"),
        (document_is_gone, "文档不见了", {}, "built"),
        (document_is_edited, "", {}, "kept"),
        (lambda _: None, "核准改过", {"approvals": approved()}, "unchanged"),
        (lambda _: None, "要求全部重做", {"force": True}, "unchanged"),
    ],
)
def test_the_run_says_why_a_unit_is_done_again(office, change, why, options, status):
    office.send()
    office.send("乙.xlsx", "乙局")
    office.build()
    change(office)

    run = office.build(**options)

    found = {file: (status, why) for file, status, why in told(run)}
    assert found["甲局报告.docx"] == (status, why if status == "built" else "")
    again = office.build(**options)
    assert {status for _, status, _ in told(again)} <= {
        "unchanged",
        status if status == "kept" else "unchanged",
    }


def test_a_unit_that_failed_is_done_again_once_its_workbook_is_right(office):
    office.send(原文="")
    first = office.build()
    office.send()

    run = office.build()

    assert first.exit_code() == 1
    assert told(run) == [("甲局报告.docx", "built", "工作簿改过")]


def test_what_failed_for_no_fault_of_the_workbook_is_tried_again(office, monkeypatch):
    office.send()

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr("reportgen.output._rename", refuse)
    assert "E503" in codes(office.build())
    monkeypatch.undo()

    assert told(office.build()) == [("甲局报告.docx", "built", "上次没有做成")]


def test_a_document_that_is_open_in_word_leaves_the_marked_copies_alone(office, monkeypatch):
    office.send()

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr("reportgen.output._rename", refuse)

    assert codes(office.build(mark="退回件")) == ["E503"]


def test_an_updated_program_builds_all_again(office, monkeypatch):
    office.send()
    office.build()
    monkeypatch.setattr("reportgen.resume.program", lambda: "another")
    office.template("{{ 单位名称 }}。")

    assert told(office.build()) == [("甲局报告.docx", "built", "表单或模板改过")]


def test_a_project_that_is_moved_or_renamed_has_everything_unchanged(office, tmp_path_factory):
    office.send()
    office.send("科/乙.xlsx", "乙局")
    shutil.copy(office.root / "inputs" / "照片.png", office.root / "inputs" / "科")
    office.build(mark="退回件")
    moved = tmp_path_factory.mktemp("elsewhere") / "项目"
    shutil.move(office.root, moved)
    office.root = moved

    run = office.build(mark="退回件")

    assert {status for _, status, _ in told(run)} == {"unchanged"}
    assert codes(run) == []


def test_a_run_over_one_file_says_nothing_of_the_documents_of_others(office):
    office.send()
    office.send("乙.xlsx", "乙局")
    office.build()

    run = office.build("甲.xlsx")

    assert told(run) == [("甲局报告.docx", "unchanged", "")]
    assert codes(run) == []
    assert office.names() == ["乙局报告.docx", "甲局报告.docx"]


def test_the_document_of_a_unit_that_is_gone_is_listed_and_not_deleted(office):
    office.send()
    office.send("乙.xlsx", "乙局")
    office.build()
    (office.root / "inputs" / "乙.xlsx").unlink()

    for _ in range(2):
        run = office.build()
        assert codes(run) == ["N512"]
        assert run.findings[-1].place.file == "乙局报告.docx"
    assert office.names() == ["乙局报告.docx", "甲局报告.docx"]


def test_the_document_under_a_units_former_name_is_listed(office):
    office.send()
    office.build()
    office.send(unit="甲委")

    run = office.build()

    assert told(run) == [("甲委报告.docx", "built", "工作簿改过")]
    assert codes(run) == ["N512"]
    assert office.names() == ["甲委报告.docx", "甲局报告.docx"]


# -- one name, several workbooks --------------------------------------------------------------------


@pytest.mark.parametrize("how_many", [2, 3])
def test_several_workbooks_for_one_document_are_refused_and_the_last_one_left_is_built(
    office, how_many
):
    files = [f"{n}.xlsx" for n in range(how_many)]
    for file in files:
        office.send(file, 原文=file)

    for _ in range(2):
        run = office.build()
        assert {status for _, status, _ in told(run)} == {"failed"}
        assert set(codes(run)) == {"E821"}
        assert office.names() == []
    for file in files[:-1]:
        (office.root / "inputs" / file).unlink()
    run = office.build()

    assert [(file, status) for file, status, _ in told(run)] == [("甲局报告.docx", "built")]
    assert codes(run) == []
    assert office.text("甲局报告.docx")[0] == f"甲局：{files[-1]}"


def test_two_spellings_of_one_name_are_one_document_on_a_mac_and_are_refused(office):
    for number, form in enumerate(("NFC", "NFD")):
        office.send(f"{number}.xlsx", unicodedata.normalize(form, "Café局"))

    run = office.build()

    assert {status for _, status, _ in told(run)} == {"failed"}
    assert office.names() == []


def test_names_that_differ_in_case_alone_are_one_file_on_windows_and_are_refused(office):
    office.send("1.xlsx", "ABC局")
    office.send("2.xlsx", "abc局")

    run = office.build()

    assert {status for _, status, _ in told(run)} == {"failed"}
    assert office.names() == []


@pytest.mark.parametrize(
    "unit",
    ["甲" * 200, "CON", "a/b", "..", "甲\u200b局", "=1+1", "{{ 7*7 }}", "甲\n局", "😀", "'甲'"],
)
def test_a_unit_of_any_name_is_built_once_and_unchanged_then(office, unit):
    office.send(unit=unit)

    first, second = office.build(), office.build()

    assert [status for _, status, _ in told(first)] == ["built"]
    assert [status for _, status, _ in told(second)] == ["unchanged"]
    assert first.exit_code() == second.exit_code() == 0
    assert len(office.names()) == 1


# -- drafts -------------------------------------------------------------------------------------------


def test_a_draft_goes_once_the_unit_is_right_and_an_official_one_stays_while_it_is_wrong(office):
    office.send(原文="")
    assert told(office.build(draft=True)) == [("甲局报告（草稿）.docx", "draft", "")]
    assert told(office.build(draft=True)) == [("甲局报告（草稿）.docx", "draft", "")]
    office.send()
    office.build()
    assert office.names() == ["甲局报告.docx"]
    office.send(原文="")
    run = office.build(draft=True)
    assert codes(run) == ["E301", "N507"]
    assert office.names() == ["甲局报告.docx", "甲局报告（草稿）.docx"]
    run = office.build()
    assert codes(run) == ["E301", "N507"]
    assert told(run) == [("甲局报告.docx", "failed", "")]


def test_an_approval_that_comes_builds_the_document_and_one_that_goes_keeps_it_and_says_it_is_old(
    office,
):
    office.pattern = Pattern(office.form, {"内容": {**VALUES["内容"], "金额": "10"}})
    office.send()
    assert told(office.build()) == [("甲局报告.docx", "failed", "")]
    assert told(office.build(approvals=approved("E313"))) == [
        ("甲局报告.docx", "built", "核准改过")
    ]
    run = office.build()
    assert codes(run) == ["E313", "N507"]
    assert office.names() == ["甲局报告.docx"]


# -- folders --------------------------------------------------------------------------------------------


def test_marked_copies_and_documents_may_share_a_folder(office):
    office.send(原文="")
    office.send("乙.xlsx", "乙局")

    for status in ("built", "unchanged"):
        run = office.build(mark="outputs")
        assert [copy.status for copy in run.copies] == [status]
    assert office.names() == ["乙局报告.docx", "甲.xlsx"]


def test_documents_may_go_into_the_folder_that_one_stands_in(office, monkeypatch):
    office.send()
    monkeypatch.chdir(office.root)

    for status in ("built", "unchanged"):
        run = office.build(output=".")
        assert told(run)[0][1] == status
    assert (office.root / "甲局报告.docx").exists()


def test_documents_beside_the_workbooks_are_not_taken_for_workbooks(office):
    office.send()
    office.send("乙.xlsx", "乙局")

    for status in ("built", "unchanged"):
        run = office.build(output="inputs")
        assert {s for _, s, _ in told(run)} == {status}
        assert run.units == 2


def test_workbooks_behind_a_link_are_known_again(office, tmp_path_factory):
    office.send()
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "交来"
    shutil.move(office.root / "inputs", elsewhere)
    (office.root / "inputs").symlink_to(elsewhere)

    first, second = office.build(), office.build()

    assert [status for _, status, _ in told(first)] == ["built"]
    assert [status for _, status, _ in told(second)] == ["unchanged"]
    assert codes(second) == []


def test_a_workbook_outside_the_project_is_known_again_by_any_spelling_of_its_path(
    office, tmp_path_factory, monkeypatch
):
    office.send()
    outside = tmp_path_factory.mktemp("outside")
    shutil.move(office.root / "inputs" / "甲.xlsx", outside)
    shutil.move(office.root / "inputs" / "照片.png", outside)
    office.build(outside / "甲.xlsx")
    monkeypatch.chdir(outside)

    run = build_all(
        [outside / ".." / outside.name], Forms(office.root / "templates"), office.root / "outputs"
    )

    assert told(run) == [("甲局报告.docx", "unchanged", "")]
