"""Damage done to a package as mail, disks and ill will do it: the same numbers do the same damage."""

import io
import random
import re
import struct
import zipfile

from hypothesis import strategies as st
from lxml import etree

#: What a text or an attribute becomes.
_ODD = (
    "", " ", "0", "-1", "1", "2", "999999999", "1e400", "NaN", "x", "A1", "XFD1048576", "A0", "A1:ZZ9",
    "true", "rId1", "rId99", "../../x.xml", "http://e.invalid/x", "\u202e甲", "�", "{{", "}}", "{%", "{{ 甲 }}",
    "{% for a in 甲 %}", "=1+1", "#REF!", "甲" * 40_000, "s", "str", "inlineStr", "e", "b", "d",
)  # fmt: skip
_MOST = 400_000  # a file that doubles at each step must end


def damages():
    """Return a strategy of one to four damages, for ``damaged``."""
    one = st.tuples(st.sampled_from(sorted(_DAMAGE)), st.integers(0, 1 << 32))
    return st.lists(one, min_size=1, max_size=4)


def damaged(package, damage):
    """Return the bytes of *package* after each *damage*: its kind, and a number that says where."""
    for kind, number in damage:
        package = _DAMAGE[kind](package, random.Random(number))
    return package


# -- the file as it is sent ------------------------------------------------------------------------


def _flip_bits(data, chance):
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 30))):
        if out:
            out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def _cut(data, chance):
    return data[: chance.randrange(len(data) + 1)]


def _cut_out(data, chance):
    start = chance.randrange(len(data) + 1)
    return data[:start] + data[start + chance.choice((1, 20, 2000)) :]


def _put_in(data, chance):
    start = chance.randrange(len(data) + 1)
    return data[:start] + chance.randbytes(chance.choice((1, 20, 2000))) + data[start:]


def _lie(data, chance):
    """Change a field of an entry: in the central directory, before the entry, or at the end."""
    out = bytearray(data)
    signature, fields = chance.choice(
        (
            (b"PK\x01\x02", ((8, "H"), (10, "H"), (16, "I"), (20, "I"), (24, "I"), (28, "H"), (42, "I"))),
            (b"PK\x03\x04", ((6, "H"), (8, "H"), (14, "I"), (18, "I"), (22, "I"), (26, "H"))),
            (b"PK\x05\x06", ((8, "H"), (10, "H"), (12, "I"), (16, "I"), (20, "H"))),
        )
    )  # fmt: skip
    places = [found.start() for found in re.finditer(re.escape(signature), data)]
    if places:
        offset, kind = chance.choice(fields)
        at = chance.choice(places) + offset
        size = struct.calcsize(kind)
        if at + size <= len(out):
            (old,) = struct.unpack_from(f"<{kind}", out, at)
            new = chance.choice((0, 1, old + 1, old * 2, 0xFFFFFFFF, chance.getrandbits(32)))
            struct.pack_into(f"<{kind}", out, at, new & ((1 << 8 * size) - 1))
    return bytes(out)


# -- its parts -------------------------------------------------------------------------------------


def _of_parts(change):
    """Return a damage that changes the list of parts, each [name, content]."""

    def damage(data, chance):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                parts = [[one.filename, package.read(one)] for one in package.infolist()]
        except Exception:  # noqa: BLE001 - zipfile has a dozen; it is damaged enough
            return data
        if not parts:
            return data
        change(parts, chance)
        if sum(len(content) for _, content in parts) > _MOST:
            return data
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            for name, content in parts:
                # twice the same name is the damage: zipfile only warns of it
                info = zipfile.ZipInfo(name or "_")
                info.compress_type = zipfile.ZIP_DEFLATED
                package.NameToInfo.pop(info.filename, None)
                package.writestr(info, content)
        return made.getvalue()

    return damage


def _repeat_part(parts, chance):
    name, content = chance.choice(parts)
    other = chance.choice((content, b"", chance.choice(parts)[1]))
    parts.insert(chance.randrange(len(parts) + 1), [chance.choice((name, name.upper())), other])


def _swap_parts(parts, chance):
    one, other = chance.choice(parts), chance.choice(parts)
    one[1], other[1] = other[1], one[1]


def _replace_part(parts, chance):
    chance.choice(parts)[1] = chance.choice((chance.choice(parts)[1], b"", b"\xff\xfe", b"<a/>"))


def _drop_part(parts, chance):
    parts.remove(chance.choice(parts))


def _rename_part(parts, chance):
    part = chance.choice(parts)
    part[0] = chance.choice(
        (part[0] + "x", part[0].upper(), "/" + part[0], "../" + part[0], part[0].replace("/", "\\"),
         part[0].rpartition("/")[2], "a" * 300 + ".xml", chance.choice(parts)[0])
    )  # fmt: skip


