"""The form that ships: both reports, their wording, their numbers and their page layout."""

import copy
import io
import itertools
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from functools import cache
from pathlib import Path

import pypdf
import pytest
from lxml import etree

from conftest import FORM, GOLDENS
from reportgen import build as build_folder
from reportgen import load_form, write_workbook
from reportgen.pipeline import check
from reportgen.values import from_plain, read_values
from support_docx import NS, W, build, docx_text, parts_of, tree_of

SAMPLES = {"sample": "2020提纲", "sample-2023": "2023提纲"}
TEMPLATES = sorted(FORM.glob("自评报告*.docx"))


@cache
def _form():
    return load_form(FORM)


def sample(name):
    """Return the values of a sample, free to change, as of a unit that hands in no annexes."""
    values = copy.deepcopy(tomllib.loads((FORM / f"{name}.toml").read_text(encoding="utf-8")))
    for section in _form().sections:
        if section.when == "填报附表" or section.label == "计数勾稽":
            values.pop(section.label, None)
        for field in section.fields:
            if "填报附表" in (field.when + field.label):
                for row in _rows(values.get(section.label, [])):
                    row.pop(field.label, None)
    return values


def _rows(filled):
    return filled if isinstance(filled, list) else [filled]


def report(values, *, draft=False):
    """Return the one report for *values*, in which nothing is an error."""
    result = build(_form(), values, draft=draft)
    assert draft or [f for f in result.findings if f.level == "error"] == []
    (document,) = result.documents
    return document.content


def text(values, **options):
    return docx_text(report(values, **options))


# -- the samples -------------------------------------------------------------------------


def test_both_samples_go_through_their_workbooks_into_their_reports(tmp_path):
    form = _form()
    for name in SAMPLES:
        submission = read_values(FORM / f"{name}.toml", form)
        path = tmp_path / "in" / f"{name}.xlsx"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(write_workbook(form, submission, sample=True))

    run = build_folder([tmp_path / "in"], templates=FORM.parent, output=tmp_path / "out")

    assert run.findings == []
    assert {d.status for d in run.documents} == {"built"}
    reports = [d for d in run.documents if d.file.endswith("自评报告.docx")]
    for name, document in zip(sorted(SAMPLES, reverse=True), reports, strict=True):
        golden = (GOLDENS / f"{name}.txt").read_text(encoding="utf-8")
        assert docx_text(tmp_path / "out" / document.file) == golden


@pytest.mark.parametrize("name", SAMPLES)
def test_the_report_of_a_sample_is_the_golden_text(name, request):
    golden = GOLDENS / f"{name}.txt"

    made = text(sample(name))

    if request.config.getoption("--update-golden"):
        GOLDENS.mkdir(exist_ok=True)
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")


def test_no_golden_text_is_an_orphan():
    templates = {path.stem for path in FORM.parent.glob("*/*.docx")}
    annexes = templates - {path.stem for path in TEMPLATES}
    assert {path.stem for path in GOLDENS.iterdir()} == {*SAMPLES, *annexes}


# -- every number of the fixed wording has one source --------------------------------------


def distinct():
    """Return the 2020 sample with different numbers everywhere, so that none stands for another."""
    values = sample("sample")
    values["项目明细"][0] |= {
        "指标总额": "201.01", "预算区级资金": "190.02", "支出总额": "157.23", "支出区级资金": "150.03",
    }  # fmt: skip
    return values


def distinct_2023():
    values = sample("sample-2023")
    values["收入"] |= {"年初预算数": "224.49", "调整追加数": "68.92", "其他资金来源": "7.7"}
    values["单位概况"] |= {"内设股室数": "41", "劳务派遣人数": "51", "离休人数": "61"}
    values["单位概况"] |= {"退休人数": "71", "二级预算单位数": "0"}
    values["项目明细"] = [
        {
            "项目名称": "P", "项目类型": "专项经费", "资金用途、使用方向": "x", "指标总额": "9.92",
            "预算区级资金": "9.91", "支出总额": "9.93", "支出区级资金": "9.90",
        },
    ]  # fmt: skip
    return values


