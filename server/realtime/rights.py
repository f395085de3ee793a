"""Which changes of a profile change what its person may see: another role, other departments, a closed account."""

import msgspec

from server.store.feed import Change


class _Rights(msgspec.Struct, frozen=True):
    """The part of a profile that a token vouches for. Departments as the row writes them."""

    role: str
    departments: msgspec.Raw
    disabled_at: str | None


_decode_rights = msgspec.json.Decoder(_Rights).decode


def rights_changed(change: Change) -> bool:
    """Whether a profile's change is one of what its person may do."""
    if change.old is None or change.row is None:
        return change.old is not None
    return _rights(change.old) != _rights(change.row)


def _rights(row: bytes) -> tuple[str, bytes, str | None]:
    found = _decode_rights(row)
    return found.role, bytes(found.departments), found.disabled_at
