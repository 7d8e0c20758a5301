"""The fonts that a Word document asks for, and those that are installed.

A font that is missing is replaced by another, of other widths: lines and pages break elsewhere.
"""

import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from lxml import etree

from reportgen.preflight import TooLargeError, UnsafeError
from reportgen.received import content_of
from reportgen.template.safety import UnreadableError, unpack

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_STORIES = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
#: One font, two names: Windows lists the one or the other, by the language it was installed in.
_NAMES = (
    ("宋体", "SimSun"), ("新宋体", "NSimSun"), ("黑体", "SimHei"), ("楷体", "KaiTi"),
    ("仿宋", "FangSong"), ("仿宋_GB2312", "FangSong_GB2312"), ("楷体_GB2312", "KaiTi_GB2312"),
    ("微软雅黑", "Microsoft YaHei"), ("等线", "DengXian"), ("隶书", "LiSu"), ("幼圆", "YouYuan"),
    ("华文中宋", "STZhongsong"), ("华文宋体", "STSong"), ("华文仿宋", "STFangsong"),
    ("华文楷体", "STKaiti"), ("华文细黑", "STXihei"),
    ("方正小标宋简体", "FZXiaoBiaoSong-B05S"), ("方正小标宋_GBK", "FZXiaoBiaoSong-B05"),
    ("方正仿宋_GBK", "FZFangSong-Z02"), ("方正黑体_GBK", "FZHei-B01"), ("方正楷体_GBK", "FZKai-Z03"),
)  # fmt: skip

#: Where Windows lists them in its registry.
_FONTS = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Fonts"
#: The font of each kind of signs: ``ascii`` and ``eastAsia``.
_Fonts = Mapping[str, str]
_NONE: _Fonts = MappingProxyType({})


def fonts_of(file: Path) -> set[str]:
    """Return the fonts that the text of a Word file is printed in; empty if it cannot be read.

    Of a tag's text, which is to be another one, both that of letters and that of Chinese signs.
    """
    try:
        parts = dict(unpack(content_of(file)))
        styles = _Styles.of(parts)
        return {
            font
            for name, content in parts.items()
            if _STORIES.fullmatch(name)
            for font in styles.fonts_of(etree.fromstring(content))
        }
    except (OSError, UnreadableError, UnsafeError, TooLargeError, etree.XMLSyntaxError, KeyError):
        return set()


@dataclass(frozen=True, slots=True)
class _Styles:
    """What the styles say of fonts: for all text, of each style, of the one for plain paragraphs."""

    theme: Mapping[str, str]
    defaults: _Fonts
    own: Mapping[str, tuple[_Fonts, str]]
    plain: str

    @classmethod
    def of(cls, parts: Mapping[str, bytes]) -> "_Styles":
        root = etree.fromstring(parts["word/styles.xml"])
        theme = _theme(parts.get("word/theme/theme1.xml"))
        defaults = _fonts(root.find(f"{_W}docDefaults/{_W}rPrDefault/{_W}rPr"), theme)
        own, plain = {}, ""
        for style in root.iter(f"{_W}style"):
            key, based = style.get(f"{_W}styleId", ""), style.find(f"{_W}basedOn")
            base = "" if based is None else based.get(f"{_W}val", "")
            own[key] = _fonts(style.find(f"{_W}rPr"), theme), base
            if style.get(f"{_W}type") == "paragraph" and style.get(f"{_W}default") in {"1", "true"}:
                plain = key
        return cls(theme, defaults, own, plain)

    def fonts_of(self, story: etree._Element) -> Iterator[str]:
        """Yield the fonts in which the words of *story* are printed."""
        for run in story.iter(f"{_W}r"):
            text = "".join(t.text or "" for t in run.iter(f"{_W}t"))
            kinds = _kinds(text)
            if not kinds:
                continue
            look = run.find(f"{_W}rPr")
            paragraph = next(run.iterancestors(f"{_W}p"), None)
            said = [
                _fonts(look, self.theme),
                *self._chain(_style(look, "rStyle")),
                *self._chain(_style_of(paragraph) or self.plain),
                self.defaults,
            ]
            for kind in kinds:
                found = next((fonts[kind] for fonts in said if fonts.get(kind)), "")
                if found:
                    yield found

    def _chain(self, key: str) -> Iterator[_Fonts]:
        seen = set()
        while key in self.own and key not in seen:
            seen.add(key)
            fonts, key = self.own[key]
            yield fonts


