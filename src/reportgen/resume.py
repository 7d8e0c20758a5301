"""What a unit's results rest on, and whether those of the last run still hold."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from reportgen.pipeline import picture_hash
from reportgen.roster import Roster
from reportgen.standing import Approvals

#: What may have changed since, in the order in which a person wants to know it.
_REASONS = {
    "workbook": "工作簿改过",
    "pictures": "图片改过",
    "form": "表单或模板改过",
    "approvals": "核准改过",
    "roster": "名单改过",
    "program": "程序更新过",
}


def basis(
    *,
    workbook: str,
    form: str,
    approvals: Approvals,
    names: Sequence[str],
    pictures: Mapping[str, str],
    roster: str = "",
) -> dict[str, str]:
    """Return what the results of a unit rest on.

    *workbook*, *form* and *roster* are hashes, *names* what the unit goes by, *pictures* the hashes
    of the files it names.
    """
    mine = [one for one in approvals.entries if one.is_for(names)]
    said = [[one.code, one.reason, one.position] for one in mine]
    return {
        "workbook": workbook,
        "pictures": json.dumps(dict(pictures), ensure_ascii=False) if pictures else "",
        "form": form,
        "approvals": json.dumps(said, ensure_ascii=False) if said else "",
        "roster": roster,
        "program": program(),
    }


def hash_of(roster: Roster | None) -> str:
    """Return a hash over the units of a list; empty without one."""
    units = [[one.name, one.code, one.former] for one in roster.units] if roster else []
    text = json.dumps(units, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest() if roster else ""


def pictures_now(before: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the hashes of the pictures that a unit's results rested on *before*, as they are now."""
    names = json.loads(before.get("pictures") or "{}")
    return {name: picture_hash(folder, name) for name in names}


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return in Chinese what has changed since; empty for nothing.

    >>> changed({"workbook": "1", "form": "1"}, {"workbook": "1", "form": "2"})
    '表单或模板改过'
    """
    if not before:
        return "上次没有做成"
    return next((why for key, why in _REASONS.items() if before.get(key) != now.get(key)), "")


@cache
def program() -> str:
    """Return a hash over this program's own files: an update may print the same form otherwise."""
    found = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        state = path.stat()
        found.update(f"{path.relative_to(here)}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
    return found.hexdigest()[:16]
