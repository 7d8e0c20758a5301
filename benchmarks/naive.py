"""The script that a user would write: openpyxl reads the workbook, docxtpl fills the template.

It checks nothing. What it computes (a few sums and quotients, in binary numbers) and how it prints
is what this one report needs.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from docxtpl import DocxTemplate
from jinja2 import Environment

from benchmarks.content import GRID, INDICATORS, OUTLINES, PROJECTS, RECORD

SHEETS = [RECORD, GRID, PROJECTS, INDICATORS, *OUTLINES]
#: How many rows stand above the first that is filled in.
ABOVE = 5
_PLACES = {"绿地面积": 2, "水面面积": 2, "步道长度": 1}
_PROJECT = ["项目名称", "项目类型", "资金用途", "指标总额", "财政资金", "支出总额", "支出财政资金"]
_INDICATOR = [
    "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因",
]  # fmt: skip

Rows = Sequence[Sequence[Any]]


def load(path: Path) -> openpyxl.Workbook:
    """Return the workbook, values alone."""
    return openpyxl.load_workbook(path, data_only=True)


def read(path: Path) -> dict[str, Rows]:
    """Return the filled rows of each sheet that the report needs."""
    book = load(path)
    return {
        title: list(book[title].iter_rows(min_row=ABOVE + 1, values_only=True)) for title in SHEETS
    }


def context(sheets: Mapping[str, Rows]) -> dict[str, Any]:
    """Return what the template prints, from the rows of each sheet."""
    found = {row[0].rstrip("＊").split("（")[0]: row[1] for row in sheets[RECORD] if row[0]}
    said: dict[str, Any] = {label: _plain(value) for label, value in found.items()}
    said.update((label, f"{found[label]:.{places}f}") for label, places in _PLACES.items())
    said["满意率"] = f"{found['满意率']:.2%}"
    said["办结率"] = f"{found['办结件数'] / found['诉求件数']:.2%}"
    day = found["填报日期"]
    said["填报日期"] = f"{day.year}年{day.month}月{day.day}日"
    totals = [0.0, 0.0, 0.0, 0.0]
    for label, planned, change, _, spent, *_ in sheets[GRID]:
        amounts = (planned, change, planned + change, spent)
        totals = [total + amount for total, amount in zip(totals, amounts, strict=True)]
        said |= _line(label, amounts)
        said[f"{GRID}_{label}_执行率"] = f"{spent / (planned + change):.2%}"
    said |= _line("合计", totals)
    said["整体支出"] = f"{totals[3]:.2f}"
    said[PROJECTS] = [
        dict(zip(_PROJECT, [*row[:3], *(f"{v:.2f}" for v in row[3:7])], strict=True))
        for row in sheets[PROJECTS]
        if row[0]
    ]
    said["项目支出"] = f"{sum(row[5] for row in sheets[PROJECTS] if row[0]):.2f}"
    said[INDICATORS] = [
        dict(
            zip(
                _INDICATOR, [*row[:5], *(f"{v:.1f}" for v in row[5:7]), row[7] or "无"], strict=True
            )
        )
        for row in sheets[INDICATORS]
        if row[0]
    ]
    for title in OUTLINES:
        rows = [row for row in sheets[title] if row[0]]
        said[title] = [
            {"编号": f"{number}.", "标题": row[1], "正文": row[2]}
            for number, row in enumerate(rows, 1)
        ]
    return said


def _plain(value: Any) -> Any:
    """Return a whole number without the decimals that calamine gives it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _line(label: str, amounts: Sequence[float]) -> dict[str, str]:
    columns = ("年初预算数", "调整数", "全年预算数", "决算数")
    return {
        f"{GRID}_{label}_{column}": f"{amount:.2f}"
        for column, amount in zip(columns, amounts, strict=True)
    }


def fill(template: Path, values: Mapping[str, Any], target: Path) -> None:
    """Write *template* with *values* to *target*."""
    document = DocxTemplate(template)
    document.render(dict(values), Environment(autoescape=True))
    document.save(target)


def build(workbook: Path, template: Path, target: Path) -> None:
    """Write the report of *workbook* to *target*."""
    fill(template, context(read(workbook)), target)
