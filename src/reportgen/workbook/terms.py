"""What an expression is in Excel: a few small formulas for a number, a text, or a condition.

A number is three formulas: what it is (0 where there is none), whether it is blank, whether a
divisor in it is 0. They are put together side by side, so that the whole grows with the number
of its parts, and not with the power of its depth. What cannot be read is an error of Excel's in
``blank`` (of a condition: in ``code``), and so spreads to all that rests on it by itself.

Nothing here reduces a column to one value (no AND, OR, MIN, COUNT), and conditions are multiplied
and added: the same formula holds for one cell, and in an array formula for each row of a column.
Every formula here may stand as an operand without further brackets, and is a number where it says
yes or no: Excel does not take FALSE for 0 in a comparison (LibreOffice does).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reportgen.fieldtypes import NO_NUMBER, NOT_APPLICABLE, NOT_YES, YES
from reportgen.form import Field

NEVER, ALWAYS = "0", "1"
UNREADABLE = "NA()"
#: What a formula's cell shows for what cannot be known, and for a quotient by 0.
UNKNOWN, NO_QUOTIENT = "？", "—"


class UntranslatableError(ValueError):
    """The expression has no Excel form."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number, or (``day``) a date as Excel counts days.

    ``words`` are what the cell of a formula shows where this is blank. ``named`` is a value with a
    field of its own: alone as a condition it asks whether it is filled in. ``wide`` is one value
    for each row of a column. ``decimals`` is the most it can have; None: any number. ``face`` is
    what a cell shows of it, where that can be said shorter than by the three.
    """

    value: str
    blank: str = NEVER
    zero: str = NEVER
    words: str = '""'
    named: bool = False
    wide: bool = False
    day: bool = False
    decimals: int | None = None
    face: "Face | None" = None


@dataclass(frozen=True, slots=True)
class Words:
    """A text; ``yes_no`` is 是 or 否, ``refers`` a name that another section may spell otherwise."""

    value: str
    blank: str = NEVER
    zero: str = NEVER
    words: str = '""'
    named: bool = False
    wide: bool = False
    yes_no: bool = False
    face: "Face | None" = None
    refers: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition: ``code`` is 1 true, 0 false, 2 unknown, an error where it rests on one.

    ``true``, ``false`` and ``wrong`` (rests on an error) are 0 or 1 and never errors.
    """

    code: str
    true: str
    false: str
    wrong: str
    zero: str = NEVER
    wide: bool = False
    plain: bool = True

    @property
    def yes(self) -> str:
        """A formula that is true where this is, and an error where it rests on one."""
        return f"{self.code}=1" if self.plain else f"IF({self.wrong},{UNREADABLE},{self.true})"


Term = Number | Words | Truth
#: The decimals to round to (None: not at all) → a formula of a number, of words, or an error.
Face = Callable[[int | None], str]


# -- cells and literals ------------------------------------------------------------


def text(value: str) -> str:
    """Return a text as it stands in a formula."""
    return '"' + value.replace('"', '""') + '"'


def literal(value: object) -> Term:
    """Return a literal of an expression.

    Raises:
        UntranslatableError: it is neither number nor text nor truth.
    """
    match value:
        case bool():
            return truth(ALWAYS if value else NEVER)
        case int() | float():
            amount = Decimal(repr(value))
            exponent = amount.normalize().as_tuple().exponent
            assert isinstance(exponent, int)  # a literal is finite
            return Number(format(amount, "f"), decimals=max(0, -exponent))
        case str() if value:
            return Words(text(value))
    raise UntranslatableError(value)


def empty() -> Number:
    """Return a value that is always blank."""
    return Number("0", ALWAYS, decimals=0)


def read_cell(ref: str, field: Field, *, wide: bool = False, light: bool = False) -> Number | Words:
    """Return what stands in the cell (or column) *ref* of *field*, read as ``fieldtypes`` does.

    A number is read by ``read_number``. *light* is shorter: a choice is believed to be from the
    list.

    Raises:
        UntranslatableError: Excel cannot read a picture.
    """
    match field.type:
        case "date":
            blank = f"IF(ISNUMBER({ref}),0,1+0*{_listed(ref, NOT_APPLICABLE)})"
            value = f"IF(ISNUMBER({ref}),INT({ref}),0)"
            return Number(value, blank, words=f"TRIM({ref})", named=True, wide=wide, day=True)
        case "choice" if not light:
            nothing = NOT_APPLICABLE - set(field.choices)
            blank = (
                f"IF(ISNUMBER({_listed(ref, field.choices, '|')}),0,1+0*{_listed(ref, nothing)})"
            )
            return Words(f"TRIM({ref})", blank, words=f"TRIM({ref})", named=True, wide=wide)
        case "yes_no":
            lower = f"LOWER({ref})"
            known = _listed(lower, YES | NOT_YES, "|")
            blank = f"IF(ISNUMBER({known}),0,1+0*{_listed(ref, NOT_APPLICABLE)})"
            value = f'IF(ISNUMBER({_listed(lower, YES, "|")}),"是","否")'
            return Words(value, blank, words=f"TRIM({ref})", named=True, wide=wide, yes_no=True)
        case "text" | "narrative" | "choice":
            # LEN passes an error on, which ISNUMBER would hide
            blank = f"(ISNUMBER({_listed(ref, NOT_APPLICABLE)})+0*LEN({ref}))"
            value = f"TRIM({ref})" if field.type == "choice" else f'({ref}&"")'
            refers = field.source is not None
            return Words(value, blank, words=f"TRIM({ref})", named=True, wide=wide, refers=refers)
    raise UntranslatableError(field.type)


