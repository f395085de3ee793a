"""Ids and codes: made in order, recognised in any letter case, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.ids import canonical_code, canonical_id, derived_id, is_id, new_code, new_id

SEED_CODE = "REQ1759286674249"


def test_that_new_ids_are_uuids_of_version_seven_in_rising_order():
    made = [new_id() for _ in range(2_000)]
    assert made == sorted(set(made))
    assert all(is_id(one) and one[14] == "7" for one in made)


def test_that_a_derived_id_is_the_same_for_every_try_and_another_for_another_purpose():
    op_id = "01890a5d-ac96-774b-bcce-b302099a8057"
    assert derived_id(op_id, "system") == derived_id(op_id, "system")
    assert len({derived_id(op_id, "system"), derived_id(op_id, "history"), derived_id(new_id(), "system")}) == 3
    assert is_id(derived_id(op_id, "system"))


def test_that_an_id_is_taken_in_any_letter_case_and_kept_in_one():
    one = new_id()
    assert canonical_id(f" {one.upper()} ") == one
    assert not is_id(one.upper())


def test_that_the_seeds_code_is_a_code_in_any_letter_case():
    assert canonical_code(SEED_CODE) == SEED_CODE
    assert canonical_code(SEED_CODE.lower()) == SEED_CODE
    assert new_code("REQ", 1759286674249) == SEED_CODE


@pytest.mark.parametrize(
    "text", ["", "REQ", "R1759286674249", "REQ123", "REQ 1759", "1759286674249", "REQ17592866٧٤", "REQ1\n"]
)
def test_that_what_looks_nearly_like_a_code_is_none(text):
    assert canonical_code(text) is None
    assert canonical_id(text) is None


@given(st.text())
def test_that_no_text_is_id_and_code_at_once(text: str):
    assert canonical_id(text) is None or canonical_code(text) is None