CHANGES = [
    (distinct, ("基本支出", "决算数"), "400.01", {"375.23": "400.01", "532.46": "557.24"}),
    (
        distinct,
        ("项目明细", 0, "支出总额"),
        "160.24",
        {"157.23": "160.24", "532.46": "535.47"},
    ),
    (distinct, ("项目明细", 0, "指标总额"), "301.01", {"201.01": "301.01"}),
    (distinct, ("项目明细", 0, "预算区级资金"), "180", {"190.02": "180.00"}),
    (distinct, ("项目明细", 0, "支出区级资金"), "149.5", {"150.03": "149.50"}),
    (distinct, ("功能科目", 0, "年初预算数"), "370", {"365.5": "370", "36.36": "40.86"}),
    (distinct, ("功能科目", 0, "上年预算数"), "300", {"36.36": "65.5"}),
    (distinct, ("基本信息", "年度"), "2022", {"2020年": "2022年"}),
    (distinct, ("基本信息", "单位名称"), "新名", {"示例区征地服务中心（示例）": "新名"}),
    (distinct_2023, ("基本支出", "决算数"), "300", {"293.40": "300.00", "303.33": "309.93"}),
    (distinct_2023, ("收入", "年初预算数"), "225", {"224.49": "225.00", "293.41": "293.92"}),
    (
        distinct_2023,
        ("收入", "调整追加数"),
        "-10.5",
        {"追加68.92": "追减10.50", "293.41": "213.99"},
    ),
    (distinct_2023, ("收入", "其他资金来源"), "8.8", {"7.70": "8.80"}),
    (distinct_2023, ("单位概况", "内设股室数"), "42", {"股室41个": "股室42个"}),
    (distinct_2023, ("单位概况", "劳务派遣人数"), "52", {"51人": "52人", "197人": "198人"}),
    (distinct_2023, ("单位概况", "离休人数"), "62", {"61人": "62人", "197人": "198人"}),
    (distinct_2023, ("单位概况", "退休人数"), "72", {"71人": "72人", "197人": "198人"}),
    (
        distinct_2023,
        ("在职人员", 0, "人数"),
        "12",
        {"11人为": "12人为", "在职人员14人": "在职人员15人", "197人": "198人"},
    ),
    (
        distinct_2023,
        ("单位概况", "二级预算单位数"),
        "2",
        {"无二级预算单位": "有二级预算单位2个"},
    ),
    (distinct_2023, ("项目明细", 0, "支出总额"), "10", {"9.93": "10.00", "303.33": "303.40"}),
]


@pytest.mark.parametrize(
    ("base", "path", "value", "changed"),
    CHANGES,
    ids=[f"{c[0].__name__}-{'.'.join(map(str, c[1]))}" for c in CHANGES],
)
def test_one_cell_changes_every_place_that_states_its_number_and_nothing_else(
    base, path, value, changed
):
    values = base()
    wanted = text(values)
    for old, new in changed.items():
        assert old in wanted
        wanted = wanted.replace(old, new)

    owner = values
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = value

    assert text(values) == wanted


# -- what varies with the numbers ----------------------------------------------------------


def functional(last, this):
    values = sample("sample")
    values["功能科目"] = [{"科目名称": "教育支出", "上年预算数": last, "年初预算数": this}]
    return values


def test_an_unchanged_budget_says_so_without_a_reason():
    values = functional("100", "100")
    del values["基本支出"]["增减原因"]

    made = text(values)

    assert "其中，教育支出100万元。本年支出预算数与上年持平。\n" in made
    assert "主要原因" not in made


def test_a_smaller_budget_says_by_how_much():
    made = text(functional("100.5", "80"))

    assert "本年支出预算数比上年减少20.5万元。支出减少的主要原因是：年内新进" in made


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("count", [0, 1, 60])
def test_any_number_of_projects_makes_a_whole_report(name, count):
    values = with_projects(name, count)

    document = report(values)

    made = docx_text(document)
    tables = [len(t.findall("w:tr", NS)) for t in tree_of(document).iter(f"{W}tbl")]
    if name == "sample":
        assert f"包含项目{count}个，实际支出{count}" in made
        assert f"涵盖项目{count}个" in made
        assert tables == [2 + max(count, 1) + 1, 1 + max(count, 1)]
    elif count:
        assert f"2023年项目支出{count}.00万元，涉及项目{count}个。" in made
        assert tables == [2 + count + 1, 1 + count]
    else:
        assert "2023年无项目支出。" in made
        assert tables == []
    assert stray(made) == []


