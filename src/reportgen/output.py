"""The output folder: safe names, atomic writes, and the manifest that protects edited documents."""

import hashlib
import json
import os
import re
import tempfile
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from reportgen import rules
from reportgen.errors import OutputError
from reportgen.finding import Finding, Place

MANIFEST = ".reportgen.json"
AGAIN = "（重新生成）"
DRAFT = "（草稿）"
#: Linux allows 255 bytes a name (85 Chinese characters), Windows 255 UTF-16 units; room is left for
#: （草稿）（重新生成）. The same on both, so that a folder can move from one to the other.
_LONGEST = 255 - len((DRAFT + AGAIN).encode())
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?", re.IGNORECASE
)


def file_name(pattern_result: str) -> str:
    """Return a relative path, safe on Windows, from a rendered ``output`` pattern.

    ``/`` makes a folder. Of each part, trailing dots and blanks go, a leading dot and a reserved
    device name get a ``_``, a long one is cut before its extension. Nothing gives an empty string.

    >>> file_name("甲局/con.docx"), file_name("a?b. /../x")
    ('甲局/con_.docx', 'a_b/_/x')
    """
    parts = [_safe(part) for part in unicodedata.normalize("NFC", pattern_result).split("/")]
    return "/".join(part for part in parts if part)


def _safe(part: str) -> str:
    part = re.sub(r'[<>:"\\|?*\x00-\x1f]', "_", part).strip()
    if part and not part.strip(". "):
        return "_"
    part = re.sub(r"^\.", "_", part.rstrip(". "))  # a name that begins with a dot is hidden
    if _RESERVED.fullmatch(part):
        head, dot, rest = part.partition(".")
        part = f"{head.rstrip()}_{dot}{rest}"
    path = PurePosixPath(part)
    suffix = path.suffix if len(path.suffix) < 10 else ""
    return _cut(part.removesuffix(suffix), _LONGEST - len(suffix.encode())) + suffix


def _cut(text: str, size: int) -> str:
    """Return as much of *text* as *size* bytes hold."""
    if len(text.encode()) <= size:
        return text
    return text.encode()[:size].decode(errors="ignore").rstrip(". ")


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
class Saved:
    """What became of a document: ``status`` built, unchanged, kept or draft, and what to say."""

    name: str
    status: str
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class OutputFolder:
    """An output folder and its manifest: the hash of each document as we wrote it.

    A document that is not as we wrote it was edited, or is not ours: it is never overwritten.
    """

    path: Path
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path) -> "OutputFolder":
        """Open or make the folder at *path*.

        Raises:
            OutputError: it cannot be made or written.
        """
        place = Place(file=str(path))
        if path.exists() and not path.is_dir():
            raise OutputError([rules.OUTPUT_UNUSABLE.at(place, what="这个名字已是一个文件")])
        try:
            path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
        except OSError as error:
            raise OutputError([rules.OUTPUT_UNUSABLE.at(place, what="不能写入")]) from error
        try:
            data = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
            documents = {name: dict(facts) for name, facts in data["documents"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            documents = {}  # nothing is known: every document there counts as edited
        return cls(path, documents)

    def save(self, name: str, content: bytes, **facts: Any) -> Saved:
        """Write a document, or the new one beside an edited one."""
        known = {"sha256": digest(content), **facts}
        again = with_mark(name, AGAIN)
        if self._is_edited(name, content):
            place = Place(file=name)
            if self._is_edited(again, content):
                finding = rules.EDITED_TWICE.at(place, value=name, other=again)
                return Saved(name, "kept", (finding,))
            _, failed = self._write(again, content, known)
            return Saved(name, "kept", failed or (rules.EDITED.at(place, value=name, other=again),))
        written, failed = self._write(name, content, known)
        if failed:
            return Saved(name, "failed", failed)
        self._drop(again)
        self._drop(with_mark(name, DRAFT))
        return Saved(name, "built" if written else "unchanged")

    def save_draft(self, name: str, content: bytes, **facts: Any) -> Saved:
        """Write a document under its draft's name; an edited draft is kept as any document."""
        saved = self.save(with_mark(name, DRAFT), content, **facts)
        return replace(saved, status="draft") if saved.status in {"built", "unchanged"} else saved

    def has(self, name: str) -> bool:
        """Whether a document of that name is there from an earlier run."""
        return (self.path / name).exists()

    def close(self) -> tuple[Finding, ...]:
        """Write the manifest; without it every document counts as edited in the next run."""
        data = {"version": 1, "documents": dict(sorted(self.documents.items()))}
        text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
        try:
            write_file(self.path / MANIFEST, text.encode())
        except OSError:
            return (rules.CANNOT_WRITE.at(Place(file=MANIFEST), value=MANIFEST),)
        return ()

    def _is_edited(self, name: str, content: bytes) -> bool:
        try:
            there = (self.path / name).read_bytes()
        except FileNotFoundError:
            return False
        except OSError:
            return True  # not ours to read, so not ours to replace
        return there != content and digest(there) != self.documents.get(name, {}).get("sha256")

    def _write(
        self, name: str, content: bytes, facts: dict[str, Any]
    ) -> tuple[bool, tuple[Finding, ...]]:
        target = self.path / name
        try:
            same = target.read_bytes() == content
        except OSError:
            same = False
        if not same:
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                write_file(target, content)
            except OSError:
                return False, (rules.CANNOT_WRITE.at(Place(file=name), value=name),)
        self.documents[name] = facts
        return not same, ()

    def _drop(self, name: str) -> None:
        """Remove an unedited （重新生成） once the document itself is up to date again."""
        facts = self.documents.get(name)
        path = self.path / name
        try:
            if facts and digest(path.read_bytes()) == facts["sha256"]:
                path.unlink()
                del self.documents[name]
        except OSError:
            pass


def write_file(path: Path, content: bytes) -> None:
    """Write *path* at once or not at all: a half file never carries the final name."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".reportgen-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
