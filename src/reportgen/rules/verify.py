"""E53: Word documents that ``reportgen verify`` looks through, whoever made them."""

from reportgen.finding import Rule, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

NOT_A_DOCUMENT = Rule(
    "E531",
    _E,
    "这不是能打开的 Word 文档：{what}。",
    "请重新生成或重新取一份；在 Word 或 WPS 里还能打开的，另存为 .docx。",
)
DOCUMENT_BROKEN = Rule(
    "E532",
    _E,
    "Word 会打不开，或少显示内容：{what}。",
    "请用 reportgen build --force 重新生成；人工改过的，请在 Word 里打开、核对后另存为 .docx。",
)
DOCUMENT_CARRIES = Rule(
    "E533",
    _E,
    "文档里有{what}，不能随正式文件发出去。",
    "请核对是谁加进去的；在 Word 里删去，或用 reportgen build --force 重新生成。",
)
DOCUMENT_IRREGULAR = Rule(
    "W534",
    _W,
    "不合文件格式的标准：{what}。",
    "Word 一般照常打开，别的软件不一定；在 Word 里打开后另存为 .docx，多半就好了。",
)
NOT_FILLED_IN = Rule(
    "W535",
    _W,
    "有像是没有填好的文字“{value}”。",
    "请核对：该填内容的，改正模板或工作簿后重新生成；单位本来就这样写的，可以不改。",
)
DOCUMENT_MORE = Rule("N536", _N, "问题超过 {count} 处，后面的没有列出。")
EDITED_SINCE = Rule(
    "N537",
    _N,
    "生成以后被人改过，不是本程序写的那一份了。",
    "请核对改了什么；要原样的，把它移走或改名，再运行 reportgen build。",
)
VERIFY_TOO_MUCH = Rule(
    "E538",
    _E,
    "这份文档没有看完：{what}。",
    "多半是损坏的或有人做过手脚的文件：不要打开，请重新生成或重新取一份。",
)
NO_DOCX = Rule(
    "E539",
    _E,
    "没有找到 Word 文档（.docx）。",
    "请写明文件或文件夹，例如 reportgen verify outputs。",
)
