"""The peers in Node: one warm process of theirs that takes its turns with ours."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.contenders import Build

_FOLDER = Path(__file__).parent / "peers"
NAMES = {
    "docxtemplater": "SheetJS + docxtemplater",
    "easy-template-x": "SheetJS + easy-template-x",
    "docx-templates": "SheetJS + docx-templates",
    "carbone": "SheetJS + Carbone community",
}


def install() -> None:
    """Fetch the peers, as the lock file has them; once."""
    if (_FOLDER / "node_modules" / ".package-lock.json").exists():
        return
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        sys.exit(
            "The peers need Node and npm (https://nodejs.org); neither is a part of reportgen."
        )
    print("fetching the peers (npm ci, about 30 MB, once) ...", flush=True)
    subprocess.run(
        [npm, "ci", "--prefix", str(_FOLDER), "--no-audit", "--no-fund", "--ignore-scripts"],
        check=True,
        stdout=subprocess.DEVNULL,
    )


class Peers:
    """The process; a context manager that ends it."""

    def __init__(self, templates: Path) -> None:
        """*templates* is the folder that holds a template in the syntax of each."""
        install()
        self._process = subprocess.Popen(
            ["node", str(_FOLDER / "peers.mjs"), str(templates)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def way(self, which: str, folder: Path) -> Build:
        """Return the way of the peer called *which*, which writes into *folder*.

        It raises RuntimeError when the process has ended; why is on its standard error.
        """
        target = folder / f"{which}.docx"

        def build(workbook: Path) -> list[Path]:
            asked = {"which": which, "workbook": str(workbook), "target": str(target)}
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            if not self._process.stdout.readline():
                raise RuntimeError(which)
            return [target]

        return build

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()
