"""T2, W7, N7: what ``reportgen lint`` finds beyond what keeps a form or a template from being read."""

from reportgen.finding import Rule, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

# fmt: off
LIST_AS_VALUE = Rule(
    "T201", _E, "“{value}”是{what}，这里要的是一个值。", "{hint}")
VALUE_AS_LIST = Rule(
    "T202", _E, "“{value}”是{what}，不能用 for 逐行印。", "for 后面要写一张表{tables}。")
FILTER_MISFIT = Rule(
    "T203", _E, "“{value}”印不出来：{what}。", "{hint}")
ENDLESS = Rule(
    "T204", _E, "“{value}”是除出来的数，没有说印几位小数，除不尽时就印不出来。",
    "请写明位数，例如 {{{{ {better} }}}}{places}。")
NEVER = Rule(
    "T205", _E, "条件“{value}”{always}：{why}。{nearest}", "{hint}")

PRODUCT_TOTAL = Rule(
    "W701", _W, "“{label}”的合计会是各列合计再相乘（公式“{value}”），不是逐行相乘之和。",
    '要逐行之和，请给它写 total = "{section}.{label}|求和"；不要合计，请写 total = false。')
UNUSED_FIELDS = Rule(
    "N702", _N, "“{value}”填了没有用到：没有印到文档里，公式和核对也不用。", "请在模板里写上它的名称，或从 form.toml 里删去。")
# fmt: on
