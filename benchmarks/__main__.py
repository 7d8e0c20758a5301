"""Measure, print one table, and say by the exit code whether every limit is kept.

`make bench` does all of it and writes docs/benchmarks.md; `python -m benchmarks pairs` measures a
part and writes nothing.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks import checks, growth, lint, pairs, start, where
from benchmarks.measure import Line
from benchmarks.where import Profile

MEASUREMENTS: dict[str, Callable[[Path], Iterable[Line]]] = {
    "pairs": pairs.lines,
    "start": start.lines,
    "growth": growth.lines,
    "checks": checks.lines,
    "lint": lint.lines,
}
WHERE = "where"
_INTRO = """\
# What it costs

Written by `make bench`; do not edit. Ratios are what counts: everything in a line took turns in one
run on one machine, and medians stand. `benchmarks/` holds what is measured: a report with thirty
fields, a grid, tables of ten and twenty rows and twenty-eight long paragraphs, its workbook written
by reportgen, and a template of the same words in the syntax of each peer. The plain script, the
floor and the peers check nothing; ours reads, checks, renders, verifies and writes as in
`reportgen build`.

The floor that keeps the promises (`benchmarks/promised.py`) says how much of the distance is ours to
gain: it is written for this one report, asks no form, looks for no label and can word no finding, and
has one plain statement for each promise (errors that calamine hides are seen, numbers are exact, every
value is looked for in the document, which is whole on the disk before it has its name). Where it misses
a limit itself, ours cannot hold that limit without doing less, or doing it in another language.
"""


def table(lines: Sequence[Line]) -> Iterator[str]:
    """Yield *lines* as the rows of a Markdown table."""
    yield "| what | asked | measured | | made from |"
    yield "| --- | --- | ---: | --- | --- |"
    for line in lines:
        holds = "holds" if line.holds else "**MISSED**"
        figure = f"{line.figure:.{line.places}f}"
        yield f"| {line.what} | {line.asked} | {figure} | {holds} | {line.made_from} |"


def shares(profiles: Sequence[Profile]) -> Iterator[str]:
    """Yield where the time goes as the rows of a Markdown table, in milliseconds a unit."""
    names = list(profiles[0].shares)
    yield f"| ms | in all | {' | '.join(names)} |"
    yield f"| --- |{' ---: |' * (len(names) + 1)}"
    for one in profiles:
        parts = (f"{one.shares[name] * one.milliseconds:.1f}" for name in names)
        yield f"| {one.what} | {one.milliseconds:.1f} | {' | '.join(parts)} |"


def machine() -> str:
    """Return what it was measured on."""
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def main() -> int:
    """Measure what was asked for, print it, and return the exit code."""
    names = [*MEASUREMENTS, WHERE]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="|".join(names), help="all if none is named")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put it into this file, too")
    given = parser.parse_args()
    if unknown := set(given.names) - set(names):
        parser.error(f"no such measurement: {', '.join(unknown)}")
    wanted = given.names or names
    found: list[Line] = []
    profiles: list[Profile] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as made:
        for name in wanted:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            if name == WHERE:
                profiles = where.profiles(Path(made) / name)
                found += where.lines(profiles)
            else:
                found += MEASUREMENTS[name](Path(made) / name)
    said = [f"Measured on {machine()}.", "", *table(found)]
    if profiles:
        said += [
            "",
            "## Where the time goes",
            "",
            "Wall clock, by sampling.",
            "",
            *shares(profiles),
        ]
    print(*said, sep="\n")
    if given.write:
        given.write.write_text("\n".join([_INTRO, *said, ""]), encoding="utf-8")
    return int(not all(line.holds for line in found))


if __name__ == "__main__":
    sys.exit(main())
