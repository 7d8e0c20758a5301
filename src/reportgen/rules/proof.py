"""T6: what a Word template may not carry, and what must hold of each document made from it."""

from reportgen.finding import Rule, Severity

_E, _W = Severity.ERROR, Severity.WARNING

# fmt: off
VALUE_LOST = Rule(
    "T601", _E, "“{value}”没有印进文档（{part}），所以没有生成。",
    "请把模板“{template}”里印它的标记放在普通的文字里；已经是的，请把这一行发给技术支持。")
DOCUMENT_UNSOUND = Rule(
    "T602", _E, "用模板“{template}”生成的文档不完整：{what}（{part}），所以没有生成。",
    "请核对模板这一部分里成对的标记；找不出原因的，请把这一行和模板发给技术支持。")
TAG_LEFT_OVER = Rule(
    "T603", _E, "文档里会留下没有填的标记“{value}”（{part}），所以没有生成。",
    "请在模板“{template}”里重新写这个标记：先删去，再从头打一遍。")
TEMPLATE_CARRIES = Rule(
    "T605", _E, "模板里有{what}，不能带进文档。",
    "请在 Word 里删去，或改成普通的文字、图片，再另存为 .docx。")
TEMPLATE_DROPS = Rule(
    "W706", _W, "模板里有{what}，生成的文档里不带。",
    "文档不需要它；要不再提示，请在 Word 里去掉后另存为 .docx。")
# fmt: on
