"""Real input: whole conversations replayed through both doors while the link is cut at random."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.ids import new_id
from desktop.config import DesktopConfig, SyncTimes
from desktop.intents.context import IntentContext, intent_context
from desktop.intents.send_message import send_message
from desktop.state.changes import Changes
from desktop.sync.desk import Desk, build_desk
from tests.support.dialogues import Dialogue, dialogues
from tests.support.flaky_link import FlakyLink, flaky_link
from tests.support.people_made import address, make_people
from tests.support.running_server import PASSWORD, RunningServer, running_server

CONVERSATIONS = 100
CUSTOMERS = 10
TIMES = SyncTimes(undo=0.0, backoff_first=0.1, backoff_cap=1.0, acknowledge=0.2, heartbeat=2.0, dead_after=4.0)
RATES = {"FIELDLINE_RATE_WRITE": "1000000/minute", "FIELDLINE_RATE_READ": "1000000/minute"}
NAMES = [f"customer{number}" for number in range(CUSTOMERS)]


class Customer:
    """Someone at the customer's door, over a link that breaks: sends each line until it has a verdict for it."""

    def __init__(self, link: FlakyLink, session: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {session['access_token']}"}
        self._http = httpx.AsyncClient(base_url=link.url, headers=headers, timeout=5)
        self.resent = 0

    async def write(self, booking_id: str, text: str) -> None:
        payload = {"text": text}
        await self._perform({"op_id": new_id(), "kind": "message.send", "booking_id": booking_id, "payload": payload})

    async def book(self, workflow: str) -> str:
        booking_id = new_id()
        await self._perform({"op_id": booking_id, "kind": "booking.create", "payload": {"workflow": workflow}})
        return booking_id

    async def _perform(self, operation: dict[str, Any]) -> None:
        body = {"device_id": "customer", "ops": [operation]}
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await self._http.post("/sync/v1/ops", json=body)
                assert answer.status_code == 200, answer.text
                [verdict] = answer.json()["verdicts"]
                assert verdict["verdict"] == "applied", verdict
                return
            self.resent += 1
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        await self._http.aclose()


@contextlib.asynccontextmanager
async def desk_at_work(profile: Path, url: str) -> AsyncIterator[Desk]:
    config = DesktopConfig(profile, url, address("operator"), PASSWORD, times=TIMES)
    desk = build_desk(config, Changes())
    running = asyncio.ensure_future(desk.run())
    try:
        yield desk
    finally:
        desk.stop()
        await running
        desk.close()


async def cut_at_random(link: FlakyLink, chance: random.Random) -> int:
    """Until cancelled: a cut every third of a second or so, now and then an outage or a black hole."""
    while True:
        await asyncio.sleep(chance.uniform(0.1, 0.6))
        fault = chance.choice(["cut", "cut", "cut", "down", "hole"])
        if fault == "cut":
            await asyncio.to_thread(link.cut)
        elif fault == "down":
            await asyncio.to_thread(link.down)
            await asyncio.sleep(chance.uniform(0.1, 0.5))
            await asyncio.to_thread(link.up)
        else:
            link.black_hole()
            await asyncio.sleep(chance.uniform(0.05, 0.3))
            link.clear()
            await asyncio.to_thread(link.cut)


async def play(
    told: list[Dialogue], customers: list[Customer], desk: Desk, rooms: dict[str, str], context: IntentContext
) -> None:
    """Turn by turn: all conversations' n-th lines are on their way at once, each after its own line before it."""
    for turn in range(max(len(dialogue.turns) for dialogue in told)):
        async with asyncio.TaskGroup() as group:
            for number, dialogue in enumerate(told):
                if turn >= len(dialogue.turns):
                    continue
                speaker, text = dialogue.turns[turn]
                if speaker == "operator":
                    send_message(context, rooms[dialogue.id], text)
                else:
                    group.create_task(customers[number % len(customers)].write(rooms[dialogue.id], text))
        await settled(desk)


async def settled(desk: Desk, seconds: float = 60) -> None:
    """The server has taken all that the desk has written."""
    async with asyncio.timeout(seconds):
        while desk.outbox.counts().queued:
            await asyncio.sleep(0.02)


async def in_step(desk: Desk, server: RunningServer, seconds: float = 60) -> None:
    """The desk holds all that the server has."""
    async with httpx.AsyncClient(base_url=server.url) as http:
        async with asyncio.timeout(seconds):
            while True:
                head = (await http.get("/api/realtime/health")).json()["head"]
                if desk.link.cursor >= head:
                    return
                await asyncio.sleep(0.1)


def spoken(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    sides = {"client": "customer", "operator": "operator"}
    return [(sides[row["sender_type"]], row["message"]) for row in rows if row["kind"] == "text"]


async def run(tmp_path: Path, seed: int) -> tuple[int, int]:
    told = dialogues(CONVERSATIONS, seed)
    async with contextlib.AsyncExitStack() as closing:
        server = closing.enter_context(running_server(tmp_path, env=RATES))
        link = closing.enter_context(flaky_link(server.url))
        customers = [Customer(link, server.sign_in(address(name))) for name in NAMES]
        for customer in customers:
            closing.push_async_callback(customer.close)
        rooms = {
            dialogue.id: await customers[number % CUSTOMERS].book(dialogue.workflow)
            for number, dialogue in enumerate(told)
        }
        async with desk_at_work(tmp_path / "profile", link.url) as desk:
            async with asyncio.timeout(60):
                while not all(desk.reader.booking(room) for room in rooms.values()):
                    await asyncio.sleep(0.1)
            cutting = asyncio.ensure_future(cut_at_random(link, random.Random(seed)))
            try:
                await play(told, customers, desk, rooms, intent_context(desk))
            finally:
                cutting.cancel()
                await asyncio.gather(cutting, return_exceptions=True)
                await asyncio.to_thread(link.up)
                link.clear()
            await in_step(desk, server)
            for number, dialogue in enumerate(told):
                room = rooms[dialogue.id]
                expected = list(dialogue.turns)
                with server.client(address(NAMES[number % CUSTOMERS])) as own:
                    answer = own.get(f"/sync/v1/bookings/{room}").json()
                assert spoken(answer["tables"]["messages"]) == expected, dialogue.id
                assert desk.me is not None
                shown = desk.reader.conversation(room, desk.me, 200, None)
                assert [
                    ("operator" if line.side == "staff" else "customer", line.text)
                    for line in shown.lines
                    if line.kind == "text"
                ] == expected, dialogue.id
        return sum(len(dialogue.turns) for dialogue in told), sum(customer.resent for customer in customers)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_that_a_hundred_real_conversations_arrive_line_by_line_on_both_sides_over_a_breaking_link(
    tmp_path: Path,
) -> None:
    make_people(tmp_path, {"operator": ("operator", ()), **dict.fromkeys(NAMES, ("customer", ()))})
    lines, resent = asyncio.run(run(tmp_path, seed=8))
    print(f"{lines} lines in {CONVERSATIONS} conversations; {resent} requests cut off and sent again")
    assert resent > 0, "the link never broke while somebody was sending: nothing was tried"
