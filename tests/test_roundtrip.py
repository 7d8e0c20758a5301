"""Values → workbook → read → the same values, over random forms."""

import tempfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reportgen import read_workbook, write_workbook
from reportgen.form import Field, Form, GridRow, Section
from reportgen.headings import narrow
from reportgen.values import from_plain
from reportgen.workbook import layout

# without shrinking: it takes minutes over a whole form, and the first failure says enough
SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)  # fmt: skip

# what a cell cannot hold (control characters, half of a pair) is refused, see test_values.py
SIGNS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
NASTY = st.sampled_from(
    [
        "&", "<b>", "]]>", "{{ 1 }}", "{% if %}", "{_{", "=1+1", "+1", "-1", "@SUM(A1)", "'x", '"',
        "_x000D_", "_x005F_x000D_", "_x0041_", "\n", "\t", "\n\n", " ", "　", "\u00a0", "\u200b",
        "👨‍👩‍👧", "𠮷", "é", "#DIV/0!", "合计", "1e5", "００１", "TRUE", "—", "/", "￥", "项目名称",
    ]
)  # fmt: skip
TEXT = st.lists(st.one_of(NASTY, st.text(SIGNS, max_size=8)), min_size=1, max_size=6).map("".join)
LABEL = st.text(
    st.sampled_from([*"单位名称金额项目收支绩效ABCxyz0123456789", *"（）()、，：《》·%&<>\"' 　-_.#+"]),
    min_size=1, max_size=12,
)  # fmt: skip
DECIMAL = st.decimals(
    min_value=Decimal("-1e12"), max_value=Decimal("1e12"), allow_nan=False, places=None
).map(lambda d: round(d, 8))
TITLE = (
    st.text(st.sampled_from("基本收支项目明细绩效ABC012（）、 &'.-"), min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda t: t and narrow(t) and t[0] not in "'_" and t[-1] != "'")
)
TYPES = st.sampled_from(
    ["text", "narrative", "integer", "decimal", "percent", "year", "date", "choice", "yes_no", "image"]
)  # fmt: skip
CHOICES = ("2020提纲", "a & b", "=1+1", "丙")


def _usable(label):
    return bool(layout.heading_key(label)) and narrow(label) not in {
        "合计", "个数", "序号", "上年", "级", "编号", "填报项", "填报内容", "填写说明", "项目",
    }  # fmt: skip


@st.composite
def fields(draw, least=1, names=LABEL):
    labels = draw(
        st.lists(
            names.filter(_usable), min_size=2 * least, max_size=8, unique_by=layout.heading_key
        )
    )
    half = len(labels) // 2
    found = []
    taken = {layout.heading_key(label) for label in labels}
    for label, old in zip(labels[:half], labels[half:], strict=False):
        kind = draw(TYPES)
        uom = draw(st.sampled_from(["", "", "万元", "人", "%", "元/㎡"]))
        field = Field(
            label=label,
            type=kind,
            uom=uom if kind in {"integer", "decimal"} else "",
            group=draw(st.sampled_from(["", "甲组", "乙组"])),
            was=(old,) if draw(st.booleans()) else (),
            choices=CHOICES if kind == "choice" else (),
            places=draw(st.sampled_from([None, 2])) if kind == "decimal" else None,
            required=draw(st.booleans()),
            hint=draw(st.sampled_from(["", "填这里"])),
        )
        spelt = set(layout.spellings(field)) - {layout.heading_key(n) for n in (label, *field.was)}
        if spelt & taken:  # 甲（人） beside a field 甲 with the unit 人: no form may do that
            field = replace(field, uom="")
        taken |= set(layout.spellings(field))
        found.append(field)
    return tuple(found)


@st.composite
def forms(draw, names=LABEL, headings=TITLE):
    titles = draw(
        st.lists(headings, min_size=4, max_size=4, unique_by=lambda t: narrow(t).lower()),
    )
    kinds = draw(st.permutations(["record", "grid", "table", "outline"]))
    sections = []
    for title, kind in zip(titles, kinds, strict=True):
        if kind == "outline":
            own = (
                Field(label="级", type="integer"),
                Field(label="标题"),
                Field(label="正文", type="narrative"),
            )
        else:
            own = draw(fields(names=names))
        rows = ()
        if kind == "grid":
            rows = tuple(
                GridRow(label=name)
                for name in draw(
                    st.lists(
                        names.filter(_usable), min_size=1, max_size=4, unique_by=layout.heading_key
                    )
                )
            )
        if kind != "table":
            own = tuple(replace(f, group="") for f in own)
        sections.append(Section(label=title, kind=kind, fields=own, rows=rows))
    return Form(
        id="f", title="表", version="1", unit=own[0].label, folder=Path(), sections=tuple(sections)
    )


