"""What one field probably is, from its label and the values that stand in it."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reportgen.fieldtypes import (
    CellProblemError,
    exact,
    parse_number,
)
from reportgen.form import Field

MONEY = ("元", "千元", "万元", "百万元", "亿元")
_UOMS = re.compile(
    "[千万亿百]*元|元/(人|月|天|年|次|台|平方米|亩|吨)|万?人|万?人次|人天|万?户|户次|车次|个|台|套|件|辆|项|次"
    "|份|本|页|张|家|所|处|座|栋|间|条|批|种|类|篇|期|场|班|名|分|岁|天|日|周|月|年|小时|时|学时|课时|学分"
    "|公里|千米|米|k?m|平方米|㎡|m²|m2|亩|公顷|立方米|m³|吨|千克|kg|公斤|克|升|度|千瓦时|[%％‰]|个百分点|箱"
    "|包|支|只|把|块|根|片|棵|株|头|册|部|宗"
)
_UOM = re.compile(
    r"^(.+?)(?:[(（]\s*(?:单位\s*[:：]?)?\s*([^()（）]{1,6})\s*[)）]|[/／]([^/／\d]{1,3}元|元))$"
)


@dataclass(slots=True, kw_only=True)
class Question:
    """What was assumed about ``where``, why, and what to change if it is wrong.

    ``weight`` orders them: what changes most if it is wrong has the least.
    """

    where: str
    assumed: str
    why: str
    change: str
    weight: int = 5

    @property
    def text(self) -> str:
        """Return all of it in a sentence or two, as it stands in form.toml."""
        why = f"（{self.why}）" if self.why else ""
        said = f"{self.assumed}{why}。{self.change}。"
        return " ".join("".join(c if c.isprintable() else " " for c in said).split())


@dataclass(slots=True, kw_only=True)
class Item:
    """A field in the making. ``raws`` are its cells: of a table one a row, None for an empty one."""

    label: str
    heading: str = ""
    type: str = "text"
    uom: str = ""
    group: str = ""
    required: bool = False
    unique: bool = False
    choices: tuple[str, ...] = ()
    places: int | None = None
    formula: str = ""
    total: bool | str = True
    hint: str = ""
    raws: list[Any] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    at: int = 0

    def as_field(self) -> Field:
        """Return it as a form has it."""
        return Field(
            label=self.label, type=self.type, uom=self.uom, choices=self.choices, places=self.places
        )

    def ask(self, assumed: str, why: str, change: str, weight: int = 5) -> None:
        """Note a question; its place is filled in when the section has a name."""
        self.questions.append(
            Question(where=self.label, assumed=assumed, why=why, change=change, weight=weight)
        )

    def number(self, index: int) -> Decimal | None:
        """Return the number in a cell; None if there is none."""
        return number_of(self.raws[index], self.uom)


def number_of(raw: object, uom: str = "") -> Decimal | None:
    """Return the number in a cell, typed as one or as text; None for anything else."""
    if isinstance(raw, bool) or raw is None:
        return None
    if isinstance(raw, int | float):
        return exact(raw) if abs(raw) < 10**15 else None
    if isinstance(raw, str):
        try:
            value, is_percent = parse_number(raw, uom)
        except CellProblemError:
            return None
        return value.scaleb(-2) if is_percent else value
    return None


def split_uom(heading: str) -> tuple[str, str]:
    """Return a heading without its unit of measure, and that unit.

    >>> split_uom("单价（元）"), split_uom("面积/平方米"), split_uom("名称（全称）")
    (('单价', '元'), ('面积/平方米', ''), ('名称（全称）', ''))
    """
    match = _UOM.match(heading)
    uom = (match[2] or match[3] or "").strip() if match else ""
    if match and (_UOMS.fullmatch(uom) or uom.removeprefix("人民币") in MONEY):
        return match[1].strip(), uom.removeprefix("人民币").replace("％", "%")
    return heading, ""
