"""A customer's own way in: the link, then the sync door over HTTP, as the page does when it has no socket."""

import asyncio
from typing import Any

import httpx
import msgspec

from contract.feed import Changes, FeedItem, ReadMark, ReceiptsRequest
from contract.ids import new_id
from contract.operations import Operation, SendMessage, write_payload
from contract.verdicts import OpsReply, OpsRequest, Verdict

_encode = msgspec.json.encode
PATIENCE = 10
"""Tries of one request while the server is away; the same operation each time."""


class CustomerDoor:
    """One customer's session on one booking. Every call repeats until the server answers."""

    def __init__(self, http: httpx.AsyncClient, link_token: str) -> None:
        self._http = http
        self._link_token = link_token
        self._access_token = ""
        self._device_id = new_id()
        self._epoch = ""
        self._cursor = 0
        self.user_id = ""

    async def open(self) -> None:
        """Turns the link into a session and starts at the feed's head."""
        answer = await self._http.post(
            "/auth/v1/token", params={"grant_type": "booking_link"}, json={"link_token": self._link_token}
        )
        session = answer.raise_for_status().json()
        self._access_token = session["access_token"]
        self.user_id = session["user"]["id"]
        me = (await self._ask("GET", "/sync/v1/me")).json()
        self._epoch, self._cursor = me["epoch"], self._cursor or me["head"]

    async def say(self, booking_id: str, text: str) -> Verdict:
        """Sends one message; raises RuntimeError when the server judged it and refused."""
        operation = Operation(new_id(), "message.send", booking_id, write_payload(SendMessage(text)))
        request = OpsRequest(self._device_id, [msgspec.Raw(_encode(operation))])
        answer = await self._ask("POST", "/sync/v1/ops", content=_encode(request))
        verdict = msgspec.json.decode(answer.content, type=OpsReply).verdicts[0]
        if verdict.verdict == "rejected":
            raise RuntimeError(f"refused: {verdict.code}")
        return verdict

    async def news(self) -> list[FeedItem]:
        """What this customer may see and has not had yet."""
        answer = await self._ask("GET", "/sync/v1/changes", params={"epoch": self._epoch, "after": self._cursor})
        changes = msgspec.json.decode(answer.content, type=Changes)
        self._cursor = changes.to_seq
        return changes.items

    async def mark(self, booking_id: str, read: int | None) -> None:
        """Tells that everything had has arrived here, and that `read` is the newest position seen."""
        marks = [] if read is None else [ReadMark(booking_id, read)]
        await self._ask(
            "POST", "/sync/v1/receipts", content=_encode(ReceiptsRequest(self._device_id, self._cursor, marks))
        )

    async def _ask(self, method: str, path: str, **what: Any) -> httpx.Response:
        for attempt in range(PATIENCE):
            try:
                answer = await self._http.request(
                    method, path, headers={"Authorization": f"Bearer {self._access_token}"}, **what
                )
            except httpx.TransportError:
                await asyncio.sleep(min(0.2 * 2**attempt, 5))
                continue
            if answer.status_code == 401:
                await self.open()
            elif answer.status_code == 429 or answer.status_code >= 500:
                await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
            else:
                return answer.raise_for_status()
        raise RuntimeError(f"no answer to {method} {path}")
