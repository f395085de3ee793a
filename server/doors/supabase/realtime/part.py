"""One channel's part in all of it: who it speaks for, what it listens to, where it talks, and what it has had."""

from server.access.identity import Identity
from server.doors.supabase.realtime.audience import Audience, Expected
from server.doors.supabase.realtime.join_request import JoinRequest
from server.doors.supabase.realtime.room_names import RoomName
from server.doors.supabase.realtime.rooms import Member
from server.realtime.channels import Channel
from server.realtime.presence import Meta


class Part:
    """`identity` is None for whoever has shown no token of a person: such a channel is sent no row and may not talk."""

    __slots__ = (
        "admitted", "answered", "audience", "booking_id", "catching_up", "channel", "had", "identity", "intended",
        "member", "missed", "name", "request", "resume_key", "room", "since", "upto",
    )  # fmt: skip

    def __init__(self, channel: Channel, name: RoomName, request: JoinRequest, identity: Identity | None) -> None:
        self.channel = channel
        self.name = name
        self.request = request
        self.identity = identity
        self.admitted = False
        """Whether the join has been answered."""
        self.booking_id: str | None = None
        """The booking its name carries, if there is one."""
        self.room: str | None = None
        self.member: Member | None = None
        self.intended: Meta | None = None
        """What it wanted to be seen as before it might talk: supabase-js 2.49 tracks first, then shows its token."""
        self.resume_key: bytes | None = None
        """What it is known by when it comes back; None: it does not resume."""
        self.catching_up = False
        """While what was missed is being read, page by page: then no change is brought to it but so."""
        self.upto = 0
        """The newest change it needs to be told no more."""
        self.audience: Audience | None = None
        """Those it is told the same as; None while it is told nothing, or is catching up."""
        self.since = 0
        """The newest change told there before it came."""
        self.missed: list[Expected] = []
        """Messages told while it caught up."""
        self.answered = 0
        """The newest change sent, if it was its to see, before the last heartbeat was answered."""
        self.had = 0
        """The same of the heartbeat before: whoever beats again has had that for sure."""

    def sent_within(self, after: int, upto: int) -> list[Expected]:
        """Messages of changes after one seq, up to another, that this channel was told."""
        live = [] if self.audience is None else self.audience.sent_within(max(after, self.since), upto)
        return [one for one in self.missed if after < one[0] <= upto] + live
