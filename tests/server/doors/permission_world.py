"""A world in which every role meets every kind of booking, with words planted in it that tell who saw what."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from contract.ids import new_id
from contract.permissions import Sight
from server.access.signing_key import SigningKey
from server.access.tokens import TokenIssuer
from tests.support.people_made import Standing, address, make_people
from tests.support.phoenix_client import PhoenixClient
from tests.support.running_server import UNUSED_TLS, RunningServer, running_server

PEOPLE: dict[str, Standing] = {
    "ann": ("customer", ()),
    "bea": ("customer", ()),
    "tom": ("technician", ()),
    "tim": ("technician", ()),
    "dora": ("dentist", ()),
    "dan": ("dentist", ()),
    "ava": ("agent", ("support",)),
    "abe": ("agent", ("support",)),
    "aki": ("agent", ("billing",)),
    "olga": ("operator", ()),
    "adam": ("admin", ()),
    "bot": ("chatbot", ()),
}
VIEWERS = (*PEOPLE, "service")
"""`service` holds the service key."""
STAFF = {"tom", "tim", "dora", "dan", "ava", "abe", "aki", "olga", "adam", "service"}
DESK = {"ava", "abe", "aki", "olga", "adam", "service"}

SIGHT_TABLE = """
               ann bea tom tim dora dan ava abe aki olga adam bot service
