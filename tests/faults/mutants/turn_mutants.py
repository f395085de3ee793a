"""Rules of a desk at which two people take turns, each taken out: what the simulation must notice."""

from desktop.store import outbox_lanes
from desktop.sync.connection import Connection
from desktop.sync.outbox_sender import OutboxSender
from tests.faults.mutants.mutant import Mutant


def _may_send_at_once(sender: OutboxSender) -> bool:
    return sender._link.can_send


def _part_from_the_socket_only(connection: Connection) -> None:
    while not connection._inbox.empty():
        connection._inbox.get_nowait()
    connection.joined = None
    connection._link.happened("lost")
    connection.drop()


TURN_MUTANTS: dict[str, Mutant] = {
    "sends_anothers": Mutant(
        4, "nothing goes out under another's name",
        ((outbox_lanes, "_HEADS", outbox_lanes._HEADS.replace("author_id = :author AND", ":author <> '' AND")),),
    ),
    "new_before_lost": Mutant(
        1317, "what a restored server has lost of someone's comes before what they do anew",
        ((OutboxSender, "_may_send", _may_send_at_once),),
    ),
    "polling_inherited": Mutant(
        1470, "what was polled for one person says nothing to the next",
        ((Connection, "part", _part_from_the_socket_only),),
    ),
}  # fmt: skip
