"""A database with everybody the shapes speak of: accounts, sessions, bookings; by the server's own store."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from contract.ids import new_id
from server.access.accounts import Person as Account
from server.access.accounts import create_account, find_person, start_session
from server.access.signing_key import SigningKey
from server.access.tokens import TokenIssuer
from server.store.settings import StoreSettings
from server.store.store import Store
from server.store.transactions import WriteTx
from tests.bench.shapes import Person, Room, Shape

T = TypeVar("T")
_AT_ONCE = 500
"""People or bookings in one job of the store."""


@dataclass
class Town:
    """Access tokens by person, booking ids by room's name."""

    tokens: dict[Person, str] = field(default_factory=dict)
    bookings: dict[str, str] = field(default_factory=dict)


def build_town(data_dir: Path, shapes: Iterable[Shape]) -> Town:
    """Fills a new data directory; the server is started on it afterwards."""
    data_dir.mkdir(parents=True)
    store = Store.open(StoreSettings(data_dir))
    try:
        return asyncio.run(_fill(store, TokenIssuer(SigningKey.at(data_dir)), list(shapes)))
    finally:
        store.close()


async def _fill(store: Store, issuer: TokenIssuer, shapes: list[Shape]) -> Town:
    store.start(asyncio.get_running_loop(), lambda batch: None)
    town, accounts = Town(), dict[Person, Account]()
    people = dict.fromkeys(person for shape in shapes for person in shape.sockets)
    rooms = {room.name: room for shape in shapes for room in shape.rooms}
    for group in _groups(list(people)):
        made = await store.write(partial(_settle_all, group, issuer))
        accounts.update((person, account) for person, (account, _) in zip(group, made, strict=True))
        town.tokens.update((person, token) for person, (_, token) in zip(group, made, strict=True))
    for wanted in _groups(list(rooms.values())):
        ids = await store.write(partial(_book_all, wanted, len(town.bookings), accounts))
        town.bookings.update(zip((room.name for room in wanted), ids, strict=True))
    return town


def _settle_all(people: list[Person], issuer: TokenIssuer, tx: WriteTx) -> list[tuple[Account, str]]:
    return [_settle(tx, issuer, person) for person in people]


def _settle(tx: WriteTx, issuer: TokenIssuer, person: Person) -> tuple[Account, str]:
    user_id = create_account(tx, f"{person.name}@bench.example", None, person.name, person.role)
    account = find_person(tx, user_id)
    if account is None:
        raise LookupError(person.name)
    session = start_session(tx, account, "password")
    return account, issuer.issue(account.actor, account.email, session.session_id)[0]


def _book_all(rooms: list[Room], first: int, accounts: dict[Person, Account], tx: WriteTx) -> list[str]:
    return [_book(tx, room, number, accounts) for number, room in enumerate(rooms, first)]


def _book(tx: WriteTx, room: Room, number: int, accounts: dict[Person, Account]) -> str:
    customer = accounts[room.customer].actor
    technician = accounts[room.technician].actor if room.technician else None
    booking_id = new_id()
    tx.insert_booking(
        {
            "id": booking_id,
            "code": f"REQ{1_759_000_000_000 + number}",
            "workflow": "protection",
            "status": "pending",
            "customer_id": customer.user_id,
            "customer_name": customer.name,
            "provider_id": technician.user_id if technician else None,
            "created_by": customer.user_id,
            "fields": {},
            "created_at": tx.now,
            "updated_at": tx.now,
            "status_since": tx.now,
        }
    )
    return booking_id


def _groups(items: list[T]) -> Iterator[list[T]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