def with_projects(name, count):
    values = sample(name)
    values["项目明细"] = [
        {
            "项目名称": f"项目{n:02}", "项目类型": "专项经费", "资金用途、使用方向": "用途" * 9,
            "指标总额": "1", "预算区级资金": "1", "支出总额": "1", "支出区级资金": "1",
        }
        for n in range(1, count + 1)
    ]  # fmt: skip
    return values


OPTIONAL = {
    "sample": {
        "基本信息": ("报告日期", "填报人", "联系电话"),
        "基本支出": ("决算说明",),
        "项目支出说明": ("项目支出决算说明",),
    },
    "sample-2023": {"基本信息": ("报告日期", "填报人", "联系电话")},
}


@pytest.mark.parametrize("name", SAMPLES)
def test_missing_optional_values_and_empty_outlines_leave_nothing_stray(name):
    values = sample(name)
    for section, fields in OPTIONAL[name].items():
        for field in fields:
            values[section].pop(field, None)
    for section in _form().sections:
        if section.kind == "outline":
            values.pop(section.label, None)

    made = text(values)

    assert stray(made) == []
    assert "None" not in made
    assert "填报人" not in made
    if name == "sample":
        assert "2020年决算基本支出375.23万元。\n" in made
        assert made.count("Body Text: 无。\n") + made.count("同页）: 无。\n") == 3
    else:
        assert "主要职责如下" not in made
        assert "无其他需要说明的情况。" in made


@pytest.mark.parametrize("given", [("填报人",), ("联系电话",), ("填报人", "联系电话")])
def test_the_writer_and_the_telephone_stand_in_one_bracket(given):
    values = sample("sample")
    both = {"填报人": "张示例", "联系电话": "0731-1"}
    for one in both:
        values["基本信息"].pop(one)
    values["基本信息"] |= {one: both[one] for one in given}

    last = text(values).splitlines()[-1]

    assert last == "Body Text: （" + "　".join(f"{one}：{both[one]}" for one in given) + "）"


def stray(made):
    """Return punctuation that a missing value would leave behind."""
    pattern = r"，，|，。|。。|、。|：。|；。|（）|：，|^[\w ]+: ?[，。、；：]|[，、：]$"
    lines = [line for line in made.splitlines() if not line.startswith("|")]
    found = [line for line in lines if re.search(pattern, line)]
    return [line for line in found if not line.endswith(("如下：", "金额单位：万元"))]


# -- GB/T 9704, the check list of domain/gbt9704.md §10 ------------------------------------


def documents():
    for path in TEMPLATES:
        yield pytest.param(path.read_bytes, id=f"template-{path.stem[5:9]}")
    for name in SAMPLES:
        yield pytest.param(lambda name=name: report(sample(name)), id=name)


@pytest.fixture(params=documents())
def document(request):
    return request.param()


def style(document, name):
    root = tree_of(document, "word/styles.xml")
    found = [s for s in root.iter(f"{W}style") if s.find("w:name", NS).get(f"{W}val") == name]
    assert found, name
    chain = [found[0]]
    while (based := chain[-1].find("w:basedOn", NS)) is not None:
        key = based.get(f"{W}val")
        chain.append(next(s for s in root.iter(f"{W}style") if s.get(f"{W}styleId") == key))

    def get(path, attribute):
        for one in chain:
            element = one.find(path, NS)
            if element is not None and element.get(f"{W}{attribute}") is not None:
                return element.get(f"{W}{attribute}")
        return None

    return get


