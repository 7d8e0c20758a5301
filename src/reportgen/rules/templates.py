"""T: Word templates, what they may not carry, and what must hold of each document made from one."""

from reportgen.finding import Rule, Severity

_E, _W = Severity.ERROR, Severity.WARNING

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
    "T105",
    _E,
    "模板“{template}”里的“{value}”算不下去：{what}（{where}）。",
    "请核对这个标记，以及它用到的填报项。",
)
TEMPLATE_RESULT = Rule(
    "T106", _E, "用模板“{template}”生成的文档有问题：{what}。", "请核对模板里“{value}”的标记。"
)
TAG_HALF = Rule(
    "T107", _E, "标记“{value}”只有一半。", "请补上结尾的 }}}} 或 %}}；一个标记要写在同一段里。"
)
TAG_UNCLOSED = Rule("T108", _E, "“{value}”没有结束。", "请在它管到的内容之后写上“{end}”。")
TAG_UNOPENED = Rule(
    "T109", _E, "多出一个“{value}”，前面没有与它成对的 {start}。", "请删去它，或补上前一半。"
)
TAG_LEVELS = Rule(
    "T110", _E, "“{value}”和“{end}”不在同一层（{levels}），生成的文档会丢字或打不开。",
    "请把两个标记放在同一层：都在正文的段落里，或都在同一张表的行里。",
)  # fmt: skip
TAG_SWALLOWS = Rule(
    "T111", _E, "“{value}”夹在文字中间，整{what}会被它换掉，旁边的文字就没有了。",
    "请把它移到这一{what}的最前或最后，或让它单独占一{what}。",
)  # fmt: skip
TAG_NO_TABLE = Rule(
    "T112", _E, "“{value}”不在表格里。", "“{{%{level} ”只能用在表格里；管段落的请用“{{%p ”。"
)
TAGS_MORE = Rule(
    "T113",
    _E,
    "这一部分写得不对的标记太多，只列出了前 {count} 个。",
    "请先改正列出的，再检查一次。",
)
NOT_INCLUDED = Rule(
    "T501", _E, "“{value}”插不进来：{what}。", "请把文件放进表单的文件夹，文件名照写，一段写一个。"
)
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
