"""Every kind of bad request, under the one answer it must get; what they are about is a desk of two customers."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from contract.actors import Actor
from contract.ids import new_id
from contract.operations import MAX_TEXT
from server.access.signing_key import SigningKey
from server.access.tokens import TokenIssuer
from tests.support.people_made import Standing, address, make_people
from tests.support.running_server import PASSWORD, UNUSED_TLS, RunningServer, running_server

PEOPLE: dict[str, Standing] = {
    "ann": ("customer", ()),
    "bea": ("customer", ()),
    "olga": ("operator", ()),
    "tom": ("technician", ()),
}
NOWHERE = "01a00000-0000-7000-8000-000000000000"
MAX_BODY = 100_000


class Desk:
    """A server with bookings of two customers; what each bad request is about."""

    def __init__(self, server: RunningServer, ids: dict[str, str]) -> None:
        self.server = server
        self.ids = ids
        self.nobody = httpx.Client(base_url=server.url, verify=UNUSED_TLS, timeout=20)
        self.clients = {name: server.client(address(name)) for name in PEOPLE}
        self.mine, self.foreign = (self._booking(name) for name in ("ann", "bea"))
        self.closed = self._booking("ann")
        self._olga("PATCH", "/api/bookings/status", bookingId=self.closed, status="declined", reason="No team free")
        self.said = self._post("ann", "/api/messages", bookingId=self.mine, message="mine")["id"]
        self.foreign_said = self._post("bea", "/api/messages", bookingId=self.foreign, message="hers")["id"]
        talk = self.clients["ann"].get("/api/messages", params={"bookingId": self.mine}).json()["messages"]
        self.welcome = talk[0]["id"]
        self.used = new_id()
        self._post("ann", "/api/messages", bookingId=self.mine, message="first", id=self.used)
        self.clients["late"] = httpx.Client(base_url=server.url, headers=self._expired("ann"))

    def close(self) -> None:
        for client in (self.nobody, *self.clients.values()):
            client.close()

    def head(self) -> int:
        return int(self.clients["olga"].get("/sync/v1/me").json()["head"])

    def log_lines(self, request_id: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.server.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("request_id") == request_id]

    def _expired(self, name: str) -> dict[str, str]:
        """A token that ran out an hour ago."""
        earlier = TokenIssuer(SigningKey.at(self.server.data_dir), clock=lambda: time.time() - 7_200)
        token, _ = earlier.issue(Actor(self.ids[name], PEOPLE[name][0], name), address(name), new_id())
        return {"Authorization": f"Bearer {token}"}

    def _booking(self, name: str) -> str:
        return str(self._post(name, "/api/bookings", workflow="protection")["booking"]["code"])

    def _post(self, name: str, path: str, **body: Any) -> dict[str, Any]:
        answer = self.clients[name].post(path, json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def _olga(self, method: str, path: str, **body: Any) -> None:
        answer = self.clients["olga"].request(method, path, json=body)
        assert answer.status_code == 200, answer.text


@contextmanager
def running_desk(folder: Path) -> Iterator[Desk]:
    ids = make_people(folder, PEOPLE)
    with running_server(folder, env={"FIELDLINE_MAX_BODY": str(MAX_BODY)}) as server:
        desk = Desk(server, ids)
        try:
            yield desk
        finally:
            desk.close()


Ask = Callable[[Desk], httpx.Response]


def send(who: str, method: str, path: str, body: Any = None, **more: Any) -> Ask:
    """`path` and texts of `body` may name what the desk has: {mine}, {foreign}, {closed}, {said}, {used} …"""

    def ask(desk: Desk) -> httpx.Response:
        client = desk.clients.get(who, desk.nobody)
        if isinstance(body, bytes):
            return client.request(method, filled(path, desk), content=body, **more)
        content = None if body is None else json.dumps(filled(body, desk)).encode()
        return client.request(method, filled(path, desk), content=content, **more)

    return ask


def filled(value: Any, desk: Desk) -> Any:
    if isinstance(value, str):
        for name in ("mine", "foreign", "closed", "said", "foreign_said", "used", "welcome"):
            value = value.replace("{" + name + "}", str(getattr(desk, name)))
        return value
    if isinstance(value, dict):
        return {key: filled(each, desk) for key, each in value.items()}
    return [filled(each, desk) for each in value] if isinstance(value, list) else value


def post(body: Any, who: str = "ann", path: str = "/api/messages", **more: Any) -> Ask:
    return send(who, "POST", path, body, **more)


def op(kind: str, payload: Any, **more: Any) -> Ask:
    one = {"op_id": new_id(), "kind": kind, "booking_id": "{mine}", "payload": payload} | more
    return post({"device_id": "d", "ops": [one]}, path="/sync/v1/ops")


def status(who: str, booking: str, wanted: str, **more: Any) -> Ask:
    return send(who, "PATCH", "/api/bookings/status", {"bookingId": booking, "status": wanted} | more)


Bad = tuple[str, Ask] | tuple[str, Ask, str]
"""What is wrong, the request, and where it matters the field that the answer is to name."""
TEXT = {"bookingId": "{mine}", "message": "hello"}
ROOM = {"workflow": "protection"}
CREATE, OPS, TALK, TOKEN = "/api/bookings", "/sync/v1/ops", "/api/messages", "/auth/v1/token?grant_type="
SIGN_UP, ME = "/auth/v1/signup", "/auth/v1/user"

NO_JSON: tuple[Bad, ...] = (
    ("no JSON", post(b"hello")),
    ("half of a JSON", post(b'{"bookingId": "x", "message": "y"')),
    ("no body", post(b"")),
    ("bytes that are no text", post(b'{"message": "\xff"}')),
    ("half of a pair of characters", post(b'{"message": "\\ud800"}')),
    ("a nest too deep", post(b'{"invoice_data": {"a": ' + b"[" * 4_000 + b"]" * 4_000 + b"}}")),
)
NOT_THE_RIGHT_JSON: tuple[Bad, ...] = (
    ("a list for an object", post([1]), ""),
    ("a number for a text", post(TEXT | {"message": 7}), "message"),
    ("no booking", post({"message": "hello"}), "bookingId"),
    ("no text", post({"bookingId": "{mine}"}), "message"),
    ("an id that is none", post(TEXT | {"id": "17"}), "id"),
    ("no status", send("olga", "PATCH", "/api/bookings/status", {"bookingId": "{mine}"}), "status"),
    ("an unknown field on our own door", op("message.send", {"text": "a"}, colour="red"), "ops[0]"),
    ("an unknown kind", op("message.shout", {"text": "a"}), "ops[0]"),
    ("a payload of another kind", op("message.send", {"status": "accepted"}), "payload"),
    ("an operation id in capitals", op("message.send", {"text": "a"}, op_id=new_id().upper()), "op_id"),
    ("a time that is none", op("message.send", {"text": "a"}, created_at="yesterday"), "created_at"),
    ("an impossible priority", post(ROOM | {"priority": 9}, path=CREATE), "payload.priority"),
    ("a language nobody has", post(ROOM | {"lang": "xx"}, path=CREATE), "lang"),
    ("a limit that is no number", send("ann", "GET", TALK + "?bookingId={mine}&limit=all"), "limit"),
    ("a cursor that is no number", send("ann", "GET", "/sync/v1/changes?after=now"), "after"),
    ("a place in the talk that is none", send("ann", "GET", TALK + "?bookingId={mine}&before=then"), "before"),
)
NOT_WHO_THEY_SAY: tuple[Bad, ...] = (
    ("nobody", post(TEXT, who="nobody")),
    ("a forged token", post(TEXT, headers={"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."})),
    ("no token at all", post(TEXT, headers={"Authorization": "Bearer null"})),
)
NOT_THERE_FOR_THEM: tuple[Bad, ...] = (
    ("an unknown code", post(TEXT | {"bookingId": "REQ0000000000000"})),
    ("an unknown id", post(TEXT | {"bookingId": NOWHERE})),
    ("neither id nor code", post(TEXT | {"bookingId": "' OR 1=1 --"})),
    ("a code with a nought byte", post(TEXT | {"bookingId": "REQ1759286674249\u0000"})),
    ("writing to another's booking", post(TEXT | {"bookingId": "{foreign}"})),
    ("reading another's booking", send("ann", "GET", TALK + "?bookingId={foreign}")),
    ("setting another's status", status("ann", "{foreign}", "cancelled", reason="x")),
)
NO_SUCH_MESSAGE: tuple[Bad, ...] = (
    ("removing another's message", send("ann", "DELETE", TALK + "?id={foreign_said}")),
    ("removing what never was", send("ann", "DELETE", f"{TALK}?id={NOWHERE}")),
    ("removing by a word", send("ann", "DELETE", TALK + "?id=all")),
    ("answering another's message", post(TEXT | {"reply_to": "{foreign_said}"})),
)
NOT_THEIRS_TO_DO: tuple[Bad, ...] = (
    ("a customer at the desk's door", post(TEXT, path="/api/operator/messages")),
    ("a customer's system line", post(TEXT, path="/api/messages/system")),
    ("a customer's invoice", post(TEXT | {"has_invoice": True, "invoice_data": {"total": 1}})),
    ("a customer accepting", status("ann", "{mine}", "accepted")),
    ("a booking in another's name", post(ROOM | {"customer_id": NOWHERE}, path=CREATE)),
    ("a technician's new booking", post({"workflow": "techcare"}, "tom", CREATE)),
    ("an operator at the figures", send("olga", "GET", "/api/realtime/stats")),
    ("a customer's link", post({}, path="/api/bookings/{mine}/link")),
)
ALL: dict[tuple[int, str], tuple[Bad, ...]] = {
    (400, "malformed_json"): NO_JSON,
    (422, "invalid_payload"): NOT_THE_RIGHT_JSON,
    (422, "too_many_ops"): (("51 operations", post({"device_id": "d", "ops": [{}] * 51}, path=OPS)),),
    (422, "text_empty"): (("an empty text", post(TEXT | {"message": " \n\t "})),),
    (422, "text_too_long"): (("an endless text", post(TEXT | {"message": "x" * (MAX_TEXT + 1)})),),
    (413, "body_too_large"): (("too large a body", post(TEXT | {"message": "x" * MAX_BODY})),),
    (401, "unauthorized"): NOT_WHO_THEY_SAY,
    (401, "token_expired"): (("an expired token", send("late", "GET", CREATE)),),
    (400, "invalid_credentials"): (
        ("a wrong password", post({"email": address("ann"), "password": "x"}, "nobody", TOKEN + "password")),
    ),
    (400, "invalid_grant"): (
        ("a made-up refresh token", post({"refresh_token": "x"}, "nobody", TOKEN + "refresh_token")),
        ("a made-up link", post({"link_token": "x"}, "nobody", TOKEN + "booking_link")),
    ),
    (422, "signup_disabled"): (
        ("a new account", post({"email": "eve@x.example", "password": "blue parrot 7"}, "nobody", SIGN_UP)),
    ),
    (422, "anonymous_provider_disabled"): (("no account at all", post({}, "nobody", SIGN_UP)),),
    (422, "weak_password"): (("a password too short", send("ann", "PUT", ME, {"password": "x"})),),
    (422, "same_password"): (("the password there is", send("ann", "PUT", ME, {"password": PASSWORD})),),
    (404, "booking_not_found"): NOT_THERE_FOR_THEM,
    (404, "message_not_found"): NO_SUCH_MESSAGE,
    (404, "user_not_found"): (("a booking for nobody", post(ROOM | {"customer_id": NOWHERE}, "olga", CREATE)),),
    (422, "workflow_not_found"): (("an unknown workflow", post({"workflow": "pizza"}, path=CREATE)),),
    (403, "forbidden"): NOT_THEIRS_TO_DO,
    (409, "illegal_transition"): (("a step too far", status("olga", "{mine}", "completed")),),
    (422, "unknown_transition"): (("no such status", status("olga", "{mine}", "teleported")),),
    (422, "value_missing"): (("a step without its reason", status("ann", "{mine}", "cancelled")),),
    (409, "stale"): (("it moved on", status("olga", "{mine}", "accepted", expected_status="deployed")),),
    (409, "booking_closed"): (("talk in a closed booking", post(TEXT | {"bookingId": "{closed}"})),),
    (422, "op_id_reuse"): (
        ("an id used before", post(TEXT | {"id": "{used}", "message": "other"})),
        ("the id of a line that nobody sent", post(TEXT | {"id": "{welcome}"})),
        ("another person's id", post(TEXT | {"id": "{used}", "message": "first"}, "olga")),
    ),
    (409, "epoch_changed"): (("another history", post({"device_id": "d", "ops": [], "epoch": NOWHERE}, path=OPS)),),
    (410, "behind_floor"): (("a cursor from the future", send("ann", "GET", "/sync/v1/changes?after=999999999")),),
    (404, "not_found"): (("no such address", send("ann", "GET", "/api/nothing")),),
    (405, "method_not_allowed"): (("no such method", send("ann", "PUT", TALK, TEXT)),),
    (501, "not_supported"): (("what is not served", send("ann", "GET", "/storage/v1/object")),),
}
