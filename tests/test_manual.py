"""The manual says what the program does now: its pages, its examples, its links, its pictures."""

import contextlib
import doctest
import re
import shlex
import shutil
from pathlib import Path

import click
import openpyxl
import pytest

from conftest import ROOT
from docs import pictures_browser
from docs.manual import build_site, fetched, settled
from docs.pictures import IMAGES, SHOWN, Made
from docs.reference import BLOCKS, PAGES, contents, findings, help_of, mistakes, refreshed, trial
from reportgen import cli, rules
from reportgen.filters import FILTERS
from reportgen.formparts import PARTS
from test_layers import ROOMS

READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
MANUAL = sorted(PAGES.glob("*.md"))
KEYS = [(part, key) for part, keys in PARTS.items() for key in keys]
#: Commands whose examples are tried elsewhere: one prints with LibreOffice, one never ends.
NOT_RUN = {"doctor", "serve"}


def page(name):
    return (PAGES / name).read_text(encoding="utf-8")


def named(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.name)


# -- what the program says of itself ------------------------------------------------------


@named(MANUAL)
def test_a_page_says_what_the_program_says_now(path):
    text = path.read_text(encoding="utf-8")

    assert refreshed(text) == text, "run make manual"


def test_every_part_that_the_program_says_is_on_one_page():
    marks = [
        mark for path in MANUAL for mark in re.findall(r"generated: (\w+)", path.read_text("utf-8"))
    ]

    assert sorted(marks) == sorted(BLOCKS)


def test_every_code_has_its_heading():
    headings = re.findall(r"(?m)^### (\w+)$", page("codes.md"))

    assert sorted(headings) == sorted(rules.CATALOGUE)


def test_every_filter_is_listed_under_both_its_names():
    names = re.findall(r"(?m)^\| `(\w+)` \| `(\w+)` \|", page("word.md"))

    assert {*FILTERS} | {"合并相同", "merge_alike"} == {name for row in names for name in row}


@pytest.mark.parametrize(("part", "key"), KEYS, ids=lambda one: getattr(one, "name", one))
def test_a_key_of_a_form_does_in_its_examples_what_the_manual_says(part, key):
    assert trial(part, key) == ()
    assert mistakes(part, key) != ()
    assert re.search(rf"\b{key.name}\b", key.example)
    assert key.what
    assert key.takes
    assert key.without


def test_a_key_that_is_not_in_the_table_is_none_that_a_form_may_have():
    for part in PARTS:
        known = {key.name for key in PARTS[part]}
        assert len(known) == len(PARTS[part]), part
    (found,) = findings(
        '[form]\nid = "t"\ntitle = "t"\nversion = "1"\nunit = "甲"\ncolour = "red"\n'
        '[[section]]\nlabel = "乙"\nkind = "record"\nfields = [{ label = "甲" }]\n'
    )
    assert found.code == "F002"
    assert all(key.name in found.hint for key in PARTS["form"])


def test_every_room_is_in_the_table_for_developers():
    listed = set(re.findall(r"`([\w/]+?)(?:\.py|/)?`", BLOCKS["rooms"]()))
    missing = [room for room in ROOMS if room and room.partition(".")[0] not in listed]

    assert missing == ["__main__"]


def test_the_walk_for_developers_names_rooms_that_there_are():
    walk = page("developers.md").partition("## 一份工作簿走过的房间")[2].partition("## 每间")[0]
    named = set(re.findall(r"`([a-z_.]+)`", walk))

    assert named <= {*ROOMS}
    assert len(named) > 20


# -- links and commands -------------------------------------------------------------------


def anchors(text):
    """Return the anchors of a page's headings, as GitHub and the site make them."""
    for heading in re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?s)```.*?```", "", text)):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@named([*MANUAL, *READMES, ROOT / "CONTRIBUTING.md"])
def test_a_link_leads_somewhere(path):
    text = re.sub(r"(?s)```.*?```|`[^`]*`", "", path.read_text(encoding="utf-8"))

    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        there = path.parent / file if file else path
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text(encoding="utf-8")), target


