"""``reportgen doctor``: what this computer lacks; and the fonts that a Word file is printed in."""

import contextlib
import os
import shutil
import subprocess
import sys
import types

import pytest

from conftest import FORM, HEAD, UNIT
from reportgen import doctor
from reportgen.cli import main
from reportgen.fonts import Installed, fonts_of, installed_fonts
from reportgen.pdf.libreoffice import LibreOffice
from support_docx import make_docx, parts_of, write_parts
from support_pdf import FAKE, fake_soffice

posix = pytest.mark.skipif(os.name != "posix", reason="the fake programs are shell scripts")

# -- fonts of a Word file ---------------------------------------------------------------------------


def words(text, *, fonts="", style="", run_style=""):
    """Return the XML of a paragraph of *text* whose run names *fonts* (attributes of w:rFonts)."""
    pstyle = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    rstyle = f'<w:rStyle w:val="{run_style}"/>' if run_style else ""
    own = f"<w:rFonts {fonts}/>" if fonts else ""
    return f"<w:p>{pstyle}<w:r><w:rPr>{rstyle}{own}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


STYLES = """<?xml version="1.0" encoding="UTF-8"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:docDefaults><w:rPrDefault><w:rPr>
<w:rFonts w:asciiTheme="minorHAnsi" w:eastAsiaTheme="minorEastAsia"/>
</w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="a"/>
<w:style w:type="paragraph" w:styleId="title">
<w:rPr><w:rFonts w:eastAsia="方正小标宋简体"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="title2"><w:basedOn w:val="title"/>
<w:rPr><w:rFonts w:ascii="Arial"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="strong"><w:rPr><w:rFonts w:eastAsia="黑体"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="unused">
<w:rPr><w:rFonts w:eastAsia="隶书" w:ascii="Courier New"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="round"><w:basedOn w:val="round"/></w:style>
</w:styles>"""
THEME = """<?xml version="1.0" encoding="UTF-8"?>
<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:themeElements>
<a:fontScheme><a:majorFont><a:latin typeface="Cambria"/><a:ea typeface=""/></a:majorFont>
<a:minorFont><a:latin typeface="Calibri"/><a:ea typeface=""/>
<a:font script="Hans" typeface="等线"/></a:minorFont></a:fontScheme>
</a:themeElements></a:theme>"""


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        (words("汉字"), {"等线"}),
        (words("abc"), {"Calibri"}),
        (words("2025年"), {"等线", "Calibri"}),
        (words("，。"), {"等线"}),
        (words("— …"), set()),
        (words("汉字", style="title"), {"方正小标宋简体"}),
        (words("汉1", style="title2"), {"方正小标宋简体", "Arial"}),
        (words("汉1", style="title", run_style="strong"), {"黑体", "Calibri"}),
        (words("汉", style="round"), {"等线"}),
        (words("汉", style="title", fonts='w:eastAsia="仿宋_GB2312"'), {"仿宋_GB2312"}),
        (words("a", fonts='w:ascii="Arial" w:asciiTheme="majorHAnsi"'), {"Cambria"}),
        # what a tag prints is not known: letters or signs
        (words("{{ 单位名称 }}", fonts='w:ascii="Arial"'), {"等线", "Arial"}),
        (words(""), set()),
    ],
)
def test_the_font_of_words_is_that_of_the_run_its_styles_the_theme(tmp_path, paragraph, expected):
    file = make_docx(tmp_path / "甲.docx", paragraph)
    write_parts(file, {**parts_of(file), "word/styles.xml": STYLES, "word/theme/theme1.xml": THEME})

    assert fonts_of(file) == expected


def test_the_fonts_of_headers_and_footers_count(tmp_path):
    file = make_docx(tmp_path / "甲.docx", header=["汉字"], footer=["汉字"])
    parts = parts_of(file)
    for name, font in (("header", "楷体"), ("footer", "黑体")):
        (part,) = (one for one in parts if one.startswith(f"word/{name}"))
        look = f'<w:rPr><w:rFonts w:eastAsia="{font}"/></w:rPr><w:t>'
        parts[part] = parts[part].replace(b"<w:t>", look.encode())
    write_parts(file, parts)

    assert fonts_of(file) == {"楷体", "黑体"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"text"])
def test_what_is_no_word_file_asks_for_no_font(tmp_path, content):
    (tmp_path / "甲.docx").write_bytes(content)

    assert fonts_of(tmp_path / "甲.docx") == set()
    assert fonts_of(tmp_path / "没有.docx") == set()


