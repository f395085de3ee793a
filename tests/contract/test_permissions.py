"""Roles and sides: the matrix of the checklist (1.U), written a second time by hand."""

from contract.actors import ROLES, Actor, sender_type_of, side_of
from contract.permissions import MAY, Sight, may

MATRIX = {
    # action:                   customer technician dentist agent operator admin chatbot service
    "booking.create":            "yes     -          -       yes   yes      yes   yes     yes",
    "booking.create_for_others": "-       -          -       yes   yes      yes   yes     yes",
    "booking.assign":            "-       -          -       yes   yes      yes   -       yes",
    "booking.rate":              "yes     -          -       -     -        -     -       -",
    "message.send":              "yes     yes        yes     yes   yes      yes   yes     yes",
    "message.note":              "-       yes        yes     yes   yes      yes   -       yes",
    "message.invoice":           "-       -          -       -     yes      yes   -       yes",
    "message.edit":              "yes     yes        yes     yes   yes      yes   yes     yes",
    "message.remove":            "yes     yes        yes     yes   yes      yes   yes     yes",
    "message.remove_any":        "-       -          -       -     -        yes   -       yes",
    "message.system":            "-       -          -       yes   yes      yes   -       yes",
    "technician.verify":         "-       -          -       -     yes      yes   -       yes",
    "bid.place":                 "-       yes        -       -     -        -     -       -",
    "stats.read":                "-       -          -       -     -        yes   -       yes",
    "users.manage":              "-       -          -       -     -        yes   -       yes",
}  # fmt: skip


def test_that_each_role_may_do_what_the_matrix_says_and_nothing_else():
    assert MATRIX.keys() == MAY.keys()
    for action in MAY:
        assert {role: may(role, action) for role in ROLES} == dict(
            zip(ROLES, (cell == "yes" for cell in MATRIX[action].split()), strict=True)
        ), action


def test_that_a_role_nobody_knows_may_do_nothing_and_never_speaks_for_the_staff():
    assert not any(may("root", action) for action in MAY)
    assert side_of("root") == "customer"


def test_that_each_role_stands_on_one_side_and_has_the_seeds_word_for_it():
    sides = {role: Actor("u", role, "n").side for role in ROLES}
    assert sides == {
        "customer": "customer", "technician": "staff", "dentist": "staff", "agent": "staff",
        "operator": "staff", "admin": "staff", "chatbot": "bot", "service": "staff",
    }  # fmt: skip
    assert [sender_type_of(side) for side in ("customer", "staff", "system", "bot")] == [
        "client", "operator", "system", "operator",
    ]  # fmt: skip
    assert side_of("system") == "system"


def test_that_a_deeper_sight_includes_the_ones_below():
    assert Sight.NONE < Sight.REDACTED < Sight.ROW < Sight.FULL
