"""A form of any shape builds without Python: everything of design.md §3 that ours does not use."""

import pytest

from conftest import HEAD
from reportgen import build, load_form, write_workbook
from reportgen.values import from_plain
from support_docx import lines_of, make_docx, parts_of
from test_render import png

EVERYTHING = """
[[section]]
label = "单位"
kind = "record"
fields = [
  { label = "单位名称", required = true },
  { label = "成立日期", type = "date" },
  { label = "有下属单位", type = "yes_no" },
  { label = "下属单位数", type = "integer", uom = "个", required = "有下属单位", when = "有下属单位" },
  { label = "满意度", type = "percent", places = 1, minimum = 0, maximum = 1 },
  { label = "联系电话", pattern = '\\d{4}-\\d{8}', example = "0731-00000000", blank = "（未留）" },
  { label = "门头照片", type = "image" },
]

[[section]]
label = "收支"
kind = "grid"
uom = "万元"
columns = [
  "年初预算数",
  "调整数",
  { label = "全年预算数", formula = "年初预算数 + 调整数" },
  "决算数",
  { label = "执行率", type = "percent", places = 2, formula = "决算数 / 全年预算数" },
]
rows = ["基本支出", "项目支出", { label = "合计", formula = "基本支出 + 项目支出" }]

[[section]]
label = "项目清单"
kind = "table"
fields = [
  { label = "项目名称", required = true, unique = true },
  { label = "批复", group = "金额", type = "decimal", uom = "元", minimum = 0 },
  { label = "支付", group = "金额", type = "decimal", uom = "元", places = 2 },
  { label = "结余", group = "金额", type = "decimal", uom = "元", places = 2, formula = "批复 - 支付" },
  { label = "需自评", type = "yes_no" },
]

[[section]]
label = "指标"
kind = "table"
fields = [
  { label = "所属项目", from = "项目清单.项目名称" },
  { label = "指标名称" },
  { label = "分值", type = "decimal" },
  { label = "得分", type = "decimal" },
  { label = "偏差原因", required = "得分 < 分值" },
]

[[section]]
label = "经验做法"
kind = "outline"

[[section]]
label = "附注"
kind = "record"
when = "有下属单位"
fields = [{ label = "附注文字", type = "narrative", required = true }]

[[computed]]
label = "总得分"
formula = "指标.合计.得分"

[[computed]]
label = "得分率"
type = "percent"
places = 1
formula = "总得分 / 指标.合计.分值"

[[check]]
code = "K1"
rule = "收支.项目支出.决算数 * 10000 == 项目清单.合计.支付"
at = "收支.项目支出.决算数"
tolerance = 100
message = "项目支出决算数与项目清单的支付合计不一致"

[[check]]
code = "K2"
each = "指标"
as = "行"
rule = "行.得分 <= 行.分值"
at = "行.得分"
level = "warning"
message = "得分大于分值"

[[summary]]
label = "得分率"
formula = "得分率"

[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}/报告.docx"

[[document]]
template = "自评表.docx"
each = "项目清单"
as = "项目"
when = "项目.需自评"
output = "{{ 单位名称 }}/{{ 项目.序号 }}_{{ 项目.项目名称 }}.docx"

[[document]]
template = "还没有的模板.docx"
scope = "batch"
output = "全区.docx"
"""

FIRST = (
    "{{ 单位名称 }}，成立于{{ 成立日期 }}，{{ 有下属单位 }}下属单位"
    "{% if 有下属单位 %}{{ 下属单位数 }}个{% endif %}，满意度{{ 满意度 }}，电话{{ 联系电话 }}"
)
REPORT = (
    FIRST,
    "{%p if 门头照片 %}",
    "{{ 门头照片 }}",
    "{%p endif %}",
    [
        ["", "年初", "调整", "全年", "决算", "执行率"],
        *(
            [
                row,
                *(
                    f"{{{{ 收支.{row}.{column} }}}}"
                    for column in ("年初预算数", "调整数", "全年预算数", "决算数", "执行率")
                ),
            ]
            for row in ("基本支出", "项目支出", "合计")
        ),
    ],
    [
        ["项目", "批复", "支付", "结余"],
        ["{%tr for 项 in 项目清单 %}", "", "", ""],
        [
            "{{ 项.项目名称 }}",
            "{{ 项.批复（元） }}",
            "{{ 项.支付（元）|万元(4) }}",
            "{{ 项.结余 }}",
        ],
        ["{%tr endfor %}", "", "", ""],
        [
            "合计",
            "{{ 项目清单.合计.批复 }}",
            "{{ 项目清单.合计.支付 }}",
            "{{ 项目清单.合计.结余 }}",
        ],
    ],
    "{% for 行 in 指标 %}{{ 行.指标名称 }}{{ 行.得分 }}/{{ 行.分值 }}；{% endfor %}共{{ 总得分 }}，{{ 得分率 }}",
    "{%p for 条 in 经验做法 %}",
    "{{ 条.编号 }}{{ 条.标题 }}：{{ 条.正文 }}",
    "{%p endfor %}",
    "{{ 附注文字 }}",
)
EACH = (
    "{{ 项目.项目名称 }}支付{{ 项目.支付 }}元，{{ 单位名称 }}，第{{ 项目.序号 }}个，共{{ 项目清单.个数 }}个",
)

