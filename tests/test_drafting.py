"""``reportgen template`` and 字段清单: documents that are templates, made from any form."""

import re
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conftest import FORM
from reportgen.cli import main
from reportgen.compute import compute
from reportgen.context import names
from reportgen.drafting.blocks import split
from reportgen.drafting.fieldlist import field_list
from reportgen.drafting.template import first_template
from reportgen.finding import Severity
from reportgen.form import Document, Field, labels
from reportgen.headings import Headings
from reportgen.samples import made_up, sample_submissions
from reportgen.show import show
from reportgen.tagtext import Tags
from reportgen.template.engine import Template
from reportgen.template.lint import lint_form
from reportgen.value import NotApplicable, Picture, Value
from reportgen.values import from_plain
from support_docx import W, docx_text, lines_of, parts_of, tree_of
from test_any_form import EVERYTHING
from test_roundtrip import SETTINGS, filled_forms

MAKERS = pytest.mark.parametrize("make", [first_template, field_list])


def built(form, make, submission):
    """Return the document that *make*'s template gives for *submission*, and what lint says of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.docx"
        path.write_bytes(make(form))
        document = Document(template=path.name, output="x")
        said = list(lint_form(replace(form, folder=path.parent, documents=(document,))))
        template = Template(path, form.headings, [form.names()])
        content = template.render(names(compute(submission)))
        return content, [f for f in said if f.level is not Severity.NOTE]


def filled(submission):
    """Yield what is filled in, each line by itself, without white space."""
    for section in submission.form.sections:
        content = submission.values.get(section.label, ())
        rows = content if isinstance(content, tuple) else [content]
        for row in rows:
            for cell in row.values():
                for _, one in cell.items() if not isinstance(cell, Value) else [("", cell)]:
                    if section.kind == "outline" and one.field.label == "级":
                        continue  # it shows in the number and the style of the heading
                    if is_left_out(section, one):
                        continue
                    if not isinstance(one, Picture):
                        yield from map(squeezed, show(one).split("\n"))


def is_left_out(section, value):
    """Whether it is 不适用 where a paragraph comes only with a text."""
    paragraphs = section.kind == "outline" or value.field.type == "narrative"
    return isinstance(value, NotApplicable) and section.kind != "table" and paragraphs


def without_pictures(form, values):
    """Return *values* without what would be a picture's path: there is no such file."""
    pictures = {(s.label, f.label) for s in form.sections for f in s.fields if f.type == "image"}

    def kept(section, row):
        return {
            name: kept(section, cell) if isinstance(cell, dict) else cell
            for name, cell in row.items()
            if (section, name) not in pictures
        }

    return {
        name: kept(name, found) if isinstance(found, dict) else [kept(name, row) for row in found]
        for name, found in values.items()
    }


def squeezed(text):
    return re.sub(r"[\s\u200b⏎⇥]", "", text)


# not: half a pair of quotes (it hides where a tag ends), nothing but signs or digits (every such sign
# or number in a tag would be that name), brackets that look like a tag, two names that differ in
# white space or width alone
PLAIN = st.text(
    st.sampled_from("单位名称金额项目收支绩效ABC0123（）、：·%&-_.#+"), max_size=12
).map(lambda text: "甲" + text)


@MAKERS
@SETTINGS
@given(filled_forms(PLAIN, PLAIN))
def test_every_value_of_any_form_is_in_the_document(make, drawn):
    form, values = drawn
    assume(form.short_names())
    unit = next(iter(form.short_names()))
    form = replace(form, unit=unit, headings=Headings(dict(labels(form.sections, ()))))
    submission = from_plain(without_pictures(form, values), form)

    content, said = built(form, make, submission)

    text = squeezed(docx_text(content))
    assert said == []
    assert [value for value in filled(submission) if value not in text] == []


@pytest.fixture
def everything(make_form):
    return make_form(
        re.sub(r"\[\[document\]\].*", "", EVERYTHING, flags=re.DOTALL)
        .replace('label = "单位"\nkind', 'label = "单位资料"\nkind')
        .replace('{ label = "单位名称", required = true },', "")
    )


