"""The workbooks of many units: written once, then only what differs is put in."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from reportgen.form import Form
from reportgen.package import read_package, write_package
from reportgen.roster import Unit
from reportgen.submission import Filled, Submission
from reportgen.workbook.cells import stored_text
from reportgen.workbook.layout import text_width
from reportgen.workbook.write import formulas_of, write_workbook

# no form has them; in ASCII they stand in a sheet as they are, however its texts are encoded
_NAME, _CODE = "@reportgen:name@", "@reportgen:code@"
_ONE_LINE = 50  # half-width characters: a longer name makes its row higher


class Prefilled:
    """Writes each unit's workbook of a form: name and code, and last year's values, filled in."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._formulas = formulas_of(Submission(form=form, made_for=(_NAME, _CODE)))
        short = form.short_names()
        self._is_text = all(n in short and short[n][1].type == "text" for n in _names(form))
        self._blank: dict[bool, list[tuple[str, bytes]]] = {}

    def workbook(self, unit: Unit, prior: Mapping[str, Filled]) -> bytes:
        """Return the workbook for *unit*; the same unit and values give the same bytes.

        A whole workbook takes a second to write, name and code alone a hundredth of that.
        """
        is_short = max(text_width(unit.name), text_width(unit.code)) <= _ONE_LINE
        if prior or not (self._is_text and is_short):
            return self._written((unit.name, unit.code), prior)
        has_code = bool(unit.code)
        if has_code not in self._blank:
            tokens = (_NAME, _CODE if has_code else "")
            self._blank[has_code] = read_package(self._written(tokens, {}))
        return write_package((name, _put(content, unit)) for name, content in self._blank[has_code])

    def _written(self, made_for: tuple[str, str], prior: Mapping[str, Filled]) -> bytes:
        submission = Submission(form=self._form, prior=prior, made_for=made_for)
        return write_workbook(self._form, submission, formulas=self._formulas)


def _names(form: Form) -> list[str]:
    return [name for name in (form.unit, form.code) if name]


def _put(content: bytes, unit: Unit) -> bytes:
    """Return a part with the unit's name and code, written as openpyxl writes them."""
    for token, text in ((_NAME, unit.name), (_CODE, unit.code)):
        written = escape(stored_text(text)).encode("ascii", "xmlcharrefreplace")
        content = content.replace(token.encode(), written)
    return content
