"""form.toml → Form (design.md §3), and every mistake in it at once, in Chinese, where it stands."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from conftest import HEAD, UNIT
from reportgen import load_form
from reportgen.errors import FormError
from reportgen.form import GBT_NUMBERING

EXAMPLE = """
[form]
id = "self-evaluation"
title = "部门整体支出绩效自评"
version = "2026.1"
unit = "单位名称"                       # which field names the unit, which its code
code = "单位代码"
deadline = 2027-03-15
contact = "区财政局绩效股 0731-…"

[[section]]
label = "基本信息"
kind = "record"                        # label beside value
fields = [
  { label = "单位名称", required = true, hint = "与公章一致", was = ["部门名称"] },
  { label = "单位代码" },
  { label = "年度", type = "year", required = true },
  { label = "报告提纲", choices = ["2020提纲", "2023提纲"], required = true },
  { label = "在职人数", type = "integer", uom = "人", minimum = 0 },
]

[[section]]
label = "收支"
kind = "grid"                          # fixed rows x fixed columns
uom = "万元"
columns = ["上年预算数", "年初预算数", "调整数", { label = "全年预算数", formula = "年初预算数 + 调整数" }, "决算数", { label = "执行率", type = "percent", formula = "决算数 / 全年预算数" }]
rows = ["基本支出", "项目支出", { label = "合计", formula = "基本支出 + 项目支出" }]

[[section]]
label = "项目明细"
kind = "table"                         # one row each, any number, none is legal
was = ["项目支出明细"]
fields = [
  { label = "项目名称", required = true, unique = true },
  { label = "项目类型", choices = ["业务工作经费", "专项经费", "政府专项经费"] },
  { label = "指标总额", group = "预算金额", type = "decimal", uom = "万元" },
  { label = "预算区级资金", group = "预算金额", type = "decimal", uom = "万元", hint = "其中：区级资金" },
  { label = "支出总额", type = "decimal", uom = "万元" },
]

[[section]]
label = "绩效指标"
kind = "table"
fields = [
  { label = "所属项目", from = "项目明细.项目名称" },
  { label = "分值", type = "decimal" },
  { label = "得分", type = "decimal" },
  { label = "偏差原因", required = "得分 < 分值" },
]

[[section]]
label = "绩效目标完成情况"
kind = "outline"                       # rows of 级 (1-4), 标题, 正文; order free
numbering = ["一、", "（一）", "1.", "（1）"]
start = 3                              # the level of its first heading in the document
when = "报告提纲 == '2020提纲'"

[[computed]]
label = "整体支出"
uom = "万元"
formula = "收支.合计.决算数"

[[check]]                              # 勾稽关系
code = "F11"
rule = "收支.项目支出.决算数 == 项目明细.合计.支出总额"
at = "收支.项目支出.决算数"
level = "error"
tolerance = 0.01
message = "项目支出决算数与项目明细合计不一致"
explain = "…"

[[summary]]
label = "整体支出"
formula = "整体支出"

[[document]]
template = "自评报告（2020提纲）.docx"
output = "{{ 单位名称 }}{{ 年度 }}年度部门整体支出绩效自评报告.docx"
when = "报告提纲 == '2020提纲'"

[[document]]
template = "项目支出绩效自评表.docx"
each = "项目明细"
as = "项目"
output = "{{ 单位名称 }}_{{ 项目.项目名称 }}_自评表.docx"

