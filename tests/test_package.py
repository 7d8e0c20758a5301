"""Packages: the bytes that Python's own ``zipfile`` writes, whoever reads them."""

import io
import zipfile

import pytest

from reportgen import package
from reportgen.package import Packer, read_package, write_package

PARTS = [
    ("[Content_Types].xml", b"<Types/>" * 50),
    ("word/document.xml", "正文".encode() * 5_000),
    ("word/media/照片 1.png", bytes(range(256)) * 9),
    ("customXml/空.xml", b""),
]


def by_zipfile(parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as out:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            out.writestr(entry, content)
    return stream.getvalue()


def test_a_package_is_what_zipfile_writes_byte_by_byte():
    assert write_package(PARTS) == by_zipfile(PARTS)
    assert write_package([]) == by_zipfile([])


def test_a_package_reads_back_and_passes_its_own_checks():
    data = write_package(PARTS)

    with zipfile.ZipFile(io.BytesIO(data)) as read:
        assert read.testzip() is None
    assert read_package(data) == PARTS


def test_parts_in_common_are_compressed_once_and_give_the_same_bytes(monkeypatch):
    packed = []
    of = package._Deflated.of
    monkeypatch.setattr(package._Deflated, "of", lambda content: packed.append(1) or of(content))
    packer = Packer(dict(PARTS))
    other = [*PARTS[:1], ("word/document.xml", b"another"), *PARTS[2:]]

    assert packer.write(PARTS) == by_zipfile(PARTS)
    assert len(packed) == 4
    assert packer.write(other) == by_zipfile(other)
    assert len(packed) == 5, "only the part that is another one"


def test_what_no_zip_of_word_can_hold_is_refused(monkeypatch):
    monkeypatch.setattr(package, "_MOST_BYTES", 1_000)
    with pytest.raises(zipfile.LargeZipFile):
        write_package([("a", bytes(2_000))])

    monkeypatch.setattr(package, "_MOST_PARTS", 3)
    with pytest.raises(zipfile.LargeZipFile):
        write_package([(name, b"") for name in "abc"])
