"""``reportgen fields``: every name that a template may use, with what it prints."""

import json

import pytest

from conftest import FORM
from reportgen import vocabulary as vocabulary_
from reportgen.cli import main
from reportgen.cli.chinese import aligned
from reportgen.cli.fields_command import as_json, as_text
from reportgen.expression import Expression, path_of
from reportgen.filters import FILTERS
from reportgen.names import Shape, UnknownName, named
from reportgen.samples import made_up
from reportgen.template.engine import page_environment
from reportgen.values import from_plain
from reportgen.vocabulary import filter_entries, vocabulary
from support_form import find

KINDS = """
[[section]]
label = "收支"
kind = "grid"
uom = "万元"
columns = ["预算数", "决算数", { label = "执行率", type = "percent", places = 1, formula = "决算数 / 预算数" }]
rows = ["基本支出", { label = "合计", formula = "基本支出" }]

[[section]]
label = "项目明细"
kind = "table"
fields = [{ label = "项目名称" }, { label = "金额", type = "decimal", uom = "元", places = 2 }]

[[section]]
label = "成效"
kind = "outline"

[[section]]
label = "人员"
kind = "record"
fields = [{ label = "编制数", type = "integer", uom = "人", prior = true }]

[[computed]]
label = "人均"
uom = "元"
places = 2
formula = "项目明细.合计.金额 / 编制数"
"""
SAMPLE = {
    "基本信息": {"单位名称": "甲局"},
    "收支": {"基本支出": {"预算数": "200", "决算数": "150"}},
    "项目明细": [{"金额": "12.5"}, {"项目名称": "道路", "金额": "7.5"}],
    "成效": [{"正文": "没有标题的一段"}, {"级": 1, "标题": "甲"}],
    "人员": {"编制数": "8"},
}


@pytest.fixture
def form(make_form, monkeypatch):
    made = make_form(KINDS)
    monkeypatch.setattr(vocabulary_, "sample_submissions", lambda _: [from_plain(SAMPLE, made)])
    return made


def told(form):
    return {(e.name, e.kind): (e.type, e.uom, e.sheet, e.example, e.loop) for e in vocabulary(form)}


def test_every_kind_of_name_is_listed_with_type_unit_sheet_and_example(form):
    row, heading = "项 in 项目明细", "条 in 成效"

    assert told(form) == {
        ("单位名称", "field"): ("text", "", "基本信息", "甲局", ""),
        ("收支.基本支出.预算数", "field"): ("decimal", "万元", "收支", "200", ""),
        ("收支.基本支出.决算数", "field"): ("decimal", "万元", "收支", "150", ""),
        ("收支.基本支出.执行率", "formula"): ("percent", "", "收支", "75.0%", ""),
        ("收支.合计.预算数", "formula"): ("decimal", "万元", "收支", "200", ""),
        ("收支.合计.决算数", "formula"): ("decimal", "万元", "收支", "150", ""),
        ("收支.合计.执行率", "formula"): ("percent", "", "收支", "75.0%", ""),
        ("项目明细", "table"): ("table", "", "项目明细", "for 项 in 项目明细", ""),
        ("项.序号", "number"): ("integer", "", "项目明细", "1", row),
        ("项.项目名称", "field"): ("text", "", "项目明细", "道路", row),
        ("项.金额", "field"): ("decimal", "元", "项目明细", "12.50", row),
        ("项目明细.个数", "count"): ("integer", "", "项目明细", "2", ""),
        ("项目明细.合计.金额", "total"): ("decimal", "元", "项目明细", "20.00", ""),
        ("成效", "table"): ("outline", "", "成效", "for 条 in 成效", ""),
        ("条.序号", "number"): ("integer", "", "成效", "1", heading),
        ("条.编号", "number"): ("text", "", "成效", "一、", heading),
        ("条.级", "field"): ("integer", "", "成效", "1", heading),
        ("条.标题", "field"): ("text", "", "成效", "甲", heading),
        ("条.正文", "field"): ("narrative", "", "成效", "没有标题的一段", heading),
        ("成效.个数", "count"): ("integer", "", "成效", "2", ""),
        ("编制数", "field"): ("integer", "人", "人员", "8", ""),
        ("人均", "computed"): ("decimal", "元", "", "2.50", ""),
        ("上年.人员.编制数", "prior"): ("integer", "人", "人员", "8", ""),
    }


def test_a_label_that_two_sheets_have_is_listed_with_its_sheet(make_form):
    form = make_form("""
[[section]]
label = "甲"
kind = "record"
fields = [{ label = "金额", type = "decimal" }]

[[section]]
label = "乙"
kind = "record"
fields = [{ label = "金额", type = "decimal" }]
""")

    assert [e.name for e in vocabulary(form)] == ["单位名称", "甲.金额", "乙.金额"]


def test_a_row_is_called_as_the_document_of_one_row_calls_it(make_form):
    form = make_form("""
[[section]]
label = "项目明细"
kind = "table"
fields = [{ label = "金额", type = "decimal" }]

[[document]]
template = "一个项目.docx"
each = "项目明细"
as = "项目"
output = "x.docx"
""")

    assert "项目.金额" in {e.name for e in vocabulary(form)}


def test_a_row_is_not_called_as_a_field_is(make_form):
    form = make_form("""
[[section]]
label = "项"
kind = "table"
fields = [{ label = "金额", type = "decimal" }]
""")

    assert {e.loop for e in vocabulary(form)} == {"", "行 in 项"}


