"""I4: when all is quiet, every client holds what the server holds, as far as it may see and as far as it goes back."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.faults.history.events import ClientDump, ServerDump
from tests.faults.history.facts import Facts, Finding, booking_of, table_of


def convergence(facts: Facts) -> Iterator[Finding]:
    for client in facts.clients.values():
        if client.epoch != facts.server.epoch or client.cursor != facts.server.head:
            yield (
                client.process,
                f"stands at {client.epoch}:{client.cursor}, the feed at {facts.server.epoch}:{facts.server.head}",
            )
        else:
            yield from _rows(client, facts.server)


def _rows(client: ClientDump, server: ServerDump) -> Iterator[Finding]:
    for key, row in client.rows.items():
        stands = server.rows.get(key)
        if stands is None:
            yield client.process, f"holds {key}, which the server has not", (key,)
        elif stands != row:
            yield client.process, f"holds {key} otherwise: {_difference(row, stands)}", (str(row["id"]),)
    lowest = _lowest(client.rows)
    for key, row in server.rows.items():
        if key not in client.rows and _should_hold(client, key, row, lowest):
            yield client.process, f"lacks {key}", (str(row["id"]),)


def _should_hold(client: ClientDump, key: str, row: Mapping[str, Any], lowest: Mapping[str, int]) -> bool:
    booking = booking_of(key, row)
    if client.sees is not None and (booking is None or booking not in client.sees):
        return False
    # Of a conversation a client may hold its end only, but without holes.
    return table_of(key) != "messages" or row["position"] >= lowest.get(row["booking_id"], 0)


def _lowest(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, row in rows.items():
        if table_of(key) == "messages":
            found[row["booking_id"]] = min(row["position"], found.get(row["booking_id"], row["position"]))
    return found


def _difference(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {mine.get(name)!r} for {theirs.get(name)!r}" for name in theirs if mine.get(name) != theirs[name]
    )
