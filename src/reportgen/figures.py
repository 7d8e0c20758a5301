"""Numbers and lists as people write them in a sentence: ``1,972.5个``, ``甲、乙（一、二）和丙``."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

# a comma of full width divides thousands only between digits of full width: 共5个，300人
_NUMBER = re.compile(
    r"(?:(?<![0-9０-９A-Za-z年月日%％])[-－−])?"
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[０-９]{1,3}(?:，[０-９]{3})+(?![０-９])|[0-9０-９]+)"
    r"(?:[.．][0-9０-９]+)?"
)
_DIVIDED = re.compile("[0-9０-９][,，][0-9０-９]")
_OPENS, _CLOSES = "(（[［【《“", ")）]］】》”"

#: Measure words that count things, each with what must not follow: 5个月 counts no 个.
_COUNTING = (
    "批次", "人次", r"个(?!月|百分点|工作日|小时|多)", "项(?!目标)", "户(?!籍)", "家", "处(?!理|置|级|室)",
    "所(?!有|属|以|在)", "名(?!单)", "人(?!民|才|均)", "件", "栋", "套", "宗", "条(?!件|例)", "座", "辆",
    "台", "场", "幅", "批", "份", "次(?!日)", "间",
)  # fmt: skip
_MEASURED = (
    "亿元", "万元", "千元", "元(?!旦)", "平方公里", "平方米", "㎡", "m²", "公顷", "亩", "公里", "米",
    "吨", "%",
)  # fmt: skip
_UOM = re.compile(rf"\s*(?:(万|亿)(?!元))?({'|'.join((*_MEASURED, *_COUNTING))})")
_RANGE = re.compile(r"\d\s*[-－—~～至到]\s*$")
_SAME = {"平方米": "㎡", "m²": "㎡", "m2": "㎡"}
_MANY = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_WIDTH = str.maketrans("()[]:;!?０１２３４５６７８９．％", "（）［］：；！？0123456789.%")
_OTHER_WIDTH = re.compile(r"[()\[\]:;!?０-９．％]")
_CHINESE = {word: n for n, word in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_NO_BRACKET = re.compile(rf"[^。；！？\n{re.escape(_OPENS + _CLOSES)}]*")
_BRACKET = re.compile(rf"[{re.escape(_OPENS + _CLOSES)}]")
_SENTENCE = 1000  # no sentence is longer; a cell holds 32767 signs
_ONE_THING = rf"(?:{'|'.join(_COUNTING)})(?!次)"  # 8场次 counts how often, not what
_NOT_BEFORE = r"(?<![第\d.,一二三四五六七八九十])"
_COUNT = re.compile(rf"{_NOT_BEFORE}(?:([0-9]{{1,6}})|([两二三四五六七八九十]))({_ONE_THING})")
_OTHER_COUNT = re.compile(
    rf"{_NOT_BEFORE}(?:([0-9]{{1,6}})(?!{_ONE_THING}|{'|'.join(_MEASURED)}|[万亿千百余多]"
    r"|个|[年月日号时点分秒天周岁级]|小时|工作日)(?=[\u4e00-\u9fff])"
    r"|([两二三四五六七八九十])(?=[大小]?[类种期轮]))"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a text: its value, with the decimals that are written, and where it stands.

    ``uom`` is the unit behind it, which ``end`` includes; a number that is one end of a range
    (1-10个) or only about right (60余次) has none. ``times`` is 10000 in 3万人.
    """

    value: Decimal
    start: int
    end: int
    uom: str = ""
    times: Decimal = Decimal(1)

    @property
    def amount(self) -> Decimal:
        """The number in its unit: 30000 for 3万人."""
        return self.value * self.times

    @property
    def places(self) -> int:
        """How many decimals are written."""
        exponent = self.value.as_tuple().exponent
        return -exponent if isinstance(exponent, int) else 0


