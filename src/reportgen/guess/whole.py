"""A whole workbook → a form in the making, with the questions that only a person can answer."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from reportgen.guess.areas import Parts, parts_of
from reportgen.guess.cells import Cells, clean
from reportgen.guess.drafts import BRACES, Draft, Guess, name_items, section_label
from reportgen.guess.items import Item, Question, split_uom
from reportgen.guess.looks import Looks, looks_of
from reportgen.guess.pairs import Pair
from reportgen.guess.sections import record_of, table_of
from reportgen.headings import narrow
from reportgen.output import file_name
from reportgen.workbook.book import Book
from reportgen.workbook.layout import OWN_SHEETS

_NO_TITLE = re.compile(r"^(sheet|工作表|表)\s*\d*$", re.IGNORECASE)
_UNITS = (
    "单位名称", "填报单位", "单位全称", "部门名称", "填报部门", "预算单位", "预算部门", "编制单位",
    "申报单位", "主办单位", "使用单位", "管理单位", "项目单位", "实施单位", "单位", "姓名", "所属单位", "所在单位",
    "工作单位", "部门", "科室",
)  # fmt: skip
_BASIC = "基本信息"
#: What a field is called that names the unit where the old workbook has none: the first that is free.
_ADDED = ("单位名称", "填报单位", "报送单位", *(f"填报单位{number}" for number in range(2, 100)))


def guess_form(book: Book) -> Guess:
    """Return the form that *book* could be filled in for, and the book's own values.

    A sheet in which nothing is understood is left out, and a question says so.
    """
    stem = PurePath(book.file).stem
    looks = looks_of(book)
    guess = Guess(id=_id(stem), title=clean(stem)[:60] or "表单", source=book.file, sections=[])
    read: list[tuple[Cells, Parts]] = []
    for title, sheet in book.sheets.items():
        if title in OWN_SHEETS or title.startswith("_"):
            continue
        if title in book.hidden:
            _ask(guess, f"没有看隐藏的工作表“{title}”", "", "需要的，取消隐藏后再做一次", 4)
            continue
        cells = Cells(sheet)
        if cells.height:
            read.append((cells, parts_of(cells)))
    _sections(guess, read, looks)
    _title(guess, read)
    _unit(guess)
    _without_unit(guess)
    guess.title = BRACES.sub("", guess.title) or "表单"
    guess.template = file_name(f"{guess.title}.docx")
    return guess


def _id(stem: str) -> str:
    """Return an id that is a folder's name too."""
    return file_name(re.sub(r"[\s/]+", "-", clean(stem)).strip("-")) or "form"


def _ask(guess: Guess, assumed: str, why: str, change: str, weight: int) -> None:
    guess.questions.append(
        Question(where="整张表单", assumed=assumed, why=why, change=change, weight=weight)
    )


def _sections(guess: Guess, read: Sequence[tuple[Cells, Parts]], looks: dict[str, Looks]) -> None:
    taken: list[str] = []

    def add(draft: Draft) -> None:
        guess.sections.append(draft)
        taken.append(draft.label)
        for question in draft.questions:
            question.where = draft.label
        for item in draft.items:
            for question in item.questions:
                question.where = f"{draft.label} › {item.label}"

    for cells, parts in read:
        own = looks.get(cells.sheet.title, Looks())
        name = _sheet_name(cells, parts, guess.title)
        pairs = list(_distinct(parts.pairs))
        if pairs:
            # who fills it in stands above a table; a form of its own has its own name
            wanted = _BASIC if parts.tables or len(read) == 1 else name
            if parts.tables and _BASIC in taken:
                wanted = f"{name}信息"
            add(record_of(section_label(wanted, taken), pairs, cells, own, parts.uom))
        for number, table in enumerate(parts.tables, 1):
            several = len(parts.tables) > 1
            wanted = split_uom(table.caption)[0] or (f"{name}{number}" if several else name)
            add(table_of(section_label(wanted, taken), table, cells, own, parts))
            _a_row_each(guess.sections[-1])
        if not (pairs or parts.tables):
            title = cells.sheet.title
            _ask(
                guess,
                f"没有带入工作表“{title}”",
                "看不出哪里是名称、哪里是数",
                "需要的，自己写一个 [[section]]",
                1,
            )
        elif parts.left:
            where = "、".join(f"{cells.sheet.title} 第 {t.row} 行" for t in parts.left[:3])
            _ask(
                guess,
                f"有 {len(parts.left)} 格没有用上：{where}",
                "看不出是什么",
                "需要的，自己加一项",
                2,
            )
    if not guess.sections:
        add(Draft(label=_BASIC, kind="record", sheet="", items=[]))
        _ask(guess, "旧表里没有看出要填的东西", "", "请照 [[section]] 的写法自己列出填报项", 1)


