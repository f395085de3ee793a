"""Tier 1: the server's verdicts, by status, operation, version and permission, against docs/states.md: every step of
every business from every status, judged by the real server on a real database, each undone again."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

import msgspec
import pytest

from contract.actors import Actor
from contract.errors import Refusal
from contract.ids import new_id
from contract.operations import Assign, Expect, Operation, OperationKind, Payload, PressTransition, SendMessage
from contract.operations import write_payload as written
from contract.verdicts import Verdict
from contract.workflow import Transition, Workflow
from server.actions.perform import perform
from server.store.transactions import WriteTx
from tests.faults.tables.published import columns, rows, table
from tests.support.writing_desk import WritingDesk, load_workflows

PRESSES = "What the server says of a press"
OTHERS = "What the server says of other operations"
ASKING = "Who is asking"
AGAIN = "Known already"
WORKFLOWS = load_workflows()
OLGA = Actor(new_id(), "operator", "Olga")
SERVICE = Actor(new_id(), "service", "Service")
SEEN_VERSION = 3


class Undone(Exception):
    """Takes the trial back, once its verdict is noted."""


class Bench:
    """One database with a booking of each business; a trial sets one as wanted, judges, and takes all of it back."""

    def __init__(self, desk: WritingDesk) -> None:
        self.desk = desk
        self.bookings = {name: desk.booking(OLGA, workflow=name) for name in WORKFLOWS}
        self.ben = desk.person("operator", "Ben").user_id

    def judge(
        self,
        actor: Actor,
        workflow: str,
        stands: dict[str, object],
        kind: OperationKind,
        payload: Payload,
        expect: Expect | None,
    ) -> str:
        """The verdict, or the code of the rejection."""
        said: list[Verdict] = []
        booking = self.bookings[workflow]
        operation = Operation(new_id(), kind, booking, written(payload), expect)

        def job(tx: WriteTx) -> None:
            tx.update_booking(booking, stands)
            said.append(perform(tx, WORKFLOWS, actor, "device", operation))
            raise Undone

        [undone] = self.desk.run(job)
        assert isinstance(undone, Undone), undone
        return said[-1].code or said[-1].verdict


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with WritingDesk(tmp_path_factory.mktemp("bench")) as desk:
        yield Bench(desk)


def expectations(seen: str) -> dict[str, tuple[Expect | None, ...]]:
    """Each column's preconditions."""
    by_status = (Expect(status=seen), Expect(status=seen, version=SEEN_VERSION))
    return {"status": by_status, "version": (Expect(version=SEEN_VERSION),), "none": (None, Expect())}


def row_of(step: Transition, seen: str, now: str, version: int) -> str:
    """Where a trial belongs in the table, from the business's file alone."""
    leads_on = now in step.start
    if now == step.to and not leads_on:
        return "stands where the step leads"
    where = (
        "the status moved" if now != seen else ("as it was seen" if version == SEEN_VERSION else "other fields moved")
    )
    return f"{where}, the step {'leads' if leads_on else 'does not lead'} on"


def presses(workflow: Workflow) -> Iterator[tuple[str, Transition, str, str, int]]:
    """(name, step, status seen, status now, version now) for all that can be."""
    for (name, step), seen, now in product(workflow.transitions.items(), workflow.statuses, workflow.statuses):
        for version in (SEEN_VERSION, SEEN_VERSION + 1) if seen == now else (SEEN_VERSION + 1,):
            yield name, step, seen, now, version


@pytest.mark.parametrize("workflow", list(WORKFLOWS.values()), ids=list(WORKFLOWS))
def test_that_every_press_from_every_status_on_every_picture_gets_the_pages_verdict(
    bench: Bench, workflow: Workflow
) -> None:
    met: Counter[tuple[str, str]] = Counter()
    for name, step, seen, now, version in presses(workflow):
        row, payload = row_of(step, seen, now, version), PressTransition(name, dict.fromkeys(step.ask, "because"))
        for column, expected in expectations(seen).items():
            for expect in expected:
                stands: dict[str, object] = {"status": now, "version": version}
                found = bench.judge(SERVICE, workflow.name, stands, "booking.transition", payload, expect)
                assert found == table(PRESSES)[row, column], (name, seen, now, version, expect)
                met[row, column] += 1
    missing = set(table(PRESSES)) - set(met)
    assert missing == set(), f"never tried: {missing}"


