"""Seed E: RealtimeChatService, on its own tables. New sessions, lines shown before they are stored, a queue while
offline, the first answer that takes a session, who is here, what is unread."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import httpx
from realtime import AsyncRealtimeChannel
from realtime.types import RealtimeSubscribeStates
from supabase import AsyncClient, PostgrestAPIError


class Seed:
    def __init__(
        self,
        client: AsyncClient,
        start: Callable[[Coroutine[Any, Any, Any]], object],
        me: str,
        tab: str,
        name: str,
        agent: bool = False,
    ) -> None:
        """`start` runs what a callback begins."""
        self._client = client
        self._start = start
        self._me = me
        self._tab = tab
        self._name = name
        self._agent = agent
        self._session = ""
        self._messages: dict[str, dict[str, Any]] = {}
        self._queue: list[dict[str, Any]] = []
        self._channels: list[AsyncRealtimeChannel] = []
        self._seen: dict[str, Any] = {
            "online": True,
            "ready": False,
            "status": None,
            "agent": None,
            "sessions": [],
            "here": [],
        }

    async def begin(self) -> None:
        sessions = self._client.channel("live-sessions").on_postgres_changes(
            "INSERT",
            lambda change: self._seen["sessions"].append(change["data"]["record"]["id"]),
            schema="public",
            table="live_chat_sessions",
        )
        self._channels.append(sessions)
        await sessions.subscribe(lambda status, error: self._seen.update(ready=_subscribed(status)))

    async def open(self, email: str) -> Any:
        who = {"user_id": self._me, "user_name": self._name, "user_email": email}
        row = who | {"status": "waiting", "rating": None, "feedback": None}
        return (await self._sessions().insert(row).select().single().execute()).data

    async def join(self, session: str) -> None:
        self._session = session
        lines = self._client.channel(f"messages-{session}").on_postgres_changes(
            "INSERT",
            lambda change: self._add(change["data"]["record"]),
            schema="public",
            table="chat_messages",
            filter=f"session_id=eq.{session}",
        )
        own = self._client.channel(f"session-{session}", {"config": {"presence": {"key": self._tab}}})
        own.on_postgres_changes(
            "UPDATE", self._changed, schema="public", table="live_chat_sessions", filter=f"id=eq.{session}"
        )
        own.on_presence_sync(lambda: self._seen.update(here=sorted(own.presence_state())))
        self._channels += [lines, own]
        await lines.subscribe(self._told_of_lines)
        await own.subscribe(lambda status, error: self._appear(own) if _subscribed(status) else None)

    async def send(self, id: str, text: str) -> dict[str, Any]:
        role = "agent" if self._agent else "user"
        sender = {"sender_id": self._me, "is_agent": self._agent, "sender_role": role, "sender_name": self._name}
        message = {"id": id, "session_id": self._session, **sender, "message": text, "is_read": False}
        self._add(message)
        if self._agent:
            await self._take_if_nobody_has()
        return await self._store(message)

    async def history(self) -> Any:
        inside = "user_email,chat_messages(message,is_agent,sender_role)"
        return (await self._sessions().select(inside).eq("id", self._session).single().execute()).data

    async def unread(self) -> int | None:
        lines = self._client.table("chat_messages").select("id", count="exact", head=True)
        return (await self._of_others(lines).execute()).count

    async def mark_read(self) -> None:
        await self._of_others(self._client.table("chat_messages").update({"is_read": True})).execute()

    async def end(self) -> Any:
        return await self._change({"status": "ended", "ended_at": datetime.now(UTC).isoformat()})

    async def rate(self, **given: Any) -> Any:
        return await self._change(given)

    def state(self) -> dict[str, Any]:
        texts = [message["message"] for message in self._messages.values()]
        return self._seen | {"queued": len(self._queue), "texts": texts}

    async def stop(self) -> None:
        for channel in self._channels:
            await channel.unsubscribe()

    def _sessions(self) -> Any:
        return self._client.table("live_chat_sessions")

    def _of_others(self, lines: Any) -> Any:
        return lines.eq("session_id", self._session).eq("is_agent", not self._agent).eq("is_read", False)

    def _add(self, message: dict[str, Any]) -> None:
        self._messages.setdefault(message["id"], message)

    def _changed(self, change: Any) -> None:
        row = change["data"]["record"]
        self._seen |= {"status": row["status"], "agent": row["agent_id"], "rating": row["rating"]}
        self._seen["ended"] = row["ended_at"] is not None

    def _appear(self, own: AsyncRealtimeChannel) -> None:
        self._start(own.track({"online": True}))

    def _told_of_lines(self, status: RealtimeSubscribeStates, error: Exception | None) -> None:
        self._seen["online"] = _subscribed(status)
        if self._seen["online"]:
            self._start(self._flush())

    async def _flush(self) -> None:
        waiting, self._queue = self._queue, []
        for message in waiting:
            await self._store(message)

    async def _store(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            stored = await self._client.table("chat_messages").insert(message).select().single().execute()
        except (PostgrestAPIError, httpx.TransportError) as error:
            self._queue.append(message)
            return {"success": False, "error": str(error)}
        return {"success": True, "messageId": stored.data["id"]}

    async def _take_if_nobody_has(self) -> None:
        found = await self._sessions().select("agent_id").eq("id", self._session).single().execute()
        if found.data["agent_id"] is None:
            assigned = datetime.now(UTC).isoformat()
            await self._change({"agent_id": self._me, "status": "active", "assigned_at": assigned})

    async def _change(self, values: dict[str, Any]) -> Any:
        return (await self._sessions().update(values).eq("id", self._session).select().single().execute()).data


def _subscribed(status: RealtimeSubscribeStates) -> bool:
    return status is RealtimeSubscribeStates.SUBSCRIBED
