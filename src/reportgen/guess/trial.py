"""A guessed form tried out: read, linted, its workbook written, read back and checked.

What the program itself does not accept of a guess is taken back, and a question says so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reportgen.compute import compute
from reportgen.drafting.template import first_template
from reportgen.errors import FormError, ValuesError
from reportgen.finding import Finding, Severity
from reportgen.form import Form
from reportgen.formfile import FILE_NAME, load_form
from reportgen.guess.drafts import Draft, Guess, name_items
from reportgen.guess.items import Item
from reportgen.guess.text import Written, form_text, sample_text
from reportgen.pipeline import check
from reportgen.submission import Submission
from reportgen.template.lint import lint_form
from reportgen.value import Number
from reportgen.values import from_plain
from reportgen.workbook.book import open_bytes
from reportgen.workbook.read import read_submission
from reportgen.workbook.write import write_workbook

_ROUNDS = 12
#: Signs that most names do without.
_ODD = re.compile(r"[^\w（）()%％/、：:·]")
SAMPLE = "sample.toml"


@dataclass(frozen=True, slots=True)
class Tried:
    """A guess as it stands: its text, the form's files by name, its workbooks, what is still wrong."""

    written: Written
    files: dict[str, bytes]
    sample: bytes
    blank: bytes
    findings: tuple[Finding, ...]


def try_out(guess: Guess) -> Tried:
    """Return *guess* as files that lint and check find nothing wrong with.

    Raises:
        FormError: even without its doubtful parts it is no form.
    """
    with TemporaryDirectory(prefix="reportgen-") as folder:
        for last in (*[False] * _ROUNDS, True):
            written = form_text(guess)
            path = Path(folder) / "form"
            path.mkdir(exist_ok=True)
            (path / FILE_NAME).write_text(written.text, encoding="utf-8", newline="\n")
            try:
                form = load_form(path)
            except FormError as error:
                if last or not take_back(guess, error.findings):
                    raise
                continue
            tried = _look(guess, written, form)
            if last or not tried.findings:
                return tried
            if not take_back(guess, tried.findings) and not plain_names(guess):
                return tried
    raise AssertionError  # the last round returns or raises


def _look(guess: Guess, written: Written, form: Form) -> Tried:
    """Lint and check the form and the old values; formulas that give other numbers are taken back."""
    template = first_template(form)
    (form.folder / guess.template).write_bytes(template)
    values = guess.values()
    found: list[Finding] = [f for f in lint_form(form) if f.level is not Severity.NOTE]
    try:
        submission = from_plain(values, form)
    except ValuesError as error:
        found += error.findings
        submission = Submission(form=form)
    sample = write_workbook(form, submission, sample=True)
    back = read_submission(open_bytes(sample, guess.source), form)
    found += [f for f in check(back) if f.level is Severity.ERROR]
    found += _differences(guess, back)
    files = {
        FILE_NAME: written.text.encode(),
        guess.template: template,
        SAMPLE: sample_text(values).encode(),
    }
    return Tried(written, files, sample, write_workbook(form), tuple(found))


def _differences(guess: Guess, back: Submission) -> Iterator[Finding]:
    """Take back formulas that give other numbers than stood there, as a finding for each."""
    from reportgen import rules  # noqa: PLC0415
    from reportgen.finding import Place  # noqa: PLC0415

    data = compute(back)
    for draft in guess.sections:
        section = back.form.section(draft.label)
        for item in draft.items:
            for index, computed in enumerate(_results(data.node(section), draft, item)):
                old = item.number(index) if index < len(item.raws) else None
                if old is None or computed is None or not _apart(item, old, computed):
                    continue
                place = Place(file=guess.source, sheet=draft.label, field=item.label)
                yield rules.NOT_A_NUMBER.at(
                    place, label=item.label, value=str(old), uom="", example=str(computed)
                )
                break


def _results(node: Any, draft: Draft, item: Item) -> list[Fraction | None]:
    """Return what the program computes for the cells of *item*; None for what is entered."""
    if draft.kind == "grid":
        return [
            _number(node.lookup(row.label).lookup(item.label))
            if item.formula or row.formula
            else None
            for row in draft.rows
        ]
    if not item.formula:
        return []
    rows = [node] if draft.kind == "record" else list(node)
    return [_number(row.lookup(item.label)) for row in rows]


def _number(value: object) -> Fraction | None:
    return Fraction(value.value) if isinstance(value, Number) else None


def _apart(item: Item, old: Any, computed: Fraction) -> bool:
    shown = max(0, -int(old.normalize().as_tuple().exponent))
    places = min(shown, 6) if item.places is None or shown <= 6 else item.places
    least = places + 2 if item.type == "percent" and places < 2 else places
    return abs(Fraction(old) - computed) > Fraction(1, 2 * 10**least) + Fraction(1, 10**9)


def take_back(guess: Guess, findings: Sequence[Finding]) -> bool:
    """Take back one doubtful part for each finding; whether there was any."""
    changed = False
    for finding in findings:
        section, _, label = finding.place.field.rpartition(" › ")
        section = finding.place.sheet or section.removeprefix("[[section]] ")
        label = label.removeprefix("[[section]] ")
        for draft in guess.sections:
            if draft.label not in {section, label}:
                continue
            for item in draft.items:
                if item.label == label:
                    changed = _relax(draft, item) or changed
            for row in draft.rows:
                if row.formula and (row.label == label or label in {draft.label, ""}):
                    row.enter()
                    changed = True
    return changed


def plain_names(guess: Guess) -> bool:
    """Take signs out of names that a tag may stumble over; whether there were any."""
    changed = False
    for draft in guess.sections:
        odd = [i for i in draft.items if _ODD.search(i.label) and i.label != guess.unit]
        for item in odd:
            item.label, changed = _ODD.sub("", item.label) or "未命名", True
        for item in draft.items if odd else ():  # they may name what has another name now
            item.formula = ""
        name_items(draft.items)
        for question in (q for item in draft.items for q in item.questions):
            question.where = f"{draft.label} › {question.where}"
    return changed


def _relax(draft: Draft, item: Item) -> bool:
    """Take back what is most doubtful of *item*; whether there was anything."""
    where = f"{draft.label} › {item.label}"
    if item.formula:
        item.questions = [q for q in item.questions if item.formula not in q.text]
        item.ask(
            f"由单位自己填，没有用公式 {item.formula}", "算出来和旧表里的数不一样",
            "知道怎么算的，写进 formula", 2,
        )  # fmt: skip
        item.questions[-1].where = where
        item.formula, item.total = "", True
    elif item.total is not True:
        item.total = True
    elif item.unique:
        item.unique = False
    elif item.required and where:
        item.required = False
    elif item.choices:
        item.choices, item.type = (), "text"
    elif item.type != "text":  # of a narrative, braces that name nothing are an error
        item.type, item.uom, item.places = "text", "", None
    else:
        return False
    return True
