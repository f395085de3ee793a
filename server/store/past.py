"""Pages of the feed for those who were away: each line with its booking's facts as they were at that line."""

from server.store.facts import FactsCache
from server.store.feed import Batch, BookingFacts, Change
from server.store.feed_reader import NEW_LINES, PAST_LINES, SIGHT_LINES_AFTER, ReadFacts, facts_told, with_facts
from server.store.transactions import ReadTx


def feed_page(tx: ReadTx, after: int, limit: int) -> Batch:
    """Up to `limit` lines after that seq, oldest first; `to_seq` equals `after` when there are none. The caller has
    checked epoch and floor. A message removed since travels without its text."""
    lines = tx.fetch(PAST_LINES, after, tx.head, limit)
    changes = with_facts(lines, FactsCache(), _facts_at(tx, after))
    return Batch(tx.epoch, after + 1, changes[-1].seq if changes else after, changes)


def lines_since(tx: ReadTx, after: int) -> list[Change]:
    """Every line after that seq as it was written, texts removed since included: to be counted, never to be served.
    The caller has checked that they are not too many."""
    return with_facts(tx.fetch(NEW_LINES, after), FactsCache(), _facts_at(tx, after))


def _facts_at(tx: ReadTx, after: int) -> ReadFacts:
    """A booking's facts as of that seq: what its next line replaced, or what stands now."""

    def read_facts(booking_id: str) -> BookingFacts | None:
        rows = tx.fetch(SIGHT_LINES_AFTER, booking_id, after)
        if rows:
            return facts_told(rows[0][0])
        return tx.facts(booking_id)

    return read_facts


def pages_tell_all(tx: ReadTx, user_id: str, after: int) -> bool:
    """Whether whoever has the feed up to that seq can go on from there: it is kept that far back, and this person's own
    profile (role, departments) has not changed since. If it has, pages cannot tell what came into or went out of
    sight, and a snapshot must."""
    return tx.floor <= after <= tx.head and not tx.fetch(SIGHT_LINES_AFTER, user_id, after)
