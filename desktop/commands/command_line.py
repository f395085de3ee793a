"""The desk for scripts: the same engine without a window. Exit codes and output are fixed: docs/scripting.md."""

import sys

import click

from contract.ids import new_id
from desktop.commands.app import Running
from desktop.commands.printing import printer
from desktop.config import DesktopConfig
from desktop.handover.requests import AnyRequest, Life, Outbox, Outcome, Press, Send, Sync, Tail

EXIT_CODES: dict[Outcome, int] = {
    "done": 0,
    "not_yet": 3,
    "needs_person": 4,
    "sign_in": 5,
    "refused": 6,
    "unusable": 7,
    "disk_full": 8,
}
INTERRUPTED = 130
_as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
_wait = click.option(
    "--wait",
    type=click.FloatRange(0, 3600),
    metavar="SECONDS",
    help="Wait this long for the server's word; exit 3 without it. Otherwise a second, and on disk will do.",
)


@click.command("send")
@click.argument("code")
@click.argument("text")
@_wait
@_as_json
@click.pass_obj
def send(config: DesktopConfig, code: str, text: str, wait: float | None, as_json: bool) -> None:
    """Write TEXT to the customer of booking CODE (an id or a code)."""
    _run(config, Send(new_id(), code, text, wait), as_json)


@click.command("press")
@click.argument("code")
@click.argument("transition")
@click.option("--value", "values", multiple=True, metavar="NAME=TEXT", help="What the step asks for, such as a reason.")
@_wait
@_as_json
@click.pass_obj
def press(
    config: DesktopConfig, code: str, transition: str, values: tuple[str, ...], wait: float | None, as_json: bool
) -> None:
    """Press the status button TRANSITION of booking CODE."""
    given = dict(_pair(value) for value in values)
    _run(config, Press(new_id(), code, transition, given, wait), as_json)


@click.command("tail")
@click.argument("code")
@click.option("--lines", type=click.IntRange(0, 1000), default=10, show_default=True, help="How many older ones first.")
@_as_json
@click.pass_obj
def tail(config: DesktopConfig, code: str, lines: int, as_json: bool) -> None:
    """Print the newest lines of booking CODE, then each new one, until interrupted."""
    _run(config, Tail(code, lines), as_json)


@click.command("outbox")
@_as_json
@click.pass_obj
def outbox(config: DesktopConfig, as_json: bool) -> None:
    """Print everything that is not finished, oldest first."""
    _run(config, Outbox(), as_json)


@click.command("sync")
@click.option("--once", is_flag=True, help="End when caught up and nothing is on its way.")
@click.option(
    "--wait",
    type=click.FloatRange(0, 3600),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="With --once: give up after this long.",
)
@_as_json
@click.pass_obj
def sync(config: DesktopConfig, once: bool, wait: float, as_json: bool) -> None:
    """Keep this desk in step with the server, with no window."""
    _run(config, Sync(once, wait), as_json)


@click.command("life")
@click.argument("op_id")
@_as_json
@click.pass_obj
def life(config: DesktopConfig, op_id: str, as_json: bool) -> None:
    """Print what is known to have happened to an operation, step by step, and on which evidence."""
    _run(config, Life(op_id), as_json)


COMMANDS: tuple[click.Command, ...] = (send, press, tail, outbox, sync, life)


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise click.BadParameter(f"{text!r} is not NAME=TEXT.", param_hint="--value")
    return name, value


def _run(config: DesktopConfig, request: AnyRequest, as_json: bool) -> None:
    try:
        ended = Running(config, request, printer(as_json=as_json)).run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    if ended.message:
        click.echo(f"fieldline: {ended.message}", err=True)
    sys.exit(EXIT_CODES[ended.outcome])
