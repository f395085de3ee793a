"""Facts about bookings kept in memory, fed by the feed itself, so that judging a message costs no query."""

from collections import OrderedDict

from server.store.feed import BookingFacts


class FactsCache:
    """The facts of the bookings used last, as of the newest published line. Owned by the writer's thread.

    A booking written in the transaction under way is `doubtful` until its line has come through the feed:
    its facts are read from the database meanwhile, so a savepoint rolled back leaves nothing wrong behind.
    """

    def __init__(self, at_most: int = 50_000) -> None:
        self._known: OrderedDict[str, BookingFacts] = OrderedDict()
        self._ids_by_code: dict[str, str] = {}
        self._doubtful: set[str] = set()
        self._at_most = at_most

    def trusted(self, booking_id: str) -> BookingFacts | None:
        """The facts for judging now; None when they must be read."""
        if booking_id in self._doubtful:
            return None
        found = self._known.get(booking_id)
        if found is not None:
            self._known.move_to_end(booking_id)
        return found

    def published(self, booking_id: str) -> BookingFacts | None:
        """The facts as of the feed's line read last, whatever is under way."""
        return self._known.get(booking_id)

    def id_of_code(self, code: str) -> str | None:
        return self._ids_by_code.get(code)

    def may_keep(self, booking_id: str) -> bool:
        """Whether facts read inside the transaction under way are also the published ones."""
        return booking_id not in self._doubtful

    def doubt(self, booking_id: str) -> None:
        self._doubtful.add(booking_id)

    def settle(self) -> None:
        """The transaction under way is over and its lines have been learnt."""
        self._doubtful.clear()

    def clear(self) -> None:
        """Nothing is known any more."""
        self._known.clear()
        self._ids_by_code.clear()
        self._doubtful.clear()

    def learn(self, facts: BookingFacts) -> None:
        before = self._known.get(facts.id)
        if before is not None and before.code != facts.code:
            self._ids_by_code.pop(before.code, None)
        self._known[facts.id] = facts
        self._known.move_to_end(facts.id)
        self._ids_by_code[facts.code] = facts.id
        if len(self._known) > self._at_most:
            _, oldest = self._known.popitem(last=False)
            self._ids_by_code.pop(oldest.code, None)

    def forget(self, booking_id: str) -> None:
        gone = self._known.pop(booking_id, None)
        if gone is not None:
            self._ids_by_code.pop(gone.code, None)
