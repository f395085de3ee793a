"""A history written by several processes is read back as one, and a line that a kill tore is no line."""

import msgspec
import pytest

from tests.faults.history.events import Healed, Kept, encode_event, read_history, write_history
from tests.faults.history.good_history import good_history


def test_that_what_several_processes_wrote_is_one_history_in_the_order_of_time(tmp_path):
    events = good_history()
    write_history(tmp_path / "a", events[::2])
    write_history(tmp_path / "b", events[1::2])
    assert sorted(map(str, read_history([tmp_path / "a", tmp_path / "b"]))) == sorted(map(str, events))
    assert [event.at for event in read_history([tmp_path / "b", tmp_path / "a"])] == [event.at for event in events]


def test_that_a_last_line_torn_by_a_kill_is_left_out_and_any_other_damage_is_not(tmp_path):
    kept, healed = Kept(at=1.0, process="a", op="x"), Healed(at=2.0, process="a")
    journal = tmp_path / "journal"
    journal.write_bytes(encode_event(kept) + b"\n" + encode_event(healed)[:-5])
    assert read_history([journal]) == [kept]
    journal.write_bytes(encode_event(kept)[:-5] + b"\n" + encode_event(healed) + b"\n")
    with pytest.raises(msgspec.DecodeError):
        read_history([journal])
