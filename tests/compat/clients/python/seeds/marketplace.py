"""Seed C: technicians see jobs as they come and bid; the customer sees the bids and takes one."""

from typing import Any

from realtime import AsyncRealtimeChannel
from realtime.types import ChannelStates
from supabase import AsyncClient


class Seed:
    def __init__(self, client: AsyncClient, start: Any, booking: str | None) -> None:
        self._client = client
        self._booking = booking
        self._jobs: list[str] = []
        self._bids: dict[str, Any] = {}
        self._channels: list[AsyncRealtimeChannel] = []

    async def begin(self) -> None:
        offers = self._client.channel("public:bookings").on_postgres_changes(
            "INSERT",
            lambda change: self._jobs.append(change["data"]["record"]["id"]),
            schema="public",
            table="bookings",
            filter="status=eq.pending",
        )
        self._channels.append(offers)
        await offers.subscribe()
        if self._booking is not None:
            await self.watch(self._booking)

    async def watch(self, id: str) -> None:
        bids = self._client.channel(f"bids:{id}").on_postgres_changes(
            "*", self._bid_changed, schema="public", table="bids", filter=f"booking_id=eq.{id}"
        )
        self._channels.append(bids)
        await bids.subscribe()

    async def bid(self, **row: Any) -> Any:
        return (await self._client.table("bids").insert(row).select().single().execute()).data

    async def accept(self, id: str) -> Any:
        return (await self._client.table("bids").update({"status": "accepted"}).eq("id", id).select().execute()).data

    def state(self) -> dict[str, Any]:
        ready = all(channel.state is ChannelStates.JOINED for channel in self._channels)
        return {"jobs": self._jobs, "bids": list(self._bids.values()), "ready": ready}

    async def stop(self) -> None:
        for channel in self._channels:
            await channel.unsubscribe()

    def _bid_changed(self, change: Any) -> None:
        row = change["data"]["record"]
        self._bids[row["id"]] = row
