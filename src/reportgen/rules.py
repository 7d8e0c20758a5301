"""The catalogue: every message that the program can give, once.

E1 files, E2 the structure of a workbook, E3 single cells, E4 numbers that must agree, E5 documents
and output, E6 the bureau's approvals, F the form's definition, T Word templates; W and N are
warnings and notes.
A form's own checks ([[check]]) bring their own codes.
"""

from collections.abc import Mapping
from types import MappingProxyType

from reportgen.finding import Rule, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

# files
MISSING_FILE = Rule("E101", _E, "找不到这个文件或文件夹。", "请核对路径和文件名。")
EMPTY_FILE = Rule("E102", _E, "文件是空的（0 字节）。", "请重新保存或重新发送一次。")
NOT_A_WORKBOOK = Rule(
    "E103", _E, "不是 Excel 工作簿：{what}。", "请在 Excel 或 WPS 中打开后另存为 .xlsx 再交。"
)
ENCRYPTED = Rule(
    "E104", _E, "工作簿设了打开密码，读不了。", "请在 Excel 或 WPS 中取消打开密码后另存。"
)
DAMAGED = Rule(
    "E105", _E, "工作簿已损坏或没有传完整，读不了。", "请在 Excel 或 WPS 中重新保存，再发送一次。"
)
NO_PERMISSION = Rule(
    "E106", _E, "没有权限读这个文件，或它正被别的程序占用。", "请关闭占用它的程序后重试。"
)
NO_INPUT = Rule(
    "E107", _E, "没有找到可读的工作簿。", "请把填好的工作簿（.xlsx 等）放进这个文件夹。"
)
SKIPPED = Rule("N108", _N, "跳过：{what}。")
NO_FORM = Rule(
    "E109", _E, "{what}。", "请用 --form 指明表单，或在有 templates 文件夹的目录里运行。"
)
OTHER_FORM = Rule(
    "E110", _E, "工作簿是按表单“{value}”生成的，这次用的是“{form}”。", "请核对交来的文件或 --form。"
)
BAD_VALUES = Rule(
    "E111",
    _E,
    "填报值文件读不了：{what}。",
    "请写成 TOML 或 JSON，UTF-8 编码：{{表名: {{填报项: 值}}}}。",
)
UNKNOWN_VALUE = Rule(
    "E112", _E, "表单里没有“{value}”{nearest}。", "请改成表单里的名称，或删去这一项。"
)
BAD_VALUE_SHAPE = Rule("E113", _E, "“{value}”的写法不对：{what}。", "请照表单的结构写。")
RENEWED = Rule(
    "N114",
    _N,
    "退回件不是原文件的副本，是按表单重新生成的：{why}。",
    "填的内容都在；自己加的工作表、列和批注不在退回件里。原文件没有改动。",
)
COPIES_AMONG_INPUTS = Rule(
    "E116",
    _E,
    "退回件不能放在“{value}”：那里是交来的工作簿。",
    "请用 --mark 指定另一个文件夹，例如 --mark 退回件。",
)
NO_COPY = Rule("N115", _N, "这份工作簿没有退回件：读不出填报的内容。")

# structure of a workbook
FOREIGN = Rule(
    "E214",
    _E,
    "不是“{value}”的填报工作簿：它的工作表一张也没有。",
    "请核对是不是发错了文件；填报要用下发的工作簿。",
)
NO_SHEET = Rule(
    "E201", _E, "缺少工作表“{value}”。", "请使用最新下发的工作簿，不要删除工作表或改名。{nearest}"
)
EXTRA_SHEET = Rule("N202", _N, "多出的工作表“{value}”不会读取。{nearest}")
NO_HEADER = Rule(
    "E203", _E, "工作表里找不到表头“{value}”。", "请恢复表头这一行，文字与下发的一致。"
)
NO_COLUMN = Rule("E204", _E, "缺少“{value}”这一{unit}。", "请恢复它，名称与下发的一致。{nearest}")
EXTRA_COLUMN = Rule("N205", _N, "多出的一{unit}“{value}”不会读取。{nearest}")
TWICE = Rule("E206", _E, "“{value}”在这张表里出现了不止一次（另见 {other}）。", "请只保留一处。")
OLD_VERSION = Rule(
    "W207",
    _W,
    "工作簿是按旧版本“{value}”生成的，现行版本是 {version}。",
    "已按名称读取；请核对新增的填报项，下次使用新版工作簿。",
)
TOTAL_ROW = Rule(
    "E208", _E, "表内有一行“{value}”。", "请删去这一行：合计由程序计算，显示在表头上方。"
)
REMARK_ROW = Rule(
    "E215",
    _E,
    "表内有一行像是备注：“{value}”。",
    "表里每一行都当作一项；请把备注移到表外的列或别的工作表。",
)
NEWER_VERSION = Rule(
    "W209",
    _W,
    "工作簿的版本“{value}”比现行表单 {version} 还新。",
    "请更新 templates 文件夹里的表单。",
)
NOT_APPLICABLE_SECTION = Rule(
    "W210", _W, "这张表本次不用填（{when}），已填的内容不会进入文档。", "如需使用，请改正相关选项。"
)
NOT_APPLICABLE_FIELD = Rule(
    "W211",
    _W,
    "“{label}”本次不用填（只在{when}时填），已填的“{value}”不会进入文档。",
    "如需使用，请改正相关选项。",
)
SHEET_TWICE = Rule(
    "E213", _E, "“{value}”有不止一张工作表（另见“{other}”）。", "请只保留一张，删去另一张。"
)
MERGED = Rule(
    "W212",
    _W,
    "单元格“{value}”是合并的，只读左上角那一格。",
    "请取消合并，每一行都填上自己的内容。",
)

