"""Where no socket can be had: asks for changes over HTTP, often while a conversation is open, else now and then."""

from contract.feed import ReadMark, ReceiptsRequest
from desktop.network.errors import NetworkError
from desktop.network.http import ServerHead
from desktop.store.errors import StoreError
from desktop.sync.backoff import Backoff
from desktop.sync.connection import Connection
from desktop.sync.feed import Feed
from desktop.sync.parts import Parts
from desktop.sync.poke import Poke
from desktop.sync.troubles import Troubles
from desktop.sync.workflow_book import WorkflowBook


class Polling:
    def __init__(
        self, parts: Parts, feed: Feed, connection: Connection, troubles: Troubles, workflow_book: WorkflowBook
    ) -> None:
        self._http = parts.http
        self._session = parts.session
        self._outbox = parts.profile.outbox
        self._link = parts.link
        self._times = parts.times
        self._clock = parts.clock
        self._device_id = parts.device_id
        self._feed = feed
        self._connection = connection
        self._troubles = troubles
        self._workflow_book = workflow_book
        self._backoff = Backoff(parts.times.backoff_first, parts.times.backoff_cap)
        self._acknowledged: object = None
        self.chat_open = False
        """Whether a conversation is on the screen."""
        self.stir = Poke()
        """Poke it when the socket came or went, or a conversation was opened."""

    async def run(self) -> None:
        while True:
            if not self._is_needed():
                self._link.happened("not_polled")
                await self.stir.wait(self._times.poll_chat)
                continue
            wait = await self._poll()
            await self.stir.wait(wait)

    def _is_needed(self) -> bool:
        return self._session.signed_in and self._connection.joined is None and self._link.facts.may_poll

    async def _poll(self) -> float:
        """Returns the seconds until the next."""
        try:
            await self._feed.belong_to(self._session.me)
            if not self._link.facts.polling:
                await self._workflow_book.refresh()
                await self._read_clock_and_person()
            await self._feed.pull()
            self._feed.settle_history()
            await self._feed.finish_earlier_work()
            await self._acknowledge()
        except (NetworkError, StoreError) as error:
            self._link.happened("not_polled")
            least = await self._troubles.meet(error)
            return max(self._times.poll_chat, self._backoff.failed(least))
        self._backoff.reset()
        if self._is_needed():
            if not self._link.facts.polling:
                self._connection.hasten()
            self._link.at(self._feed.position, self._feed.head, self._link.server_moment())
            self._link.happened("polled")
        return self._times.poll_chat if self.chat_open else self._times.poll_lists

    async def _read_clock_and_person(self) -> None:
        """How far this computer's clock is off, before anything is sent, and whose the token is: no join tells here."""
        began, sent_at = self._clock.steady(), self._clock.wall()
        head = await self._session.authorised(self._ask_who)
        if head.server_ts is not None:
            self._link.answered(head.server_ts, sent_at, latency_s=self._clock.steady() - began)

    async def _ask_who(self, token: str) -> ServerHead:
        head = await self._http.me(token)
        if head.user is not None:
            self._session.refresh_me(head.user, token)
        return head

    async def _acknowledge(self) -> None:
        """The position makes "delivered", the marks make "read"; both are states, sent when they are news."""
        marks = self._outbox.marks.unconfirmed(self._outbox.author_id, self._feed.position.epoch)
        news = ReceiptsRequest(
            self._device_id,
            self._feed.position.seq,
            [ReadMark(booking_id, position) for booking_id, position in sorted(marks.items())],
        )
        whose = (self._outbox.author_id, self._feed.position.epoch, news)
        if whose != self._acknowledged:
            await self._session.authorised(lambda token: self._http.receipts(token, news))
            self._acknowledged = whose
