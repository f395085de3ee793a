"""Puts the engine together: store, network and tasks, for the window, for tests and for scripts alike. No Qt."""

import asyncio
from collections.abc import Mapping

import structlog

from contract.workflow import Workflow
from desktop.config import DesktopConfig
from desktop.network.errors import NetworkError, Refused
from desktop.network.http import ServerHttp
from desktop.network.line import Line
from desktop.state.changes import Changes
from desktop.state.lines import LinkState, Me
from desktop.store.cache_reader import CacheReader
from desktop.store.cache_worker import CacheWorker
from desktop.store.errors import Damaged, DiskFull, OutboxDamaged, Unavailable
from desktop.store.outbox_store import OutboxStore
from desktop.store.profile import Profile, open_profile
from desktop.sync.acknowledgements import Acknowledgements
from desktop.sync.aftermath import Aftermath
from desktop.sync.audit import Audit
from desktop.sync.backoff import Backoff
from desktop.sync.cache_care import CacheCare
from desktop.sync.clock import Clock
from desktop.sync.companionship import Companionship
from desktop.sync.connection import Connection
from desktop.sync.feed import Feed
from desktop.sync.link_status import LinkStatus
from desktop.sync.older_pages import OlderPages
from desktop.sync.outbox_care import OutboxCare
from desktop.sync.outbox_sender import OutboxSender
from desktop.sync.parts import Parts
from desktop.sync.poke import Poke
from desktop.sync.polling import Polling
from desktop.sync.room_watch import RoomWatch
from desktop.sync.session import Session
from desktop.sync.sleep_watch import SleepWatch
from desktop.sync.troubles import Troubles
from desktop.sync.workflow_book import WorkflowBook

log = structlog.get_logger()


def build_desk(config: DesktopConfig, changes: Changes, clock: Clock | None = None, line: Line | None = None) -> "Desk":
    """Opens the profile from disk; the network is not touched before run(). Raises ProfileInUse, ProfileUnusable."""
    clock = clock or Clock()
    profile = open_profile(config.profile_dir, clock.wall)
    try:
        http = ServerHttp(profile.server_url(config.server_url), config.times.request, line)
        link = LinkStatus(changes, clock, profile.reader.position())
        session = Session(http, profile.outbox, changes, clock, config)
        device_id = profile.device_id()
        return Desk(Parts(http, session, profile, changes, link, clock, config.times, device_id, config.system_bus))
    except BaseException:
        profile.close()
        raise


