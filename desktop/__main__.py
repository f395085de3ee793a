"""The command line of the desktop: without a command the window, which alone needs Qt."""

import sys

import click

from desktop.commands.command_line import COMMANDS
from desktop.config import ConfigError, Options, load_config


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Without a command the window opens.",
)
@click.option("--server", metavar="URL", help="Address of the server. Kept for the next start.")
@click.option("--profile", metavar="DIR", help="Folder for this desktop's data.")
@click.option("--screenshot", metavar="FILE", help="Paint the window, save the picture, exit.")
@click.option("--selftest", is_flag=True, help="Check that everything needed is there; exit 0, or say what failed.")
@click.pass_context
def main(
    context: click.Context, server: str | None, profile: str | None, screenshot: str | None, selftest: bool
) -> None:
    """Fieldline, the desk that keeps working when the network doesn't."""
    try:
        context.obj = load_config(Options(server=server, profile=profile, screenshot=screenshot, selftest=selftest))
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    if context.invoked_subcommand is None:
        from desktop.app import run  # noqa: PLC0415 - Qt costs a second that a command should not pay

        sys.exit(run(context.obj))


for command in COMMANDS:
    main.add_command(command)

if __name__ == "__main__":
    main()