# single cells
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
ODD_PERCENT = Rule(
    "E307",
    _E,
    "“{label}”填的是“{value}”，即 {percent}，说不清是不是这个意思。",
    "如果是 {value}%，请填 {value}%；如果确实是 {percent}，请把单元格格式改为“文本”，再填 {percent}。",
)
NOT_A_DATE = Rule(
    "E308", _E, "“{label}”要填日期，填的是“{value}”。", "例如 2026年3月5日 或 2026-3-5。"
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
    "E328", _E, "“{label}”的图片“{value}”找不到或不是图片。", "请把图片放在工作簿旁边，填文件名。"
)

# slots in narratives: {{ 收支.合计.决算数 }}
# fmt: off
SLOT_UNKNOWN = Rule(
    "E340", _E, "“{label}”里写了“{value}”，表单里没有“{wrong}”。{nearest}",
    "请照工作簿里的栏目名改正大括号里的名称，或直接写出数字。")
SLOT_UNKNOWN_FILTER = Rule(
    "E341", _E, "“{label}”里写了“{value}”，没有“{wrong}”这种印法。{nearest}",
    "竖线后面可以写：万元、亿元、小数(2)、千分位、百分比、年月日、增减、汉字。")
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
# fmt: on

# numbers that must agree
DIVISOR_ZERO = Rule(
    "W401", _W, "“{label}”算不出来：除数为 0{then}。", "公式：{formula}。请核对各数。"
)
NOT_CALCULABLE = Rule(
    "E402", _E, "“{label}”算不出来：“{value}”不是数。", "请把那一格改成数；公式：{formula}。"
)

# what narratives say of themselves; a sentence is read by patterns, so these are warnings
# fmt: off
LIST_COUNT = Rule(
    "W411", _W, "“{label}”里“{value}”：写的是 {counted}，列出的有 {listed} 项。",
    "请核对个数和名单；名单没有列全的，在最后加“等”字。")
PARTS_SUM = Rule(
    "W412", _W, "“{label}”里“{value}”：各部分 {added}，与写的 {stated} 相差 {apart}。",
    "请核对总数和各部分的数；没有列全的，在最后加“等”字。")
PART_TOO_LARGE = Rule(
    "W413", _W, "“{label}”里“{value}”：其中的 {added} 大于总数 {stated}。", "请核对这两个数。")
SHARES_SUM = Rule(
    "W414", _W, "“{label}”里“{value}”：{number} 个占比之和是 {total}，不是 100%。",
    "请核对各项占比。")
RESTATED = Rule(
    "W415", _W, "“{label}”里“{value}”，而“{name}”是 {ours}。",
    "请核对；可以写成大括号里的名称，由程序填数：{{{{ {name} }}}}。")
# fmt: on

# documents and output
NO_DOCUMENT = Rule(
    "E501", _E, "没有一份文档适用于这份工作簿。", "请核对决定用哪个模板的填报项：{when}。"
)
NO_ROWS = Rule("N510", _N, "没有要生成的文档：按行生成的表里一行也没有。")
SAME_NAME = Rule(
    "E502",
    _E,
    "有两份文档要写成同一个文件“{value}”（另见 {other}）。",
    "请核对单位名称和文件名规则。",
)
CANNOT_WRITE = Rule(
    "E503", _E, "写不了“{value}”。", "多半正在 Word 或 WPS 中打开，或文件夹只读；请关闭后重试。"
)
EDITED = Rule(
    "N504",
    _N,
    "“{value}”生成后被人改过（或不是本程序生成的），没有覆盖。",
    "新的一份写在“{other}”。",
)
NO_NAME = Rule("E505", _E, "文档的文件名是空的。", "请核对文件名规则“{value}”里用到的填报项。")
NAME_FAILED = Rule(
    "E509", _E, "文档的文件名算不出来：{what}。", "请核对文件名规则“{value}”里用到的填报项。"
)
OUTPUT_UNUSABLE = Rule(
    "E506", _E, "输出文件夹不能用：{what}。", "请换一个文件夹（-o），或检查权限和磁盘空间。"
)
STALE = Rule(
    "N507", _N, "上次生成的“{value}”还在，它不是按现在的内容生成的。", "改正错误后会重新生成。"
)
EDITED_TWICE = Rule(
    "W508",
    _W,
    "“{value}”和“{other}”都被人改过，新的内容没有写。",
    "请把要保留的一份移走或改名，再生成一次。",
)

