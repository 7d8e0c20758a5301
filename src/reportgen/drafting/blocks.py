"""The data of a form as paragraphs and tables of tags: a record, a grid, a table, an outline."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from reportgen.drafting.paper import LANDSCAPE, PORTRAIT, Cell, Line, Paper
from reportgen.form import MAX_LEVEL, Field, Form, GridRow, Section
from reportgen.tagtext import Tags, loop_over, row_name

_LABEL, _VALUE = 3000, 5845
_NUMBER_COLUMN = 620
#: How wide a column must be at least, in twentieths of a point, at 10.5 points a character.
_LEAST = {
    "text": 1300, "narrative": 2100, "integer": 850, "decimal": 1100, "percent": 950, "year": 750,
    "date": 1300, "choice": 1000, "yes_no": 750, "image": 2000,
}  # fmt: skip
_STYLE = {
    "integer": "TableNumber", "decimal": "TableNumber", "percent": "TableNumber",
    "year": "TableCenter", "date": "TableCenter", "choice": "TableCenter", "yes_no": "TableCenter",
    "image": "TableCenter",
}  # fmt: skip


class Blocks:
    """Lays the sections of *form* out on *paper*."""

    def __init__(self, form: Form, paper: Paper) -> None:
        self.form, self.paper, self.tags = form, paper, Tags(form)

    # -- records ---------------------------------------------------------------

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Add a table of two columns; *pairs* are what it is, and its tag."""
        lines = [Line((Cell((heading,)), Cell((tag,)))) for heading, tag in pairs]
        self.paper.table((_LABEL, _VALUE), lines)

    def record(self, section: Section) -> None:
        """Add a record: what is short in a table, and each narrative and picture by itself."""
        short = [f for f in section.fields if f.type not in {"narrative", "image"}]
        if short:
            self.pairs([(f.heading, self.tags.field(section, f)) for f in short])
        for field in section.fields:
            if field in short:
                continue
            tag = self.tags.field(section, field)
            with_value = self.condition(tag.removeprefix("{{ ").removesuffix(" }}"))
            self.paper.paragraph(with_value)
            self.paper.paragraph(field.label, "Heading2", level=1)
            self.paper.paragraph(tag, "TableCenter" if field.type == "image" else "BodyText")
            self.paper.paragraph("{%p endif %}")

    def condition(self, expression: str) -> str:
        """Return the tag that keeps what follows only where *expression* holds."""
        return f"{{%p if {expression} %}}"

    # -- grids -----------------------------------------------------------------

    def grid(self, section: Section) -> None:
        """Add a grid: a row of tags for each of its rows, and the total where it has none itself."""
        shared = _shared_uom(section.fields)
        if shared:
            self.paper.paragraph(f"单位：{shared}", "TableUnit")
        heads = [Cell(("项目",), "TableHead"), *_heads(section.fields, shared)]
        lines = [Line(tuple(heads), heading=True)]
        for row in section.rows:
            cells = [self._cell(section, row, field) for field in section.fields]
            lines.append(Line((Cell((row.label,)), *cells)))
        if "合计" not in {row.label for row in section.rows}:
            lines += self._totals(section, section.fields, 1)
        self.paper.table((1800, *map(least_width, section.fields)), lines)

    def _cell(self, section: Section, row: GridRow, field: Field) -> Cell:
        tag = self.tags.value(field, section.label, row.label, field.label, row=row)
        return Cell((tag,), _STYLE.get(field.type, "TableText"))

    # -- tables ----------------------------------------------------------------

    def rows(self, section: Section) -> None:
        """Add a table with a loop over its rows; what is too wide for one is two or more."""
        shared = _shared_uom(section.fields)
        parts = list(split(section.fields, self.paper.width))
        for number, fields in enumerate(parts):
            if number:  # without rows the first part alone says so
                self.paper.paragraph(self.condition(self.tags.name(section.label)))
                self.paper.paragraph("", "TableGap")
            if shared and any(f.uom for f in fields):
                self.paper.paragraph(f"单位：{shared}", "TableUnit")
            self._part(section, fields, shared, is_first=not number)
            if number:
                self.paper.paragraph("{%p endif %}")

    def _part(
        self, section: Section, fields: Sequence[Field], shared: str, *, is_first: bool
    ) -> None:
        """Add a table; one without rows says 无, or gives way to the form's own sentence."""
        columns = len(fields) + 1
        name = self.tags.name(section.label)
        row = row_name(self.form, section)
        cells = [
            Cell((self.tags.value(f, row, f.label),), _STYLE.get(f.type, "TableText"))
            for f in fields
        ]
        texts = (f"{{%tr if not {name} %}}", "无", "{%tr endif %}")
        nothing = [_whole(text, columns) for text in texts]
        lines = [
            *_two_level(fields, shared),
            _whole(f"{{%tr for {loop_over(self.form, section)} %}}", columns),
            Line((Cell((f"{{{{ {row}.序号 }}}}",), "TableCenter"), *cells)),
            _whole("{%tr endfor %}", columns),
            *(nothing if is_first and not section.empty else ()),
            *self._totals(section, fields, 2),
        ]
        self.paper.table((_NUMBER_COLUMN, *map(least_width, fields)), lines)

    def _totals(self, section: Section, fields: Sequence[Field], before: int) -> Iterator[Line]:
        """Yield the row of totals; *before* columns at the left, or one where those have totals."""
        if not any(f.has_total for f in fields):
            return
        span = before if before == 1 or not fields[0].has_total else 1
        cells = [Cell(("合计",), "TableCenter", span)]
        for field in fields[span - 1 :]:
            tag = self.tags.value(field, section.label, "合计", field.label)
            cells.append(Cell((tag if field.has_total else "",), "TableNumber"))
        yield Line(tuple(cells))

    # -- outlines --------------------------------------------------------------

    def outline(self, section: Section) -> None:
        """Add an outline: headings in the styles of their levels, and the text below each."""
        row, name = row_name(self.form, section), self.tags.name(section.label)
        deepest = min(len(section.level_numbering), MAX_LEVEL)
        say = self.paper.paragraph
        say(f"{{%p for {loop_over(self.form, section)} %}}")
        for level in range(deepest, 0, -1):
            word = "if" if level == deepest else "elif"
            at_least = f" and {row}.级 >= {level}" if level > 1 else ""
            say(f"{{%p {word} {row}.标题{at_least} %}}")
            # the section's own heading is of level 1
            style = f"Heading{min(max(section.start + level - 1, 2), MAX_LEVEL)}"
            say(f"{{{{ {row}.编号 }}}}{{{{ {row}.标题 }}}}", style)
        say("{%p endif %}")
        say(self.condition(f"{row}.正文"))
        say(f"{{{{ {row}.正文 }}}}")
        say("{%p endif %}")
        say("{%p endfor %}")
        say(self.condition(f"not {name}"))
        say(section.empty or "无。")
        say("{%p endif %}")

    def section(self, section: Section) -> None:
        """Add the data of *section*."""
        {"record": self.record, "grid": self.grid, "table": self.rows, "outline": self.outline}[
            section.kind
        ](section)


