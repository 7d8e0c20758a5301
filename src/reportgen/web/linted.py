"""What is wrong with a form's templates, each with the words around it, as the page shows it."""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from lxml import etree

from reportgen.copies import TemplateCopies
from reportgen.errors import ReportgenError
from reportgen.fieldtypes import FIELD_TYPES
from reportgen.finding import Finding, Severity
from reportgen.form import Form
from reportgen.formfile import FILE_NAME, load_form
from reportgen.preflight import TooLargeError, UnsafeError
from reportgen.preview import Preview, with_names, with_values
from reportgen.project import Forms
from reportgen.received import content_of
from reportgen.samples import sample_submissions
from reportgen.template.lint import look_through
from reportgen.template.mark import Mark
from reportgen.template.places import text_of
from reportgen.template.safety import UnreadableError, unpack
from reportgen.template.tags import paragraphs, parse
from reportgen.vocabulary import Entry, FilterEntry, filter_entries, vocabulary
from reportgen.web.jobs import Job
from reportgen.web.outcome import Paper
from reportgen.web.visits import Visit
from reportgen.workbook.outside import open_workbook
from reportgen.workbook.read import read_submission

#: Paragraphs shown before and after the one that a finding is about, and characters of each.
_BESIDE, _LONGEST = 2, 120
_TAG = re.compile(r"[{｛][{｛%#].*?[}｝%#][}｝]")
#: How a template may be filled for a look at it.
WAYS = {"sample": "填上样例", "names": "印出名称", "workbook": "填上选的工作簿"}


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph, and those around it: ``wrong`` is what the finding is about, between its other words."""

    before: tuple[str, ...]
    start: str
    wrong: str
    end: str
    after: tuple[str, ...]


@dataclass(slots=True)
class Looked:
    """One template: its findings with their words; ``copy`` is the id of the copy with comments."""

    name: str
    findings: list[tuple[Finding, Words | None]] = field(default_factory=list)
    copy: str = ""

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return sum(one.level is Severity.ERROR for one, _ in self.findings)

    @property
    def state(self) -> str:
        """How it is, as the style sheet calls it."""
        return "error" if self.errors else "warning" if self.findings else "done"


@dataclass(frozen=True, slots=True)
class Name:
    """A name to copy: the tag, what its values are, an example."""

    tag: str
    what: str
    example: str


@dataclass(slots=True)
class LintOutcome:
    """A form and its templates, looked through; ``shown`` are the previews that were asked for."""

    form: Form
    templates: list[Looked]
    others: list[Finding]
    chosen: str
    names: list[tuple[str, list[str], list[Name]]]
    filters: tuple[FilterEntry, ...]
    shown: list[tuple[str, list[Paper], list[Finding]]] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """How many errors there are."""
        own = sum(one.level is Severity.ERROR for one in self.others)
        return own + sum(one.errors for one in self.templates)


def run_lint(visit: Visit, forms: Forms, replaces: str, job: Job) -> None:
    """Look through a form and its templates, one of which may be the file that *visit* was sent.

    *replaces* is the template that it stands for; empty: the one of its name, or another document.

    Raises:
        ReportgenError: the form cannot be used.
    """
    source = forms.folder()
    target = visit.folder / "form" / source.name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("~$*", ".*"))
    sent, chosen = visit.uploads.only("template"), ""
    if sent is not None:
        known = [one.template for one in load_form(target).documents]
        chosen = replaces if replaces in known else sent.name
        shutil.copyfile(sent, target / chosen)
        if chosen not in known:
            document = f"\n[[document]]\ntemplate = {_quoted(chosen)}\noutput = {_quoted(chosen)}\n"
            with (target / FILE_NAME).open("a", encoding="utf-8") as file:
                file.write(document)
    job.say(line="表单读好了", mark="done")
    form = load_form(target)
    linted = look_through(form)
    result = LintOutcome(form, [], [], chosen, _names(form), filter_entries())
    for template in dict.fromkeys(one.template for one in form.documents):
        marks = linted.marks.get(template, [])
        result.templates.append(Looked(template, list(_with_words(form.folder / template, marks))))
    said = {mark.finding for marks in linted.marks.values() for mark in marks}
    result.others = [one for one in linted.findings if one not in said]
    _mark(visit, form, linted.marks, result.templates)
    with visit.lock:
        visit.result = result


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # TOML's basic strings are JSON's


def _mark(
    visit: Visit, form: Form, marks: dict[str, list[Mark]], templates: Sequence[Looked]
) -> None:
    """Write the copies with comments."""
    found: list[Finding] = []
    copies = TemplateCopies.open(visit.folder / "标注", [form])
    try:
        made = {Path(one.file).name: Path(one.file) for one in copies.write(form, marks, found)}
    finally:
        copies.folder.close()
    for one in templates:
        if path := made.get(one.name):
            one.copy = visit.serve(f"{Path(one.name).stem}（批注）.docx", path)


def _with_words(path: Path, marks: Sequence[Mark]) -> Iterator[tuple[Finding, Words | None]]:
    try:
        parts = dict(unpack(content_of(path)))
    except (OSError, TooLargeError, UnreadableError, UnsafeError):
        parts = {}  # lint has said so
    texts: dict[str, list[str]] = {}
    for mark in marks:
        if mark.part not in texts:
            texts[mark.part] = _texts(parts.get(mark.part, b""))
        yield mark.finding, _words(texts[mark.part], mark)


def _texts(content: bytes) -> list[str]:
    try:
        return [text_of(one) for one in paragraphs(parse(content))] if content else []
    except (etree.XMLSyntaxError, ValueError):
        return []


def _words(texts: Sequence[str], mark: Mark) -> Words | None:
    at = mark.paragraph
    if not 0 <= at < len(texts):
        return None
    before = [text for text in texts[:at] if text][-_BESIDE:]
    after = [text for text in texts[at + 1 :] if text][:_BESIDE]
    text, value = texts[at], " ".join(mark.finding.value.split())
    first, last = _wrong(text, value)
    start, wrong, end = text[:first], text[first:last], text[last:]
    return Words(
        tuple(map(_short, before)),
        start if len(start) <= _LONGEST else "…" + start[-_LONGEST:],
        wrong,
        _short(end),
        tuple(map(_short, after)),
    )


def _wrong(text: str, value: str) -> tuple[int, int]:
    """Return where in a paragraph *value* is, the whole tag around it; all of the paragraph if nowhere.

    >>> _wrong("共{{ 金而 }}元，{{ 金额 }}元", "金而")
    (1, 9)
    """
    for tag in _TAG.finditer(text):
        if value and value in tag[0]:
            return tag.span()
    at = text.find(value) if value else -1
    return (at, at + len(value)) if at >= 0 else (0, len(text))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


# -- names ---------------------------------------------------------------------------


def _names(form: Form) -> list[tuple[str, list[str], list[Name]]]:
    """Return the names sheet by sheet: heading, the tags of its loop, the names in it."""
    try:
        entries = vocabulary(form)
    except ReportgenError:
        return []
    out = []
    for heading, group in groupby(entries, _heading):
        listed = list(group)
        loops = [tag for one in listed if one.kind == "table" for tag in _loop(one)]
        names = [_name(one) for one in listed if one.kind != "table"]
        out.append((heading, loops, names))
    return out


def _heading(entry: Entry) -> str:
    return "上年数" if entry.kind == "prior" else entry.sheet or "计算指标"


def _loop(entry: Entry) -> tuple[str, str]:
    level = "tr" if entry.type == "table" else "p"
    return f"{{%{level} {entry.example} %}}", f"{{%{level} endfor %}}"


def _name(entry: Entry) -> Name:
    what = FIELD_TYPES[entry.type].title + (f"，{entry.uom}" if entry.uom else "")
    if entry.kind in {"formula", "computed", "total", "count", "number"}:
        what += "，算出"
    return Name(f"{{{{ {entry.name} }}}}", what, _short(" ".join(entry.example.split()))[:60])


# -- previews ------------------------------------------------------------------------


def run_show(visit: Visit, way: str, job: Job) -> None:
    """Fill the templates for a look at them, in the *way* asked for (``WAYS``).

    Raises:
        ReportgenError: the workbook, or a sample, cannot be read.
    """
    result: LintOutcome = visit.result
    form, name = result.form, WAYS[way]
    job.say(line=name, mark="done")
    if way == "names":
        made: Iterator[Preview] = with_names(form)
    elif way == "workbook" and (path := visit.uploads.only("values")):
        name = path.name
        made = with_values(form, [read_submission(open_workbook(path), form)], path.parent)
    else:
        made = with_values(form, sample_submissions(form), form.folder)
    folder = visit.folder / "shown" / way
    folder.mkdir(parents=True, exist_ok=True)
    papers, found = [], list[Finding]()
    for one in made:
        found += one.findings
        if one.content is None:
            if not one.findings:
                continue  # what is filled in does not ask for it
            papers.append(Paper(one.name, "failed"))
            continue
        target = folder / one.name
        target.write_bytes(one.content)
        papers.append(Paper(one.name, "built", visit.serve(one.name, target)))
    with visit.lock:
        result.shown = [shown for shown in result.shown if shown[0] != name]
        result.shown.insert(0, (name, papers, found))
