"""What a template sees, and the one gate through which every value reaches the page.

``environment()`` is the Jinja environment of all templates: sandboxed, strict about names, escaping
always on (docxtpl otherwise loses everything behind an ``&`` or ``<``, silently).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import wraps
from math import isfinite
from typing import Any

from jinja2 import (
    StrictUndefined,
    TemplateRuntimeError,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
    nodes,
    pass_eval_context,
)
from jinja2.filters import do_batch, do_replace, sync_do_slice
from jinja2.runtime import LoopContext
from jinja2.sandbox import MAX_RANGE, ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from markupsafe import Markup, escape

from reportgen.compute import Data
from reportgen.filters import FILTERS, FUNCTIONS, UnfitError
from reportgen.headings import identifier, label_of
from reportgen.limits import MOST_BITS, TooMuchError, counted, take_characters, take_round
from reportgen.printed import capturing, noting
from reportgen.show import is_endless, show
from reportgen.signs import without_control
from reportgen.value import DivisorZeroError, NotANumberError, Number, Picture, Value, number

#: Jinja's own filters that do right by our values. Not ``safe``: a unit's text would become XML;
#: not ``int float string``: they would print a number without its digits, places or percent sign.
_JINJA_FILTERS = (
    "d", "default", "first", "groupby", "last", "length", "list",
    "map", "reject", "rejectattr", "reverse", "select", "selectattr", "sort",
    "unique",
)  # fmt: skip
#: They change the text that a value prints as: nothing prints nothing, never a word of Python's.
_TEXT_FILTERS = ("capitalize", "lower", "title", "trim", "upper")
_INDENT = " \t　 "
_IS_PLAIN = re.compile(r"[^&<>'\"_\n]*").fullmatch
_LONGEST_ROW = 10_000
_OF_JINJA = (LoopContext, Namespace)
_NUMBERS = (int, float, Decimal, Fraction)
_CAPTURING = (nodes.AssignBlock, nodes.Macro, nodes.CallBlock, nodes.FilterBlock)
_TOO_LARGE = "算出的数太大"
_TOO_DEEP = "too deep"
#: Of conditions, loops, brackets, terms and filters: what goes through them takes five of the thousand
#: calls that Python has in each other.
_DEEPEST = 120


class UnprintableError(TypeError):
    """A tag holds something that cannot stand there; the message is Chinese.

    ``operand`` is the value at fault, where it is one that may know its cell.
    """

    def __init__(self, message: str, operand: object = None) -> None:
        super().__init__(message)
        self.operand = operand


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Names are looked up as items and never as Python attributes; numbers are exact.

    Whatever can be repeated or grow is counted (``limits``).
    """

    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "%", "**"])

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the member of *obj* called *attribute*: ``.items`` is a field, never a method."""
        return self.getitem(obj, label_of(attribute))

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return the member or the element of *obj*."""
        if isinstance(obj, _OF_JINJA) and isinstance(argument, str):
            return super().getattr(obj, argument)
        try:
            if hasattr(obj, "lookup"):
                return obj.lookup(argument)
            if isinstance(obj, Mapping | list | tuple):
                return obj[int(argument) if isinstance(argument, Number) else argument]
        except (KeyError, IndexError, TypeError):
            pass
        return self.undefined(obj=obj, name=str(argument))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Parse; what ``~`` joins prints as its field asks, as everything else does."""
        try:
            tree = super()._parse(source, name, filename)
        except RecursionError:
            raise TemplateSyntaxError(_TOO_DEEP, 1, name, filename) from None
        except ValueError:  # a number of more digits than Python reads
            raise TemplateSyntaxError("too long", 1, name, filename) from None
        _look_at_depth(tree, name, filename)
        for node in list(tree.find_all((nodes.Const, nodes.Concat, nodes.Output))):
            match node:
                case nodes.Const(value=float() as value) if not isfinite(value):
                    raise TemplateSyntaxError("infinite", node.lineno, name, filename)
                case nodes.Const(value=str() as text) if without_control(text) != text:
                    raise TemplateSyntaxError("no document holds it", node.lineno, name, filename)
                case nodes.Concat():
                    node.nodes = [_through("_printed", part) for part in node.nodes]
                case nodes.Output():
                    # Jinja makes a literal text before the gate sees it: none would print None
                    node.nodes = [
                        _through("_printed", part)
                        if isinstance(part, nodes.Literal) and not _is_text(part)
                        else part
                        for part in node.nodes
                    ]
        return tree

    def _generate(self, source: nodes.Template, *more: Any, **named: Any) -> str:
        """Compile; each loop counts its rounds, and what is printed into a variable is told apart."""
        found = list(source.find_all((nodes.For, *_CAPTURING)))
        for loop in found:
            if isinstance(loop, nodes.For):
                loop.iter = _through("_counted", loop.iter)
        for block in found:
            for output in () if isinstance(block, nodes.For) else block.find_all(nodes.Output):
                output.nodes = [
                    one if isinstance(one, nodes.TemplateData) else _through("_captured", one)
                    for one in output.nodes
                ]
        return super()._generate(source, *more, **named)

    def call(self, context: Any, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call, as one round: what is called may call itself."""
        take_round()
        return super().call(context, called, *args, **kwargs)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Calculate with exact decimals; texts and lists are joined as Python does."""
        for operand in (left, right):
            if isinstance(operand, str | list | tuple | dict):
                if operator != "+":
                    raise NotANumberError(operand)  # Python would repeat a text that is multiplied
                take_characters(len(operand))
                if not isinstance(operand, str) and len(operand) > MAX_RANGE:
                    raise TooMuchError("拼出的表太长")
        if operator in "+-*/" and isinstance(left, int | float) and isinstance(right, int | float):
            left = number(left)
        if operator == "**" and (abs(left) > MOST_BITS or abs(right) > 99):
            raise TooMuchError(_TOO_LARGE)
        result = super().call_binop(context, operator, left, right)
        if isinstance(result, Number) and _bits(result) > MOST_BITS:
            raise TooMuchError(_TOO_LARGE)
        return result


def _look_at_depth(tree: nodes.Node, name: str | None, filename: str | None) -> None:
    """Raise TemplateSyntaxError where so much stands in each other that Python gives up on it."""
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise TemplateSyntaxError(_TOO_DEEP, level[0].lineno, name, filename)
        level = [child for node in level for child in node.iter_child_nodes()]


def _bits(amount: Number) -> int:
    """Return about how many bits a number has, before and behind the point."""
    if isinstance(amount.value, Decimal):
        return 4 * (abs(amount.value.adjusted()) + len(amount.value.as_tuple().digits))
    return amount.value.numerator.bit_length() + amount.value.denominator.bit_length()


def _is_text(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.TemplateData) or (
        isinstance(node, nodes.Const) and isinstance(node.value, str)
    )


def _through(name: str, node: Any) -> nodes.Expr:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _joinable(value: Any) -> str:
    """Return what ``~`` joins; a text that is joined to itself doubles each time."""
    text = printable(value)
    take_characters(len(text))
    return text


def _timed(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """Let *filter_* count as a round: a thousand of them may stand in one tag."""

    @wraps(filter_)  # Jinja's own marks too
    def apply(*args: Any, **more: Any) -> Any:
        take_round()
        made = filter_(*args, **more)
        return counted(made) if isinstance(made, Iterator) else made

    return apply


def _of_text(filter_: Callable[..., str]) -> Callable[..., str]:
    return lambda value, *more: filter_(printable(value), *more)


def _range(*bounds: Any) -> range:
    """The whole numbers between *bounds*, as Python's."""
    numbers = range(*bounds)
    if len(numbers) > MAX_RANGE:
        raise TooMuchError(f"一次循环最多 {MAX_RANGE // 10_000} 万轮")
    return numbers


