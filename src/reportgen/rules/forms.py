"""F: the form's definition."""

from reportgen.finding import Rule, Severity

_E = Severity.ERROR

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

# what lint says of a form that can be read
# fmt: off
FORM_NEVER = Rule(
    "F010", _E, "{key}里的“{value}”{always}：{why}。{nearest}", "{hint}")
# fmt: on
