"""Random Word templates, and what must stand in their documents; *draw* is a random.Random.

Each static text is a word of its own (``始12终``), so that it can be counted in the document; a value
stands between two of them. Beside the template grows what Word shows of it: word → how often.
"""

from collections import Counter
from xml.sax.saxutils import escape

from support_fuzz import VALUES

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml"'
ROWS = VALUES["项目明细"]
#: Conditions, and whether they hold with the values of ``support_fuzz``.
CONDITIONS = (
    ("支出总额 > 0", True), ("实有人数 == 4711", True), ("not 单位名称", False), ("项目明细.个数 > 5", False),
    ("单位名称 == “示范单位甲乙”", True), ("成立日期 and 实有人数 < 5", False), ("支出总额 < 0 or 项目明细.个数 == 3", True),
)  # fmt: skip
TAGS = (
    ("单位名称", "示范单位甲乙"), ("实有人数", "4711"), ("支出总额|小数(2)", "6913.56"), ("成立日期|年月日", "2001年2月3日"),
    ("收支情况.基本支出.年初预算（万元）", "1234.5"), ("收支情况.合计.年初预算|千分位(2)", "4,691.28"), ("项目明细.项目名称|连接", "第一号整治项目、第二号整治项目、第三号整治项目"),
    ("项目明细.个数|汉字", "三"), ("项目明细.支付金额|最大|四舍五入(1)", "3703.2"), ("支出总额 - 6900", "13.561"), ("“A & B <c>”", "A & B <c>"),
)  # fmt: skip
LOOPS = (
    ("项目明细", range(3)), ("项目明细|筛选(项目名称=“第二号整治项目”)", [1]), ("项目明细|倒序(“支付金额”)", [2, 1, 0]),
    ("项目明细|筛选(项目名称=“没有”)", []),
)  # fmt: skip
#: What somebody types wrong in a tag.
_WRONG = (
    "没有的名称", "单位名称.没有", "项", "项目明细", "单位名称|没有", "单位名称|小数(2)", "实有人数|年月日", "1 / 0", "(", "", "单位名称.__class__",
    "项目明细[0]", "支出总额|小数(99999)", "cycler", "项目明细|分组(1)", "项目明细|筛选(1)", "9 ** 99", "'a' * 9999", "{{", "单位名称|万元", "range(3)",
    "单位名称 | safe", "项目明细|排序(没有)", "self", "“", "项目明细.合计.没有", "lipsum()", "实有人数|序号(3)", "支出总额|连接", "loop.index",
)  # fmt: skip


