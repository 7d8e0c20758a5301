"""The output folder: safe names, whole files or none, and the protection of edited documents."""

import hashlib
import os
import re
import tempfile
import time
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from reportgen import rules
from reportgen.diagnosis import FULL
from reportgen.errors import LostError, OutputError
from reportgen.finding import Finding, Place
from reportgen.manifest import FOLDER, InUseError, Manifest, lost
from reportgen.signs import cell_length

_TEMPORARY = ".reportgen-"
AGAIN = "（重新生成）"
DRAFT = "（草稿）"
#: Linux allows 255 bytes a name (85 Chinese characters), Windows 255 UTF-16 units; room is left for
#: （草稿）（重新生成）. The same on both, so that a folder can move from one to the other.
_LONGEST = 255 - len((DRAFT + AGAIN).encode())
#: Seconds between tries to replace a file that somebody has open: 2.5 together.
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.75, 1.0)
#: Word, Excel and Explorer open paths of at most 259 signs, the folder's own included.
_MOST_SIGNS = 120
# Windows' own, control characters, and what no name can be written with (half a sign, U+FFFE, U+FFFF)
_FORBIDDEN = re.compile('[<>:"\\\\|?*\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]')
# a name that begins so is hidden, an option, or a lock of Office
_OPENING = re.compile(r"^(?:\.|-|~(?=\$))")
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?", re.IGNORECASE
)


def file_name(pattern_result: str) -> str:
    """Return a relative path, safe on Windows, from a rendered ``output`` pattern.

    ``/`` makes a folder. Of each part, trailing dots and blanks go, and marks that nobody sees; what
    Windows does not allow, a leading dot or dash, and a reserved device name get a ``_``; a long one is
    cut before its extension, and a hash of the whole keeps it apart. Nothing gives an empty string.
    The rules are those of Microsoft's "Naming Files, Paths, and Namespaces", on every system.

    >>> file_name("甲局/con.docx"), file_name("a?b. /../x")
    ('甲局/con_.docx', 'a_b/_/x')
    """
    parts = [_safe(part) for part in unicodedata.normalize("NFC", pattern_result).split("/")]
    return "/".join(part for part in parts if part)


def _safe(part: str) -> str:
    whole = part
    if not part.isascii():
        seen = "".join(c for c in part if unicodedata.category(c) != "Cf")
        part = unicodedata.normalize("NFC", seen)
    part = _FORBIDDEN.sub("_", part).strip()
    if part and not part.strip(". "):
        return "_"
    part = part.rstrip(". ")
    part = _OPENING.sub("_", part)
    if _RESERVED.fullmatch(part):
        head, dot, rest = part.partition(".")
        part = f"{head.rstrip()}_{dot}{rest}"
    path = PurePosixPath(part)
    suffix = path.suffix if len(path.suffix) < 10 else ""
    if _fits(part):
        return part
    mark = f"_{hashlib.sha256(whole.encode(errors='surrogatepass')).hexdigest()[:8]}{suffix}"
    return _cut(part.removesuffix(suffix), mark) + mark


def _cut(text: str, mark: str) -> str:
    """Return as much of *text* as may stand before *mark*; no sign loses what belongs to it."""
    end = min(len(text), _MOST_SIGNS)
    while end and (not _fits(text[:end] + mark) or _continues(text, end)):
        end -= 1
    return text[:end].rstrip(". ")


def _fits(part: str) -> bool:
    return len(part.encode()) <= _LONGEST and cell_length(part) <= _MOST_SIGNS


def _continues(text: str, at: int) -> bool:
    """Whether the sign there belongs to the one before: an accent, a variant, a skin colour, half a flag."""
    following = text[at : at + 1] or " "
    if following in _FLAG_LETTERS:
        before = text[:at]
        return (at - len(before.rstrip(_FLAG_LETTERS))) % 2 == 1
    return unicodedata.category(following)[0] == "M" or "\U0001f3fb" <= following <= "\U0001f3ff"


