"""Workbooks for tests: made from lists of cells, patched, and recalculated by LibreOffice."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest

from reportgen import read_workbook, write_workbook
from reportgen.values import from_plain

SOFFICE = shutil.which("soffice")


def needs_soffice():
    """Skip the test where LibreOffice is missing; in CI that is a failure."""
    if SOFFICE is None:
        if os.environ.get("CI"):
            pytest.fail("LibreOffice 没有安装，CI 里不能跳过")
        pytest.skip("需要 LibreOffice（soffice）")


#: LibreOffice calculates a workbook anew on opening only if told so; else it may trust the file.
ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""


def convert(paths, suffix, folder, *, recalculate=False):
    """Return *paths* opened by LibreOffice and saved as *suffix* in *folder*.

    With *recalculate* no result that the file brings along is believed.
    """
    needs_soffice()
    profile = folder / "profile"
    if recalculate:
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)
    command = [SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    subprocess.run(
        [*command, "--convert-to", suffix, "--outdir", str(folder), *map(str, paths)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    shutil.rmtree(profile, ignore_errors=True)
    return [folder / f"{path.stem}.{suffix}" for path in paths]


def make_book(path, sheets, *, meta=None, hidden=()):
    """Write a workbook of *sheets* (title → rows of cells); a text with ``=`` becomes a formula.

    openpyxl stores no results, so such a formula is one that was never calculated.
    """
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for at, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                sheet.cell(at, column, value)
        if title in hidden:
            sheet.sheet_state = "hidden"
    if meta:
        sheet = book.create_sheet("_meta")
        for pair in meta.items():
            sheet.append(pair)
    book.save(path)
    return path


def store_results(path, part, results):
    """Give cells of *part* a stored result: ``{"B2": ("e", "#DIV/0!")}``, type and text."""
    parts = {}
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    xml = parts[part].decode()
    for ref, (kind, text) in results.items():
        cell = rf'<c r="{ref}"[^>]*>(<f>.*?</f>)?.*?</c>'
        assert re.search(cell, xml), ref
        xml = re.sub(cell, rf'<c r="{ref}" t="{kind}">\1<v>{text}</v></c>', xml, count=1)
    parts[part] = xml.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def written(form, values=None, *, sample=False):
    """Return the workbook of *form*, filled with plain *values*, opened by openpyxl."""
    submission = from_plain(values or {}, form)
    return openpyxl.load_workbook(io.BytesIO(write_workbook(form, submission, sample=sample)))


def read_back(path, form, values):
    """Write *values* into a workbook at *path* and return what reading it gives."""
    path.write_bytes(write_workbook(form, from_plain(values, form)))
    return read_workbook(path, form)


def codes(submission):
    """Return (code, sheet, cell) of each finding."""
    return [(f.code, f.place.sheet, f.place.cell) for f in submission.findings]


def part(path_or_bytes, name):
    """Return a part of a package as text."""
    source = io.BytesIO(path_or_bytes) if isinstance(path_or_bytes, bytes) else Path(path_or_bytes)
    with zipfile.ZipFile(source) as package:
        return package.read(name).decode("utf-8")