class AnyTemplate:
    """Draws the parts of a template; ``words`` is what its document shows how often."""

    def __init__(self, draw, *, spoil=False):
        self.draw, self.spoil = draw, spoil
        self.words, self.pairs = Counter(), []
        self._last = 0

    def one_in(self, count):
        return self.draw.randrange(count) == 0

    # -- text ----------------------------------------------------------------------------------

    def word(self, times):
        self._last += 1
        word = f"始{self._last}终"
        self.words[word] += times
        return word

    def tag(self, code):
        """Return ``{% code %}`` or ``{{ code }}``, as people type it, now and then with a mistake."""
        if self.spoil and self.one_in(25):
            return self.draw.choice(("", code, code * 2, code[:-1], code[1:], code.replace("%", "{"), "{% endif %}",
                                     "{% endfor %}", "{% else %}", "{%p endif %}", "{%tr endfor %}", "{% if %}", "{%tc endfor %}"))  # fmt: skip
        if self.one_in(6):
            return code.translate({ord(c): chr(ord(c) + 0xFEE0) for c in "{}%"})
        return code

    def value(self, rows):
        """Return a value between two words; *rows* are those of the loop that goes on, None outside."""
        times = 1 if rows is None else len(rows)
        if rows is not None and self.one_in(2):
            label = self.draw.choice(("项目名称", "支付金额", "序号"))
            shown = [
                str(n) if label == "序号" else ROWS[one][label] for n, one in enumerate(rows, 1)
            ]
            code = f"项.{label}"
        else:
            code, text = self.draw.choice(TAGS)
            shown = [text] * times
        if self.spoil and self.one_in(12):
            code = self.draw.choice(_WRONG)
        before, after = self.word(0), self.word(0)
        self.pairs.append((before, after, shown if times else []))
        return before + self.tag(f"{{{{ {code} }}}}") + after

    def line(self, rows, times):
        """Return the text of a paragraph: words, values, conditions and loops among them."""
        parts = [self.word(times)]
        for _ in range(self.draw.randrange(3)):
            match self.draw.choice(("value", "value", "if", "for")):
                case "if":
                    condition, holds = self.draw.choice(CONDITIONS)
                    parts += [self.tag(f"{{% if {condition} %}}"), self.word(times * holds)]
                    if self.one_in(2):
                        parts += [self.tag("{% else %}"), self.word(times * (not holds))]
                    parts.append(self.tag("{% endif %}"))
                case "for" if rows is None:
                    source, found = self.draw.choice(LOOPS)
                    parts += [
                        self.tag(f"{{% for 项 in {source} %}}"),
                        self.word(times * len(found)),
                    ]
                    if times:
                        parts.append(self.value(list(found)))
                    parts.append(self.tag("{% endfor %}"))
                case _ if times:
                    parts.append(self.value(rows))
            parts.append(self.word(times))
        return "".join(parts)

    def runs(self, text):
        """Return *text* as runs, cut anywhere, with what Word leaves between them."""
        cuts = sorted(self.draw.randrange(len(text) + 1) for _ in range(self.draw.randrange(6)))
        found = []
        for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
            look = self.draw.choice(
                ("", "", "<w:rPr><w:b/></w:rPr>", '<w:rPr><w:color w:val="FF0000"/></w:rPr>')
            )
            found.append(
                f'<w:r>{look}<w:t xml:space="preserve">{escape(text[start:end])}</w:t></w:r>'
            )
            if self.one_in(5):
                found.append(
                    self.draw.choice(
                        ('<w:proofErr w:type="spellStart"/>', '<w:proofErr w:type="spellEnd"/>')
                    )
                )
        return "".join(found)

    def paragraph(self, text):
        look = self.draw.choice(("", '<w:pPr><w:jc w:val="center"/></w:pPr>'))
        return f"<w:p>{look}{self.runs(text)}</w:p>"

    # -- blocks --------------------------------------------------------------------------------

    def blocks(self, depth, rows=None, times=1):
        return "".join(self.block(depth, rows, times) for _ in range(self.draw.randrange(1, 4)))

    def block(self, depth, rows, times):
        match (
            self.draw.choice(("text", "text", "if", "for", "table", "table", "box"))
            if depth
            else "text"
        ):
            case "if":
                condition, holds = self.draw.choice(CONDITIONS)
                made = self.paragraph(self.tag(f"{{%p if {condition} %}}")) + self.blocks(
                    depth - 1, *self._held(rows, times, holds)
                )
                if self.one_in(3):
                    made += self.paragraph(self.tag("{%p else %}")) + self.blocks(
                        depth - 1, *self._held(rows, times, not holds)
                    )
                return made + self.paragraph(self.tag("{%p endif %}"))
            case "for" if rows is None and times:
                source, found = self.draw.choice(LOOPS)
                head = self.paragraph(self.tag(f"{{%p for 项 in {source} %}}"))
                return (
                    head
                    + self.blocks(depth - 1, list(found), len(found))
                    + self.paragraph(self.tag("{%p endfor %}"))
                )
            case "table":
                return self.table(depth - 1, rows, times)
            case "box":
                inner = self.paragraph(self.line(rows, times))
                shape = '<v:shape style="width:100pt;height:50pt"><v:textbox><w:txbxContent>'
                return f"<w:p><w:r><w:pict>{shape}{inner}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
        return self.paragraph(self.line(rows, times))

    def _held(self, rows, times, holds):
        return (rows if holds or rows is None else []), times * holds

    def table(self, depth, rows, times):
        columns = self.draw.randrange(1, 4)
        made = [self.row(columns, depth, rows, times)]
        for _ in range(self.draw.randrange(1, 3)):
            match self.draw.choice(("row", "for", "if")):
                case "for" if rows is None and times:
                    source, found = self.draw.choice(LOOPS)
                    made += self._around(
                        f"{{%tr for 项 in {source} %}}",
                        "{%tr endfor %}",
                        columns,
                        depth,
                        list(found),
                        len(found),
                    )
                case "if":
                    condition, holds = self.draw.choice(CONDITIONS)
                    made += self._around(
                        f"{{%tr if {condition} %}}",
                        "{%tr endif %}",
                        columns,
                        depth,
                        *self._held(rows, times, holds),
                    )
                case _:
                    made.append(self.row(columns, depth, rows, times))
        made.append(self.row(columns, depth, rows, times))
        grid = '<w:gridCol w:w="2000"/>' * columns
        return (
            f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(made)}</w:tbl>"
            + self.paragraph(self.word(times))
        )

    def _around(self, start, end, columns, depth, rows, times):
        """Return the rows of a loop: its tags in rows of their own, or in the first and last cell."""
        if self.one_in(2):
            lone = [
                f"<w:tr>{self.cell(self.paragraph(self.tag(tag)))}{self.cell('<w:p/>') * (columns - 1)}</w:tr>"
                for tag in (start, end)
            ]
            return [lone[0], self.row(columns, depth, rows, times), lone[1]]
        return [self.row(columns, depth, rows, times, self.tag(start), self.tag(end))]

    def cell(self, inner):
        return f'<w:tc><w:tcPr><w:tcW w:w="2000" w:type="dxa"/></w:tcPr>{inner}</w:tc>'

    def row(self, columns, depth, rows, times, start="", end=""):
        cells = []
        for column in range(columns):
            before = start if column == 0 else ""
            after = end if column == columns - 1 else ""
            if depth and self.one_in(6) and not (before or after):
                inner = self.table(depth - 1, rows, times)
            else:
                inner = self.paragraph(before + self.line(rows, times) + after)
            cells.append(self.cell(inner))
        return f"<w:tr>{''.join(cells)}</w:tr>"

    # -- the package ---------------------------------------------------------------------------

    def parts(self):
        """Return the parts of the template that are to be put into a package that has them all."""
        end = '<w:sectPr><w:headerReference w:type="default" r:id="rIdH"/></w:sectPr>'
        note = self.paragraph(self.line(None, 1))
        return {
            "word/document.xml": self._part(
                "document", f"<w:body>{self.blocks(3)}@NOTE@@END@</w:body>"
            ),
            "word/header1.xml": self._part(
                "hdr",
                self.paragraph(self.line(None, 1))
                + (self.table(0, None, 1) if self.one_in(2) else ""),
            ),
            "word/footnotes.xml": self._part(
                "footnotes", f'<w:footnote w:id="2">{note}</w:footnote>'
            ),
            "end": end,
        }

    def _part(self, name, inner):
        return f"<w:{name} {W}>{inner}</w:{name}>"
