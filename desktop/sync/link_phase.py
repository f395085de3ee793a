"""One word for the state of the connection, from the facts alone."""

from dataclasses import dataclass

from desktop.state.lines import LinkPhase

OFFLINE_AFTER = 3
"""Failures in a row after which "reconnecting" would be hope."""


@dataclass(frozen=True, slots=True)
class LinkFacts:
    signed_in: bool = False
    work_offline: bool = False
    joined: bool = False
    """The socket is joined to the feed."""
    caught_up: bool = False
    """The position had reached the head when that was last known."""
    polling: bool = False
    """No socket, but the newest request over HTTP was answered."""
    failures: int = 0
    """Attempts in a row that reached nobody."""
    was_joined: bool = False
    """In this run of the program."""
    trying: bool = False
    """An attempt is under way, or has been made."""


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
