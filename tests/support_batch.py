"""Many units in no time: one workbook is written, the others are its bytes with another name in them."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from conftest import HEAD, UNIT
from reportgen import load_form, write_workbook
from reportgen.manifest import FOLDER
from reportgen.values import from_plain
from support_docx import make_docx

TOML = """
[[section]]
label = "内容"
kind = "record"
fields = [
  { label = "正文", required = true },
  { label = "金额", type = "decimal", uom = "万元" },
]

[[document]]
template = "报告.docx"
output = "{{ 单位名称 }}报告.docx"
"""
#: Stands in the workbook that is written once where the others have their unit's name.
_NAME = "单位名称在这里"


def make_project(root, toml=TOML, *, template=("{{ 单位名称 }}：{{ 正文 }}",), name="t"):
    """Make the folders of an office below *root* and return its form."""
    folder = root / "templates" / name
    folder.mkdir(parents=True, exist_ok=True)
    head = HEAD.replace('id = "t"', f'id = "{name}"')
    (folder / "form.toml").write_text(head + UNIT + toml, encoding="utf-8")
    make_docx(folder / "报告.docx", *template)
    (root / "inputs").mkdir(exist_ok=True)
    return load_form(folder)


class Pattern:
    """A workbook of *form*, filled with plain *values*, of which any unit can have its own."""

    def __init__(self, form, values=None):
        given = {"内容": {"正文": "正文"}, **(values or {}), "基本信息": {"单位名称": _NAME}}
        content = write_workbook(form, from_plain(given, form))
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            self._parts = [(info, package.read(info)) for info in package.infolist()]

    def of(self, unit, **more):
        """Return the workbook of *unit*; *more* are other texts in it: what is there → what is to be."""
        texts = {_NAME: unit, **more}
        pairs = [(_entities(old), _entities(new)) for old, new in texts.items()]
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as package:
            for info, content in self._parts:
                if info.filename.endswith(".xml"):
                    for old, new in pairs:
                        content = content.replace(old, new)  # noqa: PLW2901
                package.writestr(info.filename, content)
        return made.getvalue()


def _entities(text):
    """Return *text* as openpyxl writes it into XML."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.encode("ascii", "xmlcharrefreplace")


def command(root, *args, **more):
    """Start ``reportgen`` in *root*, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "reportgen", *map(str, args)],
        cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **more,
    )  # fmt: skip


def documents(root, folder="outputs"):
    """Return the name and the bytes of each file below *folder*, what is ours beside them left out."""
    found = (p for p in Path(root, folder).rglob("*") if p.is_file() and FOLDER not in p.parts)
    return {p.relative_to(root / folder).as_posix(): p.read_bytes() for p in found}


def left_over(root, folder="outputs"):
    """Return what a run has left beside its documents that is neither they nor the manifest."""
    known = {"manifest.sqlite"}
    return sorted(p.name for p in (root / folder / FOLDER).iterdir() if p.name not in known)


def alive(group):
    """Return the processes of a process group that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(pgrp) == group and state != "Z":
            found.append(int(stat.parent.name))
    return [pid for pid in found if pid != os.getpid()]
