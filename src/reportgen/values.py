"""A values file (``--values``) → ``Submission``: JSON or TOML keyed by labels, or an older workbook."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from reportgen import rules
from reportgen.errors import ValuesError
from reportgen.fieldtypes import MAX_TEXT, read_value, told
from reportgen.finding import Finding, Place, Rule, Severity
from reportgen.form import Field, Form, Section
from reportgen.headings import narrow
from reportgen.names import nearest
from reportgen.signs import cell_length
from reportgen.submission import Filled, Row, Submission
from reportgen.tomltext import TomlError, parse_toml
from reportgen.value import Blank, Invalid, Value
from reportgen.workbook import layout
from reportgen.workbook.outside import open_workbook
from reportgen.workbook.read import read_submission

_TWICE = "写了不止一次"
_SCALARS = (str, int, float, bool, Decimal, date)


def read_values(path: Path, form: Form) -> Submission:
    """Return the values in *path* for *form*; null, absent and white space are blank.

    Raises:
        ValuesError: the file cannot be read, or names what the form does not have.
        WorkbookError: it ends like a workbook and is none.
    """
    if path.suffix.lower() not in {".toml", ".json"}:
        return _read_older(path, form)
    place = Place(file=path.name)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ValuesError([rules.MISSING_FILE.at(place)]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ValuesError(
            [rules.BAD_VALUES.at(place, what="文件打不开，或不是 UTF-8 编码")]
        ) from error
    try:
        data = (
            json.loads(text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_once)
            if path.suffix.lower() == ".json"
            else parse_toml(text)
        )
    except json.JSONDecodeError as error:
        what = f"第 {error.lineno} 行第 {error.colno} 列不合 JSON 的写法"
        raise ValuesError([rules.BAD_VALUES.at(place, what=what)]) from error
    except TomlError as error:
        raise ValuesError([rules.BAD_VALUES.at(place, what=error.what)]) from error
    except _NoNumberError as error:
        raise ValuesError([rules.BAD_VALUES.at(place, what=f"{error} 不是数")]) from error
    except _TwiceError as error:
        what = f"“{error}”在同一层里写了不止一次"
        raise ValuesError([rules.BAD_VALUES.at(place, what=what)]) from error
    except (RecursionError, ValueError) as error:  # thousands of levels, or of digits in a number
        what = "里面一层套一层太深，或有一个数太长"
        raise ValuesError([rules.BAD_VALUES.at(place, what=what)]) from error
    return from_plain(data, form, path.name)


def _read_older(path: Path, form: Form) -> Submission:
    book = open_workbook(path)
    named = book.meta.get("form", "")
    if named and named != form.id:
        place = Place(file=path.name)
        raise ValuesError([rules.OTHER_FORM.at(place, value=named, form=form.id)])
    return read_submission(book, form)


def from_plain(data: object, form: Form, file: str = "") -> Submission:
    """Return the submission that *data* describes, in the shape of ``Submission.plain``.

    A value that its field cannot read is kept as typed, so that checking the workbook names it.

    Raises:
        ValuesError: *data* names what the form does not have, gives a value for what is computed,
            or holds what no cell can hold.
    """
    reader = _Reader(form, file)
    values = reader.form_values(data)
    prior: Mapping[str, Filled] = {}
    if isinstance(data, Mapping) and "上年" in data:
        reader.path = ("上年",)
        prior = reader.form_values(data["上年"])
    if any(f.level is Severity.ERROR for f in reader.findings):
        raise ValuesError(reader.findings)
    return Submission(
        form=form, file=file, values=values, prior=prior, findings=tuple(reader.findings)
    )


class _Reader:
    def __init__(self, form: Form, file: str) -> None:
        self.form, self.file = form, file
        self.findings: list[Finding] = []
        self.path: tuple[str, ...] = ()

    def say(self, rule: Rule, *inner: object, **words: Any) -> None:
        field = ".".join(str(part) for part in (*self.path, *inner))
        self.findings.append(rule.at(Place(file=self.file, field=field), **words))

    def mapping(self, data: object, what: str, *inner: object) -> Mapping[str, Any]:
        if data is None:
            return {}
        if isinstance(data, Mapping):
            return data
        self.say(
            rules.BAD_VALUE_SHAPE, *inner, value=str(inner[-1]) if inner else "全文", what=what
        )
        return {}

    def form_values(self, data: object) -> dict[str, Filled]:
        names = {narrow(n): s for s in self.form.sections for n in (s.label, *s.was)}
        out: dict[str, Filled] = {}
        for key, content in self.mapping(data, "要写成 {表名: 内容}").items():
            section = names.get(narrow(key))
            if section is None:
                if key == "上年" and not self.path:
                    continue
                if narrow(key) in {narrow(c.label) for c in self.form.computed}:
                    self.say(rules.BAD_VALUE_SHAPE, key, value=key, what="它由程序计算，不用给")
                    continue
                near = nearest(key, [s.label for s in self.form.sections])
                self.say(rules.UNKNOWN_VALUE, key, value=key, nearest=_maybe(near))
                continue
            if section.label in out:
                self.say(rules.BAD_VALUE_SHAPE, key, value=section.label, what=_TWICE)
            out[section.label] = self.section(section, content)
        return out

    def section(self, section: Section, content: object) -> Filled:
        label = section.label
        if section.kind == "record":
            return self.row(section, self.mapping(content, "要写成 {填报项: 值}", label), label)
        if section.kind == "grid":
            names = {narrow(n): line for line in section.rows for n in (line.label, *line.was)}
            out: dict[str, Row] = {}
            for key, row in self.mapping(content, "要写成 {行: {列: 值}}", label).items():
                line = names.get(narrow(key))
                if line is None:
                    near = nearest(key, [r.label for r in section.rows])
                    self.say(rules.UNKNOWN_VALUE, label, key, value=key, nearest=_maybe(near))
                elif line.formula:
                    self.say(
                        rules.BAD_VALUE_SHAPE, label, key, value=key, what="它由程序计算，不用给"
                    )
                else:
                    if line.label in out:
                        self.say(rules.BAD_VALUE_SHAPE, label, key, value=line.label, what=_TWICE)
                    given = self.mapping(row, "要写成 {列: 值}", label, key)
                    out[line.label] = self.row(section, given, label, line.label)
            return out
        if content is None:
            return ()
        if not isinstance(content, list):
            self.say(rules.BAD_VALUE_SHAPE, label, value=label, what="要写成一列 {填报项: 值}")
            return ()
        rows = []
        for index, row in enumerate(content, 1):
            given = self.row(
                section, self.mapping(row, "要写成 {填报项: 值}", label, index), label, index
            )
            if any(
                not isinstance(v, Blank) or isinstance(v, Invalid) or str(v) for v in given.values()
            ):
                rows.append(given)
        return tuple(rows)

    def row(self, section: Section, given: Mapping[str, Any], *inner: object) -> Row:
        names = {key: f for f in section.fields for key in layout.spellings(f)}
        out: dict[str, Value] = {f.label: Blank(f) for f in section.fields if not f.formula}
        seen: set[str] = set()
        for key, raw in given.items():
            field = names.get(layout.heading_key(key))
            if field is None:
                near = nearest(key, [f.label for f in section.fields])
                self.say(rules.UNKNOWN_VALUE, *inner, key, value=key, nearest=_maybe(near))
            elif field.formula:
                self.say(rules.BAD_VALUE_SHAPE, *inner, key, value=key, what="它由程序计算，不用给")
            elif field.label in seen:
                self.say(rules.BAD_VALUE_SHAPE, *inner, key, value=field.label, what=_TWICE)
            else:
                seen.add(field.label)
                out[field.label] = self.value(field, raw, *inner, key)
        return out

    def value(self, field: Field, raw: object, *inner: object) -> Value:
        if raw is not None and not isinstance(raw, _SCALARS):
            self.say(rules.BAD_VALUE_SHAPE, *inner, value=field.label, what="要写一个值，不是一组")
            return Blank(field)
        if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
            raw = format(Decimal(raw), "f")  # an int's own "f" goes through a binary number
        value, problems = read_value(raw, field, None)
        for rule, words in problems:
            if rule.level is not Severity.ERROR:  # an error is said of the workbook, at its cell
                self.say(rule, *inner, **{**told(field), **words})
        if (length := cell_length(str(value))) > MAX_TEXT:
            self.say(rules.TOO_LONG, *inner, label=field.label, length=length)
        return value


class _TwiceError(ValueError):
    """A JSON object has one key twice; ``json`` itself would drop the first without a word."""


class _NoNumberError(ValueError):
    """JSON as Python writes it may say NaN or Infinity, which no cell can hold."""


def _refuse(word: str) -> object:
    raise _NoNumberError(word)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _TwiceError(key)
        found[key] = value
    return found


def _maybe(near: str) -> str:
    return f"，是不是“{near}”" if near else ""
