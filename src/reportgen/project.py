"""Where the forms and the workbooks of a project are."""

import atexit
import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from reportgen import rules
from reportgen.errors import FormError, ReportgenError
from reportgen.finding import Finding, Place
from reportgen.form import Form
from reportgen.formfile import FILE_NAME, load_form
from reportgen.headings import narrow
from reportgen.manifest import FOLDER as MANIFEST
from reportgen.names import nearest
from reportgen.package import read_package, write_package
from reportgen.signs import BROKEN

TEMPLATES, INPUTS, OUTPUTS = Path("templates"), Path("inputs"), Path("outputs")
#: The bureau's list of what may stand; one that a unit sends is none.
APPROVALS = Path("核准.xlsx")
WORKBOOKS = frozenset(
    {".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlt", ".et", ".ett", ".xlsb", ".ods"}
)
_PACKED = frozenset({".zip", ".rar", ".7z", ".tar", ".gz", ".tgz"})
#: What browsers, 迅雷 and net disks call a file until it is there; iCloud's stand for one that is not.
_COMING = (
    ".crdownload",
    ".part",
    ".partial",
    ".download",
    ".downloading",
    ".xltd",
    ".td",
    ".icloud",
)
_OF_THE_SYSTEM = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db"})


class Forms:
    """The forms under a ``templates`` folder, each read once; a broken one fails for its units."""

    def __init__(self, folder: Path = TEMPLATES, given: str = "") -> None:
        """*given* is ``--form``: a folder or an id; it wins over what a workbook says."""
        self._folder = folder
        self._given = given
        self._loaded: dict[Path, Form | FormError] = {}
        self._hashes: dict[str, str] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as where the forms are: each process reads them itself."""
        return Forms, (self._folder, self._given)

    def sent(self) -> "Forms":
        """Return these forms for processes on other machines."""
        return SentForms(self._folder, self._given)

    def ask_for_pictures(self) -> bool:
        """Whether any form has a field of type image."""
        forms, _ = self.every()
        return any(f.type == "image" for form in forms for s in form.sections for f in s.fields)

    def choose(self, named: str = "", file: str = "") -> Form:
        """Return the form for the workbook *file* whose ``_meta`` names *named* (empty: none).

        Raises:
            FormError: there is no such form, several could be meant, or it has mistakes.
        """
        return self._load(self.folder(named, file))

    def folder(self, named: str = "", file: str = "") -> Path:
        """Return the folder of the form that ``choose`` reads.

        Raises:
            FormError: there is no such form, or several could be meant.
        """
        if self._given:
            given = Path(self._given)
            if (given / FILE_NAME).is_file():
                return given
            return self._by_title(self._given) or self._find(self._given, Place())
        if named:
            return self._find(named, Place(file=file))
        folders = self._folders()
        if len(folders) == 1:
            return folders[0]
        names = "、".join(_id(folder) for folder in folders)
        what = f"有几个表单，不知道用哪一个：{names}"
        if not folders:
            what = f"“{self._folder}”里没有表单"
        raise FormError([rules.NO_FORM.at(Place(), what=what)])

    def hash(self, named: str) -> str:
        """Return a hash over the files of the form that ``choose`` reads; empty if there is none."""
        if named not in self._hashes:
            try:
                self._hashes[named] = _hash(self.folder(named))
            except (FormError, OSError):
                self._hashes[named] = ""
        return self._hashes[named]

    def every(self) -> tuple[list[Form], list[FormError]]:
        """Return the given form, or all under ``templates``, and why the others cannot be read."""
        forms, broken = [], []
        for folder in [None] if self._given else self._folders():
            try:
                forms.append(self._load(folder) if folder else self.choose())
            except FormError as error:
                broken.append(error)
        return forms, broken

    def _folders(self) -> list[Path]:
        return sorted(path.parent for path in self._folder.glob(f"*/{FILE_NAME}"))

    def _by_title(self, named: str) -> Path | None:
        """Return the folder of the form with that title, as people call it."""
        found = [f for f in self._folders() if narrow(_head(f).get("title", "")) == narrow(named)]
        return found[0] if len(found) == 1 else None

    def _find(self, named: str, place: Place) -> Path:
        """Return the form's folder under templates: a workbook's word is an id, never a path."""
        folders = self._folders()
        by_id = {_id(folder): folder for folder in folders}
        by_name = {folder.name: folder for folder in folders}
        if found := by_id.get(named) or by_name.get(named):
            return found
        near = nearest(named, [*by_id, *by_name])
        hint = f"，是不是“{near}”" if near else ""
        raise FormError([rules.NO_FORM.at(place, what=f"找不到表单“{named}”{hint}")])

    def _load(self, folder: Path) -> Form:
        found = self._loaded.get(folder)
        if found is None:
            try:
                found = load_form(folder)
            except FormError as error:
                found = error
            self._loaded[folder] = found
        if isinstance(found, FormError):
            raise found
        return found


class SentForms(Forms):
    """Forms for processes that cannot see the folder: their files travel along."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as a package of files, which each process unpacks once."""
        given = Path(self._given)
        if self._given and (given / FILE_NAME).is_file():
            return _unpacked, (write_package(_files(given, "given/")), "given")
        files = [file for folder in self._folders() for file in _files(folder, f"{folder.name}/")]
        return _unpacked, (write_package(files), self._given)


