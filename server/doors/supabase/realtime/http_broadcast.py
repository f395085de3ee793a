"""Broadcasts that come by HTTP: from apps whose channel is not joined, or that have none (reference on the wire, 1.12).

Who may talk in a room over a socket may do so here, and nobody else; whether a room is `private` makes no difference.
"""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.binary_frames import LONGEST_NAME
from contract.errors import Refusal
from contract.frames import EMPTY
from server.access.identity import Identity
from server.doors.endpoint import Endpoint, Parameter
from server.doors.http_edge import Edge, decode_body, identify, read_body, read_bytes
from server.doors.supabase.realtime.room_access import RoomAccess
from server.doors.supabase.realtime.room_names import PREFIX, read_room_name
from server.doors.supabase.realtime.rooms import Said
from server.doors.supabase.realtime.talk import Talk

MAX_MESSAGES = 100
"""In one request."""
_PATH = "/realtime/v1/api/broadcast"


class Message(msgspec.Struct, frozen=True):
    """`topic` is a channel's name as the app wrote it. Other fields are ignored: `private` says nothing here."""

    topic: str
    event: str
    payload: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(EMPTY))


class BroadcastRequest(msgspec.Struct, frozen=True):
    messages: list[Message]


ENDPOINTS = (
    Endpoint("POST", _PATH, "Broadcasts to channels, all of it or nothing.", "supabase realtime", status=202,
             body=BroadcastRequest, refusals=("forbidden",),
             example={"messages": [{"topic": "chat:REQ1759286674249", "event": "wave", "payload": {}}]}),
    Endpoint("POST", _PATH + "/{topic}/events/{event}", "Broadcasts to one channel; a body of another type than JSON "
             "(`application/octet-stream`) reaches it as bytes.", "supabase realtime", status=202, body=dict[str, Any],
             refusals=("forbidden",), parameters=(
                 Parameter("topic", "The channel's name.", "path", required=True, example="chat:REQ1759286674249"),
                 Parameter("event", "What the broadcast is called.", "path", required=True, example="wave"))),
)  # fmt: skip


class HttpBroadcast:
    """The handlers; each is one request."""

    def __init__(self, access: RoomAccess, talk: Talk) -> None:
        self._access = access
        self._talk = talk

    def routes(self) -> list[Route]:
        return [
            Route(_PATH, self.several, methods=["POST"]),
            Route(_PATH + "/{topic:path}/events/{event:path}", self.one, methods=["POST"]),
        ]

    async def several(self, request: Request) -> Response:
        identity = identify(request)
        messages = (await read_body(request, BroadcastRequest)).messages
        if len(messages) > MAX_MESSAGES:
            raise Refusal("invalid_payload", {"field": "messages", "problem": f"More than {MAX_MESSAGES}"})
        if len(messages) > 1:
            edge: Edge = request.state.edge
            edge.limits.hit("write", identity.actor.user_id, cost=len(messages) - 1)
        said = [(one.topic, self._checked(one.event, bytes(one.payload), json=True)) for one in messages]
        return await self._say(identity, said)

    async def one(self, request: Request) -> Response:
        identity = identify(request)
        payload = await read_bytes(request)
        json = not request.headers.get("content-type", "").startswith("application/octet-stream")
        said = self._checked(request.path_params["event"], payload, json=json)
        return await self._say(identity, [(request.path_params["topic"], said)])

    async def _say(self, identity: Identity, said: list[tuple[str, Said]]) -> Response:
        names = [read_room_name(topic) for topic, _ in said]
        found = await self._access.bookings({name.booking for name in names if name.booking is not None})
        rooms = [(name, None if name.booking is None else found[name.booking]) for name in names]
        for name, facts in rooms:
            if len((PREFIX + name.name).encode()) > LONGEST_NAME or not name.name:
                raise Refusal("invalid_payload", {"field": "topic", "problem": f"Expected 1 to {LONGEST_NAME} bytes"})
            if not self._access.may_talk(identity.actor, name, facts):
                problem = f"You do not have permissions to write to this Channel topic: {name.name}"
                raise Refusal("forbidden", {"problem": problem})
        for (name, facts), (_, one) in zip(rooms, said, strict=True):
            self._talk.say(name, None if facts is None else facts.id, one)
        return Response(status_code=202)

    def _checked(self, event: str, payload: bytes, *, json: bool) -> Said:
        """Raises Refusal `body_too_large`, `malformed_json` or `invalid_payload`."""
        if len(payload) > self._talk.limits.broadcast:
            raise Refusal("body_too_large", {"limit": self._talk.limits.broadcast})
        if not 1 <= len(event.encode()) <= LONGEST_NAME:
            raise Refusal("invalid_payload", {"field": "event", "problem": f"Expected 1 to {LONGEST_NAME} bytes"})
        if json:
            decode_body(payload, Any)
        return Said(event, payload, json=json)
