"""What one HTTP address takes and answers, as data; `/openapi.json` is written from the doors' lists of these."""

from typing import Any, Literal

import msgspec

Access = Literal["public", "signed_in", "staff", "desk", "admin"]


A_CODE = "REQ1759286674249"
"""The seeds' own example of a booking code (B-08); the demo has a booking of that name."""


class Parameter(msgspec.Struct, frozen=True):
    """One value in the query, the path or a header. Query parameters not listed are ignored."""

    name: str
    text: str
    where: Literal["query", "path", "header"] = "query"
    shape: Any = str
    required: bool = False
    example: str | None = None


class Endpoint(msgspec.Struct, frozen=True):
    """One method at one address. `body` and `answer` are types msgspec writes a JSON Schema for; None: no body."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    summary: str
    tag: str
    body: Any = None
    example: Any = None
    """A body that the demo's people could send."""
    answer: Any = None
    status: int = 200
    access: Access = "signed_in"
    parameters: tuple[Parameter, ...] = ()
    refusals: tuple[str, ...] = ()
    """Codes of contract.errors beyond those every address of its access and body may answer."""
    media_type: str = "application/json"
    """Of the answer."""


def booking_in_path(name: str = "booking") -> Parameter:
    return Parameter(name, "The booking's id or code (X-06).", "path", str, required=True, example=A_CODE)
