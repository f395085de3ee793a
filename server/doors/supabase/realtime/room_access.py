"""Who may talk in a room: the booking its name carries is looked up, and what was found holds still when it is told."""

from collections.abc import Collection, Mapping

from contract.actors import Actor
from contract.permissions import Sight
from server.access.visibility import Visibility
from server.doors.supabase.realtime.room_names import RoomName
from server.store.bookings import resolve_booking
from server.store.feed import Batch, BookingFacts
from server.store.store import Store
from server.store.transactions import ReadTx


class RoomAccess:
    """Owned by the loop's thread."""

    def __init__(self, store: Store, visibility: Visibility) -> None:
        self._store = store
        self._visibility = visibility
        self._commits = 0
        """Those there were while anybody looked."""
        self._looks: dict[object, int] = {}
        """Who is reading bookings just now, since which commit; the one that began first comes first."""
        self._changed_at: dict[str, int] = {}
        """Which commit last changed a booking, oldest first: those later than the first look's beginning."""

    def publish(self, batch: Batch) -> None:
        """One commit."""
        if not self._looks:
            return
        self._commits += 1
        for change in batch.changes:
            if change.table == "bookings":
                self._changed_at.pop(change.row_id, None)
                self._changed_at[change.row_id] = self._commits

    async def booking(self, name: RoomName) -> BookingFacts | None:
        """The booking of this name. Raises Refusal in an outage."""
        return None if name.booking is None else (await self.bookings({name.booking}))[name.booking]

    async def bookings(self, references: Collection[str]) -> Mapping[str, BookingFacts | None]:
        """The bookings by these ids or codes, all as of now."""

        def look(tx: ReadTx) -> dict[str, BookingFacts | None]:
            return {reference: resolve_booking(tx, reference) for reference in references}

        this_look = object()
        try:
            while True:
                self._looks.pop(this_look, None)
                began = self._looks[this_look] = self._commits
                found = await self._store.read(look)
                if all(facts is None or self._changed_at.get(facts.id, 0) <= began for facts in found.values()):
                    return found
        finally:
            del self._looks[this_look]
            self._forget()

    def _forget(self) -> None:
        """What no look that is under way will ask for; where many always look, there is no moment without one."""
        first = next(iter(self._looks.values()), self._commits)
        while self._changed_at:
            oldest = next(iter(self._changed_at))
            if self._changed_at[oldest] > first:
                return
            del self._changed_at[oldest]

    def may_talk(self, actor: Actor | None, name: RoomName, facts: BookingFacts | None) -> bool:
        """In a booking's room its parties; in a person's, that person; elsewhere whoever has signed in."""
        if actor is None:
            return False
        if name.booking is not None:
            return self.sees_fully(actor, facts)
        return name.person in (None, actor.user_id) or actor.role == "service"

    def sees_fully(self, actor: Actor, facts: BookingFacts | None) -> bool:
        return self._visibility.sight(actor, facts) == Sight.FULL
