"""The addresses under /rest/v1, described."""

from typing import Any

from server.doors.endpoint import Endpoint, Parameter
from server.doors.supabase.rows.functions import FUNCTIONS
from server.doors.supabase.rows.relations import SOURCES

_TAG = "supabase rows"
_TABLE = Parameter("table", f"One of {', '.join(SOURCES)}.", "path", required=True, example="messages")
_FUNCTION = Parameter("function", f"One of {', '.join(FUNCTIONS)}.", "path", required=True, example="mark_read")
_SELECT = Parameter("select", "Columns by comma, `*`, `name:column`, and rows along a foreign key: `*,messages(*)`.")
_FILTERS = (
    Parameter("id", "A condition on a column, as `eq.…`; likewise for every other column, and `or`, `and`."),
    Parameter("order", "`column.desc` and so on, by comma."),
    Parameter("limit", "Rows at most, up to 1,000.", shape=int),
    Parameter("offset", "Rows to pass over.", shape=int),
)
_PREFER = Parameter("Prefer", "`count=exact`, `return=representation`, `resolution=merge-duplicates`.", "header")
_WRITING = ("forbidden", "booking_not_found", "message_not_found", "too_many_ops", "stale", "illegal_transition",
            "unknown_transition", "booking_closed", "text_empty", "text_too_long", "too_late_to_edit", "op_id_reuse",
            "code_taken", "bids_closed", "bid_closed", "bid_not_found", "notification_not_found",
            "value_missing", "user_not_found",
            "workflow_not_found")  # fmt: skip
_PATH = "/rest/v1/{table}"

ENDPOINTS = (
    Endpoint("GET", _PATH, "Rows that the asker may see, in PostgREST's form.", _TAG, answer=list[dict[str, Any]],
             parameters=(_TABLE, _SELECT, *_FILTERS, _PREFER), refusals=("invalid_payload",)),
    Endpoint("POST", _PATH, "Sends messages, makes bookings, bids for jobs: rows become operations.", _TAG,
             body=dict[str, Any] | list[dict[str, Any]], status=201, parameters=(_TABLE, _SELECT, _PREFER),
             example={"booking_id": "REQ1759286674249", "message": "Hello from client"}, refusals=_WRITING),
    Endpoint("PATCH", _PATH, "Sets a booking's status or assignment, edits messages, answers bids.", _TAG,
             body=dict[str, Any], status=204, parameters=(_TABLE, _SELECT, *_FILTERS, _PREFER),
             example={"status": "accepted"}, refusals=_WRITING),
    Endpoint("DELETE", _PATH, "Removes messages; they stay as tombstones (X-14).", _TAG, status=204,
             parameters=(_TABLE, _SELECT, *_FILTERS, _PREFER), refusals=("invalid_payload", *_WRITING)),
    Endpoint("POST", "/rest/v1/rpc/{function}", "Calls a published function.", _TAG, body=dict[str, Any],
             answer=bool | dict[str, Any], refusals=_WRITING, parameters=(_FUNCTION,)),
)  # fmt: skip
