"""Who else is on a booking, from Phoenix's presence: a state, then what joins and leaves."""

from collections.abc import Mapping
from typing import Any

from desktop.state.lines import Companion

Metas = dict[str, dict[str, dict[str, Any]]]
"""Per person, per socket (phx_ref), what that socket says of itself."""


def from_state(payload: Mapping[str, Any]) -> Metas:
    """Payload of presence_state: {key: {metas: [{phx_ref, …}]}}."""
    return {key: _by_ref(entry) for key, entry in payload.items()}


def with_diff(metas: Metas, payload: Mapping[str, Any]) -> Metas:
    """Payload of presence_diff. A changed entry both joins, with a new reference, and leaves, with the old one."""
    new = {key: dict(entries) for key, entries in metas.items()}
    for key, entry in _part(payload, "joins").items():
        new.setdefault(key, {}).update(_by_ref(entry))
    for key, entry in _part(payload, "leaves").items():
        for ref in _by_ref(entry):
            new.get(key, {}).pop(ref, None)
    return {key: entries for key, entries in new.items() if entries}


def companions_of(metas: Metas, my_id: str) -> tuple[Companion, ...]:
    """Everyone but me; someone with two windows is one person, typing if either is."""
    found = []
    for key, entries in sorted(metas.items()):
        newest = list(entries.values())[-1]
        user_id = str(newest.get("user_id") or key)
        if user_id != my_id:
            typing = any(entry.get("typing") is True for entry in entries.values())
            name, side = str(newest.get("name") or ""), str(newest.get("side") or "")
            found.append(Companion(user_id, name, side, typing))
    return tuple(found)


def _part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = payload.get(name)
    return found if isinstance(found, Mapping) else {}


def _by_ref(entry: Any) -> dict[str, dict[str, Any]]:
    metas = entry.get("metas") if isinstance(entry, Mapping) else None
    return {str(meta.get("phx_ref")): meta for meta in metas or [] if isinstance(meta, dict)}
