"""Values that refer to another section (``from``): one spelling for the row that is meant."""

from typing import Any

from reportgen.form import Field
from reportgen.headings import narrow
from reportgen.value import Text, Value

#: (section, field) → how a value is compared → how it is spelt there.
Spellings = dict[tuple[str, str], dict[str, str]]


def as_in_source(data: Any, field: Field, value: Value) -> Value:
    """Return *value* as the row that it refers to spells it: 甲（一） for ``甲(一) ``.

    Whoever picks the rows of 甲（一） must find it, however it was typed. *data* is the tree of
    names (``compute.Data``), which keeps the spellings.
    """
    source, known = field.source, data.spellings
    if source is None or not isinstance(value, Text):
        return value
    if source not in known:
        known[source] = {}  # while it is made: a column may refer to itself
        section = data.form.section(source[0])
        values = data.node(section).every(section.field(source[1]))
        known[source] = {narrow(str(v)): str(v) for v in reversed(values)}
    spelt = known[source].get(narrow(value))
    return value if spelt is None else Text(spelt, field, value.cell)