def _files(folder: Path, below: str) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield below + path.relative_to(folder).as_posix(), path.read_bytes()


def _unpacked(package: bytes, given: str) -> Forms:
    """Return the forms in *package*, put into a folder that goes with this process."""
    folder = Path(tempfile.mkdtemp(prefix="reportgen-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, content in read_package(package):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Forms(folder, given)


def _id(folder: Path) -> str:
    """Return the id in a ``form.toml``; the folder's name if it cannot be read."""
    return _head(folder).get("id", folder.name)


def _head(folder: Path) -> dict[str, str]:
    """Return what a ``form.toml`` says of itself; nothing if it cannot be read."""
    try:
        head = tomllib.loads((folder / FILE_NAME).read_bytes().decode("utf-8-sig")).get("form", {})
        return {key: str(value) for key, value in head.items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}


def _hash(folder: Path) -> str:
    """Return a hash over what documents are made from; samples and examples are not."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        aside = path.name.startswith((".", "~$")) or path.suffix == ".toml"
        if path.is_file() and (path.name == FILE_NAME or not aside):
            name = os.fsencode(path.relative_to(folder).as_posix())
            content = path.read_bytes()
            found.update(name + f"\0{len(content)}\0".encode() + content)
    return found.hexdigest()


def workbooks(inputs: Sequence[Path]) -> tuple[list[Path], list[Finding]]:
    """Return the workbooks among *inputs* (folders recursively, in name order) and what was skipped.

    Raises:
        ReportgenError: there is no workbook at all.
    """
    found: list[Path] = []
    findings: list[Finding] = []
    for given in inputs:
        if given.is_dir():
            for path in _walk(given):
                if not _is_text(path) and path.suffix.lower() in WORKBOOKS:
                    findings.append(_bad_name(path))
                elif path.name == APPROVALS.name:
                    findings += _not_the_bureaus(path)
                elif what := _aside(path.name):
                    findings.append(_skipped(path, what))
                elif path.name.startswith("."):
                    continue
                elif path.name.startswith("汇总") and (path.parent / MANIFEST).is_dir():
                    findings.append(_skipped(path, "这是本程序生成的汇总"))
                elif path.suffix.lower() in WORKBOOKS:
                    found.append(path)
                else:
                    is_packed = path.suffix.lower() in _PACKED
                    what = "这是压缩包；里面有工作簿的，请先解压" if is_packed else "不是工作簿"
                    findings.append(_skipped(path, what))
        elif given.name == APPROVALS.name:
            findings += _not_the_bureaus(given)
        elif given.name.startswith(("~$", ".~")):
            findings.append(_skipped(given, "Office 的临时文件（工作簿可能正打开着）"))
        elif not given.exists():
            findings.append(rules.MISSING_FILE.at(Place(file=shown(given))))
        elif not _is_text(given):
            findings.append(_bad_name(given))
        else:
            found.append(given)
    if not found:
        where = "、".join(str(path) for path in inputs if path.is_dir())
        none = [rules.NO_INPUT.at(Place(file=where))] if where else []
        raise ReportgenError([*findings, *none])
    return _once(found) if len(inputs) > 1 or any(map(Path.is_symlink, found)) else found, findings


def _once(paths: Sequence[Path]) -> list[Path]:
    """Return *paths*, of several that lead to one file the first: a folder and a file in it, a link."""
    unique: dict[Path, Path] = {}
    for path in paths:
        unique.setdefault(path.resolve(), path)
    return list(unique.values())


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            yield Path(root) / name


def _aside(name: str) -> str:
    """Return why nobody looks into a file of this *name*: empty if one has to."""
    lower = name.lower()
    if lower.startswith(("~$", ".~", "._")):
        return "Office 的临时文件（工作簿可能正打开着）"
    if lower.endswith(_COMING):
        return "还没有下载完（下载完了才是工作簿）"
    if lower in _OF_THE_SYSTEM:
        return "系统自己的文件"
    if lower.startswith(".") and Path(lower).suffix in WORKBOOKS:
        return "隐藏的文件"
    return ""


def _not_the_bureaus(path: Path) -> list[Finding]:
    """Return what to say of a 核准.xlsx among the workbooks; nothing of the bureau's own."""
    if path.resolve() == APPROVALS.resolve():
        return []
    return [_skipped(path, "核准表要由主管部门放在 inputs 旁边，放在这里不作数")]


def _skipped(path: Path, what: str) -> Finding:
    return rules.SKIPPED.at(Place(file=shown(path.name)), what=what)


def shown(path: Path | str) -> str:
    """Return *path* as text that any file can hold: bytes of its name that are no UTF-8 are ``�``."""
    return os.fsencode(path).decode("utf-8", "replace")


def _is_text(path: Path) -> bool:
    return shown(path) == str(path)


def _bad_name(path: Path) -> Finding:
    """Return what is said of a name that is not UTF-8: no database, no JSON and no page can hold it."""
    if _is_text(Path(path.name)):
        return rules.BAD_NAME.at(Place(file=shown(path)), nearest="")
    name = os.fsencode(path.name).decode("gb18030", "replace")
    nearest = f"原来多半是“{name}”。" if BROKEN not in name and name.isprintable() else ""
    return rules.BAD_NAME.at(Place(file=shown(path.name)), nearest=nearest)