[[document]]
template = "全区汇总报告.docx"
scope = "batch"
output = "全区绩效自评汇总报告.docx"
"""


def say(finding):
    return f"{finding.code} {finding.place.field}: {finding.message} {finding.hint}"


@pytest.fixture
def mistakes(make_form):
    """Return a function from TOML to what is said of it, one line a finding."""

    def find(toml, *, whole=False):
        with pytest.raises(FormError) as raised:
            make_form(toml, whole=whole)
        return [say(f) for f in raised.value.findings]

    return find


@pytest.fixture
def mistake(mistakes):
    """Return a function from TOML to the one thing that is said of it."""

    def find(toml, *, whole=False):
        said = mistakes(toml, whole=whole)
        assert len(said) == 1, said
        return said[0]

    return find


def table(*fields, extra=""):
    listed = "\n".join(f"  {{ {f} }}," for f in fields)
    return f'\n[[section]]\nlabel = "表"\nkind = "table"\n{extra}\nfields = [\n{listed}\n]\n'


# -- the contract --------------------------------------------------------------------------


def test_the_example_of_the_design_is_the_form_that_it_says(make_form):
    form = make_form(EXAMPLE, whole=True)

    assert (form.id, form.title, form.version) == (
        "self-evaluation", "部门整体支出绩效自评", "2026.1",
    )  # fmt: skip
    assert (form.unit, form.code, form.deadline) == ("单位名称", "单位代码", date(2027, 3, 15))
    assert form.contact == "区财政局绩效股 0731-…"
    assert [(s.label, s.kind) for s in form.sections] == [
        ("基本信息", "record"), ("收支", "grid"), ("项目明细", "table"),
        ("绩效指标", "table"), ("绩效目标完成情况", "outline"),
    ]  # fmt: skip


def test_the_fields_of_a_record_have_their_types_and_limits(make_form):
    basics = make_form(EXAMPLE, whole=True).section("基本信息")

    name, _, year, outline, staff = basics.fields
    assert (name.type, name.required, name.hint, name.was) == (
        "text", True, "与公章一致", ("部门名称",),
    )  # fmt: skip
    assert basics.field("部门名称") is name
    assert (year.type, year.required, year.is_number) == ("year", True, True)
    assert (outline.type, outline.choices) == ("choice", ("2020提纲", "2023提纲"))
    assert (staff.type, staff.uom, staff.heading) == ("integer", "人", "在职人数（人）")
    assert (staff.minimum, staff.maximum, staff.required) == (Decimal(0), None, False)


def test_the_columns_of_a_grid_are_decimals_in_its_unit(make_form):
    grid = make_form(EXAMPLE, whole=True).section("收支")

    assert [f.type for f in grid.fields] == ["decimal"] * 5 + ["percent"]
    assert [f.uom for f in grid.fields] == ["万元"] * 5 + [""]
    assert grid.field("全年预算数").formula == "年初预算数 + 调整数"
    assert [(r.label, r.formula) for r in grid.rows] == [
        ("基本支出", ""), ("项目支出", ""), ("合计", "基本支出 + 项目支出"),
    ]  # fmt: skip


def test_a_table_keeps_old_names_groups_and_sources(make_form):
    form = make_form(EXAMPLE, whole=True)

    projects = form.section("项目支出明细")
    assert projects.label == "项目明细"
    assert projects.field("项目名称").unique
    assert [f.group for f in projects.fields] == ["", "", "预算金额", "预算金额", ""]
    assert form.section("绩效指标").field("所属项目").source == ("项目明细", "项目名称")
    assert form.section("绩效指标").field("偏差原因").required == "得分 < 分值"


def test_an_outline_has_its_three_columns_and_numbering(make_form):
    outline = make_form(EXAMPLE, whole=True).section("绩效目标完成情况")

    assert [f.label for f in outline.fields] == ["级", "标题", "正文"]
    assert outline.field("正文").type == "narrative"
    assert (outline.start, outline.numbering) == (3, ("一、", "（一）", "1.", "（1）"))
    assert outline.level_numbering == ("1.", "（1）")
    assert outline.when == "报告提纲 == '2020提纲'"


def test_computed_checks_summaries_and_documents_are_read(make_form):
    form = make_form(EXAMPLE, whole=True)

    assert [(c.label, c.uom, c.type) for c in form.computed] == [("整体支出", "万元", "decimal")]
    check = form.checks[0]
    assert (check.code, check.level, check.tolerance) == ("F11", "error", Decimal("0.01"))
    assert check.at == "收支.项目支出.决算数"
    assert [(s.label, s.formula) for s in form.summaries] == [("整体支出", "整体支出")]
    assert [(d.each, d.alias, d.scope) for d in form.documents] == [
        ("", "", "unit"), ("项目明细", "项目", "unit"), ("", "", "batch"),
    ]  # fmt: skip


def test_every_further_key_of_a_field_is_read(make_form):
    form = make_form(
        table(
            'label = "甲", type = "decimal", places = 2, blank = "无", minimum = -0.1, maximum = 9.5,'
            ' prior = true, total = false, example = "1.5", when = "乙 == 1"',
            'label = "乙", type = "integer", total = "丑"',
            'label = "丑", type = "integer"',
            'label = "丙", pattern = "[0-9]{6}", was = ["旧丙"]',
            'label = "丁", type = "date", minimum = 2026-01-01',
            'label = "戊", type = "yes_no"',
            'label = "己", type = "image"',
            'label = "庚", type = "narrative", required = "戊"',
            extra='hint = "逐行填"',
        )
        + '[[computed]]\nlabel = "数"\nformula = "1"\nplaces = 1\nblank = "—"\nwas = ["旧数"]\n'
        '[[check]]\ncode = "A1"\nrule = "行.乙 > 0"\neach = "表"\nas = "行"\nat = "行.乙"\n'
        'level = "note"\nmessage = "乙要大于 0"\nsource = "办法第3条"\n'
    )

    one, two, _, three, four, *_ = form.section("表").fields
    assert (one.places, one.blank, one.minimum, one.maximum) == (
        2, "无", Decimal("-0.1"), Decimal("9.5"),
    )  # fmt: skip
    assert (one.prior, one.total, one.example, one.when) == (True, False, "1.5", "乙 == 1")
    assert not one.has_total
    assert (two.total, two.has_total) == ("丑", True)
    assert (three.pattern, three.was) == ("[0-9]{6}", ("旧丙",))
    assert four.minimum == date(2026, 1, 1)
    assert form.section("表").hint == "逐行填"
    assert (form.computed[0].places, form.computed[0].was) == (1, ("旧数",))
    check = form.checks[0]
    assert (check.each, check.alias, check.level, check.source) == (
        "表", "行", "note", "办法第3条",
    )  # fmt: skip


def test_an_outline_is_numbered_by_the_official_standard_unless_it_says_so(make_form):
    form = make_form('[[section]]\nlabel = "说明"\nkind = "outline"\n')

    assert form.section("说明").numbering == GBT_NUMBERING
    assert form.section("说明").start == 1


def test_a_long_field_may_be_written_over_several_lines(make_form):
    form = make_form(
        '[[section]]\nlabel = "表"\nkind = "table"\n'
        '[[section.fields]]\nlabel = "甲"\nhint = "一"\n[[section.fields]]\nlabel = "乙"\n'
    )

    assert [f.label for f in form.section("表").fields] == ["甲", "乙"]


# -- the file itself -----------------------------------------------------------------------


def write(tmp_path: Path, content: bytes) -> Path:
    (tmp_path / "form.toml").write_bytes(content)
    return tmp_path


def unreadable(folder: Path) -> str:
    with pytest.raises(FormError) as raised:
        load_form(folder)
    assert len(raised.value.findings) == 1
    return say(raised.value.findings[0])


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    folder = write(tmp_path, b"\xef\xbb\xbf" + (HEAD + UNIT).encode())

    assert load_form(folder).id == "t"


def test_a_gbk_file_is_told_to_become_utf8(tmp_path):
    said = unreadable(write(tmp_path, (HEAD + UNIT).encode("gbk")))

    assert "不是 UTF-8" in said
    assert "另存为 UTF-8" in said


def test_a_folder_without_form_toml_says_so(tmp_path):
    assert "没有 form.toml" in unreadable(tmp_path)


def test_an_inline_table_over_two_lines_has_a_message_of_its_own(tmp_path):
    toml = HEAD + UNIT.replace(
        '{ label = "单位名称", required', '{ label = "单位名称",\n  required'
    )

    said = unreadable(write(tmp_path, toml.encode()))

    assert "{ } 要写在同一行里" in said
    assert "[[section.fields]]" in said
    line = toml.split('label = "单位名称",')[0].count("\n") + 1
    assert f"第 {line} 行" in said


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ('[form]\nid = "a\ntitle = "b"\n', 2),
        ("[form]\nid = 甲\n", 2),
        ('[form]\nid = "a"\n\nid = "b"\n', 4),
        ("[form]\nid = “a”\n", 2),
        ('[form\nid = "a"\n', 1),
        ('[form]\nid = ["a"\n', 2),
        ("x", 1),
    ],
)
def test_a_mistake_of_toml_names_its_line(tmp_path, toml, line):
    said = unreadable(write(tmp_path, toml.encode()))

    assert f"第 {line} 行" in said
    assert "不合 TOML 的写法" in said


@pytest.mark.parametrize("content", [b"x = " + b"[" * 5000, b"x = " + b"9" * 5000])
def test_a_file_that_no_one_wrote_by_hand_is_one_message_too(tmp_path, content):
    assert "不合 TOML 的写法" in unreadable(write(tmp_path, content))


def test_an_empty_file_lacks_all_that_a_form_needs(tmp_path):
    with pytest.raises(FormError) as raised:
        load_form(write(tmp_path, b""))

    missing = {re.search("“(.*?)”", f.message)[1] for f in raised.value.findings}
    assert {"id", "title", "version", "unit", "[[section]]"} <= missing


# -- all at once ---------------------------------------------------------------------------


def test_all_mistakes_come_at_once_each_at_its_place(mistakes):
    said = mistakes(
        table(
            'label = "甲", requierd = true',
            'label = "乙", type = "decimel"',
            'label = "丙", type = "decimal", places = 99',
            'label = "丁", type = "decimal", formula = "丙 + 戊戊"',
            'label = "己", pattern = "["',
            'label = "庚", from = "表"',
            extra='titel = "x"',
        )
        + '[[computed]]\nlabel = "数"\nformula = "表.合计.丙丙"\n'
        '[[check]]\ncode = "A1"\nrule = "1 +"\nmessage = "x"\nlevel = "eror"\n'
        '[[document]]\ntemplate = "a.docx"\noutput = "{{ 单位名 }}.docx"\n'
    )

    wanted = [
        ("[[section]] 表", "titel"),
        ("表 › 甲", "requierd"),
        ("表 › 乙", "decimel"),
        ("表 › 丙", "places"),
        ("表 › 己", "pattern"),
        ("表 › 庚", "from"),
        ("[[check]] A1", "level"),
        ("表 › 丁", "戊戊"),
        ("[[computed]] 数", "丙丙"),
        ("[[check]] A1", "rule"),
        ("[[document]] a.docx", "单位名"),
    ]
    for (place, word), line in zip(wanted, said, strict=True):
        assert place in line
        assert word in line


def test_no_message_holds_english_of_a_library_or_of_python(mistakes):
    said = mistakes(
        table(
            'label = "甲", type = true, places = "两", minimum = "零", unique = "是"',
            'label = "乙", choices = "一", was = 1, hint = 3, required = 1',
            'label = "丙", formula = "甲 % 2", when = "甲 ==", total = 5',
            '"" = 1',
            extra="start = true\nnumbering = [1]\nrows = {}",
        )
        + '[[document]]\ntemplate = "../a.docx"\noutput = "{{ 单位名称 }"\nwhen = "x.__class__"\n'
    )

    assert len(said) > 12
    for line in said:
        words = re.findall(r"[A-Za-z_]{3,}", re.sub("“[^”]*”|[a-z_]+(?:、[a-z_]+)+", "", line))
        known = {
            "label", "type", "places", "minimum", "unique", "choices", "was", "hint", "required",
            "formula", "when", "total", "start", "numbering", "rows", "template", "output", "true",
            "false", "section", "fields", "document", "docx", "form", "toml", "kind", "table", "Word", "str",
            "outline", "choice", "integer",
        }  # fmt: skip
        assert set(words) <= known - {"str"}, line
        assert line.rstrip().endswith(("。", "？", "”", "…"))


# -- keys ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("toml", "place", "key", "near"),
    [
        ('[[secton]]\nlabel = "a"\n', "", "secton", "section"),
        (table('label = "a"', extra='knd = "x"'), "[[section]] 表", "knd", "kind"),
        (table('label = "a", rquired = true'), "表 › a", "rquired", "required"),
        ('[[computed]]\nlabel = "a"\nformula = "1"\nplace = 2\n', "[[computed]] a", "place", "places"),
        ('[[check]]\ncode = "A"\nrule = "1 == 1"\nmessage = "m"\ntolerence = 1\n', "[[check]] A",
         "tolerence", "tolerance"),
        ('[[summary]]\nlabel = "a"\nformula = "1"\nformulas = "1"\n', "[[summary]] a", "formulas",
         "formula"),
        ('[[document]]\ntemplate = "a.docx"\noutput = "b"\noutptu = "c"\n', "[[document]] a.docx",
         "outptu", "output"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_told_with_the_nearest_one(mistake, toml, place, key, near):
    said = mistake(toml)

    assert said.startswith(f"F002 {place}:")
    assert f"“{key}”" in said
    assert f"是不是“{near}”？" in said


def test_an_unknown_key_of_the_head_and_of_a_grid_row_are_told_too(mistakes):
    said = mistakes(
        HEAD
        + 'autor = "x"\n'
        + UNIT
        + '[[section]]\nlabel = "格"\nkind = "grid"\ncolumns = ["甲"]\n'
        'rows = [{ label = "行", formulla = "1" }]\n',
        whole=True,
    )

    assert said[0].startswith("F002 [form]: 不认识“autor”")
    assert said[1].startswith("F002 格 › 行: 不认识“formulla”这一项。是不是“formula”？")


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ('label = "甲", type = "decimal", places = -1', "places"),
        ('label = "甲", type = "decimal", places = 2.5', "places"),
        ('label = "甲", type = "decimal", places = true', "places"),
        ('label = "甲", places = 2', "places"),
        ('label = "甲", pattern = "(["', "pattern"),
        ('label = "甲", type = "decimal", pattern = "[0-9]+"', "pattern"),
        ('label = "甲", type = "decimal", minimum = "零"', "minimum"),
        ('label = "甲", type = "decimal", minimum = nan', "minimum"),
        ('label = "甲", type = "decimal", maximum = inf', "maximum"),
        ('label = "甲", type = "decimal", minimum = true', "minimum"),
        ('label = "甲", minimum = 1', "minimum"),
        ('label = "甲", type = "date", minimum = 1', "minimum"),
        ('label = "甲", type = "date", maximum = "2026-01-01"', "maximum"),
        ('label = "甲", type = "decimal", minimum = 2, maximum = 1', "minimum"),
        ('label = "甲", type = "choice"', "choices"),
        ('label = "甲", choices = []', "choices"),
        ('label = "甲", type = "text", choices = ["一"]', "choices"),
        ('label = "甲", choices = ["一", "一"]', "一"),
        ('label = "甲", total = "1"', "total"),
        ('label = "甲", type = "decimal", total = 1', "total"),
        ('label = "甲", type = "text", formula = "1"', "type"),
        ('label = "甲", type = "number"', "type"),
        ('label = "甲", required = 1', "required"),
        ('label = "甲", unique = "是"', "unique"),
        ('label = "甲", hint = 1', "hint"),
        ('label = "甲", was = "旧"', "was"),
        ('label = "甲", was = [""]', "label"),
        ('label = "甲", uom = "人"', "uom"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_told_at_its_field(mistake, field, key):
    said = mistake(table(field))

    assert "表 › 甲:" in said
    assert f"“{key}”" in said


def test_choices_that_are_no_list_are_said_once(mistake):
    said = mistake(table('label = "甲", choices = "一、二"'))

    assert said.count("choices") == 2, "in the message, and in what to write instead"
    assert "不是一列文字" in said


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ('kind = "table"', "fields"),
        ('kind = "table"\nfields = []', "fields"),
        ('kind = "table"\nfields = "甲"', "fields"),
        ('kind = "table"\nfields = ["甲"]', "fields"),
        ('kind = "tabel"\nfields = [{ label = "甲" }]', "kind"),
        ('fields = [{ label = "甲" }]', "kind"),
        ('kind = "table"\nfields = [{ hint = "甲" }]', "label"),
        ('kind = "table"\nfields = [{ label = "甲" }]\ncolumns = ["乙"]', "columns"),
        ('kind = "grid"\ncolumns = ["甲"]', "rows"),
        ('kind = "grid"\ncolumns = ["甲"]\nrows = []', "rows"),
        ('kind = "grid"\ncolumns = ["甲"]\nrows = [1]', "rows"),
        ('kind = "grid"\nrows = ["甲"]', "columns"),
        ('kind = "grid"\ncolumns = ["甲"]\nrows = ["乙"]\nfields = []', "fields"),
        ('kind = "grid"\ncolumns = [{ label = "甲", unique = true }]\nrows = ["乙"]', "unique"),
        ('kind = "grid"\ncolumns = [{ label = "甲", group = "组" }]\nrows = ["乙"]', "group"),
        ('kind = "grid"\ncolumns = [{ label = "甲", was = ["项目"] }]\nrows = ["乙"]', "was"),
        ('kind = "record"\nfields = [{ label = "甲", unique = true }]', "unique"),
        ('kind = "outline"\nfields = []', "fields"),
        ('kind = "outline"\nnumbering = ["第章"]', "numbering"),
        ('kind = "outline"\nnumbering = ["1.1"]', "numbering"),
        ('kind = "outline"\nnumbering = "1."', "numbering"),
        ('kind = "outline"\nnumbering = ["一、", "（一）", "1.", "（1）", "①"]', "numbering"),
        ('kind = "outline"\nstart = 4\nnumbering = ["1.", "（1）"]', "numbering"),
        ('kind = "outline"\nstart = 0', "start"),
        ('kind = "outline"\nstart = 5', "start"),
        ('kind = "outline"\nstart = true', "start"),
        ('kind = "outline"\nstart = "一"', "start"),
        ('kind = "table"\nfields = [{ label = "甲" }]\nstart = 2', "start"),
        ('kind = "table"\nfields = [{ label = "甲" }]\nnumbering = ["1."]', "numbering"),
    ],
)  # fmt: skip
def test_a_section_that_cannot_be_is_told(mistake, section, key):
    said = mistake(f'[[section]]\nlabel = "节"\n{section}\n')

    assert "节" in said
    assert f"“{key}”" in said


@pytest.mark.parametrize(
    ("toml", "word"),
    [
        ('[section]\nlabel = "甲"\n', "[[section]]"),
        ('[check]\ncode = "A"\n', "[[check]]"),
    ],
)
def test_single_brackets_where_there_must_be_two_are_told(mistakes, toml, word):
    said = mistakes(HEAD + toml, whole=True)

    assert any(word in line and "两层方括号" in line for line in said)


@pytest.mark.parametrize(
    "title",
    ["[表]", "收支:总", "a*b", "甲?", "甲/乙", "甲\\\\乙", "_meta", "'表", "表'", "长" * 32],
)
def test_a_label_that_excel_takes_for_no_sheet_is_told(mistake, title):
    said = mistake(f'[[section]]\nlabel = "{title}"\nkind = "outline"\n')

    assert said.startswith("F004")
    assert "不能作工作表的名称" in said


def test_a_label_of_31_characters_is_a_sheet(make_form):
    form = make_form(f'[[section]]\nlabel = "{"长" * 31}"\nkind = "outline"\n')

    assert len(form.sections[1].label) == 31


# -- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("toml", "key", "wrong", "near"),
    [
        (table('label = "指标总额", type = "decimal"', 'label = "乙", formula = "指标总数 * 2"'),
         "formula", "指标总数", "指标总额"),
        (table('label = "项目类型", required = "项目类形 == 1"'), "required", "项目类形", "项目类型"),
        (table('label = "项目类型", when = "单位名 == 1"'), "when", "单位名", "单位名称"),
        (table('label = "甲", type = "decimal", total = "乙"'), "total", "乙", ""),
        (table('label = "甲"', extra='when = "单位名 == 1"'), "when", "单位名", "单位名称"),
        (table('label = "甲", from = "表.甲甲"'), "from", "表.甲甲", "表.甲"),
        (table('label = "甲", from = "表表.甲"'), "from", "表表.甲", "表.甲"),
        ('[[computed]]\nlabel = "数"\nformula = "基本信息.单位名"\n', "formula", "基本信息.单位名",
         "单位名称"),
        ('[[summary]]\nlabel = "数"\nformula = "单位名"\n', "formula", "单位名", "单位名称"),
        ('[[check]]\ncode = "A"\nrule = "单位名 == 1"\nmessage = "m"\n', "rule", "单位名", "单位名称"),
        ('[[check]]\ncode = "A"\nrule = "1 == 1"\nat = "单位名"\nmessage = "m"\n', "at", "单位名",
         "单位名称"),
        (table('label = "项目名称"') + '[[check]]\ncode = "A"\nrule = "行.项目名 == 1"\nmessage = "m"\n'
         'each = "表"\nas = "行"\n', "rule", "行.项目名", "项目名称"),
        (table('label = "项目名称"') + '[[computed]]\nlabel = "数"\n'
         'formula = "(表|筛选(项目名=\'x\')).个数"\n', "formula", "项目名", "项目名称"),
        ('[[document]]\ntemplate = "a.docx"\noutput = "{{ 单位名 }}"\n', "output", "单位名", "单位名称"),
        ('[[document]]\ntemplate = "a.docx"\noutput = "x"\nwhen = "单位名 == 1"\n', "when", "单位名",
         "单位名称"),
        (table('label = "项目名称"') + '[[document]]\ntemplate = "a.docx"\neach = "表"\nas = "项"\n'
         'output = "{{ 项.项目名 }}"\n', "output", "项.项目名", "项目名称"),
        ('[[document]]\ntemplate = "a.docx"\nscope = "batch"\noutput = "{{ 单位名称 }}"\n', "output",
         "单位名称", ""),
        ('[[computed]]\nlabel = "数"\nformula = "单位名称.items"\n', "formula", "单位名称.items", ""),
        ('[[computed]]\nlabel = "数"\nformula = "上年.单位名"\n', "formula", "上年.单位名", "单位名称"),
    ],
)  # fmt: skip
def test_an_unknown_name_is_told_with_the_nearest_one(mistake, toml, key, wrong, near):
    said = mistake(toml)

    assert said.startswith("F008")
    assert f"{key}里的“{wrong}”在表单里没有" in said
    assert (f"是不是“{near}”？" in said) == bool(near)


def test_the_unit_and_its_code_are_fields_of_the_form(mistakes):
    said = mistakes(HEAD.replace("单位名称", "单位名") + 'code = "代码"\n' + UNIT, whole=True)

    assert said[0].startswith("F008 [form]: unit里的“单位名”在表单里没有。是不是“单位名称”？")
    assert said[1].startswith("F008 [form]: code里的“代码”在表单里没有。")


def test_each_must_be_a_table(mistakes):
    said = mistakes(
        '[[document]]\ntemplate = "a.docx"\neach = "基本信息"\noutput = "x"\n'
        '[[check]]\ncode = "A"\nrule = "1 == 1"\nmessage = "m"\neach = "无"\n'
    )

    assert [line.split(":")[0] for line in said] == ["F004 [[document]] a.docx", "F004 [[check]] A"]


@pytest.mark.parametrize(
    ("formula", "what"),
    [
        ("1 +", "写法不对"),
        ("甲 % 2", "公式里不能这样写"),
        ("乱算(甲)", "没有“乱算”这个函数"),
        ("甲|乱算", "没有“乱算”这个过滤器"),
        ("表.合计", "“表.合计”不是一个值"),
        ("表", "“表”是一列或一张表"),
        ("表.甲", "“表.甲”是一列或一张表"),
        ("基本信息 + 1", "“基本信息”不是一个值"),
        ("(单位名称|筛选(甲=1)).个数", "前面不是表格"),
        (f"{'(' * 300}1{')' * 300}", "太深了"),
        (" + ".join(["1"] * 600), "太深了"),
    ],
)
def test_a_formula_that_cannot_be_worked_out_is_told(mistake, formula, what):
    toml = table('label = "甲", type = "decimal"')

    said = mistake(toml + f"[[computed]]\nlabel = \"数\"\nformula = '{formula}'\n")

    assert said.startswith("F007 [[computed]] 数:")
    assert what in said


def test_a_sum_of_150_addends_is_no_mistake(make_form):
    formula = " + ".join(["1"] * 150)

    assert make_form(f"[[computed]]\nlabel = '数'\nformula = '{formula}'\n").computed


def test_a_name_of_signs_alone_is_refused(mistake):
    said = mistake("[[summary]]\nlabel = '('\nformula = '单位名称'\n")

    assert "“label”写的是 (" in said


def test_where_a_wording_is_looked_for_is_a_name(mistake):
    toml = "[[check]]\ncode = 'A'\nmessage = 'm'\nfind = 'X'\nat = '单位名称|万元'\n"

    assert mistake(toml).startswith("F007 [[check]] A:")


def test_a_pattern_that_a_later_python_may_read_otherwise_is_taken_in_silence(make_form):
    assert make_form(table('label = "甲", pattern = "[[0-9]"'))


def test_a_pattern_of_a_file_name_that_cannot_be_read_is_told(mistake):
    said = mistake('[[document]]\ntemplate = "a.docx"\noutput = "{{ 单位名称 }.docx"\n')

    assert said.startswith("F007 [[document]] a.docx:")


@pytest.mark.parametrize("name", ["合计", "个数", "序号", "上年", "级", "编号"])
def test_a_reserved_name_is_no_label(mistakes, name):
    said = mistakes(
        table(f'label = "{name}"', f'label = "甲", was = ["{name}"]')
        + f'[[computed]]\nlabel = "{name}"\nformula = "1"\n'
    )

    reserved = [line.split(":")[0] for line in said if line.startswith("F006")]
    assert reserved == [f"F006 表 › {name}", "F006 表 › 甲", f"F006 [[computed]] {name}"]


@pytest.mark.parametrize(
    ("toml", "place"),
    [
        (table('label = "甲"', 'label = "甲"'), "[[section]] 表"),
        (table('label = "甲（1）"', 'label = "甲(1)"'), "[[section]] 表"),
        (table('label = "甲"', 'label = "乙", was = ["甲"]'), "[[section]] 表"),
        (table('label = "甲"') + table('label = "乙"'), "[[section]] 表"),
        (table('label = "甲"') + '[[computed]]\nlabel = "表"\nformula = "1"\n', "[[computed]] 表"),
        (table('label = "甲"', extra='was = ["基本信息"]'), "[[section]] 表"),
        ('[[section]]\nlabel = "格"\nkind = "grid"\ncolumns = ["甲"]\nrows = ["一", "一"]\n',
         "[[section]] 格"),
        ('[[section]]\nlabel = "填表说明"\nkind = "outline"\n', "[[section]] 填表说明"),
        ('[[section]]\nlabel = "校验"\nkind = "outline"\n', "[[section]] 校验"),
        ('[[section]]\nlabel = "Ab"\nkind = "outline"\n[[section]]\nlabel = "aB"\nkind = "outline"\n',
         "[[section]] aB"),
        ('[[check]]\ncode = "A"\nrule = "1 == 1"\nmessage = "m"\n' * 2, "[[check]] A"),
    ],
)  # fmt: skip
def test_two_things_of_one_name_are_told(mistake, toml, place):
    assert mistake(toml).startswith(f"F005 {place}:")


def test_fields_of_two_sections_may_share_a_label(make_form):
    toml = '[[section]]\nlabel = "另一"\nkind = "record"\nfields = [{ label = "甲" }]\n'

    form = make_form(toml + toml.replace("另一", "再一"))

    assert "甲" not in form.short_names()


def test_a_numbering_pattern_of_any_known_numeral_is_accepted(make_form):
    for patterns in (["1、", "①"], ["第一章", "A."], ["㈠", "⒈", "⑴"], ["Ⅰ、"], ["１．"]):
        toml = f'[[section]]\nlabel = "说明"\nkind = "outline"\nnumbering = {patterns}\n'
        form = make_form(toml.replace("'", '"'))

        assert form.section("说明").numbering == tuple(patterns)


# -- formulas that lead back to themselves ---------------------------------------------------


GRID = """
[[section]]
label = "格"
kind = "grid"
columns = ["甲", { label = "乙", formula = "%s" }]
rows = ["一", { label = "二", formula = "%s" }]
"""


@pytest.mark.parametrize(
    ("toml", "ring"),
    [
        ('[[computed]]\nlabel = "A"\nformula = "B + 1"\n[[computed]]\nlabel = "B"\nformula = "A"\n',
         {"A", "B"}),
        ('[[computed]]\nlabel = "A"\nformula = "A"\n', {"A"}),
        ('[[computed]]\nlabel = "A"\nformula = "1 if 单位名称 else A"\n', {"A"}),
        (table('label = "甲", formula = "乙"', 'label = "乙", formula = "甲"'), {"表.甲", "表.乙"}),
        (table('label = "甲", formula = "数"') + '[[computed]]\nlabel = "数"\nformula = "表.合计.甲"\n',
         {"表.甲", "数", "表.合计.甲"}),
        (table('label = "甲", formula = "数"', 'label = "乙"')
         + '[[computed]]\nlabel = "数"\nformula = "(表|筛选(乙=1)).合计.甲"\n',
         {"表.甲", "数", "表.合计.甲"}),
        (table('label = "甲", formula = "sum(表.甲)"'), {"表.甲"}),
        (GRID % ("甲", "二"), {"格.二.甲"}),
        (GRID % ("格.一.乙", "一"), {"格.一.乙"}),
        (table('label = "甲"', extra='when = "表.个数 > 0"'), {"表"}),
        (table('label = "甲", when = "乙"', 'label = "乙", when = "甲"'), {"表.甲", "表.乙"}),
        ('[[section]]\nlabel = "录"\nkind = "record"\nwhen = "录.甲"\nfields = [{ label = "甲" }]\n',
         {"录.甲"}),
    ],
)  # fmt: skip
def test_a_formula_that_leads_back_to_itself_is_told_at_load(mistakes, toml, ring):
    said = [line for line in mistakes(toml) if line.startswith("F009")]

    assert len(said) == 1
    shown = said[0].split("自己：")[1].split("。")[0]
    assert set(shown.split(" → ")) == ring


@pytest.mark.parametrize(
    "toml",
    [
        table('label = "甲", type = "decimal"', 'label = "占比", type = "percent", formula = "甲 / 合计.甲"'),
        '[[computed]]\nlabel = "累计"\nformula = "上年.累计 + 1"\n',
        GRID % ("甲 * 2", "一"),
        (
            '[[section]]\nlabel = "录"\nkind = "record"\nfields = [{ label = "数" }]\n'
            '[[computed]]\nlabel = "录数"\nformula = "录.数"\n'
        ),
    ],
)  # fmt: skip
def test_a_share_of_a_total_and_last_years_value_lead_nowhere_back(make_form, toml):
    assert make_form(toml)


def test_the_form_that_ships_has_no_mistakes(self_evaluation):
    assert self_evaluation.id == "self-evaluation"


@pytest.mark.parametrize(
    "fields",
    [
        '{ label = "甲", type = "integer", uom = "人" }, { label = "甲（人）" }',
        '{ label = "甲" }, { label = "甲*" }',
        '{ label = "甲" }, { label = "乙", was = ["甲"] }',
    ],
)
def test_two_fields_that_one_heading_could_mean_are_refused(make_form, fields):
    with pytest.raises(FormError) as caught:
        make_form(f'[[section]]\nlabel = "表"\nkind = "table"\nfields = [{fields}]')

    assert [f.code for f in caught.value.findings] == ["F005"]


@pytest.mark.parametrize("label", ["*", " 甲", "甲\u3000", "甲\u0001", "甲\u200b"])
def test_a_label_that_cannot_be_a_heading_is_refused(make_form, label):
    quoted = label.replace("\u0001", "\\u0001")
    with pytest.raises(FormError) as caught:
        make_form(f'[[section]]\nlabel = "表"\nkind = "table"\nfields = [{{ label = "{quoted}" }}]')

    assert [f.code for f in caught.value.findings] == ["F004"]


@pytest.mark.parametrize("title", ["History", "history", "😀" * 16])
def test_a_title_that_excel_refuses_is_refused(make_form, title):
    with pytest.raises(FormError) as caught:
        make_form(f'[[section]]\nlabel = "{title}"\nkind = "outline"')

    assert [f.code for f in caught.value.findings] == ["F004"]


def test_a_computed_value_and_a_field_of_one_name_are_refused(make_form):
    with pytest.raises(FormError) as caught:
        make_form(
            '[[section]]\nlabel = "录"\nkind = "record"\nfields = [{ label = "数", type = "decimal" }]\n[[computed]]\nlabel = "数"\nformula = "1"'
        )

    assert [(f.code, f.place.field) for f in caught.value.findings] == [("F005", "[[computed]] 数")]


def test_a_check_may_not_take_a_code_of_the_programs_own(make_form):
    with pytest.raises(FormError) as caught:
        make_form('[[check]]\ncode = "E301"\nrule = "1 == 1"\nmessage = "…"')

    assert [(f.code, f.value) for f in caught.value.findings] == [("F005", "E301")]