@MAKERS
def test_a_form_of_everything_has_documents_with_all_its_values(make, everything):
    submission = made_up(everything)

    content, said = built(everything, make, submission)

    text = squeezed(docx_text(content))
    assert said == []
    assert [value for value in filled(submission) if value not in text] == []
    assert "100.0%" in text  # 得分率, which the form computes: 730 of 730


@MAKERS
def test_the_shipped_form_has_documents_that_build_with_its_samples(make, self_evaluation):
    for submission in sample_submissions(self_evaluation):
        content, said = built(self_evaluation, make, submission)

        text = squeezed(docx_text(content))
        assert said == []
        # when: of the outline that was not chosen nothing is printed
        assert [value for value in filled(submission) if value not in text] == []


def draft(form, make=first_template):
    """Return the lines of the template's body, behind its two footers."""
    return lines_of(make(form))[2:]


def test_a_record_is_a_table_of_headings_and_tags_with_its_narratives_below(make_form):
    form = make_form("""
[[section]]
label = "收支"
kind = "record"
fields = [{ label = "决算数", type = "decimal", uom = "万元" }, { label = "说明", type = "narrative" }]
""")

    assert draft(form) == [
        "{{ 单位名称 }}⏎测试表",
        "基本信息",
        "| 单位名称 | {{ 单位名称 }} |",
        "收支",
        "| 决算数（万元） | {{ 决算数 }} |",
        "{%p if 说明 %}",
        "说明",
        "{{ 说明 }}",
        "{%p endif %}",
        "{{ 单位名称 }}",
    ]


def test_a_table_has_its_groups_above_its_unit_of_measure_outside_and_its_total_below(make_form):
    form = make_form("""
[[section]]
label = "项目明细"
kind = "table"
when = "单位名称"
fields = [
  { label = "项目名称" },
  { label = "总额", group = "预算", type = "decimal", uom = "万元" },
  { label = "区级", group = "预算", type = "decimal", uom = "万元" },
]
""")

    assert draft(form)[3:-1] == [
        "{%p if 单位名称 %}",
        "项目明细",
        "单位：万元",
        "| 序号 | 项目名称 | 预算 |",
        "| ^ | ^ | 总额 | 区级 |",
        "| {%tr for 项 in 项目明细 %} |",
        "| {{ 项.序号 }} | {{ 项.项目名称 }} | {{ 项.总额 }} | {{ 项.区级 }} |",
        "| {%tr endfor %} |",
        "| {%tr if not 项目明细 %} |",
        "| 无 |",
        "| {%tr endif %} |",
        "| 合计 | {{ 项目明细.合计.总额 }} | {{ 项目明细.合计.区级 }} |",
        "{%p endif %}",
    ]
    table = tree_of(first_template(form)).findall(f".//{W}tbl")[-1]
    repeated = [row.find(f"{W}trPr/{W}tblHeader") is not None for row in table.iter(f"{W}tr")]
    assert repeated == [True, True, *[False] * 7]


def test_a_grid_without_a_total_of_its_own_gets_one_and_units_that_differ_stand_in_the_heads(
    make_form,
):
    form = make_form("""
[[section]]
label = "人员"
kind = "grid"
columns = [{ label = "人数", type = "integer", uom = "人" }, { label = "经费", type = "decimal", uom = "万元" }]
rows = ["在编", "其他"]
""")

    assert draft(form)[3:-1] == [
        "人员",
        "| 项目 | 人数（人） | 经费（万元） |",
        "| 在编 | {{ 人员.在编.人数 }} | {{ 人员.在编.经费 }} |",
        "| 其他 | {{ 人员.其他.人数 }} | {{ 人员.其他.经费 }} |",
        "| 合计 | {{ 人员.合计.人数 }} | {{ 人员.合计.经费 }} |",
    ]


