"""Whatever happens to a file on its way: it is read whole, or refused in words; never half.

``make fuzz`` runs these with thousands of examples; here it is a few, and always the same.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import FORM, examples
from support_damage import damaged, damages
from support_fuzz import Office


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    made = Office(tmp_path_factory.mktemp("office"), FORM)
    yield made
    made.pool.close()


#: The form of these tests more often: of it every text is looked for.
WORKBOOKS = st.sampled_from(["damage", "damage", "saved again", "saved again", "self-evaluation"])
TEMPLATES = st.sampled_from(["damage", "damage", "damage", "self-evaluation"])


@examples(80)
@given(name=WORKBOOKS, damage=damages())
def test_a_damaged_workbook_is_read_whole_or_refused(office, name, damage):
    assert office.of_workbook(name, damaged(office.workbooks[name], damage)) is None


@examples(80)
@given(name=TEMPLATES, damage=damages())
def test_a_damaged_template_is_filled_whole_or_refused(office, name, damage):
    assert office.of_template(name, damaged(office.templates[name], damage)) is None


def test_the_undamaged_ones_are_taken_without_a_word(office):
    for name in office.forms:
        assert office.of_workbook(name, office.workbooks[name]) is None
        assert office.of_template(name, office.templates[name]) is None
