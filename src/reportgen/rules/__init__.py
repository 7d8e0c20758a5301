# ruff: noqa: F403 - the modules hold rules alone, and here is where they are one catalogue
"""The catalogue: every message that the program can give, once.

E1 files, E2 the structure of a workbook, E3 single cells, E4 numbers that must agree, E5 documents
and output, E6 the bureau's approvals, 7 what may be wrong in a form or a template, E8 the campaign
(many units, the list of them, last year's), F the form's definition, T Word templates; W and N are
warnings and notes. One module each; all are asked for here: ``rules.UNFILLED``.
A form's own checks ([[check]]) bring their own codes.
"""

from collections.abc import Mapping
from types import MappingProxyType

from reportgen.finding import Rule
from reportgen.rules.campaign import *
from reportgen.rules.cells import *
from reportgen.rules.documents import *
from reportgen.rules.files import *
from reportgen.rules.forms import *
from reportgen.rules.lint import *
from reportgen.rules.numbers import *
from reportgen.rules.pdf import *
from reportgen.rules.structure import *
from reportgen.rules.templates import *
from reportgen.rules.verify import *

#: Every rule by its code.
CATALOGUE: Mapping[str, Rule] = MappingProxyType(
    {rule.code: rule for rule in tuple(globals().values()) if isinstance(rule, Rule)}
)
