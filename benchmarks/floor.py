"""The least that the same work can cost: calamine, Jinja compiled once, deflate, a plain write.

No value is checked, no document is looked at; parts without tags are copied still compressed.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import python_calamine as calamine
from docxtpl import DocxTemplate
from jinja2 import Environment

from benchmarks.packages import Package


def read(path: Path, titles: Sequence[str]) -> dict[str, list[list[Any]]]:
    """Return the rows of the sheets called *titles*."""
    with calamine.CalamineWorkbook.from_path(path) as book:
        return {title: book.get_sheet_by_name(title).to_python() for title in titles}


class Floor:
    """A template of docxtpl's, prepared once."""

    def __init__(self, path: Path, env: Environment | None = None) -> None:
        docxtpl, env = DocxTemplate(path), env or Environment(autoescape=True)
        docxtpl.init_docx()
        self._package = Package(path)
        self._compiled = {
            name: env.from_string(docxtpl.patch_xml(content.decode()))
            for name, content in self._package.parts.items()
            if b"{{" in content or b"{%" in content
        }

    def render(
        self,
        context: Mapping[str, Any],
        look_at: Callable[[Mapping[str, bytes]], object] = lambda _: None,
    ) -> bytes:
        """Return the document; *look_at* is shown the parts that have tags."""
        rendered = {name: one.render(context).encode() for name, one in self._compiled.items()}
        look_at(rendered)
        return self._package.changed(rendered)
