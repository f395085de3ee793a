"""What a channel's name says of who may talk there: the seeds' names carry a booking or a person.

Names: `messages:{booking}`, `messages:booking_id=eq.{booking}`, `messages-{booking}`, `booking-status:{booking}`,
`chat:{booking}`, `bids:{booking}`, `typing:{booking}`, `booking:{booking}`, each with an id or a code (X-06), and
`user:{person}:…`. Rows are never given by a name: for them the visibility rule decides, change by change.
"""

import re

import msgspec

PREFIX = "realtime:"
"""What stands before a channel's name in its topic."""
_OF_BOOKING = re.compile(r"(?:(messages|booking-status|chat|bids|typing|booking):(?:booking_id=eq\.)?|(messages)-)(.+)")
_OF_PERSON = re.compile(r"user:([^:]+)(?::.*)?")


class RoomName(msgspec.Struct, frozen=True):
    """`kind` and one of a booking's id or code, or a person's id; a name of the app's own has neither."""

    name: str
    kind: str = ""
    booking: str | None = None
    person: str | None = None


def read_room_name(name: str) -> RoomName:
    found = _OF_BOOKING.fullmatch(name)
    if found is not None:
        return RoomName(name, found[1] or found[2], booking=found[3])
    found = _OF_PERSON.fullmatch(name)
    return RoomName(name, "user", person=found[1]) if found is not None else RoomName(name)
