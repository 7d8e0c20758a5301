"""Build the packages and go the way of somebody who has nothing but them. `make package` runs this.

The wheel is installed into an empty environment and used in an empty folder, where nothing of the
project can be seen; then PyInstaller's folder is built and started. Whatever fails ends it.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
#: What a new user types, and words that must be seen.
STEPS: Sequence[tuple[Sequence[str], str]] = (
    ([], "reportgen new"),
    (["new", "试用"], "先看这里.txt"),
)


def main() -> None:
    """Build, install, try."""
    shutil.rmtree(DIST, ignore_errors=True)
    run([sys.executable, "-m", "hatchling", "build", "-d", str(DIST)], ROOT)
    (wheel,) = DIST.glob("*.whl")
    (sdist,) = DIST.glob("*.tar.gz")
    with tempfile.TemporaryDirectory(prefix="packages-") as made:
        work = Path(made)
        for number, package in enumerate((wheel, sdist)):
            folder = work / f"environment{number}"
            venv.create(folder, with_pip=True)
            bin_ = folder / ("Scripts" if os.name == "nt" else "bin")
            install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            run([str(bin_ / "python"), *install, f"{package}[web]"], work)
            go([str(bin_ / "reportgen")], work / f"用户{number}")
        frozen = work / "frozen"
        pyinstaller = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
        places = ["--distpath", str(frozen), "--workpath", str(work / "build")]
        run([*pyinstaller, *places, str(ROOT / "packaging" / "reportgen.spec")], ROOT)
        go([str(frozen / "reportgen" / "reportgen")], work / "用户2")
    print(f"{wheel.name} and {sdist.name} are in {DIST.name}/; they and PyInstaller's folder work.")


def go(reportgen: Sequence[str], folder: Path) -> None:
    """Take the steps of a new user in *folder*, which is new."""
    folder.mkdir()
    for step, word in STEPS:
        said = run([*reportgen, *step], folder)
        if word not in said:
            sys.exit(f"{' '.join(step)} does not say {word}:\n{said}")
    project = folder / "试用"
    if "E301" not in run([*reportgen, "check"], project, may_fail=True):
        sys.exit("The wrong sample is not found wrong.")
    run([*reportgen, "build"], project, may_fail=True)
    made = list((project / "outputs").rglob("*.docx"))
    if not made:
        sys.exit("No document was made.")
    run([*reportgen, "verify"], project)
    look_at_page([*reportgen, "serve", "--no-browser"], project)


def look_at_page(command: Sequence[str], folder: Path) -> None:
    """Start the page in *folder* and open its address: it sends its cookie, and ends when it is told."""
    process = subprocess.Popen(
        command, cwd=folder, env=plain(), stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+?(?=（)", process.stdout.readline())
        if address is None:
            sys.exit("The page is not served.")
        with urllib.request.urlopen(address[0], timeout=30) as answer:  # noqa: S310 - http, by the pattern
            if "HttpOnly" not in answer.headers["set-cookie"]:
                sys.exit("The page does not open.")
    finally:
        process.terminate()
        process.wait(30)


def plain() -> dict[str, str]:
    """Return the environment without what is the developer's own."""
    own = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    return {**own, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}


def run(command: Sequence[str], folder: Path, *, may_fail: bool = False) -> str:
    """Return what *command* says; without *may_fail* it must succeed, and a sample may be wrong."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=plain(),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    if done.returncode > int(may_fail):
        sys.exit(f"{' '.join(command)}\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    main()