class Desk:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._profile: Profile = parts.profile
        self.changes: Changes = parts.changes
        self.session: Session = parts.session
        self.outbox: OutboxStore = parts.profile.outbox
        self.reader: CacheReader = parts.profile.reader
        self.worker: CacheWorker = parts.profile.worker
        self.feed = Feed(parts, Aftermath(parts))
        self.companionship = Companionship(parts)
        self.acknowledgements = Acknowledgements(parts, self.feed)
        self._book = WorkflowBook(parts)
        self._troubles = Troubles(parts)
        self._care = CacheCare(parts, self._troubles)
        self.older = OlderPages(parts, self._troubles)
        passengers = (self.acknowledgements, self.companionship, self._book)
        self.connection = Connection(parts, self.feed, self._troubles, passengers, self._book.have_some)
        self.sender = OutboxSender(parts, self.feed, self.connection)
        self.polling = Polling(parts, self.feed, self.connection, self._troubles, self._book)
        self._audit = Audit(parts, self.feed, self._troubles)
        self._room = RoomWatch(parts)
        self._sleep_watch = SleepWatch(parts, self.connection.leave, self._on_wake)
        self._stopping = asyncio.Event()
        self._arrival = Poke()
        self.outbox_care = OutboxCare(parts, self.stop)
        self._told_empty = False
        self._phase = self.link.phase
        self.reader.on_damage, self._troubles.on_rebuilt = self._care.found, self._fill_anew
        self.reader.on_outbox_damage = self.outbox_care.found
        parts.link.counted(self.outbox.counts())
        parts.link.happened("signed_in" if self.session.signed_in else "signed_out")

    # --- what is --------------------------------------------------------------------------------------------------

    @property
    def link(self) -> LinkState:
        return self._parts.link.state

    @property
    def me(self) -> Me | None:
        return self.session.me

    @property
    def sight(self) -> Me | None:
        """Whose eyes the cache is read with: nobody's, while it still holds what another person may see."""
        return self.me if self.me is not None and self.feed.owner_id in {None, self.me.user_id} else None

    @property
    def workflows(self) -> Mapping[str, Workflow]:
        """By name, as the server last told."""
        return self.reader.workflows

    @property
    def work_offline(self) -> bool:
        return self._parts.link.facts.work_offline

    @property
    def parts(self) -> Parts:
        """For what is built on the desk: the intents."""
        return self._parts

    # --- what to do ---------------------------------------------------------------------------------------------------

    async def sign_in(self, email: str, password: str) -> None:
        """Raises Unreachable, Refused, ContractBroken, DiskFull, Unavailable; nothing has changed then. Whoever was
        signed in before is not any more: their socket goes with them, and their session ends at the server too."""
        replaced = await self.session.sign_in(email, password)
        self.connection.part()
        await self._room.now_or_later(self._hand_on_cache)
        await self.session.end_at_server(replaced)

    async def sign_out(self, *, force: bool = False) -> None:
        """Raises UnsentWork unless `force`, and DiskFull, Unavailable: nothing has changed then. The cache is emptied;
        the outbox keeps what is unsent for its author."""
        left = self.session.sign_out(force=force)
        await self._room.now_or_later(self._hand_on_cache)
        await self.session.end_at_server(left)

    async def _hand_on_cache(self) -> None:
        """However long that takes, nobody sees another's (see sight). Raises DiskFull, Unavailable."""
        try:
            await self.feed.belong_to(self.me)
        except Damaged as error:
            # A new one is nobody's yet, and holds nothing.
            if await self._troubles.meet(error):
                raise Unavailable("a damaged cache, and no room for another") from error

    def set_open(self, booking_id: str | None) -> None:
        """The conversation in front, or none."""
        self.companionship.set_open(booking_id)
        self.polling.chat_open = booking_id is not None
        self.polling.stir()

    def set_work_offline(self, on: bool) -> None:
        self._parts.link.happened("work_offline" if on else "work_online")
        self.try_now()

    def try_now(self) -> None:
        """Someone asks for it, or the network has changed: no waiting time counts any more."""
        self.session.try_again()
        if self.connection.joined is None or self.work_offline:
            self.connection.drop()
        self.polling.stir()
        self.sender.poke()

    # --- life ---------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """All tasks, until stop(). Trouble with the network or a full disk never ends it. A damaged outbox does, and
        is told of."""
        stop_listening = self.changes.listen(session=self._on_session, link=self._on_link, outbox=self._on_outbox)
        self.tell_of_opening()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(task)
                    for task in (
                        self.connection.run(),
                        self.sender.run(),
                        self.polling.run(),
                        self.older.run(),
                        self._audit.run(),
                        self.session.keep_fresh(),
                        self._sleep_watch.run(),
                        self._room.run(),
                        self._arrive(),
                        self._care.look_through(),
                        self._care.mend(),
                        self.outbox_care.back_up(),
                    )
                ]
                await self._stopping.wait()
                self._profile.closing.set()
                for task in tasks:
                    task.cancel()
        except* OutboxDamaged as damage:
            self.outbox_care.found(_first_of(damage))
        finally:
            stop_listening()
            self.outbox_care.tell()
            await self._parts.http.close()

    def tell_of_opening(self) -> None:
        """What a person must know of how the files were found; where nobody hears, it is kept for who comes."""
        if not self.changes.notices_are_heard:
            return
        for key, values in self._profile.notices:
            self.changes.notice(key, **values)
        try:
            self._profile.told()
        except (DiskFull, Unavailable) as error:
            log.warning("a notice will be given again", why=str(error))

    def stop(self) -> None:
        """run() returns soon."""
        self._stopping.set()

    def close(self) -> None:
        """After run() has returned: frees the files and the profile's lock."""
        self._profile.close()

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _arrive(self) -> None:
        """Signs in with the settings' email and password, for as long as nobody is signed in."""
        backoff = Backoff(self._parts.times.backoff_first, self._parts.times.backoff_cap)
        while self.session.may_sign_in_alone and self._parts.http.server_url:
            if self.session.signed_in:
                await self._arrival.wait()
                continue
            try:
                await self.session.sign_in_alone()
            except Refused as error:
                self.changes.notice("sign_in_refused", why=error.message)
                return
            except NetworkError as error:
                log.info("cannot sign in yet", why=str(error))
                self._tell_if_empty()
                await self._arrival.wait(backoff.failed())
            except (DiskFull, Unavailable) as error:
                await self._arrival.wait(await self._troubles.meet(error))

    def _fill_anew(self) -> None:
        """The cache is another, with nothing in it: whoever is joined joins again."""
        self.feed.reread()
        if self.connection.joined is not None:
            self.connection.drop()
        self.polling.stir()

    def _on_session(self, me: Me | None) -> None:
        self._parts.link.happened("signed_in" if self.session.signed_in else "signed_out")
        self._parts.link.counted(self.outbox.counts())
        self.connection.stir()
        self.polling.stir()
        self.sender.poke()
        if not self.session.signed_in:
            self.connection.part()
            self._arrival()

    def _on_outbox(self) -> None:
        self._parts.link.counted(self.outbox.counts())
        self.outbox_care.changed()

    def _on_link(self, link: LinkState) -> None:
        self.sender.rehearsal.note(live=self._parts.link.is_live)
        if link.phase == "offline":
            self._tell_if_empty()
        was, self._phase = self._phase, link.phase
        # Once: each further failure is told too, and polling keeps a pace of its own.
        if link.phase != was and link.phase in {"reconnecting", "offline"}:
            self.polling.stir()

    async def _on_wake(self, slept: float) -> None:
        log.info("woke up", slept=round(slept))
        self.session.try_again()
        self.connection.drop()
        self.polling.stir()
        await self._parts.http.forget_connections()

    def _tell_if_empty(self) -> None:
        """A first start without a network has nothing to show, and must say why."""
        if not self._told_empty and self.feed.position.epoch is None:
            self._told_empty = True
            self.changes.notice("first_start_offline")


def _first_of(group: BaseExceptionGroup[OutboxDamaged]) -> OutboxDamaged:
    first = group.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
