"""What the demo does as staff over HTTP: sign in, take bookings by telephone, hand out customers' links."""

import httpx

from demo.people import Person

PASSWORD = "demo-demo"  # the demo accounts' own, printed for everybody to use
OPERATOR = "operator@fieldline.demo"
KEPT_FREE = "REQ1759286674249"
"""The booking of the customer account, which the scripted people leave alone."""


class DeskDoor:
    """A signed-in member of staff."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def sign_in(self, email: str = OPERATOR, password: str = PASSWORD) -> None:
        answer = self._http.post(
            "/auth/v1/token", params={"grant_type": "password"}, json={"email": email, "password": password}
        )
        self._http.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"

    def take_booking(self, person: Person) -> str:
        """Makes a booking for a customer who called; returns its id."""
        booking = {
            "workflow": person.workflow,
            "customer_name": person.name,
            "lang": person.lang,
            "title": person.title,
            "fields": person.fields,
        }
        answer = self._http.post("/api/bookings", json=booking).raise_for_status().json()
        return str(answer["booking"]["id"])

    def link(self, booking: str) -> str:
        """A new link to the customer's page of a booking; its last part is the token."""
        return str(self._http.post(f"/api/bookings/{booking}/link").raise_for_status().json()["url"])
