"""A finished document, made into a docxtpl template that prints the same words again.

So that forms for which nobody wrote a plain script can be measured against docxtpl and the floor:
each text that no template has is a tag, each row and paragraph stands there already. This spares
the others every loop, lookup and format.
"""

import re
from pathlib import Path
from xml.sax.saxutils import unescape

from benchmarks.packages import Package

_TEXT = re.compile(r"(<w:t(?: [^>]*)?>)([^<]+)(</w:t>)")
_PART = re.compile(r"word/(document|header\d*|footer\d*)\.xml")


def _told(package: Package) -> dict[str, str]:
    """Return the parts that hold text."""
    return {n: content.decode() for n, content in package.parts.items() if _PART.fullmatch(n)}


def fixed_texts(folder: Path) -> set[str]:
    """Return the texts of the templates in *folder*."""
    parts = (xml for path in folder.glob("*.docx") for xml in _told(Package(path)).values())
    return {text for xml in parts for _, text, _ in _TEXT.findall(xml)}


def record(document: Path, fixed: set[str], target: Path) -> list[str]:
    """Write the template that prints *document* to *target*; return what its tags print.

    They read a list called ``v``; *fixed* are the texts that stay.
    """
    values: list[str] = []

    def tagged(found: re.Match[str]) -> str:
        start, text, end = found.groups()
        if text in fixed:
            return found[0]
        values.append(unescape(text))
        return f"{start}{{{{ v[{len(values) - 1}] }}}}{end}"

    package = Package(document)
    parts = {name: _TEXT.sub(tagged, xml).encode() for name, xml in _told(package).items()}
    target.write_bytes(package.changed(parts))
    return values
