"""Where every run begins: a server's files with people and bookings, and desks that have signed in once. Made once."""

import tempfile
from pathlib import Path

import msgspec

from contract.actors import Role
from contract.operations import CreateBooking, Operation, write_payload
from server.access.accounts import create_account, find_person
from server.actions.perform import perform
from server.app import RESOURCES, load_workflows
from server.store.status_texts import write_status_texts
from server.store.transactions import WriteTx
from tests.support.light_hash import light_hash
from tests.support.scratch import in_memory

PASSWORD = "demo-demo"
PEOPLE: dict[str, Role] = {"olga": "operator", "omar": "operator", "cora": "customer", "theo": "technician"}
DESKS = {"olga-1": "olga", "olga-2": "olga", "omar": "omar", "cora": "cora", "theo": "theo"}
SHARERS = ("olga", "omar")
"""Of a desk that is shared: the operators, who see the same."""
WORKFLOWS = ("techcare", "protection", "support")


def address(person: str) -> str:
    return f"{person}@desk.example"


class Town(msgspec.Struct):
    """Ids of people by name, and of the bookings."""

    people: dict[str, str] = {}
    bookings: list[str] = []


def found_town(tx: WriteTx) -> Town:
    """Everyone, and one booking of each workflow, all of them the customer's."""
    workflows = load_workflows(RESOURCES / "workflows")
    hashed = light_hash(PASSWORD)
    town = Town({}, [])
    for name, role in PEOPLE.items():
        town.people[name] = create_account(tx, address(name), hashed, name, role)
    write_status_texts(tx, workflows)
    operator = find_person(tx, town.people["olga"])
    assert operator is not None
    for at, workflow in enumerate(WORKFLOWS):
        op_id = f"00000000-0000-7000-8000-00000000000{at}"
        wanted = CreateBooking(workflow, customer_id=town.people["cora"], customer_name="Cora", code=f"SIM1000{at}")
        operation = Operation(op_id, "booking.create", None, write_payload(wanted))
        verdict = perform(tx, workflows, operator.actor, None, operation)
        assert verdict.verdict == "applied", verdict
        town.bookings.append(op_id)
    return town


class Template:
    """`server` is a data folder, `profiles` has a profile folder for each of DESKS."""

    def __init__(self, folder: Path, town: Town) -> None:
        self.server = folder / "server"
        self.profiles = folder / "profiles"
        self.town = town


def scratch_folder() -> Path:
    """A run writes a few megabytes and waits for no disk."""
    return Path(tempfile.mkdtemp(prefix="fieldline-sim-", dir=in_memory()))
