"""Zip packages whose parts stay compressed as they are, but for those that are given anew."""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LEVEL = 6  # zlib's own, and docxtpl's


@dataclass(frozen=True, slots=True)
class _Stored:
    """A part as it lies in the package, or deflated anew."""

    content: bytes
    crc: int
    size: int
    method: int = zipfile.ZIP_DEFLATED

    @classmethod
    def of(cls, content: bytes) -> "_Stored":
        deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        return cls(deflate.compress(content) + deflate.flush(), zlib.crc32(content), len(content))


class Package:
    """The package at *path*: ``parts`` are its contents, ``changed`` gives it with other ones."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        self.parts: dict[str, bytes] = {}
        self._stored: dict[str, _Stored] = {}
        with zipfile.ZipFile(path) as package:
            for entry in package.infolist():
                self.parts[entry.filename] = package.read(entry)
                head = data[entry.header_offset : entry.header_offset + 30]
                start = entry.header_offset + 30 + sum(struct.unpack("<HH", head[26:30]))
                content = data[start : start + entry.compress_size]
                self._stored[entry.filename] = _Stored(
                    content, entry.CRC, entry.file_size, entry.compress_type
                )

    def changed(self, parts: Mapping[str, bytes]) -> bytes:
        """Return the package with the contents of *parts*; only these are compressed."""
        written, directory = bytearray(), bytearray()
        for name, known in self._stored.items():
            stored = _Stored.of(parts[name]) if name in parts else known
            called = name.encode()
            facts = struct.pack(
                "<HHHHHIIIHH", 20, 0x800, stored.method, 0, 33, stored.crc, len(stored.content),
                stored.size, len(called), 0,
            )  # fmt: skip
            place = struct.pack("<HHHII", 0, 0, 0, 0, len(written))
            directory += b"PK\1\2" + struct.pack("<H", 20) + facts + place + called
            written += b"PK\3\4" + facts + called + stored.content
        count = len(self._stored)
        end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(written), 0)
        return bytes(written + directory + b"PK\5\6" + end)
