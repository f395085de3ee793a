"""Refusals on `realtime:…`, in the words that Supabase's clients know: some decide by them when to try again."""

from collections.abc import Mapping

import msgspec

from contract.errors import Refusal

_WORDS: Mapping[str, str] = {
    "unauthorized": "InvalidJWTToken",
    "token_expired": "InvalidJWTToken",
    "forbidden": "Unauthorized",
    "invalid_payload": "MalformedJoin",
    "malformed_json": "MalformedJoin",
    "unavailable": "ServiceUnavailable",
}
_OF_LIMIT = "ChannelRateLimitReached"
_OF_JOINS = "ClientJoinRateLimitReached"
_encode = msgspec.json.Encoder().encode


def reason_bytes(refusal: Refusal) -> bytes:
    """An error reply's response: {reason}, an object, since some clients drop anything else. Clients join its values
    into the error they show."""
    details = refusal.details if isinstance(refusal.details, dict) else {}
    if refusal.code == "rate_limited":
        word = _OF_LIMIT if "topics" in details else _OF_JOINS
    else:
        word = _WORDS.get(refusal.code, refusal.code)
    return _encode({"reason": f"{word}: {details.get('problem') or refusal.message}"})
