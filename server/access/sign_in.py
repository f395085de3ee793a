"""Signing in, staying signed in, signing out: the three ways in of `/auth/v1/token`, for every kind of client."""

import msgspec

from contract.errors import Refusal
from server.access import accounts
from server.access.accounts import NewSession, Person, Revoked
from server.access.identity import Identity
from server.access.passwords import PasswordThreads
from server.access.standing import Standing
from server.access.tokens import TokenIssuer
from server.store.store import Store
from server.store.transactions import WriteTx


class SignedIn(msgspec.Struct, frozen=True):
    """What a client gets: `expires_in` in seconds, `expires_at` in seconds since 1970."""

    access_token: str
    expires_in: int
    expires_at: int
    refresh_token: str
    person: Person


class SignIn:
    """Made by app.py. Every way raises Refusal; none says whether an address is known."""

    def __init__(self, store: Store, issuer: TokenIssuer, standing: Standing, passwords: PasswordThreads) -> None:
        self._store = store
        self._issuer = issuer
        self._standing = standing
        self._passwords = passwords

    async def with_password(self, email: str, password: str) -> SignedIn:
        """Raises Refusal `invalid_credentials`: unknown address, wrong password and disabled account alike, after
        the same time."""
        found = await self._store.read(lambda tx: accounts.find_by_email(tx, email))
        person, stored = found if found is not None else (None, None)
        fits = await self._passwords.check(stored, password)
        if person is None or not fits or person.disabled:
            raise Refusal("invalid_credentials")

        def open_session(tx: WriteTx) -> NewSession:
            """Checking took its time: meanwhile the account may have been closed, or given another password, which
            ended all its sessions."""
            now = accounts.find_by_email(tx, email)
            if now is None or now[1] != stored or now[0].disabled:
                raise Refusal("invalid_credentials")
            return accounts.start_session(tx, now[0], "password")

        return self.answer(await self._store.write(open_session))

    async def with_refresh_token(self, refresh_token: str) -> SignedIn:
        """Raises Refusal `invalid_grant`; one used up more than 30 s ago, and its successor too, ends its session."""
        outcome = await self._store.write(lambda tx: accounts.refresh(tx, refresh_token))
        if isinstance(outcome, Revoked):
            self._standing.end_session(outcome.session_id)
            raise Refusal("invalid_grant")
        return self.answer(outcome)

    async def with_booking_link(self, link_token: str) -> SignedIn:
        """The session of that booking's customer; raises Refusal `invalid_grant`."""
        return self.answer(await self._store.write(lambda tx: accounts.open_link(tx, link_token)))

    async def sign_out(self, identity: Identity) -> None:
        """Ends the session; its access token is refused from now on, too."""
        session_id = identity.session_id
        if session_id is not None:
            await self._store.write(lambda tx: accounts.revoke(tx, session_id))
            self._standing.end_session(session_id)

    async def person(self, identity: Identity) -> Person:
        """Who is signed in, as stored now; raises Refusal `unauthorized` for someone who is gone."""
        found = await self._store.read(lambda tx: accounts.find_person(tx, identity.actor.user_id))
        if found is not None:
            return found
        if identity.session_id is None:
            return Person(identity.actor, None, "")
        raise Refusal("unauthorized")

    def answer(self, session: NewSession) -> SignedIn:
        """The tokens of a session that was opened or goes on."""
        person = session.person
        token, expires_at = self._issuer.issue(person.actor, person.email, session.session_id)
        return SignedIn(token, self._issuer.token_seconds, expires_at, session.refresh_token, person)
