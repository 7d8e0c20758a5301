"""`reportgen` as it is, which leaves a note of its own peak memory: python -m benchmarks.watched.

The first argument is the file for the note, the others are reportgen's. The peak is that of this
process alone (VmHWM, in KB), not of its workers; empty where the system does not tell.
"""

import sys
from contextlib import suppress
from pathlib import Path

from reportgen.cli import main


def peak() -> str:
    """Return the most memory that this process ever had, in KB."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return line.split()[1]
    return ""


if __name__ == "__main__":
    note = Path(sys.argv.pop(1))
    try:
        main()
    finally:
        note.write_text(peak(), encoding="ascii")
