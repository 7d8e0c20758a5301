"""docxtpl's own function, taken out of its module: it does what it does there."""

import subprocess
import sys

import pytest
from docxtpl import DocxTemplate

from reportgen.template import engine, patch

CELL = '<w:tc><w:tcPr><w:tcW w:w="1"/></w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>'
TAGS = (
    "<w:p><w:r><w:t>{%p if 甲 %}</w:t></w:r></w:p>",
    "<w:p><w:r><w:t>甲{</w:t></w:r><w:r><w:t>{ 甲 }}&quot;{{ '“' }}{{r 乙 }}乙</w:t></w:r></w:p>",
    "<w:p><w:r><w:t>甲 {%- if 甲 -%} 乙</w:t></w:r><w:r><w:t>丙</w:t></w:r></w:p>",
    f"<w:tbl><w:tr>{CELL.format('{%tr for 项 in 表 %}')}</w:tr></w:tbl>",
    *(
        CELL.format(tag)
        for tag in ("{% vm %}甲", "{% hm %}甲", "{% colspan 2 %}", "{% cellbg 'F' %}")
    ),
)


@pytest.mark.parametrize("xml", TAGS)
def test_a_part_is_patched_as_docxtpl_patches_it(xml):
    assert patch._alone()(None, xml) == patch.patch_xml(xml) == DocxTemplate(None).patch_xml(xml)
    assert patch.patch_xml(xml) != xml


@pytest.mark.parametrize("error", [LookupError, NameError])
def test_a_docxtpl_that_is_built_otherwise_is_asked_itself(monkeypatch, error):
    def alone():
        raise error

    monkeypatch.setattr(patch, "_alone", alone)

    assert patch.patch_xml(TAGS[0]) == "{% if 甲 %}"


def test_a_build_does_not_wait_for_python_docx():
    code = f"import sys, {engine.__name__}, {patch.__name__} as p; p.patch_xml('甲'); print([*sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )

    assert "'lxml.etree'" in loaded.stdout
    assert "'docx'" not in loaded.stdout
    assert "'docxtpl'" not in loaded.stdout
