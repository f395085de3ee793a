"""The system's key ring, where there is one that really encrypts."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "fieldline"
_SAFE_BACKENDS = frozenset(
    {
        "keyring.backends.Windows",
        "keyring.backends.macOS",
        "keyring.backends.SecretService",
        "keyring.backends.libsecret",
        "keyring.backends.kwallet",
    }
)


class RingUnavailable(Exception):
    """The key ring is locked or does not answer."""


class KeyRing(Protocol):
    """What is used of a key ring; both raise RingUnavailable."""

    def get(self, name: str) -> str | None: ...

    def put(self, name: str, secret: str) -> None: ...


class SystemKeyRing:
    """Secret Service, KWallet, Keychain or the Credential Manager, by way of keyring."""

    def __init__(self, backend: "KeyringBackend") -> None:
        self._backend = backend

    def get(self, name: str) -> str | None:
        from keyring.errors import KeyringError  # noqa: PLC0415 - loaded already, with the backend

        try:
            return self._backend.get_password(SERVICE, name)
        except KeyringError as error:
            raise RingUnavailable(str(error)) from error

    def put(self, name: str, secret: str) -> None:
        from keyring.errors import KeyringError  # noqa: PLC0415 - as above

        try:
            self._backend.set_password(SERVICE, name, secret)
        except KeyringError as error:
            raise RingUnavailable(str(error)) from error


def system_key_ring() -> KeyRing | None:
    """None where the only backends on offer keep secrets in plain text, as some do without a word."""
    import keyring  # noqa: PLC0415 - a fifth of a second, spent only when a key must be fetched or made

    found = keyring.get_keyring()
    return SystemKeyRing(found) if is_safe(found) else None


def is_safe(backend: "KeyringBackend") -> bool:
    """Whether `backend`, and everything it may hand a secret on to, is a real key ring."""
    chained = getattr(backend, "backends", None)
    if type(backend).__module__ == "keyring.backends.chainer" and chained:
        return all(is_safe(each) for each in chained)
    return type(backend).__module__ in _SAFE_BACKENDS
