"""What a build needs of this computer, looked at one by one: for support on the telephone."""

import io
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from reportgen import rules
from reportgen.diagnosis import libraries
from reportgen.finding import Severity
from reportgen.fonts import Installed, fonts_of, installed_fonts
from reportgen.form import Form
from reportgen.pdf.convert import convert, converters
from reportgen.pdf.converter import Converter, Limits, Pdf
from reportgen.project import Forms

_MEGABYTE = 2**20
#: A report takes some 10 KB, a PDF 100 KB: of a hundred units the whole needs less than this.
_LITTLE = 500 * _MEGABYTE
_LIMITS = Limits(first=90, each=30)
_SAMPLE = "试转"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at: ``mark`` is √, ! (worth knowing) or × (missing); what to do."""

    mark: str
    text: str
    hint: str = ""


def examine(forms: Forms, output: Path) -> Iterator[Line]:
    """Yield what there is to say of this computer and the project here; a PDF takes seconds."""
    yield Line("√", f"reportgen {version('reportgen')}，{_system()}")
    yield _libraries()
    readable, broken = forms.every()
    if not readable and not broken:
        yield Line("×", "表单：这里没有表单。", rules.NO_FORM.hint)
    for error in broken:
        first = error.findings[0]
        where = f"{first.place}：" if str(first.place) else ""
        yield Line("×", f"表单：{where}{first.message}", first.hint)
    for form in readable:
        yield _form(form)
    yield from _pdf(readable)
    yield _output(output)
    yield _space(output)
    yield _screen()


def _system() -> str:
    return f"Python {platform.python_version()}（{sys.executable}），{platform.platform()}"


def _libraries() -> Line:
    found, missing = [], []
    for name in libraries():
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Line("×", f"组件：缺少 {'、'.join(missing)}", "请重新安装 reportgen。")
    return Line("√", f"组件：{'，'.join(found)}")


def _form(form: Form) -> Line:
    from reportgen.template.lint import look_through  # noqa: PLC0415 - docxtpl loads slowly

    name = f"表单：{form.id}（{form.title} {form.version}）"
    errors = sum(one.level is Severity.ERROR for one in look_through(form).findings)
    if errors:
        hint = f"请运行 reportgen lint --form {form.id}，照它说的改。"
        return Line("×", f"{name}，表单和模板有错误 {errors} 处", hint)
    return Line("√", f"{name}，Word 模板 {len({d.template for d in form.documents})} 份")


def _pdf(forms: Sequence[Form]) -> Iterator[Line]:
    """Yield which programs make PDFs, tried on a page; which fonts the templates lack."""
    installed = installed_fonts()
    lacking = _lacking(forms, installed)
    tried = [(one, _try(one, lacking)) for one in converters()]
    works = any(pdfs[0].content for _, pdfs in tried)
    for converter, pdfs in tried:
        called = f"PDF：{' '.join(filter(None, (converter.name, converter.version())))}"
        if pdfs[0].content:
            yield Line("√", f"{called}（{converter.where}），试转成功")
        else:
            hint = (
                f"请打开一次 {converter.name}，看能不能启动、有没有等着按的窗口；不能就重新安装。"
            )
            failed = f"{called}（{converter.where}），试转一页没有成功"
            yield Line("!" if works else "×", failed, hint)
    if not tried:
        hint = "要用 --pdf，请装上 Word、WPS 或 LibreOffice（免费）；只要 Word 文档，可以不管。"
        yield Line("×", "PDF：没有找到能转 PDF 的程序", hint)
    instead = next((_instead(pdfs) for _, pdfs in tried if pdfs[0].content), {})
    yield from _fonts(installed, lacking, instead)


def _try(converter: Converter, fonts: Sequence[str]) -> list[Pdf]:
    """Return what *converter* makes of a page, and of one for each of *fonts*."""
    pages = [(_SAMPLE, _page("")), *((font, _page(font)) for font in fonts)]
    return list(convert(pages, converter, _LIMITS))


def _page(font: str) -> bytes:
    """Return a document of a line in *font*: Chinese, or letters where its name has them alone."""
    from docx import Document  # noqa: PLC0415 - python-docx loads slowly

    document = Document()
    is_latin = font.isascii() and font
    run = document.add_paragraph().add_run("Abc 0123" if is_latin else "汉字")
    if font:
        fonts = run._r.get_or_add_rPr().get_or_add_rFonts()  # noqa: SLF001 - no other way to it
        for kind in ("ascii", "hAnsi", "eastAsia"):
            fonts.set(f"{{{fonts.nsmap['w']}}}{kind}", font)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _instead(pdfs: Sequence[Pdf]) -> dict[str, str]:
    """Return for each font the one in its page's PDF, where that says so readably."""
    found = {}
    for pdf in pdfs[1:]:
        name = re.search(rb"/BaseFont\s*/(?:[A-Z]{6}\+)?(\w+)", pdf.content or b"")
        if name:
            found[pdf.name] = name[1].decode("ascii", "replace")
    return found


