"""``reportgen new --from-workbook``: a form guessed from a workbook that nobody made for it.

Every workbook here is made in the test. What is expected follows from what a person would say of
it: this is a number in 万元, that row is the sum of those.
"""

import datetime as dt
import os
import random
import re
import tomllib
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation

from reportgen import lint, load_form, read_workbook
from reportgen.cli import main
from reportgen.pipeline import check
from reportgen.values import read_values
from support_docx import docx_text


class Maker:
    """A folder where old workbooks are put and projects made of them."""

    def __init__(self, root, capsys):
        self.root, self.capsys = root, capsys

    def book(self, *rows, title="Sheet1", merged=(), formats=None):
        """Return an open workbook whose first sheet holds *rows*."""
        made = openpyxl.Workbook()
        sheet = made.active
        sheet.title = title
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                if value is not None:
                    sheet.cell(number, column).value = value
        for area in merged:
            sheet.merge_cells(area)
        for ref, form in (formats or {}).items():
            sheet[ref].number_format = form
        return made

    def run(self, *args, code=0):
        with pytest.raises(SystemExit) as stop:
            main([str(arg) for arg in args])
        out, err = self.capsys.readouterr()
        assert stop.value.code == code, out + err
        return out, err

    def new(self, book, name="旧表"):
        """Make a project of *book*, and see that it is one: lint, check, build and read back."""
        path = self.root / f"{name}.xlsx"
        book.save(path)
        out, _ = self.run("new", "项目", "--from-workbook", path)
        project = self.root / "项目"
        (folder,) = (project / "templates").iterdir()
        form = load_form(folder)

        assert lint(folder) == () or all(f.level == "note" for f in lint(folder))
        sample = read_values(folder / "sample.toml", form)
        back = read_workbook(project / "inputs" / "样例（旧表的数）.xlsx", form)
        assert back.plain() == sample.plain()
        assert [f for f in check(back) if f.level == "error"] == []
        blank = read_workbook(project / "空白填报表.xlsx", form)
        assert blank.plain() == {}
        return Made(project, folder, form, out)


class Made:
    """A project that was made: its form, its text, the old values, what was asked on the screen."""

    def __init__(self, project, folder, form, out):
        self.project, self.folder, self.form, self.out = project, folder, form, out
        self.text = (folder / "form.toml").read_text(encoding="utf-8")
        self.values = tomllib.loads((folder / "sample.toml").read_text(encoding="utf-8"))

    def field(self, section, label):
        return self.form.section(section).field(label)

    def kinds(self, section):
        """Return the type of each field, with its unit of measure."""
        fields = self.form.section(section).fields
        return {f.label: f.type + (f" {f.uom}" if f.uom else "") for f in fields}