# the bureau's approvals (核准.xlsx)
NO_APPROVAL_HEADINGS = Rule(
    "E601", _E, "核准表里找不到表头“{value}”。", "请在一行里写 单位、代码、理由，需要时加 位置。"
)
APPROVAL_INCOMPLETE = Rule(
    "E602", _E, "核准表的这一行没有填“{label}”，不作数。", "单位、代码、理由都要填。"
)
APPROVAL_OF_NO_CODE = Rule(
    "E603", _E, "没有“{value}”这个代码。{nearest}", "请照检查结果里的代码填。"
)
CANNOT_BE_APPROVED = Rule(
    "E604",
    _E,
    "“{value}”不能核准。",
    "能核准的是填报内容的错误和警告；读不了的格和文件、表单和模板的错误只能改正。",
)
APPROVAL_OF_NO_UNIT = Rule(
    "N605",
    _N,
    "这次检查的工作簿里没有单位“{value}”。{nearest}",
    "请核对单位名称或单位代码（代码按文本填，开头的 0 不能少）。",
)
APPROVAL_UNUSED = Rule(
    "N606",
    _N,
    "给“{unit}”核准的“{value}”没有用上。",
    "已经改正的，可以删去这一行；没有改正的，请核对位置。",
)

# the form's definition
FORM_UNREADABLE = Rule("F001", _E, "{what}。", "{hint}")
FORM_KEY = Rule("F002", _E, "不认识“{value}”这一项。{nearest}", "可用的有：{known}。")
FORM_MISSING = Rule("F003", _E, "缺少“{value}”。", "{hint}")
FORM_VALUE = Rule("F004", _E, "“{key}”写的是 {value}，{what}。", "{hint}")
FORM_NAME_TWICE = Rule(
    "F005", _E, "“{value}”这个名称用了不止一次。", "请改名，一个名称只能指一样东西。"
)
FORM_RESERVED = Rule("F006", _E, "“{value}”是保留的名称。", "请换一个名称；{reserved}由程序给出。")
FORM_EXPRESSION = Rule(
    "F007",
    _E,
    "{key}“{value}”看不懂：{what}。",
    "写法与 Word 模板里的一样，例如 年初预算数 + 调整数。",
)
FORM_UNKNOWN_NAME = Rule("F008", _E, "{key}里的“{value}”在表单里没有。{nearest}", "请核对名称。")
FORM_CYCLE = Rule("F009", _E, "“{value}”的公式绕回了它自己：{path}。", "请检查这些公式和 when。")

# Word templates
TEMPLATE_MISSING = Rule(
    "T101", _E, "找不到 Word 模板“{value}”。", "请放回表单的文件夹，或改正 form.toml 里的文件名。"
)
TEMPLATE_UNREADABLE = Rule(
    "T102", _E, "Word 模板打不开：{what}。", "请在 Word 或 WPS 中另存为 .docx。"
)
TEMPLATE_SYNTAX = Rule(
    "T103", _E, "模板里的标记写得不对：{what}。", "请核对“{value}”一带的括号和结束标记。"
)
TEMPLATE_UNKNOWN_NAME = Rule(
    "T104", _E, "模板用了“{value}”，表单里没有“{wrong}”。{nearest}", "请改正模板里的名称。"
)
TEMPLATE_FAILED = Rule(
    "T105", _E, "模板“{template}”在这里算不下去：{what}。", "请核对“{value}”一带的标记。"
)
TEMPLATE_RESULT = Rule(
    "T106", _E, "用模板“{template}”生成的文档有问题：{what}。", "请核对模板里“{value}”的标记。"
)

# anything else
BUG = Rule(
    "X999", _E, "程序自身出错，这份没有生成（{what}）。", "请把这一行和工作簿一起发给技术支持。"
)

#: Every rule by its code.
CATALOGUE: Mapping[str, Rule] = MappingProxyType(
    {rule.code: rule for rule in tuple(globals().values()) if isinstance(rule, Rule)}
)
