"""A project folder to begin with: a form, filled samples, a blank workbook, and what to do next."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reportgen import rules
from reportgen.errors import OutputError
from reportgen.finding import Finding, Place
from reportgen.form import Form
from reportgen.guess.items import Question
from reportgen.guess.trial import try_out
from reportgen.guess.whole import guess_form
from reportgen.headings import narrow
from reportgen.output import write_file
from reportgen.project import INPUTS, OUTPUTS, TEMPLATES, Forms
from reportgen.samples import sample_submissions, spoiled
from reportgen.workbook.outside import open_workbook
from reportgen.workbook.write import write_workbook

DEFAULT = "self-evaluation"
README, BLANK = "先看这里.txt", "空白填报表.xlsx"
_HERE = Path(__file__).parent

_TEXT = """{title}
{line}

这个文件夹里有一个表单、几份填好的样例和一份空白的填报表。
在这个文件夹里打开命令行，依次运行四个命令：

  reportgen check       检查 inputs 里的样例：有错的那份，哪一格错、怎么改，逐条列出
  reportgen build       生成 Word 报告，放进 outputs；有错的不生成，不影响别的
  reportgen lint        改过 form.toml 或 Word 模板以后先查一遍
  reportgen workbook    按 form.toml 写出空白的填报表，发给单位填

然后：

  一、把 {blank} 发给单位；填好交回来的放进 inputs，样例删掉。
  二、Word 模板是 {folder} 里的 .docx，用 Word 或 WPS 直接改；
      可以用哪些名称：reportgen fields -o 字段清单.docx
  三、填什么、算什么、查什么写在同一个文件夹的 form.toml，用记事本就能改。

文件夹：

  {folder}   表单：form.toml、Word 模板、样例的数
  inputs    填好的工作簿
  outputs   生成的报告

每个命令后面加 --help 看用法；遇到 E303 这样的代码：reportgen explain E303。
"""


_GUESSED = """{title}
{line}

这个文件夹是照一份旧表格做的：表单（填什么、算什么）、Word 模板的初稿、填着旧表的数的工作簿。
在这个文件夹里打开命令行，依次运行四个命令：

  reportgen build       用旧表的数生成 Word，放进 outputs，先看看样子
  reportgen lint        改过 form.toml 或 Word 模板以后先查一遍
  reportgen preview --names   看 Word 模板里哪里填什么，放进 预览
  reportgen workbook    按 form.toml 写出空白的填报表，发给单位填

然后：

  一、打开 {folder}/form.toml（用记事本就行），
      看每一处“# 问：”：程序拿不准的地方，当作了什么，为什么，不对的怎么改。
  二、Word 模板是 {folder} 里的 .docx，用 Word 或 WPS 改成要的样子；
      也可以换成原来的报告，把要填的地方写成 {{{{ 名称 }}}}：reportgen fields -o 字段清单.docx
  三、把 {blank} 发给单位；填好交回来的放进 inputs，样例删掉。

文件夹：

  {folder}   表单：form.toml、Word 模板、旧表的数（sample.toml）
  inputs    填好的工作簿
  outputs   生成的报告

