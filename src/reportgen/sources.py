"""Values that refer to another section (``from``): one spelling for the row that is meant."""

from typing import Any

from reportgen.form import Field
from reportgen.headings import narrow
from reportgen.value import Invalid, Text, Value, is_empty


class Sources:
    """The columns that others refer to, each gathered once, however many cells refer to it.

    ``doubtful`` are those with a cell that cannot be read: nobody can say what is not in them.
    """

    def __init__(self, data: Any) -> None:
        """*data* is the tree of names (``compute.Data``)."""
        self._data = data
        self._known: dict[tuple[str, str], dict[str, str]] = {}
        self._narrow: dict[str, str] = {}
        self.doubtful: set[tuple[str, str]] = set()

    def spellings(self, source: tuple[str, str]) -> dict[str, str]:
        """Return what stands in the column *source*: how it is compared → how it is spelt."""
        if source not in self._known:
            self._known[source] = {}  # while it is made: a column may refer to itself
            section = self._data.form.section(source[0])
            values = self._data.node(section).every(section.field(source[1]))
            filled = [str(v) for v in reversed(values) if not is_empty(v)]
            self._known[source] = {narrow(text): text for text in filled}
            if any(isinstance(v, Invalid) for v in values):
                self.doubtful.add(source)
        return self._known[source]

    def as_spelt(self, field: Field, value: Value) -> Value:
        """Return *value* as the row that it refers to spells it: 甲（一） for ``甲(一) ``.

        Whoever picks the rows of 甲（一） must find it, however it was typed.
        """
        if field.source is None or not isinstance(value, Text):
            return value
        if value not in self._narrow:  # sixty indicators name the same few projects
            self._narrow[value] = narrow(value)
        spelt = self.spellings(field.source).get(self._narrow[value])
        return value if spelt is None else Text(spelt, field, value.cell)
