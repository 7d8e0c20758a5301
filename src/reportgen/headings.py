"""Labels as names: compared as people read them, written as identifiers that Jinja can read."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

_KEYWORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "for",
        "recursive",
        "loop",
    ]
)
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’"}
_HALF_WIDTH = str.maketrans("（）［］＋－＊／＜＞＝！，．｜＿　：％～", "()[]+-*/<>=!,.|_ :%~")
_FULL_WIDTH = re.compile("[\uff01-\uff5e]+")
# 单位 名称, as a heading comes that is wrapped in its cell
_WRAPPED = re.compile(r"\w+(?:\s+\w+)+")
# a heading is copied with the sign that says it must be filled
_REQUIRED = re.compile(r"＊(?=\s*(?:$|[|｜.。)）]))")
_STRAIGHT = (("“", '"'), ("”", '"'), ("‘", "'"), ("’", "'"))
_HAS_ASCII = re.compile(r"[!-~]")
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"(\{\{|\{%)(.*?)(\}\}|%\})", re.DOTALL)
_LABEL = 60
_ESCAPED = re.compile(r"_x([0-9a-f]{1,6})_")


def narrow(text: str) -> str:
    """Return *text* as labels are compared: half-width, without white space and invisible marks.

    >>> narrow("“三公”经费 （万元）＊")
    '"三公"经费(万元)*'
    """
    # the labels of a form are compared thousands of times; whole narratives need not be remembered
    return _narrow_known(text) if len(text) <= _LABEL else _narrow(text)


def _narrow(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    for curly, straight in _STRAIGHT:
        folded = folded.replace(curly, straight)
    folded = "".join(folded.split())
    if folded.isprintable():  # a narrative has a thousand signs, and hardly ever an invisible one
        return folded
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")


_narrow_known = lru_cache(maxsize=4096)(_narrow)


def same_code(one: str, other: str) -> bool:
    """Whether two codes are the same, however they are typed: ``ｆ15 `` is ``F15``."""
    return narrow(one).casefold() == narrow(other).casefold()


def identifier(label: str) -> str:
    """Return the identifier that stands for *label* in an expression; ``label_of`` undoes it.

    >>> identifier("单位名称"), identifier("2025年预算")
    ('单位名称', '_x32_025年预算')
    """
    if _is_plain(label):
        return label
    safe = "".join(c if _is_plain("a" + c) and c != "_" else f"_x{ord(c):x}_" for c in label)
    if safe in _KEYWORDS or not safe.isidentifier():  # it begins with a digit
        safe = f"_x{ord(safe[0]):x}_{safe[1:]}"
    return safe


def label_of(name: str) -> str:
    """Return the label that the identifier *name* stands for."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), name) if "_x" in name else name


class Headings:
    """The labels that are no plain identifiers, and how to find them in an expression or a tag."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        """*labels*: what may be written (with unit, old names) → the label it means."""
        self._names: dict[str, str] = {}
        patterns: dict[str, int] = {}
        self._plain = {label for label in labels if _is_plain(label)}
        for written, label in labels.items():
            if _is_plain(written) and written == label and not _HAS_ASCII.search(written):
                continue
            self._names[narrow(written)] = identifier(label)
            patterns[_pattern(written)] = len(narrow(written))
        self._longest = max(map(len, self._plain), default=0)
        by_length = sorted(patterns, key=lambda p: patterns[p], reverse=True)
        self._pattern = re.compile("|".join(by_length)) if by_length else None

    def to_identifiers(self, source: str) -> str:
        """Replace every heading in *source*, the longest first; quoted text stays as it is.

        What a Chinese keyboard types for an operator or a quote becomes what Jinja reads.
        """
        out, at = [], 0
        while at < len(source):
            match = self._pattern.match(source, at) if self._pattern else None
            if match:
                out.append(self._names[narrow(match[0])])
                at = match.end()
                continue
            char = source[at]
            if char in _QUOTES and (end := source.find(_QUOTES[char], at + 1)) > 0:
                text = source[at + 1 : end]
                quote = char if char in "'\"" else "'" if '"' in text else '"'
                out.append(quote + text + quote)
                at = end + 1
                continue
            word = self._word(source, at)
            if word:
                out.append(word)
                at = _end_of(word, source, at)
                continue
            required = _REQUIRED.match(source, at)
            out.append("" if required else char.translate(_HALF_WIDTH))
            at += 1
        return "".join(out)

    def _word(self, source: str, at: int) -> str:
        """Return the word at a place; a label of the form also where white space divides it."""
        wrapped = _WRAPPED.match(source, at, at + 10 * self._longest)
        parts = wrapped[0].split()[: self._longest] if wrapped else []
        for many in range(len(parts), 1, -1):
            if (joined := "".join(parts[:many])) in self._plain:
                return joined
        word = _WORD.match(source, at)
        if word and _FULL_WIDTH.fullmatch(word[0]):
            return unicodedata.normalize("NFKC", word[0])
        return word[0] if word else ""

    def in_tags(self, source: str) -> str:
        """Replace the headings inside every ``{{ … }}`` and ``{% … %}`` of *source*."""
        return _TAG.sub(lambda m: m[1] + self.to_identifiers(m[2]) + m[3], source)


def _end_of(word: str, source: str, at: int) -> int:
    """Return where *word* ends in *source*, white space in it not counted."""
    left = len(word)
    while left:
        left -= not source[at].isspace()
        at += 1
    return at


def _is_plain(label: str) -> bool:
    # Python folds identifiers (NFKC) when it compiles a template: ㎡ would become m2
    return (
        label.isidentifier()
        and label not in _KEYWORDS
        and unicodedata.normalize("NFKC", label) == label
        and not _ESCAPED.search(label)
    )


def _pattern(label: str) -> str:
    """Match *label* in either width, with any white space in it, but not the start of a longer word."""
    chars = [c for c in label if not c.isspace()]
    body = r"\s*".join(_either_width(c) for c in chars)
    return body + (r"(?!\w)" if chars[-1].isalnum() else "")


def _either_width(char: str) -> str:
    forms = {char, unicodedata.normalize("NFKC", char)}
    if "!" <= char <= "~":
        forms.add(chr(ord(char) + 0xFEE0))
    if char in "“”‘’":
        forms.add('"' if char in "“”" else "'")
    shown = [re.escape(form) for form in sorted(forms) if form]
    if len(shown) == 1:
        return shown[0]
    return f"[{''.join(shown)}]" if max(map(len, forms)) == 1 else f"(?:{'|'.join(shown)})"
