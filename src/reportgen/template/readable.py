"""The tags of a part as a tree that Jinja reads, also where some of them are broken.

A tag that cannot be read is left out, a block without its end is closed where its surroundings
end; so what is wrong with one tag hides nothing of what is wrong with the others.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes

from reportgen.context import TemplateEnvironment
from reportgen.template.tags import Tag

_ENDS = {"if": "endif", "for": "endfor", "with": "endwith", "filter": "endfilter", "set": "endset"}
_STARTS = {end: start for start, end in _ENDS.items()}
_LOOP = re.compile(r"for\s+([^\W\d]\w*)\s+in\b")
_Line = tuple[str, Tag]
_MayEnd = tuple[str, Tag | None]


@dataclass(frozen=True, slots=True)
class Readable:
    """The tree, the tag of each of its lines, and the tags that Jinja does not understand."""

    tree: nodes.Template
    lines: Sequence[Tag | None]
    unread: Sequence[Tag] = ()


def readable(tags: Iterable[Tag], engine: TemplateEnvironment) -> Readable:
    """Return the tree of *tags*."""
    lines = [(code, tag) for tag in tags if (code := _code(tag))]
    try:
        return Readable(engine.parse(_joined(lines)), [tag for _, tag in lines])
    except TemplateSyntaxError:
        unread: list[Tag] = []
        closed = list(_balanced(lines, engine, unread))
    try:
        return Readable(engine.parse(_joined(closed)), [tag for _, tag in closed], unread)
    except TemplateSyntaxError:  # such as {% break %} outside a loop
        return Readable(engine.parse(""), [], unread)


def _joined(lines: Iterable[_MayEnd]) -> str:
    return "\n".join(code for code, _ in lines)


def _code(tag: Tag) -> str:
    """Return a tag for Jinja; nothing for a comment, half a tag, or one without a name in it."""
    code = tag.code.removeprefix("-").removesuffix("-").strip()
    if not tag.closed or tag.kind == "#":
        return ""
    if tag.is_for_docxtpl:
        _, _, value = code.partition(" ")
        return f"{{{{ {value} }}}}" if value.strip() else ""
    return f"{{{{ {code} }}}}" if tag.kind == "{" else f"{{% {code} %}}"


def _balanced(
    lines: Sequence[_Line], engine: TemplateEnvironment, unread: list[Tag]
) -> Iterable[_MayEnd]:
    """Yield the lines that can be read by themselves, each block with its end; note the others."""
    open_: list[str] = []
    known: dict[str, bool] = {}  # a template says the same in many places
    for code, tag in lines:
        keyword = tag.keyword
        if keyword in _STARTS:
            if _STARTS[keyword] not in open_:
                continue
            while (started := open_.pop()) != _STARTS[keyword]:
                yield f"{{% {_ENDS[started]} %}}", None
            yield code, tag
            continue
        in_between = keyword in {"else", "elif"}
        if in_between and (not open_ or open_[-1] not in ("if", "for")[: 1 + (keyword == "else")]):
            continue
        opens = keyword in _ENDS and not (keyword == "set" and "=" in code)
        before = f"{{% {open_[-1]} 甲 in [] %}}" if in_between else ""
        end = _ENDS[open_[-1] if in_between else keyword] if in_between or opens else ""
        whole = f"{before}{code}{{% {end} %}}" if end else code
        if whole not in known:
            known[whole] = _parses(whole, engine)
        read = known[whole]
        if not read:
            unread.append(tag)
        if read or (instead := _instead(keyword, code)):
            if opens:
                open_.append(keyword)
            yield code if read else instead, tag
    for keyword in reversed(open_):
        yield f"{{% {_ENDS[keyword]} %}}", None


def _instead(keyword: str, code: str) -> str:
    """Return what keeps a block together, and the name of a loop known, that cannot be read."""
    loop = _LOOP.search(code)
    if keyword == "for" and loop:
        return f"{{% for {loop[1]} in [] %}}"
    return {"if": "{% if 1 %}", "with": "{% with %}"}.get(keyword, "")


def _parses(code: str, engine: TemplateEnvironment) -> bool:
    try:
        engine.parse(code)
    except TemplateSyntaxError:
        return False
    return True
