"""What comes in from the browser: under a safe name into the visit's own folder, and not too much."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

from reportgen.output import file_name, same_file
from reportgen.project import WORKBOOKS

#: Files of one visit, and their bytes together.
MOST_FILES, MOST_BYTES = 3000, 1 << 30
#: A folder in a folder in a folder: more is no office's.
_DEEPEST = 8
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".emf", ".wmf"})
#: What each kind of file may end in.
ENDINGS = {
    "workbook": WORKBOOKS | PICTURES, "roster": WORKBOOKS, "template": frozenset({".docx"}),
    "values": WORKBOOKS,
}  # fmt: skip
_WANTED = {"template": "Word 模板（.docx）"}


class RefusedError(Exception):
    """A file is not taken; the message says why, for the person who sent it."""


class Uploads:
    """The files that one visit was sent, by kind, below *folder*."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sizes: dict[Path, int] = {}

    @property
    def size(self) -> int:
        """How much there is."""
        return sum(self._sizes.values())

    def folder(self, kind: str) -> Path:
        """Return the folder of the files of *kind*."""
        return self._folder / kind

    def files(self, kind: str) -> list[Path]:
        """Return the files of *kind* in the order in which they came."""
        return [path for path in self._sizes if path.is_relative_to(self.folder(kind))]

    def only(self, kind: str) -> Path | None:
        """Return the one file of *kind*, the last that came."""
        return next(reversed(self.files(kind)), None)

    def remove(self, kind: str) -> None:
        """Remove the files of *kind*."""
        for path in self.files(kind):
            path.unlink(missing_ok=True)
            del self._sizes[path]

    def target(self, kind: str, name: str) -> Path:
        """Return where a file that the browser calls *name* is kept: its folders and its name, made safe.

        A name that is there already, also in other capitals, is the same file.

        Raises:
            RefusedError: there is no such kind, or the name is none of its files'.
        """
        if kind not in ENDINGS:
            raise RefusedError("不认识的文件。")
        safe = file_name(name.replace("\\", "/"))
        parts = safe.split("/")
        if not safe or len(parts) > _DEEPEST:
            raise RefusedError("文件夹套得太深，请把工作簿放在一个文件夹里。")
        if Path(safe).suffix.lower() not in ENDINGS[kind]:
            raise RefusedError(f"“{parts[-1]}”不是{_WANTED.get(kind, '工作簿')}，没有收。")
        wanted = same_file(safe)
        for path in self.files(kind):
            if same_file(path.relative_to(self.folder(kind)).as_posix()) == wanted:
                return path
        return self.folder(kind) / safe

    async def take(self, kind: str, name: str, body: AsyncIterator[bytes]) -> Path:
        """Keep a file and return where; one of the same name is replaced, but only by a whole one.

        Raises:
            RefusedError: as ``target``, or there is too much.
        """
        target = self.target(kind, name)
        if target not in self._sizes and len(self._sizes) >= MOST_FILES:
            raise RefusedError(f"文件太多：一次最多 {MOST_FILES} 个。")
        left = MOST_BYTES - self.size
        self._folder.mkdir(parents=True, exist_ok=True)
        coming = self._folder / f"{uuid4().hex}.coming"
        size = 0
        try:
            with coming.open("wb") as file:
                async for piece in body:
                    size += len(piece)
                    if size > left:
                        raise RefusedError(f"文件太大：一次最多 {MOST_BYTES >> 30} GB。")
                    file.write(piece)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(coming, target)  # noqa: PTH105 - over a file that may be there
        except OSError as error:
            raise RefusedError("没有地方放这个文件，请看磁盘是否满了。") from error
        finally:
            coming.unlink(missing_ok=True)
        self._sizes.pop(target, None)
        self._sizes[target] = size
        return target
