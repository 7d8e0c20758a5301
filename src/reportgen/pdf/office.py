"""Word and WPS on Windows, asked through PowerShell, which is there on each.

Written from their documentation and from what others report; it has not run on a Windows with Word
or WPS yet. The tests look at the commands alone. ``reportgen doctor`` tries a document.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from reportgen.pdf.process import kill_tree

#: Where the script notes the process that it started, for as long as it runs.
_PROCESS = "office.pid"
#: Word is a child of Windows' own service, not of PowerShell: killing this does not end it. What ran
#: before belongs to the person here (WPS has one process for all windows) and is never ended.
#: Single quotes alone: a double one would have to be written in two ways at once.
_SCRIPT = r"""
$ErrorActionPreference = 'Stop'
$before = @(Get-Process -Name {image} -ErrorAction SilentlyContinue | ForEach-Object {{ $_.Id }})
$app = New-Object -ComObject {program}
$own = @(Get-Process -Name {image} -ErrorAction SilentlyContinue | ForEach-Object {{ $_.Id }} | Where-Object {{ $before -notcontains $_ }})
if ($own.Count) {{ Set-Content -Path {process} -Value $own -Encoding ASCII }}
try {{
  if ($own.Count) {{ $app.Visible = $false }}
  $app.DisplayAlerts = 0
  $app.AutomationSecurity = 3
  foreach ($name in @({sources})) {{
    try {{
      $source = Join-Path {folder} $name
      $document = $app.Documents.Open($source, $false, $true, $false)
      try {{
        foreach ($contents in $document.TablesOfContents) {{ $contents.Update() }}
        $document.ExportAsFixedFormat([IO.Path]::ChangeExtension($source, '.pdf'), 17)
      }} finally {{ $document.Close(0) }}
    }} catch {{ }}
  }}
}} finally {{
  if ($own.Count) {{ $app.Quit(0) }}
  Remove-Item -Path {process} -ErrorAction SilentlyContinue
}}
"""


@dataclass(frozen=True, slots=True)
class Office:
    """Word or WPS: *program* is its name for COM, *image* that of its process."""

    name: str
    program: str
    image: str
    where: str
    shell: str = "powershell.exe"

    def version(self) -> str:
        """Nothing: Windows knows where it is, not which one."""
        return ""

    def suited(self, document: bytes) -> bytes:
        """Return *document* as it is."""
        return document

    def prepare(self, folder: Path) -> None:
        """Nothing is needed."""

    def command(self, folder: Path, sources: Sequence[str]) -> list[str]:
        """Return the command: one Word for all *sources*, tables of contents brought up to date."""
        script = _SCRIPT.format(
            program=self.program,
            image=self.image,
            folder=_quoted(str(folder)),
            process=_quoted(str(folder / _PROCESS)),
            sources=", ".join(map(_quoted, sources)),
        )
        # -Command, not -File: scripts in files are often forbidden
        return [self.shell, "-NoProfile", "-NonInteractive", "-Command", script]

    def stop(self, folder: Path) -> None:
        """Kill the Word that a killed PowerShell left behind."""
        with suppress(OSError, ValueError):
            for process in (folder / _PROCESS).read_text(encoding="ascii").split():
                kill_tree(int(process))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def offices() -> Iterator[Office]:
    """Yield Word and WPS, those that are installed."""
    if sys.platform != "win32":
        return
    for program in ("Word.Application", "KWPS.Application"):
        if server := _server(program):
            # WPS may answer to Word's name
            is_wps = "winword" not in server.lower()
            name, image = ("WPS", "wps") if is_wps else ("Word", "WINWORD")
            yield Office(name, program, image, server)


def _server(program: str) -> str:
    """Return the program that Windows starts for the COM name *program*; empty if none."""
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415 - Windows alone has it

        root = winreg.HKEY_CLASSES_ROOT
        with suppress(OSError):
            number = winreg.QueryValue(root, rf"{program}\CLSID")
            return winreg.QueryValue(root, rf"CLSID\{number}\LocalServer32")
    return ""
