"""Every refusal, once: its code, HTTP status and the sentence that tells the caller what to do."""

from typing import Any

import msgspec

REFUSALS: dict[str, tuple[int, str]] = {
    # the request itself
    "malformed_json": (400, "The body is not valid JSON. Send one JSON object."),
    "invalid_payload": (422, "A field is missing, unknown or of the wrong type. See details."),
    "body_too_large": (413, "The body is too large. Send less at once."),
    "not_found": (404, "There is no such address. See /openapi.json for what is served."),
    "method_not_allowed": (405, "This address does not take that method. See /openapi.json."),
    "not_supported": (501, "This server does not offer that. See docs for what is served."),
    "rate_limited": (429, "Too many requests. Wait as long as Retry-After says, then send the same again."),
    "internal": (500, "The server failed. Nothing was changed. Send the same operation again."),
    "unavailable": (503, "The server is starting, stopping or out of disk. Send the same again shortly."),
    # who is asking
    "unauthorized": (401, "Sign in: send a valid access token as Authorization: Bearer …"),
    "token_expired": (401, "The access token has expired. Refresh it and send the same again."),
    "invalid_credentials": (400, "Email or password is wrong."),
    "invalid_grant": (400, "The refresh token or link is not valid any more. Sign in again."),
    "forbidden": (403, "Your role may not do this."),
    # making and changing one's own account, in GoTrue's words
    "signup_disabled": (422, "This server does not let people sign themselves up. Ask whoever runs it for an account."),
    "anonymous_provider_disabled": (422, "This server does not let people in without an account. Sign in."),
    "user_already_exists": (422, "There is an account with this address already. Sign in."),
    "email_exists": (422, "There is an account with this address already. Give another one."),
    "weak_password": (422, "The password is too easy to guess. See details."),
    "same_password": (422, "That is your password already. Choose another one."),
    # the booking and its rows
    "booking_not_found": (404, "No booking with this id or code is visible to you. Check it, or ask for access."),
    "message_not_found": (404, "No message with this id is visible to you in this booking."),
    "bid_not_found": (404, "No bid with this id is visible to you in this booking."),
    "notification_not_found": (404, "No notification with this id is yours."),
    "user_not_found": (404, "There is no active person with this id and a fitting role."),
    "workflow_not_found": (422, "There is no such workflow. See /sync/v1/workflows."),
    "code_taken": (409, "Another booking has this code. Leave it out to get a fresh one."),
    # operations
    "op_id_reuse": (422, "This operation id was used for something else. Make a new id for a new intent."),
    "too_many_ops": (422, "At most 50 operations travel in one request. Send the rest in the next."),
    "epoch_changed": (409, "The server's history was replaced. Take a snapshot, then send again."),
    "behind_floor": (410, "That part of the feed is no longer kept. Take a snapshot."),
    "stale": (409, "The booking has changed since you saw it. See details for what stands now."),
    "illegal_transition": (409, "That step is not possible from the booking's present status. See details."),
    "unknown_transition": (422, "The booking's workflow has no such step or status."),
    "value_missing": (422, "This step asks for a value that was not given. See details."),
    "booking_closed": (409, "The booking is closed; it takes no more messages."),
    "bids_closed": (409, "The booking takes no bids now."),
    "bid_closed": (409, "The bid has been accepted, declined or withdrawn already. See details."),
    "too_old": (409, "This was made more than 30 days ago and never arrived. Copy its text and write it anew."),
    "text_empty": (422, "The text is empty. Write something."),
    "text_too_long": (422, "The text is longer than 8,000 characters. Shorten or split it."),
    "too_late_to_edit": (409, "Messages can be edited for 15 minutes. Write a new one instead."),
}


class Refusal(Exception):
    """A request or operation that is refused. `code` is a key of REFUSALS; `details` help the caller mend it."""

    def __init__(self, code: str, details: Any = None, *, retry_after: float | None = None) -> None:
        status, message = REFUSALS[code]
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status
        self.message = message
        self.details = details
        self.retry_after = retry_after


class ErrorBody(msgspec.Struct, frozen=True):
    """What every door answers a refusal with."""

    code: str
    message: str
    details: Any = None


def error_body(refusal: Refusal) -> ErrorBody:
    return ErrorBody(refusal.code, refusal.message, refusal.details)
