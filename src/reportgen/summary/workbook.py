"""汇总.xlsx: every unit, every finding, and what a leader wants to see of them."""

from collections.abc import Iterable, Sequence

from reportgen.form import Form
from reportgen.manifest import UnitRecord

NAME = "汇总.xlsx"


def summary_workbook(
    form: Form, records: Iterable[UnitRecord], missing: Sequence[tuple[str, str]] | None = None
) -> bytes:
    """Return 汇总.xlsx of the units of *form*, in their order; the same units, the same bytes.

    It belongs at the top of the output folder: its links to documents and marked copies begin
    there. *missing* are the units (code, name) of the roster that have not sent; None without a
    roster. One pass over *records*; findings are not kept.
    """
    raise NotImplementedError
