"""Totals and computed values: a submission as the tree of names that formulas and templates see.

Everything is computed once, on first use. A section whose ``when`` is false is empty here.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from reportgen import rules
from reportgen.expression import Chain, Scope
from reportgen.finding import Finding, Place, Rule
from reportgen.form import Field, Form, Section
from reportgen.nodes import NODES, GridNode, RecordNode, TableNode, TotalNode
from reportgen.slots import Slots
from reportgen.sources import Sources
from reportgen.submission import Row, Submission
from reportgen.value import (
    Blank,
    Cell,
    DivisorZeroError,
    Invalid,
    NotANumberError,
    NotApplicable,
    Value,
    with_field,
)
from reportgen.whereabouts import cell_of

_T = TypeVar("_T")
_MISSING = frozenset({rules.NO_SHEET.code, rules.NO_HEADER.code, rules.NO_COLUMN.code})


class Data:
    """The root of the tree: computed values, sections, and the record fields with a unique name.

    With *prior* it is last year's, where what is not known is blank. *findings* gets what fails.
    """

    def __init__(
        self, submission: Submission, *, prior: bool = False, findings: list[Finding] | None = None
    ) -> None:
        self.submission = submission
        self.prior = prior
        self.form: Form = submission.form
        self.findings: list[Finding] = [] if findings is None else findings
        self._cache: dict[object, Any] = {}
        self._computed = {n: c for c in self.form.computed for n in (c.label, *c.was)}
        self._sections = {n: s for s in self.form.sections for n in (s.label, *s.was)}
        self._short = self.form.short_names()
        self._missing = {
            (f.place.sheet, f.place.field) for f in submission.findings if f.code in _MISSING
        }
        self._nodes: dict[str, Any] = {}
        self.sources = Sources(self)
        self.slots = Slots(self)

    def lookup(self, name: str) -> object:
        """Return what *name* stands for at the top (design.md §3, Names).

        Raises:
            KeyError: nothing is called *name*.
        """
        if name in self._computed:
            one = self._computed[name]
            return self.calculate(("computed", one.label), one, one.formula, self, one.label)
        if name in self._sections:
            return self.node(self._sections[name])
        if name in self._short:
            section, one = self._short[name]
            return self.node(section).lookup(one.label)
        if name == "上年":
            if name not in self._nodes:
                filled = Submission(form=self.form, values=self.submission.prior)
                self._nodes[name] = Data(filled, prior=True, findings=self.findings)
            return self._nodes[name]
        raise KeyError(name)

    resolve = lookup

    def once(self, key: str, make: Callable[[], _T]) -> _T:
        """Return what *make* gives, made when *key* is first asked for."""
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]  # type: ignore[no-any-return]

    def node(self, section: Section) -> Any:
        """Return the tree below *section*."""
        if section.label not in self._nodes:
            self._nodes[section.label] = NODES[section.kind](self, section)
        return self._nodes[section.label]

    def is_missing(self, section: Section, label: str = "") -> bool:
        """Say whether the workbook lacks this sheet, or in it this column, row or item."""
        title = self.submission.sheets.get(section.label, section.label)
        return bool({(title, ""), (title, label)} & self._missing)

    def entered(self, section: Section, field: Field, values: Row, row: str = "") -> Value:
        """Return what was filled in; what the workbook has no cell for cannot be read."""
        if field.label in values:
            return values[field.label]
        missing = self.is_missing(section, field.label) or self.is_missing(section, row)
        return Invalid(field) if missing else Blank(field)

    def applies(self, section: Section) -> bool | None:
        """Say whether *section* is to be filled; None when that cannot be known yet."""
        if (key := ("applies", section.label)) not in self._cache:
            self._cache[key] = self.holds(section.when, self)
        return self._cache[key]  # type: ignore[no-any-return]

    def holds(self, condition: str, scope: Any, asked_by: str = "") -> bool | None:
        """Say whether *condition* is true in *scope*; None when it rests on a blank or wrong cell.

        A divisor that is zero gives None too, and a finding where it is said who asks: *asked_by*.
        """
        if not condition:
            return True
        chain = scope if isinstance(scope, Chain) else Chain(scope, self)
        try:
            result = self.form.expressions[condition].evaluate(chain)
        except DivisorZeroError as error:
            if asked_by:
                then = "，这一条没有查"
                self._say(rules.DIVISOR_ZERO, asked_by, condition, error.divisor, then=then)
            return None
        except NotANumberError:
            return None
        if isinstance(result, Blank):
            # a bare name asks whether the cell is filled in; a comparison with a blank is unknown
            return None if isinstance(result, Invalid) or result.field is None else False
        return bool(result)

    def calculate(self, key: object, field: Field, formula: str, scope: Scope, label: str) -> Value:
        """Return the value of *formula*, which prints as *field* asks; what fails is a finding."""
        if key in self._cache:
            return self._cache[key]  # type: ignore[no-any-return]
        value: Value
        try:
            if self.prior and self._is_unknown(formula):
                value = Blank(field)
            else:
                value = with_field(self.form.expressions[formula].evaluate(scope), field)
        except DivisorZeroError as error:
            then = "，文档里印“—”"
            self._say(rules.DIVISOR_ZERO, label, formula, error.divisor, then=then)
            value = NotApplicable(field)
        except NotANumberError as error:
            self._say(rules.NOT_CALCULABLE, label, formula, error.operand)
            value = Invalid(field, raw="？")
        self._cache[key] = value
        return value

    def _is_unknown(self, formula: str) -> bool:
        """Whether last year cannot be known: nothing came, or it rests on the year before it."""
        paths = self.form.expressions[formula].paths()
        return not self.submission.values or any(path[0] == "上年" for path in paths)

    def demands(self, section: Section, field: Field, scope: Any) -> bool:
        """Say whether a cell must be filled: it applies and it is required, as far as is known."""
        if self.applies(section) is not True or self.holds(field.when, scope) is not True:
            return False
        required = field.required
        return required if isinstance(required, bool) else self.holds(required, scope) is True

    def _say(self, rule: Rule, label: str, formula: str, operand: object, **words: str) -> None:
        """Add a finding at the cell at fault, or else where the result stands."""
        section, _, inner = label.partition(".")
        sheet = self.submission.sheets.get(section, section if inner else "")
        cell: Cell | None = getattr(operand, "cell", None)
        entered: Field | None = getattr(operand, "field", None)
        field = entered.label if cell and entered else inner or label
        at = cell or self._shown_at(section, inner, formula) or Cell(sheet, "")
        place = Place(file=self.submission.file, sheet=at.sheet, cell=at.ref, field=field)
        found = rule.at(place, label=label, formula=formula, value=operand, **words)
        if found not in self.findings:
            self.findings.append(found)

    def _shown_at(self, section: str, inner: str, formula: str) -> Cell | None:
        """Return where the result stands, or else the first cell that *formula* names."""
        row, _, column = inner.rpartition(".")
        cells = self.submission.cells
        own = cells.get((section, row, column)) or cells.get((section, "", column))
        named = (cell_of(self, Chain(self), path) for path in self._named(formula))
        return own or next(filter(None, named), None)

    def _named(self, formula: str) -> Iterator[tuple[str, ...]]:
        for path in self.form.expressions[formula].paths():
            try:
                self.lookup(path[0])
            except KeyError:
                continue  # the name of a row's own column: only the row could find it
            yield path


def compute(submission: Submission) -> Data:
    """Return the tree of names with every formula calculated; what fails is in its ``findings``."""
    data = Data(submission)
    for section in data.form.sections:
        if data.applies(section) is False:
            continue
        match node := data.node(section):
            case RecordNode():
                lines: list[Any] = [node]
            case TableNode():
                # a table without rows has no rates, and that is nothing to warn of
                lines = [*node, *([node.lookup("合计")] if node.rows else [])]
            case GridNode():
                lines = [node.lookup(name) for name in (*node.row_names, "合计")]
        for line in lines:
            for one in section.fields:
                if one.has_total or not isinstance(line, TotalNode):
                    line.lookup(one.label)
    for one in data.form.computed:
        data.lookup(one.label)
    return data
