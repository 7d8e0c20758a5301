"""``examples.toml`` of a form: for each ``[[check]]`` values that pass and values that fail.

They are the check's test and the example on its page of ``reportgen explain``.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reportgen import rules
from reportgen.errors import FormError, ReportgenError
from reportgen.form import Form, Section
from reportgen.formkeys import Keys
from reportgen.headings import narrow
from reportgen.names import maybe, nearest
from reportgen.submission import Submission
from reportgen.tomltext import TomlError, parse_toml
from reportgen.values import from_plain, read_values
from reportgen.workbook import layout

FILE_NAME = "examples.toml"
SAMPLE = "sample.toml"
_KEYS = ("code", "sample", "passes", "fails", "at")


@dataclass(frozen=True, slots=True)
class Change:
    """What an example changes in its sample: ``words`` say where, ``before`` and ``after`` what.

    A section as a whole shows its number of rows or values.
    """

    words: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Values of which the check *code* says nothing, and values at which it speaks, at ``at``.

    ``at`` is ``sheet!cell``, or the sheet alone where the check has no cell.
    """

    code: str
    at: str
    sample: Submission
    passing: Submission
    failing: Submission
    passes: tuple[Change, ...]
    fails: tuple[Change, ...]


def load_examples(form: Form) -> tuple[Example, ...]:
    """Return the examples in the folder of *form*, in their order; without a file, none.

    Raises:
        FormError: the file has mistakes, or a sample cannot be read; all of them are its findings.
    """
    path = form.folder / FILE_NAME
    if not path.is_file():
        return ()
    reader = _Reader(form, f"{form.folder.name}/{FILE_NAME}")
    examples = reader.examples(_parse(path, reader))
    if reader.findings:
        raise FormError(reader.findings)
    return tuple(examples)


def _parse(path: Path, reader: Keys) -> dict[str, Any]:
    try:
        return parse_toml(path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        what, hint = "文件读不了，或不是 UTF-8 编码", "请在编辑器里另存为 UTF-8。"
    except TomlError as error:
        what, hint = error.what, error.hint
    reader.say(rules.FORM_UNREADABLE, what=what, hint=hint)
    return {}


class _Reader(Keys):
    """Puts the examples together, table by table."""

    def __init__(self, form: Form, file: str) -> None:
        super().__init__(file)
        self.form = form
        self.samples: dict[str, Submission | None] = {}

    def examples(self, data: Mapping[str, Any]) -> list[Example]:
        self.keys(data, ("example",))
        found = [self.example(table) for table in self.tables(data, "example")]
        return [one for one in found if one]

    def example(self, table: Mapping[str, Any]) -> Example | None:
        code = self.text(table, "code", required=True, where="[[example]]")
        self.where = f"[[example]] {code}"
        self.keys(table, _KEYS)
        codes = [check.code for check in self.form.checks]
        if code and code not in codes:
            near = maybe(nearest(code, codes))
            self.say(rules.FORM_UNKNOWN_NAME, key="code", value=code, nearest=near)
        at = self.text(table, "at", required=True)
        for key in ("passes", "fails"):
            if key not in table:
                hint = f'请写 {key} = {{ "表.栏目" = "值" }}；不用改的写 {{ }}。'
                self.say(rules.FORM_MISSING, value=key, hint=hint)
        sample = self.sample(self.text(table, "sample") or SAMPLE)
        if sample is None:
            return None
        passing, passes = self.changed(sample, "passes", self.table(table, "passes"))
        failing, fails = self.changed(sample, "fails", self.table(table, "fails"))
        return Example(
            code=code, at=at, sample=sample, passing=passing, failing=failing,
            passes=passes, fails=fails,
        )  # fmt: skip

    def sample(self, name: str) -> Submission | None:
        """Return the sample called *name*, or None and say so."""
        if name not in self.samples:
            self.samples[name] = None
            path = self.form.folder / name
            if "/" in name or not path.is_file():
                hint = "请写表单文件夹里的样例文件名，例如 sample.toml。"
                self.say(rules.FORM_VALUE, key="sample", value=name, what="没有这个文件", hint=hint)
                return None
            try:
                self.samples[name] = read_values(path, self.form)
            except ReportgenError as error:
                self.findings.extend(error.findings)
        return self.samples[name]

    def changed(
        self, sample: Submission, key: str, changes: Mapping[str, Any]
    ) -> tuple[Submission, tuple[Change, ...]]:
        """Return *sample* after *changes*, and these in words."""
        values, said = deepcopy(sample.plain()), []
        for path, after in changes.items():
            change = self.change(values, path, after)
            if change:
                said.append(change)
            else:
                hint = maybe(nearest(path, [s.label for s in self.form.sections]))
                self.say(rules.FORM_UNKNOWN_NAME, key=key, value=path, nearest=hint)
        try:
            return from_plain(values, self.form, sample.file), tuple(said)
        except ReportgenError as error:
            for finding in error.findings:
                field = f"{self.where} › {key} › {finding.place.field}"
                place = replace(finding.place, file=self.file, field=field)
                self.findings.append(replace(finding, place=place))
            return sample, ()

    def change(self, values: dict[str, Any], path: str, after: object) -> Change | None:
        """Put *after* at *path* of *values*; None when there is no such place."""
        section, rest = self.section(path)
        if section is None:
            return None
        label = section.label
        if not rest:
            before = values.pop(label, None)
            values[label] = after
            return Change(label, _size(before), _size(after))
        row: Any
        match section.kind:
            case "record":
                row, words = values.setdefault(label, {}), label
            case "grid":
                line = next((r.label for r in section.rows if rest.startswith(f"{r.label}.")), "")
                if not line:
                    return None
                rest = rest[len(line) + 1 :]
                row, words = values.setdefault(label, {}).setdefault(line, {}), f"{label} · {line}"
            case _:
                number, _, rest = rest.partition(".")
                rows = values.setdefault(label, [])
                if not number.isdecimal() or not 1 <= int(number) <= len(rows) + 1:
                    return None
                if int(number) > len(rows):
                    rows.append({})
                row, words = rows[int(number) - 1], f"{label} 第{number}行"
        spelt = layout.heading_key(rest)
        field = next((f for f in section.fields if spelt in layout.spellings(f)), None)
        if field is None:
            return None
        before, row[field.label] = row.get(field.label, ""), after
        return Change(f"{words} · {field.label}", str(before), str(after))

    def section(self, path: str) -> tuple[Section | None, str]:
        """Return the section that *path* begins with, and the rest of it; a label may have dots."""
        for section in sorted(self.form.sections, key=lambda s: -len(s.label)):
            for name in (section.label, *section.was):
                if narrow(path) == narrow(name):
                    return section, ""
                if path.startswith(f"{name}."):
                    return section, path[len(name) + 1 :]
        return None, ""


def _size(filled: object) -> str:
    """Return what a whole section holds, in words."""
    if isinstance(filled, list | tuple):
        return f"{len(filled)} 行"
    if isinstance(filled, Mapping):
        return f"{len(filled)} 项"
    return "0 行" if filled is None else str(filled)
