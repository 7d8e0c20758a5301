"""Objects in a template that tags fill: pictures, links, charts, content controls.

``with_tags`` writes the tags of their alternative texts, addresses and titles into the text beside
them, so that they are read, checked and looked up like any other; ``FILTERS`` is what they call.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from lxml import etree

from reportgen.headings import Headings, label_of
from reportgen.names import Shape, named
from reportgen.template import charts, contents, controls, links, pictures
from reportgen.template.additions import relations, typed_in, written
from reportgen.template.tags import Tag, parse, read_tags

#: What the tags that ``with_tags`` writes call; people do not write these.
FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "_picture": pictures.replace,
        "_link": links.link,
        "_ticked": controls.tick,
        "_chart": charts.chart,
    }
)


def with_tags(
    parts: list[tuple[str, bytes]],
    has_tags: Callable[[str], bool],
    headings: Headings,
    scopes: Sequence[Shape],
) -> list[tuple[str, bytes]]:
    """Return the *parts* of a template, the tags of its objects written beside them.

    *has_tags* says which parts are filled in, *scopes* are the names that they may use.
    """

    def name_of(heading: str) -> str:
        return label_of(headings.to_identifiers(heading))

    def is_name(words: str) -> bool:
        path = headings.to_identifiers(words).split(".")
        found = named(tuple(label_of(name) for name in path), scopes)
        return all(name.isidentifier() for name in path) and isinstance(found, Shape)

    content = dict(parts)
    for name, xml in parts:
        if not has_tags(name):
            continue
        try:
            root = parse(xml)
        except (etree.XMLSyntaxError, ValueError):
            continue  # the engine says so
        changed = [
            links.tag_links(root, relations(content, name)),
            controls.free_controls(root),
            controls.tag_boxes(root, is_name),
            pictures.tag_placeholders(root),
            contents.clear_entries(root),
            charts.tag_charts(root, name, content, name_of),
        ]
        if any(changed):
            content[name] = written(root)
    return list(content.items())


def tags_in(root: etree._Element, headings: Headings) -> list[Tag]:
    """Return the tags of a part that ``with_tags`` has returned, their sources as they were typed."""
    tags = read_tags(root, headings)
    for tag in tags:
        tag.source = typed_in(tag.text) or tag.source
    return tags
