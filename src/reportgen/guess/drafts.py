"""The sections of a form in the making: labels that may stand there, values in their places."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reportgen.fieldtypes import raw_text, read_value
from reportgen.form import NUMBER_TYPES, RESERVED
from reportgen.guess.items import Item, Question
from reportgen.headings import narrow
from reportgen.submission import plain_row
from reportgen.workbook.find import TOTALS
from reportgen.workbook.layout import OWN_SHEETS, heading_key

#: What a template would take for the beginning or the end of a tag.
BRACES = re.compile("[{}｛｝]")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]|^[_']+|'+$")
_LONGEST = 31
_LONGEST_LABEL = 60
#: The weight of a question about a name; more of them than so many become one.
RENAMED = 4
_FEW = 3
#: What a label becomes that is a name of the program's own.
_RENAMED = {
    "合计": "合计数", "个数": "数量", "序号": "原序号", "上年": "上年数", "级": "级别", "编号": "原编号",
}  # fmt: skip


@dataclass(slots=True)
class RowItem:
    """A row of a grid in the making; ``at`` is its row in the old workbook."""

    label: str
    at: int
    formula: str = ""

    def enter(self) -> None:
        """Have it filled in: 合计 then needs another name, or it would be the program's own."""
        self.formula = ""
        if self.label == "合计":
            self.label = "合计数"


@dataclass(slots=True, kw_only=True)
class Draft:
    """A section in the making. The cells of a record's items are one each, else one a row."""

    label: str
    kind: str
    sheet: str
    items: list[Item]
    rows: list[RowItem] = field(default_factory=list)
    hint: str = ""
    questions: list[Question] = field(default_factory=list)

    def ask(self, assumed: str, why: str, change: str, weight: int = 5) -> None:
        """Note a question about the section as a whole."""
        self.questions.append(
            Question(where=self.label, assumed=assumed, why=why, change=change, weight=weight)
        )

    def values(self) -> object:
        """Return the old values in the shape of ``--values``; None for none."""
        if self.kind == "record":
            return self._row(0)
        if self.kind == "grid":
            found = {row.label: self._row(i) for i, row in enumerate(self.rows) if not row.formula}
            return {label: row for label, row in found.items() if row}
        count = max((len(item.raws) for item in self.items), default=0)
        rows = [self._row(i) for i in range(count)]
        return [row for row in rows if row and not self._is_total(row)]

    def _is_total(self, row: Mapping[str, object]) -> bool:
        """Whether a row calls itself a total: the program adds up by itself."""
        texts = [str(row[i.label]) for i in self.items if i.label in row and not _is_figure(i)]
        return bool(texts) and narrow(texts[0]).rstrip(":") in TOTALS

    def _row(self, index: int) -> dict[str, object]:
        found = {}
        for item in self.items:
            raw = item.raws[index] if index < len(item.raws) else None
            if raw is not None and not item.formula:
                found[item.label] = plain(item, raw)
        return found


def _is_figure(item: Item) -> bool:
    return item.type in NUMBER_TYPES or item.type == "date"


@dataclass(slots=True, kw_only=True)
class Guess:
    """A whole form in the making; ``unit`` is the label of the field that names the unit."""

    id: str
    title: str
    source: str
    sections: list[Draft]
    unit: str = ""
    template: str = "报告.docx"
    output: str = ""
    questions: list[Question] = field(default_factory=list)

    def values(self) -> dict[str, object]:
        """Return the old workbook's values in the shape of ``--values``."""
        found = {section.label: section.values() for section in self.sections}
        return {label: content for label, content in found.items() if content}

    def asked(self) -> Iterator[Question]:
        """Yield every question: of the form, of each section, of each of its fields."""
        yield from self.questions
        for section in self.sections:
            yield from section.questions
            for item in section.items:
                yield from item.questions


def asked_once(draft: Draft) -> None:
    """Make one question of many about names: of sixteen columns without a heading."""
    renamed = [item for item in draft.items if any(q.weight == RENAMED for q in item.questions)]
    if len(renamed) <= _FEW:
        return
    for item in renamed:
        item.questions = [q for q in item.questions if q.weight != RENAMED]
    shown = "、".join(f"“{item.label}”" for item in renamed[:_FEW])
    draft.ask(
        f"{len(renamed)} 栏换了名称：{shown}等", "旧表里没有名称，或名称相同、不能用",
        "请另起名称，模板里的一起改", RENAMED,
    )  # fmt: skip


def plain(item: Item, raw: Any) -> object:
    """Return what was in a cell as the values file has it."""
    value, problems = read_value(raw, item.as_field(), None)
    if problems or item.type in {"text", "narrative", "choice"}:
        return raw_text(raw).strip()
    return plain_row({item.label: value}).get(item.label, raw_text(raw))


def section_label(wanted: str, taken: Iterable[str]) -> str:
    """Return a title that a sheet may have and no other of *taken* has."""
    bare = _FORBIDDEN.sub("", _named(" ".join(wanted.split()))).strip() or "数据"
    if bare.lower() == "history" or bare in OWN_SHEETS or bare in RESERVED:
        bare += "表"
    return _free(_cut(bare, _LONGEST), {narrow(one).lower() for one in taken}, _LONGEST)


def name_items(items: Sequence[Item]) -> None:
    """Give every item a label that a form may have and that no other of them has."""
    counts: dict[str, int] = {}
    for item in items:
        key = heading_key(_named(item.label))
        counts[key] = counts.get(key, 0) + 1
    taken: set[str] = set()
    for item in items:
        label = _named(item.label)
        if counts[heading_key(label)] > 1 and item.group and label:
            label = f"{item.group}{label}"
        label = _cut(label, _LONGEST_LABEL)
        label = _RENAMED.get(label, label) or "未命名"
        if not heading_key(label):
            label = "未命名"
        label = _free(label, taken, _LONGEST_LABEL, uom=item.uom)
        if label != item.label:
            old = item.label or "（没有名称）"
            why = "程序自己用这个名称" if old in RESERVED else "一张表里名称不能相同，也不能空着"
            item.ask(
                f"旧表的“{old}”改叫“{label}”", why, "另起名称的，改 label 和模板里的名称", RENAMED
            )
            item.label = label
        taken.update(_spelt(label, item.uom))
        for question in item.questions:
            question.where = item.label


def _named(text: str) -> str:
    """Return *text* as a name that a tag may use; empty if nothing in it can be said."""
    bare = BRACES.sub("", text).strip()
    return bare if any(sign.isalnum() for sign in bare) else ""


def _free(label: str, taken: Iterable[str], longest: int, *, uom: str | None = None) -> str:
    """Return *label*, or with a number behind it, so that none of its spellings is *taken*."""
    known = set(taken)
    number, found = 2, label
    while known & _spelt(found, uom):
        found = f"{label[: longest - len(str(number))]}{number}"
        number += 1
    return found


def _spelt(label: str, uom: str | None) -> set[str]:
    """Return how a label may be written, as it is compared: a field's (*uom* a text), or a sheet's."""
    if uom is None:
        return {narrow(label).lower()}
    return {heading_key(label), heading_key(f"{label}（{uom}）")} if uom else {heading_key(label)}


def _cut(text: str, size: int) -> str:
    return text if len(text.encode("utf-16-le")) // 2 <= size else text[: size // 2 * 2 - 1].strip()
