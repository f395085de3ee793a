"""When an operation that the server breaks on is set aside, and when the server is only ill."""

from contract.verdicts import Verdict
from desktop.network.errors import Intercepted
from desktop.sync.poison import POISON, TRIES, PoisonWatch
from desktop.sync.verdicts import Ruling
from tests.support.paper_console import make_words

AGAIN = Ruling("not_taken", "retry")
BROKE = Verdict("bad", "retry", code="internal")
TAKEN = Verdict("good", "applied")


def broken(watch: PoisonWatch) -> Ruling:
    return watch.ruling("bad", BROKE, 1, AGAIN)


def take_another(watch: PoisonWatch) -> None:
    watch.ruling("good", TAKEN, 1, Ruling("applied", "applied"))


def test_that_what_it_breaks_on_while_it_takes_others_each_time_is_set_aside_at_the_eighth():
    watch = PoisonWatch()
    for _ in range(TRIES - 1):
        assert broken(watch) == AGAIN
        take_another(watch)
    assert broken(watch) == POISON


def test_that_an_outage_sets_nothing_aside_whatever_was_taken_before_it():
    watch = PoisonWatch()
    broken(watch)
    take_another(watch)
    assert [broken(watch) for _ in range(3 * TRIES)] == [AGAIN] * (3 * TRIES)


def test_that_each_operation_is_counted_by_itself():
    watch = PoisonWatch()
    for _ in range(TRIES - 1):
        broken(watch)
        take_another(watch)
    assert watch.ruling("new", BROKE, 1, AGAIN) == AGAIN
    assert broken(watch) == POISON


def test_that_what_something_on_the_way_refuses_is_never_set_aside():
    watch = PoisonWatch()
    for _ in range(3 * TRIES):
        assert watch.ruling("bad", Intercepted("status 403", broke=True), 1, AGAIN) == AGAIN
        take_another(watch)


def test_that_the_reason_is_said_in_the_persons_language():
    outcome = POISON.outcome
    for lang in ("en", "ar"):
        assert make_words(lang).refusal(outcome.code, outcome.error) == make_words(lang)("refused.poison")