def read_number(names: tuple[str, str], ref: str, field: Field, *, wide: bool = False) -> Number:
    """Return the number in the cell (or column) *ref*, from its *names* (``readings``)."""
    places = field.places
    match field.type:
        case "integer" | "year":
            places = 0
        case "percent":
            places = None if places is None else places + 2
    return Number(*names, words=f"TRIM({ref})", named=True, wide=wide, decimals=places)


def read_formula(ref: str, like: Term, decimals: int | None) -> Term:
    """Return what the cell of a formula shows; *like* says what the formula gives."""
    if isinstance(like, Number) and not like.day:
        blank = f"IF(ISNUMBER({ref}),0,1+0*{_listed(ref, NOT_APPLICABLE | NO_NUMBER)})"
        value = f"IF(ISNUMBER({ref}),{ref},0)"
        return Number(value, blank, words=f"TRIM({ref})", named=True, decimals=decimals)
    if isinstance(like, Number):
        return read_cell(ref, Field(label="", type="date"))
    if isinstance(like, Words) and not like.yes_no:
        read = read_cell(ref, Field(label=""))
        return replace(read, blank=f"IF({ref}={text(UNKNOWN)},{UNREADABLE},{read.blank})")
    return read_cell(ref, Field(label="", type="yes_no"))


def _listed(ref: str, words: Collection[str], start: str = "||") -> str:
    """Return a formula that is a number if the cell holds one of *words*, else an error.

    An empty cell counts too, unless *start* is a single bar.
    """
    listed = "|".join(words if isinstance(words, tuple) else sorted(words))
    return f'FIND("|"&TRIM({ref})&"|",{text(f"{start}{listed}|")})'


# -- arithmetic --------------------------------------------------------------------


def number(term: object) -> Number:
    """Return *term* as an operand of arithmetic.

    Raises:
        UntranslatableError: it is none.
    """
    if isinstance(term, Number) and not term.day:
        return term
    raise UntranslatableError(term)


def add(signed: Sequence[tuple[str, Number]]) -> Number:
    """Return a sum of terms with their signs: a blank counts 0, nothing but blanks give a blank."""
    value = "".join(sign + one.value for sign, one in signed).removeprefix("+")
    terms = [one for _, one in signed]
    return Number(
        f"({value})", all_of(t.blank for t in terms), any_of(t.zero for t in terms),
        wide=any(t.wide for t in terms), decimals=most_of(terms),
    )  # fmt: skip


def multiply(left: Number, right: Number) -> Number:
    """Return the product; a blank gives a blank."""
    known = left.decimals is not None and right.decimals is not None
    return Number(
        f"({left.value}*{right.value})", any_of((left.blank, right.blank)),
        any_of((left.zero, right.zero)), wide=left.wide or right.wide,
        decimals=(left.decimals or 0) + (right.decimals or 0) if known else None,
    )  # fmt: skip


def divide(left: Number, right: Number) -> Number:
    """Return the quotient; a divisor 0 makes the whole expression not applicable."""
    # 0.3-0.1-0.2 is not quite 0 in Excel
    by_zero = f"1*(ROUND({right.value},9)=0)"
    for blank in (left.blank, right.blank):
        by_zero += f"*({blank}=0)" if blank != NEVER else ""
    return Number(
        f"IFERROR({left.value}/{right.value},0)", any_of((left.blank, right.blank)),
        any_of((left.zero, right.zero, f"IFERROR({by_zero},0)")), wide=left.wide or right.wide,
    )  # fmt: skip


def negative(one: Number) -> Number:
    """Return the number with the other sign."""
    return replace(one, value=f"(-{one.value})", words='""', named=False, face=None)


def rounded(one: Number, places: int) -> Number:
    """Return the number rounded half-up; a blank passes through."""
    return replace(one, value=f"ROUND({one.value},{places})", decimals=max(places, 0), face=None)


def magnitude(one: Number) -> Number:
    """Return the number without its sign; a blank passes through."""
    return replace(one, value=f"ABS({one.value})", face=None)


