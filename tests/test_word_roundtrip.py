"""LibreOffice saves templates and documents again: the same text is built, and none is lost."""

import re
import subprocess
import unicodedata

import pytest

from conftest import FORM
from reportgen import load_form
from reportgen.compute import compute
from reportgen.context import names
from reportgen.template.engine import Template
from reportgen.values import from_plain, read_values
from support_docx import build, docx_text, lines_of, make_docx, render
from support_workbook import convert

PIECES = [
    "题：{{ 名称 }}",
    "{{ 说明 }}",
    "{%p if 名称 %}",
    "有{{ 名称 }}",
    "{%p endif %}",
    [
        ["序号", "名"],
        ["{%tr for 项 in 项目 %}", ""],
        ["{{ 项.序号 }}", "{{ 项.名 }}"],
        ["{%tr endfor %}", ""],
        ["合计", "{{ 项目.个数 }}个"],
    ],
    [["{%tr for 项 in 项目 %}{{ 项.序号 }}", "｛｛ 项.名 ｝｝{%tr endfor %}"]],
]
TOML = """
[[section]]
label = "正文"
kind = "record"
fields = [{ label = "名称" }, { label = "说明", type = "narrative" }]
[[section]]
label = "项目"
kind = "table"
fields = [{ label = "名" }]
"""
VALUES = {
    "正文": {"名称": "R&D <甲> 局", "说明": "第一段\n第二段"},
    "项目": [{"名": "一"}, {"名": "二"}],
}


def saved_again(path, folder):
    folder.mkdir()
    (found,) = convert([path], "docx", folder)
    return found


def test_a_template_that_libreoffice_saved_again_builds_the_same_text(make_form, tmp_path):
    form = make_form(TOML)
    more = {"header": ["眉{{ 名称 }}"], "footer": ["脚{{ 名称 }}"]}
    wanted = lines_of(render(form, VALUES, *PIECES, **more))
    path = make_docx(tmp_path / "模板.docx", *PIECES, **more)

    again = saved_again(path, tmp_path / "again")

    template = Template(again, form.headings, [form.names()])
    got = lines_of(template.render(names(compute(from_plain(VALUES, form)))))
    assert sorted(got) == sorted(wanted)  # headers may be other parts
    assert [line for line in got if not line.startswith("[")] == [
        line for line in wanted if not line.startswith("[")
    ]


def words(text):
    """Return the words of *text* in order, whatever breaks lines and pages."""
    text = unicodedata.normalize(
        "NFKC", re.sub(r"\[[a-z0-9]+\]|^[^:|]*: ?", "", text, flags=re.MULTILINE)
    )
    return re.findall(r"[\u4e00-\u9fff]|[0-9]+|[A-Za-z]+", text)


@pytest.mark.parametrize("sample", sorted(path.stem for path in FORM.glob("sample*.toml")))
def test_built_documents_lose_no_text_through_libreoffice(tmp_path, sample):
    form = load_form(FORM)
    documents = build(form, read_values(FORM / f"{sample}.toml", form).plain()).documents
    paths = []
    for number, document in enumerate(documents):
        path = tmp_path / f"{number}.docx"
        path.write_bytes(document.content)
        paths.append(path)

    for folder in ("again", "pages"):
        (tmp_path / folder).mkdir()
    again = convert(paths, "docx", tmp_path / "again")
    pages = convert(paths, "pdf", tmp_path / "pages")

    for path, saved, pdf in zip(paths, again, pages, strict=True):
        before = docx_text(path.read_bytes())
        body = [line for line in before.splitlines() if not line.startswith("[")]
        after = docx_text(saved.read_bytes())
        assert words("\n".join(body)) == words(
            "\n".join(line for line in after.splitlines() if not line.startswith("["))
        )
        shown = subprocess.run(
            ["pdftotext", pdf, "-"], check=True, capture_output=True, text=True
        ).stdout
        missing = set(words("\n".join(body))) - set(words(shown))
        assert missing == set(), f"not on a page: {missing}"
