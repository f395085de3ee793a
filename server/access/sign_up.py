"""Making oneself an account as a customer, or coming in without one: each only where the server's owner allows it."""

import msgspec

from contract.actors import Actor
from contract.errors import Refusal
from server.access import accounts
from server.access.accounts import NewSession, OpenedBy, Person
from server.access.new_credentials import check_password_chosen, checked_email
from server.access.own_words import OwnWords
from server.access.passwords import PasswordThreads
from server.access.sign_in import SignedIn, SignIn
from server.store.store import Store
from server.store.transactions import WriteTx

_GUEST = {"en": "Guest", "ar": "ضيف"}


class SignUpRules(msgspec.Struct, frozen=True):
    """What is allowed."""

    by_email: bool = False
    anonymous: bool = False
    shortest_password: int = 8
    """Characters."""


class SignUp:
    """Made by app.py. Whoever comes in here is a customer, and sees nothing yet but themselves."""

    def __init__(self, store: Store, sign_in: SignIn, passwords: PasswordThreads, rules: SignUpRules) -> None:
        self.rules = rules
        self._store = store
        self._sign_in = sign_in
        self._passwords = passwords

    async def with_password(self, email: str, password: str, said: OwnWords) -> SignedIn:
        """A session of the new account. Raises Refusal `signup_disabled`, `weak_password`, `invalid_payload`, or
        `user_already_exists`, after the same work as for a new address."""
        if not self.rules.by_email:
            raise Refusal("signup_disabled")
        address = checked_email(email)
        check_password_chosen(password, address, self.rules.shortest_password)
        hashed = await self._passwords.hash(password)
        named = msgspec.structs.replace(said, name=said.name or address.partition("@")[0])
        return self._sign_in.answer(await self._store.write(lambda tx: _opened(tx, address, hashed, named, "password")))

    async def anonymously(self, said: OwnWords) -> SignedIn:
        """A session of somebody without address and password: whoever loses it does not come back. Raises Refusal
        `anonymous_provider_disabled`."""
        if not self.rules.anonymous:
            raise Refusal("anonymous_provider_disabled")
        named = msgspec.structs.replace(said, name=said.name or _GUEST[said.lang or "en"])
        return self._sign_in.answer(await self._store.write(lambda tx: _opened(tx, None, None, named, "anonymous")))


def _opened(
    tx: WriteTx, email: str | None, password_hash: str | None, said: OwnWords, opened_by: OpenedBy
) -> NewSession:
    if email is not None and accounts.find_by_email(tx, email) is not None:
        raise Refusal("user_already_exists")
    name, lang = said.name or "", said.lang or "en"
    try:
        user_id = accounts.create_account(tx, email, password_hash, name, "customer", lang=lang)
    except tx.integrity_errors as error:  # at the same moment at another server
        raise Refusal("user_already_exists") from error
    person = Person(Actor(user_id, "customer", name, (), lang), email, tx.now)
    return accounts.start_session(tx, person, opened_by)
