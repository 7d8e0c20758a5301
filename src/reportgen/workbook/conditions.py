"""Conditions in Excel, of three values, and the choice between two terms.

A condition is true, false, or unknown, as ``expression.py`` has it; one that rests on a cell that
cannot be read is an error.
"""

from collections.abc import Sequence

from reportgen.workbook.terms import (
    ALWAYS,
    NEVER,
    UNREADABLE,
    Number,
    Term,
    Truth,
    UntranslatableError,
    Words,
    any_of,
    empty,
    faced,
    most_of,
    only_where,
    or_no_quotient,
    truth,
)

_SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
#: Binary fractions are compared to this many decimals.
_DECIMALS = 6


def condition(term: object) -> Truth:
    """Return *term* as a condition: a bare name asks whether it is filled in, 是 and 否 say it.

    Raises:
        UntranslatableError: it is none.
    """
    match term:
        case Truth():
            return term
        case Number() | Words():
            true = f'1*({term.value}="是")' if isinstance(term, Words) and term.yes_no else ALWAYS
            if term.blank != NEVER:
                true = f"IF({term.blank},{'0' if term.named else '2'},{true})"
            return truth(f"({true})" if term.blank == NEVER else true, term.zero, wide=term.wide)
    raise UntranslatableError(term)


def compare(left: object, sign: str, right: object, allowed: str = "") -> Truth:
    """Return the comparison *sign* (Jinja's name); numbers within *allowed* of it hold too.

    Raises:
        UntranslatableError: Excel cannot compare these so.
    """
    left, right = _beside(left, right), _beside(right, left)
    match left, right:
        case Number(), Number() if left.day == right.day:
            holds = _numbers(difference(left, right), sign, allowed)
        case Words(), Words() if sign in {"eq", "ne"}:
            holds = alike(left, right)
            holds = f"(1*{holds})" if sign == "eq" else f"(1-{holds})"
        case (Number(), Words()) | (Words(), Number()) if sign in {"eq", "ne"}:
            holds = NEVER if sign == "eq" else ALWAYS
        case _:
            raise UntranslatableError(sign)
    blank = any_of((left.blank, right.blank))
    code = holds if blank == NEVER else f"IF({blank},2,{holds})"
    return truth(code, any_of((left.zero, right.zero)), wide=left.wide or right.wide)


def alike(left: Words, right: Words, right_as: str = "{}") -> str:
    """Return whether two texts are the same, sign by sign; *right_as* puts a function around one.

    A name that refers to another section is found there in either width and with any space in it
    (``sources.py``); of all that ``narrow`` makes alike these are what clerks type.
    """
    texts = [left.value, right.value]
    if (left.refers or right.refers) and not any(text.startswith('"') for text in texts):
        for wide, half in (("（", "("), ("）", ")"), (" ", ""), ("\u3000", "")):
            texts = [f'SUBSTITUTE({text},"{wide}","{half}")' for text in texts]
    return f"EXACT({texts[0]},{right_as.format(texts[1])})"


def difference(left: Number, right: Number) -> str:
    """Return how far two numbers are apart, to the decimals that a comparison looks at."""
    apart = left.value if right.value == "0" else f"{left.value}-{right.value}"
    return f"ROUND({apart},{_DECIMALS})"


def _numbers(apart: str, sign: str, allowed: str) -> str:
    if not allowed or sign == "ne":
        return f"(1*({apart}{_SIGNS[sign]}0))"
    match sign:
        case "eq":
            return f"(1*(ABS({apart})<={allowed}))"
        case "lt" | "lteq":
            return f"(1*({apart}<={allowed}))"
    return f"(1*({apart}>=-{allowed}))"


def joined(parts: Sequence[Term]) -> Words:
    """Return texts and whole numbers behind one another; blank where one of them is.

    Raises:
        UntranslatableError: Excel would print a part in another way.
    """
    said, blank = [], []
    for one in parts:
        plain = isinstance(one, Words) or (isinstance(one, Number) and one.decimals == 0)
        if isinstance(one, Truth) or not plain or one.zero != NEVER:
            raise UntranslatableError("~")
        said.append(one.value)
        blank.append(one.blank)
    return Words(f"({'&'.join(said)})", any_of(blank), wide=any(t.wide for t in parts))


def _beside(one: object, other: object) -> Number | Words:
    """Return an operand of a comparison as what stands *other* side asks for."""
    match one, other:
        case Words(), Number(day=True):
            return Number(f"DATEVALUE({one.value})", one.blank, one.zero, wide=one.wide, day=True)
        case Truth(code="1" | "0"), Words(yes_no=True):
            return Words('"是"' if one.code == ALWAYS else '"否"')
        case ((Number() | Words()), _):
            return one
    raise UntranslatableError(one)


