"""What is kept beside the documents of a folder: hashes of what we wrote, and what each workbook gave.

One SQLite file, so that ten thousand units cost no memory, a killed run loses nothing that it had
finished, and two runs cannot write into one folder at the same time: the lock is the database's own
and ends with the process that holds it.
"""

import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reportgen import rules
from reportgen.diagnosis import FULL
from reportgen.errors import LostError
from reportgen.finding import Finding, Place, Related, Severity
from reportgen.headings import narrow

#: The folder of what is ours below a folder of documents; files that are being written are there too.
FOLDER = ".reportgen"
NAME = "manifest.sqlite"
_VERSION = 1
_TABLES = """
CREATE TABLE document (name TEXT PRIMARY KEY, sha256 TEXT, before TEXT, facts TEXT) WITHOUT ROWID;
CREATE TABLE workbook (file TEXT PRIMARY KEY, basis TEXT, record TEXT);
CREATE TABLE claim (key TEXT, file TEXT, name TEXT);
CREATE INDEX claim_key ON claim (key);
CREATE INDEX claim_file ON claim (file);
CREATE TABLE paragraph (fingerprint TEXT, file TEXT, sheet TEXT, cell TEXT, field TEXT,
 explanation TEXT);
CREATE INDEX paragraph_fingerprint ON paragraph (fingerprint);
CREATE INDEX paragraph_file ON paragraph (file);
"""


