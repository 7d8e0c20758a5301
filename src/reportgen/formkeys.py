"""Typed access to the keys of ``form.toml``; what is wrong becomes a finding, never an exception."""

import re
import string
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from reportgen import rules
from reportgen.finding import Finding, Place, Rule
from reportgen.form import NUMBER_TYPES, RESERVED
from reportgen.names import maybe, nearest
from reportgen.workbook.layout import heading_key


def _as_toml(value: object) -> object:
    """Return a value as it stands in the file; a list or a table is too long for a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "…" if isinstance(value, list | dict) else value


class Keys:
    """Reads single keys and collects the findings; ``where`` is the place they get."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.where = ""
        self.is_whole = True

    def say(self, rule: Rule, **words: Any) -> None:
        """Add a finding at the present place."""
        if "value" in words:
            words["value"] = _as_toml(words["value"])
        self.findings.append(rule.at(Place(file=self.file, field=self.where), **words))

    def broken(self, key: str, value: object, what: str, hint: str) -> None:
        """Say that a part is lost, so that names in it cannot be looked up."""
        self.is_whole = False
        self.say(rules.FORM_VALUE, key=key, value=value, what=what, hint=hint)

    def keys(self, table: Mapping[str, Any], known: Sequence[str]) -> None:
        """Say which keys of *table* nobody knows."""
        for key in table:
            if key not in known:
                self.say(
                    rules.FORM_KEY,
                    value=key,
                    nearest=maybe(nearest(key, known)),
                    known="、".join(known),
                )

    def label(self, label: str) -> None:
        """Say so if a label takes a reserved name, or cannot stand in a cell as a heading."""
        if label in RESERVED:
            self.say(rules.FORM_RESERVED, value=label, reserved="、".join(RESERVED))
        unseen = any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in label if c != "\n")
        # of signs alone, "(" say, it would be meant wherever a formula has that sign
        worded = heading_key(label).strip(string.punctuation)
        if label and (unseen or not worded or label != label.strip()):
            shown = repr(label)[1:-1]
            hint = "开头、结尾不能有空格，里面不能有看不见的字符，不能只有符号。"
            self.say(rules.FORM_VALUE, key="label", value=shown, what="不能作名称", hint=hint)

    def twice(self, names: Sequence[str], key: Callable[[str], str] = heading_key) -> None:
        """Say which of *names* stand there twice, as *key* compares them."""
        seen: set[str] = set()
        for name in names:
            if key(name) in seen:
                self.say(rules.FORM_NAME_TWICE, value=name)
            seen.add(key(name))

    def absent(self, table: Mapping[str, Any], keys: Sequence[str], why: str) -> None:
        """Say which of *keys* do not belong here."""
        for key in keys:
            if key in table:
                self.say(rules.FORM_VALUE, key=key, value="…", what="在这里不能用", hint=f"{why}。")

    def table(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Return a sub-table; an absent one is empty."""
        value = data.get(key, {})
        if isinstance(value, dict):
            return value
        self.broken(key, value, "不是一节", f"请写 [{key}]。")
        return {}

    def tables(self, data: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
        """Yield the tables of an array of tables."""
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(t, dict) for t in value):
            self.where = f"[[{key}]]"
            self.broken(key, value, "不是一组", f"请写 [[{key}]]（两层方括号）。")
            return
        yield from value

    def entries(self, table: Mapping[str, Any], key: str) -> list[Any]:
        """Return a list."""
        value = table.get(key, [])
        if isinstance(value, list):
            return value
        self.broken(key, value, "不是一个列表", "请写在 [ ] 里。")
        return []

    def text(
        self, table: Mapping[str, Any], key: str, *, required: bool = False, where: str = ""
    ) -> str:
        """Return a text; an absent one is empty."""
        self.where = where or self.where
        value = table.get(key, "")
        if not isinstance(value, str):
            self.say(rules.FORM_VALUE, key=key, value=value, what="不是文字", hint="请加引号。")
            return str(value)
        if required and not value.strip():
            self.is_whole = self.is_whole and key != "label"
            self.say(rules.FORM_MISSING, value=key, hint=f'请补上 {key} = "…"。')
        return value

    def texts(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.say(
                rules.FORM_VALUE,
                key=key,
                value=value,
                what="不是一列文字",
                hint=f'请写 {key} = ["…", "…"]。',
            )
            return ()
        return tuple(value)

    def old_names(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        """Return ``was``, each a label like any other."""
        names = self.texts(table, "was")
        for name in names:
            self.label(name or " ")
        return tuple(name for name in names if name)

    def truth(self, table: Mapping[str, Any], key: str) -> bool:
        """Return a truth value; an absent one is false."""
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.say(
                rules.FORM_VALUE, key=key, value=value, what="不是 true 或 false", hint="不加引号。"
            )
            return False
        return value

    def truth_or_text(self, table: Mapping[str, Any], key: str) -> bool | str:
        """Return a truth value or an expression."""
        value = table.get(key, False)
        return value if isinstance(value, str) and value else self.truth(table, key)

    def choice(
        self, table: Mapping[str, Any], key: str, known: Sequence[str], default: str = ""
    ) -> str:
        """Return one of *known*."""
        value = table.get(key, default)
        if value in known:
            return str(value)
        if key not in table:
            self.say(rules.FORM_MISSING, value=key, hint=f"可用的有：{'、'.join(known)}。")
        else:
            near = nearest(str(value), known)
            self.say(
                rules.FORM_VALUE, key=key, value=f"“{value}”", what="不在可用的里面",
                hint=f"{maybe(near)}可用的有：{'、'.join(known)}。",
            )  # fmt: skip
        return default or known[0]

    def pattern(self, table: Mapping[str, Any], key: str) -> str:
        """Return a regular expression; an absent or a broken one is empty."""
        pattern = self.text(table, key)
        try:
            with warnings.catch_warnings():  # of what a later Python may read in another way
                warnings.simplefilter("ignore", FutureWarning)
                re.compile(pattern)
        except (re.error, OverflowError, RecursionError):
            self.say(
                rules.FORM_VALUE, key=key, value=pattern, what="不是正则表达式",
                hint="例如 [0-9]{6}。",
            )  # fmt: skip
            return ""
        return pattern

    def integer(self, table: Mapping[str, Any], key: str, known: range, meaning: str) -> int | None:
        """Return one of *known*, or None."""
        value = table.get(key)
        if value is None or (type(value) is int and value in known):
            return value
        self.say(
            rules.FORM_VALUE, key=key, value=value, what=f"不是{meaning}",
            hint=f"请写 {known[0]} 到 {known[-1]} 的整数。",
        )  # fmt: skip
        return None

    def places(self, table: Mapping[str, Any]) -> int | None:
        """Return a number of decimal places, or None."""
        return self.integer(table, "places", range(11), "小数位数")

    def number(self, table: Mapping[str, Any], key: str) -> Decimal | None:
        """Return an exact number, or None."""
        value = table.get(key)
        if value is None:
            return None
        try:
            number = Decimal("NaN" if isinstance(value, bool) else str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
        self.say(rules.FORM_VALUE, key=key, value=value, what="不是数", hint="例如 0.01。")
        return None

    def limit(self, table: Mapping[str, Any], key: str, kind: str) -> Decimal | date | None:
        """Return a limit of the kind of its field: a number or a date."""
        if kind == "date":
            return self.day(table, key)
        if kind in NUMBER_TYPES:
            return self.number(table, key)
        self.absent(table, (key,), "只有数和日期才有大小")
        return None

    def day(self, table: Mapping[str, Any], key: str) -> date | None:
        """Return a date, or None."""
        value = table.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.say(
            rules.FORM_VALUE,
            key=key,
            value=value,
            what="不是日期",
            hint="请写 2027-03-15，不加引号。",
        )
        return None

    def origin(self, table: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return ``from`` as section and field."""
        value = self.text(table, "from")
        if not value:
            return None
        section, dot, label = value.partition(".")
        if not dot:
            self.say(
                rules.FORM_VALUE,
                key="from",
                value=value,
                what="没有写是哪一项",
                hint="请写 表名.项名，例如 项目明细.项目名称。",
            )
            return None
        return section.strip(), label.strip()
