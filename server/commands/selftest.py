"""`fieldline-server selftest`: the seeds' monitoring checklist (B-30), tried on a copy of the data; and the data."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click

from contract.ids import new_id
from contract.workflow import Workflow, buttons
from server.app import RESOURCES, load_workflows
from server.commands.data_option import data_option, plainly, settings_of
from server.commands.throwaway import Ear, Throwaway, throwaway_copy
from server.store.checks import Check, store_checks
from server.store.database import connect
from server.store.readers import Readers
from server.store.settings import StoreSettings

INSTANT = 2.0
"""Seconds (B-20)."""


@click.command()
@data_option
@click.pass_context
def selftest(context: click.Context, data: Path | None) -> None:
    """Tries everything on a throw-away server with a copy of the data; exits 1 when something does not hold."""
    settings = settings_of(data)
    with plainly():
        found = _of_the_data(settings)
        with throwaway_copy(settings) as server:
            found += asyncio.run(Trial(server).run())
    for check in found:
        click.echo(
            f"{'FAILED' if check.problem else 'ok':6} {check.name}{f': {check.problem}' if check.problem else ''}"
        )
    context.exit(any(check.problem for check in found))


def _of_the_data(settings: StoreSettings) -> list[Check]:
    """Read beside a running server, without holding it up."""
    if settings.url is None and not settings.database.exists():
        return []
    with contextlib.closing(Readers(lambda: connect(settings, read_only=True), 1, "")) as readers:
        return readers.read(store_checks)


class Trial:
    """The nine checks, in the checklist's order; each returns what is wrong, or an empty text."""

    def __init__(self, server: Throwaway) -> None:
        self._server = server
        self._workflow, self._button = _pressable(load_workflows(RESOURCES / "workflows"))
        self._booking = new_id()
        self._said: list[str] = []

    async def run(self) -> list[Check]:
        made = self._server.do("customer", "booking.create", None, {"workflow": self._workflow.name}, self._booking)
        if made["verdict"] != "applied":
            return [Check("A booking can be made", str(made))]
        checks: dict[str, Callable[[], Awaitable[str]]] = {
            "Messages appear instantly (< 2 seconds)": self._instant,
            "Status updates appear in client chat": self._status,
            "System messages created for all status changes": self._system_messages,
            "Connection status indicator has evidence": self._indicator,
            "Offline: what was missed arrives, what is repeated happens once": self._offline,
            "Codes are resolved to ids": self._codes,
            'No "invalid UUID" errors': self._no_uuid_errors,
            "Messages are never lost, not even by a kill": self._nothing_lost,
            "No errors in the server's log": self._no_errors,
        }
        return [Check(name, await check()) for name, check in checks.items()]

    async def _instant(self) -> str:
        ear = await self._join("operator")
        begun = asyncio.get_running_loop().time()
        op_id = self._say("customer", "Hello from client")
        came = await ear.until(lambda: any(row["id"] == op_id for row in ear.rows("messages")), INSTANT)
        ear.hang_up()
        took = asyncio.get_running_loop().time() - begun
        return "" if came and took < INSTANT else f"not there after {took:.1f} s"

    async def _status(self) -> str:
        ear = await self._join("customer")
        verdict = self._server.do("operator", "booking.transition", self._booking, {"transition": self._button})
        wanted = self._workflow.transitions[self._button].to
        came = await ear.until(lambda: any(row["status"] == wanted for row in ear.rows("bookings")), INSTANT)
        ear.hang_up()
        return "" if came else f"{wanted} was not told within {INSTANT:.0f} s: {verdict}"

    async def _system_messages(self) -> str:
        """One when the booking was made, one for the button."""
        told = [row for row in self._messages() if row["kind"] == "system"]
        return "" if len(told) == 2 else f"{len(told)} system messages for 2 changes"

    async def _indicator(self) -> str:
        ear = await self._join("customer")
        ear.send("2", "phoenix", "heartbeat", {})
        await ear.until(lambda: "2" in ear.replies)
        ear.hang_up()
        beat = ear.replies.get("2", {})
        return "" if {"head", "sent", "server_ts"} <= set(beat) else f"a heartbeat was answered {beat}"

    async def _offline(self) -> str:
        me = self._server.ask("GET", "/sync/v1/me", "customer")[1]
        op_id = self._say("operator", "Hello from operator")
        again = self._server.do("operator", "message.send", self._booking, {"text": "Hello from operator"}, op_id)
        ear = await Ear.join(self._server, "customer", me["epoch"], me["head"])
        await ear.until(lambda: bool(ear.rows("messages")))
        ear.hang_up()
        got = [row["id"] for row in ear.rows("messages")]
        return "" if got == [op_id] and again["verdict"] == "applied" else f"{len(got)} of 1 messages; {again}"

    async def _codes(self) -> str:
        [row] = self._server.ask("GET", f"/sync/v1/bookings/{self._booking}", "customer")[1]["tables"]["bookings"]
        status, found = self._server.ask("GET", f"/sync/v1/bookings/{row['code'].lower()}", "customer")
        return "" if status == 200 and found["tables"]["bookings"][0]["id"] == self._booking else f"status {status}"

    async def _no_uuid_errors(self) -> str:
        for nonsense in ("REQ1", "not-a-uuid", "00000000", new_id()):
            status, answer = self._server.ask("GET", f"/sync/v1/bookings/{nonsense}", "customer")
            if (status, answer.get("code")) != (404, "booking_not_found"):
                return f"{nonsense} was answered {status} {answer}"
        return ""

    async def _nothing_lost(self) -> str:
        for number in range(20):
            self._say("customer", f"line {number}")
        self._server.kill()
        self._server.start()
        there = [row["id"] for row in self._messages() if row["kind"] == "text"]
        missing, doubled = set(self._said) - set(there), len(there) - len(set(there))
        return f"{len(missing)} missing, {doubled} twice" if missing or doubled else ""

    async def _no_errors(self) -> str:
        lines = self._server.log.read_text().splitlines()
        errors = [line for line in lines if '"level": "error"' in line or "Traceback" in line]
        return errors[0] if errors else ""

    async def _join(self, role: str) -> Ear:
        me: dict[str, Any] = self._server.ask("GET", "/sync/v1/me", role)[1]
        return await Ear.join(self._server, role, me["epoch"], me["head"])

    def _say(self, role: str, text: str) -> str:
        verdict = self._server.do(role, "message.send", self._booking, {"text": text})
        self._said.append(verdict["op_id"])
        return str(verdict["op_id"])

    def _messages(self) -> list[dict[str, Any]]:
        path = f"/sync/v1/bookings/{self._booking}/messages?limit=200"
        found: list[dict[str, Any]] = self._server.ask("GET", path, "customer")[1]["rows"]
        return found


def _pressable(workflows: dict[str, Workflow]) -> tuple[Workflow, str]:
    """A workflow that a customer may open and an operator move on without being asked anything."""
    for workflow in workflows.values():
        for name, transition in buttons(workflow, workflow.first_status, "operator"):
            if "customer" in workflow.create_by and not any(ask.required for ask in transition.ask.values()):
                return workflow, name
    raise click.ClickException("No workflow has a button that could be tried.")
