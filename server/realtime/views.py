"""Who is looking, and through which eyes: sockets that always see the same are one view and share their frames."""

from collections.abc import Hashable, Iterable, Iterator

from contract.actors import PROVIDERS, SEES_ALL, Actor
from contract.frames import Vsn
from server.realtime.socket import Socket
from server.store.feed import BookingFacts, Change

_UNCONFIRMED = 1_000
"""Messages; of more, the oldest are forgotten. Marks are high-water marks, so the next one heals that."""


class View:
    """All sockets that see through the same eyes and speak the same version. `sent` is the `to` of what they were last
    sent: the next push continues exactly there, so that a client can tell a lost frame from a change it may not see."""

    __slots__ = ("actor", "sent", "sockets", "unconfirmed", "vsn")

    def __init__(self, actor: Actor, vsn: Vsn, sent: int) -> None:
        self.actor = actor
        self.vsn = vsn
        self.sent = sent
        self.sockets: dict[Socket, None] = {}
        """In the order of their coming, which is also the order they lie in memory."""
        self.unconfirmed: list[int] = []
        """Seqs of messages of other sides sent here that no device of these eyes has confirmed holding."""

    def expect(self, seq: int) -> None:
        """A message is on its way that a device here should confirm."""
        self.unconfirmed.append(seq)
        if len(self.unconfirmed) > _UNCONFIRMED:
            del self.unconfirmed[: _UNCONFIRMED // 2]

    def confirm(self, cursor: int) -> bool:
        """Whether a device that holds everything up to `cursor` tells something new."""
        news = [seq for seq in self.unconfirmed if seq > cursor]
        told = len(news) < len(self.unconfirmed)
        self.unconfirmed = news
        return told


def eyes(actor: Actor) -> Hashable:
    """Equal for actors who see the same of everything. Roles that see all see it whoever they are; for all others
    it hangs on the person, and for agents on their departments."""
    if actor.role in SEES_ALL:
        return actor.role
    return (actor.user_id, actor.role, actor.departments)


class Views:
    """All views, found by what a change can concern. What is found is possible, not certain: Visibility decides."""

    def __init__(self) -> None:
        self._views: dict[Hashable, View] = {}
        self._see_all: list[View] = []
        self._of_user: dict[str, list[View]] = {}
        self._of_department: dict[str, list[View]] = {}
        self._providers: list[View] = []

    def __iter__(self) -> Iterator[View]:
        return iter(self._views.values())

    def enter(self, actor: Actor, socket: Socket, sent: int) -> View:
        """The view for these eyes, with the socket in it; a new one has been sent everything up to `sent`."""
        key = (eyes(actor), socket.vsn)
        view = self._views.get(key)
        if view is None:
            view = self._views[key] = View(actor, socket.vsn, sent)
            for index in self._indexes(actor):
                index.append(view)
        view.sockets[socket] = None
        return view

    def leave(self, view: View, socket: Socket) -> None:
        view.sockets.pop(socket, None)
        if not view.sockets:
            del self._views[(eyes(view.actor), view.vsn)]
            for index in self._indexes(view.actor):
                index.remove(view)
            if not self._of_user.get(view.actor.user_id, True):
                del self._of_user[view.actor.user_id]

    def concerned(self, change: Change) -> Iterable[View]:
        """The views that may see this change or lose sight by it."""
        if change.booking_id is None:
            return list(self)
        found = dict.fromkeys(self._see_all)
        before, after = change.before, change.after
        if before is not None:
            self._add_parties(before, found)
        if after is not None and after is not before:
            self._add_parties(after, found)
        if change.table == "bookings" and any(
            facts is not None and facts.provider_id is None for facts in (before, after)
        ):
            found.update(dict.fromkeys(self._providers))  # it may be, or have been, a job on offer
        return found

    def _add_parties(self, facts: BookingFacts, found: dict[View, None]) -> None:
        for user_id in (facts.customer_id, facts.provider_id, facts.assignee_id, facts.created_by):
            if user_id is not None and user_id in self._of_user:
                found.update(dict.fromkeys(self._of_user[user_id]))
        if facts.department is not None:
            found.update(dict.fromkeys(self._of_department.get(facts.department, ())))

    def _indexes(self, actor: Actor) -> list[list[View]]:
        if actor.role in SEES_ALL:
            return [self._see_all]
        indexes = [self._of_user.setdefault(actor.user_id, [])]
        if actor.role == "agent":
            indexes += [self._of_department.setdefault(name, []) for name in actor.departments]
        if actor.role in PROVIDERS:
            indexes.append(self._providers)
        return indexes
