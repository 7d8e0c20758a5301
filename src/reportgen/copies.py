"""Marked copies of workbooks (退回件) and templates in a folder: what they are called, and that nobody's work is overwritten."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from reportgen import rules
from reportgen.errors import OutputError
from reportgen.finding import Finding, Place
from reportgen.form import Form
from reportgen.output import OutputFolder, same_file
from reportgen.pipeline import UnitResult

if TYPE_CHECKING:  # python-docx loads slowly
    from reportgen.template.mark import Mark

_SUFFIX = ".xlsx"
#: What is no place in a template: one that cannot be opened, and the comments that are there.
_NO_MARK = frozenset(
    {rules.TEMPLATE_MISSING.code, rules.TEMPLATE_UNREADABLE.code, rules.COMMENTS.code}
)


@dataclass(frozen=True, slots=True)
class CopyResult:
    """A copy of a run: ``file`` with its folder, ``status`` as a document's, ``marks`` in it."""

    unit: str
    file: str
    status: str
    marks: int


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

    def write(self, results: Iterable[UnitResult]) -> Iterator[CopyResult]:
        """Write the copy of each unit; one that was edited since stays, as a document does."""
        for result in results:
            place = Place(file=result.file.name)
            copy = result.copy
            if copy is None:
                if not result.blocked:
                    result.findings.append(rules.NO_COPY.at(place))
                continue
            if copy.renewed:
                result.findings.append(rules.RENEWED.at(place, why=copy.renewed))
            saved = self.folder.save(self.names[result.file], copy.content, unit=result.unit)
            result.findings.extend(saved.findings)
            file = (self.folder.path / saved.name).as_posix()
            yield CopyResult(result.unit, file, saved.status, copy.marks)


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
            content = mark_template((form.folder / template).read_bytes(), wanted)
            name = f"{form.folder.name}/{template}" if self.in_folders else template
            saved = self.folder.save(name, content, form=form.id)
            findings += saved.findings
            file = (self.folder.path / saved.name).as_posix()
            yield CopyResult(form.title, file, saved.status, len(wanted))


def names_of(files: Sequence[Path], inputs: Sequence[Path]) -> dict[Path, str]:
    """Return the name of each file's copy: its path below the folder that was given, as ``.xlsx``.

    Where two would share one, all are named by their path below the folder common to all; on
    different drives of Windows, which have none, the second is 甲（2）.xlsx.
    """
    folders = [given for given in inputs if given.is_dir()]
    names = {file: _below(file, folders) for file in files}
    if len({same_file(name) for name in names.values()}) == len(names):
        return names
    try:
        common = Path(os.path.commonpath([file.resolve().parent for file in files]))
    except ValueError:
        return _numbered(names)
    return {file: _whole(file.resolve().relative_to(common)) for file in files}


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
