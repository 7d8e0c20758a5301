"""E1: files that are missing, unreadable, or no workbook of ours; and what is a bug."""

from reportgen.finding import Rule, Severity

_E, _N = Severity.ERROR, Severity.NOTE

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
TOO_LARGE = Rule(
    "E117",
    _E,
    "这份工作簿太大，内存不够，没有做。",
    "请删去用不着的行、列和工作表（多半是带格式的空行），另存后重试。",
)
TOO_SLOW = Rule(
    "E118",
    _E,
    "这份工作簿 {seconds} 秒还没有做完，没有等它。",
    "请看看是不是行数太多，或文件已损坏；另存后重试，还不行就发给技术支持。",
)
KILLED = Rule(
    "E119",
    _E,
    "做这份工作簿的程序中途退出了，没有做。",
    "文件多半已损坏：请在 Excel 或 WPS 中打开后另存为 .xlsx，再试一次。",
)
UNSAFE_FILE = Rule(
    "E121",
    _E,
    "没有打开：文件里有{what}，Excel 和 WPS 存的文件里不会有。",
    "请在 Excel 或 WPS 中打开原来的工作簿，另存为新的 .xlsx 再交；来路不明的不要打开。",
)
TOO_LARGE_FILE = Rule(
    "E122",
    _E,
    "文件太大，没有打开：{what}。",
    "请删去用不着的行、列、工作表和格式，压缩图片，另存后重试。",
)
NOT_DOWNLOADED = Rule(
    "E123",
    _E,
    "文件还在网盘上，没有下载到这台电脑，读不了。",
    "请连上网，在文件上点右键选“始终保留在此设备上”（或“下载到本地”），下载完再试。",
)
FAR_CELL = Rule(
    "E124",
    _E,
    "这一格离表太远（表里按 Ctrl+End 就会跳到那里），中间空着的格太多，没有读这份工作簿。",
    "请删去表以外用不着的行和列，另存后重试。",
)
NO_CLUSTER = Rule(
    "E120",
    _E,
    "用不了调度程序“{value}”：{what}。",
    "请核对地址；不用 --scheduler 就在这台电脑上做。",
)
BAD_NAME = Rule(
    "E125",
    _E,
    "文件名或文件夹名的编码不对，没有读这个文件。{nearest}",
    "请改名后重试；多半是解压缩时文件名的编码弄错了。",
)
BUG = Rule(
    "X999",
    _E,
    "程序自身出错，这份没有生成（{what}）。",
    "请把这次写出的诊断文件发给技术支持，里面没有填报的数。",
)
