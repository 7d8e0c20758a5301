"""Findings → a marked copy (退回件) of the workbook, which the unit may correct and send back.

A cell with a finding gets a colour and a note, and 检查结果 lists them all. The colour is a
conditional format, since a plain fill would be hidden by the format of a table's rows and would
cost a cell its own; the formula and the words around a note tell ours from the unit's, so that the
marks of an earlier run can be taken away.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import openpyxl
from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formatting.rule import FormulaRule, Rule
from openpyxl.worksheet.worksheet import Worksheet

from reportgen.checks import check_values
from reportgen.compute import compute
from reportgen.filekind import kind_of
from reportgen.finding import Finding, Severity
from reportgen.package import read_package
from reportgen.signs import without_control
from reportgen.standing import unit_words
from reportgen.submission import Submission
from reportgen.workbook import layout
from reportgen.workbook.book import Book, open_bytes
from reportgen.workbook.cells import BOX, paint
from reportgen.workbook.graft import with_contents_of
from reportgen.workbook.losses import losses
from reportgen.workbook.places import NewPlaces
from reportgen.workbook.read import read_submission
from reportgen.workbook.remarks import results
from reportgen.workbook.results import (
    COLORS,
    Mark,
    is_results,
    said,
    shown_level,
    write_results,
)
from reportgen.workbook.write import write_workbook

AUTHOR = "reportgen"
#: True in Excel, WPS and LibreOffice alike, and nobody else writes it.
_SIGN = f'N("{AUTHOR}")=0'
_SIGN_IN_XML = re.compile(rf'N\((?:"|&quot;){AUTHOR}'.encode())
_BEGIN, _END = "〔检查意见 reportgen〕", "〔检查意见完：改正后再检查时自动去掉〕"
_GAP = "\n\n"  # between the unit's own note and ours
_BLOCK = rf"{re.escape(_BEGIN)}.*?{re.escape(_END)}"
_OURS = re.compile(rf"\A{_BLOCK}\n*|(?:{_GAP})?(?:{_BLOCK}|{re.escape(_BEGIN)}.*)", re.DOTALL)
_WORST = tuple(Severity)
_OTHER_FORMATS = MappingProxyType(
    {
        "xls": "原文件是旧格式（.xls、.et）",
        "xlsb": "原文件是 .xlsb 格式",
        "ods": "原文件是 .ods 格式",
    }
)
_PLAIN = b"spreadsheetml.sheet.main+xml"
_LONGEST_NOTE = 2_000
_NOTE_WIDTH, _NOTE_LINE, _NOTE_HIGHEST = 300, 18, 480  # pixels
_AREAS = 200  # what Excel takes as the cells of one rule is limited


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy with *marks* findings in it; ``renewed`` says why it is not the unit's own file."""

    content: bytes
    marks: int
    renewed: str = ""


def mark(book: Book, submission: Submission, findings: Sequence[Finding]) -> Copy:
    """Return a copy of *book* with *findings* marked in it, and the marks of earlier runs gone.

    What is filled in reads the same. Where openpyxl would lose something of the original, the
    copy is written from the form instead. With nothing to mark or to take away it is the original.
    """
    words = unit_words(findings, submission.remarks)
    marks = [Mark(finding, said) for finding, said in zip(findings, words, strict=True)]
    renewed = _OTHER_FORMATS.get(kind_of(book.data).format, "")
    if not renewed:
        try:
            parts = read_package(book.data)
        except zipfile.BadZipFile:  # a part that nobody had to read
            parts, renewed = [], "原文件里有损坏的内容"
    if not renewed:
        if not marks and not _has_marks(book, parts) and _is_plain(parts):
            return Copy(book.data, 0)
        lost = losses(parts)
        content = b"" if lost else _copied(book, submission, marks)
        if content:
            return Copy(content, len(marks))
        renewed = f"原文件里有{'、'.join(lost) or '不能原样保存的内容'}"
    fresh = write_workbook(submission.form, submission, sample=submission.sample)
    if marks:
        fresh = _marked(fresh, _moved(marks, submission, fresh), renewed)
    return Copy(fresh, len(marks), renewed)


# -- a copy of the file itself --------------------------------------------------------------


def _has_marks(book: Book, parts: Iterable[tuple[str, bytes]]) -> bool:
    traces = (_SIGN_IN_XML, re.compile(re.escape(_BEGIN.encode())))
    return bool(results(book)) or any(t.search(xml) for _, xml in parts for t in traces)


def _is_plain(parts: Iterable[tuple[str, bytes]]) -> bool:
    """Whether the file may be called .xlsx as it is: no template, no workbook for macros."""
    return _PLAIN in dict(parts).get("[Content_Types].xml", b"")


def _copied(book: Book, submission: Submission, marks: Sequence[Mark]) -> bytes:
    """Return a copy of the file itself, or nothing where it would not read the same."""
    try:
        content = _marked(book.data, marks)
        again = read_submission(open_bytes(content, book.file), submission.form)
    except Exception:  # noqa: BLE001 - openpyxl raises nearly anything on a file it cannot take
        return b""
    is_same = again.plain() == submission.plain() and again.findings == submission.findings
    return content if is_same else b""


