"""``reportgen lint``: a form and its Word templates, without any data; all that is wrong in one run.

What keeps a template from being built is found by opening it (``engine``). The rest is looked for
here, in the tags alone and also where others of them are broken.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, islice

from jinja2 import nodes
from lxml import etree

from reportgen import rules
from reportgen.errors import TemplateError
from reportgen.finding import Finding, Place, Rule
from reportgen.form import Document, Form
from reportgen.formcheck import row_of
from reportgen.formlint import Key, check_form, keys_used, unused_fields, with_last_year
from reportgen.headings import label_of
from reportgen.limits import MOST_TO_READ, TooMuchError, limited
from reportgen.misuse import Usage
from reportgen.names import (
    Shape,
    UnknownName,
    maybe,
    meaning,
    named,
    nearest,
    unknown_names,
    visited,
)
from reportgen.preflight import TooLargeError, UnsafeError
from reportgen.summary.form import summary_form
from reportgen.template.engine import MOST_PROBLEMS, Template, has_tags, page_environment
from reportgen.template.include import BODY, include, without_includes
from reportgen.template.mark import Mark
from reportgen.template.objects import tags_in, with_tags
from reportgen.template.opening import opened
from reportgen.template.outside import comments, is_repeated, look_alikes, revisions
from reportgen.template.places import place_in, short, words_around
from reportgen.template.readable import Readable, readable
from reportgen.template.safety import UnreadableError
from reportgen.template.tags import Tag, W, parse

_ENGINE = page_environment()
#: What Jinja has for templates that are several files.
_OF_FILES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
_COMMENTS = "word/comments.xml"
_BRACES = (b"{", "｛".encode())
#: For the marks in a copy; the findings themselves are all there.
_MOST_PLACES = 500
#: Where a tag stays as it is, by the beginning of the part's name.
_NOT_FILLED = {
    "word/diagrams/": "SmartArt 图形", "word/charts/": "图表", "word/glossary/": "文档部件",
}  # fmt: skip


@dataclass(slots=True)
class Linted:
    """What is wrong with a form and its templates; the marks of each template by its file name."""

    findings: list[Finding] = field(default_factory=list)
    marks: dict[str, list[Mark]] = field(default_factory=dict)


def lint_form(form: Form) -> list[Finding]:
    """Return everything that is wrong with *form* and its templates."""
    return look_through(form).findings


def look_through(form: Form) -> Linted:
    """Return everything that is wrong with *form* and its templates, and where."""
    found = Linted([*check_form(form)])
    whole = summary_form(form)  # what documents over all units see
    usages, used = {id(one): Usage(one) for one in (form, whole)}, set[Key]()
    for document in form.documents:
        seen = form if document.scope == "unit" else whole
        checked = _Checked(seen, document, usages[id(seen)])
        marks = found.marks.setdefault(document.template, [])
        new = [one for one in _in_time(checked, document) if one not in marks]  # two may share one
        marks += new
        found.findings += [mark.finding for mark in new]
        used |= checked.used if seen is form else set()
    found.findings += unused_fields(form, used)
    return found


def _in_time(checked: "_Checked", document: Document) -> list[Mark]:
    """Return what is wrong with a template; of one that takes too long, that alone."""
    try:
        with limited(MOST_TO_READ):
            return list(checked.marks())
    except TooMuchError as error:
        place = Place(file=document.template)
        return [Mark(rules.TEMPLATE_UNREADABLE.at(place, what=error), "", -1)]


@dataclass(frozen=True)
class _Part:
    """A part of a template: ``marked`` is its tree in which the tags are whole, ``code`` Jinja's."""

    template: str
    name: str
    content: bytes
    marked: etree._Element
    tags: Sequence[Tag]
    code: Readable

    @property
    def tree(self) -> nodes.Template:
        """The syntax tree of the tags."""
        return self.code.tree

    @cached_property
    def root(self) -> etree._Element:
        """The part as the office wrote it."""
        return parse(self.content)

    def place(self, paragraph: int, source: str) -> str:
        """Return where *source* is in a paragraph (from 0; -1: the part as a whole)."""
        where = place_in(self.name, self.root, paragraph)
        return where if paragraph < 0 else f"{where}：{words_around(self.root, paragraph, source)}"

    def say(self, rule: Rule, paragraph: int, source: str, **words: object) -> Mark:
        """Return a finding at *source* in a paragraph."""
        place = Place(file=self.template, field=self.place(paragraph, source))
        return Mark(rule.at(place, **words), self.name, paragraph)

    def say_at(self, rule: Rule, line: int, **words: object) -> Mark:
        """Return a finding at the tag on *line*."""
        lines = self.code.lines
        tag = lines[line - 1] if 0 < line <= len(lines) else None
        return self.say(rule, tag.paragraph if tag else -1, tag.source if tag else "", **words)


