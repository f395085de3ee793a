"""`fieldline-server link`: makes the unguessable address by which a booking's customer reaches the chat."""

from pathlib import Path

import click

from contract.errors import Refusal
from server.access.accounts import make_link
from server.commands.data_option import config_of, data_option, plainly, settings_of
from server.store.bookings import resolve_booking
from server.store.direct import write_directly
from server.store.transactions import WriteTx


@click.command()
@click.argument("booking")
@click.option("--url", help="The server's base URL, as customers see it; else FIELDLINE_PUBLIC_URL.")
@data_option
def link(data: Path | None, booking: str, url: str | None) -> None:
    """Prints a new link for BOOKING (an id or a code). Whoever has it writes as that customer."""

    def job(tx: WriteTx) -> str:
        found = resolve_booking(tx, booking)
        if found is None:
            raise Refusal("booking_not_found")
        return make_link(tx, found.id)

    with plainly():
        token = write_directly(settings_of(data), job)
    config = config_of(data)
    base = url or config.public_url or f"http://{config.host}:{config.port}"
    click.echo(f"{base.rstrip('/')}/c/{token}")
