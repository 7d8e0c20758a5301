"""Imports go one way: a room imports only from rooms above it (design.md §5)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import reportgen

SOURCE = Path(reportgen.__file__).parent

#: The rooms from the top down, each with one line on what is in it.
ROOMS = {
    "finding": "what is wrong, where",
    "errors": "what stops the work",
    "rules": "every message, once",
    "diagnosis": "what a bug leaves for support",
    "value": "numbers, days, texts, blanks; their arithmetic",
    "show": "a value as it prints",
    "figures": "numbers and lists as people write them",
    "numerals": "numbers in words and signs",
    "limits": "what one render may cost",
    "filters": "the filters and functions of formulas and templates",
    "headings": "labels as names: compared, written as identifiers",
    "expression": "Jinja expressions over exact values",
    "wording": "an expression as a person says it",
    "names": "which names exist where, without any data",
    "form": "what a form is: frozen data",
    "summary": "(the package)",
    "summary.form": "the form of a batch, derived from the form of a unit",
    "addends": "the amounts that a rule adds up, for its rounding tail",
    "package": "a zip whose bytes depend on its content alone",
    "preflight": "what a package claims, before anything opens it",
    "filekind": "what kind of file somebody sent",
    "received": "the bytes of a file that somebody sent",
    "pool": "processes that call functions, each with its limits",
    "groups": "rows that have something in common",
    "literals": "comparisons that can never come true",
    "numbering": "the numbers of an outline's headings",
    "signs": "the signs of a text: broken, unseen, of either width",
    "tomltext": "TOML text, its mistakes in Chinese",
    "fieldtypes": "how a cell is read, an entry each type",
    "misuse": "what tags ask of names that these cannot give",
    "workbook": "(the package)",
    "workbook.layout": "where things stand in a workbook",
    "formparts": "the parts of form.toml and their keys",
    "formkeys": "typed access to the keys of form.toml",
    "formcycles": "formulas that lead back to themselves",
    "formcheck": "what the parts of a form say of each other",
    "formlint": "likely mistakes of a form",
    "formfile": "form.toml → Form",
    "submission": "one unit's filled workbook, as values",
    "workbook.package": "what calamine hides",
    "workbook.reach": "how far cells reach, and the room that takes",
    "workbook.drawings": "the pictures in a workbook's cells",
    "workbook.book": "open a workbook of any kind",
    "workbook.outside": "open a workbook in this very process",
    "workbook.find": "headings and labels, wherever they stand",
    "workbook.prior": "last year's values, hidden in the workbook",
    "workbook.remarks": "what a unit says of earlier findings",
    "workbook.read": "workbook → Submission",
    "values": "a values file → Submission",
    "roster": "the bureau's list of units",
    "examples": "a form's passing and failing examples of its own rules",
    "sources": "one spelling for what from refers to",
    "slots": "the numbers that a narrative names",
    "nodes": "a section as a tree of names",
    "whereabouts": "the cell that shows a named value",
    "compute": "totals and computed values, by name",
    "carried": "what is filled in before the unit gets it",
    "narratives": "what the sentences of a unit contradict",
    "restated": "numbers of the form in the sentences of a unit",
    "crosschecks": "the form's own rules",
    "checks": "what must hold of a submission",
    "workbook.readings": "a number that stands as text, as Excel reads it",
    "workbook.cells": "the looks of cells",
    "workbook.cover": "the sheet that is read first",
    "workbook.terms": "numbers and texts as Excel formulas: value, blank, divisor 0",
    "workbook.conditions": "conditions as Excel formulas: true, false, unknown",
    "workbook.operators": "a Jinja expression as terms of Excel",
    "workbook.columns": "names of a table's rows, columns and totals in Excel",
    "workbook.references": "names of cells in Excel",
    "workbook.formula": "the live formulas of a workbook",
    "workbook.verdicts": "the sheet of the checks, live",
    "workbook.validation": "drop-downs and hints",
    "workbook.write": "the blank or filled workbook",
    "workbook.prefill": "the workbooks of many units",
    "printed": "what tags print, noted in order",
    "context": "what a template sees, and the gate to the page",
    "template": "(the package)",
    "template.tags": "the tags of a part, as Jinja reads them",
    "template.safety": "a Word file, without what it may not carry into a document",
    "template.structure": "what Word cannot open or show of a story",
    "template.order": "the order of elements that the schema wants",
    "template.parcel": "parts, their types and relationships",
    "template.opening": "the parts of a template, or why Word would not open it",
    "template.references": "what the parts of a document name of each other",
    "template.marks": "what was in a loop, marked in a part",
    "template.paragraphs": "paragraphs of a rendered document",
    "template.repair": "what Word asks of a table",
    "template.places": "where in a Word template something is",
    "template.patch": "docxtpl's own function, without docxtpl",
    "template.part": "a part of a template, and where its tags are",
    "template.blocks": "pairs of tags; rows and paragraphs of tags",
    "template.additions": "parts and relationships that a document gets",
    "template.boxes": "the room at a place, for a picture",
    "template.pictures": "pictures into a document",
    "template.links": "hyperlinks whose address holds tags",
    "template.chartdata": "the data of a chart: its table and its drawing",
    "template.charts": "charts that tags fill",
    "template.contents": "tables of contents",
    "template.merging": "blocks of one Word file taken over into another",
    "template.include": "other Word files put into a template",
    "template.controls": "content controls",
    "template.objects": "the tags of objects, written beside them",
    "template.merge": "cells that repeat the one above",
    "template.vanish": "paragraphs that say nothing",
    "template.empties": "tables without rows",
    "template.breaks": "page breaks and sections that loops copy",
    "template.lists": "lists that begin anew",
    "template.ids": "what must be unique, and loops copy",
    "template.columns": "columns that a loop makes",
    "template.cells": "colours and widths of cells",
    "template.layout": "what loops leave of the layout, settled",
    "template.verify": "what must hold of a built document",
    "template.sound": "whether a Word document opens",
    "template.engine": "a Word template → documents",
    "template.mark": "findings as comments in a copy of a template",
    "template.outside": "what looks like a tag and is none",
    "template.readable": "broken tags as a tree that Jinja reads",
    "template.lint": "a form and its templates, without data",
    "samples": "values to look at a form with",
    "tagtext": "names and tags of a form, as a person writes them",
    "vocabulary": "every name and filter that a template may use",
    "drafting": "(the package)",
    "drafting.paper": "a Word document, paragraph by paragraph",
    "drafting.blocks": "a form's data as paragraphs and tables of tags",
    "drafting.fieldlist": "字段清单, a document of every name",
    "drafting.template": "a first template from a form",
    "manifest": "what is kept beside the documents of a folder",
    "output": "file names, whole files or none, edited documents",
    "rehearsal": "what a run would do in an output folder",
    "pdf": "(the package)",
    "pdf.converter": "what a program that makes PDFs is asked",
    "pdf.process": "a process and its children, none left behind",
    "pdf.contents": "the pages of a table of contents, for LibreOffice",
    "pdf.libreoffice": "LibreOffice: where it is, its command",
    "pdf.office": "Word and WPS on Windows: their command",
    "pdf.reproducible": "the same document, the same PDF",
    "pdf.convert": "documents → PDFs",
    "fonts": "the fonts of a Word file, and of this computer",
    "summary.frequent": "the rules that units break most",
    "summary.values": "the summary columns of one unit; all units as the names of a batch",
    "standing": "what the unit explains and the bureau approves",
    "workbook.losses": "what openpyxl would not bring back",
    "workbook.graft": "a saved workbook with the cells' contents of before",
    "workbook.places": "findings in a workbook that is written anew",
    "workbook.results": "检查结果, the list of findings in a marked copy",
    "workbook.mark": "findings → a marked copy",
    "template.shown": "a template with the names of its tags",
    "campaign": "what has come, against the list of units",
    "borrowed": "texts that a unit has from another",
    "pipeline": "one unit, from workbook to documents",
    "summary.sheets": "sheets as they are written: looks, texts, links",
    "summary.totals": "totals of the columns of 汇总",
    "summary.lists": "every finding, every rule that is broken, every document",
    "summary.units": "the sheet 汇总",
    "summary.charts": "the sheet 图表",
    "summary.workbook": "汇总.xlsx",
    "summary.report": "Word documents over all units",
    "preview": "templates with sample values, or with names",
    "project": "the folders of an office: forms and inputs",
    "guess": "(the package)",
    "guess.cells": "the cells of a sheet as a person sees them",
    "guess.looks": "formulas, number formats, drop-downs, comments of a sheet",
    "guess.pairs": "labels and the values beside them",
    "guess.areas": "the parts of a sheet: pairs, tables, remarks",
    "guess.items": "a field in the making, and what is asked about it",
    "guess.kinds": "what kind of field it is, by its values",
    "guess.proofs": "formulas that a workbook proves",
    "guess.drafts": "sections of a form in the making",
    "guess.stated": "the formulas in the cells of a table",
    "guess.sections": "the parts of a sheet as sections",
    "guess.whole": "a whole workbook as a form in the making",
    "guess.text": "a form in the making as form.toml",
    "guess.trial": "a guessed form tried out",
    "newproject": "a project folder to begin with",
    "unit": "one unit's share of a run, in whatever process",
    "workers": "who does units' work",
    "cluster": "the executor of many machines",
    "resume": "what results rest on, and whether they still hold",
    "run": "what a run found and made",
    "lastyear": "last year's workbooks, matched to the list of units",
    "doctor": "what a build needs of this computer",
    "copies": "marked copies in a folder",
    "teller": "tells a run of its units",
    "writing": "a unit's results into the folder and the manifest",
    "overview": "汇总 and the reports over all units into the folder",
    "printing": "documents into PDFs beside them",
    "closing": "what only the whole run shows",
    "proof": "Word documents that open, as they were built",
    "batch": "many units",
    "reporters": "findings and results as text, lines, JSON",
    "explanations": "the pages of reportgen explain",
    "": "the public names",
    "web": "(the package)",
    "web.guard": "who may speak to the page",
    "web.uploads": "what comes in from the browser",
    "web.jobs": "work that takes long, one after another",
    "web.visits": "the files of one open page",
    "web.around": "the piece of a sheet around a cell",
    "web.overall": "all units together: who has sent, bars",
    "web.outcome": "what a run gave, for the page",
    "web.linted": "what is wrong with templates, with the words around it",
    "web.pages": "a document as it will print",
    "web.bundle": "results as one zip",
    "web.views": "what all answers share",
    "web.files": "answers that bring files in and out",
    "web.workbooks": "answers of the workbooks' side",
    "web.templates": "answers of the templates' side",
    "web.app": "the page's addresses",
    "web.serve": "the start and the end of reportgen serve",
    "cli": "click: parse, call the library, print, exit",
    "__main__": "python -m reportgen",
}


def modules():
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        yield ".".join(p for p in parts if p != "__init__"), path


def room_of(module):
    """Return the room of a module: all of ``cli`` is one, and all of ``rules``."""
    first = module.split(".")[0]
    return first if first in {"cli", "rules"} else module


def imported(path):
    """Yield the modules of ours that *path* imports, at the top or inside a function."""
    known = {name for name, _ in modules()}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "reportgen":
            base = (node.module or "").removeprefix("reportgen").removeprefix(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}".removeprefix(".")
                yield inner if inner in known else base
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "reportgen":
                    yield alias.name.removeprefix("reportgen").removeprefix(".")


def test_every_module_has_its_room():
    assert {room_of(name) for name, _ in modules()} == set(ROOMS)


@pytest.mark.parametrize(("module", "path"), list(modules()))
def test_a_room_imports_only_from_rooms_above_it(module, path):
    order = list(ROOMS)
    own = order.index(room_of(module))

    for name in imported(path):
        # the public names load their verbs when called
        if module != "" and room_of(name) != room_of(module):
            assert order.index(room_of(name)) < own, f"{module} imports {name}"


@pytest.mark.parametrize(
    "code",
    [
        "import reportgen",
        "import reportgen.cli",
        (
            "import contextlib, reportgen.cli; sys.argv = ['reportgen', '--help']\n"
            "with contextlib.suppress(SystemExit): reportgen.cli.main()"
        ),
    ],
)
def test_the_command_starts_without_the_slow_libraries(code):
    slow = "docxtpl", "openpyxl", "lxml", "docx", "starlette", "uvicorn"
    script = f"import sys\n{code}\nprint([m for m in {slow!r} if m in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script], capture_output=True, text=True, check=False
    )

    assert done.stdout.rstrip().endswith("[]"), done.stdout[-300:] + done.stderr


@pytest.mark.parametrize(("module", "path"), list(modules()))
def test_a_module_says_what_is_in_it_and_stays_short(module, path):
    text = path.read_text(encoding="utf-8")

    assert ast.get_docstring(ast.parse(text)), module
    assert text.count("\n") <= 400
