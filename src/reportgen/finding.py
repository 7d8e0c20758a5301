"""What is wrong and where: ``Severity``, ``Place``, ``Rule``, ``Finding``. Imports nothing of ours."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How bad a finding is; only an error keeps a unit from its official document."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def label(self) -> str:
        """What people call it."""
        return {"error": "错误", "warning": "警告", "note": "提示"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a person finds it, from the outside in; what does not apply is empty.

    ``file`` is the file's name, ``sheet`` the sheet's title, ``cell`` an A1 reference,
    ``field`` the label (``项目明细.指标总额``) or, in a Word template, the words around the tag.
    """

    file: str = ""
    sheet: str = ""
    cell: str = ""
    field: str = ""

    def __str__(self) -> str:
        """Return ``甲局.xlsx › 收支 › F12（基本支出 · 决算数）``."""
        inner = (
            f"{self.cell}（{self.field}）" if self.cell and self.field else self.cell or self.field
        )
        return " › ".join(part for part in (self.file, self.sheet, inner) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another number that a finding is about, and its cell."""

    sheet: str
    cell: str
    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, at one place, with what to do about it.

    ``value`` is what is there, as typed; ``difference`` is the amount two numbers are apart;
    ``explanation`` is why it may stand: the unit's words, or the bureau's after 已核准.
    """

    code: str
    level: Severity
    place: Place
    message: str
    hint: str = ""
    value: str = ""
    difference: str = ""
    explanation: str = ""
    related: tuple[Related, ...] = ()

    @property
    def is_approved(self) -> bool:
        """Whether the bureau lets it stand: a note with an explanation is nothing else."""
        return self.level is Severity.NOTE and bool(self.explanation)

    @property
    def stands(self) -> bool:
        """Whether somebody answers for it: the bureau, or the unit for a warning."""
        return self.level is not Severity.ERROR and bool(self.explanation)

    @property
    def verdict(self) -> str:
        """The word for it in a list: 错误, 警告, 提示, or why it may stand."""
        if self.stands:
            return "已核准" if self.is_approved else "已说明"
        return self.level.label


@dataclass(frozen=True, slots=True)
class Rule:
    """A message that the program can give: ``message`` and ``hint`` hold ``{words}`` to fill in."""

    code: str
    level: Severity
    message: str
    hint: str = ""

    def at(self, place: Place, *, value: object = "", **words: Any) -> Finding:
        """Return the finding of this rule at *place*; ``{value}`` is cut to 60 characters."""
        shown = str(value)
        words["value"] = shown if len(shown) <= 60 else shown[:57] + "…"
        return Finding(
            code=self.code,
            level=self.level,
            place=place,
            message=self.message.format(**words),
            hint=self.hint.format(**words),
            value=shown,
        )
