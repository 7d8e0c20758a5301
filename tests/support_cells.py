"""Cells as the programs of clerks store them: XML put into a workbook that the project wrote."""

import io
import re
import zipfile
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_M = f"{{{MAIN}}}"
#: Number formats by what they show; 31 and 57 are dates of the Chinese Excel that no file spells out.
FORMATS = {
    "general": 0, "whole": 1, "cents": 2, "commas": 4, "percent": 10, "scientific": 11, "text": 49,
    "date": 14, "date of China": 31, "month of China": 57,
}  # fmt: skip
DATES = {"date", "date of China", "month of China"}


@dataclass(frozen=True)
class Stored:
    """What stands in a cell: ``how`` it is stored, and its ``text`` as XML without the escapes.

    ``shown`` is the number format, empty: that of the workbook as it was handed out.
    """

    how: str
    text: str
    shown: str = ""

    @property
    def is_day(self):
        """Whether people see a date where the file has a number."""
        return self.how in {"number", "formula number"} and self.shown in DATES


class Book:
    """A workbook whose cells can be filled anew as often as one likes."""

    def __init__(self, data):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            self._parts = {name: package.read(name) for name in package.namelist()}
        self._share()
        self._styles()
        book = etree.fromstring(self._parts["xl/workbook.xml"])
        links = etree.fromstring(self._parts["xl/_rels/workbook.xml.rels"])
        targets = {one.get("Id"): one.get("Target").lstrip("/") for one in links}
        self._sheets = {}
        for sheet in book.iter(f"{_M}sheet"):
            target = targets[next(v for k, v in sheet.attrib.items() if k.endswith("}id"))]
            self._sheets[sheet.get("name")] = target if target.startswith("xl/") else f"xl/{target}"

    def _share(self):
        """Add the part in which Excel keeps texts: the project writes each into its cell."""
        name, kind = "xl/sharedStrings.xml", "sharedStrings"
        assert name not in self._parts
        self._parts[name] = f"<sst xmlns='{MAIN}'/>".encode()
        mime = f"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"
        link = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
        override = f'<Override PartName="/{name}" ContentType="{mime}"/>'
        relation = f'<Relationship Id="rIdShared" Target="{kind}.xml" Type="{link}"/>'
        for part, end, more in (
            ("[Content_Types].xml", "</Types>", override),
            ("xl/_rels/workbook.xml.rels", "</Relationships>", relation),
        ):
            text = self._parts[part].decode()
            assert text.rstrip().endswith(end)
            self._parts[part] = text.replace(end, more + end).encode()

    def _styles(self):
        root = etree.fromstring(self._parts["xl/styles.xml"])
        formats = root.find(f"{_M}cellXfs")
        self._style = {}
        for name, number in FORMATS.items():
            self._style[name] = str(len(formats))
            etree.SubElement(
                formats, f"{_M}xf", numFmtId=str(number), fontId="0", fillId="0", borderId="0",
                applyNumberFormat="1",
            )  # fmt: skip
        formats.set("count", str(len(formats)))
        self._parts["xl/styles.xml"] = etree.tostring(root)

    def filled(self, cells):
        """Return the workbook with *cells*: (sheet, address) → ``Stored``."""
        parts = dict(self._parts)
        shared = etree.fromstring(parts["xl/sharedStrings.xml"])
        by_sheet = {}
        for (sheet, ref), stored in cells.items():
            by_sheet.setdefault(sheet, {})[ref] = stored
        for sheet, wanted in by_sheet.items():
            name = self._sheets[sheet]
            root = etree.fromstring(parts[name])
            for cell in root.iter(f"{_M}c"):
                if stored := wanted.pop(cell.get("r"), None):
                    self._fill(cell, stored, shared)
            assert not wanted, f"no such cells in {sheet}: {wanted}"
            parts[name] = etree.tostring(root)
        parts["xl/sharedStrings.xml"] = etree.tostring(shared)
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            for name, content in parts.items():
                package.writestr(name, content)
        return made.getvalue()

    def _fill(self, cell, stored, shared):
        for child in list(cell):
            cell.remove(child)
        cell.attrib.pop("t", None)
        if stored.shown:
            cell.set("s", self._style[stored.shown])
        text = _escaped(stored.text)
        kind, inside = {
            "number": ("n", f"<v>{text}</v>"),
            "truth": ("b", f"<v>{text}</v>"),
            "formula number": ("n", f"<f>1*1</f><v>{text}</v>"),
            "formula text": ("str", f'<f>"a"&amp;"b"</f><v>{text}</v>'),
            "inline": ("inlineStr", f"<is><t xml:space='preserve'>{text}</t></is>"),
            "rich inline": ("inlineStr", f"<is>{_rich(stored.text)}</is>"),
            "shared": ("s", f"<v>{len(shared)}</v>"),
            "rich shared": ("s", f"<v>{len(shared)}</v>"),
        }[stored.how]
        cell.set("t", kind)
        cell.extend(etree.fromstring(f"<c xmlns='{MAIN}'>{inside}</c>"))
        if kind == "s":
            plain = f"<t xml:space='preserve'>{text}</t>"
            si = _rich(stored.text) if stored.how == "rich shared" else plain
            shared.append(etree.fromstring(f"<si xmlns='{MAIN}'>{si}</si>"))


def _rich(text):
    """Return *text* as two runs, the second bold, with the reading of a word, which is no text."""
    middle = len(text) // 2
    runs = "".join(
        f"<r>{format_}<t xml:space='preserve'>{_escaped(part)}</t></r>"
        for format_, part in (("", text[:middle]), ("<rPr><b/></rPr>", text[middle:]))
    )
    return f"{runs}<rPh sb='0' eb='1'><t>ジョウ</t></rPh>"


def _escaped(text):
    """Return *text* as Excel writes it: what XML cannot hold, and what reads as such, as ``_x….``."""
    text = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    text = re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", lambda m: f"_x{ord(m[0]):04X}_", text)
    return escape(text)