class _Checked:
    """One document's template; ``used`` are the names of the form that it uses."""

    def __init__(self, form: Form, document: Document, usage: Usage) -> None:
        self._form, self._document, self._usage = form, document, usage
        self._path = form.folder / document.template
        self._scopes = [*row_of(form, document), form.names()]
        self.used: set[Key] = set()

    def marks(self) -> Sequence[Mark]:
        """Return what is wrong with the template, and where, from its beginning to its end."""
        try:
            return list(self._marks())
        except RecursionError:  # the engine says it with the template's name
            return list(self._of_building({}, ()))

    def _marks(self) -> Iterator[Mark]:
        found: list[Mark] = []
        parts = {part.name: part for part in self._parts()}
        for part in parts.values():
            if not has_tags(part.name):
                found += _not_filled(part)
                continue
            misused = self._usage.misuses(part.tree, self._scopes)
            found += _some(part, chain(
                _not_understood(part),
                _outside_cells(part),
                (part.say_at(rule, line, **words) for rule, line, words in self._names(part)),
                (part.say_at(one.rule, one.line, **one.words) for one in misused),
            ))  # fmt: skip
            found += self._outside(part)
            scopes = [*self._scopes[:-1], with_last_year(self._form)]
            self.used |= {*keys_used(part.tree, scopes)}
        found += _comments(parts)
        found = [*self._of_building(parts, found), *found]
        order = {name: at for at, name in enumerate(parts)}
        yield from sorted(found, key=lambda mark: (order.get(mark.part, -1), mark.paragraph))

    def _of_building(self, parts: Mapping[str, _Part], found: Sequence[Mark]) -> Iterator[Mark]:
        """Yield what keeps the template from being built and is not *found* otherwise."""
        try:
            Template(self._path, self._form.headings, self._scopes)
        except TemplateError as error:
            said = {(mark.finding.code, mark.finding.value) for mark in found}
            cell_tags = {v for code, v in said if code == rules.CELL_TAG_OUTSIDE.code}
            said |= {(rules.TEMPLATE_SYNTAX.code, value) for value in cell_tags}
            new = [f for f in error.findings if (f.code, f.value) not in said]
            wanted = "\n".join(finding.place.field for finding in new)
            tags = (
                (part, tag)
                for part in parts.values()
                for tag in part.tags
                if short(tag.source)[:20] in wanted  # to say where all tags are takes long
            )
            places = {
                part.place(tag.paragraph, tag.source): (part.name, tag.paragraph)
                for part, tag in islice(tags, _MOST_PLACES)
            }
            for finding in new:
                yield Mark(finding, *places.get(finding.place.field, ("", -1)))

    def _parts(self) -> Iterator[_Part]:
        """Yield the parts that are filled in, and those that have tags all the same."""
        try:
            parts = opened(self._path).parts
        except (OSError, UnreadableError, UnsafeError, TooLargeError):
            return  # said already
        self.used |= self._used_by_included(parts)
        parts = without_includes(parts)
        written = dict(with_tags(parts, has_tags, self._form.headings, self._scopes))
        for name, content in parts:
            may_have = name.endswith(".xml") and any(brace in content for brace in _BRACES)
            if not has_tags(name) and not may_have:
                continue
            try:
                marked = parse(written[name])
            except (etree.XMLSyntaxError, ValueError):
                continue
            tags = tags_in(marked, self._form.headings)
            if tags or has_tags(name):
                own = [tag for tag in tags if not is_repeated(tag.text)]
                code = readable(own, _ENGINE)
                yield _Part(self._document.template, name, content, marked, tags, code)

    def _used_by_included(self, parts: list[tuple[str, bytes]]) -> set[Key]:
        """Return what is used by the other files that the template asks for, and by itself."""
        done = include(parts, self._path.parent).parts
        if done is parts:
            return set()
        tree = readable(tags_in(parse(dict(done)[BODY]), self._form.headings), _ENGINE).tree
        return {*keys_used(tree, [*self._scopes[:-1], with_last_year(self._form)])}

    def _names(self, part: _Part) -> Iterator[tuple[Rule, int, dict[str, str]]]:
        for name in unknown_names(part.tree, self._scopes):
            near = self._elsewhere(name) or maybe(name.nearest)
            words = {"value": name.written, "wrong": name.wrong, "nearest": near}
            yield rules.TEMPLATE_UNKNOWN_NAME, name.line, words
        for used in part.tree.find_all(nodes.Filter):
            if used.name not in _ENGINE.filters:
                near = maybe(nearest(used.name, _ENGINE.filters))
                words = {"value": f"|{used.name}", "wrong": f"过滤器 {used.name}", "nearest": near}
                yield rules.TEMPLATE_UNKNOWN_NAME, used.lineno, words
        for other in part.tree.find_all(_OF_FILES):
            written = type(other).__name__.lower().removeprefix("from")
            words = {"what": f"没有“{written}”这种写法", "value": written}
            yield rules.TEMPLATE_SYNTAX, other.lineno, words

    def _elsewhere(self, name: UnknownName) -> str:
        """Say that a name is the row of another document; nothing if it is not."""
        for other in self._form.documents:
            if other.each and other.alias == name.wrong == name.written.partition(".")[0]:
                return f"它只在按“{other.each}”一行一份的文档里有（{other.template}）。"
        return ""

    def _outside(self, part: _Part) -> Iterator[Mark]:
        if part.name == _COMMENTS:
            return  # people write there what they like
        scopes = [Shape(self._loops(part)), *self._scopes]

        def is_name(text: str) -> bool:
            return self._is_name(text, scopes)

        for one in look_alikes(part.marked, part.tags, is_name):
            words, source = dict(one.words), one.words["value"]
            if one.rule is rules.MERGE_FIELD:
                near = "" if is_name(source) else nearest(source, scopes[-1].members)
                words |= {"nearest": maybe(near), "better": f"{{{{ {near or source} }}}}"}
            yield part.say(one.rule, one.paragraph, source, **words)
        for one in revisions(part.root):
            yield part.say(one.rule, one.paragraph, one.words["value"], **one.words)

    def _loops(self, part: _Part) -> dict[str, Shape]:
        """Return what the names of the part's own loops stand for."""
        found: dict[str, Shape] = {}
        for node, known in visited(part.tree, self._scopes):
            if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
                shape = meaning(node.iter, known)
                if shape and shape.each:
                    found[label_of(node.target.name)] = shape.each
        return found

    def _is_name(self, text: str, scopes: Sequence[Shape]) -> bool:
        source = self._form.headings.to_identifiers(text.partition("|")[0].strip())
        path = tuple(label_of(name.strip()) for name in source.split("."))
        return not isinstance(named(path, scopes), UnknownName)


