"""What the benchmarks fill in and print: one form, its values, and one template in five syntaxes.

The report is that of a unit of ordinary size: thirty fields, a grid, tables of ten and twenty rows,
twenty-eight long paragraphs. Every template has the same words in the same places; only the tags
differ. All of it is made up.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.table import Table

from reportgen import load_form, write_workbook
from reportgen.form import Form
from reportgen.values import from_plain

SOURCE = Path(__file__).parent / "form"
TEMPLATE = "年度报告.docx"
RECORD, GRID, PROJECTS, INDICATORS = "基本信息", "收支", "项目明细", "绩效指标"
OUTLINES = {"主要职责": 5, "工作成效": 20, "问题和措施": 3}
#: What tells this unit from others, wherever it stands → what stands there for unit number n.
MARKS = {"示例00000": "示例{:05}", "900000": "9{:05}"}

_RECORD = {
    "单位名称": "示例市公园养护中心（示例00000）",
    "单位代码": "900000",
    "年度": 2026,
    "填报日期": "2027-03-05",
    "负责人": "甄示例",
    "填报人": "贾示例",
    "联系电话": "0731-00000000",
    "主管部门": "示例市园林局（示例）",
    "单位性质": "公益一类",
    "经费形式": "全额拨款",
    "编制人数": 64,
    "在职人数": 61,
    "退休人数": 37,
    "聘用人数": 118,
    "公园座数": 23,
    "绿地面积": "412.37",
    "水面面积": "58.6",
    "乔木株数": 48210,
    "步道长度": "76.4",
    "灌溉点数": 1306,
    "公厕座数": 41,
    "座椅个数": 2275,
    "灯具盏数": 5139,
    "监控点数": 287,
    "巡查车辆数": 16,
    "诉求件数": 943,
    "办结件数": 931,
    "志愿服务人次": 3720,
    "满意率": "0.9364",
    "预算说明": "年中因暴雨抢修追加设施维修经费，年底收回未用完的设备购置结余。",
}
_ROWS = ["人员经费", "公用经费", "绿地养护", "设施维修", "安全保卫", "其他项目"]
_PLANS = ["1180.4", "206.75", "1642", "388.2", "154.3", "97.65"]
_CHANGES = ["24.1", "-3.25", "8.5", "61.8", "-6.2", "-12.4"]
_SPENT = ["1203.06", "199.87", "1598.13", "446.52", "151.09", "83.66"]
_WORK = [
    "乔灌木修剪", "草坪补植", "病虫害防治", "步道铺装修补", "水体清淤",
    "灯具更换", "监控联网", "公厕改造", "古树复壮", "节假日花坛",
]  # fmt: skip
_SENTENCES = [
    "全年安排{work}作业{a}批次，先在客流最大的几处园区试行，再按季节推开到其余园区，做到雨前清沟、雪后除冰、开园之前收工，游人游览没有因为施工中断过。",
    "每批作业都有影像和签字，班组当天记入示例00000号台账，片长每周抽查{b}处，抽查出的毛病当月改完，改不完的写明原因和期限，列入下月第一批任务，由片长到场销号。",
    "材料由三家以上供应商比价采购，到场以后抽样送检，不合格的{c}批当场退回，结余的材料登记入库，年底盘点账实相符，没有发现领用手续不全的情况。",
    "市民反映比较集中的路段，在园区门口张贴了进度告示，留下班组长的电话，当面听取意见{d}次，能当场答复的当场答复，需要会商的一周之内给出办法。",
    "汛期之前把排水口和边坡走了两遍，临水的步道加装了警示牌和救生圈，夜间值守由两班改为三班，遇到红色预警时提前闭园，全年没有发生责任事故。",
]
_INDICATORS = [
    ("产出指标", "数量指标"), ("产出指标", "质量指标"), ("产出指标", "时效指标"),
    ("效益指标", "社会效益指标"), ("满意度指标", "服务对象满意度指标"),
]  # fmt: skip


def paragraph(number: int) -> str:
    """Return one of the long paragraphs: about two hundred characters, no two alike."""
    work = _WORK[number % len(_WORK)]
    said = [_SENTENCES[(number + n) % len(_SENTENCES)] for n in range(3)]
    counts = {"a": 12 + number, "b": 5 + number % 7, "c": 1 + number % 4, "d": 8 + number % 9}
    return "".join(said).format(work=work, **counts)


def values() -> dict[str, Any]:
    """Return the unit's values as a values file has them."""
    shares = [Decimal(n) / 100 for n in (17, 13, 11, 10, 10, 9, 9, 8, 7)]
    total = sum(map(Decimal, _SPENT[2:]), Decimal())
    spent = [(total * share).quantize(Decimal("0.01")) for share in shares]
    spent.append(total - sum(spent))
    projects = [
        {
            "项目名称": f"{work}项目",
            "项目类型": "一次性项目" if n % 3 == 2 else "经常性项目",
            "资金用途": f"{work}的人工、材料和机械，按片区分批实施，年底一并验收",
            "指标总额": str(amount + n),
            "财政资金": str(amount + n - 1),
            "支出总额": str(amount),
            "支出财政资金": str(amount - 1),
        }
        for n, (work, amount) in enumerate(zip(_WORK, spent, strict=True))
    ]
    indicators = [
        {
            "一级指标": first,
            "二级指标": second,
            "三级指标": f"{_WORK[n % len(_WORK)]}{'完成率' if n < len(_WORK) else '及时率'}",
            "年度指标值": f"≥{80 + n % 15}%",
            "实际完成值": f"{(80 if n == 7 else 90) + n % 10}%",
            "分值": 5,
            "得分": "4.5" if n == 7 else 5,
            "偏差原因": "两处公厕因管线迁改推迟到次年，已排入次年第一季度" if n == 7 else None,
        }
        for n, (first, second) in enumerate(_INDICATORS * 4)
    ]
    outlines, number = {}, 0
    for label, count in OUTLINES.items():
        outlines[label] = [
            {"级": 1, "标题": f"{_WORK[n % len(_WORK)]}工作", "正文": paragraph(number + n)}
            for n in range(count)
        ]
        number += count
    grid = {
        row: {"年初预算数": plan, "调整数": change, "决算数": paid}
        for row, plan, change, paid in zip(_ROWS, _PLANS, _CHANGES, _SPENT, strict=True)
    }
    return {RECORD: _RECORD, GRID: grid, PROJECTS: projects, INDICATORS: indicators, **outlines}


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a template engine writes its tags.

    ``value`` is a name's tag; ``row`` the cells of the rows that repeat for a table, ``paragraphs``
    the paragraphs that repeat for an outline, both from a list's name and what each item prints.
    """

    value: Callable[[str], str]
    row: Callable[[str, Sequence[str]], list[list[str]]]
    paragraphs: Callable[[str], list[str]]


def _jinja(name: str) -> str:
    return f"{{{{ {name} }}}}"


def _jinja_row(rows: str, columns: Sequence[str]) -> list[list[str]]:
    cells = [_jinja(f"行.{column}") for column in columns]
    return [[f"{{%tr for 行 in {rows} %}}"], cells, ["{%tr endfor %}"]]


def _jinja_paragraphs(rows: str) -> list[str]:
    each = "{{ 条.编号 }}{{ 条.标题 }}：{{ 条.正文 }}"
    return [f"{{%p for 条 in {rows} %}}", each, "{%p endfor %}"]


def _ours(name: str) -> str:
    return _jinja(f"{name}|年月日" if name == "填报日期" else name.replace("_", "."))


def _curly(name: str) -> str:
    return f"{{{name}}}"


def _curly_row(rows: str, columns: Sequence[str]) -> list[list[str]]:
    cells = [_curly(column) for column in columns]
    return [[f"{{#{rows}}}{cells[0]}", *cells[1:-1], f"{cells[-1]}{{/{rows}}}"]]


def _curly_paragraphs(rows: str) -> list[str]:
    return [f"{{#{rows}}}", "{编号}{标题}：{正文}", f"{{/{rows}}}"]


def _plus(name: str) -> str:
    return f"+++INS {name}+++"


def _plus_row(rows: str, columns: Sequence[str]) -> list[list[str]]:
    cells = [_plus(f"$item.{column}") for column in columns]
    return [[f"+++FOR item IN {rows}+++"], cells, ["+++END-FOR item+++"]]


def _plus_paragraphs(rows: str) -> list[str]:
    each = "+++INS $item.编号++++++INS $item.标题+++：+++INS $item.正文+++"
    return [f"+++FOR item IN {rows}+++", each, "+++END-FOR item+++"]


def _carbone(name: str) -> str:
    return f"{{d.{name}}}"


def _carbone_row(rows: str, columns: Sequence[str]) -> list[list[str]]:
    return [[_carbone(f"{rows}[{n}].{column}") for column in columns] for n in ("i", "i+1")]


def _carbone_paragraphs(rows: str) -> list[str]:
    return [
        f"{{d.{rows}[{n}].编号}}{{d.{rows}[{n}].标题}}：{{d.{rows}[{n}].正文}}"
        for n in ("i", "i+1")
    ]


SYNTAXES = {
    "reportgen": Syntax(_ours, _jinja_row, _jinja_paragraphs),
    "docxtpl": Syntax(_jinja, _jinja_row, _jinja_paragraphs),
    "curly": Syntax(_curly, _curly_row, _curly_paragraphs),
    "docx-templates": Syntax(_plus, _plus_row, _plus_paragraphs),
    "carbone": Syntax(_carbone, _carbone_row, _carbone_paragraphs),
}


def words(document: Path) -> list[str]:
    """Return the paragraphs of *document* that have any text."""
    body = docx.Document(str(document)).element.body
    texts = (
        "".join(text.text or "" for text in one.iter(qn("w:t"))) for one in body.iter(qn("w:p"))
    )
    return [text for text in texts if text]


def write_template(path: Path, syntax: Syntax) -> None:
    """Write the report's template to *path*."""
    tag, document = syntax.value, docx.Document()
    document.add_heading(f"{tag('单位名称')}{tag('年度')}年度报告", 0)
    document.add_heading("一、基本情况", 1)
    table = document.add_table(0, 4, "Table Grid")
    labels = list(_RECORD)[1:-1]
    for left, right in zip(labels[::2], labels[1::2], strict=True):
        _add(table, [left, tag(left), right, tag(right)])
    document.add_heading("二、收支情况", 1)
    document.add_paragraph(
        f"{tag('年度')}年整体支出{tag('整体支出')}万元，其中项目支出{tag('项目支出')}万元。"
        f"全年受理诉求{tag('诉求件数')}件，办结{tag('办结件数')}件，办结率{tag('办结率')}。"
    )
    document.add_paragraph(tag("预算说明"))
    columns = ["年初预算数", "调整数", "全年预算数", "决算数", "执行率"]
    table = document.add_table(0, 6, "Table Grid")
    _add(table, ["项目", *columns])
    for row in _ROWS:
        _add(table, [row, *(tag(f"{GRID}_{row}_{column}") for column in columns)])
    summed = [tag(f"{GRID}_合计_{column}") for column in columns[:-1]]
    _add(table, ["合计", *summed, ""])
    for number, (rows, label) in enumerate([(PROJECTS, "项目支出"), (INDICATORS, "绩效指标")]):
        document.add_heading(f"{'三四'[number]}、{label}情况", 1)
        columns = list(values()[rows][0])
        table = document.add_table(0, len(columns), "Table Grid")
        _add(table, columns)
        for cells in syntax.row(rows, columns):
            _add(table, cells)
    for number, label in enumerate(OUTLINES):
        document.add_heading(f"{'五六七'[number]}、{label}", 1)
        for text in syntax.paragraphs(label):
            document.add_paragraph(text)
    document.add_paragraph(f"{tag('单位名称')}　{tag('填报日期')}")
    document.save(str(path))


def _add(table: Table, texts: Sequence[str]) -> None:
    cells = table.add_row().cells  # type: ignore[no-untyped-call]  # python-docx
    for cell, text in zip(cells, texts, strict=False):
        cell.text = text


@dataclass(frozen=True, slots=True)
class Fixture:
    """What is measured: a folder with the form, the peers' templates, and one unit's workbook."""

    form: Form
    workbook: Path
    templates: dict[str, Path]

    @classmethod
    def make(cls, folder: Path) -> "Fixture":
        """Write everything below *folder*, which must be there."""
        home = folder / "templates" / "park-care"
        home.mkdir(parents=True)
        shutil.copy(SOURCE / "form.toml", home)
        templates = {}
        for name, syntax in SYNTAXES.items():
            path = home / TEMPLATE if name == "reportgen" else folder / f"{name}.docx"
            write_template(path, syntax)
            templates[name] = path
        form = load_form(home)
        workbook = folder / "单位.xlsx"
        workbook.write_bytes(write_workbook(form, from_plain(values(), form)))
        return cls(form, workbook, templates)