# -- fonts of this computer -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "asked", "there"),
    [
        ("simsun", "宋体", True),
        ("宋体", "SimSun", True),
        ("仿宋_gb2312", "FangSong_GB2312", True),
        ("仿宋", "仿宋_GB2312", False),  # two fonts
        ("timesnewroman", "Times New Roman", True),
        ("simsun", "黑体", False),
    ],
)
def test_a_font_is_known_by_its_chinese_and_its_english_name(listed, asked, there):
    assert Installed(frozenset({listed}), has_chinese=True).has(asked) is there


def fc_list(folder, every, chinese):
    """Write the program ``fc-list`` into *folder*."""
    folder.mkdir(exist_ok=True)
    path = folder / "fc-list"
    path.write_text(f"#!/bin/sh\ncase $1 in :) echo '{every}' ;; *) echo -n '{chinese}' ;; esac\n")
    path.chmod(0o755)


@posix
def test_fontconfig_lists_all_names_of_a_font(tmp_path, monkeypatch):
    fc_list(tmp_path, "Arial\nSource Han Serif SC,思源宋体", "思源宋体")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    found = installed_fonts()

    assert found == Installed(
        frozenset({"arial", "sourcehanserifsc", "思源宋体"}), has_chinese=True
    )


@posix
def test_a_computer_without_chinese_fonts_is_known(tmp_path, monkeypatch):
    fc_list(tmp_path, "Arial", "")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    assert not installed_fonts().has_chinese


def test_where_fonts_cannot_be_listed_nothing_is_known(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert installed_fonts() is None


def test_windows_lists_its_fonts_in_the_registry(monkeypatch):
    values = ["宋体 & 新宋体 (TrueType)", "Arial Bold (TrueType)"]
    fake = types.SimpleNamespace(
        HKEY_LOCAL_MACHINE=1,
        HKEY_CURRENT_USER=2,
        OpenKey=lambda root, _path: contextlib.nullcontext(root),
        QueryInfoKey=lambda root: (0, len(values) if root == 1 else 0, 0),
        EnumValue=lambda _root, index: (values[index], "simsun.ttc", 1),
    )
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "winreg", fake)

    found = installed_fonts()

    assert found.names == {"宋体", "新宋体", "arialbold"}
    assert found.has_chinese
    assert found.has("SimSun")


# -- the command ---------------------------------------------------------------------------------


DOCUMENT = '[[document]]\ntemplate = "报告.docx"\noutput = "{{ 单位名称 }}.docx"\n'
#: Its PDFs say which font they are printed in.
MAKES_PDFS = FAKE.replace("$(cat", "$(true").replace("%s", "/BaseFont/BAAAAA+NotoSansCJK-Regular")


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """Return a project with nothing missing, and a function that runs the command there."""
    folder = tmp_path / "templates" / "t"
    folder.mkdir(parents=True)
    (folder / "form.toml").write_text(HEAD + UNIT + DOCUMENT, encoding="utf-8")
    make_docx(
        folder / "报告.docx", words("{{ 单位名称 }}", fonts='w:ascii="Arial" w:eastAsia="宋体"')
    )
    monkeypatch.chdir(tmp_path)
    fc_list(tmp_path / "bin", "Arial\nSimSun", "SimSun")
    fake_soffice(tmp_path / "bin", MAKES_PDFS)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")

    def run(*args):
        with pytest.raises(SystemExit) as stop:
            main(["doctor", *args])
        return stop.value.code, capsys.readouterr().out.splitlines()

    return types.SimpleNamespace(root=tmp_path, folder=folder, run=run)


def begins(lines, *expected):
    """Return whether there is a line that begins with each of *expected*."""
    return all(any(line.startswith(one) for line in lines) for one in expected)


@posix
def test_nothing_is_missing(here):
    code, lines = here.run()

    assert code == 0
    assert [line[0] for line in lines[:-1]] == ["√"] * 8
    assert lines[2:6] == [
        "√ 表单：t（测试表 1），Word 模板 1 份",
        f"√ PDF：LibreOffice 1.2.3.4（{here.root}/bin/soffice），试转成功",
        "√ 字体：模板用到的都有",
        "√ 输出文件夹：outputs 可以写",
    ]
    assert lines[-1] == "什么也不缺。"
    assert not (here.root / "outputs").exists()


@posix
def test_a_missing_font_is_said_with_the_one_that_stands_in(here):
    fc_list(here.root / "bin", "Other", "Other")

    code, lines = here.run()

    assert code == 0
    assert "! 字体：没有 Arial、宋体，PDF 里由 NotoSansCJK 代替" in lines


@posix
def test_no_chinese_font_at_all_is_missing(here):
    fc_list(here.root / "bin", "Arial\nSimSun", "")

    code, lines = here.run()

    assert code == 1
    assert begins(lines, "× 字体：一种中文字体也没有", "  改法：请装上中文字体")


