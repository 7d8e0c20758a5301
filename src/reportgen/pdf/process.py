"""A process and its children: started out of Ctrl-C's reach, stopped together, none left behind."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def running(
    command: Sequence[str], folder: Path, output: int | IO[bytes] = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """Start *command* in *folder*; whatever it started and left is killed at the end.

    Ctrl-C reaches this process alone, which then ends the other: LibreOffice's launcher would
    die of it and leave the real program running.

    Raises:
        OSError: it cannot be started.
    """
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    process = subprocess.Popen(  # noqa: S603 - programs found on this computer, with names of ours
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # the group that is killed; Windows knows the children itself
        creationflags=flags,
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill *process* and all that it started; nothing happens if all of it has ended."""
    if sys.platform == "win32":
        kill_tree(process.pid)
    else:
        with suppress(ProcessLookupError, PermissionError):  # macOS: permission, for a dead group
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def kill_tree(process: int) -> None:
    """Kill a process and its children, on Windows."""
    subprocess.run(  # noqa: S603 - a number
        ["taskkill", "/F", "/T", "/PID", str(process)],  # noqa: S607 - Windows' own
        capture_output=True,
        check=False,
    )


def output_of(command: Sequence[str], seconds: float) -> str:
    """Return what *command* prints; nothing if it cannot be started or takes longer."""
    with tempfile.TemporaryFile() as file:
        try:
            with running(command, Path(tempfile.gettempdir()), file) as process:
                process.wait(seconds)
        except (OSError, subprocess.TimeoutExpired):
            return ""
        file.seek(0)
        return file.read().decode(errors="replace").strip()
