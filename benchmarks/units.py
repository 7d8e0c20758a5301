"""Workbooks of many units, made from that of one."""

import re
from pathlib import Path

from benchmarks.packages import Package


def copies(workbook: Path, folder: Path, count: int, marks: dict[str, str]) -> list[Path]:
    """Write *count* workbooks of different units into *folder*, from that of one.

    *marks* are the texts that tell units apart → the format of what replaces them, given a number.
    """
    package = Package(workbook)
    texts = {n: _readable(p.decode()) for n, p in package.parts.items() if n.endswith(".xml")}
    told = {n: text for n, text in texts.items() if any(mark in text for mark in marks)}
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(1, count + 1):
        others = {mark: other.format(number) for mark, other in marks.items()}
        path = folder / f"单位{number:05}.xlsx"
        path.write_bytes(
            package.changed({name: _with(text, others).encode() for name, text in told.items()})
        )
        made.append(path)
    return made


def _readable(xml: str) -> str:
    """Return *xml* with its Chinese as characters, as Excel writes it."""
    return re.sub(r"&#(\d{5});", lambda found: chr(int(found[1])), xml)


def _with(text: str, others: dict[str, str]) -> str:
    for mark, other in others.items():
        text = text.replace(mark, other)
    return text
