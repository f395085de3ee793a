"""Fills a server with the demo's people and bookings, through the same door as everyone: operations."""

import asyncio
import uuid
from typing import Any

import msgspec

from contract.actors import Actor
from contract.ids import SYSTEM_MESSAGE
from contract.operations import Assign, CreateBooking, Operation, Payload, PressTransition, SendMessage, write_payload
from contract.workflow import Workflow
from server.access.accounts import create_account, find_by_email
from server.access.passwords import hash_password
from server.actions.perform import perform
from server.store.bookings import resolve_booking
from server.store.store import Store
from server.store.transactions import WriteTx

PASSWORD = "demo-demo"  # noqa: S105  (the demo's, printed on every page that tells of it)
_MINUTE_MS = 60_000


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    role: str
    name: str
    lang: str
    email: str | None = None
    departments: tuple[str, ...] = ()


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a conversation: exactly one of c, o, n and press is given."""

    c: str | None = None
    o: str | None = None
    n: str | None = None
    press: str | None = None
    reason: str | None = None


class DemoBooking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    workflow: str
    by: str
    ago: int
    priority: int
    title: str
    lines: tuple[Line, ...] = ()
    place: str | None = None
    assign: str | None = None
    provider: str | None = None


class DemoData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """resources/demo/bookings.yaml."""

    people: tuple[Person, ...]
    bookings: tuple[DemoBooking, ...]


async def seed_demo(store: Store, workflows: dict[str, Workflow], data: DemoData) -> int:
    """Creates what is not there yet; the number of bookings made. Running it again changes nothing."""
    hashed = await asyncio.to_thread(hash_password, PASSWORD)
    actors = await store.write(lambda tx: {person.key: _account(tx, person, hashed) for person in data.people})
    made = 0
    for booking in data.bookings:
        made += await store.write(_seeding(workflows, actors, booking))
    return made


def _account(tx: WriteTx, person: Person, hashed: str) -> Actor:
    """Whoever has the address already stays as they are, also when they were renamed since."""
    email = person.email or f"{person.key}@fieldline.demo"
    known = find_by_email(tx, email)
    if known is not None:
        return known[0].actor
    role: Any = person.role
    lang: Any = person.lang
    user_id = create_account(tx, email, hashed, person.name, role, person.departments, lang=lang)
    return Actor(user_id, role, person.name, person.departments, lang)


def _seeding(workflows: dict[str, Workflow], actors: dict[str, Actor], booking: DemoBooking) -> Any:
    def job(tx: WriteTx) -> int:
        if resolve_booking(tx, booking.code) is not None:
            return 0
        now_ms = tx.now_ms
        _Story(tx, workflows, actors, booking).tell()
        tx.begin_at(now_ms)
        return 1

    return job


class _Story:
    """One booking's operations, each at its own moment in the past."""

    def __init__(
        self, tx: WriteTx, workflows: dict[str, Workflow], actors: dict[str, Actor], booking: DemoBooking
    ) -> None:
        self._tx = tx
        self._workflows = workflows
        self._actors = actors
        self._booking = booking
        self._customer = actors[booking.by]
        self._desk = actors[booking.assign or ("agent" if booking.workflow == "support" else "lina")]
        self._steps = 0
        self._first_ms = tx.now_ms - booking.ago * _MINUTE_MS
        steps = len(booking.lines) + 3
        self._pace_ms = min(2 * _MINUTE_MS, booking.ago * _MINUTE_MS // steps)

    def tell(self) -> None:
        booking = self._booking
        self._do(
            self._actors["admin"],
            "booking.create",
            CreateBooking(
                workflow=booking.workflow,
                customer_id=self._customer.user_id,
                customer_name=self._customer.name,
                customer_phone=f"+971 50 {int(booking.code[-4:]):04d} {booking.ago % 1000:03d}",
                department="support" if booking.workflow == "support" else None,
                priority=booking.priority,
                title=booking.title,
                place=booking.place,
                lang=self._customer.lang,
                code=booking.code,
            ),
        )
        if booking.assign is not None:
            self._do(self._desk, "booking.assign", Assign(assignee_id=self._desk.user_id))
        if booking.provider is not None:
            provider = self._actors[booking.provider].user_id
            self._do(self._actors["admin"], "booking.assign", Assign(provider_id=provider))
        for line in booking.lines:
            self._say(line)

    def _say(self, line: Line) -> None:
        if line.c is not None:
            self._do(self._customer, "message.send", SendMessage(line.c))
        elif line.o is not None:
            self._do(self._desk, "message.send", SendMessage(line.o))
        elif line.n is not None:
            self._do(self._desk, "message.send", SendMessage(line.n, kind="note"))
        elif line.press is not None:
            values = {"reason": line.reason} if line.reason else {}
            presser = self._desk if self._desk.role == "agent" else self._actors["admin"]
            self._do(presser, "booking.transition", PressTransition(line.press, values))

    def _do(self, actor: Actor, kind: Any, payload: Payload) -> None:
        """Performs one operation with an id that is the same on every run; raises ValueError when it is refused."""
        op_id = str(uuid.uuid5(SYSTEM_MESSAGE, f"demo/{self._booking.code}/{self._steps}"))
        self._tx.begin_at(self._first_ms + self._steps * self._pace_ms)
        self._steps += 1
        booking_id = None if kind == "booking.create" else self._booking.code
        operation = Operation(op_id, kind, booking_id, write_payload(payload))
        verdict = perform(self._tx, self._workflows, actor, None, operation)
        if verdict.verdict != "applied":
            raise ValueError(f"{self._booking.code}, {kind} by {actor.name}: {verdict.code} {verdict.message}")
