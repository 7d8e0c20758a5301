"""Hyperlinks whose address holds tags: each place gets a link of its own, with its own values.

Word keeps an address beside the text, one for all rows that a loop makes of it.
"""

import re
from collections.abc import Mapping
from functools import partial
from urllib.parse import quote, unquote, urlsplit

from lxml import etree
from markupsafe import Markup

from reportgen.context import UnprintableError, printable
from reportgen.template.additions import Additions, carrier, marked, remove

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_OPEN, _CLOSE = r"(?:\{|%7B|｛|%EF%BD%9B)", r"(?:\}|%7D|｝|%EF%BD%9D)"
_TAG = re.compile(rf"{_OPEN}{_OPEN}(.+?){_CLOSE}{_CLOSE}", re.IGNORECASE)
_SAFE = frozenset({"http", "https", "mailto"})
#: What an address is made of besides letters and digits (RFC 3986); a value inside one is quoted.
_WHOLE = ":/?#[]@!$&'()*+,;=%~"


def tag_links(root: etree._Element, links: Mapping[str, etree._Element]) -> bool:
    """Let each link below *root* whose address holds tags be made anew; say if one was.

    *links* are the relationships of the part. A tag in an address is percent-encoded by Word.
    """
    found = False
    for link in root.iter(f"{_W}hyperlink"):
        relation = links.get(link.get(_ID, ""))
        pieces = _TAG.split(str(relation.get("Target")) if relation is not None else "")
        if len(pieces) == 1:
            continue
        # literal, value, literal, … value, literal
        written = [
            f"({unquote(p).strip()})" if i % 2 else f'"{quote(p, safe=_WHOLE)}"'
            for i, p in enumerate(pieces)
        ]
        found = True
        del link.attrib[_ID]
        typed = unquote("".join(f"{{{{{p}}}}}" if i % 2 else p for i, p in enumerate(pieces)))
        link.insert(0, carrier(f"[{', '.join(written)}]|_link", typed))
    return found


def link(pieces: list[object]) -> Markup:
    """Return the mark of a link to the address that *pieces* make: literal, value, literal, ….

    A value at the very beginning is an address; one further on is quoted.

    Raises:
        UnprintableError: the address is none that a report may lead to.
    """
    address = ""
    for index, piece in enumerate(pieces):
        text = "".join(printable(piece).split())
        if index == 1 and not address:
            if not text:
                return marked(partial(_set, address=""))
            text = quote(text, safe=_WHOLE)
        address += quote(text, safe="") if index % 2 and address else text
    if not is_safe(address):
        raise UnprintableError(
            f"链接的地址“{unquote(address)}”要以 http://、https:// 或 mailto: 开头", pieces[1]
        )
    return marked(partial(_set, address=address))


def is_safe(address: str) -> bool:
    """Whether a report may lead to *address*: the web, mail, nothing on somebody's disk."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme.lower() in _SAFE and bool(parts.netloc or parts.scheme.lower() == "mailto")


def _set(mark: etree._Element, additions: Additions, part: str, address: str) -> None:
    """Let the link around *mark* lead to *address*; without one its text stands alone."""
    around = next(mark.iterancestors(f"{_W}hyperlink"))
    remove([next(mark.iterancestors(f"{_W}r"))])
    if address:
        around.set(_ID, additions.relate(part, "hyperlink", address, external=True))
        return
    for child in reversed(around):
        around.addnext(child)
    remove([around])
