"""LibreOffice: where it is installed, a profile of our own, one process for many documents."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from reportgen.pdf.contents import with_page_numbers
from reportgen.pdf.process import output_of

#: Settings of the profile: no macros, nothing fetched that a document links to, no repair dialog.
_SETTINGS = (
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Writer/Content/Update", "Link", "2"),
    ("Recovery/RecoveryInfo", "Enabled", "false"),
)


@dataclass(frozen=True, slots=True)
class LibreOffice:
    """LibreOffice at *where*; never the profile, nor the running program, of the person here."""

    where: str
    name: str = "LibreOffice"

    def version(self) -> str:
        """Return ``7.4.7.2``; empty if it does not start."""
        words = output_of([self.where, "--version"], seconds=30).split()
        return words[1] if len(words) > 1 and words[0] == "LibreOffice" else ""

    def suited(self, document: bytes) -> bytes:
        """Return *document* so that the page numbers of its table of contents are worked out."""
        return with_page_numbers(document)

    def prepare(self, folder: Path) -> None:
        """Write the profile: two LibreOffices on one profile are one, and the second does nothing."""
        user = folder / "profile" / "user"
        user.mkdir(parents=True)
        items = "".join(
            f'<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" oor:op="fuse">'
            f"<value>{value}</value></prop></item>\n"
            for path, name, value in _SETTINGS
        )
        (user / "registrymodifications.xcu").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">\n{items}</oor:items>\n',
            encoding="utf-8",
        )

    def command(self, folder: Path, sources: Sequence[str]) -> list[str]:
        """Return the command; without the filter's name 3,000 random bytes become a PDF too."""
        return [
            self.where,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--nologo",
            "--infilter=MS Word 2007 XML",
            "--convert-to",
            "pdf:writer_pdf_Export",
            "--outdir",
            str(folder),
            *sources,
        ]

    def stop(self, folder: Path) -> None:
        """Nothing: all of it are children of the command."""


def find_libreoffice() -> LibreOffice | None:
    """Return the LibreOffice of the PATH, else one where its installers put it."""
    for found in _places():
        return LibreOffice(found)
    return None


def _places() -> Iterator[str]:
    # on Windows soffice.com waits for the end, soffice.exe does not
    names = ("soffice.com", "soffice") if sys.platform == "win32" else ("soffice", "libreoffice")
    for name in names:
        if found := shutil.which(name):
            yield found
    for folder in _folders():
        path = folder / names[0]
        if path.is_file():
            yield str(path)


def _folders() -> Iterator[Path]:
    if sys.platform == "win32":
        yield from _registered()
        for variable in ("ProgramFiles", "ProgramFiles(x86)"):
            if program_files := os.environ.get(variable):
                yield Path(program_files) / "LibreOffice" / "program"
    elif sys.platform == "darwin":
        for home in (Path("/"), Path.home()):
            yield home / "Applications" / "LibreOffice.app" / "Contents" / "MacOS"
    else:
        yield Path("/usr/lib/libreoffice/program")
        # its own packages, not a distribution's: /opt/libreoffice24.8
        yield from sorted(Path("/opt").glob("libreoffice*/program"), reverse=True)


def _registered() -> Iterator[Path]:
    """Yield the folder that LibreOffice's installer notes on Windows, wherever it was put."""
    if sys.platform != "win32":
        return
    import winreg  # noqa: PLC0415 - Windows alone has it

    for root in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
        with suppress(OSError):
            yield Path(winreg.QueryValue(root, r"SOFTWARE\LibreOffice\UNO\InstallPath"))
