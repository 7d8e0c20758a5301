"""E8: the campaign: the list of units (名单.xlsx), last year's workbooks, one unit beside another."""

from reportgen.finding import Rule, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

# what was filled in before the unit got its workbook
MADE_FOR_OTHER = Rule(
    "E806",
    _E,
    "这份工作簿发下来时“{label}”是“{given}”，现在填的是“{value}”。",
    "用错了工作簿的，请换成本单位的那一份；名称、代码改了的，请告诉联系人，由发表的一方重新发。",
)
CARRIED_CHANGED = Rule(
    "W807",
    _W,
    "“{label}”是从上年带入的“{given}”，现在是“{value}”。",
    "请改回带入的数；上年的数确实有误的，写一句说明。",
)

# last year's workbooks
LAST_YEAR_TWICE = Rule(
    "E811",
    _E,
    "“{value}”的上年工作簿有 {count} 份：{files}；不知道带哪一份，这个单位的工作簿没有生成。",
    "请只留下最后报的那一份，再生成一次。",
)
LAST_YEAR_UNCLEAR = Rule(
    "E812",
    _E,
    "上年的这份工作簿，单位名称“{value}”和单位代码“{code}”在名单里不是同一个单位，没有带入。",
    "请核对名单；“{unit}”和“{other}”的工作簿没有生成，改好再生成一次。",
)
NOT_CARRIED = Rule(
    "W815",
    _W,
    "上年的这份工作簿没有全部带入：{what}",
    "没有带入的，由单位自己填；要带入的，改好上年的工作簿再生成一次。",
)
LAST_YEAR_OF_NO_UNIT = Rule(
    "N813",
    _N,
    "上年的“{value}”不在今年的名单里。{nearest}",
    "改了名的，请在名单的“曾用名”一栏写上这个名称，再生成一次。",
)
LAST_YEAR_RENAMED = Rule(
    "N814",
    _N,
    "按代码“{code}”对上：上年叫“{value}”，今年叫“{unit}”。",
    "不是同一个单位的，请核对名单里的代码。",
)
NO_LAST_YEAR = Rule(
    "N816", _N, "{count} 个单位没有上年的工作簿：{units}。", "上年数由这些单位自己填。"
)

# what has come, against the list and beside each other
SEVERAL_FILES = Rule(
    "E821",
    _E,
    "“{value}”交了 {count} 份工作簿：{files}。",
    "一个单位只能有一份；请留下最后交的那一份，其余的移出这个文件夹。",
)
NOT_AS_LISTED = Rule(
    "E822",
    _E,
    "“{label}”填的是“{value}”，和名单不一致：{what}。",
    "请照名单改正；名单错了的，请改名单。",
)
NOT_LISTED = Rule(
    "E823",
    _E,
    "名单里没有单位“{value}”。{nearest}",
    "请核对单位名称和单位代码；漏列的，请补进名单。",
)
COPIED_TEXT = Rule(
    "W824",
    _W,
    "“{label}”里有 {count} 段长文字和别的单位的一样（数字、标点和自己的名称不算）：{others}。",
    "请写本单位的情况；确实相同的，写一句说明。",
)
FOREIGN_NAME = Rule(
    "W825",
    _W,
    "“{label}”里写着别的单位“{value}”。",
    "从那里抄来的，请改成本单位的情况；确实要提到它的，写一句说明。",
)
NOT_SENT = Rule("N826", _N, "名单里有 {count} 个单位还没有报：{units}。", "请催报。")

# the list of units
NO_ROSTER_HEADINGS = Rule(
    "E801",
    _E,
    "名单里找不到表头“{value}”。",
    "请在一行里写 单位代码、单位名称，下面一行一个单位；改过名的另加一栏“曾用名”。",
)
ROSTER_INCOMPLETE = Rule(
    "E802", _E, "名单的这一行没有填“{label}”。", "请补上单位全称，或删去这一行。"
)
ROSTER_CODE_TWICE = Rule(
    "E803",
    _E,
    "单位代码“{value}”给了两个单位：“{unit}”，和 {other} 的“{namesake}”。",
    "一个代码只能是一个单位的，请核对。",
)
ROSTER_UNIT_TWICE = Rule(
    "E804",
    _E,
    "单位“{value}”在名单里写了两次，另一处在 {other}。",
    "请删去一处；确实是两个单位的，请写全称。",
)
ROSTER_CODE_NUMBER = Rule(
    "W805",
    _W,
    "单位代码“{value}”是按数字填的，各个代码长短不一，开头的 0 多半已经丢了。",
    "请把代码一栏设为文本格式，再把代码重填一遍。",
)
