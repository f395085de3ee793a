"""What a request asks of the form of its answer: the headers Prefer, Range and Accept."""

import re

import msgspec
from starlette.requests import Request

SINGULAR = "application/vnd.pgrst.object"
_RANGE = re.compile(r"(\d{1,9})-(\d{0,9})")


class Preferences(msgspec.Struct, frozen=True):
    """`first` and `last` are of the header Range, both included; None: not asked."""

    representation: bool
    count: bool
    upsert: bool
    ignore_duplicates: bool
    singular: bool
    first: int | None
    last: int | None


def preferences(request: Request) -> Preferences:
    """Words that are not known are passed over, as the header's own standard says (RFC 7240)."""
    words = {word.strip() for line in request.headers.getlist("prefer") for word in re.split("[,;]", line)}
    found = _RANGE.fullmatch(request.headers.get("range", "").removeprefix("items=").strip())
    return Preferences(
        representation="return=representation" in words,
        count=any(word.startswith("count=") for word in words),
        upsert="resolution=merge-duplicates" in words or "resolution=ignore-duplicates" in words,
        ignore_duplicates="resolution=ignore-duplicates" in words,
        singular=SINGULAR in request.headers.get("accept", ""),
        first=int(found[1]) if found else None,
        last=int(found[2]) if found and found[2] else None,
    )
