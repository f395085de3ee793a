"""A mutant is noticed by an invariant, in a run that it took part in and did not fail in by itself."""

import asyncio
from typing import Any

import pytest

from tests.faults.mutants.mutant import Mutant, Watched, put_on
from tests.faults.mutants.table import MUTANTS
from tests.faults.mutants.verdict import noticed

BAD = ["olga was told cache_corrected: {}", "I4 olga lacks a line"]


class Program:
    def add(self, number: int) -> int:
        return number + 1

    async def ask(self, number: int) -> int:
        return number

    floor = property(lambda self: 7)


def watched(called: int = 1, *mistakes: str) -> Watched:
    found = Watched()
    found.called, found.mistakes = called, list(mistakes)
    return found


def test_that_only_a_sentence_about_an_invariant_counts():
    assert noticed(BAD, watched()) == BAD[1]
    assert noticed(BAD[:1], watched()) is None
    assert noticed(["I16 no such promise", "Inexplicable", "Task failed: I4 "], watched()) is None


def test_that_a_mutant_that_fails_by_itself_or_never_ran_is_not_noticed_whatever_is_broken():
    assert noticed(BAD, watched(1, "it fails by itself: TypeError")) is None
    assert noticed(BAD, watched(0)) is None


def test_that_while_it_is_on_its_calls_are_counted_and_afterwards_everything_is_as_before():
    async def ask(self: Program, number: int) -> int:
        return -number

    patches = ((Program, "add", lambda self, number: number), (Program, "ask", ask), (Program, "floor", property(len)))
    with put_on(Mutant(0, "adding", patches[:2])) as seen:
        assert Program().add(3) == 3
        assert asyncio.run(Program().ask(3)) == -3
    assert (seen.called, seen.mistakes) == (2, [])
    assert Program().add(3) == 4
    with put_on(Mutant(0, "the floor", patches[2:])) as seen, pytest.raises(TypeError):
        print(Program().floor)
    assert seen.mistakes == ["len fails by itself: TypeError: object of type 'Program' has no len()"]


def test_that_a_signature_that_has_drifted_is_seen_also_where_the_program_bears_it():
    def add(self: Program) -> Any:
        return 0

    async def ask(self: Program, number: int) -> Any:
        return self.gone  # type: ignore[attr-defined]  # that is what is tried

    with put_on(Mutant(0, "adding", ((Program, "add", add), (Program, "ask", ask)))) as seen:
        with pytest.raises(TypeError):
            Program().add(3)
        with pytest.raises(AttributeError):
            asyncio.run(Program().ask(3))
    drifted, lost = seen.mistakes
    assert "add fails by itself: TypeError" in drifted
    assert "ask fails by itself: AttributeError" in lost


def test_that_every_mutant_replaces_something_that_is_there():
    assert not [
        (name, what) for name, one in MUTANTS.items() for owner, what, _ in one.patches if what not in vars(owner)
    ]
