"""Read marks form a lattice: however they come, doubled, late or out of order, they end at the highest."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.desk_builders import ANN, BEN, fresh_profile

marks = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 9)), max_size=12)


@settings(max_examples=40, deadline=None)
@given(marks, st.randoms())
def test_that_marks_in_any_order_and_number_end_the_same(read, chance):
    ends = []
    with tempfile.TemporaryDirectory() as folder:
        profile = fresh_profile(Path(folder))
        for author in (ANN.user_id, BEN.user_id):
            for booking, position in read:
                rose = profile.outbox.marks.advance(author, booking, position, "e1")
                assert profile.outbox.marks.advance(author, booking, position, "e1") is False
                assert profile.outbox.marks.unconfirmed(author, "e1")[booking] >= position
                assert not rose or profile.outbox.marks.unconfirmed(author, "e1")[booking] == position
            ends.append(profile.outbox.marks.unconfirmed(author, "e1"))
            read = [*read, *read]
            chance.shuffle(read)
        profile.close()
    assert ends[0] == ends[1]


def test_that_a_mark_is_kept_until_the_server_has_it(tmp_path):
    profile = fresh_profile(tmp_path)
    profile.outbox.marks.advance(ANN.user_id, "a", 7, "e1")
    profile.outbox.marks.confirm(ANN.user_id, {"a": 6}, "e1")
    assert profile.outbox.marks.unconfirmed(ANN.user_id, "e1") == {"a": 7}
    profile.outbox.marks.confirm(ANN.user_id, {"a": 7, "never": 3}, "e1")
    assert profile.outbox.marks.unconfirmed(ANN.user_id, "e1") == {}
    profile.close()


def test_that_a_mark_says_nothing_of_another_history_where_its_position_is_another_messages(tmp_path):
    profile = fresh_profile(tmp_path)
    marks = profile.outbox.marks
    marks.advance(ANN.user_id, "a", 7, "e1")
    assert marks.unconfirmed(ANN.user_id, "e2") == {}
    assert marks.advance(ANN.user_id, "a", 3, "e2") is True
    assert (marks.unconfirmed(ANN.user_id, "e1"), marks.unconfirmed(ANN.user_id, "e2")) == ({}, {"a": 3})
    marks.advance(ANN.user_id, "b", 5, "e1")
    marks.forget_others("e2")
    assert (marks.unconfirmed(ANN.user_id, "e1"), marks.unconfirmed(ANN.user_id, "e2")) == ({}, {"a": 3})
    profile.close()


def test_that_a_mark_kept_by_an_earlier_version_counts_in_the_history_it_meets(tmp_path):
    profile = fresh_profile(tmp_path)
    marks = profile.outbox.marks
    profile.outbox._connection.execute("INSERT INTO read_mark VALUES (?, 'a', 7, NULL)", (ANN.user_id,))
    assert marks.unconfirmed(ANN.user_id, "e1") == {"a": 7}
    assert marks.advance(ANN.user_id, "a", 3, "e1") is False
    marks.forget_others("e2")
    assert marks.unconfirmed(ANN.user_id, "e2") == {}
    profile.close()