@pytest.fixture
def maker(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    return Maker(tmp_path, capsys)


def assets():
    rows = [
        ["示例局固定资产登记表"],
        ["填报单位：示例局", *[None] * 7, "单位：元"],
        ["序号", "资产编号", "资产名称", "类别", "数量（台）", "单价（元）", "金额", "购置日期", "使用人"],
    ]  # fmt: skip
    total = 0
    for number in range(1, 13):
        count, price = number % 4 + 1, [4999.5, 1200, 88000, 650.25][number % 4]
        total += count * price
        kind = ["办公设备", "家具", "车辆"][number % 3]
        day = dt.date(2020, number, 3)
        rows.append(
            [number, f"GD{number:04}", f"资产{number}", kind, count, price, count * price, day,
             f"张{number}"]
        )  # fmt: skip
    rows += [["合计", None, None, None, 30, None, total], ["注：1000元以上的才登记。"]]
    rows += [["填表人：张三", None, None, None, "审核人：李四"]]
    return rows


def test_a_list_of_fixed_assets(maker):
    made = maker.new(maker.book(*assets(), title="固定资产", merged=["A1:I1"]))

    assert made.form.title == "固定资产登记表"  # of whichever unit
    assert made.form.unit == "填报单位"
    assert made.kinds("固定资产") == {
        "资产编号": "text", "资产名称": "text", "类别": "choice", "数量": "integer 台",
        "单价": "decimal 元", "金额": "decimal 元", "购置日期": "date", "使用人": "text",
    }  # fmt: skip
    assert made.field("固定资产", "金额").formula == "数量 * 单价"
    assert made.field("固定资产", "资产编号").unique
    assert made.field("固定资产", "类别").choices == ("家具", "车辆", "办公设备")
    assert made.values["基本信息"] == {"填报单位": "示例局", "填表人": "张三", "审核人": "李四"}
    assert len(made.values["固定资产"]) == 12
    assert made.values["固定资产"][0] == {
        "资产编号": "GD0001", "资产名称": "资产1", "类别": "家具", "数量": "2", "单价": "1200",
        "购置日期": "2020-01-03", "使用人": "张1",
    }  # fmt: skip
    assert made.form.section("固定资产").hint == "注：1000元以上的才登记。"


def test_the_project_builds_a_document_with_the_old_values(maker, monkeypatch):
    made = maker.new(maker.book(*assets(), title="固定资产"))
    monkeypatch.chdir(made.project)

    out, _ = maker.run("build")

    assert "√ 已生成：示例局_固定资产登记表.docx" in out
    printed = docx_text(made.project / "outputs" / "示例局_固定资产登记表.docx")
    assert "资产12" in printed
    # 1 × 650.25 of 资产3 and so on: 3 × (2 × 1200 + 3 × 88000 + 4 × 650.25 + 1 × 4999.5)
    assert re.search(r"822001\.?5?0?|822,001", printed)


def test_every_guess_is_a_question_on_the_screen_and_in_the_file_at_its_line(maker):
    made = maker.new(maker.book(*assets(), title="固定资产"))

    lines = made.text.split("\n")
    asked = re.findall(r"^ *\d+\. (.+?)（第 (\d+) 行）\n +(.+)$", made.out, re.MULTILINE)
    assert (
        "固定资产 › 金额",
        "由程序算：金额 = 数量 * 单价（12 行都对得上）。要单位自己填的，删去 formula。",
    ) in [(where, said) for where, _, said in asked]
    assert len(asked) == made.text.count("# 问：") - 1  # one is in the heading, as an explanation
    for where, line, said in asked:
        assert f'label = "{where.split(" › ")[-1]}"' in lines[int(line) - 1]
        assert f"# 问：{said}" in lines[int(line) - 2].strip() or any(
            f"# 问：{said}" == above.strip() for above in lines[: int(line)]
        )


def test_a_register_without_any_title_gets_a_field_that_names_the_unit(maker):
    rows = [["姓名", "性别", "工作单位", "出勤学时", "考核成绩", "是否结业", "备注"]]
    rows += [
        [f"学员{i}", "男女"[i % 2], f"单位{i}", 40 - i, 60 + i * 3.5, "是否"[i % 2]]
        for i in range(9)
    ]
    book = maker.book(*rows)
    listed = DataValidation(type="list", formula1='"男,女"')
    listed.add("B2:B200")
    book.active.add_data_validation(listed)

    made = maker.new(book, "培训名册")

    assert made.kinds("培训名册") == {
        "姓名": "text", "性别": "choice", "工作单位": "text", "出勤学时": "integer",
        "考核成绩": "decimal", "是否结业": "yes_no", "备注": "text",
    }  # fmt: skip
    assert made.field("培训名册", "性别").choices == ("男", "女")
    assert made.field("培训名册", "姓名").required
    assert not made.field("培训名册", "备注").required
    assert made.field("培训名册", "考核成绩").total is False  # nobody adds up marks
    assert made.values["基本信息"] == {"单位名称": "示例单位"}
    assert "加了“单位名称”" in made.out


BUDGET = [
    ["2025年部门预算执行情况表"],
    [None, None, None, None, None, "单位：万元"],
    ["项目", "预算数", None, "执行数", None, "执行率"],
    [None, "年初", "调整后", "财政拨款", "其他"],
    ["一、基本支出", 100, 120, 100, 10, "=(D5+E5)/C5"],
    ["二、项目支出", 200, 180.5, 150, 20, "=(D6+E6)/C6"],
    ["其中：信息化", 50, 40, 30, 5, "=(D7+E7)/C7"],
    ["合计", "=B5+B6", "=C5+C6", 250, 30, "=(D8+E8)/C8"],
]
HEADINGS = ["A1:F1", "A3:A4", "B3:C3", "D3:E3", "F3:F4"]


def test_a_budget_table_with_two_rows_of_headings_is_a_grid_whose_total_is_computed(maker):
    formats = {f"F{row}": "0.00%" for row in range(5, 9)}
    made = maker.new(maker.book(*BUDGET, title="预算执行", merged=HEADINGS, formats=formats))

    section = made.form.section("预算执行")
    assert section.kind == "grid"
    assert made.kinds("预算执行") == {
        "年初预算数": "decimal 万元", "调整后预算数": "decimal 万元", "执行数财政拨款": "decimal 万元",
        "执行数其他": "decimal 万元", "执行率": "percent",
    }  # fmt: skip
    assert [(row.label, row.formula) for row in section.rows] == [
        ("一、基本支出", ""),
        ("二、项目支出", ""),
        ("其中：信息化", ""),
        ("合计", "一、基本支出 + 二、项目支出"),
    ]
    formula = "(执行数财政拨款 + 执行数其他) / 调整后预算数"
    assert made.field("预算执行", "执行率").formula == formula
    assert made.values["预算执行"]["二、项目支出"] == {
        "年初预算数": "200", "调整后预算数": "180.5", "执行数财政拨款": "150", "执行数其他": "20",
    }  # fmt: skip
    assert "合计" not in made.values["预算执行"]


def test_a_table_keeps_the_upper_band_of_two_row_headings(maker):
    rows = [
        ["项目名称", "预算金额（万元）", None, "支出金额（万元）", None],
        [None, "总额", "其中：区级", "总额", "其中：区级"],
        ["道路", 10, 5, 9, 4],
        ["水利", 20.25, 10, 18, 9],
        ["绿化", 30, 15, 27.5, 14],
    ]
    made = maker.new(maker.book(*rows, merged=["A1:A2", "B1:C1", "D1:E1"]), "项目表")

    labels = [(f.group, f.label) for f in made.form.section("项目表").fields]
    assert labels[0] == ("", "项目名称")
    assert [group for group, _ in labels[1:]] == [
        "预算金额（万元）", "预算金额（万元）", "支出金额（万元）", "支出金额（万元）",
    ]  # fmt: skip
    assert len({label for _, label in labels}) == 5
    assert made.values["项目表"][1][labels[1][1]] == "20.25"


def test_a_record_form_with_merged_cells_and_a_table_below(maker):
    book = maker.book(
        ["干部基本情况登记表"],
        ["姓名", "张三", "性别", "男", "出生年月", dt.date(1980, 5, 1)],
        ["工作单位", "示例局", None, None, "联系电话", "0731-12345678"],
        ["学历", "本科", "学位", None, "年龄", 45],
        ["主要事迹", "工作认真负责，多次获得表彰。\n连续三年考核优秀。"],
        *[[None]] * 3,
        ["家庭主要成员"],
        ["称谓", "姓名", "年龄", "工作单位"],
        ["妻子", "李四", 44, "某校"],
        ["儿子", "张小", 15, "某中学"],
        merged=["A1:F1", "B3:D3", "A5:A8", "B5:F8", "A9:F9"],
    )

    made = maker.new(book, "干部登记")

    assert [(s.label, s.kind) for s in made.form.sections] == [
        ("基本信息", "record"),
        ("家庭主要成员", "table"),
    ]
    assert made.kinds("基本信息") == {
        "姓名": "text", "性别": "text", "出生年月": "date", "工作单位": "text", "联系电话": "text",
        "学历": "text", "学位": "text", "年龄": "integer", "主要事迹": "narrative",
    }  # fmt: skip
    assert made.form.unit == "姓名"
    assert made.values["基本信息"]["主要事迹"].split("\n")[1] == "连续三年考核优秀。"
    assert "学位" not in made.values["基本信息"]
    assert [row["姓名"] for row in made.values["家庭主要成员"]] == ["李四", "张小"]


def test_an_ugly_sheet_is_read_between_its_titles_blank_rows_and_remarks(maker):
    book = maker.book(
        [],
        [None, "某某区 2025 年"],
        [None, "专项资金使用情况统计"],
        [None, None, None, None, None, "金额单位：万元"],
        [],
        [None, "项 目\n名称", "合计", "其中：\n区级", "市级", "完成率%", "备注"],
        [None, "道路", 160.5, 60, "100.5", "85"],
        [None, "水利", 160, 80, 80, "90"],
        [],
        [None, "绿化", 20, 20, "—", "100%"],
        [None, "学校", 50, 50, None, 77.5],
        [],
        [None, "说明：1.本表由各单位填报；2.金额保留两位小数。"],
        [],
        [None, "制表：王五      日期：2025年3月1日"],
    )
    hidden = book.create_sheet("隐藏")
    hidden["A1"] = "x"
    hidden.sheet_state = "hidden"
    book.create_sheet("Sheet2")

    made = maker.new(book, "丑表")

    section = made.form.section("专项资金使用情况统计")
    assert [f.label for f in section.fields] == [
        "项目名称", "合计数", "其中：区级", "市级", "完成率%", "备注",
    ]  # fmt: skip
    assert [row["项目名称"] for row in made.values[section.label]] == [
        "道路",
        "水利",
        "绿化",
        "学校",
    ]
    assert made.values[section.label][0]["市级"] == "100.5"
    assert made.values[section.label][2]["市级"] == "—"
    assert made.values["基本信息"]["日期"] == "2025-03-01"
    for said in ("“合计”改叫“合计数”", "隐藏的工作表“隐藏”", "有的写 85%，有的写 85"):
        assert said in made.out


def test_an_annex_whose_parts_have_their_captions_down_the_side(maker):
    book = maker.book(
        ["项目支出绩效自评表"],
        ["项目名称", "信息化建设"],
        ["主管部门", "示例局", "实施单位", "示例中心"],
        ["项目资金（万元）", None, "年初预算数", "全年预算数", "全年执行数", "分值", "执行率"],
        [None, "年度资金总额", 100, 120, 110, 10, 0.9167],
        [None, "其中：财政拨款", 80, 100, 95, None, 0.95],
        ["年度总体目标", "预期目标", "实际完成情况"],
        [None, "完成系统建设", "已完成"],
        ["一级指标", "二级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析"],
        ["产出指标", "数量指标", "≥1个", "1个", 20, 20],
        [None, "质量指标", "100%", "100%", 30, 30],
        ["效益指标", "社会效益", "≥90%", "95%", 50, 48.5],
        ["总分", None, None, None, 100, 98.5],
        merged=["A1:G1", "B2:G2", "A4:A6", "A7:A8", "A10:A11"],
    )

    made = maker.new(book, "自评表")

    assert made.values["基本信息"] == {
        "项目名称": "信息化建设", "主管部门": "示例局", "实施单位": "示例中心",
        "预期目标": "完成系统建设", "实际完成情况": "已完成",
    }  # fmt: skip
    money = made.form.section("项目资金")
    assert money.kind == "grid"
    assert not any(f.has_total for f in money.fields)  # a sum would count 其中 twice
    assert made.kinds("项目资金") == {
        "年初预算数": "decimal 万元", "全年预算数": "decimal 万元", "全年执行数": "decimal 万元",
        "分值": "integer", "执行率": "percent",
    }  # fmt: skip
    indicators = made.form.sections[-1]
    assert [f.label for f in indicators.fields][-2:] == ["得分", "偏差原因分析"]
    assert [row["一级指标"] for row in made.values[indicators.label]] == [
        "产出指标", "产出指标", "效益指标",
    ]  # fmt: skip


def test_two_columns_that_say_what_it_is_and_what_was_filled_in_are_a_record(maker):
    rows = [
        ["项目", "内容"],
        ["单位名称", "示例局"],
        ["在职人数", "14"],
        ["办公面积（平方米）", 1203.5],
    ]

    made = maker.new(maker.book(*rows))

    assert made.kinds("基本信息") == {
        "单位名称": "text", "在职人数": "integer", "办公面积": "decimal 平方米",
    }  # fmt: skip
    assert made.form.unit == "单位名称"


def test_a_questionnaire_that_nobody_has_filled_in(maker):
    book = maker.book(
        ["企业基本情况调查表"],
        ["企业名称", None, None, "统一社会信用代码", None],
        ["注册地址", None, None, "法定代表人", None],
        ["主营业务", None],
        [],
        ["指标名称", "计量单位", "代码", "本年", "上年"],
        ["甲", "乙", "丙", 1, 2],
        ["营业收入", "千元", "01", 1000, 900],
        ["从业人员", "人", "02", 50, 48],
        ["单位负责人：", None, "填表人：", None, "填表日期："],
        merged=["A1:E1", "B2:C2", "B3:C3", "B4:E4"],
    )

    made = maker.new(book, "调查表")

    assert [f.label for f in made.form.sections[0].fields] == [
        "单位名称", "企业名称", "统一社会信用代码", "注册地址", "法定代表人", "主营业务", "单位负责人",
        "填表人", "填表日期",
    ]  # fmt: skip
    table = made.form.sections[-1].label
    assert [row["代码"] for row in made.values[table]] == ["01", "02"]  # not the numbering 甲 乙 丙


def test_a_sum_that_only_two_rows_show_is_not_believed(maker):
    rows = [["名称", "甲", "乙", "总数"], ["a", 1, 2, 3], ["b", 4, 5, 9]]

    made = maker.new(maker.book(*rows))

    assert made.field("旧表", "总数").formula == ""


def test_a_relation_that_fails_in_one_row_is_not_believed(maker):
    rows = [["名称", "数量", "单价", "金额"]]
    rows += [[f"品{i}", i + 1, 10.5 + i, (i + 1) * (10.5 + i)] for i in range(6)]
    rows[4][3] += 1

    made = maker.new(maker.book(*rows))

    assert made.field("旧表", "金额").formula == ""
    assert made.values["旧表"][3]["金额"] == "55"  # (3 + 1) × (10.5 + 3) + 1


def test_a_total_that_does_not_add_up_is_asked_about(maker):
    rows = [["名称", "金额"], ["a", 10], ["b", 20], ["c", 30], ["合计", 61]]

    made = maker.new(maker.book(*rows))

    assert "旧表的合计是 61，各行加起来是 60" in made.out


def test_a_formula_whose_stored_result_is_another_is_taken_back(maker):
    rows = [["名称", "收入", "支出", "结余"]]
    rows += [[f"a{i}", 100 + i, 40, f"=B{i + 2}-C{i + 2}"] for i in range(3)]
    from support_workbook import store_results

    path = maker.root / "x.xlsx"
    maker.book(*rows).save(path)
    store_results(
        path, "xl/worksheets/sheet1.xml",
        {"D2": ("n", "60"), "D3": ("n", "61"), "D4": ("n", "999")},
    )  # fmt: skip
    out, _ = maker.run("new", "项目", "--from-workbook", path)

    form = load_form(maker.root / "项目" / "templates" / "x")
    assert form.section("x").field("结余").formula == ""
    assert "没有用公式 收入 - 支出" in out


def test_what_excel_knows_besides_values_is_taken_over(maker):
    rows = [["名称", "占比", "级别"], *[[f"a{i}", i / 8, None] for i in range(1, 5)]]
    book = maker.book(*rows, formats={f"B{r}": "0.0%" for r in range(2, 6)})
    sheet = book.active
    sheet["B1"].comment = Comment("占全部的比例", "x")
    options = book.create_sheet("选项")
    for row, word in enumerate(["高", "中", "低"], 1):
        options.cell(row, 1).value = word
    options.sheet_state = "hidden"
    listed = DataValidation(type="list", formula1="选项!$A$1:$A$3")
    listed.add("C2:C5")
    sheet.add_data_validation(listed)

    made = maker.new(book)

    assert made.kinds("旧表") == {"名称": "text", "占比": "percent", "级别": "choice"}
    assert made.field("旧表", "占比").hint == "占全部的比例"
    assert made.field("旧表", "级别").choices == ("高", "中", "低")
    assert made.values["旧表"][0]["占比"] == "0.125"


def test_values_that_do_not_fit_are_named_and_left_out_of_the_sample(maker):
    rows = [["名称", "金额"], *[[f"a{i}", i * 1.5] for i in range(9)], ["z", "待定"]]

    made = maker.new(maker.book(*rows))

    assert made.field("旧表", "金额").type == "decimal"
    assert "“待定”等 1 格样例里空着" in made.out
    assert made.values["旧表"][9] == {"名称": "z"}


def test_codes_keep_their_zeros_and_long_numbers_their_digits(maker):
    rows = [["姓名", "身份证号", "单位代码"], ["甲", "430102199001011234", "001"],
            ["乙", "430102199001011242", "002"]]  # fmt: skip

    made = maker.new(maker.book(*rows))

    assert made.values["旧表"][0] == {
        "姓名": "甲",
        "身份证号": "430102199001011234",
        "单位代码": "001",
    }


def test_cells_merged_downwards_stand_in_every_row(maker):
    rows = [["类别", "名称", "金额"], ["办公", "纸", 1.5], [None, "笔", 2], ["设备", "灯", 3]]

    made = maker.new(maker.book(*rows, merged=["A2:A3"]))

    assert [row["类别"] for row in made.values["旧表"]] == ["办公", "办公", "设备"]


def test_an_empty_form_is_guessed_from_its_labels_alone(maker):
    rows = [["填报单位：", None], ["项目名称", "开工日期", "投资额（万元）", "完成率", "负责人"]]

    made = maker.new(maker.book(*rows))

    assert made.kinds("旧表") == {
        "项目名称": "text", "开工日期": "date", "投资额": "decimal 万元", "完成率": "percent",
        "负责人": "text",
    }  # fmt: skip
    assert "旧表里没有填，只凭名称" in made.out


def test_labels_that_no_form_may_have_are_renamed(maker):
    rows = [
        ["序号", "编号", "合计", "名称", "名称", None],
        *[[7 - i, f"x{i}", i, "a", "b", i * i] for i in range(3)],
    ]

    made = maker.new(maker.book(*rows, title="名称 _x'"), "坏")

    labels = [f.label for f in made.form.sections[-1].fields]
    assert len(set(labels)) == len(labels) == 6
    assert not {"序号", "编号", "合计"} & set(labels)


def test_signs_of_toml_and_of_word_in_cells_come_through(maker):
    text = "说\"好\"\\n {{ 单位 }} <b> & 'x'\n第二段"
    made = maker.new(maker.book(["名称", "情况说明"], ["甲", text], ["乙", "{% x %}"]))

    assert made.values["旧表"][0]["情况说明"] == text


def test_a_sheet_of_prose_is_said_to_be_left_out(maker):
    book = maker.book(["关于做好填报工作的通知"], ["请各单位于三月底前报送。"])

    made = maker.new(book)

    assert "没有带入工作表“Sheet1”" in made.out


def test_a_file_that_is_no_workbook_is_said_and_nothing_is_written(maker):
    (maker.root / "假.xlsx").write_bytes(b"%PDF-1.7")

    _, err = maker.run("new", "项目", "--from-workbook", "假.xlsx", code=2)

    assert "E103" in err
    assert not (maker.root / "项目").exists()


def test_a_form_and_a_workbook_cannot_both_be_asked_for(maker):
    _, err = maker.run(
        "new", "--form", "training-certificates", "--from-workbook", "x.xlsx", code=2
    )

    assert "--form 和 --from-workbook 只能用一个。" in err


def test_a_value_of_two_lines_in_a_question_stays_one_comment(maker):
    rows = [["名称", "金额"], *[[f"a{i}", i * 1.5] for i in range(9)], ["z", "待\n定"]]

    made = maker.new(maker.book(*rows))

    assert "“待 定”等 1 格样例里空着" in made.text


WORDS = (
    "姓名", "性别", "单位", "单位名称", "金额（万元）", "数量(台)", "合计", "小计", "其中：", "序号",
    "编号", "日期", "年度", "率", "项目", "注：说明", "填报单位：", "甲", "A&B", "<x>", "{{ x }}", "{%",
    "'引", '"q"', "1.5", "100%", "2024年", "是", "—", "/", "#", "级", "上年", "１２", "=1",
)  # fmt: skip


def something(chance):
    """Return what somebody may have put into a cell."""
    kind = chance.random()
    if kind < 0.25:
        return None
    if kind < 0.6:
        return chance.choice(WORDS)
    if kind < 0.85:
        return chance.choice([0, 1, 2, 2024, -5, 0.5, round(chance.random() * 1000, 2)])
    if kind < 0.95:
        return chance.choice([dt.date(2024, 1, 5), "=A1+B2", True])
    return chance.choice(WORDS) + "\n" + chance.choice(WORDS) * 8


@pytest.mark.parametrize("seed", range(20))
def test_whatever_stands_in_a_sheet_becomes_a_form_that_nothing_is_wrong_with(maker, seed):
    chance = random.Random(seed)
    height, width = chance.randint(2, 12), chance.randint(2, 8)
    rows = [[something(chance) for _ in range(width)] for _ in range(height)]
    merged = ["B2:C3"] if chance.random() < 0.4 else []

    maker.new(maker.book(*rows, merged=merged))


@pytest.mark.skipif("REPORTGEN_SHARED" not in os.environ, reason="REPORTGEN_SHARED: no odd files")
def test_odd_files_of_others_become_projects_or_findings(maker):
    corpus = Path(os.environ["REPORTGEN_SHARED"]) / "corpus" / "xlsx"
    for number, path in enumerate(sorted(corpus.iterdir())):
        with pytest.raises(SystemExit) as stop:
            main(["new", f"p{number}", "--from-workbook", str(path)])
        _, err = maker.capsys.readouterr()
        assert stop.value.code in {0, 2}, path.name + err
        assert "程序自身出错" not in err
        if stop.value.code == 0:
            (folder,) = (maker.root / f"p{number}" / "templates").iterdir()
            assert [f for f in lint(folder) if f.level == "error"] == [], path.name
