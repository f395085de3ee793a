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
                rose = profile.outbox.marks.advance(author, booking, position)
                assert profile.outbox.marks.advance(author, booking, position) is False
                assert profile.outbox.marks.unconfirmed(author)[booking] >= position
                assert not rose or profile.outbox.marks.unconfirmed(author)[booking] == position
            ends.append(profile.outbox.marks.unconfirmed(author))
            read = [*read, *read]
            chance.shuffle(read)
        profile.close()
    assert ends[0] == ends[1]


def test_that_a_mark_is_kept_until_the_server_has_it(tmp_path):
    profile = fresh_profile(tmp_path)
    profile.outbox.marks.advance(ANN.user_id, "a", 7)
    profile.outbox.marks.confirm(ANN.user_id, {"a": 6})
    assert profile.outbox.marks.unconfirmed(ANN.user_id) == {"a": 7}
    profile.outbox.marks.confirm(ANN.user_id, {"a": 7, "never": 3})
    assert profile.outbox.marks.unconfirmed(ANN.user_id) == {}
    profile.close()
