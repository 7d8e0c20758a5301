"""Number slots in narratives: ``{{ 收支.合计.决算数 }}``, looked up by name and never run.

What a unit types is no expression: a slot is a name and filters with literal arguments, read by a
pattern and looked up in the tree of names. Anything else in braces prints as typed.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from reportgen import rules
from reportgen.expression import Chain
from reportgen.filters import FILTERS, UnfitError
from reportgen.finding import Finding, Place, Rule
from reportgen.form import Field, Section, shape_of
from reportgen.headings import label_of
from reportgen.names import Shape, UnknownName, maybe, named, nearest
from reportgen.show import is_endless, show
from reportgen.value import Invalid, NotANumberError, Text, Value, number

_SLOT = re.compile(r"(?<![{｛])(?:\{\{|｛｛)([^{}｛｝]*)(?:\}\}|｝｝)(?![}｝])")
_NAME = r"[^\W\d]\w*"
_ARGUMENT = r"""-?\d+(?:\.\d+)?|"[^"]*"|'[^']*'"""
_ARGUMENTS = rf"\((?:(?:{_ARGUMENT})(?:,(?:{_ARGUMENT}))*)?\)"
_NAME_AND_FILTERS = re.compile(rf"({_NAME}(?:\.{_NAME})*)((?:\|{_NAME}(?:{_ARGUMENTS})?)*)")
_FILTER = re.compile(rf"\|({_NAME})({_ARGUMENTS})?")
_QUOTED_OR_SPACE = re.compile(r"""("[^"]*"|'[^']*')|\s+""")
#: The most decimals a filter is asked for: 小数(99999) would fill pages.
_MOST_PLACES = 15
#: The most findings of one rule that a cell gets; more than these nobody reads.
_MOST_SAID = 50


class _SlotError(Exception):
    """A slot that cannot be printed: the rule it breaks and the words of the rule's message.

    Of ``known`` the rule names the one nearest to what is ``wrong``.
    """

    def __init__(self, rule: Rule, *, known: Iterable[str] = (), **words: str) -> None:
        super().__init__(rule.code)
        self.rule, self.known, self.words = rule, known, words


class _CircleError(Exception):
    """A slot rests on the text that it stands in."""

    def __init__(self, key: object) -> None:
        super().__init__("circle")
        self.key = key


class Slots:
    """Fills the slots of a submission's narratives, each cell once; what is wrong is a finding."""

    def __init__(self, data: Any) -> None:
        """*data* is the tree of names (``compute.Data``)."""
        self._data = data
        self._filled: dict[object, Text] = {}
        self._busy: set[object] = set()

    def fill(
        self, section: Section, field: Field, text: Value, scope: Chain, row: tuple[object, ...]
    ) -> Value:
        """Return *text*, the narrative in *row* of *section*, with the slots' values in it.

        *row* is a grid's row by name, what tells a table's rows apart, or nothing in a record.
        """
        if not isinstance(text, Text) or not _SLOT.search(text):
            return text
        key = (section.label, field.label, row)
        if key in self._busy:
            raise _CircleError(key)
        if key not in self._filled:
            self._busy.add(key)
            try:
                cell = _Narrative(self._data, section, field, text, scope, row)
                self._filled[key] = cell.printed(key)
            finally:
                self._busy.remove(key)
        return self._filled[key]


