"""What tags print into a document, noted in order, so that each value can be looked for in it.

Values printed into a variable (``{% set 甲 %}…{% endset %}``, a macro) are noted when the variable
is printed: what nobody prints is in no document.
"""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

_MARKUP = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"[\t\n]+")


@dataclass(slots=True)
class Printed:
    """The values of one part as they were printed, and the text that was left out on purpose."""

    values: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def texts(self) -> Iterator[str]:
        """Yield each piece of text that must stand in the part, in order, unescaped."""
        for value in self.values:
            if "<" in value or "&" in value:
                pieces = [html.unescape(piece) for piece in _MARKUP.split(value)]
            else:
                pieces = [value]
            for piece in pieces:
                lines = _BREAK.split(piece) if "\n" in piece or "\t" in piece else [piece]
                yield from (line for line in lines if line and not line.isspace())


class _Captured(Markup):
    """Printed into a variable."""


_now: ContextVar[Printed | None] = ContextVar("now", default=None)


@contextmanager
def noted(printed: Printed) -> Iterator[None]:
    """Note in *printed* what tags print, and what is left out, meanwhile."""
    token = _now.set(printed)
    try:
        yield
    finally:
        _now.reset(token)


def noting(finalize: Callable[[Any], Markup]) -> Callable[[Any], Markup]:
    """Return *finalize*, which prints a value, noting what it prints."""

    def note(value: Any) -> Markup:
        if isinstance(value, _Captured):
            return value
        made = finalize(value)
        now = _now.get()
        if now is not None:
            now.values.append(made)
        return made

    return note


def capturing(finalize: Callable[[Any], Markup]) -> Callable[[Any], Markup]:
    """Return *finalize* for what is printed into a variable."""
    return lambda value: _Captured(finalize(value))


def leave_out(text: str) -> None:
    """Note that *text* is taken out of the part on purpose, the values in it too."""
    now = _now.get()
    if now is not None:
        now.left_out.append(text)