def least_width(field: Field) -> int:
    """Return how wide the column of *field* must be at least."""
    if field.type == "choice" or field.choices:
        longest = max(map(len, field.choices), default=0)
        return max(_LEAST["choice"], min(longest, 8) * 210 + 120)
    return _LEAST[field.type]


def is_wide(section: Section) -> bool:
    """Whether the columns of *section* do not fit on an upright page."""
    if section.kind not in {"table", "grid"}:
        return False
    first = _NUMBER_COLUMN if section.kind == "table" else 1800
    return first + sum(map(least_width, section.fields)) > PORTRAIT


def split(fields: Sequence[Field], width: int = LANDSCAPE) -> Iterator[Sequence[Field]]:
    """Yield the columns of each table that fits into *width*; the first column is in all of them.

    Columns of one group stay together as long as they fit.
    """
    first, *rest = fields
    room = width - _NUMBER_COLUMN - least_width(first)
    part: list[Field] = []
    for _, group in groupby(rest, key=lambda f: f.group or f.label):
        own = list(group)
        if part and _size(part) + _size(own) > room:
            yield [first, *part]
            part = []
        for field in own:
            if part and _size(part) + least_width(field) > room:
                yield [first, *part]
                part = []
            part.append(field)
    yield [first, *part]


def _size(fields: Sequence[Field]) -> int:
    return sum(map(least_width, fields))


def _shared_uom(fields: Sequence[Field]) -> str:
    """Return the unit of measure of all fields that have one; empty where they differ."""
    uoms = {f.uom for f in fields if f.uom}
    return uoms.pop() if len(uoms) == 1 else ""


def _head(field: Field, shared: str) -> str:
    return field.label if field.uom == shared else field.heading


def _heads(fields: Sequence[Field], shared: str) -> list[Cell]:
    return [Cell((_head(field, shared),), "TableHead") for field in fields]


def _two_level(fields: Sequence[Field], shared: str) -> list[Line]:
    """Return the rows of headings: two where fields have a group, which stands above them."""
    number = Cell(("序号",), "TableHead")
    if not any(f.group for f in fields):
        return [Line((number, *_heads(fields, shared)), heading=True)]
    above = [Cell(("序号",), "TableHead", tall=True)]
    below = [Cell(style="TableHead", above=True)]
    for group, members in groupby(fields, key=lambda f: f.group):
        own = list(members)
        if group:
            above.append(Cell((group,), "TableHead", len(own)))
            below += _heads(own, shared)
        else:
            above += [Cell((_head(f, shared),), "TableHead", tall=True) for f in own]
            below += [Cell(style="TableHead", above=True) for _ in own]
    return [Line(tuple(above), heading=True), Line(tuple(below), heading=True)]


def _whole(text: str, columns: int) -> Line:
    """Return a row that is one cell: for a tag of the whole row, or a sentence."""
    return Line((Cell((text,), "TableCenter", columns),))
