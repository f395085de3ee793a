"""What must be known before a request can be answered: who is signed in, and which booking is meant."""

from desktop.handover.requests import Outcome
from desktop.handover.watch import Watch
from desktop.state.lines import Me
from desktop.sync.desk import Desk

FIRST_MEETING = 20.0
"""Seconds a first sign-in and a first snapshot may take."""
LOOKING_FURTHER = 10.0
"""Seconds in which the server may still tell of a booking that is not held here."""
REACHES_NOBODY = frozenset({"offline", "work_offline", "signed_out"})
"""Phases of the link in which waiting for the server's word is waiting in vain."""
_NOBODY = (
    "Nobody is signed in with this profile. Sign in once with the window (fieldline), or set FIELDLINE_EMAIL and "
    "FIELDLINE_PASSWORD; the first time that needs the network."
)
_NO_SERVER = "No server is known yet. Say which: fieldline --server URL, or FIELDLINE_SERVER."
_FIRST_TIME = (
    "This profile has never met its server, so there is nothing to work on yet. Connect once, "
    "then run: fieldline sync --once."
)


class NotNow(Exception):
    """The request cannot be answered; the text is a sentence for a person."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome: Outcome = outcome


async def somebody(desk: Desk, watch: Watch, seconds: float = FIRST_MEETING) -> Me:
    """Whoever is signed in, or was last: what they write is theirs. Raises NotNow."""
    if desk.me is None:
        if not desk.session.may_sign_in_alone:
            raise NotNow("sign_in", _NOBODY)
        if not desk.parts.http.server_url:
            raise NotNow("sign_in", _NO_SERVER)
    over = {"sign_in_refused", "first_start_offline"}
    await watch.until(lambda: desk.sight is not None or desk.link.disk_full or watch.notices & over, seconds)
    me = desk.sight
    if me is None and "sign_in_refused" in watch.notices:
        raise NotNow("sign_in", "The server does not take FIELDLINE_EMAIL and FIELDLINE_PASSWORD.")
    if me is None and desk.link.disk_full:
        raise NotNow("disk_full", "The disk takes no more: the sign-in cannot be kept. Free some space and try again.")
    if me is None:
        raise NotNow("sign_in", f"The server cannot be reached for the first sign-in. {_FIRST_TIME}")
    return me


async def booking_of(desk: Desk, watch: Watch, named: str) -> str:
    """The id of the booking with this id or code, looked for at the server too while that can be had. Raises NotNow."""

    def found() -> str | None:
        return desk.reader.find_booking(named)

    def settled() -> bool:
        return found() is not None or desk.parts.link.is_live or desk.link.phase in REACHES_NOBODY

    first_time = desk.feed.position.epoch is None
    if found() is None:
        await watch.until(settled, FIRST_MEETING if first_time else LOOKING_FURTHER)
    booking_id = found()
    if booking_id is not None:
        return booking_id
    if desk.feed.position.epoch is None:
        raise NotNow("not_yet", _FIRST_TIME)
    if desk.parts.link.is_live:
        raise NotNow("refused", f"There is no booking {named} that you may see.")
    raise NotNow("not_yet", f"{named} is not held here, and the server cannot be asked now.")
