"""(a) (b) (c): our whole path against the script a user would write, the floor, and the peers.

A turn is a few workbooks in a row, each of another unit.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.contenders import (
    FLOOR,
    OURS,
    PLAIN,
    PROMISED,
    Build,
    Contenders,
    of_the_report,
    of_the_shipped_form,
    say_the_same,
)
from benchmarks.measure import Line, Step, against, in_turns, several
from benchmarks.peers import NAMES, Peers

TURNS = 9
UNITS = 20
#: Of what is slow, one turn takes fewer units.
SLOW, SLOWEST = 5, 2


def lines(folder: Path) -> Iterator[Line]:
    """Measure, below *folder*, and yield what was found."""
    for name in ("report", "shipped"):
        (folder / name).mkdir(parents=True)
    fixture, contenders = of_the_report(folder / "report", UNITS)
    with Peers(fixture.templates["curly"].parent) as peers:
        theirs = {name: peers.way(which, folder / "report") for which, name in NAMES.items()}
        medians = _measured(contenders, theirs)
    yield from _plain_and_floor("one report", medians)
    yield Line(
        "one report, against the floor that keeps the promises",
        medians[OURS] / medians[PROMISED],
        2,
        against(medians, [OURS, PROMISED]),
    )
    by_speed = sorted(theirs, key=medians.__getitem__)
    yield Line(
        "(c) one report, against the fastest of the peers",
        medians[by_speed[0]] / medians[OURS],
        3,
        against(medians, [OURS, *by_speed]),
        at_least=True,
        wish=6,
        places=1,
    )
    medians = _measured(of_the_shipped_form(folder / "shipped", UNITS), {})
    yield from _plain_and_floor("shipped form, four documents", medians)


def _measured(contenders: Contenders, theirs: Mapping[str, Build]) -> dict[str, float]:
    """Return what each way takes for one workbook; all of them must say the same."""
    ways = {**contenders.ways, **theirs}
    say_the_same(ways, contenders.units[0])

    def step(name: str) -> Step:
        times = (
            UNITS
            if name in {OURS, FLOOR, PROMISED}
            else SLOWEST
            if "docx-templates" in name
            else SLOW
        )
        run = several(lambda number: ways[name](contenders.units[number]), times)

        def anew() -> float:
            contenders.ours.empty()
            return run()

        return anew if name == OURS else run

    return in_turns({name: step(name) for name in ways}, TURNS)


def _plain_and_floor(what: str, medians: Mapping[str, float]) -> Iterator[Line]:
    yield Line(
        f"(a) {what}, against a plain openpyxl + docxtpl script",
        medians[PLAIN] / medians[OURS],
        12,
        against(medians, [OURS, PLAIN]),
        at_least=True,
        wish=20,
        places=1,
    )
    yield Line(
        f"(b) {what}, against the floor",
        medians[OURS] / medians[FLOOR],
        2,
        against(medians, [OURS, FLOOR]),
    )