def _some(part: _Part, marks: Iterator[Mark]) -> Iterator[Mark]:
    """Yield the first of *marks*, and that there are more."""
    yield from islice(marks, MOST_PROBLEMS)
    if more := next(marks, None):
        at = Place(file=part.template, field=more.finding.place.field)
        yield replace(more, finding=rules.TAGS_MORE.at(at, count=MOST_PROBLEMS))


def _not_understood(part: _Part) -> Iterator[Mark]:
    """Yield the tags that Jinja does not understand, those beside half blocks among them."""
    for tag in part.code.unread:
        words = {"what": f"“{short(tag.source)}”看不懂", "value": tag.source}
        yield part.say(rules.TEMPLATE_SYNTAX, tag.paragraph, tag.source, **words)


def _outside_cells(part: _Part) -> Iterator[Mark]:
    """Yield the tags of a cell (vm, hm, 合并, colspan, cellbg) that are in no cell."""
    for tag in part.tags:
        if tag.is_for_docxtpl and not any(a.tag == f"{W}tc" for a in tag.text.iterancestors()):
            words = {"value": tag.source}
            yield part.say(rules.CELL_TAG_OUTSIDE, tag.paragraph, tag.source, **words)


def _not_filled(part: _Part) -> Iterator[Mark]:
    """Yield the tags of a part that is not filled in."""
    where = next((said for start, said in _NOT_FILLED.items() if part.name.startswith(start)), "")
    for tag in part.tags:
        if part.name.startswith("word/charts/") and tag.kind == "{":
            continue  # the chart's own tag brings its values
        if tag.closed and tag.kind != "#":
            words = {"value": short(tag.source), "where": where or f"文件的 {part.name} "}
            yield part.say(rules.NOT_FILLED, -1, tag.source, **words)


def _comments(parts: Mapping[str, _Part]) -> Iterator[Mark]:
    """Yield that comments were left in the template."""
    listed = parts.get(_COMMENTS)
    body = next((p for name, p in parts.items() if name.startswith("word/document")), None)
    if listed and body:
        for one in comments(body.root, listed.root):
            yield body.say(one.rule, one.paragraph, "", **one.words)
