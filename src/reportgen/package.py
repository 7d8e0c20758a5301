"""Write a zip package (.docx, .xlsx) whose bytes depend on nothing but its parts.

They are the bytes that ``zipfile`` writes (a test compares the two). ``zipfile`` takes ten times as
long for the parts of a document, and cannot take a part that is compressed already.
"""

import io
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import error, pack

_MADE_BY = 20  # version 2.0, which every reader knows: folders and deflate, nothing newer
_UTF8_NAME = 0x800
_DEFLATE = 8
# 1980-01-01 00:00, the first moment that zip can tell: a real one would make every run's bytes differ
_TIME, _DATE = 0, 33
_OWN_FILE = 0o600 << 16
#: Behind it, sizes and places need zip64, which Word does not read in a document.
_MOST_BYTES, _MOST_PARTS = 0xFFFF_FFFF, 0xFFFF
#: What ``zipfile`` raises beside its own error, of packages with flipped bits.
_DAMAGE = (
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    zlib.error,
    error,
)


@dataclass(frozen=True, slots=True)
class _Deflated:
    """A part as a package holds it; ``content`` is what it was made from."""

    content: bytes
    check: int
    data: bytes

    @classmethod
    def of(cls, content: bytes) -> "_Deflated":
        """Return *content*, compressed."""
        # level 6: level 9 takes twice the time and saves 2 % of a report, level 1 makes it 1.2 times
        packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        return cls(content, zlib.crc32(content), packer.compress(content) + packer.flush())


@dataclass(slots=True)
class Packer:
    """Writes packages that have parts in common: these are compressed once."""

    common: dict[str, bytes] = field(default_factory=dict)
    _known: dict[str, _Deflated] = field(default_factory=dict)

    def write(self, parts: Iterable[tuple[str, bytes]]) -> bytes:
        """Return the package of *parts* (name, content), in that order.

        Raises:
            zipfile.LargeZipFile: it would have 4 GB or more, or 65,535 parts.
        """
        out, directory = bytearray(), []
        for name, content in parts:
            part = self._deflated(name, content)
            written = name.encode()
            flags = 0 if name.isascii() else _UTF8_NAME
            if max(len(content), len(out) + len(part.data)) >= _MOST_BYTES:
                raise zipfile.LargeZipFile(name)
            entry = pack(
                "<HHHHHIIIHH", _MADE_BY, flags, _DEFLATE, _TIME, _DATE, part.check,
                len(part.data), len(content), len(written), 0,
            )  # fmt: skip
            directory += [
                b"PK\1\2", pack("<H", _MADE_BY), entry,
                pack("<HHHII", 0, 0, 0, _OWN_FILE, len(out)), written,
            ]  # fmt: skip
            out += b"PK\3\4" + entry + written + part.data
        at, number, listed = len(out), len(directory) // 5, b"".join(directory)
        if number >= _MOST_PARTS or at + len(listed) >= _MOST_BYTES:
            raise zipfile.LargeZipFile
        out += listed + b"PK\5\6" + pack("<HHHHIIH", 0, 0, number, number, len(listed), at, 0)
        return bytes(out)

    def _deflated(self, name: str, content: bytes) -> _Deflated:
        known = self._known.get(name)
        if known is not None and known.content is content:
            return known
        made = _Deflated.of(content)
        if self.common.get(name) is content:
            self._known[name] = made
        return made


def write_package(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the package of *parts* (name, content), in that order, as ``Packer.write`` does."""
    return Packer().write(parts)


def read_package(data: bytes, most_bytes: int = _MOST_BYTES) -> list[tuple[str, bytes]]:
    """Return the parts of a package, in its order.

    Raises:
        zipfile.BadZipFile: *data* is no zip, damaged, or would unpack to more than *most_bytes*.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = [entry for entry in package.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > most_bytes:
                raise zipfile.BadZipFile
            return [(entry.filename, package.read(entry)) for entry in entries]
    except _DAMAGE as damage:
        raise zipfile.BadZipFile from damage
