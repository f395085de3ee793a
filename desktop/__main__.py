"""The command line of the desktop."""

import sys

import click

from desktop.app import run
from desktop.config import ConfigError, Options, load_config


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--server", metavar="URL", help="Address of the server. Kept for the next start.")
@click.option("--profile", metavar="DIR", help="Folder for this desktop's data.")
@click.option("--screenshot", metavar="FILE", help="Paint the window, save the picture, exit.")
@click.option("--selftest", is_flag=True, help="Check that everything needed is there; exit 0, or say what failed.")
def main(server: str | None, profile: str | None, screenshot: str | None, selftest: bool) -> None:
    """Fieldline, the desk that keeps working when the network doesn't."""
    try:
        config = load_config(Options(server=server, profile=profile, screenshot=screenshot, selftest=selftest))
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    sys.exit(run(config))


if __name__ == "__main__":
    main()
