"""How far a run is, on stderr: a bar on a terminal, now and then a line where stderr is a file."""

import sys
import time
from collections.abc import Callable
from typing import Any

import click

#: A run that is over sooner says nothing; a longer one a line each time.
_SECONDS = 10.0


class Progress:
    """Counts units as they are done; ``write`` puts text on stdout without disturbing the bar."""

    def __init__(self, write: Callable[[str], None], *, is_quiet: bool = False) -> None:
        """*write* writes to stdout; *is_quiet*: nothing is shown of how far it is."""
        self._write, self._is_quiet = write, is_quiet
        self._bar: Any = None
        self._begun = self._said = time.monotonic()

    def write(self, text: str) -> None:
        """Write *text*; the bar stands below it again."""
        if self._bar is None or not text:
            self._write(text)
            return
        self._bar.clear()
        self._write(text)
        sys.stdout.flush()
        self._bar.refresh()

    def at(self, done: int, units: int) -> None:
        """Show that *done* of *units* are done."""
        if units < 2 or self._is_quiet:
            return
        if sys.stderr.isatty():
            self._show(done, units)
        elif time.monotonic() - self._said >= _SECONDS and done < units:
            self._said = time.monotonic()
            rate = done / (self._said - self._begun)
            left = f"，还要约 {round((units - done) / rate)} 秒" if rate else ""
            click.echo(f"已处理 {done}/{units} 份，每秒 {rate:.1f} 份{left}", err=True)

    def _show(self, done: int, units: int) -> None:
        if self._bar is None:
            from tqdm import tqdm  # noqa: PLC0415 - for a terminal alone

            self._bar = tqdm(
                total=units,
                file=sys.stderr,
                ascii=" #",  # a GBK console has no blocks
                bar_format="{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} 份，{rate_noinv_fmt}，还要 {remaining}",
                unit="",
                leave=False,
            )
        self._bar.update(done - self._bar.n)
        if done == units:
            self.close()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
