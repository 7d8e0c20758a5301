"""Numbers and lists as people write them in a sentence: ``1,972.5个``, ``甲、乙（一、二）和丙``."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

# a comma of full width divides thousands only between digits of full width: 共5个，300人
_NUMBER = re.compile(
    r"(?:(?<![0-9０-９A-Za-z年月日%％])[-－−])?"
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[０-９]{1,3}(?:，[０-９]{3})+(?![０-９])|[0-9０-９]+)"
    r"(?:[.．][0-9０-９]+)?"
)
_OPENS, _CLOSES = "(（[［【《“", ")）]］】》”"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a text: its value, with the decimals that are written, and where it stands."""

    value: Decimal
    start: int
    end: int


def figures(text: str) -> Iterator[Figure]:
    """Yield every number in digits, in either width, thousands commas understood.

    >>> [str(figure.value) for figure in figures("1,972.5个，占９８%")]
    ['1972.5', '98']
    """
    for match in _NUMBER.finditer(text):
        plain = unicodedata.normalize("NFKC", match[0]).replace("−", "-").replace(",", "")
        yield Figure(Decimal(plain), match.start(), match.end())


def split(text: str, separators: str) -> list[str]:
    """Split at any of *separators* that stands in no bracket or quotation; nothing empty comes back.

    >>> split("甲、乙（一、二）、丙", "、")
    ['甲', '乙（一、二）', '丙']
    """
    parts, depth = [""], 0
    for char in text:
        depth = max(0, depth + (char in _OPENS) - (char in _CLOSES))
        if char in separators and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]
