"""Accounts, sessions and links as rows: functions over a transaction, secrets stored only as their hashes."""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from contract.actors import ROLES, Actor, Lang, Role
from contract.errors import Refusal
from contract.ids import new_id
from contract.moments import to_ms, to_text
from server.access.open_sessions import open_sessions
from server.store.tables import accounts, booking_links, bookings, profiles, refresh_tokens, sessions
from server.store.transactions import ReadTx, WriteTx

REUSE_GRACE_MS = 30_000
"""Two tabs may refresh at once. Whoever comes later with a used token has never had the answer, or has stolen it."""
_KEEP_USED_MS = 7 * 86_400_000


OpenedBy = Literal["password", "link", "anonymous"]
"""How a session was opened. A link may be passed on: it opens bookings, and is no proof of being that person."""


class Person(msgspec.Struct, frozen=True):
    """Someone who can sign in, as sign-in tells of them."""

    actor: Actor
    email: str | None
    created_at: str
    disabled: bool = False


class NewSession(msgspec.Struct, frozen=True):
    """A session's next tokens are made of this."""

    person: Person
    session_id: str
    refresh_token: str


class Revoked(msgspec.Struct, frozen=True):
    """A used refresh token came back too late: its session has ended, which must be committed, so nothing is raised."""

    session_id: str


def create_account(
    tx: WriteTx,
    email: str | None,
    password_hash: str | None,
    name: str,
    role: Role,
    departments: Sequence[str] = (),
    *,
    lang: Lang = "en",
) -> str:
    """A new person's id. With an address that is known: that person's password, name, role and departments are set
    anew, and their sessions end. A customer is made nothing else: anybody may have signed up by an address that is not
    theirs, so that account is closed and a new person made. Raises Refusal `invalid_payload` for an unknown role."""
    if role not in ROLES or role == "service":
        raise Refusal("invalid_payload", {"field": "role", "known": [known for known in ROLES if known != "service"]})
    described = {"name": name, "role": role, "departments": list(departments), "lang": lang}
    known = None if email is None else tx.value(sa.select(accounts.c.user_id).where(accounts.c.email == plain(email)))
    if known is not None:
        for session_id in open_sessions(tx, known):
            revoke(tx, session_id)
        if role != "customer" and _role_of(tx, known) == "customer":
            _close(tx, known)
            known = None
    if known is not None:
        tx.execute(sa.update(profiles).where(profiles.c.id == known).values(**described, disabled_at=None))
        tx.execute(
            sa.update(accounts).where(accounts.c.user_id == known).values(password_hash=password_hash, disabled_at=None)
        )
        return str(known)
    user_id = new_id()
    tx.execute(sa.insert(profiles).values(id=user_id, created_at=tx.now, **described))
    tx.execute(
        sa.insert(accounts).values(
            user_id=user_id,
            email=None if email is None else plain(email),
            password_hash=password_hash,
            created_at=tx.now,
        )
    )
    return user_id


def _role_of(tx: ReadTx, user_id: str) -> str:
    return str(tx.value(sa.select(profiles.c.role).where(profiles.c.id == user_id)))


def _close(tx: WriteTx, user_id: str) -> None:
    """Nobody signs in there any more, and the address is free."""
    nobodys = {"email": None, "password_hash": None, "disabled_at": tx.now}
    tx.execute(sa.update(accounts).where(accounts.c.user_id == user_id).values(nobodys))
    tx.execute(sa.update(profiles).where(profiles.c.id == user_id).values(disabled_at=tx.now))


def plain(email: str) -> str:
    """An address as it is compared and kept."""
    return email.strip().lower()


def find_person(tx: ReadTx, user_id: str) -> Person | None:
    """Whoever has this id, with an account or (a link's customer) without."""
    row = tx.one(_PEOPLE.where(profiles.c.id == user_id))
    return None if row is None else _person(row)


def find_by_email(tx: ReadTx, email: str) -> tuple[Person, str | None] | None:
    """The person with this address and the stored password hash; None when there is none."""
    row = tx.one(_PEOPLE.where(accounts.c.email == plain(email)))
    return None if row is None else (_person(row), row["password_hash"])


def list_people(tx: ReadTx) -> list[Person]:
    """Everyone with an account, oldest first."""
    return [_person(row) for row in tx.rows(_PEOPLE.where(accounts.c.user_id.is_not(None)).order_by(profiles.c.id))]


def start_session(tx: WriteTx, person: Person, opened_by: OpenedBy) -> NewSession:
    session_id = new_id()
    row = {"id": session_id, "user_id": person.actor.user_id, "created_at": tx.now, "opened_by": opened_by}
    tx.execute(sa.insert(sessions).values(row))
    return NewSession(person, session_id, _new_refresh_token(tx, session_id))


