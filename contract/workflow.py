"""The workflow engine: what a status button does, who may press it and when. Server and desktop run this same code,
so that a button greyed out offline is greyed out for the server's reason.

What a newer server adds to a workflow is passed over, so that yesterday's desktop still works; a *file* with a key that
is not known is refused, with its line (workflow_file.py)."""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from contract.rows import Texts

Tone = Literal["amber", "green", "violet", "blue", "grey", "red"]
Offline = Literal["allow", "hold", "deny"]
PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Status(msgspec.Struct, frozen=True):
    label: Texts
    tone: Tone
    first: bool = False
    """Where a new booking starts; exactly one status is."""
    final: bool = False
    """No chat and no further steps, unless a transition leads out of it."""
    goal: bool = True
    """Shown among the steps on the customer's page, in the file's order."""


class Ask(msgspec.Struct, frozen=True):
    """A value the button asks for before it is pressed."""

    label: Texts
    required: bool = True


class Clocks(msgspec.Struct, frozen=True):
    stop: tuple[str, ...] = ()
    start: tuple[str, ...] = ()


class Transition(msgspec.Struct, frozen=True):
    start: tuple[str, ...] = msgspec.field(name="from")
    to: str = ""
    by: tuple[str, ...] = ()
    """Roles that may press it. `customer` and providers only on bookings they are party to."""
    button: Texts = msgspec.field(default_factory=dict)
    also: Texts = msgspec.field(default_factory=dict)
    """Another word for the button, by which search finds it too (B-16)."""
    system: Texts = msgspec.field(default_factory=dict)
    """The system message per language; `{reason}` and the like are filled from the values asked."""
    offline: Offline = "allow"
    confirm: bool = False
    danger: bool = False
    ask: dict[str, Ask] = msgspec.field(default_factory=dict)
    clocks: Clocks = Clocks()
    auto: Literal["on_staff_message"] | None = None
    """Pressed by the server when a member of staff first writes; never shown as a button."""
    assign: Literal["sender"] | None = None
    then: Literal["ask_rating"] | None = None


class Clock(msgspec.Struct, frozen=True):
    """A deadline in seconds. It runs from the transition (or creation) that starts it."""

    seconds: int
    on_create: bool = False


class Bids(msgspec.Struct, frozen=True):
    """Technicians bid for a job while it is on offer."""

    accept_by: tuple[str, ...]
    """Roles that may accept or decline a bid; `customer` only on its own bookings."""
    press: str
    """The transition that accepting one presses, whoever may press its button otherwise."""
    placed: Texts
    """Told to the customer, where the workflow notifies; `{name}` and `{amount}` are the bid's."""
    accepted: Texts
    """Told to the bidder; `{amount}` is the bid's."""
    declined: Texts


class Workflow(msgspec.Struct, frozen=True):
    """One business. Made by workflow_file.load; travels to clients as JSON in this shape."""

    name: str
    title: Texts
    code_prefix: str
    statuses: dict[str, Status]
    transitions: dict[str, Transition]
    on_create: Texts
    """The system message of a new booking per language (B-14)."""
    create_by: tuple[str, ...] = ("customer", "chatbot", "agent", "operator", "admin", "service")
    department: str | None = None
    features: tuple[str, ...] = ()
    """Names such as marketplace, bids, slots, rating; later parts give them meaning."""
    clocks: dict[str, Clock] = msgspec.field(default_factory=dict)
    bids: Bids | None = None
    """Of workflows with the feature `bids` alone."""

    @property
    def first_status(self) -> str:
        return next(name for name, status in self.statuses.items() if status.first)


class Step(msgspec.Struct, frozen=True):
    """A transition judged possible: what it will do."""

    transition: str
    from_status: str
    to_status: str
    texts: Texts
    """The system message, filled in, per language."""
    assign_sender: bool = False


class Impossible(msgspec.Struct, frozen=True):
    """A transition judged impossible. `code` is one of contract.errors."""

    code: str
    details: dict[str, object] = msgspec.field(default_factory=dict)


def judge(workflow: Workflow, status: str, transition: str, role: str, values: Mapping[str, str]) -> Step | Impossible:
    """Whether `role` may take `transition` from `status` now. Being party to the booking is the caller's to check."""
    found = workflow.transitions.get(transition)
    if found is None:
        return Impossible("unknown_transition", {"transition": transition, "known": list(workflow.transitions)})
    if role != "service" and role not in found.by:
        return Impossible("forbidden", {"transition": transition, "may": list(found.by)})
    if status not in found.start:
        legal = [name for name, _ in buttons(workflow, status, role)]
        return Impossible("illegal_transition", {"transition": transition, "status": status, "legal": legal})
    missing = [name for name, ask in found.ask.items() if ask.required and not values.get(name, "").strip()]
    if missing:
        return Impossible("value_missing", {"values": missing})
    texts = {lang: fill(text, values) for lang, text in found.system.items()}
    return Step(transition, status, found.to, texts, assign_sender=found.assign == "sender")


def judge_acceptance(workflow: Workflow, status: str, role: str) -> Step | Impossible:
    """Whether `role` may accept a bid now, and the step that comes with it."""
    bids = workflow.bids
    if bids is not None and not may_answer_bids(workflow, role):
        return Impossible("forbidden", {"may": list(bids.accept_by)})
    if bids is None or status not in workflow.transitions[bids.press].start:
        return Impossible("bids_closed", {"status": status})
    return judge(workflow, status, bids.press, "service", {})


def may_answer_bids(workflow: Workflow, role: str) -> bool:
    """Whether `role` may accept or decline bids at all."""
    return workflow.bids is not None and (role == "service" or role in workflow.bids.accept_by)


def buttons(workflow: Workflow, status: str, role: str) -> list[tuple[str, Transition]]:
    """The transitions that `role` may press from `status`, in the file's order, without automatic ones."""
    return [
        (name, transition)
        for name, transition in workflow.transitions.items()
        if status in transition.start and transition.auto is None and (role == "service" or role in transition.by)
    ]


def transition_to(workflow: Workflow, status: str, wanted: str, role: str) -> str | None:
    """The name of the first transition that leads `role` from `status` to `wanted`, automatic ones last."""
    fitting = [
        (transition.auto is not None, name)
        for name, transition in workflow.transitions.items()
        if status in transition.start and transition.to == wanted and (role == "service" or role in transition.by)
    ]
    return min(fitting, key=lambda pair: pair[0])[1] if fitting else None


def staff_message_transition(workflow: Workflow, status: str) -> str | None:
    """The automatic transition that a staff member's message presses from `status`, if any (E-13)."""
    for name, transition in workflow.transitions.items():
        if transition.auto == "on_staff_message" and status in transition.start:
            return name
    return None


def takes_messages(workflow: Workflow, status: str) -> bool:
    """Whether the two sides may still write: not in a final status that nothing leads out of."""
    found = workflow.statuses.get(status)
    return found is None or not found.final


def asks_rating(workflow: Workflow, status: str) -> bool:
    """Whether the customer is asked how it was, in this status: a step into it says so (E-15)."""
    return any(found.then == "ask_rating" and found.to == status for found in workflow.transitions.values())


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replaces `{name}` by its value; an unknown name becomes empty. No other formatting, values are data."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], "").strip(), text)


def in_language(texts: Texts, lang: str) -> str:
    """The text in `lang`, else in English, else whatever there is."""
    return texts.get(lang) or texts.get("en") or next(iter(texts.values()), "")
