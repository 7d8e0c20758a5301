"""An output folder in which nothing is written: what a run would do there, and why."""

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from reportgen import rules
from reportgen.errors import OutputError
from reportgen.finding import Finding, Place
from reportgen.manifest import FOLDER, NAME, Manifest
from reportgen.output import Content, OutputFolder, Saved


class Rehearsal(OutputFolder):
    """An output folder whose manifest is a copy and whose documents stay as they are.

    Of each document it says what a real run would make of it; another run may be at work there.
    """

    def __init__(self, path: Path, manifest: Manifest, stack: ExitStack) -> None:
        """Use ``open``."""
        super().__init__(path, manifest)
        self._stack = stack

    @classmethod
    def open(cls, path: Path) -> "Rehearsal":
        """Look at the folder at *path*, which need not be there.

        Raises:
            OutputError: it is a file, or what is kept of it cannot be read.
        """
        place = Place(file=str(path))
        if path.exists() and not path.is_dir():
            raise OutputError([rules.OUTPUT_UNUSABLE.at(place, what="这个名字已是一个文件")])
        with ExitStack() as stack:
            copy = Path(stack.enter_context(TemporaryDirectory(prefix="reportgen-")))
            (copy / FOLDER).mkdir()
            try:
                for name in (NAME, f"{NAME}-wal"):
                    if (path / FOLDER / name).is_file():
                        shutil.copyfile(path / FOLDER / name, copy / FOLDER / name)
                manifest = Manifest(copy)
            except OSError as error:
                raise OutputError(
                    [rules.OUTPUT_UNUSABLE.at(place, what="上次的记录读不了")]
                ) from error
            stack.callback(manifest.close)
            return cls(path, manifest, stack.pop_all())

    def save_all(self, contents: Sequence[Content]) -> list[Saved]:
        """Return what would become of each document."""
        return [self._would(one) for one in contents]

    def withdraw(self, name: str) -> bool:
        """Say whether the document would be gone; this run has made none."""
        return not self.has(name)

    def close(self) -> tuple[Finding, ...]:
        """Throw the copy away."""
        self._stack.close()
        return ()

    def _would(self, one: Content) -> Saved:
        planned = self._decided(one)
        if planned.status == "built" and self._there(one.name) == one.content:
            return Saved(one.name, "unchanged", planned.findings)
        return Saved(one.name, planned.status, planned.findings)
