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
TAG_LIKE = Rule(
    "T206", _E, "“{value}”不是标记，会照原样印出来。", "请写成 {better}，两个括号之间不留空格。")
TAG_TAIL = Rule(
    "T207", _E, "“{value}”只有标记的后一半。", "请在前面补上 {{{{ 或 {{%；一个标记要写在同一段里。")
MERGE_FIELD = Rule(
    "T208", _E, "“{value}”是 Word 的邮件合并域，程序不会填。", "请删去这个域，写成 {better}。{nearest}")
REVISIONS = Rule(
    "T209", _E, "有没接受的修订（{what}），第一处是“{value}”；生成的文档会带着修订的痕迹。",
    "请在 Word 的“审阅”里接受全部修订，关闭“修订”后保存。")
NOT_FILLED = Rule(
    "T210", _E, "“{value}”在{where}里，那里的标记不会填。", "请把它移到正文、表格、页眉或文本框里。")
CELL_TAG_OUTSIDE = Rule(
    "T211", _E, "“{value}”不在表格的格子里，它只管所在的那一格。", "请把它移进表格的格子，或删去。")

PRODUCT_TOTAL = Rule(
    "W701", _W, "“{label}”的合计会是各列合计再相乘（公式“{value}”），不是逐行相乘之和。",
    '要逐行之和，请给它写 total = "{section}.{label}|求和"；不要合计，请写 total = false。')
UNUSED_FIELDS = Rule(
    "N702", _N, "“{value}”填了没有用到：没有印到文档里，公式和核对也不用。", "请在模板里写上它的名称，或从 form.toml 里删去。")
NAME_IN_BRACKETS = Rule(
    "W703", _W, "“{value}”像是要填的地方，但不是标记，会照原样印出来。",
    "要填的，请写成 {better}；本来就要印的，可以不改。")
COMMENTS = Rule(
    "W704", _W, "有批注 {count} 条，会留在每一份文档里；第一条是“{value}”。",
    "请在 Word 的“审阅”里删去批注后保存。")
# fmt: on