@posix
def test_fonts_that_cannot_be_listed_are_said_to_be_unknown(here, monkeypatch):
    monkeypatch.setattr(doctor, "installed_fonts", lambda: None)

    code, lines = here.run()

    assert code == 0
    assert begins(lines, "! 字体：这台电脑没有 fc-list")


def test_no_program_for_pdfs_is_missing(here, monkeypatch):
    monkeypatch.setattr(doctor, "converters", lambda: iter(()))

    code, lines = here.run()

    assert code == 1
    assert begins(lines, "× PDF：没有找到能转 PDF 的程序", "  改法：要用 --pdf，请装上")
    assert lines[-1] == "缺少 1 样，见带 × 的行。"


@posix
def test_a_program_that_makes_no_pdf_is_missing_unless_another_does(here, monkeypatch):
    broken = LibreOffice(str(fake_soffice(here.root / "broken", "#!/bin/sh\nexit 1\n")), "WPS")
    whole = LibreOffice(str(here.root / "bin" / "soffice"))

    monkeypatch.setattr(doctor, "converters", lambda: iter((broken,)))
    code, lines = here.run()
    assert code == 1
    assert begins(
        lines, f"× PDF：WPS（{broken.where}），试转一页没有成功", "  改法：请打开一次 WPS"
    )

    monkeypatch.setattr(doctor, "converters", lambda: iter((broken, whole)))
    code, lines = here.run()
    assert code == 0
    assert begins(lines, "! PDF：WPS", "√ PDF：LibreOffice")


@posix
def test_a_form_that_cannot_be_read_is_missing(here):
    (here.folder / "form.toml").write_text("[form", encoding="utf-8")

    code, lines = here.run()

    assert code == 1
    assert begins(lines, "× 表单：t/form.toml：第 1 行")


@posix
def test_a_template_with_errors_is_missing(here):
    make_docx(here.folder / "报告.docx", "{{ 单位名 }}")

    code, lines = here.run()

    assert code == 1
    assert begins(lines, "× 表单：t（测试表 1），表单和模板有错误 1 处")
    assert "  改法：请运行 reportgen lint --form t，照它说的改。" in lines


@posix
def test_a_folder_without_forms_lacks_them(here):
    shutil.rmtree(here.folder)

    code, lines = here.run()

    assert code == 1
    assert begins(lines, "× 表单：这里没有表单", "  改法：请用 --form 指明表单")


@posix
def test_a_folder_that_cannot_be_written_is_missing(here):
    (here.root / "文件").touch()

    code, lines = here.run("-o", "文件")

    assert code == 1
    assert begins(lines, "× 输出文件夹：文件 不能写")
    assert here.run("-o", "新/文件夹")[0] == 0


@posix
def test_little_space_is_worth_knowing(here, monkeypatch):
    usage = types.SimpleNamespace(free=30 * 2**20)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: usage)

    code, lines = here.run()

    assert code == 0
    assert begins(lines, "! 磁盘：还有 30 MB", "  改法：请腾出一些空间")


@posix
@pytest.mark.parametrize(("encoding", "mark"), [("gbk", "√"), ("cp437", "!")])
def test_it_can_be_read_on_any_screen(here, encoding, mark):
    done = subprocess.run(
        [sys.executable, "-m", "reportgen", "doctor"],
        env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0
    assert done.stderr == b""
    assert f"{mark} 屏幕：编码是 {encoding}".encode(encoding, "replace") in done.stdout


def test_libreoffice_is_tried_and_says_which_fonts_it_takes_instead(soffice, monkeypatch, capsys):
    monkeypatch.chdir(FORM.parent.parent)
    unknown = Installed(frozenset(), has_chinese=True)
    monkeypatch.setattr(doctor, "installed_fonts", lambda: unknown)

    with pytest.raises(SystemExit) as stop:
        main(["doctor"])

    assert stop.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert begins(lines, "√ PDF：LibreOffice")
    # every font that the form's templates are printed in, in a GB/T 9704 layout
    instead = [line for line in lines if line.startswith("! 字体：没有")]
    for font in ("仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体", "Times New Roman"):
        assert any(font in line and "PDF 里由" in line for line in instead)


def test_what_only_an_extra_brings_is_not_missed(monkeypatch):
    given = ["click>=8.1", 'distributed>=2025.1; extra == "dask"']
    monkeypatch.setattr("importlib.metadata.requires", lambda _: given)

    def version(name):
        if name == "click":
            return "8.2"
        raise doctor.PackageNotFoundError

    monkeypatch.setattr(doctor, "version", version)
    line = doctor._libraries()

    assert (line.mark, line.text) == ("√", "组件：click 8.2")
