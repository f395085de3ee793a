"""The scripted customers at work: each writes, waits, answers the desk and thanks for a new status, gently."""

import asyncio
import random

import httpx

from contract.feed import FeedItem
from demo.customer_door import CustomerDoor
from demo.desk_door import DeskDoor
from demo.people import Person


class Crowd:
    """`calm` stretches every wait; 1 is a lively afternoon."""

    def __init__(self, server_url: str, chance: random.Random, calm: float = 1.0) -> None:
        self._server_url = server_url
        self._chance = chance
        self._calm = calm
        self.said = 0

    async def run(self, people: tuple[Person, ...]) -> None:
        """Everybody at once, until cancelled."""
        async with asyncio.TaskGroup() as visits:
            for number, person in enumerate(people):
                visits.create_task(self._visit(person, number))

    async def _visit(self, person: Person, number: int) -> None:
        """One customer, coming back with a new booking when the last one is over."""
        await self._wait(2 * number, 2 * number + 2)
        async with httpx.AsyncClient(base_url=self._server_url, timeout=10) as http:
            while True:
                booking_id, token = await asyncio.to_thread(self._call_the_desk, person)
                door = CustomerDoor(http, token)
                await door.open()
                await _Visit(self, person, door, booking_id).run()
                await self._wait(60, 120)

    def _call_the_desk(self, person: Person) -> tuple[str, str]:
        with httpx.Client(base_url=self._server_url, timeout=10) as http:
            desk = DeskDoor(http)
            desk.sign_in()
            booking_id = desk.take_booking(person)
            return booking_id, desk.link(booking_id).rsplit("/", 1)[-1]

    async def _wait(self, least: float, most: float) -> None:
        await asyncio.sleep(self._calm * self._chance.uniform(least, most))

    async def pause(self, least: float, most: float) -> None:
        await self._wait(least, most)

    def odds(self, share: float) -> bool:
        return self._chance.random() < share


class _Visit:
    """One booking of one customer, from the first word to the final status."""

    def __init__(self, crowd: Crowd, person: Person, door: CustomerDoor, booking_id: str) -> None:
        self._crowd = crowd
        self._person = person
        self._door = door
        self._booking_id = booking_id
        self._replies = list(person.replies)
        self._quiet = list(person.quiet)
        self._over = False

    async def run(self) -> None:
        for text in self._person.opening:
            await self._say(text)
            await self._crowd.pause(2, 5)
        idle = 0
        while not self._over:
            await self._crowd.pause(1.2, 2.0)
            news = [item for item in await self._door.news() if item.booking_id == self._booking_id]
            if news:
                await self._react(news)
            idle = 0 if news else idle + 1
            if idle > 25 and self._quiet and self._crowd.odds(0.1):
                await self._say(self._quiet.pop(0))

    async def _react(self, news: list[FeedItem]) -> None:
        """Reads what came (after a moment, as people do) and answers the last of it."""
        lines = [item.row for item in news if item.table == "messages" and item.row is not None]
        staff = [line for line in lines if line["sender_type"] == "operator"]
        await self._door.mark(self._booking_id, None)
        if lines:
            await self._crowd.pause(1, 3)
            await self._door.mark(self._booking_id, max(line["position"] for line in lines))
        statuses = [item.row["status"] for item in news if item.table == "bookings" and item.row is not None]
        answer = self._person.on_status.get(statuses[-1]) if statuses else None
        if answer is not None and lines:
            await self._crowd.pause(2, 5)
            await self._say(answer)
        elif staff and self._replies:
            await self._crowd.pause(3, 7)
            await self._say(self._replies.pop(0))

    async def _say(self, text: str) -> None:
        try:
            await self._door.say(self._booking_id, text)
        except RuntimeError:  # the booking was closed meanwhile: nothing left to say
            self._over = True
        else:
            self._crowd.said += 1
