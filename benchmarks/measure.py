"""Measuring in turns, and what comes of it: a line with what was asked and what was found."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

#: One turn of a step: it does its work and returns how long one document took, in milliseconds.
Step = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Line:
    """What was measured: a figure, the limit that it must keep, and what it was made from.

    ``wish`` is what we are after beyond the limit; ``places`` is how many decimals the figure has.
    """

    what: str
    figure: float
    limit: float
    made_from: str
    at_least: bool = False
    wish: float | None = None
    places: int = 2

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit

    @property
    def asked(self) -> str:
        """The limit, and the wish, in words."""
        bound = f"{'at least' if self.at_least else 'at most'} {self.limit:g}"
        return bound + (f" (wish {self.wish:g})" if self.wish else "")


def several(work: Callable[[int], object], times: int) -> Step:
    """Return a step that does *work* *times* times in a row; *work* is given the number of each.

    Rubbish that others left is collected before the clock starts.
    """

    def step() -> float:
        gc.collect()
        start = time.perf_counter()
        for number in range(times):
            work(number)
        return (time.perf_counter() - start) * 1000 / times

    return step


def in_turns(steps: Mapping[str, Step], turns: int) -> dict[str, float]:
    """Return the median of each step's *turns*, which it takes in turns with the others.

    Every step has one more turn before, to warm up.
    """
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(turns + 1):
        for name, step in steps.items():
            taken = step()
            if turn:
                times[name].append(taken)
    return {name: statistics.median(taken) for name, taken in times.items()}


def against(medians: Mapping[str, float], names: Sequence[str], unit: str = "ms") -> str:
    """Return the medians called *names*, as a line tells them."""
    return ", ".join(
        f"{name} {medians[name]:.{1 if unit == 'ms' else 2}f} {unit}" for name in names
    )