def shown(text):
    """Yield the commands of ours that a text shows: on lines of their own, or within a sentence."""
    yield from re.findall(r"(?m)^\$ (reportgen .+)$", text)
    for inline in re.findall(r"`(reportgen [^`]+)`", re.sub(r"(?s)```.*?```", "", text)):
        if re.match(r"reportgen [a-z-]", inline):  # 命令 and COMMAND stand for any
            yield inline


def parsed(command):
    """Parse a command line as the program does; what it does not take is an exception."""
    _, name, *args = shlex.split(command)
    group = cli._cli
    context = click.Context(group, info_name="reportgen")
    found = group.get_command(context, name)
    assert found, command
    with contextlib.suppress(click.exceptions.Exit):  # --help
        found.make_context(name, args, parent=context)


@named([*MANUAL, *READMES])
def test_a_command_that_is_shown_is_one_that_the_program_takes(path, capsys):
    for command in shown(path.read_text(encoding="utf-8")):
        parsed(command)


def test_the_commands_of_the_manual_are_seen():
    seen = {command.split()[1] for path in MANUAL for command in shown(path.read_text("utf-8"))}

    assert {"workbook", "check", "build", "lint", "fields", "preview", "template"} <= seen
    with pytest.raises(click.UsageError):
        parsed("reportgen build --colour")


# -- the form that the manual makes step by step -----------------------------------------