def test_an_outline_has_a_heading_style_for_each_of_its_levels(make_form):
    form = make_form("""
[[section]]
label = "成效"
kind = "outline"
numbering = ["1、", "①"]
start = 3
""")

    lines = docx_text(first_template(form)).splitlines()[5:-1]

    assert lines == [
        "heading 1: 成效",
        "Body Text: {%p for 条 in 成效 %}",
        "Body Text: {%p if 条.标题 and 条.级 >= 2 %}",
        "heading 4: {{ 条.编号 }}{{ 条.标题 }}",
        "Body Text: {%p elif 条.标题 %}",
        "heading 3: {{ 条.编号 }}{{ 条.标题 }}",
        "Body Text: {%p endif %}",
        "Body Text: {%p if 条.正文 %}",
        "Body Text: {{ 条.正文 }}",
        "Body Text: {%p endif %}",
        "Body Text: {%p endfor %}",
        "Body Text: {%p if not 成效 %}",
        "Body Text: 无。",
        "Body Text: {%p endif %}",
    ]


def test_a_table_with_a_sentence_for_no_rows_gives_way_to_it(make_form):
    form = make_form(
        '[[section]]\nlabel = "项目"\nkind = "table"\nempty = "本年没有项目。"\n'
        'fields = [{ label = "项目名称" }]\n'
    )

    content, _ = built(form, first_template, from_plain({}, form))

    lines = lines_of(content)
    assert lines[lines.index("项目") + 1] == "本年没有项目。"


def wide(when=""):
    columns = ", ".join(f'{{ label = "金额{n}", type = "decimal" }}' for n in range(1, 11))
    condition = f'when = "{when}"' if when else ""
    return f'[[section]]\nlabel = "大表"\nkind = "table"\n{condition}\nfields = [{columns}]\n'


def test_a_table_that_is_too_wide_lies_on_its_side_behind_the_signature(make_form):
    content = first_template(make_form(wide()))

    lines = lines_of(content)
    assert lines.index("附表：大表") > lines.index("{{ 单位名称 }}")
    pages = [page.get(f"{W}orient") for page in tree_of(content).iter(f"{W}pgSz")]
    assert pages == [None, "landscape"]
    table = tree_of(content).findall(f".//{W}tbl")[-1]
    assert table.find(f"{W}tblPr/{W}tblW").get(f"{W}w") == "12756"
    widths = [int(column.get(f"{W}w")) for column in table.iter(f"{W}gridCol")]
    assert (len(widths), sum(widths)) == (11, 12756)


def test_a_page_that_only_a_condition_fills_is_never_empty(make_form):
    form = make_form(
        wide("填附表") + '[[section]]\nlabel = "选"\nkind = "record"\n'
        'fields = [{ label = "填附表", type = "yes_no" }]\n'
    )
    said = {
        answer: lines_of(
            built(form, first_template, from_plain({"选": {"填附表": answer}}, form))[0]
        )
        for answer in ("是", "否")
    }

    assert "附表：大表" in said["是"]
    assert said["是"][-1] != "（本次没有附表。）"
    assert "附表：大表" not in said["否"]
    assert said["否"][-1] == "（本次没有附表。）"


def test_columns_that_no_page_can_hold_are_divided_and_the_first_is_in_every_part():
    fields = [Field(label="名称"), *(Field(label=f"说明{n}", type="narrative") for n in range(9))]

    parts = [[f.label for f in part] for part in split(fields)]

    # 12756 - 620 - 1300 leaves 10836: five columns of 2100
    assert parts == [
        ["名称", "说明0", "说明1", "说明2", "说明3", "说明4"],
        ["名称", "说明5", "说明6", "说明7", "说明8"],
    ]


def test_a_table_in_several_parts_says_once_that_it_has_no_rows(make_form):
    columns = ", ".join(f'{{ label = "说明{n}", type = "narrative" }}' for n in range(9))
    form = make_form(f'[[section]]\nlabel = "项目"\nkind = "table"\nfields = [{columns}]\n')

    content, said = built(form, first_template, from_plain({}, form))

    assert said == []
    assert len(tree_of(content).findall(f"{W}body/{W}tbl")) == 2  # 基本信息, and one of two parts
    assert lines_of(content)[-1] == "| 无 |"


