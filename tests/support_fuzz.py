"""What becomes of a damaged workbook or template, looked at in a process that may die of it.

A *problem* is a sentence for whoever mends it: an exception that is none of ours, a document that
does not open, a text that is not in it. None means that the file was read or refused as it should.
"""

import io
import pickle
import re
import tempfile
import traceback
import zipfile
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from docx import Document
from lxml import etree
from openpyxl import load_workbook

from reportgen import load_form, workers, write_workbook
from reportgen.compute import compute
from reportgen.context import names
from reportgen.errors import ReportgenError
from reportgen.pool import DiedError, Pool
from reportgen.project import Forms
from reportgen.rules import BUG
from reportgen.samples import sample_submissions
from reportgen.template.engine import Template
from reportgen.template.lint import look_through
from reportgen.unit import Job, Settings, _desk, do
from reportgen.value import Number, Text
from reportgen.values import from_plain
from reportgen.workbook.reach import reach_of
from support_docx import make_docx, with_namespaces

SECONDS = 20
FORM = """
[form]
id = "damage"
title = "损坏"
version = "1"
unit = "单位名称"

[[section]]
label = "基本信息"
kind = "record"
fields = [
  { label = "单位名称" },
  { label = "成立日期", type = "date" },
  { label = "主要职责", type = "narrative" },
  { label = "实有人数", type = "integer", uom = "人" },
]

[[section]]
label = "收支情况"
kind = "grid"
uom = "万元"
columns = ["年初预算", "全年决算"]
rows = ["基本支出", "项目支出"]

[[section]]
label = "项目明细"
kind = "table"
fields = [
  { label = "项目名称" },
  { label = "支付金额", type = "decimal", uom = "万元" },
  { label = "情况说明", type = "narrative" },
]

[[section]]
label = "主要做法"
kind = "outline"

[[computed]]
label = "支出总额"
formula = "收支情况.合计.全年决算"

[[document]]
template = "报告.docx"
output = "报告.docx"
"""
VALUES = {
    "基本信息": {
        "单位名称": "示范单位甲乙", "成立日期": "2001-02-03",
        "主要职责": "负责征地拆迁工作\n承办交办事项", "实有人数": "4711",
    },
    "收支情况": {
        "基本支出": {"年初预算": "1234.5", "全年决算": "2345.67"},
        "项目支出": {"年初预算": "3456.78", "全年决算": "4567.891"},
    },
    "项目明细": [
        {"项目名称": f"第{n}号整治项目", "支付金额": f"{n}703.1542", "情况说明": f"{n}区整治按期完成"}
        for n in "一二三"
    ],
    "主要做法": [
        {"级": 1, "标题": "加强组织领导", "正文": "成立了领导小组"},
        {"级": 2, "标题": "明确工作责任", "正文": "层层签订责任书"},
    ],
}  # fmt: skip
for _n, _row in enumerate(VALUES["项目明细"], 1):
    _row["支付金额"] = f"{_n}703.1542"
_NOTE = "<w:footnotes><w:footnote w:id='2'><w:p><w:r><w:t>注释文字：{{ 单位名称 }}</w:t></w:r></w:p></w:footnote></w:footnotes>"
BLOCKS = (
    "开头文字：{{ 单位名称 }}，成立于{{ 成立日期 }}，共{{ 实有人数 }}人。",
    "{{ 主要职责 }}",
    [
        ["支出类型", "年初预算", "全年决算"],
        ["基本支出", "{{ 收支情况.基本支出.年初预算 }}", "{{ 收支情况.基本支出.全年决算 }}"],
        ["项目支出", "{{ 收支情况.项目支出.年初预算 }}", "{{ 收支情况.项目支出.全年决算 }}"],
    ],
    "{%p if 支出总额 > 0 %}",
    "条件文字：{{ 支出总额|小数(2) }}",
    "{%p endif %}",
    [
        ["序号列头", "项目列头", "金额列头", "说明列头"],
        ["{%tr for 项 in 项目明细 %}", "", "", ""],
        ["{{ 项.序号 }}", "{{ 项.项目名称 }}", "{{ 项.支付金额 }}", "{{ 项.情况说明 }}"],
        ["{%tr endfor %}", "", "", ""],
        ["合计行名", "", "{{ 项目明细.合计.支付金额 }}", ""],
    ],
    "{%p for 条 in 主要做法 %}",
    "{{ 条.编号 }}{{ 条.标题 }}",
    "{% if 条.正文 %}{{ 条.正文 }}{% endif %}",
    "{%p endfor %}",
    "结尾文字到此为止",
)


