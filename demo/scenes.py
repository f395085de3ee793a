"""The story's scenes, in order: words cross, a button is pressed, the network goes, both write on, it comes back."""

import contextlib
import sqlite3
import time

from contract.moments import to_ms
from demo.latencies import Latencies
from demo.page import wait_for
from demo.stage import Stage

FROM_CLIENT, FROM_OPERATOR = "Hello from client", "Hello from operator"
ACCEPTED = "✅ Your booking has been accepted by our team"
DEPLOYED = "🚗 Your protection team has been deployed"
DESK_OFFLINE = ("Written offline, first", "Written offline, second", "Written offline, third")
PAGE_OFFLINE = ("No signal here, one", "No signal here, two", "No signal here, three")
RANK = {"queued": 0, "sending": 0, "sent": 1, "delivered": 2, "read": 3}
"""A try that failed leaves a line where it was: on this side."""


def words_cross(stage: Stage) -> None:
    """ "Hello from client" reaches the operator's screen, "Hello from operator" the page (B-19)."""
    sent = stage.page.say(FROM_CLIENT)
    wait_for(lambda: stage.desk.painted_at(FROM_CLIENT) is not None, "the customer's line on the desktop")
    took = (stage.desk.painted_at(FROM_CLIENT) or 0) - sent
    stage.report.claim(f"“{FROM_CLIENT}” is on the operator's screen within 1 s", took <= 1, f"{took * 1000:.0f} ms")
    sent = stage.desk.say(FROM_OPERATOR)
    wait_for(lambda: stage.page.line_seen_at(FROM_OPERATOR) is not None, "the operator's line on the page")
    took = (stage.page.line_seen_at(FROM_OPERATOR) or 0) - sent
    stage.report.claim(f"“{FROM_OPERATOR}” is on the customer's page within 1 s", took <= 1, f"{took * 1000:.0f} ms")


def booking_is_accepted(stage: Stage, to_page: Latencies) -> None:
    """Accept Booking: the status on both sides, and its one line in the conversation (B-03, B-15, B-18, B-20)."""
    stage.desk.press("Accept Booking")
    wait_for(lambda: stage.page.badge() == "Accepted", "the page's badge")
    wait_for(lambda: _desk_status(stage) == "accepted", "the desktop's status")
    wait_for(lambda: stage.desk.painted_at(ACCEPTED) is not None, "the system line on the desktop")
    applied = to_ms(stage.status_moments(stage.booking_id)["accepted"]) / 1000
    took = (stage.page.badge_seen_at("Accepted") or 0) - applied
    to_page.add(took)
    lines = [row for row in stage.history() if str(row["message"]).startswith(ACCEPTED)]
    stage.report.claim(
        "Accept Booking: ACCEPTED on both sides within 2 s of leaving the desk (after the 5 s for undo)",
        took <= 2,
        f"page {took * 1000:.0f} ms after the server had it",
    )
    stage.report.claim("…and exactly one system line says so", len(lines) == 1, f"{len(lines)} line")
    stage.picture("1-desktop-light", "The operator's desk after Accept Booking")
    stage.picture("2-page-phone", "The customer's page at the same moment", of_page=True)


def network_goes(stage: Stage) -> None:
    """Both sides are cut off, write three messages each, and the operator presses a button. Nothing pretends."""
    before = len(stage.history())
    stage.desk_link.down()
    stage.page_link.down()
    wait_for(lambda: stage.desk.link().phase in ("reconnecting", "offline"), "the desktop to notice")
    for text in PAGE_OFFLINE:
        stage.page.say(text)
    for text in DESK_OFFLINE:
        stage.desk.say(text)
    stage.desk.press("Deploy Team")
    wait_for(lambda: len(stage.desk.outbox()) == 4, "four operations in the outbox")
    wait_for(lambda: all(_page_state(stage, text) == "queued" for text in PAGE_OFFLINE), "the page's queue")
    wait_for(lambda: bool(stage.desk.banners()) and bool(stage.page.banner()), "both to say it")
    queued = [line.delivery for line in stage.desk.lines() if line.text in DESK_OFFLINE]
    states = ", ".join(sorted({str(state) for state in queued}))
    stage.report.claim(
        "Cut off, both screens say what is queued", set(queued) == {"queued"}, f"desktop: 4 waiting ({states}), page: 3"
    )
    stage.picture("3-desktop-offline", "The desk without a network: three messages and a button wait on disk")
    stage.picture("4-page-offline", "The page without a network", of_page=True)
    stage.report.claim(
        "…and nothing has reached the server meanwhile",
        len(stage.history()) == before,
        f"{before} lines before and after",
    )


