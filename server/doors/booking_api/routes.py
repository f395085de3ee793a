"""Every address of the seeds' REST, described and mounted."""

from collections.abc import Callable
from typing import Any

from starlette.routing import Route

from server.doors.booking_api.bookings import BookingDoor
from server.doors.booking_api.messages import MessageDoor
from server.doors.booking_api.performing import BookingApi
from server.doors.booking_api.realtime_info import RealtimeHealth, RealtimeInfo, RealtimeStats, RealtimeStatus
from server.doors.booking_api.shapes import (
    BookingAnswer,
    BookingLink,
    BookingList,
    BookingMade,
    MessageList,
    NewBooking,
    NewMessage,
    NewStatus,
    SeedMessage,
    StatusAnswer,
)
from server.doors.endpoint import A_CODE, Endpoint, Parameter, booking_in_path

_BOOKINGS, _MESSAGES, _REALTIME = "bookings", "messages", "realtime"
_PAGE = (
    Parameter("bookingId", "The booking's id or code; `booking_id` is the same (X-06).", example=A_CODE),
    Parameter("booking_id", "As bookingId."),
    Parameter("limit", "At most so many messages, up to 200 (200).", shape=int),
    Parameter("before", "Only messages before this position or message id: the newest of them."),
    Parameter("after", "Only messages after this position or message id: the oldest of them."),
)
_KEY = (Parameter("Idempotency-Key", "Any text: the same key never writes twice.", "header"),)
_MESSAGE = {"bookingId": A_CODE, "content": "Hello from client"}
_STATUS = {"bookingId": A_CODE, "status": "accepted"}
_BOOKING = {"workflow": "protection", "title": "Airport transfer", "message": "Two cars, please."}
_READ = ("booking_not_found", "forbidden", "invalid_payload", "message_not_found")
_WRITE = ("booking_not_found", "forbidden", "op_id_reuse")
_SEND = (*_WRITE, "text_empty", "text_too_long", "booking_closed")
_STEP = (*_WRITE, "stale", "illegal_transition", "unknown_transition", "value_missing")

ENDPOINTS = (
    Endpoint("GET", "/api/messages", "A booking's messages, oldest first (A-03).", _MESSAGES,
             answer=MessageList, parameters=_PAGE, refusals=_READ),
    Endpoint("POST", "/api/messages", "Sends a message; sent again with its id, it answers the same (A-02, B-07).",
             _MESSAGES, body=NewMessage, example=_MESSAGE, answer=SeedMessage, status=201, parameters=_KEY,
             refusals=_SEND),
    Endpoint("DELETE", "/api/messages", "Removes a message and leaves a tombstone in its place (B-01, X-14).",
             _MESSAGES, answer=SeedMessage, refusals=(*_WRITE, "message_not_found", "invalid_payload"),
             parameters=(Parameter("id", "The message. Also `messageId`, also as a JSON body."), *_KEY)),
    Endpoint("GET", "/api/operator/messages", "As GET /api/messages (A-05).", _MESSAGES, answer=MessageList,
             access="staff", parameters=_PAGE, refusals=_READ),
    Endpoint("POST", "/api/operator/messages", "As POST /api/messages (A-04).", _MESSAGES, body=NewMessage,
             example=_MESSAGE, answer=SeedMessage, status=201, access="staff", parameters=_KEY, refusals=_SEND),
    Endpoint("POST", "/api/messages/system", "Writes a status line by hand (B-02).", _MESSAGES, body=NewMessage,
             example=_MESSAGE, answer=SeedMessage, status=201, access="desk", parameters=_KEY, refusals=_SEND),
    Endpoint("PATCH", "/api/bookings/status", "Presses the button that leads to this status; its system message is "
             "posted with it, always (B-03, B-04).", _BOOKINGS, body=NewStatus, example=_STATUS, answer=StatusAnswer,
             parameters=_KEY, refusals=_STEP),
    Endpoint("POST", "/api/bookings/status", "As PATCH.", _BOOKINGS, body=NewStatus, example=_STATUS,
             answer=StatusAnswer, parameters=_KEY, refusals=_STEP),
    Endpoint("POST", "/api/bookings", "Makes a booking and opens its room (B-14).", _BOOKINGS, body=NewBooking,
             example=_BOOKING, answer=BookingMade, status=201, parameters=_KEY,
             refusals=("forbidden", "op_id_reuse", "workflow_not_found", "user_not_found", "code_taken")),
    Endpoint("GET", "/api/bookings", "The bookings the asker may see, latest change first.", _BOOKINGS,
             answer=BookingList, refusals=("invalid_payload",), parameters=(
                 Parameter("status", "Only bookings in this status."),
                 Parameter("workflow", "Only bookings of this workflow."),
                 Parameter("limit", "At most so many, up to 200 (50).", shape=int),
                 Parameter("offset", "So many are passed over.", shape=int))),
    Endpoint("GET", "/api/bookings/{booking}", "One booking.", _BOOKINGS, answer=BookingAnswer,
             parameters=(booking_in_path(),), refusals=("booking_not_found",)),
    Endpoint("POST", "/api/bookings/{booking}/link", "A customer's own link to a booking's chat page.", _BOOKINGS,
             answer=BookingLink, status=201, access="desk", parameters=(booking_in_path(),),
             refusals=("booking_not_found",)),
    Endpoint("GET", "/api/realtime/health", "Whether realtime works (D-17).", _REALTIME, answer=RealtimeHealth,
             access="public"),
    Endpoint("GET", "/api/realtime/status", "Where the feed stands (D-18).", _REALTIME, answer=RealtimeStatus),
    Endpoint("GET", "/api/realtime/stats", "Sockets, operations, commits (D-19).", _REALTIME, answer=RealtimeStats,
             access="admin"),
)  # fmt: skip


def routes(api: BookingApi, figures: Callable[[], dict[str, Any]], public_url: str | None = None) -> list[Route]:
    """`figures` is Metrics.figures; `public_url` is what customers' links begin with (None: the address asked)."""
    return [
        *MessageDoor(api).routes(),
        *BookingDoor(api, public_url).routes(),
        *RealtimeInfo(api.store, figures).routes(),
    ]