@pytest.mark.parametrize("cell", list(table(OTHERS)), ids="-".join)
def test_that_every_other_operation_gets_the_pages_verdict(bench: Bench, cell: tuple[str, str]) -> None:
    row, column = cell
    what, _, booking_now = row.partition(", ")
    stands: dict[str, object] = {
        "already so": {"status": "pending", "version": 9, "assignee_id": bench.ben, "assignee_name": "Ben"},
        "as it was seen": {"status": "pending", "version": SEEN_VERSION},
        "other fields moved": {"status": "pending", "version": SEEN_VERSION + 1},
        "the status moved": {"status": "accepted", "version": SEEN_VERSION + 1},
        "open": {"status": "accepted", "version": SEEN_VERSION + 1},
        "closed": {"status": "cancelled", "version": SEEN_VERSION + 1},
    }[booking_now]  # type: ignore[assignment] # columns of a booking
    kind, payload = operation_named(what, bench)
    for expect in expectations("pending")[column]:
        assert bench.judge(OLGA, "protection", stands, kind, payload, expect) == table(OTHERS)[cell]


def operation_named(what: str, bench: Bench) -> tuple[OperationKind, Payload]:
    found: dict[str, tuple[OperationKind, Payload]] = {
        "press": ("booking.transition", PressTransition("close")),
        "assign": ("booking.assign", Assign(assignee_id=bench.ben)),
        "message": ("message.send", SendMessage("Hello")),
        "note": ("message.send", SendMessage("Mind the dog", kind="note")),
    }
    return found[what]


@pytest.mark.parametrize("who", rows(ASKING))
@pytest.mark.parametrize("what", columns(ASKING))
def test_that_who_asks_decides_as_the_page_says(bench: Bench, who: str, what: str) -> None:
    """On a support chat, which has all four: its agent, its customer (no step but `leave` is hers, and no assigning),
    an agent of the department it was taken in, one of another department."""
    customer, agent, colleague, stranger = (
        Actor(new_id(), role, role, departments)  # type: ignore[arg-type] # each is a Role
        for role, departments in (("customer", ()), ("agent", ("support",)), ("agent", ("support",)), ("agent", ()))
    )
    stands: dict[str, object] = {
        "status": "active",
        "version": 2,
        "department": "support",
        "customer_id": customer.user_id,
        "assignee_id": agent.user_id,
        "assignee_name": "agent",
    }
    actor = {
        "sees all of it, may": agent,
        "sees all of it, may not": customer,
        "sees part of it": colleague,
        "sees nothing of it": stranger,
    }[who]
    wanted = {"as above": "applied", "–": "applied"}.get(table(ASKING)[who, what], table(ASKING)[who, what])
    kind, payload = operation_named(what, bench)
    assert bench.judge(actor, "support", stands, kind, payload, None) == wanted


@pytest.mark.parametrize("cell", list(table(AGAIN)), ids="-".join)
def test_that_an_operation_known_already_gets_the_pages_answer_whatever_has_moved_since(
    bench: Bench, cell: tuple[str, str]
) -> None:
    asked_again, first = cell
    desk = bench.desk
    booking = desk.booking(OLGA)
    if first == "noop":
        desk.do(OLGA, "booking.transition", PressTransition("accept"), booking)
    name = {"applied": "accept", "noop": "accept", "rejected": "arrive"}[first]
    op_id, payload = new_id(), PressTransition(name)
    judged = desk.do(OLGA, "booking.transition", payload, booking, op_id=op_id)
    assert judged.verdict == first
    for step in ("accept", "deploy"):
        desk.do(OLGA, "booking.transition", PressTransition(step), booking)
    told = len(desk.changes())
    actor = Actor(new_id(), "operator", "Another") if asked_again == "by another person" else OLGA
    if asked_again.endswith("other content"):
        payload = PressTransition("cancel", {"reason": "x"})
    epoch = "an epoch gone by" if asked_again == "in another epoch" else None
    try:
        again = desk.do(actor, "booking.transition", payload, booking, op_id=op_id, epoch=epoch)
    except Refusal as refusal:
        assert refusal.code == table(AGAIN)[cell]
    else:
        assert again.verdict == table(AGAIN)[cell]
        assert msgspec.structs.replace(again, seq=None) == msgspec.structs.replace(judged, seq=None)
    assert len(desk.changes()) == told
