"""The engine: who may press what and when, and what a press will write."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.actors import ROLES
from contract.workflow import (
    Impossible,
    Step,
    Workflow,
    asks_rating,
    buttons,
    fill,
    in_language,
    judge,
    staff_message_transition,
    takes_messages,
    transition_to,
)
from contract.workflow_file import load_workflow

FOLDER = Path(__file__).parents[2] / "resources" / "workflows"
WORKFLOWS = {path.stem: load_workflow(path.read_text("utf-8"), path.name) for path in FOLDER.glob("*.yaml")}
DESK = "agent operator admin"
VALUES = {"reason": "it rains"}

# What the five files are meant to say, written a second time by hand: transition, from, to, roles.
TABLES = {
    "protection": [
        ("accept", "pending", "accepted", "operator admin"),
        ("deploy", "accepted", "deployed", "operator admin"),
        ("arrive", "deployed", "on_site", "operator admin"),
        ("complete", "on_site", "completed", "operator admin"),
        ("decline", "pending", "declined", "operator admin"),
        ("cancel", "pending accepted deployed", "cancelled", "operator admin customer"),
    ],
    "chat": [
        ("accept", "pending", "accepted", DESK),
        ("deploy", "accepted", "deployed", DESK),
        ("complete", "deployed", "completed", DESK),
        ("cancel", "pending accepted deployed", "cancelled", f"{DESK} customer"),
    ],
    "techcare": [
        ("assign", "pending", "assigned", DESK),
        ("set_off", "assigned", "en_route", f"{DESK} technician"),
        ("start_work", "assigned en_route", "in_progress", f"{DESK} technician"),
        ("finish_work", "in_progress", "completed", f"{DESK} technician"),
        ("mark_paid", "completed", "paid", "operator admin"),
        ("cancel", "pending assigned en_route", "cancelled", f"{DESK} customer"),
    ],
    "dental": [
        ("confirm", "requested", "confirmed", f"{DESK} dentist"),
        ("check_in", "confirmed", "checked_in", f"{DESK} dentist"),
        ("complete", "checked_in", "completed", f"{DESK} dentist"),
        ("mark_no_show", "confirmed", "no_show", f"{DESK} dentist"),
        ("cancel", "requested confirmed", "cancelled", f"{DESK} dentist customer"),
    ],
    "support": [
        ("first_reply", "waiting", "active", DESK),
        ("close", "waiting active", "ended", DESK),
        ("leave", "waiting active", "ended", "customer"),
    ],
}
CASES = [
    (name, transition, start.split(), to, roles.split())
    for name, table in TABLES.items()
    for transition, start, to, roles in table
]


@pytest.mark.parametrize(("name", "transition", "start", "to", "roles"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES])
def test_that_every_role_in_every_status_gets_the_answer_of_the_table(name, transition, start, to, roles):
    workflow = WORKFLOWS[name]
    for role in ROLES:
        for status in workflow.statuses:
            answer = judge(workflow, status, transition, role, VALUES)
            if role not in roles and role != "service":
                assert isinstance(answer, Impossible), (role, status)
                assert answer.code == "forbidden"
            elif status not in start:
                assert isinstance(answer, Impossible), (role, status)
                assert answer.code == "illegal_transition"
                assert answer.details["legal"] == [name for name, _ in buttons(workflow, status, role)]
            else:
                assert isinstance(answer, Step), (role, status)
                assert (answer.from_status, answer.to_status) == (status, to)


def test_that_the_tables_leave_no_transition_out():
    assert {name: list(workflow.transitions) for name, workflow in WORKFLOWS.items()} == {
        name: [row[0] for row in TABLES[name]] for name in WORKFLOWS
    }


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS.keys())
def test_that_a_customer_may_press_nothing_but_the_end_of_its_own_booking(workflow: Workflow):
    pressed = {name for status in workflow.statuses for name, _ in buttons(workflow, status, "customer")}
    assert pressed <= {"cancel", "leave"}
    assert pressed


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS.keys())
def test_that_every_way_ends_and_says_so_in_both_languages_at_each_step(workflow: Workflow):
    seen, waiting = set(), {workflow.first_status}
    while waiting:
        status = waiting.pop()
        seen.add(status)
        for name in workflow.transitions:
            step = judge(workflow, status, name, "service", VALUES)
            if isinstance(step, Step):
                waiting |= {step.to_status} - seen
                assert step.texts.keys() >= {"en", "ar"}
                assert all(text.strip() and "{" not in text for text in step.texts.values())
    assert seen == set(workflow.statuses)
    assert all(takes_messages(workflow, status) is not workflow.statuses[status].final for status in seen)


def test_that_the_seeds_sentences_are_said_word_for_word():
    protection, chat, support = WORKFLOWS["protection"], WORKFLOWS["chat"], WORKFLOWS["support"]
    for workflow in (protection, chat):
        accept = workflow.transitions["accept"]
        assert workflow.on_create["en"].startswith("⏳ Your booking request has been received")
        assert accept.system["en"].startswith("✅ Your booking has been accepted by our team")
        assert (accept.button["en"], accept.also["en"]) == ("Accept Booking", "Confirm")
        assert workflow.transitions["deploy"].button["en"] == "Deploy Team"
    assert protection.transitions["deploy"].system["en"] == (
        "🚗 Your protection team has been deployed and is on its way to you."
    )
    assert support.transitions["first_reply"].system["en"] == "Agent has joined"
    assert [w.code_prefix for w in (protection, support, chat)] == ["REQ", "SUP", "CHT"]


def test_that_a_press_asks_for_its_reason_and_puts_it_into_the_message():
    protection = WORKFLOWS["protection"]
    for values in ({}, {"reason": "  "}):
        missing = judge(protection, "pending", "cancel", "customer", values)
        assert missing == Impossible("value_missing", {"values": ["reason"]})
    step = judge(protection, "pending", "cancel", "customer", {"reason": " plans changed "})
    assert isinstance(step, Step)
    assert step.texts["en"] == "🚫 Your booking has been cancelled: plans changed"


def test_that_a_value_that_is_only_invited_may_be_left_out_and_leaves_nothing_behind():
    table = msgspec.to_builtins(WORKFLOWS["protection"])
    table["transitions"]["cancel"]["ask"]["reason"]["required"] = False
    step = judge(msgspec.convert(table, Workflow), "pending", "cancel", "customer", {})
    assert isinstance(step, Step)
    assert step.texts["en"] == "🚫 Your booking has been cancelled: "


def test_that_an_unknown_button_is_answered_with_the_known_ones():
    answer = judge(WORKFLOWS["support"], "waiting", "explode", "admin", {})
    assert answer == Impossible(
        "unknown_transition", {"transition": "explode", "known": ["first_reply", "close", "leave"]}
    )


def test_that_an_automatic_transition_is_never_a_button_but_comes_with_the_first_staff_message():
    support = WORKFLOWS["support"]
    assert [name for name, _ in buttons(support, "waiting", "agent")] == ["close"]
    assert staff_message_transition(support, "waiting") == "first_reply"
    assert staff_message_transition(support, "active") is None
    assert [status for status in support.statuses if asks_rating(support, status)] == ["ended"]
    step = judge(support, "waiting", "first_reply", "agent", {})
    assert isinstance(step, Step)
    assert step.assign_sender


def test_that_a_wanted_status_finds_its_button_for_those_who_may_press_it():
    protection = WORKFLOWS["protection"]
    assert transition_to(protection, "pending", "accepted", "operator") == "accept"
    assert transition_to(protection, "pending", "accepted", "service") == "accept"
    assert transition_to(protection, "pending", "accepted", "customer") is None
    assert transition_to(protection, "pending", "deployed", "operator") is None
    assert transition_to(WORKFLOWS["support"], "waiting", "active", "agent") == "first_reply"


def test_that_a_status_nobody_described_still_takes_messages():
    assert takes_messages(WORKFLOWS["chat"], "from another version")


@given(st.dictionaries(st.sampled_from(["reason", "place", "x"]), st.text()))
def test_that_values_are_data_and_never_filled_in_again(values: dict[str, str]):
    filled = fill("<{reason}|{place}>", values)
    assert filled == f"<{values.get('reason', '').strip()}|{values.get('place', '').strip()}>"


def test_that_a_text_comes_in_the_language_asked_for_or_the_nearest_there_is():
    assert in_language({"en": "yes", "ar": "نعم"}, "ar") == "نعم"
    assert in_language({"en": "yes", "ar": ""}, "ar") == "yes"
    assert in_language({"ar": "نعم"}, "en") == "نعم"
    assert in_language({}, "en") == ""


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS.keys())
def test_that_a_workflow_survives_its_journey_as_json(workflow: Workflow):
    assert msgspec.json.decode(msgspec.json.encode(workflow), type=Workflow) == workflow


@pytest.mark.parametrize("name", WORKFLOWS)
def test_that_what_a_newer_server_adds_to_a_workflow_is_passed_over(name: str) -> None:
    told = msgspec.to_builtins(WORKFLOWS[name])
    told["of_tomorrow"] = {"colour": "gold"}
    for part in ("statuses", "transitions"):
        for one in told[part].values():
            one["of_tomorrow"] = True
    assert msgspec.json.decode(msgspec.json.encode(told), type=Workflow) == WORKFLOWS[name]