def _lacking(forms: Sequence[Form], installed: Installed | None) -> list[str]:
    """Return the fonts that the Word files of *forms* are printed in and that are not installed."""
    if installed is None:
        return []
    files = [file for form in forms for file in form.folder.glob("*.docx")]
    asked = {font for file in files for font in fonts_of(file)}
    return sorted(font for font in asked if not installed.has(font))


def _fonts(
    installed: Installed | None,
    lacking: Sequence[str],
    instead: Mapping[str, str],
) -> Iterator[Line]:
    if installed is None:
        yield Line("!", "字体：这台电脑没有 fc-list，看不到装了哪些字体")
        return
    if not installed.has_chinese:
        hint = "请装上中文字体，例如 fonts-noto-cjk。"
        yield Line("×", "字体：一种中文字体也没有，PDF 里的汉字会是空框", hint)
    if not lacking:
        yield Line("√", "字体：模板用到的都有")
        return
    by_other: dict[str, list[str]] = {}
    for font in lacking:
        by_other.setdefault(instead.get(font, ""), []).append(font)
    for other, fonts in by_other.items():
        named = f"，PDF 里由 {other} 代替" if other else ""
        yield Line("!", f"字体：没有 {'、'.join(fonts)}{named}")
    hint = "要一样，请把这些字体装到这台电脑上再转；Word 文档不受影响。"
    yield Line("!", "字体：代替的字体宽窄不同，PDF 里换行和分页会与 Word 里不一样", hint)


def _output(output: Path) -> Line:
    try:
        with tempfile.TemporaryFile(dir=_existing(output)):
            pass
    except OSError:
        hint = "请检查这个文件夹的权限，或用 -o 换一个文件夹。"
        return Line("×", f"输出文件夹：{output} 不能写", hint)
    return Line("√", f"输出文件夹：{output} 可以写")


def _space(output: Path) -> Line:
    free = shutil.disk_usage(_existing(output)).free
    text = f"磁盘：还有 {free // _MEGABYTE:,} MB"
    if free < _LITTLE:
        return Line("!", text, "请腾出一些空间：磁盘满了，文档就写不进去。")
    return Line("√", text)


def _existing(path: Path) -> Path:
    """Return *path*, or the nearest folder above it that is there."""
    return next(one for one in (path.absolute(), *path.absolute().parents) if one.exists())


def _screen() -> Line:
    encoding = sys.stdout.encoding or "ascii"
    try:
        "√×※汉".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        hint = "请先运行 chcp 936（Windows），或设置 PYTHONUTF8=1；生成的文档不受影响。"
        return Line("!", f"屏幕：编码是 {encoding}，有的字显示不出来", hint)
    return Line("√", f"屏幕：编码是 {encoding}，中文显示得出来")