def make_office(root):
    """Make a folder ``templates`` of the form below *root*."""
    folder = root / "templates" / "damage"
    folder.mkdir(parents=True)
    (folder / "form.toml").write_text(FORM, encoding="utf-8")
    make_docx(
        folder / "报告.docx",
        *BLOCKS,
        header=["页眉文字：{{ 单位名称 }}"],
        footer=["页脚文字"],
        title="{{ 单位名称 }}的报告",
        parts={"word/footnotes.xml": with_namespaces(_NOTE)},
    )
    return load_form(folder)


class Office:
    """Forms, an undamaged workbook and template of each, and the process that looks at damaged ones."""

    def __init__(self, root, *shipped):
        """Have, below *root*, the form of these tests, and those of the folders *shipped*."""
        make_office(root)
        folder = root / "templates"
        for one in shipped:
            (folder / one.name).symlink_to(one)
        self.forms = {path.name: load_form(path) for path in sorted(folder.iterdir())}
        self.workbooks = {
            name: write_workbook(form, submission_of(form)) for name, form in self.forms.items()
        }
        again = io.BytesIO()  # with shared strings, as Excel writes them
        load_workbook(io.BytesIO(self.workbooks["damage"])).save(again)
        self.forms["saved again"] = self.forms["damage"]
        self.workbooks["saved again"] = again.getvalue()
        self.templates = {
            name: (form.folder / form.documents[0].template).read_bytes()
            for name, form in self.forms.items()
        }
        settings = pickle.dumps(Settings(forms=Forms(folder), mark=True))
        self.pool = Pool(1, SECONDS, workers._prepare, (settings,), workers._PRELOADED)

    def of_workbook(self, name, data):
        """Return what is wrong with how the damaged workbook *data* was taken."""
        try:
            return self.pool.submit(_of_workbook, str(self.forms[name].folder), data).result()
        except TimeoutError:
            return f"hang: {SECONDS} seconds"
        except DiedError:  # a finding, if it was in a process of its own as here
            return (
                "died, and a single build would have died with it"
                if reach_of(data).is_small
                else None
            )

    def of_template(self, name, data):
        """Return what is wrong with how the damaged template *data* was taken."""
        try:
            return self.pool.submit(_of_template, str(self.forms[name].folder), data).result()
        except TimeoutError:
            return f"hang: {SECONDS} seconds"
        except DiedError:
            return "died"


def submission_of(form):
    """Return what the undamaged workbook of *form* holds."""
    return from_plain(VALUES, form) if form.id == "damage" else sample_submissions(form)[0]


# -- in the process --------------------------------------------------------------------------------


def _of_workbook(folder, data):
    form = _form(folder)
    result = do(None, Job("甲.xlsx", data, Path(folder)))
    if any(found.code == BUG.code for found in result.findings):
        return _why(form, data)
    if any(found.level == "error" for found in result.findings):
        return None
    documents = "".join(_squeezed(_text(one.content)) for one in result.documents)
    told = {(one.place.sheet, one.place.cell) for one in result.findings}
    seen = _cells(data)
    for sheet, ref, kind in _mapped(folder):
        text = seen.get(sheet, {}).get(ref)
        if text is None or (sheet, ref) in told or not _is_telling(text, kind):
            continue
        if _squeezed(text) not in documents:
            said = sorted({one.code for one in result.findings})
            return f"lost: {sheet}!{ref} {text[:40]!r}; found {said}"
    return None


def _why(form, data):
    """Return the traceback of a bug, which ``do`` keeps to itself."""
    from reportgen.unit import _of_process

    desk = _desk(_of_process.get())
    try:
        desk.result(Job("甲.xlsx", data, form.folder), form.folder)
    except Exception:  # noqa: BLE001
        return traceback.format_exc()
    return "a bug that does not come again"


@cache
def _form(folder):
    return load_form(Path(folder))


@cache
def _mapped(folder):
    """Return the cells of an undamaged workbook that the document prints: sheet, address, kind."""
    from reportgen.workbook.book import open_bytes
    from reportgen.workbook.read import read_submission

    form = _form(folder)
    if form.id != "damage":
        return []  # its documents do not print all that is filled in
    again = read_submission(open_bytes(write_workbook(form, submission_of(form)), "a.xlsx"), form)
    found = []
    for content in again.values.values():
        for row in content if isinstance(content, tuple) else [content]:
            found += [
                (value.cell.sheet, value.cell.ref, type(value))
                for value in _leaves(row)
                if isinstance(value, Text | Number) and value.cell and value.field.type != "date"
            ]
    return found


