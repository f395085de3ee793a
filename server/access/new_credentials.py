"""An address and a password that somebody chooses for themselves: what is taken and what is too easy to guess."""

import re

from contract.errors import Refusal
from server.access.accounts import plain
from server.access.passwords import MAX_PASSWORD

LONGEST_EMAIL = 254
"""Characters (RFC 5321)."""
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_FEWEST_DIFFERENT = 4


def checked_email(email: str) -> str:
    """The address as it is kept. Nobody is sent anything: that it is theirs is not known. Raises Refusal
    `invalid_payload`."""
    kept = plain(email)
    if len(kept) > LONGEST_EMAIL or not kept.isprintable() or not _EMAIL.fullmatch(kept):
        raise Refusal("invalid_payload", {"field": "email", "problem": "Expected an address such as a@example.org"})
    return kept


def check_password_chosen(password: str, email: str, shortest: int) -> None:
    """Raises Refusal `weak_password` with GoTrue's reasons (`length`, `characters`), or `invalid_payload`."""
    if len(password) > MAX_PASSWORD:
        raise Refusal("invalid_payload", {"field": "password", "problem": f"Longer than {MAX_PASSWORD} characters"})
    reasons = []
    if len(password) < shortest:
        reasons.append("length")
    if len(set(password)) < _FEWEST_DIFFERENT or plain(password) in (email, email.partition("@")[0]):
        reasons.append("characters")
    if reasons:
        problem = f"Choose {shortest} characters or more, not all alike, and not your address"
        raise Refusal("weak_password", {"field": "password", "problem": problem, "reasons": reasons})
