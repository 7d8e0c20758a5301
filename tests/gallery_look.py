"""Pages of the gallery template: what an office does with paragraphs, rows, columns and pages.

Each page is a function that adds to a python-docx document what a person would type in Word. What
it must become is in ``gallery/look.txt``.
"""

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

FORM = """
[[section]]
label = "概况"
kind = "record"
fields = [
  { label = "全称" },
  { label = "年度", type = "year" },
  { label = "日期", type = "date" },
  { label = "说明", type = "narrative" },
  { label = "补充说明", type = "narrative" },
  { label = "备注" },
  { label = "在职人数", type = "integer", uom = "人" },
  { label = "预算数", type = "decimal", uom = "万元", places = 2 },
  { label = "决算数", type = "decimal", uom = "万元", places = 2 },
  { label = "执行率", type = "percent", places = 2, formula = "决算数 / 预算数" },
]

[[section]]
label = "项目明细"
kind = "table"
fields = [
  { label = "项目名称" },
  { label = "项目类型" },
  { label = "一级指标" },
  { label = "二级指标" },
  { label = "指标总额", type = "decimal", uom = "万元", places = 2 },
  { label = "得分", type = "decimal" },
]

[[section]]
label = "政府采购"
kind = "table"
empty = "本年度无政府采购支出。"
fields = [{ label = "品名" }, { label = "价款", type = "decimal", places = 2 }]

[[section]]
label = "处罚"
kind = "table"
fields = [{ label = "事由" }]
"""

VALUES = {
    "概况": {
        "全称": "示例区某局",
        "年度": 2025,
        "日期": "2026-03-05",
        "说明": "第一段说明。\n第二段说明，R&D < 5%。",
        "在职人数": 12,
        "预算数": "14242.51",
        "决算数": "13890.30",
    },
    "项目明细": [
        dict(
            zip(
                ("项目名称", "项目类型", "一级指标", "二级指标", "指标总额", "得分"),
                row,
                strict=True,
            )
        )
        for row in (
            ("河道整治", "专项经费", "产出", "数量", "120.5", 95),
            ("档案整理", "业务工作经费", "产出", "数量", "30", 58),
            ("道路照明", "专项经费", "产出", "质量", "79.55", 72),
            ("窗口服务", "业务工作经费", "效益", "质量", "8.2", 88),
        )
    ],
}


def gallery():
    """Return the template."""
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(11)
    normal.element.get_or_add_rPr().rFonts.set(qn("w:eastAsia"), "宋体")
    for page in PAGES:
        page(document)
    return document


def lines(document, *texts, style=None):
    """Add a paragraph for each text."""
    return [document.add_paragraph(text, style) for text in texts]


def table(document, rows, widths=None):
    """Add a table with borders."""
    made = document.add_table(len(rows), len(rows[0]), "Table Grid")
    for line, row in zip(made.rows, rows, strict=True):
        for cell, text in zip(line.cells, row, strict=True):
            first, *more = text.split("\n")
            cell.text = first
            for one in more:
                cell.add_paragraph(one)
    if widths:
        made.autofit = False
        for column, width in zip(made.columns, widths, strict=True):
            column.width = Cm(width)
            for cell in column.cells:
                cell.width = Cm(width)
    return made


def conditions(document):
    """Paragraphs and runs by condition; what says nothing leaves no empty line."""
    document.add_heading("一、有条件的段落", 1)
    lines(
        document,
        "{% if 备注 %}备注：{{ 备注 }}{% endif %}",
        "{%p if 在职人数 > 10 %}", "{{ 全称 }}人数较多，共{{ 在职人数 }}人。", "{%p else %}", "人数较少。", "{%p endif %}",
        "{{ 说明 }}", "{{ 补充说明 }}",
        "预算执行率{{ 执行率 }}，{% if 执行率 < 0.98 %}低于{% else %}达到{% endif %}98%。",
        "{% for 项 in 项目明细 %}", "其中 {{ 项.项目名称 }} {{ 项.指标总额 }} 万元。", "{% endfor %}",
    )  # fmt: skip


def printing(document):
    """The filters."""
    document.add_heading("二、印法", 1)
    table(
        document,
        [
            ["写法", "印出"],
            *(
                [f"预算数|{how}", f"{{{{ 预算数|{how} }}}}"]
                for how in ("小数(1)", "千分位", "万元", "亿元(4)", "大写")
            ),
            ["执行率", "{{ 执行率 }}"],
            ["(决算数 - 预算数)|增减", "{{ (决算数 - 预算数)|增减 }}"],
            ["(决算数 / 预算数)|百分比(1)", "{{ (决算数 / 预算数)|百分比(1) }}"],
            ["日期|年月日", "{{ 日期|年月日 }}"],
            ["在职人数|汉字", "{{ 在职人数|汉字 }}"],
            [
                '项.序号|序号("（一）")',
                '{% for 项 in 项目明细 %}{{ 项.序号|序号("（一）") }}{{ 项.序号|序号("①") }}{% endfor %}',
            ],
            ['项目明细.项目名称|连接("、")', '{{ 项目明细.项目名称|连接("、") }}'],
        ],
    )


