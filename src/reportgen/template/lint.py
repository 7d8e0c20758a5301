"""``reportgen lint``: a form and its Word templates, without any data; all that is wrong in one run.

What keeps a template from being built is found by opening it (``engine``). The rest is looked for
here, in the tags alone and also where others of them are broken.
"""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from jinja2 import nodes
from lxml import etree

from reportgen import rules
from reportgen.context import environment
from reportgen.errors import TemplateError
from reportgen.finding import Finding, Place, Rule
from reportgen.form import Document, Form
from reportgen.formcheck import row_of
from reportgen.formlint import Key, check_form, keys_used, unused_fields, with_last_year
from reportgen.misuse import Usage
from reportgen.names import Shape, UnknownName, maybe, nearest, unknown_names
from reportgen.package import read_package
from reportgen.template.engine import Template, has_tags
from reportgen.template.places import place_in, short
from reportgen.template.readable import readable
from reportgen.template.tags import Tag, parse, read_tags

_ENGINE = environment(str)


def lint_form(form: Form) -> Iterator[Finding]:
    """Yield everything that is wrong with *form* and its templates."""
    yield from check_form(form)
    usage, used = Usage(form), set[Key]()
    said = set[Finding]()
    for document in form.documents:
        checked = _Checked(form, document, usage)
        for finding in checked.findings():
            if finding not in said:  # two documents may share a template
                said.add(finding)
                yield finding
        used |= checked.used
    yield from unused_fields(form, used)


@dataclass(frozen=True)
class _Part:
    """A part with tags. ``lines`` are the tags of ``tree`` by the line they stand on, from 1."""

    template: str
    name: str
    content: bytes
    tree: nodes.Template
    lines: Sequence[Tag | None]

    @cached_property
    def _root(self) -> etree._Element:
        """The part as the office wrote it."""
        return parse(self.content)

    def say(self, rule: Rule, line: int, **words: object) -> Finding:
        """Return a finding at the tag on *line*."""
        tag = self.lines[line - 1] if 0 < line <= len(self.lines) else None
        where = place_in(self.name, self._root, tag.paragraph if tag else -1)
        where += f"：{short(tag.source)}" if tag else ""
        return rule.at(Place(file=self.template, field=where), **words)


class _Checked:
    """One document's template; ``used`` are the names of the form that it uses."""

    def __init__(self, form: Form, document: Document, usage: Usage) -> None:
        self._form, self._document, self._usage = form, document, usage
        self._path = form.folder / document.template
        self.used: set[Key] = set()

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with the template."""
        names = self._form.names()
        scopes = [*row_of(self._form, self._document), names]
        found: list[Finding] = []
        for part in self._parts():
            found += [part.say(r, line, **w) for r, line, w in self._names(part.tree, scopes)]
            misused = self._usage.misuses(part.tree, scopes)
            found += [part.say(m.rule, m.line, **m.words) for m in misused]
            self.used |= {*keys_used(part.tree, [*scopes[:-1], with_last_year(self._form)])}
        try:
            Template(self._path, self._form.headings, scopes)
        except TemplateError as error:
            said = {(f.code, f.value) for f in found}
            yield from (f for f in error.findings if (f.code, f.value) not in said)
        yield from found

    def _parts(self) -> Iterator[_Part]:
        try:
            parts = read_package(self._path.read_bytes())
        except (OSError, zipfile.BadZipFile, ValueError, RuntimeError, NotImplementedError):
            return  # said already
        for name, content in parts:
            if not has_tags(name):
                continue
            try:
                tags = read_tags(parse(content), self._form.headings)
            except (etree.XMLSyntaxError, ValueError):
                continue
            tree, lines = readable(tags, _ENGINE)
            yield _Part(self._document.template, name, content, tree, lines)

    def _names(
        self, tree: nodes.Template, scopes: Sequence[Shape]
    ) -> Iterator[tuple[Rule, int, dict[str, str]]]:
        for name in unknown_names(tree, scopes):
            near = self._elsewhere(name) or maybe(name.nearest)
            words = {"value": name.written, "wrong": name.wrong, "nearest": near}
            yield rules.TEMPLATE_UNKNOWN_NAME, name.line, words
        for used in tree.find_all(nodes.Filter):
            if used.name not in _ENGINE.filters:
                near = maybe(nearest(used.name, _ENGINE.filters))
                words = {"value": f"|{used.name}", "wrong": f"过滤器 {used.name}", "nearest": near}
                yield rules.TEMPLATE_UNKNOWN_NAME, used.lineno, words

    def _elsewhere(self, name: UnknownName) -> str:
        """Say that a name is the row of another document; nothing if it is not."""
        for other in self._form.documents:
            if other.each and other.alias == name.wrong == name.written.partition(".")[0]:
                return f"它只在按“{other.each}”一行一份的文档里有（{other.template}）。"
        return ""
