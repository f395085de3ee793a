"""What may be decided of an overtaken press, and what becomes of the text behind it: said before, none left out."""

import pytest

from desktop.state.overtaken import Choice, ConflictCard, TextAfter, alike, choices

KEEP, DROP, ASK = Choice("keep"), Choice("keep", "discard"), Choice("ask")
SEND, NOTE = Choice("keep", "send"), Choice("keep", "note")


def card(*standings, **more):
    texts = tuple(TextAfter(f"l-{number}", "Coming", standing) for number, standing in enumerate(standings))
    legal = more.pop("legal", ("deploy", "cancel"))
    return ConflictCard("o", "accept", "", more.pop("stands", "accepted"), "Sami", "", legal, texts=texts, **more)


@pytest.mark.parametrize(
    ("standings", "more", "keeping"),
    [
        ((), {}, (KEEP,)),
        (("sent", "on_its_way"), {}, (KEEP,)),
        (("waiting",), {}, (SEND, NOTE, DROP)),
        (("sent", "refused"), {}, (SEND, NOTE, DROP)),
        (("refused",), {"takes_text": False}, (NOTE, DROP)),
        (("waiting",), {"may_note": False}, (SEND, DROP)),
        (("refused",), {"takes_text": False, "may_note": False}, (KEEP, DROP)),
    ],
)
def test_that_text_is_sent_kept_or_given_up_only_where_it_can_be(standings, more, keeping):
    found = choices(card(*standings, **more))
    assert tuple(choice for choice in found if choice.verb == "keep") == keeping
    assert found[0] == keeping[0]


@pytest.mark.parametrize(
    ("more", "fates"),
    [
        ({}, ("send", "send")),
        ({"silent_after": ("cancel",)}, ("send", "send")),
        ({"silent_after": ("cancel",), "takes_text": False}, ("send", "note")),
        ({"silent_after": ("cancel",), "takes_text": False, "may_note": False}, ("send", "leave")),
    ],
)
def test_that_text_follows_a_step_to_the_customer_unless_nobody_may_write_before_and_after(more, fates):
    found = [choice for choice in choices(card("refused", **more)) if choice.verb == "step"]
    assert found == [Choice("step", fates[0], "deploy"), Choice("step", fates[1], "cancel")]


def test_that_asking_first_comes_last_and_says_whether_the_text_goes_meanwhile():
    assert choices(card())[-1] == ASK
    assert choices(card("waiting"))[-1] == Choice("ask", "send")
    assert choices(card("refused", takes_text=False))[-1] == ASK


def test_that_only_the_same_button_overtaken_by_the_same_status_is_alike():
    assert alike(card(), card("waiting"))
    assert not alike(card(), card(stands="cancelled"))
