"""The sheet 图表: what a leader looks at, chosen by what the form's columns are."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reportgen.fieldtypes import number_format
from reportgen.summary.form import DONE, UNSENT, WRONG, Column
from reportgen.summary.frequent import Frequent
from reportgen.summary.sheets import Book, Sheet
from reportgen.summary.totals import rate_parts
from reportgen.summary.values import UnitRow
from reportgen.value import Number
from reportgen.workbook.layout import letters

TITLE = "图表"
#: Up to so many units are in one ranking; of more, the first and the last so many.
_ALL, _ENDS = 30, 15
_MOST_RULES, _LONGEST_NAME = 12, 18
_BLUE, _GREEN, _RED, _GREY, _ORANGE = "#4472C4", "#70AD47", "#E06666", "#BFBFBF", "#ED7D31"
_COLORS = {DONE: _GREEN, WRONG: _RED, UNSENT: _GREY}
#: Charts stand two beside each other; their numbers stand to the right of the printed page.
_WIDTH, _LOW, _ROW = 624, 300, 20
_BESIDE, _PRINTED, _DATA = 10, 20, 21
_TOP, _PAGE = 2, 52
_FONT = {"name": "微软雅黑", "size": 9}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: ``names`` of its bars, and in each of ``series`` (name, numbers) one number a bar.

    A number that is None is no bar.

    ``kind`` is pie, column or bar (lying, the first on top); ``colors`` are those of the series,
    in a pie those of the names.
    """

    kind: str
    title: str
    names: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    number: str = "0"
    colors: tuple[str, ...] = (_BLUE, _ORANGE)

    @property
    def height(self) -> int:
        """How high it is, in pixels."""
        if self.kind != "bar":
            return _LOW
        return max(_LOW, 100 + len(self.names) * (10 + 12 * len(self.series)))


