"""What people change of their own account: name and language, the password, and an address where there was none."""

from typing import Any

import msgspec
import sqlalchemy as sa

from contract.errors import Refusal
from server.access import accounts
from server.access.accounts import Person, find_person
from server.access.identity import Identity
from server.access.new_credentials import check_password_chosen, checked_email
from server.access.open_sessions import open_sessions
from server.access.own_words import OwnWords
from server.access.passwords import PasswordThreads
from server.access.standing import Standing
from server.store.store import Store
from server.store.tables import accounts as accounts_table
from server.store.tables import profiles, sessions
from server.store.transactions import ReadTx, WriteTx


class Wanted(msgspec.Struct, frozen=True):
    """None: stays as it is."""

    email: str | None
    password: str | None
    said: OwnWords


class OwnAccount:
    """Made by app.py."""

    def __init__(
        self, store: Store, standing: Standing, passwords: PasswordThreads, *, shortest_password: int = 8
    ) -> None:
        self._store = store
        self._standing = standing
        self._passwords = passwords
        self._shortest = shortest_password

    async def change(self, identity: Identity, wanted: Wanted) -> Person:
        """The person as they are from now on. With a new password every other session of theirs ends.

        Raises Refusal: `forbidden` to the service key, and to a session that a link opened if it asks for more than
        a name; `email_exists`; `not_supported` for another address than the one there is; `weak_password`,
        `same_password` and `invalid_payload`."""
        session_id, user_id = identity.session_id, identity.actor.user_id
        if session_id is None:
            raise Refusal("forbidden", {"problem": "The service key is nobody's account"})
        email = None if wanted.email is None else checked_email(wanted.email)
        hashed = None
        if email is not None or wanted.password is not None:
            await self._store.read(lambda tx: _require_proof(tx, session_id))
        if wanted.password is not None:
            stored, known = await self._store.read(lambda tx: _credentials(tx, user_id))
            check_password_chosen(wanted.password, email or known or "", self._shortest)
            if stored is not None and await self._passwords.check(stored, wanted.password):
                raise Refusal("same_password")
            hashed = await self._passwords.hash(wanted.password)

        def job(tx: WriteTx) -> tuple[Person, list[str]]:
            if email is not None or hashed is not None:
                _set_credentials(tx, user_id, session_id, email, hashed)
            _set_words(tx, user_id, wanted.said)
            ended = [] if hashed is None else _end_others(tx, user_id, session_id)
            return _present(tx, user_id), ended

        person, ended = await self._store.write(job)
        self._standing.end_sessions(ended)
        return person


def _set_credentials(tx: WriteTx, user_id: str, session_id: str, email: str | None, hashed: str | None) -> None:
    _require_proof(tx, session_id)
    known = _present(tx, user_id).email
    values: dict[str, Any] = {} if hashed is None else {"password_hash": hashed}
    if email is not None and known is None:
        values["email"] = email
    elif email not in (None, known):
        raise Refusal("not_supported", {"feature": "changing an email address (no mail is sent to confirm it)"})
    elif known is None:
        raise Refusal("invalid_payload", {"field": "email", "problem": "A password needs an address to go with it"})
    if values:
        try:
            tx.put(accounts_table, {"user_id": user_id}, {"created_at": tx.now}, values)
        except tx.integrity_errors as error:
            raise Refusal("email_exists") from error


def _require_proof(tx: ReadTx, session_id: str) -> None:
    """Before anything is compared: what a link's session is told must not depend on the password. And again before
    anything is written: comparing took its time, and the session may have been ended meanwhile."""
    found = tx.one(sa.select(sessions.c.opened_by, sessions.c.revoked_at).where(sessions.c.id == session_id))
    if found is None or found["revoked_at"] is not None:
        raise Refusal("unauthorized", {"session": "ended"})
    if found["opened_by"] not in ("password", "anonymous"):
        raise Refusal("forbidden", {"problem": "Sign in with the password first: a booking's link may not change it"})


def _set_words(tx: WriteTx, user_id: str, said: OwnWords) -> None:
    values = {name: value for name, value in msgspec.structs.asdict(said).items() if value is not None}
    if values:
        tx.execute(sa.update(profiles).where(profiles.c.id == user_id).values(**values))


def _end_others(tx: WriteTx, user_id: str, session_id: str) -> list[str]:
    others = [one for one in open_sessions(tx, user_id) if one != session_id]
    for one in others:
        accounts.revoke(tx, one)
    return others


def _present(tx: ReadTx, user_id: str) -> Person:
    person = find_person(tx, user_id)
    if person is None or person.disabled:
        raise Refusal("unauthorized")
    return person


def _credentials(tx: ReadTx, user_id: str) -> tuple[str | None, str | None]:
    """The stored hash and the address."""
    row = tx.one(
        sa.select(accounts_table.c.password_hash, accounts_table.c.email).where(accounts_table.c.user_id == user_id)
    )
    return (None, None) if row is None else (row["password_hash"], row["email"])
