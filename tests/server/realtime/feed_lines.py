"""Lines of the feed as fan-out gets them, and the people who look at them."""

from typing import Any

import msgspec

from contract.actors import Actor
from server.access.visibility import Visibility
from server.app import RESOURCES, load_workflows
from server.store.feed import BookingFacts, Change

WORKFLOWS = load_workflows(RESOURCES / "workflows")
VISIBILITY = Visibility(WORKFLOWS)
OLGA = Actor("olga", "operator", "Olga")
OLEG = Actor("oleg", "operator", "Oleg")
ANN = Actor("ann", "customer", "Ann")
BEA = Actor("bea", "customer", "Bea")


def facts(booking_id: str = "b1", **more: Any) -> BookingFacts:
    values: dict[str, Any] = dict.fromkeys(BookingFacts.__struct_fields__, None) | {
        "id": booking_id, "code": "REQ1", "workflow": "protection", "status": "pending", "version": 1,
        "customer_id": "ann", "lang": "en", "customer_name": "Ann",
    }  # fmt: skip
    return BookingFacts(**(values | more))


def said(seq: int, about: BookingFacts, text: str = "hello", role: str = "customer", **more: Any) -> Change:
    row = {"id": f"m{seq}", "sender_role": role, "kind": "text", "message": text} | more
    encoded = msgspec.json.encode(row)
    return Change(seq, "messages", "insert", f"m{seq}", about.id, None, encoded, None, "t", about, about)


def moved(seq: int, before: BookingFacts | None, after: BookingFacts | None) -> Change:
    op = "insert" if before is None else "delete" if after is None else "update"
    about = after or before
    assert about is not None
    row, old = (None if one is None else msgspec.json.encode(one) for one in (after, before))
    return Change(seq, "bookings", op, about.id, about.id, None, row, old, "t", before, after)
