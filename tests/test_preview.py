"""``reportgen preview``: templates with values of a sample or a unit, or with the names of their tags."""

import pytest

from conftest import FORM, HEAD, UNIT
from reportgen import load_form, write_workbook
from reportgen.cli import main
from reportgen.template.shown import NamesTemplate
from reportgen.values import from_plain
from support_docx import W, lines_of, make_docx, tree_of

TOML = """
[[section]]
label = "收支"
kind = "record"
fields = [
  { label = "决算数", type = "decimal", uom = "万元" },
  { label = "说明", type = "narrative" },
]

[[section]]
label = "项目明细"
kind = "table"
fields = [{ label = "项目名称" }, { label = "金额", type = "decimal", uom = "万元" }]
"""
DOCUMENTS = """
[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}.docx"

[[document]]
template = "一个项目.docx"
each = "项目明细"
as = "项目"
output = "{{ 项目.项目名称 }}.docx"

[[document]]
template = "大额.docx"
when = "决算数 > 1000"
output = "{{ 单位名称 }}大额.docx"
"""


@pytest.fixture
def form(make_form):
    return make_form(TOML)


def shown(form, *blocks, **more):
    path = make_docx(form.folder / "t.docx", *blocks, **more)
    return NamesTemplate(path, form.headings, [form.names()]).render({})


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("{{ 单位名称 }}", "〔单位名称〕"),
        ("｛｛决算数（万元）｝｝", "〔决算数〕"),
        ("{{ 决算数|小数(2) }}", "〔决算数〕"),
        ("{{ 说明 or '无' }}", "〔说明〕"),
        ("{{ '超支' if 决算数 > 100 else '没有' }}", "〔决算数〕"),
        ("{{ (项目明细|筛选(项目名称='甲')).合计.金额 }}", "〔项目明细.合计.金额〕"),
        ("{{ 决算数 - 项目明细.合计.金额 }}", "〔决算数、项目明细.合计.金额〕"),
        ("{{ round(决算数, 1) }}", "〔决算数〕"),
        ("{{ '甲'|连接 }}", "〔'甲'|连接〕"),
    ],
)
def test_a_tag_prints_the_names_whose_values_it_would_print(form, tag, name):
    assert lines_of(shown(form, f"前{tag}后")) == [f"前{name}后"]


def test_a_name_is_blue_and_the_words_around_it_look_as_they_did(form):
    bold = "<w:rPr><w:b/><w:color w:val='FF0000'/><w:sz w:val='32'/></w:rPr>"
    text = "<w:t xml:space='preserve'>共 {{ 决算数 }} 万元</w:t>"

    runs = tree_of(shown(form, f"<w:p><w:r>{bold}{text}</w:r></w:p>")).findall(f".//{W}r")

    looks = [
        ("".join(run.itertext()), [child.tag.removeprefix(W) for child in run.find(f"{W}rPr")],
         run.find(f"{W}rPr/{W}color").get(f"{W}val"))
        for run in runs
    ]  # fmt: skip
    kept = ["b", "color", "sz"]
    assert looks == [
        ("共 ", kept, "FF0000"),
        ("〔决算数〕", kept, "0070C0"),
        (" 万元", kept, "FF0000"),
    ]


def test_a_run_with_more_than_a_text_keeps_it(form):
    run = "<w:r><w:t>甲</w:t><w:br/><w:t>{{ 单位名称 }}</w:t><w:tab/><w:t>乙</w:t></w:r>"

    assert lines_of(shown(form, f"<w:p>{run}</w:p>")) == ["甲⏎〔单位名称〕⇥乙"]


def test_each_loop_is_gone_through_once_and_every_branch_is_printed(form):
    document = shown(
        form,
        "{%p for 项 in 项目明细 if 项.金额 > 0 %}",
        "{{ 项.项目名称 }}{% if not loop.last %}、{% endif %}",
        "{%p endfor %}",
        "{% if 决算数 == 0 %}没有支出{% elif 决算数 > 9 %}多{{ 决算数 }}{% else %}少{% endif %}。",
        [
            ["项目", "金额"],
            ["{%tr for 项 in 项目明细 %}", ""],
            ["{{ 项.项目名称 }}", "{{ 项.金额 }}"],
            ["{%tr endfor %}", ""],
        ],
        "{% set 数 = 决算数 / 0 %}{{ 数 }}",
    )

    assert lines_of(document) == [
        "〔项.项目名称〕",
        "没有支出多〔决算数〕少。",
        "| 项目 | 金额 |",
        "| 〔项.项目名称〕 | 〔项.金额〕 |",
        "〔数〕",
    ]


