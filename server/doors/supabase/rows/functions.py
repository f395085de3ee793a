"""The functions that supabase.rpc(name, arguments) may call."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from contract.actors import Actor
from contract.errors import Refusal
from contract.ids import new_id
from contract.operations import Operation, PressTransition, write_payload
from server.actions.mark_read import mark_read
from server.doors.supabase.rows.writing import RowWriter

Function = Callable[[RowWriter, Actor, dict[str, Any]], Awaitable[Any]]


class _Read(msgspec.Struct, forbid_unknown_fields=True):
    booking_id: str
    position: int


class _Press(msgspec.Struct, forbid_unknown_fields=True):
    booking_id: str
    transition: str
    values: dict[str, str] = msgspec.field(default_factory=dict)


async def _mark_read(writer: RowWriter, actor: Actor, given: dict[str, Any]) -> bool:
    """Whether the caller's read mark moved."""
    asked = _arguments(given, _Read)
    return await writer.store.write(lambda tx: mark_read(tx, actor, asked.booking_id, asked.position))


async def _press_transition(writer: RowWriter, actor: Actor, given: dict[str, Any]) -> dict[str, Any]:
    """A status button, with the values it asks for."""
    asked = _arguments(given, _Press)
    payload = write_payload(PressTransition(asked.transition, asked.values))
    verdict = await writer.run(actor, Operation(new_id(), "booking.transition", asked.booking_id, payload))
    return {"changed": verdict.verdict == "applied", "version": verdict.version}


FUNCTIONS: Mapping[str, Function] = {"mark_read": _mark_read, "press_transition": _press_transition}


def _arguments(given: dict[str, Any], shape: type[Any]) -> Any:
    try:
        return msgspec.convert(given, shape)
    except msgspec.ValidationError as error:
        raise Refusal("invalid_payload", {"problem": str(error)}) from error
