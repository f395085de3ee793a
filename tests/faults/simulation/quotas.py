"""How often each fault must have struck: a run of seeds that did not meet a fault proves nothing about it."""

from collections.abc import Mapping

QUARTER = 500
"""Seeds that each of the four files of `make test` takes (seeds_hold.py)."""
PER_HUNDRED: Mapping[str, float] = {
    "down": 25, "both offline": 40, "silent": 20, "no sockets": 15, "cut": 15, "socket cut": 15, "download cut": 2,
    "request lost": 5, "answer lost": 3, "request repeated": 7, "frame meddled with": 25, "slow": 10, "sleep": 15,
    "wrong clock": 8, "end session": 8, "client crash before commit": 7, "client crash after commit": 8,
    "unsynced cache lost": 5, "server crash before commit": 8, "server crash after commit": 8, "backup": 20,
    "restore": 20, "token renewed": 100, "feed pruned": 40, "behind the floor": 10, "conflict": 50, "frame lost": 12,
    "token refused": 5, "another history's refused": 20, "asked below the floor": 2, "given up after an attempt": 4,
    "came to rest without a socket": 2, "cache compared on the way": 400,
    "desk handed over": 8, "booking opened": 10, "booking asked for anew": 2, "signed in by hand": 1,
    "text after a press: send": 0.1, "text after a press: note": 1, "text after a press: discard": 0.8,
}  # fmt: skip
"""Hits in a hundred seeds, at least: about a third of what is usual."""


def missed(runs: int, hits: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Faults that fell short: (hits, hits wanted)."""
    wanted = {fault: int(runs * count / 100) for fault, count in PER_HUNDRED.items()}
    return {fault: (hits.get(fault, 0), count) for fault, count in wanted.items() if hits.get(fault, 0) < count}
