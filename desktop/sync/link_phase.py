"""One word for the state of the connection, from the facts alone, and what each event does to the facts.

docs/states.md has the whole table, phase by event; tests/faults/tables holds this file to it, cell by cell.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from desktop.state.lines import LinkPhase

OFFLINE_AFTER = 3
"""Failures in a row after which "reconnecting" would be hope."""
POLL_AFTER = 2
"""Failures in a row of the socket after which HTTP is tried in its place."""

LinkEvent = Literal[
    "signed_in",
    "signed_out",
    "work_offline",
    "work_online",
    "attempt",
    "joined",
    "joined_behind",
    "caught_up",
    "fell_behind",
    "lost",
    "failed",
    "polled",
    "not_polled",
]
LINK_EVENTS: tuple[LinkEvent, ...] = get_args(LinkEvent)
LINK_PHASES: tuple[LinkPhase, ...] = get_args(LinkPhase)


@dataclass(frozen=True, slots=True)
class LinkFacts:
    signed_in: bool = False
    work_offline: bool = False
    joined: bool = False
    """The socket is joined to the feed."""
    caught_up: bool = False
    """The position had reached the head when that was last known. Only a joined socket can be."""
    polling: bool = False
    """No socket, but the newest request over HTTP was answered."""
    failures: int = 0
    """Attempts in a row that reached nobody, counted up to OFFLINE_AFTER."""
    was_joined: bool = False
    """Since this person signed in."""
    trying: bool = False
    """An attempt is under way, or has been made."""

    @property
    def wants_link(self) -> bool:
        """Whether any connection is wanted at all. What comes while none is, came too late and counts for nothing."""
        return self.signed_in and not self.work_offline

    @property
    def may_poll(self) -> bool:
        """Whether HTTP should stand in for a socket that cannot be had."""
        return self.wants_link and not self.joined and self.failures >= POLL_AFTER


def link_phase(facts: LinkFacts) -> LinkPhase:
    if facts.work_offline:
        return "work_offline"
    if not facts.signed_in:
        return "signed_out"
    if facts.joined:
        return "live" if facts.caught_up else "behind"
    if facts.polling:
        return "polling"
    if facts.failures >= OFFLINE_AFTER or (facts.failures > 0 and not facts.was_joined):
        return "offline"
    if facts.was_joined:
        return "reconnecting"
    return "connecting" if facts.trying else "starting"


def after(facts: LinkFacts, event: LinkEvent) -> LinkFacts:
    """The facts once `event` is known. Every event may come at any time; one that does not fit changes nothing."""
    match event:
        case "signed_in":
            return replace(facts, signed_in=True)
        case "signed_out":
            return LinkFacts(work_offline=facts.work_offline)
        case "work_offline":
            return replace(facts, work_offline=True, joined=False, caught_up=False, polling=False)
        case "work_online":
            return replace(facts, work_offline=False)
        case "lost":
            return replace(facts, joined=False, caught_up=False)
        case "not_polled":
            return replace(facts, polling=False)
        case _ if not facts.wants_link:
            return facts
        case "attempt":
            return replace(facts, trying=True)
        case "failed":
            return facts if facts.joined else replace(facts, failures=min(facts.failures + 1, OFFLINE_AFTER))
        case "polled":
            return replace(facts, polling=True) if facts.may_poll else facts
        case _:
            return _of_socket(facts, event)


def _of_socket(facts: LinkFacts, event: LinkEvent) -> LinkFacts:
    """A socket has joined, or a joined one has come nearer to the head or fallen behind it."""
    caught_up = event in {"joined", "caught_up"}
    if event in {"joined", "joined_behind"}:
        return replace(facts, joined=True, caught_up=caught_up, trying=True, failures=0, was_joined=True, polling=False)
    return replace(facts, caught_up=caught_up) if facts.joined else facts
