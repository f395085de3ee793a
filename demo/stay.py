"""The demo on a screen: everything runs until the desktop is closed or Ctrl+C is pressed."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import click
import httpx

from demo.desk_door import KEPT_FREE, OPERATOR, PASSWORD, DeskDoor
from demo.story import crowd_at_work
from tests.support.running_server import running_server
from tests.support.server_process import fresh

_TOLD = """
Fieldline is running at {url}

  Customer's page   {link}
                    (the customer account's booking {kept}; the scripted customers leave it alone)
  Accounts          admin@, operator@, agent@, technician@, dentist@, customer@ fieldline.demo
  Password          {password}
  Read the API      {url}/docs

The desktop opens, signed in as {operator}. Ctrl+C here, or closing the desktop, ends everything.
"""


def stay(folder: Path) -> None:
    """Server, customers and the desktop as its own program; returns once the operator leaves."""
    with running_server(folder, demo=True, launch=fresh) as server:
        with httpx.Client(base_url=server.url, timeout=20) as http:
            staff = DeskDoor(http)
            staff.sign_in()
            link = staff.link(KEPT_FREE)
        click.echo(_TOLD.format(url=server.url, link=link, kept=KEPT_FREE, password=PASSWORD, operator=OPERATOR))
        with crowd_at_work(server.url, calm=2.5), suppress(KeyboardInterrupt):
            _desktop(folder, server.url)
        server.stop()


def _desktop(folder: Path, url: str) -> None:
    command = [sys.executable, "-m", "desktop", "--server", url, "--profile", str(folder / "profile")]
    environment = os.environ | {"FIELDLINE_EMAIL": OPERATOR, "FIELDLINE_PASSWORD": PASSWORD}
    subprocess.run(command, env=environment, check=False)