def _kinds(text: str) -> set[str]:
    """Return which kinds of signs *text* has, or may have."""
    if "{{" in text or "}}" in text:
        return {"ascii", "eastAsia"}
    kinds = {"eastAsia"} if any(unicodedata.east_asian_width(c) in "WF" for c in text) else set()
    return kinds | ({"ascii"} if re.search(r"[0-9A-Za-z]", text) else set())


def _style(look: etree._Element | None, name: str) -> str:
    style = None if look is None else look.find(_W + name)
    return "" if style is None else style.get(f"{_W}val", "")


def _style_of(paragraph: etree._Element | None) -> str:
    return "" if paragraph is None else _style(paragraph.find(f"{_W}pPr"), "pStyle")


def _fonts(look: etree._Element | None, theme: Mapping[str, str]) -> _Fonts:
    """Return what run properties say; a font of the theme wins over one by name, as in Word."""
    fonts = None if look is None else look.find(f"{_W}rFonts")
    if fonts is None:
        return _NONE
    return {
        kind: theme.get(fonts.get(f"{_W}{kind}Theme", ""), "") or fonts.get(_W + kind, "")
        for kind in ("ascii", "eastAsia")
    }


def _theme(content: bytes | None) -> Mapping[str, str]:
    """Return the fonts of a theme by the names that run properties use: ``minorEastAsia``."""
    if content is None:
        return {}
    found = {}
    root = etree.fromstring(content)
    for size in ("major", "minor"):
        for fonts in root.iter(f"{_A}{size}Font"):
            latin, chinese = fonts.find(f"{_A}latin"), fonts.find(f"{_A}ea")
            scripts = {f.get("script"): f.get("typeface", "") for f in fonts.iter(f"{_A}font")}
            name = "" if latin is None else latin.get("typeface", "")
            found[f"{size}HAnsi"] = found[f"{size}Ascii"] = name
            own = "" if chinese is None else chinese.get("typeface", "")
            found[f"{size}EastAsia"] = own or scripts.get("Hans", "")
    return found


@dataclass(frozen=True, slots=True)
class Installed:
    """The fonts of this computer; ``has_chinese`` is whether one of them has Chinese signs."""

    names: frozenset[str]
    has_chinese: bool

    def has(self, font: str) -> bool:
        """Whether *font* is there, by any of its names."""
        return any(_same(name) in self.names for name in _all_names(font))


def installed_fonts() -> Installed | None:
    """Return the fonts of this computer; ``None`` where it cannot be asked (macOS without fc-list)."""
    if sys.platform == "win32":
        names = frozenset(_registered())
        return Installed(names, any(_same(name) in names for pair in _NAMES for name in pair))
    program = shutil.which("fc-list")
    if not program:
        return None
    every, chinese = (_listed(program, pattern) for pattern in (":", ":lang=zh-cn"))
    return Installed(every, bool(chinese))


def _listed(program: str, pattern: str) -> frozenset[str]:
    done = subprocess.run(  # noqa: S603 - fontconfig's own program, words of ours
        [program, pattern, "family"], capture_output=True, check=False
    )
    lines = done.stdout.decode(errors="replace").splitlines()
    return frozenset(_same(name) for line in lines for name in line.split(","))


def _registered() -> Iterator[str]:
    """Yield the fonts that Windows lists: ``SimSun & NSimSun (TrueType)`` are two."""
    if sys.platform != "win32":
        return
    import winreg  # noqa: PLC0415 - Windows alone has it

    for root in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
        with suppress(OSError), winreg.OpenKey(root, _FONTS) as key:
            for index in range(winreg.QueryInfoKey(key)[1]):
                listed = re.sub(r"\s*\([^)]*\)$", "", winreg.EnumValue(key, index)[0])
                yield from map(_same, listed.split("&"))


def _all_names(font: str) -> tuple[str, ...]:
    return next((pair for pair in _NAMES if _same(font) in map(_same, pair)), (font,))


def _same(name: str) -> str:
    """Return what two spellings of a font's name share."""
    return unicodedata.normalize("NFKC", name).replace(" ", "").casefold()
