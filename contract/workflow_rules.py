"""What must hold of a workflow for the engine to run it: every rule names the place that breaks it."""

import re
from collections.abc import Iterator
from typing import get_args

from contract.actors import ROLES, Lang
from contract.rows import Texts
from contract.workflow import PLACEHOLDER, Transition, Workflow

Place = tuple[str | int, ...]
"""Where in the file: keys and indexes from the top, such as ("transitions", "accept", "from", 0)."""
Problem = tuple[Place, str]

LANGS: tuple[str, ...] = get_args(Lang)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PREFIX = re.compile(r"[A-Z]{2,5}")


def problems(workflow: Workflow) -> Iterator[Problem]:
    """Every rule that `workflow` breaks; none, and it can be run."""
    yield from _head(workflow)
    yield from _statuses(workflow)
    for name, transition in workflow.transitions.items():
        yield from _transition(workflow, name, transition)
    yield from _ways(workflow)
    yield from _bids(workflow)


def _head(workflow: Workflow) -> Iterator[Problem]:
    if not _NAME.fullmatch(workflow.name):
        yield ("name",), f"the name {workflow.name!r} must be small letters, digits and underscores"
    if not _PREFIX.fullmatch(workflow.code_prefix):
        yield ("code_prefix",), f"the code prefix {workflow.code_prefix!r} must be two to five capital letters"
    yield from _languages(workflow.title, ("title",))
    yield from _languages(workflow.on_create, ("on_create",))
    yield from _placeholders(workflow.on_create, ("on_create",), frozenset())
    yield from _roles(workflow.create_by, ("create_by",))
    for name, clock in workflow.clocks.items():
        if clock.seconds <= 0:
            yield ("clocks", name, "seconds"), f"the clock {name} must run for at least a second"


def _statuses(workflow: Workflow) -> Iterator[Problem]:
    first = [name for name, status in workflow.statuses.items() if status.first]
    if not first:
        yield ("statuses",), "no status is marked first: true, so a new booking has nowhere to start"
    for name in first[1:]:
        yield ("statuses", name, "first"), f"both {first[0]} and {name} are marked first; exactly one may be"
    for name, status in workflow.statuses.items():
        if not _NAME.fullmatch(name):
            yield ("statuses", name), f"the status {name!r} must be small letters, digits and underscores"
        yield from _languages(status.label, ("statuses", name, "label"))


def _transition(workflow: Workflow, name: str, transition: Transition) -> Iterator[Problem]:
    place: Place = ("transitions", name)
    known = ", ".join(workflow.statuses)
    if not transition.start:
        yield (*place, "from"), f"{name} leads from nowhere: name at least one status in from"
    for index, status in enumerate(transition.start):
        if status not in workflow.statuses:
            yield (*place, "from", index), f"{name} leads from the unknown status {status!r}; known are {known}"
    if transition.to not in workflow.statuses:
        yield (*place, "to"), f"{name} leads to the unknown status {transition.to!r}; known are {known}"
    if not transition.by:
        yield (*place, "by"), f"nobody may press {name}: name at least one role in by"
    yield from _roles(transition.by, (*place, "by"))
    if transition.auto is None:
        yield from _languages(transition.button, (*place, "button"))
    yield from _languages(transition.system, (*place, "system"))
    yield from _placeholders(transition.system, (*place, "system"), frozenset(transition.ask))
    if transition.also:
        yield from _languages(transition.also, (*place, "also"))
    for value, ask in transition.ask.items():
        yield from _languages(ask.label, (*place, "ask", value, "label"))
    for what, names in (("start", transition.clocks.start), ("stop", transition.clocks.stop)):
        for index, clock in enumerate(names):
            if clock not in workflow.clocks:
                yield (*place, "clocks", what, index), f"{name} would {what} the unknown clock {clock!r}"


def _bids(workflow: Workflow) -> Iterator[Problem]:
    bids = workflow.bids
    if (bids is not None) != ("bids" in workflow.features):
        yield ("features",), "the feature bids and the part `bids:`, which says who accepts one, go together"
    if bids is None:
        return
    if "marketplace" not in workflow.features:
        yield ("bids",), "bids are made for jobs on offer: name the feature marketplace, too"
    if not bids.accept_by:
        yield ("bids", "accept_by"), "nobody may accept a bid: name at least one role in accept_by"
    yield from _roles(bids.accept_by, ("bids", "accept_by"))
    known = {"name", "amount"}
    for what, texts in (("placed", bids.placed), ("accepted", bids.accepted), ("declined", bids.declined)):
        yield from _languages(texts, ("bids", what))
        yield from _placeholders(texts, ("bids", what), frozenset(known))
        known = {"amount"}
    first = {name for name, status in workflow.statuses.items() if status.first}
    pressed = workflow.transitions.get(bids.press)
    if pressed is None or not first.intersection(pressed.start):
        yield ("bids", "press"), f"no transition {bids.press!r} leads from the first status, where jobs are on offer"
    elif any(ask.required for ask in pressed.ask.values()):
        yield ("bids", "press"), f"accepting a bid cannot press {bids.press}, which asks for something"


def _ways(workflow: Workflow) -> Iterator[Problem]:
    """Every status can be reached, and every status that is not final can be left."""
    reached = {name for name, status in workflow.statuses.items() if status.first}
    if not reached:
        return
    waiting = set(reached)
    while waiting:
        status = waiting.pop()
        onward = {way.to for way in workflow.transitions.values() if status in way.start}
        waiting |= onward - reached
        reached |= onward
    left = {status for way in workflow.transitions.values() for status in way.start}
    for name, status_ in workflow.statuses.items():
        if name not in reached:
            yield ("statuses", name), f"no way leads to the status {name} from the first one"
        if not status_.final and name not in left:
            yield ("statuses", name), f"no way leads out of {name}; mark it final: true or add a transition"


def _languages(texts: Texts, place: Place) -> Iterator[Problem]:
    for lang in LANGS:
        if not texts.get(lang, "").strip():
            yield place, f"the {lang} text is missing"


def _placeholders(texts: Texts, place: Place, asked: frozenset[str]) -> Iterator[Problem]:
    for lang, text in texts.items():
        for name in PLACEHOLDER.findall(text):
            if name not in asked:
                yield (*place, lang), f"the text wants {{{name}}}, which is not among the values asked for"


def _roles(roles: tuple[str, ...], place: Place) -> Iterator[Problem]:
    for index, role in enumerate(roles):
        if role not in ROLES:
            yield (*place, index), f"there is no role {role!r}; known are {', '.join(ROLES)}"
