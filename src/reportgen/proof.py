"""Proof that Word documents open, and whether they are still as they were built: files → a run."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from itertools import islice
from pathlib import Path

from reportgen import rules
from reportgen.errors import ReportgenError
from reportgen.finding import Finding, Place, Severity
from reportgen.manifest import FOLDER, as_written
from reportgen.output import digest
from reportgen.pool import DiedError, Pool, StartError, limit_memory
from reportgen.received import read_bytes
from reportgen.run import DocumentResult, Run
from reportgen.workers import SECONDS, processors

#: What is taken for a Word document in a folder; of a file that is named, the bytes tell.
_SUFFIXES = frozenset({".docx", ".docm"})
_MODULES = ("reportgen.template.sound",)
#: How many documents a run is ahead of the one whose result is waited for.
_AHEAD = 64


def verify_all(inputs: Sequence[Path], *, run: Run | None = None) -> Run:
    """Look through every Word document of *inputs*, files and folders.

    What is done to a document is done in a process of its own, with limits of time and memory. The
    status of each is unchanged (opens, and is as we wrote it), kept (opens, and was edited since),
    sound (opens; no folder of ours knows it) or failed.

    Raises:
        ReportgenError: there is no document at all.
    """
    run = run or Run()
    files, missing = documents(inputs)
    if not files:
        raise ReportgenError(missing or [rules.NO_DOCX.at(Place())])
    run.tell(missing)
    run.units = len(files)
    hashes: dict[Path, dict[str, tuple[str, ...]]] = {}
    pool = Pool(min(processors(), len(files)), SECONDS, limit_memory, modules=_MODULES)
    try:
        for file, (found, sha256) in _looked_through(files, pool):
            home, name = _home(file)
            if home and home not in hashes:
                hashes[home] = as_written(home)
            ours = hashes[home].get(name, ()) if home else ()
            status = "sound"
            if ours and sha256:  # without a hash nobody could read it
                status = "unchanged" if sha256 == ours[0] else "kept"
            if status == "kept":
                found.append(rules.EDITED_SINCE.at(Place(file=file.name)))
            if any(one.level is Severity.ERROR for one in found):
                status = "failed"
            run.done += 1
            shown = [replace(one, place=replace(one.place, file=str(file))) for one in found]
            run.tell(shown, [DocumentResult("", str(file), status)])
    finally:
        pool.close()
    return run


def documents(inputs: Sequence[Path]) -> tuple[list[Path], list[Finding]]:
    """Return the Word documents among *inputs* (folders recursively, in name order), and what is missing."""
    found: dict[Path, None] = {}
    findings: list[Finding] = []
    for given in inputs:
        if given.is_dir():
            for root, folders, names in os.walk(given):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                found |= {Path(root, name): None for name in sorted(names) if _is_document(name)}
        elif given.exists():
            found[given] = None
        else:
            findings.append(rules.MISSING_FILE.at(Place(file=str(given))))
    return list(found), findings


def _is_document(name: str) -> bool:
    return not name.startswith(("~$", ".")) and Path(name).suffix.lower() in _SUFFIXES


def _looked_through(
    files: Sequence[Path], pool: Pool
) -> Iterator[tuple[Path, tuple[list[Finding], str]]]:
    """Yield each file with what is wrong with it and its hash, in order."""
    coming = iter([(file, pool.submit(look_through, file)) for file in files[:_AHEAD]])
    ahead: list[tuple[Path, Future[tuple[list[Finding], str]]]] = list(coming)
    rest = iter(files[_AHEAD:])
    while ahead:
        file, future = ahead.pop(0)
        yield file, _result(file, future)
        ahead += [(more, pool.submit(look_through, more)) for more in islice(rest, 1)]


def _result(file: Path, future: "Future[tuple[list[Finding], str]]") -> tuple[list[Finding], str]:
    place = Place(file=file.name)
    try:
        return future.result()
    except TimeoutError:
        what = f"{SECONDS:g} 秒还没有看完"
    except DiedError:
        what = "看它的程序中途退出了，多半是内存不够"
    except StartError:  # a process may be more than this computer gives
        return look_through(file)
    return [rules.VERIFY_TOO_MUCH.at(place, what=what)], ""


def look_through(file: Path) -> tuple[list[Finding], str]:
    """Return what is wrong with the document *file*, and its hash; empty where it cannot be read."""
    from reportgen.template.sound import look  # noqa: PLC0415 - lxml, in the process that works

    place = Place(file=file.name)
    data = read_bytes(file)
    if isinstance(data, Finding):
        return [data], ""
    try:
        return look(data, file.name), digest(data)
    except MemoryError:
        return [rules.VERIFY_TOO_MUCH.at(place, what="内存不够")], ""


def _home(file: Path) -> tuple[Path | None, str]:
    """Return the output folder that *file* is in, and its name below it; None for no such folder."""
    full = file.resolve()
    for folder in full.parents:
        if (folder / FOLDER).is_dir():
            return folder, full.relative_to(folder).as_posix()
    return None, ""
