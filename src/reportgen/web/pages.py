"""A document as it will print: its PDF, and each page of that as a picture where poppler is at hand."""

import re
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from reportgen.output import digest
from reportgen.pdf.convert import to_pdf

#: Dots an inch: a page as wide as an office screen shows it whole.
_DOTS = 110
#: A report of more pages is looked at in its PDF.
_MOST = 200
_SECONDS = 120
#: Two LibreOffices side by side would make both slow.
_ONE = threading.Lock()


@dataclass(frozen=True, slots=True)
class Printed:
    """A document's PDF and the pictures of its pages; without a PDF, ``why`` and what to do."""

    pdf: Path | None = None
    pages: tuple[Path, ...] = ()
    why: str = ""
    hint: str = ""


def printed(document: Path, folder: Path, stop: threading.Event) -> Printed:
    """Return *document* as it prints, made once and kept below *folder*; *stop* ends it half-way."""
    content = document.read_bytes()
    own = folder / digest(content)[:24]
    with _ONE:
        own.mkdir(parents=True, exist_ok=True)
        pdf = own / "pages.pdf"
        if not pdf.is_file():
            try:
                (one,) = to_pdf(((document.name, content),), stop)
            except KeyboardInterrupt:
                return Printed(why="程序正在退出。")
            if one.content is None:
                said = one.findings[0]
                return Printed(why=said.message, hint=said.hint)
            pdf.write_bytes(one.content)
        return Printed(pdf, _pictures(pdf, own))


def _pictures(pdf: Path, folder: Path) -> tuple[Path, ...]:
    """Return the pages as pictures, in order; none where nothing can draw them."""
    program = shutil.which("pdftoppm")
    if program is None:
        return ()
    if not _drawn(folder):
        command = [
            program, "-png", "-r", str(_DOTS), "-l", str(_MOST), str(pdf), str(folder / "page"),
        ]  # fmt: skip
        try:
            subprocess.run(  # noqa: S603 - a program of this computer, with names of ours
                command, check=True, capture_output=True, timeout=_SECONDS
            )
        except (OSError, subprocess.SubprocessError):
            for path in _drawn(folder):
                path.unlink()
            return ()
    return _drawn(folder)


def _drawn(folder: Path) -> tuple[Path, ...]:
    found = [
        (int(m[1]), p) for p in folder.iterdir() if (m := re.fullmatch(r"page-(\d+)\.png", p.name))
    ]
    return tuple(path for _, path in sorted(found))
