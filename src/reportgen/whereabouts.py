"""Where in the workbook a named value stands: its own cell, or the one that shows it."""

from typing import Any

from reportgen.expression import Chain, Scope
from reportgen.nodes import RowNode, Tree
from reportgen.value import Cell


def cell_of(data: Tree, scope: Chain, path: tuple[str, ...]) -> Cell | None:
    """Return the cell of what *path* names in *scope*, or where a formula or a total is shown.

    A total, ``个数`` and a whole column stand at the heading of their column. None for what the
    workbook does not show: a computed value, a column that is not there.
    """
    own: Cell | None = getattr(resolve(scope, path), "cell", None)
    owner = owner_of(data, scope, path)
    return own or (owner.cell_of(path[-1]) if hasattr(owner, "cell_of") else None)


def owner_of(data: Tree, scope: Chain, path: tuple[str, ...]) -> Any:
    """Return the record, row, total or table that *path* is in; None for what stands alone."""
    return resolve(scope, path[:-1]) if path[1:] else _holder(data, scope, path[0])


def _holder(data: Tree, scope: Chain, name: str) -> Any:
    """Return the row that has a column called *name*, or the record that has such a field."""
    for one in scope.scopes:
        if isinstance(one, RowNode) and name in one.table.fields:
            return one
    short = data.form.short_names().get(name)
    return data.node(short[0]) if short else None


def resolve(scope: Scope, path: tuple[str, ...]) -> Any:
    """Return what *path* stands for.

    Raises:
        KeyError: a name is unknown.
    """
    value: Any = scope.resolve(path[0])
    for name in path[1:]:
        value = value.lookup(name)
    return value