FULL = {
    "单位": {
        "单位名称": "甲局",
        "成立日期": "2001-03-05",
        "有下属单位": "是",
        "下属单位数": "3",
        "满意度": "95.2%",
        "门头照片": "门头.png",
    },
    "收支": {
        "基本支出": {"年初预算数": "320", "调整数": "77", "决算数": "397"},
        "项目支出": {"年初预算数": "0", "调整数": "3", "决算数": "1.5"},
    },
    "项目清单": [
        {"项目名称": "A & B", "批复": "20000", "支付": "10000.5", "需自评": True},
        {"项目名称": "C", "批复": "10000", "支付": "5000", "需自评": False},
        {"项目名称": "D/E", "需自评": True},
    ],
    "指标": [
        {"所属项目": "C", "指标名称": "甲", "分值": "15", "得分": "8", "偏差原因": "晚"},
        {"所属项目": "D/E", "指标名称": "乙", "分值": "20", "得分": "20"},
    ],
    "经验做法": [
        {"级": 1, "标题": "一级", "正文": "甲\n乙"},
        {"级": 2, "标题": "二级"},
        {"级": 3, "标题": "三级"},
        {"级": 4, "标题": "四级"},
        {"级": 1, "标题": "又一级"},
    ],
    "附注": {"附注文字": "附注"},
}


class Bureau:
    """A form of its own: units send workbooks, the bureau builds."""

    def __init__(self, root, toml, **templates):
        self.root = root
        folder = root / "templates" / "t"
        folder.mkdir(parents=True)
        (folder / "form.toml").write_text(HEAD + toml, encoding="utf-8")
        self.form = load_form(folder)
        for name, blocks in templates.items():
            make_docx(folder / f"{name}.docx", *blocks)

    def build(self, values):
        """Write the workbook of *values*, build it; return the run."""
        path = self.root / "inputs" / "甲局.xlsx"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(write_workbook(self.form, from_plain(values, self.form)))
        return build([path], templates=self.root / "templates", output=self.root / "out")

    def text(self, name):
        return lines_of(self.root / "out" / name)


@pytest.fixture
def bureau(tmp_path):
    return Bureau(tmp_path, EVERYTHING, 报告=REPORT, 自评表=EACH)


def names(run):
    return [d.file for d in run.documents if d.status == "built"]


def said(run):
    return [(f.code, f.place.sheet, f.place.field) for f in run.findings]


def test_a_form_of_everything_builds_its_documents(bureau):
    (bureau.root / "inputs").mkdir()
    png(bureau.root / "inputs" / "门头.png", 40, 20)

    run = bureau.build(FULL)

    assert said(run) == []
    assert names(run) == ["甲局/报告.docx", "甲局/1_A & B.docx", "甲局/3_D_E.docx"]
    assert bureau.text("甲局/报告.docx") == [
        "甲局，成立于2001年3月5日，是下属单位3个，满意度95.2%，电话（未留）",
        "▣",
        "|  | 年初 | 调整 | 全年 | 决算 | 执行率 |",
        "| 基本支出 | 320 | 77 | 397 | 397 | 100.00% |",
        "| 项目支出 | 0 | 3 | 3 | 1.5 | 50.00% |",
        "| 合计 | 320 | 80 | 400 | 398.5 | 99.63% |",
        "| 项目 | 批复 | 支付 | 结余 |",
        "| A & B | 20000 | 1.0001万元 | 9999.50 |",
        "| C | 10000 | 0.5000万元 | 5000.00 |",
        "| D/E |  |  |  |",
        "| 合计 | 30000 | 15000.50 | 14999.50 |",
        "甲8/15；乙20/20；共28，80.0%",
        "一、一级：甲",
        "乙",
        "（一）二级：",
        "1.三级：",
        "（1）四级：",
        "二、又一级：",
        "附注",
    ]
    assert bureau.text("甲局/1_A & B.docx") == ["A & B支付10000.50元，甲局，第1个，共3个"]
    assert bureau.text("甲局/3_D_E.docx") == ["D/E支付元，甲局，第3个，共3个"]
    parts = parts_of(bureau.root / "out" / "甲局" / "报告.docx")
    assert parts["word/media/picture1.png"].startswith(b"\x89PNG")


