"""E5: documents and output; E6: the bureau's approvals (核准.xlsx)."""

from reportgen.finding import Rule, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

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
    "E503",
    _E,
    "写不了“{value}”。",
    "多半正在 Word 或 WPS 中打开，或没有写入权限，或同名的已是别的东西；请关闭或移走后重试。",
)
LEADS_OUT = Rule(
    "E516",
    _E,
    "“{value}”没有写：输出文件夹里的这个子文件夹是一个链接，通到别处去了。",
    "请删去这个链接，或换一个输出文件夹（-o）。",
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
ALREADY_THERE = Rule(
    "E518", _E, "这里已经有“{value}”，一个文件也没有写。", "请另写一个文件夹，例如 {better}。"
)
NOTHING_FAILED = Rule("N519", _N, "上次没有做失败的工作簿，这次没有要做的。")
STALE = Rule(
    "N507", _N, "上次生成的“{value}”还在，它不是按现在的内容生成的。", "改正错误后会重新生成。"
)
EDITED_TWICE = Rule(
    "W508",
    _W,
    "“{value}”和“{other}”都被人改过，新的内容没有写。",
    "请把要保留的一份移走或改名，再生成一次。",
)
OUTPUT_IN_USE = Rule(
    "E511",
    _E,
    "另一个 reportgen 正在往“{value}”里写。",
    "请等它做完再运行，或用 -o 换一个文件夹。",
)
LEFT_BEHIND = Rule(
    "N512",
    _N,
    "“{value}”还在，但{why}。",
    "核对后不要的请自己删去，本程序不删。",
)
OUTPUT_LOST = Rule(
    "E514",
    _E,
    "{what}，“{value}”里写不进去，停在这里：还有 {count} 份工作簿没有做。",
    "已经写好的都是完整的；排除以后再运行一次，会接着做完。",
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
