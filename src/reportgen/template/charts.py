"""Charts drawn in Word: their data are filled in by tags, their look stays as the office drew it.

Where the alternative text (替代文字) of a chart is a tag, it names the rows: ``{{ 项目明细 }}``; the
headings of the chart's table name the columns. And tags may stand in the cells of that table and in
the titles.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from lxml import etree
from markupsafe import Markup

from reportgen.context import UnprintableError, printable
from reportgen.fieldtypes import number_format
from reportgen.names import maybe, nearest
from reportgen.template.additions import (
    Additions,
    carrier,
    current,
    marked,
    only_tag,
    relations,
    target_of,
    without_carrier,
    written,
)
from reportgen.template.chartdata import C, ChartData, Content, Source
from reportgen.template.pictures import drawings
from reportgen.value import Blank, Number

_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MIME = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_TABLE_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TAG = re.compile(r"[{｛]{2}([^{}｛｝]+)[}｝]{2}")


def tag_charts(
    root: etree._Element, part: str, parts: Mapping[str, bytes], name_of: Callable[[str], str]
) -> bool:
    """Let each chart below *root* with tags of ours be filled by them; say if one was.

    *name_of* returns the label that a heading means.
    """
    found = False
    links = relations(parts, part)
    for properties, run in drawings(root):
        drawing = properties.getparent()
        frame = drawing.find(f".//{C}chart") if drawing is not None else None
        link = links.get(frame.get(_ID, "")) if frame is not None else None
        chart = ChartData.read(parts, target_of(part, link)) if link is not None else None
        if frame is None or chart is None:
            continue
        rows = only_tag(properties.get("descr") or properties.get("title") or "")
        codes = [code for text in _tagged(chart) for code in _TAG.findall(text)]
        if not rows and not codes:
            continue
        columns = _columns(chart) if rows else {}
        names = [name_of(heading).replace('"', "") for heading in columns.values()]
        labels = "".join(f'"{name}", ' for name in names)
        values = ", ".join(f"({code})" for code in codes)
        expression = f'({rows or "none"})|_chart({labels}rel="{frame.get(_ID)}", values=[{values}])'
        typed = "".join(f"{{{{ {code.strip()} }}}}" for code in [rows, *codes] if code)
        run.addprevious(carrier(expression, typed))
        if rows:
            properties.attrib.pop("title", "")
            properties.set("descr", "")
        found = True
    return found


def chart(rows: Any, *labels: str, rel: str, values: Sequence[object]) -> Markup:
    """Return the mark of a chart: its table of *rows*, under *labels*, and its tags as *values*.

    Raises:
        UnprintableError: the rows are none, or a column is none of theirs or no number.
    """
    now = current()
    if now is None:
        return Markup()
    additions, part = now
    name = target_of(part, relations(additions.template, part)[rel])
    filled = ChartData.read(additions.template, name)
    assert filled is not None  # it was read when the template was opened
    _set_tags(filled, values)
    if rows is not None:
        _set_rows(filled, rows, labels)
    return marked(partial(_place, filled=filled, name=name))


def _tagged(chart: ChartData) -> list[str]:
    """Return the texts of a chart that may hold tags: the cells of its table, then its titles."""
    cells = [str(v) for cells in chart.cells.values() for v in cells.values()]
    return [*cells, *(text.text or "" for text in chart.texts())]


def _set_tags(chart: ChartData, values: Sequence[object]) -> None:
    """Put *values* in the place of the tags of ``_tagged``, in the same order."""
    left = iter(values)
    cells: dict[tuple[str, int, int], Content] = {}
    for sheet, held in chart.cells.items():
        for (row, column), content in held.items():
            found = _TAG.findall(str(content))
            if not found:
                continue
            taken = [next(left) for _ in found]
            alone = only_tag(str(content)) and isinstance(taken[0], Number | Blank)
            cells[sheet, row, column] = (
                _amount(taken[0], "") if alone else _in_words(str(content), taken)
            )
    chart.set_cells(cells)
    for text in chart.texts():
        found = _TAG.findall(text.text or "")
        if found:
            text.text = _in_words(text.text or "", [next(left) for _ in found])


def _in_words(text: str, values: Sequence[object]) -> str:
    words = iter([" ".join(printable(value).split()) for value in values])
    return _TAG.sub(lambda _: next(words), text)


def _columns(chart: ChartData) -> dict[tuple[str, int], str]:
    """Return the columns that a chart draws, by sheet and number, and their headings."""
    found: dict[tuple[str, int], str] = {}
    for source in chart.sources():
        found.setdefault((source.area.sheet, source.area.column), chart.heading(source))
    return found


def _set_rows(chart: ChartData, rows: Any, labels: Sequence[str]) -> None:
    if not labels:
        raise UnprintableError("图表还没有数据列，请先在“编辑数据”里写好栏目名")
    if any(source.area.across for source in chart.sources()):
        raise UnprintableError("图表的数据要一列一个系列，请在“选择数据”里切换行和列")
    lines = _lines(rows)
    columns = dict(zip(_columns(chart), labels, strict=True))
    contents: dict[tuple[str, int], list[Content]] = {}
    for source in chart.sources():
        key = source.area.sheet, source.area.column
        label = columns[key]
        values = [_value(line, label, name) for name, line in lines]
        contents[key] = [
            _amount(value, label) if source.is_number else printable(value) for value in values
        ]
        if source.is_number:
            _set_format(source, values)
    chart.set_rows(contents)


def _lines(rows: Any) -> list[tuple[str, Any]]:
    """Return the rows of a table or a grid, each with its own name where it has one."""
    if hasattr(rows, "row_names"):
        return [(line.label, rows.lookup(line.label)) for line in rows.section.rows]
    if isinstance(rows, str | Blank) or not hasattr(rows, "__iter__"):
        raise UnprintableError("图表的替代文字要写一张表的名称", rows)
    lines = list(rows)
    if not all(hasattr(line, "lookup") for line in lines):
        raise UnprintableError("图表的替代文字要写一张表的名称")
    return [("", line) for line in lines]


def _value(line: Any, label: str, name: str) -> object:
    """Return a row's value in the column *label*; without one its name, or its first column's."""
    if not label:
        return name or line.lookup(line.section.fields[0].label)
    try:
        return line.lookup(label)
    except KeyError as error:
        if name:  # the heading of a grid's own row labels is anything
            return name
        near = maybe(nearest(label, [field.label for field in line.section.fields]))
        what = f"图表的数据表里有“{label}”这一列，表里没有这个栏目。{near}"
        raise UnprintableError(what.rstrip("。")) from error


def _amount(value: object, label: str) -> Decimal | None:
    """Return a number exactly, of a quotient without an end 15 digits; nothing for a blank."""
    if isinstance(value, Blank):
        return None
    if isinstance(value, int | float | Decimal | Fraction) and not isinstance(value, bool):
        value = Number(Decimal(str(value)))
    if not isinstance(value, Number):
        raise UnprintableError(
            f"图表的“{label}”这一列要是数，这里的值是“{printable(value)}”", value
        )
    amount = value.value
    if isinstance(amount, Fraction):
        return Decimal(format(float(amount), ".15g"))
    return amount


def _set_format(source: Source, values: Sequence[object]) -> None:
    """Let the labels of a series print as its field does, where the office has set nothing."""
    code = source.element.find(f".//{C}formatCode")
    field = next((v.field for v in values if isinstance(v, Number) and v.field), None)
    if code is not None and code.text == "General" and field is not None:
        code.text = number_format(field)


def _place(
    mark: etree._Element, additions: Additions, part: str, filled: ChartData, name: str
) -> None:
    """Let the chart behind *mark* be *filled*: a part of its own, with a table of its own."""
    run = without_carrier(mark)
    own = additions.add("word/charts/chart.xml", b"", _MIME)
    for link in relations(additions.template, name).values():
        kind, target = str(link.get("Type")), target_of(name, link)
        outer = filled.root.find(f"{C}externalData")
        if kind.endswith("/package"):
            table = additions.add("word/embeddings/table.xlsx", filled.workbook(), _TABLE_MIME)
            rel = additions.relate(own, kind, table)
            if outer is not None:
                outer.set(_ID, rel)
        elif link.get("TargetMode") == "External":
            if outer is not None and outer.get(_ID) == link.get("Id"):
                filled.root.remove(outer)  # a table on somebody's disk
        else:
            copy = additions.add(target, additions.template[target], additions.mime_of(target))
            rel = additions.relate(own, kind, copy)
            for user in filled.root.iter():
                if user.get(_ID) == link.get("Id"):
                    user.set(_ID, rel)
    additions.set(own, written(filled.root))
    rel = additions.relate(part, "chart", own)
    for frame in run.iter(f"{C}chart"):
        frame.set(_ID, rel)
