"""The same document gives the same PDF: LibreOffice writes the time into it, and ids made of it."""

import hashlib
import io
import re
import zipfile

_DATE = re.compile(rb"/CreationDate\(D:[^)]*\)")
_IDS = re.compile(
    rb"/ID\s*\[\s*<([0-9A-F]{32})>\s*<([0-9A-F]{32})>\s*\](?:\s*/DocChecksum\s*/([0-9A-F]{32}))?"
)
_MODIFIED = re.compile(
    rb"<dcterms:modified[^>]*>(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z</dcterms:modified>"
)


def reproducible(pdf: bytes, document: bytes) -> bytes:
    """Return *pdf* with the date of *document* (.docx) and ids made of its own content.

    All of them keep their length, so no offset of the file changes. SOURCE_DATE_EPOCH does nothing
    in LibreOffice 7.4. What another program writes in another way is left as it is.
    """
    made = _DATE.search(pdf)
    if made:
        # no date may be there at all: it is optional
        pdf = _with(pdf, made.span(), _date(document).ljust(len(made[0])))
    ids = _IDS.search(pdf, max(0, len(pdf) - 2048))
    if not ids:
        return pdf
    spans = [ids.span(number) for number in (1, 2, 3) if ids[number]]
    for span in spans:
        pdf = _with(pdf, span, b"0" * 32)
    own = hashlib.sha256(pdf).hexdigest()[:32].upper().encode()
    for span in spans:
        pdf = _with(pdf, span, own)
    return pdf


def _with(content: bytes, span: tuple[int, int], new: bytes) -> bytes:
    return content[: span[0]] + new + content[span[1] :]


def _date(document: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as package:
            modified = _MODIFIED.search(package.read("docProps/core.xml"))
    except (KeyError, zipfile.BadZipFile):
        modified = None
    return b"/CreationDate(D:" + b"".join(modified.groups()) + b"Z)" if modified else b""
