"""Who is signed in and by which tokens, as the profile keeps it: both in one commit, so that no crash parts them."""

import msgspec

from desktop.state.lines import Me
from desktop.store.profile_facts import ProfileFacts

_ME, _TOKENS = "me", "tokens"


class Tokens(msgspec.Struct, frozen=True):
    access: str
    refresh: str
    taken_at: float
    """time.time()."""
    life: float
    """Seconds."""


class SavedSession:
    def __init__(self, facts: ProfileFacts) -> None:
        self._facts = facts

    def read(self) -> tuple[Me | None, Tokens | None]:
        """Tokens of nobody are no session: they prove nothing of whoever has the outbox."""
        me, tokens = self._facts.get(_ME), self._facts.get(_TOKENS)
        if me is None:
            return None, None
        known = msgspec.json.decode(me, type=Me)
        return known, msgspec.json.decode(tokens, type=Tokens) if tokens is not None else None

    def write(self, me: Me | None, tokens: Tokens | None) -> None:
        """Raises DiskFull, and what was kept before still is."""
        kept = {_ME: me, _TOKENS: tokens}
        self._facts.put_all(
            {name: None if value is None else msgspec.json.encode(value).decode() for name, value in kept.items()}
        )
