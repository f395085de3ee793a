"""`fieldline-server keys`: prints the two long-lived keys that apps written against Supabase are given."""

from pathlib import Path

import click

from server.access.signing_key import SigningKey
from server.access.tokens import TokenIssuer
from server.commands.data_option import data_option, plainly, settings_of


@click.command()
@data_option
def keys(data: Path | None) -> None:
    """Prints `anon: …` and `service: …`. The service key may do everything: keep it on servers."""
    with plainly():
        folder = settings_of(data).data_dir
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            issuer = TokenIssuer(SigningKey.at(folder))
        except OSError as error:
            raise click.ClickException(f"{folder} cannot be used ({error.strerror}).") from error
    click.echo(f"anon: {issuer.anon_key()}")
    click.echo(f"service: {issuer.service_key()}")