def test_1_the_page_is_a4_with_the_standards_margins(document):
    (section,) = tree_of(document).iter(f"{W}sectPr")

    size, margins = section.find("w:pgSz", NS), section.find("w:pgMar", NS)
    assert (size.get(f"{W}w"), size.get(f"{W}h")) == ("11906", "16838")
    for side, twips in {"top": 2098, "bottom": 1984, "left": 1587, "right": 1474}.items():
        assert abs(int(margins.get(f"{W}{side}")) - twips) <= 57


def test_2_text_is_set_at_an_exact_line_pitch_with_two_characters_indent(document):
    body = style(document, "Body Text")

    assert body("w:pPr/w:spacing", "line") == "579"
    assert body("w:pPr/w:spacing", "lineRule") == "exact"
    assert body("w:pPr/w:ind", "firstLineChars") == "200"
    assert body("w:pPr/w:jc", "val") == "both"


@pytest.mark.parametrize(
    ("name", "font", "size"),
    [
        ("Title", "方正小标宋简体", "44"),
        ("heading 1", "黑体", "32"),
        ("heading 2", "楷体_GB2312", "32"),
        ("heading 3", "仿宋_GB2312", "32"),
        ("heading 4", "仿宋_GB2312", "32"),
        ("Body Text", "仿宋_GB2312", "32"),
        ("footer", "宋体", "28"),
        ("表头", "黑体", "21"),
    ],
)
def test_3_4_7_fonts_are_named_in_the_styles_for_chinese_text(document, name, font, size):
    one = style(document, name)

    assert one("w:rPr/w:rFonts", "eastAsia") == font
    assert one("w:rPr/w:sz", "val") == size
    if name == "Title":
        assert one("w:pPr/w:jc", "val") == "center"
    if name.startswith("heading"):
        assert one("w:pPr/w:outlineLvl", "val") == str(int(name[-1]) - 1)
        assert one("w:pPr/w:ind", "firstLineChars") == "200"


def test_5_6_odd_and_even_pages_have_their_own_numbers_between_dashes(document):
    footers = {n: x for n, x in parts_of(document).items() if n.startswith("word/footer")}
    references = list(tree_of(document).iter(f"{W}footerReference"))

    assert {r.get(f"{W}type") for r in references} == {"default", "even"}
    assert len(footers) == 2
    for xml in footers.values():
        assert xml.decode().count("—") == 2
        assert re.search(r"<w:instrText[^>]*> *PAGE *<", xml.decode())
    sides = re.findall(r'<w:jc w:val="(\w+)"', "".join(x.decode() for x in footers.values()))
    assert sorted(sides) == ["left", "right"]
    assert b"<w:evenAndOddHeaders/>" in parts_of(document)["word/settings.xml"]


def test_8_nothing_is_left_over_and_no_two_paragraphs_in_a_row_are_empty(document):
    paragraphs = ["".join(p.itertext()) for p in tree_of(document).findall("w:body/w:p", NS)]

    body = "".join(paragraphs)
    for left in ("XX", "××", "（局、部、中心）", "None", "nan", "｛｛"):
        assert left not in body
    assert not any(not a and not b for a, b in itertools.pairwise(paragraphs))


def test_9_tables_fit_between_the_margins_and_repeat_their_heads(document):
    for table in tree_of(document).iter(f"{W}tbl"):
        width = int(table.find("w:tblPr/w:tblW", NS).get(f"{W}w"))
        grid = [int(c.get(f"{W}w")) for c in table.iter(f"{W}gridCol")]
        assert width <= 8845
        assert sum(grid) == width
        assert table.find("w:tblPr/w:tblLayout", NS).get(f"{W}type") == "fixed"
        rows = table.findall("w:tr", NS)
        heads = [row.find("w:trPr/w:tblHeader", NS) is not None for row in rows]
        assert heads[0]
        assert heads == sorted(heads, reverse=True)
        for row in rows:
            cells = row.findall("w:tc", NS)
            assert sum(int(c.find("w:tcPr/w:tcW", NS).get(f"{W}w")) for c in cells) == width


def test_the_money_table_has_a_head_of_two_levels():
    table = next(tree_of(report(sample("sample"))).iter(f"{W}tbl"))

    rows = table.findall("w:tr", NS)
    heads = [row for row in rows if row.find("w:trPr/w:tblHeader", NS) is not None]
    spans = [span.get(f"{W}val") for span in heads[0].iter(f"{W}gridSpan")]
    assert len(heads) == 2
    assert spans == ["2", "2"]


