"""Finds a person to hand something to."""

from collections.abc import Set
from typing import Any

import sqlalchemy as sa

from server.actions.asked import Asked, Rejection, checked_name
from server.store.tables import profiles


def find_person(asked: Asked, user_id: str, roles: Set[str]) -> dict[str, Any]:
    """The profile of an active person with one of the roles; else rejects as not found."""
    checked_name("payload", user_id)
    row = asked.tx.one(sa.select(profiles).where(profiles.c.id == user_id.lower()))
    if row is None or row["disabled_at"] is not None or row["role"] not in roles:
        raise Rejection("user_not_found", {"user_id": user_id, "roles": sorted(roles)})
    return row
