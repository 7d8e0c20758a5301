"""Rows of a table that have something in common (``项目明细|分组("项目类型")``), and their order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from reportgen.form import Field
from reportgen.show import show
from reportgen.value import Blank, Number, Value, plain


class Group:
    """Some rows of a table: what they have in common by its label, 合计, 个数, 序号, the rows.

    ``table`` is the table with these rows alone; all but ``序号`` and the common values are its own.
    """

    def __init__(self, table: Any, common: Mapping[str, Value], index: int) -> None:
        self.table, self._common, self._index = table, common, index
        self.where, self.ordered, self.grouped = table.where, table.ordered, table.grouped

    def __iter__(self) -> Iterator[Any]:
        return iter(self.table)

    def __len__(self) -> int:
        return len(self.table)

    def lookup(self, name: str) -> Any:
        """Return what the rows have in common, ``序号`` of the group, or what a table has."""
        if name == "序号":
            return Number(Decimal(self._index))
        return self._common[name] if name in self._common else self.table.lookup(name)


def groups(
    rows: Sequence[Any], fields: Sequence[Field], table_of: Callable[[Sequence[Any]], Any]
) -> list[Group]:
    """Return the groups of *rows* that print the same in *fields*, in the order they appear.

    Blanks are a group too, so that no row is lost. *table_of* makes a table of some rows.
    """
    found: dict[tuple[str, ...], list[Any]] = {}
    for row in rows:
        found.setdefault(tuple(show(row.lookup(one.label)) for one in fields), []).append(row)
    return [
        Group(
            table_of(alike),
            {name: alike[0].lookup(one.label) for one in fields for name in (one.label, *one.was)},
            index,
        )
        for index, alike in enumerate(found.values(), 1)
    ]


def rank(field: Field, value: Value) -> tuple[int, Any]:
    """Return what a value is sorted by."""
    if isinstance(value, Blank):
        return 2, 0
    if field.choices:
        known = str(value) in field.choices
        return (0, field.choices.index(str(value))) if known else (1, str(value))
    return 0, plain(value)
