"""Phoenix's presence: metas by key, told as what came and what went."""

import json
from typing import Any

from server.realtime.presence import Meta, Presence, diff_payload


def everything(meta: Meta) -> Meta | None:
    return meta


def without(reference: dict[str, Any]) -> dict[str, Any]:
    """Metas by key, without presence's own references."""
    return {
        key: [{name: meta[name] for name in meta if not name.startswith("phx_ref")} for meta in found["metas"]]
        for key, found in reference.items()
    }


def test_that_who_comes_is_a_join_and_who_goes_is_a_leave() -> None:
    room = Presence()
    came = room.track("socket", "ann", {"typing": False})
    assert came is not None
    assert json.loads(diff_payload(came, everything) or b"")["leaves"] == {}
    went = room.untrack("socket")
    assert went is not None
    assert without(json.loads(diff_payload(went, everything) or b"")["leaves"]) == {"ann": [{"typing": False}]}
    assert room.untrack("socket") is None
    assert json.loads(room.state(everything)) == {}


def test_that_saying_something_new_is_one_diff_with_the_new_and_the_old() -> None:
    room = Presence()
    first = room.track("socket", "ann", {"typing": False})
    second = room.track("socket", "ann", {"typing": True})
    assert first is not None
    assert second is not None
    [(_, new)], [(_, old)] = second.joins, second.leaves
    assert new["typing"] is True
    assert old["typing"] is False
    assert new["phx_ref_prev"] == old["phx_ref"] == first.joins[0][1]["phx_ref"]
    assert new["phx_ref"] != old["phx_ref"]


def test_that_saying_the_same_again_is_told_nobody() -> None:
    room = Presence()
    room.track("socket", "ann", {"typing": True})
    assert room.track("socket", "ann", {"typing": True}) is None
    room.track("socket", "ann", {"typing": False})
    assert room.track("socket", "ann", {"typing": False}) is None


def test_that_two_windows_of_one_person_are_one_key_with_two_metas() -> None:
    room = Presence()
    room.track("one", "ann", {"typing": False})
    room.track("other", "ann", {"typing": True})
    assert without(json.loads(room.state(everything))) == {"ann": [{"typing": False}, {"typing": True}]}
    room.untrack("one")
    assert without(json.loads(room.state(everything))) == {"ann": [{"typing": True}]}


def test_that_a_viewer_is_told_nothing_where_it_may_see_nothing() -> None:
    room = Presence()
    came = room.track("socket", "olga", {"typing": False})
    assert came is not None
    assert diff_payload(came, lambda meta: None) is None
    assert json.loads(room.state(lambda meta: None)) == {}
