"""A first Word template from a form: every field and every loop in place, laid out as a report.

Upright pages first, with the signature at their end; tables that are too wide for them follow on
pages that lie on their side, as 附表.
"""

from reportgen.drafting.blocks import Blocks, is_wide
from reportgen.drafting.paper import Paper
from reportgen.form import Form, Section

_NONE = "（本次没有附表。）"


def first_template(form: Form) -> bytes:
    """Return a template of *form* as .docx bytes."""
    return _Draft(form).content()


class _Draft:
    def __init__(self, form: Form) -> None:
        self.form, self.paper = form, Paper()
        self.blocks = Blocks(form, self.paper)
        self.tags = self.blocks.tags

    def content(self) -> bytes:
        self.paper.paragraph(self.title(), "Title")
        wide = [section for section in self.form.sections if is_wide(section)]
        for section in self.form.sections:
            if section not in wide:
                self.section(section, section.label, 0)
        self.computed()
        self.signature()
        if wide:
            self.paper.turn()
            for section in wide:
                self.section(section, f"附表：{section.label}", None)
            if all(section.when for section in wide):
                # a page that only a condition fills must not be empty
                met = " or ".join(f"({section.when})" for section in wide)
                self.paper.paragraph(self.blocks.condition(f"not ({met})"))
                self.paper.paragraph(_NONE)
                self.paper.paragraph("{%p endif %}")
        return self.paper.content(self.form.title)

    def title(self) -> str:
        year = self.first("year")
        of_year = f"{year}年度" if year else ""
        return f"{self.unit()}\n{of_year}{self.form.title}"

    def unit(self) -> str:
        return f"{{{{ {self.tags.name(self.form.unit)} }}}}"

    def first(self, type_: str) -> str:
        """Return the tag of the first field of a record that is of *type_*; empty without any."""
        for section in self.form.sections:
            for field in section.fields if section.kind == "record" and not section.when else ():
                if field.type == type_ and not field.when:
                    return self.tags.field(section, field)
        return ""

    def section(self, section: Section, heading: str, level: int | None) -> None:
        """Add a section under its heading, with its condition around it."""
        if section.when:
            self.paper.paragraph(self.blocks.condition(section.when))
        self.paper.paragraph(heading, "Heading1", level=level)
        self.blocks.section(section)
        if section.when:
            self.paper.paragraph("{%p endif %}")

    def computed(self) -> None:
        """Add what the form computes as a whole."""
        if not self.form.computed:
            return
        self.paper.paragraph("计算指标", "Heading1", level=0)
        computed = self.form.computed
        self.blocks.pairs([(one.heading, self.tags.value(one, one.label)) for one in computed])

    def signature(self) -> None:
        """Add the unit, and the day where the form asks for one."""
        self.paper.keep_with_next()  # a signature is never alone on a page (GB/T 9704 7.3.5)
        self.paper.paragraph(self.unit(), "Signature1")
        if day := self.first("date"):
            self.paper.paragraph(self.blocks.condition(day[3:-3]))
            self.paper.paragraph(day, "Date1")
            self.paper.paragraph("{%p endif %}")