def _batch(value: Any, size: Any, fill: Any = None) -> Iterator[list[Any]]:
    """The items in lists of *size*, the last one filled up."""
    if int(size) > _LONGEST_ROW:
        raise TooMuchError(f"一行最多 {_LONGEST_ROW} 个")
    return counted(do_batch(value, int(size), fill))


def _slice(value: Any, number: Any, fill: Any = None) -> Iterator[list[Any]]:
    """The items in *number* lists."""
    return counted(sync_do_slice(value, int(number), fill))


@pass_eval_context
def _replace(where: Any, text: Any, old: Any, new: Any, count: int | None = None) -> str:
    """The text with *old* replaced by *new*."""
    text, old, new = (one if isinstance(one, str) else printable(one) for one in (text, old, new))
    take_characters(len(text) + text.count(old) * len(new))
    return do_replace(where, text, old, new, count)


def _as_it_is(value: Any) -> Any:
    """Everything is escaped once, at the gate: ``|e`` has nothing left to do."""
    return value


def environment(finalize: Callable[[Any], Any]) -> TemplateEnvironment:
    """Return an environment whose values pass through *finalize*."""
    made = TemplateEnvironment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=noting(finalize),
        keep_trailing_newline=True,
    )
    namespace = made.globals["namespace"]
    made.globals.clear()
    made.globals.update(range=_range, namespace=namespace)
    made.globals.update(FUNCTIONS)
    kept = {name: _timed(made.filters[name]) for name in _JINJA_FILTERS}
    kept |= {name: _of_text(made.filters[name]) for name in _TEXT_FILTERS}
    made.filters.clear()
    made.filters.update(kept)
    made.filters.update(FILTERS, _printed=_joinable, e=_as_it_is, escape=_as_it_is)
    made.filters["_captured"] = capturing(finalize)
    made.filters.update(_counted=counted, batch=_batch, slice=_slice, replace=_replace)
    return made


