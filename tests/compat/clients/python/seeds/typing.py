"""Seed C, 8.3: who types, by presence."""

from typing import Any

from realtime.types import ChannelStates
from supabase import AsyncClient


class Seed:
    def __init__(self, client: AsyncClient, start: Any, booking: str, user: str) -> None:
        self._user = user
        self._typing: list[str] = []
        self._channel = client.channel(f"typing:{booking}").on_presence_sync(self._look)

    async def begin(self) -> None:
        await self._channel.subscribe()

    async def type(self, on: bool) -> None:
        await self._channel.track({"user_id": self._user, "typing": on})

    def state(self) -> dict[str, Any]:
        return {"typing": list(dict.fromkeys(self._typing)), "ready": self._channel.state is ChannelStates.JOINED}

    async def stop(self) -> None:
        await self._channel.unsubscribe()

    def _look(self) -> None:
        present: Any = [one for all_of_key in self._channel.presence_state().values() for one in all_of_key]
        self._typing = [one["user_id"] for one in present if one.get("typing")]
