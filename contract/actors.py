"""Who acts: one role each (X-02), and the side of the conversation that role stands on."""

from typing import Literal

import msgspec

Role = Literal["customer", "technician", "dentist", "agent", "operator", "admin", "chatbot", "service"]
Side = Literal["customer", "staff", "system", "bot"]
Lang = Literal["en", "ar"]

ROLES: tuple[Role, ...] = ("customer", "technician", "dentist", "agent", "operator", "admin", "chatbot", "service")
PROVIDERS: frozenset[str] = frozenset({"technician", "dentist"})
STAFF: frozenset[str] = frozenset({"technician", "dentist", "agent", "operator", "admin", "service"})
SEES_ALL: frozenset[str] = frozenset({"operator", "admin", "service"})
DESK: frozenset[str] = frozenset({"agent", "operator", "admin", "service"})
"""Roles that work at the desk, as opposed to providers, who are staff in the field."""


class Actor(msgspec.Struct, frozen=True):
    """Whoever an operation or a query is judged for. `departments` matter for agents only."""

    user_id: str
    role: Role
    name: str
    departments: tuple[str, ...] = ()
    lang: Lang = "en"

    @property
    def side(self) -> Side:
        return side_of(self.role)


def side_of(role: str) -> Side:
    """The side a role speaks for; unknown roles never speak for the staff."""
    if role in STAFF:
        return "staff"
    if role == "chatbot":
        return "bot"
    if role == "system":
        return "system"
    return "customer"


def sender_type_of(side: Side) -> str:
    """Seed A's word for a side (A-01)."""
    return {"customer": "client", "staff": "operator", "system": "system", "bot": "operator"}[side]
