"""A command run as a process, with what it said, how long it took and how much memory it had."""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from support_batch import make_project

_PAGE = resource.getpagesize()
#: What one run may cost: seconds, and bytes of all its processes together.
SECONDS, BYTES = 10, 512 << 20


@dataclass(frozen=True)
class Ran:
    """What a command gave; ``memory`` is what all its processes had at most, in bytes."""

    code: int
    said: str
    seconds: float
    memory: int


def run(root, *args, seconds=SECONDS):
    """Run ``reportgen`` in *root*; it is ended after *seconds*, with every process that it started."""
    began, most = time.monotonic(), 0
    said = root / "said.txt"
    with said.open("wb") as out, subprocess.Popen(
        [sys.executable, "-X", "utf8", "-m", "reportgen", *map(str, args)],
        cwd=root, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
    ) as process:  # fmt: skip
        while process.poll() is None:
            most = max(most, _memory(process.pid))
            if time.monotonic() - began > seconds:
                os.killpg(process.pid, 9)
            time.sleep(0.02)
        took = time.monotonic() - began
    text = said.read_bytes().decode("utf-8", "replace")
    said.unlink()
    return Ran(process.returncode, text, took, most)


def _memory(session):
    """Return the bytes of memory that the processes of *session* have now; shared ones count once."""
    found, shared = 0, 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[3]) != session:
                continue
            _, resident, common, *_ = map(int, (stat.parent / "statm").read_text().split())
        except (OSError, ValueError, IndexError):
            continue
        found += resident - common
        shared = max(shared, common)
    return (found + shared) * _PAGE


class Office:
    """A project of one small form, in which one file after the other arrives."""

    def __init__(self, root):
        self.root = root
        make_project(root)
        self.form = root / "templates" / "t"
        self._toml = (self.form / "form.toml").read_text(encoding="utf-8")

    def as_input(self, file, command, seconds=SECONDS):
        """Return what *command* says of *file* as the only workbook, and what else it wrote."""
        folder = self.root / "inputs"
        return self._watched(file, folder, command, f"inputs/{file.name}", seconds=seconds)

    def as_template(self, file, command, good):
        """Return what *command* says with *file* as the form's template, for the workbook *good*."""
        template = json.dumps(file.name, ensure_ascii=False)
        toml = self._toml.replace('"报告.docx"', template, 1)
        (self.form / "form.toml").write_text(toml, encoding="utf-8")
        args = () if command == "lint" else (good,)
        try:
            return self._watched(file, self.form, command, *args)
        finally:
            (self.form / "form.toml").write_text(self._toml, encoding="utf-8")

    def _watched(self, file, folder, command, *args, seconds=SECONDS):
        there = folder / file.name
        shutil.copyfile(file, there)
        before = self._files()
        try:
            ran = run(self.root, command, *args, seconds=seconds)
            return ran, self._files() - before
        finally:
            there.unlink()
            shutil.rmtree(self.root / "outputs", ignore_errors=True)

    def _files(self):
        """Return what is there beside the output folder, also beside the project."""
        found = self.root.parent.rglob("*")
        return {p for p in found if p.is_file() and self.root / "outputs" not in p.parents}


def wrong(ran, name):
    """Return what is wrong with a run over the file called *name*: nothing if it went as it must."""
    found = []
    if ran.seconds > SECONDS:
        found.append(f"took {ran.seconds:.1f} s")
    if ran.memory > BYTES:
        found.append(f"took {ran.memory >> 20} MiB")
    if ran.code not in (0, 1, 2):
        found.append(f"ended with {ran.code}")
    if "Traceback" in ran.said or "X999" in ran.said:
        found.append("a bug showed")
    if ran.code and name not in ran.said:
        found.append("the file is not named")
    return found
