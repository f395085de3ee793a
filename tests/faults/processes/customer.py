"""A customer's page, which speaks to the server without the link: writes once and does not try again."""

import time

import httpx

from contract.ids import new_id
from tests.faults.history.events import Clicked, Kept, Revoked
from tests.faults.processes.rig import Rig
from tests.support.people_made import address
from tests.support.running_server import PASSWORD, UNUSED_TLS


class Customer:
    """`refused`: how often the server said no to what was asked with a token that was good no more."""

    def __init__(self, found: Rig, name: str) -> None:
        self._rig = found
        self._name = name
        self._user = found.ids[name]
        self._process = f"page-{name}"
        self._token = ""
        self._gone = False
        self.refused = 0

    def sign_in(self) -> None:
        answer = httpx.post(
            f"{self._rig.url}/auth/v1/token",
            params={"grant_type": "password"},
            json={"email": address(self._name), "password": PASSWORD},
            verify=UNUSED_TLS,
            timeout=20,
        )
        self._token = answer.raise_for_status().json()["access_token"]

    def sign_out(self, witness: "Customer") -> None:
        """Everywhere; the token is kept, as a thief would. `witness` says where the feed stood when it was done."""
        httpx.post(
            f"{self._rig.url}/auth/v1/logout", headers=self._headers, verify=UNUSED_TLS, timeout=20
        ).raise_for_status()
        self._gone = True
        epoch, head = witness.stand()
        revoked = Revoked(at=time.time(), process="driver", user=self._user, epoch=epoch, head=head)
        self._rig.driver.write(revoked)

    def stand(self) -> tuple[str, int]:
        """(epoch, head) of the feed."""
        answer = (
            httpx.get(f"{self._rig.url}/sync/v1/me", headers=self._headers, verify=UNUSED_TLS, timeout=20)
            .raise_for_status()
            .json()
        )
        return answer["epoch"], int(answer["head"])

    def book(self) -> str:
        booking = new_id()
        self._post(booking, "booking.create", None, {"workflow": "protection"}, booking)
        return booking

    def say(self, booking: str) -> None:
        self._post(new_id(), "message.send", booking, {"text": "Where are you?"}, booking)

    def _post(self, op: str, kind: str, about: str | None, payload: dict[str, str], lane: str) -> None:
        """What is not answered may or may not have happened."""
        clicked = Clicked(at=time.time(), process=self._process, op=op, kind=kind, booking=lane, author=self._user)
        self._rig.driver.write(clicked)
        operation = {"op_id": op, "kind": kind, "booking_id": about, "payload": payload}
        try:
            answer = httpx.post(
                f"{self._rig.url}/sync/v1/ops",
                json={"device_id": self._process, "ops": [operation]},
                headers=self._headers,
                verify=UNUSED_TLS,
                timeout=10,
            )
        except httpx.HTTPError:
            return
        if answer.status_code == 200:
            self._rig.driver.write(Kept(at=time.time(), process=self._process, op=op))
        elif self._gone:
            self.refused += answer.status_code == 401

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}
