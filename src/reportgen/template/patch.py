"""docxtpl's ``patch_xml``, which turns docxtpl's tag language into Jinja's: the installed one's own.

To import docxtpl is to import python-docx, a fifth of a whole build, and this one function needs
neither: so its compiled code is taken out of docxtpl's module, which is found but not run.
"""

import re
from collections.abc import Callable
from functools import cache
from importlib.machinery import PathFinder
from types import CodeType, FunctionType
from typing import cast


def patch_xml(xml: str) -> str:
    """Return the XML of a part with its tags as Jinja reads them."""
    try:
        return _alone()(None, xml)
    except (LookupError, NameError):  # another docxtpl, whose function needs more of its module
        from docxtpl import DocxTemplate  # noqa: PLC0415 - what this room is there to avoid

        return str(DocxTemplate(None).patch_xml(xml))


@cache
def _alone() -> Callable[[None, str], str]:
    """Return the function by itself; of what its module imports it needs ``re``.

    Raises:
        LookupError: it is not where it is in the versions that we know.
    """
    package = PathFinder.find_spec("docxtpl")
    folders = package.submodule_search_locations if package else None
    module = PathFinder.find_spec("docxtpl.template", folders) if folders else None
    code = getattr(module and module.loader, "get_code", lambda _: None)("docxtpl.template")
    for name in ("DocxTemplate", "patch_xml"):
        inside = code.co_consts if isinstance(code, CodeType) else ()
        code = {one.co_name: one for one in inside if isinstance(one, CodeType)}[name]
    assert isinstance(code, CodeType)
    return cast(Callable[[None, str], str], FunctionType(code, {"re": re}))
