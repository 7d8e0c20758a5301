"""T: Word templates."""

from reportgen.finding import Rule, Severity

_E = Severity.ERROR

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
