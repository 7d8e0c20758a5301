"""``--pdf``: a PDF beside each official document, made again only when that has changed."""

import pytest

from reportgen import build, rules, write_workbook
from reportgen.batch import build_all
from reportgen.finding import Place
from reportgen.pdf.converter import Pdf
from reportgen.project import Forms
from reportgen.values import from_plain
from support_docx import make_docx

FORM = """
[[section]]
label = "内容"
kind = "record"
fields = [{ label = "正文", required = true }]

[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}报告.docx"
"""


class Office:
    """A project folder, and a program that makes PDFs which say what they are made from."""

    def __init__(self, form, root, monkeypatch):
        self.form, self.root, self.made = form, root, []
        make_docx(form.folder / "报告.docx", "{{ 单位名称 }}：{{ 正文 }}")
        (root / "in").mkdir()
        monkeypatch.setattr("reportgen.printing.to_pdf", self.to_pdf)

    def to_pdf(self, documents, stop=None):
        self.made += [name for name, _ in documents]
        return [self.one(name, content) for name, content in documents]

    def one(self, name, content):
        return Pdf(name, b"%PDF of " + content)

    def send(self, name, unit, text="正文"):
        values = {"基本信息": {"单位名称": unit}, "内容": {"正文": text}}
        content = write_workbook(self.form, from_plain(values, self.form))
        (self.root / "in" / name).write_bytes(content)

    def build(self, **options):
        self.made.clear()
        forms = Forms(self.root / "templates")
        return build_all([self.root / "in"], forms, self.root / "out", **options)

    def read(self, name):
        return (self.root / "out" / name).read_bytes()


@pytest.fixture
def office(make_form, tmp_path, monkeypatch):
    made = Office(make_form(FORM), tmp_path, monkeypatch)
    for name, unit in {"a": "甲局", "b": "乙局"}.items():
        made.send(f"{name}.xlsx", unit)
    return made


def statuses(run):
    return [(d.file, d.status) for d in run.documents]


def test_each_official_document_gets_a_pdf_beside_it(office):
    office.send("c.xlsx", "丙局", text="")

    run = office.build(pdf=True)

    assert statuses(run)[3:] == [("甲局报告.pdf", "built"), ("乙局报告.pdf", "built")]
    assert office.read("甲局报告.pdf") == b"%PDF of " + office.read("甲局报告.docx")
    assert not (office.root / "out" / "丙局报告.pdf").exists()


def test_a_second_run_makes_only_the_pdfs_of_documents_that_changed(office):
    office.build(pdf=True)
    office.send("b.xlsx", "乙局", text="新")

    run = office.build(pdf=True)

    assert office.made == ["乙局报告.docx"]
    assert statuses(run)[2:] == [("甲局报告.pdf", "unchanged"), ("乙局报告.pdf", "built")]


def test_the_pdf_of_an_edited_document_is_of_the_edited_one(office):
    office.build(pdf=True)
    make_docx(office.root / "out" / "甲局报告.docx", "人改过的")

    office.build(pdf=True)

    assert office.made == ["甲局报告.docx"]
    assert office.read("甲局报告.pdf") == b"%PDF of " + office.read("甲局报告.docx")


def test_a_pdf_that_somebody_signed_is_kept(office):
    office.build(pdf=True)
    (office.root / "out" / "甲局报告.pdf").write_bytes(b"signed")
    office.send("a.xlsx", "甲局", text="新")

    run = office.build(pdf=True)

    assert ("甲局报告.pdf", "kept") in statuses(run)
    assert office.read("甲局报告.pdf") == b"signed"
    assert office.read("甲局报告（重新生成）.pdf").startswith(b"%PDF")


def test_without_a_program_that_is_said_once_and_the_documents_are_there(office):
    none = rules.NO_CONVERTER.at(Place())
    office.one = lambda name, _: Pdf(name, None, (none,))

    run = office.build(pdf=True)

    assert [f.code for f in run.findings] == ["E520"]
    assert run.exit_code() == 1
    assert statuses(run) == [
        ("甲局报告.docx", "built"), ("乙局报告.docx", "built"),
        ("甲局报告.pdf", "failed"), ("乙局报告.pdf", "failed"),
    ]  # fmt: skip


def test_pdfs_are_not_left_behind_while_their_document_is_wanted(office):
    office.build(pdf=True)

    run = office.build()

    assert run.findings == []


def test_without_the_option_nothing_is_printed(office):
    build([office.root / "in"], templates=office.root / "templates", output=office.root / "out")

    assert office.made == []
