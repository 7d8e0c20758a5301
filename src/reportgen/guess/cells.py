"""The cells of a sheet as a person sees them: white space is nothing, merged cells are one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from reportgen.fieldtypes import ErrorValue, Uncalculated, raw_text
from reportgen.headings import narrow
from reportgen.workbook.book import Sheet

#: What is looked at of a sheet; a table that is longer is cut, and the questions say so.
MOST_ROWS, MOST_COLUMNS = 1990, 120
_CJK = r"[\u2e80-\u9fff（）“”、，。：；]"
_BETWEEN = re.compile(rf"(?<={_CJK})\s+|\s+(?={_CJK})")
#: The kinds of things whose names a form asks for, at the end of their labels.
_LABEL = re.compile(
    "(姓名|性别|名称|编号|代码|号码|日期|时间|电话|手机|传真|邮箱|邮编|地址|地点|单位|部门|科室|处室"
    "|负责人|代表人|法人|联系人|经办人|责任人|保管人|使用人|填报人|填表人|审核人|制表人|职务|职称|职级|岗位|学历"
    "|学位|身份证号|证件号|证号|学号|工号|车牌号|民族|年龄|籍贯|政治面貌|专业|院校|学校|身份证|证件"
    "|类别|类型|分类|种类|性质|金额|数量|单价|总价|总额|余额|合计|小计|预算|决算|预算数|决算数|执行数"
    "|备注|说明|原因|情况|意见|内容|事由|方式|目标|标准|规格|型号|品牌|用途|来源|年度|年份|年月|比例|占比|比重|百分比"
    "|得分|分值|分数|成绩|面积|人数|个数|次数|天数|期限|年限|状态|状况|等级|级别|结果|依据|措施|问题"
    "|建议|简历|事迹|项目|科目|指标|课程|学时|学分|照片|签字|盖章|序号|主题|标题|原值|净值|折旧|现值"
    "|收入|支出|资金|费用|经费|账号|开户行|文号|进度|效益|满意度|指标值|完成值|目标值|分析|率)$"
)
_SENTENCE = re.compile("[。；！？!?;]")


@dataclass(slots=True)
class Token:
    """A filled cell: its place, the last row and column that it reaches, and what is in it."""

    row: int
    column: int
    bottom: int
    right: int
    raw: Any

    @property
    def text(self) -> str:
        """What it says, if it is a text; else empty."""
        return clean(self.raw) if isinstance(self.raw, str) else ""

    @property
    def says_label(self) -> bool:
        """Whether it reads like the name of something to fill in."""
        return is_label(self.text)


@dataclass(slots=True)
class Cells:
    """The filled cells of *sheet* by row and column."""

    sheet: Sheet
    rows: dict[int, dict[int, Token]] = field(default_factory=dict)
    covered: dict[tuple[int, int], Token] = field(default_factory=dict)
    height: int = 0
    cut: bool = False

    def __post_init__(self) -> None:
        """Read the sheet."""
        spans = {(top, left): (bottom, right) for top, left, bottom, right in self.sheet.merged}
        unseen = self.sheet.unseen()
        values = {
            (r, c): value
            for r, line in enumerate(self.sheet.rows[:MOST_ROWS], 1)
            for c, value in enumerate(line[:MOST_COLUMNS], 1)
        }
        values |= {
            (row, column): value
            for (row, column), value in (unseen.items() if unseen else ())
            if row <= MOST_ROWS and column <= MOST_COLUMNS
        }
        self.cut = len(self.sheet.rows) > MOST_ROWS
        for (row, column), raw in values.items():
            if is_nothing(raw):
                continue
            bottom, right = spans.get((row, column), (row, column))
            bottom, right = min(bottom, MOST_ROWS), min(right, MOST_COLUMNS)
            token = Token(row, column, bottom, right, raw)
            self.rows.setdefault(row, {})[column] = token
            self.height = max(self.height, row)
            for r in range(row, bottom + 1):
                for c in range(column, right + 1):
                    if (r, c) != (row, column):
                        self.covered[r, c] = token
        for place in self.covered:  # what a merge hides is not there
            self.rows.get(place[0], {}).pop(place[1], None)

    def row(self, row: int) -> list[Token]:
        """Return the filled cells of a row, from left to right."""
        return [token for _, token in sorted(self.rows.get(row, {}).items())]

    def at(self, row: int, column: int) -> Token | None:
        """Return what is in a cell, or in the merged cells that it belongs to."""
        return self.rows.get(row, {}).get(column) or self.covered.get((row, column))

    def next_filled(self, row: int) -> int:
        """Return the first row from *row* on that has anything in it; 0 if there is none."""
        return next((r for r in range(row, self.height + 1) if self.rows.get(r)), 0)

    def tokens(self) -> Iterator[Token]:
        """Yield every filled cell, row by row."""
        for row in sorted(self.rows):
            yield from self.row(row)


def is_nothing(raw: object) -> bool:
    """Whether a cell is as good as empty."""
    if isinstance(raw, ErrorValue | Uncalculated):
        return False
    return not raw_text(raw).strip()


def clean(text: str) -> str:
    r"""Return a heading as one line: no mark of what is required, no space between Chinese signs.

    >>> clean(" 姓  名＊\n"), clean("Unit  price")
    ('姓名', 'Unit price')
    """
    bare = "".join(c for c in text if c.isprintable() or c.isspace()).strip().strip("*＊").strip()
    return " ".join(_BETWEEN.sub("", " ".join(bare.split())).split())


def is_label(text: str) -> bool:
    """Whether *text* reads like the name of something to fill in.

    >>> is_label("出生年月"), is_label("单价（元）"), is_label("张三"), is_label("负责人：")
    (True, True, False, True)
    """
    bare = re.sub(r"[(（][^()（）]*[)）]$", "", text.strip())
    if not bare or len(bare) > 16 or _SENTENCE.search(bare):
        return False
    if bare.endswith(("：", ":")):
        return True
    return bool(_LABEL.search(narrow(bare).strip("*")))
