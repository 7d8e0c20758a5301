"""A Word template → documents. The tag language is docxtpl's own, prepared once per template.

docxtpl renders by parsing a document anew each time, and repairs broken XML in silence: text goes
missing (field/docx-corruption). Here its ``patch_xml`` runs once, Jinja compiles once, and each
result is parsed strictly: what is not well-formed is an error, never a shorter report.
"""

import re
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Template as Compiled
from jinja2 import TemplateSyntaxError, nodes
from lxml import etree
from markupsafe import Markup

from reportgen import rules
from reportgen.context import (
    TemplateEnvironment,
    environment,
    on_one_line,
    on_the_page,
    reason,
)
from reportgen.errors import TemplateError
from reportgen.finding import Finding, Place, Rule
from reportgen.headings import Headings, label_of
from reportgen.limits import MOST_TO_READ, TooMuchError, joined, limited
from reportgen.names import Shape, maybe, nearest, unknown_names
from reportgen.package import Packer
from reportgen.preflight import TooLargeError, UnsafeError
from reportgen.printed import Printed, noted
from reportgen.template.additions import Additions
from reportgen.template.blocks import pairs, set_apart
from reportgen.template.cells import CELL_FILTERS
from reportgen.template.contents import set_contents
from reportgen.template.ids import tell_apart
from reportgen.template.include import BODY, include
from reportgen.template.layout import Layout
from reportgen.template.lists import Restarts
from reportgen.template.marks import narrative_or_not
from reportgen.template.merge import marked
from reportgen.template.objects import FILTERS, tags_in, with_tags
from reportgen.template.opening import opened
from reportgen.template.paragraphs import NEW_PARAGRAPH, set_paragraphs
from reportgen.template.part import Part
from reportgen.template.patch import patch_xml
from reportgen.template.pictures import draw
from reportgen.template.places import place_in, short, words_around
from reportgen.template.repair import repair, set_in_order
from reportgen.template.safety import MAIN, Screened, UnreadableError, screen
from reportgen.template.tags import Tag, W, numbered, parse
from reportgen.template.verify import Problem, Verifier

