"""`fieldline-server user`: makes accounts, lists them, and verifies technicians."""

import sys
from pathlib import Path
from typing import Any

import click

from contract.actors import ROLES
from contract.errors import Refusal
from contract.ids import new_id
from contract.operations import Operation, VerifyTechnician, write_payload
from contract.verdicts import Verdict
from server.access.accounts import create_account, find_by_email, list_people
from server.access.passwords import hash_password
from server.access.tokens import SERVICE
from server.actions.perform import perform
from server.commands.data_option import data_option, plainly, settings_of
from server.store.direct import write_directly
from server.store.transactions import WriteTx

PEOPLE = tuple(role for role in ROLES if role != "service")


@click.group()
def user() -> None:
    """Makes accounts, lists them, verifies technicians. Works while the server runs, too."""


@user.command()
@click.argument("email")
@click.option("--role", type=click.Choice(PEOPLE), required=True)
@click.option("--name", required=True, help="As others see it.")
@click.option("--department", "departments", multiple=True, help="For agents; may be given several times.")
@click.option("--lang", type=click.Choice(["en", "ar"]), default="en", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Reads the password from standard input instead of asking.")
@data_option
def add(data: Path | None, email: str, *, password_stdin: bool, departments: tuple[str, ...], **person: Any) -> None:
    """Makes an account, or sets an existing one's password, name, role and departments anew; its sessions end. A
    customer's account is closed if its address is to be somebody else's: customers may have made it themselves."""
    if "@" not in email.strip("@") or len(email) > 320:
        raise click.BadParameter("Expected an address such as anna@example.org.", param_hint="EMAIL")
    hashed = _hashed(_read_password(from_stdin=password_stdin))

    def job(tx: WriteTx) -> bool:
        known = find_by_email(tx, email) is not None
        name, role, lang = person["name"], person["role"], person["lang"]
        create_account(tx, email, hashed, name, role, departments, lang=lang)
        return known

    with plainly():
        known = write_directly(settings_of(data), job)
    click.echo(f"{'Changed' if known else 'Added'} {email} as {person['role']}.")


@user.command()
@click.argument("email")
@click.option("--withdraw", is_flag=True, help="Takes it back.")
@data_option
def verify(data: Path | None, email: str, *, withdraw: bool) -> None:
    """Says that a technician is who they say: only verified ones may bid for jobs."""

    def job(tx: WriteTx) -> Verdict:
        found = find_by_email(tx, email)
        if found is None:
            raise Refusal("user_not_found", {"email": email})
        payload = write_payload(VerifyTechnician(found[0].actor.user_id, is_verified=not withdraw))
        return perform(tx, {}, SERVICE, None, Operation(new_id(), "technician.verify", None, payload))

    with plainly():
        verdict = write_directly(settings_of(data), job)
        if verdict.code is not None:
            raise Refusal(verdict.code, verdict.current)
    click.echo(f"{email} is {'not ' if withdraw else ''}verified.")


@user.command("list")
@data_option
def list_users(data: Path | None) -> None:
    """One line each: address, role, name, departments, and whether it is disabled."""
    with plainly():
        people = write_directly(settings_of(data), list_people)
    for person in people:
        actor = person.actor
        departments = ",".join(actor.departments) or "-"
        state = "disabled" if person.disabled else "active"
        click.echo("\t".join((person.email or "-", actor.role, actor.name, departments, state)))


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _hashed(password: str) -> str:
    try:
        return hash_password(password)
    except ValueError as error:
        raise click.ClickException(f"{str(error).capitalize()}.") from error
