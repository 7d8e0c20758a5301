"""The tags of a part as a tree that Jinja reads, also where some of them are broken.

A tag that cannot be read is left out, a block without its end is closed where its surroundings
end; so what is wrong with one tag hides nothing of what is wrong with the others.
"""

import re
from collections.abc import Iterable, Sequence

from jinja2 import TemplateSyntaxError, nodes

from reportgen.context import TemplateEnvironment
from reportgen.template.tags import Tag

_ENDS = {"if": "endif", "for": "endfor", "with": "endwith", "filter": "endfilter", "set": "endset"}
_STARTS = {end: start for start, end in _ENDS.items()}
_LOOP = re.compile(r"for\s+([^\W\d]\w*)\s+in\b")
_Line = tuple[str, Tag | None]


def readable(
    tags: Iterable[Tag], engine: TemplateEnvironment
) -> tuple[nodes.Template, Sequence[Tag | None]]:
    """Return the tree of *tags*, and the tag of each of its lines."""
    lines = [(code, tag) for tag in tags if (code := _code(tag))]
    for wanted in (lines, list(_balanced(lines, engine)), []):
        try:
            tree = engine.parse("\n".join(code for code, _ in wanted))
        except TemplateSyntaxError:
            continue
        return tree, [tag for _, tag in wanted]
    raise AssertionError  # an empty template can be read


def _code(tag: Tag) -> str:
    """Return a tag for Jinja; nothing for a comment, half a tag, or one without a name in it."""
    code = tag.code.strip("-+ ")
    if not tag.closed or tag.kind == "#":
        return ""
    if tag.is_for_docxtpl:
        _, _, value = code.partition(" ")
        return f"{{{{ {value} }}}}" if value.strip() else ""
    return f"{{{{ {code} }}}}" if tag.kind == "{" else f"{{% {code} %}}"


def _balanced(lines: Sequence[_Line], engine: TemplateEnvironment) -> Iterable[_Line]:
    """Yield the lines that can be read by themselves, each block with its end."""
    open_: list[str] = []
    for code, tag in lines:
        keyword = tag.keyword if tag else ""
        if keyword in _STARTS:
            if _STARTS[keyword] not in open_:
                continue
            while (started := open_.pop()) != _STARTS[keyword]:
                yield f"{{% {_ENDS[started]} %}}", None
        elif keyword in {"else", "elif"}:
            if (
                not open_
                or open_[-1] != "if"
                or not _parses(f"{{% if 1 %}}{code}{{% endif %}}", engine)
            ):
                continue
        elif keyword in _ENDS and not (keyword == "set" and "=" in code):
            started = code
            if not _parses(f"{code}{{% {_ENDS[keyword]} %}}", engine):
                loop = _LOOP.search(code) if keyword == "for" else None
                # the name of the loop stays known: only what it loops over cannot be read
                started = f"{{% for {loop[1]} in [] %}}" if loop else ""
            if not started and keyword in {"if", "with"}:
                started = f"{{% {keyword} {'1' if keyword == 'if' else ''} %}}"
            if not started:
                continue
            open_.append(keyword)
            yield started, tag
            continue
        elif not _parses(code, engine):
            continue
        yield code, tag
    for keyword in reversed(open_):
        yield f"{{% {_ENDS[keyword]} %}}", None


def _parses(code: str, engine: TemplateEnvironment) -> bool:
    try:
        engine.parse(code)
    except TemplateSyntaxError:
        return False
    return True