def refresh(tx: WriteTx, refresh_token: str) -> NewSession | Revoked:
    """Uses up a refresh token for the next. Raises Refusal `invalid_grant` for one that never was or has ended."""
    token = hash_token(refresh_token)
    found = tx.one(
        sa.select(refresh_tokens.c.session_id, refresh_tokens.c.used_at, sessions.c.user_id)
        .join(sessions, sessions.c.id == refresh_tokens.c.session_id)
        .where(refresh_tokens.c.token_hash == token, sessions.c.revoked_at.is_(None))
    )
    person = None if found is None else find_person(tx, found["user_id"])
    if found is None or person is None or person.disabled:
        raise Refusal("invalid_grant")
    session_id: str = found["session_id"]
    if found["used_at"] is None:
        tx.execute(sa.update(refresh_tokens).where(refresh_tokens.c.token_hash == token).values(used_at=tx.now))
        long_used = refresh_tokens.c.used_at < to_text(tx.now_ms - _KEEP_USED_MS)
        tx.execute(sa.delete(refresh_tokens).where(refresh_tokens.c.session_id == session_id, long_used))
    elif tx.now_ms - to_ms(found["used_at"]) > REUSE_GRACE_MS:
        if not _answer_was_lost(tx, session_id, token):
            revoke(tx, session_id)
            return Revoked(session_id)
        # What was lost counts as used from now on: one line of tokens goes on, not two. Should it turn up after all,
        # two hold this session, and beyond the grace its being sent ends it.
        lost = sa.and_(refresh_tokens.c.session_id == session_id, refresh_tokens.c.parent_hash == token)
        tx.execute(sa.update(refresh_tokens).where(lost, refresh_tokens.c.used_at.is_(None)).values(used_at=tx.now))
    return NewSession(person, session_id, _new_refresh_token(tx, session_id, token))


def _answer_was_lost(tx: ReadTx, session_id: str, token: bytes) -> bool:
    """Whether a used token has got successors and none of them has got one: whoever sends it again holds nothing newer
    (the line was cut, the lid closed). So GoTrue takes the parent of the newest token, however late."""
    successor, next_one = refresh_tokens.alias(), refresh_tokens.alias()
    followed = next_one.c.session_id == session_id, next_one.c.parent_hash == successor.c.token_hash
    successors = tx.rows(
        sa.select(sa.exists().where(*followed).label("followed")).where(
            successor.c.session_id == session_id, successor.c.parent_hash == token
        )
    )
    return bool(successors) and not any(row["followed"] for row in successors)


def revoke(tx: WriteTx, session_id: str) -> None:
    """Ends a session; its refresh tokens are worth nothing from now on."""
    tx.execute(
        sa.update(sessions)
        .where(sessions.c.id == session_id, sessions.c.revoked_at.is_(None))
        .values(revoked_at=tx.now)
    )


def make_link(tx: WriteTx, booking_id: str) -> str:
    """An unguessable word (256 bits) that signs in as the booking's customer; one without an account gets a profile.
    Raises Refusal `booking_not_found`."""
    booking = tx.one(sa.select(bookings).where(bookings.c.id == booking_id))
    if booking is None:
        raise Refusal("booking_not_found")
    customer_id = booking["customer_id"]
    if customer_id is None:
        customer_id = create_account(tx, None, None, booking["customer_name"], "customer", lang=booking["lang"])
        tx.update_booking(booking_id, {"customer_id": customer_id})
    token = secrets.token_urlsafe(32)
    tx.execute(
        sa.insert(booking_links).values(
            token_hash=hash_token(token), booking_id=booking_id, customer_id=customer_id, created_at=tx.now
        )
    )
    return token


def open_link(tx: WriteTx, link_token: str) -> NewSession:
    """A session of the link's customer; raises Refusal `invalid_grant`."""
    customer_id = tx.value(
        sa.select(booking_links.c.customer_id).where(
            booking_links.c.token_hash == hash_token(link_token), booking_links.c.revoked_at.is_(None)
        )
    )
    person = None if customer_id is None else find_person(tx, customer_id)
    if person is None or person.disabled:
        raise Refusal("invalid_grant")
    return start_session(tx, person, "link")


def hash_token(token: str) -> bytes:
    """How a secret word of 256 random bits is stored."""
    return hashlib.sha256(token.encode()).digest()


def _new_refresh_token(tx: WriteTx, session_id: str, parent: bytes | None = None) -> str:
    token = secrets.token_urlsafe(32)
    row = {"token_hash": hash_token(token), "session_id": session_id, "created_at": tx.now, "parent_hash": parent}
    tx.execute(sa.insert(refresh_tokens).values(row))
    return token


_PEOPLE = sa.select(
    profiles, accounts.c.email, accounts.c.password_hash, accounts.c.disabled_at.label("account_disabled_at")
).select_from(profiles.outerjoin(accounts, accounts.c.user_id == profiles.c.id))


def _person(row: dict[str, Any]) -> Person:
    actor = Actor(row["id"], row["role"], row["name"], tuple(row["departments"]), row["lang"])
    disabled = row["disabled_at"] is not None or row["account_disabled_at"] is not None
    return Person(actor, row["email"], row["created_at"], disabled)
