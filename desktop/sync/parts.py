"""What every task of the engine is given: the one set of parts that desk.py puts together."""

from dataclasses import dataclass

from desktop.config import SyncTimes
from desktop.network.http import ServerHttp
from desktop.state.changes import Changes
from desktop.store.profile import Profile
from desktop.sync.clock import Clock
from desktop.sync.link_status import LinkStatus
from desktop.sync.session import Session


@dataclass(frozen=True, slots=True)
class Parts:
    http: ServerHttp
    session: Session
    profile: Profile
    changes: Changes
    link: LinkStatus
    clock: Clock
    times: SyncTimes
    device_id: str
    """This profile's own."""
    system_bus: str | None
