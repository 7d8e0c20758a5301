"""The least that what is promised of every document can cost: the floor, and nothing left out.

The script knows this one report by heart: no form is asked, no label is looked for, no finding can
be worded, a total is added up once. What remains is one plain statement for each promise: errors
that calamine hides are seen, numbers are exact, cells are looked at, every value printed is looked
for in a strictly parsed document, a document is whole on the disk before it has its name, and what
it was made from is noted. Ours cannot be faster than this.
"""

import hashlib
import io
import os
import re
import sqlite3
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import python_calamine as calamine
from jinja2 import Environment
from lxml import etree
from markupsafe import Markup, escape

from benchmarks import naive
from benchmarks.floor import Floor

_HIDDEN = re.compile(rb'<c [^>]*(?:t="e"|><f\b[^>]*>[^<]*</f></c>)')
_BLANK = re.compile(r"\s+")
_LONGEST, _LARGEST = 32_767, 10**15


class Promised:
    """A template of docxtpl's, prepared once, and a folder for its documents."""

    def __init__(self, template: Path, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._printed: list[str] = []
        self._floor = Floor(template, Environment(autoescape=True, finalize=self._noted))
        self._manifest = sqlite3.connect(folder / "manifest.sqlite")
        self._manifest.execute("PRAGMA journal_mode = WAL")
        self._manifest.execute("PRAGMA synchronous = FULL")
        self._manifest.execute("CREATE TABLE kept (name TEXT PRIMARY KEY, sha TEXT, basis TEXT)")

    def build(self, workbook: Path) -> list[Path]:
        """Write the document of *workbook* and return where it is.

        Raises:
            ValueError: a cell holds what it may not, or the document lacks a value.
        """
        data = workbook.read_bytes()
        context = naive.context(_read(data))
        self._printed.clear()
        content = self._floor.render(context, self._look_at)
        return [self._write(f"{context['单位名称']}.docx", content, data)]

    def _noted(self, value: Any) -> Markup:
        self._printed.append(str(value))
        return escape(value)

    def _look_at(self, parts: Mapping[str, bytes]) -> None:
        roots = [etree.fromstring(content) for content in parts.values()]
        text = "".join(etree.tostring(one, encoding="unicode", method="text") for one in roots)
        text = _BLANK.sub("", text)
        for value in set(self._printed):
            if _BLANK.sub("", value) not in text:
                raise ValueError(value)

    def _write(self, name: str, content: bytes, workbook: bytes) -> Path:
        target, temporary = self._folder / name, self._folder / f".{name}.tmp"
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        facts = (name, hashlib.sha256(content).hexdigest(), hashlib.sha256(workbook).hexdigest())
        self._manifest.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", facts)
        self._manifest.commit()
        temporary.replace(target)
        return target


def _read(data: bytes) -> dict[str, list[list[Any]]]:
    """Return the filled rows of each sheet; each number has been exact, each text looked at."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/sheet") and _HIDDEN.search(package.read(name)):
                raise ValueError(name)
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    found = {}
    for title in naive.SHEETS:
        found[title] = book.get_sheet_by_name(title).to_python()[naive.ABOVE :]
        for row in found[title]:
            for value in row:
                if isinstance(value, float):
                    if abs(Decimal(format(value, ".15g"))) >= _LARGEST:
                        raise ValueError(value)
                elif isinstance(value, str) and (len(value) > _LONGEST or "\x00" in value):
                    raise ValueError(value)
    return found
