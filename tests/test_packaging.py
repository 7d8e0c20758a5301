"""What ships: the archives hold what they must, and the files for Windows are as cmd reads them.

That they install and run is tried by packaging/try.py, which CI runs too.
"""

import ast
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: Names of modules → names of the distributions that bring them, where they differ.
BROUGHT_BY = {"docx": "python-docx", "python_calamine": "python-calamine"}
#: What is imported where it may be missing: an extra, or what only one system has.
OPTIONAL = {"distributed", "win32com", "winreg", "pythoncom", "pywintypes"}


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=ROOT, check=True)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def test_the_wheel_holds_the_program_its_data_and_the_forms(archives):
    names = zipfile.ZipFile(archives[0]).namelist()

    assert {"reportgen/cli/__init__.py", "reportgen/explanations.toml"} <= set(names)
    assert "reportgen/forms/self-evaluation/form.toml" in names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "inputs"))]


def test_everything_of_the_program_is_in_the_wheel(archives):
    names = set(zipfile.ZipFile(archives[0]).namelist())
    there = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert there <= names


def test_the_sdist_holds_what_its_tests_need(archives):
    with tarfile.open(archives[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"pyproject.toml", "README.md", "Makefile", "packaging/reportgen.spec"} <= names
    assert any(name.startswith("tests/test_") for name in names)


def test_what_the_program_imports_is_what_it_says_it_needs():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = {one.split(">=")[0] for one in project["dependencies"]}
    extras = {
        one.split(">=")[0] for more in project["optional-dependencies"].values() for one in more
    }
    used = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                used |= {one.name.split(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                used.add(node.module.split(".")[0])
    foreign = used - sys.stdlib_module_names - {"reportgen"} - OPTIONAL
    needed = {BROUGHT_BY.get(name, name) for name in foreign}

    assert said - needed == set()
    assert needed - said - extras == set()


@pytest.mark.parametrize("name", ["启动.bat", "build.bat"])
def test_a_batch_file_is_ascii_in_lines_that_end_as_windows_ends_them(name):
    content = (ROOT / "packaging" / name).read_bytes()

    assert content.isascii()
    assert content.count(b"\r\n") == content.count(b"\n") > 3