def _within_part(change):
    def damage(parts, chance):
        part = chance.choice(parts)
        part[1] = change(part[1], chance)

    return damage


def _recode(content, chance):
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    code = chance.choice(("utf-16", "gb18030", "latin-1", "utf-8-sig"))
    return text.encode(code, "replace")


def _add_dtd(content, chance):
    bomb = b'<!DOCTYPE a [<!ENTITY b "' + b"x" * chance.choice((1, 5000)) + b'">]>'
    end = content.find(b"?>") + 2
    return content[:end] + bomb + content[end:] if end > 1 else bomb + content


# -- what is in a part of XML ----------------------------------------------------------------------


def _of_tree(change):
    """Return a damage that changes the tree of one part."""

    def damage(parts, chance):
        trees = []
        for part in parts:
            try:
                trees.append((part, etree.fromstring(part[1])))
            except (etree.XMLSyntaxError, ValueError):
                continue
        if trees:
            # the parts with the content have nearly all the elements
            part, root = chance.choices(trees, [len(one[1]) ** 0.5 for one, _ in trees])[0]
            elements = list(root.iter(etree.Element))
            for _ in range(chance.choice((1, 1, 1, 5))):
                change(chance.choice(elements), chance, elements)
            part[1] = etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    return damage


def _drop_element(element, _chance, _all):
    if (parent := element.getparent()) is not None:
        parent.remove(element)


def _repeat_element(element, chance, _all):
    if (parent := element.getparent()) is not None and len(element) < 200:
        for _ in range(chance.choice((1, 1, 100))):
            parent.append(etree.fromstring(etree.tostring(element)))


def _move_element(element, chance, everything):
    target = chance.choice(everything)
    if element.getparent() is not None and element not in (target, *target.iterancestors()):
        target.append(element)


def _unwrap_element(element, _chance, _all):
    if (parent := element.getparent()) is not None:
        at = parent.index(element)
        parent[at : at + 1] = list(element)


def _rename_element(element, chance, everything):
    element.tag = chance.choice((chance.choice(everything).tag, "x", f"{element.tag}x"))


def _nest_element(element, chance, _all):
    for _ in range(chance.choice((3, 300))):
        element = etree.SubElement(element, element.tag, element.attrib)


def _change_attribute(element, chance, everything):
    while not element.attrib and (parent := element.getparent()) is not None:
        element = parent
    if not element.attrib:
        return
    name = chance.choice(list(element.attrib))
    other = chance.choice(everything)
    of_another = list(other.attrib.values()) or [""]
    element.set(name, chance.choice((chance.choice(_ODD), chance.choice(of_another))))


def _drop_attributes(element, chance, _all):
    for name in list(element.attrib):
        if chance.random() < 0.7:
            del element.attrib[name]


def _change_text(element, chance, everything):
    texts = [one for one in everything if one.text and one.text.strip()] or [element]
    target = chance.choice(texts)
    target.text = chance.choice((chance.choice(_ODD), chance.choice(texts).text))


def _cut_text(_element, chance, everything):
    texts = [one for one in everything if one.text and one.text.strip()]
    if texts:
        target = chance.choice(texts)
        target.text = target.text[: chance.randrange(len(target.text))]


def _break_text(_element, chance, everything):
    """Put something odd into the middle of a text: a brace into a tag, a sign into a number."""
    texts = [one for one in everything if one.text and one.text.strip()]
    if texts:
        target = chance.choice(texts)
        at = chance.randrange(len(target.text) + 1)
        sign = chance.choice((*"{}%|.#_()'\"&<　\u200b\ue000", "{%", "}}", "{{", "-", "endfor"))
        target.text = target.text[:at] + sign + target.text[at:]


_DAMAGE = {
    "file: bits": _flip_bits,
    "file: cut": _cut,
    "file: cut out": _cut_out,
    "file: put in": _put_in,
    "file: lie": _lie,
    **{
        f"parts: {name}": _of_parts(change)
        for name, change in {
            "repeat": _repeat_part,
            "swap": _swap_parts,
            "replace": _replace_part,
            "drop": _drop_part,
            "rename": _rename_part,
            "bits": _within_part(_flip_bits),
            "cut": _within_part(_cut),
            "cut out": _within_part(_cut_out),
            "put in": _within_part(_put_in),
            "recode": _within_part(_recode),
            "dtd": _within_part(_add_dtd),
        }.items()
    },
    **{
        f"xml: {name}": _of_parts(_of_tree(change))
        for name, change in {
            "drop": _drop_element,
            "repeat": _repeat_element,
            "move": _move_element,
            "unwrap": _unwrap_element,
            "rename": _rename_element,
            "nest": _nest_element,
            "attribute": _change_attribute,
            "no attributes": _drop_attributes,
            "text": _change_text,
            "cut text": _cut_text,
            "break text": _break_text,
        }.items()
    },
}
