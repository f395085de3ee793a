"""A desk's worth of rows as the server's snapshot would bring them: many bookings, real lines, few of them open."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from contract.ids import new_id
from contract.moments import to_text
from contract.rows import Booking, Message, Profile, Receipt, StatusChange
from tests.support.dialogues import Dialogue, dialogues

ME = "01a1fd00-0000-7000-8000-000000000001"
MY_NAME = "Lina Haddad"
LONG_EVERY = 1000
"""Every so many bookings has a conversation of several pages."""
_START_MS = 1_790_000_000_000
_STEP_MS = 60_000
_COLLEAGUES = [
    Profile(f"01a1fd00-0000-7000-8000-00000000000{number}", name, "operator")
    for number, name in enumerate(("Sami Darwish", "Noor Aziz", "Yusuf Rahman"), 2)
]
_STATUSES = ("completed", "completed", "completed", "completed", "declined", "cancelled", "accepted", "pending")
_FIRST_NAMES = "Omar Aisha Hassan Layla Khalid Maryam Adam Sara Tariq Nadia Rami Huda George Elena Peter Marta".split()
_LAST_NAMES = "Khalid Nasser Mansour Farouk Saleh Haddad Smith Jones Novak Rossi Meyer Silva".split()


@dataclass
class Rows:
    """The rows of some bookings, by table."""

    bookings: list[Booking]
    messages: list[Message]
    status_history: list[StatusChange]
    receipts: list[Receipt]


def people() -> list[Profile]:
    return [Profile(ME, MY_NAME, "operator"), *_COLLEAGUES]


def desk_rows(count: int, at_once: int = 2000, seed: int = 7) -> Iterator[Rows]:
    """`count` bookings in portions. Most have two to five lines, some several pages; an eighth is still open."""
    chance, found = random.Random(seed), dialogues(600)
    position = 0
    for start in range(0, count, at_once):
        rows = Rows([], [], [], [])
        for number in range(start, min(start + at_once, count)):
            lines = 160 if number % LONG_EVERY == 0 else chance.randint(2, 5)
            position = _add_booking(rows, number, lines, position, found[number % len(found)], chance)
        yield rows


def _add_booking(rows: Rows, number: int, lines: int, position: int, dialogue: Dialogue, chance: random.Random) -> int:
    booking_id, customer = new_id(), new_id()
    name = f"{chance.choice(_FIRST_NAMES)} {chance.choice(_LAST_NAMES)}"
    status = chance.choice(_STATUSES)
    assignee = chance.choice([*people(), None])
    at = to_text(_START_MS + number * _STEP_MS)
    rows.bookings.append(
        Booking(
            id=booking_id, code=f"REQ{1_759_000_000_000 + number}", workflow="protection", status=status,
            version=1 if status == "pending" else 2, customer_id=customer, customer_name=name,
            assignee_id=assignee.id if assignee else None, assignee_name=assignee.name if assignee else None,
            created_by=customer, title=f"{dialogue.workflow} {number}", place=f"Gate {chance.randint(1, 99)}",
            created_at=at, updated_at=at, status_since=at,
        )
    )  # fmt: skip
    if status != "pending":
        me = assignee or people()[0]
        rows.status_history.append(
            StatusChange(new_id(), booking_id, 2, "pending", status, "accept", me.id, me.name, None, at)
        )
    for turn in range(lines):
        position += 1
        speaker, text = dialogue.turns[turn % len(dialogue.turns)]
        ours = speaker == "operator"
        rows.messages.append(
            Message(
                id=new_id(), booking_id=booking_id, sender_type="operator" if ours else "client",
                sender_id=ME if ours else customer, message=text, position=position,
                created_at=to_text(_START_MS + number * _STEP_MS + turn * 1000),
                sender_role="operator" if ours else "customer", sender_name=MY_NAME if ours else name,
            )
        )  # fmt: skip
    read = position - chance.choice((0, 0, 0, 1))
    rows.receipts.append(Receipt(f"{booking_id}:{ME}", booking_id, ME, "staff", position, read, at, at))
    return position
