"""What a package (.xlsx, .docx, .ods) claims and holds, looked at before any library opens it.

A few kilobytes may unpack to gigabytes, one part may lie in another, two may have one name, of which
each library reads another. Only the directory is read, and of each part of XML its first bytes; what
is large or packed extremely well is unpacked once, in small pieces, and counted. Python's ``zipfile``
looks for overlaps since 3.11.8 alone, and for none of the rest.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import Struct, error

#: Unpacked, in a Word file. A report of 60 pages has 2 MB; 8 MB take 7 s and 700 MB to open.
MOST_TEMPLATE_XML = 4 << 20
#: Unpacked, all parts together: photographs hardly get larger, drawings (EMF) may by 200 times.
MOST_UNPACKED = 200 << 20
#: Unpacked, what is no picture: 100,000 rows of twenty columns have 80 MB.
MOST_XML = 100 << 20
#: One part that is packed better than 200:1. A sheet that is formatted down to its last row has 22 MB
#: at 408:1, 60,000 cell formats 2 MB at 327:1; what a person wrote never exceeds 30:1.
MOST_DENSE, DENSE = 50 << 20, 200
#: Each picture on a sheet is a part.
MOST_PARTS = 5000
#: A text or an attribute: Excel has 32,767 characters in a cell. (Expat before 2.6 reads a long one
#: again and again: CVE-2023-52425.)
LONGEST_TOKEN = 16 << 20
#: Word's deepest documents, tables in tables, have some 60 levels.
DEEPEST = 500
#: Deflate cannot pack better: what is smaller than a limit by so much needs no counting.
_BEST = 1032
_LOOKED_INTO = 256 << 10
_PIECE = 4 << 10
_HEAD = 256
#: How much may stand before a part's first element: remarks and instructions.
_MOST_BEFORE = 64 << 10

_END, _LOCATOR64, _END64 = b"PK\5\6", b"PK\6\7", b"PK\6\6"
_TAIL, _TAIL64 = Struct("<10xHII2x"), Struct("<32xQQQ")
_LISTED, _LOCAL = Struct("<4s4xHH8xIIHHH8xI"), Struct("<4s2xHH8xIIHH")
_EXTRA, _SIZE = Struct("<HH"), Struct("<Q")
_FULL = 0xFFFF_FFFF
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_ZIP64, _OTHER_NAME = 1, 0x7075

#: What no parser of ours reads: it is copied or left out as it is.
_NO_XML = re.compile(
    r"(?:.*/)?(?:media|embeddings|fonts|thumbnails|pictures)/.*(?<!\.xml)(?<!\.rels)"
    r"|.*\.(?:bin|png|jpe?g|gif|emf|wmf|bmp|tiff?|svg|html?|mht|txt|ttf|odttf)"
    r"|meta-inf/manifest\.xml",  # of old OpenOffice files, with its DTD
)
_USUAL = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:<\?xml version=[\"']1\.[01][\"'](?: encoding=[\"'](?:UTF|utf)-8[\"'])?"
    rb"(?: standalone=[\"']\w+[\"'])?\s*\?>)?\s*<[A-Za-z]"
)
_BEFORE_ROOT = re.compile(r"\ufeff?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_ENCODING = re.compile(r"\ufeff?\s*<\?xml[^>]*?\bencoding\s*=\s*[\"']([^\"']*)")
#: In these ``<!DOCTYPE`` looks like what it is; in UTF-7, which libraries know too, it does not.
_KNOWN_ENCODING = re.compile(
    r"utf-?8|utf-?16(?:le|be)?|(?:us-)?ascii|iso-?8859-\d+|windows-125\d|gb-?2312|gbk|gb-?18030|big5",
    re.IGNORECASE,
)


class DamagedError(Exception):
    """It is no package, or none that every library reads alike: cut off, or its directory is wrong."""


class LockedError(Exception):
    """A part is encrypted."""


class UnsafeError(Exception):
    """No office program writes such a file; the message is Chinese, what is in it that is odd."""


class TooLargeError(Exception):
    """It is more than anybody sends, packed or unpacked; the message is Chinese, how much it is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One part as the directory has it: where its data begin, how many bytes it has."""

    name: str
    start: int
    packed: int
    unpacked: int
    is_deflated: bool

    @property
    def is_xml(self) -> bool:
        """Whether a parser may be given it."""
        return not _NO_XML.fullmatch(self.name.lower())


def look(data: bytes, most_xml: int = MOST_XML) -> list[Entry]:
    """Return the parts of the package *data*, whose XML may have *most_xml* bytes in all.

    Raises:
        DamagedError, LockedError, UnsafeError, TooLargeError: nothing may open it.
    """
    try:
        entries = list(_entries(data))
    except (error, UnicodeDecodeError, ValueError, IndexError) as wrong:
        raise DamagedError from wrong
    _look_at_names([entry.name for entry in entries])
    _look_at_sizes(data, entries, most_xml)
    for entry in entries:
        if entry.is_xml:
            _look_at_beginning(data, entry)
    return entries


# -- the directory -----------------------------------------------------------------------------


def _entries(data: bytes) -> Iterator[Entry]:
    """Yield what the directory lists, each compared with what stands before its data."""
    number, at, end = _directory(data)
    if number > MOST_PARTS:
        raise TooLargeError(f"里面有 {number} 个部件，最多 {MOST_PARTS} 个")
    spans = []
    for _ in range(number):
        sign, flags, method, packed, unpacked, n, extra, remark, start = _LISTED.unpack_from(
            data, at
        )
        name = data[at + 46 : at + 46 + n]
        more = data[at + 46 + n : at + 46 + n + extra]
        at += 46 + n + extra + remark
        if sign != b"PK\1\2" or at > end:
            raise DamagedError
        if extra:
            packed, unpacked, start = _with_extra(more, name, packed, unpacked, start)
        sign, there, method_there, packed_there, unpacked_there, n, extra = _LOCAL.unpack_from(
            data, start
        )
        begin = start + 30 + n + extra
        if (flags | there) & _ENCRYPTED:
            raise LockedError
        if sign != b"PK\3\4" or method_there != method or data[start + 30 : start + 30 + n] != name:
            raise DamagedError
        if not there & _SIZES_FOLLOW and (
            packed_there not in (packed, _FULL) or unpacked_there not in (unpacked, _FULL)
        ):
            raise DamagedError
        if method not in (_STORED, _DEFLATED) or (method == _STORED and packed != unpacked):
            raise DamagedError
        spans.append((start, begin + packed))
        text = name.decode("utf-8" if flags & _UTF8 else "cp437")
        yield Entry(text, begin, packed, unpacked, method == _DEFLATED)
    if at != end:
        raise DamagedError
    _look_for_overlaps(sorted(spans), end)


def _directory(data: bytes) -> tuple[int, int, int]:
    """Return how many parts the directory lists, where it begins and where it ends."""
    at = data.rfind(_END, max(0, len(data) - 22 - 0xFFFF))
    if at < 0:
        raise DamagedError
    number, size, start = _TAIL.unpack_from(data, at)
    if data[at - 20 : at - 16] == _LOCATOR64 and at >= 76:
        at -= 76
        if data[at : at + 4] != _END64:
            raise DamagedError
        number64, size64, start64 = _TAIL64.unpack_from(data, at)
        if number not in (number64, 0xFFFF) or size not in (size64, _FULL):
            raise DamagedError  # CVE-2025-8291: each reader would believe another one
        number, size, start = number64, size64, start64
    if start + size != at:
        raise DamagedError
    return number, start, at


def _with_extra(
    more: bytes, name: bytes, packed: int, unpacked: int, start: int
) -> tuple[int, int, int]:
    """Return the sizes and the place of an entry whose fields of 32 bits are too small."""
    sizes = [unpacked, packed, start]
    at = 0
    while at + 4 <= len(more):
        kind, length = _EXTRA.unpack_from(more, at)
        field = more[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _ZIP64:
            wanted = [i for i, size in enumerate(sizes) if size == _FULL]
            for position, i in enumerate(wanted):
                (sizes[i],) = _SIZE.unpack_from(field, 8 * position)
        elif kind == _OTHER_NAME and field[5:] != name:
            raise DamagedError  # some readers go by this name, some by the other
    return sizes[1], sizes[0], sizes[2]


def _look_for_overlaps(spans: Sequence[tuple[int, int]], end: int) -> None:
    before = 0
    for start, stop in spans:
        if start < before:
            raise UnsafeError("互相重叠的部件")
        before = stop
    if before > end:
        raise DamagedError


def _look_at_names(names: Sequence[str]) -> None:
    if len({name.lower() for name in names}) < len(names):
        raise UnsafeError("两个同名的部件")
    for name in names:
        if "\\" in name or "\0" in name or ":" in name or name.startswith("/") or ".." in name:
            parts = re.split(r"[/\\]", name)
            if ".." in parts or name[:1] in "/\\" or not {"\\", "\0", ":"}.isdisjoint(name):
                raise UnsafeError("名称指向文件以外的部件")


# -- sizes -------------------------------------------------------------------------------------


def _look_at_sizes(data: bytes, entries: Sequence[Entry], most_xml: int) -> None:
    texts = [entry for entry in entries if entry.is_xml]
    for size, most in (
        (sum(e.unpacked for e in entries), MOST_UNPACKED),
        (sum(e.unpacked for e in texts), most_xml),
    ):
        if size > most:
            raise TooLargeError(too_much("解开以后有", size, most))
    # what a part claims is believed only where it cannot be much more
    possible = sum(e.packed for e in texts) * _BEST
    for entry in sorted(texts, key=lambda e: e.packed, reverse=True):
        is_dense = entry.unpacked > _LOOKED_INTO and entry.unpacked > DENSE // 2 * entry.packed
        if is_dense and entry.unpacked > MOST_DENSE and entry.unpacked > DENSE * entry.packed:
            raise TooLargeError(
                f"{entry.name} 解开以后有 {_megabytes(entry.unpacked)}，几乎全是重复的"
            )
        if is_dense or entry.unpacked > LONGEST_TOKEN or possible > 2 * most_xml:
            _look_into(data, entry)
        possible -= entry.packed * _BEST


def _look_into(data: bytes, entry: Entry) -> None:
    """Unpack a part piece by piece: is it as long as it says, how deep, how long its longest text."""
    size = depth = since = 0
    end = b""
    for piece in pieces(data, entry):
        size += len(piece)
        if size > entry.unpacked:
            raise DamagedError
        # counted, not parsed: searches in C; what two pieces share is in the second
        count = (end + piece).count
        depth += piece.count(b"<") - 2 * count(b"</") - count(b"/>") - count(b"<!") - count(b"<?")
        end = piece[-1:]
        if depth > DEEPEST:
            raise UnsafeError(f"一层套一层、超过 {DEEPEST} 层的内容（{entry.name}）")
        last = piece.rfind(b"<")
        since = since + len(piece) if last < 0 else len(piece) - last
        if since > LONGEST_TOKEN:
            raise UnsafeError(f"超过 {_megabytes(LONGEST_TOKEN)} 的一段文字（{entry.name}）")
    if size != entry.unpacked:
        raise DamagedError


def pieces(data: bytes, entry: Entry) -> Iterator[bytes]:
    """Yield the content of a part, unpacked; raises DamagedError."""
    held = memoryview(data)[entry.start : entry.start + entry.packed]
    if not entry.is_deflated:
        for at in range(0, len(held), _PIECE):
            yield bytes(held[at : at + _PIECE])
        return
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for at in range(0, len(held), _PIECE):
            piece = unpacker.decompress(held[at : at + _PIECE], _PIECE)
            while piece:
                yield piece
                piece = unpacker.decompress(unpacker.unconsumed_tail, _PIECE)
    except zlib.error as wrong:
        raise DamagedError from wrong


# -- the beginning of each part ----------------------------------------------------------------


def _look_at_beginning(data: bytes, entry: Entry) -> None:
    """See that a part's first element comes without a DTD before it: Excel and Word write none."""
    if _USUAL.match(_beginning(data, entry, _HEAD)):
        return
    head = _beginning(data, entry, _MOST_BEFORE)
    text = _text(head)
    before = _BEFORE_ROOT.match(text)
    rest = text[before.end() : before.end() + 2] if before else ""
    if rest.startswith("<!"):
        raise UnsafeError(f"DTD（{entry.name}）")
    if len(head) == _MOST_BEFORE and not rest.startswith("<"):
        raise UnsafeError(f"不像文档的部件（{entry.name}）")
    encoding = _ENCODING.match(text)
    if encoding and not _KNOWN_ENCODING.fullmatch(encoding[1].strip()):
        raise UnsafeError(f"不认识的文字编码 {encoding[1][:20]}（{entry.name}）")


def _beginning(data: bytes, entry: Entry, most: int) -> bytes:
    held = data[entry.start : entry.start + min(entry.packed, most)]
    if not entry.is_deflated:
        return held
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(held, most)
    except zlib.error as wrong:
        raise DamagedError from wrong


def _text(head: bytes) -> str:
    """Return the beginning of a part as a parser would read it."""
    for mark, code in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"),
                       (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):  # fmt: skip
        if head.startswith(mark):
            return head.decode(code, "replace")
    return head.decode("utf-8", "replace")


def too_much(words: str, size: int, most: int) -> str:
    """Return in words that *size* bytes are more than the *most* that are read."""
    return f"{words} {_megabytes(size)}，最多 {_megabytes(most)}"


def _megabytes(size: int) -> str:
    return f"{max(1, round(size / (1 << 20)))} MB"
