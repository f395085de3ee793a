"""Seed C: one service for the whole app, one channel a name, a health check that reconnects, all begun anew when the
token was refreshed. Around it the components: a tracker, a chat, a list of bids and a bell."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from realtime import AsyncRealtimeChannel
from realtime.types import RealtimeSubscribeStates
from supabase import AsyncClient

Heard = Callable[[Any], None]
Unsubscribe = Callable[[], Awaitable[None]]


class RealtimeService:
    def __init__(self, client: AsyncClient, every: float) -> None:
        self._client = client
        self._every = every
        self.channels: dict[str, AsyncRealtimeChannel] = {}
        self._subscriptions: dict[str, Unsubscribe] = {}
        self.is_connected = False
        self.joins = 0

    async def check_health(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            if not self.is_connected:
                await self._client.realtime.close()
                await self._client.realtime.connect()
                self.is_connected = True

    async def subscribe(self, name: str, event: str, callback: Heard, **binding: str) -> Unsubscribe:
        if name in self.channels:
            return self._subscriptions[name]
        channel = self._client.channel(name).on_postgres_changes(event, callback, schema="public", **binding)

        def told(status: RealtimeSubscribeStates, error: Exception | None) -> None:
            if self.channels.get(name) is not channel:
                return
            if status is RealtimeSubscribeStates.SUBSCRIBED:
                self.is_connected = True
                self.joins += 1
            elif status in (RealtimeSubscribeStates.CLOSED, RealtimeSubscribeStates.CHANNEL_ERROR):
                self.is_connected = False

        async def unsubscribe() -> None:
            del self.channels[name], self._subscriptions[name]
            await channel.unsubscribe()

        self.channels[name], self._subscriptions[name] = channel, unsubscribe
        await channel.subscribe(told)
        return unsubscribe

    async def subscribe_to_bookings(self, callback: Heard) -> Unsubscribe:
        return await self.subscribe("public:bookings", "*", callback, table="bookings")

    async def subscribe_to_technicians(self, callback: Heard) -> Unsubscribe:
        return await self.subscribe("public:technicians", "*", callback, table="technicians")

    async def subscribe_to_notifications(self, user: str, callback: Heard) -> Unsubscribe:
        mine = f"user_id=eq.{user}"
        return await self.subscribe(
            f"user:{user}:notifications", "INSERT", callback, table="notifications", filter=mine
        )

    async def subscribe_to_chat(self, booking: str, callback: Heard) -> Unsubscribe:
        its = f"booking_id=eq.{booking}"
        return await self.subscribe(f"chat:{booking}", "INSERT", callback, table="messages", filter=its)

    async def subscribe_to_bids(self, booking: str, callback: Heard) -> Unsubscribe:
        its = f"booking_id=eq.{booking}"
        return await self.subscribe(f"bids:{booking}", "*", callback, table="bids", filter=its)

    async def refresh_all_connections(self) -> None:
        """With the socket: on one that stays, this client takes the end of a channel for its successor's."""
        self.channels.clear()
        self._subscriptions.clear()
        await self._client.remove_all_channels()

    async def cleanup(self) -> None:
        await self.refresh_all_connections()
        self.is_connected = False


class Seed:
    def __init__(
        self,
        client: AsyncClient,
        start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        booking: str,
        user: str,
        every: int,
    ) -> None:
        """`start` runs what a callback begins; `every`: milliseconds between two checks."""
        self._booking = booking
        self._user = user
        self._service = RealtimeService(client, every / 1_000)
        self._heard: dict[str, Any] = {"statuses": [], "texts": [], "bids": [], "bells": 0, "refreshed": 0}
        self._start = start
        self._check = start(self._service.check_health())
        client.auth.on_auth_state_change(self._auth_changed)

    async def begin(self) -> None:
        service = self._service
        await service.subscribe_to_bookings(self._booking_changed)
        await service.subscribe_to_technicians(lambda change: None)
        await service.subscribe_to_notifications(self._user, self._rang)
        await service.subscribe_to_chat(self._booking, self._said)
        await service.subscribe_to_bids(self._booking, self._bid)

    async def subscribed_twice(self) -> bool:
        first = await self._service.subscribe_to_chat(self._booking, lambda change: None)
        return first is await self._service.subscribe_to_chat(self._booking, lambda change: None)

    def state(self) -> dict[str, Any]:
        return self._heard | {
            "connected": self._service.is_connected,
            "joins": self._service.joins,
            "channels": {name: channel.state.value for name, channel in self._service.channels.items()},
        }

    async def stop(self) -> None:
        self._check.cancel()
        await self._service.cleanup()

    def _auth_changed(self, event: str, session: Any) -> None:
        if event == "SIGNED_OUT":
            self._check.cancel()
            self._start(self._service.cleanup())
        elif event == "TOKEN_REFRESHED":
            self._start(self._begin_anew())

    async def _begin_anew(self) -> None:
        await self._service.refresh_all_connections()
        self._heard["refreshed"] += 1
        await self.begin()

    def _booking_changed(self, change: Any) -> None:
        row = change["data"].get("record") or {}
        if row.get("id") == self._booking:
            self._heard["statuses"].append(row["status"])

    def _rang(self, change: Any) -> None:
        self._heard["bells"] += 1

    def _said(self, change: Any) -> None:
        row = change["data"]["record"]
        if row["kind"] == "text":
            self._heard["texts"].append(row["message"])

    def _bid(self, change: Any) -> None:
        self._heard["bids"].append([change["data"]["type"], change["data"]["record"]["status"]])