def write_charts(book: Book, sheet: Sheet, charts: Sequence[Chart]) -> None:
    """Write *charts* two beside each other, and the numbers that they show."""
    sheet.on_paper()
    sheet.inner.set_print_scale(64)
    cells: dict[tuple[int, int], tuple[str | float, str]] = {}
    top, data, breaks, page = _TOP, _TOP, [], 0
    for at in range(0, len(charts), 2):
        pair = charts[at : at + 2]
        rows = -(-max(one.height for one in pair) // _ROW) + 1
        if top > _TOP and top + rows - page > _PAGE:
            breaks.append(top)
            page = top
        for beside, one in enumerate(pair):
            _insert(book, sheet, one, (top, beside * _BESIDE), data, cells)
            data += len(one.names) + 3
        top += rows
    sheet.text(0, 0, TITLE, "title", fits=False)
    if not charts:
        sheet.text(1, 0, "两个以上单位报送以后，这里有图。", "note", fits=False)
    for (row, column), (value, number) in sorted(cells.items()):
        if isinstance(value, str):
            sheet.text(row, column, value, "note", fits=False)
        else:
            sheet.inner.write_number(row, column, value, book.look("note", number))
    sheet.inner.print_area(0, 0, top, _PRINTED - 1)
    sheet.inner.set_h_pagebreaks(breaks)
    sheet.inner.set_column(_DATA, _DATA, 30)


def _insert(
    book: Book, sheet: Sheet, one: Chart, place: tuple[int, int], row: int,
    cells: dict[tuple[int, int], tuple[str | float, str]],
) -> None:  # fmt: skip
    """Put a chart at *place* (row, column), and its numbers into *cells* from *row* on."""
    first, last = row + 2, row + 1 + len(one.names)

    def area(column: int) -> str:
        letter = letters(column + 1)
        return f"={TITLE}!${letter}${first + 1}:${letter}${last + 1}"

    chart = book.chart(one.kind)
    cells[row, _DATA] = (one.title, "")
    for at, name in enumerate(one.names):
        cells[first + at, _DATA] = (name, "")
    for number, (name, values) in enumerate(one.series):
        column = _DATA + 1 + number
        cells[row + 1, column] = (name, "")
        known = [(at, value) for at, value in enumerate(values) if value is not None]
        for at, value in known:
            cells[first + at, column] = (value, one.number)
        gap = max(60, 420 - 80 * len(one.names))  # a bar alone is no wall
        look: dict[str, Any] = {"fill": {"color": one.colors[number]}, "gap": gap}
        label: dict[str, Any] = {"value": True, "num_format": one.number, "font": _FONT}
        if one.kind == "pie":
            look = {"points": [{"fill": {"color": color}} for color in one.colors]}
            label |= {"category": True, "separator": "\n"}
        chart.add_series(
            {
                "name": name,
                "categories": area(_DATA),
                "values": area(column),
                "categories_data": list(one.names),
                "values_data": list(values),
                "data_labels": label,
                **look,
            }
        )
    chart.set_title(
        {"name": one.title, "overlay": False, "name_font": {**_FONT, "size": 12, "bold": True}}
    )
    chart.set_legend(
        {"none": True} if len(one.series) == 1 else {"position": "bottom", "font": _FONT}
    )
    chart.set_size({"width": _WIDTH, "height": one.height})
    if one.kind != "pie":
        lines = {"visible": True, "line": {"color": "#E7E6E6"}}
        values_axis: dict[str, Any] = {
            "num_format": one.number,
            "num_font": _FONT,
            "major_gridlines": lines,
        }
        names_axis = {"num_font": _FONT, "reverse": one.kind == "bar"}
        if one.kind == "bar":
            values_axis |= {"visible": False, "major_gridlines": {"visible": False}}
        if all(value is None or value >= 0 for _, values in one.series for value in values):
            values_axis["min"] = 0
        axes = [chart.set_x_axis, chart.set_y_axis]
        for axis, set_axis in zip(
            (names_axis, values_axis), axes[:: -1 if one.kind == "bar" else 1], strict=True
        ):
            set_axis(axis)
    sheet.inner.insert_chart(*place, chart, {"x_offset": 6, "y_offset": 4, "object_position": 3})


def charts_of(
    own: Sequence[Column], rows: Sequence[UnitRow], unsent: int, frequent: Sequence[Frequent]
) -> list[Chart]:
    """Return the charts that these units give; *unsent* units have not sent."""
    found = [_statuses(rows, unsent)]
    # the last choices of a form are results, as a grade is
    found += [_shares(one, rows) for one in reversed(own) if one.field.choices]
    found += [_amounts(own, rows)]
    found += _rankings(own, rows)
    found += [_frequent(frequent)]
    # those of one height stand beside each other
    return sorted((one for one in found if one is not None), key=lambda one: one.height)


def _statuses(rows: Sequence[UnitRow], unsent: int) -> Chart | None:
    counts = Counter(row.status for row in rows) + Counter({UNSENT: unsent})
    known = tuple(word for word in (DONE, WRONG, UNSENT) if counts[word])
    numbers = tuple(float(counts[word]) for word in known)
    if counts.total() < 2:
        return None
    title = f"报送情况（共 {counts.total()} 个单位）"
    colors = tuple(_COLORS[word] for word in known)
    return Chart("pie", title, known, (("单位数", numbers),), colors=colors)


def _shares(one: Column, rows: Sequence[UnitRow]) -> Chart | None:
    """How many units have each choice of a column, in the order of the form."""
    counts = Counter(str(row.values[one.label]) for row in rows)
    numbers = tuple(float(counts[choice]) for choice in one.field.choices)
    if len(one.field.choices) < 2 or sum(numbers) < 2 or max(numbers) == len(rows):
        return None  # all alike: the table says so
    title = f"{one.label}（{int(sum(numbers))} 个单位）"
    return Chart("column", title, one.field.choices, (("单位数", numbers),))


def _amounts(own: Sequence[Column], rows: Sequence[UnitRow]) -> Chart | None:
    """The two amounts of the first rate, or else the first amount; the largest on top."""
    by_label = {one.label: one for one in own}
    first = next(
        (o.label for o in own if o.field.type == "decimal" and o.field.uom and _adds(o)), ""
    )
    labels = rate_parts(own) or ((first,) if first else ())
    amounts = [
        (_name(row), tuple(_number(row, label) for label in labels))
        for row in rows
        if labels and _number(row, labels[-1]) is not None
    ]
    amounts.sort(key=lambda pair: -(pair[1][-1] or 0))
    if len(amounts) < 2:
        return None
    field = by_label[labels[-1]].field
    shown = amounts[: _ENDS + 5]
    title = "、".join(labels) + (f"（{field.uom}）" if field.uom else "")
    title += f"：最多的 {len(shown)} 个单位" if len(shown) < len(amounts) else ""
    series = tuple((label, tuple(n[at] for _, n in shown)) for at, label in enumerate(labels))
    return Chart("bar", title, tuple(name for name, _ in shown), series, number_format(field))


def _rankings(own: Sequence[Column], rows: Sequence[UnitRow]) -> Iterator[Chart]:
    """The units by the first rate and by the first score; of many, the highest and the lowest."""
    rates = [one for one in own if one.field.type == "percent"]
    for one in [*rates[:1], *[o for o in own if o.average and o not in rates][:1]]:
        pairs = [(_name(row), _number(row, one.label)) for row in rows]
        ranked = sorted(((n, v) for n, v in pairs if v is not None), key=lambda pair: -pair[1])
        if len(ranked) < 2:
            continue
        parts = [("由高到低", ranked)]
        if len(ranked) > _ALL:
            parts = [
                (f"最高的 {_ENDS} 个", ranked[:_ENDS]),
                (f"最低的 {_ENDS} 个", ranked[: -_ENDS - 1 : -1]),
            ]
        for words, part in parts:
            names, numbers = zip(*part, strict=True)
            title = f"{one.label}：{words}（{len(ranked)} 个单位）"
            number = number_format(one.field)
            color = _ORANGE if "最低" in words else _BLUE
            yield Chart("bar", title, names, ((one.label, numbers),), number, (color,))


def _frequent(found: Sequence[Frequent]) -> Chart | None:
    shown = found[:_MOST_RULES]
    if not shown:
        return None
    names = tuple(f"{one.code} {_cut(one.message)}" for one in shown)
    numbers = tuple(float(one.units) for one in shown)
    return Chart("bar", "最常见的问题（单位数）", names, (("单位数", numbers),), colors=(_RED,))


def _adds(one: Column) -> bool:
    return one.field.has_total and not one.average


def _number(row: UnitRow, label: str) -> float | None:
    value = row.values[label]
    return float(value.value) if isinstance(value, Number) else None


def _name(row: UnitRow) -> str:
    return _cut(row.record.unit)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"
