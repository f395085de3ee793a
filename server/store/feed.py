"""One line of the feed and one commit of it, as the server's other parts get them.

They cannot refer to one another in circles, so the garbage collector is spared them (gc=False): it was a fifth of the
writer's time.
"""

import msgspec


class BookingFacts(msgspec.Struct, frozen=True, gc=False):
    """What judging and visibility need to know of a booking; the names are the columns of `bookings`."""

    id: str
    code: str
    workflow: str
    status: str
    version: int
    customer_id: str | None
    provider_id: str | None
    assignee_id: str | None
    department: str | None
    created_by: str | None
    lang: str
    customer_name: str


class Change(msgspec.Struct, frozen=True, gc=False):
    """One committed change of one row, as its trigger wrote it.

    `op` is insert, update or delete. `row` (absent for a delete) and `old` (absent for an insert) are JSON objects.
    `before` and `after` are the booking's facts around this very change: equal for rows that are no booking's own,
    None where there was or is no booking.
    """

    seq: int
    table: str
    op: str
    row_id: str
    booking_id: str | None
    op_id: str | None
    row: bytes | None
    old: bytes | None
    at: str
    before: BookingFacts | None
    after: BookingFacts | None


class Batch(msgspec.Struct, frozen=True, gc=False):
    """The changes of one commit (ours or another program's), dense from `from_seq` to `to_seq`. It begins where the one
    before ended, but where lines were gone from the feed before this server could read them."""

    epoch: str
    from_seq: int
    to_seq: int
    changes: list[Change]


decode_facts = msgspec.json.Decoder(BookingFacts).decode
"""Facts out of a bookings row as the feed carries it; other columns are passed over."""
