"""Who is in a room and what they say of themselves: Phoenix's presence, metas by key, each with its reference."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

Meta = dict[str, Any]
Seen = Callable[[Meta], Meta | None]
"""A meta as a viewer may see it; None when not at all."""

_references = itertools.count(1)
_encode = msgspec.json.Encoder().encode


class Diff(msgspec.Struct, frozen=True):
    """Metas that came and went, each with its key."""

    joins: list[tuple[str, Meta]]
    leaves: list[tuple[str, Meta]]


class Presence:
    """One room. A member has one meta or none; several members may share a key (two windows of one person)."""

    def __init__(self) -> None:
        self._metas: dict[object, tuple[str, Meta]] = {}

    def track(self, member: object, key: str, meta: Meta) -> Diff | None:
        """What the member says from now on; None when it has said just that already."""
        old = self._metas.get(member)
        if old is not None and {name: old[1][name] for name in old[1] if name not in _OWN} == meta:
            return None
        new = {"phx_ref": f"F{next(_references):x}", **meta}
        if old is not None:
            new["phx_ref_prev"] = old[1]["phx_ref"]
        self._metas[member] = (key, new)
        return Diff([(key, new)], [] if old is None else [old])

    def untrack(self, member: object) -> Diff | None:
        """The member says nothing any more; None when it never did."""
        old = self._metas.pop(member, None)
        return None if old is None else Diff([], [old])

    def state(self, seen: Seen) -> bytes:
        """The payload of presence_state."""
        return _encode(_by_key(self._metas.values(), seen))


_OWN = ("phx_ref", "phx_ref_prev")
"""What presence itself puts into a meta."""


def diff_payload(diff: Diff, seen: Seen) -> bytes | None:
    """The payload of presence_diff for one kind of viewer; None when it tells them nothing."""
    joins, leaves = _by_key(diff.joins, seen), _by_key(diff.leaves, seen)
    return _encode({"joins": joins, "leaves": leaves}) if joins or leaves else None


def _by_key(metas: Iterable[tuple[str, Meta]], seen: Seen) -> dict[str, dict[str, list[Meta]]]:
    found: dict[str, dict[str, list[Meta]]] = {}
    for key, meta in metas:
        shown = seen(meta)
        if shown is not None:
            found.setdefault(key, {"metas": []})["metas"].append(shown)
    return found
