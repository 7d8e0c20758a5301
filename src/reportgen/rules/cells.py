"""E3: single cells, and the slots in narratives."""

from reportgen.finding import Rule, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

UNFILLED = Rule("E301", _E, "“{label}”没有填。", "{hint}")
UNFILLED_WHEN = Rule("E302", _E, "“{label}”没有填；{when}时必须填。", "{hint}")
NOT_A_NUMBER = Rule(
    "E303", _E, "“{label}”要填数字，填的是“{value}”。", "只填数字{uom}，例如 {example}。"
)
WRONG_UOM = Rule(
    "E304",
    _E,
    "“{label}”的单位是{uom}，填的是“{value}”。",
    "请换算成{uom}后只填数字，例如 {example}。",
)
NOT_AN_INTEGER = Rule(
    "E305", _E, "“{label}”要填整数，填的是“{value}”。", "请填整数，例如 {example}。"
)
TOO_MANY_PLACES = Rule(
    "E306",
    _E,
    "“{label}”最多 {places} 位小数，填的是“{value}”。",
    "请按 {places} 位小数四舍五入后再填。",
)
UNROUNDED = Rule(
    "W335",
    _W,
    "“{label}”的“{value}”有 {places} 位以上的小数，报告里会照印。",
    "多半是公式算出来的：请用 ROUND 取到要的位数，例如 =ROUND(A1/B1,2)。",
)
ODD_PERCENT = Rule(
    "E307",
    _E,
    "“{label}”填的是“{value}”，即 {percent}，说不清是不是这个意思。",
    "如果是 {value}%，请填 {value}%；如果确实是 {percent}，请把单元格格式改为“文本”，再填 {percent}。",
)
NOT_A_DATE = Rule(
    "E308", _E, "“{label}”要填日期，填的是“{value}”。", "例如 2026年3月5日 或 2026-3-5。"
)
ODD_DATE = Rule(
    "E334",
    _E,
    "“{label}”的格里是“{value}”，多半是在日期格里只填了年份或几个数字。",
    "请填完整的日期，例如 2026年3月5日；确实是这一天的，请把单元格格式改为“文本”再填。",
)
NOT_A_YEAR = Rule("E309", _E, "“{label}”要填四位年份，填的是“{value}”。", "例如 2025。")
NOT_A_CHOICE = Rule(
    "E310", _E, "“{label}”填的是“{value}”，不在可选项里。{nearest}", "请从下拉列表里选：{choices}。"
)
NOT_YES_NO = Rule("E311", _E, "“{label}”要填“是”或“否”，填的是“{value}”。", "请填“是”或“否”。")
BELOW_MINIMUM = Rule(
    "E312", _E, "“{label}”不能小于 {limit}，填的是“{value}”。", "请核对；没有这一项的填“不适用”。"
)
ABOVE_MAXIMUM = Rule(
    "E313", _E, "“{label}”不能大于 {limit}，填的是“{value}”。", "请核对；没有这一项的填“不适用”。"
)
WRONG_PATTERN = Rule("E314", _E, "“{label}”的写法不对，填的是“{value}”。", "{hint}")
NOT_UNIQUE = Rule(
    "E315", _E, "“{label}”的“{value}”与 {other} 重复。", "请改成不同的内容，或删去多余的一行。"
)
NOT_IN_SOURCE = Rule(
    "E316",
    _E,
    "“{label}”的“{value}”在“{source}”里没有。{nearest}",
    "请从下拉列表里选，或先在“{source}”里补上。",
)
ERROR_VALUE = Rule(
    "E317", _E, "“{label}”的单元格是错误值“{value}”。", "请改正这个单元格的公式或直接填数。"
)
UNCALCULATED = Rule(
    "E318",
    _E,
    "“{label}”是公式，但文件里没有算出的结果。",
    "请用 Excel 或 WPS 打开，保存一次后再交。",
)
UNFILLED_OR_ERROR = Rule(
    "E319",
    _E,
    "“{label}”未填或为错误值（这种文件格式分不清）。",
    "请打开核对；最好另存为 .xlsx 再交。",
)
LONG_NUMBER = Rule(
    "E320",
    _E,
    "“{label}”是超过 15 位的数字“{value}”，Excel 已丢掉末尾的数字。",
    "请把单元格格式设为“文本”，再重新填一遍。",
)
DATE_INSTEAD = Rule(
    "E321",
    _E,
    "“{label}”要填数字，单元格里是日期“{value}”。",
    "请把单元格格式改为“常规”，再重新填数。",
)
LINE_BREAKS = Rule("N322", _N, "“{label}”里的换行已改为空格。")
CONTROL_CHARACTERS = Rule(
    "W323", _W, "“{label}”里有看不见的控制字符，已去掉。", "多半是从别处粘贴带来的，请核对。"
)
BROKEN_CHARACTERS = Rule(
    "W333",
    _W,
    "“{label}”里有坏掉的字，在“{value}”的□处；报告里印成一个菱形问号。",
    "多半是表情符号或生僻字被截断，或文件转换过编码；请把这个字重新填上。",
)
HIDDEN = Rule("N324", _N, "{what}是隐藏的，内容照常读取。")
TOO_LONG = Rule(
    "E325", _E, "“{label}”有 {length} 个字，超过了单元格的上限 32767 个字。", "请分成几行填写。"
)
NO_LEVEL = Rule(
    "E326", _E, "标题“{value}”没有填级。", "请填 1 到 {deepest} 的整数；没有标题的段落不用填。"
)
TOO_DEEP = Rule(
    "E327", _E, "标题的级是“{value}”，本表最多 {deepest} 级。", "请填 1 到 {deepest} 的整数。"
)
REQUIRED_BUT_NONE = Rule(
    "W329",
    _W,
    "“{label}”是必填的数，填的是“{value}”：报告里照印，合计里不计。",
    "如果是零，请填 0；确实没有这一项的，可以不改。",
)
TYPED_OVER = Rule(
    "W332",
    _W,
    "“{label}”由程序计算，算得 {computed}，格里却是“{value}”；报告里用算得的数。",
    "灰色的格不用填；如果算得不对，请核对公式用到的数：{formula}。",
)
OWN_NUMBER = Rule(
    "W330",
    _W,
    "标题“{value}”自己带了序号，报告里会有两个序号。",
    "请删去标题前面的序号：序号由程序编。",
)
NO_HEADING = Rule(
    "W331", _W, "这一行只填了级，没有标题和正文。", "请补上标题或正文，或删去这一行。"
)
NO_PICTURE = Rule(
    "E328",
    _E,
    "“{label}”的图片“{value}”找不到或不是图片。",
    "请把图片（PNG、JPEG）插入这一格，或放在工作簿旁边、在格里填文件名。",
)