def _marked(data: bytes, marks: Sequence[Mark], renewed: str = "") -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl warns of is lost, and known from losses
        book = openpyxl.load_workbook(io.BytesIO(data), rich_text=True)
    _unmark(book)
    own = book.sheetnames  # an earlier 检查结果 is gone; the new one bears its name
    book.template = False
    for sheet in book.worksheets:
        _mark_cells(sheet, [m.finding for m in marks if m.finding.place.sheet == sheet.title])
    if marks:
        write_results(book, marks, renewed)
    _open_at(book, next(s for s in book.worksheets if s.sheet_state == "visible"))
    book.calculation.fullCalcOnLoad = True
    stream = io.BytesIO()
    book.save(stream)
    book.close()
    return with_contents_of(data, stream.getvalue(), own)


def _open_at(book: Workbook, first: Worksheet) -> None:
    """Show *first* on opening, and it alone: what is typed goes into every selected sheet."""
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet is first
    book.active = first
    for view in book.views:
        view.firstSheet = 0


def _unmark(book: Workbook) -> None:
    """Take the marks of an earlier run away."""
    for sheet in list(book.worksheets):
        if is_results(sheet):
            book.remove(sheet)
            continue
        for cell in _cells(sheet):
            if cell.comment and _BEGIN in cell.comment.text:
                text = _OURS.sub("", cell.comment.text)
                cell.comment = Comment(text, cell.comment.author) if text else None
        kept = ConditionalFormattingList()
        for area in sheet.conditional_formatting:
            for rule in area.rules:
                if not _is_ours(rule):
                    kept.add(str(area.sqref), rule)
        sheet.conditional_formatting = kept


def _is_ours(rule: Rule) -> bool:
    return any(f'"{AUTHOR}"' in formula for formula in rule.formula)


def _cells(sheet: Worksheet) -> list[Cell | MergedCell]:
    """Return the cells that are there; ``iter_rows`` would make all those between them."""
    return list(sheet._cells.values())  # noqa: SLF001


def _mark_cells(sheet: Worksheet, findings: Iterable[Finding]) -> None:
    of_cell: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.place.cell:
            of_cell.setdefault(_anchor(sheet, finding.place.cell), []).append(finding)
    for ref, found in of_cell.items():
        own = sheet[ref].comment
        before = own.text + _GAP if own else ""
        sheet[ref].comment = Comment(before + _note(found), own.author if own else AUTHOR)
    for cell in _cells(sheet):
        if cell.comment:
            _fit(cell.comment)
    _color(
        sheet,
        {ref: min(map(shown_level, found), key=_WORST.index) for ref, found in of_cell.items()},
    )


def _color(sheet: Worksheet, levels: Mapping[str, Severity]) -> None:
    """Colour cells by their worst finding, before every format of the workbook's own."""
    areas = []
    for level in _WORST:
        refs = [ref for ref, one in levels.items() if one is level]
        areas += [(level, refs[at : at + _AREAS]) for at in range(0, len(refs), _AREAS)]
    formats = ConditionalFormattingList()  # LibreOffice takes the first in the file
    for priority, (level, refs) in enumerate(areas, 1):
        rule = FormulaRule(  # type: ignore[no-untyped-call]
            formula=[_SIGN], fill=paint(COLORS[level]), border=BOX
        )
        rule.priority = priority
        formats.add(" ".join(refs), rule)
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            rule.priority += len(areas)
            formats.add(str(area.sqref), rule)
    sheet.conditional_formatting = formats


def _anchor(sheet: Worksheet, ref: str) -> str:
    """Return *ref*, or the first cell of the merged area that it lies in: only that takes a note."""
    if not isinstance(sheet[ref], MergedCell):
        return ref
    area = next(area for area in sheet.merged_cells.ranges if ref in area)
    return layout.address(area.min_row, area.min_col)


def _note(findings: Sequence[Finding]) -> str:
    lines = [_BEGIN]
    for finding in findings:
        lines.append(f"{finding.verdict} {finding.code}：{said(finding)}")
        if finding.hint.strip():
            lines.append(f"改法：{finding.hint}")
    text = without_control("\n".join(lines)).replace(_END, "")
    if len(text) > _LONGEST_NOTE:
        text = text[:_LONGEST_NOTE] + f"…（全文见“{layout.RESULTS}”）"
    return f"{text}\n{_END}"


def _fit(note: Comment) -> None:
    """Make a note's box as large as its text: Excel does not, and openpyxl forgets its size."""
    lines = sum(1 + layout.text_width(line) * 7 // _NOTE_WIDTH for line in note.text.split("\n"))
    note.width, note.height = _NOTE_WIDTH, min((lines + 1) * _NOTE_LINE, _NOTE_HIGHEST)


# -- a copy written anew ----------------------------------------------------------------------


def _moved(marks: Iterable[Mark], submission: Submission, fresh: bytes) -> list[Mark]:
    """Return *marks* at the cells of the *fresh* workbook.

    What is wrong there too is said in the words of there: they may name another cell.
    """
    again = read_submission(open_bytes(fresh, submission.file), submission.form)
    there = {(f.code, f.place): f for f in check_values(compute(again))}
    places = NewPlaces(submission)
    out = []
    for one in marks:
        finding = places.of(one.finding)
        same = there.get((finding.code, finding.place), finding)
        out.append(replace(one, finding=replace(finding, message=same.message)))
    return out