def test_where_a_tag_says_a_colour_or_a_number_of_columns_the_cell_stays_plain(form):
    cell = (
        "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w='100'/></w:tblGrid><w:tr><w:tc><w:tcPr/><w:p><w:r>"
        "<w:t>{% cellbg 说明 %}{% colspan 项目明细.个数 %}{{ 决算数 }}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )

    tree = tree_of(shown(form, cell))

    assert tree.find(f".//{W}shd").get(f"{W}fill") == "auto"
    assert tree.find(f".//{W}gridSpan").get(f"{W}val") == "1"
    assert "".join(tree.find(f".//{W}tc").itertext()) == "〔决算数〕"


def test_headers_and_properties_print_names_too(form):
    document = shown(form, "正文", header=["{{ 单位名称 }}年报"], title="{{ 单位名称 }}")

    assert "[header1] 〔单位名称〕年报" in lines_of(document)
    (title,) = [e.text for e in tree_of(document, "docProps/core.xml") if e.tag.endswith("}title")]
    assert title == "〔单位名称〕"


def test_the_shipped_templates_with_names_have_all_their_loops_and_no_tag(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert run("--form", str(FORM), "--names", "-o", "out") == 0

    made = sorted(path.name for path in (tmp_path / "out").glob("*.docx"))
    assert made == sorted(f"{path.stem}（名称）.docx" for path in FORM.glob("*.docx"))
    for name in made:
        text = "".join(tree_of(tmp_path / "out" / name).itertext())
        assert "{{" not in text
        assert "{%" not in text
        assert "〔" in text


# -- the command -------------------------------------------------------------------------


def run(*args):
    with pytest.raises(SystemExit) as stop:
        main(["preview", *args])
    return stop.value.code


@pytest.fixture
def office(tmp_path, monkeypatch):
    """Return a project folder with one form of three templates; it is the current folder."""
    folder = tmp_path / "templates" / "t"
    folder.mkdir(parents=True)
    (folder / "form.toml").write_text(HEAD + UNIT + TOML + DOCUMENTS, encoding="utf-8")
    make_docx(folder / "报告.docx", "{{ 单位名称 }}支出{{ 决算数 }}万元")
    make_docx(folder / "一个项目.docx", "{{ 项目.项目名称 }}{{ 项目.金额 }}万元")
    make_docx(folder / "大额.docx", "{{ 决算数 }}万元")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sample(office, name, amount):
    text = f'["基本信息"]\n"单位名称" = "甲局"\n["收支"]\n"决算数" = "{amount}"\n'
    text += (
        '[["项目明细"]]\n"项目名称" = "道路"\n"金额" = "3"\n[["项目明细"]]\n"项目名称" = "桥梁"\n'
    )
    (office / "templates" / "t" / name).write_text(text, encoding="utf-8")


def test_each_template_is_filled_once_from_the_first_sample_that_uses_it(office, capsys):
    sample(office, "sample.toml", "365.5")
    sample(office, "sample-2.toml", "2000")

    assert run() == 0

    assert lines_of(office / "预览" / "报告（预览）.docx") == ["甲局支出365.5万元"]
    assert lines_of(office / "预览" / "一个项目（预览）.docx") == ["道路3万元"]
    assert lines_of(office / "预览" / "大额（预览）.docx") == ["2000万元"]
    assert capsys.readouterr().out.count("已生成：") == 3


def test_a_template_that_the_values_do_not_use_is_named(office, capsys):
    sample(office, "sample.toml", "365.5")

    assert run() == 0

    assert "没有用到：大额.docx（填的数不合它的条件）" in capsys.readouterr().out


def test_without_a_sample_made_up_values_are_printed(office):
    assert run("-o", "看") == 0

    assert lines_of(office / "看" / "报告（预览）.docx") == ["单位名称示例支出365.5万元"]


def test_a_units_workbook_is_printed_even_with_errors(office):
    form = load_form(office / "templates" / "t")
    values = {"收支": {"决算数": "7"}, "项目明细": [{"金额": "2"}]}  # no 单位名称: an error
    (office / "甲局.xlsx").write_bytes(write_workbook(form, from_plain(values, form)))

    assert run("甲局.xlsx") == 0

    assert lines_of(office / "预览" / "报告（预览）.docx") == ["支出7万元"]


def test_what_is_wrong_with_a_template_is_said_and_the_others_are_printed(office, capsys):
    make_docx(office / "templates" / "t" / "报告.docx", "{{ 单位名 }}")

    assert run("--names") == 1

    said = capsys.readouterr()
    assert "表单里没有“单位名”" in said.err
    assert lines_of(office / "预览" / "大额（名称）.docx") == ["〔决算数〕万元"]


def test_a_preview_that_somebody_worked_in_is_kept(office, capsys):
    assert run("--names") == 0
    path = office / "预览" / "报告（名称）.docx"
    path.write_bytes(b"mine")
    make_docx(office / "templates" / "t" / "报告.docx", "{{ 单位名称 }}")

    assert run("--names") == 0

    assert path.read_bytes() == b"mine"
    assert "没有覆盖" in capsys.readouterr().err


def test_a_file_that_is_not_there_and_names_with_a_workbook_are_refused(office, capsys):
    assert run("没有.xlsx") == 2
    assert run("甲局.xlsx", "--names") == 2

    assert "找不到这个文件" in (said := capsys.readouterr().err)
    assert "不用给工作簿" in said
