"""Content controls (内容控件): filled by the tags inside them, and boxes ticked by their tag.

What Word would do with a filled control otherwise: show it as an empty one, clear it at the first
click, or replace it on opening by the data that it is bound to.
"""

from collections.abc import Callable
from copy import deepcopy
from functools import partial

from lxml import etree
from markupsafe import Markup

from reportgen.context import UnprintableError, printable
from reportgen.template.additions import Additions, carrier, marked, only_tag, remove
from reportgen.value import Blank, YesNo

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_STATES = {True: ("checkedState", "2612"), False: ("uncheckedState", "2610")}


def free_controls(root: etree._Element) -> bool:
    """Let each control below *root* with a tag in it show what the tag gives; say if one was."""
    found = False
    for control in root.iter(f"{_W}sdt"):
        properties, content = control.find(f"{_W}sdtPr"), control.find(f"{_W}sdtContent")
        if properties is None or content is None or not _has_tag(content):
            continue
        found = True
        if _drop(properties, "showingPlcHdr"):
            # the words that invite to click are grey, by the style of the run
            remove(list(content.iter(f"{_W}rStyle")))
        _drop(properties, "dataBinding")
        for one in properties.iterchildren(f"{_W}date"):
            one.attrib.pop(f"{_W}fullDate", "")
        for one in properties.iterchildren(f"{_W}text"):
            one.set(f"{_W}multiLine", "1")
    return found


def tag_boxes(root: etree._Element, is_name: Callable[[str], bool]) -> bool:
    """Let each box to tick whose tag or title is a name, or a tag of ours, be ticked by it.

    *is_name* says which bare words are names of the form. Returns whether there was one.
    """
    found = False
    for box in root.iter(f"{_W14}checkbox"):
        properties = box.getparent()
        control = properties.getparent() if properties is not None else None
        if properties is None or control is None or properties.tag != f"{_W}sdtPr":
            continue
        said = [_said(properties, name) for name in ("tag", "alias")]
        asked = next((only_tag(s) or s for s in said if only_tag(s) or is_name(s)), "")
        run = next(control.iterfind(f"{_W}sdtContent//{_W}r"), None)
        if not asked or run is None:
            continue
        inner = carrier(f"({asked})|_ticked", next(s for s in said if asked in s))
        if (look := run.find(f"{_W}rPr")) is not None:
            inner.insert(0, deepcopy(look))
        run.addprevious(inner)
        remove([run])
        for name in ("tag", "alias"):
            one = properties.find(_W + name)
            if one is not None and only_tag(one.get(f"{_W}val", "")):
                one.set(f"{_W}val", only_tag(one.get(f"{_W}val", "")))
        _drop(properties, "dataBinding")
        found = True
    return found


def tick(value: object) -> Markup:
    """Return the mark of a box that is ticked when *value* is yes.

    Raises:
        UnprintableError: *value* is neither yes nor no.
    """
    if not isinstance(value, YesNo | bool | Blank):
        words = printable(value)
        raise UnprintableError(f"复选框的标记要写“是或否”的栏目或条件，这里的值是“{words}”", value)
    return marked(partial(_tick, ticked=bool(value)))


def _tick(mark: etree._Element, additions: Additions, part: str, *, ticked: bool) -> None:
    del additions, part
    box = next(
        found
        for control in mark.iterancestors(f"{_W}sdt")
        if (found := control.find(f"{_W}sdtPr/{_W14}checkbox")) is not None
    )
    state = box.find(f"{_W14}checked")
    if state is None:
        state = etree.Element(f"{_W14}checked")
        box.insert(0, state)
    state.set(f"{_W14}val", "1" if ticked else "0")
    name, otherwise = _STATES[ticked]
    look = box.find(_W14 + name)
    sign = (look.get(f"{_W14}val") if look is not None else None) or otherwise
    font = look.get(f"{_W14}font", "") if look is not None else ""
    text = mark.getparent()
    assert text is not None
    text.remove(mark)
    text.text = chr(int(sign, 16))
    run = text.getparent()
    if font and run is not None:
        properties = run.find(f"{_W}rPr")
        if properties is None:
            properties = etree.Element(f"{_W}rPr")
            run.insert(0, properties)
        remove(properties.findall(f"{_W}rFonts"))
        fonts = {f"{_W}{script}": font for script in ("ascii", "eastAsia", "hAnsi", "cs")}
        at = sum(child.tag == f"{_W}rStyle" for child in properties)
        properties.insert(at, etree.Element(f"{_W}rFonts", fonts))


def _has_tag(content: etree._Element) -> bool:
    text = "".join(t.text or "" for t in content.iter(f"{_W}t")).translate(_HALF_WIDTH)
    return "{{" in text or "{%" in text


_HALF_WIDTH = str.maketrans("｛％", "{%")


def _said(properties: etree._Element, name: str) -> str:
    found = properties.find(_W + name)
    return found.get(f"{_W}val", "").strip() if found is not None else ""


def _drop(properties: etree._Element, name: str) -> bool:
    found = properties.findall(f"{{*}}{name}")
    remove(found)
    return bool(found)