class InUseError(Exception):
    """Another run has the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A long paragraph that a unit wrote: its fingerprint and its cell. Equal texts, equal fingerprints.

    ``explanation`` is what the unit says of its being like another's.
    """

    fingerprint: str
    sheet: str
    cell: str
    field: str
    explanation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRecord:
    """One workbook, as the last run over it left it.

    ``file`` is its path, with ``/``, from the output folder. ``unit`` and ``code`` are what was
    filled in (the file's name where the unit's cannot be read; no code: empty). ``summary`` has the
    form's ``[[summary]]`` columns, by label, in the shape of ``--values`` (numbers as text; blanks
    left out). ``documents`` are the official ones that were built, by their names below the output
    folder, ``wanted`` all that the unit asks for; ``copy`` is the path of its marked copy from the
    output folder, or empty.
    """

    file: str
    form: str = ""
    unit: str = ""
    code: str = ""
    sample: bool = False
    findings: tuple[Finding, ...] = ()
    summary: Mapping[str, object] = field(default_factory=dict)
    paragraphs: tuple[Paragraph, ...] = ()
    documents: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    copy: str = ""

    def count(self, level: Severity) -> int:
        """Return how many findings of *level* nobody has explained or approved."""
        return sum(f.level is level and not f.stands for f in self.findings)


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier run left of a workbook: what its results rest on, by name, and its record."""

    basis: Mapping[str, str]
    record: UnitRecord


class Manifest:
    """The manifest of one folder, open and locked; every method raises LostError once it takes nothing any more."""

    def __init__(self, folder: Path) -> None:
        """Open the manifest below *folder*, which exists; one that cannot be read is put aside.

        Raises:
            InUseError: another run has it open.
            OSError: the folder cannot be written.
        """
        self._folder = folder
        path = folder / FOLDER / NAME
        path.parent.mkdir(exist_ok=True)
        try:
            self._database = _opened(path)
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise InUseError from error
            raise OSError(str(error)) from error
        except sqlite3.DatabaseError:  # damaged: every document there counts as edited
            path.replace(path.with_suffix(".damaged"))
            for beside in ("-wal", "-journal", "-shm"):
                path.with_name(path.name + beside).unlink(missing_ok=True)
            self._database = _opened(path)
        # what is of this run alone is kept here too: ten thousand names are megabytes elsewhere
        self._database.execute("CREATE TEMP TABLE seen (file TEXT PRIMARY KEY)")
        self._database.execute("CREATE TEMP TABLE written (name TEXT PRIMARY KEY)")

    def close(self) -> None:
        """Let other runs have the folder."""
        self._database.close()

    # -- documents -------------------------------------------------------------

    def hashes(self, name: str) -> tuple[str, ...]:
        """Return the hashes of what we wrote as *name*: the last one, and the one before it.

        A run that was killed between noting and renaming has left the one before.
        """
        found = self._run("SELECT sha256, before FROM document WHERE name = ?", (name,)).fetchone()
        return tuple(one for one in found or () if one)

    def facts(self, name: str) -> Mapping[str, Any]:
        """Return what was noted of the document called *name*."""
        found = self._run("SELECT facts FROM document WHERE name = ?", (name,)).fetchone()
        return json.loads(found[0]) if found else {}

    def note(self, name: str, sha256: str, facts: Mapping[str, Any], there: str = "") -> None:
        """Note that *name* is about to get the content with *sha256*; *there* is what it holds now.

        What is noted holds once ``commit`` has returned.
        """
        self._run(
            "INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?)",
            (name, sha256, there, _text(facts)),
        )

    def forget(self, name: str) -> None:
        """Forget a document."""
        self._run("DELETE FROM document WHERE name = ?", (name,))

    def documents(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the name of each document, and what was noted of it, in name order."""
        for name, facts in self._rows("SELECT name, facts FROM document ORDER BY name"):
            yield name, json.loads(facts)

    # -- workbooks -------------------------------------------------------------

    def known(self, file: str) -> Known | None:
        """Return what an earlier run left of the workbook *file*."""
        found = self._run("SELECT basis, record FROM workbook WHERE file = ?", (file,)).fetchone()
        return Known(json.loads(found[0]), _record(found[1])) if found else None

    def keep(self, record: UnitRecord, basis: Mapping[str, str]) -> None:
        """Keep what a workbook gave, instead of what it gave before; no *basis*: it is to be done again."""
        self.drop(record.file)
        self._run(
            "INSERT INTO workbook VALUES (?, ?, ?)", (record.file, _text(basis), _plain(record))
        )
        self._run_many(
            "INSERT INTO claim VALUES (?, ?, ?)",
            [(_key(name), record.file, name) for name in record.wanted],
        )
        self._run_many(
            "INSERT INTO paragraph VALUES (?, ?, ?, ?, ?, ?)",
            [
                (p.fingerprint, record.file, p.sheet, p.cell, p.field, p.explanation)
                for p in record.paragraphs
            ],
        )

    def drop(self, file: str) -> None:
        """Forget a workbook; the next run does all of it again."""
        for table in ("workbook", "claim", "paragraph"):
            self._run(f"DELETE FROM {table} WHERE file = ?", (file,))  # noqa: S608

    def see(self, file: str) -> None:
        """Note that the workbook *file* is one of this run's."""
        self._run("INSERT OR IGNORE INTO seen VALUES (?)", (file,))

    def write_down(self, names: Sequence[str]) -> None:
        """Note that this run has written the documents *names*."""
        self._run_many("INSERT OR IGNORE INTO written VALUES (?)", [(name,) for name in names])

    def is_written(self, name: str) -> bool:
        """Whether this run has written the document called *name*."""
        found = self._run("SELECT 1 FROM written WHERE name = ?", (name,))
        return found.fetchone() is not None

    def claimed(self, name: str, file: str) -> bool:
        """Whether another workbook of this run asks for a document of that name too."""
        return (
            self._run(
                "SELECT 1 FROM claim JOIN seen USING (file) WHERE key = ? AND file <> ?",
                (_key(name), file),
            ).fetchone()
            is not None
        )

    def disputes(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each name that several workbooks of this run ask for, and the workbooks."""
        found = self._rows(
            "SELECT min(claim.name), json_group_array(DISTINCT claim.file) FROM claim"
            " JOIN seen USING (file) GROUP BY key HAVING count(DISTINCT claim.file) > 1 ORDER BY 1"
        )
        for name, files in found:
            yield name, tuple(sorted(json.loads(files)))

    def shared(self, most: int = sys.maxsize) -> Iterator[tuple[tuple[str, Paragraph], ...]]:
        """Yield, for each paragraph that stands in 2 to *most* workbooks of this run, those and where.

        What stands in more is left in the database: a text that all were told to write would be
        280,000 rows in a run over 10,000 units.
        """
        last, group = "", list[tuple[str, Paragraph]]()
        for fingerprint, file, *where in self._rows(
            "SELECT paragraph.* FROM paragraph JOIN seen USING (file) WHERE fingerprint IN ("
            "SELECT fingerprint FROM paragraph JOIN seen USING (file)"
            " GROUP BY fingerprint HAVING count(DISTINCT file) BETWEEN 2 AND ?)"
            " ORDER BY fingerprint, file, sheet, cell",
            most,
        ):
            if fingerprint != last and group:
                yield tuple(group)
                group = []
            last = fingerprint
            sheet, cell, field_, said = where
            one = Paragraph(
                fingerprint=fingerprint, sheet=sheet, cell=cell, field=field_, explanation=said
            )
            group.append((file, one))
        if group:
            yield tuple(group)

    def records(self, *, only_seen: bool = False) -> Iterator[UnitRecord]:
        """Yield every workbook's record in the order of the files; or only those of this run."""
        join = " JOIN seen USING (file)" if only_seen else ""
        for (text,) in self._rows(f"SELECT record FROM workbook{join} ORDER BY file"):  # noqa: S608
            yield _record(text)

    def commit(self) -> None:
        """Make sure of what was noted; it is on the disk when this returns."""
        with self._errors():
            self._database.commit()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise lost(self._folder, error) from error

    def _run(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        with self._errors():
            return self._database.execute(statement, values)

    def _run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._errors():
            self._database.executemany(statement, rows)

    def copy_to(self, folder: Path) -> None:
        """Copy the manifest to below *folder*, for another process to read."""
        self.commit()
        (folder / FOLDER).mkdir()
        with self._errors(), closing(sqlite3.connect(folder / FOLDER / NAME)) as copy:
            self._database.backup(copy)

    def _rows(self, query: str, *given: Any) -> Iterator[Any]:
        """Yield what *query* finds; the manifest may be changed meanwhile."""
        cursor = self._run(query, given)
        while rows := cursor.fetchmany(200):
            yield from rows


def as_written(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the hashes of each document of *folder* as we wrote it: the last one, the one before.

    Nothing is locked or written there, so that a run may be at work; without a manifest that can be
    read there are none.
    """
    with TemporaryDirectory(prefix="reportgen-") as copy:
        (Path(copy) / FOLDER).mkdir()
        try:
            for name in (NAME, f"{NAME}-wal"):
                if (folder / FOLDER / name).is_file():
                    shutil.copyfile(folder / FOLDER / name, Path(copy) / FOLDER / name)
            manifest = Manifest(Path(copy))
        except OSError:
            return {}
        try:
            return {name: manifest.hashes(name) for name, _ in manifest.documents()}
        except LostError:
            return {}
        finally:
            manifest.close()


def _key(name: str) -> str:
    """Return what two documents share of which people could not tell the names apart: ABC局, ＡＢＣ 局."""
    return narrow(name).casefold()


def lost(folder: Path, error: OSError | sqlite3.Error) -> LostError:
    """Return the error that *folder*, in which a run is writing, takes nothing any more."""
    code = getattr(error, "sqlite_errorcode", 0)
    what = "没有写入权限，或磁盘出了错"
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) in FULL:
        what = "磁盘满了"
    elif not (folder / FOLDER).is_dir():
        what = "文件夹不见了，或网络断了"
    return LostError([rules.CANNOT_WRITE.at(Place(file=str(folder)), value=str(folder))], what)


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=0)
    try:
        # with an exclusive lock WAL needs no shared memory, so it works on a network drive too
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        with database:
            database.execute("BEGIN IMMEDIATE")
            _set_up(database)
    except BaseException:
        database.close()
        raise
    return database


def _set_up(database: sqlite3.Connection) -> None:
    """Make the tables of a new manifest; one of another version counts as damaged."""
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version == _VERSION:
        return
    if version:
        raise sqlite3.DatabaseError
    for statement in _TABLES.split(";"):
        database.execute(statement)
    database.execute(f"PRAGMA user_version = {_VERSION}")


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _plain(record: UnitRecord) -> str:
    # asdict copies every value: it took as long as everything else that is kept of a unit
    plain = {one.name: getattr(record, one.name) for one in fields(record)}
    del plain["paragraphs"]
    plain["findings"] = [asdict(finding) for finding in record.findings]
    return _text(plain)


def _record(text: str) -> UnitRecord:
    plain = json.loads(text)
    findings = tuple(_finding(one) for one in plain.pop("findings"))
    documents, wanted = tuple(plain.pop("documents")), tuple(plain.pop("wanted"))
    return UnitRecord(findings=findings, documents=documents, wanted=wanted, **plain)


def _finding(plain: dict[str, Any]) -> Finding:
    place, related = Place(**plain.pop("place")), plain.pop("related")
    level = Severity(plain.pop("level"))
    return Finding(
        place=place, level=level, related=tuple(Related(**one) for one in related), **plain
    )