def with_mark(name: str, mark: str) -> str:
    """Return *name* with *mark* before its extension."""
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}{mark}{path.suffix}"))


def same_file(name: str) -> str:
    """Return what two names share when they are one file on Windows."""
    return unicodedata.normalize("NFC", name).casefold()


def digest(data: bytes) -> str:
    """Return the SHA-256 of *data*."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be written: its name below the folder, its bytes, and what to note of it."""

    name: str
    content: bytes
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a document: ``status`` built, unchanged, kept, draft or failed, and what to say.

    ``name`` is the official document's, also where the new one was written beside it.
    """

    name: str
    status: str
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Planned:
    """A document on its way: where it goes, and its file until then."""

    name: str
    status: str
    target: str = ""
    temporary: Path | None = None
    findings: tuple[Finding, ...] = ()


class OutputFolder:
    """An output folder and its manifest, which has the hash of each document as we wrote it.

    A document that is not as we wrote it was edited, or is not ours: it is never overwritten.
    New content gets its name only when it is whole on the disk and its hash is in the manifest, so
    that whatever stops the program leaves nothing half, and nothing of ours looks edited.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        """Use ``open``."""
        self.path = path
        self.manifest = manifest

    @classmethod
    def open(cls, path: Path) -> "OutputFolder":
        """Open or make the folder at *path*, for this run alone.

        Raises:
            OutputError: it cannot be made or written, or another run has it.
        """
        place = Place(file=str(path))
        if path.exists() and not path.is_dir():
            raise OutputError([rules.OUTPUT_UNUSABLE.at(place, what="这个名字已是一个文件")])
        try:
            path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
            manifest = Manifest(path)
            for left in (path / FOLDER).glob(f"{_TEMPORARY}*.tmp"):  # of a run that was killed
                left.unlink(missing_ok=True)
        except InUseError as error:
            raise OutputError([rules.OUTPUT_IN_USE.at(place, value=str(path))]) from error
        except OSError as error:
            raise OutputError(
                [rules.OUTPUT_UNUSABLE.at(place, what="建不了，或没有写入权限")]
            ) from error
        return cls(path, manifest)

    def save(self, name: str, content: bytes, **facts: Any) -> Saved:
        """Write one document, or the new one beside an edited one."""
        return self.save_all([Content(name, content, facts)])[0]

    def save_all(self, contents: Sequence[Content]) -> list[Saved]:
        """Write documents; the manifest is made sure of once for all of them.

        Raises:
            LostError: the folder takes nothing any more; what was there is whole.
        """
        planned: list[_Planned] = []
        try:
            for one in contents:
                planned.append(self._plan(one))  # noqa: PERF401 - those before a failure count
            # nothing may be written that the next run would take for edited
            self.manifest.commit()
            return [self._finished(one) for one in planned]
        except (OSError, LostError) as error:
            for left in (one.temporary for one in planned if one.temporary):
                with suppress(OSError):
                    left.unlink(missing_ok=True)
            raise lost(self.path, error) if isinstance(error, OSError) else error from None

    def has(self, name: str) -> bool:
        """Whether a document of that name is there from an earlier run."""
        return (self.path / name).exists()

    def is_ours(self, name: str) -> bool:
        """Whether the document called *name* is there as we wrote it last.

        One of before is ours too, but not the right one: its successor was noted and is not there.
        """
        there = self._there(name)
        return there is not None and digest(there) in self.manifest.hashes(name)[:1]

    def withdraw(self, name: str) -> bool:
        """Remove a document that is as we wrote it; say whether it is gone."""
        there = self._there(name)
        if there is None or digest(there) not in self.manifest.hashes(name):
            return there is None
        try:
            (self.path / name).unlink()
        except OSError:
            return False
        self.manifest.forget(name)
        return True

    def close(self) -> tuple[Finding, ...]:
        """Make sure of the manifest and let other runs have the folder."""
        try:
            self.manifest.commit()
        except LostError as error:
            return error.findings
        finally:
            self.manifest.close()
        return ()

    def _plan(self, one: Content) -> _Planned:
        """Decide where *one* goes, and put its bytes on the disk beside that."""
        planned = self._decided(one)
        return (
            self._staged(planned, one, self._there(planned.target)) if planned.target else planned
        )

    def _decided(self, one: Content) -> _Planned:
        """Decide where *one* goes: to its name, beside an edited one, or nowhere."""
        name, content = one.name, one.content
        if self._leads_out(name):
            finding = rules.LEADS_OUT.at(Place(file=name), value=name)
            return _Planned(name, "failed", findings=(finding,))
        there = self._there(name)
        place = Place(file=name)
        if not self._may_replace(name, there, content):
            again = with_mark(name, AGAIN)
            beside = self._there(again)
            if not self._may_replace(again, beside, content):
                finding = rules.EDITED_TWICE.at(place, value=name, other=again)
                return _Planned(name, "kept", findings=(finding,))
            finding = rules.EDITED.at(place, value=name, other=again)
            return _Planned(name, "kept", again, findings=(finding,))
        return _Planned(name, "built", name)

    def _staged(self, planned: _Planned, one: Content, there: bytes | None) -> _Planned:
        """Note the hash, and stage the bytes if they are not *there* already."""
        before = digest(there) if there is not None else ""
        if there != one.content:
            planned.temporary = staged(self.path / FOLDER, one.content)
        elif planned.status == "built":
            planned.status = "unchanged"
        if one.facts != self.manifest.facts(planned.target) or planned.temporary:
            self.manifest.note(planned.target, digest(one.content), one.facts, before)
        return planned

    def _finished(self, planned: _Planned) -> Saved:
        """Give the staged bytes their name."""
        if planned.temporary:
            target = self.path / planned.target
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                _rename(planned.temporary, target)
            except OSError as error:
                if error.errno in FULL:
                    raise
                planned.temporary.unlink(missing_ok=True)
                finding = rules.CANNOT_WRITE.at(Place(file=planned.target), value=planned.target)
                return Saved(planned.name, "failed", (finding,))
        if planned.status in {"built", "unchanged"}:
            for old in (with_mark(planned.name, AGAIN), with_mark(planned.name, DRAFT)):
                if self.manifest.hashes(old):
                    self.withdraw(old)
        return Saved(planned.name, planned.status, planned.findings)

    def _leads_out(self, name: str) -> bool:
        """Whether a folder in *name* is a link to somewhere else."""
        folder = (self.path / name).parent
        return folder != self.path and not folder.resolve().is_relative_to(self.path.resolve())

    def _there(self, name: str) -> bytes | None:
        """Return what is there as *name*; nothing for no file, ``b""`` for one that is not to read."""
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            return b""  # no package is empty: it is never taken for ours

    def _may_replace(self, name: str, there: bytes | None, content: bytes) -> bool:
        return there is None or there == content or digest(there) in self.manifest.hashes(name)


def staged(folder: Path, content: bytes) -> Path:
    """Write *content* into a file of its own in *folder*, and return that once it is on the disk."""
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=_TEMPORARY, suffix=".tmp")
    path = Path(temporary)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.chmod(0o644)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _rename(temporary: Path, target: Path) -> None:
    """Give *temporary* the name of *target*; Windows refuses while a virus scanner looks at either."""
    for pause in _PAUSES if _is_windows() else ():
        try:
            temporary.replace(target)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    temporary.replace(target)


def _is_windows() -> bool:
    return os.name == "nt"


def write_file(path: Path, content: bytes) -> None:
    """Write *path* at once or not at all: a half file never carries the final name."""
    temporary = staged(path.parent, content)
    try:
        _rename(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
