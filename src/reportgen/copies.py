"""Marked copies of workbooks (退回件) and templates in a folder: what they are called, and that nobody's work is overwritten."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from reportgen import rules
from reportgen.errors import OutputError
from reportgen.finding import Finding, Place
from reportgen.form import Form
from reportgen.output import OutputFolder, file_name, same_file
from reportgen.pipeline import UnitResult
from reportgen.received import content_of
from reportgen.run import CopyResult

if TYPE_CHECKING:  # python-docx loads slowly
    from reportgen.template.mark import Mark

_SUFFIX = ".xlsx"
#: What is no place in a template: one that cannot be opened, and the comments that are there.
_NO_MARK = frozenset(
    {rules.TEMPLATE_MISSING.code, rules.TEMPLATE_UNREADABLE.code, rules.COMMENTS.code}
)


@dataclass(frozen=True, slots=True)
class Copies:
    """The folder of the copies, and each workbook's name there."""

    folder: OutputFolder
    names: Mapping[Path, str]

    @classmethod
    def open(
        cls,
        path: Path,
        inputs: Sequence[Path],
        files: Sequence[Path],
        output: OutputFolder | None = None,
    ) -> "Copies":
        """Open the folder at *path*; *output* is the documents' own, which may be the same.

        Raises:
            OutputError: it is among the workbooks, or cannot be written.
        """
        names = names_of(files, inputs)
        where = path.resolve()
        among = [given.resolve() for given in inputs if given.is_dir()]
        if (
            any(where.is_relative_to(folder) for folder in among)
            or where in {file.resolve().parent for file in files}
            or {(path / name).resolve() for name in names.values()} & {f.resolve() for f in files}
        ):
            raise OutputError([rules.COPIES_AMONG_INPUTS.at(Place(), value=path)])
        if output is not None and output.path.resolve() == where:
            return cls(output, names)
        return cls(OutputFolder.open(path), names)

    def write(self, file: Path, result: UnitResult, findings: list[Finding]) -> CopyResult | None:
        """Write the copy of one unit; one that was edited since stays, as a document does.

        What there is to say of it is added to *findings*. A unit with nothing to mark has none, and
        that of an earlier run goes.
        """
        name, copy = self.names[file], result.copy
        if copy is None:
            if result.checked or result.blocked:
                return None
            if not result.form:
                findings.append(rules.NO_COPY.at(Place(file=result.file)))
            elif self.folder.manifest.hashes(name):
                self.folder.withdraw(name)
            return None
        if copy.renewed:
            findings.append(rules.RENEWED.at(Place(file=result.file), why=copy.renewed))
        saved = self.folder.save(name, copy.content, unit=result.unit, marks=copy.marks)
        findings.extend(saved.findings)
        return CopyResult(result.unit, self.shown(saved.name), saved.status, copy.marks)

    def shown(self, name: str) -> str:
        """Return the name of a copy with its folder."""
        return (self.folder.path / name).as_posix()

    def unchanged(self, file: Path, unit: str) -> CopyResult | None:
        """Return the copy of an earlier run, if it is there as we wrote it."""
        name = self.names[file]
        if not self.folder.is_ours(name):
            return None
        marks = int(self.folder.manifest.facts(name).get("marks", 0))
        return CopyResult(unit, self.shown(name), "unchanged", marks)


@dataclass(frozen=True, slots=True)
class TemplateCopies:
    """The folder of the marked copies of Word templates; with several forms one folder each."""

    folder: OutputFolder
    in_folders: bool

    @classmethod
    def open(cls, path: Path, forms: Sequence[Form]) -> "TemplateCopies":
        """Open the folder at *path*.

        Raises:
            OutputError: it is a form's own, or cannot be written.
        """
        if any(path.resolve().is_relative_to(form.folder.resolve()) for form in forms):
            what = "那里是模板自己的文件夹"
            raise OutputError([rules.OUTPUT_UNUSABLE.at(Place(file=str(path)), what=what)])
        return cls(OutputFolder.open(path), len(forms) > 1)

    def write(
        self, form: Form, marks: Mapping[str, Sequence["Mark"]], findings: list[Finding]
    ) -> Iterator[CopyResult]:
        """Write the copy of each template of *form* that has something to mark.

        What becomes of an edited copy is added to *findings*.
        """
        from reportgen.template.mark import mark_template  # noqa: PLC0415 - python-docx is slow

        for template, found in marks.items():
            wanted = [mark for mark in found if mark.finding.code not in _NO_MARK]
            if not wanted:
                continue
            content = mark_template(content_of(form.folder / template), wanted)
            if content is None:
                continue
            name = f"{form.folder.name}/{template}" if self.in_folders else template
            saved = self.folder.save(name, content, form=form.id)
            findings += saved.findings
            file = (self.folder.path / saved.name).as_posix()
            yield CopyResult(form.title, file, saved.status, len(wanted))


def names_of(files: Sequence[Path], inputs: Sequence[Path]) -> dict[Path, str]:
    """Return the name of each file's copy: its path below the folder that was given, as ``.xlsx``.

    Where two would share one, all are named by their path below the folder common to all; on
    different drives of Windows, which have none, and where Windows cannot tell them apart, the second
    is 甲（2）.xlsx.
    """
    folders = [given for given in inputs if given.is_dir()]
    names = {file: file_name(_below(file, folders)) for file in files}
    if _are_different(names):
        return names
    try:
        common = Path(os.path.commonpath([file.resolve().parent for file in files]))
    except ValueError:
        return _numbered(names)
    names = {file: file_name(_whole(file.resolve().relative_to(common))) for file in files}
    return names if _are_different(names) else _numbered(names)


def _are_different(names: Mapping[Path, str]) -> bool:
    return len({same_file(name) for name in names.values()}) == len(names)


def _below(file: Path, folders: Sequence[Path]) -> str:
    base = next((folder for folder in folders if file.is_relative_to(folder)), file.parent)
    return file.relative_to(base).with_suffix(_SUFFIX).as_posix()


def _numbered(names: Mapping[Path, str]) -> dict[Path, str]:
    """Return *names* with a number behind each that an earlier file has."""
    given = {same_file(name) for name in names.values()}
    out, used = dict[Path, str](), set[str]()
    for file, name in names.items():
        path, own, number = PurePath(name), name, 1
        while same_file(own) in (used | given if number > 1 else used):
            number += 1
            own = path.with_stem(f"{path.stem}（{number}）").as_posix()
        out[file] = own
        used.add(same_file(own))
    return out


def _whole(path: PurePath) -> str:
    """Return *path* with its suffix kept, so that 甲.xls and 甲.xlsx stay two."""
    name = path.name if path.suffix.lower() == _SUFFIX else path.name + _SUFFIX
    return path.with_name(name).as_posix()
