"""Files that are made to harm whoever opens them, from good ones; and what else arrives by mistake.

What is written is small: each takes milliseconds to make.
"""

import io
import struct
import warnings
import zipfile
import zlib
from functools import cache

from reportgen.workbook.package import sheet_paths

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def unpacked(content):
    """Return the parts of a package by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts, method=zipfile.ZIP_DEFLATED):
    """Return a package of *parts* (name → bytes, or pairs of these)."""
    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w", method) as package:
        warnings.simplefilter("ignore")  # two of one name
        for name, content in parts.items() if isinstance(parts, dict) else parts:
            # as it is given: ``writestr`` mends some names
            info = zipfile.ZipInfo("x")
            info.filename, info.compress_type = name, method
            package.writestr(info, content)
    return made.getvalue()


def changed(content, replaced):
    """Return a package with other parts: name → bytes, or a function from the part to these."""
    parts = unpacked(content)
    for name, new in replaced.items():
        parts[name] = new(parts[name]) if callable(new) else new
    return packed(parts)


def more(content, parts):
    """Return a package with *parts* (pairs, of which a name may be there already) besides."""
    return packed([*unpacked(content).items(), *parts])


def sheet_of(content, title):
    """Return the name of the part of the sheet called *title*."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return sheet_paths(package)[title]


def with_rows(content, title, rows, *, instead=False):
    """Return a workbook with *rows* (XML) at the end of the sheet called *title*, or alone there."""

    def put(xml):
        if instead:
            start = xml.index(b"<sheetData")
            return xml[:start] + b"<sheetData>" + rows + xml[xml.index(b"</sheetData>") :]
        return xml.replace(b"</sheetData>", rows + b"</sheetData>", 1)

    return changed(content, {sheet_of(content, title): put})


def placeless_corners(content, title):
    """Return a workbook with a value in each of two corners, whose cells do not say where they are."""
    last = b'<row r="1048576">' + b"<c/>" * 16383 + b"<c><v>1</v></c></row>"
    return with_rows(content, title, b'<row r="1"><c><v>1</v></c></row>' + last, instead=True)


@cache
def zeros(megabytes):
    """Return how zeros are packed best: (data, check sum, size)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = bytes(1 << 20)
    data, check = b"", 0
    for _ in range(megabytes):
        data += packer.compress(piece)
        check = zlib.crc32(piece, check)
    return data + packer.flush(), check, megabytes << 20


def raw(entries, claims=lambda **said: said):
    """Return a package written byte by byte: (name, data, check, size, method, flags) each.

    *claims* changes what its directory says of an entry: ``name start packed unpacked``.
    """
    out, listed = b"", b""
    for name, data, check, size, method, flags in entries:
        said = claims(name=name.encode(), start=len(out), packed=len(data), unpacked=size)
        out += _local(name.encode(), data, check, size, method, flags)
        listed += _listing(check=check, method=method, flags=flags, **said)
    return out + listed + _end(len(entries), listed, len(out))


def _local(name, data, check, size, method, flags):
    """Return a part as it stands in a package."""
    fields = struct.pack("<HHHHHIII", 20, flags, method, 0, 33, check, len(data), size)
    return b"PK\3\4" + fields + struct.pack("<HH", len(name), 0) + name + data


def _listing(*, name, start, packed, unpacked, check, method, flags):
    """Return a part's line in the directory."""
    fields = struct.pack("<HHHHHHIII", 20, 20, flags, method, 0, 33, check, packed, unpacked)
    return b"PK\1\2" + fields + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, start) + name


def _end(number, listed, start):
    return b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, number, number, len(listed), start, 0)


def deflated(content):
    """Return *content* as an entry of ``raw`` has it: data, check sum, size, method, flags."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush(), zlib.crc32(content), len(content), 8, 0


def good_entries(content):
    """Return the parts of a package as entries of ``raw``."""
    return [(name, *deflated(part)) for name, part in unpacked(content).items()]


def streamed(content):
    """Return a package as programs write it that do not know a part's size before its end."""

    class Stream(io.BytesIO):
        def seekable(self):
            return False

    made = Stream()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in unpacked(content).items():
            package.writestr(name, part)
    return made.getvalue()


def overlapping(content):
    """Return a package with a part inside of another, as bombs have thousands of."""
    inner = ("xl/media/b.bin", *deflated(bytes(1 << 20)))
    held = _local(inner[0].encode(), *inner[1:])
    outer = ("xl/media/a.bin", held, zlib.crc32(held), len(held), 0, 0)
    made = raw([outer, *good_entries(content)])
    at = made.index(b"PK\1\2")
    _, data, check, size, method, flags = inner
    line = _listing(name=b"xl/media/b.bin", start=made.index(held), packed=len(data),
                    unpacked=size, check=check, method=method, flags=flags)  # fmt: skip
    listed = made[at : made.rindex(b"PK\5\6")] + line
    return made[:at] + listed + _end(listed.count(b"PK\1\2"), listed, at)


def locked(content):
    return raw([(name, data, check, size, method, 1)
                for name, data, check, size, method, _ in good_entries(content)])  # fmt: skip