def test_a_rate_without_an_end_is_printed_at_its_places(bureau):
    values = {
        "单位": {"单位名称": "甲局"},
        "收支": {"基本支出": {"年初预算数": "3", "决算数": "2"}},
    }

    run = bureau.build(values)

    assert [f.code for f in run.findings if f.level == "error"] == []
    assert "| 基本支出 | 3 |  | 3 | 2 | 66.67% |" in bureau.text("甲局/报告.docx")


def test_every_section_may_be_empty(bureau):
    run = bureau.build({"单位": {"单位名称": "甲局"}})

    assert [f.code for f in run.findings] == ["W401"]  # 得分率 of no indicators at all: 0 / 0
    assert names(run) == ["甲局/报告.docx"]
    assert bureau.text("甲局/报告.docx") == [
        "甲局，成立于，下属单位，满意度，电话（未留）",
        "|  | 年初 | 调整 | 全年 | 决算 | 执行率 |",
        "| 基本支出 |  |  |  |  |  |",
        "| 项目支出 |  |  |  |  |  |",
        "| 合计 |  |  |  |  |  |",
        "| 项目 | 批复 | 支付 | 结余 |",
        "| 合计 | 0 | 0 | 0 |",
        "共0，—",
    ]


@pytest.mark.parametrize(
    ("section", "wrong"), [("收支", []), ("项目清单", ["K1"]), ("指标", []), ("经验做法", [])]
)
def test_one_empty_section_leaves_the_others(bureau, section, wrong):
    values = {**FULL, "单位": {**FULL["单位"]}}
    del values["单位"]["门头照片"]
    del values[section]
    if section == "项目清单":
        del values["指标"]  # its rows belong to projects

    run = bureau.build(values)

    assert [f.code for f in run.findings if f.level == "error"] == wrong
    assert run.documents[0].status == ("failed" if wrong else "built")


WRONG = [
    (("单位", "满意度"), "120%", ("E313", "单位", "满意度")),
    (("单位", "满意度"), "95", ("E307", "单位", "满意度")),
    (("单位", "联系电话"), "12345", ("E314", "单位", "联系电话")),
    (("单位", "成立日期"), "去年", ("E308", "单位", "成立日期")),
    (("单位", "有下属单位"), "不知道", ("E311", "单位", "有下属单位")),
    (("单位", "下属单位数"), "3.5", ("E305", "单位", "下属单位数")),
    (("单位", "下属单位数"), None, ("E302", "单位", "下属单位数")),
    (("单位", "门头照片"), "没有.png", ("E328", "单位", "门头照片")),
    (("附注", "附注文字"), None, ("E301", "附注", "附注文字")),
    (("项目清单", 1, "项目名称"), None, ("E301", "项目清单", "项目名称")),
    (("项目清单", 1, "项目名称"), "A & B", ("E315", "项目清单", "项目名称")),
    (("项目清单", 1, "批复"), "-1", ("E312", "项目清单", "批复")),
    (("项目清单", 1, "支付"), "1.234", ("E306", "项目清单", "支付")),
    (("指标", 0, "所属项目"), "没有的项目", ("E316", "指标", "所属项目")),
    (("指标", 0, "偏差原因"), None, ("E302", "指标", "偏差原因")),
    (("收支", "项目支出", "决算数"), "9", ("K1", "收支", "决算数")),
    (("指标", 0, "得分"), "22", ("K2", "指标", "得分")),
]


