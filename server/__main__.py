"""`fieldline-server`: the command line of the server."""

import click

from server.commands.backups import backup, restore
from server.commands.keys import keys
from server.commands.link import link
from server.commands.run import run
from server.commands.selftest import selftest
from server.commands.users import user


@click.group()
@click.version_option(package_name="fieldline")
def main() -> None:
    """The Fieldline server. Every command takes --data DIR; see docs/configuration.md for settings."""


for command in (run, user, keys, backup, restore, link, selftest):
    main.add_command(command)

if __name__ == "__main__":
    main()