#: Of one part: to say where each is takes long.
MOST_PROBLEMS = 100
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORD_PART = re.compile(r"word/(document\d*|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_PROPERTY_PART = re.compile(r"docProps/(core|app|custom)\.xml")
#: What becomes ``{{`` and the like, in the end; a value beside it may hold the other brace.
_BRACES = re.compile(r"[{%}]_|_[{%}]")
_TAG = re.compile(r"\{_?[{%#]|[}%]_\}")


def has_tags(name: str) -> bool:
    """Whether the tags in the part called *name* are filled in."""
    return bool(_WORD_PART.fullmatch(name) or _PROPERTY_PART.fullmatch(name))


class Template:
    """A Word template, ready to render; ``warnings`` is what its documents do without."""

    warnings: tuple[Finding, ...] = ()

    def __init__(self, path: Path, headings: Headings, scopes: Sequence[Shape]) -> None:
        """Open and compile the template at *path*; *scopes* are the names that it may use.

        Raises:
            TemplateError: it is missing, no Word document, or has wrong tags; all are findings.
        """
        self.name = path.name
        self._findings: list[Finding] = []
        self._pages = page_environment()
        self._properties = environment(on_one_line)
        self._headings = headings
        self._scopes = scopes
        try:
            with limited(MOST_TO_READ):
                self._read(path)
        except (RecursionError, TooMuchError) as error:
            too_much = isinstance(error, TooMuchError)
            what = str(error) if too_much else "标记或算式一层套一层，太深了"
            place = Place(file=self.name)
            raise TemplateError([rules.TEMPLATE_UNREADABLE.at(place, what=what)]) from error
        if self._findings:
            raise TemplateError(self._findings)

    def _read(self, path: Path) -> None:
        typed = self._included(self._open(path), path.parent)
        parts = with_tags(typed, has_tags, self._headings, self._scopes)
        self._layout = Layout(dict(parts), self._scopes)
        self._parts = [
            self._prepare(name, content, as_typed)
            for (name, content), (_, as_typed) in zip(parts, typed, strict=True)
        ]
        self._verifier = Verifier(typed)
        self._packer = Packer({part.name: part.content for part in self._parts})
        self._with_objects = sorted({name for name, _ in set(parts) - set(typed)})

    def render(self, context: Mapping[str, object], pictures_from: Path | None = None) -> bytes:
        """Return the document for *context*; the same context gives the same bytes.

        *pictures_from* is the folder that paths of pictures start from.

        Raises:
            TemplateError: a tag cannot be evaluated, or the result is no sound document.
        """
        additions = Additions(self._packer.common, pictures_from, self._with_objects)
        restarts = self._layout.restarts()
        parts = []
        printed: dict[str, Printed] = {}
        trees: dict[str, etree._Element] = {}
        with limited():
            for part in self._parts:
                if part.compiled is None:
                    parts.append((part.name, part.content))
                    continue
                with noted(printed.setdefault(part.name, Printed())):
                    tree = self._render_part(part, context, additions, restarts)
                # what is written of a tree reads back as that tree: it is verified as it is, and
                # nobody touches it or its bytes from here on
                trees[part.name] = tree
                parts.append((part.name, _DECLARATION + etree.tostring(tree, encoding="UTF-8")))
        parts = restarts.added_to(additions.added_to(parts))
        if problems := list(self._verifier.problems(parts, printed, trees)):
            raise TemplateError(self._unsound(problem) for problem in problems)
        return self._packer.write(parts)

    # -- preparing -------------------------------------------------------------

    def _say(self, rule: Rule, words: str, **details: Any) -> None:
        self._findings.append(rule.at(Place(file=self.name, field=words), **details))

    def _open(self, path: Path) -> list[tuple[str, bytes]]:
        """Return the parts of the template; say what its documents do without."""
        try:
            return self._screened(opened(path))
        except FileNotFoundError as error:
            place = Place(file=path.parent.name)
            raise TemplateError([rules.TEMPLATE_MISSING.at(place, value=self.name)]) from error
        except UnsafeError as error:
            self._say(rules.TEMPLATE_CARRIES, "", what=error)
            raise TemplateError(self._findings) from error
        except (OSError, TooLargeError, UnreadableError) as error:
            refused = isinstance(error, OSError)
            what = "没有权限读它，或它正被别的程序占用" if refused else str(error)
            place = Place(file=self.name)
            raise TemplateError([rules.TEMPLATE_UNREADABLE.at(place, what=what)]) from error

    def _screened(self, screened: Screened) -> list[tuple[str, bytes]]:
        """Return the parts without what no document may carry; say what that was."""
        for what in screened.refused:
            self._say(rules.TEMPLATE_CARRIES, "", what=what)
        place = Place(file=self.name)
        self.warnings += tuple(rules.TEMPLATE_DROPS.at(place, what=w) for w in screened.dropped)
        return screened.parts

    def _included(self, parts: list[tuple[str, bytes]], folder: Path) -> list[tuple[str, bytes]]:
        """Return *parts* with the other files that the template asks for."""
        done = include(parts, folder)
        for one in done.refusals:
            where = place_in(BODY, parse(dict(parts)[BODY]), one.paragraph)
            words = short(one.words)
            self._say(rules.NOT_INCLUDED, f"{where}：{words}", what=one.what, value=words)
        return done.parts if done.parts == parts else self._screened(screen(done.parts))

    def _prepare(self, name: str, content: bytes, as_typed: bytes) -> Part:
        is_word = _WORD_PART.fullmatch(name) is not None
        if not is_word and not _PROPERTY_PART.fullmatch(name):
            return Part(name, content)
        try:
            root = parse(content)
        except (etree.XMLSyntaxError, ValueError):
            self._say(rules.TEMPLATE_UNREADABLE, name, what=f"{name} 不是完整的 XML")
            return Part(name, content)
        if MAIN.fullmatch(name) and root.find(f"{W}body") is None:
            self._say(rules.TEMPLATE_UNREADABLE, name, what="里面没有 Word 正文")
        tags = tags_in(root, self._headings)
        part = Part(name, as_typed, tags=tags)
        problems = [*set_apart(tags), *pairs(tags)]
        for problem in problems[:MOST_PROBLEMS]:
            self._say(problem.rule, self._place(part, problem.tag), **problem.words)
        if more := problems[MOST_PROBLEMS:]:
            self._say(rules.TAGS_MORE, self._place(part, more[0].tag), count=MOST_PROBLEMS)
        for properties in root.iter(f"{W}tcPr"):
            set_in_order(properties)  # once here, and not in each document
        source = etree.tostring(root, encoding="unicode")
        if problems or not _TAG.search(source):
            return part
        if is_word:
            source = self._layout.marked(patch_xml(source), tags)
            part.has_braces = _BRACES.search(source) is not None
        part.source, part.lines = numbered(self._headings.in_tags(source))
        part.compiled = self._compile(self._pages if is_word else self._properties, part)
        return part

    def _compile(self, engine: TemplateEnvironment, part: Part) -> Compiled | None:
        try:
            tree = engine.parse(part.source)
        except TemplateSyntaxError as error:
            self._refuse(engine, part, error.lineno)
            return None
        for number, unknown in enumerate(unknown_names(tree, self._scopes)):
            if number == MOST_PROBLEMS:
                self._say(rules.TAGS_MORE, self._at(part, unknown.line), count=number)
                break
            near = maybe(unknown.nearest)
            self._say(
                rules.TEMPLATE_UNKNOWN_NAME, self._at(part, unknown.line), value=unknown.written,
                wrong=unknown.wrong, nearest=near,
            )  # fmt: skip
        used_here = list(tree.find_all((nodes.Filter, nodes.Test)))
        for used in (one for one in used_here if isinstance(one, nodes.Filter)):
            if used.name not in engine.filters:
                near = nearest(used.name, engine.filters)
                self._say(
                    rules.TEMPLATE_UNKNOWN_NAME, self._at(part, used.lineno), value=f"|{used.name}",
                    wrong=f"过滤器 {used.name}", nearest=maybe(near),
                )  # fmt: skip
        for test in (one for one in used_here if isinstance(one, nodes.Test)):
            if test.name not in engine.tests:
                what = f"没有“is {label_of(test.name)}”这种写法"
                words = self._words(part, test.lineno)
                self._say(
                    rules.TEMPLATE_SYNTAX, self._at(part, test.lineno), what=what, value=words
                )
        if self._findings:
            return None
        if engine is self._pages:
            self._layout.mark_loops(tree)
        try:
            return engine.from_string(tree)
        except TemplateSyntaxError as error:  # two blocks of one name, which only compiling sees
            self._refuse(engine, part, error.lineno)
            return None
        except SyntaxError:  # Python has at most twenty loops in each other
            what = "循环一层套一层，最多 15 层"
            deepest = max(one.lineno for one in tree.find_all(nodes.For))
            words = self._words(part, deepest)
            self._say(rules.TEMPLATE_SYNTAX, self._at(part, deepest), what=what, value=words)
            return None

    def _refuse(self, engine: TemplateEnvironment, part: Part, line: int) -> None:
        """Say which tags Jinja does not understand: all of them, or else where it gave up."""
        wrong = [tag for tag in part.tags if not _is_understood(engine, tag)]
        for tag in wrong:
            what = f"“{short(tag.source)}”看不懂"
            self._say(rules.TEMPLATE_SYNTAX, self._place(part, tag), what=what, value=tag.source)
        if not wrong:
            words = self._words(part, line)
            what = f"“{words}”看不懂"
            self._say(rules.TEMPLATE_SYNTAX, self._at(part, line), what=what, value=words)

    # -- places ----------------------------------------------------------------

    def _place(self, part: Part, tag: Tag) -> str:
        """Return where *tag* is, and what it says."""
        root = part.as_written()
        words = words_around(root, tag.paragraph, tag.source)
        return f"{place_in(part.name, root, tag.paragraph)}：{words}"

    def _at(self, part: Part, line: int) -> str:
        tag = part.tag_at(line)
        if tag is None:
            return f"{place_in(part.name, part.as_written(), -1)}：{part.code_at(line)}"
        return self._place(part, tag)

    def _words(self, part: Part, line: int) -> str:
        tag = part.tag_at(line)
        return short(tag.source) if tag else part.code_at(line)

    # -- rendering -------------------------------------------------------------

    def _render_part(
        self, part: Part, context: Mapping[str, object], additions: Additions, restarts: Restarts
    ) -> etree._Element:
        assert part.compiled is not None
        try:
            with additions.in_part(part.name):
                xml = joined(part.compiled.generate(context))
        except Exception as error:
            failed = self._failed(part, error)
            if failed is None:
                raise
            raise failed from error
        if part.has_braces:
            xml = (
                xml.replace("{_{", "{{")
                .replace("}_}", "}}")
                .replace("{_%", "{%")
                .replace("%_}", "%}")
            )
        try:
            tree = parse(xml.encode())
        except etree.XMLSyntaxError as error:
            what = "标记的开始和结束不在同一层（例如一个在段落里，一个在表格里），文字会丢失"
            raise TemplateError(
                [
                    rules.TEMPLATE_RESULT.at(
                        Place(file=self.name), template=self.name, what=what, value=part.name
                    )
                ]
            ) from error
        if part.name.startswith("word/"):
            additions.place(tree, part.name)
            self._layout.settle(tree, restarts)
            set_paragraphs(tree)
            tell_apart(tree)
            repair(tree)
            set_contents(tree, additions)
        return tree

    def _unsound(self, problem: Problem) -> Finding:
        """Return what is wrong with a finished document as a finding."""
        place = Place(file=self.name, field=problem.part)
        return problem.rule.at(
            place, template=self.name, part=problem.part, value=problem.value, what=problem.what
        )

    def _failed(self, part: Part, error: Exception) -> TemplateError | None:
        """Return what a tag raised as a finding at its paragraph; None for a bug of ours."""
        what = reason(error)
        if not what:
            return None
        line = _line(error)
        place = Place(file=self.name, field=self._at(part, line))
        words = self._words(part, line)
        operand: Any = getattr(error, "divisor", None) or getattr(error, "operand", None)
        if (cell := getattr(operand, "cell", None)) is not None:
            label = getattr(operand.field, "label", "")
            place = Place(file=self.name, sheet=cell.sheet, cell=cell.ref, field=label)
        where = self._at(part, line)
        return TemplateError(
            [
                rules.TEMPLATE_FAILED.at(
                    place, template=self.name, what=what, value=words, where=where
                )
            ]
        )


def page_environment() -> TemplateEnvironment:
    """Return the environment of the parts that people see: with the filters of Word alone."""
    made = environment(_on_the_page)
    made.filters.update(FILTERS)
    made.filters.update(CELL_FILTERS)
    made.filters.update(合并相同=_merged_when_alike, merge_alike=_merged_when_alike)
    return made


def _on_the_page(value: Any) -> Markup:
    """Print *value* into a part; an empty narrative leaves a mark."""
    return narrative_or_not(value, on_the_page(value, draw=draw, new_paragraph=NEW_PARAGRAPH))


def _merged_when_alike(value: Any) -> Markup:
    """Print *value* into a cell that becomes one with the cell above that says the same."""
    return marked(_on_the_page(value))


def _line(error: Exception) -> int:
    """Return the line of the template at which *error* was raised."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == "<template>"]
    return frames[-1].lineno or 0 if frames else 0


def _is_understood(engine: TemplateEnvironment, tag: Tag) -> bool:
    """Whether Jinja reads *tag* by itself, with the other half that its kind has."""
    code = ("" if tag.code.startswith("-") else " ") + tag.code
    code += "" if code.endswith("-") else " "
    end = {"if": "{% endif %}", "for": "{% endfor %}", "with": "{% endwith %}"}.get(tag.keyword, "")
    start = {"elif": "{% if 1 %}", "else": "{% if 1 %}"}.get(tag.keyword, "")
    if tag.kind == "#" or tag.keyword.startswith("end") or tag.keyword in {"set", "filter"}:
        return True
    if tag.is_for_docxtpl:
        return any(True for _ in tag.text.iterancestors(f"{W}tc"))
    body = f"{{{{{code}}}}}" if tag.kind == "{" else f"{{%{code}%}}"
    try:
        engine.parse(start + body + (end or ("{% endif %}" if start else "")))
    except TemplateSyntaxError:
        return False
    return True