def test_a_report_opens_in_python_docx(document):
    from docx import Document

    assert Document(io.BytesIO(document)).paragraphs
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        assert package.testzip() is None
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(package.read(name))


# -- in LibreOffice ------------------------------------------------------------------------


def long_text():
    values = sample("sample-2023")
    values["整体支出绩效情况"] = [{"级": 1, "标题": "长", "正文": "国" * 28 * 60}]
    return values


PAGES = {
    "sample": lambda: sample("sample"),
    "sample-2023": lambda: sample("sample-2023"),
    "sixty": lambda: with_projects("sample", 60),
    "sixty-2023": lambda: with_projects("sample-2023", 60),
    "long": long_text,
}


@pytest.fixture(scope="session")
def pages(soffice, tmp_path_factory):
    """Return the pages of each report as text; LibreOffice is started once for all."""
    folder = tmp_path_factory.mktemp("pdf")
    files = []
    for name, values in PAGES.items():
        files.append(folder / f"{name}.docx")
        files[-1].write_bytes(report(values()))
    profile = (folder / "profile").as_uri()
    subprocess.run(
        [soffice, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf",
         "--outdir", folder, *files],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return {
        name: [p.extract_text() for p in pypdf.PdfReader(folder / f"{name}.pdf").pages]
        for name in PAGES
    }


@pytest.mark.parametrize(("name", "count"), [("sample", 4), ("sample-2023", 3)])
def test_a_report_has_its_pages_numbered_and_none_of_them_blank(pages, name, count):
    made = pages[name]

    assert len(made) == count
    for number, page in enumerate(made, 1):
        body, _, foot = page.rstrip().rpartition("\n")
        assert foot == f"— {number} —"
        assert len(body) > 40


@pytest.mark.parametrize("name", PAGES)
def test_every_value_of_the_document_is_on_a_page(pages, name):
    squeezed = re.sub(r"\s|— \d+ —", "", "".join(pages[name]))

    body = tree_of(report(PAGES[name]())).find("w:body", NS)
    for paragraph in body.findall("w:p", NS):
        words = re.sub(r"\s", "", "".join(t.text or "" for t in paragraph.iter(f"{W}t")))
        for piece in re.split(r"(?<=[。；，])", words):
            assert piece[:20] in squeezed


@pytest.mark.parametrize(("name", "head"), [("sixty", "指标总额"), ("sixty-2023", "指标总额")])
def test_the_head_of_a_table_over_several_pages_is_on_each_of_them(pages, name, head):
    with_rows = [p for p in pages[name] if re.search(r"项目 ?\d\d", p) and "1.00" in p]

    assert len(with_rows) >= 3
    assert all(head in page and "预算金额" in page for page in with_rows)
    listed = re.findall(r"项目 ?(\d\d)", "".join(with_rows))
    assert set(listed) == {f"{n:02}" for n in range(1, 61)}


def test_10_a_full_page_of_text_has_22_lines_of_28_characters(pages):
    full = [p for p in pages["long"] if p.count("国") > 500]

    lines = [line for line in full[1].splitlines() if line.startswith("国")]
    assert len(lines) == 22
    assert {len(line.strip()) for line in lines} == {28}


# -- the published reports, typed in; their values stay out of the repository ----------------


@pytest.mark.skipif(
    not {"REPORTGEN_PRIVATE", "REPORTGEN_SHARED"} <= set(os.environ),
    reason="REPORTGEN_PRIVATE, REPORTGEN_SHARED: no published reports",
)
@pytest.mark.parametrize(
    ("year", "said"),
    [
        # A3; the text as published: 预计年底, 1-10月, 力争12月; two misprints; no problem named;
        # and a list of three for two (A16), a sum that is 1 off (A18)
        ("2020", ["F10", "T04", "T04", "T04", "T07", "T07", "T08", "W411", "W412"]),
        # half a comma, a misprint, and the thirteen facts hold; 年中追加 30.7 % is a note
        ("2023", ["F12", "T05", "T07"]),
    ],
)
def test_a_published_report_comes_out_sentence_by_sentence(year, said, tmp_path):
    private, shared = (Path(os.environ[f"REPORTGEN_{n}"]) for n in ("PRIVATE", "SHARED"))
    form = _form()
    workbook = tmp_path / "in" / "单位.xlsx"
    workbook.parent.mkdir()
    submission = read_values(private / f"values-{year}.toml", form)
    workbook.write_bytes(write_workbook(form, submission))
    run = build_folder([workbook], templates=FORM.parent, output=tmp_path / "out")
    (built,) = (tmp_path / "out").glob("*.docx")
    compared = subprocess.run(
        [sys.executable, shared / "tools" / "compare_text.py", built,
         shared / "seeds" / f"report-{year}.txt", private / f"allowed-{year}.txt"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert compared.returncode == 0, compared.stdout + compared.stderr
    assert [f.code for f in run.findings if f.level == "error"] == []
    assert sorted(f.code for f in run.findings) == said


def codes(values):
    return [(f.code, f.place.sheet) for f in check(from_plain(values, load_form(FORM)))]


def test_what_the_report_would_drop_is_said():
    unchanged = functional("100", "100")  # 与上年持平: no reason is printed
    no_project = sample("sample-2023")
    no_project["项目支出绩效情况"] = [{"正文": "写了一段"}]

    assert codes(unchanged) == [("W211", "基本支出")]
    assert codes(no_project) == [("W210", "项目支出绩效情况")]


@pytest.mark.parametrize(
    ("name", "table", "code"), [("sample", "功能科目", "F08"), ("sample-2023", "在职人员", "P02")]
)
def test_a_table_that_the_wording_counts_on_is_not_left_empty(name, table, code):
    values = sample(name)
    values[table] = []
    if name == "sample":
        del values["基本支出"]["增减原因"]

    assert [c for c, _ in codes(values)] == [code]


def test_a_part_is_not_larger_than_the_whole():
    values = sample("sample")
    values["项目明细"][0] |= {"预算区级资金": "157.24", "支出区级资金": "157.24"}

    assert [c for c, _ in codes(values)] == ["F15", "F15b"]


def test_a_required_amount_that_is_not_applicable_is_a_warning():
    values = sample("sample")
    values["基本支出"]["决算数"] = "—"

    assert codes(values) == [("W329", "基本支出")]


# -- words ---------------------------------------------------------------------------------


def spoken_about(sentence):
    values = sample("sample")
    values["绩效目标设置情况"] = [{"正文": sentence}]
    return [c for c, _ in codes(values)]


@pytest.mark.parametrize(
    "sentence",
    [
        "按排名先后确定扶持对象，按排放标准组织验收。",
        "发布署名文章2篇，预算收支出现缺口后已调剂解决。",
        "既使用财政资金，又使用自筹资金。",
        "慰问困难职工张××等5人，配发XXL码防护服。",
        "内部管理制度有待完善，绩效指标尚待完善。",
        "1-3月开展摸底，4-6月集中整改，按计划10月完成验收。",
        "1-12月共办结60批次，争取年底考核加分。",
        "增长率为12.5%，支出5万元，面积30亩。",
    ],
)
def test_innocent_words_are_let_stand(sentence):
    assert spoken_about(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("我单位(局、部、中心)高度重视。", "T01"),
        ("本年度工作待补充。", "T01"),
        ("××街道配合完成征地。", "T01b"),
        ("XX单位牵头实施。", "T01b"),
        ("xx街道已签约。", "T01b"),
        ("1—11月累计完成投资。", "T04"),
        ("力争年底前全部完成。", "T04"),
        ("资金及时拔付到位。", "T07"),
        ("及时布署各项工作。", "T07"),
        ("执行率{{ 整体支出 万元 }}", "T12"),
        ("支出{{ 整体支出|万元 }}万元。", "T13"),
    ],
)
def test_words_that_were_not_meant_are_found(sentence, code):
    assert spoken_about(sentence) == [code]