def extreme(name: str, terms: Sequence[Number]) -> Number:
    """Return the least (``min``) or the greatest of *terms*; blanks do not count."""
    zero, decimals = any_of(t.zero for t in terms), most_of(terms)
    if not any(t.wide for t in terms):  # else MIN would make one number of a whole column
        none = "1E+300" if name == "min" else "-1E+300"
        listed = [t.value if t.blank == NEVER else f"IF({t.blank},{none},{t.value})" for t in terms]
        value = f"{name.upper()}({','.join(listed)})"
        blank = all_of(t.blank for t in terms)
        value = value if blank == NEVER else f"IF({blank},0,{value})"
        return Number(value, blank, zero, decimals=decimals)
    best, *rest = terms
    sign = "<=" if name == "min" else ">="
    for one in rest:
        right = f"IF({one.blank}+({best.value}{sign}{one.value}),{best.value},{one.value})"
        value = f"IF({best.blank},{one.value},{right})" if best.blank != NEVER else right
        best = Number(value, all_of((best.blank, one.blank)), zero, wide=True, decimals=decimals)
    return best


def count(terms: Sequence[Number | Words]) -> Number:
    """Return how many of *terms* are filled in, readable or not."""
    filled = "+".join(f"IFERROR(1*({t.blank}=0),1)" for t in terms) or "0"
    return Number(
        f"({filled})",
        zero=any_of(t.zero for t in terms),
        wide=any(t.wide for t in terms),
        decimals=0,
    )


def any_of(conditions: Iterable[str]) -> str:
    """Return a condition that is not 0 where one of *conditions* is not."""
    parts = [c for c in conditions if c != NEVER]
    return f"({'+'.join(parts)})" if len(parts) > 1 else parts[0] if parts else NEVER


def all_of(conditions: Iterable[str]) -> str:
    """Return a condition that is not 0 where all *conditions* are not; an error in one stays."""
    parts = list(conditions)
    if all(part == NEVER for part in parts):
        return NEVER
    return f"({'*'.join(parts)})" if len(parts) > 1 else parts[0]


def most_of(terms: Sequence[Number]) -> int | None:
    """Return the most decimals that any of *terms* can have; None: any number."""
    found = [t.decimals for t in terms]
    return None if None in found else max(d for d in found if d is not None)


def truth(code: str, zero: str = NEVER, *, wide: bool = False) -> Truth:
    """Return the condition of *code*."""
    return Truth(
        code, f"IFERROR(1*({code}=1),0)", f"IFERROR(1*({code}=0),0)", f"(1*ISERROR({code}))",
        zero, wide,
    )  # fmt: skip


def only_where(condition_: str, other: str) -> str:
    """Return *other* as a condition that counts only where the first is true."""
    return NEVER if other == NEVER else f"({condition_}*{other})"


# -- what does not apply, and what a cell shows --------------------------------------


def blank_where(gate: str, one: Term) -> Term:
    """Return *one*, blank where *gate* is true: what does not apply is as if it were empty."""
    if gate == NEVER:
        return one
    if isinstance(one, Truth):
        return truth(f"IF({gate},2,{one.code})", only_where(f"(1-{gate})", one.zero), wide=one.wide)
    value = f"IF({gate},{NEVER if isinstance(one, Number) else text('')},{one.value})"
    words = f'IF({gate},"",{one.words})' if one.words != '""' else one.words
    return replace(
        one, value=value, blank=f"IF({gate},1,{one.blank})", words=words,
        zero=only_where(f"(1-{gate})", one.zero),
        face=lambda places: f'IF({gate},"",{faced(one, places)})',
    )  # fmt: skip


def settled(one: Term) -> Term:
    """Return the value of a formula as other formulas see it: by 0 divided, it is not applicable."""
    if isinstance(one, Truth):
        one = Words(
            f'IF({one.code}=1,"是","否")',
            f"(1*({one.code}=2))",
            one.zero,
            wide=one.wide,
            yes_no=True,
        )
    if one.zero == NEVER:
        return replace(one, named=True)
    words = f"IF({one.zero},{text(NO_QUOTIENT)},{one.words})"
    blank = f"IF({one.zero},1,{one.blank})"
    return replace(
        one, blank=blank, zero=NEVER, words=words, named=True,
        face=one.face or (lambda places: faced(one, places)),
    )  # fmt: skip


def faced(one: Term, places: int | None) -> str:
    """Return what a cell shows of *one*: a number rounded to *places*, words, or an error."""
    if isinstance(one, Truth):
        said = f'CHOOSE(1+{one.code},"否","是","")'
        return or_no_quotient(one.zero, said)
    if one.face:
        return one.face(places)
    if one.blank == ALWAYS:
        return one.words
    value = one.value
    if isinstance(one, Number) and places is not None and not one.day:
        value = f"ROUND({value},{places})"
    if one.blank != NEVER:
        value = f"IF({one.blank},{one.words},{value})"
    return or_no_quotient(one.zero, value)


def or_no_quotient(zero: str, said: str) -> str:
    """Return what a cell shows: *said*, or that it is no quotient."""
    return said if zero == NEVER else f"IF({zero},{text(NO_QUOTIENT)},{said})"


def shown(one: Term, places: int | None) -> str:
    """Return the formula of a cell that shows *one*, rounded to *places*."""
    return f"=IFERROR({faced(one, places)},{text(UNKNOWN)})"
