"""What a narrative says of its own numbers and names: lists, sums in brackets, shares.

A sentence is read by patterns, so every finding here is a warning that the unit may explain, and
what cannot be read for certain is left alone. The numbers of the form are in ``restated.py``.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

from reportgen import rules
from reportgen.compute import Data
from reportgen.figures import (
    Count,
    Figure,
    before,
    behind,
    canonical,
    counts,
    figures,
    is_counting,
    other_counts,
    split,
)
from reportgen.filters import YUAN
from reportgen.finding import Finding, Place, Rule
from reportgen.form import Field, Section
from reportgen.nodes import GridNode
from reportgen.value import Text, digits


@dataclass(frozen=True, slots=True)
class Narrative:
    """A text of one cell: as it prints, and with one sign for each kind of punctuation.

    ``row`` is the row it stands in, if its section has rows.
    """

    data: Data
    section: Section
    field: Field
    printed: str
    text: str
    place: Place
    row: Any = None

    def say(
        self, rule: Rule, start: int, end: int, difference: str = "", **words: object
    ) -> Finding:
        """Return the finding of *rule* about the words from *start* to *end*."""
        quoted = self.text[start:end]
        if quoted.count("（") > quoted.count("）") and self.text[end : end + 1] == "）":
            end += 1
        words_there = self.printed[start:end].strip("，,、：: ")
        found = rule.at(self.place, value=words_there, label=self.place.field, **words)
        return replace(found, difference=difference)


def narratives(data: Data) -> tuple[Narrative, ...]:
    """Return every narrative and every heading of an outline that is printed, sheet by sheet."""
    return data.once("narratives", lambda: tuple(_narratives(data)))  # four ask


def _narratives(data: Data) -> Iterator[Narrative]:
    for section in data.form.sections:
        if data.applies(section) is False:
            continue
        node = data.node(section)
        for field in section.fields:
            if field.formula or not _is_prose(section, field):
                continue
            if isinstance(node, GridNode):
                lines = [(f"{r.label} · ", None, node.cell(r.label, field)) for r in section.rows]
            elif section.has_rows:
                lines = [("", row, row.lookup(field.label)) for row in node]
            else:
                lines = [("", None, node.lookup(field.label))]
            for prefix, row, value in lines:
                if isinstance(value, Text):
                    title = data.submission.sheets.get(section.label, section.label)
                    place = Place(
                        file=data.submission.file,
                        sheet=value.cell.sheet if value.cell else title,
                        cell=value.cell.ref if value.cell else "",
                        field=prefix + field.label,
                    )
                    yield Narrative(data, section, field, value, canonical(value), place, row)


def _is_prose(section: Section, field: Field) -> bool:
    return field.type == "narrative" or (section.kind == "outline" and field.label == "标题")


# the words before a list; a colon alone lists too, but neither 其中： nor 12：30
_LIST = re.compile(
    r"(?P<each>分别(?:是|为|有|系))：?|(?<!不)(?P<part>(?:其中|主要)?)(?:包括|包含)(?!但不限于)：?"
    r"|(?<=[，：（])即(?![将使便时])：?|(?<!其中)(?<!\d)(?P<colon>：)(?!其中)"
)
_LIST_WORDS = ("包括", "包含", "分别", "即", "：")  # one of them is in every match
_AND = re.compile(r"以及|[和与及暨]")
_AND_SO_ON = re.compile(r"(?<![高中初平同对])等(?![级候待])[^、，]{0,8}$")
_NO_NAME = re.compile(r"^(?:其中|一是|首先|第一|一要|（?[1一][）、.])|在内$")
_LONGEST_NAME = 40
_SHORT, _PROSE = 15, re.compile(r"[已均现正共由为将了\d]")
_MOST = 1000  # no text has more lists; what is typed may be anything
#: What has no names of its own, or none that a list would give: 惠及50人，包括老人、儿童.
_CROWDS = frozenset({"人", "户", "名", "人次", "批", "批次", "次", "场", "份"})
_VERBS = re.compile(r"召开|完成|推进|实施|启动|开展|涉及|包括|组织|协调|解决|将|把|对")


@dataclass(frozen=True, slots=True)
class _Listing:
    """A list in a sentence: the clauses that lead to it, its items, where the list stands.

    ``more`` is how many clauses behind it may be names too (甲、乙，丙),
    ``is_open`` says that not everything is listed (等, 主要包括), ``is_each`` that one is listed
    for each that was counted (分别是), ``by_comma`` that commas divide it, which clauses do too.
    """

    lead: str
    items: list[str]
    more: int
    start: int
    end: int
    is_open: bool
    is_each: bool
    is_colon: bool
    by_comma: bool


@lru_cache(maxsize=1)  # two checks ask, one after the other
def _listings(text: str) -> tuple[_Listing, ...]:
    return tuple(_read_listings(text))


def _read_listings(text: str) -> Iterator[_Listing]:
    if not any(word in text for word in _LIST_WORDS):
        return
    for match in islice(_LIST.finditer(text), _MOST):
        rest = behind(text, match.end())
        clauses = split(rest, "，")
        items = split(clauses[0], "、") if clauses else []
        if not items:
            continue
        end = match.end() + rest.find(clauses[0]) + len(clauses[0])
        if match["colon"] and len(clauses) > 1 and len({one[-1] for one in items}) > 1:
            continue  # behind a colon, clauses are prose; 甲股、乙股，… are names
        lead = before(text, match.start())
        if match["colon"]:
            lead = lead.rpartition("，")[2]
        by_comma = len(items) == 1 and len(clauses) > 1
        if by_comma:
            items, end = clauses, match.end() + len(rest)
        if any(len(one) > _LONGEST_NAME or _NO_NAME.search(one) for one in items):
            continue
        is_open = bool(match["part"] or _AND_SO_ON.search(items[-1]))
        lead = "，".join(lead.split("，")[-3:])  # what is further off was not meant
        yield _Listing(
            lead=lead,
            items=items,
            more=sum(1 for one in clauses[1:] if len(one) < _SHORT and not _PROSE.search(one)),
            start=match.start() - len(lead),
            end=end,
            is_open=is_open,
            is_each=bool(match["each"]),
            is_colon=bool(match["colon"]),
            by_comma=by_comma,
        )


def lists_have_as_many_names(said: Narrative) -> Iterator[Finding]:
    """``2个项目，分别是甲、乙`` lists two names; with 等 at most as many as are counted."""
    for found in _listings(said.text):
        stated = [c for c in counts(found.lead) if found.is_each or c.measure not in _CROWDS]
        counted = {one.measure: one.number for one in stated}  # the nearest of each
        least = len(found.items)
        if not counted or found.by_comma or (least == 1 and not found.is_each):
            continue
        if any(m in counted for item in found.items for m in _measures(item)):
            continue  # 40个，甲村10个、乙村30个: a sum, not a count of names
        most = least + found.more + sum(len(_AND.findall(item)) for item in found.items)
        others = list(other_counts(found.lead))
        if any(
            least <= n and (n <= most or found.is_open)
            for n in (*counted.values(), *(one.number for one in others))
        ):
            continue
        if others and others[-1].start > stated[-1].start:
            continue  # 2个项目8场次，分别是甲、乙、丙: what is listed is not known
        yield _another_count(said, stated[-1], least, found.start + stated[-1].start, found.end)


def lists_before_a_count_are_no_longer(said: Narrative) -> Iterator[Finding]:
    """``甲、乙等3个项目`` names at most three."""
    if "等" not in said.text:
        return
    ends = (one for one in counts(said.text) if said.text[one.start - 1 : one.start] == "等")
    for one in islice(ends, _MOST):
        clause = re.split("[，：]", before(said.text, one.start - 1))[-1]
        items = split(clause, "、")
        for place in range(len(items) - 1, 0, -1):
            if _VERBS.search(items[place]) or next(counts(items[place]), None):
                items = items[place:]  # 甲、乙两街道推进丙、丁等3个: the list begins with 丙
                break
        if len(items) > one.number and all(len(item) <= _LONGEST_NAME for item in items):
            yield _another_count(said, one, len(items), one.start - 1 - len(clause), one.end)


def _measures(text: str) -> Iterator[str]:
    return (one.measure for one in counts(text))


def _another_count(said: Narrative, stated: Count, listed: int, start: int, end: int) -> Finding:
    return said.say(
        rules.LIST_COUNT, start, end, f"{listed - stated.number}",
        counted=f"{stated.number}{stated.measure}", listed=listed,
    )  # fmt: skip


def lists_add_up(said: Narrative) -> Iterator[Finding]:
    """``涉征100亩，包括甲60亩、乙40亩``: the items add up to what is stated before them."""
    for found in _listings(said.text):
        parts = [_of_one_kind(item) for item in found.items]
        if len(parts) > 1 or not found.is_colon:
            yield from _sum_is_stated(
                said, found.lead, parts, found.start, found.end, is_open=found.is_open
            )


# -- brackets: 75个（其中：甲70个，乙5个） ------------------------------------------------------

_PART_OF = re.compile(r"(?:其中[：，]?)+(?!含)|(?:其中)?含有?(?!税)")


def brackets_add_up(said: Narrative) -> Iterator[Finding]:
    """``75个（其中：甲70个，乙5个）``: the parts add up; one part, or 含, is no more than the whole."""
    around: list[int] = []  # where the brackets end that we are in
    for opened in islice(re.finditer("（(?=其中|含)", said.text), _MOST):
        around = [end for end in around if end > opened.start()]
        if len(around) > 1:
            continue  # nobody writes so; a bracket never closed would be read a thousand times
        inside = behind(said.text, opened.end())
        around.append(opened.end() + len(inside))
        which = _PART_OF.match(inside)
        if which is None:
            continue
        parts = split(inside[which.end() :], "，、；")
        if not parts:
            continue
        lead = "，".join(before(said.text, opened.start()).split("，")[-2:])
        start, end = opened.start() - len(lead), opened.end() + len(inside) + 1
        quantities = [_of_one_kind(part) for part in parts]
        if "含" not in which[0]:
            is_open = bool(_AND_SO_ON.search(parts[-1]))
            yield from _sum_is_stated(said, lead, quantities, start, end, is_open=is_open)
            continue
        for one in quantities:
            for kind in one:
                yield from _sum_is_stated(said, lead, [{kind: one[kind]}], start, end, is_open=True)


_Kinds = dict[str, "_Quantity"]


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A number with its unit: the amount in the smallest unit of its kind, and what it counts."""

    figure: Figure
    amount: Decimal
    noun: str


