"""Who else is on a booking, as Phoenix's presence tells it."""

from desktop.state.companions import companions_of, from_state, with_diff


def meta(ref, name="Sami", typing=False, user_id="u2"):
    return {"phx_ref": ref, "user_id": user_id, "name": name, "side": "staff", "typing": typing}


def entry(*metas):
    return {"metas": list(metas)}


def test_that_the_state_lists_everyone_but_me():
    metas = from_state({"u1": entry(meta("a", "Ann", user_id="u1")), "u2": entry(meta("b"))})
    assert [(each.user_id, each.typing) for each in companions_of(metas, "u1")] == [("u2", False)]


def test_that_typing_comes_as_a_join_with_a_new_reference_and_a_leave_of_the_old():
    metas = from_state({"u2": entry(meta("b"))})
    metas = with_diff(metas, {"joins": {"u2": entry(meta("c", typing=True))}, "leaves": {"u2": entry(meta("b"))}})
    assert [each.typing for each in companions_of(metas, "u1")] == [True]


def test_that_who_leaves_with_the_last_window_is_gone():
    metas = from_state({"u2": entry(meta("b"), meta("c"))})
    metas = with_diff(metas, {"joins": {}, "leaves": {"u2": entry(meta("b"))}})
    assert len(companions_of(metas, "u1")) == 1
    assert with_diff(metas, {"leaves": {"u2": entry(meta("c"))}}) == {}


def test_that_two_windows_are_one_person_typing_if_either_is():
    metas = from_state({"u2": entry(meta("b", typing=True), meta("c"))})
    assert [each.typing for each in companions_of(metas, "u1")] == [True]


def test_that_a_payload_of_another_shape_changes_nothing():
    assert with_diff({}, {"joins": "nonsense", "leaves": None}) == {}
    assert from_state({"u2": "nonsense"}) == {"u2": {}}
