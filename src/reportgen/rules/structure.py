"""E2: the sheets, columns and items of a workbook."""

from reportgen.finding import Rule, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

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
    "表内有一行像是备注或落款：“{value}”。",
    "表里每一行都当作一项；请把它移到表外的列或别的工作表。",
)
OTHER_UOM = Rule(
    "E216",
    _E,
    "表头上方写的单位是“{value}”，这张表的金额按{uom}填。",
    "请把金额换算成{uom}，并改正这一行。",
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
NO_ERRORS_SEEN = Rule(
    "W217",
    _W,
    "这种文件格式（.xlsb）分不清空格和公式的错误值（如 #REF!），读成空的格可能不是空的。",
    "请在 Excel 或 WPS 中另存为 .xlsx 再交。",
)
