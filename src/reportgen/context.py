"""What a template sees, and the one gate through which every value reaches the page.

``environment()`` is the Jinja environment of all templates: sandboxed, strict about names, escaping
always on (docxtpl otherwise loses everything behind an ``&`` or ``<``, silently).
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from jinja2 import StrictUndefined, TemplateRuntimeError, Undefined, UndefinedError, nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from markupsafe import Markup, escape

from reportgen.compute import Data
from reportgen.filters import FILTERS, FUNCTIONS, UnfitError
from reportgen.headings import identifier, label_of
from reportgen.show import is_endless, show
from reportgen.value import DivisorZeroError, NotANumberError, Number, Picture, Value, number

#: Jinja's own filters that do right by our values. Not ``safe``: a unit's text would become XML;
#: not ``int float string``: they would print a number without its digits, places or percent sign.
_JINJA_FILTERS = (
    "batch", "capitalize", "d", "default", "first", "groupby", "last", "length", "list", "lower",
    "map", "reject", "rejectattr", "replace", "reverse", "select", "selectattr", "slice", "sort",
    "title", "trim", "unique", "upper",
)  # fmt: skip
_INDENT = " \t　 "


class UnprintableError(TypeError):
    """A tag holds something that cannot stand there; the message is Chinese.

    ``operand`` is the value at fault, where it is one that may know its cell.
    """

    def __init__(self, message: str, operand: object = None) -> None:
        super().__init__(message)
        self.operand = operand


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Names are looked up as items and never as Python attributes; numbers are exact."""

    intercepted_binops = frozenset("+-*/")

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the member of *obj* called *attribute*: ``.items`` is a field, never a method."""
        return self.getitem(obj, label_of(attribute))

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return the member or the element of *obj*."""
        if isinstance(obj, LoopContext | Namespace) and isinstance(argument, str):
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
        tree = super()._parse(source, name, filename)
        for joined in tree.find_all(nodes.Concat):
            joined.nodes = [_printed(part) for part in joined.nodes]
        for output in tree.find_all(nodes.Output):
            # Jinja turns a literal into text before the gate sees it: none would print None
            output.nodes = [
                _printed(part) if isinstance(part, nodes.Literal) and not _is_text(part) else part
                for part in output.nodes
            ]
        return tree

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Calculate with exact decimals; texts and lists are joined as Python does."""
        for operand in (left, right):
            if isinstance(operand, str) and operator != "+":
                raise NotANumberError(operand)  # Python would repeat a text that is multiplied
        if isinstance(left, int | float) and isinstance(right, int | float):
            left = number(left)
        return super().call_binop(context, operator, left, right)


def _is_text(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.TemplateData) or (
        isinstance(node, nodes.Const) and isinstance(node.value, str)
    )


def _printed(node: nodes.Expr) -> nodes.Expr:
    return nodes.Filter(node, "_printed", [], [], None, None, lineno=node.lineno)


def _as_it_is(value: Any) -> Any:
    """Everything is escaped once, at the gate: ``|e`` has nothing left to do."""
    return value


def environment(finalize: Callable[[Any], Any]) -> TemplateEnvironment:
    """Return an environment whose values pass through *finalize*."""
    made = TemplateEnvironment(
        autoescape=True, undefined=StrictUndefined, finalize=finalize, keep_trailing_newline=True
    )
    keep = {name: made.globals[name] for name in ("range", "namespace")}
    made.globals.clear()
    made.globals.update(keep)
    made.globals.update(FUNCTIONS)
    kept = {name: made.filters[name] for name in _JINJA_FILTERS}
    made.filters.clear()
    made.filters.update(kept)
    made.filters.update(FILTERS, _printed=printable, e=_as_it_is, escape=_as_it_is)
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
        case UnprintableError() | UnfitError():
            return str(error)
        case NotANumberError(operand=operand):
            return f"“{operand}”不是数"
        case TemplateRuntimeError():
            return "用了没有的过滤器或写法"
        case TypeError() | ValueError() | ArithmeticError() | LookupError() | AttributeError():
            return "过滤器或运算用在了不合适的值上"
    return ""


def printable(value: Any) -> str:
    """Return *value* as it prints, unescaped.

    Raises:
        UnprintableError: it is a table, a list, or a quotient without an end and without places.
    """
    if isinstance(value, Undefined):
        return str(value)  # raises: the name is unknown
    if isinstance(value, Number):
        if is_endless(value):
            raise UnprintableError("除法的结果写不成有限小数，请加 |小数(2) 这样的过滤器")
        return show(value)
    if isinstance(value, Value):
        return show(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float | Decimal | Fraction):
        return printable(number(value))
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
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
    text = str(escape(printable(value)))
    if "\n" in text:
        lines = [line.strip(_INDENT) for line in text.split("\n")]
        text = new_paragraph.join(line for line in lines if line)
    # docxtpl turns {_{ into {{ in the finished document; a value must print as typed
    return Markup(text.replace("_", "&#95;"))  # noqa: S704


def on_one_line(value: Any) -> Markup:
    """Print *value* where there are no paragraphs: a document property."""
    return escape(" ".join(printable(value).split("\n")))


def in_a_file_name(value: Any) -> Markup:
    """Print *value* into a file name: what separates folders or offends Windows becomes ``_``."""
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", " ".join(printable(value).split()))
    return Markup(name)  # noqa: S704 - a name is no markup: & stays &