def figures(text: str) -> Iterator[Figure]:
    """Yield every number in digits, in either width, thousands commas understood.

    >>> [(str(one.value), one.uom) for one in figures("1,972.5个，占９８%，1-10户，60余次")]
    [('1972.5', '个'), ('98', '%'), ('1', ''), ('10', ''), ('60', '')]
    """
    narrowed = text.replace("％", "%")
    for match in _NUMBER.finditer(text):
        plain = unicodedata.normalize("NFKC", match[0]).replace("−", "-").replace(",", "")
        behind = _UOM.match(narrowed, match.end())
        if behind is None or _RANGE.search(text[max(0, match.start() - 8) : match.start()]):
            yield Figure(Decimal(plain), match.start(), match.end())
            continue
        times = _MANY[behind[1] or ""]
        yield Figure(Decimal(plain), match.start(), behind.end(), same_uom(behind[2]), times)


def same_uom(uom: str) -> str:
    """Return the one way to write *uom*: ㎡ for 平方米."""
    return _SAME.get(uom, uom)


@dataclass(frozen=True, slots=True)
class Count:
    """How many things are counted, the measure word, and where both stand."""

    number: int
    measure: str
    start: int
    end: int


def counts(text: str) -> Iterator[Count]:
    """Yield every count of things; 两个 counts, 第3个 does not.

    >>> [(one.number, one.measure) for one in counts("两个街道的38个项目，第3个街道")]
    [(2, '个'), (38, '个')]
    """
    for match in _COUNT.finditer(text):
        number = int(match[1]) if match[1] else _CHINESE[match[2]]
        yield Count(number, match[3], match.start(), match.end())


def other_counts(text: str) -> Iterator[Count]:
    """Yield every number of something that ``counts`` does not know: 8场次, 3类, 两期.

    >>> [(one.number, one.measure) for one in other_counts("2025年共3类12个事项8场次，两大类")]
    [(3, ''), (8, ''), (2, '')]
    """
    for match in _OTHER_COUNT.finditer(text):
        number = int(match[1]) if match[1] else _CHINESE[match[2]]
        yield Count(number, "", match.start(), match.end())


def is_counting(uom: str) -> bool:
    """Whether *uom* is a measure word that counts things."""
    return re.fullmatch("|".join(_COUNTING), uom) is not None


def canonical(text: str) -> str:
    """Return *text* with one sign for each kind of punctuation, letter for letter in its place."""
    if not _DIVIDED.search(text):  # no comma can be part of a number
        text = text.translate(_WIDTH) if _OTHER_WIDTH.search(text) else text
        return text.replace(",", "，")
    signs = list(text.translate(_WIDTH))
    inside = {i for one in figures(text) for i in range(one.start, one.end)}
    for at, sign in enumerate(signs):
        if sign in ",，" and at not in inside:
            signs[at] = "，"
    return "".join(signs)


#: ``canonical`` for the labels of a form, which every unit asks for.
canonical_label = lru_cache(maxsize=4096)(canonical)


def split(text: str, separators: str) -> list[str]:
    """Split at any of *separators* that stands in no bracket or quotation; nothing empty comes back.

    >>> split("甲、乙（一、二）、丙", "、")
    ['甲', '乙（一、二）', '丙']
    """
    if not _BRACKET.search(text):
        return [part.strip() for part in re.split(f"[{separators}]", text) if part.strip()]
    parts, depth = [""], 0
    for char in text:
        depth = max(0, depth + (char in _OPENS) - (char in _CLOSES))
        if char in separators and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]


def behind(text: str, start: int) -> str:
    """Return the rest of the sentence or of the bracket that *start* stands in."""
    limit = min(len(text), start + _SENTENCE)
    plain = _NO_BRACKET.match(text, start, limit)
    depth = 0
    for at in range(plain.end() if plain else start, limit):
        if text[at] in _CLOSES and depth == 0:
            return text[start:at]
        if text[at] in "。；！？\n" and depth == 0:
            return text[start:at]
        depth = max(0, depth + (text[at] in _OPENS) - (text[at] in _CLOSES))
    return text[start:limit]


def before(text: str, end: int) -> str:
    """Return the sentence up to *end*, out of the bracket that *end* stands in; other brackets blank.

    Its letters stand at the same distance from *end* as in *text*.
    """
    found: list[str] = []
    depth = 0
    for sign in reversed(text[max(0, end - _SENTENCE) : end]):
        if sign in "。；！？\n" and depth <= 0:
            break
        depth += (sign in _CLOSES) - (sign in _OPENS)
        found.append(" " if depth > 0 or sign in _OPENS + _CLOSES else sign)
        depth = max(0, depth)
    return "".join(reversed(found))
