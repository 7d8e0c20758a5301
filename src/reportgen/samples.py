"""Values to look at a form with: its own ``sample*.toml``, or made-up ones where it has none."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from reportgen.fieldtypes import example, read_value
from reportgen.form import MAX_LEVEL, Field, Form, Section
from reportgen.submission import Submission
from reportgen.value import Day, Number, digits
from reportgen.values import from_plain, read_values

#: A made-up table has so many rows: one alone would hide what stands between two.
_ROWS = 2


def sample_files(form: Form) -> list[Path]:
    """Return the form's sample values, ``sample.toml`` first."""
    return sorted(form.folder.glob("sample*.toml"), key=lambda path: path.stem)


def sample_submissions(form: Form) -> list[Submission]:
    """Return what the form's samples say; without any, one submission of made-up values.

    Raises:
        ValuesError: a sample is no values file of this form.
    """
    return [read_values(path, form) for path in sample_files(form)] or [made_up(form)]


def made_up(form: Form) -> Submission:
    """Return a submission in which every cell but a picture's is filled in, by its field's type."""
    return from_plain({s.label: _section(form, s) for s in form.sections}, form)


def spoiled(submission: Submission) -> Submission:
    """Return *submission* under another unit's name, with the mistakes that people make most.

    A required cell is empty, a number is written in words, a choice is none of the list: one of
    each, as far as there are such cells.
    """
    form, values = submission.form, submission.plain()
    wanted = {"empty", "number", "choice"}
    named = _named(form)
    for section in form.sections:
        filled: Any = values.get(section.label)
        rows = [filled] if section.kind == "record" else filled or []
        if section.kind == "grid":
            rows = list(filled.values()) if filled else []
        for field in section.fields:
            row = next((row for row in rows if row and field.label in row), None)
            if row is None or field.formula or field.label == form.code:
                continue
            if field.label == form.unit:
                row[field.label] = f"{row[field.label]}（有错的样例）"
            elif (section.label, field.label) in named or field.source:
                continue
            elif "number" in wanted and field.type == "decimal":
                row[field.label] = f"约{row[field.label]}"
                wanted.remove("number")
            elif "empty" in wanted and field.required is True and field.type == "text":
                del row[field.label]
                wanted.remove("empty")
            elif "choice" in wanted and field.choices:
                row[field.label] = "其他情况"
                wanted.remove("choice")
    return from_plain(values, form)


def _named(form: Form) -> set[tuple[str, str]]:
    """Return the fields on which other parts of the form depend: one mistake there gives many."""
    words = [text for d in form.documents for text in (d.when, d.output)]
    words += [s.when for s in form.sections] + [f.when for s in form.sections for f in s.fields]
    every = [(s.label, f.label) for s in form.sections for f in s.fields]
    sources = {f.source for s in form.sections for f in s.fields if f.source}
    return sources | {one for one in every if any(one[1] in text for text in words)}


def _section(form: Form, section: Section) -> object:
    match section.kind:
        case "record":
            return _row(form, section, 0)
        case "grid":
            rows = [row.label for row in section.rows if not row.formula]
            return {label: _row(form, section, at) for at, label in enumerate(rows)}
        case "outline":
            return list(_outline(section))
    return [_row(form, section, at) for at in range(_ROWS)]


def _row(form: Form, section: Section, at: int) -> dict[str, str]:
    return {
        field.label: _typed(form, field, at)
        for field in section.fields
        if not field.formula and field.type != "image"
    }


def _outline(section: Section) -> Iterator[dict[str, str]]:
    for level in range(1, min(len(section.level_numbering), MAX_LEVEL) + 1):
        body = f"{section.label}第{level}级的示例文字。"
        yield {"级": str(level), "标题": f"{level}级标题", "正文": body}


def _typed(form: Form, field: Field, at: int) -> str:
    """Return what somebody might type into the *at*-th row (from 0) of *field*."""
    if field.source:
        section = form.section(field.source[0])
        return _typed(form, section.field(field.source[1]), at)
    if field.choices:
        return field.choices[at % len(field.choices)]
    if field.type in {"text", "narrative"} and not field.example:
        mark = str(at + 1) if at or field.unique else ""
        return f"{field.label}示例{mark}" + ("。" if field.type == "narrative" else "")
    return _within(field, example(field))


def _within(field: Field, typed: str) -> str:
    """Return *typed* as the places of *field* allow it, or the bound of *field* that it breaks."""
    value, problems = read_value(typed, field, None)
    if field.example or problems or not isinstance(value, Number | Day):
        return typed
    if isinstance(value, Number) and field.type == "decimal":
        return digits(_bounded(value.value, field), field.places)
    bound = _bounded(value.value, field)
    if bound == value.value:
        return typed
    if isinstance(bound, date):
        return bound.isoformat()
    return digits(bound * 100) + "%" if field.type == "percent" else digits(bound)


def _bounded(value: Any, field: Field) -> Any:
    """Return *value*, or the nearest that *field* takes."""
    if field.minimum is not None and value < field.minimum:
        return field.minimum
    return field.maximum if field.maximum is not None and value > field.maximum else value
