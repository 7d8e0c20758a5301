"""``docs/asks.md`` lists forty asks; each that is done names tests, and they exist."""

import re

from conftest import ROOT

TEXT = (ROOT / "docs" / "asks.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+) \|$", TEXT, re.MULTILINE)


def names_of_tests():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py")]
    return set(re.findall(r"^def (test_\w+)", "\n".join(texts), re.MULTILINE))


def test_there_are_forty_asks_and_each_says_where_it_stands():
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 41))
    assert all(re.match(r"\*\*(done|in part|not done)\*\*", here) for _, _, here in ROWS)


def test_the_tests_that_the_list_names_exist():
    named = {name for _, _, here in ROWS for name in re.findall(r"`(test_\w+)`", here)}

    assert named - names_of_tests() == set()
    assert all("`test_" in here for _, _, here in ROWS if here.startswith(("**done", "**in part")))