def test_a_name_that_would_be_read_as_another_is_written_so_that_it_is_not(make_form):
    form = make_form("""
[[section]]
label = "甲"
kind = "record"
fields = [{ label = "乙" }]

[[section]]
label = "丙"
kind = "record"
fields = [{ label = "甲.乙" }, { label = "2025年预算" }, { label = "乙" }]
""")

    names = [e.name for e in vocabulary(form) if e.sheet != "基本信息"]

    # 甲.乙 means the field of 丙: the longest heading wins
    assert names == ["甲['乙']", "甲.乙", "2025年预算", "丙.乙"]


def test_without_a_sample_every_name_has_a_made_up_example(make_form):
    form = make_form(
        KINDS + '[[section]]\nlabel = "选"\nkind = "record"\n'
        'fields = [{ label = "类", choices = ["一", "二"] }, { label = "分", type = "integer", minimum = 60 }]\n'
    )

    examples = {e.name: e.example for e in vocabulary(form)}

    assert all(examples.values())
    assert (examples["类"], examples["分"], examples["单位名称"]) == ("一", "60", "单位名称示例")


def test_made_up_values_are_such_as_the_fields_take(make_form):
    form = make_form("""
[[section]]
label = "数"
kind = "record"
fields = [
  { label = "率", type = "percent", minimum = 0, maximum = 1 },
  { label = "低", type = "percent", maximum = 0.5 },
  { label = "分", type = "decimal", places = 0, maximum = 100 },
  { label = "金额", type = "decimal", places = 1 },
  { label = "日期", type = "date", maximum = 2020-12-31 },
  { label = "电话", pattern = '\\d{4}', example = "0731" },
  { label = "甲", from = "表.名" },
]

[[section]]
label = "表"
kind = "table"
fields = [{ label = "名", unique = true }]
""")

    filled = made_up(form)

    assert find(form, filled.plain()) == []
    assert filled.plain()["数"] == {
        "率": "0.76", "低": "0.5", "分": "100", "金额": "365.5", "日期": "2020-12-31",
        "电话": "0731", "甲": "名示例1",
    }  # fmt: skip
    assert filled.plain()["表"] == [{"名": "名示例1"}, {"名": "名示例2"}]


def test_every_name_of_the_shipped_form_is_one_that_a_template_knows(self_evaluation):
    form = self_evaluation
    known = form.names()

    for entry in vocabulary(form):
        scopes = [known]
        if entry.loop:
            alias, _, table = entry.loop.partition(" in ")
            scopes.insert(0, Shape({alias: known.members[table].each}))
        path = path_of(Expression.parse(entry.name, form.headings).tree)
        found = named(path, scopes)
        assert not isinstance(found, UnknownName), entry.name
        assert entry.example or entry.type == "image", entry.name


def test_every_filter_is_listed_once_with_what_it_gives():
    entries = filter_entries()
    known = {name for name in page_environment().filters if not name.isascii()}

    assert sorted(e.name for e in entries) == sorted(known)
    assert {e.english for e in entries} > {name for name in FILTERS if name.isascii()}
    gives = {e.name: e.gives for e in entries}
    assert gives["小数"] == "3752300.00"
    assert gives["万元"] == "375.23万元"
    assert gives["年月日"] == "2026年3月5日"
    assert gives["筛选"] == "15"  # 3 + 12, the rows of 专项
    assert gives["分组"] == "业务8.5；专项15；"
    assert gives["大写"] == "叁佰柒拾伍万贰仟叁佰元整"


def test_columns_on_screen_begin_below_each_other_as_chinese_is_two_wide():
    assert list(aligned([("单位", "文字", "a"), ("a", "数", "")])) == [
        "单位  文字  a",
        "a     数",
    ]


def test_the_screen_shows_a_block_a_sheet_with_the_loop_behind_its_name(form):
    lines = as_text(form).splitlines()

    assert "项目明细  {%tr for 项 in 项目明细 %} … {%tr endfor %}" in lines
    assert "成效  {%p for 条 in 成效 %} … {%p endfor %}" in lines
    at = lines.index("计算指标")
    assert lines[at + 1].split() == ["人均", "数，算出", "元", "2.50"]
    assert lines[at + 3] == "上年数"


def test_json_has_the_stable_keys(form):
    data = json.loads(as_json(form))

    assert (data["version"], data["form"]) == (1, "t")
    assert data["names"][0] == {
        "name": "单位名称", "type": "text", "uom": "", "sheet": "基本信息", "example": "甲局",
        "kind": "field", "loop": "",
    }  # fmt: skip
    assert set(data["filters"][0]) == {"name", "english", "what", "tag", "gives"}


def test_the_command_prints_the_names_of_the_form_that_is_asked_for(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["fields", "--form", str(FORM), "--format", "json"])

    data = json.loads(capsys.readouterr().out)
    assert stop.value.code == 0
    assert (data["form"], data["names"][0]["name"]) == ("self-evaluation", "单位名称")


def test_the_screen_shows_what_a_document_over_all_units_may_use_as_well(capsys):
    with pytest.raises(SystemExit):
        main(["fields", "--form", str(FORM)])

    said = capsys.readouterr().out.partition('—— 汇总全部单位的文档（scope = "batch"）')[2]
    assert "汇总  {%tr for 项 in 汇总 %} … {%tr endfor %}" in said.splitlines()
    # 532.46 of the first sample, 293.40 of the second (templates/self-evaluation/sample*.toml)
    assert "汇总.合计.整体支出  数，算出      万元  825.86" in said
    assert "（有" not in said.partition("过滤器")[0]  # columns that only totals are made of


def test_a_form_without_such_a_document_shows_its_own_names_alone(form):
    assert "汇总全部单位" not in as_text(form)