def cell(draw, field):
    """Draw what may stand in one cell, in the shape of ``--values``; None is blank."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from([None, "", "  ", "不适用", "—", "/"]))
    match field.type:
        case "integer":
            return draw(st.one_of(st.integers(-(10**17), 10**17), st.just("1,234")))
        case "decimal":
            return format(draw(DECIMAL), "f")
        case "percent":
            return draw(st.sampled_from(["76%", "0.5", "760%", "-3.25%", "0", "100%"]))
        case "year":
            return draw(st.integers(1900, 2100))
        case "date":
            return draw(st.dates(min_value=date(1000, 1, 1))).isoformat()
        case "choice":
            return draw(st.sampled_from(CHOICES))
        case "yes_no":
            return draw(st.booleans())
    return draw(TEXT)


@st.composite
def filled_forms(draw, names=LABEL, headings=TITLE):
    form = draw(forms(names, headings))
    values = {}
    for section in form.sections:

        def row(section=section):
            return {f.label: cell(draw, f) for f in section.fields if draw(st.integers(0, 4))}

        match section.kind:
            case "record":
                values[section.label] = row()
            case "grid":
                values[section.label] = {r.label: row() for r in section.rows}
            case _:
                values[section.label] = [row() for _ in range(draw(st.integers(0, 4)))]
    return form, values


def read_again(form, submission):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        path.write_bytes(write_workbook(form, submission))
        return read_workbook(path, form)


@SETTINGS
@given(filled_forms())
def test_reading_a_workbook_gives_back_the_values_it_was_written_from(filled):
    form, values = filled
    submission = from_plain(values, form)

    again = read_again(form, submission)

    assert [f for f in again.findings if f.level == "error" and f.code != "E208"] == []
    if not any(f.code == "E208" for f in again.findings):  # a row that calls itself 合计
        assert again.plain() == submission.plain()


@SETTINGS
@given(filled_forms())
def test_plain_values_give_the_same_values_again(filled):
    form, values = filled
    submission = from_plain(values, form)

    assert from_plain(submission.plain(), form).plain() == submission.plain()


@settings(max_examples=30, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4), st.data())
def test_a_narrative_keeps_every_sign(texts, data):
    form = Form(
        id="f", title="表", version="1", unit="标题", folder=Path(),
        sections=(
            Section(
                label="成效", kind="outline",
                fields=(
                    Field(label="级", type="integer"), Field(label="标题"),
                    Field(label="正文", type="narrative"),
                ),
            ),
        ),
    )  # fmt: skip
    rows = [{"正文": f"甲{text}乙"} for text in texts]  # not blank, not 不适用

    again = read_again(form, from_plain({"成效": rows}, form))

    assert again.plain() == {"成效": rows}
    assert again.findings == ()


@pytest.mark.parametrize(
    "text",
    ["长" * 32_000, "_x000D_" * 4_500, "𠮷" * 16_000, "&<>" * 10_000, "行\n" * 15_000 + "完"],
    ids=["han", "escapes", "pairs", "markup", "lines"],
)
def test_a_narrative_of_32000_characters_comes_back_whole(make_form, text):
    form = make_form("""
[[section]]
label = "成效"
kind = "outline"
""")

    again = read_again(form, from_plain({"成效": [{"正文": text}]}, form))

    assert again.plain() == {"成效": [{"正文": text}]}


def test_rows_of_nothing_but_blanks_and_empty_sections_leave_nothing(make_form):
    form = make_form("""
[[section]]
label = "表"
kind = "table"
fields = [{ label = "甲" }, { label = "乙", type = "decimal" }]

[[section]]
label = "格"
kind = "grid"
columns = ["甲"]
rows = ["一"]
""")
    values = {
        "表": [{}, {"甲": " "}, {"甲": None, "乙": ""}],
        "格": {"一": {"甲": None}},
        "基本信息": {},
    }

    submission = from_plain(values, form)

    assert submission.plain() == {}
    assert read_again(form, submission).plain() == {}
