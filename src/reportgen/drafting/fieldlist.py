"""字段清单: a Word document of every name of a form, whose tags can be copied into a template.

It is a template itself: built with a sample, each tag turns into what it prints.
"""

from collections.abc import Sequence

from reportgen.drafting.blocks import Blocks
from reportgen.drafting.paper import Cell, Line, Paper
from reportgen.fieldtypes import FIELD_TYPES
from reportgen.form import Field, Form, Section
from reportgen.tagtext import Tags, loop_over, row_name
from reportgen.vocabulary import filter_entries, vocabulary

_INTRODUCTION = """\
这里是 Word 模板里可以用的所有名称。把标记连同两边的大括号复制到模板里，生成报告时就换成填的内容；字体、字号照标记自己的样子。
正文、表格、页眉页脚、文本框、脚注里都可以放。一行一行重复的表，把整张表连同开始和结束两行复制过去，再删去不要的列。"""
_LONGEST = 40
_COLUMNS = ("名称", "标记", "类型", "例子")
_WIDTHS = (2000, 3200, 1500, 2145)


def field_list(form: Form) -> bytes:
    """Return the list as .docx bytes."""
    return _FieldList(form).content()


class _FieldList:
    def __init__(self, form: Form) -> None:
        self.form, self.paper, self.tags = form, Paper(), Tags(form)
        self.blocks = Blocks(form, self.paper)
        self.examples = {(e.name, e.loop): e.example for e in vocabulary(form)}

    def content(self) -> bytes:
        self.paper.paragraph(f"{self.form.title}\n字段清单", "Title")
        for words in _INTRODUCTION.split("\n"):
            self.paper.paragraph(words)
        for section in self.form.sections:
            self.heading(section.label)
            self.section(section)
        if self.form.computed:
            self.heading("计算指标")
            self.listed([(one, (one.label,)) for one in self.form.computed])
        prior = [pair for section in self.form.sections for pair in self.prior(section)]
        if prior:
            self.heading("上年数")
            self.listed(prior)
        self.heading("常用写法")
        self.patterns()
        self.heading("过滤器")
        self.filters()
        return self.paper.content(f"{self.form.title}字段清单")

    def heading(self, text: str) -> None:
        self.paper.paragraph(text, "Heading1", level=0)

    def section(self, section: Section) -> None:
        if section.kind == "record":
            tags = [(f, self.tags.path(section, f)) for f in section.fields]
            self.listed(tags)
            return
        if section.kind == "grid":
            self.blocks.grid(section)
            return
        self.columns(section)
        self.paper.paragraph("", "TableGap")
        count = f"{{{{ {self.tags.name(section.label, '个数')} }}}}"
        self.paper.paragraph(f"共{count}行，逐行重复的写法：")
        self.blocks.section(section)

    def listed(self, named: Sequence[tuple[Field, tuple[str, ...]]]) -> None:
        """Add a table of fields with their tags."""
        lines = [_heading(_COLUMNS)]
        for field, path in named:
            tag = self.tags.value(field, *path)
            example = _short(self.examples[self.tags.name(*path), ""])
            lines.append(_line(field.heading, tag, _type(field), example))
        self.paper.table(_WIDTHS, lines)

    def columns(self, section: Section) -> None:
        """Add a table of what a row has; its tags stand in the loop below, where alone they work."""
        row = row_name(self.form, section)
        own = [Field(label="序号", type="integer", formula="序号")]
        if section.kind == "outline":
            own.append(Field(label="编号", formula="编号"))
        lines = [_heading((*_COLUMNS[:1], "循环里的名称", *_COLUMNS[2:]))]
        for field in (*own, *section.fields):
            name = self.tags.name(row, field.label)
            example = _short(self.examples[name, loop_over(self.form, section)])
            lines.append(_line(field.heading, name, _type(field), example))
        self.paper.table(_WIDTHS, lines)

    def prior(self, section: Section) -> list[tuple[Field, tuple[str, ...]]]:
        rows = [(r.label,) for r in section.rows] if section.kind == "grid" else [()]
        fields = () if section.has_rows else section.shown_of_last_year
        return [(f, ("上年", section.label, *row, f.label)) for row in rows for f in fields]

    def patterns(self) -> None:
        """Add the ways of writing conditions, with names of this very form."""
        say = self.paper.paragraph
        unit = self.tags.name(self.form.unit)
        name = self.optional() or unit
        say("填了才印一段：")
        say(self.blocks.condition(name))
        say(f"{{{{ {name} }}}}")
        say("{%p endif %}")
        say(f"没有填就印“无”：{{{{ {name} or '无' }}}}")
        say(f"句子里填了才印：{{{{ {unit} }}}}{{% if {name} %}}（{{{{ {name} }}}}）{{% endif %}}。")
        table = next((s for s in self.form.sections if s.kind == "table"), None)
        if table:
            rows = self.tags.name(table.label)
            count = f"{{{{ {self.tags.name(table.label, '个数')} }}}}"
            say(
                f"表里有没有行：{table.label}{{% if {rows} %}}共{count}行"
                "{% else %}没有填{% endif %}。"
            )

    def optional(self) -> str:
        """Return the name of a field that need not be filled in."""
        for section in self.form.sections:
            for field in section.fields if section.kind == "record" else ():
                if not field.required and not field.formula and field.type != "image":
                    return self.tags.name(*self.tags.path(section, field))
        return ""

    def filters(self) -> None:
        """Add the filters; their examples are words, because their names are not of this form."""
        self.paper.paragraph("过滤器写在名称后面、大括号里面，用竖线隔开，可以接着写几个。")
        lines = [_heading(("写法", "做什么", "得到"))]
        lines += [_line(entry.use, entry.what, entry.gives) for entry in filter_entries()]
        self.paper.table((3600, 3000, 2245), lines)


def _heading(texts: Sequence[str]) -> Line:
    return Line(tuple(Cell((text,), "TableHead") for text in texts), heading=True)


def _line(*texts: str) -> Line:
    return Line(tuple(Cell((text,)) for text in texts))


def _type(field: Field) -> str:
    return FIELD_TYPES[field.type].title + ("，算出" if field.formula else "")


def _short(text: str) -> str:
    """Return an example on one line; its braces are no tag."""
    line = " ".join(text.split()).replace("{", "｛ ").replace("}", " ｝")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
