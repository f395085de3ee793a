"""Changes tells each listener what it asked for, and nothing after it has stopped."""

from desktop.state.changes import Changes
from desktop.state.lines import LinkState


def test_that_each_kind_of_change_reaches_those_who_asked_for_it():
    heard: list[object] = []
    changes = Changes()
    changes.listen(
        bookings=lambda ids: heard.append(("bookings", ids)),
        renamed=lambda old, new: heard.append((old, new)),
        conversation=lambda booking: heard.append(("conversation", booking)),
        outbox=lambda: heard.append("outbox"),
        link=lambda link: heard.append(link.phase),
        companions=lambda booking: heard.append(("companions", booking)),
        session=lambda me: heard.append(("session", me)),
        notice=lambda key, values: heard.append((key, values)),
    )
    changes.bookings_changed(frozenset({"b"}))
    changes.booking_renamed("b", "c")
    changes.conversation_changed("b")
    changes.outbox_changed()
    changes.link_changed(LinkState(phase="live"))
    changes.companions_changed("b")
    changes.session_changed(None)
    changes.notice("clock_wrong", minutes=7)
    assert heard == [
        ("bookings", frozenset({"b"})),
        ("b", "c"),
        ("conversation", "b"),
        "outbox",
        "live",
        ("companions", "b"),
        ("session", None),
        ("clock_wrong", {"minutes": 7}),
    ]


def test_that_a_listener_that_stopped_hears_nothing_and_may_stop_while_being_told():
    heard: list[object] = []
    changes = Changes()

    def hear_once():
        heard.append("once")
        stop()

    stop = changes.listen(outbox=hear_once)
    changes.listen(outbox=lambda: heard.append("always"))
    changes.outbox_changed()
    changes.outbox_changed()
    stop()
    assert heard == ["once", "always", "always"]
