"""The parts of ``form.toml`` and their keys, a row each: the parser asks here which keys there are.

The rows are also the reference of the manual (``docs/manual.py``), so that it cannot name a key
that the parser does not know, nor miss one.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Key(NamedTuple):
    """A key: what it takes, what holds without it (``必填``: it must be there), what it is for.

    ``example`` is TOML with this key in it, ``wrong`` the same with a usual mistake; ``where`` is
    the kind of section that both need, if only that one takes the key.
    """

    name: str
    takes: str
    without: str
    what: str
    example: str
    wrong: str
    where: str = ""


REQUIRED = "必填"
_TEXT, _TEXTS, _TRUTH, _FORMULA, _CONDITION = "文字", "一列文字", "true 或 false", "公式", "条件"

_TOP = (
    Key("form", "一节", REQUIRED, "表单叫什么、第几版、哪一项是单位名称", "[form]", "[[form]]"),
    Key("section", "几节", REQUIRED, "一节是工作簿里的一张表，至少一节，先后就是表的先后", "[[section]]", "[section]"),
    Key("computed", "几节", "没有", "一节是整份表单的一个数，由公式算出", "[[computed]]", "[computed]"),
    Key("check", "几节", "没有", "一节是一条核对规则（勾稽关系）", "[[check]]", "[check]"),
    Key("summary", "几节", "没有", "一节是 汇总.xlsx 里的一栏，一个单位一行", "[[summary]]", "[summary]"),
    Key("document", "几节", "没有", "一节是一种 Word 文档：用哪个模板，文件叫什么", "[[document]]", "[document]"),
)  # fmt: skip

_FORM = (
    Key("id", _TEXT, REQUIRED, "表单的代号；写进每份工作簿，生成时凭它找到表单，各表单不能相同", 'id = "training"', "id = 7"),
    Key("title", _TEXT, REQUIRED, "表单的名称，写在工作簿的第一张表上", 'title = "培训情况"', "title = true"),
    Key("version", _TEXT, REQUIRED, "第几版；栏目改了就换一个，交回旧版的工作簿会有警告", 'version = "2026.1"', "version = 2026.1"),
    Key("unit", "填报项的名称", REQUIRED, "哪一项是单位名称", 'unit = "单位名称"', 'unit = "单位名"'),
    Key("code", "填报项的名称", "没有", "哪一项是单位代码；名单按它对", 'code = "单位代码"', 'code = "单位编码"'),
    Key("deadline", "日期", "不写", "报送截止，写在工作簿的第一张表上", "deadline = 2027-03-15", 'deadline = "2027-03-15"'),
    Key("contact", _TEXT, "不写", "有疑问找谁，写在工作簿的第一张表上", 'contact = "县财政局 0731-00000000"', "contact = 12345"),
)  # fmt: skip

_SECTION = (
    Key("label", _TEXT, REQUIRED, "表的名称：工作表的标题，也是模板和公式里的名称", 'label = "外出学习"', 'label = "收入/支出"'),
    Key("kind", "record、grid、table、outline 之一", REQUIRED, "表的样子：record 一项一行；grid 行和列都固定；table 一行一条，行数不限；outline 分级的标题和正文", 'kind = "record"', 'kind = "list"'),
    Key("fields", "一列填报项", REQUIRED, "record 和 table 的填报项", 'fields = [{ label = "地点" }]', 'fields = ["地点"]', "record"),
    Key("columns", "一列填报项", REQUIRED, "grid 的列；只有名称的，写名称就行，是数（decimal）", 'columns = ["预算数", "决算数"]', 'columns = "预算数"', "grid"),
    Key("rows", "一列行", REQUIRED, "grid 的行", 'rows = ["讲课费", "场地费"]', "rows = []", "grid"),
    Key("uom", _TEXT, "没有", "整张表里 decimal 的计量单位，某一列可以另写", 'uom = "万元"', "uom = 1", "grid"),
    Key("hint", _TEXT, "不写", "怎么填这张表，印在表的上面", 'hint = "一期一行"', "hint = true"),
    Key("numbering", _TEXTS, "一、 （一） 1. （1）", "outline 各级标题的编号", 'numbering = ["1.", "（1）"]', 'numbering = ["第 章"]', "outline"),
    Key("start", "1 到 4 的整数", "1", "outline 的第一级在文档里是第几级标题", "start = 3", "start = 5", "outline"),
    Key("when", _CONDITION, "总是要填", "什么时候才填这张表", 'when = "在职人数 > 10"', 'when = "在职人 > 10"'),
    Key("empty", _TEXT, "整张表去掉", "一行也没有时，文档里代替这张表的一句话", 'empty = "本年度没有举办培训班。"', "empty = 0", "table"),
    Key("was", _TEXTS, "没有", "以前叫过的名称；旧工作簿、旧模板照样认得", 'was = ["培训班次"]', 'was = "培训班次"'),
)  # fmt: skip

_FIELD = (
    Key("label", _TEXT, REQUIRED, "栏目名，也是模板和公式里的名称", 'label = "地点"', 'label = "合计"'),
    Key("type", "类型的名称", "text；grid 的列和有 formula 的是 decimal；有 choices 的是 choice", "填什么样的内容，见下面的类型表", 'type = "integer"', 'type = "number"'),
    Key("uom", _TEXT, "没有；decimal 用表的", "计量单位，只有数才有", 'type = "decimal", uom = "万元"', 'uom = "万元"'),
    Key("group", _TEXT, "没有", "两层表头的上一层，相邻的几列写同一个", 'group = "人数"', "group = 1", "table"),
    Key("hint", _TEXT, "按类型写一句", "点到这一格时显示的话", 'hint = "填全称"', "hint = true"),
    Key("example", _TEXT, "按类型给一个", "例子，写在提示和改法里", 'example = "101001"', "example = 101001"),
    Key("required", "true、false 或条件", "false", "不能空着；写条件的，条件成立时不能空着", 'required = "金额 > 10"', 'required = "是"'),
    Key("when", _CONDITION, "总是要填", "什么时候才填", 'when = "金额 > 0"', 'when = "金额 + 1"'),
    Key("unique", _TRUTH, "false", "各行不能相同", "unique = true", 'unique = "true"', "table"),
    Key("choices", _TEXTS, "没有", "下拉列表里的选项", 'choices = ["线上", "线下"]', 'choices = "线上、线下"'),
    Key("from", "表名.项名", "没有", "下拉列表来自另一张表的这一栏", 'from = "培训班.班名"', 'from = "班名"'),
    Key("minimum", "数或日期", "没有", "最小可以填多少，等于它也行", 'type = "decimal", minimum = 0', "minimum = 0"),
    Key("maximum", "数或日期", "没有", "最大可以填多少，等于它也行", 'type = "integer", maximum = 100', 'type = "decimal", minimum = 9, maximum = 1'),
    Key("pattern", "正则表达式", "没有", "文字的写法，整格都要合", 'pattern = "[0-9]{6}"', 'pattern = "[0-9"'),
    Key("places", "0 到 10 的整数", "照填的印", "印几位小数，也是最多可以填几位", 'type = "decimal", places = 2', "places = 2"),
    Key("blank", _TEXT, "空着", "没有填时印什么", 'blank = "无"', "blank = 0"),
    Key("formula", _FORMULA, "没有", "由程序算，不用填；只能算出数", 'type = "decimal", formula = "金额 * 2"', 'type = "text", formula = "金额 * 2"'),
    Key("total", "true、false 或公式", "true；percent 和 year 没有", "这一列有没有合计；写公式的，合计按公式算", 'type = "decimal", total = false', "total = true"),
    Key("prior", "true、false 或公式", "false", "从上年的工作簿带来；名称变了的，写上年的名称", "prior = true", "prior = 1"),
    Key("was", _TEXTS, "没有", "以前叫过的名称", 'was = ["培训地点"]', 'was = "培训地点"'),
)  # fmt: skip

_ROW = (
    Key("label", _TEXT, REQUIRED, "行的名称", 'label = "讲课费"', 'label = "上年"'),
    Key("formula", _FORMULA, "没有", "这一行由别的行算出", 'label = "小计", formula = "讲课费 + 场地费"', 'label = "小计", formula = "讲课 + 场地费"'),
    Key("hint", _TEXT, "不写", "怎么填这一行", 'label = "场地费", hint = "含设备"', 'label = "场地费", hint = 1'),
    Key("was", _TEXTS, "没有", "以前叫过的名称", 'label = "讲课费", was = ["师资费"]', 'label = "讲课费", was = "师资费"'),
)  # fmt: skip

_COMPUTED = (
    Key("label", _TEXT, REQUIRED, "名称", 'label = "人均费用"', 'label = "合计"'),
    Key("formula", _FORMULA, REQUIRED, "怎么算", 'formula = "培训班.合计.金额"', 'formula = "培训班.金额"'),
    Key("type", "数的类型", "decimal", "算出来的是哪种数", 'type = "percent"', 'type = "money"'),
    Key("uom", _TEXT, "没有", "计量单位；写了才能换算成万元、亿元", 'uom = "元"', "uom = 1"),
    Key("places", "0 到 10 的整数", "照算出的印", "印几位小数", "places = 2", "places = 20"),
    Key("blank", _TEXT, "空着", "算不出来时印什么", 'blank = "—"', "blank = 0"),
    Key("hint", _TEXT, "不写", "这个数是什么，写在工作簿里", 'hint = "不含师资费"', "hint = 1"),
    Key("was", _TEXTS, "没有", "以前叫过的名称", 'was = ["人均"]', 'was = "人均"'),
)  # fmt: skip

_CHECK = (
    Key("code", _TEXT, REQUIRED, "规则的代码，出现在每一条结果里；不能与程序自己的相同", 'code = "P01"', 'code = "E303"'),
    Key("rule", _CONDITION, "写 rule 或 find", "必须成立的条件；有空格算不出时不报", 'rule = "在职人数 >= 1"', 'rule = "在职人数 + 1"'),
    Key("find", "正则表达式", "写 rule 或 find", "文字里不能有的写法", 'find = "X{2,}"', 'find = "("'),
    Key("when", _CONDITION, "总是查", "什么时候才查", 'when = "在职人数 > 0"', 'when = "在职人 > 0"'),
    Key("at", "填报项的名称", "规则里的第一个名称", "问题指到哪一格；带 find 的，是在哪里找，不写就找所有文字", 'at = "在职人数"', 'at = "在职人"'),
    Key("level", "error、warning、note 之一", "error", "错误不改不出报告；警告可以写明原因；提示只是提醒", 'level = "warning"', 'level = "错误"'),
    Key("tolerance", '数，或 "尾差"', "一点也不能差", "两边可以相差多少；“尾差”按四舍五入的位数和加数的个数算", "tolerance = 0.01", 'tolerance = "一分"'),
    Key("message", _TEXT, REQUIRED, "不成立时说的话", 'message = "在职人数至少是 1"', "message = 1"),
    Key("explain", _TEXT, "不写", "第一行是改法，下面是为什么；reportgen explain 也印它", 'explain = "请核对人事报表。"', "explain = 1"),
    Key("source", _TEXT, "不写", "规则的出处", 'source = "某某办法第三条"', "source = 1"),
    Key("each", "table 或 outline 的名称", "查一次", "这张表里一行查一次", 'each = "培训班"', 'each = "费用"'),
    Key("as", _TEXT, "与 each 相同", "规则里这一行叫什么", 'as = "班"', "as = 1"),
)  # fmt: skip

_SUMMARY = (
    Key("label", _TEXT, REQUIRED, "栏目名", 'label = "培训费用"', 'label = "单位名称"'),
    Key("formula", _FORMULA, REQUIRED, "这一栏是什么：表单里的名称，或用别的栏目算", 'formula = "培训班.合计.金额"', 'formula = "培训班.合计.费用"'),
    Key("type", "类型的名称", "与 formula 里的项相同", "怎么印", 'type = "percent"', 'type = "钱"'),
    Key("uom", _TEXT, "与 formula 里的项相同", "计量单位", 'uom = "元"', "uom = 1"),
    Key("places", "0 到 10 的整数", "与 formula 里的项相同", "印几位小数", "places = 2", "places = -1"),
    Key("choices", _TEXTS, "没有", "可能的值；排序、筛选和图表按这里的先后", 'choices = ["优", "良"]', 'choices = "优良"'),
    Key("total", 'true、false 或 "平均"', "true", "各单位的数相加、不加，还是平均", 'total = "平均"', 'total = "合计"'),
)  # fmt: skip

_DOCUMENT = (
    Key("template", "文件名", REQUIRED, "Word 模板，放在 form.toml 旁边", 'template = "报告.docx"', 'template = "../报告.docx"'),
    Key("output", "带标记的文件名", REQUIRED, "生成的文件叫什么；写 / 就放进文件夹", 'output = "{{ 单位名称 }}报告.docx"', 'output = "{{ 单位名 }}报告.docx"'),
    Key("when", _CONDITION, "总是生成", "什么时候才生成", 'when = "在职人数 > 0"', 'when = "在职人 > 0"'),
    Key("each", "table 或 outline 的名称", "一份", "这张表里一行一份", 'each = "培训班"', 'each = "基本信息"'),
    Key("as", _TEXT, "与 each 相同", "模板里这一行叫什么", 'as = "班"', "as = 1"),
    Key("scope", "unit 或 batch", "unit", "batch：一次运行只有一份，印所有单位", 'scope = "batch"', 'scope = "all"'),
)  # fmt: skip

#: The keys of each part, by what the part is called in code; ``top`` is the file itself.
PARTS: Mapping[str, tuple[Key, ...]] = MappingProxyType(
    {
        "top": _TOP,
        "form": _FORM,
        "section": _SECTION,
        "field": _FIELD,
        "row": _ROW,
        "computed": _COMPUTED,
        "check": _CHECK,
        "summary": _SUMMARY,
        "document": _DOCUMENT,
    }
)


def keys_of(part: str) -> tuple[str, ...]:
    """Return the names of the keys that *part* may have."""
    return tuple(key.name for key in PARTS[part])