每个命令后面加 --help 看用法；遇到 E303 这样的代码：reportgen explain E303。
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a guessed form: where in the form, on which line of its file (0: none), and the text."""

    where: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Guessed:
    """A project made of an old workbook.

    ``sections`` are the labels of its sections with the number of their fields, ``asked`` what a
    person should look at, the most important first, ``findings`` what is still wrong with it.
    """

    title: str
    form: str
    files: Mapping[str, bytes]
    sections: tuple[tuple[str, int], ...]
    asked: tuple[Asked, ...]
    findings: tuple[Finding, ...]


def shipped_folder() -> Path:
    """Return the folder of the forms that ship: in the wheel inside the package, else beside src."""
    inside = _HERE / "forms"
    return inside if inside.is_dir() else _HERE.parent.parent / TEMPLATES


def shipped_forms() -> dict[str, Form]:
    """Return the forms that ship, by id, the default first."""
    forms, _ = Forms(shipped_folder()).every()
    return {form.id: form for form in sorted(forms, key=lambda form: (form.id != DEFAULT, form.id))}


def find_shipped(named: str) -> Form | None:
    """Return the shipped form that goes by *named*, its id or its title; None if there is none."""
    wanted = narrow(named).casefold()
    for form in shipped_forms().values():
        if wanted in {narrow(form.id).casefold(), narrow(form.title).casefold()}:
            return form
    return None


def example_project(form: Form) -> dict[str, bytes]:
    """Return the files of a project of *form*, by their paths in it."""
    folder = f"{TEMPLATES}/{form.folder.name}"
    files = {f"{folder}/{name}": content for name, content in _files(form.folder)}
    samples = sample_submissions(form)
    for number, submission in enumerate(samples, 1):
        which = str(number) if len(samples) > 1 else ""
        name = f"{INPUTS}/样例{which}（正确）.xlsx"
        files[name] = write_workbook(form, submission, sample=True)
    files[f"{INPUTS}/样例（有错）.xlsx"] = write_workbook(form, spoiled(samples[0]), sample=True)
    files[BLANK] = write_workbook(form)
    files[README] = readme(form.title, folder)
    return files


def guessed_project(workbook: Path) -> Guessed:
    """Return a project whose form is guessed from *workbook*, with its values as the sample.

    Raises:
        WorkbookError: *workbook* is missing or is no workbook.
    """
    guess = guess_form(open_workbook(workbook))
    tried = try_out(guess)
    folder = f"{TEMPLATES}/{guess.id}"
    files = {f"{folder}/{name}": content for name, content in tried.files.items()}
    files[f"{INPUTS}/样例（旧表的数）.xlsx"] = tried.sample
    files[BLANK] = tried.blank
    files[README] = readme(guess.title, folder, _GUESSED)
    lines = tried.written.lines
    asked = sorted(guess.asked(), key=lambda one: (one.weight, lines.get(id(one), 0)))
    return Guessed(
        guess.title,
        f"{folder}/form.toml",
        files,
        tuple((draft.label, len(draft.items)) for draft in guess.sections),
        tuple(_asked(one, lines) for one in asked),
        tried.findings,
    )


def _asked(question: Question, lines: Mapping[int, int]) -> Asked:
    return Asked(question.where, lines.get(id(question), 0), question.text)


def readme(title: str, folder: str, text: str = _TEXT) -> bytes:
    """Return what the person reads who opens the project; *folder* is where its form is."""
    line = "=" * (2 * len(title) + 14)
    return as_notepad(
        text.format(title=f"{title}：从这里开始", line=line, blank=BLANK, folder=folder)
    )


def as_notepad(text: str) -> bytes:
    """Return *text* as every Windows Notepad shows it: marked as UTF-8, lines ending in CRLF."""
    return text.replace("\n", "\r\n").encode("utf-8-sig")


def write_project(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write *files* below *folder*, all or none: nothing that is there is ever written over.

    Raises:
        OutputError: one of them is there already, or the folder cannot be written.
    """
    place = Place(file=str(folder))
    try:
        there = [name for name in files if (folder / name).exists()]
        there += [str(parent) for parent in _blocked(folder, files)]
        if there:
            what = "、".join(there[:3]) + ("……" if len(there) > 3 else "")
            better = f"{folder.resolve().name}-2"
            raise OutputError([rules.ALREADY_THERE.at(place, value=what, better=better)])
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, content)
        for below in (INPUTS, OUTPUTS):
            (folder / below).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError([rules.CANNOT_WRITE.at(place, value=str(folder))]) from error


def _blocked(folder: Path, files: Iterable[str]) -> list[Path]:
    """Return what is a file where a folder is needed."""
    parents = {folder, folder / INPUTS, folder / OUTPUTS}
    parents |= {p for name in files for p in (folder / name).parents if p.is_relative_to(folder)}
    return sorted(path for path in parents if path.exists() and not path.is_dir())


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        aside = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        if path.is_file() and not aside:
            yield path.relative_to(folder).as_posix(), path.read_bytes()