def steps():
    """Yield form.toml as it grows on the page, and last the values of the sample."""
    toml = ""
    for block in re.findall(r"(?s)```toml\n(.*?)```", page("form.md")):
        if block.startswith("# sample.toml"):
            yield block
        else:
            yield (toml := toml + block)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office with the form of the manual, under the names that the examples use."""
    root = tmp_path_factory.mktemp("office")
    *grown, sample = steps()
    folder = root / "templates" / "表单"
    folder.mkdir(parents=True)
    toml = grown[-1].replace('id = "assets"', 'id = "表单"').replace("Z01", "F15")
    (folder / "form.toml").write_text(toml, encoding="utf-8")
    (folder / "sample.toml").write_text(sample, encoding="utf-8")
    (root / "数.toml").write_text(sample.replace("（示例）", ""), encoding="utf-8")
    book = openpyxl.Workbook()
    for row in (("单位代码", "单位名称"), ("101001", "甲局"), ("101002", "乙局")):
        book.active.append(row)
    for name in ("名单.xlsx", "旧表.xlsx"):
        book.save(root / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for command in (
            "template -o templates/表单/盘点报告.docx", "workbook --values 数.toml -o 甲局.xlsx",
            "build 甲局.xlsx", "preview",
        ):  # fmt: skip
            assert run(command) == 0
    (root / "inputs").mkdir()
    (root / "上年").mkdir()
    shutil.copy(root / "甲局.xlsx", root / "inputs")
    shutil.copy(next((root / "outputs").glob("*.docx")), root / "甲局报告.docx")
    shutil.copy(root / "甲局.xlsx", root / "上年")
    return root


def run(command):
    with pytest.raises(SystemExit) as stop:
        cli.main(shlex.split(command))
    return stop.value.code


def test_each_step_of_the_form_is_one_that_works():
    *grown, _ = steps()

    assert len(grown) == 6
    assert [findings(toml) for toml in grown] == [()] * 6


def test_the_steps_lead_to_a_report(tmp_path, monkeypatch, capsys):
    *grown, sample = steps()
    folder = tmp_path / "templates" / "assets"
    folder.mkdir(parents=True)
    (folder / "form.toml").write_text(grown[-1], encoding="utf-8")
    (folder / "sample.toml").write_text(sample, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    for block in re.findall(r"(?s)```console\n(.*?)```", page("form.md")):
        for command, says in re.findall(r"(?m)^\$ reportgen (.+)\n((?:[^$].*\n)*)", block):
            assert run(command) == 0, command
            assert says in capsys.readouterr().out
    assert [path.name for path in (tmp_path / "outputs").glob("*.docx")] == [
        "甲局（示例）固定资产盘点报告.docx"
    ]


def test_the_first_five_minutes_go_as_the_manual_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    codes = {}

    for block in re.findall(r"(?s)```console\n(.*?)```", page("start.md")):
        for line in re.findall(r"(?m)^\$ (.+)$", block):
            if line.startswith("cd "):
                monkeypatch.chdir(tmp_path / line.removeprefix("cd "))
            else:
                command = line.removeprefix("reportgen ")
                codes[command.split()[0]] = run(command)

    assert codes == {"new": 0, "check": 1, "build": 1}  # one sample has mistakes
    project = tmp_path / "试用"
    assert (project / "先看这里.txt").exists()
    assert len(list((project / "inputs").glob("*.xlsx"))) == 3
    assert len(list((project / "退回件").glob("*.xlsx"))) == 1
    assert list((project / "outputs").glob("*.docx"))
    assert not (project / "outputs" / "汇总.xlsx").exists()


# -- examples -----------------------------------------------------------------------------


def examples(command):
    """Return the examples in the help of a command; one goes on in a line that is set in."""
    found = re.findall(r"(?m)^ +(reportgen .*)$", help_of(command).partition("\n选项")[0])
    return [re.split(r" {2,}| >|(?<=\S) (?=带数的)", line)[0] for line in found]


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_the_examples_in_the_help_of_a_command_work(command, office, tmp_path, monkeypatch, capsys):
    assert examples(command)
    for number, example in enumerate(examples(command)):
        parsed(example)
        if command not in NOT_RUN:
            monkeypatch.chdir(shutil.copytree(office, tmp_path / str(number)))
            code = run(example.removeprefix("reportgen "))
            out, err = capsys.readouterr()
            assert code == 0, f"{example}: {out}{err}"


def test_the_examples_of_the_api_work(tmp_path, monkeypatch):
    for name in ("templates", "inputs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("~*"))
    monkeypatch.chdir(tmp_path)
    tests = doctest.DocTestParser().get_doctest(page("api.md"), {}, "api.md", "api.md", 0)
    told = []

    result = doctest.DocTestRunner().run(tests, out=told.append)

    assert result.attempted > 10
    assert result.failed == 0, "".join(told)


def test_the_api_lists_every_public_name():
    import reportgen

    listed = set(re.findall(r"(?m)^\| `(\w+)", page("api.md")))
    assert listed == {*reportgen.__all__}


def test_no_page_names_a_folder_of_one_machine():
    somewhere = r"(?<![\w.~:/-])/(?:home|root|tmp|srv|mnt|opt|var|Users)/|[A-Z]:\\Users"
    for path in MANUAL:
        text = path.read_text("utf-8")
        assert not re.search(somewhere, text), path.name
        assert str(ROOT) not in text, path.name
    assert Path(PAGES / "index.md").exists()


# -- pictures and the site ---------------------------------------------------------------


def test_the_pictures_show_what_the_program_makes(tmp_path):
    assert Made(tmp_path).shown() == SHOWN.read_text(encoding="utf-8"), "run make pictures"


def test_every_picture_is_on_a_page_and_says_what_is_on_it():
    text = "".join(path.read_text(encoding="utf-8") for path in [*MANUAL, *READMES])
    shown = re.findall(r"!\[([^\]]*)\]\(\S*images/([\w.-]+)\)", text)
    texts = [path.read_text(encoding="utf-8") for path in (SHOWN, pictures_browser.SHOWN)]
    listed = re.findall(r"(?m)^== (.+)$", "\n".join(texts))

    assert {name for _, name in shown} == {path.name for path in IMAGES.glob("*.png")} == {*listed}
    assert all(len(alternative) > 4 for alternative, _ in shown)


def test_every_page_is_in_the_contents_of_the_site():
    assert sorted(contents()) == MANUAL


def test_the_site_has_every_page_and_fetches_nothing(tmp_path):
    build_site(tmp_path / "site")

    for path in MANUAL:
        assert (tmp_path / "site" / path.with_suffix(".html").name).exists()
    assert fetched(tmp_path / "site") == []
    assert "search_offline.js" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "金额|万元(2)" in (tmp_path / "site" / "word.html").read_text(encoding="utf-8")


def test_a_page_of_the_site_fetches_nothing(tmp_path):
    page = '<script src="https://unpkg.com/some/thing" type="text/javascript"></script><code>a\\|b</code>'
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    assert fetched(tmp_path) == ["https://unpkg.com/some/thing"]

    (tmp_path / "a.html").write_text(settled(page), encoding="utf-8")

    assert fetched(tmp_path) == []
    assert settled(page).endswith("<code>a|b</code>")
