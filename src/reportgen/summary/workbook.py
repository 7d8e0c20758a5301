"""汇总.xlsx: every unit, every finding, and what a leader wants to see of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, islice

from reportgen.form import Form
from reportgen.manifest import UnitRecord
from reportgen.summary import charts
from reportgen.summary.form import columns
from reportgen.summary.frequent import FrequentFindings
from reportgen.summary.lists import Findings, write_documents, write_frequent
from reportgen.summary.sheets import Book
from reportgen.summary.totals import Totals
from reportgen.summary.units import Units
from reportgen.summary.values import UnitRow, unit_rows

NAME = "汇总.xlsx"
#: Fewer units than this are written without temporary files: a run over one unit takes 10 ms, not 80.
_FEW = 100


def summary_workbook(
    form: Form, records: Iterable[UnitRecord], missing: Sequence[tuple[str, str]] | None = None
) -> bytes:
    """Return 汇总.xlsx of the units of *form*, in their order; the same units, the same bytes.

    It belongs at the top of the output folder: its links to documents and marked copies begin
    there. *missing* are the units (code, name) of the roster that have not sent; None without a
    roster. One pass over *records*; findings are not kept.
    """
    units_left = iter(records)
    few = list(islice(units_left, _FEW))
    book, own = Book(few=len(few) < _FEW), columns(form)
    units, drawn = book.sheet("汇总"), book.sheet(charts.TITLE)
    ranking = book.sheet("常见问题")
    findings, totals, frequent = (
        Findings(book.sheet("问题清单")),
        Totals(own),
        FrequentFindings(form),
    )
    rows: list[UnitRow] = []
    for row in unit_rows(form, own, chain(few, units_left)):
        findings.add(row.record)
        frequent.add(row.record.findings)
        totals.add(row.values)
        light = replace(row.record, findings=(), paragraphs=(), summary={}, wanted=())
        rows.append(replace(row, record=light))
    findings.close()
    found = frequent.ranked()
    Units(units, form, own, missing).write(rows, totals)
    charts.write_charts(book, drawn, charts.charts_of(own, rows, len(missing or ()), found))
    write_frequent(ranking, found, len(rows))
    write_documents(book.sheet("文档清单"), [row.record for row in rows])
    return book.content()
