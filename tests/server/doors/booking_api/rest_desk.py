"""A server and the people who call the seeds' REST on it: a customer, an operator, an administrator."""

import httpx

from tests.support.people_made import Standing, address
from tests.support.running_server import RunningServer

PEOPLE: dict[str, Standing] = {"ann": ("customer", ()), "olga": ("operator", ()), "adam": ("admin", ())}


class Desk:
    """The server and one signed-in client per person."""

    def __init__(self, server: RunningServer, ids: dict[str, str]) -> None:
        self.server = server
        self.ids = ids
        self.ann, self.olga, self.adam = (server.client(address(name)) for name in PEOPLE)

    def close(self) -> None:
        for client in (self.ann, self.olga, self.adam):
            client.close()

    def booking(self, **values: str) -> dict[str, str]:
        """A new booking of ann's, as POST /api/bookings tells of it."""
        answer = self.ann.post("/api/bookings", json={"workflow": "protection"} | values)
        assert answer.status_code == 201, answer.text
        made: dict[str, str] = answer.json()["booking"]
        return made

    def head(self) -> int:
        return int(self.olga.get("/sync/v1/me").json()["head"])

    def said(self, client: httpx.Client, booking: str) -> list[str]:
        """The conversation's texts, without the welcome."""
        rows = client.get("/api/messages", params={"bookingId": booking}).json()["messages"]
        return [row["message"] for row in rows][1:]