def _quantities(text: str) -> Iterator[tuple[str, _Quantity]]:
    for one in figures(text):
        if one.uom and one.uom != "%":
            kind, factor = ("元", YUAN[one.uom]) if one.uom in YUAN else (one.uom, 1)
            noun = re.match(r"[\u4e00-\u9fff]*", text[one.end :])
            yield kind, _Quantity(one, one.amount * factor, noun[0] if noun else "")


@lru_cache(maxsize=1024)  # lists in one sentence share their items
def _of_one_kind(text: str) -> _Kinds:
    """Return the quantities of *text* of whose kind there is but one."""
    found: dict[str, list[_Quantity]] = {}
    for kind, one in _quantities(text):
        found.setdefault(kind, []).append(one)
    return {kind: several[0] for kind, several in found.items() if len(several) == 1}


def _sum_is_stated(
    said: Narrative, lead: str, parts: list[_Kinds], start: int, end: int, *, is_open: bool
) -> Iterator[Finding]:
    """Yield a finding when *parts* do not add up to the nearest number of their kind in *lead*.

    *start* is where *lead* begins. One part alone is no more than the whole.
    """
    is_open = is_open or len(parts) == 1
    stated = dict(_quantities(lead))
    for kind in parts[0] if parts else ():
        whole, addends = stated.get(kind), [one[kind] for one in parts if kind in one]
        if whole is None or len(addends) < len(parts):
            continue
        if any(_counts_another(whole, one) for one in addends):
            continue
        apart = sum((one.amount for one in addends), Decimal(0)) - whole.amount
        if abs(apart) <= _rounding(kind, [whole, *addends]) or (is_open and apart < 0):
            continue
        uom = whole.figure.uom
        scale = YUAN.get(uom, 1)
        added = "+".join(digits(one.amount / scale) for one in addends)
        total = digits((whole.amount + apart) / scale)
        yield said.say(
            rules.PART_TOO_LARGE if len(addends) == 1 else rules.PARTS_SUM,
            start + whole.figure.start, end, digits(apart / scale),
            stated=f"{digits(whole.amount / scale)}{uom}", apart=digits(abs(apart) / scale) + uom,
            added=f"{added}={total}{uom}" if len(addends) > 1 else f"{added}{uom}",
        )  # fmt: skip