def test_columns_of_one_group_go_into_one_part():
    fields = [
        Field(label="名称"),
        *(Field(label=f"说明{n}", type="narrative") for n in range(4)),
        *(Field(label=f"数{n}", type="decimal", group="金额") for n in range(3)),
    ]

    parts = [[f.label for f in part] for part in split(fields)]

    assert parts[1] == ["名称", "数0", "数1", "数2"]


def test_a_number_that_may_have_no_end_gets_a_filter(make_form):
    form = make_form("""
[[section]]
label = "数"
kind = "record"
fields = [
  { label = "总额", type = "decimal" },
  { label = "人数", type = "integer" },
  { label = "人均", formula = "总额 / 人数" },
  { label = "两倍", formula = "人均 + 人均" },
  { label = "比例", type = "percent", formula = "人数 / 总额" },
  { label = "整数", places = 0, formula = "总额 / 人数" },
  { label = "和", formula = "总额 + 人数" },
]
""")
    tags, section = Tags(form), form.section("数")

    assert [tags.field(section, field) for field in section.fields] == [
        "{{ 总额 }}",
        "{{ 人数 }}",
        "{{ 人均|小数(2) }}",
        "{{ 两倍|小数(2) }}",
        "{{ 比例|百分比(2) }}",
        "{{ 整数 }}",
        "{{ 和 }}",
    ]


@MAKERS
def test_the_page_is_that_of_an_official_document(make, self_evaluation):
    parts = parts_of(make(self_evaluation))

    # GB/T 9704-2012 5.2: margins 37, 35, 28, 26 mm; 22 lines a page; 7.5: — 1 — odd right, even left
    (margins, *_) = tree_of(make(self_evaluation)).iter(f"{W}pgMar")
    millimetres = {
        name: round(int(margins.get(W + name)) / 1440 * 25.4)
        for name in ("top", "bottom", "left", "right")
    }
    assert millimetres == {"top": 37, "bottom": 35, "left": 28, "right": 26}
    assert 'w:line="579" w:lineRule="exact"' in parts["word/styles.xml"].decode()
    assert 'w:jc w:val="right"' in parts["word/footer1.xml"].decode()
    assert 'w:jc w:val="left"' in parts["word/footer2.xml"].decode()
    assert "evenAndOddHeaders" in parts["word/settings.xml"].decode()


def test_the_signature_is_not_alone_on_its_page(self_evaluation):
    tables = tree_of(first_template(self_evaluation)).findall(f"{W}body/{W}tbl")
    (computed,) = [t for t in tables if "{{ 执行率分值 }}" in "".join(t.itertext())]

    kept = [row.find(f".//{W}keepNext") is not None for row in computed.iter(f"{W}tr")]

    assert kept == [*[False] * (len(kept) - 1), True]


def test_the_commands_write_their_documents_and_never_over_another(tmp_path, capsys):
    for command in ("template", "fields"):
        path = tmp_path / f"{command}.docx"
        assert run(command, "--form", str(FORM), "-o", str(path)) == 0
        first = path.read_bytes()
        assert run(command, "--form", str(FORM), "-o", str(path)) == 0  # the same again is no harm
        path.write_bytes(b"edited")
        assert run(command, "--form", str(FORM), "-o", str(path)) == 2
        assert path.read_bytes() == b"edited"
        assert first[:2] == b"PK"
    assert "同名的文件已经在那里" in capsys.readouterr().err


def test_a_document_is_written_as_docx_only(tmp_path, capsys):
    assert run("template", "--form", str(FORM), "-o", str(tmp_path / "模板.doc")) == 2
    assert "要写成 .docx，例如 模板.docx" in capsys.readouterr().err


def run(*args):
    with pytest.raises(SystemExit) as stop:
        main(list(args))
    return stop.value.code
