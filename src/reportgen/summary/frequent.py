"""The rules that units break most: how many units, how often."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from reportgen import rules
from reportgen.finding import Finding, Rule, Severity
from reportgen.form import Form

_OWN = {rule.code: rule.message for rule in vars(rules).values() if isinstance(rule, Rule)}
_WORDS = re.compile(r"“\{[^{}]*\}”|（\{[^{}]*\}）|\{[^{}]*\}")
_DOTS = re.compile("…{2,}")


@dataclass(slots=True)
class Frequent:
    """A rule that units break: how many of them, and how often in all."""

    code: str
    level: Severity
    message: str
    units: int = 0
    times: int = 0


@dataclass(slots=True)
class FrequentFindings:
    """The rules that the units of *form* break, counted while the units pass."""

    form: Form
    _found: dict[str, Frequent] = field(default_factory=dict)

    def add(self, findings: Iterable[Finding]) -> None:
        """Count one unit's errors and warnings that nobody has explained or approved."""
        open_ = [f for f in findings if f.level is not Severity.NOTE and not f.stands]
        for one in open_:
            if one.code not in self._found:
                message = message_of(self.form, one)
                self._found[one.code] = Frequent(one.code, one.level, message)
        for code, times in Counter(f.code for f in open_).items():
            self._found[code].units += 1
            self._found[code].times += times

    def ranked(self) -> list[Frequent]:
        """Return them, those that most units break first."""
        return sorted(self._found.values(), key=lambda one: (-one.units, -one.times, one.code))


def message_of(form: Form, finding: Finding) -> str:
    """Return what *finding*'s rule says of any unit; the finding's own message if nothing is left.

    >>> from pathlib import Path
    >>> form = Form(id="", title="", version="", unit="", folder=Path(), sections=())
    >>> from reportgen.finding import Place
    >>> message_of(form, rules.UNFILLED.at(Place(), label="项目名称", hint=""))
    '…没有填'
    """
    checks = {check.code: check.message for check in form.checks}
    message = checks.get(finding.code) or _OWN.get(finding.code, "")
    general = _DOTS.sub("…", _WORDS.sub("…", message)).strip("。")
    return general if general.strip("… ，：；。") else finding.message.rstrip("。")