def rows(document):
    """A loop in one row; conditional rows; a table without rows."""
    document.add_heading("三、表格的行", 1)
    caption(document, "表1　项目支出情况表")
    coloured = '{% cellbg "浅红" if 项.得分 < 60 else "浅绿" if 项.得分 >= 90 else "" %}'
    table(
        document,
        [
            ["序号", "项目名称", "指标总额", "得分"],
            [
                "{%tr for 项 in 项目明细 %}{{ 项.序号 }}",
                "{{ 项.项目名称 }}",
                "{{ 项.指标总额 }}",
                f"{coloured}{{{{ 项.得分 }}}}{{%tr endfor %}}",
            ],
            ["{%tr if 备注 %}", "", "", ""],
            ["备注", "{{ 备注 }}", "", ""],
            ["{%tr endif %}", "", "", ""],
            ["合计", "", "{{ 项目明细.合计.指标总额 }}", ""],
        ],
    )
    lines(document, "下面一张表没有内容，由表单里的一句话代替；再下面一张连同标题都没有了。")
    caption(document, "表2　政府采购情况表")
    bought = [
        ["品名", "价款"],
        ["{%tr for 项 in 政府采购 %}{{ 项.品名 }}", "{{ 项.价款 }}{%tr endfor %}"],
    ]
    table(document, [*bought, ["合计", "{{ 政府采购.合计.价款 }}"]])
    caption(document, "表3　处罚情况表")
    table(document, [["事由"], ["{%tr for 项 in 处罚 %}{{ 项.事由 }}{%tr endfor %}"]])
    lines(document, "表后的文字。")


def caption(document, text):
    """Add the caption and the line of the unit of measure above a table."""
    document.add_paragraph(text, "Caption").alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph("单位：万元").alignment = WD_ALIGN_PARAGRAPH.RIGHT


def groups(document):
    """Rows in groups with subtotals."""
    document.add_heading("四、分组和小计", 1)
    table(
        document,
        [
            ["项目", "指标总额"],
            ['{%tr for 组 in 项目明细|分组("项目类型") %}', ""],
            ['{{ 组.序号|序号("（一）") }}{{ 组.项目类型 }}（{{ 组.个数 }}个）', ""],
            [
                "{%tr for 项 in 组 %}{{ 项.序号 }}. {{ 项.项目名称 }}",
                "{{ 项.指标总额 }}{%tr endfor %}",
            ],
            ["小计", "{{ 组.合计.指标总额 }}"],
            ["{%tr endfor %}", ""],
            ["合计", "{{ 项目明细.合计.指标总额 }}"],
        ],
    )


def merging(document):
    """Cells that say the same are one, on several levels, downwards and across."""
    document.add_heading("五、合并相同的格", 1)
    table(
        document,
        [
            ["一级指标", "二级指标", "项目名称"],
            ["{%tr for 项 in 项目明细 %}{{ 项.一级指标|合并相同 }}", "{% 合并 %}{{ 项.二级指标 }}", "{{ 项.项目名称 }}{%tr endfor %}"],
        ],
    )  # fmt: skip
    lines(document, "各列由循环产生，上面相同的表头横向合并：")
    across = '{%tc for 项 in 项目明细|排序("项目类型") %}'
    head = table(
        document,
        [
            ["", "", "", "", "合计"],
            ["类型", across, "{% 横向合并 %}{{ 项.项目类型 }}", "{%tc endfor %}", ""],
            ["名称", across, "{{ 项.项目名称 }}", "{%tc endfor %}", ""],
            ["金额", across, "{{ 项.指标总额 }}", "{%tc endfor %}", "{{ 项目明细.合计.指标总额 }}"],
        ],
        [2, 3, 3, 3, 3],
    )
    head.cell(0, 1).merge(head.cell(0, 3)).text = "各项目"


def numbering(document):
    """A list under each item counts from 1; the items themselves count on."""
    document.add_heading("六、编号", 1)
    lines(document, "{%p for 项 in 项目明细 %}", "{{ 项.项目名称 }}的步骤：")
    lines(document, "立项", "验收", style="List Number")
    lines(document, "{%p endfor %}", "项目接着编：", "{%p for 项 in 项目明细 %}")
    lines(document, "{{ 项.项目名称 }}", style="List Number 2")
    lines(document, "{%p endfor %}")


def pages(document):
    """A page for each item, then a landscape section for each item."""
    document.add_heading("七、每项一页", 1)
    lines(document, "{%p for 项 in 项目明细 if 项.得分 < 90 %}", "{{ 项.项目名称 }}单独一页。")
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    lines(document, "{%p endfor %}")
    document.add_heading("八、每项一个横页", 1)
    document.add_section(WD_SECTION.NEW_PAGE)
    lines(
        document, '{%p for 项 in 项目明细|筛选(项目类型="专项经费") %}', "{{ 项.项目名称 }}的横页。"
    )
    section = document.add_section(WD_SECTION.NEW_PAGE)
    lines(document, "{%p endfor %}")
    wide = document.sections[1]
    wide.orientation = WD_ORIENT.LANDSCAPE
    wide.page_width, wide.page_height = section.page_height, section.page_width


PAGES = (conditions, printing, rows, groups, merging, numbering, pages)