# slots in narratives: {{ 收支.合计.决算数 }}
# fmt: off
SLOT_UNKNOWN = Rule(
    "E340", _E, "“{label}”里写了“{value}”，表单里没有“{wrong}”。{nearest}",
    "请照工作簿里的栏目名改正大括号里的名称，或直接写出数字。")
SLOT_UNKNOWN_FILTER = Rule(
    "E341", _E, "“{label}”里写了“{value}”，没有“{wrong}”这种印法。{nearest}",
    "竖线后面可以写：万元、亿元、小数(2)、千分位、百分比、大写、年月日、增减、汉字。")
SLOT_NOT_ONE = Rule(
    "E342", _E, "“{label}”里写了“{value}”，这里只能放一个数或一个词，{what}。",
    "请写到具体的一格，例如 表名.行名.栏目名。")
SLOT_FAILED = Rule(
    "E343", _E, "“{label}”里的“{value}”印不出来：{what}。", "请改正或去掉竖线后面的部分。")
SLOT_BLANK = Rule(
    "W344", _W, "“{label}”里的“{value}”没有内容可印，句子会缺一块。",
    "请填上“{name}”，或改写这句话。")
SLOT_IN_CIRCLE = Rule(
    "E345", _E, "“{label}”里的“{value}”绕回了这段文字自己。", "请直接写出数字。")
TOO_MANY = Rule(
    "E346", _E, "错误太多：列出了前 {count} 处，后面的没有再看。",
    "请先改好列出的这些再检查；多半是一整列填错了，或整片粘贴了别的表。")
# fmt: on
