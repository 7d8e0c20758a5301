"""Fixtures: a form and a workbook written as text in the test itself."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from reportgen import load_form
from reportgen.form import Form
from support_proof import WRONG, watch

ROOT = Path(__file__).parent.parent
FORM = ROOT / "templates" / "self-evaluation"
CERTIFICATES = ROOT / "templates" / "training-certificates"
GOLDENS = ROOT / "tests" / "goldens"

HEAD = """
[form]
id = "t"
title = "测试表"
version = "1"
unit = "单位名称"
"""

UNIT = """
[[section]]
label = "基本信息"
kind = "record"
fields = [{ label = "单位名称", required = true }]
"""

#: ``make fuzz``: thousands of examples of each test that asks for its profile.
settings.register_profile(
    "nightly", max_examples=5000, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def examples(usual: int, at_night: int | None = None) -> settings:
    """Return the settings for *usual* examples, always the same, or the nightly ones."""
    if settings.get_current_profile_name() == "nightly":
        return settings(max_examples=at_night or settings.default.max_examples)
    return settings(
        max_examples=usual, derandomize=True, deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/goldens; read the diff"
    )


@pytest.fixture(scope="session", autouse=True)
def _watched() -> Iterator[None]:
    """Prove each document that any test builds: ``support_proof``."""
    with pytest.MonkeyPatch.context() as patch:
        watch(patch)
        yield


@pytest.fixture(autouse=True)
def _every_document_opens() -> Iterator[None]:
    WRONG.clear()
    yield
    assert WRONG == []


@pytest.fixture
def make_form(tmp_path: Path) -> Callable[..., Form]:
    """Return a function from TOML (without [form] and 基本信息, unless *whole*) to a form."""

    def make(toml: str, *, whole: bool = False, name: str = "t") -> Form:
        folder = tmp_path / "templates" / name
        folder.mkdir(parents=True, exist_ok=True)
        text = toml if whole else HEAD + UNIT + toml
        (folder / "form.toml").write_text(text, encoding="utf-8")
        return load_form(folder)

    return make


@pytest.fixture(scope="session")
def self_evaluation() -> Form:
    """Return the form that ships."""
    return load_form(FORM)


@pytest.fixture(scope="session")
def soffice() -> str:
    """Return LibreOffice's command; without it the tests skip, but fail where CI promises it."""
    found = shutil.which("soffice")
    if not found:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("LibreOffice (soffice) is not installed: pages are not looked at")
    return found