def network_comes_back(stage: Stage, to_page: Latencies) -> None:
    """Everything arrives once, in the order in which each side wrote it, and the ticks climb (B-21, B-22, A-21)."""
    stage.desk_link.up()
    stage.page_link.up()
    wait_for(lambda: stage.page.badge() == "Deployed", "the button pressed offline", 60)
    wait_for(lambda: not stage.desk.outbox(), "the outbox to empty", 60)
    wait_for(lambda: len(stage.history()) >= len(_told()), "all lines at the server", 60)
    applied = to_ms(stage.status_moments(stage.booking_id)["deployed"]) / 1000
    to_page.add((stage.page.badge_seen_at("Deployed") or 0) - applied)
    texts = [str(row["message"]) for row in stage.history()]
    for side, written in (("operator", DESK_OFFLINE), ("customer", PAGE_OFFLINE)):
        arrived = [text for text in texts if text in written]
        stage.report.claim(
            f"Back: the {side}'s three messages arrived once and in order",
            arrived == list(written),
            " · ".join(arrived),
        )
    deployed = [text for text in texts if text.startswith(DEPLOYED)]
    stage.report.claim(
        "…and the button pressed offline counted once", len(deployed) == 1, f"{len(deployed)} system line"
    )


def status_changes_at_a_sql_prompt(stage: Stage) -> None:
    """Another program writes into the database; both screens follow without a refresh (C-33)."""
    with contextlib.closing(sqlite3.connect(stage.folder / "data" / "fieldline.db", timeout=10)) as prompt, prompt:
        prompt.execute("UPDATE bookings SET status = 'on_site' WHERE id = ?", (stage.booking_id,))
        changed = time.time()
    wait_for(lambda: stage.page.badge() == "On site", "the page's badge")
    wait_for(lambda: _desk_status(stage) == "on_site", "the desktop's status")
    took = (stage.page.badge_seen_at("On site") or 0) - changed
    stage.report.claim("A status changed at a SQL prompt is on both screens", took <= 2, f"page {took * 1000:.0f} ms")


def ticks_climb(stage: Stage) -> None:
    """The other side has read it: the ticks of every own line say so, on both screens, and never went back."""
    mine = (*DESK_OFFLINE, FROM_OPERATOR)
    theirs = (*PAGE_OFFLINE, FROM_CLIENT)
    wait_for(lambda: all(stage.page.climb(text)[-1:] == ["read"] for text in theirs), "the page's ticks", 30)
    wait_for(lambda: all(stage.desk.climb(text)[-1:] == ["read"] for text in mine), "the desktop's ticks", 30)
    climbs = {text: stage.desk.climb(text) for text in mine} | {text: stage.page.climb(text) for text in theirs}
    fallen = {text: climb for text, climb in climbs.items() if not _only_rises(climb)}
    shown = fallen or {text: climbs[text] for text in (DESK_OFFLINE[0], PAGE_OFFLINE[0])}
    stage.report.claim(
        "The ticks climb to read on both sides and never go back",
        not fallen,
        "; ".join(f"{text}: {' → '.join(climb)}" for text, climb in shown.items()),
    )


def screens_agree(stage: Stage) -> None:
    """Line by line, both screens show what the server holds."""
    held = [str(row["message"]) for row in stage.history()]
    on_page = [line.text for line in stage.page.lines()]
    on_desk = [line.text for line in stage.desk.lines()]
    stage.report.claim(
        "Both screens show the server's history, line by line",
        held == on_page == on_desk,
        f"{len(held)} lines at the server, {len(on_page)} on the page, {len(on_desk)} at the desk",
    )


def _told() -> tuple[str, ...]:
    """What the story says at least: the opening line of the workflow, two hellos, two presses, six messages."""
    return ("on_create", FROM_CLIENT, FROM_OPERATOR, ACCEPTED, DEPLOYED, *DESK_OFFLINE, *PAGE_OFFLINE)


def _desk_status(stage: Stage) -> str:
    return stage.desk.detail(stage.booking_id).booking.status


def _only_rises(climb: list[str]) -> bool:
    ranks = [RANK[state] for state in climb]
    return ranks == sorted(ranks)


def _page_state(stage: Stage, text: str) -> str | None:
    return next((line.state for line in stage.page.lines() if line.text == text), None)