class _Narrative:
    """One cell while its slots are filled."""

    def __init__(
        self,
        data: Any,
        section: Section,
        field: Field,
        text: Text,
        scope: Chain,
        row: tuple[object, ...],
    ) -> None:
        self._data, self._section, self._field = data, section, field
        self._text, self._scope = text, scope
        self._line = str(row[0]) if section.kind == "grid" else ""
        self._said: dict[str, dict[str, Finding | None]] = {}  # by code and slot; None: left out

    def printed(self, key: object) -> Text:
        def value_of(match: re.Match[str]) -> str:
            try:
                return self._slot(match)
            except _SlotError as error:
                self._say(error.rule, match[0], known=error.known, **error.words)
            except _CircleError as error:
                if error.key != key:
                    raise
                self._say(rules.SLOT_IN_CIRCLE, match[0])
            return match[0]

        printed = _SLOT.sub(value_of, self._text)
        self._say_how_many_more()
        return Text(printed, self._text.field, self._text.cell)

    def _slot(self, match: re.Match[str]) -> str:
        """Return what the slot prints; itself when there is no name in it."""
        typed = "".join(c for c in match[1] if unicodedata.category(c) != "Cf")
        source = self._data.form.headings.to_identifiers(typed.strip())
        squeezed = _QUOTED_OR_SPACE.sub(lambda m: m[1] or "", source)
        parts = _NAME_AND_FILTERS.fullmatch(squeezed)
        if parts is None:
            return match[0]
        path = tuple(label_of(name) for name in parts[1].split("."))
        shape = named(path, self._scopes())
        if isinstance(shape, UnknownName):
            if re.search(r"\w\s+\w", source):
                return match[0]  # words, not a name
            raise _SlotError(rules.SLOT_UNKNOWN, wrong=shape.wrong, known=shape.known)
        kind = getattr(shape.field, "type", "")
        if kind in {"narrative", "image"}:
            what = f"“{parts[1]}”是{'一段文字' if kind == 'narrative' else '一张图片'}"
            raise _SlotError(rules.SLOT_NOT_ONE, what=what)
        value: Any = self._scope.resolve(path[0])
        for name in path[1:]:
            value = value.lookup(name)
        printed = _show(_filtered(value, parts[2]), parts[1])
        if not printed and not isinstance(value, Invalid):
            self._say(rules.SLOT_BLANK, match[0], name=".".join(path))
        return printed

    def _scopes(self) -> list[Shape]:
        """Return the names of the cell's row, its section, the form; the nearest first."""
        own = shape_of(self._section)
        row = own.members.get(self._line) if self._line else own.each
        return [*([row] if row else []), own, self._data.form.names()]

    def _say(self, rule: Rule, value: str, *, known: Iterable[str] = (), **words: str) -> None:
        if self._data.prior:
            return  # nobody can correct what was written last year
        said = self._said.setdefault(rule.code, {})
        if value in said or len(said) >= _MOST_SAID:
            said.setdefault(value)
            return
        if "wrong" in words:
            words["nearest"] = maybe(nearest(words["wrong"], known))
        submission, cell = self._data.submission, self._text.cell
        sheet = cell.sheet if cell else submission.sheets.get(self._section.label, "")
        label = self._field.label
        if self._line:
            label = f"{self._line} · {label}"
        place = Place(file=submission.file, sheet=sheet, cell=cell.ref if cell else "", field=label)
        said[value] = found = rule.at(place, value=value, label=label, **words)
        if found not in self._data.findings:
            self._data.findings.append(found)

    def _say_how_many_more(self) -> None:
        """Let the last finding of each rule say how many more like it were left out."""
        found = self._data.findings
        for said in self._said.values():
            last = list(said.values())[:_MOST_SAID][-1]
            if last and len(said) > _MOST_SAID:
                more = f"这一格里这样的还有 {len(said) - _MOST_SAID} 处，没有一一列出。"
                found[found.index(last)] = replace(last, hint=last.hint + more)


def _filtered(value: Any, filters: str) -> Any:
    """Return *value* after the filters: ``|万元|小数(2)``."""
    for name, listed in _FILTER.findall(filters):
        if name not in FILTERS:
            raise _SlotError(rules.SLOT_UNKNOWN_FILTER, wrong=name, known=FILTERS)
        try:
            value = FILTERS[name](value, *_arguments(listed))
        except UnfitError as error:
            raise _SlotError(rules.SLOT_FAILED, what=error.what) from error
        except NotANumberError as error:
            what = f"“{error.operand}”不是“{name}”要的数"
            raise _SlotError(rules.SLOT_FAILED, what=what) from error
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise _SlotError(rules.SLOT_FAILED, what=f"“{name}”不能用在这里") from error
    return value


def _arguments(listed: str) -> list[Any]:
    found: list[Any] = []
    for text in re.findall(_ARGUMENT, listed):
        if text[0] in "\"'":
            found.append(text[1:-1])
            continue
        if not text.isdecimal() or Decimal(text) > _MOST_PLACES:
            what = f"小数位数“{text}”要写 0 到 {_MOST_PLACES} 的整数"
            raise _SlotError(rules.SLOT_FAILED, what=what)
        found.append(number(Decimal(text)))
    return found


def _show(value: Any, name: str) -> str:
    if is_endless(value):
        what = "除不尽，要写明小数位数，例如 |小数(2)"
        raise _SlotError(rules.SLOT_FAILED, what=what)
    if not isinstance(value, Value | str):
        raise _SlotError(rules.SLOT_NOT_ONE, what=f"“{name}”是一张表、一行或一列")
    return show(value)
