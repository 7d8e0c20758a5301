"""The signs of a text: those that no document can hold, that nobody sees, that come in two widths."""

import re
import unicodedata

# what XML 1.0 cannot hold: it would break the document, or vanish from it without a word; and the
# marks that turn the order of what follows round (Unicode's embeddings, overrides and isolates)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_HALF_A_SIGN = re.compile("[\ud800-\udfff]")
#: What stands for a sign that cannot be known any more.
BROKEN = "\ufffd"
# nothing is to be seen of them (Unicode's Default_Ignorable_Code_Point), nor of the empty Braille cell
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
# ECMA-376 part 1, 22.9.2.19 ST_Xstring; calamine reads all but these
_ESCAPED = re.compile("_x([Dd][89A-Fa-f][0-9A-Fa-f]{2}|[Ff]{3}[EFef])_")
_IS_UNSEEN = re.compile(rf"[\s{_UNSEEN}]+")
_HALF_WIDTH = {n: n - 0xFEE0 for n in range(0xFF01, 0xFF5F)} | {
    ord(sign): plain for sign, plain in (("￥", "¥"), ("−", "-"), ("﹣", "-"))
}


def without_control(text: str) -> str:
    """Return *text* without the signs that no document of XML can hold; half a sign becomes ``�``."""
    return _CONTROL.sub("", _HALF_A_SIGN.sub(BROKEN, text))


def unescaped(text: str) -> str:
    """Return what a cell's *text* stands for where calamine has left an escape: ``_xD83D__xDE00_`` is 😀."""
    if not _ESCAPED.search(text):
        return text
    signs = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return signs.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def is_blank(text: str) -> bool:
    r"""Whether nothing is to be seen of *text*: white space, zero-width marks, fillers.

    >>> is_blank("\u200b\u3000"), is_blank("\u200b甲")
    (True, False)
    """
    if not text:
        return True
    if "!" <= text[0] <= "~" or "一" <= text[0] <= "龥":  # nearly always, and asked of every cell
        return False
    return bool(_IS_UNSEEN.fullmatch(text))


def around(text: str, at: int) -> str:
    """Return what stands around a broken sign, so that a person finds it; the sign itself is ``□``.

    The consoles of Chinese Windows can show that (GBK).
    """
    return text[max(0, at - 8) : at + 9].replace(BROKEN, "□")


def cell_length(text: str) -> int:
    """Return how long *text* is as Excel counts: a sign beyond the first 65,536 counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def half_width(text: str) -> str:
    """Return *text* without white space and invisible marks, its full-width signs made half-width.

    Unlike ``narrow`` it leaves every other sign alone: ``②`` stays ``②``.
    """
    return "".join(
        c
        for c in text.translate(_HALF_WIDTH)
        if not c.isspace() and unicodedata.category(c) != "Cf"
    )
