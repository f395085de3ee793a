"""The key of a profile: made once, never replaced, never readable where it does not belong."""

import stat

import pytest

from desktop.store.errors import ProfileUnusable
from desktop.store.key_ring import RingUnavailable
from desktop.store.keys import KeyFile, KeyLost, machine_secret, profile_key

HERE = b"this machine/1000"


class PaperRing:
    """A key ring in memory, which can be locked."""

    def __init__(self):
        self.held = {}
        self.locked = False

    def get(self, name):
        if self.locked:
            raise RingUnavailable("locked")
        return self.held.get(name)

    def put(self, name, secret):
        if self.locked:
            raise RingUnavailable("locked")
        self.held[name] = secret


def no_ring():
    return None


def test_that_without_a_key_ring_the_key_is_the_same_at_every_start(tmp_path):
    key = profile_key(tmp_path, no_ring, HERE)
    assert len(key) == 32
    assert profile_key(tmp_path, no_ring, HERE) == key


def test_that_the_key_file_is_its_owners_alone_and_holds_no_plain_key(tmp_path):
    key = profile_key(tmp_path, no_ring, HERE)
    content = (tmp_path / "key").read_bytes()
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert key not in content
    assert key.hex().encode() not in content


def test_that_a_key_file_copied_to_another_machine_opens_nothing(tmp_path):
    profile_key(tmp_path, no_ring, HERE)
    with pytest.raises(KeyLost):
        profile_key(tmp_path, no_ring, b"another machine/1000")


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 76])
def test_that_a_damaged_key_file_is_named_as_such_and_not_replaced(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(KeyLost):
        KeyFile(tmp_path / "key", HERE).read()
    assert (tmp_path / "key").read_bytes() == content


def test_that_a_key_ring_keeps_the_key_and_the_folder_only_its_name(tmp_path):
    ring = PaperRing()
    key = profile_key(tmp_path, lambda: ring, HERE)
    assert list(ring.held.values()) == [key.hex()]
    assert not (tmp_path / "key").exists()
    assert all(key.hex() not in file.read_text() for file in tmp_path.iterdir())
    assert profile_key(tmp_path, lambda: ring, HERE) == key


def test_that_a_locked_key_ring_makes_no_second_key(tmp_path):
    ring = PaperRing()
    key = profile_key(tmp_path, lambda: ring, HERE)
    ring.locked = True
    with pytest.raises(ProfileUnusable, match="locked"):
        profile_key(tmp_path, lambda: ring, HERE)
    ring.locked = False
    assert profile_key(tmp_path, lambda: ring, HERE) == key


def test_that_a_key_ring_that_lost_the_key_says_so(tmp_path):
    profile_key(tmp_path, PaperRing, HERE)
    with pytest.raises(KeyLost):
        profile_key(tmp_path, PaperRing, HERE)
    with pytest.raises(KeyLost):
        profile_key(tmp_path, no_ring, HERE)


def test_that_a_ring_that_takes_no_key_at_the_first_start_leaves_it_to_the_file(tmp_path):
    ring = PaperRing()
    ring.locked = True
    key = profile_key(tmp_path, lambda: ring, HERE)
    assert profile_key(tmp_path, no_ring, HERE) == key


def test_that_the_machine_is_the_same_at_every_look():
    assert machine_secret() == machine_secret()
