"""Only key rings that really encrypt are used: others write plain text without a word."""

import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import keyring.backends.SecretService
import keyring.errors
import pytest

from desktop.store.key_ring import RingUnavailable, SystemKeyRing, is_safe, system_key_ring


class PlainText(keyring.backend.KeyringBackend):
    """What some packages install where there is no desktop."""

    priority = 9

    def get_password(self, service, username):
        raise keyring.errors.KeyringLocked("locked")

    def set_password(self, service, username, password):
        raise keyring.errors.KeyringLocked("locked")


class Chain(keyring.backends.chainer.ChainerBackend):
    backends = ()


def chain_of(*backends):
    found = Chain()
    found.backends = backends
    found.__class__.__module__ = "keyring.backends.chainer"
    return found


def test_that_a_secret_service_is_taken():
    assert is_safe(keyring.backends.SecretService.Keyring())


@pytest.mark.parametrize("backend", [PlainText, keyring.backends.fail.Keyring, keyring.backends.null.Keyring])
def test_that_anything_else_is_not(backend):
    assert not is_safe(backend())


def test_that_a_chain_is_as_safe_as_its_least_safe_link():
    good, bad = keyring.backends.SecretService.Keyring(), PlainText()
    assert is_safe(chain_of(good))
    assert not is_safe(chain_of(good, bad))
    assert not is_safe(chain_of())


def test_that_here_without_a_desktop_there_is_none():
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    try:
        assert system_key_ring() is None
    finally:
        keyring.set_keyring(before)


def test_that_a_rings_own_errors_do_not_get_out():
    ring = SystemKeyRing(PlainText())
    with pytest.raises(RingUnavailable):
        ring.get("name")
    with pytest.raises(RingUnavailable):
        ring.put("name", "secret")
