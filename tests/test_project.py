"""Which form a workbook is read by."""

import shutil
from pathlib import Path

import pytest

from conftest import FORM
from reportgen.errors import FormError
from reportgen.project import Forms


@pytest.fixture
def office(tmp_path: Path, monkeypatch):
    """Return an office's folder with one form; another form lies beside it."""
    shutil.copytree(FORM, tmp_path / "templates" / "任意文件夹")
    shutil.copytree(FORM, tmp_path / "别处")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_workbook_names_its_form_by_id_or_folder(office):
    assert Forms().choose("self-evaluation").folder.name == "任意文件夹"
    assert Forms().choose("任意文件夹").id == "self-evaluation"


@pytest.mark.parametrize("named", ["别处", "../别处", "templates/任意文件夹", "."])
def test_what_a_workbook_says_is_never_taken_for_a_path(office, named):
    with pytest.raises(FormError) as caught:
        Forms().choose(named, "甲局.xlsx")

    assert [(f.code, f.place.file) for f in caught.value.findings] == [("E109", "甲局.xlsx")]


def test_the_office_itself_may_give_a_folder(office):
    assert Forms(given="别处").choose("self-evaluation").folder == Path("别处")