def _a_row_each(draft: Draft) -> None:
    """Ask about a table whose rows are units: it may be meant as one document a row."""
    column = next((i for i in draft.items if narrow(i.label) in _UNITS[:12]), None)
    texts = [str(raw) for raw in column.raws if raw is not None] if column else []
    if draft.kind == "table" and column and len(set(texts)) == len(texts) > 1:
        draft.ask(
            f"整张表放在一份工作簿里，{len(texts)} 行出一份文档", f"一行像是一个单位（{column.label}）",
            "要一行一份的，用文件末尾带 each 的 [[document]]", 2,
        )  # fmt: skip
        draft.questions[-1].where = draft.label


def _distinct(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Yield the pairs; of those that say the same twice, the first."""
    seen: set[tuple[str, object]] = set()
    for pair in pairs:
        value = pair.inline if pair.token is None else pair.token.raw
        key = (narrow(pair.label), str(value))
        if not pair.label or (key in seen and value):
            continue
        seen.add(key)
        yield pair


def _sheet_name(cells: Cells, parts: Parts, title: str) -> str:
    if not _NO_TITLE.match(cells.sheet.title.strip()):
        return cells.sheet.title
    return parts.title if 0 < len(parts.title) <= 20 else title


def _title(guess: Guess, read: Sequence[tuple[Cells, Parts]]) -> None:
    titles = [parts.title for _, parts in read if parts.title]
    if len(titles) == 1 and 2 < len(titles[0]) <= 40:
        guess.title = re.sub(r"[\s/\\]+", "", titles[0])


def _without_unit(guess: Guess) -> None:
    """Take the unit's own name from the title: other units fill in the same form."""
    items = [i for d in guess.sections if d.kind == "record" for i in d.items]
    names = [str(i.raws[0]) for i in items if i.label == guess.unit and i.raws and i.raws[0]]
    for name in names:
        rest = guess.title.removeprefix(name)
        if len(rest) > 2:
            guess.title = rest


def _unit(guess: Guess) -> None:
    """Find the field that names the unit; add one where there is none."""
    records = [d for d in guess.sections if d.kind == "record"]
    titles = {narrow(d.label) for d in guess.sections}
    for wanted in _UNITS:
        if wanted in titles:
            continue
        hits = [(d, i) for d in records for i in d.items if narrow(i.label) == wanted]
        if len(hits) == 1 and hits[0][1].type in {"text", "choice"}:
            draft, item = hits[0]
            guess.unit, item.required = item.label, True
            if not any(raw is not None for raw in item.raws):
                item.raws = [f"示例{'单位' if wanted != '姓名' else '姓名'}"]
            item.ask(
                f"用“{item.label}”作填报单位", "每份工作簿、每份报告以它命名",
                "不对的，改 [form] 里的 unit", 1,
            )  # fmt: skip
            item.questions[-1].where = f"{draft.label} › {item.label}"
            return
    basic = next((d for d in records if d.label == _BASIC), None)
    if basic is None:
        label = section_label(_BASIC, [d.label for d in guess.sections])
        basic = Draft(label=label, kind="record", sheet="", items=[])
        guess.sections.insert(0, basic)
    taken = titles | {narrow(i.label) for d in records for i in d.items}
    label = next(one for one in _ADDED if one not in taken)
    item = Item(label=label, required=True, raws=["示例单位"], hint="单位全称")
    basic.items.insert(0, item)
    name_items(basic.items)
    guess.unit = item.label
    item.ask(
        f"加了“{label}”，样例里写“示例单位”", "旧表里没有看出填报单位是哪一格",
        "旧表里有的，改 [form] 里的 unit，删去这一项", 1,
    )  # fmt: skip
    item.questions[-1].where = f"{basic.label} › {item.label}"
