"""Seed D: useRealtimeSync, by role: patients hear of their own appointments, the practice and its chatbot of all."""

from typing import Any

from realtime.types import ChannelStates
from supabase import AsyncClient


class Seed:
    def __init__(self, client: AsyncClient, start: Any, user: str, role: str) -> None:
        self._client = client
        self._heard: dict[str, list[Any]] = {"created": [], "updated": []}
        whose = {"filter": f"customer_id=eq.{user}"} if role == "patient" else {}
        binding = {"schema": "public", "table": "bookings"} | whose
        self._appointments = (
            client.channel(f"appointments:{role}:{user}")
            .on_postgres_changes("INSERT", self._created, **binding)
            .on_postgres_changes("UPDATE", self._updated, **binding)
        )

    async def begin(self) -> None:
        await self._appointments.subscribe()

    async def book(self, **row: Any) -> Any:
        """A patient books through the chatbot's form."""
        return (await self._client.table("bookings").insert(row).select().single().execute()).data

    def state(self) -> dict[str, Any]:
        return self._heard | {"ready": self._appointments.state is ChannelStates.JOINED}

    async def stop(self) -> None:
        await self._appointments.unsubscribe()

    def _created(self, change: Any) -> None:
        self._heard["created"].append(change["data"]["record"]["id"])

    def _updated(self, change: Any) -> None:
        new, old = change["data"]["record"], change["data"]["old_record"]
        self._heard["updated"].append([new["id"], old["status"], new["status"]])
