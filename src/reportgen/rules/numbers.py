"""E4: numbers that must agree, and what narratives say of themselves."""

from reportgen.finding import Rule, Severity

_E, _W = Severity.ERROR, Severity.WARNING

DIVISOR_ZERO = Rule(
    "W401", _W, "“{label}”算不出来：除数为 0{then}。", "公式：{formula}。请核对各数。"
)
NOT_CALCULABLE = Rule(
    "E402", _E, "“{label}”算不出来：“{value}”不是数。", "请把那一格改成数；公式：{formula}。"
)

# what narratives say of themselves; a sentence is read by patterns, so these are warnings
# fmt: off
LIST_COUNT = Rule(
    "W411", _W, "“{label}”里“{value}”：写的是 {counted}，列出的有 {listed} 项。",
    "请核对个数和名单；名单没有列全的，在最后加“等”字。")
PARTS_SUM = Rule(
    "W412", _W, "“{label}”里“{value}”：各部分 {added}，与写的 {stated} 相差 {apart}。",
    "请核对总数和各部分的数；没有列全的，在最后加“等”字。")
PART_TOO_LARGE = Rule(
    "W413", _W, "“{label}”里“{value}”：其中的 {added} 大于总数 {stated}。", "请核对这两个数。")
SHARES_SUM = Rule(
    "W414", _W, "“{label}”里“{value}”：{number} 个占比之和是 {total}，不是 100%。",
    "请核对各项占比。")
RESTATED = Rule(
    "W415", _W, "“{label}”里“{value}”，而“{name}”是 {ours}。",
    "请核对；可以写成大括号里的名称，由程序填数：{{{{ {name} }}}}。")
# fmt: on
