"""A part of a Word template: fixed bytes, or what Jinja has compiled, with the places of its tags."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import Template as Compiled
from lxml import etree

from reportgen.headings import label_of
from reportgen.template.places import short
from reportgen.template.tags import Tag, parse


@dataclass(slots=True)
class Part:
    """A part of the package: fixed bytes, or a compiled template.

    ``tags`` are those of the part, ``source`` is what Jinja reads, ``lines`` says which tag (by its
    number) is on which line of it. ``has_braces`` says that ``{_{`` or the like may come of it.
    """

    name: str
    content: bytes = b""
    compiled: Compiled | None = None
    source: str = ""
    tags: Sequence[Tag] = ()
    lines: Mapping[int, int] = field(default_factory=dict)
    has_braces: bool = False
    _root: etree._Element | None = None

    def as_written(self) -> etree._Element:
        """Return the part as the office wrote it: what the places of findings are counted in."""
        if self._root is None:
            self._root = parse(self.content)
        return self._root

    def tag_at(self, line: int) -> Tag | None:
        """Return the tag on *line*, or the last one before it."""
        before = [number for at, number in self.lines.items() if at <= line]
        return self.tags[before[-1] - 1] if before and before[-1] else None

    def code_at(self, line: int) -> str:
        """Return what the tag on *line* says, for one that is in no paragraph."""
        lines = self.source.split("\n")
        code = re.split(r"\}\}|%\}", lines[line - 1])[0] if 0 < line <= len(lines) else ""
        return short(label_of(code))