def _leaves(value):
    for one in value.values():
        if hasattr(one, "field"):
            yield one
        else:
            yield from _leaves(one)


def _is_telling(text, kind):
    """Whether *text* could be in the document by accident, or be printed in another way."""
    if kind is Number:
        return re.fullmatch(r"[1-9]\d{1,6}(\.\d{0,5}[1-9])?", text) is not None
    return re.fullmatch(r"[\w，。：\n]{4,60}", text) is not None


def _cells(data):
    """Return what a plain reading of the XML sees: title → address → text; nothing that is unclear."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        all_names = package.namelist()
        if len({name.lower() for name in all_names}) < len(all_names):
            return {}
        try:
            parts = {name: package.read(name) for name in all_names}
        except Exception as error:  # noqa: BLE001 - zipfile has a dozen
            return {"damaged": {"damaged": str(error)}}
    tree = partial(_local_tree, parts)
    book, links = tree("xl/workbook.xml"), tree("xl/_rels/workbook.xml.rels")
    shared = ["".join(t.text or "" for t in one.iter("t") if t.getparent().tag != "rPh")
              for one in tree("xl/sharedStrings.xml").iter("si")]  # fmt: skip
    targets = {one.get("Id"): one.get("Target", "") for one in links}
    found = {}
    for sheet in book.iter("sheet"):
        target = targets.get(sheet.get("id"), "")
        name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        cells = {}
        for cell in tree(name).iterfind("sheetData/row/c"):
            ref, value, kind = cell.get("r"), cell.find("v"), cell.get("t", "n")
            text = None if value is None else value.text or ""
            if kind == "s":
                text = (
                    shared[int(text)]
                    if (text or "").isdigit() and int(text) < len(shared)
                    else None
                )
            elif kind == "inlineStr":
                text = "".join(t.text or "" for t in cell.iter("t"))
            elif kind not in {"n", "str"}:
                text = None
            cells[ref] = None if ref in cells else text
        title = sheet.get("name")
        found[title] = {} if title in found else cells
    return found


def _local_tree(parts, name):
    """Return the tree of a part without namespaces; an empty one where there is none."""
    try:
        root = etree.fromstring(parts[name])
    except (KeyError, etree.XMLSyntaxError, ValueError):
        return etree.Element("nothing")
    for one in root.iter(etree.Element):
        one.tag = etree.QName(one).localname
        for key in list(one.attrib):
            local = etree.QName(key).localname
            if local != key and local not in one.attrib:
                one.set(local, one.get(key))
    return root


def _of_template(folder, data):
    form = _form(folder)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "报告.docx")
        path.write_bytes(data)
        moved = replace(
            form, folder=Path(place), documents=(replace(form.documents[0], template=path.name),)
        )
        try:
            look_through(moved)
        except Exception:  # noqa: BLE001
            return "lint: " + traceback.format_exc()
        try:
            template = Template(path, form.headings, [form.names()])
            document = template.render(names(compute(submission_of(form))))
        except ReportgenError:
            return None
        except Exception:  # noqa: BLE001
            return traceback.format_exc()
    # the conditions of a form that ships leave out what another unit prints
    return _unsound(document) or (form.id == "damage" and _lost(data, document)) or None


def _unsound(document):
    try:
        Document(io.BytesIO(document))
    except Exception:  # noqa: BLE001
        return "does not open: " + traceback.format_exc()
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                try:
                    etree.fromstring(package.read(name))
                except (etree.XMLSyntaxError, ValueError) as error:
                    return f"does not open: {name} {error}"
    return None


def _lost(template, document):
    """Return which text of the template is not in the document."""
    there = _squeezed(_text(document, ".+"))
    plain = re.sub(r"\{[{%#].*?[}%#]\}", "\n", _text(template, ".+"), flags=re.DOTALL)
    for piece in re.findall(r"\w{4,}", plain):
        if piece not in there:
            return f"lost: {piece!r} of the template"
    return None


def _text(document, parts="word/document.xml"):
    """Return the text of the Word parts of a package, a paragraph a line."""
    found = []
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        for name in package.namelist():
            if not re.fullmatch(parts, name) or not re.fullmatch(
                r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml", name
            ):
                continue
            root = etree.fromstring(package.read(name))
            found += [
                "\n" if etree.QName(one).localname == "p" else one.text or ""
                for one in root.iter("{*}t", "{*}p")
            ]
    return "".join(found)


def _squeezed(text):
    return re.sub(r"\s+", "", text)
