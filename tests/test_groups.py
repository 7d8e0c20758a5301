"""分组: rows that have a value in common, with their totals, in formulas and in Word."""

import pytest

from reportgen.compute import compute
from reportgen.values import from_plain
from support_docx import lines_of, render
from test_render import findings_of

FORM = """
[[section]]
label = "项目"
kind = "table"
fields = [
  { label = "名称" },
  { label = "类型", was = ["类别"] },
  { label = "级别" },
  { label = "金额", type = "decimal", uom = "万元", places = 2 },
]

[[computed]]
label = "种数"
formula = "count(项目|分组('类型'))"
"""


@pytest.fixture
def form(make_form):
    return make_form(FORM)


def projects(*rows):
    return {"项目": [dict(zip(("名称", "类型", "级别", "金额"), row, strict=True)) for row in rows]}


ROWS = projects(
    ("甲", "专项", "区级", "1.10"),
    ("乙", "业务", "区级", "2"),
    ("丙", "专项", "市级", "0.02"),
    ("丁", None, "区级", "7"),
    ("戊", "专项", "区级", None),
)


def test_rows_stand_in_groups_with_their_own_subtotal_and_numbers(form):
    document = render(
        form,
        ROWS,
        [
            ['{%tr for 组 in 项目|分组("类型") %}', ""],
            ['{{ 组.序号|序号("一、") }}{{ 组.类型 }}', "{{ 组.个数 }}个"],
            ["{%tr for 项 in 组 %}", ""],
            ["{{ 项.序号 }}{{ 项.名称 }}", "{{ 项.金额 }}"],
            ["{%tr endfor %}", ""],
            ["小计", "{{ 组.合计.金额 }}"],
            ["{%tr endfor %}", ""],
            ["合计", "{{ 项目.合计.金额 }}"],
        ],
    )

    # in the order of the first row of each; what is blank is a group of its own
    assert lines_of(document) == [
        "| 一、专项 | 3个 |", "| 1甲 | 1.10 |", "| 2丙 | 0.02 |", "| 3戊 |  |", "| 小计 | 1.12 |",
        "| 二、业务 | 1个 |", "| 1乙 | 2.00 |", "| 小计 | 2.00 |",
        "| 三、 | 1个 |", "| 1丁 | 7.00 |", "| 小计 | 7.00 |",
        "| 合计 | 10.12 |",
    ]  # fmt: skip


def test_a_group_is_filtered_sorted_and_grouped_again(form):
    document = render(
        form,
        ROWS,
        '{% for 大 in 项目|分组("类型") %}{{ 大.类型 }}：'
        '{% for 小 in 大|分组("级别") %}{{ 小.序号 }}{{ 小.级别 }}{{ 小.合计.金额 }}，{% endfor %}'
        '{{ (大|筛选(级别="区级")).个数 }}。{% endfor %}',
        '{% for 组 in 项目|分组("类型", "级别") %}{{ 组.类型 }}{{ 组.级别 }}{{ 组.个数 }} {% endfor %}',
        '{% for 组 in 项目|group("类型") %}{% for 项 in 组|排序("金额") %}{{ 项.名称 }}{% endfor %} {% endfor %}',
    )

    assert lines_of(document) == [
        "专项：1区级1.10，2市级0.02，2。业务：1区级2.00，1。：1区级7.00，1。",
        "专项区级2 业务区级1 专项市级1 区级1",
        "丙甲戊 乙 丁",
    ]


def test_a_group_goes_by_the_old_name_of_its_field(form):
    document = render(
        form,
        ROWS,
        '{% for 组 in 项目|分组("类别") %}{{ 组.类别 }}{{ 组.类型 }} {% endfor %}',
    )

    assert lines_of(document) == ["专项专项 业务业务"]


def test_a_formula_counts_groups(form):
    data = compute(from_plain(ROWS, form))

    assert str(data.lookup("种数")) == "3"


@pytest.mark.parametrize(
    ("tag", "wrong"),
    [
        ('{% for 组 in 项目|分组("类形") %}{% endfor %}', "类形"),
        ('{% for 组 in 项目|分组("类型") %}{{ 组.级型 }}{% endfor %}', "级型"),
        (
            '{% for 组 in 项目|分组("类型") %}{% for 项 in 组 %}{{ 项.名 }}{% endfor %}{% endfor %}',
            "名",
        ),
    ],
)
def test_a_wrong_name_is_found_through_a_group(form, tag, wrong):
    (finding,) = findings_of(form, {}, tag)

    assert finding.code == "T104"
    assert f"“{wrong}”" in finding.message
