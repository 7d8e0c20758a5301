"""Names in templates: what exists where, without any data; the nearest name for a wrong one."""

import pytest
from jinja2 import Environment

from reportgen.filters import FILTERS
from reportgen.names import nearest, unknown_names

FORM = """
[[section]]
label = "收支"
kind = "grid"
columns = ["决算数"]
rows = ["基本支出"]
[[section]]
label = "项目明细"
kind = "table"
fields = [{ label = "项目名称" }, { label = "指标总额", type = "decimal", was = ["旧总额"] }]
[[section]]
label = "情况"
kind = "outline"
[[computed]]
label = "整体支出"
formula = "1"
"""


@pytest.fixture
def unknown(make_form):
    """Return a function from a template to its unknown names: as written, wrong part, nearest."""
    form = make_form(FORM)
    environment = Environment()
    environment.filters.update(FILTERS)

    def find(template):
        tree = environment.parse(form.headings.in_tags(template))
        return [(u.written, u.wrong, u.nearest) for u in unknown_names(tree, [form.names()])]

    return find


@pytest.mark.parametrize(
    "template",
    [
        "{{ 单位名称 }}{{ 基本信息.单位名称 }}{{ 整体支出|万元 }}",
        "{{ 收支.基本支出.决算数 }}{{ 收支.合计.决算数 }}{{ 收支['基本支出']['决算数'] }}",
        "{{ 项目明细.合计.指标总额 }}{{ 项目明细.个数 }}{{ 项目明细.合计.旧总额 }}",
        "{% for 项 in 项目明细 %}{{ 项.序号 }}{{ 项.项目名称 }}{{ loop.index }}{% endfor %}",
        "{% for 项 in 项目明细|筛选(项目名称='甲') %}{{ 项.指标总额 }}{% endfor %}",
        "{% for 项 in 项目明细|排序('指标总额', '旧总额') %}{{ 项.指标总额 }}{% endfor %}",
        "{% for 项 in 项目明细|倒序('指标总额') %}{{ 项.指标总额 }}{% endfor %}",
        "{% for 行 in 情况 if 行.级 %}{{ 行.编号 }}{{ 行.标题 }}{{ 行.正文 }}{% endfor %}",
        "{{ (项目明细|筛选(项目名称='甲')).合计.指标总额 }}",
        "{{ 上年.收支.基本支出.决算数 }}{{ 上年.项目明细.个数 }}{{ 上年.整体支出 }}",
        "{% for 名 in 项目明细.项目名称 %}{{ 名 }}{% endfor %}",
        "{% set 数 = 项目明细.个数 %}{{ 数 }}",
        "{% set 表 = 项目明细 %}{{ 表.合计.指标总额 }}{% for 项 in 表 %}{{ 项.序号 }}{% endfor %}",
        "{% for 项 in 项目明细 %}{% set 名 = 项.项目名称 %}{{ 名 }}{% endfor %}",
        "{% if 单位名称 %}{% set 名 = 1 %}{% else %}{% set 名 = 2 %}{% endif %}{{ 名 }}",
        "{% set 段 %}一段{% endset %}{{ 段 }}",
        "{% set 计 = namespace(数=0) %}{% set 计.数 = 计.数 + 1 %}{{ 计.数 }}",
        "{% with 名 = 单位名称, 表 = 项目明细 %}{{ 名 }}{{ 表.个数 }}{% endwith %}",
        "{% for 号 in range(3) %}{{ round(号 / 2, 1) }}{% endfor %}",
        "{% for 组 in 项目明细|batch(2) %}{% for 项 in 组 %}{{ 项 }}{% endfor %}{% endfor %}",
    ],
)
def test_what_the_form_promises_is_known(unknown, template):
    assert unknown(template) == []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 单位名 }}", ("单位名", "单位名", "单位名称")),
        ("{{ 收支.基本支出.决算 }}", ("收支.基本支出.决算", "决算", "决算数")),
        ("{{ 收支.基本.决算数 }}", ("收支.基本.决算数", "基本", "基本支出")),
        ("{{ 项目明细.合计.项目名称 }}", ("项目明细.合计.项目名称", "项目名称", "")),
        ("{% for 项 in 项目明细 %}{{ 项.项目 }}{% endfor %}", ("项.项目", "项目", "项目名称")),
        ("{% for 项 in 项目明细 %}{% endfor %}{{ 项.序号 }}", ("项.序号", "项", "")),
        ("{% for 项 in 项目明细 %}{% set 名 = 1 %}{% endfor %}{{ 名 }}", ("名", "名", "")),
        ("{% set 表 = 项目明细 %}{{ 表.总数 }}", ("表.总数", "总数", "个数")),
        ("{{ (项目明细|筛选(项目名='甲')).个数 }}", ("项目名", "项目名", "项目名称")),
        ("{{ (项目明细|筛选(项目名称='甲')).合计.指标额 }}", ("指标额", "指标额", "指标总额")),
        ("{{ (项目明细|排序('项目名称', '指标总')).个数 }}", ("指标总", "指标总", "指标总额")),
        ("{{ (项目明细|倒序('指标总')).个数 }}", ("指标总", "指标总", "指标总额")),
        ("{{ (项目明细|order('指标额')).个数 }}", ("指标额", "指标额", "指标总额")),
        ("{{ 上年.整体支持 }}", ("上年.整体支持", "整体支持", "整体支出")),
        ("{{ 单位名称.items }}", ("单位名称.items", "items", "")),
        ("{{ 名 }}{% set 名 = 1 %}", ("名", "名", "")),
        ("{{ round(单位名, 1) }}", ("单位名", "单位名", "单位名称")),
    ],
)
def test_an_unknown_name_is_found_with_the_part_that_is_wrong(unknown, template, expected):
    assert unknown(template) == [expected]


def test_nothing_is_nearest_to_what_is_like_nothing():
    assert nearest("完全不同", ["单位名称", "年度"]) == ""
    assert nearest("单位名称全称", ["年度", "单位名称"]) == "单位名称"
    assert nearest("额", ["金额"]) == "金额"