def contained(part: object, whole: object) -> Truth:
    """Return whether a list of terms has *part*, or a text has it in it.

    Raises:
        UntranslatableError: Excel cannot tell.
    """
    if isinstance(whole, list) and isinstance(part, Number | Words):
        hits = [compare(part, "eq", one) for one in whole]
        found = "+".join(hit.true for hit in hits) or "0"
        code = f"(1*({found}>0))"
        if part.blank != NEVER:
            code = f"IF({part.blank},2,{code})"
        wide = part.wide or any(hit.wide for hit in hits)
        return truth(code, any_of([part.zero, *(hit.zero for hit in hits)]), wide=wide)
    if isinstance(part, Words) and isinstance(whole, Words):
        blank = any_of((part.blank, whole.blank))
        code = f"(1*ISNUMBER(FIND({part.value},{whole.value})))"
        if blank != NEVER:
            code = f"IF({blank},2,{code})"
        zero = any_of((part.zero, whole.zero))
        return truth(code, zero, wide=part.wide or whole.wide)
    raise UntranslatableError(part)


def then(first: Truth, second: Truth) -> Truth:
    """Return a chained comparison: the second counts only where the first holds."""
    code = f"IF({first.code}=1,{second.code},{first.code})"
    zero = any_of((first.zero, only_where(first.true, second.zero)))
    return truth(code, zero, wide=first.wide or second.wide)


def both(a: Truth, b: Truth) -> Truth:
    """Return ``a and b``, of three values: false and unknown is false."""
    true = f"({a.true}*{b.true})"
    false = f"(1*({a.false}+{b.false}>0))"
    wrong = f"({a.wrong}*(1-{b.false})+{a.true}*{b.wrong})"
    zero = any_of((a.zero, only_where(f"(1-{a.false})", b.zero)))
    return _composed(true, false, wrong, zero, wide=a.wide or b.wide)


def either(a: Truth, b: Truth) -> Truth:
    """Return ``a or b``, of three values: true or unknown is true."""
    true = f"(1*({a.true}+{b.true}>0))"
    false = f"({a.false}*{b.false})"
    wrong = f"({a.wrong}*(1-{b.true})+{a.false}*{b.wrong})"
    zero = any_of((a.zero, only_where(f"(1-{a.true})", b.zero)))
    return _composed(true, false, wrong, zero, wide=a.wide or b.wide)


def negate(a: Truth) -> Truth:
    """Return ``not a``; unknown stays unknown."""
    return _composed(a.false, a.true, a.wrong, a.zero, wide=a.wide)


def _composed(true: str, false: str, wrong: str, zero: str, *, wide: bool) -> Truth:
    code = f"IF({wrong},{UNREADABLE},2-2*{false}-{true})"
    return Truth(code, true, false, wrong, zero, wide, plain=False)


def choose(asked: Truth, yes: Term, no: Term | None) -> Term:
    """Return ``yes if asked else no``: unknown takes the else, what is left out is blank.

    Raises:
        UntranslatableError: the two are not of one kind.
    """
    if no is None:
        no = empty() if isinstance(yes, Number) else Words('""', ALWAYS)

    def pick(a: str, b: str) -> str:
        return a if a == b else f"IF({asked.yes},{a},{b})"

    zero = NEVER
    if (yes.zero, no.zero) != (NEVER, NEVER):
        zero = f"IFERROR({pick(yes.zero, no.zero)},0)"
    zero = any_of((asked.zero, zero))
    wide = asked.wide or yes.wide or no.wide

    def face(places: int | None) -> str:
        said = f"IF({asked.yes},{faced(yes, places)},{faced(no, places)})"
        return or_no_quotient(asked.zero, said)

    # an unreadable condition makes the whole unreadable, even where both sides are alike
    match yes, no:
        case Truth(), Truth():
            return truth(f"IF({asked.yes},{yes.code},{no.code})", zero, wide=wide)
        case Number(), Number() if yes.day == no.day:
            return Number(
                pick(yes.value, no.value), f"IF({asked.yes},{yes.blank},{no.blank})", zero,
                pick(yes.words, no.words), yes.named and no.named, wide, yes.day,
                most_of((yes, no)), face,
            )  # fmt: skip
        case Words(), Words():
            return Words(
                pick(yes.value, no.value), f"IF({asked.yes},{yes.blank},{no.blank})", zero,
                pick(yes.words, no.words), yes.named and no.named, wide, yes.yes_no and no.yes_no,
                face,
            )  # fmt: skip
    raise UntranslatableError(type(no).__name__)
