"""What a bug of ours leaves for support: where in the program it was, and nothing of what a unit wrote.

A traceback has values in its messages, and paths have names; so neither goes into a diagnosis. Of a
message only what stands so in the program itself is kept.
"""

import errno
import linecache
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType, TracebackType

#: What the system says when the disk has no room, or this person's share of it.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
#: Of a long chain of calls, as endless recursion leaves it, the last ones are enough.
_FRAMES = 40
_CHAIN = 5
#: Different bugs in one file; ten thousand units meet few.
MOST = 20
_OURS = Path(__file__).parent
#: What of a command says nothing of a unit: its own words, options, numbers.
_WORD = re.compile(r"[a-z]+(-[a-z]+)*|\d+|-{1,2}[A-Za-z][\w-]*", re.ASCII)
_SUFFIX = re.compile(r"\.[A-Za-z]{1,5}")


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug that was met: ``where`` in a few words, ``trace`` for support, ``form`` its id and version."""

    where: str
    trace: str
    form: str = ""


def bug_of(error: BaseException, form: str = "") -> Bug:
    """Return what may be said of *error*, which nobody expected; *form* is what was being filled in."""
    return Bug(_where(error.__traceback__), "\n".join(_chain(error)), form)


def is_bug(error: BaseException) -> bool:
    """Whether *error* is none of the ways in which a process is asked to end, or nobody hears it."""
    asked = isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit | BrokenPipeError)
    return not (asked or is_unheard(error))


def is_unheard(error: BaseException) -> bool:
    """Whether *error* says that a stream takes nothing more: a full disk behind ``> file``."""
    return isinstance(error, OSError) and error.errno in FULL and error.filename is None


def save(bugs: Mapping[Bug, int], folder: Path, command: Sequence[str]) -> Path | None:
    """Write all of *bugs*, and how often each was met, into one file in *folder*; return the file.

    Where that cannot be written, into the system's folder for what is temporary; None: nowhere.
    """
    text = report(bugs, command).encode("utf-8", "replace")
    name = f"诊断-{time.strftime('%Y%m%d-%H%M%S')}"
    for place in (folder, Path(tempfile.gettempdir())):
        for number in range(1, 100):
            path = place / (f"{name}.txt" if number == 1 else f"{name}-{number}.txt")
            try:
                with path.open("xb") as file:
                    file.write(text)
            except FileExistsError:
                continue
            except OSError:
                break
            return path
    return None


def told(bugs: Mapping[Bug, int], folder: Path) -> str:
    """Write what *bugs* leave for support, into *folder* if that can be; return the line that says so."""
    path = save(bugs, folder, argv())
    where = "；".join(bug.where for bug in bugs)
    if path is None:
        return f"程序自身出错（{where}），请把这一行发给技术支持。"
    return f"程序自身出错，请把“{path}”发给技术支持，里面没有填报的数。"


def report(bugs: Mapping[Bug, int], command: Sequence[str]) -> str:
    """Return the text of a diagnosis."""
    import platform  # noqa: PLC0415 - as is all below that is imported: few runs need it

    lines = [
        "reportgen 诊断：程序出错的地方。里面没有填报的数、单位名称和文件名，可以发给技术支持。",
        "",
        f"时间：{time.strftime('%Y-%m-%d %H:%M:%S')}",
        f"命令：reportgen {' '.join(shortened(command))}".rstrip(),
        f"系统：Python {platform.python_version()}，{platform.platform()}",
        f"组件：{'，'.join(versions())}",
    ]
    for number, (bug, times) in enumerate(bugs.items(), 1):
        lines += ["", f"── {number}，{times} 次" + (f"，表单 {bug.form}" if bug.form else "")]
        lines.append(bug.trace)
        if number == MOST and len(bugs) > MOST:
            lines += ["", f"另有 {len(bugs) - MOST} 种，没有列出。"]
            break
    return "\n".join(lines) + "\n"


def versions() -> Iterator[str]:
    """Yield the name and version of this program and of each library that it uses."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    for name in ("reportgen", *libraries()):
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name}（没有）"


def libraries() -> list[str]:
    """Return the names of the libraries that this program uses; what an extra brings is left out."""
    from importlib.metadata import PackageNotFoundError, requires  # noqa: PLC0415

    try:
        wanted = [one for one in requires("reportgen") or () if "extra ==" not in one]
    except PackageNotFoundError:  # run from its source
        return []
    return [re.split(r"[^\w.-]", one)[0] for one in wanted]


def shortened(command: Sequence[str]) -> Iterator[str]:
    """Yield the words of *command*; of what may be a path or a name only what kind of file it is."""
    for word in command:
        option, equals, value = word.partition("=")
        if not (option.startswith("--") and _WORD.fullmatch(option)):
            option, equals, value = "", "", word
        if value and not _WORD.fullmatch(value):
            suffix = Path(value).suffix
            value = f"‹{suffix}›" if _SUFFIX.fullmatch(suffix) else "‹…›"
        yield option + equals + value


def _chain(error: BaseException) -> Iterator[str]:
    """Yield the lines of *error* and of what it came from, the first cause first."""
    errors: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in errors and len(errors) < _CHAIN:
        errors.append(at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    for number, one in enumerate(reversed(errors)):
        if number:
            yield "然后："
        yield from _frames(one.__traceback__)
        yield f"{type(one).__module__}.{type(one).__qualname__}{_message(one)}"


def _frames(trace: TracebackType | None) -> Iterator[str]:
    found: list[tuple[CodeType, int]] = []
    while trace is not None:
        found.append((trace.tb_frame.f_code, trace.tb_lineno))
        trace = trace.tb_next
    if len(found) > _FRAMES:
        yield f"  …（{len(found) - _FRAMES} 层）"
    for code, line in found[-_FRAMES:]:
        file, is_known = _file(code.co_filename)
        yield f"  {file}:{line} {code.co_name}"
        source = linecache.getline(code.co_filename, line).strip() if is_known else ""
        if source:
            yield f"      {source}"


def _file(name: str) -> tuple[str, bool]:
    """Return a file of code from its package on, and whether it is one that was installed."""
    path = Path(name)
    if path.is_relative_to(_OURS):
        return path.relative_to(_OURS.parent).as_posix(), True
    for root in _roots():
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix(), True
    return (path.name if path.suffix == ".py" else "‹template›"), False


@lru_cache(maxsize=1)
def _roots() -> list[str]:
    """Return the folders of Python and of what is installed, the innermost first."""
    import sysconfig  # noqa: PLC0415

    kinds = ("purelib", "platlib", "stdlib", "platstdlib")
    return sorted({sysconfig.get_path(one) for one in kinds}, key=len, reverse=True)


def _message(error: BaseException) -> str:
    """Return what *error* says if it stands so in the code that raised it: then it is no unit's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    said = error.args[0] if len(error.args) == 1 else None
    if trace is None or not isinstance(said, str) or not said:
        return ""
    return f": {said}" if said in trace.tb_frame.f_code.co_consts else ""


def _where(trace: TracebackType | None) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "不知道在哪里"
    file, _ = _file(trace.tb_frame.f_code.co_filename)
    return f"{file.rpartition('/')[2]} 第 {trace.tb_lineno} 行"


def argv() -> list[str]:
    """Return the command of this process."""
    return sys.argv[1:]
