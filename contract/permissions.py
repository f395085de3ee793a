"""The permission matrix of the checklist (1.U) as data. The server decides by it; the desktop greys out by it."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Literal

Action = Literal[
    "booking.create",
    "booking.create_for_others",
    "booking.assign",
    "booking.rate",
    "message.send",
    "message.note",
    "message.invoice",
    "message.edit",
    "message.remove",
    "message.remove_any",
    "message.system",
    "technician.verify",
    "bid.place",
    "stats.read",
    "users.manage",
]


class Sight(IntEnum):
    """How much of a booking someone may see. Each level includes the ones below."""

    NONE = 0
    REDACTED = 1
    """The row without the customer's name, number and exact place (a marketplace job)."""
    ROW = 2
    """The row and its history, not the conversation (a colleague's booking in an agent's department)."""
    FULL = 3


_EVERYONE = frozenset({"customer", "technician", "dentist", "agent", "operator", "admin", "chatbot", "service"})
_DESK = frozenset({"agent", "operator", "admin", "service"})
_STAFF = _DESK | {"technician", "dentist"}

MAY: Mapping[Action, frozenset[str]] = {
    "booking.create": frozenset({"customer", "chatbot"}) | _DESK,
    "booking.create_for_others": _DESK | {"chatbot"},
    "booking.assign": _DESK,
    "booking.rate": frozenset({"customer"}),
    "message.send": _EVERYONE,
    "message.note": _STAFF,
    "message.invoice": frozenset({"operator", "admin", "service"}),
    "message.edit": _EVERYONE,
    "message.remove": _EVERYONE,
    "message.remove_any": frozenset({"admin", "service"}),
    "message.system": frozenset({"operator", "admin", "service", "agent"}),
    "technician.verify": frozenset({"operator", "admin", "service"}),
    "bid.place": frozenset({"technician"}),
    "stats.read": frozenset({"admin", "service"}),
    "users.manage": frozenset({"admin", "service"}),
}
"""Roles for each action. Who may press a status button or accept a bid is the workflow's to say. Everything about a
booking also asks for Sight.FULL of it: no one acts on what they may not see. Bidding alone is done on a job on offer,
of which a technician sees a part."""


def may(role: str, action: Action) -> bool:
    """Whether `role` may do `action` on a booking it fully sees."""
    return role in MAY[action]
