"""What one render may cost: rounds of loops, characters, time. Templates travel by mail.

The sandbox keeps a template from Python, not from counting to a billion. A render that goes on too
long ends in ``TooMuchError``, which the template engine turns into a finding at the tag.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from typing import Any

#: Twenty times the rounds of the largest table that Excel lets a person fill by hand.
MOST_ROUNDS = 500_000
#: XML of one document: Word itself gives up on far less (a 60-page report has 2 million).
MOST_CHARACTERS = 50_000_000
#: Of processor time, so that a busy machine counts no faster.
MOST_SECONDS = 10.0
#: Of a template before anything is filled in: to read the longest that ships takes 0.1.
MOST_TO_READ = 4.0
#: What one joined, repeated or replaced text may have.
LONGEST_TEXT = 5_000_000
#: A number of more bits is no amount: repeated squaring makes one in forty rounds.
MOST_BITS = 20_000
#: Seconds: to ask for processor time takes longer than a round, to ask what time it is does not.
_BETWEEN_LOOKS = 0.02
#: No more, since each may be long.
_PIECES_BETWEEN_LOOKS = 25


class TooMuchError(Exception):
    """A template costs more than any report does; the message is Chinese and says what."""


@dataclass(slots=True)
class _Left:
    """What is left of one render."""

    until: float
    rounds: int = MOST_ROUNDS
    characters: int = MOST_CHARACTERS
    next_look: float = 0.0


_left: ContextVar[_Left | None] = ContextVar("left", default=None)


@contextmanager
def limited(seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Let what happens inside cost one render's share, *seconds* of processor time at most.

    Outside nothing is counted; inside of another one its time goes on.
    """
    outer, until = _left.get(), time.thread_time() + seconds
    token = _left.set(_Left(until=min(until, outer.until) if outer else until))
    try:
        yield
    finally:
        _left.reset(token)


def look_at_the_clock() -> None:
    """Raise ``TooMuchError`` when the time is up."""
    left = _left.get()
    if left is None:
        return
    now = time.monotonic()
    if now > left.next_look:
        left.next_look = now + _BETWEEN_LOOKS
        if time.thread_time() > left.until:
            raise TooMuchError("算了很久还没有算完")


def take_round() -> None:
    """Count one round of a loop, or one call.

    Raises:
        TooMuchError: there are too many, or the time is up.
    """
    left = _left.get()
    if left is None:
        return
    left.rounds -= 1
    if left.rounds < 0:
        raise TooMuchError(f"循环了 {MOST_ROUNDS // 10_000} 万次还没有完")
    look_at_the_clock()


def counted(items: Iterable[Any]) -> Iterator[Any]:
    """Yield *items*, each as one round."""
    for item in items:
        take_round()
        yield item


def take_characters(number: int) -> None:
    """Count *number* characters that are made.

    Raises:
        TooMuchError: one text, or all of them together, are too long.
    """
    left = _left.get()
    if left is not None:
        left.characters -= number
    if number > LONGEST_TEXT or (left is not None and left.characters < 0):
        raise TooMuchError("拼出的文字太长")


def joined(pieces: Iterable[str]) -> str:
    """Return the text of *pieces*, as a template gives them.

    Raises:
        TooMuchError: it is too long, or the time is up.
    """
    kept: list[str] = []
    length = 0
    left = iter(pieces)
    while some := list(islice(left, _PIECES_BETWEEN_LOOKS)):
        kept.append("".join(some))
        length += len(kept[-1])
        if length > MOST_CHARACTERS:
            raise TooMuchError("生成的文档太大")
        look_at_the_clock()
    return "".join(kept)