@pytest.mark.parametrize(
    ("path", "value", "wanted"), WRONG, ids=[f"{c[0]}-{'.'.join(map(str, p))}" for p, _, c in WRONG]
)
def test_what_breaks_the_forms_rules_is_found_at_its_cell(bureau, path, value, wanted):
    import copy

    values = copy.deepcopy(FULL)
    (bureau.root / "inputs").mkdir()
    png(bureau.root / "inputs" / "门头.png", 4, 2)
    owner = values
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = value

    run = bureau.build(values)

    codes = {(f.code, f.place.sheet) for f in run.findings}
    assert wanted[:2] in codes
    (finding,) = [f for f in run.findings if f.code == wanted[0]]
    assert wanted[2] in finding.place.field
    assert finding.place.cell
    assert finding.place.file == "甲局.xlsx"
    built = [d.status for d in run.documents]
    assert set(built) == ({"built"} if finding.level == "warning" else {"failed"})


def test_a_section_that_does_not_apply_is_empty_in_the_document_and_said(bureau):
    values = {**FULL, "单位": {"单位名称": "甲局", "有下属单位": "否"}}

    run = bureau.build(values)

    assert ("W210", "附注", "") in said(run)
    assert bureau.text("甲局/报告.docx")[-1] != "附注"


def test_a_tag_that_fails_names_the_template_the_words_and_the_units_workbook(tmp_path):
    toml = """
[[section]]
label = "单位"
kind = "record"
fields = [{ label = "单位名称" }, { label = "人数", type = "integer" }]

[[document]]
template = "t.docx"
output = "{{ 单位名称 }}.docx"
"""
    bureau = Bureau(tmp_path, toml, t=["人均{{ 100 / 人数 }}万元"])

    run = bureau.build({"单位": {"单位名称": "甲局", "人数": "0"}})

    (finding,) = run.findings
    assert finding.code == "T105"
    assert finding.message == (
        "模板“t.docx”里的“{{ 100 / 人数 }}”算不下去：除数为 0"
        "（正文，第 1 段：人均{{ 100 / 人数 }}万元）。"
    )
    assert finding.place.file == "甲局.xlsx"


def test_no_row_that_wants_a_document_is_no_error_but_no_condition_that_holds_is_one(tmp_path):
    toml = """
[[section]]
label = "甲"
kind = "record"
fields = [{ label = "单位名称", required = true }, { label = "种类", choices = ["一", "二"] }]

[[section]]
label = "行"
kind = "table"
fields = [{ label = "名" }]
"""
    document = '\n[[document]]\ntemplate = "t.docx"\noutput = "{{ 单位名称 }}.docx"\n'
    each = document + 'each = "行"\nas = "一行"\n'
    by_kind = document + "when = \"种类 == '一'\"\n"
    values = {"甲": {"单位名称": "甲局", "种类": "二"}}

    rows = Bureau(tmp_path / "each", toml + each, t=["x"]).build(values)
    kinds = Bureau(tmp_path / "kind", toml + by_kind, t=["x"]).build(values)

    assert ([f.code for f in rows.findings], rows.documents) == (["N510"], [])
    assert rows.exit_code() == 0
    assert [f.code for f in kinds.findings] == ["E501"]
    assert kinds.exit_code() == 1


def test_a_form_whose_sections_are_all_tables_needs_only_a_record_for_its_unit(tmp_path):
    toml = """
[[section]]
label = "单位"
kind = "record"
fields = [{ label = "单位名称", required = true, was = ["部门"] }]

[[section]]
label = "2025年支出"
kind = "table"
was = ["2024年支出"]
fields = [{ label = "支出（含税）", type = "decimal", uom = "元" }, { label = "其中：税", type = "decimal" }]

[[document]]
template = "t.docx"
output = "{{ 部门 }}.docx"
"""
    lines = [
        "{% for 行 in 2025年支出 %}{{ 行.支出（含税）（元） }}-{{ 行.其中：税 }}；{% endfor %}",
        "{{ 2024年支出.合计.支出（含税） }}|{{ 2025年支出.合计.其中：税 }}",
    ]
    bureau = Bureau(tmp_path, toml, t=lines)

    run = bureau.build(
        {
            "单位": {"单位名称": "甲局"},
            "2025年支出": [{"支出（含税）": "1.5", "其中：税": "0.5"}, {"支出（含税）": "2"}],
        }
    )

    assert said(run) == []
    assert bureau.text("甲局.docx") == ["1.5-0.5；2-；", "3.5|0.5"]
