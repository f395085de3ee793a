"""The truth about the connection in words: the badge's sentence and the banners that follow from a LinkState."""

import time
from dataclasses import dataclass

from desktop.state.lines import LinkState
from desktop.widgets.moments import Moments
from desktop.widgets.words import Words

CLOCK_TOLERANCE_MS = 120_000
_WITHOUT_DATA = {
    "starting": "link.starting",
    "connecting": "link.connecting_first",
    "reconnecting": "link.reconnecting_first",
    "signed_out": "link.signed_out_first",
}


@dataclass(frozen=True, slots=True)
class Banner:
    """One sentence across the window. `actions` are names; their words are `banner.<name>`."""

    tone: str
    text: str
    actions: tuple[str, ...] = ()
    urgent: bool = False
    """Announced at once rather than when the reader pauses."""
    picture: str = "info"
    """The icon before it."""


class LinkWords:
    def __init__(self, words: Words, moments: Moments) -> None:
        self._words = words
        self._moments = moments

    def badge(self, link: LinkState) -> str:
        """Phase, evidence, age: `Live · 41 ms · #88213`, `Offline · data as of 14:02 (6 min)`."""
        words, cursor = self._words, self._words.left_to_right(f"#{link.cursor}")
        if link.phase == "live":
            if link.latency_ms is None:
                return words("link.live_plain", cursor=cursor)
            return words("link.live_detail", latency=max(1, round(link.latency_ms)), cursor=cursor)
        if link.phase == "behind":
            return words("link.behind", count=max(1, link.head - link.cursor))
        if link.phase == "starting" or link.as_of is None:
            return words(_WITHOUT_DATA.get(link.phase, "link.offline_first"))
        time_text, age = self._moments.when(link.as_of), self._moments.age(link.as_of)
        return words(f"link.{link.phase}", time=time_text, age=age)

    def tooltip(self, link: LinkState) -> str:
        latency = "–" if link.latency_ms is None else round(link.latency_ms)
        return self._words("link.tooltip", cursor=link.cursor, head=link.head, latency=latency)

    def banners(self, link: LinkState) -> list[Banner]:
        """What must be said, the gravest first (console features 5.3)."""
        words, found = self._words, []
        if link.outbox_damaged:  # whatever else there is, nothing can be done about it before the next start
            return [Banner("red", words("banner.outbox_damaged"), urgent=True, picture="hard-drive")]
        if link.disk_full:
            found.append(Banner("red", words("banner.disk_full"), urgent=True, picture="hard-drive"))
        if link.phase == "signed_out":
            text = self._joined(words("banner.signed_out"), words("banner.safe", count=link.queued))
            found.append(Banner("amber", text, ("sign_in",), urgent=True, picture="lock"))
        if link.decisions:
            text = words("banner.conflicts", count=link.decisions)
            found.append(Banner("red", text, ("review",), urgent=True, picture="git-compare-arrows"))
        connection = self._connection(link)
        if connection is not None:
            found.append(connection)
        if abs(link.clock_offset_ms) > CLOCK_TOLERANCE_MS:
            minutes = max(1, round(abs(link.clock_offset_ms) / 60_000))
            found.append(Banner("amber", words("banner.clock", count=minutes), picture="clock-alert"))
        return found

    def _connection(self, link: LinkState) -> Banner | None:
        words = self._words
        if link.phase == "work_offline":
            return Banner("amber", words("banner.work_offline"), ("go_online",), picture="cloud-off")
        if link.phase == "offline":
            return self._offline(link)
        if link.phase == "reconnecting":
            left = (link.next_try_at or 0.0) - time.monotonic()
            seconds = max(1, round(left))
            head = words("banner.reconnecting", seconds=seconds) if left > 0 else words("banner.reconnecting_now")
            text = self._joined(head, words("banner.keep_working", count=link.queued))
            return Banner("blue", text, ("try_now",), picture="refresh-cw")
        if link.phase == "polling":
            return Banner("blue", words("banner.polling"), picture="refresh-cw")
        return None

    def _offline(self, link: LinkState) -> Banner:
        """Since when, how old what is shown is, and what waits."""
        since = link.offline_since or link.as_of
        said = self._words(
            "banner.offline" if link.as_of else "banner.offline_first",
            since=self._moments.when(since) if since else "–",
            time=self._moments.when(link.as_of) if link.as_of else "–",
        )
        text = self._joined(said, self._words("banner.queued", count=link.queued))
        actions = ("try_now", "outbox", "go_offline") if link.queued else ("try_now", "go_offline")
        return Banner("amber", text, actions, picture="wifi-off")

    def _joined(self, *parts: str) -> str:
        return " ".join(part for part in parts if part)


def is_online(link: LinkState) -> bool:
    """Whether what is sent now goes out now."""
    return link.phase in ("live", "behind", "polling")