guarding        F   -   -   -   -   -   -   -   -   F    F    -   F
of_bea          -   F   -   -   -   -   -   -   -   F    F    -   F
waiting_chat    F   -   -   -   -   -   F   F   -   F    F    -   F
chat_of_ava     F   -   -   -   -   -   F   O   -   F    F    -   F
job_on_offer    F   -   R   R   -   -   -   -   -   F    F    -   F
job_of_tom      F   -   F   -   -   -   -   -   -   F    F    -   F
visit_at_dora   F   -   -   -   F   -   -   -   -   F    F    -   F
asked_by_bot    F   -   -   -   -   -   -   -   -   F    F    F   F
"""
"""Checklist 1.U with X-18, X-20: full sight, the row only (O), the row redacted (R), nothing (-)."""

_LETTERS = {"F": Sight.FULL, "O": Sight.ROW, "R": Sight.REDACTED, "-": Sight.NONE}
_lines = [line.split() for line in SIGHT_TABLE.strip().splitlines()]
SIGHT: dict[str, dict[str, Sight]] = {
    kind: {viewer: _LETTERS[letter] for viewer, letter in zip(_lines[0], letters, strict=True)}
    for kind, *letters in _lines[1:]
}
KINDS = tuple(SIGHT)

_CREATION: dict[str, dict[str, Any]] = {
    "guarding": {"workflow": "protection", "customer": "ann"},
    "of_bea": {"workflow": "protection", "customer": "bea"},
    "waiting_chat": {"workflow": "support", "customer": "ann"},
    "chat_of_ava": {"workflow": "support", "customer": "ann", "assignee": "ava"},
    "job_on_offer": {"workflow": "techcare", "customer": "ann"},
    "job_of_tom": {"workflow": "techcare", "customer": "ann", "provider": "tom"},
    "visit_at_dora": {"workflow": "dental", "customer": "ann", "provider": "dora"},
    "asked_by_bot": {"workflow": "dental", "customer": "ann", "creator": "bot"},
}
_WORD = re.compile(r"<(\w+):(\w+)>")
ROW_WORDS = ("title", "phone", "place", "name")

Word = tuple[str, str]
"""(what it stands for, kind of booking)."""


def words_in(text: str) -> set[Word]:
    return {(found[1], found[2]) for found in _WORD.finditer(text)}


def words_of(viewer: str, kind: str, *, conversation: bool = True) -> set[Word]:
    """What this viewer is to find of a booking of that kind wherever all of it is shown."""
    sight = SIGHT[kind][viewer]
    found = {("title", kind)} if sight >= Sight.REDACTED else set()
    if sight >= Sight.ROW:
        found |= {(word, kind) for word in ROW_WORDS}
    if sight == Sight.FULL and conversation:
        found |= {("said", kind)} | ({("note", kind)} if viewer in STAFF else set())
    return found


def all_words_of(viewer: str, *, conversation: bool = True) -> set[Word]:
    return set().union(*(words_of(viewer, kind, conversation=conversation) for kind in KINDS))


def operation(kind: str, booking: str | None, payload: dict[str, Any], op_id: str | None = None) -> dict[str, Any]:
    return {"op_id": op_id or new_id(), "kind": kind, "booking_id": booking, "payload": payload}


class World:
    """A running server, everyone signed in, and one booking of every kind."""

    def __init__(self, server: RunningServer, ids: dict[str, str]) -> None:
        self.server = server
        self.ids = ids
        self.clients: dict[str, httpx.Client] = {}
        self.tokens: dict[str, str] = {}
        issuer = TokenIssuer(SigningKey.at(server.data_dir))
        self.anon_key = issuer.anon_key()
        self._enter("service", issuer.service_key())
        for name in PEOPLE:
            self._enter(name, server.sign_in(address(name))["access_token"])
        self.begin = self.head()
        """The feed's head when everyone had an account and nobody a booking."""
        self.bookings = {kind: self.create(kind) for kind in KINDS}

    def _enter(self, name: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.tokens[name] = token
        self.clients[name] = httpx.Client(base_url=self.server.url, headers=headers, verify=UNUSED_TLS, timeout=20)

    def close(self) -> None:
        for client in self.clients.values():
            client.close()

    def create(self, kind: str) -> dict[str, str]:
        """A new booking of that kind with its planted words: {id, code, said: the customer's message}."""
        recipe = _CREATION[kind]
        payload = {
            "workflow": recipe["workflow"],
            "customer_id": self.ids[recipe["customer"]],
            "customer_name": f"<name:{kind}>",
            "customer_phone": f"<phone:{kind}>",
            "place": f"<place:{kind}>",
            "title": f"<title:{kind}>",
            "provider_id": self.ids[recipe["provider"]] if "provider" in recipe else None,
        }
        made = self.do(recipe.get("creator", "olga"), operation("booking.create", None, payload))["result"]
        if "assignee" in recipe:
            self.do("olga", operation("booking.assign", made["id"], {"assignee_id": self.ids[recipe["assignee"]]}))
        said = operation("message.send", made["id"], {"text": f"<said:{kind}>"})
        self.do(recipe["customer"], said)
        self.do("olga", operation("message.send", made["id"], {"text": f"<note:{kind}>", "kind": "note"}))
        return {"id": made["id"], "code": made["code"], "said": said["op_id"]}

    def do(self, viewer: str, *ops: dict[str, Any]) -> dict[str, Any]:
        """The last verdict; all are to be applied."""
        verdicts = self.verdicts(viewer, *ops)
        assert {verdict["verdict"] for verdict in verdicts} == {"applied"}, verdicts
        return verdicts[-1]

    def verdicts(self, viewer: str, *ops: dict[str, Any]) -> list[dict[str, Any]]:
        body = {"device_id": f"device-of-{viewer}", "ops": list(ops)}
        answer = self.clients[viewer].post("/sync/v1/ops", json=body)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["verdicts"]
        return found

    def head(self) -> int:
        return int(self.clients["olga"].get("/sync/v1/me").json()["head"])

    def epoch(self) -> str:
        return str(self.clients["olga"].get("/sync/v1/me").json()["epoch"])

    @contextmanager
    def socket(self, viewer: str, cursor: int) -> Iterator[PhoenixClient]:
        """This viewer's socket, joined to `sync` with the feed held up to `cursor`."""
        with PhoenixClient(self.server.url) as socket:
            request = {"device_id": f"device-of-{viewer}", "access_token": self.tokens[viewer]}
            joined = socket.join("sync", request | {"epoch": self.epoch(), "cursor": cursor})
            assert joined.ok and joined.response["mode"] == "delta", joined
            yield socket


def heard(socket: PhoenixClient) -> list[dict[str, Any]]:
    """All items pushed and not looked at yet; a heartbeat's reply says that there are no more."""
    ref = socket.send("phoenix", "heartbeat", {})
    items: list[dict[str, Any]] = []
    while True:
        frame = socket.next()
        if frame.event == "changes":
            items += frame.payload["items"]
        elif frame.ref == ref:
            return items


@contextmanager
def matrix_world(folder: Path) -> Iterator[World]:
    """The accounts are made before the server starts: a command each would take longer than all the tests."""
    ids = make_people(folder, PEOPLE)
    generous = dict.fromkeys(("FIELDLINE_RATE_READ", "FIELDLINE_RATE_WRITE"), "100000/minute")
    with running_server(folder, env=generous) as server:
        world = World(server, ids)
        try:
            yield world
        finally:
            world.close()
