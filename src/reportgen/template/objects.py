"""Objects in a template that tags fill: pictures, links, charts, content controls.

``with_tags`` writes the tags of their alternative texts, addresses and titles into the text beside
them, so that they are read, checked and looked up like any other; ``FILTERS`` is what they call.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from lxml import etree

from reportgen.template import controls, links, pictures
from reportgen.template.additions import relations, rels_of, remove, written

#: What the tags that ``with_tags`` writes call; people do not write these.
FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {"_picture": pictures.replace, "_link": links.link, "_ticked": controls.tick}
)


def with_tags(
    parts: list[tuple[str, bytes]], is_text: Callable[[str], object], is_name: Callable[[str], bool]
) -> list[tuple[str, bytes]]:
    """Return the *parts* of a template, the tags of its objects written beside them.

    *is_text* says which parts hold text, *is_name* which bare words are names of the form.
    """
    content = dict(parts)
    for name, xml in parts:
        if not is_text(name):
            continue
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
            root = etree.fromstring(xml, parser)
        except (etree.XMLSyntaxError, ValueError):
            continue  # the engine says so
        unused = links.tag_links(root, relations(content, name))
        changed = [
            controls.free_controls(root),
            controls.tag_boxes(root, is_name),
            pictures.tag_placeholders(root),
        ]
        if any(changed) or unused:
            content[name] = written(root)
        if unused:
            rels = etree.fromstring(content[rels_of(name)])
            remove([link for link in rels if link.get("Id") in unused])
            content[rels_of(name)] = written(rels)
    return list(content.items())
