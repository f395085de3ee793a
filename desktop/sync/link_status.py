"""Keeps the truth about the connection and tells it when it changes."""

from dataclasses import replace
from typing import Any

from contract.moments import to_ms, to_text
from desktop.state.changes import Changes
from desktop.state.lines import LinkState
from desktop.state.pending import FeedPosition
from desktop.store.cache_position import CachePosition
from desktop.store.outbox_store import OutboxCounts
from desktop.sync.clock import Clock
from desktop.sync.clock_offset import WRONG_BEYOND_MS, ClockOffset
from desktop.sync.link_phase import OFFLINE_AFTER, LinkEvent, LinkFacts, after, link_phase
from desktop.sync.poke import Poke

_CONNECTED = frozenset({"live", "behind", "polling"})


class LinkStatus:
    def __init__(self, changes: Changes, clock: Clock, position: CachePosition) -> None:
        self._changes = changes
        self._clock = clock
        self.facts = LinkFacts()
        self.offset = ClockOffset()
        self.state = LinkState(cursor=position.feed.seq, head=position.feed.seq, as_of=position.as_of)
        self.may_send = Poke()
        """Poked when a way to the server has opened."""

    @property
    def can_send(self) -> bool:
        """Evidence that requests arrive: nothing is tried while there is none, so offline time wears nothing out."""
        return self.facts.joined or self.facts.polling

    @property
    def is_live(self) -> bool:
        """Whether what is shown is the newest: then a press may be judged by it."""
        return self.facts.caught_up or self.facts.polling

    def happened(self, event: LinkEvent) -> None:
        """Takes note of an event (see link_phase.after) and says so if that changes what is shown."""
        could = (self.can_send, self.is_live)
        self.facts = after(self.facts, event)
        self._say(phase=link_phase(self.facts))
        if (self.can_send, self.is_live) != could:
            self.may_send()

    def at(self, position: FeedPosition, head: int, as_of: str | None = None) -> None:
        """The cache now stands here, the server's feed there."""
        newest = max(as_of or "", self.state.as_of or "") or None
        self._say(cursor=position.seq, head=max(head, position.seq), as_of=newest if position.epoch else None)

    def answered(self, server_ms: int, sent_at: float, *, latency_s: float) -> None:
        """An answer told the server's time; `sent_at` is time.time() of the request."""
        self.offset.add(server_ms, sent_at, self._clock.wall())
        was_wrong = abs(self.state.clock_offset_ms) > 0 and self.offset.is_wrong
        self._say(latency_ms=round(latency_s * 1000, 1), clock_offset_ms=self.offset.ms)
        if self.offset.is_wrong and not was_wrong:
            self._changes.notice("clock_wrong", minutes=round(abs(self.offset.ms) / 60_000))

    def server_moment(self) -> str:
        """Now, by the server's clock as far as it is known."""
        return to_text(round(self._clock.wall() * 1000) + self.offset.ms)

    def moment_of_click(self) -> str:
        """Now, as well as this computer can tell: never before what the cache was filled with, whatever the clock."""
        now = self.server_moment() if self.offset.is_wrong else self._clock.moment()
        return max(now, self.state.as_of or "")

    def corrected(self, moment: str | None) -> str | None:
        """A click's moment for the server. The clock may have been as wrong at the click as it is now, or right, or
        wrong otherwise; but no click is in the future. So the later reading that is not, else the server's now."""
        if moment is None or not self.offset.is_known:
            return moment
        now = to_ms(self.server_moment())
        told = to_ms(moment)
        readings = (told, told + self.offset.ms) if self.offset.is_wrong else (told,)
        return to_text(max((each for each in readings if each <= now + WRONG_BEYOND_MS), default=now))

    def will_try_at(self, when: float | None) -> None:
        """time.monotonic() of the next attempt."""
        self._say(next_try_at=when)

    def counted(self, counts: OutboxCounts) -> None:
        self._say(queued=counts.queued, decisions=counts.decisions + counts.failed)

    def snapshot(self, done: int, total: int) -> None:
        self._say(snapshot_done=done, snapshot_total=total)

    def disk(self, *, full: bool) -> None:
        if full and not self.state.disk_full:
            self._changes.notice("disk_full")
        self._say(disk_full=full)

    def outbox_damaged(self) -> None:
        """The engine has ended, and no attempt will be made."""
        self.facts = replace(self.facts, joined=False, caught_up=False, polling=False, failures=OFFLINE_AFTER)
        self._say(phase=link_phase(self.facts), next_try_at=None, outbox_damaged=True)

    def _say(self, **values: Any) -> None:
        new = replace(self.state, **values)
        if (new.phase in _CONNECTED) != (self.state.phase in _CONNECTED):
            new = replace(new, offline_since=None if new.phase in _CONNECTED else self._clock.moment())
        elif new.phase not in _CONNECTED and new.offline_since is None:
            new = replace(new, offline_since=self._clock.moment())
        if new != self.state:
            self.state = new
            self._changes.link_changed(new)
