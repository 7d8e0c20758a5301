"""The manual as a Word document: reportgen makes it of its own form, and nothing is missing."""

import pytest

from docs.manual_word import FORM, blocks_of, build_word
from docs.reference import contents
from reportgen import lint, rules
from reportgen.formparts import PARTS
from reportgen.vocabulary import filter_entries
from support_docx import docx_text


@pytest.fixture(scope="module")
def built():
    return build_word()


def test_the_manual_is_built_without_a_finding(built):
    assert built.findings == []
    assert [document.name for document in built.documents] == ["reportgen 使用手册.docx"]


def test_lint_finds_nothing_in_the_form_of_the_manual():
    assert lint(FORM) == ()


def test_every_code_key_and_filter_is_in_the_document(built):
    text = docx_text(built.documents[0].content)

    assert {*rules.CATALOGUE} <= {line.rpartition(": ")[2] for line in text.splitlines()}
    for name in {key.name for keys in PARTS.values() for key in keys}:
        assert name in text
    for one in filter_entries():
        assert one.tag in text


def test_every_page_is_a_chapter(built):
    text = docx_text(built.documents[0].content)

    for page in contents()[1:]:
        title = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        assert title in text


def test_a_page_is_taken_apart_into_blocks():
    page = (
        "# 题\n\n一行，\n又一行 `{{ 甲 }}`。\n\n- 条一\n  接着\n- 条二\n\n```text\n  a  b\n\nc\n```\n\n"
        "| 名 | 写法 |\n| --- | --- |\n| 乙 | `甲\\|万元` |\n\n![说明](images/a.png)\n"
    )

    assert list(blocks_of(page)) == [
        [{"类": "章", "文字": "题"}],
        [{"类": "段", "文字": "一行，又一行 {{ 甲 }}。"}],
        [{"类": "条", "文字": "条一接着"}, {"类": "条", "文字": "条二"}],
        [
            {"类": "代码", "文字": "\u00a0\u00a0a\u00a0\u00a0b"},
            {"类": "代码", "文字": "\u00a0"},
            {"类": "代码", "文字": "c"},
        ],
        [
            {"类": "二列表", "表头": "是", "文字": "名", "第二格": "写法"},
            {"类": "二列表", "表头": "否", "文字": "乙", "第二格": "甲|万元"},
        ],
        [{"类": "图", "图": "images/a.png"}],
        [{"类": "段", "文字": "图：说明"}],
    ]