def names(data: Data, extra: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return the context of a template: every top-level name of *data*, and *extra* ones."""
    found = {name: data.lookup(name) for name in data.form.names().members}
    found.update(extra or {})
    return {identifier(name): value for name, value in found.items()}


def reason(error: Exception) -> str:
    """Return why a tag failed, in Chinese; an empty string for what must be a bug of ours."""
    match error:
        case UndefinedError():
            return "用到的名称没有值"
        case DivisorZeroError():
            return "除数为 0"
        case UnprintableError() | UnfitError() | TooMuchError():
            return str(error)
        case RecursionError() | SyntaxError():
            return "标记一层套一层，没有尽头"
        case NotANumberError(operand=operand):
            return f"“{operand}”不是数"
        case TemplateRuntimeError() | TemplateSyntaxError():
            return "用了没有的过滤器或写法"
        case TypeError() | ValueError() | ArithmeticError() | LookupError() | AttributeError():
            return "过滤器或运算用在了不合适的值上"
    return ""


def printable(value: Any) -> str:
    """Return *value* as it prints, unescaped.

    Raises:
        UnprintableError: it is a table, a list, or a quotient without an end and without places.
    """
    if isinstance(value, Number):
        if is_endless(value):
            raise UnprintableError("除法的结果写不成有限小数，请加 |小数(2) 这样的过滤器")
        return show(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Undefined):
        return str(value)  # raises: the name is unknown
    if isinstance(value, Value):
        return show(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, _NUMBERS):
        return printable(number(value))
    if value is None:
        return ""
    raise UnprintableError("这里要一个值，标记里却是一张表或一组值")


def on_the_page(value: Any, draw: Callable[[Picture], Markup], new_paragraph: str) -> Markup:
    """Print *value* into Word's XML: escaped, each line of a narrative its own paragraph.

    *draw* returns the XML of a picture, *new_paragraph* is the XML between two lines.

    The white space that people type to indent a paragraph goes, because the paragraph's own style
    indents it; so do empty lines between paragraphs.
    """
    if isinstance(value, Markup):
        return value
    if isinstance(value, Picture):
        return draw(value)
    text = printable(value)
    if _IS_PLAIN(text):  # most are: nothing to escape, nor for Markup to look at
        return str.__new__(Markup, text)
    text = str(escape(text))
    if "\n" in text:
        lines = [line.strip(_INDENT) for line in text.split("\n")]
        text = new_paragraph.join(line for line in lines if line)
    # docxtpl turns {_{ into {{ in the finished document; a value must print as typed
    return Markup(text.replace("_", "&#95;"))  # noqa: S704


def on_one_line(value: Any) -> Markup:
    """Print *value* where there are no paragraphs: a document property."""
    if isinstance(value, Markup):
        return value  # a text of the template, which Jinja escapes when it compiles
    return escape(" ".join(printable(value).split("\n")))


def in_a_file_name(value: Any) -> Markup:
    """Print *value* into a file name: what separates folders or offends Windows becomes ``_``."""
    text = value.unescape() if isinstance(value, Markup) else printable(value)
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", " ".join(text.split()))
    return Markup(name)  # noqa: S704 - a name is no markup: & stays &
