"""Delivery states form a lattice: however evidence comes in, the glyph ends the same and never moves backwards."""

from itertools import permutations, product

import pytest

from contract.delivery import Delivery, merge, of_position

ALL = list(Delivery)
CLIMB = [Delivery.QUEUED, Delivery.SENDING, Delivery.SENT, Delivery.DELIVERED, Delivery.READ]


def test_that_merging_is_commutative_associative_and_idempotent():
    for one, other in product(ALL, ALL):
        assert merge(one, one) is one
        assert merge(one, other) is merge(other, one)
    for one, other, third in product(ALL, ALL, ALL):
        assert merge(merge(one, other), third) is merge(one, merge(other, third))


def test_that_a_state_never_moves_backwards():
    for one, other in product(ALL, ALL):
        merged = merge(one, other)
        assert merge(merged, one) is merged
        assert merge(merged, other) is merged
        assert merged in (one, other)


def test_that_evidence_in_any_order_ends_at_the_highest():
    for order in permutations(CLIMB):
        state = Delivery.QUEUED
        for evidence in order:
            state = merge(state, evidence)
        assert state is Delivery.READ


@pytest.mark.parametrize("trouble", [Delivery.FAILED, Delivery.CONFLICT, Delivery.HELD])
def test_that_trouble_shows_over_waiting_but_gives_way_to_proof_of_arrival(trouble):
    for waiting in (Delivery.QUEUED, Delivery.SENDING):
        assert merge(waiting, trouble) is trouble
    for proof in (Delivery.SENT, Delivery.DELIVERED, Delivery.READ):
        assert merge(trouble, proof) is proof


def test_that_a_stored_message_climbs_with_the_marks_of_the_other_side():
    assert of_position(7, delivered_to=6, read_to=6) is Delivery.SENT
    assert of_position(7, delivered_to=7, read_to=6) is Delivery.DELIVERED
    assert of_position(7, delivered_to=7, read_to=7) is Delivery.READ
    assert of_position(7, delivered_to=0, read_to=9) is Delivery.READ
