"""Presses that the world overtook, as cards: for looks, and for tests of what is decided of them."""

from dataclasses import replace

from desktop.state.overtaken import ConflictCard, Sight, TextAfter
from tests.support import sample_desk_data as sample


def overtaken_cards() -> dict[str, list[ConflictCard]]:
    """By booking: two cancelled under a deployment with a line written after it, one further along than it was seen."""
    cancelled = ConflictCard(
        "o-9", "deploy", sample.ago(75), "cancelled", "Sami Darwish", sample.ago(190), (),
        saw_status="accepted", to_status="deployed", stood_status="accepted", their_reason="customer called",
        their_text="🚫 Your booking has been cancelled: customer called", sight=Sight("read", sample.ago(150)),
        behind=("arrive",), texts=(TextAfter("l-1", "Team on the way", "refused"),), takes_text=False,
    )  # fmt: skip
    moved = ConflictCard(
        "o-10", "accept", sample.ago(64), "deployed", "Maks", sample.ago(120), ("arrive", "cancel"),
        saw_status="pending", to_status="accepted", stood_status="accepted", sight=Sight("not_yet"),
        their_text="🚗 Your protection team has been deployed and is on its way to you.", silent_after=("cancel",),
        texts=(
            TextAfter("l-2", "We have your booking.", "sent", Sight("delivered", sample.ago(20))),
            TextAfter("l-3", "Please wait inside.", "waiting"),
        ),
    )  # fmt: skip
    same = replace(cancelled, op_id="o-12", texts=(TextAfter("l-4", "They left two minutes ago", "refused"),))
    return {"b-249": [cancelled], "b-102": [moved], "b-88": [same]}
