"""Seeds A and B: the hook both chats use. Loads, listens to lines and status, shows what it sends at once, retries."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
from realtime.types import RealtimeSubscribeStates
from supabase import AsyncClient, PostgrestAPIError


class Seed:
    def __init__(
        self, client: AsyncClient, start: Callable[[Coroutine[Any, Any, None]], None], booking: str, tries: int = 8
    ) -> None:
        """`start` runs what a callback begins."""
        self._client = client
        self._start = start
        self._booking = booking
        self._tries = tries
        self._shown: dict[str, dict[str, Any]] = {}
        self._seen: dict[str, Any] = {"status": None, "connection": "connecting"}
        self._lines = client.channel(f"messages:{booking}").on_postgres_changes(
            "INSERT",
            lambda change: self._show(change["data"]["record"]),
            schema="public",
            table="messages",
            filter=f"booking_id=eq.{booking}",
        )
        self._statuses = client.channel(f"booking-status:{booking}").on_postgres_changes(
            "UPDATE",
            lambda change: self._seen.update(status=change["data"]["record"]["status"]),
            schema="public",
            table="bookings",
            filter=f"id=eq.{booking}",
        )

    async def begin(self) -> None:
        await self._lines.subscribe(self._told)
        await self._statuses.subscribe()

    async def send(self, id: str, text: str) -> str:
        message = {"id": id, "booking_id": self._booking, "sender_type": "client", "message": text}
        self._shown[id] = message | {"delivery": "sending"}
        for attempt in range(self._tries):
            try:
                stored = await self._client.table("messages").insert(message).execute()
            except (PostgrestAPIError, httpx.TransportError):
                await asyncio.sleep(0.25 * 2**attempt)
            else:
                self._show(stored.data[0])
                return "delivered"
        self._shown[id]["delivery"] = "failed"
        return "failed"

    def state(self) -> dict[str, Any]:
        return self._seen | {"messages": list(self._shown.values())}

    async def stop(self) -> None:
        await self._lines.unsubscribe()
        await self._statuses.unsubscribe()

    def _told(self, status: RealtimeSubscribeStates, error: Exception | None) -> None:
        connected = status is RealtimeSubscribeStates.SUBSCRIBED
        self._seen["connection"] = "connected" if connected else "disconnected"
        if connected:
            self._start(self._load())  # what was missed meanwhile

    async def _load(self) -> None:
        messages = self._client.table("messages").select("*").eq("booking_id", self._booking).order("created_at")
        for message in (await messages.execute()).data:
            self._show(message)
        found = await self._client.table("bookings").select("status").eq("id", self._booking).single().execute()
        self._seen["status"] = found.data["status"]

    def _show(self, message: dict[str, Any]) -> None:
        self._shown[message["id"]] = message | {"delivery": "delivered"}