def _counts_another(whole: _Quantity, part: _Quantity) -> bool:
    """Whether two counts are of other things: 5个片区（含12个社区）."""
    if not is_counting(whole.figure.uom) or not whole.noun or not part.noun:
        return False
    pairs = {whole.noun[i : i + 2] for i in range(len(whole.noun) - 1)}
    return not any(pair in part.noun for pair in pairs)


def _rounding(kind: str, quantities: list[_Quantity]) -> Decimal:
    """Return how far rounded amounts of money may be apart; everything else is exact."""
    places = max(one.figure.places for one in quantities)
    if kind != "元" or places < 2:
        return Decimal(0)
    unit = max(YUAN[one.figure.uom] for one in quantities) * Decimal(1).scaleb(-places)
    return unit * max(Decimal(1), Decimal(len(quantities) - 1) / 2)


# -- shares: 甲占40%，乙占30%，丙占30% ---------------------------------------------------------

_SHARE = re.compile(r"占[^，。；、：%\d]{0,15}(\d+(?:\.\d+)?)%")


def shares_add_up(said: Narrative) -> Iterator[Finding]:
    """Three or more shares in one sentence that nearly make 100% make 100%, but for rounding."""
    if said.text.count("占") < 3:
        return
    for sentence in re.finditer(r"[^。！？\n]+", said.text):
        shares = list(_SHARE.finditer(sentence[0]))
        whole = sum((Decimal(one[1]) for one in shares), Decimal(0))
        if len(shares) < 3 or not 90 <= whole <= 110:
            continue
        if abs(whole - 100) > Decimal("0.1") * len(shares):
            start = sentence.start()
            yield said.say(
                rules.SHARES_SUM, start + shares[0].start(), start + shares[-1].end(),
                digits(whole - 100), total=f"{digits(whole)}%", number=len(shares),
            )  # fmt: skip


_COUNTED = re.compile("[0-9两二三四五六七八九十]")

NARRATIVE_CHECKS: tuple[Callable[[Narrative], Iterator[Finding]], ...] = (
    lists_have_as_many_names,
    lists_add_up,
    lists_before_a_count_are_no_longer,
    brackets_add_up,
    shares_add_up,
)


def narrative_findings(data: Data) -> Iterator[Finding]:
    """Yield what the narratives contradict themselves in, each once, sheet by sheet."""
    for said in narratives(data):
        if not _COUNTED.search(said.text):
            continue  # most headings and many sentences have no number
        for check in NARRATIVE_CHECKS:
            yield from dict.fromkeys(check(said))
