"""What the glyph beside an operation promises; its moves are held to docs/states.md in tests/faults/tables."""

import pytest

from contract.delivery import Delivery
from desktop.state.op_state import OP_STATES, delivery_of


@pytest.mark.parametrize("state", OP_STATES)
@pytest.mark.parametrize("code", [None, "stale", "illegal_transition", "forbidden"])
def test_that_only_a_press_that_was_overtaken_shows_as_a_conflict(state, code):
    for kind in ("booking.transition", "message.send"):
        shown = delivery_of(state, kind, code)
        overtaken = state == "needs_decision" or (
            state == "rejected" and kind == "booking.transition" and code in {"stale", "illegal_transition"}
        )
        assert (shown is Delivery.CONFLICT) == overtaken
        assert (shown is Delivery.SENT) == (state == "sent")
